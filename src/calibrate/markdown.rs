//! The report of a calibration as a page of Markdown. It holds nothing that differs between two equal runs.

use std::fmt::Write as _;

use super::report::{CaseReport, ExpectationReport, Report};
use super::shown;

/// What stands above the figures.
const INTRODUCTION: &str = "\
Every published figure that farlink is held against, with its source and what comes out. This page is written by
`farlink calibrate --format markdown`; [calibrate.md](calibrate.md) says how to read it and how to add a table.";

/// Renders the report. It ends with a line feed.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, report);
    out
}

fn write(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "# Validation\n\n{INTRODUCTION}\n\n{}:\n", shown::totals(&report.counts))?;
    writeln!(out, "| kind | expectations |\n|---|---|")?;
    for (kind, text, _) in shown::tallies(&report.counts) {
        writeln!(out, "| {kind} | {text} |")?;
    }
    for family in &report.families {
        writeln!(out, "\n## {}\n\n`{}`", family.title, family.name)?;
        family.cases.iter().try_for_each(|case| write_case(out, case))?;
    }
    Ok(())
}

fn write_case(out: &mut String, case: &CaseReport) -> std::fmt::Result {
    writeln!(out, "\n### {}\n\n{}. Set-up: {}\n", case.name, shown::heading(case), case.settings)?;
    writeln!(out, "| | expected | range | simulated | off | verdict |\n|---|---|---|---|---|---|")?;
    for expectation in &case.expectations {
        for row in shown::rows(expectation) {
            let cells =
                [&row.name, &row.expected, &row.range, &row.simulated, &row.deviation].map(|cell| escaped(cell));
            writeln!(out, "| {} | {} |", cells.join(" | "), verdict(expectation, row.inside))?;
        }
    }
    writeln!(out)?;
    for (names, origin) in shown::origins(case) {
        writeln!(out, "- {names}: {}", linked(&escaped(&origin)))?;
    }
    Ok(())
}

fn verdict(expectation: &ExpectationReport, inside: bool) -> &'static str {
    match (shown::verdict(expectation), inside) {
        ("FAIL", _) => "**FAIL**",
        ("shown", true) => "inside",
        ("shown", false) => "outside",
        ("explained", true) => "inside",
        (word, _) => word,
    }
}

/// Text that a table or a list does not take for its own marks.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*")
}

/// A page of this project that is named at the end becomes a link, seen from `docs/`.
fn linked(text: &str) -> String {
    match text.rsplit_once("explained: docs/") {
        Some((before, page)) => format!("{before}explained: [{page}]({page})"),
        None => text.to_owned(),
    }
}
