//! From an operator's parameters to the channels of a cell: calendars, grants, block sizes, error rates, random access.
//!
//! Link adaptation knows what a base station knows. By the coverage level of a terminal it chooses the number of tones, the
//! modulation and coding scheme and the repetitions that are good for the edge of the level. Faster schemes stand ready in
//! steps of some decibels; which of them a terminal gets is up to [`adaptation`](crate::radio::adaptation).

use crate::power::Profile;
use crate::propagation::error_rate::{Block, Curve, Receiver};
use crate::propagation::{Tr45820, budget};
use crate::radio::adaptation::{Adaptation, MOST_STEPS};
use crate::radio::calendar::{Calendar, Gaps, NothingLeft};
use crate::radio::channel::{
    Acknowledgement, Band, Carrier, Channels, Grants, Link, LinkClass, Paging, PowerRule, SearchSpace, Way,
};
use crate::radio::nbiot::config::{Category, Config, Deployment, LEVELS, Level, Spacing};
use crate::radio::nbiot::grid::{Grid, bands_of, lcm};
use crate::radio::nbiot::harq;
use crate::radio::nbiot::ntn::Ntn;
use crate::radio::nbiot::power::{controlled, data_power, msg3_power};
use crate::radio::nbiot::random_access::access_channels;
use crate::radio::nbiot::scheme::{BLOCK_HEADER_BYTES, Choice, Direction, Scheme, candidates, repetitions_label};
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
pub(super) const RESPONSES: usize = 3;
/// Block table of Msg3 with data, if the network has early data or preconfigured resources.
pub const EARLY_DATA: usize = 4;
/// Block table of preconfigured uplink resources, if the network has them or early data.
pub const RESERVED: usize = 5;
/// Bandwidth of an NB-IoT carrier.
pub const CARRIER_BANDWIDTH: Hertz = Hertz(180_000.0);
/// Bandwidth in which the uplink ratio of a link class is measured; levels with other tones convert.
pub const UPLINK_CLASS_BANDWIDTH: Hertz = Hertz(15_000.0);
/// What networks are planned for: the terminal of TR 45.820, 23 dBm and a noise figure of 5 dB.
const PLANNED_POWER: Dbm = Dbm(23.0);
const PLANNED_NOISE_FIGURE: Db = Db(5.0);
/// Largest probability of a missed grant at the edge of a level: beyond it a terminal counts as out of sync (Qout, TS
/// 36.133 clause 7.6.1).
const CONTROL_TARGET: f64 = 0.1;
/// Largest probability that a random-access response is not understood at the edge of a level, its grant apart.
const RESPONSE_TARGET: f64 = 0.05;
/// From one step of the ladder of faster schemes to the next: how much better the ratio is for which it is laid out.
const STEP: Db = Db(3.0);
/// Names of the schemes for data, from that of the edge on.
const DATA: [&str; 1 + MOST_STEPS] = ["data", "data+1", "data+2", "data+3", "data+4"];
/// A page for one terminal: identity of 40 bits and its frame (TS 36.331 clause 6.2.2, Paging-NB).
const PAGE_BYTES: u32 = 7;
/// Processing times, milliseconds (TS 36.213 clauses 16.4.1, 16.4.2, 16.5.1 and 16.6): the earliest the standard allows.
const DOWNLINK_GAP_MS: u64 = 4;
const UPLINK_GAP_MS: u64 = 8;
const ACKNOWLEDGEMENT_GAP_MS: u64 = 12;

