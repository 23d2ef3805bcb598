//! What places on Earth see of satellites: which one is above the horizon now, which one comes next, and when it goes.
//!
//! Where satellites are is worked out once, at knots of time; between them they go straight on, which is wrong by some hundred
//! metres at most. All places share the knots.

use crate::geometry::earth::{Geodetic, Place, ROTATION_RAD_S};
use crate::geometry::vector::Vector;
use crate::network::Gateways;
use crate::orbit::{OrbitError, Rotation, Satellite, Utc};
use crate::population::feeder::Feeder;
use crate::population::hearing::{Hearing, Listener, Surroundings};
use crate::propagation::satellite::arc::Arc;
use crate::propagation::satellite::layout::Direction;
use crate::rng::{Key, Purpose};
use crate::units::{Metres, SimDuration, SimTime};

/// Between two knots: at 600 km a satellite deviates by (7.6 km/s × 10 s)² / 8 / 7000 km, 100 m, from the straight line.
pub(super) const STEP: SimDuration = SimDuration::from_secs(10);
/// The shortest step of a search; passes that are shorter may be overlooked.
const SHORTEST: SimDuration = SimDuration::from_secs(5);
/// How exactly rise and set are found.
const EXACTLY: SimDuration = SimDuration::from_millis(10);

/// A part of the Earth over which terminals are spread evenly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    /// Latitudes, degrees: the south end and the north end.
    pub latitude_deg: [f64; 2],
    /// Longitudes, degrees: the west end and the east end, which may be beyond 180.
    pub longitude_deg: [f64; 2],
    /// What surrounds them there.
    pub surroundings: Surroundings,
}

impl Region {
    /// Where the terminal with this stream of draws is.
    #[must_use]
    pub fn place(&self, terminal: Key) -> Place {
        let draw = |number| terminal.draw(Purpose::Position, number).unit();
        let [south, north] = self.latitude_deg.map(|degrees| libm::sin(degrees.to_radians()));
        let [west, east] = self.longitude_deg;
        let latitude_deg = libm::asin((south + (north - south) * draw(0)).clamp(-1.0, 1.0)).to_degrees();
        let longitude_deg = west + (east - west) * draw(1);
        Place::on_ellipsoid(Geodetic { latitude_deg, longitude_deg, altitude_km: 0.0 })
    }
}

/// Somebody who looks up.
#[derive(Clone, Copy, Debug)]
pub struct Observer<'a> {
    /// Where.
    pub place: Place,
    /// How satellites are heard; without it each that stands high enough can be used.
    pub ear: Option<(&'a Hearing, Listener)>,
}

/// How a place sees a satellite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Its distance.
    pub range: Metres,
    /// Sine of its elevation.
    pub sine: f64,
    /// From the place to it, km, in the frame that turns with the Earth.
    pub away: Vector,
    /// The direction in which it sees the place: ahead on its way over the ground, aside, and down.
    pub towards: Direction,
}

/// A satellite that a place can use, and from when on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Number of the satellite.
    pub satellite: u32,
    /// From when on.
    pub begin: SimTime,
}

/// The satellites of a network over the time of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Sky {
    /// For each satellite: its positions at the knots, km, in the frame that turns with the Earth.
    paths: Vec<Vec<Vector>>,
    /// For each satellite: the largest angle at the centre of the Earth at which it is seen, and how fast angles change at most.
    horizons: Vec<Horizon>,
    min_sine: f64,
    end: SimTime,
    /// Their feeder links; absent if they reach the core network wherever they are.
    feeder: Option<Feeder>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Horizon {
    angle: f64,
    rate: f64,
    /// Knots after which it is looked for below the horizon, to tell one arc from the next; all of them if it stays where it is.
    stride: usize,
}

