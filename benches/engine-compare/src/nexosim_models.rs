//! NexoSim as its documentation proposes: a model with its mailbox for each entity, one thread.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::EventSource;
use nexosim::simulation::{EventId, Mailbox, SimInit, Simulation};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use crate::Engine;
use crate::load::{Entity, Exponential, IotMixture, Kind, Load, Sum};

// The macros of NexoSim schedule methods of types without parameters only, so the load is a value here.
#[derive(Serialize, Deserialize)]
struct Terminal {
    number: u32,
    load: Kind,
    state: Entity,
    /// Where to add what happened, when asked.
    #[serde(skip)]
    total: Arc<Mutex<Sum>>,
}

#[Model]
impl Terminal {
    #[nexosim(init)]
    async fn init(&mut self, context: &Context<Self>) {
        let first = match self.load {
            Kind::IotMixture => IotMixture::first(self.number),
            Kind::Exponential => Exponential::first(self.number),
        };
        self.sleep(first, context);
    }

    #[nexosim(schedulable)]
    async fn wake(&mut self, _: (), context: &Context<Self>) {
        let time = context.time().duration_since(MonotonicTime::EPOCH).as_micros() as u64;
        let interval = match self.load {
            Kind::IotMixture => self.state.handle::<IotMixture>(self.number, time),
            Kind::Exponential => self.state.handle::<Exponential>(self.number, time),
        };
        self.sleep(interval, context);
    }

    fn sleep(&self, interval: u64, context: &Context<Self>) {
        let scheduled = context.schedule_event(Duration::from_micros(interval), schedulable!(Self::wake), ());
        scheduled.expect("intervals are positive");
    }

    async fn report(&mut self) {
        *self.total.lock().unwrap_or_else(PoisonError::into_inner) += self.state.sum();
    }
}

struct Terminals {
    simulation: Simulation,
    report: EventId<()>,
    total: Arc<Mutex<Sum>>,
}

impl Engine for Terminals {
    fn run_until(&mut self, end: u64) {
        // Events at the end itself belong to the next window.
        let last = MonotonicTime::EPOCH + Duration::from_micros(end - 1);
        self.simulation.step_until(last).expect("no model fails");
    }

    fn sum(&mut self) -> Sum {
        *self.total.lock().unwrap_or_else(PoisonError::into_inner) = Sum::default();
        self.simulation.process_event(&self.report, ()).expect("no model fails");
        *self.total.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub fn build<L: Load>(entities: u32) -> impl Engine {
    let total = Arc::new(Mutex::new(Sum::default()));
    let mut simulation = SimInit::with_num_threads(1);
    let mut report = EventSource::new();
    for number in 0..entities {
        // An entity has one event pending: no mailbox ever holds more.
        let mailbox = Mailbox::with_capacity(2);
        report = report.connect(Terminal::report, &mailbox);
        let terminal = Terminal { number, load: L::KIND, state: Entity::default(), total: Arc::clone(&total) };
        simulation = simulation.add_model(terminal, mailbox, "terminal");
    }
    let report = report.register(&mut simulation);
    let simulation = simulation.init(MonotonicTime::EPOCH).expect("models only schedule themselves");
    Terminals { simulation, report, total }
}
