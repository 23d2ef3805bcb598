//! Plans folded for speed: every run of fixed stays becomes part of the step before it.
//!
//! Folding is safe because nothing can change the outcome of a fixed stay: the terminal is alone in it. What the folded
//! plan books is the same to the last picojoule, because bookings are integers.

use std::collections::BTreeSet;

use crate::cause::Cause;
use crate::radio::plan::{Label, Op, Plan, Spend, Step, Tail};
use crate::units::{Joules, SimDuration};

/// A compiled plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// Its segments; labels in them are positions here.
    pub segments: Vec<Segment>,
    /// Stays of all segments, each segment's in one stretch.
    pub stays: Vec<Stay>,
    /// The plan's tails, their entries positions in `segments`.
    pub tails: Vec<Tail>,
}

/// One operation and all that follows it until the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The operation, if the segment does not begin with a stay.
    pub op: Option<Op>,
    /// Total time of the stays after it.
    pub span: SimDuration,
    /// Total energy of the stays after it.
    pub energy: Joules,
    /// The stays in [`Program::stays`].
    pub stays: std::ops::Range<u32>,
    /// Where to go after them.
    pub next: Label,
}

/// All fixed stays of a segment under one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The cause.
    pub cause: Cause,
    /// Time booked.
    pub span: SimDuration,
    /// Energy booked.
    pub energy: Joules,
}

impl Plan {
    /// Folds the plan.
    #[must_use]
    pub fn compile(&self) -> Program {
        let heads = self.heads();
        let segment_at = |label: Label| Label(heads.partition_point(|&head| head < label.0) as u16);
        let mut stays = Vec::new();
        let mut segments = Vec::with_capacity(heads.len());
        for &head in &heads {
            let mut segment = self.fold(head, &mut stays);
            segment.next = segment_at(segment.next);
            if let Some(op) = &mut segment.op {
                op.labels(&mut |label| *label = segment_at(*label));
            }
            segments.push(segment);
        }
        let mut tails = self.tails.clone();
        let phases = tails.iter_mut().flat_map(|tail| &mut tail.phases);
        phases.flat_map(|phase| &mut phase.entries).for_each(|label| *label = segment_at(*label));
        Program { segments, stays, tails }
    }

    /// The positions at which segments begin, in order: every operation and every place that can be jumped to.
    fn heads(&self) -> Vec<u16> {
        let mut heads = BTreeSet::new();
        for (at, step) in self.steps.iter().enumerate() {
            if let Step::Op(op) = step {
                heads.insert(at as u16);
                op.clone().labels(&mut |label| {
                    heads.insert(label.0);
                });
            }
        }
        let phases = self.tails.iter().flat_map(|tail| &tail.phases);
        heads.extend(phases.flat_map(|phase| &phase.entries).map(|label| label.0));
        heads.into_iter().collect()
    }

    /// Folds the segment that begins at `head`; labels in it are still positions in the plan.
    fn fold(&self, head: u16, stays: &mut Vec<Stay>) -> Segment {
        let mut at = usize::from(head);
        let mut op = None;
        if let Step::Op(first) = &self.steps[at] {
            op = Some(first.clone());
            at += 1;
        }
        let begin = stays.len();
        // Nothing follows the last step, which is a release or a jump.
        while let Some(step) = self.steps.get(at) {
            match *step {
                Step::Goto(Label(to)) => at = usize::from(to),
                Step::Hold(span, spend) => {
                    add_stay(stays, begin, span, spend);
                    at += 1;
                }
                Step::Op(_) => break,
            }
        }
        let folded = &stays[begin..];
        Segment {
            op,
            span: folded.iter().map(|stay| stay.span).sum(),
            energy: Joules(folded.iter().map(|stay| stay.energy.0).sum()),
            stays: begin as u32..stays.len() as u32,
            next: Label(at as u16),
        }
    }
}

/// Adds a stay to the one of the same cause since `begin`, or as a new one.
fn add_stay(stays: &mut Vec<Stay>, begin: usize, span: SimDuration, spend: Spend) {
    let energy = spend.activity.power * span;
    match stays[begin..].iter_mut().find(|stay| stay.cause == spend.cause) {
        Some(stay) => {
            stay.span += span;
            stay.energy += energy;
        }
        None => stays.push(Stay { cause: spend.cause, span, energy }),
    }
}
