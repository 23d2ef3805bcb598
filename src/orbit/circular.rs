//! Circular orbits, and the constellations that Walker's patterns make of them.

use std::f64::consts::TAU;

use super::{Motion, Satellite, Utc};
use crate::geometry::earth::{EQUATOR_KM, J2, MU, ROTATION_RAD_S, State};
use crate::geometry::vector::Vector;

/// An orbit of two bodies on a circle; its plane and its phase may drift evenly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Circular {
    epoch: Utc,
    radius_km: f64,
    /// Inclination, right ascension of the ascending node and argument of latitude at the epoch, radians.
    inclination: f64,
    node: f64,
    phase: f64,
    /// How fast the latter two grow, rad/s.
    node_rate: f64,
    phase_rate: f64,
}

impl Circular {
    /// An orbit around a point mass; angles at the epoch in degrees.
    #[must_use]
    pub fn new(epoch: Utc, radius_km: f64, inclination_deg: f64, node_deg: f64, phase_deg: f64) -> Circular {
        Circular {
            epoch,
            radius_km,
            inclination: inclination_deg.to_radians(),
            node: node_deg.to_radians(),
            phase: phase_deg.to_radians(),
            node_rate: 0.0,
            phase_rate: (MU / radius_km).sqrt() / radius_km,
        }
    }

    /// The same with the secular drift that the flattening of the Earth makes (first order in J2, eccentricity zero; Vallado,
    /// Fundamentals of Astrodynamics, equations 9-37, 9-39 and 9-41).
    #[must_use]
    pub fn with_drift(self) -> Circular {
        let ratio = EQUATOR_KM / self.radius_km;
        let (sin, cos) = libm::sincos(self.inclination);
        let rate = (MU / self.radius_km).sqrt() / self.radius_km;
        let scale = 1.5 * J2 * ratio * ratio * rate;
        let phase_rate = rate + scale * (3.0 - 4.0 * sin * sin);
        Circular { node_rate: -scale * cos, phase_rate, ..self }
    }

    /// An orbit that crosses the equator northwards at a longitude once a sidereal day; `sidereal` is the angle of Greenwich at the
    /// epoch, radians. Without inclination it stands still over the equator.
    #[must_use]
    pub fn synchronous(epoch: Utc, sidereal: f64, inclination_deg: f64, crossing_deg: f64, phase_deg: f64) -> Circular {
        let radius_km = libm::cbrt(MU / (ROTATION_RAD_S * ROTATION_RAD_S));
        // The node stays, so at the epoch the satellite is `phase` behind its crossing.
        let node_deg = crossing_deg + sidereal.to_degrees() - phase_deg;
        Circular::new(epoch, radius_km, inclination_deg, node_deg, phase_deg)
    }

    /// Position and velocity in TEME.
    #[must_use]
    pub fn state(&self, at: Utc) -> State {
        let t = at.seconds_since(self.epoch);
        let (sin, cos) = libm::sincos((self.phase + self.phase_rate * t) % TAU);
        let (sin_node, cos_node) = libm::sincos((self.node + self.node_rate * t) % TAU);
        let (sin_incl, cos_incl) = libm::sincos(self.inclination);
        // Unit vectors to the node, and at right angles to it in the plane.
        let node = Vector::new(cos_node, sin_node, 0.0);
        let ahead = Vector::new(-sin_node * cos_incl, cos_node * cos_incl, sin_incl);
        let position = (node * cos + ahead * sin) * self.radius_km;
        let along = (ahead * cos + node * -sin) * (self.radius_km * self.phase_rate);
        let drift = Vector::new(-self.node_rate * position.y, self.node_rate * position.x, 0.0);
        State { position, velocity: along + drift }
    }
}

/// How the planes of a constellation are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Their nodes over a full turn, so that they cross everywhere.
    Delta,
    /// Their nodes over half a turn: neighbours move in the same direction, but for one seam.
    Star,
}

/// A Walker constellation: satellites spread evenly over planes that are spread evenly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Walker {
    /// How the planes are spread.
    pub pattern: Pattern,
    /// All satellites: a multiple of the planes.
    pub satellites: u32,
    /// Planes.
    pub planes: u32,
    /// By how many parts of a turn a plane is ahead of the one before, a turn having as many parts as there are satellites (Walker's F).
    pub phasing: f64,
    /// Inclination, degrees.
    pub inclination_deg: f64,
    /// Height over the equatorial radius, km.
    pub altitude_km: f64,
    /// Right ascension of the node of the first plane at the epoch, degrees.
    pub first_node_deg: f64,
    /// Whether the flattening of the Earth turns the planes.
    pub drift: bool,
}

