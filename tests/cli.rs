//! The program as its users meet it: arguments, exit codes, what goes to stdout and what to stderr, and the files that a
//! run leaves behind. Each run is small; none of the tests asserts on how long one takes.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
#[cfg(unix)]
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Sixty meters on a bench, two days.
const SMALL: &str = "\
farlink: 1
name: small
seed: 3
duration: 2d
networks:
  lab:
    nb-iot: {}
    sites: {bench: {cells: 4}}
groups:
  meters:
    count: 60
    placement: {bench: {coupling_loss_db: 150}}
    traffic: {periodic: {every: 2h, payload_bytes: 50, jitter: 2h}}
requirements:
  - groups.meters.delivery > 50%
";

/// What a run of `SMALL` leaves behind.
const FILES: [&str; 7] = [
    "cells.csv",
    "meters.energy.hgrm",
    "meters.latency.hgrm",
    "meters.life.hgrm",
    "run.json",
    "series.csv",
    "summary.json",
];

/// A network that no group uses, which is worth a note.
const SPARE: &str = "--set networks.spare={\"nb-iot\":{}}";

/// A directory with `small.yaml` in it, in which the program runs.
struct Desk(TempDir);

impl Desk {
    fn new() -> Desk {
        let desk = Desk(tempfile::tempdir().unwrap());
        desk.put("small.yaml", SMALL);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The program with the words of `line` as arguments, free of whatever this process has in its environment.
    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("farlink"));
        command.args(line.split_whitespace()).current_dir(self.0.path()).stdin(Stdio::null());
        for name in ["NO_COLOR", "FARLINK_COLOR", "FARLINK_THREADS", "LC_ALL", "LC_CTYPE", "LANG", "TERM"] {
            command.env_remove(name);
        }
        command
    }

    fn run(&self, line: &str) -> Ran {
        Ran::of(self.command(line).output().unwrap())
    }

    /// Runs `small.yaml` quietly into `out` and hands back the summary.
    fn summary(&self, out: &str, options: &str) -> Value {
        let ran = self.run(&format!("run small.yaml --quiet --out {out} {options}"));
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{options}");
        serde_json::from_str(&self.read(&format!("{out}/summary.json"))).unwrap()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names in a directory, hidden ones included.
    fn names(&self, dir: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(dir)).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The files of a directory with their bytes.
    fn contents(&self, dir: &str) -> BTreeMap<String, Vec<u8>> {
        let read = |name: String| (name.clone(), fs::read(self.path(dir).join(name)).unwrap());
        self.names(dir).into_iter().map(read).collect()
    }
}

