//! The uplink of a carrier by subcarriers: which tones and which sets of adjacent tones there are, and the time that
//! NPRACH leaves to each.

use std::ops::Range;

use crate::radio::calendar::{Calendar, NothingLeft};
use crate::radio::channel::Band;
use crate::radio::nbiot::config::{Config, LEVELS, Level, Spacing};
use crate::radio::nbiot::tables::{self, Tones};
use crate::units::SimDuration;

/// Subcarriers of 3.75 kHz in a column of 15 kHz.
const NARROW_PER_COLUMN: u32 = 4;
const COLUMNS: u32 = 12;

/// The uplink as tones: columns of 15 kHz from the lower end, then tones of 3.75 kHz, four to a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    wide: u32,
    narrow: u32,
}

impl Grid {
    /// Divides the carrier: into one kind of tone if all levels use it, else as the operator says.
    #[must_use]
    pub fn new(config: &Config) -> Grid {
        let narrow = |level: &Level| level.spacing == Spacing::Khz3_75;
        let columns = match config.levels.iter().filter(|level| narrow(level)).count() {
            0 => 0,
            LEVELS => COLUMNS,
            _ => config.narrow_columns.clamp(1, COLUMNS - 1),
        };
        Grid { wide: COLUMNS - columns, narrow: columns * NARROW_PER_COLUMN }
    }

    /// The tones of a spacing.
    #[must_use]
    pub fn tones(self, spacing: Spacing) -> Range<usize> {
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

    /// What NPRACH leaves of each tone.
    ///
    /// # Errors
    /// [`NothingLeft`] if that is nothing.
    pub fn calendars(self, config: &Config) -> Result<Vec<Calendar>, NothingLeft> {
        (0..self.wide + self.narrow).map(|tone| calendar(config, &self.subcarriers(tone))).collect()
    }

    /// The sets of columns that one block can take, the narrow ones first: 3 tones from column 0, 3, 6 or 9 on, 6 tones
    /// from 0 or 6 on, or all 12 (TS 36.213 table 16.5.1.1-1), as far as columns are not set aside. None if the network
    /// grants single tones only.
    #[must_use]
    pub fn bands(self, config: &Config) -> Vec<Band> {
        let sets = [Tones::Three, Tones::Six, Tones::Twelve].map(|tones| tones.count() as u32);
        let sets = sets.iter().flat_map(|&width| (0..self.wide / width).map(move |set| set * width..(set + 1) * width));
        let sets = sets.filter(|_| config.multi_tone);
        sets.filter_map(|columns| {
            let covered = self.subcarriers(columns.start).start..self.subcarriers(columns.end - 1).end;
            // A set that NPRACH never leaves alone as a whole is none.
            let calendar = calendar(config, &covered).ok()?;
            Some(Band { tones: columns.start as usize..columns.end as usize, calendar })
        })
        .collect()
    }
}

/// Those of `bands` with so many tones.
#[must_use]
pub fn bands_of(bands: &[Band], tones: usize) -> Range<usize> {
    bands.partition_point(|band| band.tones.len() < tones)..bands.partition_point(|band| band.tones.len() <= tones)
}

/// Milliseconds of some adjacent subcarriers of 3.75 kHz in which no level has its NPRACH on any of them: NPUSCH is
/// postponed around it (TS 36.211 clause 10.1.3.6).
fn calendar(config: &Config, covered: &Range<u32>) -> Result<Calendar, NothingLeft> {
    let ms = |span: SimDuration| span.as_millis_ceil() as u32;
    let period = config.levels.iter().fold(1, |period, level| lcm(period, ms(level.nprach.period)));
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
}

/// The least common multiple of two numbers above zero.
#[must_use]
pub fn lcm(a: u32, b: u32) -> u32 {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    a / x * b
}
