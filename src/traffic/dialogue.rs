//! What a terminal and its peers say to each other, leg by leg: sizes and directions, no radio.

use super::protocol::{Opening, Timer, Upkeep};
use crate::units::SimDuration;

/// One flight of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// What it is, for people: `PUBACK`.
    pub name: &'static str,
    /// Which way it goes.
    pub way: Toward,
    /// Bytes, with all headers between application and radio.
    pub bytes: u32,
}

/// Which way a leg goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toward {
    /// From the terminal to its peer.
    Network,
    /// From the peer to the terminal.
    Terminal,
}

impl Leg {
    /// A leg from the terminal to its peer.
    #[must_use]
    pub const fn up(name: &'static str, bytes: u32) -> Leg {
        Leg { name, way: Toward::Network, bytes }
    }

    /// A leg from the peer to the terminal.
    #[must_use]
    pub const fn down(name: &'static str, bytes: u32) -> Leg {
        Leg { name, way: Toward::Terminal, bytes }
    }
}

/// What is said around a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dialogue {
    /// What follows a report that the application does not answer.
    pub quiet: Vec<Leg>,
    /// What follows one that it answers.
    pub answered: Vec<Leg>,
    /// When a report is sent again whose acknowledgement, the first leg that follows it, is late.
    pub timer: Option<Timer>,
    /// When a report is sent again that the radio has lost; `None` if never.
    pub recovery: Option<Timer>,
    /// What is said before the first report, and before one after a long silence.
    pub opening: Option<Opening>,
    /// What is said to keep a path or a registration.
    pub upkeep: Option<Upkeep>,
    /// How long after a terminal's last contact the server can reach it; `None` if always.
    pub reach: Option<SimDuration>,
}

impl Dialogue {
    /// Reports without acknowledgement, answers of so many bytes.
    #[must_use]
    pub fn plain(answer_bytes: u32) -> Dialogue {
        Dialogue { answered: vec![Leg::down("answer", answer_bytes)], ..Dialogue::default() }
    }
}
