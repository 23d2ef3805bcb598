//! Terminals that a network on the ground finds where they always are, if it finds them at all: standing still among its sites, or
//! somewhere on Earth where it has coverage at times.

use crate::exec::district::District;
use crate::exec::roaming::Roaming;
use crate::population::coverage::Coverage;
use crate::population::place::{Placer, Spot};
use crate::power::Profile;
use crate::propagation::Tr45820;
use crate::radio::reselection::Reselection;
use crate::radio::{Radio, Seat};
use crate::rng::Key;
use crate::units::SimTime;

/// How a network on the ground hears the terminals of a group that do not move in it.
#[derive(Clone, Debug)]
pub struct Still {
    /// Where they are.
    pub placer: Placer,
    /// Where there is coverage, if that does not follow from where they are.
    pub coverage: Option<Coverage>,
    /// The network's name, by which draws of coverage are told apart.
    pub network: String,
    /// Its technology.
    pub radio: Radio,
    /// Its propagation.
    pub air: Tr45820,
    /// Whether interference follows the load, and is no part of a link as it is judged by itself.
    pub is_coupled: bool,
    /// Their device.
    pub device: Profile,
    /// How they find a cell.
    pub reselection: Reselection,
    /// Entity number of the group's first terminal.
    pub first_entity: u32,
}

impl Still {
    /// The cell of a terminal, by its stream of draws and its number in the group, and how it would hear it under coverage.
    #[must_use]
    pub fn seat(&self, terminal: Key, index: u32) -> (u32, Seat) {
        let Spot { cell, coupling_loss, neighbour_gain } = self.placer.spot(terminal, index);
        let seat = self.radio.seat(&self.device, &self.air, coupling_loss, neighbour_gain);
        if !self.is_coupled {
            return (cell, seat);
        }
        let interference = self.radio.interference_to_noise(&self.device, &self.air, coupling_loss, neighbour_gain);
        (cell, Seat { interference, ..seat })
    }

    /// The same if the terminal hears its cell at `time`.
    #[must_use]
    pub fn heard(&self, terminal: Key, index: u32, time: SimTime) -> Option<(u32, Seat)> {
        let is_there = |coverage: &Coverage| coverage.is_there(terminal.named(&self.network), time);
        if !self.coverage.as_ref().is_none_or(is_there) {
            return None;
        }
        Some(self.seat(terminal, index))
            .filter(|(_, seat)| usize::from(seat.level) < self.reselection.acquisition.len())
    }
}

impl District {
    /// A terminal makes sure that it hears its cell before it turns to an errand.
    pub(super) fn listen(&mut self, entity: u32, now: SimTime) {
        let terminal = &self.terminals[entity];
        let group = self.group_of(terminal);
        let Roaming::Still(still) = group.roaming() else { return };
        match still.heard(group.key_of(terminal), terminal.index, now) {
            Some((_, seat)) => self.reseat(entity, &seat, now),
            None => self.lose_sight(entity, now),
        }
    }
}
