//! The command line: arguments in, exit codes out.
//!
//! Results go to stdout, talk to stderr; nobody has to listen to either. Exit codes: 0 ok, 1 failed, 2 usage, 3 scenario
//! invalid, 4 requirement or published figure missed, 130 interrupted (partial results are kept and marked).

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::report::text::Look;
use crate::scenario::Problems;
use crate::tui::Palette;
use crate::world::WorldError;
use crate::world::shard::ShardId;

mod calibrate;
mod face;
mod link;
mod merge;
mod models;
mod passes;
mod progress;
mod records;
mod run;
mod satellite;
mod schema;
mod sky;
mod validate;
mod view;

/// What stands below `farlink --help`.
const HELP_END: &str = "\
Examples:
  farlink                                 run the quick start: a city of meters, one week
  farlink validate city.yaml              find every mistake in a scenario
  farlink link city.yaml                  link budgets, coverage levels and error rates of its network
  farlink link --satellite tr36763-set-4-leo-600 --elevation-deg 60
                                          the budget of a link to a satellite, line by line
  farlink run city.yaml                   run it; the results go to farlink-runs/
  farlink run city.yaml --seed 2 --set groups.meters.count=20000
  farlink view farlink-runs/city-*        look at what came out, one run laid over another
  farlink run city.yaml --format json --quiet | jq .groups.meters.all.latency_s.p99
  farlink passes --constellation iridium-next --site 60.17,24.94
                                          when a place sees satellites, and how long it waits for them
  farlink calibrate --quick               hold farlink against published figures
  farlink run city.yaml --shard 1/3       run a third of it; so elsewhere 2/3 and 3/3
  farlink merge farlink-runs/city-1-shard-*-of-3

Exit codes:
  0    ok
  1    failed: results are in the way, a file cannot be written, memory does not suffice, or shards
       do not make a whole
  2    wrong usage
  3    the scenario is wrong; nothing was run or written
  4    a requirement of the scenario was missed, and the results are written; or a published figure was
  130  interrupted; what was simulated until then is written";

/// Simulate satellite and cellular IoT: latency and energy of millions of terminals.
///
/// Without a command, farlink runs its quick-start scenario.
#[derive(Debug, Parser)]
#[command(name = "farlink", version, max_term_width = 100, args_override_self = true, after_help = HELP_END)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Show a line of progress, and of `passes` the printed text, in place of the face in the terminal.
    #[arg(long, global = true)]
    no_tui: bool,
    /// Colours in the summary; auto: on a terminal, unless NO_COLOR is set.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, global = true, env = "FARLINK_COLOR")]
    color: Color,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a scenario and print what came out.
    Run(RunArgs),
    /// Look at finished runs in the terminal, several laid over one another.
    View(ViewArgs),
    /// Put the results of all shards of a run together, as if it had not been divided.
    Merge(MergeArgs),
    /// Check a scenario without running it.
    Validate(ScenarioArgs),
    /// Print link budgets: of a network, with coverage levels and error rates, or of a satellite.
    Link(Box<LinkArgs>),
    /// Tell when places see satellites: contact windows, gaps, waiting, satellites in view.
    Passes(passes::PassesArgs),
    /// List the model data that come with farlink, or print one of them.
    Models(models::ModelsArgs),
    /// Run published cases and print what came out beside what was published.
    Calibrate(CalibrateArgs),
    /// Print the JSON Schema of a document: scenario files, results, calibration files and reports.
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
    /// Override a value of the scenario, such as `groups.meters.count=1000`; may be repeated.
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
    /// Directory for the results [default: farlink-runs/NAME-SEED].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace results that are already there.
    #[arg(long)]
    force: bool,
    /// Threads, without effect on the results [default: one per processor].
    #[arg(long, value_name = "N", env = "FARLINK_THREADS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// What to print on stdout: a summary for people, or the document that is in summary.json.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write what a terminal did, such as `meters/17`, to trace.csv; slower; may be repeated.
    #[arg(long, value_name = "GROUP/NUMBER")]
    trace: Vec<String>,
    /// Write a row for each message to messages.parquet; needs the feature `parquet`.
    #[arg(long)]
    messages: bool,
    /// Write a row for each terminal to terminals.parquet; needs the feature `parquet`.
    #[arg(long)]
    per_terminal: bool,
    /// Refuse a run that would take more megabytes of memory than this [default: what is available].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    memory_mb: Option<u64>,
    /// Run only shard I of N, a share of the cells; `farlink merge` puts all N together.
    #[arg(long, value_name = "I/N", conflicts_with_all = ["trace", "format"])]
    shard: Option<ShardId>,
    /// Print nothing but errors, and JSON if asked for.
    #[arg(long, short)]
    quiet: bool,
    /// Colours of the face [default: those of keys.yaml].
    #[arg(long, value_enum, value_name = "NAME", env = "FARLINK_PALETTE")]
    palette: Option<PaletteName>,
}

