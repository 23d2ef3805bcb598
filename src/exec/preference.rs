//! Groups with several networks, in order of preference.
//!
//! Each network sees such a group as a part of its own, with a plan and ledgers of its own. A terminal belongs to the part of the
//! network that serves it, and to another one from the moment it turns to another network. Before each errand it makes sure
//! of its network. One that has coverage is found as cells are, from what the terminal knows of it (TS 36.304 clause 5.2.3.2); that
//! there is none better it knows only after a search of all bands.

use std::sync::Arc;

use crate::cause::Errand;
use crate::engine::{Event, Outbox};
use crate::exec::context::{Context, Journey};
use crate::exec::district::{District, Kind};
use crate::exec::outage;
use crate::exec::roaming::Roaming;
use crate::exec::setup::Setup;
use crate::exec::terminal::Terminal;
use crate::radio::Seat;
use crate::rng::Key;
use crate::units::{SimDuration, SimTime};

/// Where a part of a group stands among its parts.
#[derive(Clone, Debug)]
pub struct Preference {
    /// All parts of the group by their numbers, the best network first.
    pub parts: Vec<u16>,
    /// The place of this part among them.
    pub rank: usize,
    /// A better network is looked for at most so often.
    pub search: SimDuration,
    /// Whether coverage stays as it is, so that a terminal stays with its network.
    pub lasts: bool,
}

/// How a terminal finds a network that is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reception {
    /// It hears this cell, by its number in the network.
    Cell(u32, Seat),
    /// Satellites come, now or later.
    Satellites,
}

impl Setup {
    /// How a terminal, by its stream of draws and its number in the group, finds the network of a part at `time`; `None` if it
    /// does not.
    #[must_use]
    pub fn reception(&self, part: u16, terminal: Key, index: u32, time: SimTime) -> Option<Reception> {
        let group = &self.groups[usize::from(part)];
        if outage::current(&self.outages[group.network], time).is_some() {
            return None;
        }
        match group.roaming() {
            Roaming::Still(still) => still.heard(terminal, index, time).map(|(cell, seat)| Reception::Cell(cell, seat)),
            Roaming::Sky(_) => Some(Reception::Satellites),
            Roaming::Ground(_) => unreachable!("who moves has one network"),
        }
    }
}

impl District {
    /// The event at which a terminal makes sure of its network, if it has several and has not done so for what comes next.
    pub(super) fn plan_search(
        &mut self,
        entity: u32,
        clock: SimTime,
        next: Option<(SimTime, Errand)>,
    ) -> Option<Event> {
        self.group_of(&self.terminals[entity]).preference.as_ref()?;
        let traveller = self.terminals.traveller(entity);
        let (time, _) = next.filter(|_| !traveller.is_settled)?;
        (traveller.pending, traveller.bound) = (next, None);
        Some(Event { time: time.max(clock), entity, tag: Kind::Look.tag(0) })
    }

    /// Whether a terminal's look is at networks, and not for the satellite to which it leaves.
    pub(super) fn looks_for_network(&mut self, entity: u32) -> bool {
        self.group_of(&self.terminals[entity]).preference.is_some() && self.terminals.traveller(entity).bound.is_none()
    }

