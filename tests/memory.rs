//! What a run takes of memory against what is told before, and that a run is refused for which there is not enough.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use assert_cmd::Command;
use farlink::exec::setup::Executor;
use farlink::metrics::records::Recording;
use farlink::scenario;
use farlink::world::memory::{self, Bytes};
use farlink::world::shard::ShardId;
use farlink::world::{Execution, build};

fn farlink(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_farlink"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments);
    command
}

fn with_sets<'a>(sets: &[&'a str]) -> Vec<&'a str> {
    sets.iter().flat_map(|set| ["--set", set]).collect()
}

fn estimate(file: &str, sets: &[&str], shard: ShardId, threads: usize) -> Bytes {
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    let spec = scenario::load(Path::new(file), &sets).unwrap().world;
    let setup = build::setup(&spec, Executor::Compiled).unwrap();
    let execution = Execution { threads, ..Execution::default() };
    memory::estimate(&spec, &setup, shard, &execution, Recording::default())
}

/// The most that the program had in memory at a time, as its `run.json` says.
fn measured(file: &str, sets: &[&str], shard: ShardId, threads: usize) -> Option<u64> {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("run");
    let (threads, shard) = (threads.to_string(), shard.to_string());
    let mut command = farlink(&["run", file, "--quiet", "--threads", &threads]);
    command.args(with_sets(sets)).arg("--out").arg(&out);
    if shard != "1/1" {
        command.args(["--shard", &shard]);
    }
    let code = command.assert().get_output().status.code();
    assert!(matches!(code, Some(0 | 4)), "{file}: {code:?}");
    let run: serde_json::Value = serde_json::from_slice(&std::fs::read(out.join("run.json")).unwrap()).unwrap();
    run["peak_memory_bytes"].as_u64()
}

#[test]
fn a_run_takes_what_was_told() {
    let million = ["duration=1h", "groups.households.count=1000000"];
    for (file, sets, shard, threads) in [
        ("scenarios/quickstart.yaml", &["duration=2d"][..], "1/1", 1),
        ("scenarios/quickstart.yaml", &["duration=2d"], "1/1", 2),
        ("scenarios/one-sector.yaml", &["duration=6h"], "1/1", 2),
        ("scenarios/scale/tr45820-1m.yaml", &million, "1/1", 2),
        ("scenarios/scale/tr45820-1m.yaml", &million, "2/3", 1),
        ("scenarios/protocols.yaml", &[], "1/1", 1),
        ("scenarios/bench-procedures.yaml", &[], "1/1", 1),
        ("scenarios/recovery.yaml", &[], "1/1", 1),
        ("scenarios/random-access-overload.yaml", &[], "1/1", 1),
        ("scenarios/peers/lena-nb-1002.yaml", &[], "1/1", 1),
    ] {
        let shard = shard.parse().unwrap();
        let told = estimate(file, sets, shard, threads);
        let Some(took) = measured(file, sets, shard, threads).map(Bytes) else { return };
        println!("{file} {shard} on {threads}: {told} told, {took} taken");
        assert!(!file.contains("quickstart") || took < Bytes(200_000_000), "{took} for the quick start");
        assert!(told.0.abs_diff(took.0) <= took.0 / 4, "{file} {shard} on {threads}: {told} told, {took} taken");
    }
}

/// Runs, allowed so many megabytes, and says with which exit code it ended, and what it said.
fn allowed(megabytes: u64, arguments: &[&str]) -> (Option<i32>, String) {
    let home = tempfile::tempdir().unwrap();
    let limit = megabytes.to_string();
    let mut command = farlink(&["run", "scenarios/scale/tr45820-1m.yaml", "--quiet", "--memory-mb", &limit]);
    command.args(["--threads", "2", "--set", "duration=10s"]).args(arguments).arg("--out").arg(home.path().join("run"));
    let output = command.output().unwrap();
    let refused = output.status.code() == Some(1);
    assert_eq!(home.path().join("run").exists(), !refused, "what is refused leaves nothing");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_run_that_does_not_fit_is_refused_with_what_could_be_done() {
    let (code, said) = allowed(50, &[]);
    assert_eq!(code, Some(1), "{said}");
    for part in ["error: the run would take some 1", " MB of memory, and 50 MB are to be had: simulate fewer terminals"]
    {
        assert!(said.contains(part), "{said}");
    }
    assert!(said.contains("(--set groups.households.count=…), or its shards one by one (--shard 1/4 takes"), "{said}");
    // Both ways out are ways out, and half of the way is none.
    assert_eq!(allowed(50, &["--shard", "1/2"]).0, Some(1));
    assert_eq!(allowed(50, &["--shard", "1/4"]).0, Some(0));
    assert_ne!(allowed(50, &["--set", "groups.households.count=200000"]).0, Some(1));
    // Where no shard is small enough, none is proposed.
    let (code, said) = allowed(5, &[]);
    assert!(code == Some(1) && !said.contains("shard"), "{said}");
    assert_ne!(allowed(5_000, &[]).0, Some(1));
}

#[test]
fn validate_tells_what_a_run_will_take() {
    let sets = with_sets(&["groups.households.count=50000000"]);
    let output = farlink(&["validate", "scenarios/scale/tr45820-1m.yaml"]).args(sets).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.ends_with(" GB of memory\n"), "{said}");
}
