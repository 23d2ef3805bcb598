//! Terminals under satellites, which come and go.
//!
//! A terminal stands still, and the cells move: each satellite is one. It belongs to the satellite that it used last, and leaves it by a
//! letter, as a terminal does that moves, when it is about to use another. It knows from what satellites broadcast of their
//! orbits (SIB32-NB) when the next one rises, and sleeps until then: nothing is looked for.

use std::sync::Arc;

use crate::cause::{Cause, Errand};
use crate::engine::{Event, Outbox};
use crate::exec::context::{Context, NONE};
use crate::exec::district::{District, Kind};
use crate::exec::mobility::MOVE_DELAY;
use crate::exec::roaming::Roaming;
use crate::exec::setup::GroupSetup;
use crate::network::Guard;
use crate::population::earth::Whereabouts;
use crate::population::hearing::{Heard, Hearing};
use crate::population::sky::{Contact, Observer, Sky};
use crate::radio::reselection::Reselection;
use crate::radio::{Radio, Seat};
use crate::rng::{Key, Purpose};
use crate::units::{SimDuration, SimTime};

/// How the terminals of a group see satellites.
#[derive(Clone, Debug)]
pub struct Overhead {
    /// The satellites.
    pub sky: Arc<Sky>,
    /// Where the terminals are.
    pub whereabouts: Whereabouts,
    /// How they hear them.
    pub hearing: Hearing,
    /// The network's technology.
    pub radio: Radio,
    /// How they change to another satellite in a contact.
    pub reselection: Reselection,
    /// Entity number of the group's first terminal.
    pub first_entity: u32,
    /// A satellite is used only if it stays for so long.
    pub least: SimDuration,
    /// Who has waited for a satellite sets out within so long after it has risen, so that not all do at once.
    pub spread: SimDuration,
    /// How far off a prediction may be.
    pub guard: Guard,
    /// Whether each satellite is a tracking area of its own, so that terminals say where they are under each.
    pub moving_areas: bool,
}

impl Overhead {
    /// A terminal, by its stream of draws.
    fn observer(&self, terminal: Key) -> Observer<'_> {
        Observer {
            place: self.whereabouts.place(terminal),
            ear: Some((&self.hearing, self.hearing.listener(terminal))),
        }
    }

    /// How well a terminal and a satellite hear each other at an instant; `None` if it is not heard.
    fn seat(&self, observer: &Observer<'_>, satellite: u32, time: SimTime) -> Option<Seat> {
        let arc = self.sky.arc(observer, satellite, time)?;
        let view = self.sky.heard(observer, satellite, time, Some(&arc))?;
        let (hearing, listener) = observer.ear.as_ref()?;
        let Heard { coupling_loss, ratios } = hearing.heard(listener, &observer.place, &view, &arc);
        Some(self.radio.seat_at(coupling_loss, ratios))
    }

    /// The first contact of a terminal, and how it is heard then; `None` if it sees no satellite in the whole run.
    #[must_use]
    pub fn first(&self, terminal: Key) -> Option<(u32, Seat)> {
        let observer = self.observer(terminal);
        let Contact { satellite, begin } = self.sky.contact(&observer, SimTime::ZERO, self.least, None)?;
        Some((satellite, self.seat(&observer, satellite, begin)?))
    }
}

impl GroupSetup {
    /// How its terminals see satellites.
    ///
    /// # Panics
    /// If they do not.
    fn overhead(&self) -> &Overhead {
        match self.roaming() {
            Roaming::Sky(overhead) => overhead,
            Roaming::Ground(_) | Roaming::Still(_) => {
                unreachable!("only terminals of satellite networks are asked what they see")
            }
        }
    }
}

impl District {
    /// The satellite to which a terminal belongs; none while it still belongs to a cell of another network.
    fn satellite_of(&self, entity: u32) -> Option<u32> {
        let terminal = &self.terminals[entity];
        let cell = &self.cells[usize::from(terminal.cell)];
        (cell.network == self.group_of(terminal).network).then_some(cell.number)
    }

    /// The satellite with which a terminal can set out at `from` or next.
    fn next_contact(&self, entity: u32, from: SimTime) -> Option<Contact> {
        let terminal = &self.terminals[entity];
        let group = self.group_of(terminal);
        let (overhead, key) = (group.overhead(), group.key_of(terminal));
        let observer = overhead.observer(key);
        let Overhead { sky, least, spread, .. } = overhead;
        let contact = sky.contact(&observer, from, *least, self.satellite_of(entity))?;
        if contact.begin <= from || *spread == SimDuration::ZERO {
            return Some(contact);
        }
        let late = SimDuration(key.child(from.0).draw(Purpose::Delay, 0).below(spread.0));
        sky.contact(&observer, contact.begin + late, *least, Some(contact.satellite))
    }

