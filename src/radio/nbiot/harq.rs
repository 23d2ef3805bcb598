//! What a second HARQ process changes (Category NB2, twoHARQ-ProcessesConfig): when grants can come.

use crate::radio::channel::Ahead;
use crate::radio::nbiot::config::Config;
use crate::units::SimDuration;

/// From the end of a transmission to the terminal's readiness for the next grant: three subframes, with two processes the
/// guard period of one (TS 36.213 clauses 16.4.1 and 16.6, TS 36.211 clause 6.2.5).
pub(super) fn turnaround(config: &Config) -> SimDuration {
    SimDuration::from_millis(if config.harq_processes > 1 { 1 } else { 3 })
}

/// Grants ahead of time in the uplink and in the downlink. A terminal with two processes listens until two subframes before
/// its block (TS 36.213 clause 16.6); the block waits for the second grant as long as the scheduling delays of DCI formats N0
/// and N1 let it (clauses 16.5.1 and 16.4.1, Rmax below 128).
pub(super) fn ahead() -> [Ahead; 2] {
    let ms = SimDuration::from_millis;
    [
        // The second block ends within 256 subframes of the start of the first (clause 16.6).
        Ahead { guard: ms(2), within: ms(64), longest_ms: 128 },
        // It ends before the first is acknowledged, 18 subframes behind it at the latest (clause 16.4.2), a guard apart.
        Ahead { guard: ms(2), within: ms(4 + 128), longest_ms: 16 },
    ]
}
