//! How long orbits take: contact windows of a large constellation, and shortest ways over its links.
//!
//! The whole search of 6,912 satellites and 10,000 places over a day is `LARGE=1 cargo bench --bench passes`; without it a tenth of the places.

use std::hint::black_box;
use std::ops::ControlFlow;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use farlink::geometry::earth::{Geodetic, Place};
use farlink::orbit::coverage::Coverage;
use farlink::orbit::links::{Snapshot, grid};
use farlink::orbit::passes::{Query, search};
use farlink::orbit::{Elements, Pattern, Rotation, Satellite, Span, Utc, Walker};

/// Places spread evenly over the Earth.
fn places(count: usize) -> Vec<Place> {
    let point = |number: usize| {
        let z = 1.0 - 2.0 * (number as f64 + 0.5) / count as f64;
        let longitude_deg = (number as f64 * 137.507_764) % 360.0 - 180.0;
        Place::on_ellipsoid(Geodetic { latitude_deg: z.asin().to_degrees(), longitude_deg, altitude_km: 0.0 })
    };
    (0..count).map(point).collect()
}

/// As many satellites as Starlink had in January 2025, on SGP4.
fn satellites(epoch: Utc) -> Vec<Satellite> {
    let object = |number: u32| {
        let (plane, slot) = (number / 96, number % 96);
        Elements {
            name: number.to_string(),
            number: Some(u64::from(number)),
            epoch,
            mean_motion: 15.06,
            eccentricity: 0.000_1,
            inclination_deg: [53.0, 43.0, 70.0, 53.2][plane as usize % 4],
            node_deg: f64::from(plane) * 5.0,
            perigee_deg: 90.0,
            anomaly_deg: f64::from(slot) * 3.75 + f64::from(plane) * 1.3,
            drag: 1e-4,
        }
    };
    (0..6_912).filter_map(|number| object(number).satellite().ok()).collect()
}

fn windows(c: &mut Criterion) {
    let start = Utc::midnight(2025, 1, 23).unwrap_or_default();
    let count = if std::env::var_os("LARGE").is_some() { 10_000 } else { 1_000 };
    let (satellites, places) = (satellites(start), places(count));
    let span = Span { start, end: start.plus(86_400.0) };
    let query =
        Query { satellites: &satellites, places: &places, span, min_elevation_deg: 25.0, rotation: Rotation::Sidereal };
    let mut group = c.benchmark_group("passes");
    group.sample_size(10).throughput(Throughput::Elements((satellites.len() * places.len()) as u64));
    group.bench_function(format!("a day, 6,912 satellites, {count} places, 2 threads"), |b| {
        b.iter(|| search(&query, 2, Coverage::take, |_| ControlFlow::Continue(())).places.len());
    });
    group.finish();
}

fn routes(c: &mut Criterion) {
    let walker = Walker {
        pattern: Pattern::Delta,
        satellites: 1_584,
        planes: 72,
        phasing: 17.0,
        inclination_deg: 53.0,
        altitude_km: 550.0,
        first_node_deg: 0.0,
        drift: false,
    };
    let epoch = Utc::default();
    let orbits: Vec<Satellite> = walker.satellites("", epoch).collect();
    let (links, stations) = (grid(&walker), places(100));
    c.bench_function("shortest ways among 100 stations over 1,584 satellites, one snapshot", |b| {
        b.iter(|| {
            let states = orbits.iter().filter_map(|satellite| satellite.state_over(epoch, Rotation::Sidereal).ok());
            let snapshot = Snapshot::new(&states.collect::<Vec<_>>(), &links, &stations, 25.0);
            for station in 0..stations.len() {
                black_box(snapshot.lengths(station));
            }
        });
    });
}

criterion_group!(benches, windows, routes);
criterion_main!(benches);
