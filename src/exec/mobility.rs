//! Terminals that move: looking for the best cell, going there, and losing a connection on the way.
//!
//! A terminal belongs to the cell in which it is. It leaves by a letter that takes as long as it needs to find the other cell
//! and to read its system information, and [`MOVE_DELAY`] at least; meanwhile it belongs to nobody. NB-IoT has no handover: a
//! contact ends in the cell where it began, or goes on in another one after a radio-link failure.

use crate::cause::{Cause, Errand, Loss};
use crate::engine::{Correspond, Event, Letter, Outbox};
use crate::exec::agenda;
use crate::exec::cell::Cell;
use crate::exec::context::{Context, NONE};
use crate::exec::crowd::Traveller;
use crate::exec::district::{District, Kind};
use crate::exec::outage;
use crate::exec::roaming::Roaming;
use crate::exec::setup::{Executor, GroupSetup};
use crate::exec::terminal::Terminal;
use crate::exec::trace::Stretch;
use crate::geometry::torus::Point;
use crate::population::ground::{Ground, Scene};
use crate::population::motion::Mover;
use crate::power::{Activity, Profile};
use crate::propagation::Tr45820;
use crate::radio::channel::{LinkClass, Resource};
use crate::radio::plan::{Doing, Reachable, Rest, TailId};
use crate::radio::reselection::Reselection;
use crate::radio::{Radio, Seat};
use crate::rng::{Key, Purpose};
use crate::units::{Db, SimDuration, SimTime};

/// What a terminal needs at least from leaving a cell until it can set out in another: with it the window in which districts run
/// side by side. Cell search and system information alone take about as long at the best level, and reselection timers whole
/// seconds (TS 36.331 clause 6.7.3.1, t-Reselection).
pub const MOVE_DELAY: SimDuration = SimDuration::from_secs(1);

/// Streams of looks, beside those of a terminal's reports and contacts.
const LOOK_STREAMS: u64 = 1 << 63;

/// What goes from cell to cell.
#[derive(Clone, Debug)]
pub enum Mail {
    /// A terminal, and the contact that it goes on with.
    Terminal(Box<Traveller>, Option<Box<Context>>),
    /// The load of a neighbour.
    Load(u64),
}

/// How the terminals of a group move, and what they meet.
#[derive(Clone, Debug)]
pub struct Mobility {
    /// Where they go.
    pub mover: Mover,
    /// What they hear there.
    pub ground: Ground,
    /// The network's technology.
    pub radio: Radio,
    /// The network's propagation.
    pub air: Tr45820,
    /// Their device.
    pub device: Profile,
    /// How they choose cells.
    pub reselection: Reselection,
    /// Entity number of the group's first terminal.
    pub first_entity: u32,
    /// Sectors of a site.
    pub sectors: u32,
    /// After so many metres a terminal looks at other cells.
    pub step: f64,
    /// Whether interference follows the load, and is no part of a link as it is judged by itself.
    pub is_coupled: bool,
    /// The worst link in the downlink that the deepest level is made for.
    pub edge: LinkClass,
}

impl Mobility {
    /// What a terminal hears at a place.
    fn scene(&self, key: Key, point: Point) -> Scene {
        self.ground.scene(key, point)
    }

    /// How it hears a cell there; `None` if no coverage level is deep enough.
    #[must_use]
    pub fn seat(&self, scene: &Scene, building: Db, cell: u32) -> Option<Seat> {
        let spot = self.ground.spot(scene, building, cell)?;
        let seat = self.radio.seat(&self.device, &self.air, spot.coupling_loss, spot.neighbour_gain);
        let interference = if self.is_coupled {
            self.radio.interference_to_noise(&self.device, &self.air, spot.coupling_loss, spot.neighbour_gain)
        } else {
            0.0
        };
        let seat = Seat { interference, ..seat };
        (usize::from(seat.level) < self.reselection.acquisition.len()).then_some(seat)
    }

    /// The tracking area of a cell.
    #[must_use]
    pub fn area_of(&self, cell: u32) -> u32 {
        cell / self.sectors / self.reselection.area_sites
    }
}

/// The tail that a terminal of level `new` is in instead of `tail`, which it was in at level `old`.
fn tail_at(rest: &Rest, tail: u8, old: u8, new: u8) -> u8 {
    let is_in = |tails: &&Vec<TailId>| tails.get(usize::from(old)) == Some(&TailId(tail));
    let tails = [&rest.released, &rest.quiet].into_iter().find(is_in);
    tails.map_or(tail, |tails| tails[usize::from(new)].0)
}

