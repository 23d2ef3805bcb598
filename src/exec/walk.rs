//! One errand on its way through its plan.

use crate::cause::{Cause, Errand};
use crate::exec::booking::Spell;
use crate::exec::cell::{Cell, Waiting};
use crate::exec::context::{Context, NONE};
use crate::exec::notes::Notes;
use crate::exec::setup::{Executor, GroupSetup, Setup};
use crate::exec::terminal::Terminal;
use crate::exec::trace::Trace;
use crate::metrics::recorder::Ledger;
use crate::metrics::series::Series;
use crate::power::Backoff;
use crate::radio::channel::{Assistance, Channels, PowerRule};
use crate::radio::compile::Segment;
use crate::radio::plan::{Amount, Label, Meter, Op, Part, Position, Spend, Step, TailId};
use crate::rng::{Draw, Purpose};
use crate::units::{Db, SimDuration, SimTime};

/// Everything that an errand touches while its plan is walked.
pub(crate) struct Walk<'a> {
    pub setup: &'a Setup,
    pub group: &'a GroupSetup,
    pub channels: &'a Channels,
    pub terminal: &'a mut Terminal,
    pub cell: &'a mut Cell,
    pub context: &'a mut Context,
    pub ledger: &'a mut Ledger,
    pub series: &'a mut Series,
    pub trace: &'a mut Trace,
    pub notes: Option<&'a mut Notes>,
    /// Which part of its step the terminal is in.
    pub part: Part,
    /// The instant of the event being handled; the context's own clock is never behind it.
    pub now: SimTime,
}

/// Where a walk pauses.
pub(crate) enum Pause {
    /// At a step that must wait for its instant: the context's clock.
    Until(SimTime),
    /// In the list of a random-access opportunity that is decided at this instant; whether it is the first there.
    Joined { channel: usize, number: u64, first: bool },
    /// The contact is over; the terminal is in a tail.
    Over,
}

/// What follows a step.
pub(crate) enum Flow {
    Next,
    To(Label),
    Pause(Pause),
}

impl Flow {
    /// On if `condition` holds, else to `otherwise`.
    pub fn next_if(condition: bool, otherwise: Label) -> Flow {
        if condition { Flow::Next } else { Flow::To(otherwise) }
    }
}

