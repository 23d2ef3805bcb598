//! The vocabulary in which a radio technology says what a terminal does to move a message.
//!
//! A plan is a small program of steps. Some the terminal takes alone: holding a state for a while, waiting for a phase
//! of absolute time, branching. In others it meets its neighbours: random access, a grant in the downlink, a block in
//! the uplink. The technology writes plans and never touches the event queue; the executor walks them and knows no
//! standard.
//!
//! A plan is written with [`Builder`], which turns labels into positions. Every jump target is known to exist once
//! [`Builder::finish`] has returned.

mod builder;
mod names;
mod operands;

use crate::cause::{Cause, Errand, Loss};
use crate::power::{Activity, Transmitter};
use crate::radio::check::Check;
use crate::rng::Purpose;
use crate::traffic::protocol::Timer;
use crate::units::{Microwatts, SimDuration, SimTime};

pub use builder::{Builder, PlanError};
pub use names::{AccessNames, Doing, Part};
pub use operands::{Amount, Asked, Barring, Fix, Harq, Position, Transfer};

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
    /// Goes to `valid` if the terminal's system information is still valid, else on. Either way it is valid from now: it
    /// has been confirmed, or is about to be read.
    Refresh {
        /// How long it stays valid from now.
        validity: SimDuration,
        /// Where to go while it is.
        valid: Label,
    },
    /// Goes on at the label of the errand the terminal is on, by [`Errand::index`].
    Switch([Label; Errand::COUNT]),
    /// Turns to another errand if it is due, else goes to `otherwise`.
    Turn {
        /// The errand.
        errand: Errand,
        /// Where to go if there is nothing to do.
        otherwise: Label,
    },
    /// The errand is done, if it is not a report: those end with [`Op::Deliver`].
    Complete,
    /// Waits for the page that called the terminal.
    Page {
        /// Number of the network's link, which says how grants look.
        link: usize,
        /// Where to go if the terminal misses it.
        missed: Label,
    },
    /// Finds out where the terminal is, unless it still knows.
    Locate(Position),
    /// Sets the bytes that the following blocks move.
    Load(Amount),
    /// Starts the timer that limits the wait for a grant.
    StartTimer(SimDuration),
    /// Goes to `otherwise` unless the condition holds.
    If {
        /// The condition.
        check: Check,
        /// Where to go if it does not hold.
        otherwise: Label,
    },
    /// Waits until the terminal's access class, of ten, is none of the `barred` that are barred in turn.
    Admission {
        /// How many are barred at a time: 0 to 9.
        barred: u32,
        /// After so long the barred classes move on by one.
        rotation: SimDuration,
        /// How to book the wait.
        spend: Spend,
    },
    /// Checks whether the terminal is barred, and waits and checks again until it is not.
    Barring(Barring),
    /// The network rejects a terminal that came through this random-access channel.
    Rejected {
        /// Number of the channel.
        channel: usize,
    },
    /// A new random-access procedure: its attempts are counted anew.
    NewAccess,
    /// Goes on at the label of the coverage level with which the contact began.
    ToFirstLevel(Vec<Label>),
    /// Waits for an occasion of the terminal's own, one in each `period`; goes to `otherwise` if none is near.
    Appointment {
        /// Between two of them.
        period: SimDuration,
        /// What is near.
        within: SimDuration,
        /// How to book the wait.
        spend: Spend,
        /// Where to go if it is farther away.
        otherwise: Label,
    },
    /// Goes to `otherwise` unless the server answers this message.
    IfAnswered {
        /// Where to go without an answer.
        otherwise: Label,
    },
    /// Goes to `otherwise` unless the terminal was last heard of longer ago than `longer_than`.
    IfSilent {
        /// How long.
        longer_than: SimDuration,
        /// Where to go if it has spoken since.
        otherwise: Label,
    },
    /// Books what follows under this cause, or each step under its own again.
    Under(Option<Cause>),
    /// The application sends something that its timer may send again, or begins to wait for it.
    Ask,
    /// Looks how many copies the application's timer has made by now of what was sent last; goes to `otherwise` if none
    /// has been added since the last look.
    Copies {
        /// The application's timer.
        timer: Timer,
        /// What is sent again.
        what: Asked,
        /// Where to go if there is nothing to send again.
        otherwise: Label,
    },
    /// Waits for the next copy that the application makes of a report that is still on its way; goes to `otherwise` if there
    /// is no such report, or no copy any more.
    AwaitCopy {
        /// The application's timer.
        timer: Timer,
        /// How to book the wait.
        spend: Spend,
        /// Where to go without a copy.
        otherwise: Label,
    },
    /// Contends on a random-access channel and, if answered, sends the first scheduled block.
    Access {
        /// Number of the cell's random-access channel.
        channel: usize,
        /// What the preamble and the response are called; the step's own name is that of the first scheduled block.
        names: &'static AccessNames,
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
    /// Goes to `to`, at most `limit` times for one message, else on.
    Again {
        /// How often.
        limit: u32,
        /// Where to.
        to: Label,
    },
    /// Goes to `to` until the steps in between have been gone through `rounds` times, then on.
    Round {
        /// How often altogether.
        rounds: u32,
        /// Where a round begins.
        to: Label,
    },
    /// Moves the connection to one of the cell's further carriers, until the next random access. There is at least one.
    Move,
    /// Takes a grant and a block of the downlink.
    Downlink(Transfer),
    /// Takes a grant of the downlink and a block of the uplink.
    Uplink(Transfer),
    /// Takes a block of the uplink that was granted long ago.
    Reserved(Transfer),
    /// Takes a grant of the downlink that says all by itself: an acknowledgement. It is not sent again.
    Notice(Transfer),
    /// Moves one block without grants: a transmission that is lost is repeated a fixed time later.
    Harq(Harq),
    /// The message has arrived: its latency ends here.
    Deliver,
    /// The errand has failed; a message is lost. What follows costs energy and no longer latency.
    Lose(Loss),
    /// Stays connected for `span`. If the terminal's next errand is due meanwhile, it is released into `interrupted`
    /// at once and the next errand begins from there.
    Linger {
        /// How long without an errand.
        span: SimDuration,
        /// How to book it.
        spend: Spend,
        /// The tail that an errand interrupts.
        interrupted: TailId,
    },
    /// The end: the terminal goes into a tail until its next message.
    Release(TailId),
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
        /// Paging cycle (DRX). Each terminal has its own place in it.
        period: SimDuration,
    },
    /// At the next paging occasion within a paging time window (extended DRX).
    Windows {
        /// eDRX cycle. Each terminal has its own place in it.
        cycle: SimDuration,
        /// Length of the paging time window at the start of each cycle.
        window: SimDuration,
        /// Paging cycle within the window.
        period: SimDuration,
    },
}

