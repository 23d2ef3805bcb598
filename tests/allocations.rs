//! What a run takes of memory: small types, and nothing from the heap for an event.
//!
//! Counts every allocation of the process: what allocates has one test, so that nothing runs beside it.

#![allow(unsafe_code, clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use farlink::engine::Event;
use farlink::exec::cell::Cell;
use farlink::exec::context::Context;
use farlink::exec::terminal::Terminal;
use farlink::radio::channel::LinkClass;
use farlink::scenario;
use farlink::world::{self, Execution};

/// The system's allocator, and how often it was asked for memory.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: both methods pass their arguments on to `System` as they are, and counting takes no memory. The other methods
// are made of these two.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`, and `block` came from `System` with this layout.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Simulates so many days of a scenario, and says how many events and allocations it took after the first hundredth.
fn simulate(file: &str, days: u32, overrides: &[&str]) -> (u64, usize) {
    let mut overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    overrides.push(format!("duration={days}d"));
    let scenario = scenario::load(Path::new(file), &overrides).unwrap();
    let (mut first, mut last) = (None, (0, 0));
    world::run(&scenario.world, &Execution::default(), |progress| {
        last = (progress.tally.events, ALLOCATIONS.load(Relaxed));
        first.get_or_insert(last);
        ControlFlow::Continue(())
    })
    .unwrap();
    let (events, allocations) = first.unwrap();
    (last.0 - events, last.1 - allocations)
}

/// A run is observed a hundred times, and each look allocates, however long the run is. Pools and histograms grow until
/// they have seen the largest crowd and value; an event takes nothing.
#[test]
fn events_allocate_nothing() {
    let city = ["groups.water-meters.count=8000", "groups.other-meters.count=4000", "warmup=0s"];
    for (file, days, overrides) in [
        ("scenarios/quickstart.yaml", 2, &city[..]),
        ("scenarios/protocols.yaml", 4, &[]),
        ("scenarios/bench-procedures.yaml", 4, &[]),
    ] {
        let (short, long) = (simulate(file, days, overrides), simulate(file, 2 * days, overrides));
        let (events, allocations) = (long.0 - short.0, long.1 as i64 - short.1 as i64);
        assert!(events > 100_000, "{file}: {events} more events");
        assert!(allocations < 100, "{file}: {allocations} more allocations for {events} more events");
    }
}

#[test]
fn what_there_is_much_of_is_small() {
    // One of each for every terminal: a cache line, and a quarter of one.
    assert_eq!((size_of::<Terminal>(), size_of::<Event>()), (64, 16));
    // One for every message under way, most of it time by cause.
    assert!(size_of::<Context>() <= 8 * 64, "{}", size_of::<Context>());
    assert!(size_of::<Cell>() <= 3 * 64, "{}", size_of::<Cell>());
    // Terminals have two, and error tables one entry for each value.
    assert_eq!(size_of::<LinkClass>(), 1);
}
