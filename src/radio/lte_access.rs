//! Contention-based random access of an LTE cell as 3GPP TR 37.868 simulates it, and nothing behind it: a message counts as
//! delivered when Msg4 has resolved the contention.
//!
//! There are no link budgets. How often a preamble is detected and a block gets lost is given, alike for all terminals.

pub mod channels;
pub mod config;
pub mod procedure;
