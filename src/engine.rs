//! Pending events and the clock: takes events in their order, hands them to a model, and files what the model answers.
//!
//! The engine owns the event set, the loop, windows and threads, the limit on events and the running hash. It knows no
//! radio, no terminal and no cell; it does no input or output, reads no wall clock and draws no random numbers.
//!
//! # The contract of events
//!
//! - **Total order.** Events are handled in the order (time, entity, tag). Nothing else counts, in particular not the
//!   order in which they were inserted. Events that are equal in all three are interchangeable.
//! - **The present is allowed, the past is not.** A handler may emit an event for the instant it is called at. That event
//!   is handled at that instant, after the current one, even if its entity comes earlier in the order. An event before
//!   that instant is a bug in the model, and the engine panics rather than run on with a broken order.
//! - **Cancelling.** Nothing is ever removed from an event set. A model that changes its mind raises a generation in the
//!   entity's state and puts it in the tag of new events; an event with an old generation is *stale*, its handler does
//!   nothing and returns `None`. Stale events are counted apart and stay out of the hash.
//! - **Limits.** Each shard may take a stated number of events. When another one would exceed it, the shard stands still,
//!   keeps that event, and says so ([`Stop::Limit`], [`Ended::LimitReached`]).
//! - **Nothing else shows.** The event set, the width of its slots, the length of windows, the number of threads and the
//!   division into shards change no result and no hash, except that after a limit the other shards may have got to the
//!   end of their window.
//!
//! # Letters between shards
//!
//! Shards whose models write to each other ([`Correspond`]) run in windows no longer than the shortest delay of a letter: what
//! is written in one window takes effect in a later one ([`drive_coupled`]). An entity that writes to its own shard goes the
//! same way, so that the division into shards stays invisible. Without letters, windows exist for the observer only.

mod arena;
mod drive;
mod event;
mod heap;
mod mail;
mod run;
mod slot;
mod sort;
#[cfg(test)]
mod tests;
mod wheel;

pub use drive::{Ended, Outcome, Progress, drive};
pub use event::{Event, EventSet};
pub use heap::HeapSet;
pub use mail::{Correspond, Letter, Post, drive_coupled};
pub use run::{Model, Outbox, Shard, Stop, Tally};
pub use wheel::Wheel;
