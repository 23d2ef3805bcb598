//! Some cells with all their terminals: one model of the engine.
//!
//! Which cells share a district is a matter of execution and cannot be seen in the results: cells do not touch one
//! another, events are ordered within a cell by numbers that do not depend on the district, and everything that is
//! counted is an integer sum. A terminal that moves takes the same time to a cell of its district as to one of another.

use std::sync::Arc;

use crate::cause::{Cause, Errand, Loss};
use crate::engine::{Event, Letter, Model, Outbox};
use crate::exec::access::{self, Attempt, Contest, Outcome, Venue};
use crate::exec::agenda;
use crate::exec::cell::Cell;
use crate::exec::context::{Context, Fate, Pool};
use crate::exec::crowd::Crowd;
use crate::exec::mobility::Mail;
use crate::exec::notes::{Notes, Sender};
use crate::exec::outage;
use crate::exec::setup::{Executor, Setup};
use crate::exec::terminal::Terminal;
use crate::exec::trace::{Stretch, Trace};
use crate::exec::walk::{Pause, Walk};
use crate::metrics::recorder::Ledger;
use crate::metrics::series::{Column, Series};
use crate::platform;
use crate::radio::channel::Resource;
use crate::radio::plan::{Doing, Part, Tail};
use crate::rng::{Key, Purpose, mix};
use crate::units::{Db, SimTime};

/// Some cells with all their terminals.
pub struct District {
    pub(super) setup: Arc<Setup>,
    /// Most random-access channels that any network has: the entities of decisions are numbered by it.
    channels_per_cell: usize,
    pub(super) terminals: Crowd,
    pub(super) cells: Vec<Cell>,
    pub(super) contexts: Pool,
    /// The opportunity that is being decided, kept for its memory: its attempts, and their outcomes.
    decision: (Vec<Attempt>, Vec<Outcome>),
    /// Sums per group and coverage level, as [`Setup`] numbers them.
    pub ledgers: Vec<Ledger>,
    /// Sums per stretch of time.
    pub series: Series,
    /// What chosen terminals did.
    pub trace: Trace,
    /// Notes about single messages, if they are wanted.
    pub notes: Option<Notes>,
    /// Letters to other cells that have not been taken.
    pub(super) outgoing: Vec<Letter<Mail>>,
}

/// What an event is about; the rest of its tag is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Kind {
    /// A terminal sets out on an errand, whose index is the number.
    Errand = 0,
    /// An errand under way reaches a step that must wait for its instant. The number is the context's.
    Step = 1,
    /// A random-access opportunity is decided. The entity counts cells and channels behind the terminals that stand still.
    Decision = 2,
    /// A terminal that moves looks at the cells around it.
    Look = 3,
    /// A terminal comes from another cell.
    Arrive = 4,
    /// A cell tells its neighbours its load. The entity is that of its first channel's decisions.
    Load = 5,
}

const KIND_SHIFT: u32 = 29;

impl Kind {
    pub(super) fn tag(self, number: u32) -> u32 {
        (self as u32) << KIND_SHIFT | number
    }

    /// Kind and number of a tag.
    fn of(tag: u32) -> (Kind, u32) {
        let kind = match tag >> KIND_SHIFT {
            0 => Kind::Errand,
            1 => Kind::Step,
            2 => Kind::Decision,
            3 => Kind::Look,
            4 => Kind::Arrive,
            _ => Kind::Load,
        };
        (kind, tag & ((1 << KIND_SHIFT) - 1))
    }
}

impl District {
    /// A district at the start of a run. Terminals that stand still are sorted by cell; each cell's are in the order of the run.
    #[must_use]
    pub fn new(setup: Arc<Setup>, cells: Vec<Cell>, terminals: Crowd, ledgers: usize, series: Series) -> District {
        let channels_per_cell = setup.networks.iter().map(|network| network.access.len()).max().unwrap_or(1);
        let mut district = District {
            setup,
            channels_per_cell,
            terminals,
            cells,
            contexts: Pool::default(),
            decision: Default::default(),
            ledgers: vec![Ledger::new(); ledgers],
            series,
            trace: Trace::default(),
            notes: None,
            outgoing: Vec::new(),
        };
        for (_, terminal) in district.terminals.iter() {
            let group = &district.setup.groups[usize::from(terminal.group)];
            district.ledgers[group.ledger_of(terminal)].terminals += 1;
        }
        district
    }

