//! The downlink of a cell: one channel, one block at a time, first come first served with backfilling.

use crate::radio::calendar::Lane;
use crate::radio::channel::SearchSpace;
use crate::units::SimTime;

/// What a downlink has promised.
///
/// Bookings are kept in usable milliseconds of the channel's calendar, in which every block has its net length. A booking
/// may fill a hole that earlier ones left, so a grant that waits for its search space blocks nobody.
#[derive(Clone, Debug, Default)]
pub struct Downlink {
    /// Disjoint bookings in order, neighbours merged, as [first, last).
    booked: Vec<(u64, u64)>,
    /// How many of them there may be before those of the past are forgotten.
    room: usize,
}

/// Bookings that are kept whether they are past or not: to look for some to forget takes longer than to pass over a few.
const KEPT: usize = 12;

/// A grant in the control channel and, if it is for the downlink, its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The first instant at which the grant could have begun.
    pub candidate: SimTime,
    /// When it begins.
    pub control_start: SimTime,
    /// When it ends.
    pub control_end: SimTime,
    /// Its first usable millisecond.
    first: u64,
}

impl Grant {
    /// One that was received some time ago; of it counts only when it ended.
    #[must_use]
    pub fn received(end: SimTime) -> Grant {
        Grant { candidate: end, control_start: end, control_end: end, first: 0 }
    }
}

impl Downlink {
    /// Forgets what lies before `now` when there is much of it. Bookings never reach back behind the clock of the cell.
    #[inline]
    pub fn forget(&mut self, lane: Lane<'_>, now: SimTime) {
        if self.booked.len() > self.room {
            let gone = lane.channel.usable_before(now);
            self.booked.drain(..self.booked.partition_point(|&(_, end)| end <= gone));
            self.room = self.booked.len() + KEPT;
        }
    }

    /// Finds the first grant of `control_ms` usable milliseconds at or after `from`. Books nothing.
    #[must_use]
    pub fn find_grant(&self, lane: Lane<'_>, search: &SearchSpace, from: SimTime, control_ms: u32) -> Grant {
        let calendar = lane.usable();
        let candidate = search.next(from);
        let mut at = candidate;
        loop {
            let wanted = calendar.stretch(at, control_ms);
            let free = self.fit(lane, wanted.first, u64::from(control_ms));
            if free == wanted.first {
                return Grant { candidate, control_start: at, control_end: wanted.end, first: free };
            }
            // The first instant from which on the milliseconds in between are over; it may lie in a blocked one.
            at = search.next(calendar.end_of(free));
        }
    }

    /// Books the control channel of a grant that was just found.
    pub fn take_grant(&mut self, lane: Lane<'_>, grant: &Grant, control_ms: u32) {
        self.book(lane, grant.first, u64::from(control_ms));
    }

    /// Books the first `length_ms` usable milliseconds at or after `from`; returns when they begin and end.
    pub fn take_block(&mut self, lane: Lane<'_>, from: SimTime, length_ms: u32) -> (SimTime, SimTime) {
        let (calendar, length) = (lane.usable(), u64::from(length_ms));
        let wanted = calendar.stretch(from, length_ms);
        let start = self.fit(lane, wanted.first, length);
        self.book(lane, start, length);
        if start == wanted.first {
            return (wanted.start, wanted.end);
        }
        (calendar.start_of(start), calendar.end_of(start + length))
    }

    /// The first start at or after `from` with `length` free milliseconds behind it, in those of the lane.
    fn fit(&self, lane: Lane<'_>, from: u64, length: u64) -> u64 {
        if lane.gaps.is_none() {
            return self.fit_in_one(from, length);
        }
        let mut start = from;
        // Whatever starts before the end of a booking that was met would meet it, too.
        while let Some(end) = lane.pieces(start, length).find_map(|piece| self.end_of_met(piece)) {
            start = lane.usable().usable_before(lane.channel.start_of(end));
        }
        start
    }

    /// The end of the first booking that takes some of a piece.
    fn end_of_met(&self, (start, length): (u64, u64)) -> Option<u64> {
        let first = self.booked.partition_point(|&(_, end)| end <= start);
        self.booked.get(first).filter(|&&(begin, _)| begin < start + length).map(|&(_, end)| end)
    }

