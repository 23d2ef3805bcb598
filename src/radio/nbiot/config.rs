//! The parameters of an NB-IoT network: what an operator sets, checked and in core types.

use crate::radio::adaptation::Adaptation;
use crate::radio::channel::Collision;
use crate::radio::nbiot::admission::Admission;
use crate::radio::nbiot::ntn::Ntn;
use crate::radio::reselection::Reselection;
use crate::units::{Db, Dbm, SimDuration};

/// How many coverage enhancement levels a cell has (TS 36.331: up to three NPRACH resources).
pub const LEVELS: usize = 3;

/// Most HARQ transmissions of a block that a network can be set to.
pub const MAX_TRANSMISSIONS: usize = 8;

/// An NB-IoT network: one anchor carrier per cell, and further ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Transmission power of each carrier, 180 kHz.
    pub carrier_power: Dbm,
    /// Where the carrier lies. It decides which subframe symbols NB-IoT may use.
    pub deployment: Deployment,
    /// Category of the terminals.
    pub category: Category,
    /// HARQ processes of each terminal in each direction: 1, or 2 with [`Category::Nb2`] (twoHARQ-ProcessesConfig, TS 36.331).
    pub harq_processes: u32,
    /// Columns of 15 kHz that are set aside for tones of 3.75 kHz, at the upper end of the carrier, if coverage levels
    /// differ in their spacing. At most 11.
    pub narrow_columns: u32,
    /// Whether the scheduler grants 3, 6 and 12 tones of 15 kHz for uplink data, besides one.
    pub multi_tone: bool,
    /// Further carriers of each cell, without broadcast and random access: at most 15.
    pub non_anchor_carriers: u32,
    /// Noise figure of the base station.
    pub noise_figure: Db,
    /// Receive antennas of the base station.
    pub receive_antennas: u32,
    /// How much better receivers are than the minimum requirements of TS 36.104 clause 8.5.
    pub receiver_margin: Db,
    /// Signal-to-interference ratio that link adaptation reckons with, besides noise, in the downlink.
    pub planned_interference: Db,
    /// Largest block error rate of a first transmission that link adaptation accepts at the edge of a coverage level.
    pub target_block_error: f64,
    /// What link adaptation knows of a terminal besides its coverage level.
    pub adaptation: Adaptation,
    /// HARQ transmissions of one block, the first included, before it is given up: 1 to [`MAX_TRANSMISSIONS`].
    pub max_transmissions: u32,
    /// maxRetxThreshold: RLC retransmissions after a block was given up, before the radio link fails.
    pub rlc_retransmissions: u32,
    /// t-PollRetransmit: from a block that was given up to its RLC retransmission.
    pub rlc_poll_timer: SimDuration,
    /// Whether the receiver of data in acknowledged mode says so in an RLC STATUS PDU (TS 36.322 clause 5.2.3).
    pub rlc_status: bool,
    /// preambleTransMax-CE: random-access attempts over all levels.
    pub preamble_trans_max: u32,
    /// Largest backoff; each is drawn uniformly between zero and this.
    pub backoff: SimDuration,
    /// Probability that a preamble nobody else chose is detected.
    pub detection_probability: f64,
    /// What becomes of a preamble that several terminals chose.
    pub collision: Collision,
    /// Random-access responses that fit into one response message.
    pub responses_per_message: u32,
    /// How long system information stays valid (TS 36.331 clause 5.2.2.3).
    pub information_validity: SimDuration,
    /// Reading SIB1-NB and SIB2-NB: how often a reading may begin.
    pub information_period: SimDuration,
    /// Repetitions of SIB1-NB in 2560 ms: 4, 8 or 16.
    pub sib1_repetitions: u32,
    /// Period in which the other system information is broadcast, milliseconds.
    pub si_period_ms: u32,
    /// Subframes it takes in each period.
    pub si_subframes: u32,
    /// One-way delay between base station and server.
    pub core_delay: SimDuration,
    /// Time the server takes to answer.
    pub server_delay: SimDuration,
    /// Inactivity timer: connected after the last data, unless the terminal asks to be released.
    pub inactivity: SimDuration,
    /// How long terminals stay up after RRCConnectionRelease (TS 36.331 clause 5.3.8.3: at most 10 s, less if they see
    /// their acknowledgement go out).
    pub release_wait: SimDuration,
    /// Whether the network heeds release assistance.
    pub release_assistance: bool,
    /// Whether the network grants the uplink unasked to an application that has something to say in a connection.
    pub proactive_grants: bool,
    /// Cycle of connected DRX while inactive.
    pub connected_drx_cycle: SimDuration,
    /// Reception per cycle of connected DRX.
    pub connected_drx_on: SimDuration,
    /// Paging cycle of idle mode.
    pub paging_cycle: SimDuration,
    /// Cells of the tracking area that send each page: 1 is the terminal's last cell alone.
    pub paging_cells: u32,
    /// Whether pages go out as the coverage level needs that the terminal had last, or as the deepest level needs.
    pub paging_by_level: bool,
    /// Paging occasions in which a page is sent again before the network gives the terminal up.
    pub paging_repetitions: u32,
    /// Search of bands and networks after power-on (TS 23.122 clause 4.4.3).
    pub first_search: SimDuration,
    /// One search for a network without coverage.
    pub search: SimDuration,
    /// Pause after the first search without success; it doubles from one to the next.
    pub search_pause: SimDuration,
    /// The longest pause between two searches.
    pub search_pause_longest: SimDuration,
    /// From an attach or update that failed to the next attempt (T3402, TS 24.301 clause 10.2).
    pub registration_retry: SimDuration,
    /// Standard deviation of the error with which terminals measure RSRP before they choose a level.
    pub rsrp_error: Db,
    /// Subframes of each frame, 0 to 9, that an in-band carrier leaves to LTE (downlinkBitmap, MBSFN, positioning).
    pub invalid_subframes: Vec<u32>,
    /// Gaps in the downlink transmissions of deep levels, if there are any.
    pub downlink_gap: Option<DownlinkGap>,
    /// Open-loop power control of the uplink; without it terminals send with all they have.
    pub power_control: Option<PowerControl>,
    /// How terminals come to data, and what keeps them away.
    pub admission: Admission,
    /// What concerns terminals that move.
    pub moving: Moving,
    /// What a satellite changes; nothing on the ground.
    pub ntn: Option<Ntn>,
    /// The coverage levels, from the best to the deepest.
    pub levels: [Level; LEVELS],
}

