//! The directory that a run leaves behind.
//!
//! It appears whole or not at all: everything is written into a hidden directory beside it, which then takes its name.
//! A run that is killed while writing leaves that hidden directory, never half a result.
//! What is in the way is never touched, unless replacing is asked for and it is a result directory (or empty).
//!
//! | file | content |
//! |---|---|
//! | `summary.json` | the [`Summary`]; the same for equal runs |
//! | `run.json` | what differs between equal runs: wall time, threads, machine |
//! | `GROUP.latency.hgrm`, `GROUP.energy.hgrm`, `GROUP.life.hgrm` | percentiles in HdrHistogram's text format, in s, J, years |
//! | `series.csv` | the time series |
//! | `cells.csv` | where the cells stand, and their load |
//! | `trace.csv` | what the traced terminals did, if any were |
//! | `shard.json` | of a shard, in place of all but `run.json`: what it counted |
//!
//! A file that grows during the run is put into a [`Draft`] of the directory.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::cells::{self, CellRow};
use super::json;
use super::shard::{self, ShardFile};
use super::trace::TraceTable;
use crate::catalog::fnv1a;
use crate::metrics::histogram::Histogram;
use crate::metrics::series::Series;
use crate::metrics::summary::Summary;

/// All that goes into the directory.
#[derive(Clone, Debug)]
pub struct RunFiles<'a> {
    /// The results.
    pub summary: &'a Summary,
    /// Wall time, threads, machine: whatever may differ between two runs of the same scenario.
    pub run: &'a serde_json::Value,
    /// The name of a group, and a distribution over it; which one, the histogram says itself.
    pub histograms: Vec<(&'a str, &'a Histogram)>,
    /// The time series.
    pub series: &'a Series,
    /// The cells.
    pub cells: Vec<CellRow>,
    /// What the traced terminals did, if any were.
    pub trace: Option<TraceTable<'a>>,
}

/// Why a result directory cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// There is one already, and replacing was not asked for.
    #[error("{} exists already; choose another directory, or replace it with --force", .0.display())]
    Exists(PathBuf),
    /// There is a directory that is no result of ours.
    #[error(
        "{} holds other things than results of farlink and is not replaced, even with --force; choose another \
         directory", .0.display()
    )]
    Foreign(PathBuf),
    /// There is a file, or a link.
    #[error("{} is not a directory; move it away or choose another directory", .0.display())]
    NotADirectory(PathBuf),
    /// The path ends in no name.
    #[error("{:?} does not name a directory that could be made; give a path that ends in a name", .0.display().to_string())]
    NoName(PathBuf),
    /// The file system refused.
    #[error("cannot {doing} {}: {source}; check that the place exists, is writable and has room", .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The result is in place, what it replaced could not be deleted.
    #[error("the results are complete, but what they replace could not be deleted: {source}; delete {} by hand", .path.display())]
    Leftover {
        /// Where the old directory is now.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A document cannot be expressed as JSON.
    #[error("cannot express {file} as JSON: {source}; please report this, it should not happen")]
    Json {
        /// The file.
        file: &'static str,
        /// Why.
        source: serde_json::Error,
    },
}

/// Checks, before a long run, that its results could be written: nothing is in the way, and the place is writable. The
/// probe leaves nothing behind.
///
/// # Errors
///
/// What [`write()`] would fail with, as far as that can be known.
pub fn ensure_writable(dir: &Path, force: bool) -> Result<(), DirectoryError> {
    let name = name_of(dir)?;
    check_target(dir, force)?;
    let mut place = parent_of(dir);
    while let Err(source) = fs::metadata(&place) {
        if source.kind() != io::ErrorKind::NotFound || !place.pop() {
            return Err(failed("look at", &place, source));
        }
        if place.as_os_str().is_empty() {
            place.push(".");
        }
    }
    if !place.is_dir() {
        return Err(DirectoryError::NotADirectory(place));
    }
    let probe = Partial::create(&place, &name, "probe")?;
    fs::remove_dir(&probe.path).map_err(|source| failed("delete", &probe.path, source))
}

/// Writes the result directory. Directories above it are made; an existing one is replaced only with `force`, and only if
/// it is a result directory or empty.
///
/// # Errors
///
/// If something is in the way or the file system refuses. Whatever was at `dir` is then as it was, except after
/// [`DirectoryError::Leftover`].
pub fn write(dir: &Path, force: bool, result: &RunFiles<'_>) -> Result<(), DirectoryError> {
    Draft::begin(dir, force)?.complete(result)
}

