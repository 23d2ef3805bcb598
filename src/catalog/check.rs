//! Checks a tree against a schema and collects all mistakes in one go.

use serde_json::Value as Json;

use super::problem::Problem;
use super::shape::{Schema, Shape};
use super::suggest::{did_you_mean, one_of, some_of};
use super::tree::{Entry, Node, Sources, Span, Value, shorten};
use super::value::{Duration, DurationError, is_name};

/// Holds a tree against `schema`; mistakes go to `problems`.
pub fn check(schema: &Schema, sources: &Sources, root: &Node, problems: &mut Vec<Problem>) {
    let mut checker = Checker { schema, sources, problems, path: Vec::new() };
    checker.visit(schema.root(), root, root.span);
}

struct Checker<'a> {
    schema: &'a Schema,
    sources: &'a Sources,
    problems: &'a mut Vec<Problem>,
    path: Vec<String>,
}

impl<'a> Checker<'a> {
    /// `at` is where to point for the node as a whole.
    fn visit(&mut self, schema: &'a Json, node: &Node, at: Span) {
        if node.value == Value::Null {
            return self.refuse_empty(schema, at);
        }
        match (self.schema.shape(schema), &node.value) {
            (Shape::Map { fields, required }, Value::Map(entries)) => self.map(fields, &required, entries, at),
            (Shape::Named { each, reserved }, Value::Map(entries)) => self.named(schema, each, &reserved, entries, at),
            (Shape::List { each, least }, Value::List(items)) => {
                if items.len() < least {
                    let what = format!("{} is an empty list", self.here());
                    self.report(at, what, self.schema.describe(schema), "");
                }
                for (index, item) in items.iter().enumerate() {
                    self.path.push(index.to_string());
                    self.visit(each, item, item.span);
                    self.path.pop();
                }
            }
            (Shape::Choice { words, variants }, _) => self.choice(schema, &words, &variants, node, at),
            (Shape::Sourced { full, .. }, Value::Map(_)) => self.visit(full, node, at),
            (Shape::Sourced { bare, .. }, _) => self.visit(bare, node, at),
            (Shape::Number { whole, min, max, listed }, Value::Int(_) | Value::Float(_)) => {
                let number = match node.value {
                    Value::Int(int) => int as f64,
                    Value::Float(float) => float,
                    _ => f64::NAN,
                };
                let huge = matches!(node.value, Value::Int(int) if int > i128::from(u64::MAX));
                let fits =
                    !huge && number.is_finite() && (min..=max).contains(&number) && (!whole || number.fract() == 0.0);
                if !fits || !(listed.is_empty() || listed.contains(&number)) {
                    let version = self.path.len() == 1 && self.path[0] == "farlink";
                    let help = if version { "this program reads version 1 of the file format" } else { "" };
                    self.refuse(schema, node, at, help);
                }
            }
            (Shape::Duration, _) => self.duration(schema, node, at),
            (Shape::Text, Value::Text { .. }) | (Shape::Flag, Value::Bool(_)) | (Shape::Any, _) => (),
            (shape, _) => {
                let help = way_out(&shape, node);
                self.refuse(schema, node, at, &help);
            }
        }
    }

    fn map(&mut self, fields: &'a serde_json::Map<String, Json>, required: &[&str], entries: &[Entry], at: Span) {
        let present = |key: &str| entries.iter().any(|entry| entry.key == key);
        let mut meant = Vec::new();
        for entry in entries {
            if let Some(schema) = fields.get(&entry.key) {
                self.path.push(entry.key.clone());
                self.visit(schema, &entry.node, entry.best_span());
                self.path.pop();
                continue;
            }
            let free = fields.keys().map(String::as_str).filter(|key| !present(key));
            let mut help = did_you_mean(&entry.key, free.clone());
            if help.is_empty() {
                help = self.elsewhere(&entry.key);
            }
            meant.extend(super::suggest::closest(&entry.key, free));
            let what = format!("unknown key `{}` in {}", shorten(&entry.key, 60), self.here());
            self.report(entry.key_span, what, some_of(&entry.key, fields.keys().map(String::as_str)), &help);
        }
        let merged = present("<<");
        for key in required.iter().filter(|key| !merged && !present(key) && !meant.contains(key)) {
            let what = format!("{} lacks the key `{key}`", self.here());
            let schema = &fields[*key];
            let purpose =
                self.schema.purpose(schema).map_or_else(String::new, |why| format!(" ({})", lower_first(&why)));
            self.report(at, what, format!("`{key}: …`{purpose}, {}", self.schema.describe(schema)), "");
        }
    }

