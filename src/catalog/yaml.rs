//! Reads YAML into the position-keeping tree. The only file that names the YAML crate.
//!
//! One document, no tags, keys are plain words. Aliases are unfolded within limits of size and depth, so that no text can
//! make a tree that is much larger than itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_saphyr::granit_parser::{self as parser, ErrorKind, Event, Marker, ScalarStyle};

use super::problem::Problem;
use super::tree::{Entry, Node, Sources, Span, Value, shorten};

/// Lists and maps inside one another.
const MAX_DEPTH: usize = 48;
/// Values in one file, aliases unfolded.
const MAX_NODES: usize = 200_000;
/// Bytes of one file.
pub const MAX_BYTES: usize = 8 << 20;

/// A list or map whose end has not come yet.
struct Frame {
    span: Span,
    anchor: usize,
    items: Vec<Node>,
    /// `None` for lists.
    map: Option<OpenMap>,
}

/// A map: entries so far, keys so far, and the key that waits for its value.
type OpenMap = (Vec<Entry>, BTreeSet<String>, Option<(String, Span)>);

/// A mistake that ends the reading.
type Fatal = Box<Problem>;

/// The tree under construction.
struct Builder<'a> {
    sources: &'a Sources,
    source: u32,
    column: u32,
    problems: Vec<Problem>,
    stack: Vec<Frame>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    documents: usize,
    root: Option<Node>,
}

/// Reads the source number `source`, from its byte `from` on. Mistakes that do not hide the rest of the text (a key that
/// stands twice) go to `problems`; `None` means that nothing can be made of it.
pub fn parse(sources: &Sources, source: u32, from: usize, problems: &mut Vec<Problem>) -> Option<Node> {
    let whole = &sources.get(source)?.text;
    let text = whole.get(from..)?;
    let mut builder = Builder {
        sources,
        source,
        column: whole[..from].chars().count() as u32,
        problems: Vec::new(),
        stack: Vec::new(),
        anchors: BTreeMap::new(),
        nodes: 0,
        documents: 0,
        root: None,
    };
    let result = builder.run(text);
    problems.append(&mut builder.problems);
    match result {
        Ok(()) => builder.root,
        Err(problem) => {
            problems.push(*problem);
            None
        }
    }
}

impl Builder<'_> {
    fn run(&mut self, text: &str) -> Result<(), Fatal> {
        let mut options = parser::Options::default();
        options.flow_nesting_limit = MAX_DEPTH;
        options.block_nesting_limit = MAX_DEPTH;
        options.set_emit_comments(false);
        for next in parser::Parser::new_from_str_with_options(text, options) {
            match next {
                Ok((event, span)) => self.event(event, &span)?,
                Err(error) => {
                    let (what, help) = explain(error.kind());
                    let at = self.span(error.marker(), error.marker());
                    return Err(Box::new(Problem::at(self.sources, at, what).help(help)));
                }
            }
        }
        Ok(())
    }

    fn event(&mut self, event: Event<'_>, span: &parser::Span) -> Result<(), Fatal> {
        let at = self.span(&span.start, &span.end);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let problem = Problem::at(self.sources, at, "a second document begins here");
                    return Err(Box::new(
                        problem.help("a file holds one document: remove the line `---` and what follows it"),
                    ));
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), at);
                let quoted = style != ScalarStyle::Plain;
                let value = if quoted { Value::Text { text: text.to_string(), quoted } } else { plain(&text) };
                self.finished(Node { span: at, value }, Some(&text), anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_tag(tag.is_some(), at);
                self.open(Frame { span: at, anchor, items: Vec::new(), map: None })
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_tag(tag.is_some(), at);
                let map = Some((Vec::new(), BTreeSet::new(), None));
                self.open(Frame { span: at, anchor, items: Vec::new(), map })
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(frame) = self.stack.pop() else { return Ok(()) };
                let value = match frame.map {
                    Some((entries, ..)) => Value::Map(entries),
                    None => Value::List(frame.items),
                };
                self.finished(Node { span: frame.span, value }, None, frame.anchor)
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor) else {
                    let what = "this alias stands inside the value it repeats";
                    return Err(Box::new(Problem::at(self.sources, at, what)));
                };
                if self.stack.len() + node.depth() > MAX_DEPTH {
                    return Err(self.too_deep(at));
                }
                self.count(node.size(), at)?;
                let node = self.anchors[&anchor].clone();
                self.finished(node, None, 0)
            }
            _ => Ok(()),
        }
    }

    /// A list or map begins.
    fn open(&mut self, frame: Frame) -> Result<(), Fatal> {
        let waits_for_key = matches!(self.stack.last(), Some(Frame { map: Some((_, _, None)), .. }));
        if waits_for_key {
            let problem = Problem::at(self.sources, frame.span, "a list or a map stands where a key must be");
            return Err(Box::new(problem.help("keys are plain words: write `key: value`")));
        }
        if self.stack.len() >= MAX_DEPTH {
            return Err(self.too_deep(frame.span));
        }
        self.stack.push(frame);
        Ok(())
    }

    /// A value is complete: it becomes a key, an entry, an item or the root. `word` is its text if it is a single word.
    fn finished(&mut self, node: Node, word: Option<&str>, anchor: usize) -> Result<(), Fatal> {
        self.count(1, node.span)?;
        if anchor > 0 {
            self.count(node.size(), node.span)?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Frame { map: None, items, .. }) => items.push(node),
            Some(Frame { map: Some((entries, seen, waiting)), .. }) => match waiting.take() {
                Some((key, key_span)) => {
                    if seen.insert(key.clone()) {
                        entries.push(Entry { key, key_span, node });
                    } else {
                        self.refuse_duplicate(&key, key_span);
                    }
                }
                None => match word {
                    Some(text) => *waiting = Some((text.to_owned(), node.span)),
                    None => {
                        let problem = Problem::at(self.sources, node.span, "a key must be a plain word");
                        return Err(Box::new(problem.help("write `key: value`")));
                    }
                },
            },
        }
        Ok(())
    }

    fn refuse_duplicate(&mut self, key: &str, span: Span) {
        let first = match self.stack.last() {
            Some(Frame { map: Some((entries, ..)), .. }) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        };
        let first = first.map_or(0, |entry| entry.key_span.line);
        let what = format!("the key `{}` stands here a second time", shorten(key, 60));
        let help = format!("the first one is in line {first}: keep one of the two");
        self.problems.push(Problem::at(self.sources, span, what).help(help));
    }

    fn refuse_tag(&mut self, tagged: bool, span: Span) {
        if tagged {
            let problem = Problem::at(self.sources, span, "YAML tags (`!name`) mean nothing here");
            self.problems.push(problem.help("remove the tag; a variant is a map key, as in `periodic: {every: 2h}`"));
        }
    }

    fn too_deep(&self, span: Span) -> Fatal {
        let what = format!("more than {MAX_DEPTH} lists and maps lie inside one another");
        Box::new(Problem::at(self.sources, span, what))
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Fatal> {
        self.nodes += nodes;
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        let what = format!("the file holds more than {MAX_NODES} values, aliases unfolded");
        let help = "describe terminals that are alike as one group with a `count`";
        Err(Box::new(Problem::at(self.sources, span, what).help(help)))
    }

    fn span(&self, start: &Marker, end: &Marker) -> Span {
        let line = start.line().max(1) as u32;
        let column = start.col() as u32 + if line == 1 { self.column } else { 0 };
        let same_line = end.line() == start.line();
        let width = if same_line { end.col().saturating_sub(start.col()) } else { 1_000 };
        Span { source: self.source, line, column, width: width as u32 }
    }
}

