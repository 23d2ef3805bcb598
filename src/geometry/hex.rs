//! Hexagonal lattices: the sites of a cellular network, and a cluster of them closed upon itself.
//!
//! Axial coordinates (q, r) name the lattice point q·(1, 0) + r·(1/2, √3/2), in units of the distance between neighbours.
//! A cluster is the centre and the rings around it. Copies of it, moved by the vectors of a coarser lattice, fill the plane
//! without gap or overlap; identifying the copies closes the cluster, so that each of its points has a full neighbourhood.

use crate::rng::Draw;

/// Half of the square root of three: the height of a row of the lattice.
const ROW: f64 = 0.866_025_403_784_438_6;

/// A point of the lattice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Axial {
    /// Steps towards 0°.
    pub q: i32,
    /// Steps towards 60°.
    pub r: i32,
}

/// The six steps to the neighbours, at 0°, 60°, … 300°.
const STEPS: [Axial; 6] = [
    Axial { q: 1, r: 0 },
    Axial { q: 0, r: 1 },
    Axial { q: -1, r: 1 },
    Axial { q: -1, r: 0 },
    Axial { q: 0, r: -1 },
    Axial { q: 1, r: -1 },
];

impl Axial {
    /// How many steps lie between the point and the origin.
    #[must_use]
    pub fn ring(self) -> u32 {
        self.q.unsigned_abs().max(self.r.unsigned_abs()).max((self.q + self.r).unsigned_abs())
    }

    /// The point as (x, y), in units of the distance between neighbours.
    #[must_use]
    pub fn position(self) -> (f64, f64) {
        (f64::from(self.q) + 0.5 * f64::from(self.r), ROW * f64::from(self.r))
    }

    /// The sum of the two as vectors.
    #[must_use]
    pub fn plus(self, other: Axial) -> Axial {
        Axial { q: self.q + other.q, r: self.r + other.r }
    }

    /// The vector made `n` times as long.
    #[must_use]
    pub fn times(self, n: i32) -> Axial {
        Axial { q: self.q * n, r: self.r * n }
    }

    /// Point number `index` of the spiral that starts at the origin and runs through ring after ring.
    #[must_use]
    pub fn of_index(index: u32) -> Axial {
        if index == 0 {
            return Axial::default();
        }
        // Ring k begins at 3k(k-1)+1.
        let mut ring = 1;
        while points(ring) <= index {
            ring += 1;
        }
        let place = index - points(ring - 1);
        let (side, along) = ((place / ring) as usize, (place % ring) as i32);
        STEPS[side].times(ring as i32).plus(STEPS[(side + 2) % 6].times(along))
    }

    /// The place of the point on the spiral; the inverse of [`Axial::of_index`].
    #[must_use]
    pub fn index(self) -> u32 {
        let ring = self.ring();
        for side in 0..6u32 {
            let corner = STEPS[side as usize].times(ring as i32);
            let step = STEPS[(side as usize + 2) % 6];
            let delta = Axial { q: self.q - corner.q, r: self.r - corner.r };
            let along = delta.q * step.q.signum() + if step.q == 0 { delta.r * step.r } else { 0 };
            if (0..ring as i32).contains(&along) && step.times(along) == delta {
                return points(ring - 1) + side * ring + along as u32;
            }
        }
        0
    }
}

/// How many points a cluster of so many rings has: 1, 7, 19, 37, …
#[must_use]
pub fn points(rings: u32) -> u32 {
    3 * rings * (rings + 1) + 1
}

/// The centre and the rings around it, closed upon itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Rings around the centre.
    pub rings: u32,
}

impl Cluster {
    /// The vectors from the cluster to the six copies around it: (2R+1, −R) and its rotations.
    #[must_use]
    pub fn translations(self) -> [Axial; 6] {
        let rings = self.rings as i32;
        let mut vector = Axial { q: 2 * rings + 1, r: -rings };
        [(); 6].map(|()| {
            let this = vector;
            vector = Axial { q: -this.r, r: this.q + this.r };
            this
        })
    }

    /// The point of the cluster that `point`, anywhere in the plane, is a copy of.
    #[must_use]
    pub fn wrap(self, point: Axial) -> Axial {
        let [first, second, ..] = self.translations();
        let (rings, size) = (f64::from(self.rings), f64::from(points(self.rings)));
        let (q, r) = (f64::from(point.q), f64::from(point.r));
        // The point as multiples of the two vectors, rounded to the copy nearest to it, or a neighbour of that copy.
        let near = |x: f64| (x + 0.5).floor() as i32;
        let (i, j) = (near((q * (rings + 1.0) - r * rings) / size), near((q * rings + r * (2.0 * rings + 1.0)) / size));
        (-1..=1)
            .flat_map(|di| (-1..=1).map(move |dj| (di, dj)))
            .map(|(di, dj)| point.plus(first.times(-(i + di))).plus(second.times(-(j + dj))))
            .min_by_key(|candidate| candidate.ring())
            .unwrap_or_default()
    }

