//! Hands out the records of messages, window by window, and of terminals, at the end.
//!
//! Their order is a total one that does not know of windows, districts or threads. A message is complete when its
//! terminal is released, a while after it ended; and because plans are walked ahead of the clock, both may lie behind the
//! window in which they were booked. So a record is held back until no earlier one can come.

use std::ops::{ControlFlow, Range};

use crate::engine::{Ended, EventSet, Outcome, Progress, Shard};
use crate::exec::crowd::Traveller;
use crate::exec::district::District;
use crate::exec::setup::Setup;
use crate::metrics::records::{MessageRecord, RecordSink, TerminalRecord};
use crate::units::{SimDuration, SimTime};
use crate::world::build;
use crate::world::shard::Division;
use crate::world::spec::WorldSpec;
use crate::world::{Pace, WorldError};

/// Messages that are expected in one window, at most: what waits in memory.
pub(super) const MESSAGES_PER_WINDOW: f64 = 50_000.0;

/// The window for a run with records: `windows` in the whole run, more if there is much to report.
pub(super) fn window(spec: &WorldSpec, setup: &Setup, windows: u64) -> SimDuration {
    let rate: f64 = spec.groups.iter().map(|group| f64::from(group.count) * group.traffic.timing.rate()).sum();
    let fair = SimDuration::from_secs_f64(MESSAGES_PER_WINDOW / rate.max(1e-6));
    SimDuration(fair.0.min(setup.end.0 / windows).max(1))
}

/// Runs at its pace, and hands out the messages that ended, in their order, between two windows.
pub(super) fn drive_recorded<Q: EventSet + Send>(
    shards: &mut [Shard<District, Q>],
    pace: &Pace,
    span: Range<SimTime>,
    window: SimDuration,
    mut observe: impl FnMut(Progress, &[Shard<District, Q>]) -> ControlFlow<()>,
    sink: &mut dyn RecordSink<MessageRecord>,
) -> Outcome {
    let mut held = Vec::new();
    let mut outcome = Outcome { reached: span.start, ended: Ended::Finished };
    let mut wanted = ControlFlow::Continue(());
    while outcome.reached < span.end && outcome.ended == Ended::Finished && wanted.is_continue() {
        let until = SimTime(outcome.reached.0.saturating_add(window.0)).min(span.end);
        outcome = pace.drive(shards, outcome.reached..until, SimDuration::ZERO, |progress, shards| {
            wanted = observe(progress, shards);
            wanted
        });
        if hand_out(shards, &mut held, outcome.reached, sink).is_break() {
            outcome.ended = Ended::Stopped;
            return outcome;
        }
    }
    if wanted.is_break() && outcome.reached < span.end && outcome.ended == Ended::Finished {
        outcome.ended = Ended::Stopped;
    }
    for notes in shards.iter_mut().filter_map(|shard| shard.model.notes.as_mut()) {
        notes.fetch_incomplete(&mut held);
    }
    // What this break means the sink knows, and there is nothing left to end.
    let _ = hand_out(shards, &mut held, SimTime::MAX, sink);
    outcome
}

/// Hands out what is complete and cannot be preceded by anything that is not, every shard standing at `reached`.
fn hand_out<Q: EventSet>(
    shards: &mut [Shard<District, Q>],
    held: &mut Vec<MessageRecord>,
    reached: SimTime,
    sink: &mut dyn RecordSink<MessageRecord>,
) -> ControlFlow<()> {
    let mut safe = reached;
    for notes in shards.iter_mut().filter_map(|shard| shard.model.notes.as_mut()) {
        notes.fetch(held);
        safe = notes.first_incomplete().map_or(safe, |ended| ended.min(safe));
    }
    held.sort_unstable_by_key(MessageRecord::order);
    let ready = held.partition_point(|record| record.ended < safe);
    let answer = sink.take(&held[..ready]);
    held.drain(..ready);
    answer
}

