//! Model data: devices, batteries, network parameters, propagation and traffic, each number with its source.
//!
//! The data stands in YAML files under `models/`, built into the program; a scenario may name a file of its own instead.
//! Files are read into forgiving types and leave this layer as checked core types. The scenario layer reads its own file
//! through the same reader and the same check.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::orbit::Elements;
use crate::population::motion::Fix;
use crate::power::{Battery, Profile};
use crate::propagation::satellite::{Payload, Terminal};
use crate::radio::curves::Curves;

mod built_in;
pub mod check;
pub mod constellation;
pub mod curves;
pub mod device;
pub mod elements;
pub mod files;
pub mod lte_access;
pub mod nbiot;
pub mod operator;
pub mod problem;
pub mod satellite;
pub mod shape;
pub mod sites;
pub mod suggest;
pub mod table;
pub mod tracks;
pub mod tree;
pub mod value;
pub mod yaml;

pub use built_in::{BUILT_IN, BuiltIn, names};
use constellation::ConstellationFile;
use device::DeviceFile;
use problem::Problem;
use shape::Schema;
use suggest::{did_you_mean, one_of};
use tree::{Node, Sources, Span, Value, shorten};

/// The kinds of model data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Power states and radio of a device.
    Device,
    /// A battery.
    Battery,
    /// Parameters of an NB-IoT network.
    NbIot,
    /// Parameters of an LTE cell's random access.
    LteAccess,
    /// A propagation model.
    Propagation,
    /// A traffic mix.
    Traffic,
    /// A file of error-rate curves.
    Curves,
    /// Tracks along which terminals move.
    Tracks,
    /// How an operator has set its network up.
    Operator,
    /// Satellites on their orbits.
    Constellation,
    /// A file of orbital elements.
    Elements,
    /// The radio of a satellite.
    Satellite,
    /// The radio of a terminal that talks to satellites.
    Terminal,
}

impl Kind {
    /// The kind in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Device => "device",
            Kind::Battery => "battery",
            Kind::NbIot | Kind::LteAccess => "parameter set",
            Kind::Propagation => "propagation model",
            Kind::Traffic => "traffic mix",
            Kind::Curves => "file of curves",
            Kind::Tracks => "file of tracks",
            Kind::Operator => "operator",
            Kind::Constellation => "constellation",
            Kind::Elements => "file of orbital elements",
            Kind::Satellite => "satellite",
            Kind::Terminal => "satellite terminal",
        }
    }
}

/// Something that does not fit, at a path below a node whose place is known elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The steps to the place.
    pub path: Vec<String>,
    /// What is wrong.
    pub what: String,
    /// What would have been right.
    pub expected: Option<String>,
    /// What to do about it.
    pub help: String,
    /// The part of a text that is meant: first character and number of characters.
    pub part: Option<(usize, usize)>,
}

impl Issue {
    /// An issue at a path.
    pub fn new<S: Into<String>>(path: impl IntoIterator<Item = S>, what: impl Into<String>) -> Issue {
        let path = path.into_iter().map(Into::into).collect();
        Issue { path, what: what.into(), expected: None, help: String::new(), part: None }
    }

    /// Adds what would have been right.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Issue {
        self.expected = Some(expected.into());
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Issue {
        self.help = help.into();
        self
    }

    /// The same issue seen from further up.
    #[must_use]
    pub fn below(mut self, prefix: impl IntoIterator<Item = String>) -> Issue {
        self.path.splice(0..0, prefix);
        self
    }

    /// The issue at its place in a file: where the path ends there, or the nearest place above.
    #[must_use]
    pub fn place(self, sources: &Sources, root: &Node) -> Problem {
        let (node, mut span, found) = root.locate(&self.path);
        let on_one_line = matches!(&node.value, Value::Text { quoted: false, .. }) && span == node.span;
        if let Some((start, width)) = self.part.filter(|_| found && on_one_line) {
            span = Span { column: span.column + start as u32, width: width as u32, ..span };
        }
        let mut problem = Problem::at(sources, span, self.what).help(self.help);
        problem.expected = self.expected;
        problem
    }
}

/// Why model data cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no such thing; the issue's path is empty.
    Missing(Issue),
    /// There is a file, and it is wrong.
    File(Vec<Problem>),
}

/// How many devices may be based on one another.
const DEEPEST_BASE: usize = 4;

