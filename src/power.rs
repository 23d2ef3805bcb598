//! What a device draws from its battery, and how long the battery lasts.

use crate::units::{Db, Dbm, Joules, Microwatts, SimDuration};

/// Seconds in a Julian year, the year of all battery lives here.
pub const SECONDS_PER_YEAR: f64 = 31_557_600.0;

/// What a modem is doing, as far as its power supply can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Deep sleep: power saving mode, only a clock runs.
    Sleep,
    /// Light sleep: awake for the network, receiver and transmitter off.
    Idle,
    /// A mixture of light sleep and reception: paging occasions, search spaces, connected DRX.
    Monitor,
    /// Receiving.
    Receive,
    /// Transmitting.
    Transmit,
}

/// A state and what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    /// What the modem does.
    pub state: State,
    /// What that draws.
    pub power: Microwatts,
}

/// A device: its power per state and the figures its link budget needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Name in the catalogue.
    pub name: String,
    /// Deep sleep.
    pub sleep: Microwatts,
    /// Light sleep.
    pub idle: Microwatts,
    /// Floor between the windows of extended DRX, if it is another than light sleep.
    pub edrx: Option<Microwatts>,
    /// One paging occasion in good coverage, above the floor and with waking up for it, if that is known.
    pub paging: Option<Joules>,
    /// Reception.
    pub receive: Microwatts,
    /// Transmission at `max_tx_power`.
    pub transmit: Microwatts,
    /// Highest transmission power.
    pub max_tx_power: Dbm,
    /// What transmission draws at the powers for which that is known, the lowest first.
    pub transmit_at: Vec<(Dbm, Microwatts)>,
    /// Noise figure of the receiver.
    pub noise_figure: Db,
    /// Gain of the antenna over an isotropic one, its losses included.
    pub antenna_gain: Db,
    /// Receiver of satellite navigation, the modem asleep, if that is known.
    pub gnss: Option<Microwatts>,
}

impl Profile {
    /// Deep sleep.
    #[must_use]
    pub fn sleeping(&self) -> Activity {
        Activity { state: State::Sleep, power: self.sleep }
    }

    /// Without power.
    #[must_use]
    pub fn off() -> Activity {
        Activity { state: State::Sleep, power: Microwatts(0) }
    }

    /// Light sleep.
    #[must_use]
    pub fn idling(&self) -> Activity {
        Activity { state: State::Idle, power: self.idle }
    }

    /// Reception.
    #[must_use]
    pub fn receiving(&self) -> Activity {
        Activity { state: State::Receive, power: self.receive }
    }

    /// Transmission at all powers that the device can be set to.
    #[must_use]
    pub fn transmitter(&self) -> Transmitter {
        let below = ((self.max_tx_power - LOWEST_POWER).0 * 2.0).clamp(0.0, 255.0) as u8;
        let draws = |steps| self.transmit_draw(self.max_tx_power - Backoff(steps).as_db());
        Transmitter { most: self.max_tx_power, draws: (0..=below).map(draws).collect() }
    }

    /// What transmission draws at `power`: between two known points on the straight line over decibels, beyond them as at
    /// the nearest. With one point, transmission costs the same at any power.
    fn transmit_draw(&self, power: Dbm) -> Microwatts {
        let above = self.transmit_at.partition_point(|(known, _)| known.0 < power.0);
        match (above.checked_sub(1).map(|at| self.transmit_at[at]), self.transmit_at.get(above)) {
            (Some((low, less)), Some(&(high, more))) => {
                let (less, more) = (f64::from(less.0), f64::from(more.0));
                let share = (power - low).0 / (high - low).0;
                Microwatts((less + (more - less) * share + 0.5) as u32)
            }
            (None, Some(&(_, draw))) | (Some((_, draw)), None) => draw,
            (None, None) => self.transmit,
        }
    }

    /// Deep sleep with the receiver on for the share `duty` (0 to 1) of the time.
    #[must_use]
    pub fn searching(&self, duty: f64) -> Activity {
        let (sleep, receive) = (f64::from(self.sleep.0), f64::from(self.receive.0));
        let power = Microwatts((sleep + (receive - sleep) * duty.clamp(0.0, 1.0) + 0.5) as u32);
        let state = match duty {
            0.0 => State::Sleep,
            1.0 => State::Receive,
            _ => State::Monitor,
        };
        Activity { state, power }
    }

