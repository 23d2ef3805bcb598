//! A scheduler built as the default of ns-3 is: an ordered map from (time stamp, unique number) to an event, which is an
//! object of its own on the heap with a virtual call (`src/core/model/map-scheduler.h`, `event-impl.h`).

use std::collections::BTreeMap;
use std::marker::PhantomData;

use crate::Engine;
use crate::load::{Entity, Load, Sum};

type Action<L> = Box<dyn FnOnce(&mut Simulation<L>)>;

struct Simulation<L> {
    states: Vec<Entity>,
    pending: BTreeMap<(u64, u32), Action<L>>,
    next_number: u32,
    now: u64,
    load: PhantomData<L>,
}

impl<L: Load> Simulation<L> {
    fn schedule(&mut self, time: u64, action: impl FnOnce(&mut Simulation<L>) + 'static) {
        self.pending.insert((time, self.next_number), Box::new(action));
        self.next_number = self.next_number.wrapping_add(1);
    }

    fn wake(&mut self, entity: u32) {
        let interval = self.states[entity as usize].handle::<L>(entity, self.now);
        self.schedule(self.now + interval, move |simulation| simulation.wake(entity));
    }
}

impl<L: Load> Engine for Simulation<L> {
    fn run_until(&mut self, end: u64) {
        while let Some(first) = self.pending.first_entry().filter(|first| first.key().0 < end) {
            let ((time, _), action) = first.remove_entry();
            self.now = time;
            action(self);
        }
    }

    fn sum(&mut self) -> Sum {
        Sum::of(&self.states)
    }
}

pub fn build<L: Load>(entities: u32) -> impl Engine {
    let states = vec![Entity::default(); entities as usize];
    let mut simulation =
        Simulation { states, pending: BTreeMap::new(), next_number: 0, now: 0, load: PhantomData::<L> };
    for entity in 0..entities {
        simulation.schedule(L::first(entity), move |simulation| simulation.wake(entity));
    }
    simulation
}
