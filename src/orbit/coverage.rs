//! What contact windows mean for those who wait for them: covered time, gaps, waiting.
//!
//! Somebody who comes at a random instant waits until a satellite is in view; who comes while one is in view does not wait, and counts
//! with zero. The mean of it is the sum of the squared gaps over twice the time, never half a mean gap.

use serde::Serialize;

use super::passes::Piece;
use super::{Span, Utc};

/// Adds up the windows of one place, chunk by chunk.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    passes: u64,
    /// Sum of the lengths of all windows, ns.
    in_view: i128,
    longest: i64,
    /// Until when the place has been covered, if it ever was.
    until: Option<Utc>,
    first: Option<Utc>,
    /// Lengths of the gaps between, ns.
    gaps: Vec<i64>,
}

/// What came out for one place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Windows, those that the ends of the span cut included.
    pub passes: u64,
    /// Mean length of a window, as far as it lies in the span, s.
    pub mean_pass_s: Option<f64>,
    /// Longest window, s.
    pub longest_pass_s: Option<f64>,
    /// Share of the time with a satellite in view.
    pub covered: f64,
    /// Satellites in view, in the mean over time.
    pub in_view: f64,
    /// Times without a satellite, those at the ends of the span as far as they lie in it.
    pub gaps: u64,
    /// Their mean length, s.
    pub mean_gap_s: Option<f64>,
    /// The longest, s.
    pub longest_gap_s: Option<f64>,
    /// The wait until a satellite is in view; none if there never is.
    pub wait: Option<Wait>,
}

/// The wait of somebody who comes at a random instant with a satellite in view at it or behind it, s; an instant that is covered
/// counts as zero.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Wait {
    /// Its mean.
    pub mean_s: f64,
    /// What half of all wait at most.
    pub p50_s: f64,
    /// What 90 % wait at most.
    pub p90_s: f64,
    /// What 95 % wait at most.
    pub p95_s: f64,
    /// What 99 % wait at most.
    pub p99_s: f64,
    /// The longest.
    pub max_s: f64,
}

impl Coverage {
    /// Takes the pieces of a chunk in the order of their beginnings.
    pub fn take(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            let length = piece.end.0 - piece.start.0;
            self.passes += u64::from(!piece.continues);
            self.in_view += i128::from(length);
            self.longest = self.longest.max(length);
            match self.until {
                Some(until) => {
                    if piece.start > until {
                        self.gaps.push(piece.start.0 - until.0);
                    }
                    self.until = Some(until.max(piece.end));
                }
                None => (self.first, self.until) = (Some(piece.start), Some(piece.end)),
            }
        }
    }

    /// What it comes to over a span in which the windows lie.
    #[must_use]
    pub fn finish(mut self, span: Span) -> Figures {
        let total = span.seconds();
        let seconds = |ns: i64| ns as f64 / 1e9;
        // Before the first window, which one waits for; behind the last, there is nothing to wait for.
        let (lead, tail) = match (self.first, self.until) {
            (Some(first), Some(until)) => (first.0 - span.start.0, span.end.0 - until.0),
            _ => (0, span.end.0 - span.start.0),
        };
        self.gaps.extend((lead > 0).then_some(lead));
        self.gaps.sort_unstable();
        let wait = self.until.map(|_| wait(&self.gaps, total - seconds(tail)));
        self.gaps.extend((tail > 0).then_some(tail));
        let uncovered: i64 = self.gaps.iter().sum();
        let some = |value: f64, count: u64| (count > 0).then_some(value);
        let (passes, gaps) = (self.passes, self.gaps.len() as u64);
        let in_view = self.in_view as f64 / 1e9;
        Figures {
            passes,
            mean_pass_s: some(in_view / passes as f64, passes),
            longest_pass_s: some(seconds(self.longest), passes),
            covered: 1.0 - seconds(uncovered) / total,
            in_view: in_view / total,
            gaps,
            mean_gap_s: some(seconds(uncovered) / gaps as f64, gaps),
            longest_gap_s: self.gaps.iter().max().map(|longest| seconds(*longest)),
            wait,
        }
    }
}

