//! The views of satellites, and that they show what the printed text says.

use super::*;
use crate::geometry::earth::{EQUATOR_KM, Geodetic, Place as Ground, sidereal_time};
use crate::orbit::coverage::Coverage;
use crate::orbit::passes::{Piece, Query, Windows, contact, search};
use crate::orbit::{Circular, Motion, Rotation, Span, Utc};
use crate::report::passes::{SiteReport, Source, WAITS};
use crate::report::text::{self, Look};

/// Three satellites in low orbits, and one that stands still near the date line.
fn satellites(epoch: Utc) -> Vec<Satellite> {
    let low =
        |inclination, node, phase| Circular::new(epoch, EQUATOR_KM + 780.0, inclination, node, phase).with_drift();
    let still = Circular::synchronous(epoch, sidereal_time(epoch.days_since_j2000()), 0.0, 178.0, 0.0);
    let motions = [low(86.4, 145.0, 60.0), low(86.4, 300.0, 85.0), low(52.0, 40.0, 200.0), still];
    let satellite = |(motion, name): (Circular, &str)| Satellite {
        name: name.to_owned(),
        number: None,
        motion: Motion::Circular(motion),
    };
    motions.into_iter().zip(["polar 1", "polar 2", "inclined", "still"]).map(satellite).collect()
}

/// What a search of half a day finds for two places.
fn found() -> (PassReport, Vec<Satellite>) {
    let start = Utc::parse("2025-01-23T12:00").unwrap();
    let span = Span { start, end: start.plus(43_200.0) };
    let satellites = satellites(start);
    let points = [("Helsinki", 60.17, 24.94), ("Suva", -18.14, 178.44)]
        .map(|(name, latitude_deg, longitude_deg)| (name, Geodetic { latitude_deg, longitude_deg, altitude_km: 0.0 }));
    let places = points.map(|(_, point)| Ground::on_ellipsoid(point));
    let query =
        Query { satellites: &satellites, places: &places, span, min_elevation_deg: 10.0, rotation: Rotation::Sidereal };
    let take = |(coverage, windows): &mut (Coverage, Windows), pieces: &[Piece]| {
        coverage.take(pieces);
        windows.take(pieces);
    };
    let found = search(&query, 1, take, |_| std::ops::ControlFlow::Continue(()));
    let site = |(((name, point), place), (coverage, windows)): ((_, &Ground), (Coverage, Windows))| {
        let (name, point): (&str, Geodetic) = (name, point);
        let of = |window: crate::orbit::passes::Window| {
            contact(window, &satellites[window.satellite as usize], place, query.rotation).unwrap()
        };
        let contacts = windows.finish().into_iter().map(of).collect();
        SiteReport::new(name.to_owned(), point, coverage.finish(span), contacts)
    };
    let report = PassReport {
        start: span.start.to_string(),
        end: span.end.to_string(),
        interrupted: false,
        min_elevation_deg: 10.0,
        waits: WAITS,
        sources: vec![Source { name: "a test".to_owned(), satellites: 4, epochs: None, age_days: None }],
        notes: Vec::new(),
        area: None,
        sites: points.into_iter().zip(&places).zip(found.places).map(site).collect(),
        span,
    };
    (report, satellites)
}

fn above() -> App {
    let (report, satellites) = found();
    options().above(Sky::new(report, satellites))
}

#[test]
fn screens_of_satellites_are_as_stored() {
    for (name, keys) in [
        ("satellites", ""),
        ("satellites-all", "m m pagedown pagedown pagedown"),
        ("satellites-close", "i i"),
        ("passes", "8 down down"),
        ("passes-second", "8 right"),
        ("passes-help", "?"),
    ] {
        for size in if matches!(name, "satellites" | "passes") { &SIZES[..] } else { &SIZES[1..2] } {
            let mut app = above();
            screen(&mut app, *size);
            for key in keys.split(' ') {
                press(&mut app, key);
                screen(&mut app, *size);
            }
            check(&format!("{name}-{}x{}", size.0, size.1), &screen(&mut app, *size));
        }
    }
}

#[test]
fn what_is_shown_is_what_is_printed() {
    let (mut report, satellites) = found();
    for (site, keys) in [(0, "8"), (1, "8 right")] {
        let mut app = above();
        press(&mut app, keys);
        let shown = screen(&mut app, (250, 80));
        let sites = report.sites.clone();
        report.sites = vec![sites[site].clone()];
        let printed = text::passes::render(&report, &satellites, &Look { width: 140, color: false, unicode: true });
        report.sites = sites;
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let shown: Vec<String> = shown.lines().map(words).collect();
        let facts: Vec<String> = printed
            .lines()
            .map(words)
            .filter(|line| {
                let figure = ["covered ", "satellites in view", "passes ", "gaps ", "wait "]
                    .iter()
                    .any(|name| line.starts_with(name));
                figure || line.contains(" ppm")
            })
            .collect();
        assert!(facts.len() > 8, "{printed}");
        for fact in facts {
            assert!(shown.iter().any(|line| line.contains(&fact)), "`{fact}` is not in\n{}", shown.join("\n"));
        }
        assert!(printed.contains(WAITS) && shown.iter().any(|line| line.contains(WAITS)));
    }
}

