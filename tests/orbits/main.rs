//! Orbits, looks and contact windows against other programs.
//!
//! `invented` holds them against python sgp4 and Skyfield on objects that do not exist; `reference` against the verification set of SGP4
//! and against real elements, which lie outside the project: `FARLINK_REFERENCE` says where, and CI sets it.

#![allow(clippy::unwrap_used)]

mod invented;
mod reference;

use std::ops::ControlFlow;

use farlink::catalog::elements;
use farlink::geometry::earth::{Geodetic, Place};
use farlink::orbit::coverage::{Coverage, Figures};
use farlink::orbit::passes::{Contact, Query, Windows, contact, search};
use farlink::orbit::{Elements, Rotation, Satellite, Span, Utc};

/// The objects of a file without a mistake.
fn objects(name: &str, text: &str) -> Vec<Elements> {
    let reading = elements::read(name, text);
    assert!(reading.problems.is_empty(), "{}", reading.problems[0]);
    reading.objects
}

fn satellites(objects: &[Elements]) -> Vec<Satellite> {
    objects.iter().map(|object| object.satellite().unwrap()).collect()
}

fn site(latitude_deg: f64, longitude_deg: f64, altitude_km: f64) -> Place {
    Place::on_ellipsoid(Geodetic { latitude_deg, longitude_deg, altitude_km })
}

fn utc(text: &str) -> Utc {
    Utc::parse(text).unwrap()
}

fn hours(start: &str, hours: f64) -> Span {
    Span { start: utc(start), end: utc(start).plus(hours * 3_600.0) }
}

/// The contacts of each satellite with a place.
fn contacts(satellites: &[Satellite], place: Place, span: Span, min_elevation_deg: f64) -> Vec<Contact> {
    let places = [place];
    let query = Query { satellites, places: &places, span, min_elevation_deg, rotation: Rotation::Sidereal };
    let found = search(&query, 2, Windows::take, |_| ControlFlow::Continue(()));
    let windows = found.places.into_iter().next().unwrap().finish();
    let of = |window| contact(window, &satellites[window.satellite as usize], &place, Rotation::Sidereal);
    windows.into_iter().map(|window| of(window).unwrap()).collect()
}

/// What the windows of places come to.
fn figures(
    satellites: &[Satellite],
    places: &[Place],
    span: Span,
    min_elevation_deg: f64,
    rotation: Rotation,
) -> Vec<Figures> {
    let query = Query { satellites, places, span, min_elevation_deg, rotation };
    let found = search(&query, 2, Coverage::take, |_| ControlFlow::Continue(()));
    found.places.into_iter().map(|coverage| coverage.finish(span)).collect()
}

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected} ± {tolerance}");
}
