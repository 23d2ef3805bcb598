//! From an operator's parameters to the channels of a cell: calendars, grants, block sizes, error rates, random access.
//!
//! Link adaptation knows what a base station knows: the coverage level of a terminal. It chooses one modulation and
//! coding scheme and one number of repetitions per level, good for the edge of the level, and leaves the rest to HARQ.

use crate::power::Profile;
use std::ops::Range;

use crate::propagation::error_rate::{Block, Receiver};
use crate::propagation::{Tr45820, budget};
use crate::radio::calendar::{Calendar, NothingLeft};
use crate::radio::channel::{
    AccessChannel, Acknowledgement, BlockRow, BlockTable, Channels, Grants, Link, LinkClass, Paging, SearchSpace, Way,
};
use crate::radio::nbiot::admission::EarlyLevel;
use crate::radio::nbiot::config::{Config, Deployment, LEVELS, Level, MAX_TRANSMISSIONS, Spacing};
use crate::radio::nbiot::tables::{self, Tones};
use crate::radio::{Budgets, Seat};
use crate::rng::Probability;
use crate::units::{Db, Dbm, Hertz, SimDuration};

/// Block table of scheduled uplink data.
pub const DATA_UP: usize = 0;
/// Block table of the downlink.
pub const DATA_DOWN: usize = 1;
/// Block table of Msg3.
pub const MSG3: usize = 2;
/// Block table of random-access responses.
const RESPONSES: usize = 3;
/// Block table of Msg3 with data, if the network has early data or preconfigured resources.
pub const EARLY_DATA: usize = 4;
/// Block table of preconfigured uplink resources, if the network has them or early data.
pub const RESERVED: usize = 5;
/// Most bytes that one block of the downlink can hold.
pub const DATA_DOWN_LARGEST: u32 = tables::NPDSCH_MAX_TBS / 8 - BLOCK_HEADER_BYTES;

/// Bandwidth of an NB-IoT carrier.
pub const CARRIER_BANDWIDTH: Hertz = Hertz(180_000.0);
/// Bandwidth in which the uplink ratio of a link class is measured; levels with other tones convert.
const UPLINK_CLASS_BANDWIDTH: Hertz = Hertz(15_000.0);
/// What networks are planned for: the terminal of TR 45.820, 23 dBm and a noise figure of 5 dB.
const PLANNED_POWER: Dbm = Dbm(23.0);
const PLANNED_NOISE_FIGURE: Db = Db(5.0);
/// Largest probability of a missed grant at the edge of a level: beyond it a terminal counts as out of sync (Qout, TS
/// 36.133 clause 7.6.1).
const CONTROL_TARGET: f64 = 0.1;
/// Largest probability that a random-access response is not understood at the edge of a level, its grant apart.
const RESPONSE_TARGET: f64 = 0.05;
/// Largest probability that a block fails in all its transmissions at the edge of a level.
const RESIDUAL_TARGET: f64 = 0.01;
/// MAC subheader and RLC header of each block, bytes (TS 36.321 clause 6.1.2, TS 36.322 clause 6.2.1).
const BLOCK_HEADER_BYTES: u32 = 4;
/// One random-access response: six bytes and a subheader (TS 36.321 clauses 6.1.5 and 6.2.3).
const RESPONSE_BYTES: u32 = 7;
/// A page for one terminal: identity of 40 bits and its frame (TS 36.331 clause 6.2.2, Paging-NB).
const PAGE_BYTES: u32 = 7;
/// Processing times, milliseconds (TS 36.213 clauses 16.4.1, 16.4.2, 16.5.1, 16.6 and 16.3.3): the earliest the standard allows.
const DOWNLINK_GAP_MS: u64 = 4;
const UPLINK_GAP_MS: u64 = 8;
const ACKNOWLEDGEMENT_GAP_MS: u64 = 12;
const TURNAROUND_MS: u64 = 3;
const RESPONSE_GRANT_GAP_MS: u64 = 12;