#[derive(Debug, Args)]
struct ViewArgs {
    /// Result directories; the first is A, the next B.
    #[arg(required = true, value_name = "DIR")]
    dirs: Vec<PathBuf>,
    /// Colours of the face [default: those of keys.yaml].
    #[arg(long, value_enum, value_name = "NAME", env = "FARLINK_PALETTE")]
    palette: Option<PaletteName>,
    /// Write one screen of this view and leave.
    #[arg(long, value_name = "VIEW")]
    screenshot: Option<String>,
    /// Size of that screen.
    #[arg(long, value_name = "COLUMNSxROWS", default_value = "120x40", value_parser = view::size, requires = "screenshot")]
    size: (u16, u16),
    /// Keys to press before, separated by blanks, such as "down down e".
    #[arg(long, value_name = "KEYS", value_delimiter = ' ', requires = "screenshot")]
    press: Vec<String>,
    /// File for it; NAME.svg is a picture, NAME.csv the numbers [default: text on stdout].
    #[arg(long, short, value_name = "FILE", requires = "screenshot")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PaletteName {
    Default,
    HighContrast,
    Mono,
}

impl From<PaletteName> for Palette {
    fn from(name: PaletteName) -> Palette {
        match name {
            PaletteName::Default => Palette::Default,
            PaletteName::HighContrast => Palette::HighContrast,
            PaletteName::Mono => Palette::Mono,
        }
    }
}

