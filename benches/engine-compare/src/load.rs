//! What is simulated: entities of 64 bytes that each keep one event pending, and two ways to choose when.
//!
//! Everything an entity does is a function of its number and of how often it did it, so that all engines must agree.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// How long entities wait, in microseconds.
pub trait Load: 'static {
    const NAME: &str;
    const KIND: Kind;
    /// The mean interval.
    const MEAN_US: f64;

    /// The time of an entity's first event, such that the rate is the same from the start.
    fn first(entity: u32) -> u64;

    /// An interval, from a random number.
    fn interval(random: u64) -> u64;
}

/// The loads, for engines that cannot be generic over them.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub enum Kind {
    IotMixture,
    Exponential,
}

/// How IoT terminals behave: nine of ten intervals are 1 to 500 ms long, one is 1 to 24 h.
pub struct IotMixture;

const HOUR: f64 = 3_600e6;

impl Load for IotMixture {
    const NAME: &str = "IoT mixture";
    const KIND: Kind = Kind::IotMixture;
    const MEAN_US: f64 = 0.9 * 250_500.0 + 0.1 * 12.5 * HOUR;

    fn first(entity: u32) -> u64 {
        let (a, b) = (unit(random(entity, u64::MAX)), unit(random(entity, u64::MAX - 1)));
        // What is left of a long interval that a random instant falls into.
        (b * (1.0 + a * (24.0 * 24.0 - 1.0)).sqrt() * HOUR) as u64 + 1
    }

    #[inline(always)]
    fn interval(number: u64) -> u64 {
        let value = random(number as u32, number >> 32) >> 32;
        if number >> 32 < 3_865_470_566 {
            1_000 + ((value * 499_000) >> 32)
        } else {
            3_600_000_000 + ((value * 1_200_000) >> 32) * 69_000
        }
    }
}

/// Exponential intervals of mean 1 s: every event meets an entity that is not in the cache.
pub struct Exponential;

impl Load for Exponential {
    const NAME: &str = "exponential";
    const KIND: Kind = Kind::Exponential;
    const MEAN_US: f64 = 1e6;

    fn first(entity: u32) -> u64 {
        Self::interval(random(entity, u64::MAX))
    }

    #[inline(always)]
    fn interval(number: u64) -> u64 {
        (-logarithm(unit(number)) * 1e6) as u64 + 1
    }
}

/// An entity: one cache line.
#[derive(Clone, Default, Serialize, Deserialize)]
#[repr(align(64))]
pub struct Entity([u64; 8]);

impl Entity {
    /// What happens to entity `number` at an event: it reads and writes all of its state. Returns the next interval.
    #[inline(always)]
    pub fn handle<L: Load>(&mut self, number: u32, time: u64) -> u64 {
        let x = &mut self.0;
        let random = random(number, x[0]);
        x[0] += 1;
        x[1] = time;
        x[2] = x[2].wrapping_add(random);
        x[3] ^= random;
        x[4] = x[4].max(random);
        x[5] = x[5].rotate_left(5) ^ time;
        x[6] += random & 1;
        x[7] = x[7].wrapping_add(time);
        L::interval(random)
    }

    /// What happened to it: how often, and a checksum of its whole state.
    pub fn sum(&self) -> Sum {
        let checksum = self.0.iter().fold(0_u64, |checksum, &word| (checksum ^ word).wrapping_mul(0x0100_0000_01B3));
        Sum { events: self.0[0], checksum }
    }
}

/// What happened to some entities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub events: u64,
    pub checksum: u64,
}

impl Sum {
    /// The sum over all entities.
    pub fn of(entities: &[Entity]) -> Sum {
        let mut sum = Sum::default();
        entities.iter().for_each(|entity| sum += entity.sum());
        sum
    }
}

impl AddAssign for Sum {
    fn add_assign(&mut self, other: Sum) {
        self.events += other.events;
        self.checksum = self.checksum.wrapping_add(other.checksum);
    }
}

/// A random number that depends on its arguments only (finaliser of SplitMix64).
#[inline(always)]
fn random(key: u32, counter: u64) -> u64 {
    let mut z = u64::from(key).wrapping_mul(0xD6E8_FEB8_6659_FD93) ^ counter.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

/// A number between 0 and 1, never either of them.
#[inline(always)]
fn unit(random: u64) -> f64 {
    ((random >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
}

/// The natural logarithm to about ten digits, quick enough not to be what is measured.
#[inline(always)]
fn logarithm(x: f64) -> f64 {
    let bits = x.to_bits();
    let exponent = (bits.wrapping_sub(0x3FE6_A09E_667F_3BCD) as i64) >> 52;
    let mantissa = f64::from_bits(bits.wrapping_sub((exponent << 52) as u64));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let s2 = s * s;
    let series = 1.0 + s2 * (1.0 / 3.0 + s2 * (0.2 + s2 * (1.0 / 7.0 + s2 * (1.0 / 9.0 + s2 * (1.0 / 11.0)))));
    2.0 * s * series + exponent as f64 * std::f64::consts::LN_2
}
