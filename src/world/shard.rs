//! Dividing a run into shards: parts that are simulated apart, on other machines if need be, and add up to the whole.
//!
//! Owns which cell belongs to which shard, and knows what would keep cells together.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::world::build::cell_count;
use crate::world::spec::{NetworkSpec, WorldSpec};

/// One of the shards of a run, as in `2/3`. Every cell belongs to exactly one of them, with all its terminals; cells of a network
/// that something couples belong to the same.
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

/// The networks whose cells something keeps together, and what.
///
/// Core network and server are delays, and couple nothing. Whoever adds a resource that spans cells, such as a feeder link,
/// answers for it here.
#[must_use]
pub fn couplings(spec: &WorldSpec) -> Vec<Coupling> {
    let of = |(number, network): (usize, &NetworkSpec)| {
        let mut groups = spec.groups.iter().filter(|group| group.networks().any(|own| own == number));
        let roaming = groups.find(|group| group.roams(&spec.networks));
        let shared = if let Some(group) = roaming {
            match (&group.alternatives, &group.motion) {
                (Some(_), _) => "exchange terminals with those of other networks",
                (None, Some(_)) => "exchange terminals that move",
                (None, None) => "exchange terminals over which they pass",
            }
        } else if network.interference_window.is_some() {
            "hear each other's load as interference"
        } else {
            return None;
        };
        Some(Coupling { network: network.name.clone(), shared })
    };
    spec.networks.iter().enumerate().filter_map(of).collect()
}

/// For each network the first of those with which it exchanges terminals, itself included.
fn leaders(spec: &WorldSpec) -> Vec<usize> {
    let mut leaders: Vec<usize> = (0..spec.networks.len()).collect();
    for group in &spec.groups {
        let own: Vec<usize> = group.networks().map(|network| leaders[network]).collect();
        let first = own.iter().copied().min().unwrap_or(group.network);
        leaders.iter_mut().filter(|leader| own.contains(leader)).for_each(|leader| *leader = first);
    }
    leaders
}

/// Which cells of a run are those of one shard. What belongs together, the cells of a coupled network or a cell on its own, is
/// dealt out in turn, so that each network that can be divided is shared evenly.
#[derive(Clone, Debug)]
pub struct Division {
    /// For each cell of the run its place among the shard's own.
    places: Vec<Option<u32>>,
}

impl Division {
    /// The cells of a shard.
    #[must_use]
    pub fn new(spec: &WorldSpec, shard: ShardId) -> Division {
        let (coupled, leaders) = (couplings(spec), leaders(spec));
        let (mut units, mut own) = (0, 0);
        let mut new_unit = || {
            units += 1;
            units - 1
        };
        // Of each network the unit of its first cell.
        let mut first_units = Vec::new();
        let mut places = Vec::new();
        for (number, network) in spec.networks.iter().enumerate() {
            let together = coupled.iter().any(|coupling| coupling.network == network.name);
            let first = first_units.get(leaders[number]).copied().unwrap_or_else(&mut new_unit);
            first_units.push(first);
            for cell in 0..network.layout.cells() {
                let unit = if together || cell == 0 { first } else { new_unit() };
                let is_own = unit % shard.of == shard.number - 1;
                places.push(is_own.then_some(own));
                own += u32::from(is_own);
            }
        }
        Division { places }
    }

    /// The shard's cells by their number in the run, ascending.
    pub(super) fn cells(&self) -> impl Iterator<Item = u32> + '_ {
        (0..).zip(&self.places).filter_map(|(cell, place)| place.map(|_| cell))
    }

    /// The place of a cell of the run among the shard's own, if it is one of them.
    pub(super) fn place(&self, cell: u32) -> Option<u32> {
        self.places[cell as usize]
    }
}

/// Why a run cannot be divided so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// Cells depend on each other.
    #[error(
        "the cells of network `{}` {} and cannot be simulated apart: {}", .coupling.network, .coupling.shared,
        if *.parts == 1 { "run the scenario without shards".to_owned() } else { format!("make it {} shards at most", .parts) }
    )]
    Coupled {
        /// What couples them.
        coupling: Coupling,
        /// Parts of the scenario that can be simulated apart.
        parts: u32,
    },
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
    judge(couplings(spec), cell_count(spec), parts(spec), shard)
}

/// How many parts a world has that can be simulated apart.
fn parts(spec: &WorldSpec) -> u32 {
    let (coupled, leaders) = (couplings(spec), leaders(spec));
    let of = |(number, network): (usize, &NetworkSpec)| match coupled
        .iter()
        .any(|coupling| coupling.network == network.name)
    {
        true => u32::from(leaders[number] == number),
        false => network.layout.cells(),
    };
    spec.networks.iter().enumerate().map(of).sum()
}

fn judge(couplings: Vec<Coupling>, cells: u32, parts: u32, shard: ShardId) -> Result<(), ShardError> {
    match couplings.into_iter().next() {
        _ if shard.of() <= parts => Ok(()),
        Some(coupling) => Err(ShardError::Coupled { coupling, parts }),
        None => Err(ShardError::TooMany { shard, cells }),
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
    fn coupled_cells_are_refused_by_name_unless_all_are_together() {
        let couplings = || vec![Coupling { network: "leo".into(), shared: "share the feeder link of a satellite" }];
        let half = ShardId::new(1, 2).unwrap();
        let error = judge(couplings(), 10, 1, half).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the cells of network `leo` share the feeder link of a satellite and cannot be simulated apart: run the scenario \
             without shards"
        );
        assert_eq!(judge(couplings(), 10, 2, half), Ok(()));
        let many = ShardId::new(1, 9).unwrap();
        let error = judge(couplings(), 10, 8, many).unwrap_err();
        assert!(error.to_string().ends_with("cannot be simulated apart: make it 8 shards at most"), "{error}");
        assert_eq!(judge(couplings(), 10, 1, ShardId::WHOLE), Ok(()));
        assert_eq!(judge(Vec::new(), 2, 2, half), Ok(()));
        assert_eq!(judge(Vec::new(), 1, 1, half), Err(ShardError::TooMany { shard: half, cells: 1 }));
    }
}
