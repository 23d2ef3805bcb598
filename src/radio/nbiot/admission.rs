//! How a network lets terminals in: the signalling before data, data without a connection, and what it does against overload.

use crate::radio::nbiot::config::LEVELS;
use crate::units::{Db, SimDuration};

/// How terminals come from idle mode to data, and what keeps them away. By default they resume connections, nothing else.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Admission {
    /// The signalling of a connection.
    pub connection: Connection,
    /// Probability that the network does not know the suspended connection any more and sets one up anew (TS 36.331 clause
    /// 5.3.3.3a).
    pub resume_failure: f64,
    /// Data in Msg3, if the network has it.
    pub early_data: Option<EarlyData>,
    /// Data in reserved blocks, if the network has it.
    pub preconfigured: Option<Preconfigured>,
    /// Access barring.
    pub barring: Barring,
    /// Rejecting connections under load, if the network does.
    pub reject: Option<Reject>,
}

/// The signalling of a connection (TS 36.300 clause 7.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// A suspended connection is resumed: user-plane CIoT optimisation.
    #[default]
    Resume,
    /// Connection, security and bearer are set up for each contact (TS 23.401 clause 5.3.4.1).
    ServiceRequest,
    /// Data travels in NAS messages, without bearer and security of the access stratum: control-plane CIoT optimisation.
    ControlPlane,
}

/// Early data transmission (Release 15, TS 36.321 clause 5.1, TS 36.331 clause 5.3.3.1b).
#[derive(Clone, Debug, PartialEq)]
pub struct EarlyData {
    /// Probability that the network goes on with a connection nevertheless.
    pub refused: f64,
    /// What system information grants at each coverage level.
    pub levels: [EarlyLevel; LEVELS],
}

/// Early data at one coverage level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlyLevel {
    /// Largest block of Msg3, bits (edt-TBS, TS 36.331 clause 6.7.3.2).
    pub max_tbs: u32,
    /// Of the level's NPRACH subcarriers so many are for early data; fewer than it has.
    pub subcarriers: u32,
}

/// Transmission in preconfigured uplink resources (Release 16, TS 36.331 clause 5.3.3.19, TS 36.321 clause 5.4.7).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preconfigured {
    /// From one occasion of a terminal to the next.
    pub period: SimDuration,
    /// Largest block, bits.
    pub max_tbs: u32,
    /// The coupling loss may be so much better or worse than usual; else the timing advance counts as invalid.
    pub tolerance: Db,
}

/// Access barring (SIB14-NB, TS 36.331 clauses 5.3.3.14 and 6.7.3.1): a bitmap over the ten access classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Barring {
    /// After so long the barred classes move on by one; above zero if any are barred.
    pub rotation: SimDuration,
    /// Classes that are barred at each coverage level: 0 to 9.
    pub classes: [u32; LEVELS],
}

/// RRCConnectionReject with extendedWaitTime (TS 36.331 clause 5.3.3.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The network rejects a terminal for which the grant of Msg4 has to queue longer.
    pub above: SimDuration,
    /// The terminal waits at least so long and at most half as long again.
    pub wait: SimDuration,
}
