//! `farlink passes`.

use std::io::{Write, stdout};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, ValueEnum};

use super::progress::Display;
use super::{Color, Ending, Failure, sky, talk, threads, unless_reader_left};
use crate::catalog::constellation::{self, Stage};
use crate::catalog::problem::{Problem, Problems};
use crate::catalog::sites::{self, Site};
use crate::catalog::value::Duration;
use crate::catalog::{Catalogue, Fault, elements, read_text};
use crate::geometry::earth::{Geodetic, Place};
use crate::orbit::coverage::{Coverage, Figures};
use crate::orbit::passes::{Contact, Found, Piece, Query, Windows, contact, search};
use crate::orbit::{Rotation, Satellite, Span, Utc};
use crate::report::format::counted;
use crate::report::passes::{Area, PassReport, PassRow, SiteReport, Source, WAITS};
use crate::report::{czml, passes as report, text};

/// Satellites that a scene of Cesium still shows smoothly.
const SCENE: usize = 1_000;
/// Names that a note lists.
const LISTED: usize = 5;

#[derive(Debug, Args)]
pub(super) struct PassesArgs {
    /// Orbital elements as downloaded: TLE, or OMM in JSON, CSV, XML or KVN; may be repeated.
    #[arg(long, value_name = "FILE")]
    elements: Vec<PathBuf>,
    /// A constellation of the library, or the path of its file; NAME:full for what it is to be; may be repeated.
    #[arg(long, value_name = "NAME")]
    constellation: Vec<String>,
    /// Only satellites with this name, `*` standing for any text; may be repeated.
    #[arg(long, value_name = "NAME")]
    select: Vec<String>,
    /// Use the objects of a file that are good, and say what is wrong with the others.
    #[arg(long)]
    skip_bad: bool,
    /// A place: `60.17,24.94`, `60.17,24.94,25` with its height in m, `Helsinki=60.17,24.94`; may be repeated.
    #[arg(long, value_name = "[NAME=]LAT,LON[,M]", value_parser = site, allow_hyphen_values = true)]
    site: Vec<Site>,
    /// A file of places: comma-separated name,latitude_deg,longitude_deg,altitude_m.
    #[arg(long, value_name = "FILE")]
    sites: Vec<PathBuf>,
    /// A grid of places between south, west, north and east, such as `-35,-20,40,55`.
    #[arg(long, value_name = "S,W,N,E", value_parser = area, allow_hyphen_values = true)]
    area: Option<[f64; 4]>,
    /// Distance of the places of an area, degrees.
    #[arg(long, value_name = "DEG", default_value_t = 5.0, requires = "area", value_parser = spacing)]
    grid_deg: f64,
    /// When the search begins, UTC, such as `2025-01-23T12:00` [default: now; with constellations only 2025-01-01].
    #[arg(long, value_name = "TIME", value_parser = instant)]
    from: Option<Utc>,
    /// How long it lasts.
    #[arg(long = "for", value_name = "TIME", default_value = "24h", value_parser = length)]
    length: f64,
    /// The least elevation at which a satellite counts, -5 to 90 degrees.
    #[arg(long, value_name = "DEG", default_value_t = 10.0, value_parser = elevation, allow_hyphen_values = true)]
    min_elevation_deg: f64,
    /// What to print on stdout; csv has a row for each pass, or with --per-site for each place; czml opens in Cesium.
    #[arg(long, value_enum, default_value_t)]
    format: PassFormat,
    /// Leave single passes out: only what they come to for each place. An area is always shown so.
    #[arg(long)]
    per_site: bool,
    /// Threads, without effect on the results [default: one per processor].
    #[arg(long, value_name = "N", env = "FARLINK_THREADS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Print no progress.
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum PassFormat {
    #[default]
    Text,
    Json,
    Csv,
    Czml,
}

/// Reads so many numbers between commas, each within its range.
fn numbers(text: &str, ranges: &[(f64, f64)]) -> Option<Vec<f64>> {
    let found: Vec<f64> = text.split(',').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
    let fits = found.len() == ranges.len() && found.iter().zip(ranges).all(|(x, (low, high))| x >= low && x <= high);
    fits.then_some(found)
}

const LATITUDE: (f64, f64) = (-90.0, 90.0);
const LONGITUDE: (f64, f64) = (-180.0, 360.0);

fn site(text: &str) -> Result<Site, String> {
    let (name, place) = text.split_once('=').unwrap_or((text, text));
    let found = numbers(place, &[LATITUDE, LONGITUDE])
        .or_else(|| numbers(place, &[LATITUDE, LONGITUDE, (-500.0, 9_000.0)]))
        .ok_or("expected latitude and longitude in degrees and perhaps a height in m, such as `60.17,24.94,25`")?;
    let altitude_km = found.get(2).copied().unwrap_or(0.0) / 1e3;
    let point = Geodetic { latitude_deg: found[0], longitude_deg: found[1], altitude_km };
    Ok(Site { name: crate::catalog::tree::shorten(name, 40), point })
}

fn area(text: &str) -> Result<[f64; 4], String> {
    let found = numbers(text, &[LATITUDE, LONGITUDE, LATITUDE, LONGITUDE]);
    let found = found.and_then(|found| <[f64; 4]>::try_from(found).ok());
    found
        .filter(|[south, west, north, east]| south < north && west < east)
        .ok_or_else(|| "expected south, west, north and east in degrees, such as `-35,-20,40,55`".to_owned())
}

fn spacing(text: &str) -> Result<f64, String> {
    let found = text.parse().ok().filter(|degrees| (0.05..=90.0).contains(degrees));
    found.ok_or_else(|| "expected degrees from 0.05 to 90".to_owned())
}

fn elevation(text: &str) -> Result<f64, String> {
    let found = text.parse().ok().filter(|degrees| (-5.0..=90.0).contains(degrees));
    found.ok_or_else(|| "expected degrees from -5 to 90".to_owned())
}

fn instant(text: &str) -> Result<Utc, String> {
    Utc::parse(text).ok_or_else(|| "expected a time in UTC, such as `2025-01-23T12:00`".to_owned())
}

fn length(text: &str) -> Result<f64, String> {
    let found = Duration::parse(text).map_err(|error| format!("{error}; expected a time such as `24h` or `7d`"))?;
    let seconds = found.0.as_secs_f64();
    let fits = (1.0..=400.0 * 86_400.0).contains(&seconds);
    fits.then_some(seconds).ok_or_else(|| "expected a time from 1s to 400d".to_owned())
}

/// Searches for contact windows and prints what came out.
pub(super) fn passes(args: &PassesArgs, color: Color, no_tui: bool) -> Result<Ending, Failure> {
    let face = sky::wanted(!no_tui && !args.quiet && args.format == PassFormat::Text, color)?;
    let places = places(args)?;
    let start = args.from.unwrap_or_else(|| if args.elements.is_empty() { constellation::epoch() } else { now() });
    let mut span = Span { start, end: start.plus(args.length) };
    let fleet = fleet(args, span)?;
    let scene = args.format == PassFormat::Czml;
    if scene && fleet.satellites.len() > SCENE {
        let count = fleet.satellites.len();
        let what = format!(
            "--format czml: {count} satellites are more than the {SCENE} that a scene shows; choose some with --select"
        );
        return Err(Failure::Usage(what));
    }
    let single = places.len() == 1 || args.format != PassFormat::Text || face.is_some();
    let listed = scene || (single && !args.per_site && args.area.is_none());
    let grounds: Vec<Place> = places.iter().map(|site| Place::on_ellipsoid(site.point)).collect();
    let query = Query {
        satellites: &fleet.satellites,
        places: &grounds,
        span,
        min_elevation_deg: args.min_elevation_deg,
        rotation: Rotation::Sidereal,
    };
    let look = color.look();
    let mut display = Display::new(args.quiet, look.unicode, "propagating");
    let stop = stop_on_signal()?;
    let work =
        format!("{} at {}", counted(fleet.satellites.len() as u64, "satellite"), counted(places.len() as u64, "site"));
    let found = run(&query, threads(args.threads), listed, |share| {
        display.advance(share, work.clone());
        if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    display.clear();
    if found.reached == span.start {
        talk("interrupted before anything was found");
        return Ok(Ending::Interrupted);
    }
    let interrupted = found.reached != span.end;
    span.end = found.reached;
    let satellites = &fleet.satellites;
    let notes = fleet.notes.into_iter().chain(lost(&found, satellites)).collect();
    let gathered = places.iter().zip(&grounds).zip(found.places);
    let sites = gathered.map(|((site, ground), gathered)| {
        let contacts = contacts(gathered.windows, &query, ground);
        SiteReport::new(site.name.clone(), site.point, gathered.coverage.finish(span), contacts)
    });
    let sites: Vec<SiteReport> = sites.collect();
    let report = PassReport {
        start: span.start.to_string(),
        end: span.end.to_string(),
        interrupted,
        min_elevation_deg: args.min_elevation_deg,
        waits: WAITS,
        sources: fleet.sources,
        notes,
        area: args.area.and_then(|_| mean(&sites)),
        sites,
        span,
    };
    sky::show(face, &report, satellites);
    print(args.format, listed, report, satellites, &look)?;
    Ok(if interrupted { Ending::Interrupted } else { Ending::Ok })
}

/// Prints the report in a format, with single windows if they are `listed`.
fn print(
    format: PassFormat,
    listed: bool,
    mut report: PassReport,
    satellites: &[Satellite],
    look: &text::Look,
) -> Result<(), Failure> {
    let text = match format {
        PassFormat::Text => text::passes::render(&report, satellites, look),
        PassFormat::Json => {
            let span = report.span;
            for site in report.sites.iter_mut().filter(|_| listed) {
                let row =
                    |contact: &Contact| PassRow::new(contact, &satellites[contact.window.satellite as usize], span);
                site.windows = Some(site.contacts.iter().map(row).collect());
            }
            report::json(&report)?
        }
        PassFormat::Csv if listed => report::contacts_csv(&report, satellites),
        PassFormat::Csv => report::sites_csv(&report),
        PassFormat::Czml => czml::document(&report, satellites)?,
    };
    if format != PassFormat::Text {
        report.notes.iter().for_each(|note| talk(format_args!("note: {note}")));
    }
    let mut stdout = stdout();
    Ok(unless_reader_left(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))?)
}

/// The current time, to the minute.
fn now() -> Utc {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Utc(i64::try_from(since.as_nanos()).unwrap_or(0)).floor_to_minute()
}

/// A flag that the first signal sets; the second ends the program.
fn stop_on_signal() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if sky::close() {
            return;
        }
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        talk("interrupted: keeping what is there (once more to give up at once)");
    })
    .map_err(|error| Failure::Usage(format!("signals cannot be heeded: {error}")))?;
    Ok(stop)
}

