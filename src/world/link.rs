//! What one network makes of a terminal at given coupling losses or distances: link budgets, coverage level, and the scheme of that
//! level with its errors. Nothing is run for it; the numbers are those that a run uses.
//!
//! There are no neighbour cells here: what disturbs a receiver is its own noise.

use serde::Serialize;

use crate::network::Layout;
use crate::power::{Backoff, Profile, Transmitter};
use crate::propagation::budget::{self, Value};
use crate::propagation::tr45820::Route;
use crate::radio::channel::{BlockRow, BlockTable, Channels, Grants, LinkClass, Responding, Way};
use crate::radio::{RadioError, Seat};
use crate::units::{Db, Dbm, SimDuration};
use crate::world::spec::NetworkSpec;

/// A look at the links of one network.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LinkReport {
    /// Version of farlink that made it.
    pub farlink: String,
    /// The network's name in the scenario.
    pub network: String,
    /// Its technology.
    pub technology: String,
    /// The device's name in the catalogue.
    pub device: String,
    /// The links, in the order that was asked for.
    pub points: Vec<Point>,
}

/// One coupling loss.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Loss between the antenna connectors, dB.
    pub coupling_loss_db: f64,
    /// What the coupling loss consists of, if a distance was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub way: Option<WayTerms>,
    /// From the cell to the terminal.
    pub downlink: Budget,
    /// From the terminal to the cell, in the band that its level uses.
    pub uplink: Budget,
    /// The coverage level and how it serves the terminal; none beyond the deepest level.
    pub level: Option<Level>,
}

/// A link that is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// With this coupling loss.
    Loss(Db),
    /// With the coupling loss of this way.
    Way(Route),
}

/// The parts of a coupling loss.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WayTerms {
    /// Distance from the site, m.
    pub distance_m: f64,
    /// The lines; their sum is the negative coupling loss.
    pub terms: Vec<Term>,
}

/// One direction's link budget.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Budget {
    /// Occupied bandwidth, Hz.
    pub bandwidth_hz: f64,
    /// Line by line, from the transmit power to the ratio.
    pub terms: Vec<Term>,
    /// The ratio that a run reckons with: that of the last line in steps of half a decibel, dB.
    pub rounded_sinr_db: f64,
}

/// A line of a link budget.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Term {
    /// What it is.
    pub name: String,
    /// How much, in `unit`.
    pub value: f64,
    /// `dBm` for a power, `dB` for a gain; a loss is a negative gain.
    pub unit: String,
}

/// The operating point of a coverage level, and what it means for the terminal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Level {
    /// Number of the level, from 0.
    pub number: u8,
    /// Largest coupling loss of the level, for which it is laid out, dB.
    pub max_coupling_loss_db: f64,
    /// Grants to one terminal.
    pub dedicated_grants: Grant,
    /// Grants to all who wait for a random-access response.
    pub common_grants: Grant,
    /// What is sent in blocks.
    pub blocks: Vec<Blocks>,
    /// One message.
    pub message: Message,
}

/// Grants.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Grant {
    /// Channel and repetitions.
    pub scheme: String,
    /// Airtime, ms.
    pub airtime_ms: u32,
    /// Period of the search space, ms.
    pub period_ms: f64,
    /// Probability that the terminal misses one.
    pub missed: f64,
}

/// The blocks of one purpose.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Blocks {
    /// `uplink` or `downlink`.
    pub direction: &'static str,
    /// What they carry: `data`, `msg3` or `response`; `data+2` is two steps faster than the edge of the level needs.
    pub name: String,
    /// Channel, block-size index, modulation and repetitions.
    pub scheme: String,
    /// Power with which a terminal sends them if power control leaves it less than it has, dBm.
    pub power_dbm: Option<f64>,
    /// Transmissions of a block before it is given up.
    pub transmissions: u32,
    /// The sizes, from the smallest to the largest.
    pub sizes: Vec<Size>,
}

/// A block size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Size {
    /// Bytes of upper layers in a block.
    pub bytes: u32,
    /// Airtime of one transmission, all repetitions, ms.
    pub airtime_ms: u32,
    /// Gaps on top of it, ms.
    pub gaps_ms: u32,
    /// Repetitions in one transmission.
    pub repetitions: u32,
    /// Probability that the first transmission fails.
    pub first_error: f64,
    /// Probability that the block is wrong after all transmissions.
    pub residual_error: f64,
}

/// A message in the uplink. Grants are taken to arrive.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// Bytes of the message, protocols included.
    pub bytes: u32,
    /// Bytes of signalling in the same blocks.
    pub extra_bytes: u32,
    /// Bytes that fit into each block, in the order of the blocks.
    pub blocks: Vec<u32>,
    /// Airtime if all goes well, ms.
    pub airtime_ms: u32,
    /// Gaps on top of it, ms.
    pub gaps_ms: u32,
    /// Expected airtime, retransmissions included, ms. A message ends with its first block that is lost for good.
    pub expected_airtime_ms: f64,
    /// Probability that all blocks arrive.
    pub delivered: f64,
}

