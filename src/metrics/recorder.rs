//! What a run adds up while it goes, per thread, and how it becomes results.
//!
//! Owns the ledger of a group of terminals and the load of a cell. All sums are integers: many partial recorders merge
//! to the same whole in any order, and that whole turns into [`summary`] types once, at the end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::histogram::{Histogram, Quantity};
use super::{Moves, summary};
use crate::cause::{Cause, Errand, Loss};
use crate::units::{Joules, SimDuration};

/// Microseconds of a day.
const DAY_US: f64 = 86_400e6;

/// Messages, latency and energy of the terminals of one group at one coverage level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// Terminals.
    pub terminals: u64,
    /// What moving took.
    pub moves: Moves,
    /// Messages received.
    pub delivered: u64,
    /// Messages lost, by [`Loss::index`].
    pub lost: [u64; Loss::COUNT],
    /// Messages under way at the end.
    pub unfinished: u64,
    /// Latency of the delivered messages, microseconds.
    pub latency: Histogram,
    /// Preambles sent for delivered messages.
    pub preambles: u64,
    /// From the first preamble of a delivered message to its receipt, of those that took random access, microseconds.
    pub access_delay: Histogram,
    /// The same time by [`Cause::index`], summed over the delivered messages, microseconds.
    #[serde(with = "super::slots")]
    pub latency_by_cause: [u128; Cause::COUNT],
    /// Energy of each message that ended, microjoules.
    pub message_energy: Histogram,
    /// Energy of messages, those under way at the end included, by [`Cause::index`], picojoules.
    #[serde(with = "super::slots")]
    pub message_energy_by_cause: [u128; Cause::COUNT],
    /// Energy between messages, by [`Cause::index`], picojoules.
    #[serde(with = "super::slots")]
    pub tail_energy_by_cause: [u128; Cause::COUNT],
    /// Terminal time that the energies cover, microseconds.
    pub observed: u128,
    /// Copies of messages that the application sent because it waited too long for their acknowledgement.
    pub repeated: u64,
    /// From the application's sending to the acknowledgement, microseconds; made when the first is booked.
    pub round_trip: Option<Box<Histogram>>,
    /// Errands that are no reports, by [`Errand::index`]; made when the first is booked.
    pub errands: Option<Box<[ErrandBook; Errand::COUNT]>>,
}

/// Errands of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrandBook {
    /// From the cause of an errand to its success, microseconds.
    pub latency: Histogram,
    /// Those that came to nothing.
    pub failed: u64,
    /// Those that were paid for, successful or not.
    pub paid: u64,
    /// What they cost, picojoules.
    pub energy: u128,
}

impl ErrandBook {
    const fn new() -> ErrandBook {
        ErrandBook { latency: Histogram::for_latency(), failed: 0, paid: 0, energy: 0 }
    }

    /// Books one that succeeded after `latency`.
    pub fn succeed(&mut self, latency: SimDuration) {
        self.latency.record(latency.0);
    }

    /// Books what one cost.
    pub fn cost(&mut self, energy: Joules) {
        self.paid += 1;
        self.energy += u128::from(energy.0);
    }

    fn merge(&mut self, other: &ErrandBook) {
        self.latency.merge(&other.latency);
        self.failed += other.failed;
        self.paid += other.paid;
        self.energy += other.energy;
    }

    fn result(&self) -> summary::Errand {
        summary::Errand {
            failed: self.failed,
            energy_j: self.energy as f64 / 1e12 / self.paid.max(1) as f64,
            latency_s: self.latency.distribution(),
        }
    }
}

impl Ledger {
    /// A ledger of nothing.
    #[must_use]
    pub const fn new() -> Ledger {
        Ledger {
            terminals: 0,
            moves: Moves { reselections: 0, area_updates: 0, link_failures: 0 },
            delivered: 0,
            lost: [0; Loss::COUNT],
            unfinished: 0,
            latency: Histogram::for_latency(),
            preambles: 0,
            access_delay: Histogram::for_latency(),
            latency_by_cause: [0; Cause::COUNT],
            message_energy: Histogram::for_energy(),
            message_energy_by_cause: [0; Cause::COUNT],
            tail_energy_by_cause: [0; Cause::COUNT],
            observed: 0,
            repeated: 0,
            round_trip: None,
            errands: None,
        }
    }

    /// Books copies of a message.
    pub fn repeat(&mut self, copies: u64) {
        self.repeated += copies;
    }

