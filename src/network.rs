//! Where the network's sites and cells stand.

use std::sync::Arc;

use crate::geometry::earth::Geodetic;
use crate::geometry::hex::Axial;
use crate::geometry::sphere::RADIUS_3GPP_KM;
use crate::orbit::{Rotation, Satellite, Utc, Walker};
use crate::propagation::satellite::Payload;
use crate::propagation::satellite::layout::Reuse;
use crate::units::{Metres, SimDuration};

/// The plan of a terrestrial network.
#[derive(Clone, Debug, PartialEq)]
pub enum Layout {
    /// Sites on a hexagonal grid, wrapped around so that no cell lies at an edge.
    HexGrid(HexGrid),
    /// Satellites, each a cell.
    Satellites(Box<Constellation>),
    /// Cells without a place: for terminals whose coupling loss is given.
    Bench {
        /// How many cells.
        cells: u32,
    },
}

/// The satellites of a network, and how they are heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Constellation {
    /// The satellites.
    pub satellites: Arc<[Satellite]>,
    /// How the Earth turns below them.
    pub rotation: Rotation,
    /// When the run begins.
    pub epoch: Utc,
    /// The least elevation at which a satellite is used, degrees.
    pub min_elevation_deg: f64,
    /// Their radio.
    pub payload: Payload,
    /// Their beams.
    pub beams: Beams,
    /// A satellite is used only if it stays for so long.
    pub least: SimDuration,
    /// Who has waited for a satellite sets out within so long after it has risen.
    pub spread: SimDuration,
    /// How far off predictions of their passes may be.
    pub guard: Guard,
    /// Whether each satellite is a tracking area of its own.
    pub moving_areas: bool,
    /// How satellites reach the core network; absent if they do wherever they are.
    pub gateways: Option<Gateways>,
}

/// How far off the prediction of a rise may be, by the age of the orbits that it is made from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Guard {
    /// At once.
    pub least: SimDuration,
    /// So much more for each day.
    pub per_day: SimDuration,
}

impl Guard {
    /// For orbits of this age.
    #[must_use]
    pub fn after(&self, age: SimDuration) -> SimDuration {
        self.least + SimDuration((self.per_day.0 as f64 * age.as_secs_f64() / 86_400.0) as u64)
    }
}

/// Gateways, and what satellites do with what is for them.
#[derive(Clone, Debug, PartialEq)]
pub struct Gateways {
    /// Where they are.
    pub places: Vec<Geodetic>,
    /// The least elevation at which one sees a satellite, degrees.
    pub min_elevation_deg: f64,
    /// What satellites do.
    pub relay: Relay,
}

/// What a satellite does with what comes up (TS 36.300 clause 23.21, TR 38.821 clause 5).
#[derive(Clone, Debug, PartialEq)]
pub enum Relay {
    /// It passes signals on to a base station behind the gateway: a transparent payload.
    Transparent,
    /// It is a base station, which needs a gateway to serve anybody: a regenerative payload.
    Regenerative,
    /// The same with links to its neighbours in this constellation, over which it reaches gateways that others see.
    Linked(Walker),
    /// It is a base station with a part of the core network on board, and keeps messages until it sees a gateway (Release 19).
    StoreAndForward(Storage),
}

/// What a satellite can do while it sees no gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Storage {
    /// Bytes of messages that it can keep.
    pub memory: u64,
    /// Contacts that an attach takes: between two of them the satellite has been at a gateway.
    pub attach_contacts: u8,
    /// Who comes before the answer is there is told to come again after so long.
    pub wait: SimDuration,
}

impl Constellation {
    /// The largest distance of a satellite from the middle of the Earth in the first day, km.
    #[must_use]
    pub fn highest_km(&self) -> f64 {
        let instants = (0..=144).map(|step| self.epoch.plus(600.0 * f64::from(step)));
        let radius =
            |at| self.satellites.iter().filter_map(move |one| one.state(at).ok()).map(|state| state.position.norm());
        instants.flat_map(radius).fold(0.0, f64::max)
    }

    /// Its height over the mean radius of the Earth.
    #[must_use]
    pub fn altitude(&self) -> Metres {
        Metres((self.highest_km() - RADIUS_3GPP_KM) * 1e3)
    }
}

/// The beams of a satellite, all of which belong to one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beams {
    /// Where they look.
    pub steering: Steering,
    /// Rings of beams around the one below the satellite, where they move with it.
    pub rings: u32,
    /// How they share frequencies.
    pub reuse: Reuse,
    /// Share of the time that each of the others is lit, 0 to 1.
    pub lit: f64,
}

/// Where the beams of a satellite look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steering {
    /// In directions that move with the satellite.
    Moving,
    /// At cells that stay where they are on the Earth.
    EarthFixed,
}

/// A hexagon of sites around a centre site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HexGrid {
    /// Rings around the centre: 0 is one site, 1 seven, 2 nineteen, r 3r(r+1)+1.
    pub rings: u32,
    /// Distance between neighbouring sites.
    pub inter_site_distance: Metres,
    /// Sectors per site, each a cell: 1 (omnidirectional) or 3.
    pub sectors: u32,
}

impl HexGrid {
    /// How many sites.
    #[must_use]
    pub fn sites(&self) -> u32 {
        3 * self.rings * (self.rings + 1) + 1
    }

    /// Area that one site serves, square metres: √3/2 times the square of the inter-site distance.
    #[must_use]
    pub fn site_area_m2(&self) -> f64 {
        libm::sqrt(0.75) * self.inter_site_distance.0 * self.inter_site_distance.0
    }

    /// Metres east and north of the first site at which site number `site` stands.
    #[must_use]
    pub fn site(&self, site: u32) -> (f64, f64) {
        let (x, y) = Axial::of_index(site).position();
        (x * self.inter_site_distance.0, y * self.inter_site_distance.0)
    }
}

impl Layout {
    /// How many cells.
    #[must_use]
    pub fn cells(&self) -> u32 {
        match self {
            Layout::HexGrid(grid) => grid.sites() * grid.sectors,
            Layout::Satellites(constellation) => constellation.satellites.len() as u32,
            Layout::Bench { cells } => *cells,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sector_of_tr_45_820_covers_0_866_square_kilometres() {
        let grid = HexGrid { rings: 2, inter_site_distance: Metres(1_732.0), sectors: 3 };
        assert_eq!((grid.sites(), Layout::HexGrid(grid).cells()), (19, 57));
        assert!((grid.site_area_m2() / 3.0 / 1e6 - 0.865975).abs() < 5e-7);
    }
}
