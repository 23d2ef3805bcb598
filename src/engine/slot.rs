//! The slot whose events are being handled, in order.
//!
//! Does not know which stretch of time the slot is.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::event::Event;
use super::sort::sort_slot;
use crate::units::SimTime;

/// Events that may have to move for a late one. Beyond that, as in the slots of a burst, a heap is faster.
const MOVABLE: usize = 64;

/// The open slot of a wheel.
#[derive(Default)]
pub(super) struct OpenSlot {
    /// Events in order; those before `position` are gone.
    sorted: Vec<Event>,
    position: usize,
    /// Memory to sort in.
    spare: Vec<Event>,
    /// Events that arrived while too many others were waiting, or before any was taken.
    late: BinaryHeap<Reverse<Event>>,
}

impl OpenSlot {
    /// How many events are left.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.sorted.len() - self.position + self.late.len()
    }

    /// Fills the empty slot with what `load` appends; all that lies in one slot of `2^width_bits` microseconds. Returns how
    /// many events that were.
    #[inline(always)]
    pub(super) fn refill(&mut self, width_bits: u32, load: impl FnOnce(&mut Vec<Event>)) -> usize {
        debug_assert_eq!(self.len(), 0, "events would be lost");
        self.sorted.clear();
        self.position = 0;
        load(&mut self.sorted);
        sort_slot(&mut self.sorted, &mut self.spare, width_bits);
        self.sorted.len()
    }

    /// The first event that is left.
    #[inline(always)]
    pub(super) fn first(&self) -> Option<Event> {
        let first = self.sorted.get(self.position).copied();
        match self.late.peek() {
            None => first,
            Some(&Reverse(late)) => Some(first.map_or(late, |first| first.min(late))),
        }
    }

    /// Takes the first event, if it is before `end`.
    #[inline(always)]
    pub(super) fn next_before(&mut self, end: SimTime) -> Option<Event> {
        if !self.late.is_empty() {
            return self.next_of_both(end);
        }
        let event = *self.sorted.get(self.position)?;
        if event.time >= end {
            return None;
        }
        self.position += 1;
        Some(event)
    }

    #[cold]
    fn next_of_both(&mut self, end: SimTime) -> Option<Event> {
        let event = self.first().filter(|event| event.time < end)?;
        if self.sorted.get(self.position) == Some(&event) {
            self.position += 1;
        } else {
            self.late.pop();
        }
        Some(event)
    }

    /// Adds an event to those that are left.
    #[inline(always)]
    pub(super) fn insert(&mut self, event: Event) {
        let waiting = self.sorted.len() - self.position;
        if self.position == 0 || waiting > MOVABLE {
            self.late.push(Reverse(event));
            return;
        }
        // The event that was taken last leaves a gap: sooner events move up, and the slot does not grow.
        self.position -= 1;
        let left = &mut self.sorted[self.position..];
        let mut place = 0;
        while place + 1 < left.len() && left[place + 1] < event {
            left[place] = left[place + 1];
            place += 1;
        }
        left[place] = event;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: u64) -> Event {
        Event { time: SimTime(time), ..Event::default() }
    }

    /// Takes everything and inserts, behind every event that is a multiple of three, one that is two later.
    fn with_late_events(count: u64) -> Vec<u64> {
        let mut slot = OpenSlot::default();
        assert_eq!(slot.refill(20, |events| events.extend((0..count).rev().map(|n| at(n * 3)))), count as usize);
        let mut taken = Vec::new();
        while let Some(event) = slot.next_before(SimTime::MAX) {
            taken.push(event.time.0);
            if event.time.0.is_multiple_of(3) {
                slot.insert(at(event.time.0 + 2));
            }
        }
        assert_eq!(slot.len(), 0);
        taken
    }

    #[test]
    fn late_events_find_their_place_in_short_and_in_long_slots() {
        for count in [1, 20, MOVABLE as u64 * 4] {
            let expected: Vec<u64> = (0..count).flat_map(|n| [n * 3, n * 3 + 2]).collect();
            assert_eq!(with_late_events(count), expected);
        }
    }

    #[test]
    fn a_chain_of_late_events_takes_no_memory() {
        let mut slot = OpenSlot::default();
        slot.refill(20, |events| events.push(at(0)));
        for time in 0..1_000 {
            assert_eq!(slot.next_before(SimTime::MAX), Some(at(time)));
            slot.insert(at(time + 1));
        }
        assert_eq!(slot.sorted.len(), 1);
    }

    #[test]
    fn nothing_at_or_after_the_end_is_taken() {
        let mut slot = OpenSlot::default();
        for time in [7, 5, 6] {
            slot.insert(at(time));
        }
        assert_eq!(slot.next_before(SimTime(6)), Some(at(5)));
        assert_eq!(slot.next_before(SimTime(6)), None);
        assert_eq!(slot.first(), Some(at(6)));
        assert_eq!(slot.len(), 2);
    }
}
