//! The propagation model of TR 45.820 annex D at 900 MHz: path loss, sector antennas, shadowing, buildings.
//!
//! Everything here is a plain formula in decibels for one terminal and one cell. The set-up of whole populations uses
//! the same constants in a faster arrangement (`population::place`), and is tested against these formulas.

use super::budget::{Term, Value};
use super::{Building, Tr45820};
use crate::rng::{Key, Probability, Purpose};
use crate::units::{Db, Metres};

/// Path loss at one kilometre.
pub const LOSS_AT_1_KM: Db = Db(120.9);
/// Increase of the path loss per decade of distance.
pub const LOSS_PER_DECADE: Db = Db(37.6);
/// Shorter distances count as this one.
///
/// The formula is made for hundreds of metres and would promise a gain right below the antenna; 35 m is the smallest
/// distance of the macro-cell evaluations of TR 36.814 (table A.2.1.1-1). One terminal in 675 stands nearer than that at an
/// inter-site distance of 1732 m.
pub const MIN_DISTANCE: Metres = Metres(35.0);

/// Loss of one more metre inside a building.
pub const LOSS_PER_METRE: Db = Db(0.6);
/// Largest depth inside a building.
pub const MAX_DEPTH: Metres = Metres(15.0);
/// Gain of each floor above the ground.
pub const GAIN_PER_FLOOR: Db = Db(1.5);
/// Floors above the ground: 0 to 4.
pub const FLOORS: u64 = 5;

/// A range of losses: uniform between the two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Between(pub f64, pub f64);

impl Between {
    /// The loss at `unit`, 0 to 1, of the range.
    #[inline]
    #[must_use]
    pub fn at(self, unit: f64) -> Db {
        Db(self.0 + unit * (self.1 - self.0))
    }
}

/// Loss of one internal wall.
pub const INTERNAL_WALL: Between = Between(4.0, 10.0);

/// The walls of one building scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Walls {
    /// External walls: the probability that the loss belongs to this or an earlier class, and the class's range.
    pub external: [(f64, Between); 3],
    /// Probability of three internal walls; otherwise there are 0, 1 or 2 with equal probability.
    pub three_internal: f64,
}

impl Building {
    /// The walls of the scenario (TR 45.820 annex D.1; the numbers are from memory, see `docs/models/propagation.md`).
    #[must_use]
    pub fn walls(self) -> Walls {
        let classes = |first, second| {
            [(first, Between(4.0, 11.0)), (first + second, Between(11.0, 19.0)), (1.0, Between(19.0, 23.0))]
        };
        match self {
            Building::Scenario1 => Walls { external: classes(0.25, 0.65), three_internal: 0.15 },
            Building::Scenario2 => Walls { external: classes(0.25, 0.50), three_internal: 0.20 },
        }
    }
}

impl Walls {
    /// Loss from the street to the terminal's place inside its building, drawn for one terminal; may be negative on high
    /// floors.
    ///
    /// Draws number 1 to 6 of [`Purpose::Indoor`]; number 0 is left to the question whether the terminal is indoors.
    #[inline]
    #[must_use]
    pub fn penetration(&self, terminal: Key) -> Db {
        let unit = |counter| terminal.draw(Purpose::Indoor, counter).unit();
        let class = unit(1);
        let [first, second, third] = self.external;
        let external = if class < first.0 {
            first.1
        } else if class < second.0 {
            second.1
        } else {
            third.1
        };
        let many = terminal.draw(Purpose::Indoor, 3);
        let count = if many.chance(Probability::new(self.three_internal)) {
            3
        } else {
            // The draw is spent on the question before; its other half is fresh.
            ((many.0 & 0xFFFF_FFFF) * 3) >> 32
        };
        let walls = count as f64 * INTERNAL_WALL.at(unit(4)).0;
        let depth = LOSS_PER_METRE.0 * MAX_DEPTH.0 * unit(5);
        let floors = terminal.draw(Purpose::Indoor, 6).below(FLOORS) as f64;
        external.at(unit(2)) + Db(walls.max(depth)) - Db(GAIN_PER_FLOOR.0 * floors)
    }
}

/// The way between a sector antenna and a terminal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Route {
    /// Distance along the ground.
    pub distance: Metres,
    /// Angle beside the main direction of the sector, degrees.
    pub off_axis_deg: f64,
    /// Loss by shadow fading; a negative one is a gain.
    pub shadowing: Db,
    /// Loss of the building the terminal is in.
    pub building: Db,
}

impl Tr45820 {
    /// What a signal gains on its way, line by line; the sum is the negative coupling loss.
    #[must_use]
    pub fn terms(&self, way: &Route, terminal_antenna_gain: Db) -> Vec<Term> {
        let lines = [
            ("path loss", -self.path_loss(way.distance)),
            ("sector pattern", self.sector_pattern(way.off_axis_deg)),
            ("shadow fading", -way.shadowing),
            ("building", -way.building),
            ("site antenna gain", self.site_antenna_gain),
            ("feeder loss", -self.feeder_loss),
            ("terminal antenna gain", terminal_antenna_gain),
        ];
        lines.map(|(name, gain)| Term { name, value: Value::Gain(gain) }).to_vec()
    }

