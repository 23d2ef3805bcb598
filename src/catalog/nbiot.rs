//! The parameters of an NB-IoT network as files have them, and their way into the checked
//! [`Config`].
//!
//! A model file and the `nb-iot` entry of a scenario have the same keys. All are optional: what a file leaves out comes
//! from `models/radio/nb-iot.yaml`.

mod admission;
mod check;
mod ntn;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Issue;
use super::value::{
    ContentionTimer, Duration, GapPeriod, GapShare, GapThreshold, Msg3Delta, NpdcchG, NpdcchRmax, NprachAttempts,
    NprachOffset, NprachRepetitions, NprachSubcarriers, PathLossShare, PreambleTarget, PreambleTransMax, RampingStep,
    Real, ResponseWindow, Share, Sib1Repetitions, Sourced, SpacingKhz, Whole,
};
use crate::radio::adaptation::Adaptation;
use crate::radio::channel::Collision;
use crate::radio::nbiot::config::{
    Category, Config, Deployment, DownlinkGap, Level, Moving, Nprach, PowerControl, Spacing,
};
use crate::units::{Db, Dbm};

type Optional<T> = Option<Sourced<T>>;

/// Parameters of an NB-IoT network.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NbIot {
    /// The set of parameters that the others are laid over: `default`, or the path of a YAML file with the same keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<String>,
    /// Block error rates that replace those of the model: the path of a file as `farlink link --curves` writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curves: Option<String>,
    /// Transmission power of the carrier of 180 kHz, dBm.
    pub carrier_power_dbm: Optional<Real<0, 60>>,
    /// Where the carrier lies; it decides which symbols of a subframe NB-IoT may use.
    pub deployment: Optional<Carrier>,
    /// Category of the terminals: the blocks that the scheduler may grant.
    pub category: Optional<TerminalCategory>,
    /// HARQ processes of each terminal in each direction; two with `nb2` only (twoHARQ-ProcessesConfig of TS 36.331).
    pub harq_processes: Optional<Whole<1, 2>>,
    /// Columns of 15 kHz that are set aside for tones of 3.75 kHz, at the upper end of the carrier, if coverage levels
    /// differ in their spacing.
    pub narrow_columns: Optional<Whole<1, 11>>,
    /// Whether the scheduler grants 3, 6 and 12 tones of 15 kHz for uplink data, besides one.
    pub multi_tone: Optional<bool>,
    /// Further carriers of each cell, without broadcast and random access, of the same power. Connections are spread
    /// evenly over them once they are set up (TS 36.331 clause 6.7.3.2, CarrierConfigDedicated-NB).
    pub non_anchor_carriers: Optional<Whole<0, 15>>,
    /// Noise figure of the base station, dB.
    pub noise_figure_db: Optional<Real<0, 20>>,
    /// Receive antennas of the base station.
    pub receive_antennas: Optional<Whole<1, 8>>,
    /// How much better receivers are than the minimum requirements of TS 36.104 clause 8.5, dB.
    pub receiver_margin_db: Optional<Real<-10, 10>>,
    /// Signal-to-interference ratio that link adaptation reckons with, besides noise, in the downlink, dB.
    pub planned_interference_db: Optional<Real<-40, 40>>,
    /// Largest block error rate of a first transmission that link adaptation accepts at the edge of a coverage level.
    pub target_block_error: Optional<Share>,
    /// What link adaptation knows of a terminal besides its coverage level.
    pub adaptation: Optional<Adapted>,
    /// With `harq-history`: blocks whose first transmission must arrive in a row before the next is sent a step faster.
    pub climb_after: Optional<Whole<1, 15>>,
    /// HARQ transmissions of one block, the first included, before it is given up.
    pub max_transmissions: Optional<Whole<1, 8>>,
    /// maxRetxThreshold: RLC retransmissions after a block was given up, before the radio link fails.
    pub rlc_retransmissions: Optional<Whole<0, 32>>,
    /// t-PollRetransmit: from a block that was given up to its RLC retransmission.
    pub rlc_poll_timer: Optional<Duration>,
    /// Whether the receiver of data in acknowledged mode says so in an RLC STATUS PDU, in a block of its own unless the next
    /// message goes its way (TS 36.322 clause 5.2.3).
    pub rlc_status: Optional<bool>,
    /// preambleTransMax-CE: random-access attempts over all levels.
    pub preamble_trans_max: Optional<PreambleTransMax>,
    /// Largest backoff; each is drawn uniformly between zero and this.
    pub backoff: Optional<Duration>,
    /// Probability that a preamble nobody else chose is detected.
    pub detection_probability: Optional<Share>,
    /// What becomes of a preamble that several terminals chose.
    pub collision: Optional<Collided>,
    /// q-Hyst: by how much another cell must be stronger before an idle terminal goes there (TS 36.304 clause 5.2.4), dB.
    pub reselection_hysteresis_db: Optional<Real<0, 24>>,
    /// How long an idle terminal that moves receives other cells before it decides where to go.
    pub reselection_measurement: Optional<Duration>,
    /// From the moment a connection is too weak until the terminal gives it up: N310 and T310 of TS 36.331 clause 5.3.11.
    pub link_failure_timer: Optional<Duration>,
    /// Sites of a tracking area, those next to each other in the order of the grid's spiral.
    pub tracking_area_sites: Optional<Whole<1, 100_000>>,
    /// Standard deviation of the error with which terminals measure RSRP before they choose a coverage level, dB.
    pub rsrp_error_db: Optional<Real<0, 20>>,
    /// Random-access responses that fit into one response message.
    pub responses_per_message: Optional<Whole<1, 48>>,
    /// How long system information stays valid (TS 36.331 clause 5.2.2.3).
    pub information_validity: Optional<Duration>,
    /// Reading SIB1-NB and SIB2-NB: how often a reading may begin.
    pub information_period: Optional<Duration>,
    /// Repetitions of SIB1-NB in 2560 ms: 4, 8 or 16.
    pub sib1_repetitions: Optional<Sib1Repetitions>,
    /// Period in which the other system information is broadcast, whole milliseconds.
    pub si_period: Optional<Duration>,
    /// Subframes it takes in each period.
    pub si_subframes: Optional<Whole<1, 1024>>,
    /// One-way delay between base station and server.
    pub core_delay: Optional<Duration>,
    /// Time the server takes to answer.
    pub server_delay: Optional<Duration>,
    /// Inactivity timer: connected after the last data, unless the terminal asks to be released.
    pub inactivity: Optional<Duration>,
    /// How long terminals stay up after RRCConnectionRelease: 0s to 10s (TS 36.331 clause 5.3.8.3).
    pub release_wait: Optional<Duration>,
    /// Whether the network heeds release assistance.
    pub release_assistance: Optional<bool>,
    /// Whether the network grants the uplink unasked when an application has something to say in a connection, as its answer
    /// to what it got. Else terminals ask by random access: Release 13 has no scheduling request.
    pub proactive_grants: Optional<bool>,
    /// Cycle of connected DRX while inactive.
    pub connected_drx_cycle: Optional<Duration>,
    /// Reception per cycle of connected DRX.
    pub connected_drx_on: Optional<Duration>,
    /// Paging cycle of idle mode.
    pub paging_cycle: Optional<Duration>,
    /// Cells of the tracking area that send each page: 1 is the terminal's last cell alone.
    pub paging_cells: Optional<Whole<1, 10_000>>,
    /// What pages are sent for: the coverage level that the terminal had last, or the deepest.
    pub paging_level: Optional<PagingLevel>,
    /// Paging occasions in which a page is sent again before the network gives the terminal up.
    pub paging_repetitions: Optional<Whole<0, 32>>,
    /// Search of bands and networks after power-on.
    pub first_search: Optional<Duration>,
    /// One search for a network without coverage.
    pub search: Optional<Duration>,
    /// Pause after the first search without success; it doubles from one to the next.
    pub search_pause: Optional<Duration>,
    /// The longest pause between two searches.
    pub search_pause_longest: Optional<Duration>,
    /// From an attach or update that failed to the next attempt (T3402).
    pub registration_retry: Optional<Duration>,
    /// Subframes of each frame, 0 to 9, that an in-band carrier may not use because LTE needs them (downlinkBitmap of TS
    /// 36.331 clause 6.7.3.2). Elsewhere they do not count.
    pub invalid_subframes: Optional<Vec<Whole<0, 9>>>,
    /// dl-GapThreshold: levels whose Rmax is this or more pause in downlink gaps, which the others may use (TS 36.211 clause
    /// 10.2.3.4); 0: no gaps.
    pub downlink_gap_rmax: Optional<GapThreshold>,
    /// dl-GapPeriodicity: from the start of one downlink gap to the next, ms.
    pub downlink_gap_period_ms: Optional<GapPeriod>,
    /// dl-GapDurationCoeff: share of the period that the gap takes.
    pub downlink_gap_share: Optional<GapShare>,
    /// Open-loop power control of the uplink (TS 36.213 clause 16.2.1): preambles of level 0 and blocks of at most two
    /// repetitions go out with what their target takes. Without it everything goes out with full power.
    pub power_control: Optional<bool>,
    /// p0-NominalNPUSCH: target at the base station for scheduled data on one tone of 15 kHz, dBm.
    pub p0_dbm: Optional<Real<-126, 24>>,
    /// alpha: share of the path loss that scheduled data makes up for.
    pub alpha: Optional<PathLossShare>,
    /// preambleInitialReceivedTargetPower: target at the base station for the first preamble at level 0, dBm.
    pub preamble_target_dbm: Optional<PreambleTarget>,
    /// powerRampingStep: how much each failed attempt raises it, dB.
    pub power_ramping_step_db: Optional<RampingStep>,
    /// deltaPreambleMsg3: how far the target for Msg3 lies above the one for the preamble, dB.
    pub msg3_delta_db: Optional<Msg3Delta>,
    /// The signalling of a connection.
    pub connection: Optional<admission::ConnectionFile>,
    /// With `resume`: share of the requests after which the network sets up a connection, for it has forgotten the suspended one.
    pub resume_failure: Optional<Share>,
    /// Reports in Msg3 (Release 15).
    pub early_data: Option<admission::EarlyDataFile>,
    /// Reports in reserved blocks (Release 16).
    pub preconfigured_uplink: Option<admission::PreconfiguredFile>,
    /// Access barring and rejects.
    pub overload: Option<admission::OverloadFile>,
    /// What a satellite changes (Release 17).
    pub ntn: Option<ntn::NtnFile>,
    /// The coverage levels, from the best to the deepest.
    pub levels: Option<NbIotLevels>,
}

