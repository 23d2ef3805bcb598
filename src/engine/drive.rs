//! Runs many shards side by side, window by window.
//!
//! Owns threads and nothing else. Shards do not talk to each other within a window, so it cannot matter which thread runs which
//! shard.

use std::ops::{ControlFlow, Range};
use std::panic::resume_unwind;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use super::event::EventSet;
use super::run::{Model, Shard, Stop, Tally};
use crate::units::{SimDuration, SimTime};

/// Events per thread and window below which starting threads costs more than they save.
const WORTH_A_THREAD: u64 = 10_000;

/// Where a run stands between two windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Every event before this instant has been handled.
    pub reached: SimTime,
    /// What all shards together have done.
    pub tally: Tally,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The whole span has been simulated, whatever the observer answered at its end.
    Finished,
    /// The observer wanted it; all shards stand at the same instant.
    Stopped,
    /// At least one shard has taken all events that it may.
    LimitReached,
}

/// How far a run came, and why it ended there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Outcome {
    /// Every event before this instant has been handled, in every shard.
    pub reached: SimTime,
    /// Why it ended.
    pub ended: Ended,
}

/// Runs all shards over `span` on up to `threads` threads.
///
/// After each window, and after the last one, `observe` is called on the calling thread with all shards, which stand at
/// `Progress::reached`; [`ControlFlow::Break`] ends the run there. A run that was ended can be taken up again with a span
/// that starts where it ended. A window of zero means one window for all; zero threads mean one.
///
/// # Panics
/// If a handler panics, with the handler's own payload, after the other shards have finished their window.
pub fn drive<M, Q>(
    shards: &mut [Shard<M, Q>],
    threads: usize,
    span: Range<SimTime>,
    window: SimDuration,
    observe: impl FnMut(Progress, &[Shard<M, Q>]) -> ControlFlow<()>,
) -> Outcome
where
    M: Model + Send,
    Q: EventSet + Send,
{
    let mut busy = true;
    in_windows(shards, span, window, observe, |shards, stretch| {
        let before = total(shards).taken();
        let stop = run_window(shards, if busy { threads } else { 1 }, stretch.end);
        busy = total(shards).taken() - before >= WORTH_A_THREAD.saturating_mul(threads as u64);
        stop
    })
}

/// Takes shards through `span`, one window after the other, each by `advance`, and lets `observe` look in between.
pub(super) fn in_windows<M: Model, Q: EventSet>(
    shards: &mut [Shard<M, Q>],
    span: Range<SimTime>,
    window: SimDuration,
    mut observe: impl FnMut(Progress, &[Shard<M, Q>]) -> ControlFlow<()>,
    mut advance: impl FnMut(&mut [Shard<M, Q>], Range<SimTime>) -> Stop,
) -> Outcome {
    let mut reached = span.start;
    while reached < span.end {
        let step = if window == SimDuration::ZERO { u64::MAX } else { window.0 };
        let end = SimTime(reached.0.saturating_add(step)).min(span.end);
        let stop = advance(shards, reached..end);
        reached = if stop == Stop::Limit { shards.iter().map(Shard::clock).min().unwrap_or(end) } else { end };
        let wanted = observe(Progress { reached, tally: total(shards) }, shards);
        if stop == Stop::Limit {
            return Outcome { reached, ended: Ended::LimitReached };
        }
        if wanted.is_break() && reached < span.end {
            return Outcome { reached, ended: Ended::Stopped };
        }
    }
    Outcome { reached, ended: Ended::Finished }
}

pub(super) fn total<M: Model, Q: EventSet>(shards: &[Shard<M, Q>]) -> Tally {
    let mut total = Tally::default();
    shards.iter().for_each(|shard| total += shard.tally());
    total
}

/// Runs every shard up to `end`. Says whether one of them hit its limit.
fn run_window<M, Q>(shards: &mut [Shard<M, Q>], threads: usize, end: SimTime) -> Stop
where
    M: Model + Send,
    Q: EventSet + Send,
{
    let threads = threads.clamp(1, shards.len().max(1));
    let work: Vec<Mutex<Option<&mut Shard<M, Q>>>> = shards.iter_mut().map(|shard| Mutex::new(Some(shard))).collect();
    let work = &work;
    let stops = thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads).map(|me| scope.spawn(move || work_off(work, me, threads, end))).collect();
        let mut stops = vec![work_off(work, 0, threads, end)];
        for helper in helpers {
            stops.push(helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        stops
    });
    if stops.contains(&Stop::Limit) { Stop::Limit } else { Stop::End }
}

/// What thread `me` does in a window: its own shards first, because they are still in its cache, then what others have
/// not begun.
fn work_off<M: Model, Q: EventSet>(
    work: &[Mutex<Option<&mut Shard<M, Q>>>],
    me: usize,
    threads: usize,
    end: SimTime,
) -> Stop {
    let mut stop = Stop::End;
    for index in own_first(work.len(), me, threads) {
        let shard = locked(&work[index]).take();
        if let Some(shard) = shard
            && shard.run_until(end) == Stop::Limit
        {
            stop = Stop::Limit;
        }
    }
    stop
}

