//! Reads a JSON Schema as a grammar of the few shapes that files of this project have. The check of a file and the
//! overrides from the command line walk these shapes, so neither can differ from the published schema.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde_json::{Map, Value as Json};

use super::suggest::one_of;
use super::value::{DURATION_PATTERN, json_schema};

/// A JSON Schema that can be walked.
pub struct Schema {
    root: Json,
}

/// What may stand at one place of a file.
#[derive(Debug)]
pub enum Shape<'a> {
    /// A map with known keys.
    Map {
        /// The keys and what stands under them.
        fields: &'a Map<String, Json>,
        /// The keys that must be there.
        required: Vec<&'a str>,
    },
    /// A map from names that the user chooses.
    Named {
        /// What stands under each name.
        each: &'a Json,
        /// Words that cannot be names.
        reserved: Vec<&'a str>,
    },
    /// A list.
    List {
        /// What its items are.
        each: &'a Json,
        /// How many at least.
        least: usize,
    },
    /// One word, or a map with exactly one key: the variants of a kind.
    Choice {
        /// Variants without parameters.
        words: Vec<&'a str>,
        /// Variants with parameters.
        variants: Vec<(&'a str, &'a Json)>,
    },
    /// A value, or a map of the value and its source.
    Sourced {
        /// The value alone.
        bare: &'a Json,
        /// The map.
        full: &'a Json,
    },
    /// A number.
    Number {
        /// Whether it must be whole.
        whole: bool,
        /// The least.
        min: f64,
        /// The most.
        max: f64,
        /// The only ones allowed, if not empty.
        listed: Vec<f64>,
    },
    /// A time with its unit.
    Duration,
    /// A text.
    Text,
    /// `true` or `false`.
    Flag,
    /// Anything.
    Any,
}

impl Schema {
    /// The schema of a type.
    #[must_use]
    pub fn of<T: JsonSchema>() -> Schema {
        Schema { root: json_schema::<T>() }
    }

    /// The whole schema.
    #[must_use]
    pub fn root(&self) -> &Json {
        &self.root
    }

    /// Follows references.
    fn resolve<'a>(&'a self, mut schema: &'a Json) -> &'a Json {
        for _ in 0..16 {
            let target =
                schema.get("$ref").and_then(Json::as_str).and_then(|to| self.root.pointer(to.trim_start_matches('#')));
            let single = schema.get("allOf").and_then(Json::as_array).and_then(|all| all.first());
            match target.or(single) {
                Some(next) => schema = next,
                None => break,
            }
        }
        schema
    }

