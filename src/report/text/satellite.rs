//! A link to a satellite as text: for one elevation both budgets line by line with running sums and sources, for several a table.

use super::canvas::{Ink, Line, flow, wrap};
use super::{INDENT, Look};
use crate::report::format::{percent, seconds, significant};
use crate::world::satellite::{BeamFacts, Budget, Places, Point, SatelliteReport};

/// Widths of the columns of a budget: names, values with their unit, running sums.
const NAMES: usize = INDENT + 23;
const VALUE: usize = 13;
const SUM: usize = 9;

/// Renders the report. Each line ends with a line feed.
#[must_use]
pub fn render(report: &SatelliteReport, look: &Look) -> String {
    let look = &Look { width: look.width.clamp(80, 140), ..*look };
    let mut out = String::new();
    let frequencies = if report.downlink_ghz == report.uplink_ghz {
        format!("{} GHz", report.downlink_ghz)
    } else {
        format!("{} GHz down, {} GHz up", report.downlink_ghz, report.uplink_ghz)
    };
    let mut facts = vec![report.terminal.clone(), format!("{} km", report.altitude_km), frequencies];
    if report.off_axis_deg > 0.0 {
        facts.push(format!("{}° off the beam's axis", report.off_axis_deg));
    }
    let line = Line::new(look).put(Ink::Strong, &report.satellite).gap(2);
    line.put(Ink::Plain, &facts.join(" · ")).finish(&mut out);
    match report.points.as_slice() {
        [point] => render_point(&mut out, point, look),
        points => table(&mut out, points, look),
    }
    out
}

fn render_point(out: &mut String, point: &Point, look: &Look) {
    out.push('\n');
    let line = Line::new(look).put(Ink::Strong, &format!("{}° above the horizon", point.elevation_deg));
    line.gap(2).rule(look.width).finish(out);
    let mut facts = vec![format!("{:.0} km away", point.range_km), format!("{:.2} ms one way", point.delay_ms)];
    facts.extend(beam(&point.beam));
    flow(out, look, ("", INDENT), &plain(facts));
    out.push('\n');
    let notes = budgets(out, &point.downlink, &point.uplink, look);
    if let Some(places) = &point.places {
        out.push('\n');
        render_places(out, places, look);
    }
    out.push('\n');
    for (number, note) in (1..).zip(&notes) {
        for (row, text) in wrap(look, note, look.width - INDENT - 5).into_iter().enumerate() {
            let mark = if row == 0 { format!("[{number}]") } else { String::new() };
            Line::new(look).gap(INDENT).left(Ink::Faint, &mark, 5).put(Ink::Faint, &text).finish(out);
        }
    }
}

/// Texts as items of a line.
fn plain(texts: Vec<String>) -> Vec<(Ink, String)> {
    texts.into_iter().map(|text| (Ink::Plain, text)).collect()
}

/// With one decimal; what rounds to zero has no sign.
fn tenths(value: f64) -> String {
    let text = format!("{value:.1}");
    if text == "-0.0" { "0.0".to_owned() } else { text }
}

/// A share that was asked for, without idle decimals.
fn whole(share: f64) -> String {
    format!("{} %", (share * 1e3).round() / 10.0)
}

fn decibels(value: f64) -> String {
    tenths(value) + " dB"
}

fn bandwidth(hz: f64) -> String {
    if hz < 1e6 { format!("{} kHz", hz / 1e3) } else { format!("{} MHz", hz / 1e6) }
}

fn beam(beam: &BeamFacts) -> Vec<String> {
    let mut facts = Vec::new();
    facts.push(match beam.width_deg {
        Some(width) => format!("beam {width:.2}° wide"),
        None => "antenna without a beam's edge".to_owned(),
    });
    facts.extend(beam.footprint_km.map(|km| format!("{} km of ground", significant(km))));
    facts.extend(beam.edge_elevation_deg.map(|edge| format!("{edge:.1}° at its far edge")));
    facts.extend(beam.dwell_s.map(|s| format!("over a place for {} if it moves", seconds(s))));
    facts.extend(beam.service_s.map(|s| format!("for {} of a pass overhead if it is steered", seconds(s))));
    facts
}

