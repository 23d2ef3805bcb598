//! Two-line element sets, with or without a line for the name. Columns are counted from 1, as the format's descriptions do.

use std::ops::Range;

use super::super::tree::shorten;
use super::{DOWNLOAD, Page, lines};
use crate::orbit::{Elements, Kind, Utc};

/// Columns of a line.
const WIDTH: usize = 69;

/// A line and its first byte.
#[derive(Clone, Copy)]
struct Line<'a> {
    at: usize,
    text: &'a str,
}

pub(super) fn read(page: &mut Page<'_>) -> Vec<Elements> {
    let text = page.text;
    let lines: Vec<Line<'_>> = lines(text)
        .map(|(at, text)| Line { at, text: text.trim_end().trim_start_matches('\u{feff}') })
        .filter(|line| !line.text.is_empty() && !line.text.starts_with('#'))
        .collect();
    if !lines.iter().any(|line| line.is_numbered('1') || line.is_numbered('2')) {
        let at = lines.first().map_or(0..0, Line::range);
        let what = "these are no orbital elements";
        page.report(at, what, "lines that begin with `1 ` and `2 `, or an OMM in JSON, CSV, XML or KVN", DOWNLOAD);
        return Vec::new();
    }
    let mut objects = Vec::new();
    let mut name = None;
    let mut rest = lines.as_slice();
    while let Some((line, behind)) = rest.split_first() {
        rest = behind;
        if line.is_numbered('2') {
            page.report(line.range(), "a line 2 without a line 1 before it", "two lines for each object", DOWNLOAD);
            name = None;
        } else if !line.is_numbered('1') {
            if let Some(name) = name.replace(*line) {
                nameless(page, name);
            }
        } else if let Some((second, behind)) = rest.split_first().filter(|(second, _)| second.is_numbered('2')) {
            rest = behind;
            objects.extend(object(page, name.take(), *line, *second));
        } else {
            page.report(line.range(), "a line 1 without a line 2 behind it", "two lines for each object", DOWNLOAD);
            name = None;
        }
    }
    if let Some(name) = name {
        nameless(page, name);
    }
    objects
}

fn nameless(page: &mut Page<'_>, name: Line<'_>) {
    let what = format!("\"{}\" is followed by no elements", shorten(name.text, 30));
    page.report(name.range(), what, "a line that begins with `1 ` behind the name", DOWNLOAD);
}

impl<'a> Line<'a> {
    /// Whether it is a line of elements with this number, and not a name that begins alike.
    fn is_numbered(&self, number: char) -> bool {
        self.text.len() > 40 && self.text.starts_with(number) && self.text.as_bytes()[1] == b' '
    }

    fn range(&self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    /// The columns from one to another, without blanks around them, and where they stand.
    fn columns(&self, from: usize, to: usize) -> (&'a str, Range<usize>) {
        let raw = self.text.get(from - 1..to).unwrap_or("");
        let text = raw.trim();
        let start = self.at + from - 1 + (raw.len() - raw.trim_start().len());
        (text, start..start + text.len().max(1))
    }
}

fn object(page: &mut Page<'_>, name: Option<Line<'_>>, first: Line<'_>, second: Line<'_>) -> Option<Elements> {
    // Both, so that all mistakes are told.
    let sound = [sound(page, first), sound(page, second)];
    if sound != [true, true] {
        return None;
    }
    let number = catalogue_number(page, first);
    let (text, at) = second.columns(3, 7);
    if text != first.columns(3, 7).0 {
        let what = format!("this line is of object {text}, the line before of {}", first.columns(3, 7).0);
        page.report(at, what, "both lines of an object with its number", DOWNLOAD);
        return None;
    }
    let (kind, at) = first.columns(63, 63);
    if !["", "0", "1", "2"].contains(&kind) {
        page.report(at, format!("these elements are of type {kind}"), "type 0, which is SGP4", "ask for SGP4 elements");
        return None;
    }
    let epoch = epoch(page, first);
    let drag = drag(page, first);
    let mut number_of = |title: &str, from, to, kind| {
        let (text, at) = second.columns(from, to);
        page.number(title, text, at, kind)
    };
    let inclination_deg = number_of("the inclination", 9, 16, Kind::Inclination);
    let node_deg = number_of("the right ascension of the node", 18, 25, Kind::Turn);
    let perigee_deg = number_of("the argument of perigee", 35, 42, Kind::Turn);
    let anomaly_deg = number_of("the mean anomaly", 44, 51, Kind::Turn);
    let mean_motion = number_of("the mean motion", 53, 63, Kind::MeanMotion);
    let (digits, at) = second.columns(27, 33);
    let eccentricity =
        page.number("the eccentricity", &format!("0.{}", digits.replace(' ', "0")), at, Kind::Eccentricity);
    let name = name.map(|line| line.text.strip_prefix("0 ").unwrap_or(line.text).trim());
    let elements = Elements {
        name: name.map_or_else(|| first.columns(3, 7).0.to_owned(), |name| shorten(name, 60)),
        number: Some(number?),
        epoch: epoch?,
        mean_motion: mean_motion?,
        eccentricity: eccentricity?,
        inclination_deg: inclination_deg?,
        node_deg: node_deg?,
        perigee_deg: perigee_deg?,
        anomaly_deg: anomaly_deg?,
        drag: drag?,
    };
    page.start(elements, first.range())
}

/// Whether a line has its columns, and the checksum that belongs to them.
fn sound(page: &mut Page<'_>, line: Line<'_>) -> bool {
    if let Some((at, odd)) = line.text.char_indices().find(|(_, c)| !c.is_ascii_graphic() && *c != ' ') {
        let what = format!("there is a character that does not belong here: {}", odd.escape_unicode());
        let at = line.at + at;
        page.report(at..at + odd.len_utf8(), what, "digits, letters, signs and blanks", DOWNLOAD);
        return false;
    }
    if line.text.len() < WIDTH {
        let what = format!("the line has {} columns", line.text.len());
        page.report(line.range(), what, format!("{WIDTH} columns"), DOWNLOAD);
        return false;
    }
    // Digits count what they are, a minus counts one.
    let sum = line.text.bytes().take(WIDTH - 1).map(|byte| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'-' => 1,
        _ => 0,
    });
    let sum = sum.sum::<u32>() % 10;
    let (found, at) = line.columns(WIDTH, WIDTH);
    if found != sum.to_string() {
        let what = format!("the checksum is \"{found}\": something in this line was changed");
        page.report(at, what, format!("{sum}, which is what the line adds up to"), DOWNLOAD);
        return false;
    }
    true
}

