//! Published figures against what comes out here: the cases, running and judging them, and the report.
//!
//! A case is data: a set-up, and what a document says about it. Its file is checked like a scenario, [`mod@run`] measures, [`judge`]
//! compares, and the views show one [`Report`]. Nothing here prints or asks the environment; only [`mod@load`] reads files.

use crate::scenario::quantity::{Quantity, Unit};
use crate::scenario::requirement::Metric;
use crate::units::Db;
use crate::world::spec::WorldSpec;

mod check;
mod expect;
pub mod file;
pub mod html;
pub mod judge;
pub mod load;
pub mod markdown;
pub mod probe;
pub mod report;
pub mod run;
mod shown;
pub mod text;

pub use file::Mark;
pub use load::{load, parse};
pub use report::Report;
pub use run::{Measurements, RunError, run};

use probe::Probe;

/// Cases about one subject: a file.
#[derive(Clone, Debug)]
pub struct Family {
    /// The name of its file, without the ending.
    pub name: String,
    /// What the cases are about.
    pub title: String,
    /// The cases, in the order of the file.
    pub cases: Vec<Case>,
}

/// A set-up, and what is published about it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name in the file.
    pub name: String,
    /// What it is.
    pub title: String,
    /// Where the settings come from.
    pub settings: String,
    /// Whether it belongs to the quick subset.
    pub quick: bool,
    /// Seeds 1 to this are run.
    pub seeds: u32,
    /// What is run.
    pub jobs: Vec<Job>,
    /// What is read off the runs.
    pub readings: Vec<Reading>,
    /// What should come out, in the order of the file.
    pub expectations: Vec<Expectation>,
}

/// One run of a case.
#[derive(Clone, Debug)]
pub enum Job {
    /// A simulation, for each seed.
    Simulate(Box<WorldSpec>),
    /// A computation.
    Probe(Probe),
}

/// A number that is read off a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Number of the run in its case.
    pub job: usize,
    /// What is read.
    pub of: Of,
}

/// What is read off a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Of {
    /// A metric of a simulation.
    Metric(Metric),
    /// An output of a probe, and the number of its member.
    Output(String, usize),
    /// A line of a link budget. It takes the network, not its simulation.
    Line(LinkLine),
}

/// A line of a link budget.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkLine {
    /// Number of the network.
    pub network: usize,
    /// Number of the group whose device it is.
    pub group: usize,
    /// Loss between the antenna connectors.
    pub coupling_loss: Db,
    /// Whether it is the uplink's.
    pub uplink: bool,
    /// Name of the term.
    pub term: String,
}

/// What should come out.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Its name in the file.
    pub name: String,
    /// How well the figure is known.
    pub mark: Mark,
    /// Where it stands.
    pub source: String,
    /// What was tuned to it.
    pub tuned: Option<String>,
    /// Where it is told why it is missed.
    pub explained: Option<String>,
    /// The figure.
    pub what: What,
}

/// A published figure.
#[derive(Clone, Debug)]
pub enum What {
    /// Values with their ranges.
    Targets(Vec<Target>),
    /// Numbers of readings in their ascending order, with names for people.
    Ascending(Vec<(usize, String, Quantity)>),
}

/// A value and its range.
#[derive(Clone, Debug)]
pub struct Target {
    /// Which value of several; empty for a single one.
    pub label: String,
    /// What is compared with it.
    pub measure: Measure,
    /// The published value, in base units.
    pub expected: Option<f64>,
    /// The lowest and the highest value that pass, in base units.
    pub range: (f64, f64),
    /// The unit in which it is shown.
    pub unit: Unit,
    /// Decimals with which the document gives it.
    pub decimals: usize,
}

/// What is compared with a figure: numbers of readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// One reading.
    Of(usize),
    /// The ratio of two.
    Ratio(usize, usize),
}

/// What came out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    /// The value in base units; none if there was nothing to measure.
    pub value: Option<f64>,
    /// Half the width of its 95 % confidence interval, if there is one.
    pub half_width: Option<f64>,
}

impl Measured {
    /// The mean of independent values and, from two on, its confidence interval.
    #[must_use]
    pub fn mean_of(values: impl Iterator<Item = f64>) -> Measured {
        // Welford's sums, which stay exact where the values hardly differ.
        let (mut count, mut mean, mut squares) = (0u32, 0.0, 0.0);
        for value in values {
            count += 1;
            let off = value - mean;
            mean += off / f64::from(count);
            squares += off * (value - mean);
        }
        if count == 0 {
            return Measured::default();
        }
        let half_width = (count > 1).then(|| {
            let deviation = (squares / f64::from(count - 1)).sqrt();
            judge::student(count - 1) * deviation / f64::from(count).sqrt()
        });
        Measured { value: Some(mean), half_width }
    }
}
