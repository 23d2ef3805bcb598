//! What is shown of a run, whether it goes on or is over: the summary and what lies beside it.
//!
//! Every number that a view shows is one of [`Summary`], of the files beside it, or a sum over bars or cells of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::canvas::resample;
use super::ground::Ground;
use crate::control::live::Figures;
use crate::metrics::histogram::{Histogram, Quantity};
use crate::metrics::summary::{Distribution, Group, Results, Summary};
use crate::report::cells::{self, CellRow};
use crate::report::stored::{Point, SeriesRow, Stored, TraceRow};
use crate::report::trace::{TraceTable, TracedGroup};
use crate::world::Outcome;
use crate::world::places::Place;
use crate::world::spec::WorldSpec;

/// Whose percentiles: a group and, if it is not the whole group, the name of a coverage level.
type CurveOf = (String, Option<String>, &'static str);

/// One run.
#[derive(Clone, Debug)]
pub struct Run {
    /// What it is called beside others: `A`, `B`, …; its directory or scenario.
    pub label: String,
    /// The results.
    pub summary: Arc<Summary>,
    curves: BTreeMap<CurveOf, Vec<Point>>,
    /// The time series, as far as the run has come.
    pub series: Vec<SeriesRow>,
    /// Where the time series begins and will end, seconds.
    pub counted: (f64, f64),
    /// The cells.
    pub cells: Vec<CellRow>,
    /// Where sites and terminals are.
    pub(super) ground: Ground,
    /// Some terminals on the map.
    pub places: Arc<Vec<Place>>,
    /// The names of the groups that places have by number.
    pub groups: Vec<String>,
    /// What traced terminals did.
    pub trace: Arc<Vec<TraceRow>>,
}

impl Run {
    /// A run that is over, from its directory. `map` has some terminals and the names of the groups, if they are known.
    #[must_use]
    pub fn stored(label: String, stored: Stored, map: (Vec<Place>, Vec<String>)) -> Run {
        let curves = stored.curves.into_iter().map(|((group, quantity), points)| ((group, None, quantity), points));
        Run {
            label,
            ground: Ground::of(&stored.summary.scenario),
            counted: (stored.summary.period.warmup_s, stored.series.last().map_or(1.0, |row| row.span.1)),
            summary: Arc::new(stored.summary),
            curves: curves.collect(),
            series: stored.series,
            cells: stored.cells,
            places: Arc::new(map.0),
            groups: map.1,
            trace: Arc::new(stored.trace),
        }
    }

    /// A run that is watched.
    #[must_use]
    pub fn watched(spec: &WorldSpec, figures: &Figures, places: Arc<Vec<Place>>) -> Run {
        let Figures { outcome, summary, .. } = figures;
        let mut curves = BTreeMap::new();
        let mut add = |group: &str, level: Option<&str>, histogram: &Histogram| {
            let key = (group.to_owned(), level.map(str::to_owned), histogram.quantity().name());
            curves.insert(key, histogram.percentiles());
        };
        for (number, group) in spec.groups.iter().enumerate() {
            let all = outcome.group(number);
            for histogram in [&all.latency, &all.message_energy, &outcome.lives[number]] {
                add(&group.name, None, histogram);
            }
            let seen = outcome.ledgers[number].iter().filter(|ledger| ledger.terminals > 0);
            let levels = summary.groups.get(&group.name).into_iter().flat_map(|group| &group.levels);
            for (level, ledger) in levels.zip(seen) {
                for histogram in [&ledger.latency, &ledger.message_energy] {
                    add(&group.name, Some(&level.name), histogram);
                }
            }
        }
        let row = |(from, to, counts): (_, _, &[u64; 7])| {
            let seconds = |time: crate::units::SimTime| time.as_secs_f64();
            SeriesRow { span: (seconds(from), seconds(to)), counts: *counts }
        };
        Run {
            label: summary.name.clone(),
            ground: Ground::of(&summary.scenario),
            summary: Arc::clone(summary),
            curves,
            series: outcome.series.rows().filter(|(_, to, _)| *to <= figures.reached).map(row).collect(),
            counted: (spec.warmup.as_secs_f64(), (spec.warmup + spec.duration).as_secs_f64()),
            cells: cells::rows(spec, &outcome.cells),
            places,
            groups: spec.groups.iter().map(|group| group.name.clone()).collect(),
            trace: Arc::new(trace(spec, outcome)),
        }
    }

    /// The percentiles of a quantity, coarse if nothing but the summary tells them.
    #[must_use]
    pub fn curve(&self, part: &Part<'_>, quantity: Quantity) -> Vec<Point> {
        let key = (part.group.to_owned(), part.level.map(str::to_owned), quantity.name());
        match (self.curves.get(&key), quantity) {
            (Some(points), _) => points.clone(),
            (None, Quantity::Latency) => quantiles(&part.results.latency_s),
            (None, Quantity::Energy) => quantiles(&part.results.message_energy_j),
            (None, Quantity::Life) => Vec::new(),
        }
    }
}

/// What the traced terminals did.
fn trace(spec: &WorldSpec, outcome: &Outcome) -> Vec<TraceRow> {
    let group = |group| TracedGroup::of(spec, group);
    let groups: Vec<TracedGroup<'_>> = spec.groups.iter().map(group).collect();
    TraceTable { groups: &groups, stretches: &outcome.stretches }.rows()
}

/// The quantiles that a summary has.
fn quantiles(d: &Distribution) -> Vec<Point> {
    if d.count == 0 {
        return Vec::new();
    }
    let shares = [0.0, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0];
    shares.into_iter().zip([d.min, d.p10, d.p50, d.p90, d.p95, d.p99, d.p999, d.max]).collect()
}

impl Run {
    /// What the rows of the time series come to a second, one value for each of so many columns from `begin` to `end`, seconds;
    /// none of columns that the run has not reached, and zero before it begins.
    #[must_use]
    pub fn track(&self, columns: u16, (begin, end): (f64, f64), of: impl Fn(&[u64; 7]) -> u64) -> Vec<f64> {
        let (Some(first), Some(last)) = (self.series.first(), self.series.last()) else { return Vec::new() };
        let column = |time: f64| {
            let share = ((time - begin) / (end - begin).max(1e-9)).clamp(0.0, 1.0);
            (f64::from(columns) * share).round() as u16
        };
        let rows = self.series.iter();
        let values: Vec<f64> = rows.map(|row| of(&row.counts) as f64 / (row.span.1 - row.span.0).max(1e-9)).collect();
        let before = column(first.span.0);
        let mut track = vec![0.0; usize::from(before)];
        track.extend(resample(&values, column(last.span.1) - before));
        track
    }
}

/// A group, or one coverage level of it.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The group.
    pub group: &'a str,
    /// The level.
    pub level: Option<&'a str>,
    /// The results.
    pub results: &'a Results,
    /// The whole group.
    pub whole: &'a Group,
}

