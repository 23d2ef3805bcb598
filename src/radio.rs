//! Radio technologies: what a terminal does, step by step, to move a message.

pub mod nbiot;
pub mod timers;