    /// The same without gaps, in one go.
    fn fit_in_one(&self, from: u64, length: u64) -> u64 {
        let mut start = from;
        let first = self.booked.partition_point(|&(_, end)| end <= from);
        for &(begin, end) in &self.booked[first..] {
            if begin >= start + length {
                break;
            }
            start = start.max(end);
        }
        start
    }

    /// Books `length` milliseconds of the lane from number `start` on.
    fn book(&mut self, lane: Lane<'_>, start: u64, length: u64) {
        if lane.gaps.is_none() {
            return self.insert(start, length);
        }
        lane.pieces(start, length).for_each(|(start, length)| self.insert(start, length));
    }

    /// Books [start, start + length), which must be free.
    #[inline]
    fn insert(&mut self, start: u64, length: u64) {
        let end = start + length;
        let at = self.booked.partition_point(|&(begin, _)| begin < start);
        debug_assert!(self.booked.get(at).is_none_or(|&(begin, _)| end <= begin), "overlap behind");
        debug_assert!(at == 0 || self.booked[at - 1].1 <= start, "overlap before");
        let joins_before = at > 0 && self.booked[at - 1].1 == start;
        let joins_behind = self.booked.get(at).is_some_and(|&(begin, _)| begin == end);
        match (joins_before, joins_behind) {
            (true, true) => {
                self.booked[at - 1].1 = self.booked[at].1;
                self.booked.remove(at);
            }
            (true, false) => self.booked[at - 1].1 = end,
            (false, true) => self.booked[at].0 = start,
            (false, false) => self.booked.insert(at, (start, end)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::radio::calendar::{Calendar, Gaps};
    use crate::rng::{Key, Purpose};
    use crate::units::SimDuration;

    /// The slow twin: one flag per millisecond.
    #[derive(Default)]
    struct Flags(Vec<bool>);

    impl Flags {
        fn fit(&mut self, from: u64, length: u64) -> u64 {
            let free = |at: u64| (at..at + length).all(|ms| !self.0.get(ms as usize).copied().unwrap_or(false));
            let start = (from..).find(|&at| free(at)).unwrap();
            self.0.resize(self.0.len().max((start + length) as usize), false);
            self.0[start as usize..(start + length) as usize].fill(true);
            start
        }
    }

    #[test]
    fn backfills_like_a_list_of_flags() {
        let calendar = Calendar::new(20, |ms| ms % 10 == 5).unwrap();
        let lane = Lane { channel: &calendar, gaps: None };
        let (mut fast, mut slow, key) = (Downlink::default(), Flags::default(), Key::root(4));
        for n in 0..3_000u64 {
            // The clock moves on; bookings reach up to 400 ms ahead.
            let now = SimTime(n * 20_000);
            fast.forget(lane, now);
            let from = SimTime(now.0 + key.draw(Purpose::Delay, n).below(400) * 1_000);
            let length = 1 + key.draw(Purpose::Payload, n).below(16) as u32;
            let (start, end) = fast.take_block(lane, from, length);
            let expected = slow.fit(calendar.usable_before(from), u64::from(length));
            assert_eq!(
                (start, end),
                (calendar.start_of(expected), calendar.end_of(expected + u64::from(length))),
                "{n}"
            );
        }
    }

    #[test]
    fn grants_keep_to_their_search_space() {
        let calendar = Lane { channel: &Calendar::open(), gaps: None };
        let ms = SimDuration::from_millis;
        let search = SearchSpace::new(ms(16), ms(4), 2);
        let mut downlink = Downlink::default();
        downlink.take_block(calendar, SimTime(1_000), 5);
        // Candidates at 0, 4, 16, 20: 0 and 4 meet the block of 1..6.
        let grant = downlink.find_grant(calendar, &search, SimTime(0), 4);
        assert_eq!(
            (grant.candidate, grant.control_start, grant.control_end),
            (SimTime(0), SimTime(16_000), SimTime(20_000))
        );
        downlink.take_grant(calendar, &grant, 4);
        assert_eq!(downlink.find_grant(calendar, &search, SimTime(0), 4).control_start, SimTime(20_000));
        // The hole before the grant is still there for a block.
        assert_eq!(downlink.take_block(calendar, SimTime(0), 10), (SimTime(6_000), SimTime(16_000)));
    }

    /// The slow twin with gaps: one flag per millisecond of real time, and every start tried.
    struct Air<'a> {
        taken: Vec<bool>,
        blocked: &'a dyn Fn(u64) -> bool,
        gap: &'a dyn Fn(u64) -> bool,
    }

    impl Air<'_> {
        /// The milliseconds of a transmission that may begin at `from`.
        fn milliseconds(&self, from: u64, length: u32, gaps: bool) -> Vec<u64> {
            let usable = |ms: &u64| !((self.blocked)(*ms) || gaps && (self.gap)(*ms));
            (from..).filter(usable).take(length as usize).collect()
        }

        fn is_free(&self, milliseconds: &[u64]) -> bool {
            milliseconds.iter().all(|&ms| !self.taken.get(ms as usize).copied().unwrap_or(false))
        }

        fn take(&mut self, milliseconds: &[u64]) -> (u64, u64) {
            let (first, last) = (milliseconds[0], milliseconds[milliseconds.len() - 1]);
            self.taken.resize(self.taken.len().max(last as usize + 1), false);
            for &ms in milliseconds {
                assert!(!std::mem::replace(&mut self.taken[ms as usize], true), "{ms} is booked twice");
            }
            (first, last + 1)
        }
    }

    #[test]
    fn transmissions_with_and_without_gaps_share_the_channel() {
        for (period, length) in [(64, 8), (64, 32), (128, 48), (512, 256)] {
            let blocked = |ms: u64| matches!(ms % 10, 0 | 5) || ms % 20 == 9;
            let gap = |ms: u64| ms % u64::from(period) < u64::from(length);
            let channel = Calendar::new(20, |ms| blocked(u64::from(ms))).unwrap();
            let outside = Calendar::new(2_560, |ms| blocked(u64::from(ms)) || gap(u64::from(ms))).unwrap();
            let gaps = Gaps::new(period, length, outside);
            let (mut fast, key) = (Downlink::default(), Key::root(u64::from(period + length)));
            let mut slow = Air { taken: Vec::new(), blocked: &blocked, gap: &gap };
            for n in 0..2_000u64 {
                let now = SimTime(n * 45_000);
                let postponed = key.draw(Purpose::Indoor, n).below(2) == 1;
                let lane = Lane { channel: &channel, gaps: Some(&gaps).filter(|_| postponed) };
                fast.forget(lane, now);
                let from = SimTime(now.0 + key.draw(Purpose::Delay, n).below(500_000));
                let length = 1 + key.draw(Purpose::Payload, n).below(if postponed { 60 } else { 12 }) as u32;
                let (booked, expected) = if key.draw(Purpose::Answer, n).below(2) == 1 {
                    let search = SearchSpace::new(SimDuration::from_millis(64), SimDuration::from_millis(16), 4);
                    let grant = fast.find_grant(lane, &search, from, length);
                    fast.take_grant(lane, &grant, length);
                    let mut at = search.next(from);
                    while !slow.is_free(&slow.milliseconds(at.0 / 1_000, length, postponed)) {
                        at = search.next(at + SimDuration(1));
                    }
                    let (_, end) = slow.take(&slow.milliseconds(at.0 / 1_000, length, postponed));
                    ((grant.control_start.0, grant.control_end.0), (at.0, end * 1_000))
                } else {
                    let (start, end) = fast.take_block(lane, from, length);
                    let mut at = from.0.div_ceil(1_000);
                    while !slow.is_free(&slow.milliseconds(at, length, postponed)) {
                        at += 1;
                    }
                    let (first, last) = slow.take(&slow.milliseconds(at, length, postponed));
                    ((start.0, end.0), (first * 1_000, last * 1_000))
                };
                assert_eq!(booked, expected, "{n}");
                let silent = (booked.0 / 1_000..booked.1 / 1_000).filter(|&ms| postponed && gap(ms)).count() as u64;
                assert_eq!(lane.silence(SimTime(booked.0), SimTime(booked.1)), SimDuration::from_millis(silent), "{n}");
            }
            let used = slow.taken.iter().filter(|&&taken| taken).count();
            assert!(used * 3 > slow.taken.len(), "{used} of {} ms: bookings meet", slow.taken.len());
        }
    }
}
