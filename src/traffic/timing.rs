//! When terminals report by themselves: again and again, or once.

use crate::rng::{Key, Purpose};
use crate::units::{SimDuration, SimTime};

/// When a group's terminals report.
#[derive(Clone, Debug, PartialEq)]
pub enum Timing {
    /// Again and again.
    Periodic(Periodic),
    /// Each terminal once.
    Once(Burst),
}

/// Reports at regular intervals (TR 45.820 annex E.2.1).
#[derive(Clone, Debug, PartialEq)]
pub struct Periodic {
    /// Reporting intervals and the share of the terminals that use each. The shares add up to 1.
    pub intervals: Vec<(SimDuration, f64)>,
    /// Each report is delayed by a uniform time below this, at most the interval. Zero keeps the terminal's own phase.
    pub jitter: SimDuration,
}

/// One report of each terminal, all within some time: an alarm, or terminals that have power again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    /// The earliest time.
    pub at: SimTime,
    /// Until the latest.
    pub spread: SimDuration,
    /// How they lie in between.
    pub shape: Shape,
}

/// How the reports of a burst lie in its time (the traffic models of TR 37.868).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Evenly: traffic model 1.
    Uniform,
    /// By a beta distribution with the parameters 3 and 4, with its peak after two fifths of the time: traffic model 2.
    Beta,
}

impl Timing {
    /// The reporting interval of a terminal, by its number; 0 if it has none.
    #[must_use]
    pub fn choose(&self, terminal: Key) -> usize {
        let Timing::Periodic(Periodic { intervals, .. }) = self else { return 0 };
        let mut left = terminal.draw(Purpose::Interval, 0).unit();
        let chosen = intervals.iter().position(|&(_, share)| {
            left -= share;
            left < 0.0
        });
        chosen.unwrap_or(intervals.len() - 1)
    }

    /// Interval number `interval`; `None` for terminals that report once.
    #[must_use]
    pub fn interval(&self, interval: usize) -> Option<SimDuration> {
        match self {
            Timing::Periodic(Periodic { intervals, .. }) => Some(intervals[interval].0),
            Timing::Once(_) => None,
        }
    }

    /// Reports of one terminal in a second, on average; at the time of a burst, for those.
    #[must_use]
    pub fn rate(&self) -> f64 {
        let per_second = |span: SimDuration| 1.0 / span.as_secs_f64().max(1e-6);
        match self {
            Timing::Periodic(Periodic { intervals, .. }) => {
                intervals.iter().map(|&(interval, share)| share * per_second(interval)).sum()
            }
            Timing::Once(burst) => per_second(burst.spread),
        }
    }

    /// The longest time between two reports of a terminal with this interval.
    #[must_use]
    pub fn longest_silence(&self, interval: usize) -> SimDuration {
        match self {
            Timing::Periodic(Periodic { intervals, jitter }) => intervals[interval].0 + *jitter,
            Timing::Once(_) => SimDuration::FOREVER,
        }
    }

    /// When report `n` of a terminal with interval number `interval` is due; `None` before the start of the run, and if
    /// there is no such report.
    ///
    /// Periodic reports are stationary: every terminal has a uniform phase, and report 0 is the first of the endless past
    /// that may fall at or after the start of the run.
    #[must_use]
    pub fn time(&self, terminal: Key, interval: usize, n: u32) -> Option<SimTime> {
        match self {
            Timing::Periodic(Periodic { intervals, jitter }) => {
                let (interval, _) = intervals[interval];
                let phase = terminal.draw(Purpose::Phase, 0).below(interval.0);
                let jitter = terminal.draw(Purpose::Jitter, u64::from(n)).below(jitter.0.min(interval.0));
                // Report 0 starts one interval early, so that jitter can carry it across the start.
                (phase + u64::from(n) * interval.0 + jitter).checked_sub(interval.0).map(SimTime)
            }
            Timing::Once(burst) => (n == 0).then(|| burst.time(terminal)),
        }
    }

