//! Where each terminal stands, which cell it hears best, and how well.
//!
//! A terminal is dropped uniformly over the network's area. It hears the cells of the nineteen sites within two rings of
//! the site whose hexagon it stands in; the strongest serves it, the others are its neighbours. The formulas are those of
//! [`crate::propagation::tr45820`], arranged for speed: natural logarithms instead of decibels, squared distances, arrays
//! instead of lists, and the functions of [`crate::propagation::fastmath`]. The tests hold it against the plain formulas.

use thiserror::Error;

use super::Placement;
use crate::geometry::hex::{Axial, Cluster, point_in_cell};
use crate::network::{HexGrid, Layout};
use crate::platform::{self, Arithmetic};
use crate::propagation::Tr45820;
use crate::propagation::fastmath::{angle_from_thirds, exp, ln};
use crate::propagation::tr45820::{LOSS_AT_1_KM, LOSS_PER_DECADE, MIN_DISTANCE, Walls};
use crate::rng::{Draw, Key, Probability, Purpose};
use crate::units::Db;

/// Sites that a terminal hears: the one it stands at and two rings around it.
pub const SITES_HEARD: usize = 19;
/// The natural logarithm of a ratio of one decibel.
const NATURAL_PER_DB: f64 = std::f64::consts::LN_10 / 10.0;

/// Where a terminal stands, as the radio sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// The cell that serves it: site × sectors + sector, sectors at 0°, 120° and 240°.
    pub cell: u32,
    /// Loss between the antenna connectors of cell and terminal.
    pub coupling_loss: Db,
    /// Sum of the linear gains of all other cells to the terminal.
    ///
    /// Times carrier power and activity it is the mean interference.
    pub neighbour_gain: f64,
}

/// Why terminals cannot be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PlaceError {
    /// Terminals spread over an area need sites.
    #[error(
        "the network has no sites over which terminals could be spread: give it a hexagonal grid, or the group a coupling loss"
    )]
    NoSites,
    /// Terminals under satellites need a place on Earth.
    #[error("satellites serve terminals that are somewhere on Earth: give the group a region")]
    NoRegion,
    /// A part of the Earth without satellites.
    #[error("a region is for networks of satellites: spread the group over the area of the network's sites")]
    NoSatellites,
    /// Terminals that move have one network.
    #[error("terminals that move cannot change between networks: give the group one network, or no mobility")]
    Moves,
    /// The network has no cells.
    #[error("the network has no cells")]
    NoCells,
    /// Sites have one or three sectors.
    #[error("sites have 1 or 3 sectors, not {0}")]
    Sectors(u32),
}

/// Places the terminals of one group in one network.
#[derive(Clone, Debug)]
pub struct Placer(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Bench { cells: u32, coupling_loss: Db },
    Area(Box<Area>),
}

impl Placer {
    /// Prepares the placing of terminals with this antenna gain.
    ///
    /// # Errors
    ///
    /// If the network has no cells, or none with a place although the placement asks for one.
    pub fn new(
        layout: &Layout,
        propagation: &Tr45820,
        placement: &Placement,
        terminal_antenna_gain: Db,
    ) -> Result<Placer, PlaceError> {
        if layout.cells() == 0 {
            return Err(PlaceError::NoCells);
        }
        match (*placement, layout) {
            (Placement::Region(_), _) => Err(PlaceError::NoSatellites),
            (Placement::Uniform { .. }, Layout::Satellites(_)) => Err(PlaceError::NoRegion),
            (Placement::Bench { coupling_loss }, _) => Ok(Placer(Kind::Bench { cells: layout.cells(), coupling_loss })),
            (Placement::Uniform { .. }, Layout::Bench { .. }) => Err(PlaceError::NoSites),
            (Placement::Uniform { .. }, Layout::HexGrid(grid)) if !matches!(grid.sectors, 1 | 3) => {
                Err(PlaceError::Sectors(grid.sectors))
            }
            (Placement::Uniform { indoor_fraction }, Layout::HexGrid(grid)) => {
                Ok(Placer(Kind::Area(Box::new(Area::new(grid, propagation, indoor_fraction, terminal_antenna_gain)))))
            }
        }
    }

