//! How likely a block is still wrong after so many transmissions: one curve for every link.
//!
//! The chain is, from the mean SINR γ of one antenna to the probability of failure:
//!
//! 1. fading: in each transmission the channel's mean power is γ·g, g following a Gamma distribution whose shape is the
//!    number of antennas times the number of fades that the transmissions span;
//! 2. losses: channel estimation ([`estimated`]), [`IMPLEMENTATION_LOSS`], and back comes the receiver's margin;
//! 3. combining: antennas, repetitions and HARQ transmissions add up (maximum-ratio and Chase combining);
//! 4. coding: the normal approximation of the best code of finite length (Polyanskiy, Poor, Verdú: "Channel coding rate in the
//!    finite blocklength regime", IEEE Trans. Inf. Theory 56, 2010), with the mutual information of the modulation.
//!
//! `docs/models/error-rate.md` shows how it compares with TS 36.104.

mod modulation;
mod special;

use crate::units::{Db, SimDuration};
use modulation::Modulation;
use special::lower_gamma;

/// What a receiver loses beside channel estimation and short codes. Calibrated: the value that puts the model in the
/// middle of the three points of TS 36.104 table 8.5.1.1.1-1.
pub const IMPLEMENTATION_LOSS: Db = Db(1.3);
/// Correlation time of the channel's power: exp(−τ/0.25 s) stands for Clarke's spectrum at 1 Hz Doppler.
///
/// The exponential has the variance of Clarke's power, averaged over 1 to 4 s, within 7 %.
pub const COHERENCE: SimDuration = SimDuration::from_millis(250);
/// Pilot symbols for each data symbol: one of seven symbols of a slot of NPUSCH is a pilot (TS 36.211 clause 10.1.4).
pub const PILOT_SHARE: f64 = 1.0 / 6.0;
/// Time over which a receiver averages pilots: the estimation length of TS 36.104 table A.16.1-1 at 15 kHz.
pub const ESTIMATION_WINDOW: SimDuration = SimDuration::from_millis(4);
/// Pilots averaged at least, however slow they come: the 16 ms of the same table at 3.75 kHz are eight slots too.
pub const PILOTS_AT_LEAST: f64 = 8.0;

/// A receiver.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Receiver {
    /// Receive antennas, fading independently.
    pub antennas: u32,
    /// How much better it is than the minimum requirements of the standard.
    ///
    /// The margin can win back losses; no margin lifts the receiver above the SINR that is there.
    pub margin: Db,
}

/// A block and the resources that one transmission of it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Bits including the CRC.
    pub bits: u32,
    /// Complex symbols carrying data in one repetition.
    pub symbols: u32,
    /// Bits of a symbol: 1 (BPSK), 2 (QPSK), 4 (16QAM) or 6 (64QAM).
    pub bits_per_symbol: u32,
    /// Repetitions within the transmission.
    pub repetitions: u32,
    /// Time from the first to the last symbol of the transmission, all repetitions.
    pub airtime: SimDuration,
}

/// How likely one block is wrong after each of its transmissions, at any ratio.
#[derive(Clone, Debug)]
pub struct Curve {
    stages: Vec<Stage>,
}

/// What of the chain does not depend on the ratio, for so many transmissions.
#[derive(Clone, Debug)]
struct Stage {
    /// Of the distribution of the mean power.
    shape: f64,
    /// The logarithm of the gamma function there.
    ln_gamma: f64,
    /// The faded SINR that must be reached, for each value of the code noise.
    needed: [f64; 7],
}

impl Curve {
    /// The probabilities that the block is still wrong after one transmission, two, and so on, at the mean SINR `sinr` of one
    /// antenna over the occupied bandwidth.
    pub fn failures(&self, sinr: Db) -> impl Iterator<Item = f64> {
        let mean = sinr.linear();
        // A receiver does not forget: what it decoded once stays decoded.
        self.stages.iter().scan(1.0f64, move |failure, stage| {
            *failure = failure.min(stage.failure(mean));
            Some(*failure)
        })
    }

    /// The probability that the block is still wrong after all its transmissions.
    #[must_use]
    pub fn failure(&self, sinr: Db) -> f64 {
        self.failures(sinr).last().unwrap_or(1.0)
    }
}

impl Stage {
    fn failure(&self, mean: f64) -> f64 {
        let failure = self.needed.iter().zip(NOISE).map(|(needed, (_, weight))| {
            let gain = needed / mean;
            weight * if gain.is_finite() { lower_gamma(self.shape, self.ln_gamma, self.shape * gain) } else { 1.0 }
        });
        failure.sum::<f64>().clamp(0.0, 1.0)
    }
}

/// Nodes and weights of the Gauss-Hermite rule of seven points for a standard normal variable.
const NOISE: [(f64, f64); 7] = [
    (-3.750_439_717_725_742, 5.482_688_559_722_18e-4),
    (-2.366_759_410_734_541, 3.075_712_396_758_65e-2),
    (-1.154_405_394_739_968, 0.240_123_178_605_012_7),
    (0.0, 0.457_142_857_142_857_14),
    (1.154_405_394_739_968, 0.240_123_178_605_012_7),
    (2.366_759_410_734_541, 3.075_712_396_758_65e-2),
    (3.750_439_717_725_742, 5.482_688_559_722_18e-4),
];