/// A lock whether poisoned or not: a panic of a handler ends the run, so what it left locked is not used again.
pub(super) fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All of so many shards in the order in which thread `me` turns to them.
pub(super) fn own_first(shards: usize, me: usize, threads: usize) -> impl Iterator<Item = usize> {
    let start = |thread: usize| thread * shards / threads;
    let own = start(me)..start(me + 1);
    // From the far end backwards, since the owner works forwards.
    let others = (0..shards).rev().filter({
        let own = own.clone();
        move |index| !own.contains(index)
    });
    own.chain(others)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::engine::tests::{Toy, toy_shard};
    use crate::engine::{Event, Outbox, Wheel};

    fn toys(max_events: impl Fn(u32) -> u64) -> Vec<Shard<Toy, Wheel>> {
        (0..5).map(|n| toy_shard(Toy::new(1, n * 10, 10, 18), Wheel::default(), max_events(n))).collect()
    }

    const SPAN: Range<SimTime> = SimTime::ZERO..SimTime(10_000_000);
    const WINDOW: SimDuration = SimDuration(3_000_000);

    #[test]
    fn the_observer_sees_every_window_and_the_last_one_may_be_short() {
        let mut seen = Vec::new();
        let outcome = drive(&mut toys(|_| u64::MAX), 2, SPAN, WINDOW, |progress, _| {
            seen.push((progress.reached.0, progress.tally.events > 0));
            ControlFlow::Continue(())
        });
        assert_eq!(seen, [(3_000_000, true), (6_000_000, true), (9_000_000, true), (10_000_000, true)]);
        assert_eq!(outcome, Outcome { reached: SPAN.end, ended: Ended::Finished });
    }

    #[test]
    fn a_run_that_was_stopped_can_be_taken_up_again() {
        let mut whole = toys(|_| u64::MAX);
        let _ = drive(&mut whole, 1, SPAN, SimDuration::ZERO, |_, _| ControlFlow::Continue(()));
        let mut shards = toys(|_| u64::MAX);
        let stopped = drive(&mut shards, 3, SPAN, WINDOW, |progress, _| match progress.reached {
            SimTime(6_000_000) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        });
        assert_eq!(stopped, Outcome { reached: SimTime(6_000_000), ended: Ended::Stopped });
        assert!(shards.iter().all(|shard| shard.clock() == stopped.reached));
        let rest = drive(&mut shards, 2, stopped.reached..SPAN.end, WINDOW, |_, _| ControlFlow::Continue(()));
        assert_eq!(rest.ended, Ended::Finished);
        assert_eq!(total(&shards), total(&whole));
    }

    #[test]
    fn the_first_limit_ends_the_run_at_the_same_instant_for_any_window() {
        let limit = |shard| if shard == 3 { 500 } else { u64::MAX };
        let ends: Vec<Outcome> = [0, 1_000, 250_000, 3_000_000]
            .map(|window| drive(&mut toys(limit), 2, SPAN, SimDuration(window), |_, _| ControlFlow::Continue(())))
            .to_vec();
        assert_eq!(ends[0].ended, Ended::LimitReached);
        assert!(ends[0].reached < SPAN.end);
        assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
    }

    #[test]
    fn no_shards_and_no_threads_are_no_trouble() {
        let mut none: Vec<Shard<Toy, Wheel>> = Vec::new();
        assert_eq!(drive(&mut none, 4, SPAN, WINDOW, |_, _| ControlFlow::Continue(())).ended, Ended::Finished);
        assert_eq!(drive(&mut toys(|_| 9_999), 0, SPAN, WINDOW, |_, _| ControlFlow::Continue(())).reached, SPAN.end);
    }

    struct Faulty(bool);

    impl Model for Faulty {
        fn handle(&mut self, event: Event, _out: &mut Outbox) -> Option<u64> {
            assert!(!self.0, "no such luck at {}", event.time.0);
            Some(0)
        }
    }

    #[test]
    fn a_panic_in_any_shard_reaches_the_caller() {
        for (faulty, threads) in [(0, 1), (0, 3), (5, 3), (5, 2)] {
            let mut shards: Vec<_> = (0..6).map(|n| Shard::new(Faulty(n == faulty), Wheel::default(), 10)).collect();
            for shard in &mut shards {
                shard.schedule(Event { time: SimTime(8), entity: 0, tag: 0 });
            }
            let run = || drive(&mut shards, threads, SPAN, WINDOW, |_, _| ControlFlow::Continue(()));
            let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
            assert_eq!(panic.downcast_ref::<String>().unwrap(), "no such luck at 8");
            let done = shards.iter().filter(|shard| shard.tally().events == 1).count();
            assert!(threads == 1 || done == 5, "the other shards finished: {done}");
        }
    }
}
