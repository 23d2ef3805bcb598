//! What a run remembers of an errand under way, most often a message.

use crate::cause::{Cause, Errand};
use crate::exec::relay::Registration;
use crate::radio::channel::LinkClass;
use crate::radio::plan::Label;
use crate::rng::Key;
use crate::units::{Joules, SimDuration, SimTime};

/// An errand under way, and the message if it is one.
#[derive(Clone, Debug)]
pub struct Context {
    /// Random numbers of this contact with the network.
    pub key: Key,
    /// When the application had the message, or the server what it called for.
    pub born: SimTime,
    /// When the terminal turned to its errand.
    pub started: SimTime,
    /// The terminal's own time: how far the plan has been walked.
    pub clock: SimTime,
    /// Energy of the errand that the terminal set out for.
    pub energy: Joules,
    /// The errand that it does beside that one, if it does.
    pub aside: Option<Aside>,
    /// Time since `born` by cause; complete when the message is delivered or lost.
    pub time: [SimDuration; Cause::COUNT],
    /// When the application sent what its timer may send again.
    pub asked: SimTime,
    /// Copies of it that went nowhere, before the one that is now on its way.
    pub copies_lost: u8,
    /// Copies of it since then.
    pub copies: u8,
    /// Copies that are being sent.
    pub sending: u8,
    /// Under what everything is booked, if not under the cause of each step.
    pub under: Option<Cause>,
    /// When the timer that limits the wait for a grant runs out.
    pub timer: SimTime,
    /// Until when it knows what it must know to transmit.
    pub informed_until: SimTime,
    /// When it last found out where it is, or else was last in contact; `None` if that was before the run.
    pub located: Option<SimTime>,
    /// How far it has come with registering over satellites that store.
    pub registration: Registration,
    /// Number of the terminal in its district.
    pub terminal: u32,
    /// Number of the report under way.
    pub report: u32,
    /// The next context of the same random-access opportunity, or of the free list.
    pub next: u32,
    /// Bytes that the current transfer still has to move.
    pub bytes: u32,
    /// Draws made for block errors.
    pub blocks: u32,
    /// Link class in the uplink for this message, at full power.
    pub uplink: LinkClass,
    /// Link class in the downlink for this message.
    pub downlink: LinkClass,
    /// Link class in which the first scheduled block of the random access under way arrives.
    pub first_block: LinkClass,
    /// Coupling loss as the terminal measured it for this message, as [`Terminal`](crate::exec::terminal::Terminal) keeps it.
    pub measured: u8,
    /// The carrier on which the terminal is.
    pub carrier: u8,
    /// Position in the plan.
    pub at: Label,
    /// Where a random-access attempt under way leads to if its first block is lost, and if it fails.
    pub access_targets: (Label, Label),
    /// Failed random-access attempts at the current level.
    pub attempts: u16,
    /// Random-access attempts made.
    pub attempts_total: u16,
    /// Of them those before the network rejected the terminal.
    pub attempts_before: u16,
    /// Those for the message under way.
    pub preambles: u16,
    /// When the first of these began.
    pub first_preamble: SimTime,
    /// Whether it has heard a random-access response, whose backoff indicator counts from then on.
    pub told_to_back_off: bool,
    /// Steps by which the current block is faster than the edge of the level needs.
    pub step: u8,
    /// Coverage level with which the contact began.
    pub first_level: u8,
    /// Transmissions of the current block that were lost.
    pub transmission: u8,
    /// Grants for the current block that the terminal missed.
    pub missed_grants: u8,
    /// When the grant ended that came ahead of time for the next block, if one did.
    pub ahead: Option<SimTime>,
    /// From when on the acknowledgement can be sent that a block still lacks because another followed it at once.
    pub unacknowledged: Option<SimTime>,
    /// How often the plan has gone back by [`Op::Again`](crate::radio::plan::Op::Again).
    pub repeats: u8,
    /// Rounds gone through by [`Op::Round`](crate::radio::plan::Op::Round).
    pub rounds: u32,
    /// What went before, of a terminal that has several networks.
    pub journey: Option<Journey>,
    /// The errand that the terminal set out for.
    pub main: Errand,
    /// Whether the contact began in the counted time.
    pub counted: bool,
    /// Whether its message was born in the counted time.
    pub message_counted: bool,
    /// What became of the message, or of the other errand that the terminal set out for.
    pub fate: Fate,
}

/// What a terminal did before a contact that messages had to wait for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Journey {
    /// Looking for a network and a cell: from when until when.
    pub searched: (SimTime, SimTime),
    /// Waiting for a satellite.
    pub waited: (SimTime, SimTime),
}

/// An errand that a terminal does in the same contact as another.
#[derive(Clone, Copy, Debug)]
pub struct Aside {
    /// Which.
    pub errand: Errand,
    /// When the server had it.
    pub called: SimTime,
    /// Energy so far.
    pub energy: Joules,
    /// Whether it has neither succeeded nor failed.
    pub open: bool,
}

/// What became of an errand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Under way: time is latency.
    Open,
    /// Delivered or lost within the run.
    Ended,
    /// No message, and failed.
    Failed,
    /// Delivered or lost after the end of the run: it counts as unfinished.
    Late,
}

/// No context.
pub const NONE: u32 = u32::MAX;