impl Part<'_> {
    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        self.level.unwrap_or(self.group)
    }
}

/// What can be chosen to be looked at: all groups of a network, a group, or one of its coverage levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slice {
    /// All groups of a network, with its technology.
    Network(String, String),
    /// A group.
    Group(String),
    /// One of the networks of a group that has several.
    Over(String, String),
    /// A coverage level of a group.
    Level(String, String),
}

impl Slice {
    /// All of a summary, networks first, then their groups, then the levels of each.
    #[must_use]
    pub fn all(summary: &Summary) -> Vec<Slice> {
        let mut slices = Vec::new();
        for (name, network) in &summary.networks {
            slices.push(Slice::Network(name.clone(), network.technology.clone()));
            for (group, results) in summary.groups.iter().filter(|(_, group)| group.network == *name) {
                slices.push(Slice::Group(group.clone()));
                slices.extend(results.networks.keys().map(|network| Slice::Over(group.clone(), network.clone())));
                slices.extend(results.levels.iter().map(|level| Slice::Level(group.clone(), level.name.clone())));
            }
        }
        slices
    }

    /// What it is called.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Slice::Network(name, technology) => format!("{name} · {technology}"),
            Slice::Group(name) => name.clone(),
            Slice::Over(_, name) => format!("over {name}"),
            Slice::Level(_, name) => name.clone(),
        }
    }

    /// How far it is indented.
    #[must_use]
    pub fn depth(&self) -> u16 {
        match self {
            Slice::Network(..) => 0,
            Slice::Group(_) => 1,
            Slice::Over(..) | Slice::Level(..) => 2,
        }
    }

    /// The groups or the level that it is made of.
    #[must_use]
    pub fn parts<'a>(&self, summary: &'a Summary) -> Vec<Part<'a>> {
        let groups = summary.groups.iter();
        let whole = |(group, whole): (&'a String, &'a Group)| Part { group, level: None, results: &whole.all, whole };
        match self {
            Slice::Network(name, _) => groups.filter(|(_, group)| group.network == *name).map(whole).collect(),
            Slice::Group(name) => groups.filter(|(group, _)| *group == name).map(whole).collect(),
            Slice::Over(name, network) => {
                let of_group = groups.filter(|(group, _)| *group == name);
                let part = |(group, whole): (&'a String, &'a Group)| {
                    let (level, results) = whole.networks.get_key_value(network)?;
                    Some(Part { group, level: Some(level), results, whole })
                };
                of_group.filter_map(part).collect()
            }
            Slice::Level(name, level) => {
                let levels = groups.filter(|(group, _)| *group == name).flat_map(|(group, whole)| {
                    whole.levels.iter().map(move |part| Part {
                        group,
                        level: Some(&part.name),
                        results: &part.results,
                        whole,
                    })
                });
                levels.filter(|part| part.level == Some(level)).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn tracks_of_several_runs_have_one_axis() {
        let row = |hour: u32, count: u64| SeriesRow {
            span: (f64::from(hour) * 3_600.0, f64::from(hour + 1) * 3_600.0),
            counts: [count * 3_600; 7],
        };
        let stored = |series| Stored {
            dir: "x".into(),
            summary: fixture::city(),
            run: serde_json::Value::Null,
            curves: BTreeMap::new(),
            series,
            cells: Vec::new(),
            trace: Vec::new(),
        };
        let run = Run::stored("x".to_owned(), stored(vec![row(1, 5), row(2, 7)]), Default::default());
        assert_eq!(run.track(2, (3_600.0, 10_800.0), |counts| counts[0]), [5.0, 7.0]);
        assert_eq!(run.track(4, (0.0, 14_400.0), |counts| counts[0]), [0.0, 5.0, 7.0]);
        assert_eq!(Run { series: Vec::new(), ..run }.track(4, (0.0, 9.0), |counts| counts[0]), [0.0; 0]);
    }

    #[test]
    fn slices_are_networks_groups_and_levels() {
        let summary = fixture::city();
        let slices = Slice::all(&summary);
        let labels: Vec<String> = slices.iter().map(Slice::label).collect();
        assert_eq!(labels[..4], ["city · nb-iot", "meters", "level 0", "level 1"]);
        let names = |slice: &Slice| slice.parts(&summary).iter().map(|part| part.name().to_owned()).collect::<Vec<_>>();
        assert_eq!(names(&slices[0]), ["meters", "trackers"]);
        assert_eq!((names(&slices[1]), names(&slices[2])), (vec!["meters".to_owned()], vec!["level 0".to_owned()]));
        assert_eq!(slices[2].parts(&summary)[0].results.terminals, 8_120);
    }
}
