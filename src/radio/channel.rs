//! What a technology says about its shared channels: when grants can be given, how long blocks take, how likely they
//! fail, how random access answers. Plain data; the executor books it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::cause::Cause;
use crate::radio::adaptation::Adaptation;
use crate::radio::calendar::{Calendar, Gaps};
use crate::radio::losses::Losses;
use crate::radio::plan::Doing;
use crate::rng::Probability;
use crate::units::{Db, Dbm, Divisor, SimDuration, SimTime};

/// All that the executor must know of a network to let terminals meet in its cells. Every cell is alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Channels {
    /// The carriers of a cell. Random access takes place on the first; connections may be moved to the others. A technology
    /// that books neither grants nor blocks has none.
    pub carriers: Vec<Carrier>,
    /// How blocks are adapted to terminals within a coverage level.
    pub adaptation: Adaptation,
    /// Standard deviation of the error with which terminals measure their coupling loss before each message.
    pub level_error: Db,
    /// Random-access channels, one per coverage level.
    pub access: Vec<AccessChannel>,
    /// How grants and blocks look, one per coverage level.
    pub links: Vec<Link>,
    /// How terminals are called.
    pub paging: Paging,
    /// What terminals must know to transmit, if it changes all the time.
    pub assistance: Option<Assistance>,
}

/// Broadcast without which a terminal cannot transmit, and which soon no longer holds: where a satellite is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assistance {
    /// What it is called.
    pub doing: Doing,
    /// From one broadcast to the next.
    pub period: SimDuration,
    /// Receiving it.
    pub length: SimDuration,
    /// How long it holds.
    pub validity: SimDuration,
    /// It must hold for so long yet when a terminal asks for a transmission: until the earliest, and another broadcast.
    pub ahead: SimDuration,
}

/// A carrier: a downlink and an uplink. Tones are numbered alike on all carriers of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Carrier {
    /// Usable milliseconds of the downlink, one block at a time.
    pub downlink: Calendar,
    /// Gaps that the downlink transmissions of some links leave to others.
    pub gaps: Option<Gaps>,
    /// Usable milliseconds of each uplink tone.
    pub tones: Vec<Calendar>,
    /// Sets of adjacent tones that blocks can take at once, numbered alike on all carriers too.
    pub bands: Vec<Band>,
}

impl Channels {
    /// The coverage level of a terminal with this coupling loss; the number of levels if it is beyond the deepest.
    #[must_use]
    pub fn level_of(&self, coupling_loss: Db) -> usize {
        self.links.iter().take_while(|link| coupling_loss > link.max_coupling_loss).count()
    }
}

/// How terminals are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Paging cycle: the other cells send a page within so long of the first.
    pub cycle: SimDuration,
    /// Cells that send each page, the terminal's own included.
    pub cells: u32,
    /// Whether all pages go out as if to terminals of the deepest level, or as the terminal's own level needs.
    pub deepest: bool,
    /// The block of a page in the link of the level: number of its table.
    pub table: usize,
    /// Bytes of a page.
    pub bytes: u32,
}

/// Adjacent tones that one block takes at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// Which tones.
    pub tones: Range<usize>,
    /// Milliseconds that are usable on all of them.
    pub calendar: Calendar,
}

/// What a terminal uses of a cell's radio resources at a time; each technology has names of its own for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resource {
    /// Nothing.
    #[default]
    None,
    /// Random access: a preamble.
    Preamble,
    /// A grant.
    Grant,
    /// A block of the downlink.
    Down,
    /// A block of the uplink.
    Up,
    /// An acknowledgement in the uplink.
    Acknowledgement,
}

/// How grants look that go to one terminal, or to all who wait for a response.
#[derive(Clone, Debug, PartialEq)]
pub struct Grants {
    /// How they are sent, for people: `NPDCCH, 8 repetitions`.
    pub label: String,
    /// When a grant can begin.
    pub search: SearchSpace,
    /// Airtime of a grant, usable milliseconds.
    pub airtime_ms: u32,
    /// Probability that a terminal misses a grant, per downlink link class.
    pub loss: Vec<Probability>,
}

