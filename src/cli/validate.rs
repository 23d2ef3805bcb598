//! `farlink validate`.

use std::io::{Write, stdout};

use super::{Ending, Failure, ScenarioArgs, talk, threads, unless_reader_left};
use crate::exec::setup::Executor;
use crate::metrics::records::Recording;
use crate::report::format::counted;
use crate::scenario;
use crate::world::memory;
use crate::world::shard::ShardId;
use crate::world::{self, Execution};

/// Checks a scenario, including what only shows when its networks are built.
pub(super) fn validate(args: &ScenarioArgs) -> Result<Ending, Failure> {
    let scenario = scenario::load(&args.scenario, &args.overrides())?;
    let setup = world::build::setup(&scenario.world, Executor::Compiled)?;
    let execution = Execution { threads: threads(None), ..Execution::default() };
    let memory = memory::estimate(&scenario.world, &setup, ShardId::WHOLE, &execution, Recording::default());
    scenario.notes.iter().for_each(|note| talk(format_args!("note: {note}")));
    let terminals: u64 = scenario.world.groups.iter().map(|group| u64::from(group.count)).sum();
    let line = format!(
        "{}: ok: {} in {} on {}, {} simulated, some {memory} of memory",
        args.scenario.display(),
        counted(terminals, "terminal"),
        counted(scenario.world.groups.len() as u64, "group"),
        counted(scenario.world.networks.len() as u64, "network"),
        scenario.world.warmup + scenario.world.duration,
    );
    unless_reader_left(writeln!(stdout(), "{line}"))?;
    Ok(Ending::Ok)
}
