//! What a run is made of: checked values in core types, made by the scenario layer or by code.

use crate::exec::outage::Outage;
use crate::exec::setup::Start;
use crate::network::Layout;
use crate::population::Placement;
use crate::population::coverage::Coverage;
use crate::population::motion::Motion;
use crate::power::{Battery, Profile};
use crate::propagation::Tr45820;
use crate::radio::channel::Channels;
use crate::radio::curves::Curves;
use crate::radio::plan::Position;
use crate::radio::{Edrx, Radio, RadioError, ReleaseAssistance};
use crate::rng::Key;
use crate::traffic::gathering::Gathering;
use crate::traffic::{Calls, Reports};
use crate::units::{SimDuration, SimTime};

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldSpec {
    /// Seed of all random draws.
    pub seed: u64,
    /// Simulated time that is counted.
    pub duration: SimDuration,
    /// Simulated time before it that is not.
    pub warmup: SimDuration,
    /// The networks.
    pub networks: Vec<NetworkSpec>,
    /// The groups of terminals.
    pub groups: Vec<GroupSpec>,
}

impl WorldSpec {
    /// The stream of the whole run.
    #[must_use]
    pub fn key(&self) -> Key {
        Key::root(self.seed)
    }

    /// The stream of a group.
    #[must_use]
    pub fn key_of(&self, group: &GroupSpec) -> Key {
        self.key().named(&group.name)
    }

    /// When the counted time begins.
    #[must_use]
    pub fn counted_from(&self) -> SimTime {
        SimTime::ZERO + self.warmup
    }

    /// When the run ends.
    #[must_use]
    pub fn end(&self) -> SimTime {
        self.counted_from() + self.duration
    }
}

/// A network.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkSpec {
    /// Its name in the scenario.
    pub name: String,
    /// Technology and parameters.
    pub radio: Radio,
    /// Block error rates in place of those of the technology's model.
    pub curves: Curves,
    /// Sites and cells.
    pub layout: Layout,
    /// How signals travel.
    pub propagation: Tr45820,
    /// Over such windows each cell's downlink load is taken, which becomes the activity of its neighbours; without it that is the
    /// same at all times ([`Tr45820::neighbour_activity`]).
    pub interference_window: Option<SimDuration>,
    /// When it is out of service, in the order of time, none within another.
    pub outages: Vec<Outage>,
}

impl NetworkSpec {
    /// The channels of a cell, with the network's own error-rate curves.
    ///
    /// # Errors
    /// [`RadioError`] if the parameters leave no room for data.
    pub fn channels(&self) -> Result<Channels, RadioError> {
        let mut channels = self.radio.channels()?;
        self.curves.replace(&mut channels);
        Ok(channels)
    }
}

/// Terminals that are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupSpec {
    /// Its name in the scenario.
    pub name: String,
    /// How many terminals.
    pub count: u32,
    /// Index of the network that serves it, the one it likes best if there are several.
    pub network: usize,
    /// The others, if there are.
    pub alternatives: Option<Alternatives>,
    /// The device.
    pub device: Profile,
    /// Its battery.
    pub battery: Battery,
    /// Where the terminals are.
    pub placement: Placement,
    /// How they find out where they are, if their network asks for it.
    pub position: Option<Position>,
    /// What they have to say.
    pub traffic: Reports,
    /// What their reports are made of, if they are gateways.
    pub gathering: Option<Gathering>,
    /// What the server sends them by itself.
    pub calls: Calls,
    /// How they move, if they do.
    pub motion: Option<Motion>,
    /// When they are switched on.
    pub start: Start,
    /// What they ask of the network to save power.
    pub power_saving: PowerSaving,
}

/// The networks that serve a group where there is none that it likes better.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternatives {
    /// Behind the first, in order of preference.
    pub networks: Vec<Alternative>,
    /// How networks that are a bench cover a group that is spread over a region, by their index.
    pub coverage: Vec<(usize, Coverage)>,
    /// Latitude and longitude of the first site of the networks on the ground, degrees, for groups that stand among sites and that
    /// satellites serve too.
    pub origin_deg: Option<(f64, f64)>,
    /// Who is served by another network than the first looks for a better one at most so often.
    pub search: SimDuration,
}

/// A network that serves a group where there is none that it likes better.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative {
    /// Its index.
    pub network: usize,
    /// As [`GroupSpec::position`].
    pub position: Option<Position>,
    /// As [`GroupSpec::power_saving`].
    pub power_saving: PowerSaving,
}

impl GroupSpec {
    /// What each of its networks finds: itself, with what differs.
    pub(super) fn parts(&self) -> impl Iterator<Item = GroupSpec> + '_ {
        let others = self.alternatives.iter().flat_map(|alternatives| &alternatives.networks);
        let others = others.map(|&Alternative { network, position, power_saving }| GroupSpec {
            network,
            position,
            power_saving,
            ..self.clone()
        });
        std::iter::once(self.clone()).chain(others)
    }

    /// The indices of its networks, in order of preference.
    pub fn networks(&self) -> impl Iterator<Item = usize> + '_ {
        let others = self.alternatives.iter().flat_map(|alternatives| &alternatives.networks);
        std::iter::once(self.network).chain(others.map(|other| other.network))
    }

    /// Whether its terminals change cells, or networks.
    pub(super) fn roams(&self, networks: &[NetworkSpec]) -> bool {
        let is_sky = matches!(networks[self.network].layout, Layout::Satellites(_));
        is_sky || self.motion.is_some() || self.alternatives.is_some()
    }
}

/// Power saving as granted by the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerSaving {
    /// T3324: how long a terminal stays reachable after release before deep sleep; [`SimDuration::FOREVER`] without power
    /// saving mode.
    pub active_timer: SimDuration,
    /// Extended DRX while it is reachable.
    pub edrx: Option<Edrx>,
    /// T3412 extended: the longest time between two contacts.
    pub periodic_update: SimDuration,
    /// How the terminal asks for release once it has no more to say or to hear.
    pub release_assistance: ReleaseAssistance,
}
