//! The screen of one group: what became of its messages, how long they took, what they cost, and where it all went.

use std::collections::BTreeMap;

use super::canvas::{Ink, Line, flow};
use super::{INDENT, Look};
use crate::cause::{Cause, Errand, Loss};
use crate::metrics::summary::{Battery, Bin, Distribution, Group, Level, Results};
use crate::report::format::{brief_count, count, counted, edge, joules, percent, range, seconds, share, significant};

/// Column behind the labels of the first lines.
const LABEL: usize = INDENT + 14;
/// Most bars of a histogram; the lighter ends are folded into one bar each beyond that.
const BARS_MAX: usize = 8;
/// Causes with a smaller share of both time and energy are summed up.
const SHARE_MIN: f64 = 0.001;
/// Preambles of a message, on average, from which on they are worth a line.
const CROWDED: f64 = 1.25;
/// Lines of a screen that one group may fill.
const SCREEN: usize = 45;
/// Rows of the split by cause for which there is always room, the summed-up one included.
const CAUSES_MIN: usize = 12;

pub(super) fn render(out: &mut String, name: &str, group: &Group, look: &Look) {
    let begin = out.len();
    let networks = in_order(group).map(|(name, _)| format!(", {name}")).skip(1).collect::<String>();
    let terminals = format!("{} on {}{networks}", counted(group.all.terminals, "terminal"), group.network);
    let line = Line::new(look).put(Ink::Strong, name).gap(2).put(Ink::Plain, &terminals).gap(2);
    line.rule(look.width).finish(out);
    messages(out, &group.all, look);
    networks_of(out, group, look);
    access(out, &group.all, look);
    battery(out, &group.battery, look);
    errands(out, &group.all, look);
    mobility(out, &group.all, look);
    quantiles(out, &group.all, look);
    histograms(out, &group.all, look);
    let mut tail = String::new();
    levels(&mut tail, group, look);
    // The split gets what the screen has left, less a blank line and its title.
    let used = out[begin..].lines().count() + tail.lines().count() + 2;
    causes(out, &group.all, look, SCREEN.saturating_sub(used).max(CAUSES_MIN));
    out.push_str(&tail);
}

/// How many messages came through, and why the others did not.
fn messages(out: &mut String, results: &Results, look: &Look) {
    let messages = &results.messages;
    let mut facts = match messages.delivery_ratio {
        None if messages.offered == 0 => vec![(Ink::Caution, "none were sent".to_owned())],
        None => vec![(Ink::Caution, format!("none of {} ended", count(messages.offered)))],
        Some(ratio) => {
            let ended = messages.delivered + messages.lost_total();
            let ink = if messages.delivered == 0 { Ink::Bad } else { Ink::Strong };
            vec![
                (ink, format!("{} delivered", percent(ratio))),
                (Ink::Plain, format!("{} of {}", count(messages.delivered), count(ended))),
            ]
        }
    };
    if messages.unfinished > 0 {
        facts.push((Ink::Plain, format!("{} under way at the end", count(messages.unfinished))));
    }
    if results.repeated_requests > 0 {
        facts.push((Ink::Caution, format!("{} sent again in vain", count(results.repeated_requests))));
    }
    flow(out, look, ("  Messages", LABEL), &facts);
    let lost: Vec<_> = messages.lost.iter().filter(|(_, lost)| **lost > 0).collect();
    if !lost.is_empty() {
        let facts = lost.iter().map(|(reason, lost)| (Ink::Bad, format!("{} {}", count(**lost), why(reason))));
        flow(out, look, ("  Lost", LABEL), &facts.collect::<Vec<_>>());
    }
}

/// The networks of a group, the one first that it likes best; none if it has only that.
fn in_order(group: &Group) -> impl Iterator<Item = (&String, &Results)> {
    let first = group.networks.get_key_value(&group.network);
    first.into_iter().chain(group.networks.iter().filter(|(name, _)| **name != group.network))
}