    fn named(&mut self, schema: &'a Json, each: &'a Json, reserved: &[&str], entries: &[Entry], at: Span) {
        if entries.is_empty() {
            let what = format!("{} is empty", self.here());
            self.report(at, what, self.schema.describe(schema), "");
        }
        for Entry { key, key_span, node } in entries {
            let kind = self.here();
            if !is_name(key) {
                let what = format!("\"{}\" cannot be a name in {kind}", shorten(key, 60));
                let expected = "letters, digits, `-` and `_`, at most 64, a letter or digit first".to_owned();
                self.report(*key_span, what, expected, "");
            } else if reserved.contains(&key.as_str()) {
                let what = format!("`{key}` cannot be a name in {kind}: results use this word");
                self.report(*key_span, what, format!("another name, such as `my-{key}`"), "");
            }
            self.path.push(key.clone());
            self.visit(each, node, *key_span);
            self.path.pop();
        }
    }

    fn choice(&mut self, schema: &'a Json, words: &[&str], variants: &[(&'a str, &'a Json)], node: &Node, at: Span) {
        let names = || words.iter().copied().chain(variants.iter().map(|(name, _)| *name));
        match &node.value {
            Value::Text { text, .. } if words.contains(&text.as_str()) => (),
            Value::Text { text, .. } => {
                let help = if variants.iter().any(|(name, _)| name == text) {
                    format!("write `{{{text}: {{}}}}`; its parameters go between the inner braces")
                } else {
                    did_you_mean(text, names())
                };
                self.refuse(schema, node, at, &help);
            }
            Value::Map(entries) if entries.is_empty() => {
                let what = format!("{} is empty", self.here());
                self.report(at, what, self.schema.describe(schema), "");
            }
            Value::Map(entries) if !variants.is_empty() => {
                let mut known = Vec::new();
                for Entry { key, key_span, node } in entries {
                    if let Some((name, schema)) = variants.iter().find(|(name, _)| name == key) {
                        known.push((name, key_span));
                        self.path.push(key.clone());
                        self.visit(schema, node, *key_span);
                        self.path.pop();
                        continue;
                    }
                    let help = if words.contains(&key.as_str()) {
                        format!("`{key}` has no parameters: write just the word")
                    } else {
                        Some(did_you_mean(key, names()))
                            .filter(|h| !h.is_empty())
                            .unwrap_or_else(|| self.elsewhere(key))
                    };
                    let what = format!("unknown key `{}` in {}", shorten(key, 60), self.here());
                    self.report(*key_span, what, one_of(names()), &help);
                }
                for (name, span) in known.iter().skip(1) {
                    let what = format!("{} is already `{}`, it cannot be `{name}` too", self.here(), known[0].0);
                    self.report(**span, what, "exactly one of them".into(), "remove one");
                }
            }
            _ => self.refuse(schema, node, at, ""),
        }
    }

    fn duration(&mut self, schema: &Json, node: &Node, at: Span) {
        let help = match &node.value {
            Value::Text { text, .. } => match Duration::parse(text) {
                Ok(_) => return,
                Err(DurationError::Unit(unit)) => match unit.as_str() {
                    "m" => "`m` could be months or minutes: write `min`".to_owned(),
                    _ => format!("the units are us, ms, s, min, h, d and y, not `{}`", shorten(&unit, 20)),
                },
                Err(DurationError::TooLong) => "the longest time is 1000y".to_owned(),
                Err(DurationError::NoUnit) => "put the unit directly behind the number".to_owned(),
                Err(DurationError::NoNumber) => String::new(),
            },
            Value::Int(number) if *number >= 0 => format!("a bare number has no unit: did you mean `{number}s`?"),
            Value::Float(number) if *number >= 0.0 => format!("a bare number has no unit: did you mean `{number}s`?"),
            _ => String::new(),
        };
        self.refuse(schema, node, at, &help);
    }

