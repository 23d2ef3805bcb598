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
        let place: Vec<u32> = (0..period_ms).filter(|&ms| !blocked(ms)).collect();
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
        for start in 0..50 {
            for length in 1..70 {
                let first = calendar.usable_before(SimTime(start * 1_000));
                assert_eq!(calendar.end_of(first + length).0 / 1_000, slow_end(&blocked, 20, start, length));
            }
        }
    }

    #[test]
    fn an_open_channel_changes_nothing() {
        let calendar = Calendar::open();
        assert_eq!(calendar.usable_before(SimTime(7_500)), 8);
        assert_eq!(calendar.end_of(11), SimTime(11_000));
        assert_eq!(Calendar::new(4, |_| true), Err(NothingLeft));
    }
}
