//! Letters between shards, and how shards that write to each other run side by side.
//!
//! The windows are conservative: a letter takes at least [`Post::delay`], and a window is no longer than that, so what is
//! written in one window takes effect in a later one and it cannot matter in which order shards run. A window begins with the
//! first event that any shard has, so that empty time costs nothing. Threads live as long as the observer lets them and meet
//! at a barrier; each takes its own shards first, because they are still in its cache, and then what others have not begun.

use std::any::Any;
use std::hint::spin_loop;
use std::ops::{ControlFlow, Range};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use super::drive::{Outcome, Progress, in_windows, locked, own_first, total};
use super::event::{Event, EventSet};
use super::run::{Model, Shard, Stop};
use crate::units::{SimDuration, SimTime};

/// Events per thread and window below which the barrier costs more than the threads save.
const WORTH_A_THREAD: u64 = 500;
/// Turns of the wait at the barrier before the processor is offered to others.
const SPINS: u32 = 4_000;

/// A message from one entity of a run to another.
#[derive(Clone, Debug)]
pub struct Letter<B> {
    /// When it takes effect: the delay of the post or more after it was written.
    pub arrives: SimTime,
    /// The address, which the post knows.
    pub to: u32,
    /// Who writes: letters that arrive at the same instant are handed over in this order, so no two may be alike in both.
    pub from: u64,
    /// What it says.
    pub body: B,
}

/// A model that writes letters.
pub trait Correspond: Model {
    /// What letters say.
    type Body: Send;

    /// What it has written and the post has not taken.
    fn outgoing(&mut self) -> &mut Vec<Letter<Self::Body>>;

    /// Takes a letter, ahead of its time; returns the event at which it takes effect, if it needs one.
    fn receive(&mut self, letter: Letter<Self::Body>) -> Option<Event>;
}

/// How letters travel.
#[derive(Clone, Debug)]
pub struct Post {
    /// What each letter takes at least; above zero.
    pub delay: SimDuration,
    /// The shard of each address.
    pub routes: Vec<u32>,
}

/// Runs shards that write to each other over `span` on up to `threads` threads, as [`drive`](super::drive) runs others.
///
/// # Panics
/// If a handler panics, with its own payload; if a letter arrives earlier than the post allows, or has no address.
pub fn drive_coupled<M, Q>(
    shards: &mut [Shard<M, Q>],
    threads: usize,
    span: Range<SimTime>,
    window: SimDuration,
    post: &Post,
    observe: impl FnMut(Progress, &[Shard<M, Q>]) -> ControlFlow<()>,
) -> Outcome
where
    M: Correspond + Send,
    Q: EventSet + Send,
{
    let mut busy = true;
    in_windows(shards, span, window, observe, |shards, stretch| {
        let before = total(shards).taken();
        let threads = threads.clamp(1, shards.len().max(1));
        let office = Office::open(shards, if busy { threads } else { 1 }, post, stretch);
        let (stop, windows) = office.run();
        busy = total(shards).taken() - before >= windows.saturating_mul(WORTH_A_THREAD * threads as u64);
        stop
    })
}

type Panic = Box<dyn Any + Send>;
/// Letters that wait for their shard.
type Tray<M> = Mutex<Vec<Letter<<M as Correspond>::Body>>>;

/// A stretch of time in which all shards run, window by window, and write to each other.
struct Office<'a, M: Correspond, Q> {
    post: &'a Post,
    threads: usize,
    stretch: Range<SimTime>,
    shards: Vec<Mutex<&'a mut Shard<M, Q>>>,
    /// Per shard the last window, counted from one, that a thread has begun.
    begun: Vec<AtomicU64>,
    /// Letters to each shard that were written in windows of even and of odd number.
    boxes: [Vec<Tray<M>>; 2],
    /// The earliest event that is known behind a window, by the remainder of the window's number by three.
    next: [AtomicU64; 3],
    /// The first window in which a shard hit its limit or a handler panicked.
    broken: AtomicU64,
    limit: AtomicU64,
    panic: Mutex<Option<Panic>>,
    barrier: Barrier,
}

impl<'a, M: Correspond + Send, Q: EventSet + Send> Office<'a, M, Q> {
    fn open(shards: &'a mut [Shard<M, Q>], threads: usize, post: &'a Post, stretch: Range<SimTime>) -> Self {
        let count = shards.len();
        let first = shards.iter().map(Shard::earliest).min().unwrap_or(SimTime::MAX);
        let boxes = || (0..count).map(|_| Mutex::new(Vec::new())).collect();
        Office {
            post,
            threads,
            stretch,
            shards: shards.iter_mut().map(Mutex::new).collect(),
            begun: (0..count).map(|_| AtomicU64::new(0)).collect(),
            boxes: [boxes(), boxes()],
            next: [AtomicU64::new(first.0), AtomicU64::new(u64::MAX), AtomicU64::new(u64::MAX)],
            broken: AtomicU64::new(u64::MAX),
            limit: AtomicU64::new(0),
            panic: Mutex::new(None),
            barrier: Barrier::new(threads),
        }
    }