    fn refuse_empty(&mut self, schema: &Json, at: Span) {
        let help = match self.schema.shape(schema) {
            Shape::Map { required, .. } if required.is_empty() => "write `{}` for all its defaults",
            Shape::Map { .. } | Shape::Named { .. } | Shape::Choice { .. } => {
                "its contents go below it, indented by two more spaces"
            }
            _ => "write a value behind the colon, or remove the line",
        };
        let what = format!("{} has no value", self.here());
        self.report(at, what, self.schema.describe(schema), help);
    }

    /// The value is of the wrong kind or out of bounds.
    fn refuse(&mut self, schema: &Json, node: &Node, at: Span, help: &str) {
        let what = format!("{} is {node}", self.here());
        self.report(at, what, self.schema.describe(schema), help);
    }

    fn report(&mut self, at: Span, what: String, expected: String, help: &str) {
        self.problems.push(Problem::at(self.sources, at, what).expected(expected).help(help));
    }

    /// The path of the current node.
    fn here(&self) -> String {
        if self.path.is_empty() { "the file".into() } else { format!("`{}`", shorten(&self.path.join("."), 120)) }
    }

    /// A hint that a key belongs to another place.
    fn elsewhere(&self, key: &str) -> String {
        if key == "<<" {
            return "merge keys are not known here; an alias `*name` repeats a whole value".into();
        }
        match self.schema.homes_of(key).as_slice() {
            [] => String::new(),
            [home] if home.is_empty() => format!("`{key}` belongs to the top level of the file"),
            homes => format!("`{key}` belongs into {}", one_of(homes.iter().take(3).map(String::as_str))),
        }
    }
}

/// What to do about a value of the wrong kind.
fn way_out(shape: &Shape<'_>, node: &Node) -> String {
    match (shape, &node.value) {
        (Shape::Number { .. }, Value::Text { text, .. }) => number_in(text),
        (Shape::Text, Value::Int(_) | Value::Float(_) | Value::Bool(_)) => "put it in quotation marks".into(),
        (Shape::Text, Value::List(items)) => match items.as_slice() {
            [Node { value: Value::Text { text, .. }, .. }] => {
                format!("write `{}`, without brackets", shorten(text, 60))
            }
            _ => String::new(),
        },
        (Shape::Flag, Value::Text { text, .. }) => match text.as_str() {
            "yes" | "on" => "write `true`".into(),
            "no" | "off" => "write `false`".into(),
            _ => String::new(),
        },
        (Shape::List { .. }, Value::Text { text, .. }) => format!("write `[{}]`", shorten(text, 40)),
        _ => String::new(),
    }
}

/// The number somebody may have meant by a text.
fn number_in(text: &str) -> String {
    let bare: String = text.chars().filter(|c| !matches!(c, '_' | ',' | '\'' | ' ')).collect();
    if bare.parse::<f64>().is_ok_and(f64::is_finite) {
        return format!("write `{bare}`, without quotation marks or separators");
    }
    let end = bare.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-' | '+')).unwrap_or(bare.len());
    let (number, tail) = bare.split_at(end);
    match (number.parse::<f64>(), tail) {
        (Ok(number), "k") => format!("write `{}`", number * 1e3),
        (Ok(number), "M") => format!("write `{}`", number * 1e6),
        (Ok(number), "%") => format!("write the share as a number: `{}`", number / 100.0),
        (Ok(number), _) => format!("write `{number}`; the unit is part of the key"),
        _ => String::new(),
    }
}

fn lower_first(text: &str) -> String {
    // An abbreviation such as T3324 keeps its capital.
    if text.chars().nth(1).is_some_and(|c| c.is_uppercase() || c.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
