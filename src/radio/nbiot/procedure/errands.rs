//! What a terminal does while it is connected: the legs of its errand, then whatever else is waiting for it.

use super::{Writer, bytes, nas};
use crate::cause::{Cause, Errand};
use crate::radio::nbiot::admission::Connection;
use crate::radio::nbiot::link::{DATA_DOWN, DATA_UP};
use crate::radio::plan::{Amount, Label, Op, Transfer};
use crate::traffic::Call;
use crate::traffic::dialogue::{Leg, Toward};
use crate::units::SimDuration;

/// User data in a connection.
const DATA_CLAUSE: &str = "TS 36.321 5.4, TS 36.322 5.2";
/// User data in NAS messages.
const NAS_DATA_CLAUSE: &str = "TS 24.301 6.6.4, TS 36.321 5.4";
/// Msg5.
pub(super) const COMPLETE_CLAUSE: &str = "TS 36.331 5.3.3.4, 5.3.3.4a";

/// Msg5 that carries nothing else.
pub(super) fn complete_name(connection: Connection) -> &'static str {
    match connection {
        Connection::Resume => "Msg5 RRCConnectionResumeComplete-NB",
        Connection::ServiceRequest | Connection::ControlPlane => "Msg5 RRCConnectionSetupComplete-NB",
    }
}

/// The report with what goes with it in its first block, and the clause.
fn report_name(connection: Connection) -> (&'static str, &'static str) {
    match connection {
        Connection::Resume => ("Msg5 RRCConnectionResumeComplete-NB + report", COMPLETE_CLAUSE),
        Connection::ControlPlane => ("Msg5 RRCConnectionSetupComplete-NB, SERVICE REQUEST + report", COMPLETE_CLAUSE),
        Connection::ServiceRequest => ("report", DATA_CLAUSE),
    }
}

/// A sequence of legs and what is common to them.
pub(super) struct Course<'a> {
    pub legs: &'a [Leg],
    /// The clause that describes them.
    pub clause: &'static str,
    /// Bytes that go with the first leg to the network.
    pub extra: u32,
    /// From the end of a leg to the network until the answer is there.
    pub turnaround: SimDuration,
    /// Where to go if a leg fails.
    pub failed: Label,
    /// Whether a first leg to the network comes up in a connection that has just been without data.
    pub new_data: bool,
}

/// What legs are made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    /// Messages of RRC and NAS: the network expects what the terminal answers, and grants it unasked.
    Signalling,
    /// The application's.
    UserData,
}

