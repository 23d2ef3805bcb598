//! How well a terminal and a satellite hear each other: the payload with its beams, the terminal, and what stands between them over an
//! arc. Where they are is told by whoever asks; an answer takes no memory.

use crate::geometry::earth::Place;
use crate::geometry::hex::{Axial, point_in_cell, points};
use crate::geometry::nadir::{EARTH_RADIUS, nadir_angle, slant_range};
use crate::geometry::vector::Vector;
use crate::network::{Beams, Steering};
use crate::population::sky::View;
use crate::power::Profile;
use crate::propagation::satellite::arc::Arc;
use crate::propagation::satellite::beam::Beam;
use crate::propagation::satellite::budget::{BOLTZMANN, Direction};
use crate::propagation::satellite::layout::{Layout, Shape};
use crate::propagation::satellite::service::{self, Service};
use crate::propagation::satellite::tables::Environment;
use crate::propagation::satellite::{Carrier, Payload, Terminal};
use crate::propagation::tr45820::Walls;
use crate::rng::{Key, Probability, Purpose};
use crate::units::{Db, Dbm, Hertz, Metres};

/// Noise temperature of the antenna of a device, K: that of the ground, as of the handheld terminal of TR 38.821.
const GROUND_TEMPERATURE: f64 = 290.0;
/// Less than any probability of line of sight.
const NEVER_OBSTRUCTED: f64 = -1.0;
/// A satellite has so many rings of beams at most.
pub const MOST_RINGS: u32 = 30;
/// Rings of cells around that of a terminal which disturb it, where beams are steered.
const RINGS_AROUND: u32 = 2;

/// What surrounds the terminals of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Surroundings {
    /// Where they are; `None` in the open, where nothing stands in the way and shadow fading is that of line of sight in open country.
    pub environment: Option<Environment>,
    /// Share of them inside buildings, 0 to 1.
    pub indoor_fraction: f64,
}

/// The radio of a device of the catalogue, towards a satellite.
#[must_use]
pub fn terminal(device: &Profile) -> Terminal {
    Terminal {
        name: device.name.clone(),
        power: device.max_tx_power,
        transmit_gain: device.antenna_gain,
        receive_gain: device.antenna_gain,
        noise_figure: device.noise_figure,
        antenna_temperature: GROUND_TEMPERATURE,
    }
}

/// What the links need to know of the cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Power of a carrier behind the antenna of the satellite.
    pub carrier_power: Dbm,
    /// Bandwidths for which ratios are told, down and up; the first is that of a carrier.
    pub bandwidths: [Hertz; 2],
    /// The largest coupling loss with which terminals are served.
    pub deepest: Db,
}

/// How a terminal and a satellite hear each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heard {
    /// Loss between the antenna connectors, in the downlink.
    pub coupling_loss: Db,
    /// Carrier over noise and interference, down and up.
    pub ratios: [Db; 2],
}

/// The links between one kind of terminal and the satellites of a network.
#[derive(Clone, Debug)]
pub struct Hearing {
    /// Down and up.
    services: [Service; 2],
    spots: Spots,
    lit: f64,
    surroundings: Surroundings,
    walls: Walls,
    /// The coupling loss and the carrier over noise in the downlink, added up.
    sum: Db,
    /// The largest coupling loss with which terminals are served.
    deepest: Db,
}

/// Where the middles of beams are, down and up.
#[derive(Clone, Debug)]
enum Spots {
    /// At the same directions from the satellite for ever.
    Moving(Box<[Layout; 2]>),
    /// On the middles of hexagons on the ground.
    Steered(Box<Steered>),
}

#[derive(Clone, Debug)]
struct Steered {
    shapes: [Shape; 2],
    /// Between the middles of neighbours, km.
    spacing: f64,
    /// The middles of the cells around that have the same channel, km east and north of the own one.
    alike: Vec<(f64, f64)>,
}

/// A terminal as far as its links need it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Listener {
    /// Its stream of draws.
    pub key: Key,
    /// Loss of the building it is in.
    pub building: Db,
}

/// The gain of the beam that serves a terminal, and of all others of the channel together, over that in the middle, as ratios.
#[derive(Clone, Copy, Debug)]
struct Gain {
    own: f64,
    others: f64,
}

