//! What terminals contact the network for beside their reports.

use farlink::cause::{Cause, Errand, Loss};
use farlink::exec::outage::Outage;
use farlink::exec::setup::Start;
use farlink::metrics::recorder::ErrandBook;
use farlink::radio::Radio;
use farlink::radio::nbiot::config::Config;
use farlink::traffic::dialogue::Leg;
use farlink::traffic::{Call, Rhythm};
use farlink::units::{SimDuration, SimTime};
use farlink::world::spec::{GroupSpec, WorldSpec};
use farlink::world::{Execution, Outcome};

use crate::worlds::{self, hours, run};

const fn minutes(minutes: u64) -> SimDuration {
    SimDuration::from_secs(60 * minutes)
}

/// Groups on a bench, counted from the beginning.
fn world(groups: Vec<GroupSpec>, duration: SimDuration) -> WorldSpec {
    let mut spec = worlds::bench_world(1, groups);
    (spec.warmup, spec.duration) = (SimDuration::ZERO, duration);
    spec
}

fn book(outcome: &Outcome, group: usize, errand: Errand) -> ErrandBook {
    outcome.group(group).errand(errand).clone()
}

#[test]
fn who_is_switched_on_registers_and_reports_from_then_on() {
    let mut group = worlds::group("fresh", 50, hours(1), worlds::bench(130.0));
    group.start = Start::SwitchedOn { at: SimTime::ZERO + hours(2), spread: minutes(30) };
    let outcome = run(&world(vec![group.clone()], hours(12)), &Execution::default());
    let attach = book(&outcome, 0, Errand::Attach);
    assert_eq!((attach.latency.len(), attach.failed, attach.paid), (50, 0, 50));
    // A search of 5 s and nine legs.
    assert!(attach.latency.min() > 5_500_000 && attach.latency.max() < 60_000_000, "{:?}", attach.latency.max());
    let usual = GroupSpec { start: Start::Attached, ..group };
    let always = run(&world(vec![usual], hours(12)), &Execution::default());
    let (fresh, always) = (outcome.group(0), always.group(0));
    let ratio = fresh.delivered as f64 / always.delivered as f64;
    assert!((ratio - 9.75 / 12.0).abs() < 0.03, "off for 2 h 15 min of 12 h: {ratio}");
    let energy = |ledger: &farlink::metrics::recorder::Ledger| ledger.message_energy.mean();
    assert!((energy(&fresh) / energy(&always) - 1.0).abs() < 0.05, "an attach is no part of a message");
    assert!(attach.energy as f64 / 50.0 / 1e6 > 3.0 * energy(&fresh), "and is worth several");
}

#[test]
fn a_deaf_network_is_asked_again_after_t3402() {
    let mut group = worlds::group("fresh", 5, hours(1), worlds::bench(130.0));
    group.start = Start::SwitchedOn { at: SimTime::ZERO, spread: SimDuration::ZERO };
    let mut spec = world(vec![group], hours(6));
    spec.networks[0].radio = Radio::NbIot(Config { detection_probability: 0.0, ..worlds::nbiot() });
    let outcome = run(&spec, &Execution::default());
    let attach = book(&outcome, 0, Errand::Attach);
    // Every 12 minutes and the time of ten attempts.
    assert!(attach.latency.is_empty() && (5 * 25..=5 * 30).contains(&attach.failed), "{}", attach.failed);
    assert_eq!(
        outcome.group(0).delivered + outcome.group(0).lost[Loss::Access.index()],
        0,
        "no one reports unregistered"
    );
}

#[test]
fn the_periodic_update_comes_when_nothing_else_does() {
    let quiet = |every, update| {
        let mut group = worlds::group("quiet", 40, every, worlds::bench(130.0));
        worlds::rhythm(&mut group).jitter = SimDuration::ZERO;
        group.power_saving.periodic_update = update;
        let outcome = run(&world(vec![group], hours(240)), &Execution::default());
        book(&outcome, 0, Errand::TrackingAreaUpdate).latency.len()
    };
    assert_eq!(quiet(hours(24), hours(30)), 0, "each report starts T3412 anew");
    // Between two reports 50 hours apart T3412 of 10 hours runs out four times, or five where a report is just late.
    let updates = quiet(hours(50), hours(10));
    let per_day = updates as f64 / 40.0 / 10.0;
    assert!((per_day - 24.0 / 50.0 * 4.0).abs() < 0.15, "{per_day}");
}

