//! Each view from a fixed result, at three sizes, as stored text; and what keys do.
//!
//! `FARLINK_BLESS=1 cargo test --lib screens` writes the stored screens anew: read them before they are committed.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;
use crate::cause::Cause;
use crate::control::live::{Figures, Frame};
use crate::control::{Snapshot, StopSwitch};
use crate::engine::{Ended, Tally};
use crate::exec::trace::Stretch;
use crate::power::{Activity, State};
use crate::radio::channel::Resource;
use crate::radio::plan::Doing;
use crate::report::fixture;
use crate::report::stored::{SeriesRow, TraceRow};
use crate::units::{Microwatts, SimTime};
use crate::world::Outcome;

mod sky;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (250, 80)];

fn options() -> Options {
    Options { setup: Setup::default(), palette: None, no_color: false, true_color: true, unicode: true }
}

/// A series with a busy hour in it.
fn series() -> Vec<SeriesRow> {
    let row = |hour: u32| {
        let load = 40 + 360 / (1 + u64::from(hour.abs_diff(100)));
        let begin = 86_400.0 + f64::from(hour) * 3_600.0;
        let counts = [load * 10, load * 10 - load / 9, load / 9, load * 12, load / 6, load * 900_000, load * 80_000];
        SeriesRow { span: (begin, begin + 3_600.0), counts }
    };
    (0..168).map(row).collect()
}

/// What a terminal did around a report.
fn trace() -> Vec<TraceRow> {
    let steps = [
        ("sleep", 0.000_015, 3_600.0, "", "sleep", ""),
        ("receive", 0.09, 0.044, "", "sync", "cell search, MIB-NB"),
        ("idle", 0.003, 0.3165, "", "access-wait", "Msg1 preamble"),
        ("transmit", 0.543, 0.0056, "NPRACH", "preamble", "Msg1 preamble"),
        ("monitor", 0.09, 0.0144, "", "access-response", "Msg2 random-access response"),
        ("receive", 0.09, 0.022, "NPDCCH", "access-response", "Msg2 random-access response"),
        ("transmit", 0.543, 0.008, "NPUSCH-1", "airtime", "Msg5, report"),
        ("sleep", 0.000_015, 1_800.0, "", "sleep", ""),
    ];
    let mut at = 90_000.0;
    let row = |(state, power, length, channel, cause, step): (_, f64, f64, _, _, _)| {
        at += length;
        let [state, channel, cause, step] = [state, channel, cause, step].map(Cow::Borrowed);
        let errand = if cause == "sleep" { "" } else { "report" }.into();
        TraceRow {
            terminal: "meters/17".to_owned(),
            span: (at - length, at),
            state,
            power,
            channel,
            cause,
            errand,
            step,
        }
    };
    steps.into_iter().map(row).collect()
}

/// Places in rings around the first sites, those far out without coverage.
fn places() -> Vec<Place> {
    let place = |number: u32| {
        let (angle, radius) = (f64::from(number) * 2.399_963, f64::from(number).sqrt() * 70.0);
        let level = match number {
            0..2_400 => Some(0),
            2_400..2_800 => Some(1),
            2_800..2_960 => Some(2),
            _ => None,
        };
        Place { group: 0, at: (radius * libm::cos(angle), radius * libm::sin(angle)), level }
    };
    (0..3_000).map(place).collect()
}

fn stored(name: &str) -> Run {
    let stored = Stored {
        dir: name.into(),
        summary: fixture::city(),
        run: serde_json::Value::Null,
        curves: Default::default(),
        series: series(),
        cells: fixture::cells(),
        trace: trace(),
    };
    Run::stored(format!("farlink-runs/{name}"), stored, (places(), vec!["meters".to_owned()]))
}

/// One run, or two; the second lasts longer, and its terminal reports two minutes later.
fn face(runs: usize) -> App {
    let mut runs: Vec<Run> =
        ["city-water-meters-7", "B city-water-meters-8"][..runs].iter().map(|name| stored(name)).collect();
    if let [_, second] = runs.as_mut_slice() {
        second.counted.1 += 86_400.0;
        second.series.iter_mut().for_each(|row| row.counts.iter_mut().for_each(|count| *count /= 2));
        let mut trace = trace();
        trace.iter_mut().for_each(|row| (row.span.0, row.span.1) = (row.span.0 + 0.2, row.span.1 + 0.2));
        second.trace = Arc::new(trace);
    }
    options().app(runs, None)
}

/// A place on Earth for each of the runs.
fn on_earth(app: &mut App) {
    for (run, origin) in app.runs.iter_mut().zip([(38.72, -9.14), (53.55, 9.99)]) {
        let origin = serde_json::json!({"latitude_deg": origin.0, "longitude_deg": origin.1});
        run.ground = ground::Ground::of(&serde_json::json!({"origin": origin}));
    }
}

