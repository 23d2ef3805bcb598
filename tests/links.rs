//! `farlink link` to satellites and over distances on the ground: what it prints adds up, and what it is told wrongly it says.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const SCENARIO: &str = "\
farlink: 1
name: village
duration: 1d
networks:
  village:
    nb-iot: {}
    sites: {hex-grid: {rings: 1, inter_site_distance_m: 3000, sectors: 3}}
groups:
  meters:
    count: 10
    traffic: {periodic: {every: 4h, payload_bytes: 60, jitter: 4h}}
";

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn farlink(desk: &TempDir, line: &str) -> Ran {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("farlink"));
    command.args(line.split_whitespace()).current_dir(desk.path()).stdin(Stdio::null());
    for name in ["NO_COLOR", "FARLINK_COLOR", "LC_ALL", "LC_CTYPE", "LANG", "TERM"] {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn desk() -> TempDir {
    let desk = tempfile::tempdir().unwrap();
    fs::write(desk.path().join("village.yaml"), SCENARIO).unwrap();
    desk
}

fn json(desk: &TempDir, line: &str) -> Value {
    let ran = farlink(desk, &format!("link {line} --format json"));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{line}");
    serde_json::from_str(&ran.out).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

#[test]
fn each_line_of_a_satellite_budget_has_a_source_and_they_add_up() {
    let desk = desk();
    let full = "--environment urban --indoor --off-boresight-deg 1 --reuse 3 --lit-percent 50 --elevation-deg 45";
    for options in ["", full, "--device 3gpp-reference --uplink-khz 3.75"] {
        let report = json(&desk, &format!("--satellite tr38821-set-1-leo-600-s {options}"));
        let point = &report["points"][0];
        for direction in ["downlink", "uplink"] {
            let budget = &point[direction];
            let lines = budget["lines"].as_array().unwrap();
            let mut sum = 0.0;
            for line in lines {
                sum += number(&line["value"]);
                assert!((number(&line["sum"]) - sum).abs() < 1e-9, "{line}");
                let from = line["basis"].as_str().unwrap();
                assert!(!from.is_empty() && !from.contains("no source"), "{line}");
            }
            assert!((number(&budget["cinr_db"]) - sum).abs() < 1e-9, "{budget}");
            assert_eq!(number(&budget["cnr_db"]) == number(&budget["cinr_db"]), !options.contains("reuse"));
        }
        assert_eq!(point["places"].is_null(), !options.contains("urban"));
    }
}

#[test]
fn a_satellite_budget_reads_side_by_side() {
    let desk = desk();
    let ran = farlink(&desk, "link --satellite tr38821-set-1-leo-600-s --elevation-deg 30");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.starts_with("tr38821-set-1-leo-600-s  handheld · 600 km · 2 GHz\n"), "{}", ran.out);
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let row = |name: &str| ran.out.lines().map(words).find(|words| words.first().is_some_and(|first| first == name));
    // Study case 9 of TR 38.821: 6.6 dB down and 2.8 dB up, and 159.1 dB of free space.
    assert_eq!(row("CNR").unwrap(), ["CNR", "6.6", "dB", "2.8", "dB"], "{}", ran.out);
    let free = row("free").unwrap();
    assert_eq!((free[2].as_str(), free[5].as_str()), ("-159.1", "-159.1"), "{}", ran.out);
    assert!(ran.out.contains("\n  [1]  ") && ran.out.contains("TR 38.811 6.6.4"), "{}", ran.out);
    assert!(ran.out.lines().all(|line| line.chars().count() <= 100), "{}", ran.out);
    let ascii = farlink(&desk, "link --satellite tr36763-set-3-leo-600 --sweep-elevation --color never");
    assert_eq!(ascii.out.lines().filter(|line| line.contains("° ")).count(), 9, "{}", ascii.out);
}

#[test]
fn as_comma_separated_values_it_is_the_same() {
    let desk = desk();
    let options = "--satellite tr38821-set-2-geo-ka --elevation-deg 20 --elevation-deg 60";
    let ran = farlink(&desk, &format!("link {options} --format csv"));
    let mut lines = ran.out.lines();
    assert_eq!(lines.next(), Some("elevation_deg,direction,line,value,unit,sum,from"));
    let report = json(&desk, options);
    let ratio = number(&report["points"][1]["uplink"]["cnr_db"]);
    let wanted = format!("60,uplink,CNR,{ratio:.4},dB,,");
    assert!(lines.any(|line| line == wanted), "{wanted}: {}", ran.out);
    let ground = farlink(&desk, "link village.yaml --group meters --distance-m 1200 --format csv");
    assert!(ground.out.contains("\n1200,") && ground.out.contains(",both,path loss,-123.8"), "{}", ground.out);
}

#[test]
fn deeper_surroundings_and_more_beams_are_worse() {
    let desk = desk();
    let ratio = |options: &str| {
        let report = json(&desk, &format!("--satellite tr38821-set-1-leo-600-s --elevation-deg 40 {options}"));
        let point = &report["points"][0];
        (number(&point["downlink"]["cinr_db"]), number(&point["uplink"]["cinr_db"]))
    };
    let (open, urban) = (ratio("--environment suburban"), ratio("--environment urban"));
    let (indoors, deep) = (ratio("--environment urban --indoor"), ratio("--environment urban --places-percent 99"));
    assert!(open > urban && urban > indoors && urban > deep, "{open:?} {urban:?} {indoors:?} {deep:?}");
    let (alone, three, one) = (ratio(""), ratio("--reuse 3"), ratio("--reuse 1"));
    assert!(alone.1 > three.1 && three.1 > one.1, "{alone:?} {three:?} {one:?}");
    // A beam with a third of the bandwidth has the same power density.
    assert!(alone.0 > three.0 && three.0 > one.0, "{alone:?} {three:?} {one:?}");
    assert!(ratio("--reuse 1 --lit-percent 25") > one);
}

#[test]
fn a_way_on_the_ground_is_told_line_by_line() {
    let desk = desk();
    let way = "--group meters --distance-m 1200 --off-axis-deg 32.5 --shadowing-db 4 --building-loss-db 12";
    let report = json(&desk, &format!("village.yaml {way}"));
    let point = &report["points"][0];
    let terms = point["way"]["terms"].as_array().unwrap();
    let sum: f64 = terms.iter().map(|term| number(&term["value"])).sum();
    let loss = number(&point["coupling_loss_db"]);
    // By hand: 120.9 + 37.6 log10(1.2) + 3 + 4 + 12 − 18 + 3 + 4 dB.
    let by_hand = 120.9 + 37.6 * 1.2f64.log10() + 3.0 + 4.0 + 12.0 - 18.0 + 3.0 + 4.0;
    assert!((sum + loss).abs() < 1e-9 && (loss - by_hand).abs() < 1e-9, "{sum} {loss} {by_hand}");
    // The budget is that of this coupling loss.
    let plain = json(&desk, &format!("village.yaml --coupling-loss {loss}"));
    assert_eq!((&point["downlink"], &point["level"]), (&plain["points"][0]["downlink"], &plain["points"][0]["level"]));
    let text = farlink(&desk, &format!("link village.yaml {way}")).out;
    assert!(text.contains("\n1200 m, 131.9 dB  level 0") && text.contains("  path loss  "), "{text}");
}

#[test]
fn links_that_cannot_be_shown_say_why() {
    let desk = desk();
    let file = |name: &str, text: &str| fs::write(desk.path().join(name), text).unwrap();
    file("loud.yaml", "description: loud\naltitude_km: high\n");
    file(
        "zero.yaml",
        &include_str!("../models/satellites/tr38821-set-1-leo-600-s.yaml")
            .replace("downlink_aperture_m: {value: 2,", "downlink_aperture_m: {value: 0,"),
    );
    file("ear.yaml", "description: no figures\ntx_power_dbm: 23\n");
    for (line, code, said) in [
        ("link", 2, "required"),
        ("link village.yaml --satellite tr38821-set-1-leo-600-s", 2, "cannot be used with"),
        ("link village.yaml --elevation-deg 30", 2, "cannot be used with"),
        ("link --elevation-deg 30", 2, "required"),
        ("link --satellite tr38821-set-1-leo-600-s --elevation-deg 91", 2, "expected a number of degrees from 0 to 90"),
        ("link --satellite tr38821-set-1-leo-600-s --places-percent 50", 2, "--environment"),
        ("link --satellite tr38821-set-1-leo-600-s --curves x.csv", 2, "cannot be used with"),
        ("link --satellite tr38821-set-1-leo-60-s", 2, "did you mean `tr38821-set-1-leo-600-s`?"),
        ("link --satellite tr38821-set-1-leo-600-s --terminal handhold", 2, "did you mean `handheld`?"),
        ("link --satellite ./none.yaml", 2, "there is no file `none.yaml`"),
        ("link --satellite ./loud.yaml", 3, "--> loud.yaml:2:14"),
        ("link --satellite ./zero.yaml", 3, "`downlink_aperture_m` is zero"),
        ("link --satellite tr38821-set-1-leo-600-s --terminal ./ear.yaml", 3, "lacks the key `noise_figure_db`"),
        ("link village.yaml --group metres", 2, "error: --group metres: no such group, expected `meters`"),
        ("link village.yaml --distance-m far", 2, "expected a number of metres from 0 to 1000000"),
        ("link village.yaml --shadowing-db 4", 2, "--distance-m"),
    ] {
        let ran = farlink(&desk, line);
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{line}: {}", ran.err);
        assert!(ran.err.contains(said), "{line}: {}", ran.err);
    }
    // What is odd and no mistake.
    for line in [
        "tr36763-set-4-leo-600 --reuse 1",
        "tr38821-set-1-leo-600-s --reuse 1 --elevation-deg 0 --off-boresight-deg 90",
        "tr38821-set-1-geo-ka --reuse 3 --elevation-deg 0",
        "tr38821-set-1-leo-600-s --reuse 2-polarized --elevation-deg 90 --off-boresight-deg 90",
        "tr38821-set-1-leo-600-s --elevation-deg 0 --environment dense-urban --indoor --places-percent 100",
    ] {
        let ran = farlink(&desk, &format!("link --satellite {line}"));
        assert!(ran.code == 0 && ran.out.contains("\n  CNR "), "{line}: {} {}", ran.out, ran.err);
    }
}

#[test]
fn names_can_be_listed() {
    let desk = desk();
    let all = farlink(&desk, "models");
    assert_eq!((all.code, all.err.as_str()), (0, ""));
    for said in ["devices\n", "\nsatellites\n", "\n  tr36763-set-4-leo-600 ", "\n  nb-iot-pc5-nf9 ", "3gpp-reference"] {
        assert!(all.out.contains(said), "{said}: {}", all.out);
    }
    let some = farlink(&desk, "models satellites");
    assert_eq!(some.out.lines().filter(|line| line.starts_with("  tr3")).count(), 22, "{}", some.out);
    let one = farlink(&desk, "models terminals vsat");
    assert!(one.out.contains("rx_gain_dbi: {value: 39.7, source: "), "{}", one.out);
    assert_eq!(farlink(&desk, "models satelites").code, 2);
}

#[test]
fn a_file_of_ones_own_describes_a_satellite() {
    let desk = desk();
    let text = include_str!("../models/satellites/tr36763-set-3-leo-600.yaml");
    fs::write(desk.path().join("mine.yaml"), text.replace("{value: 28.3,", "{value: 31.3,")).unwrap();
    let ratio = |name: &str| {
        let report = json(&desk, &format!("--satellite {name} --terminal nb-iot-pc5-nf9"));
        number(&report["points"][0]["downlink"]["cnr_db"])
    };
    assert!((ratio("./mine.yaml") - ratio("tr36763-set-3-leo-600") - 3.0).abs() < 1e-9);
}
