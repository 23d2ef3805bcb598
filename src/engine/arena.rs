//! Chains of events in one array of fixed chunks.
//!
//! A slot of the wheel is a chain. The chunk freed last is the one used next, because it is still in the cache. Owns the
//! memory of all events that wait in a wheel; does not know which chain stands for what time.

use super::event::Event;
use crate::platform::prefetch;

/// Events per chunk: four cache lines.
const CHUNK: usize = 16;
/// Events in a cache line.
const EVENTS_PER_LINE: usize = 4;
/// Chunks for slots that are not full, in an arena of many events: a wheel has so many slots in use. It is address space
/// until they are needed, and a new array would need all its memory twice for a while.
const PARTLY_FULL: usize = 4_096;
/// Bits of a chain that hold the place of its newest event in the newest chunk.
const PLACE_BITS: u32 = CHUNK.ilog2();
/// The index that no chunk has.
const NIL: u32 = u32::MAX >> PLACE_BITS;

#[derive(Clone)]
#[repr(align(64))]
struct Chunk([Event; CHUNK]);

/// A chain: the index of its newest chunk, then the place of the newest event in it. All older chunks are full.
///
/// The empty chain looks like a full chunk of index [`NIL`], so "no room in the newest chunk" is one test.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Chain(u32);

impl Chain {
    /// The chain without events.
    pub(super) const EMPTY: Chain = Chain(u32::MAX);

    fn place(self) -> usize {
        self.0 as usize % CHUNK
    }

    fn chunk(self) -> u32 {
        self.0 >> PLACE_BITS
    }

    /// The chain that ends with a full chunk.
    fn full(chunk: u32) -> Chain {
        Chain(chunk << PLACE_BITS | (CHUNK as u32 - 1))
    }
}

/// The chunks of all chains of one wheel.
pub(super) struct Arena {
    chunks: Vec<Chunk>,
    /// For each chunk the next older one of its chain, or the next free one.
    next: Vec<u32>,
    free: u32,
}

impl Arena {
    /// An arena that grows when it has to hold more than about `events` events.
    pub(super) fn with_capacity(events: usize) -> Arena {
        let chunks = events / CHUNK + events.min(PARTLY_FULL);
        Arena { chunks: Vec::with_capacity(chunks), next: Vec::with_capacity(chunks), free: NIL }
    }

    /// Adds an event to a chain. Returns whether that took a new chunk, which is always so if the chain was empty.
    #[inline(always)]
    pub(super) fn append(&mut self, chain: &mut Chain, event: Event) -> bool {
        if chain.place() == CHUNK - 1 {
            let index = self.claim(chain.chunk(), event);
            *chain = Chain(index << PLACE_BITS);
            return true;
        }
        chain.0 += 1;
        self.chunks[chain.chunk() as usize].0[chain.place()] = event;
        false
    }

    /// Takes a free chunk, puts `event` first in it and `older` behind it.
    ///
    /// # Panics
    /// At four thousand million events in one arena (64 GiB).
    #[inline(never)]
    fn claim(&mut self, older: u32, event: Event) -> u32 {
        let index = self.free;
        if index != NIL {
            self.free = std::mem::replace(&mut self.next[index as usize], older);
            self.chunks[index as usize].0[0] = event;
            return index;
        }
        let index = self.chunks.len() as u32;
        assert!(index < NIL, "an event set holds at most {} events", u64::from(NIL) * CHUNK as u64);
        self.chunks.push(Chunk([event; CHUNK]));
        self.next.push(older);
        index
    }

    /// Takes the newest chunk off a chain: its events, of which the first so many count.
    #[inline(always)]
    pub(super) fn detach(&mut self, chain: &mut Chain) -> Option<([Event; CHUNK], usize)> {
        if *chain == Chain::EMPTY {
            return None;
        }
        let (index, count) = (chain.chunk() as usize, chain.place() + 1);
        let older = std::mem::replace(&mut self.next[index], self.free);
        self.free = index as u32;
        *chain = Chain::full(older);
        // The chunk after next: one chunk's filing is shorter than the way to memory.
        if let Some(&after) = self.next.get(older as usize) {
            self.fetch(after);
        }
        Some((self.chunks[index].0, count))
    }

    /// Asks for a chunk, if there is one of this index, and for the link behind it.
    #[inline(always)]
    fn fetch(&self, chunk: u32) {
        if let (Some(chunk), Some(link)) = (self.chunks.get(chunk as usize), self.next.get(chunk as usize)) {
            chunk.0.chunks_exact(EVENTS_PER_LINE).for_each(|line| prefetch(&line[0]));
            prefetch(link);
        }
    }

    /// Asks for the newest chunk of a chain.
    #[inline(always)]
    pub(super) fn fetch_newest(&self, chain: Chain) {
        self.fetch(chain.chunk());
    }

    /// Moves all events of a chain to the end of `target`, in no particular order.
    #[inline(always)]
    pub(super) fn drain(&mut self, mut chain: Chain, target: &mut Vec<Event>) {
        while chain != Chain::EMPTY {
            let index = chain.chunk() as usize;
            target.extend_from_slice(&self.chunks[index].0[..=chain.place()]);
            chain = Chain::full(std::mem::replace(&mut self.next[index], self.free));
            self.free = index as u32;
        }
    }

    /// Shows all events of a chain, in no particular order.
    #[inline(always)]
    pub(super) fn visit(&self, mut chain: Chain, mut visit: impl FnMut(Event)) {
        while chain != Chain::EMPTY {
            let index = chain.chunk() as usize;
            for &event in &self.chunks[index].0[..=chain.place()] {
                visit(event);
            }
            chain = Chain::full(self.next[index]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(entity: u32) -> Event {
        Event { entity, ..Event::default() }
    }

    fn entities(events: &[Event]) -> Vec<u32> {
        let mut entities: Vec<u32> = events.iter().map(|event| event.entity).collect();
        entities.sort_unstable();
        entities
    }

    #[test]
    fn chains_hold_what_was_appended_to_them() {
        let mut arena = Arena::with_capacity(0);
        let mut chains = [Chain::EMPTY; 3];
        for n in 0..300 {
            arena.append(&mut chains[n as usize % 3], entity(n));
        }
        for (first, chain) in chains.into_iter().enumerate() {
            let expected: Vec<u32> = (first as u32..300).step_by(3).collect();
            let (mut seen, mut drained) = (Vec::new(), Vec::new());
            arena.visit(chain, |event| seen.push(event));
            arena.drain(chain, &mut drained);
            assert_eq!(entities(&seen), expected);
            assert_eq!(entities(&drained), expected);
        }
    }

    #[test]
    fn freed_chunks_are_used_again() {
        let mut arena = Arena::with_capacity(0);
        for round in 0..5 {
            let (mut chain, mut found) = (Chain::EMPTY, Vec::new());
            for n in 0..100 {
                arena.append(&mut chain, entity(n));
            }
            while let Some((events, count)) = arena.detach(&mut chain) {
                found.extend_from_slice(&events[..count]);
            }
            assert_eq!(entities(&found), (0..100).collect::<Vec<_>>(), "round {round}");
        }
        assert_eq!(arena.chunks.len(), 100_usize.div_ceil(CHUNK));
    }
}
