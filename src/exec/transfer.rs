//! Blocks on the shared channels: the grant, the block, the acknowledgement, and what each is booked under.

use crate::cause::Cause;
use crate::exec::downlink::Grant;
use crate::exec::walk::{Flow, Walk};
use crate::power::Activity;
use crate::radio::channel::{BlockRow, Link};
use crate::radio::plan::Transfer;
use crate::units::{SimDuration, SimTime};

impl Walk<'_> {
    /// Receives a grant and a block of the downlink, and acknowledges it.
    pub fn downlink(&mut self, transfer: &Transfer) -> Flow {
        let channels = self.channels;
        let link = &channels.links[transfer.link];
        let row = link.tables[transfer.table].row_for(self.context.bytes);
        let grant = match self.grant(transfer, link) {
            Ok(grant) => grant,
            Err(missed) => return missed,
        };
        let from = grant.control_end + link.downlink_gap;
        let (start, end) = self.cell.take_block(channels, self.series, from, row.airtime_ms);
        let meter = &self.group.plan.meter;
        self.book(transfer, Cause::Scheduling, meter.waiting, start);
        self.book_air(transfer, row, meter.receiving, end.since(start));

        let acknowledgement = link.acknowledgement;
        let from = end + acknowledgement.gap;
        let slot = self.cell.take_tone(channels, self.series, link, from, acknowledgement.airtime_ms);
        self.book(transfer, Cause::Scheduling, meter.waiting, slot.start);
        let airtime = SimDuration::from_millis(u64::from(acknowledgement.airtime_ms));
        self.book(transfer, Cause::Acknowledgement, meter.transmitting, slot.start + airtime);
        self.book(transfer, Cause::Scheduling, meter.waiting, slot.end + acknowledgement.turnaround);
        self.outcome(transfer, link, row, self.terminal.downlink)
    }

    /// Receives a grant and sends a block of the uplink.
    pub fn uplink(&mut self, transfer: &Transfer) -> Flow {
        let channels = self.channels;
        let link = &channels.links[transfer.link];
        let row = link.tables[transfer.table].row_for(self.context.bytes);
        let grant = match self.grant(transfer, link) {
            Ok(grant) => grant,
            Err(missed) => return missed,
        };
        let earliest = grant.control_end + link.uplink_gap;
        let slot = self.cell.take_tone(channels, self.series, link, earliest, row.airtime_ms + row.gaps_ms);
        let meter = &self.group.plan.meter;
        self.book(transfer, Cause::Scheduling, meter.waiting, earliest.min(slot.start));
        self.book(transfer, Cause::Queueing, meter.waiting, slot.start);
        self.book_air(transfer, row, meter.transmitting, SimDuration::from_millis(u64::from(row.airtime_ms)));
        self.book(transfer, Cause::Scheduling, meter.waiting, slot.end + link.uplink_turnaround);
        self.outcome(transfer, link, row, self.terminal.uplink)
    }

    /// Waits for and receives a grant; `Err` says where to go if none came in time.
    fn grant(&mut self, transfer: &Transfer, link: &Link) -> Result<Grant, Flow> {
        let (now, clock) = (self.now, self.context.clock);
        let grant = self.cell.find_grant(self.channels, &link.dedicated, (now, clock));
        let meter = &self.group.plan.meter;
        let monitoring = meter.monitoring[transfer.link];
        if let Some(deadline) = &transfer.deadline
            && grant.control_end > clock + deadline.span
        {
            self.spend(Cause::Unanswered, monitoring, deadline.span);
            return Err(Flow::To(deadline.missed));
        }
        self.cell.take_grant(self.channels, self.series, &link.dedicated, &grant);
        self.book(transfer, Cause::ControlWait, meter.waiting, grant.candidate);
        self.book(transfer, Cause::Queueing, monitoring, grant.control_start);
        self.book(transfer, Cause::Control, meter.receiving, grant.control_end);
        Ok(grant)
    }

    /// Draws what became of a block.
    fn outcome(&mut self, transfer: &Transfer, link: &Link, row: &BlockRow, class: u8) -> Flow {
        let draw = self.block_draw();
        let transmission = u32::from(self.context.transmission);
        let no_grant = draw.second_chance(link.dedicated.loss[usize::from(self.terminal.downlink)]);
        if draw.chance(row.loss(class, transmission)) || no_grant {
            self.context.transmission += 1;
            if transmission + 1 < row.transmissions {
                return Flow::To(transfer.lost);
            }
            self.context.transmission = 0;
            return Flow::To(transfer.exhausted);
        }
        self.context.transmission = 0;
        self.context.bytes = self.context.bytes.saturating_sub(row.bytes);
        if self.context.bytes > 0 { Flow::To(transfer.more) } else { Flow::Next }
    }

    /// Books the time until `instant` under `cause`, or under HARQ if this is a retransmission.
    fn book(&mut self, transfer: &Transfer, cause: Cause, activity: Activity, instant: SimTime) {
        self.spend_until(if transfer.again { Cause::Harq } else { cause }, activity, instant);
    }

    /// Books the airtime of a block: its first repetition, and the others.
    fn book_air(&mut self, transfer: &Transfer, row: &BlockRow, activity: Activity, span: SimDuration) {
        let first = SimDuration(span.0 / u64::from(row.repetitions));
        let once = self.context.clock + first;
        let end = self.context.clock + span;
        self.book(transfer, transfer.air, activity, once);
        self.book(transfer, Cause::Repetition, activity, end);
    }
}
