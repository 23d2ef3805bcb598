//! What can be checked without a run: tables, closed forms and durations, computed by the functions that runs use.
//!
//! A probe gives named outputs, each a number or a list of numbers. This file owns what the probes are called and what they
//! take; the folder has the computations, by subject.

mod links;
mod orbits;
mod populations;
pub mod satellites;
mod tables;

pub use links::{cycles, share_of_capacity};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Measured;
use crate::catalog::value::{Duration, NprachRepetitions, Real, Sectors, Whole};
use crate::catalog::{Catalogue, Fault, Issue};
use crate::scenario::quantity::Quantity;

/// Something that is computed without a run.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    /// Block sizes of NPUSCH format 1 (TS 36.213 table 16.5.1.2-2).
    NpuschBlocks(NoParameters),
    /// Block sizes of NPDSCH (TS 36.213 table 16.4.1.5.1-1).
    NpdschBlocks(NoParameters),
    /// How long an NPUSCH transmission takes.
    NpuschTime(NpuschTime),
    /// How long a preamble takes.
    NprachTime(NprachTime),
    /// Periods of the broadcast of an anchor carrier, and its share of the subframes.
    Broadcast(NoParameters),
    /// Timers as they are granted, and the longest.
    Timers(Timers),
    /// Sustained rate of a terminal next to the base station: grants, blocks and gaps in a row.
    PeakRate(PeakRate),
    /// Signal-to-noise ratios from powers and coupling losses.
    LinkBudget(LinkBudget),
    /// What of a block arrives, by the error-rate curve.
    OperatingPoint(OperatingPoint),
    /// The NB-IoT schemes of the default network against the capacity of their bands.
    ShannonBound(NoParameters),
    /// Terminals that choose preambles at one opportunity, drawn many times.
    Contention(Contention),
    /// Path loss of TR 45.820.
    PathLoss(PathLoss),
    /// Coupling losses of terminals indoors on a hexagonal grid by TR 45.820.
    CouplingLoss(CouplingLoss),
    /// A day of the reports of TR 45.820.
    Reports(ReportsProbe),
    /// The area of a sector of a hexagonal grid, and its load.
    Sector(Sector),
    /// Battery life in closed form.
    BatteryLife(BatteryLife),
    /// Mean currents of a module in paging modes.
    PagingCurrent(PagingCurrent),
    /// A circular orbit over a sphere: ranges, delays, Doppler, passes.
    Orbit(OrbitProbe),
    /// What a Walker constellation covers, searched for window by window.
    Walker(WalkerProbe),
    /// Losses on a clear way to a satellite (TR 38.811 clause 6.6).
    SatelliteWay(satellites::SatelliteWay),
    /// Line of sight, clutter and shadow fading towards a satellite, drawn for many places (TR 38.811 clause 6.6).
    SatelliteChannel(satellites::SatelliteChannel),
    /// The budget of a link to a satellite (TR 38.821 clause 6.1.3.1).
    SatelliteLink(satellites::SatelliteLink),
    /// Beams of satellites (TR 38.811 clause 6.4.1).
    SatelliteBeam(satellites::SatelliteBeam),
}

/// A probe without parameters: `{}`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

/// An NPUSCH transmission.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NpuschTime {
    /// The tones; the outputs are lists over these.
    pub channels: Vec<Channel>,
    /// Resource units.
    pub units: Whole<1, 10>,
    /// Repetitions.
    pub repetitions: Whole<1, 128>,
}

/// The preambles of several formats.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NprachTime {
    /// The formats; the outputs are lists over these.
    pub formats: Vec<Whole<0, 1>>,
    /// Repetitions.
    pub repetitions: NprachRepetitions,
}

/// Times that are asked for; each output is a list over those of its name.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub struct Timers {
    /// T3412 extended.
    pub t3412: Vec<Duration>,
    /// T3324.
    pub t3324: Vec<Duration>,
    /// Cycles of extended DRX.
    pub edrx: Vec<Duration>,
    /// Paging time windows.
    pub ptw: Vec<Duration>,
}

/// A category of terminals.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeakRate {
    /// The category.
    pub category: crate::catalog::nbiot::TerminalCategory,
    /// HARQ processes.
    pub harq_processes: Whole<1, 2>,
    /// A grant can begin every so many milliseconds.
    pub grants_every_ms: Whole<1, 1000>,
}

/// One direction of a link.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkBudget {
    /// Power of the transmitter, dBm.
    pub power_dbm: Real<-60, 80>,
    /// Occupied bandwidth, kHz.
    pub bandwidth_khz: Real<1, 100_000>,
    /// Noise figure of the receiver, dB.
    pub noise_figure_db: Real<0, 30>,
    /// Coupling losses; the output is a list over these, dB.
    pub coupling_loss_db: Vec<Real<0, 250>>,
}

