//! The vocabulary in which a radio technology says what a terminal does to move a message.
//!
//! A plan is a small program of steps. Some the terminal takes alone: holding a state for a while, waiting for a phase
//! of absolute time, branching. In others it meets its neighbours: random access, a grant in the downlink, a block in
//! the uplink. The technology writes plans and never touches the event queue; the executor walks them and knows no
//! standard.
//!
//! A plan is written with [`Builder`], which turns labels into positions. Every jump target is known to exist once
//! [`Builder::finish`] has returned.

use crate::cause::{Cause, Loss};
use crate::power::Activity;
use crate::radio::channel::Deadline;
use crate::rng::Purpose;
use crate::units::{SimDuration, SimTime};

/// What a stretch of time is booked under, and what it draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spend {
    /// What the time was for.
    pub cause: Cause,
    /// What the modem did meanwhile.
    pub activity: Activity,
}

/// A position in a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(pub u16);

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Stays in one state for a fixed time.
    Hold(SimDuration, Spend),
    /// Goes on elsewhere.
    Goto(Label),
    /// Anything else.
    Op(Op),
}

/// A step that needs the executor's judgement: a draw, a clock, a counter, a neighbour.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Stays in one state for a time drawn uniformly below `max`.
    Draw {
        /// The longest time.
        max: SimDuration,
        /// Whose draw it is.
        purpose: Purpose,
        /// How to book it.
        spend: Spend,
    },
    /// Waits for the next instant that lies `offset` behind a multiple of `period` in absolute time.
    Align {
        /// Between two such instants.
        period: SimDuration,
        /// Of the instants within the period.
        offset: SimDuration,
        /// How to book it.
        spend: Spend,
    },
    /// Goes to `valid` while the terminal's system information is valid; otherwise renews it and goes on.
    Refresh {
        /// How long it stays valid from now.
        validity: SimDuration,
        /// Where to go while it is.
        valid: Label,
    },
    /// Sets the bytes that the following blocks move.
    Load(Amount),
    /// Goes to `otherwise` unless the server answers this message.
    IfAnswered {
        /// Where to go without an answer.
        otherwise: Label,
    },
    /// Contends on a random-access channel and, if answered, sends the first scheduled block.
    Access {
        /// Number of the cell's random-access channel.
        channel: usize,
        /// The first scheduled block got lost on the air.
        block_lost: Label,
        /// The attempt failed: collision, no detection or no response.
        failed: Label,
    },
    /// Counts a failed attempt and goes to `again`, `escalate` or, after `total` attempts, on.
    Retry {
        /// Attempts before `escalate`.
        attempts: u32,
        /// Attempts altogether.
        total: u32,
        /// The next attempt at this level.
        again: Label,
        /// The next attempt when this level's are used up. Counting at that level starts anew.
        escalate: Label,
    },
    /// Takes a grant and a block of the downlink.
    Downlink(Transfer),
    /// Takes a grant of the downlink and a block of the uplink.
    Uplink(Transfer),
    /// The message has arrived: its latency ends here.
    Deliver,
    /// The message is lost. What follows costs energy and no longer latency.
    Lose(Loss),
    /// Stays connected for `span`. If the terminal's next message is due meanwhile, it is released into `interrupted`
    /// at once and the next message begins from there.
    Linger {
        /// How long without a message.
        span: SimDuration,
        /// How to book it.
        spend: Spend,
        /// The tail that a message interrupts.
        interrupted: TailId,
    },
    /// The end: the terminal goes into a tail until its next message.
    Release(TailId),
}

/// How many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many.
    Fixed(u32),
    /// The message, and so many more.
    Message {
        /// On top of payload and protocol overhead.
        extra: u32,
    },
}

/// A block on a shared channel, with its grant.
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    /// Number of the network's link (one per coverage level) that says how grants and blocks look.
    pub link: usize,
    /// Number of the block table of that link.
    pub table: usize,
    /// Cause of the first repetition's airtime.
    pub air: Cause,
    /// Whether this sends a block again: everything is then booked under [`Cause::Harq`].
    pub again: bool,
    /// Where to go while bytes are left after a block.
    pub more: Label,
    /// Where to go if the block got lost and may be sent again.
    pub lost: Label,
    /// Where to go if it was lost for the last time.
    pub exhausted: Label,
    /// A time limit for the grant, if there is one.
    pub deadline: Option<Deadline>,
}

/// Number of a tail in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TailId(pub u8);

/// What a terminal does between messages: phases one after the other, the last without end.
///
/// A tail is booked when it ends, not when it begins, so whatever interrupts it needs no cancellation.
#[derive(Clone, Debug, PartialEq)]
pub struct Tail {
    /// The phases.
    pub phases: Vec<Phase>,
}

/// One phase of a tail.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// How long, or to the end of time.
    pub span: SimDuration,
    /// How to book it.
    pub spend: Spend,
    /// Where the plan starts when the terminal has a message in this phase, per coverage level.
    pub entries: Vec<Label>,
    /// When the network can reach the terminal in this phase.
    pub reachable: Reachable,
}

/// When a page reaches a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachable {
    /// Not at all: the network keeps the page until the terminal shows up.
    Never,
    /// At once: the terminal is connected.
    Always,
    /// At the next paging occasion.
    Occasions {
        /// Paging cycle.
        period: SimDuration,
        /// The terminal's place in it.
        offset: SimDuration,
    },
}

