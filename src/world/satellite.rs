//! What a satellite and a terminal make of each other at given elevations: both link budgets line by line, the beam, and what the
//! surroundings of many places come to. Nothing is run for it.

use serde::Serialize;

use crate::geometry::nadir::{nadir_angle, slant_range};
use crate::propagation::satellite::arc::losses_of_places;
use crate::propagation::satellite::beam::{Beam, LIGHT, dwell, footprint, longest_service};
use crate::propagation::satellite::budget::{self, Basis, Conditions, Direction, Obstacles};
use crate::propagation::satellite::layout::{Layout, Reuse};
use crate::propagation::satellite::tables::{Band, Environment};
use crate::propagation::satellite::{Payload, Terminal};
use crate::propagation::tr45820::Walls;
use crate::units::{Db, Hertz, Metres};

/// Rings of beams around that of the terminal: 61 beams in all.
const RINGS: u32 = 4;
/// Places that are drawn for the distribution of losses.
const PLACES: u32 = 100_000;
/// Shares of the places for which the losses are told.
const SHARES: [f64; 5] = [0.5, 0.8, 0.9, 0.95, 0.99];
/// From this height on a satellite stands still over the ground, or nearly so.
const GEOSYNCHRONOUS: Metres = Metres(35_000e3);

/// What is asked about a link.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The satellite.
    pub payload: &'a Payload,
    /// The terminal.
    pub terminal: &'a Terminal,
    /// Elevations, degrees.
    pub elevations_deg: &'a [f64],
    /// Bandwidths if not those of the satellite's file, down and up.
    pub bandwidths: [Option<Hertz>; 2],
    /// Angle between the terminal and the middle of its beam, seen from the satellite, degrees.
    pub off_axis_deg: f64,
    /// What surrounds the terminal, if that is to be told.
    pub surroundings: Option<Surroundings>,
    /// The other beams, if they disturb.
    pub beams: Option<Beams>,
}

/// What surrounds a terminal.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings {
    /// Where it is.
    pub environment: Environment,
    /// Walls around it, indoors.
    pub walls: Option<Walls>,
    /// The budget has the loss that this share of the places does not exceed.
    pub share: f64,
}

/// Other beams of the same satellite.
#[derive(Clone, Copy, Debug)]
pub struct Beams {
    /// How frequencies are shared.
    pub reuse: Reuse,
    /// Share of the time that each of them is lit.
    pub lit: f64,
}

/// A look at a link to a satellite.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SatelliteReport {
    /// Version of farlink that made it.
    pub farlink: String,
    /// The satellite's name in the catalogue.
    pub satellite: String,
    /// The terminal's name in the catalogue.
    pub terminal: String,
    /// Height of the orbit, km.
    pub altitude_km: f64,
    /// Carrier frequencies, GHz.
    pub downlink_ghz: f64,
    /// The same in the uplink.
    pub uplink_ghz: f64,
    /// Angle between the terminal and the middle of its beam, degrees.
    pub off_axis_deg: f64,
    /// The elevations, in the order that was asked for.
    pub points: Vec<Point>,
}

/// One elevation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Angle above the horizon, degrees.
    pub elevation_deg: f64,
    /// Distance, km.
    pub range_km: f64,
    /// Time of the way, ms.
    pub delay_ms: f64,
    /// The beam in the downlink.
    pub beam: BeamFacts,
    /// From the satellite to the terminal.
    pub downlink: Budget,
    /// From the terminal to the satellite.
    pub uplink: Budget,
    /// The surroundings, if they were told.
    pub places: Option<Places>,
}

/// A beam and the ground.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BeamFacts {
    /// Angle between the directions 3 dB below the middle, degrees; none if the antenna is too small to have any.
    pub width_deg: Option<f64>,
    /// Length of the footprint in the direction of the satellite, km; none if the beam looks past the Earth.
    pub footprint_km: Option<f64>,
    /// Elevation at its far edge, degrees.
    pub edge_elevation_deg: Option<f64>,
    /// How long a beam that moves with the satellite stays over a place in its middle, s; none for geosynchronous ones.
    pub dwell_s: Option<f64>,
    /// How long a steered beam stays with a place that the satellite passes overhead, down to this elevation, s.
    pub service_s: Option<f64>,
}

/// One direction's budget.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Budget {
    /// Bandwidth, Hz.
    pub bandwidth_hz: f64,
    /// The lines; their values add up to the ratio.
    pub lines: Vec<Line>,
    /// Carrier over noise, dB.
    pub cnr_db: f64,
    /// Carrier over interference of other beams, dB.
    pub cir_db: Option<f64>,
    /// Carrier over noise and interference, dB.
    pub cinr_db: f64,
}

