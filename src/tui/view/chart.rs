//! What latency and energy are shown by: histograms, percentile curves, splits by cause, tables of quantiles. Several runs
//! or groups are laid over one another, each with a mark and a colour of its own.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use crate::cause::Cause;
use crate::metrics::histogram::Quantity;
use crate::metrics::summary::{Distribution, Results};
use crate::report::format::{count, edge, joules, range, seconds, share, years};
use crate::tui::app::{App, Scale};
use crate::tui::canvas::{Canvas, Dots, bar, fit, width};
use crate::tui::data::{Part, Run};
use crate::tui::theme::Ink;

/// What lies over one another is told apart by these.
pub(super) const MARKS: [&str; 10] = ["●", "▲", "■", "◆", "▪", "▼", "○", "△", "□", "◇"];

/// One of the things that are laid over one another.
pub(super) struct Strand<'a> {
    pub name: String,
    /// That of its run.
    pub letter: char,
    pub mark: &'static str,
    pub ink: Ink,
    pub run: &'a Run,
    pub part: Part<'a>,
}

/// What is chosen, of all runs; `alone` is the ink if there is nothing to be told apart.
pub(super) fn strands(app: &App, alone: Ink) -> Vec<Strand<'_>> {
    let Some(slice) = app.slice() else { return Vec::new() };
    let mut strands = Vec::new();
    for (run, letter) in app.runs.iter().zip('A'..) {
        for part in slice.parts(&run.summary) {
            let name = app.named(letter, part.name());
            let number = strands.len();
            let (mark, ink) = (MARKS[number % MARKS.len()], Ink::Curve(number));
            strands.push(Strand { name, letter, mark, ink, run, part });
        }
    }
    if let [only] = strands.as_mut_slice() {
        only.ink = alone;
    }
    strands
}

/// A value of a quantity with its unit.
pub(super) fn value(quantity: Quantity, value: f64) -> String {
    match quantity {
        Quantity::Latency => seconds(value),
        Quantity::Energy => joules(value),
        Quantity::Life => years(value),
    }
}

fn distribution(quantity: Quantity, results: &Results) -> Option<&Distribution> {
    match quantity {
        Quantity::Latency => Some(&results.latency_s),
        Quantity::Energy => Some(&results.message_energy_j),
        Quantity::Life => None,
    }
}

/// The list from which a slice is chosen.
pub(super) fn list(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let slices = app.slices();
    let chosen = app.row().min(slices.len().saturating_sub(1));
    let first = scroll(chosen, slices.len(), area.height);
    for (row, (number, slice)) in slices.iter().enumerate().skip(first).take(area.height.into()).enumerate() {
        let line = Rect { y: area.y + row as u16, height: 1, ..area };
        let ink = if slice.depth() == 0 { Ink::Strong } else { Ink::Plain };
        canvas.text(line, (line.x + slice.depth(), line.y), ink, &slice.label());
        if number == chosen {
            canvas.mark(line, Ink::Chosen);
        }
    }
}

/// The first row to show so that the chosen one is seen.
pub(super) fn scroll(chosen: usize, rows: usize, height: u16) -> usize {
    let height = usize::from(height.max(1));
    chosen.saturating_sub(height / 2).min(rows.saturating_sub(height))
}

/// Names and marks of what is laid over one another. Nothing if there is only one. Returns what is left of the area.
fn legend<'a>(canvas: &mut Canvas<'_>, area: Rect, of: impl ExactSizeIterator<Item = (Ink, &'a str, &'a str)>) -> Rect {
    if of.len() < 2 || area.height < 4 {
        return area;
    }
    let mut x = area.x;
    for (ink, mark, name) in of {
        x = canvas.text(area, (x, area.y), ink, &format!("{mark} {name}")) + 2;
    }
    Rect { y: area.y + 1, height: area.height - 1, ..area }
}

/// What one histogram is about: all values of what is chosen, of one run.
struct Heap<'a> {
    name: String,
    mark: &'static str,
    ink: Ink,
    /// Of a network, those of its groups.
    parts: Vec<&'a Distribution>,
}