    /// Light sleep in idle mode, a paging occasion of `listening` in every `cycle`.
    #[must_use]
    pub fn paged(&self, listening: SimDuration, cycle: SimDuration) -> Activity {
        let occasion = self.occasion(self.idle, listening);
        mixed(self.idle.as_watts() + occasion / cycle.as_secs_f64())
    }

    /// Extended DRX: in every `cycle` so many `occasions` of `listening` each, one every `period`, after a search of `sync`
    /// for the cell.
    ///
    /// The terminal stays in light sleep from the first occasion to the last, and at the floor of extended DRX else.
    #[must_use]
    pub fn extended_drx(&self, drx: ExtendedDrx) -> Activity {
        let floor = self.edrx.unwrap_or(self.idle);
        let further = drx.occasions.saturating_sub(1) as f64;
        let light_sleep = (self.idle.as_watts() - floor.as_watts()) * drx.period.as_secs_f64() * further;
        let window = self.occasion(floor, drx.sync + drx.listening) + self.occasion(self.idle, drx.listening) * further;
        mixed(floor.as_watts() + (light_sleep + window) / drx.cycle.as_secs_f64())
    }

    /// A paging occasion above its floor, joules. The charge of a data sheet holds in good coverage: where listening alone
    /// takes more, that counts.
    fn occasion(&self, floor: Microwatts, listening: SimDuration) -> f64 {
        let reception = (self.receive.as_watts() - floor.as_watts()) * listening.as_secs_f64();
        reception.max(self.paging.map_or(0.0, Joules::as_joules))
    }

    /// Light sleep with the receiver on for the share `duty` (0 to 1) of the time.
    #[must_use]
    pub fn monitoring(&self, duty: f64) -> Activity {
        let (idle, receive) = (f64::from(self.idle.0), f64::from(self.receive.0));
        let power = Microwatts((idle + (receive - idle) * duty.clamp(0.0, 1.0) + 0.5) as u32);
        Activity { state: State::Monitor, power }
    }
}

/// The least power to which a transmitter can be turned down (TS 36.101 clause 6.3.2F.1).
const LOWEST_POWER: Dbm = Dbm(-40.0);

/// How far a transmission stays below the highest power of its device, in half decibels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Backoff(pub u8);

impl Backoff {
    /// In decibels.
    #[must_use]
    pub fn as_db(self) -> Db {
        Db(f64::from(self.0) / 2.0)
    }
}

/// A transmitter that can be turned down in steps of half a decibel.
#[derive(Clone, Debug, PartialEq)]
pub struct Transmitter {
    /// Highest power.
    pub most: Dbm,
    /// What it draws at each step below that, from none; never empty.
    pub draws: Vec<Microwatts>,
}

impl Transmitter {
    /// The step that is nearest to `power`.
    #[must_use]
    pub fn backoff_to(&self, power: Dbm) -> Backoff {
        let steps = (self.most - power).0 * 2.0 + 0.5;
        Backoff(steps.clamp(0.0, (self.draws.len() - 1) as f64) as u8)
    }

    /// Transmission so far below the highest power.
    #[inline]
    #[must_use]
    pub fn at(&self, backoff: Backoff) -> Activity {
        let step = usize::from(backoff.0).min(self.draws.len() - 1);
        Activity { state: State::Transmit, power: self.draws[step] }
    }
}

/// How a terminal listens in extended DRX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtendedDrx {
    /// From one paging time window to the next.
    pub cycle: SimDuration,
    /// Paging occasions in a window.
    pub occasions: u64,
    /// From one paging occasion to the next in a window.
    pub period: SimDuration,
    /// Reception in an occasion.
    pub listening: SimDuration,
    /// Reception at the start of a window, to find the cell and its timing again.
    pub sync: SimDuration,
}

/// A mixture of light sleep and reception that draws so many watts on average.
fn mixed(watts: f64) -> Activity {
    Activity { state: State::Monitor, power: Microwatts((watts * 1e6 + 0.5) as u32) }
}

