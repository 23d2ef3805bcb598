//! Files of comma-separated values with a line of titles: reading cells with their places, and saying what is wrong with them.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::problem::Problem;
use super::tree::{Sources, Span, shorten};

/// Mistakes after which reading ends: rows that a program wrote are all wrong in the same way.
pub const MAX_PROBLEMS: usize = 10;

/// The text of a cell and its place.
#[derive(Clone, Copy)]
pub struct Cell<'a> {
    /// The text, without the blanks around it.
    pub text: &'a str,
    /// Where it stands.
    pub span: Span,
}

/// A file that is being read.
pub struct Table {
    sources: Sources,
    source: u32,
    columns: &'static [&'static str],
    /// How to come by a file that fits.
    help: &'static str,
    problems: Vec<Problem>,
}

impl Table {
    /// Reads a file with these columns; `row` says whether a row is good, and reports what is wrong if not. Lines that are empty
    /// or begin with `#` are skipped.
    pub fn read(
        name: &str,
        text: &str,
        columns: &'static [&'static str],
        help: &'static str,
        mut row: impl FnMut(&mut Table, &[Cell<'_>]) -> bool,
    ) -> Table {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut sources = Sources::default();
        let source = sources.add(name, text, true);
        let mut table = Table { sources, source, columns, help, problems: Vec::new() };
        let (mut titled, mut rows) = (false, 0);
        for (number, line) in (1..).zip(text.split('\n')) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let cells = cells(source, number, line);
            if !titled {
                titled = true;
                if table.titles(&cells).is_none() {
                    break;
                }
            } else if table.complete(&cells).is_some() && row(&mut table, &cells) {
                rows += 1;
            } else if table.is_hopeless() {
                let what = "too many mistakes: the rest of the file was not read";
                let span = Span { source, line: number, ..Span::default() };
                table.problems.push(Problem::at(&table.sources, span, what));
                break;
            }
        }
        if rows == 0 && table.problems.is_empty() {
            let span = Span { source, line: 1, ..Span::default() };
            table.report(span, "the file has no rows", format!("rows under {}", columns.join(",")), help);
        }
        table
    }

    /// The result, unless something was wrong.
    ///
    /// # Errors
    /// What was wrong.
    pub fn finish<T>(self, result: T) -> Result<T, Vec<Problem>> {
        if self.problems.is_empty() { Ok(result) } else { Err(self.problems) }
    }

    /// Whether so much is wrong that no more need be said.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        self.problems.len() >= MAX_PROBLEMS
    }

    /// The place of the whole file.
    #[must_use]
    pub fn start(&self) -> Span {
        Span { source: self.source, line: 1, ..Span::default() }
    }

    /// Reports a mistake.
    pub fn report(&mut self, span: Span, what: impl Into<String>, expected: impl Into<String>, help: &str) {
        self.problems.push(Problem::at(&self.sources, span, what).expected(expected).help(help));
    }

    /// Checks the line of titles.
    fn titles(&mut self, cells: &[Cell<'_>]) -> Option<()> {
        if let Some((cell, title)) = cells.iter().zip(self.columns).find(|(cell, title)| cell.text != **title) {
            let what = format!("the title is \"{}\"", shorten(cell.text, 40));
            let help = if cell.text.contains(';') { "separate the columns with commas" } else { self.help };
            self.report(cell.span, what, format!("`{title}`; the columns are {}", self.columns.join(",")), help);
            return None;
        }
        self.complete(cells)
    }

    /// Checks the number of cells.
    fn complete(&mut self, cells: &[Cell<'_>]) -> Option<()> {
        let wanted = self.columns.len();
        if cells.len() == wanted {
            return Some(());
        }
        let cell = cells.get(wanted).or(cells.last())?;
        let what = format!("the line has {} cells", cells.len());
        let help = if cells.len() > wanted { "write decimals with a point" } else { "" };
        self.report(cell.span, what, format!("{wanted} cells: {}", self.columns.join(",")), help);
        None
    }

    /// A number within a range, which no number beyond all bounds is.
    pub fn number<T>(&mut self, title: &str, cell: &Cell<'_>, range: RangeInclusive<T>, help: &str) -> Option<T>
    where
        T: FromStr + PartialOrd + Display,
    {
        let found = cell.text.parse().ok().filter(|number| range.contains(number));
        if found.is_none() {
            let what = format!("`{title}` is \"{}\"", shorten(cell.text, 40));
            self.report(cell.span, what, format!("a number from {} to {}", range.start(), range.end()), help);
        }
        found
    }
}

/// The cells of a line, without the blanks around them.
fn cells(source: u32, line: u32, text: &str) -> Vec<Cell<'_>> {
    let mut column = 0;
    text.split(',')
        .map(|raw| {
            let cell = raw.trim();
            let blanks = raw.chars().take_while(|character| character.is_whitespace()).count();
            let span = Span { source, line, column: column + blanks as u32, width: cell.chars().count().max(1) as u32 };
            column += raw.chars().count() as u32 + 1;
            Cell { text: cell, span }
        })
        .collect()
}