/// Looks at the links of a network; without places at the edges of its coverage levels. `bytes` is the size of a message,
/// protocols included.
///
/// # Errors
/// [`RadioError`] if the parameters of the network do not fit together, or its technology has no link budgets.
pub fn report(network: &NetworkSpec, device: &Profile, places: &[Place], bytes: u32) -> Result<LinkReport, RadioError> {
    let channels = network.channels()?;
    let edges = channels.links.iter().map(|link| Place::Loss(link.max_coupling_loss));
    let places: Vec<Place> = if places.is_empty() { edges.collect() } else { places.to_vec() };
    Ok(LinkReport {
        farlink: env!("CARGO_PKG_VERSION").to_owned(),
        network: network.name.clone(),
        technology: network.radio.name().to_owned(),
        device: device.name.clone(),
        points: places
            .into_iter()
            .map(|place| point(network, &channels, device, place, bytes))
            .collect::<Result<_, _>>()?,
    })
}

fn point(
    network: &NetworkSpec,
    channels: &Channels,
    device: &Profile,
    place: Place,
    bytes: u32,
) -> Result<Point, RadioError> {
    let (loss, way) = match place {
        Place::Loss(loss) => (loss, None),
        Place::Way(way) => {
            let sectors = !matches!(&network.layout, Layout::HexGrid(grid) if grid.sectors == 1);
            // A site with one cell sends alike in all directions.
            let way = Route { off_axis_deg: if sectors { way.off_axis_deg } else { 0.0 }, ..way };
            let terms = network.propagation.terms(&way, device.antenna_gain).into_iter().map(term).collect();
            let loss = network.propagation.coupling_loss(&way, device.antenna_gain);
            (loss, Some(WayTerms { distance_m: way.distance.0, terms }))
        }
    };
    let budgets = network.radio.budgets(device, &network.propagation, loss, 0.0)?;
    let seat = network.radio.seat(device, &network.propagation, loss, 0.0);
    let number = usize::from(seat.level).min(channels.links.len() - 1);
    let rounded = |way, class: LinkClass| {
        // The budget of the uplink is that of one tone, in which Msg3 goes.
        let mut tables = channels.links[number].tables.iter();
        let table = tables.find(|table| table.way == way && table.bands.is_empty());
        class.ratio() + table.map_or(Db(0.0), |table| table.ratio_offset)
    };
    let terminal = Terminal { seat, most: device.max_tx_power, transmitter: device.transmitter() };
    let extra = network.radio.message_extra_bytes();
    let covered = usize::from(seat.level) < channels.links.len();
    Ok(Point {
        coupling_loss_db: loss.0,
        way,
        downlink: direction(&budgets.downlink, rounded(Way::Down, seat.downlink)),
        uplink: direction(&budgets.uplink, rounded(Way::Up, seat.uplink)),
        level: covered.then(|| level(channels, &terminal, (bytes, extra))),
    })
}

fn term(term: budget::Term) -> Term {
    let (value, unit) = match term.value {
        Value::Level(level) => (level.0, "dBm"),
        Value::Gain(gain) => (gain.0, "dB"),
    };
    Term { name: term.name.to_owned(), value, unit: unit.to_owned() }
}

fn direction(link: &budget::Link, rounded: Db) -> Budget {
    let terms = link.terms().into_iter().map(term).collect();
    Budget { bandwidth_hz: link.bandwidth.0, terms, rounded_sinr_db: rounded.0 }
}

/// The terminal at one end of a link.
struct Terminal {
    seat: Seat,
    most: Dbm,
    transmitter: Transmitter,
}

impl Terminal {
    /// How far below its full power it sends the blocks of a table.
    fn backoff(&self, table: &BlockTable) -> Backoff {
        let power = table.power.power(self.seat.coupling_loss).filter(|_| table.way == Way::Up);
        power.map_or(Backoff::default(), |power| self.transmitter.backoff_to(power))
    }

    /// The link class in which blocks of a table arrive.
    fn class(&self, table: &BlockTable) -> LinkClass {
        match table.way {
            Way::Up => self.seat.uplink.worse_by(self.backoff(table).as_db()),
            Way::Down => self.seat.downlink,
        }
    }
}

fn level(channels: &Channels, terminal: &Terminal, message_bytes: (u32, u32)) -> Level {
    let (number, down) = (terminal.seat.level, terminal.seat.downlink);
    let link = &channels.links[usize::from(number)];
    let responses = match channels.access[usize::from(number)].responding {
        Responding::Scheduled { table, .. } => Some(table),
        Responding::Reserved => None,
    };
    let blocks = link.tables.iter().enumerate().map(|(position, table)| {
        // Nobody asks for a response again.
        let transmissions = if Some(position) == responses { 1 } else { u32::MAX };
        let backoff = terminal.backoff(table);
        let power_dbm = (backoff > Backoff::default()).then(|| (terminal.most - backoff.as_db()).0);
        Blocks { power_dbm, ..blocks_of(table, terminal.class(table), transmissions) }
    });
    // The first table in the uplink carries scheduled data.
    let data = link.tables.iter().find(|table| table.way == Way::Up).unwrap_or(&link.tables[0]);
    Level {
        number,
        max_coupling_loss_db: link.max_coupling_loss.0,
        dedicated_grants: grant(&link.dedicated, down),
        common_grants: grant(&link.common, down),
        blocks: blocks.collect(),
        message: message(data, terminal.class(data), message_bytes),
    }
}

