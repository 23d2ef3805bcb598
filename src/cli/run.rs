//! `farlink run`, and what `farlink` alone does.

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::face::{self, Onlooker};
use super::records::Recorder;
use super::{Color, Ending, Failure, Format, RunArgs, talk, threads, unless_reader_left};
use crate::control::StopSwitch;
use crate::control::live::{Figures, figures};
use crate::engine::Ended;
use crate::exec::setup::Executor;
use crate::metrics::records::{Recording, Sinks};
use crate::metrics::summary::Summary;
use crate::platform::memory;
use crate::report::directory::{self, Draft, RunFiles};
use crate::report::format::{brief_count, counted};
use crate::report::shard::ShardFile;
use crate::report::trace::{TraceTable, TracedGroup};
use crate::report::{cells, json, text};
use crate::scenario::{self, Scenario};
use crate::tui::{self, Palette};
use crate::world::look::Look;
use crate::world::shard::ShardId;
use crate::world::{self, Execution, Outcome, Parts};

/// The scenario that `farlink` alone runs.
const QUICK_START: &str = include_str!("../../scenarios/quickstart.yaml");

/// What the quick start proposes to do next. `tests/cli.rs` runs each of the commands.
const HINTS: &str = "
Next, in a checkout of farlink (or with `cargo run --release --` instead of `farlink`):
  # the same city with a value changed
  farlink run scenarios/quickstart.yaml --set groups.water-meters.count=20000 --force
  # one device at coupling losses of 144, 154 and 164 dB
  farlink run scenarios/bench-levels.yaml
  # check a scenario of your own, which docs/scenario.md explains and an editor completes by its schema
  farlink validate my-scenario.yaml
  farlink schema > scenario.schema.json";

/// What the user wants besides the scenario.
struct Wishes {
    out: Option<PathBuf>,
    force: bool,
    threads: Option<u16>,
    format: Format,
    trace: Vec<String>,
    recording: Recording,
    shard: Option<ShardId>,
    /// Megabytes that the run may take.
    memory_mb: Option<u64>,
    /// Where paths of model files begin.
    base_dir: PathBuf,
    quiet: bool,
    color: Color,
    /// Whether a face in the terminal is welcome, and its colours.
    face: bool,
    palette: Option<Palette>,
}

/// Runs a scenario file.
pub(super) fn run(args: &RunArgs, color: Color, no_tui: bool) -> Result<Ending, Failure> {
    let scenario = scenario::load(&args.scenario.scenario, &args.scenario.overrides())?;
    let base_dir = args.scenario.scenario.parent().unwrap_or(Path::new(""));
    let wishes = Wishes {
        out: args.out.clone(),
        force: args.force,
        threads: args.threads,
        format: args.format,
        trace: args.trace.clone(),
        recording: Recording { messages: args.messages, terminals: args.per_terminal },
        shard: args.shard,
        memory_mb: args.memory_mb,
        base_dir: absolute(base_dir),
        quiet: args.quiet,
        color,
        // A shard has no results to show.
        face: !no_tui && !args.quiet && args.format == Format::Text && args.shard.is_none(),
        palette: args.palette.map(Into::into),
    };
    carry_out(&scenario, &wishes)
}

/// Runs the quick-start scenario and says what to try next. Its results replace those of its last run.
pub(super) fn quick_start(color: Color, no_tui: bool) -> Result<Ending, Failure> {
    let scenario = scenario::parse(QUICK_START, "scenarios/quickstart.yaml", Path::new("."), &[])?;
    let wishes = Wishes {
        out: None,
        force: true,
        threads: None,
        format: Format::Text,
        trace: Vec::new(),
        recording: Recording::default(),
        shard: None,
        memory_mb: None,
        base_dir: PathBuf::new(),
        quiet: false,
        color,
        face: !no_tui,
        palette: None,
    };
    let ending = carry_out(&scenario, &wishes)?;
    if ending != Ending::Interrupted {
        talk(HINTS);
    }
    Ok(ending)
}

/// A directory under a name that holds elsewhere, too; its own name if the system knows no other.
fn absolute(dir: &Path) -> PathBuf {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned())
}

/// The directory for the results unless one is named.
pub(super) fn default_out(scenario: &Scenario, shard: Option<ShardId>) -> PathBuf {
    let part = shard.map_or_else(String::new, |shard| format!("-shard-{}-of-{}", shard.number(), shard.of()));
    Path::new("farlink-runs").join(format!("{}-{}{part}", scenario.name, scenario.world.seed))
}

