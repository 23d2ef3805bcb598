//! Closed forms for a satellite on a circular orbit over a spherical Earth.
//!
//! They are what publications compute with, and the yardstick of what is simulated here. Angles in degrees, lengths in km, times in s.

use super::earth::{LIGHT_KM_S, MU};

/// The radius of the Earth in documents of 3GPP, km (TR 38.821 clause 6.1.1).
pub const RADIUS_3GPP_KM: f64 = 6_371.0;

/// A circular orbit over a sphere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shell {
    /// Radius of the sphere, km.
    pub earth_km: f64,
    /// Height of the orbit above it, km.
    pub altitude_km: f64,
}

impl Shell {
    /// Radius of the orbit, km.
    #[must_use]
    pub fn radius_km(self) -> f64 {
        self.earth_km + self.altitude_km
    }

    /// Speed on the orbit, km/s.
    #[must_use]
    pub fn speed_km_s(self) -> f64 {
        (MU / self.radius_km()).sqrt()
    }

    /// Angular speed on the orbit, rad/s.
    #[must_use]
    pub fn angular_speed(self) -> f64 {
        self.speed_km_s() / self.radius_km()
    }

    /// Distance of a satellite at this elevation, km.
    #[must_use]
    pub fn slant_range_km(self, elevation_deg: f64) -> f64 {
        let (re, h) = (self.earth_km, self.altitude_km);
        let sin = libm::sin(elevation_deg.to_radians());
        (re * re * sin * sin + h * h + 2.0 * h * re).sqrt() - re * sin
    }

    /// Angle at the centre of the Earth between a place and the satellite it sees at this elevation, radians.
    #[must_use]
    pub fn central_angle(self, elevation_deg: f64) -> f64 {
        let elevation = elevation_deg.to_radians();
        libm::acos((self.earth_km * libm::cos(elevation) / self.radius_km()).clamp(-1.0, 1.0)) - elevation
    }

    /// Distance over this angle at the centre of the Earth, km.
    #[must_use]
    pub fn range_at_angle_km(self, angle: f64) -> f64 {
        let (re, r) = (self.earth_km, self.radius_km());
        (re * re + r * r - 2.0 * re * r * libm::cos(angle)).sqrt()
    }

    /// Largest Doppler shift at this elevation as a share of the frequency, over an Earth that does not turn.
    #[must_use]
    pub fn doppler(self, elevation_deg: f64) -> f64 {
        let cos = libm::cos(elevation_deg.to_radians());
        self.speed_km_s() / LIGHT_KM_S * self.earth_km / self.radius_km() * cos
    }

    /// Rate of the Doppler shift under a satellite in the zenith, shares of the frequency per second.
    #[must_use]
    pub fn doppler_rate(self) -> f64 {
        let w = self.angular_speed();
        w * w * self.earth_km * self.radius_km() / self.altitude_km / LIGHT_KM_S
    }

    /// How long a pass through the zenith lasts above this elevation over an Earth that does not turn, s.
    #[must_use]
    pub fn pass_s(self, elevation_deg: f64) -> f64 {
        2.0 * self.central_angle(elevation_deg) / self.angular_speed()
    }

    /// Share of the Earth that sees a satellite above this elevation.
    #[must_use]
    pub fn visible_share(self, elevation_deg: f64) -> f64 {
        (1.0 - libm::cos(self.central_angle(elevation_deg))) / 2.0
    }

    /// Share of the time that a satellite of this inclination is seen from a latitude, in the mean over all nodes.
    #[must_use]
    pub fn visible_time(self, elevation_deg: f64, inclination_deg: f64, latitude_deg: f64) -> f64 {
        /// Steps of the argument of latitude over a quarter of the orbit, which is symmetric.
        const STEPS: u32 = 200_000;
        let (sin_lat, cos_lat) = libm::sincos(latitude_deg.to_radians());
        let sin_incl = libm::sin(inclination_deg.to_radians());
        let cos_cone = libm::cos(self.central_angle(elevation_deg));
        let seen = |sin_below: f64| {
            let cos_below = (1.0 - sin_below * sin_below).sqrt();
            let cos = (cos_cone - sin_lat * sin_below) / (cos_lat * cos_below).max(1e-300);
            libm::acos(cos.clamp(-1.0, 1.0)) / std::f64::consts::PI
        };
        let step = std::f64::consts::FRAC_PI_2 / f64::from(STEPS);
        let both_sides = |number: u32| {
            let below = sin_incl * libm::sin((f64::from(number) + 0.5) * step);
            seen(below) + seen(-below)
        };
        (0..STEPS).map(both_sides).sum::<f64>() / (2.0 * f64::from(STEPS))
    }

    /// Distance of neighbours among `count` satellites that are spread evenly over the orbit, km.
    #[must_use]
    pub fn neighbour_km(self, count: u32) -> f64 {
        2.0 * self.radius_km() * libm::sin(std::f64::consts::PI / f64::from(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_agree_with_one_another() {
        let shell = Shell { earth_km: RADIUS_3GPP_KM, altitude_km: 600.0 };
        for elevation in [0.0, 10.0, 45.0, 90.0] {
            let direct = shell.slant_range_km(elevation);
            assert!((direct - shell.range_at_angle_km(shell.central_angle(elevation))).abs() < 1e-6);
        }
        assert!((shell.slant_range_km(90.0) - 600.0).abs() < 1e-9);
        // Seen from anywhere, in the mean over the Earth: the integral over latitudes is the share of the area.
        let mean = |inclination: f64| {
            let latitudes = (0..90).map(|number| f64::from(number) + 0.5);
            let weighted =
                latitudes.map(|lat| libm::cos(lat.to_radians()) * shell.visible_time(10.0, inclination, lat));
            weighted.sum::<f64>() / (0..90).map(|n| libm::cos((f64::from(n) + 0.5).to_radians())).sum::<f64>()
        };
        assert!((mean(53.0) / shell.visible_share(10.0) - 1.0).abs() < 1e-3);
    }
}
