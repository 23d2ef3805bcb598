//! The executor: walks plans, asks the shared resources when a step can happen, books time and energy.
//!
//! It knows no standard. A [`district::District`] holds some cells with their terminals and runs as one model of the engine.
//! Terminals meet only in the resources of their cell ([`downlink`], [`uplink`], [`access`]); a step that meets others
//! happens at its own instant in the order of events, and whatever a terminal does alone is folded into the step before
//! it. Waits are booked when they end, never when they begin, so nothing must be taken back.

pub mod access;
mod admission;
mod agenda;
mod application;
mod booking;
pub mod cell;
pub mod context;
pub mod crowd;
pub mod district;
pub mod downlink;
mod errand;
mod harq;
pub mod interference;
pub mod mobility;
pub mod notes;
pub mod outage;
pub mod overhead;
mod paging;
pub mod preference;
pub mod relay;
mod reserved;
pub mod roaming;
pub mod setup;
pub mod still;
pub mod terminal;
pub mod trace;
mod transfer;
pub mod uplink;
mod walk;
