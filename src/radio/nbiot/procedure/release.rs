//! Inactivity, RRCConnectionRelease, and what happens after losses.

use super::{Writer, bytes, tails};
use crate::cause::{Cause, Errand, Loss};
use crate::radio::nbiot::link::DATA_DOWN;
use crate::radio::plan::{Amount, Op, Transfer};
use crate::traffic::dialogue::Toward;

impl Writer<'_> {
    /// From the last data to idle mode.
    pub(super) fn release(&mut self) {
        let (at, monitoring) = (self.at(), self.monitoring());
        let (release, release_again, released, idle) = (self.b.label(), self.b.label(), self.b.label(), at.over);
        self.b.place(at.link_lost);
        self.await_copy();
        self.b.doing("radio-link failure", "TS 36.331 5.3.11.3");
        self.b.op(Op::Lose(Loss::Radio));
        self.b.place(at.release);
        if !self.is_released_at_once() {
            self.b.doing("inactivity timer, connected DRX", "TS 36.321 5.7");
            let (span, spend) = (self.config.inactivity, tails::inactive(self.config, self.terms));
            self.b.op(Op::Linger { span, spend, interrupted: self.tails.connected });
        }
        self.b.doing("RRCConnectionRelease-NB", "TS 36.331 5.3.8");
        let status = if self.is_released_at_once() { self.status_beside() } else { 0 };
        self.b.op(Op::Load(Amount::Fixed(bytes::RELEASE + status)));
        self.b.place(release);
        // A terminal that misses the release goes to idle by itself in the end; the rest of its wait is left out.
        let transfer = self.signalling(DATA_DOWN, release, release_again, idle);
        self.b.op(Op::Downlink(transfer.clone()));
        self.b.goto(released);
        self.b.place(release_again);
        self.b.op(Op::Downlink(Transfer { again: true, ..transfer }));
        self.b.place(released);
        self.status(Toward::Terminal);
        self.b.goto(idle);

        self.b.place(at.access_lost);
        self.await_copy();
        self.b.doing("given up", "TS 36.321 5.1.4");
        self.b.op(Op::Lose(Loss::Access));
        self.b.op(Op::Release(self.tails.released[self.level]));
        self.b.place(idle);
        self.b.doing("wait after the release", "TS 36.331 5.3.8.3");
        self.fly();
        self.b.hold(self.config.release_wait, Cause::Inactivity, monitoring);
        self.b.op(Op::Release(self.tails.released[self.level]));

        // In a connection the network reaches the terminal at once; a report asks for a grant.
        self.b.place(at.connected);
        self.b.op(Op::Switch(std::array::from_fn(|errand| match Errand::of(errand) {
            Errand::Command | Errand::Download => at.served,
            Errand::Report => at.request,
            _ => at.access,
        })));
    }
}
