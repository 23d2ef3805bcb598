//! What a run, or a shard of one, counted, and how shards add up to the whole: integers only, so that they do it exactly.
//!
//! Knows neither files nor what becomes of the sums.

use serde::{Deserialize, Serialize};

use crate::engine::{Ended, Tally};
use crate::exec::district::District;
use crate::exec::setup::{Executor, Setup};
use crate::exec::trace::Stretch;
use crate::metrics::recorder::{CellLoad, Ledger};
use crate::metrics::series::{Row, Series};
use crate::units::SimTime;
use crate::world::battery::{self, Kin, KinBook};
use crate::world::build::{self, first_cell};
use crate::world::shard::{Division, ShardId};
use crate::world::spec::WorldSpec;
use crate::world::{Outcome, WorldError};

/// What was counted.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    /// As [`Setup`] numbers them.
    ledgers: Vec<Ledger>,
    /// What battery lives are made of. The same kin may stand here for each shard.
    kin: Vec<(Kin, KinBook)>,
    /// Cells by their number in the run, ascending unless shards were added.
    cells: Vec<(u32, CellLoad)>,
    series: Series,
    tally: Tally,
}

/// Why and when a run ended, and what its traced terminals did.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub ended: Ended,
    pub reached: SimTime,
    pub stretches: Vec<Stretch>,
}

impl Counted {
    /// Adds up what the districts counted, with what battery lives are made of if they are wanted. Integer sums: the
    /// division into districts cannot be seen in them.
    pub(super) fn collect(
        spec: &WorldSpec,
        setup: &Setup,
        districts: &[&District],
        (tally, reached): (Tally, SimTime),
        lives: bool,
    ) -> Counted {
        let mut ledgers = vec![Ledger::new(); setup.ledgers()];
        let mut series = build::series(setup);
        let mut cells = Vec::new();
        for district in districts {
            for (sum, ledger) in ledgers.iter_mut().zip(&district.ledgers) {
                sum.merge(ledger);
            }
            series.merge(&district.series);
            cells.extend(district.cells().iter().map(|cell| {
                let number = first_cell(spec, cell.network) + cell.number;
                (number, cell.load(&setup.networks[cell.network], reached))
            }));
        }
        let kin = if lives { battery::kin(setup, districts) } else { Vec::new() };
        Counted { ledgers, kin, cells, series, tally }
    }

    /// What became of a whole run.
    pub(super) fn conclude(mut self, spec: &WorldSpec, setup: &Setup, end: End) -> Outcome {
        let lives = battery::lives(spec, setup, &self.kin, &self.ledgers);
        let (ledgers, served) = (0..spec.groups.len()).map(|group| self.of_group(setup, group)).unzip();
        self.cells.sort_unstable_by_key(|(number, _)| *number);
        let mut cells = vec![Vec::new(); spec.networks.len()];
        for (number, load) in self.cells {
            cells[network_of(spec, number)].push(load);
        }
        let End { ended, reached, stretches } = end;
        Outcome { ledgers, served, lives, cells, series: self.series, tally: self.tally, ended, reached, stretches }
    }

    /// A group's ledgers per coverage level, and those of its networks if it has several.
    fn of_group(&self, setup: &Setup, group: usize) -> (Vec<Ledger>, Vec<Ledger>) {
        let parts: Vec<&[Ledger]> = setup.parts_of(group).map(|part| &self.ledgers[setup.ledger_range(part)]).collect();
        if let [only] = parts[..] {
            return (only.to_vec(), Vec::new());
        }
        let sum = |ledgers: &mut dyn Iterator<Item = &Ledger>| {
            let mut sum = Ledger::new();
            ledgers.for_each(|ledger| sum.merge(ledger));
            sum
        };
        let levels = parts.iter().map(|part| part.len() - 1).max().unwrap_or(0);
        let of_level = |level| sum(&mut parts.iter().filter_map(|part| part[..part.len() - 1].get(level)));
        let unserved = sum(&mut parts.iter().filter_map(|part| part.last()));
        let terminals = parts.iter().copied().flatten().map(|ledger| ledger.terminals).sum();
        // Any of them may come to any network.
        let served = parts.iter().map(|part| Ledger { terminals, ..sum(&mut part[..part.len() - 1].iter()) });
        ((0..levels).map(of_level).chain([unserved]).collect(), served.collect())
    }

