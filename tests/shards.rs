//! `farlink run --shard` and `farlink merge`: shards add up to the run that was not divided, byte for byte, and what does not
//! add up is refused.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A city of 21 cells with outages and 4 cells on a bench: several groups and levels, reserved uplink, commands, a download.
const CITY: &str = "\
farlink: 1
name: city
seed: 5
duration: 1d
warmup: 2h
networks:
  city:
    nb-iot: {preconfigured_uplink: {enabled: true}}
    sites: {hex-grid: {rings: 1, inter_site_distance_m: 1732, sectors: 3}}
    outages: [{at: 6h, lasts: 2h, power_back_within: 10min}]
  bench:
    nb-iot: {}
    sites: {bench: {cells: 4}}
groups:
  meters:
    count: 600
    access: [city]
    traffic: {periodic: {every: 2h, payload_bytes: 50, jitter: 2h}}
  trackers:
    count: 200
    access: [city]
    traffic: {periodic: {every: 1h, payload_bytes: 80, jitter: 1h, protocol: {coap: {ack_timeout: 2s}}}}
    commands: {every: 6h, payload_bytes: 20, answer_bytes: 10}
    power_saving: {edrx: {cycle: 81.92s, window: 10.24s}}
  deep:
    count: 20
    access: [bench]
    placement: {bench: {coupling_loss_db: 164}}
    traffic: {periodic: {every: 2h, payload_bytes: 50, jitter: 2h}}
    download: {bytes: 2000, block_bytes: 512, at: 8h, within: 6h}
requirements:
  - groups.meters.delivery > 10%
";

/// A directory with `city.yaml` in it, in which the program runs.
struct Desk(TempDir);

impl Desk {
    fn new() -> Desk {
        let desk = Desk(tempfile::tempdir().unwrap());
        fs::write(desk.path("city.yaml"), CITY).unwrap();
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs the program with the words of `line`; its exit code and what it said on stderr.
    fn run(&self, line: &str) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_farlink"));
        command.args(line.split_whitespace()).current_dir(self.0.path()).stdin(Stdio::null());
        let output = command.env_remove("FARLINK_THREADS").output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    fn good(&self, line: &str) {
        assert_eq!(self.run(line), (0, String::new()), "{line}");
    }

    /// Runs shard `number` of a smaller city into `out`.
    fn small_shard(&self, shard: &str, out: &str, options: &str) {
        let counts = "--set groups.meters.count=60 --set groups.trackers.count=20";
        self.good(&format!("run city.yaml --quiet {counts} --shard {shard} --out {out} {options}"));
    }

    /// Merging fails with exit code 1, leaves nothing, and says what `expected` has.
    fn refuses(&self, dirs: &str, expected: &str) {
        let (code, said) = self.run(&format!("merge --quiet --out merged {dirs}"));
        assert_eq!(code, 1, "{dirs}: {said}");
        assert!(said.contains(expected), "{dirs}: {said}");
        assert!(!self.path("merged").exists(), "{dirs}");
    }
}

/// The files of a result directory that are the same for equal runs.
fn results(dir: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let equal = entries.filter(|name| name != "run.json");
    equal.map(|name| (name.clone(), fs::read_to_string(dir.join(&name)).unwrap())).collect()
}

#[test]
fn any_number_of_shards_in_any_order_make_the_same_bytes() {
    let desk = Desk::new();
    desk.good("run city.yaml --quiet --out whole");
    let whole = results(&desk.path("whole"));
    assert_eq!(whole.len(), 3 + 3 * 3, "summary, series, cells, and three histograms of each group");
    for name in ["\"level 1\"", "\"attach\"", "\"command\"", "\"download\""] {
        assert!(whole["summary.json"].contains(name), "the city has {name}");
    }
    for of in [1, 3, 5] {
        for number in 1..=of {
            desk.good(&format!("run city.yaml --quiet --threads 1 --shard {number}/{of} --out {of}-{number}"));
            let files = results(&desk.path(&format!("{of}-{number}")));
            assert_eq!(files.keys().collect::<Vec<_>>(), ["shard.json"]);
        }
        let forwards: Vec<String> = (1..=of).map(|number| format!("{of}-{number}")).collect();
        let backwards: Vec<String> = forwards.iter().rev().cloned().collect();
        for dirs in [forwards.join(" "), backwards.join(" ")] {
            desk.good(&format!("merge --quiet --force --out merged {dirs}"));
            assert_eq!(results(&desk.path("merged")), whole, "{dirs}");
        }
    }
}

#[test]
fn requirements_are_evaluated_by_the_merge() {
    let desk = Desk::new();
    let strict = CITY.replace("groups.meters.delivery > 10%", "groups.meters.battery.life.p50 > 900y");
    fs::write(desk.path("city.yaml"), strict).unwrap();
    desk.small_shard("1/2", "one", "");
    let (code, said) =
        desk.run("run city.yaml --shard 2/2 --set groups.meters.count=60 --set groups.trackers.count=20");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("shard 2/2: ") && said.contains("evaluates the requirements"), "{said}");
    let (code, said) = desk.run("merge one farlink-runs/city-5-shard-2-of-2 --quiet");
    assert_eq!((code, said.as_str()), (4, ""));
    assert!(desk.path("farlink-runs/city-5/summary.json").exists());
}

