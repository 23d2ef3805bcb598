//! What a run takes of memory, told before anything is built, and whether that is there.
//!
//! Counts what grows with the scenario: terminals, districts and their histograms, messages under way, records. The rest
//! are constants that were measured; `tests/memory.rs` holds the estimate against what runs took.

use std::fmt;

use crate::engine::{Event, Wheel};
use crate::exec::cell::Cell;
use crate::exec::context::Context;
use crate::exec::crowd::Traveller;
use crate::exec::setup::{Setup, Start};
use crate::exec::terminal::Terminal;
use crate::metrics::histogram::{Histogram, Quantity};
use crate::metrics::recorder::Ledger;
use crate::metrics::records::{MessageRecord, Recording};
use crate::metrics::series::Row;
use crate::population::Placement;
use crate::world::Execution;
use crate::world::build::{self, cell_count};
use crate::world::records::MESSAGES_PER_WINDOW;
use crate::world::shard::{Division, ShardId};
use crate::world::spec::{GroupSpec, WorldSpec};

/// The program itself and the scenario.
const PROGRAM: u64 = 8 << 20;
/// Of a terminal, besides its state and its event: places and first events, of whose memory some is kept after they are gone,
/// and chunks of events that are not full.
const BESIDES: u64 = 16;
/// Of a cell, besides itself: bookings, opportunities, tones.
const BOOKINGS: u64 = 4 << 10;
/// Error rates of one network.
const ERROR_RATES: u64 = 256 << 10;
/// How long a message is under way, connection included, seconds; a few take much longer, but few.
const UNDER_WAY_S: f64 = 2.0;
/// What a face holds back of the records of messages before it writes them.
const WRITTEN_TOGETHER: u64 = 1 << 16;

/// A number of bytes, for people: `43 MB`, `1.3 GB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = self.0 as f64 / 1e6;
        if megabytes < 999.5 { write!(out, "{megabytes:.0} MB") } else { write!(out, "{:.1} GB", megabytes / 1e3) }
    }
}

/// That a run would take more memory than there is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the run would take some {needed} of memory, and {available} are to be had: simulate fewer terminals (--set groups.{group}.count=…){}",
    .shard.map_or_else(String::new, |(shard, part)| format!(", or its shards one by one (--shard {shard} takes some {part})"))
)]
pub struct TooLarge {
    /// What it would take.
    pub needed: Bytes,
    /// What there is.
    pub available: Bytes,
    /// The largest group.
    pub group: String,
    /// The first of the shards that are small enough, and what it takes; none if no number of shards makes them so.
    pub shard: Option<(ShardId, Bytes)>,
}

/// Bytes that a run takes when it takes most.
#[must_use]
pub fn estimate(spec: &WorldSpec, setup: &Setup, shard: ShardId, execution: &Execution, recording: Recording) -> Bytes {
    let division = Division::new(spec, shard);
    let cells = division.cells().count();
    let districts = build::districts_of(cells, execution);
    let of_district = Wheel::MEMORY + series(setup) + (setup.ledgers() * size_of::<Ledger>()) as u64;
    let fixed = PROGRAM
        + spec.networks.len() as u64 * ERROR_RATES
        + cells as u64 * (size_of::<Cell>() as u64 + BOOKINGS)
        + districts.len() as u64 * of_district;
    let of_group = |(number, group): (usize, &GroupSpec)| {
        let first = build::first_cell(spec, group.network);
        let all = spec.networks[group.network].layout.cells();
        let own = || (first..first + all).filter_map(|cell| division.place(cell));
        // Those that have cells of its network, and the sums: at the end there are three, the districts being gone.
        let (Some(lowest), Some(highest)) = (own().min(), own().max()) else { return 0 };
        let district_of = |place: u32| districts.partition_point(|district| district.end <= place as usize) as u64;
        let shared = district_of(highest) - district_of(lowest) + 1;
        let levels = setup.parts_of(number).map(|part| setup.ledger_range(part).len() as u64 - 1).sum();
        let histograms = (shared + 1).max(3) * histograms(group, levels);
        let share = own().count() as f64 / f64::from(all);
        histograms + (terminals(spec, group, recording) * share) as u64
    };
    Bytes(fixed + spec.groups.iter().enumerate().map(of_group).sum::<u64>())
}