impl Reachable {
    /// The first instant at or after `from` at which a page can be sent to the terminal whose place in all cycles is
    /// `place`; `None` if there is none.
    #[must_use]
    pub fn next(self, from: SimTime, place: u64) -> Option<SimTime> {
        // Cycles begin at whole radio frames.
        let offset = |cycle: SimDuration| SimDuration(place % cycle.0.max(1) / FRAME.0 * FRAME.0);
        match self {
            Reachable::Never => None,
            Reachable::Always => Some(from),
            Reachable::Occasions { period } => Some(from.align_up(period, offset(period))),
            Reachable::Windows { cycle, window, period } => {
                let begin = from.align_up(cycle, offset(cycle));
                // The window that is open now, if one is; its first occasion is at its start.
                let open = begin.0.checked_sub(cycle.0).map(SimTime);
                let within =
                    open.map(|open| (open, open + SimDuration(from.since(open).0.div_ceil(period.0) * period.0)));
                Some(within.filter(|&(open, at)| at < open + window).map_or(begin, |(_, at)| at))
            }
        }
    }
}

/// A radio frame.
const FRAME: SimDuration = SimDuration::from_millis(10);

impl Phase {
    /// Whether the terminal rests here until its next errand: deep sleep or idle mode, but no connection.
    #[must_use]
    pub fn is_rest(&self) -> bool {
        self.span == SimDuration::FOREVER && !self.is_connected()
    }

