//! NB-IoT.

pub mod admission;
pub mod config;
pub mod grid;
pub mod link;
pub mod procedure;
pub mod tables;