/// What each of several networks did for the group, a line each.
fn networks_of(out: &mut String, group: &Group, look: &Look) {
    for (name, results) in in_order(group) {
        let (delivered, latency) = (results.messages.delivered, &results.latency_s);
        let of_all = delivered as f64 / group.all.messages.delivered.max(1) as f64;
        let mut facts = vec![(Ink::Strong, format!("{} delivered, {} of all", count(delivered), percent(of_all)))];
        if results.messages.lost_total() > 0 {
            facts.push((Ink::Bad, format!("{} lost", count(results.messages.lost_total()))));
        }
        if delivered > 0 {
            facts.push((Ink::Plain, format!("p50 {}", seconds(latency.p50))));
            facts.push((Ink::Plain, format!("p99 {}", seconds(latency.p99))));
            facts.push((Ink::Plain, format!("{} each", joules(results.message_energy_j.mean))));
        }
        flow(out, look, (&format!("  Over {name}"), LABEL), &facts);
    }
}

/// Where random access is crowded: how many preambles a message took, and how long from the first on.
fn access(out: &mut String, results: &Results, look: &Look) {
    let Some(transmissions) = results.access_transmissions.filter(|mean| *mean >= CROWDED) else { return };
    let delay = &results.access_delay_s;
    let facts = [
        (Ink::Strong, format!("{} preambles a message", significant(transmissions))),
        (Ink::Plain, format!("{} from the first to receipt", seconds(delay.mean))),
        (Ink::Plain, format!("p95 {}", seconds(delay.p95))),
    ];
    flow(out, look, ("  Access", LABEL), &facts);
}

/// A reason of loss in words.
fn why(reason: &str) -> String {
    match Loss::ALL.iter().find(|loss| loss.name() == reason) {
        Some(Loss::Access) => "gave up random access".to_owned(),
        Some(Loss::Radio) => "failed in every retransmission".to_owned(),
        Some(Loss::NoCoverage) => "out of coverage".to_owned(),
        Some(Loss::PowerCut) => "waiting when the power was cut".to_owned(),
        Some(Loss::StorageFull) => "without room on board".to_owned(),
        None => reason.to_owned(),
    }
}

fn battery(out: &mut String, battery: &Battery, look: &Look) {
    if battery.model.is_empty() {
        return;
    }
    let life = [battery.life_years_p10, battery.life_years_p50, battery.life_years_p90];
    let [low, high] = battery.life_years_p50_ci95;
    // All five in one unit, named once.
    let (scale, unit) = if battery.life_years_p50 < 1.0 { (365.25, "days") } else { (1.0, "years") };
    let show = |years: f64| significant(years * scale);
    let [p10, p50, p90] = life.map(show);
    let model = (Ink::Faint, format!("{}, {}", battery.model, joules(battery.capacity_j)));
    if battery.life_years_p90 == 0.0 {
        return flow(out, look, ("  Battery life", LABEL), &[(Ink::Caution, "unknown".to_owned()), model]);
    }
    let facts = [
        (Ink::Plain, format!("p10 {p10}")),
        (Ink::Strong, format!("p50 {p50} {unit}")),
        (Ink::Plain, format!("95 % CI {}–{}", show(low), show(high))),
        (Ink::Plain, format!("p90 {p90}")),
        model,
    ];
    flow(out, look, ("  Battery life", LABEL), &facts);
}

/// Contacts with the network for anything but a message, a line each.
fn errands(out: &mut String, results: &Results, look: &Look) {
    for (name, errand) in &results.errands {
        let latency = &errand.latency_s;
        let mut facts = vec![
            (Ink::Strong, format!("{} done", count(latency.count))),
            (Ink::Plain, format!("p50 {}", seconds(latency.p50))),
            (Ink::Plain, format!("p99 {}", seconds(latency.p99))),
            (Ink::Plain, format!("{} each", joules(errand.energy_j))),
        ];
        if errand.failed > 0 {
            facts.push((Ink::Bad, format!("{} failed", count(errand.failed))));
        }
        let label = if name == Errand::TrackingAreaUpdate.name() { "update" } else { name };
        let mut title = format!("  {label}");
        title[2..3].make_ascii_uppercase();
        flow(out, look, (&title, LABEL), &facts);
    }
}

/// What moving took, in one line.
fn mobility(out: &mut String, results: &Results, look: &Look) {
    let Some(moves) = &results.mobility else { return };
    let facts = [
        (Ink::Strong, counted(moves.reselections, "change") + " of cell"),
        (Ink::Plain, counted(moves.area_updates, "update") + " of the area"),
        (Ink::Plain, counted(moves.link_failures, "lost connection")),
    ];
    flow(out, look, ("  Moving", LABEL), &facts);
}