/// A battery, or any store of energy that is not recharged.
#[derive(Clone, Debug, PartialEq)]
pub struct Battery {
    /// Name in the catalogue.
    pub name: String,
    /// Energy when new.
    pub capacity: Joules,
    /// Share of the capacity the device can use before its cut-off voltage, 0 to 1.
    pub usable: f64,
    /// Self-discharge per year as a share of the nominal capacity, a constant drain (not a share of what remains).
    pub self_discharge_per_year: f64,
}

impl Battery {
    /// Energy that the device can get out of it.
    #[must_use]
    pub fn usable_joules(&self) -> f64 {
        self.capacity.as_joules() * self.usable
    }

    /// Life in years under a constant mean load of `watts`; infinite if neither load nor self-discharge drains it.
    #[must_use]
    pub fn life_years(&self, watts: f64) -> f64 {
        let drain = watts * SECONDS_PER_YEAR + self.self_discharge_per_year * self.capacity.as_joules();
        self.usable_joules() / drain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn five_watt_hours() -> Battery {
        Battery {
            name: "5 Wh".into(),
            capacity: Joules::from_joules(18_000.0),
            usable: 1.0,
            self_discharge_per_year: 0.0,
        }
    }

    fn device(transmit_at: Vec<(Dbm, Microwatts)>) -> Profile {
        Profile {
            name: "test".into(),
            sleep: Microwatts(15),
            idle: Microwatts(2_400),
            receive: Microwatts(90_000),
            transmit: Microwatts(500_000),
            max_tx_power: Dbm(23.0),
            transmit_at,
            noise_figure: Db(5.0),
            antenna_gain: Db(0.0),
            gnss: None,
            edrx: None,
            paging: None,
        }
    }

    #[test]
    fn transmission_draws_what_is_known_and_the_line_between() {
        let points = [(0.0, 100_000), (10.0, 200_000), (23.0, 500_000)];
        let device = device(points.map(|(dbm, draw)| (Dbm(dbm), Microwatts(draw))).to_vec());
        let transmitter = device.transmitter();
        for (dbm, draw) in [
            (30.0, 500_000),
            (23.0, 500_000),
            (16.5, 350_000),
            (10.0, 200_000),
            (5.0, 150_000),
            (0.0, 100_000),
            (-12.0, 100_000),
            (-300.0, 100_000),
        ] {
            let activity = transmitter.at(transmitter.backoff_to(Dbm(dbm)));
            assert_eq!(activity, Activity { state: State::Transmit, power: Microwatts(draw) }, "{dbm} dBm");
        }
        // To the nearest half decibel, and not below -40 dBm.
        let steps = |dbm| transmitter.backoff_to(Dbm(dbm)).0;
        assert_eq!([steps(22.8), steps(22.7), steps(-40.0), steps(-50.0)], [0, 1, 126, 126]);
    }

    #[test]
    fn a_device_with_one_point_draws_the_same_at_any_power() {
        let transmitter = device(vec![(Dbm(23.0), Microwatts(500_000))]).transmitter();
        assert!((0..=255).all(|step| transmitter.at(Backoff(step)).power == Microwatts(500_000)));
    }

    #[test]
    fn sleep_alone_lasts_38_years() {
        // TR 45.820: 5 Wh at 15 µW.
        assert!((five_watt_hours().life_years(15e-6) - 38.03).abs() < 0.01);
    }

    #[test]
    fn lives_of_the_tr_45_820_reports() {
        // Energy per report at 144, 154, 164 dB every two hours gives 22.4, 11.0 and 2.5 years.
        for (joules, years) in [(0.0745, 22.4), (0.264, 11.0), (1.525, 2.5)] {
            let life = five_watt_hours().life_years(15e-6 + joules / 7_200.0);
            assert!((life / years - 1.0).abs() < 0.02, "{joules} J: {life} years");
        }
    }

    #[test]
    fn self_discharge_is_a_constant_drain() {
        // 19 Ah at 1 % a year is 21.7 µA.
        let cell = Battery {
            self_discharge_per_year: 0.01,
            capacity: Joules::from_joules(19.0 * 3_600.0 * 3.6),
            ..five_watt_hours()
        };
        let amperes = cell.self_discharge_per_year * cell.capacity.as_joules() / SECONDS_PER_YEAR / 3.6;
        assert!((amperes * 1e6 - 21.7).abs() < 0.1);
        assert!((cell.life_years(0.0) - 100.0).abs() < 1e-9);
    }
}
