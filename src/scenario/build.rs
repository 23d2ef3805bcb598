//! From the file types to a checked [`WorldSpec`]. Whatever fits the schema and still cannot be simulated is found here.
//!
//! Each network and each group is built for itself, so that a mistake in one does not hide the mistakes in the others.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::calls::{command, start};
use super::requirement::{Names, Requirement, Requirements};
use super::schema::{Group, MAX_TERMINALS, Network, Placement as PlacementFile, Propagation, ScenarioFile, Sites};
use crate::catalog::files::Tr45820File;
use crate::catalog::nbiot::NbIot;
use crate::catalog::problem::Problem;
use crate::catalog::tree::{Node, Sources, shorten};
use crate::catalog::value::{Duration, is_name};
use crate::catalog::{Catalogue, Fault, Issue, Kind, overlay};
use crate::exec::setup::Start;
use crate::network::{Constellation, HexGrid, Layout};
use crate::population::Placement;
use crate::radio::Radio;
use crate::radio::curves::{Curves, Sent};
use crate::radio::nbiot::config::Deployment;
use crate::traffic::Calls;
use crate::units::{Db, Metres, SimDuration};
use crate::world::link::direction_name;
use crate::world::spec::{GroupSpec, NetworkSpec, WorldSpec};

/// Carrier power above which a carrier that shares LTE spectrum deserves a note, dBm.
const SHARED_POWER_DBM: f64 = 38.0;

/// What a scenario file comes to.
pub(super) struct Built {
    pub world: WorldSpec,
    pub resolved: ScenarioFile,
    pub requirements: Requirements,
    pub notes: Vec<String>,
}

/// The technology of a network, and the network's entry with its parameters filled in.
struct Technology {
    radio: Radio,
    curves: Curves,
    resolved: Network,
}

/// Builds one scenario and collects what is wrong with it.
pub(super) struct Builder<'a> {
    pub sources: &'a Sources,
    pub root: &'a Node,
    pub catalogue: &'a mut Catalogue,
    pub problems: &'a mut Vec<Problem>,
    pub notes: Vec<String>,
}

