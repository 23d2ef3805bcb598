//! Records of messages and terminals: the same books as the ledgers, line by line, however a run is carried out.

use std::ops::ControlFlow;

use farlink::cause::{Cause, Loss};
use farlink::engine::Ended;
use farlink::exec::setup::Executor;
use farlink::metrics::records::{MessageRecord, RecordSink, Sinks, TerminalRecord};
use farlink::radio::ReleaseAssistance;
use farlink::units::{Db, SimDuration, SimTime};
use farlink::world::spec::WorldSpec;
use farlink::world::{self, EventSetKind, Execution, Outcome};

use crate::worlds;

struct Recorded {
    outcome: Outcome,
    messages: Vec<MessageRecord>,
    terminals: Vec<TerminalRecord>,
}

fn record(spec: &WorldSpec, execution: &Execution) -> Recorded {
    let (mut messages, mut terminals) = (Vec::new(), Vec::new());
    let sinks = Sinks { messages: Some(&mut messages), terminals: Some(&mut terminals) };
    let outcome = world::run_recorded(spec, execution, |_| ControlFlow::Continue(()), sinks).expect("a sound world");
    Recorded { outcome, messages, terminals }
}

/// All coverage levels and beyond, late reports, connections that stay open after the last message.
fn bench() -> WorldSpec {
    let minutes = |minutes: u64| SimDuration::from_secs(60 * minutes);
    let mut spec = worlds::bench_world(
        3,
        vec![
            worlds::group("near", 300, minutes(10), worlds::bench(120.0)),
            worlds::group("edge", 100, minutes(30), worlds::bench(154.0)),
            worlds::group("deep", 40, minutes(5), worlds::bench(164.0)),
            worlds::group("dark", 5, minutes(60), worlds::bench(170.0)),
        ],
    );
    spec.groups[0].power_saving.release_assistance = ReleaseAssistance::None;
    spec.duration = worlds::hours(3);
    spec
}

#[test]
fn messages_add_up_to_the_ledgers() {
    for (name, spec) in [("bench", bench()), ("city", worlds::city(1, 5_000))] {
        let Recorded { outcome, messages, .. } = record(&spec, &Execution::default());
        assert!(messages.windows(2).all(|pair| pair[0].order() < pair[1].order()), "{name}: in order, none twice");
        for number in 0..spec.groups.len() {
            let ledger = outcome.group(number);
            let of_group = || messages.iter().filter(|message| usize::from(message.group) == number);
            let delivered = || of_group().filter(|message| message.loss.is_none());
            assert_eq!(delivered().count() as u64, ledger.delivered, "{name} {number}");
            for loss in Loss::ALL {
                let lost = of_group().filter(|message| message.loss == Some(*loss)).count();
                assert_eq!(lost as u64, ledger.lost[loss.index()], "{name} {number}: {loss}");
            }
            let offered = ledger.delivered + ledger.lost.iter().sum::<u64>() + ledger.unfinished;
            assert_eq!(of_group().count() as u64, offered - ledger.unfinished, "{name} {number}");
            let latency = delivered().map(|message| u128::from(message.ended.since(message.born).0)).sum::<u128>();
            assert_eq!(latency, ledger.latency.sum(), "{name} {number}");
            for cause in Cause::ALL {
                let time = delivered().map(|message| u128::from(message.time[cause.index()].0)).sum::<u128>();
                assert_eq!(time, ledger.latency_by_cause[cause.index()], "{name} {number}: {cause}");
            }
            // The histogram counts whole microjoules.
            let costs = of_group().filter_map(|message| message.energy).map(|energy| (energy.0 + 500_000) / 1_000_000);
            assert_eq!(costs.clone().count() as u64, ledger.message_energy.len(), "{name} {number}");
            assert_eq!(costs.map(u128::from).sum::<u128>(), ledger.message_energy.sum(), "{name} {number}");
        }
    }
}

#[test]
fn each_message_makes_sense() {
    let spec = bench();
    let Recorded { messages, .. } = record(&spec, &Execution::default());
    for message in &messages {
        assert!(message.born >= SimTime::ZERO + spec.warmup, "warm-up is not recorded");
        assert!(message.ended < SimTime::ZERO + spec.warmup + spec.duration, "what ends too late is unfinished");
        assert_eq!(message.time.iter().copied().sum::<SimDuration>(), message.ended.since(message.born));
        assert_eq!(message.time[Cause::Queued.index()], message.started.since(message.born));
        assert!(Cause::ALL.iter().filter(|cause| cause.after_delivery()).all(|c| message.time[c.index()].0 == 0));
        assert!(message.released.is_none_or(|released| released >= message.ended));
        assert_eq!(message.released.is_some(), message.energy.is_some());
        assert_eq!(message.bytes, 115);
        assert_eq!(message.level, [Some(0), Some(1), Some(2), None][usize::from(message.group)]);
        assert_eq!(message.level.is_none(), message.loss == Some(Loss::NoCoverage));
        assert_eq!(message.level.is_none(), message.attempts == 0);
    }
    let near = || messages.iter().filter(|message| message.group == 0);
    let after = |m: &MessageRecord| m.released.is_some_and(|released| released.since(m.ended).0 > 15_000_000);
    assert!(near().filter(|m| after(m)).count() > near().count() / 2, "a record waits for the release");
    assert!(near().any(|message| message.released.is_none()), "the last ones are still connected at the end");
    assert!(near().any(|message| message.answered) && near().any(|message| !message.answered));
    assert!(messages.iter().any(|message| message.attempts > 1));
}

