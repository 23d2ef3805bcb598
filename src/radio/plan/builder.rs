//! Writes plans: turns labels into positions and refuses what cannot be walked.

use super::{Appointment, Doing, Label, Meter, Op, Phase, Plan, Rest, Spend, Step, Tail, TailId};
use crate::cause::Cause;
use crate::power::Activity;
use crate::units::SimDuration;

/// Why a plan is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A label was used and never placed.
    #[error("label {0} is used but never placed")]
    Unplaced(u16),
    /// The last step goes on to nowhere.
    #[error("the plan runs off its end")]
    OpenEnd,
    /// Steps go round in a circle without taking time or chance.
    #[error("step {0} leads back to itself without taking time")]
    Circle(u16),
    /// More steps than a position can name.
    #[error("a plan has at most 65535 steps")]
    TooLong,
}

/// Writes a plan.
#[derive(Debug, Default)]
pub struct Builder {
    steps: Vec<Step>,
    doing: Vec<Doing>,
    now: Doing,
    places: Vec<Option<u16>>,
    tails: Vec<Tail>,
    appointment: Option<Appointment>,
}

impl Builder {
    /// A label that may be used at once and is placed later.
    pub fn label(&mut self) -> Label {
        self.places.push(None);
        Label(self.places.len() as u16 - 1)
    }

    /// Lets `label` stand for the next step.
    pub fn place(&mut self, label: Label) {
        self.places[usize::from(label.0)] = Some(self.steps.len() as u16);
    }

    /// Says what the steps that follow belong to.
    pub fn doing(&mut self, what: &'static str, clause: &'static str) {
        self.now = Doing { what, clause };
    }

    /// Adds a fixed stay in one state; a stay of no length is left out.
    pub fn hold(&mut self, span: SimDuration, cause: Cause, activity: Activity) {
        if span > SimDuration::ZERO {
            self.step(Step::Hold(span, Spend { cause, activity }));
        }
    }

    /// Adds a jump.
    pub fn goto(&mut self, label: Label) {
        self.step(Step::Goto(label));
    }

    /// Adds any other step.
    pub fn op(&mut self, op: Op) {
        self.step(Step::Op(op));
    }

    fn step(&mut self, step: Step) {
        self.steps.push(step);
        self.doing.push(self.now);
    }

    /// Lets reports wait for an occasion.
    pub fn appoint(&mut self, appointment: Option<Appointment>) {
        self.appointment = appointment;
    }

    /// Adds a tail.
    pub fn tail(&mut self, phases: Vec<Phase>) -> TailId {
        self.tails.push(Tail { phases });
        TailId(self.tails.len() as u8 - 1)
    }

    /// Turns labels into positions.
    ///
    /// # Errors
    /// [`PlanError`] if a label hangs in the air or the plan could run off its end or round in circles.
    pub fn finish(mut self, meter: Meter, rest: Rest) -> Result<Plan, PlanError> {
        if self.steps.len() >= usize::from(u16::MAX) {
            return Err(PlanError::TooLong);
        }
        let places = std::mem::take(&mut self.places);
        let mut unplaced = None;
        let mut resolve = |label: &mut Label| match places[usize::from(label.0)] {
            Some(place) => label.0 = place,
            None => unplaced = Some(label.0),
        };
        for step in &mut self.steps {
            step.labels(&mut resolve);
        }
        self.tails.iter_mut().flat_map(|tail| &mut tail.phases).for_each(|phase| {
            phase.entries.iter_mut().for_each(&mut resolve);
        });
        if let Some(label) = unplaced {
            return Err(PlanError::Unplaced(label));
        }
        if !self.steps.last().is_some_and(Step::never_falls_through) {
            return Err(PlanError::OpenEnd);
        }
        let Builder { steps, doing, tails, appointment, .. } = self;
        let plan = Plan { meter, steps, doing, tails, rest, appointment };
        plan.circle().map_or(Ok(plan), |at| Err(PlanError::Circle(at)))
    }
}
