//! Progress on stderr: a bar on a terminal, a line now and then elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::talk;
use crate::control::Snapshot;
use crate::units::SimDuration;

/// Steps of the bar.
const STEPS: u64 = 1_000;
/// Between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows how far a command has come.
pub(super) struct Display {
    bar: ProgressBar,
    started: Instant,
    last_line: Instant,
    lines: bool,
    quiet: bool,
}

impl Display {
    /// A display, or a silent one if `quiet`. Everything fits 80 columns.
    pub(super) fn new(quiet: bool, unicode: bool, first: &'static str) -> Display {
        let terminal = stderr().is_terminal();
        let bar = if quiet || !terminal { ProgressBar::hidden() } else { ProgressBar::new(STEPS) };
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {percent:>3} %  {msg}  ETA {eta}") {
            bar.set_style(style.progress_chars(if unicode { "█▌·" } else { "##." }));
        }
        bar.set_message(first);
        bar.tick();
        let now = Instant::now();
        Display { bar, started: now, last_line: now, lines: !quiet && !terminal, quiet }
    }

    /// Shows a snapshot of a run.
    pub(super) fn show(&mut self, snapshot: &Snapshot) {
        let rate = snapshot.events as f64 / self.started.elapsed().as_secs_f64().max(1e-3) / 1e6;
        let reached = SimDuration(snapshot.reached.0);
        self.advance(snapshot.fraction, format!("{reached} simulated, {rate:.1} M events/s"));
    }

    /// Shows that the share `fraction` of the work is done, and a message.
    pub(super) fn advance(&mut self, fraction: f64, message: String) {
        if self.lines && self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            let left = self.started.elapsed().as_secs_f64() * (1.0 - fraction) / fraction.max(1e-6);
            let percent = fraction * 100.0;
            talk(format_args!("{percent:.0} %: {message}, ETA {left:.0} s"));
        }
        self.bar.set_message(message);
        self.bar.set_position((fraction * STEPS as f64) as u64);
    }

    /// A way to say something, also from another thread, without disturbing the bar; a silent display says nothing.
    pub(super) fn speaker(&self) -> impl Fn(&str) + Send + 'static {
        let (bar, quiet) = (self.bar.clone(), self.quiet);
        move |text| {
            if !quiet {
                bar.suspend(|| talk(text));
            }
        }
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
