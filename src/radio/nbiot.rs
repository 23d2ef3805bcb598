//! NB-IoT.

pub mod config;
pub mod grid;
pub mod link;
mod power;
pub mod procedure;
pub mod tables;
