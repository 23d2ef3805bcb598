//! What people and other programs get to see of a finished run, or of a network's links without one.
//!
//! Everything here is a view of [`Summary`](crate::metrics::summary::Summary) and the recorders beside it, or of a
//! [`LinkReport`](crate::world::link::LinkReport) or [`SatelliteReport`](crate::world::satellite::SatelliteReport): the text for the terminal, the JSON document with its schema, and the
//! result directory. Nothing here measures, prints, or asks the
//! environment; only [`directory`] and the tables of records touch the file system.

pub mod cells;
pub mod curves;
pub mod czml;
pub mod directory;
pub mod format;
pub mod json;
pub mod lines;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod passes;
pub mod shard;
pub mod stored;
pub mod text;
pub mod trace;

#[cfg(test)]
pub(crate) mod fixture;
