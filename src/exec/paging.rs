//! Calling a terminal: the page in its own cell, and the same page in the other cells of the tracking area.

use crate::cause::Cause;
use crate::exec::cell::Path;
use crate::exec::walk::{Flow, Walk};
use crate::radio::channel::Resource;
use crate::radio::plan::Label;
use crate::rng::Purpose;
use crate::units::SimDuration;

impl Walk<'_> {
    /// Sends the page and receives it; goes to `missed` if the terminal does not understand it.
    ///
    /// Other cells send it too, and this cell sends the pages for terminals of others. Instead of crossing from cell to
    /// cell, the copies are sent here, within the next paging cycle: where all cells are alike the load is the same.
    pub(super) fn page(&mut self, link: usize, missed: Label) -> Flow {
        let (channels, paging) = (self.channels, self.channels.paging);
        let level = if paging.deepest { channels.links.len() - 1 } else { link };
        let link = &channels.links[level];
        let row = link.tables[paging.table].row_for(paging.bytes);
        let anchor = Path::anchor(channels, link);
        let (now, clock) = (self.now, self.context.clock);
        let mut send = |from| {
            let grant = self.cell.find_grant(anchor, &link.common, (now, from));
            self.cell.take_grant(anchor, self.series, &link.common, &grant);
            let from = grant.control_end + link.downlink_gap;
            (grant, self.cell.take_block(anchor, self.series, from, row.airtime_ms))
        };
        for copy in 1..paging.cells {
            let draw = self.context.key.draw(Purpose::PagingCopy, u64::from(copy));
            send(clock + SimDuration(draw.below(paging.cycle.0.max(1))));
        }
        let (grant, (start, end)) = send(clock);
        let meter = &self.group.plan.meter;
        self.spend_until(Cause::ControlWait, meter.waiting, grant.candidate);
        self.spend_until(Cause::Queueing, meter.monitoring[level], grant.control_start);
        self.using = Resource::Grant;
        self.spend_until(Cause::Control, meter.receiving, grant.control_end);
        self.spend_until(Cause::Scheduling, meter.waiting, start);
        self.using = Resource::Down;
        self.spend_until(Cause::Signalling, meter.receiving, end);
        let (draw, class) = (self.block_draw(), self.context.downlink);
        let heard = !draw.chance(row.loss(class, 0)) && !draw.second_chance(link.common.loss[class.index()]);
        Flow::next_if(heard, missed)
    }
}
