//! `farlink link --satellite`.

use std::path::Path;

use clap::{Args, ValueEnum};

use super::link::{missing, write_report};
use super::{Color, Ending, Failure, LinkFormat, number_from, talk};
use crate::catalog::satellite::{SatelliteFile, TerminalFile};
use crate::catalog::{Catalogue, Kind};
use crate::population::hearing;
use crate::propagation::Building;
use crate::propagation::satellite::budget::Basis;
use crate::propagation::satellite::layout::Reuse;
use crate::propagation::satellite::tables::{Band, Environment};
use crate::propagation::satellite::{Payload, Terminal};
use crate::report::{json, lines, text};
use crate::units::Hertz;
use crate::world::satellite::{Beams, Question, Surroundings, report};

/// The elevations of a sweep, degrees.
const SWEEP: [f64; 9] = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0];

#[derive(Debug, Args)]
#[command(next_help_heading = "Satellites")]
pub(super) struct SkyArgs {
    /// A satellite of the catalogue, or the path of its file, in place of a scenario.
    #[arg(long, value_name = "NAME")]
    pub(super) satellite: Option<String>,
    /// A terminal of the catalogue, or the path of its file; or a --device [default: handheld, in the Ka band vsat].
    #[arg(long, value_name = "NAME", requires = "satellite", conflicts_with_all = ["device", "scenario"])]
    terminal: Option<String>,
    /// Elevation, 0 to 90; may be repeated [default: that for which the satellite is laid out].
    #[arg(long, value_name = "DEG", requires = "satellite", conflicts_with = "scenario", value_parser = elevation)]
    elevation_deg: Vec<f64>,
    /// A table from 10 to 90 degrees.
    #[arg(long, requires = "satellite", conflicts_with_all = ["elevation_deg", "scenario"])]
    sweep_elevation: bool,
    /// Reckon with clutter and shadow fading of these surroundings in place of the satellite's shadow margin.
    #[arg(long, value_enum, value_name = "NAME", requires = "satellite", conflicts_with = "scenario")]
    environment: Option<EnvironmentName>,
    /// The budget has the loss that this share of the places does not exceed.
    #[arg(long, value_name = "N", requires = "environment", default_value_t = 90.0, value_parser = percent)]
    places_percent: f64,
    /// Add the walls of TR 45.820.
    #[arg(long, requires = "environment")]
    indoor: bool,
    /// Angle between the terminal and the middle of its beam, seen from the satellite, 0 to 90.
    #[arg(long, value_name = "DEG", requires = "satellite", conflicts_with = "scenario", default_value_t = 0.0, value_parser = elevation)]
    off_boresight_deg: f64,
    /// Bandwidth of the downlink [default: that of the satellite].
    #[arg(long, value_name = "KHZ", requires = "satellite", conflicts_with = "scenario", value_parser = bandwidth)]
    downlink_khz: Option<f64>,
    /// Bandwidth of the uplink [default: that of the satellite].
    #[arg(long, value_name = "KHZ", requires = "satellite", conflicts_with = "scenario", value_parser = bandwidth)]
    uplink_khz: Option<f64>,
    /// Reckon with the interference of 60 beams around, which share frequencies like this.
    #[arg(long, value_enum, value_name = "NAME", requires = "satellite", conflicts_with = "scenario")]
    reuse: Option<ReuseName>,
    /// Share of the time that each of these beams is lit: its load, times its share of a hopping beam.
    #[arg(long, value_name = "N", requires = "reuse", default_value_t = 100.0, value_parser = percent)]
    lit_percent: f64,
}

/// The surroundings of TR 38.811.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EnvironmentName {
    /// High buildings, narrow streets.
    DenseUrban,
    /// A city.
    Urban,
    /// Suburbs and open country.
    Suburban,
}

/// How beams share frequencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ReuseName {
    /// Each beam has all of them.
    #[value(name = "1")]
    One,
    /// Three beams share them.
    #[value(name = "3")]
    Three,
    /// Two beams share them, in two polarizations.
    #[value(name = "2-polarized")]
    TwoPolarized,
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

impl ReuseName {
    const fn reuse(self) -> Reuse {
        match self {
            ReuseName::One => Reuse::One,
            ReuseName::Three => Reuse::Three,
            ReuseName::TwoPolarized => Reuse::TwoPolarized,
        }
    }
}

fn elevation(text: &str) -> Result<f64, String> {
    number_from(text, 0.0, 90.0, "a number of degrees")
}

