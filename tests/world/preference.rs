//! Groups with several networks: who is served by which, what changing costs, and that nothing else shows.

use farlink::cause::{Cause, Errand, Loss};
use farlink::exec::outage::Outage;
use farlink::exec::setup::Executor;
use farlink::metrics::recorder::Ledger;
use farlink::network::Layout;
use farlink::population::Placement;
use farlink::population::coverage::Coverage;
use farlink::radio::Radio;
use farlink::radio::nbiot::config::Config;
use farlink::units::{Db, Dbm, Metres, SimDuration, SimTime};
use farlink::world::shard::{ShardId, couplings};
use farlink::world::spec::{Alternative, Alternatives, WorldSpec};
use farlink::world::{Execution, Outcome};

use crate::overhead;
use crate::worlds::{self, hours, run};

const CITY: usize = 0;
const SKY: usize = 1;
/// Search of all bands in vain.
const SEARCH: SimDuration = SimDuration::from_secs(60);

fn coverage(share: f64, stay: Option<SimDuration>) -> Coverage {
    Coverage { share, stay, coupling_loss: Db(140.0) }
}

/// Machines all over temperate latitudes, with three cells of a city and 24 satellites.
fn machines(count: u32, every: SimDuration, coverage: Coverage) -> WorldSpec {
    let region = overhead::region([30.0, 50.0], [-20.0, 20.0]);
    let mut group = worlds::group("machines", count, every, Placement::Region(region));
    group.device.antenna_gain = Db(0.0);
    group.traffic.answered = 0.0;
    group.power_saving.active_timer = SimDuration::ZERO;
    let alternative = Alternative { network: SKY, position: None, power_saving: group.power_saving };
    group.alternatives = Some(Alternatives {
        networks: vec![alternative],
        coverage: vec![(CITY, coverage)],
        origin_deg: None,
        search: hours(2),
    });
    let mut spec = worlds::bench_world(3, vec![group]);
    let mut sky = spec.networks[CITY].clone();
    sky.name = "sky".into();
    let ntn = Some(worlds::satellite(25_773, 30));
    sky.radio = Radio::NbIot(Config { ntn, carrier_power: Dbm(33.0), noise_figure: Db(5.0), ..worlds::nbiot() });
    sky.layout = Layout::Satellites(Box::new(overhead::constellation(overhead::SIX_PLANES, 10.0)));
    spec.networks.push(sky);
    WorldSpec { duration: hours(48), ..spec }
}

fn served(outcome: &Outcome) -> [&Ledger; 2] {
    [&outcome.served[0][0], &outcome.served[0][1]]
}

fn lost(ledger: &Ledger) -> u64 {
    ledger.lost.iter().sum()
}

fn attaches(ledger: &Ledger) -> u64 {
    ledger.errands.as_ref().map_or(0, |books| books[Errand::Attach.index()].latency.len())
}

fn seconds(ledger: &Ledger, cause: Cause) -> f64 {
    ledger.latency_by_cause[cause.index()] as f64 / 1e6
}

#[test]
fn messages_go_where_there_is_coverage() {
    let outcome = run(&machines(1_000, hours(4), coverage(0.7, Some(hours(12)))), &Execution::default());
    let [city, sky] = served(&outcome);
    let all = outcome.group(0);
    assert_eq!(city.delivered + sky.delivered, all.delivered);
    assert!(all.delivered > 11_000 && lost(&all) < all.delivered / 50, "{} {:?}", all.delivered, all.lost);
    assert_eq!(all.lost[Loss::NoCoverage.index()], 0);
    // Coverage is asked anew for each message, but from the sky every two hours only, which is always between two messages.
    let share = city.delivered as f64 / all.delivered as f64;
    assert!((share - 0.7).abs() < 0.02, "{share}");
    // A terminal comes to another place four times; at 2 × 0.7 × 0.3 of these it changes, and registers.
    let (there, back) = (attaches(sky), attaches(city));
    assert!(there.abs_diff(back) < 150 && (1_450..1_950).contains(&(there + back)), "{there} there, {back} back");
    // Whoever goes there has searched in vain, and so has who is there, but for one of eight who spoke less than two hours ago.
    let searched = seconds(sky, Cause::Reselection) / SEARCH.as_secs_f64() / sky.delivered as f64;
    assert!((0.7..=0.95).contains(&searched), "{searched}");
    assert!(seconds(sky, Cause::Satellite) > 10.0 * seconds(city, Cause::Satellite));
    assert!(seconds(city, Cause::Reselection) < 5.0 * (city.delivered as f64));
}

#[test]
fn who_is_always_covered_never_searches_and_who_never_is_does_so_once_in_a_while() {
    let covered = run(&machines(200, hours(1), coverage(1.0, Some(hours(12)))), &Execution::default());
    let [city, sky] = served(&covered);
    assert_eq!((sky.delivered, sky.observed, city.moves.reselections), (0, 0, 0));
    assert_eq!(city.tail_energy_by_cause[Cause::Reselection.index()], 0);
    let uncovered = run(&machines(200, hours(1), coverage(0.0, None)), &Execution::default());
    let [city, sky] = served(&uncovered);
    assert_eq!((city.delivered, city.observed, attaches(sky)), (0, 0, 0));
    // A message an hour, and a search at the first after two hours: at most every other.
    let spent = sky.tail_energy_by_cause[Cause::Reselection.index()] as f64;
    let one = 60.0 * 90e-3 * 1e12;
    let searches = spent / one / 200.0;
    assert!((12.0..=24.0).contains(&searches), "{searches} searches of a terminal in two days");
}

