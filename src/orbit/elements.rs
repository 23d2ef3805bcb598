//! Mean orbital elements, as catalogues of space objects publish them for SGP4.

use super::{Motion, OrbitError, Perturbed, Satellite, Utc};

/// Mean elements of one object in TEME at their epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Elements {
    /// What people call it.
    pub name: String,
    /// Its number in the catalogue, if it has one.
    pub number: Option<u64>,
    /// When the elements hold.
    pub epoch: Utc,
    /// Mean motion in the sense of Kozai, revolutions per day, above 0.
    pub mean_motion: f64,
    /// Eccentricity, 0 to below 1.
    pub eccentricity: f64,
    /// Inclination, 0 to 180 degrees.
    pub inclination_deg: f64,
    /// Right ascension of the ascending node, degrees.
    pub node_deg: f64,
    /// Argument of the perigee, degrees.
    pub perigee_deg: f64,
    /// Mean anomaly, degrees.
    pub anomaly_deg: f64,
    /// Drag term B*, 1 / Earth radii.
    pub drag: f64,
}

/// What a number of [`Elements`] may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Revolutions per day.
    MeanMotion,
    /// Of one.
    Eccentricity,
    /// Degrees up to 180.
    Inclination,
    /// Degrees of a full turn.
    Turn,
    /// 1 / Earth radii.
    Drag,
}

impl Kind {
    /// The lowest and the highest number that make sense. An object that takes less than 80 minutes is below the ground.
    #[must_use]
    pub const fn range(self) -> (f64, f64) {
        match self {
            Kind::MeanMotion => (0.000_01, 18.0),
            Kind::Eccentricity => (0.0, 0.999_999_9),
            Kind::Inclination => (0.0, 180.0),
            Kind::Turn => (-360.0, 360.0),
            Kind::Drag => (-10.0, 10.0),
        }
    }
}

impl Elements {
    /// The satellite that moves by them.
    ///
    /// # Errors
    /// If SGP4 cannot start from them.
    pub fn satellite(&self) -> Result<Satellite, OrbitError> {
        let motion = Motion::Perturbed(Box::new(Perturbed::new(self)?));
        Ok(Satellite { name: self.name.clone(), number: self.number, motion })
    }
}
