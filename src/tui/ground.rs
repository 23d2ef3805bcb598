//! Where things are on the ground, and where that is on the screen: a plane of metres, or the Earth in degrees where the
//! scenario says at which place of it the plane lies. Knows no result.
//!
//! The whole Earth and a few streets are drawn alike: degrees of latitude downwards, degrees of longitude across, these as
//! long as they are at the latitude in the middle of the screen (plate carrée with that standard parallel). So one can go
//! from one to the other without a seam.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::symbols::Marker;
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Map, MapResolution};

use super::canvas::Dots;
use crate::catalog::value::Real;
use crate::scenario::schema::Origin;

/// Metres to a degree of latitude, on a sphere with the mean radius of the Earth (IUGG, 6371.0088 km).
const DEGREE_M: f64 = 6_371_008.8 * std::f64::consts::PI / 180.0;

/// A place on the ground: metres east and north, or degrees east and north.
pub(super) type Spot = (f64, f64);

/// What places on the ground are counted in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Ground {
    /// Metres from the first site of a network, wherever that is.
    Plane,
    /// Degrees of longitude and latitude; the first site stands at the origin.
    Earth(Origin),
}

impl Ground {
    /// That of a scenario.
    pub(super) fn of(scenario: &serde_json::Value) -> Ground {
        let origin = scenario.get("origin").and_then(|origin| serde_json::from_value(origin.clone()).ok());
        origin.map_or(Ground::Plane, Ground::Earth)
    }

    /// The place so many metres east and north of the first site.
    pub(super) fn spot(self, (east, north): (f64, f64)) -> Spot {
        match self {
            Ground::Plane => (east, north),
            Ground::Earth(Origin { latitude_deg: latitude, longitude_deg: longitude }) => {
                let shrunk = latitude.0.to_radians().cos();
                (longitude.0 + east / DEGREE_M / shrunk, latitude.0 + north / DEGREE_M)
            }
        }
    }

    /// Metres to one of what places are counted in, from south to north.
    pub(super) fn metres(self) -> f64 {
        match self {
            Ground::Plane => 1.0,
            Ground::Earth(_) => DEGREE_M,
        }
    }
}

/// The Earth as its own ground, in degrees.
pub(super) const EARTH: Ground = Ground::Earth(Origin { latitude_deg: Real(0.0), longitude_deg: Real(0.0) });

/// The part of the ground that is on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sight {
    /// What is in the middle.
    pub centre: Spot,
    /// How much ground there is to a dot, across and down.
    pub per_dot: (f64, f64),
    /// Dots across and down.
    dots: (f64, f64),
    /// Whether east is west of west.
    round: bool,
}

impl Sight {
    /// Ground around a place, with so much of it to a dot from south to north.
    pub(super) fn new(ground: Ground, centre: Spot, per_dot: f64, dots: (f64, f64)) -> Sight {
        let plane = Sight { centre, per_dot: (per_dot, per_dot), dots, round: false };
        if ground == Ground::Plane {
            return plane;
        }
        // No pole in the middle, and no more sky than there must be above and below.
        let beyond = (90.0 - per_dot * dots.1 / 2.0).clamp(0.0, 85.0);
        let centre = (turned(centre.0), centre.1.clamp(-beyond, beyond));
        Sight { centre, per_dot: (per_dot / centre.1.to_radians().cos(), per_dot), round: true, ..plane }
    }

    /// The least ground to a dot with which the whole Earth is on the screen.
    pub(super) fn whole_earth(dots: (f64, f64)) -> f64 {
        (360.0 / dots.0).max(180.0 / dots.1)
    }

    /// The dot of a place; `None` if it is not on the screen.
    pub(super) fn dot(&self, spot: Spot) -> Option<(f64, f64)> {
        let east = spot.0 - self.centre.0;
        let east = if self.round { turned(east) } else { east };
        let x = east / self.per_dot.0 + self.dots.0 / 2.0;
        let y = (self.centre.1 - spot.1) / self.per_dot.1 + self.dots.1 / 2.0;
        ((0.0..self.dots.0).contains(&x) && (0.0..self.dots.1).contains(&y)).then_some((x, y))
    }

