//! The NB-IoT procedures as plans: from deep sleep through random access and RRC resume to release and back.
//!
//! One report takes this path (user-plane CIoT optimisation, TS 36.300 clause 7.3b): cell search and MIB-NB, system
//! information if it has expired, NPRACH and random-access response with Msg3 (RRCConnectionResumeRequest), Msg4
//! (RRCConnectionResume), Msg5 (RRCConnectionResumeComplete) together with the report in scheduled NPUSCH blocks, the
//! server's answer if there is one, RRCConnectionRelease, T3324, PSM.

use crate::cause::{Cause, Loss};
use crate::radio::Terms;
use crate::radio::nbiot::config::{Config, LEVELS};
use crate::radio::nbiot::link::{self, DATA_DOWN, DATA_UP, MSG3};
use crate::radio::plan::{
    Amount, Builder, Label, Meter, Op, Phase, Plan, PlanError, Reachable, Spend, TailId, Transfer,
};
use crate::rng::Purpose;
use crate::units::SimDuration;

/// What Msg5 carries besides the message, bytes.
pub const MESSAGE_EXTRA_BYTES: u32 = bytes::RESUME_COMPLETE;

/// Bytes of RRC messages with their headers, after TS 36.331 clause 6.2.2 (planning values, not encoded bit by bit).
mod bytes {
    /// RRCConnectionResume-NB, Msg4.
    pub const RESUME: u32 = 19;
    /// RRCConnectionResumeComplete-NB, in Msg5 with the first data.
    pub const RESUME_COMPLETE: u32 = 22;
    /// RRCConnectionRelease-NB.
    pub const RELEASE: u32 = 17;
    /// Msg3: 88 bits, the size every random-access response grants (TS 36.213 table 16.3.3-1).
    pub const MSG3: u32 = 11;
}

/// The places of one coverage level's part of the plan.
#[derive(Clone, Copy)]
struct Places {
    /// From deep sleep.
    wake: Label,
    /// From idle mode with known timing.
    idle: Label,
    /// Random access.
    access: Label,
    /// Msg5 and data.
    data: Label,
    /// After the last data.
    release: Label,
    /// After a block was lost for good.
    block_lost: Label,
    /// After random access was given up.
    access_lost: Label,
}

/// The tails of the plan.
#[derive(Clone, Copy)]
struct Tails {
    /// Connected, interrupted by new data.
    connected: TailId,
    /// T3324, then deep sleep, per coverage level.
    released: [TailId; LEVELS],
    /// Deep sleep.
    asleep: TailId,
}

/// Writes the plan for a group.
///
/// # Errors
/// [`PlanError`] if the plan is not sound; parameters cannot cause that.
pub fn plan(config: &Config, terms: &Terms<'_>) -> Result<Plan, PlanError> {
    let mut builder = Builder::default();
    let places: [Places; LEVELS] = std::array::from_fn(|_| Places {
        wake: builder.label(),
        idle: builder.label(),
        access: builder.label(),
        data: builder.label(),
        release: builder.label(),
        block_lost: builder.label(),
        access_lost: builder.label(),
    });
    let tails = write_tails(&mut builder, config, terms, &places);
    for level in 0..LEVELS {
        write_wake(&mut builder, config, terms, level, &places[level]);
        write_access(&mut builder, config, terms, level, &places);
        write_data(&mut builder, config, terms, level, &places[level]);
        write_release(&mut builder, config, terms, level, &places[level], tails);
    }
    let device = terms.device;
    let meter = Meter {
        waiting: device.idling(),
        monitoring: config.levels.iter().map(|level| device.monitoring(1.0 / level.npdcch_g)).collect(),
        receiving: device.receiving(),
        transmitting: device.transmitter(),
    };
    builder.finish(meter, tails.asleep)
}