/// What an unquoted word means (YAML 1.2 core schema).
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        _ => (),
    }
    number(text).unwrap_or_else(|| Value::Text { text: text.to_owned(), quoted: false })
}

fn number(text: &str) -> Option<Value> {
    let int = match text.get(..2) {
        Some("0x") => i128::from_str_radix(text.get(2..)?, 16).ok().filter(|_| !text[2..].starts_with(['+', '-'])),
        Some("0o") => i128::from_str_radix(text.get(2..)?, 8).ok().filter(|_| !text[2..].starts_with(['+', '-'])),
        _ => text.parse().ok(),
    };
    if let Some(int) = int {
        return Some(Value::Int(int));
    }
    let looks_like = text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'))
        && !text.starts_with(['e', 'E']);
    if looks_like { text.parse().ok().map(Value::Float) } else { None }
}

/// Says a parser's complaint in words for people who do not know its grammar, with a way out.
fn explain(kind: &ErrorKind) -> (String, &'static str) {
    use ErrorKind as E;
    let (what, help) = match kind {
        E::TabNotAllowed | E::TabInBlockIndentation | E::TabInIndentation => {
            ("a tab stands where YAML wants spaces", "indent with spaces, two for each level")
        }
        E::InvalidIndentation | E::ExpectedBlockMappingKey | E::InvalidFlowScalarIndent => {
            ("the indentation does not fit the lines above", "keys of one map begin in the same column")
        }
        E::MappingValueNotAllowed | E::InvalidColonPlacement | E::MappingKeyNotAllowed => (
            "a `key:` stands where no key can be",
            "look for a missing space behind a colon in the lines above, and at the indentation of this one",
        ),
        E::SimpleKeyExpected | E::InvalidSimpleKey => {
            ("this line is neither `key: value` nor part of the value above", "put a colon and a space behind the key")
        }
        E::UnclosedFlowCollection { open } => {
            return (format!("the bracket `{open}` is never closed"), "add the closing bracket");
        }
        E::MismatchedFlowCollectionEnd { open, close } => {
            return (format!("the bracket `{open}` is closed by `{close}`"), "brackets close in the order they open");
        }
        E::ExpectedFlowMappingSeparator | E::ExpectedFlowSequenceSeparator => (
            "a comma or a closing bracket is missing before this",
            "close the bracket that opened above, or separate its entries by commas",
        ),
        E::UnclosedQuotedScalar | E::InvalidQuotedScalarIndent => {
            ("a quotation mark in the lines above is not closed", "add the closing quotation mark")
        }
        E::RecursionLimitExceeded => {
            return (format!("more than {MAX_DEPTH} lists and maps lie inside one another"), "");
        }
        E::UnknownAnchor => {
            ("this alias repeats a value that is named nowhere above", "name the value with `&name` before `*name`")
        }
        other => return (format!("this is not YAML: {other}"), "text with special characters needs quotation marks"),
    };
    (what.to_owned(), help)
}