/// What concerns terminals that move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moving {
    /// q-Hyst: by how much another cell must be stronger before an idle terminal goes there.
    pub hysteresis: Db,
    /// Receiving other cells before one decision.
    pub measurement: SimDuration,
    /// From the moment a connection is too weak until the terminal gives it up (N310 and T310, TS 36.331 clause 5.3.11).
    pub link_failure: SimDuration,
    /// Sites of a tracking area, above zero.
    pub area_sites: u32,
}

impl Config {
    /// How much later than on the ground a transmission comes that a grant or a block asks for.
    #[must_use]
    pub fn k_offset(&self) -> SimDuration {
        self.ntn.as_ref().map_or(SimDuration::ZERO, Ntn::k_offset)
    }

    /// From the terminal to the base station; on the ground that takes no time.
    #[must_use]
    pub fn one_way(&self) -> SimDuration {
        self.ntn.as_ref().map_or(SimDuration::ZERO, Ntn::one_way)
    }

    /// What terminals do that move.
    #[must_use]
    pub fn reselection(&self) -> Reselection {
        let acquisition = |level: &Level| level.sync + level.mib + level.information;
        Reselection {
            hysteresis: self.moving.hysteresis,
            measurement: self.moving.measurement,
            acquisition: self.levels.iter().map(acquisition).collect(),
            validity: self.information_validity,
            link_failure: self.moving.link_failure,
            area_sites: self.moving.area_sites,
        }
    }
}

