//! How a network lets terminals in, as files have it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{NbIot, Optional, given};
use crate::catalog::Issue;
use crate::catalog::value::{Duration, EdtTbs, Real, Share, Whole};
use crate::radio::nbiot::admission::{Admission, Barring, Connection, EarlyData, EarlyLevel, Preconfigured, Reject};
use crate::radio::nbiot::config::{Config, LEVELS};
use crate::units::{Db, SimDuration};

/// The signalling of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectionFile {
    /// A suspended connection is resumed: user-plane CIoT optimisation.
    Resume,
    /// Connection, security and bearer are set up for each contact.
    ServiceRequest,
    /// Data travels in NAS messages: control-plane CIoT optimisation.
    ControlPlane,
}

/// Early data transmission (Release 15): a report in Msg3.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct EarlyDataFile {
    /// Whether the network and its terminals have it.
    pub enabled: Optional<bool>,
    /// Share of the transmissions after which the network answers with a connection; the message then goes in Msg5.
    pub refused: Optional<Share>,
    /// In good coverage.
    #[serde(rename = "level-0")]
    pub level_0: Option<EarlyLevelFile>,
    /// In poor coverage.
    #[serde(rename = "level-1")]
    pub level_1: Option<EarlyLevelFile>,
    /// In the deepest coverage.
    #[serde(rename = "level-2")]
    pub level_2: Option<EarlyLevelFile>,
}

/// Early data at one coverage level.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EarlyLevelFile {
    /// Largest block of Msg3, bits (edt-TBS): 328, 408, 504, 584, 680, 808, 936 or 1000.
    pub max_tbs: Optional<EdtTbs>,
    /// Of the level's NPRACH subcarriers so many are for early data alone.
    pub subcarriers: Optional<Whole<1, 47>>,
}

/// Preconfigured uplink resources (Release 16): a report in a block that is reserved for its terminal.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PreconfiguredFile {
    /// Whether the network reserves blocks for its terminals.
    pub enabled: Optional<bool>,
    /// From one block of a terminal to the next; reports wait for it asleep.
    pub period: Optional<Duration>,
    /// Largest block, bits: 328, 408, 504, 584, 680, 808, 936 or 1000.
    pub max_tbs: Optional<EdtTbs>,
    /// How much better or worse than usual the coupling loss may be for the timing advance to count as valid, dB.
    pub tolerance_db: Optional<Real<0, 40>>,
}

/// What the network does against overload.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OverloadFile {
    /// Access classes that are barred at a time.
    pub barred_classes: Option<BarredFile>,
    /// After so long the barred classes move on by one.
    pub barring_rotation: Optional<Duration>,
    /// Whether the network rejects connections under load.
    pub reject: Optional<bool>,
    /// It rejects a terminal whose Msg4 has to queue longer than this.
    pub reject_above: Optional<Duration>,
    /// A rejected terminal waits so long (extendedWaitTime) and up to half as long again.
    pub reject_wait: Optional<Duration>,
}

/// Access classes, of ten, that are barred at a time at each coverage level.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BarredFile {
    /// In good coverage.
    #[serde(rename = "level-0")]
    pub level_0: Optional<Whole<0, 9>>,
    /// In poor coverage.
    #[serde(rename = "level-1")]
    pub level_1: Optional<Whole<0, 9>>,
    /// In the deepest coverage.
    #[serde(rename = "level-2")]
    pub level_2: Optional<Whole<0, 9>>,
}

impl From<ConnectionFile> for Connection {
    fn from(file: ConnectionFile) -> Connection {
        match file {
            ConnectionFile::Resume => Connection::Resume,
            ConnectionFile::ServiceRequest => Connection::ServiceRequest,
            ConnectionFile::ControlPlane => Connection::ControlPlane,
        }
    }
}

impl NbIot {
    pub(super) fn admission(&self) -> Result<Admission, Issue> {
        let below = |key: &'static str| move |issue: Issue| issue.below([key.to_owned()]);
        Ok(Admission {
            connection: given(&self.connection, "connection")?.into(),
            resume_failure: given(&self.resume_failure, "resume_failure")?.0,
            early_data: self.early_data.clone().unwrap_or_default().read().map_err(below("early_data"))?,
            preconfigured: {
                let file = self.preconfigured_uplink.clone().unwrap_or_default();
                file.read().map_err(below("preconfigured_uplink"))?
            },
            barring: self.overload.clone().unwrap_or_default().barring().map_err(below("overload"))?,
            reject: self.overload.clone().unwrap_or_default().reject().map_err(below("overload"))?,
        })
    }
}

