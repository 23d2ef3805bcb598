//! Protocols between application and radio: impatient timers, lost sessions, keep-alives, registrations.

use farlink::cause::{Cause, Errand};
use farlink::exec::setup::Start;
use farlink::metrics::recorder::Ledger;
use farlink::radio::Radio;
use farlink::radio::adaptation::Adaptation;
use farlink::radio::nbiot::config::Config;
use farlink::traffic::dialogue::Leg;
use farlink::traffic::protocol::{Application, Coap, Lwm2m, Security, Stack, Timer};
use farlink::traffic::{Call, Rhythm};
use farlink::units::{Db, SimDuration, SimTime};
use farlink::world::Execution;
use farlink::world::spec::GroupSpec;

use crate::worlds::{self, hours, run, stack};

const fn seconds(seconds: u64) -> SimDuration {
    SimDuration::from_secs(seconds)
}

/// What a group comes to on a bench of its own, counted from the beginning.
fn ledger(group: GroupSpec, duration: SimDuration) -> Ledger {
    let mut spec = worlds::bench_world(1, vec![group]);
    (spec.warmup, spec.duration) = (SimDuration::ZERO, duration);
    run(&spec, &Execution::default()).group(0)
}

fn speaking(every: SimDuration, loss: f64, stack: &Stack) -> GroupSpec {
    worlds::speaking("meters", 50, every, worlds::bench(loss), stack)
}

fn coap(first: SimDuration) -> Application {
    Application::Coap(worlds::coap(first))
}

/// Mean energy of a message, joules.
fn energy(ledger: &Ledger) -> f64 {
    ledger.message_energy.mean() / 1e6
}

#[test]
fn an_impatient_timer_repeats_what_arrived_long_ago() {
    let at = |loss, first| ledger(speaking(hours(2), loss, &stack(Security::None, coap(first))), hours(96));
    let copies = |ledger: &Ledger| ledger.repeated as f64 / ledger.delivered as f64;
    let (deep, patient, near) = (at(164.0, seconds(2)), at(164.0, seconds(60)), at(144.0, seconds(2)));
    assert!(copies(&deep) > 0.7, "{}", copies(&deep));
    assert_eq!(patient.repeated, 0);
    assert!(copies(&near) < 0.03, "{}", copies(&near));
    let ratio = energy(&deep) / energy(&patient);
    assert!((1.3..2.5).contains(&ratio), "{ratio}");
    let repeated = deep.energy_by_cause()[Cause::RepeatedRequest.index()] as f64 / 1e12;
    let difference = (energy(&deep) - energy(&patient)) * deep.message_energy.len() as f64;
    assert!((repeated / difference - 1.0).abs() < 0.1, "{repeated} J booked, {difference} J spent");
    // The latency of a message ends with its first arrival, and the cell is empty.
    let shift = deep.latency.mean() / patient.latency.mean();
    assert!((shift - 1.0).abs() < 0.02, "{shift}");
    let round_trip = deep.round_trip.as_deref().expect("acknowledgements");
    assert_eq!(round_trip.len(), deep.delivered);
    assert!(round_trip.mean() > deep.latency.mean());
}

#[test]
fn the_number_of_copies_follows_from_the_round_trip() {
    // Each message is acknowledged after some time; its copies are those whose timer ran out before. A timer without
    // randomness makes them a function of the distribution of that time.
    let timer = worlds::coap(seconds(4)).timer;
    let fixed = Coap { timer: Timer { random_factor: 1.0, ..timer }, ..worlds::coap(seconds(4)) };
    let ledger = ledger(speaking(hours(2), 164.0, &stack(Security::None, Application::Coap(fixed))), hours(96));
    let round_trip = ledger.round_trip.as_deref().expect("acknowledgements");
    let longer = |limit: f64| {
        let bins = round_trip.distribution().histogram;
        bins.iter().filter(|bin| bin.from >= limit).map(|bin| bin.count).sum::<u64>()
    };
    // Some acknowledged after 4 s, some even after 12 s; the bins have edges at 5 and 10 s.
    assert!(ledger.repeated >= longer(5.0) && ledger.repeated <= longer(2.0) + longer(10.0), "{}", ledger.repeated);
    assert!(ledger.repeated > 100);
}