#[test]
fn a_command_waits_for_a_terminal_that_listens() {
    let called = |active_timer, every| {
        let mut group = worlds::group("called", 100, every, worlds::bench(130.0));
        group.power_saving.active_timer = active_timer;
        let legs = vec![Leg::down("command", 80)];
        group.calls.command = Some(Call { rhythm: Rhythm::Every(hours(6)), legs, rounds: 1 });
        // All have spoken once when counting begins.
        let spec = WorldSpec { warmup: hours(3), ..world(vec![group], hours(96)) };
        let outcome = run(&spec, &Execution::default());
        let commands = book(&outcome, 0, Errand::Command);
        assert_eq!(commands.failed, 0);
        commands.latency
    };
    // Asleep until its next report, at a uniform time within two hours (two intervals of jitter).
    let asleep = called(SimDuration::ZERO, hours(1));
    assert!((1_500..=1_600).contains(&asleep.len()), "{}", asleep.len());
    let mean = asleep.mean() / 1e6 / 60.0;
    // Mean residual life of intervals of (1 + U1 - U2) hours: E[X²] / 2E[X] = (1 + 1/6) / 2 hours.
    assert!((mean - 35.0).abs() < 2.0, "{mean} min");
    // Always listening: half a paging cycle of 2.56 s, random access, and the block.
    let awake = called(hours(3), hours(1));
    let mean = awake.mean() / 1e6;
    assert!((1.28..4.0).contains(&mean), "{mean} s");
    assert!(awake.max() < 30_000_000);
}

#[test]
fn software_comes_block_by_block_once() {
    let mut group = worlds::group("loaders", 30, hours(4), worlds::bench(140.0));
    let legs = vec![Leg::up("request", 65), Leg::down("block", 577)];
    let rhythm = Rhythm::Once { at: SimTime::ZERO + hours(3), spread: hours(2) };
    group.calls.download = Some(Call { rhythm, legs, rounds: 40 });
    let outcome = run(&world(vec![group.clone()], hours(24)), &Execution::default());
    let loads = book(&outcome, 0, Errand::Download);
    assert_eq!((loads.latency.len(), loads.failed), (30, 0));
    let energy = |rounds| {
        let mut group = group.clone();
        group.calls.download.as_mut().unwrap().rounds = rounds;
        let outcome = run(&world(vec![group], hours(24)), &Execution::default());
        book(&outcome, 0, Errand::Download).energy as f64
    };
    let ratio = energy(80) / energy(40);
    assert!((1.85..2.1).contains(&ratio), "twice the software costs twice the energy: {ratio}");
    let day = outcome.group(0).energy_by_cause();
    assert_eq!(day[Cause::Download.index()], loads.energy, "all of it is booked under the download");
}

#[test]
fn a_network_out_of_service_is_searched_for_and_its_messages_come_late() {
    let mut group = worlds::group("meters", 200, hours(1), worlds::bench(130.0));
    worlds::rhythm(&mut group).jitter = SimDuration::ZERO;
    let mut spec = world(vec![group], hours(24));
    let usual = run(&spec, &Execution::default()).group(0);
    let (begin, end) = (SimTime::ZERO + hours(6), SimTime::ZERO + hours(10));
    spec.networks[0].outages = vec![Outage { begin, end, restart: None }];
    let outcome = run(&spec, &Execution::default());
    let late = outcome.group(0);
    assert_eq!(late.delivered, usual.delivered, "nothing is lost");
    // All wake within the first hour; searches of 1 min with pauses of 5, 10, 20 … 320 min begin at 0, 6, 17, 38, 79, 160,
    // 321 min, and the network is back after 240 min. Reports that come due meanwhile queue behind the first.
    let wait = late.latency_by_cause[Cause::Outage.index()] as f64 / 1e6 / 60.0 / 200.0;
    let found = |x: f64| [0.0, 6.0, 17.0, 38.0, 79.0, 160.0, 321.0].iter().find(|at| x + **at >= 240.0).unwrap() + 1.0;
    let expected = (0..600).map(|tenth| found(f64::from(tenth) / 10.0)).sum::<f64>() / 600.0;
    assert!((wait / expected - 1.0).abs() < 0.01, "{wait} min against {expected}");
    let search = late.energy_by_cause()[Cause::Search.index()];
    assert!(search > 5 * late.message_energy.mean() as u128, "searching costs");
    assert_eq!(usual.energy_by_cause()[Cause::Search.index()], 0);
}

