//! The terminals of a district: those that stand still, and those that move and come and go.
//!
//! An entity number is a terminal's place among those that stand still or, for one that moves, its number in the whole run: that
//! it keeps wherever it goes, so that the order of events does not depend on the district.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::{Index, IndexMut, Range};

use crate::cause::Errand;
use crate::exec::context::NONE;
use crate::exec::relay::Registration;
use crate::exec::terminal::Terminal;
use crate::population::motion::Leg;
use crate::units::{Db, SimDuration, SimTime};

/// The entity number of the first terminal that moves.
pub const MOVING: u32 = 1 << 31;

/// A terminal that moves.
#[derive(Clone, Debug)]
pub struct Traveller {
    /// What it has in common with those that stand still.
    pub terminal: Terminal,
    /// Its entity number.
    pub entity: u32,
    /// Where it is on its way.
    pub leg: Leg,
    /// The loss of its building, which goes with it: a lorry, a container, a house for those who never leave it.
    pub building: Db,
    /// Interference over noise, as a ratio, if all neighbours sent all the time; 0 where that is in its link already.
    pub interference: f32,
    /// What it did is booked up to here, if that is later than its release.
    pub booked: SimTime,
    /// Its next errand. A look at other cells may come before.
    pub pending: Option<(SimTime, Errand)>,
    /// The tracking area in which it is registered.
    pub area: u32,
    /// Whether the network did not answer its last tracking-area update, so that it goes on without.
    pub unheard: bool,
    /// When it left its last cell.
    pub left: SimTime,
    /// When it came into its cell.
    pub arrived: SimTime,
    /// When its connection is judged next.
    pub judged: SimTime,
    /// The satellite that it is about to use, and from when on.
    pub bound: Option<(u32, SimTime)>,
    /// Whether it has made sure of its network for what it is going to do.
    pub is_settled: bool,
    /// It does not look for a better network before.
    pub next_search: SimTime,
    /// When it last looked for a network, and for the cell where it went.
    pub searched: Range<SimTime>,
    /// When it last found out where it is.
    pub located: Option<SimTime>,
    /// How far it has come with registering over satellites that store.
    pub registration: Registration,
    /// The context that it has brought along, if it was in a contact.
    pub contact: u32,
}

impl Traveller {
    /// A terminal at the start of the run.
    #[must_use]
    pub fn new(terminal: Terminal, entity: u32, leg: Leg, building: Db, area: u32) -> Traveller {
        Traveller {
            terminal,
            entity,
            leg,
            building,
            interference: 0.0,
            booked: SimTime::ZERO,
            pending: None,
            area,
            unheard: false,
            left: SimTime::ZERO,
            arrived: SimTime::ZERO,
            judged: SimTime::ZERO,
            bound: None,
            is_settled: false,
            next_search: SimTime::ZERO,
            searched: SimTime::ZERO..SimTime::ZERO,
            located: None,
            registration: Registration::default(),
            contact: NONE,
        }
    }

    /// How long a terminal has been between two cells that sets out at `now`, at once when it came.
    #[must_use]
    pub fn on_the_way(&self, now: SimTime) -> SimDuration {
        if self.arrived == now { now.since(self.left) } else { SimDuration::ZERO }
    }

    /// Its time is booked up to `until`; returns up to where it was before.
    pub fn book(&mut self, until: SimTime) -> SimTime {
        let before = self.booked;
        self.booked = before.max(until);
        before
    }
}

/// Spreads entity numbers over a table: they come one after the other. Nothing is ever taken in the order of the table.
#[derive(Clone, Copy, Debug, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(32);
    }
}

/// Terminals by their entity number.
#[derive(Clone, Debug, Default)]
pub struct Crowd {
    fixed: Vec<Terminal>,
    /// Of those that stand still what [`Traveller::interference`] says; empty where it is 0 for all.
    interference: Vec<f32>,
    moving: Vec<Traveller>,
    places: HashMap<u32, u32, BuildHasherDefault<Spread>>,
}

impl Crowd {
    /// A crowd of these, each kind in any order; `interference` belongs to those that stand still, or is empty.
    #[must_use]
    pub fn new(fixed: Vec<Terminal>, interference: Vec<f32>, moving: Vec<Traveller>) -> Crowd {
        let places = moving.iter().zip(0..).map(|(traveller, place)| (traveller.entity, place)).collect();
        Crowd { fixed, interference, moving, places }
    }