/// How the program ended and what it said.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Ran {
        Ran {
            code: output.status.code().expect("an exit, not a signal"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Terminals under the satellites of a file.
const SKY: &str = "farlink: 1
name: sky
duration: 1d
networks:
  sky: {nb-iot: {}, sites: {satellites: {elements: low.tle, payload: tr36763-set-4-leo-600}}}
groups:
  huts:
    count: 20
    device: 3gpp-ntn-pc3
    gnss: {stationary: true}
    placement: {region: {south_deg: 45, north_deg: 47, west_deg: 6, east_deg: 10, environment: rural, indoor_fraction: 0.2}}
    traffic: {periodic: {every: 6h, payload_bytes: 20, jitter: 6h}}
";

#[test]
fn satellites_of_a_file_serve_terminals() {
    let desk = Desk::new();
    desk.put("sky.yaml", SKY);
    // Two objects in low orbits.
    let elements = fs::read_to_string("tests/reference/orbits.tle").unwrap();
    desk.put("low.tle", elements.lines().take(6).collect::<Vec<_>>().join("\n"));
    let ran = desk.run("run sky.yaml --quiet --out out");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let summary: Value = serde_json::from_str(&desk.read("out/summary.json")).unwrap();
    let delivered = summary["groups"]["huts"]["all"]["messages"]["delivered"].as_u64().unwrap();
    assert!(delivered > 20, "{delivered}");
    // The run begins with the newest elements, unless the scenario says otherwise.
    let now = desk.run("validate sky.yaml");
    assert!(now.err.contains("in the open from") && !now.err.contains("days away"), "{}", now.err);
    let later = desk.run("validate sky.yaml --set networks.sky.sites.satellites.epoch=2026-01-01T00:00:00Z");
    assert!(later.err.contains("the elements of 2 of 2 satellites are more than 14 days away"), "{}", later.err);
}

#[test]
fn a_good_run_prints_a_summary_and_leaves_a_directory() {
    let desk = Desk::new();
    let ran = desk.run("run small.yaml");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("small\n2 d counted · seed 3 · "), "{}", ran.out);
    assert!(ran.out.contains("\nRequirements  1 met\n") && ran.out.contains("meters  60 terminals on lab"));
    assert!(ran.err.contains("results in farlink-runs") && ran.err.lines().count() == 1, "{}", ran.err);
    assert_eq!(desk.names("."), ["farlink-runs", "small.yaml"]);
    assert_eq!(desk.names("farlink-runs"), ["small-3"]);
    assert_eq!(desk.names("farlink-runs/small-3"), FILES);
    let hgrm = desk.read("farlink-runs/small-3/meters.latency.hgrm");
    assert!(hgrm.lines().next().unwrap().contains("Percentile"), "{hgrm}");
    assert!(desk.read("farlink-runs/small-3/series.csv").starts_with("from_s,to_s,"));
    let run: Value = serde_json::from_str(&desk.read("farlink-runs/small-3/run.json")).unwrap();
    for key in ["wall_s", "threads", "events_per_s", "machine"] {
        assert!(run.get(key).is_some(), "{key}");
    }
}

#[test]
fn wrong_usage_is_2() {
    let desk = Desk::new();
    for (line, said) in [
        ("rnu small.yaml", "unrecognized subcommand 'rnu'"),
        ("small.yaml", "To run this scenario: farlink run small.yaml"),
        ("run", "<SCENARIO>"),
        ("run small.yaml other.yaml", "unexpected argument 'other.yaml'"),
        ("run small.yaml --threads 0", "1..=1024"),
        ("run small.yaml --seed -1", "'-1'"),
        ("run small.yaml --format xml", "[possible values: text, json]"),
        ("run small.yaml --color blue", "[possible values: auto, always, never]"),
        ("run small.yaml --trace meters/60", "no such terminal. There are meters/0 to meters/59"),
        ("run small.yaml --trace nobody/0", "no such terminal"),
        ("run small.yaml --trace meters", "no such terminal"),
    ] {
        let ran = desk.run(line);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{line}");
        assert!(ran.err.contains(said), "{line}: {}", ran.err);
    }
    assert_eq!(desk.names("."), ["small.yaml"]);
}

#[test]
fn a_bad_scenario_is_3_with_every_mistake_in_one_report_and_nothing_written() {
    let desk = Desk::new();
    let bad = SMALL.replace("duration: 2d", "duration: 2").replace("nb-iot: {}", "nb-iot: {carrier: 43}");
    desk.put("bad.yaml", bad.replace("count: 60", "cuont: 60").replace("delivery > 50%", "delivary > 50%"));
    for command in ["run", "validate", "link"] {
        let ran = desk.run(&format!("{command} bad.yaml"));
        assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{command}");
        let (said, places) = (&ran.err, ["4:11", "7:14", "11:5", "15:19"]);
        for place in places {
            assert!(said.contains(&format!("--> bad.yaml:{place}\n")), "{place}: {said}");
        }
        for help in ["did you mean `2s`?", "did you mean `count`?", "did you mean `delivery`?", "4 problems found"] {
            assert!(said.contains(help), "{help}: {said}");
        }
    }
    assert_eq!(desk.names("."), ["bad.yaml", "small.yaml"]);
}

#[test]
fn files_that_are_no_scenario_say_what_they_are() {
    let desk = Desk::new();
    fs::create_dir(desk.path("folder.yaml")).unwrap();
    desk.put("empty.yaml", "");
    desk.put("list.yaml", "- 1\n- 2\n");
    desk.put("word.yaml", "hello\n");
    desk.put("binary.yaml", b"ab\ncd\xff\x00\x01");
    for (file, said) in [
        ("missing.yaml", "there is no such file"),
        ("folder.yaml", "this is a directory, not a file"),
        ("empty.yaml", "the file is empty"),
        ("list.yaml", "the file is a list"),
        ("word.yaml", "the file is the text \"hello\""),
        ("binary.yaml", "the file is not text: byte 3 of line 2 is not UTF-8"),
    ] {
        let ran = desk.run(&format!("run {file}"));
        assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{file}");
        assert!(ran.err.contains(said) && ran.err.contains(&format!("--> {file}")), "{file}: {}", ran.err);
    }
    assert!(!desk.path("farlink-runs").exists());
}

#[test]
fn a_missed_requirement_is_4_and_the_results_are_written() {
    let desk = Desk::new();
    let ran = desk.run("run small.yaml --out r --set requirements.1=groups.meters.latency.uplink.p50<1ms");
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.out.contains("Requirements  1 met  1 MISSED"), "{}", ran.out);
    let summary: Value = serde_json::from_str(&desk.read("r/summary.json")).unwrap();
    let met: Vec<bool> =
        summary["requirements"].as_array().unwrap().iter().map(|line| line["met"].as_bool().unwrap()).collect();
    assert_eq!(met, [true, false]);
}

