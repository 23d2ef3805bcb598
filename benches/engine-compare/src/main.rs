//! Event rates of engines on the same load: farlink's, a binary heap, NexoSim, and a scheduler as ns-3 has it.
//!
//! All engines simulate the same entities over the same windows of simulated time, taking turns, and must agree on what
//! happened. What is printed is processor time per event, and how many times as long as farlink each engine takes.

mod binary_heap;
mod farlink_engine;
mod load;
mod map_scheduler;
mod nexosim_models;

use std::process::ExitCode;

use cpu_time::ProcessTime;
use farlink::platform::HugePages;

use load::{Exponential, IotMixture, Load, Sum};

// For all engines: large arrays are read at random.
#[global_allocator]
static ALLOCATOR: HugePages = HugePages;

const USAGE: &str = "usage: farlink-engine-compare [ENTITIES [EVENTS_PER_WINDOW [WINDOWS]]]   (1000000 1000000 9)";

/// A simulation of a load by some engine.
trait Engine {
    /// Handles every event before `end`, in microseconds.
    fn run_until(&mut self, end: u64);

    /// What has happened so far.
    fn sum(&mut self) -> Sum;
}

/// How much is simulated.
#[derive(Clone, Copy)]
struct Size {
    entities: u32,
    /// Mean number of events in a window.
    events: u64,
    /// Windows that are measured.
    windows: usize,
}

fn main() -> ExitCode {
    let arguments: Option<Vec<u64>> = std::env::args().skip(1).map(|argument| argument.parse().ok()).collect();
    let size = match arguments.as_deref() {
        Some([]) => size(1_000_000, 1_000_000, 9),
        Some([entities]) => size(*entities, 1_000_000, 9),
        Some([entities, events]) => size(*entities, *events, 9),
        Some([entities, events, windows]) => size(*entities, *events, *windows),
        _ => None,
    };
    let Some(size) = size else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    compare::<IotMixture>(size);
    compare::<Exponential>(size);
    ExitCode::SUCCESS
}

/// All three must be positive.
fn size(entities: u64, events: u64, windows: u64) -> Option<Size> {
    let entities = u32::try_from(entities).ok().filter(|&entities| entities > 0)?;
    let windows = usize::try_from(windows).ok().filter(|&windows| windows > 0)?;
    (events > 0).then_some(Size { entities, events, windows })
}

/// Lets all engines run a load in turns, window by window: on a busy machine only neighbours compare.
fn compare<L: Load>(size: Size) {
    let mut engines: [(&str, Box<dyn Engine>); 4] = [
        ("farlink", Box::new(farlink_engine::build::<L>(size.entities))),
        ("BinaryHeap", Box::new(binary_heap::build::<L>(size.entities))),
        ("ns-3-like map", Box::new(map_scheduler::build::<L>(size.entities))),
        ("NexoSim", Box::new(nexosim_models::build::<L>(size.entities))),
    ];
    let window = (size.events as f64 * L::MEAN_US / f64::from(size.entities)).ceil() as u64;
    // farlink finds the width of its slots, and every engine its memory, before anything is measured.
    let warmup = 2 * window;
    engines.iter_mut().for_each(|(_, engine)| engine.run_until(warmup));
    let mut seconds = vec![Vec::new(); engines.len()];
    for number in 1..=size.windows as u64 {
        let events = engines[0].1.sum().events;
        let mut taken = Vec::new();
        for (_, engine) in &mut engines {
            let start = ProcessTime::now();
            engine.run_until(warmup + number * window);
            taken.push(start.elapsed().as_secs_f64());
        }
        let events = engines[0].1.sum().events - events;
        seconds.iter_mut().zip(taken).for_each(|(all, taken)| all.push(taken / events.max(1) as f64));
    }
    let expected = engines[0].1.sum();
    for (name, engine) in &mut engines {
        assert_eq!(engine.sum(), expected, "{name} did not simulate the same as farlink");
    }
    println!(
        "{}, {} entities: {} events, checksum {:016x}",
        L::NAME,
        size.entities,
        expected.events,
        expected.checksum
    );
    println!("{:<14} {:>12} {:>14}", "", "M events/s", "times farlink");
    for ((name, _), own) in engines.iter().zip(&seconds) {
        let ratios = own.iter().zip(&seconds[0]).map(|(own, farlink)| own / farlink);
        println!("{name:<14} {:>12.2} {:>14.1}", 1e-6 / median(own.iter().copied()), median(ratios));
    }
    println!();
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
