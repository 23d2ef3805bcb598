//! The ways from idle mode to data: what each costs, what happens when it fails, and who is kept out.

use farlink::cause::{Cause, Errand, Loss};
use farlink::exec::setup::Start;
use farlink::metrics::recorder::Ledger;
use farlink::radio::nbiot::admission::{Admission, Barring, Connection, EarlyData, EarlyLevel, Preconfigured, Reject};
use farlink::radio::nbiot::config::Config;
use farlink::radio::{Radio, ReleaseAssistance};
use farlink::traffic::dialogue::{Dialogue, Leg};
use farlink::traffic::{Call, Rhythm};
use farlink::units::{Db, SimDuration, SimTime};
use farlink::world::Execution;
use farlink::world::spec::{GroupSpec, WorldSpec};

use crate::worlds::{self, hours, ms, run};

/// Quiet reports of 79 bytes with compressed headers: they fit into the largest block of early data.
fn bench(admission: Admission) -> WorldSpec {
    let mut groups: Vec<_> = [144.0, 154.0, 164.0]
        .into_iter()
        .map(|loss| worlds::group(&format!("at-{loss}-db"), 30, hours(2), worlds::bench(loss)))
        .collect();
    for group in &mut groups {
        group.traffic.overhead_bytes = 29;
        group.traffic.answered = 0.0;
        group.power_saving.active_timer = SimDuration::ZERO;
    }
    with(admission, groups)
}

fn with(admission: Admission, groups: Vec<GroupSpec>) -> WorldSpec {
    let mut spec = worlds::bench_world(1, groups);
    spec.networks[0].propagation.temporal_sigma = Db(0.0);
    spec.networks[0].radio = Radio::NbIot(Config { admission, ..worlds::nbiot() });
    spec
}

fn early() -> Option<EarlyData> {
    Some(EarlyData { refused: 0.0, levels: [EarlyLevel { max_tbs: 1_000, subcarriers: 4 }; 3] })
}

fn reserved() -> Option<Preconfigured> {
    Some(Preconfigured { period: SimDuration::from_secs(600), max_tbs: 1_000, tolerance: Db(6.0) })
}

fn over(connection: Connection) -> Admission {
    Admission { connection, ..Admission::default() }
}

/// What a message costs at 144, 154 and 164 dB, in joules; all messages must have arrived.
fn energies(admission: Admission) -> [f64; 3] {
    let outcome = run(&bench(admission), &Execution::default());
    [0, 1, 2].map(|group| {
        let ledger = outcome.group(group);
        assert!(ledger.delivered > 300 && ledger.lost.iter().sum::<u64>() == 0, "{:?}", ledger.lost);
        ledger.message_energy.mean() / 1e6
    })
}

#[test]
fn the_less_signalling_the_cheaper() {
    let service = energies(over(Connection::ServiceRequest));
    let control = energies(over(Connection::ControlPlane));
    let resume = energies(over(Connection::Resume));
    let data = energies(Admission { early_data: early(), ..Admission::default() });
    let block = energies(Admission { preconfigured: reserved(), ..Admission::default() });
    for level in 0..3 {
        // The order of Andres-Maldonado et al. 2017 for the first three, with their 44 bytes around data on the control plane
        // against 22 of a resumed connection; that of Abbas et al. 2024 for preconfigured resources against random access.
        let order = [service, control, resume, data, block].map(|energies| energies[level]);
        assert!(order.windows(2).all(|pair| pair[0] > pair[1]), "level {level}: {order:?}");
    }
    // Per message early data saves Msg5 and the release, preconfigured resources save random access too.
    assert!(data[0] < 0.9 * resume[0] && block[0] < 0.7 * resume[0], "{resume:?} {data:?} {block:?}");
}

#[test]
fn early_data_needs_no_second_block_and_no_release() {
    let latency = |admission| {
        let outcome = run(&bench(admission), &Execution::default());
        [0, 1, 2].map(|group| outcome.group(group).latency.quantile(0.5))
    };
    let (usual, data) =
        (latency(Admission::default()), latency(Admission { early_data: early(), ..Admission::default() }));
    assert!((0..3).all(|group| data[group] < usual[group]), "{data:?} {usual:?}");
    let outcome = run(&bench(Admission { early_data: early(), ..Admission::default() }), &Execution::default());
    let access = &outcome.cells[0][0].access;
    assert_eq!(access.len(), 6);
    assert!((0..3).all(|level| access[level].attempts == 0 && access[3 + level].attempts >= 355), "all fit");
    // Eight subcarriers are left to others, four are for early data.
    assert_eq!(access[0].opportunities, 2 * access[3].opportunities);
}

