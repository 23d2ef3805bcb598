//! Event rate of the engine alone: entities of 64 bytes that each keep one event pending.
//!
//! `exp` draws exponential intervals of mean 1 s, so every event meets an entity that is not in the cache. `mix` is how IoT
//! terminals behave: nine of ten intervals are 1 to 500 ms long, one is 1 to 24 h. At the end the rate of the wheel over
//! that of the heap is printed.

use std::hint::black_box;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use farlink::engine::{Event, EventSet, HeapSet, Model, Outbox, Shard, Wheel};
use farlink::platform::{HugePages, prefetch};
use farlink::units::SimTime;

#[global_allocator]
static ALLOCATOR: HugePages = HugePages;

/// A random number that depends on key and counter only (finaliser of SplitMix64).
fn random(key: u64, counter: u64) -> u64 {
    let mut z = key.wrapping_mul(0xD6E8_FEB8_6659_FD93) ^ counter.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

/// A number between 0 and 1, never either of them.
fn unit(random: u64) -> f64 {
    ((random >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
}

/// How long entities wait, in microseconds.
trait Workload {
    const NAME: &str;
    /// The mean interval.
    const MEAN: f64;
    /// The time of an entity's first event, such that the rate is the same from the start.
    fn first(entity: u32) -> u64;
    fn interval(random: u64) -> u64;
}

struct Exp;

impl Workload for Exp {
    const NAME: &str = "exp";
    const MEAN: f64 = 1e6;

    fn first(entity: u32) -> u64 {
        Self::interval(random(entity.into(), u64::MAX))
    }

    fn interval(random: u64) -> u64 {
        (-logarithm(unit(random)) * 1e6) as u64 + 1
    }
}

/// The natural logarithm to about ten digits, quick enough not to be what is measured.
fn logarithm(x: f64) -> f64 {
    let bits = x.to_bits();
    let exponent = (bits.wrapping_sub(0x3FE6_A09E_667F_3BCD) as i64) >> 52;
    let mantissa = f64::from_bits(bits.wrapping_sub((exponent << 52) as u64));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let s2 = s * s;
    let series = 1.0 + s2 * (1.0 / 3.0 + s2 * (0.2 + s2 * (1.0 / 7.0 + s2 * (1.0 / 9.0 + s2 * (1.0 / 11.0)))));
    2.0 * s * series + exponent as f64 * std::f64::consts::LN_2
}

struct Mix;

const HOUR: f64 = 3_600e6;

impl Workload for Mix {
    const NAME: &str = "mix";
    const MEAN: f64 = 0.9 * 250_500.0 + 0.1 * 12.5 * HOUR;

    fn first(entity: u32) -> u64 {
        let (a, b) = (unit(random(entity.into(), u64::MAX)), unit(random(entity.into(), u64::MAX - 1)));
        // What is left of a long interval that a random instant falls into.
        (b * (1.0 + a * (24.0 * 24.0 - 1.0)).sqrt() * HOUR) as u64 + 1
    }

    fn interval(number: u64) -> u64 {
        let value = random(number, 1) >> 32;
        if number >> 32 < 3_865_470_566 {
            1_000 + ((value * 499_000) >> 32)
        } else {
            3_600_000_000 + ((value * 1_200_000) >> 32) * 69_000
        }
    }
}

#[derive(Clone)]
#[repr(align(64))]
struct State([u64; 8]);

struct Entities<W> {
    states: Vec<State>,
    workload: PhantomData<W>,
}

impl<W: Workload> Model for Entities<W> {
    #[inline(always)]
    fn handle(&mut self, event: Event, out: &mut Outbox) -> Option<u64> {
        let time = event.time.0;
        let x = &mut self.states[event.entity as usize].0;
        let number = random(event.entity.into(), x[0]);
        x[0] += 1;
        x[1] = time;
        x[2] = x[2].wrapping_add(number);
        x[3] ^= number;
        x[4] = x[4].max(number);
        x[5] = x[5].rotate_left(5) ^ time;
        x[6] += number & 1;
        x[7] = x[7].wrapping_add(time);
        out.at(SimTime(time + W::interval(number)), event.entity, event.tag);
        Some(event.entity.into())
    }

    #[inline(always)]
    fn prefetch(&self, event: Event) {
        if let Some(state) = self.states.get(event.entity as usize) {
            prefetch(state);
        }
    }
}

/// Events per measured step, on average.
const STEP: u64 = 250_000;

/// Entities with their events, some time after the start, so that the wheel has found its slot width.
fn prepare<W: Workload, Q: EventSet>(queue: Q, entities: u32) -> Shard<Entities<W>, Q> {
    let states = vec![State([0; 8]); entities as usize];
    let mut shard = Shard::new(Entities { states, workload: PhantomData }, queue, u64::MAX);
    for entity in 0..entities {
        shard.schedule(Event { time: SimTime(W::first(entity)), entity, tag: 0 });
    }
    run::<W, Q>(&mut shard, 8);
    shard
}

/// Runs so many steps; returns the mean time per event, in seconds.
fn run<W: Workload, Q: EventSet>(shard: &mut Shard<Entities<W>, Q>, steps: u64) -> f64 {
    let span = (STEP as f64 * W::MEAN / shard.model.states.len() as f64) as u64;
    let (before, start) = (shard.tally().events, Instant::now());
    let _ = black_box(shard.run_until(SimTime(shard.clock().0 + steps * span)));
    start.elapsed().as_secs_f64() / (shard.tally().events - before) as f64
}

/// Measures a workload with both event sets, then lets them take turns: on a busy machine only neighbours compare.
fn compare<W: Workload>(criterion: &mut Criterion, entities: u32) {
    let mut wheel = prepare::<W, _>(Wheel::with_capacity(entities as usize * 21 / 20), entities);
    let mut heap = prepare::<W, _>(HeapSet::new(), entities);
    let mut group = criterion.benchmark_group(format!("{}/{entities}", W::NAME));
    group.throughput(Throughput::Elements(STEP)).sample_size(10);
    let scaled = |steps: u64, per_event: f64| Duration::from_secs_f64(per_event * (steps * STEP) as f64);
    group.bench_function("wheel", |b| b.iter_custom(|steps| scaled(steps, run(&mut wheel, steps))));
    group.bench_function("heap", |b| b.iter_custom(|steps| scaled(steps, run(&mut heap, steps))));
    group.finish();

    let mut turns: Vec<(f64, f64)> = (0..15).map(|_| (run(&mut wheel, 1), run(&mut heap, 1))).collect();
    turns.sort_by(|a, b| (a.1 / a.0).total_cmp(&(b.1 / b.0)));
    let (wheel, heap) = turns[turns.len() / 2];
    let (name, ratio) = (W::NAME, heap / wheel);
    println!("{name} {entities}: wheel {:.1} M/s, heap {:.2} M/s, ratio {ratio:.1}", 1e-6 / wheel, 1e-6 / heap);
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for entities in [10_000, 1_000_000] {
        compare::<Exp>(&mut criterion, entities);
        compare::<Mix>(&mut criterion, entities);
    }
    criterion.final_summary();
}
