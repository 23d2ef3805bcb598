//! farlink's engine as farlink uses it: one shard, one timing wheel.

use std::marker::PhantomData;

use farlink::engine::{Event, Model, Outbox, Shard, Wheel};
use farlink::platform::prefetch;
use farlink::units::SimTime;

use crate::Engine;
use crate::load::{Entity, Load, Sum};

struct Entities<L> {
    states: Vec<Entity>,
    load: PhantomData<L>,
}

impl<L: Load> Model for Entities<L> {
    #[inline(always)]
    fn handle(&mut self, event: Event, out: &mut Outbox) -> Option<u64> {
        let interval = self.states[event.entity as usize].handle::<L>(event.entity, event.time.0);
        out.at(SimTime(event.time.0 + interval), event.entity, 0);
        Some(event.entity.into())
    }

    #[inline(always)]
    fn prefetch(&self, event: Event) {
        if let Some(state) = self.states.get(event.entity as usize) {
            prefetch(state);
        }
    }
}

impl<L: Load> Engine for Shard<Entities<L>, Wheel> {
    fn run_until(&mut self, end: u64) {
        let _ = self.run_until(SimTime(end));
    }

    fn sum(&mut self) -> Sum {
        Sum::of(&self.model.states)
    }
}

pub fn build<L: Load>(entities: u32) -> impl Engine {
    let model = Entities { states: vec![Entity::default(); entities as usize], load: PhantomData::<L> };
    let mut shard = Shard::new(model, Wheel::with_capacity(entities as usize * 21 / 20), u64::MAX);
    for entity in 0..entities {
        shard.schedule(Event { time: SimTime(L::first(entity)), entity, tag: 0 });
    }
    shard
}
