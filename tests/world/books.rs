//! The books balance: time and energy by cause against clocks that do not know the causes.

use std::collections::BTreeMap;

use farlink::cause::{Cause, Errand, Loss};
use farlink::exec::setup::Executor;
use farlink::exec::trace::Stretch;
use farlink::radio::Radio;
use farlink::radio::nbiot::admission::{Admission, Barring, Connection, EarlyData, EarlyLevel, Preconfigured, Reject};
use farlink::radio::nbiot::config::Config;
use farlink::traffic::dialogue::Dialogue;
use farlink::units::{Db, SimDuration, SimTime};
use farlink::world::Execution;
use farlink::world::spec::WorldSpec;

use crate::worlds::{self, run};

/// All errands, three coverage levels, lost blocks, collisions, late reports and a network that does not heed release assistance.
fn busy_bench(release_assistance: bool) -> WorldSpec {
    let minutes = |minutes: u64| SimDuration::from_secs(60 * minutes);
    let mut spec = worlds::bench_world(
        2,
        vec![
            worlds::group("near", 300, minutes(10), worlds::bench(120.0)),
            worlds::group("edge", 100, minutes(30), worlds::bench(154.0)),
            worlds::group("deep", 40, minutes(1), worlds::bench(164.0)),
            worlds::group("dark", 5, minutes(60), worlds::bench(170.0)),
            worlds::busy_with_errands("errands", 60, worlds::bench(140.0)),
            worlds::busy_with_errands("deep errands", 20, worlds::bench(160.0)),
        ],
    );
    for group in &mut spec.groups {
        group.power_saving.release_assistance = release_assistance;
    }
    spec.warmup = SimDuration::ZERO;
    spec.duration = worlds::hours(6);
    spec
}

/// The same with all that can happen on the way in: early data and reserved blocks with their fallbacks, barring, rejects.
fn busy_bench_over(connection: Connection) -> WorldSpec {
    let mut spec = busy_bench(false);
    for group in &mut spec.groups {
        group.traffic.overhead_bytes = 29;
        group.traffic.dialogue = Dialogue::plain(29);
    }
    let level = EarlyLevel { max_tbs: 1_000, subcarriers: 4 };
    let tolerance = Db(6.0);
    let early_data =
        (connection != Connection::ServiceRequest).then_some(EarlyData { refused: 0.2, levels: [level; 3] });
    let preconfigured = Preconfigured { period: SimDuration::from_secs(300), max_tbs: 808, tolerance };
    let admission = Admission {
        connection,
        resume_failure: 0.2,
        early_data,
        preconfigured: (connection == Connection::ControlPlane).then_some(preconfigured),
        barring: Barring { rotation: SimDuration::from_secs(30), classes: [1, 2, 3] },
        reject: Some(Reject { above: SimDuration::from_millis(8), wait: SimDuration::from_secs(20) }),
    };
    spec.networks[0].radio = Radio::NbIot(Config { admission, ..worlds::nbiot() });
    spec
}

/// Every way from idle mode to data.
fn busy_benches() -> [WorldSpec; 5] {
    let late = [Connection::Resume, Connection::ServiceRequest, Connection::ControlPlane].map(busy_bench_over);
    let [resume, service, control] = late;
    [busy_bench(true), busy_bench(false), resume, service, control]
}

#[test]
fn latency_by_cause_is_receipt_minus_send() {
    for spec in busy_benches() {
        let outcome = run(&spec, &Execution::default());
        for ledger in outcome.ledgers.iter().flatten() {
            assert_eq!(ledger.latency_by_cause.iter().sum::<u128>(), ledger.latency.sum());
            assert_eq!(ledger.latency.len(), ledger.delivered);
            for cause in Cause::ALL.iter().filter(|cause| cause.after_delivery()) {
                assert_eq!(ledger.latency_by_cause[cause.index()], 0, "{cause}");
            }
        }
        let deep = outcome.group(2);
        assert!(deep.delivered > 0 && deep.latency_by_cause[Cause::Queued.index()] > 0, "late reports occur");
        let dark = outcome.group(3);
        assert_eq!((dark.delivered, dark.lost.iter().sum::<u64>()), (0, dark.lost[2]), "no coverage");
    }
}

