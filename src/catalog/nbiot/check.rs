//! What contradicts itself in the parameters of an NB-IoT network; the chapter about admission checks itself.

use crate::catalog::Issue;
use crate::catalog::value::Duration;
use crate::radio::nbiot::config::{Category, Config, Level, Nprach};
use crate::radio::nbiot::tables::preamble_span;
use crate::units::SimDuration;

/// Subcarriers of 3.75 kHz in an NPRACH carrier (TS 36.211 clause 10.1.6).
const NPRACH_CARRIER: u32 = 48;

/// Periods of NPRACH opportunities in milliseconds, nprach-Periodicity (TS 36.331 clause 6.7.3.2).
const NPRACH_PERIODS_MS: [u64; 8] = [40, 80, 160, 240, 320, 640, 1_280, 2_560];

/// Starts of NPRACH opportunities in milliseconds, nprach-StartTime (TS 36.331 clause 6.7.3.2).
const NPRACH_STARTS_MS: [u64; 8] = [8, 16, 32, 64, 128, 256, 512, 1_024];

/// Periods of system information in milliseconds, si-Periodicity (TS 36.331 clause 6.7.2).
const SI_PERIODS_MS: [u64; 7] = [640, 1_280, 2_560, 5_120, 10_240, 20_480, 40_960];

/// Paging cycles in milliseconds, defaultPagingCycle (TS 36.331 clause 6.7.3.2).
const PAGING_CYCLES_MS: [u64; 4] = [1_280, 2_560, 5_120, 10_240];

/// Every contradiction; the paths begin below the parameters.
pub(super) fn contradictions(config: &Config) -> Vec<Issue> {
    let mut issues = Vec::new();
    for (number, level) in config.levels.iter().enumerate() {
        check_nprach(number, &level.nprach, &mut issues);
        check_order(number, &config.levels, &mut issues);
    }
    check_overlap(&config.levels, &mut issues);
    check_cell(config, &mut issues);
    issues
}

fn check_nprach(number: usize, nprach: &Nprach, issues: &mut Vec<Issue>) {
    let level = format!("level-{number}");
    let mut report = |key: &str, what: String, expected: String, help: &str| {
        issues.push(Issue::new(["levels", level.as_str(), "nprach", key], what).expected(expected).help(help));
    };
    let text = |time: SimDuration| Duration(time).to_string();
    if !in_list(nprach.period, &NPRACH_PERIODS_MS) {
        let what = format!("an NPRACH period of {} does not exist", text(nprach.period));
        report("period", what, format!("{} (TS 36.331, nprach-Periodicity)", list(&NPRACH_PERIODS_MS)), "");
    }
    if !in_list(nprach.start, &NPRACH_STARTS_MS) {
        let what = format!("an NPRACH start of {} does not exist", text(nprach.start));
        report("start", what, format!("{} (TS 36.331, nprach-StartTime)", list(&NPRACH_STARTS_MS)), "");
    }
    let needed = preamble_span(nprach) + nprach.start;
    if needed > nprach.period {
        let what = format!(
            "the NPRACH opportunity of level {number} does not fit its period: {} repetitions that start at {} end at {}",
            nprach.repetitions,
            text(nprach.start),
            text(needed)
        );
        report(
            "period",
            what,
            format!("a period of at least {}", text(needed)),
            "lengthen `period` or lower `repetitions`",
        );
    }
    if nprach.subcarrier_offset + nprach.subcarriers > NPRACH_CARRIER {
        let what = format!(
            "{} NPRACH subcarriers from number {} on do not fit the carrier",
            nprach.subcarriers, nprach.subcarrier_offset
        );
        report("subcarrier_offset", what, format!("offset and subcarriers of {NPRACH_CARRIER} together at most"), "");
    }
}

/// Milliseconds as people read them: `40ms, 80ms or 160ms`.
fn list(values: &[u64]) -> String {
    let names: Vec<String> = values.iter().map(|ms| Duration(SimDuration::from_millis(*ms)).to_string()).collect();
    crate::catalog::suggest::one_of(names.iter().map(String::as_str))
}

