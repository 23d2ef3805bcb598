//! What a district notes about single messages, if it is asked to.
//!
//! A message is described when it is delivered or lost and completed when its terminal is released. Whoever drives the run
//! fetches what is complete between two windows.

use std::collections::BTreeMap;

use crate::cause::Loss;
use crate::exec::context::Context;
use crate::exec::crowd::Crowd;
use crate::exec::setup::GroupSetup;
use crate::exec::terminal::Terminal;
use crate::metrics::records::MessageRecord;
use crate::units::SimTime;

/// Notes about the counted messages of a district.
#[derive(Clone, Debug)]
pub struct Notes {
    /// Delivered and lost messages per terminal of the district that stands still.
    counts: Vec<(u32, u32)>,
    /// The same of those that were here and move.
    passing: BTreeMap<u32, (u32, u32)>,
    /// Whether messages are described, or only counted.
    describe: bool,
    /// Messages that are over.
    done: Vec<MessageRecord>,
    /// Messages that ended and whose terminal, the key, is not yet released.
    open: BTreeMap<u32, MessageRecord>,
}

/// Whose message it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender<'a> {
    pub group: &'a GroupSetup,
    pub terminal: &'a Terminal,
    /// The cell's number in its network.
    pub cell: u32,
    /// Whether the terminal hears it.
    pub covered: bool,
}

impl Notes {
    /// Empty notes of a district with so many terminals that stand still.
    #[must_use]
    pub fn new(terminals: usize, describe: bool) -> Notes {
        Notes {
            counts: vec![(0, 0); terminals],
            passing: BTreeMap::new(),
            describe,
            done: Vec::new(),
            open: BTreeMap::new(),
        }
    }

    /// How many messages of a terminal of the district were delivered, and how many were lost.
    #[must_use]
    pub fn counts(&self, terminal: usize) -> (u32, u32) {
        self.counts[terminal]
    }

    /// The same of a terminal that moves, by its entity number, while it was in this district.
    #[must_use]
    pub fn counts_passing(&self, entity: u32) -> (u32, u32) {
        self.passing.get(&entity).copied().unwrap_or_default()
    }

    /// Moves the complete messages to `to`, in no particular order.
    pub fn fetch(&mut self, to: &mut Vec<MessageRecord>) {
        to.append(&mut self.done);
    }

    /// Moves those to `to` that were not completed, at the end of a run.
    pub fn fetch_incomplete(&mut self, to: &mut Vec<MessageRecord>) {
        to.extend(std::mem::take(&mut self.open).into_values());
    }

    /// When the first of the messages ended that are not complete.
    #[must_use]
    pub fn first_incomplete(&self) -> Option<SimTime> {
        self.open.values().map(|record| record.ended).min()
    }

    /// Notes when a message was delivered or lost.
    #[inline(never)]
    pub(crate) fn end(&mut self, context: &Context, (ended, loss): (SimTime, Option<Loss>), sender: Sender<'_>) {
        let moves = Crowd::moves(context.terminal);
        let (delivered, lost) = match moves {
            true => self.passing.entry(context.terminal).or_default(),
            false => &mut self.counts[context.terminal as usize],
        };
        *(if loss.is_none() { delivered } else { lost }) += 1;
        if !self.describe {
            return;
        }
        let Sender { group, terminal, .. } = sender;
        let record = MessageRecord {
            group: group.number,
            terminal: terminal.index,
            report: context.report,
            cell: sender.cell,
            level: sender.covered.then_some(terminal.level),
            bytes: group.report_bytes(terminal, context.report),
            answered: group.traffic.is_answered(group.key_of(terminal), context.report),
            attempts: context.attempts_total,
            born: context.born,
            started: context.started,
            ended,
            loss,
            time: context.time,
            released: None,
            energy: None,
        };
        if sender.covered {
            self.open.insert(context.terminal, record);
        } else {
            self.done.push(record); // it never woke up, so it is not released either
        }
    }

    /// Notes that the terminal of a message is released now.
    pub(crate) fn release(&mut self, context: &Context) {
        if let Some(mut record) = self.open.remove(&context.terminal) {
            record.released = Some(context.clock);
            record.energy = Some(context.energy);
            self.done.push(record);
        }
    }
}
