//! What the application's protocols do by the clock: copies of what is not acknowledged, sessions and paths that close.

use crate::cause::Errand;
use crate::exec::context::Fate;
use crate::exec::walk::{Flow, Walk};
use crate::radio::plan::{Asked, Label, Spend};
use crate::rng::{Draw, Purpose};
use crate::traffic::protocol::Timer;
use crate::units::{SimDuration, SimTime};

impl Walk<'_> {
    /// Goes on after a long silence. A terminal that has not spoken in the run counts as silent since its beginning.
    pub(super) fn if_silent(&self, longer_than: SimDuration, otherwise: Label) -> Flow {
        let silence = self.context.clock.since(self.terminal.released);
        Flow::next_if(silence > longer_than, otherwise)
    }

    /// Counts the copies that the application's timer has made since it was started.
    pub(super) fn copies(&mut self, timer: &Timer, what: Asked, otherwise: Label) -> Flow {
        let context = &*self.context;
        if what == Asked::Replies {
            return Flow::next_if(context.copies > 0, otherwise);
        }
        let waited = context.clock.since(context.asked);
        let copies = self.copies_by(timer, waited).saturating_sub(context.copies_lost);
        let context = &mut *self.context;
        context.sending = copies.saturating_sub(context.copies);
        context.copies = copies;
        if what != Asked::Handshake && context.message_counted && context.fate == Fate::Ended {
            self.ledger.repeat(u64::from(context.sending));
            if what == Asked::Acknowledged {
                self.ledger.acknowledge(waited);
            }
        }
        Flow::next_if(context.sending > 0, otherwise)
    }

    /// Waits for the application to make another copy of a report that has not arrived. Copies made before it went nowhere.
    pub(super) fn await_copy(&mut self, timer: &Timer, spend: &Spend, otherwise: Label) -> Flow {
        let context = &*self.context;
        if context.errand() != Errand::Report || context.fate != Fate::Open {
            return Flow::To(otherwise);
        }
        let waited = context.clock.since(context.asked);
        let Some(next) = timer.next_copy(self.timer_draw(), waited) else { return Flow::To(otherwise) };
        self.context.under = None;
        self.spend(spend.cause, spend.activity, next - waited);
        (self.context.copies_lost, self.context.copies) = (self.copies_by(timer, next), 0);
        if self.context.message_counted {
            self.ledger.repeat(1);
        }
        Flow::Next
    }

    fn timer_draw(&self) -> Draw {
        self.group.key_of(self.terminal).draw(Purpose::Timer, u64::from(self.context.report))
    }

    /// Copies that the application has made once it has waited so long.
    pub(super) fn copies_by(&self, timer: &Timer, waited: SimDuration) -> u8 {
        timer.copies_by(self.timer_draw(), waited).min(u32::from(u8::MAX)) as u8
    }

    /// When the server's next call of this kind is due; `None` while the way to the terminal is closed. A contact opens it
    /// unless only the network's mobility management has spoken.
    pub(super) fn call_within_reach(&self, errand: Errand) -> Option<SimTime> {
        let called = self.group.call_time(self.terminal, errand)?;
        let silence = self.context.clock.since(self.terminal.released);
        let closed = self.group.traffic.dialogue.reach.is_some_and(|reach| silence > reach);
        (!closed || self.context.main != Errand::TrackingAreaUpdate).then_some(called)
    }
}