/// Grants and blocks of one coverage level.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Terminals up to this coupling loss start at the level.
    pub max_coupling_loss: Db,
    /// Whether the gaps of a carrier's downlink postpone its transmissions.
    pub gaps: bool,
    /// Grants to one terminal.
    pub dedicated: Grants,
    /// Grants to all who wait for a random-access response.
    pub common: Grants,
    /// The share of the gaps before transmissions of the terminal that signals take on their way.
    pub propagation: SimDuration,
    /// From the end of a grant to the earliest start of its block in the downlink.
    pub downlink_gap: SimDuration,
    /// The acknowledgement that follows a downlink block.
    pub acknowledgement: Acknowledgement,
    /// From the end of a grant to the earliest start of its block in the uplink.
    pub uplink_gap: SimDuration,
    /// From the end of an uplink block to the terminal's readiness for the next grant.
    pub uplink_turnaround: SimDuration,
    /// Grants that come ahead of time, for terminals with a second HARQ process: in the uplink and in the downlink.
    pub ahead: Option<[Ahead; 2]>,
    /// The uplink tones of which blocks and acknowledgements take one.
    pub tones: Range<usize>,
    /// Block tables, as transfers name them.
    pub tables: Vec<BlockTable>,
}

impl Link {
    /// The table that is so many steps faster than table number `table`; there must be as many.
    #[inline]
    #[must_use]
    pub fn faster(&self, table: usize, step: usize) -> &BlockTable {
        let faster = &self.tables[table].faster;
        &self.tables[if step == 0 { table } else { faster.start + step - 1 }]
    }
}

/// When the grant of a terminal's next block can come before its current block begins, so that the two follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// From the end of that grant to the earliest start of the current block.
    pub guard: SimDuration,
    /// From the current block's own grant to its latest start.
    pub within: SimDuration,
    /// Longest block that another can follow in this way, milliseconds.
    pub longest_ms: u32,
}

impl Link {
    /// Grants ahead of time for blocks that go this way.
    #[must_use]
    pub fn ahead(&self, way: Way) -> Option<Ahead> {
        self.ahead.map(|ahead| ahead[way as usize])
    }
}

/// The link-layer acknowledgement of a downlink block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Acknowledgement {
    /// From the end of the block to the acknowledgement.
    pub gap: SimDuration,
    /// Its airtime on one uplink tone, milliseconds.
    pub airtime_ms: u32,
    /// From its end to the terminal's readiness for the next grant.
    pub turnaround: SimDuration,
    /// Its power.
    pub power: PowerRule,
}

/// With what power terminals send.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PowerRule {
    /// With all they have.
    Full,
    /// Open loop: `target` plus a `share` of the coupling loss as the terminal measures it, and no more than it has.
    OpenLoop {
        /// Power at the receiver if the loss is made up for in full.
        target: Dbm,
        /// Share of the loss that is made up for, 0 to 1.
        share: f64,
    },
}

impl PowerRule {
    /// The power that the rule asks for at this coupling loss; `None` for all there is.
    #[must_use]
    pub fn power(&self, coupling_loss: Db) -> Option<Dbm> {
        match *self {
            PowerRule::Full => None,
            PowerRule::OpenLoop { target, share } => Some(target + Db(coupling_loss.0 * share)),
        }
    }
}

/// The instants at which a grant can begin: `candidates` of them, `spacing` apart, in each period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchSpace {
    period: Divisor,
    spacing: Divisor,
    candidates: u64,
}

impl SearchSpace {
    /// `candidates` of them, at least one, `spacing` apart in each `period`.
    #[must_use]
    pub fn new(period: SimDuration, spacing: SimDuration, candidates: u64) -> SearchSpace {
        SearchSpace { period: Divisor::new(period.0), spacing: Divisor::new(spacing.0), candidates }
    }

