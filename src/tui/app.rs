//! The state of the face, and what keys, the mouse and new frames do to it. Draws nothing.

use std::sync::Arc;
use std::time::Instant;

use ratatui::crossterm::event::KeyCode;
use ratatui::layout::{Position, Rect};

use super::data::{Run, Slice};
use super::export::{self, Kind};
use super::keys::{Action, Key, Setup};
use super::log::{self, Entry, Tone};
use super::rate::Rates;
use super::sky::Sky;
use super::theme::{Palette, Theme};
use super::view::map::Window;
use super::view::terminal::Span;
use super::view::{self, View};
use crate::control::live::{Frame, Live};
use crate::world::places::{self, Place};
use crate::world::spec::WorldSpec;

/// Terminals that a map shows at most: so many dots still tell a story, and placing them takes no time.
pub(super) const PLACES: u32 = 20_000;

/// Limits of speed, windows a second; without one the run goes as fast as it can.
const CAPS: [f64; 7] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// A run that goes on, or has just ended.
pub(super) struct Watched {
    pub live: Live,
    pub spec: Arc<WorldSpec>,
    pub frame: Option<Frame>,
    pub rates: Rates,
    /// Which of [`CAPS`] holds.
    pub cap: Option<usize>,
    /// Terminals for the map, once it was looked at.
    places: Option<Arc<Vec<Place>>>,
}

impl Watched {
    pub(super) fn new(live: Live, spec: WorldSpec) -> Watched {
        let (spec, rates) = (Arc::new(spec), Rates::default());
        Watched { live, spec, frame: None, rates, cap: None, places: None }
    }

    pub(super) fn is_over(&self) -> bool {
        self.frame.as_ref().is_some_and(|frame| frame.over)
    }

    /// The limit of speed, windows a second.
    pub(super) fn windows_per_second(&self) -> Option<f64> {
        self.cap.map(|cap| CAPS[cap])
    }
}

/// What the face asks before it does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    Quit,
    Export,
}

/// Which axes are logarithmic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Scale {
    /// Those of values, so that the tail is seen.
    #[default]
    Values,
    /// None.
    Linear,
    /// Those of values and counts, so that rare bars are seen.
    Counts,
}

impl Scale {
    fn next(self) -> Scale {
        match self {
            Scale::Values => Scale::Linear,
            Scale::Linear => Scale::Counts,
            Scale::Counts => Scale::Values,
        }
    }

    /// What titles say of it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Scale::Values => "log values",
            Scale::Linear => "linear",
            Scale::Counts => "log values, log counts",
        }
    }
}

/// What a place on the screen does when it is clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hit {
    View(View),
    Panel(usize),
}

/// The state of the face.
pub(super) struct App {
    /// What is laid over one another; the first is that which everything else is about.
    pub runs: Vec<Run>,
    pub watched: Option<Watched>,
    /// The satellites that the face is about, if it is not about runs.
    pub sky: Option<Sky>,
    pub setup: Setup,
    pub theme: Theme,
    pub unicode: bool,
    pub view: View,
    pub help: bool,
    pub expanded: bool,
    pub focus: usize,
    /// The row that is chosen, per view.
    pub chosen: [usize; View::ALL.len()],
    pub scale: Scale,
    pub frozen: bool,
    pub filter: String,
    pub typing: bool,
    pub map: Window,
    pub span: Span,
    pub question: Option<Question>,
    /// A line for the user until the next key.
    pub note: Option<String>,
    pub log: Vec<Entry>,
    /// Where things are on the screen, as it was last drawn.
    pub hits: Vec<(Rect, Hit)>,
    /// The screen as text and cells, as it was last drawn, for exports.
    pub shown: ratatui::buffer::Buffer,
    pub closed: bool,
}

