//! The event set that runs are made with: a hierarchical timing wheel.
//!
//! Level 0 has 1024 slots of equal width, each slot of a level is as long as the whole level below it, and there are
//! levels enough for every `u64` of microseconds. An event is filed at the lowest level whose slots, as seen from the
//! open slot, still tell its time from now; it moves down when time reaches its slot, and the events of a slot are
//! sorted only when the slot is opened. So filing, moving and finding take constant time however many events wait.
//!
//! The width of the slots decides the speed and nothing else: 15 to 35 events per slot are best. The wheel measures and
//! files everything anew when the mean leaves 8 to 64. What it must never do is to let the width show in the order of
//! events.

use super::arena::{Arena, Chain};
use super::event::{Event, EventSet};
use super::slot::OpenSlot;
use crate::units::{SimDuration, SimTime};

/// Bits of an instant that one level tells apart.
const LEVEL_BITS: u32 = 10;
/// Slots per level.
const SLOTS: usize = 1 << LEVEL_BITS;
/// Levels for 64 bits, even if slots are one microsecond wide.
const LEVELS: usize = 64_usize.div_ceil(LEVEL_BITS as usize);
/// Width of a slot before the first measurement, as a power of two of microseconds: 16 ms.
const FIRST_WIDTH_BITS: u32 = 14;
/// The widest slot: 18 minutes. Rarer events take no time worth saving.
const MAX_WIDTH_BITS: u32 = 30;
/// Mean numbers of events per slot that are left alone.
const GOOD_MEAN: std::ops::RangeInclusive<u64> = 8..=64;
/// A new width aims at 2^4 to 2^5 events per slot.
const TARGET_BITS: u32 = 4;
/// The smallest number of events that a mean is taken over.
const MIN_SAMPLE: u64 = 4_096;

/// One level: a chain of events per slot, and which of them have any.
struct Level {
    chains: [Chain; SLOTS],
    occupied: [u64; SLOTS / 64],
    /// One bit per word of `occupied` that is not zero.
    words: u64,
}

impl Level {
    const EMPTY: Level = Level { chains: [Chain::EMPTY; SLOTS], occupied: [0; SLOTS / 64], words: 0 };

    #[inline(always)]
    fn mark(&mut self, slot: usize) {
        self.occupied[slot / 64] |= 1 << (slot % 64);
        self.words |= 1 << (slot / 64);
    }

    /// The first slot that has events. It is also the next one in time: slots of the past are empty.
    #[inline(always)]
    fn first(&self) -> Option<usize> {
        if self.words == 0 {
            return None;
        }
        let word = self.words.trailing_zeros() as usize;
        Some(word * 64 + self.occupied[word].trailing_zeros() as usize)
    }

    /// The first slot behind `slot` that has events; there are none before it.
    #[inline(always)]
    fn behind(&self, slot: usize) -> Option<usize> {
        let word = slot / 64;
        let rest = self.occupied[word] & (!1 << (slot % 64));
        if rest != 0 {
            return Some(word * 64 + rest.trailing_zeros() as usize);
        }
        let words = self.words & !(1 << word);
        let word = words.trailing_zeros() as usize;
        (words != 0).then(|| word * 64 + self.occupied[word].trailing_zeros() as usize)
    }

    #[inline(always)]
    fn take(&mut self, slot: usize) -> Chain {
        self.occupied[slot / 64] &= !(1 << (slot % 64));
        if self.occupied[slot / 64] == 0 {
            self.words &= !(1 << (slot / 64));
        }
        std::mem::replace(&mut self.chains[slot], Chain::EMPTY)
    }
}

/// Pending events in a hierarchical timing wheel with self-tuning slots.
pub struct Wheel {
    levels: Vec<Level>,
    arena: Arena,
    open: OpenSlot,
    /// The start of the open slot, in microseconds. Level 0 may hold events of that very slot only while the slot
    /// itself is empty.
    base: u64,
    /// A slot of level 0 is 2 to the power of this many microseconds wide.
    width_bits: u32,
    tuning: Tuning,
}

/// Counts events in order to judge the width of the slots.
#[derive(Default)]
struct Tuning {
    /// Events that were ever inserted.
    pushed: u64,
    /// Events that ever reached an open slot. The others wait in the levels.
    opened: u64,
    /// The value of `opened` when the current sample began, and the slots since then.
    sample_start: u64,
    sample_slots: u64,
    /// No change before `opened` reaches this.
    not_before: u64,
}

