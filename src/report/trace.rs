//! What chosen terminals did, as comma-separated values: one line per stretch of time in one state.

use std::fmt;

use crate::exec::trace::Stretch;
use crate::power::State;

/// The stretches of a run and the names their numbers stand for.
#[derive(Clone, Copy, Debug)]
pub struct TraceTable<'a> {
    /// The names of the groups.
    pub groups: &'a [&'a str],
    /// The stretches, in any order.
    pub stretches: &'a [Stretch],
}

impl TraceTable<'_> {
    /// Writes a line of titles with units, then a line per stretch: by group, then terminal, then time. Times are exact
    /// and count from the beginning of the warm-up; powers are exact.
    ///
    /// # Errors
    ///
    /// Only those of `out`.
    pub fn write_csv(&self, out: &mut impl fmt::Write) -> fmt::Result {
        let mut stretches: Vec<(&str, &Stretch)> =
            self.stretches.iter().map(|stretch| (self.name(stretch.group), stretch)).collect();
        stretches.sort_by_key(|(name, stretch)| (*name, stretch.index, stretch.start, stretch.end));
        out.write_str("group,terminal,start_s,end_s,state,cause,power_w\n")?;
        for (name, stretch) in stretches {
            let (start, end) = (millionths(stretch.start.0), millionths(stretch.end.0));
            let (state, power) = (state_name(stretch.activity.state), millionths(stretch.activity.power.0.into()));
            writeln!(out, "{},{},{start},{end},{state},{},{power}", cell(name), stretch.index, stretch.cause)?;
        }
        Ok(())
    }

    fn name(&self, group: u16) -> &str {
        self.groups.get(usize::from(group)).copied().unwrap_or_default()
    }
}

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
    use crate::cause::Cause;
    use crate::power::Activity;
    use crate::radio::plan::Doing;
    use crate::units::{Microwatts, SimTime};

    #[test]
    fn lines_are_sorted_by_name_terminal_and_time_and_carry_names() {
        let stretch = |group, index, start, end, cause, state, power| Stretch {
            group,
            index,
            start: SimTime(start),
            end: SimTime(end),
            errand: None,
            doing: Doing::default(),
            cause,
            activity: Activity { state, power: Microwatts(power) },
        };
        let stretches = [
            stretch(0, 2, 5_000_000, 5_000_001, Cause::Airtime, State::Transmit, 543_000),
            stretch(0, 10, 0, 10, Cause::Sleep, State::Sleep, 15),
            stretch(0, 2, 40, 5_000_000, Cause::AccessWait, State::Idle, 3_000),
            stretch(1, 0, 86_400_500_000, 90_000_000_000, Cause::Sync, State::Receive, 1_000_000),
        ];
        let mut text = String::new();
        TraceTable { groups: &["valves", "a, \"b\""], stretches: &stretches }.write_csv(&mut text).unwrap();
        let expected = "group,terminal,start_s,end_s,state,cause,power_w\n\
                        \"a, \"\"b\"\"\",0,86400.5,90000,receive,sync,1\n\
                        valves,2,0.00004,5,idle,access-wait,0.003\n\
                        valves,2,5,5.000001,transmit,airtime,0.543\n\
                        valves,10,0,0.00001,sleep,sleep,0.000015\n";
        assert_eq!(text, expected);
    }
}
