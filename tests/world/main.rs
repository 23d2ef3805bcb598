//! Whole runs: do the books balance, does the same scenario give the same bits?

mod adaptation;
mod books;
mod connections;
mod determinism;
mod errands;
mod gateway;
mod golden;
mod idle;
mod look;
mod mobility;
mod ntn;
mod overhead;
mod overload;
mod preference;
mod protocols;
mod records;
mod relay;
mod shards;
mod worlds;
