//! What an observer can see of a run between two windows.

use crate::engine::{Ended, Progress, Tally};
use crate::exec::district::District;
use crate::exec::setup::Setup;
use crate::world::Outcome;
use crate::world::counted::{Counted, End};
use crate::world::spec::WorldSpec;

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
    /// every terminal has to be looked at for them.
    #[must_use]
    pub fn outcome(&self, lives: bool) -> Outcome {
        let Progress { reached, tally } = self.progress;
        let counted = self.counted(tally, lives);
        counted.conclude(self.spec, self.setup, End { ended: Ended::Finished, reached, stretches: Vec::new() })
    }

    fn counted(&self, tally: Tally, lives: bool) -> Counted {
        Counted::collect(self.spec, self.setup, &(self.districts)(), (tally, self.progress.reached), lives)
    }
}
