//! Which networks serve a group, in order of preference, and where those on the ground have coverage.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::build::Builder;
use super::schema::{Group, Network, Origin, Placement, PowerSaving as PowerSavingFile, UniformPlacement};
use crate::catalog::suggest::{did_you_mean, one_of};
use crate::catalog::value::{Duration, Real, Share};
use crate::catalog::{Catalogue, Issue, Kind};
use crate::network::Layout;
use crate::population::coverage::Coverage;
use crate::power::Profile;
use crate::radio::Radio;
use crate::units::{Db, SimDuration};
use crate::world::spec::{Alternative, Alternatives, NetworkSpec};

/// How a network on the ground covers the terminals of a region, wherever they are.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroundCoverage {
    /// Share of the places that are covered.
    pub share: Share,
    /// How long a terminal stays at a place before it goes to another one, which is covered or not whatever the last was; above
    /// zero. Without it each stays where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stay: Option<Duration>,
    /// Coupling loss at covered places: all losses and gains between the two antenna connectors, dB.
    pub coupling_loss_db: Real<40, 200>,
}

/// How often a terminal looks for a better network, if the scenario does not say.
pub(super) fn two_hours() -> Duration {
    Duration(SimDuration::from_hours(2))
}

/// A network as it was built, if it could be.
type Built<'a> = &'a [Option<(NetworkSpec, Network)>];

