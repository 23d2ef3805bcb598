//! Comma-separated values: a line of keywords in any order, a line per object. Cells may stand in quotes.

use std::borrow::Cow;
use std::ops::Range;

use super::omm::{Field, Message, object};
use super::{DOWNLOAD, Page, lines};
use crate::orbit::Elements;

/// Text and place of a cell.
type Cell<'a> = (Cow<'a, str>, Range<usize>);

pub(super) fn read(page: &mut Page<'_>) -> Vec<Elements> {
    let mut titles: Vec<Cow<'_, str>> = Vec::new();
    let mut objects = Vec::new();
    for (at, line) in lines(page.text) {
        let at_text = at + (line.len() - line.trim_start_matches('\u{feff}').len());
        let line = line.trim_start_matches('\u{feff}');
        if line.trim().is_empty() {
            continue;
        }
        let cells = cells(at_text, line);
        if titles.is_empty() {
            titles = cells.into_iter().map(|(text, _)| text).collect();
            continue;
        }
        let range = at_text..at_text + line.len();
        if cells.len() != titles.len() {
            let what = format!("the line has {} cells", cells.len());
            let expected = format!("{} cells, as the first line has keywords", titles.len());
            page.report(range, what, expected, DOWNLOAD);
            continue;
        }
        let fields = titles.iter().zip(cells).map(|(key, (text, at))| Field { key: Cow::Borrowed(key), text, at });
        let message = Message { fields: fields.collect(), at: range };
        objects.extend(object(page, &message));
    }
    objects
}

fn cells(at: usize, line: &str) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    let mut start = 0;
    loop {
        let rest = &line[start..];
        let end = match rest.strip_prefix('"') {
            Some(quoted) => start + 1 + closing(quoted),
            None => start,
        };
        let end = line[end..].find(',').map_or(line.len(), |comma| end + comma);
        let raw = &line[start..end];
        let text = match raw.trim().strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
            Some(inner) if inner.contains("\"\"") => Cow::Owned(inner.replace("\"\"", "\"")),
            Some(inner) => Cow::Borrowed(inner),
            None => Cow::Borrowed(raw.trim()),
        };
        cells.push((text, at + start..at + end));
        if end == line.len() {
            return cells;
        }
        start = end + 1;
    }
}

/// The place behind the quote that ends a text in quotes, or its end; two quotes in a row stand for one.
fn closing(quoted: &str) -> usize {
    let mut place = 0;
    while let Some(quote) = quoted[place..].find('"') {
        place += quote + 1;
        if !quoted[place..].starts_with('"') {
            return place;
        }
        place += 1;
    }
    quoted.len()
}