#[test]
fn results_that_are_in_the_way_are_1_and_stay_untouched() {
    let desk = Desk::new();
    assert_eq!(desk.run("run small.yaml --out r --quiet").code, 0);
    let before = desk.contents("r");
    let ran = desk.run("run small.yaml --out r --seed 4");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("r exists already") && ran.err.contains("--force"), "{}", ran.err);
    assert_eq!(desk.contents("r"), before);
    assert_eq!(desk.run("run small.yaml --out r --seed 4 --force --quiet").code, 0);
    assert_ne!(desk.contents("r")["summary.json"], before["summary.json"]);
    let ran = desk.run("run small.yaml --out small.yaml --force");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("small.yaml is not a directory"), "{}", ran.err);
    assert_eq!(desk.names("."), ["r", "small.yaml"]);
}

/// Whether `value` has every member that `schema` requires and none that it does not know.
fn check(schema: &Value, root: &Value, value: &Value, path: &str) {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return check(root.pointer(reference.trim_start_matches('#')).unwrap(), root, value, path);
    }
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        assert!(value.get(name.as_str().unwrap()).is_some(), "{path} lacks {name}");
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let known = schema.get("properties").map(|properties| properties.get(name));
        let known = known.unwrap_or_else(|| schema.get("additionalProperties"));
        match known {
            Some(schema) => check(schema, root, member, &format!("{path}.{name}")),
            None => assert!(schema.get("properties").is_none(), "{path}.{name} is not in the schema"),
        }
    }
    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
        check(&schema["items"], root, item, &format!("{path}.{number}"));
    }
}

#[test]
fn json_on_stdout_is_summary_json_and_fits_the_published_schema() {
    let desk = Desk::new();
    for quiet in ["", "--quiet"] {
        let ran = desk.run(&format!("run small.yaml --out r --force --format json {quiet}"));
        assert_eq!((ran.code, ran.err.is_empty()), (0, quiet == "--quiet"), "{}", ran.err);
        assert!(ran.out == desk.read("r/summary.json"));
        let summary: Value = serde_json::from_str(&ran.out).unwrap();
        let schema: Value = serde_json::from_str(&desk.run("schema result").out).unwrap();
        check(&schema, &schema, &summary, "summary");
        assert_eq!(summary["groups"]["meters"]["all"]["terminals"], 60);
        assert_eq!(summary["scenario"]["groups"]["meters"]["battery"], "3gpp-5wh");
        assert_eq!(summary["period"]["interrupted"], false);
    }
}

#[test]
fn schemas_are_those_of_the_repository() {
    let desk = Desk::new();
    for (line, file) in [
        ("schema", "scenario"),
        ("schema scenario", "scenario"),
        ("schema result", "summary"),
        ("schema calibration", "calibration"),
        ("schema calibration-report", "calibration-report"),
    ] {
        let ran = desk.run(line);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert!(ran.out == fs::read_to_string(project(&format!("schema/{file}.schema.json"))).unwrap(), "{line}");
    }
}

#[test]
fn seed_and_overrides_change_the_results() {
    let desk = Desk::new();
    let plain = desk.summary("a", "");
    let hash = |summary: &Value| summary["events"]["hash"].clone();
    assert_eq!(hash(&plain), hash(&desk.summary("b", "--seed 3")));
    let other = desk.summary("c", "--seed 4");
    assert_ne!(hash(&plain), hash(&other));
    assert_eq!((&plain["seed"], &other["seed"]), (&3.into(), &4.into()));
    let more = desk.summary("d", "--set groups.meters.count=70 --set groups.meters.traffic.periodic.every=3h");
    assert_eq!(more["groups"]["meters"]["all"]["terminals"], 70);
    assert_eq!(more["scenario"]["groups"]["meters"]["traffic"]["periodic"]["every"], "3h");
    assert_ne!(hash(&plain), hash(&more));
}

#[test]
fn the_last_of_equal_options_counts() {
    let desk = Desk::new();
    let summary = desk.summary("r", "--seed 5 --seed 6 --force --force --set seed=7 --set groups.meters.count=9");
    assert_eq!((&summary["seed"], &summary["groups"]["meters"]["all"]["terminals"]), (&6.into(), &9.into()));
}

#[test]
fn wrong_overrides_suggest() {
    let desk = Desk::new();
    let ran = desk.run("run small.yaml --set groups.meter.count=5 --set groups.meters.cuont=5 --set duration=fast");
    assert_eq!((ran.code, ran.out.as_str()), (3, ""));
    let said = ["did you mean `meters`?", "did you mean `count`?", "--> --set duration=fast", "3 problems found"];
    said.iter().for_each(|said| assert!(ran.err.contains(said), "{said}: {}", ran.err));
    assert_eq!(desk.names("."), ["small.yaml"]);
}

