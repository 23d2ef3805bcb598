//! The file types of satellites and of the terminals that talk to them, and their way into core types.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Issue;
use super::value::{Real, Sourced};
use crate::propagation::satellite::{Carrier, Payload, Terminal};
use crate::units::{Db, Dbm, Hertz, Metres};

/// The radio of a satellite, as far as a link budget needs it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SatelliteFile {
    /// What the satellite is, in one sentence.
    pub description: String,
    /// Height of the orbit above the ground, km.
    pub altitude_km: Sourced<Real<100, 100_000>>,
    /// The lowest elevation for which it is laid out, degrees.
    pub target_elevation_deg: Sourced<Real<0, 90>>,
    /// Carrier frequency from the satellite to the terminal, GHz.
    pub downlink_frequency_ghz: Sourced<Real<0, 100>>,
    /// Carrier frequency from the terminal to the satellite, GHz.
    pub uplink_frequency_ghz: Sourced<Real<0, 100>>,
    /// Bandwidth of a transmission from the satellite, kHz.
    pub downlink_bandwidth_khz: Sourced<Real<0, 4_000_000>>,
    /// Bandwidth of a transmission from the terminal, kHz.
    pub uplink_bandwidth_khz: Sourced<Real<0, 4_000_000>>,
    /// Diameter of the antenna that sends, m.
    pub downlink_aperture_m: Sourced<Real<0, 100>>,
    /// Diameter of the antenna that receives, m.
    pub uplink_aperture_m: Sourced<Real<0, 100>>,
    /// Radiated power over bandwidth in the middle of a beam, dBW/MHz.
    pub eirp_density_dbw_per_mhz: Sourced<Real<-100, 100>>,
    /// Gain of the antenna that sends in the middle of a beam, dBi.
    pub antenna_gain_dbi: Sourced<Real<-20, 80>>,
    /// Gain over temperature of the receiver in the middle of a beam, dB/K.
    pub g_over_t_db_per_k: Sourced<Real<-100, 60>>,
    /// Loss by shadow fading where the surroundings of a terminal are not told, dB.
    pub shadow_margin_db: Sourced<Real<0, 40>>,
    /// Loss by antennas that are polarized differently, dB.
    pub polarization_loss_db: Sourced<Real<0, 40>>,
    /// Any other loss, dB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_loss_db: Option<Sourced<Real<0, 40>>>,
}

impl SatelliteFile {
    /// The checked radio.
    ///
    /// # Errors
    /// Frequencies, bandwidths and diameters that are zero.
    pub fn payload(&self, name: &str) -> Result<Payload, Vec<Issue>> {
        let positive = [
            ("downlink_frequency_ghz", self.downlink_frequency_ghz.value.0),
            ("uplink_frequency_ghz", self.uplink_frequency_ghz.value.0),
            ("downlink_bandwidth_khz", self.downlink_bandwidth_khz.value.0),
            ("uplink_bandwidth_khz", self.uplink_bandwidth_khz.value.0),
            ("downlink_aperture_m", self.downlink_aperture_m.value.0),
            ("uplink_aperture_m", self.uplink_aperture_m.value.0),
        ];
        let zero = positive.iter().filter(|(_, value)| *value <= 0.0);
        let issues: Vec<Issue> =
            zero.map(|(key, _)| Issue::new([*key], format!("`{key}` is zero")).expected("a number above 0")).collect();
        if !issues.is_empty() {
            return Err(issues);
        }
        let [down_ghz, up_ghz, down_khz, up_khz, down_m, up_m] = positive.map(|(_, value)| value);
        let carrier = |ghz: f64, khz: f64, metres| Carrier {
            frequency: Hertz(ghz * 1e9),
            bandwidth: Hertz(khz * 1e3),
            aperture: Metres(metres),
        };
        Ok(Payload {
            name: name.to_owned(),
            altitude: Metres(self.altitude_km.value.0 * 1e3),
            downlink: carrier(down_ghz, down_khz, down_m),
            uplink: carrier(up_ghz, up_khz, up_m),
            eirp_density: self.eirp_density_dbw_per_mhz.value.0,
            antenna_gain: Db(self.antenna_gain_dbi.value.0),
            gain_over_temperature: Db(self.g_over_t_db_per_k.value.0),
            target_elevation_deg: self.target_elevation_deg.value.0,
            shadow_margin: Db(self.shadow_margin_db.value.0),
            polarization_loss: Db(self.polarization_loss_db.value.0),
            additional_loss: Db(self.additional_loss_db.as_ref().map_or(0.0, |loss| loss.value.0)),
        })
    }
}

/// The radio of a terminal, as far as a link budget needs it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TerminalFile {
    /// What the terminal is, in one sentence.
    pub description: String,
    /// Highest transmission power, dBm.
    pub tx_power_dbm: Sourced<Real<-20, 60>>,
    /// Gain of the antenna when it sends, dBi.
    pub tx_gain_dbi: Sourced<Real<-30, 70>>,
    /// Gain of the antenna when it receives, dBi.
    pub rx_gain_dbi: Sourced<Real<-30, 70>>,
    /// Noise figure of the receiver, dB.
    pub noise_figure_db: Sourced<Real<0, 20>>,
    /// Noise temperature of the antenna, K.
    pub antenna_temperature_k: Sourced<Real<1, 1_000>>,
}

impl TerminalFile {
    /// The checked radio.
    #[must_use]
    pub fn terminal(&self, name: &str) -> Terminal {
        Terminal {
            name: name.to_owned(),
            power: Dbm(self.tx_power_dbm.value.0),
            transmit_gain: Db(self.tx_gain_dbi.value.0),
            receive_gain: Db(self.rx_gain_dbi.value.0),
            noise_figure: Db(self.noise_figure_db.value.0),
            antenna_temperature: self.antenna_temperature_k.value.0,
        }
    }
}
