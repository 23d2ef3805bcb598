//! The errands of a contact with the network: turning to another, succeeding, failing, paying.

use crate::cause::{Cause, Errand, Loss};
use crate::exec::context::{Aside, Fate};
use crate::exec::notes::Sender;
use crate::exec::walk::{Flow, Pause, Walk};
use crate::metrics::series::Column;
use crate::radio::plan::{Label, TailId};
use crate::traffic::gathering::Gathering;
use crate::units::{Joules, SimDuration, SimTime};

impl Walk<'_> {
    /// Turns to `errand` if it is due, or is what the terminal set out for.
    pub(super) fn turn(&mut self, errand: Errand, otherwise: Label) -> Flow {
        if self.context.main == errand && self.context.fate == Fate::Open {
            return Flow::Next;
        }
        if !self.terminal.attached {
            return Flow::To(otherwise);
        }
        let due = |time: &SimTime| *time <= self.context.clock;
        if errand == Errand::Report {
            let born = self.group.report_time(self.terminal, self.terminal.report).filter(due);
            return born.map_or(Flow::To(otherwise), |born| self.take_report(born));
        }
        let asked = match errand {
            Errand::KeepAlive => self.group.registration_update(self.terminal, self.terminal.released),
            _ => self.call_within_reach(errand),
        };
        let Some(called) = asked.filter(due) else { return Flow::To(otherwise) };
        self.context.aside = Some(Aside { errand, called, energy: Joules::ZERO, open: true });
        self.context.rounds = 0;
        Flow::Next
    }

    /// Goes on with a report after the errand the terminal set out for.
    fn take_report(&mut self, born: SimTime) -> Flow {
        self.pay();
        let context = &mut *self.context;
        context.message_counted = born >= self.setup.counted_from;
        context.set_out_with_report(self.terminal.report, born);
        self.terminal.report += 1;
        if self.context.message_counted {
            self.series.add(Column::Offered, born, self.group.messages(1));
        }
        Flow::Next
    }

    /// The errand has succeeded.
    pub(super) fn deliver(&mut self) -> Flow {
        let errand = self.context.errand();
        if errand == Errand::Report {
            return self.deliver_report();
        }
        if errand == Errand::Attach && !self.is_answered_on_board() {
            self.end_errand(Fate::Ended);
            return Flow::Next;
        }
        if let Some(latency) = self.end_errand(Fate::Ended) {
            self.ledger.errand(errand).succeed(latency);
        }
        self.strike_off(errand);
        self.terminal.attached |= errand == Errand::Attach;
        Flow::Next
    }

    fn deliver_report(&mut self) -> Flow {
        let carried = match self.carry_on() {
            Ok(carried) => carried,
            Err(reason) => return self.lose(reason),
        };
        let context = &*self.context;
        let ended = context.clock + carried;
        let latency = ended.since(context.born);
        debug_assert_eq!(context.time.iter().copied().sum::<SimDuration>(), latency, "causes add up");
        let access = (context.preambles > 0)
            .then(|| (u64::from(context.preambles), context.clock.since(context.first_preamble)));
        if self.end_message(ended) {
            self.deliver_messages(latency);
            if let Some((preambles, delay)) = access {
                self.ledger.access(preambles, delay);
            }
            self.series.add(Column::Delivered, ended, self.group.messages(1));
            self.note_end(ended, None);
        }
        Flow::Next
    }

    /// Books the messages of a report that has arrived `latency` after it was ready: one, or all that a gateway has gathered.
    fn deliver_messages(&mut self, latency: SimDuration) {
        let Some(gathering) = &self.group.gathering else {
            return self.ledger.deliver(latency, &self.context.time);
        };
        let mut time = self.context.time;
        for wait in gathering.waits() {
            time[Cause::Gathered.index()] = wait;
            self.ledger.deliver(latency + wait, &time);
        }
    }

    /// The errand has failed.
    pub(super) fn lose(&mut self, reason: Loss) -> Flow {
        self.context.under = None;
        let errand = self.context.errand();
        if errand == Errand::Report {
            let ended = self.context.clock;
            if self.end_message(ended) {
                let messages = self.group.messages(1);
                self.ledger.lose(reason, messages);
                self.series.add(Column::Lost, ended, messages);
                self.note_end(ended, Some(reason));
            }
        } else {
            let open = self.is_open();
            if self.end_errand(Fate::Failed).is_some() {
                self.ledger.errand(errand).failed += 1;
            }
            if open {
                self.strike_off(errand);
            }
        }
        Flow::Next
    }

    /// Ends the message; says whether its end counts. An end behind that of the run makes it unfinished.
    fn end_message(&mut self, ended: SimTime) -> bool {
        let late = ended >= self.setup.end;
        if self.context.fate != Fate::Open {
            return false;
        }
        self.context.fate = if late { Fate::Late } else { Fate::Ended };
        if late && self.context.message_counted {
            self.ledger.unfinished += self.group.messages(1);
        }
        self.context.message_counted && !late
    }

    /// Whether the errand under way, if it is no report, has neither succeeded nor failed.
    fn is_open(&self) -> bool {
        self.context.aside.map_or(self.context.fate == Fate::Open, |aside| aside.open)
    }

    /// Ends an errand that is no report; returns how long it took if its end counts.
    fn end_errand(&mut self, fate: Fate) -> Option<SimDuration> {
        if !self.is_open() {
            return None;
        }
        let context = &mut *self.context;
        let begun = match &mut context.aside {
            Some(aside) => {
                aside.open = false;
                aside.called
            }
            None => {
                context.fate = fate;
                context.born
            }
        };
        (context.counted && context.clock < self.setup.end).then(|| context.clock.since(begun))
    }

    /// The server is done with a call of this kind.
    fn strike_off(&mut self, errand: Errand) {
        match errand {
            Errand::Command => self.terminal.commands += 1,
            Errand::Download => self.terminal.downloads = self.terminal.downloads.saturating_add(1),
            _ => (),
        }
    }

    /// Nothing more is spent on the errand.
    pub(super) fn complete(&mut self) -> Flow {
        if let Some(aside) = self.context.aside.take()
            && self.context.counted
        {
            self.ledger.errand(aside.errand).cost(aside.energy);
        }
        Flow::Next
    }

    /// Books what the errand cost that the terminal set out for.
    fn pay(&mut self) {
        let context = &*self.context;
        if !context.counted {
            return;
        }
        if context.main != Errand::Report {
            self.ledger.errand(context.main).cost(context.energy);
            return;
        }
        self.terminal.energy += context.energy;
        if context.message_counted && context.fate == Fate::Ended {
            match &self.group.gathering {
                None => self.ledger.message_cost(context.energy),
                Some(gathering) => self.pay_messages(*gathering, context.energy),
            }
        }
    }

    /// Books what each message of a gateway's report cost, which cost the gateway `report` to send.
    fn pay_messages(&mut self, gathering: Gathering, report: Joules) {
        let messages = u64::from(gathering.messages);
        self.terminal.energy += Joules(gathering.receive.0 * messages);
        self.ledger.spend(Cause::Gathered, Joules((gathering.receive.0 + gathering.local.0) * messages));
        (0..messages).for_each(|_| self.ledger.message_cost(gathering.cost_of_each(report)));
    }

    fn note_end(&mut self, ended: SimTime, loss: Option<Loss>) {
        if let Some(notes) = self.notes.as_deref_mut() {
            let (group, cell) = (self.group, self.cell.number);
            notes.end(self.context, (ended, loss), Sender { group, terminal: self.terminal, cell, covered: true });
        }
    }

    /// The terminal leaves the connection.
    pub(super) fn release(&mut self, tail: TailId) -> Flow {
        self.complete();
        self.pay();
        let (context, terminal) = (&*self.context, &mut *self.terminal);
        if context.counted {
            let span = context.clock.since(context.started);
            self.ledger.observed += u128::from(span.0);
            if context.main == Errand::Report {
                terminal.awake += span;
                terminal.messages += 1;
            }
            if let Some(notes) = self.notes.as_deref_mut() {
                notes.release(context);
            }
        }
        terminal.released = context.clock;
        terminal.tail = tail.0;
        terminal.busy = false;
        Flow::Pause(Pause::Over)
    }
}