impl GroupSetup {
    /// How its terminals move.
    ///
    /// # Panics
    /// If they do not.
    fn moves(&self) -> &Mobility {
        match self.roaming() {
            Roaming::Ground(mobility) => mobility,
            Roaming::Sky(_) | Roaming::Still(_) => {
                unreachable!("only terminals of groups that move are asked where they are")
            }
        }
    }
}

impl District {
    /// The stream of a terminal's looks.
    pub(super) fn look_key(&self, entity: u32, now: SimTime) -> u64 {
        let terminal = &self.terminals[entity];
        self.group_of(terminal).key_of(terminal).child(LOOK_STREAMS | now.0).0
    }

    pub(super) fn group_of(&self, terminal: &Terminal) -> &GroupSetup {
        &self.setup.groups[usize::from(terminal.group)]
    }

    /// The number in its network of the cell in which a terminal is.
    pub(super) fn cell_of(&self, entity: u32) -> u32 {
        self.cells[usize::from(self.terminals[entity].cell)].number
    }

    /// What a terminal hears at `time`, no earlier than it was last asked.
    fn scene(&mut self, entity: u32, time: SimTime) -> Scene {
        let District { setup, terminals, .. } = self;
        let traveller = terminals.traveller(entity);
        let group = &setup.groups[usize::from(traveller.terminal.group)];
        let key = group.key_of(&traveller.terminal);
        let mobility = group.moves();
        mobility.scene(key, mobility.mover.position(key, &mut traveller.leg, time))
    }

    /// How a terminal hears a cell in a scene.
    fn seat(&mut self, entity: u32, scene: &Scene, cell: u32) -> Option<Seat> {
        let building = self.terminals.traveller(entity).building;
        self.group_of(&self.terminals[entity]).moves().seat(scene, building, cell)
    }

    /// The cell to which a terminal goes or in which it stays, and how it hears it; `None` without coverage.
    fn choose(&mut self, entity: u32, now: SimTime) -> Option<(u32, Seat)> {
        let scene = self.scene(entity, now);
        let best = scene.best();
        let terminal = &self.terminals[entity];
        let hysteresis = self.group_of(terminal).moves().reselection.hysteresis;
        let ranked =
            if self.setup.is_covered(terminal) { scene.ranked_first(self.cell_of(entity), hysteresis) } else { best };
        [ranked, best].into_iter().find_map(|cell| Some((cell, self.seat(entity, &scene, cell)?)))
    }

    /// Books what a terminal did up to `now`, unless it is in a contact, which keeps books of its own.
    fn book_rest(&mut self, entity: u32, now: SimTime) {
        if !self.terminals[entity].busy {
            self.book_tail(entity, now);
        }
    }

    /// A terminal hears its cell so from `now` on.
    pub(super) fn reseat(&mut self, entity: u32, seat: &Seat, now: SimTime) {
        let old = self.terminals[entity].level;
        if seat.level != old {
            self.book_rest(entity, now);
        }
        let District { setup, terminals, .. } = self;
        let traveller = terminals.traveller(entity);
        traveller.interference = seat.interference;
        let terminal = &mut traveller.terminal;
        let rest = &setup.groups[usize::from(terminal.group)].plan.rest;
        terminal.tail = tail_at(rest, terminal.tail, old, seat.level);
        terminal.level = seat.level;
        terminal.half_db = Terminal::half_decibels(seat.coupling_loss);
        (terminal.uplink, terminal.downlink) = (seat.uplink, seat.downlink);
    }

    /// A terminal hears no cell any more, and searches.
    pub(super) fn lose_sight(&mut self, entity: u32, now: SimTime) {
        let terminal = &self.terminals[entity];
        let searching = self.group_of(terminal).plan.rest.searching.0;
        if !self.setup.is_covered(terminal) && terminal.tail == searching {
            return;
        }
        self.book_rest(entity, now);
        let District { setup, terminals, .. } = self;
        let terminal = &mut terminals[entity];
        let network = setup.groups[usize::from(terminal.group)].network;
        terminal.level = setup.networks[network].links.len() as u8;
        (terminal.released, terminal.tail) = (now, searching);
    }

