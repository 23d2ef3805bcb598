//! "Did you mean": finds what somebody may have wanted to write.

/// The candidate most like `word`, if one is like it at all.
#[must_use]
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let flat = flatten(word);
    let score = |candidate: &str| {
        let other = flatten(candidate);
        if flat == other {
            return 2.0;
        }
        // A unit or another tail is missing, or too much: `payload` for `payload_bytes`.
        let shorter = flat.len().min(other.len());
        if shorter >= 4 && (other.starts_with(&flat) || flat.starts_with(&other)) {
            return 1.5;
        }
        strsim::normalized_damerau_levenshtein(&flat, &other)
    };
    let mut best: Option<(&str, f64)> = None;
    for candidate in candidates {
        let found = score(candidate);
        if found >= 0.55 && best.is_none_or(|(_, most)| found > most) {
            best = Some((candidate, found));
        }
    }
    best.map(|(candidate, _)| candidate)
}

/// "did you mean `x`?", or nothing.
#[must_use]
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    closest(word, candidates).map_or_else(String::new, |found| format!("did you mean `{found}`?"))
}

/// The candidates as people list them: `` `a`, `b` or `c` ``.
#[must_use]
pub fn one_of<'a>(candidates: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = candidates.into_iter().map(|candidate| format!("`{candidate}`")).collect();
    match quoted.split_last() {
        None => "nothing".into(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// The same for many candidates: the ones most like `word`, and how many others there are.
#[must_use]
pub fn some_of<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 6;
    let mut all: Vec<&str> = candidates.into_iter().collect();
    if all.len() <= SHOWN + 4 {
        return one_of(all);
    }
    let flat = flatten(word);
    let distance = |candidate: &str| (1e6 * (1.0 - strsim::jaro_winkler(&flat, &flatten(candidate)))) as u32;
    all.sort_by_cached_key(|candidate| distance(candidate));
    let names: Vec<String> = all[..SHOWN].iter().map(|name| format!("`{name}`")).collect();
    format!("{} or one of {} others", names.join(", "), all.len() - SHOWN)
}

/// Letters and digits only, in lower case: `NB_IoT` and `nb-iot` are the same word.
fn flatten(word: &str) -> String {
    word.chars().take(64).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let keys = ["count", "device", "payload_bytes", "nb-iot", "power_saving"];
        for (word, meant) in [
            ("cuont", Some("count")),
            ("dvice", Some("device")),
            ("payload", Some("payload_bytes")),
            ("NB_IoT", Some("nb-iot")),
            ("power-saving", Some("power_saving")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(closest(word, keys), meant, "{word}");
        }
        assert_eq!(one_of(keys[..3].iter().copied()), "`count`, `device` or `payload_bytes`");
    }
}
