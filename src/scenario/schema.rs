//! The scenario file, as people write it. The comments here are what an editor shows for each key, and the JSON Schema
//! made of these types is what the check before the load goes by.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::access::two_hours;
use super::gateway::GatewayFile;
use super::gnss::Gnss;
use super::mobility::MobilityFile;
use super::protocol::ProtocolFile;
use super::satellites::{RegionPlacement, SatelliteSites};
use crate::catalog::files::Tr45820File;
use crate::catalog::lte_access::LteAccess;
use crate::catalog::nbiot::NbIot;
use crate::catalog::operator::Grants;
use crate::catalog::value::{self, Duration, NAME_PATTERN, Real, Sectors, Share, Whole};

/// Words that results use between names; no group and no network can be called so.
pub const RESERVED: [&str; 18] = [
    "access",
    "all",
    "battery",
    "collisions",
    "delivery",
    "downlink",
    "energy",
    "groups",
    "latency",
    "levels",
    "life",
    "load",
    "messages",
    "name",
    "networks",
    "none",
    "requirements",
    "uplink",
];

/// Terminals of one group at most, and of all groups together.
pub const MAX_TERMINALS: u32 = 100_000_000;

/// A farlink scenario: networks, the terminals they serve, and what is required of them.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "farlink scenario")]
pub struct ScenarioFile {
    /// Version of the file format: 1.
    #[schemars(schema_with = "value::version_one")]
    pub farlink: u32,
    /// Name of the scenario; results are filed under it.
    #[schemars(regex(pattern = NAME_PATTERN))]
    pub name: String,
    /// Seed of all random draws: the same seed gives the same run.
    #[serde(default = "one")]
    pub seed: u64,
    /// Simulated time that is counted.
    pub duration: Duration,
    /// Simulated time before it that is not counted.
    #[serde(default)]
    pub warmup: Duration,
    /// Where on Earth all this is, for maps, and for terminals among sites that satellites serve too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The networks, by name.
    #[schemars(schema_with = "by_name::<Network>")]
    pub networks: BTreeMap<String, Network>,
    /// The groups of terminals, by name.
    #[schemars(schema_with = "by_name::<Group>")]
    pub groups: BTreeMap<String, Group>,
    /// What must come out: lines such as `groups.meters.latency.uplink.p99 < 10s`.
    #[serde(default)]
    pub requirements: Vec<String>,
}

/// The place on Earth at which the first site of each network stands, and from which metres east and north are counted. A
/// plane has no pole, so it lies at most 85 degrees from the equator.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Degrees north of the equator; south is below zero.
    pub latitude_deg: Real<-85, 85>,
    /// Degrees east of Greenwich; west is below zero.
    pub longitude_deg: Real<-180, 180>,
}

/// A network: its technology, its sites, and how signals travel.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// NB-IoT with these parameters; `{}` takes all defaults.
    #[serde(default, rename = "nb-iot", skip_serializing_if = "Option::is_none")]
    pub nb_iot: Option<NbIot>,
    /// Random access of LTE up to Msg4 with these parameters, in place of `nb-iot`; `{}` takes all defaults.
    #[serde(default, rename = "lte-random-access", skip_serializing_if = "Option::is_none")]
    pub lte_random_access: Option<LteAccess>,
    /// How an operator has set its network up, and what it grants: a name of the catalogue, or the path of a YAML file. The
    /// keys under `nb-iot` and `grants` lie over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// What the core network grants of what terminals ask for.
    #[serde(default, skip_serializing_if = "Grants::are_as_asked")]
    pub grants: Grants,
    /// Sites and cells.
    #[serde(default)]
    pub sites: Sites,
    /// How signals travel. Without effect on a bench.
    #[serde(default)]
    pub propagation: Propagation,
    /// How interference of neighbour cells follows their load; without it, `neighbour_activity` of the propagation model holds at
    /// all times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interference: Option<InterferenceFile>,
    /// When the network is out of service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outages: Vec<OutageFile>,
}

/// How interference of neighbour cells follows their load.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InterferenceFile {
    /// The downlink load that a cell had in one window is the activity of its neighbours in the next but one.
    Coupled(CoupledInterference),
}

/// The load of cells over windows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CoupledInterference {
    /// Length of a window, at least 1s.
    pub window: Duration,
}

