//! What stays the same for a whole run: the channels of the networks, the plans of the groups, the counted time.

use crate::cause::Errand;
use crate::exec::interference::Coupled;
use crate::exec::outage::Outage;
use crate::exec::preference::Preference;
use crate::exec::roaming::Roaming;
use crate::exec::terminal::Terminal;
use crate::radio::channel::Channels;
use crate::radio::compile::Program;
use crate::radio::plan::Plan;
use crate::rng::Key;
use crate::rng::Purpose;
use crate::traffic::gathering::Gathering;
use crate::traffic::protocol::When;
use crate::traffic::{Call, Calls, Reports};
use crate::units::{Db, SimDuration, SimTime};

/// The unchanging part of a run, shared by all districts.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The channels of each network.
    pub networks: Vec<Channels>,
    /// The outages of each network, in the order of their time, none within another.
    pub outages: Vec<Vec<Outage>>,
    /// The groups as their first networks see them, in the order of the run; behind them, in no special order, those that have
    /// several networks as the others see them.
    pub groups: Vec<GroupSetup>,
    /// From here on things are counted.
    pub counted_from: SimTime,
    /// The end of the run.
    pub end: SimTime,
    /// The networks whose interference follows the load.
    pub interference: Vec<Option<Coupled>>,
    /// The number in the run of each network's first cell.
    pub first_cells: Vec<u32>,
    /// How plans are walked.
    pub executor: Executor,
}

impl Setup {
    /// Whether a terminal hears any cell.
    #[must_use]
    pub fn is_covered(&self, terminal: &Terminal) -> bool {
        self.hears(usize::from(terminal.group), terminal.level)
    }

    /// Whether a terminal of this group that starts at this coverage level hears any cell.
    #[must_use]
    pub fn hears(&self, group: usize, level: u8) -> bool {
        usize::from(level) < self.networks[self.groups[group].network].links.len()
    }
}

/// The unchanging part of a group, as one network sees it.
#[derive(Clone, Debug)]
pub struct GroupSetup {
    /// Its number among the groups of the run.
    pub number: u16,
    /// The stream of the group's random numbers, the same for all its networks.
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
    /// What their reports are made of, if its terminals are gateways.
    pub gathering: Option<Gathering>,
    /// What the server sends them by itself.
    pub calls: Calls,
    /// When its terminals are switched on.
    pub start: Start,
    /// Why its terminals change cells, if they do.
    pub roaming: Option<Roaming>,
    /// Which network they like better, if it has several.
    pub preference: Option<Preference>,
    /// Number of its first ledger; one ledger per coverage level and one for terminals that hear no cell.
    pub first_ledger: usize,
}

/// The state in which terminals begin a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// Registered long ago, in their usual rhythm.
    #[default]
    Attached,
    /// Switched on at a uniform time within `spread` after `at`.
    SwitchedOn {
        /// The earliest.
        at: SimTime,
        /// Until the latest.
        spread: SimDuration,
    },
}

/// Children of a terminal's stream beyond those of its reports: one per errand, and one per contact of its own.
const CALL_STREAMS: u64 = 1 << 40;
const CONTACT_STREAMS: u64 = 1 << 62;

impl GroupSetup {
    /// How many messages so many of its reports are.
    #[must_use]
    pub fn messages(&self, reports: u64) -> u64 {
        reports * self.gathering.as_ref().map_or(1, |gathering| u64::from(gathering.messages))
    }

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

    /// When report number `report` of one of the group's terminals is due; `None` before the start of the run, and if
    /// there is no such report.
    #[must_use]
    pub fn report_time(&self, terminal: &Terminal, report: u32) -> Option<SimTime> {
        self.traffic.timing.time(self.key_of(terminal), usize::from(terminal.interval), report)
    }

    /// Bytes of one report, with the overhead of protocols.
    #[must_use]
    pub fn report_bytes(&self, terminal: &Terminal, report: u32) -> u32 {
        self.traffic.payload.bytes(self.key_of(terminal), report) + self.traffic.overhead_bytes
    }

    /// The reporting interval of one of the group's terminals; `None` if it reports once.
    #[must_use]
    pub fn interval_of(&self, terminal: &Terminal) -> Option<SimDuration> {
        self.traffic.timing.interval(usize::from(terminal.interval))
    }

    /// The stream of a contact with the network that one of the group's terminals begins at `now` without a report.
    #[must_use]
    pub fn contact_key(&self, terminal: &Terminal, now: SimTime) -> Key {
        self.key_of(terminal).child(CONTACT_STREAMS | now.0)
    }

    /// When the server has its next call of this kind for one of the group's terminals.
    #[must_use]
    pub fn call_time(&self, terminal: &Terminal, errand: Errand) -> Option<SimTime> {
        let (call, number): (&Option<Call>, u32) = match errand {
            Errand::Command => (&self.calls.command, terminal.commands),
            Errand::Download => (&self.calls.download, u32::from(terminal.downloads)),
            _ => return None,
        };
        // Most groups have no calls, and are asked again and again: no stream is derived for them.
        let call = call.as_ref()?;
        call.rhythm.time(self.call_stream(terminal, errand), number)
    }

    /// The stream of the server's calls of this kind for one of the group's terminals.
    fn call_stream(&self, terminal: &Terminal, errand: Errand) -> Key {
        self.key_of(terminal).child(CALL_STREAMS + errand.index() as u64)
    }

    /// When one of the group's terminals next renews a registration that runs out, later than `since`.
    #[must_use]
    pub fn registration_update(&self, terminal: &Terminal, since: SimTime) -> Option<SimTime> {
        let When::Every(lifetime) = self.traffic.dialogue.upkeep.as_ref()?.when else { return None };
        let phase = self.key_of(terminal).draw(Purpose::Upkeep, 0).below(lifetime.0.max(1));
        Some((since + SimDuration(1)).align_up(lifetime, SimDuration(phase)))
    }

    /// Number of the server's first command for one of the group's terminals at or after `time`.
    #[must_use]
    pub fn first_command_from(&self, terminal: &Terminal, time: SimTime) -> u32 {
        let stream = self.call_stream(terminal, Errand::Command);
        self.calls.command.as_ref().map_or(0, |call| call.rhythm.first_from(stream, time))
    }

    /// The place of one of the group's terminals in all paging cycles (UE_ID, TS 36.304 clause 7.1).
    #[must_use]
    pub fn paging_place(&self, terminal: &Terminal) -> u64 {
        self.key_of(terminal).draw(Purpose::PagingPlace, 0).0 >> 1
    }

    /// When one of the group's terminals is switched on; `None` if it has been all along.
    #[must_use]
    pub fn switched_on(&self, terminal: &Terminal) -> Option<SimTime> {
        match self.start {
            Start::Attached => None,
            Start::SwitchedOn { at, spread } => {
                let draw = self.key_of(terminal).draw(Purpose::SwitchOn, 0);
                Some(at + SimDuration(draw.below(spread.0.max(1))))
            }
        }
    }

    /// Number of the first report of one of the group's terminals at or after `time`.
    #[must_use]
    pub fn first_report_from(&self, terminal: &Terminal, time: SimTime) -> u32 {
        self.traffic.timing.first_from(self.key_of(terminal), usize::from(terminal.interval), time)
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
