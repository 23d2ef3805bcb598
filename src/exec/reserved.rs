//! Blocks without a grant, in resources that were reserved long ago, and grants without a block.

use crate::cause::Cause;
use crate::exec::transfer::Granted;
use crate::exec::walk::{Flow, Walk};
use crate::radio::channel::Resource;
use crate::radio::plan::Transfer;
use crate::units::Db;

impl Walk<'_> {
    /// Sends a block at once. A tone that is still busy delays it, where a base station would have kept the tone free.
    pub(super) fn reserved(&mut self, transfer: &Transfer) -> Flow {
        let link = &self.channels.links[transfer.link];
        let table = &link.tables[transfer.table];
        let row = table.row_for(self.context.bytes);
        let length_ms = row.airtime_ms + row.gaps_ms;
        let slot = self.cell.take_uplink(self.path(link), self.series, table, self.context.clock, length_ms);
        let draw = self.block_draw();
        let meter = &self.group.plan.meter;
        self.book(transfer, Cause::Queueing, meter.waiting, slot.start);
        let transmitting = meter.transmitting.at(self.backoff(table.power, Db(0.0)));
        self.book_air(transfer, row, (transmitting, Resource::Up), row.airtime());
        self.book(transfer, Cause::Scheduling, meter.waiting, slot.end + link.uplink_turnaround);
        self.outcome(transfer, row, self.class(table), draw)
    }

    /// Receives a grant that has no block. A terminal that misses it listens until its timer runs out.
    pub(super) fn notice(&mut self, transfer: &Transfer) -> Flow {
        let Granted { link, end, .. } = match self.grant(transfer) {
            Ok(granted) => granted,
            Err(too_late) => return too_late,
        };
        let draw = self.block_draw();
        if self.misses_grant(link, draw) {
            let monitoring = self.group.plan.meter.monitoring[transfer.link];
            self.spend_until(Cause::Unanswered, monitoring, self.context.timer.max(end));
            return Flow::To(transfer.lost);
        }
        self.using = Resource::Grant;
        self.receive_until(transfer.cause(Cause::Control), link, end);
        Flow::Next
    }
}
