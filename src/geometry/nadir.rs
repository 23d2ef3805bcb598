//! What a satellite sees below it, on the sphere of 3GPP's geometry. Angles in degrees.

use super::sphere::{RADIUS_3GPP_KM, Shell};
use crate::units::Metres;

/// Radius of the Earth in the geometry of 3GPP (TR 38.811, TR 38.821).
pub const EARTH_RADIUS: Metres = Metres(RADIUS_3GPP_KM * 1e3);

/// The orbit at a height over that sphere.
#[must_use]
pub fn shell(altitude: Metres) -> Shell {
    Shell { earth_km: RADIUS_3GPP_KM, altitude_km: altitude.0 / 1e3 }
}

/// Distance to a satellite at `altitude` that stands `elevation_deg` above the horizon.
#[must_use]
pub fn slant_range(altitude: Metres, elevation_deg: f64) -> Metres {
    Metres(shell(altitude).slant_range_km(elevation_deg) * 1e3)
}

/// The angle at the satellite between its nadir and a place that sees it at an elevation.
#[must_use]
pub fn nadir_angle(altitude: Metres, elevation_deg: f64) -> f64 {
    let Metres(r) = EARTH_RADIUS;
    libm::asin(r * libm::cos(elevation_deg.to_radians()) / (r + altitude.0)).to_degrees()
}

/// The elevation at which the place in a direction from the satellite's nadir sees it; `None` beyond the horizon.
#[must_use]
pub fn elevation_at(altitude: Metres, nadir_angle_deg: f64) -> Option<f64> {
    let Metres(r) = EARTH_RADIUS;
    let cosine = (r + altitude.0) / r * libm::sin(nadir_angle_deg.to_radians());
    (cosine <= 1.0).then(|| libm::acos(cosine).to_degrees())
}

/// The angle at the centre of the Earth between the point below the satellite and a place that sees it at an elevation.
#[must_use]
pub fn central_angle(altitude: Metres, elevation_deg: f64) -> f64 {
    shell(altitude).central_angle(elevation_deg).to_degrees()
}

/// Length along the ground of an angle at the centre of the Earth.
#[must_use]
pub fn along_ground(central_angle_deg: f64) -> Metres {
    Metres(EARTH_RADIUS.0 * central_angle_deg.to_radians())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slant_ranges_are_those_of_the_reports() {
        // TR 38.821 table 4.2-2, computed independently to 0.1 km.
        for (km, elevation, range) in [
            (600.0, 10.0, 1_931.6),
            (1_200.0, 10.0, 3_130.9),
            (35_786.0, 10.0, 40_581.2),
            (600.0, 30.0, 1_075.1),
            (550.0, 45.0, 749.1),
            (600.0, 90.0, 600.0),
            (35_786.0, 12.5, 40_316.7),
        ] {
            assert!((slant_range(Metres(km * 1e3), elevation).0 / 1e3 - range).abs() < 0.06, "{km} {elevation}");
        }
        // A contribution of 3GPP SA4 prints this one; it tells 6371 km from the equator's radius.
        assert!((slant_range(Metres(35_786e3), 2.3).0 / 1e3 - 41_417.91).abs() < 0.01);
    }

    #[test]
    fn angles_make_a_triangle() {
        for elevation in [0.0, 5.0, 30.0, 89.0, 90.0] {
            let nadir = nadir_angle(Metres(600e3), elevation);
            let back = elevation_at(Metres(600e3), nadir).unwrap_or(0.0);
            assert!((back - elevation).abs() < 1e-5, "{elevation} {back}");
        }
        assert_eq!(elevation_at(Metres(600e3), 70.0), None);
        // Independent: half the central angle of view at 10° from 600 km is 15.8° on a sphere.
        let far = along_ground(central_angle(Metres(600e3), 10.0)).0;
        assert!((far / EARTH_RADIUS.0).to_degrees() > 15.7 && central_angle(Metres(600e3), 90.0).abs() < 1e-9);
    }
}