fn grant(grants: &Grants, class: LinkClass) -> Grant {
    let period = grants.search.period();
    Grant {
        scheme: grants.label.clone(),
        airtime_ms: grants.airtime_ms,
        period_ms: period.0 as f64 / SimDuration::from_millis(1).0 as f64,
        missed: grants.loss[class.index()].value(),
    }
}

fn blocks_of(table: &BlockTable, class: LinkClass, at_most: u32) -> Blocks {
    let size = |row: &BlockRow| Size {
        bytes: row.bytes,
        airtime_ms: row.airtime_ms,
        gaps_ms: row.gaps_ms,
        repetitions: row.repetitions,
        first_error: row.failure(class, 1),
        residual_error: row.failure(class, row.transmissions.min(at_most)),
    };
    Blocks {
        direction: direction_name(table.way),
        name: table.name.to_owned(),
        scheme: table.label.clone(),
        power_dbm: None,
        transmissions: table.rows.first().map_or(0, |row| row.transmissions.min(at_most)),
        sizes: table.rows.iter().map(size).collect(),
    }
}

/// The name of a direction.
#[must_use]
pub fn direction_name(way: Way) -> &'static str {
    match way {
        Way::Up => "uplink",
        Way::Down => "downlink",
    }
}

/// Cuts a message into blocks as the cell grants them: the smallest that holds what is left, or the largest.
fn message(table: &BlockTable, class: LinkClass, (bytes, extra_bytes): (u32, u32)) -> Message {
    let mut message = Message {
        bytes,
        extra_bytes,
        blocks: Vec::new(),
        airtime_ms: 0,
        gaps_ms: 0,
        expected_airtime_ms: 0.0,
        delivered: 1.0,
    };
    let mut left = bytes.saturating_add(extra_bytes);
    while left > 0 {
        let row = table.row_reported(left);
        let transmissions: f64 = (0..row.transmissions).map(|before| row.failure(class, before)).sum();
        message.blocks.push(row.bytes);
        message.airtime_ms += row.airtime_ms;
        message.gaps_ms += row.gaps_ms;
        message.expected_airtime_ms += message.delivered * transmissions * f64::from(row.airtime_ms);
        message.delivered *= 1.0 - row.failure(class, row.transmissions);
        left = left.saturating_sub(row.bytes);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::radio::channel::PowerRule;
    use crate::radio::losses::Losses;
    use crate::rng::Probability;

    fn row(bytes: u32, airtime_ms: u32, loss: [f64; 2]) -> BlockRow {
        let loss = LinkClass::all().flat_map(|_| loss.map(Probability::new)).collect();
        BlockRow { bytes, airtime_ms, gaps_ms: 5, repetitions: 4, losses: Losses::known(loss), transmissions: 2 }
    }

    fn table(rows: Vec<BlockRow>) -> BlockTable {
        BlockTable {
            name: "data",
            way: Way::Up,
            label: String::new(),
            bands: 0..0,
            ratio_offset: Db(0.0),
            faster: 0..0,
            power: PowerRule::Full,
            volumes: &[],
            rows,
        }
    }

    #[test]
    fn a_message_takes_the_blocks_that_fit_and_ends_with_a_lost_one() {
        let table = table(vec![row(10, 100, [0.5, 0.5]), row(40, 300, [0.5, 0.5])]);
        let message = message(&table, LinkClass(80), (85, 5));
        assert_eq!(message.blocks, [40, 40, 10]);
        assert_eq!((message.airtime_ms, message.gaps_ms), (700, 15));
        // One and a half transmissions a block; three of four arrive, and then comes the next.
        let by_hand = 1.5 * (300.0 + 0.75 * 300.0 + 0.75 * 0.75 * 100.0);
        assert!((message.expected_airtime_ms - by_hand).abs() < 1e-6, "{}", message.expected_airtime_ms);
        assert!((message.delivered - 0.75f64 * 0.75 * 0.75).abs() < 1e-8, "{}", message.delivered);
    }

    #[test]
    fn what_is_not_repeated_has_one_transmission() {
        let table = table(vec![row(10, 100, [0.5, 0.2])]);
        let [once, twice] = [1, u32::MAX].map(|most| blocks_of(&table, LinkClass(0), most));
        assert_eq!((once.transmissions, twice.transmissions), (1, 2));
        assert_eq!(once.sizes[0].first_error, once.sizes[0].residual_error);
        assert!((twice.sizes[0].residual_error - 0.1).abs() < 1e-9);
    }
}