/// What pages are sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PagingLevel {
    /// The coverage level that the terminal had last (TS 36.413, Coverage Level).
    Last,
    /// The deepest level, for all.
    Deepest,
}

/// The coverage enhancement levels.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct NbIotLevels {
    /// Terminals in good coverage.
    #[serde(rename = "level-0")]
    pub level_0: Option<NbIotLevel>,
    /// Terminals in poor coverage.
    #[serde(rename = "level-1")]
    pub level_1: Option<NbIotLevel>,
    /// Terminals in the deepest coverage.
    #[serde(rename = "level-2")]
    pub level_2: Option<NbIotLevel>,
}

/// One coverage enhancement level.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NbIotLevel {
    /// Terminals up to this coupling loss use the level, dB.
    pub max_coupling_loss_db: Optional<Real<60, 200>>,
    /// Subcarrier spacing of single-tone NPUSCH, kHz: 3.75 or 15.
    pub spacing_khz: Optional<SpacingKhz>,
    /// Random access at the level.
    pub nprach: Option<NbIotNprach>,
    /// Rmax: largest number of NPDCCH repetitions.
    pub npdcch_rmax: Optional<NpdcchRmax>,
    /// G: period of the NPDCCH search space in units of Rmax.
    pub npdcch_g: Optional<NpdcchG>,
    /// Random-access response window in NPDCCH periods.
    pub response_window: Optional<ResponseWindow>,
    /// Contention-resolution timer in NPDCCH periods.
    pub contention_timer: Optional<ContentionTimer>,
    /// Cell search after deep sleep: NPSS and NSSS.
    pub sync: Optional<Duration>,
    /// Reading MIB-NB.
    pub mib: Optional<Duration>,
    /// Receiving SIB1-NB and SIB2-NB, once begun.
    pub information: Optional<Duration>,
}

