//! Blocks on the shared channels: the grant, the block, the acknowledgement, and what each is booked under.

use crate::cause::Cause;
use crate::exec::cell::Path;
use crate::exec::downlink::Grant;
use crate::exec::uplink::Slot;
use crate::exec::walk::{Flow, Walk};
use crate::power::Activity;
use crate::radio::adaptation::Fate;
use crate::radio::channel::{Acknowledgement, BlockRow, BlockTable, Link, LinkClass, Resource, Way};
use crate::radio::plan::Transfer;
use crate::rng::Draw;
use crate::units::{Db, SimDuration, SimTime};

/// Grants for one block that a terminal may miss before the network gives the block up.
const MISSED_GRANTS_MAX: u8 = 16;

/// A grant and the block it is for.
pub(super) struct Granted<'a> {
    pub(super) link: &'a Link,
    table: &'a BlockTable,
    row: &'a BlockRow,
    /// When the grant ends.
    pub(super) end: SimTime,
    /// Whether it came ahead of the block before.
    early: bool,
}

/// A grant that comes ahead of the current block.
#[derive(Clone, Copy)]
struct NextGrant {
    grant: Grant,
    /// When the current block can begin.
    begin: SimTime,
}

impl<'a> Walk<'a> {
    /// Receives a grant and a block of the downlink, and acknowledges it.
    pub fn downlink(&mut self, transfer: &Transfer) -> Flow {
        let granted = match self.grant(transfer) {
            Ok(granted) => granted,
            Err(too_late) => return too_late,
        };
        let draw = self.block_draw();
        let missed = self.misses_grant(granted.link, draw);
        let next = if missed { None } else { self.grant_ahead(transfer, &granted, Way::Down) };
        let Granted { link, table, row, .. } = granted;
        let from = self.earliest(granted.end + link.downlink_gap, next);
        let (start, end_of_block) = self.cell.take_block(self.path(link), self.series, from, row.airtime_ms);
        let acknowledgements = self.acknowledgements(link, end_of_block, next.is_some());
        let ready = acknowledgements[1].map_or(end_of_block, |(_, slot)| slot.end + link.acknowledgement.turnaround);
        if missed {
            return self.miss_grant(transfer, ready);
        }
        let meter = &self.group.plan.meter;
        self.receive_grants(transfer, &granted, next);
        self.book(transfer, Cause::Scheduling, meter.waiting, from.min(start));
        self.book(transfer, Cause::Queueing, meter.waiting, start);
        let silence = self.path(link).downlink().silence(start, end_of_block);
        self.book_air(transfer, row, (meter.receiving, Resource::Down), end_of_block.since(start) - silence);
        if silence > SimDuration::ZERO {
            self.book(transfer, Cause::Scheduling, meter.waiting, end_of_block);
        }
        for (asked, slot) in acknowledgements.into_iter().flatten() {
            self.acknowledge(transfer, link, asked, slot);
        }
        self.book(transfer, Cause::Scheduling, meter.waiting, ready);
        self.outcome(transfer, row, self.class(table), draw)
    }

    /// Takes tones for the acknowledgement of the block before, if that still lacks it, and for that of the block that ends
    /// at `end`: each with the instant from which on it is asked for. Neither if the next block follows at once.
    fn acknowledgements(&mut self, link: &'a Link, end: SimTime, followed: bool) -> [Option<(SimTime, Slot)>; 2] {
        let Acknowledgement { gap, airtime_ms, turnaround, .. } = link.acknowledgement;
        let due = end + gap;
        if followed {
            self.context.unacknowledged = Some(due);
            return [None, None];
        }
        let path = self.path(link);
        let mut take = |from| (from, self.cell.take_tone(path, self.series, from, airtime_ms));
        let before = self.context.unacknowledged.take().map(|due| take(due.max(end + turnaround)));
        let asked = before.map_or(due, |(_, slot)| due.max(slot.end));
        [before, Some(take(asked))]
    }

    fn acknowledge(&mut self, transfer: &Transfer, link: &Link, asked: SimTime, slot: Slot) {
        let meter = &self.group.plan.meter;
        self.book(transfer, Cause::Scheduling, meter.waiting, asked.min(slot.start));
        self.book(transfer, Cause::Queueing, meter.waiting, slot.start);
        let airtime = SimDuration::from_millis(u64::from(link.acknowledgement.airtime_ms));
        let transmitting = meter.transmitting.at(self.backoff(link.acknowledgement.power, Db(0.0)));
        self.using = Resource::Acknowledgement;
        self.book(transfer, Cause::Acknowledgement, transmitting, slot.start + airtime);
    }

