//! What metrics measure, in which units, and how a number with its unit is read and written.

use crate::catalog::Issue;
use crate::catalog::tree::shorten;

/// What a metric measures, and the base unit in which its values are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// A span of time: seconds.
    Time,
    /// An energy: joules.
    Energy,
    /// The life of a battery: years.
    Life,
    /// A share or any ratio of two values: of one.
    Share,
    /// A number of things: one.
    Count,
    /// A gain, a loss, a ratio of powers or a power: decibels.
    Gain,
    /// A data rate: bit/s.
    Rate,
    /// Events per time: per second.
    Frequency,
    /// An area: km².
    Area,
    /// An electric current: amperes.
    Current,
    /// A Doppler shift: of the carrier.
    Shift,
    /// How fast a Doppler shift changes: of the carrier per second.
    Drift,
    /// An angle: degrees.
    Angle,
    /// A distance: km.
    Distance,
}

/// A unit: its name, and how many base units it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// How files write it.
    pub name: &'static str,
    /// Base units in one.
    pub scale: f64,
}

const fn unit(name: &'static str, scale: f64) -> Unit {
    Unit { name, scale }
}

/// Days and hours in a year of 365.25 days.
const DAYS: f64 = 365.25;
const HOURS: f64 = 8_766.0;

impl Quantity {
    /// The units that a value may have, the smallest first.
    #[must_use]
    pub const fn units(self) -> &'static [Unit] {
        const TIMES: &[Unit] =
            &[unit("ms", 1e-3), unit("s", 1.0), unit("min", 60.0), unit("h", 3_600.0), unit("d", 86_400.0)];
        const ENERGIES: &[Unit] = &[unit("mJ", 1e-3), unit("J", 1.0)];
        const LIVES: &[Unit] = &[unit("h", 1.0 / HOURS), unit("d", 1.0 / DAYS), unit("y", 1.0)];
        const SHARES: &[Unit] = &[unit("%", 0.01), unit("", 1.0)];
        const COUNTS: &[Unit] = &[unit("", 1.0)];
        const GAINS: &[Unit] = &[unit("dB", 1.0), unit("dBm", 1.0)];
        const RATES: &[Unit] = &[unit("bit/s", 1.0), unit("kbit/s", 1e3)];
        const FREQUENCIES: &[Unit] = &[unit("/h", 1.0 / 3_600.0), unit("/s", 1.0)];
        const AREAS: &[Unit] = &[unit("km2", 1.0)];
        const CURRENTS: &[Unit] = &[unit("uA", 1e-6), unit("mA", 1e-3)];
        const ANGLES: &[Unit] = &[unit("deg", 1.0)];
        const DISTANCES: &[Unit] = &[unit("m", 1e-3), unit("km", 1.0)];
        match self {
            Quantity::Time => TIMES,
            Quantity::Energy => ENERGIES,
            Quantity::Life => LIVES,
            Quantity::Share => SHARES,
            Quantity::Count => COUNTS,
            Quantity::Gain => GAINS,
            Quantity::Rate => RATES,
            Quantity::Frequency => FREQUENCIES,
            Quantity::Area => AREAS,
            Quantity::Current => CURRENTS,
            Quantity::Shift => const { &[unit("ppm", 1e-6)] },
            Quantity::Drift => const { &[unit("ppm/s", 1e-6)] },
            Quantity::Angle => ANGLES,
            Quantity::Distance => DISTANCES,
        }
    }

    /// What to write, with an example.
    #[must_use]
    pub const fn examples(self) -> &'static str {
        match self {
            Quantity::Time => "a time in ms, s, min, h or d, such as `10s`",
            Quantity::Energy => "an energy in mJ or J, such as `80mJ`",
            Quantity::Life => "a life in years, such as `10y`",
            Quantity::Share => "a share, such as `99%` or `0.99`",
            Quantity::Count => "a number without a unit",
            Quantity::Gain => "a number of dB or dBm, such as `-4.6dB`",
            Quantity::Rate => "a rate in bit/s or kbit/s, such as `26kbit/s`",
            Quantity::Frequency => "a number per hour or second, such as `6.8/s`",
            Quantity::Area => "an area, such as `0.866km2`",
            Quantity::Current => "a current in uA or mA, such as `37uA`",
            Quantity::Shift => "a Doppler shift, such as `22.7ppm`",
            Quantity::Drift => "a Doppler rate, such as `0.29ppm/s`",
            Quantity::Angle => "an angle in degrees, such as `4.4deg`",
            Quantity::Distance => "a distance in m or km, such as `46.2km`",
        }
    }

    /// The largest unit of which `value` is at least one, or the smallest.
    #[must_use]
    pub fn fitting(self, value: f64) -> Unit {
        let units = self.units();
        // Years of a life, not the hours in it; a share is a percentage.
        let best = match self {
            Quantity::Life => units.last(),
            Quantity::Share => units.first(),
            _ => units.iter().rev().find(|unit| value.abs() >= unit.scale),
        };
        *best.unwrap_or(&units[0])
    }
}

/// An issue with the whole text.
pub(super) fn whole(text: &str, what: impl Into<String>) -> Issue {
    part(text, 0, text.len(), what)
}

/// An issue with the bytes `from..to` of the text.
pub(super) fn part(text: &str, from: usize, to: usize, what: impl Into<String>) -> Issue {
    let mut issue = Issue::new([] as [&str; 0], what);
    let start = text[..from].chars().count();
    issue.part = Some((start, text[from..to].trim_end().chars().count().max(1)));
    issue
}

/// Reads the number and the unit that stand in `text` from byte `from` on: the value in base units, and its unit.
///
/// # Errors
/// Says what is wrong with them; the issue's path is empty.
pub fn amount(text: &str, from: usize, quantity: Quantity) -> Result<(f64, Unit), Issue> {
    let start = from + (text[from..].len() - text[from..].trim_start().len());
    let tail = text[start..].trim_end();
    let digits = digits(tail);
    let refuse = |what: String| part(text, start, text.len(), what).expected(quantity.examples());
    let number = match tail[..digits].parse::<f64>() {
        Ok(number) if number.is_finite() => number,
        _ => return Err(refuse(format!("\"{}\" is not a number with a unit", shorten(tail, 40)))),
    };
    let name = tail[digits..].trim();
    match quantity.units().iter().find(|unit| unit.name == name) {
        Some(unit) => Ok((number * unit.scale, *unit)),
        None if name.is_empty() => Err(refuse(format!("the value `{}` has no unit", shorten(tail, 40)))),
        None => Err(refuse(format!("`{}` does not measure this metric", shorten(name, 20)))),
    }
}

/// How many bytes at the start of a text may be a number.
#[must_use]
pub fn digits(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-' | '+')).unwrap_or(text.len())
}

/// Three significant digits; whole numbers as they are.
#[must_use]
pub fn significant(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return format!("{value}");
    }
    // As many digits as it takes to tell 99.99 % from 100 %.
    let digits = match value.abs() {
        v if v >= 99.0 => 2,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        v if v >= 0.1 => 3,
        v if v >= 0.01 => 4,
        _ => 6,
    };
    format!("{value:.digits$}")
}
