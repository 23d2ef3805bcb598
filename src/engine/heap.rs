//! The obvious event set: one binary heap from the standard library.
//!
//! It is slow and hard to get wrong, and therefore the oracle for the [`Wheel`](super::Wheel).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::event::{Event, EventSet};
use crate::units::SimTime;

/// Pending events in a binary heap. All of time is one slot, so every event is inserted at once.
#[derive(Debug, Default)]
pub struct HeapSet(BinaryHeap<Reverse<Event>>);

impl HeapSet {
    /// An empty set.
    #[must_use]
    pub fn new() -> HeapSet {
        HeapSet::default()
    }
}

impl EventSet for HeapSet {
    fn push(&mut self, event: Event) {
        self.0.push(Reverse(event));
    }

    fn open(&mut self, end: SimTime) -> bool {
        self.0.peek().is_some_and(|Reverse(event)| event.time < end)
    }

    fn next_before(&mut self, end: SimTime) -> Option<Event> {
        if self.open(end) { self.0.pop().map(|Reverse(event)| event) } else { None }
    }

    fn open_until(&self) -> SimTime {
        SimTime::MAX
    }

    fn visit_next(&self, _visit: impl FnMut(Event)) {}

    fn pending(&self) -> u64 {
        self.0.len() as u64
    }

    fn earliest(&self) -> SimTime {
        self.0.peek().map_or(SimTime::MAX, |Reverse(event)| event.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_order_and_not_beyond_the_end() {
        let mut heap = HeapSet::new();
        for (time, entity) in [(3, 0), (1, 2), (1, 1), (2, 0)] {
            heap.push(Event { time: SimTime(time), entity, tag: 0 });
        }
        let mut taken = Vec::new();
        while let Some(event) = heap.next_before(SimTime(3)) {
            taken.push((event.time.0, event.entity));
        }
        assert_eq!(taken, [(1, 1), (1, 2), (2, 0)]);
        assert!(!heap.open(SimTime(3)) && heap.open(SimTime(4)));
        assert_eq!(heap.pending(), 1);
    }
}
