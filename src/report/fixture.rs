//! Summaries for the tests of the reports, made by the recorders themselves from plausible draws.

use std::collections::BTreeMap;

use crate::cause::{Cause, Loss};
use crate::metrics::histogram::Histogram;
use crate::metrics::recorder::{AccessLoad, CellLoad, Ledger, battery, network};
use crate::metrics::series::{Column, Series};
use crate::metrics::summary::{Events, Group, Level, Period, Requirement, SUMMARY_VERSION, Summary};
use crate::network::{HexGrid, Layout};
use crate::report::cells::{self, CellRow};
use crate::rng::{Key, Purpose};
use crate::units::{Joules, Metres, SimDuration, SimTime};

/// Mean milliseconds of a message and millijoules of a day by cause, at good coverage.
const PROFILE: &[(Cause, f64, f64)] = &[
    (Cause::Queued, 0.9, 0.0),
    (Cause::Sync, 310.0, 24.0),
    (Cause::SystemInformation, 42.0, 3.1),
    (Cause::AccessWait, 96.0, 1.2),
    (Cause::Preamble, 11.0, 6.0),
    (Cause::AccessResponse, 74.0, 5.4),
    (Cause::Collision, 18.0, 2.0),
    (Cause::Unanswered, 6.0, 0.7),
    (Cause::Backoff, 41.0, 0.4),
    (Cause::ControlWait, 160.0, 9.9),
    (Cause::Queueing, 230.0, 14.0),
    (Cause::Control, 64.0, 5.1),
    (Cause::Scheduling, 120.0, 6.2),
    (Cause::Signalling, 88.0, 31.0),
    (Cause::Airtime, 67.0, 38.0),
    (Cause::Repetition, 140.0, 77.0),
    (Cause::Harq, 24.0, 9.0),
    (Cause::Acknowledgement, 9.0, 2.2),
    (Cause::Network, 55.0, 2.9),
    (Cause::Inactivity, 0.0, 61.0),
    (Cause::ActiveTime, 0.0, 140.0),
    (Cause::Sleep, 0.0, 1_296.0),
];

/// A ledger of `terminals` with about `messages` messages, `slow` times as slow and hungry as at good coverage.
fn ledger(name: &str, terminals: u64, messages: u64, slow: f64, loss: f64) -> Ledger {
    let key = Key::root(7).named(name);
    let mut ledger = Ledger { terminals, unfinished: messages / 900, ..Ledger::new() };
    for message in 0..messages {
        let draw = |purpose| key.draw(purpose, message);
        let mut total = SimDuration::ZERO;
        let mut parts = [SimDuration::ZERO; Cause::COUNT];
        let luck = libm::exp(0.45 * draw(Purpose::Delay).normal());
        for (cause, ms, _) in PROFILE {
            let part = SimDuration((ms * 1e3 * slow * luck) as u64);
            parts[cause.index()] = part;
            total += part;
        }
        ledger.message_cost(Joules::from_joules(0.235 * slow * luck));
        match draw(Purpose::BlockError).unit() {
            u if u < loss * 0.8 => ledger.lose(Loss::Access, 1),
            u if u < loss => ledger.lose(Loss::Radio, 1),
            _ => ledger.deliver(total, &parts),
        }
    }
    for (cause, _, mj) in PROFILE {
        let slow = if *cause == Cause::Sleep { 1.0 } else { slow };
        let energy = (mj * 1e9 * slow) as u128 * u128::from(terminals);
        let between = matches!(cause, Cause::Sleep | Cause::ActiveTime);
        let part = if between { &mut ledger.tail_energy_by_cause } else { &mut ledger.message_energy_by_cause };
        part[cause.index()] = energy;
    }
    ledger.observed = u128::from(terminals) * 86_400_000_000;
    ledger
}

/// Battery lives in hours of a thousand terminals around `years`.
pub(crate) fn lives(years: f64) -> Histogram {
    let mut life = Histogram::for_life();
    for terminal in 0..1_000 {
        let luck = libm::exp(0.25 * Key::root(1).draw(Purpose::Interval, terminal).normal());
        life.record((years * luck * 8_766.0) as u64);
    }
    life
}

fn group(network: &str, parts: Vec<(&str, Ledger)>, years: f64) -> (Group, Ledger) {
    let mut all = Ledger::new();
    parts.iter().for_each(|(_, part)| all.merge(part));
    let level = |(name, part): (&str, Ledger)| Level { name: name.to_owned(), results: part.results() };
    let group = Group {
        network: network.to_owned(),
        all: all.results(),
        levels: parts.into_iter().map(level).collect(),
        networks: BTreeMap::new(),
        battery: battery("3gpp-5wh", Joules::from_joules(18_000.0), &lives(years)),
    };
    (group, all)
}

