//! What a plan can ask about a terminal, its message and its cell where it branches.

use crate::rng::{Probability, Purpose};
use crate::traffic::protocol::Timer;
use crate::units::{Db, SimDuration};

/// A condition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Check {
    /// It happens with this probability, anew at each random-access attempt.
    Chance(Probability, Purpose),
    /// One block of table number `table` of this link holds the bytes that are loaded.
    Fits {
        /// Number of the network's link.
        link: usize,
        /// Number of its block table.
        table: usize,
    },
    /// A random-access response has told the terminal to back off.
    ToldToBackOff,
    /// The coupling loss is at most so much better or worse than is usual at the terminal's place.
    Steady(Db),
    /// The server has nothing for the terminal.
    Uncalled,
    /// The application will not have made a copy of its message by so long after now.
    Patient {
        /// Its timer.
        timer: Timer,
        /// How long after now.
        ahead: SimDuration,
    },
    /// A grant that is asked for now need not queue longer than this, behind its first search space.
    Prompt {
        /// Number of the network's link.
        link: usize,
        /// How long.
        within: SimDuration,
    },
}