    /// From the first candidate of one period to that of the next.
    #[must_use]
    pub fn period(&self) -> SimDuration {
        SimDuration(self.period.by())
    }

    /// The first candidate at or after `time`.
    #[inline]
    #[must_use]
    pub fn next(&self, time: SimTime) -> SimTime {
        let (_, phase) = self.period.divide(time.0);
        let (candidate, _) = self.spacing.divide(phase + self.spacing.by() - 1);
        let base = time.0 - phase;
        if candidate < self.candidates {
            SimTime(base + candidate * self.spacing.by())
        } else {
            SimTime(base + self.period.by())
        }
    }
}

/// Which way a block goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// From the terminal to the cell.
    Up,
    /// From the cell to the terminal.
    Down,
}

/// Block sizes to choose from and how likely each fails.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockTable {
    /// What its blocks are for, in one word.
    pub name: &'static str,
    /// Which way they go.
    pub way: Way,
    /// How they are sent, for people: `NPUSCH, I_TBS 5, QPSK, 8 repetitions`.
    pub label: String,
    /// The sets of adjacent uplink tones, in [`Carrier::bands`], of which a block takes one; empty if it takes a single
    /// tone of its link, or goes down.
    pub bands: Range<usize>,
    /// What must be added to the ratio of a link class to have the ratio in the band of these blocks.
    pub ratio_offset: Db,
    /// Tables of the same link that carry the same blocks faster, step by step.
    pub faster: Range<usize>,
    /// With what power terminals send them.
    pub power: PowerRule,
    /// The steps in which terminals report how many bytes they have to send, if they do.
    pub volumes: &'static [u32],
    /// The sizes, from the smallest to the largest.
    pub rows: Vec<BlockRow>,
}

/// One block size.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockRow {
    /// Bytes of upper layers that fit.
    pub bytes: u32,
    /// Airtime of all repetitions, milliseconds.
    pub airtime_ms: u32,
    /// Silence within the airtime that must be added to it, milliseconds: gaps for resynchronisation.
    pub gaps_ms: u32,
    /// Repetitions: all but the first are booked as such.
    pub repetitions: u32,
    /// How likely each transmission is lost.
    pub losses: Losses,
    /// Transmissions before the block is given up.
    pub transmissions: u32,
}

impl BlockTable {
    /// Whether one block holds so many bytes.
    #[must_use]
    pub fn holds(&self, bytes: u32) -> bool {
        self.rows.last().is_some_and(|row| row.bytes >= bytes)
    }

    /// The block that the cell grants for `bytes` that a terminal reports: for as many as it may mean.
    #[inline]
    #[must_use]
    pub fn row_reported(&self, bytes: u32) -> &BlockRow {
        self.row_for(self.volumes.iter().copied().find(|&volume| volume >= bytes).unwrap_or(bytes))
    }

    /// The smallest block that holds `bytes`, or the largest there is.
    #[inline]
    #[must_use]
    pub fn row_for(&self, bytes: u32) -> &BlockRow {
        let last = self.rows.len() - 1;
        self.rows[..last].iter().find(|row| row.bytes >= bytes).unwrap_or(&self.rows[last])
    }
}

impl BlockRow {
    /// Airtime of one transmission.
    #[must_use]
    pub fn airtime(&self) -> SimDuration {
        SimDuration::from_millis(u64::from(self.airtime_ms))
    }

    /// Loss of transmission number `transmission` (from 0) for a terminal of `class`.
    #[inline]
    #[must_use]
    pub fn loss(&self, class: LinkClass, transmission: u32) -> Probability {
        self.losses.table()[class.index() * self.transmissions as usize + transmission as usize]
    }

    /// Probability that the block is still wrong after so many transmissions, for a terminal of `class`.
    #[must_use]
    pub fn failure(&self, class: LinkClass, transmissions: u32) -> f64 {
        (0..transmissions).map(|transmission| self.loss(class, transmission).value()).product()
    }
}