impl Tuning {
    /// By how many powers of two slots should become wider, if at all.
    ///
    /// A change moves every event that waits. It is allowed when as many events have been opened as had been inserted
    /// by the last change. So all changes together move no more events than are inserted, whatever the load does. And
    /// because a sample grows with the number of waiting events, a burst of a small part of them does not count.
    #[inline(always)]
    fn advice(&mut self) -> Option<i32> {
        let events = self.opened - self.sample_start;
        if events < MIN_SAMPLE || events < (self.pushed - self.opened) / 16 {
            return None;
        }
        let mean = events / self.sample_slots.max(1);
        (self.sample_start, self.sample_slots) = (self.opened, 0);
        if GOOD_MEAN.contains(&mean) || self.opened < self.not_before {
            return None;
        }
        // Empty slots are not counted, so a mean of one only says that slots are much too narrow.
        let excess = if mean < 2 { -2 } else { mean.ilog2() as i32 };
        Some(TARGET_BITS as i32 - excess)
    }
}

impl Default for Wheel {
    fn default() -> Wheel {
        Wheel::with_capacity(0)
    }
}

impl Wheel {
    /// Bytes of a wheel without events.
    pub const MEMORY: u64 = (LEVELS * size_of::<Level>()) as u64;

    /// An empty wheel with memory for about `events` pending events; it grows beyond that when it must.
    #[must_use]
    pub fn with_capacity(events: usize) -> Wheel {
        Wheel {
            levels: (0..LEVELS).map(|_| Level::EMPTY).collect(),
            arena: Arena::with_capacity(events),
            open: OpenSlot::default(),
            base: 0,
            width_bits: FIRST_WIDTH_BITS,
            tuning: Tuning::default(),
        }
    }

    /// An empty wheel whose slots are at first `2^width_bits` microseconds wide (at most 2^30).
    #[must_use]
    pub fn with_width_bits(width_bits: u32) -> Wheel {
        Wheel { width_bits: width_bits.min(MAX_WIDTH_BITS), ..Wheel::default() }
    }

    /// The present width of a slot.
    #[must_use]
    pub fn slot_width(&self) -> SimDuration {
        SimDuration(1 << self.width_bits)
    }

    /// How far an event is from the open slot, in slots; not a difference, but zero only for the open slot.
    #[inline(always)]
    fn distance(&self, event: Event) -> u64 {
        (event.time.0 ^ self.base) >> self.width_bits
    }

    /// Files an event in its level and slot.
    #[inline(always)]
    fn file(&mut self, event: Event) {
        let level = (self.distance(event) | 1).ilog2() / LEVEL_BITS;
        let slot = (event.time.0 >> (self.width_bits + level * LEVEL_BITS)) as usize % SLOTS;
        let level = &mut self.levels[level as usize];
        if self.arena.append(&mut level.chains[slot], event) {
            level.mark(slot);
        }
    }

    /// Files all events of a chain.
    fn file_chain(&mut self, mut chain: Chain) {
        while let Some((events, count)) = self.arena.detach(&mut chain) {
            for &event in &events[..count] {
                self.file(event);
            }
        }
    }

    /// The next occupied slot: level, number, and start in microseconds.
    #[inline(always)]
    fn next_occupied(&self) -> Option<(usize, usize, u64)> {
        let mut bits = self.width_bits;
        for (number, level) in self.levels.iter().enumerate() {
            if let Some(slot) = level.first() {
                let start = ((self.base >> bits) / SLOTS as u64 * SLOTS as u64 + slot as u64) << bits;
                return Some((number, slot, start));
            }
            bits += LEVEL_BITS;
        }
        None
    }

    /// Makes slots `2^wider` times as wide and files all events anew. The open slot must be empty.
    #[cold]
    fn retune(&mut self, wider: i32) {
        self.tuning.not_before = self.tuning.pushed;
        let width_bits = self.width_bits.saturating_add_signed(wider).min(MAX_WIDTH_BITS);
        if width_bits == self.width_bits {
            return;
        }
        self.width_bits = width_bits;
        self.base = self.base >> width_bits << width_bits;
        for mut level in std::mem::replace(&mut self.levels, (0..LEVELS).map(|_| Level::EMPTY).collect()) {
            while let Some(slot) = level.first() {
                self.file_chain(level.take(slot));
            }
        }
    }
}