    /// The indices of the points at the first `N` places of the spiral around the point with this index.
    #[must_use]
    pub fn around<const N: usize>(self, index: u32) -> [u32; N] {
        let centre = Axial::of_index(index);
        let mut place = 0;
        [(); N].map(|()| {
            let point = centre.plus(Axial::of_index(place));
            place += 1;
            self.wrap(point).index()
        })
    }
}

/// A point uniformly in the hexagon of all places nearer to the origin than to any other point of the lattice.
///
/// `third` (0, 1 or 2) chooses one of the three rhombi that make up the hexagon, the two draws the place in it. In units of
/// the distance between neighbours.
#[inline]
#[must_use]
pub fn point_in_cell(third: u64, along: Draw, across: Draw) -> (f64, f64) {
    /// Corners of the hexagon at 30°, 150° and 270°; its other corners are sums of two of them.
    const CORNERS: [(f64, f64); 3] = [(0.5, ROW / 3.0), (-0.5, ROW / 3.0), (0.0, -ROW / 1.5)];
    let (a, b) = (CORNERS[(third % 3) as usize], CORNERS[((third + 1) % 3) as usize]);
    let (u, v) = (along.unit(), across.unit());
    (u * a.0 + v * b.0, u * a.1 + v * b.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Key, Purpose};
    use std::collections::BTreeSet;

    fn distance(a: Axial, b: Axial) -> u32 {
        a.plus(b.times(-1)).ring()
    }

    #[test]
    fn index_and_point_are_inverse_to_each_other() {
        for index in 0..points(40) {
            let point = Axial::of_index(index);
            assert_eq!(point.index(), index, "{point:?}");
            assert!(points(point.ring()) > index && (index == 0 || points(point.ring() - 1) <= index));
        }
    }

    #[test]
    fn neighbours_are_one_unit_away() {
        for place in 1..7 {
            let (x, y) = Axial::of_index(place).position();
            assert!((x * x + y * y - 1.0).abs() < 1e-15);
            // In the order of their direction: 0°, 60°, …
            assert!((y.atan2(x).to_degrees().rem_euclid(360.0) - 60.0 * f64::from(place - 1)).abs() < 1e-9);
        }
    }

    #[test]
    fn copies_of_the_cluster_tile_the_plane() {
        for rings in 0..5 {
            let cluster = Cluster { rings };
            let mut hits = vec![0; points(rings) as usize];
            for index in 0..points(3 * rings + 4) {
                let point = Axial::of_index(index);
                let home = cluster.wrap(point);
                assert!(home.ring() <= rings, "{point:?} -> {home:?}");
                hits[home.index() as usize] += 1;
                for vector in cluster.translations() {
                    assert_eq!(cluster.wrap(point.plus(vector)), home);
                }
            }
            assert!(hits.iter().all(|&n| n > 0));
        }
    }

    #[test]
    fn the_vectors_of_nineteen_sites() {
        // (2R+1, -R) for R = 2 has the length sqrt(19) of a cluster of 19 points.
        for vector in (Cluster { rings: 2 }).translations() {
            let (x, y) = vector.position();
            assert!((x * x + y * y - 19.0).abs() < 1e-12);
        }
    }

    #[test]
    fn every_site_sees_the_same_neighbourhood() {
        for rings in 2..5 {
            let cluster = Cluster { rings };
            for index in 0..points(rings) {
                let around: [u32; 19] = cluster.around(index);
                assert_eq!(around[0], index);
                assert_eq!(around.iter().collect::<BTreeSet<_>>().len(), 19, "no site twice");
                // The neighbours in the plane are, after wrapping, neighbours of one another in the same way.
                for &neighbour in &around[1..7] {
                    let back: [u32; 7] = cluster.around(neighbour);
                    assert!(back.contains(&index));
                }
            }
            let centre = Axial::default();
            assert!((0..19).all(|i| distance(Axial::of_index(i), centre) <= 2));
        }
        // One site alone is surrounded by itself.
        assert_eq!(Cluster { rings: 0 }.around::<19>(0), [0; 19]);
    }

    #[test]
    fn points_fill_the_hexagon_evenly() {
        let (key, n) = (Key::root(5), 200_000u64);
        let (mut sum, mut square) = ((0.0, 0.0), 0.0);
        for i in 0..n {
            let draw = |c| key.draw(Purpose::Position, 3 * i + c);
            let (x, y) = point_in_cell(draw(0).below(3), draw(1), draw(2));
            for place in 1..7 {
                let (px, py) = Axial::of_index(place).position();
                assert!(x * x + y * y <= (x - px).powi(2) + (y - py).powi(2) + 1e-12);
            }
            sum = (sum.0 + x, sum.1 + y);
            square += x * x + y * y;
        }
        // Mean square distance of a hexagon with the inradius 1/2: 5/12 of the squared circumradius 1/3.
        assert!((sum.0 / n as f64).abs() < 2e-3 && (sum.1 / n as f64).abs() < 2e-3);
        assert!((square / n as f64 - 5.0 / 36.0).abs() < 1e-3, "{}", square / n as f64);
    }
}
