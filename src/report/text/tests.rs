//! Snapshots of whole summaries, and what must hold for any of them.
//!
//! `FARLINK_BLESS=1 cargo test --lib report::text` writes the expected texts anew; read the difference before you keep it.

use std::path::Path;

use super::*;
use crate::cause::{Cause, Errand, Loss};
use crate::metrics::recorder::Ledger;
use crate::metrics::summary::Group;
use crate::report::fixture;
use crate::units::Joules;

/// Compares with the stored text, or stores it.
fn snapshot(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/testdata").join(name);
    if std::env::var_os("FARLINK_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == text, "{name} differs; it is now\n{text}");
}

const WIDE: Look = Look { width: 100, color: false, unicode: true };
const NARROW: Look = Look { width: 80, color: false, unicode: true };
const ASCII: Look = Look { width: 80, color: false, unicode: false };

/// The columns of the widest line.
fn widest(text: &str) -> usize {
    text.lines().map(|line| line.chars().count()).max().unwrap_or(0)
}

#[test]
fn whole_summaries_look_as_stored() {
    snapshot("city-100.txt", &render(&fixture::city(), &WIDE));
    snapshot("city-80.txt", &render(&fixture::city(), &NARROW));
    snapshot("city-80-ascii.txt", &render(&fixture::city(), &ASCII));
    snapshot("silence-80.txt", &render(&fixture::silence(), &NARROW));
}

#[test]
fn lines_fit_the_width_and_end_in_no_blank() {
    for summary in [fixture::city(), fixture::silence(), crowded()] {
        for (look, limit) in [(WIDE, 100), (NARROW, 80), (ASCII, 80), (Look { width: 0, ..NARROW }, 80)] {
            let text = render(&summary, &look);
            assert!(widest(&text) <= limit, "{} of {limit} columns\n{text}", widest(&text));
            assert!(text.lines().all(|line| line == line.trim_end()));
        }
    }
}

#[test]
fn colour_adds_controls_and_nothing_else() {
    let plain = render(&fixture::city(), &WIDE);
    assert!(!plain.contains('\x1b'));
    let mut stripped = String::new();
    for (number, piece) in render(&fixture::city(), &Look { color: true, ..WIDE }).split('\x1b').enumerate() {
        stripped += if number == 0 { piece } else { piece.split_once('m').unwrap().1 };
    }
    assert_eq!(stripped, plain);
}

#[test]
fn without_unicode_all_is_ascii() {
    let mut summary = fixture::city();
    summary.name = "Zähler – 水表".to_owned();
    assert!(render(&summary, &ASCII).is_ascii());
}

/// A group with every cause, every loss and a wide spread of values.
fn crowded() -> Summary {
    let mut ledger = Ledger { terminals: 12_345_678, unfinished: 99_999, ..Ledger::new() };
    for cause in Cause::ALL {
        ledger.latency_by_cause[cause.index()] = if cause.after_delivery() { 0 } else { 1_000_000 };
        ledger.message_energy_by_cause[cause.index()] = 1 << 40;
    }
    for reason in Loss::ALL {
        ledger.lost[reason.index()] = 1_234_567;
    }
    for decade in 0..13_u32 {
        ledger.latency.record(3 * 10_u64.pow(decade));
        ledger.message_cost(Joules(3 * 10_u64.pow(decade + 4)));
    }
    ledger.delivered = 13;
    ledger.observed = 1 << 50;
    let mut summary = fixture::silence();
    let results = ledger.results();
    let level = |name: &str| crate::metrics::summary::Level { name: name.to_owned(), results: results.clone() };
    let levels = ["level 0", "level 1", "level 2", "no coverage"].map(level);
    let battery = summary.groups["void"].battery.clone();
    let group = Group {
        network: "n".to_owned(),
        all: results.clone(),
        levels: levels.into(),
        networks: Default::default(),
        battery,
    };
    summary.groups = [("crowd".to_owned(), group)].into();
    summary
}

#[test]
fn a_group_fits_a_screen() {
    let look = NARROW;
    for summary in [crowded(), fixture::city()] {
        for (name, group) in &summary.groups {
            let mut out = String::new();
            group::render(&mut out, name, group, &look);
            assert!(out.lines().count() <= 45, "{} lines\n{out}", out.lines().count());
        }
    }
}

#[test]
fn small_parts_are_summed_up_and_none_is_lost() {
    // Without levels there is room for so many causes beside the reasons of losses.
    let mut roomy = crowded().groups.remove("crowd").unwrap();
    roomy.levels.clear();
    let usual = |cause: &&Cause| Errand::ALL.iter().all(|errand| errand.cause() != Some(**cause));
    let usual: Vec<Cause> = Cause::ALL.iter().filter(usual).copied().take(26 - Loss::COUNT).collect();
    let all = &mut roomy.all;
    for parts in [&mut all.latency_s_by_cause, &mut all.message_energy_j_by_cause, &mut all.day_energy_j_by_cause] {
        parts.retain(|name, _| usual.iter().any(|cause| cause.name() == name));
    }
    let mut out = String::new();
    group::render(&mut out, "roomy", &roomy, &NARROW);
    assert!(usual.iter().all(|cause| out.contains(cause.name())) && !out.contains("other"), "{out}");
    // A cause below a thousandth of time and energy is summed up.
    roomy.all.latency_s_by_cause = [("sync".to_owned(), 1.0), ("airtime".to_owned(), 1e-4)].into();
    roomy.all.message_energy_j_by_cause = [("sync".to_owned(), 0.5)].into();
    roomy.all.day_energy_j_by_cause = [("sleep".to_owned(), 2.0), ("sync".to_owned(), 2.0)].into();
    let mut out = String::new();
    group::render(&mut out, "small", &roomy, &NARROW);
    assert!(out.contains("other (1)      100 µs  <0.1 %") && !out.contains("airtime"), "{out}");
    assert!(
        out.contains("A day 4.00 J") && out.contains("A message 500 mJ") && out.contains("2.00 J  50.0 %"),
        "{out}"
    );
}