impl EventSet for Wheel {
    #[inline(always)]
    fn push(&mut self, event: Event) {
        debug_assert!(event.time.0 >= self.base, "{event:?} is before the open slot at {}", self.base);
        self.tuning.pushed += 1;
        if self.distance(event) == 0 {
            self.tuning.opened += 1;
            self.open.insert(event);
        } else {
            self.file(event);
        }
    }

    #[inline(always)]
    fn open(&mut self, end: SimTime) -> bool {
        if let Some(event) = self.open.first() {
            return event.time < end;
        }
        if let Some(wider) = self.tuning.advice() {
            self.retune(wider);
        }
        while let Some((level, slot, start)) = self.next_occupied() {
            if start >= end.0 && start != self.base {
                return false;
            }
            self.base = start;
            let chain = self.levels[level].take(slot);
            if level == 0 {
                let opened = self.open.refill(self.width_bits, |events| self.arena.drain(chain, events));
                self.tuning.opened += opened as u64;
                self.tuning.sample_slots += 1;
                return self.open.first().is_some_and(|event| event.time < end);
            }
            self.file_chain(chain);
        }
        false
    }

    #[inline(always)]
    fn next_before(&mut self, end: SimTime) -> Option<Event> {
        self.open.next_before(end)
    }

    #[inline(always)]
    fn open_until(&self) -> SimTime {
        SimTime(self.base | ((1 << self.width_bits) - 1))
    }

    #[inline(always)]
    fn visit_next(&self, visit: impl FnMut(Event)) {
        if let Some(slot) = self.levels[0].first() {
            // What is shown of the next slot must be read first: that of the slot behind it is asked for here.
            if let Some(behind) = self.levels[0].behind(slot) {
                self.arena.fetch_newest(self.levels[0].chains[behind]);
            }
            self.arena.visit(self.levels[0].chains[slot], visit);
        }
    }

    fn pending(&self) -> u64 {
        self.tuning.pushed - self.tuning.opened + self.open.len() as u64
    }

