//! Booking time and energy: to the errand that a terminal is on, and to the ledger of its group.

use crate::cause::{Cause, Errand};
use crate::exec::setup::Executor;
use crate::exec::trace::Stretch;
use crate::exec::walk::Walk;
use crate::power::Activity;
use crate::radio::channel::Resource;
use crate::radio::compile::{Segment, Stay};
use crate::radio::plan::Part;
use crate::units::{Joules, SimDuration, SimTime};

/// A stretch of time in one state. It begins where the one before it ends, and has no length if that is later than its
/// own end.
#[derive(Clone, Copy)]
pub(super) struct Spell {
    until: SimTime,
    cause: Cause,
    activity: Activity,
    using: Resource,
}

impl Spell {
    /// Uses nothing of the cell.
    #[inline]
    pub fn new(until: SimTime, cause: Cause, activity: Activity) -> Spell {
        Spell { until, cause, activity, using: Resource::None }
    }

    /// Uses this resource of the cell.
    #[inline]
    pub fn using(self, using: Resource) -> Spell {
        Spell { using, ..self }
    }
}

impl Walk<'_> {
    /// Books time in one state.
    pub(super) fn spend(&mut self, cause: Cause, activity: Activity, span: SimDuration) {
        self.spend_until(cause, activity, self.context.clock + span);
    }

    /// Books the time until `instant`.
    pub(super) fn spend_until(&mut self, cause: Cause, activity: Activity, instant: SimTime) {
        self.book(&[Spell::new(instant, cause, activity)]);
    }

    /// Books spells that follow each other.
    // Together, because what must be asked of the errand is then asked once; out of line, because copies of it in all the
    // places that book would push each other out of the instruction cache.
    #[inline(never)]
    pub(super) fn book(&mut self, spells: &[Spell]) {
        if self.setup.executor == Executor::Interpreted {
            self.tell(spells);
        }
        let context = &mut *self.context;
        let (mut clock, mut energy) = (context.clock, Joules::ZERO);
        let split = context.errand() == Errand::Report;
        for spell in spells {
            // More than a third have no length: nothing was in the way.
            if spell.until <= clock {
                continue;
            }
            let span = spell.until.since(clock);
            let spent = spell.activity.power * span;
            (clock, energy) = (spell.until, energy + spent);
            if !split {
                continue;
            }
            let cause = context.under.unwrap_or(spell.cause);
            context.time[cause.index()] += span;
            if context.counted {
                self.ledger.spend(cause, spent);
            }
        }
        context.clock = clock;
        if split { context.energy += energy } else { self.charge_errand(energy) }
    }

    /// Books the stays of a segment.
    #[inline]
    pub(super) fn book_segment(&mut self, segment: &Segment, stays: &[Stay]) {
        let context = &mut *self.context;
        context.clock += segment.span;
        if context.errand() != Errand::Report {
            return self.charge_errand(segment.energy);
        }
        context.energy += segment.energy;
        for stay in stays {
            let cause = context.under.unwrap_or(stay.cause);
            context.time[cause.index()] += stay.span;
            if context.counted {
                self.ledger.spend(cause, stay.energy);
            }
        }
    }

    /// Books energy to an errand that is no report: those are not split by cause.
    #[inline(never)]
    fn charge_errand(&mut self, energy: Joules) {
        let context = &mut *self.context;
        match &mut context.aside {
            None => context.energy += energy,
            Some(aside) => aside.energy += energy,
        }
        if context.counted
            && let Some(cause) = context.errand().cause()
        {
            self.ledger.spend_between(cause, energy);
        }
    }

    /// Tells the trace of spells that begin at the context's clock.
    #[cold]
    #[inline(never)]
    fn tell(&mut self, spells: &[Spell]) {
        let (group, index, errand) = (self.terminal.group, self.terminal.index, Some(self.context.errand()));
        let doing = match &self.channels.assistance {
            Some(assistance) if self.part == Part::Assistance => assistance.doing,
            _ => self.group.plan.doing(self.context.at, self.part),
        };
        let mut start = self.context.clock;
        for &Spell { until, cause, activity, using: resource } in spells {
            let (cause, end) = (self.context.under.unwrap_or(cause), start.max(until));
            self.trace.record(Stretch { group, index, start, end, errand, doing, resource, cause, activity });
            start = end;
        }
    }
}
