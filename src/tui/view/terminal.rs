//! One traced terminal: what it is doing, what it draws over time, and its steps one by one; as far as a run that goes on has
//! come, and of several runs one laid over the other.

use std::collections::BTreeSet;
use std::ops::Range;

use ratatui::layout::Rect;

use super::chart::{MARKS, scroll};
use super::log::clock;
use super::{Panel, View, panel};
use crate::report::format::{joules, seconds};
use crate::report::stored::TraceRow;
use crate::tui::app::{App, Scale};
use crate::tui::canvas::{Canvas, Dots, fit};
use crate::tui::keys::Action;
use crate::tui::theme::Ink;
use crate::world::look::NEWEST;

/// States from the hungriest to sleep, and their inks.
const STATES: [(&str, Ink); 5] = [
    ("transmit", Ink::Bad),
    ("receive", Ink::Time),
    ("monitor", Ink::Curve(2)),
    ("idle", Ink::Caution),
    ("sleep", Ink::Faint),
];

/// Which stretch of time is seen, and of which terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::tui) struct Span {
    /// How often the stretch around a contact was halved; below zero, doubled.
    pub zoom: i32,
    /// Which of the traced terminals.
    pub terminal: usize,
}

impl Span {
    /// Moves; returns whether the key meant the time.
    pub(in crate::tui) fn go(&mut self, action: Action) -> bool {
        match action {
            Action::ZoomIn => self.zoom = (self.zoom + 1).min(20),
            Action::ZoomOut => self.zoom = (self.zoom - 1).max(-40),
            Action::Layer => self.terminal += 1,
            _ => return false,
        }
        true
    }
}

/// The traced terminals of all runs.
fn names(app: &App) -> Vec<&str> {
    let rows = app.runs.iter().flat_map(|run| run.trace.iter());
    let names: BTreeSet<&str> = rows.map(|row| row.terminal.as_str()).collect();
    names.into_iter().collect()
}

fn name(app: &App) -> Option<&str> {
    let names = names(app);
    names.get(app.span.terminal % names.len().max(1)).copied()
}

/// What a run's terminal of some name did.
struct Deeds<'a> {
    /// Which of the runs.
    run: usize,
    letter: char,
    rows: Vec<&'a TraceRow>,
}

/// What the shown terminal did, as far as it passes the filter, in each run in which it was traced.
fn deeds(app: &App) -> Vec<Deeds<'_>> {
    let Some(name) = name(app) else { return Vec::new() };
    let fits = |row: &&TraceRow| app.fits(&row.step) || app.fits(&row.cause) || app.fits(&row.errand);
    let of = |(run, letter): (usize, char)| {
        let rows = app.runs[run].trace.iter().filter(|row| row.terminal == name).filter(fits);
        Deeds { run, letter, rows: rows.collect() }
    };
    let all = (0..app.runs.len()).zip('A'..).map(of);
    all.filter(|deeds| !deeds.rows.is_empty()).collect()
}

/// The same of the first of those runs: the list of steps is about it.
fn trace(app: &App) -> Vec<&TraceRow> {
    deeds(app).into_iter().next().map_or_else(Vec::new, |deeds| deeds.rows)
}

/// The step that is chosen, by its beginning; none if it is the last, whose place newer ones take.
pub(in crate::tui) fn kept(app: &App) -> Option<f64> {
    let (trace, row) = (trace(app), app.chosen[View::Terminal as usize]);
    if row < trace.len().saturating_sub(1) { trace.get(row).map(|row| row.span.0) } else { None }
}

/// Where that step stands now.
pub(in crate::tui) fn place(app: &App, kept: Option<f64>) -> usize {
    kept.map_or(usize::MAX, |at| trace(app).partition_point(|row| row.span.0 < at))
}

pub(super) fn rows(app: &App) -> usize {
    trace(app).len()
}

/// The rows of each contact with the network: errands that follow each other at once.
fn contacts(trace: &[&TraceRow]) -> Vec<Range<usize>> {
    let mut contacts: Vec<Range<usize>> = Vec::new();
    for (number, row) in trace.iter().enumerate().filter(|(_, row)| !row.errand.is_empty()) {
        match contacts.last_mut().filter(|last| last.end == number && trace[number - 1].span.1 >= row.span.0) {
            Some(last) => last.end = number + 1,
            None => contacts.push(number..number + 1),
        }
    }
    contacts
}

