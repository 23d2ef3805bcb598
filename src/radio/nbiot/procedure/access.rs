//! Random access with its retries, Msg3 and Msg4.

use super::{Writer, bytes};
use crate::cause::{Cause, Errand};
use crate::radio::nbiot::link::{self, DATA_DOWN, MSG3};
use crate::radio::plan::{Amount, Op, Spend, Transfer};
use crate::rng::Purpose;

impl Writer<'_> {
    /// Random access (TS 36.321 clause 5.1), Msg3 and Msg4.
    ///
    /// The contention-resolution timer starts with each transmission of Msg3 and not with those of Msg4 (clause 5.1.5).
    pub(super) fn access(&mut self) {
        let at = self.at();
        let b = &mut *self.b;
        let (failed, msg3_again, msg4, msg4_again) = (b.label(), b.label(), b.label(), b.label());
        let timer = link::contention_timer(&self.config.levels[self.level]);
        // What Msg4 is: the connection resumed, or set up for a terminal that registers.
        let msg4_bytes = Amount::OfErrand(std::array::from_fn(|errand| match Errand::of(errand) {
            Errand::Attach => bytes::SETUP,
            _ => bytes::RESUME,
        }));
        b.place(at.access);
        b.doing("random access: preamble, response, Msg3", "TS 36.321 5.1, TS 36.331 5.3.3");
        b.op(Op::Load(Amount::Fixed(bytes::MSG3)));
        b.op(Op::Access { channel: self.level, block_lost: msg3_again, failed });
        b.doing("Msg4: RRCConnectionResume or RRCConnectionSetup", "TS 36.331 5.3.3.4, 5.3.3.4a");
        b.op(Op::StartTimer(timer));
        b.op(Op::Load(msg4_bytes));
        b.place(msg4);
        let transfer = self.signalling(DATA_DOWN, msg4, msg4_again, failed);
        let transfer = Transfer { in_time: Some(failed), ..transfer };
        let b = &mut *self.b;
        b.op(Op::Downlink(transfer.clone()));
        b.goto(at.established);
        b.place(msg4_again);
        b.op(Op::Downlink(Transfer { again: true, ..transfer }));
        b.goto(at.established);

        b.place(msg3_again);
        b.doing("Msg3 again", "TS 36.321 5.4.2");
        b.op(Op::StartTimer(timer));
        let transfer = self.signalling(MSG3, failed, msg3_again, failed);
        let b = &mut *self.b;
        b.op(Op::Uplink(Transfer { again: true, in_time: Some(failed), ..transfer }));
        b.op(Op::StartTimer(timer));
        b.op(Op::Load(msg4_bytes));
        b.goto(msg4);

        b.place(failed);
        self.retry();
    }

    /// The next attempt after a failed one, at this level or the next.
    fn retry(&mut self) {
        let at = self.at();
        let (retry, escalate) = (self.b.label(), self.b.label());
        let deeper = self.places.get(self.level + 1).map_or(retry, |_| escalate);
        let attempts = self.config.levels[self.level].nprach.attempts;
        self.b.doing("backoff", "TS 36.321 5.1.4");
        self.b.op(Op::Retry { attempts, total: self.config.preamble_trans_max, again: retry, escalate: deeper });
        self.b.goto(at.access_lost);
        for (label, target) in [(retry, Some(&at)), (escalate, self.places.get(self.level + 1))] {
            self.b.place(label);
            let spend = Spend { cause: Cause::Backoff, activity: self.terms.device.idling() };
            self.b.op(Op::Draw { max: self.config.backoff, purpose: Purpose::Backoff, spend });
            self.b.goto(target.unwrap_or(&at).access);
        }
    }
}
