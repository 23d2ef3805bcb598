//! When a shared channel may carry data: a pattern of usable milliseconds that repeats.
//!
//! Synchronisation signals, broadcast and random-access resources take subframes out of a channel. Data that meets them
//! is not lost but stretched: NPDCCH and NPDSCH skip such subframes (TS 36.211 clauses 10.2.3.4 and 10.2.5.5), NPUSCH is
//! postponed around NPRACH (clause 10.1.3.6).

use crate::units::{Divisor, SimDuration, SimTime};

/// The usable milliseconds of a channel.
///
/// Besides real time it knows *usable time*, which stands still while the channel is blocked; in it every transmission
/// has its net length, wherever it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Usable milliseconds before each millisecond of the pattern, and in all of it at the end.
    before: Vec<u32>,
    /// The millisecond of the pattern in which each usable millisecond lies.
    place: Vec<u32>,
    /// Length of the pattern, milliseconds.
    period: Divisor,
    /// Usable milliseconds in it.
    usable: Divisor,
}

/// Usable milliseconds that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The number of the first.
    pub first: u64,
    /// When it begins.
    pub start: SimTime,
    /// When the last ends.
    pub end: SimTime,
}

/// Shorter patterns are repeated up to this length, milliseconds: most stretches then lie within one.
const SHORTEST_PATTERN: u32 = 160;

/// Why a calendar could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing of the channel is left for data: broadcast and random access take all of it")]
pub struct NothingLeft;

impl Calendar {
    /// A channel that is never blocked.
    #[must_use]
    pub fn open() -> Calendar {
        let one = Divisor::new(1);
        Calendar { before: vec![0, 1], place: vec![0], period: one, usable: one }
    }

    /// A channel whose millisecond `m` is blocked if `blocked(m mod period_ms)` says so.
    ///
    /// # Errors
    /// [`NothingLeft`] if every millisecond is blocked.
    pub fn new(period_ms: u32, blocked: impl Fn(u32) -> bool) -> Result<Calendar, NothingLeft> {
        let pattern: Vec<bool> = (0..period_ms).map(blocked).collect();
        // Most patterns repeat sooner than the caller must assume, and short ones stay in the cache.
        let repeats =
            |length: &u32| pattern.iter().zip(pattern.iter().cycle().skip(*length as usize)).all(|(a, b)| a == b);
        let mut divisors = (1..=period_ms).filter(|length| period_ms.is_multiple_of(*length));
        let shortest = divisors.find(repeats).unwrap_or(period_ms);
        let period_ms = if shortest == 1 { 1 } else { SHORTEST_PATTERN.next_multiple_of(shortest) };
        let is_usable = |ms: &u32| !pattern[*ms as usize % pattern.len()];
        let place: Vec<u32> = (0..period_ms).filter(is_usable).collect();
        if place.is_empty() {
            return Err(NothingLeft);
        }
        let mut before = Vec::with_capacity(period_ms as usize + 1);
        let mut usable = 0;
        for ms in 0..=period_ms {
            before.push(usable);
            usable += u32::from(place.get(usable as usize) == Some(&ms));
        }
        let (period, usable) = (Divisor::new(u64::from(period_ms)), Divisor::new(place.len() as u64));
        Ok(Calendar { before, place, period, usable })
    }

    /// Share of the time that is usable, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.usable.by() as f64 / self.period.by() as f64
    }

    /// The first `length` usable milliseconds, at least one, at or after `time`.
    #[inline]
    #[must_use]
    pub fn stretch(&self, time: SimTime, length: u32) -> Stretch {
        let (ms, length) = (time.0.div_ceil(1_000), u64::from(length));
        if self.period.by() == 1 {
            return Stretch { first: ms, start: SimTime(ms * 1_000), end: SimTime((ms + length) * 1_000) };
        }
        let (periods, ms) = self.period.divide(ms);
        let before = u64::from(self.before[ms as usize]);
        let first = periods * self.usable.by() + before;
        let last = before + length - 1;
        if last >= self.usable.by() {
            return Stretch { first, start: self.start_of(first), end: self.end_of(first + length) };
        }
        let at = |place: u64| periods * self.period.by() + u64::from(self.place[place as usize]);
        Stretch { first, start: SimTime(at(before) * 1_000), end: SimTime((at(last) + 1) * 1_000) }
    }

    /// Usable milliseconds from the start of the run to the millisecond that begins at or after `time`.
    #[inline]
    #[must_use]
    pub fn usable_before(&self, time: SimTime) -> u64 {
        let (periods, ms) = self.period.divide(time.0.div_ceil(1_000));
        periods * self.usable.by() + u64::from(self.before[ms as usize])
    }

    /// The instant at which usable millisecond number `count` begins.
    #[inline]
    #[must_use]
    pub fn start_of(&self, count: u64) -> SimTime {
        let (periods, rest) = self.usable.divide(count);
        SimTime((periods * self.period.by() + u64::from(self.place[rest as usize])) * 1_000)
    }

    /// The instant at which usable millisecond number `count - 1` ends: when a transmission that takes all before
    /// `count` is over.
    #[inline]
    #[must_use]
    pub fn end_of(&self, count: u64) -> SimTime {
        if count == 0 { SimTime::ZERO } else { self.start_of(count - 1) + SimDuration::from_millis(1) }
    }
}

