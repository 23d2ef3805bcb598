//! How blocks can be sent: the schemes of each direction, and which of them link adaptation chooses.

use std::ops::Range;

use crate::propagation::error_rate::{Block, Curve, Receiver};
use crate::radio::channel::{BlockRow, BlockTable, PowerRule, Way};
use crate::radio::losses::{Losses, Model};
use crate::radio::nbiot::power::controlled;
use crate::radio::nbiot::tables;
use crate::units::{Db, SimDuration};

/// Largest probability that a block fails in all its transmissions at the edge of a level.
const RESIDUAL_TARGET: f64 = 0.01;
/// Share of the time on fewer tones that a block on more tones must stay below. At the edge of coverage all take about
/// the same time, because the power of a terminal is the limit, and more tones would only take room from others.
const WORTH_MORE_TONES: f64 = 0.9;
/// MAC subheader and RLC header of each block, bytes (TS 36.321 clause 6.1.2, TS 36.322 clause 6.2.1).
pub(super) const BLOCK_HEADER_BYTES: u32 = 4;

/// A way to send blocks: a row of the block-size table and a number of repetitions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Scheme {
    pub(super) i_tbs: usize,
    pub(super) bits_per_symbol: u32,
    pub(super) repetitions: u32,
}

impl Scheme {
    /// The scheme for people.
    fn label(&self, channel: &str) -> String {
        let modulation = if self.bits_per_symbol == 1 { "BPSK" } else { "QPSK" };
        format!("{channel}, I_TBS {}, {modulation}, {}", self.i_tbs, repetitions_label(self.repetitions))
    }
}

pub(super) fn repetitions_label(repetitions: u32) -> String {
    if repetitions == 1 { "1 repetition".to_owned() } else { format!("{repetitions} repetitions") }
}

/// One direction of a link, in the uplink with so many tones: what its blocks are made of.
pub(super) struct Direction {
    pub(super) way: Way,
    /// The channel that carries its blocks, and how many tones if several.
    pub(super) channel: &'static str,
    pub(super) tones: usize,
    /// The sets of tones of which a block takes one, if several.
    pub(super) bands: Range<usize>,
    pub(super) receiver: Receiver,
    pub(super) sizes: &'static tables::BlockSizes,
    /// How many of its rows there are.
    pub(super) rows: usize,
    pub(super) largest: u32,
    pub(super) unit_ms: u32,
    pub(super) unit_symbols: u32,
    pub(super) gaps_ms: fn(u32) -> u32,
    /// What must be added to the ratio of a link class to have the ratio in the band of these blocks.
    pub(super) class_offset: Db,
    /// With what power terminals send blocks that are hardly repeated.
    pub(super) power: PowerRule,
    /// From one HARQ transmission to the next, besides the block itself.
    pub(super) round_trip: SimDuration,
    pub(super) transmissions: u32,
}

/// A scheme in its direction, and the unit index of its largest block.
#[derive(Clone, Copy)]
pub(super) struct Choice<'a> {
    pub(super) direction: &'a Direction,
    pub(super) scheme: Scheme,
    pub(super) unit: usize,
}

impl Direction {
    fn airtime_ms(&self, unit: usize, scheme: &Scheme) -> u32 {
        tables::UNITS[unit] * self.unit_ms * scheme.repetitions
    }

    fn block(&self, unit: usize, scheme: &Scheme) -> Block {
        Block {
            bits: self.sizes[scheme.i_tbs][unit] + tables::TRANSPORT_CRC,
            symbols: tables::UNITS[unit] * self.unit_symbols,
            bits_per_symbol: scheme.bits_per_symbol,
            repetitions: scheme.repetitions,
            airtime: SimDuration::from_millis(u64::from(self.airtime_ms(unit, scheme))),
        }
    }