impl App {
    pub(super) fn new(runs: Vec<Run>, watched: Option<Watched>, setup: Setup, theme: Theme) -> App {
        let mut chosen = [0; View::ALL.len()];
        if watched.is_some() {
            // The newest, until somebody looks back.
            (chosen[View::Terminal as usize], chosen[View::Log as usize]) = (usize::MAX, usize::MAX);
        }
        let log = if watched.is_some() { Vec::new() } else { log::of_all(&runs) };
        App {
            runs,
            watched,
            sky: None,
            setup,
            theme,
            unicode: true,
            view: View::Overview,
            help: false,
            expanded: false,
            focus: 0,
            chosen,
            scale: Scale::default(),
            frozen: false,
            filter: String::new(),
            typing: false,
            map: Window::default(),
            span: Span::default(),
            question: None,
            note: None,
            log,
            hits: Vec::new(),
            shown: ratatui::buffer::Buffer::empty(Rect::ZERO),
            closed: false,
        }
    }

    /// The run that everything is about, if anything was counted yet.
    pub(super) fn run(&self) -> Option<&Run> {
        self.runs.first()
    }

    /// A name of something in one of the runs, with the letter of the run if there are several.
    pub(super) fn named(&self, letter: char, name: &str) -> String {
        if self.runs.len() > 1 { format!("{letter} {name}") } else { name.to_owned() }
    }

    /// A title of what can be shown of one run only, the first of several.
    pub(super) fn of_first(&self, title: &str) -> String {
        if self.runs.len() > 1 { format!("{title} of A") } else { title.to_owned() }
    }

    pub(super) fn row(&self) -> usize {
        self.chosen[self.view as usize]
    }

    /// The slices of the first run that fit the filter.
    pub(super) fn slices(&self) -> Vec<Slice> {
        let slices = self.run().map_or_else(Vec::new, |run| Slice::all(&run.summary));
        let fitting: Vec<Slice> = slices.iter().filter(|slice| self.fits(&slice.label())).cloned().collect();
        if fitting.is_empty() { slices } else { fitting }
    }

    /// The slice that is chosen.
    pub(super) fn slice(&self) -> Option<Slice> {
        let slices = self.slices();
        let last = slices.len().checked_sub(1)?;
        slices.get(self.row().min(last)).cloned()
    }

    /// Whether a row passes the filter.
    pub(super) fn fits(&self, text: &str) -> bool {
        self.filter.is_empty() || text.to_lowercase().contains(&self.filter.to_lowercase())
    }

    /// Takes what the run shows. Returns whether there is anything new to be seen.
    pub(super) fn refresh(&mut self) -> bool {
        if let Some(sky) = &mut self.sky {
            return sky.run(Instant::now());
        }
        let Some(watched) = &mut self.watched else { return false };
        if watched.live.is_abandoned() {
            self.closed = true;
            return false;
        }
        if self.view == View::Map && watched.places.is_none() {
            watched.places = Some(Arc::new(places::sample(&watched.spec, PLACES).unwrap_or_default()));
        }
        let Some(frame) = watched.live.newest() else { return false };
        let same = watched.frame.as_ref().is_some_and(|old| old.at == frame.at);
        let places = watched.places.clone().unwrap_or_default();
        if let Some(run) = self.runs.first_mut().filter(|run| run.places.len() != places.len()) {
            run.places = Arc::clone(&places);
            if same {
                return true;
            }
        }
        if same {
            return false;
        }
        watched.rates.add(&frame);
        let spec = Arc::clone(&watched.spec);
        watched.frame = Some(frame.clone());
        if let Some(figures) = frame.figures.as_ref().filter(|_| !self.frozen || frame.over) {
            let shown = self.runs.first().map(|run| Arc::clone(&run.summary));
            if !shown.is_some_and(|shown| Arc::ptr_eq(&shown, &figures.summary)) {
                self.take(Run::watched(&spec, figures, places), figures.reached.as_secs_f64(), frame.over);
            }
        }
        true
    }

    /// Puts what a run has come to at some second into the place of what it had come to before.
    fn take(&mut self, new: Run, at: f64, over: bool) {
        let follows = self.chosen[View::Log as usize].saturating_add(1) >= self.log.len();
        self.log.extend(log::changes(self.run().map(|old| &*old.summary), &new.summary, at));
        let step = view::terminal::kept(self);
        self.runs = vec![new];
        self.chosen[View::Terminal as usize] = view::terminal::place(self, step);
        if over {
            self.log.extend(log::results(&self.runs[0]).into_iter().filter(|entry| entry.at >= at));
            self.log.push(Entry { at, tone: Tone::Fact, text: "the run is over".to_owned() });
        }
        if follows {
            self.chosen[View::Log as usize] = usize::MAX;
        }
    }

