//! Blocks without a grant, in resources that were reserved long ago, and grants without a block.

use crate::cause::Cause;
use crate::exec::transfer::Granted;
use crate::exec::walk::{Flow, Walk};
use crate::radio::plan::Transfer;

impl Walk<'_> {
    /// Sends a block at once. A tone that is still busy delays it, where a base station would have kept the tone free.
    pub(super) fn reserved(&mut self, transfer: &Transfer) -> Flow {
        let link = &self.channels.links[transfer.link];
        let table = &link.tables[transfer.table];
        let row = table.row_for(self.context.bytes);
        let length_ms = row.airtime_ms + row.gaps_ms;
        let slot = self.cell.take_uplink(self.path(link), self.series, table, self.context.clock, length_ms);
        let draw = self.block_draw();
        let clock = self.context.clock;
        self.send(transfer, table, row, (clock, slot, slot.end + link.uplink_turnaround));
        self.outcome(transfer, row, self.class(table), draw)
    }

    /// Receives a grant that has no block. A terminal that misses it listens until its timer runs out.
    pub(super) fn notice(&mut self, transfer: &Transfer) -> Flow {
        let Granted { link, grant, .. } = match self.grant(transfer) {
            Ok(granted) => granted,
            Err(too_late) => return too_late,
        };
        let draw = self.block_draw();
        if self.misses_grant(link, draw) {
            self.overhear(transfer, &grant);
            let monitoring = self.group.plan.meter.monitoring[transfer.link];
            self.spend_until(Cause::Unanswered, monitoring, self.context.timer.max(grant.control_end));
            return Flow::To(transfer.lost);
        }
        self.receive_grant(transfer, link, &grant, Cause::ControlWait);
        Flow::Next
    }
}