#[test]
fn a_connection_id_saves_the_handshake() {
    let with = |connection_id| {
        ledger(speaking(hours(2), 144.0, &stack(worlds::dtls(connection_id), coap(seconds(30)))), hours(96))
    };
    let (without, with) = (with(None), with(Some(8)));
    let handshake = |ledger: &Ledger| ledger.energy_by_cause()[Cause::Handshake.index()] as f64 / 1e12;
    assert_eq!(handshake(&with), 0.0);
    assert!(handshake(&without) > 0.0 && without.latency_by_cause[Cause::Handshake.index()] > 0);
    let ratio = energy(&without) / energy(&with);
    assert!((1.8..6.0).contains(&ratio), "six flights before each message: {ratio}");
}

#[test]
fn flights_of_a_handshake_are_repeated_too() {
    let with = |timers: bool| {
        let mut group = speaking(hours(2), 164.0, &stack(worlds::dtls(None), coap(seconds(30))));
        let opening = group.traffic.dialogue.opening.as_mut().expect("a session");
        opening.again.iter_mut().filter(|_| !timers).for_each(|exchange| exchange.timer = None);
        ledger(group, hours(48))
    };
    let handshake = |ledger: &Ledger| ledger.energy_by_cause()[Cause::Handshake.index()] as f64;
    let (with, without) = (with(true), with(false));
    // A second is far below the round trip of a flight at 164 dB: each goes out twice or three times.
    let ratio = handshake(&with) / handshake(&without);
    assert!((1.8..3.5).contains(&ratio), "{ratio}");
    assert_eq!(with.repeated, 0, "no copies of messages");
}

#[test]
fn a_path_that_stays_open_needs_no_handshake() {
    let every = |every| {
        let ledger = ledger(speaking(every, 144.0, &stack(worlds::dtls(None), coap(seconds(30)))), hours(24));
        ledger.energy_by_cause()[Cause::Handshake.index()]
    };
    // Two reports with jitter are at most twice their interval apart.
    assert_eq!(every(seconds(140)), 0, "closed after 300 s");
    assert!(every(seconds(700)) > 0);
}

#[test]
fn a_short_keep_alive_adds_contacts() {
    let with =
        |keep_alive| ledger(speaking(hours(2), 144.0, &stack(Security::None, worlds::mqtt(keep_alive))), hours(48));
    let (none, some) = (with(SimDuration::ZERO), with(seconds(240)));
    assert!(none.errands.is_none());
    let pings = some.errands.as_ref().expect("pings")[Errand::KeepAlive.index()].clone();
    // Every 240 s of 48 h, and a little later each time; 50 terminals.
    let expected = 48.0 * 3_600.0 / 242.0 * 50.0;
    assert!((pings.latency.len() as f64 / expected - 1.0).abs() < 0.03, "{} {expected}", pings.latency.len());
    assert!(some.energy_by_cause()[Cause::KeepAlive.index()] > 0);
    // But the connection lives, and no message waits for a new one.
    let handshakes = |ledger: &Ledger| ledger.latency_by_cause[Cause::Handshake.index()];
    assert!(handshakes(&none) > 0);
    assert_eq!(handshakes(&some), 0);
    let spent = |ledger: &Ledger| ledger.energy_by_cause().iter().sum::<u128>() as f64;
    assert!(spent(&some) > 3.0 * spent(&none), "{} {}", spent(&some), spent(&none));
}

