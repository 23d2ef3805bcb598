//! The report of a calibration as text for a terminal, and the list of cases.

use super::Family;
use super::report::{CaseReport, ExpectationReport, Report, Verdict};
use super::shown::{self, Row};
use crate::report::text::Look;
use crate::report::text::canvas::{Ink, Line, wrap};

/// Columns of a table: how wide each is, the name aside.
const MARK: usize = 5;
const EXPECTED: usize = 11;
const RANGE: usize = 19;
const SIMULATED: usize = 19;
const DEVIATION: usize = 9;
/// Where the name begins, and how wide it may become.
const INDENT: usize = 2;
const NAME_WIDEST: usize = 34;

/// Renders the report. Each line ends with a line feed.
#[must_use]
pub fn render(report: &Report, look: &Look) -> String {
    let look = &Look { width: look.width.clamp(80, 140), ..*look };
    let mut out = String::new();
    for family in &report.families {
        let line = Line::new(look).put(Ink::Strong, &family.title).gap(2);
        line.put(Ink::Faint, &family.name).gap(2).rule(look.width).finish(&mut out);
        for case in &family.cases {
            out.push('\n');
            render_case(&mut out, case, look);
        }
        out.push('\n');
    }
    render_counts(&mut out, report, look);
    out
}

fn name_columns(look: &Look) -> usize {
    let fixed = INDENT + MARK + EXPECTED + RANGE + SIMULATED + DEVIATION;
    look.width.saturating_sub(fixed).min(NAME_WIDEST)
}

fn render_case(out: &mut String, case: &CaseReport, look: &Look) {
    let (line, heading) = (Line::new(look).put(Ink::Strong, &case.name).gap(2), shown::heading(case));
    if line.width() + look.columns(&heading) <= look.width {
        line.put(Ink::Plain, &heading).finish(out);
    } else {
        line.finish(out);
        paragraph(out, look, "", &heading);
    }
    paragraph(out, look, "Set-up: ", &case.settings);
    let name = INDENT + MARK + name_columns(look);
    let line = Line::new(look).to(name).right(Ink::Faint, "expected", EXPECTED).right(Ink::Faint, "range", RANGE);
    line.right(Ink::Faint, "simulated", SIMULATED).right(Ink::Faint, "off", DEVIATION).finish(out);
    let alike = |a: &ExpectationReport, b: &ExpectationReport| shown::origin(a) == shown::origin(b);
    for group in case.expectations.chunk_by(alike) {
        for expectation in group {
            shown::rows(expectation).iter().for_each(|row| render_row(out, expectation, row, look));
        }
        paragraph(out, look, &" ".repeat(MARK), &shown::origin(&group[0]));
    }
}

/// Prose behind a lead, which takes a place of its own.
fn paragraph(out: &mut String, look: &Look, lead: &str, text: &str) {
    let columns = look.width - INDENT - lead.len();
    for (number, line) in wrap(look, text, columns).into_iter().enumerate() {
        let lead = if number == 0 { lead.to_owned() } else { " ".repeat(lead.len()) };
        Line::new(look).gap(INDENT).put(Ink::Faint, &lead).put(Ink::Faint, &line).finish(out);
    }
}

fn render_row(out: &mut String, expectation: &ExpectationReport, row: &Row, look: &Look) {
    let (ink, [sign, word]) = match expectation.verdict {
        Verdict::Pass => (Ink::Good, ["✓", "ok"]),
        Verdict::Fail if row.inside => (Ink::Good, ["✓", "in"]),
        Verdict::Fail => (Ink::Bad, ["✗", "FAIL"]),
        Verdict::Explained if row.inside => (Ink::Good, ["✓", "in"]),
        Verdict::Explained => (Ink::Caution, ["≈", "expl"]),
        Verdict::Shown if row.inside => (Ink::Plain, ["·", "in"]),
        Verdict::Shown => (Ink::Caution, ["○", "out"]),
    };
    let line = Line::new(look).gap(INDENT).left(ink, if look.unicode { sign } else { word }, MARK);
    let mut line = line.put(Ink::Plain, &row.name);
    let column = INDENT + MARK + name_columns(look);
    // An order has no range, and its values may take the rest of the line.
    if row.range.is_empty() {
        line.to(column).put(Ink::Plain, &format!("{}: {}", row.expected, row.simulated)).finish(out);
        return;
    }
    if line.width() >= column + EXPECTED - look.columns(&row.expected) {
        line.finish(out);
        line = Line::new(look);
    }
    let line = line.to(column).put_right(Ink::Plain, &row.expected, column + EXPECTED);
    let line = line.put_right(Ink::Faint, &row.range, column + EXPECTED + RANGE);
    let line = line.put_right(ink, &row.simulated, column + EXPECTED + RANGE + SIMULATED);
    line.put_right(Ink::Plain, &row.deviation, column + EXPECTED + RANGE + SIMULATED + DEVIATION).finish(out);
}

fn render_counts(out: &mut String, report: &Report, look: &Look) {
    Line::new(look).put(Ink::Strong, &shown::totals(&report.counts)).finish(out);
    for (kind, text, failed) in shown::tallies(&report.counts) {
        let ink = if failed { Ink::Bad } else { Ink::Plain };
        Line::new(look).gap(INDENT).left(Ink::Plain, kind, 22).put(ink, &text).finish(out);
    }
    for family in &report.families {
        for case in &family.cases {
            for expectation in case.expectations.iter().filter(|one| one.verdict == Verdict::Fail) {
                let name = format!("FAILED {}/{}: {}", family.name, case.name, expectation.name);
                Line::new(look).gap(INDENT).put(Ink::Bad, &name).finish(out);
            }
        }
    }
}

/// The names and titles of cases. Each line ends with a line feed.
#[must_use]
pub fn list(families: &[Family], look: &Look) -> String {
    let mut out = String::new();
    for family in families {
        Line::new(look).put(Ink::Strong, &family.name).gap(2).put(Ink::Plain, &family.title).finish(&mut out);
        for case in &family.cases {
            let quick = if case.quick { "quick" } else { "" };
            let line = Line::new(look).gap(INDENT).left(Ink::Plain, &case.name, NAME_WIDEST).left(Ink::Faint, quick, 7);
            line.put(Ink::Plain, &case.title).finish(&mut out);
        }
    }
    out
}