    /// Books that a message was acknowledged to the application.
    pub fn acknowledge(&mut self, waited: SimDuration) {
        self.round_trip.get_or_insert_with(|| Box::new(Histogram::for_latency())).record(waited.0);
    }

    /// The book of an errand.
    pub fn errand(&mut self, errand: Errand) -> &mut ErrandBook {
        let books = self.errands.get_or_insert_with(|| Box::new([const { ErrandBook::new() }; Errand::COUNT]));
        &mut books[errand.index()]
    }

    /// Books a delivered message: its latency, measured on its own, and the same time by cause.
    pub fn deliver(&mut self, latency: SimDuration, by_cause: &[SimDuration; Cause::COUNT]) {
        self.delivered += 1;
        self.latency.record(latency.0);
        for (sum, part) in self.latency_by_cause.iter_mut().zip(by_cause) {
            *sum += u128::from(part.0);
        }
    }

    /// Books that a delivered message took random access: its preambles, and the time since the first.
    pub fn access(&mut self, preambles: u64, delay: SimDuration) {
        self.preambles += preambles;
        self.access_delay.record(delay.0);
    }

    /// Books so many lost messages.
    pub fn lose(&mut self, reason: Loss, messages: u64) {
        self.lost[reason.index()] += messages;
    }

    /// Books the energy of one message that ended, delivered or lost, to the nearest microjoule.
    pub fn message_cost(&mut self, energy: Joules) {
        self.message_energy.record(energy.0.saturating_add(500_000) / 1_000_000);
    }

    /// Books energy that a terminal spent on a message.
    pub fn spend(&mut self, cause: Cause, energy: Joules) {
        self.message_energy_by_cause[cause.index()] += u128::from(energy.0);
    }

    /// Books energy that a terminal spent between messages.
    pub fn spend_between(&mut self, cause: Cause, energy: Joules) {
        self.tail_energy_by_cause[cause.index()] += u128::from(energy.0);
    }

    /// All energy that the terminals spent in [`Self::observed`], by [`Cause::index`], picojoules.
    #[must_use]
    pub fn energy_by_cause(&self) -> [u128; Cause::COUNT] {
        let mut sum = self.message_energy_by_cause;
        add_all(&mut sum, &self.tail_energy_by_cause);
        sum
    }

    /// Adds everything that `other` booked.
    pub fn merge(&mut self, other: &Ledger) {
        self.terminals += other.terminals;
        self.moves.merge(&other.moves);
        self.delivered += other.delivered;
        add_all(&mut self.lost, &other.lost);
        self.unfinished += other.unfinished;
        self.latency.merge(&other.latency);
        self.preambles += other.preambles;
        self.access_delay.merge(&other.access_delay);
        add_all(&mut self.latency_by_cause, &other.latency_by_cause);
        self.message_energy.merge(&other.message_energy);
        add_all(&mut self.message_energy_by_cause, &other.message_energy_by_cause);
        add_all(&mut self.tail_energy_by_cause, &other.tail_energy_by_cause);
        self.observed += other.observed;
        self.repeated += other.repeated;
        if let Some(theirs) = &other.round_trip {
            self.round_trip.get_or_insert_with(|| Box::new(Histogram::for_latency())).merge(theirs);
        }
        if let Some(theirs) = &other.errands {
            for errand in Errand::ALL {
                self.errand(*errand).merge(&theirs[errand.index()]);
            }
        }
    }