    /// When its link must be judged again: when it has gone on by a step.
    fn judge_later(&mut self, entity: u32, now: SimTime) {
        let District { setup, terminals, .. } = self;
        let traveller = terminals.traveller(entity);
        let group = &setup.groups[usize::from(traveller.terminal.group)];
        let (key, mobility) = (group.key_of(&traveller.terminal), group.moves());
        traveller.judged = mobility.mover.moved(key, &mut traveller.leg, now, mobility.step);
    }

    /// The next errand of a terminal that moves, and when it looks at other cells. A new tracking area comes before all else.
    pub(super) fn plan_move(
        &mut self,
        entity: u32,
        clock: SimTime,
        next: Option<(SimTime, Errand)>,
    ) -> (Option<(SimTime, Errand)>, Option<SimTime>) {
        let group = self.group_of(&self.terminals[entity]);
        let (area, searching) = (group.moves().area_of(self.cell_of(entity)), group.plan.rest.searching);
        let covered = self.setup.is_covered(&self.terminals[entity]);
        let traveller = self.terminals.traveller(entity);
        let terminal = &traveller.terminal;
        let is_new = covered && terminal.attached && !traveller.unheard && traveller.area != area;
        // Who searches for a network out of service, or is without power, waits for the end of that.
        let waits = terminal.tail == searching.0 || next.is_some_and(|(_, errand)| errand == Errand::Attach);
        let next = if is_new && !waits { Some((clock, Errand::TrackingAreaUpdate)) } else { next };
        traveller.pending = next;
        (next, self.next_look(entity, clock))
    }

    /// When a terminal next looks at other cells: when it has gone on by a step, but in its DRX cycles only. In deep sleep it
    /// does not look.
    fn next_look(&mut self, entity: u32, clock: SimTime) -> Option<SimTime> {
        let District { setup, terminals, .. } = self;
        let traveller = terminals.traveller(entity);
        let group = &setup.groups[usize::from(traveller.terminal.group)];
        let (key, mobility, rest) = (group.key_of(&traveller.terminal), group.moves(), &group.plan.rest);
        let (tail, covered) = (traveller.terminal.tail, setup.is_covered(&traveller.terminal));
        let tail_data = &group.plan.tails[usize::from(tail)];
        let released = traveller.terminal.released;
        let phase = tail_data.phase_at(released, clock);
        let cycle = match phase.reachable {
            _ if !traveller.terminal.attached || phase.is_connected() => return None,
            _ if !covered => SimDuration::ZERO,
            Reachable::Never | Reachable::Always => return None,
            Reachable::Occasions { period } => period,
            Reachable::Windows { cycle, .. } => cycle,
        };
        let moved = mobility.mover.moved(key, &mut traveller.leg, clock, mobility.step);
        if moved >= setup.end {
            return None;
        }
        if !covered {
            return Some(rest.search.found(released, moved));
        }
        let time = moved.max(clock + cycle);
        let outages = &setup.outages[group.network];
        let off = outage::next_power_cut(outages, group, &traveller.terminal, clock..time).is_some();
        (!off && tail_data.phase_at(released, time).reachable != Reachable::Never).then_some(time)
    }

    /// A terminal looks at the cells around it.
    pub(super) fn look(&mut self, entity: u32, now: SimTime, out: &mut Outbox) -> u64 {
        let identity = self.look_key(entity, now);
        let covered = self.setup.is_covered(&self.terminals[entity]);
        self.book_tail(entity, now);
        let mut clock = now;
        if covered {
            let group = self.group_of(&self.terminals[entity]);
            let (receiving, span) = (group.plan.meter.receiving, group.moves().reselection.measurement);
            clock = self.book_reselection(entity, now, receiving, span);
        }
        let pending = self.terminals.traveller(entity).pending.map(|(time, errand)| (time.max(clock), errand));
        match self.choose(entity, now) {
            None => {
                self.lose_sight(entity, clock);
                self.schedule_next(entity, clock, None, out);
            }
            Some((cell, seat)) if covered && cell == self.cell_of(entity) => {
                self.reseat(entity, &seat, clock);
                self.schedule(entity, clock, pending, out);
            }
            Some((cell, seat)) => {
                self.terminals.traveller(entity).pending = pending;
                self.depart(entity, (cell, seat.level), clock, None);
            }
        }
        identity
    }

