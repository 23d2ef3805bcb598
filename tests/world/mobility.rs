//! Terminals that move: the same bits however a run is carried out, books that close, and the closed forms of motion.

use farlink::cause::{Cause, Errand};
use farlink::exec::setup::Executor;
use farlink::network::{HexGrid, Layout};
use farlink::population::Placement;
use farlink::population::motion::{Motion, RandomWaypoint};
use farlink::propagation::Tr45820;
use farlink::radio::Edrx;
use farlink::radio::Radio;
use farlink::radio::nbiot::config::{Config, Moving};
use farlink::units::{Db, Metres, SimDuration};
use farlink::world::spec::{GroupSpec, WorldSpec};
use farlink::world::summarise::{Labels, summarise};
use farlink::world::{EventSetKind, Execution, Outcome};

use crate::worlds::{self, hours, ms, run};

fn waypoint(slow: f64, fast: f64, pause_s: u64) -> Option<Motion> {
    let pause = (SimDuration::ZERO, SimDuration::from_secs(pause_s));
    Some(Motion::RandomWaypoint(RandomWaypoint { speed: (slow, fast), pause }))
}

/// Trackers outdoors that listen all the time.
fn trackers(count: u32, every: SimDuration, motion: Option<Motion>) -> GroupSpec {
    let mut group = worlds::group("trackers", count, every, Placement::Uniform { indoor_fraction: 0.0 });
    group.power_saving.active_timer = SimDuration::FOREVER;
    group.motion = motion;
    group
}

/// A city of 57 cells with meters that stand still, trackers that listen and trackers that sleep.
fn city() -> WorldSpec {
    let mut spec = worlds::city(2, 1_000);
    let mut asleep = trackers(300, hours(1), waypoint(5.0, 25.0, 600));
    (asleep.name, asleep.power_saving.active_timer) = ("asleep".into(), SimDuration::from_secs(10));
    let mut dozing = trackers(200, hours(2), waypoint(1.0, 40.0, 60));
    dozing.name = "dozing".into();
    dozing.power_saving.edrx = Some(Edrx { cycle: ms(20_480), window: ms(10_240) });
    spec.groups.extend([trackers(300, hours(1), waypoint(30.0, 60.0, 60)), asleep, dozing]);
    (spec.warmup, spec.duration) = (ms(1_800_000), ms(9_000_000));
    spec
}

fn text(spec: &WorldSpec, outcome: &Outcome) -> String {
    let labels = Labels { name: "city".into(), model_data: String::new(), scenario: serde_json::Value::Null };
    farlink::report::json::text(&summarise(spec, outcome, labels)).expect("a summary is JSON")
}

#[test]
fn threads_event_set_executor_and_division_do_not_show() {
    let spec = city();
    // 57 districts of one cell.
    let base = Execution { cells_per_district: Some(1), ..Execution::default() };
    let expected = run(&spec, &base);
    let moves: u64 = (0..4).map(|group| expected.group(group).moves.reselections).sum();
    assert!(moves > 100_000, "{moves} changes of cell");
    assert!((1..4).all(|group| expected.group(group).moves.link_failures > 0), "connections break too");
    let summary = text(&spec, &expected);
    let others = [
        ("two threads", Execution { threads: 2, ..base.clone() }),
        ("three threads", Execution { threads: 3, ..base.clone() }),
        ("eight threads", Execution { threads: 8, ..base.clone() }),
        ("the heap", Execution { events: EventSetKind::Heap, threads: 2, ..base.clone() }),
        ("step by step", Execution { executor: Executor::Interpreted, threads: 2, ..base.clone() }),
        ("districts of 7 cells", Execution { cells_per_district: Some(7), threads: 2, ..base.clone() }),
        ("one district", Execution { cells_per_district: Some(57), ..base.clone() }),
    ];
    for (name, execution) in others {
        let outcome = run(&spec, &execution);
        assert_eq!(outcome.tally, expected.tally, "{name}");
        assert!(text(&spec, &outcome) == summary, "{name}: the summary differs");
    }
}

#[test]
fn time_and_messages_are_conserved() {
    let spec = city();
    let outcome = run(&spec, &Execution { threads: 2, ..Execution::default() });
    for (number, group) in spec.groups.iter().enumerate() {
        let ledger = outcome.group(number);
        let counted = u128::from(spec.duration.0) * u128::from(group.count);
        // Contacts that are under way at either end count as a whole or not at all.
        let off = ledger.observed.abs_diff(counted) as f64 / counted as f64;
        assert!(off < 2e-3, "{}: {off}", group.name);
        let latency: u128 = ledger.latency_by_cause.iter().sum();
        assert!(latency > 0);
        let lost: u64 = ledger.lost.iter().sum();
        assert!(ledger.delivered > 20 * lost, "{}: {} and {lost}", group.name, ledger.delivered);
        if group.motion.is_some() {
            assert!(ledger.energy_by_cause()[Cause::Reselection.index()] > 0);
            let errands = ledger.errands.as_ref().expect("they tell where they are");
            assert!(errands[Errand::TrackingAreaUpdate.index()].paid > ledger.moves.area_updates / 2);
        }
    }
}

