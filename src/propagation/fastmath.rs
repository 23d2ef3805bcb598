//! Exponential, logarithm and angle made of + − × / and √ only, for the set-up of millions of terminals.
//!
//! They give the same bits on every platform, have no branches, and are simple enough for the compiler to compute several
//! at once. They do not treat infinities, NaN, subnormal numbers or arguments outside the stated ranges: the caller keeps
//! to the ranges.

/// Adding and subtracting this rounds a number below 2^51 to an integer, which then stands in the lowest bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// e to the power of `x`, −700 < x < 700; relative error below 1e-12.
#[inline(always)]
#[must_use]
pub fn exp(x: f64) -> f64 {
    // ln 2 in two parts, the first with trailing zeros, as in fdlibm.
    const HIGH: f64 = 6.931_471_803_691_238e-1;
    const LOW: f64 = 1.908_214_929_270_587_7e-10;
    let rounded = x * std::f64::consts::LOG2_E + ROUND;
    let twos = rounded - ROUND;
    let r = (x - twos * HIGH) - twos * LOW;
    // Taylor series on |r| <= ln(2)/2: the first term left out is below 3e-13.
    let mut sum = 1.0 / 3_628_800.0;
    for coefficient in
        [1.0 / 362_880.0, 1.0 / 40_320.0, 1.0 / 5_040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0]
    {
        sum = sum * r + coefficient;
    }
    f64::from_bits(sum.to_bits().wrapping_add(rounded.to_bits() << 52))
}

/// Natural logarithm of a positive normal number; absolute error below 1e-12.
#[inline(always)]
#[must_use]
pub fn ln(x: f64) -> f64 {
    /// The bits of the square root of one half: mantissas are taken from there to √2.
    const HALF_ROOT: u64 = 0x3FE6_A09E_667F_3BCD;
    const ONE: u64 = 0x3FF0_0000_0000_0000;
    let biased = x.to_bits().wrapping_add(ONE - HALF_ROOT) >> 52;
    let mantissa = f64::from_bits(x.to_bits().wrapping_sub(biased << 52).wrapping_add(ONE));
    // 2^52 with the exponent in its lowest bits: an integer becomes a number without a conversion.
    let twos = f64::from_bits(biased | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1_023.0);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    // 2 artanh(s) on |s| <= 0.1716.
    let square = s * s;
    let mut sum = 2.0 / 15.0;
    for coefficient in [2.0 / 13.0, 2.0 / 11.0, 2.0 / 9.0, 2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0, 2.0] {
        sum = sum * square + coefficient;
    }
    sum * s + twos * std::f64::consts::LN_2
}

/// The angle, in radians, between the direction (x, y) and the nearest of the directions 0°, 120° and 240°.
///
/// `length` is the length of (x, y), greater than zero. The result lies between 0 and π/3, its error is below 1e-9.
#[inline(always)]
#[must_use]
pub fn angle_from_thirds(x: f64, y: f64, length: f64) -> f64 {
    const ROOT: f64 = 0.866_025_403_784_438_6;
    let y = y.abs();
    // Above 60° the direction 120° is nearer: turn it to 0°.
    let turned = (ROOT * y - 0.5 * x, (ROOT * x + 0.5 * y).abs());
    let near = y > 2.0 * ROOT * x;
    let (x, y) = if near { turned } else { (x, y) };
    // Seen from 30° the angle lies within ±30°; half of it has a tangent of at most 0.268.
    let t = (ROOT * y - 0.5 * x) / (ROOT * x + 0.5 * y + length);
    let square = t * t;
    let mut sum = 2.0 / 17.0;
    for coefficient in [-2.0 / 15.0, 2.0 / 13.0, -2.0 / 11.0, 2.0 / 9.0, -2.0 / 7.0, 2.0 / 5.0, -2.0 / 3.0, 2.0] {
        sum = sum * square + coefficient;
    }
    sum * t + std::f64::consts::FRAC_PI_6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Key, Purpose};

    fn spread(n: u64) -> impl Iterator<Item = f64> {
        (0..n).map(|i| Key::root(11).draw(Purpose::Delay, i).unit())
    }

    #[test]
    fn exponential_agrees_with_libm() {
        for x in spread(200_000).map(|u| 1_399.0 * u - 699.5).chain([0.0, 1.0, -1.0, std::f64::consts::LN_2 / 2.0]) {
            let (got, want) = (exp(x), libm::exp(x));
            assert!((got / want - 1.0).abs() < 1e-12, "{x}: {got} {want}");
        }
    }

    #[test]
    fn logarithm_agrees_with_libm() {
        let wide = spread(200_000).map(|u| libm::exp(1_380.0 * u - 690.0));
        for x in wide.chain(spread(100_000).map(|u| 0.5 + u)).chain([1.0, 2.0, 0.5, f64::MIN_POSITIVE]) {
            let (got, want) = (ln(x), libm::log(x));
            assert!((got - want).abs() < 1e-12, "{x}: {got} {want}");
        }
        assert_eq!(ln(1.0), 0.0);
    }

    #[test]
    fn angles_agree_with_libm() {
        for degrees in spread(100_000).map(|u| 360.0 * u).chain([0.0, 60.0, 120.0, 180.0, 300.0]) {
            let (y, x) = (libm::sin(degrees.to_radians()), libm::cos(degrees.to_radians()));
            let folded = degrees % 120.0;
            let want = folded.min(120.0 - folded).to_radians();
            let got = angle_from_thirds(3.0 * x, 3.0 * y, 3.0);
            assert!((got - want).abs() < 1e-9, "{degrees}: {got} {want}");
        }
    }
}