/// A file that was read and checked.
pub struct Loaded<T> {
    /// Its content.
    pub content: T,
    /// Its content as plain JSON, sources included.
    pub json: Json,
    sources: Sources,
    root: Node,
}

impl<T> Loaded<T> {
    /// Hands the content to a conversion and puts the issues it finds at their places in the file.
    pub fn convert<U>(&self, convert: impl FnOnce(&T) -> Result<U, Vec<Issue>>) -> Result<U, Fault> {
        let place = |issue: Issue| issue.place(&self.sources, &self.root);
        convert(&self.content).map_err(|issues| Fault::File(issues.into_iter().map(place).collect()))
    }
}

/// Reads model data by name or path and remembers what was used.
#[derive(Debug, Default)]
pub struct Catalogue {
    base: PathBuf,
    used: BTreeMap<(Kind, String), String>,
    devices: BTreeMap<String, Profile>,
    notes: Vec<String>,
    batteries: BTreeMap<String, Battery>,
}

impl Catalogue {
    /// A catalogue for a scenario in the directory `base`, where paths of model files begin.
    #[must_use]
    pub fn new(base: &Path) -> Catalogue {
        Catalogue { base: base.to_owned(), ..Catalogue::default() }
    }

    /// A device that can be simulated.
    ///
    /// # Errors
    /// If there is none of this name, its file is wrong, or it leaves open a figure that a simulation needs.
    pub fn device(&mut self, name: &str) -> Result<Profile, Fault> {
        if let Some(device) = self.devices.get(name) {
            return Ok(device.clone());
        }
        match self.device_file(name)?.profile(name) {
            Ok((device, derived)) => {
                self.notes.extend(derived.iter().map(|what| format!("device `{}`: {what}", shorten(name, 60))));
                self.devices.insert(name.to_owned(), device.clone());
                Ok(device)
            }
            Err(open) => {
                let built_in = BUILT_IN.iter().find(|file| file.kind == Kind::Device && file.name == name);
                let (place, help) = match built_in {
                    Some(file) => (
                        file.path,
                        format!(
                            "write a file with `based_on: {name}`, these figures and their sources, and name its path"
                        ),
                    ),
                    None => ("its file", "add them to the file, each with its source".to_owned()),
                };
                let shown = shorten(name, 60);
                let what = format!("the device `{shown}` cannot be simulated: {place} leaves figures open");
                let expected = open.join("; ");
                Err(Fault::Missing(Issue::new([] as [&str; 0], what).expected(expected).help(help)))
            }
        }
    }

    /// A device as its file describes it, with what it takes from the devices it is based on. Figures may be open.
    ///
    /// # Errors
    /// If there is none of this name, or its file is wrong.
    pub fn device_file(&mut self, name: &str) -> Result<DeviceFile, Fault> {
        self.layered_device(name, 0)
    }

    fn layered_device(&mut self, name: &str, depth: usize) -> Result<DeviceFile, Fault> {
        let loaded = self.load::<DeviceFile>(Kind::Device, name)?;
        let at_key = |issue: Issue| loaded.convert(|_| Err::<DeviceFile, _>(vec![issue.below(["based_on".into()])]));
        let file = match loaded.content.based_on.as_deref() {
            None => loaded.content.clone(),
            Some(_) if depth >= DEEPEST_BASE => {
                let issue = Issue::new([] as [&str; 0], "too many devices are based on one another, or in a circle");
                return at_key(issue.expected(format!("{DEEPEST_BASE} in a row at most")));
            }
            Some(base) => match self.layered_device(base, depth + 1) {
                Ok(base) => loaded.content.clone().over(base),
                Err(Fault::Missing(issue)) => return at_key(issue),
                Err(fault) => return Err(fault),
            },
        };
        loaded.convert(|_| file.check().map(|()| file.clone()))
    }

    /// What users should know about the model data that was read; each note is given once.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// A battery.
    ///
    /// # Errors
    /// If there is none of this name, or its file is wrong.
    pub fn battery(&mut self, name: &str) -> Result<Battery, Fault> {
        if let Some(battery) = self.batteries.get(name) {
            return Ok(battery.clone());
        }
        let battery = self.load::<files::BatteryFile>(Kind::Battery, name)?.convert(|file| file.battery(name))?;
        self.batteries.insert(name.to_owned(), battery.clone());
        Ok(battery)
    }

