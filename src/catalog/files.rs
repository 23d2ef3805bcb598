//! The file types of batteries, propagation and traffic, and their way into core types.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Issue;
use super::value::{Duration, Real, Share, Sourced, Whole};
use crate::power::Battery;
use crate::propagation::{Building, Tr45820};
use crate::traffic::dialogue::Dialogue;
use crate::traffic::timing::{Periodic, Timing};
use crate::traffic::{Payload, Reports};
use crate::units::{Db, Joules, Metres};

/// Most reporting intervals of a mix: a terminal remembers its own in a byte.
const INTERVALS_MAX: usize = 256;

/// A battery.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatteryFile {
    /// What the battery is, in one sentence.
    pub description: String,
    /// Energy when new, Wh.
    pub energy_wh: Sourced<Real<0, 5000>>,
    /// Share of the energy that the device can use before its cut-off voltage.
    pub usable_fraction: Sourced<Share>,
    /// Self-discharge per year in percent of the energy when new.
    pub self_discharge_percent_per_year: Sourced<Real<0, 100>>,
}

impl BatteryFile {
    /// The checked battery.
    ///
    /// # Errors
    /// If it holds no energy.
    pub fn battery(&self, name: &str) -> Result<Battery, Vec<Issue>> {
        for (key, value) in [("energy_wh", self.energy_wh.value.0), ("usable_fraction", self.usable_fraction.value.0)] {
            if value <= 0.0 {
                return Err(vec![Issue::new([key], format!("`{key}` is zero")).expected("a number above 0")]);
            }
        }
        Ok(Battery {
            name: name.to_owned(),
            capacity: Joules::from_joules(self.energy_wh.value.0 * 3_600.0),
            usable: self.usable_fraction.value.0,
            self_discharge_per_year: self.self_discharge_percent_per_year.value.0 / 100.0,
        })
    }
}

/// The propagation model of TR 45.820 annex D; what is left out comes from `models/propagation/tr45820.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Tr45820File {
    /// Standard deviation of the shadow fading, dB.
    pub shadowing_sigma_db: Option<Sourced<Real<0, 30>>>,
    /// Correlation of the shadow fading towards different sites.
    pub site_correlation: Option<Sourced<Share>>,
    /// Over this distance the shadow fading of a terminal that moves loses all but 1/e of its correlation, m.
    pub shadowing_correlation_m: Option<Sourced<Real<1, 10_000>>>,
    /// Gain of a sector antenna in its main direction, dBi.
    pub site_antenna_gain_dbi: Option<Sourced<Real<-10, 40>>>,
    /// Loss between base station and antenna, dB.
    pub feeder_loss_db: Option<Sourced<Real<0, 30>>>,
    /// Angle between the half-power directions of a sector antenna, degrees.
    pub beamwidth_deg: Option<Sourced<Real<1, 360>>>,
    /// Largest attenuation of a sector antenna behind its back, dB.
    pub front_to_back_db: Option<Sourced<Real<0, 60>>>,
    /// Which distribution of external walls buildings have.
    pub building: Option<Sourced<BuildingFile>>,
    /// Share of the time that neighbour cells transmit.
    pub neighbour_activity: Option<Sourced<Share>>,
    /// Rise of the uplink noise floor by terminals of neighbour cells, dB.
    pub uplink_noise_rise_db: Option<Sourced<Real<0, 40>>>,
    /// Standard deviation of the coupling loss of one place from one message to the next, dB.
    pub temporal_sigma_db: Option<Sourced<Real<0, 20>>>,
}

/// The two building scenarios of TR 45.820 annex D.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BuildingFile {
    /// External walls of 4 to 11, 11 to 19, 19 to 23 dB for 25, 65, 10 % of the terminals.
    #[serde(rename = "scenario-1")]
    Scenario1,
    /// The same classes for 25, 50, 25 % of the terminals.
    #[serde(rename = "scenario-2")]
    Scenario2,
}

impl Tr45820File {
    /// The checked model.
    ///
    /// # Errors
    /// If a value is missing, defaults included.
    pub fn model(&self) -> Result<Tr45820, Vec<Issue>> {
        self.read().ok_or_else(|| vec![Issue::new([] as [&str; 0], "a parameter has no value, not even a default")])
    }

