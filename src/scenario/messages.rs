//! What terminals have to say, and in which protocols: from the file types to core types.

use super::build::Builder;
use super::protocol::ProtocolFile;
use super::schema::{BurstShape, BurstTraffic, PeriodicTraffic, ReportMix, Traffic, overhead};
use crate::catalog::files::ReportsFile;
use crate::catalog::value::{Duration, Sourced, Whole};
use crate::catalog::{Issue, Kind};
use crate::traffic::dialogue::Dialogue;
use crate::traffic::protocol::Stack;
use crate::traffic::timing::{Burst, Periodic, Shape, Timing};
use crate::traffic::{Payload, Reports};
use crate::units::{SimDuration, SimTime};

/// The shortest time between two reports of a terminal: report numbers are `u32`, and a run may last a hundred years.
const SHORTEST_INTERVAL: SimDuration = SimDuration::from_secs(1);

/// Reports that are all of one size, as files have them.
struct OneSize<'a> {
    payload: u32,
    answered: f64,
    answer: u32,
    overhead: Option<Whole<0, 65_535>>,
    protocol: Option<&'a ProtocolFile>,
}

impl Builder<'_> {
    pub(super) fn traffic(&mut self, group: &str, file: &Traffic) -> Option<(Reports, Traffic)> {
        match file {
            Traffic::Periodic(periodic) => self.periodic(group, periodic),
            Traffic::Burst(burst) => self.burst(group, burst),
            Traffic::Tr45820Reports(over) => self.mix(group, over),
        }
    }

    fn periodic(&mut self, group: &str, file: &PeriodicTraffic) -> Option<(Reports, Traffic)> {
        let path = ["groups", group, "traffic", "periodic"];
        let sizes = OneSize {
            payload: file.payload_bytes.0,
            answered: file.answered_fraction.0,
            answer: file.answer_bytes.0,
            overhead: file.overhead_bytes,
            protocol: file.protocol.as_ref(),
        };
        let timing = Timing::Periodic(Periodic { intervals: vec![(file.every.0, 1.0)], jitter: file.jitter.0 });
        let (reports, overhead_bytes, protocol) = self.one_size(&path, timing, &sizes)?;
        self.check_reports(&path, &reports)?;
        Some((reports, Traffic::Periodic(PeriodicTraffic { overhead_bytes, protocol, ..file.clone() })))
    }

    fn burst(&mut self, group: &str, file: &BurstTraffic) -> Option<(Reports, Traffic)> {
        let path = ["groups", group, "traffic", "burst"];
        let sizes = OneSize {
            payload: file.payload_bytes.0,
            answered: file.answered_fraction.0,
            answer: file.answer_bytes.0,
            overhead: file.overhead_bytes,
            protocol: file.protocol.as_ref(),
        };
        let shape = match file.shape {
            BurstShape::Uniform => Shape::Uniform,
            BurstShape::Beta => Shape::Beta,
        };
        let timing = Timing::Once(Burst { at: SimTime::ZERO + file.at.0, spread: file.spread.0, shape });
        let (reports, overhead_bytes, protocol) = self.one_size(&path, timing, &sizes)?;
        Some((reports, Traffic::Burst(BurstTraffic { overhead_bytes, protocol, ..file.clone() })))
    }

    /// Reports of one size, and what their protocols come to in a resolved scenario: a number of bytes, or their names.
    fn one_size(
        &mut self,
        path: &[&str],
        timing: Timing,
        sizes: &OneSize<'_>,
    ) -> Option<(Reports, Option<Whole<0, 65_535>>, Option<ProtocolFile>)> {
        let OneSize { payload, answered, answer, overhead: given, protocol } = *sizes;
        let overhead_bytes = given.unwrap_or_else(overhead);
        let mut reports = Reports {
            timing,
            payload: Payload::Fixed(payload),
            overhead_bytes: overhead_bytes.0,
            answered,
            dialogue: Dialogue::plain(answer + overhead_bytes.0),
        };
        match self.protocol(path, protocol, given)? {
            None => Some((reports, Some(overhead_bytes), None)),
            Some((stack, protocol)) => {
                speak(&mut reports, &stack, payload, answer);
                Some((reports, None, Some(protocol)))
            }
        }
    }

    fn mix(&mut self, group: &str, over: &ReportMix) -> Option<(Reports, Traffic)> {
        let path = ["groups", group, "traffic", "tr45820-reports"];
        let mix = over.mix.as_deref().unwrap_or("tr45820-reports");
        let loaded = self.catalogue.load::<ReportsFile>(Kind::Traffic, mix);
        let mut mix = self.available(&["groups", group, "traffic", "tr45820-reports", "mix"], loaded)?;
        let protocol = self.protocol(&path, over.protocol.as_ref(), over.overhead_bytes)?;
        let mut resolved = lay_over(&mut mix.content, over);
        let (largest, answer) = (mix.content.payload_cap_bytes.value.0, mix.content.answer_bytes.value.0);
        let reports = mix.convert(ReportsFile::reports);
        let mut reports = self.available(&path, reports)?;
        if let Some((stack, protocol)) = protocol {
            speak(&mut reports, &stack, largest, answer);
            resolved.overhead_bytes = None;
            resolved.protocol = Some(protocol);
        }
        self.check_reports(&path, &reports)?;
        Some((reports, Traffic::Tr45820Reports(resolved)))
    }

    /// The protocols, if they are given; `None` if they are wrong, or if the overhead is given too.
    fn protocol(
        &mut self,
        path: &[&str],
        file: Option<&ProtocolFile>,
        overhead: Option<Whole<0, 65_535>>,
    ) -> Option<Option<(Stack, ProtocolFile)>> {
        let Some(file) = file else { return Some(None) };
        let below: Vec<&str> = path.iter().copied().chain(["protocol"]).collect();
        if overhead.is_some() {
            let what = "both `overhead_bytes` and `protocol` say what the protocols add";
            self.report_below(path, vec![Issue::new(["overhead_bytes"], what).expected("one of the two")]);
            return None;
        }
        match file.stack() {
            Ok(both) => Some(Some(both)),
            Err(issues) => {
                self.report_below(&below, issues);
                None
            }
        }
    }

    fn check_reports(&mut self, path: &[&str], reports: &Reports) -> Option<()> {
        let Timing::Periodic(Periodic { intervals, jitter }) = &reports.timing else { return Some(()) };
        let shortest = intervals.iter().map(|(interval, _)| *interval).min()?;
        let mut issues = Vec::new();
        if shortest < SHORTEST_INTERVAL {
            let what = format!("reports every {}", Duration(shortest));
            issues.push(Issue::new(["every"], what).expected(format!("at least {}", Duration(SHORTEST_INTERVAL))));
        } else if *jitter > shortest {
            let what = format!(
                "the jitter of {} is longer than the interval of {}: reports would overtake each other",
                Duration(*jitter),
                Duration(shortest)
            );
            issues.push(Issue::new(["jitter"], what).expected(format!("at most {}", Duration(shortest))));
        }
        let good = issues.is_empty();
        self.report_below(path, issues);
        good.then_some(())
    }
}

/// Lets reports of up to `payload` bytes speak these protocols.
fn speak(reports: &mut Reports, stack: &Stack, payload: u32, answer: u32) {
    reports.overhead_bytes = stack.report_overhead(payload);
    reports.dialogue = stack.dialogue(payload, answer);
}

/// Lays the keys of a scenario over a mix of reports; returns them with the gaps filled from the mix.
fn lay_over(mix: &mut ReportsFile, over: &ReportMix) -> ReportMix {
    fn put<T: Clone>(slot: &mut Sourced<T>, over: &Option<T>) -> Option<T> {
        if let Some(value) = over {
            *slot = Sourced { value: value.clone(), source: None };
        }
        Some(slot.value.clone())
    }
    ReportMix {
        mix: over.mix.clone(),
        jitter: put(&mut mix.jitter, &over.jitter),
        answered_fraction: put(&mut mix.answered_fraction, &over.answered_fraction),
        answer_bytes: put(&mut mix.answer_bytes, &over.answer_bytes),
        overhead_bytes: put(&mut mix.overhead_bytes, &over.overhead_bytes),
        protocol: None,
    }
}
