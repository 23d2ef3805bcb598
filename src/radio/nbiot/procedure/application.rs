//! What the application's protocols add to a contact: sessions before a report, acknowledgements and copies after it, and
//! what keeps a path or a registration alive.

use super::errands::Course;
use super::{Writer, tails};
use crate::cause::{Cause, Errand};
use crate::radio::plan::{Amount, Asked, Label, Op, Spend};
use crate::traffic::dialogue::{Leg, Toward};
use crate::traffic::protocol::{Exchange, Opening, Timer, Upkeep, When};
use crate::units::SimDuration;

impl Writer<'_> {
    /// Opens the session anew before a report if it has been lost, and sends the report then. `extra` bytes go with the
    /// first leg.
    pub(super) fn reopen(&mut self, extra: u32) {
        let Some((exchanges, after)) = self.again() else { return };
        let (at, ready) = (self.at(), self.b.label());
        self.b.op(Op::IfSilent { longer_than: after, otherwise: ready });
        self.b.op(Op::Under(Some(Cause::Handshake)));
        self.exchanges(exchanges, extra, at.link_lost);
        // The application hands over its report now.
        self.b.op(Op::Ask);
        self.b.op(Op::Under(None));
        self.uplink_for_new_data(at.link_lost);
        self.send("report", self.data_clause(), self.around_data());
        self.b.place(ready);
    }

    /// Sets the application's protocols up after an attach.
    pub(super) fn start_session(&mut self) {
        let Some(Opening { start, .. }) = &self.terms.dialogue.opening else { return };
        let at = self.at();
        self.b.op(Op::Ask);
        self.exchanges(start, 0, at.link_lost);
    }

    /// A report whose session has been lost goes to `usual`.
    pub(super) fn unless_session_lost(&mut self, usual: Label) {
        let Some((_, after)) = self.again() else { return };
        let kept = self.b.label();
        self.b.op(Op::IfSilent { longer_than: after, otherwise: kept });
        self.b.goto(usual);
        self.b.place(kept);
    }

    /// A contact that keeps the path or the registration alive. `opening` bytes go with its first leg.
    pub(super) fn keep_alive(&mut self, opening: u32) {
        let (at, said) = (self.at(), self.b.label());
        let legs: &[Leg] = self.terms.dialogue.upkeep.as_ref().map_or(&[], |upkeep| &upkeep.legs);
        let turnaround = self.round_trip();
        let clause = self.data_clause();
        let course = |extra, new_data| Course { legs, clause, extra, turnaround, failed: at.link_lost, new_data };
        if let Some((exchanges, after)) = self.again() {
            let ready = self.b.label();
            self.b.op(Op::IfSilent { longer_than: after, otherwise: ready });
            self.exchanges(exchanges, opening, at.link_lost);
            self.legs(&course(0, true));
            self.b.goto(said);
            self.b.place(ready);
        }
        self.legs(&course(opening, false));
        self.b.place(said);
        self.b.op(Op::Deliver);
        self.b.op(Op::Complete);
        self.b.goto(at.served);
    }

    /// A report that has found no way to the network goes out anew with the next copy that the application makes of it. It is
    /// lost, and the plan goes on, when there are no more.
    pub(super) fn await_copy(&mut self) {
        let Some(timer) = self.terms.dialogue.recovery else { return };
        let lost = self.b.label();
        self.b.doing("until the next copy of the report", "RFC 7252 4.2, RFC 6298 5");
        let activity = tails::paged(self.config, self.terms, self.level);
        let spend = Spend { cause: Cause::RepeatedRequest, activity };
        self.b.op(Op::AwaitCopy { timer, spend, otherwise: lost });
        self.b.op(Op::NewAccess);
        self.b.op(Op::ToFirstLevel(self.places.iter().map(|places| places.idle).collect()));
        self.b.place(lost);
    }

    /// What follows a report that has arrived at the server.
    pub(super) fn conversation(&mut self) {
        let monitoring = self.monitoring();
        let dialogue = self.terms.dialogue;
        let (quiet, over) = (self.b.label(), self.b.label());
        if let Some(timer) = dialogue.timer {
            self.copies_behind_the_report(timer, over);
        }
        self.b.op(Op::IfAnswered { otherwise: quiet });
        for (place, legs) in [(None, &dialogue.answered), (Some(quiet), &dialogue.quiet)] {
            if let Some(place) = place {
                self.b.place(place);
            }
            let first = legs.first().filter(|leg| leg.way == Toward::Terminal);
            // The report's RLC status goes with the answer.
            let mut legs = legs.clone();
            match legs.first_mut().filter(|leg| leg.way == Toward::Terminal) {
                Some(answer) => answer.bytes += self.status_beside(),
                None => self.last_status(Toward::Network),
            }
            if first.is_some() {
                self.b.doing("server and way back", "");
                self.b.hold(self.config.server_delay + self.config.core_delay, Cause::Network, monitoring);
            }
            self.legs(&Course {
                legs: &legs,
                clause: self.data_clause(),
                extra: 0,
                turnaround: self.round_trip(),
                failed: over,
                new_data: false,
            });
            if let Some((timer, reply)) = dialogue.timer.zip(first) {
                self.copies_meanwhile(timer, reply.bytes, over);
            }
            self.b.goto(over);
        }
        self.b.place(over);
        if dialogue.timer.is_some() {
            self.b.op(Op::Under(None));
        }
        self.update_by_the_way();
    }

    /// Renews a registration that has run out since the last contact; where reports end.
    fn update_by_the_way(&mut self) {
        let at = self.at();
        if let Some(Upkeep { when: When::Every(_), legs }) = &self.terms.dialogue.upkeep {
            self.b.op(Op::Turn { errand: Errand::KeepAlive, otherwise: at.served });
            self.legs(&Course {
                legs,
                clause: self.data_clause(),
                extra: 0,
                turnaround: self.round_trip(),
                failed: at.link_lost,
                new_data: true,
            });
            self.b.op(Op::Deliver);
            self.b.op(Op::Complete);
        }
        self.b.goto(at.served);
    }

    /// Copies that the application made before the report was out: they wait in the same buffer and follow it.
    fn copies_behind_the_report(&mut self, timer: Timer, over: Label) {
        let none = self.b.label();
        self.b.op(Op::Copies { timer, what: Asked::Report, otherwise: none });
        self.b.op(Op::Under(Some(Cause::RepeatedRequest)));
        self.b.doing("copies of the report", "RFC 7252 4.2");
        self.b.op(Op::Load(Amount::Copies));
        self.transfer(Toward::Network, Cause::Airtime, over);
        self.b.op(Op::Under(None));
        self.b.place(none);
    }

    /// Copies that the application made while it waited for the acknowledgement that has now come. The modem does not take
    /// them back, and has to ask for the uplink by random access. The server acknowledges each copy (RFC 7252 clause 4.5).
    fn copies_meanwhile(&mut self, timer: Timer, reply_bytes: u32, over: Label) {
        let replies = self.b.label();
        self.b.op(Op::Copies { timer, what: Asked::Acknowledged, otherwise: replies });
        self.b.op(Op::Under(Some(Cause::RepeatedRequest)));
        self.uplink_for_new_data(over);
        self.b.doing("copies of the report", "RFC 7252 4.2");
        self.b.op(Op::Load(Amount::Copies));
        self.transfer(Toward::Network, Cause::Airtime, over);
        self.b.place(replies);
        self.b.op(Op::Copies { timer, what: Asked::Replies, otherwise: over });
        self.b.op(Op::Under(Some(Cause::RepeatedRequest)));
        self.b.doing("acknowledgements of the copies", "RFC 7252 4.5");
        self.b.op(Op::Load(Amount::EachCopy(reply_bytes)));
        self.transfer(Toward::Terminal, Cause::Acknowledgement, over);
    }

    /// The terminal gets the uplink for user data that come up in a connection: the network grants it unasked, or the terminal
    /// asks by random access, for Release 13 has no scheduling request (TS 36.321 clause 5.4.4). The grant for its data then
    /// resolves the contention (clause 5.1.5).
    pub(super) fn uplink_for_new_data(&mut self, given_up: Label) {
        if self.config.proactive_grants {
            return;
        }
        let parameters = &self.config.levels[self.level];
        let (begin, backoff, granted) = (self.b.label(), self.b.label(), self.b.label());
        self.b.op(Op::NewAccess);
        self.b.place(begin);
        let failed = self.uplink_request();
        self.b.goto(granted);
        self.b.place(failed);
        let (attempts, total) = (parameters.nprach.attempts, self.config.preamble_trans_max);
        self.b.op(Op::Retry { attempts, total, again: backoff, escalate: backoff });
        self.b.goto(given_up);
        self.b.place(backoff);
        self.back_off(begin);
        self.b.place(granted);
    }

    /// Flights of a handshake, one after the other. The timer of the first has been started. Copies follow when the answer is
    /// there, each with the answer that it gets.
    fn exchanges(&mut self, exchanges: &[Exchange], extra: u32, failed: Label) {
        let (turnaround, clause) = (self.round_trip(), self.data_clause());
        for (number, exchange) in exchanges.iter().enumerate() {
            if number > 0 {
                self.b.op(Op::Ask);
            }
            let legs: Vec<Leg> = [Some(exchange.up), exchange.down].into_iter().flatten().collect();
            let (extra, new_data) = if number == 0 { (extra, false) } else { (0, true) };
            self.legs(&Course { legs: &legs, clause, extra, turnaround, failed, new_data });
            let (Some(timer), Some(down)) = (exchange.timer, exchange.down) else { continue };
            let none = self.b.label();
            self.b.op(Op::Copies { timer, what: Asked::Handshake, otherwise: none });
            self.uplink_for_new_data(failed);
            self.b.doing("copies of the flight, and of its answer", "RFC 6347 4.2.4");
            self.b.op(Op::Load(Amount::EachCopy(exchange.up.bytes)));
            self.transfer(Toward::Network, Cause::Airtime, failed);
            self.b.op(Op::Load(Amount::EachCopy(down.bytes)));
            self.transfer(Toward::Terminal, Cause::Acknowledgement, failed);
            self.b.place(none);
        }
    }

    /// From the network's edge to the server and back.
    fn round_trip(&self) -> SimDuration {
        self.config.core_delay * 2 + self.config.server_delay
    }
}

impl<'a> Writer<'a> {
    /// What opens a lost session, and the silence that loses it.
    fn again(&self) -> Option<(&'a [Exchange], SimDuration)> {
        let opening = self.terms.dialogue.opening.as_ref()?;
        Some((&opening.again, opening.after?))
    }
}