    /// Before a terminal turns to an errand it makes sure that it is in the right cell. If not it goes to another one, and takes the
    /// errand along. Says whether it stays.
    pub(super) fn settle_down(&mut self, entity: u32, errand: Errand, now: SimTime) -> bool {
        let terminal = &self.terminals[entity];
        let connected = self.tail_of(terminal).phase_at(terminal.released, now).is_connected();
        let arrived = self.terminals.traveller(entity).arrived;
        let here = self.cell_of(entity);
        if connected {
            let scene = self.scene(entity, now);
            if let Some(seat) = self.seat(entity, &scene, here) {
                self.reseat(entity, &seat, now);
            }
        } else if arrived < now || now == SimTime::ZERO {
            match self.choose(entity, now) {
                None => self.lose_sight(entity, now),
                Some((cell, seat)) if cell == here && self.setup.is_covered(&self.terminals[entity]) => {
                    self.reseat(entity, &seat, now);
                }
                Some((cell, seat)) => {
                    self.book_tail(entity, now);
                    self.terminals.traveller(entity).pending = Some((now, errand));
                    self.depart(entity, (cell, seat.level), now, None);
                    return false;
                }
            }
        }
        self.judge_later(entity, now);
        let area = self.group_of(&self.terminals[entity]).moves().area_of(here);
        let is_new = self.terminals.traveller(entity).area != area;
        if errand == Errand::TrackingAreaUpdate && is_new && now >= self.setup.counted_from {
            let ledger = self.ledger_of(&self.terminals[entity]);
            self.ledgers[ledger].moves.area_updates += 1;
        }
        true
    }

    /// Books time and energy for changing cells; returns its end.
    pub(super) fn book_reselection(
        &mut self,
        entity: u32,
        from: SimTime,
        activity: Activity,
        span: SimDuration,
    ) -> SimTime {
        let District { setup, terminals, ledgers, trace, .. } = self;
        let until = from + span;
        terminals.traveller(entity).book(until);
        let terminal = &terminals[entity];
        let ledger = &mut ledgers[setup.groups[usize::from(terminal.group)].ledger_of(terminal)];
        let (start, end) = (from.max(setup.counted_from), until.min(setup.end));
        let span = end.since(start);
        ledger.spend_between(Cause::Reselection, activity.power * span);
        ledger.observed += u128::from(span.0);
        if setup.executor == Executor::Interpreted {
            let (group, index, cause) = (terminal.group, terminal.index, Cause::Reselection);
            let (errand, doing, resource) = (None, Doing::default(), Resource::None);
            trace.record(Stretch { group, index, start, end, errand, doing, resource, cause, activity });
        }
        until
    }

    /// A terminal leaves for another cell, which it will hear at this level, with the contact it goes on with.
    pub(super) fn depart(
        &mut self,
        entity: u32,
        (cell, level): (u32, u8),
        clock: SimTime,
        contact: Option<Box<Context>>,
    ) {
        let terminal = &self.terminals[entity];
        let (group, ledger) = (self.group_of(terminal), self.ledger_of(terminal));
        let to = self.setup.first_cells[group.network] + cell;
        let Reselection { acquisition, validity, .. } = group.roaming().reselection();
        let (acquisition, validity) = (acquisition[usize::from(level)], *validity);
        let (receiving, waiting) = (group.plan.meter.receiving, group.plan.meter.waiting);
        if clock >= self.setup.counted_from {
            self.ledgers[ledger].moves.reselections += 1;
        }
        let arrives = match &contact {
            Some(context) => context.clock,
            None => {
                let acquired = self.book_reselection(entity, clock, receiving, acquisition);
                let rest = (clock + MOVE_DELAY).since(acquired);
                self.book_reselection(entity, acquired, waiting, rest)
            }
        };
        let traveller = self.terminals.traveller(entity);
        traveller.left = clock;
        traveller.unheard = false;
        traveller.terminal.information_until = arrives + validity;
        traveller.terminal.history = Default::default();
        self.send_off(entity, to, arrives, contact);
    }

    /// A terminal leaves for a cell, by its number in the run, with the contact it goes on with.
    pub(super) fn send_off(&mut self, entity: u32, to: u32, arrives: SimTime, contact: Option<Box<Context>>) {
        let body = Mail::Terminal(Box::new(self.terminals.depart(entity)), contact);
        self.outgoing.push(Letter { arrives, to, from: u64::from(entity), body });
    }

