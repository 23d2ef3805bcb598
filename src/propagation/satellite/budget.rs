//! The link budget between a satellite and a terminal: lines that add up from the transmit power to the ratio of carrier to
//! interference and noise (TR 38.821 clause 6.1.3.1).

use super::{Payload, Terminal, atmosphere};
use crate::units::{Db, Dbm, Hertz, Metres};

/// Boltzmann's constant, dBW/K/Hz.
pub const BOLTZMANN: f64 = -228.6;
/// Noise temperature to which noise figures refer, K.
const REFERENCE_TEMPERATURE: f64 = 290.0;

/// The two directions of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the satellite to the terminal.
    Down,
    /// From the terminal to the satellite.
    Up,
}

impl Direction {
    /// Of two values that of this direction.
    #[must_use]
    pub fn of<T>(self, [down, up]: [T; 2]) -> T {
        match self {
            Direction::Down => down,
            Direction::Up => up,
        }
    }
}

/// Where terminal and satellite are, and what lies between them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conditions {
    /// Angle of the satellite above the terminal's horizon, degrees.
    pub elevation_deg: f64,
    /// From the terminal to the satellite.
    pub range: Metres,
    /// What stands in the way.
    pub obstacles: Obstacles,
    /// Gain of the satellite's antenna towards the terminal over that in the middle of the beam, down and up.
    pub off_axis: Option<[Db; 2]>,
    /// Carrier over interference of other beams, down and up.
    pub carrier_to_interference: Option<[Db; 2]>,
}

/// What stands between a terminal and a satellite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Obstacles {
    /// Nobody knows: the margin of the satellite's file is reckoned with.
    Margin,
    /// Clutter and shadow fading with this loss.
    Outdoors(Db),
    /// The same and walls.
    Indoors(Db),
}

impl Conditions {
    /// In the middle of a beam, outdoors, nobody else.
    #[must_use]
    pub fn plain(elevation_deg: f64, range: Metres) -> Conditions {
        Conditions { elevation_deg, range, obstacles: Obstacles::Margin, off_axis: None, carrier_to_interference: None }
    }
}

/// What a line is based on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// A clause of a standard, or a table of one.
    Clause(&'static str),
    /// A figure of the satellite, by its key.
    Satellite(&'static str),
    /// A figure of the terminal, by its key.
    Terminal(&'static str),
}

/// A line of a budget. All lines of one add up to the ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// What it is.
    pub name: &'static str,
    /// How much, in `unit`; a loss is negative.
    pub value: f64,
    /// `dBW` for a power, `dB/K`, `dBHz` and so on; a gain is in `dB`.
    pub unit: &'static str,
    /// What it is based on.
    pub basis: Basis,
}

/// One direction of a link, line by line.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// Its direction.
    pub direction: Direction,
    /// Bandwidth of the transmission.
    pub bandwidth: Hertz,
    /// The lines.
    pub lines: Vec<Line>,
    /// Carrier over noise.
    pub carrier_to_noise: Db,
    /// Carrier over noise and interference.
    pub ratio: Db,
}

impl Terminal {
    /// Gain over temperature of the receiver: G − NF − 10 log10(T0 + (Ta − T0) 10^(−NF/10)) dB/K (TR 38.821 clause 6.1.3.1).
    #[must_use]
    pub fn gain_over_temperature(&self) -> Db {
        let beyond = self.antenna_temperature - REFERENCE_TEMPERATURE;
        let temperature = REFERENCE_TEMPERATURE + beyond * (-self.noise_figure).linear();
        self.receive_gain - self.noise_figure - Db::from_linear(temperature)
    }
}

impl Payload {
    /// Power radiated in the middle of a beam over a bandwidth, dBW.
    #[must_use]
    pub fn eirp(&self, bandwidth: Hertz) -> f64 {
        self.eirp_density + 10.0 * libm::log10(bandwidth.0 / 1e6)
    }
}

impl Payload {
    /// Power behind the antenna over a bandwidth.
    #[must_use]
    pub fn power(&self, bandwidth: Hertz) -> Dbm {
        Dbm(self.eirp(bandwidth) + 30.0) - self.antenna_gain
    }

    /// The noise figure of a receiver that has this G/T behind the antenna that sends, if that meets noise of 290 K. What noise of 290 K is
    /// worth is rounded in [`Dbm::thermal_noise`] and in [`BOLTZMANN`].
    #[must_use]
    pub fn noise_figure(&self) -> Db {
        let thermal = Dbm::thermal_noise(Hertz(1.0)).0 - 30.0;
        self.antenna_gain - self.gain_over_temperature - Db(thermal - BOLTZMANN)
    }
}

