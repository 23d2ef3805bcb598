//! `farlink validate`.

use std::io::{Write, stdout};

use super::{Ending, Failure, ScenarioArgs, talk, unless_reader_left};
use crate::exec::setup::Executor;
use crate::report::format::counted;
use crate::{scenario, world};

/// Checks a scenario, including what only shows when its networks are built.
pub(super) fn validate(args: &ScenarioArgs) -> Result<Ending, Failure> {
    let scenario = scenario::load(&args.scenario, &args.overrides())?;
    world::build::setup(&scenario.world, Executor::Compiled)?;
    scenario.notes.iter().for_each(|note| talk(format_args!("note: {note}")));
    let terminals: u64 = scenario.world.groups.iter().map(|group| u64::from(group.count)).sum();
    let line = format!(
        "{}: ok: {} in {} on {}, {} simulated",
        args.scenario.display(),
        counted(terminals, "terminal"),
        counted(scenario.world.groups.len() as u64, "group"),
        counted(scenario.world.networks.len() as u64, "network"),
        scenario.world.warmup + scenario.world.duration,
    );
    unless_reader_left(writeln!(stdout(), "{line}"))?;
    Ok(Ending::Ok)
}
