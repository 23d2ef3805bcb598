//! Quantities with their units in the type.
//!
//! Time and energy are integers (microseconds, picojoules), so that sums do not depend on the order in which they are
//! made. Levels and ratios on the logarithmic scale are `f64` and have only the arithmetic that means something: a power
//! level plus a gain is a power level, two power levels are never added.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Neg, Sub};

use serde::{Deserialize, Serialize};

/// An instant of simulated time: microseconds since the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SimTime(pub u64);

/// A span of simulated time in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SimDuration(pub u64);

impl SimTime {
    /// The start of the run.
    pub const ZERO: SimTime = SimTime(0);
    /// Later than every instant that a run can reach.
    pub const MAX: SimTime = SimTime(u64::MAX);

    /// The first instant at or after `self` that lies `offset` behind a multiple of `period`.
    ///
    /// A zero period means "at once".
    #[must_use]
    pub fn align_up(self, period: SimDuration, offset: SimDuration) -> SimTime {
        if period.0 == 0 {
            return self;
        }
        let phase = (self.0 + period.0 - offset.0 % period.0) % period.0;
        if phase == 0 { self } else { SimTime(self.0 + period.0 - phase) }
    }

    /// The span from `earlier` to `self`; zero if `earlier` is the later one.
    #[must_use]
    pub fn since(self, earlier: SimTime) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }

    /// Seconds since the start of the run.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        SimDuration(self.0).as_secs_f64()
    }
}

impl SimDuration {
    /// Longer than every run.
    pub const FOREVER: SimDuration = SimDuration(u64::MAX);
    /// No time at all.
    pub const ZERO: SimDuration = SimDuration(0);

    /// A span of whole microseconds.
    #[must_use]
    pub const fn from_micros(us: u64) -> SimDuration {
        SimDuration(us)
    }

    /// A span of whole milliseconds.
    #[must_use]
    pub const fn from_millis(ms: u64) -> SimDuration {
        SimDuration(ms * 1_000)
    }

    /// A span of whole seconds.
    #[must_use]
    pub const fn from_secs(s: u64) -> SimDuration {
        SimDuration(s * 1_000_000)
    }

    /// A span of whole hours.
    #[must_use]
    pub const fn from_hours(h: u64) -> SimDuration {
        SimDuration::from_secs(h * 3_600)
    }

    /// The span nearest to `s` seconds; negative numbers become zero.
    #[must_use]
    pub fn from_secs_f64(s: f64) -> SimDuration {
        SimDuration((s.max(0.0) * 1e6 + 0.5) as u64)
    }

    /// Seconds.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Whole milliseconds, rounded up.
    #[must_use]
    pub const fn as_millis_ceil(self) -> u64 {
        self.0.div_ceil(1_000)
    }
}

impl Add<SimDuration> for SimTime {
    type Output = SimTime;
    fn add(self, span: SimDuration) -> SimTime {
        SimTime(self.0 + span.0)
    }
}

impl AddAssign<SimDuration> for SimTime {
    fn add_assign(&mut self, span: SimDuration) {
        self.0 += span.0;
    }
}

impl Add for SimDuration {
    type Output = SimDuration;
    fn add(self, other: SimDuration) -> SimDuration {
        SimDuration(self.0 + other.0)
    }
}

impl AddAssign for SimDuration {
    fn add_assign(&mut self, other: SimDuration) {
        self.0 += other.0;
    }
}

impl Sub for SimDuration {
    type Output = SimDuration;
    fn sub(self, other: SimDuration) -> SimDuration {
        SimDuration(self.0 - other.0)
    }
}

impl Mul<u64> for SimDuration {
    type Output = SimDuration;
    fn mul(self, times: u64) -> SimDuration {
        SimDuration(self.0 * times)
    }
}

impl Sum for SimDuration {
    fn sum<I: Iterator<Item = SimDuration>>(spans: I) -> SimDuration {
        SimDuration(spans.map(|s| s.0).sum())
    }
}

/// Divides by a number that is known long before: a multiplication instead of a division.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Divisor {
    by: u64,
    /// 2^64 / `by`, rounded down.
    inverse: u64,
}

impl Divisor {
    /// Prepares to divide by `by`, which must not be zero.
    ///
    /// # Panics
    /// If `by` is zero.
    #[must_use]
    pub fn new(by: u64) -> Divisor {
        Divisor { by, inverse: ((1u128 << 64) / u128::from(by)).min(u128::from(u64::MAX)) as u64 }
    }

    /// The number to divide by.
    #[must_use]
    pub fn by(self) -> u64 {
        self.by
    }

    /// Quotient and remainder of `number`, which must be below 2^63.
    #[inline]
    #[must_use]
    pub fn divide(self, number: u64) -> (u64, u64) {
        // The estimate is never above the quotient and at most one below it.
        let estimate = ((u128::from(number) * u128::from(self.inverse)) >> 64) as u64;
        let rest = number - estimate * self.by;
        if rest >= self.by { (estimate + 1, rest - self.by) } else { (estimate, rest) }
    }
}

/// Electrical power in whole microwatts.
///
/// A `u32` reaches 4.29 kW; the step is a fifteenth of the 15 µW that 3GPP assumes for deep sleep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Microwatts(pub u32);

impl Microwatts {
    /// Watts.
    #[must_use]
    pub fn as_watts(self) -> f64 {
        f64::from(self.0) / 1e6
    }
}

impl Mul<SimDuration> for Microwatts {
    type Output = Joules;
    fn mul(self, span: SimDuration) -> Joules {
        Joules(u64::from(self.0).saturating_mul(span.0))
    }
}

