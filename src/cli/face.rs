//! Who looks at a run while it goes: the face in the terminal, or a line of progress.

use std::env;
use std::io::{self, IsTerminal, stdin, stdout};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::thread::{self, JoinHandle};

use super::progress::Display;
use super::{Color, Failure, knows_unicode, talk};
use crate::control::live::{Cost, Figures, Live, Watcher};
use crate::control::{Snapshot, StopSwitch};
use crate::engine::Progress;
use crate::scenario::Scenario;
use crate::tui::keys::{self, Setup};
use crate::tui::{self, Options, Palette};
use crate::units::SimTime;
use crate::world::look::Look;

/// Whether a variable is set to something.
pub(super) fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Whether there is a person at a terminal that can be drawn on.
pub(super) fn is_possible() -> bool {
    let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    stdin().is_terminal() && stdout().is_terminal() && !dumb && !is_set("CI")
}

/// What the terminal can show, and what its user has set up.
pub(super) fn options(color: Color, palette: Option<Palette>) -> Result<Options, Failure> {
    let true_color = env::var("COLORTERM").is_ok_and(|term| term == "truecolor" || term == "24bit");
    Ok(Options {
        setup: config_file().map_or_else(|| Ok(Setup::default()), |path| keys::load(&path))?,
        palette,
        no_color: match color {
            Color::Always => false,
            Color::Never => true,
            Color::Auto => is_set("NO_COLOR"),
        },
        true_color,
        unicode: knows_unicode(),
    })
}

/// Where the user's keys are.
fn config_file() -> Option<PathBuf> {
    let of = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = of("XDG_CONFIG_HOME").or_else(|| of("HOME").map(|home| home.join(".config")))?;
    Some(config.join("farlink").join("keys.yaml"))
}

/// The face of a run, on a thread of its own.
struct Face {
    live: Live,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Face {
    fn open(live: Live, scenario: &Scenario, options: Options) -> Face {
        let (link, spec) = (live.clone(), scenario.world.clone());
        let thread = Some(thread::spawn(move || tui::watch(&link, spec, &options)));
        Face { live, thread }
    }

    /// Waits until the user has seen enough.
    fn wait(&mut self) {
        if let Some(Ok(Err(error))) = self.thread.take().map(JoinHandle::join) {
            talk(format_args!("note: the terminal cannot be drawn on: {error}"));
        }
    }
}

impl Drop for Face {
    fn drop(&mut self) {
        self.live.abandon();
        self.wait();
    }
}

/// Who looks at a run.
pub(super) struct Onlooker<'a> {
    display: Display,
    switch: StopSwitch,
    watched: Option<(Watcher<'a>, Face)>,
    end: SimTime,
    seen: Progress,
    /// How to make a display once the face is gone.
    again: (bool, bool),
}

impl<'a> Onlooker<'a> {
    /// A line of progress, or silence.
    pub(super) fn new(scenario: &Scenario, switch: StopSwitch, (quiet, unicode): (bool, bool)) -> Onlooker<'a> {
        let end = scenario.world.end();
        let seen = Progress { reached: SimTime::ZERO, tally: Default::default() };
        let display = Display::new(quiet, unicode, "placing terminals");
        Onlooker { display, switch, watched: None, end, seen, again: (quiet, unicode) }
    }

    /// Opens the face in place of the line of progress.
    pub(super) fn open(
        &mut self,
        scenario: &'a Scenario,
        options: Options,
        give_up: impl Fn() + Send + Sync + 'static,
    ) {
        self.display.clear();
        let live = Live::new(self.switch.clone(), give_up);
        let face = Face::open(live.clone(), scenario, options);
        self.watched = Some((Watcher::new(live, scenario), face));
    }

    /// A way to say something from another thread; a face says it itself.
    pub(super) fn speaker(&self) -> impl Fn(&str) + Send + 'static {
        self.display.speaker()
    }

    /// Looks at the run at the end of a window.
    pub(super) fn look(&mut self, look: &Look<'_>) -> ControlFlow<()> {
        self.seen = look.progress;
        match &mut self.watched {
            Some((watcher, face)) if !face.live.is_left() => return watcher.look(look),
            Some(_) => {
                self.watched = None;
                self.display = Display::new(self.again.0, self.again.1, "running");
            }
            None => (),
        }
        self.display.show(&Snapshot::of(look.progress, self.end));
        if self.switch.is_pressed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// The run is over: takes the line of progress away.
    pub(super) fn clear(&self) {
        if self.watched.is_none() {
            self.display.clear();
        }
    }

    /// What watching has cost up to now, if anybody watched.
    pub(super) fn cost(&self) -> Option<Cost> {
        self.watched.as_ref().map(|(watcher, _)| watcher.cost())
    }

    /// Shows the results until the user has seen enough, unless somebody wanted the end.
    pub(super) fn browse(&mut self, figures: Figures) {
        if let Some((watcher, mut face)) = self.watched.take() {
            if self.switch.is_pressed() {
                return;
            }
            watcher.finish(Snapshot::of(self.seen, self.end), figures);
            face.wait();
        }
    }
}