    /// The first event of each terminal and cell. Moves each terminal's report number to its first report, and switches those off
    /// that are to be switched on.
    pub fn first_events(&mut self) -> Vec<Event> {
        let entities = self.terminals.entities();
        let first = |entity: u32| {
            let next = agenda::first(&self.setup, &mut self.terminals[entity]);
            self.next_event(entity, SimTime::ZERO, next)
        };
        let mut events: Vec<Event> = entities.filter_map(first).collect();
        let reports = self.first_reports().filter(|(time, _)| *time < self.setup.end);
        events.extend(reports.map(|(time, cell)| {
            let entity = self.decision_entity(cell, 0);
            Event { time, entity, tag: Kind::Load.tag(0) }
        }));
        events
    }

    /// The terminals.
    #[must_use]
    pub fn terminals(&self) -> &Crowd {
        &self.terminals
    }

    /// The cells.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    pub(super) fn ledger_of(&self, terminal: &Terminal) -> usize {
        self.setup.groups[usize::from(terminal.group)].ledger_of(terminal)
    }

    pub(super) fn walk(&mut self, context: u32, now: SimTime) -> Walk<'_> {
        let District { setup, terminals, cells, contexts, ledgers, series, trace, notes, .. } = self;
        let context = contexts.get_mut(context);
        let terminal = &mut terminals[context.terminal];
        let group = &setup.groups[usize::from(terminal.group)];
        let ledger = &mut ledgers[group.ledger_of(terminal)];
        let cell = &mut cells[usize::from(terminal.cell)];
        let channels = &setup.networks[group.network];
        let notes = notes.as_mut();
        Walk {
            setup,
            group,
            channels,
            terminal,
            cell,
            context,
            ledger,
            series,
            trace,
            notes,
            part: Part::default(),
            now,
        }
    }

    /// Walks a message on and schedules what comes next.
    pub(super) fn run(&mut self, context: u32, now: SimTime, out: &mut Outbox) {
        let entity = self.contexts.get_mut(context).terminal;
        if Crowd::moves(entity) && self.has_lost_cell(entity, context, now, out) {
            return;
        }
        let pause = self.walk(context, now).run(context);
        self.wait(context, pause, out);
    }

    /// Schedules what a message that pauses waits for.
    #[inline]
    fn wait(&mut self, context: u32, pause: Pause, out: &mut Outbox) {
        let entity = self.contexts.get_mut(context).terminal;
        match pause {
            Pause::Until(time) => out.at(time, entity, Kind::Step.tag(context)),
            Pause::Joined { channel, number, first } => {
                if first {
                    let cell = usize::from(self.terminals[entity].cell);
                    let channels = &self.setup.networks[self.cells[cell].network];
                    let access = &channels.access[channel];
                    let entity = self.decision_entity(cell, channel);
                    out.at(access.begin(number) + access.decision_delay(), entity, Kind::Decision.tag(0));
                }
            }
            Pause::Over => self.end(context, out),
        }
    }

    /// A contact is over.
    pub(super) fn end(&mut self, context: u32, out: &mut Outbox) {
        let over = self.contexts.get_mut(context);
        let (entity, clock, main, failed) = (over.terminal, over.clock, over.main, over.failed());
        let (located, registration) = (over.located, over.registration);
        self.contexts.remove(context);
        if Crowd::moves(entity) {
            let traveller = self.terminals.traveller(entity);
            (traveller.located, traveller.registration) = (located, registration);
            self.remember_area(entity, main, failed);
        }
        self.schedule_next(entity, clock, failed, out);
    }

    fn decision_entity(&self, cell: usize, channel: usize) -> u32 {
        (self.terminals.fixed().len() + cell * self.channels_per_cell + channel) as u32
    }

    /// The cell of a decision, by its place in the district.
    pub(super) fn cell_of_decision(&self, entity: u32) -> usize {
        (entity as usize - self.terminals.fixed().len()) / self.channels_per_cell
    }

    /// Schedules the terminal's next errand, at `clock` if it is already due. `failed` is the one it has just failed at.
    pub(super) fn schedule_next(&mut self, entity: u32, clock: SimTime, failed: Option<Errand>, out: &mut Outbox) {
        let terminal = &self.terminals[entity];
        let next = agenda::next(&self.setup, terminal, clock, failed);
        self.schedule(entity, clock, next, out);
    }

    /// Schedules the next errand of a terminal that has none at `clock`.
    pub(super) fn schedule(&mut self, entity: u32, clock: SimTime, next: Option<(SimTime, Errand)>, out: &mut Outbox) {
        if let Some(Event { time, entity, tag }) = self.next_event(entity, clock, next) {
            out.at(time, entity, tag);
        }
    }

    /// The event of the next errand or, of a terminal that moves, of what comes before it; `None` if the run ends before.
    fn next_event(&mut self, entity: u32, clock: SimTime, next: Option<(SimTime, Errand)>) -> Option<Event> {
        let first = if Crowd::moves(entity) {
            self.plan_journey(entity, clock, next)
        } else {
            next.map(|next| District::errand(entity, next))
        };
        first.filter(|event| event.time < self.setup.end)
    }

    /// The event of an errand.
    pub(super) fn errand(entity: u32, (time, errand): (SimTime, Errand)) -> Event {
        Event { time, entity, tag: Kind::Errand.tag(errand.index() as u32) }
    }

    /// A terminal that finds its network out of service: it books what it did so far and searches. Returns when it has found
    /// the network again.
    fn search(&mut self, entity: u32, now: SimTime) -> Option<SimTime> {
        let terminal = &self.terminals[entity];
        let group = &self.setup.groups[usize::from(terminal.group)];
        let (searching, search) = (group.plan.rest.searching, group.plan.rest.search);
        let outage =
            *outage::current(&self.setup.outages[group.network], now).filter(|_| self.setup.is_covered(terminal))?;
        self.book_tail(entity, now);
        let terminal = &mut self.terminals[entity];
        (terminal.released, terminal.tail) = (now, searching.0);
        Some(search.found(now, outage.end))
    }

    /// A terminal that is to register may have been without power since its last contact: from the beginning of the cut it was
    /// off, what waited in it is lost, and what it would have reported meanwhile does not exist.
    fn switch_on(&mut self, entity: u32, now: SimTime) {
        let terminal = &self.terminals[entity];
        let group = &self.setup.groups[usize::from(terminal.group)];
        let outages = &self.setup.outages[group.network];
        let cut = outage::last_power_cut(outages, group, terminal, now);
        let Some(cut) = cut.filter(|cut| terminal.attached || cut.begin >= terminal.released) else { return };
        let off = cut.begin.max(terminal.released);
        let report = terminal.report.max(group.first_report_from(terminal, now));
        self.lose_power(entity, cut.begin);
        self.book_tail(entity, off);
        self.switch_off(entity, off);
        self.terminals[entity].report = report;
    }

    fn switch_off(&mut self, entity: u32, now: SimTime) {
        let terminal = &mut self.terminals[entity];
        terminal.switch_off(now, self.setup.groups[usize::from(terminal.group)].plan.rest.off);
    }

    /// The messages are lost that a terminal had and had not turned to when its power was cut at `cut`.
    fn lose_power(&mut self, entity: u32, cut: SimTime) {
        let terminal = &self.terminals[entity];
        let (waiting, ledger) = (self.messages_not_begun(terminal, cut), self.ledger_of(terminal));
        self.ledgers[ledger].lost[Loss::PowerCut.index()] += waiting;
        self.series.add(Column::Lost, cut, waiting);
    }

    /// A terminal sets out on an errand.
    fn begin(&mut self, entity: u32, errand: Errand, now: SimTime, out: &mut Outbox) -> u64 {
        if let Some(found) = self.search(entity, now) {
            let terminal = &self.terminals[entity];
            let index = u64::from(terminal.index);
            let next = agenda::unless_cut_off(&self.setup, terminal, now, Some((found, errand)));
            self.schedule(entity, now, next, out);
            return index;
        }
        if errand == Errand::Attach {
            self.switch_on(entity, now);
        }
        if Crowd::moves(entity) {
            let key = self.look_key(entity, now);
            if !self.is_in_place(entity, errand, now, out) {
                return key;
            }
        }
        let (context, covered) = self.set_out(entity, errand, now);
        let key = context.key.0;
        if !covered {
            if context.message_counted {
                self.lose_uncovered(&context);
            }
            self.schedule_next(entity, now, None, out);
            return key;
        }
        self.book_tail(entity, now);
        self.terminals[entity].busy = true;
        let context = self.contexts.insert(context);
        self.run(context, now, out);
        key
    }

    /// The context of an errand, and whether the terminal hears a cell at all.
    fn set_out(&mut self, entity: u32, errand: Errand, now: SimTime) -> (Context, bool) {
        let District { setup, terminals, series, .. } = self;
        let terminal = &mut terminals[entity];
        let group = &setup.groups[usize::from(terminal.group)];
        let (key, born) = match errand {
            Errand::Report => (
                group.key_of(terminal).child(u64::from(terminal.report)),
                group.report_time(terminal, terminal.report).unwrap_or(now),
            ),
            _ => (group.contact_key(terminal, now), group.call_time(terminal, errand).unwrap_or(now)),
        };
        let mut context = Context::new(key, entity, errand, born, now);
        context.located = Some(terminal.released).filter(|released| *released > SimTime::ZERO);
        context.counted = born >= setup.counted_from;
        if terminal.tail == group.plan.rest.searching.0 {
            // What it spent behind earlier messages ends where the search began.
            let searched = now.since(born.max(terminal.released));
            context.time[Cause::Outage.index()] = searched;
            context.time[Cause::Queued.index()] = now.since(born) - searched;
        }
        if errand == Errand::Report {
            context.report = terminal.report;
            context.message_counted = context.counted;
            if group.plan.appointment.is_some() {
                // A modem that waits for its own block takes the report over when it wakes.
                context.ask(now);
            }
            terminal.report += 1;
            if context.counted {
                series.add(Column::Offered, born, group.messages(1));
            }
        }
        if Crowd::moves(entity) {
            self.book_journey(&mut context, now);
        }
        let terminal = &self.terminals[entity];
        let covered = self.setup.is_covered(terminal);
        if covered {
            let phase = self.tail_of(terminal).phase_at(terminal.released, now);
            let drift =
                Db(self.setup.groups[usize::from(terminal.group)].drift.0 * key.draw(Purpose::Drift, 0).normal());
            let (level, measured) = self.measure(terminal, key, drift);
            (context.at, context.measured, context.first_level) = (phase.entries[level], measured, level as u8);
            (context.uplink, context.downlink) = (terminal.uplink.worse_by(drift), terminal.downlink.worse_by(drift));
            if let Some(louder) = self.interference_at(entity) {
                context.downlink = context.downlink.worse_by(louder);
            }
        }
        (context, covered)
    }

    /// A message of a terminal that hears no cell.
    fn lose_uncovered(&mut self, context: &Context) {
        let terminal = &self.terminals[context.terminal];
        let ledger = self.ledger_of(terminal);
        let messages = self.group_of(terminal).messages(1);
        self.ledgers[ledger].lose(Loss::NoCoverage, messages);
        self.series.add(Column::Lost, context.clock, messages);
        if let Some(notes) = &mut self.notes {
            let group = &self.setup.groups[usize::from(terminal.group)];
            let cell = self.cells[usize::from(terminal.cell)].number;
            notes.end(
                context,
                (context.clock, Some(Loss::NoCoverage)),
                Sender { group, terminal, cell, covered: false },
            );
        }
    }

    /// What a terminal measures before this message: the coverage level at which it starts, and the coupling loss.
    fn measure(&self, terminal: &Terminal, message: Key, drift: Db) -> (usize, u8) {
        let network = &self.setup.networks[self.setup.groups[usize::from(terminal.group)].network];
        let error = Db(network.level_error.0 * message.draw(Purpose::LevelError, 0).normal());
        if drift + error == Db(0.0) {
            return (usize::from(terminal.level), terminal.half_db);
        }
        let loss = terminal.coupling_loss() + drift + error;
        // Whoever hears the cell at all uses the deepest level rather than none.
        (network.level_of(loss).min(network.links.len() - 1), Terminal::half_decibels(loss))
    }

    /// The tail a terminal is in, with entries for the executor of this run.
    pub(super) fn tail_of(&self, terminal: &Terminal) -> &Tail {
        let group = &self.setup.groups[usize::from(terminal.group)];
        match self.setup.executor {
            Executor::Compiled => &group.program.tails[usize::from(terminal.tail)],
            Executor::Interpreted => &group.plan.tails[usize::from(terminal.tail)],
        }
    }

    /// Books what a terminal did from its release to `until`.
    pub(super) fn book_tail(&mut self, entity: u32, until: SimTime) {
        let District { setup, terminals, ledgers, trace, .. } = self;
        let booked = if Crowd::moves(entity) { terminals.traveller(entity).book(until) } else { SimTime::ZERO };
        let terminal = &mut terminals[entity];
        let group = &setup.groups[usize::from(terminal.group)];
        let ledger = &mut ledgers[group.ledger_of(terminal)];
        let tail = &group.plan.tails[usize::from(terminal.tail)];
        let from = terminal.released.max(setup.counted_from).max(booked);
        let mut start = from;
        tail.book(terminal.released, from, until, |phase, span| {
            let energy = phase.spend.activity.power * span;
            ledger.spend_between(phase.spend.cause, energy);
            ledger.observed += u128::from(span.0);
            // A search belongs to an outage, which no life of a battery can be judged by.
            if !phase.is_rest() && phase.spend.cause != Cause::Search {
                terminal.energy += energy;
                terminal.awake += span;
            }
            if setup.executor == Executor::Interpreted {
                let (group, index) = (terminal.group, terminal.index);
                let (cause, activity) = (phase.spend.cause, phase.spend.activity);
                let (end, errand, doing, resource) = (start + span, None, Doing::default(), Resource::None);
                trace.record(Stretch { group, index, start, end, errand, doing, resource, cause, activity });
            }
            start += span;
        });
    }

    /// Decides a random-access opportunity.
    fn decide(&mut self, entity: u32, now: SimTime, out: &mut Outbox) -> u64 {
        let per_cell = self.channels_per_cell;
        let number = self.cell_of_decision(entity);
        let channel = (entity as usize - self.terminals.fixed().len()) % per_cell;
        let District { setup, cells, contexts, series, .. } = self;
        let cell = &mut cells[number];
        let channels = &setup.networks[cell.network];
        let access = &channels.access[channel];
        let begin = SimTime(now.since(SimTime::ZERO + access.decision_delay()).0);
        let list = cell.waiting[channel].take(access.opportunity(begin));
        let (mut attempts, mut outcomes) = std::mem::take(&mut self.decision);
        access::collect(contexts, list, access.preambles, &mut attempts);
        let mut venue = Venue { channels, channel, cell, series };
        access::decide(&mut venue, contexts, &attempts, now, &mut outcomes);
        let responded = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Answered(_)));
        for (attempt, &outcome) in attempts.iter().zip(&outcomes) {
            let mut walk = self.walk(attempt.context, now);
            let (flow, heard) = walk.settle(channel, attempt, outcome, responded);
            walk.resolve(flow);
            let pause = walk.run(attempt.context);
            self.count_attempt((number, channel), attempt, begin, outcome, heard);
            self.wait(attempt.context, pause, out);
        }
        self.decision = (attempts, outcomes);
        self.cells[number].key.child(channel as u64).0
    }

    fn count_attempt(
        &mut self,
        (cell, channel): (usize, usize),
        attempt: &Attempt,
        begin: SimTime,
        outcome: Outcome,
        heard: bool,
    ) {
        if begin < self.setup.counted_from {
            return;
        }
        let load = &mut self.cells[cell].access[channel];
        load.attempts += 1;
        self.series.add(Column::Attempts, begin, 1);
        if attempt.contest != Contest::Alone {
            load.collided += 1;
            self.series.add(Column::Collided, begin, 1);
            // One of those who chose it is the strongest.
            load.collided_preambles += u64::from(attempt.contest != Contest::Beaten);
        }
        match outcome {
            Outcome::Missed => load.missed += 1,
            Outcome::Unanswered => load.unanswered += 1,
            Outcome::Answered(_) => load.unheard += u64::from(!heard),
        }
    }

    /// Closes the books at `end`: tails up to there, messages that are still under way.
    pub fn close(&mut self, end: SimTime) {
        for entity in self.terminals.entities() {
            let powered = self.powered_until(&self.terminals[entity], end);
            if !self.terminals[entity].busy {
                self.book_tail(entity, powered);
                if powered < end {
                    self.switch_off(entity, powered);
                    self.book_tail(entity, end);
                }
            }
            let due = self.messages_not_begun(&self.terminals[entity], powered);
            let ledger = self.ledger_of(&self.terminals[entity]);
            self.ledgers[ledger].unfinished += due;
        }
        let live: Vec<Context> = self.contexts.live().filter(|context| context.counted).cloned().collect();
        for context in live {
            let terminal = &self.terminals[context.terminal];
            let (ledger, messages) = (self.ledger_of(terminal), self.group_of(terminal).messages(1));
            let ledger = &mut self.ledgers[ledger];
            let message = context.main == Errand::Report && context.message_counted;
            ledger.unfinished += messages * u64::from(message && context.fate == Fate::Open);
            ledger.observed += u128::from(context.clock.since(context.started).0);
        }
    }

    /// The end, or the beginning of the power cut in which it lies.
    fn powered_until(&self, terminal: &Terminal, end: SimTime) -> SimTime {
        let group = &self.setup.groups[usize::from(terminal.group)];
        let outages = &self.setup.outages[group.network];
        if outages.is_empty() || !self.setup.is_covered(terminal) {
            return end;
        }
        outage::next_power_cut(outages, group, terminal, end..end).map_or(end, |cut| cut.begin.max(terminal.released))
    }

    /// Counted messages that were born before `end` and that the terminal has not turned to.
    fn messages_not_begun(&self, terminal: &Terminal, end: SimTime) -> u64 {
        let group = &self.setup.groups[usize::from(terminal.group)];
        let first_from = |time| group.first_report_from(terminal, time);
        let reports = first_from(end).saturating_sub(terminal.report.max(first_from(self.setup.counted_from)));
        group.messages(reports.into())
    }
}

impl Model for District {
    fn handle(&mut self, event: Event, out: &mut Outbox) -> Option<u64> {
        let (kind, number) = Kind::of(event.tag);
        let identity = match kind {
            Kind::Errand => self.begin(event.entity, Errand::of(number as usize), event.time, out),
            Kind::Step => {
                let key = self.contexts.get_mut(number).key;
                self.run(number, event.time, out);
                key.0
            }
            Kind::Decision => self.decide(event.entity, event.time, out),
            Kind::Look => self.look_around(event.entity, event.time, out),
            Kind::Arrive => self.arrive(event.entity, event.time, out),
            Kind::Load => self.report_load(event.entity, event.time, out),
        };
        Some(mix(identity ^ kind as u64))
    }

    fn prefetch(&self, event: Event) {
        if let Some(terminal) = self.terminals.get(event.entity) {
            platform::prefetch(terminal);
        }
    }
}