/// The contact that the chosen row belongs to, or the next one behind it, and its number.
fn contact(app: &App, trace: &[&TraceRow]) -> Option<(usize, Range<usize>)> {
    let contacts = contacts(trace);
    let place = contacts.iter().position(|contact| contact.end > app.row()).or(contacts.len().checked_sub(1))?;
    Some((place, contacts[place].clone()))
}

/// The row at which the contact before or behind the chosen one begins.
pub(in crate::tui) fn turn(app: &App, later: bool) -> Option<usize> {
    let trace = trace(app);
    let (place, _) = contact(app, &trace)?;
    let other = if later { place + 1 } else { place.checked_sub(1)? };
    contacts(&trace).get(other).map(|contact| contact.start)
}

/// The seconds that are seen: those of the chosen contact, or more, or less.
fn window(app: &App, trace: &[&TraceRow]) -> (f64, f64) {
    let (Some(first), Some(last)) = (trace.first(), trace.last()) else { return (0.0, 1.0) };
    let (begin, end) = contact(app, trace)
        .map_or((first.span.0, last.span.1), |(_, rows)| (trace[rows.start].span.0, trace[rows.end - 1].span.1));
    let scale = 2.0_f64.powi(-app.span.zoom);
    let wide = ((end - begin) * 1.04 * scale).clamp(1e-6, (last.span.1 - first.span.0).max(1e-6));
    // Closer than the contact, the chosen step is in the middle.
    let middle = match trace.get(app.row()).filter(|_| app.span.zoom > 0) {
        Some(row) => (row.span.0 + row.span.1) / 2.0,
        None => (begin + end) / 2.0,
    };
    let begin = (middle - wide / 2.0).clamp(first.span.0, (last.span.1 - wide).max(first.span.0));
    (begin, begin + wide)
}

/// What a contact took and cost.
fn cost(app: &App) -> String {
    let trace = trace(app);
    let Some((place, rows)) = contact(app, &trace) else { return "Steps".to_owned() };
    let rows = &trace[rows];
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return "Steps".to_owned() };
    let energy: f64 = rows.iter().map(|row| row.power * (row.span.1 - row.span.0)).sum();
    let (errand, all) = (if first.errand.is_empty() { "contact" } else { &first.errand }, contacts(&trace).len());
    let running = app.watched.as_ref().is_some_and(|watched| !watched.is_over());
    let cut = if running && app.run().is_some_and(|run| run.trace.len() >= NEWEST) { "Newest steps" } else { "Steps" };
    format!(
        "{} · {errand}, contact {} of {all}: {}, {}",
        app.of_first(cut),
        place + 1,
        seconds(last.span.1 - first.span.0),
        joules(energy)
    )
}

pub(super) fn panels(app: &App, area: Rect) -> Vec<Panel> {
    let of = name(app).unwrap_or("none");
    let (several, runs) = (names(app).len(), deeds(app).len());
    let high = if runs > 1 { runs as u16 + 3 } else { STATES.len() as u16 + 2 };
    let states = Rect { height: high, ..area };
    let power = Rect { y: area.y + high, height: (area.height / 2).clamp(high + 6, 24) - high, ..area };
    let list = Rect { y: power.bottom(), height: area.bottom().saturating_sub(power.bottom()), ..area };
    let title = if several > 1 {
        format!("Terminal {of} · {} of {several}", app.span.terminal % several + 1)
    } else {
        format!("Terminal {of}")
    };
    let timeline = if runs > 1 { lanes } else { timeline };
    vec![panel(cost(app), list, steps), panel(title, states, timeline), panel("Power", power, draw_power)]
}

/// Columns in front of a plot.
const NAME: u16 = 9;

