//! What a terminal that moves hears of the cells around it, at any place.
//!
//! The formulas are those of [`crate::propagation::tr45820`], with shadow fading as a field over places. A terminal hears the
//! nineteen sites around the hexagon in which it is, as terminals do that stand still.

use super::field::Fields;
use super::place::{SITES_HEARD, Spot};
use crate::geometry::hex::{Axial, Cluster};
use crate::geometry::torus::{Point, Torus};
use crate::network::HexGrid;
use crate::propagation::Tr45820;
use crate::propagation::fastmath::{angle_from_thirds, exp, ln};
use crate::propagation::tr45820::{LOSS_AT_1_KM, LOSS_PER_DECADE, MIN_DISTANCE, Walls};
use crate::rng::{Key, Probability, Purpose};
use crate::units::Db;

/// The natural logarithm of a ratio of one decibel.
const NATURAL_PER_DB: f64 = std::f64::consts::LN_10 / 10.0;
/// Most sectors of a site.
const SECTORS: usize = 3;
/// The number of the shadow fading that is common to all sites; a site's own has the site's number and one.
const COMMON: u64 = 0;

/// The sites of a network and how signals travel from them.
#[derive(Clone, Debug)]
pub struct Ground {
    torus: Torus,
    sectors: u32,
    model: Tr45820,
    fields: Fields,
    /// For each site, the sites heard around it.
    around: Vec<[u32; SITES_HEARD]>,
    /// Where these stand, as seen from it.
    offsets: [Point; SITES_HEARD],
    indoor: Probability,
    all_indoor: bool,
    walls: Walls,
    fixed: Db,
}

/// What a terminal hears at one place: linear gains, buildings and antennas in their main direction apart.
#[derive(Clone, Debug)]
pub struct Scene {
    sectors: usize,
    sites: [u32; SITES_HEARD],
    gains: [[f64; SECTORS]; SITES_HEARD],
    total: f64,
}

impl Ground {
    /// The ground of a network for terminals of which so many are inside buildings, with this antenna gain.
    #[must_use]
    pub fn new(grid: &HexGrid, model: &Tr45820, indoor_fraction: f64, terminal_antenna_gain: Db) -> Ground {
        let torus = Torus { cluster: Cluster { rings: grid.rings }, pitch: grid.inter_site_distance.0 };
        let mut place = 0;
        let offsets = [(); SITES_HEARD].map(|()| {
            let (x, y) = Axial::of_index(place).position();
            place += 1;
            Point { x, y }.times(torus.pitch)
        });
        Ground {
            torus,
            sectors: grid.sectors,
            fields: Fields::new(torus, model.shadowing_correlation.0),
            around: (0..grid.sites()).map(|site| torus.cluster.around(site)).collect(),
            offsets,
            indoor: Probability::new(indoor_fraction),
            all_indoor: indoor_fraction >= 1.0,
            walls: model.building.walls(),
            fixed: model.fixed_gain(terminal_antenna_gain) - LOSS_AT_1_KM,
            model: model.clone(),
        }
    }

    /// The plane on which terminals move.
    #[must_use]
    pub fn torus(&self) -> Torus {
        self.torus
    }

    /// What a terminal hears at a place.
    #[must_use]
    pub fn scene(&self, terminal: Key, point: Point) -> Scene {
        let (home, local) = self.torus.locate(point);
        let waves = self.fields.at(terminal, point);
        let common = self.fields.value(&waves, terminal, COMMON);
        let sites = self.around[home as usize];
        let mut gains = [[0.0; SECTORS]; SITES_HEARD];
        for ((gains, site), offset) in gains.iter_mut().zip(sites).zip(self.offsets) {
            let own = self.fields.value(&waves, terminal, u64::from(site) + 1);
            let shadowing = self.model.shadowing(common, own).0;
            *gains = self.gains(local.plus(offset.times(-1.0)), shadowing);
        }
        let total = gains.iter().flatten().sum();
        Scene { sectors: self.sectors as usize, sites, gains, total }
    }

    /// Gains of a site's sectors in the direction and at the distance `from` the site.
    fn gains(&self, from: Point, shadowing: f64) -> [f64; SECTORS] {
        let from = from.times(1e-3);
        let square = (from.x * from.x + from.y * from.y).max(1e-12);
        let nearest = MIN_DISTANCE.0 / 1e3;
        let path = -NATURAL_PER_DB * shadowing - LOSS_PER_DECADE.0 / 20.0 * ln(square.max(nearest * nearest));
        if self.sectors == 1 {
            return [exp(path), 0.0, 0.0];
        }
        const THIRD: f64 = std::f64::consts::TAU / 3.0;
        let angle = angle_from_thirds(from.x, from.y, square.sqrt());
        let beamwidth = self.model.beamwidth_deg * std::f64::consts::PI / 180.0;
        let gain = |angle: f64| {
            let off = angle / beamwidth;
            exp(path - NATURAL_PER_DB * (12.0 * off * off).min(self.model.front_to_back.0))
        };
        let (nearest, left) = sector_towards(from);
        let (next, last) = ((nearest + 1) % 3, (nearest + 2) % 3);
        let (close, far) = (gain(THIRD - angle), gain(THIRD + angle));
        let mut gains = [gain(angle); SECTORS];
        (gains[next], gains[last]) = if left { (close, far) } else { (far, close) };
        gains
    }