    /// The spot of the terminal with this stream of draws and this number within its group.
    #[must_use]
    pub fn spot(&self, terminal: Key, index: u32) -> Spot {
        match &self.0 {
            Kind::Bench { cells, coupling_loss } => {
                Spot { cell: index % cells, coupling_loss: *coupling_loss, neighbour_gain: 0.0 }
            }
            Kind::Area(area) => area.spot(terminal),
        }
    }

    /// Where that terminal stands, metres east and north of the first site of `grid`; `None` without a place.
    #[must_use]
    pub fn position(&self, terminal: Key, grid: &HexGrid) -> Option<(f64, f64)> {
        let Kind::Area(area) = &self.0 else { return None };
        let (third, x, y) = area.position(terminal);
        let site = grid.site(third as u32 / 3);
        Some((site.0 + x * 1e3, site.1 + y * 1e3))
    }
}

/// What does not depend on the terminal. Lengths in kilometres, gains as natural logarithms.
#[derive(Clone, Debug)]
struct Area {
    sectors: u32,
    inter_site_distance: f64,
    min_square: f64,
    /// The sites heard, relative to the one the terminal stands at.
    sites: [(f64, f64); SITES_HEARD],
    /// For each site, the sites heard around it.
    around: Vec<[u32; SITES_HEARD]>,
    /// Half the path-loss exponent: what multiplies the logarithm of the squared distance.
    slope: f64,
    shadowing_common: f64,
    shadowing_own: f64,
    /// What multiplies the squared angle off a sector's axis.
    pattern: f64,
    /// The smallest gain of a sector.
    pattern_floor: f64,
    indoor: Probability,
    all_indoor: bool,
    walls: Walls,
    /// All gains that are the same for every cell and terminal.
    fixed: Db,
}

impl Area {
    fn new(grid: &HexGrid, model: &Tr45820, indoor_fraction: f64, terminal_antenna_gain: Db) -> Area {
        let cluster = Cluster { rings: grid.rings };
        let inter_site_distance = grid.inter_site_distance.0 / 1e3;
        let mut place = 0;
        let sites = [(); SITES_HEARD].map(|()| {
            let (x, y) = Axial::of_index(place).position();
            place += 1;
            (x * inter_site_distance, y * inter_site_distance)
        });
        let sigma = model.shadowing_sigma.0 * NATURAL_PER_DB;
        let beamwidth = model.beamwidth_deg * std::f64::consts::PI / 180.0;
        let nearest = MIN_DISTANCE.0 / 1e3;
        Area {
            sectors: grid.sectors,
            inter_site_distance,
            min_square: nearest * nearest,
            sites,
            around: (0..grid.sites()).map(|site| cluster.around(site)).collect(),
            slope: LOSS_PER_DECADE.0 / 20.0,
            shadowing_common: sigma * libm::sqrt(model.site_correlation),
            shadowing_own: sigma * libm::sqrt(1.0 - model.site_correlation),
            pattern: -12.0 * NATURAL_PER_DB / (beamwidth * beamwidth),
            pattern_floor: -model.front_to_back.0 * NATURAL_PER_DB,
            indoor: Probability::new(indoor_fraction),
            all_indoor: indoor_fraction >= 1.0,
            walls: model.building.walls(),
            fixed: model.fixed_gain(terminal_antenna_gain) - LOSS_AT_1_KM,
        }
    }

    /// The third of a site's hexagon in which a terminal stands, counted over all sites, and where it stands beside the site.
    fn position(&self, terminal: Key) -> (u64, f64, f64) {
        let position = |counter| terminal.draw(Purpose::Position, counter);
        // One draw chooses the site and the third of its hexagon.
        let third = position(0).below(3 * self.around.len() as u64);
        let (x, y) = point_in_cell(third % 3, position(1), position(2));
        (third, x * self.inter_site_distance, y * self.inter_site_distance)
    }

