//! What moving costs a group in signalling: how often its terminals changed cell, told the network so, and lost a connection.

use serde::{Deserialize, Serialize};

use super::summary;

/// Counts of terminals that move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moves {
    /// Changes to another cell.
    pub reselections: u64,
    /// Tracking-area updates because the area was another.
    pub area_updates: u64,
    /// Connections that were given up because the cell was too weak.
    pub link_failures: u64,
}

impl Moves {
    /// Adds everything that `other` counted.
    pub fn merge(&mut self, other: &Moves) {
        self.reselections += other.reselections;
        self.area_updates += other.area_updates;
        self.link_failures += other.link_failures;
    }

    /// The result; none where nothing moved.
    #[must_use]
    pub fn result(&self) -> Option<summary::Mobility> {
        let Moves { reselections, area_updates, link_failures } = *self;
        (*self != Moves::default()).then_some(summary::Mobility { reselections, area_updates, link_failures })
    }
}
