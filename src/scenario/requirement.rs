//! Requirements: lines such as `groups.meters.latency.uplink.p99 < 10s` that a run meets or misses.

use std::collections::BTreeSet;

use super::quantity::{Quantity, Unit, amount, part, significant, whole};
use crate::catalog::Issue;
use crate::catalog::suggest::{did_you_mean, one_of};
use crate::catalog::tree::shorten;
use crate::cause::Errand;
use crate::metrics::summary::{self, Distribution, Results, Summary};
use crate::radio::nbiot::config::LEVELS;

use Quantity::{Count, Energy, Life, Share, Time};

/// What a group, or one coverage level of it, is measured by.
const RESULTS: [(&str, Quantity); 44] = [
    ("terminals", Count),
    ("latency.uplink.mean", Time),
    ("latency.uplink.p10", Time),
    ("latency.uplink.p50", Time),
    ("latency.uplink.p90", Time),
    ("latency.uplink.p95", Time),
    ("latency.uplink.p99", Time),
    ("latency.uplink.p999", Time),
    ("latency.uplink.max", Time),
    ("latency.downlink.mean", Time),
    ("latency.downlink.p50", Time),
    ("latency.downlink.p90", Time),
    ("latency.downlink.p95", Time),
    ("latency.downlink.p99", Time),
    ("latency.downlink.max", Time),
    ("access.transmissions.mean", Count),
    ("access.delay.mean", Time),
    ("access.delay.p50", Time),
    ("access.delay.p90", Time),
    ("access.delay.p95", Time),
    ("access.delay.p99", Time),
    ("errands.attach.energy", Energy),
    ("errands.attach.latency", Time),
    ("errands.tracking-area-update.energy", Energy),
    ("errands.tracking-area-update.latency", Time),
    ("errands.command.energy", Energy),
    ("errands.download.energy", Energy),
    ("errands.download.latency", Time),
    ("errands.keep-alive.energy", Energy),
    ("delivery", Share),
    ("messages.offered", Count),
    ("messages.delivered", Count),
    ("messages.lost", Count),
    ("messages.unfinished", Count),
    ("messages.repeated", Count),
    ("energy.message.mean", Energy),
    ("energy.message.p50", Energy),
    ("energy.message.p90", Energy),
    ("energy.message.p99", Energy),
    ("energy.message.max", Energy),
    ("energy.day", Energy),
    ("mobility.reselections", Count),
    ("mobility.area_updates", Count),
    ("mobility.link_failures", Count),
];

/// What only a whole group is measured by.
const BATTERY: [(&str, Quantity); 3] =
    [("battery.life.p10", Life), ("battery.life.p50", Life), ("battery.life.p90", Life)];

/// What a network is measured by.
const NETWORK: [(&str, Quantity); 9] = [
    ("downlink.mean", Share),
    ("downlink.busiest", Share),
    ("uplink.mean", Share),
    ("uplink.busiest", Share),
    ("access.N.load", Share),
    ("access.N.collisions", Share),
    ("access.N.collided_preambles", Count),
    ("access.N.preamble_opportunities", Count),
    ("access.N.preamble_collisions", Share),
];

/// The requirements of a scenario, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requirements(pub Vec<Requirement>);

/// One requirement.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// The line as it stands in the scenario.
    pub text: String,
    metric: Metric,
    comparison: Comparison,
    limit: f64,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Below,
    AtMost,
    Above,
    AtLeast,
}

/// All metrics as paths; `NAME` stands for the name of a group or a network, `N` for the number of a coverage level.
#[must_use]
pub fn metrics() -> Vec<String> {
    grammar().into_iter().map(|(path, _)| path).collect()
}

fn grammar() -> Vec<(String, Quantity)> {
    let under = |prefix: &'static str, list: &'static [(&'static str, Quantity)]| {
        list.iter().map(move |(path, quantity)| (format!("{prefix}.{path}"), *quantity))
    };
    let groups = under("groups.NAME", &RESULTS).chain(under("groups.NAME", &BATTERY));
    let groups =
        groups.chain(under("groups.NAME.levels.N", &RESULTS)).chain(under("groups.NAME.networks.NAME", &RESULTS));
    groups.chain(under("networks.NAME", &NETWORK)).collect()
}

/// The names that a requirement may use.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The groups of the scenario.
    pub groups: &'a [&'a str],
    /// Its networks.
    pub networks: &'a [&'a str],
}

