//! `farlink calibrate`.

use std::io::{Write, stdout};
use std::time::Instant;

use super::progress::Display;
use super::{CalibrateArgs, CalibrateFormat, Color, Ending, Failure, talk, threads, unless_reader_left};
use crate::calibrate::{self, Family, html, judge, load, markdown, report, text};
use crate::catalog::suggest::did_you_mean;
use crate::report::format::counted;
use crate::scenario::Problems;

/// Runs published cases and prints what came out.
pub(super) fn calibrate(args: &CalibrateArgs, color: Color) -> Result<Ending, Failure> {
    let families = chosen(args)?;
    let look = color.look();
    if args.list {
        return print(&text::list(&families, &look)).map(|()| Ending::Ok);
    }
    let started = Instant::now();
    let threads = threads(args.threads);
    let mut display = Display::new(args.quiet, look.unicode, "reading cases");
    let measured = calibrate::run(&families, threads, |progress| {
        let message = format!("{} of {}, {}", progress.done, counted(progress.of as u64, "run"), progress.last);
        display.advance(progress.fraction, message);
    });
    display.clear();
    let report = judge::judge(&families, &measured?);
    print(&match args.format {
        CalibrateFormat::Text => text::render(&report, &look),
        CalibrateFormat::Json => report::json(&report)?,
        CalibrateFormat::Markdown => markdown::render(&report),
        CalibrateFormat::Html => html::render(&report),
    })?;
    if !args.quiet {
        let (cases, threads) = (counted(report.counts.cases, "case"), counted(threads as u64, "thread"));
        talk(format_args!("{:.1} s for {cases} on {threads}", started.elapsed().as_secs_f64()));
    }
    Ok(if report.has_failed() { Ending::FigureMissed } else { Ending::Ok })
}

/// The cases that the arguments ask for.
fn chosen(args: &CalibrateArgs) -> Result<Vec<Family>, Failure> {
    let mut families = load::built_in()?;
    let mut problems = Vec::new();
    for path in &args.files {
        match load::load(path) {
            Ok(more) => families.extend(more),
            Err(found) => problems.extend(found.0),
        }
    }
    if !problems.is_empty() {
        return Err(Failure::Scenario(Problems(problems)));
    }
    let names: Vec<String> = families
        .iter()
        .flat_map(|family| {
            let cases = family.cases.iter().map(|case| case.name.clone());
            [family.name.clone()].into_iter().chain(cases)
        })
        .collect();
    let chosen = load::select(families, &args.filter, args.quick);
    if chosen.is_empty() {
        let help = args
            .filter
            .first()
            .map_or_else(String::new, |filter| did_you_mean(filter, names.iter().map(String::as_str)));
        let help = if help.is_empty() { "`farlink calibrate --list` shows all".to_owned() } else { help };
        let quick = if args.quick { " in the quick subset" } else { "" };
        let filters = args.filter.join("`, `");
        return Err(Failure::Usage(format!("--filter: no case{quick} has `{filters}` in its name; {help}")));
    }
    Ok(chosen)
}

fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = stdout();
    Ok(unless_reader_left(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))?)
}
