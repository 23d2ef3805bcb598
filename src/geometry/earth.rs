//! The Earth: its ellipsoid, its rotation, places on it and what they see. Kilometres, seconds, degrees at the edges.
//!
//! Frames: TEME (true equator, mean equinox), in which SGP4 gives its results, and one that turns with the Earth, which TEME becomes by
//! a rotation through the mean sidereal time. Polar motion is left out and UT1 taken for UTC: 15 m and 0.4 km on the ground at most.

use std::f64::consts::{PI, TAU};

use super::vector::Vector;

/// Semi-major axis of the ellipsoid WGS 84, km.
pub const EQUATOR_KM: f64 = 6_378.137;
/// Flattening of WGS 84.
const FLATTENING: f64 = 1.0 / 298.257_223_563;
/// Square of its eccentricity.
const E2: f64 = FLATTENING * (2.0 - FLATTENING);
/// Gravitational parameter of WGS 84, km³/s².
pub const MU: f64 = 398_600.441_8;
/// Second zonal harmonic of WGS 84, as in SGP4.
pub const J2: f64 = 0.001_082_629_989_05;
/// Speed of light in vacuum, km/s.
pub const LIGHT_KM_S: f64 = 299_792.458;
/// How fast mean sidereal time grows, rad/s: its rate in the formula below (IAU 1982) at J2000.
pub const ROTATION_RAD_S: f64 = (876_600.0 * 3_600.0 + 8_640_184.812_866) / (36_525.0 * 86_400.0) / 86_400.0 * TAU;

/// Greenwich mean sidereal time in radians, 0 to 2π, so many days after 2000-01-01 12:00 (IAU 1982; Vallado, Fundamentals of
/// Astrodynamics, equation 3-45).
#[must_use]
pub fn sidereal_time(days_since_j2000: f64) -> f64 {
    let t = days_since_j2000 / 36_525.0;
    let seconds =
        67_310.548_41 + t * (876_600.0 * 3_600.0 + 8_640_184.812_866) + t * t * 0.093_104 - t * t * t * 6.2e-6;
    (seconds % 86_400.0 / 86_400.0 * TAU + TAU) % TAU
}

/// Position and velocity, km and km/s.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct State {
    /// The position.
    pub position: Vector,
    /// The velocity.
    pub velocity: Vector,
}

impl State {
    /// The state seen from axes turned by `angle` about the pole, which turn on at `rate` rad/s.
    #[must_use]
    pub fn turned(self, angle: f64, rate: f64) -> State {
        let position = self.position.turned(angle);
        let carried = Vector::new(-rate * position.y, rate * position.x, 0.0);
        State { position, velocity: self.velocity.turned(angle) - carried }
    }
}

/// A point in geodetic coordinates of WGS 84.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Geodetic {
    /// Latitude, −90 to 90 degrees, north positive.
    pub latitude_deg: f64,
    /// Longitude, −180 to 180 degrees, east positive.
    pub longitude_deg: f64,
    /// Height above the ellipsoid, km.
    pub altitude_km: f64,
}

impl Geodetic {
    /// The point in the frame that turns with the Earth, km.
    #[must_use]
    pub fn position(self) -> Vector {
        let (sin, cos) = libm::sincos(self.latitude_deg.to_radians());
        let across = EQUATOR_KM / (1.0 - E2 * sin * sin).sqrt();
        let (east, ahead) = libm::sincos(self.longitude_deg.to_radians());
        let out = (across + self.altitude_km) * cos;
        Vector::new(out * ahead, out * east, (across * (1.0 - E2) + self.altitude_km) * sin)
    }

    /// The geodetic coordinates of a position in the frame that turns with the Earth: Bowring's iteration, which is exact to
    /// a millimetre at any height of a satellite.
    #[must_use]
    pub fn of(position: Vector) -> Geodetic {
        let Vector { x, y, z } = position;
        let out = (x * x + y * y).sqrt();
        let longitude = libm::atan2(y, x);
        let polar = EQUATOR_KM * (1.0 - FLATTENING);
        let second = E2 / (1.0 - E2);
        let mut reduced = libm::atan2(z, out * (1.0 - FLATTENING));
        let mut latitude = 0.0;
        for _ in 0..3 {
            let (sin, cos) = libm::sincos(reduced);
            latitude = libm::atan2(z + second * polar * sin * sin * sin, out - E2 * EQUATOR_KM * cos * cos * cos);
            reduced = libm::atan2((1.0 - FLATTENING) * libm::sin(latitude), libm::cos(latitude));
        }
        let (sin, cos) = libm::sincos(latitude);
        let across = EQUATOR_KM / (1.0 - E2 * sin * sin).sqrt();
        // The first form loses its digits at the poles, the second at the equator.
        let altitude = if cos > 0.5 { out / cos - across } else { z / sin - across * (1.0 - E2) };
        Geodetic { latitude_deg: latitude.to_degrees(), longitude_deg: longitude.to_degrees(), altitude_km: altitude }
    }
}

/// A place from which satellites are seen, in the frame that turns with the Earth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Where it is, km.
    pub position: Vector,
    /// Unit vector to the zenith.
    pub up: Vector,
    /// Unit vector to the east.
    pub east: Vector,
    /// Unit vector to the north.
    pub north: Vector,
}

impl Place {
    /// A place on the ellipsoid, where up is at right angles to it.
    #[must_use]
    pub fn on_ellipsoid(point: Geodetic) -> Place {
        Place::with_axes(point.position(), point.latitude_deg, point.longitude_deg)
    }

