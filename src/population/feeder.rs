//! How satellites reach the core network: which gateways they see, when, and how long signals take.
//!
//! A gateway sees a satellite above an elevation of its own. Over links between satellites all that have a way to a gateway
//! reach it; such ways are worked out at instants a minute apart and hold until the next.

use std::ops::Range;

use crate::geometry::earth::{LIGHT_KM_S, Place, State};
use crate::geometry::vector::Vector;
use crate::network::{Gateways, Relay};
use crate::orbit::links::{Snapshot, grid};
use crate::population::sky::{STEP, Sky, crossing};
use crate::units::{SimDuration, SimTime};

/// Between two instants at which ways over links are worked out. A satellite goes 450 km meanwhile: 1.5 ms.
const RASTER: SimDuration = SimDuration::from_secs(60);

/// The way of a message from the satellite where it has come up to a gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// On board, until the satellite sees a gateway.
    pub storage: SimDuration,
    /// From satellite to satellite.
    pub links: SimDuration,
    /// Down to the gateway.
    pub feeder: SimDuration,
}

impl Way {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> SimDuration {
        self.storage + self.links + self.feeder
    }
}

/// The feeder links of a network over the time of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Feeder {
    /// What the satellites do with what comes up.
    pub relay: Relay,
    gateways: Vec<Place>,
    min_sine: f64,
    /// For each satellite: when it sees a gateway.
    windows: Vec<Vec<Range<SimTime>>>,
    /// For each instant of the raster: each satellite's way over links; empty where there are none.
    ways: Vec<Vec<Option<Way>>>,
}

impl Feeder {
    /// The feeder links of satellites, to the end of the run.
    #[must_use]
    pub fn new(sky: &Sky, plan: &Gateways, end: SimTime) -> Feeder {
        let mut feeder = Feeder {
            relay: plan.relay.clone(),
            gateways: plan.places.iter().map(|&place| Place::on_ellipsoid(place)).collect(),
            min_sine: libm::sin(plan.min_elevation_deg.to_radians()),
            windows: Vec::new(),
            ways: Vec::new(),
        };
        match &plan.relay {
            Relay::Linked(walker) => {
                let links = grid(walker);
                let instants = 0..=end.0 / RASTER.0;
                let at = |instant| feeder.ways_at(sky, &links, plan.min_elevation_deg, SimTime(instant * RASTER.0));
                feeder.ways = instants.map(at).collect();
            }
            _ => feeder.windows = (0..sky.satellites()).map(|number| feeder.windows_of(sky, number, end)).collect(),
        }
        feeder
    }

    /// When a satellite sees a gateway. What lies behind the end of the run is as at its end.
    fn windows_of(&self, sky: &Sky, satellite: u32, end: SimTime) -> Vec<Range<SimTime>> {
        let sees = |time| self.nearest(sky.position(satellite, time)).is_some();
        let mut windows = Vec::new();
        let mut open = sees(SimTime::ZERO).then_some(SimTime::ZERO);
        let mut before = SimTime::ZERO;
        while before < end {
            let time = before + STEP;
            if sees(time) != open.is_some() {
                let change = crossing(sees, before, time);
                match open.take() {
                    Some(begin) => windows.push(begin..change),
                    None => open = Some(change),
                }
            }
            before = time;
        }
        windows.extend(open.map(|begin| begin..SimTime::MAX));
        windows
    }

    /// How far the nearest gateway is that sees a satellite at this position, km.
    fn nearest(&self, position: Vector) -> Option<f64> {
        let ranges = self.gateways.iter().filter_map(|gateway| {
            let away = position - gateway.position;
            let range = away.norm();
            (away.dot(gateway.up) >= self.min_sine * range).then_some(range)
        });
        ranges.min_by(f64::total_cmp)
    }

    fn ways_at(&self, sky: &Sky, links: &[(u32, u32)], min_elevation_deg: f64, time: SimTime) -> Vec<Option<Way>> {
        let state = |satellite| State { position: sky.position(satellite, time), ..State::default() };
        let states: Vec<State> = (0..sky.satellites()).map(state).collect();
        let snapshot = Snapshot::new(&states, links, &self.gateways, min_elevation_deg);
        let way = |(links_km, feeder_km)| Way { links: light(links_km), feeder: light(feeder_km), ..Way::default() };
        snapshot.ways_down().into_iter().map(|found| found.map(way)).collect()
    }

    fn linked(&self, satellite: u32, time: SimTime) -> Option<Way> {
        let ways = self.ways.get((time.0 / RASTER.0) as usize).or(self.ways.last())?;
        ways[satellite as usize]
    }

    /// The window of a satellite that is open at `time` or opens next.
    fn window(&self, satellite: u32, time: SimTime) -> Option<&Range<SimTime>> {
        let windows = &self.windows[satellite as usize];
        windows.get(windows.partition_point(|window| window.end <= time))
    }