impl Walk<'_> {
    /// Walks on until the plan pauses. `number` is the context's number in the pool.
    pub fn run(&mut self, number: u32) -> Pause {
        match self.setup.executor {
            Executor::Compiled => self.run_segments(number),
            Executor::Interpreted => self.run_steps(number),
        }
    }

    fn run_segments(&mut self, number: u32) -> Pause {
        let program = &self.group.program;
        loop {
            let segment = &program.segments[usize::from(self.context.at.0)];
            if let Some(op) = &segment.op {
                match self.perform(op, number) {
                    Flow::Next => (),
                    Flow::To(label) => {
                        self.context.at = label;
                        continue;
                    }
                    Flow::Pause(pause) => return pause,
                }
            }
            self.finish(segment);
        }
    }

    /// Books the stays behind a segment's operation and goes on to the next.
    #[inline]
    fn finish(&mut self, segment: &Segment) {
        if !segment.stays.is_empty() {
            let stays = &self.group.program.stays[segment.stays.start as usize..segment.stays.end as usize];
            self.book_segment(segment, stays);
        }
        self.context.at = segment.next;
    }

    fn run_steps(&mut self, number: u32) -> Pause {
        let plan = &self.group.plan;
        loop {
            let flow = match &plan.steps[usize::from(self.context.at.0)] {
                Step::Hold(span, spend) => {
                    self.spend(spend.cause, spend.activity, *span);
                    Flow::Next
                }
                Step::Goto(label) => Flow::To(*label),
                Step::Op(op) => self.perform(op, number),
            };
            match flow {
                Flow::Next => self.context.at.0 += 1,
                Flow::To(label) => self.context.at = label,
                Flow::Pause(pause) => return pause,
            }
        }
    }

    /// Goes on behind a step whose outcome was decided elsewhere.
    pub fn resolve(&mut self, flow: Flow) {
        match (flow, self.setup.executor) {
            (Flow::To(label), _) => self.context.at = label,
            (_, Executor::Interpreted) => self.context.at.0 += 1,
            (_, Executor::Compiled) => self.finish(&self.group.program.segments[usize::from(self.context.at.0)]),
        }
    }

    #[inline(always)]
    fn perform(&mut self, op: &Op, number: u32) -> Flow {
        if op.contends() && self.must_wait(op) {
            return Flow::Pause(Pause::Until(self.context.clock));
        }
        match op {
            Op::Draw { max, purpose, spend } => {
                let draw = self.context.key.draw(*purpose, u64::from(self.context.attempts_total));
                self.spend(spend.cause, spend.activity, SimDuration(draw.below(max.0 + 1)));
                Flow::Next
            }
            Op::Align { period, offset, spend } => {
                let instant = self.context.clock.align_up(*period, *offset);
                self.spend_until(spend.cause, spend.activity, instant);
                Flow::Next
            }
            Op::Refresh { validity, valid } => self.refresh(*validity, *valid),
            Op::Load(amount) => self.load(*amount),
            Op::Locate(position) => self.locate(position),
            Op::If { check, otherwise } => Flow::next_if(self.holds(check), *otherwise),
            Op::Admission { barred, rotation, spend } => self.await_admission(*barred, *rotation, spend),
            Op::Barring(barring) => self.pass_barring(barring),
            Op::Rejected { channel } => self.count_reject(*channel),
            Op::NewAccess => self.count_attempts_anew(),
            Op::ToFirstLevel(labels) => Flow::To(labels[usize::from(self.context.first_level)]),
            Op::Appointment { period, within, spend, otherwise } => self.appear(*period, *within, spend, *otherwise),
            Op::IfAnswered { otherwise } => Flow::next_if(self.is_answered(), *otherwise),
            Op::IfSilent { longer_than, otherwise } => self.if_silent(*longer_than, *otherwise),
            Op::Under(cause) => {
                self.context.under = *cause;
                Flow::Next
            }
            Op::Ask => {
                self.context.ask(self.context.clock);
                Flow::Next
            }
            Op::Copies { timer, what, otherwise } => self.copies(timer, *what, *otherwise),
            Op::AwaitCopy { timer, spend, otherwise } => self.await_copy(timer, spend, *otherwise),
            Op::StartTimer(span) => {
                self.context.timer = self.context.clock + *span;
                Flow::Next
            }
            Op::Access { channel, block_lost, failed, .. } => {
                self.context.access_targets = (*block_lost, *failed);
                self.join(*channel, number)
            }
            Op::Retry { attempts, total, again, escalate } => self.retry(*attempts, *total, *again, *escalate),
            Op::Again { limit, to } => {
                self.context.repeats = self.context.repeats.saturating_add(1);
                Flow::next_if(u32::from(self.context.repeats) > *limit, *to)
            }
            Op::Move => self.change_carrier(),
            Op::Downlink(transfer) => self.downlink(transfer),
            Op::Uplink(transfer) => self.uplink(transfer),
            Op::Reserved(transfer) => self.reserved(transfer),
            Op::Notice(transfer) => self.notice(transfer),
            Op::Harq(harq) => self.harq(harq),
            Op::Round { rounds, to } => {
                self.context.rounds += 1;
                Flow::next_if(self.context.rounds >= *rounds, *to)
            }
            Op::Switch(labels) => Flow::To(labels[self.context.errand().index()]),
            Op::Turn { errand, otherwise } => self.turn(*errand, *otherwise),
            Op::Complete => self.complete(),
            Op::Page { link, missed } => self.page(*link, *missed),
            Op::Deliver => self.deliver(),
            Op::Lose(reason) => self.lose(*reason),
            Op::Linger { span, spend, interrupted } => self.linger(*span, spend, *interrupted),
            Op::Release(tail) => self.release(*tail),
        }
    }

    fn is_answered(&self) -> bool {
        self.group.traffic.is_answered(self.group.key_of(self.terminal), self.context.report)
    }

    /// Evenly among the carriers behind the first, which has random access and broadcast to carry.
    fn change_carrier(&mut self) -> Flow {
        let draw = self.context.key.draw(Purpose::Carrier, u64::from(self.context.attempts_total));
        self.context.carrier = 1 + draw.below(self.channels.carriers.len() as u64 - 1) as u8;
        Flow::Next
    }

    fn refresh(&mut self, validity: SimDuration, valid: Label) -> Flow {
        let is_valid = self.terminal.information_until > self.context.clock;
        self.terminal.information_until = self.context.clock + validity;
        Flow::next_if(!is_valid, valid)
    }

    fn load(&mut self, amount: Amount) -> Flow {
        self.context.start_block();
        self.context.repeats = 0;
        let message = || self.group.report_bytes(self.terminal, self.context.report);
        self.context.bytes = match amount {
            Amount::Fixed(bytes) => bytes,
            Amount::OfErrand(bytes) => bytes[self.context.errand().index()],
            Amount::Message { extra } => message() + extra,
            Amount::Copies => u32::from(self.context.sending) * message(),
            Amount::EachCopy(bytes) => u32::from(self.context.copies) * bytes,
        };
        Flow::Next
    }

    /// Whether the time for a step in which the terminal meets others is yet to come. Before it transmits it hears what it must.
    #[inline(always)]
    fn must_wait(&mut self, op: &Op) -> bool {
        if let Some(assistance) = self.channels.assistance.as_ref().filter(|_| op.transmits()) {
            self.inform(assistance);
        }
        self.context.clock > self.now
    }

    /// Finds out where the terminal is, unless it still knows.
    fn locate(&mut self, position: &Position) -> Flow {
        let clock = self.context.clock;
        let unheard = || self.group.traffic.timing.longest_silence(usize::from(self.terminal.interval));
        let age = self.context.located.map_or_else(unheard, |located| clock.since(located));
        if let Some((span, activity)) = position.fix(age) {
            self.spend(Cause::Position, activity, span);
            self.context.located = Some(self.context.clock);
        }
        Flow::Next
    }

    /// Receives broadcast without which the terminal may not transmit, unless what it knows holds long enough for the next
    /// grant and for another broadcast.
    #[cold]
    fn inform(&mut self, assistance: &Assistance) {
        if self.context.informed_until < self.context.clock + assistance.ahead {
            self.hear(assistance, self.context.clock.align_up(assistance.period, SimDuration::ZERO));
        }
    }

    /// Hears broadcast once more if what the terminal knows no longer holds when it transmits at `start`. There is time for
    /// that: before it asked for the transmission it made sure.
    #[inline]
    pub(super) fn stay_informed(&mut self, start: SimTime) {
        if let Some(assistance) = &self.channels.assistance
            && start > self.context.informed_until
        {
            let latest =
                SimTime(start.0.saturating_sub(assistance.length.0) / assistance.period.0 * assistance.period.0);
            self.hear(assistance, latest.max(self.context.clock));
        }
    }

    /// Hears the broadcast that begins at `begin`.
    fn hear(&mut self, assistance: &Assistance, begin: SimTime) {
        let Meter { waiting, receiving, .. } = self.group.plan.meter;
        let part = std::mem::replace(&mut self.part, Part::Assistance);
        self.book(&[
            Spell::new(begin, Cause::SystemInformation, waiting),
            Spell::new(begin + assistance.length, Cause::SystemInformation, receiving),
        ]);
        self.part = part;
        self.context.informed_until = begin + assistance.validity;
    }

    /// Joins the next opportunity of a random-access channel, at once if its list is open, else when it is near.
    fn join(&mut self, channel: usize, number: u32) -> Flow {
        let access = &self.channels.access[channel];
        if let Some(assistance) = &self.channels.assistance {
            self.inform(assistance);
        }
        let opportunity = access.opportunity(self.context.clock);
        if !Waiting::can_join(access, opportunity, self.now) {
            return Flow::Pause(Pause::Until(self.context.clock));
        }
        self.stay_informed(access.begin(opportunity));
        let waiting = self.group.plan.meter.waiting;
        self.part = Part::Preamble;
        self.spend_until(Cause::AccessWait, waiting, access.begin(opportunity));
        self.context.attempts_total += 1;
        if self.context.preambles == 0 {
            self.context.first_preamble = self.context.clock;
        }
        self.context.preambles += 1;
        self.context.carrier = 0;
        let link = &self.channels.links[access.link];
        let backoff = self.backoff(link.tables[access.first_table].power, Db(0.0));
        self.context.first_block = self.context.uplink.worse_by(backoff.as_db());
        self.context.next = self.cell.waiting[channel].push(opportunity, number);
        Flow::Pause(Pause::Joined { channel, number: opportunity, first: self.context.next == NONE })
    }

    fn retry(&mut self, attempts: u32, total: u32, again: Label, escalate: Label) -> Flow {
        self.context.attempts += 1;
        if u32::from(self.context.attempts_total - self.context.attempts_before) >= total {
            Flow::Next
        } else if u32::from(self.context.attempts) < attempts {
            Flow::To(again)
        } else {
            self.context.attempts = 0;
            Flow::To(escalate)
        }
    }

    fn linger(&mut self, span: SimDuration, spend: &Spend, interrupted: TailId) -> Flow {
        // Who has failed to register has nobody to wait for.
        if !self.terminal.attached {
            self.spend(spend.cause, spend.activity, span);
            return Flow::Next;
        }
        let until = self.context.clock + span;
        let soon = |time: Option<SimTime>| time.is_some_and(|time| time <= until);
        if soon(self.group.report_time(self.terminal, self.terminal.report))
            || soon(self.call_within_reach(Errand::Command))
            || soon(self.call_within_reach(Errand::Download))
            || soon(self.group.registration_update(self.terminal, self.context.clock))
        {
            return self.release(interrupted);
        }
        self.spend(spend.cause, spend.activity, span);
        Flow::Next
    }

    /// How far below its full power the terminal sends, by this rule with the target raised by `raised`.
    pub fn backoff(&self, rule: PowerRule, raised: Db) -> Backoff {
        let power = rule.power(Terminal::decibels(self.context.measured));
        power.map_or(Backoff::default(), |power| self.group.plan.meter.transmitting.backoff_to(power + raised))
    }

    /// A random number for the fate of a block.
    pub fn block_draw(&mut self) -> Draw {
        self.context.blocks += 1;
        self.context.key.draw(Purpose::BlockError, u64::from(self.context.blocks))
    }
}
