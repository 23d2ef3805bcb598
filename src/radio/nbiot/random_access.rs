//! The random-access channels of a cell.

use crate::cause::Cause;
use crate::radio::channel::{AccessChannel, Link, Responding};
use crate::radio::nbiot::admission::EarlyLevel;
use crate::radio::nbiot::config::{Config, LEVELS};
use crate::radio::nbiot::link::{EARLY_DATA, MSG3, RESPONSES, contention_timer, search_period};
use crate::radio::nbiot::power::preamble_power;
use crate::radio::nbiot::tables;
use crate::rng::Probability;
use crate::units::{Db, SimDuration};

/// One random-access response: six bytes and a subheader (TS 36.321 clauses 6.1.5 and 6.2.3).
const RESPONSE_BYTES: u32 = 7;
/// From the end of a response to the earliest start of the block that it grants, milliseconds (TS 36.213 clause 16.3.3).
const RESPONSE_GRANT_GAP_MS: u64 = 12;

/// The name of a random-access channel.
#[must_use]
pub fn access_name(channel: usize) -> String {
    let suffix = if channel < LEVELS { "" } else { ", early" };
    format!("level {}{suffix}", channel % LEVELS)
}

/// Random access at each level, then, if there is early data, that for early data at each level. Both share the opportunities
/// of the level, each with subcarriers of its own.
pub(super) fn access_channels(config: &Config, links: &[Link]) -> Vec<AccessChannel> {
    let mut channels: Vec<AccessChannel> = (0..LEVELS).map(|level| access(config, level, &links[level])).collect();
    if let Some(early) = &config.admission.early_data {
        for (level, EarlyLevel { subcarriers, .. }) in early.levels.iter().enumerate() {
            channels[level].preambles -= subcarriers;
            channels.push(AccessChannel {
                preambles: *subcarriers,
                first_table: EARLY_DATA,
                first_air: Cause::Airtime,
                first_bytes: links[level].tables[EARLY_DATA].rows.last().map_or(0, |row| row.bytes),
                ..channels[level].clone()
            });
        }
    }
    channels
}

/// Random access at one level (TS 36.321 clause 5.1, TS 36.213 clause 16.3).
fn access(config: &Config, level: usize, link: &Link) -> AccessChannel {
    let parameters = &config.levels[level];
    let nprach = &parameters.nprach;
    // TS 36.321 clause 5.1.4: the window opens 41 subframes behind long preambles, else 4.
    let response_delay = SimDuration::from_millis(if nprach.repetitions >= 64 { 41 } else { 4 });
    let largest = link.tables[RESPONSES].rows.last().map_or(0, |row| row.bytes);
    AccessChannel {
        link: level,
        period: nprach.period,
        start: nprach.start,
        preambles: nprach.subcarriers,
        preamble: tables::preamble_span(nprach),
        preamble_airtime: tables::preamble_airtime(nprach),
        power: preamble_power(config, level),
        power_step: config.power_control.map_or(Db(0.0), |control| control.ramping_step),
        detection: vec![Probability::new(config.detection_probability)],
        collision: config.collision,
        response_delay,
        window: search_period(parameters) * u64::from(parameters.response_window),
        responses_per_message: config.responses_per_message.min(largest / RESPONSE_BYTES).max(1),
        responding: Responding::Scheduled { table: RESPONSES, bytes: RESPONSE_BYTES },
        grant_gap: SimDuration::from_millis(RESPONSE_GRANT_GAP_MS) + config.k_offset(),
        propagation: config.k_offset(),
        first_table: MSG3,
        first_air: Cause::Signalling,
        first_bytes: link.tables[MSG3].rows[0].bytes,
        contention_timer: contention_timer(parameters),
    }
}
