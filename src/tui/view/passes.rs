//! The view of passes: what the windows of a site come to, when they are, and each of them.

use ratatui::layout::Rect;

use super::chart::scroll;
use super::{Panel, View, panel, sky};
use crate::orbit::Utc;
use crate::orbit::passes::Contact;
use crate::report::passes::{PassRow, WAITS};
use crate::report::text::passes::{COLUMNS, cells, earliest, figures, height, place, profile, tick};
use crate::tui::app::App;
use crate::tui::canvas::{Canvas, fit, wrap};
use crate::tui::keys::Action;
use crate::tui::sky::Sky;
use crate::tui::theme::Ink;

/// Columns of names before figures and timelines, and of names in the list.
const NAMES: u16 = 20;
/// Columns between two instants of the axis.
const TICKS: u16 = 12;

/// The windows of the site that is chosen, of satellites that pass the filter.
pub(super) fn contacts(app: &App) -> Vec<&Contact> {
    let Some(sky) = &app.sky else { return Vec::new() };
    let fits = |contact: &&Contact| app.fits(&sky.satellites[contact.window.satellite as usize].name);
    sky.contacts().iter().filter(fits).collect()
}

/// Does what keys do in the views of satellites beside moving the map; returns whether the key meant that.
pub(in crate::tui) fn go_over_satellites(app: &mut App, action: Action) -> bool {
    let view = app.view;
    let Some(sky) = &mut app.sky else { return false };
    let row = &mut app.chosen[view as usize];
    match (view, action) {
        (View::Map, Action::Layer) => sky.next_layer(),
        (View::Map, Action::PageUp) => *row = row.saturating_sub(1),
        (View::Map, Action::PageDown) => *row = row.saturating_add(1),
        (View::Passes, Action::Left | Action::Right) => {
            sky.turn(action == Action::Right);
            *row = 0;
        }
        (
            View::Passes,
            Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::First | Action::Last,
        ) => {
            *row = match action {
                Action::Up => row.saturating_sub(1),
                Action::Down => row.saturating_add(1),
                Action::PageUp => row.saturating_sub(10),
                Action::PageDown => row.saturating_add(10),
                Action::First => 0,
                _ => usize::MAX,
            };
            show_chosen(app);
        }
        _ => return false,
    }
    true
}

/// Goes to the instant at which the satellite of the chosen window is highest, and chooses it on the map, too.
fn show_chosen(app: &mut App) {
    let contacts = contacts(app);
    let row = app.chosen[View::Passes as usize].min(contacts.len().saturating_sub(1));
    let Some(contact) = contacts.get(row).map(|contact| **contact) else { return };
    let satellite = sky::fitting(app).into_iter().position(|number| number == contact.window.satellite as usize);
    app.chosen[View::Map as usize] = satellite.unwrap_or(0);
    app.chosen[View::Passes as usize] = row;
    if let Some(sky) = &mut app.sky {
        sky.go_to(contact.highest_at);
    }
}

/// Figures of the site as lines: a name, and what there is to say.
fn lines(sky: &Sky, columns: u16) -> Vec<(&'static str, String)> {
    let Some(site) = sky.site() else { return Vec::new() };
    let mut lines = Vec::new();
    for (name, text) in figures(site, sky.report.span) {
        let wrapped = wrap(&text, columns.saturating_sub(NAMES)).into_iter();
        lines.extend(wrapped.enumerate().map(|(number, text)| (if number == 0 { name } else { "" }, text)));
    }
    lines
}

pub(super) fn panels(app: &App, area: Rect) -> Vec<Panel> {
    let Some((sky, site)) = app.sky.as_ref().and_then(|sky| Some((sky, sky.site()?))) else { return Vec::new() };
    let inside = area.width.saturating_sub(4);
    let rows = lines(sky, inside).len() + wrap(WAITS, inside).len() + 2;
    let top = Rect { height: (rows as u16).min(area.height / 2), ..area };
    let satellites = earliest(sky.contacts(), usize::from(area.height)).len();
    let rest = area.height - top.height;
    let middle = Rect { y: top.bottom(), height: (satellites as u16 + 4).min(rest / 2), ..area };
    let bottom = Rect { y: middle.bottom(), height: rest - middle.height, ..area };
    let number = match sky.report.sites.len() {
        1 => String::new(),
        sites => format!("{} of {sites} · ", sky.site + 1),
    };
    let title = format!("{number}{} · {} · above {}°", site.name, place(site), sky.report.min_elevation_deg);
    let windows = contacts(app).len();
    vec![
        panel(title, top, draw_figures),
        panel("Maximum elevation over time", middle, timeline),
        panel(format!("Windows · {windows}"), bottom, list),
    ]
}

fn draw_figures(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(sky) = &app.sky else { return };
    let waits = wrap(WAITS, area.width).into_iter().map(|text| (Ink::Faint, "", 0, text));
    let figures = lines(sky, area.width).into_iter().map(|(name, text)| (Ink::Plain, name, NAMES, text));
    for (y, (ink, name, indent, text)) in (area.y..area.bottom()).zip(figures.chain(waits)) {
        canvas.text(area, (area.x, y), Ink::Faint, name);
        canvas.text(area, (area.x + indent, y), ink, &text);
    }
}

