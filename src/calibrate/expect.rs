//! From what a case expects in its file to figures with ranges and units, and to what must be read off its runs.

use serde_json::Value as Json;

use super::check::{Checker, Draft, keys, step};
use super::file::{ExpectEntry, LinkEntry};
use super::{Expectation, Job, LinkLine, Measure, Of, Reading, Target, What};
use crate::catalog::Issue;
use crate::catalog::suggest::{did_you_mean, one_of, some_of};
use crate::scenario::quantity::{Quantity, Unit, amount, digits};
use crate::scenario::requirement::{Metric, Names};
use crate::units::Db;

/// Slack of a value that is to be met exactly, as a share of it: rounding in the last digits.
const EXACT: f64 = 1e-9;

/// The lines of a link budget.
const TERMS: [&str; 7] = [
    "transmit power",
    "coupling loss",
    "received power",
    "thermal noise",
    "noise figure",
    "noise and interference",
    "SINR",
];

/// Readings that a path of a metric stands for.
struct Found {
    /// One, or as many as there are labels.
    readings: Vec<usize>,
    /// What the members of a list are; empty for a single number.
    labels: Vec<String>,
    quantity: Quantity,
}

/// A published number as the file has it.
struct Amount {
    value: f64,
    unit: Unit,
    decimals: usize,
}

/// A value and where it stands.
type At<'a> = (Vec<String>, &'a Json);

impl Draft<'_> {
    /// Looks a path up: the name of a run if runs have names, and what the run gives. An absent issue has been told before: the
    /// run itself is at fault.
    fn find(&mut self, text: &str) -> Result<Found, Option<Issue>> {
        let (job, rest) = if self.named { self.run(text)? } else { (0, text) };
        // Places are told in characters of the whole text.
        let before = text[..text.len() - rest.len()].chars().count();
        let shift = |mut issue: Issue| {
            issue.part = issue.part.map(|(start, width)| (start + before, width));
            Some(issue)
        };
        let Some((_, Some(work))) = self.jobs.get(job) else { return Err(None) };
        let (of, labels, quantity) = match work {
            Job::Simulate(world) => {
                let groups: Vec<&str> = world.groups.iter().map(|group| group.name.as_str()).collect();
                let networks: Vec<&str> = world.networks.iter().map(|network| network.name.as_str()).collect();
                let metric = Metric::parse(rest, Names { groups: &groups, networks: &networks }).map_err(shift)?;
                let quantity = metric.quantity;
                (vec![Of::Metric(metric)], Vec::new(), quantity)
            }
            Job::Probe(probe) => {
                let outputs = probe.outputs().map_err(|_| None)?;
                let known = || outputs.iter().map(|output| output.name.as_str());
                let Some(output) = outputs.iter().find(|output| output.name == rest) else {
                    let mut issue = Issue::new([] as [&str; 0], "the probe gives nothing of this name");
                    issue = issue.expected(some_of(rest, known())).help(did_you_mean(rest, known()));
                    issue.part = Some((0, rest.chars().count().max(1)));
                    return Err(shift(issue));
                };
                let members = 0..output.labels.len().max(1);
                let of = members.map(|member| Of::Output(output.name.clone(), member)).collect();
                (of, output.labels.clone(), output.quantity)
            }
        };
        let readings = of.into_iter().map(|of| self.reading(Reading { job, of })).collect();
        Ok(Found { readings, labels, quantity })
    }

    /// The run with whose name a path begins, and the rest of the path.
    fn run<'t>(&self, text: &'t str) -> Result<(usize, &'t str), Option<Issue>> {
        let (name, rest) = text.split_once('.').unwrap_or((text, ""));
        let job = self.jobs.iter().position(|(known, _)| known == name);
        job.map(|job| (job, rest)).ok_or_else(|| {
            let known = || self.jobs.iter().map(|(name, _)| name.as_str());
            let mut issue = Issue::new([] as [&str; 0], "the metric does not begin with the name of a run");
            issue.part = Some((0, name.chars().count().max(1)));
            Some(issue.expected(one_of(known())).help(did_you_mean(name, known())))
        })
    }

    /// The number of a reading, a new one if nobody has asked for it yet.
    fn reading(&mut self, reading: Reading) -> usize {
        let known = self.readings.iter().position(|other| *other == reading);
        known.unwrap_or_else(|| {
            self.readings.push(reading);
            self.readings.len() - 1
        })
    }
}

