//! Radio technologies: what a terminal does, step by step, to move a message.

pub mod calendar;
pub mod channel;
pub mod compile;
pub mod nbiot;
pub mod plan;
