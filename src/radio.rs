//! Radio technologies: what a terminal does, step by step, to move a message.
//!
//! [`plan`] is the vocabulary that all share, [`channel`] says how shared channels are described, and each technology has
//! a module of its own. The enum [`Radio`] closes the list; everything above this layer works with it alone.

use crate::power::Profile;
use crate::propagation::{Tr45820, budget};
use crate::traffic::Calls;
use crate::traffic::dialogue::Dialogue;
use crate::units::{Db, Dbm, Hertz, SimDuration};

pub mod adaptation;
pub mod calendar;
pub mod channel;
pub mod check;
pub mod compile;
pub mod curves;
pub mod losses;
pub mod lte_access;
pub mod nbiot;
pub mod plan;
pub mod reselection;
pub mod timers;

/// A radio technology with the parameters of one network.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one for each network")]
pub enum Radio {
    /// NB-IoT (3GPP Release 13).
    NbIot(nbiot::config::Config),
    /// Random access of LTE, up to Msg4 (TR 37.868).
    LteAccess(lte_access::config::Config),
}

/// What a group of terminals brings to its plan.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The device.
    pub device: &'a Profile,
    /// How long a terminal stays reachable after release (T3324), as granted; [`SimDuration::FOREVER`] without power saving
    /// mode.
    pub active_timer: SimDuration,
    /// Extended DRX while it is reachable, as granted.
    pub edrx: Option<Edrx>,
    /// From the release to the periodic tracking-area update (T3412), as granted.
    pub periodic_update: SimDuration,
    /// How terminals ask for release once they have no more to say or to hear.
    pub release_assistance: ReleaseAssistance,
    /// How terminals find out where they are, if they have to.
    pub position: Option<plan::Position>,
    /// What is said around a report.
    pub dialogue: &'a Dialogue,
    /// What the server sends by itself.
    pub calls: &'a Calls,
}

/// Extended DRX, as granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edrx {
    /// From one paging time window to the next.
    pub cycle: SimDuration,
    /// Length of a window.
    pub window: SimDuration,
}

/// How a terminal asks for its release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReleaseAssistance {
    /// It does not: the network's inactivity timer decides.
    #[default]
    None,
    /// To the base station: an empty buffer status report (TS 36.321 clause 5.4.5).
    AccessStratum,
    /// To the core network: an information element beside the data (TS 24.301 clause 9.9.4.25).
    NonAccessStratum,
}

/// How well terminal and cell hear each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seat {
    /// Loss between the antenna connectors of terminal and cell.
    pub coupling_loss: Db,
    /// Coverage level at which the terminal starts; the number of levels if it hears no cell.
    pub level: u8,
    /// Link class in the uplink.
    pub uplink: channel::LinkClass,
    /// Link class in the downlink.
    pub downlink: channel::LinkClass,
    /// Interference over noise in the downlink, as a ratio, that is not in the class: see [`Radio::interference_to_noise`].
    pub interference: f32,
}

/// The link budgets of a terminal and what they lead to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budgets {
    /// Coverage level at which the terminal starts; the number of levels if it hears no cell.
    pub level: u8,
    /// From the cell to the terminal.
    pub downlink: budget::Link,
    /// From the terminal to the cell, in the band that the level uses.
    pub uplink: budget::Link,
}

