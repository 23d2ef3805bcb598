//! What chosen terminals did, stretch by stretch. Only the step-by-step executor can tell.

use std::collections::BTreeSet;

use crate::cause::{Cause, Errand};
use crate::power::Activity;
use crate::radio::channel::Resource;
use crate::radio::plan::Doing;
use crate::units::SimTime;

/// Records the stretches of time of chosen terminals.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The chosen terminals, as (group, number in the group).
    pub chosen: BTreeSet<(u16, u32)>,
    /// What they did, in the order in which it was booked.
    pub stretches: Vec<Stretch>,
}

/// A stretch of time in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Number of the group.
    pub group: u16,
    /// Number of the terminal in its group.
    pub index: u32,
    /// Its beginning.
    pub start: SimTime,
    /// Its end.
    pub end: SimTime,
    /// The errand it was part of; between errands there is none.
    pub errand: Option<Errand>,
    /// The step it belongs to.
    pub doing: Doing,
    /// What the terminal used of the cell.
    pub resource: Resource,
    /// What it was for.
    pub cause: Cause,
    /// What the modem did.
    pub activity: Activity,
}

impl Trace {
    /// Records a stretch if its terminal was chosen.
    pub fn record(&mut self, stretch: Stretch) {
        if stretch.end > stretch.start && self.chosen.contains(&(stretch.group, stretch.index)) {
            self.stretches.push(stretch);
        }
    }
}