fn press(app: &mut App, keys: &str) {
    keys.split(' ').filter(|key| !key.is_empty()).for_each(|key| app.press(Key::parse(key).unwrap()));
}

/// The screen as text, drawn by the library's own terminal.
fn screen(app: &mut App, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view::draw(app, frame.buffer_mut())).unwrap();
    export::text(terminal.backend().buffer())
}

/// Compares with a stored screen.
fn check(name: &str, shown: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/screens").join(format!("{name}.txt"));
    if std::env::var_os("FARLINK_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, shown).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(expected == shown, "{name} differs; read it, then store it with FARLINK_BLESS=1:\n{shown}");
}

#[test]
fn screens_of_each_view_are_as_stored() {
    for (number, view) in (1..).zip(View::ALL).filter(|(_, view)| *view != View::Passes) {
        for size in SIZES {
            let mut app = face(1);
            press(&mut app, &number.to_string());
            assert_eq!(app.view, view);
            // A slice whose curves are coarse, a cell and an entry in the middle.
            press(&mut app, if view == View::Map { "" } else { "down" });
            check(&format!("{}-{}x{}", view.title().to_lowercase(), size.0, size.1), &screen(&mut app, size));
        }
    }
}

#[test]
fn screens_of_help_questions_and_overlays_are_as_stored() {
    for (name, runs, keys) in [
        ("help", 1, "?"),
        ("export", 1, "x"),
        ("overlay-overview", 2, ""),
        ("overlay-latency", 2, "2 down"),
        ("overlay-radio", 2, "4"),
        ("overlay-terminal", 2, "6 down"),
        ("overlay-log", 2, "7"),
        ("network", 1, "2"),
        ("expanded", 1, "2 ] ] e"),
        ("filtered", 1, "4 / 1 3 enter"),
    ] {
        let mut app = face(runs);
        screen(&mut app, (120, 40));
        press(&mut app, keys);
        check(&format!("{name}-120x40"), &screen(&mut app, (120, 40)));
    }
}

#[test]
fn help_is_short_where_there_is_little_room() {
    let mut app = face(1);
    press(&mut app, "?");
    let shown = screen(&mut app, (80, 24));
    assert!(
        shown.contains("log of notable events") && shown.contains("end the run") && !shown.contains('…'),
        "{shown}"
    );
    check("help-80x24", &shown);
}

#[test]
fn screens_of_the_world_are_as_stored() {
    for (name, runs, keys) in [
        ("world", 1, "5 w"),
        ("world-continent", 1, "5 w i i i i"),
        ("world-region", 1, "5 w w"),
        ("overlay-world", 2, "5 w i i"),
    ] {
        for size in if name == "world" { &SIZES[..] } else { &SIZES[1..2] } {
            let mut app = face(runs);
            on_earth(&mut app);
            for key in keys.split(' ') {
                press(&mut app, key);
                screen(&mut app, *size);
            }
            check(&format!("{name}-{}x{}", size.0, size.1), &screen(&mut app, *size));
        }
    }
}

#[test]
fn the_map_goes_from_the_region_to_the_world_and_back() {
    let mut app = face(1);
    let shown = |app: &mut App, keys: &str| {
        for key in keys.split(' ') {
            press(app, key);
            screen(app, (120, 40));
        }
        screen(app, (120, 40))
    };
    let plane = shown(&mut app, "5");
    assert!(shown(&mut app, "w").contains("give it an `origin`"));
    assert_eq!(shown(&mut app, "o o"), plane, "nothing to zoom out to");
    on_earth(&mut app);
    let region = shown(&mut app, "home");
    let world = shown(&mut app, "w");
    assert!(
        world.contains("▲ city-water-meters") && world.contains("10,000 km") && !region.contains("▲ city"),
        "{world}"
    );
    assert_eq!(shown(&mut app, "o o up"), world, "there is nothing beyond");
    assert_ne!(shown(&mut app, "left"), world);
    assert_eq!(shown(&mut app, "home"), region);
    assert_eq!(shown(&mut app, "w i i i i i i i i i i i i i i w w"), region);
    // Zooming out and in again comes back to the same place.
    assert_eq!(shown(&mut app, "o o o o o o i i i i i i"), region);
    // The dots of the region are those of the plane, and the legend says where it is.
    let dots = |screen: &str| screen.chars().filter(|c| ('\u{2800}'..='\u{28ff}').contains(c)).count();
    assert!(dots(&region).abs_diff(dots(&plane)) < 20 && region.contains("38.72° N 9.14° W"), "{region}");
}

#[test]
fn every_size_is_drawn_without_a_panic() {
    for (width, height) in [(1, 1), (20, 5), (49, 30), (50, 12), (60, 13), (79, 23), (300, 100)] {
        let mut app = face(2);
        on_earth(&mut app);
        for keys in ["1", "2 g", "3 e", "e 4 end down", "5 i i m", "w left", "i up", "6 i i end", "7 / x y z", "esc ? "]
        {
            press(&mut app, keys);
            screen(&mut app, (width, height));
        }
    }
}

#[test]
fn ascii_terminals_get_ascii() {
    let mut app = face(1);
    app.unicode = false;
    for view in ["1", "2", "3", "4", "5", "6", "7"] {
        press(&mut app, view);
        let shown = screen(&mut app, (120, 40));
        assert!(shown.is_ascii(), "{shown}");
    }
}

#[test]
fn values_shown_are_those_of_the_summary() {
    use crate::report::format::{joules, percent, seconds};
    let summary = fixture::city();
    let meters = &summary.groups["meters"];
    let mut app = face(1);
    let overview = screen(&mut app, (250, 80));
    let d = &meters.all.latency_s;
    let wanted = [
        percent(meters.all.messages.delivery_ratio.unwrap()),
        seconds(d.p50),
        seconds(d.p99),
        joules(meters.all.message_energy_j.mean),
        joules(meters.all.day_energy_j),
    ];
    let line = overview.lines().find(|line| line.contains(" meters ")).unwrap();
    assert!(wanted.iter().all(|value| line.contains(value.as_str())), "{wanted:?} in {line}");
    press(&mut app, "2 down");
    let latency = screen(&mut app, (250, 80));
    for value in [d.p50, d.p90, d.p95, d.p99, d.p999, d.max, d.mean, d.min, d.p10] {
        assert!(latency.contains(&seconds(value)), "{value} in {latency}");
    }
    for value in meters.all.latency_s_by_cause.values() {
        assert!(latency.contains(&seconds(*value)), "{value} in {latency}");
    }
    let rows = view::table(&app);
    let mean = rows.iter().find(|row| row[1] == "mean").unwrap();
    assert_eq!(mean[2].parse::<f64>().unwrap(), d.mean);
}

#[test]
fn views_without_data_are_not_offered() {
    let mut run = stored("bench");
    run.cells.iter_mut().for_each(|cell| cell.place = None);
    run.trace = Arc::new(Vec::new());
    let mut app = options().app(vec![run], None);
    let shown = screen(&mut app, (120, 40));
    assert!(!shown.contains(" 5 Map") && !shown.contains(" 6 Terminal") && shown.contains(" 7 Log"));
    press(&mut app, "6");
    assert_eq!(app.view, View::Overview);
    assert!(screen(&mut app, (120, 40)).contains("--trace"));
    press(&mut app, "tab tab tab tab");
    assert_eq!(app.view, View::Log);
    press(&mut app, "tab");
    assert_eq!(app.view, View::Overview);
}

#[test]
fn the_mouse_opens_views_and_chooses_panels() {
    let mut app = face(1);
    screen(&mut app, (120, 40));
    let (tab, _) = *app.hits.iter().find(|(_, hit)| *hit == app::Hit::View(View::Radio)).unwrap();
    app.click(tab.x + 1, tab.y);
    screen(&mut app, (120, 40));
    assert_eq!(app.view, View::Radio);
    app.click(100, 30);
    assert_eq!(app.focus, 1);
    app.wheel(false);
    assert_eq!(app.row(), 1);
}

#[test]
fn palettes_change_colours_and_nothing_else() {
    let mut app = face(1);
    press(&mut app, "2");
    let texts: Vec<String> = (0..3)
        .map(|_| {
            press(&mut app, "c");
            app.note = None;
            screen(&mut app, (120, 40))
        })
        .collect();
    assert!(texts.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(App::palette(None, &Setup::default(), true), Palette::Mono);
    assert_eq!(App::palette(Some(Palette::HighContrast), &Setup::default(), true), Palette::HighContrast);
}

/// A world of one cell, watched without being run.
fn watched() -> (App, Live) {
    let text = "farlink: 1\nname: lab\nduration: 1d\nnetworks: {lab: {nb-iot: {}, sites: {bench: {cells: 1}}}}\n\
                groups: {meters: {count: 5, placement: {bench: {coupling_loss_db: 140}}, \
                traffic: {periodic: {every: 1h, payload_bytes: 50}}}}\n";
    let scenario = scenario::parse(text, "lab.yaml", Path::new("."), &[]).unwrap();
    let live = Live::new(StopSwitch::default(), || ());
    (options().app(Vec::new(), Some(Watched::new(live.clone(), scenario.world))), live)
}

fn frame(app: &App, fraction: f64, over: bool) -> Frame {
    let spec = &app.watched.as_ref().unwrap().spec;
    let setup = crate::world::build::setup(spec, crate::exec::setup::Executor::Compiled).unwrap();
    let outcome = Outcome {
        ledgers: vec![vec![fixture::meters().1]],
        served: vec![Vec::new()],
        lives: vec![fixture::lives(9.0)],
        cells: vec![Vec::new()],
        series: crate::world::build::series(&setup),
        tally: Tally::default(),
        ended: Ended::Finished,
        reached: SimTime((fraction * 86_400e6) as u64),
        stretches: Vec::new(),
    };
    let figures = Figures { reached: outcome.reached, outcome, summary: Arc::new(fixture::city()) };
    let snapshot = Snapshot { fraction, reached: figures.reached, events: 12 };
    let running = Duration::from_secs_f64(fraction * 10.0);
    Frame { snapshot, at: Instant::now(), running, figures: Some(Arc::new(figures)), over }
}

#[test]
fn a_run_is_paused_stepped_and_frozen() {
    let (mut app, live) = watched();
    assert!(screen(&mut app, (80, 24)).contains("placing terminals"));
    live.show(frame(&app, 0.25, false));
    assert!(app.refresh() && !app.refresh());
    let shown = screen(&mut app, (80, 24));
    assert!(shown.contains("25.0 %") && shown.contains("Groups"), "{shown}");
    press(&mut app, "space");
    assert!(live.is_paused() && screen(&mut app, (80, 24)).contains("PAUSED"));
    press(&mut app, "space - -");
    assert!(!live.is_paused() && screen(&mut app, (80, 24)).contains("≤ 32 windows/s"));
    press(&mut app, "s f");
    assert!(live.is_paused() && app.frozen);
    let before = Arc::clone(&app.runs[0].summary);
    live.show(frame(&app, 0.5, false));
    assert!(app.refresh() && Arc::ptr_eq(&before, &app.runs[0].summary), "frozen figures stay");
    press(&mut app, "q");
    assert!(screen(&mut app, (80, 24)).contains("The simulation is running") && !app.closed);
    press(&mut app, "esc f");
    live.show(frame(&app, 1.0, true));
    assert!(app.refresh() && screen(&mut app, (80, 24)).contains("expand"));
    press(&mut app, "q");
    assert!(app.closed);
}

#[test]
fn a_traced_terminal_is_watched_while_the_run_goes_on() {
    let (mut app, live) = watched();
    let mut at = 0;
    let mut show = |app: &mut App, fraction: f64, steps: u64| {
        let mut frame = frame(app, fraction, false);
        let figures = Arc::get_mut(frame.figures.as_mut().unwrap()).unwrap();
        figures.outcome.stretches = (0..steps).map(stretch).collect();
        frame.at += Duration::from_millis(at);
        at += 1;
        live.show(frame);
        assert!(app.refresh());
        screen(app, (120, 40))
    };
    assert!(!show(&mut app, 0.1, 0).contains("6 Terminal"));
    press(&mut app, "6");
    assert!(screen(&mut app, (120, 40)).contains("--trace"));
    show(&mut app, 0.2, 5);
    press(&mut app, "6");
    let shown = screen(&mut app, (120, 40));
    assert!(shown.contains("Terminal meters/3") && shown.contains("Power") && app.row() == 4, "{shown}");
    show(&mut app, 0.3, 9);
    assert_eq!(app.row(), 8, "the newest step stays in sight");
    press(&mut app, "up up");
    screen(&mut app, (120, 40));
    show(&mut app, 0.4, 20);
    assert_eq!(app.row(), 6, "until another is chosen");
}

/// A second of a traced terminal, busy and asleep in turn.
fn stretch(second: u64) -> Stretch {
    let state = if second.is_multiple_of(2) { State::Transmit } else { State::Sleep };
    Stretch {
        group: 0,
        index: 3,
        start: SimTime(second * 1_000_000),
        end: SimTime((second + 1) * 1_000_000),
        errand: None,
        doing: Doing::default(),
        resource: Resource::None,
        cause: Cause::Airtime,
        activity: Activity { state, power: Microwatts(500_000 >> (second % 2 * 9)) },
    }
}

#[test]
fn ending_a_run_keeps_the_screen_until_the_results_are_there() {
    let (mut app, live) = watched();
    live.show(frame(&app, 0.25, false));
    app.refresh();
    press(&mut app, "q q");
    assert!(live.stop(), "it was asked to stop");
    assert!(!app.closed);
    live.abandon();
    app.refresh();
    assert!(app.closed);
    let (mut app, live) = watched();
    live.show(frame(&app, 0.25, false));
    app.refresh();
    press(&mut app, "q d");
    assert!(app.closed && live.is_left() && !live.stop());
}
