//! The uplink of a cell: tones side by side, each one block at a time.

use std::ops::Range;

use crate::radio::calendar::{Calendar, Stretch};
use crate::radio::channel::Band;
use crate::units::SimTime;

/// What the tones of an uplink have promised.
#[derive(Clone, Debug)]
pub struct Uplink {
    /// From when each tone is free.
    free: Vec<SimTime>,
}

/// A booked stretch of one tone or of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Number of the tone, of several the first.
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
        let free = &self.free[allowed.clone()];
        // What is free by then wraps around to the highest numbers, of which the one that was busy last is the highest.
        let mut best = (0, 0);
        for (number, free) in free.iter().enumerate() {
            let rank = free.0.wrapping_sub(from.0 + 1);
            best = if rank > best.0 { (rank, number) } else { best };
        }
        if free[best.1] > from {
            best.1 = first_of_least(free);
        }
        let tone = allowed.start + best.1;
        let free = &mut self.free[tone];
        let Stretch { start, end, .. } = calendars[tone].stretch(from.max(*free), length_ms);
        *free = end;
        Slot { tone, start, end }
    }

    /// Books `length_ms` milliseconds of all tones of one of `bands`, at least one, at or after `from`; returns which.
    ///
    /// A band is free once all its tones are. Best fit as with single tones: the band with the least idle time behind its
    /// tones together, or, if none is free at `from`, the one that becomes free first.
    pub fn take_band<'a>(&mut self, bands: &'a [Band], from: SimTime, length_ms: u32) -> (&'a Band, Slot) {
        let (mut number, mut least, mut begin) = (0, u64::MAX, from);
        for (candidate, band) in bands.iter().enumerate() {
            let (mut idle, mut ready) = (0, from);
            for &free in &self.free[band.tones.clone()] {
                idle += from.since(free).0;
                ready = ready.max(free);
            }
            let cost = if ready <= from { idle } else { (1 << 63) | (ready.0 - from.0) };
            if cost < least {
                (number, least, begin) = (candidate, cost, ready);
            }
        }
        let band = &bands[number];
        let Stretch { start, end, .. } = band.calendar.stretch(begin, length_ms);
        self.free[band.tones.clone()].fill(end);
        (band, Slot { tone: band.tones.start, start, end })
    }
}

/// Which tone becomes free first; of several the first.
fn first_of_least(free: &[SimTime]) -> usize {
    (1..free.len()).fold(0, |first, tone| if free[tone] < free[first] { tone } else { first })
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

    /// The slow twin: what was booked on each tone, millisecond by millisecond.
    struct Flags {
        booked: Vec<Vec<bool>>,
        blocked: fn(usize, u64) -> bool,
    }

    impl Flags {
        /// When the last booking of a tone ends.
        fn free(&self, tone: usize) -> u64 {
            self.booked[tone].iter().rposition(|&booked| booked).map_or(0, |last| last as u64 + 1)
        }

        fn take(&mut self, sets: &[Range<usize>], from: u64, length: u64) -> (Range<usize>, u64, u64) {
            let is_free = |set: &Range<usize>, at: u64| set.clone().all(|tone| self.free(tone) <= at);
            let at = (from..).find(|&at| sets.iter().any(|set| is_free(set, at))).unwrap();
            let idle = |set: &Range<usize>| set.clone().map(|tone| from.saturating_sub(self.free(tone))).sum::<u64>();
            let free = sets.iter().filter(|set| is_free(set, at));
            // Whoever has to wait takes the first.
            let set = free.min_by_key(|set| if at == from { idle(set) } else { 0 }).unwrap().clone();
            let usable = |ms: &u64| set.clone().all(|tone| !(self.blocked)(tone, *ms));
            let taken: Vec<u64> = (at..).filter(usable).take(length as usize).collect();
            let (start, end) = (taken[0], taken[taken.len() - 1] + 1);
            for tone in set.clone() {
                let flags = &mut self.booked[tone];
                flags.resize(flags.len().max(end as usize), false);
                flags[start as usize..end as usize].fill(true);
            }
            (set, start, end)
        }
    }

    #[test]
    fn several_tones_are_booked_like_flags() {
        // Random access on tones 0 to 2 and, at another time, on tone 7.
        let blocked = |tone: usize, ms: u64| (tone < 3 && ms % 40 < 6) || (tone == 7 && ms % 80 >= 60);
        let ranges: Vec<Range<usize>> = vec![0..3, 3..6, 6..9, 0..6, 0..9];
        let calendar = |tones: Range<usize>| {
            Calendar::new(80, |ms| tones.clone().any(|tone| blocked(tone, u64::from(ms)))).unwrap()
        };
        let singles: Vec<Calendar> = (0..9).map(|tone| calendar(tone..tone + 1)).collect();
        let bands: Vec<Band> =
            ranges.iter().map(|r| Band { tones: r.clone(), calendar: calendar(r.clone()) }).collect();
        let ones: Vec<Range<usize>> = (0..9).map(|tone| tone..tone + 1).collect();
        let (mut uplink, key) = (Uplink::new(9), Key::root(3));
        let mut slow = Flags { booked: vec![Vec::new(); 9], blocked };
        for n in 0..600u64 {
            let from = n * 12 + key.draw(Purpose::Delay, n).below(50);
            let length = 1 + key.draw(Purpose::Payload, n).below(40);
            let at = SimTime(from * 1_000);
            let (taken, slot) = match key.draw(Purpose::Preamble, n).below(4) {
                0 | 1 => (slow.take(&ones, from, length), uplink.take(&singles, &(0..9), at, length as u32)),
                2 => (slow.take(&ranges[..3], from, length), uplink.take_band(&bands[..3], at, length as u32).1),
                _ => (slow.take(&ranges[3..], from, length), uplink.take_band(&bands[3..], at, length as u32).1),
            };
            let expected = Slot { tone: taken.0.start, start: SimTime(taken.1 * 1_000), end: SimTime(taken.2 * 1_000) };
            assert_eq!(slot, expected, "{n}");
        }
    }
}
