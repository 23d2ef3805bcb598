//! Battery life of each terminal, from its own simulated messages and its configured rate.
//!
//! A simulated week cannot see every rare event of ten years, so life is not measured by draining: it is the capacity over
//! the mean power, which is energy per message × messages per time + sleep + self-discharge.

use crate::exec::district::District;
use crate::exec::setup::Setup;
use crate::exec::terminal::Terminal;
use crate::metrics::histogram::Histogram;
use crate::units::{Joules, SimDuration};
use crate::world::spec::{GroupSpec, WorldSpec};

/// Hours in a Julian year.
const HOURS_PER_YEAR: f64 = 8_766.0;

/// Messages of the terminals of one group and coverage level: how many, their energy, and the time they took.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    messages: u64,
    energy: u128,
    awake: u128,
}

/// The battery lives of each group's terminals, hours. Terminals that hear no cell are left out, as are those of a
/// coverage level in which no message ended.
#[must_use]
pub fn lives(spec: &WorldSpec, setup: &Setup, districts: &[District]) -> Vec<Histogram> {
    let terminals = || districts.iter().flat_map(District::terminals);
    let mut sums = vec![Sum::default(); setup.ledgers()];
    for terminal in terminals() {
        let sum = &mut sums[ledger(setup, terminal)];
        sum.messages += u64::from(terminal.messages);
        sum.energy += u128::from(terminal.energy.0);
        sum.awake += u128::from(terminal.awake.0);
    }
    let mut lives = vec![Histogram::for_life(); spec.groups.len()];
    for terminal in terminals() {
        let group = usize::from(terminal.group);
        let own = Sum {
            messages: u64::from(terminal.messages),
            energy: u128::from(terminal.energy.0),
            awake: u128::from(terminal.awake.0),
        };
        // A terminal whose messages the run did not see is like the others of its level.
        let sum = if own.messages > 0 { own } else { sums[ledger(setup, terminal)] };
        if sum.messages > 0 {
            let years = life_years(&spec.groups[group], terminal.interval, &sum);
            lives[group].record((years * HOURS_PER_YEAR + 0.5) as u64);
        }
    }
    lives
}

fn ledger(setup: &Setup, terminal: &Terminal) -> usize {
    setup.groups[usize::from(terminal.group)].first_ledger + usize::from(terminal.level)
}

fn life_years(group: &GroupSpec, interval: SimDuration, sum: &Sum) -> f64 {
    let messages = sum.messages as f64;
    let energy = sum.energy as f64 / messages * Joules(1).as_joules();
    let awake = sum.awake as f64 / messages / 1e6;
    let interval = interval.as_secs_f64();
    let asleep = (1.0 - awake / interval).max(0.0);
    group.battery.life_years(energy / interval + group.device.sleep.as_watts() * asleep)
}
