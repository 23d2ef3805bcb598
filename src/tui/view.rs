//! The views, the bars above and below them, and what lies over them: help and questions.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::app::{App, Hit, Question};
use super::canvas::{Canvas, fit, to_ascii, width};
use super::keys::{Action, Entry, TABLE};
use super::theme::Ink;
use crate::report::format::percent;
use crate::units::SimDuration;

pub(super) mod chart;
mod energy;
mod latency;
mod log;
pub(super) mod map;
mod overview;
mod passes;
mod radio;
mod sky;
pub(super) mod terminal;

pub(super) use passes::go_over_satellites;

/// A page of the face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are what they are called")]
pub enum View {
    Overview,
    Latency,
    Energy,
    Radio,
    Map,
    Terminal,
    Log,
    Passes,
}

impl View {
    /// All, in the order of their keys.
    pub const ALL: [View; 8] =
        [View::Overview, View::Latency, View::Energy, View::Radio, View::Map, View::Terminal, View::Log, View::Passes];

    /// Its title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            View::Overview => "Overview",
            View::Latency => "Latency",
            View::Energy => "Energy",
            View::Radio => "Radio",
            View::Map => "Map",
            View::Terminal => "Terminal",
            View::Log => "Log",
            View::Passes => "Passes",
        }
    }

    /// The view of this name, in small letters.
    #[must_use]
    pub fn of_name(name: &str) -> Option<View> {
        View::ALL.into_iter().find(|view| view.title().eq_ignore_ascii_case(name))
    }

    /// Whether there is anything to be seen in it.
    pub(super) fn is_offered(self, app: &App) -> bool {
        if app.sky.is_some() {
            return matches!(self, View::Map | View::Passes);
        }
        let Some(run) = app.run() else { return matches!(self, View::Overview | View::Log) };
        let groups = run.summary.groups.values();
        match self {
            View::Overview | View::Log => true,
            View::Latency => groups.map(|group| group.all.latency_s.count).sum::<u64>() > 0,
            View::Energy => groups.map(|group| group.all.day_energy_j).sum::<f64>() > 0.0,
            View::Radio => !run.summary.networks.is_empty(),
            View::Map => run.cells.iter().any(|cell| cell.place.is_some()),
            View::Terminal => !run.trace.is_empty(),
            View::Passes => false,
        }
    }

    /// Why it is not offered.
    pub(super) const fn why_not(self) -> &'static str {
        match self {
            View::Map => "no map: the cells of this run have no place",
            View::Terminal => "no terminal is traced: `farlink run … --trace GROUP/NUMBER`",
            View::Passes => "no satellites: `farlink passes` tells when they come",
            _ => "nothing to be seen there",
        }
    }
}

