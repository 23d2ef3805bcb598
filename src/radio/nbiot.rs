//! NB-IoT.

pub mod config;
pub mod link;
pub mod procedure;
pub mod tables;
