//! The downlink of a cell: one channel, one block at a time, first come first served with backfilling.

use std::collections::VecDeque;

use crate::radio::calendar::Calendar;
use crate::radio::channel::SearchSpace;
use crate::units::SimTime;

/// What a downlink has promised.
///
/// Bookings are kept in usable milliseconds of the channel's calendar, in which every block has its net length. A booking
/// may fill a hole that earlier ones left, so a grant that waits for its search space blocks nobody.
#[derive(Clone, Debug, Default)]
pub struct Downlink {
    /// Disjoint bookings in order, neighbours merged, as [first, last).
    booked: VecDeque<(u64, u64)>,
}

/// A grant in the control channel and, if it is for the downlink, its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The first instant at which the grant could have begun.
    pub candidate: SimTime,
    /// When it begins.
    pub control_start: SimTime,
    /// When it ends.
    pub control_end: SimTime,
}

impl Downlink {
    /// Forgets what lies before `now`. Bookings never reach back behind the clock of the cell.
    pub fn forget(&mut self, calendar: &Calendar, now: SimTime) {
        if self.booked.front().is_some_and(|&(_, end)| calendar.end_of(end) <= now) {
            let gone = calendar.usable_before(now);
            while self.booked.front().is_some_and(|&(_, end)| end <= gone) {
                self.booked.pop_front();
            }
        }
    }

    /// Finds the first grant of `control_ms` usable milliseconds at or after `from`. Books nothing.
    #[must_use]
    pub fn find_grant(&self, calendar: &Calendar, search: &SearchSpace, from: SimTime, control_ms: u32) -> Grant {
        let candidate = search.next(from);
        let mut at = candidate;
        loop {
            let wanted = calendar.usable_before(at);
            let free = self.fit(wanted, u64::from(control_ms));
            if free == wanted {
                return Grant {
                    candidate,
                    control_start: at,
                    control_end: calendar.end_of(free + u64::from(control_ms)),
                };
            }
            at = search.next(calendar.start_of(free));
        }
    }

    /// Books the control channel of a grant that was just found.
    pub fn take_grant(&mut self, calendar: &Calendar, grant: &Grant, control_ms: u32) {
        self.insert(calendar.usable_before(grant.control_start), u64::from(control_ms));
    }

    /// Books the first `length_ms` usable milliseconds at or after `from`; returns when they begin and end.
    pub fn take_block(&mut self, calendar: &Calendar, from: SimTime, length_ms: u32) -> (SimTime, SimTime) {
        let start = self.fit(calendar.usable_before(from), u64::from(length_ms));
        self.insert(start, u64::from(length_ms));
        (calendar.start_of(start), calendar.end_of(start + u64::from(length_ms)))
    }

    /// The first start at or after `from` with `length` free milliseconds behind it.
    fn fit(&self, from: u64, length: u64) -> u64 {
        let mut start = from;
        let first = self.booked.partition_point(|&(_, end)| end <= from);
        for &(begin, end) in self.booked.range(first..) {
            if begin >= start + length {
                break;
            }
            start = start.max(end);
        }
        start
    }

    /// Books [start, start + length), which must be free.
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
        let (mut fast, mut slow, key) = (Downlink::default(), Flags::default(), Key::root(4));
        for n in 0..3_000u64 {
            // The clock moves on; bookings reach up to 400 ms ahead.
            let now = SimTime(n * 20_000);
            fast.forget(&calendar, now);
            let from = SimTime(now.0 + key.draw(Purpose::Delay, n).below(400) * 1_000);
            let length = 1 + key.draw(Purpose::Payload, n).below(16) as u32;
            let (start, end) = fast.take_block(&calendar, from, length);
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
        let calendar = Calendar::open();
        let ms = SimDuration::from_millis;
        let search = SearchSpace::new(ms(16), ms(4), 2);
        let mut downlink = Downlink::default();
        downlink.take_block(&calendar, SimTime(1_000), 5);
        // Candidates at 0, 4, 16, 20: 0 and 4 meet the block of 1..6.
        let grant = downlink.find_grant(&calendar, &search, SimTime(0), 4);
        assert_eq!(
            (grant.candidate, grant.control_start, grant.control_end),
            (SimTime(0), SimTime(16_000), SimTime(20_000))
        );
        downlink.take_grant(&calendar, &grant, 4);
        assert_eq!(downlink.find_grant(&calendar, &search, SimTime(0), 4).control_start, SimTime(20_000));
        // The hole before the grant is still there for a block.
        assert_eq!(downlink.take_block(&calendar, SimTime(0), 10), (SimTime(6_000), SimTime(16_000)));
    }
}