/// Both budgets side by side; gives back the notes that their lines refer to.
fn budgets(out: &mut String, downlink: &Budget, uplink: &Budget, look: &Look) -> Vec<String> {
    let both = [downlink, uplink];
    let mut notes: Vec<String> = Vec::new();
    let line = Line::new(look).gap(INDENT).put(Ink::Faint, "Link budget").to(NAMES);
    let line = line.right(Ink::Faint, "downlink", VALUE).right(Ink::Faint, "sum", SUM);
    line.right(Ink::Faint, "uplink", VALUE).right(Ink::Faint, "sum", SUM).gap(2).put(Ink::Faint, "from").finish(out);
    let row = |out: &mut String, ink: Ink, name: &str, cells: [(String, String); 2], from: &str| {
        let mut line = Line::new(look).gap(INDENT).put(ink, name).to(NAMES);
        for (value, sum) in cells {
            line = line.right(ink, &value, VALUE).right(Ink::Faint, &sum, SUM);
        }
        line.gap(2).put(Ink::Faint, from).finish(out);
    };
    let alone = |value: String| (value, String::new());
    row(out, Ink::Plain, "bandwidth", both.map(|budget| alone(bandwidth(budget.bandwidth_hz))), "");
    for (down, up) in downlink.lines.iter().zip(&uplink.lines) {
        let mut from: Vec<String> = Vec::new();
        for basis in [&down.basis, &up.basis] {
            let known = notes.iter().position(|note| note == basis);
            let number = known.unwrap_or_else(|| {
                notes.push(basis.clone());
                notes.len() - 1
            });
            let mark = format!("[{}]", number + 1);
            if !from.contains(&mark) {
                from.push(mark);
            }
        }
        let cells = [down, up].map(|line| (format!("{} {}", tenths(line.value), line.unit), tenths(line.sum)));
        row(out, Ink::Plain, &down.name, cells, &from.join(" "));
    }
    if downlink.cir_db.is_some() {
        row(out, Ink::Plain, "CNR", both.map(|budget| alone(decibels(budget.cnr_db))), "");
        let interference = |budget: &Budget| budget.cir_db.map_or_else(String::new, decibels);
        row(out, Ink::Plain, "C/I of other beams", both.map(|budget| alone(interference(budget))), "");
        row(out, Ink::Strong, "CINR", both.map(|budget| alone(decibels(budget.cinr_db))), "");
    } else {
        row(out, Ink::Strong, "CNR", both.map(|budget| alone(decibels(budget.cnr_db))), "");
    }
    notes
}

fn render_places(out: &mut String, places: &Places, look: &Look) {
    let mut facts = vec![
        format!("{}, {}", places.environment, if places.indoors { "indoors" } else { "outdoors" }),
        format!("{} of them see the satellite", percent(places.line_of_sight)),
        format!("the budget has the loss that {} do not exceed", whole(places.budget_share)),
    ];
    facts.extend(places.rician_k_db.map(|db| format!("Rician factor in sight {}", decibels(db))));
    flow(out, look, ("  Places", INDENT + 10), &plain(facts));
    let line = Line::new(look).gap(INDENT).right(Ink::Faint, "of all", 10);
    let line = line.right(Ink::Faint, "lose at most", 15).right(Ink::Faint, "downlink", VALUE);
    line.right(Ink::Faint, "uplink", VALUE).finish(out);
    for quantile in &places.quantiles {
        let line = Line::new(look).gap(INDENT).right(Ink::Plain, &whole(quantile.share), 10);
        let line = line.right(Ink::Plain, &decibels(quantile.loss_db), 15);
        let line = line.right(Ink::Plain, &decibels(quantile.downlink_db), VALUE);
        line.right(Ink::Plain, &decibels(quantile.uplink_db), VALUE).finish(out);
    }
}

/// One line for each elevation.
fn table(out: &mut String, points: &[Point], look: &Look) {
    const TITLES: [(&str, usize); 7] = [
        ("elevation", 9),
        ("away", 11),
        ("one way", 11),
        ("free space", 13),
        ("other losses", 14),
        ("downlink", 11),
        ("uplink", 11),
    ];
    out.push('\n');
    let line = TITLES.iter().fold(Line::new(look), |line, (title, width)| line.right(Ink::Faint, title, *width));
    line.finish(out);
    for point in points {
        let lost = |name: fn(&str) -> bool| {
            let lines = point.downlink.lines.iter().filter(|line| line.unit == "dB" && line.value < 0.0);
            -lines.filter(|line| name(&line.name)).map(|line| line.value).sum::<f64>()
        };
        let cells = [
            format!("{}°", point.elevation_deg),
            format!("{:.0} km", point.range_km),
            format!("{:.2} ms", point.delay_ms),
            decibels(lost(|name| name == "free space")),
            decibels(lost(|name| name != "free space")),
            decibels(point.downlink.cinr_db),
            decibels(point.uplink.cinr_db),
        ];
        let cells = cells.iter().zip(&TITLES);
        cells.fold(Line::new(look), |line, (cell, (_, width))| line.right(Ink::Plain, cell, *width)).finish(out);
    }
    let ratio = if points.iter().any(|point| point.downlink.cir_db.is_some()) { "CINR" } else { "CNR" };
    let text = format!("losses of the downlink; the last two columns are the {ratio}");
    Line::new(look).gap(INDENT).put(Ink::Faint, &text).finish(out);
}