    /// The event of a terminal's next errand: setting out, or leaving for another satellite in time. `None` if there is none, or
    /// no satellite any more.
    pub(super) fn plan_contact(
        &mut self,
        entity: u32,
        clock: SimTime,
        next: Option<(SimTime, Errand)>,
    ) -> Option<Event> {
        let traveller = self.terminals.traveller(entity);
        traveller.pending = next;
        let (time, errand) = next?;
        let told = if errand == Errand::Attach { traveller.registration.again } else { SimTime::ZERO };
        let wanted = time.max(clock).max(told);
        let next = self.next_contact(entity, wanted);
        let Contact { satellite, begin } = next.filter(|next| next.begin < self.setup.end)?;
        let errand = self.update_first(entity, satellite, errand);
        let listens = if begin > wanted { self.guard(entity, begin) } else { SimDuration::ZERO };
        if self.satellite_of(entity) == Some(satellite) && listens == SimDuration::ZERO {
            return Some(District::errand(entity, (begin, errand)));
        }
        let traveller = self.terminals.traveller(entity);
        (traveller.bound, traveller.pending) = (Some((satellite, begin)), Some((time, errand)));
        let leaves = SimTime(begin.0.saturating_sub(MOVE_DELAY.max(listens).0)).max(clock);
        Some(Event { time: leaves, entity, tag: Kind::Look.tag(0) })
    }

    /// What a terminal does first under a satellite: where each is a tracking area of its own, it says that it is there.
    fn update_first(&mut self, entity: u32, satellite: u32, errand: Errand) -> Errand {
        let terminal = &self.terminals[entity];
        let (moving, attached) = (self.group_of(terminal).overhead().moving_areas, terminal.attached);
        let traveller = self.terminals.traveller(entity);
        let is_new = moving && attached && traveller.area != satellite && !traveller.unheard;
        if is_new && errand != Errand::Attach { Errand::TrackingAreaUpdate } else { errand }
    }

    /// How long before a predicted rise a terminal listens. Predictions come from what it heard in its last contact.
    fn guard(&self, entity: u32, begin: SimTime) -> SimDuration {
        let terminal = &self.terminals[entity];
        self.group_of(terminal).overhead().guard.after(begin.since(terminal.released))
    }

    /// A terminal leaves for the satellite that it is about to use.
    pub(super) fn leave(&mut self, entity: u32, now: SimTime) -> u64 {
        let identity = self.look_key(entity, now);
        let (satellite, begin) = self.terminals.traveller(entity).bound.expect("it has chosen one");
        let listens = SimTime(begin.0.saturating_sub(self.guard(entity, begin).0)).max(now);
        self.book_tail(entity, listens);
        let receiving = self.group_of(&self.terminals[entity]).plan.meter.receiving;
        self.book_reselection(entity, listens, receiving, begin.since(listens));
        self.terminals.traveller(entity).unheard = false;
        let first = self.setup.first_cells[self.group_of(&self.terminals[entity]).network];
        let arrives = begin.max(now + MOVE_DELAY);
        self.send_off(entity, first + satellite, arrives, None);
        identity
    }

    /// A terminal has come to a satellite, with its errand or in a contact.
    pub(super) fn come_under(&mut self, entity: u32, now: SimTime, out: &mut Outbox) -> u64 {
        let identity = self.look_key(entity, now);
        let traveller = self.terminals.traveller(entity);
        traveller.arrived = now;
        let contact = std::mem::replace(&mut traveller.contact, NONE);
        let pending = traveller.pending.map(|(time, errand)| (time.max(now), errand));
        if contact == NONE {
            self.schedule(entity, now, pending, out);
        } else if self.looks_up(entity, now) {
            self.go_on(contact, now, out);
        } else {
            self.give_up(contact, false, now, out);
        }
        identity
    }

    /// How a terminal hears its satellite now; says whether it is there.
    pub(super) fn looks_up(&mut self, entity: u32, now: SimTime) -> bool {
        let terminal = &self.terminals[entity];
        let group = self.group_of(terminal);
        let (overhead, satellite) = (group.overhead(), self.cell_of(entity));
        let observer = overhead.observer(group.key_of(terminal));
        let Some(seat) = overhead.seat(&observer, satellite, now) else { return false };
        let sets = overhead.sky.sets(&observer, satellite, now);
        self.reseat(entity, &seat, now);
        self.terminals.traveller(entity).judged = sets;
        true
    }

    /// Whether the satellite of a contact has set. What was under way goes on over another one, if there is one.
    pub(super) fn has_lost_sight(&mut self, context: u32, now: SimTime, out: &mut Outbox) -> bool {
        let entity = self.contexts.get_mut(context).terminal;
        if now < self.terminals.traveller(entity).judged {
            return false;
        }
        let terminal = &self.terminals[entity];
        let group = self.group_of(terminal);
        let overhead = group.overhead();
        let observer = overhead.observer(group.key_of(terminal));
        let next = overhead.sky.contact(&observer, now, overhead.least, None).filter(|next| next.begin == now);
        let better = next.and_then(|next| Some((next.satellite, overhead.seat(&observer, next.satellite, now)?)));
        self.fail_link(context, better, now, out);
        true
    }

    /// Of the time that a message has waited, that in which there was no satellite.
    pub(super) fn waited_for_satellite(&self, context: &mut Context, now: SimTime) {
        let idle_since = context.born.max(self.terminals[context.terminal].released).min(now);
        let waited = now.since(idle_since);
        context.time[Cause::Outage.index()] = SimDuration::ZERO;
        context.time[Cause::Satellite.index()] = waited;
        context.time[Cause::Queued.index()] = now.since(context.born) - waited;
    }
}
