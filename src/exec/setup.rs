//! What stays the same for a whole run: the channels of the networks, the plans of the groups, the counted time.

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

/// How plans are walked. Both ways handle the same events and book the same sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Executor {
    /// Folded plans: fast.
    #[default]
    Compiled,
    /// Step by step: slow, obvious, and able to write traces.
    Interpreted,
}
