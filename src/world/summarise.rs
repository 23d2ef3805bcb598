//! From sums to the result that people read.

use std::collections::BTreeMap;

use crate::cause::Loss;
use crate::engine::Ended;
use crate::metrics::recorder::{self, Ledger};
use crate::metrics::summary::{Events, Group, Level, Period, Requirement, SUMMARY_VERSION, Summary};
use crate::traffic::protocol::Timer;
use crate::units::Joules;
use crate::world::Outcome;
use crate::world::spec::WorldSpec;

/// Below this share of delivered messages a run says why.
const POOR_DELIVERY: f64 = 0.5;

/// With more copies for each acknowledged message a run says which timer would do.
const MANY_COPIES: f64 = 0.03;

/// The name of the level of those who hear no cell.
pub const NO_COVERAGE: &str = "no coverage";

/// What a summary says beside the numbers.
#[derive(Clone, Debug)]
pub struct Labels {
    /// The scenario's name.
    pub name: String,
    /// Hash of the model data.
    pub model_data: String,
    /// The scenario with every default filled in.
    pub scenario: serde_json::Value,
}

/// Makes the summary of a run, without requirements.
#[must_use]
pub fn summarise(spec: &WorldSpec, outcome: &Outcome, labels: Labels) -> Summary {
    let counted = outcome.reached.since(spec.counted_from());
    let groups =
        (0..spec.groups.len()).map(|group| (spec.groups[group].name.clone(), group_result(spec, outcome, group)));
    let networks = spec.networks.iter().zip(&outcome.cells).map(|(network, cells)| {
        let channels = cells.first().map_or(0, |cell| cell.access.len());
        let names: Vec<String> = (0..channels).map(|channel| network.radio.access_name(channel)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        (network.name.clone(), recorder::network(network.radio.name(), &names, cells))
    });
    Summary {
        summary_version: SUMMARY_VERSION,
        farlink: env!("CARGO_PKG_VERSION").to_owned(),
        name: labels.name,
        seed: spec.seed,
        model_data: labels.model_data,
        scenario: labels.scenario,
        period: Period {
            warmup_s: spec.warmup.as_secs_f64(),
            counted_s: counted.as_secs_f64(),
            interrupted: outcome.ended == Ended::Stopped,
        },
        events: Events { count: outcome.tally.events, hash: format!("{:016x}", outcome.tally.hash) },
        requirements: Vec::<Requirement>::new(),
        groups: groups.collect::<BTreeMap<_, _>>(),
        networks: networks.collect::<BTreeMap<_, _>>(),
        warnings: warnings(spec, outcome),
    }
}

/// The name of a coverage level.
#[must_use]
pub fn level_name(level: usize) -> String {
    format!("level {level}")
}

fn group_result(spec: &WorldSpec, outcome: &Outcome, number: usize) -> Group {
    let group = &spec.groups[number];
    let ledgers = &outcome.ledgers[number];
    let levels = ledgers.iter().enumerate().map(|(level, ledger)| {
        let name = if level + 1 == ledgers.len() { NO_COVERAGE.to_owned() } else { level_name(level) };
        Level { name, results: ledger.results() }
    });
    let networks = group.networks().zip(&outcome.served[number]);
    let networks = networks.map(|(network, served)| (spec.networks[network].name.clone(), served.results()));
    let capacity = Joules::from_joules(group.battery.usable_joules());
    Group {
        network: spec.networks[group.network].name.clone(),
        all: outcome.group(number).results(),
        levels: levels.filter(|level| level.results.terminals > 0).collect(),
        networks: networks.collect(),
        battery: recorder::battery(&group.battery.name, capacity, &outcome.lives[number]),
    }
}

fn warnings(spec: &WorldSpec, outcome: &Outcome) -> Vec<String> {
    let mut warnings = Vec::new();
    match outcome.ended {
        Ended::Finished => (),
        Ended::Stopped => warnings.push(format!(
            "The run was interrupted: it covers {} of {}.",
            outcome.reached.since(spec.counted_from()),
            spec.duration
        )),
        Ended::LimitReached => {
            warnings.push("The run hit its limit of events and stopped there; the results are partial.".to_owned());
        }
    }
    for (number, group) in spec.groups.iter().enumerate() {
        let name = &group.name;
        let ledger = outcome.group(number);
        let timer = group.traffic.dialogue.timer.as_ref();
        let reasons = poor_delivery(&ledger).into_iter().chain(timer.and_then(|timer| impatience(&ledger, timer)));
        warnings.extend(reasons.map(|why| format!("Group `{name}`: {why}")));
    }
    warnings
}

/// That an application sends too much again, and the timer that would spare it.
fn impatience(ledger: &Ledger, timer: &Timer) -> Option<String> {
    let round_trip = ledger.round_trip.as_deref()?;
    let copies = ledger.repeated as f64 / ledger.delivered.max(1) as f64;
    if copies <= MANY_COPIES {
        return None;
    }
    let (first, p99) = (timer.first.as_secs_f64(), round_trip.quantile(0.99) as f64 / 1e6);
    Some(format!(
        "{:.2} copies of each message were sent although the first one arrived: acknowledgements take up to {p99:.1} s \
         (99 %), and the application waits {first} s to {} s. An `ack_timeout` of {}s would spare 99 % of the messages this.",
        copies,
        first * timer.random_factor,
        p99.ceil()
    ))
}

/// Why a group delivered nothing, or next to nothing.
fn poor_delivery(ledger: &Ledger) -> Option<String> {
    let lost: u64 = ledger.lost.iter().sum();
    let ended = ledger.delivered + lost;
    if ended == 0 {
        let reason = if ledger.unfinished > 0 {
            "no message ended within the simulated time, though some were under way: simulate longer"
        } else {
            "no message was due in the counted time: simulate longer, or report more often"
        };
        return Some(reason.to_owned());
    }
    let ratio = ledger.delivered as f64 / ended as f64;
    if ratio >= POOR_DELIVERY {
        return None;
    }
    let worst = Loss::ALL.iter().max_by_key(|reason| ledger.lost[reason.index()])?;
    let advice = match worst {
        Loss::NoCoverage => {
            "most terminals have a coupling loss beyond the deepest coverage level; bring sites closer, raise the \
             carrier power or place fewer terminals indoors"
        }
        Loss::Access => {
            "random access is exhausted; see attempts and collisions below, and give it more preambles or a shorter \
             period, spread the reports, or bar terminals"
        }
        Loss::PowerCut => "their terminals lost power while they waited",
        Loss::StorageFull => {
            "satellites keep more messages than they have memory for; give them more of it or more gateways"
        }
        Loss::Radio => "blocks fail in all their transmissions; links are worse than the coverage levels promise",
    };
    let share = match ledger.delivered {
        0 => "nothing arrived".to_owned(),
        _ => format!("only {:.2} % of the messages arrived", ratio * 100.0),
    };
    Some(format!("{share}, most messages were lost to {worst}: {advice}."))
}
