//! Battery life of each terminal, from the simulated messages of terminals like it and its configured rate.
//!
//! A simulated week cannot see every rare event of ten years, so life is not measured by draining: it is the capacity over
//! the mean power, which is energy per message × messages per time + other errands + sleep + self-discharge.
//!
//! What happens once in a life, or to all at once, is left out: registering, loading software, searching in an outage, the
//! only report of a terminal.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kin {
    group: u16,
    level: u8,
    interval: Option<SimDuration>,
    uplink: LinkClass,
    /// The downlink class in steps of 2 dB: it matters less.
    downlink: u8,
}

impl Kin {
    fn of(setup: &Setup, terminal: &Terminal) -> Kin {
        let group = &setup.groups[usize::from(terminal.group)];
        if group.roams() {
            // Wherever it is when the run ends, in the long run it is as much elsewhere as the others of its group, or of its network if
            // it stays with that.
            let interval = group.interval_of(terminal);
            let lasts = group.preference.as_ref().is_some_and(|preference| preference.lasts);
            let group = if lasts { terminal.group } else { group.number };
            return Kin { group, level: 0, interval, uplink: LinkClass::default(), downlink: 0 };
        }
        Kin {
            group: terminal.group,
            level: terminal.level,
            interval: group.interval_of(terminal),
            uplink: terminal.uplink,
            downlink: terminal.downlink.0 / 4,
        }
    }

    fn ledger(&self, setup: &Setup) -> usize {
        setup.groups[usize::from(self.group)].first_ledger + usize::from(self.level)
    }

    /// Whether the run has such a group and level.
    pub(super) fn fits(&self, setup: &Setup) -> bool {
        let group = usize::from(self.group);
        group < setup.groups.len() && usize::from(self.level) < setup.ledger_range(group).len()
    }
}

/// Terminals that are kin, and their messages: how many, their energy in picojoules, and the microseconds they took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KinBook {
    terminals: u64,
    messages: u64,
    energy: u128,
    awake: u128,
}

impl KinBook {
    fn of(terminal: &Terminal) -> KinBook {
        KinBook {
            terminals: 1,
            messages: terminal.messages.into(),
            energy: terminal.energy.0.into(),
            awake: terminal.awake.0.into(),
        }
    }

    fn merge(&mut self, other: &KinBook) {
        self.terminals += other.terminals;
        self.messages += other.messages;
        self.energy += other.energy;
        self.awake += other.awake;
    }

    /// Mean energy of a message, joules, and mean time it took, seconds.
    fn means(&self) -> (f64, f64) {
        let messages = self.messages.max(1) as f64;
        (self.energy as f64 / messages * Joules(1).as_joules(), self.awake as f64 / messages / 1e6)
    }
}

/// Messages of its kin that weigh as much as the mean of the whole coverage level.
const LEVEL_WEIGHT: f64 = 20.0;

/// What the battery lives of these terminals are made of, sorted.
#[must_use]
pub(super) fn kin(setup: &Setup, districts: &[&District]) -> Vec<(Kin, KinBook)> {
    let mut kin: HashMap<Kin, KinBook> = HashMap::new();
    for (_, terminal) in districts.iter().flat_map(|district| district.terminals().iter()) {
        kin.entry(Kin::of(setup, terminal)).or_default().merge(&KinBook::of(terminal));
    }
    let mut kin: Vec<_> = kin.into_iter().collect();
    kin.sort_unstable_by_key(|(kin, _)| *kin);
    kin
}

/// The battery lives of each group's terminals, hours, by the ledgers of the run. Terminals that hear no cell are left out, as are
/// those of a coverage level of which nothing was seen.
#[must_use]
pub(super) fn lives(spec: &WorldSpec, setup: &Setup, kin: &[(Kin, KinBook)], ledgers: &[Ledger]) -> Vec<Histogram> {
    let mut levels = vec![KinBook::default(); setup.ledgers()];
    let mut books: HashMap<Kin, KinBook> = HashMap::new();
    for (kin, book) in kin {
        levels[kin.ledger(setup)].merge(book);
        books.entry(*kin).or_default().merge(book);
    }
    let of_group: Vec<Ledger> = (0..setup.groups.len()).map(|part| of_kin(setup, part, ledgers)).collect();
    let mut lives = vec![Histogram::for_life(); spec.groups.len()];
    for (kin, book) in &books {
        let group = usize::from(kin.group);
        if !setup.hears(group, kin.level) {
            continue;
        }
        let number = kin.ledger(setup);
        let ledger = if setup.groups[group].roams() { &of_group[group] } else { &ledgers[number] };
        let Some(watts) = mean_watts(setup, kin, (book, &levels[number]), ledger) else { continue };
        let number = usize::from(setup.groups[group].number);
        let years = spec.groups[number].battery.life_years(watts);
        lives[number].record_times((years * HOURS_PER_YEAR + 0.5) as u64, book.terminals);
    }
    lives
}

/// What those did who are kin in this part of a group that roams: of all networks between which they change.
fn of_kin(setup: &Setup, part: usize, ledgers: &[Ledger]) -> Ledger {
    let group = &setup.groups[part];
    let lasts = group.preference.as_ref().is_some_and(|preference| preference.lasts);
    let parts = setup.parts_of(usize::from(group.number)).filter(|other| !lasts || *other == part);
    let mut sum = Ledger::new();
    parts.flat_map(|part| setup.ledger_range(part)).for_each(|ledger| sum.merge(&ledgers[ledger]));
    sum
}

/// Mean power of terminals that are kin, by their own messages and those of their level; `None` if nothing was seen.
fn mean_watts(setup: &Setup, kin: &Kin, (own, level): (&KinBook, &KinBook), ledger: &Ledger) -> Option<f64> {
    if level.messages == 0 {
        return (ledger.observed > 0).then(|| usual_power(ledger));
    }
    let weight = own.messages as f64 / (own.messages as f64 + LEVEL_WEIGHT);
    let ((own_energy, own_awake), (energy, awake)) = (own.means(), level.means());
    let mix = |own: f64, all: f64| weight * own + (1.0 - weight) * all;
    let rest = setup.groups[usize::from(kin.group)].plan.rest_power(usize::from(kin.level));
    let reports = match kin.interval {
        Some(interval) => mean_power(rest, interval.as_secs_f64(), mix(own_energy, energy), mix(own_awake, awake)),
        None => rest.as_watts(),
    };
    Some(reports + errand_power(ledger))
}

/// What happens once in a life, or to all at once.
const RARE: [Cause; 3] = [Cause::Attach, Cause::Download, Cause::Search];

/// Mean power of the errands that come again and again, reports apart, watts.
fn errand_power(ledger: &Ledger) -> f64 {
    let errands = Errand::ALL.iter().filter_map(|errand| errand.cause()).filter(|cause| !RARE.contains(cause));
    let causes = errands.chain([Cause::Reselection]);
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

/// Mean power in watts with messages of so many joules and seconds, one every `interval` seconds, and rest between them.
fn mean_power(rest: Microwatts, interval: f64, energy: f64, awake: f64) -> f64 {
    let resting = (1.0 - awake / interval).max(0.0);
    energy / interval + rest.as_watts() * resting
}