/// Most bytes that one block of the downlink can hold.
#[must_use]
pub fn data_down_largest(config: &Config) -> u32 {
    tables::npdsch_max_tbs(config.category) / 8 - BLOCK_HEADER_BYTES
}

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
    let grid = Grid::new(config);
    let bands = grid.bands(config);
    let links: Vec<Link> = (0..LEVELS).map(|level| link(config, level, grid, &bands)).collect();
    Ok(Channels {
        carriers: carriers(config, grid, bands)?,
        adaptation: config.adaptation,
        level_error: config.rsrp_error,
        access: access_channels(config, &links),
        links,
        assistance: config.ntn.as_ref().map(Ntn::assistance),
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
    Seat { coupling_loss, level, uplink, downlink, interference: 0.0 }
}

/// The coverage level of a terminal with this coupling loss; the number of levels beyond the deepest.
#[must_use]
pub fn level(config: &Config, coupling_loss: Db) -> u8 {
    config.levels.iter().take_while(|level| coupling_loss > level.max_coupling_loss).count() as u8
}

/// The coverage level of a terminal and its link budgets, the uplink on the tone of its level; beyond the deepest level on
/// the tone of that one.
#[must_use]
pub fn budgets(config: &Config, device: &Profile, air: &Tr45820, coupling_loss: Db, neighbour_gain: f64) -> Budgets {
    let level = level(config, coupling_loss);
    // Terminals on a bench have no neighbours, in either direction.
    let noise_rise = if neighbour_gain > 0.0 { air.uplink_noise_rise } else { Db(0.0) };
    let uplink = budget::Link::uplink(
        device.max_tx_power,
        coupling_loss,
        config.levels[usize::from(level).min(LEVELS - 1)].spacing.tones().bandwidth(),
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
    Budgets { level, downlink, uplink }
}

/// The anchor carrier and the others. Those have no synchronisation signals and no broadcast (TS 36.300 clause 5.5a) and,
/// in Release 13, no NPRACH.
fn carriers(config: &Config, grid: Grid, bands: Vec<Band>) -> Result<Vec<Carrier>, NothingLeft> {
    let tones = grid.calendars(config)?;
    let open = vec![Calendar::open(); tones.len()];
    let free = bands.iter().map(|band| Band { tones: band.tones.clone(), calendar: Calendar::open() }).collect();
    let anchor = carrier(config, anchor_period(config), |ms| is_anchor_overhead(config, ms), (tones, bands))?;
    // A frame, after which invalid subframes repeat.
    let further = carrier(config, 10, |ms| is_invalid(config, ms), (open, free))?;
    let count = config.non_anchor_carriers as usize;
    Ok(std::iter::once(anchor).chain(std::iter::repeat_n(further, count)).collect())
}

/// A carrier of whose downlink subframes `taken` is used otherwise, in a pattern of `period` milliseconds.
fn carrier(
    config: &Config,
    period: u32,
    taken: impl Fn(u32) -> bool,
    (tones, bands): (Vec<Calendar>, Vec<Band>),
) -> Result<Carrier, NothingLeft> {
    let gaps = config.downlink_gap.map(|gap| {
        let outside = Calendar::new(lcm(period, gap.period_ms), |ms| taken(ms % period) || gap.covers(ms))?;
        Ok(Gaps::new(gap.period_ms, gap.length_ms, outside))
    });
    Ok(Carrier { downlink: Calendar::new(period, &taken)?, gaps: gaps.transpose()?, tones, bands })
}

/// Whether a subframe of an anchor carrier is invalid or carries synchronisation signals, broadcast or SI messages, which
/// fill the usable subframes at the start of each SI period; the others remain for NPDCCH and NPDSCH.
fn is_anchor_overhead(config: &Config, ms: u32) -> bool {
    // Three of four subframes are usable for SI messages.
    let si_ms = config.si_subframes * 4 / 3;
    tables::is_anchor_signal(ms)
        || tables::is_sib1(ms, config.sib1_repetitions)
        || ms % si_period(config) < si_ms
        || is_invalid(config, ms)
}

/// Whether an in-band carrier may not use a subframe (TS 36.213 clause 16.4: NB-IoT downlink subframes).
fn is_invalid(config: &Config, ms: u32) -> bool {
    config.deployment == Deployment::InBand && config.invalid_subframes.contains(&(ms % 10))
}

/// Milliseconds after which that repeats.
fn anchor_period(config: &Config) -> u32 {
    // A multiple of the frame of ten subframes, and so of the invalid ones.
    lcm(tables::SIB1_PERIOD_MS, si_period(config))
}

fn si_period(config: &Config) -> u32 {
    config.si_period_ms.max(1)
}

/// Downlink signal-to-interference-and-noise ratio at the edge of a level, as planned.
fn planned_downlink(config: &Config, level: &Level) -> Db {
    let noise = Dbm::thermal_noise(CARRIER_BANDWIDTH) + PLANNED_NOISE_FIGURE;
    let snr = config.carrier_power - level.max_coupling_loss - noise;
    let sum = 1.0 / snr.linear() + 1.0 / config.planned_interference.linear();
    Db::from_linear(1.0 / sum)
}

/// Uplink signal-to-noise ratio at the edge of a level, as planned, in the bandwidth of link classes.
fn planned_uplink(config: &Config, level: &Level) -> Db {
    let noise = Dbm::thermal_noise(UPLINK_CLASS_BANDWIDTH) + config.noise_figure;
    PLANNED_POWER - level.max_coupling_loss - noise
}

/// The uplink of a level with so many tones; `bands` are the sets of several tones that there are.
fn uplink(config: &Config, level: &Level, tones: Tones, bands: &[Band]) -> Direction {
    Direction {
        way: Way::Up,
        channel: match tones {
            Tones::One3_75 | Tones::One15 => "NPUSCH",
            Tones::Three => "NPUSCH, 3 tones",
            Tones::Six => "NPUSCH, 6 tones",
            Tones::Twelve => "NPUSCH, 12 tones",
        },
        tones: tones.count(),
        bands: if tones.count() > 1 { bands_of(bands, tones.count()) } else { 0..0 },
        receiver: Receiver { antennas: config.receive_antennas, margin: config.receiver_margin },
        sizes: &tables::NPUSCH_TBS,
        rows: tables::block_rows(config.category),
        largest: tables::npusch_max_tbs(config.category),
        unit_ms: tones.resource_unit_ms(),
        unit_symbols: tones.data_symbols(),
        gaps_ms: tables::npusch_gaps_ms,
        // The power of a terminal is spread over the band, the noise grows with it.
        class_offset: Db::from_linear(UPLINK_CLASS_BANDWIDTH.0 / tones.bandwidth().0),
        power: data_power(config, tones, |control| control.alpha),
        round_trip: search_period(level)
            + SimDuration::from_millis(UPLINK_GAP_MS)
            + config.k_offset()
            + harq::turnaround(config),
        transmissions: config.max_transmissions,
    }
}

fn downlink(config: &Config, level: &Level, category: Category) -> Direction {
    let gaps = SimDuration::from_millis(DOWNLINK_GAP_MS + ACKNOWLEDGEMENT_GAP_MS) + config.k_offset();
    let round_trip = gaps + harq::turnaround(config);
    Direction {
        way: Way::Down,
        channel: "NPDSCH",
        tones: 1,
        bands: 0..0,
        receiver: Receiver { antennas: 1, margin: config.receiver_margin },
        sizes: &tables::NPDSCH_TBS,
        rows: tables::block_rows(category),
        largest: tables::npdsch_max_tbs(category),
        unit_ms: 1,
        unit_symbols: tables::downlink_symbols(config.deployment == Deployment::InBand),
        gaps_ms: |_| 0,
        class_offset: Db(0.0),
        power: PowerRule::Full,
        round_trip: search_period(level) + round_trip,
        transmissions: config.max_transmissions,
    }
}

fn link(config: &Config, number: usize, grid: Grid, bands: &[Band]) -> Link {
    let level = &config.levels[number];
    let single = uplink(config, level, level.spacing.tones(), bands);
    let several = several_tones(config, level, bands);
    let down = downlink(config, level, config.category);
    // Who waits for a response or a page is not known to have more than Cat NB1.
    let to_all = downlink(config, level, Category::Nb1);
    let (planned_up, planned_down) = (planned_uplink(config, level), planned_downlink(config, level));
    let target = config.target_block_error;
    let up_candidates = candidates(uplink_choices(&single, &several));
    let down_candidates = candidates(downlink_choices(config, &down));
    let ups = ladder(config, |gain| single.adapt(planned_up + gain, target, &up_candidates));
    let downs = ladder(config, |gain| down.adapt(planned_down + gain, target, &down_candidates));
    let msg3_choice = single.adapt(planned_up, target, &candidates(msg3_choices(&single)));
    let Choice { scheme: msg3_scheme, unit: msg3_unit, .. } = msg3_choice;
    let msg3_up = Direction {
        power: msg3_power(config, level.spacing.tones()),
        ..uplink(config, level, level.spacing.tones(), bands)
    };
    let msg3 = single.row(msg3_unit, &msg3_scheme, tables::NPUSCH_TBS[msg3_scheme.i_tbs][msg3_unit] / 8);
    // Responses are not repeated, so they must arrive at the first go.
    let response_choice = to_all.adapt(planned_down, RESPONSE_TARGET, &candidates(downlink_choices(config, &to_all)));
    let mut tables = vec![
        ups[0].table(DATA[0]),
        downs[0].table(DATA[0]),
        msg3_up.table_of("msg3", &msg3_scheme, vec![msg3]),
        response_choice.table("response"),
    ];
    for (name, bits) in single_blocks(config, number).into_iter().flatten() {
        let choices = uplink_choices(&single, &several).flat_map(|choice| choice.exactly(bits));
        tables.push(single.adapt(planned_up, target, &candidates(choices)).table_up_to(name, bits));
    }
    for (edge, ladder) in [(DATA_UP, &ups), (DATA_DOWN, &downs)] {
        tables[edge].faster = tables.len()..tables.len() + ladder.len() - 1;
        tables.extend(ladder.iter().zip(DATA).skip(1).map(|(choice, name)| choice.table(name)));
    }
    for number in std::iter::once(DATA_UP).chain(tables[DATA_UP].faster.clone()) {
        tables[number].volumes = &tables::DATA_VOLUMES;
    }
    let turnaround = harq::turnaround(config);
    Link {
        max_coupling_loss: level.max_coupling_loss,
        gaps: config.downlink_gap.is_some_and(|gap| level.npdcch_rmax >= gap.threshold),
        dedicated: dedicated_grants(&down, planned_down, level),
        common: grants(&down, level, level.npdcch_rmax),
        propagation: config.k_offset(),
        downlink_gap: SimDuration::from_millis(DOWNLINK_GAP_MS),
        acknowledgement: Acknowledgement {
            gap: SimDuration::from_millis(ACKNOWLEDGEMENT_GAP_MS) + config.k_offset(),
            airtime_ms: tables::acknowledgement_ms(level.spacing.tones()) * msg3_scheme.repetitions,
            turnaround,
            power: controlled(data_power(config, level.spacing.tones(), |_| 1.0), msg3_scheme.repetitions),
        },
        uplink_gap: SimDuration::from_millis(UPLINK_GAP_MS) + config.k_offset(),
        uplink_turnaround: turnaround,
        ahead: (config.harq_processes > 1).then(harq::ahead),
        tones: grid.tones(level.spacing),
        tables,
    }
}

/// The scheme for the edge of a level, and those for ratios that are better by one step, two, and so on, each once. The
/// edge alone if nothing would choose among them.
fn ladder<'a>(config: &Config, adapted: impl Fn(Db) -> Choice<'a>) -> Vec<Choice<'a>> {
    let steps = if config.adaptation == Adaptation::Level { 0 } else { MOST_STEPS };
    let mut ladder: Vec<Choice<'a>> = (0..=steps).map(|step| adapted(Db(STEP.0 * step as f64))).collect();
    ladder.dedup_by_key(|choice| (choice.direction.tones, choice.scheme));
    ladder
}

