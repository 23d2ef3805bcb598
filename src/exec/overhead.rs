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
use crate::population::earth::Whereabouts;
use crate::population::sky::{Contact, Observer, Sky, View};
use crate::power::Profile;
use crate::propagation::Tr45820;
use crate::propagation::satellite::atmosphere::free_space_loss;
use crate::radio::reselection::Reselection;
use crate::radio::{Radio, Seat};
use crate::rng::{Key, Purpose};
use crate::units::{Db, Hertz, Metres, SimDuration, SimTime};

/// How the terminals of a group see satellites.
#[derive(Clone, Debug)]
pub struct Overhead {
    /// The satellites.
    pub sky: Arc<Sky>,
    /// Where the terminals are.
    pub whereabouts: Whereabouts,
    /// What lies between.
    pub way: Way,
    /// Farther away no coverage level is deep enough.
    pub reach: Metres,
    /// The network's technology.
    pub radio: Radio,
    /// The network's propagation on the ground, without a say here.
    pub air: Tr45820,
    /// Their device.
    pub device: Profile,
    /// How they change to another satellite in a contact.
    pub reselection: Reselection,
    /// Entity number of the group's first terminal.
    pub first_entity: u32,
    /// A satellite is used only if it stays for so long.
    pub least: SimDuration,
    /// Who has waited for a satellite sets out within so long after it has risen, so that not all do at once.
    pub spread: SimDuration,
}

/// What lies between a terminal and a satellite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Way {
    /// Carrier frequency.
    pub frequency: Hertz,
    /// Gain of the satellite's antenna.
    pub antenna_gain: Db,
    /// Losses beside free space.
    pub losses: Db,
}

impl Way {
    /// The distance at which the coupling loss is `most`, for an antenna of the terminal with this gain.
    #[must_use]
    pub fn reach(&self, most: Db, terminal_gain: Db) -> Metres {
        let left = most + terminal_gain - self.coupling_loss(Metres(1.0));
        // A little less, for the rounding of logarithms.
        Metres(libm::exp10(left.0 / 20.0) * (1.0 - 1e-9))
    }

    /// Loss between the antenna connectors over a distance.
    #[must_use]
    pub fn coupling_loss(&self, range: Metres) -> Db {
        free_space_loss(self.frequency, range) + self.losses - self.antenna_gain
    }
}

impl Overhead {
    /// A terminal, by its stream of draws.
    fn observer(&self, terminal: Key) -> Observer {
        Observer { place: self.whereabouts.place(terminal), reach: self.reach }
    }

    /// How well a terminal and a satellite hear each other.
    #[must_use]
    pub fn seat(&self, view: &View) -> Seat {
        let loss = self.way.coupling_loss(view.range) - self.device.antenna_gain;
        self.radio.seat(&self.device, &self.air, loss, 0.0)
    }

    /// The first contact of a terminal, and how it is heard then; `None` if it sees no satellite in the whole run.
    #[must_use]
    pub fn first(&self, terminal: Key) -> Option<(u32, Seat)> {
        let observer = self.observer(terminal);
        let Contact { satellite, begin } = self.sky.contact(&observer, SimTime::ZERO, self.least, None)?;
        Some((satellite, self.seat(&self.sky.view(&observer, satellite, begin)?)))
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
        self.terminals.traveller(entity).pending = next;
        let (time, errand) = next?;
        let next = self.next_contact(entity, time.max(clock));
        let Contact { satellite, begin } = next.filter(|next| next.begin < self.setup.end)?;
        if self.satellite_of(entity) == Some(satellite) {
            return Some(District::errand(entity, (begin, errand)));
        }
        self.terminals.traveller(entity).bound = Some((satellite, begin));
        let leaves = SimTime(begin.0.saturating_sub(MOVE_DELAY.0)).max(clock);
        Some(Event { time: leaves, entity, tag: Kind::Look.tag(0) })
    }

    /// A terminal leaves for the satellite that it is about to use.
    pub(super) fn leave(&mut self, entity: u32, now: SimTime) -> u64 {
        let identity = self.look_key(entity, now);
        self.book_tail(entity, now);
        let (satellite, begin) = self.terminals.traveller(entity).bound.expect("it has chosen one");
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
        let Some(view) = overhead.sky.view(&observer, satellite, now) else { return false };
        let (seat, sets) = (overhead.seat(&view), overhead.sky.sets(&observer, satellite, now));
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
        let view = next.and_then(|next| Some((next.satellite, overhead.sky.view(&observer, next.satellite, now)?)));
        let better = view.map(|(satellite, view)| (satellite, overhead.seat(&view)));
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