/// Hands out the terminals of a shard by group and number.
///
/// The districts have them by cell. Placing them once more tells each one's cell, and its coupling loss, which no terminal
/// remembers; within a cell they are in the order that is wanted.
///
/// # Errors
/// [`WorldError::Place`] as when they were placed first, so never.
pub(super) fn terminals(
    spec: &WorldSpec,
    setup: &Setup,
    division: &Division,
    districts: &[District],
    threads: usize,
    sink: &mut dyn RecordSink<TerminalRecord>,
) -> Result<(), WorldError> {
    let mut next = first_of_cells(districts);
    for (number, group) in spec.groups.iter().enumerate() {
        if setup.groups[number].roams() {
            if sink.take(&travellers(setup, number as u16, districts)).is_break() {
                return Ok(());
            }
            continue;
        }
        let (placer, key) = (build::placer(spec, group)?, setup.groups[number].key);
        let first_cell = build::first_cell(spec, group.network);
        // As many chunks at a time as there are threads: memory stays bounded.
        for chunks in build::chunks(group.count).chunks(threads.max(1)) {
            let spots = build::in_parallel(chunks, threads, |chunk| {
                chunk.clone().map(|index| placer.spot(key.child(u64::from(index)), index)).collect::<Vec<_>>()
            });
            let mut records = Vec::new();
            for (index, spot) in chunks.iter().cloned().flatten().zip(spots.iter().flatten()) {
                let Some(cell) = division.place(first_cell + spot.cell) else { continue };
                let (district, place) = &mut next[cell as usize];
                let district = &districts[*district];
                let terminal = &district.terminals().fixed()[*place];
                assert_eq!((usize::from(terminal.group), terminal.index), (number, index), "cells are in order");
                let (delivered, lost) = district.notes.as_ref().map_or((0, 0), |notes| notes.counts(*place));
                *place += 1;
                let covered = setup.is_covered(terminal);
                records.push(TerminalRecord {
                    group: terminal.group,
                    terminal: index,
                    network: group.network as u16,
                    cell: spot.cell,
                    level: covered.then_some(terminal.level),
                    coupling_loss: spot.coupling_loss,
                    interval: setup.groups[usize::from(terminal.group)].interval_of(terminal),
                    delivered,
                    lost,
                    released: terminal.messages,
                    energy: terminal.energy,
                    awake: terminal.awake,
                });
            }
            if sink.take(&records).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The terminals of a group that roams, where and as they are at the end.
fn travellers(setup: &Setup, number: u16, districts: &[District]) -> Vec<TerminalRecord> {
    let record = |district: &District, traveller: &Traveller| {
        let terminal = &traveller.terminal;
        let group = &setup.groups[usize::from(terminal.group)];
        let cell = &district.cells()[usize::from(terminal.cell)];
        let counts = districts.iter().filter_map(|district| district.notes.as_ref());
        let counts = counts.map(|notes| notes.counts_passing(traveller.entity));
        let (delivered, lost) = counts.fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
        TerminalRecord {
            group: number,
            terminal: terminal.index,
            network: cell.network as u16,
            cell: cell.number,
            level: setup.is_covered(terminal).then_some(terminal.level),
            coupling_loss: terminal.coupling_loss(),
            interval: group.interval_of(terminal),
            delivered,
            lost,
            released: terminal.messages,
            energy: terminal.energy,
            awake: terminal.awake,
        }
    };
    let here = |district| {
        let moving = District::terminals(district).moving().iter();
        let is_of = |traveller: &&Traveller| setup.groups[usize::from(traveller.terminal.group)].number == number;
        moving.filter(is_of).map(move |traveller| record(district, traveller))
    };
    let mut records: Vec<TerminalRecord> = districts.iter().flat_map(here).collect();
    records.sort_unstable_by_key(|record| record.terminal);
    records
}

/// Of each cell of the shard its district, and the place there of its first terminal.
fn first_of_cells(districts: &[District]) -> Vec<(usize, usize)> {
    let mut cells = Vec::new();
    for (number, district) in districts.iter().enumerate() {
        let first = |cell| district.terminals().fixed().partition_point(|terminal| usize::from(terminal.cell) < cell);
        cells.extend((0..district.cells().len()).map(|cell| (number, first(cell))));
    }
    cells
}