/// On what a block is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// One tone of 3.75 kHz.
    #[serde(rename = "single-3.75")]
    Single3_75,
    /// One tone of 15 kHz.
    #[serde(rename = "single-15")]
    Single15,
    /// Three tones of 15 kHz.
    Three,
    /// Six tones of 15 kHz.
    Six,
    /// Twelve tones of 15 kHz.
    Twelve,
    /// NPDSCH outside LTE carriers.
    DownlinkStandAlone,
    /// NPDSCH in an LTE carrier.
    DownlinkInBand,
}

/// The symbols of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Modulation {
    /// One bit a symbol.
    Bpsk,
    /// Two bits a symbol.
    Qpsk,
}

/// A block on a link.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatingPoint {
    /// On what it is sent.
    pub channel: Channel,
    /// Its bits, without the cyclic redundancy check.
    pub bits: Whole<1, 20_000>,
    /// Resource units, or subframes in the downlink.
    pub units: Whole<1, 10>,
    /// Its symbols.
    pub modulation: Modulation,
    /// Repetitions; the outputs are lists over these.
    pub repetitions: Vec<Whole<1, 2_048>>,
    /// Receive antennas.
    pub antennas: Whole<1, 8>,
    /// How much better the receiver is than the minimum requirements, dB.
    pub margin_db: Real<0, 30>,
    /// For `throughput`, the ratio at one antenna for each of the repetitions, dB.
    #[serde(default)]
    pub sinr_db: Vec<Real<-60, 60>>,
}

/// An opportunity of random access.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contention {
    /// Preambles to choose from.
    pub preambles: Whole<1, 1_000>,
    /// Terminals that choose at once; the outputs are lists over these.
    pub terminals: Vec<Whole<1, 1_000>>,
    /// How often it is drawn.
    pub opportunities: Whole<2, 100_000>,
}

/// Places at some distances.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PathLoss {
    /// Distances; the output is a list over these, km.
    pub distance_km: Vec<Real<0, 1_000>>,
}

/// A population on a grid.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CouplingLoss {
    /// Which buildings.
    pub building: crate::catalog::files::BuildingFile,
    /// Distance between neighbouring sites, m.
    pub inter_site_distance_m: Real<10, 100_000>,
    /// How many terminals are placed.
    pub terminals: Whole<100, 1_000_000>,
}

/// A population of reporting terminals.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportsProbe {
    /// How many.
    pub terminals: Whole<1, 1_000_000>,
}

/// A sector.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sector {
    /// Distance between neighbouring sites, m.
    pub inter_site_distance_m: Real<10, 100_000>,
    /// Sectors per site.
    pub sectors: Sectors,
    /// Terminals per km².
    #[serde(default)]
    pub terminals_per_km2: Real<0, 10_000_000>,
    /// How often each of them reports.
    #[serde(default)]
    pub every: Duration,
}

/// A battery and what drains it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatteryLife {
    /// Energy of the battery, Wh.
    pub energy_wh: Real<0, 5_000>,
    /// Self-discharge per year in percent.
    #[serde(default)]
    pub self_discharge_percent_per_year: Real<0, 100>,
    /// Power that is drawn all the time, mW.
    #[serde(default)]
    pub power_mw: Real<0, 1_000_000>,
    /// Energy of each report; the output is a list over these, mJ.
    pub report_mj: Vec<Real<0, 1_000_000>>,
    /// How often one is sent.
    pub every: Duration,
}

/// A module and its paging cycles.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PagingCurrent {
    /// A device of the catalogue.
    pub device: String,
    /// Which floor lies between the paging occasions.
    pub floor: Floor,
    /// Times from one occasion to the next; the output is a list over these.
    pub cycles: Vec<Duration>,
}

/// What a module draws between paging occasions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Floor {
    /// Light sleep (`idle_ma`).
    Idle,
    /// Extended DRX (`edrx_ua`).
    Edrx,
}

/// A circular orbit over a spherical Earth.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrbitProbe {
    /// Radius of the Earth, km.
    pub earth_radius_km: Real<6_000, 7_000>,
    /// Height of the orbit, km.
    pub altitude_km: Real<100, 100_000>,
    /// Elevations; most outputs are lists over these.
    pub elevation_deg: Vec<Real<0, 90>>,
    /// Diameter of a beam's footprint, km.
    #[serde(default)]
    pub footprint_km: Real<0, 10_000>,
    /// A delay that is common to all terminals of a cell.
    #[serde(default)]
    pub common_delay: Duration,
    /// Bits of a block of NB-IoT.
    #[serde(default)]
    pub block_bits: Whole<0, 10_000>,
    /// How long one takes, with the processing around it.
    #[serde(default)]
    pub block_takes: Duration,
}