/// The table of quantiles of latency and energy.
fn quantiles(out: &mut String, results: &Results, look: &Look) {
    if results.latency_s.count + results.message_energy_j.count == 0 {
        return;
    }
    let column = (look.width - LABEL - 10) / 6;
    out.push('\n');
    let titles = ["p50", "p90", "p99", "p99.9", "max", "mean"];
    let line = Line::new(look).to(LABEL);
    titles.iter().fold(line, |line, title| line.right(Ink::Faint, title, column)).finish(out);
    let row = |label: &str, distribution: &Distribution, show: fn(f64) -> String| {
        let d = distribution;
        let line = Line::new(look).gap(INDENT).left(Ink::Plain, label, LABEL - INDENT);
        let values = [d.p50, d.p90, d.p99, d.p999, d.max, d.mean];
        values.into_iter().enumerate().fold(line, |line, (number, value)| {
            let ink = if number == 0 || number == 2 { Ink::Strong } else { Ink::Plain };
            if d.count == 0 { line.right(Ink::Faint, "–", column) } else { line.right(ink, &show(value), column) }
        })
    };
    row("Latency", &results.latency_s, seconds).finish(out);
    let line = row("Energy/message", &results.message_energy_j, joules);
    if results.message_energy_j_ci95 > 0.0 {
        line.put(Ink::Faint, &format!(" ±{}", brief_joules(results.message_energy_j_ci95))).finish(out);
    } else {
        line.finish(out);
    }
}

/// An energy to two digits, for uncertainties.
fn brief_joules(j: f64) -> String {
    let text = joules(j);
    let Some((number, unit)) = text.split_once(' ') else { return text };
    let digits = if number.contains('.') { 3 } else { number.len() };
    format!("{} {unit}", number.get(..digits).map_or(number, |short| short.trim_end_matches('.')))
}

/// One bar of a histogram that may stand for several bins.
struct Bar {
    label: String,
    count: u64,
    marks: Vec<&'static str>,
}

/// Latency and energy per message, side by side.
fn histograms(out: &mut String, results: &Results, look: &Look) {
    let left = bars(&results.latency_s, "s");
    let right = bars(&results.message_energy_j, "J");
    if left.is_empty() && right.is_empty() {
        return;
    }
    let half = (look.width - INDENT - 3) / 2;
    let start = INDENT + half + 3;
    out.push('\n');
    let line = Line::new(look).gap(INDENT).put(Ink::Faint, "Latency of delivered messages");
    line.to(start).put(Ink::Faint, "Energy per message").finish(out);
    for row in 0..left.len().max(right.len()) {
        let line = bar_cells(Line::new(look).gap(INDENT), &left, row, half, Ink::Time);
        bar_cells(line.to(start), &right, row, half, Ink::Energy).finish(out);
    }
}

/// The cells of one row: label, share, bar, and the quantiles that lie in it.
fn bar_cells<'a>(line: Line<'a>, bars: &[Bar], row: usize, columns: usize, ink: Ink) -> Line<'a> {
    let Some(bar) = bars.get(row) else { return line };
    let look = line.look();
    let label = bars.iter().map(|bar| look.columns(&bar.label)).max().unwrap_or(0);
    let (total, most) = bars.iter().fold((0, 1), |(sum, most), bar| (sum + bar.count, most.max(bar.count)));
    let room = columns.saturating_sub(label + 9 + 8);
    let part = bar.count as f64 / total.max(1) as f64;
    let drawn = look.bar(bar.count as f64 / most as f64, room);
    let line = line.right(Ink::Plain, &bar.label, label).right(Ink::Plain, &share(part), 8).gap(1).put(ink, &drawn);
    match bar.marks.as_slice() {
        [] => line,
        [one] => line.gap(1).put(Ink::Faint, one),
        [first, .., last] => line.gap(1).put(Ink::Faint, &format!("{first}–{}", &last[1..])),
    }
}

