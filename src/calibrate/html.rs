//! The report of a calibration as one page of HTML without anything from elsewhere.

use std::fmt::Write as _;

use super::report::{CaseReport, ExpectationReport, Report, Verdict};
use super::shown::{self, Row};

const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8884;--good:#1a7f37;--bad:#cf222e;--note:#9a6700;--soft:#8881}
body{font:15px/1.45 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}h3{margin:1.8rem 0 .2rem;font-size:1rem}
code{font-size:.9em}.setup,.origin{opacity:.75;margin:.15rem 0;font-size:.88rem}
table{border-collapse:collapse;width:100%;margin:.3rem 0;font-variant-numeric:tabular-nums}
th{font-weight:500;opacity:.6;font-size:.8rem}th,td{text-align:right;padding:.2rem .6rem;border-bottom:1px solid var(--soft)}
th:first-child,td:first-child{text-align:left}td.where{width:9rem}
.pass,.inside{color:var(--good)}.fail{color:var(--bad);font-weight:600}.explained,.outside{color:var(--note)}
svg{display:block;width:9rem;height:14px}nav a{margin-right:1rem}
@media(prefers-color-scheme:dark){:root{--good:#3fb950;--bad:#f85149;--note:#d29922}}";

/// How wide the picture of a range is, and which part of it the range takes, in its own units.
const WIDTH: f64 = 100.0;
const FROM: f64 = 20.0;
const TO: f64 = 80.0;

/// Renders the report as a whole document.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, report);
    out
}

fn write(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width\">\n<title>farlink calibrate</title>")?;
    writeln!(
        out,
        "<style>\n{STYLE}\n</style>\n<h1>farlink {} against published figures</h1>",
        escaped(&report.farlink)
    )?;
    writeln!(out, "<p>{}</p>\n<table>", shown::totals(&report.counts))?;
    for (kind, text, failed) in shown::tallies(&report.counts) {
        let class = if failed { " class=\"fail\"" } else { "" };
        writeln!(out, "<tr><td>{kind}<td{class}>{text}")?;
    }
    writeln!(out, "</table>\n<nav>")?;
    for family in &report.families {
        writeln!(out, "<a href=\"#{0}\">{1}</a>", escaped(&family.name), escaped(&family.title))?;
    }
    writeln!(out, "</nav>")?;
    for family in &report.families {
        writeln!(out, "<h2 id=\"{}\">{}</h2>", escaped(&family.name), escaped(&family.title))?;
        family.cases.iter().try_for_each(|case| write_case(out, case))?;
    }
    Ok(())
}

fn write_case(out: &mut String, case: &CaseReport) -> std::fmt::Result {
    writeln!(out, "<h3>{} <code>{}</code></h3>", escaped(&shown::heading(case)), escaped(&case.name))?;
    writeln!(out, "<p class=\"setup\">Set-up: {}</p>\n<table>", escaped(&case.settings))?;
    writeln!(out, "<tr><th><th>expected<th>range<th>simulated<th>off<th>in the range<th>verdict")?;
    for expectation in &case.expectations {
        for row in shown::rows(expectation) {
            write_row(out, expectation, &row)?;
        }
    }
    writeln!(out, "</table>")?;
    for (names, origin) in shown::origins(case) {
        writeln!(out, "<p class=\"origin\">{}: {}</p>", escaped(&names), escaped(&origin))?;
    }
    Ok(())
}

fn write_row(out: &mut String, expectation: &ExpectationReport, row: &Row) -> std::fmt::Result {
    let (class, word) = match (expectation.verdict, row.inside) {
        (Verdict::Fail, false) => ("fail", "FAIL"),
        (Verdict::Explained, false) => ("explained", "explained"),
        (Verdict::Shown, false) => ("outside", "outside, not judged"),
        (Verdict::Shown, true) => ("inside", "inside, not judged"),
        (Verdict::Pass, _) => ("pass", "pass"),
        (_, true) => ("inside", "inside"),
    };
    let cells = [&row.name, &row.expected, &row.range, &row.simulated, &row.deviation].map(|cell| escaped(cell));
    let [name, expected, range, simulated, deviation] = cells;
    write!(out, "<tr><td>{name}<td>{expected}<td>{range}<td>{simulated}<td>{deviation}<td class=\"where\">")?;
    if let Some(place) = row.place {
        picture(out, place, class)?;
    }
    writeln!(out, "<td class=\"{class}\">{word}")
}

/// The range as a bar and the value as a point; beyond the picture it lies at its edge.
fn picture(out: &mut String, place: f64, class: &str) -> std::fmt::Result {
    let x = (FROM + place * (TO - FROM)).clamp(3.0, WIDTH - 3.0);
    let bar = TO - FROM;
    write!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} 10\" preserveAspectRatio=\"none\" class=\"{class}\" aria-hidden=\"true\">"
    )?;
    write!(out, "<rect x=\"{FROM}\" y=\"3\" width=\"{bar}\" height=\"4\" fill=\"currentColor\" opacity=\".25\"/>")?;
    write!(out, "<rect x=\"{:.1}\" y=\"1\" width=\"2\" height=\"8\" fill=\"currentColor\"/></svg>", x - 1.0)
}

/// Text that HTML does not take for its own marks.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