    /// The number of the first report of a terminal at or after `time`; if there is none, the number after the last.
    #[must_use]
    pub fn first_from(&self, terminal: Key, interval: usize, time: SimTime) -> u32 {
        let length = match self {
            Timing::Periodic(Periodic { intervals, .. }) => intervals[interval].0,
            Timing::Once(burst) => return u32::from(burst.time(terminal) < time),
        };
        // A report is at most two intervals behind the start of its own.
        let mut n = ((time.0 / length.0).saturating_sub(1)).min(u64::from(u32::MAX)) as u32;
        while self.time(terminal, interval, n).is_none_or(|at| at < time) {
            n += 1;
        }
        n
    }
}

impl Burst {
    /// When a terminal reports.
    fn time(&self, terminal: Key) -> SimTime {
        let uniform = |counter| terminal.draw(Purpose::Phase, counter).below(self.spread.0);
        let behind = match self.shape {
            Shape::Uniform => uniform(0),
            // The third smallest of six uniform numbers has this distribution.
            Shape::Beta => {
                let mut six: [u64; 6] = std::array::from_fn(|counter| uniform(counter as u64));
                six.sort_unstable();
                six[2]
            }
        };
        self.at + SimDuration(behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_report_from_a_time_on_is_found_without_counting() {
        let hour = SimDuration::from_hours(1);
        for jitter in [SimDuration::ZERO, hour] {
            let source = Timing::Periodic(Periodic { intervals: vec![(hour, 1.0)], jitter });
            for index in 0..300 {
                let terminal = Key::root(3).child(index);
                let from = SimTime(terminal.draw(Purpose::Delay, 0).below(20 * hour.0));
                let slow = (0..).find(|&n| source.time(terminal, 0, n).is_some_and(|time| time >= from));
                assert_eq!(Some(source.first_from(terminal, 0, from)), slow);
            }
        }
    }

    #[test]
    fn reports_keep_their_order_and_rate_under_jitter() {
        let day = SimDuration::from_hours(24);
        let source = Timing::Periodic(Periodic { intervals: vec![(day, 1.0)], jitter: day });
        let mut first_hour = 0;
        for index in 0..24_000 {
            let terminal = Key::root(2).child(index);
            let times: Vec<_> = (0..9).filter_map(|n| source.time(terminal, 0, n)).collect();
            assert!(times.is_sorted(), "{times:?}");
            first_hour += times.iter().filter(|t| t.as_secs_f64() < 3_600.0).count();
        }
        // The start is stationary: the first hour has its fair share of a thousand.
        assert!((first_hour as i64 - 1_000).abs() < 150, "{first_hour}");
    }

    #[test]
    fn bursts_have_the_distributions_of_tr_37_868() {
        let spread = SimDuration::from_secs(10);
        let shares = |shape| {
            let burst = Burst { at: SimTime(5_000_000), spread, shape };
            let source = Timing::Once(burst);
            let mut seconds = [0u32; 10];
            for index in 0..100_000 {
                let terminal = Key::root(7).child(index);
                let time = source.time(terminal, 0, 0).unwrap();
                assert_eq!(source.time(terminal, 0, 1), None);
                assert_eq!(source.first_from(terminal, 0, time), 0);
                assert_eq!(source.first_from(terminal, 0, time + SimDuration(1)), 1);
                seconds[(time.since(burst.at).0 / 1_000_000) as usize] += 1;
            }
            seconds.map(|count| f64::from(count) / 1e5)
        };
        for share in shares(Shape::Uniform) {
            assert!((share - 0.1).abs() < 0.004, "{share}");
        }
        // The integral of 60 t² (10 − t)³ / 10⁶ from 0 to t, with x = t / 10.
        let below = |x: f64| 60.0 * (x.powi(3) / 3.0 - 3.0 * x.powi(4) / 4.0 + 3.0 * x.powi(5) / 5.0 - x.powi(6) / 6.0);
        for (second, share) in shares(Shape::Beta).into_iter().enumerate() {
            let expected = below((second as f64 + 1.0) / 10.0) - below(second as f64 / 10.0);
            assert!((share - expected).abs() < 0.006, "second {second}: {share} against {expected}");
        }
    }
}