#[test]
fn energy_by_cause_is_the_integral_of_the_state_trace() {
    for spec in busy_benches() {
        let traced = spec.groups.iter().enumerate();
        let traced = traced.flat_map(|(group, spec)| (0..spec.count).map(move |index| (group as u16, index)));
        let execution = Execution { executor: Executor::Interpreted, traced: traced.collect(), ..Execution::default() };
        let outcome = run(&spec, &execution);

        let mut of_terminal: BTreeMap<(u16, u32), Vec<Stretch>> = BTreeMap::new();
        let mut energy = vec![[0u128; Cause::COUNT]; spec.groups.len()];
        for stretch in &outcome.stretches {
            let span = stretch.end.since(stretch.start);
            // Only a report is split by cause; any other errand is one.
            let cause = stretch.errand.and_then(Errand::cause).unwrap_or(stretch.cause);
            energy[usize::from(stretch.group)][cause.index()] +=
                u128::from(stretch.activity.power.0) * u128::from(span.0);
            of_terminal.entry((stretch.group, stretch.index)).or_default().push(*stretch);
        }
        for (group, energy) in energy.iter().enumerate() {
            assert_eq!(outcome.group(group).energy_by_cause(), *energy, "group {group}");
        }
        assert_eq!(of_terminal.len(), spec.groups.iter().map(|group| group.count as usize).sum::<usize>());
        for (terminal, mut stretches) in of_terminal {
            stretches.sort_by_key(|stretch| stretch.start);
            assert_eq!(stretches[0].start, SimTime::ZERO, "{terminal:?}");
            for pair in stretches.windows(2) {
                assert_eq!(pair[0].end, pair[1].start, "{terminal:?} neither pauses nor does two things at once");
            }
            // A message under way at the end has been walked a little further.
            assert!(stretches[stretches.len() - 1].end >= outcome.reached, "{terminal:?}");
        }
    }
}

#[test]
fn folded_plans_book_the_same_as_single_steps() {
    for spec in busy_benches() {
        let fast = run(&spec, &Execution::default());
        let slow = run(&spec, &Execution { executor: Executor::Interpreted, ..Execution::default() });
        assert_eq!(fast.tally, slow.tally);
        assert_eq!(fast.ledgers, slow.ledgers);
        assert_eq!(fast.lives, slow.lives);
        assert_eq!(fast.cells, slow.cells);
    }
}

#[test]
fn a_long_transmission_makes_its_neighbours_queue() {
    let crowd = worlds::group("crowd", 600, SimDuration::from_secs(600), worlds::bench(164.0));
    // 25 blocks of over a second each minute: one of the four narrow tones is hardly ever free.
    let mut giant = worlds::group("giant", 1, SimDuration::from_secs(60), worlds::bench(164.0));
    giant.traffic.payload = farlink::traffic::Payload::Fixed(3_000);
    let queueing = |seed: u64, groups: Vec<_>| {
        let mut spec = worlds::bench_world(1, groups);
        spec.networks[0].radio = Radio::NbIot(Config { narrow_columns: 1, ..worlds::nbiot() });
        (spec.seed, spec.duration) = (seed, worlds::hours(6));
        let outcome = run(&spec, &Execution::default());
        for cell in outcome.cells.iter().flatten() {
            assert!(cell.uplink_busy_us <= cell.uplink_usable_us, "booked tones x time stay within the grid");
            assert!(cell.downlink_busy_us <= cell.downlink_usable_us, "as does the downlink");
            assert!(cell.uplink_busy_us > cell.uplink_usable_us / 10, "the cell is busy");
        }
        let ledger = outcome.group(0);
        ledger.latency_by_cause[Cause::Queueing.index()] as f64 / ledger.delivered as f64 / 1e6
    };
    for seed in 1..=4 {
        let before = queueing(seed, vec![crowd.clone()]);
        let after = queueing(seed, vec![crowd.clone(), giant.clone()]);
        assert!(after > before * 1.5, "seed {seed}: {before} s before, {after} s after");
    }
}

