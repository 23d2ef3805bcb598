//! `--messages` and `--per-terminal`: tables that are written while the run goes on, in the draft of its result directory.

use std::path::Path;

use super::Failure;
#[cfg(feature = "parquet")]
use crate::metrics::records::{MessageRecord, TerminalRecord};
use crate::metrics::records::{Recording, Sinks};
use crate::report::directory::Draft;
#[cfg(feature = "parquet")]
use crate::report::parquet::Table;
use crate::scenario::Scenario;

/// The tables of a run and the draft that they stand in.
#[cfg(feature = "parquet")]
pub(super) struct Recorder {
    messages: Option<Table<MessageRecord>>,
    terminals: Option<Table<TerminalRecord>>,
    // Behind the tables, because fields are dropped in their order and files must be closed before they are deleted.
    draft: Draft,
}

#[cfg(feature = "parquet")]
impl Recorder {
    /// Begins the wanted tables.
    pub(super) fn begin(wanted: Recording, scenario: &Scenario, out: &Path, force: bool) -> Result<Recorder, Failure> {
        let draft = Draft::begin(out, force)?;
        let facts = [
            ("farlink", env!("CARGO_PKG_VERSION").to_owned()),
            ("farlink.scenario", scenario.name.clone()),
            ("farlink.seed", scenario.world.seed.to_string()),
        ];
        let groups: Vec<&str> = scenario.world.groups.iter().map(|group| group.name.as_str()).collect();
        let networks: Vec<&str> = scenario.world.networks.iter().map(|network| network.name.as_str()).collect();
        let path = |file: &str| draft.path().join(file);
        let (mut messages, mut terminals) = (None, None);
        if wanted.messages {
            messages = Some(Table::messages(&path("messages.parquet"), &groups, &facts)?);
        }
        if wanted.terminals {
            terminals = Some(Table::terminals(&path("terminals.parquet"), &groups, &networks, &facts)?);
        }
        Ok(Recorder { messages, terminals, draft })
    }

    /// Who takes the records.
    pub(super) fn sinks(&mut self) -> Sinks<'_> {
        Sinks {
            messages: self.messages.as_mut().map(|table| table as _),
            terminals: self.terminals.as_mut().map(|table| table as _),
        }
    }

    /// Where the tables are until the run ends.
    pub(super) fn path(&self) -> &Path {
        self.draft.path()
    }

    /// Completes the tables; the draft is then ready for the rest.
    pub(super) fn finish(self) -> Result<Draft, Failure> {
        let Recorder { messages, terminals, draft } = self;
        messages.map(Table::finish).transpose()?;
        terminals.map(Table::finish).transpose()?;
        Ok(draft)
    }
}

/// A build without Parquet has no recorder, and says how to get one.
#[cfg(not(feature = "parquet"))]
pub(super) enum Recorder {}

#[cfg(not(feature = "parquet"))]
impl Recorder {
    pub(super) fn begin(_: Recording, _: &Scenario, _: &Path, _: bool) -> Result<Recorder, Failure> {
        let help = "--messages and --per-terminal need a farlink that was built with Parquet: cargo build --release \
                    --features parquet, or cargo install farlink --features parquet";
        Err(Failure::Usage(help.to_owned()))
    }

    pub(super) fn sinks(&mut self) -> Sinks<'_> {
        match *self {}
    }

    pub(super) fn path(&self) -> &Path {
        match *self {}
    }

    pub(super) fn finish(self) -> Result<Draft, Failure> {
        match self {}
    }
}
