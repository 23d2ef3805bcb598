//! The one result type. Every face (text, JSON, requirements, later the TUI and reports) reads this and nothing else.
//!
//! It holds nothing that differs between two runs of the same scenario, seed and version.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the layout of `summary.json`; it grows when a field changes its meaning or goes away.
pub const SUMMARY_VERSION: u32 = 1;

/// All that a run found out.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Layout version of this document.
    pub summary_version: u32,
    /// Version of farlink that made it.
    pub farlink: String,
    /// The scenario's name.
    pub name: String,
    /// The seed of all random draws.
    pub seed: u64,
    /// Hash of the model data (devices, batteries, radio parameters) the run used.
    pub model_data: String,
    /// The scenario with every default filled in.
    pub scenario: serde_json::Value,
    /// The stretch of simulated time that was counted.
    pub period: Period,
    /// Events handled and their order-independent hash: equal for equal runs.
    pub events: Events,
    /// The scenario's requirements, in its order.
    pub requirements: Vec<Requirement>,
    /// Results per group of terminals.
    pub groups: BTreeMap<String, Group>,
    /// Results per network.
    pub networks: BTreeMap<String, Network>,
    /// Anything a reader must know before believing the numbers: limits that were hit, an interrupted run, a run that
    /// delivered next to nothing and why.
    pub warnings: Vec<String>,
}

/// Simulated time that was counted.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Period {
    /// Simulated and not counted, seconds.
    pub warmup_s: f64,
    /// Counted, seconds.
    pub counted_s: f64,
    /// Whether the run was interrupted before its end.
    pub interrupted: bool,
}

/// How much work the run was, and a fingerprint of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Events {
    /// Events handled, warm-up included.
    pub count: u64,
    /// Order-independent hash over all events, hexadecimal.
    pub hash: String,
}

/// One line of the scenario's `requirements`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Requirement {
    /// The line as it stands in the scenario.
    pub text: String,
    /// The measured value in the unit of the line, if there was anything to measure.
    pub value: Option<f64>,
    /// The measured value as people read it, with its unit.
    pub shown: String,
    /// Whether it is met. A requirement about nothing (no message, no terminal) is missed.
    pub met: bool,
}

/// Results of one group.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// Network that serves the group, of several the one it likes best.
    pub network: String,
    /// Results of all terminals of the group.
    pub all: Results,
    /// The same per coverage level at which a terminal starts its access, in the order of the levels. Terminals that
    /// hear no cell stand in a last entry of their own.
    pub levels: Vec<Level>,
    /// The same per network, if the group has several: what terminals did from turning to it until they turned to another, but
    /// for those that heard no cell of it. Each has all terminals of the group.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub networks: BTreeMap<String, Results>,
    /// What a terminal's battery life comes to.
    pub battery: Battery,
}

/// Results of the terminals of one coverage level.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Level {
    /// Name of the level: `level 0`, `level 1`, …, `no coverage`.
    pub name: String,
    /// The results.
    pub results: Results,
}

/// Messages, latency and energy of some terminals.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Results {
    /// How many terminals.
    pub terminals: u64,
    /// What became of the messages.
    pub messages: Messages,
    /// Copies of messages that the application sent because their acknowledgement took longer than it waits.
    pub repeated_requests: u64,
    /// From the moment the application had the message to its receipt, delivered messages only, seconds.
    pub latency_s: Distribution,
    /// Mean latency of a delivered message by cause, seconds; the parts add up to `latency_s.mean`.
    pub latency_s_by_cause: BTreeMap<String, f64>,
    /// Mean number of random-access preambles sent for a delivered message, of those that took random access.
    pub access_transmissions: Option<f64>,
    /// From the first preamble of such a message to its receipt, seconds.
    pub access_delay_s: Distribution,
    /// From waking up for a message to the release after it (delivered or lost), without the tail behind the release,
    /// joules.
    pub message_energy_j: Distribution,
    /// Half-width of the 95 % confidence interval of the mean energy per message, joules.
    pub message_energy_j_ci95: f64,
    /// Mean energy of a message by cause, joules. Energy of messages that were still under way at the end is in it, so the
    /// parts add up to `message_energy_j.mean` as far as such messages are few.
    pub message_energy_j_by_cause: BTreeMap<String, f64>,
    /// Mean energy of one terminal in one day, by cause, joules; `sleep` and tails included.
    pub day_energy_j_by_cause: BTreeMap<String, f64>,
    /// Mean energy of one terminal in one day, joules: the sum of the parts.
    pub day_energy_j: f64,
    /// Contacts with the network for anything but a message, by errand; those that occurred.
    pub errands: BTreeMap<String, Errand>,
    /// What moving took; absent where nothing moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobility: Option<Mobility>,
}

