//! The file type of devices: figures as data sheets give them, and their way to the powers that a simulation needs. What
//! a file leaves open stays open: nothing here fills a gap.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Issue;
use super::suggest::{did_you_mean, one_of};
use super::value::{Real, Share, Sourced};
use crate::power::Profile;
use crate::units::{Db, Dbm, Joules, Microwatts};

/// The figures that `unknown` may name.
const FIGURES: [&str; 14] = [
    "measured_v",
    "supply",
    "supply_v",
    "sleep",
    "edrx_ua",
    "idle",
    "paging_mc",
    "receive",
    "transmit",
    "board_ua",
    "gnss",
    "max_tx_power_dbm",
    "noise_figure_db",
    "antenna_gain_dbi",
];

/// A device: what it draws from its battery, and its radio. A figure that nobody has published is left out.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceFile {
    /// What the device is, in one sentence.
    pub description: String,
    /// The device whose figures hold where this file gives none: a name of the catalogue, or the path of a YAML file.
    pub based_on: Option<String>,
    /// Why figures are not here, for `sleep`, `idle`, `receive`, `transmit` or the key of another figure.
    #[serde(default)]
    pub unknown: BTreeMap<String, String>,
    /// Voltage at which the figures hold, V.
    pub measured_v: Option<Sourced<Real<1, 60>>>,
    /// What stays the same when the voltage changes: the power (a switching regulator) or the current (a linear one).
    pub supply: Option<Sourced<SupplyFile>>,
    /// Voltage that the device is fed with, if it is not the one of the figures, V.
    pub supply_v: Option<Sourced<Real<1, 60>>>,
    /// Deep sleep (power saving mode) as a power, mW.
    pub sleep_mw: Option<Sourced<Real<0, 4000>>>,
    /// Deep sleep (power saving mode) as a current, µA.
    pub sleep_ua: Option<Sourced<Real<0, 1_000_000>>>,
    /// Floor between the paging windows of extended DRX, µA.
    pub edrx_ua: Option<Sourced<Real<0, 1_000_000>>>,
    /// Light sleep as a power: awake for the network, receiver and transmitter off, mW.
    pub idle_mw: Option<Sourced<Real<0, 4000>>>,
    /// Light sleep as a current: awake for the network, receiver and transmitter off, mA.
    pub idle_ma: Option<Sourced<Real<0, 1000>>>,
    /// Charge of one paging occasion above the floor, with waking up for it, mC.
    pub paging_mc: Option<Sourced<Real<0, 1000>>>,
    /// Reception as a power, mW.
    pub receive_mw: Option<Sourced<Real<0, 100_000>>>,
    /// Reception as a current, mA.
    pub receive_ma: Option<Sourced<Real<0, 30_000>>>,
    /// Transmission at the highest power, mW, while it lasts.
    pub transmit_mw: Option<Sourced<Real<0, 1_000_000>>>,
    /// Transmission at one or more output powers.
    #[serde(default)]
    pub transmit: Vec<TransmitFile>,
    /// What the board draws beside the modem, all the time, µA.
    pub board_ua: Option<Sourced<Real<0, 1_000_000>>>,
    /// Receiver of satellite navigation while it looks for a fix, the modem asleep, as a power, mW.
    pub gnss_mw: Option<Sourced<Real<0, 4000>>>,
    /// Receiver of satellite navigation while it looks for a fix, the modem asleep, as a current, mA.
    pub gnss_ma: Option<Sourced<Real<0, 1000>>>,
    /// Highest transmission power, dBm.
    pub max_tx_power_dbm: Option<Sourced<Real<-20, 40>>>,
    /// Noise figure of the receiver, dB.
    pub noise_figure_db: Option<Sourced<Real<0, 20>>>,
    /// Gain of the antenna over an isotropic one, its losses included, dBi.
    pub antenna_gain_dbi: Option<Sourced<Real<-30, 30>>>,
}

/// What a device keeps when its supply voltage changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SupplyFile {
    /// The power: the current falls as the voltage rises.
    ConstantPower,
    /// The current: the power rises with the voltage.
    ConstantCurrent,
}

