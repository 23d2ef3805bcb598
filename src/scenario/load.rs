//! Loads a scenario: YAML to tree, overrides, check, build. All mistakes of all steps are reported together.

use std::collections::BTreeMap;
use std::path::Path;

use super::build::Builder;
use super::overrides;
use super::requirement::Requirements;
use super::schema::ScenarioFile;
use crate::catalog::problem::{Problem, Problems};
use crate::catalog::shape::Schema;
use crate::catalog::tree::{Node, Sources};
use crate::catalog::{Catalogue, read_text, typed, yaml};
use crate::world::spec::WorldSpec;

/// A scenario that can be run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// What to simulate.
    pub world: WorldSpec,
    /// The scenario with every default filled in, durations as text; a valid scenario itself.
    pub resolved: serde_json::Value,
    /// What must come out.
    pub requirements: Requirements,
    /// Hash of the model data that went in.
    pub model_data: String,
    /// What the user may want to know and is no mistake: timers that the network grants differently, unused networks.
    pub notes: Vec<String>,
}

/// Loads the scenario file `path` with the overrides `sets`, each `path=value`.
///
/// # Errors
/// All mistakes of the file, of the overrides and of the model files they name.
pub fn load(path: &Path, sets: &[String]) -> Result<Scenario, Problems> {
    let file_name = path.display().to_string();
    let text = read_text(path, yaml::MAX_BYTES).map_err(|error| Problems(vec![error.problem(&file_name)]))?;
    parse(&text, &file_name, path.parent().unwrap_or(Path::new("")), sets)
}

/// The same for a text; `file_name` is for reports, and paths of model files begin at `base_dir`.
///
/// # Errors
/// All mistakes of the text, of the overrides and of the model files they name.
pub fn parse(text: &str, file_name: &str, base_dir: &Path, sets: &[String]) -> Result<Scenario, Problems> {
    let mut problems = Vec::new();
    let scenario = parse_into(text, file_name, base_dir, sets, &mut problems);
    match scenario {
        Some(scenario) if problems.is_empty() => Ok(scenario),
        _ => {
            if problems.is_empty() {
                problems.push(Problem::of_file(file_name, "the scenario cannot be built"));
            }
            Err(in_order(problems))
        }
    }
}

fn parse_into(
    text: &str,
    file_name: &str,
    base_dir: &Path,
    sets: &[String],
    problems: &mut Vec<Problem>,
) -> Option<Scenario> {
    if text.len() > yaml::MAX_BYTES {
        problems.push(crate::catalog::ReadError::TooLarge(yaml::MAX_BYTES).problem(file_name));
        return None;
    }
    let mut sources = Sources::default();
    let file = sources.add(file_name, text, true);
    let Some(root) = yaml::parse(&sources, file, 0, problems) else {
        if problems.is_empty() {
            let problem = Problem::of_file(file_name, "the file is empty").expected("a scenario");
            problems.push(problem.help("docs/scenario.md has one to start from"));
        }
        return None;
    };
    from_tree(&mut sources, root, base_dir, sets, problems)
}

/// Builds a scenario from a tree whose places are in `sources`; mistakes go to `problems`.
pub(crate) fn from_tree(
    sources: &mut Sources,
    mut root: Node,
    base_dir: &Path,
    sets: &[String],
    problems: &mut Vec<Problem>,
) -> Option<Scenario> {
    let schema = Schema::of::<ScenarioFile>();
    overrides::apply(&schema, sources, &mut root, sets, problems);
    let content = typed::<ScenarioFile>(&schema, sources, &root, root.to_json(), problems);
    let mut catalogue = Catalogue::new(base_dir);
    let builder = Builder { sources, root: &root, catalogue: &mut catalogue, problems, notes: Vec::new() };
    let built = builder.build(content)?;
    Some(Scenario {
        name: built.resolved.name.clone(),
        world: built.world,
        resolved: serde_json::to_value(&built.resolved).ok()?,
        requirements: built.requirements,
        model_data: catalogue.hash(),
        notes: built.notes,
    })
}

/// Files in the order of their first mistake, mistakes in the order of their places, none twice: what an alias repeats is
/// wrong in one place only, and told for the first path that leads there.
pub(crate) fn in_order(problems: Vec<Problem>) -> Problems {
    let mut files: BTreeMap<String, usize> = BTreeMap::new();
    for problem in &problems {
        let next = files.len();
        files.entry(problem.file.clone()).or_insert(next);
    }
    let mut problems = problems;
    problems.sort_by_key(|problem| (files.get(&problem.file).copied(), problem.line, problem.column));
    let same = |a: &Problem, b: &Problem| {
        let repeated = a.line > 0 && (a.expected.is_some() || a.suggestion.is_some());
        let told = |problem: &Problem| (problem.file.clone(), problem.line, problem.column);
        let way_out = |problem: &Problem| (problem.expected.clone(), problem.suggestion.clone());
        a == b || (repeated && told(a) == told(b) && way_out(a) == way_out(b))
    };
    problems.dedup_by(|b, a| same(a, b));
    Problems(problems)
}
