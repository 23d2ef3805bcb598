//! Contact windows as text: the figures of each place and, for a single one, a timeline and a list.

use super::canvas::{Ink, Line, flow, wrap};
use super::{INDENT, Look};
use crate::orbit::passes::Contact;
use crate::orbit::{Satellite, Span, Utc};
use crate::report::format::{counted, percent, seconds};
use crate::report::passes::{PassReport, SiteReport, WAITS};

/// Rows of a timeline, contacts of a list and places of a table that are shown.
const ROWS: usize = 16;
const CONTACTS: usize = 40;
const SITES: usize = 60;
/// Where figures begin.
const NAMES: usize = INDENT + 22;

/// Renders the report. Each line ends with a line feed.
#[must_use]
pub fn render(report: &PassReport, satellites: &[Satellite], look: &Look) -> String {
    let look = &Look { width: look.width.clamp(80, 140), ..*look };
    let mut out = String::new();
    let facts = [
        (Ink::Plain, format!("{} to {}", report.start, report.end)),
        (Ink::Plain, format!("above {}°", report.min_elevation_deg)),
        (Ink::Plain, counted(report.sites.len() as u64, "site")),
    ];
    Line::new(look).put(Ink::Strong, "Passes").finish(&mut out);
    flow(&mut out, look, ("", 0), &facts);
    if report.interrupted {
        Line::new(look).put(Ink::Caution, "INTERRUPTED before its end").finish(&mut out);
    }
    for source in &report.sources {
        let age = source
            .age_days
            .map_or_else(String::new, |[least, most]| format!(", elements {least:.1} to {most:.1} d old at the start"));
        let text = format!("{} of {}{age}", counted(source.satellites as u64, "satellite"), source.name);
        for text in wrap(look, &text, look.width - INDENT) {
            Line::new(look).gap(INDENT).put(Ink::Plain, &text).finish(&mut out);
        }
    }
    for note in &report.notes {
        for (number, text) in wrap(look, note, look.width - INDENT - 2).into_iter().enumerate() {
            Line::new(look)
                .gap(INDENT)
                .left(Ink::Caution, if number == 0 { "!" } else { "" }, 2)
                .put(Ink::Plain, &text)
                .finish(&mut out);
        }
    }
    match report.sites.as_slice() {
        [site] => single(&mut out, site, satellites, report.span, look),
        sites => several(&mut out, report, sites, look),
    }
    out.push('\n');
    for text in wrap(look, WAITS, look.width) {
        Line::new(look).put(Ink::Faint, &text).finish(&mut out);
    }
    out
}

/// Where a place is.
#[must_use]
pub fn place(site: &SiteReport) -> String {
    format!("{:.4}°, {:.4}°, {:.0} m", site.latitude_deg, site.longitude_deg, site.altitude_m)
}

fn single(out: &mut String, site: &SiteReport, satellites: &[Satellite], span: Span, look: &Look) {
    out.push('\n');
    let line = Line::new(look).put(Ink::Strong, &site.name).gap(2).put(Ink::Plain, &place(site));
    line.gap(2).rule(look.width).finish(out);
    for (name, text) in figures(site, span) {
        Line::new(look).gap(INDENT).put(Ink::Faint, name).to(NAMES).put(Ink::Plain, &text).finish(out);
    }
    if site.contacts.is_empty() {
        return;
    }
    out.push('\n');
    timeline(out, &site.contacts, satellites, span, look);
    out.push('\n');
    list(out, &site.contacts, satellites, look);
}

/// What the windows of a place come to, in words; each with its name.
#[must_use]
pub fn figures(site: &SiteReport, span: Span) -> Vec<(&'static str, String)> {
    let figures = &site.figures;
    let or_none = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), seconds);
    let day = span.seconds() / 86_400.0;
    let mut rows = vec![
        ("covered", percent(figures.covered)),
        ("satellites in view", format!("{:.2} in the mean", figures.in_view)),
        (
            "passes",
            format!(
                "{}, {:.1} a day, {} each in the mean",
                figures.passes,
                figures.passes as f64 / day,
                or_none(figures.mean_pass_s)
            ),
        ),
        (
            "gaps",
            format!(
                "{}, mean {}, longest {}",
                figures.gaps,
                or_none(figures.mean_gap_s),
                or_none(figures.longest_gap_s)
            ),
        ),
    ];
    rows.push((
        "wait",
        figures.wait.as_ref().map_or_else(
            || "no satellite ever comes into view".to_owned(),
            |wait| {
                let [mean, p50, p95, max] = [wait.mean_s, wait.p50_s, wait.p95_s, wait.max_s].map(seconds);
                format!("mean {mean}, half at most {p50}, 95 % at most {p95}, longest {max}")
            },
        ),
    ));
    rows
}