/// Why a technology cannot make a network of its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RadioError {
    /// The shared channels have no room for data.
    #[error(transparent)]
    NothingLeft(#[from] calendar::NothingLeft),
    /// The technology has no link budgets.
    #[error("`{0}` has no link budgets: how often preambles and blocks get lost is given, alike for all terminals")]
    NoBudgets(&'static str),
    /// The technology knows no idle mode.
    #[error("`{0}` has no idle mode in which terminals could change cells, so they cannot move")]
    NoIdleMode(&'static str),
    /// The plan is not sound.
    #[error(transparent)]
    Plan(#[from] plan::PlanError),
}

impl Radio {
    /// The technology's name, as scenarios write it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Radio::NbIot(_) => "nb-iot",
            Radio::LteAccess(_) => "lte-random-access",
        }
    }

    /// The channel of this technology that a resource stands for; empty for none.
    #[must_use]
    pub fn channel_name(&self, resource: channel::Resource) -> &'static str {
        match self {
            Radio::NbIot(_) => nbiot::tables::channel_name(resource),
            Radio::LteAccess(_) => lte_access::channels::channel_name(resource),
        }
    }

    /// The channels of a cell.
    ///
    /// # Errors
    /// [`RadioError`] if the parameters leave no room for data.
    pub fn channels(&self) -> Result<channel::Channels, RadioError> {
        match self {
            Radio::NbIot(config) => Ok(nbiot::link::channels(config)?),
            Radio::LteAccess(config) => Ok(lte_access::channels::channels(config)),
        }
    }

    /// The plan of a group.
    ///
    /// # Errors
    /// [`RadioError`] if the plan is not sound.
    pub fn plan(&self, terms: &Terms<'_>) -> Result<plan::Plan, RadioError> {
        match self {
            Radio::NbIot(config) => Ok(nbiot::procedure::plan(config, terms)?),
            Radio::LteAccess(config) => Ok(lte_access::procedure::plan(config, terms)?),
        }
    }

    /// The name of a random-access channel, by its number.
    #[must_use]
    pub fn access_name(&self, channel: usize) -> String {
        match self {
            Radio::NbIot(_) => nbiot::random_access::access_name(channel),
            Radio::LteAccess(_) => lte_access::channels::ACCESS_NAME.to_owned(),
        }
    }

    /// Coverage level and link classes of a terminal with this coupling loss; `neighbour_gain` is the sum of the linear
    /// gains from all other cells.
    #[must_use]
    pub fn seat(&self, device: &Profile, air: &Tr45820, coupling_loss: Db, neighbour_gain: f64) -> Seat {
        match self {
            Radio::NbIot(config) => nbiot::link::seat(config, device, air, coupling_loss, neighbour_gain),
            Radio::LteAccess(_) => lte_access::channels::seat(coupling_loss),
        }
    }

    /// The same of a terminal whose ratios of carrier to noise and interference are known: from the cell to the terminal and back, in
    /// the bandwidths of [`Radio::bandwidths`].
    #[must_use]
    pub fn seat_at(&self, coupling_loss: Db, [downlink, uplink]: [Db; 2]) -> Seat {
        let level = match self {
            Radio::NbIot(config) => nbiot::link::level(config, coupling_loss),
            Radio::LteAccess(_) => 0,
        };
        let [downlink, uplink] = [downlink, uplink].map(channel::LinkClass::of);
        Seat { coupling_loss, level, uplink, downlink, interference: 0.0 }
    }

    /// Bandwidths in which link classes are measured, down and up; `None` if the technology knows no link budgets.
    #[must_use]
    pub fn bandwidths(&self) -> Option<[Hertz; 2]> {
        match self {
            Radio::NbIot(_) => Some([nbiot::link::CARRIER_BANDWIDTH, nbiot::link::UPLINK_CLASS_BANDWIDTH]),
            Radio::LteAccess(_) => None,
        }
    }

    /// Power of a carrier at the antenna connector of the cell, in the first of these bandwidths.
    #[must_use]
    pub fn carrier_power(&self) -> Option<Dbm> {
        match self {
            Radio::NbIot(config) => Some(config.carrier_power),
            Radio::LteAccess(_) => None,
        }
    }

    /// Coverage level and link budgets of a terminal, as [`Radio::seat`] has them before it rounds.
    ///
    /// # Errors
    /// [`RadioError::NoBudgets`] if the technology knows none.
    pub fn budgets(
        &self,
        device: &Profile,
        air: &Tr45820,
        coupling_loss: Db,
        neighbour_gain: f64,
    ) -> Result<Budgets, RadioError> {
        match self {
            Radio::NbIot(config) => Ok(nbiot::link::budgets(config, device, air, coupling_loss, neighbour_gain)),
            Radio::LteAccess(_) => Err(RadioError::NoBudgets(self.name())),
        }
    }

    /// Interference over noise at a terminal, as a ratio, if all other cells sent all the time; 0 if the technology knows no link
    /// budgets.
    #[must_use]
    pub fn interference_to_noise(
        &self,
        device: &Profile,
        air: &Tr45820,
        coupling_loss: Db,
        neighbour_gain: f64,
    ) -> f32 {
        let always = Tr45820 { neighbour_activity: 1.0, ..air.clone() };
        let budgets = self.budgets(device, &always, coupling_loss, neighbour_gain);
        let level = budgets.ok().and_then(|budgets| {
            let level = budgets.downlink.interference_level()?;
            Some((level - budgets.downlink.noise()).linear())
        });
        level.unwrap_or(0.0) as f32
    }

    /// Bytes that go with a terminal's message in the same blocks.
    #[must_use]
    pub fn message_extra_bytes(&self) -> u32 {
        match self {
            Radio::NbIot(config) => nbiot::procedure::beside_message(config),
            Radio::LteAccess(_) => 0,
        }
    }

    /// What terminals do that move; `None` if the technology has no idle mode in which they could.
    #[must_use]
    pub fn reselection(&self) -> Option<reselection::Reselection> {
        match self {
            Radio::NbIot(config) => Some(config.reselection()),
            Radio::LteAccess(_) => None,
        }
    }

    /// How long a terminal's system information stays valid.
    #[must_use]
    pub fn information_validity(&self) -> SimDuration {
        match self {
            Radio::NbIot(config) => config.information_validity,
            Radio::LteAccess(_) => SimDuration::FOREVER,
        }
    }
}