#[test]
fn after_a_power_cut_all_register_at_once() {
    let group = worlds::group("meters", 400, hours(1), worlds::bench(130.0));
    let mut spec = world(vec![group], hours(24));
    let (begin, end) = (SimTime::ZERO + hours(6), SimTime::ZERO + hours(10));
    let outcome = |spec: &WorldSpec, within| {
        let mut spec = spec.clone();
        spec.networks[0].outages = vec![Outage { begin, end, restart: Some(within) }];
        run(&spec, &Execution::default())
    };
    let storm = outcome(&spec, SimDuration::from_secs(1));
    let spread = outcome(&spec, minutes(30));
    let (at_once, calm) = (book(&storm, 0, Errand::Attach), book(&spread, 0, Errand::Attach));
    assert_eq!(calm.latency.len(), 400);
    let share = |outcome: &Outcome| {
        let access = outcome.cells[0][0].access[0];
        access.collided as f64 / access.attempts as f64
    };
    assert!(share(&storm) > 2.0 * share(&spread), "{} against {}", share(&storm), share(&spread));
    assert!(at_once.latency.mean() > 1.2 * calm.latency.mean());
    assert!(at_once.latency.len() + at_once.failed >= 400, "who fails tries again");
    spec.networks[0].outages.clear();
    let (usual, cut) = (run(&spec, &Execution::default()).group(0), spread.group(0));
    let ratio = cut.delivered as f64 / usual.delivered as f64;
    assert!((ratio - 19.75 / 24.0).abs() < 0.03, "four hours and a quarter of 24 without reports: {ratio}");
    // 4 h 15 min without even the power of deep sleep.
    let sleep = |ledger: &farlink::metrics::recorder::Ledger| ledger.energy_by_cause()[Cause::Sleep.index()] as f64;
    assert!((sleep(&cut) / sleep(&usual) - 19.75 / 24.0).abs() < 0.02);
}

#[test]
fn pages_load_all_cells_of_the_tracking_area() {
    let busy = |cells, by_level| {
        let mut group = worlds::group("called", 100, hours(12), worlds::bench(130.0));
        group.power_saving.active_timer = hours(20);
        let legs = vec![Leg::down("command", 80)];
        group.calls.command = Some(Call { rhythm: Rhythm::Every(minutes(30)), legs, rounds: 1 });
        let mut spec = world(vec![group], hours(24));
        let config = Config { paging_cells: cells, paging_by_level: by_level, ..worlds::nbiot() };
        spec.networks[0].radio = Radio::NbIot(config);
        run(&spec, &Execution::default()).cells[0][0].downlink_busy_us
    };
    let (one, many, deepest) = (busy(1, true), busy(21, true), busy(21, false));
    // Each of some 4,800 commands is sent 20 times more: NPDCCH and NPDSCH of a page.
    let page_ms = (many - one) as f64 / 1e3 / (20.0 * 4_750.0);
    assert!((9.0..30.0).contains(&page_ms), "{page_ms} ms a page with Rmax 8");
    assert!(deepest > 3 * many, "pages for the deepest level take longer: {many} {deepest}");
}