/// One group at 130 dB with this admission, changed by `change`: its sums and attempts per random-access channel.
fn single(admission: Admission, change: impl Fn(&mut GroupSpec)) -> (Ledger, Vec<u64>) {
    let mut group = worlds::group("single", 60, hours(1), worlds::bench(130.0));
    (group.traffic.overhead_bytes, group.traffic.answered) = (29, 0.0);
    change(&mut group);
    let outcome = run(&with(admission, vec![group]), &Execution::default());
    (outcome.group(0), outcome.cells[0][0].access.iter().map(|access| access.attempts).collect())
}

/// Every message arrives but for a handful that are under way at the end.
fn assert_all_arrive(ledger: &Ledger) {
    assert_eq!(ledger.lost.iter().sum::<u64>(), 0);
    assert!(ledger.delivered > 1_300 && ledger.unfinished < 60, "{} {}", ledger.delivered, ledger.unfinished);
}

#[test]
fn early_data_falls_back_to_a_connection() {
    let admission =
        |refused| Admission { early_data: early().map(|early| EarlyData { refused, ..early }), ..Admission::default() };
    let (fits, _) = single(admission(0.0), |_| ());
    // A report too large for Msg3 does not try: 65 bytes of headers make it 126 + 4.
    let (large, attempts) = single(admission(0.0), |group| group.traffic.overhead_bytes = 65);
    assert_all_arrive(&large);
    assert!(attempts[0] > 1_300 && attempts[3] == 0, "{attempts:?}");
    // A network that refuses gets the message in Msg5.
    let (refused, attempts) = single(admission(1.0), |_| ());
    assert_all_arrive(&refused);
    assert!(attempts[0] == 0 && attempts[3] > 1_300, "{attempts:?}");
    let mean = |ledger: &Ledger| ledger.message_energy.mean();
    // Msg5 and a release come on top of what both listen for.
    assert!(mean(&refused) > 1.2 * mean(&fits), "{} {}", mean(&refused), mean(&fits));
    let (half, _) = single(admission(0.5), |_| ());
    let share = (mean(&half) - mean(&fits)) / (mean(&refused) - mean(&fits));
    assert!((share - 0.5).abs() < 0.1, "{share}");
    // A short answer comes in Msg4; a long one needs a connection, as does one that comes late.
    let answered = |bytes, server| single_answered(admission(0.0), bytes, server).message_energy.mean() - mean(&fits);
    let (short, long, late) = (answered(29, ms(20)), answered(100, ms(20)), answered(29, ms(200)));
    assert!(short > 0.0 && long > 2.0 * short && late > 2.0 * short, "{short} {long} {late} µJ more");
}

fn single_answered(admission: Admission, bytes: u32, server_delay: SimDuration) -> Ledger {
    let mut group = worlds::group("answered", 60, hours(1), worlds::bench(130.0));
    (group.traffic.overhead_bytes, group.traffic.answered) = (29, 1.0);
    group.traffic.dialogue = Dialogue::plain(bytes);
    let mut spec = with(admission.clone(), vec![group]);
    spec.networks[0].radio = Radio::NbIot(Config { admission, server_delay, ..worlds::nbiot() });
    let ledger = run(&spec, &Execution::default()).group(0);
    assert_all_arrive(&ledger);
    ledger
}

#[test]
fn what_waits_at_the_server_comes_after_early_data() {
    let admission = Admission { early_data: early(), ..Admission::default() };
    let (mut ledger, _) = single(admission, |group| {
        group.power_saving.active_timer = SimDuration::ZERO;
        let legs = vec![Leg::down("command", 80)];
        group.calls.command = Some(Call { rhythm: Rhythm::Every(hours(4)), legs, rounds: 1 });
    });
    let commands = ledger.errand(Errand::Command);
    // Six a day for each of 60 terminals, which are never paged.
    assert!((340..=370).contains(&commands.latency.len()) && commands.failed == 0, "{}", commands.latency.len());
}

#[test]
fn a_forgotten_connection_is_set_up_anew() {
    let cost = |resume_failure, connection| {
        let admission = Admission { resume_failure, ..over(connection) };
        let (ledger, _) = single(admission, |_| ());
        assert_all_arrive(&ledger);
        ledger.message_energy.mean()
    };
    let (never, always) = (cost(0.0, Connection::Resume), cost(1.0, Connection::Resume));
    let half = cost(0.5, Connection::Resume);
    assert!(((half - never) / (always - never) - 0.5).abs() < 0.1, "{never} {half} {always}");
    let service = cost(0.0, Connection::ServiceRequest);
    assert!((always / service - 1.0).abs() < 0.01, "the same way to data: {always} {service}");
}