impl Sky {
    /// From `epoch`, at which the run begins, to its end, over an Earth that turns so. A satellite counts from this elevation on.
    ///
    /// # Errors
    /// If a satellite does not stay on its orbit.
    pub fn new(
        satellites: &[Satellite],
        (epoch, rotation): (Utc, Rotation),
        end: SimTime,
        min_elevation_deg: f64,
    ) -> Result<Sky, OrbitError> {
        let knots = end.0 / STEP.0 + 2;
        let mut paths = Vec::with_capacity(satellites.len());
        let mut horizons = Vec::with_capacity(satellites.len());
        for satellite in satellites {
            let at = |knot: u64| satellite.state_over(epoch.plus((STEP * knot).as_secs_f64()), rotation);
            let states = (0..knots).map(at).collect::<Result<Vec<_>, _>>()?;
            let highest = states.iter().map(|state| state.position.norm()).fold(0.0, f64::max);
            let fastest = states.iter().map(|state| state.velocity.norm() / state.position.norm()).fold(0.0, f64::max);
            // The Earth is at its smallest at the poles, and a place may stand on any of its radii.
            let reach = POLE_KM * libm::cos(min_elevation_deg.to_radians()) / highest;
            let angle = libm::acos(reach.min(1.0)) - min_elevation_deg.to_radians() + UP_AND_OUT;
            let path: Vec<Vector> = states.into_iter().map(|state| state.position).collect();
            let strides = std::f64::consts::TAU / fastest / STEP.as_secs_f64() / STRIDES_PER_TURN;
            let stride = if stays(&path) { usize::MAX } else { (strides as usize).max(1) };
            horizons.push(Horizon { angle, rate: fastest + ROTATION_RAD_S, stride });
            paths.push(path);
        }
        Ok(Sky { paths, horizons, min_sine: libm::sin(min_elevation_deg.to_radians()), end, feeder: None })
    }

    /// The same satellites with feeder links to these gateways.
    #[must_use]
    pub fn with_gateways(self, gateways: &Gateways) -> Sky {
        let feeder = Feeder::new(&self, gateways, self.end);
        Sky { feeder: Some(feeder), ..self }
    }

    /// The feeder links; `None` if satellites reach the core network wherever they are.
    #[must_use]
    pub fn feeder(&self) -> Option<&Feeder> {
        self.feeder.as_ref()
    }

    /// How many satellites.
    #[must_use]
    pub fn satellites(&self) -> u32 {
        self.paths.len() as u32
    }

    /// Where a satellite is, km, in the frame that turns with the Earth.
    pub(super) fn position(&self, satellite: u32, time: SimTime) -> Vector {
        self.position_and_step(satellite, time).0
    }

    /// Where a satellite is, and the step that it is on.
    fn position_and_step(&self, satellite: u32, time: SimTime) -> (Vector, Vector) {
        let path = &self.paths[satellite as usize];
        let knot = ((time.0 / STEP.0) as usize).min(path.len() - 2);
        let share = time.since(SimTime(knot as u64 * STEP.0)).0 as f64 / STEP.0 as f64;
        let step = path[knot + 1] - path[knot];
        (path[knot] + step * share, step)
    }

    /// How a place sees a satellite; `None` if it is too low.
    #[must_use]
    pub fn view(&self, place: &Place, satellite: u32, time: SimTime) -> Option<View> {
        let (position, step) = self.position_and_step(satellite, time);
        let away = position - place.position;
        let range = away.norm();
        let sine = away.dot(place.up) / range;
        if sine < self.min_sine {
            return None;
        }
        let down = position * (-1.0 / position.norm());
        // What stands still over the ground has no way over it: north does as well.
        let ahead = if step.dot(step) > STILL_KM * STILL_KM { step } else { Vector::new(0.0, 0.0, 1.0) };
        let aside = down.cross(ahead).unit();
        let look = away * (-1.0 / range);
        let towards = [look.dot(aside.cross(down)), look.dot(aside), look.dot(down)];
        Some(View { range: Metres(range * 1e3), sine, away, towards })
    }

