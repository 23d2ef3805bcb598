//! NB-IoT over a satellite: what long ways change (TS 36.300 clause 23.21, Release 17).
//!
//! Times are those of the base station. There a block that a grant lets a terminal send arrives K_offset later than on the
//! ground, because the terminal hears the grant late and sends early by its timing advance. Response windows and timers start
//! later by the round trip at the terminal, and so at the same time as on the ground at the base station.

use crate::radio::channel::Assistance;
use crate::radio::plan::Doing;
use crate::units::SimDuration;

/// The first release with HARQ feedback that can be switched off.
pub const RELEASE_WITHOUT_FEEDBACK: u32 = 18;

/// What a satellite changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Ntn {
    /// Release that network and terminals follow: 17 to 19.
    pub release: u32,
    /// Longest way from a terminal to the base station and back: the service link, and the feeder link if the satellite only
    /// passes signals on. Every terminal is taken to be so far.
    pub round_trip: SimDuration,
    /// ul-SyncValidityDuration: how long what SIB31-NB says can be used.
    pub sync_validity: SimDuration,
    /// Period in which SIB31-NB is broadcast.
    pub assistance_period: SimDuration,
    /// Receiving it, once begun.
    pub assistance: SimDuration,
    /// Frequencies around which a terminal searches that does not know the satellites yet.
    pub doppler_hypotheses: u32,
    /// Whether terminals acknowledge blocks of the downlink; without it the network sends nothing again on its own
    /// (Release 18).
    pub harq_feedback: bool,
}

impl Ntn {
    /// K_offset: the round trip in whole subframes (TS 36.213 clause 16.4.2, k-Offset).
    #[must_use]
    pub fn k_offset(&self) -> SimDuration {
        SimDuration::from_millis(self.round_trip.as_millis_ceil())
    }

    /// From the terminal to the base station.
    #[must_use]
    pub fn one_way(&self) -> SimDuration {
        SimDuration(self.round_trip.0 / 2)
    }

    /// SIB31-NB, without which a terminal does not know its timing advance (TS 36.331 clause 5.2.2.7).
    #[must_use]
    pub fn assistance(&self) -> Assistance {
        Assistance {
            doing: Doing { what: "SIB31-NB", clause: "TS 36.331 5.2.2.7, 5.3.3.21" },
            period: self.assistance_period,
            length: self.assistance,
            validity: self.sync_validity,
            ahead: self.k_offset() + self.assistance_period + self.assistance,
        }
    }
}

/// What one HARQ process carries at most, bit/s: the next block waits for the acknowledgement of the one before it. `busy` is the
/// time that a block and the processing around it take.
#[must_use]
pub fn stop_and_wait(bits: f64, busy: SimDuration, round_trip: SimDuration) -> f64 {
    bits / (busy + round_trip).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ntn(round_trip_us: u64) -> Ntn {
        Ntn {
            release: 17,
            round_trip: SimDuration(round_trip_us),
            sync_validity: SimDuration::from_secs(5),
            assistance_period: SimDuration::from_millis(640),
            assistance: SimDuration::from_millis(80),
            doppler_hypotheses: 1,
            harq_feedback: true,
        }
    }

    #[test]
    fn k_offset_covers_the_longest_way() {
        // Transparent satellites at 600 and 1200 km and in geostationary orbit, service and feeder link at 10 degrees.
        for (round_trip_us, k_offset_ms) in [(25_773, 26), (41_775, 42), (541_457, 542)] {
            assert_eq!(ntn(round_trip_us).k_offset(), SimDuration::from_millis(k_offset_ms));
        }
        assert_eq!(ntn(541_457).one_way(), SimDuration(270_728));
    }
}
