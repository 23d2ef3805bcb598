//! Probes of links: budgets, operating points, the capacity of bands, cycles of blocks.

use super::{Channel, LinkBudget, Modulation, OperatingPoint, Output, PeakRate, catalogue, unavailable};
use crate::catalog::nbiot::NbIot;
use crate::catalog::{Issue, Kind, overlay};
use crate::propagation::budget;
use crate::propagation::error_rate::{Block, Receiver};
use crate::radio::channel::{Channels, Link, LinkClass, Way};
use crate::radio::nbiot::config::Config;
use crate::radio::nbiot::link::{self, DATA_DOWN, DATA_UP};
use crate::radio::nbiot::tables::{DCI_BITS, TRANSPORT_CRC, downlink_symbols, npusch_airtime_ms};
use crate::report::format::counted;
use crate::scenario::quantity::Quantity;
use crate::units::{Db, Dbm, Hertz, SimDuration};

/// From one transmission of a block to the next: the clauses of TS 36.104 do not say; as in `docs/models/error-rate.md`.
const RETRANSMISSION: SimDuration = SimDuration::from_millis(32);
/// Transmissions that TS 36.104 clause 8.5.1 allows for.
const TRANSMISSIONS: u32 = 4;
/// Block errors at which link simulations give their lowest ratio.
const BLOCK_ERROR: f64 = 0.1;
/// Bytes of MAC and RLC headers in a block of data.
const HEADER_BYTES: u32 = 4;
/// Below this share of blocks that arrive, rounding of stored error rates shows.
const ARRIVED_AT_LEAST: f64 = 1e-8;

pub(super) fn link_budget(link: &LinkBudget) -> Vec<Output<'_>> {
    let labels = link.coupling_loss_db.iter().map(|loss| format!("{} dB", loss.0));
    let sinr = |number: usize| {
        let (loss, band) = (Db(link.coupling_loss_db[number].0), Hertz(link.bandwidth_khz.0 * 1e3));
        budget::Link::uplink(Dbm(link.power_dbm.0), loss, band, Db(link.noise_figure_db.0), Db(0.0)).sinr().0
    };
    vec![Output::list("snr", Quantity::Gain, labels, sinr)]
}

impl OperatingPoint {
    fn bits_per_symbol(&self) -> u32 {
        match self.modulation {
            Modulation::Bpsk => 1,
            Modulation::Qpsk => 2,
        }
    }

    /// The block with one of the numbers of repetitions.
    fn block(&self, number: usize) -> Block {
        let (units, repetitions) = (self.units.0, self.repetitions[number].0);
        let downlink = |in_band| (downlink_symbols(in_band), units * repetitions);
        let (symbols, airtime_ms) = match (self.channel, self.channel.tones()) {
            (_, Some(tones)) => (tones.data_symbols(), npusch_airtime_ms(tones, units, repetitions)),
            (channel, None) => downlink(channel == Channel::DownlinkInBand),
        };
        Block {
            bits: self.bits.0 + TRANSPORT_CRC,
            symbols: units * symbols,
            bits_per_symbol: self.bits_per_symbol(),
            repetitions,
            airtime: SimDuration::from_millis(u64::from(airtime_ms)),
        }
    }
}

pub(super) fn operating_point(point: &OperatingPoint) -> Result<Vec<Output<'_>>, Issue> {
    let (have, want) = (point.sinr_db.len(), point.repetitions.len());
    if want == 0 || (have > 0 && have != want) {
        let issue = Issue::new(["operating-point", "sinr_db"], format!("{have} ratios for {want} repetitions"));
        return Err(issue.expected("one for each of `repetitions`"));
    }
    let receiver = Receiver { antennas: point.antennas.0, margin: Db(point.margin_db.0) };
    let labels = || point.repetitions.iter().map(|repetitions| counted(u64::from(repetitions.0), "repetition"));
    let code_rate = || {
        let block = point.block(0);
        f64::from(block.bits) / f64::from(block.symbols * block.bits_per_symbol)
    };
    let lowest = move |number: usize| {
        let block = point.block(number);
        lowest(|sinr| receiver.failure(sinr, &block, 1, RETRANSMISSION) <= BLOCK_ERROR)
    };
    let mut outputs = vec![
        Output::new("code-rate", Quantity::Share, code_rate),
        Output::list("lowest-sinr", Quantity::Gain, labels(), lowest),
    ];
    if have > 0 {
        let throughput = move |number: usize| {
            let sinr = Db(point.sinr_db[number].0);
            receiver.throughput(sinr, &point.block(number), TRANSMISSIONS, RETRANSMISSION)
        };
        outputs.push(Output::list("throughput", Quantity::Share, labels(), throughput));
    }
    Ok(outputs)
}

/// The lowest ratio in dB that is enough, to a thousandth.
fn lowest(enough: impl Fn(Db) -> bool) -> f64 {
    let (mut low, mut high) = (-60.0, 60.0);
    while high - low > 1e-3 {
        let middle = 0.5 * (low + high);
        if enough(Db(middle)) { high = middle } else { low = middle }
    }
    high
}

/// The default NB-IoT network with these parameters over it.
fn network(over: &serde_json::Value) -> Result<Config, Issue> {
    let mut json = catalogue().load::<NbIot>(Kind::NbIot, "default").map_err(unavailable)?.json;
    overlay(&mut json, over);
    let broken = || Issue::new([] as [&str; 0], "the default network cannot be built");
    let file: NbIot = serde_json::from_value(json).map_err(|_| broken())?;
    file.config().map_err(|mut issues| issues.pop().unwrap_or_else(broken))
}

