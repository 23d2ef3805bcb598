//! The map: sites, and terminals by braille dots, coloured and marked by how they are served; from a street to the whole
//! Earth, if the scenario says where on it all is.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use super::{Panel, panel, sky};
use crate::report::cells::CellRow;
use crate::report::format::{count, percent, share, significant};
use crate::tui::app::App;
use crate::tui::canvas::{Canvas, Dots, bar, width};
use crate::tui::data::Run;
use crate::tui::ground::{EARTH, Ground, Sight, Spot, degrees};
use crate::tui::keys::Action;
use crate::tui::theme::Ink;
use crate::world::places::Place;

/// Closest view: so often the map of the region is made half as wide.
const ZOOM_MAX: i32 = 8;
/// From here on a region is so small that its name says more than its sites.
const ZOOM_NAMES: i32 = -4;

/// What the map shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) enum Layer {
    /// All terminals, by coverage level.
    #[default]
    Service,
    /// Those without coverage only.
    Dark,
    /// The sites alone, with the load of their cells.
    Load,
}

/// Which part of the ground is wanted, and what came of it when the map was drawn last.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::tui) struct Window {
    /// How often the map of the whole region was made half as wide; below zero, twice as wide.
    pub zoom: i32,
    /// What was moved to the middle.
    centre: Option<Spot>,
    pub layer: Layer,
    seen: Seen,
}

/// What was on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Seen {
    centre: Spot,
    /// A tenth of the screen.
    step: Spot,
    /// The zoom at which the whole Earth is seen; zero if nobody knows where on it the region is.
    whole: i32,
}

impl Window {
    /// Moves; returns whether the key meant the map.
    pub(in crate::tui) fn go(&mut self, action: Action) -> bool {
        match action {
            Action::Left => self.shift(-1.0, 0.0),
            Action::Right => self.shift(1.0, 0.0),
            Action::Up => self.shift(0.0, 1.0),
            Action::Down => self.shift(0.0, -1.0),
            Action::ZoomIn => self.zoom = (self.zoom + 1).min(ZOOM_MAX),
            Action::ZoomOut => self.zoom = (self.zoom - 1).max(self.seen.whole),
            Action::World => self.zoom = if self.zoom > self.seen.whole { self.seen.whole } else { 0 },
            Action::First => *self = Window { layer: self.layer, seen: self.seen, ..Window::default() },
            Action::Layer => {
                self.layer = match self.layer {
                    Layer::Service => Layer::Dark,
                    Layer::Dark => Layer::Load,
                    Layer::Load => Layer::Service,
                }
            }
            _ => return false,
        }
        true
    }

    fn shift(&mut self, east: f64, north: f64) {
        let Seen { centre, step, .. } = self.seen;
        self.centre = Some((centre.0 + east * step.0, centre.1 + north * step.1));
    }

    /// Whether there is a map of the world to go to.
    pub(in crate::tui) fn has_world(&self) -> bool {
        self.seen.whole < 0
    }

    /// What a screen of so many dots shows of a region.
    pub(super) fn sight(&self, region: &Region, dots: (f64, f64)) -> Sight {
        let Region { ground, middle, span } = *region;
        // A dot of a braille character is about as wide as it is high.
        let fit = |span: (f64, f64)| (span.0 / dots.0).max(span.1 / dots.1) * 1.06 / ground.metres();
        let per_dot = span.map_or_else(|| Sight::whole_earth(dots), fit) / 2.0_f64.powi(self.zoom);
        let per_dot = if ground == Ground::Plane { per_dot } else { per_dot.min(Sight::whole_earth(dots)) };
        Sight::new(ground, self.centre.unwrap_or(middle), per_dot, dots)
    }

