//! The face in a terminal: watches a run while it goes, and shows results that are there.
//!
//! The only module that names the terminal's crates. It reads [`Summary`](crate::metrics::summary::Summary) and what lies
//! beside it and measures nothing itself; to a run it speaks through [`Live`] only.

use std::io;
use std::path::Path;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::control::live::Live;
use crate::orbit::Satellite;
use crate::report::passes::PassReport;
use crate::report::stored::Stored;
use crate::scenario;
use crate::world::places::{self, Place};
use crate::world::spec::WorldSpec;

mod app;
mod canvas;
mod data;
pub mod export;
mod ground;
pub mod keys;
mod log;
mod rate;
mod screen;
mod sky;
mod theme;
mod view;

#[cfg(test)]
mod tests;

use app::{App, Watched};
use data::Run;
use export::Kind;
use keys::{Key, Setup};
pub use screen::{is_open, restore};
use sky::Sky;
pub use theme::Palette;
use theme::Theme;
pub use view::View;

/// What the user's terminal can show, and what the user wants of it.
#[derive(Clone, Debug)]
pub struct Options {
    /// The keys, and the palette of the configuration.
    pub setup: Setup,
    /// The palette that is asked for.
    pub palette: Option<Palette>,
    /// Whether the user wants no colours (`NO_COLOR`).
    pub no_color: bool,
    /// Whether the terminal knows sixteen million colours.
    pub true_color: bool,
    /// Whether it knows more than ASCII.
    pub unicode: bool,
}

impl Options {
    fn app(&self, runs: Vec<Run>, watched: Option<Watched>) -> App {
        let palette = App::palette(self.palette, &self.setup, self.no_color);
        let theme = Theme { palette, exact: self.true_color };
        let mut app = App::new(runs, watched, self.setup.clone(), theme);
        app.unicode = self.unicode;
        app
    }

    /// The face of satellites.
    fn above(&self, sky: Sky) -> App {
        App { sky: Some(sky), view: View::Map, ..self.app(Vec::new(), None) }
    }
}

/// Watches a run until it is over and the user has seen enough.
///
/// # Errors
/// If the terminal cannot be used. The run is left alone then.
pub fn watch(live: &Live, spec: WorldSpec, options: &Options) -> io::Result<()> {
    let shown = screen::show(&mut options.app(Vec::new(), Some(Watched::new(live.clone(), spec))));
    live.leave();
    shown
}

/// Shows results until the user has seen enough.
///
/// # Errors
/// If the terminal cannot be used.
pub fn browse(results: Vec<Stored>, options: &Options) -> io::Result<()> {
    screen::show(&mut options.app(runs(results), None))
}

/// Shows satellites and what a search for their passes found until the user has seen enough.
///
/// # Errors
/// If the terminal cannot be used.
pub fn passes(report: PassReport, satellites: Vec<Satellite>, options: &Options) -> io::Result<()> {
    screen::show(&mut options.above(Sky::new(report, satellites)))
}

/// One screen of results in the form of `kind`, so many characters wide and high, after some keys were pressed.
#[must_use]
pub fn screenshot(
    results: Vec<Stored>,
    options: &Options,
    (view, keys): (View, &[Key]),
    (columns, rows): (u16, u16),
    kind: Kind,
) -> String {
    let mut app = options.app(runs(results), None);
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    app.open(view);
    view::draw(&mut app, &mut buffer);
    for key in keys {
        app.press(*key);
        buffer.reset();
        view::draw(&mut app, &mut buffer);
    }
    export::content(&app, kind)
}

/// Results under the names of their directories, which have letters if there are several.
fn runs(results: Vec<Stored>) -> Vec<Run> {
    let several = results.len() > 1;
    let run = |(stored, letter): (Stored, char)| {
        let dir = stored.dir.display().to_string();
        let label = if several { format!("{letter} {dir}") } else { dir };
        let map = map(&stored).unwrap_or_default();
        Run::stored(label, stored, map)
    };
    results.into_iter().zip('A'..).map(run).collect()
}

/// Some terminals of a run that is over, placed once more, and the names of their groups. The scenario is in the summary;
/// with other model data than then it would be another map.
fn map(stored: &Stored) -> Option<(Vec<Place>, Vec<String>)> {
    let summary = &stored.summary;
    let base = stored.run.get("base_dir").and_then(serde_json::Value::as_str).unwrap_or(".");
    let text = summary.scenario.to_string();
    let scenario = scenario::parse(&text, "summary.json", Path::new(base), &[]).ok()?;
    if scenario.model_data != summary.model_data {
        return None;
    }
    let places = places::sample(&scenario.world, app::PLACES).ok()?;
    Some((places, scenario.world.groups.iter().map(|group| group.name.clone()).collect()))
}
