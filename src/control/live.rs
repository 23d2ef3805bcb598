//! A run that is watched: what it shows of itself while it goes, and the orders it takes.
//!
//! The run puts an immutable [`Frame`] into a slot at the end of a window, and the face takes the newest: neither waits for
//! the other. Adding up all ledgers costs time, so it is done ten times a second at most, and more seldom if it would take
//! more than a hundredth of the time.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Snapshot, StopSwitch};
use crate::metrics::summary::Summary;
use crate::scenario::Scenario;
use crate::units::SimTime;
use crate::world::Outcome;
use crate::world::look::Look;
use crate::world::summarise::{Labels, summarise};

/// The shortest time between two frames with figures.
const FRAME: Duration = Duration::from_millis(100);
/// The share of the time that ledgers may be added up, and that it may be done with the life of each battery.
const SHARE: f64 = 0.007_5;
const SHARE_WITH_LIVES: f64 = 0.002_5;
/// How often a run that is halted looks whether it is to end.
const GLANCE: Duration = Duration::from_millis(50);

/// All that a run has counted up to an instant, and the summary of it. At the end it is that of the result directory.
#[derive(Debug)]
pub struct Figures {
    /// Up to when.
    pub reached: SimTime,
    /// The sums.
    pub outcome: Outcome,
    /// What the printed summary would say of them, requirements included.
    pub summary: Arc<Summary>,
}

/// What a run shows of itself.
#[derive(Clone, Debug)]
pub struct Frame {
    /// How far the run has come.
    pub snapshot: Snapshot,
    /// When the frame was made.
    pub at: Instant,
    /// How long the run has been running, halts left out.
    pub running: Duration,
    /// What was counted, once there is something; it may be older than the rest.
    pub figures: Option<Arc<Figures>>,
    /// Whether the run is over and these are its results.
    pub over: bool,
}

/// What watching a run has cost it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Frames with figures.
    pub frames: u64,
    /// Time of making them.
    pub making: Duration,
    /// Time of drawing them.
    pub drawing: Duration,
}

/// The orders of the face.
#[derive(Clone, Copy, Debug, Default)]
struct Orders {
    paused: bool,
    /// Windows to run although the run is halted.
    steps: u32,
    /// Most windows per second.
    cap: Option<f64>,
    /// Whether the face is gone and nothing need be shown any more.
    left: bool,
    /// Whether the run is gone and will show nothing any more.
    abandoned: bool,
}

/// The link between a run and the face that watches it.
#[derive(Clone)]
pub struct Live(Arc<Shared>);

struct Shared {
    newest: Mutex<Option<Frame>>,
    orders: Mutex<Orders>,
    changed: Condvar,
    switch: StopSwitch,
    drawing_us: AtomicU64,
    give_up: Box<dyn Fn() + Send + Sync>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Whoever panicked while holding it left a whole value behind: each change is one assignment.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Live {
    /// A link to a run that `switch` stops at the end of a window, and `give_up` at once.
    #[must_use]
    pub fn new(switch: StopSwitch, give_up: impl Fn() + Send + Sync + 'static) -> Live {
        let (newest, orders) = (Mutex::new(None), Mutex::new(Orders::default()));
        let (changed, give_up) = (Condvar::new(), Box::new(give_up));
        let drawing_us = AtomicU64::new(0);
        Live(Arc::new(Shared { newest, orders, changed, switch, drawing_us, give_up }))
    }

    /// The newest frame.
    #[must_use]
    pub fn newest(&self) -> Option<Frame> {
        locked(&self.0.newest).clone()
    }

    /// Halts the run at the end of its window, or lets it go on.
    pub fn pause(&self, paused: bool) {
        self.order(|orders| (orders.paused, orders.steps) = (paused, 0));
    }

    /// Whether the run is, or soon will be, halted.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        locked(&self.0.orders).paused
    }