fn write_tails(b: &mut Builder, config: &Config, terms: &Terms<'_>, places: &[Places; LEVELS]) -> Tails {
    let device = terms.device;
    let entries = |pick: fn(&Places) -> Label| places.iter().map(pick).collect::<Vec<_>>();
    let connected = Phase {
        span: SimDuration(u64::MAX),
        spend: inactive(config, terms),
        entries: entries(|p| p.access),
        reachable: Reachable::Always,
    };
    let asleep = Phase {
        span: SimDuration(u64::MAX),
        spend: Spend { cause: Cause::Sleep, activity: device.sleeping() },
        entries: entries(|p| p.wake),
        reachable: Reachable::Never,
    };
    let connected = b.tail(vec![connected]);
    let released = std::array::from_fn(|level| {
        // A paging occasion is heard through up to Rmax subframes (TS 36.304 clause 7.1, TS 36.213 clause 16.6).
        let occasion = SimDuration::from_millis(u64::from(config.levels[level].npdcch_rmax));
        let duty = occasion.as_secs_f64() / config.paging_cycle.as_secs_f64();
        let active = Phase {
            span: terms.active_timer,
            spend: Spend { cause: Cause::ActiveTime, activity: device.monitoring(duty) },
            entries: entries(|p| p.idle),
            reachable: Reachable::Occasions { period: config.paging_cycle, offset: SimDuration::ZERO },
        };
        b.tail(vec![active, asleep.clone()])
    });
    Tails { connected, released, asleep: b.tail(vec![asleep]) }
}

/// Connected without data: connected DRX.
fn inactive(config: &Config, terms: &Terms<'_>) -> Spend {
    let duty = config.connected_drx_on.as_secs_f64() / config.connected_drx_cycle.as_secs_f64();
    Spend { cause: Cause::Inactivity, activity: terms.device.monitoring(duty) }
}

/// Cell search, MIB-NB and, when it has expired, system information (TS 36.331 clause 5.2.2.3).
fn write_wake(b: &mut Builder, config: &Config, terms: &Terms<'_>, level: usize, at: &Places) {
    let device = terms.device;
    let parameters = &config.levels[level];
    b.place(at.wake);
    b.hold(parameters.sync + parameters.mib, Cause::Sync, device.receiving());
    b.place(at.idle);
    b.op(Op::Refresh { validity: config.information_validity, valid: at.access });
    b.op(Op::Align {
        period: config.information_period,
        offset: SimDuration::ZERO,
        spend: Spend { cause: Cause::SystemInformation, activity: device.idling() },
    });
    b.hold(parameters.information, Cause::SystemInformation, device.receiving());
}

/// Random access with its retries (TS 36.321 clause 5.1), Msg3 and Msg4.
///
/// The contention-resolution timer starts with each transmission of Msg3 and not with those of Msg4 (clause 5.1.5).
fn write_access(b: &mut Builder, config: &Config, terms: &Terms<'_>, level: usize, places: &[Places; LEVELS]) {
    let at = &places[level];
    let (failed, msg3_again, msg4, msg4_again, resumed) = (b.label(), b.label(), b.label(), b.label(), b.label());
    let timer = link::contention_timer(&config.levels[level]);
    b.place(at.access);
    b.op(Op::Load(Amount::Fixed(bytes::MSG3)));
    b.op(Op::Access { channel: level, block_lost: msg3_again, failed });
    b.op(Op::StartTimer(timer));
    b.op(Op::Load(Amount::Fixed(bytes::RESUME)));
    b.place(msg4);
    let transfer = Transfer { in_time: Some(failed), ..signalling(level, DATA_DOWN, msg4, msg4_again, failed) };
    b.op(Op::Downlink(transfer.clone()));
    b.goto(resumed);
    b.place(msg4_again);
    b.op(Op::Downlink(Transfer { again: true, ..transfer }));
    b.goto(resumed);

    b.place(msg3_again);
    b.op(Op::StartTimer(timer));
    let transfer = Transfer { in_time: Some(failed), ..signalling(level, MSG3, failed, msg3_again, failed) };
    b.op(Op::Uplink(Transfer { again: true, ..transfer }));
    b.op(Op::StartTimer(timer));
    b.op(Op::Load(Amount::Fixed(bytes::RESUME)));
    b.goto(msg4);

    b.place(failed);
    let (retry, escalate) = (b.label(), b.label());
    let deeper = places.get(level + 1).map_or(retry, |_| escalate);
    let attempts = config.levels[level].nprach.attempts;
    b.op(Op::Retry { attempts, total: config.preamble_trans_max, again: retry, escalate: deeper });
    b.goto(at.access_lost);
    for (label, target) in [(retry, Some(at)), (escalate, places.get(level + 1))] {
        b.place(label);
        let spend = Spend { cause: Cause::Backoff, activity: terms.device.idling() };
        b.op(Op::Draw { max: config.backoff, purpose: Purpose::Backoff, spend });
        b.goto(target.unwrap_or(at).access);
    }
    b.place(resumed);
    // Msg4 says where the connection goes on (TS 36.331 clause 6.7.3.2, CarrierConfigDedicated-NB).
    if config.non_anchor_carriers > 0 {
        b.op(Op::Move);
    }
}