/// The uplink of a level with several tones, in all the ways for which the carrier has room. Terminals of levels with
/// tones of 3.75 kHz stay on those: the spacing is that of the level.
fn several_tones(config: &Config, level: &Level, bands: &[Band]) -> Vec<Direction> {
    let all = [Tones::Three, Tones::Six, Tones::Twelve].map(|tones| uplink(config, level, tones, bands));
    all.into_iter().filter(|up| level.spacing == Spacing::Khz15 && !up.bands.is_empty()).collect()
}

/// Fewer tones come first.
fn uplink_choices<'a>(single: &'a Direction, several: &'a [Direction]) -> impl Iterator<Item = Choice<'a>> {
    let one = tables::SINGLE_TONE_I_TBS.iter().enumerate();
    let one = one.map(|(i_mcs, &i_tbs)| (i_tbs, tables::single_tone_bits_per_symbol(i_mcs)));
    let more = |up: &'a Direction| up.choices((0..up.rows).map(|i_tbs| (i_tbs, 2)), &tables::NPUSCH_REPETITIONS);
    single.choices(one, &tables::NPUSCH_REPETITIONS).chain(several.iter().flat_map(more))
}

/// In-band carriers stop at I_TBS 10 (TS 36.213 clause 16.4.1.5.1).
fn downlink_choices<'a>(config: &Config, down: &'a Direction) -> impl Iterator<Item = Choice<'a>> {
    let rows = 0..if config.deployment == Deployment::InBand { 11 } else { down.rows };
    down.choices(rows.map(|i_tbs| (i_tbs, 2)), &tables::NPDSCH_REPETITIONS)
}

