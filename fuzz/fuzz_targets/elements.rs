//! What holds for every text that is read as orbital elements, in whichever format.

use farlink::catalog::elements;

/// Reads `head`, which makes the text one of a format, and the bytes behind it.
pub fn check(head: &str, bytes: &[u8]) {
    let reading = elements::read("fuzz", &format!("{head}{}", String::from_utf8_lossy(bytes)));
    assert!(!reading.objects.is_empty() || !reading.problems.is_empty());
    for object in &reading.objects {
        let satellite = object.satellite().expect("what was read can start");
        // Far from the epoch it may have come down, which is an error and no panic.
        let _ = satellite.state(object.epoch.plus(1e7));
    }
}