/// Msg5 with the report, and the server's answer.
fn write_data(b: &mut Builder, config: &Config, terms: &Terms<'_>, level: usize, at: &Places) {
    let device = terms.device;
    let (block_again, sent) = (b.label(), b.label());
    b.op(Op::Load(Amount::Message { extra: MESSAGE_EXTRA_BYTES }));
    b.place(at.data);
    let up = data(level, DATA_UP, at.data, block_again, at.block_lost);
    b.op(Op::Uplink(up.clone()));
    b.goto(sent);
    b.place(block_again);
    b.op(Op::Uplink(Transfer { again: true, ..up }));
    b.place(sent);
    b.hold(config.core_delay, Cause::Network, device.monitoring(1.0 / config.levels[level].npdcch_g));
    b.op(Op::Deliver);
    b.op(Op::IfAnswered { otherwise: at.release });

    let (answer, answer_again) = (b.label(), b.label());
    let way_back = config.server_delay + config.core_delay;
    b.hold(way_back, Cause::Network, device.monitoring(1.0 / config.levels[level].npdcch_g));
    b.op(Op::Load(Amount::Fixed(terms.answer_bytes)));
    b.place(answer);
    let down = Transfer { air: Cause::Acknowledgement, ..data(level, DATA_DOWN, answer, answer_again, at.release) };
    b.op(Op::Downlink(down.clone()));
    b.goto(at.release);
    b.place(answer_again);
    b.op(Op::Downlink(Transfer { again: true, ..down }));
    b.goto(at.release);
}

/// Inactivity, RRCConnectionRelease, and what happens after losses.
fn write_release(b: &mut Builder, config: &Config, terms: &Terms<'_>, level: usize, at: &Places, tails: Tails) {
    let (release, release_again, idle, poll) = (b.label(), b.label(), b.label(), b.label());
    let monitoring = terms.device.monitoring(1.0 / config.levels[level].npdcch_g);
    b.place(poll);
    b.hold(config.rlc_poll_timer, Cause::Harq, monitoring);
    b.goto(at.data);
    // Acknowledged mode of RLC (TS 36.322 clause 5.2): the bytes that are left go out once more, then the link fails.
    b.place(at.block_lost);
    b.op(Op::Again { limit: config.rlc_retransmissions, to: poll });
    b.op(Op::Lose(Loss::Radio));
    b.place(at.release);
    if !(terms.release_assistance && config.release_assistance) {
        b.op(Op::Linger { span: config.inactivity, spend: inactive(config, terms), interrupted: tails.connected });
    }
    b.op(Op::Load(Amount::Fixed(bytes::RELEASE)));
    b.place(release);
    // A terminal that misses the release goes to idle by itself in the end; the rest of its wait is left out.
    let transfer = signalling(level, DATA_DOWN, release, release_again, idle);
    b.op(Op::Downlink(transfer.clone()));
    b.goto(idle);
    b.place(release_again);
    b.op(Op::Downlink(Transfer { again: true, ..transfer }));
    b.goto(idle);

    b.place(at.access_lost);
    b.op(Op::Lose(Loss::Access));
    b.op(Op::Release(tails.released[level]));
    b.place(idle);
    b.hold(config.release_wait, Cause::Inactivity, monitoring);
    b.op(Op::Release(tails.released[level]));
}

fn signalling(link: usize, table: usize, more: Label, lost: Label, exhausted: Label) -> Transfer {
    Transfer { link, table, air: Cause::Signalling, again: false, more, lost, exhausted, in_time: None }
}

fn data(link: usize, table: usize, more: Label, lost: Label, exhausted: Label) -> Transfer {
    Transfer { air: Cause::Airtime, ..signalling(link, table, more, lost, exhausted) }
}
