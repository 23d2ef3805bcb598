//! Whole runs: do the books balance, does the same scenario give the same bits?

mod books;
mod determinism;
mod errands;
mod protocols;
mod records;
mod worlds;
