//! The parameters of an LTE cell's random access as files have them, and their way into the checked [`Config`].
//!
//! The model file and the `lte-random-access` entry of a scenario have the same keys. All are optional: what a scenario leaves
//! out comes from `models/radio/lte-random-access.yaml`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Issue;
use super::value::{Duration, Share, Sourced, Whole};
use crate::radio::lte_access::config::{Config, Detection};
use crate::units::SimDuration;

type Optional<T> = Option<Sourced<T>>;

/// Random access of an LTE cell up to Msg4, as TR 37.868 simulates it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LteAccess {
    /// From one random-access opportunity to the next, 1ms to 20ms.
    pub opportunity_period: Optional<Duration>,
    /// Preambles for contention.
    pub preambles: Optional<Whole<1, 64>>,
    /// preambleTransMax: preambles that a terminal sends before it gives up.
    pub preamble_trans_max: Optional<Whole<1, 200>>,
    /// How often a preamble is detected that one terminal chose.
    pub detection: Optional<DetectionFile>,
    /// With `constant`: probability that a preamble is detected that one terminal chose.
    pub detection_probability: Optional<Share>,
    /// From the end of a preamble to the start of the response window.
    pub preamble_processing: Optional<Duration>,
    /// ra-ResponseWindowSize: subframes in which responses are sent, no longer than `opportunity_period`.
    pub response_window_subframes: Optional<Whole<1, 20>>,
    /// Terminals that the responses of one subframe answer.
    pub grants_per_subframe: Optional<Whole<1, 64>>,
    /// From the end of a response to Msg3.
    pub response_processing: Optional<Duration>,
    /// From the end of Msg3 to Msg4.
    pub msg3_processing: Optional<Duration>,
    /// Probability that one transmission of Msg3, or of Msg4, is lost.
    pub harq_loss: Optional<Share>,
    /// Transmissions of Msg3, and of Msg4, before it is given up.
    pub harq_transmissions: Optional<Whole<1, 8>>,
    /// From one transmission of Msg3 to the next.
    pub msg3_round_trip: Optional<Duration>,
    /// From one transmission of Msg4 to the next.
    pub msg4_round_trip: Optional<Duration>,
    /// mac-ContentionResolutionTimer: from the end of Msg3 to that of Msg4 at most.
    pub contention_timer: Optional<Duration>,
    /// Largest backoff; each is drawn uniformly between zero and this.
    pub backoff: Optional<Duration>,
    /// ac-BarringFactor: probability that a terminal is not barred before its first preamble; 1 for no barring.
    pub barring_factor: Optional<Share>,
    /// ac-BarringTime: a barred terminal checks again after 0.7 to 1.3 times this.
    pub barring_time: Optional<Duration>,
}

/// How often a preamble is detected that one terminal chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DetectionFile {
    /// Attempt number i with 1 - exp(-i), for terminals raise their power from one to the next (TR 37.868).
    Ramping,
    /// Always with `detection_probability`.
    Constant,
}

/// The value of a parameter that the defaults must have given.
fn given<T: Clone>(parameter: &Optional<T>, key: &str) -> Result<T, Issue> {
    match parameter {
        Some(sourced) => Ok(sourced.value.clone()),
        None => Err(Issue::new([key], format!("the parameter `{key}` has no value, not even a default"))),
    }
}

impl LteAccess {
    /// The checked parameters.
    ///
    /// # Errors
    /// Every contradiction between parameters; the paths begin below the parameters.
    pub fn config(&self) -> Result<Config, Vec<Issue>> {
        let config = self.read().map_err(|issue| vec![issue])?;
        let issues = contradictions(&config);
        if issues.is_empty() { Ok(config) } else { Err(issues) }
    }

    fn read(&self) -> Result<Config, Issue> {
        let window = given(&self.response_window_subframes, "response_window_subframes")?.0;
        Ok(Config {
            opportunity_period: given(&self.opportunity_period, "opportunity_period")?.0,
            preambles: given(&self.preambles, "preambles")?.0,
            preamble_trans_max: given(&self.preamble_trans_max, "preamble_trans_max")?.0,
            detection: match given(&self.detection, "detection")? {
                DetectionFile::Ramping => Detection::Ramping,
                DetectionFile::Constant => {
                    Detection::Constant(given(&self.detection_probability, "detection_probability")?.0)
                }
            },
            preamble_processing: given(&self.preamble_processing, "preamble_processing")?.0,
            response_window: SimDuration::from_millis(u64::from(window)),
            grants_per_subframe: given(&self.grants_per_subframe, "grants_per_subframe")?.0,
            response_processing: given(&self.response_processing, "response_processing")?.0,
            msg3_processing: given(&self.msg3_processing, "msg3_processing")?.0,
            harq_loss: given(&self.harq_loss, "harq_loss")?.0,
            harq_transmissions: given(&self.harq_transmissions, "harq_transmissions")?.0,
            msg3_round_trip: given(&self.msg3_round_trip, "msg3_round_trip")?.0,
            msg4_round_trip: given(&self.msg4_round_trip, "msg4_round_trip")?.0,
            contention_timer: given(&self.contention_timer, "contention_timer")?.0,
            backoff: given(&self.backoff, "backoff")?.0,
            barring_factor: given(&self.barring_factor, "barring_factor")?.0,
            barring_time: given(&self.barring_time, "barring_time")?.0,
        })
    }
}

/// Every contradiction; the paths begin below the parameters.
fn contradictions(config: &Config) -> Vec<Issue> {
    let (ms, hour) = (SimDuration::from_millis, SimDuration::from_hours(1));
    let mut issues = Vec::new();
    for (key, time, least, most) in [
        ("opportunity_period", config.opportunity_period, ms(1), ms(20)),
        ("preamble_processing", config.preamble_processing, ms(0), ms(20)),
        ("response_processing", config.response_processing, ms(0), hour),
        ("msg3_processing", config.msg3_processing, ms(0), hour),
        ("msg3_round_trip", config.msg3_round_trip, ms(1), hour),
        ("msg4_round_trip", config.msg4_round_trip, ms(1), hour),
        ("contention_timer", config.contention_timer, ms(1), hour),
        ("backoff", config.backoff, ms(0), hour),
        ("barring_time", config.barring_time, ms(1), hour),
    ] {
        if time < least || time > most {
            let issue = Issue::new([key], format!("`{key}` is {}", Duration(time)));
            issues.push(issue.expected(format!("{} to {}", Duration(least), Duration(most))));
        }
    }
    if config.response_window > config.opportunity_period {
        let what = format!(
            "response windows of {} overlap, one begins every {}",
            Duration(config.response_window),
            Duration(config.opportunity_period)
        );
        let issue = Issue::new(["response_window_subframes"], what);
        issues.push(issue.expected("as many subframes as `opportunity_period` at most"));
    }
    issues
}