    /// What the schema at one place allows.
    #[must_use]
    pub fn shape<'a>(&'a self, schema: &'a Json) -> Shape<'a> {
        let schema = self.resolve(schema);
        if let Some(branches) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Json::as_array) {
            return match branches.as_slice() {
                [bare, full] if full.pointer("/properties/source").is_some() => Shape::Sourced { bare, full },
                _ => choice(branches),
            };
        }
        match schema.get("type").and_then(Json::as_str) {
            Some("object") => object(schema),
            Some("array") => {
                let least = schema.get("minItems").and_then(Json::as_u64).unwrap_or(0) as usize;
                Shape::List { each: schema.get("items").unwrap_or(&Json::Null), least }
            }
            Some("integer") => number(schema, true),
            Some("number") => number(schema, false),
            Some("boolean") => Shape::Flag,
            Some("string") if schema.get("enum").is_some() || schema.get("const").is_some() => {
                choice(std::slice::from_ref(schema))
            }
            Some("string") if schema.get("pattern").and_then(Json::as_str) == Some(DURATION_PATTERN) => Shape::Duration,
            Some("string") => Shape::Text,
            _ => Shape::Any,
        }
    }

    /// What the place is for: the first sentence of its description.
    #[must_use]
    pub fn purpose(&self, schema: &Json) -> Option<String> {
        let text = schema.get("description").or_else(|| self.resolve(schema).get("description"))?.as_str()?;
        let text = text.replace('\n', " ");
        let end = text.find(". ").map_or(text.len(), |at| at + 1);
        Some(text[..end].trim_end_matches('.').to_owned())
    }

    /// Says what may stand at a place.
    #[must_use]
    pub fn describe(&self, schema: &Json) -> String {
        match self.shape(schema) {
            Shape::Map { fields, .. } if fields.is_empty() => "`{}`".into(),
            Shape::Map { fields, .. } if fields.len() > 10 => "a map of parameters".into(),
            Shape::Map { fields, .. } => format!("a map of {}", one_of(fields.keys().map(String::as_str))),
            Shape::Named { .. } => "a map, each entry under a name of your choice".into(),
            Shape::List { each, .. } => match self.shape(each) {
                Shape::Text => "a list, such as `[one, two]`".into(),
                _ => format!("a list, each item {}", self.describe(each)),
            },
            Shape::Choice { words, variants } => {
                one_of(words.into_iter().chain(variants.into_iter().map(|(name, _)| name)))
            }
            Shape::Sourced { bare, .. } => self.describe(bare),
            Shape::Number { listed, .. } if listed.len() == 1 => format!("{}", listed[0]),
            Shape::Number { listed, .. } if !listed.is_empty() => {
                let numbers: Vec<String> = listed.iter().map(f64::to_string).collect();
                one_of(numbers.iter().map(String::as_str))
            }
            Shape::Number { whole, min, max, .. } => {
                let kind = if whole { "a whole number" } else { "a number" };
                match (min.is_finite(), max.is_finite()) {
                    (true, true) if max >= u64::MAX as f64 => format!("{kind} from {min} to {}", u64::MAX),
                    (true, true) => format!("{kind} from {min} to {max}"),
                    (true, false) => format!("{kind} of at least {min}"),
                    _ => kind.to_owned(),
                }
            }
            Shape::Duration => "a time with its unit, such as 90s, 500ms, 2h or 7d".into(),
            Shape::Text => "a text".into(),
            Shape::Flag => "`true` or `false`".into(),
            Shape::Any => "any value".into(),
        }
    }

    /// The places of the file where the key `key` is known, as paths.
    #[must_use]
    pub fn homes_of(&self, key: &str) -> Vec<String> {
        let mut homes = BTreeSet::new();
        self.search(&self.root, key, &mut Vec::new(), &mut homes);
        homes.into_iter().collect()
    }

    fn search<'a>(&'a self, schema: &'a Json, key: &str, path: &mut Vec<&'a str>, homes: &mut BTreeSet<String>) {
        if path.len() > 8 {
            return;
        }
        let next: Vec<(&str, &Json)> = match self.shape(schema) {
            Shape::Map { fields, .. } => {
                if fields.contains_key(key) {
                    homes.insert(path.join("."));
                }
                fields.iter().map(|(name, schema)| (name.as_str(), schema)).collect()
            }
            Shape::Choice { variants, .. } => {
                if variants.iter().any(|(name, _)| *name == key) {
                    homes.insert(path.join("."));
                }
                variants
            }
            Shape::Named { each, .. } => vec![("NAME", each)],
            _ => Vec::new(),
        };
        for (name, schema) in next {
            path.push(name);
            self.search(schema, key, path, homes);
            path.pop();
        }
    }
}

fn object(schema: &Json) -> Shape<'_> {
    static NONE: std::sync::LazyLock<Map<String, Json>> = std::sync::LazyLock::new(Map::new);
    match schema.get("additionalProperties") {
        Some(each) if each.is_object() => {
            Shape::Named { each, reserved: words(schema.pointer("/propertyNames/not/enum")) }
        }
        _ => Shape::Map {
            fields: schema.get("properties").and_then(Json::as_object).unwrap_or(&NONE),
            required: words(schema.get("required")),
        },
    }
}

fn words(list: Option<&Json>) -> Vec<&str> {
    list.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect()
}

fn number(schema: &Json, whole: bool) -> Shape<'_> {
    let bound = |key: &str, otherwise: f64| schema.get(key).and_then(Json::as_f64).unwrap_or(otherwise);
    let mut listed: Vec<f64> = Vec::new();
    listed.extend(schema.get("const").and_then(Json::as_f64));
    listed.extend(schema.get("enum").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_f64));
    let max =
        if schema.get("format").and_then(Json::as_str) == Some("uint64") { u64::MAX as f64 } else { f64::INFINITY };
    Shape::Number { whole, min: bound("minimum", f64::NEG_INFINITY), max: bound("maximum", max), listed }
}

fn choice(branches: &[Json]) -> Shape<'_> {
    let (mut plain, mut variants) = (Vec::new(), Vec::new());
    for branch in branches {
        plain.extend(branch.get("const").and_then(Json::as_str));
        plain.extend(words(branch.get("enum")));
        let fields = branch.get("properties").and_then(Json::as_object);
        variants.extend(fields.into_iter().flatten().map(|(name, schema)| (name.as_str(), schema)));
    }
    Shape::Choice { words: plain, variants }
}
