//! Access barring, random access with its retries, Msg3, Msg4 and what Msg4 can be.

use super::{Places, Writer, bytes};
use crate::cause::{Cause, Errand};
use crate::radio::check::Check;
use crate::radio::nbiot::admission::Connection;
use crate::radio::nbiot::link::{self, DATA_DOWN, MSG3};
use crate::radio::plan::{AccessNames, Amount, Doing, Label, Op, Spend, Transfer};
use crate::rng::{Probability, Purpose};
use crate::units::SimDuration;

/// What comes before Msg3.
static ACCESS_NAMES: AccessNames = AccessNames {
    preamble: Doing { what: "Msg1 preamble", clause: "TS 36.321 5.1.3, TS 36.211 10.1.6" },
    response: Doing { what: "Msg2 random-access response", clause: "TS 36.321 5.1.4, TS 36.213 16.3" },
};

impl Writer<'_> {
    /// From idle mode to Msg4.
    pub(super) fn access(&mut self) {
        let at = self.at();
        self.b.place(at.access);
        self.barring();
        self.reserved();
        self.b.place(at.attempt);
        self.early_data();
        let failed = self.b.label();
        self.ask_for_connection(failed);
        self.b.place(at.resolved);
        self.resolve(failed);
        self.b.place(failed);
        self.retry(|places| places.attempt);
        self.request();
    }

    /// Random access until Msg3 has arrived, which asks to resume a connection or to set one up. A terminal that registers has
    /// none to resume.
    fn ask_for_connection(&mut self, failed: Label) {
        if self.config.admission.connection == Connection::Resume {
            let (resume, set_up, arrived) = (self.b.label(), self.b.label(), self.at().resolved);
            self.b.op(Op::Switch(std::array::from_fn(|errand| match Errand::of(errand) {
                Errand::Attach => set_up,
                _ => resume,
            })));
            self.b.place(resume);
            self.b.doing("Msg3 RRCConnectionResumeRequest-NB", "TS 36.331 5.3.3.3a, TS 36.213 16.3.3");
            self.b.op(Op::Load(Amount::Fixed(bytes::MSG3)));
            self.msg3(self.level, MSG3, failed);
            self.b.goto(arrived);
            self.b.place(set_up);
        }
        self.b.doing("Msg3 RRCConnectionRequest-NB", "TS 36.331 5.3.3.3, TS 36.213 16.3.3");
        self.b.op(Op::Load(Amount::Fixed(bytes::MSG3)));
        self.msg3(self.level, MSG3, failed);
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

    /// A preamble, its response and Msg3, whose bytes are loaded and whose name is said, until Msg3 has arrived (TS 36.321
    /// clause 5.1). A failed attempt leads to `failed`.
    pub(super) fn msg3(&mut self, channel: usize, table: usize, failed: Label) {
        let timer = link::contention_timer(&self.config.levels[self.level]);
        let (again, arrived) = (self.b.label(), self.b.label());
        self.fly();
        self.b.op(Op::Access { channel, names: &ACCESS_NAMES, block_lost: again, failed });
        self.b.goto(arrived);
        self.b.place(again);
        self.b.op(Op::StartTimer(timer));
        let transfer = self.signalling(table, failed, again, failed);
        self.b.op(Op::Uplink(Transfer { again: true, in_time: Some(failed), ..transfer }));
        self.b.place(arrived);
        // The contention-resolution timer starts with each transmission of Msg3 and not with those of Msg4 (clause 5.1.5).
        self.b.op(Op::StartTimer(timer));
    }

    /// What the base station sent last comes down to the terminal, or what the terminal begins comes up to the base station.
    pub(super) fn fly(&mut self) {
        self.b.hold(self.config.one_way(), Cause::Propagation, self.terms.device.idling());
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
            self.b.doing("Msg4 RRCConnectionReject-NB", "TS 36.331 5.3.3.8");
            self.msg4(Amount::Fixed(bytes::REJECT), over, failed);
            self.b.place(over);
            self.b.op(Op::Rejected { channel: level });
            self.b.doing("extendedWaitTime, spread of the application", "TS 36.331 5.3.3.8");
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
        if self.config.admission.connection != Connection::Resume {
            return self.set_up(at.established, failed);
        }
        let (registered, resumed, forgotten) = (self.b.label(), self.b.label(), self.b.label());
        if resume_failure > 0.0 {
            let known = Check::Chance(Probability::new(1.0 - resume_failure), Purpose::Resumption);
            self.b.op(Op::If { check: known, otherwise: forgotten });
        }
        // A terminal that registers has no connection to resume.
        self.b.op(Op::Switch(std::array::from_fn(|errand| match Errand::of(errand) {
            Errand::Attach => registered,
            _ => resumed,
        })));
        self.b.place(resumed);
        self.b.doing("Msg4 RRCConnectionResume-NB", "TS 36.331 5.3.3.4a");
        self.msg4(Amount::Fixed(bytes::RESUME), at.established, failed);
        self.b.place(registered);
        self.set_up(at.established, failed);
        self.b.place(forgotten);
        if resume_failure > 0.0 {
            self.set_up(at.set_up, failed);
        }
    }

    /// Msg4 that sets a connection up.
    fn set_up(&mut self, then: Label, failed: Label) {
        self.b.doing("Msg4 RRCConnectionSetup-NB", "TS 36.331 5.3.3.4");
        self.msg4(Amount::Fixed(bytes::SETUP), then, failed);
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
        self.fly();
        self.b.op(Op::Retry { attempts, total: self.config.preamble_trans_max, again: retry, escalate: deeper });
        self.b.goto(at.access_lost);
        for (label, target) in [(retry, Some(&at)), (escalate, self.places.get(self.level + 1))] {
            self.b.place(label);
            self.back_off(attempt(target.unwrap_or(&at)));
        }
    }

    /// Waits, if a response has said so, and goes to `attempt`.
    pub(super) fn back_off(&mut self, attempt: Label) {
        let spend = Spend { cause: Cause::Backoff, activity: self.terms.device.idling() };
        self.b.op(Op::If { check: Check::ToldToBackOff, otherwise: attempt });
        self.b.op(Op::Draw { max: self.config.backoff, purpose: Purpose::Backoff, spend });
        self.b.goto(attempt);
    }

    /// A terminal that has something to send in a connection asks for a grant by random access, for there is no scheduling
    /// request (TS 36.321 clause 5.4.4). Msg3 holds its identity and buffer status; a grant for the cell identity then
    /// resolves the contention (clause 5.1.5), so the next grant is that of the data and no Msg4 is needed.
    fn request(&mut self) {
        let at = self.at();
        self.b.place(at.request);
        let failed = self.uplink_request();
        self.send("report", self.data_clause(), self.around_data());
        self.b.place(failed);
        self.retry(|places| places.request);
    }

    /// One attempt of a connected terminal to get an uplink grant. Returns where it leads if it fails.
    pub(super) fn uplink_request(&mut self) -> Label {
        let failed = self.b.label();
        self.b.doing("Msg3 C-RNTI, buffer status report", "TS 36.321 5.1.4, 5.4.5");
        self.fly();
        self.b.op(Op::Load(Amount::Fixed(bytes::MSG3)));
        self.msg3(self.level, MSG3, failed);
        self.take_carrier();
        failed
    }
}
