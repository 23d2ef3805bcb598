//! What stays the same for a whole run: the channels of the networks, the plans of the groups, the counted time.

use crate::exec::terminal::Terminal;
use crate::radio::channel::Channels;
use crate::radio::compile::Program;
use crate::radio::plan::Plan;
use crate::rng::Key;
use crate::traffic::Reports;
use crate::units::{Db, SimTime};

/// The unchanging part of a run, shared by all districts.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The channels of each network.
    pub networks: Vec<Channels>,
    /// The groups.
    pub groups: Vec<GroupSetup>,
    /// From here on things are counted.
    pub counted_from: SimTime,
    /// The end of the run.
    pub end: SimTime,
    /// How plans are walked.
    pub executor: Executor,
}

/// The unchanging part of a group.
#[derive(Clone, Debug)]
pub struct GroupSetup {
    /// The stream of the group's random numbers.
    pub key: Key,
    /// Number of its network.
    pub network: usize,
    /// Its plan, step by step.
    pub plan: Plan,
    /// The same plan folded.
    pub program: Program,
    /// Standard deviation of a terminal's coupling loss from one message to the next.
    pub drift: Db,
    /// What its terminals have to say.
    pub traffic: Reports,
    /// Number of its first ledger; one ledger per coverage level and one for terminals that hear no cell.
    pub first_ledger: usize,
}

impl GroupSetup {
    /// The stream of the random numbers of one of the group's terminals.
    #[must_use]
    pub fn key_of(&self, terminal: &Terminal) -> Key {
        self.key.child(u64::from(terminal.index))
    }

    /// Number of the ledger of one of the group's terminals.
    #[must_use]
    pub fn ledger_of(&self, terminal: &Terminal) -> usize {
        self.first_ledger + usize::from(terminal.level)
    }

    /// When report number `report` of one of the group's terminals is due; `None` before the start of the run.
    #[must_use]
    pub fn report_time(&self, terminal: &Terminal, report: u32) -> Option<SimTime> {
        self.traffic.time(self.key_of(terminal), terminal.interval, report)
    }

    /// Number of the first report of one of the group's terminals at or after `time`.
    #[must_use]
    pub fn first_report_from(&self, terminal: &Terminal, time: SimTime) -> u32 {
        self.traffic.first_from(self.key_of(terminal), terminal.interval, time)
    }
}

/// How plans are walked. Both ways handle the same events and book the same sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Executor {
    /// Folded plans: fast.
    #[default]
    Compiled,
    /// Step by step: slow, obvious, and able to write traces.
    Interpreted,
}
