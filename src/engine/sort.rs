//! Sorts the events of a slot.
//!
//! A slot usually has 15 to 35 events in random order, and a comparison sort would mispredict a branch for nearly every
//! one of them. So short slots are sorted by counting, for each event, how many come before it: quadratic, but without
//! branches, four events at a time. Owns nothing.

use super::event::Event;

/// Bits of the place of an event among those to be counted.
const PLACE_BITS: u32 = 6;
/// The most events that are sorted by counting.
const COUNTED: usize = 1 << PLACE_BITS;
/// Bits of time and entity that are left for counting, such that a key is positive as an `i32`.
const LEADING_BITS: u32 = 31 - PLACE_BITS;
/// Keys that are compared in one go.
const LANES: usize = 8;

/// Puts `events` in order. They lie in a slot that is `2^width_bits` microseconds wide, at most
/// 2^31, and starts at a multiple of that. `spare` is memory to work in.
#[inline(always)]
pub(super) fn sort_slot(events: &mut Vec<Event>, spare: &mut Vec<Event>, width_bits: u32) {
    if events.len() > COUNTED {
        events.sort_unstable();
        return;
    }
    spare.clear();
    spare.resize(events.len(), Event::default());
    place_by_count(events, spare, width_bits);
    std::mem::swap(events, spare);
    finish(events);
}

/// Copies `events` to `target`, ordered by the leading bits of their time in the slot and their entity.
#[inline(always)]
fn place_by_count(events: &[Event], target: &mut [Event], width_bits: u32) {
    let mut keys = [[i32::MAX; LANES]; COUNTED / LANES];
    let mask = (1 << width_bits) - 1;
    let dropped_bits = width_bits + u32::BITS - LEADING_BITS;
    for (place, (key, event)) in keys.as_flattened_mut().iter_mut().zip(events).enumerate() {
        let leading = ((event.time.0 & mask) << u32::BITS | u64::from(event.entity)) >> dropped_bits;
        // The place makes keys unique, so that no two events are sent to the same target.
        *key = (leading << PLACE_BITS) as i32 | place as i32;
    }
    let blocks = &keys[..events.len().div_ceil(LANES)];
    for (event, &key) in events.iter().zip(keys.as_flattened()) {
        let mut before = [0_i32; LANES];
        for block in blocks {
            for lane in 0..LANES {
                before[lane] += i32::from(block[lane] < key);
            }
        }
        target[before.iter().sum::<i32>() as usize] = *event;
    }
}

/// Sorts events that are in order already but for neighbours whose leading bits are the same.
#[inline(always)]
fn finish(events: &mut [Event]) {
    for place in 1..events.len() {
        if events[place] < events[place - 1] {
            move_forward(events, place);
        }
    }
}

#[inline(never)]
fn move_forward(events: &mut [Event], mut place: usize) {
    while place > 0 && events[place] < events[place - 1] {
        events.swap(place, place - 1);
        place -= 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::units::SimTime;

    proptest! {
        #[test]
        fn slots_of_any_width_and_length_are_sorted(
            width_bits in 0..=31_u32,
            start in 0..1_000_u64,
            events in prop::collection::vec((any::<u64>(), prop_oneof![0..4_u32, any::<u32>()], 0..4_u32), 0..2 * COUNTED),
        ) {
            let event = |(time, entity, tag)| {
                Event { time: SimTime((start << width_bits) + time % (1 << width_bits)), entity, tag }
            };
            let mut sorted: Vec<Event> = events.into_iter().map(event).collect();
            let mut expected = sorted.clone();
            expected.sort();
            sort_slot(&mut sorted, &mut Vec::new(), width_bits);
            prop_assert_eq!(sorted, expected);
        }
    }
}
