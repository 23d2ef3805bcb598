//! The parameters of an LTE cell's random access, checked and in core types.

use crate::units::SimDuration;

/// Random access of an LTE cell, with the defaults of TR 37.868.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// From one random-access opportunity to the next (prach-ConfigurationIndex, TS 36.211 table 5.7.1-2).
    pub opportunity_period: SimDuration,
    /// Preambles for contention, 1 to 64.
    pub preambles: u32,
    /// preambleTransMax: preambles that a terminal sends before it gives up.
    pub preamble_trans_max: u32,
    /// How often a preamble is detected that one terminal chose.
    pub detection: Detection,
    /// From the end of a preamble to the start of the response window.
    pub preamble_processing: SimDuration,
    /// ra-ResponseWindowSize, whole subframes; at most `opportunity_period`.
    pub response_window: SimDuration,
    /// Terminals that the responses of one subframe answer.
    pub grants_per_subframe: u32,
    /// From the end of a response to Msg3.
    pub response_processing: SimDuration,
    /// From the end of Msg3 to Msg4.
    pub msg3_processing: SimDuration,
    /// Probability that one transmission of Msg3, or of Msg4, is lost.
    pub harq_loss: f64,
    /// Transmissions of Msg3, and of Msg4.
    pub harq_transmissions: u32,
    /// From one transmission of Msg3 to the next, at least 1 ms.
    pub msg3_round_trip: SimDuration,
    /// From one transmission of Msg4 to the next, at least 1 ms.
    pub msg4_round_trip: SimDuration,
    /// mac-ContentionResolutionTimer.
    pub contention_timer: SimDuration,
    /// Largest backoff; each is drawn uniformly between zero and this.
    pub backoff: SimDuration,
    /// ac-BarringFactor: probability that a terminal is not barred, 1 for no barring.
    pub barring_factor: f64,
    /// ac-BarringTime: mean time until a barred terminal checks again; above zero.
    pub barring_time: SimDuration,
}

/// How often a preamble is detected that one terminal chose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Detection {
    /// Attempt number i with 1 − e^−i, for terminals raise their power from one to the next (TR 37.868).
    Ramping,
    /// Always with this probability.
    Constant(f64),
}