/// Something that a run measures: a path of [`metrics`] with the names of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    path: Vec<String>,
    /// What it measures.
    pub quantity: Quantity,
}

impl Metric {
    /// Reads a path such as `groups.meters.latency.uplink.p99`.
    ///
    /// # Errors
    /// Says which step of the path is unknown; the issue's path is empty.
    pub fn parse(text: &str, names: Names<'_>) -> Result<Metric, Issue> {
        let quantity = quantity(text, text.len(), names)?;
        Ok(Metric { path: text.trim().split('.').map(str::to_owned).collect(), quantity })
    }

    /// The path.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.join(".")
    }

    /// The measured value in base units; `None` without anything to measure.
    #[must_use]
    pub fn measure(&self, summary: &Summary) -> Option<f64> {
        measure(summary, &self.steps()).filter(|value| !value.is_nan())
    }

    /// Half the width of the 95 % confidence interval of the value, in base units, where the summary of a single run has one.
    #[must_use]
    pub fn half_width(&self, summary: &Summary) -> Option<f64> {
        match self.steps().as_slice() {
            ["groups", name, "energy", "message", "mean"] => Some(summary.groups.get(*name)?.all.message_energy_j_ci95),
            ["groups", name, "battery", "life", "p50"] => {
                let [low, high] = summary.groups.get(*name)?.battery.life_years_p50_ci95;
                Some((high - low) / 2.0).filter(|width| width.is_finite())
            }
            _ => None,
        }
    }

    fn steps(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }
}

impl Requirement {
    /// Reads one line.
    ///
    /// # Errors
    /// Says what of the line cannot be understood; the issue's path is empty.
    pub fn parse(text: &str, names: Names<'_>) -> Result<Requirement, Issue> {
        let symbol = |c: char| matches!(c, '<' | '>' | '=' | '!' | '≤' | '≥');
        let Some(at) = text.find(symbol) else {
            let issue = whole(text, "this requirement compares nothing");
            return Err(issue.expected("a metric, one of `<`, `<=`, `>`, `>=`, and a value with its unit"));
        };
        let end = text[at..].find(|c| !symbol(c)).map_or(text.len(), |n| at + n);
        let comparison = match &text[at..end] {
            "<" => Comparison::Below,
            "<=" | "≤" => Comparison::AtMost,
            ">" => Comparison::Above,
            ">=" | "≥" => Comparison::AtLeast,
            other => {
                let issue = part(text, at, end, format!("`{}` is no comparison", shorten(other, 10)));
                return Err(issue.expected("`<`, `<=`, `>` or `>=`"));
            }
        };
        let metric = Metric::parse(&text[..at], names)?;
        let (limit, unit) = amount(text, end, metric.quantity)?;
        Ok(Requirement { text: text.trim().to_owned(), metric, comparison, limit, unit })
    }

    /// Holds the requirement against the results of a run. Without anything to measure it is missed.
    #[must_use]
    pub fn evaluate(&self, summary: &Summary) -> summary::Requirement {
        let measured = self.metric.measure(summary);
        let met = measured.is_some_and(|value| match self.comparison {
            Comparison::Below => value < self.limit,
            Comparison::AtMost => value <= self.limit,
            Comparison::Above => value > self.limit,
            Comparison::AtLeast => value >= self.limit,
        });
        let value = measured.map(|value| value / self.unit.scale).filter(|value| value.is_finite());
        let shown = match (measured, value) {
            (None, _) => "nothing measured".to_owned(),
            (Some(_), None) => "unlimited".to_owned(),
            (Some(_), Some(value)) => format!("{} {}", significant(value), self.unit.name).trim_end().to_owned(),
        };
        summary::Requirement { text: self.text.clone(), value, shown, met }
    }
}

impl Requirements {
    /// Holds all requirements against the results of a run.
    #[must_use]
    pub fn evaluate(&self, summary: &Summary) -> Vec<summary::Requirement> {
        self.0.iter().map(|requirement| requirement.evaluate(summary)).collect()
    }
}

