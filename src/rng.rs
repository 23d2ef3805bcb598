//! Random numbers with an address.
//!
//! A draw is a pure function of (seed, entity, purpose, counter): there is no generator whose state wanders from one
//! user to the next. Adding a group, or turning one knob, therefore leaves every unrelated draw as it was, and a run
//! does not depend on the number of threads. The samplers use only IEEE basic arithmetic and `libm`, so they give the
//! same bits on every platform.

/// The identity of a stream of draws: a seed, a group, a terminal, a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(pub u64);

/// What a draw is for. Each purpose counts its own draws, so that purposes never shift one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// Which site and where around it a terminal stands.
    Position,
    /// Whether a terminal is indoors, and how deep.
    Indoor,
    /// Shadow fading towards each site.
    Shadowing,
    /// A terminal's reporting interval.
    Interval,
    /// The phase of a terminal's reports.
    Phase,
    /// The displacement of one report from its regular time.
    Jitter,
    /// The size of one report.
    Payload,
    /// Whether one report is answered.
    Answer,
    /// How old a terminal's system information is when the run begins.
    InformationAge,
    /// The preamble of one attempt.
    Preamble,
    /// Whether the network detects one attempt.
    Detection,
    /// The backoff after one attempt.
    Backoff,
    /// Whether one block is received.
    BlockError,
    /// A delay drawn by a plan.
    Delay,
    /// The error of one measurement of the coverage level.
    LevelError,
    /// How much worse than usual a terminal's place is at one message.
    Drift,
    /// A terminal's place in paging cycles.
    PagingPlace,
    /// When other cells send a page.
    PagingCopy,
    /// When a terminal is switched on.
    SwitchOn,
    /// When a terminal's periodic update is due that has not spoken in the run.
    Update,
    /// The carrier to which one connection is moved.
    Carrier,
    /// How long an application waits for an acknowledgement.
    Timer,
    /// The phase of what keeps a terminal's path or registration alive.
    Upkeep,
    /// A terminal's access class.
    AccessClass,
    /// Whether the network still knows a suspended connection.
    Resumption,
    /// Whether the network is content with early data.
    EarlyData,
    /// Whether one check finds a terminal barred.
    Barring,
    /// How long it is then.
    BarringTime,
    /// Where a terminal goes that moves, how fast, and how long it stays there.
    Waypoint,
    /// Whether a terminal sees a satellite while it passes once, and the shadow fading then.
    Arc,
    /// Whether a network covers the place where a terminal is.
    Coverage,
    /// When a terminal last looked for a better network before the run.
    NetworkSearch,
}

impl Key {
    /// The stream of a whole run.
    #[must_use]
    pub fn root(seed: u64) -> Key {
        Key(mix(seed ^ 0x9E37_79B9_7F4A_7C15))
    }

    /// The stream of the part of `self` that is called `name`.
    #[must_use]
    pub fn named(self, name: &str) -> Key {
        name.bytes().fold(self.child(name.len() as u64), |key, byte| key.child(u64::from(byte)))
    }

    /// The stream of the part of `self` that has the number `index`.
    #[must_use]
    pub fn child(self, index: u64) -> Key {
        Key(mix(self.0 ^ index.wrapping_mul(0xD6E8_FEB8_6659_FD93).wrapping_add(0xA076_1D64_78BD_642F)))
    }

