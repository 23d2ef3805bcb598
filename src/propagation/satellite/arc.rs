//! What persists while a satellite passes over a terminal: whether something stands in the way, and the shadow fading.
//!
//! Both are drawn once for each terminal, satellite and arc (its way from horizon to horizon), so that a message that is sent again
//! meets the same channel. The draw for line of sight is a uniform number, which is compared with the probability at the elevation:
//! since that grows with the elevation, the state changes at most once while the satellite rises and once while it sets. The shadow
//! fading is one standard normal number, times the standard deviation of the state at the elevation.

use super::tables::{Band, Environment, Sight};
use crate::propagation::tr45820::Walls;
use crate::rng::{Key, Purpose};
use crate::units::Db;

/// One passage of one satellite over one terminal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arc {
    /// Uniform between 0 and 1: in line of sight where the probability of it is larger.
    pub obstruction: f64,
    /// Standard normal: how much shadow there is.
    pub shadow: f64,
}

impl Arc {
    /// The arc with this number of a satellite with this number, for a terminal with this stream of draws.
    #[must_use]
    pub fn draw(terminal: Key, satellite: u32, number: u32) -> Arc {
        let both = u64::from(satellite) << 32 | u64::from(number);
        let key = terminal.child(both);
        Arc { obstruction: key.draw(Purpose::Arc, 0).unit(), shadow: key.draw(Purpose::Arc, 1).normal() }
    }

    /// Whether the satellite is seen.
    #[must_use]
    pub fn sight(&self, environment: Environment, elevation_deg: f64) -> Sight {
        if self.obstruction < environment.los_probability(elevation_deg) { Sight::Los } else { Sight::Nlos }
    }

    /// Loss by clutter and shadow fading; a negative one is a gain.
    #[must_use]
    pub fn loss(&self, environment: Environment, band: Band, elevation_deg: f64) -> Db {
        let sight = self.sight(environment, elevation_deg);
        let Db(sigma) = environment.sigma(band, sight, elevation_deg);
        environment.clutter(band, sight, elevation_deg) + Db(sigma * self.shadow)
    }
}

/// Losses of many places at one elevation, the smallest first: clutter and shadow fading and, indoors, the walls.
#[must_use]
pub fn losses_of_places(
    environment: Environment,
    band: Band,
    elevation_deg: f64,
    walls: Option<&Walls>,
    places: u32,
) -> Vec<f64> {
    let loss = |number: u32| {
        let terminal = Key::root(0).child(u64::from(number));
        let inside = walls.map_or(Db(0.0), |walls| walls.penetration(terminal));
        (Arc::draw(terminal, 0, 0).loss(environment, band, elevation_deg) + inside).0
    };
    let mut losses: Vec<f64> = (0..places).map(loss).collect();
    losses.sort_by(f64::total_cmp);
    losses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::propagation::Building;

    const PLACES: u32 = 100_000;

    fn arcs() -> impl Iterator<Item = Arc> {
        (0..PLACES).map(|number| Arc::draw(Key::root(5).named("meters").child(u64::from(number)), 17, 3))
    }

    #[test]
    fn as_many_see_the_satellite_as_the_table_says() {
        for (environment, elevation, share) in [
            (Environment::Urban, 40.0, 0.613),
            (Environment::DenseUrban, 10.0, 0.282),
            (Environment::Suburban, 90.0, 0.998),
        ] {
            let seen = arcs().filter(|arc| arc.sight(environment, elevation) == Sight::Los).count();
            assert!((seen as f64 / f64::from(PLACES) - share).abs() < 0.005, "{environment:?}");
        }
    }

    #[test]
    fn the_state_changes_once_on_each_side_and_comes_back() {
        let mut changed = 0;
        for arc in arcs().take(2_000) {
            let sights: Vec<Sight> =
                (0..=180).map(|degree| arc.sight(Environment::Urban, f64::from(90 - (degree - 90i32).abs()))).collect();
            let changes = sights.windows(2).filter(|pair| pair[0] != pair[1]).count();
            assert!(changes == 0 || (changes == 2 && sights[90] == Sight::Los), "{changes}");
            changed += changes / 2;
        }
        // Those between the probabilities at 10° and at 90°.
        assert!((changed as f64 / 2_000.0 - (0.992 - 0.246)).abs() < 0.04, "{changed}");
    }

    #[test]
    fn another_arc_satellite_or_terminal_is_another_draw() {
        let key = Key::root(1);
        let here = Arc::draw(key, 1, 1);
        assert_eq!(here, Arc::draw(key, 1, 1));
        for other in [Arc::draw(key, 1, 2), Arc::draw(key, 2, 1), Arc::draw(key.child(0), 1, 1)] {
            assert!(other.obstruction != here.obstruction && other.shadow != here.shadow);
        }
    }

    #[test]
    fn losses_have_their_means_and_quantiles() {
        // P(NLOS) times clutter: 0.602 * 29.0 = 17.46 dB, to four standard errors.
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        let outside = losses_of_places(Environment::DenseUrban, Band::S, 30.0, None, PLACES);
        assert!((mean(&outside) - 17.46).abs() < 0.25, "{}", mean(&outside));
        // The share of places below a loss is the mixture of two normal distributions (erf by libm).
        let below = |loss: f64, middle: f64, sigma: f64| 0.5 * libm::erfc((middle - loss) / sigma / 2f64.sqrt());
        for (share, at) in [(0.1, PLACES / 10), (0.5, PLACES / 2), (0.9, PLACES / 10 * 9)] {
            let loss = outside[at as usize];
            let mixture = 0.398 * below(loss, 0.0, 2.9) + 0.602 * below(loss, 29.0, 12.4);
            assert!((mixture - share).abs() < 0.005, "{share}: {loss} {mixture}");
        }
        let walls = Building::Scenario1.walls();
        let inside = losses_of_places(Environment::DenseUrban, Band::S, 30.0, Some(&walls), PLACES);
        let alone = (0..PLACES).map(|n| walls.penetration(Key::root(0).child(u64::from(n))).0).sum::<f64>();
        assert!((mean(&inside) - mean(&outside) - alone / f64::from(PLACES)).abs() < 1e-6);
    }
}