/// What is gathered for a place.
#[derive(Default)]
struct Gathered {
    coverage: Coverage,
    windows: Windows,
}

fn run(query: &Query<'_>, threads: usize, listed: bool, show: impl FnMut(f64) -> ControlFlow<()>) -> Found<Gathered> {
    let take = |gathered: &mut Gathered, pieces: &[Piece]| {
        gathered.coverage.take(pieces);
        if listed {
            gathered.windows.take(pieces);
        }
    };
    search(query, threads, take, show)
}

fn contacts(windows: Windows, query: &Query<'_>, place: &Place) -> Vec<Contact> {
    let of = |window| contact(window, &query.satellites[window.satellite as usize], place, query.rotation).ok();
    windows.finish().into_iter().filter_map(of).collect()
}

/// The places that the arguments name.
fn places(args: &PassesArgs) -> Result<Vec<Site>, Failure> {
    let mut places = args.site.clone();
    let mut problems = Vec::new();
    for path in &args.sites {
        let shown = path.display().to_string();
        match read_text(path, sites::MAX_BYTES) {
            Ok(text) => match sites::read(&shown, &text) {
                Ok(sites) => places.extend(sites),
                Err(found) => problems.extend(found),
            },
            Err(error) => problems.push(error.problem(&shown)),
        }
    }
    if !problems.is_empty() {
        return Err(Failure::Scenario(Problems(problems)));
    }
    if let Some([south, west, north, east]) = args.area {
        let steps = |from: f64, to: f64| ((to - from) / args.grid_deg).round().max(1.0);
        let (rows, columns) = (steps(south, north), steps(west, east));
        if rows * columns > 1e6 {
            let what = format!("--grid-deg: {} places; widen the grid", rows * columns);
            return Err(Failure::Usage(what));
        }
        for number in 0..(rows * columns) as usize {
            let (row, column) = (number / columns as usize, number % columns as usize);
            let latitude_deg = south + (north - south) * (row as f64 + 0.5) / rows;
            let longitude_deg = west + (east - west) * (column as f64 + 0.5) / columns;
            let name = format!("{latitude_deg:.2},{longitude_deg:.2}");
            places.push(Site { name, point: Geodetic { latitude_deg, longitude_deg, altitude_km: 0.0 } });
        }
    }
    if places.is_empty() {
        let what = "no place is named: say one with --site LAT,LON, --sites FILE or --area S,W,N,E";
        return Err(Failure::Usage(what.to_owned()));
    }
    Ok(places)
}