impl Builder<'_> {
    /// Builds all that can be built; `None` if `file` is missing because the schema already refused it.
    pub(super) fn build(mut self, file: Option<ScenarioFile>) -> Option<Built> {
        self.check_top();
        let networks = self.parts::<Network>("networks");
        let groups = self.parts::<Group>("groups");
        let requirements = self.requirements(&names(&groups), &names(&networks));
        let built_networks: Vec<Option<(NetworkSpec, Network)>> =
            networks.iter().map(|(name, network)| self.network(name, network.as_ref()?)).collect();
        let known = names(&networks);
        let built_groups: Vec<Option<(GroupSpec, Group)>> =
            groups.iter().map(|(name, group)| self.group(name, group.as_ref()?, &known, &built_networks)).collect();
        let notes = self.catalogue.take_notes();
        self.notes.extend(notes);
        self.check_total(&groups);
        self.note_unused(&known, &built_groups);
        let file = file?;
        let (network_specs, network_files): (Vec<_>, Vec<_>) =
            built_networks.into_iter().collect::<Option<Vec<_>>>()?.into_iter().unzip();
        let (group_specs, group_files): (Vec<_>, Vec<_>) =
            built_groups.into_iter().collect::<Option<Vec<_>>>()?.into_iter().unzip();
        let world = WorldSpec {
            seed: file.seed,
            duration: file.duration.0,
            warmup: file.warmup.0,
            networks: network_specs,
            groups: group_specs,
        };
        let resolved = ScenarioFile {
            networks: networks.into_keys().zip(network_files).collect(),
            groups: groups.into_keys().zip(group_files).collect(),
            ..file
        };
        Some(Built { world, resolved, requirements, notes: self.notes })
    }

    /// The entries of a map of the scenario, each read for itself; `None` for those the schema has refused.
    fn parts<T: DeserializeOwned>(&self, key: &str) -> BTreeMap<String, Option<T>> {
        let entries = self.root.entry(key).map_or(&[][..], |entry| entry.node.entries());
        entries.iter().map(|entry| (entry.key.clone(), serde_json::from_value(entry.node.to_json()).ok())).collect()
    }

    pub(super) fn report(&mut self, issue: Issue) {
        self.problems.push(issue.place(self.sources, self.root));
    }

    /// Reports issues whose paths begin at `prefix`.
    pub(super) fn report_below(&mut self, prefix: &[&str], issues: Vec<Issue>) {
        for issue in issues {
            self.report(issue.below(prefix.iter().map(ToString::to_string)));
        }
    }

    /// The value, or a report of why there is none.
    pub(super) fn available<T>(&mut self, prefix: &[&str], result: Result<T, Fault>) -> Option<T> {
        match result {
            Ok(value) => return Some(value),
            Err(Fault::Missing(issue)) => self.report_below(prefix, vec![issue]),
            Err(Fault::File(mut problems)) => self.problems.append(&mut problems),
        }
        None
    }

    fn check_top(&mut self) {
        let text = |key: &str| self.root.entry(key).and_then(|entry| entry.node.to_json().as_str().map(str::to_owned));
        let (name, duration) = (text("name"), text("duration"));
        if let Some(name) = name.filter(|name| !is_name(name)) {
            let issue = Issue::new(["name"], format!("\"{name}\" cannot name a scenario"));
            self.report(issue.expected("letters, digits, `-` and `_`, at most 64, a letter or digit first"));
        }
        if duration.is_some_and(|text| Duration::parse(&text) == Ok(Duration(SimDuration::ZERO))) {
            let issue = Issue::new(["duration"], "the duration is zero: nothing would be counted");
            self.report(issue.expected("a time above zero, such as 1d"));
        }
    }

    fn check_total(&mut self, groups: &BTreeMap<String, Option<Group>>) {
        let total: u64 = groups.values().flatten().map(|group| u64::from(group.count.0)).sum();
        if total > u64::from(MAX_TERMINALS) {
            let issue = Issue::new(["groups"], format!("the groups have {total} terminals together"));
            self.report(issue.expected(format!("at most {MAX_TERMINALS}")));
        }
    }

    fn note_unused(&mut self, known: &[&str], groups: &[Option<(GroupSpec, Group)>]) {
        if groups.iter().any(Option::is_none) {
            return;
        }
        for (index, name) in known.iter().enumerate() {
            if !groups.iter().flatten().any(|(spec, _)| spec.networks().any(|network| network == index)) {
                self.notes.push(format!("networks.{name}: no group uses this network"));
            }
        }
    }

    fn requirements(&mut self, groups: &[&str], networks: &[&str]) -> Requirements {
        let lines = self.root.entry("requirements").map(|entry| entry.node.to_json());
        let lines = lines.as_ref().and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        let mut requirements = Vec::new();
        for (index, line) in lines.iter().enumerate().filter_map(|(index, line)| Some((index, line.as_str()?))) {
            match Requirement::parse(line, Names { groups, networks }) {
                Ok(requirement) => requirements.push(requirement),
                Err(issue) => self.report_below(&["requirements", &index.to_string()], vec![issue]),
            }
        }
        Requirements(requirements)
    }

    fn network(&mut self, name: &str, file: &Network) -> Option<(NetworkSpec, Network)> {
        let satellites = match &file.sites {
            Sites::Satellites(satellites) => Some(self.satellites(name, satellites)),
            _ => None,
        };
        let above = satellites.as_ref().and_then(|found| found.as_ref().map(Constellation::parameters));
        let technology = self.technology(name, file, &above.unwrap_or_default());
        let Propagation::Tr45820(_) = &file.propagation;
        let propagation = self.propagation(name);
        let outages = self.outages(name, &file.outages);
        let layout = match &file.sites {
            Sites::HexGrid(grid) => Layout::HexGrid(HexGrid {
                rings: grid.rings.0,
                inter_site_distance: Metres(grid.inter_site_distance_m.0),
                sectors: grid.sectors.0 as u32,
            }),
            Sites::Satellites(_) => Layout::Satellites(Box::new(satellites.flatten()?)),
            Sites::Bench(bench) => Layout::Bench { cells: bench.cells.0 },
        };
        let interference_window = self.interference(name, file);
        let (propagation, propagation_file) = propagation?;
        let Technology { radio, curves, resolved } = technology?;
        self.check_relay(name, &radio, &layout);
        let name = name.to_owned();
        let spec = NetworkSpec { name, radio, curves, layout, propagation, interference_window, outages: outages? };
        Some((spec, Network { propagation: Propagation::Tr45820(propagation_file), ..resolved }))
    }

    /// The one technology of a network.
    fn technology(&mut self, name: &str, file: &Network, above: &Json) -> Option<Technology> {
        match (&file.nb_iot, &file.lte_random_access) {
            (Some(nb_iot), None) => self.nb_iot_network(name, (file, above), nb_iot),
            (None, Some(_)) => {
                let (config, lte) = self.lte_access(name, file)?;
                let resolved = Network { lte_random_access: Some(lte), ..file.clone() };
                Some(Technology { radio: Radio::LteAccess(config), curves: Curves::default(), resolved })
            }
            (None, None) => {
                let issue = Issue::new(["networks", name], format!("`networks.{name}` has no technology"));
                self.report(issue.expected("`nb-iot: …` or `lte-random-access: …`; `{}` takes all defaults"));
                None
            }
            (Some(_), Some(_)) => {
                let what = format!("`networks.{name}` has two technologies");
                let issue = Issue::new(["networks", name, "lte-random-access"], what);
                self.report(issue.expected("either `nb-iot` or `lte-random-access`"));
                None
            }
        }
    }

    fn nb_iot_network(&mut self, name: &str, (file, above): (&Network, &Json), nb_iot: &NbIot) -> Option<Technology> {
        let operator = self.operator(name, file);
        let mut layers = operator.as_ref().map_or_else(Json::default, |(radio, _)| radio.clone());
        if above.is_object() {
            overlay(&mut layers, above);
        }
        let radio = self.nb_iot(name, nb_iot, &layers);
        if let Some((_, merged)) = &radio {
            self.check_payload(name, merged, above)?;
        }
        let (config, nb_iot) = radio?;
        let radio = Radio::NbIot(config.clone());
        let curves = self.curves(name, nb_iot.curves.as_deref(), &radio);
        if config.deployment != Deployment::StandAlone && config.carrier_power.0 > SHARED_POWER_DBM {
            self.notes.push(format!(
                "network `{name}` shares the spectrum of an LTE carrier and sends {} dBm; 35 dBm are usual there",
                config.carrier_power.0
            ));
        }
        let (operator, grants) = (None, operator?.1);
        let resolved = Network { nb_iot: Some(nb_iot), operator, grants, ..file.clone() };
        Some(Technology { radio, curves: curves?, resolved })
    }

    /// The parameters: defaults, those of the operator and of the satellites over them, the user's own file, the scenario over all.
    fn nb_iot(
        &mut self,
        name: &str,
        file: &NbIot,
        operator: &Json,
    ) -> Option<(crate::radio::nbiot::config::Config, NbIot)> {
        let path = ["networks", name, "nb-iot"];
        let defaults = self.catalogue.load::<NbIot>(Kind::NbIot, "default");
        let mut json = self.available(&path, defaults)?.json;
        if operator.is_object() {
            overlay(&mut json, operator);
        }
        if let Some(own) = file.parameters.as_deref().filter(|own| *own != "default") {
            let own = self.catalogue.load::<NbIot>(Kind::NbIot, own);
            overlay(&mut json, &self.available(&["networks", name, "nb-iot", "parameters"], own)?.json);
        }
        overlay(&mut json, &self.root.locate(&path).0.to_json());
        let merged: NbIot = serde_json::from_value(json).ok()?;
        match merged.config() {
            Ok(config) => Some((config, NbIot { parameters: None, ..merged })),
            Err(issues) => {
                self.report_below(&path, issues);
                None
            }
        }
    }

    /// The error-rate curves that the network takes from a file, and a note on what they replace.
    fn curves(&mut self, name: &str, file: Option<&str>, radio: &Radio) -> Option<Curves> {
        let Some(file) = file else { return Some(Curves::default()) };
        let path = ["networks", name, "nb-iot", "curves"];
        let curves = self.catalogue.curves(file);
        let curves = self.available(&path, curves)?;
        // Parameters that leave no room for data are reported where the run is built.
        let Ok(channels) = radio.channels() else { return Some(curves) };
        let known = Sent::all(&channels);
        let strangers: Vec<&Sent> = curves.0.keys().filter(|sent| !known.contains(sent)).collect();
        let (replaced, shown) = (curves.0.len() - strangers.len(), shorten(file, 200));
        let mut note = format!("network `{name}`: {shown} replaces {replaced} of {} error-rate curves", known.len());
        if let Some(stranger) = strangers.first() {
            let block = describe(stranger);
            if replaced == 0 {
                let issue = Issue::new(path, "the file has no curve for any block of the network");
                let expected = "blocks that `farlink link` shows for the network";
                self.report(issue.expected(expected).help(format!("the first curve is for {block}")));
                return None;
            }
            note += &format!("; {} are for blocks that the network does not have, such as {block}", strangers.len());
        }
        self.notes.push(note);
        Some(curves)
    }

    fn propagation(&mut self, name: &str) -> Option<(crate::propagation::Tr45820, Tr45820File)> {
        let path = ["networks", name, "propagation", "tr45820"];
        let merged: Tr45820File = self.merged(Kind::Propagation, "tr45820", &path)?;
        match merged.model() {
            Ok(model) => Some((model, merged)),
            Err(issues) => {
                self.report_below(&path, issues);
                None
            }
        }
    }

    /// What the scenario says at `path` over a file of the catalogue.
    pub(super) fn merged<T: JsonSchema + DeserializeOwned>(
        &mut self,
        kind: Kind,
        defaults: &str,
        path: &[&str],
    ) -> Option<T> {
        let defaults = self.catalogue.load::<T>(kind, defaults);
        let mut json = self.available(path, defaults)?.json;
        if let (node, _, true) = self.root.locate(path) {
            overlay(&mut json, &node.to_json());
        }
        serde_json::from_value(json).ok()
    }

    fn group(
        &mut self,
        name: &str,
        file: &Group,
        networks: &[&str],
        built: &[Option<(NetworkSpec, Network)>],
    ) -> Option<(GroupSpec, Group)> {
        let device = self.catalogue.device(&file.device);
        let device = self.available(&["groups", name, "device"], device);
        let battery = self.catalogue.battery(&file.battery);
        let battery = self.available(&["groups", name, "battery"], battery);
        let traffic = self.said(name, file);
        self.check_commands(name, file.commands.as_ref());
        let download = self.download(name, file.download.as_ref());
        let access = self.access(name, &file.access, networks);
        let network = access.as_ref().map(|access| access[0]);
        let served_by = network.and_then(|network| built.get(network)?.as_ref());
        let power_saving = match served_by.map(|(spec, _)| &spec.radio) {
            Some(Radio::LteAccess(_)) => self.without_power_saving(name, file),
            _ => self.power_saving(name, &file.power_saving, served_by.map(|(_, network)| network)),
        };
        let (network, layout) = (network?, served_by.map(|(spec, _)| &spec.layout));
        let placement = self.placement(name, &file.placement, networks[network], layout);
        let motion = self.mobility(name, file, served_by.map(|(spec, _)| spec)?);
        let (traffic, traffic_file, gathering) = traffic?;
        for (network, _) in access.iter().flatten().filter_map(|&network| built.get(network)?.as_ref()) {
            self.check_stored(name, file, &traffic, network);
        }
        let (power_saving, power_saving_file) = power_saving?;
        let device = device?;
        let radio = served_by.map(|(spec, _)| &spec.radio);
        let position = self.position(name, &file.gnss, &device, radio?);
        let access = access?;
        let alternatives = self.alternatives(name, file, &access, built, &device);
        self.note_floor(name, &device, &power_saving);
        let spec = GroupSpec {
            name: name.to_owned(),
            count: file.count.0,
            network,
            device,
            battery: battery?,
            placement: placement?,
            position: position?,
            traffic,
            gathering,
            calls: Calls { command: file.commands.as_ref().map(command), download: download? },
            start: file.start.as_ref().map_or(Start::Attached, start),
            motion: motion?,
            alternatives: alternatives?,
            power_saving,
        };
        if let Some((network, _)) = served_by {
            self.note_reach(network, &spec);
        }
        let access = access.into_iter().map(|network| networks[network].to_owned()).collect();
        let resolved = Group { access, traffic: traffic_file, power_saving: power_saving_file, ..file.clone() };
        Some((spec, resolved))
    }

    pub(super) fn placement(
        &mut self,
        group: &str,
        file: &PlacementFile,
        network: &str,
        layout: Option<&Layout>,
    ) -> Option<Placement> {
        let path = ["groups", group, "placement"];
        match (file, layout?) {
            (PlacementFile::Uniform(uniform), Layout::HexGrid(_)) => {
                Some(Placement::Uniform { indoor_fraction: uniform.indoor_fraction.0 })
            }
            (PlacementFile::Bench(bench), Layout::Bench { .. }) => {
                Some(Placement::Bench { coupling_loss: Db(bench.coupling_loss_db.0) })
            }
            (PlacementFile::Region(region), Layout::Satellites(_)) => self.region(group, region),
            (PlacementFile::Region(region), Layout::Bench { .. }) if region.ground_coverage.contains_key(network) => {
                self.region(group, region)
            }
            (PlacementFile::Region(_), Layout::Bench { .. }) => {
                let what =
                    format!("`networks.{network}` is a bench, and `groups.{group}` does not say where it has coverage");
                let path = ["groups", group, "placement", "region"];
                let issue = Issue::new(path, what);
                self.report(
                    issue.expected(format!("`ground_coverage: {{{network}: {{share: …, coupling_loss_db: …}}}}`")),
                );
                None
            }
            (PlacementFile::Region(_), _) => {
                let what = format!(
                    "`groups.{group}` is spread over a part of the Earth, but `networks.{network}` has no satellites"
                );
                let issue = Issue::new(path, what)
                    .expected("`placement: {uniform: {}}` or `placement: {bench: {coupling_loss_db: …}}`");
                self.report(
                    issue.help(format!("or give `networks.{network}` satellites: `sites: {{satellites: {{…}}}}`")),
                );
                None
            }
            (_, Layout::Satellites(_)) => {
                let what = format!("`networks.{network}` has satellites, but `groups.{group}` is nowhere on Earth");
                let issue = Issue::new(path, what);
                let expected = "`placement: {region: {south_deg: …, north_deg: …, west_deg: …, east_deg: …}}`";
                self.report(issue.expected(expected));
                None
            }
            (PlacementFile::Uniform(_), Layout::Bench { .. }) => {
                let what =
                    format!("`groups.{group}` is spread over an area, but `networks.{network}` is a bench without one");
                let issue = Issue::new(path, what).expected("`placement: {bench: {coupling_loss_db: …}}`");
                self.report(issue.help(format!("or give `networks.{network}` sites: `sites: {{hex-grid: {{}}}}`")));
                None
            }
            (PlacementFile::Bench(_), Layout::HexGrid(_)) => {
                let what = format!("`groups.{group}` is on a bench, but `networks.{network}` has sites on a grid");
                let issue = Issue::new(path, what).expected("`placement: {uniform: {}}`");
                self.report(
                    issue.help(format!("or make `networks.{network}` a bench: `sites: {{bench: {{cells: 1}}}}`")),
                );
                None
            }
        }
    }
}

/// What a curve is about, for people.
fn describe(sent: &Sent) -> String {
    let Sent { level, way, table, bytes, airtime_ms, repetitions, transmission } = sent;
    format!(
        "level {level}, {} {}, {bytes} bytes in {airtime_ms} ms, repetitions {repetitions}, transmission {transmission}",
        direction_name(*way),
        shorten(table, 40)
    )
}

fn names<T>(parts: &BTreeMap<String, T>) -> Vec<&str> {
    parts.keys().map(String::as_str).collect()
}
