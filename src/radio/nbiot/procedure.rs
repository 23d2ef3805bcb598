//! The NB-IoT procedures as plans: from deep sleep through random access and a connection to release and back.
//!
//! Every errand takes the same way in ([`wake`], [`access`]) and out ([`release`]); what it does while it is connected is
//! a sequence of legs ([`errands`]). By default a report resumes a suspended connection (user-plane CIoT optimisation, TS 36.300
//! clause 7.3b); a terminal that registers has none to resume and sets one up. Reports can do without a connection, in Msg3
//! ([`early`]) or in a reserved block ([`reserved`]).

mod access;
mod early;
mod errands;
mod nas;
mod release;
mod reserved;
mod wake;

use crate::cause::Cause;
use crate::power::{Activity, Profile};
use crate::radio::Terms;
use crate::radio::nbiot::admission::Connection;
use crate::radio::nbiot::config::{Config, LEVELS};
use crate::radio::plan::{Builder, Label, Meter, Phase, Plan, PlanError, Reachable, Rest, Spend, TailId, Transfer};
use crate::units::SimDuration;

/// What goes with the message in its first block of scheduled data, bytes.
#[must_use]
pub fn beside_message(config: &Config) -> u32 {
    match config.admission.connection {
        Connection::Resume => bytes::RESUME_COMPLETE,
        Connection::ServiceRequest => 0,
        Connection::ControlPlane => bytes::SETUP_COMPLETE + bytes::NAS_UP,
    }
}

/// Bytes of RRC messages with their headers, after TS 36.331 clause 6.2.2 (planning values, not encoded bit by bit).
mod bytes {
    /// RRCConnectionResume-NB, Msg4.
    pub const RESUME: u32 = 19;
    /// RRCConnectionResumeComplete-NB, in Msg5 with the first data.
    pub const RESUME_COMPLETE: u32 = 22;
    /// RRCConnectionSetup-NB, Msg4 of a terminal without a suspended connection.
    pub const SETUP: u32 = 38;
    /// RRCConnectionSetupComplete-NB, in Msg5 around a NAS message.
    pub const SETUP_COMPLETE: u32 = 20;
    /// RRCConnectionReject-NB with extendedWaitTime, Msg4 of a network under load.
    pub const REJECT: u32 = 7;
    /// What NAS puts around user data on the control plane: SERVICE REQUEST, ESM DATA TRANSPORT, integrity (TS 24.301 clauses
    /// 8.2.33 and 8.3.25). With [`SETUP_COMPLETE`] 44 bytes, as in the energy model of Andres-Maldonado et al. 2017.
    pub const NAS_UP: u32 = 24;
    /// The same towards the terminal and for further data: DLInformationTransfer, ESM DATA TRANSPORT, integrity.
    pub const NAS_DOWN: u32 = 14;
    /// RRCConnectionRelease-NB.
    pub const RELEASE: u32 = 17;
    /// Msg3: 88 bits, the size every random-access response grants (TS 36.213 table 16.3.3-1).
    pub const MSG3: u32 = 11;
}

/// The places of one coverage level's part of the plan.
#[derive(Clone, Copy)]
struct Places {
    /// From power-off.
    switched_on: Label,
    /// From deep sleep.
    wake: Label,
    /// From idle mode with known timing.
    idle: Label,
    /// From a connection without data.
    connected: Label,
    /// The way in: access barring, then whatever leads to the network.
    access: Label,
    /// An attempt of random access.
    attempt: Label,
    /// Msg3 has arrived and has to be answered.
    resolved: Label,
    /// Random access of a terminal that has new data in its connection.
    request: Label,
    /// Connected after random access, in the usual way of the network.
    established: Label,
    /// Connected by a new connection where one was to be resumed.
    set_up: Label,
    /// Connected; the bytes of a report are loaded.
    send: Label,
    /// Connected; a report has arrived at the server.
    reported: Label,
    /// What the server has waiting.
    served: Label,
    /// After the last data.
    release: Label,
    /// After a block was lost for good.
    link_lost: Label,
    /// After random access was given up.
    access_lost: Label,
    /// After the network has ended the exchange.
    over: Label,
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
    /// Without coverage.
    searching: TailId,
    /// Switched off.
    off: TailId,
}

/// What writes one coverage level's part of the plan.
struct Writer<'a> {
    b: &'a mut Builder,
    config: &'a Config,
    terms: &'a Terms<'a>,
    level: usize,
    places: &'a [Places; LEVELS],
    tails: Tails,
}

