//! The random-access procedure as a plan: barring, preamble, response, Msg3, Msg4 and the way back after a failure (TS
//! 36.321 clause 5.1).

use crate::cause::{Cause, Loss};
use crate::power::Activity;
use crate::radio::Terms;
use crate::radio::lte_access::channels::{MSG3, MSG3_BYTES, MSG4, SUBFRAME};
use crate::radio::lte_access::config::Config;
use crate::radio::plan::{
    AccessNames, Amount, Barring, Builder, Doing, Harq, Label, Meter, Op, Phase, Plan, PlanError, Reachable, Rest,
    Search, Spend, TailId,
};
use crate::rng::{Probability, Purpose};
use crate::units::SimDuration;

/// What comes before Msg3.
static ACCESS_NAMES: AccessNames = AccessNames {
    preamble: Doing { what: "Msg1 preamble", clause: "TS 36.321 5.1.3, TS 36.211 5.7" },
    response: Doing { what: "Msg2 random-access response", clause: "TS 36.321 5.1.4" },
};

/// Writes the plan for a group.
///
/// # Errors
/// [`PlanError`] if the plan is not sound; parameters cannot cause that.
pub fn plan(config: &Config, terms: &Terms<'_>) -> Result<Plan, PlanError> {
    let mut builder = Builder::default();
    let wake = builder.label();
    let rest = rest(&mut builder, terms, wake);
    let device = terms.device;
    // The control channel may call in any subframe.
    let monitoring = device.monitoring(1.0);
    let writer = Writer { b: &mut builder, config, idle: device.idling(), monitoring, released: rest.quiet[0] };
    writer.access(wake);
    let meter = Meter {
        waiting: device.idling(),
        monitoring: vec![monitoring],
        receiving: device.receiving(),
        transmitting: device.transmitter(),
    };
    builder.finish(meter, rest)
}

/// Idle mode between messages. Nobody is ever out of coverage, searching or switched off, nor called or asked to show up.
fn rest(b: &mut Builder, terms: &Terms<'_>, wake: Label) -> Rest {
    let mut idle = || {
        b.tail(vec![Phase {
            span: SimDuration::FOREVER,
            spend: Spend { cause: Cause::ActiveTime, activity: terms.device.idling() },
            entries: vec![wake],
            reachable: Reachable::Never,
        }])
    };
    let quiet = idle();
    Rest {
        quiet: vec![quiet],
        released: vec![quiet],
        searching: idle(),
        off: idle(),
        update: SimDuration::FOREVER,
        retry: SimDuration::FOREVER,
        search: Search { length: SUBFRAME, pause: SUBFRAME, longest: SUBFRAME },
    }
}

struct Writer<'a> {
    b: &'a mut Builder,
    config: &'a Config,
    idle: Activity,
    monitoring: Activity,
    released: TailId,
}

impl Writer<'_> {
    /// From idle mode to the end of Msg4, and back to it.
    fn access(mut self, wake: Label) {
        let (attempt, resolve, failed) = (self.b.label(), self.b.label(), self.b.label());
        self.b.place(wake);
        self.barring();
        self.b.place(attempt);
        self.msg3(resolve, failed);
        self.b.place(resolve);
        self.msg4(failed);
        self.b.op(Op::Deliver);
        self.b.op(Op::Release(self.released));
        self.b.place(failed);
        self.retry(attempt);
    }

    /// Once, before the first preamble.
    fn barring(&mut self) {
        if self.config.barring_factor < 1.0 {
            self.b.doing("access class barring", "TS 36.331 5.3.3.11");
            let pass = Probability::new(self.config.barring_factor);
            let spend = Spend { cause: Cause::Barred, activity: self.idle };
            self.b.op(Op::Barring(Barring { pass, time: self.config.barring_time, spend }));
        }
    }

    /// Preamble, response and Msg3, which goes on to `arrived` or, the attempt being lost, to `failed`.
    fn msg3(&mut self, arrived: Label, failed: Label) {
        let (again, given_up) = (self.b.label(), self.b.label());
        self.b.doing("Msg3 RRCConnectionRequest", "TS 36.331 5.3.3.3, TS 36.321 5.4.2");
        self.b.op(Op::Load(Amount::Fixed(MSG3_BYTES)));
        self.b.op(Op::Access { channel: 0, names: &ACCESS_NAMES, block_lost: again, failed });
        self.b.goto(arrived);
        self.b.place(again);
        self.harq(MSG3, self.config.msg3_round_trip, false, given_up);
        self.b.goto(arrived);
        self.b.place(given_up);
        self.b.hold(self.config.contention_timer, Cause::Unanswered, self.monitoring);
        self.b.goto(failed);
    }

    /// The contention-resolution timer begins with each transmission of Msg3, so with the last (TS 36.321 clause 5.1.5).
    fn msg4(&mut self, failed: Label) {
        self.b.doing("Msg4 contention resolution", "TS 36.321 5.1.5");
        self.b.op(Op::StartTimer(self.config.contention_timer));
        self.b.hold(self.config.msg3_processing, Cause::Scheduling, self.monitoring);
        self.harq(MSG4, self.config.msg4_round_trip, true, failed);
    }

    fn harq(&mut self, table: usize, round_trip: SimDuration, in_time: bool, failed: Label) {
        self.b.op(Op::Harq(Harq { link: 0, table, air: Cause::Signalling, round_trip, in_time, failed }));
    }

    /// Backoff and the next attempt, or the end of them.
    fn retry(&mut self, attempt: Label) {
        let (config, again) = (self.config, self.b.label());
        let attempts = config.preamble_trans_max;
        self.b.op(Op::Retry { attempts, total: attempts, again, escalate: again });
        self.b.op(Op::Lose(Loss::Access));
        self.b.op(Op::Release(self.released));
        self.b.place(again);
        self.b.doing("backoff", "TS 36.321 5.1.4");
        let spend = Spend { cause: Cause::Backoff, activity: self.idle };
        self.b.op(Op::Draw { max: config.backoff, purpose: Purpose::Backoff, spend });
        self.b.goto(attempt);
    }
}
