//! The case file, as people write it. The JSON Schema made of these types is what the check before the load goes by, and
//! the comments are what an editor shows for each key.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::probe::Probe;
use crate::catalog::value::{self, NAME_PATTERN, Real, Whole};
use crate::scenario::schema::ScenarioFile;

/// Words with which paths of metrics begin; no run can be called so.
const METRICS_BEGIN_WITH: [&str; 2] = ["groups", "networks"];

/// Published figures, and the set-ups that should give them.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "farlink calibration cases")]
pub struct CaseFile {
    /// Version of the file format: 1.
    #[serde(rename = "farlink-calibration")]
    #[schemars(schema_with = "value::version_one")]
    pub version: u32,
    /// What the cases are about, in a few words.
    pub title: String,
    /// The cases, by name, in the order in which they are reported.
    #[schemars(schema_with = "by_name::<CaseEntry>")]
    pub cases: BTreeMap<String, CaseEntry>,
}

/// A set-up and what is published about it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseEntry {
    /// What the case is, in a few words.
    pub title: String,
    /// Where the settings come from, and what they are, in a sentence.
    pub settings: String,
    /// Whether the case belongs to the quick subset.
    #[serde(default)]
    pub quick: bool,
    /// Runs with the seeds 1, 2, … up to this; from two on they give the confidence intervals.
    #[serde(default = "one")]
    pub seeds: Whole<1, 1_000>,
    /// What is run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunEntry>,
    /// Several runs to compare; metrics then begin with the name of a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "by_run_name")]
    pub runs: Option<BTreeMap<String, RunEntry>>,
    /// What should come out, by name.
    #[schemars(schema_with = "by_name::<ExpectEntry>")]
    pub expect: BTreeMap<String, ExpectEntry>,
    /// How well the figures are known, unless an expectation says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// The document and table of the figures, unless an expectation says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The parameters that were tuned to the figures: the case is a calibration then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned: Option<String>,
    /// The page and anchor that say why the model is right and the figure is missed: `docs/models/page.md#anchor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explained: Option<String>,
}

/// A run: exactly one of `scenario`, `file` and `probe`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunEntry {
    /// A scenario without `farlink`, `name`, `seed` and `requirements`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "inline_scenario")]
    pub scenario: Option<Json>,
    /// A scenario that comes with farlink, or the path of a file, from the directory of this one on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Overrides of the scenario, each `path=value`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<String>,
    /// Something that is computed without a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
}

/// What should come out: exactly one of `metric`, `ratio`, `ascending` and `link`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectEntry {
    /// What is measured: a metric as in requirements, or what a probe gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// Two metrics: the first divided by the second.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ratio: Vec<String>,
    /// Metrics, each of which should be larger than the one before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ascending: Vec<String>,
    /// A link of a network of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkEntry>,
    /// With `link`, a line of its budget as `farlink link` prints it: `uplink SINR`, `downlink noise`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// The published value with its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "amount")]
    pub value: Option<Json>,
    /// The published values of a metric that is a list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "amounts")]
    pub values: Vec<Json>,
    /// The published quantiles of a metric: `{p50: 16ms, p95: 45ms}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "amounts_by_name")]
    pub quantiles: BTreeMap<String, Json>,
    /// The lowest and the highest value that pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "amounts")]
    pub range: Vec<Json>,
    /// In place of a range: how far from the value passes, as a share of it (`5%`) or in its unit (`0.1dB`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "amount")]
    pub tolerance: Option<Json>,
    /// How well the figure is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// The document and table of the figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The parameters that were tuned to the figure: it is a calibration then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned: Option<String>,
    /// The page and anchor that say why the model is right and the figure is missed: `docs/models/page.md#anchor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explained: Option<String>,
}

/// A link.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkEntry {
    /// The network; may be left out if there is only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Loss between the antenna connectors, dB.
    pub coupling_loss_db: Real<40, 200>,
}

/// How well a figure is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Mark {
    /// Verified: read in a public text.
    V,
    /// Simulated or computed by an independent program.
    S,
    /// Remembered by the literature, and cross-checked by an independent computation.
    #[serde(rename = "M+S")]
    MS,
    /// Remembered by the literature only.
    M,
}

impl Mark {
    /// As files write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Mark::V => "V",
            Mark::S => "S",
            Mark::MS => "M+S",
            Mark::M => "M",
        }
    }
}

fn one() -> Whole<1, 1_000> {
    Whole(1)
}

fn by_name<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    value::by_name::<T>(generator, &[])
}

fn by_run_name(generator: &mut SchemaGenerator) -> Schema {
    value::by_name::<RunEntry>(generator, &METRICS_BEGIN_WITH)
}

/// A number, or a text of a number and its unit; which units there are depends on the metric.
fn amount(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "description": "A number with its unit, such as 31.3%, 45ms or -4.6dB." })
}

fn amounts(generator: &mut SchemaGenerator) -> Schema {
    let each = amount(generator);
    json_schema!({ "type": "array", "items": each })
}

fn amounts_by_name(generator: &mut SchemaGenerator) -> Schema {
    let each = amount(generator);
    json_schema!({ "type": "object", "additionalProperties": each, "propertyNames": { "pattern": NAME_PATTERN } })
}

/// The schema of scenarios without what a case says by itself.
fn inline_scenario(generator: &mut SchemaGenerator) -> Schema {
    const SAID_BY_THE_CASE: [&str; 4] = ["farlink", "name", "seed", "requirements"];
    let mut schema = ScenarioFile::json_schema(generator);
    if let Some(keys) = schema.get_mut("properties").and_then(Json::as_object_mut) {
        keys.retain(|key, _| !SAID_BY_THE_CASE.contains(&key.as_str()));
    }
    if let Some(required) = schema.get_mut("required").and_then(Json::as_array_mut) {
        required.retain(|key| !key.as_str().is_some_and(|key| SAID_BY_THE_CASE.contains(&key)));
    }
    schema.remove("title");
    schema
}
