//! Against `tests/reference/orbits.py`.

use super::*;

const TLE: &str = include_str!("../reference/orbits.tle");

/// The rows of a table, without its first line.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().skip(1).map(|line| line.split(',').collect())
}

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

fn find<'a>(satellites: &'a [Satellite], name: &str) -> &'a Satellite {
    satellites.iter().find(|satellite| satellite.name == name).unwrap()
}

#[test]
fn states_are_those_of_python_sgp4() {
    let satellites = satellites(&objects("orbits.tle", TLE));
    let mut compared = 0;
    for row in rows(include_str!("../reference/orbits_states.csv")) {
        let satellite = find(&satellites, row[0]);
        let at = satellite.epoch().unwrap().plus(number(row[1]) * 60.0);
        let state = satellite.state(at).unwrap();
        let expected: Vec<f64> = row[2..].iter().map(|text| number(text)).collect();
        let (r, v) = (state.position, state.velocity);
        for (found, expected) in [r.x, r.y, r.z].into_iter().zip(&expected[..3]) {
            near(found, *expected, 1e-6);
        }
        for (found, expected) in [v.x, v.y, v.z].into_iter().zip(&expected[3..]) {
            near(found, *expected, 1e-8);
        }
        compared += 1;
    }
    assert_eq!(compared, 36);
}

#[test]
fn looks_are_those_of_skyfield() {
    let satellites = satellites(&objects("orbits.tle", TLE));
    for row in rows(include_str!("../reference/orbits_looks.csv")) {
        let at = utc(row[5]);
        let state = find(&satellites, row[0]).state_over(at, Rotation::Sidereal).unwrap();
        let look = site(number(row[2]), number(row[3]), number(row[4]) / 1e3).look(&state);
        near(look.elevation_deg, number(row[7]), 1e-4);
        near(look.range_km, number(row[8]), 0.005);
        near(look.range_rate_km_s, number(row[9]), 1e-5);
        // An azimuth loses its meaning near the zenith.
        let off = (look.azimuth_deg - number(row[6]) + 540.0) % 360.0 - 180.0;
        near(off * look.elevation_deg.to_radians().cos(), 0.0, 2e-4);
    }
}

#[test]
fn passes_are_those_of_skyfield() {
    let satellites = satellites(&objects("orbits.tle", TLE));
    let mut expected = 0;
    for row in rows(include_str!("../reference/orbits_passes.csv")) {
        let (latitude, longitude, altitude) = match row[1] {
            "helsinki" => (60.17, 24.94, 0.025),
            "singapore" => (1.35, 103.8, 0.0),
            _ => (-16.5, -68.15, 3.640),
        };
        let satellite = [find(&satellites, row[0]).clone()];
        let found = contacts(&satellite, site(latitude, longitude, altitude), hours("2025-03-02", 24.0), 10.0);
        let rise = utc(row[2]);
        let same = found.iter().find(|contact| contact.window.start.seconds_since(rise).abs() < 60.0);
        let same = same.unwrap_or_else(|| panic!("{row:?} is missing"));
        // What a high orbit, or one that grazes, takes for a thousandth of a degree.
        near(same.window.start.seconds_since(rise), 0.0, 0.5);
        near(same.window.end.seconds_since(utc(row[4])), 0.0, 0.5);
        near(same.highest.elevation_deg, number(row[5]), 0.001);
        // Near the top the elevation hardly changes.
        let slow = row[0].contains("HALF DAY") || row[0].contains("HIGH");
        near(same.highest_at.seconds_since(utc(row[3])), 0.0, if slow { 60.0 } else { 1.0 });
        expected += 1;
    }
    assert_eq!(expected, 45);
}
