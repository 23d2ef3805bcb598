//! The file `shard.json`: what one shard of a run counted, and which scenario it is a shard of.
//!
//! It is read with care, because it comes from another place and perhaps another version. A checksum tells damage from
//! content; whether the content fits the scenario is judged by [`Merger`](crate::world::Merger).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::format::counted;
use crate::catalog::fnv1a;
use crate::world::shard::ShardId;
use crate::world::{Parts, Unfit};

/// Its name in a result directory.
pub const FILE_NAME: &str = "shard.json";

/// Raised with every change of what stands in the file.
const SHARD_VERSION: u32 = 2;

/// What a shard leaves to be merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardFile {
    /// Its number, from 1.
    pub number: u32,
    /// How many shards the run has.
    pub of: u32,
    /// The seed of the run.
    pub seed: u64,
    /// Hash of the model data.
    pub model_data: String,
    /// The directory where paths of model files begin.
    pub base_dir: PathBuf,
    /// The scenario with every default filled in, as the text of a scenario file.
    pub scenario: String,
    /// What was counted.
    pub parts: Parts,
}

/// The file as a whole.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    shard_version: u32,
    farlink: String,
    checksum: String,
    content: ShardFile,
}

/// What every version of the file says.
#[derive(Deserialize)]
struct Head {
    shard_version: u32,
    farlink: String,
}

/// Why shards cannot be merged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// There is no such file.
    #[error("{} is not the result of a shard: there is no {FILE_NAME} in it; give the directories that `farlink run --shard` wrote", .0.display())]
    NotAShard(PathBuf),
    /// The file system refused.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not what a shard writes.
    #[error("{}: {source}; run this shard again", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
    /// The file was changed after it was written.
    #[error("{} is damaged: its checksum is not that of its content; copy it once more, or run this shard again", .0.display())]
    Damaged(PathBuf),
    /// Another version wrote it.
    #[error("{} was written by farlink {theirs}, and this is farlink {}: merge shards with the version that ran them", path.display(), env!("CARGO_PKG_VERSION"))]
    Version {
        /// The file.
        path: PathBuf,
        /// The version that wrote it.
        theirs: String,
    },
    /// Two shards are not of the same run.
    #[error("{} and {} are shards of different runs: their {what} differ; give the shards of one run", .dirs[0].display(), .dirs[1].display())]
    Different {
        /// The directories.
        dirs: [PathBuf; 2],
        /// What differs.
        what: &'static str,
    },
    /// The model files are other than those of the run.
    #[error("the model files that the scenario of {} names are not those it ran with; put them back below {}", dir.display(), base_dir.display())]
    ModelData {
        /// The shard's directory.
        dir: PathBuf,
        /// Where the files are looked for.
        base_dir: PathBuf,
    },
    /// Two directories hold the same shard.
    #[error("{} and {} are both shard {shard}; give each shard once", .dirs[0].display(), .dirs[1].display())]
    Twice {
        /// The directories.
        dirs: [PathBuf; 2],
        /// The shard.
        shard: ShardId,
    },
    /// Shards are missing.
    #[error("{} missing: {}; run the scenario with `--shard {}` and so on, and give all {} directories",
        counted(missing.len() as u64, "shard"), listed(missing), missing[0], missing[0].of())]
    Missing {
        /// Those that are missing, at least one.
        missing: Vec<ShardId>,
    },
    /// The content is not of the scenario.
    #[error("{}: {source}; run this shard again", path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        source: Unfit,
    },
}

/// The first few of some shards.
fn listed(shards: &[ShardId]) -> String {
    const SHOWN: usize = 10;
    let mut list = shards.iter().take(SHOWN).map(ShardId::to_string).collect::<Vec<_>>().join(", ");
    if shards.len() > SHOWN {
        list.push_str(", …");
    }
    list
}

impl ShardFile {
    /// Which shard it is.
    #[must_use]
    pub fn id(&self) -> Option<ShardId> {
        ShardId::new(self.number, self.of)
    }

    /// The text of the file.
    ///
    /// # Errors
    ///
    /// If it cannot be written as JSON, which no shard should cause.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        let document = Document {
            shard_version: SHARD_VERSION,
            farlink: env!("CARGO_PKG_VERSION").to_owned(),
            checksum: self.checksum()?,
            content: self.clone(),
        };
        Ok(serde_json::to_string(&document)? + "\n")
    }

    /// Reads the file in the result directory of a shard.
    ///
    /// # Errors
    ///
    /// If there is none, or none that this version wrote and that is whole.
    pub fn read(dir: &Path) -> Result<ShardFile, MergeError> {
        let path = dir.join(FILE_NAME);
        let text = fs::read_to_string(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => MergeError::NotAShard(dir.to_owned()),
            _ => MergeError::Io { path: path.clone(), source },
        })?;
        let malformed = |source| MergeError::Malformed { path: path.clone(), source };
        let head: Head = serde_json::from_str(&text).map_err(malformed)?;
        if (head.shard_version, head.farlink.as_str()) != (SHARD_VERSION, env!("CARGO_PKG_VERSION")) {
            return Err(MergeError::Version { path, theirs: head.farlink });
        }
        let Document { checksum, content, .. } = serde_json::from_str(&text).map_err(malformed)?;
        if checksum != content.checksum().map_err(malformed)? || content.id().is_none() {
            return Err(MergeError::Damaged(path));
        }
        Ok(content)
    }

    /// Whether `other` is of the same run; `dirs` are their directories.
    ///
    /// # Errors
    ///
    /// [`MergeError::Different`] if it is not.
    pub fn same_run(&self, other: &ShardFile, dirs: [&Path; 2]) -> Result<(), MergeError> {
        let what = match () {
            () if self.seed != other.seed => "seeds",
            () if self.model_data != other.model_data => "model data",
            () if self.scenario != other.scenario => "scenarios",
            () if self.of != other.of => "numbers of shards",
            () => return Ok(()),
        };
        Err(MergeError::Different { dirs: dirs.map(Path::to_owned), what })
    }

    fn checksum(&self) -> Result<String, serde_json::Error> {
        Ok(format!("{:016x}", fnv1a(serde_json::to_string(self)?.as_bytes())))
    }
}

/// Whether a file is a `shard.json` of ours, of any version.
pub(super) fn is_shard(path: &Path) -> bool {
    fs::read(path).is_ok_and(|text| serde_json::from_slice::<Head>(&text).is_ok())
}
