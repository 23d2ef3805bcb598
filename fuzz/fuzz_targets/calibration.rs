//! Any bytes as calibration cases: every text is either refused with a report or gives cases. Nothing is run.

#![no_main]

use std::path::Path;

use farlink::calibrate;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // No scenario and no model file can be read from here.
    let nowhere = Path::new("/nonexistent/farlink-fuzz");
    if let Err(problems) = calibrate::parse(&String::from_utf8_lossy(bytes), "fuzz.yaml", nowhere) {
        assert!(!problems.0.is_empty());
        assert!(problems.to_string().starts_with("error: "));
    }
});
