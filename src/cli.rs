//! The command line: arguments in, exit codes out.
//!
//! Results go to stdout, talk to stderr. Exit codes: 0 ok, 1 failed, 2 usage, 3 scenario invalid, 4 requirement missed,
//! 130 interrupted (partial results are kept and marked).

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::scenario::Problems;

mod progress;
mod run;
mod schema;
mod validate;

/// Simulate satellite and cellular IoT: latency and energy of millions of terminals.
///
/// Without a command, farlink runs its quick-start scenario.
#[derive(Debug, Parser)]
#[command(name = "farlink", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// When to colour what goes to the terminal. NO_COLOR is heeded.
    #[arg(long, value_enum, default_value_t, global = true, env = "FARLINK_COLOR")]
    color: Color,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a scenario and print what came out.
    Run(RunArgs),
    /// Check a scenario without running it.
    Validate(ScenarioArgs),
    /// Print the JSON Schema of scenario files or of results.
    Schema {
        /// Of which document.
        #[arg(value_enum, default_value_t)]
        document: Document,
    },
}

#[derive(Debug, Args)]
struct ScenarioArgs {
    /// The scenario, a YAML file.
    scenario: PathBuf,
    /// Override a value of the scenario, for instance `groups.meters.count=1000`. May be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// Override the seed of all random draws.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

#[derive(Debug, Args)]
struct RunArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Where to write the results [default: farlink-runs/NAME-SEED].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace results that are already there.
    #[arg(long)]
    force: bool,
    /// Threads [default: one per processor]. The results do not depend on it.
    #[arg(long, value_name = "N", env = "FARLINK_THREADS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// What to print on stdout.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Walk every plan step by step and write what these terminals did to trace.csv, for instance `meters/17`. Slow. May
    /// be repeated.
    #[arg(long, value_name = "GROUP/NUMBER")]
    trace: Vec<String>,
    /// No progress, and no summary in text.
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A summary for people.
    #[default]
    Text,
    /// The document that is also in summary.json.
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Document {
    /// Scenario files.
    #[default]
    Scenario,
    /// summary.json.
    Result,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    fn is_on(self, terminal: bool) -> bool {
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }
}

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Ok,
    RequirementMissed,
    Interrupted,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Scenario(#[from] Problems),
    #[error("error: {0}")]
    World(#[from] crate::world::WorldError),
    #[error("error: {0}")]
    Directory(#[from] crate::report::directory::DirectoryError),
    #[error("error: {0}")]
    Json(#[from] serde_json::Error),
    #[error("error: cannot write to stdout: {0}")]
    Stdout(#[from] std::io::Error),
    #[error("error: {0}")]
    Usage(String),
}

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = match cli.command {
        None => run::quick_start(cli.color),
        Some(Command::Run(args)) => run::run(&args, cli.color),
        Some(Command::Validate(args)) => validate::validate(&args),
        Some(Command::Schema { document }) => schema::schema(document),
    };
    match ended {
        Ok(Ending::Ok) => ExitCode::SUCCESS,
        Ok(Ending::RequirementMissed) => ExitCode::from(4),
        Ok(Ending::Interrupted) => ExitCode::from(130),
        // Whoever reads stdout may stop reading: `farlink … | head` is not an error.
        Err(Failure::Stdout(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(match failure {
                Failure::Scenario(_) | Failure::World(_) => 3,
                Failure::Usage(_) => 2,
                _ => 1,
            })
        }
    }
}

impl ScenarioArgs {
    /// The overrides, the seed among them.
    fn overrides(&self) -> Vec<String> {
        let seed = self.seed.map(|seed| format!("seed={seed}"));
        self.sets.iter().cloned().chain(seed).collect()
    }
}
