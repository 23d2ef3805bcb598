//! Terminals under satellites: waiting for them, using them while they are up, and nothing else.

use farlink::catalog::Catalogue;
use farlink::cause::{Cause, Errand};
use farlink::exec::setup::Executor;
use farlink::exec::trace::Stretch;
use farlink::geometry::earth::{Geodetic, Place};
use farlink::geometry::nadir::{nadir_angle, slant_range};
use farlink::network::{Beams, Constellation, Guard, Layout, Steering};
use farlink::orbit::passes::{Query, Window, plainly};
use farlink::orbit::{Pattern, Rotation, Span, Utc, Walker};
use farlink::population::Placement;
use farlink::population::hearing::{Hearing, Listener, Surroundings, terminal};
use farlink::population::sky::{Region, View};
use farlink::power::State;
use farlink::propagation::satellite::arc::Arc;
use farlink::propagation::satellite::budget::with_interference;
use farlink::propagation::satellite::layout::Reuse;
use farlink::propagation::satellite::tables::Environment;
use farlink::radio::channel::LinkClass;
use farlink::radio::nbiot::config::Config;
use farlink::radio::{Radio, Seat};
use farlink::rng::Key;
use farlink::units::{Db, Dbm, Metres, SimDuration, SimTime};
use farlink::world::Execution;
use farlink::world::above::hearing;
use farlink::world::satellite::{Beams as OtherBeams, Budget, Question, Surroundings as SatelliteSurroundings, report};
use farlink::world::spec::{GroupSpec, WorldSpec};

use crate::worlds::{self, hours, run};

pub const EPOCH: Utc = Utc(1_767_225_600_000_000);

/// A satellite is used only if it stays for so long.
const LEAST: SimDuration = SimDuration::from_secs(30);

/// Six planes of four, 600 km above a sphere.
pub const SIX_PLANES: Walker = Walker {
    pattern: Pattern::Delta,
    satellites: 24,
    planes: 6,
    phasing: 1.0,
    inclination_deg: 97.8,
    altitude_km: 600.0,
    first_node_deg: 0.0,
    drift: false,
};

/// Satellites with the radio of set 4 of TR 36.763, but alike in all directions: from 10 degrees on the coupling loss is less than 162 dB.
pub fn constellation(walker: Walker, min_elevation_deg: f64) -> Constellation {
    let mut payload = Catalogue::default().satellite("tr36763-set-4-leo-600").expect("it is in the library");
    payload.downlink.aperture = Metres(0.01);
    payload.uplink.aperture = Metres(0.01);
    Constellation {
        satellites: walker.satellites("sky", EPOCH).collect(),
        rotation: Rotation::From(EPOCH),
        epoch: EPOCH,
        min_elevation_deg,
        payload,
        beams: Beams { steering: Steering::Moving, rings: 0, reuse: Reuse::One, lit: 1.0 },
        least: LEAST,
        spread: SimDuration::ZERO,
        guard: Guard::default(),
        moving_areas: false,
        gateways: None,
    }
}

pub fn region(latitude_deg: [f64; 2], longitude_deg: [f64; 2]) -> Region {
    Region { latitude_deg, longitude_deg, surroundings: Surroundings::default() }
}

/// Buoys in a part of the sea: latitudes, longitudes.
pub fn buoys(count: u32, every: SimDuration, latitude_deg: [f64; 2], longitude_deg: [f64; 2]) -> GroupSpec {
    let mut group = worlds::group("buoys", count, every, Placement::Region(region(latitude_deg, longitude_deg)));
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
    spec.networks[0].layout = Layout::Satellites(Box::new(constellation));
    spec
}

#[test]
fn the_wait_is_that_of_the_constellation() {
    let region = region([40.0, 40.0], [0.0, 0.0]);
    let spec = world(constellation(SIX_PLANES, 10.0), buoys(10, hours(1), region.latitude_deg, region.longitude_deg));
    // Few, so that those who have waited for the same satellite do not keep each other from it.
    let spec = WorldSpec { duration: hours(20 * 24), ..spec };
    let ledger = run(&spec, &Execution::default()).group(0);
    let messages = ledger.delivered as f64;
    let lost: u64 = ledger.lost.iter().sum();
    assert!(messages > 4_700.0 && (lost as f64) < 0.02 * messages, "{messages} {:?}", ledger.lost);
    let wait = ledger.latency_by_cause[Cause::Satellite.index()] as f64 / messages;
    let expected = 60e6 * expected_wait(&spec, &constellation(SIX_PLANES, 10.0), &region.place(Key::root(0)), LEAST);
    // Of 4,800 messages the mean is known to some per cent. A second goes by between two satellites.
    assert!((wait / expected - 1.0).abs() < 0.06, "{wait} us, expected {expected}");
}

