//! The channels of a cell: one random-access channel, and a link whose blocks get lost with a given probability.

use crate::cause::Cause;
use crate::radio::Seat;
use crate::radio::adaptation::Adaptation;
use crate::radio::channel::{
    AccessChannel, Acknowledgement, BlockRow, BlockTable, Channels, Collision, Grants, Link, LinkClass, Paging,
    PowerRule, Resource, Responding, SearchSpace, Way,
};
use crate::radio::losses::Losses;
use crate::radio::lte_access::config::{Config, Detection};
use crate::rng::Probability;
use crate::units::{Db, SimDuration};

/// Block table of Msg3.
pub(super) const MSG3: usize = 0;
/// Block table of Msg4.
pub(super) const MSG4: usize = 1;
/// Msg3: 56 bits, the smallest grant of a response (TS 36.213 clause 6.2).
pub(super) const MSG3_BYTES: u32 = 7;
/// A preamble of format 0 (TS 36.211 table 5.7.1-1) and every other transmission take one subframe.
pub(super) const SUBFRAME: SimDuration = SimDuration::from_millis(1);

/// The name of the random-access channel.
pub const ACCESS_NAME: &str = "PRACH";

/// The channels of a cell.
#[must_use]
pub fn channels(config: &Config) -> Channels {
    Channels {
        carriers: Vec::new(),
        adaptation: Adaptation::Level,
        level_error: Db(0.0),
        access: vec![access(config)],
        links: vec![link(config)],
        assistance: None,
        paging: Paging { cycle: SUBFRAME, cells: 1, deepest: false, table: MSG4, bytes: 0 },
    }
}

/// Random access (TS 36.321 clause 5.1).
fn access(config: &Config) -> AccessChannel {
    let attempts = 1..=config.preamble_trans_max;
    AccessChannel {
        link: 0,
        period: config.opportunity_period,
        start: SimDuration::ZERO,
        preambles: config.preambles,
        preamble: SUBFRAME,
        preamble_airtime: SUBFRAME,
        power: PowerRule::Full,
        power_step: Db(0.0),
        detection: match config.detection {
            Detection::Ramping => attempts.map(|i| Probability::new(1.0 - libm::exp(-f64::from(i)))).collect(),
            Detection::Constant(probability) => vec![Probability::new(probability)],
        },
        collision: Collision::Undetected,
        response_delay: config.preamble_processing,
        window: config.response_window,
        responses_per_message: config.grants_per_subframe,
        responding: Responding::Reserved,
        grant_gap: config.response_processing,
        propagation: SimDuration::ZERO,
        first_table: MSG3,
        first_air: Cause::Signalling,
        first_bytes: MSG3_BYTES,
        contention_timer: config.contention_timer,
    }
}

fn link(config: &Config) -> Link {
    Link {
        max_coupling_loss: Db(f64::INFINITY),
        gaps: false,
        dedicated: no_grants(),
        common: no_grants(),
        propagation: SimDuration::ZERO,
        downlink_gap: SimDuration::ZERO,
        acknowledgement: Acknowledgement {
            gap: SimDuration::ZERO,
            airtime_ms: 0,
            turnaround: SimDuration::ZERO,
            power: PowerRule::Full,
        },
        uplink_gap: SimDuration::ZERO,
        uplink_turnaround: SimDuration::ZERO,
        ahead: None,
        tones: 0..0,
        tables: vec![block(config, "msg3", Way::Up), block(config, "msg4", Way::Down)],
    }
}

/// Grants are not modelled; the plan asks for none.
fn no_grants() -> Grants {
    Grants { label: String::new(), search: SearchSpace::new(SUBFRAME, SUBFRAME, 1), airtime_ms: 1, loss: Vec::new() }
}

/// A block that is lost with the same probability on any link.
fn block(config: &Config, name: &'static str, way: Way) -> BlockTable {
    let losses = LinkClass::COUNT * config.harq_transmissions as usize;
    BlockTable {
        name,
        way,
        label: String::new(),
        bands: 0..0,
        ratio_offset: Db(0.0),
        faster: 0..0,
        volumes: &[],
        power: PowerRule::Full,
        rows: vec![BlockRow {
            bytes: MSG3_BYTES,
            airtime_ms: 1,
            gaps_ms: 0,
            repetitions: 1,
            losses: Losses::known(vec![Probability::new(config.harq_loss); losses]),
            transmissions: config.harq_transmissions,
        }],
    }
}

/// Every terminal hears its cell, whatever the loss between them.
#[must_use]
pub fn seat(coupling_loss: Db) -> Seat {
    let best = LinkClass::of(Db(f64::INFINITY));
    Seat { coupling_loss, level: 0, uplink: best, downlink: best, interference: 0.0 }
}

/// The channel that a resource stands for.
#[must_use]
pub fn channel_name(resource: Resource) -> &'static str {
    match resource {
        Resource::None => "",
        Resource::Preamble => "PRACH",
        Resource::Grant => "PDCCH",
        Resource::Down => "PDSCH",
        Resource::Up => "PUSCH",
        Resource::Acknowledgement => "PUCCH",
    }
}
