//! A result directory, read back.
//!
//! `summary.json` must be there and sound. Of the other files what is there is read, so that directories of older versions,
//! and those that somebody has thinned out, can still be looked at; a file that is there and damaged is a mistake.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::cells::{self, CellPlace, CellRow};
use super::directory::file_name;
use super::shard;
use crate::catalog::read_text;
use crate::metrics::histogram::Quantity;
use crate::metrics::recorder::AccessLoad;
use crate::metrics::series::Column;
use crate::metrics::summary::{SUMMARY_VERSION, Summary};

/// Largest file that is read.
const MAX_BYTES: usize = 1 << 30;

/// A share of values, and the value that they do not exceed, in shown units.
pub type Point = (f64, f64);

/// A row of the time series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeriesRow {
    /// The stretch of time, seconds.
    pub span: (f64, f64),
    /// What happened in it, in the order of [`Column::ALL`].
    pub counts: [u64; Column::ALL.len()],
}

/// What a traced terminal did for some time.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceRow {
    /// `GROUP/NUMBER`.
    pub terminal: String,
    /// The stretch of time, seconds.
    pub span: (f64, f64),
    /// State of the modem, and what it draws, watts.
    pub state: Cow<'static, str>,
    /// Watts.
    pub power: f64,
    /// The channel it uses, if it does.
    pub channel: Cow<'static, str>,
    /// What the time was for.
    pub cause: Cow<'static, str>,
    /// The errand, if it was on one.
    pub errand: Cow<'static, str>,
    /// The step.
    pub step: Cow<'static, str>,
}

/// A result directory.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Where it is.
    pub dir: PathBuf,
    /// The results.
    pub summary: Summary,
    /// What differs between equal runs; null if the file is gone.
    pub run: serde_json::Value,
    /// Percentiles by group and quantity.
    pub curves: BTreeMap<(String, &'static str), Vec<Point>>,
    /// The time series.
    pub series: Vec<SeriesRow>,
    /// The cells.
    pub cells: Vec<CellRow>,
    /// What the traced terminals did.
    pub trace: Vec<TraceRow>,
}

/// Why a directory cannot be shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoredError {
    /// There is no summary.
    #[error("{} holds no results of farlink (there is no summary.json); give the directory that `farlink run` names at its end", .0.display())]
    NoResult(PathBuf),
    /// It is the directory of a shard.
    #[error("{} holds one shard of a run; put all shards together with `farlink merge` and look at the result", .0.display())]
    Shard(PathBuf),
    /// A file is not what it should be.
    #[error("{}:{line}: {what}; the file is damaged, or of another version of farlink: run the scenario again", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// The file system refused.
    #[error("cannot read {}: {what}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        what: String,
    },
}

/// Reads a result directory.
///
/// # Errors
/// If there is no summary, or a file that is there cannot be read.
pub fn read(dir: &Path) -> Result<Stored, StoredError> {
    let path = dir.join("summary.json");
    if !path.exists() {
        let is_shard = dir.join(shard::FILE_NAME).exists();
        return Err(if is_shard { StoredError::Shard(dir.to_owned()) } else { StoredError::NoResult(dir.to_owned()) });
    }
    let summary = summary(&path)?;
    let run = match text(&dir.join("run.json"))? {
        Some(text) => serde_json::from_str(&text).unwrap_or_default(),
        None => serde_json::Value::Null,
    };
    let curves = curves(dir, &summary)?;
    let series = table(&dir.join("series.csv"), series_row)?;
    let cells = table(&dir.join(cells::FILE_NAME), cell_row)?;
    let trace = table(&dir.join("trace.csv"), trace_row)?;
    Ok(Stored { dir: dir.to_owned(), summary, run, curves, series, cells, trace })
}

fn summary(path: &Path) -> Result<Summary, StoredError> {
    let text = text(path)?.unwrap_or_default();
    let damaged = |line, what: String| StoredError::Damaged { path: path.to_owned(), line, what };
    let document: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| damaged(error.line(), error.to_string()))?;
    let version = document.get("summary_version").and_then(serde_json::Value::as_u64);
    if version.is_some_and(|version| version != u64::from(SUMMARY_VERSION)) {
        let what = format!("its layout has version {}, this farlink reads {SUMMARY_VERSION}", version.unwrap_or(0));
        return Err(damaged(1, what));
    }
    serde_json::from_str(&text).map_err(|error| damaged(error.line(), error.to_string()))
}