/// What is chosen, a heap for each run that has any of it.
fn heaps(app: &App, quantity: Quantity) -> Vec<Heap<'_>> {
    let Some(slice) = app.slice() else { return Vec::new() };
    let mut heaps = Vec::new();
    for (number, (run, letter)) in app.runs.iter().zip('A'..).enumerate() {
        let parts = slice.parts(&run.summary);
        let of = parts.iter().filter_map(|part| distribution(quantity, part.results));
        let parts: Vec<&Distribution> = of.filter(|distribution| distribution.count > 0).collect();
        if !parts.is_empty() {
            let (mark, ink) = (MARKS[number % MARKS.len()], Ink::Curve(number));
            let name = app.named(letter, &slice.label());
            heaps.push(Heap { name, mark, ink, parts });
        }
    }
    if let [only] = heaps.as_mut_slice() {
        only.ink = if quantity == Quantity::Latency { Ink::Time } else { Ink::Energy };
    }
    heaps
}

/// What the title of a histogram says where the values of several groups are in it.
pub(super) fn together(app: &App) -> &'static str {
    if heaps(app, Quantity::Latency).iter().any(|heap| heap.parts.len() > 1) { " · all groups" } else { "" }
}

/// A row of a histogram: its edges and how many values of each heap lie between them.
struct Row {
    from: f64,
    to: f64,
    counts: Vec<u64>,
}

/// The bars of all heaps over the same edges, at most `most`: the lighter ends are folded into one bar each beyond that. All
/// distributions of a quantity have the same edges, so that bars add up exactly.
fn rows(heaps: &[&[&Distribution]], most: usize) -> Vec<Row> {
    let mut rows: BTreeMap<u64, Row> = BTreeMap::new();
    for (number, parts) in heaps.iter().enumerate() {
        for bin in parts.iter().flat_map(|part| &part.histogram) {
            // Positive numbers are in the order of their bits.
            let row = rows.entry(bin.from.to_bits()).or_insert_with(|| Row {
                from: bin.from,
                to: bin.to,
                counts: vec![0; heaps.len()],
            });
            row.counts[number] += bin.count;
        }
    }
    let mut rows: Vec<Row> = rows.into_values().collect();
    // The bar of zeros ends where the first other value of its own distribution lies.
    if let [zeros, next, ..] = rows.as_mut_slice() {
        zeros.to = zeros.to.min(next.from);
    }
    let weight = |row: &Row| row.counts.iter().sum::<u64>();
    while rows.len() > most.max(2) {
        let (first, last) = (weight(&rows[0]), weight(&rows[rows.len() - 1]));
        if first <= last {
            let gone = rows.remove(0);
            rows[0].from = 0.0;
            rows[0].counts.iter_mut().zip(&gone.counts).for_each(|(sum, part)| *sum += part);
        } else if let (Some(gone), Some(end)) = (rows.pop(), rows.last_mut()) {
            end.to = f64::INFINITY;
            end.counts.iter_mut().zip(&gone.counts).for_each(|(sum, part)| *sum += part);
        }
    }
    rows
}

fn label(row: &Row, unit: &str) -> String {
    match (row.from, row.to) {
        (0.0, to) => format!("< {}", edge(to, unit)),
        (from, f64::INFINITY) => format!("≥ {}", edge(from, unit)),
        (from, to) => range(from, to, unit),
    }
}

/// A histogram: a row per bar, or one per bar and run.
pub(super) fn histogram(app: &App, canvas: &mut Canvas<'_>, area: Rect, quantity: Quantity) {
    let heaps = heaps(app, quantity);
    if heaps.is_empty() {
        canvas.text(area, (area.x, area.y), Ink::Faint, "nothing was measured");
        return;
    }
    let area = legend(canvas, area, heaps.iter().map(|heap| (heap.ink, heap.mark, heap.name.as_str())));
    let parts: Vec<&[&Distribution]> = heaps.iter().map(|heap| heap.parts.as_slice()).collect();
    let rows = rows(&parts, usize::from(area.height) / heaps.len());
    let totals: Vec<u64> = (0..heaps.len()).map(|number| rows.iter().map(|row| row.counts[number]).sum()).collect();
    let names: Vec<String> = rows.iter().map(|row| label(row, quantity.unit())).collect();
    let column = names.iter().map(|name| width(name)).max().unwrap_or(0);
    let part = |row: &Row, number: usize| row.counts[number] as f64 / totals[number].max(1) as f64;
    let shown = |share: f64| match app.scale == Scale::Counts {
        // Five decades: what is rarer than one in a hundred thousand is as short as that.
        true if share > 0.0 => (1.0 + share.log10() / 5.0).max(0.02),
        _ => share,
    };
    let each = |row| (0..heaps.len()).map(move |number| part(row, number));
    let top = rows.iter().flat_map(each).map(shown).fold(0.0, f64::max);
    // In a narrow panel bars go before the names of quantiles.
    let named = area.width >= 40;
    let room = area.width.saturating_sub(column + if named { 18 } else { 9 });
    let mut below = vec![0; heaps.len()];
    let lines = (area.y..area.bottom()).map(|y| Rect { y, height: 1, ..area });
    let bars = rows.iter().zip(&names).flat_map(|bar| (0..heaps.len()).map(move |number| (bar, number)));
    for (line, ((row, name), number)) in lines.zip(bars) {
        let (heap, y) = (&heaps[number], line.y);
        if number == 0 {
            canvas.right(line, (line.x + column, y), Ink::Plain, name);
        }
        let portion = part(row, number);
        canvas.right(line, (line.x + column + 8, y), Ink::Plain, &share(portion));
        let sign = if heaps.len() > 1 { heap.mark } else { " " };
        let x = canvas.text(line, (line.x + column + 8, y), heap.ink, sign);
        let x = canvas.text(line, (x, y), heap.ink, &bar(shown(portion) / top, room));
        let upto = below[number] + row.counts[number];
        if named {
            canvas.text(line, (x + 1, y), Ink::Faint, &marks(below[number], upto, totals[number]));
        }
        below[number] = upto;
    }
}