impl Receiver {
    /// Probability that the block is still wrong after so many transmissions, at the mean SINR `sinr` of one antenna over
    /// the occupied bandwidth.
    ///
    /// `interval` lies between the end of one transmission and the start of the next.
    #[must_use]
    pub fn failure(&self, sinr: Db, block: &Block, transmissions: u32, interval: SimDuration) -> f64 {
        self.curve(block, transmissions, interval).failure(sinr)
    }

    /// The same after each of so many transmissions, at least one, to be asked at many ratios.
    #[must_use]
    pub fn curve(&self, block: &Block, transmissions: u32, interval: SimDuration) -> Curve {
        let thresholds = thresholds(block);
        Curve {
            stages: (1..=transmissions.max(1)).map(|count| self.stage(block, &thresholds, count, interval)).collect(),
        }
    }

    fn stage(&self, block: &Block, needed: &[f64; 7], count: u32, interval: SimDuration) -> Stage {
        let shape = f64::from(self.antennas.max(1)) * fades(block.airtime, count, interval);
        let combined = f64::from(self.antennas.max(1)) * f64::from(block.repetitions) * f64::from(count);
        let needed = needed.map(|needed| self.faded_sinr_for(needed / combined, block));
        Stage { shape, ln_gamma: libm::lgamma(shape), needed }
    }

    /// The share of the largest possible throughput that is reached with up to so many HARQ transmissions: blocks delivered
    /// per transmission, as TS 36.104 clause 8.5 counts.
    #[must_use]
    pub fn throughput(&self, sinr: Db, block: &Block, transmissions: u32, interval: SimDuration) -> f64 {
        let failures = |count| if count == 0 { 1.0 } else { self.failure(sinr, block, count, interval) };
        (1.0 - failures(transmissions)) / (0..transmissions).map(failures).sum::<f64>()
    }

    /// What the margin leaves of the losses that do not depend on the SINR, as a plain ratio.
    fn flat_gain(&self) -> f64 {
        (self.margin - IMPLEMENTATION_LOSS).linear()
    }

    /// The SINR of one repetition at one antenna that counts, at a faded SINR of `faded`.
    #[cfg(test)]
    fn effective(&self, faded: f64, block: &Block) -> f64 {
        estimated(faded * self.flat_gain(), pilots(block)).min(faded)
    }

    /// The faded SINR at which `effective` SINR counts.
    fn faded_sinr_for(&self, effective: f64, block: &Block) -> f64 {
        (estimated_inverse(effective, pilots(block)) / self.flat_gain()).max(effective)
    }
}

/// What the SINR after combining must reach, for each value of the code noise.
///
/// The normal approximation says that a block fails when a standard normal number exceeds the margin of the information
/// over the bits. For each such number that is a threshold of the SINR, and the fade lies below it or not.
fn thresholds(block: &Block) -> [f64; 7] {
    let modulation = Modulation::of(block.bits_per_symbol);
    NOISE.map(|(noise, _)| modulation.needed(block, noise))
}

/// The SINR that is left when a channel known from so many pilots at the SINR `sinr` is used to receive.
///
/// A channel estimate of quality x = pilots·sinr costs 1 + 1/x: the weight of combining is itself noisy. The same pilots tell
/// the phase drift that has to be taken out before pilots can be averaged at all, at the same price again.
#[must_use]
pub fn estimated(sinr: f64, pilots: f64) -> f64 {
    let x = pilots * sinr;
    let kept = x / (1.0 + x);
    sinr * kept * kept
}

/// The SINR at which [`estimated`] is `wanted`.
fn estimated_inverse(wanted: f64, pilots: f64) -> f64 {
    // x³ = c (1 + x)² with x = pilots·sinr. Newton from above, where the function is convex.
    let c = wanted * pilots;
    if !(c > 0.0 && c.is_finite()) {
        return wanted;
    }
    let root = libm::cbrt(c);
    let mut x = c + root * (1.0 + root);
    for _ in 0..6 {
        let one = 1.0 + x;
        x -= (x * x * x - c * one * one) / (3.0 * x * x - 2.0 * c * one);
    }
    x / pilots
}

/// Pilot symbols that the receiver averages for one estimate.
fn pilots(block: &Block) -> f64 {
    let all = PILOT_SHARE * f64::from(block.symbols) * f64::from(block.repetitions);
    let in_window = all * ESTIMATION_WINDOW.as_secs_f64() / block.airtime.as_secs_f64().max(1e-6);
    in_window.max(PILOTS_AT_LEAST).min(all)
}

/// The number of independent fades that have the variance of the mean power over so many transmissions.
fn fades(airtime: SimDuration, transmissions: u32, interval: SimDuration) -> f64 {
    let a = airtime.as_secs_f64() / COHERENCE.as_secs_f64();
    let pause = interval.as_secs_f64() / COHERENCE.as_secs_f64();
    // Mean correlation of two instants of one transmission, and of two of different transmissions.
    let (within, across) = if a < 1e-3 {
        (1.0 - a / 3.0, 1.0 - a)
    } else {
        let gone = -libm::expm1(-a);
        (2.0 / a * (1.0 - gone / a), (gone / a) * (gone / a))
    };
    let count = f64::from(transmissions);
    let pairs = (1..transmissions).map(|apart| {
        let d = f64::from(apart);
        2.0 * (count - d) * across * libm::exp(-(d * pause + (d - 1.0) * a))
    });
    count * count / (count * within + pairs.sum::<f64>())
}

#[cfg(test)]
mod tests;
