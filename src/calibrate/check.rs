//! From a case file that fits its schema to checked cases. Whatever fits the schema and still makes no sense is found here.

use std::path::Path;

use super::file::{CaseEntry, CaseFile, RunEntry};
use super::load::built_in_scenario;
use super::{Case, Family, Job, Reading};
use crate::catalog::Issue;
use crate::catalog::problem::Problem;
use crate::catalog::tree::{Entry, Node, Sources, Value};
use crate::scenario;
use crate::world::spec::WorldSpec;

/// Checks the cases of one file; mistakes go to `problems`.
pub(super) struct Checker<'a> {
    pub sources: &'a mut Sources,
    pub root: &'a Node,
    /// Where paths of scenarios begin.
    pub base: &'a Path,
    pub problems: &'a mut Vec<Problem>,
}

/// The runs of a case that is being checked, and what has been asked of them.
pub(super) struct Draft<'a> {
    /// Whether paths of metrics begin with the name of a run.
    pub named: bool,
    /// The runs by name; `None` for those that cannot be carried out.
    pub jobs: Vec<(String, Option<Job>)>,
    /// What is read off them so far.
    pub readings: Vec<Reading>,
    /// The case in the file.
    pub entry: &'a CaseEntry,
}

impl Checker<'_> {
    pub(super) fn family(&mut self, name: &str, mut file: CaseFile) -> Family {
        let names = keys(self.root, &["cases".to_owned()]);
        let cases = names.into_iter().filter_map(|name| {
            let entry = file.cases.remove(&name)?;
            self.case(&name, entry)
        });
        let cases = cases.collect();
        Family { name: name.to_owned(), title: file.title, cases }
    }

    pub(super) fn report(&mut self, path: &[String], issue: Issue) {
        self.problems.push(issue.below(path.iter().cloned()).place(self.sources, self.root));
    }

    fn case(&mut self, name: &str, entry: CaseEntry) -> Option<Case> {
        let path = vec!["cases".to_owned(), name.to_owned()];
        let before = self.problems.len();
        let mut draft =
            Draft { named: entry.runs.is_some(), jobs: self.jobs(&path, &entry), readings: Vec::new(), entry: &entry };
        let mut expectations = Vec::new();
        for name in keys(self.root, &step(&path, "expect")) {
            let path = step(&step(&path, "expect"), &name);
            let expectation = entry.expect.get(&name);
            expectations
                .extend(expectation.and_then(|expectation| self.expectation(&path, &name, expectation, &mut draft)));
        }
        if self.problems.len() > before {
            return None;
        }
        Some(Case {
            name: name.to_owned(),
            title: entry.title.clone(),
            settings: entry.settings.clone(),
            quick: entry.quick,
            seeds: entry.seeds.0,
            jobs: draft.jobs.into_iter().map(|(_, job)| job).collect::<Option<Vec<_>>>()?,
            readings: draft.readings,
            expectations,
        })
    }

    /// The runs with their names; `None` for those that cannot be carried out.
    fn jobs(&mut self, path: &[String], entry: &CaseEntry) -> Vec<(String, Option<Job>)> {
        match (&entry.run, &entry.runs) {
            (Some(run), None) => {
                let path = step(path, "run");
                vec![(String::new(), self.job(&path, run))]
            }
            (None, Some(runs)) => {
                let path = step(path, "runs");
                let named = keys(self.root, &path).into_iter().filter_map(|name| Some((runs.get(&name)?, name)));
                named.map(|(run, name)| (name.clone(), self.job(&step(&path, &name), run))).collect()
            }
            _ => {
                let issue = Issue::new([] as [&str; 0], "the case does not say what is run");
                let both = Issue::new(["runs"], "the case has both `run` and `runs`");
                let issue = if entry.run.is_some() { both } else { issue };
                self.report(path, issue.expected("either `run: …` or `runs: {NAME: …}`"));
                Vec::new()
            }
        }
    }

    fn job(&mut self, path: &[String], run: &RunEntry) -> Option<Job> {
        let before = self.problems.len();
        let scenario = match (&run.scenario, &run.file, &run.probe) {
            (Some(_), None, None) => self.inline(&step(path, "scenario"), &run.set),
            (None, Some(file), None) => self.named(path, file, &run.set),
            (None, None, Some(probe)) if run.set.is_empty() => {
                if let Err(issue) = probe.outputs() {
                    self.report(&step(path, "probe"), issue);
                    return None;
                }
                return Some(Job::Probe(probe.clone()));
            }
            _ => {
                let issue = Issue::new([] as [&str; 0], "a run is exactly one thing");
                self.report(
                    path,
                    issue.expected("one of `scenario`, `file` and `probe`; `set` goes with the first two"),
                );
                None
            }
        };
        self.place_overrides(path, &run.set, before);
        if scenario.is_none() && self.problems.len() == before {
            self.report(path, Issue::new([] as [&str; 0], "the scenario cannot be built"));
        }
        scenario.map(|world| Job::Simulate(Box::new(world)))
    }

    /// A scenario within the case, which lacks what every scenario file begins with.
    fn inline(&mut self, path: &[String], sets: &[String]) -> Option<WorldSpec> {
        let mut node = self.root.locate(path).0.clone();
        let span = node.span;
        let text = |text: &str| Value::Text { text: text.to_owned(), quoted: false };
        if let Value::Map(entries) = &mut node.value {
            for (key, value) in [("farlink", Value::Int(1)), ("name", text("case"))] {
                entries.push(Entry { key: key.to_owned(), key_span: span, node: Node { span, value } });
            }
        }
        Some(scenario::from_tree(self.sources, node, self.base, sets, self.problems)?.world)
    }

    /// A scenario that is built in, or in a file of its own.
    fn named(&mut self, path: &[String], file: &str, sets: &[String]) -> Option<WorldSpec> {
        let loaded = match built_in_scenario(file) {
            Some(text) => scenario::parse(text, file, self.base, sets),
            None => scenario::load(&self.base.join(file), sets),
        };
        match loaded {
            Ok(scenario) => Some(scenario.world),
            Err(problems) => {
                let issue = Issue::new(["file"], format!("the scenario {file} cannot be run, see its own mistakes"));
                self.report(path, issue);
                self.problems.extend(problems.0);
                None
            }
        }
    }

    /// Mistakes of overrides name the override; here they stand in a line of the file.
    fn place_overrides(&mut self, path: &[String], sets: &[String], from: usize) {
        for (number, set) in sets.iter().enumerate() {
            let (_, span, _) = self.root.locate(&step(&step(path, "set"), &number.to_string()));
            for problem in self.problems[from..].iter_mut().filter(|problem| problem.file == format!("--set {set}")) {
                let mut placed = Problem::at(self.sources, span, std::mem::take(&mut problem.what));
                (placed.expected, placed.suggestion) = (problem.expected.take(), problem.suggestion.take());
                *problem = placed;
            }
        }
    }
}

/// The names in a map of the file, in their order.
pub(super) fn keys(root: &Node, path: &[String]) -> Vec<String> {
    root.locate(path).0.entries().iter().map(|entry| entry.key.clone()).collect()
}

/// The path with one more step.
pub(super) fn step(path: &[String], name: &str) -> Vec<String> {
    path.iter().cloned().chain([name.to_owned()]).collect()
}
