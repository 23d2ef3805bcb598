use std::ops::ControlFlow;

use super::*;
use crate::geometry::earth::Geodetic;
use crate::orbit::{Circular, Elements, Motion};

/// Invented objects: low, retrograde, on the orbit of Molniya, synchronous, and one that comes down within the day.
fn satellites() -> Vec<Satellite> {
    let epoch = Utc::parse("2025-03-01T06:00").unwrap();
    let orbits = [
        ("low", 15.2, 0.001, 53.0, 10.0, 0.0, 1e-4),
        ("polar", 14.3, 0.01, 97.8, 100.0, 200.0, 1e-4),
        ("molniya", 2.006, 0.71, 63.4, 250.0, 0.0, 1e-4),
        ("geo", 1.002_7, 0.000_3, 0.05, 80.0, 30.0, 0.0),
        ("falling", 16.45, 0.000_1, 51.6, 300.0, 90.0, 5e-2),
    ];
    let mut all: Vec<Satellite> = orbits
        .into_iter()
        .map(|(name, mean_motion, eccentricity, inclination_deg, node_deg, anomaly_deg, drag)| {
            let perigee_deg = 270.0;
            let elements = Elements {
                name: name.to_owned(),
                number: None,
                epoch,
                mean_motion,
                eccentricity,
                inclination_deg,
                node_deg,
                perigee_deg,
                anomaly_deg,
                drag,
            };
            elements.satellite().unwrap()
        })
        .collect();
    let circle = Circular::new(epoch, 7_500.0, 82.0, 40.0, 0.0);
    all.push(Satellite { name: "circle".to_owned(), number: None, motion: Motion::Circular(circle) });
    all
}

/// Places all over the Earth, more than a block holds.
fn places() -> Vec<Place> {
    let point = |number: u32| {
        let (latitude, longitude) = ((number * 37) % 181, (number * 101) % 360);
        let altitude_km = f64::from(number % 4);
        let (latitude_deg, longitude_deg) = (f64::from(latitude) - 90.0, f64::from(longitude) - 180.0);
        Place::on_ellipsoid(Geodetic { latitude_deg, longitude_deg, altitude_km })
    };
    (0..150).map(point).collect()
}

fn query<'a>(satellites: &'a [Satellite], places: &'a [Place], min_elevation_deg: f64) -> Query<'a> {
    let start = Utc::parse("2025-03-01T12:00").unwrap();
    let span = Span { start, end: start.plus(30_000.0) };
    Query { satellites, places, span, min_elevation_deg, rotation: Rotation::Sidereal }
}

fn windows(query: &Query<'_>, threads: usize, chunk_bytes: usize) -> Vec<Vec<Window>> {
    let go_on = |_| ControlFlow::Continue(());
    let found = search_in_chunks(query, threads, chunk_bytes, Windows::take, go_on);
    assert_eq!(found.reached, query.span.end);
    assert_eq!(found.lost.iter().map(|lost| lost.satellite).collect::<Vec<_>>(), [4]);
    found.places.into_iter().map(Windows::finish).collect()
}

#[test]
fn the_fast_search_finds_what_the_plain_one_finds() {
    let (satellites, places) = (satellites(), places());
    for min_elevation_deg in [-2.0, 10.0, 60.0] {
        let query = query(&satellites, &places, min_elevation_deg);
        let all = windows(&query, 2, CHUNK_BYTES);
        let mut compared = 0;
        for (number, place) in places.iter().enumerate().step_by(9) {
            let mut plain: Vec<Window> =
                (0..satellites.len() as u32).flat_map(|satellite| plainly(&query, place, satellite)).collect();
            plain.sort_by_key(|window| (window.start, window.satellite));
            let close = |a: Utc, b: Utc| a.seconds_since(b).abs() < 0.02;
            let falling = |window: &Window| window.satellite == 4;
            // Windows that the plain search may step over, and the last one of an object that falls.
            let long = |window: &&Window| window.end.seconds_since(window.start) > 1.1 && !falling(window);
            let (fast, plain): (Vec<_>, Vec<_>) =
                (all[number].iter().filter(long).collect(), plain.iter().filter(long).collect());
            assert_eq!(fast.len(), plain.len(), "place {number} at {min_elevation_deg}: {fast:?} {plain:?}");
            for (fast, plain) in fast.iter().zip(&plain) {
                assert_eq!(fast.satellite, plain.satellite);
                assert!(close(fast.start, plain.start) && close(fast.end, plain.end), "{fast:?} {plain:?}");
                compared += 1;
            }
        }
        assert!(compared > 20, "{compared}");
    }
}

#[test]
fn neither_threads_nor_chunks_show() {
    let (satellites, places) = (satellites(), places());
    let query = query(&satellites, &places, 5.0);
    let once = windows(&query, 1, CHUNK_BYTES);
    assert_eq!(once, windows(&query, 3, CHUNK_BYTES));
    // In some ten chunks knots lie elsewhere, so windows agree to the exactness of the paths; those that graze are the least exact.
    let chunked = windows(&query, 2, 40_000);
    for (once, chunked) in once.iter().zip(&chunked) {
        assert_eq!(once.len(), chunked.len());
        for (a, b) in once.iter().zip(chunked) {
            let off = a.start.seconds_since(b.start).abs().max(a.end.seconds_since(b.end).abs());
            // The object that falls ends at a knot.
            assert!(a.satellite == b.satellite && (off < 0.1 || a.satellite == 4), "{a:?} {b:?}");
        }
    }
}

#[test]
fn a_search_can_be_stopped() {
    let (satellites, places) = (satellites(), places());
    let query = query(&satellites, &places, 5.0);
    let found = search::<Windows>(&query, 1, Windows::take, |_| ControlFlow::Break(()));
    assert_eq!(found.reached, query.span.start);
}

#[test]
fn the_highest_point_is_the_highest() {
    let (satellites, places) = (satellites(), places());
    let query = query(&satellites, &places, 5.0);
    for (place, windows) in places.iter().zip(windows(&query, 2, CHUNK_BYTES)).step_by(20) {
        for window in windows.into_iter().filter(|window| window.satellite != 4) {
            let satellite = &satellites[window.satellite as usize];
            let contact = contact(window, satellite, place, query.rotation).unwrap();
            for step in 0..=100 {
                let at = window.start.plus(window.end.seconds_since(window.start) * f64::from(step) / 100.0);
                let look = place.look(&satellite.state_over(at, query.rotation).unwrap());
                assert!(look.elevation_deg <= contact.highest.elevation_deg + 1e-4);
            }
        }
    }
}