#[test]
fn a_reserved_block_waits_for_the_report_or_the_report_for_it() {
    let admission = Admission { preconfigured: reserved(), ..Admission::default() };
    let apart = |group: &mut GroupSpec| worlds::rhythm(group).jitter = SimDuration::from_secs(1_200);
    let (ledger, attempts) = single(admission.clone(), apart);
    assert_all_arrive(&ledger);
    assert!(attempts.iter().sum::<u64>() < 30, "hardly anyone needs random access: {attempts:?}");
    // A uniform wait within ten minutes, asleep: it is no part of what the message costs.
    let wait = ledger.latency_by_cause[Cause::Queued.index()] as f64 / ledger.delivered as f64 / 1e6;
    assert!((wait - 300.0).abs() < 20.0, "{wait} s");
    assert!(ledger.latency.max() < 630_000_000, "{}", ledger.latency.max());
    // Too large a report does not wait.
    let (large, attempts) = single(admission.clone(), |group| group.traffic.overhead_bytes = 65);
    assert_all_arrive(&large);
    assert!(attempts[0] > 1_300 && large.latency.max() < 60_000_000, "{attempts:?}");
}

#[test]
fn a_terminal_whose_place_has_changed_needs_random_access() {
    let share = |tolerance| {
        let mut spec = worlds::city(0, 500);
        (spec.groups[0].traffic.overhead_bytes, spec.groups[0].traffic.answered) = (29, 0.0);
        spec.networks[0].propagation.temporal_sigma = Db(4.0);
        let preconfigured = reserved().map(|reserved| Preconfigured { tolerance, ..reserved });
        let admission = Admission { preconfigured, ..Admission::default() };
        spec.networks[0].radio = Radio::NbIot(Config { admission, ..worlds::nbiot() });
        let outcome = run(&spec, &Execution::default());
        let attempts: u64 = outcome.cells[0].iter().flat_map(|cell| &cell.access).map(|access| access.attempts).sum();
        attempts as f64 / outcome.group(0).delivered as f64
    };
    // With 4 dB from one message to the next the loss is within 6 dB in 87 % of them: P(|N| < 1.5).
    let (strict, never) = (share(Db(6.0)), share(Db(100.0)));
    assert!((strict - never - 0.134).abs() < 0.04, "{strict} {never}");
}

#[test]
fn barred_classes_wait_for_their_turn() {
    let barred = |classes: u32| {
        let barring = Barring { rotation: SimDuration::from_secs(60), classes: [classes; 3] };
        let (ledger, _) = single(Admission { barring, ..Admission::default() }, |_| ());
        assert_all_arrive(&ledger);
        ledger.latency_by_cause[Cause::Barred.index()] as f64 / ledger.delivered as f64 / 1e6
    };
    assert_eq!(barred(0), 0.0);
    // With b of ten classes barred a class waits b turns of ten, its mean wait within them half of b turns: 60 b²/20 s.
    for (classes, mean) in [(3u32, 27.0), (6, 108.0), (9, 243.0)] {
        let wait = barred(classes);
        assert!((wait / mean - 1.0).abs() < 0.15, "{classes} barred: {wait} s against {mean} s");
    }
}

#[test]
fn who_is_called_is_not_barred() {
    let barring = Barring { rotation: SimDuration::from_secs(60), classes: [9; 3] };
    let (mut ledger, _) = single(Admission { barring, ..Admission::default() }, |group| {
        group.power_saving.active_timer = hours(3);
        let legs = vec![Leg::down("command", 80)];
        group.calls.command = Some(Call { rhythm: Rhythm::Every(hours(2)), legs, rounds: 1 });
    });
    let commands = &ledger.errand(Errand::Command).latency;
    assert!(commands.quantile(0.5) < 10_000_000, "{}", commands.quantile(0.5));
}