    /// Runs to the end of the stretch; says whether a shard hit its limit, and how many windows it took.
    fn run(self) -> (Stop, u64) {
        let windows = thread::scope(|scope| {
            for me in 1..self.threads {
                let office = &self;
                scope.spawn(move || office.work(me));
            }
            self.work(0)
        });
        if let Some(panic) = locked(&self.panic).take() {
            resume_unwind(panic);
        }
        // What is still on its way waits in its shard, where whoever looks in between finds it.
        for index in 0..self.shards.len() {
            (0..2).for_each(|parity| self.hand_over(&mut locked(&self.shards[index]), index, parity));
        }
        let stop = if self.limit.load(Ordering::SeqCst) > 0 { Stop::Limit } else { Stop::End };
        (stop, windows)
    }

    /// What thread `me` does; returns the number of windows.
    fn work(&self, me: usize) -> u64 {
        let mut number = 0;
        let mut end = self.stretch.start;
        while end < self.stretch.end {
            let next = self.next[(number % 3) as usize].load(Ordering::SeqCst);
            end = SimTime(next.max(end.0).saturating_add(self.post.delay.0)).min(self.stretch.end);
            number += 1;
            if me == 0 {
                // Read two windows ago by all, and written in the next by all.
                self.next[((number + 1) % 3) as usize].store(u64::MAX, Ordering::SeqCst);
            }
            for index in own_first(self.shards.len(), me, self.threads) {
                if self.begun[index].swap(number, Ordering::SeqCst) == number {
                    continue;
                }
                let run = || self.run_shard(index, number, end);
                if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
                    locked(&self.panic).get_or_insert(panic);
                    self.broken.fetch_min(number, Ordering::SeqCst);
                }
            }
            self.barrier.wait();
            if self.broken.load(Ordering::SeqCst) <= number {
                break;
            }
        }
        number
    }

    fn run_shard(&self, index: usize, number: u64, end: SimTime) {
        let mut shard = locked(&self.shards[index]);
        self.hand_over(&mut shard, index, (number % 2) as usize);
        if shard.run_until(end) == Stop::Limit {
            self.limit.store(1, Ordering::SeqCst);
            self.broken.fetch_min(number, Ordering::SeqCst);
        }
        let mut earliest = shard.earliest();
        for letter in shard.model.outgoing().drain(..) {
            assert!(letter.arrives >= end, "a letter arrives at {:?}, within the window up to {end:?}", letter.arrives);
            earliest = earliest.min(letter.arrives);
            let to = self.post.routes[letter.to as usize] as usize;
            locked(&self.boxes[((number + 1) % 2) as usize][to]).push(letter);
        }
        self.next[(number % 3) as usize].fetch_min(earliest.0, Ordering::SeqCst);
    }

    /// Hands the letters of a box to their shard.
    fn hand_over(&self, shard: &mut Shard<M, Q>, index: usize, parity: usize) {
        let mut letters = std::mem::take(&mut *locked(&self.boxes[parity][index]));
        letters.sort_unstable_by_key(|letter| (letter.arrives, letter.from));
        for letter in letters {
            if let Some(event) = shard.model.receive(letter) {
                shard.schedule(event);
            }
        }
    }
}

/// Where threads wait for each other. They spin for a while, because windows are short, and then let others run.
struct Barrier {
    threads: usize,
    waiting: AtomicUsize,
    round: AtomicUsize,
}

impl Barrier {
    fn new(threads: usize) -> Barrier {
        Barrier { threads, waiting: AtomicUsize::new(0), round: AtomicUsize::new(0) }
    }