#[derive(Debug, Args)]
struct MergeArgs {
    /// Result directories of all shards of a run, in any order.
    #[arg(required = true, value_name = "DIR")]
    dirs: Vec<PathBuf>,
    /// Directory for the results [default: farlink-runs/NAME-SEED].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace results that are already there.
    #[arg(long)]
    force: bool,
    /// What to print on stdout: a summary for people, or the document that is in summary.json.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Print nothing but errors, and JSON if asked for.
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Debug, Args)]
struct LinkArgs {
    /// The scenario, a YAML file; or none with --satellite.
    #[arg(required_unless_present = "satellite", conflicts_with = "satellite")]
    scenario: Option<PathBuf>,
    /// Override a value of the scenario, such as `groups.meters.count=1000`; may be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE", conflicts_with = "satellite")]
    sets: Vec<String>,
    /// Override the seed of all random draws.
    #[arg(long, value_name = "N", conflicts_with = "satellite")]
    seed: Option<u64>,
    /// Which network of the scenario [default: that of the group, or the only one].
    #[arg(long, value_name = "NAME", conflicts_with_all = ["group", "satellite"])]
    network: Option<String>,
    /// Which group's device and network.
    #[arg(long, value_name = "NAME", conflicts_with = "satellite")]
    group: Option<String>,
    /// A device of the catalogue, or the path of its file [default: that of the group, or of the network's first].
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Coupling loss in dB, 40 to 200; may be repeated [default: the edges of the coverage levels].
    #[arg(long, value_name = "DB", conflicts_with = "satellite", value_parser = coupling_loss)]
    coupling_loss: Vec<f64>,
    /// Distance from the site in metres, for the network's path loss; may be repeated.
    #[arg(long, value_name = "M", conflicts_with = "satellite", value_parser = distance)]
    distance_m: Vec<f64>,
    /// With --distance-m: angle beside the main direction of the sector, -180 to 180.
    #[arg(long, value_name = "DEG", requires = "distance_m", default_value_t = 0.0, value_parser = angle, allow_negative_numbers = true)]
    off_axis_deg: f64,
    /// With --distance-m: shadow fading, -60 to 60; negative is a gain.
    #[arg(long, value_name = "DB", requires = "distance_m", default_value_t = 0.0, value_parser = shadowing, allow_negative_numbers = true)]
    shadowing_db: f64,
    /// With --distance-m: loss of the building, 0 to 80.
    #[arg(long, value_name = "DB", requires = "distance_m", default_value_t = 0.0, value_parser = building_loss)]
    building_loss_db: f64,
    /// Size of a message in bytes, protocols included.
    #[arg(long, value_name = "N", conflicts_with = "satellite", default_value_t = 115, value_parser = clap::value_parser!(u32).range(1..=65_535))]
    bytes: u32,
    /// What to print on stdout: text for people, a JSON document, or comma-separated values.
    #[arg(long, value_enum, default_value_t)]
    format: LinkFormat,
    /// Write the block error curves of all coverage levels to this file, comma-separated values.
    #[arg(long, value_name = "FILE", conflicts_with = "satellite")]
    curves: Option<PathBuf>,
    /// Replace a file of curves that is already there.
    #[arg(long, requires = "curves")]
    force: bool,
    #[command(flatten)]
    sky: satellite::SkyArgs,
}

#[derive(Debug, Args)]
struct CalibrateArgs {
    /// Case files of your own, or directories of them, beside those that are built in.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only cases whose FAMILY/CASE contains this text; may be repeated.
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// Only the quick subset.
    #[arg(long)]
    quick: bool,
    /// Print the names of the cases and run none.
    #[arg(long)]
    list: bool,
    /// What to print on stdout.
    #[arg(long, value_enum, default_value_t)]
    format: CalibrateFormat,
    /// Threads, without effect on the results [default: one per processor].
    #[arg(long, value_name = "N", env = "FARLINK_THREADS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Print no progress.
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum CalibrateFormat {
    #[default]
    Text,
    Json,
    Markdown,
    Html,
}

/// Reads a number between two bounds.
fn number_from(text: &str, least: f64, most: f64, what: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("expected {what} from {least} to {most}"))
}

/// Reads a coupling loss, in the range that scenarios have.
fn coupling_loss(text: &str) -> Result<f64, String> {
    number_from(text, 40.0, 200.0, "a number of dB")
}

fn distance(text: &str) -> Result<f64, String> {
    number_from(text, 0.0, 1e6, "a number of metres")
}

fn angle(text: &str) -> Result<f64, String> {
    number_from(text, -180.0, 180.0, "a number of degrees")
}

fn shadowing(text: &str) -> Result<f64, String> {
    number_from(text, -60.0, 60.0, "a number of dB")
}

fn building_loss(text: &str) -> Result<f64, String> {
    number_from(text, 0.0, 80.0, "a number of dB")
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum LinkFormat {
    #[default]
    Text,
    Json,
    Csv,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Document {
    #[default]
    Scenario,
    Result,
    Calibration,
    CalibrationReport,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    /// Whether to colour, and how wide and with which characters to write, as stdout and the environment have it.
    fn look(self) -> Look {
        let terminal = io::stdout().is_terminal();
        let color = match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                terminal && !face::is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
        };
        let columns = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
        Look { color, width: columns.unwrap_or(Look::default().width), unicode: knows_unicode() }
    }
}

/// Whether the locale, if there is one, writes UTF-8.
fn knows_unicode() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].map(|name| std::env::var(name).unwrap_or_default());
    let locale = set.into_iter().find(|value| !value.is_empty()).unwrap_or_default().to_lowercase();
    cfg!(windows) || locale.is_empty() || locale.contains("utf-8") || locale.contains("utf8")
}