/// What becomes of a preamble that several terminals chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collision {
    /// The network does not detect it, as TR 37.868 has it.
    Undetected,
    /// It is detected and answered once. All send their first block at once, and the strongest gets through if its block
    /// survives the others as interference.
    FirstBlock,
}

/// A random-access channel of one coverage level.
#[derive(Clone, Debug, PartialEq)]
pub struct AccessChannel {
    /// Number of the link that says how responses and granted blocks look.
    pub link: usize,
    /// Between opportunities.
    pub period: SimDuration,
    /// Of the first opportunity in a period.
    pub start: SimDuration,
    /// Preambles to choose from.
    pub preambles: u32,
    /// From the start of the preamble to its end, gaps included.
    pub preamble: SimDuration,
    /// Part of it in which the terminal transmits.
    pub preamble_airtime: SimDuration,
    /// The power of a terminal's first preamble.
    pub power: PowerRule,
    /// How much each attempt that failed raises it.
    pub power_step: Db,
    /// Probability that a preamble is detected: a terminal's first, its second, …; never empty, and the last for all others.
    pub detection: Vec<Probability>,
    /// What becomes of a preamble that several terminals chose.
    pub collision: Collision,
    /// From the end of the preamble to the start of the response window.
    pub response_delay: SimDuration,
    /// Length of the response window.
    pub window: SimDuration,
    /// Responses in one message.
    pub responses_per_message: u32,
    /// How the messages of responses, and the blocks that they grant, find their place.
    pub responding: Responding,
    /// From the end of the response to the earliest start of the first scheduled block.
    pub grant_gap: SimDuration,
    /// The share of that gap that signals take on their way.
    pub propagation: SimDuration,
    /// The table of the first scheduled block in the channel's link.
    pub first_table: usize,
    /// Cause of the first repetition's airtime.
    pub first_air: Cause,
    /// Bytes for which a response grants a block; who has less to send takes a smaller one.
    pub first_bytes: u32,
    /// How long a terminal waits for the resolution of the contention after its first scheduled block.
    pub contention_timer: SimDuration,
}

/// How messages of random-access responses, and the blocks that they grant, find their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Responding {
    /// When there is room among all other traffic: a grant and a block of the downlink, and a tone of the uplink.
    Scheduled {
        /// The block that carries the responses: number of the table in the channel's link.
        table: usize,
        /// Bytes of one response.
        bytes: u32,
    },
    /// In room of their own: a message in each millisecond of the window, which arrives for certain, and as many blocks as it
    /// grants.
    Reserved,
}

impl AccessChannel {
    /// Probability that the network detects a terminal's preamble number `attempt`, from 1.
    #[inline]
    #[must_use]
    pub fn detection(&self, attempt: u16) -> Probability {
        self.detection[usize::from(attempt.saturating_sub(1)).min(self.detection.len() - 1)]
    }

    /// The first opportunity at or after `time`: its number.
    #[must_use]
    pub fn opportunity(&self, time: SimTime) -> u64 {
        (time.align_up(self.period, self.start).0 - self.start.0) / self.period.0
    }

    /// When opportunity `number` begins.
    #[must_use]
    pub fn begin(&self, number: u64) -> SimTime {
        SimTime(number * self.period.0 + self.start.0)
    }

    /// From the start of an opportunity to the decision about it, when the response window opens.
    #[must_use]
    pub fn decision_delay(&self) -> SimDuration {
        self.preamble + self.response_delay
    }
}

/// A quantised signal-to-noise ratio: half-decibel steps, the index of error tables.
///
/// Ratios go on above the tables, up to 87.5 dB, so that it is known what a lower transmission power leaves of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LinkClass(pub u8);

impl LinkClass {
    /// How many classes error tables have: up to 40 dB. What is better has the errors of the last.
    pub const COUNT: usize = 161;
    const FLOOR_DB: f64 = -40.0;
    const STEP_DB: f64 = 0.5;

