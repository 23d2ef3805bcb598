//! What terminals have to say, and when.
//!
//! A source is a pure function of a terminal's stream of random numbers: report `n` of a terminal has the same time and
//! size whatever else happens in the run.

use crate::rng::{Key, Purpose};
use crate::units::{SimDuration, SimTime};

pub mod dialogue;
pub mod gathering;
pub mod protocol;
pub mod timing;

use dialogue::{Dialogue, Leg};
use timing::Timing;

/// Reports a terminal sends by itself (TR 45.820 annex E.2: mobile autonomous reporting).
#[derive(Clone, Debug, PartialEq)]
pub struct Reports {
    /// When.
    pub timing: Timing,
    /// Size of the application payload.
    pub payload: Payload,
    /// Bytes that the protocols between application and radio add to each report.
    pub overhead_bytes: u32,
    /// Share of the reports that the server answers, 0 to 1.
    pub answered: f64,
    /// What terminal and server say to each other around a report.
    pub dialogue: Dialogue,
}

/// What the server sends to terminals by itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calls {
    /// Commands to the device.
    pub command: Option<Call>,
    /// Software that it loads.
    pub download: Option<Call>,
}

/// Something the server starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// When.
    pub rhythm: Rhythm,
    /// What is said, in this order, `rounds` times over. The call has arrived when the first leg to the terminal of the
    /// last round has.
    pub legs: Vec<Leg>,
    /// How often the legs are gone through.
    pub rounds: u32,
}

/// When the server calls a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// So far apart, each terminal with a phase of its own.
    Every(SimDuration),
    /// Once, at a uniform time within `spread` after `at`.
    Once {
        /// The earliest time.
        at: SimTime,
        /// Until the latest.
        spread: SimDuration,
    },
}

impl Rhythm {
    /// When call number `n` of a stream arrives at the server; `None` if there are not that many.
    #[must_use]
    pub fn time(&self, stream: Key, n: u32) -> Option<SimTime> {
        match *self {
            Rhythm::Every(every) => {
                let phase = stream.draw(Purpose::Phase, 0).below(every.0);
                Some(SimTime(phase.saturating_add(u64::from(n).saturating_mul(every.0))))
            }
            Rhythm::Once { at, spread } => {
                (n == 0).then(|| at + SimDuration(stream.draw(Purpose::Phase, 0).below(spread.0.max(1))))
            }
        }
    }

    /// Number of the first call of a stream at or after `time`. A single call waits for who is not there yet.
    #[must_use]
    pub fn first_from(&self, stream: Key, time: SimTime) -> u32 {
        let (Rhythm::Every(every), Some(first)) = (*self, self.time(stream, 0)) else { return 0 };
        time.since(first).0.div_ceil(every.0.max(1)).min(u64::from(u32::MAX)) as u32
    }
}

/// The size of an application payload in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Payload {
    /// Always the same.
    Fixed(u32),
    /// Pareto with a cap: sizes beyond it are cut to it.
    Pareto {
        /// Shape.
        alpha: f64,
        /// Smallest size.
        min: u32,
        /// Largest size.
        cap: u32,
    },
}

impl Payload {
    /// The size of payload number `n` of a terminal, bytes.
    #[must_use]
    pub fn bytes(&self, terminal: Key, n: u32) -> u32 {
        match *self {
            Payload::Fixed(bytes) => bytes,
            Payload::Pareto { alpha, min, cap } => {
                let size = terminal.draw(Purpose::Payload, u64::from(n)).pareto(alpha, f64::from(min));
                (size + 0.5).min(f64::from(cap)) as u32
            }
        }
    }
}

impl Reports {
    /// Whether the server answers report `n` of a terminal.
    #[must_use]
    pub fn is_answered(&self, terminal: Key, n: u32) -> bool {
        terminal.draw(Purpose::Answer, u64::from(n)).unit() < self.answered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::timing::Periodic;

    /// TR 45.820 annex E.2.1 as `models/traffic` has it.
    fn tr45820() -> Reports {
        let hours = SimDuration::from_hours;
        Reports {
            timing: Timing::Periodic(Periodic {
                intervals: vec![
                    (hours(24), 0.4),
                    (hours(2), 0.4),
                    (hours(1), 0.15),
                    (SimDuration::from_secs(1_800), 0.05),
                ],
                jitter: SimDuration::ZERO,
            }),
            payload: Payload::Pareto { alpha: 2.5, min: 20, cap: 200 },
            overhead_bytes: 65,
            answered: 0.5,
            dialogue: Dialogue::plain(65),
        }
    }

    #[test]
    fn a_sector_of_the_report_mix_makes_6_81_reports_a_second() {
        let (source, day) = (tr45820(), SimTime::ZERO + SimDuration::from_hours(24));
        let (mut reports, mut bytes) = (0u64, 0u64);
        for index in 0..52_547 {
            let terminal = Key::root(1).named("sector").child(index);
            let interval = source.timing.choose(terminal);
            for n in 0.. {
                match source.timing.time(terminal, interval, n) {
                    None => continue,
                    Some(time) if time >= day => break,
                    Some(_) => (),
                }
                reports += 1;
                bytes += u64::from(source.payload.bytes(terminal, n));
            }
        }
        let (rate, mean) = (reports as f64 / 86_400.0, bytes as f64 / reports as f64);
        assert!((rate / 6.81 - 1.0).abs() < 0.01, "{rate} reports/s");
        assert!((mean - 32.9).abs() < 0.3, "{mean} bytes");
    }

    #[test]
    fn calls_come_at_their_rhythm() {
        let day = SimDuration::from_hours(24);
        let (mut first_hour, mut spread) = (0, 0);
        for index in 0..24_000 {
            let stream = Key::root(5).child(index);
            let every = Rhythm::Every(day);
            let first = every.time(stream, 0).unwrap();
            assert_eq!(every.time(stream, 3), Some(first + day * 3));
            first_hour += u32::from(first.as_secs_f64() < 3_600.0);
            let once = Rhythm::Once { at: SimTime(100), spread: SimDuration(50) };
            let at = once.time(stream, 0).unwrap();
            assert!((100..150).contains(&at.0) && once.time(stream, 1).is_none());
            spread += at.0 - 100;
        }
        assert!((i64::from(first_hour) - 1_000).abs() < 150, "{first_hour}");
        assert!((spread as f64 / 24_000.0 - 24.5).abs() < 0.5, "{spread}");
    }
}
