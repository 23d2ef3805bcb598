//! Probes of satellite links: losses on the way, the channel of many places, budgets, beams.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Output, catalogue, unavailable};
use crate::calibrate::Measured;
use crate::catalog::Issue;
use crate::catalog::value::{Real, Whole};
use crate::geometry::nadir::slant_range;
use crate::propagation::satellite::arc::Arc;
use crate::propagation::satellite::atmosphere::{free_space_loss, gas_absorption, scintillation};
use crate::propagation::satellite::beam::{Beam, Footprint, footprint};
use crate::propagation::satellite::budget::{Conditions, Direction, budget};
use crate::propagation::satellite::tables::{Band, Environment, Sight};
use crate::propagation::satellite::{Payload, Terminal};
use crate::rng::Key;
use crate::scenario::quantity::Quantity;
use crate::units::{Db, Hertz, Metres};

/// Clear ways to satellites.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SatelliteWay {
    /// Height of the orbit, km.
    pub altitude_km: Real<100, 100_000>,
    /// Carrier frequencies, GHz; the outputs are lists over these, and then over the elevations.
    pub frequency_ghz: Vec<Real<0, 100>>,
    /// Elevations, degrees.
    pub elevation_deg: Vec<Real<0, 90>>,
}

/// The channel of many places.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SatelliteChannel {
    /// What surrounds the terminals.
    pub environment: EnvironmentName,
    /// Carrier frequency, GHz.
    pub frequency_ghz: Real<0, 100>,
    /// Elevation, degrees.
    pub elevation_deg: Real<0, 90>,
    /// Places that are drawn.
    pub places: Whole<2, 1_000_000>,
}

/// The surroundings for which TR 38.811 has tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EnvironmentName {
    /// High buildings, narrow streets.
    DenseUrban,
    /// A city.
    Urban,
    /// Suburbs and open country.
    Suburban,
}

/// The link of a terminal in the middle of a beam.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SatelliteLink {
    /// A satellite of the catalogue.
    pub satellite: String,
    /// A terminal of the catalogue.
    pub terminal: String,
    /// Elevation, degrees; that for which the satellite is laid out unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elevation_deg: Option<Real<0, 90>>,
    /// Bandwidths of the downlink, kHz; its outputs are lists over these.
    #[serde(default)]
    pub downlink_khz: Vec<Real<0, 4_000_000>>,
    /// Bandwidths of the uplink, kHz; its outputs are lists over these.
    #[serde(default)]
    pub uplink_khz: Vec<Real<0, 4_000_000>>,
    /// Gain of the terminal's antenna in both directions if it is another one, dBi.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal_gain_dbi: Option<Real<-30, 70>>,
    /// All losses beside free space, in place of those of the model, dB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_losses_db: Option<Real<0, 60>>,
}

/// Beams and where they meet the ground.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SatelliteBeam {
    /// Antennas; `width` is a list over these.
    #[serde(default)]
    pub apertures: Vec<ApertureEntry>,
    /// Beams from a height; `length` and `edge` are lists over these.
    #[serde(default)]
    pub footprints: Vec<FootprintEntry>,
}

/// A circular antenna.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApertureEntry {
    /// Diameter, m.
    pub metres: Real<0, 100>,
    /// Carrier frequency, GHz.
    pub frequency_ghz: Real<0, 100>,
}

/// A beam that meets the ground.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FootprintEntry {
    /// Height of the orbit, km.
    pub altitude_km: Real<100, 100_000>,
    /// Width of the beam, degrees.
    pub width_deg: Real<0, 180>,
    /// Elevation of the satellite in the middle of the beam, degrees.
    pub elevation_deg: Real<0, 90>,
}

impl EnvironmentName {
    const fn environment(self) -> Environment {
        match self {
            EnvironmentName::DenseUrban => Environment::DenseUrban,
            EnvironmentName::Urban => Environment::Urban,
            EnvironmentName::Suburban => Environment::Suburban,
        }
    }
}