#[test]
fn rejects_spread_an_overload() {
    // All at once: 3,000 reports within a minute.
    let storm = |reject| {
        let mut group = worlds::group("storm", 3_000, hours(24), worlds::bench(130.0));
        (worlds::rhythm(&mut group).jitter, group.traffic.answered) = (SimDuration::ZERO, 0.0);
        group.start = Start::SwitchedOn { at: SimTime::ZERO + hours(1), spread: SimDuration::from_secs(60) };
        let mut spec = with(Admission { reject, ..Admission::default() }, vec![group]);
        (spec.warmup, spec.duration) = (SimDuration::ZERO, hours(3));
        let outcome = run(&spec, &Execution::default());
        let attach = outcome.group(0).errand(Errand::Attach).clone();
        let access = outcome.cells[0][0].access.iter().map(|access| (access.attempts, access.rejected));
        let (attempts, rejected) = access.fold((0, 0), |sum, next| (sum.0 + next.0, sum.1 + next.1));
        (attach, attempts, rejected)
    };
    let (without, tries, none) = storm(None);
    let (with, fewer, rejected) = storm(Some(Reject { above: ms(16), wait: SimDuration::from_secs(60) }));
    assert!(none == 0 && rejected > 100, "{rejected}");
    assert!(with.failed < without.failed && fewer < tries, "{} {}", with.failed, without.failed);
}

#[test]
fn new_data_in_a_connection_need_no_msg4() {
    let signalling = |connection| {
        let mut group = worlds::group("talkative", 10, SimDuration::from_secs(10), worlds::bench(120.0));
        (worlds::rhythm(&mut group).jitter, group.traffic.answered) = (SimDuration::ZERO, 0.0);
        group.power_saving.release_assistance = ReleaseAssistance::None;
        let mut spec = with(over(connection), vec![group]);
        (spec.warmup, spec.duration) = (ms(60_000), hours(1));
        let ledger = run(&spec, &Execution::default()).group(0);
        (ledger.energy_by_cause()[Cause::Signalling.index()], ledger.delivered, ledger.lost[Loss::Radio.index()])
    };
    // In a connection all are alike: preamble, Msg3 with identity and buffer status, then the data.
    let (resume, service) = (signalling(Connection::Resume), signalling(Connection::ServiceRequest));
    assert!(resume.1 > 3_500 && resume.2 == 0, "{resume:?}");
    assert_eq!(resume, service);
}

/// What commands that are answered come to, and the preambles they took.
fn answered_commands(proactive_grants: bool) -> (Ledger, u64) {
    let mut group = worlds::group("meters", 20, hours(2_000), worlds::bench(130.0));
    group.power_saving.active_timer = SimDuration::FOREVER;
    let legs = vec![Leg::down("command", 80), Leg::up("answer", 70)];
    group.calls.command = Some(Call { rhythm: Rhythm::Every(hours(1)), legs, rounds: 1 });
    let mut spec = worlds::bench_world(1, vec![group]);
    spec.networks[0].radio = Radio::NbIot(Config { proactive_grants, ..worlds::nbiot() });
    let outcome = run(&spec, &Execution::default());
    (outcome.group(0), outcome.cells[0][0].access[0].attempts)
}

#[test]
fn an_answer_costs_a_random_access_unless_the_network_grants_it() {
    let ((asked, attempts), (granted, fewer)) = (answered_commands(false), answered_commands(true));
    let command = |ledger: &Ledger| ledger.errands.as_ref().expect("commands")[Errand::Command.index()].clone();
    let (asked, granted) = (command(&asked), command(&granted));
    let count = granted.latency.len() as f64;
    assert!((attempts as f64 / (2.0 * fewer as f64) - 1.0).abs() < 0.05, "{attempts} {fewer}");
    // The command has arrived before the answer, so its latency is the same; the answer costs a preamble, the wait for the
    // response and Msg3.
    assert!((asked.latency.mean() / granted.latency.mean() - 1.0).abs() < 0.02);
    let more = (asked.energy as f64 - granted.energy as f64) / count / 1e12;
    assert!((0.002..0.03).contains(&more), "{more} J");
}

#[test]
fn only_a_response_tells_terminals_to_back_off() {
    let backoff = |count, detection_probability| {
        let group = worlds::group("meters", count, SimDuration::from_secs(600), worlds::bench(130.0));
        let mut spec = worlds::bench_world(1, vec![group]);
        spec.networks[0].radio = Radio::NbIot(Config { detection_probability, ..worlds::nbiot() });
        let ledger = run(&spec, &Execution::default()).group(0);
        let time = |cause: Cause| ledger.latency_by_cause[cause.index()] as f64 / 1e6 / ledger.delivered as f64;
        (time(Cause::Unanswered), time(Cause::Backoff), time(Cause::Collision))
    };
    // Alone in the cell: half the preambles are missed, and nobody says anything.
    let (unanswered, waited, collided) = backoff(1, 0.5);
    assert!(unanswered > 0.05 && waited == 0.0 && collided == 0.0, "{unanswered} {waited}");
    // In a crowd responses go to others, and who collides has heard one.
    let (_, waited, collided) = backoff(1_500, 1.0);
    assert!(waited > 0.0 && collided > 0.0);
}