    /// Every class of error tables, from the worst ratio to the best.
    pub fn all() -> impl Iterator<Item = LinkClass> {
        (0..Self::COUNT as u8).map(LinkClass)
    }

    /// The class of a ratio; what lies outside −40..87.5 dB falls into the outermost classes.
    #[must_use]
    pub fn of(ratio: Db) -> LinkClass {
        let step = (ratio.0 - Self::FLOOR_DB) / Self::STEP_DB + 0.5;
        LinkClass(step.clamp(0.0, f64::from(u8::MAX)) as u8)
    }

    /// The ratio in the middle of the class.
    #[must_use]
    pub fn ratio(self) -> Db {
        Db(Self::FLOOR_DB + Self::STEP_DB * f64::from(self.0))
    }

    /// The class of a link that is worse by `loss`, to the nearest half decibel.
    #[inline]
    #[must_use]
    pub fn worse_by(self, loss: Db) -> LinkClass {
        let steps = (loss.0 / Self::STEP_DB + 1_000.5) as i32 - 1_000;
        LinkClass((i32::from(self.0) - steps).clamp(0, i32::from(u8::MAX)) as u8)
    }

    /// The class as an index of error tables.
    #[inline]
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0).min(Self::COUNT - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_of_a_search_space() {
        // Rmax 8, R 2, G 2: four candidates 2 ms apart, every 16 ms.
        let ms = SimDuration::from_millis;
        let space = SearchSpace::new(ms(16), ms(2), 4);
        for (now, next) in [(0, 0), (1, 2_000), (2_000, 2_000), (5_999, 6_000), (6_001, 16_000), (16_001, 18_000)] {
            assert_eq!(space.next(SimTime(now)), SimTime(next), "{now}");
        }
    }

    #[test]
    fn a_cell_grants_as_much_as_a_report_may_mean() {
        let row = |bytes| BlockRow {
            bytes,
            airtime_ms: 1,
            gaps_ms: 0,
            repetitions: 1,
            losses: Losses::known(Vec::new()),
            transmissions: 1,
        };
        let table = BlockTable {
            name: "data",
            way: Way::Up,
            label: String::new(),
            bands: 0..0,
            ratio_offset: Db(0.0),
            faster: 0..0,
            power: PowerRule::Full,
            volumes: &[10, 36, 125],
            rows: [8, 12, 40, 100].map(row).to_vec(),
        };
        for (bytes, granted) in [(1, 12), (10, 12), (11, 40), (36, 40), (37, 100), (126, 100), (5_000, 100)] {
            assert_eq!(table.row_reported(bytes).bytes, granted, "{bytes}");
            assert!(table.row_reported(bytes).bytes >= table.row_for(bytes).bytes);
        }
        let known = BlockTable { volumes: &[], ..table };
        assert_eq!(known.row_reported(11).bytes, 12);
    }

    #[test]
    fn link_classes_are_half_decibel_steps() {
        for class in LinkClass::all() {
            assert_eq!(LinkClass::of(class.ratio()), class);
        }
        assert_eq!(LinkClass::of(Db(-4.3)), LinkClass::of(Db(-4.5)));
        for (loss, class) in [(0.0, 80), (0.2, 80), (0.3, 79), (-0.3, 81), (3.0, 74), (500.0, 0), (-500.0, 255)] {
            assert_eq!(LinkClass::of(Db(0.0)).worse_by(Db(loss)).0, class, "{loss} dB");
        }
        assert_eq!((LinkClass::of(Db(-300.0)).0, LinkClass::of(Db(f64::INFINITY)).0), (0, 255));
        assert_eq!(
            (LinkClass::of(Db(60.0)).ratio(), LinkClass::of(Db(60.0)).index()),
            (Db(60.0), LinkClass::COUNT - 1)
        );
    }
}
