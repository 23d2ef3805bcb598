//! Battery life of each terminal, from the simulated messages of terminals like it and its configured rate.
//!
//! A simulated week cannot see every rare event of ten years, so life is not measured by draining: it is the capacity over
//! the mean power, which is energy per message × messages per time + other errands + sleep + self-discharge.
//!
//! What happens once in a life, or to all at once, is left out: registering, loading software, searching in an outage, the
//! only report of a terminal.

use std::collections::HashMap;

use crate::cause::{Cause, Errand};
use crate::exec::district::District;
use crate::exec::setup::Setup;
use crate::exec::terminal::Terminal;
use crate::metrics::histogram::Histogram;
use crate::metrics::recorder::Ledger;
use crate::radio::channel::LinkClass;
use crate::units::{Joules, Microwatts, SimDuration};
use crate::world::spec::WorldSpec;

/// Hours in a Julian year.
const HOURS_PER_YEAR: f64 = 8_766.0;

/// What one terminal's energy per message is judged by: its own few messages are luck, those of all terminals like it are
/// what it will meet in the long run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Kin {
    ledger: usize,
    interval: Option<SimDuration>,
    uplink: LinkClass,
    /// The downlink class in steps of 2 dB: it matters less.
    downlink: u8,
}

/// Messages of some terminals: how many, their energy, and the time they took.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    messages: u64,
    energy: u128,
    awake: u128,
}

impl Sum {
    fn add(&mut self, terminal: &Terminal) {
        self.messages += u64::from(terminal.messages);
        self.energy += u128::from(terminal.energy.0);
        self.awake += u128::from(terminal.awake.0);
    }

    /// Mean energy of a message, joules, and mean time it took, seconds.
    fn means(&self) -> (f64, f64) {
        let messages = self.messages.max(1) as f64;
        (self.energy as f64 / messages * Joules(1).as_joules(), self.awake as f64 / messages / 1e6)
    }
}

/// Messages of its kin that weigh as much as the mean of the whole coverage level.
const LEVEL_WEIGHT: f64 = 20.0;

/// The battery lives of each group's terminals, hours, by the ledgers of the run. Terminals that hear no cell are left out, as are
/// those of a coverage level of which nothing was seen.
#[must_use]
pub fn lives(spec: &WorldSpec, setup: &Setup, districts: &[District], ledgers: &[Ledger]) -> Vec<Histogram> {
    let terminals = || districts.iter().flat_map(District::terminals);
    let errands: Vec<f64> = ledgers.iter().map(errand_power).collect();
    let mut levels = vec![Sum::default(); setup.ledgers()];
    let mut kin: HashMap<Kin, Sum> = HashMap::new();
    for terminal in terminals() {
        levels[ledger(setup, terminal)].add(terminal);
        kin.entry(kin_of(setup, terminal)).or_default().add(terminal);
    }
    let mut lives = vec![Histogram::for_life(); spec.groups.len()];
    for terminal in terminals() {
        let number = ledger(setup, terminal);
        let (group, level) = (usize::from(terminal.group), &levels[number]);
        if !setup.is_covered(terminal) {
            continue;
        }
        let watts = if level.messages > 0 {
            let like = kin.get(&kin_of(setup, terminal)).copied().unwrap_or_default();
            let weight = like.messages as f64 / (like.messages as f64 + LEVEL_WEIGHT);
            let ((own_energy, own_awake), (energy, awake)) = (like.means(), level.means());
            let mix = |own: f64, all: f64| weight * own + (1.0 - weight) * all;
            let rest = setup.groups[group].plan.rest_power(usize::from(terminal.level));
            let reports = match setup.groups[group].interval_of(terminal) {
                Some(interval) => {
                    mean_power(rest, interval.as_secs_f64(), mix(own_energy, energy), mix(own_awake, awake))
                }
                None => rest.as_watts(),
            };
            reports + errands[number]
        } else if ledgers[number].observed > 0 {
            usual_power(&ledgers[number])
        } else {
            continue;
        };
        let years = spec.groups[group].battery.life_years(watts);
        lives[group].record((years * HOURS_PER_YEAR + 0.5) as u64);
    }
    lives
}

/// What happens once in a life, or to all at once.
const RARE: [Cause; 3] = [Cause::Attach, Cause::Download, Cause::Search];

/// Mean power of the errands that come again and again, reports apart, watts.
fn errand_power(ledger: &Ledger) -> f64 {
    let causes = Errand::ALL.iter().filter_map(|errand| errand.cause()).filter(|cause| !RARE.contains(cause));
    let energy = ledger.energy_by_cause();
    per_time(ledger, causes.map(|cause| energy[cause.index()]).sum())
}

/// Mean power of everything that comes again and again, watts.
fn usual_power(ledger: &Ledger) -> f64 {
    let energy = ledger.energy_by_cause();
    let usual = Cause::ALL.iter().filter(|cause| !RARE.contains(cause));
    per_time(ledger, usual.map(|cause| energy[cause.index()]).sum())
}

/// So many picojoules over the time that the ledger covers, watts.
fn per_time(ledger: &Ledger, energy: u128) -> f64 {
    energy as f64 * 1e-12 / (ledger.observed.max(1) as f64 * 1e-6)
}

fn kin_of(setup: &Setup, terminal: &Terminal) -> Kin {
    let downlink = terminal.downlink.0 / 4;
    Kin {
        ledger: ledger(setup, terminal),
        interval: setup.groups[usize::from(terminal.group)].interval_of(terminal),
        uplink: terminal.uplink,
        downlink,
    }
}

fn ledger(setup: &Setup, terminal: &Terminal) -> usize {
    setup.groups[usize::from(terminal.group)].ledger_of(terminal)
}

/// Mean power in watts with messages of so many joules and seconds, one every `interval` seconds, and rest between them.
fn mean_power(rest: Microwatts, interval: f64, energy: f64, awake: f64) -> f64 {
    let resting = (1.0 - awake / interval).max(0.0);
    energy / interval + rest.as_watts() * resting
}
