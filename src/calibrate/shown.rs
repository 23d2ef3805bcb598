//! How numbers and verdicts of a report read, for all views.

use super::report::{CaseReport, Counts, ExpectationReport, Kind, Part, Tally, Verdict};
use crate::report::format::{counted, significant};

/// Values of one expectation up to which each has a line of its own, unless one is outside.
const FEW: usize = 4;

/// A line of a table.
pub(super) struct Row {
    /// What it is about.
    pub name: String,
    pub expected: String,
    pub range: String,
    pub simulated: String,
    pub deviation: String,
    pub inside: bool,
    /// The value as a place in its range: 0 at the lower end, 1 at the upper, beyond if outside.
    pub place: Option<f64>,
}

/// The lines of an expectation. Of many values those that are inside share a line.
pub(super) fn rows(expectation: &ExpectationReport) -> Vec<Row> {
    let name =
        |label: &str| if label.is_empty() { expectation.name.clone() } else { format!("{} {label}", expectation.name) };
    let parts = &expectation.parts;
    if let Some(ascending) = expectation.ascending {
        let values: Vec<String> = parts.iter().map(simulated).collect();
        return vec![Row {
            name: name(""),
            expected: "ascending".to_owned(),
            range: String::new(),
            simulated: values.join(if ascending { " < " } else { ", " }),
            deviation: String::new(),
            inside: ascending,
            place: None,
        }];
    }
    if parts.len() <= FEW {
        return parts.iter().map(|part| row(name(&part.label), part)).collect();
    }
    let inside: Vec<&Part> = parts.iter().filter(|part| part.inside).collect();
    let outside = parts.iter().filter(|part| !part.inside).map(|part| row(name(&part.label), part));
    let largest = inside.iter().max_by(|a, b| size(a).total_cmp(&size(b)));
    let ends = |of: fn(&Part) -> String| match (parts.first(), parts.last()) {
        (Some(first), Some(last)) => between(&of(first), &of(last)),
        _ => String::new(),
    };
    let together = Row {
        name: name(&counted(parts.len() as u64, "value")),
        expected: ends(expected),
        range: if parts.iter().all(is_exact) { "exactly".to_owned() } else { "each in its own".to_owned() },
        simulated: if inside.len() == parts.len() { ends(simulated) } else { format!("{} inside", inside.len()) },
        deviation: largest.map_or_else(String::new, |part| match deviation(part) {
            text if text.is_empty() || text.starts_with('0') => text,
            text => format!("≤ {}", text.trim_start_matches(['+', '−'])),
        }),
        inside: inside.len() == parts.len(),
        place: None,
    };
    [together].into_iter().chain(outside).collect()
}

/// The first and the last of several values, the unit once if it is the same.
fn between(first: &str, last: &str) -> String {
    match (first.rsplit_once(' '), last.rsplit_once(' ')) {
        (Some((number, unit)), Some((_, other))) if unit == other => format!("{number} … {last}"),
        _ => format!("{first} … {last}"),
    }
}

fn size(part: &Part) -> f64 {
    part.deviation.map_or(0.0, f64::abs)
}

/// A line for one value.
pub(super) fn row(name: String, part: &Part) -> Row {
    let place =
        part.simulated.zip(part.lowest.zip(part.highest)).map(|(value, (low, high))| (value - low) / (high - low));
    Row {
        name,
        expected: expected(part),
        range: range(part),
        simulated: simulated(part),
        deviation: deviation(part),
        inside: part.inside,
        place: place.filter(|place| place.is_finite() && !is_exact(part)),
    }
}

/// Three significant digits, or more if the document gives more decimals; whole numbers as they are.
fn number(value: f64, decimals: usize) -> String {
    if value.fract() == 0.0 {
        return minus(format!("{value:.decimals$}"));
    }
    let short = significant(value);
    let shown = short.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    minus(if shown >= decimals { short } else { format!("{value:.decimals$}") })
}

/// The same without zeros at the end that the document does not give.
fn published(value: f64, decimals: usize) -> String {
    let mut text = number(value, decimals);
    while text.split_once('.').is_some_and(|(_, fraction)| fraction.len() > decimals && fraction.ends_with('0')) {
        text.pop();
    }
    text.trim_end_matches('.').to_owned()
}

/// With a minus sign that is as wide as a plus.
fn minus(text: String) -> String {
    text.replace('-', "−")
}

fn with_unit(text: String, part: &Part) -> String {
    match part.unit.as_str() {
        "" => text,
        "uA" => format!("{text} µA"),
        "km2" => format!("{text} km²"),
        unit => format!("{text} {unit}"),
    }
}

