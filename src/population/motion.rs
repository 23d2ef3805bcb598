//! How terminals move: between random waypoints, or along tracks.
//!
//! Where a terminal is follows from its stream of draws and the time alone. What it keeps, its [`Leg`], only saves walking
//! through all earlier legs again. The plane is the network's, closed upon itself: whoever leaves it on one side comes in on
//! the other. Waypoints are then uniform, and so are terminals at any time, which on a plane with borders they are not
//! (Le Boudec, Vojnović: "Perfect simulation and stationarity of a class of mobility models", INFOCOM 2005).

use std::sync::Arc;

use crate::geometry::hex::{Axial, point_in_cell, points};
use crate::geometry::torus::{Point, Torus};
use crate::rng::{Draw, Key, Purpose};
use crate::units::{SimDuration, SimTime};

/// How the terminals of a group move.
#[derive(Clone, Debug, PartialEq)]
pub enum Motion {
    /// From one random place to the next, straight on, with a pause in between.
    RandomWaypoint(RandomWaypoint),
    /// Along tracks that are given.
    Tracks(Tracks),
}

/// Random waypoints: each lies uniformly in the network's area, as seen from the one before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomWaypoint {
    /// Least and greatest speed, metres a second, uniform for each leg; above zero.
    pub speed: (f64, f64),
    /// Shortest and longest pause behind each leg, uniform.
    pub pause: (SimDuration, SimDuration),
}

/// Tracks, dealt out to the terminals of a group in turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracks {
    /// Each with at least one place, in the order of time.
    pub tracks: Arc<Vec<Vec<Fix>>>,
    /// Each terminal begins its track at a uniform time within this.
    pub spread: SimDuration,
}

/// A place of a track and when the terminal is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fix {
    /// Since the beginning of the track.
    pub time: SimDuration,
    /// Where, in metres from the centre site.
    pub point: Point,
}

/// The stretch of its way that a terminal is on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Leg {
    number: u32,
    begin: SimTime,
    from: Point,
}

/// A way straight on at one speed, and a pause behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Course {
    way: Point,
    moving: SimDuration,
    pause: SimDuration,
}

/// How one group moves in one network.
#[derive(Clone, Debug)]
pub struct Mover {
    motion: Motion,
    torus: Torus,
    /// Mean length of a way to a random waypoint, metres.
    mean_way: f64,
}

/// Draws for one leg, at most.
const DRAWS: u64 = 8;
/// Draws for the first leg are numbered behind those of all others: nobody knows how many it takes.
const FIRST: u64 = 1 << 40;

impl Mover {
    /// Terminals that move in this way on this plane.
    #[must_use]
    pub fn new(motion: Motion, torus: Torus) -> Mover {
        // By the midpoints of a grid in each rhombus of each hexagon.
        const GRID: u32 = 16;
        let centre = |cell: u32| Draw((2 * u64::from(cell) + 1) << (63 - GRID.ilog2()));
        let sites = points(torus.cluster.rings);
        let mut sum = 0.0;
        for (site, third, along, across) in (0..sites).flat_map(|site| {
            (0..3).flat_map(move |third| {
                (0..GRID).flat_map(move |along| (0..GRID).map(move |across| (site, third, along, across)))
            })
        }) {
            sum += place(torus, site, third, centre(along), centre(across)).length();
        }
        let mean_way = sum / f64::from(sites * 3 * GRID * GRID);
        Mover { motion, torus, mean_way }
    }

    /// Where a terminal begins. `index` is its number in its group.
    #[must_use]
    pub fn first(&self, terminal: Key, index: u32) -> Leg {
        match &self.motion {
            Motion::RandomWaypoint(_) => Leg { number: 0, begin: SimTime::ZERO, from: self.anywhere(terminal, FIRST) },
            Motion::Tracks(tracks) => {
                // The number of the track stands in place of that of the leg: a track is one leg.
                let number = index % tracks.tracks.len().max(1) as u32;
                let begin = SimTime(terminal.draw(Purpose::Waypoint, FIRST).below(tracks.spread.0.max(1)));
                Leg { number, begin, from: Point::default() }
            }
        }
    }

    /// Where the terminal is at `time`, which is no earlier than the leg's beginning. Goes on to the leg of that time.
    #[must_use]
    pub fn position(&self, terminal: Key, leg: &mut Leg, time: SimTime) -> Point {
        match &self.motion {
            Motion::RandomWaypoint(waypoint) => {
                let course = self.advance(waypoint, terminal, leg, time);
                let share = time.since(leg.begin).0.min(course.moving.0) as f64 / course.moving.0.max(1) as f64;
                leg.from.plus(course.way.times(share))
            }
            Motion::Tracks(tracks) => {
                let (fixes, since) = (&tracks.tracks[leg.number as usize], time.since(leg.begin));
                let next = fixes.partition_point(|fix| fix.time <= since);
                let Some(before) = next.checked_sub(1).map(|before| fixes[before]) else { return fixes[0].point };
                let Some(next) = fixes.get(next) else { return before.point };
                let share = (since - before.time).0 as f64 / (next.time - before.time).0 as f64;
                before.point.plus(next.point.plus(before.point.times(-1.0)).times(share))
            }
        }
    }