/// The quantiles that lie in a bar behind so many of all values and with so many up to its end.
fn marks(below: u64, upto: u64, all: u64) -> String {
    // The rank of a quantile; the product of share and number may be above a whole number by a rounding.
    let rank = |share: f64| (share * all as f64 * (1.0 - 1e-12)).ceil() as u64;
    let quantiles = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)];
    let inside = |share| (below + 1..=upto).contains(&rank(share));
    let inside: Vec<&str> = quantiles.iter().filter(|(_, share)| inside(*share)).map(|(name, _)| *name).collect();
    match inside.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first, .., last] => format!("{first}–{}", &last[1..]),
    }
}

/// Shares of the values that the axis of a percentile curve names, on its two scales.
const NINES: [(f64, &str); 5] = [(0.0, "0"), (0.9, "90"), (0.99, "99"), (0.999, "99.9"), (0.9999, "99.99 %")];
const LINEAR: [(f64, &str); 5] = [(0.0, "0"), (0.25, "25"), (0.5, "50"), (0.75, "75"), (1.0, "100 %")];

/// The place of a share on the axis, 0 to 1.
fn across(share: f64, logarithmic: bool) -> f64 {
    if logarithmic { (-(1.0 - share).max(1e-9).log10() / 4.0).min(1.0) } else { share }
}

/// Percentile curves: to the right the share of the values, upwards what they do not exceed.
pub(super) fn curves(app: &App, canvas: &mut Canvas<'_>, area: Rect, quantity: Quantity) {
    let ink = if quantity == Quantity::Latency { Ink::Time } else { Ink::Energy };
    let strands = strands(app, ink);
    let points: Vec<Vec<(f64, f64)>> = strands.iter().map(|strand| strand.run.curve(&strand.part, quantity)).collect();
    let all = || points.iter().flatten().map(|(_, value)| *value).filter(|value| *value > 0.0);
    let (least, most) = (all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max));
    if most <= 0.0 || area.height < 3 {
        canvas.text(area, (area.x, area.y), Ink::Faint, "nothing was measured");
        return;
    }
    // Of lives the short ones matter: they have no tail of nines.
    let logarithmic = app.scale != Scale::Linear && quantity != Quantity::Life;
    let keys = strands.iter().map(|strand| (strand.ink, strand.mark, strand.name.as_str()));
    let area = if quantity == Quantity::Life { area } else { legend(canvas, area, keys) };
    const LABEL: u16 = 9;
    let plot = Rect::new(area.x + LABEL, area.y, area.width.saturating_sub(LABEL), area.height - 1);
    let least = if logarithmic { least } else { 0.0 };
    let height = |value: f64| match logarithmic {
        true => (value.max(least) / least).ln() / (most / least).ln().max(1e-9),
        false => value / most,
    };
    let at = |place: f64| if logarithmic { least * (most / least).powf(place) } else { most * place };
    let ticks = (plot.height / 3).clamp(1, 6);
    for tick in 0..=ticks {
        let place = f64::from(tick) / f64::from(ticks);
        let y = plot.bottom() - 1 - (place * f64::from(plot.height - 1)).round() as u16;
        let name = value(quantity, at(place)).replace(" years", " y");
        canvas.right(area, (plot.x - 1, y), Ink::Faint, &name);
        canvas.text(plot, (plot.x, y), Ink::Frame, &"·".repeat(plot.width.into()));
    }
    for (strand, points) in strands.iter().zip(&points) {
        curve(canvas, plot, strand, points, (logarithmic, &height), strands.len() > 1);
    }
    let axis = if logarithmic { NINES } else { LINEAR };
    let mut free = area.x;
    for (share, name) in axis.into_iter().rev() {
        let x = plot.x + (across(share, logarithmic) * f64::from(plot.width.saturating_sub(1))).round() as u16;
        let start = x.min(area.right().saturating_sub(width(name)));
        // From the right, so that the tail keeps its names where they crowd.
        if free == area.x || start + width(name) < free {
            canvas.text(area, (start, plot.bottom()), Ink::Faint, name);
            free = start;
        }
    }
}