impl Builder<'_> {
    /// The networks of a group by their positions, in order of preference; not empty.
    pub(super) fn access(&mut self, group: &str, access: &[String], networks: &[&str]) -> Option<Vec<usize>> {
        let position = |name: &str| networks.iter().position(|network| *network == name);
        match access {
            [] if networks.len() == 1 => return Some(vec![0]),
            // Without networks the schema has the say.
            [] if networks.is_empty() => return None,
            [] => {
                let path = ["groups", group, "access"];
                let issue = Issue::new(path, format!("`groups.{group}` does not say which network serves it"));
                self.report(issue.expected(format!("`access: [NAME]` with {}", one_of(networks.iter().copied()))));
                return None;
            }
            _ => (),
        }
        let found: Vec<Option<usize>> = access.iter().map(|name| position(name)).collect();
        for (index, name) in access.iter().enumerate() {
            let path = |issue: String| Issue::new(["groups", group, "access", &index.to_string()], issue);
            if found[index].is_none() {
                let what = match no_radio(name) {
                    Some(reason) => format!("`{name}` carries no traffic: {reason}"),
                    None => format!("there is no network called `{name}`"),
                };
                let known = networks.iter().copied();
                self.report(path(what).expected(one_of(known.clone())).help(did_you_mean(name, known)));
            } else if found[..index].contains(&found[index]) {
                self.report(path(format!("`{name}` stands here already")).expected("each network once"));
            }
        }
        found.into_iter().collect()
    }

    /// What serves a group beside its first network, or where that has coverage; `None` if that cannot be.
    pub(super) fn alternatives(
        &mut self,
        group: &str,
        file: &Group,
        networks: &[usize],
        built: Built<'_>,
        device: &Profile,
    ) -> Option<Option<Alternatives>> {
        let specs: Vec<&(NetworkSpec, Network)> =
            networks.iter().map(|&network| built.get(network)?.as_ref()).collect::<Option<_>>()?;
        let coverage = self.coverage(group, file, networks, &specs)?;
        if networks.len() == 1 && coverage.is_empty() {
            return Some(None);
        }
        let issue = |key: &str, what: String| Issue::new(["groups", group, key], what);
        for (spec, _) in &specs[..specs.len() - 1] {
            if matches!(spec.layout, Layout::Satellites(_)) {
                let issue = issue("access", format!("networks behind `{}` would serve nobody", spec.name));
                let expected = "networks on the ground first, satellites last: they come back wherever a terminal is";
                self.report(issue.expected(expected));
                return None;
            }
        }
        if let Some((spec, _)) = specs.iter().find(|(spec, _)| matches!(spec.radio, Radio::LteAccess(_))) {
            let what = format!("`{}` has no idle mode to change networks in", spec.radio.name());
            self.report(issue("access", what).expected("networks with `nb-iot`, or one network"));
            return None;
        }
        if file.mobility.is_some() {
            let what = format!("`groups.{group}` moves, and has several networks");
            self.report(issue("mobility", what).expected("one network, or terminals that stand still"));
            return None;
        }
        let asked = without_grants(&file.power_saving);
        let mut others = Vec::new();
        for (&network, (spec, resolved)) in networks.iter().zip(&specs).skip(1) {
            match (&file.placement, &spec.layout) {
                (Placement::Uniform(uniform), Layout::Satellites(_)) => self.plane(group, uniform)?,
                (placement, layout) => drop(self.placement(group, placement, &spec.name, Some(layout))?),
            }
            let position = self.position(group, &file.gnss, device, &spec.radio)?;
            let (power_saving, _) = self.power_saving(group, &asked, Some(resolved))?;
            others.push(Alternative { network, position, power_saving });
        }
        let origin_deg = self.origin().map(|origin| (origin.latitude_deg.0, origin.longitude_deg.0));
        Some(Some(Alternatives { networks: others, coverage, origin_deg, search: file.better_network_search.0 }))
    }

    /// Where on Earth the scenario is.
    fn origin(&self) -> Option<Origin> {
        serde_json::from_value(self.root.entry("origin")?.node.to_json()).ok()
    }

    /// Whether terminals among the sites of a network can be served by satellites; `None` if not.
    fn plane(&mut self, group: &str, file: &UniformPlacement) -> Option<()> {
        if file.indoor_fraction.0 > 0.0 {
            let what = format!("`groups.{group}` has terminals inside buildings, whose walls satellites do not know");
            let issue = Issue::new(["groups", group, "placement", "uniform", "indoor_fraction"], what);
            self.report(issue.expected("`placement: {uniform: {indoor_fraction: 0}}`"));
            return None;
        }
        if self.origin().is_none() {
            let what =
                format!("`groups.{group}` is under satellites, and the scenario does not say where on Earth it is");
            let issue = Issue::new(["groups", group, "access"], what);
            self.report(issue.expected("`origin: {latitude_deg: …, longitude_deg: …}` beside `networks`"));
            return None;
        }
        Some(())
    }

    /// Where networks on the ground cover a group in a region.
    fn coverage(
        &mut self,
        group: &str,
        file: &Group,
        networks: &[usize],
        specs: &[&(NetworkSpec, Network)],
    ) -> Option<Vec<(usize, Coverage)>> {
        let Placement::Region(region) = &file.placement else { return Some(Vec::new()) };
        let mut coverage = Vec::new();
        for (name, file) in &region.ground_coverage {
            let path = ["groups", group, "placement", "region", "ground_coverage", name];
            let benches =
                networks.iter().zip(specs).filter(|(_, (spec, _))| matches!(spec.layout, Layout::Bench { .. }));
            let Some((&network, _)) = benches.clone().find(|(_, (spec, _))| spec.name == *name) else {
                let known: Vec<&str> = benches.map(|(_, (spec, _))| spec.name.as_str()).collect();
                let issue = Issue::new(path, format!("`{name}` is no network on a bench that serves `groups.{group}`"));
                let expected = match known.is_empty() {
                    true => "no `ground_coverage`, or a network with `sites: {bench: {}}` in `access`".to_owned(),
                    false => one_of(known.iter().copied()),
                };
                self.report(issue.expected(expected).help(did_you_mean(name, known)));
                return None;
            };
            if file.stay.is_some_and(|stay| stay.0 == SimDuration::ZERO) {
                let path = [&path[..], &["stay"]].concat();
                let issue = Issue::new(path, "who stays nowhere is nowhere");
                self.report(
                    issue.expected("a time above zero, or no `stay` for terminals that never leave their place"),
                );
                return None;
            }
            let stay = file.stay.map(|stay| stay.0);
            coverage
                .push((network, Coverage { share: file.share.0, stay, coupling_loss: Db(file.coupling_loss_db.0) }));
        }
        Some(coverage)
    }
}

/// What terminals ask of any network.
fn without_grants(file: &PowerSavingFile) -> PowerSavingFile {
    let mut asked = file.clone();
    asked.psm.granted = None;
    if let Some(edrx) = &mut asked.edrx {
        edrx.granted = None;
    }
    asked
}

/// Why a constellation of the library cannot serve a group, if the name is that of one.
fn no_radio(name: &str) -> Option<&'static str> {
    let known = crate::catalog::names(Kind::Constellation).any(|known| known == name);
    let constellation = known.then(|| Catalogue::default().constellation(name).ok()).flatten()?;
    let reason = "it is orbit only, a constellation without a radio model";
    constellation.payload.is_none().then_some(reason)
}
