//! Probes that draw: contention for preambles, places, traffic.

use super::{Contention, CouplingLoss, Output, PathLoss, ReportsProbe, catalogue, unavailable};
use crate::calibrate::Measured;
use crate::catalog::files::{ReportsFile, Tr45820File};
use crate::catalog::{Issue, Kind, overlay};
use crate::cause::Errand;
use crate::exec::access::{Contest, collect};
use crate::exec::context::{Context, NONE, Pool};
use crate::network::{HexGrid, Layout};
use crate::population::Placement;
use crate::population::place::Placer;
use crate::propagation::Tr45820;
use crate::rng::Key;
use crate::scenario::quantity::Quantity;
use crate::traffic::Reports;
use crate::units::{Metres, SimDuration, SimTime};

/// What one opportunity came to: attempts alone on their preamble, and preambles with several attempts.
type Counted = (f64, f64);

pub(super) fn contention(contention: &Contention) -> Vec<Output<'_>> {
    let preambles = contention.preambles.0;
    let list = |name: &str, quantity, of: fn(Counted, f64) -> f64| {
        let labels: Vec<String> = contention.terminals.iter().map(|count| format!("{} terminals", count.0)).collect();
        let compute = move |seed| {
            let each = |terminals: u32| {
                let drawn = (0..contention.opportunities.0)
                    .map(|number| of(opportunity(seed, number, terminals, preambles), f64::from(terminals)));
                Measured::mean_of(drawn)
            };
            contention.terminals.iter().map(|count| each(count.0)).collect()
        };
        Output { name: name.to_owned(), quantity, labels, compute: Box::new(compute) }
    };
    vec![
        list("collided", Quantity::Share, |(alone, _), terminals| 1.0 - alone / terminals),
        list("alone", Quantity::Count, |(alone, _), _| alone),
        list("collided-preambles", Quantity::Count, |(_, collided), _| collided),
    ]
}

/// Draws one opportunity the way a run does.
fn opportunity(seed: u64, number: u32, terminals: u32, preambles: u32) -> Counted {
    let mut pool = Pool::default();
    let mut first = NONE;
    for terminal in 0..terminals {
        let key = Key::root(seed).child(u64::from(number)).child(u64::from(terminal));
        let mut context = Context::new(key, terminal, Errand::Report, SimTime::ZERO, SimTime::ZERO);
        context.next = first;
        first = pool.insert(context);
    }
    let mut attempts = Vec::new();
    collect(&mut pool, first, preambles, &mut attempts);
    let groups = attempts.chunk_by(|a, b| a.preamble == b.preamble);
    let alone = attempts.iter().filter(|attempt| attempt.contest == Contest::Alone).count();
    (alone as f64, groups.filter(|group| group.len() > 1).count() as f64)
}

/// The propagation model of the model data with these parameters over it.
fn model(over: &serde_json::Value) -> Result<Tr45820, Issue> {
    let mut json = catalogue().load::<Tr45820File>(Kind::Propagation, "tr45820").map_err(unavailable)?.json;
    overlay(&mut json, over);
    let broken = || Issue::new([] as [&str; 0], "the propagation model cannot be built");
    let file: Tr45820File = serde_json::from_value(json).map_err(|_| broken())?;
    file.model().map_err(|mut issues| issues.pop().unwrap_or_else(broken))
}

pub(super) fn path_loss(places: &PathLoss) -> Result<Vec<Output<'_>>, Issue> {
    let model = model(&serde_json::json!({}))?;
    let labels = places.distance_km.iter().map(|km| format!("{} km", km.0));
    let loss = move |number: usize| model.path_loss(Metres(places.distance_km[number].0 * 1e3)).0;
    Ok(vec![Output::list("loss", Quantity::Gain, labels, loss)])
}