/// In which of the columns of a plot a terminal was in a state.
fn columns(rows: &[&TraceRow], state: &str, (begin, end): (f64, f64), wide: u16) -> Vec<bool> {
    let mut columns = vec![false; wide.into()];
    let column = |time: f64| (time - begin) / (end - begin) * f64::from(wide);
    for row in rows.iter().filter(|row| row.state == state && row.span.1 >= begin && row.span.0 < end) {
        let from = (column(row.span.0).max(0.0) as usize).min(columns.len());
        // What is short is seen, too.
        let to = (column(row.span.1).ceil() as usize).max(from + 1).min(columns.len());
        columns[from..to].fill(true);
    }
    columns
}

/// A row per state, filled where the terminal was in it.
fn timeline(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let trace = trace(app);
    let window = window(app, &trace);
    let plot = Rect { x: area.x + NAME, width: area.width.saturating_sub(NAME), ..area };
    for (row, (state, ink)) in (0..).zip(STATES) {
        canvas.text(area, (area.x, area.y + row), Ink::Plain, state);
        canvas.text(plot, (plot.x, area.y + row), Ink::Frame, &"·".repeat(plot.width.into()));
        for (x, _) in (plot.x..).zip(columns(&trace, state, window, plot.width)).filter(|(_, filled)| *filled) {
            canvas.text(plot, (x, area.y + row), ink, "█");
        }
    }
}

/// A row per run: in each column the hungriest state the terminal was in, by a letter.
fn lanes(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let window = window(app, &trace(app));
    let plot = Rect { x: area.x + NAME, width: area.width.saturating_sub(NAME), ..area };
    let mut x = plot.x;
    for (state, ink) in STATES {
        x = canvas.text(area, (x, area.y), ink, letter(state));
        x = canvas.text(area, (x + 1, area.y), Ink::Faint, state) + 2;
    }
    for (row, Deeds { run, letter: name, rows }) in (1..).zip(deeds(app)) {
        let y = area.y + row;
        canvas.text(area, (area.x, y), Ink::Curve(run), &format!("{} {name}", MARKS[run % MARKS.len()]));
        // From sleep to the hungriest, so that this one stays.
        for (state, ink) in STATES.into_iter().rev() {
            for (x, _) in (plot.x..).zip(columns(&rows, state, window, plot.width)).filter(|(_, filled)| *filled) {
                canvas.text(plot, (x, y), ink, letter(state));
            }
        }
    }
}

/// The sign of a state where there is one character for it.
fn letter(state: &str) -> &'static str {
    match state {
        "transmit" => "T",
        "receive" => "R",
        "monitor" => "M",
        "idle" => "i",
        _ => "·",
    }
}

/// What the terminal draws, from microwatts up by powers of ten; a line for each run.
fn draw_power(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let all = deeds(app);
    let Some(first) = all.first() else { return };
    let (begin, end) = window(app, &first.rows);
    let plot = Rect {
        x: area.x + NAME,
        width: area.width.saturating_sub(NAME),
        height: area.height.saturating_sub(1),
        ..area
    };
    let positive = || all.iter().flat_map(|deeds| &deeds.rows).map(|row| row.power).filter(|power| *power > 0.0);
    let (least, most) = (positive().fold(f64::INFINITY, f64::min), positive().fold(0.0, f64::max));
    if most <= 0.0 || plot.height == 0 {
        return;
    }
    let height = |power: f64| match app.scale != Scale::Linear {
        true => (power.max(least) / least).ln() / (most / least).ln().max(1e-9),
        false => power / most,
    };
    for deeds in &all {
        power_line(canvas, plot, deeds, ((begin, end), &height), all.len() > 1);
    }
    let bottom = if app.scale != Scale::Linear { least } else { 0.0 };
    canvas.right(area, (plot.x - 1, plot.y), Ink::Faint, &watts(most));
    canvas.right(area, (plot.x - 1, plot.bottom() - 1), Ink::Faint, &watts(bottom));
    canvas.text(area, (plot.x, area.bottom() - 1), Ink::Faint, &clock(begin));
    let wide = format!("{} across", seconds(end - begin));
    canvas.text(area, (plot.x + plot.width / 2 - 6, area.bottom() - 1), Ink::Faint, &wide);
    canvas.right(area, (area.right(), area.bottom() - 1), Ink::Faint, &clock(end));
}

