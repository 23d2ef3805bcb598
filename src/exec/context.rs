//! What a run remembers of a message under way.

use crate::cause::Cause;
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
    /// Time since `born` by cause, up to delivery.
    pub time: [SimDuration; Cause::COUNT],
    /// Number of the terminal in its shard.
    pub terminal: u32,
    /// The next context of the same random-access opportunity, or of the free list.
    pub next: u32,
    /// Bytes that the current transfer still has to move.
    pub bytes: u32,
    /// Draws made for block errors.
    pub blocks: u32,
    /// Position in the plan.
    pub at: u16,
    /// Failed random-access attempts at the current level.
    pub attempts: u16,
    /// Random-access attempts made.
    pub attempts_total: u16,
    /// Transmissions of the current block that were lost.
    pub transmission: u8,
    /// Whether the message was born in the counted time.
    pub counted: bool,
    /// Whether it was delivered or lost: what follows is no longer latency.
    pub ended: bool,
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
            terminal,
            next: NONE,
            bytes: 0,
            blocks: 0,
            at: 0,
            attempts: 0,
            attempts_total: 0,
            transmission: 0,
            counted: false,
            ended: false,
        }
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