    /// A constellation.
    ///
    /// # Errors
    /// If there is none of this name, or its file is wrong.
    pub fn constellation(&mut self, name: &str) -> Result<ConstellationFile, Fault> {
        let loaded = self.load::<ConstellationFile>(Kind::Constellation, name)?;
        loaded.convert(|file| file.check().map(|()| file.clone()))
    }

    /// The objects of a file of orbital elements.
    ///
    /// # Errors
    /// If the file cannot be read, or one of its objects is wrong.
    pub fn elements(&mut self, path: &str) -> Result<Vec<Elements>, Fault> {
        let (shown, text) = self.read(path, elements::MAX_BYTES)?;
        let reading = elements::read(&shown, &text);
        if reading.wrong > 0 {
            return Err(Fault::File(reading.problems));
        }
        self.used.insert((Kind::Elements, path.to_owned()), format!("{:016x}", fnv1a(text.as_bytes())));
        Ok(reading.objects)
    }

    /// The radio of a satellite.
    ///
    /// # Errors
    /// If there is none of this name, or its file is wrong.
    pub fn satellite(&mut self, name: &str) -> Result<Payload, Fault> {
        self.load::<satellite::SatelliteFile>(Kind::Satellite, name)?.convert(|file| file.payload(name))
    }

    /// The radio of a terminal that talks to satellites.
    ///
    /// # Errors
    /// If there is none of this name, or its file is wrong.
    pub fn terminal(&mut self, name: &str) -> Result<Terminal, Fault> {
        Ok(self.load::<satellite::TerminalFile>(Kind::Terminal, name)?.content.terminal(name))
    }

    /// A file of error-rate curves.
    ///
    /// # Errors
    /// If there is no such file, or it is wrong.
    pub fn curves(&mut self, path: &str) -> Result<Curves, Fault> {
        let (shown, text) = self.read(path, curves::MAX_BYTES)?;
        let curves = curves::read(&shown, &text).map_err(Fault::File)?;
        self.used.insert((Kind::Curves, path.to_owned()), format!("{:016x}", fnv1a(text.as_bytes())));
        Ok(curves)
    }

    /// The tracks of a file, along which terminals move.
    ///
    /// # Errors
    /// If the file cannot be read, or is no such file.
    pub fn tracks(&mut self, path: &str) -> Result<Vec<Vec<Fix>>, Fault> {
        let (shown, text) = self.read(path, tracks::MAX_BYTES)?;
        let tracks = tracks::read(&shown, &text).map_err(Fault::File)?;
        self.used.insert((Kind::Tracks, path.to_owned()), format!("{:016x}", fnv1a(text.as_bytes())));
        Ok(tracks)
    }

    /// A model file of any kind, checked against the schema of `T`.
    ///
    /// # Errors
    /// If there is none of this name, or it does not fit the schema.
    pub fn load<T: JsonSchema + DeserializeOwned>(&mut self, kind: Kind, name: &str) -> Result<Loaded<T>, Fault> {
        let (shown, text) = self.find(kind, name)?;
        let mut sources = Sources::default();
        let number = sources.add(shown.as_str(), text, true);
        let mut problems = Vec::new();
        let root = yaml::parse(&sources, number, 0, &mut problems);
        let Some(root) = root else {
            if problems.is_empty() {
                problems.push(Problem::of_file(shown, "the file is empty").expected(format!("a {}", kind.name())));
            }
            return Err(Fault::File(problems));
        };
        let content = typed(&Schema::of::<T>(), &sources, &root, root.to_json(), &mut problems);
        let json = root.to_json();
        match content.filter(|_| problems.is_empty()) {
            Some(content) => {
                self.used.insert((kind, name.to_owned()), json.to_string());
                Ok(Loaded { content, json, sources, root })
            }
            None => Err(Fault::File(problems)),
        }
    }

