//! Any bytes as a file of keys: every text is either refused with a report or gives bindings.

#![no_main]

use farlink::tui::keys;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(problems) = keys::parse(&String::from_utf8_lossy(bytes), "fuzz.yaml") {
        assert!(!problems.0.is_empty());
        assert!(problems.to_string().starts_with("error: "));
    }
});