    /// Whether this is the number of a terminal that moves.
    #[inline]
    #[must_use]
    pub fn moves(entity: u32) -> bool {
        entity >= MOVING
    }

    /// Those that stand still.
    #[must_use]
    pub fn fixed(&self) -> &[Terminal] {
        &self.fixed
    }

    /// Those that move and are here now.
    #[must_use]
    pub fn moving(&self) -> &[Traveller] {
        &self.moving
    }

    /// Interference over noise, as a ratio, at a terminal if all neighbours sent all the time.
    #[must_use]
    pub fn interference(&self, entity: u32) -> f32 {
        if Crowd::moves(entity) {
            return self.moving[self.places[&entity] as usize].interference;
        }
        self.interference.get(entity as usize).copied().unwrap_or_default()
    }

    /// The numbers of all that are here now.
    pub fn entities(&self) -> impl Iterator<Item = u32> + use<> {
        let moving: Vec<u32> = self.moving.iter().map(|traveller| traveller.entity).collect();
        (0..self.fixed.len() as u32).chain(moving)
    }

    /// All that are here now, with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Terminal)> {
        let moving = self.moving.iter().map(|traveller| (traveller.entity, &traveller.terminal));
        (0..).zip(&self.fixed).chain(moving)
    }

    /// A terminal if it is here.
    #[inline]
    #[must_use]
    pub fn get(&self, entity: u32) -> Option<&Terminal> {
        if !Crowd::moves(entity) {
            return self.fixed.get(entity as usize);
        }
        self.places.get(&entity).map(|&place| &self.moving[place as usize].terminal)
    }

    /// One that moves and is here.
    ///
    /// # Panics
    /// If it is not: events follow terminals, so that would be a bug.
    #[inline(never)]
    #[must_use]
    pub fn traveller(&mut self, entity: u32) -> &mut Traveller {
        &mut self.moving[self.places[&entity] as usize]
    }

    /// Out of line, so that terminals that stand still are found at once.
    #[inline(never)]
    fn look_up(&self, entity: u32) -> &Terminal {
        &self.moving[self.places[&entity] as usize].terminal
    }

    /// Somebody comes.
    pub fn arrive(&mut self, traveller: Traveller) {
        self.places.insert(traveller.entity, self.moving.len() as u32);
        self.moving.push(traveller);
    }

    /// Somebody goes, who was here.
    ///
    /// # Panics
    /// As [`Crowd::traveller`].
    pub fn depart(&mut self, entity: u32) -> Traveller {
        let place = self.places[&entity];
        self.places.remove(&entity);
        let gone = self.moving.swap_remove(place as usize);
        if let Some(moved) = self.moving.get(place as usize) {
            self.places.insert(moved.entity, place);
        }
        gone
    }
}

impl Index<u32> for Crowd {
    type Output = Terminal;

    #[inline(always)]
    fn index(&self, entity: u32) -> &Terminal {
        if Crowd::moves(entity) {
            return self.look_up(entity);
        }
        &self.fixed[entity as usize]
    }
}

impl IndexMut<u32> for Crowd {
    #[inline(always)]
    fn index_mut(&mut self, entity: u32) -> &mut Terminal {
        if Crowd::moves(entity) {
            return &mut self.traveller(entity).terminal;
        }
        &mut self.fixed[entity as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_and_goes_keeps_its_number() {
        let traveller = |number| {
            let terminal = Terminal { index: number, ..Terminal::default() };
            Traveller::new(terminal, MOVING + number, Leg::default(), Db(0.0), 0)
        };
        let mut crowd = Crowd::new(vec![Terminal::default(); 2], Vec::new(), (0..5).map(traveller).collect());
        assert_eq!(crowd.depart(MOVING + 1).terminal.index, 1);
        crowd.arrive(traveller(9));
        assert_eq!(crowd.depart(MOVING + 4).terminal.index, 4);
        let mut here: Vec<u32> = crowd.iter().map(|(entity, _)| entity).collect();
        here.sort_unstable();
        assert_eq!(here, [0, 1, MOVING, MOVING + 2, MOVING + 3, MOVING + 9]);
        assert!([0, 2, 3, 9].iter().all(|&number| crowd[MOVING + number].index == number));
        assert!(crowd.get(MOVING + 4).is_none() && crowd.get(7).is_none());
    }
}