    /// The coupling loss of a way.
    #[must_use]
    pub fn coupling_loss(&self, way: &Route, terminal_antenna_gain: Db) -> Db {
        self.path_loss(way.distance) - self.sector_pattern(way.off_axis_deg) + way.shadowing + way.building
            - self.fixed_gain(terminal_antenna_gain)
    }

    /// Loss between isotropic antennas: 120.9 + 37.6 log10(R in km) dB, TR 45.820 annex D (900 MHz).
    #[must_use]
    pub fn path_loss(&self, distance: Metres) -> Db {
        LOSS_AT_1_KM + Db(LOSS_PER_DECADE.0 * libm::log10(distance.0.max(MIN_DISTANCE.0) / 1e3))
    }

    /// Gain of a sector antenna in a direction `off_axis_deg` beside its main direction, without the gain in the main
    /// direction: −min(12 (θ/θ3dB)², A_m), TR 36.942 clause 4.2.1.
    #[must_use]
    pub fn sector_pattern(&self, off_axis_deg: f64) -> Db {
        let off = libm::fabs(libm::remainder(off_axis_deg, 360.0)) / self.beamwidth_deg;
        Db(-(12.0 * off * off).min(self.front_to_back.0))
    }

    /// What a signal gains on its way from the base station's antenna connector to the terminal's, apart from path,
    /// pattern, shadowing and building.
    #[must_use]
    pub fn fixed_gain(&self, terminal_antenna_gain: Db) -> Db {
        self.site_antenna_gain - self.feeder_loss + terminal_antenna_gain
    }

    /// Shadowing towards one site: a part common to all sites and a part of its own, both standard normal.
    ///
    /// The shadowing towards two sites then has the correlation `site_correlation`, that towards sectors of one site 1.
    #[must_use]
    pub fn shadowing(&self, common: f64, own: f64) -> Db {
        let rho = self.site_correlation;
        Db(self.shadowing_sigma.0 * (libm::sqrt(rho) * common + libm::sqrt(1.0 - rho) * own))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The evaluation assumptions of TR 45.820, as far as they are known.
    pub(crate) fn assumptions() -> Tr45820 {
        Tr45820 {
            shadowing_sigma: Db(8.0),
            site_correlation: 0.5,
            shadowing_correlation: Metres(110.0),
            site_antenna_gain: Db(18.0),
            feeder_loss: Db(3.0),
            beamwidth_deg: 65.0,
            front_to_back: Db(20.0),
            building: Building::Scenario1,
            neighbour_activity: 0.5,
            uplink_noise_rise: Db(0.0),
            temporal_sigma: Db(0.0),
        }
    }

    #[test]
    fn path_loss_at_six_distances() {
        for (km, loss) in [(0.1, 83.30), (0.5, 109.58), (1.0, 120.90), (2.0, 132.22), (5.0, 147.18), (10.0, 158.50)] {
            assert!((assumptions().path_loss(Metres(1e3 * km)).0 - loss).abs() < 0.01, "{km} km");
        }
        assert_eq!(assumptions().path_loss(Metres(0.0)), assumptions().path_loss(MIN_DISTANCE));
    }

    #[test]
    fn the_lines_of_a_way_are_its_coupling_loss() {
        let route = Route { distance: Metres(700.0), off_axis_deg: 50.0, shadowing: Db(-3.0), building: Db(15.0) };
        let gains = assumptions().terms(&route, Db(-4.0)).into_iter().map(|term| match term.value {
            Value::Gain(Db(gain)) => gain,
            Value::Level(level) => panic!("{level:?} is no gain"),
        });
        assert!((gains.sum::<f64>() + assumptions().coupling_loss(&route, Db(-4.0)).0).abs() < 1e-9);
    }

    #[test]
    fn sector_antennas_lose_3_db_at_half_the_beamwidth() {
        let model = assumptions();
        for (angle, gain) in [(0.0, 0.0), (32.5, -3.0), (-32.5, -3.0), (65.0, -12.0), (90.0, -20.0), (180.0, -20.0)] {
            assert!((model.sector_pattern(angle).0 - gain).abs() < 1e-12, "{angle}");
            assert!((model.sector_pattern(angle + 360.0).0 - gain).abs() < 1e-9, "{angle}");
        }
    }

    #[test]
    fn buildings_have_the_mean_loss_of_their_classes() {
        // Scenario 1: 0.25*7.5 + 0.65*15 + 0.1*21 = 13.725; the internal part by its own integral; minus 3 dB of floors.
        // E max(p W, D) with W uniform on 4..10 and D on 0..9: for p = 0 4.5; else numerically.
        let internal = |walls: f64| {
            let n = 2_000;
            (0..n)
                .map(|i| walls * (4.0 + 6.0 * (f64::from(i) + 0.5) / f64::from(n)))
                .map(|w| if w >= 9.0 { w } else { (w * w + 81.0) / 18.0 })
                .sum::<f64>()
                / f64::from(n)
        };
        for (building, external, three) in [(Building::Scenario1, 13.725, 0.15), (Building::Scenario2, 14.625, 0.2)] {
            let others = (4.5 + internal(1.0) + internal(2.0)) / 3.0;
            let want = external + three * internal(3.0) + (1.0 - three) * others - 3.0;
            let walls = building.walls();
            let n = 200_000;
            let mean = (0..n).map(|i| walls.penetration(Key::root(9).child(i)).0).sum::<f64>() / n as f64;
            assert!((mean - want).abs() < 0.06, "{mean} {want}");
        }
    }
}