/// Checks the path `text[..end]` against the grammar and says what it measures.
fn quantity(text: &str, end: usize, names: Names<'_>) -> Result<Quantity, Issue> {
    let grammar = grammar();
    let mut left: Vec<(Vec<&str>, Quantity)> =
        grammar.iter().map(|(path, quantity)| (path.split('.').collect(), *quantity)).collect();
    let path = text[..end].trim_end();
    let mut from = path.len() - path.trim_start().len();
    let steps: Vec<&str> = path.trim_start().split('.').collect();
    for (depth, step) in steps.iter().enumerate() {
        let known: BTreeSet<&str> = left.iter().filter_map(|(path, _)| path.get(depth).copied()).collect();
        let is_group = steps[0] == "groups" && depth == 1;
        let words: Vec<String> = match (known.contains("NAME"), known.contains("N"), is_group) {
            (true, _, true) => names.groups.iter().map(ToString::to_string).collect(),
            (true, ..) => names.networks.iter().map(ToString::to_string).collect(),
            (_, true, _) => (0..LEVELS).map(|level| level.to_string()).collect(),
            _ => known.iter().map(ToString::to_string).collect(),
        };
        if !words.iter().any(|word| word == step) {
            let all = words.iter().map(String::as_str);
            let above = if depth == 0 { "a requirement".into() } else { format!("`{}`", steps[..depth].join(".")) };
            let what = match (known.contains("NAME"), words.is_empty()) {
                (true, _) => format!("there is no {} `{}`", steps[depth - 1].trim_end_matches('s'), shorten(step, 60)),
                _ if known.contains("N") => format!("there is no coverage level `{}`", shorten(step, 60)),
                (_, true) => format!("`{}` ends here, nothing lies below it", steps[..depth].join(".")),
                _ if depth == 0 => format!("{above} cannot begin with `{}`", shorten(step, 60)),
                _ => format!("{above} has no metric `{}`", shorten(step, 60)),
            };
            let issue = part(text, from, from + step.len(), what);
            let mut help = did_you_mean(step, all.clone());
            // A step was left out: `latency.p99` for `latency.uplink.p99`, `meters` for `groups.meters`.
            let skipped = |path: &&(Vec<&str>, Quantity)| path.0.get(depth + 1) == Some(step);
            if let Some((path, _)) = left.iter().find(skipped) {
                help = format!("did you mean `{}.{step}`?", path[depth]);
            } else if depth == 0 && names.groups.contains(step) {
                help = format!("did you mean `groups.{step}`?");
            }
            return Err(issue.expected(one_of(all)).help(help));
        }
        left.retain(|(path, _)| path.get(depth).is_some_and(|word| word == step || matches!(*word, "NAME" | "N")));
        from += step.len() + 1;
    }
    match left.iter().find(|(path, _)| path.len() == steps.len()) {
        Some((_, quantity)) => Ok(*quantity),
        None => {
            let next: BTreeSet<&str> = left.iter().filter_map(|(path, _)| path.get(steps.len()).copied()).collect();
            let issue = part(text, 0, path.len(), format!("`{}` is not yet a number", shorten(path.trim(), 100)));
            Err(issue.expected(format!("a further step: {}", one_of(next.iter().copied()))))
        }
    }
}

/// The measured value in base units.
fn measure(summary: &Summary, path: &[&str]) -> Option<f64> {
    match path {
        ["groups", name, "battery", "life", quantile] => {
            let group = summary.groups.get(*name).filter(|group| group.all.terminals > 0)?;
            match *quantile {
                "p10" => Some(group.battery.life_years_p10),
                "p50" => Some(group.battery.life_years_p50),
                "p90" => Some(group.battery.life_years_p90),
                _ => None,
            }
        }
        ["groups", name, "levels", level, rest @ ..] => {
            let levels = &summary.groups.get(*name)?.levels;
            let name = format!("level {level}");
            result(&levels.iter().find(|level| level.name == name)?.results, rest)
        }
        ["groups", name, "networks", network, rest @ ..] => {
            result(summary.groups.get(*name)?.networks.get(*network)?, rest)
        }
        ["groups", name, rest @ ..] => result(&summary.groups.get(*name)?.all, rest),
        ["networks", name, "access", level, metric] => {
            let access = summary.networks.get(*name)?.access.get(level.parse::<usize>().ok()?)?;
            match *metric {
                "load" => Some(access.load),
                "collisions" => access.collision_ratio,
                "collided_preambles" => Some(access.collided_preambles as f64),
                "preamble_opportunities" => Some(access.preamble_opportunities as f64),
                "preamble_collisions" => access.preamble_collision_ratio,
                _ => None,
            }
        }
        ["networks", name, direction, metric] => {
            let network = summary.networks.get(*name)?;
            let utilisation = if *direction == "downlink" { &network.downlink } else { &network.uplink }.as_ref()?;
            Some(if *metric == "busiest" { utilisation.busiest } else { utilisation.mean })
        }
        _ => None,
    }
}

