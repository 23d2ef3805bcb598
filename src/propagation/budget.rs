//! The link budget: from transmit power to signal-to-interference-and-noise ratio, as a list of named terms.
//!
//! The ratio is the mean over the occupied bandwidth and over fading, at one receive antenna.

use std::fmt;

use crate::units::{Db, Dbm, Hertz};

/// One direction of one link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// Transmit power in the bandwidth, at the antenna connector.
    pub power: Dbm,
    /// Loss between the antenna connectors.
    pub coupling_loss: Db,
    /// Occupied bandwidth.
    pub bandwidth: Hertz,
    /// Noise figure of the receiver.
    pub noise_figure: Db,
    /// What disturbs the receiver besides noise.
    pub interference: Interference,
}

/// What disturbs a receiver besides its own noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Interference {
    /// Nothing.
    None,
    /// Transmitters as strong as the wanted one.
    Neighbours {
        /// Share of the time they transmit, 0 to 1.
        activity: f64,
        /// Sum of their linear gains to the receiver.
        gain: f64,
    },
    /// Transmitters that raise the receiver's noise.
    NoiseRise(Db),
}

/// A line of a link budget.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// What it is.
    pub name: &'static str,
    /// How much.
    pub value: Value,
}

/// The value of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A power.
    Level(Dbm),
    /// A gain; a loss is a negative one.
    Gain(Db),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match self {
            Value::Level(level) => (level.0, "dBm"),
            Value::Gain(gain) => (gain.0, "dB"),
        };
        write!(f, "{number:.1} {unit}")
    }
}

impl Link {
    /// From a cell to a terminal; the neighbour cells transmit at the same power for a share `activity` of the time, and
    /// `neighbour_gain` is the sum of their linear gains to the terminal.
    #[must_use]
    pub fn downlink(
        power: Dbm,
        coupling_loss: Db,
        bandwidth: Hertz,
        noise_figure: Db,
        activity: f64,
        neighbour_gain: f64,
    ) -> Link {
        let silent = activity <= 0.0 || neighbour_gain <= 0.0;
        let interference =
            if silent { Interference::None } else { Interference::Neighbours { activity, gain: neighbour_gain } };
        Link { power, coupling_loss, bandwidth, noise_figure, interference }
    }

    /// From a terminal to a cell whose noise floor other cells' terminals raise by `noise_rise`.
    #[must_use]
    pub fn uplink(power: Dbm, coupling_loss: Db, bandwidth: Hertz, noise_figure: Db, noise_rise: Db) -> Link {
        let interference = if noise_rise.0 > 0.0 { Interference::NoiseRise(noise_rise) } else { Interference::None };
        Link { power, coupling_loss, bandwidth, noise_figure, interference }
    }

    /// Power of the wanted signal at the receiver.
    #[must_use]
    pub fn received(&self) -> Dbm {
        self.power - self.coupling_loss
    }

    /// Noise of the receiver: thermal noise in the bandwidth and the noise figure.
    #[must_use]
    pub fn noise(&self) -> Dbm {
        Dbm::thermal_noise(self.bandwidth) + self.noise_figure
    }

    /// Mean power of the interference at the receiver, if there is any.
    #[must_use]
    pub fn interference_level(&self) -> Option<Dbm> {
        self.interference_over(self.noise())
    }

    /// The same, for a receiver whose noise is known.
    fn interference_over(&self, noise: Dbm) -> Option<Dbm> {
        match self.interference {
            Interference::None => None,
            Interference::Neighbours { activity, gain } => Some(self.power + Db::from_linear(activity * gain)),
            Interference::NoiseRise(rise) => Some(noise + Db::from_linear(rise.linear() - 1.0)),
        }
    }

    /// Noise and interference together.
    #[must_use]
    pub fn disturbance(&self) -> Dbm {
        let noise = self.noise();
        match self.interference_over(noise) {
            None => noise,
            Some(level) => noise + Db::from_linear(1.0 + (level - noise).linear()),
        }
    }

    /// Signal-to-interference-and-noise ratio.
    #[must_use]
    pub fn sinr(&self) -> Db {
        self.received() - self.disturbance()
    }

