//! NB-IoT over satellites: what the long way, the assistance information and the fix of the position change.

use farlink::cause::{Cause, Errand};
use farlink::exec::setup::Executor;
use farlink::exec::trace::Stretch;
use farlink::metrics::recorder::Ledger;
use farlink::power::State;
use farlink::radio::Radio;
use farlink::radio::channel::Resource;
use farlink::radio::nbiot::config::Config;
use farlink::radio::nbiot::ntn::{Ntn, stop_and_wait};
use farlink::traffic::dialogue::Leg;
use farlink::traffic::timing::{Periodic, Timing};
use farlink::traffic::{Call, Rhythm};
use farlink::units::{SimDuration, SimTime};
use farlink::world::Execution;
use farlink::world::spec::{GroupSpec, WorldSpec};

use crate::worlds::{self, hours, ms, run};

fn world(ntn: Option<Ntn>, group: GroupSpec) -> WorldSpec {
    let mut spec = worlds::bench_world(1, vec![group]);
    spec.networks[0].radio = Radio::NbIot(Config { ntn, ..worlds::nbiot() });
    (spec.warmup, spec.duration) = (SimDuration::ZERO, hours(48));
    spec
}

/// Terminals that report every hour, unanswered, and are released at once into PSM.
fn meters(count: u32, coupling_loss: f64) -> GroupSpec {
    let mut group = worlds::group("meters", count, hours(1), worlds::bench(coupling_loss));
    (group.traffic.answered, group.power_saving.active_timer) = (0.0, SimDuration::ZERO);
    group
}

/// What the first terminal did, in the order of time.
fn stretches(spec: &WorldSpec) -> Vec<Stretch> {
    let execution = Execution { executor: Executor::Interpreted, traced: vec![(0, 0)], ..Execution::default() };
    let mut stretches = run(spec, &execution).stretches;
    stretches.sort_by_key(|stretch| stretch.start);
    stretches
}

#[test]
fn nothing_is_sent_without_knowing_where_the_satellite_is() {
    // The shortest validity; enough terminals for queues longer than that.
    for (count, loss, validity) in [(1, 150.0, 5), (1, 164.0, 5), (4_000, 150.0, 5)] {
        let spec = world(Some(worlds::satellite(25_773, validity)), meters(count, loss));
        let spec = WorldSpec { duration: hours(12), ..spec };
        let (mut known_until, mut sent, mut read) = (SimTime::ZERO, 0, 0);
        for stretch in stretches(&spec) {
            if stretch.doing.what == "SIB31-NB" && stretch.activity.state == State::Receive {
                assert_eq!(stretch.start.0 % 640_000, 0, "as it is broadcast");
                (known_until, read) = (stretch.start + SimDuration::from_secs(validity), read + 1);
            }
            if stretch.activity.state == State::Transmit {
                assert!(stretch.start <= known_until, "{stretch:?}");
                sent += 1;
            }
        }
        assert!(read >= 10 && sent > 3 * read, "{read} readings, {sent} transmissions");
    }
}

/// From the first preamble to the first Msg4, both at the terminal.
fn access_time(stretches: &[Stretch], ntn: &Ntn) -> Vec<SimDuration> {
    let mut begun = None;
    let mut times = Vec::new();
    for stretch in stretches {
        match stretch.resource {
            Resource::Preamble => begun = begun.or(Some(stretch.start)),
            Resource::Down if stretch.doing.what.starts_with("Msg4") => {
                times.extend(begun.take().map(|begun| stretch.end.since(begun) + ntn.one_way() * 2));
            }
            _ => (),
        }
    }
    times
}

#[test]
fn four_messages_take_two_round_trips() {
    let ntn = worlds::geostationary();
    let times = access_time(&stretches(&world(Some(ntn.clone()), meters(1, 130.0))), &ntn);
    let least = times.iter().min().expect("contacts");
    assert!(times.len() > 40 && *least >= ntn.round_trip * 2, "{least:?}");
    assert!(*least < ntn.round_trip * 2 + ms(200), "not much more in good coverage: {least:?}");
}

