//! What an observer can see of a run between two windows.

use crate::engine::{Ended, Progress, Tally};
use crate::exec::district::District;
use crate::exec::setup::Setup;
use crate::exec::trace::Stretch;
use crate::world::Outcome;
use crate::world::counted::{Counted, End};
use crate::world::spec::WorldSpec;

/// Stretches of traced terminals that an observer is shown at most: the newest of each district. A copy of all would take longer
/// and longer.
pub const NEWEST: usize = 10_000;

/// A run between two windows. All cells stand at the same instant.
pub struct Look<'a> {
    /// How far the run has come.
    pub progress: Progress,
    pub(super) spec: &'a WorldSpec,
    pub(super) setup: &'a Setup,
    /// The districts, asked for only if somebody wants to see them.
    pub(super) districts: &'a dyn Fn() -> Vec<&'a District>,
}

impl Look<'_> {
    /// What was counted up to now, as if the run ended here, but with open books: messages under way are in no class yet,
    /// and what terminals did since their last contact is not paid for. Battery lives are left empty unless wanted, because
    /// every terminal has to be looked at for them. Of traces there are the [`NEWEST`] stretches that lie behind.
    #[must_use]
    pub fn outcome(&self, lives: bool) -> Outcome {
        let Progress { reached, tally } = self.progress;
        let counted = self.counted(tally, lives);
        counted.conclude(self.spec, self.setup, End { ended: Ended::Finished, reached, stretches: self.stretches() })
    }

    /// Plans run ahead of the clock: what they have booked for later is left out.
    fn stretches(&self) -> Vec<Stretch> {
        let behind = |stretch: &&Stretch| stretch.end <= self.progress.reached;
        let districts = (self.districts)();
        let all = districts.iter().map(|district| &district.trace.stretches);
        all.flat_map(|stretches| stretches.iter().rev().filter(behind).take(NEWEST)).copied().collect()
    }

    fn counted(&self, tally: Tally, lives: bool) -> Counted {
        Counted::collect(self.spec, self.setup, &(self.districts)(), (tally, self.progress.reached), lives)
    }
}
