//! Where the network's sites and cells stand.

use crate::geometry::hex::Axial;
use crate::units::Metres;

/// The plan of a terrestrial network.
#[derive(Clone, Debug, PartialEq)]
pub enum Layout {
    /// Sites on a hexagonal grid, wrapped around so that no cell lies at an edge.
    HexGrid(HexGrid),
    /// Cells without a place: for terminals whose coupling loss is given.
    Bench {
        /// How many cells.
        cells: u32,
    },
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
