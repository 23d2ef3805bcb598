//! How terminals move, and how interference follows the load: what couples cells, from scenario files into core types.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::build::Builder;
use super::schema::{Group, InterferenceFile, Network, Sites};
use crate::catalog::Issue;
use crate::catalog::value::{Duration, Real};
use crate::network::Layout;
use crate::population::motion::{Motion, RandomWaypoint, Tracks};
use crate::radio::Radio;
use crate::units::SimDuration;
use crate::world::spec::NetworkSpec;

/// How the terminals of a group move.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MobilityFile {
    /// From one uniform place to the next, straight on, with a pause in between.
    RandomWaypoint(RandomWaypointFile),
    /// Along tracks of a file.
    Tracks(TracksFile),
}

/// From one uniform place to the next.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomWaypointFile {
    /// Least speed of a leg, above zero, m/s.
    pub slowest_m_s: Real<0, 1_000>,
    /// Greatest speed of a leg, m/s. Each leg has a uniform speed between the two.
    pub fastest_m_s: Real<0, 1_000>,
    /// Shortest pause behind a leg.
    #[serde(default)]
    pub shortest_pause: Duration,
    /// Longest pause behind a leg. Each pause is uniform between the two.
    #[serde(default)]
    pub longest_pause: Duration,
}

/// Along tracks of a file, which are dealt out to the terminals in turn.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TracksFile {
    /// The path of a CSV file with the columns track, time_s, x_m and y_m.
    pub file: String,
    /// Each terminal begins its track at a uniform time within so long after the beginning of the warm-up.
    #[serde(default)]
    pub within: Duration,
}

/// The shortest window over which load is taken.
const SHORTEST_WINDOW: SimDuration = SimDuration::from_secs(1);

impl Builder<'_> {
    /// The window over which the load of a network's cells becomes interference.
    pub(super) fn interference(&mut self, name: &str, file: &Network) -> Option<SimDuration> {
        let InterferenceFile::Coupled(coupled) = file.interference.as_ref()?;
        let path = ["networks", name, "interference"];
        if file.nb_iot.is_none() {
            let issue = Issue::new(path, "only `nb-iot` has link budgets that interference could worsen");
            self.report(issue.expected("a network with `nb-iot`, or no `interference`"));
        } else if matches!(file.sites, Sites::Bench(_)) {
            let issue = Issue::new(path, "the cells of a bench have no neighbours");
            self.report(issue.expected("sites on a grid, or no `interference`"));
        } else if coupled.window.0 < SHORTEST_WINDOW {
            let path = ["networks", name, "interference", "coupled", "window"];
            let issue = Issue::new(path, format!("a window of {}", coupled.window));
            self.report(issue.expected("at least 1s; 10min is usual"));
        }
        Some(coupled.window.0)
    }

    /// How a group moves; `None` if that cannot be.
    pub(super) fn mobility(&mut self, name: &str, file: &Group, network: &NetworkSpec) -> Option<Option<Motion>> {
        let Some(mobility) = &file.mobility else { return Some(None) };
        let path = ["groups", name, "mobility"];
        if !matches!(network.layout, Layout::HexGrid(_)) {
            let what = format!("`groups.{name}` moves, but `networks.{}` has no place to move in", network.name);
            let issue = Issue::new(path, what).expected("a network with sites on a grid");
            self.report(issue.help(format!("give `networks.{}` sites: `sites: {{hex-grid: {{}}}}`", network.name)));
            return None;
        }
        if matches!(network.radio, Radio::LteAccess(_)) {
            let what =
                format!("`groups.{name}` moves, but `{}` has no idle mode to change cells in", network.radio.name());
            self.report(Issue::new(path, what).expected("a group that stands still, or a network with `nb-iot`"));
            return None;
        }
        match mobility {
            MobilityFile::RandomWaypoint(waypoint) => self.random_waypoint(name, waypoint).map(Some),
            MobilityFile::Tracks(tracks) => {
                let path = ["groups", name, "mobility", "tracks", "file"];
                let read = self.catalogue.tracks(&tracks.file);
                let tracks_read = Arc::new(self.available(&path, read)?);
                Some(Some(Motion::Tracks(Tracks { tracks: tracks_read, spread: tracks.within.0 })))
            }
        }
    }

    fn random_waypoint(&mut self, name: &str, file: &RandomWaypointFile) -> Option<Motion> {
        let path = |key| ["groups", name, "mobility", "random-waypoint", key];
        let (slow, fast) = (file.slowest_m_s.0, file.fastest_m_s.0);
        let (short, long) = (file.shortest_pause.0, file.longest_pause.0.max(file.shortest_pause.0));
        if slow <= 0.0 {
            let issue = Issue::new(path("slowest_m_s"), "who moves at no speed never arrives");
            self.report(issue.expected("a speed above 0").help("for standing still there is `longest_pause`"));
            return None;
        }
        if fast < slow {
            let issue = Issue::new(path("fastest_m_s"), format!("the greatest speed, {fast}, is below the least"));
            self.report(issue.expected(format!("at least `slowest_m_s`: {slow}")));
            return None;
        }
        if file.longest_pause.0 < short && file.longest_pause != Duration::default() {
            let issue = Issue::new(path("longest_pause"), "the longest pause is shorter than the shortest");
            self.report(issue.expected(format!("at least `shortest_pause`: {}", file.shortest_pause)));
            return None;
        }
        Some(Motion::RandomWaypoint(RandomWaypoint { speed: (slow, fast), pause: (short, long) }))
    }
}
