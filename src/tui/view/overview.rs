//! The view of everything at once: how far the run is, its requirements, the key figures of groups and networks.

use ratatui::layout::Rect;

use super::chart::MARKS;
use super::log::date;
use super::{Panel, panel};
use crate::metrics::series::Column;
use crate::metrics::summary::{Group, Summary};
use crate::report::format::{brief_count, count, counted, joules, percent, seconds, significant};
use crate::tui::app::App;
use crate::tui::canvas::{Canvas, fit, width, wrap};
use crate::tui::data::Run;
use crate::tui::theme::Ink;
use crate::units::SimDuration;

/// Before anything was counted there is only the progress.
pub(super) fn waiting(area: Rect) -> Vec<Panel> {
    vec![panel("Run", area, progress)]
}

pub(super) fn panels(app: &App, area: Rect) -> Vec<Panel> {
    let Some(run) = app.run() else { return waiting(area) };
    let requirements = run.summary.requirements.len() as u16;
    let top = (requirements.max(6) + 2).min(area.height / 3).max(8);
    let groups = (1 + run.summary.groups.len() as u16 * app.runs.len() as u16 + 2).min(area.height / 3).max(4);
    let bottom = area.height.saturating_sub(top + groups);
    let left = if area.width < 100 { area.width / 3 + 2 } else { (area.width * 2 / 5).min(64) };
    let row = |y: u16, height: u16| Rect { y: area.y + y, height, ..area };
    let split =
        |row: Rect, left: u16| [Rect { width: left, ..row }, Rect { x: row.x + left, width: row.width - left, ..row }];
    let [progress_area, requirements_area] = split(row(0, top), left);
    let [traffic_area, network_area] = split(row(top + groups, bottom), area.width / 2);
    let missed = run.summary.requirements.iter().filter(|requirement| !requirement.met).count();
    let title = match (run.summary.requirements.len(), missed) {
        (0, _) => "Requirements".to_owned(),
        (all, 0) => format!("Requirements · {all} met"),
        (all, missed) => format!("Requirements · {} met · {missed} MISSED", all - missed),
    };
    vec![
        panel("Run", progress_area, progress),
        panel(title, requirements_area, requirements_panel),
        panel("Groups", row(top, groups), groups_panel),
        panel("Over time", traffic_area, traffic),
        panel(
            app.of_first(if run.summary.warnings.is_empty() { "Networks" } else { "Networks and warnings" }),
            network_area,
            networks,
        ),
    ]
}

/// Simulated time, speed, what is left; of a run that is over what it was.
fn progress(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let wide = area.width >= 32;
    let mut facts: Vec<(&str, String)> = Vec::new();
    if let Some(watched) = &app.watched {
        let Some(frame) = &watched.frame else {
            canvas.text(area, (area.x, area.y), Ink::Plain, "placing terminals …");
            return;
        };
        let fraction = frame.snapshot.fraction;
        canvas.gauge(Rect { width: area.width.saturating_sub(8), height: 1, ..area }, Ink::Time, (fraction, 0.0));
        canvas.right(area, (area.right(), area.y), Ink::Strong, &percent(fraction));
        let end = SimDuration((frame.snapshot.reached.0 as f64 / fraction.max(1e-9)).round() as u64);
        let clock = SimDuration(frame.snapshot.reached.0);
        facts.push((
            "simulated",
            if watched.is_over() { clock.to_string() } else { format!("{clock} of {}", whole(end)) },
        ));
        if let Some(rate) = watched.rates.rate().filter(|_| !watched.is_over()) {
            let real = if wide { "× real time" } else { "×" };
            facts.push(("speed", format!("{} {real}", brief_count(rate.times_real as u64))));
            facts.push(("messages", format!("{}/s", brief_count(rate.messages as u64))));
            facts.push(("left", SimDuration::from_secs(rate.left.round() as u64).to_string()));
        }
        let events = brief_count(frame.snapshot.events);
        let took = seconds(frame.running.as_secs_f64());
        facts.push(("events", if wide { format!("{events} in {took}") } else { events }));
    }
    let counting = app.runs.len();
    for (run, letter) in app.runs.iter().zip('A'..) {
        let Summary { name, seed, period, events, .. } = &*run.summary;
        facts.push(("scenario", app.named(letter, name)));
        if counting == 1 && app.watched.is_none() {
            let [counted, warmup] = [period.counted_s, period.warmup_s].map(date);
            facts.push(("counted", format!("{counted} after {warmup}")));
            facts.push(("events", count(events.count)));
        }
        facts.push(("seed", seed.to_string()));
        if period.interrupted {
            facts.push(("ended", "INTERRUPTED before its end".to_owned()));
        }
    }
    let first = u16::from(app.watched.is_some());
    for (row, (title, fact)) in (first..area.height).zip(&facts) {
        canvas.text(area, (area.x, area.y + row), Ink::Faint, title);
        canvas.text(area, (area.x + 11, area.y + row), Ink::Plain, fact);
    }
}