    /// Keeps what is wanted within what there is to be seen in the first panel.
    pub(in crate::tui) fn settle(&mut self, region: &Region, map: Rect) {
        let dots = Dots::new(map.width.saturating_sub(4).max(1), map.height.saturating_sub(2).max(1)).size();
        let Region { ground, middle, span } = *region;
        self.seen.whole = match ground {
            Ground::Plane => 0,
            Ground::Earth(_) => {
                let closest = Window { zoom: 0, ..*self }.sight(region, dots).per_dot.1;
                -(Sight::whole_earth(dots) / closest).log2().ceil() as i32
            }
        };
        self.zoom = self.zoom.max(self.seen.whole);
        if let (Ground::Plane, Some(span), Some(centre)) = (ground, span, &mut self.centre) {
            let keep = |at: f64, middle: f64, span: f64| at.clamp(middle - span / 2.0, middle + span / 2.0);
            *centre = (keep(centre.0, middle.0, span.0), keep(centre.1, middle.1, span.1));
        }
        let sight = self.sight(region, dots);
        self.seen.centre = sight.centre;
        self.seen.step = (sight.per_dot.0 * dots.0 / 10.0, sight.per_dot.1 * dots.1 / 10.0);
    }
}

/// Where all that a map is about lies.
pub(in crate::tui) struct Region {
    ground: Ground,
    middle: Spot,
    /// How wide and how high it is, metres; none if it is the whole Earth.
    span: Option<(f64, f64)>,
}

impl Region {
    /// What the open face is about.
    pub(in crate::tui) fn shown(app: &App) -> Option<Region> {
        match &app.sky {
            Some(sky) => Some(Region { ground: EARTH, middle: sky.home(), span: None }),
            None => app.run().map(Region::of),
        }
    }

    /// Metres to one of what its places are counted in, from south to north.
    pub(super) fn metres(&self) -> f64 {
        self.ground.metres()
    }

    /// That of all sites and terminals of a run.
    fn of(run: &Run) -> Region {
        let sites = run.cells.iter().filter_map(|cell| cell.place).map(|place| place.at);
        let points = run.places.iter().map(|place| place.at).chain(sites);
        let (mut low, mut high) = ((f64::INFINITY, f64::INFINITY), (f64::NEG_INFINITY, f64::NEG_INFINITY));
        for (x, y) in points {
            (low.0, low.1, high.0, high.1) = (low.0.min(x), low.1.min(y), high.0.max(x), high.1.max(y));
        }
        let span = ((high.0 - low.0).max(1_000.0), (high.1 - low.1).max(1_000.0));
        let middle = run.ground.spot(((low.0 + high.0) / 2.0, (low.1 + high.1) / 2.0));
        Region { ground: run.ground, middle, span: Some(span) }
    }
}

pub(super) fn panels(app: &App, area: Rect) -> Vec<Panel> {
    if app.sky.is_some() {
        return sky::panels(app, area);
    }
    let side = if area.width >= 120 { 36 } else { 27 };
    let map = Rect { width: area.width - side, ..area };
    let what = match app.map.layer {
        Layer::Service => "service of terminals",
        Layer::Dark => "terminals without coverage",
        Layer::Load => "load of cells",
    };
    // Of several runs, the region is that of the first.
    let whose = if app.map.zoom > ZOOM_NAMES { app.of_first("Map") } else { "Map".to_owned() };
    let title = format!("{whose} · {what}");
    vec![panel(title, map, draw), panel("Legend", Rect { x: map.right(), width: side, ..area }, legend)]
}

/// How many terminals of each level are in a character: levels 0 to 6, and none.
type Crowd = [u32; 8];

fn slot(place: &Place) -> usize {
    place.level.map_or(7, |level| usize::from(level).min(6))
}

