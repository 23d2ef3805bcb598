//! What a run measured: histograms and ledgers while it runs, one plain [`summary::Summary`] when it ends.
//!
//! This layer counts and condenses. It does not know how the numbers came about (no radio, no network) nor how they are
//! shown.
//!
//! Everything that is added up here is an integer, so a sum over threads, cells and time has the same bits in whatever
//! order it is made.

pub mod histogram;
mod moves;
pub mod recorder;
pub mod records;
pub mod series;
mod slots;
pub mod summary;

pub use moves::Moves;