/// The NPRACH resource of a level.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NbIotNprach {
    /// Time between opportunities: 40ms, 80ms, 160ms, 240ms, 320ms, 640ms, 1280ms or 2560ms.
    pub period: Optional<Duration>,
    /// Start of the first opportunity of a period: 8ms, 16ms, 32ms, 64ms, 128ms, 256ms, 512ms or 1024ms.
    pub start: Optional<Duration>,
    /// Subcarriers of 3.75 kHz, one preamble each.
    pub subcarriers: Optional<NprachSubcarriers>,
    /// First subcarrier.
    pub subcarrier_offset: Optional<NprachOffset>,
    /// Repetitions of the preamble.
    pub repetitions: Optional<NprachRepetitions>,
    /// Preamble format: 0 for cells up to 10 km, 1 for cells up to 40 km.
    pub format: Optional<Whole<0, 1>>,
    /// Attempts at this level before the next one is tried.
    pub attempts: Optional<NprachAttempts>,
}

/// Where the carrier lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Carrier {
    /// In spectrum of its own.
    StandAlone,
    /// In the guard band of an LTE carrier.
    GuardBand,
    /// In a resource block of an LTE carrier.
    InBand,
}

/// What terminals can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TerminalCategory {
    /// Release 13: blocks of up to 680 bits down and 1000 bits up.
    Nb1,
    /// Release 14: blocks of up to 2536 bits in both directions.
    Nb2,
}

