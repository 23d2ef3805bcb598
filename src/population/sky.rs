//! What places on Earth see of satellites: which one is above the horizon now, which one comes next, and when it goes.
//!
//! Where satellites are is worked out once, at knots of time; between them they go straight on, which is wrong by some hundred
//! metres at most. All places share the knots.

use crate::geometry::earth::{Geodetic, Place, ROTATION_RAD_S};
use crate::geometry::vector::Vector;
use crate::network::Gateways;
use crate::orbit::{OrbitError, Rotation, Satellite, Utc};
use crate::population::feeder::Feeder;
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observer {
    /// Where.
    pub place: Place,
    /// Satellites that are farther away are not heard.
    pub reach: Metres,
}

/// How a place sees a satellite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Its distance.
    pub range: Metres,
    /// Sine of its elevation.
    pub sine: f64,
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
}

impl Sky {
    /// From `epoch`, at which the run begins, to its end. A satellite counts from this elevation on.
    ///
    /// # Errors
    /// If a satellite does not stay on its orbit.
    pub fn new(satellites: &[Satellite], epoch: Utc, end: SimTime, min_elevation_deg: f64) -> Result<Sky, OrbitError> {
        let knots = end.0 / STEP.0 + 2;
        let mut paths = Vec::with_capacity(satellites.len());
        let mut horizons = Vec::with_capacity(satellites.len());
        for satellite in satellites {
            let at = |knot: u64| satellite.state_over(epoch.plus((STEP * knot).as_secs_f64()), Rotation::From(epoch));
            let states = (0..knots).map(at).collect::<Result<Vec<_>, _>>()?;
            let highest = states.iter().map(|state| state.position.norm()).fold(0.0, f64::max);
            let fastest = states.iter().map(|state| state.velocity.norm() / state.position.norm()).fold(0.0, f64::max);
            // The Earth is at its smallest at the poles, and a place may stand on any of its radii.
            let reach = POLE_KM * libm::cos(min_elevation_deg.to_radians()) / highest;
            let angle = libm::acos(reach.min(1.0)) - min_elevation_deg.to_radians() + UP_AND_OUT;
            horizons.push(Horizon { angle, rate: fastest + ROTATION_RAD_S });
            paths.push(states.into_iter().map(|state| state.position).collect());
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
    #[must_use]
    pub fn position(&self, satellite: u32, time: SimTime) -> Vector {
        let path = &self.paths[satellite as usize];
        let knot = ((time.0 / STEP.0) as usize).min(path.len() - 2);
        let share = time.since(SimTime(knot as u64 * STEP.0)).0 as f64 / STEP.0 as f64;
        path[knot] + (path[knot + 1] - path[knot]) * share
    }

    /// How somebody sees a satellite; `None` if it is too low or too far, or does not serve for want of a gateway.
    #[must_use]
    pub fn view(&self, observer: &Observer, satellite: u32, time: SimTime) -> Option<View> {
        let away = self.position(satellite, time) - observer.place.position;
        let range = away.norm();
        let view = View { range: Metres(range * 1e3), sine: away.dot(observer.place.up) / range };
        let seen = view.sine >= self.min_sine && view.range <= observer.reach;
        let serves = || self.feeder.as_ref().is_none_or(|feeder| feeder.serves(satellite, time));
        (seen && serves()).then_some(view)
    }

    /// The satellite that somebody can use first from `from` on, for `least` at least: `here` if it can go on with that one, else
    /// the highest of those that are up already, else the one that comes next. `None` if there is none before the end.
    #[must_use]
    pub fn contact(
        &self,
        observer: &Observer,
        from: SimTime,
        least: SimDuration,
        here: Option<u32>,
    ) -> Option<Contact> {
        let stays = |satellite| {
            let view = self.view(observer, satellite, from)?;
            self.view(observer, satellite, from + least).map(|_| view.sine)
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
        observer: &Observer,
        satellite: u32,
        within: std::ops::Range<SimTime>,
        least: SimDuration,
    ) -> Option<SimTime> {
        let (mut before, mut time) = (within.start, within.start);
        while time < within.end {
            if self.view(observer, satellite, time).is_none() {
                before = time;
                time += self.away(observer, satellite, time);
                continue;
            }
            // Up at once, in the first step: too short, or it would have been taken.
            let begin = if time > before {
                change(before, time, |time| self.view(observer, satellite, time).is_some())
            } else {
                time
            };
            if begin < within.end && self.view(observer, satellite, begin + least).is_some() {
                return Some(begin);
            }
            (before, time) = (begin + least, begin + least);
        }
        None
    }

    /// It takes so long at least until a satellite can be seen that is not.
    fn away(&self, observer: &Observer, satellite: u32, time: SimTime) -> SimDuration {
        let position = self.position(satellite, time);
        let place = observer.place.position;
        let cosine = position.dot(place) / (position.norm() * place.norm());
        let Horizon { angle, rate } = self.horizons[satellite as usize];
        let seconds = (libm::acos(cosine.clamp(-1.0, 1.0)) - angle) / rate;
        SimDuration((seconds.max(0.0) * 1e6) as u64).max(SHORTEST)
    }

    /// When a satellite sets that is up at `from`.
    #[must_use]
    pub fn sets(&self, observer: &Observer, satellite: u32, from: SimTime) -> SimTime {
        let (mut before, mut time) = (from, from);
        while self.view(observer, satellite, time).is_some() {
            if time > self.end {
                return SimTime::MAX;
            }
            (before, time) = (time, time + STEP);
        }
        change(before, time, |time| self.view(observer, satellite, time).is_some())
    }
}

/// When what `seen` says changes between two instants; at the result it is as at the later one.
pub(super) fn change(mut before: SimTime, mut after: SimTime, seen: impl Fn(SimTime) -> bool) -> SimTime {
    let then = seen(after);
    while after.since(before) > EXACTLY {
        let middle = SimTime(before.0 + after.since(before).0 / 2);
        if seen(middle) == then { after = middle } else { before = middle }
    }
    after
}

/// The polar radius of the Earth, km (WGS 84).
const POLE_KM: f64 = 6_356.752;
/// Between the vertical and the direction from the centre of the Earth, radians, at most: 0.192 degrees; and the error of straight paths.
const UP_AND_OUT: f64 = 0.003_5;
