//! How likely each transmission of a block is lost: tables that are worked out when they are first asked for.
//!
//! A network has hundreds of block sizes, and a run uses a few of them. When a table is made cannot be seen in its
//! numbers, nor who made it first.

use std::sync::OnceLock;

use crate::propagation::error_rate::{Block, Receiver};
use crate::radio::channel::LinkClass;
use crate::rng::Probability;
use crate::units::{Db, SimDuration};

/// Loss of transmission number t (from 0) of a block, given that all before it were lost, per link class: entry
/// `class * transmissions + t`.
#[derive(Clone, Debug)]
pub struct Losses {
    model: Option<Model>,
    table: OnceLock<Vec<Probability>>,
}

/// What the curve of error rates has to know of a block.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// Who receives it.
    pub receiver: Receiver,
    /// The block and what one transmission of it takes.
    pub block: Block,
    /// From the end of one transmission to the start of the next.
    pub interval: SimDuration,
    /// What must be added to the ratio of a link class to have the ratio in the band of the block.
    pub offset: Db,
    /// Transmissions before the block is given up.
    pub transmissions: u32,
}

impl Losses {
    /// Those that the curve of error rates gives.
    #[must_use]
    pub fn modelled(model: Model) -> Losses {
        Losses { model: Some(model), table: OnceLock::new() }
    }

    /// Those that are known.
    #[must_use]
    pub fn known(table: Vec<Probability>) -> Losses {
        Losses { model: None, table: table.into() }
    }

    /// The whole table.
    #[inline]
    #[must_use]
    pub fn table(&self) -> &[Probability] {
        match self.table.get() {
            Some(table) => table,
            None => self.work_out(),
        }
    }

    #[cold]
    fn work_out(&self) -> &[Probability] {
        self.table.get_or_init(|| self.model.as_ref().map_or_else(Vec::new, Model::table))
    }
}

/// Two are equal if their tables are, however those came about.
impl PartialEq for Losses {
    fn eq(&self, other: &Losses) -> bool {
        self.table() == other.table()
    }
}

impl Model {
    fn table(&self) -> Vec<Probability> {
        let mut table = Vec::with_capacity(LinkClass::COUNT * self.transmissions as usize);
        let curve = self.receiver.curve(&self.block, self.transmissions, self.interval);
        for class in LinkClass::all() {
            let mut before = 1.0;
            for after in curve.failures(class.ratio() + self.offset) {
                table.push(Probability::new(if before > 0.0 { after / before } else { 0.0 }));
                before = after;
            }
        }
        table
    }
}