    /// Receives a grant and sends a block of the uplink.
    pub fn uplink(&mut self, transfer: &Transfer) -> Flow {
        let granted = match self.grant(transfer) {
            Ok(granted) => granted,
            Err(too_late) => return too_late,
        };
        let draw = self.block_draw();
        let missed = self.misses_grant(granted.link, draw);
        let next = if missed { None } else { self.grant_ahead(transfer, &granted, Way::Up) };
        let Granted { link, table, row, .. } = granted;
        let earliest = self.earliest(granted.end + link.uplink_gap, next);
        let length_ms = row.airtime_ms + row.gaps_ms;
        let slot = self.cell.take_uplink(self.path(link), self.series, table, earliest, length_ms);
        let ready = if next.is_some() { slot.end } else { slot.end + link.uplink_turnaround };
        if missed {
            return self.miss_grant(transfer, ready);
        }
        let meter = &self.group.plan.meter;
        let backoff = self.backoff(table.power, Db(0.0));
        let transmitting = meter.transmitting.at(backoff);
        self.receive_grants(transfer, &granted, next);
        self.book(transfer, Cause::Scheduling, meter.waiting, earliest.min(slot.start));
        self.book(transfer, Cause::Queueing, meter.waiting, slot.start);
        self.book_air(transfer, row, (transmitting, Resource::Up), row.airtime());
        self.book(transfer, Cause::Scheduling, meter.waiting, ready);
        self.outcome(transfer, row, self.class(table), draw)
    }

    /// Books the grant of the next block ahead of the block of `granted`, if the terminal has a second HARQ process, there
    /// will be such a block, and the grant can come in time. Blocks go in pairs: the second does without.
    fn grant_ahead(&mut self, transfer: &Transfer, granted: &Granted<'a>, way: Way) -> Option<NextGrant> {
        let Granted { link, row, end, early, .. } = *granted;
        let ahead = link.ahead(way)?;
        // What has to be answered in time comes before the second process is set up.
        if early || transfer.in_time.is_some() || self.context.bytes <= row.bytes || row.airtime_ms > ahead.longest_ms {
            return None;
        }
        let path = self.path(link);
        let grant = self.cell.find_grant(path, &link.dedicated, (self.now, end));
        let begin = grant.control_end + ahead.guard;
        if begin > end + ahead.within {
            return None;
        }
        self.cell.take_grant(path, self.series, &link.dedicated, &grant);
        self.context.ahead = Some(grant.control_end);
        Some(NextGrant { grant, begin })
    }

    /// When a block can begin whose own grant lets it begin at `begin`.
    fn earliest(&self, begin: SimTime, next: Option<NextGrant>) -> SimTime {
        begin.max(next.map_or(self.context.clock, |next| next.begin))
    }

    /// Receives the grant of a block, if it has not come before, and that of the next if it comes now.
    fn receive_grants(&mut self, transfer: &Transfer, granted: &Granted<'a>, next: Option<NextGrant>) {
        let cause = transfer.cause(Cause::Control);
        if !granted.early {
            self.using = Resource::Grant;
            self.receive_until(cause, granted.link, granted.end);
        }
        if let Some(NextGrant { grant, .. }) = next {
            let meter = &self.group.plan.meter;
            self.book(transfer, Cause::Scheduling, meter.waiting, grant.candidate);
            self.book(transfer, Cause::Queueing, meter.monitoring[transfer.link], grant.control_start);
            self.using = Resource::Grant;
            self.receive_until(cause, granted.link, grant.control_end);
        }
    }

