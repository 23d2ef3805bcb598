//! Terminals under satellites: waiting for them, using them while they are up, and nothing else.

use farlink::cause::{Cause, Errand};
use farlink::exec::setup::Executor;
use farlink::exec::trace::Stretch;
use farlink::network::{Constellation, Guard, Layout};
use farlink::orbit::passes::{Query, Window, plainly};
use farlink::orbit::{Pattern, Rotation, Satellite, Span, Utc, Walker};
use farlink::population::Placement;
use farlink::population::sky::Region;
use farlink::power::State;
use farlink::radio::Radio;
use farlink::radio::nbiot::config::Config;
use farlink::rng::Key;
use farlink::units::{Db, Dbm, Hertz, SimDuration, SimTime};
use farlink::world::Execution;
use farlink::world::spec::{GroupSpec, WorldSpec};

use crate::worlds::{self, hours, run};

pub const EPOCH: Utc = Utc(1_767_225_600_000_000);

/// A satellite is used only if it stays for so long.
const LEAST: SimDuration = SimDuration::from_secs(30);

/// Six planes of four, 600 km above a sphere; set 4 of TR 36.763.
pub fn constellation(min_elevation_deg: f64) -> Constellation {
    Constellation {
        walker: Walker {
            pattern: Pattern::Delta,
            satellites: 24,
            planes: 6,
            phasing: 1.0,
            inclination_deg: 97.8,
            altitude_km: 600.0,
            first_node_deg: 0.0,
            drift: false,
        },
        epoch: EPOCH,
        min_elevation_deg,
        frequency: Hertz(2e9),
        antenna_gain: Db(11.0),
        losses: Db(8.3),
        least: LEAST,
        spread: SimDuration::ZERO,
        guard: Guard::default(),
        moving_areas: false,
        gateways: None,
    }
}

/// Buoys in a part of the sea: latitudes, longitudes.
pub fn buoys(count: u32, every: SimDuration, latitude_deg: [f64; 2], longitude_deg: [f64; 2]) -> GroupSpec {
    let mut group = worlds::group("buoys", count, every, Placement::Region(Region { latitude_deg, longitude_deg }));
    // With it the deepest level reaches beyond 10 degrees.
    group.device.antenna_gain = Db(0.0);
    group.traffic.answered = 0.0;
    group.power_saving.active_timer = SimDuration::ZERO;
    group
}

pub fn world(constellation: Constellation, group: GroupSpec) -> WorldSpec {
    let mut spec = worlds::bench_world(1, vec![group]);
    let ntn = Some(worlds::satellite(25_773, 30));
    spec.networks[0].radio =
        Radio::NbIot(Config { ntn, carrier_power: Dbm(33.0), noise_figure: Db(5.0), ..worlds::nbiot() });
    spec.networks[0].layout = Layout::Satellites(constellation);
    spec
}

#[test]
fn the_wait_is_that_of_the_constellation() {
    let region = Region { latitude_deg: [40.0, 40.0], longitude_deg: [0.0, 0.0] };
    let spec = world(constellation(10.0), buoys(10, hours(1), region.latitude_deg, region.longitude_deg));
    // Few, so that those who have waited for the same satellite do not keep each other from it.
    let spec = WorldSpec { duration: hours(20 * 24), ..spec };
    let ledger = run(&spec, &Execution::default()).group(0);
    let messages = ledger.delivered as f64;
    let lost: u64 = ledger.lost.iter().sum();
    assert!(messages > 4_700.0 && (lost as f64) < 0.02 * messages, "{messages} {:?}", ledger.lost);
    let wait = ledger.latency_by_cause[Cause::Satellite.index()] as f64 / messages;
    // Whoever comes at any time waits for sum(gap²) / (2 T) on average.
    let mut windows = windows(&spec, &constellation(10.0), &region.place(Key::root(0)));
    windows.iter_mut().for_each(|window| window.end = window.end.plus(-LEAST.as_secs_f64()));
    windows.retain(|window| window.end > window.start);
    windows.sort_by_key(|window| window.start);
    let (mut covered, mut squares) = (EPOCH, 0.0);
    for Window { start, end, .. } in windows {
        squares += start.seconds_since(covered).max(0.0).powi(2);
        covered = covered.max(end);
    }
    let expected = 1e6 * squares / 2.0 / (spec.duration + spec.warmup).as_secs_f64();
    // Of 4,800 messages the mean is known to some per cent. A second goes by between two satellites.
    assert!((wait / expected - 1.0).abs() < 0.06, "{wait} us, expected {expected}");
}

/// When a place sees each satellite, by the plain search.
pub fn windows(
    spec: &WorldSpec,
    constellation: &Constellation,
    place: &farlink::geometry::earth::Place,
) -> Vec<Window> {
    let satellites: Vec<Satellite> = constellation.walker.satellites("plain", EPOCH).collect();
    let query = Query {
        satellites: &satellites,
        places: &[],
        span: Span { start: EPOCH, end: EPOCH.plus((spec.duration + spec.warmup).as_secs_f64()) },
        min_elevation_deg: constellation.min_elevation_deg,
        rotation: Rotation::From(EPOCH),
    };
    (0..constellation.walker.satellites).flat_map(|satellite| plainly(&query, place, satellite)).collect()
}

