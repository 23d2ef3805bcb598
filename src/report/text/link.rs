//! The links of a network as text: for each coupling loss the budget, the grants, the blocks and a message.

use super::canvas::{Ink, Line, flow};
use super::{INDENT, Look};
use crate::report::format::{counted, percent, seconds};
use crate::world::link::{Blocks, Budget, Grant, Level, LinkReport, Message, Point, Term, WayTerms};

/// Where the values of a budget begin, and how wide each is.
const NAMES: usize = INDENT + 26;
const VALUE: usize = 14;

/// Renders the report. Each line ends with a line feed.
#[must_use]
pub fn render(report: &LinkReport, look: &Look) -> String {
    let look = &Look { width: look.width.clamp(80, 140), ..*look };
    let mut out = String::new();
    let facts = [&report.technology, &report.device, "noise only, no neighbour cells"];
    let line = Line::new(look).put(Ink::Strong, &report.network).gap(2);
    line.put(Ink::Plain, &facts.join(" · ")).finish(&mut out);
    for point in &report.points {
        out.push('\n');
        render_point(&mut out, point, look);
    }
    out
}

fn render_point(out: &mut String, point: &Point, look: &Look) {
    let loss = match &point.way {
        // As it was asked for, or as it comes out.
        None => format!("{} dB", point.coupling_loss_db),
        Some(way) => format!("{} m, {:.1} dB", way.distance_m, point.coupling_loss_db),
    };
    let line = Line::new(look).put(Ink::Strong, &loss).gap(2);
    let line = match &point.level {
        Some(level) => {
            line.put(Ink::Plain, &format!("level {}, up to {} dB", level.number, level.max_coupling_loss_db))
        }
        None => line.put(Ink::Bad, "no coverage: beyond the deepest level"),
    };
    line.gap(2).rule(look.width).finish(out);
    if let Some(way) = &point.way {
        render_way(out, way, point.coupling_loss_db, look);
    }
    budgets(out, &point.downlink, &point.uplink, look);
    if let Some(level) = &point.level {
        render_level(out, level, look);
    }
}

/// What the coupling loss consists of, the same in both directions.
fn render_way(out: &mut String, way: &WayTerms, coupling_loss_db: f64, look: &Look) {
    let row = |name: &str, ink: Ink, value: f64, sum: Option<f64>| {
        let line = Line::new(look).gap(INDENT).put(ink, name).to(NAMES).right(ink, &format!("{value:.1} dB"), VALUE);
        sum.iter().fold(line, |line, sum| line.right(Ink::Faint, &format!("{sum:.1} dB"), VALUE))
    };
    let line = Line::new(look).gap(INDENT).put(Ink::Faint, "Way").to(NAMES).gap(VALUE);
    line.right(Ink::Faint, "sum", VALUE).finish(out);
    let mut sum = 0.0;
    for term in &way.terms {
        sum += term.value;
        row(&term.name, Ink::Plain, term.value, Some(sum)).finish(out);
    }
    row("coupling loss", Ink::Strong, coupling_loss_db, None).finish(out);
    out.push('\n');
}

/// Both budgets side by side. A line that one of them lacks stays empty there.
fn budgets(out: &mut String, downlink: &Budget, uplink: &Budget, look: &Look) {
    let both = [downlink, uplink];
    let line = Line::new(look).gap(INDENT).put(Ink::Faint, "Link budget").to(NAMES);
    line.right(Ink::Faint, "downlink", VALUE).right(Ink::Faint, "uplink", VALUE).finish(out);
    let row = |name: &str, ink: Ink, values: [Option<String>; 2]| {
        let line = Line::new(look).gap(INDENT).put(ink, name).to(NAMES);
        values.iter().fold(line, |line, value| line.right(ink, value.as_deref().unwrap_or(""), VALUE))
    };
    let bandwidth = both.map(|budget| Some(format!("{} kHz", budget.bandwidth_hz / 1e3)));
    row("bandwidth", Ink::Plain, bandwidth).finish(out);
    let [longer, shorter] = if downlink.terms.len() >= uplink.terms.len() { both } else { [uplink, downlink] };
    debug_assert!(shorter.terms.iter().all(|term| find(longer, &term.name).is_some()));
    for Term { name, .. } in &longer.terms {
        let ink = if name == "SINR" { Ink::Strong } else { Ink::Plain };
        let values = both.map(|budget| find(budget, name).map(|term| format!("{:.1} {}", term.value, term.unit)));
        row(name, ink, values).finish(out);
    }
    let rounded = both.map(|budget| Some(format!("{:.1} dB", budget.rounded_sinr_db)));
    row("SINR in steps of 0.5 dB", Ink::Faint, rounded).finish(out);
}

