//! What terminals ask of the network to save power, and what they get: times that have a code, as the operator grants them.

use super::build::Builder;
use super::schema::{
    EdrxFile, GrantedEdrx, GrantedTimers, Network, PowerSaving as PowerSavingFile, Psm, ReleaseAssistance,
};
use crate::catalog::Issue;
use crate::catalog::operator::Grants;
use crate::catalog::tree::shorten;
use crate::catalog::value::{Duration, Sourced};
use crate::power::Profile;
use crate::radio::timers::{
    MAX_EDRX, MAX_PTW, MAX_T3324, MAX_T3412, granted_edrx, granted_ptw, granted_t3324, granted_t3412,
};
use crate::radio::{Edrx, ReleaseAssistance as Assistance};
use crate::units::SimDuration;
use crate::world::spec::PowerSaving;

/// A time that a terminal asks for.
struct Request {
    key: &'static str,
    /// What the standard calls it.
    name: &'static str,
    asked: Duration,
    /// What the network makes of a time, if there is a code for it.
    code: fn(SimDuration) -> Option<SimDuration>,
    most: SimDuration,
    /// What the operator grants to everyone.
    fixed: Option<Duration>,
}

impl Builder<'_> {
    /// What the terminals of a group get in `network`, and the group's entry with that in it.
    pub(super) fn power_saving(
        &mut self,
        group: &str,
        file: &PowerSavingFile,
        network: Option<&Network>,
    ) -> Option<(PowerSaving, PowerSavingFile)> {
        let path = ["groups", group, "power_saving"];
        let grants = network.map(|network| network.grants.clone()).unwrap_or_default();
        let timers = self.timers(&[&path[..], &["psm"]].concat(), &file.psm, &grants);
        let edrx = match &file.edrx {
            Some(edrx) => self.edrx(&[&path[..], &["edrx"]].concat(), edrx, &grants)?,
            None => None,
        };
        let timers = timers?;
        let active_timer = timers.active_timer.map_or(SimDuration::FOREVER, |timer| timer.0);
        if let Some(edrx) = edrx.filter(|edrx| active_timer < edrx.cycle) {
            self.notes.push(format!(
                "{}.edrx: terminals are awake for {} after a release and sleep before most of their windows, one every {}",
                path.join("."),
                Duration(active_timer),
                Duration(edrx.cycle)
            ));
        }
        let radio = network.and_then(|network| network.nb_iot.as_ref());
        let heeds = radio.and_then(|radio| radio.release_assistance.as_ref()).is_none_or(|heeds| heeds.value);
        let (release_assistance, word) = match file.release_assistance {
            ReleaseAssistance::None => (Assistance::None, "none"),
            ReleaseAssistance::AsRai => (Assistance::AccessStratum, "as-rai"),
            ReleaseAssistance::NasRai => (Assistance::NonAccessStratum, "nas-rai"),
        };
        if release_assistance != Assistance::None && !heeds {
            let path = path.join(".");
            self.notes.push(format!("{path}.release_assistance: {word} asked, the network does not heed it"));
        }
        let spec = PowerSaving { active_timer, edrx, periodic_update: timers.periodic_update.0, release_assistance };
        let mut resolved = file.clone();
        resolved.psm.granted = Some(timers);
        if let Some(file) = &mut resolved.edrx {
            file.granted = edrx.map(|Edrx { cycle, window }| granted(cycle, window));
        }
        Some((spec, resolved))
    }

    /// Extended DRX saves little in a device that is not known to sleep more deeply in it than between paging occasions.
    pub(super) fn note_floor(&mut self, group: &str, device: &Profile, saving: &PowerSaving) {
        if saving.edrx.is_some() && device.edrx.is_none() {
            self.notes.push(format!(
                "groups.{group}.power_saving.edrx: the device `{}` gives no `edrx_ua`: between windows it draws {} mW, as in \
                 light sleep",
                shorten(&device.name, 60),
                device.idle.as_watts() * 1e3
            ));
        }
    }

    /// The timers of power saving mode as granted.
    fn timers(&mut self, path: &[&str], file: &Psm, grants: &Grants) -> Option<GrantedTimers> {
        let fixed = |timer: &Option<Sourced<Duration>>| timer.as_ref().map(|timer| timer.value);
        let active_timer = Request {
            key: "active_timer",
            name: "T3324",
            asked: file.active_timer,
            code: granted_t3324,
            most: MAX_T3324,
            fixed: fixed(&grants.active_timer),
        };
        let periodic_update = Request {
            key: "periodic_update",
            name: "T3412 extended",
            asked: file.periodic_update,
            code: granted_t3412,
            most: MAX_T3412,
            fixed: fixed(&grants.periodic_update),
        };
        let refused = grants.psm.as_ref().is_some_and(|psm| !psm.value);
        if file.enabled && refused {
            let path = path.join(".");
            self.notes.push(format!("{path}: asked, the operator grants no T3324: terminals never sleep"));
        }
        let active_timer =
            if file.enabled && !refused { self.request(path, &active_timer).map(Some) } else { Some(None) };
        let periodic_update = self.request(path, &periodic_update);
        let granted = GrantedTimers { active_timer: active_timer?, periodic_update: periodic_update? };
        let mut issues = Vec::new();
        if let Some(active_timer) = granted.active_timer.filter(|timer| *timer >= granted.periodic_update) {
            let what = format!(
                "a terminal would never sleep: it stays reachable for {active_timer} and is due again after {}",
                granted.periodic_update
            );
            issues.push(Issue::new(["active_timer"], what).expected("less than `periodic_update`"));
        }
        if file.granted.as_ref().is_some_and(|claimed| *claimed != granted) {
            let what = "the network grants other timers than this".to_owned();
            let expected = match granted.active_timer {
                Some(active_timer) => format!("{active_timer} and {}", granted.periodic_update),
                None => format!("`periodic_update: {}` and no `active_timer`", granted.periodic_update),
            };
            issues.push(Issue::new(["granted"], what).expected(expected).help("remove `granted`: farlink fills it in"));
        }
        let good = issues.is_empty();
        self.report_below(path, issues);
        good.then_some(granted)
    }

    /// Extended DRX as granted, if it is.
    fn edrx(&mut self, path: &[&str], file: &EdrxFile, grants: &Grants) -> Option<Option<Edrx>> {
        let cycle = Request {
            key: "cycle",
            name: "the cycle of extended DRX",
            asked: file.cycle,
            code: granted_edrx,
            most: MAX_EDRX,
            fixed: None,
        };
        let window = Request {
            key: "window",
            name: "the paging time window",
            asked: file.window,
            code: granted_ptw,
            most: MAX_PTW,
            fixed: None,
        };
        let (cycle, window) = (self.request(path, &cycle), self.request(path, &window));
        let (Duration(cycle), Duration(window)) = (cycle?, window?);
        let refused = grants.edrx.as_ref().is_some_and(|edrx| !edrx.value);
        let mut issues = Vec::new();
        if window > cycle {
            let what = format!("a window of {} does not fit into a cycle of {}", Duration(window), Duration(cycle));
            issues.push(Issue::new(["window"], what).expected("at most `cycle`"));
        }
        let given = (!refused).then(|| granted(cycle, window));
        if file.granted.is_some() && file.granted != given {
            let expected = given.map_or("nothing: the operator does not grant extended DRX".to_owned(), |given| {
                format!("{} and {}", given.cycle, given.window)
            });
            let issue = Issue::new(["granted"], "the network grants something else").expected(expected);
            issues.push(issue.help("remove `granted`: farlink fills it in"));
        }
        if refused {
            let path = path.join(".");
            self.notes
                .push(format!("{path}: asked, the operator does not grant it: terminals listen in each paging cycle"));
        }
        let good = issues.is_empty();
        self.report_below(path, issues);
        good.then_some((!refused).then_some(Edrx { cycle, window }))
    }

    /// What the network grants; `None` if the time is too long for any code.
    fn request(&mut self, path: &[&str], request: &Request) -> Option<Duration> {
        let Request { key, name, asked, code, most, fixed } = request;
        let Some(coded) = code(asked.0) else {
            let what = format!("{name} cannot be {asked}: no code stands for a time that long");
            let issue = Issue::new([*key], what).expected(format!("at most {} (TS 24.008)", Duration(*most)));
            self.report_below(path, vec![issue]);
            return None;
        };
        let granted = fixed.unwrap_or(Duration(coded));
        if granted != *asked {
            let path = path.join(".");
            self.notes.push(match fixed {
                Some(_) => format!("{path}.{key}: {asked} asked, the operator grants {granted}"),
                None => format!("{path}.{key}: {asked} has no code, the network grants {granted}"),
            });
        }
        Some(granted)
    }
}

fn granted(cycle: SimDuration, window: SimDuration) -> GrantedEdrx {
    GrantedEdrx { cycle: Duration(cycle), window: Duration(window) }
}
