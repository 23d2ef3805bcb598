//! What chosen terminals did, as comma-separated values: one line per stretch of time in one state.

use std::fmt;

use crate::cause::Errand;
use crate::exec::trace::Stretch;
use crate::power::State;
use crate::radio::Radio;
use crate::report::stored::TraceRow;
use crate::world::spec::{GroupSpec, WorldSpec};

/// A group whose terminals can be traced.
#[derive(Clone, Copy, Debug)]
pub struct TracedGroup<'a> {
    /// Its name.
    pub name: &'a str,
    /// The technology that names its channels.
    pub radio: &'a Radio,
}

impl<'a> TracedGroup<'a> {
    /// A group of a run.
    #[must_use]
    pub fn of(spec: &'a WorldSpec, group: &'a GroupSpec) -> TracedGroup<'a> {
        TracedGroup { name: &group.name, radio: &spec.networks[group.network].radio }
    }
}

/// The stretches of a run and the names their numbers stand for.
#[derive(Clone, Copy, Debug)]
pub struct TraceTable<'a> {
    /// The groups.
    pub groups: &'a [TracedGroup<'a>],
    /// The stretches, in any order.
    pub stretches: &'a [Stretch],
}

impl TraceTable<'_> {
    /// The stretches by group, then terminal, then time.
    fn sorted(&self) -> Vec<(TracedGroup<'_>, &Stretch)> {
        let of_group = |stretch: &'_ Stretch| self.groups.get(usize::from(stretch.group)).copied();
        let mut stretches: Vec<(TracedGroup<'_>, &Stretch)> =
            self.stretches.iter().filter_map(|stretch| Some((of_group(stretch)?, stretch))).collect();
        stretches.sort_by_key(|(group, stretch)| (group.name, stretch.index, stretch.start, stretch.end));
        stretches
    }

    /// The rows as they are read back from the file.
    #[must_use]
    pub fn rows(&self) -> Vec<TraceRow> {
        let row = |(group, stretch): (TracedGroup<'_>, &Stretch)| TraceRow {
            terminal: format!("{}/{}", group.name, stretch.index),
            span: (stretch.start.as_secs_f64(), stretch.end.as_secs_f64()),
            state: state_name(stretch.activity.state).into(),
            power: f64::from(stretch.activity.power.0) / 1e6,
            channel: group.radio.channel_name(stretch.resource).into(),
            cause: stretch.cause.name().into(),
            errand: stretch.errand.map_or("", Errand::name).into(),
            step: stretch.doing.what.into(),
        };
        self.sorted().into_iter().map(row).collect()
    }

    /// Writes a line of titles with units, then a line per stretch: by group, then terminal, then time. Times are exact
    /// and count from the beginning of the warm-up, which is the start of radio frame 0; powers are exact.
    ///
    /// # Errors
    ///
    /// Only those of `out`.
    pub fn write_csv(&self, out: &mut impl fmt::Write) -> fmt::Result {
        out.write_str("group,terminal,start_s,end_s,sfn,subframe,state,power_w,channel,cause,errand,step,clause\n")?;
        for (group, stretch) in self.sorted() {
            let Stretch { index, start, end, doing, cause, .. } = stretch;
            let (frame, subframe) = (start.0 / FRAME_US % FRAMES, start.0 % FRAME_US / SUBFRAME_US);
            let (state, power) = (state_name(stretch.activity.state), millionths(stretch.activity.power.0.into()));
            let channel = group.radio.channel_name(stretch.resource);
            let errand = stretch.errand.map_or("", Errand::name);
            write!(out, "{},{index},{},{},", cell(group.name), millionths(start.0), millionths(end.0))?;
            write!(out, "{frame},{subframe},{state},{power},{channel},{cause},{errand},")?;
            writeln!(out, "{},{}", cell(doing.what), cell(doing.clause))?;
        }
        Ok(())
    }
}

/// A radio frame, a subframe, and how many frames are counted before the number begins anew (TS 36.211 clause 10.1).
const FRAME_US: u64 = 10_000;
const SUBFRAME_US: u64 = 1_000;
const FRAMES: u64 = 1_024;

/// Millionths as a decimal fraction, without loss and without idle zeros.
fn millionths(n: u64) -> String {
    let text = format!("{}.{:06}", n / 1_000_000, n % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn state_name(state: State) -> &'static str {
    match state {
        State::Sleep => "sleep",
        State::Idle => "idle",
        State::Monitor => "monitor",
        State::Receive => "receive",
        State::Transmit => "transmit",
    }
}

/// A name as a cell: in quotation marks if it would not be one cell otherwise (RFC 4180).
fn cell(name: &str) -> String {
    if name.contains([',', '"', '\n', '\r']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Kind;
    use crate::catalog::nbiot::NbIot;
    use crate::cause::Cause;
    use crate::power::Activity;
    use crate::radio::channel::Resource;
    use crate::radio::plan::Doing;
    use crate::units::{Microwatts, SimTime};

    fn nb_iot() -> Radio {
        let mut catalogue = crate::catalog::Catalogue::new(std::path::Path::new("."));
        let file = catalogue.load::<NbIot>(Kind::NbIot, "default").unwrap();
        Radio::NbIot(file.content.config().unwrap())
    }

    #[test]
    fn lines_are_sorted_by_name_terminal_and_time_and_carry_names() {
        let stretch = |group, index, start, end, cause, state, power| Stretch {
            group,
            index,
            start: SimTime(start),
            end: SimTime(end),
            errand: None,
            doing: Doing::default(),
            resource: Resource::None,
            cause,
            activity: Activity { state, power: Microwatts(power) },
        };
        let data = stretch(0, 2, 10_305_000, 10_305_001, Cause::Airtime, State::Transmit, 543_000);
        let stretches = [
            Stretch {
                errand: Some(Errand::Report),
                doing: Doing { what: "Msg5, report", clause: "TS 36.331 5.3" },
                resource: Resource::Up,
                ..data
            },
            stretch(0, 10, 0, 10, Cause::Sleep, State::Sleep, 15),
            stretch(0, 2, 40, 10_305_000, Cause::AccessWait, State::Idle, 3_000),
            stretch(1, 0, 86_400_500_000, 90_000_000_000, Cause::Sync, State::Receive, 1_000_000),
        ];
        let radio = nb_iot();
        let groups = ["valves", "a, \"b\""].map(|name| TracedGroup { name, radio: &radio });
        let mut text = String::new();
        TraceTable { groups: &groups, stretches: &stretches }.write_csv(&mut text).unwrap();
        let expected = "group,terminal,start_s,end_s,sfn,subframe,state,power_w,channel,cause,errand,step,clause\n\
                        \"a, \"\"b\"\"\",0,86400.5,90000,562,0,receive,1,,sync,,,\n\
                        valves,2,0.00004,10.305,0,0,idle,0.003,,access-wait,,,\n\
                        valves,2,10.305,10.305001,6,5,transmit,0.543,NPUSCH-1,airtime,report,\"Msg5, report\",TS 36.331 5.3\n\
                        valves,10,0,0.00001,0,0,sleep,0.000015,,sleep,,,\n";
        assert_eq!(text, expected);
    }
}