impl Spacing {
    /// The NPUSCH of this spacing.
    #[must_use]
    pub fn tones(self) -> Tones {
        match self {
            Spacing::Khz3_75 => Tones::One3_75,
            Spacing::Khz15 => Tones::One15,
        }
    }
}

/// The period of the NPDCCH search space: T = Rmax·G, at least 4 ms (TS 36.213 clause 16.6).
#[must_use]
pub fn search_period(level: &Level) -> SimDuration {
    let ms = (f64::from(level.npdcch_rmax) * level.npdcch_g) as u64;
    SimDuration::from_millis(ms.max(4))
}

/// How long a terminal waits for the resolution of the contention (mac-ContentionResolutionTimer, TS 36.331).
#[must_use]
pub fn contention_timer(level: &Level) -> SimDuration {
    search_period(level) * u64::from(level.contention_timer)
}

/// Works out the channels of a cell.
///
/// # Errors
/// [`NothingLeft`] if random access takes the whole uplink.
pub fn channels(config: &Config) -> Result<Channels, NothingLeft> {
    let links: Vec<Link> = (0..LEVELS).map(|level| link(config, level)).collect();
    Ok(Channels {
        downlink: downlink_calendar(config)?,
        tones: uplink_calendars(config)?,
        level_error: config.rsrp_error,
        access: access_channels(config, &links),
        links,
        paging: Paging {
            cycle: config.paging_cycle,
            cells: config.paging_cells,
            deepest: !config.paging_by_level,
            table: RESPONSES,
            bytes: PAGE_BYTES,
        },
    })
}

/// The coverage level of a terminal, by its coupling loss as RSRP shows it, and how well terminal and cell hear each
/// other: full power in the uplink, the carrier against noise and neighbours in the downlink.
#[must_use]
pub fn seat(config: &Config, device: &Profile, air: &Tr45820, coupling_loss: Db, neighbour_gain: f64) -> Seat {
    let Budgets { level, downlink, uplink } = budgets(config, device, air, coupling_loss, neighbour_gain);
    let uplink = budget::Link { bandwidth: UPLINK_CLASS_BANDWIDTH, ..uplink };
    let (uplink, downlink) = (LinkClass::of(uplink.sinr()), LinkClass::of(downlink.sinr()));
    Seat { coupling_loss, level, uplink, downlink }
}

/// The coverage level of a terminal and its link budgets, the uplink on the tone of its level; beyond the deepest level on
/// the tone of that one.
#[must_use]
pub fn budgets(config: &Config, device: &Profile, air: &Tr45820, coupling_loss: Db, neighbour_gain: f64) -> Budgets {
    let level = config.levels.iter().take_while(|level| coupling_loss > level.max_coupling_loss).count();
    // Terminals on a bench have no neighbours, in either direction.
    let noise_rise = if neighbour_gain > 0.0 { air.uplink_noise_rise } else { Db(0.0) };
    let uplink = budget::Link::uplink(
        device.max_tx_power,
        coupling_loss,
        config.levels[level.min(LEVELS - 1)].spacing.tones().bandwidth(),
        config.noise_figure,
        noise_rise,
    );
    let downlink = budget::Link::downlink(
        config.carrier_power,
        coupling_loss,
        CARRIER_BANDWIDTH,
        device.noise_figure,
        air.neighbour_activity,
        neighbour_gain,
    );
    Budgets { level: level as u8, downlink, uplink }
}

/// Subframes that remain for NPDCCH and NPDSCH on an anchor carrier beside synchronisation signals, broadcast and SI
/// messages, which fill the usable subframes at the start of each SI period.
fn downlink_calendar(config: &Config) -> Result<Calendar, NothingLeft> {
    let si_period = config.si_period_ms.max(1);
    // Three of four subframes are usable for SI messages.
    let si_ms = config.si_subframes * 4 / 3;
    Calendar::new(lcm(tables::SIB1_PERIOD_MS, si_period), |ms| {
        tables::is_anchor_signal(ms) || tables::is_sib1(ms, config.sib1_repetitions) || ms % si_period < si_ms
    })
}

