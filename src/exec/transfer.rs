//! Blocks on the shared channels: the grant, the block, the acknowledgement, and what each is booked under.

use crate::cause::Cause;
use crate::exec::booking::Spell;
use crate::exec::cell::Path;
use crate::exec::downlink::Grant;
use crate::exec::uplink::Slot;
use crate::exec::walk::{Flow, Walk};
use crate::power::Activity;
use crate::radio::adaptation::Fate;
use crate::radio::channel::{Acknowledgement, BlockRow, BlockTable, Link, LinkClass, Resource, Way};
use crate::radio::plan::{Meter, Transfer};
use crate::rng::Draw;
use crate::units::{Db, SimDuration, SimTime};

/// Grants for one block that a terminal may miss before the network gives the block up.
const MISSED_GRANTS_MAX: u8 = 16;

/// A grant and the block it is for.
pub(super) struct Granted<'a> {
    pub(super) link: &'a Link,
    table: &'a BlockTable,
    row: &'a BlockRow,
    pub(super) grant: Grant,
    /// Whether it came, and was received, ahead of the block before.
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
        let from = self.earliest(granted.grant.control_end + link.downlink_gap, next);
        let (start, end_of_block) = self.cell.take_block(self.path(link), self.series, from, row.airtime_ms);
        let acknowledgements = match transfer.acknowledged {
            true => self.acknowledgements(link, end_of_block, next.is_some()),
            false => [None, None],
        };
        let ready = acknowledgements[1].map_or(end_of_block, |(_, slot)| slot.end + link.acknowledgement.turnaround);
        if missed {
            return self.miss_grant(transfer, &granted, ready);
        }
        self.receive_grants(transfer, &granted, next);
        let Meter { waiting, receiving, .. } = self.group.plan.meter;
        let airtime = self.without_pauses(link, start, end_of_block).since(start);
        let [first, further] = air(causes(transfer), row, (receiving, Resource::Down), start, airtime);
        self.book(&[
            Spell::new(from.min(start), transfer.cause(Cause::Scheduling), waiting),
            Spell::new(start, transfer.cause(Cause::Queueing), waiting),
            first,
            further,
            Spell::new(end_of_block, transfer.cause(Cause::Scheduling), waiting),
        ]);
        if let Some((asked, slot)) = acknowledgements[0] {
            self.acknowledge(transfer, link, (asked, slot), slot.start);
        }
        if let Some(own) = acknowledgements[1] {
            self.acknowledge(transfer, link, own, ready);
        }
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

    /// Acknowledges a block, and waits until `ready`.
    fn acknowledge(&mut self, transfer: &Transfer, link: &Link, (asked, slot): (SimTime, Slot), ready: SimTime) {
        self.stay_informed(slot.start);
        let meter = &self.group.plan.meter;
        let airtime = SimDuration::from_millis(u64::from(link.acknowledgement.airtime_ms));
        let transmitting = meter.transmitting.at(self.backoff(link.acknowledgement.power, Db(0.0)));
        let waiting = meter.waiting;
        let own = transfer.cause(Cause::Acknowledgement);
        let (due, flown) = (asked.min(slot.start), self.context.clock + link.propagation);
        self.book(&[
            Spell::new(flown.min(due), transfer.cause(Cause::Propagation), waiting),
            Spell::new(due, transfer.cause(Cause::Scheduling), waiting),
            Spell::new(slot.start, transfer.cause(Cause::Queueing), waiting),
            Spell::new(slot.start + airtime, own, transmitting).using(Resource::Acknowledgement),
            Spell::new(ready, transfer.cause(Cause::Scheduling), waiting),
        ]);
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
        let earliest = self.earliest(granted.grant.control_end + link.uplink_gap, next);
        let length_ms = row.airtime_ms + row.gaps_ms;
        let slot = self.cell.take_uplink(self.path(link), self.series, table, earliest, length_ms);
        let ready = if next.is_some() { slot.end } else { slot.end + link.uplink_turnaround };
        if missed {
            return self.miss_grant(transfer, &granted, ready);
        }
        self.receive_grants(transfer, &granted, next);
        self.send(transfer, table, row, (earliest, slot, ready));
        self.outcome(transfer, row, self.class(table), draw)
    }

    /// Sends a block that could have begun at `earliest` and has this slot, and waits until `ready`.
    pub(super) fn send(
        &mut self,
        transfer: &Transfer,
        table: &BlockTable,
        row: &BlockRow,
        (earliest, slot, ready): (SimTime, Slot, SimTime),
    ) {
        self.stay_informed(slot.start);
        let meter = &self.group.plan.meter;
        let (waiting, transmitting) = (meter.waiting, meter.transmitting.at(self.backoff(table.power, Db(0.0))));
        let [first, further] = air(causes(transfer), row, (transmitting, Resource::Up), slot.start, row.airtime());
        let (due, flown) =
            (earliest.min(slot.start), self.context.clock + self.channels.links[transfer.link].propagation);
        self.book(&[
            Spell::new(flown.min(due), transfer.cause(Cause::Propagation), waiting),
            Spell::new(due, transfer.cause(Cause::Scheduling), waiting),
            Spell::new(slot.start, transfer.cause(Cause::Queueing), waiting),
            first,
            further,
            Spell::new(ready, transfer.cause(Cause::Scheduling), waiting),
        ]);
    }

    /// Books the grant of the next block ahead of the block of `granted`, if the terminal has a second HARQ process, there
    /// will be such a block, and the grant can come in time. Blocks go in pairs: the second does without.
    fn grant_ahead(&mut self, transfer: &Transfer, granted: &Granted<'a>, way: Way) -> Option<NextGrant> {
        let Granted { link, row, grant: Grant { control_end: end, .. }, early, .. } = *granted;
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
        if !granted.early {
            self.receive_grant(transfer, granted.link, &granted.grant, Cause::ControlWait);
        }
        if let Some(NextGrant { grant, .. }) = next {
            self.receive_grant(transfer, granted.link, &grant, Cause::Scheduling);
        }
    }

    /// Waits for a grant and receives it; `wait` is what it waits for until the first search space.
    pub(super) fn receive_grant(&mut self, transfer: &Transfer, link: &Link, grant: &Grant, wait: Cause) {
        let Meter { waiting, receiving, ref monitoring, .. } = self.group.plan.meter;
        let control = transfer.cause(Cause::Control);
        let received = self.without_pauses(link, grant.control_start, grant.control_end);
        self.book(&[
            Spell::new(grant.candidate, transfer.cause(wait), waiting),
            Spell::new(grant.control_start, transfer.cause(Cause::Queueing), monitoring[transfer.link]),
            Spell::new(received, control, receiving).using(Resource::Grant),
            Spell::new(grant.control_end, control, waiting),
        ]);
    }

    /// Waits for a grant up to where it begins, and does not understand it.
    pub(super) fn overhear(&mut self, transfer: &Transfer, grant: &Grant) {
        let meter = &self.group.plan.meter;
        self.book(&[
            Spell::new(grant.candidate, transfer.cause(Cause::ControlWait), meter.waiting),
            Spell::new(grant.control_start, transfer.cause(Cause::Queueing), meter.monitoring[transfer.link]),
        ]);
    }

    /// Waits for a grant; `Err` says where to go if none comes in time. Nothing of it is booked yet.
    pub(super) fn grant(&mut self, transfer: &Transfer) -> Result<Granted<'a>, Flow> {
        let channels = self.channels;
        let link = &channels.links[transfer.link];
        if let Some(end) = self.context.ahead.take() {
            let (table, grant) = (self.table(transfer), Grant::received(end));
            return Ok(Granted { link, table, row: self.row(transfer, table), grant, early: true });
        }
        let (now, clock, path) = (self.now, self.context.clock, self.path(link));
        let grant = self.cell.find_grant(path, &link.dedicated, (now, clock));
        if let Some(too_late) = transfer.in_time
            && grant.control_end > self.context.timer
        {
            let monitoring = self.group.plan.meter.monitoring[transfer.link];
            self.spend_until(Cause::Unanswered, monitoring, self.context.timer);
            return Err(Flow::To(too_late));
        }
        self.cell.take_grant(path, self.series, &link.dedicated, &grant);
        let table = self.table(transfer);
        Ok(Granted { link, table, row: self.row(transfer, table), grant, early: false })
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
        Path::new(self.channels, usize::from(self.context.carrier), link)
    }

    pub(super) fn misses_grant(&self, link: &Link, draw: Draw) -> bool {
        draw.second_chance(link.dedicated.loss[self.context.downlink.index()])
    }

    /// The terminal misses its grant: nothing is sent or received, and the network learns it when the block should have
    /// ended. Nothing was transmitted, so HARQ stays where it is.
    fn miss_grant(&mut self, transfer: &Transfer, granted: &Granted<'a>, ready: SimTime) -> Flow {
        if !granted.early {
            self.overhear(transfer, &granted.grant);
        }
        self.spend_until(Cause::Harq, self.group.plan.meter.monitoring[transfer.link], ready);
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
            if transfer.acknowledged && transmission + 1 < row.transmissions {
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

    /// When a transmission in the downlink from `start` to `end` would have been over without pauses. Reception is booked up
    /// to there, and the pauses in one piece behind it.
    pub(super) fn without_pauses(&self, link: &Link, start: SimTime, end: SimTime) -> SimTime {
        if !link.gaps {
            return end;
        }
        start + (end.since(start) - self.path(link).downlink().silence(start, end))
    }
}

/// What the airtime of a transfer's blocks is booked under: their first repetition, and the others.
fn causes(transfer: &Transfer) -> [Cause; 2] {
    [transfer.air, Cause::Repetition].map(|cause| transfer.cause(cause))
}

/// The airtime of a block that begins at `start`: its first repetition, and the others, each under its cause.
pub(super) fn air(
    [once, again]: [Cause; 2],
    row: &BlockRow,
    (activity, using): (Activity, Resource),
    start: SimTime,
    airtime: SimDuration,
) -> [Spell; 2] {
    let first = SimDuration(airtime.0 / u64::from(row.repetitions));
    [Spell::new(start + first, once, activity).using(using), Spell::new(start + airtime, again, activity).using(using)]
}