/// A time to the second.
fn whole(time: SimDuration) -> SimDuration {
    SimDuration::from_secs((time.as_secs_f64() + 0.5) as u64)
}

/// The text of a requirement, without what goes without saying where there is no room.
fn name_of(text: &str, room: u16) -> &str {
    match text.split_once('.') {
        Some(("groups" | "networks", rest)) if width(text) > room => rest,
        _ => text,
    }
}

fn requirements_panel(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(run) = app.run() else { return };
    if run.summary.requirements.is_empty() {
        canvas.text(area, (area.x, area.y), Ink::Faint, "the scenario has none");
    }
    // What is missed comes first: there may be no room for all.
    let mut lines: Vec<_> = run.summary.requirements.iter().collect();
    lines.sort_by_key(|requirement| requirement.met);
    let others = &app.runs[1..];
    for (row, requirement) in (0..area.height).zip(lines) {
        let (ink, sign) = if requirement.met { (Ink::Good, "✓") } else { (Ink::Bad, "✗") };
        let mut shown = vec![requirement.shown.clone()];
        shown.extend(others.iter().map(|run| {
            let same = run.summary.requirements.iter().find(|other| other.text == requirement.text);
            same.map_or_else(|| "–".to_owned(), |other| format!("{}{}", other.shown, if other.met { "" } else { " ✗" }))
        }));
        let shown = shown.join(" | ");
        let y = area.y + row;
        let room = area.width.saturating_sub(width(&shown) + 3);
        canvas.text(area, (area.x, y), ink, sign);
        let value_ink = if requirement.met { Ink::Strong } else { Ink::Bad };
        canvas.text(area, (area.x + 2, y), Ink::Plain, &fit(name_of(&requirement.text, room), room));
        canvas.right(area, (area.right(), y), value_ink, &shown);
    }
}

