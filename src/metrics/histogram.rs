//! Histograms of latency, energy and battery life.
//!
//! Owns what a distribution is: which values it can hold, how exact its mean and quantiles are, how it is cut into bars
//! and how it is written for the tools that read HdrHistogram's text format.
//!
//! Mean, variance, smallest and largest value are exact; quantiles are good to three digits and always rounded up, so
//! that "99 % are not above this" is true of the values that were recorded.
//!
//! # Memory
//!
//! An empty histogram owns no memory on the heap. The first value allocates 16 KiB, and each doubling of the largest
//! value beyond 2047 units adds 8 KiB: 120 KiB when latencies reach 10 s or energies 10 J, 288 KiB at the upper bound of
//! one year ([`Histogram::memory_bytes`]). It depends on the largest value only, never on how many were recorded.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::summary::{Bin, Distribution};

mod stored;

/// Significant decimal digits of a quantile.
const DIGITS: u8 = 3;

/// The standard normal distribution's 97.5 % point, for two-sided intervals of 95 %.
pub const Z95: f64 = 1.959_963_984_540_054;

/// What a histogram measures, in which unit it counts and in which one it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Quantity {
    /// Counted in microseconds up to one year (365.25 d), shown in seconds.
    Latency,
    /// Counted in microjoules up to 1 MJ, shown in joules.
    Energy,
    /// Counted in hours up to 1000 years, shown in years of 8766 h.
    Life,
}

impl Quantity {
    /// Its name in file names: `latency`, `energy`, `life`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Quantity::Latency => "latency",
            Quantity::Energy => "energy",
            Quantity::Life => "life",
        }
    }

    /// The unit in which it is shown: `s`, `J`, `years`.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Quantity::Latency => "s",
            Quantity::Energy => "J",
            Quantity::Life => "years",
        }
    }

    /// How many counted units make one shown unit.
    #[must_use]
    pub const fn per_unit(self) -> u32 {
        match self {
            Quantity::Latency | Quantity::Energy => 1_000_000,
            Quantity::Life => 8_766,
        }
    }

    /// The largest value that is told apart from larger ones, in counted units.
    #[must_use]
    pub const fn bound(self) -> u64 {
        match self {
            Quantity::Latency => 31_557_600_000_000,
            Quantity::Energy => 1_000_000_000_000,
            Quantity::Life => 8_766_000,
        }
    }

    /// Decimals that show every counted unit.
    const fn decimals(self) -> usize {
        match self {
            Quantity::Latency | Quantity::Energy => 6,
            Quantity::Life => 4,
        }
    }
}

/// A distribution of whole numbers, exact to three digits, that merges exactly and in any order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "stored::Stored", into = "stored::Stored")]
pub struct Histogram {
    quantity: Quantity,
    /// Allocated by the first value.
    counts: Option<hdrhistogram::Histogram<u64>>,
    sum: u128,
    /// Sum of squares. At the bound of one year in microseconds it has room for 3 × 10^11 values.
    squares: u128,
    min: u64,
    max: u64,
    saturated: u64,
}

impl Histogram {
    /// An empty histogram of the given quantity.
    #[must_use]
    pub const fn new(quantity: Quantity) -> Histogram {
        Histogram { quantity, counts: None, sum: 0, squares: 0, min: u64::MAX, max: 0, saturated: 0 }
    }

    /// An empty histogram of latencies, recorded in microseconds.
    #[must_use]
    pub const fn for_latency() -> Histogram {
        Histogram::new(Quantity::Latency)
    }

    /// An empty histogram of energies, recorded in microjoules.
    #[must_use]
    pub const fn for_energy() -> Histogram {
        Histogram::new(Quantity::Energy)
    }

    /// An empty histogram of battery lives, recorded in hours.
    #[must_use]
    pub const fn for_life() -> Histogram {
        Histogram::new(Quantity::Life)
    }

    /// Adds a value in counted units. One beyond [`Quantity::bound`] counts as the bound, and as [`Self::saturated`].
    pub fn record(&mut self, value: u64) {
        self.record_times(value, 1);
    }

    /// Adds the same value so many times.
    pub fn record_times(&mut self, value: u64, times: u64) {
        if times == 0 {
            return;
        }
        let bound = self.quantity.bound();
        let value = if value > bound {
            self.saturated += times;
            bound
        } else {
            value
        };
        self.sum += u128::from(value) * u128::from(times);
        self.squares += u128::from(value) * u128::from(value) * u128::from(times);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.counts.get_or_insert_with(empty_counts).record_n(value, times).expect("it grows up to any bound");
    }

