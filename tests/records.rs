//! `farlink run --messages --per-terminal`: the files, or, in a build without them, how to get them.

use std::path::Path;

use assert_cmd::Command;

fn run(out: &Path, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let sets = ["--set", "networks.city.sites.hex-grid.rings=1", "--set", "duration=1d", "--set", "warmup=2h"];
    let counts = ["--set", "groups.water-meters.count=4000", "--set", "groups.other-meters.count=1000"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_farlink"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["run", "scenarios/quickstart.yaml", "--quiet", "--out"]);
    command.arg(out).args(sets).args(counts).args(arguments).assert()
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_build_without_parquet_says_how_to_get_one_and_writes_nothing() {
    let home = tempfile::tempdir().unwrap();
    for flag in ["--messages", "--per-terminal"] {
        let ended = run(&home.path().join("runs/one"), &[flag]).code(2);
        let stderr = String::from_utf8_lossy(&ended.get_output().stderr).into_owned();
        assert!(stderr.contains("--features parquet"), "{flag}: {stderr}");
    }
    assert_eq!(home.path().read_dir().unwrap().count(), 0);
}

#[cfg(feature = "parquet")]
mod files {
    use std::collections::BTreeMap;
    use std::fs::{self, File};

    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    use super::*;

    type Row = BTreeMap<String, Field>;

    fn rows(path: &Path) -> Vec<Row> {
        let reader = SerializedFileReader::new(File::open(path).expect("a file")).expect("a table");
        let rows = reader.get_row_iter(None).expect("its rows");
        rows.map(|row| row.expect("a row").into_columns().into_iter().collect()).collect()
    }

    /// A number of seconds in whole microseconds.
    fn us(field: &Field) -> u64 {
        match field {
            Field::Double(seconds) => (seconds * 1e6).round() as u64,
            other => panic!("{other:?} is no time"),
        }
    }

    fn count(summary: &serde_json::Value, group: &str, what: &str) -> u64 {
        let messages = &summary["groups"][group]["all"]["messages"];
        match &messages[what] {
            serde_json::Value::Object(parts) => parts.values().filter_map(serde_json::Value::as_u64).sum(),
            number => number.as_u64().expect("a count"),
        }
    }

    #[test]
    fn the_files_agree_with_the_summary_and_do_not_depend_on_threads() {
        let home = tempfile::tempdir().unwrap();
        let dir = |name: &str| home.path().join(name);
        run(&dir("plain"), &[]);
        for threads in ["1", "2", "3"] {
            run(&dir(threads), &["--messages", "--per-terminal", "--threads", threads]);
        }
        run(&dir("messages"), &["--messages"]);
        run(&dir("terminals"), &["--per-terminal"]);
        let bytes = |run: &str, file: &str| fs::read(dir(run).join(file)).unwrap();
        for file in ["messages.parquet", "terminals.parquet", "summary.json"] {
            assert!(bytes("1", file) == bytes("2", file) && bytes("1", file) == bytes("3", file), "{file}");
        }
        assert!(bytes("plain", "summary.json") == bytes("1", "summary.json"), "recording changes nothing");
        for (one, other) in [("messages", "terminals"), ("terminals", "messages")] {
            let (one_file, other_file) = (format!("{one}.parquet"), format!("{other}.parquet"));
            assert!(bytes(one, &one_file) == bytes("1", &one_file), "{one} alone are the same");
            assert!(!dir(one).join(&other_file).exists() && !dir("plain").join(&other_file).exists());
        }

        let summary: serde_json::Value = serde_json::from_slice(&bytes("1", "summary.json")).unwrap();
        let (messages, terminals) =
            (rows(&dir("1").join("messages.parquet")), rows(&dir("1").join("terminals.parquet")));
        assert_eq!(terminals.len(), 5_000);
        for group in ["water-meters", "other-meters"] {
            let of_group = || messages.iter().filter(|row| row["group"] == Field::Str(group.into()));
            let delivered = || of_group().filter(|row| row["outcome"] == Field::Str("delivered".into()));
            assert_eq!(delivered().count() as u64, count(&summary, group, "delivered"));
            assert_eq!((of_group().count() - delivered().count()) as u64, count(&summary, group, "lost"));
            let latency = delivered().map(|row| us(&row["latency_s"])).sum::<u64>() as f64;
            let mean = summary["groups"][group]["all"]["latency_s"]["mean"].as_f64().unwrap();
            assert!((latency / 1e6 / delivered().count() as f64 - mean).abs() < 1e-9);
        }
        for row in &messages {
            let by_cause: u64 =
                row.iter().filter(|(name, _)| name.starts_with("time_")).map(|(_, field)| us(field)).sum();
            assert_eq!(us(&row["ended_s"]) - us(&row["born_s"]), by_cause);
        }
    }

    #[test]
    fn nothing_is_left_of_a_run_that_could_not_be_recorded() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("taken"), "").unwrap();
        run(&home.path().join("taken"), &["--messages"]).code(1);
        run(&home.path().join("taken/run"), &["--messages"]).code(1);
        assert_eq!(home.path().read_dir().unwrap().count(), 1);
    }
}
