//! With what power terminals send: open-loop power control (TS 36.213 clause 16.2.1).

use crate::radio::channel::PowerRule;
use crate::radio::nbiot::config::{Config, PowerControl};
use crate::radio::nbiot::tables::Tones;
use crate::units::{Db, Dbm};

/// Blocks that are repeated more than twice go out with full power (TS 36.213 clause 16.2.1.1.1).
pub(super) fn controlled(power: PowerRule, repetitions: u32) -> PowerRule {
    if repetitions > 2 { PowerRule::Full } else { power }
}

/// The power of an NPUSCH: 10 log10(M) + P_0 + alpha PL, M being its bandwidth in tones of 15 kHz (TS 36.213 clause
/// 16.2.1.1.1). Coupling loss and path loss are the same here: NRS power and its offsets are known.
fn npusch_power(config: &Config, tones: Tones, rule: impl Fn(&PowerControl) -> (Dbm, f64)) -> PowerRule {
    let width = Db::from_linear(tones.bandwidth().0 / Tones::One15.bandwidth().0);
    config
        .power_control
        .as_ref()
        .map(rule)
        .map_or(PowerRule::Full, |(target, share)| PowerRule::OpenLoop { target: target + width, share })
}

/// Scheduled data, and its acknowledgements with a share of 1 (j = 1).
pub(super) fn data_power(config: &Config, tones: Tones, share: impl Fn(&PowerControl) -> f64) -> PowerRule {
    npusch_power(config, tones, |control| (control.p0, share(control)))
}

/// What a random-access response grants (j = 2).
pub(super) fn msg3_power(config: &Config, tones: Tones) -> PowerRule {
    npusch_power(config, tones, |control| (control.preamble_target + control.msg3_delta, 1.0))
}

/// A preamble: at level 0 the target, less the gain of its repetitions; at the others full power (TS 36.213 clause
/// 16.3.1, TS 36.321 clause 5.1.3).
pub(super) fn preamble_power(config: &Config, level: usize) -> PowerRule {
    let repetitions = f64::from(config.levels[level].nprach.repetitions);
    config.power_control.filter(|_| level == 0).map_or(PowerRule::Full, |control| PowerRule::OpenLoop {
        target: control.preamble_target - Db::from_linear(repetitions),
        share: 1.0,
    })
}
