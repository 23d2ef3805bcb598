//! How long it takes to place a terminal.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use farlink::network::{HexGrid, Layout};
use farlink::population::Placement;
use farlink::population::place::Placer;
use farlink::propagation::error_rate::{Block, Receiver};
use farlink::propagation::{Building, Tr45820};
use farlink::rng::Key;
use farlink::units::{Db, Metres, SimDuration};

fn placement(c: &mut Criterion) {
    let model = Tr45820 {
        shadowing_sigma: Db(8.0),
        site_correlation: 0.5,
        shadowing_correlation: Metres(110.0),
        site_antenna_gain: Db(18.0),
        feeder_loss: Db(3.0),
        beamwidth_deg: 65.0,
        front_to_back: Db(20.0),
        building: Building::Scenario1,
        neighbour_activity: 0.5,
        uplink_noise_rise: Db(0.0),
        temporal_sigma: Db(0.0),
    };
    let layout = Layout::HexGrid(HexGrid { rings: 3, inter_site_distance: Metres(1_732.0), sectors: 3 });
    let placement = Placement::Uniform { indoor_fraction: 1.0 };
    let Ok(placer) = Placer::new(&layout, &model, &placement, Db(-4.0)) else { return };
    let mut group = c.benchmark_group("placement");
    group.throughput(Throughput::Elements(10_000));
    group.bench_function("10,000 terminals", |b| {
        b.iter(|| {
            for index in 0..10_000u32 {
                black_box(placer.spot(Key::root(1).child(u64::from(index)), index));
            }
        });
    });
    group.finish();
}

fn error_rate(c: &mut Criterion) {
    let receiver = Receiver { antennas: 2, margin: Db(3.0) };
    let mut group = c.benchmark_group("error rate");
    for (name, repetitions, airtime) in [("1 repetition", 1, 64), ("64 repetitions", 64, 4_096)] {
        let airtime = SimDuration::from_millis(airtime);
        let block = Block { bits: 56, symbols: 192, bits_per_symbol: 1, repetitions, airtime };
        group.bench_function(name, |b| {
            b.iter(|| black_box(receiver.failure(black_box(Db(-8.0)), &block, 4, SimDuration::from_millis(32))));
        });
    }
    group.finish();
}

criterion_group!(benches, placement, error_rate);
criterion_main!(benches);