/// The satellites, and what users should know about them.
struct Fleet {
    satellites: Vec<Satellite>,
    sources: Vec<Source>,
    notes: Vec<String>,
}

fn fleet(args: &PassesArgs, span: Span) -> Result<Fleet, Failure> {
    let mut fleet = Fleet { satellites: Vec::new(), sources: Vec::new(), notes: Vec::new() };
    let chosen = |name: &str| args.select.is_empty() || args.select.iter().any(|pattern| fits(pattern, name));
    let mut problems = Vec::new();
    for path in &args.elements {
        problems.extend(from_file(path, args.skip_bad, &chosen, span, &mut fleet));
    }
    for name in &args.constellation {
        problems.extend(from_library(name, &chosen, &mut fleet)?);
    }
    if !problems.is_empty() {
        if !args.skip_bad && !args.elements.is_empty() {
            talk("--skip-bad uses the objects that are good\n");
        }
        return Err(Failure::Scenario(Problems(problems)));
    }
    if args.elements.is_empty() && args.constellation.is_empty() {
        let what = "no satellites are named: say some with --elements FILE or --constellation NAME";
        return Err(Failure::Usage(format!("{what}; `farlink models constellations` lists the library")));
    }
    if fleet.satellites.is_empty() {
        return Err(Failure::Usage(format!("--select: no satellite is called `{}`", args.select.join("` or `"))));
    }
    if !args.constellation.is_empty() {
        fleet.notes.push(
            "satellites of the library are generated from published parameters: shares and waits are meaningful, the times of single \
             passes are not those of the real satellites"
                .to_owned(),
        );
    }
    Ok(fleet)
}

