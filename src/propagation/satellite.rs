//! Links between satellites and terminals on the ground: TR 38.811 clause 6.6 and the link budgets of TR 38.821 and TR 36.763.
//!
//! [`tables`] and [`atmosphere`] are what happens on the way, [`budget`] adds it up line by line, [`beam`] is the antenna of the
//! satellite and [`layout`] its neighbours, [`arc`] what persists while a satellite passes, [`service`] all of it in the form
//! that a simulation asks for.

pub mod arc;
pub mod atmosphere;
pub mod beam;
pub mod budget;
pub mod layout;
pub mod service;
pub mod tables;

use crate::units::{Db, Dbm, Hertz, Metres};

/// The radio of a satellite.
#[derive(Clone, Debug, PartialEq)]
pub struct Payload {
    /// Its name in the catalogue.
    pub name: String,
    /// Height above the ground.
    pub altitude: Metres,
    /// From the satellite to the terminal.
    pub downlink: Carrier,
    /// From the terminal to the satellite.
    pub uplink: Carrier,
    /// Power over bandwidth in the middle of a beam, dBW/MHz.
    pub eirp_density: f64,
    /// Gain of the antenna in the middle of a beam, in the downlink.
    pub antenna_gain: Db,
    /// Gain over temperature of the receiver, dB/K.
    pub gain_over_temperature: Db,
    /// The lowest elevation for which it is laid out, degrees.
    pub target_elevation_deg: f64,
    /// Loss by shadow fading where the surroundings of a terminal are not told.
    pub shadow_margin: Db,
    /// Loss by antennas that are polarized differently.
    pub polarization_loss: Db,
    /// Any other loss.
    pub additional_loss: Db,
}

/// One direction of a satellite's radio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Carrier {
    /// Carrier frequency.
    pub frequency: Hertz,
    /// Bandwidth of a transmission.
    pub bandwidth: Hertz,
    /// Diameter of the satellite's antenna.
    pub aperture: Metres,
}

/// The radio of a terminal.
#[derive(Clone, Debug, PartialEq)]
pub struct Terminal {
    /// Its name in the catalogue.
    pub name: String,
    /// Highest transmission power.
    pub power: Dbm,
    /// Gain of the antenna when it sends.
    pub transmit_gain: Db,
    /// Gain of the antenna when it receives.
    pub receive_gain: Db,
    /// Noise figure of the receiver.
    pub noise_figure: Db,
    /// Noise temperature of the antenna, K.
    pub antenna_temperature: f64,
}