fn result(results: &Results, path: &[&str]) -> Option<f64> {
    if results.terminals == 0 {
        return None;
    }
    let messages = &results.messages;
    match path {
        ["latency", "uplink", shape] => of(&results.latency_s, shape),
        ["latency", "downlink", shape] => of(&results.errands.get(Errand::Command.name())?.latency_s, shape),
        ["access", "transmissions", _] => results.access_transmissions,
        ["access", "delay", shape] => of(&results.access_delay_s, shape),
        ["errands", errand, "energy"] => Some(results.errands.get(*errand)?.energy_j),
        ["errands", errand, "latency"] => of(&results.errands.get(*errand)?.latency_s, "mean"),
        ["energy", "message", shape] => of(&results.message_energy_j, shape),
        ["energy", "day"] => Some(results.day_energy_j),
        ["mobility", what] => {
            let moves = results.mobility.as_ref()?;
            let count = match *what {
                "reselections" => moves.reselections,
                "area_updates" => moves.area_updates,
                _ => moves.link_failures,
            };
            Some(count as f64)
        }
        ["terminals"] => Some(results.terminals as f64),
        ["delivery"] => messages.delivery_ratio,
        ["messages", "offered"] => Some(messages.offered as f64),
        ["messages", "delivered"] => Some(messages.delivered as f64),
        ["messages", "lost"] => Some(messages.lost_total() as f64),
        ["messages", "unfinished"] => Some(messages.unfinished as f64),
        ["messages", "repeated"] => Some(results.repeated_requests as f64),
        _ => None,
    }
}