/// What moving took, over all terminals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mobility {
    /// Changes to another cell.
    pub reselections: u64,
    /// Tracking-area updates because the area was another.
    pub area_updates: u64,
    /// Connections that were given up because the cell was too weak.
    pub link_failures: u64,
}

/// Contacts with the network for one kind of errand: attach, tracking-area update, command, download.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Errand {
    /// From its cause to its success, of those that succeeded, seconds; for a command from the server's sending to the
    /// terminal's receiving.
    pub latency_s: Distribution,
    /// Those that failed.
    pub failed: u64,
    /// Mean energy of one, successful or not, joules.
    pub energy_j: f64,
}

/// What became of the messages that were born in the counted time.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Messages {
    /// Born: `delivered + lost + unfinished`.
    pub offered: u64,
    /// Received.
    pub delivered: u64,
    /// Lost, by reason.
    pub lost: BTreeMap<String, u64>,
    /// Still under way at the end: neither delivered nor lost.
    pub unfinished: u64,
    /// `delivered / (delivered + lost)`; absent if no message ended.
    pub delivery_ratio: Option<f64>,
}

impl Messages {
    /// Lost for whatever reason.
    #[must_use]
    pub fn lost_total(&self) -> u64 {
        self.lost.values().sum()
    }
}

/// The shape of a measured quantity. All zero, with an empty histogram, if nothing was measured.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Distribution {
    /// How many values.
    pub count: u64,
    /// Exact mean.
    pub mean: f64,
    /// Smallest value, to three digits.
    pub min: f64,
    /// A tenth of the values are not above this; three digits, as all quantiles.
    pub p10: f64,
    /// Half of the values are not above this.
    pub p50: f64,
    /// 90 % are not above this.
    pub p90: f64,
    /// 95 % are not above this.
    pub p95: f64,
    /// 99 % are not above this.
    pub p99: f64,
    /// 99.9 % are not above this.
    pub p999: f64,
    /// Largest value, to three digits.
    pub max: f64,
    /// Counts in bins of equal width on the logarithmic scale (1, 2, 5 of each decade), empty ends cut off.
    pub histogram: Vec<Bin>,
}

/// One bar of a histogram.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Bin {
    /// Lower edge, inclusive.
    pub from: f64,
    /// Upper edge, exclusive.
    pub to: f64,
    /// Values in the bin.
    pub count: u64,
}

/// Battery life over the terminals of a group, from the simulated energy per message of terminals like each, its
/// configured rate of messages, sleep and self-discharge.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Battery {
    /// Name of the battery model.
    pub model: String,
    /// Usable energy of a new battery, joules.
    pub capacity_j: f64,
    /// A tenth of the terminals live shorter than this, years.
    pub life_years_p10: f64,
    /// Half of the terminals live shorter than this, years.
    pub life_years_p50: f64,
    /// Nine tenths of the terminals live shorter than this, years.
    pub life_years_p90: f64,
    /// 95 % confidence interval of the median, by order statistics, years.
    pub life_years_p50_ci95: [f64; 2],
}

/// Load of a network's radio resources.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Network {
    /// The radio technology, as scenarios name it.
    pub technology: String,
    /// How many cells.
    pub cells: u64,
    /// Random access per coverage level, over all cells.
    pub access: Vec<Access>,
    /// Share of the downlink's usable time that was booked; absent if the technology books none.
    pub downlink: Option<Utilisation>,
    /// Share of the uplink's usable tone-time that was booked; absent if the technology books none.
    pub uplink: Option<Utilisation>,
}

/// Random access at one coverage level.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Access {
    /// Name of the level.
    pub level: String,
    /// Preambles sent.
    pub attempts: u64,
    /// Attempts per opportunity and preamble, unused opportunities included.
    pub load: f64,
    /// Attempts that chose the preamble of another terminal, whatever became of them.
    pub collided: u64,
    /// Preambles that several terminals chose at the same opportunity.
    pub collided_preambles: u64,
    /// What the cells had on offer, used or not: opportunities times preambles.
    pub preamble_opportunities: u64,
    /// Attempts the network did not detect.
    pub missed: u64,
    /// Attempts that were detected but got no response: there was no room for one within the window.
    pub unanswered: u64,
    /// Attempts whose response the terminal did not understand.
    pub unheard: u64,
    /// Terminals that got through and were rejected by a network under load.
    pub rejected: u64,
    /// `collided / attempts`; absent if there was no attempt.
    pub collision_ratio: Option<f64>,
    /// `collided_preambles / preamble_opportunities`, the collision probability of TR 37.868; absent without opportunities.
    pub preamble_collision_ratio: Option<f64>,
}

/// Utilisation over the cells of a network.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Utilisation {
    /// Mean over the cells, 0 to 1.
    pub mean: f64,
    /// The busiest cell, 0 to 1.
    pub busiest: f64,
    /// The busiest cell's number.
    pub busiest_cell: u64,
}