/// Adds the objects of a file, or tells what is wrong with it.
fn from_file(
    path: &Path,
    skip_bad: bool,
    chosen: &dyn Fn(&str) -> bool,
    span: Span,
    fleet: &mut Fleet,
) -> Vec<Problem> {
    let shown = path.display().to_string();
    let text = match read_text(path, elements::MAX_BYTES) {
        Ok(text) => text,
        Err(error) => return vec![error.problem(&shown)],
    };
    let reading = elements::read(&shown, &text);
    if reading.wrong > 0 && (!skip_bad || reading.objects.is_empty()) {
        return reading.problems;
    }
    if reading.wrong > 0 {
        fleet.notes.push(format!("{shown}: left out what is wrong, {}", counted(reading.wrong as u64, "mistake")));
        reading.problems.iter().take(20).for_each(|problem| talk(format_args!("{problem}\n")));
    }
    if reading.superseded > 0 {
        let count = counted(reading.superseded as u64, "set");
        fleet.notes.push(format!("{shown}: {count} of elements left out for newer ones of the same objects"));
    }
    let objects: Vec<_> = reading.objects.iter().filter(|object| chosen(&object.name)).collect();
    let Some(oldest) = objects.iter().map(|object| object.epoch).min() else { return Vec::new() };
    let newest = objects.iter().map(|object| object.epoch).max().unwrap_or(oldest);
    let days = |epoch: Utc, at: Utc| at.seconds_since(epoch) / 86_400.0;
    let stale = elements::stale(objects.iter().map(|object| object.epoch), span);
    if stale > 0 {
        fleet.notes.push(format!(
            "{shown}: the elements of {stale} of {} are more than {} days away from the search; errors grow by 1 to 3 km a day in low \
             orbits: download newer ones, or search nearer to them with --from",
            counted(objects.len() as u64, "object"),
            elements::OLD_DAYS,
        ));
    }
    fleet.sources.push(Source {
        name: shown,
        satellites: objects.len(),
        epochs: Some([oldest.to_string(), newest.to_string()]),
        age_days: Some([newest, oldest].map(|epoch| (days(epoch, span.start) * 100.0).round() / 100.0)),
    });
    // Each was tried when it was read.
    fleet.satellites.extend(objects.iter().filter_map(|object| object.satellite().ok()));
    Vec::new()
}

