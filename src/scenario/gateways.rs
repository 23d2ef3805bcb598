//! Gateways of satellite networks, and what satellites do with what is for them, as scenarios have it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::build::Builder;
use super::satellites::SatelliteSites;
use super::schema::Group;
use crate::catalog::Issue;
use crate::catalog::value::{Duration, Real, Whole};
use crate::geometry::earth::Geodetic;
use crate::network::{Gateways, Layout, Relay, Storage};
use crate::radio::Radio;
use crate::traffic::Reports;
use crate::units::SimDuration;
use crate::world::spec::NetworkSpec;

/// The first release with base stations on board of satellites, and with satellites that store.
const RELEASE_ON_BOARD: u32 = 19;

/// A gateway.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GatewayFile {
    /// Latitude, degrees, north positive.
    pub latitude_deg: Real<-90, 90>,
    /// Longitude, degrees, east positive.
    pub longitude_deg: Real<-180, 360>,
}

/// What satellites do with what comes up.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RelayFile {
    /// They pass signals on to a base station behind the gateway, and serve while they see one. `ntn.round_trip_ms` has the feeder
    /// link in it.
    Transparent(TransparentFile),
    /// They are base stations, and serve while they reach a gateway (release 19).
    Regenerative(RegenerativeFile),
    /// They are base stations with a part of the core network on board, serve always, and keep messages until they see a
    /// gateway (release 19).
    StoreAndForward(StoreFile),
}

/// A satellite that passes signals on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TransparentFile {}

/// A satellite that is a base station.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RegenerativeFile {
    /// Whether it has links to its neighbours: two in its plane, one in each plane beside it.
    pub satellite_links: bool,
}

/// A satellite that stores.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StoreFile {
    /// Memory for messages, kB of 1000 bytes.
    pub memory_kb: Real<0, 1_000_000_000>,
    /// Contacts that an attach takes; between two of them the satellite has been at a gateway.
    pub attach_contacts: Whole<1, 10>,
    /// A terminal that comes before the answer is there is told to come again after so long.
    pub wait: Duration,
}

impl Default for StoreFile {
    /// The request, the challenge of authentication, the acceptance; a wait that is longer than a pass in a low orbit.
    fn default() -> StoreFile {
        StoreFile {
            memory_kb: Real(1_000.0),
            attach_contacts: Whole(3),
            wait: Duration(SimDuration::from_secs(15 * 60)),
        }
    }
}

impl Default for RelayFile {
    fn default() -> RelayFile {
        RelayFile::Transparent(TransparentFile {})
    }
}

impl Builder<'_> {
    /// The gateways of a network of satellites, if it has any; `None` if what its satellites do does not go with them.
    pub(super) fn gateways(&mut self, network: &str, file: &SatelliteSites) -> Option<Option<Gateways>> {
        let mut refuse = |what: &str, expected: &str| {
            let issue = Issue::new(["networks", network, "sites", "satellites", "relay"], what).expected(expected);
            self.report(issue);
            None
        };
        let Some(places) = &file.gateways else {
            return match &file.relay {
                RelayFile::Transparent(_) => Some(None),
                _ => refuse(
                    "satellites relay to gateways, but there are none",
                    "`gateways: {NAME: {latitude_deg: …, longitude_deg: …}}` beside `relay`",
                ),
            };
        };
        let relay = match (&file.relay, &file.walker) {
            (RelayFile::Transparent(_), _) => Relay::Transparent,
            (RelayFile::Regenerative(RegenerativeFile { satellite_links: false }), _) => Relay::Regenerative,
            (RelayFile::Regenerative(_), Some(walker)) => Relay::Linked(walker.walker()),
            (RelayFile::Regenerative(_), None) => {
                return refuse(
                    "which satellites are neighbours is known of a `walker` constellation only",
                    "`walker: {…}`, or `relay: {regenerative: {}}` without links",
                );
            }
            (RelayFile::StoreAndForward(store), _) => Relay::StoreAndForward(Storage {
                memory: (store.memory_kb.0 * 1e3) as u64,
                attach_contacts: store.attach_contacts.0 as u8,
                wait: store.wait.0,
            }),
        };
        let place = |file: &GatewayFile| Geodetic {
            latitude_deg: file.latitude_deg.0,
            longitude_deg: file.longitude_deg.0,
            altitude_km: 0.0,
        };
        let places = places.values().map(place).collect();
        Some(Some(Gateways { places, min_elevation_deg: file.gateway_elevation_deg.0, relay }))
    }

    /// Base stations on board come with a release.
    pub(super) fn check_relay(&mut self, network: &str, radio: &Radio, layout: &Layout) {
        let (Radio::NbIot(config), Layout::Satellites(constellation)) = (radio, layout) else { return };
        let Some(Gateways { relay, .. }) = &constellation.gateways else { return };
        let Some(ntn) = &config.ntn else { return };
        if *relay != Relay::Transparent && ntn.release < RELEASE_ON_BOARD {
            let what = format!("in release {} satellites of NB-IoT pass signals on and do no more", ntn.release);
            let issue = Issue::new(["networks", network, "sites", "satellites", "relay"], what);
            let expected = format!("`relay: {{transparent: {{}}}}`, or `ntn: {{release: {RELEASE_ON_BOARD}}}`");
            self.report(issue.expected(expected));
        }
    }

    /// Over satellites that store, nothing comes back in the contact in which a report goes up.
    pub(super) fn check_stored(&mut self, group: &str, file: &Group, traffic: &Reports, network: &NetworkSpec) {
        let Layout::Satellites(constellation) = &network.layout else { return };
        let stores = |gateways: &Gateways| matches!(gateways.relay, Relay::StoreAndForward(_));
        if !constellation.gateways.as_ref().is_some_and(stores) {
            return;
        }
        let talks = [
            ("traffic", traffic.answered > 0.0, "asks for answers"),
            ("traffic", traffic.dialogue.opening.is_some(), "opens a session"),
            ("commands", file.commands.is_some(), "gets commands"),
            ("download", file.download.is_some(), "loads software"),
        ];
        for (key, _, does) in talks.into_iter().filter(|(_, wrong, _)| *wrong) {
            let what = format!("`groups.{group}` {does}, but the satellites of `{}` store and forward", network.name);
            let issue = Issue::new(["groups", group, key], what);
            let expected =
                "reports without answers: what the server says comes with a later pass, which is not modelled";
            self.report(issue.expected(expected));
        }
    }
}