    /// What a terminal loses in its building, if it is in one.
    #[must_use]
    pub fn building(&self, terminal: Key) -> Db {
        let inside = self.all_indoor || terminal.draw(Purpose::Indoor, 0).chance(self.indoor);
        if inside { self.walls.penetration(terminal) } else { Db(0.0) }
    }

    /// How a terminal with such a loss of its building hears a cell in a scene; `None` if the cell is too far away.
    #[must_use]
    pub fn spot(&self, scene: &Scene, building: Db, cell: u32) -> Option<Spot> {
        let own = scene.gain(cell);
        let fixed = self.fixed - building;
        (own > 0.0).then(|| Spot {
            cell,
            coupling_loss: -fixed - Db(ln(own) / NATURAL_PER_DB),
            neighbour_gain: (scene.total - own).max(0.0) * exp(fixed.0 * NATURAL_PER_DB),
        })
    }
}

/// The sector whose main direction, 0°, 120° or 240°, is nearest to a direction, and whether that lies to its left.
fn sector_towards(Point { x, y }: Point) -> (usize, bool) {
    const ROW: f64 = 0.866_025_403_784_438_6;
    if y.abs() <= 2.0 * ROW * x {
        (0, y > 0.0)
    } else if y >= 0.0 {
        (1, -0.5 * y - ROW * x > 0.0)
    } else {
        (2, -0.5 * y + ROW * x > 0.0)
    }
}

impl Scene {
    /// The strongest cell.
    #[must_use]
    pub fn best(&self) -> u32 {
        let mut best = (0, 0.0);
        for (site, gains) in self.sites.iter().zip(&self.gains) {
            for (sector, &gain) in gains.iter().enumerate().take(self.sectors) {
                if gain > best.1 {
                    best = (site * self.sectors as u32 + sector as u32, gain);
                }
            }
        }
        best.0
    }

    /// The gain of a cell; 0 if it is too far away. A small network has several copies of its sites: the nearest counts.
    #[must_use]
    pub fn gain(&self, cell: u32) -> f64 {
        let (site, sector) = (cell / self.sectors as u32, cell as usize % self.sectors);
        let heard = self.sites.iter().zip(&self.gains).filter(|(other, _)| **other == site);
        heard.map(|(_, gains)| gains[sector]).fold(0.0, f64::max)
    }

    /// The cell to which a terminal goes that is in `cell`: the strongest, if that is stronger by more than `hysteresis`
    /// (TS 36.304 clause 5.2.4.6, ranking with Qhyst).
    #[must_use]
    pub fn ranked_first(&self, cell: u32, hysteresis: Db) -> u32 {
        let best = self.best();
        if self.gain(best) > self.gain(cell) * hysteresis.linear() { best } else { cell }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::propagation::tr45820::tests::assumptions;
    use crate::units::Metres;

    #[test]
    fn gains_are_those_of_the_plain_formulas() {
        for sectors in [1, 3] {
            let grid = HexGrid { rings: 3, inter_site_distance: Metres(1_732.0), sectors };
            let model = assumptions();
            let ground = Ground::new(&grid, &model, 0.0, Db(-4.0));
            for number in 0..500 {
                let key = Key::root(4).child(number);
                let unit = |c| 4_000.0 * (key.draw(Purpose::Position, c).unit() - 0.5);
                let point = Point { x: unit(0), y: unit(1) };
                let scene = ground.scene(key, point);
                let waves = ground.fields.at(key, point);
                let mut sum = 0.0;
                for cell in 0..19 * sectors {
                    let site = cell / sectors;
                    let d = point.plus(ground.torus.site(site).times(-1.0));
                    if scene.gain(cell) == 0.0 {
                        continue; // heard from the hexagon next door only
                    }
                    let field = |number| ground.fields.value(&waves, key, number);
                    let angle = libm::atan2(d.y, d.x).to_degrees() - f64::from(cell % sectors) * 120.0;
                    let pattern = if sectors == 3 { model.sector_pattern(angle) } else { Db(0.0) };
                    let loss = model.path_loss(Metres(d.length()))
                        + model.shadowing(field(0), field(u64::from(site) + 1))
                        - pattern
                        - model.fixed_gain(Db(-4.0));
                    let spot = ground.spot(&scene, Db(0.0), cell).expect("it is heard");
                    assert!((spot.coupling_loss - loss).0.abs() < 1e-6, "{cell}: {loss:?} {spot:?}");
                    sum += Db(-loss.0).linear();
                }
                let best = ground.spot(&scene, Db(0.0), scene.best()).expect("it is heard");
                let own = Db(-best.coupling_loss.0).linear();
                assert!(best.neighbour_gain + own >= sum * (1.0 - 1e-9), "all that was added is in the total");
            }
        }
    }

    #[test]
    fn a_cell_is_left_when_another_is_stronger_by_the_hysteresis() {
        let scene = Scene { sectors: 3, sites: [7; SITES_HEARD], gains: [[1.0, 1.9, 2.1]; SITES_HEARD], total: 0.0 };
        assert_eq!(scene.best(), 23);
        // Twice is 3.01 dB.
        assert_eq!(scene.ranked_first(21, Db(3.0)), 23);
        assert_eq!(scene.ranked_first(21, Db(4.0)), 21);
        assert_eq!(scene.ranked_first(99, Db(4.0)), 23, "a cell that is not heard is left for any");
    }
}
