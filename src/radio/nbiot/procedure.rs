//! The NB-IoT procedures as plans: from deep sleep through random access and a connection to release and back.
//!
//! Every errand takes the same way in (`wake`, `access`) and out (`release`); what it does while it is connected is
//! a sequence of legs (`errands`). By default a report resumes a suspended connection (user-plane CIoT optimisation, TS 36.300
//! clause 7.3b); a terminal that registers has none to resume and sets one up. Reports can do without a connection, in Msg3
//! (`early`) or in a reserved block (`reserved`).

mod access;
mod application;
mod early;
mod errands;
mod nas;
mod release;
mod reserved;
mod tails;
mod wake;

use crate::cause::Cause;
use crate::power::Activity;
use crate::radio::nbiot::admission::Connection;
use crate::radio::nbiot::config::{Config, LEVELS};
use crate::radio::plan::{Builder, Label, Meter, Plan, PlanError, Rest, Transfer};
use crate::radio::{ReleaseAssistance, Terms};

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
    /// An empty buffer status report with its subheader, in the last block of the terminal (TS 36.321 clause 6.1.3.1).
    pub const BUFFER_STATUS: u32 = 2;
    /// Release assistance indication of a NAS message (TS 24.301 clause 9.9.4.25: half an octet and its identifier).
    pub const RELEASE_ASSISTANCE: u32 = 1;
    /// RRCConnectionRelease-NB.
    pub const RELEASE: u32 = 17;
    /// RLC STATUS PDU that acknowledges everything, in a block of its own (TS 36.322 clause 6.2.1.6: 15 bits).
    pub const STATUS: u32 = 2;
    /// The same beside other data: with its MAC subheader.
    pub const STATUS_BESIDE: u32 = 4;
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
    /// From extended DRX, whose timing is known in its windows only.
    dozing: Label,
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
    /// Connected; a report is on its way to the server.
    sent: Label,
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

/// What writes one coverage level's part of the plan.
struct Writer<'a> {
    b: &'a mut Builder,
    config: &'a Config,
    terms: &'a Terms<'a>,
    level: usize,
    places: &'a [Places; LEVELS],
    tails: tails::Tails,
}

impl Writer<'_> {
    fn at(&self) -> Places {
        self.places[self.level]
    }

    /// Waiting for a grant that may come in any search space.
    fn monitoring(&self) -> Activity {
        self.terms.device.monitoring(1.0 / self.config.levels[self.level].npdcch_g)
    }

    /// Bytes with which a terminal asks for its release. A network that does not heed the access stratum does not let
    /// terminals ask there (rai-Activation, TS 36.331 clause 6.7.3.2); the core network cannot forbid it.
    fn assistance_bytes(&self) -> u32 {
        match self.terms.release_assistance {
            ReleaseAssistance::AccessStratum if self.config.release_assistance => bytes::BUFFER_STATUS,
            ReleaseAssistance::NonAccessStratum => bytes::RELEASE_ASSISTANCE,
            _ => 0,
        }
    }

    /// Whether the network releases the terminal because it asks for it.
    fn is_released_at_once(&self) -> bool {
        self.terms.release_assistance != ReleaseAssistance::None && self.config.release_assistance
    }

    /// A transfer on this level's link, booked as signalling.
    fn signalling(&self, table: usize, more: Label, lost: Label, exhausted: Label) -> Transfer {
        let link = self.level;
        Transfer {
            link,
            table,
            air: Cause::Signalling,
            reported: false,
            again: false,
            acknowledged: true,
            more,
            lost,
            exhausted,
            in_time: None,
        }
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
        dozing: builder.label(),
        connected: builder.label(),
        access: builder.label(),
        attempt: builder.label(),
        resolved: builder.label(),
        request: builder.label(),
        established: builder.label(),
        set_up: builder.label(),
        sent: builder.label(),
        reported: builder.label(),
        served: builder.label(),
        release: builder.label(),
        link_lost: builder.label(),
        access_lost: builder.label(),
        over: builder.label(),
    });
    let tails = tails::write(&mut builder, config, terms, &places);
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
    let tails::Tails { quiet, released, searching, off, .. } = tails;
    let search = wake::search(config);
    builder.appoint(reserved::appointment(config, early::beside_early(config)));
    let (update, retry) = (terms.periodic_update, config.registration_retry);
    let (quiet, released) = (quiet.to_vec(), released.to_vec());
    builder.finish(meter, Rest { quiet, released, searching, off, update, retry, search })
}
