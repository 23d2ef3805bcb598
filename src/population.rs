//! Where terminals are.

pub mod coverage;
pub mod earth;
pub mod feeder;
pub mod field;
pub mod ground;
pub mod hearing;
pub mod motion;
pub mod place;
pub mod sky;

use crate::units::Db;

/// How a group's terminals are spread over its network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Placement {
    /// Uniformly over the area of the network's sites.
    Uniform {
        /// Share of the terminals that stand inside buildings, 0 to 1.
        indoor_fraction: f64,
    },
    /// Evenly over a part of the Earth.
    Region(sky::Region),
    /// On a bench: every terminal has this coupling loss to its cell, no fading of place, no interference, and the cells
    /// are filled in turn.
    Bench {
        /// Coupling loss: all losses and gains between the two antenna connectors.
        coupling_loss: Db,
    },
}
