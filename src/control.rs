//! What a live face may see of a run and do to it.
//!
//! The simulation never waits for a face. It shows itself between two windows of simulated time, and there it can be told
//! to stop; everything counted up to that instant is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::engine::Progress;
use crate::units::SimTime;

pub mod live;

/// Stops a run from another thread or from a signal handler.
#[derive(Clone, Debug, Default)]
pub struct StopSwitch(Arc<AtomicBool>);

impl StopSwitch {
    /// Asks for the end. Returns whether it had been asked for before.
    pub fn press(&self) -> bool {
        self.0.swap(true, Ordering::Relaxed)
    }

    /// Whether the end was asked for.
    #[must_use]
    pub fn is_pressed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snapshot {
    /// Share of the simulated time that lies behind, 0 to 1.
    pub fraction: f64,
    /// Simulated time that lies behind.
    pub reached: SimTime,
    /// Events handled.
    pub events: u64,
}

impl Snapshot {
    /// How far a run that ends at `end` has come.
    #[must_use]
    pub fn of(progress: Progress, end: SimTime) -> Snapshot {
        Snapshot {
            fraction: progress.reached.0 as f64 / end.0.max(1) as f64,
            reached: progress.reached,
            events: progress.tally.events,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Tally;

    #[test]
    fn a_switch_knows_whether_it_was_pressed_before() {
        let switch = StopSwitch::default();
        assert!(!switch.is_pressed() && !switch.press());
        assert!(switch.is_pressed() && switch.clone().press());
    }

    #[test]
    fn a_snapshot_tells_the_share_that_lies_behind() {
        let at = |reached| Progress { reached: SimTime(reached), tally: Tally { events: 7, ..Tally::default() } };
        let snapshot = Snapshot::of(at(50), SimTime(200));
        assert_eq!((snapshot.fraction, snapshot.reached, snapshot.events), (0.25, SimTime(50), 7));
        assert_eq!(Snapshot::of(at(0), SimTime::ZERO).fraction, 0.0);
    }
}