    /// Whether each histogram measures what it is for, which one that was read from a file may not.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let errands = self.errands.iter().flat_map(|books| books.iter().map(|book| &book.latency));
        let mut latencies =
            [&self.latency, &self.access_delay].into_iter().chain(self.round_trip.as_deref()).chain(errands);
        latencies.all(|histogram| histogram.quantity() == Quantity::Latency)
            && self.message_energy.quantity() == Quantity::Energy
    }

    /// The results. Every loss reason is listed, of the causes those that occurred.
    #[must_use]
    pub fn results(&self) -> summary::Results {
        let delivered = self.delivered.max(1) as f64;
        let latency_s_by_cause = by_cause(&self.latency_by_cause, |us| us as f64 / 1e6 / delivered);
        let observed_days = self.observed.max(1) as f64 / DAY_US;
        let energy = self.energy_by_cause();
        let messages = self.message_energy.len().max(1) as f64;
        let message_energy_j_by_cause = by_cause(&self.message_energy_by_cause, |pj| pj as f64 / 1e12 / messages);
        let day_energy_j_by_cause = by_cause(&energy, |pj| pj as f64 / 1e12 / observed_days);
        summary::Results {
            terminals: self.terminals,
            messages: self.messages(),
            repeated_requests: self.repeated,
            latency_s: self.latency.distribution(),
            latency_s_by_cause,
            access_transmissions: mean(self.preambles, self.access_delay.len()),
            access_delay_s: self.access_delay.distribution(),
            message_energy_j: self.message_energy.distribution(),
            message_energy_j_ci95: self.message_energy.mean_ci95() / 1e6,
            message_energy_j_by_cause,
            day_energy_j_by_cause,
            errands: self.errand_results(),
            mobility: self.moves.result(),
            day_energy_j: energy.iter().sum::<u128>() as f64 / 1e12 / observed_days,
        }
    }

    fn errand_results(&self) -> BTreeMap<String, summary::Errand> {
        let books = self.errands.iter().flat_map(|books| Errand::ALL.iter().zip(books.iter()));
        let occurred = books.filter(|(_, book)| book.paid + book.failed + book.latency.len() > 0);
        occurred.map(|(errand, book)| (errand.name().to_owned(), book.result())).collect()
    }

    fn messages(&self) -> summary::Messages {
        let lost: u64 = self.lost.iter().sum();
        let ended = self.delivered + lost;
        summary::Messages {
            offered: ended + self.unfinished,
            delivered: self.delivered,
            lost: Loss::ALL.iter().map(|reason| (reason.name().to_owned(), self.lost[reason.index()])).collect(),
            unfinished: self.unfinished,
            delivery_ratio: (ended > 0).then(|| self.delivered as f64 / ended as f64),
        }
    }
}

impl Default for Ledger {
    fn default() -> Ledger {
        Ledger::new()
    }
}

/// The battery lives of a group's terminals as a result. `life` counts hours; `capacity` is the usable energy of a new
/// battery.
#[must_use]
pub fn battery(model: &str, capacity: Joules, life: &Histogram) -> summary::Battery {
    let years = |hours: u64| hours as f64 / f64::from(life.quantity().per_unit());
    let (low, high) = life.quantile_ci95(0.5);
    summary::Battery {
        model: model.to_owned(),
        capacity_j: capacity.as_joules(),
        life_years_p10: years(life.quantile(0.1)),
        life_years_p50: years(life.quantile(0.5)),
        life_years_p90: years(life.quantile(0.9)),
        life_years_p50_ci95: [years(low), years(high)],
    }
}

/// Random access at one coverage level of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessLoad {
    /// Preambles sent.
    pub attempts: u64,
    /// Attempts that chose the preamble of another terminal, whatever became of them.
    pub collided: u64,
    /// Preambles that several terminals chose at the same opportunity.
    pub collided_preambles: u64,
    /// Attempts that the network did not detect.
    pub missed: u64,
    /// Attempts that were detected and got no response: there was no room for one within the window.
    pub unanswered: u64,
    /// Attempts whose response the terminal did not understand.
    pub unheard: u64,
    /// Terminals that got through and were rejected.
    pub rejected: u64,
    /// What the cell had on offer, used or not: opportunities × preambles.
    pub opportunities: u64,
}

impl AccessLoad {
    /// Adds everything that `other` counted.
    pub fn merge(&mut self, other: &AccessLoad) {
        self.attempts += other.attempts;
        self.collided += other.collided;
        self.collided_preambles += other.collided_preambles;
        self.missed += other.missed;
        self.unanswered += other.unanswered;
        self.unheard += other.unheard;
        self.rejected += other.rejected;
        self.opportunities += other.opportunities;
    }

    /// The result under the level's name.
    #[must_use]
    pub fn result(&self, level: &str) -> summary::Access {
        summary::Access {
            level: level.to_owned(),
            attempts: self.attempts,
            load: share(self.attempts, self.opportunities),
            collided: self.collided,
            collided_preambles: self.collided_preambles,
            preamble_opportunities: self.opportunities,
            missed: self.missed,
            unanswered: self.unanswered,
            unheard: self.unheard,
            rejected: self.rejected,
            collision_ratio: mean(self.collided, self.attempts),
            preamble_collision_ratio: mean(self.collided_preambles, self.opportunities),
        }
    }
}