/// A line of a budget.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// What it is.
    pub name: String,
    /// How much, in `unit`; a loss is negative.
    pub value: f64,
    /// The unit.
    pub unit: String,
    /// The sum of the lines up to this one.
    pub sum: f64,
    /// The clause or the source of the number.
    pub basis: String,
}

/// The surroundings of many places.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Places {
    /// Their name.
    pub environment: String,
    /// Whether they are indoors.
    pub indoors: bool,
    /// Share that sees the satellite.
    pub line_of_sight: f64,
    /// Mean Rician factor of the fading where it is seen, dB; none for the Ka band. The budget has no line for it.
    pub rician_k_db: Option<f64>,
    /// The share of the places whose loss is in the budget.
    pub budget_share: f64,
    /// Losses that a share of the places does not exceed.
    pub quantiles: Vec<Quantile>,
}

/// A share of the places.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quantile {
    /// The share.
    pub share: f64,
    /// The largest loss among them by clutter, shadow and walls, dB.
    pub loss_db: f64,
    /// Carrier over noise and interference with that loss, down, dB.
    pub downlink_db: f64,
    /// The same up, dB.
    pub uplink_db: f64,
}

/// The name of an environment.
#[must_use]
pub const fn environment_name(environment: Environment) -> &'static str {
    match environment {
        Environment::DenseUrban => "dense urban",
        Environment::Urban => "urban",
        Environment::Suburban => "suburban",
    }
}

/// Looks at a link. `source` tells where a figure of the satellite or the terminal comes from.
#[must_use]
pub fn report(question: &Question<'_>, source: &dyn Fn(Basis) -> String) -> SatelliteReport {
    let Question { payload, terminal, .. } = question;
    SatelliteReport {
        farlink: env!("CARGO_PKG_VERSION").to_owned(),
        satellite: payload.name.clone(),
        terminal: terminal.name.clone(),
        altitude_km: payload.altitude.0 / 1e3,
        downlink_ghz: payload.downlink.frequency.0 / 1e9,
        uplink_ghz: payload.uplink.frequency.0 / 1e9,
        off_axis_deg: question.off_axis_deg,
        points: question.elevations_deg.iter().map(|elevation| point(question, *elevation, source)).collect(),
    }
}

fn point(question: &Question<'_>, elevation_deg: f64, source: &dyn Fn(Basis) -> String) -> Point {
    let payload = question.payload;
    let range = slant_range(payload.altitude, elevation_deg);
    let apertures = [payload.downlink, payload.uplink].map(|carrier| Beam::new(carrier.frequency, carrier.aperture));
    let off_axis = (question.off_axis_deg > 0.0).then(|| apertures.map(|beam| beam.gain(question.off_axis_deg)));
    let plain = Conditions {
        off_axis,
        carrier_to_interference: question
            .beams
            .and_then(|beams| disturbance(question, beams, apertures, elevation_deg)),
        ..Conditions::plain(elevation_deg, range)
    };
    let bands = losses(question, elevation_deg);
    let at = |losses: &[Vec<f64>; 2], share: f64| losses.each_ref().map(|losses| Db(quantile(losses, share)));
    let obstacles = question.surroundings.zip(bands.as_ref()).map(|(around, bands)| at(bands, around.share));
    let budget = |direction: Direction, losses: Option<[Db; 2]>| {
        let obstacles = match (losses.map(|both| direction.of(both)), question.surroundings) {
            (Some(loss), Some(Surroundings { walls: Some(_), .. })) => Obstacles::Indoors(loss),
            (Some(loss), _) => Obstacles::Outdoors(loss),
            (None, _) => Obstacles::Margin,
        };
        let conditions = Conditions { obstacles, ..plain };
        let bandwidth = bandwidth(question, direction);
        budget::budget(payload, question.terminal, direction, bandwidth, &conditions)
    };
    let places = question.surroundings.zip(bands.as_ref()).map(|(around, bands)| {
        let quantile = |share| {
            let losses = at(bands, share);
            let ratio = |direction| budget(direction, Some(losses)).ratio.0;
            let [Db(loss_db), _] = losses;
            Quantile { share, loss_db, downlink_db: ratio(Direction::Down), uplink_db: ratio(Direction::Up) }
        };
        Places {
            environment: environment_name(around.environment).to_owned(),
            indoors: around.walls.is_some(),
            line_of_sight: around.environment.los_probability(elevation_deg),
            rician_k_db: (Band::of(payload.downlink.frequency) == Band::S)
                .then(|| around.environment.rician_k(elevation_deg).0.0),
            budget_share: around.share,
            quantiles: SHARES.map(quantile).to_vec(),
        }
    });
    let told = |direction: Direction| {
        let budget = budget(direction, obstacles);
        let interference = plain.carrier_to_interference.map(|both| direction.of(both).0);
        shown(&budget, interference, source)
    };
    Point {
        elevation_deg,
        range_km: range.0 / 1e3,
        delay_ms: range.0 / LIGHT * 1e3,
        beam: beam_facts(payload, apertures[0], elevation_deg),
        downlink: told(Direction::Down),
        uplink: told(Direction::Up),
        places,
    }
}