/// What becomes of a preamble that several terminals chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Collided {
    /// The network does not detect it.
    Undetected,
    /// It is answered once, and the strongest terminal gets through if its Msg3 survives the others.
    Msg3,
}

/// What link adaptation knows of a terminal besides its coverage level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Adapted {
    /// Nothing: every block is sent as the edge of the level needs it.
    Level,
    /// Which of its blocks arrived at the first transmission.
    HarqHistory,
}

impl From<Collided> for Collision {
    fn from(collided: Collided) -> Collision {
        match collided {
            Collided::Undetected => Collision::Undetected,
            Collided::Msg3 => Collision::FirstBlock,
        }
    }
}

impl From<TerminalCategory> for Category {
    fn from(category: TerminalCategory) -> Category {
        match category {
            TerminalCategory::Nb1 => Category::Nb1,
            TerminalCategory::Nb2 => Category::Nb2,
        }
    }
}

impl From<Carrier> for Deployment {
    fn from(carrier: Carrier) -> Deployment {
        match carrier {
            Carrier::StandAlone => Deployment::StandAlone,
            Carrier::GuardBand => Deployment::GuardBand,
            Carrier::InBand => Deployment::InBand,
        }
    }
}

/// The value of a parameter that the defaults must have given.
fn given<T: Clone>(parameter: &Optional<T>, key: &str) -> Result<T, Issue> {
    match parameter {
        Some(sourced) => Ok(sourced.value.clone()),
        None => Err(Issue::new([key], format!("the parameter `{key}` has no value, not even a default"))),
    }
}

impl NbIot {
    /// The checked parameters.
    ///
    /// # Errors
    /// Every contradiction between parameters; the paths begin below the parameters.
    pub fn config(&self) -> Result<Config, Vec<Issue>> {
        let config = self.read().map_err(|issue| vec![issue])?;
        let mut issues = check::contradictions(&config);
        admission::check(&config, &mut issues);
        ntn::check(&config, &mut issues);
        if issues.is_empty() { Ok(config) } else { Err(issues) }
    }

