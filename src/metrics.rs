//! What a run measured: histograms and ledgers while it runs, one plain [`summary::Summary`] when it ends.
//!
//! This layer counts and condenses. It does not know how the numbers came about (no radio, no network) nor how they are
//! shown.

pub mod summary;
