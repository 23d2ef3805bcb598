//! How fast a run is, from the frames of the last seconds.

use std::collections::VecDeque;
use std::time::Duration;

use crate::control::live::Frame;

/// Time over which speed is averaged.
const SPAN: Duration = Duration::from_secs(4);

/// An instant of a run: how long it had been running, what share of it was done, simulated seconds, messages.
type Mark = (Duration, f64, f64, u64);

/// The last seconds of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Rates {
    marks: VecDeque<Mark>,
}

/// How fast a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rate {
    /// Simulated seconds a second.
    pub times_real: f64,
    /// Messages a second, once there were some.
    pub messages: f64,
    /// Seconds left.
    pub left: f64,
}

impl Rates {
    pub(super) fn add(&mut self, frame: &Frame) {
        let groups = frame.figures.iter().flat_map(|figures| figures.summary.groups.values());
        let messages = groups.map(|group| group.all.messages.delivered + group.all.messages.lost_total()).sum();
        let snapshot = frame.snapshot;
        self.mark((frame.running, snapshot.fraction, snapshot.reached.as_secs_f64(), messages));
    }

    fn mark(&mut self, mark: Mark) {
        if self.marks.back().is_some_and(|last| last.0 >= mark.0) {
            return;
        }
        self.marks.push_back(mark);
        while self.marks.len() > 2 && self.marks.front().is_some_and(|first| mark.0 - first.0 > SPAN) {
            self.marks.pop_front();
        }
    }

    pub(super) fn rate(&self) -> Option<Rate> {
        let (first, last) = (self.marks.front()?, self.marks.back()?);
        let span = (last.0 - first.0).as_secs_f64();
        if span <= 0.0 {
            return None;
        }
        let share = (last.1 - first.1) / span;
        Some(Rate {
            times_real: (last.2 - first.2) / span,
            messages: last.3.saturating_sub(first.3) as f64 / span,
            left: if share > 0.0 { (1.0 - last.1) / share } else { 0.0 },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_that_of_the_last_seconds() {
        let mut rates = Rates::default();
        assert_eq!(rates.rate(), None);
        for second in 0..10_u32 {
            let slow = f64::from(second.min(3)) + f64::from(second.saturating_sub(3)) * 2.0;
            rates.mark((Duration::from_secs(second.into()), slow / 100.0, slow * 3_600.0, second.into()));
        }
        let rate = rates.rate().unwrap();
        assert!((rate.times_real - 7_200.0).abs() < 1e-6 && (rate.messages - 1.0).abs() < 1e-9);
        assert!((rate.left - 0.85 / 0.02).abs() < 1e-6, "{rate:?}");
    }
}