    /// Whether the terminal is connected.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.spend.cause == Cause::Inactivity
    }
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

    /// When a page of `now` reaches a terminal that was released at `released` and has this `place` in all cycles; `None`
    /// if it must wait until the terminal shows up by itself.
    #[must_use]
    pub fn page(&self, released: SimTime, now: SimTime, place: u64) -> Option<SimTime> {
        let mut start = released;
        for phase in &self.phases {
            let end = SimTime(start.0.saturating_add(phase.span.0));
            let from = now.max(start);
            if let Some(time) = phase.reachable.next(from, place).filter(|&time| time < end) {
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
    pub transmitting: Transmitter,
}

/// The tails in which terminals are that are not on an errand, and the times between errands of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Registered, and not heard of since the run began, per coverage level.
    pub quiet: Vec<TailId>,
    /// After a release, per coverage level.
    pub released: Vec<TailId>,
    /// Without coverage.
    pub searching: TailId,
    /// Switched off.
    pub off: TailId,
    /// From the release to the periodic update (T3412).
    pub update: SimDuration,
    /// From an attach or update that failed to the next attempt.
    pub retry: SimDuration,
    /// How terminals look for a network.
    pub search: Search,
}

/// How terminals look for a network that is not there: a search, a pause, and again, each pause twice the one before up to
/// the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    /// One search.
    pub length: SimDuration,
    /// The first pause; above zero.
    pub pause: SimDuration,
    /// The longest pause.
    pub longest: SimDuration,
}

impl Search {
    /// The pauses that are shorter than the longest.
    pub fn growing(&self) -> impl Iterator<Item = SimDuration> + use<> {
        let (pause, longest) = (self.pause, self.longest);
        std::iter::successors(Some(pause), |pause| Some(*pause * 2)).take_while(move |pause| *pause < longest)
    }

    /// When a terminal that has searched since `since` finds the network that is back at `back`: at the end of the first
    /// search that begins no earlier.
    #[must_use]
    pub fn found(&self, since: SimTime, back: SimTime) -> SimTime {
        let mut start = since;
        for pause in self.growing() {
            if start >= back {
                return start + self.length;
            }
            start += self.length + pause;
        }
        let cycle = self.length + self.longest;
        let more = back.since(start).0.div_ceil(cycle.0.max(1));
        start + cycle * more + self.length
    }
}

/// A finished plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What the steps draw whose length the executor finds out.
    pub meter: Meter,
    /// The steps.
    pub steps: Vec<Step>,
    /// What each step belongs to.
    pub doing: Vec<Doing>,
    /// The tails.
    pub tails: Vec<Tail>,
    /// What terminals do between errands.
    pub rest: Rest,
    /// What reports wait for before they wake their terminal.
    pub appointment: Option<Appointment>,
}

/// A block of the uplink that is reserved for a terminal again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appointment {
    /// Between two occasions.
    pub period: SimDuration,
    /// How long before one the terminal wakes, per coverage level: with valid system information, and without.
    pub leads: Vec<(SimDuration, SimDuration)>,
    /// Number of the block table in each link; reports that do not fit wait for nothing.
    pub table: usize,
    /// Bytes that go with a report.
    pub extra: u32,
}