#[test]
fn shards_that_make_no_whole_are_refused() {
    let desk = Desk::new();
    for (shard, out, options) in [
        ("1/3", "a1", ""),
        ("2/3", "a2", ""),
        ("2/3", "again", ""),
        ("3/3", "a3", ""),
        ("2/2", "half", ""),
        ("2/3", "seed", "--seed 6"),
        ("2/3", "scenario", "--set duration=2d"),
    ] {
        desk.small_shard(shard, out, options);
    }
    desk.good("run city.yaml --quiet --out whole --set groups.meters.count=60 --set groups.trackers.count=20");
    for (dirs, said) in [
        ("a1", "2 shards missing: 2/3, 3/3; run the scenario with `--shard 2/3` and so on"),
        ("a3 a1", "1 shard missing: 2/3;"),
        ("a1 a2 again a3", "a2 and again are both shard 2/3; give each shard once"),
        ("a1 half", "a1 and half are shards of different runs: their numbers of shards differ"),
        ("a1 seed a3", "their seeds differ"),
        ("a1 scenario a3", "their scenarios differ"),
        ("a1 whole a3", "whole is not the result of a shard: there is no shard.json in it"),
        ("a1 nowhere a3", "nowhere is not the result of a shard"),
        ("a1 city.yaml", "city.yaml is not the result of a shard"),
    ] {
        desk.refuses(dirs, said);
    }
    desk.good("merge --quiet --out merged a1 a2 a3");
}

#[test]
fn files_that_are_not_what_a_shard_wrote_are_refused() {
    let desk = Desk::new();
    desk.small_shard("1/2", "one", "");
    desk.small_shard("2/2", "two", "");
    let good = fs::read_to_string(desk.path("two/shard.json")).unwrap();
    let version = format!("\"farlink\":\"{}\"", env!("CARGO_PKG_VERSION"));
    let model_data = good.split("\"model_data\":\"").nth(1).unwrap()[..16].to_owned();
    for (from, to, said) in [
        (good.as_str(), "", "EOF while parsing a value at line 1 column 0; run this shard again"),
        ("\"parts\":", "\"parst\":", "unknown field `parst`"),
        (&good[good.len() / 2..], "", "EOF while parsing"),
        ("\"events\":", "\"events\":1", "is damaged: its checksum is not that of its content"),
        ("\"shard_version\":2,", "\"shard_version\":3,", "merge shards with the version that ran them"),
        (&version, "\"farlink\":\"0.0.9\"", "was written by farlink 0.0.9"),
        (&model_data, "0123456789abcdef", "is damaged"),
    ] {
        fs::write(desk.path("two/shard.json"), good.replacen(from, to, 1)).unwrap();
        desk.refuses("one two", said);
    }
    // Not even the result of another program is replaced.
    fs::write(desk.path("two/shard.json"), "{}").unwrap();
    let (code, said) = desk.run("run city.yaml --shard 2/2 --out two --force");
    assert_eq!(code, 1);
    assert!(said.contains("holds other things than results of farlink"), "{said}");
}

#[test]
fn model_files_must_be_those_of_the_run() {
    let desk = Desk::new();
    let model = include_str!("../models/devices/3gpp-reference.yaml");
    fs::create_dir(desk.path("models")).unwrap();
    fs::write(desk.path("models/own.yaml"), model).unwrap();
    let own = "--set groups.meters.device=./models/own.yaml";
    desk.small_shard("1/2", "one", own);
    desk.small_shard("2/2", "two", own);
    desk.good("merge --quiet --out elsewhere/merged one two");
    assert!(model.contains("noise_figure_db: {value: "));
    let changed = model.replace("noise_figure_db: {value: ", "noise_figure_db: {value: 1");
    fs::write(desk.path("models/own.yaml"), changed).unwrap();
    desk.refuses("one two", "the model files that the scenario of one names are not those it ran with");
    desk.small_shard("2/2", "other", own);
    desk.refuses("one other", "the model files");
    fs::write(desk.path("models/own.yaml"), model).unwrap();
    desk.refuses("one other", "their model data differ");
    fs::remove_file(desk.path("models/own.yaml")).unwrap();
    let (code, said) = desk.run("merge one two");
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("there is no file"), "{said}");
}

#[test]
fn a_scenario_is_divided_by_its_cells_only() {
    let desk = Desk::new();
    for (shard, said) in [
        ("1/26", "a scenario of 25 cells has no shard 1/26: cells are what is divided, so make it 25 shards at most"),
        ("0/3", "expected I/N"),
        ("4/3", "expected I/N"),
        ("1", "expected I/N"),
        ("1/3 --trace meters/0", "cannot be used with"),
        ("1/3 --format json", "cannot be used with"),
    ] {
        let (code, err) = desk.run(&format!("run city.yaml --quiet --shard {shard}"));
        assert_eq!(code, 2, "{shard}: {err}");
        assert!(err.contains(said), "{shard}: {err}");
    }
    assert!(!desk.path("farlink-runs").exists());
}
