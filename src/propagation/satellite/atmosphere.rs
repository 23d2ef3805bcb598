//! Free space and the atmosphere on the way to a satellite: TR 38.811 clauses 6.6.2 (free space), 6.6.4 (gases) and 6.6.6
//! (scintillation).

use super::tables;
use crate::units::{Db, Hertz, Metres};

/// Absorption by gases at the zenith (TR 38.811 clause 6.6.4 after ITU-R P.676), GHz and dB.
const ZENITH: [(f64, f64); 14] = [
    (1.0, 0.030),
    (2.0, 0.035),
    (4.0, 0.039),
    (10.0, 0.053),
    (12.0, 0.0674),
    (15.0, 0.1113),
    (20.0, 0.250),
    (22.0, 0.458),
    (23.0, 0.520),
    (28.0, 0.320),
    (30.0, 0.250),
    (40.0, 0.400),
    (50.0, 2.0),
    (60.0, 170.0),
];

/// Air that a ray along the horizon meets, in that of one to the zenith (Kasten and Young 1989). The cosecant grows without bound.
const AIR_AT_HORIZON: f64 = 38.0;

/// Below this the ionosphere scintillates, from here on the troposphere (TR 38.811 clause 6.6.6).
const IONOSPHERE_BELOW: Hertz = Hertz(6e9);

/// Ionospheric scintillation at 1 GHz, dB (TR 38.811 clause 6.6.6.1): 1.1 dB from peak to peak at 4 GHz over the square root of two; it
/// goes with the frequency to the power of −1.5.
const IONOSPHERE_AT_1_GHZ: f64 = 6.22;

/// Tropospheric scintillation at 20 GHz in Toulouse that 99 % of the time does not exceed, dB (TR 38.811 clause 6.6.6.2).
const TROPOSPHERE: [f64; tables::ROWS] = [1.08, 0.48, 0.30, 0.22, 0.17, 0.13, 0.12, 0.12, 0.12];

/// Loss of free space between isotropic antennas: 32.45 + 20 log10(GHz) + 20 log10(m) dB (TR 38.811 equation 6.6-2).
#[must_use]
pub fn free_space_loss(frequency: Hertz, distance: Metres) -> Db {
    Db(32.45 + 20.0 * (libm::log10(frequency.0 / 1e9) + libm::log10(distance.0)))
}

/// Absorption by the gases of the atmosphere: the value at the zenith over the sine of the elevation.
///
/// The clause permits to neglect it below 10 GHz; it is small there, and reckoned with all the same, as the budgets of TR 38.821 do.
#[must_use]
pub fn gas_absorption(frequency: Hertz, elevation_deg: f64) -> Db {
    let sine = libm::sin(elevation_deg.to_radians()).max(1.0 / AIR_AT_HORIZON);
    Db(at_zenith(frequency.0 / 1e9) / sine)
}

/// Interpolated between the frequencies of the table; beyond its ends the last value.
fn at_zenith(ghz: f64) -> f64 {
    let above = ZENITH.partition_point(|(known, _)| *known <= ghz);
    match (above.checked_sub(1).map(|below| ZENITH[below]), ZENITH.get(above)) {
        (None, _) => ZENITH[0].1,
        (Some((_, loss)), None) => loss,
        (Some((low, from)), Some((high, to))) => from + (to - from) * (ghz - low) / (high - low),
    }
}

/// Loss by scintillation.
///
/// That of the ionosphere is for low latitudes (within 20° of the equator) and polar ones (beyond 60°); the budgets of the reports have
/// it everywhere. That of the troposphere is for 20 GHz and taken for all frequencies of the Ka band.
#[must_use]
pub fn scintillation(frequency: Hertz, elevation_deg: f64) -> Db {
    if frequency.0 < IONOSPHERE_BELOW.0 {
        let ghz = frequency.0 / 1e9;
        Db(IONOSPHERE_AT_1_GHZ / (ghz * ghz.sqrt()))
    } else {
        Db(TROPOSPHERE[tables::row(elevation_deg)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_those_of_an_independent_program() {
        // FSPL at 2 GHz from 600 km at 90°, 30° and 10°, computed independently; scintillation of ns-3.
        for (km, loss) in [(600.0, 154.03), (1_075.1, 159.10), (1_931.6, 164.19)] {
            assert!((free_space_loss(Hertz(2e9), Metres(km * 1e3)).0 - loss).abs() < 0.006, "{km}");
        }
        for (ghz, loss) in [(1.0, 6.22), (1.6, 3.073), (2.0, 2.199)] {
            assert!((scintillation(Hertz(ghz * 1e9), 30.0).0 - loss).abs() < 0.001, "{ghz}");
        }
        assert_eq!(scintillation(Hertz(20e9), 12.5), Db(1.08));
    }

    #[test]
    fn gases_are_interpolated_and_end_at_the_horizon() {
        for (ghz, elevation, loss) in
            [(0.5, 90.0, 0.030), (2.0, 90.0, 0.035), (20.0, 30.0, 0.5), (11.0, 90.0, 0.0602), (70.0, 90.0, 170.0)]
        {
            assert!((gas_absorption(Hertz(ghz * 1e9), elevation).0 - loss).abs() < 1e-9, "{ghz}");
        }
        assert_eq!(gas_absorption(Hertz(2e9), 0.0), gas_absorption(Hertz(2e9), -1.0));
        assert!((gas_absorption(Hertz(2e9), 0.0).0 - 1.33).abs() < 0.01);
    }
}
