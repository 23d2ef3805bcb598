//! Any bytes as orbital elements in XML: every text is either refused with a report or gives objects that SGP4 can start from.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod elements;

fuzz_target!(|bytes: &[u8]| elements::check("<", bytes));