/// Gaps that some transmissions on a channel leave and others may use: the first `length` of each `period`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gaps {
    period: SimDuration,
    length: SimDuration,
    /// The usable milliseconds outside the gaps.
    outside: Calendar,
}

impl Gaps {
    /// Gaps of whole milliseconds. `outside` is the calendar of their channel without them.
    #[must_use]
    pub fn new(period_ms: u32, length_ms: u32, outside: Calendar) -> Gaps {
        let [period, length] = [period_ms, length_ms].map(|ms| SimDuration::from_millis(u64::from(ms)));
        Gaps { period, length, outside }
    }

    /// How much of the time before `time` lies in gaps.
    fn before(&self, time: SimTime) -> SimDuration {
        SimDuration(time.0 / self.period.0 * self.length.0 + (time.0 % self.period.0).min(self.length.0))
    }
}

/// A channel as one kind of transmission sees it: without gaps, or with gaps that postpone it.
///
/// Both kinds are booked in the usable milliseconds of the channel; a transmission that meets gaps is booked in pieces.
#[derive(Clone, Copy, Debug)]
pub struct Lane<'a> {
    /// The usable milliseconds of the channel.
    pub channel: &'a Calendar,
    /// The gaps of these transmissions.
    pub gaps: Option<&'a Gaps>,
}

impl<'a> Lane<'a> {
    /// The milliseconds that these transmissions may use; in it each has its net length.
    #[inline]
    #[must_use]
    pub fn usable(&self) -> &'a Calendar {
        self.gaps.map_or(self.channel, |gaps| &gaps.outside)
    }

    /// The pieces of a transmission of `length` of its milliseconds from number `start` on: the first of each and their
    /// count, in usable milliseconds of the channel.
    pub fn pieces(self, mut start: u64, length: u64) -> impl Iterator<Item = (u64, u64)> {
        let end = start + length;
        std::iter::from_fn(move || {
            let left = end.checked_sub(start).filter(|&left| left > 0)?;
            let Some(gaps) = self.gaps else {
                start = end;
                return Some((end - left, left));
            };
            let begin = gaps.outside.start_of(start);
            let gap = SimTime((begin.0 / gaps.period.0 + 1) * gaps.period.0);
            let first = self.channel.usable_before(begin);
            let count = left.min(self.channel.usable_before(gap) - first);
            start += count;
            Some((first, count))
        })
    }

    /// How much of the time from `start` to `end` lies in gaps of these transmissions.
    #[must_use]
    pub fn silence(&self, start: SimTime, end: SimTime) -> SimDuration {
        self.gaps.map_or(SimDuration::ZERO, |gaps| gaps.before(end) - gaps.before(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Walks millisecond by millisecond.
    fn slow_end(blocked: &dyn Fn(u32) -> bool, period: u32, start_ms: u64, length: u64) -> u64 {
        let (mut ms, mut left) = (start_ms, length);
        while left > 0 {
            left -= u64::from(!blocked((ms % u64::from(period)) as u32));
            ms += 1;
        }
        ms
    }

    #[test]
    fn stretches_like_the_slow_walk() {
        let blocked = |ms: u32| matches!(ms % 10, 0 | 5) || ms % 20 == 9;
        let calendar = Calendar::new(20, blocked).unwrap();
        assert!((calendar.share() - 0.75).abs() < 1e-12);
        for start in 0..200 {
            for length in 1..200 {
                let first = calendar.usable_before(SimTime(start * 1_000));
                let end = calendar.end_of(first + length);
                assert_eq!(end.0 / 1_000, slow_end(&blocked, 20, start, length));
                let stretch = Stretch { first, start: calendar.start_of(first), end };
                assert_eq!(calendar.stretch(SimTime(start * 1_000 - start % 2), length as u32), stretch);
            }
        }
    }

    #[test]
    fn an_open_channel_changes_nothing() {
        let calendar = Calendar::open();
        assert_eq!(calendar.usable_before(SimTime(7_500)), 8);
        assert_eq!(calendar.end_of(11), SimTime(11_000));
        let stretch = Stretch { first: 8, start: SimTime(8_000), end: SimTime(11_000) };
        assert_eq!(calendar.stretch(SimTime(7_500), 3), stretch);
        assert_eq!(Calendar::new(4, |_| true), Err(NothingLeft));
    }
}
