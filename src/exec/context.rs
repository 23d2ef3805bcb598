//! What a run remembers of a message under way.

use crate::cause::Cause;
use crate::radio::channel::LinkClass;
use crate::radio::plan::Label;
use crate::rng::Key;
use crate::units::{Joules, SimDuration, SimTime};

/// A message under way.
#[derive(Clone, Debug)]
pub struct Context {
    /// Random numbers of this message.
    pub key: Key,
    /// When the application had the message.
    pub born: SimTime,
    /// When the terminal turned to it.
    pub started: SimTime,
    /// The terminal's own time: how far the plan has been walked.
    pub clock: SimTime,
    /// Energy since `started`.
    pub energy: Joules,
    /// Time since `born` by cause; complete when the message is delivered or lost.
    pub time: [SimDuration; Cause::COUNT],
    /// When the timer that limits the wait for a grant runs out.
    pub timer: SimTime,
    /// Number of the terminal in its district.
    pub terminal: u32,
    /// The next context of the same random-access opportunity, or of the free list.
    pub next: u32,
    /// Bytes that the current transfer still has to move.
    pub bytes: u32,
    /// Draws made for block errors.
    pub blocks: u32,
    /// Link class in the uplink for this message, at full power.
    pub uplink: LinkClass,
    /// Link class in the downlink for this message.
    pub downlink: LinkClass,
    /// Link class in which the first scheduled block of the random access under way arrives.
    pub first_block: LinkClass,
    /// Coupling loss as the terminal measured it for this message, as [`Terminal`](crate::exec::terminal::Terminal) keeps it.
    pub measured: u8,
    /// The carrier on which the terminal is.
    pub carrier: u8,
    /// Position in the plan.
    pub at: Label,
    /// Where a random-access attempt under way leads to if its first block is lost, and if it fails.
    pub access_targets: (Label, Label),
    /// Failed random-access attempts at the current level.
    pub attempts: u16,
    /// Random-access attempts made.
    pub attempts_total: u16,
    /// Transmissions of the current block that were lost.
    pub transmission: u8,
    /// Grants for the current block that the terminal missed.
    pub missed_grants: u8,
    /// How often the plan has gone back by [`Op::Again`](crate::radio::plan::Op::Again).
    pub repeats: u8,
    /// Whether the message was born in the counted time.
    pub counted: bool,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Under way: time is latency.
    Open,
    /// Delivered or lost within the run.
    Ended,
    /// Delivered or lost after the end of the run: it counts as unfinished.
    Late,
}

/// No context.
pub const NONE: u32 = u32::MAX;

impl Context {
    /// A message that a terminal turns to at `now`.
    #[must_use]
    pub fn new(key: Key, terminal: u32, born: SimTime, now: SimTime) -> Context {
        let mut time = [SimDuration::ZERO; Cause::COUNT];
        time[Cause::Queued.index()] = now.since(born);
        Context {
            key,
            born,
            started: now,
            clock: now,
            energy: Joules::ZERO,
            time,
            timer: SimTime::MAX,
            terminal,
            next: NONE,
            bytes: 0,
            blocks: 0,
            uplink: LinkClass::default(),
            downlink: LinkClass::default(),
            first_block: LinkClass::default(),
            measured: 0,
            carrier: 0,
            at: Label(0),
            access_targets: (Label(0), Label(0)),
            attempts: 0,
            attempts_total: 0,
            transmission: 0,
            missed_grants: 0,
            repeats: 0,
            counted: false,
            fate: Fate::Open,
        }
    }
}

impl Context {
    /// Begins a block: nothing of it has been sent.
    pub fn start_block(&mut self) {
        self.transmission = 0;
        self.missed_grants = 0;
    }
}

/// Contexts, reused. It grows to the largest number of messages that were ever under way at once.
#[derive(Clone, Debug)]
pub struct Pool {
    contexts: Vec<Context>,
    free: u32,
}

impl Default for Pool {
    fn default() -> Pool {
        Pool { contexts: Vec::new(), free: NONE }
    }
}

impl Pool {
    /// Takes a place for `context` and returns its number.
    pub fn insert(&mut self, context: Context) -> u32 {
        if self.free == NONE {
            self.contexts.push(context);
            return self.contexts.len() as u32 - 1;
        }
        let number = self.free;
        let place = &mut self.contexts[number as usize];
        self.free = place.next;
        *place = context;
        number
    }

    /// Gives the place back.
    pub fn remove(&mut self, number: u32) {
        self.contexts[number as usize].next = self.free;
        self.contexts[number as usize].terminal = NONE;
        self.free = number;
    }

    /// The message with that number.
    #[inline]
    pub fn get_mut(&mut self, number: u32) -> &mut Context {
        &mut self.contexts[number as usize]
    }

    /// The messages under way.
    pub fn live(&self) -> impl Iterator<Item = &Context> {
        self.contexts.iter().filter(|context| context.terminal != NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_used_again() {
        let mut pool = Pool::default();
        let new = |terminal| Context::new(Key(0), terminal, SimTime(5), SimTime(7));
        let (a, b) = (pool.insert(new(1)), pool.insert(new(2)));
        pool.remove(a);
        assert_eq!(pool.live().map(|context| context.terminal).collect::<Vec<_>>(), [2]);
        assert_eq!(pool.insert(new(3)), a);
        pool.remove(b);
        pool.remove(a);
        assert_eq!((pool.insert(new(4)), pool.insert(new(5))), (a, b));
        assert_eq!(pool.get_mut(b).time[Cause::Queued.index()], SimDuration(2));
    }
}