    fn read(&self) -> Option<Tr45820> {
        Some(Tr45820 {
            shadowing_sigma: Db(self.shadowing_sigma_db.as_ref()?.value.0),
            site_correlation: self.site_correlation.as_ref()?.value.0,
            shadowing_correlation: Metres(self.shadowing_correlation_m.as_ref()?.value.0),
            site_antenna_gain: Db(self.site_antenna_gain_dbi.as_ref()?.value.0),
            feeder_loss: Db(self.feeder_loss_db.as_ref()?.value.0),
            beamwidth_deg: self.beamwidth_deg.as_ref()?.value.0,
            front_to_back: Db(self.front_to_back_db.as_ref()?.value.0),
            building: match self.building.as_ref()?.value {
                BuildingFile::Scenario1 => Building::Scenario1,
                BuildingFile::Scenario2 => Building::Scenario2,
            },
            neighbour_activity: self.neighbour_activity.as_ref()?.value.0,
            uplink_noise_rise: Db(self.uplink_noise_rise_db.as_ref()?.value.0),
            temporal_sigma: Db(self.temporal_sigma_db.as_ref()?.value.0),
        })
    }
}

/// A mix of periodic reports.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportsFile {
    /// What the mix is, in one sentence.
    pub description: String,
    /// Reporting intervals and the share of the terminals that use each; the shares add up to 1.
    #[schemars(length(min = 1))]
    pub intervals: Vec<IntervalFile>,
    /// Each report is delayed by a uniform time below this.
    pub jitter: Sourced<Duration>,
    /// Shape of the Pareto distribution of payload sizes.
    pub payload_pareto_alpha: Sourced<Real<0, 100>>,
    /// Smallest payload, bytes.
    pub payload_min_bytes: Sourced<Whole<1, 65_535>>,
    /// Largest payload, bytes; sizes beyond it are cut to it.
    pub payload_cap_bytes: Sourced<Whole<1, 65_535>>,
    /// Bytes that the protocols between application and radio add to each report and each answer.
    pub overhead_bytes: Sourced<Whole<0, 65_535>>,
    /// Share of the reports that the server answers.
    pub answered_fraction: Sourced<Share>,
    /// Payload of an answer, bytes.
    pub answer_bytes: Sourced<Whole<0, 65_535>>,
}

/// One reporting interval of a mix.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntervalFile {
    /// The interval.
    pub every: Duration,
    /// Share of the terminals that use it.
    pub share: Sourced<Share>,
}

impl ReportsFile {
    /// The checked source.
    ///
    /// # Errors
    /// If shares do not add up, an interval is zero, or the largest payload is below the smallest.
    pub fn reports(&self) -> Result<Reports, Vec<Issue>> {
        let sum: f64 = self.intervals.iter().map(|interval| interval.share.value.0).sum();
        let mut issues = Vec::new();
        if (sum - 1.0).abs() > 1e-9 {
            issues.push(Issue::new(["intervals"], format!("the shares add up to {sum}")).expected("1 in sum"));
        }
        if self.intervals.len() > INTERVALS_MAX {
            let issue = Issue::new(["intervals"], format!("{} intervals", self.intervals.len()));
            issues.push(issue.expected(format!("at most {INTERVALS_MAX}")));
        }
        for (index, interval) in self.intervals.iter().enumerate() {
            if interval.every.0.0 == 0 {
                let issue = Issue::new(["intervals", &index.to_string(), "every"], "the interval is zero");
                issues.push(issue.expected("a time above zero"));
            }
        }
        if self.payload_cap_bytes.value.0 < self.payload_min_bytes.value.0 {
            let issue = Issue::new(["payload_cap_bytes"], "the largest payload is below the smallest");
            issues.push(issue.expected("at least `payload_min_bytes`"));
        }
        if self.payload_pareto_alpha.value.0 <= 0.0 {
            issues.push(Issue::new(["payload_pareto_alpha"], "the shape is zero").expected("a number above 0"));
        }
        if !issues.is_empty() {
            return Err(issues);
        }
        Ok(Reports {
            timing: Timing::Periodic(Periodic {
                intervals: self.intervals.iter().map(|i| (i.every.0, i.share.value.0)).collect(),
                jitter: self.jitter.value.0,
            }),
            payload: Payload::Pareto {
                alpha: self.payload_pareto_alpha.value.0,
                min: self.payload_min_bytes.value.0,
                cap: self.payload_cap_bytes.value.0,
            },
            overhead_bytes: self.overhead_bytes.value.0,
            answered: self.answered_fraction.value.0,
            dialogue: Dialogue::plain(self.answer_bytes.value.0 + self.overhead_bytes.value.0),
        })
    }
}
