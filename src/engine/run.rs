//! The event loop: one model, one event set, one clock.
//!
//! Owns the running hash and the limit on events. Knows nothing about threads, and of a model only that it handles
//! events.

use std::ops::AddAssign;

use super::event::{Event, EventSet};
use crate::units::SimTime;

/// Emitted events that may wait for the end of a slot before they are inserted all the same.
const BUFFERED: usize = 4_096;

/// What happens at events. A model never sees the event set: it answers an event with further events.
pub trait Model {
    /// Handles one event; returns the identity that goes into the running hash, or `None` if the event was stale.
    ///
    /// The identity must name the entity in the whole run, not its place in a shard, or the hash would depend on how
    /// the run was divided.
    fn handle(&mut self, event: Event, out: &mut Outbox) -> Option<u64>;

    /// A hint that this event comes soon, so that what it needs can be fetched into the cache.
    fn prefetch(&self, _event: Event) {}
}

/// Takes the events that a model emits.
#[derive(Debug)]
pub struct Outbox {
    now: SimTime,
    /// The last instant of the open slot: events up to it cannot wait.
    open_until: SimTime,
    urgent: Vec<Event>,
    later: Vec<Event>,
}

impl Outbox {
    /// Emits an event.
    ///
    /// # Panics
    /// If `time` is before the event being handled: the past is over, and a model that wants to change it is wrong.
    #[inline(always)]
    pub fn at(&mut self, time: SimTime, entity: u32, tag: u32) {
        if time < self.now {
            in_the_past(time, entity, tag, self.now);
        }
        if time <= self.open_until {
            self.urgent.push(Event { time, entity, tag });
        } else {
            self.later.push(Event { time, entity, tag });
        }
    }
}

#[cold]
#[inline(never)]
fn in_the_past(time: SimTime, entity: u32, tag: u32, now: SimTime) -> ! {
    let event = Event { time, entity, tag };
    panic!("{event:?} was emitted at {now:?}: a model must not schedule in the past");
}

/// What a run has done so far. Sums of tallies do not depend on the order of summands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Events handled that were not stale.
    pub events: u64,
    /// Stale events: cancelled before their time came.
    pub stale: u64,
    /// The sum over all events that were not stale of a hash of identity and time, modulo 2^64.
    pub hash: u64,
}

impl Tally {
    /// Events that were taken from the event set.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.events + self.stale
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.events += other.events;
        self.stale += other.stale;
        self.hash = self.hash.wrapping_add(other.hash);
    }
}

/// Spreads an event over 64 bits, so that sums of such values tell sets of events apart (finaliser of SplitMix64).
#[inline(always)]
fn mix(identity: u64, time: SimTime) -> u64 {
    let mut z = identity.wrapping_mul(0xD6E8_FEB8_6659_FD93).wrapping_add(time.0.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

/// Why [`Shard::run_until`] returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Stop {
    /// Every event before the end has been handled.
    End,
    /// The shard has taken as many events as it may, and there is another one before the end.
    Limit,
}

/// A part of a run that one thread works on at a time: a model, such as a group of cells, and its pending events.
// Neighbouring shards belong to different threads; 128 bytes keep them, and the line fetched along, apart.
#[repr(align(128))]
pub struct Shard<M, Q> {
    /// The model.
    pub model: M,
    queue: Q,
    outbox: Outbox,
    clock: SimTime,
    tally: Tally,
    max_events: u64,
}

impl<M: Model, Q: EventSet> Shard<M, Q> {
    /// A shard that has not run yet and that may take `max_events` events in all its life.
    pub fn new(model: M, queue: Q, max_events: u64) -> Shard<M, Q> {
        let outbox = Outbox { now: SimTime::ZERO, open_until: SimTime::ZERO, urgent: Vec::new(), later: Vec::new() };
        Shard { model, queue, outbox, clock: SimTime::ZERO, tally: Tally::default(), max_events }
    }

    /// Adds an event from outside, between runs.
    ///
    /// # Panics
    /// If `event` is before the shard's clock.
    pub fn schedule(&mut self, event: Event) {
        if event.time < self.clock {
            in_the_past(event.time, event.entity, event.tag, self.clock);
        }
        self.queue.push(event);
    }

    /// Every event before this instant has been handled.
    pub fn clock(&self) -> SimTime {
        self.clock
    }

    /// What the shard has done so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// How many events are pending.
    pub fn pending(&self) -> u64 {
        self.queue.pending()
    }

    /// Nothing happens in the shard by itself before this instant.
    pub fn earliest(&self) -> SimTime {
        self.queue.earliest()
    }

    /// Handles every event before `end`, in order. Does nothing if `end` is not after the clock.
    ///
    /// It does not matter in how many calls a stretch of time is run.
    ///
    /// # Panics
    /// If the model emits an event in the past, or panics itself.
    pub fn run_until(&mut self, end: SimTime) -> Stop {
        if end <= self.clock {
            return Stop::End;
        }
        while self.queue.open(end) {
            self.queue.visit_next(|event| self.model.prefetch(event));
            self.outbox.open_until = self.queue.open_until();
            let stop = self.run_slot(end);
            self.insert_later();
            if let Some(first) = stop {
                self.clock = first.time;
                return Stop::Limit;
            }
        }
        self.clock = end;
        Stop::End
    }

    /// Handles the events of the open slot. Returns the first event that the limit forbids, if there is one.
    #[inline(always)]
    fn run_slot(&mut self, end: SimTime) -> Option<Event> {
        while let Some(event) = self.queue.next_before(end) {
            if self.tally.taken() >= self.max_events {
                self.queue.push(event);
                return Some(event);
            }
            self.outbox.now = event.time;
            match self.model.handle(event, &mut self.outbox) {
                Some(identity) => {
                    self.tally.events += 1;
                    self.tally.hash = self.tally.hash.wrapping_add(mix(identity, event.time));
                }
                None => self.tally.stale += 1,
            }
            self.insert_urgent();
            if self.outbox.later.len() >= BUFFERED {
                self.insert_later();
            }
        }
        None
    }

    /// Inserts what falls into the open slot.
    #[inline(always)]
    fn insert_urgent(&mut self) {
        // Field by field: an event was written so a moment ago, and to load it as a whole would wait for those stores.
        for &Event { time, entity, tag } in &self.outbox.urgent {
            self.queue.push(Event { time, entity, tag });
        }
        self.outbox.urgent.clear();
    }

    /// Inserts what waited for the end of the slot. Insertions in one go overlap their cache misses.
    #[inline(always)]
    fn insert_later(&mut self) {
        for event in self.outbox.later.drain(..) {
            self.queue.push(event);
        }
    }
}
