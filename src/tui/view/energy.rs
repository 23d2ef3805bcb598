//! The view of energy: where it goes, how it is distributed, and how long batteries last.

use ratatui::layout::Rect;

use super::latency::grid;
use super::{Panel, chart, panel};
use crate::metrics::histogram::Quantity;
use crate::report::format::{joules, significant};
use crate::tui::app::App;
use crate::tui::canvas::{Canvas, fit};
use crate::tui::theme::Ink;

pub(super) fn panels(app: &App, area: Rect) -> Vec<Panel> {
    let [list, first, second, third, fourth] = grid(area);
    let of = app.slice().map_or_else(String::new, |slice| slice.label());
    let (scale, together) = (app.scale.name(), chart::together(app));
    vec![
        panel("Groups", list, chart::list),
        panel(format!("A message · {of}"), first, |app, canvas, area| {
            chart::causes(app, canvas, area, |results| &results.message_energy_j_by_cause, Quantity::Energy);
        }),
        panel("A terminal's day", second, |app, canvas, area| {
            chart::causes(app, canvas, area, |results| &results.day_energy_j_by_cause, Quantity::Energy);
        }),
        panel(format!("Energy per message · {scale}{together}"), third, |app, canvas, area| {
            chart::histogram(app, canvas, area, Quantity::Energy);
        }),
        panel("Battery life", fourth, life),
    ]
}

/// What batteries come to, and the share of terminals that live no longer than so many years.
fn life(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let strands = chart::strands(app, Ink::Energy);
    let mut y = area.y;
    let mut told: Vec<(&str, &str)> = Vec::new();
    for strand in &strands {
        let (group, battery) = (strand.part.group, &strand.part.whole.battery);
        if told.contains(&(group, &strand.run.label)) || y + 1 >= area.bottom() {
            continue;
        }
        told.push((group, &strand.run.label));
        let name = app.named(strand.letter, group);
        let line = Rect { y, height: 1, ..area };
        let sign = if strands.len() > 1 { strand.mark } else { "" };
        let head = format!("{sign} {name}: {}, {}", battery.model, joules(battery.capacity_j));
        canvas.text(line, (line.x, y), strand.ink, fit(head.trim_start(), area.width).as_str());
        let [low, high] = battery.life_years_p50_ci95;
        let quantiles = if battery.life_years_p90 == 0.0 {
            "life unknown".to_owned()
        } else {
            let life = [battery.life_years_p10, battery.life_years_p50, battery.life_years_p90];
            let (scale, unit) = if battery.life_years_p50 < 1.0 { (365.25, "days") } else { (1.0, "years") };
            let [p10, p50, p90] = life.map(|years| significant(years * scale));
            let [low, high] = [low, high].map(|years| significant(years * scale));
            format!("p10 {p10} · p50 {p50} · p90 {p90} {unit} · 95 % CI of p50 {low}–{high}")
        };
        canvas.text(Rect { y: y + 1, ..line }, (line.x + 2, y + 1), Ink::Plain, &quantiles);
        y += 2;
    }
    let rest = Rect { y, height: area.bottom().saturating_sub(y), ..area };
    if rest.height >= 4 {
        chart::curves(app, canvas, rest, Quantity::Life);
    }
}
