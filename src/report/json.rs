//! The summary as a JSON document, and the schema of that document.

use schemars::Schema;
use schemars::generate::SchemaSettings;

use crate::metrics::summary::Summary;
use crate::world::link::LinkReport;
use crate::world::satellite::SatelliteReport;

/// The text of `summary.json`: indented, members in the order of the types (maps by name), a line feed at the end. Equal
/// summaries give equal bytes.
///
/// # Errors
///
/// If the document cannot be written as JSON, which no summary should cause.
pub fn text(summary: &Summary) -> Result<String, serde_json::Error> {
    pretty(summary)
}

/// The links of a network as a JSON document, laid out like the summary.
///
/// # Errors
///
/// As of [`text`].
pub fn link_text(report: &LinkReport) -> Result<String, serde_json::Error> {
    pretty(report)
}

/// A link to a satellite as a JSON document, laid out like the summary.
///
/// # Errors
///
/// As of [`text`].
pub fn satellite_text(report: &SatelliteReport) -> Result<String, serde_json::Error> {
    pretty(report)
}

/// JSON Schema (draft-07) of the text that [`text`] makes.
#[must_use]
pub fn schema() -> Schema {
    SchemaSettings::draft07().for_serialize().into_generator().into_root_schema_for::<Summary>()
}

/// The schema as text, indented, with a line feed at the end.
///
/// # Errors
///
/// As of [`text`].
pub fn schema_text() -> Result<String, serde_json::Error> {
    pretty(&schema())
}

/// Any document the way all of ours look.
pub(super) fn pretty<T: serde::Serialize>(value: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(value).map(|text| text + "\n")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::report::fixture;

    /// Checks what our schemas use of draft-07: references, types, members, items, formats aside.
    fn check(schema: &Value, root: &Value, value: &Value, path: &str) {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = root.pointer(reference.trim_start_matches('#')).unwrap();
            return check(target, root, value, path);
        }
        if let Some(kind) = schema.get("type") {
            let kinds: Vec<&str> = kind
                .as_array()
                .map_or_else(|| vec![kind.as_str().unwrap()], |all| all.iter().filter_map(Value::as_str).collect());
            let actual = match value {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            };
            let whole = value.is_u64() && kinds.contains(&"integer");
            assert!(kinds.contains(&actual) || whole, "{path}: {actual} is none of {kinds:?}");
        }
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            assert!(value.get(name.as_str().unwrap()).is_some(), "{path} lacks {name}");
        }
        if let (Some(members), Some(object)) = (schema.get("properties"), value.as_object()) {
            for (name, member) in object {
                let schema = members.get(name).unwrap_or_else(|| panic!("{path}.{name} is not in the schema"));
                check(schema, root, member, &format!("{path}.{name}"));
            }
        } else if let (Some(rest), Some(object)) = (schema.get("additionalProperties"), value.as_object()) {
            object.iter().for_each(|(name, member)| check(rest, root, member, &format!("{path}.{name}")));
        }
        if let (Some(items), Some(array)) = (schema.get("items").filter(|items| items.is_object()), value.as_array()) {
            array.iter().enumerate().for_each(|(i, item)| check(items, root, item, &format!("{path}[{i}]")));
        }
    }

    #[test]
    fn the_document_fits_its_schema() {
        let schema = serde_json::to_value(schema()).unwrap();
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
        for summary in [fixture::city(), fixture::silence()] {
            let document: Value = serde_json::from_str(&text(&summary).unwrap()).unwrap();
            check(&schema, &schema, &document, "summary");
        }
    }

    /// `FARLINK_BLESS=1 cargo test published_schema` writes it anew.
    #[test]
    fn the_published_schema_is_that_of_the_types() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/summary.schema.json");
        let schema = schema_text().unwrap();
        if std::env::var_os("FARLINK_BLESS").is_some() {
            std::fs::write(&path, &schema).unwrap();
        }
        assert!(std::fs::read_to_string(&path).unwrap() == schema, "run with FARLINK_BLESS=1 to write the schema anew");
    }

    #[test]
    fn every_member_is_described() {
        let schema = serde_json::to_value(schema()).unwrap();
        let types = schema["definitions"].as_object().unwrap();
        assert!(types.len() > 10);
        for (name, of) in types.iter().map(|(name, of)| (name.as_str(), of)).chain([("Summary", &schema)]) {
            for (member, of) in of["properties"].as_object().unwrap() {
                assert!(of.get("description").is_some(), "{name}.{member}");
            }
        }
    }

    #[test]
    fn the_text_is_the_same_each_time_and_ends_with_a_line_feed() {
        let first = text(&fixture::city()).unwrap();
        assert_eq!(first, text(&fixture::city()).unwrap());
        assert!(first.starts_with("{\n  \"summary_version\": 1,\n") && first.ends_with("}\n"));
        assert!(schema_text().unwrap().ends_with("}\n"));
    }
}