#[test]
fn only_views_of_satellites_are_offered() {
    let mut app = above();
    let shown = screen(&mut app, (120, 40));
    assert!(shown.contains(" 5 Map  8 Passes ") && !shown.contains("Latency"), "{shown}");
    press(&mut app, "2");
    assert_eq!(app.view, View::Map);
    press(&mut app, "tab");
    assert_eq!(app.view, View::Passes);
    press(&mut app, "tab");
    assert_eq!(app.view, View::Map);
    let mut app = face(1);
    press(&mut app, "8");
    assert_eq!(app.view, View::Overview);
    assert!(screen(&mut app, (120, 40)).contains("farlink passes"));
}

#[test]
fn time_is_stepped_and_runs_within_the_search() {
    let mut app = above();
    let begin = app.sky.as_ref().unwrap().report.span.start;
    let at = |app: &App| app.sky.as_ref().unwrap().at.seconds_since(begin);
    press(&mut app, "b");
    assert_eq!(at(&app), 0.0, "the search begins here");
    press(&mut app, "s s b + s");
    assert_eq!(at(&app), 360.0);
    press(&mut app, "- - space");
    let sky = app.sky.as_mut().unwrap();
    assert!(sky.is_running());
    let now = Instant::now() + Duration::from_secs(1_000);
    assert!(sky.run(now) && sky.run(now + Duration::from_secs(2)));
    assert!(at(&app) >= 360.0 + 60.0);
    let sky = app.sky.as_mut().unwrap();
    assert!(sky.run(now + Duration::from_secs(1_000_000)));
    assert!(!sky.is_running() && sky.at == sky.report.span.end);
    // A window that is chosen is looked at when its satellite is highest, and on the map, too.
    press(&mut app, "8 down");
    let sky = app.sky.as_ref().unwrap();
    let contact = sky.contacts()[1];
    assert_eq!((sky.at, app.chosen[View::Map as usize]), (contact.highest_at, contact.window.satellite as usize));
    let one = sky.above(contact.window.satellite as usize).unwrap();
    assert!(one.in_view && (one.look.elevation_deg - contact.highest.elevation_deg).abs() < 1e-9);
}

#[test]
fn from_the_edge_of_a_footprint_the_satellite_is_at_the_least_elevation() {
    let (report, satellites) = found();
    let mut sky = Sky::new(report, satellites);
    for minutes in (0..720).step_by(7) {
        sky.go_to(sky.report.span.start.plus(f64::from(minutes) * 60.0));
        for number in 0..4 {
            let one = sky.above(number).unwrap();
            let state = sky.satellites[number].state_over(sky.at, Rotation::Sidereal).unwrap();
            for (longitude_deg, latitude_deg) in one.footprint(10.0) {
                let edge = Ground::on_ellipsoid(Geodetic { latitude_deg, longitude_deg, altitude_km: 0.0 });
                // The Earth is no sphere: half a degree.
                let elevation = edge.look(&state).elevation_deg;
                assert!((elevation - 10.0).abs() < 0.5, "{elevation} at {latitude_deg} {longitude_deg}");
            }
        }
    }
}

#[test]
fn tracks_are_an_orbit_long_and_footprints_have_no_line_across_the_map() {
    let (report, satellites) = found();
    let mut sky = Sky::new(report, satellites);
    // 780 km: 100.5 minutes (Kepler's third law), in which the Earth turns by 25 degrees.
    let [behind, ahead] = sky.track(2);
    assert_eq!((behind.len(), ahead.len()), (61, 61));
    assert_eq!(behind[0], ahead[0]);
    let crossed = (behind[60].0 - ahead[60].0).rem_euclid(360.0);
    assert!((crossed - 25.2).abs() < 1.0 && (behind[60].1 - ahead[60].1).abs() < 0.5, "{crossed}");
    // The satellite near the date line: its circle stands on both sides of the map, with no dot between.
    sky.go_to(sky.report.span.start);
    let sight = ground::Sight::new(ground::EARTH, (0.0, 0.0), 2.0, (180.0, 92.0));
    let mut dots = canvas::Dots::new(90, 23);
    sky.above(3).unwrap().footprint(10.0).windows(2).for_each(|pair| sight.stroke(&mut dots, pair[0], pair[1]));
    let of = |columns: std::ops::Range<u16>| {
        columns.flat_map(|column| (0..23).map(move |row| (column, row))).filter(|place| dots.has(*place)).count()
    };
    assert!(of(0..25) > 20 && of(70..90) > 20);
    assert_eq!(of(30..62), 0);
    // One that has the pole in it goes round all longitudes.
    let mut dots = canvas::Dots::new(90, 23);
    let pole = (0..200).find_map(|minute| {
        sky.go_to(sky.report.span.start.plus(f64::from(minute) * 60.0));
        sky.above(0).filter(|one| one.below.latitude_deg > 80.0)
    });
    let circle = pole.unwrap().footprint(10.0);
    circle.windows(2).for_each(|pair| sight.stroke(&mut dots, pair[0], pair[1]));
    assert!((0..90).all(|column| (0..8).any(|row| dots.has((column, row)))));
    assert!((0..90).all(|column| (8..23).all(|row| !dots.has((column, row)))));
}

#[test]
fn every_size_shows_satellites_without_a_panic() {
    for (width, height) in [(1, 1), (50, 12), (60, 13), (79, 23), (300, 100)] {
        let mut app = above();
        for keys in ["", "m i i", "m w left", "8 end", "e", "e / x y z enter", "5", "esc ?"] {
            press(&mut app, keys);
            screen(&mut app, (width, height));
        }
    }
    let mut app = above();
    app.unicode = false;
    for keys in ["5", "8"] {
        press(&mut app, keys);
        let shown = screen(&mut app, (120, 40));
        assert!(shown.is_ascii(), "{shown}");
    }
}