#[test]
fn a_network_out_of_service_is_one_without_coverage() {
    let mut spec = machines(200, hours(1), coverage(1.0, None));
    let at = |hour| SimTime::ZERO + hours(hour);
    spec.networks[CITY].outages = vec![Outage { begin: at(10), end: at(20), restart: None }];
    let outcome = run(&spec, &Execution::default());
    let [city, sky] = served(&outcome);
    // Ten hours of messages, less those that wait, and those of the two hours in which nobody looks whether it is back.
    assert!((1_800..=2_400).contains(&sky.delivered), "{}", sky.delivered);
    assert_eq!((attaches(sky), attaches(city)), (200, 200));
    assert_eq!(seconds(city, Cause::Outage), 0.0);
}

#[test]
fn without_satellites_who_is_not_covered_loses_messages() {
    let mut spec = machines(300, hours(4), coverage(0.6, Some(hours(12))));
    let alternatives = spec.groups[0].alternatives.as_mut().unwrap();
    // A second operator, whose coverage is drawn apart.
    alternatives.coverage.push((SKY, coverage(0.5, Some(hours(12)))));
    let town = worlds::bench_world(2, Vec::new()).networks.remove(0);
    spec.networks[SKY] = farlink::world::spec::NetworkSpec { name: "town".into(), ..town };
    let outcome = run(&spec, &Execution::default());
    let [city, town] = served(&outcome);
    let all = outcome.group(0);
    let ended = (all.delivered + lost(&all)) as f64;
    let shares = [city.delivered, town.delivered, all.lost[Loss::NoCoverage.index()]].map(|n| n as f64 / ended);
    for (share, expected) in shares.into_iter().zip([0.6, 0.2, 0.2]) {
        assert!((share - expected).abs() < 0.04, "{shares:?}");
    }
}

#[test]
fn the_way_a_run_is_carried_out_does_not_show() {
    let mut spec = machines(500, hours(2), coverage(0.6, Some(hours(5))));
    let mut errands = worlds::busy_with_errands("errands", 100, spec.groups[0].placement);
    errands.device.antenna_gain = Db(0.0);
    errands.alternatives = spec.groups[0].alternatives.clone();
    spec.groups.push(errands);
    let spec = WorldSpec { duration: hours(20), ..spec };
    let expected = run(&spec, &Execution::default());
    for threads in [2, 3, 8] {
        for cells_per_district in [None, Some(1)] {
            let other = run(&spec, &Execution { threads, cells_per_district, ..Execution::default() });
            assert_eq!(other.tally, expected.tally, "{threads} threads, {cells_per_district:?}");
            assert_eq!(other.ledgers, expected.ledgers, "{threads} threads, {cells_per_district:?}");
            assert_eq!((&other.served, &other.lives), (&expected.served, &expected.lives));
        }
    }
    let step_by_step = run(&spec, &Execution { executor: Executor::Interpreted, ..Execution::default() });
    assert_eq!(step_by_step.ledgers, expected.ledgers, "step by step");
}

#[test]
fn networks_that_exchange_terminals_stay_in_one_shard() {
    let spec = machines(10, hours(4), coverage(0.5, None));
    let shared: Vec<&str> = couplings(&spec).iter().map(|coupling| coupling.shared).collect();
    assert_eq!(shared, ["exchange terminals with those of other networks"; 2]);
    let half = ShardId::new(1, 2).unwrap();
    let refused = farlink::world::run_shard(
        &spec,
        half,
        &Execution::default(),
        |_| std::ops::ControlFlow::Continue(()),
        Default::default(),
    );
    let said = refused.unwrap_err().to_string();
    assert!(said.contains("exchange terminals with those of other networks"), "{said}");
}

#[test]
fn who_hears_no_site_of_a_grid_is_served_by_satellites() {
    let mut spec = machines(300, hours(4), coverage(1.0, None));
    let mut sites = worlds::city(1, 1).networks.remove(0);
    let Layout::HexGrid(grid) = &mut sites.layout else { panic!("the city has a grid") };
    grid.inter_site_distance = Metres(60_000.0);
    spec.networks[CITY] = sites;
    spec.groups[0].placement = Placement::Uniform { indoor_fraction: 0.0 };
    let mut alone = spec.clone();
    alone.groups[0].alternatives = None;
    let uncovered = run(&alone, &Execution::default()).group(0).lost[Loss::NoCoverage.index()];
    let alternatives = spec.groups[0].alternatives.as_mut().unwrap();
    (alternatives.coverage, alternatives.origin_deg) = (Vec::new(), Some((48.0, 11.0)));
    let outcome = run(&spec, &Execution::default());
    let [city, sky] = served(&outcome);
    assert!(uncovered > 200, "{uncovered}");
    assert_eq!(sky.delivered + lost(sky) + sky.unfinished, uncovered);
    assert_eq!((attaches(city), attaches(sky), outcome.group(0).lost[Loss::NoCoverage.index()]), (0, 0, 0));
    assert!(city.delivered > 1_000 && sky.delivered > 9 * uncovered / 10, "{} {}", city.delivered, sky.delivered);
}

#[test]
fn reports_are_the_same_over_any_network() {
    let alone = |share| {
        let spec = machines(50, hours(4), coverage(share, None));
        let outcome = run(&spec, &Execution::default());
        let all = outcome.group(0);
        all.delivered + lost(&all) + all.unfinished
    };
    assert_eq!(alone(0.0), alone(1.0));
}