/// The mean wait in minutes at a place, if satellites are not used for so long before they set: whoever comes at any time waits for
/// sum(gap²) / (2 T) on average.
fn expected_wait(spec: &WorldSpec, constellation: &Constellation, place: &Place, least: SimDuration) -> f64 {
    let mut windows = windows(spec, constellation, place);
    windows.iter_mut().for_each(|window| window.end = window.end.plus(-least.as_secs_f64()));
    windows.retain(|window| window.end > window.start);
    windows.sort_by_key(|window| window.start);
    let (mut covered, mut squares) = (EPOCH, 0.0);
    for Window { start, end, .. } in windows {
        squares += start.seconds_since(covered).max(0.0).powi(2);
        covered = covered.max(end);
    }
    squares / 2.0 / (spec.duration + spec.warmup).as_secs_f64() / 60.0
}

/// When a place sees each satellite, by the plain search.
pub fn windows(
    spec: &WorldSpec,
    constellation: &Constellation,
    place: &farlink::geometry::earth::Place,
) -> Vec<Window> {
    let query = Query {
        satellites: &constellation.satellites,
        places: &[],
        span: Span { start: EPOCH, end: EPOCH.plus((spec.duration + spec.warmup).as_secs_f64()) },
        min_elevation_deg: constellation.min_elevation_deg,
        rotation: Rotation::From(EPOCH),
    };
    (0..constellation.satellites.len() as u32).flat_map(|satellite| plainly(&query, place, satellite)).collect()
}

#[test]
fn waits_are_those_of_sparse_constellations() {
    // From an independent search of 15 days at latitude 40, longitude 0, from 10 degrees on: minutes.
    for (satellites, planes, phasing, every, published) in [
        (1, 1, 0.0, hours(13), 285.0),
        (8, 4, 1.0, hours(5), 51.0),
        (16, 4, 1.0, hours(5), 34.8),
        (24, 6, 1.0, hours(1), 5.49),
    ] {
        let walker = Walker { satellites, planes, phasing, ..SIX_PLANES };
        let (mut waited, mut messages) = (0.0, 0.0);
        // Few at a time, so that those who have waited for the same satellite do not keep each other from it.
        for seed in 1..=10 {
            let spec = world(constellation(walker, 10.0), buoys(4, every, [40.0, 40.0], [0.0, 0.0]));
            let spec = WorldSpec { seed, duration: hours(15 * 24), warmup: SimDuration::ZERO, ..spec };
            let ledger = run(&spec, &Execution::default()).group(0);
            waited += ledger.latency_by_cause[Cause::Satellite.index()] as f64 / 60e6;
            messages += ledger.delivered as f64;
        }
        let wait = waited / messages;
        let sky = constellation(walker, 10.0);
        let spec = WorldSpec {
            duration: hours(15 * 24),
            warmup: SimDuration::ZERO,
            ..world(sky.clone(), buoys(1, every, [40.0; 2], [0.0; 2]))
        };
        let place = region([40.0; 2], [0.0; 2]).place(Key::root(0));
        let [whole, used] = [SimDuration::ZERO, LEAST].map(|least| expected_wait(&spec, &sky, &place, least));
        // The published search took steps of 20 s over a sphere; this one is exact, over an ellipsoid.
        assert!((whole / published - 1.0).abs() < 0.06, "{satellites}: {whole} min, published {published}");
        // Of 1,100 to 14,000 messages the mean is known to some per cent, and those that wait at the end are missing from it.
        assert!((wait / used - 1.0).abs() < 0.07, "{satellites}: {wait} min, expected {used} ({messages} messages)");
    }
}