/// Why there are no windows.
fn none(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let kept = app.sky.as_ref().and_then(Sky::site).is_some_and(|site| site.figures.passes == 0);
    let filtered = app.sky.as_ref().is_some_and(|sky| !sky.contacts().is_empty());
    let text = match (kept, filtered) {
        (true, _) => "no satellite ever comes into view",
        (_, true) => "no satellite with this name comes into view",
        _ => "single windows are not kept with --area and --per-site",
    };
    canvas.text(area, (area.x, area.y), Ink::Faint, text);
}

/// A row for all satellites together, and one for each of those with the earliest windows.
fn timeline(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(sky) = &app.sky else { return };
    let (contacts, span) = (contacts(app), sky.report.span);
    if contacts.is_empty() || area.width <= NAMES + 1 {
        return none(app, canvas, area);
    }
    let plot = Rect { x: area.x + NAMES, width: area.width - NAMES, ..area };
    let columns = usize::from(plot.width);
    let column = |at: Utc| (at.seconds_since(span.start) / span.seconds() * f64::from(plot.width)) as u16;
    for number in 0..plot.width / TICKS {
        let at = span.start.plus(span.seconds() * f64::from(number * TICKS) / f64::from(plot.width));
        canvas.text(plot, (plot.x + number * TICKS, plot.y), Ink::Faint, &format!("│{}", tick(at, span)));
    }
    let now = (plot.x + column(sky.at).min(plot.width - 1), plot.y);
    canvas.text(plot, now, Ink::Focus, "▼");
    let all: Vec<Contact> = contacts.into_iter().copied().collect();
    let each = earliest(&all, usize::from(area.height)).into_iter().map(Some);
    for (y, satellite) in (area.y + 1..area.bottom()).zip(std::iter::once(None).chain(each)) {
        let own = all.iter().filter(|contact| satellite.is_none_or(|number| number == contact.window.satellite));
        let name = satellite.map_or("all", |number| &sky.satellites[number as usize].name);
        let ink = if satellite.is_none() { Ink::Strong } else { Ink::Plain };
        canvas.text(area, (area.x, y), ink, &fit(name, NAMES - 1));
        let row: String = profile(own, span, columns).into_iter().map(|degrees| degrees.map_or(' ', height)).collect();
        canvas.text(plot, (plot.x, y), Ink::Time, &row);
    }
}

/// The windows in the order of time, each with a sign: over, now, or to come.
fn list(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(sky) = &app.sky else { return };
    let contacts = contacts(app);
    if contacts.is_empty() {
        return none(app, canvas, area);
    }
    let fits = |count: &usize| COLUMNS[..*count].iter().map(|(_, wide)| wide).sum::<usize>() + 22 <= area.width.into();
    let columns = &COLUMNS[..(1..=COLUMNS.len()).rev().find(fits).unwrap_or(1)];
    let row = |canvas: &mut Canvas<'_>, y: u16, ink: Ink, (name, cells): (&str, &[String])| {
        canvas.text(area, (area.x + 2, y), ink, &fit(name, NAMES));
        let mut end = area.x + NAMES + 2;
        for (cell, (_, wide)) in cells.iter().zip(columns) {
            end += *wide as u16;
            canvas.right(area, (end, y), ink, cell);
        }
    };
    row(canvas, area.y, Ink::Faint, ("satellite", &COLUMNS.map(|(title, _)| title.to_owned())));
    let chosen = app.row().min(contacts.len() - 1);
    let first = scroll(chosen, contacts.len(), area.height.saturating_sub(1));
    for (y, (number, contact)) in (area.y + 1..area.bottom()).zip(contacts.iter().enumerate().skip(first)) {
        let (ink, sign) = match contact.window {
            window if window.end < sky.at => (Ink::Faint, "·"),
            window if window.start <= sky.at => (Ink::Good, "▶"),
            _ => (Ink::Plain, " "),
        };
        canvas.text(area, (area.x, y), ink, sign);
        row(canvas, y, ink, (&sky.satellites[contact.window.satellite as usize].name, &cells(contact)));
        if number == chosen {
            canvas.mark(Rect { y, height: 1, ..area }, Ink::Chosen);
        }
    }
}

/// The windows, as the command writes them.
pub(super) fn table(app: &App) -> Vec<Vec<String>> {
    let titles = ["site", "satellite", "rise", "highest", "set", "duration_s", "max_elevation_deg"];
    let mut rows = vec![titles.map(str::to_owned).to_vec()];
    let Some((sky, site)) = app.sky.as_ref().and_then(|sky| Some((sky, sky.site()?))) else { return rows };
    for contact in contacts(app) {
        let row = PassRow::new(contact, &sky.satellites[contact.window.satellite as usize], sky.report.span);
        let numbers = [row.duration_s.to_string(), row.max_elevation_deg.to_string()];
        let texts = [site.name.clone(), row.satellite, row.rise, row.highest, row.set];
        rows.push(texts.into_iter().chain(numbers).collect());
    }
    rows
}
