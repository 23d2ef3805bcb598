//! Networks of satellites, and terminals that are somewhere on Earth, as scenarios have them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::access::GroundCoverage;
use super::build::Builder;
use super::gateways::{GatewayFile, RelayFile};
use crate::catalog::Issue;
use crate::catalog::constellation::{self, Stage};
use crate::catalog::elements;
use crate::catalog::nbiot::NbIot;
use crate::catalog::tree::shorten;
use crate::catalog::value::{Duration, Real, Share, Whole};
use crate::geometry::earth::LIGHT_KM_S;
use crate::network::{Beams, Constellation, Gateways, Guard, Layout, Relay, Steering};
use crate::orbit::{Pattern, Rotation, Satellite, Span, Utc, Walker};
use crate::population::Placement;
use crate::population::hearing::{MOST_RINGS, Surroundings, rings_that_fill};
use crate::population::sky::{Region, farthest};
use crate::propagation::satellite::Payload;
use crate::propagation::satellite::layout::Reuse;
use crate::propagation::satellite::tables::Environment;
use crate::radio::nbiot::link::CARRIER_BANDWIDTH;
use crate::units::{Db, Dbm, SimDuration};
use crate::world::above;
use crate::world::spec::{GroupSpec, NetworkSpec};

/// Satellites of a network at most.
const MOST_SATELLITES: usize = 10_000;

/// Satellites, each a cell. Their orbits are one of `walker`, `constellation` and `elements`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SatelliteSites {
    /// A Walker constellation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walker: Option<WalkerFile>,
    /// A constellation of the library, or the path of its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constellation: Option<String>,
    /// Which state of that constellation; without it what is in orbit, or what is planned if nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<SizeFile>,
    /// The path of a file of orbital elements: TLE, or OMM in JSON, CSV, XML or KVN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elements: Option<String>,
    /// The radio of the satellites: a name of the catalogue, or the path of a YAML file. A constellation of the library may have one of its
    /// own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// Their beams.
    #[serde(default)]
    pub beams: BeamsFile,
    /// When the run begins, as `2026-01-01T00:00:00Z`. Of a Walker constellation the first satellite of the first plane is over the equator
    /// and the meridian of Greenwich then. Without it 2026-01-01 for those, 2025-01-01 for constellations of the library, and the time of the
    /// newest elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
    /// The least elevation at which a satellite is used, degrees.
    #[serde(default = "ten_degrees")]
    pub min_elevation_deg: Real<0, 89>,
    /// A satellite is used only if it stays for so long.
    #[serde(default = "half_a_minute")]
    pub least_contact: Duration,
    /// Who has waited for a satellite sets out within so long after it has risen, so that not all do at once.
    #[serde(default)]
    pub onset_spread: Duration,
    /// How long before a predicted rise terminals listen for the satellite, at least.
    #[serde(default = "half_a_second")]
    pub guard: Duration,
    /// So much longer for each day since a terminal last heard of orbits.
    #[serde(default = "half_a_second")]
    pub guard_per_day: Duration,
    /// Where tracking areas are.
    #[serde(default)]
    pub tracking_areas: TrackingAreas,
    /// The gateways, by name. Without any, satellites reach the core network wherever they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateways: Option<BTreeMap<String, GatewayFile>>,
    /// The least elevation at which a gateway sees a satellite, degrees.
    #[serde(default = "ten_degrees")]
    pub gateway_elevation_deg: Real<0, 89>,
    /// What satellites do with what is for the gateways.
    #[serde(default)]
    pub relay: RelayFile,
}

/// Where the tracking areas of satellites are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TrackingAreas {
    /// On the Earth: satellites broadcast that of the place which they are over, and terminals that stay where they are stay in
    /// theirs.
    #[default]
    EarthFixed,
    /// One for each satellite: terminals update theirs under each other one.
    Moving,
}

/// A state of a constellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SizeFile {
    /// What is in orbit.
    InOrbit,
    /// What it is to be.
    Full,
}

/// The beams of a satellite, which belong to one cell all together.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BeamsFile {
    /// Where they look.
    pub steering: SteeringFile,
    /// Rings of beams around the one below the satellite, 0 for that one alone; without it as many as fill what the satellite sees. Without
    /// effect on beams that stay on the Earth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rings: Option<Whole<0, MOST_RINGS>>,
    /// How they share frequencies.
    pub reuse: ReuseFile,
    /// Share of the time that each of them is lit, and disturbs others.
    pub lit: Share,
}