impl Context {
    /// An errand that a terminal turns to at `now`.
    #[must_use]
    pub fn new(key: Key, terminal: u32, main: Errand, born: SimTime, now: SimTime) -> Context {
        let mut time = [SimDuration::ZERO; Cause::COUNT];
        time[Cause::Queued.index()] = now.since(born);
        Context {
            key,
            born,
            started: now,
            clock: now,
            energy: Joules::ZERO,
            aside: None,
            time,
            asked: born,
            copies_lost: 0,
            copies: 0,
            sending: 0,
            under: None,
            timer: SimTime::MAX,
            informed_until: SimTime::ZERO,
            located: None,
            registration: Registration::default(),
            terminal,
            report: 0,
            next: NONE,
            bytes: 0,
            blocks: 0,
            uplink: LinkClass::default(),
            downlink: LinkClass::default(),
            first_block: LinkClass::default(),
            measured: 0,
            carrier: 0,
            at: Label(0),
            access_targets: (Label(0), Label(0)),
            attempts: 0,
            attempts_total: 0,
            attempts_before: 0,
            told_to_back_off: false,
            preambles: 0,
            first_preamble: SimTime::ZERO,
            first_level: 0,
            step: 0,
            transmission: 0,
            missed_grants: 0,
            ahead: None,
            unacknowledged: None,
            repeats: 0,
            rounds: 0,
            journey: None,
            main,
            counted: false,
            message_counted: false,
            fate: Fate::Open,
        }
    }
}

impl Context {
    /// The errand that the terminal is on now.
    #[must_use]
    pub fn errand(&self) -> Errand {
        self.aside.map_or(self.main, |aside| aside.errand)
    }

    /// Sets out with report number `report`, which the application had at `born`.
    pub fn set_out_with_report(&mut self, report: u32, born: SimTime) {
        self.main = Errand::Report;
        (self.report, self.born, self.fate) = (report, born, Fate::Open);
        self.preambles = 0;
        self.ask(born);
        self.energy = Joules::ZERO;
        self.time = [SimDuration::ZERO; Cause::COUNT];
        self.time[Cause::Queued.index()] = self.clock.since(born);
        self.account_for_journey();
    }

    /// Books what a message has waited so far under what the terminal did meanwhile.
    pub fn account_for_journey(&mut self) {
        let Some(Journey { searched, waited }) = self.journey else { return };
        let meanwhile = |(from, until): (SimTime, SimTime)| until.min(self.clock).since(from.max(self.born));
        let (searched, waited) = (meanwhile(searched), meanwhile(waited));
        self.time[Cause::Outage.index()] = SimDuration::ZERO;
        self.time[Cause::Reselection.index()] = searched;
        self.time[Cause::Satellite.index()] = waited;
        self.time[Cause::Queued.index()] = self.clock.since(self.born) - searched - waited;
    }

    /// The errand that the terminal set out for, if it was no report and came to nothing.
    #[must_use]
    pub fn failed(&self) -> Option<Errand> {
        (self.fate == Fate::Failed).then_some(self.main)
    }

    /// The application's timer starts at `asked`.
    pub fn ask(&mut self, asked: SimTime) {
        self.asked = asked;
        (self.copies_lost, self.copies, self.sending) = (0, 0, 0);
    }

    /// Begins a contact anew at `entry`, in another cell, with what was under way. Draws are not repeated.
    pub fn begin_again(&mut self, entry: Label) {
        self.give_up_block();
        (self.at, self.carrier, self.repeats, self.under) = (entry, 0, 0, None);
        (self.attempts, self.attempts_before, self.told_to_back_off) = (0, self.attempts_total, false);
        self.next = NONE;
    }

    /// Whether what the terminal is on has neither succeeded nor failed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.aside.map_or(self.fate == Fate::Open, |aside| aside.open)
    }

    /// Gives a block up, and with it what was said ahead of time.
    pub fn give_up_block(&mut self) {
        self.start_block();
        (self.ahead, self.unacknowledged) = (None, None);
    }

    /// Begins a block: nothing of it has been sent.
    pub fn start_block(&mut self) {
        self.transmission = 0;
        self.missed_grants = 0;
    }
}

/// Contexts, reused. It grows to the largest number of messages that were ever under way at once.
#[derive(Clone, Debug)]
pub struct Pool {
    contexts: Vec<Context>,
    free: u32,
}

impl Default for Pool {
    fn default() -> Pool {
        Pool { contexts: Vec::new(), free: NONE }
    }
}

impl Pool {
    /// Takes a place for `context` and returns its number.
    pub fn insert(&mut self, context: Context) -> u32 {
        if self.free == NONE {
            self.contexts.push(context);
            return self.contexts.len() as u32 - 1;
        }
        let number = self.free;
        let place = &mut self.contexts[number as usize];
        self.free = place.next;
        *place = context;
        number
    }

    /// Gives the place back.
    pub fn remove(&mut self, number: u32) {
        self.contexts[number as usize].next = self.free;
        self.contexts[number as usize].terminal = NONE;
        self.free = number;
    }

    /// The message with that number.
    #[inline]
    pub fn get_mut(&mut self, number: u32) -> &mut Context {
        &mut self.contexts[number as usize]
    }

    /// The messages under way.
    pub fn live(&self) -> impl Iterator<Item = &Context> {
        self.contexts.iter().filter(|context| context.terminal != NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_used_again() {
        let mut pool = Pool::default();
        let new = |terminal| Context::new(Key(0), terminal, Errand::Report, SimTime(5), SimTime(7));
        let (a, b) = (pool.insert(new(1)), pool.insert(new(2)));
        pool.remove(a);
        assert_eq!(pool.live().map(|context| context.terminal).collect::<Vec<_>>(), [2]);
        assert_eq!(pool.insert(new(3)), a);
        pool.remove(b);
        pool.remove(a);
        assert_eq!((pool.insert(new(4)), pool.insert(new(5))), (a, b));
        assert_eq!(pool.get_mut(b).time[Cause::Queued.index()], SimDuration(2));
    }
}