/// What transmission draws at one output power.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransmitFile {
    /// Output power, dBm.
    pub power_dbm: Real<-60, 40>,
    /// The figure as a current, mA.
    pub ma: Option<Real<0, 30_000>>,
    /// The figure as a power, mW.
    pub mw: Option<Real<0, 1_000_000>>,
    /// Whether the figure holds while the transmitter is on, or is a mean over pauses and reception too.
    pub basis: BasisFile,
    /// Share of the time that the transmitter is on, of an average.
    pub transmit_share: Option<Share>,
    /// Share of the time that the receiver is on, of an average; the rest is light sleep.
    pub receive_share: Option<Share>,
    /// The document and clause all of it stands in.
    pub source: String,
}

/// What a transmission figure is a figure of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BasisFile {
    /// The time that the transmitter is on.
    Burst,
    /// A longer time, with pauses and reception in it.
    Average,
    /// The source does not say.
    Unstated,
}

/// What is open if a current has no voltage: the figure, and how to name it.
const VOLTAGE: (&str, &str) = ("measured_v", "`measured_v`, the voltage at which the currents hold");

/// A figure as the file gives it.
#[derive(Clone, Copy)]
enum Given {
    Milliamperes(f64),
    Milliwatts(f64),
}

fn value<const MIN: i32, const MAX: i32>(figure: &Option<Sourced<Real<MIN, MAX>>>) -> Option<f64> {
    figure.as_ref().map(|sourced| sourced.value.0)
}

/// A power state: its name, the key that gives it, and what that says.
type State = (&'static str, Option<(&'static str, Given)>);

impl DeviceFile {
    /// This file laid over another one: what is not here comes from there.
    #[must_use]
    pub fn over(mut self, base: DeviceFile) -> DeviceFile {
        macro_rules! fill {
            ($($($key:ident)+;)*) => {$(
                if true $(&& self.$key.is_none())+ {
                    $(self.$key = base.$key;)+
                }
            )*};
        }
        fill! {
            measured_v; supply; supply_v; sleep_mw sleep_ua; edrx_ua; idle_mw idle_ma; paging_mc; receive_mw receive_ma;
            board_ua; gnss_mw gnss_ma; max_tx_power_dbm; noise_figure_db; antenna_gain_dbi;
        }
        let most = value(&self.max_tx_power_dbm);
        let own = |dbm: f64| self.transmit.iter().any(|point| point.power_dbm.0 == dbm);
        let (own_full_power, own_points) = (self.transmit_mw.is_some(), most.is_some_and(own));
        let replaced = |dbm: f64| own(dbm) || (own_full_power && Some(dbm) == most);
        let inherited: Vec<TransmitFile> =
            base.transmit.into_iter().filter(|point| !replaced(point.power_dbm.0)).collect();
        self.transmit.extend(inherited);
        if !own_full_power && !own_points {
            self.transmit_mw = base.transmit_mw;
        }
        for (figure, why) in base.unknown {
            // The reason why there is no transmission there says nothing about a point of one's own.
            let settled = self.gives(&figure) || (own_points && figure == "transmit");
            if !settled {
                self.unknown.entry(figure).or_insert(why);
            }
        }
        self
    }

    fn states(&self) -> [State; 3] {
        let state = |power: (&'static str, Option<f64>), current: (&'static str, Option<f64>)| match (power, current) {
            ((key, Some(mw)), _) => Some((key, Given::Milliwatts(mw))),
            (_, (key, Some(ma))) => Some((key, Given::Milliamperes(ma))),
            _ => None,
        };
        let sleep_ma = value(&self.sleep_ua).map(|ua| ua / 1e3);
        [
            ("sleep", state(("sleep_mw", value(&self.sleep_mw)), ("sleep_ua", sleep_ma))),
            ("idle", state(("idle_mw", value(&self.idle_mw)), ("idle_ma", value(&self.idle_ma)))),
            ("receive", state(("receive_mw", value(&self.receive_mw)), ("receive_ma", value(&self.receive_ma)))),
        ]
    }