/// A row for each satellite, those with the earliest contacts first, and one for all. A column is as high as the highest elevation in
/// its time.
fn timeline(out: &mut String, contacts: &[Contact], satellites: &[Satellite], span: Span, look: &Look) {
    let columns = look.width - NAMES - 1;
    let order = earliest(contacts, ROWS);
    axis(out, span, columns, look);
    for satellite in &order {
        let own = contacts.iter().filter(|contact| contact.window.satellite == *satellite);
        let name = look.fit(&satellites[*satellite as usize].name, NAMES - INDENT - 1);
        row(out, &name, own, span, columns, look);
    }
    if order.len() > 1 {
        row(out, "all", contacts.iter(), span, columns, look);
    }
}

/// The satellites of the earliest contacts, `most` of them at most.
#[must_use]
pub fn earliest(contacts: &[Contact], most: usize) -> Vec<u32> {
    let mut order: Vec<u32> = Vec::new();
    for contact in contacts {
        if order.len() < most && !order.contains(&contact.window.satellite) {
            order.push(contact.window.satellite);
        }
    }
    order
}

/// An instant on the axis of a timeline: the time of the day, or of a long one the date.
#[must_use]
pub fn tick(at: Utc, span: Span) -> String {
    if span.seconds() > 2.0 * 86_400.0 { at.date()[5..].to_owned() } else { at.clock()[..5].to_owned() }
}

/// The highest elevation in the time of each of so many columns, degrees; none where there is no contact.
#[must_use]
pub fn profile<'a>(contacts: impl Iterator<Item = &'a Contact>, span: Span, columns: usize) -> Vec<Option<f64>> {
    let mut highest: Vec<Option<f64>> = vec![None; columns];
    let last = columns.saturating_sub(1);
    let column = |at: Utc| ((at.seconds_since(span.start) / span.seconds() * columns as f64) as usize).min(last);
    for contact in contacts {
        let elevation = contact.highest.elevation_deg;
        for known in highest.iter_mut().take(column(contact.window.end) + 1).skip(column(contact.window.start)) {
            *known = Some(known.map_or(elevation, |known: f64| known.max(elevation)));
        }
    }
    highest
}

/// The sign of an elevation: the higher, the fuller.
#[must_use]
pub fn height(degrees: f64) -> char {
    const HIGH: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    HIGH[((degrees.max(0.0) / 90.0 * 8.0) as usize).min(7)]
}

/// The times of the day at which columns stand.
fn axis(out: &mut String, span: Span, columns: usize, look: &Look) {
    let mut line = Line::new(look).to(NAMES);
    let marks = columns / 12;
    for number in 0..marks {
        let at = span.start.plus(span.seconds() * number as f64 * 12.0 / columns as f64);
        let text = tick(at, span);
        line = line.to(NAMES + number * 12).put(Ink::Faint, &format!("{}{text}", if look.unicode { "╷" } else { "|" }));
    }
    line.finish(out);
}

fn row<'a>(
    out: &mut String,
    name: &str,
    contacts: impl Iterator<Item = &'a Contact>,
    span: Span,
    columns: usize,
    look: &Look,
) {
    let text: String = profile(contacts, span, columns)
        .into_iter()
        .map(|elevation| match elevation {
            None => ' ',
            Some(degrees) if look.unicode => height(degrees),
            Some(degrees) if degrees >= 45.0 => '#',
            Some(_) => '=',
        })
        .collect();
    let start = text.len() - text.trim_start().len();
    let line = Line::new(look).gap(INDENT).put(Ink::Plain, name).to(NAMES + start);
    line.put(Ink::Time, text.trim()).finish(out);
}

