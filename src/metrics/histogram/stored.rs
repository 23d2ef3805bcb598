//! A histogram as it is stored between two programs, exact to the last bit, and checked when it is read.

use serde::{Deserialize, Serialize};

use super::{Histogram, Quantity, empty_counts};

/// What is stored of a histogram.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    quantity: Quantity,
    sum: u128,
    squares: u128,
    min: u64,
    max: u64,
    saturated: u64,
    /// Values, rounded up to three digits and ascending, and how often each was recorded.
    counts: Vec<(u64, u64)>,
}

impl From<Histogram> for Stored {
    fn from(histogram: Histogram) -> Stored {
        let Histogram { quantity, counts, sum, squares, min, max, saturated } = histogram;
        let recorded = counts.iter().flat_map(hdrhistogram::Histogram::iter_recorded);
        let counts = recorded.map(|step| (step.value_iterated_to(), step.count_at_value())).collect();
        Stored { quantity, sum, squares, min, max, saturated, counts }
    }
}

impl TryFrom<Stored> for Histogram {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Histogram, &'static str> {
        let Stored { quantity, sum, squares, min, max, saturated, counts: recorded } = stored;
        let mut histogram = Histogram { quantity, counts: None, sum, squares, min, max, saturated };
        if recorded.is_empty() {
            return if histogram == Histogram::new(quantity) {
                Ok(histogram)
            } else {
                Err("an empty histogram has sums")
            };
        }
        let ascending = recorded.is_sorted_by(|(a, _), (b, _)| a < b);
        let total = recorded.iter().try_fold(0_u64, |total, (_, count)| total.checked_add(*count));
        let all_count = recorded.iter().all(|(_, count)| *count > 0);
        if !ascending || !all_count || total.is_none() || min > max || max > quantity.bound() {
            return Err("the values of a histogram do not fit together");
        }
        let mut counts = empty_counts();
        // The largest value is rounded up, so the bound itself may be exceeded by less than a thousandth.
        let largest = counts.highest_equivalent(quantity.bound());
        for (value, count) in recorded {
            if value > largest || counts.record_n(value, count).is_err() {
                return Err("a value of a histogram is out of range");
            }
        }
        histogram.counts = Some(counts);
        Ok(histogram)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_stored_is_what_was_recorded(values in prop::collection::vec((any::<u64>(), 0..64_u32), 0..200)) {
            for quantity in [Quantity::Latency, Quantity::Energy, Quantity::Life] {
                let mut histogram = Histogram::new(quantity);
                values.iter().for_each(|(value, bits)| histogram.record(value >> bits));
                let text = serde_json::to_string(&histogram).unwrap();
                let read: Histogram = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(&read, &histogram);
                let hgrm = |histogram: &Histogram| {
                    let mut text = String::new();
                    histogram.write_hgrm(&mut text).unwrap();
                    text
                };
                prop_assert_eq!(hgrm(&read), hgrm(&histogram));
            }
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let good = r#"{"quantity":"Life","sum":3,"squares":5,"min":1,"max":2,"saturated":0,"counts":[[1,1],[2,1]]}"#;
        assert!(serde_json::from_str::<Histogram>(good).is_ok());
        for (from, to) in [
            ("[[1,1],[2,1]]", "[]"),
            ("[[1,1],[2,1]]", "[[2,1],[1,1]]"),
            ("[[1,1],[2,1]]", "[[1,0],[2,1]]"),
            ("[[1,1],[2,1]]", "[[1,18446744073709551615],[2,1]]"),
            ("[[1,1],[2,1]]", "[[1,1],[9000000,1]]"),
            (r#""max":2"#, r#""max":8766001"#),
            (r#""min":1"#, r#""min":3"#),
        ] {
            assert!(serde_json::from_str::<Histogram>(&good.replace(from, to)).is_err(), "{to}");
        }
    }
}