impl Checker<'_> {
    /// The checked expectation; `None` if it is wrong.
    pub(super) fn expectation(
        &mut self,
        path: &[String],
        name: &str,
        entry: &ExpectEntry,
        draft: &mut Draft<'_>,
    ) -> Option<Expectation> {
        let given =
            [entry.metric.is_some(), !entry.ratio.is_empty(), !entry.ascending.is_empty(), entry.link.is_some()];
        if given.iter().filter(|given| **given).count() != 1 {
            let issue = Issue::new([] as [&str; 0], format!("`{name}` does not expect exactly one thing"));
            self.report(path, issue.expected("one of `metric`, `ratio`, `ascending` and `link`"));
            return None;
        }
        self.refuse_idle(path, entry);
        let what = if entry.ascending.is_empty() {
            self.targets(path, entry, draft).map(What::Targets)
        } else {
            self.ascending(&step(path, "ascending"), &entry.ascending, draft)
        };
        let case = draft.entry;
        let (mark, source) = (entry.mark.or(case.mark), entry.source.as_ref().or(case.source.as_ref()));
        for (missing, key, what) in [
            (mark.is_none(), "mark", "`mark: V`, `S`, `M+S` or `M`, here or at the case"),
            (source.is_none(), "source", "`source: …`, the document and table, here or at the case"),
        ] {
            if missing {
                let issue = Issue::new([] as [&str; 0], format!("`{name}` lacks the key `{key}`"));
                self.report(path, issue.expected(what));
            }
        }
        Some(Expectation {
            name: name.to_owned(),
            mark: mark?,
            source: source?.clone(),
            tuned: entry.tuned.as_ref().or(case.tuned.as_ref()).cloned(),
            explained: entry.explained.as_ref().or(case.explained.as_ref()).cloned(),
            what: what?,
        })
    }

    /// Reports keys that would do nothing.
    fn refuse_idle(&mut self, path: &[String], entry: &ExpectEntry) {
        let allowed: &[&str] = match (&entry.metric, &entry.link) {
            (Some(_), _) if !entry.quantiles.is_empty() => &["quantiles", "tolerance"],
            (Some(_), _) if !entry.values.is_empty() => &["values", "tolerance"],
            (Some(_), _) => &["value", "range", "tolerance"],
            (None, Some(_)) => &["line", "value", "range", "tolerance"],
            (None, None) if entry.ascending.is_empty() => &["value", "range", "tolerance"],
            (None, None) => &[],
        };
        let present = [
            ("line", entry.line.is_some()),
            ("value", entry.value.is_some()),
            ("values", !entry.values.is_empty()),
            ("quantiles", !entry.quantiles.is_empty()),
            ("range", !entry.range.is_empty()),
            ("tolerance", entry.tolerance.is_some()),
        ];
        for (key, _) in present.iter().filter(|(key, present)| *present && !allowed.contains(key)) {
            let issue = Issue::new([*key], format!("`{key}` does not go with the rest of the expectation"));
            self.report(path, issue.expected(one_of(allowed.iter().copied())).help("remove it"));
        }
    }

    fn ascending(&mut self, path: &[String], metrics: &[String], draft: &mut Draft<'_>) -> Option<What> {
        if metrics.len() < 2 {
            let issue = Issue::new([] as [&str; 0], "an order takes at least two metrics");
            self.report(path, issue.expected("a list, such as `[one, two]`"));
            return None;
        }
        let found = self.alike(path, metrics, draft)?;
        let named = found.into_iter().zip(metrics);
        Some(What::Ascending(named.map(|((reading, quantity), text)| (reading, text.clone(), quantity)).collect()))
    }

    /// Readings of metrics that measure the same.
    fn alike(&mut self, path: &[String], metrics: &[String], draft: &mut Draft<'_>) -> Option<Vec<(usize, Quantity)>> {
        let at = |number: usize| step(path, &number.to_string());
        let found: Vec<_> =
            metrics.iter().enumerate().map(|(number, text)| self.single(&at(number), text, draft)).collect();
        let found = found.into_iter().collect::<Option<Vec<_>>>()?;
        let quantity = found.first()?.1;
        if let Some(other) = found.iter().position(|(_, other)| *other != quantity) {
            let issue = Issue::new([] as [&str; 0], "this measures something else than the first metric");
            self.report(&at(other), issue.expected(quantity.examples()));
            return None;
        }
        Some(found)
    }

    /// The reading of a metric that is a single number.
    fn single(&mut self, path: &[String], text: &str, draft: &mut Draft<'_>) -> Option<(usize, Quantity)> {
        let found = self.found(path, text, draft)?;
        if !found.labels.is_empty() {
            let issue = Issue::new([] as [&str; 0], format!("this is a list of {} numbers", found.labels.len()));
            self.report(path, issue.expected("a metric that is one number"));
            return None;
        }
        Some((found.readings[0], found.quantity))
    }

    fn found(&mut self, path: &[String], text: &str, draft: &mut Draft<'_>) -> Option<Found> {
        match draft.find(text) {
            Ok(found) => return Some(found),
            Err(Some(issue)) => self.report(path, issue),
            Err(None) => (),
        }
        None
    }

    fn targets(&mut self, path: &[String], entry: &ExpectEntry, draft: &mut Draft<'_>) -> Option<Vec<Target>> {
        let value = || entry.value.as_ref().map(|value| (step(path, "value"), value));
        match (&entry.metric, &entry.link) {
            (Some(metric), _) if !entry.quantiles.is_empty() => self.quantiles(path, metric, entry, draft),
            (Some(metric), _) => {
                let found = self.found(&step(path, "metric"), metric, draft)?;
                if found.labels.is_empty() && entry.values.is_empty() {
                    let measure = Measure::Of(found.readings[0]);
                    return Some(vec![self.target(path, value(), entry, found.quantity, measure)?]);
                }
                self.members(path, found, entry)
            }
            (None, Some(link)) => {
                let reading = self.line(path, link, entry.line.as_deref(), draft)?;
                Some(vec![self.target(path, value(), entry, Quantity::Gain, Measure::Of(reading))?])
            }
            (None, None) => {
                if entry.ratio.len() != 2 {
                    let issue = Issue::new(["ratio"], "a ratio takes two metrics");
                    self.report(path, issue.expected("`[one, two]`: the first is divided by the second"));
                    return None;
                }
                let found = self.alike(&step(path, "ratio"), &entry.ratio, draft)?;
                let measure = Measure::Ratio(found[0].0, found[1].0);
                Some(vec![self.target(path, value(), entry, Quantity::Share, measure)?])
            }
        }
    }

    /// A target for each member of a list.
    fn members(&mut self, path: &[String], found: Found, entry: &ExpectEntry) -> Option<Vec<Target>> {
        let list = found.labels.len();
        let free = entry.values.is_empty() && entry.value.is_none();
        if !free && entry.values.len() != list {
            let key = if entry.value.is_some() { "value" } else { "values" };
            let what = format!("{} values for a metric of {} numbers", entry.values.len(), list.max(1));
            let expected =
                if list == 0 { "`value: …`".to_owned() } else { format!("`values: […]`, {list} of them") };
            self.report(path, Issue::new([key], what).expected(expected));
            return None;
        }
        let mut targets = Vec::new();
        for (number, (reading, label)) in found.readings.into_iter().zip(found.labels).enumerate() {
            let at = || step(&step(path, "values"), &number.to_string());
            let value = entry.values.get(number).map(|value| (at(), value));
            let target = self.target(path, value, entry, found.quantity, Measure::Of(reading))?;
            targets.push(Target { label, ..target });
        }
        Some(targets)
    }

    /// Each quantile is a metric of its own.
    fn quantiles(
        &mut self,
        path: &[String],
        metric: &str,
        entry: &ExpectEntry,
        draft: &mut Draft<'_>,
    ) -> Option<Vec<Target>> {
        let mut targets = Vec::new();
        for name in keys(self.root, &step(path, "quantiles")) {
            let at = step(&step(path, "quantiles"), &name);
            let found = match draft.find(&format!("{metric}.{name}")) {
                Ok(found) if found.labels.is_empty() => found,
                Ok(_) => return None,
                Err(issue) => {
                    let mut issue = issue?;
                    // What is wrong stands in the metric, or is the quantile.
                    let in_metric = issue.part.is_some_and(|(start, _)| start < metric.chars().count());
                    let at = if in_metric { step(path, "metric") } else { at };
                    issue.part = issue.part.filter(|_| in_metric);
                    self.report(&at, issue);
                    return None;
                }
            };
            let value = entry.quantiles.get(&name).map(|value| (at, value));
            let target = self.target(path, value, entry, found.quantity, Measure::Of(found.readings[0]))?;
            targets.push(Target { label: name, ..target });
        }
        Some(targets)
    }

    /// The reading of a line of a link budget.
    fn line(&mut self, path: &[String], link: &LinkEntry, line: Option<&str>, draft: &mut Draft<'_>) -> Option<usize> {
        let refuse = |key: &str, what: &str| Issue::new([key], what);
        let world = match draft.jobs.as_slice() {
            [(_, Some(Job::Simulate(world)))] => world,
            [(_, None)] => return None,
            _ => {
                let issue = refuse("link", "a link takes a case with one run, a scenario");
                self.report(path, issue.expected("`run: {scenario: …}`"));
                return None;
            }
        };
        let names = || world.networks.iter().map(|network| network.name.as_str());
        let network = match &link.network {
            None if world.networks.len() == 1 => Some(0),
            None => None,
            Some(name) => names().position(|known| known == name),
        };
        let group = network.and_then(|network| world.groups.iter().position(|group| group.network == network));
        let (Some(network), Some(group)) = (network, group) else {
            let issue = refuse("link", "the link has no network, or its network no group with a device");
            self.report(path, issue.expected(format!("`network: …` with {}", one_of(names()))));
            return None;
        };
        let direction =
            line.and_then(|line| line.split_once(' ')).filter(|(way, _)| ["uplink", "downlink"].contains(way));
        let Some((way, term)) = direction.filter(|(_, term)| TERMS.contains(term)) else {
            let issue = refuse("line", "this is no line of a link budget");
            let terms = one_of(TERMS);
            self.report(path, issue.expected(format!("`uplink` or `downlink`, a blank, and {terms}")));
            return None;
        };
        let line = LinkLine {
            network,
            group,
            coupling_loss: Db(link.coupling_loss_db.0),
            uplink: way == "uplink",
            term: term.to_owned(),
        };
        Some(draft.reading(Reading { job: 0, of: Of::Line(line) }))
    }

    /// A target with this value, and the range of its expectation.
    fn target(
        &mut self,
        path: &[String],
        value: Option<At<'_>>,
        entry: &ExpectEntry,
        quantity: Quantity,
        measure: Measure,
    ) -> Option<Target> {
        let value = match value {
            Some((at, json)) => Some(self.amount(&at, json, quantity)?),
            None => None,
        };
        let range = match (entry.range.as_slice(), &entry.tolerance, &value) {
            ([low, high], None, value) => {
                let at = |number| step(&step(path, "range"), number);
                let (low, high) = (self.amount(&at("0"), low, quantity)?, self.amount(&at("1"), high, quantity)?);
                let within = value.as_ref().is_none_or(|value| (low.value..=high.value).contains(&value.value));
                if low.value > high.value || !within {
                    let what =
                        if within { "the range ends before it begins" } else { "the value is not in its own range" };
                    self.report(path, Issue::new(["range"], what).expected("`[lowest, highest]`"));
                    return None;
                }
                let shown = value.as_ref().unwrap_or(&low);
                return Some(Target {
                    label: String::new(),
                    measure,
                    expected: value.as_ref().map(|value| value.value),
                    range: (low.value, high.value),
                    unit: shown.unit,
                    decimals: low.decimals.max(high.decimals).max(shown.decimals),
                });
            }
            ([], Some(tolerance), Some(value)) => {
                let around = self.tolerance(&step(path, "tolerance"), tolerance, value, quantity)?;
                (value.value - around, value.value + around)
            }
            ([], None, Some(value)) => {
                let around = value.value.abs() * EXACT;
                (value.value - around, value.value + around)
            }
            _ => {
                let issue = Issue::new([] as [&str; 0], "it is not said what passes");
                self.report(
                    path,
                    issue.expected("a value, alone or with a `tolerance`, or a `range: [lowest, highest]`"),
                );
                return None;
            }
        };
        let value = value?;
        let (expected, unit, decimals) = (Some(value.value), value.unit, value.decimals);
        Some(Target { label: String::new(), measure, expected, range, unit, decimals })
    }

    /// Half the width of the range, in base units.
    fn tolerance(&mut self, path: &[String], json: &Json, value: &Amount, quantity: Quantity) -> Option<f64> {
        let share = json.as_str().is_some_and(|text| text.trim_end().ends_with('%')) && quantity != Quantity::Gain;
        if share {
            return Some((self.amount(path, json, Quantity::Share)?.value * value.value).abs());
        }
        Some(self.amount(path, json, quantity)?.value.abs())
    }

    fn amount(&mut self, path: &[String], json: &Json, quantity: Quantity) -> Option<Amount> {
        let text = match json {
            Json::String(text) => text.clone(),
            Json::Number(number) => number.to_string(),
            _ => {
                let issue = Issue::new([] as [&str; 0], "this is not a number with a unit");
                self.report(path, issue.expected(quantity.examples()));
                return None;
            }
        };
        match amount(&text, 0, quantity) {
            Ok((value, unit)) => {
                let number = text.trim();
                let number = &number[..digits(number)];
                let decimals = number.split_once('.').map_or(0, |(_, fraction)| fraction.len());
                Some(Amount { value, unit, decimals })
            }
            Err(issue) => {
                self.report(path, issue);
                None
            }
        }
    }
}