pub(super) fn coupling_loss(population: &CouplingLoss) -> Result<Vec<Output<'_>>, Issue> {
    let model = model(&serde_json::json!({ "building": population.building }))?;
    let device = catalogue().device("3gpp-reference").map_err(unavailable)?;
    // Each terminal hears two rings of sites; the grid is closed upon itself.
    let inter_site_distance = Metres(population.inter_site_distance_m.0);
    let layout = Layout::HexGrid(HexGrid { rings: 2, inter_site_distance, sectors: 3 });
    let placement = Placement::Uniform { indoor_fraction: 1.0 };
    let placer = Placer::new(&layout, &model, &placement, device.antenna_gain);
    let placer = placer.map_err(|error| Issue::new([] as [&str; 0], error.to_string()))?;
    let losses = move |seed: u64| -> Vec<f64> {
        let spot = |number: u32| placer.spot(Key::root(seed).child(u64::from(number)), number);
        (0..population.terminals.0).map(|number| spot(number).coupling_loss.0).collect()
    };
    let losses = std::rc::Rc::new(losses);
    let quantile = |name: &str, q: f64| {
        let losses = losses.clone();
        let compute = move |seed: u64| {
            let mut losses = losses(seed);
            losses.sort_by(f64::total_cmp);
            vec![super::exactly(losses[(q * losses.len() as f64) as usize])]
        };
        Output { compute: Box::new(compute), ..Output::new(name, Quantity::Gain, || 0.0) }
    };
    let share = |name: &str, from: f64, to: f64| {
        let losses = losses.clone();
        let within = move |loss: f64| f64::from(u8::from((from..to).contains(&loss)));
        let compute = move |seed: u64| vec![Measured::mean_of(losses(seed).into_iter().map(within))];
        Output { compute: Box::new(compute), ..Output::new(name, Quantity::Share, || 0.0) }
    };
    Ok(vec![
        quantile("p50", 0.5),
        quantile("p90", 0.9),
        quantile("p99", 0.99),
        share("below-144", f64::NEG_INFINITY, 144.0),
        share("144-to-154", 144.0, 154.0),
        share("154-to-164", 154.0, 164.0),
        share("below-164", f64::NEG_INFINITY, 164.0),
    ])
}

/// Reports of a day: how many, and their payloads, sorted.
fn day(reports: &Reports, terminals: u32, seed: u64) -> Vec<u32> {
    let day = SimTime::ZERO + SimDuration::from_hours(24);
    let mut sizes = Vec::new();
    for number in 0..terminals {
        let terminal = Key::root(seed).named("reports").child(u64::from(number));
        let timing = &reports.timing;
        let interval = timing.choose(terminal);
        let first = timing.first_from(terminal, interval, SimTime::ZERO);
        let within = |n: &u32| timing.time(terminal, interval, *n).is_some_and(|time| time < day);
        sizes.extend((first..).take_while(within).map(|n| reports.payload.bytes(terminal, n)));
    }
    sizes.sort_unstable();
    sizes
}

pub(super) fn reports(population: &ReportsProbe) -> Result<Vec<Output<'_>>, Issue> {
    const DAY_S: f64 = 86_400.0;
    let file = catalogue().load::<ReportsFile>(Kind::Traffic, "tr45820-reports").map_err(unavailable)?.content;
    let broken = || Issue::new([] as [&str; 0], "the traffic mix cannot be built");
    let mix = file.reports().map_err(|mut issues| issues.pop().unwrap_or_else(broken))?;
    let mix = std::rc::Rc::new(mix);
    let (terminals, cap) = (population.terminals.0, file.payload_cap_bytes.value.0);
    let output = |name, quantity, of: fn(&[u32], f64, u32) -> Measured| {
        let mix = mix.clone();
        let compute = move |seed| vec![of(&day(&mix, terminals, seed), f64::from(terminals), cap)];
        Output { compute: Box::new(compute), ..Output::new(name, quantity, || 0.0) }
    };
    Ok(vec![
        output("rate", Quantity::Frequency, |sizes, _, _| super::exactly(sizes.len() as f64 / DAY_S)),
        output("rate-of-one", Quantity::Frequency, |sizes, terminals, _| {
            super::exactly(sizes.len() as f64 / DAY_S / terminals)
        }),
        output("payload-mean", Quantity::Count, |sizes, _, _| {
            Measured::mean_of(sizes.iter().map(|bytes| f64::from(*bytes)))
        }),
        output("payload-median", Quantity::Count, |sizes, _, _| Measured {
            value: sizes.get(sizes.len() / 2).map(|bytes| f64::from(*bytes)),
            half_width: None,
        }),
        output("payload-at-cap", Quantity::Share, |sizes, _, cap| {
            Measured::mean_of(sizes.iter().map(|bytes| f64::from(u8::from(*bytes == cap))))
        }),
    ])
}
