//! Shadow fading as a function of the place, for terminals that move.
//!
//! Its autocorrelation is exp(−d / d_corr) (TR 38.901 clause 7.4.4, TR 36.942 clause 4.6), that of an exponential variogram in
//! the plane. A field is a sum of plane waves whose wave numbers are drawn from the spectrum of that function and whose phases
//! belong to a terminal and a site: nothing is stored, and the same place has the same fading when the terminal comes back.
//! Wave vectors are rounded to those that fit the closed plane of the network a whole number of times.

use crate::geometry::torus::{Point, Torus};
use crate::rng::{Key, Purpose};

/// Waves of one field. With sixteen its values are normal but for the far tails: none is beyond 5.7 standard deviations.
const WAVES: usize = 16;
/// Waves from which each of them is chosen.
const CHOICES: usize = 64;
/// Phases that are told apart.
const PHASES: usize = 256;
/// Draws that choose the waves of a terminal are numbered behind those of its sites' phases.
const CHOOSING: u64 = 1 << 40;
/// Waves whose phases, or choices, one draw is enough for: a byte each.
const PER_DRAW: usize = 8;

/// All waves from which fields are made.
#[derive(Clone, Debug)]
pub struct Fields {
    torus: Torus,
    /// Whole turns of each wave along the two periods of the plane.
    waves: Vec<(f64, f64)>,
    cosines: Vec<f64>,
}

/// The waves of one terminal at one place.
#[derive(Clone, Debug)]
pub struct Waves {
    real: [f64; WAVES],
    imaginary: [f64; WAVES],
}

impl Fields {
    /// Fields that lose all but 1/e of their correlation over `correlation` metres.
    #[must_use]
    pub fn new(torus: Torus, correlation: f64) -> Fields {
        const GOLDEN: f64 = 0.618_033_988_749_894_9;
        let count = WAVES * CHOICES;
        let [a, b] = torus.periods();
        let wave = |number: usize| {
            // The share of the spectrum beyond wave number k is 1 / sqrt(1 + (k d_corr)²).
            let beyond = (number as f64 + 0.5) / count as f64;
            let k = libm::sqrt(1.0 / (beyond * beyond) - 1.0) / (correlation * std::f64::consts::TAU);
            let angle = std::f64::consts::TAU * (number as f64 * GOLDEN).fract();
            let (kx, ky) = (k * libm::cos(angle), k * libm::sin(angle));
            (libm::round(kx * a.x + ky * a.y), libm::round(kx * b.x + ky * b.y))
        };
        let cosine = |phase: usize| libm::cos(std::f64::consts::TAU * (phase as f64 + 0.5) / PHASES as f64);
        Fields { torus, waves: (0..count).map(wave).collect(), cosines: (0..PHASES).map(cosine).collect() }
    }

    /// The waves of a terminal at a place.
    #[must_use]
    pub fn at(&self, terminal: Key, point: Point) -> Waves {
        let (u, v) = self.torus.turns(point);
        let mut waves = Waves { real: [0.0; WAVES], imaginary: [0.0; WAVES] };
        for first in (0..WAVES).step_by(PER_DRAW) {
            let choice = terminal.draw(Purpose::Shadowing, CHOOSING + first as u64).0.to_le_bytes();
            for (number, choice) in (first..).zip(choice) {
                let (along, across) = self.waves[number * CHOICES + usize::from(choice) % CHOICES];
                let turns = along * u + across * v;
                let (sine, cosine) = libm::sincos(std::f64::consts::TAU * (turns - turns.floor()));
                (waves.real[number], waves.imaginary[number]) = (cosine, sine);
            }
        }
        waves
    }

    /// The value of a terminal's field number `number`: standard normal over fields and places, independent between fields.
    #[must_use]
    pub fn value(&self, waves: &Waves, terminal: Key, number: u64) -> f64 {
        let mut sum = 0.0;
        for block in 0..WAVES / PER_DRAW {
            let draw = terminal.draw(Purpose::Shadowing, number * (WAVES / PER_DRAW) as u64 + block as u64);
            for (wave, phase) in (block * PER_DRAW..).zip(draw.0.to_le_bytes()) {
                let phase = usize::from(phase);
                let (cosine, sine) = (self.cosines[phase], self.cosines[(phase + PHASES * 3 / 4) % PHASES]);
                sum += waves.real[wave] * cosine - waves.imaginary[wave] * sine;
            }
        }
        sum * libm::sqrt(2.0 / WAVES as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::hex::Cluster;

    const CORRELATION: f64 = 110.0;

    fn torus() -> Torus {
        Torus { cluster: Cluster { rings: 2 }, pitch: 1_732.0 }
    }

    /// Mean product of the values of `fields` terminals at places `distance` metres apart, in changing directions.
    fn correlation(distance: f64, terminals: u64) -> f64 {
        let fields = Fields::new(torus(), CORRELATION);
        let product = |number: u64| {
            let key = Key::root(3).child(number);
            let unit = |c| key.draw(Purpose::Position, c).unit();
            let angle = std::f64::consts::TAU * unit(2);
            let here = Point { x: 9_000.0 * unit(0), y: 9_000.0 * unit(1) };
            let there = here.plus(Point { x: libm::cos(angle), y: libm::sin(angle) }.times(distance));
            let value = |point| fields.value(&fields.at(key, point), key, 5);
            value(here) * value(there)
        };
        (0..terminals).map(product).sum::<f64>() / terminals as f64
    }

    #[test]
    fn the_autocorrelation_is_the_exponential_one() {
        for distance in [0.0, 10.0, 30.0, 55.0, 110.0, 220.0, 330.0] {
            let want = libm::exp(-distance / CORRELATION);
            // Four standard errors of 40,000 products of normal variables, and the rounding of long waves.
            assert!((correlation(distance, 40_000) - want).abs() < 0.03, "{distance} m: {want}");
        }
    }

    #[test]
    fn values_are_standard_normal_independent_between_fields_and_the_same_again() {
        let fields = Fields::new(torus(), CORRELATION);
        let (n, point) = (40_000, Point { x: 700.0, y: -300.0 });
        let (mut square, mut fourth, mut product, mut beyond) = (0.0, 0.0, 0.0, 0);
        for number in 0..n {
            let key = Key::root(9).child(number);
            let waves = fields.at(key, point);
            let (a, b) = (fields.value(&waves, key, 0), fields.value(&waves, key, 1));
            square += a * a / n as f64;
            fourth += a * a * a * a / n as f64;
            product += a * b / n as f64;
            beyond += u64::from(a > 1.6449);
            let around = fields.at(key, point.plus(torus().periods()[1]));
            assert!((fields.value(&around, key, 0) - a).abs() < 1e-6, "the plane is closed");
        }
        // The kurtosis of a sum of N sines of random phase is 3 − 3 / (2 N).
        assert!((square - 1.0).abs() < 0.03 && (fourth - 2.906).abs() < 0.15 && product.abs() < 0.02);
        assert!((beyond as f64 / n as f64 - 0.05).abs() < 0.005, "{beyond}");
    }
}
