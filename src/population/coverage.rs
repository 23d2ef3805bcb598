//! Coverage by a network whose sites nobody has told: a share of all places has it, and a terminal goes from place to place.

use crate::rng::{Key, Purpose};
use crate::units::{Db, SimDuration, SimTime};

/// How a network without places covers terminals that are somewhere on Earth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// Share of the places that are covered, 0 to 1.
    pub share: f64,
    /// How long a terminal stays at a place; absent if it never leaves its own.
    pub stay: Option<SimDuration>,
    /// Coupling loss where there is coverage.
    pub coupling_loss: Db,
}

impl Coverage {
    /// Whether somebody with this stream of draws is covered at an instant. Each place is drawn by itself, so any instant can be asked.
    #[must_use]
    pub fn is_there(&self, stream: Key, at: SimTime) -> bool {
        let place = self.stay.map_or(0, |stay| {
            // All do not leave at once.
            let phase = stream.draw(Purpose::Coverage, 0).below(stay.0.max(1));
            1 + (at.0 + phase) / stay.0.max(1)
        });
        stream.draw(Purpose::Coverage, 1 + place).unit() < self.share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAY: SimDuration = SimDuration::from_hours(12);

    fn covered(coverage: &Coverage, hours: u64) -> usize {
        let at = SimTime::ZERO + SimDuration::from_hours(hours);
        (0..10_000).filter(|&terminal| coverage.is_there(Key(1).child(terminal), at)).count()
    }

    #[test]
    fn the_share_holds_at_any_time() {
        let coverage = Coverage { share: 0.8, stay: Some(STAY), coupling_loss: Db(140.0) };
        for hours in [0, 1, 12, 1_000] {
            // Four standard deviations of a binomial count are 160.
            assert!(covered(&coverage, hours).abs_diff(8_000) < 160, "after {hours} h");
        }
        assert_eq!(covered(&Coverage { share: 0.0, ..coverage }, 5), 0);
        assert_eq!(covered(&Coverage { share: 1.0, ..coverage }, 5), 10_000);
    }

    #[test]
    fn who_stays_stays_and_who_goes_on_forgets() {
        let at = |hours| SimTime::ZERO + SimDuration::from_hours(hours);
        let same = |coverage: Coverage, hours| {
            let keys = (0..10_000).map(|terminal| Key(2).child(terminal));
            keys.filter(|&key| coverage.is_there(key, at(0)) == coverage.is_there(key, at(hours))).count()
        };
        let coverage = Coverage { share: 0.5, stay: None, coupling_loss: Db(140.0) };
        assert_eq!(same(coverage, 5_000), 10_000);
        let goes = Coverage { stay: Some(STAY), ..coverage };
        // Half of them have left after half a stay, and half of those are covered as before.
        assert!(same(goes, 6).abs_diff(7_500) < 180);
        assert!(same(goes, 24).abs_diff(5_000) < 200);
    }
}
