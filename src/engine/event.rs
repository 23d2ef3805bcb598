//! The pending event, its total order, and what every set of pending events must offer.
//!
//! Knows nothing about models, and nothing about how a set stores its events.

use std::cmp::Ordering;

use crate::units::SimTime;

/// Something that happens to one entity at one instant.
///
/// The order is (time, entity, tag) and nothing else: two events that differ in none of the three are the same event, and
/// it cannot matter which of them was inserted first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Event {
    /// When it happens.
    pub time: SimTime,
    /// Whom it happens to: an index that only the model interprets.
    pub entity: u32,
    /// What happens: only the model interprets it. A kind, a generation, or both.
    pub tag: u32,
}

impl Event {
    /// The order as one number, which compares without branches.
    #[inline(always)]
    fn key(self) -> u128 {
        u128::from(self.time.0) << 64 | u128::from(self.entity) << 32 | u128::from(self.tag)
    }
}

impl Ord for Event {
    #[inline(always)]
    fn cmp(&self, other: &Event) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Event {
    #[inline(always)]
    fn partial_cmp(&self, other: &Event) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    // Sorting asks for nothing else; without this it would go through the three-way comparison.
    #[inline(always)]
    fn lt(&self, other: &Event) -> bool {
        self.key() < other.key()
    }
}

/// A set of pending events that gives them back in their total order.
///
/// Events come out in *slots*, stretches of simulated time of any length. A caller opens a slot, takes its events one by
/// one, and may insert further events at any time, but none that is before the last one taken or before the last `end`.
/// The `end` of a later call is never before that of an earlier one. Slots never show in the order of events.
pub trait EventSet {
    /// Adds an event.
    fn push(&mut self, event: Event);

    /// Goes to the first slot that has an event, unless events of the open slot are left. `false` if there is no event
    /// before `end`.
    fn open(&mut self, end: SimTime) -> bool;

    /// Takes the first event of the open slot, if that is before `end`.
    fn next_before(&mut self, end: SimTime) -> Option<Event>;

    /// The last instant of the open slot. An event up to it has to be inserted before the next one is taken; a later
    /// event only before the next slot is opened.
    fn open_until(&self) -> SimTime;

    /// Shows the events that are already known of the slot after the open one. May show none, and in any order.
    fn visit_next(&self, visit: impl FnMut(Event));

    /// How many events are pending.
    fn pending(&self) -> u64;

    /// No pending event is before this instant; [`SimTime::MAX`] if there is none.
    fn earliest(&self) -> SimTime;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_event_is_sixteen_bytes() {
        assert_eq!(size_of::<Event>(), 16);
    }

    proptest! {
        #[test]
        fn the_order_is_time_then_entity_then_tag(
            a in (0..3_u64, 0..3_u32, any::<u32>()),
            b in (0..3_u64, 0..3_u32, any::<u32>()),
        ) {
            let event = |(time, entity, tag)| Event { time: SimTime(time), entity, tag };
            prop_assert_eq!(event(a).cmp(&event(b)), a.cmp(&b));
            prop_assert_eq!(event(a) < event(b), a < b);
        }
    }
}
