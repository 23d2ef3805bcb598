//! Tests of the contract that the engine states, and the toy model that the tests of other engine modules use too.

use proptest::prelude::*;

use super::*;
use crate::units::{SimDuration, SimTime};

/// Entities that wait for times of all magnitudes, some of them change their mind and leave a stale event behind.
#[derive(Clone)]
pub(super) struct Toy {
    first: u32,
    seed: u64,
    longest_bits: u32,
    /// Per entity the generation that counts, which also numbers its draws.
    generations: Vec<u32>,
    pub(super) log: Vec<Event>,
}

impl Toy {
    /// Entities `first..first + count` of a run. Each waits for at most `2^longest_bits` microseconds at a time.
    pub(super) fn new(seed: u64, first: u32, count: u32, longest_bits: u32) -> Toy {
        Toy { first, seed, longest_bits, generations: vec![0; count as usize], log: Vec::new() }
    }

    fn draw(&self, entity: u32, counter: u32) -> u64 {
        let mut z = self.seed ^ u64::from(self.first + entity) << 32 ^ u64::from(counter);
        for _ in 0..3 {
            z = (z ^ z >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        }
        z ^ z >> 32
    }

    /// Magnitudes are equally likely, and so is "at once".
    fn wait(&self, entity: u32, counter: u32) -> u64 {
        let draw = self.draw(entity, counter);
        (draw >> 8) % (1 << (draw % u64::from(self.longest_bits + 1)))
    }
}

impl Model for Toy {
    fn handle(&mut self, event: Event, out: &mut Outbox) -> Option<u64> {
        self.log.push(event);
        let generation = self.generations[event.entity as usize];
        if event.tag != generation {
            return None;
        }
        let next = generation + 1;
        if self.draw(event.entity, generation).is_multiple_of(5) {
            // This one is never waited for: the generation moves on at once.
            out.at(SimTime(event.time.0.saturating_add(self.wait(event.entity, !next))), event.entity, generation);
        }
        self.generations[event.entity as usize] = next;
        out.at(SimTime(event.time.0.saturating_add(self.wait(event.entity, next))), event.entity, next);
        Some(u64::from(self.first + event.entity))
    }
}

/// A shard of toy entities that all start within the first second.
pub(super) fn toy_shard<Q: EventSet>(toy: Toy, queue: Q, max_events: u64) -> Shard<Toy, Q> {
    let mut shard = Shard::new(toy, queue, max_events);
    for entity in 0..shard.model.generations.len() as u32 {
        let time = SimTime(shard.model.draw(entity, u32::MAX) % 1_000_000);
        shard.schedule(Event { time, entity, tag: 0 });
    }
    shard
}

fn run<Q: EventSet>(toy: &Toy, queue: Q, ends: &[u64], max_events: u64) -> (Vec<Event>, Tally, SimTime) {
    let mut shard = toy_shard(toy.clone(), queue, max_events);
    for &end in ends {
        if shard.run_until(SimTime(end)) == Stop::Limit {
            break;
        }
    }
    (std::mem::take(&mut shard.model.log), shard.tally(), shard.clock())
}

proptest! {
    #[test]
    fn a_run_is_the_same_with_any_event_set_slot_width_and_windows(
        seed: u64,
        count in 1..200_u32,
        longest_bits in 0..=62_u32,
        width_bits in 0..=30_u32,
        mut ends in prop::collection::vec(0..u64::MAX, 0..5),
        max_events in 1_000..5_000_u64,
    ) {
        let toy = Toy::new(seed, 0, count, longest_bits);
        let expected = run(&toy, HeapSet::new(), &[u64::MAX], max_events);
        ends.extend([500_000, 1 << longest_bits, u64::MAX]);
        ends.sort_unstable();
        prop_assert_eq!(&run(&toy, HeapSet::new(), &ends, max_events), &expected);
        prop_assert_eq!(&run(&toy, Wheel::default(), &[u64::MAX], max_events), &expected);
        prop_assert_eq!(&run(&toy, Wheel::with_width_bits(width_bits), &ends, max_events), &expected);
    }
}

#[test]
fn time_never_goes_back_and_stale_events_are_counted_apart() {
    let (log, tally, _) = run(&Toy::new(1, 0, 50, 20), Wheel::default(), &[10_000_000], u64::MAX);
    assert!(log.is_sorted_by_key(|event| event.time));
    assert_eq!(log.len() as u64, tally.taken());
    assert!(tally.stale > tally.events / 20 && tally.stale < tally.events, "{tally:?}");
}

/// Emits what a script says when its only event comes, and logs what it gets.
struct Script {
    answers: Vec<(u64, u32, u32)>,
    log: Vec<(u64, u32, u32)>,
}

impl Model for Script {
    fn handle(&mut self, event: Event, out: &mut Outbox) -> Option<u64> {
        self.log.push((event.time.0, event.entity, event.tag));
        for (time, entity, tag) in std::mem::take(&mut self.answers) {
            out.at(SimTime(time), entity, tag);
        }
        Some(0)
    }
}

fn scripted<Q: EventSet>(queue: Q, answers: &[(u64, u32, u32)]) -> Vec<(u64, u32, u32)> {
    let mut shard = Shard::new(Script { answers: answers.to_vec(), log: Vec::new() }, queue, u64::MAX);
    shard.schedule(Event { time: SimTime(10), entity: 5, tag: 0 });
    assert_eq!(shard.run_until(SimTime::MAX), Stop::End);
    shard.model.log
}

#[test]
fn events_of_the_present_follow_the_current_one_in_order() {
    let answers = [(11, 0, 0), (10, 9, 1), (10, 1, 0), (10, 9, 0), (10, 5, 0)];
    let expected = [(10, 5, 0), (10, 1, 0), (10, 5, 0), (10, 9, 0), (10, 9, 1), (11, 0, 0)];
    assert_eq!(scripted(HeapSet::new(), &answers), expected);
    for width_bits in [0, 3, 14, 30] {
        assert_eq!(scripted(Wheel::with_width_bits(width_bits), &answers), expected);
    }
}

#[test]
#[should_panic(expected = "a model must not schedule in the past")]
fn an_event_in_the_past_is_refused() {
    scripted(Wheel::default(), &[(9, 5, 0)]);
}

#[test]
#[should_panic(expected = "a model must not schedule in the past")]
fn an_event_before_the_clock_is_refused() {
    let mut shard = toy_shard(Toy::new(1, 0, 1, 10), Wheel::default(), u64::MAX);
    assert_eq!(shard.run_until(SimTime(100)), Stop::End);
    shard.schedule(Event { time: SimTime(99), entity: 0, tag: 0 });
}

#[test]
fn a_limit_stops_the_shard_before_the_event_that_exceeds_it() {
    let whole = run(&Toy::new(7, 0, 20, 16), HeapSet::new(), &[5_000_000], u64::MAX);
    let mut shard = toy_shard(Toy::new(7, 0, 20, 16), Wheel::default(), 1_000);
    assert_eq!(shard.run_until(SimTime(5_000_000)), Stop::Limit);
    assert_eq!(shard.model.log, whole.0[..1_000]);
    assert_eq!(shard.clock(), whole.0[1_000].time, "nothing before the clock is missing");
    let pending = shard.pending();
    assert_eq!(shard.run_until(SimTime(5_000_000)), Stop::Limit);
    assert_eq!((shard.tally().taken(), shard.pending()), (1_000, pending), "the forbidden event is not lost");
    let exact = run(&Toy::new(7, 0, 20, 16), Wheel::default(), &[5_000_000], whole.1.taken());
    assert_eq!(exact, whole, "a limit that is just enough is not reached");
}

/// The tally of a run of 60 entities that is divided into so many shards.
fn divided<Q: EventSet + Send>(shards: u32, queue: impl Fn() -> Q, threads: usize, window: u64) -> Tally {
    let size = 60 / shards;
    let toy = |shard| Toy::new(3, shard * size, size, 19);
    let mut shards: Vec<_> = (0..shards).map(|shard| toy_shard(toy(shard), queue(), u64::MAX)).collect();
    let mut tally = Tally::default();
    let span = SimTime::ZERO..SimTime(30_000_000);
    let outcome = drive(&mut shards, threads, span.clone(), SimDuration(window), |progress, _| {
        tally = progress.tally;
        std::ops::ControlFlow::Continue(())
    });
    assert_eq!(outcome, Outcome { reached: span.end, ended: Ended::Finished });
    tally
}

#[test]
fn nothing_about_the_execution_shows_in_the_hash() {
    let expected = divided(1, HeapSet::new, 1, 0);
    assert!(expected.events > 20_000, "{expected:?}");
    for (shards, threads, window) in
        [(1, 1, 700_000), (1, 2, 0), (4, 1, 0), (4, 2, 10_000_000), (6, 3, 5_000_000), (60, 3, 99_999)]
    {
        assert_eq!(divided(shards, HeapSet::new, threads, window), expected, "{shards} {threads} {window}");
        for width_bits in [0, 9, 14, 18, 30] {
            let wheel = || Wheel::with_width_bits(width_bits);
            assert_eq!(divided(shards, wheel, threads, window), expected, "{shards} {threads} {window} {width_bits}");
        }
    }
}
