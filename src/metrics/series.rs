//! A time series of a run: what happened in each stretch of equal width of the counted time.

use std::fmt;

use crate::units::{Divisor, SimDuration, SimTime};

/// A column of the series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Column {
    /// Messages born.
    Offered,
    /// Messages received.
    Delivered,
    /// Messages lost.
    Lost,
    /// Random-access preambles sent.
    Attempts,
    /// Preambles that collided.
    Collided,
    /// Downlink time booked, microseconds summed over the cells; a booking counts where it begins.
    DownlinkBusy,
    /// Uplink time booked, microseconds times tones, summed over the cells; a booking counts where it begins.
    UplinkBusy,
}

impl Column {
    /// Every column, in the order of the file.
    pub const ALL: [Column; 7] = [
        Column::Offered,
        Column::Delivered,
        Column::Lost,
        Column::Attempts,
        Column::Collided,
        Column::DownlinkBusy,
        Column::UplinkBusy,
    ];

    /// The column's title, its unit included.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Column::Offered => "offered_messages",
            Column::Delivered => "delivered_messages",
            Column::Lost => "lost_messages",
            Column::Attempts => "access_attempts",
            Column::Collided => "collided_attempts",
            Column::DownlinkBusy => "downlink_busy_us",
            Column::UplinkBusy => "uplink_busy_tone_us",
        }
    }
}

/// The counters of one stretch of time, in the order of [`Column::ALL`].
pub type Row = [u64; Column::ALL.len()];

/// Counters over the counted time, in rows of equal width; the last row may be shorter. 56 bytes per row, allocated at
/// once. What lies before the start or at and after the end (warm-up, bookings beyond the end) is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    start: SimTime,
    end: SimTime,
    width: Divisor,
    rows: Vec<Row>,
}

impl Series {
    /// An empty series from `start` to `end` in rows of `width`; a zero width makes one single row.
    #[must_use]
    pub fn new(start: SimTime, end: SimTime, width: SimDuration) -> Series {
        let span = end.since(start);
        let width = if width.0 == 0 { span.0.max(1) } else { width.0 };
        let rows = vec![Row::default(); span.0.div_ceil(width) as usize];
        Series { start, end, width: Divisor::new(width), rows }
    }

    /// Adds to the row in which `at` lies.
    pub fn add(&mut self, column: Column, at: SimTime, amount: u64) {
        if at >= self.start && at < self.end {
            let (row, _) = self.width.divide(at.0 - self.start.0);
            self.rows[row as usize][column as usize] += amount;
        }
    }

    /// Adds everything that `other` counted.
    ///
    /// # Panics
    ///
    /// If the two do not cover the same time in the same rows.
    pub fn merge(&mut self, other: &Series) {
        let shape = |series: &Series| (series.start, series.end, series.width);
        assert_eq!(shape(self), shape(other), "only series over the same rows add up");
        for (ours, theirs) in self.rows.iter_mut().zip(&other.rows) {
            for (sum, part) in ours.iter_mut().zip(theirs) {
                *sum += part;
            }
        }
    }

    /// The same series with other rows; `None` if it has not as many.
    #[must_use]
    pub fn with_rows(self, rows: Vec<Row>) -> Option<Series> {
        (rows.len() == self.rows.len()).then_some(Series { rows, ..self })
    }

    /// The rows with the times where they begin and end.
    pub fn rows(&self) -> impl Iterator<Item = (SimTime, SimTime, &Row)> {
        self.rows.iter().enumerate().map(|(number, row)| {
            let from = SimTime(self.start.0 + number as u64 * self.width.by());
            (from, SimTime(self.end.0.min(from.0.saturating_add(self.width.by()))), row)
        })
    }

    /// Writes comma-separated values: a line of titles with units, then a line per row.
    ///
    /// # Errors
    ///
    /// Only those of `out`.
    pub fn write_csv(&self, out: &mut impl fmt::Write) -> fmt::Result {
        out.write_str("from_s,to_s")?;
        for column in Column::ALL {
            write!(out, ",{}", column.title())?;
        }
        out.write_char('\n')?;
        for (from, to, row) in self.rows() {
            write!(out, "{},{}", from.as_secs_f64(), to.as_secs_f64())?;
            for count in row {
                write!(out, ",{count}")?;
            }
            out.write_char('\n')?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const S: fn(u64) -> SimTime = |s| SimTime(s * 1_000_000);

    fn minute() -> Series {
        Series::new(S(60), S(150), SimDuration::from_secs(60))
    }

    #[test]
    fn the_file_has_units_and_one_line_per_row() {
        let mut series = minute();
        series.add(Column::Offered, S(59), 1); // warm-up
        series.add(Column::Offered, S(60), 1);
        series.add(Column::Offered, S(119), 1);
        series.add(Column::Delivered, S(120), 1);
        series.add(Column::Delivered, S(150), 1); // after the end
        series.add(Column::UplinkBusy, S(70), 720_000_000);
        series.add(Column::UplinkBusy, S(121), 12_000_000);
        series.add(Column::DownlinkBusy, SimTime(149_999_999), 1);
        let mut text = String::new();
        series.write_csv(&mut text).unwrap();
        assert_eq!(
            text,
            "from_s,to_s,offered_messages,delivered_messages,lost_messages,access_attempts,collided_attempts,\
             downlink_busy_us,uplink_busy_tone_us\n\
             60,120,2,0,0,0,0,0,720000000\n\
             120,150,0,1,0,0,0,1,12000000\n"
        );
    }

    #[test]
    fn odd_shapes_are_harmless() {
        let mut nothing = Series::new(S(5), S(5), SimDuration::from_secs(1));
        nothing.add(Column::Lost, S(5), 1);
        assert_eq!(nothing.rows().count(), 0);
        let mut single = Series::new(S(0), S(5), SimDuration::ZERO);
        single.add(Column::Lost, S(4), 1);
        assert_eq!(single.rows().map(|(_, to, row)| (to, row[2])).collect::<Vec<_>>(), [(S(5), 1)]);
    }

    proptest! {
        #[test]
        fn merging_does_not_depend_on_the_order(adds in prop::collection::vec((0_usize..7, 0_u64..200, 0_usize..3), 0..60)) {
            let mut whole = minute();
            let mut parts = vec![minute(); 3];
            for (column, at, part) in adds {
                whole.add(Column::ALL[column], S(at), at);
                parts[part].add(Column::ALL[column], S(at), at);
            }
            for order in [[0, 1, 2], [2, 0, 1]] {
                let mut merged = minute();
                order.iter().for_each(|part| merged.merge(&parts[*part]));
                prop_assert_eq!(&merged, &whole);
            }
        }
    }
}
