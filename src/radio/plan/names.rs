//! What the steps of a plan are called, for people who follow a terminal. Nothing is decided by a name.

use crate::radio::plan::{Label, Op, Plan, Step};

/// What a step belongs to, for people who follow a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doing {
    /// The message or procedure: `Msg3 RRCConnectionResumeRequest`.
    pub what: &'static str,
    /// The clause that describes it.
    pub clause: &'static str,
}

/// What the parts of random access before the first scheduled block belong to.
#[derive(Debug, PartialEq, Eq)]
pub struct AccessNames {
    /// The wait for an opportunity, and the preamble.
    pub preamble: Doing,
    /// The wait for the response, and the response.
    pub response: Doing,
}

/// A part of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// The preamble of random access.
    Preamble,
    /// The response to it.
    Response,
    /// What has to be heard before a transmission.
    Assistance,
    /// Any step as a whole, or the block that the response grants.
    #[default]
    Block,
}

impl Plan {
    /// What a part of a step belongs to.
    #[must_use]
    pub fn doing(&self, at: Label, part: Part) -> Doing {
        let at = usize::from(at.0);
        match (&self.steps[at], part) {
            (Step::Op(Op::Access { names, .. }), Part::Preamble) => names.preamble,
            (Step::Op(Op::Access { names, .. }), Part::Response) => names.response,
            _ => self.doing[at],
        }
    }
}
