//! Contact windows as CZML, the language of Cesium: satellites that move, their tracks over the ground, places, and the links between them
//! while they see one another.
//!
//! Positions are in the frame that turns with the Earth: the inertial frame of Cesium is not that of SGP4, from which it has turned away by
//! a third of a degree since the year 2000.

use serde_json::{Value, json};

use super::passes::PassReport;
use crate::geometry::earth::Geodetic;
use crate::orbit::{Rotation, Satellite, Span, Utc};

/// Between samples of a position, s: with a polynomial of fifth degree through them a low satellite is off by less than 100 m.
const STEP_S: f64 = 120.0;
/// The longest track over the ground, s.
const TRACK_S: f64 = 86_400.0;
/// Colours of satellites in turn, those of Okabe and Ito.
const COLOURS: [[u8; 4]; 6] = [
    [230, 159, 0, 255],
    [86, 180, 233, 255],
    [0, 158, 115, 255],
    [240, 228, 66, 255],
    [0, 114, 178, 255],
    [213, 94, 0, 255],
];

/// The document: a packet for itself, then satellites, tracks, places and contacts.
///
/// # Errors
/// If it cannot be written as JSON, which no report should cause.
pub fn document(report: &PassReport, satellites: &[Satellite]) -> Result<String, serde_json::Error> {
    let span = report.span;
    let interval = interval(span.start, span.end);
    let mut packets = vec![json!({
        "id": "document",
        "name": "farlink passes",
        "version": "1.0",
        "clock": {
            "interval": interval,
            "currentTime": span.start.to_millis(),
            "multiplier": 60,
            "range": "LOOP_STOP",
            "step": "SYSTEM_CLOCK_MULTIPLIER",
        },
    })];
    for (number, satellite) in satellites.iter().enumerate() {
        let colour = COLOURS[number % COLOURS.len()];
        packets.extend(moving(number, satellite, span, colour));
        packets.extend(track(number, satellite, span, colour));
    }
    for (number, site) in report.sites.iter().enumerate() {
        packets.push(json!({
            "id": format!("site/{number}"),
            "name": site.name,
            "position": { "cartographicDegrees": [site.longitude_deg, site.latitude_deg, site.altitude_m] },
            "point": { "pixelSize": 8, "color": { "rgba": [255, 255, 255, 255] } },
            "label": { "text": site.name, "font": "12pt sans-serif", "pixelOffset": { "cartesian2": [0, -16] } },
        }));
        let mut of: Vec<Vec<Value>> = vec![Vec::new(); satellites.len()];
        for contact in &site.contacts {
            let window = contact.window;
            of[window.satellite as usize].push(Value::String(self::interval(window.start, window.end)));
        }
        for (satellite, intervals) in of.into_iter().enumerate().filter(|(_, intervals)| !intervals.is_empty()) {
            packets.push(json!({
                "id": format!("contact/{number}/{satellite}"),
                "name": format!("{} – {}", site.name, satellites[satellite].name),
                "availability": intervals,
                "polyline": {
                    "positions": { "references": [format!("site/{number}#position"), format!("satellite/{satellite}#position")] },
                    "arcType": "NONE",
                    "width": 2,
                    "material": { "solidColor": { "color": { "rgba": COLOURS[satellite % COLOURS.len()] } } },
                },
            }));
        }
    }
    super::json::pretty(&packets)
}

fn interval(start: Utc, end: Utc) -> String {
    format!("{}/{}", start.to_millis(), end.to_millis())
}

/// Positions over a span: the time behind its start, s, and the point; they end where the satellite does.
fn positions(satellite: &Satellite, span: Span) -> Vec<(f64, Geodetic, [f64; 3])> {
    let steps = (span.seconds() / STEP_S).ceil().max(1.0);
    let mut found = Vec::new();
    for number in 0..=steps as usize {
        let behind = span.seconds() * number as f64 / steps;
        let Ok(state) = satellite.state_over(span.start.plus(behind), Rotation::Sidereal) else { break };
        let metres = [state.position.x, state.position.y, state.position.z].map(|km| (km * 1e3).round());
        found.push((behind, Geodetic::of(state.position), metres));
    }
    found
}

fn moving(number: usize, satellite: &Satellite, span: Span, colour: [u8; 4]) -> Option<Value> {
    let samples = positions(satellite, span);
    let end = span.start.plus(samples.last()?.0);
    let cartesian: Vec<f64> = samples.iter().flat_map(|(behind, _, [x, y, z])| [*behind, *x, *y, *z]).collect();
    Some(json!({
        "id": format!("satellite/{number}"),
        "name": satellite.name,
        "availability": interval(span.start, end),
        "position": {
            "epoch": span.start.to_millis(),
            "referenceFrame": "FIXED",
            "interpolationAlgorithm": "LAGRANGE",
            "interpolationDegree": 5,
            "cartesian": cartesian,
        },
        "point": { "pixelSize": 6, "color": { "rgba": colour } },
        "path": {
            "leadTime": 0,
            "trailTime": 1_800,
            "width": 1,
            "resolution": 120,
            "material": { "solidColor": { "color": { "rgba": colour } } },
        },
        "label": { "text": satellite.name, "font": "10pt sans-serif", "pixelOffset": { "cartesian2": [0, 14] } },
    }))
}

/// The ground below the satellite over its first day.
fn track(number: usize, satellite: &Satellite, span: Span, colour: [u8; 4]) -> Option<Value> {
    let [red, green, blue, _] = colour;
    let day = Span { end: span.end.min(span.start.plus(TRACK_S)), ..span };
    let below: Vec<f64> = positions(satellite, day)
        .iter()
        .flat_map(|(_, point, _)| {
            [point.longitude_deg, point.latitude_deg, 0.0].map(|value| (value * 1e4).round() / 1e4)
        })
        .collect();
    (below.len() >= 6).then(|| {
        json!({
            "id": format!("track/{number}"),
            "name": format!("ground track of {}", satellite.name),
            "polyline": {
                "positions": { "cartographicDegrees": below },
                "clampToGround": true,
                "width": 1,
                "material": { "solidColor": { "color": { "rgba": [red, green, blue, 120] } } },
            },
        })
    })
}