    fn read(&self) -> Result<Config, Issue> {
        let levels = self.levels.clone().unwrap_or_default();
        let level = |number: usize, level: &Option<NbIotLevel>| {
            let name = format!("level-{number}");
            level.clone().unwrap_or_default().read().map_err(|issue| issue.below(["levels".into(), name]))
        };
        Ok(Config {
            carrier_power: Dbm(given(&self.carrier_power_dbm, "carrier_power_dbm")?.0),
            deployment: given(&self.deployment, "deployment")?.into(),
            category: given(&self.category, "category")?.into(),
            harq_processes: given(&self.harq_processes, "harq_processes")?.0,
            narrow_columns: given(&self.narrow_columns, "narrow_columns")?.0,
            multi_tone: given(&self.multi_tone, "multi_tone")?,
            non_anchor_carriers: given(&self.non_anchor_carriers, "non_anchor_carriers")?.0,
            noise_figure: Db(given(&self.noise_figure_db, "noise_figure_db")?.0),
            receive_antennas: given(&self.receive_antennas, "receive_antennas")?.0,
            receiver_margin: Db(given(&self.receiver_margin_db, "receiver_margin_db")?.0),
            planned_interference: Db(given(&self.planned_interference_db, "planned_interference_db")?.0),
            target_block_error: given(&self.target_block_error, "target_block_error")?.0,
            adaptation: match given(&self.adaptation, "adaptation")? {
                Adapted::Level => Adaptation::Level,
                Adapted::HarqHistory => {
                    Adaptation::HarqHistory { climb_after: given(&self.climb_after, "climb_after")?.0 as u8 }
                }
            },
            max_transmissions: given(&self.max_transmissions, "max_transmissions")?.0,
            rlc_retransmissions: given(&self.rlc_retransmissions, "rlc_retransmissions")?.0,
            rlc_poll_timer: given(&self.rlc_poll_timer, "rlc_poll_timer")?.0,
            rlc_status: given(&self.rlc_status, "rlc_status")?,
            preamble_trans_max: given(&self.preamble_trans_max, "preamble_trans_max")?.0 as u32,
            backoff: given(&self.backoff, "backoff")?.0,
            detection_probability: given(&self.detection_probability, "detection_probability")?.0,
            collision: given(&self.collision, "collision")?.into(),
            rsrp_error: Db(given(&self.rsrp_error_db, "rsrp_error_db")?.0),
            responses_per_message: given(&self.responses_per_message, "responses_per_message")?.0,
            information_validity: given(&self.information_validity, "information_validity")?.0,
            information_period: given(&self.information_period, "information_period")?.0,
            sib1_repetitions: given(&self.sib1_repetitions, "sib1_repetitions")?.0 as u32,
            si_period_ms: given(&self.si_period, "si_period")?.0.as_millis_ceil() as u32,
            si_subframes: given(&self.si_subframes, "si_subframes")?.0,
            core_delay: given(&self.core_delay, "core_delay")?.0,
            server_delay: given(&self.server_delay, "server_delay")?.0,
            inactivity: given(&self.inactivity, "inactivity")?.0,
            release_wait: given(&self.release_wait, "release_wait")?.0,
            release_assistance: given(&self.release_assistance, "release_assistance")?,
            proactive_grants: given(&self.proactive_grants, "proactive_grants")?,
            connected_drx_cycle: given(&self.connected_drx_cycle, "connected_drx_cycle")?.0,
            connected_drx_on: given(&self.connected_drx_on, "connected_drx_on")?.0,
            paging_cycle: given(&self.paging_cycle, "paging_cycle")?.0,
            paging_cells: given(&self.paging_cells, "paging_cells")?.0,
            paging_by_level: given(&self.paging_level, "paging_level")? == PagingLevel::Last,
            paging_repetitions: given(&self.paging_repetitions, "paging_repetitions")?.0,
            first_search: given(&self.first_search, "first_search")?.0,
            search: given(&self.search, "search")?.0,
            search_pause: given(&self.search_pause, "search_pause")?.0,
            search_pause_longest: given(&self.search_pause_longest, "search_pause_longest")?.0,
            registration_retry: given(&self.registration_retry, "registration_retry")?.0,
            invalid_subframes: given(&self.invalid_subframes, "invalid_subframes")?.iter().map(|ms| ms.0).collect(),
            downlink_gap: self.downlink_gap()?,
            power_control: self.power_control()?,
            admission: self.admission()?,
            moving: self.moving()?,
            ntn: {
                let file = self.ntn.clone().unwrap_or_default();
                file.read().map_err(|issue| issue.below(["ntn".to_owned()]))?
            },
            levels: [level(0, &levels.level_0)?, level(1, &levels.level_1)?, level(2, &levels.level_2)?],
        })
    }
}

