//! Many beams of one satellite: hexagons in the plane of direction cosines (TR 38.821 clause 6.1.1.1), frequency reuse, and what
//! beams of the same channel do to each other.
//!
//! Directions are unit vectors seen from the satellite, (u, v, w), w towards the nadir. A layout that moves with the satellite has its
//! beams at the same directions for ever; one that stays on the ground is made anew for each instant from the directions of its cells.

use super::beam::{Beam, SMALLEST, pattern};
use crate::geometry::hex::{Axial, points};
use crate::geometry::nadir::EARTH_RADIUS;
use crate::units::{Db, Metres};

/// A unit vector.
pub type Direction = [f64; 3];

/// How frequencies are shared between beams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// Each beam has all of it.
    One,
    /// Three frequencies.
    Three,
    /// Two frequencies in two polarizations each, which do not disturb each other.
    TwoPolarized,
}

impl Reuse {
    /// Channels among which beams are divided.
    #[must_use]
    pub fn channels(self) -> u32 {
        match self {
            Reuse::One => 1,
            Reuse::Three => 3,
            Reuse::TwoPolarized => 4,
        }
    }

    /// The share of the bandwidth that a beam has.
    #[must_use]
    pub fn bandwidth_share(self) -> f64 {
        match self {
            Reuse::One => 1.0,
            Reuse::Three => 1.0 / 3.0,
            Reuse::TwoPolarized => 0.5,
        }
    }

    /// The channel of the beam at a point of the lattice. Neighbours have different ones if there are several.
    #[must_use]
    pub fn channel(self, Axial { q, r }: Axial) -> u32 {
        match self {
            Reuse::One => 0,
            Reuse::Three => (q - r).rem_euclid(3) as u32,
            Reuse::TwoPolarized => (q.rem_euclid(2) + 2 * r.rem_euclid(2)) as u32,
        }
    }
}

/// Beams that one satellite has at a time.
#[derive(Clone, Debug)]
pub struct Layout {
    beams: Vec<Direction>,
    channels: Vec<u32>,
    shape: Shape,
    grid: Option<Grid>,
}

/// Where in a list the beams of a lattice are.
#[derive(Clone, Debug)]
struct Grid {
    middle: f64,
    spacing: f64,
    rings: i32,
    /// By rows; beams that miss the Earth have no number.
    numbers: Vec<Option<u32>>,
}

impl Grid {
    fn place(&self, Axial { q, r }: Axial) -> Option<usize> {
        let within = |x: i32| x.abs() <= self.rings;
        let row = 2 * self.rings + 1;
        (within(q) && within(r)).then(|| ((r + self.rings) * row + q + self.rings) as usize)
    }

    /// The beams around a direction. The nearest is one of them, for up to 60 degrees from the nadir, where a circle on the sphere is an
    /// ellipse in the plane, twice as long as wide.
    fn around(&self, [u, v, _]: Direction) -> impl Iterator<Item = usize> {
        let r = v / self.spacing / 0.75f64.sqrt();
        let q = (u - self.middle) / self.spacing - r / 2.0;
        let (q, r) = (q.floor() as i32, r.floor() as i32);
        let points = (-1..=2).flat_map(move |right| (-1..=2).map(move |up| Axial { q: q + right, r: r + up }));
        points.filter_map(|point| Some(self.numbers[self.place(point)?]? as usize))
    }
}

/// What a terminal hears of a layout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heard {
    /// Number of the beam that it hears best.
    pub beam: usize,
    /// Gain of it over that in its middle, as a ratio.
    pub gain: f64,
    /// Sum of the gains of all other beams of the same channel, likewise.
    pub interference: f64,
}

impl Layout {
    /// A beam in the middle, so many degrees from the nadir, and rings around it; of these, beams that miss the Earth are left out. The distance
    /// between the middles of neighbours is √3/2 of the width of `cells`, the beam that has the cells made: three of them meet
    /// where each is 3 dB down. `beam` is the one whose gains are told, which is another one if the satellite receives with
    /// another antenna. `None` if beams are too wide to have an edge.
    #[must_use]
    pub fn hexagonal(
        cells: Beam,
        beam: Beam,
        altitude: Metres,
        middle_deg: f64,
        rings: u32,
        reuse: Reuse,
    ) -> Option<Layout> {
        let spacing = libm::sin(0.75f64.sqrt() * cells.width_deg()?.to_radians());
        let horizon = EARTH_RADIUS.0 / (EARTH_RADIUS.0 + altitude.0);
        let middle = libm::sin(middle_deg.to_radians());
        let size = 2 * rings as usize + 1;
        let mut grid = Grid { middle, spacing, rings: rings as i32, numbers: vec![None; size * size] };
        let mut places = Vec::new();
        for point in (0..points(rings)).map(Axial::of_index) {
            let (x, y) = point.position();
            let (u, v) = (middle + x * spacing, y * spacing);
            // The first one is asked for, whatever it sees.
            if places.is_empty() || u * u + v * v < horizon * horizon {
                if let Some(place) = grid.place(point) {
                    grid.numbers[place] = Some(places.len() as u32);
                }
                places.push(([u, v, (1.0 - u * u - v * v).max(0.0).sqrt()], reuse.channel(point)));
            }
        }
        Some(Layout { grid: Some(grid), ..Layout::of(beam, places) })
    }

