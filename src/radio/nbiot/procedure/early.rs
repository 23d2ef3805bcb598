//! Early data: the message in Msg3, and Msg4 as the end of it (TS 36.321 clause 5.1, TS 36.331 clause 5.3.3.1b).

use super::errands::{COMPLETE_CLAUSE, complete_name};
use super::{Writer, bytes};
use crate::cause::{Cause, Errand};
use crate::radio::check::Check;
use crate::radio::nbiot::admission::Connection;
use crate::radio::nbiot::config::{Config, LEVELS};
use crate::radio::nbiot::link::{self, DATA_DOWN, EARLY_DATA, data_down_largest};
use crate::radio::plan::{Amount, Label, Op, Transfer};
use crate::rng::{Probability, Purpose};
use crate::traffic::dialogue::{Leg, Toward};
use crate::units::SimDuration;

/// How the network can end an exchange without a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Nobody has anything more to say.
    Plain,
    /// With an answer of so many bytes, for which it waits.
    Answer(u32),
    /// Not at all: more follows than fits.
    Connect,
}

/// What goes with the message in its only block: RRCConnectionResumeRequest or RRCEarlyDataRequest.
pub(super) fn beside_early(config: &Config) -> u32 {
    bytes::MSG3 + if config.admission.connection == Connection::ControlPlane { bytes::NAS_UP } else { 0 }
}

impl Writer<'_> {
    /// A report that fits into Msg3 goes there; everything else goes on behind this.
    pub(super) fn early_data(&mut self) {
        let Some(early) = &self.config.admission.early_data else { return };
        let (at, level) = (self.at(), self.level);
        let (report, usual) = (self.b.label(), self.b.label());
        self.b.op(Op::Switch(std::array::from_fn(|errand| match Errand::of(errand) {
            Errand::Report => report,
            _ => usual,
        })));
        self.b.place(report);
        self.unless_session_lost(usual);
        self.b.doing(self.early_request(), "TS 36.331 5.3.3.1b, TS 36.321 5.1");
        self.b.op(Op::Load(Amount::Message { extra: beside_early(self.config) }));
        self.b.op(Op::If { check: Check::Fits { link: level, table: EARLY_DATA }, otherwise: usual });
        let failed = self.b.label();
        self.msg3(LEVELS + level, EARLY_DATA, failed);
        if early.refused > 0.0 {
            let accepted = Check::Chance(Probability::new(1.0 - early.refused), Purpose::EarlyData);
            self.b.op(Op::If { check: accepted, otherwise: at.resolved });
        }
        let window = link::contention_timer(&self.config.levels[level]);
        self.conclude(window, failed, Writer::end_by_message);
        self.b.place(failed);
        self.retry(|places| places.attempt);
        self.b.place(usual);
    }

    /// What the message goes in.
    fn early_request(&self) -> &'static str {
        match self.config.admission.connection {
            Connection::ControlPlane => "Msg3 RRCEarlyDataRequest-NB + report",
            _ => "Msg3 RRCConnectionResumeRequest-NB + report",
        }
    }

    /// The message has arrived with its first block. The network ends the exchange by `plain`, or with the server's answer if
    /// that fits and comes in time, or it makes a connection for what follows.
    pub(super) fn conclude(&mut self, window: SimDuration, failed: Label, plain: fn(&mut Self, Label)) {
        let (core, server) = (self.config.core_delay, self.config.server_delay);
        // The answer may come at any time until the window ends.
        let monitoring = self.monitoring();
        let (quiet, connect) = (self.b.label(), self.b.label());
        self.b.doing("way to the server", "");
        self.b.hold(core, Cause::Network, monitoring);
        self.b.op(Op::Deliver);
        if self.terms.calls.command.is_some() || self.terms.calls.download.is_some() {
            self.b.op(Op::If { check: Check::Uncalled, otherwise: connect });
        }
        let dialogue = self.terms.dialogue;
        let wait = server + core;
        if let Some(timer) = dialogue.timer {
            // An application that has lost its patience until then has copies to send.
            self.b.op(Op::If { check: Check::Patient { timer, ahead: wait }, otherwise: connect });
        }
        self.b.op(Op::IfAnswered { otherwise: quiet });
        for (place, legs) in [(None, &dialogue.answered), (Some(quiet), &dialogue.quiet)] {
            if let Some(place) = place {
                self.b.place(place);
            }
            match end(legs, self.around_data(), data_down_largest(self.config), core + wait < window) {
                End::Plain => plain(self, failed),
                End::Answer(bytes) => {
                    self.b.doing("server and way back", "");
                    self.b.hold(wait, Cause::Network, monitoring);
                    self.end_with(bytes, failed);
                }
                End::Connect => self.b.goto(connect),
            }
        }
        self.b.place(connect);
        self.connect(failed);
    }

    /// The exchange ends with a message of the network: RRCConnectionRelease, or RRCEarlyDataComplete.
    pub(super) fn end_by_message(&mut self, failed: Label) {
        self.end_with(0, failed);
    }

    fn end_with(&mut self, answer: u32, failed: Label) {
        let (name, clause) = match self.config.admission.connection {
            Connection::ControlPlane => ("Msg4 RRCEarlyDataComplete-NB", "TS 36.331 5.3.3.3b"),
            _ => ("Msg4 RRCConnectionRelease-NB", "TS 36.331 5.3.8.3"),
        };
        self.b.doing(name, clause);
        let over = self.at().over;
        self.msg4(Amount::Fixed(bytes::RELEASE + answer), over, failed);
    }

    /// The message has arrived and the terminal gets a connection for what follows. Msg5 goes without a message.
    fn connect(&mut self, failed: Label) {
        let (at, connection) = (self.at(), self.config.admission.connection);
        let (name, msg4, msg5) = match connection {
            Connection::Resume => ("Msg4 RRCConnectionResume-NB", bytes::RESUME, bytes::RESUME_COMPLETE),
            Connection::ServiceRequest | Connection::ControlPlane => {
                ("Msg4 RRCConnectionSetup-NB", bytes::SETUP, bytes::SETUP_COMPLETE)
            }
        };
        let connected = self.b.label();
        self.b.doing(name, "TS 36.331 5.3.3.4, 5.3.3.4a");
        self.msg4(Amount::Fixed(msg4), connected, failed);
        self.b.place(connected);
        self.take_carrier();
        let complete = [Leg::up(complete_name(connection), msg5)];
        self.signalling_legs(&complete, COMPLETE_CLAUSE, SimDuration::ZERO, at.link_lost);
        self.b.goto(at.reported);
    }

    /// A notice of the network: an acknowledgement in the control channel, behind which the exchange is over.
    pub(super) fn end_by_notice(&mut self, failed: Label) {
        let over = self.at().over;
        self.b.doing("acknowledgement (NPDCCH alone)", "TS 36.321 5.4.7, TS 36.213 16.6");
        let notice = self.signalling(DATA_DOWN, failed, failed, failed);
        self.b.op(Op::Notice(Transfer { in_time: Some(failed), ..notice }));
        self.b.goto(over);
    }
}

/// How the network can end an exchange behind which these legs follow, in one block of at most `largest` bytes. `in_time`: the server's answer comes before the
/// terminal stops waiting.
fn end(legs: &[Leg], headers: u32, largest: u32, in_time: bool) -> End {
    match legs {
        [] => End::Plain,
        [answer] if answer.way == Toward::Terminal && in_time => {
            let bytes = answer.bytes + headers;
            if bytes::RELEASE + bytes <= largest { End::Answer(bytes) } else { End::Connect }
        }
        _ => End::Connect,
    }
}