fn carry_out(scenario: &Scenario, wishes: &Wishes) -> Result<Ending, Failure> {
    let out = wishes.out.clone().unwrap_or_else(|| default_out(scenario, wishes.shard));
    directory::ensure_writable(&out, wishes.force)?;
    let mut execution = execution(scenario, wishes)?;
    let face =
        if wishes.face && face::is_possible() { Some(face::options(wishes.color, wishes.palette)?) } else { None };
    execution.watched = face.is_some();
    let look = wishes.color.look();
    let mut recorder = None;
    if wishes.recording != Recording::default() {
        recorder = Some(Recorder::begin(wishes.recording, scenario, &out, wishes.force)?);
    }
    let started = Instant::now();
    let switch = StopSwitch::default();
    let mut onlooker = Onlooker::new(scenario, switch.clone(), (wishes.quiet, look.unicode));
    let say = onlooker.speaker();
    let give_up = give_up(recorder.as_ref().map(|recorder| recorder.path().to_owned()));
    stop_on_signal(switch, onlooker.speaker(), give_up.clone())?;
    scenario.notes.iter().for_each(|note| say(&format!("note: {note}")));
    if let Some(options) = face {
        onlooker.open(scenario, options, give_up);
    }
    let sinks = recorder.as_mut().map_or_else(Sinks::default, Recorder::sinks);
    let observe = |look: &Look<'_>| onlooker.look(look);
    let result = match wishes.shard {
        None => Counted::Whole(Box::new(world::run_recorded(&scenario.world, &execution, observe, sinks)?)),
        Some(shard) => Counted::Shard(shard, world::run_shard(&scenario.world, shard, &execution, observe, sinks)?),
    };
    onlooker.clear();
    // Now that the run is over: what stopped a table, and with it the run, comes to light.
    let draft = match recorder {
        Some(recorder) => recorder.finish()?,
        None => Draft::begin(&out, wishes.force)?,
    };
    let closing =
        Closing { scenario, wishes, execution: &execution, out: &out, wall_s: started.elapsed().as_secs_f64() };
    match result {
        Counted::Whole(outcome) => closing.whole(*outcome, draft, &look, &mut onlooker),
        Counted::Shard(shard, Ok(parts)) => closing.shard(shard, parts, draft),
        Counted::Shard(_, Err(ended)) => {
            talk("the shard did not run to its end: nothing was written, because it could not be merged");
            Ok(if ended == Ended::LimitReached { Ending::LimitReached } else { Ending::Interrupted })
        }
    }
}

/// What came out of a run.
enum Counted {
    Whole(Box<Outcome>),
    Shard(ShardId, Result<Parts, Ended>),
}

/// What is known when a run is over.
struct Closing<'a> {
    scenario: &'a Scenario,
    wishes: &'a Wishes,
    execution: &'a Execution,
    out: &'a Path,
    /// Time from the start to the end of the simulation, seconds.
    wall_s: f64,
}

impl Closing<'_> {
    fn whole(
        &self,
        outcome: Outcome,
        draft: Draft,
        look: &text::Look,
        onlooker: &mut Onlooker<'_>,
    ) -> Result<Ending, Failure> {
        let Closing { scenario, wishes, execution, .. } = self;
        let events = outcome.tally.events;
        let figures = figures(scenario, outcome, true);
        let mut circumstances = self.circumstances(events);
        circumstances["base_dir"] = serde_json::json!(wishes.base_dir);
        if let Some(cost) = onlooker.cost() {
            circumstances["watched"] = serde_json::json!({
                "frames": cost.frames,
                "making_s": cost.making.as_secs_f64(),
                "drawing_s": cost.drawing.as_secs_f64(),
            });
        }
        write_results(scenario, &circumstances, !execution.traced.is_empty(), &figures, draft)?;
        let (ending, summary) = (ending(&figures), Arc::clone(&figures.summary));
        onlooker.browse(figures);
        print(&summary, wishes.format, wishes.quiet, look)?;
        self.report(events, "");
        Ok(ending)
    }

    fn shard(&self, shard: ShardId, parts: Parts, draft: Draft) -> Result<Ending, Failure> {
        let events = parts.events;
        let file = ShardFile {
            number: shard.number(),
            of: shard.of(),
            seed: self.scenario.world.seed,
            model_data: self.scenario.model_data.clone(),
            base_dir: self.wishes.base_dir.clone(),
            scenario: serde_json::to_string(&self.scenario.resolved)?,
            parts,
        };
        draft.complete_shard(&file, &self.circumstances(events))?;
        self.report(events, &format!("shard {shard}: "));
        if !self.wishes.quiet {
            talk(format_args!(
                "`farlink merge` with the directories of all {} makes the summary and evaluates the requirements",
                counted(shard.of().into(), "shard")
            ));
        }
        Ok(Ending::Ok)
    }

    /// What differs between equal runs.
    fn circumstances(&self, events: u64) -> serde_json::Value {
        serde_json::json!({
            "wall_s": self.wall_s,
            "threads": self.execution.threads,
            "events_per_s": events as f64 / self.wall_s,
            "peak_memory_bytes": memory::peak(),
            "machine": machine(),
        })
    }

    fn report(&self, events: u64, what: &str) {
        if !self.wishes.quiet {
            talk(format_args!(
                "{what}{:.1} s for {} events on {}; results in {}",
                self.wall_s,
                brief_count(events),
                counted(self.execution.threads as u64, "thread"),
                self.out.display()
            ));
        }
    }
}