/// The ratio of a carrier to noise and interference together.
#[must_use]
pub fn with_interference(carrier_to_noise: Db, carrier_to_interference: Db) -> Db {
    -Db::from_linear((-carrier_to_noise).linear() + (-carrier_to_interference).linear())
}

/// The budget of one direction.
#[must_use]
pub fn budget(
    payload: &Payload,
    terminal: &Terminal,
    direction: Direction,
    bandwidth: Hertz,
    conditions: &Conditions,
) -> Budget {
    let mut lines = Vec::with_capacity(16);
    sender(&mut lines, payload, terminal, (direction, bandwidth));
    way(&mut lines, payload, direction, conditions);
    receiver(&mut lines, payload, terminal, (direction, bandwidth));
    let carrier_to_noise = Db(lines.iter().map(|line| line.value).sum());
    let ratio = match conditions.carrier_to_interference {
        None => carrier_to_noise,
        Some(both) => {
            let ratio = with_interference(carrier_to_noise, direction.of(both));
            let basis = Basis::Clause("TR 38.821 6.1.3.1");
            lines.push(Line { name: "interference", value: (ratio - carrier_to_noise).0, unit: "dB", basis });
            ratio
        }
    };
    Budget { direction, bandwidth, lines, carrier_to_noise, ratio }
}

fn sender(lines: &mut Vec<Line>, payload: &Payload, terminal: &Terminal, (direction, bandwidth): (Direction, Hertz)) {
    let mut line = |name, value, unit, basis| lines.push(Line { name, value, unit, basis });
    match direction {
        Direction::Down => {
            let Db(gain) = payload.antenna_gain;
            let basis = Basis::Satellite("eirp_density_dbw_per_mhz");
            line("transmit power", payload.eirp(bandwidth) - gain, "dBW", basis);
            line("transmit antenna gain", gain, "dBi", Basis::Satellite("antenna_gain_dbi"));
        }
        Direction::Up => {
            line("transmit power", terminal.power.0 - 30.0, "dBW", Basis::Terminal("tx_power_dbm"));
            line("transmit antenna gain", terminal.transmit_gain.0, "dBi", Basis::Terminal("tx_gain_dbi"));
        }
    }
}

fn way(lines: &mut Vec<Line>, payload: &Payload, direction: Direction, conditions: &Conditions) {
    let Conditions { elevation_deg, range, .. } = *conditions;
    let frequency = direction.of([payload.downlink, payload.uplink]).frequency;
    let mut loss = |name, Db(loss): Db, basis| lines.push(Line { name, value: -loss, unit: "dB", basis });
    if let Some(gains) = conditions.off_axis {
        loss("off the beam's axis", -direction.of(gains), Basis::Clause("TR 38.811 6.4.1"));
    }
    let (free, clause) = (atmosphere::free_space_loss(frequency, range), Basis::Clause);
    loss("free space", free, clause("TR 38.811 6.6.2"));
    loss("gases", atmosphere::gas_absorption(frequency, elevation_deg), clause("TR 38.811 6.6.4"));
    loss("scintillation", atmosphere::scintillation(frequency, elevation_deg), clause("TR 38.811 6.6.6"));
    match conditions.obstacles {
        Obstacles::Margin => loss("shadow margin", payload.shadow_margin, Basis::Satellite("shadow_margin_db")),
        Obstacles::Outdoors(obstacles) => loss("clutter, shadow", obstacles, clause("TR 38.811 6.6.1, 6.6.2")),
        Obstacles::Indoors(obstacles) => {
            loss("clutter, shadow, walls", obstacles, clause("TR 38.811 6.6.1, 6.6.2; TR 45.820 D.1"));
        }
    }
    loss("polarization", payload.polarization_loss, Basis::Satellite("polarization_loss_db"));
    if payload.additional_loss != Db(0.0) {
        loss("additional losses", payload.additional_loss, Basis::Satellite("additional_loss_db"));
    }
}

