//! Links between satellites, and the shortest ways over them from station to station.

use petgraph::algo::dijkstra;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use super::Pattern;
use super::circular::Walker;
use crate::geometry::earth::{LIGHT_KM_S, Place, State};

/// The links of a Walker constellation in a grid: each satellite with its two neighbours in the plane, and with the nearest in phase of
/// each of both neighbouring planes. A star has none over its seam, where the planes move against one another.
#[must_use]
pub fn grid(walker: &Walker) -> Vec<(u32, u32)> {
    let (planes, slots) = (walker.planes, walker.per_plane());
    let mut links = Vec::new();
    for plane in 0..planes {
        for slot in 0..slots {
            let here = plane * slots + slot;
            let ahead = plane * slots + (slot + 1) % slots;
            if slots > 2 || slot + 1 < slots {
                links.push((here, ahead));
            }
            let last = plane + 1 == planes;
            if planes < 2 || (last && (walker.pattern == Pattern::Star || planes == 2)) {
                continue;
            }
            // Behind the last plane the phase has grown by `phasing` parts of a turn per plane, which the first does not have.
            let grown = walker.phasing * f64::from(planes) / f64::from(walker.satellites) * f64::from(slots);
            let shift = if last { grown.round() as u32 % slots } else { 0 };
            links.push((here, (plane + 1) % planes * slots + (slot + shift) % slots));
        }
    }
    links
}

/// Satellites, stations and what links them at an instant. Satellites come first, by their numbers, then stations.
pub struct Snapshot {
    graph: DiGraph<(), f64>,
    satellites: usize,
    stations: usize,
}

/// A way from one station to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Its length, km.
    pub length_km: f64,
    /// The satellites on it, in their order.
    pub satellites: Vec<u32>,
}

impl Route {
    /// Time that light takes for it, s.
    #[must_use]
    pub fn delay_s(&self) -> f64 {
        self.length_km / LIGHT_KM_S
    }
}

impl Snapshot {
    /// Satellites with these states over the Earth, linked as said, and stations that are linked with all they see above an elevation.
    #[must_use]
    pub fn new(states: &[State], links: &[(u32, u32)], stations: &[Place], min_elevation_deg: f64) -> Snapshot {
        let mut graph = DiGraph::with_capacity(states.len() + stations.len(), 2 * links.len() + 64 * stations.len());
        let nodes: Vec<NodeIndex> = (0..states.len() + stations.len()).map(|_| graph.add_node(())).collect();
        let mut link = |a: usize, b: usize, km: f64| {
            graph.add_edge(nodes[a], nodes[b], km);
            graph.add_edge(nodes[b], nodes[a], km);
        };
        for &(a, b) in links {
            let (a, b) = (a as usize, b as usize);
            link(a, b, (states[a].position - states[b].position).norm());
        }
        let sin = libm::sin(min_elevation_deg.to_radians());
        for (number, station) in stations.iter().enumerate() {
            for (satellite, state) in states.iter().enumerate() {
                let away = state.position - station.position;
                let range = away.norm();
                if away.dot(station.up) >= sin * range {
                    link(states.len() + number, satellite, range);
                }
            }
        }
        Snapshot { graph, satellites: states.len(), stations: stations.len() }
    }

    /// The lengths of the shortest ways from a station to all, in their order, km; infinite where there is none. Stations between do not
    /// relay.
    #[must_use]
    pub fn lengths(&self, from: usize) -> Vec<f64> {
        let lengths = self.search(from);
        (0..self.stations).map(|to| lengths[self.satellites + to]).collect()
    }

    /// The shortest way between two stations, if there is one.
    #[must_use]
    pub fn route(&self, from: usize, to: usize) -> Option<Route> {
        let lengths = self.search(from);
        let end = self.satellites + to;
        let mut satellites = self.back(&lengths, end, from)?;
        satellites.reverse();
        Some(Route { length_km: lengths[end], satellites })
    }

    /// For each satellite the shortest way to any station, if there is one: over links to other satellites, and down to the
    /// station, km.
    #[must_use]
    pub fn ways_down(&self) -> Vec<Option<(f64, f64)>> {
        let all: Vec<Vec<f64>> = (0..self.stations).map(|station| self.search(station)).collect();
        let way = |satellite: usize| {
            let nearest = (0..self.stations).min_by(|&a, &b| all[a][satellite].total_cmp(&all[b][satellite]))?;
            let lengths = &all[nearest];
            let last = self.back(lengths, satellite, nearest)?.last().map_or(satellite, |&last| last as usize);
            Some((lengths[satellite] - lengths[last], lengths[last]))
        };
        (0..self.satellites).map(way).collect()
    }