#[test]
fn threads_show_in_run_json_only() {
    let desk = Desk::new();
    for threads in 1..=3 {
        desk.summary(&threads.to_string(), &format!("--threads {threads}"));
    }
    let [mut one, mut two, mut three] = ["1", "2", "3"].map(|dir| desk.contents(dir));
    let threads = [&mut one, &mut two, &mut three].map(|files| {
        let run: Value = serde_json::from_slice(&files.remove("run.json").unwrap()).unwrap();
        run["threads"].as_u64().unwrap()
    });
    assert_eq!(threads, [1, 2, 3]);
    assert!(one == two && two == three);
}

#[test]
fn quiet_says_nothing() {
    let desk = Desk::new();
    let options = format!("{SPARE} --set groups.meters.access=[lab]");
    let loud = desk.run(&format!("run small.yaml --out loud {options}"));
    assert!(loud.code == 0 && loud.err.contains("note: networks.spare: no group uses this network"), "{loud:?}");
    let quiet = desk.run(&format!("run small.yaml --out quiet --quiet {options}"));
    assert_eq!((quiet.code, quiet.out.as_str(), quiet.err.as_str()), (0, "", ""));
    assert!(desk.read("loud/summary.json") == desk.read("quiet/summary.json"));
}

#[test]
fn validate_says_ok_and_writes_nothing() {
    let desk = Desk::new();
    let ran = desk.run("validate small.yaml --seed 9");
    let said = "small.yaml: ok: 60 terminals in 1 group on 1 network, 2 d simulated, some ";
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.starts_with(said) && ran.out.ends_with(" MB of memory\n"), "{}", ran.out);
    assert_eq!(desk.names("."), ["small.yaml"]);
}

#[test]
fn links_are_shown_at_the_edges_of_the_levels_or_where_asked() {
    let desk = Desk::new();
    let ran = desk.run("link small.yaml");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.starts_with("lab  nb-iot · 3gpp-reference · "), "{}", ran.out);
    for (level, edge) in [144, 154, 164].into_iter().enumerate() {
        assert!(ran.out.contains(&format!("\n{edge} dB  level {level}, up to {edge} dB  ──")), "{}", ran.out);
    }
    for said in
        ["  transmit power ", "  SINR ", "NPDCCH, ", "NPUSCH, I_TBS ", "NPDSCH, I_TBS ", "115 + 22 bytes in 2 blocks"]
    {
        assert!(ran.out.contains(said), "{said}: {}", ran.out);
    }
    let ran =
        desk.run("link small.yaml --coupling-loss 150.5 --coupling-loss 171 --network lab --device 3gpp-reference");
    assert_eq!(ran.out.matches("\n  SINR  ").count(), 2, "{}", ran.out);
    assert!(ran.out.contains("\n150.5 dB  level 1, ") && ran.out.contains("\n171 dB  no coverage"), "{}", ran.out);
    assert_eq!(desk.names("."), ["small.yaml"]);
}

#[test]
fn links_as_json_hold_what_the_text_shows() {
    let desk = Desk::new();
    let ran = desk.run("link small.yaml --format json --coupling-loss 164 --bytes 400");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&report["network"], &report["device"]), (&"lab".into(), &"3gpp-reference".into()));
    let [point] = report["points"].as_array().unwrap().as_slice() else { panic!("{}", ran.out) };
    let last = point["downlink"]["terms"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["name"], &last["unit"]), (&"SINR".into(), &"dB".into()));
    assert!((last["value"].as_f64().unwrap() + 4.6).abs() < 0.1);
    let level = &point["level"];
    assert_eq!(level["number"], 2);
    let names: Vec<&str> =
        level["blocks"].as_array().unwrap().iter().filter_map(|blocks| blocks["name"].as_str()).collect();
    assert_eq!(names[..5], ["data", "data", "msg3", "response", "data+1"], "{names:?}");
    let message = &level["message"];
    let carried: u64 = message["blocks"].as_array().unwrap().iter().map(|bytes| bytes.as_u64().unwrap()).sum();
    assert!(message["bytes"] == 400 && carried >= 422, "{message}");
    assert!(message["expected_airtime_ms"].as_f64() >= message["airtime_ms"].as_f64());
}

