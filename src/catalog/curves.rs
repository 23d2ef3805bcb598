//! The file of error-rate curves: comma-separated values as `farlink link --curves` writes them, and their way into
//! [`Curves`]. Knows no network: which blocks there are is not its concern.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::problem::Problem;
use super::suggest::{did_you_mean, one_of};
use super::tree::{Sources, Span, shorten};
use crate::radio::channel::Way;
use crate::radio::curves::{Curve, Curves, Sent};
use crate::units::Db;
use crate::world::link::direction_name;

/// The columns, in their order.
pub const COLUMNS: [&str; 9] =
    ["level", "direction", "table", "bytes", "airtime_ms", "repetitions", "transmission", "ratio_db", "block_error"];

/// Bytes of one file: some 400,000 rows.
pub const MAX_BYTES: usize = 32 << 20;
/// Mistakes after which reading ends: rows that a program wrote are all wrong in the same way.
const MAX_PROBLEMS: usize = 10;
/// How to come by a file that fits.
const HELP: &str = "`farlink link SCENARIO --curves FILE.csv` writes a file to start from";

/// Reads the curves of a file. Lines that are empty or begin with `#` are skipped.
///
/// # Errors
/// What is wrong with the file, up to its tenth mistake.
pub fn read(name: &str, text: &str) -> Result<Curves, Vec<Problem>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut sources = Sources::default();
    let source = sources.add(name, text, true);
    let mut reader = Reader { sources: &sources, problems: Vec::new() };
    let curves = reader.curves(source, text);
    if reader.problems.is_empty() { Ok(curves) } else { Err(reader.problems) }
}

/// The text of a cell and its place.
#[derive(Clone, Copy)]
struct Cell<'a> {
    text: &'a str,
    span: Span,
}

/// A ratio, the probability at it, and where the row stands.
type Point = (Db, f64, Span);