impl Plan {
    /// What a terminal of a coverage level draws once nothing has happened for long.
    #[must_use]
    pub fn rest_power(&self, level: usize) -> Microwatts {
        let tail = &self.tails[usize::from(self.rest.quiet[level].0)];
        tail.phases[tail.phases.len() - 1].spend.activity.power
    }

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
        matches!(self, Step::Goto(_) | Step::Op(Op::Release(_) | Op::Switch(_) | Op::ToFirstLevel(_)))
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
            Op::Refresh { valid: label, .. }
            | Op::IfAnswered { otherwise: label }
            | Op::IfSilent { otherwise: label, .. }
            | Op::Copies { otherwise: label, .. }
            | Op::AwaitCopy { otherwise: label, .. }
            | Op::If { otherwise: label, .. }
            | Op::Appointment { otherwise: label, .. }
            | Op::Turn { otherwise: label, .. }
            | Op::Page { missed: label, .. }
            | Op::Round { to: label, .. }
            | Op::Again { to: label, .. } => visit(label),
            Op::Switch(labels) => labels.iter_mut().for_each(visit),
            Op::Access { block_lost, failed, .. } => [block_lost, failed].into_iter().for_each(visit),
            Op::Retry { again, escalate, .. } => [again, escalate].into_iter().for_each(visit),
            Op::Downlink(transfer) | Op::Uplink(transfer) | Op::Reserved(transfer) | Op::Notice(transfer) => {
                [&mut transfer.more, &mut transfer.lost, &mut transfer.exhausted].into_iter().for_each(&mut *visit);
                transfer.in_time.iter_mut().for_each(visit);
            }
            Op::Harq(harq) => visit(&mut harq.failed),
            Op::Draw { .. } | Op::Align { .. } | Op::Locate(_) | Op::Load(_) | Op::StartTimer(_) => (),
            Op::Move | Op::Deliver | Op::Complete | Op::Under(_) | Op::Ask => (),
            Op::Admission { .. } | Op::Barring(_) | Op::Rejected { .. } | Op::NewAccess => (),
            Op::ToFirstLevel(labels) => labels.iter_mut().for_each(visit),
            Op::Lose(_) | Op::Linger { .. } | Op::Release(_) => (),
        }
    }

    /// Whether the terminal sends something in it, if only an acknowledgement.
    #[must_use]
    pub fn transmits(&self) -> bool {
        matches!(self, Op::Access { .. } | Op::Downlink(_) | Op::Uplink(_) | Op::Reserved(_) | Op::Harq(_))
    }

    /// Whether others can change its outcome, so that it must wait for its turn in the order of events.
    #[must_use]
    pub fn contends(&self) -> bool {
        matches!(
            self,
            Op::Downlink(_)
                | Op::Uplink(_)
                | Op::Page { .. }
                | Op::Reserved(_)
                | Op::Notice(_)
                | Op::If { check: Check::Prompt { .. }, .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::power::State;
    use crate::units::Dbm;

    fn spend(cause: Cause, power: u32) -> Spend {
        Spend { cause, activity: Activity { state: State::Idle, power: Microwatts(power) } }
    }

    fn meter() -> Meter {
        let activity = spend(Cause::Sync, 1).activity;
        let transmitting = Transmitter { most: Dbm(23.0), draws: vec![Microwatts(1)] };
        Meter { waiting: activity, monitoring: Vec::new(), receiving: activity, transmitting }
    }

    fn rest(tail: TailId) -> Rest {
        let search = Search { length: SimDuration(1), pause: SimDuration(1), longest: SimDuration(1) };
        Rest {
            quiet: vec![tail],
            released: vec![tail],
            searching: tail,
            off: tail,
            update: SimDuration(u64::MAX),
            retry: SimDuration::ZERO,
            search,
        }
    }

    fn phase(span: u64, cause: Cause, reachable: Reachable) -> Phase {
        Phase { span: SimDuration(span), spend: spend(cause, 1), entries: vec![Label(0)], reachable }
    }

    /// Connected for 100 ms, paged every 40 ms for 100 ms, then asleep.
    fn tail() -> Tail {
        let occasions = Reachable::Occasions { period: SimDuration::from_millis(40) };
        Tail {
            phases: vec![
                phase(100_000, Cause::Inactivity, Reachable::Always),
                phase(100_000, Cause::ActiveTime, occasions),
                phase(u64::MAX, Cause::Sleep, Reachable::Never),
            ],
        }
    }

    #[test]
    fn a_page_waits_for_its_occasion_and_for_a_terminal_that_listens() {
        // The place 13 ms behind a multiple of the cycle is the frame that begins at 10 ms.
        let ms = |ms: u64| SimTime(ms * 1_000);
        let page = |now| tail().page(ms(1_000), ms(now), 4_013_000).map(|time| time.0 / 1_000);
        assert_eq!(page(1_000), Some(1_000), "connected");
        assert_eq!(page(1_099), Some(1_099));
        // Occasions at 1010, 1050, 1090, 1130, 1170, 1210; the phase ends at 1200.
        assert_eq!(page(1_100), Some(1_130));
        assert_eq!(page(1_131), Some(1_170));
        assert_eq!(page(1_171), None, "the next occasion is after the phase");
        assert_eq!(page(5_000), None, "asleep");
    }

    #[test]
    fn a_search_finds_what_is_there_when_it_begins() {
        // Searches of 10 begin at 0, 30, 80, 170, then every 110 (pauses 20, 40, 80, 100, 100 …).
        let search = Search { length: SimDuration(10), pause: SimDuration(20), longest: SimDuration(100) };
        for (back, found) in [(0, 10), (1, 40), (30, 40), (31, 90), (81, 180), (171, 290), (281, 400), (1_050, 1_060)] {
            assert_eq!(search.found(SimTime(1_000), SimTime(1_000 + back)), SimTime(1_000 + found), "{back}");
        }
    }

    #[test]
    fn extended_drx_listens_in_its_windows() {
        // Windows of 40 ms every 200 ms from 30 ms on, occasions every 20 ms: 30, 50, 230, 250 …
        let ms = SimDuration::from_millis;
        let windows = Reachable::Windows { cycle: ms(200), window: ms(40), period: ms(20) };
        let next = |now: u64| windows.next(SimTime(now * 1_000), 30_000).map(|time| time.0 / 1_000);
        for (now, heard) in
            [(0, 30), (30, 30), (31, 50), (50, 50), (51, 230), (69, 230), (70, 230), (231, 250), (400, 430)]
        {
            assert_eq!(next(now), Some(heard), "{now}");
        }
    }

    #[test]
    fn a_tail_is_booked_when_it_ends() {
        let book = |from, to| {
            let mut spans = [0; Cause::COUNT];
            tail().book(SimTime(1_000), SimTime(from), SimTime(to), |phase, span| {
                spans[phase.spend.cause.index()] += span.0;
            });
            [Cause::Inactivity, Cause::ActiveTime, Cause::Sleep].map(|cause| spans[cause.index()])
        };
        assert_eq!(book(1_000, 1_000), [0, 0, 0]);
        assert_eq!(book(1_000, 1_050), [50, 0, 0], "interrupted in its first phase");
        assert_eq!(book(1_000, 901_000), [100_000, 100_000, 700_000]);
        assert_eq!(book(151_000, 901_000), [0, 50_000, 700_000], "counting began meanwhile");
        for (now, cause) in [(1_000, Cause::Inactivity), (101_000, Cause::ActiveTime), (201_000, Cause::Sleep)] {
            assert_eq!(tail().phase_at(SimTime(1_000), SimTime(now)).spend.cause, cause);
        }
    }

    #[test]
    fn plans_that_cannot_be_walked_are_refused() {
        let mut hanging = Builder::default();
        let nowhere = hanging.label();
        hanging.goto(nowhere);
        assert_eq!(hanging.finish(meter(), rest(TailId(0))), Err(PlanError::Unplaced(0)));

        let mut open = Builder::default();
        open.op(Op::Deliver);
        assert_eq!(open.finish(meter(), rest(TailId(0))), Err(PlanError::OpenEnd));

        let mut round = Builder::default();
        let (a, b) = (round.label(), round.label());
        round.place(a);
        round.goto(b);
        round.place(b);
        round.goto(a);
        assert_eq!(round.finish(meter(), rest(TailId(0))), Err(PlanError::Circle(0)));
    }

    #[test]
    fn folding_keeps_every_microsecond_and_every_entry() {
        let mut b = Builder::default();
        let (start, detour, end) = (b.label(), b.label(), b.label());
        let sleep = b.tail(vec![Phase { entries: vec![start, detour], ..phase(9, Cause::Sleep, Reachable::Never) }]);
        let idle = spend(Cause::Sync, 3).activity;
        b.place(start);
        b.hold(SimDuration(5), Cause::Sync, idle);
        b.op(Op::Deliver);
        b.hold(SimDuration(7), Cause::Network, idle);
        b.goto(detour);
        b.op(Op::Lose(Loss::Access));
        b.place(detour);
        b.hold(SimDuration(11), Cause::Sync, idle);
        b.hold(SimDuration(13), Cause::Network, idle);
        b.goto(end);
        b.place(end);
        b.op(Op::Release(sleep));
        let program = b.finish(meter(), rest(sleep)).unwrap().compile();

        let stays = |segment: usize| {
            let segment = &program.segments[segment];
            let stays = &program.stays[segment.stays.start as usize..segment.stays.end as usize];
            stays.iter().map(|stay| (stay.cause, stay.span.0, stay.energy.0)).collect::<Vec<_>>()
        };
        let entries = &program.tails[0].phases[0].entries;
        let [start, detour] = [usize::from(entries[0].0), usize::from(entries[1].0)];
        assert_eq!(stays(start), [(Cause::Sync, 5, 15)]);
        let delivery = usize::from(program.segments[start].next.0);
        assert_eq!(program.segments[delivery].op, Some(Op::Deliver));
        assert_eq!(stays(delivery), [(Cause::Network, 20, 60), (Cause::Sync, 11, 33)], "through the jump");
        assert_eq!(stays(detour), [(Cause::Sync, 11, 33), (Cause::Network, 13, 39)]);
        let last = usize::from(program.segments[detour].next.0);
        assert_eq!(program.segments[last].op, Some(Op::Release(sleep)));
        assert_eq!(program.segments[delivery].next, program.segments[detour].next);
    }
}