/// The bars of a distribution, at most [`BARS_MAX`].
fn bars(distribution: &Distribution, unit: &str) -> Vec<Bar> {
    let bins = &distribution.histogram;
    let (mut first, mut last) = (0, bins.len());
    let (mut below, mut above) = (0, 0);
    let shown =
        |from: usize, to: usize, below: u64, above: u64| to - from + usize::from(below > 0) + usize::from(above > 0);
    while last > first + 1 && shown(first, last, below, above) > BARS_MAX {
        // The end that is lighter, together with what was folded there before, gives way.
        if below + bins[first].count <= above + bins[last - 1].count {
            below += bins[first].count;
            first += 1;
        } else {
            last -= 1;
            above += bins[last].count;
        }
    }
    let inside = &bins[first..last];
    let bar =
        |label: String, count: u64, from: f64, to: f64| Bar { label, count, marks: marks(distribution, from, to) };
    let mut bars = Vec::new();
    if let (true, Some(bin)) = (below > 0, inside.first()) {
        bars.push(bar(format!("< {}", edge(bin.from, unit)), below, 0.0, bin.from));
    }
    bars.extend(
        inside.iter().map(|bin| label_bin(bin, unit)).map(|(label, bin)| bar(label, bin.count, bin.from, bin.to)),
    );
    if let (true, Some(bin)) = (above > 0, inside.last()) {
        bars.push(bar(format!("≥ {}", edge(bin.to, unit)), above, bin.to, f64::INFINITY));
    }
    bars
}

fn label_bin<'a>(bin: &'a Bin, unit: &str) -> (String, &'a Bin) {
    (range(bin.from, bin.to, unit), bin)
}

/// The quantiles between two edges.
fn marks(distribution: &Distribution, from: f64, to: f64) -> Vec<&'static str> {
    let quantiles = [("p50", distribution.p50), ("p90", distribution.p90), ("p99", distribution.p99)];
    quantiles.into_iter().filter(|(_, value)| (from..to).contains(value)).map(|(name, _)| name).collect()
}

/// A row of the split: its name and what belongs to it on each side.
type Part = (String, [f64; 3]);

/// One side of the split.
struct Side<'a> {
    title: &'static str,
    by_cause: &'a BTreeMap<String, f64>,
    show: fn(f64) -> String,
    ink: Ink,
}

impl Side<'_> {
    fn total(&self) -> f64 {
        self.by_cause.values().sum()
    }
}

/// Where the time and energy of a message, and the energy of a day, went.
fn causes(out: &mut String, results: &Results, look: &Look, rows: usize) {
    let side = |title, by_cause, show, ink| Side { title, by_cause, show, ink };
    let sides = [
        side("Latency", &results.latency_s_by_cause, seconds as fn(f64) -> String, Ink::Time),
        side("A message", &results.message_energy_j_by_cause, joules, Ink::Energy),
        side("A day", &results.day_energy_j_by_cause, joules, Ink::Energy),
    ];
    let parts = parts(&sides, rows);
    if parts.is_empty() {
        return;
    }
    let name = parts.iter().map(|part| look.columns(&part.0)).max().unwrap_or(0).max(12);
    let width = (look.width - INDENT - name) / sides.len();
    let start = |number: usize| INDENT + name + number * width;
    out.push('\n');
    let mut line = Line::new(look).gap(INDENT).put(Ink::Faint, "Mean spent on");
    for (number, side) in sides.iter().enumerate() {
        let total = if side.total() > 0.0 { (side.show)(side.total()) } else { "–".to_owned() };
        line = line.to(start(number)).gap(2).put(Ink::Faint, side.title).gap(1).put(Ink::Strong, &total);
    }
    line.finish(out);
    for (cause, values) in &parts {
        let mut line = Line::new(look).gap(INDENT).put(Ink::Plain, cause);
        for (number, side) in sides.iter().enumerate() {
            let most = parts.iter().map(|part| part.1[number]).fold(0.0, f64::max);
            line = share_cells(line.to(start(number)), (values[number], most), side, width);
        }
        line.finish(out);
    }
}

