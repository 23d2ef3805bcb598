//! Terminals that change cells: because they move, or because the cells do. The one place that tells the two apart while a run goes.

use crate::cause::{Cause, Errand};
use crate::engine::{Event, Outbox};
use crate::exec::context::Context;
use crate::exec::district::{District, Kind};
use crate::exec::mobility::Mobility;
use crate::exec::overhead::Overhead;
use crate::exec::setup::GroupSetup;
use crate::exec::still::Still;
use crate::population::sky::Sky;
use crate::radio::reselection::Reselection;
use crate::units::SimTime;

/// Why the terminals of a group change cells.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one for each group")]
pub enum Roaming {
    /// They move on the ground.
    Ground(Mobility),
    /// They stand still under satellites.
    Sky(Overhead),
    /// They stand still on the ground, and have other networks.
    Still(Still),
}

impl Roaming {
    /// What terminals see of satellites, if they are under them.
    pub(super) fn sky(&self) -> Option<&Sky> {
        match self {
            Roaming::Ground(_) | Roaming::Still(_) => None,
            Roaming::Sky(overhead) => Some(&overhead.sky),
        }
    }

    /// How terminals go to another cell.
    pub(super) fn reselection(&self) -> &Reselection {
        match self {
            Roaming::Ground(mobility) => &mobility.reselection,
            Roaming::Sky(overhead) => &overhead.reselection,
            Roaming::Still(still) => &still.reselection,
        }
    }
}

impl GroupSetup {
    /// Whether its terminals change cells.
    #[must_use]
    pub fn roams(&self) -> bool {
        self.roaming.is_some()
    }

    /// Why its terminals change cells.
    ///
    /// # Panics
    /// If they do not.
    pub fn roaming(&self) -> &Roaming {
        self.roaming.as_ref().expect("only terminals that change cells are asked why")
    }
}

impl District {
    /// Why a terminal changes cells, which it does.
    pub(super) fn roaming(&self, entity: u32) -> &Roaming {
        self.group_of(&self.terminals[entity]).roaming()
    }

    /// Whether a contact is cut off, and has been taken care of.
    pub(super) fn has_lost_cell(&mut self, entity: u32, context: u32, now: SimTime, out: &mut Outbox) -> bool {
        match self.roaming(entity) {
            Roaming::Ground(_) => self.is_cut_off(context, now, out),
            Roaming::Sky(_) => self.has_lost_sight(context, now, out),
            Roaming::Still(_) => false,
        }
    }

    /// The event of a terminal's next errand, or of what comes before it; `None` if there is neither.
    pub(super) fn plan_journey(
        &mut self,
        entity: u32,
        clock: SimTime,
        next: Option<(SimTime, Errand)>,
    ) -> Option<Event> {
        if let Some(search) = self.plan_search(entity, clock, next) {
            return Some(search);
        }
        match self.roaming(entity) {
            Roaming::Ground(_) => {
                let (next, look) = self.plan_move(entity, clock, next);
                let look = look.map(|time| Event { time, entity, tag: Kind::Look.tag(0) });
                next.map(|next| District::errand(entity, next)).into_iter().chain(look).min_by_key(|event| event.time)
            }
            Roaming::Sky(_) => self.plan_contact(entity, clock, next),
            Roaming::Still(_) => next.map(|next| District::errand(entity, next)),
        }
    }

    /// Before a terminal turns to an errand it makes sure of its cell. Says whether it can set out; if not it comes back to the
    /// errand.
    pub(super) fn is_in_place(&mut self, entity: u32, errand: Errand, now: SimTime, out: &mut Outbox) -> bool {
        match self.roaming(entity) {
            Roaming::Ground(_) => self.settle_down(entity, errand, now),
            Roaming::Sky(_) => {
                let sees = self.looks_up(entity, now);
                if !sees {
                    self.schedule(entity, now, Some((now, errand)), out);
                }
                sees
            }
            Roaming::Still(_) => {
                self.listen(entity, now);
                true
            }
        }
    }

    /// What a terminal brings to an errand from its way: where it has been located, and time for which no network was to blame.
    pub(super) fn book_journey(&mut self, context: &mut Context, now: SimTime) {
        let entity = context.terminal;
        match self.roaming(entity) {
            Roaming::Ground(_) => {
                let queued = context.time[Cause::Queued.index()];
                let reselecting = self.terminals.traveller(entity).on_the_way(now).min(queued);
                context.time[Cause::Reselection.index()] = reselecting;
                context.time[Cause::Queued.index()] = queued - reselecting;
            }
            Roaming::Sky(_) => {
                let traveller = self.terminals.traveller(entity);
                (context.located, context.registration) = (traveller.located, traveller.registration);
                self.waited_for_satellite(context, now);
            }
            Roaming::Still(_) => (),
        }
        self.tell_journey(context, now);
    }

    /// The event of a terminal that was to look at other cells or networks, or to go where it has looked already.
    pub(super) fn look_around(&mut self, entity: u32, now: SimTime, out: &mut Outbox) -> u64 {
        if self.looks_for_network(entity) {
            return self.choose_network(entity, now, out);
        }
        match self.roaming(entity) {
            Roaming::Ground(_) => self.look(entity, now, out),
            Roaming::Sky(_) => self.leave(entity, now),
            Roaming::Still(_) => unreachable!("who has one network and stands still does not look"),
        }
    }

    /// A terminal has come to a cell.
    pub(super) fn arrive(&mut self, entity: u32, now: SimTime, out: &mut Outbox) -> u64 {
        match self.roaming(entity) {
            Roaming::Ground(_) => self.settle_in(entity, now, out),
            Roaming::Sky(_) => self.come_under(entity, now, out),
            Roaming::Still(_) => self.settle_still(entity, now, out),
        }
    }
}
