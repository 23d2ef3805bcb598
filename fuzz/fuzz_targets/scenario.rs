//! Any bytes as a scenario: every text is either refused with a report or can be built. Nothing is run.

#![no_main]

use std::path::Path;
use std::sync::Arc;

use farlink::exec::setup::Executor;
use farlink::scenario;
use farlink::world::shard::{Division, ShardId};
use farlink::world::{Execution, build};
use libfuzzer_sys::fuzz_target;

/// More than this is not built: it would only take time.
const SMALL: u64 = 200;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    // An override in the first line, as in tests/invalid.
    let sets: Vec<String> =
        text.lines().filter_map(|line| line.strip_prefix("# set: ")).take(4).map(str::to_owned).collect();
    // No model file can be read from here.
    let nowhere = Path::new("/nonexistent/farlink-fuzz");
    match scenario::parse(&text, "fuzz.yaml", nowhere, &sets) {
        Err(problems) => {
            assert!(!problems.0.is_empty());
            assert!(problems.to_string().starts_with("error: "));
        }
        Ok(scenario) => {
            let world = &scenario.world;
            let terminals: u64 = world.groups.iter().map(|group| u64::from(group.count)).sum();
            let cells: u64 = world.networks.iter().map(|network| u64::from(network.layout.cells())).sum();
            let Ok(setup) = build::setup(world, Executor::Compiled) else { return };
            if terminals <= SMALL && cells <= SMALL {
                let _ = build::districts(world, &Arc::new(setup), &Division::new(world, ShardId::WHOLE), &Execution::default());
            }
            // What it came to is a scenario, too.
            let resolved = scenario.resolved.to_string();
            if let Err(problems) = scenario::parse(&resolved, "resolved", nowhere, &[]) {
                panic!("the resolved scenario is refused: {problems}");
            }
        }
    }
});