    /// Whether the file gives the figure that a key of `unknown` names.
    fn gives(&self, figure: &str) -> bool {
        match figure {
            "measured_v" => self.measured_v.is_some(),
            "supply" => self.supply.is_some(),
            "supply_v" => self.supply_v.is_some(),
            "edrx_ua" => self.edrx_ua.is_some(),
            "paging_mc" => self.paging_mc.is_some(),
            "board_ua" => self.board_ua.is_some(),
            "gnss" => self.gnss_mw.is_some() || self.gnss_ma.is_some(),
            "max_tx_power_dbm" => self.max_tx_power_dbm.is_some(),
            "noise_figure_db" => self.noise_figure_db.is_some(),
            "antenna_gain_dbi" => self.antenna_gain_dbi.is_some(),
            // Points at other powers, or of no use, do not settle it.
            "transmit" => {
                self.transmit_mw.is_some() || self.at_full_power().is_some_and(|point| self.burst(point).is_ok())
            }
            state => self.states().iter().any(|(name, given)| *name == state && given.is_some()),
        }
    }

    /// What a figure is as a power, mW; `None` if that takes a voltage that is not known.
    fn milliwatts(&self, given: Given) -> Option<f64> {
        let (measured, fed) = (value(&self.measured_v), value(&self.supply_v));
        let follows = self.supply.as_ref().is_some_and(|supply| supply.value == SupplyFile::ConstantCurrent);
        match (given, fed.filter(|_| follows)) {
            (Given::Milliamperes(ma), fed) => Some(ma * fed.or(measured)?),
            (Given::Milliwatts(mw), None) => Some(mw),
            (Given::Milliwatts(mw), Some(fed)) => Some(mw * fed / measured?),
        }
    }

    /// A state as a power, mW.
    fn state(&self, name: &str) -> Option<f64> {
        let states = self.states();
        let (_, given) = states.iter().find(|(state, _)| *state == name)?;
        self.milliwatts(given.as_ref()?.1)
    }

    /// The mean current in mA of a floor of `floor_ma` with a paging occasion every `period_s` seconds.
    #[must_use]
    pub fn paged_ma(&self, floor_ma: f64, period_s: f64) -> Option<f64> {
        Some(floor_ma + value(&self.paging_mc)? / period_s)
    }

    /// Whether the file makes sense as far as it goes.
    ///
    /// # Errors
    /// If it gives a figure twice, or figures that contradict each other.
    pub fn check(&self) -> Result<(), Vec<Issue>> {
        let mut issues = Vec::new();
        for figure in self.unknown.keys().filter(|figure| !FIGURES.contains(&figure.as_str())) {
            let issue = Issue::new(["unknown", figure], format!("there is no figure called `{figure}`"));
            issues.push(issue.expected(one_of(FIGURES)).help(did_you_mean(figure, FIGURES)));
        }
        for figure in self.unknown.keys().filter(|figure| self.gives(figure)) {
            let issue = Issue::new(["unknown", figure], format!("`{figure}` is unknown, and the file gives it"));
            issues.push(issue.expected("either the figure or why there is none"));
        }
        let twice = [
            ("sleep_mw", "sleep_ua", self.sleep_mw.is_some() && self.sleep_ua.is_some()),
            ("idle_mw", "idle_ma", self.idle_mw.is_some() && self.idle_ma.is_some()),
            ("receive_mw", "receive_ma", self.receive_mw.is_some() && self.receive_ma.is_some()),
            ("gnss_mw", "gnss_ma", self.gnss_mw.is_some() && self.gnss_ma.is_some()),
            ("transmit_mw", "transmit", self.transmit_mw.is_some() && self.at_full_power().is_some()),
        ];
        for (key, other, _) in twice.iter().filter(|(_, _, both)| *both) {
            let issue = Issue::new([*other], format!("`{other}` and `{key}` give the same figure"));
            issues.push(issue.expected("one of them"));
        }
        for (index, point) in self.transmit.iter().enumerate() {
            let earlier = self.transmit[..index].iter().any(|other| other.power_dbm == point.power_dbm);
            if let Some(issue) = point.issue(earlier) {
                issues.push(issue.below(["transmit".into(), index.to_string()]));
            }
        }
        issues.extend(self.disorder());
        if issues.is_empty() { Ok(()) } else { Err(issues) }
    }

