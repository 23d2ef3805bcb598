//! The summary of a run as text for a terminal.
//!
//! A pure function of the [`Summary`]: requirements first, then what a reader must know before believing the numbers,
//! then every group and every network. Everything about one group fits a screen of 80 × 45. Colour and Unicode only
//! embellish: each statement is also there in plain ASCII.

pub(crate) mod canvas;
mod group;
pub mod link;
pub mod models;
mod network;
pub mod passes;
pub mod satellite;

use canvas::{Ink, Line, flow, wrap};

use super::format::{count, counted, seconds};
use crate::metrics::summary::{Requirement, Summary};

/// What the reader's terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns. Fewer than 80 count as 80, more than 140 as 140.
    pub width: usize,
    /// Whether to colour the text. If not, there is no control sequence in it.
    pub color: bool,
    /// Whether the terminal knows more than ASCII.
    pub unicode: bool,
}

impl Default for Look {
    fn default() -> Look {
        Look { width: 100, color: false, unicode: true }
    }
}

/// Blanks before everything that belongs to a heading.
const INDENT: usize = 2;

/// Renders the summary. Each line ends with a line feed.
#[must_use]
pub fn render(summary: &Summary, look: &Look) -> String {
    let look = &Look { width: look.width.clamp(80, 140), ..*look };
    let mut out = String::new();
    heading(&mut out, summary, look);
    requirements(&mut out, &summary.requirements, look);
    warnings(&mut out, &summary.warnings, look);
    for (name, group) in &summary.groups {
        out.push('\n');
        group::render(&mut out, name, group, look);
    }
    for (name, network) in &summary.networks {
        out.push('\n');
        network::render(&mut out, name, network, look);
    }
    footer(&mut out, summary, look);
    out
}

/// The scenario, and how much of it was simulated.
fn heading(out: &mut String, summary: &Summary, look: &Look) {
    let period = &summary.period;
    let mut counted_time = format!("{} counted", span(period.counted_s));
    if period.warmup_s > 0.0 {
        counted_time += &format!(" after {} of warm-up", span(period.warmup_s));
    }
    let mut facts = vec![(Ink::Plain, counted_time)];
    if period.interrupted {
        facts.push((Ink::Caution, "INTERRUPTED before its end".to_owned()));
    }
    facts.push((Ink::Plain, format!("seed {}", summary.seed)));
    facts.push((Ink::Plain, counted(summary.events.count, "event")));
    Line::new(look).put(Ink::Strong, &summary.name).finish(out);
    flow(out, look, ("", 0), &facts);
}

/// A span that the scenario gives: whole days and hours as such, others without idle decimals.
fn span(s: f64) -> String {
    for (unit, name) in [(86_400.0, "d"), (3_600.0, "h")] {
        if s >= unit && (s / unit).fract() == 0.0 {
            return format!("{} {name}", s / unit);
        }
    }
    seconds(s).replace(".00 ", " ").replace(".0 ", " ")
}

/// The list of requirements with the measured values, misses marked by sign, word and colour.
fn requirements(out: &mut String, requirements: &[Requirement], look: &Look) {
    if requirements.is_empty() {
        return;
    }
    let missed = requirements.iter().filter(|requirement| !requirement.met).count() as u64;
    let met = requirements.len() as u64 - missed;
    out.push('\n');
    let line = Line::new(look).put(Ink::Strong, "Requirements").gap(INDENT);
    let line = match (met, missed) {
        (met, 0) => line.put(Ink::Good, &format!("{met} met")),
        (0, missed) => line.put(Ink::Bad, &format!("{missed} MISSED")),
        _ => line.put(Ink::Good, &format!("{met} met")).gap(INDENT).put(Ink::Bad, &format!("{missed} MISSED")),
    };
    line.finish(out);
    let longest = requirements.iter().map(|requirement| look.columns(&requirement.text)).max().unwrap_or(0);
    let mark_width = if look.unicode { 2 } else { 7 };
    let value_column = (INDENT + mark_width + longest + 3).min(look.width * 3 / 4);
    for requirement in requirements {
        let (ink, mark) = match (requirement.met, look.unicode) {
            (true, true) => (Ink::Good, "✓"),
            (true, false) => (Ink::Good, "ok"),
            (false, true) => (Ink::Bad, "✗"),
            (false, false) => (Ink::Bad, "MISSED"),
        };
        let value = if requirement.shown.is_empty() { "nothing to measure" } else { &requirement.shown };
        let value_ink = if requirement.met { Ink::Plain } else { Ink::Bad };
        let line = Line::new(look).gap(INDENT).left(ink, mark, mark_width).put(Ink::Plain, &requirement.text);
        if line.width() + 2 > value_column {
            line.finish(out);
            Line::new(look).to(value_column).put(value_ink, value).finish(out);
        } else {
            line.to(value_column).put(value_ink, value).finish(out);
        }
    }
}

/// Warnings, wrapped to the width.
fn warnings(out: &mut String, warnings: &[String], look: &Look) {
    if warnings.is_empty() {
        return;
    }
    out.push('\n');
    Line::new(look).put(Ink::Caution, "Warnings").finish(out);
    for warning in warnings {
        for (number, text) in wrap(look, warning, look.width - INDENT - 2).into_iter().enumerate() {
            let mark = if number == 0 { "!" } else { "" };
            Line::new(look).gap(INDENT).left(Ink::Caution, mark, 2).put(Ink::Plain, &text).finish(out);
        }
    }
}

/// What it takes to get the same run again, and to see that it was the same.
fn footer(out: &mut String, summary: &Summary, look: &Look) {
    let facts = [
        format!("farlink {}", summary.farlink),
        format!("model data {}", summary.model_data),
        format!("events {} {}", count(summary.events.count), summary.events.hash),
    ];
    out.push('\n');
    flow(out, look, ("", 0), &facts.map(|fact| (Ink::Faint, fact)));
}

#[cfg(test)]
mod tests;