    /// What serves an edge at the ratio `ratio` of a link class best: the fastest of the candidates whose first transmission
    /// fails no more often than `target`; if there is none, the most robust.
    pub(super) fn adapt<'a>(&'a self, ratio: Db, target: f64, candidates: &[Candidate<'a>]) -> Choice<'a> {
        let slowest = Scheme { i_tbs: 0, bits_per_symbol: 1, repetitions: 1 };
        fastest(ratio, target, candidates).or_else(|| most_robust(ratio, candidates)).unwrap_or(Choice {
            direction: self,
            scheme: slowest,
            unit: 0,
        })
    }

    pub(super) fn row(&self, unit: usize, scheme: &Scheme, bytes: u32) -> BlockRow {
        let airtime_ms = self.airtime_ms(unit, scheme);
        BlockRow {
            bytes,
            airtime_ms,
            gaps_ms: (self.gaps_ms)(airtime_ms),
            repetitions: scheme.repetitions,
            losses: Losses::modelled(Model {
                receiver: self.receiver,
                block: self.block(unit, scheme),
                interval: self.round_trip,
                offset: self.class_offset,
                transmissions: self.transmissions,
            }),
            transmissions: self.transmissions,
        }
    }

    pub(super) fn table_of(&self, name: &'static str, scheme: &Scheme, rows: Vec<BlockRow>) -> BlockTable {
        BlockTable {
            name,
            way: self.way,
            label: scheme.label(self.channel),
            bands: self.bands.clone(),
            ratio_offset: self.class_offset,
            faster: 0..0,
            power: controlled(self.power, scheme.repetitions),
            volumes: &[],
            rows,
        }
    }

    /// The unit index of the largest block of a scheme.
    fn largest_unit(&self, i_tbs: usize) -> usize {
        (0..tables::UNITS.len()).rev().find(|&unit| self.sizes[i_tbs][unit] <= self.largest).unwrap_or(0)
    }

    /// Each of these rows with each number of repetitions, in blocks of the largest size.
    pub(super) fn choices<'a>(
        &'a self,
        rows: impl Iterator<Item = (usize, u32)> + 'a,
        repetitions: &'static [u32],
    ) -> impl Iterator<Item = Choice<'a>> {
        rows.flat_map(move |(i_tbs, bits_per_symbol)| {
            let unit = self.largest_unit(i_tbs);
            let scheme = move |&repetitions| Scheme { i_tbs, bits_per_symbol, repetitions };
            repetitions.iter().map(move |repetitions| Choice { direction: self, scheme: scheme(repetitions), unit })
        })
    }
}

impl<'a> Choice<'a> {
    /// How likely its blocks fail in so many transmissions, at ratios in their band.
    fn curve(&self, transmissions: u32) -> Curve {
        let Choice { direction, scheme, unit } = self;
        direction.receiver.curve(&direction.block(*unit, scheme), transmissions, direction.round_trip)
    }

    /// The probabilities that a block is still wrong after each of its transmissions, at the ratio `ratio` of a link class.
    fn failures(&self, ratio: Db) -> Vec<f64> {
        self.curve(self.direction.transmissions).failures(ratio + self.direction.class_offset).collect()
    }

    /// Expected time for a bit that arrives, retransmissions and their grants included; without `failures` the least that
    /// it can be.
    fn ms_per_bit(&self, failures: &[f64]) -> f64 {
        let Choice { direction, scheme, unit } = self;
        let once = f64::from(direction.airtime_ms(*unit, scheme)) + direction.round_trip.as_secs_f64() * 1e3;
        let (residual, before) = failures.split_last().unwrap_or((&0.0, &[]));
        let transmissions = 1.0 + before.iter().sum::<f64>();
        once * transmissions / (f64::from(direction.sizes[scheme.i_tbs][*unit]) * (1.0 - residual))
    }

    /// The scheme in a block of exactly so many bits, if there is one. For each edt-TBS some scheme has one (TS 36.213 table
    /// 16.5.1.2-2); clause 16.3.3 offers a few of them in a response.
    pub(super) fn exactly(self, bits: u32) -> Option<Choice<'a>> {
        let unit = self.direction.sizes[self.scheme.i_tbs].iter().position(|&size| size == bits)?;
        Some(Choice { unit, ..self })
    }

    /// All sizes of the scheme that carry at least one byte.
    pub(super) fn table(&self, name: &'static str) -> BlockTable {
        self.table_up_to(name, self.direction.largest)
    }

    /// All sizes of the scheme of at most so many bits that carry at least one byte.
    pub(super) fn table_up_to(&self, name: &'static str, bits: u32) -> BlockTable {
        let Choice { direction, scheme, .. } = self;
        let sizes = &direction.sizes[scheme.i_tbs];
        let units = (0..tables::UNITS.len()).filter(|&unit| sizes[unit] <= bits);
        let rows = units.filter_map(|unit| {
            let bytes = (sizes[unit] / 8).checked_sub(BLOCK_HEADER_BYTES).filter(|&b| b > 0)?;
            Some(direction.row(unit, scheme, bytes))
        });
        direction.table_of(name, scheme, rows.collect())
    }
}

/// A choice of link adaptation, and how likely the first transmission of its blocks fails.
pub(super) struct Candidate<'a> {
    choice: Choice<'a>,
    first: Curve,
}