#[test]
fn a_deaf_network_is_tried_level_by_level_and_given_up() {
    let mut spec = worlds::bench_world(1, vec![worlds::group("a", 30, worlds::hours(2), worlds::bench(120.0))]);
    spec.warmup = SimDuration::ZERO;
    spec.networks[0].radio = Radio::NbIot(Config { detection_probability: 0.0, ..worlds::nbiot() });
    let outcome = run(&spec, &Execution::default());
    let ledger = outcome.group(0);
    let lost = ledger.lost[Loss::Access.index()];
    assert_eq!((ledger.delivered, ledger.lost.iter().sum::<u64>()), (0, lost));
    assert!(lost > 300);
    // Ten attempts a message: five at its own level, five at the next, none is left for the deepest.
    let attempts: Vec<u64> = outcome.cells[0][0].access.iter().map(|access| access.attempts).collect();
    assert!(attempts[0] >= 5 * lost && attempts[0] <= 5 * (lost + ledger.unfinished));
    assert_eq!(attempts[0].div_ceil(5), attempts[1].div_ceil(5));
    assert_eq!(attempts[2], 0);
    assert_eq!(outcome.cells[0][0].access[0].missed, attempts[0]);
}

#[test]
fn a_terminal_that_is_interrupted_while_connected_need_not_wake_again() {
    // A report every ten seconds, an inactivity timer of twenty: connected for good.
    let ten_seconds = SimDuration::from_secs(10);
    let mut group = worlds::group("a", 10, ten_seconds, worlds::bench(120.0));
    group.traffic.jitter = SimDuration::ZERO;
    group.power_saving.release_assistance = false;
    let mut spec = worlds::bench_world(1, vec![group]);
    (spec.warmup, spec.duration) = (SimDuration::ZERO, worlds::hours(1));
    let ledger = run(&spec, &Execution::default()).group(0);
    assert!(ledger.delivered > 3_500, "{}", ledger.delivered);
    // Each terminal searched its cell once, at its first report: 44 ms at 90 mW.
    assert_eq!(ledger.energy_by_cause()[Cause::Sync.index()], 10 * 44_000 * 90_000);
    assert!(ledger.energy_by_cause()[Cause::Inactivity.index()] > 0);
    let asleep = ledger.energy_by_cause()[Cause::Sleep.index()] / 15;
    assert!(asleep < 10 * 10_000_000, "asleep only before the first report: {asleep} µs");
}

#[test]
fn every_report_is_accounted_for() {
    // Far more than the cell can carry, so that reports pile up in the terminals.
    let mut spec =
        worlds::bench_world(1, vec![worlds::group("a", 60, SimDuration::from_secs(5), worlds::bench(164.0))]);
    (spec.warmup, spec.duration) = (SimDuration::from_secs(100), SimDuration::from_secs(1_200));
    let outcome = run(&spec, &Execution::default());
    let setup = farlink::world::build::setup(&spec, Executor::Compiled).unwrap();
    let group = &setup.groups[0];
    let due = (0..60).map(|index| {
        let first = |time| group.traffic.first_from(group.key.child(index), SimDuration::from_secs(5), time);
        u64::from(first(setup.end) - first(setup.counted_from))
    });
    let messages = outcome.group(0).results().messages;
    assert_eq!(messages.offered, due.sum::<u64>());
    assert!(messages.unfinished > messages.offered / 4, "{messages:?}");
    let cell = &outcome.cells[0][0];
    assert!(cell.downlink_busy_us <= cell.downlink_usable_us && cell.uplink_busy_us <= cell.uplink_usable_us);
}