/// A result directory in the making: a hidden directory that takes its name at the end, or goes away.
pub struct Draft {
    dir: PathBuf,
    force: bool,
    place: PathBuf,
    name: OsString,
    partial: Partial,
    // Behind the partial directory, because fields are dropped in their order.
    parents: Parents,
}

impl Draft {
    /// Makes the hidden directory and those above it.
    ///
    /// # Errors
    ///
    /// If something is in the way or the file system refuses. Nothing is left behind then.
    pub fn begin(dir: &Path, force: bool) -> Result<Draft, DirectoryError> {
        let name = name_of(dir)?;
        check_target(dir, force)?;
        let place = parent_of(dir);
        let parents = Parents::create(&place)?;
        let partial = Partial::create(&place, &name, "partial")?;
        Ok(Draft { dir: dir.to_owned(), force, place, name, partial, parents })
    }

    /// Where files can be put meanwhile. They must be closed before the draft is completed.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.partial.path
    }

    /// Adds the files of the result and gives the directory its name.
    ///
    /// # Errors
    ///
    /// As [`write()`].
    pub fn complete(self, result: &RunFiles<'_>) -> Result<(), DirectoryError> {
        self.complete_with(&texts(result)?)
    }

    /// The same for the result of a shard: `run` is what may differ between two runs of it.
    ///
    /// # Errors
    ///
    /// As [`write()`].
    pub fn complete_shard(self, result: &ShardFile, run: &serde_json::Value) -> Result<(), DirectoryError> {
        self.complete_with(&[json(shard::FILE_NAME, result.text())?, json("run.json", json::pretty(run))?])
    }

    fn complete_with(self, files: &[(String, String)]) -> Result<(), DirectoryError> {
        // Parents first: what is declared later is dropped earlier.
        let Draft { parents, partial, dir, force, place, name } = self;
        for (file, text) in files {
            let path = partial.path.join(file);
            fs::write(&path, text).map_err(|source| failed("write", &path, source))?;
        }
        // Whatever came into being here during the run is judged again.
        match check_target(&dir, force)? {
            Target::Absent => partial.rename(&dir)?,
            Target::Replaceable => replace(partial, &dir, &place, &name)?,
        }
        parents.keep();
        Ok(())
    }
}

/// The directories that had to be made above a draft. Unless they are kept they go away, as far as they are empty.
struct Parents(Vec<PathBuf>);

impl Parents {
    fn create(place: &Path) -> Result<Parents, DirectoryError> {
        let missing = |dir: &&Path| !dir.as_os_str().is_empty() && !dir.exists();
        let parents = Parents(place.ancestors().take_while(missing).map(Path::to_owned).collect());
        fs::create_dir_all(place).map_err(|source| failed("create", place, source))?;
        Ok(parents)
    }

    fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for Parents {
    fn drop(&mut self) {
        for dir in &self.0 {
            // What cannot be deleted holds something else by now.
            let _ = fs::remove_dir(dir);
        }
    }
}

/// What stands where the result is to go.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    Absent,
    Replaceable,
}

fn check_target(dir: &Path, force: bool) -> Result<Target, DirectoryError> {
    let kind = match fs::symlink_metadata(dir) {
        Ok(kind) => kind,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Target::Absent),
        Err(source) => return Err(failed("look at", dir, source)),
    };
    if !kind.is_dir() {
        return Err(DirectoryError::NotADirectory(dir.to_owned()));
    }
    if !force {
        return Err(DirectoryError::Exists(dir.to_owned()));
    }
    let mut entries = fs::read_dir(dir).map_err(|source| failed("read", dir, source))?;
    let is_result = || is_summary(&dir.join("summary.json")) || shard::is_shard(&dir.join(shard::FILE_NAME));
    if entries.next().is_none() || is_result() {
        Ok(Target::Replaceable)
    } else {
        Err(DirectoryError::Foreign(dir.to_owned()))
    }
}

/// Whether a file is a `summary.json` of ours; other programs use the name, too.
fn is_summary(path: &Path) -> bool {
    let document = fs::read(path).ok().and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok());
    document.is_some_and(|document| document.get("summary_version").is_some() && document.get("farlink").is_some())
}

