//! The antenna of a satellite: the pattern of a circular aperture, and where its beam meets the ground.

use crate::geometry::earth::LIGHT_KM_S;
use crate::geometry::nadir::{EARTH_RADIUS, along_ground, central_angle, elevation_at, nadir_angle, shell};
use crate::units::{Db, Hertz, Metres};

/// Speed of light in vacuum, m/s.
pub const LIGHT: f64 = LIGHT_KM_S * 1e3;

/// Gain at the edge of a beam over that in its middle.
const EDGE: Db = Db(-3.0);
/// The smallest gain over that in the middle: in the nulls of the pattern, and behind the antenna, where the pattern says nothing.
pub const SMALLEST: f64 = 1e-6;
/// The first null of the pattern.
const FIRST_NULL: f64 = 3.831_705_970_207_512;

/// A beam of a circular aperture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beam {
    /// Wave number times radius of the aperture.
    pub ka: f64,
}

/// The pattern 4 (J1(x) / x)² over that in the middle, at x = ka sin θ (TR 38.811 clause 6.4.1).
#[must_use]
pub fn pattern(x: f64) -> f64 {
    if x.abs() < 1e-6 {
        return 1.0;
    }
    let ratio = 2.0 * libm::j1(x) / x;
    (ratio * ratio).max(SMALLEST)
}

impl Beam {
    /// The beam of an aperture of that diameter.
    #[must_use]
    pub fn new(frequency: Hertz, aperture: Metres) -> Beam {
        Beam { ka: std::f64::consts::PI * aperture.0 * frequency.0 / LIGHT }
    }

    /// Gain in a direction beside the middle of the beam over that in the middle.
    #[must_use]
    pub fn gain(&self, off_axis_deg: f64) -> Db {
        let off = off_axis_deg.abs();
        Db::from_linear(if off > 90.0 { SMALLEST } else { pattern(self.ka * libm::sin(off.to_radians())) })
    }

    /// The angle between the directions in which the gain is 3 dB below that in the middle; `None` if it never is.
    #[must_use]
    pub fn width_deg(&self) -> Option<f64> {
        let (mut low, mut high) = (0.0, FIRST_NULL);
        let edge = EDGE.linear();
        // The pattern falls from one to zero there.
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if pattern(middle) > edge { low = middle } else { high = middle }
        }
        let sine = 0.5 * (low + high) / self.ka;
        (sine <= 1.0).then(|| 2.0 * libm::asin(sine).to_degrees())
    }
}

/// Where a beam meets the ground, along the line through the point below the satellite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Footprint {
    /// Length along the ground.
    pub length: Metres,
    /// Elevation of the satellite at the far edge, degrees.
    pub edge_elevation_deg: f64,
}

/// The footprint of a beam of that width whose middle sees the satellite at an elevation, 90° below the satellite; `None` if
/// part of the beam misses the Earth.
#[must_use]
pub fn footprint(altitude: Metres, width_deg: f64, elevation_deg: f64) -> Option<Footprint> {
    let middle = nadir_angle(altitude, elevation_deg);
    let (near, far) = (middle - width_deg / 2.0, middle + width_deg / 2.0);
    let edge_elevation_deg = elevation_at(altitude, far)?;
    let near_elevation = elevation_at(altitude, near.abs())?;
    let angle = central_angle(altitude, edge_elevation_deg) - central_angle(altitude, near_elevation).copysign(near);
    Some(Footprint { length: along_ground(angle), edge_elevation_deg })
}

/// How long a beam that moves with its satellite stays over a place, in seconds, if the place lies in its middle; the Earth stands
/// still.
#[must_use]
pub fn dwell(altitude: Metres, length: Metres) -> f64 {
    length.0 / (shell(altitude).angular_speed() * EARTH_RADIUS.0)
}

/// How long a beam that is steered can stay with a place, in seconds: until the satellite sinks below `lowest_deg` there, which is what
/// the t-Service of quasi-earth-fixed cells tells (TS 38.331, SIB19). The place lies `ahead_deg` before the point below the satellite, in
/// the direction of its motion, and `aside_deg` beside its track, both as angles at the centre of the Earth, which stands still. Zero
/// if the satellite has sunk already or will never stand so high.
#[must_use]
pub fn service_left(altitude: Metres, lowest_deg: f64, ahead_deg: f64, aside_deg: f64) -> f64 {
    let reach = libm::cos(central_angle(altitude, lowest_deg).to_radians()) / libm::cos(aside_deg.to_radians());
    if reach > 1.0 {
        return 0.0;
    }
    let left = ahead_deg.to_radians() + libm::acos(reach);
    left.max(0.0) / shell(altitude).angular_speed()
}