    /// Draw number `counter` of this stream for `purpose`.
    #[inline]
    #[must_use]
    pub fn draw(self, purpose: Purpose, counter: u64) -> Draw {
        let place = (purpose as u64 + 1).wrapping_mul(0xE703_7ED1_A0B4_28DB).wrapping_add(counter);
        Draw(mix(self.0 ^ place.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
#[inline]
#[must_use]
pub fn mix(word: u64) -> u64 {
    let z = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Sixty-four random bits, to be turned into one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw(pub u64);

impl Draw {
    /// Uniform in the open interval (0, 1).
    #[inline]
    #[must_use]
    pub fn unit(self) -> f64 {
        ((self.0 >> 11) as f64 + 0.5) * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in `0..limit`; 0 if `limit` is 0.
    #[inline]
    #[must_use]
    pub fn below(self, limit: u64) -> u64 {
        ((u128::from(self.0) * u128::from(limit)) >> 64) as u64
    }

    /// True with the probability `p`.
    #[inline]
    #[must_use]
    pub fn chance(self, p: Probability) -> bool {
        self.0 >> 32 < u64::from(p.0)
    }

    /// True with the probability `p`, independently of [`Self::chance`]: it looks at the other half of the bits.
    #[inline]
    #[must_use]
    pub fn second_chance(self, p: Probability) -> bool {
        self.0 & 0xFFFF_FFFF < u64::from(p.0)
    }

    /// Standard normal, by Acklam's rational approximation of the inverse distribution (relative error 1.15e-9).
    #[must_use]
    pub fn normal(self) -> f64 {
        let [sample] = Draw::normals([self]);
        sample
    }

    /// One sample of [`Self::normal`] for each draw. In all but 5 % of them the middle of the distribution is wanted, which
    /// the compiler can work out for several at once.
    #[inline(always)]
    #[must_use]
    pub fn normals<const N: usize>(draws: [Draw; N]) -> [f64; N] {
        let shares = draws.map(Draw::unit);
        let mut samples = shares.map(acklam::middle);
        for (sample, p) in samples.iter_mut().zip(shares) {
            if p < acklam::TAIL {
                *sample = acklam::tail(p);
            } else if p > 1.0 - acklam::TAIL {
                *sample = -acklam::tail(1.0 - p);
            }
        }
        samples
    }

    /// Pareto with shape `alpha` and the smallest value `min`: P(X > x) = (min/x)^alpha.
    #[must_use]
    pub fn pareto(self, alpha: f64, min: f64) -> f64 {
        min * libm::pow(self.unit(), -1.0 / alpha)
    }
}

/// Acklam's approximation of the inverse of the normal distribution.
mod acklam {
    const A: [f64; 6] = [
        -3.969683028665376e1,
        2.209460984245205e2,
        -2.759285104469687e2,
        1.383_577_518_672_69e2,
        -3.066479806614716e1,
        2.506628277459239,
    ];
    const B: [f64; 6] = [
        -5.447609879822406e1,
        1.615858368580409e2,
        -1.556989798598866e2,
        6.680131188771972e1,
        -1.328068155288572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784894002430293e-3,
        -3.223964580411365e-1,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    ];
    const D: [f64; 5] = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1.0];

    /// Shares below this, and above one minus this, lie in the tails.
    pub const TAIL: f64 = 0.02425;

    #[inline(always)]
    fn horner<const N: usize>(coefficients: &[f64; N], x: f64) -> f64 {
        let mut sum = 0.0;
        for coefficient in coefficients {
            sum = sum * x + coefficient;
        }
        sum
    }

    /// The value below which a share `p` of the distribution lies, outside the tails.
    #[inline(always)]
    pub fn middle(p: f64) -> f64 {
        let q = p - 0.5;
        horner(&A, q * q) * q / horner(&B, q * q)
    }

    /// The same in the lower tail.
    #[inline(never)]
    pub fn tail(p: f64) -> f64 {
        let q = libm::sqrt(-2.0 * libm::log(p));
        horner(&C, q) / horner(&D, q)
    }
}

/// A probability in steps of 2^-32, so that comparing a draw with it costs one integer comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Probability(pub u32);

impl Probability {
    /// Never.
    pub const ZERO: Probability = Probability(0);

    /// The probability nearest to `p`, clamped to 0..=1 (1 becomes 1 − 2^-32).
    #[must_use]
    pub fn new(p: f64) -> Probability {
        Probability((p.clamp(0.0, 1.0) * 4_294_967_296.0).min(4_294_967_295.0) as u32)
    }

    /// The probability as a plain number.
    #[must_use]
    pub fn value(self) -> f64 {
        f64::from(self.0) / 4_294_967_296.0
    }

    /// The probability that at least one of two independent things happens.
    #[must_use]
    pub fn or(self, other: Probability) -> Probability {
        Probability::new(self.value() + other.value() - self.value() * other.value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(sample: impl Fn(Draw) -> f64) -> (f64, f64) {
        let n = 200_000;
        let key = Key::root(1);
        let values: Vec<f64> = (0..n).map(|i| sample(key.draw(Purpose::Delay, i))).collect();
        let mean = values.iter().sum::<f64>() / n as f64;
        (mean, values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64)
    }

    #[test]
    fn samplers_have_their_closed_form_moments() {
        let (mean, variance) = moments(Draw::unit);
        assert!((mean - 0.5).abs() < 2e-3 && (variance - 1.0 / 12.0).abs() < 1e-3, "{mean} {variance}");
        let (mean, variance) = moments(Draw::normal);
        assert!(mean.abs() < 7e-3 && (variance - 1.0).abs() < 1e-2, "{mean} {variance}");
        // Pareto, alpha 2.5, min 20: mean = alpha min / (alpha - 1).
        let (mean, _) = moments(|d| d.pareto(2.5, 20.0));
        assert!((mean - 100.0 / 3.0).abs() < 0.3, "{mean}");
    }

    #[test]
    fn quantiles_of_the_normal_distribution() {
        for (p, z) in [(0.5, 0.0), (0.975, 1.959964), (0.001, -3.090232), (0.9, 1.281552)] {
            let draw = Draw((p * 2f64.powi(64)) as u64);
            assert!((draw.normal() - z).abs() < 1e-5, "{p}");
        }
    }

    #[test]
    fn streams_are_unrelated() {
        let (a, b) = (Key::root(7).named("meters"), Key::root(7).named("meters2"));
        let same = (0..10_000).filter(|&i| a.draw(Purpose::Phase, i).below(4) == b.draw(Purpose::Phase, i).below(4));
        assert!((same.count() as i64 - 2_500).abs() < 200);
        assert_ne!(a.draw(Purpose::Phase, 0), a.draw(Purpose::Jitter, 0));
    }

    #[test]
    fn chance_is_as_likely_as_it_says() {
        let (key, p) = (Key::root(3), Probability::new(0.01));
        let hits = (0..1_000_000).filter(|&i| key.draw(Purpose::Detection, i).chance(p)).count();
        assert!((hits as i64 - 10_000).abs() < 400, "{hits}");
        assert!((p.or(p).value() - 0.0199).abs() < 1e-8);
    }
}
