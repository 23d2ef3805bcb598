//! The same scenario gives the same results, bit for bit, however it is carried out.

use std::ops::ControlFlow;

use farlink::exec::setup::Executor;
use farlink::world::shard::{Division, ShardId};
use farlink::world::summarise::{Labels, summarise};
use farlink::world::{self, EventSetKind, Execution, Outcome};

use crate::worlds;

fn run(execution: &Execution) -> (Outcome, String) {
    let spec = worlds::city(3, 150_000);
    let outcome = worlds::run(&spec, execution);
    let labels = Labels { name: "city".into(), model_data: String::new(), scenario: serde_json::Value::Null };
    let summary = summarise(&spec, &outcome, labels);
    (outcome, farlink::report::json::text(&summary).expect("a summary is JSON"))
}

#[test]
fn threads_event_set_executor_and_division_do_not_show() {
    // 111 cells in 56 districts.
    let base = Execution { cells_per_district: Some(2), ..Execution::default() };
    let (expected, text) = run(&base);
    // A hundred windows with enough events in each that the driver uses every thread (it wants 10,000 for each).
    assert!(expected.tally.events > 100 * 3 * 10_000, "{}", expected.tally.events);
    let others = [
        ("two threads", Execution { threads: 2, ..base.clone() }),
        ("three threads", Execution { threads: 3, ..base.clone() }),
        ("the heap", Execution { events: EventSetKind::Heap, ..base.clone() }),
        ("step by step", Execution { executor: Executor::Interpreted, threads: 2, ..base.clone() }),
        ("districts of 24 cells", Execution { cells_per_district: Some(24), threads: 2, ..base.clone() }),
    ];
    for (name, execution) in others {
        let (outcome, other) = run(&execution);
        assert_eq!(outcome.tally, expected.tally, "{name}: events");
        assert_eq!(outcome.ledgers, expected.ledgers, "{name}: ledgers");
        assert_eq!(outcome.series, expected.series, "{name}: time series");
        assert_eq!(other, text, "{name}: summary.json");
    }
}

#[test]
fn an_early_end_keeps_what_was_counted() {
    let spec = worlds::city(1, 2_000);
    let mut looks = 0;
    let stopped = world::run(&spec, &Execution::default(), |_| {
        looks += 1;
        if looks == 50 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert_eq!(stopped.ended, farlink::engine::Ended::Stopped);
    let ledger = stopped.group(0);
    let whole = worlds::run(&spec, &Execution::default()).group(0);
    assert!(ledger.delivered > 0 && ledger.delivered < whole.delivered);
    let observed = ledger.observed as f64 / whole.observed as f64;
    assert!((observed - 11.0 / 24.0).abs() < 0.01, "13 of 26 hours, 2 of them warm-up: {observed}");
}

#[test]
fn a_second_group_leaves_the_draws_of_the_first_alone() {
    let alone = worlds::city(2, 3_000);
    let mut both = alone.clone();
    let mut copy = both.groups[0].clone();
    copy.name = "meters too".into();
    both.groups.push(copy);

    let fates = |spec: &world::spec::WorldSpec, group: u16| {
        let setup = std::sync::Arc::new(world::build::setup(spec, Executor::Compiled).unwrap());
        let one = Execution { cells_per_district: Some(1_000), ..Execution::default() };
        let mut districts = world::build::districts(spec, &setup, &Division::new(spec, ShardId::WHOLE), &one).unwrap();
        let traffic = &spec.groups[usize::from(group)].traffic;
        let key = setup.groups[usize::from(group)].key;
        let mut fates: Vec<_> = districts
            .iter_mut()
            .flat_map(|district| {
                district.first_events();
                district.terminals().fixed().to_vec()
            })
            .filter(|terminal| terminal.group == group)
            .map(|t| {
                let first = traffic.timing.time(key.child(t.index.into()), usize::from(t.interval), t.report);
                (t.index, t.cell, t.level, t.uplink, t.downlink, t.information_until, t.report, first)
            })
            .collect();
        fates.sort_unstable();
        fates
    };
    assert_eq!(fates(&alone, 0), fates(&both, 0), "placement, coverage, arrivals");
    assert_ne!(fates(&both, 0), fates(&both, 1), "the copy has draws of its own");
}