/// Puts the old directory aside, the new one in its place, and then deletes the old one.
fn replace(partial: Partial, dir: &Path, place: &Path, name: &OsString) -> Result<(), DirectoryError> {
    // An empty directory of our own reserves the name to move to.
    let aside = Partial::create(place, name, "old")?;
    fs::remove_dir(&aside.path).map_err(|source| failed("delete", &aside.path, source))?;
    let old = aside.keep();
    fs::rename(dir, &old).map_err(|source| failed("move aside", dir, source))?;
    if let Err(error) = partial.rename(dir) {
        return match fs::rename(&old, dir) {
            Ok(()) => Err(error),
            Err(source) => Err(failed("move back from its place aside", &old, source)),
        };
    }
    fs::remove_dir_all(&old).map_err(|source| DirectoryError::Leftover { path: old, source })
}

/// A hidden directory that goes away unless it is kept or renamed.
struct Partial {
    path: PathBuf,
    kept: bool,
}

impl Partial {
    /// Makes `.NAME.PURPOSE-PID`, with a number behind it if a dead process of the same number left one.
    fn create(place: &Path, name: &OsString, purpose: &str) -> Result<Partial, DirectoryError> {
        let mut attempt = 0;
        loop {
            let mut hidden = OsString::from(".");
            hidden.push(name);
            hidden.push(format!(".{purpose}-{}", std::process::id()));
            if attempt > 0 {
                hidden.push(format!("-{attempt}"));
            }
            let path = place.join(hidden);
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Partial { path, kept: false }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => attempt += 1,
                Err(source) => return Err(failed("create a directory in", place, source)),
            }
        }
    }

    /// Gives it its final name.
    fn rename(mut self, to: &Path) -> Result<(), DirectoryError> {
        fs::rename(&self.path, to).map_err(|source| failed("create", to, source))?;
        self.kept = true;
        Ok(())
    }

    /// Gives up the responsibility for it.
    fn keep(mut self) -> PathBuf {
        self.kept = true;
        std::mem::take(&mut self.path)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.kept {
            // We are failing already, and the reason for that is the one to report.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// The files and their contents.
fn texts(result: &RunFiles<'_>) -> Result<Vec<(String, String)>, DirectoryError> {
    let mut texts = vec![
        json("summary.json", json::text(result.summary))?,
        json("run.json", json::pretty(result.run))?,
        ("series.csv".to_owned(), String::new()),
        (cells::FILE_NAME.to_owned(), String::new()),
    ];
    // Writing to a string cannot fail.
    let _ = result.series.write_csv(&mut texts[2].1);
    let _ = cells::write_csv(&result.cells, &mut texts[3].1);
    if let Some(trace) = &result.trace {
        let mut text = String::new();
        let _ = trace.write_csv(&mut text);
        texts.push(("trace.csv".to_owned(), text));
    }
    let mut taken = BTreeSet::new();
    for (group, histogram) in &result.histograms {
        let file = file_name(group, histogram.quantity().name(), &mut taken);
        let mut text = String::new();
        let _ = histogram.write_hgrm(&mut text);
        texts.push((file, text));
    }
    Ok(texts)
}

/// A file and its content, if that could be made.
fn json(file: &'static str, text: Result<String, serde_json::Error>) -> Result<(String, String), DirectoryError> {
    text.map_err(|source| DirectoryError::Json { file, source }).map(|text| (file.to_owned(), text))
}

/// `GROUP.METRIC.hgrm` in letters that every file system takes, and unlike all names taken before even where capitals do
/// not count.
pub(super) fn file_name(group: &str, metric: &str, taken: &mut BTreeSet<String>) -> String {
    let stem = stem(group);
    let mut file = format!("{stem}.{metric}.hgrm");
    let mut number = 2;
    while !taken.insert(file.to_lowercase()) {
        // No stem contains a tilde before its hash, so no other group can have this name.
        file = format!("{stem}~{number}.{metric}.hgrm");
        number += 1;
    }
    file
}

/// A group's name as part of a file name. ASCII letters, digits, `-`, `_` and inner dots stay; every other byte becomes
/// `%` and two hexadecimal digits. Long names are cut and carry a hash of the whole.
fn stem(group: &str) -> String {
    const LENGTH_MAX: usize = 100;
    if group.is_empty() {
        return "%".to_owned();
    }
    let mut stem = String::new();
    let device = is_device(group);
    for (place, byte) in group.bytes().enumerate() {
        match byte {
            b'.' if place > 0 => stem.push('.'),
            b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' if place > 0 || !device => stem.push(byte.into()),
            _ => stem.push_str(&format!("%{byte:02X}")),
        }
    }
    if stem.len() > LENGTH_MAX {
        stem.truncate(LENGTH_MAX - 17);
        stem.push_str(&format!("~{:016x}", fnv1a(group.as_bytes())));
    }
    stem
}

/// Whether Windows takes a file of this name for a device, whatever its extension.
fn is_device(group: &str) -> bool {
    let base = group.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered =
        |prefix| base.strip_prefix(prefix).is_some_and(|rest: &str| matches!(rest.as_bytes(), [b'0'..=b'9']));
    matches!(base.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

fn name_of(dir: &Path) -> Result<OsString, DirectoryError> {
    dir.file_name().map(ToOwned::to_owned).ok_or_else(|| DirectoryError::NoName(dir.to_owned()))
}

/// The directory above; the current one for a bare name.
fn parent_of(dir: &Path) -> PathBuf {
    match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn failed(doing: &'static str, path: &Path, source: io::Error) -> DirectoryError {
    DirectoryError::Io { doing, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::fixture;

    /// The names in a directory, hidden ones included.
    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Writes the usual files to `dir`.
    fn write_city(dir: &Path, force: bool) -> Result<(), DirectoryError> {
        let (summary, (_, ledger), life) = (fixture::city(), fixture::meters(), fixture::lives(20.0));
        let histograms = vec![("meters", &ledger.latency), ("meters", &ledger.message_energy), ("meters", &life)];
        let run = serde_json::json!({"threads": 2});
        let series = &fixture::series();
        write(
            dir,
            force,
            &RunFiles { summary: &summary, run: &run, histograms, series, cells: Vec::new(), trace: None },
        )
    }

    #[test]
    fn a_new_directory_holds_everything_and_no_trace_of_its_making() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("runs/city-7");
        ensure_writable(&dir, false).unwrap();
        assert!(names(home.path()).is_empty());
        write_city(&dir, false).unwrap();
        let files = [
            "cells.csv",
            "meters.energy.hgrm",
            "meters.latency.hgrm",
            "meters.life.hgrm",
            "run.json",
            "series.csv",
            "summary.json",
        ];
        assert_eq!(names(&dir), files);
        assert_eq!(names(dir.parent().unwrap()), ["city-7"]);
        assert_eq!(fs::read_to_string(dir.join("summary.json")).unwrap(), json::text(&fixture::city()).unwrap());
        assert_eq!(fs::read_to_string(dir.join("run.json")).unwrap(), "{\n  \"threads\": 2\n}\n");
        assert!(fs::read_to_string(dir.join("series.csv")).unwrap().contains("\n0,60,3,0,0,0,0,0,0\n"));
        assert!(fs::read_to_string(dir.join("meters.life.hgrm")).unwrap().contains("Total count    =         1000]"));
    }

    #[test]
    fn what_exists_is_kept_without_force_and_replaced_with_it() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("run");
        write_city(&dir, false).unwrap();
        fs::write(dir.join("old"), "").unwrap();
        assert!(matches!(ensure_writable(&dir, false), Err(DirectoryError::Exists(_))));
        let error = write_city(&dir, false).unwrap_err();
        assert!(error.to_string().contains("--force"), "{error}");
        assert!(dir.join("old").exists());
        ensure_writable(&dir, true).unwrap();
        write_city(&dir, true).unwrap();
        assert!(!dir.join("old").exists() && dir.join("summary.json").exists());
        assert_eq!(names(home.path()), ["run"]);
    }

    #[test]
    fn foreign_things_survive_force() {
        let home = tempfile::tempdir().unwrap();
        let photos = home.path().join("photos");
        fs::create_dir(&photos).unwrap();
        write_city(&photos, true).unwrap(); // it was empty
        fs::remove_dir_all(&photos).unwrap();
        fs::create_dir(&photos).unwrap();
        fs::write(photos.join("summary.json"), "{\"title\": \"holidays\"}").unwrap();
        for attempt in [ensure_writable(&photos, true), write_city(&photos, true)] {
            assert!(matches!(attempt, Err(DirectoryError::Foreign(_))));
        }
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(write_city(&file, true), Err(DirectoryError::NotADirectory(_))));
        assert!(ensure_writable(&file.join("run"), false).is_err());
        assert!(write_city(&file.join("run"), false).is_err());
        assert_eq!(names(&photos), ["summary.json"]);
        assert_eq!(names(home.path()), ["file", "photos"]);
    }

    #[test]
    fn a_draft_takes_files_and_leaves_nothing_unless_it_is_completed() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("a/b/run");
        let draft = Draft::begin(&dir, false).unwrap();
        fs::write(draft.path().join("messages.parquet"), "rows").unwrap();
        drop(draft);
        assert!(names(home.path()).is_empty());

        let (summary, series, run) = (fixture::city(), fixture::series(), serde_json::json!({}));
        let result = RunFiles {
            summary: &summary,
            run: &run,
            histograms: Vec::new(),
            series: &series,
            cells: Vec::new(),
            trace: None,
        };
        let draft = Draft::begin(&dir, false).unwrap();
        fs::write(&dir, "in the way").unwrap();
        assert!(matches!(draft.complete(&result), Err(DirectoryError::NotADirectory(_))));
        assert_eq!(names(dir.parent().unwrap()), ["run"], "what came in the way stays, the draft does not");
        fs::remove_dir_all(home.path().join("a")).unwrap();

        let draft = Draft::begin(&dir, false).unwrap();
        fs::write(draft.path().join("messages.parquet"), "rows").unwrap();
        draft.complete(&result).unwrap();
        assert_eq!(names(&dir), ["cells.csv", "messages.parquet", "run.json", "series.csv", "summary.json"]);
        assert_eq!(names(dir.parent().unwrap()), ["run"]);
    }

    #[test]
    fn paths_without_a_name_are_refused() {
        for path in ["", "/", "..", "runs/.."] {
            assert!(matches!(ensure_writable(Path::new(path), true), Err(DirectoryError::NoName(_))), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let (target, link) = (home.path().join("target"), home.path().join("link"));
        write_city(&target, false).unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(matches!(write_city(&link, true), Err(DirectoryError::NotADirectory(_))));
        assert!(target.join("summary.json").exists());
    }

    #[test]
    fn a_dead_process_of_the_same_number_is_no_obstacle() {
        let home = tempfile::tempdir().unwrap();
        let partial = format!(".run.partial-{}", std::process::id());
        fs::create_dir(home.path().join(&partial)).unwrap();
        write_city(&home.path().join("run"), false).unwrap();
        assert_eq!(names(home.path()), [partial.as_str(), "run"]);
    }

    #[test]
    fn odd_names_become_safe_ones() {
        for (group, expected) in [
            ("meters-2_b", "meters-2_b"),
            ("a/b", "a%2Fb"),
            ("..", "%2E."),
            (".hidden", "%2Ehidden"),
            ("50%", "50%25"),
            ("aux", "%61ux"),
            ("COM1.x", "%43OM1.x"),
            ("company", "company"),
            ("Zähler", "Z%C3%A4hler"),
            ("", "%"),
        ] {
            assert_eq!(stem(group), expected);
        }
        let mut taken = BTreeSet::new();
        assert_eq!(file_name("Meters", "life", &mut taken), "Meters.life.hgrm");
        assert_eq!(file_name("meters", "life", &mut taken), "meters~2.life.hgrm");
        assert_eq!(file_name("meters", "energy", &mut taken), "meters.energy.hgrm");
    }

    proptest! {
        #[test]
        fn file_names_are_safe_and_never_collide(groups in prop::collection::btree_set("\\PC{0,60}|[a-bA-B.~%2]{0,4}", 0..20)) {
            let mut taken = BTreeSet::new();
            let mut files = BTreeSet::new();
            for group in &groups {
                let file = file_name(group, "latency", &mut taken);
                prop_assert!(file.len() <= 130 && file.is_ascii());
                prop_assert!(!file.contains(['/', '\\', ':', ' ', '"']), "{}", file);
                prop_assert!(!file.starts_with('.'), "{}", file);
                prop_assert!(files.insert(file.to_lowercase()));
            }
        }
    }
}
