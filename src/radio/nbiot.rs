//! NB-IoT.

pub mod config;