fn draw(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(run) = app.run() else { return };
    let mut dots = Dots::new(area.width, area.height);
    let sight = app.map.sight(&Region::of(run), dots.size());
    if run.ground != Ground::Plane {
        coasts(canvas, area, &sight);
    }
    let mut crowds: BTreeMap<(u16, u16), Crowd> = BTreeMap::new();
    let shown = |place: &&Place| {
        let group = run.groups.get(usize::from(place.group)).map_or("", String::as_str);
        let layer = match app.map.layer {
            Layer::Service => true,
            Layer::Dark => place.level.is_none(),
            Layer::Load => false,
        };
        layer && app.map.zoom > ZOOM_NAMES && (app.filter.is_empty() || app.fits(group))
    };
    // Dots that fill the screen would show nothing: so many of the terminals are drawn that a third of them is set, and all
    // without coverage, which are few and matter.
    let (across, down) = dots.size();
    let room = across * down * 0.3 * 4.0_f64.powi(app.map.zoom);
    let step = (run.places.len() as f64 / room).ceil().max(1.0) as usize;
    let drawn = run.places.iter().enumerate().filter(|(number, place)| number % step == 0 || place.level.is_none());
    for place in drawn.map(|(_, place)| place).filter(shown) {
        let character = sight.dot(run.ground.spot(place.at)).and_then(|(x, y)| dots.set(x, y));
        if let Some(character) = character {
            crowds.entry(character).or_default()[slot(place)] += 1;
        }
    }
    // A character is as its worst common level: a fifth of its terminals are in it or worse.
    let worst = |crowd: &Crowd| {
        let all: u32 = crowd.iter().sum();
        let mut seen = 0;
        (0..8).rev().find(|level| {
            seen += crowd[*level];
            seen * 5 >= all && crowd[*level] > 0
        })
    };
    canvas.dots(area, &dots, |x, y| match crowds.get(&(x, y)).and_then(worst) {
        Some(7) => Ink::Level(None),
        Some(level) => Ink::Level(Some(level as u8)),
        None => Ink::Plain,
    });
    for ((x, y), crowd) in &crowds {
        if worst(crowd) == Some(7) {
            canvas.text(area, (area.x + x, area.y + y), Ink::Level(None), "×");
        }
    }
    if app.map.zoom > ZOOM_NAMES {
        sites(app, run, canvas, area, &sight);
    } else {
        names(app, canvas, area, &sight);
    }
    ruler(canvas, area, sight.per_dot.1 * run.ground.metres());
}

/// The coasts of the Earth, behind everything else.
pub(super) fn coasts(canvas: &mut Canvas<'_>, area: Rect, sight: &Sight) {
    let mut coasts = Dots::new(area.width, area.height);
    sight.coasts(&mut coasts);
    canvas.dots(area, &coasts, |_, _| Ink::Faint);
}

/// The regions of all runs by name, where they are next to nothing.
fn names(app: &App, canvas: &mut Canvas<'_>, area: Rect, sight: &Sight) {
    let mut rows: BTreeMap<(u16, u16), u16> = BTreeMap::new();
    for (run, letter) in app.runs.iter().zip('A'..).filter(|(run, _)| run.ground != Ground::Plane) {
        let Some((x, y)) = sight.dot(Region::of(run).middle) else { continue };
        let (x, y) = (area.x + x as u16 / 2, area.y + y as u16 / 4);
        // One below the other where several are at a place.
        let row = rows.entry((x, y)).or_default();
        let name = format!("▲ {}", app.named(letter, &run.summary.name));
        let x = x.min(area.right().saturating_sub(width(&name)).max(area.x));
        canvas.text(area, (x, y + *row), Ink::Strong, &name);
        *row += 1;
    }
}

/// Sites as triangles; with the load of their cells, a digit of ten percent each.
fn sites(app: &App, run: &Run, canvas: &mut Canvas<'_>, area: Rect, sight: &Sight) {
    let mut sites: BTreeMap<(&str, u32), Vec<&CellRow>> = BTreeMap::new();
    for cell in &run.cells {
        if let Some(place) = cell.place {
            sites.entry((&cell.network, place.site)).or_default().push(cell);
        }
    }
    for ((_, number), cells) in &sites {
        let Some(place) = cells.first().and_then(|cell| cell.place) else { continue };
        let Some((x, y)) = sight.dot(run.ground.spot(place.at)) else { continue };
        let (x, y) = (area.x + x as u16 / 2, area.y + y as u16 / 4);
        let end = canvas.text(area, (x, y), Ink::Strong, "▲");
        if app.map.layer == Layer::Load {
            for (row, cell) in (0..).zip(cells) {
                let busy = cell.downlink.unwrap_or(0.0).max(cell.uplink.unwrap_or(0.0));
                let ink = if busy > 0.8 {
                    Ink::Bad
                } else if busy > 0.5 {
                    Ink::Caution
                } else {
                    Ink::Time
                };
                canvas.text(area, (end, y + row), ink, &format!(" {}", percent(busy)));
            }
        } else if app.map.zoom > 0 {
            canvas.text(area, (end, y), Ink::Strong, &number.to_string());
        }
    }
}