    /// What stands between somebody and a satellite while it passes.
    #[must_use]
    pub fn arc(&self, observer: &Observer<'_>, satellite: u32, time: SimTime) -> Option<Arc> {
        let (hearing, listener) = observer.ear.as_ref()?;
        Some(hearing.arc(listener, satellite, self.arc_number(&observer.place, satellite, time)))
    }

    /// A number that is the same as long as a satellite stays above the horizon, and another one each time that it rises.
    fn arc_number(&self, place: &Place, satellite: u32, time: SimTime) -> u32 {
        let (path, stride) = (&self.paths[satellite as usize], self.horizons[satellite as usize].stride);
        let is_up = |knot: usize| (path[knot] - place.position).dot(place.up) > 0.0;
        let mut knot = ((time.0 / STEP.0) as usize).min(path.len() - 1) / stride * stride;
        while knot > 0 && is_up(knot) {
            knot -= stride;
        }
        knot as u32
    }

    /// How somebody sees a satellite that is high enough, serves and, over this arc, is heard.
    #[must_use]
    pub fn heard(&self, observer: &Observer<'_>, satellite: u32, time: SimTime, arc: Option<&Arc>) -> Option<View> {
        let view = self.view(&observer.place, satellite, time)?;
        (self.serves(satellite, time) && observer.hears(&view, arc)).then_some(view)
    }

    /// Whether a satellite serves: not if it needs a gateway and reaches none.
    fn serves(&self, satellite: u32, time: SimTime) -> bool {
        self.feeder.as_ref().is_none_or(|feeder| feeder.serves(satellite, time))
    }

    /// The satellite that somebody can use first from `from` on, for `least` at least: `here` if it can go on with that one, else
    /// the highest of those that are up already, else the one that comes next. `None` if there is none before the end.
    #[must_use]
    pub fn contact(
        &self,
        observer: &Observer<'_>,
        from: SimTime,
        least: SimDuration,
        here: Option<u32>,
    ) -> Option<Contact> {
        let stays = |satellite| {
            let view = self.view(&observer.place, satellite, from)?;
            let later = self.view(&observer.place, satellite, from + least)?;
            if !self.serves(satellite, from) || !self.serves(satellite, from + least) {
                return None;
            }
            let arc = self.arc(observer, satellite, from);
            let heard = observer.hears(&view, arc.as_ref()) && observer.hears(&later, arc.as_ref());
            heard.then_some(view.sine)
        };
        if let Some(satellite) = here.filter(|&satellite| stays(satellite).is_some()) {
            return Some(Contact { satellite, begin: from });
        }
        let up = (0..self.satellites()).filter_map(|satellite| Some((stays(satellite)?, satellite)));
        let highest = up.max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)));
        if let Some((_, satellite)) = highest {
            return Some(Contact { satellite, begin: from });
        }
        let mut best: Option<Contact> = None;
        for satellite in 0..self.satellites() {
            let until = best.map_or(self.end, |best| best.begin);
            if let Some(begin) = self.rises(observer, satellite, from..until, least) {
                best = Some(Contact { satellite, begin });
            }
        }
        best
    }

    /// When a satellite rises for `least` at least.
    fn rises(
        &self,
        observer: &Observer<'_>,
        satellite: u32,
        within: std::ops::Range<SimTime>,
        least: SimDuration,
    ) -> Option<SimTime> {
        let (mut before, mut time) = (within.start, within.start);
        let mut passing = None;
        while time < within.end {
            let Some(view) = self.view(&observer.place, satellite, time) else {
                (before, passing) = (time, None);
                time += self.away(observer, satellite, time);
                continue;
            };
            let arc = *passing.get_or_insert_with(|| self.arc(observer, satellite, time));
            if !self.serves(satellite, time) || !observer.hears(&view, arc.as_ref()) {
                before = time;
                time += self.pace(satellite, SHORTEST);
                continue;
            }
            // Up at once, in the first step: too short, or it would have been taken.
            let heard = |time| self.heard(observer, satellite, time, arc.as_ref()).is_some();
            let begin = if time > before { crossing(heard, before, time) } else { time };
            if begin < within.end && heard(begin + least) {
                return Some(begin);
            }
            (before, time) = (begin + least, begin + least);
        }
        None
    }

    /// The step of a search: satellites that stay over a part of the Earth take minutes to rise by as much as others in seconds.
    fn pace(&self, satellite: u32, step: SimDuration) -> SimDuration {
        if self.horizons[satellite as usize].stride == usize::MAX { step * 60 } else { step }
    }

    /// It takes so long at least until a satellite can be seen that is not.
    fn away(&self, observer: &Observer<'_>, satellite: u32, time: SimTime) -> SimDuration {
        let position = self.position(satellite, time);
        let place = observer.place.position;
        let cosine = position.dot(place) / (position.norm() * place.norm());
        let Horizon { angle, rate, .. } = self.horizons[satellite as usize];
        let seconds = (libm::acos(cosine.clamp(-1.0, 1.0)) - angle) / rate;
        SimDuration((seconds.max(0.0) * 1e6) as u64).max(SHORTEST)
    }

    /// When a satellite can no longer be used that can at `from`.
    #[must_use]
    pub fn sets(&self, observer: &Observer<'_>, satellite: u32, from: SimTime) -> SimTime {
        let arc = self.arc(observer, satellite, from);
        let heard = |time| self.heard(observer, satellite, time, arc.as_ref()).is_some();
        let step = self.pace(satellite, STEP);
        let (mut before, mut time) = (from, from);
        while heard(time) {
            if time > self.end {
                return SimTime::MAX;
            }
            (before, time) = (time, time + step);
        }
        crossing(heard, before, time)
    }
}