impl Tail {
    /// The phase in which a terminal is that was released at `released`, `now` being no earlier.
    #[must_use]
    pub fn phase_at(&self, released: SimTime, now: SimTime) -> &Phase {
        let mut left = now.since(released);
        for phase in &self.phases {
            if left < phase.span {
                return phase;
            }
            left = left - phase.span;
        }
        &self.phases[self.phases.len() - 1]
    }

    /// Calls `book` with each phase's share of the time from `from` to `to`, both no earlier than `released`.
    pub fn book(&self, released: SimTime, from: SimTime, to: SimTime, mut book: impl FnMut(&Phase, SimDuration)) {
        let mut start = released;
        for (index, phase) in self.phases.iter().enumerate() {
            let last = index + 1 == self.phases.len();
            let end = if last { to } else { SimTime(start.0.saturating_add(phase.span.0)).min(to) };
            let share = end.since(start.max(from));
            if share > SimDuration::ZERO {
                book(phase, share);
            }
            start = end;
        }
    }

    /// When a page of `now` reaches a terminal that was released at `released`; `None` if it must wait for the
    /// terminal's next message.
    #[must_use]
    pub fn page(&self, released: SimTime, now: SimTime) -> Option<SimTime> {
        let mut start = released;
        for phase in &self.phases {
            let end = SimTime(start.0.saturating_add(phase.span.0));
            let from = now.max(start);
            let heard = match phase.reachable {
                Reachable::Never => None,
                Reachable::Always => Some(from),
                Reachable::Occasions { period, offset } => Some(from.align_up(period, offset)),
            };
            if let Some(time) = heard.filter(|&time| time < end) {
                return Some(time);
            }
            start = end;
        }
        None
    }
}

/// What a terminal draws in the steps whose length the executor finds out.
#[derive(Clone, Debug, PartialEq)]
pub struct Meter {
    /// Waiting for an instant it knows.
    pub waiting: Activity,
    /// Waiting for a grant that may come in any search space, per link.
    pub monitoring: Vec<Activity>,
    /// Receiving.
    pub receiving: Activity,
    /// Transmitting.
    pub transmitting: Activity,
}

/// A finished plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What the steps draw whose length the executor finds out.
    pub meter: Meter,
    /// The steps.
    pub steps: Vec<Step>,
    /// The tails.
    pub tails: Vec<Tail>,
    /// The tail in which a terminal is that has not spoken yet.
    pub resting: TailId,
}

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
    places: Vec<Option<u16>>,
    tails: Vec<Tail>,
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

    /// Adds a fixed stay in one state; a stay of no length is left out.
    pub fn hold(&mut self, span: SimDuration, cause: Cause, activity: Activity) {
        if span > SimDuration::ZERO {
            self.steps.push(Step::Hold(span, Spend { cause, activity }));
        }
    }

    /// Adds a jump.
    pub fn goto(&mut self, label: Label) {
        self.steps.push(Step::Goto(label));
    }

    /// Adds any other step.
    pub fn op(&mut self, op: Op) {
        self.steps.push(Step::Op(op));
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
    pub fn finish(mut self, meter: Meter, resting: TailId) -> Result<Plan, PlanError> {
        if self.steps.len() >= usize::from(u16::MAX) {
            return Err(PlanError::TooLong);
        }
        let places = self.places;
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
        let plan = Plan { meter, steps: self.steps, tails: self.tails, resting };
        plan.circle().map_or(Ok(plan), |at| Err(PlanError::Circle(at)))
    }
}

impl Plan {
    /// A jump that only ever meets other jumps.
    fn circle(&self) -> Option<u16> {
        (0..self.steps.len()).find_map(|start| {
            let mut at = start;
            for _ in 0..=self.steps.len() {
                let Step::Goto(Label(to)) = self.steps[at] else { return None };
                at = usize::from(to);
            }
            Some(start as u16)
        })
    }
}

impl Step {
    /// Whether the step is always followed by a jump or by nothing.
    fn never_falls_through(&self) -> bool {
        matches!(self, Step::Goto(_) | Step::Op(Op::Release(_)))
    }

    fn labels(&mut self, visit: &mut impl FnMut(&mut Label)) {
        match self {
            Step::Hold(..) => (),
            Step::Goto(label) => visit(label),
            Step::Op(op) => op.labels(visit),
        }
    }
}

impl Op {
    /// Calls `visit` with every jump target.
    pub fn labels(&mut self, visit: &mut impl FnMut(&mut Label)) {
        match self {
            Op::Refresh { valid: label, .. } | Op::IfAnswered { otherwise: label } => visit(label),
            Op::Access { block_lost, failed, .. } => [block_lost, failed].into_iter().for_each(visit),
            Op::Retry { again, escalate, .. } => [again, escalate].into_iter().for_each(visit),
            Op::Downlink(transfer) | Op::Uplink(transfer) => {
                [&mut transfer.more, &mut transfer.lost, &mut transfer.exhausted].into_iter().for_each(&mut *visit);
                transfer.deadline.iter_mut().for_each(|deadline| visit(&mut deadline.missed));
            }
            Op::Draw { .. } | Op::Align { .. } | Op::Load(_) | Op::Deliver => (),
            Op::Lose(_) | Op::Linger { .. } | Op::Release(_) => (),
        }
    }

    /// Whether others can change its outcome, so that it must wait for its turn in the order of events.
    #[must_use]
    pub fn contends(&self) -> bool {
        matches!(self, Op::Downlink(_) | Op::Uplink(_))
    }
}