    /// Adds everything that `other` recorded.
    ///
    /// # Panics
    ///
    /// If the two measure different quantities.
    pub fn merge(&mut self, other: &Histogram) {
        assert_eq!(self.quantity, other.quantity, "only like quantities add up");
        let Some(theirs) = &other.counts else { return };
        match &mut self.counts {
            Some(ours) => ours.add(theirs).expect("it grows up to any bound"),
            None => self.counts = Some(theirs.clone()),
        }
        self.sum += other.sum;
        self.squares += other.squares;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.saturated += other.saturated;
    }

    /// What is measured.
    #[must_use]
    pub const fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// How many values were recorded.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.counts.as_ref().map_or(0, hdrhistogram::Histogram::len)
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values lay beyond the bound.
    #[must_use]
    pub const fn saturated(&self) -> u64 {
        self.saturated
    }

    /// Exact sum of the values, in counted units.
    #[must_use]
    pub const fn sum(&self) -> u128 {
        self.sum
    }

    /// Exact smallest value in counted units; 0 if there is none.
    #[must_use]
    pub fn min(&self) -> u64 {
        if self.is_empty() { 0 } else { self.min }
    }

    /// Exact largest value in counted units; 0 if there is none.
    #[must_use]
    pub const fn max(&self) -> u64 {
        self.max
    }

