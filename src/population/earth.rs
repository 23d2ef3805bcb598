//! Where on Earth terminals are that satellites serve.

use super::place::Placer;
use super::sky::Region;
use crate::geometry::earth::{Geodetic, Place};
use crate::network::HexGrid;
use crate::rng::Key;

/// The mean radius of the Earth, m: an ellipsoid would put a terminal 100 km from the origin some 300 m elsewhere, which no satellite sees.
const RADIUS_M: f64 = 6_371_000.0;

/// Where the terminals of a group are.
#[derive(Clone, Debug)]
pub enum Whereabouts {
    /// Evenly over a part of the Earth.
    Region(Region),
    /// Among the sites of a network that stands somewhere.
    Plane(Box<Plane>),
}

/// A network's plane on the Earth.
#[derive(Clone, Debug)]
pub struct Plane {
    /// Latitude and longitude of the first site, degrees.
    pub origin_deg: (f64, f64),
    /// Where terminals are in the plane.
    pub placer: Placer,
    /// The network's sites.
    pub grid: HexGrid,
}

impl Whereabouts {
    /// Where the terminal with this stream of draws is.
    #[must_use]
    pub fn place(&self, terminal: Key) -> Place {
        match self {
            Whereabouts::Region(region) => region.place(terminal),
            Whereabouts::Plane(plane) => plane.place(terminal),
        }
    }
}

impl Plane {
    fn place(&self, terminal: Key) -> Place {
        // Who has no place in the plane is at its middle.
        let (east, north) = self.placer.position(terminal, &self.grid).unwrap_or((0.0, 0.0));
        let (latitude, longitude) = self.origin_deg;
        let latitude_deg = latitude + (north / RADIUS_M).to_degrees();
        let around = RADIUS_M * libm::cos(latitude.to_radians());
        let longitude_deg = longitude + (east / around).to_degrees();
        Place::on_ellipsoid(Geodetic { latitude_deg, longitude_deg, altitude_km: 0.0 })
    }
}