    /// A terminal makes sure of its network before an errand, and turns to another one if it has to, or if there is a better one.
    pub(super) fn choose_network(&mut self, entity: u32, now: SimTime, out: &mut Outbox) -> u64 {
        let identity = self.look_key(entity, now);
        self.book_tail(entity, now);
        let setup = Arc::clone(&self.setup);
        let terminal = &self.terminals[entity];
        let group = &setup.groups[usize::from(terminal.group)];
        let (key, index) = (group.key_of(terminal), terminal.index);
        let Some(Preference { parts, rank, search, .. }) = &group.preference else { return identity };
        let here = *rank;
        let is_due = now >= self.terminals.traveller(entity).next_search;
        let reception = |rank: usize| setup.reception(parts[rank], key, index, now);
        // Who is served looks for a better network now and then only.
        let first = if is_due || reception(here).is_none() { 0 } else { here };
        let found = (first..parts.len()).find_map(|rank| Some((rank, reception(rank)?)));
        let in_vain = found.is_some_and(|(rank, _)| rank > first);
        let clock = if in_vain { self.search_in_vain(entity, now, *search) } else { now };
        let traveller = self.terminals.traveller(entity);
        (traveller.is_settled, traveller.searched) = (true, now..clock);
        match found {
            Some((rank, reception)) if rank != here => self.turn_to(entity, parts[rank], reception, clock, out),
            _ => {
                let pending = self.terminals.traveller(entity).pending.map(|(time, errand)| (time.max(clock), errand));
                self.schedule(entity, clock, pending, out);
            }
        }
        identity
    }

    /// Books a search of all bands that finds no better network; returns its end.
    fn search_in_vain(&mut self, entity: u32, now: SimTime, period: SimDuration) -> SimTime {
        let group = self.group_of(&self.terminals[entity]);
        let (receiving, length) = (group.plan.meter.receiving, group.plan.rest.search.length);
        let clock = self.book_reselection(entity, now, receiving, length);
        self.terminals.traveller(entity).next_search = clock + period;
        clock
    }

    /// A terminal turns to the network of another part, where it has to register.
    fn turn_to(&mut self, entity: u32, part: u16, reception: Reception, clock: SimTime, out: &mut Outbox) {
        let District { setup, terminals, .. } = self;
        let rest = &setup.groups[usize::from(part)].plan.rest;
        let traveller = terminals.traveller(entity);
        traveller.pending = Some((clock, Errand::Attach));
        let terminal = &mut traveller.terminal;
        // As it hears a satellite is told when it sets out.
        let level = match &reception {
            Reception::Cell(_, seat) => seat.level,
            Reception::Satellites => 0,
        };
        terminal.switch_off(clock, rest.quiet[usize::from(level)]);
        (terminal.group, terminal.level, terminal.history) = (part, level, Default::default());
        match reception {
            Reception::Cell(cell, seat) => {
                terminal.half_db = Terminal::half_decibels(seat.coupling_loss);
                (terminal.uplink, terminal.downlink) = (seat.uplink, seat.downlink);
                traveller.interference = seat.interference;
                self.depart(entity, (cell, level), clock, None);
            }
            Reception::Satellites => {
                let ledger = self.ledger_of(&self.terminals[entity]);
                self.ledgers[ledger].moves.reselections += u64::from(clock >= self.setup.counted_from);
                self.schedule(entity, clock, Some((clock, Errand::Attach)), out);
            }
        }
    }

    /// A terminal has come to a cell on the ground, with its errand.
    pub(super) fn settle_still(&mut self, entity: u32, now: SimTime, out: &mut Outbox) -> u64 {
        let identity = self.look_key(entity, now);
        let traveller = self.terminals.traveller(entity);
        (traveller.arrived, traveller.searched.end) = (now, now);
        let pending = traveller.pending.map(|(time, errand)| (time.max(now), errand));
        self.schedule(entity, now, pending, out);
        identity
    }

    /// What a terminal with several networks did before a contact that begins now.
    pub(super) fn tell_journey(&mut self, context: &mut Context, now: SimTime) {
        let entity = context.terminal;
        if self.group_of(&self.terminals[entity]).preference.is_none() {
            return;
        }
        let under_satellites = matches!(self.roaming(entity), Roaming::Sky(_));
        let traveller = self.terminals.traveller(entity);
        traveller.is_settled = false;
        let searched = (traveller.searched.start, traveller.searched.end);
        let since = traveller.terminal.released.max(searched.1).min(now);
        let waited = if under_satellites { (since, now) } else { (now, now) };
        context.journey = Some(Journey { searched, waited });
        context.account_for_journey();
    }
}
