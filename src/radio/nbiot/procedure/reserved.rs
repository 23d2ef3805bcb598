//! Preconfigured uplink resources: the message in a block that was reserved for the terminal, without random access
//! (Release 16, TS 36.331 clause 5.3.3.19, TS 36.321 clause 5.4.7).

use super::Writer;
use super::early::beside_early;
use crate::cause::{Cause, Errand};
use crate::radio::check::Check;
use crate::radio::nbiot::config::Config;
use crate::radio::nbiot::link::{self, RESERVED};
use crate::radio::plan::{Amount, Appointment, Op, Spend, Transfer};
use crate::units::SimDuration;

/// How long before its occasion a terminal wakes at a coverage level, with valid system information and with information that
/// it has to read first.
fn leads(config: &Config, level: usize) -> (SimDuration, SimDuration) {
    let parameters = &config.levels[level];
    let awake = parameters.sync + parameters.mib;
    (awake, awake + config.information_period + parameters.information)
}

/// What reports wait for before they wake their terminal; `None` without preconfigured resources.
pub(super) fn appointment(config: &Config, beside: u32) -> Option<Appointment> {
    let preconfigured = config.admission.preconfigured?;
    let leads = (0..config.levels.len()).map(|level| leads(config, level)).collect();
    Some(Appointment { period: preconfigured.period, leads, table: RESERVED, extra: beside })
}

impl Writer<'_> {
    /// A report whose terminal has a block waiting and may use it goes there; everything else goes on behind this.
    pub(super) fn reserved(&mut self) {
        let Some(preconfigured) = self.config.admission.preconfigured else { return };
        let level = self.level;
        let (report, again, exhausted) = (self.b.label(), self.b.label(), self.b.label());
        let (usual, arrived) = (self.b.label(), self.b.label());
        self.b.op(Op::Switch(std::array::from_fn(|errand| match Errand::of(errand) {
            Errand::Report => report,
            _ => usual,
        })));
        self.b.place(report);
        self.unless_session_lost(usual);
        self.b.doing("report in the preconfigured uplink resource", "TS 36.331 5.3.3.19, TS 36.321 5.4.7");
        self.b.op(Op::If { check: Check::Steady(preconfigured.tolerance), otherwise: usual });
        self.b.op(Op::Load(Amount::Message { extra: beside_early(self.config) }));
        self.b.op(Op::If { check: Check::Fits { link: level, table: RESERVED }, otherwise: usual });
        let spend = Spend { cause: Cause::AccessWait, activity: self.terms.device.idling() };
        let within = leads(self.config, level).1;
        self.b.op(Op::Appointment { period: preconfigured.period, within, spend, otherwise: usual });
        let block = Transfer { air: Cause::Airtime, ..self.signalling(RESERVED, usual, again, exhausted) };
        self.b.op(Op::Reserved(block.clone()));
        self.b.goto(arrived);
        // A grant for another transmission comes within the response window, or the terminal gives the resource up.
        let window = link::contention_timer(&self.config.levels[level]);
        self.b.place(again);
        self.b.op(Op::StartTimer(window));
        self.b.op(Op::Uplink(Transfer { again: true, in_time: Some(usual), ..block }));
        self.b.place(arrived);
        self.b.op(Op::StartTimer(window));
        self.conclude(window, usual, Writer::end_by_notice);
        self.b.place(exhausted);
        self.b.place(usual);
    }
}
