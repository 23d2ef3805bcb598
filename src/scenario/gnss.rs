//! How terminals find out where they are, as scenarios have it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::build::Builder;
use crate::catalog::Issue;
use crate::catalog::value::Duration;
use crate::power::{Activity, Profile, State};
use crate::radio::Radio;
use crate::radio::plan::{Fix, Position};
use crate::units::SimDuration;

/// How terminals find out where they are: by satellite navigation, with the modem asleep.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Gnss {
    /// They stay where they are and keep their first position for ever.
    pub stationary: bool,
    /// Else a position holds so long (gnss-ValidityDuration).
    pub validity: Duration,
    /// A fix takes so long while the receiver's orbits hold.
    pub hot: Duration,
    /// They hold so long after a fix.
    pub hot_within: Duration,
    /// A fix takes so long while the receiver knows time and rough orbits.
    pub warm: Duration,
    /// It knows them so long after a fix.
    pub warm_within: Duration,
    /// A fix takes so long when it knows nothing.
    pub cold: Duration,
}

impl Default for Gnss {
    /// Times to first fix of evaluations of NB-IoT over satellites; orbits of navigation satellites hold for up to four hours.
    fn default() -> Gnss {
        let seconds = |seconds| Duration(SimDuration::from_secs(seconds));
        Gnss {
            stationary: false,
            validity: seconds(600),
            hot: seconds(1),
            hot_within: seconds(2 * 3600),
            warm: seconds(5),
            warm_within: seconds(7 * 86_400),
            cold: seconds(30),
        }
    }
}

impl Builder<'_> {
    /// How the terminals of a group find out where they are; nothing on the ground, or if it does not matter. `None` if their
    /// device does not say what that costs.
    pub(super) fn position(
        &mut self,
        group: &str,
        file: &Gnss,
        device: &Profile,
        radio: &Radio,
    ) -> Option<Option<Position>> {
        let asks = matches!(radio, Radio::NbIot(config) if config.ntn.is_some());
        if !asks || file.stationary {
            return Some(None);
        }
        let Some(power) = device.gnss else {
            let what = format!("`{}` does not say what its receiver of satellite navigation draws", device.name);
            let issue = Issue::new(["groups", group, "device"], what).expected("a device with `gnss_mw` or `gnss_ma`");
            self.report(issue.help("or terminals that know where they are: `gnss: {stationary: true}`"));
            return None;
        };
        let fix = |takes: Duration, within: Duration| Fix { takes: takes.0, within: within.0 };
        Some(Some(Position {
            validity: file.validity.0,
            hot: fix(file.hot, file.hot_within),
            warm: fix(file.warm, file.warm_within),
            cold: file.cold.0,
            activity: Activity { state: State::Receive, power },
        }))
    }
}