/// The wait over `total` seconds with these gaps, in their ascending order.
fn wait(gaps: &[i64], total: f64) -> Wait {
    let gaps: Vec<f64> = gaps.iter().map(|ns| *ns as f64 / 1e9).collect();
    let squares = gaps.iter().fold(0.0, |sum, gap| sum + gap * gap);
    Wait {
        mean_s: squares / (2.0 * total),
        p50_s: quantile(&gaps, total, 0.50),
        p90_s: quantile(&gaps, total, 0.90),
        p95_s: quantile(&gaps, total, 0.95),
        p99_s: quantile(&gaps, total, 0.99),
        max_s: gaps.last().copied().unwrap_or(0.0),
    }
}

/// The least wait that the share `q` of all instants does not exceed: longer than `w` wait those who come more than `w` before the end of
/// a gap, for a time of the sum of `gap − w` over the gaps that are longer.
fn quantile(gaps: &[f64], total: f64, q: f64) -> f64 {
    let allowed = (1.0 - q) * total;
    let (mut count, mut sum) = (0.0, 0.0);
    for (number, gap) in gaps.iter().enumerate().rev() {
        (count, sum) = (count + 1.0, sum + gap);
        // The wait at which those of the gaps so far that wait longer make up what is allowed.
        let w = (sum - allowed) / count;
        let next = number.checked_sub(1).map_or(0.0, |next| gaps[next]);
        if w >= next {
            return w.max(0.0);
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(start: f64, end: f64, satellite: u32) -> Piece {
        Piece { satellite, continues: false, start: Utc(0).plus(start), end: Utc(0).plus(end) }
    }

    fn span(end: f64) -> Span {
        Span { start: Utc(0), end: Utc(0).plus(end) }
    }

    #[test]
    fn waits_are_those_of_the_gaps() {
        // Covered 100–200, 300–400 and 350–450 of 1,000 s: gaps of 100 at the start, 100, and 550 at the end.
        let mut coverage = Coverage::default();
        coverage.take(&[piece(100.0, 200.0, 0), piece(300.0, 400.0, 1), piece(350.0, 450.0, 0)]);
        let figures = coverage.finish(span(1_000.0));
        assert_eq!((figures.passes, figures.gaps), (3, 3));
        assert_eq!((figures.covered, figures.in_view), (0.25, 0.3));
        assert_eq!((figures.mean_pass_s, figures.longest_gap_s), (Some(100.0), Some(550.0)));
        let wait = figures.wait.unwrap();
        // Over the 450 s that have a window behind them: 2 · 100² / 900.
        assert!((wait.mean_s - 22.222_222).abs() < 1e-6);
        assert_eq!((wait.p50_s, wait.max_s), (0.0, 100.0));
        // A tenth of 450 s waits longer than w in two gaps: 2 (100 − w) = 45.
        assert!((wait.p90_s - 77.5).abs() < 1e-9, "{wait:?}");
    }

    #[test]
    fn quantiles_agree_with_counting() {
        let gaps = [10.0, 20.0, 20.0, 75.0, 300.0];
        let total = 1_000.0;
        let mut waits: Vec<f64> =
            gaps.iter().flat_map(|gap| (0..*gap as u32 * 10).map(|x| f64::from(x) / 10.0)).collect();
        waits.resize(10_000, 0.0);
        waits.sort_by(f64::total_cmp);
        for q in [0.3, 0.5, 0.6, 0.7, 0.9, 0.99] {
            let counted = waits[(q * 10_000.0) as usize];
            assert!((quantile(&gaps, total, q) - counted).abs() < 0.2, "{q}: {counted}");
        }
    }

    #[test]
    fn pieces_of_one_window_count_once() {
        let mut coverage = Coverage::default();
        coverage.take(&[piece(0.0, 500.0, 0)]);
        coverage.take(&[Piece { continues: true, ..piece(500.0, 600.0, 0) }]);
        coverage.take(&[]);
        let figures = coverage.finish(span(1_000.0));
        assert_eq!((figures.passes, figures.gaps, figures.covered), (1, 1, 0.6));
        assert_eq!(figures.wait.unwrap().mean_s, 0.0);
        assert_eq!(Coverage::default().finish(span(10.0)).wait, None);
    }
}
