//! Blocks whose transmissions need no grants: each that is lost is repeated a fixed time later.

use crate::cause::Cause;
use crate::exec::booking::Spell;
use crate::exec::walk::{Flow, Walk};
use crate::radio::channel::{Resource, Way};
use crate::radio::plan::Harq;
use crate::units::{Db, SimDuration};

impl Walk<'_> {
    /// Sends or receives a block, from the transmission on that comes next.
    pub(super) fn harq(&mut self, harq: &Harq) -> Flow {
        let table = &self.channels.links[harq.link].tables[harq.table];
        let (row, class) = (table.row_for(self.context.bytes), self.class(table));
        let meter = &self.group.plan.meter;
        let monitoring = meter.monitoring[harq.link];
        let (using, active, between) = match table.way {
            Way::Up => (Resource::Up, meter.transmitting.at(self.backoff(table.power, Db(0.0))), meter.waiting),
            Way::Down => (Resource::Down, meter.receiving, monitoring),
        };
        let airtime = row.airtime();
        for transmission in u32::from(self.context.transmission)..row.transmissions {
            let again = transmission > 0;
            let pause = if again { harq.round_trip - airtime } else { SimDuration::ZERO };
            if harq.in_time && self.context.clock + pause + airtime > self.context.timer {
                break;
            }
            if again {
                self.spend(Cause::Harq, between, pause);
            }
            let cause = if again { Cause::Harq } else { harq.air };
            self.book(&[Spell::new(self.context.clock + airtime, cause, active).using(using)]);
            if !self.block_draw().chance(row.loss(class, transmission)) {
                self.context.start_block();
                return Flow::Next;
            }
        }
        self.context.start_block();
        if harq.in_time {
            self.spend_until(Cause::Unanswered, monitoring, self.context.timer);
        }
        Flow::To(harq.failed)
    }
}