    /// The text of a model file and the name to show for it.
    fn find(&self, kind: Kind, name: &str) -> Result<(String, String), Fault> {
        if let Some(file) = BUILT_IN.iter().find(|file| file.kind == kind && file.name == name) {
            return Ok((file.path.to_owned(), file.text.to_owned()));
        }
        let missing = |what: String| Issue::new([] as [&str; 0], what);
        if !is_path(name) {
            let known = names(kind);
            let issue = missing(format!("there is no {} called `{}`", kind.name(), shorten(name, 60)));
            let suggestion = Some(did_you_mean(name, known.clone())).filter(|help| !help.is_empty());
            let help = suggestion.unwrap_or_else(|| {
                format!("for a {} of your own, write the path of its file, such as `./my.yaml`", kind.name())
            });
            return Err(Fault::Missing(issue.expected(one_of(known)).help(help)));
        }
        self.read(name, yaml::MAX_BYTES)
    }

    /// The text of a file of at most so many bytes and the name to show for it.
    fn read(&self, name: &str, max_bytes: usize) -> Result<(String, String), Fault> {
        let path = self.base.join(name.trim_start_matches("./"));
        match read_text(&path, max_bytes) {
            Ok(text) => Ok((path.display().to_string(), text)),
            Err(ReadError::Missing) => {
                let what = format!("there is no file `{}`", shorten(&path.display().to_string(), 200));
                Err(Fault::Missing(
                    Issue::new([] as [&str; 0], what).help("paths begin at the directory of the scenario"),
                ))
            }
            Err(error) => Err(Fault::File(vec![error.problem(&path.display().to_string())])),
        }
    }

    /// Fingerprint of all model data that was used: names, values and sources, not their layout or comments; of curves
    /// the whole file.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut text = String::new();
        for ((kind, name), json) in &self.used {
            text.push_str(&format!("{} {name} {json}\n", kind.name()));
        }
        format!("{:016x}", fnv1a(text.as_bytes()))
    }
}

/// Fowler, Noll and Vo's hash 1a of 64 bits.
#[must_use]
pub fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Checks a tree against a schema and turns it into a type; `json` is the tree, or the tree laid over defaults.
pub fn typed<T: DeserializeOwned>(
    schema: &Schema,
    sources: &Sources,
    root: &Node,
    json: Json,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let before = problems.len();
    check::check(schema, sources, root, problems);
    if problems.len() > before {
        return None;
    }
    match serde_json::from_value(json) {
        Ok(content) => Some(content),
        Err(error) => {
            problems.push(Problem::at(sources, root.span, format!("the file cannot be read: {error}")));
            None
        }
    }
}