/// Columns of a list of contacts with their widths; what each says of a contact is one of [`cells`].
pub const COLUMNS: [(&str, usize); 7] =
    [("rises", 22), ("sets", 11), ("lasts", 10), ("highest", 9), ("at", 10), ("azimuths", 16), ("Doppler", 14)];

/// What a list says of a contact, in the order of [`COLUMNS`].
#[must_use]
pub fn cells(contact: &Contact) -> [String; 7] {
    let window = contact.window;
    let azimuths = [contact.rise, contact.highest, contact.set].map(|look| format!("{:.0}", look.azimuth_deg));
    [
        format!("{} {}", window.start.date(), window.start.clock()),
        window.end.clock(),
        seconds(window.end.seconds_since(window.start)),
        format!("{:.1}°", contact.highest.elevation_deg),
        contact.highest_at.clock(),
        format!("{}°", azimuths.join("-")),
        format!("±{:.1} ppm", contact.rise.doppler().abs().max(contact.set.doppler().abs()) * 1e6),
    ]
}

fn list(out: &mut String, contacts: &[Contact], satellites: &[Satellite], look: &Look) {
    let columns = &COLUMNS[..if look.width < 116 { 5 } else { 7 }];
    let line = Line::new(look).gap(INDENT).left(Ink::Faint, "satellite", 20);
    columns.iter().fold(line, |line, (title, width)| line.right(Ink::Faint, title, *width)).finish(out);
    for contact in contacts.iter().take(CONTACTS) {
        let name = look.fit(&satellites[contact.window.satellite as usize].name, 20);
        let line = Line::new(look).gap(INDENT).left(Ink::Plain, &name, 20);
        let cells = cells(contact);
        let cells = cells.iter().zip(columns);
        cells.fold(line, |line, (cell, (_, width))| line.right(Ink::Plain, cell, *width)).finish(out);
    }
    if contacts.len() > CONTACTS {
        let text = format!("and {} more; --format csv has them all", contacts.len() - CONTACTS);
        Line::new(look).gap(INDENT).put(Ink::Faint, &text).finish(out);
    }
}

fn several(out: &mut String, report: &PassReport, sites: &[SiteReport], look: &Look) {
    out.push('\n');
    const TITLES: [(&str, usize); 6] =
        [("covered", 10), ("in view", 9), ("passes", 9), ("longest gap", 13), ("mean wait", 11), ("95 % wait", 11)];
    let line = Line::new(look).left(Ink::Faint, "site", NAMES - 8);
    TITLES.iter().fold(line, |line, (title, width)| line.right(Ink::Faint, title, *width)).finish(out);
    let or_none = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), seconds);
    for site in sites.iter().take(SITES) {
        let figures = &site.figures;
        let wait = figures.wait.as_ref();
        let cells = [
            percent(figures.covered),
            format!("{:.2}", figures.in_view),
            figures.passes.to_string(),
            or_none(figures.longest_gap_s),
            wait.map_or_else(|| "never".to_owned(), |wait| seconds(wait.mean_s)),
            wait.map_or_else(|| "never".to_owned(), |wait| seconds(wait.p95_s)),
        ];
        let line = Line::new(look).left(Ink::Plain, &look.fit(&site.name, NAMES - 9), NAMES - 8);
        let cells = cells.iter().zip(&TITLES);
        cells.fold(line, |line, (cell, (_, width))| line.right(Ink::Plain, cell, *width)).finish(out);
    }
    if sites.len() > SITES {
        let text = format!("and {} more; --format csv --per-site has them all", sites.len() - SITES);
        Line::new(look).put(Ink::Faint, &text).finish(out);
    }
    if let Some(area) = &report.area {
        out.push('\n');
        let facts = [
            (Ink::Strong, "Area".to_owned()),
            (Ink::Plain, format!("{} covered", percent(area.covered))),
            (Ink::Plain, format!("{:.2} satellites in view", area.in_view)),
            (Ink::Plain, format!("mean wait {}", or_none(area.mean_wait_s))),
            (Ink::Plain, format!("longest gap {}", or_none(area.longest_gap_s))),
            (Ink::Plain, format!("least covered at {}", area.least_covered)),
        ];
        flow(out, look, ("", 0), &facts);
    }
}