impl Default for CoupledInterference {
    fn default() -> CoupledInterference {
        CoupledInterference { window: Duration(crate::units::SimDuration::from_secs(600)) }
    }
}

/// A time in which a network is out of service. Terminals that need it meanwhile search for it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutageFile {
    /// When it begins, from the beginning of the warm-up.
    pub at: Duration,
    /// How long it lasts.
    pub lasts: Duration,
    /// The terminals are without power too: all are switched on and register within so long after the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power_back_within: Option<Duration>,
}

/// Sites and cells of a network.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sites {
    /// Sites on a hexagonal grid, wrapped around so that no cell lies at an edge.
    HexGrid(HexGridSites),
    /// Satellites, each a cell.
    Satellites(Box<SatelliteSites>),
    /// Cells without a place, for terminals whose coupling loss is given.
    Bench(BenchSites),
}

impl Default for Sites {
    fn default() -> Sites {
        Sites::HexGrid(HexGridSites::default())
    }
}

/// A hexagon of sites around a centre site.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HexGridSites {
    /// Rings around the centre: 0 is one site, 1 is 7 sites, 2 is 19, 3 is 37.
    pub rings: Whole<0, 100>,
    /// Distance between neighbouring sites, m.
    pub inter_site_distance_m: Real<10, 100_000>,
    /// Sectors per site, each a cell: 1 (omnidirectional) or 3.
    pub sectors: Sectors,
}

impl Default for HexGridSites {
    /// The macro layout of TR 45.820: 1732 m between sites of three sectors.
    fn default() -> HexGridSites {
        HexGridSites { rings: Whole(1), inter_site_distance_m: Real(1_732.0), sectors: Sectors(3.0) }
    }
}

/// Cells without a place.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BenchSites {
    /// How many cells; the terminals fill them in turn.
    pub cells: Whole<1, 100_000>,
}

impl Default for BenchSites {
    fn default() -> BenchSites {
        BenchSites { cells: Whole(1) }
    }
}

/// How signals travel.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Propagation {
    /// TR 45.820 annex D: macro cells at 900 MHz, terminals deep inside buildings.
    #[serde(rename = "tr45820")]
    Tr45820(Tr45820File),
}

impl Default for Propagation {
    fn default() -> Propagation {
        Propagation::Tr45820(Tr45820File::default())
    }
}

/// Terminals that are alike.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// How many terminals.
    pub count: Whole<1, MAX_TERMINALS>,
    /// The device: a name of the catalogue, or the path of a YAML file.
    #[serde(default = "reference_device")]
    pub device: String,
    /// Where the terminals are.
    #[serde(default)]
    pub placement: Placement,
    /// How they move; without it they stay where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mobility: Option<MobilityFile>,
    /// The networks that serve them, by name, the one they like best first; may be left out if there is only one. A terminal without
    /// coverage in one uses the next. Satellites come last.
    #[serde(default)]
    pub access: Vec<String>,
    /// Who is served by another network than the first looks for a better one at most so often, and when it has something to do
    /// only (TS 23.122 clause 4.4.3.3).
    #[serde(default = "two_hours", skip_serializing_if = "is_usual")]
    pub better_network_search: Duration,
    /// How they find out where they are, which a satellite network asks of them. Without effect on the ground.
    #[serde(default)]
    pub gnss: Gnss,
    /// What they have to say.
    pub traffic: Traffic,
    /// The terminals are gateways, each of which gathers what several sensors have to say. Results count messages of sensors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<GatewayFile>,
    /// What the server sends them by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commands: Option<Commands>,
    /// Software that they load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download: Option<Download>,
    /// When they are switched on; without it they have been registered all along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<StartFile>,
    /// What they ask of the network to save power.
    #[serde(default)]
    pub power_saving: PowerSaving,
    /// The battery: a name of the catalogue, or the path of a YAML file.
    #[serde(default = "reference_battery")]
    pub battery: String,
}

/// Where the terminals of a group are.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// Uniformly over the area of the network's sites.
    Uniform(UniformPlacement),
    /// Evenly over a part of the Earth, for networks of satellites, and of a bench with `ground_coverage`.
    Region(RegionPlacement),
    /// On a bench: every terminal has the same coupling loss. The network's sites must be `bench` too.
    Bench(BenchPlacement),
}

impl Default for Placement {
    fn default() -> Placement {
        Placement::Uniform(UniformPlacement::default())
    }
}