/// A Walker constellation of two-body orbits, and places on the meridian of Greenwich of a sphere of 6378.137 km; the Earth turns from an
/// angle of zero.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WalkerProbe {
    /// Whether the planes are spread over half a turn.
    #[serde(default)]
    pub star: bool,
    /// All satellites; a multiple of the planes.
    pub satellites: Whole<1, 10_000>,
    /// Planes.
    pub planes: Whole<1, 1_000>,
    /// Walker's F.
    #[serde(default)]
    pub phasing: Real<0, 1_000>,
    /// Inclination, degrees.
    pub inclination_deg: Real<0, 180>,
    /// Height, km.
    pub altitude_km: Real<150, 60_000>,
    /// The least elevation, degrees.
    pub min_elevation_deg: Real<0, 90>,
    /// Latitudes; the outputs are lists over these, degrees.
    pub latitude_deg: Vec<Real<-90, 90>>,
    /// How long the search lasts.
    pub duration: Duration,
}

/// What a probe gives under one name.
pub struct Output<'a> {
    /// The name, by which expectations ask for it.
    pub name: String,
    /// What it measures.
    pub quantity: Quantity,
    /// What the members of a list are; empty for a single number.
    pub labels: Vec<String>,
    /// Computes it with this seed: one number, or as many as there are labels.
    pub compute: Box<dyn Fn(u64) -> Vec<Measured> + 'a>,
}

impl<'a> Output<'a> {
    fn new(name: &str, quantity: Quantity, compute: impl Fn() -> f64 + 'a) -> Output<'a> {
        Output { compute: Box::new(move |_| vec![exactly(compute())]), ..Output::list(name, quantity, [], |_| 0.0) }
    }

    /// A list over `labels`; `compute` gives the member of a number.
    fn list(
        name: &str,
        quantity: Quantity,
        labels: impl IntoIterator<Item = String>,
        compute: impl Fn(usize) -> f64 + 'a,
    ) -> Output<'a> {
        let labels: Vec<String> = labels.into_iter().collect();
        let count = labels.len();
        let compute = Box::new(move |_| (0..count).map(|number| exactly(compute(number))).collect());
        Output { name: name.to_owned(), quantity, labels, compute }
    }
}

/// A number without an interval around it.
const fn exactly(value: f64) -> Measured {
    Measured { value: Some(value), half_width: None }
}

impl Probe {
    /// What the probe gives. Nothing is computed yet.
    ///
    /// # Errors
    /// What of the parameters does not make sense; the path begins at the probe.
    pub fn outputs(&self) -> Result<Vec<Output<'_>>, Issue> {
        match self {
            Probe::NpuschBlocks(_) => Ok(tables::npusch_blocks()),
            Probe::NpdschBlocks(_) => Ok(tables::npdsch_blocks()),
            Probe::NpuschTime(time) => tables::npusch_time(time),
            Probe::NprachTime(time) => Ok(tables::nprach_time(time)),
            Probe::Broadcast(_) => Ok(tables::broadcast()),
            Probe::Timers(timers) => Ok(tables::timers(timers)),
            Probe::PeakRate(rate) => links::peak_rate(rate),
            Probe::LinkBudget(budget) => Ok(links::link_budget(budget)),
            Probe::OperatingPoint(point) => links::operating_point(point),
            Probe::ShannonBound(_) => links::shannon_bound(),
            Probe::Contention(contention) => Ok(populations::contention(contention)),
            Probe::PathLoss(places) => populations::path_loss(places),
            Probe::CouplingLoss(population) => populations::coupling_loss(population),
            Probe::Reports(reports) => populations::reports(reports),
            Probe::Sector(sector) => Ok(tables::sector(sector)),
            Probe::BatteryLife(battery) => Ok(tables::battery_life(battery)),
            Probe::PagingCurrent(current) => tables::paging_current(current),
            Probe::Orbit(orbit) => Ok(orbits::orbit(orbit)),
            Probe::Walker(walker) => orbits::walker(walker),
            Probe::SatelliteWay(way) => Ok(satellites::way(way)),
            Probe::SatelliteChannel(channel) => Ok(satellites::channel(channel)),
            Probe::SatelliteLink(link) => satellites::link(link),
            Probe::SatelliteBeam(beams) => Ok(satellites::beam(beams)),
        }
    }
}

/// Why built-in model data cannot be had, as an issue of a probe.
fn unavailable(fault: Fault) -> Issue {
    match fault {
        Fault::Missing(issue) => issue,
        Fault::File(problems) => {
            let what = problems.first().map_or_else(String::new, |problem| problem.what.clone());
            Issue::new([] as [&str; 0], format!("model data cannot be read: {what}"))
        }
    }
}

/// The catalogue of what is built in.
fn catalogue() -> Catalogue {
    Catalogue::new(std::path::Path::new(""))
}