#[test]
fn links_that_cannot_be_shown_say_why() {
    let desk = Desk::new();
    desk.put("broken.yaml", "description: not a number\nsleep_mw: {value: loud, source: none}\n");
    desk.put("gaps.yaml", "description: no power states\n");
    let two = "--set networks.city={\"nb-iot\":{}} --set groups.meters.access=[lab]";
    for (line, code, said) in [
        ("--network lba".to_owned(), 2, "error: --network lba: no such network, expected `lab`; did you mean `lab`?"),
        (two.to_owned(), 2, "the scenario has 2 networks; say which with --network: `city` or `lab`"),
        (format!("{two} --network city"), 2, "no group uses the network `city`; name a device with --device"),
        ("--device 3gpp-refrence".to_owned(), 2, "did you mean `3gpp-reference`?"),
        ("--device ./none.yaml".to_owned(), 2, "there is no file `none.yaml`"),
        ("--device ./broken.yaml".to_owned(), 3, "--> broken.yaml:"),
        ("--device ./gaps.yaml".to_owned(), 2, "its file leaves figures open"),
        ("--coupling-loss loud".to_owned(), 2, "expected a number of dB from 40 to 200"),
        ("--coupling-loss NaN".to_owned(), 2, "expected a number of dB from 40 to 200"),
        ("--bytes 0".to_owned(), 2, "1..=65535"),
        ("--force".to_owned(), 2, "--curves"),
        ("--curves none/curves.csv".to_owned(), 1, "cannot write none/curves.csv: "),
        ("--set groups.meters.cuont=5".to_owned(), 3, "did you mean `count`?"),
    ] {
        let ran = desk.run(&format!("link small.yaml {line}"));
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{line}: {}", ran.err);
        assert!(ran.err.contains(said), "{line}: {}", ran.err);
    }
    assert_eq!(desk.run(&format!("link small.yaml {two} --network city --device 3gpp-reference")).code, 0);
}

#[test]
fn error_curves_fall_with_the_ratio_and_with_each_transmission() {
    let desk = Desk::new();
    assert_eq!(desk.run("link small.yaml --curves curves.csv").code, 0);
    let text = desk.read("curves.csv");
    let mut lines = text.lines();
    let titles = "level,direction,table,bytes,airtime_ms,repetitions,transmission,ratio_db,block_error";
    assert_eq!(lines.next(), Some(titles));
    let mut curves: BTreeMap<String, Vec<(u32, f64, f64)>> = BTreeMap::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let &[.., transmission, ratio, error] = cells.as_slice() else { panic!("{line}") };
        let point = (transmission.parse().unwrap(), ratio.parse().unwrap(), error.parse().unwrap());
        curves.entry(cells[..6].join(",")).or_default().push(point);
    }
    for purpose in ["0,uplink,data", "1,downlink,data", "2,uplink,msg3", "2,downlink,response"] {
        assert!(curves.keys().any(|block| block.starts_with(purpose)), "{purpose}");
    }
    for (block, points) in &curves {
        for (before, after) in points.iter().zip(&points[1..]).filter(|(before, after)| before.0 == after.0) {
            assert!((after.1 - before.1 - 0.5).abs() < 0.011 && after.2 <= before.2, "{block}: {before:?} {after:?}");
        }
        let errors = |number: u32| points.iter().filter(move |point| point.0 == number).map(|point| point.2);
        for number in 2..=8 {
            assert!(errors(number - 1).zip(errors(number)).all(|(fewer, more)| more <= fewer), "{block}, {number}");
        }
        assert!(errors(1).next().unwrap() > 0.999 && errors(1).next_back().unwrap() < 0.01, "{block}");
    }

    let ran = desk.run("link small.yaml --curves curves.csv");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("curves.csv exists already; choose another file"), "{}", ran.err);
    assert_eq!(
        desk.run("link small.yaml --curves curves.csv --force --set networks.lab.nb-iot.receiver_margin_db=0").code,
        0
    );
    assert!(desk.read("curves.csv") != text);
}

/// What a run says about what happened, and not about what it was given.
fn outcome(desk: &Desk, folder: &str) -> Value {
    let mut summary: Value = serde_json::from_str(&desk.read(&format!("{folder}/summary.json"))).unwrap();
    let given = summary.as_object_mut().unwrap();
    assert!(given.remove("scenario").is_some() && given.remove("model_data").is_some());
    summary
}