/// The bandwidth of one direction: as asked; or that of the file, of which a beam has its share in the downlink.
fn bandwidth(question: &Question<'_>, direction: Direction) -> Hertz {
    let Hertz(whole) = direction.of([question.payload.downlink, question.payload.uplink]).bandwidth;
    let share = match (direction, question.beams) {
        (Direction::Down, Some(beams)) => beams.reuse.bandwidth_share(),
        _ => 1.0,
    };
    direction.of(question.bandwidths).unwrap_or(Hertz(whole * share))
}

/// Losses of many places in the bands of both directions, the smallest first.
fn losses(question: &Question<'_>, elevation_deg: f64) -> Option<[Vec<f64>; 2]> {
    let Surroundings { environment, walls, .. } = question.surroundings?;
    let of = |band| losses_of_places(environment, band, elevation_deg, walls.as_ref(), PLACES);
    let bands = [question.payload.downlink, question.payload.uplink].map(|carrier| Band::of(carrier.frequency));
    let down = of(bands[0]);
    let up = if bands[0] == bands[1] { down.clone() } else { of(bands[1]) };
    Some([down, up])
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = (share * sorted.len() as f64) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

/// Carrier over the interference of other beams, down and up, for a terminal beside the middle of its beam on the far side. None if
/// nobody disturbs, or the antenna has no beams that could stand side by side.
fn disturbance(question: &Question<'_>, beams: Beams, apertures: [Beam; 2], elevation_deg: f64) -> Option<[Db; 2]> {
    let altitude = question.payload.altitude;
    let terminal = nadir_angle(altitude, elevation_deg);
    let (sine, cosine) = libm::sincos(terminal.to_radians());
    let middle = terminal - question.off_axis_deg;
    // Both antennas serve the same cells: those of the downlink.
    let layout = |beam: Beam| Layout::hexagonal(apertures[0], beam, altitude, middle, RINGS, beams.reuse);
    let down = layout(apertures[0])?.heard_from(0, [sine, 0.0, cosine]).carrier_to_interference(beams.lit)?;
    let up = layout(apertures[1])?.hears_from(0, [sine, 0.0, cosine]).carrier_to_interference(beams.lit)?;
    Some([down, up])
}

fn beam_facts(payload: &Payload, beam: Beam, elevation_deg: f64) -> BeamFacts {
    let width_deg = beam.width_deg();
    let print = width_deg.and_then(|width| footprint(payload.altitude, width, elevation_deg));
    let moves = payload.altitude.0 < GEOSYNCHRONOUS.0;
    BeamFacts {
        width_deg,
        footprint_km: print.map(|print| print.length.0 / 1e3),
        edge_elevation_deg: print.map(|print| print.edge_elevation_deg),
        dwell_s: print.filter(|_| moves).map(|print| dwell(payload.altitude, print.length)),
        service_s: moves.then(|| longest_service(payload.altitude, elevation_deg)).filter(|seconds| *seconds > 0.0),
    }
}

fn shown(budget: &budget::Budget, cir_db: Option<f64>, source: &dyn Fn(Basis) -> String) -> Budget {
    let mut sum = 0.0;
    let line = |line: &budget::Line| {
        sum += line.value;
        let (name, unit) = (line.name.to_owned(), line.unit.to_owned());
        Line { name, value: line.value, unit, sum, basis: source(line.basis) }
    };
    Budget {
        bandwidth_hz: budget.bandwidth.0,
        lines: budget.lines.iter().map(line).collect(),
        cnr_db: budget.carrier_to_noise.0,
        cir_db,
        cinr_db: budget.ratio.0,
    }
}