fn find<'a>(budget: &'a Budget, name: &str) -> Option<&'a Term> {
    budget.terms.iter().find(|term| term.name == name)
}

fn render_level(out: &mut String, level: &Level, look: &Look) {
    out.push('\n');
    let line = Line::new(look).gap(INDENT).put(Ink::Faint, "Grants").to(NAMES + VALUE);
    let line = line.right(Ink::Faint, "airtime", 11).right(Ink::Faint, "every", 11);
    line.right(Ink::Faint, "missed", 11).finish(out);
    grant(out, "dedicated", &level.dedicated_grants, look);
    grant(out, "common", &level.common_grants, look);
    for blocks in &level.blocks {
        out.push('\n');
        render_blocks(out, blocks, look);
    }
    out.push('\n');
    message(out, &level.message, look);
}

fn grant(out: &mut String, name: &str, grant: &Grant, look: &Look) {
    let line = Line::new(look).gap(INDENT).left(Ink::Plain, name, 12).put(Ink::Plain, &grant.scheme);
    let line = line.to(NAMES + VALUE).right(Ink::Plain, &milliseconds(f64::from(grant.airtime_ms)), 11);
    let line = line.right(Ink::Plain, &milliseconds(grant.period_ms), 11);
    line.right(Ink::Plain, &percent(grant.missed), 11).finish(out);
}

fn render_blocks(out: &mut String, blocks: &Blocks, look: &Look) {
    let name = format!("{} {}", blocks.direction, blocks.name);
    let limit = if blocks.transmissions == 1 {
        "sent once".to_owned()
    } else {
        format!("up to {}", counted(u64::from(blocks.transmissions), "transmission"))
    };
    let facts = [(Ink::Strong, name), (Ink::Plain, blocks.scheme.clone()), (Ink::Plain, limit)];
    flow(out, look, ("", INDENT), &facts);
    if let Some(power) = blocks.power_dbm {
        Line::new(look).gap(INDENT).put(Ink::Plain, &format!("sent with {power:.1} dBm")).finish(out);
    }
    const TITLES: [(&str, usize); 5] =
        [("bytes", 10), ("airtime", 12), ("gaps", 12), ("first fails", 15), ("all fail", 15)];
    let line = Line::new(look).gap(INDENT);
    TITLES.iter().fold(line, |line, (title, width)| line.right(Ink::Faint, title, *width)).finish(out);
    for size in &blocks.sizes {
        let gaps = if size.gaps_ms == 0 { "–".to_owned() } else { milliseconds(f64::from(size.gaps_ms)) };
        let cells = [
            size.bytes.to_string(),
            milliseconds(f64::from(size.airtime_ms)),
            gaps,
            percent(size.first_error),
            percent(size.residual_error),
        ];
        let line = Line::new(look).gap(INDENT);
        let cells = cells.iter().zip(&TITLES);
        cells.fold(line, |line, (cell, (_, width))| line.right(Ink::Plain, cell, *width)).finish(out);
    }
}

fn message(out: &mut String, message: &Message, look: &Look) {
    let blocks: Vec<String> = runs(&message.blocks)
        .into_iter()
        .map(|(count, bytes)| if count == 1 { bytes.to_string() } else { format!("{count} × {bytes}") })
        .collect();
    let count = counted(message.blocks.len() as u64, "block");
    let mut facts = vec![
        format!("{} + {} bytes in {count} of {}", message.bytes, message.extra_bytes, blocks.join(" + ")),
        format!("airtime {}", milliseconds(f64::from(message.airtime_ms))),
    ];
    if message.gaps_ms > 0 {
        facts.push(format!("gaps {}", milliseconds(f64::from(message.gaps_ms))));
    }
    facts.push(format!("expected airtime {}", milliseconds(message.expected_airtime_ms)));
    facts.push(format!("{} delivered", percent(message.delivered)));
    let facts: Vec<_> = facts.into_iter().map(|fact| (Ink::Plain, fact)).collect();
    flow(out, look, ("  Message", 12), &facts);
}

/// Equal neighbours counted.
fn runs(values: &[u32]) -> Vec<(usize, u32)> {
    values.chunk_by(|a, b| a == b).map(|run| (run.len(), run[0])).collect()
}

fn milliseconds(ms: f64) -> String {
    seconds(ms / 1e3)
}