    /// Waits for a grant; `Err` says where to go if none comes in time. Its reception is not booked yet.
    pub(super) fn grant(&mut self, transfer: &Transfer) -> Result<Granted<'a>, Flow> {
        let channels = self.channels;
        let link = &channels.links[transfer.link];
        if let Some(end) = self.context.ahead.take() {
            let table = self.table(transfer);
            return Ok(Granted { link, table, row: self.row(transfer, table), end, early: true });
        }
        let (now, clock) = (self.now, self.context.clock);
        let grant = self.cell.find_grant(self.path(link), &link.dedicated, (now, clock));
        let monitoring = self.group.plan.meter.monitoring[transfer.link];
        if let Some(too_late) = transfer.in_time
            && grant.control_end > self.context.timer
        {
            self.spend_until(Cause::Unanswered, monitoring, self.context.timer);
            return Err(Flow::To(too_late));
        }
        self.cell.take_grant(self.path(link), self.series, &link.dedicated, &grant);
        self.book(transfer, Cause::ControlWait, self.group.plan.meter.waiting, grant.candidate);
        self.book(transfer, Cause::Queueing, monitoring, grant.control_start);
        let table = self.table(transfer);
        Ok(Granted { link, table, row: self.row(transfer, table), end: grant.control_end, early: false })
    }

    /// The block of this table that the cell grants for what is left.
    fn row(&self, transfer: &Transfer, table: &'a BlockTable) -> &'a BlockRow {
        let bytes = self.context.bytes;
        if transfer.reported { table.row_reported(bytes) } else { table.row_for(bytes) }
    }

    /// The table by which the current block is sent: that of the transfer or, if the cell trusts the terminal with it, a
    /// faster one. All transmissions of a block go the same way.
    fn table(&mut self, transfer: &Transfer) -> &'a BlockTable {
        let channels = self.channels;
        let link = &channels.links[transfer.link];
        let edge = &link.tables[transfer.table];
        if edge.faster.is_empty() {
            return edge;
        }
        if self.context.transmission == 0 {
            let loss = |table: usize| {
                let table = &link.tables[table];
                self.row(transfer, table).loss(self.class(table), 0).value()
            };
            let settled = |share: f64| edge.faster.clone().take_while(|table| loss(*table) <= share).count();
            let mut history = self.terminal.history[edge.way as usize];
            let step = channels.adaptation.step(&mut history, transfer.link, edge.faster.len(), settled);
            self.terminal.history[edge.way as usize] = history;
            self.context.step = step as u8;
        }
        link.faster(transfer.table, usize::from(self.context.step))
    }

    /// Tells link adaptation what became of a block.
    fn learn(&mut self, transfer: &Transfer, fate: Fate) {
        let edge = &self.channels.links[transfer.link].tables[transfer.table];
        if !edge.faster.is_empty() {
            let history = &mut self.terminal.history[edge.way as usize];
            self.channels.adaptation.learn(history, edge.faster.len(), fate);
        }
    }

    /// How well blocks of a table are heard, with the power with which they are sent.
    pub(super) fn class(&self, table: &BlockTable) -> LinkClass {
        match table.way {
            Way::Up => self.context.uplink.worse_by(self.backoff(table.power, Db(0.0)).as_db()),
            Way::Down => self.context.downlink,
        }
    }

    /// Where the terminal's blocks are booked.
    pub(super) fn path(&self, link: &'a Link) -> Path<'a> {
        Path { channels: self.channels, carrier: usize::from(self.context.carrier), link }
    }

    pub(super) fn misses_grant(&self, link: &Link, draw: Draw) -> bool {
        draw.second_chance(link.dedicated.loss[self.context.downlink.index()])
    }

    /// The terminal misses its grant: nothing is sent or received, and the network learns it when the block should have
    /// ended. Nothing was transmitted, so HARQ stays where it is.
    fn miss_grant(&mut self, transfer: &Transfer, ready: SimTime) -> Flow {
        let monitoring = self.group.plan.meter.monitoring[transfer.link];
        self.spend_until(Cause::Harq, monitoring, ready);
        self.context.missed_grants += 1;
        if self.context.missed_grants < MISSED_GRANTS_MAX {
            return Flow::To(transfer.lost);
        }
        self.context.give_up_block();
        Flow::To(transfer.exhausted)
    }

    /// Decides what became of a block.
    pub(super) fn outcome(&mut self, transfer: &Transfer, row: &BlockRow, class: LinkClass, draw: Draw) -> Flow {
        let transmission = u32::from(self.context.transmission);
        let lost = draw.chance(row.loss(class, transmission));
        if transmission == 0 {
            self.learn(transfer, if lost { Fate::Lost } else { Fate::Arrived });
        }
        if lost {
            self.context.transmission += 1;
            if transmission + 1 < row.transmissions {
                return Flow::To(transfer.lost);
            }
            self.learn(transfer, Fate::GivenUp);
            self.context.give_up_block();
            return Flow::To(transfer.exhausted);
        }
        self.context.start_block();
        self.context.bytes = self.context.bytes.saturating_sub(row.bytes);
        Flow::next_if(self.context.bytes == 0, transfer.more)
    }

    /// Books the time until `instant` under the transfer's name for `cause`.
    pub(super) fn book(&mut self, transfer: &Transfer, cause: Cause, activity: Activity, instant: SimTime) {
        self.spend_until(transfer.cause(cause), activity, instant);
    }

    /// Books reception until `instant`, and as much waiting in it as there are gaps.
    pub fn receive_until(&mut self, cause: Cause, link: &'a Link, instant: SimTime) {
        let meter = &self.group.plan.meter;
        let silence = self.path(link).silence(self.context.clock, instant);
        self.spend(cause, meter.receiving, instant.since(self.context.clock) - silence);
        if silence > SimDuration::ZERO {
            self.spend_until(cause, meter.waiting, instant);
        }
    }

    /// Books the airtime of a block: its first repetition, and the others.
    pub(super) fn book_air(
        &mut self,
        transfer: &Transfer,
        row: &BlockRow,
        (activity, using): (Activity, Resource),
        span: SimDuration,
    ) {
        let first = SimDuration(span.0 / u64::from(row.repetitions));
        let once = self.context.clock + first;
        let end = self.context.clock + span;
        self.using = using;
        self.book(transfer, transfer.air, activity, once);
        self.using = using;
        self.book(transfer, Cause::Repetition, activity, end);
    }
}