#[test]
fn long_downloads_survive_as_many_lost_blocks_as_they_have() {
    // At 154 dB every few dozen blocks HARQ gives one up; RLC counts for each anew (TS 36.322 clause 5.2.1).
    let mut group = worlds::group("loaders", 20, hours(12), worlds::bench(154.0));
    let legs = vec![Leg::up("request", 65), Leg::down("block", 577)];
    let rhythm = Rhythm::Once { at: SimTime::ZERO + hours(1), spread: hours(10) };
    group.calls.download = Some(Call { rhythm, legs, rounds: 200 });
    let mut spec = world(vec![group], hours(48));
    spec.networks[0].radio = Radio::NbIot(Config { max_transmissions: 2, ..worlds::nbiot() });
    let loads = book(&run(&spec, &Execution::default()), 0, Errand::Download);
    assert_eq!((loads.latency.len(), loads.failed), (20, 0));
}

#[test]
fn what_waits_when_the_power_goes_is_lost_and_counted() {
    let mut group = worlds::group("meters", 100, hours(1), worlds::bench(130.0));
    group.start = Start::SwitchedOn { at: SimTime::ZERO, spread: minutes(1) };
    let mut spec = world(vec![group], hours(24));
    // Nobody gets through before the cut, so all that was born waits.
    let out = Outage { begin: SimTime::ZERO + hours(3), end: SimTime::ZERO + hours(6), restart: None };
    let cut = Outage { begin: SimTime::ZERO + hours(6), end: SimTime::ZERO + hours(8), restart: Some(minutes(1)) };
    spec.networks[0].outages = vec![out, cut];
    let ledger = run(&spec, &Execution::default()).group(0);
    let lost = ledger.lost[Loss::PowerCut.index()];
    assert!((250..=350).contains(&lost), "three hours of hourly reports of a hundred: {lost}");
    let offered = ledger.delivered + ledger.lost.iter().sum::<u64>() + ledger.unfinished;
    // Off for two hours of 24, and born or not born at the ends.
    assert!((2_150..=2_250).contains(&offered), "{offered}");
    // A cut that lasts beyond the end: nothing is drawn, nothing reported.
    spec.networks[0].outages =
        vec![Outage { begin: SimTime::ZERO + hours(12), end: SimTime::ZERO + hours(48), restart: Some(minutes(1)) }];
    let ledger = run(&spec, &Execution::default()).group(0);
    let offered = ledger.delivered + ledger.lost.iter().sum::<u64>() + ledger.unfinished;
    assert!((1_150..=1_250).contains(&offered), "{offered}");
    let sleep = ledger.energy_by_cause()[Cause::Sleep.index()] as f64 / 1e12;
    // 100 terminals × 12 h × 15 µW.
    assert!((sleep / (100.0 * 43_200.0 * 15e-6) - 1.0).abs() < 0.03, "{sleep} J");
}

#[test]
fn a_life_does_not_hang_on_what_happens_once() {
    let mut group = worlds::group("meters", 50, hours(2), worlds::bench(144.0));
    let life = |group: &GroupSpec, outages: Vec<Outage>| {
        let mut spec = world(vec![group.clone()], hours(72));
        spec.networks[0].outages = outages;
        run(&spec, &Execution::default()).lives[0].quantile(0.5) as f64
    };
    let usual = life(&group, Vec::new());
    let out = Outage { begin: SimTime::ZERO + hours(20), end: SimTime::ZERO + hours(30), restart: None };
    assert!((life(&group, vec![out]) / usual - 1.0).abs() < 0.03, "an outage");
    let legs = vec![Leg::up("request", 65), Leg::down("block", 577)];
    let rhythm = Rhythm::Once { at: SimTime::ZERO + hours(20), spread: hours(10) };
    group.calls.download = Some(Call { rhythm, legs, rounds: 400 });
    assert!((life(&group, Vec::new()) / usual - 1.0).abs() < 0.03, "a download");
    group.calls.download = None;
    let legs = vec![Leg::down("command", 400)];
    group.calls.command = Some(Call { rhythm: Rhythm::Every(minutes(15)), legs, rounds: 1 });
    let commanded = life(&group, Vec::new());
    assert!(commanded < 0.97 * usual, "commands come again and again: {commanded} against {usual}");
}
