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
use farlink::population::Placement;
use farlink::population::sky::{Observer, Sky};
use farlink::radio::channel::LinkClass;
use farlink::scenario;
use farlink::units::SimTime;
use farlink::world::above::hearing;
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

/// How many allocations it takes to find satellites for terminals, and how they hear them.
fn look_up(file: &str, overrides: &[&str]) -> usize {
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    let world = scenario::load(Path::new(file), &overrides).unwrap().world;
    let (network, group) = (&world.networks[0], &world.groups[0]);
    let farlink::network::Layout::Satellites(all) = &network.layout else { unreachable!() };
    let Placement::Region(region) = group.placement else { unreachable!() };
    let sky = Sky::new(&all.satellites, (all.epoch, all.rotation), world.end(), all.min_elevation_deg).unwrap();
    let hearing = hearing(network, group, &network.channels().unwrap()).unwrap();
    let before = ALLOCATIONS.load(Relaxed);
    let mut heard = 0;
    for number in 0..1_000 {
        let key = world.key_of(group).child(number);
        let observer = Observer { place: region.place(key), ear: Some((&hearing, hearing.listener(key))) };
        let Some(contact) = sky.contact(&observer, SimTime::ZERO, all.least, None) else { continue };
        let arc = sky.arc(&observer, contact.satellite, contact.begin).unwrap();
        let view = sky.heard(&observer, contact.satellite, contact.begin, Some(&arc)).unwrap();
        let listened = hearing.heard(&hearing.listener(key), &observer.place, &view, &arc);
        assert!(
            listened.coupling_loss.0 <= 164.0 && sky.sets(&observer, contact.satellite, contact.begin) > contact.begin
        );
        heard += 1;
    }
    assert!(heard > 900, "{heard}");
    ALLOCATIONS.load(Relaxed) - before
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
    let looks = look_up("scenarios/buoys-ntn.yaml", &["networks.sky.sites.satellites.payload=tr36763-set-3-leo-600"]);
    assert_eq!(looks, 0, "looks at satellites");
    let cells = ["networks.sky.sites.satellites.beams.steering=earth-fixed"];
    assert_eq!(look_up("scenarios/buoys-ntn.yaml", &cells), 0, "looks at satellites whose beams stay on the Earth");
}

#[test]
fn what_there_is_much_of_is_small() {
    // One of each for every terminal: a cache line, and a quarter of one.
    assert_eq!((size_of::<Terminal>(), size_of::<Event>()), (64, 16));
    // One for every message under way, more than half of it time by cause.
    assert!(size_of::<Context>() <= 10 * 64, "{}", size_of::<Context>());
    assert!(size_of::<Cell>() <= 3 * 64, "{}", size_of::<Cell>());
    // Terminals have two, and error tables one entry for each value.
    assert_eq!(size_of::<LinkClass>(), 1);
}
