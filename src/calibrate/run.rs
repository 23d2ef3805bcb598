//! Carries out the runs of cases, side by side. What comes out does not depend on the number of threads.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use super::{Case, Family, Job, LinkLine, Measured, Of};
use crate::traffic::timing::Timing;
use crate::world::link::{self, LinkReport, Place};
use crate::world::spec::WorldSpec;
use crate::world::summarise::{Labels, summarise};
use crate::world::{self, Execution, WorldError};

/// What was read off the runs: per case in its order, per seed, per reading.
pub type Measurements = Vec<Vec<Vec<Measured>>>;

/// Why a case cannot be run.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{family}/{case}: {source}")]
pub struct RunError {
    /// Name of its family.
    pub family: String,
    /// Its name.
    pub case: String,
    /// What is wrong.
    pub source: WorldError,
}

/// How far the runs have come.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Share of the work that is done, 0 to 1, estimated.
    pub fraction: f64,
    /// Runs that are done.
    pub done: usize,
    /// All runs.
    pub of: usize,
    /// The run that was done last, as `family/case`.
    pub last: String,
}

/// One run of one case with one seed.
struct Task<'a> {
    family: &'a str,
    case: &'a Case,
    /// Number of the case among all.
    number: usize,
    job: usize,
    seed: u32,
    /// How much work it is, in no unit.
    weight: f64,
}

/// What a task gives: its number, and readings by their number.
type Done = (usize, Result<Vec<(usize, Measured)>, WorldError>);

/// Runs all cases on so many threads.
///
/// # Errors
/// The first case, in their order, whose world is not sound.
pub fn run(families: &[Family], threads: usize, mut show: impl FnMut(Progress)) -> Result<Measurements, RunError> {
    let cases = || families.iter().flat_map(|family| family.cases.iter().map(move |case| (family, case)));
    let mut tasks = Vec::new();
    for (number, (family, case)) in cases().enumerate() {
        for (job, work) in case.jobs.iter().enumerate() {
            let task = |seed| Task { family: &family.name, case, number, job, seed, weight: weight(work) };
            tasks.extend((1..=case.seeds).map(task));
        }
    }
    let all: f64 = tasks.iter().map(|task| task.weight).sum();
    // The longest first, so that none of them is left alone at the end.
    let mut order: Vec<usize> = (0..tasks.len()).collect();
    order.sort_by(|a, b| tasks[*b].weight.total_cmp(&tasks[*a].weight));
    let mut measured: Measurements =
        cases().map(|(_, case)| vec![vec![Measured::default(); case.readings.len()]; case.seeds as usize]).collect();
    let mut failed: Option<(usize, WorldError)> = None;
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (sender, receiver) = channel();
        for _ in 0..threads.clamp(1, tasks.len().max(1)) {
            let (tasks, order, next, sender) = (&tasks, &order, &next, sender.clone());
            scope.spawn(move || work(tasks, order, next, &sender));
        }
        drop(sender);
        let mut behind = 0.0;
        for (done, (number, result)) in receiver.into_iter().enumerate() {
            let task = &tasks[number];
            behind += task.weight;
            match result {
                Ok(readings) => {
                    let row = &mut measured[task.number][task.seed as usize - 1];
                    readings.into_iter().for_each(|(reading, value)| row[reading] = value);
                }
                Err(error) if failed.as_ref().is_none_or(|(first, _)| number < *first) => {
                    failed = Some((number, error))
                }
                Err(_) => (),
            }
            let last = format!("{}/{}", task.family, task.case.name);
            show(Progress { fraction: behind / all, done: done + 1, of: tasks.len(), last });
        }
    });
    match failed {
        None => Ok(measured),
        Some((number, source)) => {
            let Task { family, case, .. } = tasks[number];
            Err(RunError { family: family.to_owned(), case: case.name.clone(), source })
        }
    }
}

