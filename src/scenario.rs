//! Scenario files: from YAML to a checked [`WorldSpec`](crate::world::spec::WorldSpec).
//!
//! A file passes a check of the whole tree against the JSON Schema, then the typed load, then the build, which finds what
//! a schema cannot say. The mistakes of all three are reported in one go, each at its line with a suggestion.

pub mod access;
mod build;
mod calls;
pub mod gateway;
pub mod gateways;
mod gnss;
mod load;
mod lte_access;
mod messages;
pub mod mobility;
mod operator;
pub mod overrides;
mod power_saving;
pub mod protocol;
pub mod quantity;
pub mod requirement;
pub mod satellites;
pub mod schema;

pub use crate::catalog::problem::{Problem, Problems, Snippet};
pub use load::{Scenario, load, parse};
pub(crate) use load::{from_tree, in_order};
pub use requirement::{Requirement, Requirements};

/// The JSON Schema (draft 07) of scenario files, as `schema/scenario.schema.json` has it.
#[must_use]
pub fn json_schema() -> String {
    let schema = crate::catalog::value::json_schema::<schema::ScenarioFile>();
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
