//! Compares what came out with what was published.

use super::report::{
    CALIBRATION_VERSION, CaseReport, Counts, ExpectationReport, FamilyReport, Kind, OrientationTally, Part, Report,
    Tally, Verdict,
};
use super::run::Measurements;
use super::{Case, Expectation, Family, Mark, Measure, Measured, Target, What};
use crate::scenario::quantity::{Quantity, Unit};

/// Quantiles of Student's t at 97.5 % for 1 to 30 degrees of freedom (NIST/SEMATECH e-Handbook, section 1.3.6.7.2).
const STUDENT: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];
/// Of the normal distribution.
const NORMAL: f64 = 1.960;

/// Half the width of a 95 % confidence interval in standard errors, for so many degrees of freedom, at least one.
pub(super) fn student(freedom: u32) -> f64 {
    let freedom = freedom.max(1) as usize;
    // From 30 on the quantile is the normal one and 2.46 / freedom, to a thousandth.
    STUDENT.get(freedom - 1).copied().unwrap_or(NORMAL + 2.46 / freedom as f64)
}

/// Judges all cases.
#[must_use]
pub fn judge(families: &[Family], measurements: &Measurements) -> Report {
    let mut measured = measurements.iter();
    let mut counts = Counts::default();
    let mut reports = Vec::new();
    for family in families {
        let cases = family.cases.iter().zip(measured.by_ref().take(family.cases.len()));
        let cases: Vec<CaseReport> = cases.map(|(case, measured)| judge_case(case, measured)).collect();
        for expectation in cases.iter().flat_map(|case| &case.expectations) {
            count(&mut counts, expectation);
        }
        counts.cases += cases.len() as u64;
        reports.push(FamilyReport { name: family.name.clone(), title: family.title.clone(), cases });
    }
    Report {
        calibration_version: CALIBRATION_VERSION,
        farlink: env!("CARGO_PKG_VERSION").to_owned(),
        counts,
        families: reports,
    }
}

fn count(counts: &mut Counts, expectation: &ExpectationReport) {
    counts.expectations += 1;
    let tally = match expectation.kind {
        Kind::Validation => &mut counts.validation,
        Kind::CrossChecked => &mut counts.cross_checked,
        Kind::Calibration => &mut counts.calibration,
        Kind::Orientation => {
            let OrientationTally { inside, outside } = &mut counts.orientation;
            *if is_inside(expectation) { inside } else { outside } += 1;
            return;
        }
    };
    let Tally { passed, explained, failed } = tally;
    *match expectation.verdict {
        Verdict::Pass | Verdict::Shown => passed,
        Verdict::Explained => explained,
        Verdict::Fail => failed,
    } += 1;
}

/// Whether all that was expected came out.
fn is_inside(expectation: &ExpectationReport) -> bool {
    expectation.ascending.unwrap_or(true) && expectation.parts.iter().all(|part| part.inside)
}

fn judge_case(case: &Case, measured: &[Vec<Measured>]) -> CaseReport {
    CaseReport {
        name: case.name.clone(),
        title: case.title.clone(),
        settings: case.settings.clone(),
        seeds: case.seeds,
        expectations: case.expectations.iter().map(|expectation| judge_one(expectation, measured)).collect(),
    }
}

fn judge_one(expectation: &Expectation, measured: &[Vec<Measured>]) -> ExpectationReport {
    let kind = match (&expectation.tuned, expectation.mark) {
        (Some(_), _) => Kind::Calibration,
        (None, Mark::V | Mark::S) => Kind::Validation,
        (None, Mark::MS) => Kind::CrossChecked,
        (None, Mark::M) => Kind::Orientation,
    };
    let (parts, ascending) = match &expectation.what {
        What::Targets(targets) => (targets.iter().map(|target| part(target, measured)).collect(), None),
        What::Ascending(readings) => {
            let (parts, ascending) = order(readings, measured);
            (parts, Some(ascending))
        }
    };
    let mut report = ExpectationReport {
        name: expectation.name.clone(),
        kind,
        mark: expectation.mark.name().to_owned(),
        source: expectation.source.clone(),
        tuned: expectation.tuned.clone(),
        explained: expectation.explained.clone(),
        verdict: Verdict::Pass,
        ascending,
        parts,
    };
    report.verdict = match (kind, is_inside(&report), &report.explained) {
        (Kind::Orientation, ..) => Verdict::Shown,
        (_, true, _) => Verdict::Pass,
        (_, false, Some(_)) => Verdict::Explained,
        (_, false, None) => Verdict::Fail,
    };
    report
}