fn in_list(time: SimDuration, values: &[u64]) -> bool {
    values.iter().any(|ms| SimDuration::from_millis(*ms) == time)
}

/// A paging occasion of Rmax subframes must be over before the next.
fn check_paging(config: &Config, issues: &mut Vec<Issue>) {
    let cycle = config.paging_cycle;
    if !in_list(cycle, &PAGING_CYCLES_MS) {
        let issue = Issue::new(["paging_cycle"], format!("a paging cycle of {} does not exist", Duration(cycle)));
        issues.push(issue.expected(format!("{} (TS 36.331, defaultPagingCycle)", list(&PAGING_CYCLES_MS))));
        return;
    }
    for (number, level) in config.levels.iter().enumerate() {
        if SimDuration::from_millis(u64::from(level.npdcch_rmax)) > cycle {
            let what = format!("a page of {} subframes lasts longer than the paging cycle", level.npdcch_rmax);
            let name = format!("level-{number}");
            let issue = Issue::new(["levels", name.as_str(), "npdcch_rmax"], what);
            issues.push(issue.expected(format!("at most `paging_cycle`, {}", Duration(cycle))));
        }
    }
}

fn check_order(number: usize, levels: &[Level], issues: &mut Vec<Issue>) {
    if number > 0 && levels[number].max_coupling_loss.0 <= levels[number - 1].max_coupling_loss.0 {
        let (this, before) = (levels[number].max_coupling_loss.0, levels[number - 1].max_coupling_loss.0);
        let what = format!("level {number} ends at {this} dB, level {} before it at {before} dB", number - 1);
        let level = format!("level-{number}");
        let issue = Issue::new(["levels", level.as_str(), "max_coupling_loss_db"], what);
        issues.push(issue.expected("each level reaches deeper than the one before"));
    }
    let period = f64::from(levels[number].npdcch_rmax) * levels[number].npdcch_g;
    if period < 4.0 {
        let what = format!("the NPDCCH period of level {number} is {period} ms");
        let level = format!("level-{number}");
        let issue = Issue::new(["levels", level.as_str(), "npdcch_g"], what);
        issues.push(issue.expected("Rmax times G of at least 4 (TS 36.213 clause 16.6)"));
    }
}

/// Resources of two levels must not take the same subcarriers at the same time, or their preambles could not be told
/// apart. Periods divide one another or lie on a grid of 40 ms, so opportunities are compared over the longest period.
fn check_overlap(levels: &[Level], issues: &mut Vec<Issue>) {
    let known = |time: SimDuration| NPRACH_PERIODS_MS.iter().any(|ms| SimDuration::from_millis(*ms) == time);
    for (second, b) in levels.iter().enumerate() {
        for (first, a) in levels.iter().enumerate().take(second) {
            let (a, b) = (&a.nprach, &b.nprach);
            let apart = a.subcarrier_offset + a.subcarriers <= b.subcarrier_offset
                || b.subcarrier_offset + b.subcarriers <= a.subcarrier_offset;
            if apart || !known(a.period) || !known(b.period) || !collide(a, b) {
                continue;
            }
            let what = format!(
                "the NPRACH resources of levels {first} and {second} take the same subcarriers at the same time"
            );
            let level = format!("level-{second}");
            let issue = Issue::new(["levels", level.as_str(), "nprach", "subcarrier_offset"], what);
            issues.push(
                issue
                    .expected("resources apart in subcarriers or in time")
                    .help("three resources of 12 subcarriers at the offsets 0, 12 and 24 never meet"),
            );
        }
    }
}

