//! From transmitter to receiver: losses, gains, interference, and what of a block arrives.

pub mod budget;
pub mod error_rate;
pub mod fastmath;
pub mod satellite;
pub mod tr45820;

use crate::units::{Db, Metres};

/// The propagation model of a terrestrial network: TR 45.820 annex D.
#[derive(Clone, Debug, PartialEq)]
pub struct Tr45820 {
    /// Standard deviation of the shadow fading.
    pub shadowing_sigma: Db,
    /// Correlation of the shadow fading towards different sites, 0 to 1; between sectors of one site it is 1.
    pub site_correlation: f64,
    /// Over this distance the shadow fading of a terminal that moves loses all but 1/e of its correlation.
    pub shadowing_correlation: Metres,
    /// Gain of a sector antenna in its main direction.
    pub site_antenna_gain: Db,
    /// Loss between base station and antenna.
    pub feeder_loss: Db,
    /// Angle between the half-power directions of a sector antenna, degrees.
    pub beamwidth_deg: f64,
    /// Largest attenuation of a sector antenna behind its back.
    pub front_to_back: Db,
    /// Which distribution of external walls buildings have.
    pub building: Building,
    /// Share of the time that neighbour cells transmit, 0 to 1: the activity factor of downlink interference.
    pub neighbour_activity: f64,
    /// Rise of the uplink noise floor by terminals of neighbour cells.
    pub uplink_noise_rise: Db,
    /// Standard deviation of the coupling loss of one place from one message to the next.
    pub temporal_sigma: Db,
}

/// The two building scenarios of TR 45.820 annex D.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Building {
    /// External walls of 4 to 11, 11 to 19, 19 to 23 dB for 25, 65, 10 % of the terminals.
    Scenario1,
    /// The same classes for 25, 50, 25 % of the terminals.
    Scenario2,
}