/// One curve, with its mark at some shares if there are others beside it.
fn curve(
    canvas: &mut Canvas<'_>,
    plot: Rect,
    strand: &Strand<'_>,
    points: &[(f64, f64)],
    (logarithmic, height): (bool, &dyn Fn(f64) -> f64),
    marked: bool,
) {
    let mut dots = Dots::new(plot.width, plot.height);
    let (wide, high) = dots.size();
    let place = |(share, value): (f64, f64)| {
        (across(share, logarithmic) * (wide - 1.0), (1.0 - height(value)).clamp(0.0, 1.0) * (high - 1.0))
    };
    for pair in points.windows(2) {
        dots.stroke(place(pair[0]), place(pair[1]));
    }
    canvas.dots(plot, &dots, |_, _| strand.ink);
    if marked {
        for share in [0.25, 0.5, 0.75, 0.9, 0.99, 0.999] {
            let Some(point) = points.iter().find(|(point, _)| *point >= share) else { continue };
            let (x, y) = place((share, point.1));
            canvas.text(plot, (plot.x + x as u16 / 2, plot.y + y as u16 / 4), strand.ink, strand.mark);
        }
    }
}

/// Where something went, by cause.
pub(super) type ByCause = fn(&Results) -> &BTreeMap<String, f64>;

/// The split of a mean by cause: value, share and bar of up to three strands.
pub(super) fn causes(app: &App, canvas: &mut Canvas<'_>, area: Rect, of: ByCause, quantity: Quantity) {
    let name_width = if area.width < 44 { 13 } else { 19 };
    let ink = if quantity == Quantity::Latency { Ink::Time } else { Ink::Energy };
    let mut strands = strands(app, ink);
    let fitting = usize::from(area.width.saturating_sub(name_width) / 13).clamp(1, 4);
    strands.truncate(fitting);
    let total = |strand: &Strand<'_>| of(strand.part.results).values().sum::<f64>();
    let values = |cause: &str| -> Vec<f64> {
        strands.iter().map(|strand| of(strand.part.results).get(cause).copied().unwrap_or(0.0)).collect()
    };
    let rows: Vec<(&str, Vec<f64>)> = Cause::ALL.iter().map(|cause| (cause.name(), values(cause.name()))).collect();
    let mut rows: Vec<(&str, Vec<f64>)> =
        rows.into_iter().filter(|(_, values)| values.iter().any(|value| *value > 0.0)).collect();
    if rows.is_empty() {
        canvas.text(area, (area.x, area.y), Ink::Faint, "nothing was measured");
        return;
    }
    fold(&mut rows, usize::from(area.height.saturating_sub(1)).max(1));
    let column = area.width.saturating_sub(name_width) / strands.len() as u16;
    let start = |number: usize| area.x + name_width + number as u16 * column;
    canvas.text(area, (area.x, area.y), Ink::Faint, "mean spent on");
    for (number, strand) in strands.iter().enumerate() {
        let head = format!("{} {}", value(quantity, total(strand)), if strands.len() > 1 { &strand.name } else { "" });
        let sign = if strands.len() > 1 { strand.mark } else { " " };
        let x = canvas.text(area, (start(number), area.y), strand.ink, sign);
        canvas.text(area, (x + 1, area.y), Ink::Strong, &fit(&head, column.saturating_sub(3)));
    }
    for (row, (cause, values)) in (1..).zip(&rows) {
        let line = Rect { y: area.y + row, height: 1, ..area };
        canvas.text(Rect { width: name_width - 1, ..line }, (line.x, line.y), Ink::Plain, cause);
        for (number, (strand, spent)) in strands.iter().zip(values).enumerate() {
            let x = start(number);
            if *spent <= 0.0 {
                canvas.right(line, (x + 9, line.y), Ink::Faint, "–");
                continue;
            }
            let most = rows.iter().map(|(_, values)| values[number]).fold(0.0, f64::max);
            canvas.right(line, (x + 9, line.y), Ink::Plain, &value(quantity, *spent));
            let mut end = x + 10;
            if column >= 22 {
                canvas.right(line, (x + 17, line.y), Ink::Plain, &share(spent / total(strand)));
                end = x + 18;
            }
            let room = (x + column).saturating_sub(end + 1);
            canvas.text(line, (end, line.y), strand.ink, &bar(spent / most, room));
        }
    }
}