/// What link adaptation can choose among, for any ratio.
pub(super) fn candidates<'a>(choices: impl Iterator<Item = Choice<'a>>) -> Vec<Candidate<'a>> {
    choices.map(|choice| Candidate { choice, first: choice.curve(1) }).collect()
}

/// The choice that moves a bit in the least expected time at the ratio `ratio` of a link class, retransmissions and their
/// grants included, among those whose first transmission fails no more often than `target` and that hardly ever fail for
/// good, if there is one. Choices with fewer tones come first, and more tones must be worth it.
fn fastest<'a>(ratio: Db, target: f64, candidates: &[Candidate<'a>]) -> Option<Choice<'a>> {
    let mut best: Option<(f64, Choice<'a>)> = None;
    for Candidate { choice, first } in candidates {
        let limit = best.map_or(f64::INFINITY, |(least, best)| {
            if choice.direction.tones > best.direction.tones { WORTH_MORE_TONES * least } else { least }
        });
        // Most choices are ruled out by what is quickly known.
        if choice.ms_per_bit(&[]) >= limit || first.failure(ratio + choice.direction.class_offset) > target {
            continue;
        }
        let failures = choice.failures(ratio);
        let ms_per_bit = choice.ms_per_bit(&failures);
        if failures.last().is_some_and(|residual| *residual <= RESIDUAL_TARGET) && ms_per_bit < limit {
            best = Some((ms_per_bit, *choice));
        }
    }
    best.map(|(_, choice)| choice)
}

/// The first choice that fails for good least often.
fn most_robust<'a>(ratio: Db, candidates: &[Candidate<'a>]) -> Option<Choice<'a>> {
    let residual = |choice: &Choice<'a>| choice.failures(ratio).last().copied().unwrap_or(1.0);
    let known = candidates.iter().map(|Candidate { choice, .. }| (residual(choice), *choice));
    known.min_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, choice)| choice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::radio::nbiot::tables::Tones;

    fn direction(tones: Tones, transmissions: u32) -> Direction {
        Direction {
            way: Way::Up,
            channel: "NPUSCH",
            tones: tones.count(),
            bands: 0..0,
            receiver: Receiver { antennas: 2, margin: Db(3.0) },
            sizes: &tables::NPUSCH_TBS,
            rows: 11,
            largest: 1_000,
            unit_ms: tones.resource_unit_ms(),
            unit_symbols: tones.data_symbols(),
            gaps_ms: |_| 0,
            class_offset: Db::from_linear(15e3 / tones.bandwidth().0),
            power: PowerRule::Full,
            round_trip: SimDuration::from_millis(64),
            transmissions,
        }
    }

    /// The slow twin of [`fastest`]: everything about every choice.
    fn plainly<'a>(ratio: Db, target: f64, candidates: &[Candidate<'a>]) -> Option<Choice<'a>> {
        let mut best: Option<(f64, Choice<'a>)> = None;
        for Candidate { choice, .. } in candidates {
            let failures = choice.failures(ratio);
            let allowed = failures[0] <= target && failures[failures.len() - 1] <= RESIDUAL_TARGET;
            let ms_per_bit = choice.ms_per_bit(&failures);
            let worth_it = |(least, best): (f64, Choice<'a>)| {
                let share = if choice.direction.tones > best.direction.tones { WORTH_MORE_TONES } else { 1.0 };
                ms_per_bit < share * least
            };
            if allowed && best.is_none_or(worth_it) {
                best = Some((ms_per_bit, *choice));
            }
        }
        best.map(|(_, choice)| choice)
    }

    #[test]
    fn ruling_choices_out_early_changes_no_choice() {
        let mut chosen = Vec::new();
        for transmissions in [1, 4] {
            let directions = [Tones::One15, Tones::Three, Tones::Twelve].map(|tones| direction(tones, transmissions));
            let rows = || (0..11).map(|i_tbs| (i_tbs, 2));
            let choices = directions.iter().flat_map(|up| up.choices(rows(), &tables::NPUSCH_REPETITIONS));
            let candidates = candidates(choices);
            for (db, target) in (-20..30).flat_map(|db| [0.02, 0.1, 0.5].map(|target| (db, target))) {
                let ratio = Db(f64::from(db));
                let what =
                    |choice: Choice<'_>| (choice.direction.tones, choice.scheme.i_tbs, choice.scheme.repetitions);
                let fast = fastest(ratio, target, &candidates).map(what);
                assert_eq!(fast, plainly(ratio, target, &candidates).map(what), "{db} dB, {target}, {transmissions}");
                chosen.extend(fast);
            }
        }
        chosen.sort_unstable();
        chosen.dedup();
        assert!(chosen.len() > 20, "the choices differ: {chosen:?}");
    }
}
