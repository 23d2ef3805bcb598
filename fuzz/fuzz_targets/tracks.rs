//! Any bytes as a file of tracks: every text is either refused with a report or gives tracks with places.

#![no_main]

use farlink::catalog::tracks;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| match tracks::read("fuzz.csv", &String::from_utf8_lossy(bytes)) {
    Ok(tracks) => assert!(!tracks.is_empty() && tracks.iter().all(|fixes| !fixes.is_empty())),
    Err(problems) => assert!(!problems.is_empty()),
});
