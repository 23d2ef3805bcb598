//! What a run remembers of a terminal between two messages: one cache line.

use crate::radio::adaptation::History;
use crate::radio::channel::LinkClass;
use crate::radio::plan::TailId;
use crate::units::{Db, Joules, SimDuration, SimTime};

/// A terminal. While it sleeps this is all there is of it, beside its next event.
#[derive(Clone, Debug, Default)]
#[repr(C, align(64))]
pub struct Terminal {
    /// When its tail began.
    pub released: SimTime,
    /// Until when its system information is valid.
    pub information_until: SimTime,
    /// Energy of its counted messages and of what followed them, deep sleep excepted.
    pub energy: Joules,
    /// Time that went into them.
    pub awake: SimDuration,
    /// Number in its group.
    pub index: u32,
    /// Number of its next report.
    pub report: u32,
    /// Counted messages that ended.
    pub messages: u32,
    /// Number of the next command of the server.
    pub commands: u32,
    /// Number of its group.
    pub group: u16,
    /// Number of its cell in the district.
    pub cell: u16,
    /// Number of the next software that it loads.
    pub downloads: u16,
    /// Coverage level at which it starts; the number of levels if it hears no cell.
    pub level: u8,
    /// Coupling loss in half decibels above 60 dB.
    pub half_db: u8,
    /// Link class in the uplink.
    pub uplink: LinkClass,
    /// Link class in the downlink.
    pub downlink: LinkClass,
    /// What the cell remembers of its blocks, per [`Way`](crate::radio::channel::Way).
    pub history: [History; 2],
    /// The tail it is in.
    pub tail: u8,
    /// Its reporting interval: position in the intervals of its group.
    pub interval: u8,
    /// Whether it is on an errand.
    pub busy: bool,
    /// Whether it is registered with the network.
    pub attached: bool,
}

impl Terminal {
    /// A coupling loss as the terminal keeps it; what lies outside 60..187.5 dB falls on the ends.
    #[must_use]
    pub fn half_decibels(coupling_loss: Db) -> u8 {
        ((coupling_loss.0 - 60.0) * 2.0 + 0.5).clamp(0.0, 255.0) as u8
    }

    /// The coupling loss that is kept so.
    #[must_use]
    pub fn decibels(half_db: u8) -> Db {
        Db(60.0 + f64::from(half_db) / 2.0)
    }

    /// It is off from `now` on, in the tail `off`, and reads its system information anew when it is switched on.
    pub fn switch_off(&mut self, now: SimTime, off: TailId) {
        (self.released, self.tail, self.attached) = (now, off.0, false);
        self.information_until = SimTime::ZERO;
    }

    /// The coupling loss to its cell, in steps of 0.5 dB.
    #[must_use]
    pub fn coupling_loss(&self) -> Db {
        Terminal::decibels(self.half_db)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleeping_terminal_is_one_cache_line() {
        assert_eq!(size_of::<Terminal>(), 64);
    }
}