impl NbIot {
    fn moving(&self) -> Result<Moving, Issue> {
        Ok(Moving {
            hysteresis: Db(given(&self.reselection_hysteresis_db, "reselection_hysteresis_db")?.0),
            measurement: given(&self.reselection_measurement, "reselection_measurement")?.0,
            link_failure: given(&self.link_failure_timer, "link_failure_timer")?.0,
            area_sites: given(&self.tracking_area_sites, "tracking_area_sites")?.0,
        })
    }

    fn downlink_gap(&self) -> Result<Option<DownlinkGap>, Issue> {
        let period = given(&self.downlink_gap_period_ms, "downlink_gap_period_ms")?.0;
        let share = given(&self.downlink_gap_share, "downlink_gap_share")?.0;
        let threshold = given(&self.downlink_gap_rmax, "downlink_gap_rmax")?.0 as u32;
        let gap = DownlinkGap { threshold, period_ms: period as u32, length_ms: (period * share) as u32 };
        Ok((threshold > 0).then_some(gap))
    }

    fn power_control(&self) -> Result<Option<PowerControl>, Issue> {
        let control = PowerControl {
            p0: Dbm(given(&self.p0_dbm, "p0_dbm")?.0),
            alpha: given(&self.alpha, "alpha")?.0,
            preamble_target: Dbm(given(&self.preamble_target_dbm, "preamble_target_dbm")?.0),
            ramping_step: Db(given(&self.power_ramping_step_db, "power_ramping_step_db")?.0),
            msg3_delta: Db(given(&self.msg3_delta_db, "msg3_delta_db")?.0),
        };
        Ok(given(&self.power_control, "power_control")?.then_some(control))
    }
}

impl NbIotLevel {
    fn read(&self) -> Result<Level, Issue> {
        let nprach = self.nprach.clone().unwrap_or_default();
        let spacing = given(&self.spacing_khz, "spacing_khz")?;
        Ok(Level {
            spacing: if spacing.0 < 15.0 { Spacing::Khz3_75 } else { Spacing::Khz15 },
            max_coupling_loss: Db(given(&self.max_coupling_loss_db, "max_coupling_loss_db")?.0),
            nprach: nprach.read().map_err(|issue| issue.below(["nprach".into()]))?,
            npdcch_rmax: given(&self.npdcch_rmax, "npdcch_rmax")?.0 as u32,
            npdcch_g: given(&self.npdcch_g, "npdcch_g")?.0,
            response_window: given(&self.response_window, "response_window")?.0 as u32,
            contention_timer: given(&self.contention_timer, "contention_timer")?.0 as u32,
            sync: given(&self.sync, "sync")?.0,
            mib: given(&self.mib, "mib")?.0,
            information: given(&self.information, "information")?.0,
        })
    }
}

impl NbIotNprach {
    fn read(&self) -> Result<Nprach, Issue> {
        Ok(Nprach {
            period: given(&self.period, "period")?.0,
            start: given(&self.start, "start")?.0,
            subcarriers: given(&self.subcarriers, "subcarriers")?.0 as u32,
            subcarrier_offset: given(&self.subcarrier_offset, "subcarrier_offset")?.0 as u32,
            repetitions: given(&self.repetitions, "repetitions")?.0 as u32,
            format: given(&self.format, "format")?.0,
            attempts: given(&self.attempts, "attempts")?.0 as u32,
        })
    }
}