    /// Exact mean in counted units; 0 if there is no value.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.is_empty() { 0.0 } else { self.sum as f64 / self.len() as f64 }
    }

    /// Sample standard deviation in counted units; 0 for fewer than two values.
    #[must_use]
    pub fn stdev(&self) -> f64 {
        let n = self.len();
        if n < 2 {
            return 0.0;
        }
        // Deviations from the floor of the mean, in integers: nothing cancels. The parts may exceed 128 bits on the
        // way, the result cannot, so arithmetic modulo 2^128 gives it exactly.
        let (n, sum) = (u128::from(n), self.sum);
        let (floor, rest) = (sum / n, sum % n);
        let about_floor =
            self.squares.wrapping_sub(sum.wrapping_mul(2 * floor)).wrapping_add(n.wrapping_mul(floor * floor));
        let about_mean = about_floor as f64 - rest as f64 * (rest as f64 / n as f64);
        (about_mean.max(0.0) / (n - 1) as f64).sqrt()
    }

    /// Half-width of the 95 % confidence interval of the mean in counted units, if the values are independent (normal
    /// approximation); 0 for fewer than two values.
    #[must_use]
    pub fn mean_ci95(&self) -> f64 {
        let n = self.len();
        if n < 2 { 0.0 } else { Z95 * self.stdev() / (n as f64).sqrt() }
    }

    /// The value that a share `q` (0 to 1) of the values does not exceed, in counted units, to three digits and rounded
    /// up; 0 if there is no value.
    #[must_use]
    pub fn quantile(&self, q: f64) -> u64 {
        self.at_rank(rank(q, self.len()))
    }

    /// 95 % confidence interval of a quantile in counted units, from order statistics: the ranks between which a
    /// binomial count (normal approximation) falls with that probability. Ranks beyond the ends become the ends, so the
    /// interval is too narrow where fewer than about five values lie beyond the quantile. (0, 0) if there is no value.
    #[must_use]
    pub fn quantile_ci95(&self, q: f64) -> (u64, u64) {
        let n = self.len();
        let q = q.clamp(0.0, 1.0);
        let centre = n as f64 * q;
        let spread = Z95 * (n as f64 * q * (1.0 - q)).sqrt();
        let low = (centre - spread).floor().max(1.0) as u64;
        let high = (centre + spread).ceil() as u64 + 1;
        (self.at_rank(low.min(n)), self.at_rank(high.min(n)))
    }

    /// The `rank`th smallest value, counted from 1, rounded up within three digits.
    fn at_rank(&self, rank: u64) -> u64 {
        let [value] = self.at_ranks([rank]);
        value
    }

    /// The same for several ranks in ascending order, in one pass.
    fn at_ranks<const N: usize>(&self, ranks: [u64; N]) -> [u64; N] {
        let Some(counts) = &self.counts else { return [0; N] };
        let (mut values, mut next, mut below) = ([self.max; N], 0, 0);
        for step in counts.iter_recorded() {
            below += step.count_at_value();
            while next < N && below >= ranks[next] {
                values[next] = step.value_iterated_to().min(self.max);
                next += 1;
            }
            if next == N {
                break;
            }
        }
        values
    }

    /// The shape for the results, in shown units (s, J, years).
    #[must_use]
    pub fn distribution(&self) -> Distribution {
        let shown = |value: u64| value as f64 / f64::from(self.quantity.per_unit());
        let [p10, p50, p90, p95, p99, p999] =
            self.at_ranks([0.1, 0.5, 0.9, 0.95, 0.99, 0.999].map(|q| rank(q, self.len()))).map(shown);
        Distribution {
            count: self.len(),
            mean: self.mean() / f64::from(self.quantity.per_unit()),
            min: shown(self.min()),
            p10,
            p50,
            p90,
            p95,
            p99,
            p999,
            max: shown(self.max()),
            histogram: self.bins(),
        }
    }

    /// Counts between the edges 1, 2, 5, 10, … of the shown unit. Zeros, if any, stand in a first bin that reaches from
    /// 0 to the edge below the next value. Values are rounded up as in quantiles, so one that lies below an edge by less
    /// than three digits tell may count as lying on it.
    fn bins(&self) -> Vec<Bin> {
        let Some(counts) = &self.counts else { return Vec::new() };
        let (mut zeros, mut bins, mut edge) = (0, Vec::<Bin>::new(), 0);
        for step in counts.iter_recorded() {
            let value = step.value_iterated_to().min(self.max);
            let (value, count) = (value as f64 / f64::from(self.quantity.per_unit()), step.count_at_value());
            if value == 0.0 {
                zeros = count;
                continue;
            }
            if bins.is_empty() {
                edge = edge_below(value);
                bins.push(Bin { from: log_edge(edge), to: log_edge(edge + 1), count: 0 });
            }
            while value >= log_edge(edge + 1) {
                edge += 1;
                bins.push(Bin { from: log_edge(edge), to: log_edge(edge + 1), count: 0 });
            }
            if let Some(last) = bins.last_mut() {
                last.count += count;
            }
        }
        if zeros > 0 {
            let to = bins.first().map_or(1.0 / f64::from(self.quantity.per_unit()), |bin| bin.from);
            bins.insert(0, Bin { from: 0.0, to, count: zeros });
        }
        bins
    }

    /// Shares of the values, and what they do not exceed in shown units, with five points per halving of the rest.
    #[must_use]
    pub fn percentiles(&self) -> Vec<(f64, f64)> {
        let per = f64::from(self.quantity.per_unit());
        let steps = self.counts.iter().flat_map(|counts| counts.iter_quantiles(5));
        steps.map(|step| (step.quantile_iterated_to(), step.value_iterated_to().min(self.max) as f64 / per)).collect()
    }

    /// Writes HdrHistogram's percentile text format (`.hgrm`), in shown units, with five lines per halving of the rest.
    ///
    /// # Errors
    ///
    /// Only those of `out`.
    pub fn write_hgrm(&self, out: &mut impl fmt::Write) -> fmt::Result {
        let (per, digits) = (f64::from(self.quantity.per_unit()), self.quantity.decimals());
        let empty;
        let counts = match &self.counts {
            Some(counts) => counts,
            None => {
                empty = empty_counts();
                &empty
            }
        };
        writeln!(out, "{:>12} {:>14} {:>10} {:>14}\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)")?;
        let mut total = 0;
        for step in counts.iter_quantiles(5) {
            total += step.count_since_last_iteration();
            let value = step.value_iterated_to().min(self.max) as f64 / per;
            let quantile = step.quantile_iterated_to();
            write!(out, "{value:12.digits$} {quantile:2.12} {total:10}")?;
            if quantile < 1.0 {
                writeln!(out, " {:14.2}", 1.0 / (1.0 - quantile))?;
            } else {
                writeln!(out)?;
            }
        }
        let (mean, stdev, max) = (self.mean() / per, self.stdev() / per, self.max as f64 / per);
        writeln!(out, "#[Mean    = {mean:12.digits$}, StdDeviation   = {stdev:12.digits$}]")?;
        writeln!(out, "#[Max     = {max:12.digits$}, Total count    = {:12}]", self.len())?;
        writeln!(out, "#[Buckets = {:12}, SubBuckets     = {:12}]", counts.buckets(), SUB_BUCKETS)
    }

    /// Bytes of its counters on the heap.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.counts.as_ref().map_or(0, |counts| counts.distinct_values() * size_of::<u64>())
    }
}

/// Two histograms are equal if they hold the same values, however those came together.
impl PartialEq for Histogram {
    fn eq(&self, other: &Histogram) -> bool {
        let counts = |h: &Histogram| -> Vec<(u64, u64)> {
            let recorded = h.counts.iter().flat_map(hdrhistogram::Histogram::iter_recorded);
            recorded.map(|step| (step.value_iterated_to(), step.count_at_value())).collect()
        };
        self.quantity == other.quantity
            && (self.sum, self.squares, self.saturated) == (other.sum, other.squares, other.saturated)
            && (self.min, self.max) == (other.min, other.max)
            && counts(self) == counts(other)
    }
}

