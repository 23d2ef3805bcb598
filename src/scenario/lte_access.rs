//! Networks that are random access of LTE and nothing else: their parameters, and the keys that mean nothing to them.
//!
//! What would have no effect is refused where it is asked for, except that every report has a size.

use super::build::Builder;
use super::schema::{Group, Network, PowerSaving as PowerSavingFile, Traffic};
use crate::catalog::lte_access::LteAccess;
use crate::catalog::operator::Grants;
use crate::catalog::{Issue, Kind};
use crate::radio::ReleaseAssistance;
use crate::radio::lte_access::config::Config;
use crate::units::SimDuration;
use crate::world::spec::PowerSaving;

/// Why a key is refused.
const NOTHING_BEHIND: &str = "`lte-random-access` ends with Msg4";

impl Builder<'_> {
    /// The parameters of a network, the scenario over the defaults.
    pub(super) fn lte_access(&mut self, name: &str, file: &Network) -> Option<(Config, LteAccess)> {
        let given = [
            ("operator", file.operator.is_some()),
            ("grants", !Grants::are_as_asked(&file.grants)),
            ("outages", !file.outages.is_empty()),
        ];
        let refused = self.refuse(&["networks", name], given);
        let path = ["networks", name, "lte-random-access"];
        let merged: LteAccess = self.merged(Kind::LteAccess, "default", &path)?;
        match merged.config() {
            Ok(config) => (!refused).then_some((config, merged)),
            Err(issues) => {
                self.report_below(&path, issues);
                None
            }
        }
    }

    /// What the terminals of a group do to save power, which is nothing, and the group's entry with that in it.
    pub(super) fn without_power_saving(&mut self, name: &str, group: &Group) -> Option<(PowerSaving, PowerSavingFile)> {
        let (traffic, answered, protocol) = match &group.traffic {
            Traffic::Periodic(file) => ("periodic", file.answered_fraction.0, file.protocol.is_some()),
            Traffic::Burst(file) => ("burst", file.answered_fraction.0, file.protocol.is_some()),
            Traffic::Tr45820Reports(file) => {
                let answered = file.answered_fraction.map_or(1.0, |fraction| fraction.0);
                ("tr45820-reports", answered, file.protocol.is_some())
            }
        };
        let given = [
            ("power_saving", group.power_saving != PowerSavingFile::default()),
            ("commands", group.commands.is_some()),
            ("download", group.download.is_some()),
            ("start", group.start.is_some()),
        ];
        let of_group = self.refuse(&["groups", name], given);
        let of_traffic = self.refuse(&["groups", name, "traffic", traffic], [("protocol", protocol)]);
        if answered > 0.0 {
            let issue = Issue::new(["groups", name, "traffic", traffic, "answered_fraction"], NOTHING_BEHIND);
            self.report(issue.expected("0: answers have no way back"));
        }
        let spec = PowerSaving {
            active_timer: SimDuration::FOREVER,
            edrx: None,
            periodic_update: SimDuration::FOREVER,
            release_assistance: ReleaseAssistance::None,
        };
        (!of_group && !of_traffic && answered == 0.0).then(|| (spec, PowerSavingFile::default()))
    }

    /// Reports the keys that are given; says whether there are any.
    fn refuse<const N: usize>(&mut self, path: &[&str], given: [(&str, bool); N]) -> bool {
        for (key, _) in given.iter().filter(|(_, given)| *given) {
            let issue = Issue::new([*key], format!("`{key}` has no effect: {NOTHING_BEHIND}"));
            self.report_below(path, vec![issue.expected("a network with `nb-iot`, or without this key")]);
        }
        given.iter().any(|(_, given)| *given)
    }
}