fn expected(part: &Part) -> String {
    part.expected.map_or_else(|| "–".to_owned(), |value| with_unit(published(value, part.decimals), part))
}

fn is_exact(part: &Part) -> bool {
    part.lowest.zip(part.highest).is_some_and(|(low, high)| high - low <= 1e-8 * high.abs())
}

fn range(part: &Part) -> String {
    match (part.lowest, part.highest) {
        _ if is_exact(part) => "exactly".to_owned(),
        (Some(low), Some(high)) => {
            with_unit(format!("{} – {}", published(low, part.decimals), published(high, part.decimals)), part)
        }
        _ => String::new(),
    }
}

fn simulated(part: &Part) -> String {
    let Some(value) = part.simulated else { return "nothing measured".to_owned() };
    let text = number(value, part.decimals);
    let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    // Runs whose results are equal digit for digit tell no width.
    match part.half_width_95.filter(|width| *width > value.abs() * 1e-9) {
        None => with_unit(text, part),
        Some(width) => {
            // As many decimals as show the width.
            let needed = (-width.log10()).ceil().clamp(0.0, 6.0) as usize;
            let decimals = decimals.max(needed);
            with_unit(minus(format!("{value:.decimals$} ± {width:.decimals$}")), part)
        }
    }
}

fn deviation(part: &Part) -> String {
    let Some(deviation) = part.deviation else { return String::new() };
    let (value, unit) = if part.unit.starts_with("dB") { (deviation, "dB") } else { (deviation * 100.0, "%") };
    let text = format!("{value:+.1}");
    if text.parse() == Ok(0.0) { format!("0 {unit}") } else { minus(format!("{text} {unit}")) }
}

/// What a verdict reads.
pub(super) const fn verdict(expectation: &ExpectationReport) -> &'static str {
    match expectation.verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "FAIL",
        Verdict::Explained => "explained",
        Verdict::Shown => "shown",
    }
}

/// Kind, source, and what was tuned or explained: what expectations of a case often share.
pub(super) fn origin(expectation: &ExpectationReport) -> String {
    let mut text = format!("{} [{}]: {}", expectation.kind.name(), expectation.mark, expectation.source);
    if let Some(tuned) = &expectation.tuned {
        text += &format!("; tuned: {tuned}");
    }
    if let Some(page) = &expectation.explained {
        text += &format!("; explained: {page}");
    }
    text
}

/// Each origin in a case once, behind the names of the expectations that share it.
pub(super) fn origins(case: &CaseReport) -> Vec<(String, String)> {
    let mut origins: Vec<(Vec<&str>, String)> = Vec::new();
    for expectation in &case.expectations {
        let origin = origin(expectation);
        match origins.iter_mut().find(|(_, known)| *known == origin) {
            Some((names, _)) => names.push(&expectation.name),
            None => origins.push((vec![&expectation.name], origin)),
        }
    }
    let all = |names: &[&str]| if names.len() == case.expectations.len() { "All".to_owned() } else { names.join(", ") };
    origins.into_iter().map(|(names, origin)| (all(&names), origin)).collect()
}

/// The heading of a case behind its name.
pub(super) fn heading(case: &CaseReport) -> String {
    if case.seeds == 1 { case.title.clone() } else { format!("{}, {} seeds", case.title, case.seeds) }
}

/// How many cases and expectations there were.
pub(super) fn totals(counts: &Counts) -> String {
    format!("{}, {}", counted(counts.cases, "case"), counted(counts.expectations, "expectation"))
}

/// Each kind with its verdicts: its name, what came to what, and whether one failed.
pub(super) fn tallies(counts: &Counts) -> Vec<(&'static str, String, bool)> {
    let judged = [
        (Kind::Validation, counts.validation),
        (Kind::CrossChecked, counts.cross_checked),
        (Kind::Calibration, counts.calibration),
    ];
    let mut lines = Vec::new();
    for (kind, Tally { passed, explained, failed }) in judged {
        let mut parts = vec![format!("{passed} passed")];
        parts.extend((explained > 0).then(|| format!("{explained} explained")));
        parts.extend((failed > 0).then(|| format!("{failed} FAILED")));
        lines.push((kind.name(), parts.join(", "), failed > 0));
    }
    let orientation = counts.orientation;
    let text = format!("{} inside, {} outside, not judged", orientation.inside, orientation.outside);
    lines.push((Kind::Orientation.name(), text, false));
    lines
}
