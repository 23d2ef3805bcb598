//! Files of orbital elements as people download them: TLE with two and three lines, and the Orbit Mean-Elements Message (CCSDS 502.0) in
//! JSON, CSV, XML and KVN. What is wrong with an object is reported where it stands, and the others can be used.

mod csv;
mod json;
mod kvn;
mod omm;
mod tle;
mod xml;

use std::collections::BTreeMap;
use std::ops::Range;

use super::problem::Problem;
use super::tree::{Sources, Span, shorten};
use crate::orbit::{self, Elements, Kind, Utc};

/// Bytes of one file: some 500,000 objects in the longest of the formats.
pub const MAX_BYTES: usize = 512 << 20;
/// Problems that are kept; the others are counted.
const KEPT: usize = 200;
/// What to do about a file that is none.
const DOWNLOAD: &str = "download it again, for example from CelesTrak as TLE, CSV, XML, KVN or JSON";

/// Elements older than this are off by kilometres to tens of them in a low orbit, days: errors of SGP4 grow by 1 to 3 km a day there
/// (Vallado and others, AIAA 2006-6753).
pub const OLD_DAYS: f64 = 14.0;

/// How many elements of these epochs are so old at the end of a time, or so far ahead of its beginning.
pub fn stale(epochs: impl Iterator<Item = Utc>, time: orbit::Span) -> usize {
    let days = |epoch: Utc, at: Utc| at.seconds_since(epoch) / 86_400.0;
    epochs.filter(|epoch| days(*epoch, time.end) > OLD_DAYS || days(*epoch, time.start) < -OLD_DAYS).count()
}

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The objects without a mistake, in the order of the file; of those that are there several times, the newest.
    pub objects: Vec<Elements>,
    /// What is wrong with the others, up to a limit.
    pub problems: Vec<Problem>,
    /// How many things are wrong.
    pub wrong: usize,
    /// Objects that were left out because newer elements of them are in the file.
    pub superseded: usize,
}

/// Reads a file in whichever of the formats it is.
#[must_use]
pub fn read(name: &str, text: &str) -> Reading {
    let mut page = Page::new(name, text);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let first = start.lines().next().unwrap_or("");
    let objects = if start.is_empty() {
        page.report(0..0, "the file is empty", "orbital elements", DOWNLOAD);
        Vec::new()
    } else if start.starts_with(['{', '[']) {
        json::read(&mut page)
    } else if start.starts_with('<') {
        xml::read(&mut page)
    } else if first.starts_with("CCSDS_OMM_VERS") {
        kvn::read(&mut page)
    } else if first.contains(',') && first.contains("MEAN_MOTION") {
        csv::read(&mut page)
    } else {
        tle::read(&mut page)
    };
    if objects.is_empty() && page.wrong == 0 {
        page.report(0..0, "there are no orbital elements in this file", "at least one object", DOWNLOAD);
    }
    let all = objects.len();
    let objects = newest(objects);
    let superseded = all - objects.len();
    Reading { objects, superseded, problems: page.problems, wrong: page.wrong }
}

/// Leaves of each numbered object its newest elements.
fn newest(objects: Vec<Elements>) -> Vec<Elements> {
    let mut best: BTreeMap<u64, usize> = BTreeMap::new();
    for (place, object) in objects.iter().enumerate() {
        let Some(number) = object.number else { continue };
        let known = best.entry(number).or_insert(place);
        if objects[*known].epoch < object.epoch {
            *known = place;
        }
    }
    let keep = |place: usize, object: &Elements| object.number.is_none_or(|number| best.get(&number) == Some(&place));
    objects.into_iter().enumerate().filter(|(place, object)| keep(*place, object)).map(|(_, object)| object).collect()
}

/// A text that is read, and what was found wrong with it. Places in it are bytes.
struct Page<'a> {
    text: &'a str,
    sources: Sources,
    source: u32,
    problems: Vec<Problem>,
    wrong: usize,
}

impl<'a> Page<'a> {
    fn new(name: &str, text: &'a str) -> Page<'a> {
        let mut sources = Sources::default();
        let source = sources.add(name, text, true);
        Page { text, sources, source, problems: Vec::new(), wrong: 0 }
    }

    /// Reports a mistake.
    fn report(&mut self, at: Range<usize>, what: impl Into<String>, expected: impl Into<String>, help: &str) {
        self.wrong += 1;
        if self.problems.len() >= KEPT {
            return;
        }
        let before = self.text.get(..at.start).unwrap_or(self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() as u32 + 1;
        let from = before.rfind('\n').map_or(0, |end| end + 1);
        let column = before[from..].chars().count() as u32;
        let width = self.text.get(at).map_or(0, |part| part.lines().next().unwrap_or("").chars().count()) as u32;
        let span = Span { source: self.source, line, column, width };
        let problem = Problem::at(&self.sources, span, what).help(help);
        let expected = expected.into();
        self.problems.push(if expected.is_empty() { problem } else { problem.expected(expected) });
    }

    /// The number that a field holds.
    fn number(&mut self, title: &str, text: &str, at: Range<usize>, kind: Kind) -> Option<f64> {
        let (low, high) = kind.range();
        // Not what Rust reads besides: names of infinities, and of what is not a number.
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        let found = text.parse().ok().filter(|number| plain && (low..=high).contains(number));
        if found.is_none() {
            let what = format!("{title} is \"{}\"", shorten(text, 30));
            self.report(at, what, format!("a number from {low} to {high}"), "");
        }
        found
    }

    /// The object, if SGP4 can start from it.
    fn start(&mut self, elements: Elements, at: Range<usize>) -> Option<Elements> {
        match elements.satellite() {
            Ok(_) => Some(elements),
            Err(error) => {
                let what = format!("{}: {error}", shorten(&elements.name, 40));
                self.report(at, what, "an orbit around the Earth", "leave the object out");
                None
            }
        }
    }
}

/// The lines of a text with the places of their first bytes, without the ends of lines.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split('\n').map(move |line| {
        let at = start;
        start += line.len() + 1;
        (at, line.strip_suffix('\r').unwrap_or(line))
    })
}

#[cfg(test)]
mod tests;