/// How the terminals of a world hear satellites.
fn hears(spec: &WorldSpec) -> Hearing {
    let network = &spec.networks[0];
    let channels = network.channels().expect("the parameters fit together");
    hearing(network, &spec.groups[0], &channels).expect("it has satellites")
}

/// How one hears a satellite that stands so high.
fn seat(spec: &WorldSpec, hearing: &Hearing, elevation_deg: f64, listener: &Listener, arc: &Arc) -> Seat {
    let place = Place::on_ellipsoid(Geodetic { latitude_deg: 40.0, longitude_deg: 0.0, altitude_km: 0.0 });
    let (altitude, angle) = (Metres(600e3), elevation_deg.to_radians());
    let nadir = nadir_angle(altitude, elevation_deg).to_radians();
    let range = slant_range(altitude, elevation_deg);
    let towards = [nadir.sin(), 0.0, nadir.cos()];
    let view = View { range, sine: angle.sin(), away: place.up * (range.0 / 1e3), towards };
    let heard = hearing.heard(listener, &place, &view, arc);
    spec.networks[0].radio.seat_at(heard.coupling_loss, heard.ratios)
}

#[test]
fn a_run_hears_what_the_link_budget_says() {
    let mut spec = world(constellation(SIX_PLANES, 10.0), buoys(1, hours(1), [40.0, 40.0], [0.0, 0.0]));
    let Layout::Satellites(satellites) = &mut spec.networks[0].layout else { unreachable!() };
    satellites.payload = Catalogue::default().satellite("tr36763-set-4-leo-600").unwrap();
    let (payload, terminal) = (satellites.payload.clone(), terminal(&spec.groups[0].device));
    let bandwidths = spec.networks[0].radio.bandwidths().unwrap().map(Some);
    let hearing = hears(&spec);
    for elevation in [10.0, 17.0, 30.0, 52.0, 90.0] {
        let question = Question {
            payload: &payload,
            terminal: &terminal,
            elevations_deg: &[elevation],
            bandwidths,
            off_axis_deg: nadir_angle(Metres(600e3), elevation),
            surroundings: None,
            beams: None,
        };
        let point = report(&question, &|_| String::new()).points.remove(0);
        let (down, up) = (point.downlink.cinr_db, point.uplink.cinr_db);
        // Without surroundings the budget has a margin in place of what a run draws.
        let listener = Listener { key: Key::root(0), building: Db(0.0) };
        let heard = seat(&spec, &hearing, elevation, &listener, &IN_THE_OPEN);
        let margin = payload.shadow_margin.0;
        let classes = [down, up].map(|ratio| LinkClass::of(Db(ratio + margin)));
        assert_eq!([heard.downlink, heard.uplink], classes, "{elevation}");
        // Power behind the antenna, less the coupling loss, over the noise of 180 kHz at a noise figure of 5 dB.
        let ratio = 33.0 - heard.coupling_loss.0 + 121.447 - 5.0;
        assert!((ratio - down - margin).abs() < 0.03, "{elevation}: {ratio} {down}");
    }
}

#[test]
fn a_run_hears_what_the_places_of_a_budget_hear() {
    let mut group = buoys(1, hours(1), [40.0, 40.0], [0.0, 0.0]);
    let Placement::Region(region) = &mut group.placement else { unreachable!() };
    region.surroundings = Surroundings { environment: Some(Environment::Urban), indoor_fraction: 1.0 };
    let spec = world(constellation(SIX_PLANES, 10.0), group);
    let Layout::Satellites(satellites) = &spec.networks[0].layout else { unreachable!() };
    let payload = &satellites.payload;
    let terminal = terminal(&spec.groups[0].device);
    let network = &spec.networks[0];
    let hearing = hears(&spec);
    let walls = Some(network.propagation.building.walls());
    let question = Question {
        payload,
        terminal: &terminal,
        elevations_deg: &[40.0],
        bandwidths: network.radio.bandwidths().unwrap().map(Some),
        off_axis_deg: nadir_angle(Metres(600e3), 40.0),
        surroundings: Some(SatelliteSurroundings { environment: Environment::Urban, walls, share: 0.5 }),
        beams: None,
    };
    let told = report(&question, &|_| String::new()).points.remove(0);
    let mut heard: Vec<u8> = (0..2_000)
        .map(|number| {
            let listener = hearing.listener(Key::root(3).child(number));
            seat(&spec, &hearing, 40.0, &listener, &hearing.arc(&listener, 5, 2)).uplink.0
        })
        .collect();
    heard.sort_unstable();
    // Of 2,000 places the median is known to a decibel or two.
    let median = LinkClass(heard[1_000]).ratio().0;
    assert!((median - told.uplink.cinr_db).abs() < 2.0, "{median} {}", told.uplink.cinr_db);
}