#[test]
fn a_network_takes_its_own_curves_back() {
    let desk = Desk::new();
    // Deep in level 2, where blocks fail and are sent again.
    let deep = "--set groups.meters.placement.bench.coupling_loss_db=163.5";
    let own = "--set networks.lab.nb-iot.curves=curves.csv";
    assert_eq!(desk.run(&format!("link small.yaml {deep} --curves curves.csv")).code, 0);
    assert_eq!(desk.run(&format!("link small.yaml {deep} {own} --curves again.csv")).code, 0);
    assert!(desk.read("curves.csv") == desk.read("again.csv"));

    let model = desk.run(&format!("run small.yaml {deep} --out model"));
    let taken = desk.run(&format!("run small.yaml {deep} {own} --out taken"));
    assert_eq!((model.code, taken.code), (0, 0), "{}", taken.err);
    let replaced = taken.err.split_once("note: network `lab`: curves.csv replaces ").expect("a note").1;
    let counts: Vec<u32> = replaced.split(' ').take(3).filter_map(|word| word.parse().ok()).collect();
    assert!(counts.len() == 2 && counts[0] == counts[1] && counts[0] > 500, "{}", taken.err);
    assert_eq!(outcome(&desk, "model"), outcome(&desk, "taken"));
    for file in FILES.iter().filter(|file| !file.ends_with(".json")) {
        assert!(desk.read(&format!("model/{file}")) == desk.read(&format!("taken/{file}")), "{file}");
    }
    let [before, after] = ["model", "taken"].map(|folder| {
        let summary: Value = serde_json::from_str(&desk.read(&format!("{folder}/summary.json"))).unwrap();
        summary["model_data"].clone()
    });
    assert!(before != after, "the file is part of what went in");

    // Other curves make another run; what they do not describe stays as it was.
    let few: String = desk.read("curves.csv").lines().filter(|line| !line.starts_with("2,uplink,data,7,")).fold(
        String::new(),
        |few, line| match line.rsplit_once(',') {
            Some((block, error)) if block.starts_with("2,") => {
                few + block + if error.starts_with('0') { ",0\n" } else { ",1\n" }
            }
            _ => few + line + "\n",
        },
    );
    desk.put("hopeless.csv", few);
    let lost = desk.run(&format!("run small.yaml {deep} --set networks.lab.nb-iot.curves=hopeless.csv --out lost"));
    assert_eq!(lost.code, 4, "{}", lost.err);
    assert!(lost.err.contains("hopeless.csv replaces "), "{}", lost.err);
}

#[test]
fn curves_that_do_not_fit_are_told() {
    let desk = Desk::new();
    assert_eq!(desk.run("link small.yaml --curves curves.csv").code, 0);
    let ran = desk.run(
        "validate small.yaml --set networks.lab.nb-iot.curves=curves.csv --set networks.lab.nb-iot.max_transmissions=2",
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains(" are for blocks that the network does not have, such as level "), "{}", ran.err);
    desk.put("broken.csv", desk.read("curves.csv").replace("uplink", "uplnik"));
    let ran = desk.run("validate small.yaml --set networks.lab.nb-iot.curves=broken.csv");
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("--> broken.csv:2:3\n") && ran.err.contains("did you mean `uplink`?"), "{}", ran.err);
    assert!(ran.err.contains("error: too many mistakes: the rest of the file was not read\n"), "{}", ran.err);
}

#[test]
fn colours_come_when_asked_for() {
    let desk = Desk::new();
    let colored = |options: &str, envs: &[(&str, &str)]| {
        let mut command = desk.command(&format!("run small.yaml --out r --force {options}"));
        let ran = Ran::of(command.envs(envs.iter().copied()).output().unwrap());
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out.contains('\x1b')
    };
    assert!(!colored("", &[]), "this is no terminal");
    assert!(colored("--color always", &[]));
    assert!(colored("--color always", &[("NO_COLOR", "1")]), "an option is more specific than the environment");
    assert!(colored("", &[("FARLINK_COLOR", "always")]));
    assert!(!colored("--color never", &[("FARLINK_COLOR", "always")]));
    assert!(!colored("--color auto", &[("NO_COLOR", "1")]));
}

#[cfg(unix)]
#[test]
fn a_locale_without_unicode_gets_ascii() {
    let desk = Desk::new();
    for (locale, ascii) in [("C", true), ("de_DE.ISO-8859-1", true), ("de_DE.UTF-8", false), ("C.utf8", false)] {
        let ran = Ran::of(desk.command("run small.yaml --out r --force").env("LC_ALL", locale).output().unwrap());
        assert_eq!(ran.out.is_ascii(), ascii, "{locale}");
    }
}

#[test]
fn readers_may_leave() {
    let desk = Desk::new();
    for (line, code) in [
        ("schema", 0),
        ("validate small.yaml", 0),
        ("calibrate --list", 0),
        ("link small.yaml --curves curves.csv", 0),
        ("run small.yaml --out a", 0),
        ("run small.yaml --out b --set requirements=[groups.meters.delivery<1%]", 4),
        ("run missing.yaml", 3),
        ("--help", 0),
    ] {
        let mut child = desk.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        drop(child.stderr.take());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{line}");
    }
    assert_eq!(desk.names("a"), FILES);
    assert_eq!(desk.names("b"), FILES);
}

