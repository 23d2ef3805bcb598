//! Any bytes as orbital elements in CSV: every text is either refused with a report or gives objects that SGP4 can start from.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod elements;

fuzz_target!(|bytes: &[u8]| elements::check("NORAD_CAT_ID,EPOCH,MEAN_MOTION,ECCENTRICITY,INCLINATION,RA_OF_ASC_NODE,ARG_OF_PERICENTER,MEAN_ANOMALY,BSTAR\n", bytes));
