//! SGP4, the theory that published mean elements are made for; the only file that names the crate that has it.
//!
//! With the constants of WGS 72, with which elements are fitted, in the improved mode of the published code (AIAA 2006-6753).

use sgp4::{Constants, MinutesSinceEpoch, Orbit, WGS72};

use super::{Elements, OrbitError, Utc};
use crate::geometry::earth::State;
use crate::geometry::vector::Vector;

/// Revolutions per day in radians per minute.
const PER_MINUTE: f64 = std::f64::consts::TAU / 1_440.0;
/// Equatorial radius of WGS 72, km.
const GROUND_KM: f64 = 6_378.135;

/// An orbit by SGP4.
#[derive(Clone, Debug)]
pub struct Perturbed {
    constants: Constants,
    elements: Elements,
}

/// The same elements make the same orbit.
impl PartialEq for Perturbed {
    fn eq(&self, other: &Perturbed) -> bool {
        self.elements == other.elements
    }
}

impl Perturbed {
    /// Prepares to propagate elements.
    ///
    /// # Errors
    /// If they make no orbit.
    pub fn new(elements: &Elements) -> Result<Perturbed, OrbitError> {
        let orbit = Orbit::from_kozai_elements(
            &WGS72,
            elements.inclination_deg.to_radians(),
            elements.node_deg.to_radians(),
            elements.eccentricity,
            elements.perigee_deg.to_radians(),
            elements.anomaly_deg.to_radians(),
            elements.mean_motion * PER_MINUTE,
        );
        let orbit = orbit.map_err(|_| OrbitError::Elements)?;
        // The original has the epoch as a Julian date in one number; its rounding to 40 µs shows in the verification set.
        let julian = elements.epoch.days_since_j2000() + 2_451_545.0;
        let years = (julian - 2_451_545.0) / 365.25;
        let constants = Constants::new(WGS72, sgp4::iau_epoch_to_sidereal_time, years, elements.drag, orbit);
        Ok(Perturbed { constants: constants.map_err(|_| OrbitError::Elements)?, elements: elements.clone() })
    }

    /// The epoch of the elements.
    #[must_use]
    pub fn epoch(&self) -> Utc {
        self.elements.epoch
    }

    /// Position and velocity in TEME.
    ///
    /// # Errors
    /// If it is not on an orbit any more.
    pub fn state(&self, at: Utc) -> Result<State, OrbitError> {
        self.after(at.seconds_since(self.elements.epoch) / 60.0)
    }

    /// Position and velocity in TEME so many minutes after the epoch.
    ///
    /// # Errors
    /// If it is not on an orbit any more.
    pub fn after(&self, minutes: f64) -> Result<State, OrbitError> {
        let found = self.constants.propagate(MinutesSinceEpoch(minutes));
        let found = found.map_err(|_| OrbitError::Diverged)?;
        let vector = |[x, y, z]: [f64; 3]| Vector { x, y, z };
        let state = State { position: vector(found.position), velocity: vector(found.velocity) };
        let radius = state.position.norm();
        if radius.is_nan() || state.velocity.norm().is_nan() {
            return Err(OrbitError::Diverged);
        }
        if radius < GROUND_KM { Err(OrbitError::Decayed) } else { Ok(state) }
    }
}
