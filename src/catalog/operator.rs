//! The file type of operators: how their networks are set up, and what their core networks grant.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Issue;
use super::nbiot::NbIot;
use super::value::{Duration, Sourced};
use crate::radio::timers::{granted_t3324, granted_t3412};

/// An operator.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorFile {
    /// Which network this is, and who saw it, in one sentence.
    pub description: String,
    /// Parameters that differ from the defaults.
    #[serde(default, rename = "nb-iot")]
    pub nb_iot: NbIot,
    /// What the core network grants.
    #[serde(default)]
    pub grants: Grants,
}

/// What a core network grants of what terminals ask for; what is left out is granted as asked.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Grants {
    /// Whether terminals get a T3324, and with it power saving mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub psm: Option<Sourced<bool>>,
    /// The T3324 that all get who ask for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_timer: Option<Sourced<Duration>>,
    /// The T3412 that all get.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub periodic_update: Option<Sourced<Duration>>,
    /// Whether terminals get extended DRX.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edrx: Option<Sourced<bool>>,
}

impl OperatorFile {
    /// Whether the file makes sense as far as it goes; the parameters are checked with what they lie over.
    ///
    /// # Errors
    /// If it grants timers that have no code, or refers to further files.
    pub fn check(&self) -> Result<(), Vec<Issue>> {
        let mut issues: Vec<Issue> = self.grants.issues().map(|issue| issue.below(["grants".into()])).collect();
        for (key, file) in [("parameters", &self.nb_iot.parameters), ("curves", &self.nb_iot.curves)] {
            if file.is_some() {
                let issue = Issue::new(["nb-iot", key], "a file of an operator cannot name another file");
                issues.push(issue.expected("the parameters themselves"));
            }
        }
        if issues.is_empty() { Ok(()) } else { Err(issues) }
    }
}

impl Grants {
    /// Whether everything is granted as asked.
    #[must_use]
    pub fn are_as_asked(&self) -> bool {
        *self == Grants::default()
    }

    /// Timers that no network can grant, as they have no code.
    pub fn issues(&self) -> impl Iterator<Item = Issue> {
        let timers = [
            ("active_timer", &self.active_timer, granted_t3324 as fn(_) -> _),
            ("periodic_update", &self.periodic_update, granted_t3412),
        ];
        timers.into_iter().filter_map(|(key, timer, coded)| {
            let time = timer.as_ref()?.value;
            let near = coded(time.0);
            let expected = near.map_or("a shorter time".to_owned(), |near| format!("{}", Duration(near)));
            let what = format!("no network can grant {time}: no code stands for it (TS 24.008)");
            (near != Some(time.0)).then(|| Issue::new([key], what).expected(expected))
        })
    }
}
