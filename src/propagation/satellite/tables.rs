//! The tables of TR 38.811 clause 6.6: who sees a satellite, shadow fading, clutter; and the Rician K factors of clause 6.7.2.
//!
//! The tables have rows from 10° to 90° in steps of 10°. The row nearest to the elevation holds (half-way, the higher one); below
//! 10° that of 10° does, which is too kind: less and less of the sky is open there.

use crate::units::{Db, Hertz};

/// The surroundings of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// High buildings, narrow streets.
    DenseUrban,
    /// A city.
    Urban,
    /// Suburbs and open country, for which the clause has one column.
    Suburban,
}

/// The frequencies for which there are tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Band {
    /// About 2 GHz.
    S,
    /// About 20 and 30 GHz.
    Ka,
}

/// Whether the satellite is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Line of sight.
    Los,
    /// Something stands in the way.
    Nlos,
}

/// Rows of each table.
pub const ROWS: usize = 9;
type Column = [f64; ROWS];

/// Line-of-sight probability (TR 38.811 table 6.6.1-1).
const LOS_PROBABILITY: [Column; 3] = [
    [0.282, 0.331, 0.398, 0.468, 0.537, 0.612, 0.738, 0.820, 0.981],
    [0.246, 0.386, 0.493, 0.613, 0.726, 0.805, 0.919, 0.968, 0.992],
    [0.782, 0.869, 0.919, 0.929, 0.935, 0.940, 0.949, 0.952, 0.998],
];

/// Clutter loss of cities in the S and the Ka band (TR 38.811 tables 6.6.2-1 and 6.6.2-2, which agree in it).
const CLUTTER_OF_CITIES: [Column; 2] =
    [[34.3, 30.9, 29.0, 27.7, 26.8, 26.2, 25.8, 25.5, 25.5], [44.3, 39.9, 37.5, 35.8, 34.6, 33.8, 33.3, 33.0, 32.9]];
/// Clutter loss of suburbs and open country (TR 38.811 table 6.6.2-3).
const CLUTTER_OF_SUBURBS: [Column; 2] = [
    [19.52, 18.17, 18.42, 18.28, 18.63, 17.68, 16.50, 16.30, 16.30],
    [29.5, 24.6, 21.9, 20.0, 18.7, 17.8, 17.2, 16.9, 16.8],
];

/// Standard deviation of shadow fading in line of sight: dense urban, urban, suburban, each in the S and the Ka band (TR 38.811
/// tables 6.6.2-1 to 6.6.2-3).
const SIGMA_LOS: [[Column; 2]; 3] = [
    [[3.5, 3.4, 2.9, 3.0, 3.1, 2.7, 2.5, 2.3, 1.2], [2.9, 2.4, 2.7, 2.4, 2.4, 2.7, 2.6, 2.8, 0.6]],
    [[4.0; ROWS]; 2],
    [[1.79, 1.14, 1.14, 0.92, 1.42, 1.56, 0.85, 0.72, 0.72], [1.9, 1.6, 1.9, 2.3, 2.7, 3.1, 3.0, 3.6, 0.4]],
];
/// The same without line of sight.
const SIGMA_NLOS: [[Column; 2]; 3] = [
    [[15.5, 13.9, 12.4, 11.7, 10.6, 10.5, 10.1, 9.2, 9.2], [17.1, 17.1, 15.6, 14.6, 14.2, 12.6, 12.1, 12.3, 12.3]],
    [[6.0; ROWS]; 2],
    [
        [8.93, 9.08, 8.78, 10.25, 10.56, 10.74, 10.17, 11.52, 11.52],
        [10.7, 10.0, 11.2, 11.6, 11.8, 10.8, 10.8, 10.8, 10.8],
    ],
];

/// Mean of the Rician K factor in line of sight in the S band, dB (TR 38.811 clause 6.7.2).
const K_MEAN: [Column; 3] = [
    [4.4, 9.0, 9.3, 7.9, 7.4, 7.0, 6.9, 6.5, 6.8],
    [31.83, 18.78, 10.49, 7.46, 6.52, 5.47, 4.54, 4.03, 3.68],
    [11.40, 19.45, 20.80, 21.20, 21.60, 19.75, 12.00, 12.85, 12.85],
];
/// Its standard deviation, dB.
#[expect(clippy::approx_constant, reason = "a figure of the table, not pi")]
const K_SIGMA: [Column; 3] = [
    [3.3, 6.6, 6.1, 4.0, 3.0, 2.6, 2.2, 2.1, 1.9],
    [13.84, 13.78, 10.42, 8.01, 8.27, 7.26, 5.53, 4.49, 3.14],
    [6.26, 10.32, 16.34, 15.63, 14.22, 14.19, 5.70, 9.91, 9.91],
];

