//! The face of `farlink passes`.

use super::face::{is_possible, options};
use super::{Color, Failure, talk};
use crate::orbit::Satellite;
use crate::report::passes::PassReport;
use crate::tui::{self, Options};

/// What the face has to know, if it is welcome and there is a terminal for it.
pub(super) fn wanted(welcome: bool, color: Color) -> Result<Option<Options>, Failure> {
    if welcome && is_possible() { options(color, None).map(Some) } else { Ok(None) }
}

/// Shows what was found until the user has seen enough; nothing of a search that somebody ended.
pub(super) fn show(face: Option<Options>, report: &PassReport, satellites: &[Satellite]) {
    let Some(options) = face.filter(|_| !report.interrupted) else { return };
    if let Err(error) = tui::passes(report.clone(), satellites.to_vec(), &options) {
        talk(format_args!("note: the terminal cannot be drawn on: {error}"));
    }
}

/// Ends the face if it is open; returns whether it was.
pub(super) fn close() -> bool {
    let open = tui::is_open();
    tui::restore();
    open
}