    /// The first state that draws more than one that is said to draw more.
    fn disorder(&self) -> Option<Issue> {
        let states = self.states();
        let known: Vec<(&str, f64)> = states
            .iter()
            .filter_map(|(_, given)| given.and_then(|(key, g)| Some((key, self.milliwatts(g)?))))
            .collect();
        known.windows(2).find(|pair| pair[0].1 > pair[1].1).map(|pair| {
            let [(lower, less), (upper, more)] = [pair[0], pair[1]];
            let what = format!("`{lower}` draws {} mW, more than the {} mW of `{upper}`", short(less), short(more));
            let issue = Issue::new([lower], what).expected("sleep ≤ idle ≤ receive");
            issue.help("are the units right? 15 µW is 0.015 mW")
        })
    }

    fn at_full_power(&self) -> Option<&TransmitFile> {
        let most = value(&self.max_tx_power_dbm)?;
        self.transmit.iter().find(|point| point.power_dbm.0 == most)
    }

    /// What a transmission draws while it lasts, in mW, and how that was derived if it was; or which figure is open.
    fn burst(&self, point: &TransmitFile) -> Result<(f64, Option<String>), (&'static str, String)> {
        let dbm = point.power_dbm.0;
        let given = match (point.ma, point.mw) {
            (Some(ma), _) => Given::Milliamperes(ma.0),
            (_, Some(mw)) => Given::Milliwatts(mw.0),
            _ => return Err(("transmit", format!("a figure of `transmit` at {dbm} dBm"))),
        };
        if point.basis == BasisFile::Unstated {
            return Err(("transmit", format!("the `basis` of `transmit` at {dbm} dBm, `burst` or `average`")));
        }
        let mean = self.milliwatts(given).ok_or((VOLTAGE.0, VOLTAGE.1.to_owned()))?;
        if point.basis == BasisFile::Burst {
            return Ok((mean, None));
        }
        let lacks = |what: &str| ("transmit", format!("{what} for the average of `transmit` at {dbm} dBm"));
        let on = point.transmit_share.ok_or_else(|| lacks("`transmit_share`"))?.0;
        let listening = point.receive_share.ok_or_else(|| lacks("`receive_share`"))?.0;
        // Shares are rounded in data sheets, and so is what they leave.
        let pause = ((1.0 - on - listening) * 1e6).round() / 1e6;
        let drawn = |share: f64, state: &str| if share > 0.0 { self.state(state) } else { Some(0.0) };
        let receive = drawn(listening, "receive").ok_or_else(|| lacks("reception"))?;
        let idle = drawn(pause, "idle").ok_or_else(|| lacks("light sleep"))?;
        let burst = (mean - listening * receive - pause * idle) / on;
        if burst <= 0.0 {
            return Err(lacks("shares and states that leave something to the transmitter"));
        }
        let [mean, receive, idle] = [mean, receive, idle].map(short);
        let derivation = format!(
            "transmission at {dbm} dBm draws {} mW, derived from an average: \
             ({mean} − {listening} × {receive} − {pause} × {idle}) / {on}",
            short(burst)
        );
        Ok((burst, Some(derivation)))
    }