/// The row of the tables for an elevation.
#[inline]
#[must_use]
pub fn row(elevation_deg: f64) -> usize {
    (elevation_deg / 10.0).round().clamp(1.0, ROWS as f64) as usize - 1
}

impl Band {
    /// The band whose tables hold at a frequency: the S band below 13 GHz, half-way between 6 and 20 GHz.
    #[must_use]
    pub fn of(frequency: Hertz) -> Band {
        if frequency.0 < 13e9 { Band::S } else { Band::Ka }
    }
}

impl Environment {
    /// All of them.
    pub const ALL: [Environment; 3] = [Environment::DenseUrban, Environment::Urban, Environment::Suburban];

    /// Probability of line of sight.
    #[must_use]
    pub fn los_probability(self, elevation_deg: f64) -> f64 {
        LOS_PROBABILITY[self as usize][row(elevation_deg)]
    }

    /// Standard deviation of the shadow fading.
    #[must_use]
    pub fn sigma(self, band: Band, sight: Sight, elevation_deg: f64) -> Db {
        let table = match sight {
            Sight::Los => &SIGMA_LOS,
            Sight::Nlos => &SIGMA_NLOS,
        };
        Db(table[self as usize][band as usize][row(elevation_deg)])
    }

    /// Mean loss by clutter.
    #[must_use]
    pub fn clutter(self, band: Band, sight: Sight, elevation_deg: f64) -> Db {
        let table = match (sight, self) {
            (Sight::Los, _) => return Db(0.0),
            (Sight::Nlos, Environment::Suburban) => &CLUTTER_OF_SUBURBS,
            (Sight::Nlos, _) => &CLUTTER_OF_CITIES,
        };
        Db(table[band as usize][row(elevation_deg)])
    }

    /// Mean and standard deviation, in decibels, of the Rician K factor in line of sight in the S band.
    #[must_use]
    pub fn rician_k(self, elevation_deg: f64) -> (Db, Db) {
        let row = row(elevation_deg);
        (Db(K_MEAN[self as usize][row]), Db(K_SIGMA[self as usize][row]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_row_holds() {
        for (elevation, want) in [
            (-3.0, 0),
            (0.0, 0),
            (9.0, 0),
            (14.99, 0),
            (15.0, 1),
            (24.0, 1),
            (30.0, 2),
            (84.9, 7),
            (85.0, 8),
            (90.0, 8),
        ] {
            assert_eq!(row(elevation), want, "{elevation}");
        }
        assert_eq!((Band::of(Hertz(2e9)), Band::of(Hertz(20e9))), (Band::S, Band::Ka));
    }

    #[test]
    fn a_satellite_that_rises_is_seen_by_more_and_more() {
        // Along a pass the state of one terminal then changes at most once on each side of the highest point.
        for environment in Environment::ALL {
            assert!(LOS_PROBABILITY[environment as usize].is_sorted());
        }
    }

    #[test]
    fn values_stand_where_the_tables_have_them() {
        use Environment::{DenseUrban, Suburban, Urban};
        assert_eq!(Urban.los_probability(40.0), 0.613);
        assert_eq!(DenseUrban.sigma(Band::Ka, Sight::Nlos, 20.0), Db(17.1));
        assert_eq!(Suburban.sigma(Band::S, Sight::Los, 40.0), Db(0.92));
        assert_eq!(Urban.sigma(Band::Ka, Sight::Los, 90.0), Db(4.0));
        assert_eq!(Suburban.clutter(Band::S, Sight::Nlos, 30.0), Db(18.42));
        assert_eq!(Urban.clutter(Band::Ka, Sight::Nlos, 10.0), Db(44.3));
        assert_eq!(Urban.clutter(Band::Ka, Sight::Los, 10.0), Db(0.0));
        assert_eq!(DenseUrban.rician_k(90.0), (Db(6.8), Db(1.9)));
    }
}