fn summary(name: &str) -> Summary {
    Summary {
        summary_version: SUMMARY_VERSION,
        farlink: "0.1.0".to_owned(),
        name: name.to_owned(),
        seed: 7,
        model_data: "5c3e9a7d10f2b846".to_owned(),
        scenario: serde_json::json!({"farlink": 1, "name": name}),
        period: Period { warmup_s: 86_400.0, counted_s: 604_800.0, interrupted: false },
        events: Events { count: 48_120_331, hash: "9f02d64b8c1e77a5".to_owned() },
        requirements: Vec::new(),
        groups: BTreeMap::new(),
        networks: BTreeMap::new(),
        warnings: Vec::new(),
    }
}

fn requirement(text: &str, value: Option<f64>, shown: &str, met: bool) -> Requirement {
    Requirement { text: text.to_owned(), value, shown: shown.to_owned(), met }
}

/// The ledger of all meters of [`city`].
pub(crate) fn meters() -> (Group, Ledger) {
    let mut unreached = Ledger { terminals: 61, ..Ledger::new() };
    unreached.lost[Loss::NoCoverage.index()] = 427;
    unreached.spend_between(Cause::Sleep, Joules::from_joules(61.0 * 1.296));
    unreached.observed = 61 * 86_400_000_000;
    let parts = vec![
        ("level 0", ledger("level 0", 8_120, 56_840, 1.0, 0.000_1)),
        ("level 1", ledger("level 1", 1_493, 10_451, 2.6, 0.001)),
        ("level 2", ledger("level 2", 326, 2_282, 9.0, 0.02)),
        ("no coverage", unreached),
    ];
    group("city", parts, 21.7)
}

/// The loads of the cells of [`city`].
fn loads() -> Vec<CellLoad> {
    let mut cells = vec![CellLoad::new(3); 57];
    for (number, cell) in cells.iter_mut().enumerate() {
        let busy = 1 + (number as u64 * 37) % 11;
        cell.downlink_usable_us = 1_000_000;
        cell.downlink_busy_us = 31_000 * busy;
        cell.uplink_usable_us = 12_000_000;
        cell.uplink_busy_us = 97_000 * busy;
        for (level, load) in cell.access.iter_mut().enumerate() {
            let attempts = [1_012, 220, 57][level] * busy;
            *load = AccessLoad {
                attempts,
                collided: attempts * [8, 13, 29][level] / 1_000,
                collided_preambles: attempts * [4, 6, 14][level] / 1_000,
                missed: attempts * [1, 5, 9][level] / 1_000,
                unanswered: attempts / 10_000,
                unheard: attempts / 50,
                rejected: 0,
                opportunities: attempts * [61, 40, 17][level],
            };
        }
    }
    cells
}

/// Those cells, on a grid.
pub(crate) fn cells() -> Vec<CellRow> {
    let grid = HexGrid { rings: 2, inter_site_distance: Metres(1_732.0), sectors: 3 };
    cells::of_network("city", &Layout::HexGrid(grid), &loads())
}

/// A run as most are: a city of meters and a few trackers.
pub(crate) fn city() -> Summary {
    let mut city = summary("city-water-meters");
    city.requirements = vec![
        requirement("groups.meters.latency.p99 < 10s", Some(8.61), "8.61 s", true),
        requirement("groups.meters.delivery > 99.9%", Some(99.2), "99.2 %", false),
        requirement("groups.meters.battery.life.p10 > 10y", Some(15.8), "15.8 years", true),
        requirement("networks.city.access.level-2.collision < 5%", Some(2.9), "2.93 %", true),
    ];
    city.warnings = vec![
        "61 terminals of group meters hear no cell: their coupling loss is beyond the deepest coverage level. Add sites, \
         raise carrier_power_dbm or lower placement.uniform.indoor_fraction."
            .to_owned(),
    ];
    let (meters, _) = meters();
    city.groups.insert("meters".to_owned(), meters);
    let trackers = vec![("level 0", ledger("trackers", 250, 12_000, 0.8, 0.0))];
    city.groups.insert("trackers".to_owned(), group("city", trackers, 2.4).0);
    let cells = loads();
    city.networks.insert("city".to_owned(), network("nb-iot", &["level 0", "level 1", "level 2"], &cells));
    city
}

/// A run in which nothing happened.
pub(crate) fn silence() -> Summary {
    let mut silence = summary("silence");
    silence.period = Period { warmup_s: 0.0, counted_s: 3_600.0, interrupted: true };
    silence.events.count = 1;
    silence.requirements = vec![requirement("groups.void.latency.p99 < 10s", None, "", false)];
    silence.warnings = vec!["No message was sent within the counted time.".to_owned()];
    let (mut void, _) = group("none", vec![("level 0", Ledger { terminals: 1, ..Ledger::new() })], 0.5);
    void.battery = battery("3gpp-5wh", Joules::from_joules(18_000.0), &Histogram::for_life());
    silence.groups.insert("void".to_owned(), void);
    silence.networks.insert("none".to_owned(), network("nb-iot", &[], &[]));
    silence
}

/// A short series with something in it.
pub(crate) fn series() -> Series {
    let mut series = Series::new(SimTime(0), SimTime(120_000_000), SimDuration::from_secs(60));
    series.add(Column::Offered, SimTime(1_000_000), 3);
    series
}
