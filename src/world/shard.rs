//! Dividing a run into shards: parts that are simulated apart, on other machines if need be, and add up to the whole.
//!
//! Owns which cell belongs to which shard, and knows what would keep cells together.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::world::build::cell_count;
use crate::world::spec::WorldSpec;

/// One of the shards of a run, as in `2/3`. Every cell belongs to exactly one of them, with all its terminals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardId {
    number: u32,
    of: NonZeroU32,
}

impl ShardId {
    /// The only shard of a run that is not divided.
    pub const WHOLE: ShardId = ShardId { number: 1, of: NonZeroU32::MIN };

    /// Shard `number`, counted from 1, of so many; `None` if there is no such shard.
    #[must_use]
    pub fn new(number: u32, of: u32) -> Option<ShardId> {
        let of = NonZeroU32::new(of)?;
        (1..=of.get()).contains(&number).then_some(ShardId { number, of })
    }

    /// Its number, from 1.
    #[must_use]
    pub fn number(self) -> u32 {
        self.number
    }

    /// How many shards the run has.
    #[must_use]
    pub fn of(self) -> u32 {
        self.of.get()
    }

    /// Its cells among those of a run, ascending. They are dealt out in turn, so that each network is shared evenly.
    pub(super) fn cells(self, total: u32) -> impl Iterator<Item = u32> {
        (self.number - 1..total).step_by(self.of.get() as usize)
    }

    /// The place of a cell of the run among the shard's own, if it is one of them.
    pub(super) fn place(self, cell: u32) -> Option<u32> {
        (cell % self.of == self.number - 1).then_some(cell / self.of)
    }
}

impl fmt::Display for ShardId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.number, self.of)
    }
}

impl FromStr for ShardId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<ShardId, &'static str> {
        let parse = || {
            let (number, of) = text.split_once('/')?;
            ShardId::new(number.parse().ok()?, of.parse().ok()?)
        };
        parse().ok_or("expected I/N, shard I of N counted from 1, such as 2/3")
    }
}

/// Something that cells share, so that they cannot be simulated apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coupling {
    /// The network whose cells share it.
    pub network: String,
    /// What they share and why it couples them, as the end of a sentence: "share …".
    pub shared: &'static str,
}

/// What keeps cells of a world together, if anything does.
///
/// Nothing yet: no resource spans cells, and core network and server are delays. Whoever adds one that does (a feeder link,
/// terminals that move) answers for it here.
#[must_use]
pub fn coupling(_spec: &WorldSpec) -> Option<Coupling> {
    None
}

/// Why a run cannot be divided so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// Cells depend on each other.
    #[error("the cells of network `{}` {} and cannot be simulated apart: run the scenario without shards", .0.network, .0.shared)]
    Coupled(Coupling),
    /// There are more shards than cells.
    #[error(
        "a scenario of {cells} cells has no shard {shard}: cells are what is divided, so make it {cells} shards at most"
    )]
    TooMany {
        /// The shard asked for.
        shard: ShardId,
        /// The cells of all networks.
        cells: u32,
    },
}

/// Whether a world can be divided so; the whole always can.
pub(super) fn check(spec: &WorldSpec, shard: ShardId) -> Result<(), ShardError> {
    judge(coupling(spec), cell_count(spec), shard)
}

fn judge(coupling: Option<Coupling>, cells: u32, shard: ShardId) -> Result<(), ShardError> {
    match coupling {
        _ if shard.of() == 1 => Ok(()),
        Some(coupling) => Err(ShardError::Coupled(coupling)),
        None if shard.of() > cells => Err(ShardError::TooMany { shard, cells }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_written_as_it_is_read() {
        for text in ["1/1", "2/3", "3/3", "1/4294967295"] {
            assert_eq!(text.parse::<ShardId>().map(|shard| shard.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/3", "a/b", "1 / 3"] {
            assert!(text.parse::<ShardId>().is_err(), "{text}");
        }
    }

    #[test]
    fn each_cell_is_in_one_shard_at_its_place() {
        for (of, total) in [(1, 7), (3, 7), (5, 5), (7, 7)] {
            let mut owners = vec![0; total as usize];
            for shard in (1..=of).filter_map(|number| ShardId::new(number, of)) {
                let cells: Vec<u32> = shard.cells(total).collect();
                cells.iter().for_each(|&cell| owners[cell as usize] += 1);
                let places: Vec<u32> = (0..total).filter_map(|cell| shard.place(cell)).collect();
                assert_eq!(places, (0..cells.len() as u32).collect::<Vec<_>>());
            }
            assert!(owners.iter().all(|&owners| owners == 1), "{of} shards of {total} cells: {owners:?}");
        }
    }

    #[test]
    fn coupled_cells_are_refused_by_name_unless_all_are_together() {
        let coupling = || Some(Coupling { network: "leo".into(), shared: "share the feeder link of a satellite" });
        let half = ShardId::new(1, 2).unwrap();
        let error = judge(coupling(), 10, half).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the cells of network `leo` share the feeder link of a satellite and cannot be simulated apart: run the scenario \
             without shards"
        );
        assert_eq!(judge(coupling(), 10, ShardId::WHOLE), Ok(()));
        assert_eq!(judge(None, 2, half), Ok(()));
        assert_eq!(judge(None, 1, half), Err(ShardError::TooMany { shard: half, cells: 1 }));
    }
}
