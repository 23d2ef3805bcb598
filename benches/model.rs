//! How fast the full model is: one sector of `scenarios/scale/tr45820-1m.yaml` for six hours, building included.
//!
//! Criterion shows messages per second. At the end the events per message, the time per event and the memory per terminal
//! are printed.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;
use std::{fs, hint::black_box};

use criterion::{Criterion, Throughput};
use farlink::platform::HugePages;
use farlink::scenario;
use farlink::world::{self, Execution, Outcome};

#[global_allocator]
static ALLOCATOR: HugePages = HugePages;

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/scale/tr45820-1m.yaml");
const ONE_SECTOR: [&str; 4] = [
    "groups.households.count=52547",
    "networks.london.sites.hex-grid.rings=0",
    "networks.london.sites.hex-grid.sectors=1",
    "duration=6h",
];

/// The most memory that the process has had so far, bytes; `None` where the system does not tell in `/proc`.
fn most_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib * 1_024.0)
}

fn messages(outcome: &Outcome) -> u64 {
    let ledger = outcome.group(0);
    ledger.delivered + ledger.lost.iter().sum::<u64>() + ledger.unfinished
}

fn main() {
    let sets = ONE_SECTOR.map(str::to_owned);
    let scenario = scenario::load(Path::new(SCENARIO), &sets).expect("a scenario that is part of the package");
    let run =
        || world::run(&scenario.world, &Execution::default(), |_| ControlFlow::Continue(())).expect("a sound world");
    let before = most_memory();
    let start = Instant::now();
    let outcome = run();
    let (seconds, after) = (start.elapsed().as_secs_f64(), most_memory());
    let (messages, events) = (messages(&outcome), outcome.tally.events);

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("model");
    group.throughput(Throughput::Elements(messages)).sample_size(10);
    group.bench_function("a sector of the TR 45.820 mix", |b| b.iter(|| black_box(run())));
    group.finish();
    criterion.final_summary();

    let per_message = events as f64 / messages as f64;
    println!("{per_message:.2} events a message, first run {:.0} ns an event", seconds * 1e9 / events as f64);
    if let (Some(before), Some(after)) = (before, after) {
        println!("{:.0} bytes a terminal", (after - before) / outcome.group(0).terminals as f64);
    }
}
