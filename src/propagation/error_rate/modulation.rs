//! Mutual information of a modulation and its variance, and the SINR that a block needs.

use std::sync::LazyLock;

use super::Block;

/// The SNR of the first entry of a table, decibels.
const FIRST_DB: f64 = -60.0;
/// The step from entry to entry.
const STEP_DB: f64 = 0.25;
/// Entries: up to +40 dB.
const ENTRIES: usize = 401;
/// Below this SNR the modulation does as well as Gaussian symbols.
const GAUSSIAN_BELOW_DB: f64 = -30.0;

/// Mutual information, in bits, and the root of its variance, in one real dimension, at one SNR.
#[derive(Clone, Copy, Debug)]
struct Information {
    mean: f64,
    deviation: f64,
}

/// Tables for 2, 4 and 8 amplitudes.
static AMPLITUDES: [LazyLock<Vec<Information>>; 3] =
    [LazyLock::new(|| table(2)), LazyLock::new(|| table(4)), LazyLock::new(|| table(8))];

/// A modulation: amplitudes in one or two real dimensions.
#[derive(Clone, Copy)]
pub(super) struct Modulation {
    table: &'static [Information],
    dimensions: f64,
}

impl Modulation {
    /// The modulation with so many bits per symbol; those between 1, 2, 4 and 6 count as the next lower one.
    pub(super) fn of(bits_per_symbol: u32) -> Modulation {
        let (table, dimensions) = match bits_per_symbol {
            0 | 1 => (&AMPLITUDES[0], 1.0),
            2 | 3 => (&AMPLITUDES[0], 2.0),
            4 | 5 => (&AMPLITUDES[1], 2.0),
            _ => (&AMPLITUDES[2], 2.0),
        };
        Modulation { table, dimensions }
    }

    /// The SINR after combining below which the block fails when the code noise, a standard normal number, is `noise`: where
    /// n C − k + ½ log2 n = noise·√(n V). Infinite if the block does not fit the symbols.
    pub(super) fn needed(&self, block: &Block, noise: f64) -> f64 {
        let symbols = f64::from(block.symbols.max(1));
        let lacking = f64::from(block.bits) - 0.5 * libm::log2(symbols);
        let (per_mean, per_deviation) = (symbols * self.dimensions, libm::sqrt(symbols * self.dimensions) * noise);
        let excess = |i: usize| per_mean * self.table[i].mean - lacking - per_deviation * self.table[i].deviation;
        if excess(ENTRIES - 1) < 0.0 {
            return f64::INFINITY;
        }
        // The excess falls at most once, at the start, and then rises: it changes its sign once.
        let (mut low, mut high) = (0, ENTRIES - 1);
        while high - low > 1 {
            let middle = (low + high) / 2;
            if excess(middle) < 0.0 { low = middle } else { high = middle }
        }
        let (below, above) = (excess(low), excess(high));
        let part = if above > below { (-below / (above - below)).clamp(0.0, 1.0) } else { 0.0 };
        let db = FIRST_DB + STEP_DB * (low as f64 + part);
        // One real dimension holds half of the noise of a complex symbol and, of BPSK, all of the signal.
        libm::exp10(db / 10.0) * self.dimensions / 2.0
    }
}

fn table(amplitudes: u32) -> Vec<Information> {
    (0..ENTRIES)
        .map(|i| {
            let db = FIRST_DB + STEP_DB * i as f64;
            let snr = libm::exp10(db / 10.0);
            if db < GAUSSIAN_BELOW_DB { gaussian(snr) } else { of_amplitudes(amplitudes, snr) }
        })
        .collect()
}

/// Gaussian symbols: C = ½ log2(1 + s), V = s (s + 2) / (2 (1 + s)²) log2² e.
fn gaussian(snr: f64) -> Information {
    let bits = std::f64::consts::LOG2_E;
    let variance = snr * (snr + 2.0) / (2.0 * (1.0 + snr) * (1.0 + snr)) * bits * bits;
    Information { mean: 0.5 * bits * libm::log1p(snr), deviation: libm::sqrt(variance) }
}

/// Equally likely, equally spaced amplitudes of unit power in Gaussian noise, by the midpoint rule over the noise.
fn of_amplitudes(amplitudes: u32, snr: f64) -> Information {
    let levels = f64::from(amplitudes);
    let spacing = libm::sqrt(12.0 / (levels * levels - 1.0) * snr);
    let (mut mean, mut square) = (0.0, 0.0);
    for sent in 0..amplitudes {
        for (z, density) in NODES.iter() {
            let likelihoods = (0..amplitudes).map(|other| {
                let off = z + spacing * (f64::from(sent) - f64::from(other));
                if other == sent { 1.0 } else { libm::exp(0.5 * (z * z - off * off)) }
            });
            let information = libm::log2(levels / likelihoods.sum::<f64>());
            mean += density / levels * information;
            square += density / levels * information * information;
        }
    }
    Information { mean, deviation: libm::sqrt((square - mean * mean).max(0.0)) }
}

/// The noise in the middle of each step of the midpoint rule, and the probability of the step.
static NODES: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| {
    const STEPS: u32 = 160;
    const RANGE: f64 = 8.0;
    let step = 2.0 * RANGE / f64::from(STEPS);
    let middle = |number: u32| (f64::from(number) + 0.5) * step - RANGE;
    let probability = |z: f64| step * libm::exp(-0.5 * z * z) / libm::sqrt(std::f64::consts::TAU);
    (0..STEPS).map(middle).map(|z| (z, probability(z))).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amplitudes_carry_what_they_should() {
        // Capacity of binary input at 0 dB (real SNR 1): 0.4859 bits, a standard value.
        assert!((of_amplitudes(2, 1.0).mean - 0.4859).abs() < 1e-4);
        for (amplitudes, bits) in [(2, 1.0), (4, 2.0), (8, 3.0)] {
            let high = of_amplitudes(amplitudes, 1e4);
            assert!((high.mean - bits).abs() < 1e-9 && high.deviation < 1e-4);
            let table = table(amplitudes);
            assert!(table.windows(2).all(|pair| pair[1].mean >= pair[0].mean - 1e-12));
            // Never more than Gaussian symbols, and as much at low SNR.
            for (i, entry) in table.iter().enumerate() {
                let best = gaussian(libm::exp10((FIRST_DB + STEP_DB * i as f64) / 10.0));
                assert!(entry.mean <= best.mean * (1.0 + 1e-9));
            }
            let (low, best) = (of_amplitudes(amplitudes, 1e-3), gaussian(1e-3));
            assert!((low.mean / best.mean - 1.0).abs() < 1e-2 && (low.deviation / best.deviation - 1.0).abs() < 1e-2);
        }
    }
}
