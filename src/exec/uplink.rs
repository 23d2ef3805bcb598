//! The uplink of a cell: tones side by side, each one block at a time.

use std::ops::Range;

use crate::radio::calendar::Calendar;
use crate::units::SimTime;

/// What the tones of an uplink have promised.
#[derive(Clone, Debug)]
pub struct Uplink {
    /// From when each tone is free.
    free: Vec<SimTime>,
}

/// A booked stretch of one tone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Number of the tone.
    pub tone: usize,
    /// When it begins.
    pub start: SimTime,
    /// When it ends, postponements included.
    pub end: SimTime,
}

impl Uplink {
    /// An uplink of `tones` free tones.
    #[must_use]
    pub fn new(tones: usize) -> Uplink {
        Uplink { free: vec![SimTime::ZERO; tones] }
    }

    /// Books `length_ms` usable milliseconds of one of the `allowed` tones at or after `from`.
    ///
    /// Best fit: of the tones that are free at `from` the one that was busy last, so that long gaps stay whole; if none
    /// is free, the one that becomes free first.
    pub fn take(&mut self, calendars: &[Calendar], allowed: &Range<usize>, from: SimTime, length_ms: u32) -> Slot {
        let (mut tone, mut least) = (allowed.start, u64::MAX);
        for (number, free) in self.free[allowed.clone()].iter().enumerate() {
            // The idle time that would be lost; any wait is worse than any idle time.
            let cost = if *free <= from { from.0 - free.0 } else { (1 << 63) | (free.0 - from.0) };
            if cost < least {
                (tone, least) = (allowed.start + number, cost);
            }
        }
        let calendar = &calendars[tone];
        let first = calendar.usable_before(from.max(self.free[tone]));
        let slot = Slot { tone, start: calendar.start_of(first), end: calendar.end_of(first + u64::from(length_ms)) };
        self.free[tone] = slot.end;
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Key, Purpose};

    #[test]
    fn takes_the_tone_that_fits_best() {
        let calendars = vec![Calendar::open(); 3];
        let mut uplink = Uplink::new(3);
        let ms = |ms: u64| SimTime(ms * 1_000);
        assert_eq!(uplink.take(&calendars, &(0..3), ms(0), 100), Slot { tone: 0, start: ms(0), end: ms(100) });
        assert_eq!(uplink.take(&calendars, &(0..3), ms(0), 50).tone, 1);
        assert_eq!(uplink.take(&calendars, &(0..3), ms(60), 10).tone, 1, "busy last");
        assert_eq!(uplink.take(&calendars, &(0..3), ms(60), 200).tone, 2);
        assert_eq!(
            uplink.take(&calendars, &(0..3), ms(65), 10),
            Slot { tone: 1, start: ms(70), end: ms(80) },
            "free first"
        );
    }

    #[test]
    fn tones_are_never_booked_twice() {
        let calendars: Vec<_> = (0..12).map(|tone| Calendar::new(40, |ms| tone < 3 && ms < 6).unwrap()).collect();
        let (mut uplink, key) = (Uplink::new(12), Key::root(9));
        let mut booked: Vec<Vec<Slot>> = vec![Vec::new(); 12];
        let mut total = 0;
        for n in 0..5_000u64 {
            let from = SimTime((n * 20 + key.draw(Purpose::Delay, n).below(60)) * 1_000);
            let length = 8 << key.draw(Purpose::Payload, n).below(6);
            let slot = uplink.take(&calendars, &(0..12), from, length);
            assert!(slot.start >= from);
            booked[slot.tone].push(slot);
            total += u64::from(length);
        }
        let last = booked.iter().flatten().map(|slot| slot.end).max().unwrap();
        for slots in &booked {
            assert!(slots.windows(2).all(|pair| pair[0].end <= pair[1].start));
        }
        assert!(total <= 12 * last.0 / 1_000, "booked tones x time stay within the grid");
    }
}