/// The uplink as tones: columns of 15 kHz from the lower end, then tones of 3.75 kHz, four to a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Grid {
    wide: u32,
    narrow: u32,
}

/// Subcarriers of 3.75 kHz in a column of 15 kHz.
const NARROW_PER_COLUMN: u32 = 4;
const COLUMNS: u32 = 12;

impl Grid {
    fn new(config: &Config) -> Grid {
        let narrow = |level: &Level| level.spacing == Spacing::Khz3_75;
        let columns = match config.levels.iter().filter(|level| narrow(level)).count() {
            0 => 0,
            LEVELS => COLUMNS,
            _ => config.narrow_columns.clamp(1, COLUMNS - 1),
        };
        Grid { wide: COLUMNS - columns, narrow: columns * NARROW_PER_COLUMN }
    }

    /// The tones of a spacing.
    fn tones(self, spacing: Spacing) -> Range<usize> {
        match spacing {
            Spacing::Khz15 => 0..self.wide as usize,
            Spacing::Khz3_75 => self.wide as usize..(self.wide + self.narrow) as usize,
        }
    }

    /// The subcarriers of 3.75 kHz that a tone covers.
    fn subcarriers(self, tone: u32) -> Range<u32> {
        let first = tone.min(self.wide) * NARROW_PER_COLUMN + tone.saturating_sub(self.wide);
        first..first + if tone < self.wide { NARROW_PER_COLUMN } else { 1 }
    }
}

/// Milliseconds of each tone that remain for NPUSCH beside the NPRACH of all levels.
fn uplink_calendars(config: &Config) -> Result<Vec<Calendar>, NothingLeft> {
    let ms = |span: SimDuration| span.as_millis_ceil() as u32;
    let period = config.levels.iter().fold(1, |period, level| lcm(period, ms(level.nprach.period)));
    let grid = Grid::new(config);
    (0..grid.wide + grid.narrow)
        .map(|tone| {
            let covered = grid.subcarriers(tone);
            let meets = |level: &&Level| {
                let first = level.nprach.subcarrier_offset;
                covered.start < first + level.nprach.subcarriers && first < covered.end
            };
            let levels: Vec<&Level> = config.levels.iter().filter(meets).collect();
            Calendar::new(period, |at| {
                levels.iter().any(|level| {
                    let cycle = ms(level.nprach.period);
                    (at + cycle - ms(level.nprach.start) % cycle) % cycle < ms(tables::preamble_span(&level.nprach))
                })
            })
        })
        .collect()
}

fn lcm(a: u32, b: u32) -> u32 {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    a / x * b
}

/// Downlink signal-to-interference-and-noise ratio at the edge of a level, as planned.
fn planned_downlink(config: &Config, level: &Level) -> Db {
    let noise = Dbm::thermal_noise(CARRIER_BANDWIDTH) + PLANNED_NOISE_FIGURE;
    let snr = config.carrier_power - level.max_coupling_loss - noise;
    let sum = 1.0 / snr.linear() + 1.0 / config.planned_interference.linear();
    Db::from_linear(1.0 / sum)
}

/// Uplink signal-to-noise ratio at the edge of a level, as planned.
fn planned_uplink(config: &Config, level: &Level) -> Db {
    let noise = Dbm::thermal_noise(level.spacing.tones().bandwidth()) + config.noise_figure;
    PLANNED_POWER - level.max_coupling_loss - noise
}

/// A way to send blocks: a row of the block-size table and a number of repetitions.
#[derive(Clone, Copy)]
struct Scheme {
    i_tbs: usize,
    bits_per_symbol: u32,
    repetitions: u32,
}