impl Eq for Histogram {}

/// Counters per bucket: the power of two at or above twice a thousand.
const SUB_BUCKETS: u32 = 2_048;

/// Counters that grow with the largest value.
fn empty_counts() -> hdrhistogram::Histogram<u64> {
    hdrhistogram::Histogram::new(DIGITS).expect("three digits are a valid precision")
}

/// The rank, from 1, of the smallest value that a share `q` of `n` values does not exceed. A product that misses a whole
/// number by rounding alone counts as that number.
fn rank(q: f64, n: u64) -> u64 {
    let exact = q.clamp(0.0, 1.0) * n as f64;
    let near = exact.round();
    let rank = if (exact - near).abs() <= 4.0 * f64::EPSILON * exact { near } else { exact.ceil() };
    (rank as u64).clamp(1, n.max(1))
}

/// The edge with the given number in the row …, 0.5, 1 (number 0), 2, 5, 10, ….
fn log_edge(number: i32) -> f64 {
    let digit = [1.0, 2.0, 5.0][number.rem_euclid(3) as usize];
    let decade = number.div_euclid(3);
    let power = 10_u64.saturating_pow(decade.unsigned_abs()) as f64;
    if decade < 0 { digit / power } else { digit * power }
}

/// The number of the last edge at or below a positive value.
fn edge_below(value: f64) -> i32 {
    let mut number = 3 * libm::floor(libm::log10(value)) as i32;
    while log_edge(number) > value {
        number -= 1;
    }
    while log_edge(number + 1) <= value {
        number += 1;
    }
    number
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(quantity: Quantity, values: &[u64]) -> Histogram {
        let mut histogram = Histogram::new(quantity);
        values.iter().for_each(|value| histogram.record(*value));
        histogram
    }

    #[test]
    fn an_empty_histogram_is_all_zero_and_owns_nothing() {
        let histogram = Histogram::for_latency();
        assert_eq!(histogram.memory_bytes(), 0);
        assert_eq!((histogram.len(), histogram.quantile(0.5), histogram.max(), histogram.min()), (0, 0, 0, 0));
        assert_eq!((histogram.mean(), histogram.stdev(), histogram.mean_ci95()), (0.0, 0.0, 0.0));
        assert_eq!(histogram.quantile_ci95(0.5), (0, 0));
        assert!(histogram.distribution().histogram.is_empty());
    }

    #[test]
    fn memory_is_what_the_documentation_says() {
        let kib = |value| of(Quantity::Latency, &[value]).memory_bytes() / 1_024;
        assert_eq!(kib(1), 16);
        assert_eq!(kib(2_047), 16);
        assert_eq!(kib(2_048), 24);
        assert_eq!(kib(10_000_000), 120);
        assert_eq!(kib(u64::MAX), 288);
    }

    #[test]
    fn moments_follow_the_closed_forms() {
        // 1..=n has mean (n+1)/2 and sample variance n(n+1)/12; a large offset must not spoil the variance.
        for offset in [0_u64, 1_000_000_000_000] {
            let values: Vec<u64> = (1..=1_000).map(|i| offset + i).collect();
            let histogram = of(Quantity::Latency, &values);
            assert!((histogram.mean() - (offset as f64 + 500.5)).abs() < 1e-3);
            let stdev = (1_000.0 * 1_001.0 / 12.0_f64).sqrt();
            assert!((histogram.stdev() - stdev).abs() < 1e-9, "{offset}: {}", histogram.stdev());
        }
        let pair = of(Quantity::Energy, &[0, 2]);
        assert!((pair.stdev() - 2.0_f64.sqrt()).abs() < 1e-12);
        assert!((pair.mean_ci95() - Z95).abs() < 1e-12);
    }

    #[test]
    fn values_beyond_the_bound_are_kept_and_counted() {
        let histogram = of(Quantity::Life, &[10, 9_000_000, u64::MAX]);
        assert_eq!((histogram.len(), histogram.saturated(), histogram.max()), (3, 2, 8_766_000));
        assert_eq!(histogram.distribution().max, 1_000.0);
    }

    #[test]
    fn ranks_forgive_rounding_of_the_product() {
        // 0.07 × 100 is 7.000000000000001 in binary.
        assert_eq!(rank(0.07, 100), 7);
        assert_eq!(rank(0.5, 3), 2);
        assert_eq!(rank(0.999, 1_000), 999);
        assert_eq!((rank(0.0, 10), rank(1.0, 10), rank(0.5, 0)), (1, 10, 1));
    }

    #[test]
    fn the_interval_of_the_median_has_the_textbook_ranks() {
        // n = 100: 50 ± 1.96 × 5 gives the ranks 40 and 61 (Conover, Practical Nonparametric Statistics, 3.2).
        let histogram = of(Quantity::Life, &(1..=100).collect::<Vec<_>>());
        assert_eq!(histogram.quantile_ci95(0.5), (40, 61));
        assert_eq!(histogram.quantile_ci95(0.999), (99, 100));
    }

    #[test]
    fn bars_lie_between_round_edges_without_gaps() {
        let histogram = of(Quantity::Latency, &[0, 1_000_000, 1_999_000, 2_000_000, 10_000_000]);
        let bins: Vec<_> = histogram.distribution().histogram.iter().map(|b| (b.from, b.to, b.count)).collect();
        assert_eq!(bins, [(0.0, 1.0, 1), (1.0, 2.0, 2), (2.0, 5.0, 1), (5.0, 10.0, 0), (10.0, 20.0, 1)]);
        let zeros = of(Quantity::Energy, &[0, 0]).distribution().histogram;
        assert_eq!((zeros.len(), zeros[0].to, zeros[0].count), (1, 1e-6, 2));
    }

    #[test]
    fn edges_are_the_nearest_numbers_to_their_decimals() {
        for (number, edge) in [(-18, 1e-6), (-17, 2e-6), (-1, 0.5), (0, 1.0), (2, 5.0), (3, 10.0), (13, 2e4)] {
            assert_eq!(log_edge(number), edge);
            assert_eq!(edge_below(edge), number);
            assert_eq!(edge_below(edge * 1.000_1), number);
        }
    }

    #[test]
    fn the_percentile_file_has_the_shape_its_readers_expect() {
        let mut text = String::new();
        of(Quantity::Latency, &[1_000_000, 2_000_000, 3_000_000, 4_000_000]).write_hgrm(&mut text).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "       Value     Percentile TotalCount 1/(1-Percentile)");
        assert_eq!(lines[2], "    1.000447 0.000000000000          1           1.00");
        assert!(lines.contains(&"    4.000000 1.000000000000          4"), "{text}");
        assert_eq!(lines[lines.len() - 3], "#[Mean    =     2.500000, StdDeviation   =     1.290994]");
        assert_eq!(lines[lines.len() - 2], "#[Max     =     4.000000, Total count    =            4]");
        assert_eq!(lines[lines.len() - 1], "#[Buckets =           12, SubBuckets     =         2048]");
        let mut nothing = String::new();
        Histogram::for_life().write_hgrm(&mut nothing).unwrap();
        assert!(nothing.contains("Total count    =            0]"));
    }

    /// Values whose sizes spread over the whole range.
    fn values() -> impl Strategy<Value = Vec<u64>> {
        prop::collection::vec((0_u32..46, any::<u64>()).prop_map(|(bits, word)| word & ((1 << bits) - 1)), 0..200)
    }

    proptest! {
        #[test]
        fn merging_gives_the_same_whole_in_any_order(parts in prop::collection::vec(values(), 1..5), turn in 0_usize..5) {
            let whole = of(Quantity::Latency, &parts.concat());
            let mut order: Vec<usize> = (0..parts.len()).collect();
            order.rotate_left(turn % parts.len());
            let mut merged = Histogram::for_latency();
            for part in order.into_iter().rev() {
                merged.merge(&of(Quantity::Latency, &parts[part]));
            }
            prop_assert_eq!(&merged, &whole);
            prop_assert_eq!(format!("{:?}", merged.distribution()), format!("{:?}", whole.distribution()));
        }

        #[test]
        fn quantiles_bound_the_sorted_values_to_three_digits(mut values in values(), q in 0.0..1.0) {
            prop_assume!(!values.is_empty());
            let histogram = of(Quantity::Latency, &values);
            values.iter_mut().for_each(|value| *value = (*value).min(Quantity::Latency.bound()));
            values.sort_unstable();
            let exact = values[rank(q, values.len() as u64) as usize - 1];
            let got = histogram.quantile(q);
            prop_assert!(got >= exact && got as f64 <= exact as f64 * 1.001, "{} for {}", got, exact);
        }

        #[test]
        fn bars_hold_every_value(values in values()) {
            let bins = of(Quantity::Energy, &values).distribution().histogram;
            prop_assert_eq!(bins.iter().map(|bin| bin.count).sum::<u64>(), values.len() as u64);
            prop_assert!(bins.windows(2).all(|pair| pair[0].to == pair[1].from));
        }
    }
}
