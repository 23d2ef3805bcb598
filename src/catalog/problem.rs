//! What is wrong with a file, told so that a stranger can mend it: the place, what stands there, what was expected, and a
//! suggestion.

use std::fmt;

use super::tree::{Source, Sources, Span, shorten};

/// Problems that one report prints; the rest is counted.
const SHOWN: usize = 40;
/// Characters of a source line that a report prints.
const LINE_WIDTH: usize = 110;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, or the whole `--set path=value` the mistake is in.
    pub file: String,
    /// Line in the file, from 1; 0 if there is no line to point at.
    pub line: usize,
    /// Column in the line, from 1; 0 if there is no line to point at.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What would have been right.
    pub expected: Option<String>,
    /// What to do about it.
    pub suggestion: Option<String>,
    /// The line, ready to print.
    pub snippet: Option<Snippet>,
}

/// A source line with the part to underline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The line, control characters replaced, shortened if it is very long.
    pub text: String,
    /// Character at which the mistake begins.
    pub start: usize,
    /// How many characters it takes, at least one.
    pub width: usize,
}

impl Problem {
    /// A problem at a place.
    #[must_use]
    pub fn at(sources: &Sources, span: Span, what: impl Into<String>) -> Problem {
        let mut problem = Problem {
            file: String::new(),
            line: 0,
            column: 0,
            what: what.into(),
            expected: None,
            suggestion: None,
            snippet: None,
        };
        if let Some(source) = sources.get(span.source) {
            problem.file.clone_from(&source.name);
            if source.is_file {
                problem.line = span.line.max(1) as usize;
                problem.column = span.column as usize + 1;
            }
            problem.snippet = snippet(source, span);
        }
        problem
    }

    /// A problem with a file as a whole.
    #[must_use]
    pub fn of_file(file: impl Into<String>, what: impl Into<String>) -> Problem {
        Problem { file: file.into(), ..Problem::at(&Sources::default(), Span::default(), what) }
    }

    /// Adds what would have been right.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Problem {
        self.expected = Some(expected.into());
        self
    }

    /// Adds what to do about it; nothing if `help` is empty.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        let help = help.into();
        self.suggestion = (!help.is_empty()).then_some(help);
        self
    }
}

/// Cuts the line of `span` out of its source.
fn snippet(source: &Source, span: Span) -> Option<Snippet> {
    let line = source.text.split('\n').nth(span.line.max(1) as usize - 1)?;
    let line: Vec<char> = line.trim_end().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.is_empty() {
        return None;
    }
    let start = (span.column as usize).min(line.len());
    let skipped = if start > LINE_WIDTH * 3 / 4 { start - LINE_WIDTH / 2 } else { 0 };
    let text: String = line[skipped..].iter().take(LINE_WIDTH).collect();
    let left = text.chars().count() - (start - skipped).min(text.chars().count());
    Some(Snippet { text, start: start - skipped, width: (span.width as usize).clamp(1, left.max(1)) })
}

/// Writes the problem the way compilers do, without a line break at the end.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = if self.line > 0 { self.line.to_string() } else { String::new() };
        let margin = " ".repeat(number.len().max(2));
        write!(f, "error: {}", self.what)?;
        write!(f, "\n{margin}--> {}", shorten(&self.file, 300))?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        if let Some(Snippet { text, start, width }) = &self.snippet {
            write!(f, "\n{margin} |")?;
            write!(f, "\n{number:>0$} | {text}", margin.len())?;
            write!(f, "\n{margin} | {}{}", " ".repeat(*start), "^".repeat(*width))?;
        }
        if let Some(expected) = &self.expected {
            write!(f, "\n{margin} = expected: {expected}")?;
        }
        if let Some(help) = &self.suggestion {
            write!(f, "\n{margin} = help: {help}")?;
        }
        Ok(())
    }
}

/// All mistakes of a scenario and the files it uses, in the order of their places.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.0.iter().take(SHOWN) {
            write!(f, "{problem}\n\n")?;
        }
        match self.0.len() {
            1 => write!(f, "1 problem found"),
            n if n > SHOWN => write!(f, "{n} problems found, the first {SHOWN} shown"),
            n => write!(f, "{n} problems found"),
        }
    }
}