impl Hearing {
    /// Prepares the links of terminals with this device to satellites at a height.
    #[must_use]
    pub fn new(
        (payload, beams, altitude): (&Payload, &Beams, Metres),
        cell: &Cell,
        device: &Profile,
        (surroundings, walls): (Surroundings, Walls),
    ) -> Hearing {
        let terminal = terminal(device);
        let Cell { carrier_power, bandwidths, deepest } = *cell;
        let environment = surroundings.environment.unwrap_or(Environment::Suburban);
        let service = |way: Direction| Service::new(payload, &terminal, way, way.of(bandwidths), environment);
        let receiver = (terminal.receive_gain - terminal.gain_over_temperature()).0;
        let noise_dbm = BOLTZMANN + 30.0 + 10.0 * libm::log10(bandwidths[0].0) + receiver;
        Hearing {
            services: [service(Direction::Down), service(Direction::Up)],
            spots: Spots::new(payload, beams, altitude),
            lit: beams.lit,
            surroundings,
            walls,
            sum: Db(carrier_power.0 - noise_dbm),
            deepest,
        }
    }

    /// The terminal with this stream of draws.
    #[must_use]
    pub fn listener(&self, key: Key) -> Listener {
        // The walls are the same for ever: `Purpose::Indoor`, number 0, tells whether there are any.
        let share = self.surroundings.indoor_fraction;
        let inside = share > 0.0 && (share >= 1.0 || key.draw(Purpose::Indoor, 0).chance(Probability::new(share)));
        Listener { key, building: if inside { self.walls.penetration(key) } else { Db(0.0) } }
    }

    /// What stands between a terminal and a satellite over the arc with this number.
    #[must_use]
    pub fn arc(&self, listener: &Listener, satellite: u32, number: u32) -> Arc {
        let arc = Arc::draw(listener.key, satellite, number);
        let obstruction = if self.surroundings.environment.is_some() { arc.obstruction } else { NEVER_OBSTRUCTED };
        Arc { obstruction, ..arc }
    }

    /// Whether a terminal hears a satellite well enough for the deepest coverage level.
    #[inline]
    #[must_use]
    pub fn reaches(&self, listener: &Listener, place: &Place, view: &View, arc: &Arc) -> bool {
        let gain = Gain { own: self.spots.own(listener, place, view, Direction::Down), others: 0.0 };
        self.coupling_loss(listener, &seen(view, gain), arc) <= self.deepest
    }

    fn coupling_loss(&self, listener: &Listener, view: &service::View, arc: &Arc) -> Db {
        let [down, _] = &self.services;
        self.sum - down.over_noise(view, arc, listener.building)
    }

    /// How a terminal and a satellite hear each other.
    #[must_use]
    pub fn heard(&self, listener: &Listener, place: &Place, view: &View, arc: &Arc) -> Heard {
        let views = [Direction::Down, Direction::Up].map(|way| {
            let Gain { own, others } = self.spots.gain(listener, place, view, way);
            seen(view, Gain { own, others: others * self.lit })
        });
        let ratio = |way: usize| self.services[way].ratio(&views[way], arc, listener.building);
        Heard { coupling_loss: self.coupling_loss(listener, &views[0], arc), ratios: [ratio(0), ratio(1)] }
    }

    /// The coupling loss outdoors, in line of sight without fading, where a satellite at a height stands at an elevation: in the middle of
    /// the beam if beams stay with their cells.
    #[must_use]
    pub fn plain_loss(&self, altitude: Metres, elevation_deg: f64) -> Db {
        let (aside, down) = libm::sincos(nadir_angle(altitude, elevation_deg).to_radians());
        let beam = match &self.spots {
            Spots::Moving(layouts) => layouts[0].heard([aside, 0.0, down]).map_or(1.0, |heard| heard.gain),
            Spots::Steered(_) => 1.0,
        };
        let (range, sine) = (slant_range(altitude, elevation_deg), libm::sin(elevation_deg.to_radians()));
        let arc = Arc { obstruction: NEVER_OBSTRUCTED, shadow: 0.0 };
        let view = service::View { range, sine, beam, interference: 0.0 };
        self.sum - self.services[0].over_noise(&view, &arc, Db(0.0))
    }

    /// The least elevation from `from_deg` on at which a satellite at a height is heard so; `None` if none is.
    #[must_use]
    pub fn lowest(&self, altitude: Metres, from_deg: f64) -> Option<f64> {
        let mut elevations = (0..=180).map(|half| f64::from(half) / 2.0).filter(|elevation| *elevation >= from_deg);
        elevations.find(|elevation| self.plain_loss(altitude, *elevation) <= self.deepest)
    }
}

/// A view with the gains of beams. Interference of other beams meets the terminal on the same way as the signal.
fn seen(view: &View, gain: Gain) -> service::View {
    service::View { range: view.range, sine: view.sine, beam: gain.own, interference: gain.others / gain.own }
}

