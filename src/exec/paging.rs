//! Calling a terminal: the page in its own cell, and the same page in the other cells of the tracking area.

use crate::cause::Cause;
use crate::exec::booking::Spell;
use crate::exec::cell::Path;
use crate::exec::walk::{Flow, Walk};
use crate::radio::channel::Resource;
use crate::radio::plan::{Label, Meter};
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
        let Meter { waiting, receiving, ref monitoring, .. } = self.group.plan.meter;
        self.book(&[
            Spell::new(grant.candidate, Cause::ControlWait, waiting),
            Spell::new(grant.control_start, Cause::Queueing, monitoring[level]),
            Spell::new(grant.control_end, Cause::Control, receiving).using(Resource::Grant),
            Spell::new(start, Cause::Scheduling, waiting),
            Spell::new(end, Cause::Signalling, receiving).using(Resource::Down),
        ]);
        let (draw, class) = (self.block_draw(), self.context.downlink);
        let heard = !draw.chance(row.loss(class, 0)) && !draw.second_chance(link.common.loss[class.index()]);
        Flow::next_if(heard, missed)
    }
}
