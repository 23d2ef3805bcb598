//! The result of a calibration: what every view of it reads, and the layout of its JSON document.

use schemars::JsonSchema;
use serde::Serialize;

/// The version of the layout of the JSON document; it grows when a member changes its meaning or goes away.
pub const CALIBRATION_VERSION: u32 = 1;

/// What came out of the cases.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// Layout version of this document.
    pub calibration_version: u32,
    /// Version of farlink that made it.
    pub farlink: String,
    /// How many expectations came to which verdict.
    pub counts: Counts,
    /// The cases by subject.
    pub families: Vec<FamilyReport>,
}

/// How many expectations came to which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Cases.
    pub cases: u64,
    /// Expectations.
    pub expectations: u64,
    /// Figures read in a public text or computed independently.
    pub validation: Tally,
    /// Remembered figures that an independent computation supports.
    pub cross_checked: Tally,
    /// Figures to which a parameter was tuned.
    pub calibration: Tally,
    /// Remembered figures: shown, and judged by nobody.
    pub orientation: OrientationTally,
}

/// Verdicts of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tally {
    /// Within the range.
    pub passed: u64,
    /// Outside, with a page that says why.
    pub explained: u64,
    /// Outside.
    pub failed: u64,
}

/// Orientation has no verdicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OrientationTally {
    /// Within the range.
    pub inside: u64,
    /// Outside.
    pub outside: u64,
}

impl Report {
    /// Whether an expectation failed that counts.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        let counts = &self.counts;
        [counts.validation, counts.cross_checked, counts.calibration].iter().any(|tally| tally.failed > 0)
    }
}

/// Cases about one subject.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FamilyReport {
    /// The name of their file.
    pub name: String,
    /// What they are about.
    pub title: String,
    /// The cases, in the order of the file.
    pub cases: Vec<CaseReport>,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CaseReport {
    /// Its name.
    pub name: String,
    /// What it is.
    pub title: String,
    /// Where the settings come from.
    pub settings: String,
    /// How many seeds were run.
    pub seeds: u32,
    /// What should come out and what did.
    pub expectations: Vec<ExpectationReport>,
}

/// An expectation.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ExpectationReport {
    /// Its name.
    pub name: String,
    /// What kind of check it is.
    pub kind: Kind,
    /// How well the figure is known: `V` read, `S` computed independently, `M` remembered.
    pub mark: String,
    /// The document and table.
    pub source: String,
    /// What was tuned to it, if anything was.
    pub tuned: Option<String>,
    /// The page that explains a miss, if there is one.
    pub explained: Option<String>,
    /// What it came to.
    pub verdict: Verdict,
    /// For an order: whether each value is larger than the one before.
    pub ascending: Option<bool>,
    /// The values; several for quantiles and lists.
    pub parts: Vec<Part>,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Part {
    /// Which of several; empty for a single one.
    pub label: String,
    /// The unit of the numbers.
    pub unit: String,
    /// The published value.
    pub expected: Option<f64>,
    /// The lowest value that passes.
    pub lowest: Option<f64>,
    /// The highest value that passes.
    pub highest: Option<f64>,
    /// What came out; none if there was nothing to measure.
    pub simulated: Option<f64>,
    /// Half the width of its 95 % confidence interval, if there is one.
    pub half_width_95: Option<f64>,
    /// By which share of the published value it lies above it; of decibels the difference.
    pub deviation: Option<f64>,
    /// Whether it lies within the range.
    pub inside: bool,
    /// Decimals that the document gives.
    #[serde(skip)]
    pub decimals: usize,
}

/// What kind of check it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The figure was read in a public text or computed independently.
    Validation,
    /// The figure is remembered, and an independent computation supports it.
    CrossChecked,
    /// A parameter was tuned to the figure.
    Calibration,
    /// The figure is remembered only.
    Orientation,
}

impl Kind {
    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Validation => "validation",
            Kind::CrossChecked => "cross-checked target",
            Kind::Calibration => "calibration",
            Kind::Orientation => "orientation",
        }
    }
}

/// What an expectation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Within the range.
    Pass,
    /// Outside the range.
    Fail,
    /// Outside the range, and a page says why.
    Explained,
    /// Orientation: shown only.
    Shown,
}

/// The report as a JSON document, indented, with a line feed at the end.
///
/// # Errors
/// If it cannot be written as JSON, which no report should cause.
pub fn json(report: &Report) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(report).map(|text| text + "\n")
}

/// JSON Schema (draft 07) of that document.
///
/// # Errors
/// As of [`json`].
pub fn schema_text() -> Result<String, serde_json::Error> {
    let settings = schemars::generate::SchemaSettings::draft07().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Report>();
    serde_json::to_string_pretty(&schema).map(|text| text + "\n")
}
