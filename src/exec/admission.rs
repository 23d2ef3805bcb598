//! Who may go on: the conditions of a plan, access barring, rejects, and occasions of a terminal's own.

use crate::cause::Errand;
use crate::exec::walk::{Flow, Walk};
use crate::radio::check::Check;
use crate::radio::plan::{Barring, Label, Reachable, Spend};
use crate::rng::Purpose;
use crate::units::{SimDuration, SimTime};

/// Access classes of ordinary terminals, 0 to 9 (TS 22.011 clause 4.2).
const ACCESS_CLASSES: u64 = 10;

impl Walk<'_> {
    pub(super) fn holds(&mut self, check: &Check) -> bool {
        let clock = self.context.clock;
        match *check {
            Check::Chance(probability, purpose) => {
                self.context.key.draw(purpose, u64::from(self.context.attempts_total)).chance(probability)
            }
            Check::Fits { link, table } => self.channels.links[link].tables[table].holds(self.context.bytes),
            Check::ToldToBackOff => self.context.told_to_back_off,
            Check::Steady(tolerance) => {
                let drift = self.group.drift.0 * self.context.key.draw(Purpose::Drift, 0).normal();
                drift.abs() <= tolerance.0
            }
            Check::Uncalled => [Errand::Command, Errand::Download]
                .iter()
                .all(|errand| self.group.call_time(self.terminal, *errand).is_none_or(|time| time > clock)),
            Check::Patient { timer, ahead } => {
                self.copies_by(&timer, clock.since(self.context.asked) + ahead) <= self.context.copies_lost
            }
            Check::Prompt { link, within } => {
                let link = &self.channels.links[link];
                let grant = self.cell.find_grant(self.path(link), &link.dedicated, (self.now, clock));
                grant.control_start.since(grant.candidate) <= within
            }
        }
    }

    /// The barred classes at any time are `barred` in a row; the first of them moves on with each rotation.
    pub(super) fn await_admission(&mut self, barred: u32, rotation: SimDuration, spend: &Spend) -> Flow {
        let class = self.group.key_of(self.terminal).draw(Purpose::AccessClass, 0).below(ACCESS_CLASSES);
        let turn = self.context.clock.0 / rotation.0.max(1);
        // How far the class lies behind the first barred one; each turn it is one less.
        let behind = (class + ACCESS_CLASSES - turn % ACCESS_CLASSES) % ACCESS_CLASSES;
        if behind < u64::from(barred) {
            let admitted = SimTime((turn + behind + 1) * rotation.0);
            self.spend_until(spend.cause, spend.activity, admitted);
        }
        Flow::Next
    }

    /// Draws until the terminal is not barred, or the run is over.
    pub(super) fn pass_barring(&mut self, barring: &Barring) -> Flow {
        let Barring { pass, time, spend } = *barring;
        let key = self.context.key;
        let mut check = 0;
        while self.context.clock < self.setup.end && !key.draw(Purpose::Barring, check).chance(pass) {
            let tenth = time.0 / 10;
            let wait = 7 * tenth + key.draw(Purpose::BarringTime, check).below(6 * tenth + 1);
            self.spend(spend.cause, spend.activity, SimDuration(wait));
            check += 1;
        }
        Flow::Next
    }

    pub(super) fn count_attempts_anew(&mut self) -> Flow {
        let context = &mut *self.context;
        (context.attempts, context.attempts_before) = (0, context.attempts_total);
        context.told_to_back_off = false;
        Flow::Next
    }

    pub(super) fn count_reject(&mut self, channel: usize) -> Flow {
        if self.context.counted {
            self.cell.access[channel].rejected += 1;
        }
        Flow::Next
    }

    /// Waits for the terminal's own occasion if it is near.
    pub(super) fn appear(&mut self, period: SimDuration, within: SimDuration, spend: &Spend, otherwise: Label) -> Flow {
        let clock = self.context.clock;
        let place = self.group.paging_place(self.terminal);
        let near = |time: &SimTime| time.since(clock) <= within;
        match (Reachable::Occasions { period }).next(clock, place).filter(near) {
            Some(occasion) => {
                self.spend_until(spend.cause, spend.activity, occasion);
                Flow::Next
            }
            None => Flow::To(otherwise),
        }
    }
}