/// Value, share and bar of one side of the split.
fn share_cells<'a>(line: Line<'a>, (value, most): (f64, f64), side: &Side<'_>, columns: usize) -> Line<'a> {
    if value <= 0.0 {
        return line.right(Ink::Faint, "–", 9);
    }
    let drawn = line.look().bar(value / most, columns.saturating_sub(9 + 8 + 2));
    let line = line.right(Ink::Plain, &(side.show)(value), 9);
    line.right(Ink::Plain, &share(value / side.total()), 8).gap(1).put(side.ink, &drawn)
}

/// The causes that matter, in the order of [`Cause::ALL`], and the rest summed up in one row at the end.
fn parts(sides: &[Side<'_>; 3], rows: usize) -> Vec<Part> {
    let values = |name: &str| sides.each_ref().map(|side| side.by_cause.get(name).copied().unwrap_or(0.0));
    let totals = sides.each_ref().map(|side| side.total().max(f64::MIN_POSITIVE));
    let parts = Cause::ALL.iter().map(|cause| (cause.name().to_owned(), values(cause.name())));
    let mut parts: Vec<Part> = parts.filter(|part| part.1.iter().any(|&value| value > 0.0)).collect();
    let weight = |part: &Part| part.1.iter().zip(totals).map(|(value, total)| value / total).fold(0.0, f64::max);
    let mut heaviest: Vec<usize> = (0..parts.len()).collect();
    heaviest.sort_by(|a, b| weight(&parts[*b]).total_cmp(&weight(&parts[*a])));
    heaviest.retain(|part| weight(&parts[*part]) >= SHARE_MIN);
    if heaviest.len() < parts.len() || parts.len() > rows {
        heaviest.truncate(rows - 1);
    }
    let kept: Vec<Part> =
        (0..parts.len()).filter(|part| heaviest.contains(part)).map(|part| parts[part].clone()).collect();
    parts.retain(|part| !kept.contains(part));
    // Names that are none of ours belong to the whole nevertheless.
    let rest = sides.each_ref().map(|side| {
        let others = side.by_cause.iter().filter(|(name, _)| kept.iter().all(|part| part.0 != **name));
        others.map(|(_, value)| value).sum::<f64>()
    });
    let label = format!("other ({})", parts.len());
    if rest == [0.0; 3] { kept } else { kept.into_iter().chain([(label, rest)]).collect() }
}

/// One line per coverage level.
fn levels(out: &mut String, group: &Group, look: &Look) {
    if group.levels.is_empty() {
        return;
    }
    const TITLES: [(&str, usize); 7] = [
        ("terminals", 10),
        ("share", 7),
        ("messages", 10),
        ("delivered", 11),
        ("latency p50", 12),
        ("p99", 9),
        ("energy", 8),
    ];
    let name = group.levels.iter().map(|level| look.columns(&level.name)).max().unwrap_or(0).clamp(8, 11);
    let spare = look.width.saturating_sub(INDENT + name + TITLES.iter().map(|title| title.1).sum::<usize>());
    let columns = TITLES.map(|title| title.1 + spare / TITLES.len());
    out.push('\n');
    let line = Line::new(look).gap(INDENT).left(Ink::Faint, "Coverage", name);
    let titles = TITLES.iter().zip(columns);
    titles.fold(line, |line, ((title, _), width)| line.right(Ink::Faint, title, width)).finish(out);
    for level in &group.levels {
        let cells = level_cells(level, group.all.terminals);
        let line = Line::new(look).gap(INDENT).left(Ink::Plain, &look.fit(&level.name, name), name);
        let line = cells.iter().zip(columns).fold(line, |line, (cell, width)| match cell {
            Some(text) => line.right(Ink::Plain, text, width),
            None => line.right(Ink::Faint, "–", width),
        });
        line.finish(out);
    }
}

/// The cells of a level; those about nothing are absent.
fn level_cells(level: &Level, terminals: u64) -> [Option<String>; 7] {
    let results = &level.results;
    let (latency, energy) = (&results.latency_s, &results.message_energy_j);
    [
        Some(brief_count(results.terminals)),
        (terminals > 0).then(|| share(results.terminals as f64 / terminals as f64)),
        Some(brief_count(results.messages.offered)),
        results.messages.delivery_ratio.map(percent),
        (latency.count > 0).then(|| seconds(latency.p50)),
        (latency.count > 0).then(|| seconds(latency.p99)),
        (energy.count > 0).then(|| joules(energy.mean)),
    ]
}