    /// Beams in given directions, each with its channel.
    #[must_use]
    pub fn of(beam: Beam, beams: impl IntoIterator<Item = (Direction, u32)>) -> Layout {
        let (beams, channels) = beams.into_iter().unzip();
        Layout { beams, channels, shape: Shape::new(beam), grid: None }
    }

    /// The directions of the beams.
    #[must_use]
    pub fn beams(&self) -> &[Direction] {
        &self.beams
    }

    /// The beam whose middle is nearest to a direction; `None` if there is no beam.
    #[must_use]
    pub fn nearest(&self, towards: Direction) -> Option<usize> {
        if self.beams.len() == 1 {
            return Some(0);
        }
        let near = |a: &usize, b: &usize| dot(self.beams[*a], towards).total_cmp(&dot(self.beams[*b], towards));
        let close = self.grid.as_ref().and_then(|grid| grid.around(towards).max_by(near));
        close.or_else(|| (0..self.beams.len()).max_by(near))
    }

    /// Gain in a direction of the beam with this number over that in its middle, as a ratio.
    #[must_use]
    pub fn gain(&self, beam: usize, towards: Direction) -> f64 {
        self.shape.gain(sine_square(self.beams[beam], towards))
    }

    /// What is heard in a direction of the beam whose middle is nearest, and of those of its channel; `None` if there is no beam.
    #[must_use]
    pub fn heard(&self, towards: Direction) -> Option<Heard> {
        Some(self.heard_from(self.nearest(towards)?, towards))
    }

    /// What is heard in a direction of the beam with this number, and of those of its channel.
    #[must_use]
    pub fn heard_from(&self, beam: usize, towards: Direction) -> Heard {
        let gain = |direction: Direction| self.shape.gain(sine_square(direction, towards));
        let interference = self.beside(beam).map(gain).sum();
        Heard { beam, gain: gain(self.beams[beam]), interference }
    }

    /// The same in the uplink, where others disturb that send with the same power from the middles of their beams.
    #[must_use]
    pub fn hears_from(&self, beam: usize, sender: Direction) -> Heard {
        let own = self.beams[beam];
        let gain = |direction: Direction| self.shape.gain(sine_square(direction, own));
        let interference = self.beside(beam).map(gain).sum();
        Heard { beam, gain: gain(sender), interference }
    }

    /// The directions of all other beams of a beam's channel.
    fn beside(&self, beam: usize) -> impl Iterator<Item = Direction> {
        let alike = move |number: &usize| *number != beam && self.channels[*number] == self.channels[beam];
        (0..self.beams.len()).filter(alike).map(|number| self.beams[number])
    }
}

impl Heard {
    /// Carrier over interference if the other beams are lit for that share of the time, 0 to 1: their load, times the share of the
    /// time that a beam has its turn where beams hop. `None` if nobody disturbs.
    #[must_use]
    pub fn carrier_to_interference(&self, lit: f64) -> Option<Db> {
        let disturbance = self.interference * lit;
        (disturbance > 0.0).then(|| Db::from_linear(self.gain / disturbance))
    }
}

/// The direction from a satellite to a place that lies `ahead_deg` before the point below it and `aside_deg` beside its track, as
/// angles at the centre of the Earth. Steered beams, each on its cell, are a layout [`of`](Layout::of) such directions.
#[must_use]
pub fn direction_to(Metres(altitude): Metres, ahead_deg: f64, aside_deg: f64) -> Direction {
    let Metres(radius) = EARTH_RADIUS;
    let ((sine, cosine), (beside, along)) =
        (libm::sincos(ahead_deg.to_radians()), libm::sincos(aside_deg.to_radians()));
    let (x, y, down) = (radius * along * sine, radius * beside, radius + altitude - radius * along * cosine);
    let distance = (x * x + y * y + down * down).sqrt();
    [x / distance, y / distance, down / distance]
}