/// How many threads to use: as asked, or one per processor.
fn threads(asked: Option<u16>) -> usize {
    asked.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// Says something on stderr. If that is closed there is nobody to tell.
fn talk(text: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Whoever reads stdout may stop reading: `farlink … | head` is not an error.
fn unless_reader_left(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Ok,
    RequirementMissed,
    FigureMissed,
    Interrupted,
    LimitReached,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Scenario(#[from] Problems),
    #[error("error: {0}")]
    World(#[from] WorldError),
    #[error("error: {0}")]
    Merge(#[from] crate::report::shard::MergeError),
    #[error("error: {0}")]
    Case(#[from] crate::calibrate::RunError),
    #[error("error: {0}")]
    Directory(#[from] crate::report::directory::DirectoryError),
    #[error("error: {0}")]
    Stored(#[from] crate::report::stored::StoredError),
    #[cfg(feature = "parquet")]
    #[error("error: {0}")]
    Table(#[from] crate::report::parquet::TableError),
    #[error("error: {0}")]
    Json(#[from] serde_json::Error),
    #[error("error: cannot write to stdout: {0}")]
    Stdout(#[from] std::io::Error),
    #[error("error: cannot write {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("error: {} exists already; choose another file, or replace it with --force", .0.display())]
    InTheWay(PathBuf),
    #[error("error: {0}")]
    Usage(String),
}

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse_usage(&error),
    };
    let ended = match cli.command {
        None => run::quick_start(cli.color, cli.no_tui),
        Some(Command::Run(args)) => run::run(&args, cli.color, cli.no_tui),
        Some(Command::View(args)) => view::view(&args, cli.color),
        Some(Command::Merge(args)) => merge::merge(&args, cli.color),
        Some(Command::Validate(args)) => validate::validate(&args),
        Some(Command::Link(args)) => link::link(&args, cli.color),
        Some(Command::Passes(args)) => passes::passes(&args, cli.color, cli.no_tui),
        Some(Command::Models(args)) => models::models(&args, cli.color),
        Some(Command::Calibrate(args)) => calibrate::calibrate(&args, cli.color),
        Some(Command::Schema { document }) => schema::schema(document),
    };
    match ended {
        Ok(Ending::Ok) => ExitCode::SUCCESS,
        Ok(Ending::RequirementMissed | Ending::FigureMissed) => ExitCode::from(4),
        Ok(Ending::Interrupted) => ExitCode::from(130),
        Ok(Ending::LimitReached) => ExitCode::from(1),
        Err(failure) => {
            talk(&failure);
            ExitCode::from(match failure {
                Failure::Usage(_) | Failure::World(WorldError::Shard(_)) => 2,
                Failure::World(WorldError::TooLarge(_)) => 1,
                Failure::Scenario(_) | Failure::World(_) | Failure::Case(_) => 3,
                _ => 1,
            })
        }
    }
}

/// Prints help, the version, or what is wrong with the arguments.
fn refuse_usage(error: &clap::Error) -> ExitCode {
    // There is nobody to tell if this fails.
    let _ = error.print();
    if error.kind() == ErrorKind::InvalidSubcommand
        && let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand)
        && Path::new(word).is_file()
    {
        talk(format_args!("\nTo run this scenario: farlink run {word}"));
    }
    ExitCode::from(error.exit_code() as u8)
}

impl ScenarioArgs {
    /// The overrides, the seed among them.
    fn overrides(&self) -> Vec<String> {
        let seed = self.seed.map(|seed| format!("seed={seed}"));
        self.sets.iter().cloned().chain(seed).collect()
    }
}