/// The value of a measure over the seeds. Without a value for one of them there is none.
fn combine(measure: Measure, measured: &[Vec<Measured>]) -> Measured {
    let of = |seed: &Vec<Measured>| match measure {
        Measure::Of(reading) => seed[reading],
        Measure::Ratio(over, under) => {
            let ratio = seed[over].value.zip(seed[under].value).map(|(over, under)| over / under);
            Measured { value: ratio.filter(|ratio| !ratio.is_nan()), half_width: None }
        }
    };
    if let [only] = measured {
        return of(only);
    }
    let values: Option<Vec<f64>> = measured.iter().map(|seed| of(seed).value).collect();
    values.map_or_else(Measured::default, |values| Measured::mean_of(values.into_iter()))
}

fn part(target: &Target, measured: &[Vec<Measured>]) -> Part {
    let Measured { value, half_width } = combine(target.measure, measured);
    let Unit { name, scale } = target.unit;
    let shown = |value: f64| Some(rounded(value / scale)).filter(|value| value.is_finite());
    let (lowest, highest) = target.range;
    let deviation = value.zip(target.expected).map(|(value, expected)| match name {
        "dB" | "dBm" => value - expected,
        _ => value / expected - 1.0,
    });
    Part {
        label: target.label.clone(),
        unit: name.to_owned(),
        expected: target.expected.and_then(shown),
        lowest: shown(lowest),
        highest: shown(highest),
        simulated: value.and_then(shown),
        half_width_95: half_width.and_then(shown),
        deviation: deviation.filter(|deviation| deviation.is_finite()),
        inside: value.is_some_and(|value| (lowest..=highest).contains(&value)),
        decimals: target.decimals,
    }
}

/// The value to twelve digits: what a change of unit leaves behind is gone.
fn rounded(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

/// The values of an order in one unit, and whether each is larger than the one before.
fn order(readings: &[(usize, String, Quantity)], measured: &[Vec<Measured>]) -> (Vec<Part>, bool) {
    let values: Vec<Measured> = readings.iter().map(|(reading, ..)| combine(Measure::Of(*reading), measured)).collect();
    let known: Vec<f64> = values.iter().filter_map(|measured| measured.value).collect();
    let ascending = known.len() == values.len() && known.is_sorted_by(|before, after| before < after);
    let parts = readings.iter().zip(values).map(|((_, label, quantity), Measured { value, half_width })| {
        let Unit { name, scale } = quantity.fitting(known.first().copied().unwrap_or(1.0));
        Part {
            label: label.clone(),
            unit: name.to_owned(),
            expected: None,
            lowest: None,
            highest: None,
            simulated: value.map(|value| rounded(value / scale)),
            half_width_95: half_width.map(|width| rounded(width / scale)),
            deviation: None,
            inside: value.is_some(),
            decimals: 0,
        }
    });
    (parts.collect(), ascending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_student() {
        // The ten readings of NIST/SEMATECH e-Handbook table of t: 2.262 standard errors for nine degrees of freedom.
        let measured = Measured::mean_of((1..=10).map(f64::from));
        assert_eq!(measured.value, Some(5.5));
        // The deviation of 1 to 10 is the square root of 55/6.
        let by_hand = 2.262 * (55.0f64 / 6.0).sqrt() / 10.0f64.sqrt();
        assert!((measured.half_width.unwrap() - by_hand).abs() < 1e-12);
        assert_eq!(Measured::mean_of([7.0].into_iter()), Measured { value: Some(7.0), half_width: None });
        assert_eq!(Measured::mean_of([].into_iter()), Measured::default());
        // Published quantiles for 40, 60 and 120 degrees of freedom.
        for (freedom, t) in [(1, 12.706), (30, 2.042), (40, 2.021), (60, 2.000), (120, 1.980)] {
            assert!((student(freedom) - t).abs() < 1.1e-3, "{freedom}");
        }
    }
}