    fn wait(&self) {
        let round = self.round.load(Ordering::SeqCst);
        if self.waiting.fetch_add(1, Ordering::SeqCst) + 1 == self.threads {
            self.waiting.store(0, Ordering::SeqCst);
            self.round.store(round.wrapping_add(1), Ordering::SeqCst);
            return;
        }
        let mut turns = 0_u32;
        while self.round.load(Ordering::SeqCst) == round {
            turns = turns.saturating_add(1);
            if turns < SPINS { spin_loop() } else { thread::yield_now() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Ended, HeapSet, Outbox, Tally, Wheel};

    const DELAY: u64 = 1_000;

    /// Balls that jump from court to court. Each court is an entity of its own and adds up what it has seen.
    struct Courts {
        first: u32,
        sums: Vec<u64>,
        outgoing: Vec<Letter<u64>>,
        courts: u32,
        faulty: Option<u32>,
    }

    fn mix(x: u64) -> u64 {
        let z = (x ^ x >> 31).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z ^ z >> 29
    }

    impl Model for Courts {
        fn handle(&mut self, event: Event, _out: &mut Outbox) -> Option<u64> {
            let court = event.entity - self.first;
            assert!(self.faulty != Some(event.entity) || event.time.0 < 50_000, "torn net");
            let ball = u64::from(event.tag);
            let sum = &mut self.sums[court as usize];
            *sum = mix(*sum ^ ball ^ event.time.0);
            let draw = mix(*sum ^ ball << 20);
            let arrives = event.time + SimDuration(DELAY + draw % 3_000);
            let to = (draw >> 20) as u32 % self.courts;
            self.outgoing.push(Letter { arrives, to, from: ball, body: ball });
            Some(u64::from(event.entity) << 32 | ball)
        }
    }

    impl Correspond for Courts {
        type Body = u64;

        fn outgoing(&mut self) -> &mut Vec<Letter<u64>> {
            &mut self.outgoing
        }

        fn receive(&mut self, letter: Letter<u64>) -> Option<Event> {
            Some(Event { time: letter.arrives, entity: letter.to, tag: letter.body as u32 })
        }
    }

    const COURTS: u32 = 60;
    const BALLS: u32 = 700;

    fn shards<Q: EventSet>(size: u32, queue: impl Fn() -> Q, faulty: Option<u32>) -> (Vec<Shard<Courts, Q>>, Post) {
        let shard = |number: u32| {
            let (first, sums) = (number * size, vec![0; size as usize]);
            let courts = Courts { first, sums, outgoing: Vec::new(), courts: COURTS, faulty };
            let mut shard = Shard::new(courts, queue(), u64::MAX);
            for ball in (0..BALLS).filter(|ball| ball % COURTS / size == number) {
                shard.schedule(Event { time: SimTime(u64::from(ball)), entity: ball % COURTS, tag: ball });
            }
            shard
        };
        let routes = (0..COURTS).map(|court| court / size).collect();
        ((0..COURTS / size).map(shard).collect(), Post { delay: SimDuration(DELAY), routes })
    }

    fn play<Q: EventSet + Send>(size: u32, queue: impl Fn() -> Q, threads: usize, window: u64) -> (Tally, Vec<u64>) {
        let (mut shards, post) = shards(size, queue, None);
        let span = SimTime::ZERO..SimTime(400_000);
        let mut tally = Tally::default();
        let outcome = drive_coupled(&mut shards, threads, span, SimDuration(window), &post, |progress, _| {
            tally = progress.tally;
            ControlFlow::Continue(())
        });
        assert_eq!(outcome, Outcome { reached: SimTime(400_000), ended: Ended::Finished });
        (tally, shards.into_iter().flat_map(|shard| shard.model.sums).collect())
    }

    #[test]
    fn threads_windows_and_division_do_not_show() {
        let expected = play(COURTS, HeapSet::new, 1, 0);
        assert!(expected.0.events > 100_000, "{:?}", expected.0);
        for (size, threads, window) in [(1, 1, 0), (1, 2, 0), (1, 3, 33_333), (4, 8, 700), (20, 2, 100_000), (60, 2, 0)]
        {
            assert_eq!(play(size, HeapSet::new, threads, window), expected, "{size} {threads} {window}");
            assert_eq!(play(size, Wheel::default, threads, window), expected, "{size} {threads} {window}");
        }
    }

    #[test]
    fn a_panic_reaches_the_caller_whoever_waits_at_the_barrier() {
        for threads in [1, 2, 3] {
            let (mut shards, post) = shards(10, HeapSet::new, Some(17));
            let span = SimTime::ZERO..SimTime(400_000);
            let run = || {
                let go_on = |_, _: &[_]| ControlFlow::Continue(());
                drive_coupled(&mut shards, threads, span, SimDuration::ZERO, &post, go_on)
            };
            let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
            assert_eq!(*panic.downcast_ref::<&str>().unwrap(), "torn net");
        }
    }

    #[test]
    #[should_panic(expected = "within the window")]
    fn a_letter_that_is_too_fast_is_refused() {
        let (mut shards, post) = shards(10, HeapSet::new, None);
        let post = Post { delay: SimDuration(100_000), ..post };
        let go_on = |_, _: &[_]| ControlFlow::Continue(());
        let _ = drive_coupled(&mut shards, 2, SimTime::ZERO..SimTime(400_000), SimDuration::ZERO, &post, go_on);
    }

    #[test]
    fn a_limit_ends_the_run_in_its_window() {
        let (shards, post) = shards(10, HeapSet::new, None);
        let limit = |shard: Shard<Courts, HeapSet>| {
            let mut limited = Shard::new(shard.model, HeapSet::new(), 300);
            limited.schedule(Event { time: SimTime(5), entity: limited.model.first, tag: 1 });
            limited
        };
        let mut limited: Vec<_> = shards.into_iter().map(limit).collect();
        let go_on = |_, _: &[_]| ControlFlow::Continue(());
        let outcome =
            drive_coupled(&mut limited, 2, SimTime::ZERO..SimTime(90_000_000), SimDuration::ZERO, &post, go_on);
        assert_eq!(outcome.ended, Ended::LimitReached);
        assert!(outcome.reached < SimTime(90_000_000));
    }
}