    fn spot(&self, terminal: Key) -> Spot {
        let (third, x, y) = self.position(terminal);

        let (best, total) = platform::with_wide_vectors(Hearing { area: self, terminal, x, y });
        let strongest = (0..SITES_HEARD).fold(0, |b, i| if best[i] > best[b] { i } else { b });
        let own = best[strongest];
        let others = (total - own).max(0.0);

        let inside = self.all_indoor || terminal.draw(Purpose::Indoor, 0).chance(self.indoor);
        let building = if inside { self.walls.penetration(terminal) } else { Db(0.0) };
        let common_gain = self.fixed - building;
        let sector = if self.sectors == 3 { self.sector_towards(x, y, strongest) } else { 0 };
        Spot {
            cell: self.around[(third / 3) as usize][strongest] * self.sectors + sector,
            coupling_loss: -common_gain - Db(ln(own) / NATURAL_PER_DB),
            neighbour_gain: others * exp(common_gain.0 * NATURAL_PER_DB),
        }
    }

    /// The logarithm of the gain of a site before antennas, at the square of the distance.
    #[inline(always)]
    fn path(&self, square: f64, shadowing: f64) -> f64 {
        -self.slope * ln(square) - shadowing
    }

    /// The gains of sites with three sectors.
    #[inline(always)]
    fn gains_of_three(&self, x: f64, y: f64, shadowing: &[f64; SITES_HEARD]) -> ([f64; SITES_HEARD], f64) {
        const THIRD: f64 = std::f64::consts::TAU / 3.0;
        let mut best = [0.0; SITES_HEARD];
        let mut rest = [0.0; SITES_HEARD];
        let gain_at = |angle: f64| (self.pattern * angle * angle).max(self.pattern_floor);
        for i in 0..SITES_HEARD {
            let (dx, dy) = (x - self.sites[i].0, y - self.sites[i].1);
            let square = (dx * dx + dy * dy).max(1e-12);
            let angle = angle_from_thirds(dx, dy, square.sqrt());
            let path = self.path(square.max(self.min_square), shadowing[i]);
            best[i] = exp(path + gain_at(angle));
            rest[i] = exp(path + gain_at(THIRD - angle)) + exp(path + gain_at(THIRD + angle));
        }
        (best, best.iter().sum::<f64>() + rest.iter().sum::<f64>())
    }

    /// The same for sites with one omnidirectional cell.
    #[inline(always)]
    fn gains_of_one(&self, x: f64, y: f64, shadowing: &[f64; SITES_HEARD]) -> ([f64; SITES_HEARD], f64) {
        let mut best = [0.0; SITES_HEARD];
        for i in 0..SITES_HEARD {
            let (dx, dy) = (x - self.sites[i].0, y - self.sites[i].1);
            best[i] = exp(self.path((dx * dx + dy * dy).max(self.min_square), shadowing[i]));
        }
        (best, best.iter().sum())
    }

    /// The sector of a site whose main direction, 0°, 120° or 240°, is nearest to the direction of the terminal.
    fn sector_towards(&self, x: f64, y: f64, site: usize) -> u32 {
        let (dx, dy) = (x - self.sites[site].0, y - self.sites[site].1);
        if dy.abs() <= 2.0 * libm::sqrt(0.75) * dx {
            0
        } else if dy >= 0.0 {
            1
        } else {
            2
        }
    }
}

/// What a terminal at (x, y) hears: the gain of each site's strongest sector, and the sum over all sectors of all sites.
struct Hearing<'a> {
    area: &'a Area,
    terminal: Key,
    x: f64,
    y: f64,
}

impl Arithmetic for Hearing<'_> {
    type Output = ([f64; SITES_HEARD], f64);

    #[inline(always)]
    fn work_out(self) -> Self::Output {
        let Hearing { area, terminal, x, y } = self;
        let mut draws = [Draw(0); SITES_HEARD + 1];
        for (draw, counter) in draws.iter_mut().zip(0..) {
            *draw = terminal.draw(Purpose::Shadowing, counter);
        }
        let [common, own @ ..] = Draw::normals(draws);
        let common = area.shadowing_common * common;
        let mut shadowing = own;
        for own in &mut shadowing {
            *own = common + area.shadowing_own * *own;
        }
        if area.sectors == 3 { area.gains_of_three(x, y, &shadowing) } else { area.gains_of_one(x, y, &shadowing) }
    }
}

#[cfg(test)]
mod tests;
