//! `farlink merge`: the results of a run from those of its shards.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use super::run::{default_out, ending, machine, print, write_results};
use super::{Color, Ending, Failure, MergeArgs, talk};
use crate::control::live::figures;
use crate::report::directory::{self, Draft};
use crate::report::format::{brief_count, counted};
use crate::report::shard::{FILE_NAME, MergeError, ShardFile};
use crate::scenario::{self, Scenario};
use crate::world::shard::ShardId;
use crate::world::{Merger, Outcome};

/// What a merge does not join.
const TABLES: [&str; 2] = ["messages.parquet", "terminals.parquet"];

/// Merges result directories of shards.
pub(super) fn merge(args: &MergeArgs, color: Color) -> Result<Ending, Failure> {
    let started = Instant::now();
    let dirs: Vec<&Path> = args.dirs.iter().map(AsRef::as_ref).collect();
    let first = ShardFile::read(dirs[0])?;
    let file_name = format!("the scenario in {}", dirs[0].join(FILE_NAME).display());
    let scenario = scenario::parse(&first.scenario, &file_name, &first.base_dir, &[])?;
    if scenario.model_data != first.model_data {
        let ShardFile { base_dir, .. } = first;
        return Err(MergeError::ModelData { dir: dirs[0].to_owned(), base_dir }.into());
    }
    let out = args.out.clone().unwrap_or_else(|| default_out(&scenario, None));
    directory::ensure_writable(&out, args.force)?;
    let outcome = add_up(&scenario, &first, &dirs)?;
    let figures = figures(&scenario, outcome, true);
    let run = serde_json::json!({
        "wall_s": started.elapsed().as_secs_f64(),
        "merged_shards": dirs.len(),
        "base_dir": first.base_dir,
        "machine": machine(),
    });
    write_results(&scenario, &run, false, &figures, Draft::begin(&out, args.force)?)?;
    print(&figures.summary, args.format, args.quiet, &color.look())?;
    if !args.quiet {
        for table in TABLES.iter().filter(|table| dirs.iter().any(|dir| dir.join(table).exists())) {
            talk(format_args!("note: the {table} of the shards are not joined; read them side by side"));
        }
        talk(format_args!(
            "{} with {} events merged; results in {}",
            counted(dirs.len() as u64, "shard"),
            brief_count(figures.summary.events.count),
            out.display()
        ));
    }
    Ok(ending(&figures))
}

/// Reads all shards, one after the other, and adds them up.
fn add_up(scenario: &Scenario, first: &ShardFile, dirs: &[&Path]) -> Result<Outcome, Failure> {
    let mut merger = Merger::new(&scenario.world)?;
    let mut found: BTreeMap<u32, &Path> = BTreeMap::new();
    for &dir in dirs {
        let file = ShardFile::read(dir)?;
        first.same_run(&file, [dirs[0], dir])?;
        let Some(shard) = file.id() else { continue };
        if let Some(other) = found.insert(shard.number(), dir) {
            return Err(MergeError::Twice { dirs: [other.to_owned(), dir.to_owned()], shard }.into());
        }
        let unfit = |source| MergeError::Unfit { path: dir.join(FILE_NAME), source };
        merger.add(shard, file.parts).map_err(unfit)?;
    }
    let missing: Vec<ShardId> = (1..=first.of)
        .filter(|number| !found.contains_key(number))
        .filter_map(|number| ShardId::new(number, first.of))
        .collect();
    if missing.is_empty() { Ok(merger.conclude()) } else { Err(MergeError::Missing { missing }.into()) }
}
