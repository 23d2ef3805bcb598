//! `farlink link`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write, stdout};
use std::path::Path;

use super::{Color, Ending, Failure, Format, LinkArgs, talk, unless_reader_left};
use crate::catalog::suggest::{did_you_mean, one_of};
use crate::catalog::{Catalogue, Fault};
use crate::power::Profile;
use crate::report::{curves, json, text};
use crate::scenario::{self, Problems};
use crate::units::Db;
use crate::world::spec::{NetworkSpec, WorldSpec};
use crate::world::{WorldError, link};

/// Prints what a network makes of a device at some coupling losses, and writes its error-rate curves if asked to.
pub(super) fn link(args: &LinkArgs, color: Color) -> Result<Ending, Failure> {
    let scenario = scenario::load(&args.scenario.scenario, &args.scenario.overrides())?;
    scenario.notes.iter().for_each(|note| talk(format_args!("note: {note}")));
    let number = network(&scenario.world, args.network.as_deref())?;
    let network = &scenario.world.networks[number];
    let base = args.scenario.scenario.parent().unwrap_or(Path::new(""));
    let device = device(&scenario.world, number, args.device.as_deref(), base)?;
    let losses: Vec<Db> = args.coupling_loss.iter().copied().map(Db).collect();
    let unsound = |source| WorldError::Radio { network: network.name.clone(), source };
    let report = link::report(network, &device, &losses, args.bytes).map_err(unsound)?;
    if let Some(path) = &args.curves {
        write_curves(network, path, args.force)?;
    }
    let text = match args.format {
        Format::Json => json::link_text(&report)?,
        Format::Text => text::link::render(&report, &color.look()),
    };
    let mut stdout = stdout();
    unless_reader_left(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))?;
    Ok(Ending::Ok)
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
        Some(name) => {
            names().position(|known| known == name).ok_or_else(|| Failure::Usage(no_such_network(name, names())))
        }
    }
}

fn no_such_network<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let help = did_you_mean(name, known.clone());
    let help = if help.is_empty() { help } else { format!("; {help}") };
    format!("--network {name}: no such network, expected {}{help}", one_of(known))
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
    Catalogue::new(base).device(name).map_err(|fault| match fault {
        Fault::File(problems) => Failure::Scenario(Problems(problems)),
        Fault::Missing(issue) => {
            let expected = issue.expected.map_or_else(String::new, |expected| format!(", expected {expected}"));
            let help = if issue.help.is_empty() { String::new() } else { format!("; {}", issue.help) };
            Failure::Usage(format!("--device: {}{expected}{help}", issue.what))
        }
    })
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