/// Adds the satellites of a constellation, or tells what is wrong with its file.
fn from_library(asked: &str, chosen: &dyn Fn(&str) -> bool, fleet: &mut Fleet) -> Result<Vec<Problem>, Failure> {
    let (name, stage) = match asked.rsplit_once(':') {
        Some((name, "full")) => (name, Some(Stage::Full)),
        Some((name, "in-orbit")) => (name, Some(Stage::InOrbit)),
        _ => (asked, None),
    };
    let file = match Catalogue::new(Path::new("")).constellation(name) {
        Ok(file) => file,
        Err(Fault::File(problems)) => return Ok(problems),
        Err(Fault::Missing(issue)) => {
            let expected = issue.expected.map_or_else(String::new, |expected| format!(", expected {expected}"));
            return Err(Failure::Usage(format!("--constellation: {}{expected}; {}", issue.what, issue.help)));
        }
    };
    let Some(found) = file.stage(stage) else {
        return Err(Failure::Usage(format!("--constellation {asked}: its file does not describe this state")));
    };
    let satellites: Vec<Satellite> = found.generate(name).into_iter().filter(|one| chosen(&one.name)).collect();
    let (known, all) = (satellites.len(), found.satellites.value.0 as usize);
    if known < all {
        fleet.notes.push(format!("{name}: {known} of {all} satellites are searched for; the orbits of others are not in its file, or not selected"));
    }
    let state = if stage == Some(Stage::Full) { "full" } else { "in orbit" };
    fleet.sources.push(Source {
        name: format!("{name} ({state}, {})", file.radio()),
        satellites: known,
        epochs: None,
        age_days: None,
    });
    fleet.satellites.extend(satellites);
    Ok(Vec::new())
}

/// Whether a name fits a pattern in which `*` stands for any text; capitals and small letters are the same.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(head) else { return false };
    let (middle, tail) = rest.rsplit_once('*').map_or((None, rest), |(middle, tail)| (Some(middle), tail));
    for part in middle.into_iter().flat_map(|middle| middle.split('*')) {
        let Some(found) = left.find(part) else { return false };
        left = &left[found + part.len()..];
    }
    left.ends_with(tail)
}

/// A note on satellites that end.
fn lost(found: &Found<Gathered>, satellites: &[Satellite]) -> Option<String> {
    let first = found.lost.first()?;
    let name = |lost: &crate::orbit::passes::Lost| format!("{} from {}", satellites[lost.satellite].name, lost.from);
    let names: Vec<String> = found.lost.iter().take(LISTED).map(name).collect();
    let more =
        if found.lost.len() > LISTED { format!(" and {} more", found.lost.len() - LISTED) } else { String::new() };
    Some(format!("without a position: {}{more} ({})", names.join(", "), first.why))
}

/// The mean of an area, each place weighted with the cosine of its latitude.
fn mean(sites: &[SiteReport]) -> Option<Area> {
    let weight = |site: &SiteReport| site.latitude_deg.to_radians().cos();
    let all: f64 = sites.iter().map(weight).sum();
    let mean_of =
        |value: fn(&Figures) -> f64| sites.iter().map(|site| weight(site) * value(&site.figures)).sum::<f64>() / all;
    let waiting = || sites.iter().filter_map(|site| Some((weight(site), site.figures.wait.as_ref()?.mean_s)));
    let weights: f64 = waiting().map(|(weight, _)| weight).sum();
    let least = sites.iter().min_by(|a, b| a.figures.covered.total_cmp(&b.figures.covered))?;
    Some(Area {
        covered: mean_of(|figures| figures.covered),
        least_covered: least.name.clone(),
        in_view: mean_of(|figures| figures.in_view),
        mean_wait_s: (weights > 0.0).then(|| waiting().map(|(weight, wait)| weight * wait).sum::<f64>() / weights),
        longest_gap_s: sites.iter().filter_map(|site| site.figures.longest_gap_s).reduce(f64::max),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stand_for_names() {
        for (pattern, name, expected) in [
            ("IRIDIUM 106", "iridium 106", true),
            ("IRIDIUM*", "IRIDIUM 106", true),
            ("*[DTC]*", "STARLINK-11072 [DTC]", true),
            ("STARLINK*[DTC]", "STARLINK-11072 [DTC]", true),
            ("*7*2*", "STARLINK-11072", true),
            ("*2*7*", "STARLINK-11072", false),
            ("IRIDIUM", "IRIDIUM 106", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn places_are_read() {
        let site = site("Cape Town=-33.9,18.4,10").unwrap();
        assert_eq!((site.name.as_str(), site.point.latitude_deg, site.point.altitude_km), ("Cape Town", -33.9, 0.01));
        for text in ["", "1", "91,0", "1,2,3,4", "1,2,9999", "nan,0"] {
            assert!(super::site(text).is_err(), "{text}");
        }
        assert!(area("10,0,0,10").is_err() && area("-35,-20,40,55").is_ok());
    }
}