impl Observer<'_> {
    /// Whether a satellite that is seen so is heard well enough, over this arc.
    fn hears(&self, view: &View, arc: Option<&Arc>) -> bool {
        match (&self.ear, arc) {
            (Some((hearing, listener)), Some(arc)) => hearing.reaches(listener, &self.place, view, arc),
            _ => true,
        }
    }
}

/// How far a satellite at this distance from the middle of the Earth, km, can be from a place that sees it at least so high.
#[must_use]
pub fn farthest(radius_km: f64, min_elevation_deg: f64) -> Metres {
    let sine = libm::sin(min_elevation_deg.to_radians() - UP_AND_OUT);
    let along = POLE_KM * sine;
    Metres(((along * along + radius_km * radius_km - POLE_KM * POLE_KM).max(0.0).sqrt() - along) * 1e3)
}

/// When something changes between two instants; at the result it is as at the later one.
pub(super) fn crossing(holds: impl Fn(SimTime) -> bool, mut before: SimTime, mut after: SimTime) -> SimTime {
    let at_last = holds(after);
    while after.since(before) > EXACTLY {
        let middle = SimTime(before.0 + after.since(before).0 / 2);
        if holds(middle) == at_last { after = middle } else { before = middle }
    }
    after
}

/// Whether a satellite stays over one part of the Earth, as geosynchronous ones do.
fn stays(path: &[Vector]) -> bool {
    let near = libm::cos(15f64.to_radians());
    path.iter().all(|position| position.dot(path[0]) > near * position.norm() * path[0].norm())
}

/// A satellite that moves less over the ground between two knots stands still, km.
const STILL_KM: f64 = 1e-3;
/// So often in a turn it is looked whether a satellite is below the horizon.
const STRIDES_PER_TURN: f64 = 256.0;
/// The polar radius of the Earth, km (WGS 84).
const POLE_KM: f64 = 6_356.752;
/// Between the vertical and the direction from the centre of the Earth, radians, at most: 0.192 degrees; and the error of straight paths.
const UP_AND_OUT: f64 = 0.003_5;