pub(super) fn way(way: &SatelliteWay) -> Vec<Output<'_>> {
    let points: Vec<(f64, f64)> = way
        .frequency_ghz
        .iter()
        .flat_map(|ghz| way.elevation_deg.iter().map(move |elevation| (ghz.0, elevation.0)))
        .collect();
    let list = |name, of: fn(Metres, Hertz, f64) -> f64| {
        let labels = points.iter().map(|(ghz, elevation)| format!("{ghz} GHz, {elevation}°"));
        let (altitude, points) = (Metres(way.altitude_km.0 * 1e3), points.clone());
        let compute = move |number: usize| {
            let (ghz, elevation): (f64, f64) = points[number];
            of(altitude, Hertz(ghz * 1e9), elevation)
        };
        Output::list(name, Quantity::Gain, labels, compute)
    };
    vec![
        list("free-space", |altitude, frequency, elevation| {
            free_space_loss(frequency, slant_range(altitude, elevation)).0
        }),
        list("gases", |_, frequency, elevation| gas_absorption(frequency, elevation).0),
        list("scintillation", |_, frequency, elevation| scintillation(frequency, elevation).0),
        list("loss", |altitude, frequency, elevation| {
            // Gases only where TR 38.811 clause 6.6.4 asks for them; the budgets have them everywhere.
            let asked = frequency.0 >= 10e9 || (elevation < 10.0 && frequency.0 > 1e9);
            let gases = if asked { gas_absorption(frequency, elevation) } else { Db(0.0) };
            let free = free_space_loss(frequency, slant_range(altitude, elevation));
            (free + gases + scintillation(frequency, elevation)).0
        }),
    ]
}

pub(super) fn channel(channel: &SatelliteChannel) -> Vec<Output<'_>> {
    let (environment, elevation) = (channel.environment.environment(), channel.elevation_deg.0);
    let band = Band::of(Hertz(channel.frequency_ghz.0 * 1e9));
    let drawn = |name: &str, quantity, of: fn(Environment, Band, f64, Arc) -> f64| {
        let compute = move |seed: u64| {
            let arc = |number: u32| Arc::draw(Key::root(seed).child(u64::from(number)), 0, 0);
            let each = (0..channel.places.0).map(|number| of(environment, band, elevation, arc(number)));
            vec![Measured::mean_of(each)]
        };
        Output { compute: Box::new(compute), ..Output::new(name, quantity, || 0.0) }
    };
    let clutter = move || {
        let of = |sight| environment.clutter(band, sight, elevation).0;
        of(Sight::Nlos) - of(Sight::Los)
    };
    vec![
        drawn("line-of-sight", Quantity::Share, |environment, _, elevation, arc| {
            f64::from(u8::from(arc.sight(environment, elevation) == Sight::Los))
        }),
        drawn("drawn-loss", Quantity::Gain, |environment, band, elevation, arc| {
            arc.loss(environment, band, elevation).0
        }),
        Output::new("clutter", Quantity::Gain, clutter),
        Output::new("mean-loss", Quantity::Gain, move || (1.0 - environment.los_probability(elevation)) * clutter()),
    ]
}

/// The two ends of a probe's link.
fn ends(link: &SatelliteLink) -> Result<(Payload, Terminal), Issue> {
    let at = |key: &str, issue: Issue| issue.below(["satellite-link".to_owned(), key.to_owned()]);
    let payload = catalogue().satellite(&link.satellite).map_err(|fault| at("satellite", unavailable(fault)))?;
    let mut terminal = catalogue().terminal(&link.terminal).map_err(|fault| at("terminal", unavailable(fault)))?;
    if let Some(Real(gain)) = link.terminal_gain_dbi {
        (terminal.transmit_gain, terminal.receive_gain) = (Db(gain), Db(gain));
    }
    Ok((payload, terminal))
}