#[test]
fn terminals_add_up_and_are_in_order() {
    let spec = bench();
    let Recorded { outcome, messages, terminals } = record(&spec, &Execution::default());
    let expected = spec.groups.iter().zip(0u16..).flat_map(|(group, n)| (0..group.count).map(move |index| (n, index)));
    assert!(expected.eq(terminals.iter().map(|terminal| (terminal.group, terminal.terminal))));
    for (number, group) in spec.groups.iter().enumerate() {
        let (ledger, of_group) =
            (outcome.group(number), || terminals.iter().filter(|t| usize::from(t.group) == number));
        assert_eq!(of_group().map(|t| u64::from(t.delivered)).sum::<u64>(), ledger.delivered);
        assert_eq!(of_group().map(|t| u64::from(t.lost)).sum::<u64>(), ledger.lost.iter().sum::<u64>());
        // A message that ends behind the end of the run is unfinished, but its terminal may have been released.
        let released = of_group().map(|t| u64::from(t.released)).sum::<u64>();
        assert!((0..=ledger.unfinished).contains(&(released - ledger.message_energy.len())));
        assert!(of_group().all(|t| t.interval == group.traffic.timing.interval(0) && t.cell == t.terminal % 3));
        assert!(of_group().all(|t| t.coupling_loss == Db([120.0, 154.0, 164.0, 170.0][number])));
    }
    for message in messages.iter().filter(|message| message.terminal == 17) {
        let terminal = terminals.iter().find(|t| (t.group, t.terminal) == (message.group, 17)).expect("it is there");
        assert_eq!((terminal.cell, terminal.level), (message.cell, message.level));
    }
}

#[test]
fn the_way_a_run_is_carried_out_does_not_show() {
    let spec = worlds::city(2, 20_000);
    let plain = worlds::run(&spec, &Execution::default());
    let one = record(&spec, &Execution { cells_per_district: Some(2), ..Execution::default() });
    assert_eq!((plain.tally, &plain.ledgers), (one.outcome.tally, &one.outcome.ledgers), "recording changes nothing");
    assert_eq!(plain.series, one.outcome.series);
    assert!(one.messages.len() > 15_000 && one.terminals.len() == 20_000);
    assert!(one.terminals.iter().any(|terminal| terminal.level.is_none()), "some hear no cell");
    let others = [
        Execution { threads: 2, cells_per_district: Some(5), ..Execution::default() },
        Execution { threads: 3, ..Execution::default() },
        Execution { executor: Executor::Interpreted, threads: 2, ..Execution::default() },
        Execution { events: EventSetKind::Heap, cells_per_district: Some(1_000), ..Execution::default() },
    ];
    for execution in others {
        let other = record(&spec, &execution);
        assert!(other.messages == one.messages, "messages: {execution:?}");
        assert!(other.terminals == one.terminals, "terminals: {execution:?}");
    }
}

/// Takes one batch.
struct Full(usize);

impl RecordSink<MessageRecord> for Full {
    fn take(&mut self, records: &[MessageRecord]) -> ControlFlow<()> {
        self.0 += records.len();
        if self.0 > 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[test]
fn a_sink_that_can_take_no_more_ends_the_run_and_a_stopped_run_is_recorded() {
    let spec = bench();
    let mut full = Full(0);
    let sinks = Sinks { messages: Some(&mut full), terminals: None };
    let outcome = world::run_recorded(&spec, &Execution::default(), |_| ControlFlow::Continue(()), sinks).unwrap();
    assert_eq!(outcome.ended, Ended::Stopped);
    assert!(outcome.reached.since(SimTime::ZERO + spec.warmup) < SimDuration::from_secs(600) && full.0 > 0);

    let (mut messages, half) = (Vec::new(), SimTime::ZERO + worlds::hours(2));
    let sinks = Sinks { messages: Some(&mut messages), terminals: None };
    let observe = |look: &world::look::Look<'_>| {
        if look.progress.reached >= half { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let outcome = world::run_recorded(&spec, &Execution::default(), observe, sinks).unwrap();
    assert_eq!(outcome.ended, Ended::Stopped);
    let ended: u64 = outcome.ledgers.iter().flatten().map(|l| l.delivered + l.lost.iter().sum::<u64>()).sum();
    assert_eq!(messages.len() as u64, ended);
}