#[test]
fn a_longer_way_takes_longer_and_its_share_is_booked() {
    let mean = |ntn: Option<Ntn>| {
        let outcome = run(&world(ntn, meters(20, 140.0)), &Execution::default());
        let mut ledger = Ledger::new();
        outcome.ledgers[0].iter().for_each(|level| ledger.merge(level));
        let messages = ledger.delivered as f64;
        (
            ledger.latency_by_cause[Cause::Propagation.index()] as f64 / messages / 1e6,
            ledger.latency_by_cause.iter().sum::<u128>() as f64 / messages / 1e6,
        )
    };
    let ground = mean(None);
    let low = mean(Some(worlds::satellite(25_773, 30)));
    let high = mean(Some(worlds::geostationary()));
    assert_eq!(ground.0, 0.0);
    // The preamble comes up; Msg3, the acknowledgement of Msg4, and two blocks of the report wait K_offset each. One preamble of
    // a hundred is missed.
    for (share, one_way, k_offset) in [(low.0, 0.0129, 0.026), (high.0, 0.2707, 0.542)] {
        let once = one_way + 4.0 * k_offset;
        assert!(share >= once && share < once * 1.03, "{share} s, {once} s without failures");
    }
    assert!(ground.1 < low.1 && low.1 < high.1, "{ground:?} {low:?} {high:?}");
}

#[test]
fn a_fix_is_as_long_as_the_last_one_is_old() {
    let fixes = |every: SimDuration, validity: SimDuration| {
        let mut group = meters(1, 130.0);
        group.traffic.timing = Timing::Periodic(Periodic { intervals: vec![(every, 1.0)], jitter: SimDuration::ZERO });
        group.position = Some(worlds::position(validity));
        group.power_saving.periodic_update = SimDuration::FOREVER;
        let spec = world(Some(worlds::geostationary()), group);
        let of_fixes: Vec<SimDuration> = stretches(&WorldSpec { duration: every * 6, ..spec })
            .iter()
            .filter(|stretch| stretch.cause == Cause::Position)
            .map(|stretch| stretch.end.since(stretch.start))
            .collect();
        of_fixes
    };
    let seconds = SimDuration::from_secs;
    assert_eq!(fixes(hours(1), seconds(600)), vec![seconds(1); 6]);
    assert_eq!(fixes(hours(3), seconds(600)), vec![seconds(5); 6]);
    assert_eq!(fixes(hours(200), seconds(600)), vec![seconds(30); 6]);
    assert_eq!(fixes(hours(1), hours(2)), Vec::new());
}

/// Terminals to which software of 20 blocks is sent.
fn loaders(ntn: Ntn) -> WorldSpec {
    let mut group = worlds::group("loaders", 1, hours(100), worlds::bench(130.0));
    group.calls.download = Some(Call {
        rhythm: Rhythm::Once { at: SimTime::ZERO + hours(1), spread: ms(1) },
        legs: vec![Leg::up("request", 65), Leg::down("software", 20 * 125)],
        rounds: 1,
    });
    group.power_saving.active_timer = SimDuration::FOREVER;
    world(Some(ntn), group)
}

#[test]
fn a_block_waits_for_the_acknowledgement_of_the_one_before() {
    let rate = |ntn: &Ntn| {
        let stretches = stretches(&loaders(ntn.clone()));
        let software: Vec<&Stretch> = stretches.iter().filter(|stretch| stretch.doing.what == "software").collect();
        assert!(software.iter().all(|stretch| stretch.errand == Some(Errand::Download)));
        let (first, last) = (software[0], software[software.len() - 1]);
        20.0 * 1_000.0 / (last.end.since(first.start).0 as f64 / 1e6)
    };
    // A block of 680 bits, the largest of Cat NB1, and 12 ms of processing per round trip.
    let most = |ntn: &Ntn| stop_and_wait(680.0, ms(12), ntn.round_trip);
    let (low, high) = (worlds::satellite(25_773, 900), worlds::geostationary());
    let (low, most_low, high, most_high) = (rate(&low), most(&low), rate(&high), most(&high));
    assert!(low < most_low && low > 0.4 * most_low, "{low} of {most_low}");
    assert!(high < most_high && high > 0.85 * most_high, "{high} of {most_high}");
    let without = rate(&Ntn { release: 18, harq_feedback: false, ..worlds::geostationary() });
    assert!(without > 8.0 * high, "{without} against {high}");
}
