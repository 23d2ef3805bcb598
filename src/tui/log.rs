//! Notable events of a run: what changed between two looks at it, and what its results and its time series say.

use super::data::Run;
use crate::metrics::series::Column;
use crate::metrics::summary::Summary;
use crate::report::format::{count, percent, seconds};

/// Utilisation of a channel from which on it is worth a line.
const BUSY: f64 = 0.8;
/// Share of collided attempts from which on it is worth a line.
const COLLIDED: f64 = 0.1;

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Fact,
    Good,
    Bad,
    Caution,
}

impl Tone {
    /// The sign in front of a line.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Tone::Fact => "·",
            Tone::Good => "✓",
            Tone::Bad => "✗",
            Tone::Caution => "!",
        }
    }
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// Simulated seconds.
    pub at: f64,
    pub tone: Tone,
    pub text: String,
}

fn entry(at: f64, tone: Tone, text: impl Into<String>) -> Entry {
    Entry { at, tone, text: text.into() }
}

/// What changed since the last look at a run.
pub(super) fn changes(before: Option<&Summary>, now: &Summary, at: f64) -> Vec<Entry> {
    let mut entries = Vec::new();
    let Some(before) = before else {
        return vec![entry(now.period.warmup_s, Tone::Fact, "messages are counted from here on")];
    };
    for (old, new) in before.requirements.iter().zip(&now.requirements) {
        if old.met != new.met {
            let (tone, word) = if new.met { (Tone::Good, "is met") } else { (Tone::Bad, "is MISSED") };
            entries.push(entry(at, tone, format!("{word}: {} ({})", new.text, new.shown)));
        }
    }
    for (name, group) in &now.groups {
        let Some(old) = before.groups.get(name) else { continue };
        for (reason, lost) in &group.all.messages.lost {
            if *lost > 0 && old.all.messages.lost.get(reason) == Some(&0) {
                entries.push(entry(at, Tone::Caution, format!("{name}: the first message is lost: {reason}")));
            }
        }
    }
    for (name, network) in &now.networks {
        let Some(old) = before.networks.get(name) else { continue };
        for (title, old, new) in
            [("downlink", &old.downlink, &network.downlink), ("uplink", &old.uplink, &network.uplink)]
        {
            let busiest = |of: &Option<crate::metrics::summary::Utilisation>| of.as_ref().map_or(0.0, |of| of.busiest);
            if busiest(old) < BUSY && busiest(new) >= BUSY {
                let cell = new.as_ref().map_or(0, |of| of.busiest_cell);
                let text = format!("{name}: the {title} of cell {cell} is {} busy", percent(busiest(new)));
                entries.push(entry(at, Tone::Caution, text));
            }
        }
        for (old, new) in old.access.iter().zip(&network.access) {
            let ratio = |of: &crate::metrics::summary::Access| of.collision_ratio.unwrap_or(0.0);
            if ratio(old) < COLLIDED && ratio(new) >= COLLIDED {
                let text = format!("{name}, {}: {} of the preambles collide", new.level, percent(ratio(new)));
                entries.push(entry(at, Tone::Caution, text));
            }
        }
    }
    entries
}

/// What the results of all runs say, each with its letter if there are several.
pub(super) fn of_all(runs: &[Run]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for (run, letter) in runs.iter().zip('A'..) {
        let named = |entry: Entry| match runs.len() {
            0 | 1 => entry,
            _ => Entry { text: format!("{letter} {}", entry.text), ..entry },
        };
        entries.extend(results(run).into_iter().map(named));
    }
    entries.sort_by(|a, b| a.at.total_cmp(&b.at));
    entries
}

/// What the results of a run that is over say.
pub(super) fn results(run: &Run) -> Vec<Entry> {
    let summary = &run.summary;
    let (begin, end) = (summary.period.warmup_s, summary.period.warmup_s + summary.period.counted_s);
    let mut entries = vec![entry(begin, Tone::Fact, "messages are counted from here on")];
    let most = |column: Column| {
        run.series.iter().max_by_key(|row| row.counts[column as usize]).filter(|row| row.counts[column as usize] > 0)
    };
    if let Some(row) = run.series.iter().find(|row| row.counts[Column::Lost as usize] > 0) {
        entries.push(entry(row.span.0, Tone::Caution, "the first message is lost"));
    }
    for (column, what) in [
        (Column::Offered, "most messages sent"),
        (Column::Lost, "most messages lost"),
        (Column::Attempts, "most preambles sent"),
        (Column::Collided, "most preambles collided"),
    ] {
        if let Some(row) = most(column) {
            let (number, span) = (count(row.counts[column as usize]), seconds(row.span.1 - row.span.0));
            entries.push(entry(row.span.0, Tone::Fact, format!("{what}: {number} in {span}")));
        }
    }
    entries.sort_by(|a, b| a.at.total_cmp(&b.at));
    if summary.period.interrupted {
        entries.push(entry(end, Tone::Caution, "the run was interrupted here"));
    }
    for requirement in &summary.requirements {
        let (tone, word) = if requirement.met { (Tone::Good, "met") } else { (Tone::Bad, "MISSED") };
        entries.push(entry(end, tone, format!("{word}: {} ({})", requirement.text, requirement.shown)));
    }
    entries.extend(summary.warnings.iter().map(|warning| entry(end, Tone::Caution, warning)));
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn what_changes_is_told_once() {
        let now = fixture::city();
        let mut before = now.clone();
        assert_eq!(changes(Some(&before), &now, 9.0), []);
        assert_eq!(changes(None, &now, 9.0).len(), 1);
        before.requirements[0].met = false;
        before.requirements[1].met = true;
        if let Some(lost) = before.groups.get_mut("meters").and_then(|g| g.all.messages.lost.get_mut("no-coverage")) {
            *lost = 0;
        }
        let told: Vec<String> = changes(Some(&before), &now, 9.0).into_iter().map(|entry| entry.text).collect();
        assert_eq!(
            told,
            [
                "is met: groups.meters.latency.p99 < 10s (8.61 s)",
                "is MISSED: groups.meters.delivery > 99.9% (99.2 %)",
                "meters: the first message is lost: no-coverage",
            ]
        );
    }
}