/// A bar of a round length, in the middle of the map.
pub(super) fn ruler(canvas: &mut Canvas<'_>, area: Rect, metres_per_dot: f64) {
    let most = f64::from(area.width) / 4.0 * 2.0 * metres_per_dot;
    let decade = 10_f64.powf(most.max(1.0).log10().floor());
    let metres = [5.0, 2.0, 1.0].into_iter().map(|n| n * decade).find(|metres| *metres <= most).unwrap_or(decade);
    let columns = (metres / metres_per_dot / 2.0).round().max(2.0) as usize;
    let name = if metres >= 1e3 { format!("{} km", count((metres / 1e3) as u64)) } else { format!("{metres} m") };
    let y = area.bottom() - 1;
    canvas.text(area, (area.x, y), Ink::Strong, &format!("├{}┤ {name} ", "─".repeat(columns.saturating_sub(2))));
}

fn legend(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(run) = app.run() else { return };
    let fits = |place: &&Place| {
        let group = run.groups.get(usize::from(place.group)).map_or("", String::as_str);
        app.filter.is_empty() || app.fits(group)
    };
    let mut crowd: Crowd = [0; 8];
    run.places.iter().filter(fits).for_each(|place| crowd[slot(place)] += 1);
    let all: u32 = crowd.iter().sum();
    let mut y = area.y;
    let mut line = |canvas: &mut Canvas<'_>, pieces: &[(Ink, &str)]| {
        canvas.line(Rect { y, ..area }, 0, pieces);
        y += 1;
    };
    line(canvas, &[(Ink::Strong, "▲ "), (Ink::Plain, "site")]);
    for (level, number) in crowd.iter().enumerate().filter(|(_, number)| **number > 0) {
        let (ink, sign, name) = match level {
            7 => (Ink::Level(None), "×", "no coverage".to_owned()),
            level => (Ink::Level(Some(level as u8)), "⣿", format!("level {level}")),
        };
        let portion = f64::from(*number) / f64::from(all.max(1));
        line(
            canvas,
            &[(ink, &format!("{sign} ")), (Ink::Plain, &format!("{name:<12}")), (Ink::Plain, &share(portion))],
        );
        line(canvas, &[(ink, &format!("  {}", bar(portion, area.width.saturating_sub(4))))]);
    }
    if all == 0 {
        line(canvas, &[(Ink::Faint, "no terminals to show")]);
    } else {
        line(canvas, &[(Ink::Faint, &format!("a sample of {}", count(all.into())))]);
    }
    let side = |low: f64, high: f64| significant((high - low) / 1e3);
    let xs = run.places.iter().map(|place| place.at.0);
    let (west, east) = (xs.clone().fold(f64::INFINITY, f64::min), xs.fold(f64::NEG_INFINITY, f64::max));
    if all > 0 {
        line(canvas, &[(Ink::Faint, &format!("{} km wide", side(west, east)))]);
    }
    if app.map.has_world() {
        line(canvas, &[(Ink::Faint, &degrees(app.map.seen.centre))]);
    }
    y += 1;
    let hint = |action| app.setup.bindings.hint(action);
    for (action, text) in [
        (Action::Layer, "what is shown"),
        (Action::ZoomIn, "zoom in"),
        (Action::ZoomOut, "zoom out"),
        (Action::First, "the whole region"),
        (Action::World, "the whole Earth"),
        (Action::Filter, "some groups"),
    ] {
        if action == Action::World && !app.map.has_world() {
            continue;
        }
        canvas.text(area, (area.x, y), Ink::Focus, &hint(action));
        canvas.text(area, (area.x + 6, y), Ink::Plain, text);
        y += 1;
    }
}