/// Load of one cell's radio resources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellLoad {
    /// Downlink time that was booked, microseconds.
    pub downlink_busy_us: u64,
    /// Downlink time that could have been booked, microseconds.
    pub downlink_usable_us: u64,
    /// Uplink time that was booked, microseconds times tones.
    pub uplink_busy_us: u64,
    /// Uplink time that could have been booked, microseconds times tones.
    pub uplink_usable_us: u64,
    /// Random access per coverage level, from the best level to the deepest.
    pub access: Vec<AccessLoad>,
}

impl CellLoad {
    /// An idle cell with the given number of coverage levels.
    #[must_use]
    pub fn new(levels: usize) -> CellLoad {
        CellLoad { access: vec![AccessLoad::default(); levels], ..CellLoad::default() }
    }

    /// Adds what another recorder of the same cell counted, over another stretch of time or other terminals. What was
    /// usable adds up too, so only one of the two may have counted it.
    pub fn merge(&mut self, other: &CellLoad) {
        self.downlink_busy_us += other.downlink_busy_us;
        self.downlink_usable_us += other.downlink_usable_us;
        self.uplink_busy_us += other.uplink_busy_us;
        self.uplink_usable_us += other.uplink_usable_us;
        let levels = self.access.len().max(other.access.len());
        self.access.resize(levels, AccessLoad::default());
        for (ours, theirs) in self.access.iter_mut().zip(&other.access) {
            ours.merge(theirs);
        }
    }
}

/// The result of a network, from the load of its cells in the order of their numbers. `levels` names the coverage
/// levels; of a level without a name the number serves.
#[must_use]
pub fn network(technology: &str, levels: &[&str], cells: &[CellLoad]) -> summary::Network {
    let mut all = CellLoad::default();
    cells.iter().for_each(|cell| all.merge(cell));
    let access = all.access.iter().enumerate().map(|(number, load)| match levels.get(number) {
        Some(name) => load.result(name),
        None => load.result(&format!("level {number}")),
    });
    summary::Network {
        technology: technology.to_owned(),
        cells: cells.len() as u64,
        access: access.collect(),
        downlink: (all.downlink_usable_us > 0)
            .then(|| utilisation(cells.iter().map(|cell| share(cell.downlink_busy_us, cell.downlink_usable_us)))),
        uplink: (all.uplink_usable_us > 0)
            .then(|| utilisation(cells.iter().map(|cell| share(cell.uplink_busy_us, cell.uplink_usable_us)))),
    }
}

/// Mean and maximum of the shares of cells in the order of their numbers; of equally busy cells the first.
fn utilisation(shares: impl Iterator<Item = f64>) -> summary::Utilisation {
    let (mut sum, mut cells, mut busiest, mut busiest_cell) = (0.0, 0_u64, 0.0, 0);
    for share in shares {
        if share > busiest {
            (busiest, busiest_cell) = (share, cells);
        }
        sum += share;
        cells += 1;
    }
    summary::Utilisation { mean: sum / cells.max(1) as f64, busiest, busiest_cell }
}

/// `sum / count`, and none of nothing.
fn mean(sum: u64, count: u64) -> Option<f64> {
    (count > 0).then(|| sum as f64 / count as f64)
}

/// `part / whole`, and 0 of nothing.
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Adds slot by slot.
fn add_all<T: Copy + std::ops::AddAssign, const N: usize>(ours: &mut [T; N], theirs: &[T; N]) {
    for (sum, part) in ours.iter_mut().zip(theirs) {
        *sum += *part;
    }
}