/// The number in the catalogue, whose first digit may be a letter: A is 10, without I and O (Alpha-5).
fn catalogue_number(page: &mut Page<'_>, line: Line<'_>) -> Option<u64> {
    let (text, at) = line.columns(3, 7);
    let mut bytes = text.bytes();
    let first = bytes.next().unwrap_or(b' ');
    let lead = match first {
        b'0'..=b'9' => Some(u64::from(first - b'0')),
        b'A'..=b'H' => Some(u64::from(first - b'A') + 10),
        b'J'..=b'N' => Some(u64::from(first - b'J') + 18),
        b'P'..=b'Z' => Some(u64::from(first - b'P') + 23),
        _ => None,
    };
    let mut rest = bytes.map(|byte| byte.is_ascii_digit().then(|| u64::from(byte - b'0')));
    let number = rest.try_fold(lead, |number, digit| Some(Some(number? * 10 + digit?))).flatten();
    if number.is_none() || (first.is_ascii_uppercase() && text.len() != 5) {
        let what = format!("the catalogue number is \"{}\"", shorten(text, 10));
        let expected = "five digits, the first of which may be a letter from A to Z but not I or O";
        page.report(at, what, expected, "");
        return None;
    }
    number
}

/// Two digits of a year from 1957 to 2056, and the day in it with its fraction.
fn epoch(page: &mut Page<'_>, line: Line<'_>) -> Option<Utc> {
    let (text, at) = line.columns(19, 32);
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ');
    let read = || {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let (year, day) = (whole.get(..2)?, whole.get(2..)?);
        if !digits(whole) || !digits(fraction) || fraction.len() > 9 {
            return None;
        }
        let year: i64 = year.trim().parse().ok()?;
        let day: i64 = day.trim().parse().ok()?;
        let parts: i64 = fraction.trim().parse().ok()?;
        // Ten to the power of the missing digits; a nanosecond is finer than the last of them.
        let scale = 10f64.powi(fraction.trim().len() as i32);
        let nanoseconds = (parts as f64 / scale * 86_400e9).round() as i64;
        Utc::of_year(if year < 57 { 2000 + year } else { 1900 + year }, day, nanoseconds)
    };
    let found = read();
    if found.is_none() {
        let what = format!("the epoch is \"{}\"", shorten(text, 20));
        page.report(at, what, "two digits of the year and the day in it, such as 25023.50000000", "");
    }
    found
}

/// B* as `12345-3` with a decimal point in front of the digits: 0.12345e-3.
fn drag(page: &mut Page<'_>, line: Line<'_>) -> Option<f64> {
    let (text, at) = line.columns(54, 61);
    let split = text.rfind(['+', '-']).filter(|place| *place > 0);
    let (digits, exponent) = split.map_or((text, "0"), |place| text.split_at(place));
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits.trim_start_matches('+')),
    };
    page.number("the drag term B*", &format!("{sign}0.{}e{exponent}", digits.trim()), at, Kind::Drag)
}