#[test]
fn terminals_are_awake_while_a_satellite_is_up_and_not_else() {
    let sky = constellation(20.0);
    let spec = world(sky.clone(), buoys(1, hours(1), [-30.0, -30.0], [150.0, 150.0]));
    let region = Region { latitude_deg: [-30.0, -30.0], longitude_deg: [150.0, 150.0] };
    let windows = windows(&spec, &sky, &region.place(Key::root(0)));
    let execution = Execution { executor: Executor::Interpreted, traced: vec![(0, 0)], ..Execution::default() };
    let awake: Vec<Stretch> =
        run(&spec, &execution).stretches.into_iter().filter(|stretch| stretch.activity.state != State::Sleep).collect();
    assert!(awake.len() > 200, "{}", awake.len());
    let at = |time: SimTime| EPOCH.plus(time.0 as f64 / 1e6);
    // Who loses a connection because its satellite sets listens for a second more.
    for stretch in awake.into_iter().filter(|stretch| stretch.cause != Cause::Reselection) {
        // Straight paths between knots are wrong by some hundred metres, 20 ms.
        let (start, end) = (at(stretch.start).plus(0.05), at(stretch.end).plus(-2.0));
        let up = windows.iter().any(|window| window.start <= start && end <= window.end);
        assert!(up, "{stretch:?}");
    }
}

#[test]
fn threads_do_not_show() {
    let spec = world(constellation(10.0), buoys(2_000, hours(2), [-60.0, 60.0], [-180.0, 180.0]));
    let spec = WorldSpec { duration: hours(12), ..spec };
    let expected = run(&spec, &Execution::default());
    assert!(expected.group(0).delivered > 8_000);
    for threads in [2, 3, 8] {
        for cells_per_district in [None, Some(1)] {
            let other = run(&spec, &Execution { threads, cells_per_district, ..Execution::default() });
            assert_eq!(other.tally, expected.tally, "{threads} threads, {cells_per_district:?}");
            assert_eq!(other.ledgers, expected.ledgers, "{threads} threads, {cells_per_district:?}");
        }
    }
    let step_by_step = run(&spec, &Execution { executor: Executor::Interpreted, ..Execution::default() });
    assert_eq!(step_by_step.ledgers, expected.ledgers, "step by step");
}

#[test]
fn a_storm_at_the_rise_of_a_satellite_is_spread() {
    let storm = |spread: SimDuration| {
        // One satellite, and everybody has waited for it.
        let walker = Walker { satellites: 1, planes: 1, phasing: 0.0, ..constellation(20.0).walker };
        let sky = Constellation { walker, spread, ..constellation(20.0) };
        let spec = world(sky, buoys(100, hours(24), [40.0, 40.5], [0.0, 0.5]));
        let outcome = run(&WorldSpec { duration: hours(48), ..spec }, &Execution::default());
        let load = &outcome.cells[0][0].access;
        let [attempts, collided] = [
            load.iter().map(|level| level.attempts).sum::<u64>() as f64,
            load.iter().map(|level| level.collided).sum::<u64>() as f64,
        ];
        collided / attempts
    };
    let (at_once, spread) = (storm(SimDuration::ZERO), storm(SimDuration::from_secs(240)));
    assert!(at_once > 0.5 && spread < 0.5 * at_once, "{at_once} {spread}");
}

#[test]
fn who_waited_long_listens_longer_before_the_rise() {
    let listening = |guard: Guard| {
        let sky = Constellation { guard, ..constellation(20.0) };
        let spec = world(sky, buoys(20, hours(8), [-30.0, 30.0], [150.0, 160.0]));
        let mut ledger = run(&spec, &Execution::default()).group(0);
        let (messages, spent) = (ledger.delivered as f64, ledger.energy_by_cause()[Cause::Reselection.index()]);
        assert!(messages > 50.0 && ledger.errand(Errand::TrackingAreaUpdate).paid == 0);
        spent as f64 / messages
    };
    let none = listening(Guard::default());
    let second = listening(Guard { least: SimDuration::from_secs(1), per_day: SimDuration::ZERO });
    // Eight hours between two contacts are a third of a day: a third of three seconds.
    let growing = listening(Guard { least: SimDuration::ZERO, per_day: SimDuration::from_secs(3) });
    let share = (growing - none) / (second - none);
    assert!(second > none && (0.8..1.3).contains(&share), "{none} {second} {growing}");
}

#[test]
fn areas_that_move_with_satellites_cost_an_update_under_each() {
    let updates = |moving_areas: bool| {
        let sky = Constellation { moving_areas, ..constellation(20.0) };
        let mut ledger =
            run(&world(sky, buoys(50, hours(3), [-30.0, 30.0], [150.0, 160.0])), &Execution::default()).group(0);
        (ledger.delivered, ledger.errand(Errand::TrackingAreaUpdate).latency.len())
    };
    let ((delivered, none), (also, many)) = (updates(false), updates(true));
    assert_eq!(none, 0);
    // With three hours between reports it is another satellite nearly each time.
    assert!(many as f64 > 0.8 * also as f64 && many <= also + 60, "{many} updates, {also} messages");
    assert!(also as f64 > 0.97 * delivered as f64, "{also} {delivered}");
}