pub(super) fn shannon_bound() -> Result<Vec<Output<'static>>, Issue> {
    let config = network(&serde_json::json!({}))?;
    let most =
        move || link::channels(&config).map_or(f64::NAN, |all| share_of_capacity(&all, config.receive_antennas).0);
    Ok(vec![Output::new("largest-share", Quantity::Share, most)])
}

/// The largest share of the capacity of its band, at the mean ratio of all antennas together, that any block or grant
/// carries in any link class after any number of transmissions; and how many points were looked at.
#[must_use]
pub fn share_of_capacity(channels: &Channels, receive_antennas: u32) -> (f64, usize) {
    let (mut most, mut points) = (0.0f64, 0);
    for link in &channels.links {
        for table in &link.tables {
            // The ratio of an uplink class is that in 15 kHz.
            let (bandwidth, antennas) = match table.way {
                Way::Up => (15_000.0 / table.ratio_offset.linear(), f64::from(receive_antennas)),
                Way::Down => (180_000.0, 1.0),
            };
            // Msg3 is counted with its headers.
            let headers = if table.name == "msg3" { 0 } else { HEADER_BYTES };
            for (row, class) in table.rows.iter().flat_map(|row| LinkClass::all().map(move |class| (row, class))) {
                let capacity = bandwidth * (1.0 + antennas * (class.ratio() + table.ratio_offset).linear()).log2();
                for count in 1..=row.transmissions {
                    let arrived = 1.0 - row.failure(class, count);
                    if arrived > ARRIVED_AT_LEAST {
                        let seconds = f64::from(row.airtime_ms * count) / 1e3;
                        most = most.max(f64::from((row.bytes + headers) * 8) * arrived / seconds / capacity);
                        points += 1;
                    }
                }
            }
        }
        for grants in [&link.dedicated, &link.common] {
            for class in LinkClass::all() {
                let capacity = 180.0 * (1.0 + class.ratio().linear()).log2();
                let bits = f64::from(DCI_BITS - 16) * (1.0 - grants.loss[class.index()].value());
                most = most.max(bits / f64::from(grants.airtime_ms) / capacity);
                points += 1;
            }
        }
    }
    (most, points)
}

/// The cycles of a terminal next to the base station, from grant to grant, in the downlink and in the uplink: milliseconds, and
/// bits of blocks in them. With two processes the second grant lies in the gap before the first block.
#[must_use]
pub fn cycles(link: &Link, processes: u32) -> [(u64, f64); 2] {
    let fastest = |table: usize| {
        let table = link.faster(table, link.tables[table].faster.len());
        let row = table.rows.last();
        row.map_or((0, 0.0), |row| (u64::from(row.airtime_ms), f64::from((row.bytes + HEADER_BYTES) * 8)))
    };
    let ms = SimDuration::as_millis_ceil;
    let processes = u64::from(processes);
    let ((down, down_bits), (up, up_bits)) = (fastest(DATA_DOWN), fastest(DATA_UP));
    let acknowledgement = &link.acknowledgement;
    let acknowledged = ms(acknowledgement.gap + acknowledgement.turnaround) + u64::from(acknowledgement.airtime_ms);
    let grant = u64::from(link.dedicated.airtime_ms);
    let down_ms = grant + ms(link.downlink_gap) + processes * down + acknowledged;
    let up_ms = grant + ms(link.uplink_gap) + processes * up + ms(link.uplink_turnaround);
    [(down_ms, processes as f64 * down_bits), (up_ms, processes as f64 * up_bits)]
}

pub(super) fn peak_rate(rate: &PeakRate) -> Result<Vec<Output<'_>>, Issue> {
    // Level 0 laid out for a terminal that hears nobody but its own cell, close to it.
    let config = network(&serde_json::json!({
        "category": rate.category,
        "harq_processes": rate.harq_processes.0,
        "planned_interference_db": 40,
        "levels": {
            "level-0": { "max_coupling_loss_db": 120, "npdcch_rmax": 2 },
            "level-2": { "spacing_khz": 15 },
        },
    }))
    .map_err(|issue| issue.below(["peak-rate".to_owned()]))?;
    let config = std::rc::Rc::new(config);
    let of_cycle = |name, way: usize, quantity, of: fn((u64, f64), u64) -> f64| {
        let config = config.clone();
        let compute = move || match link::channels(&config) {
            Ok(channels) => {
                of(cycles(&channels.links[0], rate.harq_processes.0)[way], u64::from(rate.grants_every_ms.0))
            }
            Err(_) => f64::NAN,
        };
        Output::new(name, quantity, compute)
    };
    let seconds = |(ms, _): (u64, f64), _| ms as f64 / 1e3;
    let bits_per_second = |(ms, bits): (u64, f64), every: u64| bits * 1e3 / ms.next_multiple_of(every) as f64;
    Ok(vec![
        of_cycle("cycle-down", 0, Quantity::Time, seconds),
        of_cycle("cycle-up", 1, Quantity::Time, seconds),
        of_cycle("down", 0, Quantity::Rate, bits_per_second),
        of_cycle("up", 1, Quantity::Rate, bits_per_second),
    ])
}