/// Gaps in the downlink transmissions of levels with many repetitions (TS 36.211 clause 10.2.3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DownlinkGap {
    /// dl-GapThreshold: levels of this Rmax and above have gaps; the others may use them.
    pub threshold: u32,
    /// dl-GapPeriodicity: from the start of one gap to the next, milliseconds. Gaps start at its multiples.
    pub period_ms: u32,
    /// Length of a gap, milliseconds: dl-GapDurationCoeff times the period.
    pub length_ms: u32,
}

impl DownlinkGap {
    /// Whether a gap covers the subframe that begins at `ms`.
    #[must_use]
    pub fn covers(&self, ms: u32) -> bool {
        ms % self.period_ms < self.length_ms
    }
}

/// Uplink power control as SIB2-NB has it (TS 36.331 clause 6.7.3.2, UplinkPowerControlCommon-NB and RACH-ConfigCommon-NB).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerControl {
    /// p0-NominalNPUSCH: target at the base station for scheduled data on one tone of 15 kHz.
    pub p0: Dbm,
    /// alpha: share of the path loss that scheduled data makes up for, 0 to 1.
    pub alpha: f64,
    /// preambleInitialReceivedTargetPower: target at the base station for the first preamble at level 0.
    pub preamble_target: Dbm,
    /// powerRampingStep: how much each failed attempt raises it.
    pub ramping_step: Db,
    /// deltaPreambleMsg3: how far the target for Msg3 lies above the one for the preamble.
    pub msg3_delta: Db,
}

/// Where the carrier lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deployment {
    /// In spectrum of its own.
    StandAlone,
    /// In the guard band of an LTE carrier.
    GuardBand,
    /// In a resource block of an LTE carrier.
    InBand,
}

/// What terminals can do, and so what the scheduler may grant (TS 36.306 clause 4.1C).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Release 13: blocks of up to 680 bits down and 1000 bits up.
    Nb1,
    /// Release 14: blocks of up to 2536 bits in both directions.
    Nb2,
}

/// Subcarrier spacing of single-tone NPUSCH (TS 36.211 clause 10.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// 48 subcarriers of 3.75 kHz.
    Khz3_75,
    /// 12 subcarriers of 15 kHz.
    Khz15,
}

/// One coverage enhancement level.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Terminals up to this coupling loss use the level.
    pub max_coupling_loss: Db,
    /// Subcarrier spacing of single-tone NPUSCH.
    pub spacing: Spacing,
    /// Random access at the level.
    pub nprach: Nprach,
    /// Rmax: largest number of NPDCCH repetitions.
    pub npdcch_rmax: u32,
    /// G: period of the NPDCCH search space in units of Rmax.
    pub npdcch_g: f64,
    /// Random-access response window in NPDCCH periods.
    pub response_window: u32,
    /// Contention-resolution timer in NPDCCH periods.
    pub contention_timer: u32,
    /// Cell search after deep sleep: NPSS and NSSS.
    pub sync: SimDuration,
    /// Reading MIB-NB.
    pub mib: SimDuration,
    /// Receiving SIB1-NB and SIB2-NB, once begun.
    pub information: SimDuration,
}

/// The NPRACH resource of one level (TS 36.331 NPRACH-ConfigSIB-NB).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nprach {
    /// Time between opportunities.
    pub period: SimDuration,
    /// Start of the first opportunity of a period.
    pub start: SimDuration,
    /// Subcarriers of 3.75 kHz, one preamble each.
    pub subcarriers: u32,
    /// First subcarrier.
    pub subcarrier_offset: u32,
    /// Repetitions of the preamble.
    pub repetitions: u32,
    /// Cyclic prefix format of the preamble (0 or 1).
    pub format: u32,
    /// maxNumPreambleAttemptCE: attempts at this level before the next one is tried.
    pub attempts: u32,
}