impl Scheme {
    /// The scheme for people.
    fn label(&self, channel: &str) -> String {
        let modulation = if self.bits_per_symbol == 1 { "BPSK" } else { "QPSK" };
        format!("{channel}, I_TBS {}, {modulation}, {}", self.i_tbs, repetitions_label(self.repetitions))
    }
}

fn repetitions_label(repetitions: u32) -> String {
    if repetitions == 1 { "1 repetition".to_owned() } else { format!("{repetitions} repetitions") }
}

/// One direction of a link: what its blocks are made of.
struct Direction {
    way: Way,
    /// The channel that carries its blocks.
    channel: &'static str,
    receiver: Receiver,
    sizes: &'static tables::BlockSizes,
    largest: u32,
    unit_ms: u32,
    unit_symbols: u32,
    gaps_ms: fn(u32) -> u32,
    /// What must be added to the ratio of a link class to have the ratio in the band of these blocks.
    class_offset: Db,
    /// From one HARQ transmission to the next, besides the block itself.
    round_trip: SimDuration,
    transmissions: u32,
}

impl Direction {
    fn airtime_ms(&self, unit: usize, scheme: &Scheme) -> u32 {
        tables::UNITS[unit] * self.unit_ms * scheme.repetitions
    }

    fn block(&self, unit: usize, scheme: &Scheme) -> Block {
        Block {
            bits: self.sizes[scheme.i_tbs][unit] + tables::TRANSPORT_CRC,
            symbols: tables::UNITS[unit] * self.unit_symbols,
            bits_per_symbol: scheme.bits_per_symbol,
            repetitions: scheme.repetitions,
            airtime: SimDuration::from_millis(u64::from(self.airtime_ms(unit, scheme))),
        }
    }

    /// The probabilities that a block is still wrong after one transmission, two, and so on.
    fn failures(&self, ratio: Db, unit: usize, scheme: &Scheme) -> [f64; MAX_TRANSMISSIONS] {
        self.receiver.failures(ratio, &self.block(unit, scheme), self.round_trip)
    }

    /// The scheme that moves a bit in the least expected time at `ratio`, retransmissions and their grants included,
    /// among those whose first transmission fails no more often than `target` and that hardly ever fail for good; if there
    /// is none, the most robust.
    fn adapt(&self, ratio: Db, target: f64, schemes: impl Iterator<Item = (Scheme, usize)>) -> (Scheme, usize) {
        let mut best = None;
        let mut most_robust = (f64::INFINITY, (Scheme { i_tbs: 0, bits_per_symbol: 1, repetitions: 1 }, 0));
        for (scheme, unit) in schemes {
            let failures = &self.failures(ratio, unit, &scheme)[..self.transmissions as usize];
            let residual = failures[failures.len() - 1];
            if residual < most_robust.0 {
                most_robust = (residual, (scheme, unit));
            }
            let once = f64::from(self.airtime_ms(unit, &scheme)) + self.round_trip.as_secs_f64() * 1e3;
            let transmissions = 1.0 + failures[..failures.len() - 1].iter().sum::<f64>();
            let bits = f64::from(self.sizes[scheme.i_tbs][unit]) * (1.0 - residual);
            let ms_per_bit = once * transmissions / bits;
            let allowed = failures[0] <= target && residual <= RESIDUAL_TARGET;
            if allowed && best.is_none_or(|(least, _)| ms_per_bit < least) {
                best = Some((ms_per_bit, (scheme, unit)));
            }
        }
        best.unwrap_or(most_robust).1
    }

    fn row(&self, unit: usize, scheme: &Scheme, bytes: u32) -> BlockRow {
        let airtime_ms = self.airtime_ms(unit, scheme);
        let mut loss = Vec::with_capacity(LinkClass::COUNT * self.transmissions as usize);
        for class in LinkClass::all() {
            let failures = self.failures(class.ratio() + self.class_offset, unit, scheme);
            let mut before = 1.0;
            for &after in &failures[..self.transmissions as usize] {
                loss.push(Probability::new(if before > 0.0 { after / before } else { 0.0 }));
                before = after;
            }
        }
        BlockRow {
            bytes,
            airtime_ms,
            gaps_ms: (self.gaps_ms)(airtime_ms),
            repetitions: scheme.repetitions,
            loss,
            transmissions: self.transmissions,
        }
    }

