//! Places that lie near one another, and the windows that they find on paths of satellites.
//!
//! The measure of a place at an instant is `up · away − sin(least elevation) · |away|`, away being the way to the satellite: not negative
//! if the satellite is above the least elevation, and smooth.

use super::track::{Around, Track};
use super::{Piece, Span};
use crate::geometry::earth::{Place, State};
use crate::geometry::vector::Vector;

/// Places in a block at most.
const MEMBERS: usize = 64;
/// Beginnings and ends are exact to this, s.
const EXACT_S: f64 = 1e-4;
/// Newton's step is exact to that once it is this short, s: what is left is its square times the curvature over the slope, some 0.01 / s.
const SHORT_STEP_S: f64 = 0.03;

/// Places that lie near one another.
pub(super) struct Block {
    /// Their numbers.
    pub members: Vec<usize>,
    places: Vec<Place>,
    /// The same by component, so that measures of several are computed at once; zero where there are no more places.
    columns: Columns,
    /// Their middle, and how far from it they reach.
    around: Around,
}

/// Divides places into blocks, halving them where they are spread the most.
pub(super) fn blocks(places: &[Place]) -> Vec<Block> {
    let mut done = Vec::new();
    let mut open: Vec<Vec<usize>> = vec![(0..places.len()).collect()];
    while let Some(mut members) = open.pop() {
        if members.is_empty() {
            continue;
        }
        if members.len() <= MEMBERS {
            done.push(Block::new(members, places));
            continue;
        }
        let part = |number: usize, axis: usize| {
            let Vector { x, y, z } = places[number].position;
            [x, y, z][axis]
        };
        let spread = |axis: usize| {
            let parts = members.iter().map(|number| part(*number, axis));
            let (least, most) = parts.fold((f64::MAX, f64::MIN), |(least, most), x| (least.min(x), most.max(x)));
            most - least
        };
        let axis = (0..3).max_by(|a, b| spread(*a).total_cmp(&spread(*b))).unwrap_or(0);
        members.sort_by(|a, b| part(*a, axis).total_cmp(&part(*b, axis)).then(a.cmp(b)));
        let upper = members.split_off(members.len() / 2);
        open.extend([members, upper]);
    }
    done
}

/// Components of positions and of directions to the zenith.
struct Columns {
    position: [[f64; MEMBERS]; 3],
    up: [[f64; MEMBERS]; 3],
}

/// What a place makes of the stretch between two knots.
#[derive(Clone, Copy)]
struct Stretch<'a> {
    track: &'a Track,
    knot: usize,
    place: &'a Place,
    sin: f64,
}

impl Block {
    fn new(members: Vec<usize>, all: &[Place]) -> Block {
        let places: Vec<Place> = members.iter().map(|number| all[*number]).collect();
        let directions = || places.iter().map(|place| place.position.unit());
        let sum = directions().fold(Vector::default(), |sum, direction| sum + direction);
        // Opposite places may cancel out; any middle does then.
        let middle = if sum.norm() > 1e-9 { sum.unit() } else { Vector::new(0.0, 0.0, 1.0) };
        let reach = directions().map(|direction| libm::acos(direction.dot(middle).clamp(-1.0, 1.0)));
        let reach = reach.fold(0.0, f64::max);
        let mut columns = Columns { position: [[0.0; MEMBERS]; 3], up: [[0.0; MEMBERS]; 3] };
        for (number, place) in places.iter().enumerate() {
            for (into, from) in [(&mut columns.position, place.position), (&mut columns.up, place.up)] {
                (into[0][number], into[1][number], into[2][number]) = (from.x, from.y, from.z);
            }
        }
        Block { members, places, columns, around: Around::new(middle, reach) }
    }

    /// The pieces of each place in a chunk, whose tracks these are, satellite by satellite.
    pub(super) fn pieces(&self, min_elevation_deg: f64, span: Span, tracks: &[Track], first: bool) -> Vec<Vec<Piece>> {
        let mut found = vec![Vec::new(); self.places.len()];
        let sin = libm::sin(min_elevation_deg.to_radians());
        for (satellite, track) in tracks.iter().enumerate() {
            self.follow(track, satellite as u32, sin, span, first, &mut found);
        }
        found
    }