    /// Halts the run, and lets it run one more window.
    pub fn step(&self) {
        self.order(|orders| (orders.paused, orders.steps) = (true, orders.steps + 1));
    }

    /// Lets the run go through so many windows per second, or as many as it can.
    pub fn cap(&self, windows_per_second: Option<f64>) {
        self.order(|orders| orders.cap = windows_per_second);
    }

    /// Ends the run at the end of its window. Returns whether it had been asked to before.
    pub fn stop(&self) -> bool {
        let before = self.0.switch.press();
        self.0.changed.notify_all();
        before
    }

    /// Books the time that a picture took.
    pub fn drew(&self, time: Duration) {
        self.0.drawing_us.fetch_add(time.as_micros() as u64, Ordering::Relaxed);
    }

    /// Ends the run at once.
    pub fn give_up(&self) {
        (self.0.give_up)();
    }

    /// The run goes without results: the face has nothing more to wait for.
    pub fn abandon(&self) {
        self.order(|orders| orders.abandoned = true);
    }

    /// Whether the run is gone without results.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        locked(&self.0.orders).abandoned
    }

    /// The face goes: the run goes on at full speed, and shows itself no more.
    pub fn leave(&self) {
        self.order(|orders| *orders = Orders { left: true, ..Orders::default() });
    }

    /// Whether the face is gone.
    #[must_use]
    pub fn is_left(&self) -> bool {
        locked(&self.0.orders).left
    }

    fn order(&self, change: impl FnOnce(&mut Orders)) {
        change(&mut locked(&self.0.orders));
        self.0.changed.notify_all();
    }

    /// Puts a frame into the place of the one before.
    pub fn show(&self, frame: Frame) {
        *locked(&self.0.newest) = Some(frame);
    }

    /// Waits as long as the face wants the run to: while it is halted, and until `begun + 1 / cap`.
    fn heed(&self, begun: Instant) {
        let mut orders = locked(&self.0.orders);
        while !self.0.switch.is_pressed() {
            if orders.steps > 0 {
                orders.steps -= 1;
                return;
            }
            let rest = match (orders.paused, orders.cap) {
                (true, _) => GLANCE,
                (false, Some(cap)) => Duration::from_secs_f64(1.0 / cap).saturating_sub(begun.elapsed()).min(GLANCE),
                (false, None) => Duration::ZERO,
            };
            if rest.is_zero() {
                return;
            }
            orders = match self.0.changed.wait_timeout(orders, rest) {
                Ok((orders, _)) => orders,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }
}

/// Keeps the share of the time that something takes small.
#[derive(Debug)]
struct Budget {
    share: f64,
    due: Instant,
    spent: Duration,
    times: u64,
}

impl Budget {
    fn new(share: f64, now: Instant) -> Budget {
        Budget { share, due: now, spent: Duration::ZERO, times: 0 }
    }

    fn is_due(&self) -> bool {
        Instant::now() >= self.due
    }

    fn pay<T>(&mut self, make: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let made = make();
        let cost = begun.elapsed();
        self.spent += cost;
        self.times += 1;
        self.due = begun + FRAME.max(cost.div_f64(self.share));
        made
    }
}

/// The side of the run: looks at it between two windows, shows it, and heeds the orders of the face.
pub struct Watcher<'a> {
    live: Live,
    scenario: &'a Scenario,
    figures: Option<Arc<Figures>>,
    small: Budget,
    /// With battery lives.
    whole: Budget,
    window_begun: Instant,
    running: Duration,
}

