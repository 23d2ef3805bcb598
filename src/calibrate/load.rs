//! Where cases come from: the files that are built in, and those that users name.

use std::path::{Path, PathBuf};

use super::check::Checker;
use super::file::CaseFile;
use super::{Case, Family};
use crate::catalog::problem::{Problem, Problems};
use crate::catalog::shape::Schema;
use crate::catalog::tree::Sources;
use crate::catalog::value::json_schema;
use crate::catalog::{ReadError, read_text, typed, yaml};
use crate::scenario::in_order;

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../", $path)))),*]
    };
}

/// The case files that are built in: path in the project and text.
pub const BUILT_IN: &[(&str, &str)] = files![
    "models/calibration/random-access.yaml",
    "models/calibration/nb-iot-tables.yaml",
    "models/calibration/nb-iot-links.yaml",
    "models/calibration/tr-45820.yaml",
    "models/calibration/lena-nb.yaml",
    "models/calibration/measured.yaml",
    "models/calibration/propagation.yaml",
    "models/calibration/ntn.yaml",
    "models/calibration/orbits.yaml",
    "models/calibration/satellite-channel.yaml",
    "models/calibration/satellite-links.yaml",
];

/// The scenarios that cases name and that are built in.
const SCENARIOS: &[(&str, &str)] = files![
    "scenarios/bench-candidate.yaml",
    "scenarios/bench-levels.yaml",
    "scenarios/bench-procedures.yaml",
    "scenarios/geo-nb-iot.yaml",
    "scenarios/lena-nb.yaml",
    "scenarios/nrf9160.yaml",
    "scenarios/ntn-24-satellites.yaml",
    "scenarios/one-sector.yaml",
    "scenarios/random-access-overload.yaml",
];

/// The text of a scenario that is built in.
pub(super) fn built_in_scenario(path: &str) -> Option<&'static str> {
    SCENARIOS.iter().find(|(known, _)| *known == path).map(|(_, text)| *text)
}

/// The JSON Schema (draft 07) of case files, as `schema/calibration.schema.json` has it.
#[must_use]
pub fn schema_text() -> String {
    let mut text = serde_json::to_string_pretty(&json_schema::<CaseFile>()).unwrap_or_default();
    text.push('\n');
    text
}

/// The cases that are built in.
///
/// # Errors
/// If one of the files is wrong, which a test rules out.
pub fn built_in() -> Result<Vec<Family>, Problems> {
    BUILT_IN.iter().map(|(path, text)| parse(text, path, Path::new(""))).collect()
}

/// The cases of a file, or of all YAML files of a directory in the order of their names.
///
/// # Errors
/// All mistakes of all the files.
pub fn load(path: &Path) -> Result<Vec<Family>, Problems> {
    if !path.is_dir() {
        return Ok(vec![load_file(path)?]);
    }
    let shown = path.display().to_string();
    let entries = std::fs::read_dir(path).map_err(|error| Problems(vec![ReadError::Io(error).problem(&shown)]))?;
    let is_yaml = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_yaml).collect();
    files.sort();
    if files.is_empty() {
        let problem = Problem::of_file(shown, "there is no case file in this directory");
        return Err(Problems(vec![problem.expected("files that end in `.yaml`")]));
    }
    let (mut families, mut problems) = (Vec::new(), Vec::new());
    for file in files {
        match load_file(&file) {
            Ok(family) => families.push(family),
            Err(found) => problems.extend(found.0),
        }
    }
    if problems.is_empty() { Ok(families) } else { Err(Problems(problems)) }
}

fn load_file(path: &Path) -> Result<Family, Problems> {
    let shown = path.display().to_string();
    let text = read_text(path, yaml::MAX_BYTES).map_err(|error| Problems(vec![error.problem(&shown)]))?;
    parse(&text, &shown, path.parent().unwrap_or(Path::new("")))
}

/// The cases of a text; `file_name` is for reports and gives the family its name, and paths in it begin at `base`.
///
/// # Errors
/// All mistakes of the text and of the scenarios in it.
pub fn parse(text: &str, file_name: &str, base: &Path) -> Result<Family, Problems> {
    if text.len() > yaml::MAX_BYTES {
        return Err(Problems(vec![ReadError::TooLarge(yaml::MAX_BYTES).problem(file_name)]));
    }
    let mut problems = Vec::new();
    let mut sources = Sources::default();
    let number = sources.add(file_name, text, true);
    let Some(root) = yaml::parse(&sources, number, 0, &mut problems) else {
        if problems.is_empty() {
            let problem = Problem::of_file(file_name, "the file is empty").expected("calibration cases");
            problems.push(problem.help("docs/calibrate.md has some to start from"));
        }
        return Err(in_order(problems));
    };
    let content = typed::<CaseFile>(&Schema::of::<CaseFile>(), &sources, &root, root.to_json(), &mut problems);
    let family = content.filter(|_| problems.is_empty()).map(|content| {
        let name =
            Path::new(file_name).file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        Checker { sources: &mut sources, root: &root, base, problems: &mut problems }.family(&name, content)
    });
    match family {
        Some(family) if problems.is_empty() => Ok(family),
        _ => Err(in_order(problems)),
    }
}

/// The cases whose `family/case` contains one of the texts, capital letters or not; all without a text. Of them only those of
/// the quick subset if `quick`.
#[must_use]
pub fn select(families: Vec<Family>, texts: &[String], quick: bool) -> Vec<Family> {
    let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    let chosen = |family: &str, case: &Case| {
        let name = format!("{family}/{}", case.name).to_lowercase();
        (texts.is_empty() || texts.iter().any(|text| name.contains(text))) && (case.quick || !quick)
    };
    let families = families.into_iter().map(|mut family| {
        let name = family.name.clone();
        family.cases.retain(|case| chosen(&name, case));
        family
    });
    families.filter(|family| !family.cases.is_empty()).collect()
}