fn dot(a: Direction, b: Direction) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// The square of the sine of the angle between two directions, by the vector product, which keeps its digits for small angles.
#[must_use]
pub fn sine_square(a: Direction, b: Direction) -> f64 {
    let (x, y, z) = (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]);
    x * x + y * y + z * z
}

/// The pattern of a beam as a table over the square of its argument, in which it is smooth.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Square of the wave number times the radius of the aperture.
    scale: f64,
    values: Vec<f64>,
}

/// Values in one unit of the squared argument.
const PER_UNIT: f64 = 32.0;
/// The squared argument up to which there are values: beyond it, 44 dB down, ripples are averaged out.
const TABLE_END: f64 = 1_024.0;

impl Shape {
    /// The table for a beam.
    #[must_use]
    pub fn new(beam: Beam) -> Shape {
        let count = (TABLE_END * PER_UNIT) as usize + 2;
        let value = |number: usize| pattern((number as f64 / PER_UNIT).sqrt());
        Shape { scale: beam.ka * beam.ka, values: (0..count).map(value).collect() }
    }

    /// Gain over that in the middle, as a ratio, at the square of the sine of the angle to it.
    #[inline]
    #[must_use]
    pub fn gain(&self, sine_square: f64) -> f64 {
        let square = self.scale * sine_square;
        if square >= TABLE_END {
            // 4 (J1(x) / x)² is about 8 / (π x³) times a squared cosine, which is one half on average.
            return (4.0 * std::f64::consts::FRAC_1_PI / (square * square.sqrt())).max(SMALLEST);
        }
        let place = square * PER_UNIT;
        let number = place as usize;
        let (from, to) = (self.values[number], self.values[number + 1]);
        from + (to - from) * (place - number as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::nadir::{central_angle, nadir_angle};
    use crate::units::Hertz;

    fn set_1() -> Beam {
        Beam::new(Hertz(2e9), Metres(2.0))
    }

    /// J1 by its integral (DLMF 10.9.2), which the midpoint rule has to all digits.
    fn bessel(x: f64) -> f64 {
        let n = 2_000;
        let at = |i: i32| std::f64::consts::PI * (f64::from(i) + 0.5) / f64::from(n);
        (0..n).map(|i| (at(i) - x * at(i).sin()).cos()).sum::<f64>() / f64::from(n)
    }

    /// The same sum in the plainest way: angles by arc cosine, the pattern by an integral.
    fn slow(layout: &Layout, towards: Direction) -> (usize, f64, f64) {
        let angles: Vec<f64> =
            layout.beams.iter().map(|beam| dot(*beam, towards).clamp(-1.0, 1.0).acos().to_degrees()).collect();
        let best = (0..angles.len()).min_by(|a, b| angles[*a].total_cmp(&angles[*b])).unwrap();
        let gain = |angle: f64| {
            let x = set_1().ka * angle.to_radians().sin();
            if x < 1e-9 { 1.0 } else { (2.0 * bessel(x) / x).powi(2) }
        };
        let others = (0..angles.len()).filter(|beam| *beam != best && layout.channels[*beam] == layout.channels[best]);
        (best, gain(angles[best]), others.map(|beam| gain(angles[beam])).sum())
    }

    #[test]
    fn interference_is_that_of_a_plain_sum() {
        for reuse in [Reuse::One, Reuse::Three, Reuse::TwoPolarized] {
            let layout = Layout::hexagonal(set_1(), set_1(), Metres(600e3), 20.0, 4, reuse).unwrap();
            assert_eq!(layout.beams().len(), 61);
            for (u, v) in [(0.342, 0.0), (0.36, 0.01), (0.38, -0.025), (0.30, 0.031), (0.1, 0.1)] {
                let towards = [u, v, (1.0f64 - u * u - v * v).sqrt()];
                let heard = layout.heard(towards).unwrap();
                let (beam, gain, interference) = slow(&layout, towards);
                assert_eq!(heard.beam, beam);
                let near = |got: f64, want: f64| (got - want).abs() < 2e-5 + 5e-3 * want.abs();
                assert!(
                    near(heard.gain, gain) && near(heard.interference, interference),
                    "{heard:?} {gain} {interference}"
                );
            }
        }
    }

    #[test]
    fn the_nearest_beam_is_found_in_the_lattice() {
        let layout = Layout::hexagonal(set_1(), set_1(), Metres(600e3), 0.0, 14, Reuse::Three).unwrap();
        for number in 0..2_000 {
            // All around, up to 58 degrees from the nadir.
            let (u, v) = (
                0.85 * f64::from(number) / 2_000.0 * f64::from(number).cos(),
                0.85 * f64::from(number) / 2_000.0 * f64::from(number).sin(),
            );
            let towards = [u, v, (1.0 - u * u - v * v).sqrt()];
            let near = |beam: &usize| dot(layout.beams[*beam], towards);
            let nearest = (0..layout.beams.len()).max_by(|a, b| near(a).total_cmp(&near(b)));
            assert_eq!(layout.nearest(towards), nearest, "{u} {v}");
        }
    }

    #[test]
    fn neighbours_meet_at_3_db_and_have_other_channels() {
        let layout = Layout::hexagonal(set_1(), set_1(), Metres(600e3), 0.0, 3, Reuse::Three).unwrap();
        // Where three hexagons meet: a third of the way between the middles, seen from the centre of their triangle.
        let [first, second, third] = [0, 1, 2].map(|number| layout.beams[number]);
        let sum: Vec<f64> = (0..3).map(|axis| first[axis] + second[axis] + third[axis]).collect();
        let length = sum.iter().map(|x| x * x).sum::<f64>().sqrt();
        let corner = [sum[0] / length, sum[1] / length, sum[2] / length];
        let gain = layout.heard(corner).unwrap().gain;
        assert!((Db::from_linear(gain).0 + 3.0).abs() < 0.05, "{}", Db::from_linear(gain).0);
        for reuse in [Reuse::Three, Reuse::TwoPolarized] {
            let mut seen: Vec<u32> = (0..19).map(|index| reuse.channel(Axial::of_index(index))).collect();
            assert!((1..7).all(|index| reuse.channel(Axial::of_index(index)) != seen[0]));
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len() as u32, reuse.channels());
        }
    }

    #[test]
    fn fewer_share_a_channel_and_fewer_are_lit() {
        let ratio = |reuse, lit| {
            let layout = Layout::hexagonal(set_1(), set_1(), Metres(600e3), 0.0, 4, reuse).unwrap();
            layout.heard(layout.beams[0]).unwrap().carrier_to_interference(lit).unwrap().0
        };
        let (one, three, four) = (ratio(Reuse::One, 1.0), ratio(Reuse::Three, 1.0), ratio(Reuse::TwoPolarized, 1.0));
        assert!(one < three && one < four && one > 0.0, "{one} {three} {four}");
        assert!((ratio(Reuse::One, 0.25) - one - 6.0206).abs() < 1e-3);
        let alone = Layout::hexagonal(set_1(), set_1(), Metres(600e3), 0.0, 0, Reuse::One).unwrap();
        assert_eq!(alone.heard([0.0, 0.0, 1.0]).unwrap().carrier_to_interference(1.0), None);
    }

    #[test]
    fn a_steered_beam_stays_and_a_moving_one_leaves() {
        let altitude = Metres(600e3);
        for elevation in [30.0, 60.0, 90.0] {
            // The angle from the nadir is that of the triangle with the centre of the Earth.
            let [u, _, w] = direction_to(altitude, central_angle(altitude, elevation), 0.0);
            assert!((u.atan2(w).to_degrees() - nadir_angle(altitude, elevation)).abs() < 1e-9, "{elevation}");
        }
        let cells = [(0.0, 0.0), (0.4, 0.1), (-0.1, 0.4)];
        let moving = Layout::hexagonal(set_1(), set_1(), altitude, 0.0, 0, Reuse::One).unwrap();
        let mut gains = Vec::new();
        // The satellite comes nearer by a tenth of a degree, some 11 km, at a time.
        for step in 0..60 {
            let ahead = 3.0 - f64::from(step) * 0.1;
            let seen = |(along, aside): (f64, f64)| direction_to(altitude, ahead + along, aside);
            let steered = Layout::of(set_1(), cells.map(|cell| (seen(cell), 0)));
            let heard = steered.heard(seen(cells[0])).unwrap();
            assert!(heard.beam == 0 && (heard.gain - 1.0).abs() < 1e-9 && heard.interference > 0.0);
            gains.push(moving.heard(seen(cells[0])).unwrap().gain);
        }
        // The footprint of 46 km is passed in some four of these steps.
        let within = gains.iter().filter(|gain| Db::from_linear(**gain).0 >= -3.0).count();
        assert!((3..=5).contains(&within), "{within}");
    }

    #[test]
    fn the_table_is_the_pattern() {
        let shape = Shape::new(set_1());
        for number in 0..2_000 {
            let x = 31.9 * f64::from(number) / 2_000.0;
            let sine_square = x * x / shape.scale;
            assert!((shape.gain(sine_square) - pattern(x)).abs() < 7e-6, "{x}");
        }
    }
}
