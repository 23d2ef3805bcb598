//! Wires one run together: places terminals, builds cells and plans, runs them, and adds up what came out. Knows no YAML.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use crate::engine::{self, Ended, EventSet, HeapSet, Post, Progress, Shard, Tally, Wheel, drive, drive_coupled};
use crate::exec::district::District;
use crate::exec::notes::Notes;
use crate::exec::setup::{Executor, GroupSetup, Setup};
use crate::exec::trace::{Stretch, Trace};
use crate::metrics::histogram::Histogram;
use crate::metrics::recorder::{CellLoad, Ledger};
use crate::metrics::records::Sinks;
use crate::metrics::series::Series;
use crate::orbit::OrbitError;
use crate::population::place::PlaceError;
use crate::radio::RadioError;
use crate::units::{SimDuration, SimTime};

pub mod above;
pub mod battery;
pub mod build;
mod counted;
mod coupled;
pub mod link;
pub mod look;
pub mod memory;
pub mod places;
mod preferred;
mod records;
pub mod satellite;
pub mod shard;
pub mod spec;
pub mod summarise;

use counted::{Counted, End};
pub use counted::{Merger, Parts, Unfit};
use look::Look;
use memory::TooLarge;
use shard::{Division, ShardError, ShardId};
use spec::WorldSpec;

/// How a run is carried out. None of it changes the results.
#[derive(Clone, Debug)]
pub struct Execution {
    /// Threads.
    pub threads: usize,
    /// How plans are walked.
    pub executor: Executor,
    /// Which set of pending events.
    pub events: EventSetKind,
    /// Cells that share an event set; chosen by the number of threads if absent.
    pub cells_per_district: Option<usize>,
    /// Bytes of memory that there are; a run that would take more is refused. Nothing is refused if that is unknown.
    pub memory: Option<u64>,
    /// Terminals to trace, as (group, number in the group). Needs the step-by-step executor.
    pub traced: Vec<(u16, u32)>,
    /// Whether somebody watches: windows are then as short as those of a run with records.
    pub watched: bool,
}

impl Default for Execution {
    fn default() -> Execution {
        Execution {
            threads: 1,
            executor: Executor::Compiled,
            events: EventSetKind::Wheel,
            cells_per_district: None,
            memory: None,
            traced: Vec::new(),
            watched: false,
        }
    }
}

/// A set of pending events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventSetKind {
    /// The timing wheel.
    Wheel,
    /// The binary heap, slow and obvious.
    Heap,
}

/// What a run adds up to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Per group: its ledgers per coverage level, the last for terminals that hear no cell.
    pub ledgers: Vec<Vec<Ledger>>,
    /// Per group that has several networks, in order of preference: what those did that each served. Empty for all others.
    pub served: Vec<Vec<Ledger>>,
    /// Per group: battery life of its terminals, hours.
    pub lives: Vec<Histogram>,
    /// Per network: the load of its cells.
    pub cells: Vec<Vec<CellLoad>>,
    /// What happened when.
    pub series: Series,
    /// Events and their hash.
    pub tally: Tally,
    /// Why and when it ended.
    pub ended: Ended,
    /// The end of the counted time.
    pub reached: SimTime,
    /// What the traced terminals did.
    pub stretches: Vec<Stretch>,
}