/// The causes that occurred, by name.
fn by_cause(sums: &[u128; Cause::COUNT], scale: impl Fn(u128) -> f64) -> BTreeMap<String, f64> {
    let occurred = Cause::ALL.iter().filter(|cause| sums[cause.index()] > 0);
    occurred.map(|cause| (cause.name().to_owned(), scale(sums[cause.index()]))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Something that may happen to a terminal, for building ledgers in tests.
    type Step = (u8, usize, u64);

    fn apply(ledger: &mut Ledger, &(kind, slot, amount): &Step) {
        match kind {
            0 => {
                let mut causes = [SimDuration::ZERO; Cause::COUNT];
                causes[slot % Cause::COUNT] = SimDuration(amount);
                ledger.deliver(SimDuration(amount), &causes);
            }
            1 => ledger.lose(Loss::ALL[slot % Loss::COUNT], 1),
            2 => ledger.message_cost(Joules(amount)),
            3 => ledger.spend(Cause::ALL[slot % Cause::COUNT], Joules(amount)),
            4 => ledger.terminals += 1,
            5 => ledger.unfinished += 1,
            _ => ledger.observed += u128::from(amount),
        }
    }

    proptest! {
        #[test]
        fn ledgers_do_not_depend_on_who_booked_what(
            steps in prop::collection::vec(((0_u8..7, 0_usize..30, 0_u64..1 << 50), 0_usize..4), 0..100),
            first in 0_usize..4,
        ) {
            let mut whole = Ledger::new();
            let mut parts = vec![Ledger::new(); 4];
            for (step, part) in &steps {
                apply(&mut whole, step);
                apply(&mut parts[*part], step);
            }
            let mut merged = Ledger::new();
            for part in 0..4 {
                merged.merge(&parts[(part + first) % 4]);
            }
            prop_assert_eq!(&merged, &whole);
            prop_assert_eq!(
                serde_json::to_string(&merged.results()).unwrap(),
                serde_json::to_string(&whole.results()).unwrap()
            );
        }
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let mut ledger = Ledger::new();
        for second in 1..=4_u64 {
            let mut causes = [SimDuration::ZERO; Cause::COUNT];
            causes[Cause::Sync.index()] = SimDuration::from_millis(250);
            causes[Cause::Airtime.index()] = SimDuration::from_millis(second * 1_000 - 250);
            ledger.deliver(SimDuration::from_secs(second), &causes);
        }
        ledger.lose(Loss::Radio, 1);
        ledger.unfinished = 2;
        let results = ledger.results();
        assert_eq!(results.messages.offered, 7);
        assert_eq!(results.messages.delivery_ratio, Some(0.8));
        assert_eq!(results.messages.lost["radio-link-failure"], 1);
        assert_eq!(results.messages.lost["no-coverage"], 0);
        assert_eq!(results.latency_s.mean, 2.5);
        assert_eq!(results.latency_s_by_cause["sync"], 0.25);
        assert!((results.latency_s_by_cause.values().sum::<f64>() - results.latency_s.mean).abs() < 1e-12);
    }

    #[test]
    fn energy_is_told_per_day_of_a_terminal() {
        // Three terminals for two days, 15 µW of sleep each: 1.296 J per terminal and day.
        let mut ledger = Ledger { terminals: 3, ..Ledger::new() };
        for _ in 0..3 {
            ledger.spend(Cause::Sleep, crate::units::Microwatts(15) * SimDuration::from_hours(48));
            ledger.observed += u128::from(SimDuration::from_hours(48).0);
        }
        let results = ledger.results();
        assert!((results.day_energy_j - 1.296).abs() < 1e-12);
        assert_eq!(results.day_energy_j_by_cause.len(), 1);
        assert_eq!(Ledger::new().results().day_energy_j, 0.0);
    }

    #[test]
    fn message_energy_is_rounded_to_the_nearest_microjoule() {
        let mut ledger = Ledger::new();
        ledger.message_cost(Joules(1_499_999));
        ledger.message_cost(Joules(1_500_000));
        assert_eq!(ledger.message_energy.sum(), 3);
    }

    #[test]
    fn battery_quantiles_come_in_years() {
        let mut life = Histogram::for_life();
        (1..=100).for_each(|months: u64| life.record(months * 730));
        let battery = battery("3gpp-5wh", Joules::from_joules(18_000.0), &life);
        assert!((battery.life_years_p50 - 50.0 / 12.0).abs() < 0.01, "{battery:?}");
        assert!(battery.life_years_p50_ci95[0] < battery.life_years_p50);
        assert_eq!(battery.capacity_j, 18_000.0);
    }

    #[test]
    fn a_network_names_its_busiest_cell() {
        let mut cells = vec![CellLoad::new(2); 3];
        for (number, cell) in cells.iter_mut().enumerate() {
            cell.downlink_usable_us = 1_000;
            cell.downlink_busy_us = [100, 400, 400][number];
            cell.access[1] = AccessLoad { attempts: 10, collided: 2, opportunities: 1_000, ..AccessLoad::default() };
        }
        let network = network("nb-iot", &["level 0"], &cells);
        let downlink = network.downlink.unwrap();
        assert_eq!((network.cells, downlink.busiest, downlink.busiest_cell), (3, 0.4, 1));
        assert!((downlink.mean - 0.3).abs() < 1e-12);
        assert!(network.uplink.is_none(), "nothing can be booked");
        assert_eq!(network.access[0].collision_ratio, None);
        assert_eq!((network.access[1].level.as_str(), network.access[1].load), ("level 1", 0.01));
        assert_eq!(network.access[1].collision_ratio, Some(0.2));
    }
}
