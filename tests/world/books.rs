//! The books balance: time and energy by cause against clocks that do not know the causes.

use std::collections::BTreeMap;

use farlink::cause::{Cause, Errand, Loss};
use farlink::exec::outage::Outage;
use farlink::exec::setup::Executor;
use farlink::exec::trace::Stretch;
use farlink::network::{HexGrid, Layout};
use farlink::population::Placement;
use farlink::population::motion::{Motion, RandomWaypoint};
use farlink::power::State;
use farlink::radio::Radio;
use farlink::radio::channel::Resource;
use farlink::radio::nbiot::admission::{Admission, Barring, Connection, EarlyData, EarlyLevel, Preconfigured, Reject};
use farlink::radio::nbiot::config::{Category, Config, DownlinkGap, PowerControl};
use farlink::radio::{Edrx, ReleaseAssistance};
use farlink::traffic::Payload;
use farlink::traffic::dialogue::Dialogue;
use farlink::traffic::protocol::{Application, Lwm2m, Security};
use farlink::units::{Db, Dbm, Metres, Microwatts, SimDuration, SimTime};
use farlink::world::Execution;
use farlink::world::spec::{GroupSpec, WorldSpec};

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
    let mut listeners = worlds::busy_with_errands("listeners", 40, worlds::bench(140.0));
    let edrx = Edrx { cycle: worlds::ms(81_920), window: worlds::ms(10_240) };
    (listeners.power_saving.active_timer, listeners.power_saving.edrx) = (SimDuration::FOREVER, Some(edrx));
    spec.groups.push(listeners);
    spec.groups.extend(speakers());
    for group in &mut spec.groups {
        group.power_saving.release_assistance =
            if release_assistance { ReleaseAssistance::AccessStratum } else { ReleaseAssistance::None };
    }
    spec.warmup = SimDuration::ZERO;
    spec.duration = worlds::hours(6);
    spec
}