impl Default for BeamsFile {
    fn default() -> BeamsFile {
        BeamsFile { steering: SteeringFile::Moving, rings: None, reuse: ReuseFile::Three, lit: Real(1.0) }
    }
}

/// Where beams look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SteeringFile {
    /// In directions that move with the satellite.
    Moving,
    /// At cells that stay where they are on the Earth.
    EarthFixed,
}

/// How beams share frequencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReuseFile {
    /// Each beam has all of them.
    One,
    /// Three beams share them.
    Three,
    /// Two beams share them, in two polarizations.
    TwoPolarized,
}

/// A Walker constellation.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WalkerFile {
    /// How the planes are spread.
    #[serde(default)]
    pub pattern: PatternFile,
    /// All satellites: a multiple of the planes.
    pub satellites: Whole<1, 10_000>,
    /// Planes.
    pub planes: Whole<1, 1_000>,
    /// Walker's F: by how many parts of a turn a plane is ahead of the one before, a turn having as many parts as there are
    /// satellites.
    #[serde(default)]
    pub phasing: Real<0, 10_000>,
    /// Inclination, degrees.
    pub inclination_deg: Real<0, 180>,
    /// Height over the equator, km.
    pub altitude_km: Real<160, 50_000>,
}

/// How the planes of a constellation are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PatternFile {
    /// Their nodes over a full turn.
    #[default]
    Delta,
    /// Their nodes over half a turn.
    Star,
}

/// Evenly over a part of the Earth.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegionPlacement {
    /// Its south end, degrees.
    pub south_deg: Real<-90, 90>,
    /// Its north end, degrees.
    pub north_deg: Real<-90, 90>,
    /// Its west end, degrees.
    pub west_deg: Real<-180, 180>,
    /// Its east end, degrees; beyond 180 if the region lies across the date line.
    pub east_deg: Real<-180, 540>,
    /// What surrounds the terminals.
    #[serde(default)]
    pub environment: EnvironmentFile,
    /// Share of the terminals that stand inside buildings.
    #[serde(default)]
    pub indoor_fraction: Share,
    /// Where networks on the ground whose sites are a `bench` have coverage in it, by network.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ground_coverage: BTreeMap<String, GroundCoverage>,
}

/// The surroundings of terminals under satellites (TR 38.811 clause 6.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EnvironmentFile {
    /// Nothing stands in the way, as at sea.
    #[default]
    Open,
    /// Open country; the same as suburban.
    Rural,
    /// Suburbs.
    Suburban,
    /// A city.
    Urban,
    /// High buildings, narrow streets.
    DenseUrban,
}

impl EnvironmentFile {
    fn environment(self) -> Option<Environment> {
        match self {
            EnvironmentFile::Open => None,
            EnvironmentFile::Rural | EnvironmentFile::Suburban => Some(Environment::Suburban),
            EnvironmentFile::Urban => Some(Environment::Urban),
            EnvironmentFile::DenseUrban => Some(Environment::DenseUrban),
        }
    }
}

fn ten_degrees() -> Real<0, 89> {
    Real(10.0)
}

/// Two-line elements are wrong by some km along the track, and by as much more each day: half a second at 7.6 km/s.
fn half_a_second() -> Duration {
    Duration(SimDuration::from_millis(500))
}

fn half_a_minute() -> Duration {
    Duration(SimDuration::from_secs(30))
}

impl WalkerFile {
    /// Its orbits.
    pub(super) fn walker(&self) -> Walker {
        Walker {
            pattern: match self.pattern {
                PatternFile::Delta => Pattern::Delta,
                PatternFile::Star => Pattern::Star,
            },
            satellites: self.satellites.0,
            planes: self.planes.0,
            phasing: self.phasing.0,
            inclination_deg: self.inclination_deg.0,
            altitude_km: self.altitude_km.0,
            first_node_deg: 0.0,
            drift: false,
        }
    }
}

impl RegionPlacement {
    pub(super) fn placement(&self) -> Placement {
        Placement::Region(Region {
            latitude_deg: [self.south_deg.0, self.north_deg.0],
            longitude_deg: [self.west_deg.0, self.east_deg.0],
            surroundings: Surroundings {
                environment: self.environment.environment(),
                indoor_fraction: self.indoor_fraction.0,
            },
        })
    }
}

