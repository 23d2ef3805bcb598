//! `--set path=value`: changes to a scenario from the command line, made in the tree before it is checked.

use serde_json::Value as Json;

use crate::catalog::problem::Problem;
use crate::catalog::shape::{Schema, Shape};
use crate::catalog::suggest::{did_you_mean, some_of};
use crate::catalog::tree::{Entry, Node, Sources, Span, Value, shorten};
use crate::catalog::yaml;

/// One step of a path and where it stands in the text of the override.
#[derive(Clone, Debug)]
struct Step<'a> {
    word: &'a str,
    span: Span,
}

/// Makes all overrides in `root`, in their order; mistakes go to `problems`.
pub fn apply(schema: &Schema, sources: &mut Sources, root: &mut Node, sets: &[String], problems: &mut Vec<Problem>) {
    for text in sets {
        let source = sources.add(format!("--set {text}"), text.as_str(), false);
        if let Err(problem) = apply_one(schema, sources, source, root, text, problems) {
            problems.push(*problem);
        }
    }
}

fn apply_one(
    schema: &Schema,
    sources: &Sources,
    source: u32,
    root: &mut Node,
    text: &str,
    problems: &mut Vec<Problem>,
) -> Result<(), Box<Problem>> {
    let place = |from: usize, to: usize| {
        let width = text[from..to].chars().count() as u32;
        Span { source, line: 1, column: text[..from].chars().count() as u32, width }
    };
    let Some(equals) = text.find('=') else {
        let problem = Problem::at(sources, place(0, text.len()), "this override sets nothing");
        return Err(Box::new(problem.expected("path=value, such as `groups.meters.count=1000`")));
    };
    let value = match yaml::parse(sources, source, equals + 1, problems) {
        Some(node) => node,
        None if text[equals + 1..].trim().is_empty() => {
            let problem = Problem::at(sources, place(equals, equals + 1), "there is no value behind `=`");
            return Err(Box::new(problem.expected("path=value, such as `groups.meters.count=1000`")));
        }
        None => return Ok(()),
    };
    let (mut steps, mut from) = (Vec::new(), 0);
    for word in text[..equals].split('.') {
        let lead = word.len() - word.trim_start().len();
        let trimmed = word.trim();
        steps.push(Step { word: trimmed, span: place(from + lead, from + lead + trimmed.len()) });
        from += word.len() + 1;
    }
    let mut walk = Walk { schema, sources, done: Vec::new() };
    walk.assign(schema.root(), root, &steps, value)
}

struct Walk<'a> {
    schema: &'a Schema,
    sources: &'a Sources,
    /// The steps behind us.
    done: Vec<String>,
}

impl<'a> Walk<'a> {
    fn assign(
        &mut self,
        schema: &'a Json,
        node: &mut Node,
        steps: &[Step<'_>],
        value: Node,
    ) -> Result<(), Box<Problem>> {
        let Some((step, rest)) = steps.split_first() else {
            *node = value;
            return Ok(());
        };
        let next: &'a Json = match self.schema.shape(schema) {
            Shape::Map { fields, .. } => match fields.get(step.word) {
                Some(next) => next,
                None => return Err(self.unknown(step, fields.keys().map(String::as_str).collect())),
            },
            Shape::Choice { variants, .. } if !variants.is_empty() => {
                let Some((_, next)) = variants.iter().find(|(name, _)| *name == step.word) else {
                    return Err(self.unknown(step, variants.iter().map(|(name, _)| *name).collect()));
                };
                // Another variant than the one in the file replaces it.
                if node.entry(step.word).is_none() {
                    *node = Node::empty_map(step.span);
                }
                next
            }
            Shape::Named { each, .. } => {
                let known: Vec<&str> = node.entries().iter().map(|entry| entry.key.as_str()).collect();
                if !known.contains(&step.word) && !rest.is_empty() {
                    return Err(self.unknown(step, known));
                }
                each
            }
            Shape::List { each, .. } => return self.item(each, node, step, rest, value),
            _ => {
                let what = format!("`{}` is a single value, nothing lies below it", self.done.join("."));
                let problem = Problem::at(self.sources, step.span, what);
                return Err(Box::new(problem.expected(format!("{}=…", self.done.join(".")))));
            }
        };
        if !matches!(node.value, Value::Map(_)) {
            *node = Node::empty_map(step.span);
        }
        let Value::Map(entries) = &mut node.value else { return Ok(()) };
        let index = entries.iter().position(|entry| entry.key == step.word).unwrap_or(entries.len());
        if index == entries.len() {
            let node = Node { span: step.span, value: Value::Null };
            entries.push(Entry { key: step.word.to_owned(), key_span: step.span, node });
        } else if rest.is_empty() {
            entries[index].key_span = step.span;
        }
        self.done.push(step.word.to_owned());
        let mut inner = std::mem::replace(&mut entries[index].node, Node::empty_map(step.span));
        let result = self.assign(next, &mut inner, rest, value);
        entries[index].node = inner;
        result
    }

    /// The step is the number of an item of a list.
    fn item(
        &mut self,
        each: &'a Json,
        node: &mut Node,
        step: &Step<'_>,
        rest: &[Step<'_>],
        value: Node,
    ) -> Result<(), Box<Problem>> {
        if !matches!(node.value, Value::List(_)) {
            *node = Node { span: step.span, value: Value::List(Vec::new()) };
        }
        let Value::List(items) = &mut node.value else { return Ok(()) };
        match step.word.parse::<usize>() {
            Ok(index) if index <= items.len() => {
                if index == items.len() {
                    items.push(Node { span: step.span, value: Value::Null });
                }
                self.done.push(step.word.to_owned());
                self.assign(each, &mut items[index], rest, value)
            }
            _ => {
                let what = format!("`{}` has no item `{}`", self.done.join("."), shorten(step.word, 30));
                let problem = Problem::at(self.sources, step.span, what);
                Err(Box::new(problem.expected(format!("a number from 0 to {}", items.len()))))
            }
        }
    }

    fn unknown(&self, step: &Step<'_>, known: Vec<&str>) -> Box<Problem> {
        let above = if self.done.is_empty() { "the scenario".into() } else { format!("`{}`", self.done.join(".")) };
        let what = match step.word {
            "" => format!("a step of the path is empty below {above}"),
            word => format!("{above} has no `{}`", shorten(word, 60)),
        };
        let problem = Problem::at(self.sources, step.span, what).expected(some_of(step.word, known.iter().copied()));
        Box::new(problem.help(did_you_mean(step.word, known)))
    }
}