/// Lays one set of parameters over another: maps are merged, a value with its source replaces a value whole.
pub fn overlay(base: &mut Json, over: &Json) {
    match (base, over) {
        (Json::Object(base), Json::Object(over)) if !over.contains_key("value") && !base.contains_key("value") => {
            for (key, value) in over {
                overlay(base.entry(key.clone()).or_insert(Json::Null), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}

/// Whether a name of model data is the path of a file.
fn is_path(name: &str) -> bool {
    name.contains(['/', '\\']) || name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json")
}

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It does not exist.
    #[error("there is no such file")]
    Missing,
    /// It is a directory.
    #[error("this is a directory, not a file")]
    Directory,
    /// It must not be read.
    #[error("the file may not be read: its permissions forbid it")]
    Forbidden,
    /// It is not text.
    #[error("the file is not text: byte {1} of line {0} is not UTF-8")]
    NotText(usize, usize),
    /// It is too large.
    #[error("the file is larger than {} MiB", .0 >> 20)]
    TooLarge(usize),
    /// The system refused.
    #[error("the file cannot be read: {0}")]
    Io(std::io::Error),
}

impl ReadError {
    /// The report of it.
    #[must_use]
    pub fn problem(&self, file: &str) -> Problem {
        let help = match self {
            ReadError::Missing => "check the path, which begins at the current directory",
            ReadError::NotText(..) => "save it as UTF-8 text",
            ReadError::TooLarge(curves::MAX_BYTES) => "leave out curves that are not to replace anything",
            ReadError::TooLarge(_) => "describe terminals that are alike as one group with a `count`",
            ReadError::Directory => "name the file in it",
            ReadError::Forbidden => "ask its owner, or make it readable with `chmod +r`",
            ReadError::Io(_) => "",
        };
        Problem::of_file(file, self.to_string()).help(help)
    }
}

/// Reads a text file of at most `max_bytes`.
///
/// # Errors
/// If it is not there, not readable, too large or not text.
pub fn read_text(path: &Path, max_bytes: usize) -> Result<String, ReadError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(max_bytes as u64 + 1).read_to_end(&mut bytes));
    match read {
        Err(_) if path.is_dir() => return Err(ReadError::Directory),
        Err(error) => {
            return Err(match error.kind() {
                std::io::ErrorKind::NotFound => ReadError::Missing,
                std::io::ErrorKind::PermissionDenied => ReadError::Forbidden,
                _ => ReadError::Io(error),
            });
        }
        Ok(_) if bytes.len() > max_bytes => return Err(ReadError::TooLarge(max_bytes)),
        Ok(_) => (),
    }
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let byte = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        ReadError::NotText(line, byte)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts numbers and words that do not say where they come from.
    fn bare(node: &Node, key: &str) -> usize {
        match &node.value {
            _ if key == "unknown" => 0,
            Value::Map(entries) if node.entry("value").is_some() => {
                usize::from(entries.iter().all(|entry| entry.key != "source" || entry.node.to_json() == ""))
            }
            // One source for all that a transmission figure consists of.
            Value::Map(_) if node.entry("source").is_some_and(|entry| entry.node.to_json() != "") => 0,
            Value::Map(entries) => entries.iter().map(|entry| bare(&entry.node, &entry.key)).sum(),
            Value::List(items) => items.iter().map(|item| bare(item, key)).sum(),
            _ => usize::from(!["description", "every", "based_on"].contains(&key)),
        }
    }

    #[test]
    fn every_built_in_number_has_a_source() {
        for file in BUILT_IN {
            let mut sources = Sources::default();
            let number = sources.add(file.path, file.text, true);
            let root = yaml::parse(&sources, number, 0, &mut Vec::new()).unwrap();
            assert_eq!(bare(&root, ""), 0, "{}", file.path);
        }
    }

    #[test]
    fn every_built_in_file_becomes_a_core_type() {
        let mut catalogue = Catalogue::new(Path::new("."));
        for file in BUILT_IN {
            match file.kind {
                // Which of them can be simulated is tested where devices are.
                Kind::Device => drop(catalogue.device_file(file.name).unwrap()),
                Kind::Battery => assert_eq!(catalogue.battery(file.name).unwrap().name, file.name),
                Kind::NbIot => {
                    let config =
                        catalogue.load::<nbiot::NbIot>(file.kind, file.name).unwrap().content.config().unwrap();
                    assert_eq!(config.levels[2].npdcch_rmax, 64);
                }
                Kind::LteAccess => {
                    let file = catalogue.load::<lte_access::LteAccess>(file.kind, file.name).unwrap().content;
                    assert_eq!(file.config().unwrap().preambles, 54);
                }
                Kind::Propagation => {
                    assert!(
                        catalogue.load::<files::Tr45820File>(file.kind, file.name).unwrap().content.model().is_ok()
                    );
                }
                Kind::Operator => {
                    catalogue.load::<operator::OperatorFile>(file.kind, file.name).unwrap().content.check().unwrap();
                }
                Kind::Constellation => drop(catalogue.constellation(file.name).unwrap()),
                Kind::Satellite => assert_eq!(catalogue.satellite(file.name).unwrap().name, file.name),
                Kind::Terminal => assert_eq!(catalogue.terminal(file.name).unwrap().name, file.name),
                Kind::Curves | Kind::Tracks | Kind::Elements => unreachable!("tables belong to one scenario"),
                Kind::Traffic => {
                    let reports = catalogue.load::<files::ReportsFile>(file.kind, file.name).unwrap().content.reports();
                    assert!(reports.unwrap().timing.interval(3).is_some());
                }
            }
        }
        assert_eq!(catalogue.hash().len(), 16);
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        // Published test vectors of the algorithm.
        assert_eq!(
            (fnv1a(b""), fnv1a(b"a"), fnv1a(b"foobar")),
            (0xcbf29ce484222325, 0xaf63dc4c8601ec8c, 0x85944171f73967e8)
        );
    }

    #[test]
    fn parameters_lie_over_defaults() {
        let mut base = serde_json::json!({"a": {"value": 1, "source": "x"}, "b": {"c": 1, "d": 2}});
        overlay(&mut base, &serde_json::json!({"a": 5, "b": {"d": {"value": 3, "source": "y"}}}));
        assert_eq!(base, serde_json::json!({"a": 5, "b": {"c": 1, "d": {"value": 3, "source": "y"}}}));
    }
}