#[test]
fn a_block_is_sent_as_often_as_allowed_and_no_more() {
    // A strong downlink, so that no grant is missed, and an uplink at its limit.
    let retransmitted = |max_transmissions| {
        let mut spec = worlds::bench_world(1, vec![worlds::group("a", 50, worlds::hours(1), worlds::bench(164.0))]);
        let config = Config {
            carrier_power: farlink::units::Dbm(75.0),
            max_transmissions,
            rlc_retransmissions: 0,
            ..worlds::nbiot()
        };
        spec.networks[0].radio = Radio::NbIot(config);
        let ledger = run(&spec, &Execution::default()).group(0);
        (ledger.energy_by_cause()[Cause::Harq.index()], ledger.lost[Loss::Radio.index()])
    };
    let (once, lost_once) = retransmitted(1);
    assert_eq!(once, 0, "nothing is sent again");
    let (often, lost_often) = retransmitted(8);
    assert!(often > 0 && lost_once > 10 * lost_often.max(1), "{lost_once} {lost_often}");
}

#[test]
fn acknowledged_mode_saves_what_harq_gives_up() {
    let lost = |rlc_retransmissions| {
        let mut spec = worlds::bench_world(1, vec![worlds::group("a", 200, worlds::hours(1), worlds::bench(154.0))]);
        let config = Config { max_transmissions: 1, rlc_retransmissions, ..worlds::nbiot() };
        spec.networks[0].radio = Radio::NbIot(config);
        let ledger = run(&spec, &Execution::default()).group(0);
        ledger.lost[Loss::Radio.index()] as f64 / (ledger.delivered + ledger.lost[Loss::Radio.index()]) as f64
    };
    // Two or three blocks of a message fail independently: one chance more squares, four make it vanish.
    let (none, one, four) = (lost(0), lost(1), lost(4));
    assert!(none > 0.05, "{none}");
    assert!(one < none * none * 1.5 && four < 0.002, "{none} {one} {four}");
}

#[test]
fn a_terminal_at_a_border_uses_both_levels() {
    let attempts = |rsrp_error: f64| {
        let mut spec = worlds::bench_world(1, vec![worlds::group("a", 100, worlds::hours(1), worlds::bench(144.0))]);
        let config = Config { rsrp_error: farlink::units::Db(rsrp_error), ..worlds::nbiot() };
        spec.networks[0].radio = Radio::NbIot(config);
        let outcome = run(&spec, &Execution::default());
        let access = &outcome.cells[0][0].access;
        (access[0].attempts as f64, access[1].attempts as f64, access[2].attempts)
    };
    let (exact, _, _) = attempts(0.0);
    let (near, deep, deepest) = attempts(2.0);
    assert!((near / exact - 0.5).abs() < 0.05, "half of the messages: {near} of {exact}");
    assert!((deep / exact - 0.5).abs() < 0.05 && deepest < 30, "the other half one level deeper: {deep}, {deepest}");
}

#[test]
fn the_strongest_of_colliding_terminals_gets_through() {
    use farlink::radio::channel::Collision;
    // Near and far terminals in the same level, and few preambles for many.
    let delivered = |collision| {
        let minutes = SimDuration::from_secs(300);
        let groups = vec![
            worlds::group("near", 300, minutes, worlds::bench(110.0)),
            worlds::group("far", 300, minutes, worlds::bench(140.0)),
        ];
        let mut spec = worlds::bench_world(1, groups);
        (spec.warmup, spec.duration) = (SimDuration::ZERO, worlds::hours(4));
        spec.networks[0].radio = Radio::NbIot(Config { collision, ..worlds::nbiot() });
        let outcome = run(&spec, &Execution::default());
        let time = |group: usize| {
            let ledger = outcome.group(group);
            ledger.latency_by_cause[Cause::Collision.index()] as f64 / ledger.delivered as f64
        };
        (time(0), time(1), outcome.cells[0][0].access[0])
    };
    let (near, far, load) = delivered(Collision::FirstBlock);
    assert!(load.collided > 1_000 && far > 2.0 * near, "{near} µs against {far} µs lost to collisions");
    let (_, _, load) = delivered(Collision::Undetected);
    assert!(load.missed > load.collided, "collisions are missed, and some others");
}
