//! The coded timers and cycles of the core network: a terminal asks for a time, the network grants one that has a code.
//!
//! T3412 extended is a "GPRS timer 3" and T3324 a "GPRS timer 2" (TS 24.008 clauses 10.5.7.4a and 10.5.7.4): three bits
//! of unit and five bits of value, 0 to 31. A time without a code is rounded up to the next that has one, as modems do
//! when they encode a request: an update that comes later than wished costs less energy, one that comes earlier costs more.
//! Extended DRX has four bits for its cycle and four for its paging time window (clause 10.5.5.32).

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

/// Shortest cycle of extended DRX in NB-IoT; the others are this times a power of two.
const SHORTEST_EDRX: SimDuration = SimDuration::from_millis(20_480);

/// Longest cycle of extended DRX.
pub const MAX_EDRX: SimDuration = SimDuration::from_millis(10_485_760);

/// Cycles whose codes are for LTE-M only, in milliseconds. NB-IoT reads each of them as the shortest that it has
/// (unverified).
const FOREIGN_EDRX_MS: [u64; 6] = [5_120, 10_240, 61_440, 102_400, 122_880, 143_360];

/// Step of the paging time window in NB-IoT, whose sixteen codes begin with one step.
const PTW_STEP: SimDuration = SimDuration::from_millis(2_560);

/// Longest paging time window in NB-IoT: sixteen steps.
pub const MAX_PTW: SimDuration = SimDuration::from_millis(40_960);

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

/// The cycle of extended DRX that NB-IoT understands: the shortest with a code that is not below `requested`, or what it
/// makes of the code of another technology; `None` beyond [`MAX_EDRX`].
#[must_use]
pub fn granted_edrx(requested: SimDuration) -> Option<SimDuration> {
    if FOREIGN_EDRX_MS.map(SimDuration::from_millis).contains(&requested) {
        return Some(SHORTEST_EDRX);
    }
    (0..10).map(|power| SHORTEST_EDRX * (1 << power)).find(|cycle| *cycle >= requested)
}

/// The shortest paging time window of NB-IoT with a code that is not below `requested`; `None` beyond [`MAX_PTW`].
#[must_use]
pub fn granted_ptw(requested: SimDuration) -> Option<SimDuration> {
    let steps = requested.0.div_ceil(PTW_STEP.0).max(1);
    Some(PTW_STEP * steps).filter(|window| *window <= MAX_PTW)
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
    fn extended_drx_has_ten_cycles_and_sixteen_windows() {
        // The cycles of TS 24.008 table 10.5.5.32 that NB-IoT has, as module manuals list them, in seconds.
        let cycles = [20.48, 40.96, 81.92, 163.84, 327.68, 655.36, 1_310.72, 2_621.44, 5_242.88, 10_485.76];
        for cycle in cycles.map(SimDuration::from_secs_f64) {
            assert_eq!(granted_edrx(cycle), Some(cycle));
        }
        let seconds = |s: f64| granted_edrx(SimDuration::from_secs_f64(s)).map(SimDuration::as_secs_f64);
        for (asked, granted) in [(0.0, 20.48), (20.49, 40.96), (60.0, 81.92), (3_600.0, 5_242.88)] {
            assert_eq!(seconds(asked), Some(granted), "{asked} s");
        }
        for windows in 1..=16 {
            let window = SimDuration::from_millis(2_560 * windows);
            assert_eq!(granted_ptw(window), Some(window));
        }
        assert_eq!(granted_ptw(SimDuration::ZERO), Some(SimDuration::from_millis(2_560)));
        assert_eq!(granted_ptw(SimDuration::from_secs(10)), Some(SimDuration::from_millis(10_240)));
    }

    #[test]
    fn there_is_a_longest_time() {
        let longer = |time: SimDuration| time + SimDuration::from_micros(1);
        assert_eq!((granted_edrx(longer(MAX_EDRX)), granted_ptw(longer(MAX_PTW))), (None, None));
        assert_eq!((granted_edrx(MAX_EDRX), granted_ptw(MAX_PTW)), (Some(MAX_EDRX), Some(MAX_PTW)));
        assert_eq!(granted_t3412(MAX_T3412), Some(MAX_T3412));
        assert_eq!(granted_t3412(MAX_T3412 + SimDuration::from_micros(1)), None);
        assert_eq!(granted_t3324(MAX_T3324), Some(MAX_T3324));
        assert_eq!(granted_t3324(hours(4)), None);
    }
}
