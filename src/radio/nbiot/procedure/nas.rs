//! What a terminal and the mobility management of the core network say to each other, with sizes.
//!
//! The sizes are planning values for the information elements that a meter with power saving mode sends and gets (TS 24.301
//! clauses 8.2 and 8.3), the DLInformationTransfer or ULInformationTransfer around them included.

use crate::traffic::dialogue::Leg;

/// Attach with authentication, security and a PDN connection (TS 23.401 clause 5.3.2.1), user plane included.
pub(super) fn attach() -> [Leg; 9] {
    [
        // Identity 12, capabilities 8, PDN CONNECTIVITY REQUEST 20, area 6, DRX and timers 9, headers.
        Leg::up("ATTACH REQUEST, PDN CONNECTIVITY REQUEST", 60),
        // RAND 16, AUTN 17, key set 1, header 2 (TS 24.301 clause 8.2.7).
        Leg::down("AUTHENTICATION REQUEST", 40),
        // RES 8 with its length, header 2 (clause 8.2.8).
        Leg::up("AUTHENTICATION RESPONSE", 15),
        Leg::down("SECURITY MODE COMMAND", 20),
        // With IMEISV (clause 8.2.21).
        Leg::up("SECURITY MODE COMPLETE", 23),
        // Security of the access stratum, then a data bearer with ATTACH ACCEPT in it.
        Leg::down("SecurityModeCommand", 11),
        Leg::up("SecurityModeComplete", 13),
        // Bearer configuration 30, area list 8, identity 13, ACTIVATE DEFAULT EPS BEARER CONTEXT REQUEST 45, timers 9.
        Leg::down("RRCConnectionReconfiguration, ATTACH ACCEPT", 110),
        Leg::up("RRCConnectionReconfigurationComplete, ATTACH COMPLETE", 26),
    ]
}

/// Periodic tracking-area update (TS 23.401 clause 5.3.3.2; TS 24.301 clause 5.5.3.2).
pub(super) fn update() -> [Leg; 2] {
    [
        // Identity 13, status, timers and capabilities, header with message authentication 6.
        Leg::up("TRACKING AREA UPDATE REQUEST", 40),
        // Timers as granted, area list, header with message authentication 6.
        Leg::down("TRACKING AREA UPDATE ACCEPT", 32),
    ]
}