/// Carrier over noise in one direction. If all other losses are given, additional ones make up for the difference.
fn ratio(link: &SatelliteLink, ends: &(Payload, Terminal), direction: Direction, khz: f64) -> f64 {
    let (payload, terminal) = ends;
    let elevation = link.elevation_deg.map_or(payload.target_elevation_deg, |elevation| elevation.0);
    let at = Conditions::plain(elevation, slant_range(payload.altitude, elevation));
    let budget = budget(payload, terminal, direction, Hertz(khz * 1e3), &at);
    let Some(Real(given)) = link.other_losses_db else { return budget.ratio.0 };
    let losses = budget.lines.iter().filter(|line| line.unit == "dB" && line.value < 0.0 && line.name != "free space");
    let modelled: f64 = losses.map(|line| -line.value).sum();
    budget.ratio.0 + modelled - given
}

pub(super) fn link(link: &SatelliteLink) -> Result<Vec<Output<'_>>, Issue> {
    let ends = std::rc::Rc::new(ends(link)?);
    let quality = ends.1.gain_over_temperature().0;
    let list = |name, direction, widths: &[Real<0, 4_000_000>]| {
        let widths: Vec<f64> = widths.iter().map(|width| width.0).collect();
        let labels = widths.iter().map(|khz| format!("{khz} kHz")).collect::<Vec<_>>();
        let ends = ends.clone();
        Output::list(name, Quantity::Gain, labels, move |number| ratio(link, &ends, direction, widths[number]))
    };
    let free = |name, direction: Direction| {
        let ends = ends.clone();
        let compute = move || {
            let elevation = link.elevation_deg.map_or(ends.0.target_elevation_deg, |elevation| elevation.0);
            let carrier = direction.of([ends.0.downlink, ends.0.uplink]);
            free_space_loss(carrier.frequency, slant_range(ends.0.altitude, elevation)).0
        };
        Output::new(name, Quantity::Gain, compute)
    };
    let steps = {
        let ends = ends.clone();
        let labels = link.uplink_khz.windows(2).map(|pair| format!("{} to {} kHz", pair[0].0, pair[1].0));
        let up = move |number: usize| ratio(link, &ends, Direction::Up, link.uplink_khz[number].0);
        Output::list("uplink-steps", Quantity::Gain, labels, move |number| up(number + 1) - up(number))
    };
    Ok(vec![
        list("downlink", Direction::Down, &link.downlink_khz),
        list("uplink", Direction::Up, &link.uplink_khz),
        steps,
        free("downlink-free-space", Direction::Down),
        free("uplink-free-space", Direction::Up),
        Output::new("terminal-g-over-t", Quantity::Gain, move || quality),
    ])
}

pub(super) fn beam(beams: &SatelliteBeam) -> Vec<Output<'_>> {
    let apertures = beams.apertures.iter().map(|one| format!("{} m, {} GHz", one.metres.0, one.frequency_ghz.0));
    let width = |number: usize| {
        let ApertureEntry { metres, frequency_ghz } = &beams.apertures[number];
        Beam::new(Hertz(frequency_ghz.0 * 1e9), Metres(metres.0)).width_deg().unwrap_or(f64::NAN)
    };
    let ground = |name, quantity, of: fn(Option<Footprint>) -> f64| {
        let labels = beams
            .footprints
            .iter()
            .map(|one| format!("{} km, {}°, {}°", one.altitude_km.0, one.width_deg.0, one.elevation_deg.0));
        let compute = move |number: usize| {
            let one = &beams.footprints[number];
            of(footprint(Metres(one.altitude_km.0 * 1e3), one.width_deg.0, one.elevation_deg.0))
        };
        Output::list(name, quantity, labels, compute)
    };
    vec![
        Output::list("width", Quantity::Angle, apertures, width),
        ground("length", Quantity::Distance, |print| print.map_or(f64::NAN, |print| print.length.0 / 1e3)),
        ground("edge", Quantity::Angle, |print| print.map_or(f64::NAN, |print| print.edge_elevation_deg)),
    ]
}
