//! NB-IoT.

pub mod admission;
pub mod config;
pub mod link;
pub mod procedure;
pub mod tables;
