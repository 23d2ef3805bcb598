//! The plane of a cluster that is closed upon itself: places in metres, the site nearest to each, and coordinates that repeat.

use super::hex::{Axial, Cluster};

/// Twice the height of a row of the lattice: the square root of three.
const ROOT: f64 = 1.732_050_807_568_877_2;

/// A place, in metres from the centre site.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Towards 0°.
    pub x: f64,
    /// Towards 90°.
    pub y: f64,
}

impl Point {
    /// The sum of the two as vectors.
    #[must_use]
    pub fn plus(self, other: Point) -> Point {
        Point { x: self.x + other.x, y: self.y + other.y }
    }

    /// The vector made `factor` times as long.
    #[must_use]
    pub fn times(self, factor: f64) -> Point {
        Point { x: self.x * factor, y: self.y * factor }
    }

    /// Its distance from the origin.
    #[must_use]
    pub fn length(self) -> f64 {
        (self.x * self.x + self.y * self.y).sqrt()
    }
}

/// A cluster of hexagons whose centres are `pitch` metres apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Torus {
    /// The cluster.
    pub cluster: Cluster,
    /// From one site to the next, metres.
    pub pitch: f64,
}

impl Torus {
    /// The site in whose hexagon a place lies, and the place as seen from there.
    #[must_use]
    pub fn locate(self, point: Point) -> (u32, Point) {
        let (x, y) = (point.x / self.pitch, point.y / self.pitch);
        let near = round(x - y / ROOT, 2.0 * y / ROOT);
        let (sx, sy) = near.position();
        let local = Point { x: point.x - sx * self.pitch, y: point.y - sy * self.pitch };
        (self.cluster.wrap(near).index(), local)
    }

    /// The copy of a place that lies in the cluster.
    #[must_use]
    pub fn wrap(self, point: Point) -> Point {
        let (site, local) = self.locate(point);
        self.site(site).plus(local)
    }

    /// Where a site stands.
    #[must_use]
    pub fn site(self, site: u32) -> Point {
        let (x, y) = Axial::of_index(site).position();
        Point { x: x * self.pitch, y: y * self.pitch }
    }

    /// The two vectors from the cluster to its copies, of which the others are sums.
    #[must_use]
    pub fn periods(self) -> [Point; 2] {
        let [first, second, ..] = self.cluster.translations();
        [first, second].map(|vector| {
            let (x, y) = vector.position();
            Point { x: x * self.pitch, y: y * self.pitch }
        })
    }

    /// A place in units of the two periods: all its copies differ by whole numbers.
    #[must_use]
    pub fn turns(self, point: Point) -> (f64, f64) {
        let [a, b] = self.periods();
        let area = a.x * b.y - a.y * b.x;
        ((point.x * b.y - point.y * b.x) / area, (point.y * a.x - point.x * a.y) / area)
    }
}

/// The lattice point nearest to a place in axial coordinates: the coordinate with the largest rounding error follows from the
/// other two.
fn round(q: f64, r: f64) -> Axial {
    let s = -q - r;
    let (mut rq, mut rr, rs) = ((q + 0.5).floor(), (r + 0.5).floor(), (s + 0.5).floor());
    let (dq, dr, ds) = ((rq - q).abs(), (rr - r).abs(), (rs - s).abs());
    if dq > dr && dq > ds {
        rq = -rr - rs;
    } else if dr > ds {
        rr = -rq - rs;
    }
    Axial { q: rq as i32, r: rr as i32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Key, Purpose};

    #[test]
    fn every_place_is_nearest_to_its_site_and_repeats_with_the_periods() {
        for rings in [0, 1, 2, 4] {
            let torus = Torus { cluster: Cluster { rings }, pitch: 500.0 };
            for n in 0..2_000 {
                let unit = |c| 20.0 * (Key::root(1).child(n).draw(Purpose::Position, c).unit() - 0.5);
                let point = Point { x: unit(0) * torus.pitch, y: unit(1) * torus.pitch };
                let (site, local) = torus.locate(point);
                for neighbour in 1..7 {
                    let other = torus.site(0).plus(local).plus(torus.site(neighbour).times(-1.0));
                    assert!(local.length() <= other.length() + 1e-6);
                }
                for period in torus.periods() {
                    let (again, same) = torus.locate(point.plus(period));
                    assert_eq!(again, site);
                    assert!(same.plus(local.times(-1.0)).length() < 1e-6);
                    let ((u, v), (x, y)) = (torus.turns(point), torus.turns(point.plus(period)));
                    let whole = |d: f64| (d - d.round()).abs() < 1e-9;
                    assert!(whole(u - x) && whole(v - y));
                }
                assert_eq!(torus.locate(torus.wrap(point)).0, site);
            }
        }
    }
}
