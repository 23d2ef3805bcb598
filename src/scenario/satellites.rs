//! Networks of satellites, and terminals that are somewhere on Earth, as scenarios have them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::GroundCoverage;
use super::build::Builder;
use super::gateways::{GatewayFile, RelayFile, gateways, without_gateways};
use crate::catalog::Issue;
use crate::catalog::value::{Duration, Real, Whole};
use crate::network::{Constellation, Guard, Layout};
use crate::orbit::{Pattern, Utc, Walker};
use crate::population::Placement;
use crate::population::sky::Region;
use crate::units::{Db, Hertz, SimDuration};

/// Satellites, each a cell.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SatelliteSites {
    /// Their orbits.
    pub walker: WalkerFile,
    /// When the run begins, as `2026-01-01T00:00:00Z`; the first satellite of the first plane is over the equator and the
    /// meridian of Greenwich then.
    #[serde(default = "epoch")]
    pub epoch: String,
    /// The least elevation at which a satellite is used, degrees.
    #[serde(default = "ten_degrees")]
    pub min_elevation_deg: Real<0, 89>,
    /// Carrier frequency, MHz.
    #[serde(default = "s_band")]
    pub frequency_mhz: Real<100, 100_000>,
    /// Gain of the satellites' antennas, dBi.
    pub antenna_gain_dbi: Real<-20, 70>,
    /// Losses beside free space: polarization, atmosphere, shadow fading, dB.
    #[serde(default = "losses")]
    pub losses_db: Real<0, 60>,
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

/// Evenly over a part of the Earth, outdoors.
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
    /// Where networks on the ground whose sites are a `bench` have coverage in it, by network.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ground_coverage: BTreeMap<String, GroundCoverage>,
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

fn epoch() -> String {
    "2026-01-01T00:00:00Z".to_owned()
}

fn ten_degrees() -> Real<0, 89> {
    Real(10.0)
}

fn s_band() -> Real<100, 100_000> {
    Real(2_000.0)
}

/// TR 36.763 table 6.2-1 at 600 km: scintillation, atmosphere, polarization and shadow margin.
fn losses() -> Real<0, 60> {
    Real(8.3)
}

/// Two-line elements are wrong by some km along the track, and by as much more each day: half a second at 7.6 km/s.
fn half_a_second() -> Duration {
    Duration(SimDuration::from_millis(500))
}

fn half_a_minute() -> Duration {
    Duration(SimDuration::from_secs(30))
}

impl RegionPlacement {
    pub(super) fn placement(&self) -> Placement {
        Placement::Region(Region {
            latitude_deg: [self.south_deg.0, self.north_deg.0],
            longitude_deg: [self.west_deg.0, self.east_deg.0],
        })
    }
}

impl Builder<'_> {
    /// The satellites of a network.
    pub(super) fn satellites(&mut self, network: &str, file: &SatelliteSites) -> Option<Layout> {
        let path = ["networks", network, "sites", "satellites"];
        let (satellites, planes) = (file.walker.satellites.0, file.walker.planes.0);
        let mut issues = Vec::new();
        if satellites % planes != 0 {
            let what = format!("{satellites} satellites cannot be spread evenly over {planes} planes");
            issues.push(Issue::new(["walker", "satellites"], what).expected("a multiple of `planes`"));
        }
        let epoch = Utc::parse(&file.epoch);
        if epoch.is_none() {
            let issue = Issue::new(["epoch"], format!("\"{}\" is no time", file.epoch));
            issues.push(issue.expected("a time such as 2026-01-01T00:00:00Z"));
        }
        issues.extend(without_gateways(file.gateways.is_some(), &file.relay));
        if !issues.is_empty() {
            self.report_below(&path, issues);
            return None;
        }
        let walker = Walker {
            pattern: match file.walker.pattern {
                PatternFile::Delta => Pattern::Delta,
                PatternFile::Star => Pattern::Star,
            },
            satellites,
            planes,
            phasing: file.walker.phasing.0,
            inclination_deg: file.walker.inclination_deg.0,
            altitude_km: file.walker.altitude_km.0,
            first_node_deg: 0.0,
            drift: false,
        };
        Some(Layout::Satellites(Constellation {
            walker,
            epoch: epoch?,
            min_elevation_deg: file.min_elevation_deg.0,
            frequency: Hertz(file.frequency_mhz.0 * 1e6),
            antenna_gain: Db(file.antenna_gain_dbi.0),
            losses: Db(file.losses_db.0),
            least: file.least_contact.0,
            spread: file.onset_spread.0,
            guard: Guard { least: file.guard.0, per_day: file.guard_per_day.0 },
            moving_areas: file.tracking_areas == TrackingAreas::Moving,
            gateways: file
                .gateways
                .as_ref()
                .map(|places| gateways(places, file.gateway_elevation_deg.0, &file.relay, walker)),
        }))
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