/// A text file, if it is there.
fn text(path: &Path) -> Result<Option<String>, StoredError> {
    if !path.exists() {
        return Ok(None);
    }
    let unreadable = |what: String| StoredError::Unreadable { path: path.to_owned(), what };
    read_text(path, MAX_BYTES).map(Some).map_err(|error| unreadable(error.problem("").what))
}

/// The percentile files that belong to the summary: those with as many values.
fn curves(dir: &Path, summary: &Summary) -> Result<BTreeMap<(String, &'static str), Vec<Point>>, StoredError> {
    let mut curves = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for (name, group) in &summary.groups {
        let counts = [Some(group.all.latency_s.count), Some(group.all.message_energy_j.count), None];
        for (quantity, count) in [Quantity::Latency, Quantity::Energy, Quantity::Life].into_iter().zip(counts) {
            let path = dir.join(file_name(name, quantity.name(), &mut taken));
            let Some(text) = text(&path)? else { continue };
            let (points, total) = percentiles(&path, &text)?;
            if count.is_none_or(|count| count == total) && total > 0 {
                curves.insert((name.clone(), quantity.name()), points);
            }
        }
    }
    Ok(curves)
}

/// The points of a percentile file, and how many values it has.
fn percentiles(path: &Path, text: &str) -> Result<(Vec<Point>, u64), StoredError> {
    let (mut points, mut total) = (Vec::new(), 0);
    for (number, line) in text.lines().enumerate().skip(1) {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let mut fields = line.split_whitespace();
        let value: Option<f64> = fields.next().and_then(|field| field.parse().ok());
        let share: Option<f64> = fields.next().and_then(|field| field.parse().ok());
        let count: Option<u64> = fields.next().and_then(|field| field.parse().ok());
        let (Some(value), Some(share), Some(count)) = (value, share, count) else {
            let what = "expected a value, a percentile and a count".to_owned();
            return Err(StoredError::Damaged { path: path.to_owned(), line: number + 1, what });
        };
        points.push((share, value));
        total = count;
    }
    Ok((points, total))
}

/// A line of a table, by the titles of its columns.
struct Line<'a> {
    titles: &'a [String],
    fields: Vec<String>,
}

impl Line<'_> {
    fn text(&self, title: &str) -> Option<&str> {
        let place = self.titles.iter().position(|known| known == title)?;
        self.fields.get(place).map(String::as_str)
    }

    fn number<T: std::str::FromStr>(&self, title: &str) -> Option<T> {
        self.text(title)?.parse().ok()
    }

    /// A number that may be left out: `Some(None)` if it is.
    fn optional(&self, title: &str) -> Option<Option<f64>> {
        match self.text(title)? {
            "" => Some(None),
            text => text.parse().ok().map(Some),
        }
    }
}

