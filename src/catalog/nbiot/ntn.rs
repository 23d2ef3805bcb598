//! NB-IoT over a satellite, as files have it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Optional, given};
use crate::catalog::Issue;
use crate::catalog::value::{Duration, Real, Whole};
use crate::radio::nbiot::config::Config;
use crate::radio::nbiot::ntn::{Ntn, RELEASE_WITHOUT_FEEDBACK};
use crate::units::SimDuration;

/// Values of ul-SyncValidityDuration, seconds (TS 36.331 clause 6.7.3.1, SystemInformationBlockType31-NB).
const VALIDITY_S: [u64; 16] = [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 120, 180, 240, 900];

/// What a satellite changes.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NtnFile {
    /// Whether the cells are those of a satellite.
    pub enabled: Optional<bool>,
    /// Release that network and terminals follow.
    pub release: Optional<Whole<17, 19>>,
    /// Longest way from a terminal to the base station and back, ms: the service link, and the feeder link if the satellite only
    /// passes signals on. K_offset covers it.
    pub round_trip_ms: Optional<Real<0, 1000>>,
    /// ul-SyncValidityDuration: how long terminals may use what SIB31-NB says.
    pub sync_validity: Optional<Duration>,
    /// Period in which SIB31-NB is broadcast.
    pub assistance_period: Optional<Duration>,
    /// Receiving SIB31-NB, once begun.
    pub assistance: Optional<Duration>,
    /// Frequencies around which a terminal searches that does not know the satellites yet, since it does not know their Doppler shift: 1
    /// in geostationary orbit.
    pub doppler_hypotheses: Optional<Whole<1, 16>>,
    /// Whether terminals acknowledge blocks of the downlink; `false` from release 18 on.
    pub harq_feedback: Optional<bool>,
}

impl NtnFile {
    pub(super) fn read(&self) -> Result<Option<Ntn>, Issue> {
        if !given(&self.enabled, "enabled")? {
            return Ok(None);
        }
        let round_trip_us = given(&self.round_trip_ms, "round_trip_ms")?.0 * 1e3;
        Ok(Some(Ntn {
            release: given(&self.release, "release")?.0,
            round_trip: SimDuration(round_trip_us.round() as u64),
            sync_validity: given(&self.sync_validity, "sync_validity")?.0,
            assistance_period: given(&self.assistance_period, "assistance_period")?.0,
            assistance: given(&self.assistance, "assistance")?.0,
            doppler_hypotheses: given(&self.doppler_hypotheses, "doppler_hypotheses")?.0,
            harq_feedback: given(&self.harq_feedback, "harq_feedback")?,
        }))
    }
}

/// Contradictions in what a satellite changes.
pub(super) fn check(config: &Config, issues: &mut Vec<Issue>) {
    let Some(ntn) = &config.ntn else { return };
    let mut report = |key: &str, what: String, expected: String| {
        issues.push(Issue::new(["ntn", key], what).expected(expected));
    };
    if !VALIDITY_S.iter().any(|&seconds| ntn.sync_validity == SimDuration::from_secs(seconds)) {
        let known: Vec<String> = VALIDITY_S.iter().map(|seconds| format!("{seconds}s")).collect();
        let what = format!("a sync validity of {} does not exist", Duration(ntn.sync_validity));
        report("sync_validity", what, format!("{} (TS 36.331, ul-SyncValidityDuration)", known.join(", ")));
    }
    if ntn.assistance_period == SimDuration::ZERO || ntn.assistance > ntn.assistance_period {
        let (takes, every) = (Duration(ntn.assistance), Duration(ntn.assistance_period));
        let what = format!("SIB31-NB takes {takes} and comes every {every}");
        report("assistance_period", what, "a period above 0s in which SIB31-NB fits".into());
    }
    if !ntn.harq_feedback && ntn.release < RELEASE_WITHOUT_FEEDBACK {
        let what = format!("release {} has no blocks without HARQ feedback", ntn.release);
        report("harq_feedback", what, format!("`true`, or release {RELEASE_WITHOUT_FEEDBACK} or later"));
    }
    let least = ntn.assistance().ahead + ntn.assistance;
    if ntn.sync_validity <= least {
        let what = format!("what SIB31-NB says holds for {} only", Duration(ntn.sync_validity));
        let expected = format!("more than {}: reading it twice, and the round trip", Duration(least));
        report("sync_validity", what, expected);
    }
}
