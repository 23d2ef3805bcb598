//! `farlink passes` and `farlink models` as users meet them: what they print, how they refuse, and what their documents hold.

#![allow(clippy::unwrap_used)]

use std::process::{Command, Stdio};

use serde_json::Value;

/// Objects that do not exist.
const TLE: &str = "tests/reference/orbits.tle";
const DAY: [&str; 6] = ["passes", "--from", "2025-03-01", "--site", "60.17,24.94", "--quiet"];

fn farlink(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("farlink"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    for name in ["NO_COLOR", "FARLINK_COLOR", "FARLINK_THREADS", "LC_ALL", "LC_CTYPE", "LANG", "TERM"] {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// What a search of the invented objects prints.
fn search(options: &[&str]) -> String {
    let arguments: Vec<&str> = DAY.iter().chain(&["--elements", TLE]).chain(options).copied().collect();
    let (code, out, err) = farlink(&arguments);
    assert_eq!(code, 0, "{err}");
    out
}

#[test]
fn the_text_has_figures_a_timeline_and_how_waits_are_counted() {
    let text = search(&[]);
    for word in ["satellites in view", "INVENTED LOW", "wait", "counts", "as zero", "d old at the start", "▅"] {
        assert!(text.contains(word), "{word} in {text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn documents_agree_with_one_another_and_for_any_number_of_threads() {
    let document = |threads| search(&["--format", "json", "--threads", threads]);
    let json = document("1");
    assert_eq!(json, document("3"));
    let json: Value = serde_json::from_str(&json).unwrap();
    let site = &json["sites"][0];
    let passes = site["windows"].as_array().unwrap();
    let csv = search(&["--format", "csv"]);
    assert_eq!(csv.lines().count(), passes.len() + 1);
    assert!(csv.starts_with("site,satellite,number,rise,"));
    let sites = search(&["--format", "csv", "--per-site"]);
    assert_eq!(sites.lines().count(), 2);
    assert!(json["waits"].as_str().unwrap().contains("counts as zero"));
}

#[test]
fn an_area_has_a_mean() {
    let arguments =
        ["passes", "--constellation", "iridium-next", "--area", "-60,-180,60,180", "--grid-deg", "40", "--quiet"];
    let (code, out, err) = farlink(&[&arguments[..], &["--format", "json"]].concat());
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("not those of the real satellites"), "{err}");
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["sites"].as_array().unwrap().len(), 27);
    assert!(json["area"]["covered"].as_f64().unwrap() > 0.9);
}

/// The rules of CZML that a viewer relies on: a document packet first, unique ids, intervals in order, samples in order and in the
/// availability, references to what exists.
#[test]
fn czml_keeps_the_rules_of_the_format() {
    let packets: Vec<Value> = serde_json::from_str(&search(&["--format", "czml"])).unwrap();
    assert_eq!((packets[0]["id"].as_str(), packets[0]["version"].as_str()), (Some("document"), Some("1.0")));
    assert!(packets[0]["clock"]["interval"].is_string());
    let ids: Vec<&str> = packets.iter().map(|packet| packet["id"].as_str().unwrap()).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(ids.len(), unique.len());
    let interval = |text: &Value| {
        let (from, to) = text.as_str().unwrap().split_once('/').unwrap();
        assert!(from < to && from.ends_with('Z') && to.ends_with('Z'), "{text}");
        (from.to_owned(), to.to_owned())
    };
    let (mut moving, mut contacts) = (0, 0);
    for packet in &packets[1..] {
        let id = packet["id"].as_str().unwrap();
        if let Some(samples) = packet["position"]["cartesian"].as_array() {
            moving += 1;
            assert_eq!((samples.len() % 4, &packet["position"]["referenceFrame"]), (0, &Value::from("FIXED")));
            let times: Vec<f64> = samples.iter().step_by(4).map(|time| time.as_f64().unwrap()).collect();
            assert!(times[0] == 0.0 && times.is_sorted() && times.last() == Some(&86_400.0), "{id}");
            for point in samples.chunks(4) {
                let [x, y, z] = [1, 2, 3].map(|n: usize| point[n].as_f64().unwrap());
                assert!((x * x + y * y + z * z).sqrt() > 6.4e6, "{id}: metres");
            }
            interval(&packet["availability"]);
        }
        if let Some(intervals) = packet["availability"].as_array() {
            contacts += intervals.len();
            let intervals: Vec<(String, String)> = intervals.iter().map(interval).collect();
            assert!(intervals.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{id}");
            for reference in packet["polyline"]["positions"]["references"].as_array().unwrap() {
                let (of, property) = reference.as_str().unwrap().split_once('#').unwrap();
                assert!(ids.contains(&of) && property == "position", "{reference}");
            }
        }
    }
    let csv = search(&["--format", "csv"]);
    assert_eq!((moving, contacts), (6, csv.lines().count() - 1));
}

#[test]
fn what_is_wrong_is_refused_with_a_remedy() {
    let broken = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(broken.path(), std::fs::read_to_string(TLE).unwrap().replacen("12345-3", "12346-3", 1)).unwrap();
    let path = broken.path().to_str().unwrap();
    let (code, out, err) = farlink(&[&DAY[..], &["--elements", path]].concat());
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(err.contains(":2:69") && err.contains("expected: 5") && err.contains("--skip-bad"), "{err}");
    let (code, out, _) = farlink(&[&DAY[..], &["--elements", path, "--skip-bad"]].concat());
    assert!(code == 0 && out.contains("5 satellites") && out.contains("1 mistake"), "{out}");
    for (arguments, word) in [
        (vec!["passes", "--site", "1,2"], "--elements FILE or --constellation NAME"),
        (vec!["passes", "--constellation", "kineis"], "--site LAT,LON"),
        (vec!["passes", "--constellation", "kines", "--site", "1,2"], "did you mean `kineis`"),
        (vec!["passes", "--constellation", "guowang:in-orbit", "--site", "1,2"], "does not describe"),
        (vec!["passes", "--constellation", "kineis", "--select", "x*", "--site", "1,2"], "no satellite is called"),
        (vec!["passes", "--constellation", "kineis", "--site", "100,2"], "latitude and longitude"),
        (vec!["passes", "--constellation", "starlink", "--site", "1,2", "--format", "czml"], "more than the 1000"),
    ] {
        let (code, out, err) = farlink(&arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(word), "{err}");
    }
}

#[test]
fn old_elements_and_fallen_objects_are_told() {
    let (code, _, err) =
        farlink(&["passes", "--elements", TLE, "--site", "1,2", "--from", "2026-06-01", "--quiet", "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("more than 14 days away"), "{err}");
}

#[test]
fn constellations_are_listed_with_their_sizes() {
    let (code, out, _) = farlink(&["models", "constellations"]);
    assert_eq!(code, 0);
    for text in ["tianqi", "in orbit 25, full 38", "in orbit 4, full 54", "orbit only", "in orbit 6203, full 42000"] {
        assert!(out.contains(text), "{text} in {out}");
    }
    let (code, out, _) = farlink(&["models", "constellations", "kineis"]);
    assert!(code == 0 && out.contains("source:"), "{out}");
    assert_eq!(farlink(&["models", "nothing"]).0, 2);
}

#[test]
fn traffic_over_a_constellation_without_radio_is_refused_with_that_reason() {
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/quickstart.yaml");
    let (code, _, err) = farlink(&["validate", scenario, "--set", "groups.water-meters.access=[iridium-next]"]);
    assert_eq!(code, 3);
    assert!(err.contains("orbit only"), "{err}");
}
