//! What a live face may see of a run and do to it.
//!
//! The simulation never waits for a face. It shows itself between two windows of simulated time, and there it can be told
//! to stop; everything counted up to that instant is kept.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::engine::Progress;
use crate::units::SimTime;

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

/// Makes the observer of a run that ends at `end`: it shows snapshots and heeds the switch.
pub fn observer(
    switch: StopSwitch,
    end: SimTime,
    mut show: impl FnMut(Snapshot),
) -> impl FnMut(Progress) -> ControlFlow<()> {
    move |progress| {
        show(Snapshot {
            fraction: progress.reached.0 as f64 / end.0.max(1) as f64,
            reached: progress.reached,
            events: progress.tally.events,
        });
        if switch.is_pressed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Tally;

    #[test]
    fn a_pressed_switch_ends_the_run_after_the_snapshot() {
        let switch = StopSwitch::default();
        let mut seen = Vec::new();
        let mut observe = observer(switch.clone(), SimTime(200), |snapshot| seen.push(snapshot.fraction));
        let at = |reached| Progress { reached: SimTime(reached), tally: Tally::default() };
        assert!(observe(at(50)).is_continue());
        assert!(!switch.press());
        assert!(observe(at(100)).is_break());
        assert!(switch.press(), "it was pressed before");
        drop(observe);
        assert_eq!(seen, [0.25, 0.5]);
    }
}
