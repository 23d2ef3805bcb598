//! Access barring, random access with its retries, Msg3, Msg4 and what Msg4 can be.

use super::{Places, Writer, bytes};
use crate::cause::{Cause, Errand};
use crate::radio::check::Check;
use crate::radio::nbiot::admission::Connection;
use crate::radio::nbiot::link::{self, DATA_DOWN, MSG3};
use crate::radio::plan::{Amount, Label, Op, Spend, Transfer};
use crate::rng::{Probability, Purpose};
use crate::units::SimDuration;

impl Writer<'_> {
    /// From idle mode to Msg4.
    pub(super) fn access(&mut self) {
        let at = self.at();
        self.b.place(at.access);
        self.barring();
        self.reserved();
        self.b.place(at.attempt);
        self.early_data();
        self.b.doing("random access: preamble, response, Msg3", "TS 36.321 5.1, TS 36.331 5.3.3");
        self.b.op(Op::Load(Amount::Fixed(bytes::MSG3)));
        let failed = self.msg3(self.level, MSG3);
        self.b.place(at.resolved);
        self.resolve(failed);
        self.b.place(failed);
        self.retry(|places| places.attempt);
        self.request();
    }

    /// Who is called by the network is admitted (TS 36.331 clause 5.3.3.2); for all others their class must be.
    fn barring(&mut self) {
        let barring = self.config.admission.barring;
        let barred = barring.classes[self.level];
        if barred == 0 {
            return;
        }
        let (own, admitted) = (self.b.label(), self.b.label());
        self.b.op(Op::Switch(std::array::from_fn(|errand| match Errand::of(errand) {
            Errand::Command | Errand::Download => admitted,
            _ => own,
        })));
        self.b.place(own);
        self.b.doing("access barring", "TS 36.331 5.3.3.14");
        let spend = Spend { cause: Cause::Barred, activity: self.terms.device.idling() };
        self.b.op(Op::Admission { barred, rotation: barring.rotation, spend });
        self.b.place(admitted);
    }

    /// A preamble, its response and Msg3, whose bytes are loaded, until Msg3 has arrived (TS 36.321 clause 5.1). Returns where
    /// a failed attempt leads.
    pub(super) fn msg3(&mut self, channel: usize, table: usize) -> Label {
        let timer = link::contention_timer(&self.config.levels[self.level]);
        let (failed, again, arrived) = (self.b.label(), self.b.label(), self.b.label());
        self.b.op(Op::Access { channel, block_lost: again, failed });
        self.b.goto(arrived);
        self.b.place(again);
        self.b.doing("Msg3 again", "TS 36.321 5.4.2");
        self.b.op(Op::StartTimer(timer));
        let transfer = self.signalling(table, failed, again, failed);
        self.b.op(Op::Uplink(Transfer { again: true, in_time: Some(failed), ..transfer }));
        self.b.place(arrived);
        // The contention-resolution timer starts with each transmission of Msg3 and not with those of Msg4 (clause 5.1.5).
        self.b.op(Op::StartTimer(timer));
        failed
    }

    /// What the network makes of Msg3: a connection resumed, set up, or rejected.
    fn resolve(&mut self, failed: Label) {
        let admission = &self.config.admission;
        let (level, resume_failure) = (self.level, admission.resume_failure);
        if let Some(reject) = admission.reject {
            let rejected = self.b.label();
            self.b.op(Op::If { check: Check::Prompt { link: level, within: reject.above }, otherwise: rejected });
            self.accept(failed, resume_failure);
            self.b.place(rejected);
            let over = self.b.label();
            self.b.doing("Msg4: RRCConnectionReject", "TS 36.331 5.3.3.8");
            self.msg4(Amount::Fixed(bytes::REJECT), over, failed);
            self.b.place(over);
            self.b.op(Op::Rejected { channel: level });
            let activity = self.terms.device.idling();
            self.b.hold(reject.wait, Cause::Rejected, activity);
            let spend = Spend { cause: Cause::Rejected, activity };
            let max = SimDuration(reject.wait.0 / 2);
            self.b.op(Op::Draw { max, purpose: Purpose::Delay, spend });
            // It begins anew, with the level it would have chosen by itself.
            self.b.op(Op::NewAccess);
            self.b.op(Op::ToFirstLevel(self.places.iter().map(|places| places.access).collect()));
        } else {
            self.accept(failed, resume_failure);
        }
    }

    /// Msg4 of a network that lets the terminal in.
    fn accept(&mut self, failed: Label, resume_failure: f64) {
        let at = self.at();
        self.b.doing("Msg4: RRCConnectionResume or RRCConnectionSetup", "TS 36.331 5.3.3.4, 5.3.3.4a");
        if self.config.admission.connection != Connection::Resume {
            return self.msg4(Amount::Fixed(bytes::SETUP), at.established, failed);
        }
        let forgotten = self.b.label();
        if resume_failure > 0.0 {
            let known = Check::Chance(Probability::new(1.0 - resume_failure), Purpose::Resumption);
            self.b.op(Op::If { check: known, otherwise: forgotten });
        }
        // A terminal that registers has no connection to resume.
        let amount = Amount::OfErrand(std::array::from_fn(|errand| match Errand::of(errand) {
            Errand::Attach => bytes::SETUP,
            _ => bytes::RESUME,
        }));
        self.msg4(amount, at.established, failed);
        if resume_failure > 0.0 {
            self.b.place(forgotten);
            self.msg4(Amount::Fixed(bytes::SETUP), at.set_up, failed);
        }
    }

    /// Msg4 with its HARQ, in time before the contention-resolution timer runs out.
    pub(super) fn msg4(&mut self, amount: Amount, then: Label, failed: Label) {
        let (begin, again) = (self.b.label(), self.b.label());
        self.b.op(Op::Load(amount));
        self.b.place(begin);
        let transfer = self.signalling(DATA_DOWN, begin, again, failed);
        let transfer = Transfer { in_time: Some(failed), ..transfer };
        self.b.op(Op::Downlink(transfer.clone()));
        self.b.goto(then);
        self.b.place(again);
        self.b.op(Op::Downlink(Transfer { again: true, ..transfer }));
        self.b.goto(then);
    }

    /// The next attempt after a failed one, at this level or the next.
    pub(super) fn retry(&mut self, attempt: fn(&Places) -> Label) {
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
            self.b.goto(attempt(target.unwrap_or(&at)));
        }
    }

    /// A terminal that has something to send in a connection asks for a grant by random access, for there is no scheduling
    /// request (TS 36.321 clause 5.4.4). Msg3 holds its identity and buffer status; a grant for the cell identity then
    /// resolves the contention (clause 5.1.5), so the next grant is that of the data and no Msg4 is needed.
    fn request(&mut self) {
        let at = self.at();
        self.b.place(at.request);
        let failed = self.uplink_request();
        self.b.op(Op::Load(Amount::Message { extra: self.around_data() }));
        self.b.goto(at.send);
        self.b.place(failed);
        self.retry(|places| places.request);
    }

    /// One attempt of a connected terminal to get an uplink grant. Returns where it leads if it fails.
    pub(super) fn uplink_request(&mut self) -> Label {
        self.b.doing("random access: preamble, response, C-RNTI and buffer status", "TS 36.321 5.1, 5.4.4, 5.4.5");
        self.b.op(Op::Load(Amount::Fixed(bytes::MSG3)));
        let failed = self.msg3(self.level, MSG3);
        self.take_carrier();
        failed
    }
}
