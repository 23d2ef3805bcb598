//! Shards of a world add up to the whole, records included, and what is not a part of it is refused.

use std::ops::ControlFlow;

use farlink::engine::Ended;
use farlink::metrics::records::{MessageRecord, Sinks, TerminalRecord};
use farlink::population::motion::{Motion, RandomWaypoint};
use farlink::units::SimDuration;
use farlink::world::shard::{ShardError, ShardId, couplings};
use farlink::world::spec::WorldSpec;
use farlink::world::{self, Execution, Merger, Outcome, Parts, WorldError};

use crate::worlds;

/// Runs a shard; its parts and the records of its messages and terminals.
fn run(spec: &WorldSpec, shard: ShardId) -> (Parts, Vec<MessageRecord>, Vec<TerminalRecord>) {
    let (mut messages, mut terminals) = (Vec::new(), Vec::new());
    let sinks = Sinks { messages: Some(&mut messages), terminals: Some(&mut terminals) };
    let execution = Execution { threads: 2, ..Execution::default() };
    let parts = world::run_shard(spec, shard, &execution, |_| ControlFlow::Continue(()), sinks);
    (parts.expect("a sound world").expect("it ran to its end"), messages, terminals)
}

/// Runs the shards with these numbers and joins them: the whole, and all records in their order. `check` sees each shard's parts.
fn join(
    spec: &WorldSpec,
    numbers: &[u32],
    check: impl Fn(u32, &Parts),
) -> (Outcome, Vec<MessageRecord>, Vec<TerminalRecord>) {
    let mut merger = Merger::new(spec).expect("a sound world");
    let (mut messages, mut terminals) = (Vec::new(), Vec::new());
    for &number in numbers {
        let shard = ShardId::new(number, numbers.len() as u32).expect("numbers from 1");
        let (parts, of_messages, of_terminals) = run(spec, shard);
        check(number, &parts);
        merger.add(shard, parts).expect("each shard once");
        messages.extend(of_messages);
        terminals.extend(of_terminals);
    }
    messages.sort_by_key(MessageRecord::order);
    terminals.sort_by_key(|terminal| (terminal.group, terminal.terminal));
    (merger.conclude(), messages, terminals)
}

#[test]
fn shards_have_the_sums_and_records_of_the_whole_between_them() {
    let spec = worlds::city(1, 5_000);
    let whole = worlds::run(&spec, &Execution::default());
    let (_, all_messages, all_terminals) = run(&spec, ShardId::WHOLE);
    let (merged, messages, terminals) = join(&spec, &[3, 1, 4, 2], |_, _| ());
    assert!(messages == all_messages && terminals == all_terminals, "the records differ");
    assert_eq!((merged.tally, merged.ended, merged.reached), (whole.tally, whole.ended, whole.reached));
    assert_eq!((merged.ledgers, merged.series), (whole.ledgers, whole.series));
    assert_eq!((merged.lives, merged.cells), (whole.lives, whole.cells));
}

#[test]
fn a_coupled_network_stays_in_one_shard_and_the_others_are_divided() {
    let mut spec = worlds::city(1, 300);
    spec.groups[0].motion = Some(Motion::RandomWaypoint(RandomWaypoint {
        speed: (5.0, 20.0),
        pause: (SimDuration::ZERO, SimDuration::from_secs(600)),
    }));
    let mut bench = worlds::bench_world(7, vec![worlds::group("bench", 70, worlds::hours(2), worlds::bench(150.0))]);
    spec.networks.append(&mut bench.networks);
    spec.groups.append(&mut bench.groups);
    spec.groups[1].network = 1;
    assert_eq!(couplings(&spec).len(), 1);
    let whole = worlds::run(&spec, &Execution::default());
    let (_, all_messages, all_terminals) = run(&spec, ShardId::WHOLE);
    assert_eq!(all_terminals.len(), 370);
    let (merged, messages, terminals) = join(&spec, &[1, 2, 3], |number, parts| {
        let cells = parts.cells.iter().filter(|(cell, _)| *cell < 21).count();
        assert_eq!(cells, if number == 1 { 21 } else { 0 }, "the city is whole");
    });
    assert!(messages == all_messages && terminals == all_terminals, "the records differ");
    assert_eq!((merged.tally, merged.ledgers, merged.lives), (whole.tally, whole.ledgers, whole.lives));
    let ninth = ShardId::new(1, 9).unwrap();
    let error = world::run_shard(&spec, ninth, &Execution::default(), |_| ControlFlow::Continue(()), Sinks::default());
    let said = error.unwrap_err().to_string();
    assert!(said.contains("`city` exchange terminals that move") && said.contains("8 shards at most"), "{said}");
}

#[test]
fn parts_of_something_else_are_refused() {
    let spec = worlds::city(1, 200);
    let shard = ShardId::new(1, 4).unwrap();
    let (parts, ..) = run(&spec, shard);
    let spoilt = |spoil: fn(&mut Parts)| {
        let mut parts = parts.clone();
        spoil(&mut parts);
        let error = Merger::new(&spec).unwrap().add(shard, parts).unwrap_err();
        error.to_string()
    };
    for (said, spoil) in [
        ("ledgers", (|parts| parts.ledgers.truncate(1)) as fn(&mut Parts)),
        ("ledgers", |parts| parts.ledgers[0].latency = parts.ledgers[0].message_energy.clone()),
        ("cells", |parts| parts.cells[0].0 += 1),
        ("cells", |parts| parts.cells.truncate(1)),
        ("random-access channels", |parts| parts.cells[0].1.access.clear()),
        ("rows of the time series", |parts| parts.series.truncate(1)),
    ] {
        assert_eq!(spoilt(spoil), format!("its {said} are not those of the scenario"));
    }
    let other = ShardId::new(2, 4).unwrap();
    assert!(Merger::new(&spec).unwrap().add(other, parts.clone()).is_err(), "the cells of another shard");
    let wider = worlds::bench_world(1, vec![worlds::group("other", 5, worlds::hours(1), worlds::bench(150.0))]);
    assert!(Merger::new(&wider).unwrap().add(shard, parts).is_err(), "the parts of another world");
}

#[test]
fn a_world_is_divided_if_nothing_couples_its_cells() {
    let spec = worlds::bench_world(1, vec![worlds::group("one", 5, worlds::hours(1), worlds::bench(150.0))]);
    assert!(couplings(&spec).is_empty());
    let shard = ShardId::new(1, 1_000).unwrap();
    let execution = Execution::default();
    let error = world::run_shard(&spec, shard, &execution, |_| ControlFlow::Continue(()), Sinks::default());
    assert!(matches!(error, Err(WorldError::Shard(ShardError::TooMany { .. }))));
    let stopped = world::run_shard(&spec, ShardId::WHOLE, &execution, |_| ControlFlow::Break(()), Sinks::default());
    assert_eq!(stopped, Ok(Err(Ended::Stopped)), "what was counted until then adds up to nothing");
}