/// Sessions that are lost and opened again, copies, keep-alives and registrations, beside all other errands.
fn speakers() -> Vec<GroupSpec> {
    let seconds = SimDuration::from_secs;
    let lwm2m =
        Application::Lwm2m(Lwm2m { coap: worlds::coap(seconds(2)), lifetime: seconds(3_000), queue_mode: true });
    let coap = Application::Coap(worlds::coap(seconds(2)));
    let speaking = |name, count, every, loss, security, application| {
        let mut group =
            worlds::speaking(name, count, seconds(every), worlds::bench(loss), &worlds::stack(security, application));
        let errands = worlds::busy_with_errands(name, count, worlds::bench(loss));
        (group.start, group.calls) = (errands.start, errands.calls);
        group
    };
    vec![
        speaking("coap", 20, 600, 164.0, worlds::dtls(None), coap),
        speaking("mqtt", 20, 1_200, 150.0, Security::None, worlds::mqtt(seconds(400))),
        speaking("lwm2m", 20, 1_200, 160.0, worlds::dtls(Some(8)), lwm2m),
    ]
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

/// Category NB2 with two HARQ processes.
fn two_processes() -> Config {
    Config { category: Category::Nb2, harq_processes: 2, ..worlds::nbiot() }
}

/// A city with holes in its coverage, and terminals that move through it with all errands, through outages and power cuts.
fn busy_movers() -> WorldSpec {
    let seconds = SimDuration::from_secs;
    let mut spec = worlds::city(1, 1);
    spec.networks[0].layout = Layout::HexGrid(HexGrid { rings: 1, inter_site_distance: Metres(4_000.0), sectors: 3 });
    spec.networks[0].interference_window = Some(seconds(600));
    let outage = |hour: u64, restart| {
        let begin = SimTime::ZERO + worlds::hours(hour);
        Outage { begin, end: begin + seconds(1_000), restart }
    };
    spec.networks[0].outages = vec![outage(3, Some(seconds(60))), outage(4, None)];
    let mover = |name, active_timer, edrx| {
        let mut group = worlds::busy_with_errands(name, 30, Placement::Uniform { indoor_fraction: 0.5 });
        (group.power_saving.active_timer, group.power_saving.edrx) = (active_timer, edrx);
        let (speed, pause) = ((3.0, 30.0), (seconds(0), seconds(300)));
        group.motion = Some(Motion::RandomWaypoint(RandomWaypoint { speed, pause }));
        group
    };
    let edrx = Edrx { cycle: worlds::ms(81_920), window: worlds::ms(10_240) };
    spec.groups = vec![
        mover("sleeping", seconds(30), None),
        mover("dozing", SimDuration::FOREVER, Some(edrx)),
        mover("listening", SimDuration::FOREVER, None),
        worlds::busy_with_errands("still", 20, Placement::Uniform { indoor_fraction: 0.5 }),
    ];
    (spec.warmup, spec.duration) = (SimDuration::ZERO, worlds::hours(6));
    spec
}

/// Every way from idle mode to data, and from cell to cell.
fn busy_worlds() -> [WorldSpec; 7] {
    let late = [Connection::Resume, Connection::ServiceRequest, Connection::ControlPlane].map(busy_bench_over);
    let [resume, service, control] = late;
    let mut pairs = busy_bench(true);
    pairs.networks[0].radio = Radio::NbIot(Config { rlc_status: true, ..two_processes() });
    [busy_bench(true), busy_bench(false), resume, service, control, pairs, busy_movers()]
}

#[test]
fn latency_by_cause_is_receipt_minus_send() {
    for spec in busy_worlds() {
        let outcome = run(&spec, &Execution::default());
        for ledger in outcome.ledgers.iter().flatten() {
            assert_eq!(ledger.latency_by_cause.iter().sum::<u128>(), ledger.latency.sum());
            assert_eq!(ledger.latency.len(), ledger.delivered);
            for cause in Cause::ALL.iter().filter(|cause| cause.after_delivery()) {
                assert_eq!(ledger.latency_by_cause[cause.index()], 0, "{cause}");
            }
        }
        let named = |name| spec.groups.iter().position(|group| group.name == name).map(|group| outcome.group(group));
        if let Some(deep) = named("deep") {
            assert!(deep.delivered > 0 && deep.latency_by_cause[Cause::Queued.index()] > 0, "late reports occur");
        }
        if let Some(dark) = named("dark") {
            assert_eq!((dark.delivered, dark.lost.iter().sum::<u64>()), (0, dark.lost[2]), "no coverage");
        }
        if let Some(listening) = named("listening") {
            let moves = listening.moves;
            assert!(moves.reselections.min(moves.area_updates).min(moves.link_failures) > 0, "{moves:?}");
            assert!(listening.latency_by_cause[Cause::Reselection.index()] > 0);
            assert!(outcome.ledgers[..3].iter().all(|levels| levels[3].observed > 0), "they lose sight of the network");
        }
    }
}

#[test]
fn energy_by_cause_is_the_integral_of_the_state_trace() {
    for spec in busy_worlds() {
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
    for spec in busy_worlds() {
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
    worlds::rhythm(&mut group).jitter = SimDuration::ZERO;
    group.power_saving.release_assistance = ReleaseAssistance::None;
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
        let first = |time| group.traffic.timing.first_from(group.key.child(index), 0, time);
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

/// TS 36.213 clauses 16.4.2 and 16.6: with two processes blocks follow each other in pairs, each has a grant that ends two
/// subframes before the first of them, none begins within one subframe of a transmission, and each block of the downlink has its
/// acknowledgement.
#[test]
fn two_processes_send_blocks_in_pairs() {
    let mut group = worlds::group("a", 1, worlds::hours(2), worlds::bench(100.0));
    (group.traffic.payload, group.traffic.answered) = (Payload::Fixed(20_000), 1.0);
    group.traffic.dialogue = Dialogue::plain(20_000);
    let mut spec = worlds::bench_world(1, vec![group]);
    spec.warmup = SimDuration::ZERO;
    spec.networks[0].radio = Radio::NbIot(two_processes());
    let traced = [(0, 0)].into_iter().collect();
    let outcome = run(&spec, &Execution { executor: Executor::Interpreted, traced, ..Execution::default() });
    let of = |resource: Resource| {
        // Random access comes before the second process is set up, and nobody acknowledges a response.
        let access =
            |s: &&Stretch| s.cause == Cause::AccessResponse || resource == Resource::Up && s.cause == Cause::Signalling;
        let stretches = outcome.stretches.iter().filter(|s| s.resource == resource && s.end > s.start);
        let stretches = stretches.filter(|s| !access(s));
        stretches.map(|s| (s.start, s.end)).collect::<Vec<_>>()
    };
    let ms = SimDuration::from_millis;
    let (grants, ups, downs) = (of(Resource::Grant), of(Resource::Up), of(Resource::Down));
    let acknowledgements = of(Resource::Acknowledgement);
    assert_eq!(acknowledgements.len(), downs.len());
    assert!(grants.len() >= ups.len() + downs.len() - outcome.group(0).delivered as usize);
    for (blocks, guard) in [(&ups, ms(2)), (&downs, ms(2))] {
        let followed = blocks.windows(2).filter(|pair| pair[0].1 == pair[1].0).count();
        assert!(blocks.len() > 500 && followed * 5 > blocks.len() * 2, "{followed} of {}", blocks.len());
        for block in blocks {
            let before = grants.iter().rfind(|grant| grant.1 <= block.0);
            assert!(before.is_none_or(|grant| grant.1 + guard <= block.0), "{block:?}");
        }
    }
    for sent in ups.iter().chain(&acknowledgements) {
        let next = grants.iter().find(|grant| grant.1 > sent.0);
        assert!(next.is_none_or(|grant| grant.0 >= sent.1 + ms(1)), "{sent:?} and {next:?}");
    }
    for (block, acknowledgement) in downs.iter().zip(&acknowledgements) {
        assert!(block.1 + ms(12) <= acknowledgement.0, "{block:?} and {acknowledgement:?}");
    }
}

/// TS 36.322 clause 5.2.3: the status of a report goes with the answer or the release, those of the answer and of the release
/// take a block of the uplink each. Without release assistance the report's takes one of the downlink.
#[test]
fn rlc_status_takes_blocks_where_nothing_goes_its_way() {
    let blocks = |answered, assistance, rlc_status| {
        let mut group = worlds::group("a", 1, worlds::hours(1), worlds::bench(100.0));
        (group.traffic.answered, group.power_saving.release_assistance) = (answered, assistance);
        let mut spec = worlds::bench_world(1, vec![group]);
        spec.warmup = SimDuration::ZERO;
        spec.networks[0].radio = Radio::NbIot(Config { rlc_status, detection_probability: 1.0, ..worlds::nbiot() });
        let traced = [(0, 0)].into_iter().collect();
        let outcome = run(&spec, &Execution { executor: Executor::Interpreted, traced, ..Execution::default() });
        let count =
            |resource| outcome.stretches.iter().filter(|s| s.resource == resource && s.end > s.start).count() as u64;
        (outcome.group(0).delivered, count(Resource::Up), count(Resource::Down))
    };
    for (answered, assistance, up, down) in [
        (0.0, ReleaseAssistance::AccessStratum, 1, 0),
        (1.0, ReleaseAssistance::AccessStratum, 2, 0),
        (0.0, ReleaseAssistance::None, 1, 1),
        (1.0, ReleaseAssistance::None, 2, 0),
    ] {
        let (messages, up_without, down_without) = blocks(answered, assistance, false);
        let (again, up_with, down_with) = blocks(answered, assistance, true);
        assert!(messages > 20 && again == messages);
        let more = ((up_with - up_without) / messages, (down_with - down_without) / messages);
        assert_eq!(more, (up, down), "{answered}, {assistance:?}");
    }
}

/// A device that draws 10 mW more for each decibel from -20 to 23 dBm.
fn linear_device() -> farlink::power::Profile {
    let points = [(-20.0, 100_000), (23.0, 530_000)];
    let transmit_at = points.map(|(dbm, draw)| (Dbm(dbm), Microwatts(draw))).to_vec();
    farlink::power::Profile { transmit: Microwatts(530_000), transmit_at, ..worlds::device() }
}

#[test]
fn near_terminals_send_with_what_their_target_takes() {
    // A target of -104 dBm for preamble and Msg3, -80 dBm for data and acknowledgements; 80 % or all of the loss.
    for (loss, preamble, data, acknowledgement) in
        [(90.0, -14.0, -8.0, 10.0), (100.0, -4.0, 0.0, 20.0), (110.0, 6.0, 8.0, 23.0), (140.0, 23.0, 23.0, 23.0)]
    {
        let mut group = worlds::group("a", 20, worlds::hours(1), worlds::bench(loss));
        group.device = linear_device();
        let mut spec = worlds::bench_world(20, vec![group]);
        let config = Config { detection_probability: 1.0, multi_tone: false, ..worlds::nbiot() };
        spec.networks[0].radio = Radio::NbIot(config);
        let traced = (0..20).map(|index| (0, index)).collect();
        let outcome = run(&spec, &Execution { executor: Executor::Interpreted, traced, ..Execution::default() });
        let draw = |power: f64| Microwatts((100_000.0 + (power + 20.0) * 10_000.0) as u32);
        let mut seen = 0;
        for stretch in outcome.stretches.iter().filter(|stretch| stretch.activity.state == State::Transmit) {
            let power = match stretch.cause {
                Cause::Preamble | Cause::Signalling => preamble,
                Cause::Airtime => data,
                Cause::Acknowledgement => acknowledgement,
                _ => continue,
            };
            assert_eq!(stretch.activity.power, draw(power), "{loss} dB: {}", stretch.cause);
            seen += 1;
        }
        assert!(seen > 1_000, "{seen}");
    }
}

#[test]
fn each_attempt_raises_the_preamble() {
    // Nobody hears: five attempts at level 0, 2 dB apart from -4 dBm on, then five with full power.
    let mut group = worlds::group("a", 1, worlds::hours(2), worlds::bench(100.0));
    group.device = linear_device();
    let mut spec = worlds::bench_world(1, vec![group]);
    (spec.warmup, spec.duration) = (SimDuration::ZERO, worlds::hours(6));
    spec.networks[0].radio = Radio::NbIot(Config { detection_probability: 0.0, ..worlds::nbiot() });
    let traced = [(0, 0)].into_iter().collect();
    let outcome = run(&spec, &Execution { executor: Executor::Interpreted, traced, ..Execution::default() });
    let sent = outcome.stretches.iter().filter(|stretch| stretch.activity.state == State::Transmit);
    let powers: Vec<u32> = sent.map(|stretch| stretch.activity.power.0 / 1_000).collect();
    assert_eq!(powers[..10], [260, 280, 300, 320, 340, 530, 530, 530, 530, 530]);
}

#[test]
fn a_target_that_is_too_low_is_paid_in_retransmissions() {
    let harq = |power_control| {
        let mut spec = worlds::bench_world(1, vec![worlds::group("a", 50, worlds::hours(1), worlds::bench(120.0))]);
        spec.networks[0].radio = Radio::NbIot(Config { power_control, ..worlds::nbiot() });
        run(&spec, &Execution::default()).group(0).energy_by_cause()[Cause::Harq.index()]
    };
    let usual = worlds::nbiot().power_control;
    // At -126 dBm a block of level 0 is 3 dB above the noise, 5 dB below the edge of the level for which it was chosen.
    let low = usual.map(|control| PowerControl { p0: Dbm(-126.0), alpha: 1.0, ..control });
    let (full, usual, low) = (harq(None), harq(usual), harq(low));
    assert!(low > 20 * usual.max(full).max(1), "{full} {usual} {low}");
}

#[test]
fn further_carriers_take_the_data_off_the_anchor() {
    let load = |non_anchor_carriers: u32| {
        let mut spec =
            worlds::bench_world(1, vec![worlds::group("a", 240, SimDuration::from_secs(60), worlds::bench(154.0))]);
        spec.networks[0].radio = Radio::NbIot(Config { non_anchor_carriers, ..worlds::nbiot() });
        (spec.warmup, spec.duration) = (SimDuration::ZERO, worlds::hours(2));
        let fast = run(&spec, &Execution::default());
        let slow = run(&spec, &Execution { executor: Executor::Interpreted, ..Execution::default() });
        assert_eq!(fast.ledgers, slow.ledgers);
        assert_eq!(fast.cells, slow.cells);
        let cell = fast.cells[0][0].clone();
        assert!(cell.uplink_busy_us <= cell.uplink_usable_us && cell.downlink_busy_us <= cell.downlink_usable_us);
        let ledger = fast.group(0);
        (cell, ledger.latency_by_cause[Cause::Queueing.index()] / u128::from(ledger.delivered))
    };
    let [(alone, queueing), (three, shared)] = [0, 3].map(load);
    assert!(queueing > 3 * shared, "{queueing} µs of queueing on one carrier, {shared} µs on four");
    // Three open downlinks, and three times twelve columns, one quarter of them in narrow tones.
    let run_us = worlds::hours(2).0;
    assert_eq!(three.downlink_usable_us - alone.downlink_usable_us, 3 * run_us);
    let tones = 9 + 3 * 4;
    assert!((three.uplink_usable_us - alone.uplink_usable_us).abs_diff(3 * tones * run_us) <= 1);
}

#[test]
fn gaps_postpone_deep_terminals_only() {
    let results = |downlink_gap, executor| {
        let every = SimDuration::from_secs(600);
        let mut spec = worlds::bench_world(
            1,
            vec![
                worlds::group("near", 20, every, worlds::bench(120.0)),
                worlds::group("deep", 20, every, worlds::bench(164.0)),
            ],
        );
        spec.networks[0].radio = Radio::NbIot(Config { downlink_gap, ..worlds::nbiot() });
        run(&spec, &Execution { executor, ..Execution::default() })
    };
    let mean = |outcome: &farlink::world::Outcome, group: usize, cause: Cause| {
        let ledger = outcome.group(group);
        ledger.latency_by_cause[cause.index()] as f64 / ledger.delivered as f64
    };
    let gap = Some(DownlinkGap { threshold: 64, period_ms: 64, length_ms: 32 });
    let [without, with] = [None, gap].map(|gap| results(gap, Executor::Compiled));
    assert_eq!(with.ledgers, results(gap, Executor::Interpreted).ledgers);
    // Half of the time is gap, and grant and response are longer than what lies between two gaps.
    let (short, long) = (mean(&without, 1, Cause::AccessResponse), mean(&with, 1, Cause::AccessResponse));
    assert!(long > 1.5 * short, "{short} and {long} µs");
    let (short, long) = (mean(&without, 0, Cause::AccessResponse), mean(&with, 0, Cause::AccessResponse));
    assert!((long / short - 1.0).abs() < 0.05, "near terminals use the gaps: {short} and {long} µs");
    let cell = &with.cells[0][0];
    assert_eq!(cell.downlink_usable_us, without.cells[0][0].downlink_usable_us);
}
