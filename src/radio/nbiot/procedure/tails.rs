//! What terminals do between contacts: connected without data, in idle mode with or without extended DRX, in deep sleep.

use super::{Places, wake};
use crate::cause::Cause;
use crate::power::{Activity, ExtendedDrx, Profile};
use crate::radio::nbiot::config::{Config, LEVELS};
use crate::radio::plan::{Builder, Label, Phase, Reachable, Spend, TailId};
use crate::radio::{Edrx, Terms};
use crate::units::SimDuration;

/// The tails of the plan.
#[derive(Clone, Copy)]
pub(super) struct Tails {
    /// Connected, interrupted by new data.
    pub connected: TailId,
    /// T3324, then deep sleep, per coverage level; without power saving mode idle mode for ever.
    pub released: [TailId; LEVELS],
    /// Not heard of for long, per coverage level.
    pub quiet: [TailId; LEVELS],
    /// Without coverage.
    pub searching: TailId,
    /// Switched off.
    pub off: TailId,
}

/// Writes the tails.
pub(super) fn write(b: &mut Builder, config: &Config, terms: &Terms<'_>, places: &[Places; LEVELS]) -> Tails {
    let entries = |pick: fn(&Places) -> Label| places.iter().map(pick).collect::<Vec<_>>();
    let sleeping = Spend { cause: Cause::Sleep, activity: terms.device.sleeping() };
    let asleep = Phase {
        span: SimDuration::FOREVER,
        spend: sleeping,
        entries: entries(|p| p.wake),
        reachable: Reachable::Never,
    };
    let connected = b.tail(vec![Phase {
        spend: inactive(config, terms),
        entries: entries(|p| p.connected),
        reachable: reachable_connected(config),
        ..asleep.clone()
    }]);
    let deep_sleep = b.tail(vec![asleep.clone()]);
    let released = std::array::from_fn(|level| {
        let (activity, reachable) = listening(config, terms, level);
        let active = Phase {
            span: terms.active_timer,
            spend: Spend { cause: Cause::ActiveTime, activity },
            entries: entries(if terms.edrx.is_some() { |p| p.dozing } else { |p| p.idle }),
            reachable,
        };
        let saves_power = terms.active_timer < SimDuration::FOREVER;
        b.tail(if saves_power { vec![active, asleep.clone()] } else { vec![active] })
    });
    let quiet = if terms.active_timer < SimDuration::FOREVER { [deep_sleep; LEVELS] } else { released };
    let searching = b.tail(wake::searching(config, terms, &asleep));
    let without_power = Spend { cause: Cause::Sleep, activity: Profile::off() };
    let off = b.tail(vec![Phase { spend: without_power, entries: entries(|p| p.switched_on), ..asleep }]);
    Tails { connected, released, quiet, searching, off }
}

/// Connected without data: connected DRX.
pub(super) fn inactive(config: &Config, terms: &Terms<'_>) -> Spend {
    let duty = config.connected_drx_on.as_secs_f64() / config.connected_drx_cycle.as_secs_f64();
    Spend { cause: Cause::Inactivity, activity: terms.device.monitoring(duty) }
}

/// Data for a connected terminal wait for its next onDurationTimer (TS 36.321 clause 5.7).
fn reachable_connected(config: &Config) -> Reachable {
    if config.connected_drx_on < config.connected_drx_cycle {
        Reachable::Occasions { period: config.connected_drx_cycle }
    } else {
        Reachable::Always
    }
}

/// Idle mode of a terminal at a coverage level: what it draws, and when it listens.
fn listening(config: &Config, terms: &Terms<'_>, level: usize) -> (Activity, Reachable) {
    let period = config.paging_cycle;
    let Some(Edrx { cycle, window }) = terms.edrx else {
        return (paged(config, terms, level), Reachable::Occasions { period });
    };
    let drx = ExtendedDrx {
        cycle,
        occasions: window.0.div_ceil(period.0),
        period,
        listening: occasion(config, level),
        sync: config.levels[level].sync,
    };
    (terms.device.extended_drx(drx), Reachable::Windows { cycle, window, period })
}

/// Idle mode with a paging occasion in every cycle.
pub(super) fn paged(config: &Config, terms: &Terms<'_>, level: usize) -> Activity {
    terms.device.paged(occasion(config, level), config.paging_cycle)
}

/// A paging occasion is heard through up to Rmax subframes (TS 36.304 clause 7.1, TS 36.213 clause 16.6).
fn occasion(config: &Config, level: usize) -> SimDuration {
    SimDuration::from_millis(u64::from(config.levels[level].npdcch_rmax))
}