    /// Sets the dots of the shorter way between two places on Earth. Each is set where it is, so that nothing is drawn from one edge
    /// of the map to the other.
    pub(super) fn stroke(&self, dots: &mut Dots, from: Spot, to: Spot) {
        let (east, north) = (turned(to.0 - from.0), to.1 - from.1);
        let steps = (east / self.per_dot.0).abs().max((north / self.per_dot.1).abs()).ceil().clamp(1.0, 10_000.0);
        for step in 0..=steps as u32 {
            let t = f64::from(step) / steps;
            if let Some((x, y)) = self.dot((from.0 + east * t, from.1 + north * t)) {
                dots.set(x, y);
            }
        }
    }

    /// Sets the dots of the coasts of the Earth. The library has some five thousand points of them, a degree apart, so that
    /// there are only single ones in a close view.
    pub(super) fn coasts(&self, dots: &mut Dots) {
        let (columns, rows) = dots.characters();
        let area = Rect::new(0, 0, columns, rows);
        // From the middle of the first dot to that of the last; the Earth goes round once and no further.
        let reach = |of: (f64, f64)| (of.1 - 1.0) / 2.0 * of.0;
        let (wide, high) = (reach((self.per_dot.0, self.dots.0)), reach((self.per_dot.1, self.dots.1)));
        for turn in [-360.0, 0.0, 360.0] {
            let (west, east) = (self.centre.0 - wide + turn, self.centre.0 + wide + turn);
            if east < -180.0 || west > 180.0 {
                continue;
            }
            let mut buffer = Buffer::empty(area);
            Canvas::default()
                .marker(Marker::Braille)
                .x_bounds([west, east])
                .y_bounds([self.centre.1 - high, self.centre.1 + high])
                .paint(|context| context.draw(&Map { resolution: MapResolution::High, color: Color::Reset }))
                .render(area, &mut buffer);
            for (column, row) in area.positions().map(|position| (position.x, position.y)) {
                let east = (f64::from(column) * 2.0 + 1.0 - self.dots.0 / 2.0) * self.per_dot.0;
                if east.abs() <= 180.0 {
                    dots.add((column, row), buffer[(column, row)].symbol());
                }
            }
        }
    }
}

/// Degrees of longitude within half a turn of zero.
fn turned(degrees: f64) -> f64 {
    (degrees + 180.0).rem_euclid(360.0) - 180.0
}