#[test]
fn a_client_registers_once_and_renews_what_runs_out() {
    let lwm2m = Lwm2m { coap: worlds::coap(seconds(30)), lifetime: hours(4), queue_mode: true };
    let mut group = speaking(hours(1), 144.0, &stack(worlds::dtls(Some(8)), Application::Lwm2m(lwm2m)));
    group.start = Start::SwitchedOn { at: SimTime::ZERO, spread: hours(1) };
    let spoken = ledger(group.clone(), hours(96));
    let book = |ledger: &Ledger, errand: Errand| ledger.errands.as_ref().expect("errands")[errand.index()].clone();
    let (attach, update) = (book(&spoken, Errand::Attach), book(&spoken, Errand::KeepAlive));
    assert_eq!((attach.latency.len(), update.failed), (50, 0));
    let updates = update.latency.len() as f64 / 50.0;
    assert!((updates - 95.5 / 4.0).abs() < 0.3, "one in four hours: {updates}");
    // A registration and a handshake are some eight flights more than an attach without.
    group.traffic.dialogue.opening = None;
    let bare = book(&ledger(group, hours(96)), Errand::Attach);
    let ratio = attach.energy as f64 / bare.energy as f64;
    assert!((1.2..3.0).contains(&ratio), "{ratio}");
}

#[test]
fn a_command_waits_behind_a_closed_path() {
    let commands = |nat_timeout| {
        let mut group = speaking(hours(1), 130.0, &Stack { nat_timeout, ..stack(Security::None, coap(seconds(30))) });
        group.power_saving.active_timer = hours(3);
        let legs = vec![Leg::down("command", 80)];
        group.calls.command = Some(Call { rhythm: Rhythm::Every(hours(6)), legs, rounds: 1 });
        let mut spec = worlds::bench_world(1, vec![group]);
        (spec.warmup, spec.duration) = (hours(3), hours(96));
        let ledger = run(&spec, &Execution::default()).group(0);
        ledger.errands.expect("commands")[Errand::Command.index()].latency.clone()
    };
    let (open, closed) = (commands(None), commands(Some(seconds(300))));
    assert!(open.mean() / 1e6 < 4.0, "always paged: {} s", open.mean() / 1e6);
    // Intervals X of (1 + U1 - U2) hours, of which the first five minutes are open: E[(X - 1/12)²] / 2E[X] hours, where
    // E[X²] = 7/6 and hardly any X is below 1/12.
    let expected = (7.0 / 6.0 - 2.0 / 12.0 + 1.0 / 144.0) / 2.0 * 60.0;
    let mean = closed.mean() / 1e6 / 60.0;
    assert!((mean - expected).abs() < 2.5, "{mean} min, expected {expected}");
    assert!(closed.len().abs_diff(open.len()) < 60, "none is lost: {} {}", closed.len(), open.len());
}

#[test]
fn what_the_radio_has_lost_goes_out_with_the_next_copy() {
    // One transmission of each block, and no second try by RLC: many reports get lost.
    let adaptation = Adaptation::Level;
    let fragile = Config { max_transmissions: 1, rlc_retransmissions: 0, adaptation, ..worlds::nbiot() };
    let with = |recovery: Option<Timer>| {
        let mut group = speaking(hours(2), 164.0, &stack(Security::None, coap(seconds(30))));
        group.traffic.dialogue.recovery = recovery;
        let mut spec = worlds::bench_world(1, vec![group]);
        spec.networks[0].radio = Radio::NbIot(fragile.clone());
        spec.networks[0].propagation.temporal_sigma = Db(0.0);
        (spec.warmup, spec.duration) = (SimDuration::ZERO, hours(960));
        run(&spec, &Execution::default()).group(0)
    };
    let timer = Timer { copies: 1, ..worlds::coap(seconds(30)).timer };
    let (without, with) = (with(None), with(Some(timer)));
    let lost = |ledger: &Ledger| {
        let lost = ledger.lost.iter().sum::<u64>() as f64;
        lost / (lost + ledger.delivered as f64)
    };
    // The second go is lost as often as the first, with a fading of its own.
    let (once, twice) = (lost(&without), lost(&with));
    assert!((twice / once.powi(2) - 1.0).abs() < 0.15, "{twice}, expected {}", once.powi(2));
    let copies = with.repeated as f64 / (with.delivered as f64 / (1.0 - twice));
    assert!((copies / once - 1.0).abs() < 0.05, "{copies}, expected {once}");
    assert_eq!(without.repeated, 0);
    // Half a minute and more for those that needed a copy, and all of it has a cause.
    assert!(with.latency_by_cause[Cause::RepeatedRequest.index()] > 0);
    assert!(with.latency.mean() / 1e6 > without.latency.mean() / 1e6 + 3.0);
}