    /// A terminal has come to a cell.
    pub(super) fn settle_in(&mut self, entity: u32, now: SimTime, out: &mut Outbox) -> u64 {
        let identity = self.look_key(entity, now);
        let was_covered = self.setup.is_covered(&self.terminals[entity]);
        let scene = self.scene(entity, now);
        let here = self.cell_of(entity);
        match self.seat(entity, &scene, here) {
            None => self.lose_sight(entity, now),
            Some(seat) if was_covered => self.reseat(entity, &seat, now),
            Some(seat) => self.come_back(entity, &seat, now),
        }
        let traveller = self.terminals.traveller(entity);
        traveller.arrived = now;
        let contact = std::mem::replace(&mut traveller.contact, NONE);
        if contact == NONE {
            let pending = traveller.pending.map(|(time, errand)| (time.max(now), errand));
            self.schedule(entity, now, pending, out);
        } else {
            self.go_on(contact, now, out);
        }
        identity
    }

    /// A terminal hears a cell again. It has searched, and rests now.
    fn come_back(&mut self, entity: u32, seat: &Seat, now: SimTime) {
        self.reseat(entity, seat, now);
        let District { setup, terminals, .. } = self;
        let traveller = terminals.traveller(entity);
        let terminal = &mut traveller.terminal;
        let rest = &setup.groups[usize::from(terminal.group)].plan.rest;
        if terminal.attached {
            (terminal.released, terminal.tail) = (now, rest.quiet[usize::from(seat.level)].0);
        }
        let due = traveller.pending.filter(|(time, _)| *time <= now);
        let next = agenda::next(setup, &traveller.terminal, now, None);
        traveller.pending = due.or(next);
    }

    /// A terminal that registers, or says where it is, is known in its tracking area.
    pub(super) fn remember_area(&mut self, entity: u32, main: Errand, failed: Option<Errand>) {
        let here = self.cell_of(entity);
        let area = match self.roaming(entity) {
            Roaming::Ground(mobility) => mobility.area_of(here),
            Roaming::Sky(_) | Roaming::Still(_) => here,
        };
        let traveller = self.terminals.traveller(entity);
        match (main, failed) {
            (Errand::Attach | Errand::TrackingAreaUpdate, None) => (traveller.area, traveller.unheard) = (area, false),
            (Errand::TrackingAreaUpdate, Some(_)) => traveller.unheard = true,
            _ => (),
        }
    }

    /// Judges the link of a contact whose terminal has gone on by a step. If it is weaker than the deepest level can do, and still
    /// is when the timer has run out, the link has failed, and the contact is over here.
    pub(super) fn is_cut_off(&mut self, context: u32, now: SimTime, out: &mut Outbox) -> bool {
        let entity = self.contexts.get_mut(context).terminal;
        if now < self.terminals.traveller(entity).judged {
            return false;
        }
        self.judge_later(entity, now);
        let timer = self.group_of(&self.terminals[entity]).moves().reselection.link_failure;
        let leg = self.terminals.traveller(entity).leg;
        let here = self.scene(entity, now);
        if !self.is_weak(entity, &here) {
            return false;
        }
        let then = self.scene(entity, now + timer);
        self.terminals.traveller(entity).leg = leg;
        if !self.is_weak(entity, &then) {
            return false;
        }
        let best = then.best();
        let better = self.seat(entity, &then, best).map(|seat| (best, seat));
        // Where no cell is better the error rates of blocks decide, as for a terminal that stands still.
        let fails = better.is_none() || best != self.cell_of(entity);
        if fails {
            self.fail_link(context, better, now, out);
        }
        fails
    }

    /// Whether a terminal in a scene hears its cell worse than the deepest level is made for.
    fn is_weak(&mut self, entity: u32, scene: &Scene) -> bool {
        let here = self.cell_of(entity);
        let edge = self.group_of(&self.terminals[entity]).moves().edge;
        let activity = self.cells[usize::from(self.terminals[entity].cell)].activity.around;
        self.seat(entity, scene, here).is_none_or(|seat| {
            let louder = Db::from_linear(1.0 + activity * f64::from(seat.interference));
            seat.downlink.worse_by(louder) < edge
        })
    }