    /// Follows one satellite.
    fn follow(&self, track: &Track, satellite: u32, sin: f64, span: Span, first: bool, found: &mut [Vec<Piece>]) {
        let count = self.places.len();
        let (mut here, mut next) = ([0.0; MEMBERS], [0.0; MEMBERS]);
        // Since when each place has seen the satellite, s.
        let mut since = [f64::NAN; MEMBERS];
        let mut known = false;
        let mut put = |place: usize, from: f64, to: f64| {
            let (start, end) = (span.start.plus(from), if to.is_nan() { span.end } else { span.start.plus(to) });
            found[place].push(Piece { satellite, continues: from == 0.0 && !first, start, end });
        };
        for (knot, cap) in track.caps.iter().enumerate() {
            if !cap.meets(&self.around) {
                known = false;
                continue;
            }
            let begins = knot as f64 * track.step_s;
            if !known {
                self.measure(&track.knots[knot], sin, &mut here);
                for place in (0..count).filter(|place| here[*place] >= 0.0) {
                    since[place] = begins;
                }
            }
            self.measure(&track.knots[knot + 1], sin, &mut next);
            let fastest = track.knots[knot].velocity.norm().max(track.knots[knot + 1].velocity.norm()) * 2.2;
            let far = -fastest * track.step_s / 2.0;
            for (place, (&a, &b)) in here.iter().zip(&next).enumerate().take(count) {
                if a.max(b) < far {
                    continue;
                }
                let stretch = Stretch { track, knot, place: &self.places[place], sin };
                match (a >= 0.0, b >= 0.0) {
                    (false, true) => since[place] = begins + stretch.root(0.0, a, track.step_s, b),
                    (true, false) => {
                        put(place, since[place], begins + stretch.root(0.0, a, track.step_s, b));
                        since[place] = f64::NAN;
                    }
                    (true, true) => (),
                    (false, false) => {
                        if let Some((from, to)) = stretch.hump(a, b) {
                            put(place, begins + from, begins + to);
                        }
                    }
                }
            }
            std::mem::swap(&mut here, &mut next);
            known = true;
        }
        // What is still seen at the end of the path: of the chunk, or of the satellite.
        let ends = track.caps.len() as f64 * track.step_s;
        for (place, since) in since.iter().enumerate().take(count) {
            if !since.is_nan() {
                put(place, *since, if track.lost.is_some() { ends } else { f64::NAN });
            }
        }
    }

    /// The measures of all places at an instant.
    fn measure(&self, state: &State, sin: f64, into: &mut [f64; MEMBERS]) {
        let Vector { x, y, z } = state.position;
        let Columns { position: [px, py, pz], up: [ux, uy, uz] } = &self.columns;
        for (n, into) in into.iter_mut().enumerate() {
            let (dx, dy, dz) = (x - px[n], y - py[n], z - pz[n]);
            *into = dx * ux[n] + dy * uy[n] + dz * uz[n] - sin * (dx * dx + dy * dy + dz * dz).sqrt();
        }
    }
}

impl Stretch<'_> {
    /// The measure and its slope `x` seconds behind the knot.
    fn at(&self, x: f64) -> (f64, f64) {
        self.of(&self.track.between(self.knot, x))
    }

    fn of(&self, state: &State) -> (f64, f64) {
        let away = state.position - self.place.position;
        let range = away.norm();
        let value = away.dot(self.place.up) - self.sin * range;
        (value, state.velocity.dot(self.place.up) - self.sin * away.dot(state.velocity) / range)
    }

    /// Where the measure changes its sign between `low` and `high`, at which it is `at_low` and `at_high`: Newton's steps, and halving
    /// where they leave the bracket.
    fn root(&self, low: f64, at_low: f64, high: f64, at_high: f64) -> f64 {
        let (mut low, mut high) = (low, high);
        let rises = at_high > at_low;
        let mut x = low + (high - low) * at_low / (at_low - at_high);
        for _ in 0..60 {
            let (value, slope) = self.at(x);
            if (value >= 0.0) == rises {
                high = x
            } else {
                low = x
            }
            let step = value / slope;
            let newton = x - step;
            if step.abs() < SHORT_STEP_S || high - low < EXACT_S {
                return newton.clamp(low, high);
            }
            x = if newton > low && newton < high { newton } else { (low + high) / 2.0 };
        }
        x
    }

    /// A window that begins and ends within the stretch: where the measure rises above zero and sinks again.
    fn hump(&self, at_start: f64, at_end: f64) -> Option<(f64, f64)> {
        let (_, slope) = self.of(&self.track.knots[self.knot]);
        let (_, end_slope) = self.of(&self.track.knots[self.knot + 1]);
        if slope <= 0.0 || end_slope >= 0.0 {
            return None;
        }
        let (mut low, mut high) = (0.0, self.track.step_s);
        while high - low > EXACT_S {
            let x = (low + high) / 2.0;
            let (value, slope) = self.at(x);
            if value >= 0.0 {
                let end = self.root(x, value, self.track.step_s, at_end);
                return Some((self.root(0.0, at_start, x, value), end));
            }
            // Where it curves downwards, as near a culmination, it stays below its tangent.
            if value + slope.abs() * (high - low) < 0.0 && high - low < self.track.step_s / 4.0 {
                return None;
            }
            if slope > 0.0 { low = x } else { high = x }
        }
        None
    }
}
