//! The names under which time and energy are booked, and the reasons for which messages are lost.

use schemars::JsonSchema;
use serde::Serialize;

/// Declares an enum whose variants carry a printable name and a one-line meaning.
macro_rules! named_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every variant, in the order in which reports list them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];
            /// How many variants there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The name used in results, the same as in `summary.json`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// The position in [`Self::ALL`], for arrays with one slot per variant.
            #[must_use]
            pub const fn index(self) -> usize {
                self as usize
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

named_enum! {
    /// What a stretch of a terminal's time, and the energy spent in it, was for.
    ///
    /// Every microsecond of a message and every picojoule of a terminal is booked under exactly one cause. The latency
    /// of a message knows all causes but those of [`Cause::after_delivery`].
    Cause {
        /// Behind an earlier message of the same terminal, or until its preconfigured uplink resource.
        Queued = "queued",
        /// In a gateway, until it sends what it has gathered; and the way there, in energy.
        Gathered = "gathered",
        /// Until a satellite can be used.
        Satellite = "satellite",
        /// Finding out where it is: a fix of satellite navigation.
        Position = "position",
        /// Cell search and MIB: finding the cell and its frame timing.
        Sync = "sync",
        /// Reading system information that had expired.
        SystemInformation = "system-information",
        /// Until the next random-access opportunity.
        AccessWait = "access-wait",
        /// Sending the random-access preamble.
        Preamble = "preamble",
        /// Waiting for and receiving the random-access response.
        AccessResponse = "access-response",
        /// Attempts lost because another terminal chose the same preamble.
        Collision = "collision",
        /// Attempts lost because the network missed the preamble or had no response to give in time.
        Unanswered = "unanswered",
        /// Backoff between random-access attempts.
        Backoff = "backoff",
        /// Waiting until the network admits the terminal's access class.
        Barred = "barred",
        /// Waiting as told by a network that rejected the connection.
        Rejected = "rejected",
        /// Until the next control-channel search space.
        ControlWait = "control-wait",
        /// While shared channels served other terminals.
        Queueing = "queueing",
        /// Receiving scheduling grants and assignments.
        Control = "control",
        /// Gaps that the standard puts between control, data and acknowledgement.
        Scheduling = "scheduling",
        /// Signals on their way to a satellite, to its gateway, and back.
        Propagation = "propagation",
        /// Connection signalling on the air, first repetition.
        Signalling = "signalling",
        /// Application data on the air, first repetition.
        Airtime = "airtime",
        /// Further repetitions of signalling and data.
        Repetition = "repetition",
        /// All that a retransmission adds after a block error.
        Harq = "harq",
        /// Link-layer acknowledgements.
        Acknowledgement = "acknowledgement",
        /// On board of a satellite until it sees a gateway.
        Storage = "storage",
        /// Over links between satellites.
        SatelliteLinks = "satellite-links",
        /// Down from the satellite that is the base station, or has the link to the gateway.
        Feeder = "feeder",
        /// Core network, backhaul and server.
        Network = "network",
        /// Connected after the last data, until the network releases.
        Inactivity = "inactivity",
        /// Reachable by paging after release: T3324, or for ever without power saving mode.
        ActiveTime = "active-time",
        /// Power saving mode.
        Sleep = "sleep",
        /// Sending a message again because its acknowledgement took longer than the application waits.
        RepeatedRequest = "repeated-request",
        /// Until a network that was out of service is found again.
        Outage = "outage",
        /// Setting up what the application's protocols need before a message: security, transport, session.
        Handshake = "handshake",
        /// Registering with the network after switching on.
        Attach = "attach",
        /// Telling the network that the terminal is still there (T3412), or where.
        TrackingAreaUpdate = "tracking-area-update",
        /// Receiving what the server sent by itself, and answering it.
        Command = "command",
        /// Loading software.
        Download = "download",
        /// Keeping the path to the server open.
        KeepAlive = "keep-alive",
        /// Looking for a network where there is none.
        Search = "search",
        /// Measuring other cells, and finding and reading another one, of a terminal that moves.
        Reselection = "reselection",
    }
}

impl Cause {
    /// Whether the cause can only occur outside messages: it costs energy, never latency.
    #[must_use]
    pub const fn after_delivery(self) -> bool {
        use Cause::{ActiveTime, Attach, Command, Download, Inactivity, KeepAlive, Search, Sleep, TrackingAreaUpdate};
        let between = matches!(self, Inactivity | ActiveTime | Sleep | Search);
        between || matches!(self, Attach | TrackingAreaUpdate | Command | Download | KeepAlive)
    }
}

named_enum! {
    /// Why a terminal contacts the network.
    Errand {
        /// It has a message.
        Report = "report",
        /// It has been switched on.
        Attach = "attach",
        /// T3412 has run out.
        TrackingAreaUpdate = "tracking-area-update",
        /// The server has a command for it.
        Command = "command",
        /// The server has software for it.
        Download = "download",
        /// The path to the server would close.
        KeepAlive = "keep-alive",
    }
}

impl Errand {
    /// The cause under which everything is booked that a terminal spends on the errand; a report has many.
    #[must_use]
    pub const fn cause(self) -> Option<Cause> {
        match self {
            Errand::Report => None,
            Errand::Attach => Some(Cause::Attach),
            Errand::TrackingAreaUpdate => Some(Cause::TrackingAreaUpdate),
            Errand::Command => Some(Cause::Command),
            Errand::Download => Some(Cause::Download),
            Errand::KeepAlive => Some(Cause::KeepAlive),
        }
    }

    /// The errand with this [`Errand::index`]; beyond the last a report.
    #[must_use]
    pub fn of(index: usize) -> Errand {
        Errand::ALL.get(index).copied().unwrap_or(Errand::Report)
    }
}

named_enum! {
    /// Why a message was lost.
    Loss {
        /// Random access gave up after the permitted attempts at every coverage level.
        Access = "access-exhausted",
        /// A block failed in all its HARQ transmissions and RLC retransmissions: radio-link failure.
        Radio = "radio-link-failure",
        /// The terminal hears no cell: its coupling loss is beyond the deepest coverage level.
        NoCoverage = "no-coverage",
        /// The terminal lost its power while the message waited.
        PowerCut = "power-cut",
        /// There was no room for it on board of the satellite.
        StorageFull = "storage-full",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_results() {
        for cause in Cause::ALL {
            assert_eq!(serde_json::to_value(cause).unwrap(), cause.name());
            assert_eq!(Cause::ALL[cause.index()], *cause);
        }
        for errand in Errand::ALL {
            assert_eq!(errand.cause().map(Cause::name), (*errand != Errand::Report).then(|| errand.name()));
            assert_eq!(Errand::of(errand.index()), *errand);
        }
    }
}