    fn merge(&mut self, other: Counted) {
        for (sum, ledger) in self.ledgers.iter_mut().zip(&other.ledgers) {
            sum.merge(ledger);
        }
        self.kin.extend(other.kin);
        self.cells.extend(other.cells);
        self.series.merge(&other.series);
        self.tally += other.tally;
    }
}

/// The network of a cell.
fn network_of(spec: &WorldSpec, cell: u32) -> usize {
    (1..spec.networks.len()).take_while(|&network| first_cell(spec, network) <= cell).count()
}

/// What a shard counted, as it is stored. Anything may stand in it; [`Merger::add`] takes what fits the scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// Events that were handled.
    pub events: u64,
    /// Events that were cancelled before their time came.
    pub stale: u64,
    /// Hash of the events that were handled.
    pub hash: u64,
    /// Ledgers of all groups, for each coverage level and for those without coverage.
    pub ledgers: Vec<Ledger>,
    /// What battery lives are made of.
    pub kin: Vec<(Kin, KinBook)>,
    /// The shard's cells by their number in the run.
    pub cells: Vec<(u32, CellLoad)>,
    /// Rows of the time series.
    pub series: Vec<Row>,
}

impl From<Counted> for Parts {
    fn from(counted: Counted) -> Parts {
        let Counted { ledgers, kin, cells, series, tally } = counted;
        let Tally { events, stale, hash } = tally;
        Parts { events, stale, hash, ledgers, kin, cells, series: series.rows().map(|(_, _, row)| *row).collect() }
    }
}

/// That something in [`Parts`] is not of this scenario and shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its {0} are not those of the scenario")]
pub struct Unfit(&'static str);

/// Adds shards up.
pub struct Merger<'a> {
    spec: &'a WorldSpec,
    setup: Setup,
    sum: Counted,
}

impl<'a> Merger<'a> {
    /// Begins with nothing.
    ///
    /// # Errors
    /// [`WorldError::Radio`] if the world is not sound, so that no shard can have come of it.
    pub fn new(spec: &'a WorldSpec) -> Result<Merger<'a>, WorldError> {
        let setup = build::setup(spec, Executor::Compiled)?;
        let sum = Counted::collect(spec, &setup, &[], (Tally::default(), setup.end), false);
        Ok(Merger { spec, setup, sum })
    }

    /// Adds a shard that ran to its end. That none is added twice is the caller's care.
    ///
    /// # Errors
    /// [`Unfit`] if the parts cannot be those of this shard.
    pub fn add(&mut self, shard: ShardId, parts: Parts) -> Result<(), Unfit> {
        let counted = self.check(shard, parts)?;
        self.sum.merge(counted);
        Ok(())
    }

    /// What became of the run whose shards have all been added.
    #[must_use]
    pub fn conclude(self) -> Outcome {
        let end = End { ended: Ended::Finished, reached: self.setup.end, stretches: Vec::new() };
        self.sum.conclude(self.spec, &self.setup, end)
    }

    fn check(&self, shard: ShardId, parts: Parts) -> Result<Counted, Unfit> {
        let Parts { events, stale, hash, ledgers, kin, cells, series: rows } = parts;
        let unless = |right: bool, what| if right { Ok(()) } else { Err(Unfit(what)) };
        unless(ledgers.len() == self.setup.ledgers() && ledgers.iter().all(Ledger::is_sound), "ledgers")?;
        unless(kin.iter().all(|(kin, _)| kin.fits(&self.setup)), "sums for battery lives")?;
        let division = Division::new(self.spec, shard);
        unless(cells.iter().map(|(number, _)| *number).eq(division.cells()), "cells")?;
        let channels = |number| self.setup.networks[network_of(self.spec, number)].access.len();
        unless(cells.iter().all(|(number, load)| load.access.len() == channels(*number)), "random-access channels")?;
        let series = build::series(&self.setup).with_rows(rows).ok_or(Unfit("rows of the time series"))?;
        Ok(Counted { ledgers, kin, cells, series, tally: Tally { events, stale, hash } })
    }
}