impl Writer<'_> {
    /// Everything between Msg4 and the release.
    pub(super) fn errands(&mut self) {
        let (at, admission) = (self.at(), &self.config.admission);
        let connection = admission.connection;
        let attach = self.b.label();
        self.connected(at.established, connection, attach);
        if connection == Connection::Resume && admission.resume_failure > 0.0 {
            self.connected(at.set_up, Connection::ServiceRequest, attach);
        }
        let complete = bytes::SETUP_COMPLETE + self.assistance_bytes();
        self.registration(Errand::Attach, attach, &nas::attach(connection), complete);
        self.b.op(Op::Turn { errand: Errand::Report, otherwise: at.served });
        self.send("report", self.data_clause(), self.around_data());
        self.report();
        self.calls();
    }

    /// What a terminal does that has just got its Msg4 in a connection of this kind, by errand. A terminal that registers
    /// goes on at `attach`.
    fn connected(&mut self, place: Label, connection: Connection, attach: Label) {
        let at = self.at();
        let (report, update) = (self.b.label(), self.b.label());
        let (called, keep_alive) = (self.b.label(), self.b.label());
        self.b.place(place);
        self.take_carrier();
        self.b.op(Op::Switch(std::array::from_fn(|errand| match Errand::of(errand) {
            Errand::Report => report,
            Errand::Attach => attach,
            Errand::TrackingAreaUpdate => update,
            Errand::Command | Errand::Download => called,
            Errand::KeepAlive => keep_alive,
        })));
        let assistance = self.assistance_bytes();
        // What goes with a NAS message, with user data, and with a report in Msg5.
        let (complete, opening, beside) = match connection {
            Connection::Resume => (bytes::RESUME_COMPLETE, bytes::RESUME_COMPLETE, bytes::RESUME_COMPLETE),
            Connection::ControlPlane => {
                (bytes::SETUP_COMPLETE, bytes::SETUP_COMPLETE, bytes::SETUP_COMPLETE + bytes::NAS_UP)
            }
            // Msg5 goes with the request, before all data.
            Connection::ServiceRequest => (bytes::SETUP_COMPLETE, 0, 0),
        };
        self.bearer(report, connection);
        self.reopen(opening + assistance);
        let (name, clause) = report_name(connection);
        self.send(name, clause, beside + assistance);
        self.registration(Errand::TrackingAreaUpdate, update, &nas::update(connection), complete + assistance);
        self.b.goto(at.served);
        self.bearer(keep_alive, connection);
        self.keep_alive(opening + assistance);
        // Who was called says so and hears what it is about.
        self.bearer(called, connection);
        if connection != Connection::ServiceRequest {
            let msg5 = [Leg::up(complete_name(connection), complete + assistance)];
            self.signalling_legs(&msg5, COMPLETE_CLAUSE, SimDuration::ZERO, at.link_lost);
        }
        self.b.goto(at.served);
    }

    /// The place where user data begin: behind a service request, if the connection takes one.
    fn bearer(&mut self, place: Label, connection: Connection) {
        self.b.place(place);
        if connection == Connection::ServiceRequest {
            self.service_request();
        }
    }

    /// Msg4 says where the connection goes on (TS 36.331 clause 6.7.3.2, CarrierConfigDedicated-NB).
    pub(super) fn take_carrier(&mut self) {
        if self.config.non_anchor_carriers > 0 {
            self.b.op(Op::Move);
        }
    }

    /// Msg5, security and a bearer before the first data (TS 23.401 clause 5.3.4.1): the core network is asked once, the
    /// rest is up to the cell.
    fn service_request(&mut self) {
        let failed = self.at().link_lost;
        let [complete, command, rest @ ..] = nas::service_request();
        let clause = "TS 23.401 5.3.4.1, TS 36.331 5.3.3 to 5.3.5";
        self.signalling_legs(&[complete, command], clause, self.config.core_delay * 2, failed);
        self.signalling_legs(&rest, clause, SimDuration::ZERO, failed);
    }

    /// What goes around user data in a connection, in each leg towards the network: NAS, on the control plane.
    pub(super) fn around_data(&self) -> u32 {
        if self.config.admission.connection == Connection::ControlPlane { bytes::NAS_DOWN } else { 0 }
    }

    /// The clause of user data in a connection.
    pub(super) fn data_clause(&self) -> &'static str {
        match self.config.admission.connection {
            Connection::ControlPlane => NAS_DATA_CLAUSE,
            _ => DATA_CLAUSE,
        }
    }

    /// Sends a report with so many bytes beside it.
    pub(super) fn send(&mut self, name: &'static str, clause: &'static str, extra: u32) {
        let at = self.at();
        self.b.doing(name, clause);
        self.b.op(Op::Load(Amount::Message { extra }));
        self.transfer(Toward::Network, Cause::Airtime, at.link_lost);
        self.b.goto(at.sent);
    }

    /// What the application says around a report that is on its way to the server.
    fn report(&mut self) {
        let (at, monitoring) = (self.at(), self.monitoring());
        self.b.place(at.sent);
        self.b.doing("way to the server", "");
        self.b.hold(self.config.core_delay, Cause::Network, monitoring);
        self.b.op(Op::Deliver);
        self.b.place(at.reported);
        self.conversation();
    }

    /// A procedure with the mobility management of the core network, which is then done.
    fn registration(&mut self, errand: Errand, begin: Label, legs: &[Leg], extra: u32) {
        let at = self.at();
        self.b.place(begin);
        let turnaround = self.config.core_delay * 2;
        let clause = match errand {
            Errand::Attach => "TS 23.401 5.3.2.1, TS 24.301 5.5.1",
            _ => "TS 23.401 5.3.3.2, TS 24.301 5.5.3.2",
        };
        let course = Course { legs, clause, extra, turnaround, failed: at.link_lost, new_data: false };
        self.course(&course, Content::Signalling);
        self.b.op(Op::Deliver);
        if errand == Errand::Attach {
            self.start_session();
        }
        self.b.op(Op::Complete);
    }

    /// Everything that the server has waiting; where reports end.
    fn calls(&mut self) {
        let at = self.at();
        self.b.place(at.served);
        let terms = self.terms;
        for (errand, call) in [(Errand::Command, &terms.calls.command), (Errand::Download, &terms.calls.download)] {
            let Some(call) = call else { continue };
            let otherwise = self.b.label();
            self.b.op(Op::Turn { errand, otherwise });
            self.call(call);
            self.b.op(Op::Complete);
            self.b.goto(at.served);
            self.b.place(otherwise);
        }
        self.b.goto(at.release);
    }

    /// One call of the server: all its rounds. It has arrived with the first leg to the terminal of the last.
    fn call(&mut self, call: &Call) {
        let at = self.at();
        let turnaround = self.config.core_delay * 2 + self.config.server_delay;
        let clause = self.data_clause();
        let course = |legs| Course { legs, clause, extra: 0, turnaround, failed: at.link_lost, new_data: true };
        if call.rounds > 1 {
            let round = self.b.label();
            self.b.place(round);
            self.legs(&course(&call.legs));
            self.b.op(Op::Round { rounds: call.rounds - 1, to: round });
        }
        let first = call.legs.iter().position(|leg| leg.way == Toward::Terminal).map_or(0, |at| at + 1);
        let (arriving, after) = call.legs.split_at(first);
        self.legs(&course(arriving));
        self.fly();
        self.b.op(Op::Deliver);
        self.legs(&course(after));
    }

    /// User data, leg after leg.
    pub(super) fn legs(&mut self, course: &Course<'_>) {
        self.course(course, Content::UserData);
    }

    /// Signalling, leg after leg.
    pub(super) fn signalling_legs(
        &mut self,
        legs: &[Leg],
        clause: &'static str,
        turnaround: SimDuration,
        failed: Label,
    ) {
        let course = Course { legs, clause, extra: 0, turnaround, failed, new_data: false };
        self.course(&course, Content::Signalling);
    }

    /// Legs one after the other; a leg to the terminal waits for its answer.
    fn course(&mut self, course: &Course<'_>, content: Content) {
        let monitoring = self.monitoring();
        let around = if content == Content::UserData { self.around_data() } else { 0 };
        let mut extra = course.extra;
        let mut before = None;
        for leg in course.legs {
            if before == Some(Toward::Network) && leg.way == Toward::Terminal {
                self.b.doing("network and peer, way back", "");
                self.b.hold(course.turnaround, Cause::Network, monitoring);
            }
            if before == Some(leg.way) {
                self.status(leg.way);
            }
            let comes_up = before.map_or(course.new_data, |way| way == Toward::Terminal);
            if content == Content::UserData && leg.way == Toward::Network && comes_up {
                self.uplink_for_new_data(course.failed);
            }
            self.b.doing(leg.name, course.clause);
            let with = if leg.way == Toward::Network { std::mem::take(&mut extra) } else { 0 };
            let status = if before.is_some_and(|way| way != leg.way) { self.status_beside() } else { 0 };
            self.b.op(Op::Load(Amount::Fixed(leg.bytes + around + with + status)));
            let air = if leg.way == Toward::Network { Cause::Airtime } else { Cause::Acknowledgement };
            self.transfer(leg.way, air, course.failed);
            before = Some(leg.way);
        }
        if let Some(way) = before {
            self.last_status(way);
        }
    }

    /// Bytes of the RLC status that goes with data the other way.
    pub(super) fn status_beside(&self) -> u32 {
        if self.config.rlc_status { bytes::STATUS_BESIDE } else { 0 }
    }

    /// The RLC status of the last data that went `way` before something else or nothing follows. It goes with the release if
    /// that comes at once.
    pub(super) fn last_status(&mut self, way: Toward) {
        if way == Toward::Terminal || !self.is_released_at_once() {
            self.status(way);
        }
    }

    /// The RLC status of data that went `way`, in a block of its own the other way: the last block of the data has polled it
    /// (TS 36.322 clause 5.2.2). One that is lost is not asked for again.
    pub(super) fn status(&mut self, way: Toward) {
        if !self.config.rlc_status {
            return;
        }
        let (begin, again, done) = (self.b.label(), self.b.label(), self.b.label());
        let (table, op): (usize, fn(Transfer) -> Op) = match way {
            Toward::Network => (DATA_DOWN, Op::Downlink),
            Toward::Terminal => (DATA_UP, Op::Uplink),
        };
        let transfer = self.signalling(table, begin, again, done);
        self.b.doing("RLC status", "TS 36.322 5.2.3");
        self.b.op(Op::Load(Amount::Fixed(bytes::STATUS)));
        self.b.place(begin);
        self.b.op(op(transfer.clone()));
        self.b.goto(done);
        self.b.place(again);
        self.b.op(op(Transfer { again: true, ..transfer }));
        self.b.place(done);
    }

    /// Moves the bytes that are loaded, block by block.
    ///
    /// Acknowledged mode of RLC (TS 36.322 clause 5.2): bytes of a block that HARQ has given up go out again after a poll,
    /// at most maxRetxThreshold times, then the link has failed.
    pub(super) fn transfer(&mut self, way: Toward, air: Cause, failed: Label) {
        let monitoring = self.monitoring();
        let b = &mut *self.b;
        let (begin, again, exhausted, poll, done) = (b.label(), b.label(), b.label(), b.label(), b.label());
        let (table, op): (usize, fn(Transfer) -> Op) = match way {
            Toward::Network => (DATA_UP, Op::Uplink),
            Toward::Terminal => (DATA_DOWN, Op::Downlink),
        };
        let reported = way == Toward::Network;
        let acknowledged = self.config.ntn.as_ref().is_none_or(|ntn| ntn.harq_feedback);
        let transfer = Transfer { air, reported, acknowledged, ..self.signalling(table, begin, again, exhausted) };
        let b = &mut *self.b;
        b.place(begin);
        b.op(op(transfer.clone()));
        b.goto(done);
        b.place(again);
        b.op(op(Transfer { again: true, ..transfer }));
        b.goto(done);
        b.place(exhausted);
        b.op(Op::Again { limit: self.config.rlc_retransmissions, to: poll });
        b.goto(failed);
        b.place(poll);
        b.hold(self.config.rlc_poll_timer, Cause::Harq, monitoring);
        b.goto(begin);
        b.place(done);
    }
}