/// Refuses a run that would take more than `execution` says that there is.
///
/// # Errors
/// [`TooLarge`], with what could be done.
pub(super) fn check(
    spec: &WorldSpec,
    setup: &Setup,
    shard: ShardId,
    execution: &Execution,
    recording: Recording,
) -> Result<(), TooLarge> {
    let Some(available) = execution.memory.map(Bytes) else { return Ok(()) };
    let needed = estimate(spec, setup, shard, execution, recording);
    if needed <= available {
        return Ok(());
    }
    let takes = |of| {
        let shard = ShardId::new(1, of)?;
        Some((shard, estimate(spec, setup, shard, execution, recording)))
    };
    // A shard of twice as many has half of what grows.
    let numbers = std::iter::successors(Some(shard.of().saturating_mul(2)), |of| of.checked_mul(2));
    let possible = numbers.take_while(|of| *of <= cell_count(spec));
    let shard = possible.filter_map(takes).find(|(_, part)| *part <= available);
    let largest = spec.groups.iter().max_by_key(|group| group.count);
    let group = largest.map_or_else(String::new, |group| group.name.clone());
    Err(TooLarge { needed, available, group, shard })
}

/// What the terminals of a group take, their messages and records included.
fn terminals(spec: &WorldSpec, group: &GroupSpec, recording: Recording) -> f64 {
    let count = f64::from(group.count);
    let any = recording.messages || recording.terminals;
    // Lists of terminals that come and go have room for more than there are.
    let state = if group.roams(&spec.networks) { 2 * size_of::<Traveller>() } else { size_of::<Terminal>() };
    let of_terminal = (state + size_of::<Event>()) as u64 + BESIDES + if any { 8 } else { 0 };
    let rate = count * group.traffic.timing.rate();
    let at_once = matches!(group.start, Start::SwitchedOn { .. }) || !spec.networks[group.network].outages.is_empty();
    let under_way = if at_once { count } else { count.min(rate * UNDER_WAY_S) };
    // A list that grows doubles: on average, half as much again.
    let contexts = under_way * 1.5 * size_of::<Context>() as f64;
    let messages = rate * spec.duration.as_secs_f64();
    let held = if recording.messages { messages.min(2.0 * MESSAGES_PER_WINDOW + WRITTEN_TOGETHER as f64) } else { 0.0 };
    count * of_terminal as f64 + contexts + held * size_of::<MessageRecord>() as f64
}

/// A time series.
fn series(setup: &Setup) -> u64 {
    (build::series(setup).rows().count() * size_of::<Row>()) as u64
}

/// The histograms of a group in one place, where it sees so many coverage levels if its terminals are anywhere.
fn histograms(group: &GroupSpec, levels: u64) -> u64 {
    let levels = if matches!(group.placement, Placement::Bench { .. }) { 1 } else { levels };
    // Of reports to receipt and from the first preamble; of acknowledgements; of each errand that comes.
    let dialogue = &group.traffic.dialogue;
    let more = [
        dialogue.timer.is_some(),
        dialogue.upkeep.is_some(),
        group.calls.command.is_some(),
        group.calls.download.is_some(),
        matches!(group.start, Start::SwitchedOn { .. }),
    ];
    let latencies = 2 + more.iter().filter(|there| **there).count() as u64;
    levels * (latencies * histogram(Quantity::Latency, 50) + histogram(Quantity::Energy, 20))
}

/// A histogram that has seen up to so many seconds, joules or years.
fn histogram(quantity: Quantity, largest: u64) -> u64 {
    let mut histogram = Histogram::new(quantity);
    histogram.record(largest * u64::from(quantity.per_unit()));
    histogram.memory_bytes() as u64
}