/// How a run ended.
pub(super) fn ending(Figures { outcome, summary, .. }: &Figures) -> Ending {
    let all_met = summary.requirements.iter().all(|requirement| requirement.met);
    match outcome.ended {
        Ended::Stopped => Ending::Interrupted,
        Ended::LimitReached => Ending::LimitReached,
        Ended::Finished if all_met => Ending::Ok,
        Ended::Finished => Ending::RequirementMissed,
    }
}

/// The machine, as far as results say it.
pub(super) fn machine() -> serde_json::Value {
    serde_json::json!({
        "os": std::env::consts::OS,
        "architecture": std::env::consts::ARCH,
        "processors": std::thread::available_parallelism().map_or(1, usize::from),
    })
}

fn execution(scenario: &Scenario, wishes: &Wishes) -> Result<Execution, Failure> {
    let traced: Vec<(u16, u32)> =
        wishes.trace.iter().map(|name| traced_terminal(scenario, name)).collect::<Result<_, _>>()?;
    Ok(Execution {
        threads: threads(wishes.threads),
        executor: if traced.is_empty() { Executor::Compiled } else { Executor::Interpreted },
        traced,
        memory: wishes.memory_mb.map(|megabytes| megabytes * 1_000_000).or_else(memory::available),
        ..Execution::default()
    })
}

/// Reads `GROUP/NUMBER`.
fn traced_terminal(scenario: &Scenario, name: &str) -> Result<(u16, u32), Failure> {
    let groups = &scenario.world.groups;
    let find = || {
        let (group, number) = name.rsplit_once('/')?;
        let position = groups.iter().position(|candidate| candidate.name == group)?;
        let number = number.parse().ok().filter(|&number| number < groups[position].count)?;
        Some((position as u16, number))
    };
    find().ok_or_else(|| {
        let known: Vec<String> =
            groups.iter().map(|group| format!("{}/0 to {}/{}", group.name, group.name, group.count - 1)).collect();
        Failure::Usage(format!("--trace {name}: no such terminal. There are {}.", known.join(", ")))
    })
}

/// Ends the program at once; what was begun at `unfinished` is deleted.
fn give_up(unfinished: Option<PathBuf>) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        tui::restore();
        // Nobody is left to tell if this fails.
        let _ = unfinished.as_deref().map(std::fs::remove_dir_all);
        std::process::exit(130);
    }
}

/// The first signal ends the run at the next look, the second at once.
fn stop_on_signal(
    switch: StopSwitch,
    say: impl Fn(&str) + Send + 'static,
    give_up: impl Fn() + Send + 'static,
) -> Result<(), Failure> {
    ctrlc::set_handler(move || {
        if switch.press() {
            give_up();
        }
        if !tui::is_open() {
            say("interrupted: keeping what is there (once more to give up at once)");
        }
    })
    .map_err(|error| Failure::Usage(format!("cannot listen to Ctrl-C: {error}")))
}

/// Completes the result directory of a whole run; `run` is what differs between equal runs.
pub(super) fn write_results(
    scenario: &Scenario,
    run: &serde_json::Value,
    traced: bool,
    Figures { outcome, summary, .. }: &Figures,
    draft: Draft,
) -> Result<(), Failure> {
    let groups: Vec<_> = scenario.world.groups.iter().enumerate().map(|(number, _)| outcome.group(number)).collect();
    let mut histograms = Vec::new();
    for ((group, ledger), life) in scenario.world.groups.iter().zip(&groups).zip(&outcome.lives) {
        for histogram in [&ledger.latency, &ledger.message_energy, life] {
            histograms.push((group.name.as_str(), histogram));
        }
    }
    let world = &scenario.world;
    let groups: Vec<TracedGroup<'_>> = world.groups.iter().map(|group| TracedGroup::of(world, group)).collect();
    let trace = traced.then_some(TraceTable { groups: &groups, stretches: &outcome.stretches });
    let cells = cells::rows(world, &outcome.cells);
    let files = RunFiles { summary, run, histograms, series: &outcome.series, cells, trace };
    Ok(draft.complete(&files)?)
}

/// Prints the summary, unless nobody wants it.
pub(super) fn print(summary: &Summary, format: Format, quiet: bool, look: &text::Look) -> Result<(), Failure> {
    let text = match format {
        Format::Json => json::text(summary)?,
        Format::Text if quiet => return Ok(()),
        Format::Text => text::render(summary, look),
    };
    let mut stdout = stdout();
    Ok(unless_reader_left(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))?)
}
