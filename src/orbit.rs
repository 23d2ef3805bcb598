//! Satellites: where they are, when a place sees them, how long it waits for them, and how they reach one another.
//!
//! Knows no radio and reads no files. One file wraps the crate that has SGP4.

mod circular;
pub mod coverage;
mod elements;
pub mod links;
pub mod passes;
mod perturbed;
mod time;

pub use circular::{Circular, Pattern, Walker};
pub use elements::{Elements, Kind};
pub use perturbed::Perturbed;
pub use time::{Span, Utc};

use crate::geometry::earth::{self, State};

/// Why a satellite has no position.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum OrbitError {
    /// SGP4 cannot begin with these elements.
    #[error("SGP4 cannot start from these elements")]
    Elements,
    /// The theory broke down: its eccentricity or size left what an orbit can have.
    #[error("SGP4 breaks down: the orbit has changed too much since the epoch of its elements")]
    Diverged,
    /// It is inside the Earth.
    #[error("it has decayed: its computed orbit has come down to the ground")]
    Decayed,
}

/// A satellite.
#[derive(Clone, Debug, PartialEq)]
pub struct Satellite {
    /// What people call it.
    pub name: String,
    /// Its number in the catalogue of space objects, if it has one.
    pub number: Option<u64>,
    /// How it moves.
    pub motion: Motion,
}

/// How a satellite moves.
#[derive(Clone, Debug, PartialEq)]
pub enum Motion {
    /// By SGP4 from mean elements.
    Perturbed(Box<Perturbed>),
    /// On a circle.
    Circular(Circular),
}

impl Satellite {
    /// Position and velocity in TEME.
    ///
    /// # Errors
    /// If it is not on an orbit any more.
    pub fn state(&self, at: Utc) -> Result<State, OrbitError> {
        match &self.motion {
            Motion::Perturbed(motion) => motion.state(at),
            Motion::Circular(motion) => Ok(motion.state(at)),
        }
    }

    /// Position and velocity in the frame that turns with the Earth.
    ///
    /// # Errors
    /// If it is not on an orbit any more.
    pub fn state_over(&self, at: Utc, rotation: Rotation) -> Result<State, OrbitError> {
        Ok(self.state(at)?.turned(rotation.angle(at), rotation.rate()))
    }

    /// The epoch of its elements, if it moves by some.
    #[must_use]
    pub fn epoch(&self) -> Option<Utc> {
        match &self.motion {
            Motion::Perturbed(motion) => Some(motion.epoch()),
            Motion::Circular(_) => None,
        }
    }
}

/// How the Earth turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// By mean sidereal time, as it does.
    Sidereal,
    /// As fast, from an angle of zero at an instant: what reference runs of generated constellations do.
    From(Utc),
    /// Not at all, as closed forms have it.
    Still,
}

impl Rotation {
    /// The angle from the equinox to Greenwich, radians.
    #[must_use]
    pub fn angle(self, at: Utc) -> f64 {
        match self {
            Rotation::Sidereal => earth::sidereal_time(at.days_since_j2000()),
            Rotation::From(zero) => earth::full_turn(earth::ROTATION_RAD_S * at.seconds_since(zero)),
            Rotation::Still => 0.0,
        }
    }

    /// How fast it turns, rad/s.
    #[must_use]
    pub const fn rate(self) -> f64 {
        match self {
            Rotation::Sidereal | Rotation::From(_) => earth::ROTATION_RAD_S,
            Rotation::Still => 0.0,
        }
    }
}