    /// All sizes of a scheme that carry at least one byte.
    fn table(&self, name: &'static str, scheme: &Scheme) -> BlockTable {
        self.table_up_to(name, scheme, self.largest)
    }

    /// All sizes of a scheme of at most so many bits that carry at least one byte.
    fn table_up_to(&self, name: &'static str, scheme: &Scheme, bits: u32) -> BlockTable {
        let units = (0..tables::UNITS.len()).filter(|&unit| self.sizes[scheme.i_tbs][unit] <= bits);
        let rows = units.filter_map(|unit| {
            let bytes = (self.sizes[scheme.i_tbs][unit] / 8).checked_sub(BLOCK_HEADER_BYTES).filter(|&b| b > 0)?;
            Some(self.row(unit, scheme, bytes))
        });
        self.table_of(name, scheme, rows.collect())
    }

    fn table_of(&self, name: &'static str, scheme: &Scheme, rows: Vec<BlockRow>) -> BlockTable {
        BlockTable { name, way: self.way, label: scheme.label(self.channel), ratio_offset: self.class_offset, rows }
    }

    /// The unit index of the largest block of a scheme.
    fn largest_unit(&self, i_tbs: usize) -> usize {
        (0..tables::UNITS.len()).rev().find(|&unit| self.sizes[i_tbs][unit] <= self.largest).unwrap_or(0)
    }
}

fn link(config: &Config, number: usize) -> Link {
    let level = &config.levels[number];
    let tones = level.spacing.tones();
    let in_band = config.deployment == Deployment::InBand;
    let period = search_period(level);
    let up = Direction {
        way: Way::Up,
        channel: "NPUSCH",
        receiver: Receiver { antennas: config.receive_antennas, margin: config.receiver_margin },
        sizes: &tables::NPUSCH_TBS,
        largest: tables::NPUSCH_MAX_TBS,
        unit_ms: tones.resource_unit_ms(),
        unit_symbols: tones.data_symbols(),
        gaps_ms: tables::npusch_gaps_ms,
        class_offset: Db::from_linear(UPLINK_CLASS_BANDWIDTH.0 / tones.bandwidth().0),
        round_trip: period + SimDuration::from_millis(UPLINK_GAP_MS + TURNAROUND_MS),
        transmissions: config.max_transmissions,
    };
    let down = Direction {
        way: Way::Down,
        channel: "NPDSCH",
        receiver: Receiver { antennas: 1, margin: config.receiver_margin },
        sizes: &tables::NPDSCH_TBS,
        largest: tables::NPDSCH_MAX_TBS,
        unit_ms: 1,
        unit_symbols: tables::downlink_symbols(in_band),
        gaps_ms: |_| 0,
        class_offset: Db(0.0),
        round_trip: period + SimDuration::from_millis(DOWNLINK_GAP_MS + ACKNOWLEDGEMENT_GAP_MS + TURNAROUND_MS),
        transmissions: config.max_transmissions,
    };
    let (planned_up, planned_down) = (planned_uplink(config, level), planned_downlink(config, level));
    let (up_scheme, _) = up.adapt(planned_up, config.target_block_error, uplink_schemes(&up));
    let (down_scheme, _) = down.adapt(planned_down, config.target_block_error, downlink_schemes(&down, in_band));
    let (msg3_scheme, msg3_unit) = up.adapt(planned_up, config.target_block_error, msg3_schemes());
    let msg3 = up.row(msg3_unit, &msg3_scheme, tables::NPUSCH_TBS[msg3_scheme.i_tbs][msg3_unit] / 8);
    // Responses are not repeated, so they must arrive at the first go.
    let (response_scheme, _) = down.adapt(planned_down, RESPONSE_TARGET, downlink_schemes(&down, in_band));
    let mut tables = vec![
        up.table("data", &up_scheme),
        down.table("data", &down_scheme),
        up.table_of("msg3", &msg3_scheme, vec![msg3]),
        down.table("response", &response_scheme),
    ];
    let single_blocks = single_blocks(config, number).into_iter().flatten();
    tables.extend(single_blocks.map(|(name, bits)| {
        let (scheme, _) = up.adapt(planned_up, config.target_block_error, block_schemes(bits));
        up.table_up_to(name, &scheme, bits)
    }));
    Link {
        max_coupling_loss: level.max_coupling_loss,
        dedicated: dedicated_grants(&down, planned_down, level),
        common: grants(&down, level, level.npdcch_rmax),
        downlink_gap: SimDuration::from_millis(DOWNLINK_GAP_MS),
        acknowledgement: Acknowledgement {
            gap: SimDuration::from_millis(ACKNOWLEDGEMENT_GAP_MS),
            airtime_ms: tables::acknowledgement_ms(tones) * msg3_scheme.repetitions,
            turnaround: SimDuration::from_millis(TURNAROUND_MS),
        },
        uplink_gap: SimDuration::from_millis(UPLINK_GAP_MS),
        uplink_turnaround: SimDuration::from_millis(TURNAROUND_MS),
        tones: Grid::new(config).tones(level.spacing),
        tables,
    }
}