/// A world under satellites of set 3, whose beams are 22 degrees wide.
fn many_beams(beams: Beams) -> WorldSpec {
    let payload = Catalogue::default().satellite("tr36763-set-3-leo-600").expect("it is in the library");
    let sky = Constellation { payload, beams, ..constellation(SIX_PLANES, 10.0) };
    world(sky, buoys(1, hours(1), [40.0, 40.0], [0.0, 0.0]))
}

const IN_THE_OPEN: Arc = Arc { obstruction: 0.0, shadow: 0.0 };

#[test]
fn beams_disturb_as_the_link_budget_says() {
    for (reuse, lit) in [(Reuse::One, 0.5), (Reuse::Three, 1.0)] {
        let spec = many_beams(Beams { steering: Steering::Moving, rings: 4, reuse, lit });
        let Layout::Satellites(satellites) = &spec.networks[0].layout else { unreachable!() };
        let payload = &satellites.payload;
        let question = Question {
            payload,
            terminal: &terminal(&spec.groups[0].device),
            elevations_deg: &[90.0],
            bandwidths: spec.networks[0].radio.bandwidths().unwrap().map(Some),
            off_axis_deg: 0.0,
            surroundings: None,
            beams: Some(OtherBeams { reuse, lit }),
        };
        let point = report(&question, &|_| String::new()).points.remove(0);
        let listener = Listener { key: Key::root(0), building: Db(0.0) };
        let heard = seat(&spec, &hears(&spec), 90.0, &listener, &IN_THE_OPEN);
        // The budget has the shadow margin in the signal, and not in the interference.
        let ratio = |budget: &Budget| -> Db {
            let noise = Db(budget.cnr_db) + payload.shadow_margin;
            with_interference(noise, Db(budget.cir_db.unwrap()))
        };
        let expected = [&point.downlink, &point.uplink].map(|budget| LinkClass::of(ratio(budget)));
        assert_eq!([heard.downlink, heard.uplink], expected, "{reuse:?}");
    }
}

#[test]
fn terminals_are_anywhere_in_cells_that_stay_on_the_earth() {
    let spec = many_beams(Beams { steering: Steering::EarthFixed, rings: 0, reuse: Reuse::Three, lit: 0.0 });
    let hearing = hears(&spec);
    let least = hearing.plain_loss(Metres(600e3), 90.0).0;
    let loss = |number| {
        let listener = hearing.listener(Key::root(1).child(number));
        seat(&spec, &hearing, 90.0, &listener, &IN_THE_OPEN).coupling_loss.0 - least
    };
    let losses: Vec<f64> = (0..2_000).map(loss).collect();
    // From the middle of a cell to its corner the gain falls by 3 dB.
    let (best, worst) = losses.iter().fold((9.0f64, 0.0f64), |(low, high), loss| (low.min(*loss), high.max(*loss)));
    assert!((-1e-9..0.05).contains(&best) && (2.5..3.0).contains(&worst), "{best} {worst}");
}

#[test]
fn terminals_are_awake_while_a_satellite_is_up_and_not_else() {
    let sky = constellation(SIX_PLANES, 20.0);
    let spec = world(sky.clone(), buoys(1, hours(1), [-30.0, -30.0], [150.0, 150.0]));
    let region = region([-30.0, -30.0], [150.0, 150.0]);
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
    let spec = world(constellation(SIX_PLANES, 10.0), buoys(2_000, hours(2), [-60.0, 60.0], [-180.0, 180.0]));
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
        let walker = Walker { satellites: 1, planes: 1, phasing: 0.0, ..SIX_PLANES };
        let sky = Constellation { spread, ..constellation(walker, 20.0) };
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
        let sky = Constellation { guard, ..constellation(SIX_PLANES, 20.0) };
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
        let sky = Constellation { moving_areas, ..constellation(SIX_PLANES, 20.0) };
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