/// The longest of these times: from rise to set of a satellite that passes overhead.
#[must_use]
pub fn longest_service(altitude: Metres, lowest_deg: f64) -> f64 {
    service_left(altitude, lowest_deg, central_angle(altitude, lowest_deg), 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beams_are_as_wide_as_published() {
        // TR 38.821 tables 6.1.1.1-1 and 6.1.1.1-2, four digits.
        for (ghz, metres, width) in [
            (2.0, 22.0, 0.4011),
            (2.0, 12.0, 0.7353),
            (2.0, 2.0, 4.4127),
            (2.0, 1.0, 8.8320),
            (20.0, 5.0, 0.1765),
            (20.0, 2.0, 0.4412),
            (20.0, 0.5, 1.7647),
            (20.0, 0.2, 4.4127),
        ] {
            let beam = Beam::new(Hertz(ghz * 1e9), Metres(metres));
            let got = beam.width_deg().unwrap_or(0.0);
            assert!((got - width).abs() < 2e-4, "{ghz} GHz, {metres} m: {got}");
            assert!((beam.gain(got / 2.0).0 + 3.0).abs() < 1e-9 && beam.gain(0.0) == Db(0.0));
        }
        assert_eq!(Beam { ka: 1.0 }.width_deg(), None);
        assert_eq!(Beam { ka: 10.0 }.gain(-120.0), Db(-60.0));
    }

    #[test]
    fn footprints_have_the_published_edges() {
        // TR 36.763 clause 6.2, satellite parameters: width, elevation in the middle and at the edge.
        for (km, width, middle, edge) in [
            (35_786.0, 0.7353, 20.9, 12.5),
            (1_200.0, 22.1, 46.05, 30.0),
            (600.0, 22.1, 43.8, 30.0),
            (600.0, 104.7, 90.0, 30.0),
        ] {
            let print = footprint(Metres(km * 1e3), width, middle).unwrap_or_else(|| panic!("{km} km"));
            assert!((print.edge_elevation_deg - edge).abs() < 0.06, "{km} km, {middle}: {print:?}");
        }
        let set_4 = footprint(Metres(600e3), 104.7, 90.0).map_or(0.0, |print| print.length.0 / 1e3);
        assert!((set_4 - 1_708.8).abs() < 1.0, "{set_4}");
        assert_eq!(footprint(Metres(600e3), 60.0, 20.0), None);
        // A narrow beam below the satellite is twice as long as the tangent of half its width is high.
        let narrow = footprint(Metres(600e3), 4.4127, 90.0).map_or(0.0, |print| print.length.0);
        assert!((narrow / (2.0 * 600e3 * libm::tan(2.206_35f64.to_radians())) - 1.0).abs() < 1e-3);
    }

    #[test]
    fn beams_pass_and_satellites_do() {
        // Independent: 7, 34 and 246 s for beams of 50, 234 and 1,700 km at 600 km; 510.0 s above 10° on a sphere of 6378.137 km,
        // and slightly less on this one.
        for (km, seconds) in [(50.0, 7.2), (234.0, 33.9), (1_700.0, 246.0)] {
            assert!((dwell(Metres(600e3), Metres(km * 1e3)) - seconds).abs() < 0.1, "{km}");
        }
        assert!((longest_service(Metres(600e3), 10.0) - 510.0).abs() < 1.5);
        // Half of it is left when the satellite stands overhead, less beside its track, nothing behind it and far beside it.
        let left = |ahead, aside| service_left(Metres(600e3), 10.0, ahead, aside);
        assert!((2.0 * left(0.0, 0.0) - longest_service(Metres(600e3), 10.0)).abs() < 1e-9);
        assert!(left(0.0, 10.0) < left(0.0, 5.0) && left(0.0, 5.0) < left(0.0, 0.0));
        assert_eq!((left(-20.0, 0.0), left(0.0, 20.0)), (0.0, 0.0));
    }
}