/// A place as people write it: `38.72° N 9.14° W`.
pub(super) fn degrees((east, north): Spot) -> String {
    let side = |value: f64, [above, below]: [char; 2]| {
        format!("{:.2}° {}", value.abs(), if value < 0.0 { below } else { above })
    };
    format!("{} {}", side(north, ['N', 'S']), side(turned(east), ['E', 'W']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn earth(latitude: f64, longitude: f64) -> Ground {
        Ground::Earth(Origin { latitude_deg: Real(latitude), longitude_deg: Real(longitude) })
    }

    /// The great-circle distance between two places, km (haversine formula).
    fn apart(a: Spot, b: Spot) -> f64 {
        let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
        let h = half(b.1 - a.1) + a.1.to_radians().cos() * b.1.to_radians().cos() * half(b.0 - a.0);
        2.0 * 6_371.008_8 * h.sqrt().asin()
    }

    #[test]
    fn metres_lie_where_the_documentation_says() {
        let hamburg = earth(53.55, 9.99);
        let centre = hamburg.spot((0.0, 0.0));
        assert_eq!(centre, (9.99, 53.55));
        for metres in [(10_000.0, 0.0), (0.0, -10_000.0), (-7_071.0, 7_071.0)] {
            assert!((apart(centre, hamburg.spot(metres)) - 10.0).abs() < 0.02, "{metres:?}");
        }
        // Two per cent at 100 km north of 52 degrees.
        let london = earth(52.0, 0.0);
        let stretched = apart(london.spot((-50_000.0, 100_000.0)), london.spot((50_000.0, 100_000.0))) / 100.0;
        assert!((stretched - 0.98).abs() < 0.001, "{stretched}");
        assert_eq!(Ground::Plane.spot((3.0, 4.0)), (3.0, 4.0));
    }

    #[test]
    fn a_scenario_says_what_its_ground_is() {
        let with = serde_json::json!({"origin": {"latitude_deg": 53.55, "longitude_deg": 9.99}});
        assert_eq!(Ground::of(&with), earth(53.55, 9.99));
        assert_eq!(Ground::of(&serde_json::json!({})), Ground::Plane);
    }

    #[test]
    fn a_region_on_earth_looks_like_its_plane() {
        let dots = (100.0, 60.0);
        let plane = Sight::new(Ground::Plane, (0.0, 0.0), 50.0, dots);
        let earth = earth(53.55, 9.99);
        let sight = Sight::new(earth, earth.spot((0.0, 0.0)), 50.0 / earth.metres(), dots);
        for metres in [(0.0, 0.0), (2_000.0, 1_000.0), (-2_400.0, -1_400.0)] {
            let (a, b) = (plane.dot(metres).unwrap(), sight.dot(earth.spot(metres)).unwrap());
            assert!((a.0 - b.0).abs() < 1e-6 && (a.1 - b.1).abs() < 1e-6, "{a:?} {b:?}");
        }
        assert_eq!(plane.dot((2_500.0, 0.0)), None);
    }

    #[test]
    fn the_whole_earth_goes_round_the_date_line() {
        let dots = (180.0, 90.0);
        let whole = Sight::whole_earth(dots);
        assert_eq!(whole, 2.0);
        // Centred on Fiji: what is east of the date line stands on the right of it.
        let sight = Sight::new(earth(-17.8, 178.0), (178.0, -17.8), whole, dots);
        assert_eq!((sight.centre, sight.per_dot), ((178.0, 0.0), (2.0, 2.0)), "no room to go south");
        assert_eq!(sight.dot((178.0, 0.0)), Some((90.0, 45.0)));
        assert_eq!(sight.dot((-178.0, 0.0)), Some((92.0, 45.0)));
        assert_eq!(sight.dot((538.0, 89.0)), Some((90.0, 0.5)));
        let close = Sight::new(earth(80.0, 0.0), (0.0, 89.0), 0.01, dots);
        assert_eq!(close.centre.1, 85.0, "the pole is never in the middle");
    }

    #[test]
    fn coasts_are_where_they_are() {
        let shown = |centre: Spot, per_dot: f64, (columns, rows): (u16, u16)| {
            let mut dots = Dots::new(columns, rows);
            let sight = Sight::new(earth(centre.1, centre.0), centre, per_dot, dots.size());
            sight.coasts(&mut dots);
            (dots, sight)
        };
        // The strait of Gibraltar is on a coast, and the middle of Africa and of the Pacific are not.
        for centre in [(0.0, 0.0), (178.0, 0.0), (-90.0, 0.0)] {
            let (dots, sight) = shown(centre, 2.0, (90, 23));
            let near = |spot: Spot| {
                let (x, y) = sight.dot(spot).unwrap();
                dots.has((x as u16 / 2, y as u16 / 4))
            };
            assert!(near((-5.6, 36.0)) && near((103.8, 1.3)), "{centre:?}");
            assert!(!near((22.0, 8.0)) && !near((-150.0, -35.0)), "{centre:?}");
        }
        // The Earth is shown once where there is room for more.
        let (dots, _) = shown((0.0, 0.0), 4.0, (90, 12));
        assert!((0..12).all(|row| (0..20).chain(70..90).all(|column| !dots.has((column, row)))));
    }

    #[test]
    fn places_are_written_as_people_do() {
        assert_eq!(degrees((-9.14, 38.72)), "38.72° N 9.14° W");
        assert_eq!(degrees((190.0, -5.0)), "5.00° S 170.00° W");
    }
}