/// One group of trackers on sites with one cell each, without shadowing and hysteresis.
fn plain(count: u32, motion: Option<Motion>) -> WorldSpec {
    let mut spec = worlds::city(3, 1);
    spec.networks[0].layout = Layout::HexGrid(HexGrid { rings: 3, inter_site_distance: Metres(1_732.0), sectors: 1 });
    spec.networks[0].propagation = Tr45820 { shadowing_sigma: Db(0.0), temporal_sigma: Db(0.0), ..worlds::air() };
    let moving = Moving { hysteresis: Db(0.0), area_sites: 1_000, ..worlds::nbiot().moving };
    spec.networks[0].radio = Radio::NbIot(Config { moving, ..worlds::nbiot() });
    spec.groups = vec![trackers(count, hours(12), motion)];
    (spec.warmup, spec.duration) = (ms(0), hours(4));
    spec
}

#[test]
fn borders_are_crossed_as_often_as_geometry_says() {
    // Who moves in a uniform direction from a uniform place crosses the border of its cell perimeter × speed / (π × area)
    // times a second.
    for speed in [5.0, 20.0] {
        let spec = plain(600, waypoint(speed, speed, 0));
        let outcome = run(&spec, &Execution { threads: 2, ..Execution::default() });
        let crossings = outcome.group(0).moves.reselections as f64;
        let perimeter = 6.0 * 1_732.0 / 3_f64.sqrt();
        let area = 3_f64.sqrt() / 2.0 * 1_732.0 * 1_732.0;
        let rate = perimeter * speed / (std::f64::consts::PI * area);
        let expected = rate * 600.0 * spec.duration.as_secs_f64();
        // Looks 27.5 m apart miss who cuts a corner.
        assert!((0.98..1.01).contains(&(crossings / expected)), "{speed} m/s: {crossings}, {expected}");
        assert_eq!(outcome.group(0).moves.area_updates, 0, "one area");
    }
}

#[test]
fn who_stands_still_is_not_touched_by_those_who_move() {
    let alone = run(&worlds::city(1, 300), &Execution::default());
    let mut spec = worlds::city(1, 300);
    spec.groups.push(trackers(1, hours(10_000), waypoint(10.0, 10.0, 0)));
    let beside = run(&spec, &Execution::default());
    let (alone, beside) = (alone.group(0), beside.group(0));
    assert_eq!((alone.delivered, alone.lost), (beside.delivered, beside.lost));
    // Contention with one more terminal aside.
    let share =
        alone.latency_by_cause.iter().sum::<u128>() as f64 / beside.latency_by_cause.iter().sum::<u128>() as f64;
    assert!((share - 1.0).abs() < 1e-3, "{share}");
}

/// The city of 57 cells with meters whose load is each other's interference, beside trackers that move.
fn loaded() -> WorldSpec {
    let mut spec = worlds::city(2, 4_000);
    spec.groups[0].traffic = worlds::reports(ms(900_000));
    spec.groups.push(trackers(100, hours(1), waypoint(10.0, 30.0, 300)));
    spec.networks[0].interference_window = Some(SimDuration::from_secs(600));
    (spec.warmup, spec.duration) = (hours(1), hours(2));
    spec
}

#[test]
fn interference_that_follows_the_load_does_not_show_the_execution() {
    for moving in [true, false] {
        let mut spec = loaded();
        if !moving {
            spec.groups.pop();
        }
        let base = Execution { cells_per_district: Some(1), ..Execution::default() };
        let expected = run(&spec, &base);
        let summary = text(&spec, &expected);
        let others = [
            ("two threads", Execution { threads: 2, ..base.clone() }),
            ("three threads and the heap", Execution { threads: 3, events: EventSetKind::Heap, ..base.clone() }),
            ("eight threads", Execution { threads: 8, ..base.clone() }),
            ("step by step", Execution { executor: Executor::Interpreted, threads: 2, ..base.clone() }),
            ("districts of 10 cells", Execution { cells_per_district: Some(10), threads: 2, ..base.clone() }),
        ];
        for (name, execution) in others {
            let outcome = run(&spec, &execution);
            assert_eq!(outcome.tally, expected.tally, "{name}");
            assert!(text(&spec, &outcome) == summary, "{name}: the summary differs");
        }
    }
}

#[test]
fn a_busy_city_disturbs_itself_more_than_a_quiet_one() {
    let harq = |every: SimDuration, window: Option<SimDuration>, activity: f64| {
        let mut spec = worlds::city(2, 4_000);
        spec.groups[0].traffic = worlds::reports(every);
        spec.groups[0].traffic.answered = 1.0;
        spec.networks[0].interference_window = window;
        spec.networks[0].propagation.neighbour_activity = activity;
        (spec.warmup, spec.duration) = (hours(1), hours(3));
        let ledger = run(&spec, &Execution { threads: 2, ..Execution::default() }).group(0);
        let downlink = ledger.latency_by_cause[Cause::Acknowledgement.index()];
        assert!(downlink > 0);
        ledger.latency_by_cause[Cause::Harq.index()] as f64 / ledger.delivered as f64
    };
    let window = Some(SimDuration::from_secs(600));
    // A quiet city's cells send little but synchronisation and broadcast, about a quarter of the time.
    let (quiet, busy) = (harq(hours(8), window, 0.5), harq(ms(500_000), window, 0.5));
    let (quarter, whole) = (harq(hours(8), None, 0.25), harq(hours(8), None, 1.0));
    assert!((quiet / quarter - 1.0).abs() < 0.15, "{quiet} µs, with an activity of a quarter {quarter} µs");
    assert!(busy > 1.05 * quiet && whole > quiet, "{quiet} µs, {busy} µs, at full activity {whole} µs");
}
