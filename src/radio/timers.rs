//! The coded timers of the core network: a terminal asks for a time, the network grants one that has a code.
//!
//! T3412 extended is a "GPRS timer 3" and T3324 a "GPRS timer 2" (TS 24.008 clauses 10.5.7.4a and 10.5.7.4): three bits
//! of unit and five bits of value, 0 to 31. A time without a code is rounded up to the next that has one, as modems do
//! when they encode a request: an update that comes later than wished costs less energy, one that comes earlier costs more.

use crate::units::SimDuration;

/// Units of T3412 extended in seconds, by their code 000 to 110; 111 switches the timer off.
const T3412_UNITS_S: [u64; 7] = [600, 3_600, 36_000, 2, 30, 60, 1_152_000];

/// Units of T3324 in seconds, by their code 000 to 010; 111 switches the timer off.
const T3324_UNITS_S: [u64; 3] = [2, 60, 360];

/// Largest value of the five bits behind the unit.
const MAX_VALUE: u64 = 31;

/// Longest T3412 extended: 31 times 320 hours.
pub const MAX_T3412: SimDuration = SimDuration::from_hours(9_920);

/// Longest T3324: 31 times 6 minutes.
pub const MAX_T3324: SimDuration = SimDuration::from_secs(11_160);

/// The shortest T3412 extended with a code that is not below `requested`; `None` beyond [`MAX_T3412`].
#[must_use]
pub fn granted_t3412(requested: SimDuration) -> Option<SimDuration> {
    not_below(requested, &T3412_UNITS_S)
}

/// The shortest T3324 with a code that is not below `requested`; `None` beyond [`MAX_T3324`].
#[must_use]
pub fn granted_t3324(requested: SimDuration) -> Option<SimDuration> {
    not_below(requested, &T3324_UNITS_S)
}

fn not_below(requested: SimDuration, units_s: &[u64]) -> Option<SimDuration> {
    let codable = |unit_s: &u64| {
        let unit = SimDuration::from_secs(*unit_s);
        let value = requested.0.div_ceil(unit.0);
        (value <= MAX_VALUE).then(|| unit * value)
    };
    units_s.iter().filter_map(codable).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn hours(h: u64) -> SimDuration {
        SimDuration::from_hours(h)
    }

    #[test]
    fn times_with_a_code_are_granted_as_they_are() {
        // TS 24.008: code 110 value 31, code 010 value 7, code 011 value 1.
        for time in [hours(9_920), hours(70), hours(80), hours(1), SimDuration::from_secs(2), SimDuration::ZERO] {
            assert_eq!(granted_t3412(time), Some(time));
        }
        for seconds in [0, 2, 10, 62, 60 * 31, 186 * 60] {
            assert_eq!(granted_t3324(SimDuration::from_secs(seconds)), Some(SimDuration::from_secs(seconds)));
        }
    }

    #[test]
    fn other_times_are_rounded_up() {
        assert_eq!(granted_t3412(hours(72)), Some(hours(80)));
        assert_eq!(granted_t3412(hours(311)), Some(hours(320)));
        assert_eq!(granted_t3412(SimDuration::from_secs(3)), Some(SimDuration::from_secs(4)));
        assert_eq!(granted_t3324(SimDuration::from_secs(63)), Some(SimDuration::from_secs(120)));
        assert_eq!(granted_t3324(SimDuration::from_micros(1)), Some(SimDuration::from_secs(2)));
    }

    #[test]
    fn there_is_a_longest_time() {
        assert_eq!(granted_t3412(MAX_T3412), Some(MAX_T3412));
        assert_eq!(granted_t3412(MAX_T3412 + SimDuration::from_micros(1)), None);
        assert_eq!(granted_t3324(MAX_T3324), Some(MAX_T3324));
        assert_eq!(granted_t3324(hours(4)), None);
    }
}
