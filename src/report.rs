//! What people and other programs get to see of a finished run.
//!
//! Everything here is a view of [`Summary`](crate::metrics::summary::Summary) and the recorders beside it: the text for
//! the terminal, the JSON document with its schema, and the result directory. Nothing here measures, prints, or asks the
//! environment; only [`directory`] and the tables of records touch the file system.

pub mod directory;
pub mod format;
pub mod json;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod text;
pub mod trace;

#[cfg(test)]
mod fixture;