    /// Does what a key means here and now.
    pub(super) fn press(&mut self, key: Key) {
        self.note = None;
        let action = self.setup.bindings.action(key);
        if action == Some(Action::Stop) {
            return self.stop();
        }
        if self.typing {
            return self.type_filter(key);
        }
        match self.question.take() {
            Some(Question::Quit) => return self.answer_quit(key),
            Some(Question::Export) => return self.answer_export(key),
            None => (),
        }
        let Some(action) = action else {
            let help = self.setup.bindings.hint(Action::Help);
            self.note = Some(format!("{key} does nothing here; {help} shows the keys"));
            return;
        };
        if self.help && !matches!(action, Action::Quit | Action::Palette | Action::Export) {
            self.help = false;
            if matches!(action, Action::Help | Action::Back) {
                return;
            }
        }
        self.act(action);
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Help => self.help = true,
            Action::Quit => self.quit(),
            Action::Stop => self.stop(),
            Action::NextView => self.turn(1),
            Action::PreviousView => self.turn(View::ALL.len() - 1),
            Action::View(number) => self.open(View::ALL[usize::from(number) % View::ALL.len()]),
            Action::NextPanel => self.focus += 1,
            Action::PreviousPanel => self.focus = self.focus.wrapping_sub(1),
            Action::Expand => self.expanded = !self.expanded,
            Action::Scale => self.scale = self.scale.next(),
            Action::Filter => self.typing = true,
            Action::Back if self.expanded => self.expanded = false,
            Action::Back => self.filter.clear(),
            Action::Freeze if self.sky.is_none() => self.frozen = !self.frozen,
            Action::Export => self.question = Some(Question::Export),
            Action::Palette => {
                self.theme.palette = self.theme.palette.next();
                self.note = Some(format!("palette: {}", self.theme.palette.name()));
            }
            Action::Pause | Action::Step | Action::StepBack | Action::Faster | Action::Slower => self.order(action),
            other => self.go(other),
        }
    }

    /// Moves in the view that is open.
    fn go(&mut self, action: Action) {
        if view::go_over_satellites(self, action) {
            return;
        }
        match self.view {
            View::Map if action == Action::World && self.sky.is_none() && !self.map.has_world() => {
                self.note = Some("the scenario does not say where on Earth it is: give it an `origin`".to_owned());
            }
            View::Map if self.map.go(action) => (),
            View::Terminal if self.span.go(action) => (),
            View::Terminal if matches!(action, Action::Left | Action::Right) => {
                if let Some(row) = view::terminal::turn(self, action == Action::Right) {
                    self.chosen[View::Terminal as usize] = row;
                }
            }
            _ => {
                let row = &mut self.chosen[self.view as usize];
                match action {
                    Action::Up => *row = row.saturating_sub(1),
                    Action::Down => *row = row.saturating_add(1),
                    Action::PageUp => *row = row.saturating_sub(10),
                    Action::PageDown => *row = row.saturating_add(10),
                    Action::First => *row = 0,
                    Action::Last => *row = usize::MAX,
                    Action::Left => self.focus = self.focus.wrapping_sub(1),
                    Action::Right => self.focus += 1,
                    _ => (),
                }
            }
        }
    }

    /// Keeps choices inside what there is to choose from.
    pub(super) fn settle(&mut self, panels: usize) {
        // One step before the first is the last.
        self.focus = if self.focus > usize::MAX / 2 { panels.saturating_sub(1) } else { self.focus % panels.max(1) };
        let rows = view::rows(self);
        let row = &mut self.chosen[self.view as usize];
        *row = (*row).min(rows.saturating_sub(1));
    }

    fn turn(&mut self, by: usize) {
        let mut place = self.view as usize;
        for _ in 0..View::ALL.len() {
            place = (place + by) % View::ALL.len();
            if View::ALL[place].is_offered(self) {
                return self.open(View::ALL[place]);
            }
        }
    }

    pub(super) fn open(&mut self, view: View) {
        if !view.is_offered(self) {
            self.note = Some(view.why_not().to_owned());
        } else if self.view != view {
            (self.view, self.focus, self.expanded) = (view, 0, false);
        }
    }

    /// Orders to the run, or to the time over satellites.
    fn order(&mut self, action: Action) {
        if let Some(sky) = &mut self.sky {
            return sky.order(action, Instant::now());
        }
        let Some(watched) = self.watched.as_mut().filter(|watched| !watched.is_over()) else {
            self.note = Some("the simulation is over".to_owned());
            return;
        };
        if action == Action::StepBack {
            self.note = Some("a simulation goes on and never back".to_owned());
            return;
        }
        match action {
            Action::Pause => watched.live.pause(!watched.live.is_paused()),
            Action::Step => watched.live.step(),
            Action::Faster => {
                watched.cap = watched.cap.map(|cap| cap + 1).filter(|cap| *cap < CAPS.len());
                watched.live.cap(watched.windows_per_second());
            }
            _ => {
                watched.cap = Some(watched.cap.map_or(CAPS.len() - 1, |cap| cap.saturating_sub(1)));
                watched.live.cap(watched.windows_per_second());
            }
        }
    }

    fn quit(&mut self) {
        match &self.watched {
            Some(watched) if !watched.is_over() => self.question = Some(Question::Quit),
            _ => self.closed = true,
        }
    }

    /// Ends the run, which closes the face when its results are written.
    fn stop(&mut self) {
        match &mut self.watched {
            Some(watched) if !watched.is_over() => {
                if watched.live.stop() {
                    watched.live.give_up();
                }
                self.note = Some("ending the run and keeping what is there (once more to give up at once)".to_owned());
            }
            _ => self.closed = true,
        }
    }

    fn answer_quit(&mut self, key: Key) {
        match key.typed() {
            Some('q' | 'y') => self.stop(),
            Some('d') => {
                if let Some(watched) = &self.watched {
                    watched.live.leave();
                }
                self.closed = true;
            }
            _ => (),
        }
    }

    fn answer_export(&mut self, key: Key) {
        let kind = match key.typed() {
            Some('c') => Kind::Csv,
            Some('s') => Kind::Svg,
            Some('t') => Kind::Text,
            _ => return,
        };
        self.note = Some(match export::to_file(self, kind) {
            Ok(path) => format!("written: {}", path.display()),
            Err(error) => format!("cannot write: {error}"),
        });
    }

    fn type_filter(&mut self, key: Key) {
        if let Some(character) = key.typed() {
            self.filter.push(character);
        } else if key.is(KeyCode::Backspace) {
            self.filter.pop();
        } else {
            if key.is(KeyCode::Esc) {
                self.filter.clear();
            }
            self.typing = false;
        }
    }

    /// A click at a place of the screen.
    pub(super) fn click(&mut self, x: u16, y: u16) {
        self.note = None;
        let hit = self.hits.iter().rev().find(|(area, _)| area.contains(Position::new(x, y)));
        match hit.map(|(_, hit)| *hit) {
            Some(Hit::View(view)) => self.open(view),
            Some(Hit::Panel(panel)) => self.focus = panel,
            None => self.help = false,
        }
    }

    /// A turn of the wheel.
    pub(super) fn wheel(&mut self, up: bool) {
        let zooms = matches!(self.view, View::Map | View::Terminal);
        self.go(match (zooms, up) {
            (true, true) => Action::ZoomIn,
            (true, false) => Action::ZoomOut,
            (false, true) => Action::Up,
            (false, false) => Action::Down,
        });
    }

    /// The palette to begin with: as asked, as set up, and none where the user wants no colours.
    pub(super) fn palette(asked: Option<Palette>, setup: &Setup, no_color: bool) -> Palette {
        asked.or(setup.palette).unwrap_or(if no_color { Palette::Mono } else { Palette::Default })
    }
}