    /// When the terminal that is here at `time` has gone on by `step` metres or has come to a turn; the end of time if it
    /// stays for ever.
    #[must_use]
    pub fn moved(&self, terminal: Key, leg: &mut Leg, time: SimTime, step: f64) -> SimTime {
        let after = |begin: SimTime, way: f64, span: SimDuration, from: SimTime| {
            let speed = way / span.0.max(1) as f64;
            let wanted = if speed > 0.0 { (step / speed).min(1e18).round() as u64 } else { u64::MAX };
            SimTime(from.0.saturating_add(wanted.max(1))).min(begin + span)
        };
        match &self.motion {
            Motion::RandomWaypoint(waypoint) => {
                let course = self.advance(waypoint, terminal, leg, time);
                let end = leg.begin + course.moving;
                if time < end {
                    return after(leg.begin, course.way.length(), course.moving, time);
                }
                let begin = end + course.pause;
                let next = self.course(waypoint, terminal, leg.number + 1);
                after(begin, next.way.length(), next.moving, begin)
            }
            Motion::Tracks(tracks) => {
                let (fixes, since) = (&tracks.tracks[leg.number as usize], time.since(leg.begin));
                let moving = fixes.windows(2).find(|pair| pair[1].time > since && pair[0].point != pair[1].point);
                let Some([a, b]) = moving else { return SimTime::MAX };
                let begin = leg.begin + a.time;
                after(begin, b.point.plus(a.point.times(-1.0)).length(), b.time - a.time, begin.max(time))
            }
        }
    }

    /// Goes on to the leg of `time`, and returns its course.
    fn advance(&self, waypoint: &RandomWaypoint, terminal: Key, leg: &mut Leg, time: SimTime) -> Course {
        loop {
            let course = self.course(waypoint, terminal, leg.number);
            let end = leg.begin + course.moving + course.pause;
            if time < end {
                return course;
            }
            *leg = Leg { number: leg.number + 1, begin: end, from: self.torus.wrap(leg.from.plus(course.way)) };
        }
    }

    /// The course of one leg. The first is what is left at the start of the run, in the stationary state of all.
    fn course(&self, waypoint: &RandomWaypoint, terminal: Key, number: u32) -> Course {
        if number == 0 {
            return self.first_course(waypoint, terminal);
        }
        let at = u64::from(number) * DRAWS;
        let unit = |counter| terminal.draw(Purpose::Waypoint, at + counter).unit();
        let (slow, fast) = waypoint.speed;
        let (short, long) = waypoint.pause;
        let way = self.anywhere(terminal, at);
        let pause = short + SimDuration(((long - short).0 as f64 * unit(4)) as u64);
        Course { way, moving: span(way.length(), slow + (fast - slow) * unit(3)), pause }
    }

    /// Legs that cover a given instant are longer than others, the more so the longer they take: ways by their length, speeds by
    /// one over themselves, pauses by their length (Navidi, Camp: "Stationary distributions for the random waypoint mobility
    /// model", IEEE TMC 2004). Where in its leg a terminal is, is uniform.
    fn first_course(&self, waypoint: &RandomWaypoint, terminal: Key) -> Course {
        let unit = |counter| terminal.draw(Purpose::Waypoint, FIRST + DRAWS + counter).unit();
        let (slow, fast) = waypoint.speed;
        let (short, long) = (waypoint.pause.0.0 as f64, waypoint.pause.1.0 as f64);
        let slowness = if fast > slow { libm::log(fast / slow) / (fast - slow) } else { 1.0 / slow };
        let (moving, pausing) = (self.mean_way * slowness * 1e6, (short + long) / 2.0);
        if unit(0) * (moving + pausing) < pausing {
            let length = libm::sqrt(short * short + unit(1) * (long * long - short * short));
            let left = SimDuration((length * unit(2)) as u64);
            return Course { way: Point::default(), moving: SimDuration::ZERO, pause: left + SimDuration(1) };
        }
        // No way is longer than to the farthest corner of the cluster.
        let longest = (f64::from(self.torus.cluster.rings) + 1.0) * self.torus.pitch;
        let mut draw = FIRST + 2 * DRAWS;
        let mut way = self.anywhere(terminal, draw);
        while terminal.draw(Purpose::Waypoint, draw + 3).unit() * longest > way.length() {
            draw += DRAWS;
            way = self.anywhere(terminal, draw);
        }
        let way = way.times(unit(1));
        let speed = slow * libm::pow(fast / slow, unit(2));
        let pause = short + (long - short) * unit(3);
        Course { way, moving: span(way.length(), speed), pause: SimDuration(pause as u64) }
    }

    /// A uniform place of the network's area, by three draws from `at` on.
    fn anywhere(&self, terminal: Key, at: u64) -> Point {
        let draw = |counter| terminal.draw(Purpose::Waypoint, at + counter);
        let third = draw(0).below(3 * u64::from(points(self.torus.cluster.rings)));
        place(self.torus, (third / 3) as u32, third % 3, draw(1), draw(2))
    }
}