/// Keeps as many rows as there is room for: the lightest are summed up in a last one.
fn fold(rows: &mut Vec<(&str, Vec<f64>)>, room: usize) {
    if rows.len() <= room {
        return;
    }
    let totals: Vec<f64> = (0..rows[0].1.len()).map(|n| rows.iter().map(|row| row.1[n]).sum()).collect();
    let weight = |row: &(&str, Vec<f64>)| {
        let shares = row.1.iter().zip(&totals).map(|(value, total)| value / total.max(f64::MIN_POSITIVE));
        shares.fold(0.0, f64::max)
    };
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|a, b| weight(&rows[*b]).total_cmp(&weight(&rows[*a])));
    let kept: Vec<usize> = order.into_iter().take(room.saturating_sub(1)).collect();
    let mut rest = vec![0.0; totals.len()];
    let mut number = 0;
    rows.retain(|row| {
        let keep = kept.contains(&number);
        number += 1;
        if !keep {
            rest.iter_mut().zip(&row.1).for_each(|(sum, part)| *sum += part);
        }
        keep
    });
    rows.push(("others", rest));
}

/// A row of the table of quantiles: its title, and what stands in it.
type Quantile = (&'static str, fn(&Distribution) -> f64);

const QUANTILES: [Quantile; 9] = [
    ("p50", |d| d.p50),
    ("p90", |d| d.p90),
    ("p95", |d| d.p95),
    ("p99", |d| d.p99),
    ("p99.9", |d| d.p999),
    ("max", |d| d.max),
    ("mean", |d| d.mean),
    ("min", |d| d.min),
    ("p10", |d| d.p10),
];

/// The quantiles, a column for each strand.
pub(super) fn quantile_table(app: &App, canvas: &mut Canvas<'_>, area: Rect, quantity: Quantity) {
    let ink = if quantity == Quantity::Latency { Ink::Time } else { Ink::Energy };
    let mut strands = strands(app, ink);
    strands.truncate(usize::from(area.width.saturating_sub(7) / 12).max(1));
    let column = ((area.width.saturating_sub(7)) / strands.len().max(1) as u16).min(24);
    for (number, strand) in strands.iter().enumerate() {
        let Some(distribution) = distribution(quantity, strand.part.results) else { continue };
        let end = area.x + 7 + (number as u16 + 1) * column;
        let sign = if strands.len() > 1 { strand.mark } else { "" };
        let name = fit(&format!("{sign} {}", strand.name), column - 1);
        canvas.right(area, (end, area.y), strand.ink, &name);
        for (row, (name, of)) in (1..area.height).zip(QUANTILES) {
            canvas.text(area, (area.x, area.y + row), Ink::Faint, name);
            let ink = if matches!(name, "p50" | "p99") { Ink::Strong } else { Ink::Plain };
            let shown = if distribution.count == 0 { "–".to_owned() } else { value(quantity, of(distribution)) };
            canvas.right(area, (end, area.y + row), ink, &shown);
        }
        if area.height > QUANTILES.len() as u16 + 1 {
            let y = area.y + QUANTILES.len() as u16 + 1;
            canvas.text(area, (area.x, y), Ink::Faint, "values");
            canvas.right(area, (end, y), Ink::Plain, &count(distribution.count));
        }
    }
}

/// What latency and energy views show, as a table: a row per strand and figure.
pub(in crate::tui) fn table(app: &App, quantity: Quantity) -> Vec<Vec<String>> {
    let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
    let mut rows = vec![row(["of", "figure", "value", "unit"])];
    let unit = quantity.unit();
    for heap in heaps(app, quantity).into_iter().filter(|heap| heap.parts.len() > 1) {
        for Row { from, to, counts } in self::rows(&[&heap.parts], usize::MAX) {
            rows.push(row([&heap.name, &format!("values from {from} to {to}"), &counts[0].to_string(), ""]));
        }
    }
    for strand in strands(app, Ink::Plain) {
        let Some(distribution) = distribution(quantity, strand.part.results) else { continue };
        let mut add = |figure: &str, value: f64, unit: &str| {
            rows.push(row([&strand.name, figure, &value.to_string(), unit]));
        };
        add("values", distribution.count as f64, "");
        QUANTILES.iter().for_each(|(name, of)| add(name, of(distribution), unit));
        for bin in &distribution.histogram {
            add(&format!("values from {} to {}", bin.from, bin.to), bin.count as f64, "");
        }
        let results = strand.part.results;
        let splits: Vec<(&str, &BTreeMap<String, f64>)> = match quantity {
            Quantity::Latency => vec![("mean", &results.latency_s_by_cause)],
            _ => vec![
                ("mean of a message", &results.message_energy_j_by_cause),
                ("mean of a day", &results.day_energy_j_by_cause),
            ],
        };
        for (what, split) in splits {
            split.iter().for_each(|(cause, value)| add(&format!("{what}: {cause}"), *value, unit));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn folded_bars_lose_nothing() {
        let summary = fixture::city();
        let [meters, trackers] = ["meters", "trackers"].map(|group| &summary.groups[group].all.latency_s);
        for most in [2, 3, 5, 100] {
            let rows = rows(&[&[meters], &[trackers]], most);
            assert!(rows.len() <= most);
            let sum = |number: usize| rows.iter().map(|row| row.counts[number]).sum::<u64>();
            assert_eq!((sum(0), sum(1)), (meters.count, trackers.count));
            assert!(rows.windows(2).all(|pair| pair[0].to <= pair[1].from));
        }
    }

    #[test]
    fn groups_of_a_network_make_one_histogram() {
        use crate::metrics::histogram::Histogram;
        let heap = |values: &[u64]| {
            let mut histogram = Histogram::for_latency();
            values.iter().for_each(|value| histogram.record(*value));
            histogram
        };
        let (a, b) = (heap(&[0, 70_000, 3_000_000, 9_000_000]), heap(&[40_000, 3_500_000, 3_500_000]));
        let mut both = a.clone();
        both.merge(&b);
        let shape = |rows: Vec<Row>| rows.into_iter().map(|row| (row.from, row.to, row.counts)).collect::<Vec<_>>();
        let (a, b, both) = (a.distribution(), b.distribution(), both.distribution());
        let merged = shape(rows(&[&[&a, &b]], 100));
        assert_eq!(merged, shape(rows(&[&[&both]], 100)), "histograms add up exactly");
        assert_eq!(merged.iter().map(|(_, _, counts)| counts[0]).sum::<u64>(), 7);
    }

    #[test]
    fn quantiles_are_marked_where_they_lie() {
        for distribution in fixture::city().groups.values().map(|group| group.all.latency_s.clone()) {
            let (mut below, mut seen) = (0, String::new());
            for bin in &distribution.histogram {
                let shown = marks(below, below + bin.count, distribution.count);
                let quantiles = [("50", distribution.p50), ("90", distribution.p90), ("99", distribution.p99)];
                let inside = quantiles.iter().filter(|(_, value)| (bin.from..bin.to).contains(value));
                assert!(inside.clone().all(|(name, _)| shown.contains(name) || inside.clone().count() > 2), "{shown}");
                (below, seen) = (below + bin.count, seen + &shown);
            }
            assert!(seen.contains("50") && seen.contains("99"), "{seen}");
        }
        assert_eq!((marks(0, 1, 1), marks(0, 0, 5)), ("p50–99".to_owned(), String::new()));
    }

    #[test]
    fn folded_causes_add_up() {
        let mut rows = vec![("a", vec![1.0, 0.0]), ("b", vec![5.0, 1.0]), ("c", vec![2.0, 9.0]), ("d", vec![0.5, 0.1])];
        fold(&mut rows, 3);
        assert_eq!(rows, [("b", vec![5.0, 1.0]), ("c", vec![2.0, 9.0]), ("others", vec![1.5, 0.1])]);
    }

    #[test]
    fn the_axis_of_nines_gives_each_nine_the_same_room() {
        let places: Vec<f64> = NINES.iter().map(|(share, _)| across(*share, true)).collect();
        assert!(places.windows(2).all(|pair| (pair[1] - pair[0] - 0.25).abs() < 1e-9), "{places:?}");
        assert_eq!((across(1.0, true), across(0.5, false)), (1.0, 0.5));
    }
}