/// A power with its unit.
fn watts(watts: f64) -> String {
    joules(watts).replace('J', "W")
}

/// One line of power, with its mark here and there if there are others beside it.
fn power_line(
    canvas: &mut Canvas<'_>,
    plot: Rect,
    deeds: &Deeds<'_>,
    ((begin, end), height): ((f64, f64), &dyn Fn(f64) -> f64),
    marked: bool,
) {
    let ink = if marked { Ink::Curve(deeds.run) } else { Ink::Energy };
    let mut dots = Dots::new(plot.width, plot.height);
    let (wide, high) = dots.size();
    let mut last: Option<(f64, (f64, f64))> = None;
    for row in deeds.rows.iter().filter(|row| row.span.1 >= begin && row.span.0 <= end) {
        let x = |time: f64| ((time - begin) / (end - begin) * (wide - 1.0)).clamp(0.0, wide - 1.0);
        let y = (1.0 - height(row.power)) * (high - 1.0);
        let (from, to) = ((x(row.span.0), y), (x(row.span.1), y));
        // Nothing is known about gaps: the warm-up is not traced.
        if let Some((_, last)) = last.filter(|(until, _)| *until >= row.span.0) {
            dots.stroke(last, from);
        }
        dots.stroke(from, to);
        last = Some((row.span.1, to));
    }
    canvas.dots(plot, &dots, |_, _| ink);
    // Each run has its own places, so that marks of lines that are one upon the other are all seen.
    for tenth in (0..10).filter(|tenth| marked && tenth % 5 == deeds.run % 5) {
        let share = (f64::from(tenth as u32) + 0.5) / 10.0;
        let time = begin + share * (end - begin);
        let Some(row) = deeds.rows.iter().find(|row| (row.span.0..row.span.1).contains(&time)) else { continue };
        let y = ((1.0 - height(row.power)) * f64::from(plot.height - 1)).round() as u16;
        let x = (share * f64::from(plot.width)) as u16;
        canvas.text(plot, (plot.x + x, plot.y + y), ink, MARKS[deeds.run % MARKS.len()]);
    }
}

/// The stretches, one line each.
fn steps(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let trace = trace(app);
    let chosen = app.row().min(trace.len().saturating_sub(1));
    let head =
        format!("{:>15} {:>11}  {:<9} {:<9} {:<17} {:<9} step", "at s", "length", "state", "channel", "cause", "power");
    canvas.text(area, (area.x, area.y), Ink::Faint, &head);
    let height = area.height.saturating_sub(1);
    let first = scroll(chosen, trace.len(), height);
    for (row, (number, stretch)) in (1..).zip(trace.iter().enumerate().skip(first).take(height.into())) {
        let line = Rect { y: area.y + row, height: 1, ..area };
        let length = seconds(stretch.span.1 - stretch.span.0);
        let text = format!(
            "{:>15.6} {length:>11}  {:<9} {:<9} {:<17} {:<9} {}",
            stretch.span.0,
            stretch.state,
            stretch.channel,
            fit(&stretch.cause, 17),
            watts(stretch.power),
            stretch.step
        );
        canvas.text(line, (line.x, line.y), Ink::Plain, &text);
        if number == chosen {
            canvas.mark(line, Ink::Chosen);
        }
    }
}

pub(super) fn table(app: &App) -> Vec<Vec<String>> {
    let titles = ["terminal", "start_s", "end_s", "state", "power_w", "channel", "cause", "errand", "step"];
    let row = |letter: char, row: &TraceRow| {
        let TraceRow { terminal, span, state, power, channel, cause, errand, step } = row;
        let numbers = [span.0, span.1, *power].map(|number| number.to_string());
        let [start, end, power] = numbers;
        let [state, channel, cause, errand, step] = [state, channel, cause, errand, step].map(|name| name.to_string());
        vec![app.named(letter, terminal), start, end, state, power, channel, cause, errand, step]
    };
    let rows = deeds(app).into_iter().flat_map(|deeds| {
        let rows = deeds.rows.into_iter();
        rows.map(move |stretch| row(deeds.letter, stretch))
    });
    std::iter::once(titles.map(str::to_owned).to_vec()).chain(rows).collect()
}