/// A place in a rhombus of a site's hexagon.
fn place(torus: Torus, site: u32, third: u64, along: Draw, across: Draw) -> Point {
    let (x, y) = point_in_cell(third, along, across);
    let (sx, sy) = Axial::of_index(site).position();
    Point { x: x + sx, y: y + sy }.times(torus.pitch)
}

/// How long a way takes: at least a microsecond, so that time goes on.
fn span(metres: f64, speed: f64) -> SimDuration {
    SimDuration(((metres / speed * 1e6).min(1e18) as u64).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::hex::Cluster;

    fn torus(rings: u32) -> Torus {
        Torus { cluster: Cluster { rings }, pitch: 1_000.0 }
    }

    fn waypoint(speed: (f64, f64), pause: (u64, u64)) -> Motion {
        let pause = (SimDuration::from_secs(pause.0), SimDuration::from_secs(pause.1));
        Motion::RandomWaypoint(RandomWaypoint { speed, pause })
    }

    #[test]
    fn a_position_does_not_depend_on_how_often_it_was_asked() {
        let mover = Mover::new(waypoint((1.0, 30.0), (0, 600)), torus(2));
        for number in 0..50 {
            let key = Key::root(1).child(number);
            let start = mover.first(key, 0);
            let (mut often, mut last) = (start, SimTime::ZERO);
            let mut before = mover.position(key, &mut often, last);
            while last < SimTime(20_000_000_000) {
                let next = mover.moved(key, &mut often, last, 50.0);
                assert!(next > last);
                let now = mover.position(key, &mut often, next);
                let gone = mover.torus.locate(now.plus(before.times(-1.0)));
                assert!(gone.0 == 0 && gone.1.length() < 50.001, "{gone:?}");
                (before, last) = (now, next);
                let mut fresh = start;
                assert_eq!(mover.position(key, &mut fresh, next), now);
            }
        }
    }

    #[test]
    fn terminals_are_everywhere_equally_likely_and_move_as_much_at_any_time() {
        let (slow, fast) = (2.0, 20.0);
        let mover = Mover::new(waypoint((slow, fast), (60, 540)), torus(2));
        // Navidi and Camp: the mean speed of those who move is (fast − slow) / ln(fast / slow), the share of those who pause
        // E[pause] / (E[pause] + E[way] E[1 / speed]).
        let mean_speed = (fast - slow) / libm::log(fast / slow);
        let pausing = 300.0 / (300.0 + mover.mean_way / mean_speed);
        let n = 20_000;
        for seconds in [0, 100, 1_000, 30_000] {
            let time = SimTime::ZERO + SimDuration::from_secs(seconds);
            let (mut still, mut speed) = (0, 0.0);
            let mut sites = [0; 19];
            for number in 0..n {
                let key = Key::root(2).child(number);
                let mut leg = mover.first(key, 0);
                let here = mover.position(key, &mut leg, time);
                sites[mover.torus.locate(here).0 as usize] += 1;
                let next = mover.position(key, &mut leg, time + SimDuration::from_millis(10));
                let gone = mover.torus.locate(next.plus(here.times(-1.0))).1.length() * 100.0;
                still += u64::from(gone < 0.5);
                speed += gone;
            }
            assert!((still as f64 / n as f64 - pausing).abs() < 0.015, "{seconds} s: {still} of {n}, {pausing}");
            let mean = speed / (n - still) as f64;
            assert!((mean / mean_speed - 1.0).abs() < 0.03, "{seconds} s: {mean} m/s, {mean_speed}");
            let fair = n as f64 / 19.0;
            assert!(sites.iter().all(|&count| (f64::from(count) - fair).abs() < 5.0 * fair.sqrt()), "{sites:?}");
        }
    }

    #[test]
    fn tracks_are_followed_between_their_places() {
        let fix = |s, x| Fix { time: SimDuration::from_secs(s), point: Point { x, y: 0.0 } };
        let tracks =
            Arc::new(vec![vec![fix(10, 0.0), fix(20, 100.0), fix(30, 100.0), fix(40, 0.0)], vec![fix(0, 7.0)]]);
        let mover = Mover::new(Motion::Tracks(Tracks { tracks, spread: SimDuration::ZERO }), torus(1));
        let key = Key::root(1);
        let mut leg = mover.first(key, 2);
        let second = |s: u64| SimTime(s * 1_000_000);
        for (s, x) in [(0, 0.0), (10, 0.0), (13, 30.0), (20, 100.0), (27, 100.0), (38, 20.0), (40, 0.0), (99, 0.0)] {
            assert!((mover.position(key, &mut leg, second(s)).x - x).abs() < 1e-9, "{s} s");
        }
        for (s, next) in [(0, 12), (12, 14), (19, 20), (20, 32), (39, 40)] {
            assert_eq!(mover.moved(key, &mut leg, second(s), 20.0), second(next), "{s} s");
        }
        assert_eq!(mover.moved(key, &mut leg, second(40), 20.0), SimTime::MAX);
        let mut other = mover.first(key, 3);
        assert_eq!(mover.position(key, &mut other, second(5)).x, 7.0);
    }
}
