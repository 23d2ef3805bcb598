//! The distribution function of the Gamma distribution.

/// The logarithm of 1e-17. So small a front makes the upper function, of which the continued fraction is at most one, too small to
/// be seen beside one.
const LOST_BESIDE_ONE: f64 = -39.14;

/// Regularised lower incomplete gamma function: the probability that a Gamma variable of this shape and scale 1 is
/// below `x`. `ln_gamma` is the logarithm of the gamma function at the shape.
///
/// Series below the mean, continued fraction (modified Lentz) above it; relative error about 1e-12.
pub(super) fn lower_gamma(shape: f64, ln_gamma: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let ln_front = shape * libm::log(x) - x - ln_gamma;
    if x >= shape + 1.0 && ln_front < LOST_BESIDE_ONE {
        return 1.0;
    }
    let front = libm::exp(ln_front);
    if x < shape + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / shape, 1.0 / shape, shape);
        while term > sum * 1e-14 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        (front * sum).min(1.0)
    } else {
        let mut b = x + 1.0 - shape;
        let mut c = 1e300;
        let mut d = 1.0 / b;
        let mut h = d;
        for i in 1..10_000 {
            let i = f64::from(i);
            let a = -i * (i - shape);
            b += 2.0;
            d = 1.0 / (a * d + b);
            c = b + a / c;
            let factor = d * c;
            h *= factor;
            if (factor - 1.0).abs() < 1e-13 {
                break;
            }
        }
        (1.0 - front * h).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(shape: f64, x: f64) -> f64 {
        lower_gamma(shape, libm::lgamma(shape), x)
    }

    #[test]
    fn whole_shapes_have_a_closed_form() {
        // P(n, x) = 1 - e^-x (1 + x + ... + x^(n-1)/(n-1)!).
        for n in [1, 2, 4, 16, 60] {
            for i in 1..200 {
                let x = f64::from(i) * f64::from(n) / 60.0;
                let mut term = (-x).exp();
                let mut upper = 0.0;
                for k in 1..=n {
                    upper += term;
                    term *= x / f64::from(k);
                }
                assert!((at(f64::from(n), x) - (1.0 - upper)).abs() < 1e-12, "{n} {x}");
            }
        }
        // A tail, where subtracting from one would lose everything: P(2, x) = x²/2 (1 − 2x/3 + …).
        assert!((at(2.0, 1e-6) / 0.5e-12 - 1.0).abs() < 1e-6);
    }
}