    fn earliest(&self) -> SimTime {
        // The start of a slot: only an open slot is sorted.
        let waiting = || self.next_occupied().map_or(SimTime::MAX, |(_, _, start)| SimTime(start));
        self.open.first().map_or_else(waiting, |event| event.time)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::HeapSet;

    /// One step of a caller: insert events so much later than now, or take some after going so far ahead.
    #[derive(Clone, Debug)]
    enum Step {
        Push(Vec<u64>),
        Take { ahead: u64, count: usize },
    }

    /// Spans of all magnitudes.
    fn span() -> impl Strategy<Value = u64> {
        (any::<u64>(), 1..=63_u32).prop_map(|(span, bits)| span >> bits)
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let burst = (span(), 1..400_usize).prop_map(|(span, count)| vec![span; count]);
        let spread = (span(), prop::collection::vec(0..100_u64, 1..400))
            .prop_map(|(span, spread)| spread.into_iter().map(|late| span.saturating_add(late)).collect());
        let step = prop_oneof![
            prop::collection::vec(span(), 0..50).prop_map(Step::Push),
            burst.prop_map(Step::Push),
            spread.prop_map(Step::Push),
            (span(), 0..600_usize).prop_map(|(ahead, count)| Step::Take { ahead, count }),
        ];
        prop::collection::vec(step, 1..20)
    }

    /// Takes up to `count` events before `end`, and after every third one inserts another nearby.
    fn take(set: &mut impl EventSet, end: SimTime, count: usize) -> Vec<Event> {
        let mut taken: Vec<Event> = Vec::new();
        while taken.len() < count && set.open(end) {
            while taken.len() < count {
                let Some(event) = set.next_before(end) else { break };
                taken.push(event);
                if taken.len().is_multiple_of(3) && event.tag < 5 {
                    let time = SimTime(event.time.0.saturating_add(u64::from(event.entity % 7)));
                    set.push(Event { time, entity: event.entity ^ 1, tag: event.tag + 1 });
                }
            }
        }
        taken
    }

    proptest! {
        #[test]
        fn the_wheel_gives_what_the_heap_gives(width_bits in 0..=30_u32, steps in steps()) {
            let (mut wheel, mut heap) = (Wheel::with_width_bits(width_bits), HeapSet::new());
            let (mut now, mut entity) = (0_u64, 0_u32);
            for step in steps {
                match step {
                    Step::Push(spans) => for span in spans {
                        entity = entity.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        let event = Event { time: SimTime(now.saturating_add(span)), entity, tag: 0 };
                        wheel.push(event);
                        heap.push(event);
                    },
                    Step::Take { ahead, count } => {
                        let end = SimTime(now.saturating_add(ahead));
                        let (of_wheel, of_heap) = (take(&mut wheel, end, count), take(&mut heap, end, count));
                        // A caller that took everything before `end` may insert from there on, others from the last event.
                        now = if of_heap.len() < count { end.0 } else { of_heap.last().map_or(now, |event| event.time.0) };
                        prop_assert_eq!(of_wheel, of_heap);
                    }
                }
                prop_assert_eq!(wheel.pending(), heap.pending());
            }
            prop_assert_eq!(take(&mut wheel, SimTime::MAX, usize::MAX), take(&mut heap, SimTime::MAX, usize::MAX));
        }
    }

    /// Lets `count` events recur every `period` microseconds, out of step, until `end`; compares with the heap.
    fn recur(wheel: &mut Wheel, heap: &mut HeapSet, start: u64, count: u32, period: u64, end: u64) {
        for entity in 0..count {
            let time = SimTime(start + u64::from(entity) * period / u64::from(count));
            wheel.push(Event { time, entity, tag: 0 });
            heap.push(Event { time, entity, tag: 0 });
        }
        while wheel.open(SimTime(end)) {
            while let Some(event) = wheel.next_before(SimTime(end)) {
                assert_eq!(heap.next_before(SimTime(end)), Some(event));
                let next = Event { time: SimTime(event.time.0 + period), ..event };
                wheel.push(next);
                heap.push(next);
            }
        }
        assert_eq!(heap.next_before(SimTime(end)), None);
    }

    #[test]
    fn a_level_knows_its_first_slot_and_the_one_behind() {
        let mut level = Level::EMPTY;
        let slots = [0, 1, 63, 64, 700, 1_023];
        slots.iter().rev().for_each(|&slot| level.mark(slot));
        for (number, &slot) in slots.iter().enumerate() {
            assert_eq!((level.first(), level.behind(slot)), (Some(slot), slots.get(number + 1).copied()));
            level.take(slot);
        }
        assert_eq!(level.first(), None);
    }

    #[test]
    fn slots_become_narrow_in_dense_times_and_wide_in_sparse_ones() {
        let (mut wheel, mut heap) = (Wheel::default(), HeapSet::new());
        // 1000 events per 10 ms: 100 per millisecond.
        recur(&mut wheel, &mut heap, 0, 1_000, 10_000, 500_000);
        let dense = wheel.slot_width().0;
        assert!((80..=640).contains(&dense), "{dense}");
        // The same number of events per 100 s: 1 per 100 ms.
        let now = wheel.open.first().map_or(500_000, |event| event.time.0);
        while let Some(event) = wheel.open(SimTime::MAX).then(|| wheel.next_before(SimTime::MAX)).flatten() {
            assert_eq!(heap.next_before(SimTime::MAX), Some(event));
        }
        recur(&mut wheel, &mut heap, now + 10_000, 1_000, 100_000_000, 5_000_000_000);
        let sparse = wheel.slot_width().0;
        assert!((800_000..=6_400_000).contains(&sparse), "{sparse}");
    }

    #[test]
    fn a_burst_among_many_waiting_events_changes_nothing() {
        let mut wheel = Wheel::with_width_bits(20);
        for entity in 0..200_000_u32 {
            wheel.push(Event { time: SimTime(3_600_000_000 + u64::from(entity) * 50_000), entity, tag: 0 });
        }
        for entity in 0..10_000 {
            wheel.push(Event { time: SimTime(5_000_000), entity, tag: 0 });
        }
        while wheel.open(SimTime(3_600_000_000)) {
            assert!(wheel.next_before(SimTime(3_600_000_000)).is_some());
        }
        assert_eq!(wheel.pending(), 200_000);
        assert_eq!(wheel.slot_width(), SimDuration(1 << 20));
    }

    #[test]
    fn all_changes_together_move_no_more_events_than_are_inserted() {
        let mut tuning = Tuning { pushed: 100_000, ..Tuning::default() };
        let mut changes = 0;
        for _ in 0..1_000 {
            // Every sample asks for a change: far too many events per slot.
            tuning.opened += 10_000;
            tuning.pushed += 10_000;
            tuning.sample_slots += 10;
            if tuning.advice().is_some() {
                tuning.not_before = tuning.pushed;
                changes += 1;
            }
        }
        assert_eq!(changes, 1_000_u64.div_ceil(10));
        assert!(changes * 100_000 <= tuning.pushed);
    }
}