/// Uniformly over the area of the network's sites.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UniformPlacement {
    /// Share of the terminals that stand inside buildings.
    pub indoor_fraction: Share,
}

impl Default for UniformPlacement {
    /// TR 45.820 puts every terminal indoors.
    fn default() -> UniformPlacement {
        UniformPlacement { indoor_fraction: Real(1.0) }
    }
}

/// A coupling loss for all.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BenchPlacement {
    /// Coupling loss: all losses and gains between the two antenna connectors, dB.
    pub coupling_loss_db: Real<40, 200>,
}

/// What terminals have to say.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Traffic {
    /// Reports of one size at one interval.
    Periodic(PeriodicTraffic),
    /// One report of each terminal, all within some time: an alarm, or terminals that have power again.
    Burst(BurstTraffic),
    /// The mix of reports of TR 45.820 annex E: every 30 minutes to every day, 20 to 200 bytes.
    #[serde(rename = "tr45820-reports")]
    Tr45820Reports(ReportMix),
}

/// Reports of one size at one interval.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeriodicTraffic {
    /// Time between two reports of a terminal.
    pub every: Duration,
    /// Application payload of a report, bytes.
    pub payload_bytes: Whole<0, 65_535>,
    /// Each report is delayed by a uniform time below this, at most `every`; `0s` keeps each terminal's own phase.
    #[serde(default)]
    pub jitter: Duration,
    /// Share of the reports that the server answers.
    #[serde(default)]
    pub answered_fraction: Share,
    /// Application payload of an answer, bytes.
    #[serde(default)]
    pub answer_bytes: Whole<0, 65_535>,
    /// Bytes that the protocols between application and radio add, 65 if neither this nor `protocol` is given: CoAP 4,
    /// DTLS 13, UDP 8 and IP 40.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overhead_bytes: Option<Whole<0, 65_535>>,
    /// The protocols between application and radio, instead of `overhead_bytes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<ProtocolFile>,
}

/// One report of each terminal, all within some time.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BurstTraffic {
    /// The earliest time of a report, from the beginning of the warm-up.
    #[serde(default)]
    pub at: Duration,
    /// All report within so long after that.
    pub spread: Duration,
    /// How the reports lie in that time.
    #[serde(default)]
    pub shape: BurstShape,
    /// Application payload of a report, bytes.
    pub payload_bytes: Whole<0, 65_535>,
    /// Share of the reports that the server answers.
    #[serde(default)]
    pub answered_fraction: Share,
    /// Application payload of an answer, bytes.
    #[serde(default)]
    pub answer_bytes: Whole<0, 65_535>,
    /// Bytes that the protocols between application and radio add, 65 if neither this nor `protocol` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overhead_bytes: Option<Whole<0, 65_535>>,
    /// The protocols between application and radio, instead of `overhead_bytes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<ProtocolFile>,
}

/// How the reports of a burst lie in its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BurstShape {
    /// Evenly: traffic model 1 of TR 37.868.
    #[default]
    Uniform,
    /// By a beta distribution with the parameters 3 and 4, with its peak after two fifths of the time: traffic model 2 of TR
    /// 37.868.
    Beta,
}

/// The mix of reports of TR 45.820; what is left out comes from `models/traffic/tr45820-reports.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReportMix {
    /// The mix that the other keys are laid over: `tr45820-reports`, or the path of a YAML file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mix: Option<String>,
    /// Each report is delayed by a uniform time below this, at most its interval.
    pub jitter: Option<Duration>,
    /// Share of the reports that the server answers.
    pub answered_fraction: Option<Share>,
    /// Application payload of an answer, bytes.
    pub answer_bytes: Option<Whole<0, 65_535>>,
    /// Bytes that the protocols between application and radio add to each report and each answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overhead_bytes: Option<Whole<0, 65_535>>,
    /// The protocols between application and radio, instead of `overhead_bytes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<ProtocolFile>,
}

/// Commands of the server, each terminal's in its own rhythm. One that does not listen gets its command when it next does,
/// or with its next message.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Commands {
    /// Time between two commands to a terminal.
    pub every: Duration,
    /// Application payload of a command, bytes.
    pub payload_bytes: Whole<0, 65_535>,
    /// Application payload of the terminal's answer, bytes; without it there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_bytes: Option<Whole<0, 65_535>>,
    /// Bytes that the protocols between application and radio add to each.
    #[serde(default = "overhead")]
    pub overhead_bytes: Whole<0, 65_535>,
}