/// Takes one task after the other.
fn work(tasks: &[Task<'_>], order: &[usize], next: &AtomicUsize, sender: &Sender<Done>) {
    while let Some(number) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
        // Nobody listens any more if the other end has failed.
        let _ = sender.send((*number, measure(&tasks[*number])));
    }
}

/// Reports that terminals of a run will send, and what it takes to set one up.
fn weight(job: &Job) -> f64 {
    const SET_UP: f64 = 20_000.0;
    const PROBE: f64 = 5_000.0;
    let Job::Simulate(world) = job else { return PROBE };
    let span = (world.warmup + world.duration).as_secs_f64();
    let reports = world.groups.iter().map(|group| {
        // A terminal of a burst reports once, whatever its rate is meanwhile.
        let reports = match &group.traffic.timing {
            Timing::Periodic(_) => span * group.traffic.timing.rate(),
            Timing::Once(_) => 1.0,
        };
        f64::from(group.count) * (1.0 + reports)
    });
    SET_UP + reports.sum::<f64>()
}

fn measure(task: &Task<'_>) -> Result<Vec<(usize, Measured)>, WorldError> {
    let readings = || task.case.readings.iter().enumerate().filter(|(_, reading)| reading.job == task.job);
    let mut measured = Vec::new();
    match &task.case.jobs[task.job] {
        Job::Probe(probe) => {
            let outputs = probe.outputs().unwrap_or_default();
            for output in &outputs {
                let wanted = |of: &Of| matches!(of, Of::Output(name, _) if *name == output.name);
                if !readings().any(|(_, reading)| wanted(&reading.of)) {
                    continue;
                }
                let values = (output.compute)(u64::from(task.seed));
                for (number, reading) in readings() {
                    if let Of::Output(name, member) = &reading.of
                        && *name == output.name
                    {
                        measured.push((number, values.get(*member).copied().unwrap_or_default()));
                    }
                }
            }
        }
        Job::Simulate(world) => {
            for (number, reading) in readings() {
                if let Of::Line(line) = &reading.of {
                    measured.push((number, Measured { value: line_of(world, line)?, half_width: None }));
                }
            }
            if readings().any(|(_, reading)| matches!(reading.of, Of::Metric(_))) {
                measured.extend(simulate(world, task)?);
            }
        }
    }
    Ok(measured)
}

/// The metrics of one simulation.
fn simulate(world: &WorldSpec, task: &Task<'_>) -> Result<Vec<(usize, Measured)>, WorldError> {
    let spec = WorldSpec { seed: u64::from(task.seed), ..world.clone() };
    let outcome = world::run(&spec, &Execution::default(), |_| ControlFlow::Continue(()))?;
    let labels = Labels { name: String::new(), model_data: String::new(), scenario: serde_json::Value::Null };
    let summary = summarise(&spec, &outcome, labels);
    let readings = task.case.readings.iter().enumerate().filter(|(_, reading)| reading.job == task.job);
    let metrics = readings.filter_map(|(number, reading)| match &reading.of {
        Of::Metric(metric) => {
            let half_width = metric.half_width(&summary).filter(|width| *width > 0.0);
            Some((number, Measured { value: metric.measure(&summary), half_width }))
        }
        _ => None,
    });
    Ok(metrics.collect())
}

fn line_of(world: &WorldSpec, line: &LinkLine) -> Result<Option<f64>, WorldError> {
    let network = &world.networks[line.network];
    let unsound = |source| WorldError::Radio { network: network.name.clone(), source };
    let device = &world.groups[line.group].device;
    let LinkReport { points, .. } =
        link::report(network, device, &[Place::Loss(line.coupling_loss)], 1).map_err(unsound)?;
    let budget = points.first().map(|point| if line.uplink { &point.uplink } else { &point.downlink });
    let term = budget.and_then(|budget| budget.terms.iter().find(|term| term.name == line.term));
    Ok(term.map(|term| term.value))
}
