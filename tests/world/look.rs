//! What an observer sees of a run that goes on is what the run adds up to, and looking changes nothing.

use std::ops::ControlFlow;

use farlink::exec::setup::Executor;
use farlink::exec::trace::Stretch;
use farlink::metrics::records::Sinks;
use farlink::units::SimTime;
use farlink::world::look::{Look, NEWEST};
use farlink::world::{self, Execution, Outcome};

use crate::worlds;

#[test]
fn looks_see_what_was_counted_and_change_nothing() {
    let spec = worlds::city(1, 4_000);
    let expected = worlds::run(&spec, &Execution::default());
    let mut seen: Vec<(SimTime, Outcome)> = Vec::new();
    let observe = |look: &Look<'_>| {
        seen.push((look.progress.reached, look.outcome(seen.len() % 10 == 9)));
        ControlFlow::Continue(())
    };
    let execution = Execution { threads: 2, watched: true, ..Execution::default() };
    let outcome = world::run_recorded(&spec, &execution, observe, Sinks::default()).unwrap();
    assert_eq!((outcome.tally, &outcome.ledgers), (expected.tally, &expected.ledgers));
    assert_eq!((&outcome.lives, &outcome.series), (&expected.lives, &expected.series));

    let delivered: Vec<u64> = seen.iter().map(|(_, outcome)| outcome.group(0).delivered).collect();
    assert!(delivered.is_sorted() && delivered.len() >= 100);
    let (reached, last) = seen.last().unwrap();
    assert_eq!(*reached, outcome.reached);
    // At the end only the books are open that are closed then: tails, and messages that are under way.
    let (last_all, all) = (last.group(0), outcome.group(0));
    assert_eq!((last_all.delivered, last_all.lost, last_all.terminals), (all.delivered, all.lost, all.terminals));
    assert_eq!((&last_all.latency, &last_all.message_energy), (&all.latency, &all.message_energy));
    assert_eq!((&last.cells, &last.series), (&outcome.cells, &outcome.series));
    assert!(last_all.observed < all.observed && last_all.unfinished == 0);
    assert!(seen[0].1.lives.iter().all(|life| life.is_empty()), "lives were not wanted");
}

/// What is shown of a trace on the way is what stands in the file at the end, without anything that lies ahead.
#[test]
fn looks_see_traces_as_far_as_the_run_has_come() {
    let spec = worlds::city(1, 400);
    let mut seen: Vec<(SimTime, Vec<Stretch>)> = Vec::new();
    let observe = |look: &Look<'_>| {
        seen.push((look.progress.reached, look.outcome(false).stretches));
        ControlFlow::Continue(())
    };
    let traced = vec![(0, 3), (0, 17)];
    let execution = Execution { executor: Executor::Interpreted, traced, ..Execution::default() };
    let all = world::run_recorded(&spec, &execution, observe, Sinks::default()).unwrap().stretches;
    assert!(all.len() < NEWEST, "nothing is left out");
    assert!(seen.windows(2).all(|pair| pair[0].1.len() <= pair[1].1.len()));
    for (reached, stretches) in &seen {
        assert!(stretches.iter().all(|stretch| stretch.end <= *reached && all.contains(stretch)));
    }
    let (half, shown) = &seen[seen.len() / 2];
    assert!(!shown.is_empty());
    // What lies between two errands is booked when the next one begins, all else by then.
    let behind = all.iter().filter(|stretch| stretch.errand.is_some() && stretch.end <= *half);
    assert!(behind.clone().count() > 0 && behind.into_iter().all(|stretch| shown.contains(stretch)));
}
