//! farlink simulates wide-area IoT: millions of terminals, the cellular and satellite networks that serve them, how long
//! their messages take and what they cost the battery.

pub mod cause;
pub mod metrics;
pub mod report;
pub mod rng;
pub mod units;
