//! The list of model data as text.

use super::canvas::{Ink, Line, wrap};
use super::{INDENT, Look};

/// A model file.
pub struct Row {
    /// Its kind.
    pub kind: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub description: String,
}

/// Renders the list, kind by kind. Each line ends with a line feed.
#[must_use]
pub fn render(rows: impl Iterator<Item = Row>, look: &Look) -> String {
    const NAMES: usize = INDENT + 28;
    let look = &Look { width: look.width.clamp(80, 140), ..*look };
    let mut out = String::new();
    let mut kind = "";
    for row in rows {
        if row.kind != kind {
            if !kind.is_empty() {
                out.push('\n');
            }
            kind = row.kind;
            Line::new(look).put(Ink::Strong, kind).finish(&mut out);
        }
        let lines = wrap(look, &row.description, look.width - NAMES);
        let mut line = Line::new(look).gap(INDENT).put(Ink::Plain, row.name);
        for text in lines {
            line.to(NAMES).put(Ink::Faint, &text).finish(&mut out);
            line = Line::new(look);
        }
        if row.description.is_empty() {
            line.finish(&mut out);
        }
    }
    out
}
