//! What the operations of a plan work on: blocks, numbers of bytes, copies, barring.

use super::{Label, Spend};
use crate::cause::{Cause, Errand};
use crate::power::Activity;
use crate::rng::Probability;
use crate::units::SimDuration;

/// Access class barring: a terminal draws whether it is barred and, if it is, after 0.7 to 1.3 times `time` again (TS 36.331
/// clause 5.3.3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Barring {
    /// ac-BarringFactor: probability that it is not barred.
    pub pass: Probability,
    /// ac-BarringTime; above zero.
    pub time: SimDuration,
    /// How to book the wait.
    pub spend: Spend,
}

/// A block whose transmissions need no grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Harq {
    /// Number of the network's link.
    pub link: usize,
    /// Number of the block table of that link.
    pub table: usize,
    /// Cause of the first transmission.
    pub air: Cause,
    /// From the start of a transmission to that of the next; at least as long as one.
    pub round_trip: SimDuration,
    /// Whether it must arrive before the timer of [`Op::StartTimer`](super::Op::StartTimer) ends. If it does not, the terminal
    /// waits for that end.
    pub in_time: bool,
    /// Where to go if it does not arrive.
    pub failed: Label,
}

/// How a terminal finds out where it is: by satellite navigation, with its modem asleep (TR 36.763 clause 6.3.1: not both at
/// once).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// A position holds so long; [`SimDuration::FOREVER`] for a terminal that stays where it is and knows it.
    pub validity: SimDuration,
    /// A fix of a receiver that knows orbits and time: so long since the last one, at most.
    pub hot: Fix,
    /// Of one that knows time and rough orbits.
    pub warm: Fix,
    /// A fix of a receiver that knows nothing.
    pub cold: SimDuration,
    /// What it draws.
    pub activity: Activity,
}

/// A fix, and until when since the last one it is so short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fix {
    /// How long it takes.
    pub takes: SimDuration,
    /// Since the last one.
    pub within: SimDuration,
}

impl Position {
    /// What the next fix takes, so long after the last one; `None` if the position still holds.
    #[must_use]
    pub fn fix(&self, age: SimDuration) -> Option<(SimDuration, Activity)> {
        let takes = [self.hot, self.warm].into_iter().find(|fix| age <= fix.within).map_or(self.cold, |fix| fix.takes);
        (age >= self.validity).then_some((takes, self.activity))
    }
}

/// How many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many.
    Fixed(u32),
    /// So many for each errand, by [`Errand::index`].
    OfErrand([u32; Errand::COUNT]),
    /// The message, and so many more.
    Message {
        /// On top of payload and protocol overhead.
        extra: u32,
    },
    /// The message, once for each copy that the last [`Op::Copies`](super::Op::Copies) found.
    Copies,
    /// So many for each copy since [`Op::Ask`](super::Op::Ask).
    EachCopy(u32),
}

/// What an application's timer sends again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A part of a handshake.
    Handshake,
    /// A report that is not acknowledged yet.
    Report,
    /// A report whose acknowledgement has come just now.
    Acknowledged,
    /// The server's replies to all copies of a report; nothing is looked for anew.
    Replies,
}

/// A block on a shared channel, with its grant.
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    /// Number of the network's link (one per coverage level) that says how grants and blocks look.
    pub link: usize,
    /// Number of the block table of that link.
    pub table: usize,
    /// Cause of the first repetition's airtime.
    pub air: Cause,
    /// Whether the cell knows the bytes only in the steps in which terminals report them
    /// ([`volumes`](crate::radio::channel::BlockTable::volumes)).
    pub reported: bool,
    /// Whether this sends a block again: everything is then booked under [`Cause::Harq`].
    pub again: bool,
    /// Whether the terminal acknowledges a block of the downlink. Else the cell takes it as received: a block that is lost is
    /// given up at once.
    pub acknowledged: bool,
    /// Where to go while bytes are left after a block.
    pub more: Label,
    /// Where to go if the block got lost and may be sent again.
    pub lost: Label,
    /// Where to go if it was lost for the last time.
    pub exhausted: Label,
    /// Where to go if no grant ends before the timer of [`Op::StartTimer`](super::Op::StartTimer) does; `None` if it need not.
    pub in_time: Option<Label>,
}

impl Transfer {
    /// What something that happens for `cause` is booked under: HARQ if this is a retransmission.
    #[inline]
    #[must_use]
    pub fn cause(&self, cause: Cause) -> Cause {
        if self.again { Cause::Harq } else { cause }
    }
}