    /// Whether a satellite serves terminals at `time`: always if it can store what comes up, else while it reaches a gateway.
    #[must_use]
    pub fn serves(&self, satellite: u32, time: SimTime) -> bool {
        match self.relay {
            Relay::StoreAndForward(_) => true,
            Relay::Linked(_) => self.linked(satellite, time).is_some(),
            Relay::Transparent | Relay::Regenerative => {
                self.window(satellite, time).is_some_and(|window| window.start <= time)
            }
        }
    }

    /// When a satellite sees a gateway, at `time` or next; `None` if it does not before the end of the run.
    #[must_use]
    pub fn next_contact(&self, satellite: u32, time: SimTime) -> Option<SimTime> {
        self.window(satellite, time).map(|window| window.start.max(time))
    }

    /// When a satellite saw a gateway last, at `time` or before.
    #[must_use]
    pub fn last_contact(&self, satellite: u32, time: SimTime) -> Option<SimTime> {
        let windows = &self.windows[satellite as usize];
        let begun = windows.partition_point(|window| window.start <= time);
        windows[..begun].last().map(|window| window.end.min(time))
    }

    /// The way of a message that comes up at `time`; `None` if it does not get down before the end of the run. Where satellites only
    /// pass signals on, the feeder link is part of the way to the base station and no way of its own.
    #[must_use]
    pub fn way(&self, sky: &Sky, satellite: u32, time: SimTime) -> Option<Way> {
        match self.relay {
            Relay::Transparent => Some(Way::default()),
            Relay::Linked(_) => self.linked(satellite, time),
            Relay::Regenerative | Relay::StoreAndForward(_) => {
                let down = self.next_contact(satellite, time)?;
                let range = self.nearest(sky.position(satellite, down))?;
                Some(Way { storage: down.since(time), feeder: light(range), ..Way::default() })
            }
        }
    }
}

/// How long light takes.
fn light(km: f64) -> SimDuration {
    SimDuration::from_secs_f64(km / LIGHT_KM_S)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::earth::Geodetic;
    use crate::orbit::{Pattern, Rotation, Satellite, Utc, Walker};

    /// A plane of 11, 780 km above a sphere of 6378.137 km, and gateways under the first, and far from all.
    fn plane(relay: impl Fn(Walker) -> Relay) -> (Sky, Feeder) {
        let walker = Walker {
            pattern: Pattern::Star,
            satellites: 11,
            planes: 1,
            phasing: 0.0,
            inclination_deg: 86.4,
            altitude_km: 780.0,
            first_node_deg: 0.0,
            drift: false,
        };
        let satellites: Vec<Satellite> = walker.satellites("plane", Utc(0)).collect();
        let end = SimTime::ZERO + SimDuration::from_secs(12 * 3600);
        let sky = Sky::new(&satellites, (Utc(0), Rotation::From(Utc(0))), end, 10.0).unwrap();
        let place = |longitude_deg| Geodetic { latitude_deg: 0.0, longitude_deg, altitude_km: 0.0 };
        let places = vec![place(0.0), place(90.0)];
        let feeder = Feeder::new(&sky, &Gateways { places, min_elevation_deg: 10.0, relay: relay(walker) }, end);
        (sky, feeder)
    }

    #[test]
    fn links_in_a_plane_are_as_long_as_geometry_says() {
        let (sky, feeder) = plane(Relay::Linked);
        for satellite in 0..11u32 {
            let hops = f64::from(satellite.min(11 - satellite));
            let way = feeder.way(&sky, satellite, SimTime::ZERO).unwrap();
            // 2 × 7158.137 km × sin(180°/11), 13.454 ms a hop; down from straight overhead.
            assert!((way.links.as_secs_f64() * 1e3 - hops * 13.454).abs() < 0.003, "{satellite} {way:?}");
            assert!((way.feeder.as_secs_f64() * 1e3 - 2.602).abs() < 0.003, "{way:?}");
            assert!(feeder.serves(satellite, SimTime::ZERO));
        }
    }

    #[test]
    fn what_is_stored_waits_for_the_next_window() {
        let storage = crate::network::Storage { memory: 1, attach_contacts: 1, wait: SimDuration::ZERO };
        let (sky, feeder) = plane(|_| Relay::StoreAndForward(storage));
        let (_, regenerative) = plane(|_| Relay::Regenerative);
        let mut waits = 0;
        for second in (0..12 * 3600).step_by(7) {
            let time = SimTime::ZERO + SimDuration::from_secs(second);
            let sees = |time| feeder.nearest(sky.position(3, time)).is_some();
            assert_eq!(regenerative.serves(3, time), sees(time), "{second}");
            let Some(way) = feeder.way(&sky, 3, time) else { continue };
            let down = time + way.storage;
            assert!(feeder.serves(3, time) && sees(down));
            assert_eq!(way.storage == SimDuration::ZERO, sees(time));
            // A second before it was not yet in sight.
            if way.storage > SimDuration::from_secs(1) {
                assert!(!sees(SimTime(down.0 - 1_000_000)));
                waits += 1;
            }
            let last = feeder.last_contact(3, down).unwrap();
            assert_eq!(last, down);
        }
        assert!(waits > 1_000, "{waits}");
    }
}