impl BeamsFile {
    fn beams(&self, fill: u32) -> Beams {
        Beams {
            steering: match self.steering {
                SteeringFile::Moving => Steering::Moving,
                SteeringFile::EarthFixed => Steering::EarthFixed,
            },
            rings: self.rings.map_or(fill, |rings| rings.0),
            reuse: match self.reuse {
                ReuseFile::One => Reuse::One,
                ReuseFile::Three => Reuse::Three,
                ReuseFile::TwoPolarized => Reuse::TwoPolarized,
            },
            lit: self.lit.0,
        }
    }
}

/// The satellites of a network before anything is known of their radio.
struct Orbits {
    satellites: Vec<Satellite>,
    rotation: Rotation,
    epoch: Utc,
    payload: Option<String>,
}

/// Rounded to hundredths.
fn hundredths(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

impl Constellation {
    /// What follows from satellites for the parameters of their network: the power behind the antenna, a noise figure that together with
    /// its gain makes up the G/T, one antenna, and the round trip: to the base station on board or, where satellites only pass signals on, to
    /// a gateway that may be as far away as a terminal.
    pub(super) fn parameters(&self) -> Json {
        let way = farthest(self.highest_km(), self.min_elevation_deg);
        let passed_on = |gateways: &Gateways| gateways.relay == Relay::Transparent;
        let ways = if self.gateways.as_ref().is_none_or(passed_on) { 4.0 } else { 2.0 };
        serde_json::json!({
            "carrier_power_dbm": hundredths(self.payload.power(CARRIER_BANDWIDTH).0),
            "noise_figure_db": hundredths(self.payload.noise_figure().0),
            "receive_antennas": 1,
            "ntn": { "enabled": true, "round_trip_ms": hundredths(ways * way.0 / LIGHT_KM_S) },
        })
    }
}

impl Builder<'_> {
    /// The satellites of a network.
    pub(super) fn satellites(&mut self, network: &str, file: &SatelliteSites) -> Option<Constellation> {
        let path = ["networks", network, "sites", "satellites"];
        let orbits = self.orbits(network, file);
        let epoch = match &file.epoch {
            None => orbits.as_ref().map(|orbits| orbits.epoch),
            Some(text) => {
                let epoch = Utc::parse(text);
                if epoch.is_none() {
                    let issue = Issue::new(["epoch"], format!("\"{text}\" is no time"));
                    self.report_below(&path, vec![issue.expected("a time such as 2026-01-01T00:00:00Z")]);
                }
                epoch
            }
        };
        let payload = match &orbits {
            // Who knows what radio they would have.
            None if file.payload.is_none() => None,
            orbits => self.payload(network, file, orbits.as_ref().and_then(|orbits| orbits.payload.clone())),
        };
        let gateways = self.gateways(network, file);
        let (Orbits { satellites, rotation, .. }, epoch, payload) = (orbits?, epoch?, payload?);
        let rotation = if rotation == Rotation::Sidereal { rotation } else { Rotation::From(epoch) };
        let satellites = match &file.walker {
            // Where they are at first is that at the epoch.
            Some(walker) => walker.walker().satellites(network, epoch).collect(),
            None => satellites,
        };
        let mut constellation = Constellation {
            satellites: satellites.into(),
            rotation,
            epoch,
            min_elevation_deg: file.min_elevation_deg.0,
            payload,
            beams: file.beams.beams(0),
            least: file.least_contact.0,
            spread: file.onset_spread.0,
            guard: Guard { least: file.guard.0, per_day: file.guard_per_day.0 },
            moving_areas: file.tracking_areas == TrackingAreas::Moving,
            gateways: gateways?,
        };
        self.note_stale(network, &constellation.satellites, epoch);
        let fill = rings_that_fill(&constellation.payload, constellation.altitude(), file.min_elevation_deg.0);
        constellation.beams = file.beams.beams(fill);
        Some(constellation)
    }

    /// Tells how a group hears the satellites of its network.
    pub(super) fn note_reach(&mut self, network: &NetworkSpec, group: &GroupSpec) {
        let Layout::Satellites(constellation) = &network.layout else { return };
        // What keeps a network from having channels is reported where the run is built.
        let Ok(channels) = network.channels() else { return };
        let Ok(hearing) = above::hearing(network, group, &channels) else { return };
        let (altitude, payload) = (constellation.altitude(), &constellation.payload);
        let loss = |elevation| hearing.plain_loss(altitude, elevation).0;
        let heard = match hearing.lowest(altitude, constellation.min_elevation_deg) {
            Some(lowest) => format!(
                "in the open from {lowest} degrees on, with a coupling loss of {:.1} dB there and {:.1} dB overhead",
                loss(lowest),
                loss(90.0)
            ),
            None => format!("nowhere in the open without fading: overhead the coupling loss is {:.1} dB", loss(90.0)),
        };
        self.notes.push(format!(
            "network `{}`: `{}` hears {} ({:.1} dBW in 180 kHz, {:.1} dB/K) {heard}",
            network.name,
            group.name,
            shorten(&payload.name, 60),
            payload.eirp(CARRIER_BANDWIDTH),
            payload.gain_over_temperature.0
        ));
    }

    /// The satellites on their orbits.
    fn orbits(&mut self, network: &str, file: &SatelliteSites) -> Option<Orbits> {
        let path = ["networks", network, "sites", "satellites"];
        if let (None, Some(_)) = (&file.constellation, file.size) {
            let issue = Issue::new(["size"], "only constellations of the library have sizes");
            self.report_below(&path, vec![issue.expected("`constellation: NAME` beside it")]);
        }
        match (&file.walker, &file.constellation, &file.elements) {
            (Some(walker), None, None) => self.walker(network, walker),
            (None, Some(name), None) => self.constellation(network, name, file.size),
            (None, None, Some(name)) => self.elements(network, name),
            _ => {
                let given = [file.walker.is_some(), file.constellation.is_some(), file.elements.is_some()];
                let count = given.iter().filter(|given| **given).count();
                let what = match count {
                    0 => format!("the satellites of `networks.{network}` have no orbits"),
                    _ => format!("the satellites of `networks.{network}` have {count} kinds of orbits"),
                };
                let issue = Issue::new([] as [&str; 0], what);
                self.report_below(&path, vec![issue.expected("one of `walker`, `constellation` and `elements`")]);
                None
            }
        }
    }

    fn walker(&mut self, network: &str, file: &WalkerFile) -> Option<Orbits> {
        let (satellites, planes) = (file.satellites.0, file.planes.0);
        if satellites % planes != 0 {
            let what = format!("{satellites} satellites cannot be spread evenly over {planes} planes");
            let issue = Issue::new(["walker", "satellites"], what).expected("a multiple of `planes`");
            self.report_below(&["networks", network, "sites", "satellites"], vec![issue]);
            return None;
        }
        let epoch = Utc::midnight(2026, 1, 1)?;
        Some(Orbits { satellites: Vec::new(), rotation: Rotation::From(epoch), epoch, payload: None })
    }

    /// The satellites of a constellation of the library.
    fn constellation(&mut self, network: &str, name: &str, size: Option<SizeFile>) -> Option<Orbits> {
        let path = ["networks", network, "sites", "satellites", "constellation"];
        let loaded = self.catalogue.constellation(name);
        let file = self.available(&path, loaded)?;
        let stage = size.map(|size| match size {
            SizeFile::InOrbit => Stage::InOrbit,
            SizeFile::Full => Stage::Full,
        });
        let Some(found) = file.stage(stage) else {
            let issue = Issue::new(path, format!("`{name}` does not describe this state"));
            self.report(issue.expected("another `size`, or none"));
            return None;
        };
        let satellites = found.generate(name);
        let (known, all) = (satellites.len(), found.satellites.value.0);
        self.within_limit(&path, known)?;
        let mut note = format!("network `{network}`: the satellites of {name} are generated from published parameters");
        if known < all as usize {
            note += &format!("; the orbits of {known} of {all} are known");
        }
        self.notes.push(note);
        Some(Orbits {
            satellites,
            rotation: Rotation::Sidereal,
            epoch: constellation::epoch(),
            payload: file.payload.map(|payload| payload.value),
        })
    }

    /// The satellites of a file of orbital elements.
    fn elements(&mut self, network: &str, name: &str) -> Option<Orbits> {
        let path = ["networks", network, "sites", "satellites", "elements"];
        let objects = self.catalogue.elements(name);
        let objects = self.available(&path, objects)?;
        self.within_limit(&path, objects.len())?;
        let epoch = objects.iter().map(|object| object.epoch).max()?.floor_to_minute();
        // Each was tried when it was read.
        let satellites = objects.iter().filter_map(|object| object.satellite().ok()).collect();
        Some(Orbits { satellites, rotation: Rotation::Sidereal, epoch, payload: None })
    }

    /// Tells if elements are too old for a run.
    fn note_stale(&mut self, network: &str, satellites: &[Satellite], start: Utc) {
        let seconds = |key: &str| {
            let text = self.root.entry(key).and_then(|entry| entry.node.to_json().as_str().map(str::to_owned));
            text.and_then(|text| Duration::parse(&text).ok()).map_or(0.0, |time| time.0.as_secs_f64())
        };
        let end = start.plus(seconds("warmup") + seconds("duration"));
        let epochs = satellites.iter().filter_map(Satellite::epoch);
        let stale = elements::stale(epochs, Span { start, end });
        if stale > 0 {
            self.notes.push(format!(
                "network `{network}`: the elements of {stale} of {} satellites are more than {} days away from the run; errors grow by 1 to \
                 3 km a day in low orbits: download newer ones, or set `epoch` nearer to them",
                satellites.len(),
                elements::OLD_DAYS
            ));
        }
    }

    fn within_limit(&mut self, path: &[&str], satellites: usize) -> Option<()> {
        if satellites > MOST_SATELLITES {
            let issue = Issue::new(path.iter().copied(), format!("{satellites} satellites"));
            self.report(issue.expected(format!("at most {MOST_SATELLITES}")));
            return None;
        }
        Some(())
    }

    /// The radio of the satellites: that of the scenario, or their constellation's own.
    fn payload(&mut self, network: &str, file: &SatelliteSites, own: Option<String>) -> Option<Payload> {
        let path = ["networks", network, "sites", "satellites"];
        let Some(name) = file.payload.clone().or(own) else {
            let what = match &file.constellation {
                Some(name) => {
                    format!("`{name}` carries no traffic: it is orbit only, a constellation without a radio model")
                }
                None => format!("the satellites of `networks.{network}` have no radio"),
            };
            let issue =
                Issue::new([] as [&str; 0], what).expected("`payload: NAME` with a model of a satellite's radio");
            self.report_below(&path, vec![issue.help("`farlink models satellites` lists them")]);
            return None;
        };
        let path = [&path[..], &["payload"]].concat();
        let payload = self.catalogue.satellite(&name);
        let payload = self.available(&path, payload)?;
        let (Dbm(power), Db(figure)) = (payload.power(CARRIER_BANDWIDTH), payload.noise_figure());
        if !(0.0..=60.0).contains(&power) || !(0.0..=20.0).contains(&figure) {
            let what = format!(
                "behind the antenna of `{}` there are {power:.1} dBm in 180 kHz and a noise figure of {figure:.1} dB",
                shorten(&name, 60)
            );
            let expected = "0 to 60 dBm and 0 to 20 dB, which follow from EIRP density, antenna gain and G/T";
            self.report(Issue::new(path, what).expected(expected));
            return None;
        }
        Some(payload)
    }

    /// Whether parameters of a network are those that its satellites have.
    pub(super) fn check_payload(&mut self, network: &str, merged: &NbIot, above: &Json) -> Option<()> {
        let both = [
            ("carrier_power_dbm", &merged.carrier_power_dbm.as_ref().map(|own| own.value.0)),
            ("noise_figure_db", &merged.noise_figure_db.as_ref().map(|own| own.value.0)),
        ];
        let mut agree = Some(());
        for (key, own) in both {
            let (Some(own), Some(follows)) = (own, above.get(key).and_then(Json::as_f64)) else { continue };
            if *own != follows {
                let what = format!("`{key}` is {own}, but {follows} follows from the payload of the satellites");
                let issue = Issue::new(["networks", network, "nb-iot", key], what);
                self.report(issue.expected("none for satellites").help(format!(
                    "leave `{key}` out, or put other figures into a payload of your own: `payload: ./mine.yaml`"
                )));
                agree = None;
            }
        }
        agree
    }

    /// A region whose ends are in order.
    pub(super) fn region(&mut self, group: &str, file: &RegionPlacement) -> Option<Placement> {
        let ends = [("north_deg", file.south_deg.0, file.north_deg.0), ("east_deg", file.west_deg.0, file.east_deg.0)];
        for (key, low, high) in ends {
            if high < low || high - low > 360.0 {
                let issue = Issue::new([key], format!("the region goes from {low} to {high} degrees"));
                let expected = "the other end of the region, at most a turn away";
                self.report_below(&["groups", group, "placement", "region"], vec![issue.expected(expected)]);
                return None;
            }
        }
        Some(file.placement())
    }
}