impl Walker {
    /// Satellites in a plane.
    #[must_use]
    pub fn per_plane(&self) -> u32 {
        self.satellites / self.planes
    }

    /// The satellites, plane by plane, the first of the first plane at its node at the epoch.
    pub fn satellites<'a>(&'a self, name: &'a str, epoch: Utc) -> impl Iterator<Item = Satellite> + 'a {
        let spread = match self.pattern {
            Pattern::Delta => 360.0,
            Pattern::Star => 180.0,
        };
        (0..self.satellites).map(move |number| {
            let (plane, slot) = (number / self.per_plane(), number % self.per_plane());
            let (plane_no, slot_no) = (f64::from(plane), f64::from(slot));
            let node = self.first_node_deg + spread * plane_no / f64::from(self.planes);
            let phase = 360.0 * slot_no / f64::from(self.per_plane())
                + 360.0 * self.phasing * plane_no / f64::from(self.satellites);
            let orbit = Circular::new(epoch, EQUATOR_KM + self.altitude_km, self.inclination_deg, node, phase);
            let orbit = if self.drift { orbit.with_drift() } else { orbit };
            Satellite {
                name: format!("{name} {}-{}", plane + 1, slot + 1),
                number: None,
                motion: Motion::Circular(orbit),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::earth::Geodetic;
    use crate::orbit::Rotation;

    #[test]
    fn positions_change_as_velocities_say() {
        let orbit = Circular::new(Utc(0), 7_000.0, 97.8, 20.0, 30.0).with_drift();
        for s in [0.0, 1_000.0, 50_000.0] {
            let [before, now, after] = [-0.5, 0.0, 0.5].map(|off| orbit.state(Utc(0).plus(s + off)));
            let change = after.position - before.position - now.velocity;
            assert!(change.norm() < 1e-5, "{change:?}");
            assert!((now.position.norm() - 7_000.0).abs() < 1e-9);
        }
    }

    #[test]
    fn sun_synchronous_planes_follow_the_sun() {
        // 98.6 degrees at 800 km turn by 360 degrees a year: the common design value of such orbits.
        let orbit = Circular::new(Utc(0), EQUATOR_KM + 800.0, 98.6, 0.0, 0.0).with_drift();
        let per_year = orbit.node_rate.to_degrees() * 86_400.0 * 365.2422;
        assert!((per_year / 360.0 - 1.0).abs() < 0.005, "{per_year}");
    }

    #[test]
    fn synchronous_satellites_stay_over_their_longitude() {
        let epoch = Utc::parse("2025-03-01").unwrap();
        let sidereal = Rotation::Sidereal.angle(epoch);
        let below = |inclination: f64, phase: f64, hours: f64| {
            let orbit = Circular::synchronous(epoch, sidereal, inclination, 101.4, phase);
            let at = epoch.plus(hours * 3_600.0);
            Geodetic::of(orbit.state(at).turned(Rotation::Sidereal.angle(at), Rotation::Sidereal.rate()).position)
        };
        for hours in [0.0, 7.0, 100.0] {
            let point = below(0.0, 0.0, hours);
            assert!((point.longitude_deg - 101.4).abs() < 1e-4 && point.latitude_deg.abs() < 1e-9, "{point:?}");
            assert!((point.altitude_km - 35_786.0).abs() < 1.0);
        }
        // A quarter of a day later the satellite of a figure of eight is at its highest latitude, over the same longitude.
        for phase in [90.0, -270.0] {
            let point = below(55.0, phase, 0.0);
            assert!((point.longitude_deg - 101.4).abs() < 1e-6 && point.latitude_deg > 54.9, "{point:?}");
        }
    }

    #[test]
    fn a_pattern_is_even() {
        let walker = Walker {
            pattern: Pattern::Star,
            satellites: 66,
            planes: 6,
            phasing: 2.0,
            inclination_deg: 86.4,
            altitude_km: 780.0,
            first_node_deg: 0.0,
            drift: false,
        };
        let all: Vec<Satellite> = walker.satellites("iridium", Utc(0)).collect();
        assert_eq!((all.len(), all[65].name.as_str()), (66, "iridium 6-11"));
        // Neighbours of a plane: 2 (6378.137 + 780) sin(π / 11) = 4033.3 km.
        let at = |number: usize| all[number].state(Utc(0)).unwrap().position;
        for number in 0..10 {
            assert!(((at(number) - at(number + 1)).norm() - 4_033.364).abs() < 0.01);
        }
    }
}