    /// The budget line by line, from the transmit power to the ratio.
    #[must_use]
    pub fn terms(&self) -> Vec<Term> {
        let level = |name, value| Term { name, value: Value::Level(value) };
        let gain = |name, value| Term { name, value: Value::Gain(value) };
        let mut terms = vec![
            level("transmit power", self.power),
            gain("coupling loss", -self.coupling_loss),
            level("received power", self.received()),
            level("thermal noise", Dbm::thermal_noise(self.bandwidth)),
            gain("noise figure", self.noise_figure),
        ];
        if let Some(interference) = self.interference_level() {
            terms.push(level("receiver noise", self.noise()));
            terms.push(level("interference", interference));
        }
        terms.push(level("noise and interference", self.disturbance()));
        terms.push(gain("SINR", self.sinr()));
        terms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_at_the_three_coupling_losses_of_tr_45_820() {
        // (power, bandwidth, noise figure, ratios at 144, 154, 164 dB), all from the published link budgets.
        for (power, bandwidth, figure, expected) in [
            (43.0, 180e3, 5.0, [15.5, 5.5, -4.6]),
            (35.0, 180e3, 5.0, [7.5, -2.6, -12.6]),
            (23.0, 3.75e3, 3.0, [14.3, 4.3, -5.7]),
            (23.0, 15e3, 3.0, [8.2, -1.8, -11.8]),
            (23.0, 45e3, 3.0, [3.5, -6.5, -16.5]),
            (23.0, 90e3, 3.0, [0.5, -9.5, -19.5]),
            (23.0, 180e3, 3.0, [-2.6, -12.6, -22.6]),
        ] {
            for (loss, ratio) in [144.0, 154.0, 164.0].into_iter().zip(expected) {
                let (down, up) = (
                    Link::downlink(Dbm(power), Db(loss), Hertz(bandwidth), Db(figure), 0.5, 0.0),
                    Link::uplink(Dbm(power), Db(loss), Hertz(bandwidth), Db(figure), Db(0.0)),
                );
                assert!((down.sinr().0 - ratio).abs() <= 0.1, "{power} {bandwidth} {loss}: {}", down.sinr().0);
                assert_eq!(down.sinr(), up.sinr());
            }
        }
    }

    #[test]
    fn interference_adds_to_the_noise() {
        // Neighbours as strong as the noise cost 3 dB.
        let alone = Link::downlink(Dbm(43.0), Db(140.0), Hertz(180e3), Db(5.0), 0.0, 1.0);
        let gain = alone.noise().milliwatts() / Dbm(43.0).milliwatts();
        let beside = Link::downlink(Dbm(43.0), Db(140.0), Hertz(180e3), Db(5.0), 0.5, 2.0 * gain);
        assert!(((alone.sinr() - beside.sinr()).0 - 3.0103).abs() < 1e-4);
        let up = Link::uplink(Dbm(23.0), Db(140.0), Hertz(15e3), Db(3.0), Db(2.0));
        let quiet = Link { interference: Interference::None, ..up };
        assert!(((quiet.sinr() - up.sinr()).0 - 2.0).abs() < 1e-12);
    }

    #[test]
    fn the_printed_terms_add_up() {
        let link = Link::downlink(Dbm(43.0), Db(144.0), Hertz(180e3), Db(5.0), 0.5, 1e-14);
        let value = |name| {
            let term = link.terms().into_iter().find(|term| term.name == name).unwrap();
            match term.value {
                Value::Level(Dbm(x)) | Value::Gain(Db(x)) => x,
            }
        };
        assert_eq!(value("received power"), value("transmit power") + value("coupling loss"));
        assert_eq!(value("receiver noise"), value("thermal noise") + value("noise figure"));
        assert_eq!(value("SINR"), value("received power") - value("noise and interference"));
        let milliwatts = |name| Dbm(value(name)).milliwatts();
        let sum = milliwatts("receiver noise") + milliwatts("interference");
        assert!((sum / milliwatts("noise and interference") - 1.0).abs() < 1e-12);
        assert_eq!(link.terms()[1].value.to_string(), "-144.0 dB");
        assert_eq!(Value::Level(Dbm(-121.447)).to_string(), "-121.4 dBm");
    }
}