    /// A place on a sphere, as closed forms and many publications have it.
    #[must_use]
    pub fn on_sphere(latitude_deg: f64, longitude_deg: f64, radius_km: f64) -> Place {
        let place = Place::with_axes(Vector::default(), latitude_deg, longitude_deg);
        Place { position: place.up * radius_km, ..place }
    }

    fn with_axes(position: Vector, latitude_deg: f64, longitude_deg: f64) -> Place {
        let (sin, cos) = libm::sincos(latitude_deg.to_radians());
        let (east, ahead) = libm::sincos(longitude_deg.to_radians());
        Place {
            position,
            up: Vector::new(cos * ahead, cos * east, sin),
            east: Vector::new(-east, ahead, 0.0),
            north: Vector::new(-sin * ahead, -sin * east, cos),
        }
    }

    /// How a satellite is seen from here; its state is in the frame that turns with the Earth.
    #[must_use]
    pub fn look(&self, satellite: &State) -> Look {
        let away = satellite.position - self.position;
        let range_km = away.norm();
        let azimuth = libm::atan2(away.dot(self.east), away.dot(self.north));
        Look {
            azimuth_deg: (azimuth.to_degrees() + 360.0) % 360.0,
            elevation_deg: libm::asin((away.dot(self.up) / range_km).clamp(-1.0, 1.0)).to_degrees(),
            range_km,
            range_rate_km_s: away.dot(satellite.velocity) / range_km,
        }
    }
}

/// How a satellite is seen from a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// From north over east, 0 to 360 degrees.
    pub azimuth_deg: f64,
    /// Above the horizontal plane, −90 to 90 degrees.
    pub elevation_deg: f64,
    /// Distance, km.
    pub range_km: f64,
    /// How fast the distance grows, km/s.
    pub range_rate_km_s: f64,
}

impl Look {
    /// Time that light takes for the distance, s.
    #[must_use]
    pub fn delay_s(&self) -> f64 {
        self.range_km / LIGHT_KM_S
    }

    /// Doppler shift of a received carrier as a share of its frequency; positive while the satellite comes nearer.
    #[must_use]
    pub fn doppler(&self) -> f64 {
        -self.range_rate_km_s / LIGHT_KM_S
    }
}

/// The angle between two directions of length one, radians.
#[must_use]
pub fn angle_between(a: Vector, b: Vector) -> f64 {
    // The cosine alone loses half the digits of small angles.
    2.0 * libm::asin(((a - b).norm() / 2.0).min(1.0))
}

/// An angle in radians brought to 0 to 2π.
#[must_use]
pub fn full_turn(angle: f64) -> f64 {
    let rest = angle % (2.0 * PI);
    if rest < 0.0 { rest + 2.0 * PI } else { rest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sidereal_time_is_that_of_the_textbook() {
        // Vallado, Fundamentals of Astrodynamics, example 3-5: 1992-08-20 12:14 UT1 is 152.578787886 degrees.
        let days = -2_690.0 + 14.0 / 1_440.0;
        assert!((sidereal_time(days).to_degrees() - 152.578_787_886).abs() < 1e-6);
        let later = sidereal_time(days + 1.0 / 86_400.0) - sidereal_time(days);
        assert!((later - ROTATION_RAD_S).abs() < 1e-10, "{later}");
    }

    #[test]
    fn geodetic_coordinates_come_back() {
        for latitude_deg in [-90.0, -89.99, -45.0, -1e-6, 0.0, 30.0, 60.0, 89.0, 90.0] {
            for longitude_deg in [-179.5, -90.0, 0.0, 12.34, 179.9] {
                for altitude_km in [-0.4, 0.0, 8.8, 550.0, 35_786.0] {
                    let point = Geodetic { latitude_deg, longitude_deg, altitude_km };
                    let back = Geodetic::of(point.position());
                    let off = (back.position() - point.position()).norm();
                    assert!(off < 1e-6 && (back.altitude_km - altitude_km).abs() < 1e-6, "{point:?}: {back:?}");
                }
            }
        }
    }

    #[test]
    fn directions_are_those_of_a_compass() {
        let place = Place::on_ellipsoid(Geodetic { latitude_deg: 40.0, longitude_deg: -70.0, altitude_km: 0.1 });
        for (towards, azimuth, elevation) in [
            (place.north, 0.0, 0.0),
            (place.east, 90.0, 0.0),
            (place.north * -1.0 + place.up, 180.0, 45.0),
            (place.east * -1.0 + place.up * -1.0, 270.0, -45.0),
        ] {
            let seen = place.look(&State { position: place.position + towards * 10.0, velocity: towards });
            assert!((seen.azimuth_deg - azimuth).abs() < 1e-9 && (seen.elevation_deg - elevation).abs() < 1e-9);
            assert!((seen.range_rate_km_s - towards.norm()).abs() < 1e-12 && seen.doppler() < 0.0);
        }
    }

    #[test]
    fn a_turning_frame_takes_its_own_speed_away() {
        let still = State { position: Vector::new(42_164.0, 0.0, 0.0), velocity: Vector::default() };
        let seen = still.turned(0.0, ROTATION_RAD_S);
        assert!((seen.velocity.y + 42_164.0 * ROTATION_RAD_S).abs() < 1e-12);
        let (a, b) = (Vector::new(1.0, 0.0, 0.0), Vector::new(0.0, 1.0, 0.0));
        assert!((angle_between(a, b) - PI / 2.0).abs() < 1e-15 && (full_turn(-0.5) - (TAU - 0.5)).abs() < 1e-15);
    }
}