fn receiver(lines: &mut Vec<Line>, payload: &Payload, terminal: &Terminal, (direction, bandwidth): (Direction, Hertz)) {
    let mut line = |name, value, unit, basis| lines.push(Line { name, value, unit, basis });
    let clause = Basis::Clause("TR 38.821 6.1.3.1");
    let (Db(quality), basis) = match direction {
        Direction::Down => (terminal.gain_over_temperature(), clause),
        Direction::Up => (payload.gain_over_temperature, Basis::Satellite("g_over_t_db_per_k")),
    };
    line("receiver G/T", quality, "dB/K", basis);
    line("Boltzmann's constant", -BOLTZMANN, "dB", clause);
    line("bandwidth", -10.0 * libm::log10(bandwidth.0), "dBHz", clause);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::geometry::nadir::slant_range;
    use crate::propagation::satellite::Carrier;
    use crate::units::Dbm;

    /// Set 1 of TR 38.821 at 600 km, S band.
    pub(crate) fn set_1_leo_600_s() -> Payload {
        let carrier = |bandwidth| Carrier { frequency: Hertz(2e9), bandwidth: Hertz(bandwidth), aperture: Metres(2.0) };
        Payload {
            name: "set 1".to_owned(),
            altitude: Metres(600e3),
            downlink: carrier(30e6),
            uplink: carrier(360e3),
            eirp_density: 34.0,
            antenna_gain: Db(30.0),
            gain_over_temperature: Db(1.1),
            target_elevation_deg: 30.0,
            shadow_margin: Db(3.0),
            polarization_loss: Db(0.0),
            additional_loss: Db(0.0),
        }
    }

    /// The handheld terminal of TR 38.821.
    pub(crate) fn handheld() -> Terminal {
        Terminal {
            name: "handheld".to_owned(),
            power: Dbm(23.0),
            transmit_gain: Db(0.0),
            receive_gain: Db(0.0),
            noise_figure: Db(7.0),
            antenna_temperature: 290.0,
        }
    }

    #[test]
    fn receivers_have_the_published_quality() {
        // TR 38.821 clause 6.1.1.1, terminals prints -31.6 and 15.9 dB/K; three more digits by an independent program.
        let vsat = Terminal { receive_gain: Db(39.7), noise_figure: Db(1.2), antenna_temperature: 150.0, ..handheld() };
        for (terminal, want) in
            [(handheld(), -31.624), (Terminal { noise_figure: Db(9.0), ..handheld() }, -33.624), (vsat, 15.857)]
        {
            let got = terminal.gain_over_temperature().0;
            assert!((got - want).abs() < 0.005, "{got} {want}");
        }
    }

    #[test]
    fn study_case_9_has_its_published_ratios() {
        // TR 38.821 table 6.1.3.3-1: 6.6 and 2.8 dB.
        let (payload, terminal) = (set_1_leo_600_s(), handheld());
        let at = Conditions::plain(30.0, slant_range(payload.altitude, 30.0));
        let down = budget(&payload, &terminal, Direction::Down, payload.downlink.bandwidth, &at);
        let up = budget(&payload, &terminal, Direction::Up, payload.uplink.bandwidth, &at);
        assert!((down.ratio.0 - 6.6).abs() < 0.1 && (up.ratio.0 - 2.8).abs() < 0.1, "{down:?} {up:?}");
    }

    #[test]
    fn the_lines_add_up_and_what_is_not_there_has_none() {
        let (payload, terminal) = (set_1_leo_600_s(), handheld());
        let range = slant_range(payload.altitude, 50.0);
        let plain = Conditions::plain(50.0, range);
        let full = Conditions {
            obstacles: Obstacles::Indoors(Db(17.0)),
            off_axis: Some([Db(-1.0), Db(-2.0)]),
            carrier_to_interference: Some([Db(-3.0), Db(-5.0)]),
            ..plain
        };
        for direction in [Direction::Down, Direction::Up] {
            let [less, more] = [plain, full].map(|at| budget(&payload, &terminal, direction, Hertz(180e3), &at));
            for budget in [&less, &more] {
                let sum: f64 = budget.lines.iter().map(|line| line.value).sum();
                assert!((sum - budget.ratio.0).abs() < 1e-9);
            }
            assert_eq!((less.lines.len() + 2, less.ratio), (more.lines.len(), less.carrier_to_noise));
            let beam = if direction == Direction::Down { 1.0 } else { 2.0 };
            // The margin of 3 dB makes place for 17 dB of obstacles.
            assert!((less.ratio.0 - more.carrier_to_noise.0 - (beam + 14.0)).abs() < 1e-9);
        }
    }

    #[test]
    fn interference_as_strong_as_noise_costs_3_db() {
        assert!((with_interference(Db(7.0), Db(7.0)).0 - (7.0 - 3.0103)).abs() < 1e-4);
        assert!((with_interference(Db(7.0), Db(300.0)).0 - 7.0).abs() < 1e-9);
    }
}
