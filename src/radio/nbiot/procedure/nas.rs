//! What a terminal and the mobility management of the core network say to each other, with sizes.
//!
//! The sizes are planning values for the information elements that a meter with power saving mode sends and gets (TS 24.301
//! clauses 8.2 and 8.3), the DLInformationTransfer or ULInformationTransfer around them included.

use super::bytes;
use crate::radio::nbiot::admission::Connection;
use crate::traffic::dialogue::Leg;

/// Attach with authentication, security and a PDN connection (TS 23.401 clause 5.3.2.1), user plane included if there is one.
pub(super) fn attach(connection: Connection) -> Vec<Leg> {
    let mut legs = vec![
        // Identity 12, capabilities 8, PDN CONNECTIVITY REQUEST 20, area 6, DRX and timers 9, headers.
        Leg::up("Msg5 RRCConnectionSetupComplete-NB, ATTACH REQUEST, PDN CONNECTIVITY REQUEST", 60),
        // RAND 16, AUTN 17, key set 1, header 2 (TS 24.301 clause 8.2.7).
        Leg::down("AUTHENTICATION REQUEST", 40),
        // RES 8 with its length, header 2 (clause 8.2.8).
        Leg::up("AUTHENTICATION RESPONSE", 15),
        Leg::down("SECURITY MODE COMMAND", 20),
        // With IMEISV (clause 8.2.21).
        Leg::up("SECURITY MODE COMPLETE", 23),
    ];
    if connection == Connection::ControlPlane {
        // What is left of the messages below without a bearer.
        legs.extend([Leg::down("ATTACH ACCEPT", 80), Leg::up("ATTACH COMPLETE", 16)]);
        return legs;
    }
    legs.extend([
        // Security of the access stratum, then a data bearer with ATTACH ACCEPT in it.
        Leg::down("SecurityModeCommand", 11),
        Leg::up("SecurityModeComplete", 13),
        // Bearer configuration 30, area list 8, identity 13, ACTIVATE DEFAULT EPS BEARER CONTEXT REQUEST 45, timers 9.
        Leg::down("RRCConnectionReconfiguration-NB, ATTACH ACCEPT", 110),
        Leg::up("RRCConnectionReconfigurationComplete-NB, ATTACH COMPLETE", 26),
    ]);
    legs
}

/// From Msg5 of a terminal that sets a connection up to its data bearer (TS 23.401 clause 5.3.4.1).
pub(super) fn service_request() -> [Leg; 5] {
    [
        // With SERVICE REQUEST; sizes of Msg5 and the two completions: energy model of Andres-Maldonado et al. 2017 (public code).
        Leg::up("Msg5 RRCConnectionSetupComplete-NB, SERVICE REQUEST", bytes::SETUP_COMPLETE),
        Leg::down("SecurityModeCommand", 11),
        Leg::up("SecurityModeComplete", 13),
        // A planning value: the bearer configuration of the attach and headers.
        Leg::down("RRCConnectionReconfiguration-NB", 40),
        Leg::up("RRCConnectionReconfigurationComplete-NB", 10),
    ]
}

/// Periodic tracking-area update (TS 23.401 clause 5.3.3.2; TS 24.301 clause 5.5.3.2).
pub(super) fn update(connection: Connection) -> [Leg; 2] {
    let request = match connection {
        Connection::Resume => "Msg5 RRCConnectionResumeComplete-NB, TRACKING AREA UPDATE REQUEST",
        _ => "Msg5 RRCConnectionSetupComplete-NB, TRACKING AREA UPDATE REQUEST",
    };
    [
        // Identity 13, status, timers and capabilities, header with message authentication 6.
        Leg::up(request, 40),
        // Timers as granted, area list, header with message authentication 6.
        Leg::down("TRACKING AREA UPDATE ACCEPT", 32),
    ]
}