impl Writer<'_> {
    fn at(&self) -> Places {
        self.places[self.level]
    }

    /// Waiting for a grant that may come in any search space.
    fn monitoring(&self) -> Activity {
        self.terms.device.monitoring(1.0 / self.config.levels[self.level].npdcch_g)
    }

    /// Connected without data: connected DRX.
    fn inactive(&self) -> Spend {
        inactive(self.config, self.terms)
    }

    /// A transfer on this level's link, booked as signalling.
    fn signalling(&self, table: usize, more: Label, lost: Label, exhausted: Label) -> Transfer {
        let link = self.level;
        Transfer { link, table, air: Cause::Signalling, again: false, more, lost, exhausted, in_time: None }
    }
}

/// Writes the plan for a group.
///
/// # Errors
/// [`PlanError`] if the plan is not sound; parameters cannot cause that.
pub fn plan(config: &Config, terms: &Terms<'_>) -> Result<Plan, PlanError> {
    let mut builder = Builder::default();
    let places: [Places; LEVELS] = std::array::from_fn(|_| Places {
        switched_on: builder.label(),
        wake: builder.label(),
        idle: builder.label(),
        connected: builder.label(),
        access: builder.label(),
        attempt: builder.label(),
        resolved: builder.label(),
        request: builder.label(),
        established: builder.label(),
        set_up: builder.label(),
        send: builder.label(),
        reported: builder.label(),
        served: builder.label(),
        release: builder.label(),
        link_lost: builder.label(),
        access_lost: builder.label(),
        over: builder.label(),
    });
    let tails = write_tails(&mut builder, config, terms, &places);
    for level in 0..LEVELS {
        let mut writer = Writer { b: &mut builder, config, terms, level, places: &places, tails };
        writer.wake();
        writer.access();
        writer.errands();
        writer.release();
    }
    let device = terms.device;
    let meter = Meter {
        waiting: device.idling(),
        monitoring: config.levels.iter().map(|level| device.monitoring(1.0 / level.npdcch_g)).collect(),
        receiving: device.receiving(),
        transmitting: device.transmitter(),
    };
    let Tails { asleep, searching, off, .. } = tails;
    let search = wake::search(config);
    builder.appoint(reserved::appointment(config, early::beside_early(config)));
    builder.finish(
        meter,
        Rest { asleep, searching, off, update: terms.periodic_update, retry: config.registration_retry, search },
    )
}

fn write_tails(b: &mut Builder, config: &Config, terms: &Terms<'_>, places: &[Places; LEVELS]) -> Tails {
    let device = terms.device;
    let entries = |pick: fn(&Places) -> Label| places.iter().map(pick).collect::<Vec<_>>();
    let forever = |spend: Spend, pick: fn(&Places) -> Label, reachable: Reachable| Phase {
        span: SimDuration(u64::MAX),
        spend,
        entries: entries(pick),
        reachable,
    };
    let asleep = forever(Spend { cause: Cause::Sleep, activity: device.sleeping() }, |p| p.wake, Reachable::Never);
    let connected = b.tail(vec![forever(inactive(config, terms), |p| p.connected, Reachable::Always)]);
    let released = std::array::from_fn(|level| {
        // A paging occasion is heard through up to Rmax subframes (TS 36.304 clause 7.1, TS 36.213 clause 16.6).
        let occasion = SimDuration::from_millis(u64::from(config.levels[level].npdcch_rmax));
        let duty = occasion.as_secs_f64() / config.paging_cycle.as_secs_f64();
        let active = Phase {
            span: terms.active_timer,
            spend: Spend { cause: Cause::ActiveTime, activity: device.monitoring(duty) },
            entries: entries(|p| p.idle),
            reachable: Reachable::Occasions { period: config.paging_cycle },
        };
        b.tail(vec![active, asleep.clone()])
    });
    let searching = b.tail(wake::searching(config, terms, &asleep));
    let off = Spend { cause: Cause::Sleep, activity: Profile::off() };
    let off = b.tail(vec![forever(off, |p| p.switched_on, Reachable::Never)]);
    Tails { connected, released, asleep: b.tail(vec![asleep]), searching, off }
}

/// Connected without data: connected DRX.
fn inactive(config: &Config, terms: &Terms<'_>) -> Spend {
    let duty = config.connected_drx_on.as_secs_f64() / config.connected_drx_cycle.as_secs_f64();
    Spend { cause: Cause::Inactivity, activity: terms.device.monitoring(duty) }
}