/// A part of a view.
pub(super) struct Panel {
    pub title: String,
    pub area: Rect,
    pub draw: fn(&App, &mut Canvas<'_>, Rect),
}

/// A panel whose place is known.
pub(super) fn panel(title: impl Into<String>, area: Rect, draw: fn(&App, &mut Canvas<'_>, Rect)) -> Panel {
    Panel { title: title.into(), area, draw }
}

fn panels(app: &App, area: Rect) -> Vec<Panel> {
    if app.sky.is_none() && app.run().is_none() && app.view != View::Log {
        return overview::waiting(area);
    }
    match app.view {
        View::Overview => overview::panels(app, area),
        View::Latency => latency::panels(app, area),
        View::Energy => energy::panels(app, area),
        View::Radio => radio::panels(app, area),
        View::Map => map::panels(app, area),
        View::Terminal => terminal::panels(app, area),
        View::Log => log::panels(app, area),
        View::Passes => passes::panels(app, area),
    }
}

/// How many rows the list of the open view has.
pub(super) fn rows(app: &App) -> usize {
    match app.view {
        View::Latency | View::Energy => app.slices().len(),
        View::Radio => radio::cells(app).len(),
        View::Terminal => terminal::rows(app),
        View::Log => log::entries(app).len(),
        View::Map => sky::fitting(app).len(),
        View::Passes => passes::contacts(app).len(),
        View::Overview => 1,
    }
}

/// What the open view shows, as rows of fields with their titles.
pub(super) fn table(app: &App) -> Vec<Vec<String>> {
    match app.view {
        View::Overview => overview::table(app),
        View::Latency => chart::table(app, crate::metrics::histogram::Quantity::Latency),
        View::Energy => chart::table(app, crate::metrics::histogram::Quantity::Energy),
        View::Map if app.sky.is_some() => sky::table(app),
        View::Radio | View::Map => radio::table(app),
        View::Passes => passes::table(app),
        View::Terminal => terminal::table(app),
        View::Log => log::table(app),
    }
}

/// The smallest screen on which anything can be read.
const SMALLEST: (u16, u16) = (50, 12);

/// Draws the whole screen.
pub(super) fn draw(app: &mut App, buffer: &mut Buffer) {
    let screen = buffer.area;
    app.hits.clear();
    let theme = app.theme;
    let mut canvas = Canvas { buffer, theme };
    if screen.width < SMALLEST.0 || screen.height < SMALLEST.1 {
        let text = format!("farlink needs {} x {} characters", SMALLEST.0, SMALLEST.1);
        canvas.text(screen, (screen.x, screen.y), Ink::Caution, &text);
        return;
    }
    if !app.view.is_offered(app) {
        app.view = View::ALL.into_iter().find(|view| view.is_offered(app)).unwrap_or(View::Overview);
    }
    header(app, &mut canvas, Rect { height: 1, ..screen });
    footer(app, &mut canvas, Rect { y: screen.bottom() - 1, height: 1, ..screen });
    let body = Rect { y: screen.y + 1, height: screen.height - 2, ..screen };
    let mut panels = panels(app, body);
    app.settle(panels.len());
    let focus = app.focus;
    if app.expanded && focus < panels.len() {
        panels = vec![Panel { area: body, ..panels.swap_remove(focus) }];
    }
    if let (View::Map, Some(region), Some(panel)) = (app.view, map::Region::shown(app), panels.first()) {
        app.map.settle(&region, panel.area);
    }
    for (number, Panel { title, area, draw }) in panels.iter().enumerate() {
        let inside = canvas.panel(*area, title, app.expanded || number == focus);
        if inside.area() > 0 {
            draw(app, &mut canvas, inside);
        }
        if !app.expanded {
            app.hits.push((*area, Hit::Panel(number)));
        }
    }
    if app.help {
        help(app, &mut canvas, body);
    }
    if let Some(question) = app.question {
        ask(question, &mut canvas, body);
    }
    if !app.unicode {
        to_ascii(canvas.buffer);
    }
    app.shown = canvas.buffer.clone();
}

/// The name of the program and the tabs.
fn header(app: &mut App, canvas: &mut Canvas<'_>, row: Rect) {
    let mut x = canvas.text(row, (row.x, row.y), Ink::Focus, " farlink ");
    let offered: Vec<bool> = View::ALL.into_iter().map(|view| view.is_offered(app)).collect();
    for (number, view) in View::ALL.into_iter().enumerate().filter(|(number, _)| offered[*number]) {
        let text = format!(" {} {} ", number + 1, view.title());
        let ink = if view == app.view { Ink::Chosen } else { Ink::Plain };
        let end = canvas.text(row, (x, row.y), ink, &text);
        app.hits.push((Rect { x, width: end - x, ..row }, Hit::View(view)));
        x = end;
    }
    let mut state = Vec::new();
    if let Some(watched) = app.watched.as_ref().filter(|watched| !watched.is_over()) {
        if watched.live.is_paused() {
            state.push((Ink::Caution, "PAUSED".to_owned()));
        } else if let Some(cap) = watched.windows_per_second() {
            state.push((Ink::Caution, format!("≤ {cap} windows/s")));
        }
    }
    if let Some(sky) = &app.sky {
        state.push((if sky.is_running() { Ink::Caution } else { Ink::Plain }, sky.clock()));
    }
    if app.frozen {
        state.push((Ink::Caution, "FROZEN".to_owned()));
    }
    if !app.filter.is_empty() || app.typing {
        state.push((Ink::Focus, format!("/{}{}", app.filter, if app.typing { "▏" } else { "" })));
    }
    let mut end = row.right();
    for (ink, text) in state.iter().rev() {
        if end.saturating_sub(width(text) + 1) > x {
            canvas.right(row, (end - 1, row.y), *ink, text);
            end -= width(text) + 2;
        }
    }
}

/// How far the run is, and the keys one needs first; or what there is to be said.
fn footer(app: &App, canvas: &mut Canvas<'_>, row: Rect) {
    if let Some(note) = &app.note {
        canvas.text(row, (row.x + 1, row.y), Ink::Caution, note);
        return;
    }
    let hint = |action| app.setup.bindings.hint(action);
    let mut hints = vec![(Action::Help, "help"), (Action::Export, "export")];
    let running = app.watched.as_ref().filter(|watched| !watched.is_over());
    if running.is_some() {
        hints.extend([(Action::Pause, "pause"), (Action::Freeze, "freeze")]);
    } else if app.sky.is_some() {
        hints.extend([(Action::Pause, "time"), (Action::Step, "step"), (Action::Filter, "filter")]);
    } else {
        hints.extend([(Action::Expand, "expand"), (Action::Filter, "filter")]);
    }
    hints.push((Action::Quit, "quit"));
    let text: Vec<String> = hints.into_iter().map(|(action, word)| format!("{} {word}", hint(action))).collect();
    let text = text.join("  ");
    let room = row.width.saturating_sub(width(&text) + 4);
    canvas.right(row, (row.right() - 1, row.y), Ink::Faint, &text);
    let left = Rect { x: row.x + 1, width: room, ..row };
    match (running, app.watched.as_ref().and_then(|watched| watched.frame.as_ref())) {
        (Some(watched), Some(frame)) => {
            let columns = (room / 3).clamp(6, 40);
            canvas.gauge(Rect { width: columns, ..left }, Ink::Time, (frame.snapshot.fraction, 0.0));
            let mut say = percent(frame.snapshot.fraction);
            if let Some(rate) = watched.rates.rate() {
                say += &format!(" · ETA {}", SimDuration::from_secs(rate.left.round() as u64));
            }
            say += &format!(" · {}", SimDuration(frame.snapshot.reached.0));
            canvas.text(left, (left.x + columns + 1, row.y), Ink::Plain, &fit(&say, room.saturating_sub(columns + 1)));
        }
        (Some(_), None) => {
            canvas.text(left, (left.x, row.y), Ink::Plain, "placing terminals …");
        }
        (None, _) => {
            let mut names: Vec<&str> = app.runs.iter().map(|run| run.label.as_str()).collect();
            names.extend(app.sky.iter().flat_map(|sky| &sky.report.sources).map(|source| source.name.as_str()));
            canvas.text(left, (left.x, row.y), Ink::Faint, &names.join("   "));
        }
    }
}

/// A panel in the middle of the screen, on cleared ground.
fn over(canvas: &mut Canvas<'_>, body: Rect, (columns, rows): (u16, u16), title: &str) -> Rect {
    let (columns, rows) = (columns.min(body.width), rows.min(body.height));
    let area = Rect::new(body.x + (body.width - columns) / 2, body.y + (body.height - rows) / 2, columns, rows);
    for position in area.positions() {
        canvas.buffer[position].reset();
    }
    canvas.panel(area, title, true)
}

/// Whether a key can do anything with what the face is about: a run, or satellites.
fn has_use(app: &App, entry: &Entry) -> bool {
    match entry.action {
        Action::View(number) if app.sky.is_some() => View::ALL[usize::from(number)].is_offered(app),
        Action::View(number) => View::ALL[usize::from(number)] != View::Passes,
        Action::Freeze => app.sky.is_none(),
        Action::StepBack => app.sky.is_some(),
        _ => true,
    }
}

/// The table of keys, in as many columns as fit.
fn help(app: &App, canvas: &mut Canvas<'_>, body: Rect) {
    const COLUMN: u16 = 62;
    const KEYS: u16 = 12;
    let table =
        TABLE.map(|(title, entries)| (title, entries.iter().filter(|entry| has_use(app, entry)).collect::<Vec<_>>()));
    let number = table.iter().map(|(_, entries)| entries.len() as u16 + 1).sum::<u16>();
    let room = (body.height.saturating_sub(2)).max(1);
    let columns = number.div_ceil(room).clamp(1, (body.width / 38).max(1));
    let rows = number.div_ceil(columns);
    let wide = (COLUMN * columns + 4).min(body.width);
    let inside = over(canvas, body, (wide, rows + 2), "Keys");
    let column_width = inside.width / columns;
    // All in full, or all in short.
    let full = table.iter().flat_map(|(_, entries)| entries).all(|entry| width(entry.help) < column_width - KEYS);
    let mut lines: Vec<(Ink, String, &str)> = Vec::new();
    for (title, entries) in table {
        lines.push((Ink::Strong, title.to_owned(), ""));
        for entry in entries {
            let keys = app.setup.bindings.keys(entry.action).join(" ");
            lines.push((Ink::Focus, keys, if full { entry.help } else { entry.brief() }));
        }
    }
    for (number, (ink, left, right)) in (0..).zip(&lines) {
        let (column, row) = (number / rows, number % rows);
        let area = Rect { x: inside.x + column * column_width, y: inside.y + row, width: column_width - 1, height: 1 };
        if row < inside.height {
            canvas.text(area, (area.x, area.y), *ink, left);
            canvas.text(area, (area.x + KEYS, area.y), Ink::Plain, right);
        }
    }
}

fn ask(question: Question, canvas: &mut Canvas<'_>, body: Rect) {
    let (title, lines): (&str, &[(&str, &str)]) = match question {
        Question::Quit => (
            "The simulation is running",
            &[("q", "end it now and keep what is there"), ("d", "leave, and let it run to its end"), ("Esc", "go on")],
        ),
        Question::Export => (
            "Write what is shown",
            &[("c", "the numbers: CSV"), ("s", "the screen: SVG"), ("t", "the screen: text"), ("Esc", "nothing")],
        ),
    };
    let inside = over(canvas, body, (46, lines.len() as u16 + 4), title);
    for (row, (key, text)) in (1..).zip(lines) {
        canvas.line(Rect { x: inside.x + 1, ..inside }, row, &[(Ink::Focus, &format!("{key:<5}")), (Ink::Plain, text)]);
    }
}