/// Why a run cannot begin.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum WorldError {
    /// A satellite does not stay on its orbit.
    #[error("network `{network}`: {source}")]
    Orbit {
        /// The network.
        network: String,
        /// Why.
        source: OrbitError,
    },
    /// The parameters of a network do not fit together.
    #[error("network `{network}`: {source}")]
    Radio {
        /// The network.
        network: String,
        /// What is wrong.
        source: RadioError,
    },
    /// A group cannot be placed.
    #[error("group `{group}`: {source}")]
    Place {
        /// The group.
        group: String,
        /// What is wrong.
        source: PlaceError,
    },
    /// The run cannot be divided so.
    #[error(transparent)]
    Shard(#[from] ShardError),
    /// It would take more memory than there is.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

/// Events that one district may take: far beyond any sensible run, and less than a day of computing.
const MAX_EVENTS: u64 = 1 << 40;
/// How many looks the observer gets at a run.
const LOOKS: u64 = 100;

/// Runs a world. `observe` is called some hundred times on the way and may end the run early.
///
/// # Errors
/// [`WorldError`] if the world is not sound; nothing has been run then.
pub fn run(
    spec: &WorldSpec,
    execution: &Execution,
    mut observe: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Outcome, WorldError> {
    run_recorded(spec, execution, |look| observe(look.progress), Sinks::default())
}

/// Runs a world and hands out a record of each message and terminal, to those who want them. The results are those of
/// [`run`]. Records wait in memory for the end of a window only.
///
/// # Errors
/// [`WorldError`] if the world is not sound; nothing has been run then.
pub fn run_recorded(
    spec: &WorldSpec,
    execution: &Execution,
    observe: impl FnMut(&Look<'_>) -> ControlFlow<()>,
    sinks: Sinks<'_>,
) -> Result<Outcome, WorldError> {
    let setup = Arc::new(build::setup(spec, execution.executor)?);
    let (counted, end) = count(spec, &setup, ShardId::WHOLE, execution, observe, sinks)?;
    Ok(counted.conclude(spec, &setup, end))
}

/// Runs one shard of a world, and hands out the records of its messages and terminals. A [`Merger`] makes an [`Outcome`] of
/// the parts of all shards, the same as that of [`run`]. If the observer or the limit of events ended the run, there are no
/// parts, because they would not add up to anything, and the reason is the error inside.
///
/// # Errors
/// [`WorldError`] if the world is not sound or cannot be divided so; nothing has been run then.
pub fn run_shard(
    spec: &WorldSpec,
    shard: ShardId,
    execution: &Execution,
    observe: impl FnMut(&Look<'_>) -> ControlFlow<()>,
    sinks: Sinks<'_>,
) -> Result<Result<Parts, Ended>, WorldError> {
    let setup = Arc::new(build::setup(spec, execution.executor)?);
    let (counted, end) = count(spec, &setup, shard, execution, observe, sinks)?;
    Ok(if end.ended == Ended::Finished { Ok(counted.into()) } else { Err(end.ended) })
}

/// Runs a shard and adds up what it counts.
fn count(
    spec: &WorldSpec,
    setup: &Arc<Setup>,
    shard: ShardId,
    execution: &Execution,
    observe: impl FnMut(&Look<'_>) -> ControlFlow<()>,
    sinks: Sinks<'_>,
) -> Result<(Counted, End), WorldError> {
    shard::check(spec, shard)?;
    memory::check(spec, setup, shard, execution, sinks.recording())?;
    let division = Division::new(spec, shard);
    let districts = build::districts(spec, setup, &division, execution)?;
    let world = World { spec, setup: Arc::clone(setup), division, execution };
    match execution.events {
        EventSetKind::Wheel => world.run(districts, Wheel::with_capacity, observe, sinks),
        EventSetKind::Heap => world.run(districts, |_| HeapSet::new(), observe, sinks),
    }
}

/// What a run is made of, its districts apart.
struct World<'a> {
    spec: &'a WorldSpec,
    setup: Arc<Setup>,
    division: Division,
    execution: &'a Execution,
}

impl World<'_> {
    fn run<Q: EventSet + Send>(
        self,
        districts: Vec<District>,
        event_set: impl Fn(usize) -> Q + Sync,
        mut observe: impl FnMut(&Look<'_>) -> ControlFlow<()>,
        mut sinks: Sinks<'_>,
    ) -> Result<(Counted, End), WorldError> {
        let World { spec, setup, division, execution } = self;
        let describe = sinks.messages.is_some();
        let noted = describe || sinks.terminals.is_some();
        let post = coupled::post(spec, &setup, &districts);
        let parts = |(group, index)| setup.parts_of(usize::from(group)).map(move |part| (part as u16, index));
        let chosen = execution.traced.iter().copied().flat_map(parts).collect();
        let traced = Trace { chosen, ..Trace::default() };
        let mut shards = build::in_parallel(districts, execution.threads, |mut district| {
            district.trace = traced.clone();
            district.notes = noted.then(|| Notes::new(district.terminals().fixed().len(), describe));
            let events = district.first_events();
            let mut shard = Shard::new(district, event_set(events.len()), MAX_EVENTS);
            events.into_iter().for_each(|event| shard.schedule(event));
            shard
        });
        let span = SimTime::ZERO..setup.end;
        let mut observe = |progress: Progress, shards: &[Shard<District, Q>]| {
            let districts = || shards.iter().map(|shard| &shard.model).collect();
            observe(&Look { progress, spec, setup: &setup, districts: &districts })
        };
        let pace = Pace { threads: execution.threads, post };
        let outcome = match &mut sinks.messages {
            Some(sink) => {
                let window = records::window(spec, &setup, LOOKS);
                records::drive_recorded(&mut shards, &pace, span, window, &mut observe, *sink)
            }
            None => {
                let window = match execution.watched {
                    true => records::window(spec, &setup, LOOKS),
                    false => SimDuration((setup.end.0 / LOOKS).max(1)),
                };
                pace.drive(&mut shards, span, window, &mut observe)
            }
        };
        let mut tally = Tally::default();
        shards.iter().for_each(|shard| tally += shard.tally());
        let districts = build::in_parallel(shards, execution.threads, |shard| {
            let mut district = shard.model;
            district.close(outcome.reached);
            district
        });
        if let Some(sink) = &mut sinks.terminals {
            records::terminals(spec, &setup, &division, &districts, execution.threads, *sink)?;
        }
        let stretches = districts.iter().flat_map(|district| &district.trace.stretches).copied().collect();
        let counted =
            Counted::collect(spec, &setup, &districts.iter().collect::<Vec<_>>(), (tally, outcome.reached), true);
        Ok((counted, End { ended: outcome.ended, reached: outcome.reached, stretches }))
    }
}

/// How districts are driven: on their own, or with letters between them.
struct Pace {
    threads: usize,
    post: Option<Post>,
}

impl Pace {
    fn drive<Q: EventSet + Send>(
        &self,
        shards: &mut [Shard<District, Q>],
        span: Range<SimTime>,
        window: SimDuration,
        observe: impl FnMut(Progress, &[Shard<District, Q>]) -> ControlFlow<()>,
    ) -> engine::Outcome {
        match &self.post {
            None => drive(shards, self.threads, span, window, observe),
            Some(post) => drive_coupled(shards, self.threads, span, window, post, observe),
        }
    }
}

impl Outcome {
    /// A group's ledgers in one.
    #[must_use]
    pub fn group(&self, group: usize) -> Ledger {
        let mut sum = Ledger::new();
        self.ledgers[group].iter().for_each(|ledger| sum.merge(ledger));
        sum
    }
}

impl Setup {
    /// How many ledgers there are.
    #[must_use]
    pub fn ledgers(&self) -> usize {
        (0..self.groups.len()).map(|group| self.ledger_range(group).len()).sum()
    }

    /// A group as each of its networks sees it, in order of preference, by the number among [`Setup::groups`].
    pub fn parts_of(&self, group: usize) -> impl Iterator<Item = usize> + '_ {
        let part = move |(_, part): &(usize, &GroupSetup)| usize::from(part.number) == group;
        self.groups.iter().enumerate().filter(part).map(|(number, _)| number)
    }

    /// The ledgers of a group, as one network sees it.
    #[must_use]
    pub fn ledger_range(&self, group: usize) -> std::ops::Range<usize> {
        let first = self.groups[group].first_ledger;
        first..first + self.networks[self.groups[group].network].links.len() + 1
    }
}
