//! `farlink models`.

use std::io::{Write, stdout};
use std::path::Path;

use clap::Args;

use super::{Color, Ending, Failure, unless_reader_left};
use crate::catalog::suggest::{did_you_mean, one_of};
use crate::catalog::{BUILT_IN, BuiltIn, Catalogue, Kind};
use crate::report::text::models;

#[derive(Debug, Args)]
pub(super) struct ModelsArgs {
    /// Only this kind, such as `constellations` or `devices`.
    kind: Option<String>,
    /// Print the file of this name, with the source of every number.
    name: Option<String>,
}

/// Lists what is built in, or prints one file.
pub(super) fn models(args: &ModelsArgs, color: Color) -> Result<Ending, Failure> {
    let folder = args.kind.as_deref().map(folder).transpose()?;
    let files = || BUILT_IN.iter().filter(move |file| folder.is_none_or(|folder| folder_of(file) == folder));
    let text = match &args.name {
        Some(name) => {
            let found = files().find(|file| file.name == name);
            let known = || files().map(|file| file.name);
            let missing = || {
                Failure::Usage(format!(
                    "no model `{name}`, expected {}; {}",
                    one_of(known()),
                    did_you_mean(name, known())
                ))
            };
            found.ok_or_else(missing)?.text.to_owned()
        }
        None => models::render(files().map(row), &color.look()),
    };
    let mut stdout = stdout();
    unless_reader_left(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))?;
    Ok(Ending::Ok)
}

/// The folder of a kind, as `farlink models` calls it.
fn folder_of(file: &BuiltIn) -> &'static str {
    file.path.split('/').nth(1).unwrap_or("")
}

fn folder(asked: &str) -> Result<&'static str, Failure> {
    let mut known: Vec<&str> = BUILT_IN.iter().map(folder_of).collect();
    known.dedup();
    let found = known.iter().find(|folder| **folder == asked || folder.trim_end_matches('s') == asked);
    found.copied().ok_or_else(|| {
        let help = did_you_mean(asked, known.iter().copied());
        Failure::Usage(format!("no models of the kind `{asked}`, expected {}; {help}", one_of(known.iter().copied())))
    })
}

/// What to say of a file in a line.
fn row(file: &BuiltIn) -> models::Row {
    let mut description =
        file.text.lines().find_map(|line| line.strip_prefix("description: ")).unwrap_or("").to_owned();
    if file.kind == Kind::Constellation
        && let Ok(constellation) = Catalogue::new(Path::new("")).constellation(file.name)
    {
        let size = |stage: &Option<crate::catalog::constellation::StageFile>| {
            stage.as_ref().map_or_else(|| "not given".to_owned(), |stage| stage.satellites.value.0.to_string())
        };
        let sizes = format!("in orbit {}, full {}", size(&constellation.in_orbit), size(&constellation.full));
        description = format!("{sizes}; {}. {description}", constellation.radio());
    }
    models::Row { kind: folder_of(file), name: file.name, description }
}
