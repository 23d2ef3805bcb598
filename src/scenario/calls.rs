//! What the server starts, when terminals are switched on and networks out of service: from the file types to core types.

use super::build::Builder;
use super::schema::{Commands, Download, OutageFile, StartFile};
use crate::catalog::Issue;
use crate::exec::outage::Outage;
use crate::exec::setup::Start;
use crate::traffic::dialogue::Leg;
use crate::traffic::{Call, Rhythm};
use crate::units::{SimDuration, SimTime};

/// The shortest time between two commands to a terminal.
const SHORTEST_INTERVAL: SimDuration = SimDuration::from_secs(1);

/// The core type of commands that were checked.
pub(super) fn command(file: &Commands) -> Call {
    let overhead = file.overhead_bytes.0;
    let mut legs = vec![Leg::down("command", file.payload_bytes.0 + overhead)];
    legs.extend(file.answer_bytes.map(|bytes| Leg::up("answer to the command", bytes.0 + overhead)));
    Call { rhythm: Rhythm::Every(file.every.0), legs, rounds: 1 }
}

/// The core type of a start.
pub(super) fn start(file: &StartFile) -> Start {
    Start::SwitchedOn { at: SimTime::ZERO + file.switched_on_at.0, spread: file.within.0 }
}

impl Builder<'_> {
    /// Outages in the order of their time; none may begin before the one before has ended.
    pub(super) fn outages(&mut self, network: &str, files: &[OutageFile]) -> Option<Vec<Outage>> {
        let outage = |file: &OutageFile| {
            let begin = SimTime::ZERO + file.at.0;
            Outage { begin, end: begin + file.lasts.0, restart: file.power_back_within.map(|within| within.0) }
        };
        let outages: Vec<Outage> = files.iter().map(outage).collect();
        let mut good = true;
        for number in 0..outages.len() {
            let before = number.checked_sub(1).map(|before| outages[before]);
            let over = before.map(|before| before.end + before.restart.unwrap_or(SimDuration::ZERO));
            let (what, expected) = if outages[number].end == outages[number].begin {
                ("an outage of no length", "a time above zero")
            } else if over.is_some_and(|over| outages[number].begin < over) {
                ("the outage begins before the one before is over", "outages in the order of time, one after the other")
            } else {
                continue;
            };
            good = false;
            let issue = Issue::new(["networks", network, "outages", &number.to_string()], what);
            self.report(issue.expected(expected));
        }
        good.then_some(outages)
    }

    pub(super) fn check_commands(&mut self, group: &str, file: Option<&Commands>) {
        if file.is_some_and(|file| file.every.0 < SHORTEST_INTERVAL) {
            let issue = Issue::new(["groups", group, "commands", "every"], "commands come faster than one a second");
            self.report(issue.expected("at least 1s"));
        }
    }

    /// Requests and blocks of a download: a round for each block.
    pub(super) fn download(&mut self, group: &str, file: Option<&Download>) -> Option<Option<Call>> {
        let Some(file) = file else { return Some(None) };
        let rounds = file.bytes.0.div_ceil(file.block_bytes.0);
        if rounds > MOST_BLOCKS {
            let issue = Issue::new(["groups", group, "download", "block_bytes"], format!("{rounds} blocks"));
            self.report(issue.expected(format!("at most {MOST_BLOCKS}: larger blocks or less software")));
            return None;
        }
        let overhead = file.overhead_bytes.0;
        let legs = vec![Leg::up("block request", overhead), Leg::down("block", file.block_bytes.0 + overhead)];
        let rhythm = Rhythm::Once { at: SimTime::ZERO + file.at.0, spread: file.within.0 };
        Some(Some(Call { rhythm, legs, rounds }))
    }
}

/// Most blocks of a download.
const MOST_BLOCKS: u32 = 100_000;
