//! One line per message and per terminal, for those who want to look behind the distributions.
//!
//! Owns what such a line says and who may take it. Whoever takes lines keeps them or writes them; here nothing is kept.

use std::ops::ControlFlow;

use crate::cause::{Cause, Loss};
use crate::units::{Db, Joules, SimDuration, SimTime};

/// A message that was born in the counted time and delivered or lost before the end of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// Number of its group.
    pub group: u16,
    /// Number of its terminal in the group.
    pub terminal: u32,
    /// Number of the report among those of its terminal.
    pub report: u32,
    /// Number of the cell in its network.
    pub cell: u32,
    /// Coverage level at which the terminal starts; absent if it hears no cell.
    pub level: Option<u8>,
    /// Payload and protocol overhead.
    pub bytes: u32,
    /// Whether the server has an answer to it.
    pub answered: bool,
    /// Random-access attempts made until it was delivered or lost.
    pub attempts: u16,
    /// When the application had the message.
    pub born: SimTime,
    /// When the terminal turned to it.
    pub started: SimTime,
    /// When it was delivered or lost.
    pub ended: SimTime,
    /// Why it was lost; absent if it was delivered.
    pub loss: Option<Loss>,
    /// The time from `born` to `ended` by [`Cause::index`].
    pub time: [SimDuration; Cause::COUNT],
    /// When the terminal was released after it; absent if the run ended before, or if it hears no cell.
    pub released: Option<SimTime>,
    /// Energy from `started` to `released`; absent if that is.
    pub energy: Option<Joules>,
}

impl MessageRecord {
    /// The order of records: by the instant at which they ended, then by terminal. No two records are equal in it.
    #[must_use]
    pub fn order(&self) -> (SimTime, u16, u32, u32) {
        (self.ended, self.group, self.terminal, self.report)
    }
}

/// A terminal at the end of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct TerminalRecord {
    /// Number of its group.
    pub group: u16,
    /// Number in its group.
    pub terminal: u32,
    /// Number of the network that serves its group.
    pub network: u16,
    /// Number in its network of the cell that it hears best.
    pub cell: u32,
    /// Coverage level at which it starts; absent if it hears no cell.
    pub level: Option<u8>,
    /// All losses and gains between the antenna connectors of cell and terminal.
    pub coupling_loss: Db,
    /// Reporting interval; absent if it reports once.
    pub interval: Option<SimDuration>,
    /// Counted messages that were delivered.
    pub delivered: u32,
    /// Counted messages that were lost.
    pub lost: u32,
    /// Counted messages after which it was released; one that ended behind the end of the run may be among them.
    pub released: u32,
    /// Energy of the released messages and of what followed them in the counted time, deep sleep excepted.
    pub energy: Joules,
    /// Time that went into them.
    pub awake: SimDuration,
}

/// Takes records as they come.
pub trait RecordSink<R> {
    /// Takes the next records. [`ControlFlow::Break`] means that it can take no more and ends the run; the sink knows why.
    fn take(&mut self, records: &[R]) -> ControlFlow<()>;
}

/// Keeps them all: for small runs.
impl<R: Clone> RecordSink<R> for Vec<R> {
    fn take(&mut self, records: &[R]) -> ControlFlow<()> {
        self.extend_from_slice(records);
        ControlFlow::Continue(())
    }
}

/// Which records a run hands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// One of each message.
    pub messages: bool,
    /// One of each terminal.
    pub terminals: bool,
}

/// Who takes the records of a run; nobody by default, and then nothing is recorded.
#[derive(Default)]
pub struct Sinks<'a> {
    /// Takes the messages in [`MessageRecord::order`].
    pub messages: Option<&'a mut dyn RecordSink<MessageRecord>>,
    /// Takes the terminals by group and number, at the end.
    pub terminals: Option<&'a mut dyn RecordSink<TerminalRecord>>,
}

impl Sinks<'_> {
    /// What is taken.
    #[must_use]
    pub fn recording(&self) -> Recording {
        Recording { messages: self.messages.is_some(), terminals: self.terminals.is_some() }
    }
}