#[test]
fn published_figures_pass_or_end_with_their_own_exit_code() {
    let desk = Desk::new();
    let list = desk.run("calibrate --list");
    assert_eq!((list.code, list.err.as_str()), (0, ""));
    assert!(list.out.contains("npusch-blocks"));
    // Every entry of the tables, the durations, the codes of timers and the closed forms of contention.
    let tables = desk.run("calibrate --filter nb-iot-tables/ --quiet");
    assert_eq!((tables.code, tables.err.as_str()), (0, ""), "{}", tables.out);
    // 5 Wh at 500 mW last ten hours, not eleven.
    let paper = "farlink-calibration: 1\ntitle: a paper\ncases:\n  table-1:\n    title: A battery\n    settings: 5 Wh, 500 mW\n    \
                 mark: V\n    source: table 1\n    run: {probe: {battery-life: {energy_wh: 5, power_mw: 500, report_mj: [0], \
                 every: 1h}}}\n    expect:\n      life: {metric: life, values: [11h], tolerance: 1%}\n";
    desk.put("paper.yaml", paper);
    let missed = desk.run("calibrate paper.yaml --filter paper/ --quiet");
    assert_eq!((missed.code, missed.err.as_str()), (4, ""));
    assert!(missed.out.contains("FAILED paper/table-1: life"), "{}", missed.out);
    let json: Value =
        serde_json::from_str(&desk.run("calibrate paper.yaml --filter paper/ --quiet --format json").out).unwrap();
    assert_eq!((&json["calibration_version"], &json["counts"]["validation"]["failed"]), (&1.into(), &1.into()));
    let schema: Value = serde_json::from_str(&desk.run("schema calibration-report").out).unwrap();
    check(&schema, &schema, &json, "report");
    desk.put("paper.yaml", paper.replace("title: A battery", "titel: A battery"));
    let wrong = desk.run("calibrate paper.yaml");
    assert_eq!((wrong.code, wrong.out.as_str()), (3, ""));
    assert!(wrong.err.contains("--> paper.yaml:5:5") && wrong.err.contains("did you mean `title`?"), "{}", wrong.err);
    let none = desk.run("calibrate --filter nothing-of-this-name");
    assert_eq!((none.code, none.out.as_str()), (2, ""));
}

#[test]
fn help_and_version() {
    let desk = Desk::new();
    let version = desk.run("--version");
    assert_eq!((version.code, version.out), (0, format!("farlink {}\n", env!("CARGO_PKG_VERSION"))));
    let help = desk.run("--help");
    assert_eq!((help.code, help.err.as_str()), (0, ""));
    for (code, meaning) in [(0, "ok"), (1, "failed"), (2, "wrong usage"), (3, "the scenario"), (4, "a requirement")] {
        assert!(help.out.contains(&format!("\n  {code}    {meaning}")), "{}", help.out);
    }
    assert!(help.out.contains("\n  130  interrupted"));
    for command in ["run", "validate", "link", "calibrate", "schema"] {
        assert!(help.out.contains(&format!("\n  {command} ")));
        let help = desk.run(&format!("{command} --help"));
        assert!(help.code == 0 && help.out.contains(&format!("Usage: farlink {command}")), "{}", help.out);
    }
}

#[test]
fn a_run_that_delivers_nothing_says_why() {
    let desk = Desk::new();
    let ran = desk.run("run small.yaml --out r --set groups.meters.placement.bench.coupling_loss_db=170");
    assert_eq!(ran.code, 4, "{ran:?}");
    for said in ["\nWarnings\n", "no-coverage", "coupling loss beyond the deepest coverage level"] {
        assert!(ran.out.contains(said), "{said}: {}", ran.out);
    }
    let summary: Value = serde_json::from_str(&desk.read("r/summary.json")).unwrap();
    assert!(summary["warnings"][0].as_str().unwrap().starts_with("Group `meters`: "));
    assert_eq!(summary["groups"]["meters"]["all"]["messages"]["delivered"], 0);

    // Next to nothing: ten attempts at random access of which one in fifty is heard.
    let deaf = "--set networks.lab.nb-iot.detection_probability=0.02";
    let ran = desk.run(&format!("run small.yaml --out next --set requirements=[] {deaf}"));
    assert_eq!(ran.code, 0, "{ran:?}");
    let text = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in ["`meters`: only ", "of the messages arrived, most messages were lost to access-exhausted"] {
        assert!(text.contains(said), "{said}: {}", ran.out);
    }
}

/// The cells of a line of comma-separated values, quotation marks taken off.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