/// Whether opportunities of two resources with periods of the standard ever overlap in time.
fn collide(a: &Nprach, b: &Nprach) -> bool {
    let hyperperiod = SimDuration::from_millis(7_680);
    let starts = |n: &Nprach| (0..hyperperiod.0 / n.period.0).map(|i| n.start.0 + i * n.period.0).collect::<Vec<_>>();
    let (long_a, long_b) = (preamble_span(a).0, preamble_span(b).0);
    let (starts_a, starts_b) = (starts(a), starts(b));
    starts_a.iter().any(|x| starts_b.iter().any(|y| *x < y + long_b && *y < x + long_a))
}

/// Times beyond which a parameter makes no sense, and bookings could overflow.
fn check_longest(config: &Config, issues: &mut Vec<Issue>) {
    let longest = SimDuration::from_hours(1);
    for (key, time) in [
        ("backoff", config.backoff),
        ("information_period", config.information_period),
        ("core_delay", config.core_delay),
        ("server_delay", config.server_delay),
        ("rlc_poll_timer", config.rlc_poll_timer),
        ("inactivity", config.inactivity),
        ("release_wait", config.release_wait),
        ("connected_drx_cycle", config.connected_drx_cycle),
        ("first_search", config.first_search),
        ("search", config.search),
        ("reselection_measurement", config.moving.measurement),
        ("link_failure_timer", config.moving.link_failure),
    ] {
        if time > longest {
            let issue = Issue::new([key], format!("`{key}` is {}", Duration(time)));
            issues.push(issue.expected(format!("at most {}", Duration(longest))));
        }
    }
    for (number, level) in config.levels.iter().enumerate() {
        for (key, time) in [("sync", level.sync), ("mib", level.mib), ("information", level.information)] {
            if time > longest {
                let name = format!("level-{number}");
                let issue = Issue::new(["levels", name.as_str(), key], format!("`{key}` is {}", Duration(time)));
                issues.push(issue.expected(format!("at most {}", Duration(longest))));
            }
        }
    }
}

fn check_cell(config: &Config, issues: &mut Vec<Issue>) {
    if config.harq_processes > 1 && config.category == Category::Nb1 {
        let issue = Issue::new(["harq_processes"], "Cat NB1 has one HARQ process");
        issues.push(issue.expected("1, or `category: nb2` (TS 36.306 clause 4.1C)"));
    }
    if config.connected_drx_on > config.connected_drx_cycle {
        let what = "connected DRX receives longer than its cycle lasts";
        issues.push(Issue::new(["connected_drx_on"], what).expected("at most `connected_drx_cycle`"));
    }
    if config.si_subframes * 2 > config.si_period_ms {
        let what = format!("{} subframes of system information in {} ms", config.si_subframes, config.si_period_ms);
        issues.push(Issue::new(["si_subframes"], what).expected("half the subframes of `si_period` at most"));
    }
    if !SI_PERIODS_MS.contains(&u64::from(config.si_period_ms)) {
        let issue = Issue::new(["si_period"], format!("an SI period of {} ms does not exist", config.si_period_ms));
        issues.push(issue.expected(format!("{} (TS 36.331, si-Periodicity)", list(&SI_PERIODS_MS))));
    }
    check_paging(config, issues);
    for (key, time) in [
        ("connected_drx_cycle", config.connected_drx_cycle),
        ("search", config.search),
        ("search_pause", config.search_pause),
        ("registration_retry", config.registration_retry),
        ("information_period", config.information_period),
        ("information_validity", config.information_validity),
    ] {
        if time == SimDuration::ZERO {
            issues.push(Issue::new([key], format!("`{key}` is zero")).expected("a time above zero"));
        }
    }
    check_longest(config, issues);
    for (key, share) in
        [("detection_probability", config.detection_probability), ("target_block_error", config.target_block_error)]
    {
        if share <= 0.0 {
            issues.push(Issue::new([key], format!("`{key}` is zero")).expected("a share above 0"));
        }
    }
    if config.target_block_error >= 1.0 {
        let issue = Issue::new(["target_block_error"], "no block would ever arrive");
        issues.push(issue.expected("a share below 1"));
    }
}