struct Reader<'a> {
    sources: &'a Sources,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn curves(&mut self, source: u32, text: &str) -> Curves {
        let mut points: BTreeMap<Sent, Vec<Point>> = BTreeMap::new();
        let mut titled = false;
        for (number, line) in (1..).zip(text.split('\n')) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let cells = cells(source, number, line);
            if !titled {
                titled = true;
                if self.titles(&cells).is_none() {
                    break;
                }
            } else if let Some((sent, point)) = self.row(&cells) {
                points.entry(sent).or_default().push(point);
            } else if self.problems.len() >= MAX_PROBLEMS {
                let what = "too many mistakes: the rest of the file was not read";
                self.problems.push(Problem::at(self.sources, Span { source, line: number, ..Span::default() }, what));
                break;
            }
        }
        if !titled || (points.is_empty() && self.problems.is_empty()) {
            self.report(Span { source, line: 1, ..Span::default() }, "the file has no rows", "rows of curves", HELP);
        }
        Curves(points.into_iter().filter_map(|(sent, points)| Some((sent, self.curve(points)?))).collect())
    }

    fn report(&mut self, span: Span, what: impl Into<String>, expected: impl Into<String>, help: &str) {
        self.problems.push(Problem::at(self.sources, span, what).expected(expected).help(help));
    }

    /// Checks the line of titles.
    fn titles(&mut self, cells: &[Cell]) -> Option<()> {
        if let Some((cell, title)) = cells.iter().zip(COLUMNS).find(|(cell, title)| cell.text != *title) {
            let what = format!("the title is \"{}\"", shorten(cell.text, 40));
            let help = if cell.text.contains(';') { "separate the columns with commas" } else { HELP };
            self.report(cell.span, what, format!("`{title}`; the columns are {}", COLUMNS.join(",")), help);
            return None;
        }
        self.complete(cells)
    }

    /// Checks the number of cells.
    fn complete(&mut self, cells: &[Cell]) -> Option<()> {
        if cells.len() == COLUMNS.len() {
            return Some(());
        }
        let cell = cells.get(COLUMNS.len()).or(cells.last())?;
        let what = format!("the line has {} cells", cells.len());
        let help = if cells.len() > COLUMNS.len() { "write decimals with a point" } else { "" };
        self.report(cell.span, what, format!("{} cells: {}", COLUMNS.len(), COLUMNS.join(",")), help);
        None
    }

    fn row(&mut self, cells: &[Cell]) -> Option<(Sent, Point)> {
        self.complete(cells)?;
        let [level, direction, table, bytes, airtime, repetitions, transmission, ratio, error] = cells else {
            return None;
        };
        let way = self.way(direction);
        let level = self.number("level", level, 0..=255);
        let bytes = self.number("bytes", bytes, 1..=65_535);
        let airtime_ms = self.number("airtime_ms", airtime, 1..=10_000_000);
        let repetitions = self.number("repetitions", repetitions, 1..=65_535);
        let transmission = self.number("transmission", transmission, 1..=255);
        let ratio = self.number("ratio_db", ratio, -200.0..=200.0);
        let error = self.number("block_error", error, 0.0..=1.0);
        let sent = Sent {
            level: level?,
            way: way?,
            table: table.text.to_owned(),
            bytes: bytes?,
            airtime_ms: airtime_ms?,
            repetitions: repetitions?,
            transmission: transmission?,
        };
        Some((sent, (Db(ratio?), error?, cells[7].span)))
    }

    fn way(&mut self, cell: &Cell) -> Option<Way> {
        let found = [Way::Up, Way::Down].into_iter().find(|way| direction_name(*way) == cell.text);
        if found.is_none() {
            let known = || [Way::Up, Way::Down].map(direction_name).into_iter();
            let what = format!("`direction` is \"{}\"", shorten(cell.text, 40));
            self.report(cell.span, what, one_of(known()), &did_you_mean(cell.text, known()));
        }
        found
    }

    /// A number within a range, which no number beyond all bounds is.
    fn number<T>(&mut self, title: &str, cell: &Cell, range: RangeInclusive<T>) -> Option<T>
    where
        T: FromStr + PartialOrd + Display,
    {
        let found = cell.text.parse().ok().filter(|number| range.contains(number));
        if found.is_none() {
            let what = format!("`{title}` is \"{}\"", shorten(cell.text, 40));
            let percent = title == "block_error" && cell.text.ends_with('%');
            let help = if percent { "write a share: 0.1 for 10 %" } else { "" };
            self.report(cell.span, what, format!("a number from {} to {}", range.start(), range.end()), help);
        }
        found
    }

    /// The curve through the points, each of which must have a ratio of its own.
    fn curve(&mut self, mut points: Vec<Point>) -> Option<Curve> {
        points.sort_by(|a, b| a.0.0.total_cmp(&b.0.0).then(a.2.cmp(&b.2)));
        let twice = points.windows(2).find(|pair| pair[0].0 == pair[1].0);
        if let Some(&[(_, _, first), (_, _, second)]) = twice.filter(|_| self.problems.len() < MAX_PROBLEMS) {
            let what = format!("the block has this ratio in line {} already", first.line);
            self.report(second, what, "one row for each block, transmission and ratio", "");
        }
        Curve::through(points.into_iter().map(|(ratio, error, _)| (ratio, error)).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = "0,uplink,data,14,8,1,1";

    fn file(rows: &[&str]) -> String {
        format!("# measured on a bench\n{}\r\n{}\n\n", COLUMNS.join(","), rows.join("\n"))
    }

    #[test]
    fn rows_in_any_order_become_curves() {
        let rows = [&format!("{ROW},5,0.25"), "1,downlink,data,3,2,2,2,0,1e-3", &format!("{ROW}, -5 ,1")];
        let curves = read("curves.csv", &file(&rows)).unwrap();
        let points: Vec<(u32, Way, f64)> =
            curves.0.iter().map(|(sent, curve)| (sent.level, sent.way, curve.at(Db(0.0)))).collect();
        assert_eq!(points, [(0, Way::Up, 0.625), (1, Way::Down, 1e-3)]);
    }

    #[test]
    fn files_of_nonsense_are_refused_and_the_report_is_short() {
        for text in
            ["", "\u{feff}", "\n\n", "#", ",", "level", &COLUMNS.join(","), "\0\0", "ä,ö\nü", &"x,".repeat(9_000)]
        {
            assert!(!read("curves.csv", text).unwrap_err().is_empty(), "{text}");
        }
        for bad in ["nan", "inf", "-1", "1.5", "", "1e999", "0x1"] {
            assert!(read("curves.csv", &file(&[&format!("{ROW},0,{bad}")])).is_err(), "{bad}");
        }
        let many = vec!["x"; 5_000];
        assert_eq!(read("curves.csv", &file(&many)).unwrap_err().len(), MAX_PROBLEMS + 1);
    }
}
