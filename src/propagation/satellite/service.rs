//! The link of one kind of terminal to one kind of satellite in the form in which a simulation asks: where is the satellite, what
//! stands in the way, who disturbs? An answer takes no memory and no function that is not made of basic arithmetic; what does
//! not change is worked out before. The tests hold it against [`super::budget`], which has the same lines for people.

use super::arc::Arc;
use super::atmosphere::{free_space_loss, gas_absorption, scintillation};
use super::budget::{BOLTZMANN, Direction};
use super::tables::{Band, Environment, ROWS, Sight};
use super::{Payload, Terminal};
use crate::propagation::fastmath::{exp, ln};
use crate::units::{Db, Hertz, Metres};

/// The natural logarithm of a ratio of one decibel.
const NATURAL_PER_DB: f64 = std::f64::consts::LN_10 / 10.0;
/// Air that a ray to the horizon meets is that at this sine of the elevation: see [`gas_absorption`].
const LOWEST_SINE: f64 = 1.0 / 38.0;

/// Where a terminal sees a satellite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// From the one to the other.
    pub range: Metres,
    /// Sine of the elevation above the terminal's horizon.
    pub sine: f64,
    /// Gain of the satellite's antenna over that in the middle of the beam, as a ratio.
    pub beam: f64,
    /// Interference of other beams over the wanted one, as a ratio; 0 for none.
    pub interference: f64,
}

/// One direction of the link.
#[derive(Clone, Debug)]
pub struct Service {
    /// All that is the same everywhere: the ratio at a distance of one metre without the air, dB.
    fixed: f64,
    /// Absorption at the zenith, dB.
    zenith: f64,
    /// For each row of the tables: line-of-sight probability; scintillation, dB; standard deviation of the shadow fading with and
    /// without line of sight, dB; clutter loss, dB.
    rows: [Row; ROWS],
}

#[derive(Clone, Copy, Debug, Default)]
struct Row {
    /// Sine of the elevation at which it begins.
    from: f64,
    los: f64,
    scintillation: f64,
    sigma: [f64; 2],
    clutter: f64,
}

impl Service {
    /// Prepares one direction.
    #[must_use]
    pub fn new(
        payload: &Payload,
        terminal: &Terminal,
        direction: Direction,
        bandwidth: Hertz,
        environment: Environment,
    ) -> Service {
        let (eirp, quality, frequency) = match direction {
            Direction::Down => (payload.eirp(bandwidth), terminal.gain_over_temperature(), payload.downlink.frequency),
            Direction::Up => {
                let eirp = terminal.power.0 - 30.0 + terminal.transmit_gain.0;
                (eirp, payload.gain_over_temperature, payload.uplink.frequency)
            }
        };
        let band = Band::of(frequency);
        let losses = free_space_loss(frequency, Metres(1.0)) + payload.polarization_loss + payload.additional_loss;
        let mut rows = [Row::default(); ROWS];
        for (number, row) in rows.iter_mut().enumerate() {
            let middle = 10.0 * (number + 1) as f64;
            let from = if number == 0 { -2.0 } else { libm::sin((middle - 5.0).to_radians()) };
            let sigma = [Sight::Los, Sight::Nlos].map(|sight| environment.sigma(band, sight, middle).0);
            *row = Row {
                from,
                los: environment.los_probability(middle),
                scintillation: scintillation(frequency, middle).0,
                sigma,
                clutter: environment.clutter(band, Sight::Nlos, middle).0,
            };
        }
        Service {
            fixed: eirp + quality.0 - BOLTZMANN - 10.0 * libm::log10(bandwidth.0) - losses.0,
            zenith: gas_absorption(frequency, 90.0).0,
            rows,
        }
    }

    /// Carrier over noise and interference; `building` is the loss of the one the terminal is in.
    #[inline]
    #[must_use]
    pub fn ratio(&self, view: &View, arc: &Arc, building: Db) -> Db {
        let Db(noise) = self.over_noise(view, arc, building);
        Db(noise - ln(1.0 + view.interference * exp(noise * NATURAL_PER_DB)) / NATURAL_PER_DB)
    }

    /// Carrier over noise alone.
    #[inline]
    #[must_use]
    pub fn over_noise(&self, view: &View, arc: &Arc, building: Db) -> Db {
        let number = self.rows.iter().skip(1).filter(|row| row.from <= view.sine).count();
        let row = &self.rows[number];
        let obstacles =
            if arc.obstruction < row.los { row.sigma[0] * arc.shadow } else { row.clutter + row.sigma[1] * arc.shadow };
        // Twice the distance is four times the loss.
        let spread = (ln(view.beam) - 2.0 * ln(view.range.0)) / NATURAL_PER_DB;
        let gases = self.zenith / view.sine.max(LOWEST_SINE);
        Db(self.fixed + spread - gases - row.scintillation - obstacles - building.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::nadir::slant_range;
    use crate::propagation::satellite::beam::Beam;
    use crate::propagation::satellite::budget::tests::{handheld, set_1_leo_600_s};
    use crate::propagation::satellite::budget::{Conditions, Obstacles, budget};
    use crate::propagation::satellite::layout::Shape;
    use crate::rng::Key;

    #[test]
    fn the_quick_answer_is_the_budget() {
        let (payload, terminal) = (set_1_leo_600_s(), handheld());
        let mut looked = 0;
        for direction in [Direction::Down, Direction::Up] {
            for environment in Environment::ALL {
                let service = Service::new(&payload, &terminal, direction, Hertz(180e3), environment);
                for number in 0..2_000u32 {
                    let elevation = 0.3 + f64::from(number) * 0.044_831;
                    let arc = Arc::draw(Key::root(2), number, 0);
                    let range = slant_range(payload.altitude, elevation);
                    let (off, disturbed) = (f64::from(number % 23) * 0.1, number % 3 == 0);
                    let beam = Beam::new(Hertz(2e9), payload.downlink.aperture);
                    let sine = |degrees: f64| libm::sin(degrees.to_radians());
                    let view = View {
                        range,
                        sine: sine(elevation),
                        beam: Shape::new(beam).gain(sine(off) * sine(off)),
                        interference: if disturbed { 0.25 } else { 0.0 },
                    };
                    let at = Conditions {
                        obstacles: Obstacles::Indoors(arc.loss(environment, Band::S, elevation) + Db(7.5)),
                        off_axis: Some([beam.gain(off); 2]),
                        carrier_to_interference: disturbed.then(|| [Db::from_linear(4.0); 2]),
                        ..Conditions::plain(elevation, range)
                    };
                    let want = budget(&payload, &terminal, direction, Hertz(180e3), &at).ratio.0;
                    let got = service.ratio(&view, &arc, Db(7.5)).0;
                    assert!((got - want).abs() < 1e-4, "{elevation} {off}: {got} {want}");
                    looked += 1;
                }
            }
        }
        assert_eq!(looked, 12_000);
    }
}
