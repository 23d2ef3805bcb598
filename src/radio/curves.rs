//! Block error rates from outside, laid over those of the model. Knows no file format: the catalogue reads them.

use std::collections::{BTreeMap, BTreeSet};

use crate::radio::channel::{BlockRow, BlockTable, Channels, LinkClass, Way};
use crate::radio::losses::Losses;
use crate::rng::Probability;
use crate::units::Db;

/// What one curve is about: a block of a network and the number of its transmissions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sent {
    /// Coverage level, from 0.
    pub level: u32,
    /// Which way the block goes.
    pub way: Way,
    /// Name of its table.
    pub table: String,
    /// Bytes of upper layers in the block.
    pub bytes: u32,
    /// Airtime of one transmission, all repetitions, milliseconds.
    pub airtime_ms: u32,
    /// Repetitions in one transmission.
    pub repetitions: u32,
    /// Transmissions of the block so far, from 1.
    pub transmission: u32,
}

impl Sent {
    /// All that these channels have.
    #[must_use]
    pub fn all(channels: &Channels) -> BTreeSet<Sent> {
        let mut all = BTreeSet::new();
        for (level, link) in channels.links.iter().enumerate() {
            for table in &link.tables {
                for row in &table.rows {
                    all.extend((1..=row.transmissions).map(|number| Sent::of(level, table, row, number)));
                }
            }
        }
        all
    }

    fn of(level: usize, table: &BlockTable, row: &BlockRow, transmission: u32) -> Sent {
        Sent {
            level: level as u32,
            way: table.way,
            table: table.name.to_owned(),
            bytes: row.bytes,
            airtime_ms: row.airtime_ms,
            repetitions: row.repetitions,
            transmission,
        }
    }
}

/// Probability that a block is still wrong, over the mean ratio at one antenna in the band of the block.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve(Vec<(Db, f64)>);

impl Curve {
    /// A curve through points in ascending order of their ratio; none if there is no point.
    #[must_use]
    pub fn through(points: Vec<(Db, f64)>) -> Option<Curve> {
        (!points.is_empty()).then_some(Curve(points))
    }

    /// The probability at a ratio: linear between two points, and beyond the outermost that of the outermost.
    #[must_use]
    pub fn at(&self, ratio: Db) -> f64 {
        let above = self.0.partition_point(|(given, _)| *given <= ratio);
        // At least one of the two sides has a point.
        let left = self.0[above.saturating_sub(1)];
        let right = self.0[above.min(self.0.len() - 1)];
        let span = (right.0 - left.0).0;
        if span > 0.0 { left.1 + (right.1 - left.1) * ((ratio - left.0).0 / span) } else { left.1 }
    }
}

/// The curves that a network takes instead of its model's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves(pub BTreeMap<Sent, Curve>);

impl Curves {
    /// Replaces the block error rates of these channels where there is a curve.
    ///
    /// Schemes stay those that link adaptation chose by the model.
    pub fn replace(&self, channels: &mut Channels) {
        for (level, link) in channels.links.iter_mut().enumerate() {
            for table in &mut link.tables {
                for number in 0..table.rows.len() {
                    let row = &table.rows[number];
                    let given: Vec<Option<&Curve>> = (1..=row.transmissions)
                        .map(|transmission| self.0.get(&Sent::of(level, table, row, transmission)))
                        .collect();
                    if given.iter().any(Option::is_some) {
                        replace_row(&mut table.rows[number], &given, table.ratio_offset);
                    }
                }
            }
        }
    }
}

/// Replaces the losses of one block by those of `given`, the curves of its transmissions.
///
/// A curve says how often a block is wrong after all transmissions so far, a row how often the next one fails as well. A
/// transmission without a curve keeps the latter, as does one behind transmissions of which none ever fails.
fn replace_row(row: &mut BlockRow, given: &[Option<&Curve>], offset: Db) {
    /// [`Probability::new`] rounds down. With half a step more it rounds to the nearest, so that curves which were written
    /// from channels give these channels back, bit by bit.
    const HALF_STEP: f64 = 0.5 / 4_294_967_296.0;
    let mut losses = row.losses.table().to_vec();
    for class in LinkClass::all() {
        let ratio = class.ratio() + offset;
        let mut before = 1.0;
        for (transmission, curve) in given.iter().enumerate() {
            let loss = &mut losses[class.index() * given.len() + transmission];
            if let Some(curve) = curve.filter(|_| before > 0.0) {
                *loss = Probability::new(curve.at(ratio) / before + HALF_STEP);
            }
            before *= loss.value();
        }
    }
    row.losses = Losses::known(losses);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_linear_between_its_points_and_flat_beyond_them() {
        let curve = Curve::through(vec![(Db(-2.0), 1.0), (Db(0.0), 0.5), (Db(4.0), 0.1)]).expect("it has points");
        for (ratio, error) in [(-9.0, 1.0), (-2.0, 1.0), (-1.0, 0.75), (0.0, 0.5), (1.0, 0.4), (4.0, 0.1), (30.0, 0.1)]
        {
            assert!((curve.at(Db(ratio)) - error).abs() < 1e-12, "{ratio} dB");
        }
        assert_eq!(Curve::through(vec![(Db(3.0), 0.2)]).map(|curve| curve.at(Db(-30.0))), Some(0.2));
        assert_eq!(Curve::through(Vec::new()), None);
    }

    /// A row of two transmissions that fail with 0.5 and 0.25 everywhere.
    fn replaced(given: [Option<&Curve>; 2]) -> [f64; 2] {
        let loss = LinkClass::all().flat_map(|_| [0.5, 0.25].map(Probability::new)).collect();
        let losses = Losses::known(loss);
        let mut row = BlockRow { bytes: 9, airtime_ms: 8, gaps_ms: 0, repetitions: 1, losses, transmissions: 2 };
        replace_row(&mut row, &given, Db(0.0));
        [1, 2].map(|transmissions| row.failure(LinkClass(80), transmissions))
    }

    #[test]
    fn a_transmission_without_a_curve_fails_as_often_as_before_given_that_those_before_it_failed() {
        let flat = |error| Curve::through(vec![(Db(0.0), error)]).expect("it has a point");
        let near = |got: [f64; 2], want: [f64; 2]| got.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-9);
        assert!(near(replaced([None, None]), [0.5, 0.125]));
        assert!(near(replaced([Some(&flat(0.2)), None]), [0.2, 0.05]));
        assert!(near(replaced([None, Some(&flat(0.3))]), [0.5, 0.3]));
        assert!(near(replaced([Some(&flat(0.2)), Some(&flat(0.1))]), [0.2, 0.1]));
        // What was decoded once stays decoded, whatever the second curve says.
        assert!(near(replaced([Some(&flat(0.2)), Some(&flat(0.9))]), [0.2, 0.2]));
        assert!(near(replaced([Some(&flat(0.0)), Some(&flat(0.5))]), [0.0, 0.0]));
    }
}