impl Spots {
    fn new(payload: &Payload, beams: &Beams, altitude: Metres) -> Spots {
        let apertures =
            [payload.downlink, payload.uplink].map(|carrier| Beam::new(carrier.frequency, carrier.aperture));
        // Both antennas serve the same cells: those of the downlink.
        let [cells, _] = apertures;
        match beams.steering {
            Steering::Moving => Spots::Moving(Box::new(apertures.map(|beam| {
                let layout = Layout::hexagonal(cells, beam, altitude, 0.0, beams.rings, beams.reuse);
                layout.unwrap_or_else(|| Layout::of(beam, [([0.0, 0.0, 1.0], 0)]))
            }))),
            Steering::EarthFixed => {
                let width = cells.width_deg().unwrap_or(180.0).min(90.0);
                let spacing = altitude.0 / 1e3 * 0.75f64.sqrt() * width.to_radians();
                let around = (1..points(RINGS_AROUND)).map(Axial::of_index);
                let own = beams.reuse.channel(Axial::default());
                let alike = around.filter(|cell| beams.reuse.channel(*cell) == own).map(|cell| {
                    let (x, y) = cell.position();
                    (x * spacing, y * spacing)
                });
                Spots::Steered(Box::new(Steered { shapes: apertures.map(Shape::new), spacing, alike: alike.collect() }))
            }
        }
    }

    /// Gain of the beam that serves a terminal.
    #[inline]
    fn own(&self, listener: &Listener, place: &Place, view: &View, way: Direction) -> f64 {
        match self {
            Spots::Moving(layouts) => {
                let layout = way.of(layouts.each_ref());
                layout.nearest(view.towards).map_or(1.0, |beam| layout.gain(beam, view.towards))
            }
            Spots::Steered(steered) => {
                let middle = steered.middle(listener, place, (0.0, 0.0));
                way.of(steered.shapes.each_ref()).gain(sine_square(middle - view.away, view.away * -1.0))
            }
        }
    }

    /// The same, with the gains of the others of its channel.
    fn gain(&self, listener: &Listener, place: &Place, view: &View, way: Direction) -> Gain {
        let own = self.own(listener, place, view, way);
        let others = match self {
            Spots::Moving(layouts) => {
                let layout = way.of(layouts.each_ref());
                layout.nearest(view.towards).map_or(0.0, |beam| match way {
                    Direction::Down => layout.heard_from(beam, view.towards).interference,
                    Direction::Up => layout.hears_from(beam, view.towards).interference,
                })
            }
            Spots::Steered(steered) => {
                let shape = way.of(steered.shapes.each_ref());
                let disturbed = match way {
                    Direction::Down => view.away * -1.0,
                    Direction::Up => steered.middle(listener, place, (0.0, 0.0)) - view.away,
                };
                let other = |cell: &(f64, f64)| steered.middle(listener, place, *cell) - view.away;
                steered.alike.iter().map(|cell| shape.gain(sine_square(other(cell), disturbed))).sum()
            }
        };
        Gain { own, others }
    }
}

impl Steered {
    /// From a terminal to the middle of a cell, which lies so many kilometres east and north of the middle of the own one. The terminal is
    /// anywhere in its cell.
    fn middle(&self, listener: &Listener, place: &Place, (x, y): (f64, f64)) -> Vector {
        let draw = |number| listener.key.draw(Purpose::Position, number);
        let (east, north) = point_in_cell(draw(2).below(3), draw(3), draw(4));
        let (east, north) = (x - east * self.spacing, y - north * self.spacing);
        let eastwards = Vector::new(-place.up.y, place.up.x, 0.0);
        // At a pole every direction is as good as another.
        let eastwards = if eastwards.norm() > 1e-9 { eastwards.unit() } else { Vector::new(1.0, 0.0, 0.0) };
        let down = (east * east + north * north) / (2.0 * EARTH_RADIUS.0 / 1e3);
        eastwards * east + place.up.cross(eastwards) * north - place.up * down
    }
}

/// The square of the sine of the angle between two vectors.
fn sine_square(a: Vector, b: Vector) -> f64 {
    let across = a.cross(b);
    across.dot(across) / (a.dot(a) * b.dot(b))
}

/// The rings of beams, each as wide as the payload's, that fill what a satellite sees of the Earth from an elevation on.
#[must_use]
pub fn rings_that_fill(payload: &Payload, altitude: Metres, min_elevation_deg: f64) -> u32 {
    let Carrier { frequency, aperture, .. } = payload.downlink;
    let Some(width) = Beam::new(frequency, aperture).width_deg() else { return 0 };
    let spacing = libm::sin((0.75f64.sqrt() * width).min(90.0).to_radians());
    let edge = libm::sin(nadir_angle(altitude, min_elevation_deg).to_radians());
    // The corners of hexagons are 1/√3 of their distance from the middle, rings √3/2 of it from one another.
    let rings = (edge / spacing - 1.0 / 3f64.sqrt()) / 0.75f64.sqrt();
    (rings.ceil().max(0.0) as u32).min(MOST_RINGS)
}
