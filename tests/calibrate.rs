//! Calibration: the case files that are built in, the reports of wrong ones, and that a miss is told as a miss. None of the tests
//! says what a simulation gives: that is for the cases, which CI runs.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use farlink::calibrate::report::{Report, Verdict};
use farlink::calibrate::{Family, html, judge, load, markdown, parse, report, run, text};
use farlink::report::text::Look;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn built_in() -> Vec<Family> {
    load::built_in().unwrap_or_else(|problems| panic!("{problems}"))
}

fn family(text: &str) -> Family {
    parse(text, "paper.yaml", Path::new("")).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Runs and judges on so many threads.
fn judged(families: &[Family], threads: usize) -> Report {
    judge::judge(families, &run(families, threads, |_| ()).unwrap())
}

/// A probe with an answer that anyone can check: 5 Wh at 500 mW last 10 hours.
fn ten_hours(expect: &str) -> Family {
    family(&format!(
        "farlink-calibration: 1\ntitle: a paper\ncases:\n  table-1:\n    title: A battery\n    settings: 5 Wh\n    mark: V\n    \
         source: table 1\n    run: {{probe: {{battery-life: {{energy_wh: 5, power_mw: 500, report_mj: [0, 500], every: 1s}}}}}}\n    \
         expect:\n      {expect}\n"
    ))
}

fn verdict(expect: &str) -> Verdict {
    let report = judged(&[ten_hours(expect)], 1);
    report.families[0].cases[0].expectations[0].verdict
}

#[test]
fn the_built_in_cases_are_many_and_each_has_its_own_name() {
    let families = built_in();
    let mut names: Vec<String> = Vec::new();
    for family in &families {
        names.extend(family.cases.iter().map(|case| format!("{}/{}", family.name, case.name)));
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(count >= 60, "{count} cases");
    assert!(families.iter().flat_map(|family| &family.cases).filter(|case| case.quick).count() >= 40);
}

#[test]
fn every_case_file_of_the_project_is_built_in() {
    let mut files: Vec<String> = fs::read_dir(root().join("models/calibration"))
        .unwrap()
        .map(|entry| format!("models/calibration/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    files.sort();
    let mut known: Vec<&str> = load::BUILT_IN.iter().map(|(path, _)| *path).collect();
    known.sort_unstable();
    assert_eq!(files, known);
}

/// An anchor is the heading in small letters, without punctuation, with hyphens for blanks.
fn anchors(page: &str) -> Vec<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let plain = |line: &str| -> String {
        let line = line.trim_start_matches('#').trim().to_lowercase();
        line.chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    };
    headings.map(plain).collect()
}

#[test]
fn what_explains_a_miss_is_there() {
    for family in built_in() {
        for expectation in family.cases.iter().flat_map(|case| &case.expectations) {
            let Some(place) = &expectation.explained else { continue };
            let (page, anchor) = place.split_once('#').unwrap_or_else(|| panic!("{place} has no anchor"));
            let page = fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{place}: {error}"));
            assert!(anchors(&page).iter().any(|known| known == anchor), "{place}");
        }
    }
}

#[test]
fn a_figure_passes_within_its_range_and_fails_outside() {
    for (expect, found) in [
        ("a: {metric: life, values: [10h, 5h], tolerance: 0.1%}", Verdict::Pass),
        ("a: {metric: life, values: [10h, 5.2h], tolerance: 0.1%}", Verdict::Fail),
        ("a: {metric: life, range: [5h, 10h]}", Verdict::Pass),
        ("a: {metric: life, range: [6h, 11h]}", Verdict::Fail),
        ("a: {metric: life, range: [6h, 11h], mark: M}", Verdict::Shown),
        ("a: {metric: life, range: [6h, 11h], explained: docs/page.md#why}", Verdict::Explained),
        ("a: {metric: life, range: [5h, 10h], explained: docs/page.md#why}", Verdict::Pass),
        ("a: {metric: life, range: [6h, 11h], tuned: power_mw, mark: M}", Verdict::Fail),
    ] {
        assert_eq!(verdict(expect), found, "{expect}");
    }
}

#[test]
fn only_what_counts_fails_the_whole() {
    let failed = |expect: &str| judged(&[ten_hours(expect)], 1).has_failed();
    assert!(failed("a: {metric: life, range: [6h, 11h], mark: M+S}"));
    assert!(!failed("a: {metric: life, range: [6h, 11h], mark: M}"));
    assert!(!failed("a: {metric: life, range: [6h, 11h], explained: docs/page.md#why}"));
}

const SIMULATED: &str = "\
farlink-calibration: 1
title: simulations
cases:
  seeds:
    title: Two networks
    settings: twenty terminals
    seeds: 3
    mark: S
    source: nobody
    runs:
      near: {scenario: {duration: 1d, networks: {cell: {nb-iot: {}, sites: {bench: {}}}}, groups: {ues: {count: 20, \
placement: {bench: {coupling_loss_db: 120}}, traffic: {periodic: {every: 2h, payload_bytes: 20, jitter: 2h}}}}}}
      far: {scenario: {duration: 1d, networks: {cell: {nb-iot: {}, sites: {bench: {}}}}, groups: {ues: {count: 20, \
placement: {bench: {coupling_loss_db: 160}}, traffic: {periodic: {every: 2h, payload_bytes: 20, jitter: 2h}}}}}}
    expect:
      order: {ascending: [near.groups.ues.latency.uplink.mean, far.groups.ues.latency.uplink.mean]}
      ratio: {ratio: [near.groups.ues.energy.message.mean, far.groups.ues.energy.message.mean], range: [0, 1]}
      spread: {metric: near.groups.ues.latency.uplink, quantiles: {p10: 1s, p90: 1s}, tolerance: 10s}
";

#[test]
fn threads_do_not_show_and_seeds_give_intervals() {
    let families = [family(SIMULATED)];
    let one = judged(&families, 1);
    assert_eq!(one, judged(&families, 4));
    let expectations = &one.families[0].cases[0].expectations;
    assert_eq!(expectations[0].ascending, Some(true));
    assert!(expectations.iter().all(|expectation| expectation.verdict == Verdict::Pass), "{expectations:?}");
    let parts = expectations.iter().flat_map(|expectation| &expectation.parts);
    assert!(parts.clone().count() == 5 && parts.clone().all(|part| part.half_width_95.is_some()));
}

#[test]
fn cases_are_chosen_by_a_part_of_their_name() {
    let chosen = |texts: &[&str], quick| -> Vec<String> {
        let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
        let families = load::select(built_in(), &texts, quick);
        families.iter().flat_map(|family| family.cases.iter().map(|case| case.name.clone())).collect()
    };
    assert_eq!(chosen(&["PATH-loss"], false), ["path-loss"]);
    assert_eq!(chosen(&["propagation/walls", "t3324"], false), ["t3324", "walls"]);
    assert!(chosen(&["lena-nb/lena"], true).is_empty());
    assert!(chosen(&[], true).len() < chosen(&[], false).len());
}

#[test]
fn the_views_fit_and_hold_no_control_sequences() {
    let families = load::select(built_in(), &["tables".into(), "budgets".into(), "rostad".into()], true);
    let report = judged(&families, 2);
    for (width, unicode) in [(80, false), (80, true), (120, true)] {
        let text = text::render(&report, &Look { width, color: false, unicode });
        assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
        assert!(unicode || text.is_ascii());
        assert!(!text.contains('\x1b') && text.ends_with('\n'));
    }
    let page = markdown::render(&report);
    assert!(page.starts_with("# Validation\n") && page.ends_with('\n') && !page.contains("\n\n\n"));
    let document = html::render(&report);
    assert!(document.starts_with("<!doctype html>") && !document.contains("http"), "nothing from elsewhere");
    for family in &report.families {
        for case in &family.cases {
            assert!(page.contains(&format!("### {}", case.name)) && document.contains(&case.name));
        }
    }
}

/// `FARLINK_BLESS=1 cargo test --test calibrate` writes them anew.
#[test]
fn the_published_schemas_are_those_of_the_types() {
    for (name, schema) in [("calibration", load::schema_text()), ("calibration-report", report::schema_text().unwrap())]
    {
        let path = root().join(format!("schema/{name}.schema.json"));
        if std::env::var_os("FARLINK_BLESS").is_some() {
            fs::write(&path, &schema).unwrap();
        }
        assert!(fs::read_to_string(&path).unwrap() == schema, "run with FARLINK_BLESS=1 to write {name} anew");
    }
}

/// Every file in `tests/invalid/calibration` is refused with exactly the report beside it.
#[test]
fn reports_are_as_expected() {
    let mut files: Vec<PathBuf> =
        fs::read_dir(root().join("tests/invalid/calibration")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    assert!(files.len() >= 3);
    for path in files {
        let name = format!("tests/invalid/calibration/{}", path.file_name().unwrap().to_str().unwrap());
        let Err(problems) = load::load(Path::new(&name)) else { panic!("{name} is accepted") };
        let (found, expected) = (format!("{problems}\n"), path.with_extension("expected"));
        if std::env::var_os("FARLINK_BLESS").is_some() {
            fs::write(&expected, found).unwrap();
        } else {
            assert_eq!(fs::read_to_string(&expected).unwrap(), found, "{name}");
        }
    }
}

mod garbage {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = include_str!("invalid/calibration/meaning.yaml");

    fn survives(text: &str) {
        if let Err(problems) = parse(text, "garbage.yaml", Path::new("no-such-directory")) {
            assert!(!problems.0.is_empty() && problems.to_string().len() < 200_000);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn changed_bytes(changes in prop::collection::vec((0..GOOD.len(), any::<u8>()), 1..8)) {
            let mut bytes = GOOD.as_bytes().to_vec();
            for (at, byte) in changes {
                bytes[at] = byte;
            }
            survives(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn swapped_words(swaps in prop::collection::vec((0usize..300, 0usize..300), 1..5)) {
            let mut words: Vec<&str> = SIMULATED.split_inclusive([' ', '\n', ',', ':', '{', '}']).collect();
            for (a, b) in swaps {
                let count = words.len();
                words.swap(a % count, b % count);
            }
            survives(&words.concat());
        }
    }
}