fn of(distribution: &Distribution, shape: &str) -> Option<f64> {
    if distribution.count == 0 {
        return None;
    }
    match shape {
        "mean" => Some(distribution.mean),
        "p10" => Some(distribution.p10),
        "p50" => Some(distribution.p50),
        "p90" => Some(distribution.p90),
        "p95" => Some(distribution.p95),
        "p99" => Some(distribution.p99),
        "p999" => Some(distribution.p999),
        "max" => Some(distribution.max),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const NAMES: Names<'_> = Names { groups: &["meters"], networks: &["city"] };

    fn parse(text: &str) -> Requirement {
        Requirement::parse(text, NAMES).unwrap_or_else(|issue| panic!("{text}: {issue:?}"))
    }

    fn summary() -> Summary {
        let latency_s = Distribution { count: 10, mean: 2.0, p50: 1.5, p99: 7.2, max: 9.0, ..Distribution::default() };
        let messages = summary::Messages {
            offered: 100,
            delivered: 99,
            lost: BTreeMap::from([("no-coverage".into(), 1)]),
            unfinished: 0,
            delivery_ratio: Some(0.99),
        };
        let all = Results { terminals: 10, messages, latency_s, day_energy_j: 1.5, ..Results::default() };
        let group = summary::Group {
            network: "city".into(),
            levels: vec![
                summary::Level { name: "level 0".into(), results: all.clone() },
                summary::Level { name: "level 1".into(), results: Results::default() },
            ],
            networks: BTreeMap::from([("city".into(), all.clone())]),
            all,
            battery: summary::Battery {
                model: "3gpp-5wh".into(),
                capacity_j: 18_000.0,
                life_years_p10: 12.3,
                life_years_p50: f64::INFINITY,
                life_years_p90: f64::NAN,
                life_years_p50_ci95: [0.0, 0.0],
            },
        };
        let utilisation = || Some(summary::Utilisation { mean: 0.25, busiest: 0.5, busiest_cell: 3 });
        let network = summary::Network {
            technology: "nb-iot".into(),
            cells: 3,
            access: Vec::new(),
            downlink: utilisation(),
            uplink: utilisation(),
        };
        Summary {
            summary_version: 1,
            farlink: String::new(),
            name: String::new(),
            seed: 1,
            model_data: String::new(),
            scenario: serde_json::Value::Null,
            period: summary::Period { warmup_s: 0.0, counted_s: 1.0, interrupted: false },
            events: summary::Events { count: 0, hash: String::new() },
            requirements: Vec::new(),
            groups: BTreeMap::from([("meters".into(), group)]),
            networks: BTreeMap::from([("city".into(), network)]),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn results_meet_or_miss() {
        let summary = summary();
        for (text, met, value, shown) in [
            ("groups.meters.latency.uplink.p99 < 10s", true, Some(7.2), "7.20 s"),
            ("groups.meters.latency.uplink.p99<7200 ms", false, Some(7_200.0), "7200 ms"),
            ("groups.meters.latency.uplink.p99 <= 7.2s", true, Some(7.2), "7.20 s"),
            ("groups.meters.delivery >= 99%", true, Some(99.0), "99 %"),
            ("groups.meters.delivery > 0.99", false, Some(0.99), "0.990"),
            ("groups.meters.messages.lost <= 0", false, Some(1.0), "1"),
            ("groups.meters.energy.day < 1600 mJ", true, Some(1_500.0), "1500 mJ"),
            ("groups.meters.battery.life.p10 > 10y", true, Some(12.3), "12.3 y"),
            ("groups.meters.battery.life.p50 > 10y", true, None, "unlimited"),
            ("networks.city.downlink.busiest < 60%", true, Some(50.0), "50 %"),
            ("groups.meters.levels.0.latency.uplink.mean < 3s", true, Some(2.0), "2 s"),
            ("groups.meters.networks.city.latency.uplink.mean < 3s", true, Some(2.0), "2 s"),
        ] {
            let found = parse(text).evaluate(&summary);
            assert_eq!((found.met, found.shown.as_str()), (met, shown), "{text}");
            assert_eq!(found.value.map(|v| (v * 1e6 + 0.5) as i64), value.map(|v| (v * 1e6 + 0.5) as i64), "{text}");
        }
    }

    #[test]
    fn what_was_not_measured_is_missed() {
        for text in [
            "groups.meters.battery.life.p90 > 1y",
            "groups.meters.energy.message.mean < 1J",
            "groups.meters.levels.1.messages.lost < 5",
            "groups.meters.levels.2.delivery > 1%",
            "networks.city.access.0.collisions < 100%",
        ] {
            let found = parse(text).evaluate(&summary());
            assert_eq!((found.met, found.value, found.shown.as_str()), (false, None, "nothing measured"), "{text}");
        }
    }

    #[test]
    fn every_metric_can_be_required_and_measured() {
        for (path, quantity) in grammar() {
            let path = path.replace("groups.NAME", "groups.meters").replace("NAME", "city").replace(".N.", ".0.");
            let text = format!("{path} < 5{}", quantity.units()[0].name);
            let _ = parse(&text).evaluate(&summary());
        }
    }

    #[test]
    fn mistakes_are_pointed_at() {
        for (text, start, what) in [
            ("", 0, "this requirement compares nothing"),
            ("groups.meters.delivery => 99%", 23, "`=>` is no comparison"),
            ("groups.metres.delivery > 99%", 7, "there is no group `metres`"),
            ("groups.meters.networks.town.delivery > 99%", 23, "there is no network `town`"),
            ("networks.town.uplink.mean < 1", 9, "there is no network `town`"),
            ("groups.meters.latency.p99 < 10s", 22, "`groups.meters.latency` has no metric `p99`"),
            ("groups.meters.latency.uplink < 10s", 0, "`groups.meters.latency.uplink` is not yet a number"),
            ("groups.meters.delivery.p99 > 1", 23, "`groups.meters.delivery` ends here, nothing lies below it"),
            ("meters.delivery > 99%", 0, "a requirement cannot begin with `meters`"),
            ("groups.meters.latency.uplink.p99 < 10", 35, "the value `10` has no unit"),
            ("groups.meters.latency.uplink.p99 < 10 J", 35, "`J` does not measure this metric"),
            ("groups.meters.delivery > most", 25, "\"most\" is not a number with a unit"),
        ] {
            let issue = Requirement::parse(text, NAMES).unwrap_err();
            assert_eq!((issue.what.as_str(), issue.part.unwrap().0), (what, start), "{text}");
        }
    }
}
