//! The position-keeping tree: what a YAML text says, and where it says it. Knows no schema and no scenario.

use std::fmt;

/// The texts that nodes come from: files, and `--set` overrides.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Source>);

/// One text.
#[derive(Clone, Debug)]
pub struct Source {
    /// Name of the file, or the whole `--set path=value`.
    pub name: String,
    /// The text itself.
    pub text: String,
    /// Whether positions in it are worth showing as line and column.
    pub is_file: bool,
}

impl Sources {
    /// Adds a text and returns its number.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>, is_file: bool) -> u32 {
        self.0.push(Source { name: name.into(), text: text.into(), is_file });
        (self.0.len() - 1) as u32
    }

    /// The text with this number.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&Source> {
        self.0.get(number as usize)
    }
}

/// A place in a source: part of one line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Number of the source.
    pub source: u32,
    /// Line, from 1.
    pub line: u32,
    /// First character, from 0.
    pub column: u32,
    /// How many characters.
    pub width: u32,
}

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What a node can be.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing stands there.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// Any other number, infinities and not-a-number included.
    Float(f64),
    /// A text.
    Text {
        /// The text itself, without quotes.
        text: String,
        /// Whether it stood in quotes or in a block.
        quoted: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file; no key twice.
    Map(Vec<Entry>),
}

/// One entry of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

impl Node {
    /// An empty map at `span`.
    #[must_use]
    pub fn empty_map(span: Span) -> Node {
        Node { span, value: Value::Map(Vec::new()) }
    }

    /// The entries, if this is a map.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The entry of a map under `key`.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The node at the end of `path`, as far as the path exists, and the best place to point at for it: the value if it
    /// is a single word, the key if it is a block. The flag tells whether the whole path was there.
    #[must_use]
    pub fn locate<S: AsRef<str>>(&self, path: &[S]) -> (&Node, Span, bool) {
        let (mut node, mut span) = (self, self.span);
        for step in path {
            let step = step.as_ref();
            let next = match &node.value {
                Value::Map(_) => node.entry(step).map(|entry| (&entry.node, entry.best_span())),
                Value::List(items) => {
                    step.parse::<usize>().ok().and_then(|i| items.get(i)).map(|item| (item, item.span))
                }
                _ => None,
            };
            let Some(found) = next else { return (node, span, false) };
            (node, span) = found;
        }
        (node, span, true)
    }

    /// How many nodes this one consists of, itself included.
    #[must_use]
    pub fn size(&self) -> usize {
        1 + match &self.value {
            Value::List(items) => items.iter().map(Node::size).sum(),
            Value::Map(entries) => entries.iter().map(|entry| entry.node.size()).sum(),
            _ => 0,
        }
    }

    /// How many levels of lists and maps lie inside one another.
    #[must_use]
    pub fn depth(&self) -> usize {
        match &self.value {
            Value::List(items) => 1 + items.iter().map(Node::depth).max().unwrap_or(0),
            Value::Map(entries) => 1 + entries.iter().map(|entry| entry.node.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// The same as plain JSON, without places. A number that JSON cannot hold becomes null.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(flag) => Json::Bool(*flag),
            Value::Int(number) => match (u64::try_from(*number), i64::try_from(*number)) {
                (Ok(number), _) => number.into(),
                (_, Ok(number)) => number.into(),
                _ => (*number as f64).into(),
            },
            Value::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => (*number as i64).into(),
            Value::Float(number) => (*number).into(),
            Value::Text { text, .. } => Json::String(text.clone()),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => {
                Json::Object(entries.iter().map(|entry| (entry.key.clone(), entry.node.to_json())).collect())
            }
        }
    }
}

impl Entry {
    /// The value's place if it is a single word, otherwise the key's.
    #[must_use]
    pub fn best_span(&self) -> Span {
        let word = !matches!(self.node.value, Value::Map(_) | Value::List(_) | Value::Null);
        if word && self.node.span.width > 0 { self.node.span } else { self.key_span }
    }
}

/// Says what a node is, for "… is the text "many"".
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::Null => f.write_str("empty"),
            Value::Bool(flag) => write!(f, "`{flag}`"),
            Value::Int(number) => write!(f, "the number {}", shorten(&number.to_string(), 40)),
            Value::Float(number) if number.abs() >= 1e15 || (*number != 0.0 && number.abs() < 1e-6) => {
                write!(f, "the number {number:e}")
            }
            Value::Float(number) => write!(f, "the number {number}"),
            Value::Text { text, .. } => write!(f, "the text \"{}\"", shorten(text, 40)),
            Value::List(_) => f.write_str("a list"),
            Value::Map(_) => f.write_str("a map"),
        }
    }
}

/// The first `limit` characters of a text, safe to print on one line.
#[must_use]
pub fn shorten(text: &str, limit: usize) -> String {
    let mut short: String = text.chars().take(limit).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(limit).is_some() {
        short.push('…');
    }
    short
}