/// Energy of one terminal or message, in whole picojoules (microwatts × microseconds).
///
/// A `u64` holds 18 MJ, a thousand times the 18 kJ of a 5 Wh battery; arithmetic stops there. Sums over many terminals use
/// `u128`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Joules(pub u64);

impl Joules {
    /// No energy.
    pub const ZERO: Joules = Joules(0);

    /// The energy nearest to `j` joules; negative numbers become zero.
    #[must_use]
    pub fn from_joules(j: f64) -> Joules {
        Joules((j.max(0.0) * 1e12 + 0.5) as u64)
    }

    /// Joules.
    #[must_use]
    pub fn as_joules(self) -> f64 {
        self.0 as f64 / 1e12
    }
}

impl Add for Joules {
    type Output = Joules;
    fn add(self, other: Joules) -> Joules {
        Joules(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Joules {
    fn add_assign(&mut self, other: Joules) {
        *self = *self + other;
    }
}

/// A ratio on the logarithmic scale, in decibels: a gain, a loss, a margin, a signal-to-noise ratio.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize)]
pub struct Db(pub f64);

impl Db {
    /// The ratio as a plain number.
    #[must_use]
    pub fn linear(self) -> f64 {
        libm::exp10(self.0 / 10.0)
    }

    /// The decibels of a plain positive ratio.
    #[must_use]
    pub fn from_linear(ratio: f64) -> Db {
        Db(10.0 * libm::log10(ratio))
    }
}

/// A power level in decibels over one milliwatt.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize)]
pub struct Dbm(pub f64);

impl Dbm {
    /// The power in milliwatts.
    #[must_use]
    pub fn milliwatts(self) -> f64 {
        Db(self.0).linear()
    }

    /// Thermal noise at 290 K in `bandwidth`, before the receiver's noise figure (−174 dBm/Hz).
    #[must_use]
    pub fn thermal_noise(bandwidth: Hertz) -> Dbm {
        Dbm(-174.0) + Db::from_linear(bandwidth.0)
    }
}

macro_rules! decibel_arithmetic {
    ($($level:ty),*) => {$(
        impl Add<Db> for $level {
            type Output = $level;
            fn add(self, gain: Db) -> $level {
                let mut level = self;
                level.0 += gain.0;
                level
            }
        }
        impl Sub<Db> for $level {
            type Output = $level;
            fn sub(self, loss: Db) -> $level {
                let mut level = self;
                level.0 -= loss.0;
                level
            }
        }
    )*};
}
decibel_arithmetic!(Db, Dbm);

impl Sub for Dbm {
    type Output = Db;
    fn sub(self, other: Dbm) -> Db {
        Db(self.0 - other.0)
    }
}

impl Neg for Db {
    type Output = Db;
    fn neg(self) -> Db {
        Db(-self.0)
    }
}

/// A frequency or bandwidth in hertz.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize)]
pub struct Hertz(pub f64);

/// A distance in metres.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize)]
pub struct Metres(pub f64);

/// Writes a span the way people say it: `640 ms`, `7.2 s`, `3.5 h`, `7 d`, `38.0 years`.
impl fmt::Display for SimDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.as_secs_f64();
        let (value, unit) = match s {
            s if s < 1e-3 => (s * 1e6, "µs"),
            s if s < 1.0 => (s * 1e3, "ms"),
            s if s < 120.0 => (s, "s"),
            s if s < 7_200.0 => (s / 60.0, "min"),
            s if s < 172_800.0 => (s / 3_600.0, "h"),
            s if s < 2.0 * 31_557_600.0 => (s / 86_400.0, "d"),
            s => (s / 31_557_600.0, "years"),
        };
        let digits = if value >= 100.0 || value.fract() == 0.0 { 0 } else { 1 + usize::from(value < 10.0) };
        write!(f, "{value:.digits$} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn align_up_finds_the_next_phase() {
        let period = SimDuration(640);
        for (now, offset, expected) in
            [(0, 0, 0), (1, 0, 640), (640, 0, 640), (0, 8, 8), (8, 8, 8), (9, 8, 648), (5, 648, 8)]
        {
            assert_eq!(SimTime(now).align_up(period, SimDuration(offset)), SimTime(expected), "{now} {offset}");
        }
    }

    #[test]
    fn dividing_by_multiplying_is_dividing() {
        let numbers = (0..200).chain((0..62).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1]));
        let numbers: Vec<u64> = numbers.chain([(1 << 63) - 1]).collect();
        for by in [1, 2, 3, 7, 10, 640, 1_000, 1_739, 2_560, 86_400_000_000, (1 << 62) + 1] {
            let divisor = Divisor::new(by);
            for &number in &numbers {
                assert_eq!(divisor.divide(number), (number / by, number % by), "{number} by {by}");
            }
        }
    }

    #[test]
    fn power_times_time_is_energy() {
        // 15 µW for a year (365.25 d) is 473 J, TR 45.820's deep sleep.
        let year = SimDuration::from_secs(31_557_600);
        assert!(((Microwatts(15) * year).as_joules() - 473.364).abs() < 1e-9);
    }

    #[test]
    fn thermal_noise_of_one_resource_block() {
        assert!((Dbm::thermal_noise(Hertz(180e3)).0 + 121.447).abs() < 1e-3);
    }

    #[test]
    fn spans_read_naturally() {
        for (us, text) in [
            (640_000, "640 ms"),
            (7_200_000, "7.20 s"),
            (604_800_000_000, "7 d"),
            (5_600, "5.60 ms"),
            (90_000_000, "90 s"),
        ] {
            assert_eq!(SimDuration(us).to_string(), text);
        }
    }
}
