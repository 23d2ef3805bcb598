//! The loop that one writes first: a binary heap of the standard library.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::marker::PhantomData;

use crate::Engine;
use crate::load::{Entity, Load, Sum};

struct Simulation<L> {
    states: Vec<Entity>,
    pending: BinaryHeap<Reverse<(u64, u32)>>,
    load: PhantomData<L>,
}

impl<L: Load> Engine for Simulation<L> {
    fn run_until(&mut self, end: u64) {
        while let Some(&Reverse((time, entity))) = self.pending.peek().filter(|Reverse((time, _))| *time < end) {
            self.pending.pop();
            let interval = self.states[entity as usize].handle::<L>(entity, time);
            self.pending.push(Reverse((time + interval, entity)));
        }
    }

    fn sum(&mut self) -> Sum {
        Sum::of(&self.states)
    }
}

pub fn build<L: Load>(entities: u32) -> impl Engine {
    Simulation {
        states: vec![Entity::default(); entities as usize],
        pending: (0..entities).map(|entity| Reverse((L::first(entity), entity))).collect(),
        load: PhantomData::<L>,
    }
}