fn uplink_schemes(up: &Direction) -> impl Iterator<Item = (Scheme, usize)> {
    tables::SINGLE_TONE_I_TBS.iter().enumerate().flat_map(move |(i_mcs, &i_tbs)| {
        let bits_per_symbol = tables::single_tone_bits_per_symbol(i_mcs);
        let unit = up.largest_unit(i_tbs);
        tables::NPUSCH_REPETITIONS.map(|repetitions| (Scheme { i_tbs, bits_per_symbol, repetitions }, unit))
    })
}

/// In-band carriers stop at I_TBS 10 (TS 36.213 clause 16.4.1.5.1).
fn downlink_schemes(down: &Direction, in_band: bool) -> impl Iterator<Item = (Scheme, usize)> {
    (0..if in_band { 11 } else { 13 }).flat_map(move |i_tbs| {
        let unit = down.largest_unit(i_tbs);
        tables::NPDSCH_REPETITIONS.map(|repetitions| (Scheme { i_tbs, bits_per_symbol: 2, repetitions }, unit))
    })
}

/// The three ways to send 88 bits that a random-access response can grant (TS 36.213 table 16.3.3-1).
fn msg3_schemes() -> impl Iterator<Item = (Scheme, usize)> {
    [(0, 1, 3), (1, 2, 2), (6, 2, 0)].into_iter().flat_map(|(i_tbs, bits_per_symbol, unit)| {
        tables::NPUSCH_REPETITIONS.map(|repetitions| (Scheme { i_tbs, bits_per_symbol, repetitions }, unit))
    })
}