fn percent(text: &str) -> Result<f64, String> {
    number_from(text, 0.1, 100.0, "a percentage")
}

fn bandwidth(text: &str) -> Result<f64, String> {
    number_from(text, 0.001, 4e6, "a bandwidth in kHz")
}

/// Something with a radio and, by the key of the figure, where each of its figures comes from.
struct Sourced<T> {
    radio: T,
    file: serde_json::Value,
}

impl<T> Sourced<T> {
    fn source(&self, key: &str, name: &str) -> String {
        let told = self.file.get(key).and_then(|figure| figure.get("source")).and_then(|source| source.as_str());
        told.map_or_else(|| format!("{name}: no source given"), str::to_owned)
    }
}

fn payload(catalogue: &mut Catalogue, name: &str) -> Result<Sourced<Payload>, Failure> {
    let loaded = catalogue.load::<SatelliteFile>(Kind::Satellite, name);
    let loaded = loaded.map_err(|fault| missing("--satellite", fault))?;
    let radio = loaded.convert(|file| file.payload(name)).map_err(|fault| missing("--satellite", fault))?;
    Ok(Sourced { radio, file: loaded.json })
}

fn terminal(
    catalogue: &mut Catalogue,
    args: &SkyArgs,
    device: Option<&str>,
    band: Band,
) -> Result<Sourced<Terminal>, Failure> {
    if let Some(name) = device {
        let device = catalogue.device(name).map_err(|fault| missing("--device", fault))?;
        let radio = hearing::terminal(&device);
        let told = serde_json::json!({"source": format!("the device `{name}`")});
        return Ok(Sourced { radio, file: serde_json::json!({"tx_power_dbm": told, "tx_gain_dbi": told}) });
    }
    let usual = if band == Band::S { "handheld" } else { "vsat" };
    let name = args.terminal.as_deref().unwrap_or(usual);
    let loaded = catalogue.load::<TerminalFile>(Kind::Terminal, name);
    let loaded = loaded.map_err(|fault| missing("--terminal", fault))?;
    Ok(Sourced { radio: loaded.content.terminal(name), file: loaded.json })
}

/// Prints the budgets of a link to a satellite.
pub(super) fn link(args: &SkyArgs, device: Option<&str>, format: LinkFormat, color: Color) -> Result<Ending, Failure> {
    let mut catalogue = Catalogue::new(Path::new(""));
    let Some(name) = args.satellite.as_deref() else {
        return Err(Failure::Usage("name a satellite with --satellite".to_owned()));
    };
    let payload = payload(&mut catalogue, name)?;
    let band = Band::of(payload.radio.downlink.frequency);
    let terminal = terminal(&mut catalogue, args, device, band)?;
    let target = [payload.radio.target_elevation_deg];
    let elevations_deg = match (args.sweep_elevation, args.elevation_deg.as_slice()) {
        (true, _) => &SWEEP[..],
        (false, []) => &target[..],
        (false, asked) => asked,
    };
    let surroundings = args.environment.map(|environment| Surroundings {
        environment: environment.environment(),
        walls: args.indoor.then(|| Building::Scenario1.walls()),
        share: args.places_percent / 100.0,
    });
    let question = Question {
        payload: &payload.radio,
        terminal: &terminal.radio,
        elevations_deg,
        bandwidths: [args.downlink_khz, args.uplink_khz].map(|khz| khz.map(|khz| Hertz(khz * 1e3))),
        off_axis_deg: args.off_boresight_deg,
        surroundings,
        beams: args.reuse.map(|reuse| Beams { reuse: reuse.reuse(), lit: args.lit_percent / 100.0 }),
    };
    let source = |basis| match basis {
        Basis::Clause(clause) => clause.to_owned(),
        Basis::Satellite(key) => payload.source(key, name),
        Basis::Terminal(key) => terminal.source(key, &terminal.radio.name),
    };
    let report = report(&question, &source);
    if question.beams.is_some() && report.points.iter().any(|point| point.downlink.cir_db.is_none()) {
        let what = "the antenna is too small for beams side by side, or no other beam shares the frequency";
        talk(format_args!("note: no interference is reckoned with: {what}"));
    }
    let text = match format {
        LinkFormat::Json => json::satellite_text(&report)?,
        LinkFormat::Text => text::satellite::render(&report, &color.look()),
        LinkFormat::Csv => {
            let mut text = String::new();
            // Writing to a string cannot fail.
            let _ = lines::write_satellite(&report, &mut text);
            text
        }
    };
    write_report(&text)
}