impl<'a> Watcher<'a> {
    /// Watches a run of this scenario.
    #[must_use]
    pub fn new(live: Live, scenario: &'a Scenario) -> Watcher<'a> {
        let now = Instant::now();
        let (small, whole) = (Budget::new(SHARE, now), Budget::new(SHARE_WITH_LIVES, now));
        Watcher { live, scenario, figures: None, small, whole, window_begun: now, running: Duration::ZERO }
    }

    /// Looks at the run at the end of a window.
    pub fn look(&mut self, look: &Look<'_>) -> ControlFlow<()> {
        self.running += self.window_begun.elapsed();
        let begun = self.window_begun;
        if !self.live.is_left() {
            self.refresh(look);
            let end = self.scenario.world.end();
            let snapshot = Snapshot::of(look.progress, end);
            let (figures, at) = (self.figures.clone(), Instant::now());
            self.live.show(Frame { snapshot, at, running: self.running, figures, over: false });
            self.live.heed(begun);
        }
        self.window_begun = Instant::now();
        if self.live.0.switch.is_pressed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Makes figures if they are due: a halted run always shows its last state.
    fn refresh(&mut self, look: &Look<'_>) {
        let halted = self.live.is_paused();
        let counting = look.progress.reached > self.scenario.world.counted_from();
        if !counting || !(halted || self.small.is_due()) {
            return;
        }
        let lives = halted || self.whole.is_due();
        let budget = if lives { &mut self.whole } else { &mut self.small };
        let old = self.figures.as_deref();
        let figures = budget.pay(|| {
            let mut outcome = look.outcome(lives);
            if let Some(old) = old.filter(|_| !lives) {
                outcome.lives.clone_from(&old.outcome.lives);
            }
            figures(self.scenario, outcome, false)
        });
        self.small.due = self.small.due.max(Instant::now() + FRAME);
        self.figures = Some(Arc::new(figures));
    }

    /// What watching has cost up to now.
    #[must_use]
    pub fn cost(&self) -> Cost {
        Cost {
            frames: self.small.times + self.whole.times,
            making: self.small.spent + self.whole.spent,
            drawing: Duration::from_micros(self.live.0.drawing_us.load(Ordering::Relaxed)),
        }
    }

    /// Shows what came out: the results that are printed and written.
    pub fn finish(self, snapshot: Snapshot, figures: Figures) {
        let (at, figures) = (Instant::now(), Some(Arc::new(figures)));
        self.live.show(Frame { snapshot, at, running: self.running, figures, over: true });
    }
}

/// The summary of a run with its requirements, and what it was made of. What a summary warns of is known at the end only.
#[must_use]
pub fn figures(scenario: &Scenario, outcome: Outcome, over: bool) -> Figures {
    let labels = Labels {
        name: scenario.name.clone(),
        model_data: scenario.model_data.clone(),
        scenario: scenario.resolved.clone(),
    };
    let mut summary = summarise(&scenario.world, &outcome, labels);
    summary.requirements = scenario.requirements.evaluate(&summary);
    if !over {
        summary.warnings.clear();
    }
    Figures { reached: outcome.reached, outcome, summary: Arc::new(summary) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dear_is_done_seldom() {
        let now = Instant::now();
        let mut budget = Budget::new(0.005, now);
        assert!(budget.is_due());
        budget.pay(|| ());
        assert!(budget.due >= now + FRAME, "ten times a second at most");
        budget.spent = Duration::ZERO;
        let begun = Instant::now();
        budget.pay(|| while begun.elapsed() < Duration::from_millis(2) {});
        assert!(budget.due - begun >= Duration::from_millis(399), "2 ms are half a percent of 400 ms");
        assert_eq!(budget.times, 2);
    }

    #[test]
    fn a_halted_run_goes_on_when_told_and_ends_when_stopped() {
        let live = Live::new(StopSwitch::default(), || ());
        live.step();
        live.step();
        live.heed(Instant::now());
        live.heed(Instant::now());
        assert!(live.is_paused());
        let other = live.clone();
        let halted = std::thread::spawn(move || other.heed(Instant::now()));
        live.pause(false);
        halted.join().unwrap();
        live.pause(true);
        assert!(!live.stop() && live.stop());
        live.heed(Instant::now());
        live.leave();
        assert!(live.is_left() && !live.is_paused());
    }
}