impl EarlyDataFile {
    fn read(&self) -> Result<Option<EarlyData>, Issue> {
        if !given(&self.enabled, "enabled")? {
            return Ok(None);
        }
        let level = |number: usize, file: &Option<EarlyLevelFile>| {
            let file = file.clone().unwrap_or_default();
            file.read().map_err(|issue| issue.below([format!("level-{number}")]))
        };
        let levels = [level(0, &self.level_0)?, level(1, &self.level_1)?, level(2, &self.level_2)?];
        Ok(Some(EarlyData { refused: given(&self.refused, "refused")?.0, levels }))
    }
}

impl EarlyLevelFile {
    fn read(&self) -> Result<EarlyLevel, Issue> {
        let max_tbs = given(&self.max_tbs, "max_tbs")?.0 as u32;
        Ok(EarlyLevel { max_tbs, subcarriers: given(&self.subcarriers, "subcarriers")?.0 })
    }
}

impl PreconfiguredFile {
    fn read(&self) -> Result<Option<Preconfigured>, Issue> {
        if !given(&self.enabled, "enabled")? {
            return Ok(None);
        }
        Ok(Some(Preconfigured {
            period: given(&self.period, "period")?.0,
            max_tbs: given(&self.max_tbs, "max_tbs")?.0 as u32,
            tolerance: Db(given(&self.tolerance_db, "tolerance_db")?.0),
        }))
    }
}

impl OverloadFile {
    fn barring(&self) -> Result<Barring, Issue> {
        let barred = self.barred_classes.clone().unwrap_or_default();
        let levels = [("level-0", barred.level_0), ("level-1", barred.level_1), ("level-2", barred.level_2)];
        let mut classes = [0; LEVELS];
        for (classes, (level, barred)) in classes.iter_mut().zip(levels) {
            *classes = given(&barred, level).map_err(|issue| issue.below(["barred_classes".to_owned()]))?.0;
        }
        Ok(Barring { rotation: given(&self.barring_rotation, "barring_rotation")?.0, classes })
    }

    fn reject(&self) -> Result<Option<Reject>, Issue> {
        let (above, wait) = (given(&self.reject_above, "reject_above")?.0, given(&self.reject_wait, "reject_wait")?.0);
        Ok(given(&self.reject, "reject")?.then_some(Reject { above, wait }))
    }
}

/// Contradictions in how terminals are let in.
pub(super) fn check(config: &Config, issues: &mut Vec<Issue>) {
    let admission = &config.admission;
    let without = admission.early_data.is_some() || admission.preconfigured.is_some();
    if without && admission.connection == Connection::ServiceRequest {
        let issue = Issue::new(["connection"], "data without a connection needs a context in the network");
        issues.push(
            issue
                .expected("resume or control-plane with early data or preconfigured resources")
                .help("a terminal with neither sets up security and a bearer before any data (TS 36.331 5.3.3.1b)"),
        );
    }
    for number in 0..LEVELS {
        check_early(config, number, issues);
    }
    let longest = SimDuration::from_hours(1);
    let Barring { rotation, classes } = admission.barring;
    let rotates = classes.iter().any(|classes| *classes > 0);
    let reject_wait = admission.reject.map_or(longest, |reject| reject.wait);
    for (key, time, counts) in [("barring_rotation", rotation, rotates), ("reject_wait", reject_wait, true)] {
        if counts && (time == SimDuration::ZERO || time > longest) {
            let issue = Issue::new(["overload", key], format!("`{key}` is {}", Duration(time)));
            issues.push(issue.expected(format!("more than 0s and at most {}", Duration(longest))));
        }
    }
    if let Some(preconfigured) = admission.preconfigured
        && preconfigured.period < SimDuration::from_secs(1)
    {
        let period = Duration(preconfigured.period);
        let issue = Issue::new(["preconfigured_uplink", "period"], format!("a block is reserved every {period}"));
        issues.push(issue.expected("a period of at least 1s; 81.92s is the shortest of TS 36.331"));
    }
}

fn check_early(config: &Config, number: usize, issues: &mut Vec<Issue>) {
    let Some(early) = &config.admission.early_data else { return };
    let (own, all) = (early.levels[number].subcarriers, config.levels[number].nprach.subcarriers);
    if own >= all {
        let level = format!("level-{number}");
        let what = format!("early data takes {own} of the {all} NPRACH subcarriers of level {number}");
        let issue = Issue::new(["early_data", level.as_str(), "subcarriers"], what);
        issues.push(issue.expected(format!("fewer than {all}: reports that do not fit need some too")));
    }
}
