//! NB-IoT.

pub mod admission;
pub mod config;
pub mod grid;
mod harq;
pub mod link;
pub mod ntn;
mod power;
pub mod procedure;
pub mod random_access;
mod scheme;
pub mod tables;