    /// The checked device, and how figures were derived; or the figures it takes and does not have.
    ///
    /// # Errors
    /// If the file leaves open what a simulation needs.
    pub fn profile(&self, name: &str) -> Result<(Profile, Vec<String>), Vec<String>> {
        let mut open = Vec::new();
        let [sleep, idle, receive] = self.states().map(|state| self.needed(state, &mut open));
        let floor = |ua: f64| self.milliwatts(Given::Milliamperes(ua / 1e3));
        let board = value(&self.board_ua).map_or(Some(0.0), floor);
        let needs_voltage = self.edrx_ua.is_some() || self.paging_mc.is_some() || self.gnss_ma.is_some();
        if board.is_none() || (needs_voltage && self.measured_v.is_none()) {
            open.push(self.with_reason(VOLTAGE.0, VOLTAGE.1));
        }
        let mut need = |key: &str, figure: Option<f64>| {
            if figure.is_none() {
                open.push(self.with_reason(key, &format!("`{key}`")));
            }
            figure.unwrap_or_default()
        };
        let most = need("max_tx_power_dbm", value(&self.max_tx_power_dbm));
        let noise = need("noise_figure_db", value(&self.noise_figure_db));
        let gain = need("antenna_gain_dbi", value(&self.antenna_gain_dbi));
        if self.supply_v.is_some() && self.supply.is_none() {
            need("supply", None);
        }
        let full = match (value(&self.transmit_mw), self.at_full_power()) {
            (Some(mw), _) => {
                self.milliwatts(Given::Milliwatts(mw)).map(|mw| (mw, None)).ok_or((VOLTAGE.0, VOLTAGE.1.to_owned()))
            }
            (None, Some(point)) => self.burst(point),
            (None, None) => Err(("transmit", "`transmit` at the highest power".to_owned())),
        };
        let (transmit, derived) = full.unwrap_or_else(|(figure, what)| {
            open.push(self.with_reason(figure, &what));
            (0.0, None)
        });
        let mut seen = BTreeSet::new();
        open.retain(|what| seen.insert(what.clone()));
        if !open.is_empty() {
            return Err(open);
        }
        let board = board.unwrap_or_default();
        let gnss = value(&self.gnss_mw).map(Given::Milliwatts).or(value(&self.gnss_ma).map(Given::Milliamperes));
        let gnss = gnss.and_then(|given| self.milliwatts(given));
        let charge = |mc: f64| self.milliwatts(Given::Milliamperes(mc)).map(|mj| Joules::from_joules(mj / 1e3));
        let microwatts = |mw: f64| Microwatts(((mw + board) * 1e3 + 0.5) as u32);
        let known = self.transmit.iter().filter_map(|point| Some((point.power_dbm.0, self.burst(point).ok()?.0)));
        let mut points: Vec<(f64, f64)> = known.filter(|(dbm, _)| *dbm != most).chain([(most, transmit)]).collect();
        points.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let profile = Profile {
            name: name.to_owned(),
            sleep: microwatts(sleep),
            idle: microwatts(idle),
            edrx: value(&self.edrx_ua).and_then(floor).map(microwatts),
            paging: value(&self.paging_mc).and_then(charge),
            receive: microwatts(receive),
            transmit: microwatts(transmit),
            max_tx_power: Dbm(most),
            transmit_at: points.into_iter().map(|(dbm, mw)| (Dbm(dbm), microwatts(mw))).collect(),
            noise_figure: Db(noise),
            antenna_gain: Db(gain),
            gnss: gnss.map(microwatts),
        };
        Ok((profile, derived.into_iter().collect()))
    }

    /// A state in mW, or zero and what is open.
    fn needed(&self, (name, given): State, open: &mut Vec<String>) -> f64 {
        let power = given.and_then(|(_, given)| self.milliwatts(given));
        match given {
            _ if power.is_some() => (),
            Some(_) => open.push(self.with_reason(VOLTAGE.0, VOLTAGE.1)),
            None => {
                let unit = if name == "sleep" { "ua" } else { "ma" };
                open.push(self.with_reason(name, &format!("`{name}_{unit}` or `{name}_mw`")));
            }
        }
        power.unwrap_or_default()
    }

    fn with_reason(&self, figure: &str, what: &str) -> String {
        self.unknown.get(figure).map_or(what.to_owned(), |why| format!("{what} ({why})"))
    }
}

impl TransmitFile {
    fn issue(&self, given_earlier: bool) -> Option<Issue> {
        let shares = self.transmit_share.unwrap_or_default().0 + self.receive_share.unwrap_or_default().0;
        let average = self.basis == BasisFile::Average;
        let (path, what, expected) = if given_earlier {
            ("power_dbm", format!("{} dBm is there twice", self.power_dbm.0), "each output power once")
        } else if self.ma.is_some() == self.mw.is_some() {
            ("power_dbm", "a transmission figure is a current or a power".into(), "either `ma` or `mw`")
        } else if !average && (self.transmit_share.is_some() || self.receive_share.is_some()) {
            ("basis", "only an average has shares of time".into(), "`average`, or no shares")
        } else if shares > 1.0 + 1e-9 {
            ("transmit_share", format!("the shares of time add up to {shares}"), "1 at most")
        } else if self.transmit_share.is_some_and(|share| share.0 <= 0.0) {
            ("transmit_share", "nothing is transmitted".into(), "a number above 0")
        } else {
            return None;
        };
        Some(Issue::new([path], what).expected(expected))
    }
}

/// A number to three decimals, without zeros at the end.
fn short(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
