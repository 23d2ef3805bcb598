//! Pending events and the clock: takes events in their order, hands them to a model, and files what the model answers.
//!
//! The engine owns the event set, the loop, windows and threads, the limit on events and the running hash. It knows no
//! radio, no terminal and no cell; it does no input or output, reads no wall clock and draws no random numbers.

mod arena;
mod event;
mod heap;
mod run;
mod slot;
mod sort;
mod wheel;

pub use event::{Event, EventSet};
pub use heap::HeapSet;
pub use run::{Model, Outbox, Shard, Stop, Tally};
pub use wheel::Wheel;
