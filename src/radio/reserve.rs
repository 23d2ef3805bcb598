//! Room in the downlink that is kept for random-access responses until it is known whether they are needed.
//!
//! A base station serves responses first: their window is short. Bookings here are promises made as they come, so a promise
//! for a time that an opportunity may need is not made before the opportunity has been decided; what is left then is free for
//! all.

use crate::radio::calendar::{Calendar, lcm};
use crate::radio::channel::{AccessChannel, Link};
use crate::units::{Divisor, SimDuration, SimTime};

/// Kept stretches of a downlink, in its usable milliseconds: a pattern that repeats.
#[derive(Clone, Debug, PartialEq)]
pub struct Reserve {
    /// The stretches by their start. Some begin in the pattern before.
    spots: Vec<Spot>,
    /// For each usable millisecond of the pattern, the first stretch that may not be over.
    first: Vec<u32>,
    /// Usable milliseconds of the pattern.
    usable: Divisor,
    /// Its length.
    period: SimDuration,
    /// Longer transmissions do not heed it: they would never find a place between two stretches.
    longest: u64,
}

/// One stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spot {
    /// Its usable milliseconds, counted from the start of the pattern.
    start: i64,
    end: i64,
    /// When it is known whether it is needed, µs after the start of the pattern.
    known: i64,
}

/// Longest pattern, milliseconds: NPRACH and broadcast periods of the standards fit well within.
const LONGEST_PATTERN_MS: u32 = 1 << 20;

impl Reserve {
    /// Room for one message of responses behind each opportunity of the channels. `None` without any, or if the pattern does
    /// not repeat within a quarter of an hour.
    #[must_use]
    pub fn new(calendar: &Calendar, channels: &[AccessChannel], links: &[Link]) -> Option<Reserve> {
        let period_ms = channels.iter().try_fold(calendar.period_ms(), |period, channel| {
            let common = lcm(period, channel.period.as_millis_ceil() as u32);
            (common <= LONGEST_PATTERN_MS).then_some(common)
        })?;
        let period = SimDuration::from_millis(u64::from(period_ms));
        let usable = calendar.usable_before(SimTime::ZERO + period);
        let mut spots = Vec::new();
        for channel in channels {
            let link = &links[channel.link];
            let most = channel.response_bytes * channel.responses_per_message;
            let length = link.common.airtime_ms
                + link.downlink_gap.as_millis_ceil() as u32
                + link.tables[channel.response_table].row_for(most).airtime_ms;
            for number in 0..period.0 / channel.period.0 {
                let known = channel.begin(number) + channel.decision_delay();
                let start = calendar.usable_before(link.common.search.next(known)) as i64;
                let spot = Spot { start, end: start + i64::from(length), known: known.0 as i64 };
                // What reaches over an end of the pattern is listed at its other end, too.
                spots.extend([-1, 0, 1].map(|patterns| spot.moved(patterns, usable as i64, period.0 as i64)));
            }
        }
        spots.sort_unstable_by_key(|spot| (spot.start, spot.end, spot.known));
        let longest = widest_gap(&spots);
        spots.retain(|spot| spot.end > 0 && spot.start < (usable + longest) as i64);
        let first = |ms: u64| spots.iter().position(|spot| spot.end > ms as i64).unwrap_or(spots.len()) as u32;
        let first = (0..usable).map(first).collect();
        Some(Reserve { spots, first, usable: Divisor::new(usable), period, longest })
    }

    /// The end of a stretch that `length` usable milliseconds from number `start` on would meet, and of which it is not known
    /// at `now` whether it is needed.
    #[must_use]
    pub fn end_of_met(&self, start: u64, length: u64, now: SimTime) -> Option<u64> {
        if length > self.longest {
            return None;
        }
        let (pattern, within) = self.usable.divide(start);
        let end = (within + length) as i64;
        let now = now.0 as i64 - (pattern * self.period.0) as i64;
        let meets = |spot: &&Spot| spot.end > within as i64 && spot.known > now;
        let spots = self.spots[self.first[within as usize] as usize..].iter();
        let met = spots.take_while(|spot| spot.start < end).find(meets)?;
        Some((pattern * self.usable.by()).saturating_add_signed(met.end))
    }
}

/// The most milliseconds in a row that no stretch takes, of stretches in order.
fn widest_gap(spots: &[Spot]) -> u64 {
    let (mut widest, mut end) = (0, spots.first().map_or(0, |spot| spot.end));
    for spot in spots {
        widest = widest.max(spot.start - end);
        end = end.max(spot.end);
    }
    widest as u64
}

impl Spot {
    fn moved(self, patterns: i64, usable: i64, period: i64) -> Spot {
        let Spot { start, end, known } = self;
        Spot { start: start + patterns * usable, end: end + patterns * usable, known: known + patterns * period }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Key, Purpose};

    /// Stretches of 6 known at 30 ms of each 50 ms that begin at 35 ms; a calendar in which every tenth millisecond is taken.
    fn reserve(calendar: &Calendar) -> Reserve {
        let spot = |number: i64| {
            let start = calendar.usable_before(SimTime(35_000 + number as u64 * 50_000)) as i64;
            Spot { start, end: start + 6, known: 30_000 + number * 50_000 }
        };
        // The pattern of 100 ms has 90 usable ones.
        let mut spots: Vec<Spot> =
            [0, 1].iter().flat_map(|number| [-1, 0, 1].map(|by| spot(*number).moved(by, 90, 100_000))).collect();
        spots.retain(|spot| spot.end > 0 && spot.start < 110);
        spots.sort_unstable_by_key(|spot| spot.start);
        let first = |ms: u64| spots.iter().position(|spot| spot.end > ms as i64).unwrap_or(spots.len()) as u32;
        let first = (0..90).map(first).collect();
        Reserve { spots, first, usable: Divisor::new(90), period: SimDuration::from_millis(100), longest: 20 }
    }

    #[test]
    fn keeps_what_the_slow_twin_keeps() {
        let calendar = Calendar::new(10, |ms| ms == 5).unwrap();
        let reserve = reserve(&calendar);
        let key = Key::root(6);
        for n in 0..20_000 {
            let now = SimTime(key.draw(Purpose::Delay, n).below(3_000_000));
            let start = calendar.usable_before(now) + key.draw(Purpose::Jitter, n).below(200);
            let length = 1 + key.draw(Purpose::Payload, n).below(20);
            // Every opportunity one by one.
            let met = (0..200u64).find_map(|opportunity| {
                let begin = calendar.usable_before(SimTime(opportunity * 50_000 + 35_000));
                let unknown = SimTime(opportunity * 50_000 + 30_000) > now;
                (unknown && begin < start + length && start < begin + 6).then_some(begin + 6)
            });
            assert_eq!(reserve.end_of_met(start, length, now), met, "{n}: {start} + {length} at {now:?}");
        }
        assert_eq!(reserve.end_of_met(30, 21, SimTime::ZERO), None, "too long to heed it");
    }

    #[test]
    fn what_fits_between_two_stretches_heeds_them() {
        let spot = |start, end| Spot { start, end, known: 0 };
        assert_eq!(widest_gap(&[spot(-5, 3), spot(10, 40), spot(12, 20), spot(45, 50)]), 7);
        assert_eq!(widest_gap(&[spot(-5, 30), spot(10, 40), spot(40, 50)]), 0, "there is no room at all");
    }
}