/// The blocks in which a message goes by itself: what they are called and their largest size in bits. None if the network
/// has neither early data nor preconfigured resources; both tables if it has one of them, for tables go by number.
fn single_blocks(config: &Config, level: usize) -> Option<[(&'static str, u32); 2]> {
    let (early, reserved) = (&config.admission.early_data, &config.admission.preconfigured);
    let early = early.as_ref().map(|early| early.levels[level].max_tbs);
    let reserved = reserved.as_ref().map(|reserved| reserved.max_tbs);
    let either = early.or(reserved)?;
    Some([("early", early.unwrap_or(either)), ("reserved", reserved.unwrap_or(either))])
}

/// The ways to send a block of exactly so many bits on one tone (TS 36.213 tables 16.5.1.2-1 and 16.5.1.2-2). There is at
/// least one for each edt-TBS; TS 36.213 clause 16.3.3 offers some of them in a response.
fn block_schemes(bits: u32) -> impl Iterator<Item = (Scheme, usize)> {
    tables::SINGLE_TONE_I_TBS.iter().enumerate().flat_map(move |(i_mcs, &i_tbs)| {
        let bits_per_symbol = tables::single_tone_bits_per_symbol(i_mcs);
        let units = (0..tables::UNITS.len()).filter(move |&unit| tables::NPUSCH_TBS[i_tbs][unit] == bits);
        let repeated = move |unit| {
            tables::NPUSCH_REPETITIONS.map(|repetitions| (Scheme { i_tbs, bits_per_symbol, repetitions }, unit))
        };
        units.flat_map(repeated)
    })
}

/// Probability that a terminal misses a grant of so many repetitions.
fn control_failure(down: &Direction, ratio: Db, repetitions: u32) -> f64 {
    let block = Block {
        bits: tables::DCI_BITS,
        symbols: down.unit_symbols,
        bits_per_symbol: 2,
        repetitions,
        airtime: SimDuration::from_millis(u64::from(repetitions)),
    };
    down.receiver.failure(ratio, &block, 1, SimDuration::ZERO)
}

/// Grants to one terminal: the fewest repetitions with which they arrive at `ratio`, of Rmax/8, /4, /2 and Rmax (TS
/// 36.213 table 16.6-1).
fn dedicated_grants(down: &Direction, ratio: Db, level: &Level) -> Grants {
    let rmax = level.npdcch_rmax;
    let choices = [rmax / 8, rmax / 4, rmax / 2, rmax];
    let fits = |&&repetitions: &&u32| repetitions > 0 && control_failure(down, ratio, repetitions) <= CONTROL_TARGET;
    grants(down, level, *choices.iter().find(fits).unwrap_or(&rmax))
}

/// Grants of so many repetitions. Those to all who wait for a response take Rmax: nobody is known to be near.
fn grants(down: &Direction, level: &Level, repetitions: u32) -> Grants {
    Grants {
        label: format!("NPDCCH, {}", repetitions_label(repetitions)),
        search: SearchSpace::new(
            search_period(level),
            SimDuration::from_millis(u64::from(repetitions)),
            u64::from(level.npdcch_rmax / repetitions),
        ),
        airtime_ms: repetitions,
        loss: LinkClass::all()
            .map(|class| Probability::new(control_failure(down, class.ratio(), repetitions)))
            .collect(),
    }
}

/// Random access at each level, then, if there is early data, that for early data at each level. Both share the opportunities
/// of the level, each with subcarriers of its own.
fn access_channels(config: &Config, links: &[Link]) -> Vec<AccessChannel> {
    let mut channels: Vec<AccessChannel> = (0..LEVELS).map(|level| access(config, level, &links[level])).collect();
    if let Some(early) = &config.admission.early_data {
        for (level, EarlyLevel { subcarriers, .. }) in early.levels.iter().enumerate() {
            channels[level].preambles -= subcarriers;
            channels.push(AccessChannel {
                name: format!("level {level}, early data"),
                preambles: *subcarriers,
                first_table: EARLY_DATA,
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
        name: format!("level {level}"),
        link: level,
        period: nprach.period,
        start: nprach.start,
        preambles: nprach.subcarriers,
        preamble: tables::preamble_span(nprach),
        preamble_airtime: tables::preamble_airtime(nprach),
        detection: Probability::new(config.detection_probability),
        collision: config.collision,
        response_delay,
        window: search_period(parameters) * u64::from(parameters.response_window),
        responses_per_message: config.responses_per_message.min(largest / RESPONSE_BYTES).max(1),
        response_table: RESPONSES,
        response_bytes: RESPONSE_BYTES,
        grant_gap: SimDuration::from_millis(RESPONSE_GRANT_GAP_MS),
        first_table: MSG3,
        first_bytes: link.tables[MSG3].rows[0].bytes,
        contention_timer: contention_timer(parameters),
    }
}