/// A column of the table of groups.
type Field = (&'static str, fn(&Group) -> String);

const FIELDS: [Field; 8] = [
    ("terminals", |group| brief_count(group.all.terminals)),
    ("messages", |group| brief_count(group.all.messages.delivered)),
    ("delivered", |group| group.all.messages.delivery_ratio.map_or("–".to_owned(), percent)),
    ("p50", |group| measured(group.all.latency_s.count, seconds(group.all.latency_s.p50))),
    ("p99", |group| measured(group.all.latency_s.count, seconds(group.all.latency_s.p99))),
    ("a message", |group| measured(group.all.message_energy_j.count, joules(group.all.message_energy_j.mean))),
    ("a day", |group| joules(group.all.day_energy_j)),
    ("life p50", |group| {
        let years = group.battery.life_years_p50;
        if group.battery.life_years_p90 == 0.0 { "–".to_owned() } else { format!("{} y", significant(years)) }
    }),
];

fn measured(values: u64, shown: String) -> String {
    if values == 0 { "–".to_owned() } else { shown }
}

/// The columns that fit, widest first in need: the last ones go first.
fn groups_panel(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let lines: Vec<(String, &Group)> = lines(app);
    let name = lines.iter().map(|(name, _)| width(name)).max().unwrap_or(0).clamp(8, area.width / 3);
    let column = ((area.width - name) / FIELDS.len() as u16).clamp(10, 16);
    let fitting = usize::from((area.width - name) / column).min(FIELDS.len());
    let fields = &FIELDS[..fitting];
    canvas.text(area, (area.x, area.y), Ink::Faint, "group");
    for (number, (title, _)) in fields.iter().enumerate() {
        canvas.right(area, (area.x + name + (number as u16 + 1) * column, area.y), Ink::Faint, title);
    }
    for (row, (label, group)) in (1..area.height).zip(&lines) {
        canvas.text(Rect { width: name, ..area }, (area.x, area.y + row), Ink::Strong, label);
        for (number, (title, show)) in fields.iter().enumerate() {
            let lost = *title == "delivered" && group.all.messages.delivery_ratio.is_some_and(|ratio| ratio < 0.5);
            let ink = if lost { Ink::Bad } else { Ink::Plain };
            canvas.right(area, (area.x + name + (number as u16 + 1) * column, area.y + row), ink, &show(group));
        }
    }
}

/// The groups of all runs, those of the same name one below the other.
fn lines(app: &App) -> Vec<(String, &Group)> {
    let Some(first) = app.run() else { return Vec::new() };
    let mut names: Vec<&String> = first.summary.groups.keys().collect();
    for run in &app.runs[1..] {
        names.extend(run.summary.groups.keys().filter(|name| !first.summary.groups.contains_key(*name)));
    }
    names.dedup();
    let of = |name: &String| {
        let name = name.clone();
        let runs = app.runs.iter().zip('A'..);
        runs.filter_map(move |(run, letter)| Some((app.named(letter, &name), run.summary.groups.get(&name)?)))
    };
    names.into_iter().flat_map(of).collect()
}

/// A line of columns over time.
type Track = (&'static str, Column, Ink);

const TRACKS: [Track; 5] = [
    ("delivered", Column::Delivered, Ink::Time),
    ("lost", Column::Lost, Ink::Bad),
    ("preambles", Column::Attempts, Ink::Curve(1)),
    ("collided", Column::Collided, Ink::Caution),
    ("sent", Column::Offered, Ink::Curve(2)),
];

/// What happened when, in events per second.
fn traffic(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    tracks(canvas, area, &app.runs, &TRACKS, |peak| format!("{}/s", significant(peak)));
}

/// What happened when, a strip for each track, over a common axis of time. Each track has a strip for each run, of one height.
pub(super) fn tracks(canvas: &mut Canvas<'_>, area: Rect, runs: &[Run], tracks: &[Track], unit: fn(f64) -> String) {
    let name_width = if runs.len() > 1 { 14 } else { 11 };
    let area = Rect { height: area.height.saturating_sub(1), ..area };
    // Two rows for each strip and a gap, or they would run into one another.
    let fitting = (usize::from(area.height) / (2 * runs.len() + 1)).clamp(1, tracks.len());
    let plot = area.width.saturating_sub(name_width + 11);
    let height = area.height / fitting as u16;
    if runs.is_empty() || height == 0 {
        return;
    }
    let begin = runs.iter().map(|run| run.counted.0).fold(f64::INFINITY, f64::min);
    let end = runs.iter().map(|run| run.counted.1).fold(0.0, f64::max);
    let strip = (height.saturating_sub(u16::from(height > 2)) / runs.len() as u16).max(1);
    for (number, (name, column, ink)) in tracks.iter().take(fitting).enumerate() {
        let values: Vec<Vec<f64>> =
            runs.iter().map(|run| run.track(plot, (begin, end), |counts| counts[*column as usize])).collect();
        let peaks: Vec<f64> = values.iter().map(|values| values.iter().copied().fold(0.0, f64::max)).collect();
        let top = peaks.iter().copied().fold(0.0, f64::max);
        for (run, ((values, peak), letter)) in values.iter().zip(&peaks).zip('A'..).enumerate() {
            let y = area.y + number as u16 * height + run as u16 * strip;
            let (ink, name) = match runs.len() {
                1 => (*ink, (*name).to_owned()),
                _ => (Ink::Curve(run), format!("{} {letter} {name}", MARKS[run % MARKS.len()])),
            };
            if y >= area.bottom() {
                return;
            }
            canvas.text(area, (area.x, y), if runs.len() > 1 { ink } else { Ink::Plain }, &name);
            canvas.columns(Rect { x: area.x + name_width, y, width: plot, height: strip }, ink, values, top);
            let peak = if *peak == 0.0 { "none".to_owned() } else { unit(*peak) };
            canvas.right(area, (area.right(), y), Ink::Faint, &peak);
        }
    }
    let axis = Rect { x: area.x + name_width, y: area.bottom(), width: plot, height: 1 };
    canvas.text(axis, (axis.x, axis.y), Ink::Faint, &date(begin));
    canvas.right(axis, (axis.right(), axis.y), Ink::Faint, &date(end));
}

fn networks(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(run) = app.run() else { return };
    let mut y = area.y;
    let gauge = area.width.saturating_sub(30).clamp(3, 50);
    let wide = area.width >= 44;
    for (name, network) in &run.summary.networks {
        let head = format!("{name}  {}, {}", network.technology, counted(network.cells, "cell"));
        canvas.text(area, (area.x, y), Ink::Strong, &head);
        y += 1;
        for (title, utilisation) in [("downlink", &network.downlink), ("uplink", &network.uplink)] {
            let Some(utilisation) = utilisation else { continue };
            canvas.text(area, (area.x + 1, y), Ink::Plain, title);
            if y < area.bottom() {
                let strip = Rect { x: area.x + 10, y, width: gauge, height: 1 };
                canvas.gauge(strip, Ink::Time, (utilisation.mean, utilisation.busiest));
            }
            let shown = format!("{} max {}", percent(utilisation.mean), percent(utilisation.busiest));
            canvas.text(area, (area.x + 11 + gauge, y), Ink::Plain, &shown);
            y += 1;
        }
        for access in network.access.iter().filter(|access| access.attempts > 0) {
            let collided = access.collision_ratio.map_or("–".to_owned(), percent);
            let words = if wide { [" preambles, ", " collided"] } else { [", ", " collided"] };
            let shown = format!("{}{}{collided}{}", brief_count(access.attempts), words[0], words[1]);
            canvas.text(area, (area.x + 1, y), Ink::Plain, &access.level);
            canvas.text(area, (area.x + 10, y), Ink::Faint, &shown);
            y += 1;
        }
    }
    for warning in &run.summary.warnings {
        for (number, text) in wrap(warning, area.width.saturating_sub(2)).into_iter().enumerate() {
            let sign = if number == 0 { "!" } else { "" };
            canvas.text(area, (area.x, y), Ink::Caution, sign);
            canvas.text(area, (area.x + 2, y), Ink::Plain, &text);
            y += 1;
        }
    }
}

pub(super) fn table(app: &App) -> Vec<Vec<String>> {
    let titles = std::iter::once("group").chain(FIELDS.iter().map(|(title, _)| *title)).map(str::to_owned).collect();
    let row = |(name, group): (String, &Group)| {
        std::iter::once(name).chain(FIELDS.iter().map(|(_, show)| show(group))).collect::<Vec<_>>()
    };
    let mut rows: Vec<Vec<String>> = vec![titles];
    rows.extend(lines(app).into_iter().map(row));
    for requirement in app.run().into_iter().flat_map(|run| &run.summary.requirements) {
        let met = if requirement.met { "met" } else { "missed" };
        rows.push(vec![requirement.text.clone(), requirement.shown.clone(), met.to_owned()]);
    }
    rows
}