/// Software that terminals load block by block, asking for each (CoAP block-wise transfer, RFC 7959).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Download {
    /// Size of the software, bytes.
    pub bytes: Whole<1, 10_000_000>,
    /// Payload of a block, bytes.
    #[serde(default = "block_bytes")]
    pub block_bytes: Whole<16, 1_024>,
    /// When the server first has it, from the beginning of the warm-up.
    pub at: Duration,
    /// Each terminal gets it at a uniform time within so long after that.
    #[serde(default)]
    pub within: Duration,
    /// Bytes that the protocols between application and radio add to each request and each block.
    #[serde(default = "overhead")]
    pub overhead_bytes: Whole<0, 65_535>,
}

/// When terminals are switched on. They register, and report from then on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartFile {
    /// The earliest, from the beginning of the warm-up.
    pub switched_on_at: Duration,
    /// Each is switched on at a uniform time within so long after that.
    #[serde(default)]
    pub within: Duration,
}

/// What terminals ask of the network to save power.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PowerSaving {
    /// Power saving mode: deep sleep between contacts.
    pub psm: Psm,
    /// Extended DRX: listening in windows that lie far apart, as long as the terminal is reachable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edrx: Option<EdrxFile>,
    /// How a terminal asks for release as soon as it has no more to say or to hear.
    pub release_assistance: ReleaseAssistance,
}

/// The timers of power saving mode. The network grants the next time that has a code (TS 24.008): 72h becomes 80h.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Psm {
    /// Whether terminals ask for power saving mode. Without it they stay in idle mode, and `active_timer` has no effect.
    pub enabled: bool,
    /// T3324: how long a terminal stays reachable after release before it sleeps; at most 186min.
    pub active_timer: Duration,
    /// T3412 extended: the longest time between two contacts; at most 9920h.
    pub periodic_update: Duration,
    /// The timers that the network grants. Written into resolved scenarios; when read, it must be true.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("readOnly" = true))]
    pub granted: Option<GrantedTimers>,
}

impl Default for Psm {
    fn default() -> Psm {
        let seconds = |s| Duration(crate::units::SimDuration::from_secs(s));
        Psm { enabled: true, active_timer: seconds(10), periodic_update: seconds(70 * 3_600), granted: None }
    }
}

/// The timers that the network grants.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantedTimers {
    /// T3324 as granted; none without power saving mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_timer: Option<Duration>,
    /// T3412 extended as granted.
    pub periodic_update: Duration,
}

/// Extended DRX. The network grants the next times that have a code (TS 24.008).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EdrxFile {
    /// From one window to the next: 20.48s and its doubles up to 10485.76s.
    pub cycle: Duration,
    /// Paging time window, in which the terminal listens at each paging occasion: steps of 2.56s up to 40.96s.
    #[serde(default = "edrx_window")]
    pub window: Duration,
    /// What the network grants. Written into resolved scenarios; when read, it must be true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("readOnly" = true))]
    pub granted: Option<GrantedEdrx>,
}

/// The extended DRX that the network grants.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantedEdrx {
    /// Cycle as granted.
    pub cycle: Duration,
    /// Paging time window as granted.
    pub window: Duration,
}

/// How a terminal asks for its release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReleaseAssistance {
    /// It does not: the network's inactivity timer decides.
    #[default]
    None,
    /// By the access stratum, an empty buffer status report with the last data (TS 36.321, release 14).
    AsRai,
    /// By the non-access stratum, an indication beside the data (TS 24.301, release 13).
    NasRai,
}

fn is_usual(search: &Duration) -> bool {
    *search == two_hours()
}

fn one() -> u64 {
    1
}

fn edrx_window() -> Duration {
    Duration(crate::units::SimDuration::from_millis(10_240))
}

fn block_bytes() -> Whole<16, 1_024> {
    Whole(512)
}

pub(super) fn overhead() -> Whole<0, 65_535> {
    Whole(65)
}

fn reference_device() -> String {
    "3gpp-reference".into()
}

fn reference_battery() -> String {
    "3gpp-5wh".into()
}

/// A map whose keys are names.
fn by_name<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    value::by_name::<T>(generator, &RESERVED)
}
