//! Interference that follows the load: what a cell sent in one window is the activity of its neighbours in the next but one.
//!
//! At the end of each window a cell tells its neighbours by letter how busy its downlink was; the letter takes a window. How much
//! stronger interference is at a terminal is known from its place; with which share of the time its neighbours send changes with
//! the load. A cell takes the mean of its neighbours, whatever of them a terminal hears best.

use crate::engine::{Letter, Outbox};
use crate::exec::district::{District, Kind};
use crate::exec::mobility::Mail;
use crate::units::{Db, SimDuration, SimTime};

/// Shares travel as integers, so that their sum does not depend on the order in which they come.
const WHOLE: u64 = 1 << 20;

/// A network whose interference follows the load.
#[derive(Clone, Debug)]
pub struct Coupled {
    /// Over which the load is taken, and after which it counts.
    pub window: SimDuration,
    /// The neighbours of each cell.
    pub around: Vec<Vec<u32>>,
    /// Share of the time in which a cell without any traffic sends: synchronisation and broadcast.
    pub always: f64,
    /// Activity of all cells until the first letters arrive.
    pub first: f64,
}

/// What a cell knows of the load around it, and of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Activity {
    /// Share of the time in which its neighbours send; 0 until the run begins.
    pub around: f64,
    /// What neighbours have told for the next window: the sum of their shares, and how many they are.
    told: (u64, u64),
    /// Milliseconds of its own downlink booked so far.
    pub booked_ms: u64,
    /// Of them what it has told.
    reported_ms: u64,
}

impl Activity {
    /// A neighbour had this share of its downlink booked.
    pub(super) fn hear(&mut self, share: u64) {
        self.told = (self.told.0 + share, self.told.1 + 1);
    }

    /// A window ends: what neighbours told counts from now on. Returns what it booked itself in the window, milliseconds.
    fn turn(&mut self, always: f64) -> u64 {
        let (sum, count) = std::mem::take(&mut self.told);
        if count > 0 {
            self.around = always + (1.0 - always) * (sum as f64 / (count * WHOLE) as f64);
        }
        let booked = self.booked_ms - self.reported_ms;
        self.reported_ms = self.booked_ms;
        booked
    }
}

impl District {
    /// By how much interference of neighbours worsens the downlink of a terminal whose link was judged without it; `None` if it
    /// was judged with it.
    pub(super) fn interference_at(&self, entity: u32) -> Option<Db> {
        let cell = &self.cells[usize::from(self.terminals[entity].cell)];
        self.setup.interference[cell.network].as_ref()?;
        Some(Db::from_linear(1.0 + cell.activity.around * f64::from(self.terminals.interference(entity))))
    }

    /// The first ends of windows, one for each cell that tells its load.
    pub(super) fn first_reports(&self) -> impl Iterator<Item = (SimTime, usize)> + '_ {
        self.cells.iter().enumerate().filter_map(|(place, cell)| {
            let coupled = self.setup.interference[cell.network].as_ref()?;
            Some((SimTime::ZERO + coupled.window, place))
        })
    }

    /// A window ends for a cell: it takes what its neighbours told, and tells them its own load.
    pub(super) fn report_load(&mut self, entity: u32, now: SimTime, out: &mut Outbox) -> u64 {
        let place = self.cell_of_decision(entity);
        let District { setup, cells, outgoing, .. } = self;
        let cell = &mut cells[place];
        let key = cell.key.child(u64::MAX).0;
        let Some(coupled) = &setup.interference[cell.network] else { return key };
        let booked_us = cell.activity.turn(coupled.always) * 1_000;
        let carriers = &setup.networks[cell.network].carriers;
        let open: f64 = carriers.iter().map(|carrier| carrier.downlink.share()).sum();
        let usable_us = (coupled.window.0 as f64 * open) as u64;
        let share = (booked_us.min(usable_us) * WHOLE) / usable_us.max(1);
        let (first, arrives) = (setup.first_cells[cell.network], now + coupled.window);
        for &neighbour in &coupled.around[cell.number as usize] {
            let (from, to) = (first + cell.number, first + neighbour);
            outgoing.push(Letter { arrives, to, from: u64::from(from) << 32 | u64::from(to), body: Mail::Load(share) });
        }
        if arrives < setup.end {
            out.at(arrives, entity, Kind::Load.tag(0));
        }
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_the_neighbours_counts_from_the_next_window_on() {
        let mut activity = Activity { around: 0.5, booked_ms: 70, ..Activity::default() };
        assert_eq!(activity.turn(0.25), 70);
        assert_eq!(activity.around, 0.5, "nobody has told anything");
        activity.hear(WHOLE);
        activity.hear(WHOLE / 2);
        activity.booked_ms += 5;
        assert_eq!(activity.turn(0.25), 5);
        // A quarter always, and three quarters of the rest.
        assert_eq!(activity.around, 0.25 + 0.75 * 0.75);
        assert_eq!(activity.turn(0.25), 0);
        assert_eq!(activity.around, 0.8125);
    }
}
