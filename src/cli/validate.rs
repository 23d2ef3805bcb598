//! `farlink validate`.

use std::io::{Write, stdout};

use super::{Ending, Failure, ScenarioArgs};
use crate::exec::setup::Executor;
use crate::{scenario, world};

/// Checks a scenario, including what only shows when its networks are built.
pub(super) fn validate(args: &ScenarioArgs) -> Result<Ending, Failure> {
    let scenario = scenario::load(&args.scenario, &args.overrides())?;
    world::build::setup(&scenario.world, Executor::Compiled)?;
    let terminals: u64 = scenario.world.groups.iter().map(|group| u64::from(group.count)).sum();
    let networks = scenario.world.networks.len();
    writeln!(
        stdout(),
        "{}: ok: {terminals} terminals in {} groups on {networks} networks, {} simulated",
        args.scenario.display(),
        scenario.world.groups.len(),
        scenario.world.warmup + scenario.world.duration,
    )?;
    Ok(Ending::Ok)
}