#[test]
fn a_trace_tells_all_that_its_terminals_did_and_changes_no_result() {
    let desk = Desk::new();
    desk.summary("plain", "");
    desk.summary("traced", "--trace meters/10 --trace meters/2 --trace meters/10");
    assert!(desk.read("plain/summary.json") == desk.read("traced/summary.json"));
    assert!(!desk.path("plain/trace.csv").exists());
    let text = desk.read("traced/trace.csv");
    let mut lines = text.lines();
    let titles = "group,terminal,start_s,end_s,sfn,subframe,state,power_w,channel,cause,errand,step,clause";
    assert_eq!(lines.next(), Some(titles));
    let rows: Vec<Vec<String>> = lines.map(cells).collect();
    let mut ends: BTreeMap<u32, String> = BTreeMap::new();
    let mut last = 0;
    for row in &rows {
        let terminal: u32 = row[1].parse().unwrap();
        assert!(row[0] == "meters" && terminal >= last, "{row:?}");
        last = terminal;
        // Stretches lie end to end: no time is without a state, none has two.
        assert_eq!(ends.insert(terminal, row[3].clone()).as_deref().unwrap_or("0"), row[2], "{row:?}");
        let watts: f64 = row[7].parse().unwrap();
        let start: f64 = row[2].parse().unwrap();
        let us = (start * 1e6).round() as u64;
        assert_eq!((row[4].parse(), row[5].parse()), (Ok(us / 10_000 % 1_024), Ok(us / 1_000 % 10)), "{row:?}");
        assert_eq!(row[6] == "transmit", watts > 0.1, "{row:?}");
        assert!(row[6] != "sleep" || row[9] == "sleep", "{row:?}");
        // Whoever sends uses a channel of the uplink, and between errands nobody uses any.
        assert_eq!(row[6] == "transmit", row[8].starts_with("NPUSCH") || row[8] == "NPRACH", "{row:?}");
        assert!(!row[10].is_empty() || row[8].is_empty(), "{row:?}");
        assert_eq!(row[10].is_empty(), row[11].is_empty(), "{row:?}");
    }
    // A message under way at the end is told a little further.
    assert!(ends.keys().eq(&[2, 10]) && ends.values().all(|end| end.parse::<f64>().unwrap() >= 172_800.0), "{ends:?}");
    assert!(rows.iter().any(|row| row[9] == "airtime"));
}

/// Ctrl-C as soon as the program listens to it, which is when it says its first word.
#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_what_there_is() {
    let desk = Desk::new();
    let long = "--set duration=400d --set groups.meters.count=2000";
    let mut child = desk
        .command(&format!("run small.yaml --out r {long} {SPARE} --set groups.meters.access=[lab]"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    err.read_line(&mut line).unwrap();
    assert!(line.starts_with("note: networks.spare"), "{line}");
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    err.read_to_string(&mut line).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{line}");
    assert!(line.contains("interrupted: keeping what is there"), "{line}");
    assert!(out.contains("INTERRUPTED before its end"), "{out}");
    let summary: Value = serde_json::from_str(&desk.read("r/summary.json")).unwrap();
    assert_eq!(summary["period"]["interrupted"], true);
    let counted = summary["period"]["counted_s"].as_f64().unwrap();
    assert!(counted > 0.0 && counted < 400.0 * 86_400.0, "{counted}");
    assert!(summary["warnings"][0].as_str().unwrap().contains("interrupted"));
    assert_eq!(desk.names("r"), FILES);
}

/// What the quick start proposes works: each command, made smaller by what the scenario names for that.
#[test]
fn the_quick_start_works_twice_and_so_does_what_it_proposes() {
    let desk = Desk::new();
    let first = desk.run("");
    assert_eq!(first.code, 0, "{}", first.err);
    let second = desk.run("");
    assert_eq!((second.code, &second.out), (0, &first.out), "{}", second.err);
    assert_eq!(desk.names("farlink-runs"), ["quickstart-7"]);

    let hints: Vec<&str> = first.err.lines().filter_map(|line| line.strip_prefix("  farlink ")).collect();
    assert_eq!(hints.len(), 4, "{}", first.err);
    for hint in hints {
        let line = hint.split('>').next().unwrap();
        let mut command = desk.command(&line.replace("my-scenario.yaml", "small.yaml"));
        if line.starts_with("run ") {
            let file = project(line.split_whitespace().nth(1).unwrap());
            let smaller = fs::read_to_string(file).unwrap();
            let smaller = smaller.lines().find_map(|line| line.strip_prefix("# ci: ")).unwrap().to_owned();
            command.current_dir(project("")).args(smaller.split_whitespace());
            command.arg("--out").arg(desk.path("hint")).arg("--force");
        }
        let ran = Ran::of(command.output().unwrap());
        assert!(ran.code == 0 && !ran.out.is_empty(), "{line}: {}", ran.err);
    }
}