/// The three ways to send 88 bits that a random-access response can grant (TS 36.213 table 16.3.3-1).
fn msg3_choices(up: &Direction) -> impl Iterator<Item = Choice<'_>> {
    [(0, 1, 3), (1, 2, 2), (6, 2, 0)].into_iter().flat_map(move |(i_tbs, bits_per_symbol, unit)| {
        let scheme = move |repetitions| Scheme { i_tbs, bits_per_symbol, repetitions };
        tables::NPUSCH_REPETITIONS.map(|repetitions| Choice { direction: up, scheme: scheme(repetitions), unit })
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

/// How likely a terminal misses a grant of so many repetitions.
fn control_failure(down: &Direction, repetitions: u32) -> Curve {
    let block = Block {
        bits: tables::DCI_BITS,
        symbols: down.unit_symbols,
        bits_per_symbol: 2,
        repetitions,
        airtime: SimDuration::from_millis(u64::from(repetitions)),
    };
    down.receiver.curve(&block, 1, SimDuration::ZERO)
}

/// Grants to one terminal: the fewest repetitions with which they arrive at `ratio`, of Rmax/8, /4, /2 and Rmax (TS
/// 36.213 table 16.6-1).
fn dedicated_grants(down: &Direction, ratio: Db, level: &Level) -> Grants {
    let rmax = level.npdcch_rmax;
    let choices = [rmax / 8, rmax / 4, rmax / 2, rmax];
    let missed = |repetitions| control_failure(down, repetitions).failure(ratio);
    let fits = |&&repetitions: &&u32| repetitions > 0 && missed(repetitions) <= CONTROL_TARGET;
    grants(down, level, *choices.iter().find(fits).unwrap_or(&rmax))
}

/// Grants of so many repetitions. Those to all who wait for a response take Rmax: nobody is known to be near.
fn grants(down: &Direction, level: &Level, repetitions: u32) -> Grants {
    let missed = control_failure(down, repetitions);
    Grants {
        label: format!("NPDCCH, {}", repetitions_label(repetitions)),
        search: SearchSpace::new(
            search_period(level),
            SimDuration::from_millis(u64::from(repetitions)),
            u64::from(level.npdcch_rmax / repetitions),
        ),
        airtime_ms: repetitions,
        loss: LinkClass::all().map(|class| Probability::new(missed.failure(class.ratio()))).collect(),
    }
}