/// The rows of a table; none if the file is not there.
fn table<T>(path: &Path, row: impl Fn(&Line<'_>) -> Option<T>) -> Result<Vec<T>, StoredError> {
    let Some(text) = text(path)? else { return Ok(Vec::new()) };
    let mut lines = text.lines();
    let titles = split(lines.next().unwrap_or_default());
    let mut rows = Vec::new();
    for (number, line) in lines.enumerate() {
        let line = Line { titles: &titles, fields: split(line) };
        let damaged = || StoredError::Damaged {
            path: path.to_owned(),
            line: number + 2,
            what: "the line does not fit the titles of the columns".to_owned(),
        };
        rows.push(row(&line).ok_or_else(damaged)?);
    }
    Ok(rows)
}

/// The fields of a line of comma-separated values (RFC 4180).
fn split(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                field.push('"');
                characters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    fields.push(field);
    fields
}

fn series_row(line: &Line<'_>) -> Option<SeriesRow> {
    let mut counts = [0; Column::ALL.len()];
    for (count, column) in counts.iter_mut().zip(Column::ALL) {
        *count = line.number(column.title())?;
    }
    Some(SeriesRow { span: (line.number("from_s")?, line.number("to_s")?), counts })
}

fn cell_row(line: &Line<'_>) -> Option<CellRow> {
    let place = match line.text("site")? {
        "" => None,
        site => Some(CellPlace {
            site: site.parse().ok()?,
            sector: line.number("sector")?,
            at: (line.number("x_m")?, line.number("y_m")?),
        }),
    };
    Some(CellRow {
        network: line.text("network")?.to_owned(),
        cell: line.number("cell")?,
        place,
        downlink: line.optional("downlink_busy")?,
        uplink: line.optional("uplink_busy")?,
        access: AccessLoad {
            attempts: line.number("attempts")?,
            collided: line.number("collided")?,
            collided_preambles: line.number("collided_preambles")?,
            missed: line.number("missed")?,
            unanswered: line.number("unanswered")?,
            unheard: line.number("unheard")?,
            rejected: line.number("rejected")?,
            opportunities: line.number("preamble_opportunities")?,
        },
    })
}

fn trace_row(line: &Line<'_>) -> Option<TraceRow> {
    let text = |title| line.text(title).map(|text| Cow::Owned(text.to_owned()));
    Some(TraceRow {
        terminal: format!("{}/{}", line.text("group")?, line.text("terminal")?),
        span: (line.number("start_s")?, line.number("end_s")?),
        state: text("state")?,
        power: line.number("power_w")?,
        channel: text("channel")?,
        cause: text("cause")?,
        errand: text("errand")?,
        step: text("step")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::series::Series;
    use crate::report::directory::{self, RunFiles};
    use crate::report::fixture;

    fn written() -> (tempfile::TempDir, PathBuf, Summary) {
        let scratch = tempfile::tempdir().unwrap();
        let dir = scratch.path().join("city");
        let (summary, (_, ledger)) = (fixture::city(), fixture::meters());
        let series: Series = fixture::series();
        let life = fixture::lives(21.7);
        let files = RunFiles {
            summary: &summary,
            run: &serde_json::json!({"wall_s": 4.5}),
            histograms: vec![("meters", &ledger.latency), ("meters", &ledger.message_energy), ("meters", &life)],
            series: &series,
            cells: fixture::cells(),
            trace: None,
        };
        directory::write(&dir, false, &files).unwrap();
        (scratch, dir, summary)
    }

    #[test]
    fn what_was_written_is_read() {
        let (_scratch, dir, summary) = written();
        let stored = read(&dir).unwrap();
        assert!(format!("{:?}", stored.summary) == format!("{summary:?}"), "to the last bit");
        assert_eq!((stored.run["wall_s"].as_f64(), stored.series.len()), (Some(4.5), 2));
        assert_eq!(stored.cells, fixture::cells());
        let latency = &stored.curves[&("meters".to_owned(), "latency")];
        let last = latency.last().unwrap();
        assert_eq!(last.0, 1.0);
        assert!((last.1 - summary.groups["meters"].all.latency_s.max).abs() < 1e-3);
        assert!(latency.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 <= pair[1].1));
    }

    #[test]
    fn files_may_be_missing_and_not_damaged() {
        let (_scratch, dir, _) = written();
        std::fs::remove_file(dir.join("series.csv")).unwrap();
        std::fs::remove_file(dir.join("meters.latency.hgrm")).unwrap();
        let stored = read(&dir).unwrap();
        assert!(stored.series.is_empty() && !stored.curves.contains_key(&("meters".to_owned(), "latency")));
        std::fs::write(dir.join("series.csv"), "from_s,to_s\n0,60\n").unwrap();
        let error = read(&dir).unwrap_err().to_string();
        assert!(error.contains("series.csv:2: the line does not fit"), "{error}");
        std::fs::remove_file(dir.join("summary.json")).unwrap();
        assert!(matches!(read(&dir), Err(StoredError::NoResult(_))));
        std::fs::write(dir.join(shard::FILE_NAME), "{}").unwrap();
        assert!(matches!(read(&dir), Err(StoredError::Shard(_))));
    }

    #[test]
    fn quoted_fields_are_one_field() {
        assert_eq!(split(r#"a,"b, ""c""",,d"#), ["a", r#"b, "c""#, "", "d"]);
    }
}