    /// A radio-link failure (TS 36.331 clause 5.3.11): what was under way goes on in a better cell, if there is one.
    pub(super) fn fail_link(&mut self, number: u32, better: Option<(u32, Seat)>, now: SimTime, out: &mut Outbox) {
        let context = self.contexts.get_mut(number);
        let (entity, counted, open) = (context.terminal, context.counted, context.is_open());
        let reselection = self.roaming(entity).reselection();
        let (timer, acquisition) = (reselection.link_failure, reselection.acquisition.clone());
        let mut walk = self.walk(number, now);
        walk.ledger.moves.link_failures += u64::from(counted);
        walk.context.under = None;
        let (receiving, waiting) = (walk.group.plan.meter.receiving, walk.group.plan.meter.waiting);
        walk.spend(Cause::Reselection, receiving, timer);
        if let Some((cell, seat)) = better.filter(|_| open) {
            let acquisition = acquisition[usize::from(seat.level)];
            walk.spend(Cause::Reselection, receiving, acquisition);
            let rest = if acquisition < MOVE_DELAY { MOVE_DELAY - acquisition } else { SimDuration::ZERO };
            walk.spend(Cause::Reselection, waiting, rest);
            let context = Box::new(walk.context.clone());
            self.contexts.remove(number);
            return self.depart(entity, (cell, seat.level), now, Some(context));
        }
        // Who knows when the next satellite comes does not look for it.
        let searches = better.is_none() && matches!(self.roaming(entity), Roaming::Ground(_));
        self.give_up(number, searches, now, out);
    }

    /// A contact ends without the cell, and its terminal searches or rests. What was under way is lost.
    pub(super) fn give_up(&mut self, number: u32, searches: bool, now: SimTime, out: &mut Outbox) {
        let open = self.contexts.get_mut(number).is_open();
        let mut walk = self.walk(number, now);
        if open {
            walk.lose(Loss::Radio);
        }
        let rest = &walk.group.plan.rest;
        let level = usize::from(walk.terminal.level);
        let tail = if searches { None } else { rest.released.get(level).copied() };
        walk.release(tail.unwrap_or(rest.searching));
        if searches {
            walk.terminal.level = walk.channels.links.len() as u8;
        }
        self.end(number, out);
    }

    /// A contact goes on in the cell to which its terminal has come.
    pub(super) fn go_on(&mut self, number: u32, now: SimTime, out: &mut Outbox) {
        let entity = self.contexts.get_mut(number).terminal;
        let terminal = &self.terminals[entity];
        if !self.setup.is_covered(terminal) {
            return self.give_up(number, true, now, out);
        }
        let (level, measured) = (terminal.level, terminal.half_db);
        let (uplink, downlink) =
            (terminal.uplink, terminal.downlink.worse_by(self.interference_at(entity).unwrap_or(Db(0.0))));
        let (group, number_of_tail) = (self.group_of(terminal), usize::from(terminal.level));
        let (drift, tail) = (group.drift, usize::from(group.plan.rest.released[number_of_tail].0));
        let tails = if self.setup.executor == Executor::Compiled { &group.program.tails } else { &group.plan.tails };
        let entry = tails[tail].phases[0].entries[usize::from(level)];
        let context = self.contexts.get_mut(number);
        let drift = Db(drift.0 * context.key.draw(Purpose::Drift, 0).normal());
        context.begin_again(entry);
        (context.first_level, context.measured) = (level, measured);
        (context.uplink, context.downlink) = (uplink.worse_by(drift), downlink.worse_by(drift));
        if matches!(self.roaming(entity), Roaming::Ground(_)) {
            self.judge_later(entity, now);
        }
        self.run(number, now, out);
    }
}

impl Correspond for District {
    type Body = Mail;

    fn outgoing(&mut self) -> &mut Vec<Letter<Mail>> {
        &mut self.outgoing
    }

    fn receive(&mut self, letter: Letter<Mail>) -> Option<Event> {
        let Letter { arrives, to, body, .. } = letter;
        let number = |cell: &Cell| self.setup.first_cells[cell.network] + cell.number;
        let place = self.cells.binary_search_by_key(&to, number).expect("letters go to the district of their cell");
        let (mut traveller, contact) = match body {
            Mail::Terminal(traveller, contact) => (traveller, contact),
            Mail::Load(share) => {
                self.cells[place].activity.hear(share);
                return None;
            }
        };
        traveller.terminal.cell = place as u16;
        if let Some(context) = contact {
            traveller.contact = self.contexts.insert(*context);
        }
        let event = Event { time: arrives, entity: traveller.entity, tag: Kind::Arrive.tag(0) };
        self.terminals.arrive(*traveller);
        Some(event)
    }
}
