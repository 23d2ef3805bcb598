//! What terminals do that move, to stay with the best cell.

use crate::units::{Db, SimDuration};

/// The parameters of a network for terminals that move.
#[derive(Clone, Debug, PartialEq)]
pub struct Reselection {
    /// By how much another cell must be stronger before a terminal goes there.
    pub hysteresis: Db,
    /// Receiving other cells before one decision.
    pub measurement: SimDuration,
    /// Synchronising with another cell and reading its system information, per coverage level.
    pub acquisition: Vec<SimDuration>,
    /// How long the system information of a cell stays valid.
    pub validity: SimDuration,
    /// From the moment a connection is too weak until the terminal gives it up.
    pub link_failure: SimDuration,
    /// Sites of a tracking area; above zero.
    pub area_sites: u32,
}
