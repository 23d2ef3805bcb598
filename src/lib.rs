//! farlink simulates wide-area IoT: millions of terminals, the cellular and satellite networks that serve them, how long
//! their messages take and what they cost the battery.

pub mod calibrate;
pub mod catalog;
pub mod cause;
pub mod cli;
pub mod control;
pub mod engine;
pub mod exec;
pub mod geometry;
pub mod metrics;
pub mod network;
pub mod orbit;
pub mod platform;
pub mod population;
pub mod power;
pub mod propagation;
pub mod radio;
pub mod report;
pub mod rng;
pub mod scenario;
pub mod traffic;
pub mod tui;
pub mod units;
pub mod world;
