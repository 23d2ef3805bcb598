//! `farlink link`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write, stdout};
use std::path::Path;

use super::{Color, Ending, Failure, LinkArgs, LinkFormat, ScenarioArgs, satellite, talk, unless_reader_left};
use crate::catalog::suggest::{did_you_mean, one_of};
use crate::catalog::{Catalogue, Fault};
use crate::power::Profile;
use crate::propagation::tr45820::Route;
use crate::report::{curves, json, lines, text};
use crate::scenario::{self, Problems};
use crate::units::{Db, Metres};
use crate::world::WorldError;
use crate::world::link::{self, Place};
use crate::world::spec::{GroupSpec, NetworkSpec, WorldSpec};

/// Prints what a network makes of a device at some coupling losses or distances, and writes its error-rate curves if asked to; or
/// the budgets of a link to a satellite.
pub(super) fn link(args: &LinkArgs, color: Color) -> Result<Ending, Failure> {
    let Some(path) = &args.scenario else {
        return satellite::link(&args.sky, args.device.as_deref(), args.format, color);
    };
    let asked = ScenarioArgs { scenario: path.clone(), sets: args.sets.clone(), seed: args.seed };
    let scenario = scenario::load(&asked.scenario, &asked.overrides())?;
    scenario.notes.iter().for_each(|note| talk(format_args!("note: {note}")));
    let group = args.group.as_deref().map(|name| group(&scenario.world, name)).transpose()?;
    let number = match group {
        Some(group) => group.network,
        None => network(&scenario.world, args.network.as_deref())?,
    };
    let network = &scenario.world.networks[number];
    let base = path.parent().unwrap_or(Path::new(""));
    let device = match (group, args.device.as_deref()) {
        (Some(group), None) => group.device.clone(),
        (_, name) => device(&scenario.world, number, name, base)?,
    };
    let places: Vec<Place> = args.places();
    let unsound = |source| WorldError::Radio { network: network.name.clone(), source };
    let report = link::report(network, &device, &places, args.bytes).map_err(unsound)?;
    if let Some(path) = &args.curves {
        write_curves(network, path, args.force)?;
    }
    let text = match args.format {
        LinkFormat::Json => json::link_text(&report)?,
        LinkFormat::Text => text::link::render(&report, &color.look()),
        LinkFormat::Csv => {
            let mut text = String::new();
            // Writing to a string cannot fail.
            let _ = lines::write_ground(&report, &mut text);
            text
        }
    };
    write_report(&text)
}

/// Writes a report to stdout.
pub(super) fn write_report(text: &str) -> Result<Ending, Failure> {
    let mut stdout = stdout();
    unless_reader_left(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))?;
    Ok(Ending::Ok)
}

impl LinkArgs {
    /// The links that were asked for: coupling losses, then distances.
    fn places(&self) -> Vec<Place> {
        let losses = self.coupling_loss.iter().map(|loss| Place::Loss(Db(*loss)));
        let way = |distance: &f64| Route {
            distance: Metres(*distance),
            off_axis_deg: self.off_axis_deg,
            shadowing: Db(self.shadowing_db),
            building: Db(self.building_loss_db),
        };
        losses.chain(self.distance_m.iter().map(|distance| Place::Way(way(distance)))).collect()
    }
}

/// The group of that name.
fn group<'a>(world: &'a WorldSpec, name: &str) -> Result<&'a GroupSpec, Failure> {
    let names = || world.groups.iter().map(|group| group.name.as_str());
    let found = world.groups.iter().find(|group| group.name == name);
    found.ok_or_else(|| Failure::Usage(no_such("--group", "group", name, names())))
}

/// The network of that name, or the only one.
fn network(world: &WorldSpec, name: Option<&str>) -> Result<usize, Failure> {
    let names = || world.networks.iter().map(|network| network.name.as_str());
    match name {
        None if world.networks.len() == 1 => Ok(0),
        None => Err(Failure::Usage(format!(
            "the scenario has {} networks; say which with --network: {}",
            world.networks.len(),
            one_of(names())
        ))),
        Some(name) => names()
            .position(|known| known == name)
            .ok_or_else(|| Failure::Usage(no_such("--network", "network", name, names()))),
    }
}

fn no_such<'a>(option: &str, what: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let help = did_you_mean(name, known.clone());
    let help = if help.is_empty() { help } else { format!("; {help}") };
    format!("{option} {name}: no such {what}, expected {}{help}", one_of(known))
}

/// The device of that name in the catalogue, or that of the network's first group.
fn device(world: &WorldSpec, network: usize, name: Option<&str>, base: &Path) -> Result<Profile, Failure> {
    let Some(name) = name else {
        let group = world.groups.iter().find(|group| group.network == network);
        return group.map(|group| group.device.clone()).ok_or_else(|| {
            let name = &world.networks[network].name;
            Failure::Usage(format!("no group uses the network `{name}`; name a device with --device"))
        });
    };
    Catalogue::new(base).device(name).map_err(|fault| missing("--device", fault))
}

/// Why model data that an option names cannot be had.
pub(super) fn missing(option: &str, fault: Fault) -> Failure {
    match fault {
        Fault::File(problems) => Failure::Scenario(Problems(problems)),
        Fault::Missing(issue) => {
            let expected = issue.expected.map_or_else(String::new, |expected| format!(", expected {expected}"));
            let help = if issue.help.is_empty() { String::new() } else { format!("; {}", issue.help) };
            Failure::Usage(format!("{option}: {}{expected}{help}", issue.what))
        }
    }
}

fn write_curves(network: &NetworkSpec, path: &Path, force: bool) -> Result<(), Failure> {
    let unsound = |source| WorldError::Radio { network: network.name.clone(), source };
    let channels = network.channels().map_err(unsound)?;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = curves::write_csv(&channels, &mut text);
    let opened = if force { File::create(path) } else { OpenOptions::new().write(true).create_new(true).open(path) };
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.flush()));
    written.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => Failure::InTheWay(path.to_owned()),
        _ => Failure::File { path: path.to_owned(), source },
    })?;
    talk(format_args!("error-rate curves in {}", path.display()));
    Ok(())
}