    /// The satellites before a node on the shortest way to it from a station, the last first.
    fn back(&self, lengths: &[f64], to: usize, from: usize) -> Option<Vec<u32>> {
        let mut satellites = Vec::new();
        let mut here = to;
        while here != self.satellites + from {
            // Each way was made longer by one link: the sum is exact again where that link was.
            let arriving = self.graph.edges_directed(NodeIndex::new(here), petgraph::Incoming);
            let before = arriving.map(|edge| (edge.source().index(), *edge.weight())).find(|(source, km)| {
                self.relays(*source, from) && lengths[*source] + km == lengths[here] && lengths[here].is_finite()
            });
            here = before?.0;
            if here < self.satellites {
                satellites.push(here as u32);
            }
        }
        Some(satellites)
    }

    /// Whether ways from a station may go on from a node.
    fn relays(&self, node: usize, from: usize) -> bool {
        node < self.satellites || node == self.satellites + from
    }

    fn search(&self, from: usize) -> Vec<f64> {
        let start = NodeIndex::new(self.satellites + from);
        let cost = |source: usize, km: f64| if self.relays(source, from) { km } else { f64::INFINITY };
        let found = dijkstra(&self.graph, start, None, |edge| cost(edge.source().index(), *edge.weight()));
        let mut lengths = vec![f64::INFINITY; self.satellites + self.stations];
        for (node, length) in found {
            lengths[node.index()] = length;
        }
        lengths
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::earth::Geodetic;
    use crate::orbit::Utc;

    fn walker(pattern: Pattern, satellites: u32, planes: u32) -> Walker {
        Walker {
            pattern,
            satellites,
            planes,
            phasing: 1.0,
            inclination_deg: 53.0,
            altitude_km: 550.0,
            first_node_deg: 0.0,
            drift: false,
        }
    }

    fn states(walker: &Walker) -> Vec<State> {
        walker.satellites("", Utc(0)).map(|satellite| satellite.state(Utc(0)).unwrap()).collect()
    }

    #[test]
    fn a_grid_has_four_links_each() {
        for (pattern, links) in [(Pattern::Delta, 2 * 1_584), (Pattern::Star, 2 * 1_584 - 22)] {
            let walker = walker(pattern, 1_584, 72);
            let grid = grid(&walker);
            assert_eq!(grid.len(), links);
            let states = states(&walker);
            let length = |&(a, b): &(u32, u32)| (states[a as usize].position - states[b as usize].position).norm();
            let longest = grid.iter().map(length).fold(0.0, f64::max);
            // In the plane 2 (6378.137 + 550) sin(π / 22) = 1971.9 km, which no link to a neighbouring plane exceeds.
            assert!((longest - 1_971.9).abs() < 0.1, "{pattern:?} {longest}");
        }
    }

    #[test]
    fn routes_are_shortest_and_add_up() {
        let walker = walker(Pattern::Delta, 288, 24);
        let (states, links) = (states(&walker), grid(&walker));
        let place = |latitude_deg, longitude_deg| {
            Place::on_ellipsoid(Geodetic { latitude_deg, longitude_deg, altitude_km: 0.0 })
        };
        let stations: Vec<Place> =
            (0..12).map(|number| place(f64::from(number * 7 % 90) - 45.0, f64::from(number) * 30.0)).collect();
        let snapshot = Snapshot::new(&states, &links, &stations, 10.0);
        // Every length by relaxing all links until nothing changes (Bellman and Ford).
        for from in 0..stations.len() {
            let mut plain = vec![f64::INFINITY; states.len()];
            for (satellite, state) in states.iter().enumerate() {
                let look = stations[from].look(state);
                if look.elevation_deg >= 10.0 {
                    plain[satellite] = look.range_km;
                }
            }
            for _ in 0..states.len() {
                for &(a, b) in &links {
                    let (a, b) = (a as usize, b as usize);
                    let km = (states[a].position - states[b].position).norm();
                    plain[a] = plain[a].min(plain[b] + km);
                    plain[b] = plain[b].min(plain[a] + km);
                }
            }
            let lengths = snapshot.lengths(from);
            for (to, station) in stations.iter().enumerate().filter(|(to, _)| *to != from) {
                let seen = states.iter().enumerate().filter(|(_, state)| station.look(state).elevation_deg >= 10.0);
                let down = seen.map(|(satellite, state)| plain[satellite] + station.look(state).range_km);
                let expected = down.fold(f64::INFINITY, f64::min);
                assert!((lengths[to] - expected).abs() < 1e-6 || (lengths[to].is_infinite() && expected.is_infinite()));
                let Some(route) = snapshot.route(from, to) else { continue };
                let mut total = stations[from].look(&states[route.satellites[0] as usize]).range_km;
                let hops = route.satellites.windows(2);
                total += hops
                    .map(|hop| (states[hop[0] as usize].position - states[hop[1] as usize].position).norm())
                    .sum::<f64>();
                total += station.look(&states[*route.satellites.last().unwrap() as usize]).range_km;
                assert!((total - route.length_km).abs() < 1e-6 && route.delay_s() > 0.0);
            }
        }
    }
}
