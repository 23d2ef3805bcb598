//! Against data that lie outside the project: the verification set of SGP4 (Vallado and others, AIAA 2006-6753) and real elements.
//! The expected numbers were computed with python sgp4 2.27 and sampling every 10 s.

use std::path::Path;

use super::*;
use farlink::geometry::vector::Vector;
use farlink::orbit::{Motion, OrbitError};

fn file(name: &str) -> String {
    let place = std::env::var("FARLINK_REFERENCE").expect("FARLINK_REFERENCE says where the reference data are");
    let path = Path::new(&place).join("tle").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The objects of a file whose names contain one of the words.
fn named(name: &str, words: &[&str]) -> Vec<Elements> {
    let mut objects = objects(name, &file(name));
    objects.retain(|object| words.iter().any(|word| object.name.contains(word)));
    objects
}

#[test]
#[ignore = "needs FARLINK_REFERENCE"]
fn reference_the_verification_set_comes_out_to_a_millimetre() {
    let text = file("SGP4-VER.TLE");
    let expected = file("tcppver.out");
    let mut rows = expected.lines();
    let mut objects: Vec<Elements> = Vec::new();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    for pair in lines.chunks(2) {
        // Some of its lines lack the checksum's column or have it wrong, on purpose.
        let fixed: Vec<String> = pair.iter().map(|line| with_checksum(line)).collect();
        objects.extend(super::objects("SGP4-VER.TLE", &fixed.join("\n")));
    }
    assert_eq!(objects.len(), 33);
    let (mut lines, mut largest, mut ended) = (0, 0.0f64, 0);
    let mut of = None;
    for row in rows.by_ref() {
        let words: Vec<&str> = row.split_whitespace().collect();
        if let [number, "xx"] = words.as_slice() {
            let number: u64 = number.parse().unwrap();
            let place = objects.iter().position(|object| object.number == Some(number)).unwrap();
            of = Some(objects.remove(place).satellite().unwrap());
            continue;
        }
        let numbers: Vec<f64> = words.iter().take(7).map(|word| word.parse().unwrap()).collect();
        let Motion::Perturbed(motion) = &of.as_ref().unwrap().motion else { unreachable!() };
        match motion.after(numbers[0]) {
            Ok(state) => {
                let [x, y, z] = [numbers[1], numbers[2], numbers[3]];
                let off = (state.position - Vector { x, y, z }).norm();
                let [x, y, z] = [numbers[4], numbers[5], numbers[6]];
                assert!(off < 1e-6, "{row}: {off} km");
                assert!((state.velocity - Vector { x, y, z }).norm() < 1e-8, "{row}");
                (lines, largest) = (lines + 1, largest.max(off));
            }
            Err(error) => {
                assert!(matches!(error, OrbitError::Decayed | OrbitError::Diverged), "{row}");
                ended += 1;
            }
        }
    }
    assert!((666, 1) == (lines, ended), "{lines} lines, {ended} ended, {largest} km at most");
}

fn with_checksum(line: &str) -> String {
    let line = &line[..68.min(line.len())];
    let sum: u32 = line.chars().map(|c| c.to_digit(10).unwrap_or(u32::from(c == '-'))).sum();
    format!("{line:<68}{}", sum % 10)
}

#[test]
#[ignore = "needs FARLINK_REFERENCE"]
fn reference_a_real_satellite_is_where_it_should_be() {
    let iridium = named("iridium-next_2025-01-23.tle", &["IRIDIUM 106"]);
    let at = utc("2025-01-24T00:00");
    let satellite = iridium[0].satellite().unwrap();
    let close = |a: Vector, b: [f64; 3], tolerance: f64| {
        let [x, y, z] = b;
        assert!((a - Vector { x, y, z }).norm() < tolerance, "{a:?}");
    };
    let state = satellite.state(at).unwrap();
    close(state.position, [3_466.368_68, -5_295.387_31, 3_334.865_95], 1e-3);
    close(state.velocity, [-1.463_459_14, 3.203_297_27, 6.583_832_33], 1e-6);
    close(satellite.state_over(at, Rotation::Sidereal).unwrap().position, [-6_328.921_8, 39.836_7, 3_334.866], 1e-3);
    near(Rotation::Sidereal.angle(at).to_degrees(), 123.569_457, 1e-6);
    near(1_440.0 / iridium[0].mean_motion, 100.40, 0.01);
}

/// Name, site, least elevation, and the passes: beginning, end and highest elevation.
type Predicted = (&'static str, Place, f64, &'static [(&'static str, &'static str, f64)]);
/// File, words of names, least elevation, satellites, and for two sites coverage in percent, mean and 95 % wait in minutes.
type Waited = (&'static str, &'static [&'static str], f64, f64, [(f64, f64, f64); 2]);

/// Passes on 2024-07-17.
#[test]
#[ignore = "needs FARLINK_REFERENCE"]
fn reference_passes_are_predicted_to_two_seconds() {
    let table: [Predicted; 3] = [
        (
            "KINEIS-1A",
            site(41.39, 2.17, 0.0),
            5.0,
            &[
                ("05:21:44", "05:27:25", 8.79),
                ("06:56:09", "07:06:56", 81.16),
                ("08:34:35", "08:39:49", 8.33),
                ("16:19:41", "16:25:18", 8.89),
                ("17:52:46", "18:03:35", 85.55),
                ("19:32:30", "19:37:50", 8.24),
            ],
        ),
        (
            "SATELIOT_0",
            site(41.39, 2.17, 0.0),
            10.0,
            &[("10:07:57", "10:14:47", 68.61), ("23:03:52", "23:10:40", 59.97)],
        ),
        (
            "TIANQI-21",
            site(39.9, 116.4, 0.0),
            10.0,
            &[
                ("12:41:49", "12:52:17", 40.53),
                ("14:27:21", "14:38:27", 55.26),
                ("16:14:47", "16:24:42", 29.94),
                ("18:01:36", "18:12:06", 36.78),
                ("19:47:33", "19:58:57", 83.95),
                ("21:34:46", "21:42:22", 18.48),
            ],
        ),
    ];
    let extremes =
        [("KINEIS-1A", 1, -6.892, 6.8987), ("SATELIOT_0", 0, -7.0305, 7.0312), ("TIANQI-21", 4, -6.189, 6.1908)];
    for (name, place, min_elevation, expected) in table {
        let satellites = satellites(&named("iot-misc_2024-07-16.tle", &[name]));
        let found = contacts(&satellites[..1], place, hours("2024-07-17", 24.0), min_elevation);
        assert_eq!(found.len(), expected.len(), "{name}");
        for (contact, (rise, set, highest)) in found.iter().zip(expected) {
            near(contact.window.start.seconds_since(utc(&format!("2024-07-17T{rise}"))), 0.0, 2.0);
            near(contact.window.end.seconds_since(utc(&format!("2024-07-17T{set}"))), 0.0, 2.0);
            near(contact.highest.elevation_deg, *highest, 0.05);
        }
        let (_, pass, slowest, fastest) = extremes.into_iter().find(|(known, ..)| *known == name).unwrap();
        // The published extremes are those at the listed seconds.
        let rate = |time: &str| {
            let at = utc(&format!("2024-07-17T{time}"));
            place.look(&satellites[0].state_over(at, Rotation::Sidereal).unwrap()).range_rate_km_s
        };
        near(rate(expected[pass].0), slowest, 0.002);
        near(rate(expected[pass].1), fastest, 0.002);
    }
}

fn four_sites() -> [Place; 4] {
    [site(1.35, 103.8, 0.0), site(39.9, 116.4, 0.0), site(41.39, 2.17, 0.0), site(60.17, 24.94, 0.0)]
}

/// Planes: groups of nodes that lie apart by less than `apart` degrees, and the steps from one to the next.
fn planes(objects: &[Elements], apart: f64) -> (usize, Vec<f64>) {
    let mut nodes: Vec<f64> = objects.iter().map(|object| object.node_deg).collect();
    nodes.sort_by(f64::total_cmp);
    // A group does not end at 360 degrees.
    let widest = (0..nodes.len()).map(|n| (n, (nodes[(n + 1) % nodes.len()] - nodes[n] + 360.0) % 360.0));
    let (cut, _) = widest.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    nodes.rotate_left(cut + 1);
    let nodes: Vec<f64> = nodes.iter().map(|node| (node - nodes[0] + 360.0) % 360.0).collect();
    // Single satellites on their way from one plane to another make none.
    let groups: Vec<&[f64]> = nodes.chunk_by(|a, b| b - a < apart).filter(|group| group.len() > 5).collect();
    let middles: Vec<f64> = groups.iter().map(|group| group[group.len() / 2]).collect();
    (groups.len(), middles.windows(2).map(|pair| pair[1] - pair[0]).collect())
}

#[test]
#[ignore = "needs FARLINK_REFERENCE"]
fn reference_constellations_look_as_they_are_known() {
    let mut iridium = named("iridium-next_2025-01-23.tle", &[""]);
    iridium.retain(|object| (14.33..14.35).contains(&object.mean_motion));
    let (count, steps) = planes(&iridium, 5.0);
    assert_eq!((iridium.len(), count), (67, 6));
    steps.iter().for_each(|step| near(*step, 31.6, 0.5));
    let mut oneweb = named("oneweb_2025-01-05.tle", &[""]);
    let altitude = |object: &Elements| {
        let rate: f64 = object.mean_motion * std::f64::consts::TAU / 86_400.0;
        (398_600.441_8 / (rate * rate)).cbrt() - 6_378.137
    };
    oneweb.retain(|object| altitude(object) > 1_150.0);
    let (count, steps) = planes(&oneweb, 5.0);
    assert_eq!((oneweb.len(), count), (628, 12));
    steps.iter().for_each(|step| near(*step, 15.2, 0.5));
    let mut inclinations: Vec<f64> = oneweb.iter().map(|object| object.inclination_deg).collect();
    inclinations.sort_by(f64::total_cmp);
    near(inclinations[314], 87.91, 0.005);
}

#[test]
#[ignore = "needs FARLINK_REFERENCE"]
fn reference_real_constellations_cover_what_they_should() {
    let mut iridium = named("iridium-next_2025-01-23.tle", &[""]);
    iridium.retain(|object| (14.33..14.35).contains(&object.mean_motion));
    let iridium = satellites(&iridium);
    let span = hours("2025-01-23T12:00", 72.0);
    for figures in figures(&iridium, &four_sites(), span, 8.2, Rotation::Sidereal) {
        assert_eq!((figures.covered, figures.gaps), (1.0, 0));
        assert_eq!(figures.wait.unwrap().max_s, 0.0);
    }
    let at_ten = figures(&iridium, &four_sites()[..1], span, 10.0, Rotation::Sidereal);
    near(at_ten[0].covered * 100.0, 98.35, 0.3);
    near(at_ten[0].in_view, 1.14, 0.01);
    let direct = satellites(&named("starlink_2025-01-23.tle", &["[DTC]"]));
    assert_eq!(direct.len(), 413);
    let day = hours("2025-01-23T12:00", 24.0);
    for (elevation, covered) in [(20.0, 98.5), (30.0, 76.5)] {
        let found = figures(&direct, &four_sites()[1..2], day, elevation, Rotation::Sidereal);
        near(found[0].covered * 100.0, covered, 0.5);
    }
}

/// Means and quantiles of waiting, in minutes.
#[test]
#[ignore = "needs FARLINK_REFERENCE"]
fn reference_waits_are_those_of_sampling() {
    // File, words of names, least elevation, coverage in percent, mean and 95 % wait, for Singapore and for Beijing.
    let table: [Waited; 3] = [
        ("iot-misc_2024-07-16.tle", &["TIANQI"], 10.0, 14.0, [(29.6, 15.3, 69.0), (40.4, 9.0, 39.0)]),
        ("iot-misc_2024-07-16.tle", &["KINEIS"], 5.0, 5.0, [(5.1, 268.0, 582.0), (7.4, 227.0, 539.0)]),
        ("iot-misc_2024-07-16.tle", &["GEESAT"], 10.0, 20.0, [(28.5, 98.0, 338.0), (54.4, 24.0, 193.0)]),
    ];
    for (file, words, elevation, count, expected) in table {
        let satellites = satellites(&named(file, words));
        assert_eq!(satellites.len() as f64, count, "{words:?}");
        let span = hours("2024-07-16T12:00", 72.0);
        let found = figures(&satellites, &four_sites()[..2], span, elevation, Rotation::Sidereal);
        for (figures, (covered, mean, p95)) in found.iter().zip(expected) {
            near(figures.covered * 100.0, covered, 0.1);
            let wait = figures.wait.as_ref().unwrap();
            near(wait.mean_s / 60.0, mean, mean * 0.02);
            near(wait.p95_s / 60.0, p95, p95 * 0.02);
        }
    }
}
