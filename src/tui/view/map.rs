//! The map: sites, and terminals by braille dots, coloured and marked by how they are served.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use super::{Panel, panel};
use crate::report::cells::CellRow;
use crate::report::format::{count, percent, share, significant};
use crate::tui::app::App;
use crate::tui::canvas::{Canvas, Dots, bar};
use crate::tui::data::Run;
use crate::tui::keys::Action;
use crate::tui::theme::Ink;
use crate::world::places::Place;

/// Closest view: a kilometre or so across the screen.
const ZOOM_MAX: u32 = 8;

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

/// Which part of the world is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::tui) struct Window {
    /// How often the map was made half as wide.
    pub zoom: u32,
    /// The centre, in shares of the whole map, from its middle.
    pub centre: (f64, f64),
    pub layer: Layer,
}

impl Window {
    /// Moves; returns whether the key meant the map.
    pub(in crate::tui) fn go(&mut self, action: Action) -> bool {
        let step = 0.1 / f64::from(1 << self.zoom);
        match action {
            Action::Left => self.centre.0 -= step,
            Action::Right => self.centre.0 += step,
            Action::Up => self.centre.1 += step,
            Action::Down => self.centre.1 -= step,
            Action::ZoomIn => self.zoom = (self.zoom + 1).min(ZOOM_MAX),
            Action::ZoomOut => self.zoom = self.zoom.saturating_sub(1),
            Action::First => *self = Window { layer: self.layer, ..Window::default() },
            Action::Layer => {
                self.layer = match self.layer {
                    Layer::Service => Layer::Dark,
                    Layer::Dark => Layer::Load,
                    Layer::Load => Layer::Service,
                }
            }
            _ => return false,
        }
        self.centre = (self.centre.0.clamp(-0.5, 0.5), self.centre.1.clamp(-0.5, 0.5));
        true
    }
}

pub(super) fn panels(app: &App, area: Rect) -> Vec<Panel> {
    let side = if area.width >= 120 { 36 } else { 27 };
    let map = Rect { width: area.width - side, ..area };
    let title = match app.map.layer {
        Layer::Service => "Map · service of terminals",
        Layer::Dark => "Map · terminals without coverage",
        Layer::Load => "Map · load of cells",
    };
    vec![panel(title, map, draw), panel("Legend", Rect { x: map.right(), width: side, ..area }, legend)]
}

/// From metres to dots.
struct Projection {
    centre: (f64, f64),
    dots: (f64, f64),
    metres_per_dot: f64,
}

impl Projection {
    fn new(run: &Run, window: Window, dots: (f64, f64)) -> Projection {
        let sites = run.cells.iter().filter_map(|cell| cell.place).map(|place| place.at);
        let points = run.places.iter().map(|place| place.at).chain(sites);
        let (mut low, mut high) = ((f64::INFINITY, f64::INFINITY), (f64::NEG_INFINITY, f64::NEG_INFINITY));
        for (x, y) in points {
            (low.0, low.1, high.0, high.1) = (low.0.min(x), low.1.min(y), high.0.max(x), high.1.max(y));
        }
        let span = ((high.0 - low.0).max(1_000.0), (high.1 - low.1).max(1_000.0));
        // A dot of a braille character is about as wide as it is high.
        let fit = (span.0 / dots.0).max(span.1 / dots.1) * 1.06;
        let middle = ((low.0 + high.0) / 2.0, (low.1 + high.1) / 2.0);
        Projection {
            centre: (middle.0 + window.centre.0 * span.0, middle.1 + window.centre.1 * span.1),
            dots,
            metres_per_dot: fit / f64::from(1 << window.zoom),
        }
    }

    fn dot(&self, at: (f64, f64)) -> (f64, f64) {
        let x = (at.0 - self.centre.0) / self.metres_per_dot + self.dots.0 / 2.0;
        let y = (self.centre.1 - at.1) / self.metres_per_dot + self.dots.1 / 2.0;
        (x, y)
    }
}

/// How many terminals of each level are in a character: levels 0 to 6, and none.
type Crowd = [u32; 8];

fn slot(place: &Place) -> usize {
    place.level.map_or(7, |level| usize::from(level).min(6))
}

fn draw(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(run) = app.run() else { return };
    let mut dots = Dots::new(area.width, area.height);
    let projection = Projection::new(run, app.map, dots.size());
    let mut crowds: BTreeMap<(u16, u16), Crowd> = BTreeMap::new();
    let shown = |place: &&Place| {
        let group = run.groups.get(usize::from(place.group)).map_or("", String::as_str);
        let layer = match app.map.layer {
            Layer::Service => true,
            Layer::Dark => place.level.is_none(),
            Layer::Load => false,
        };
        layer && (app.filter.is_empty() || app.fits(group))
    };
    // Dots that fill the screen would show nothing: so many of the terminals are drawn that a third of them is set, and all
    // without coverage, which are few and matter.
    let (across, down) = dots.size();
    let room = across * down * 0.3 * f64::from(1_u32 << (2 * app.map.zoom).min(30));
    let step = (run.places.len() as f64 / room).ceil().max(1.0) as usize;
    let drawn = run.places.iter().enumerate().filter(|(number, place)| number % step == 0 || place.level.is_none());
    for place in drawn.map(|(_, place)| place).filter(shown) {
        let (x, y) = projection.dot(place.at);
        if let Some(character) = dots.set(x, y) {
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
    sites(app, run, canvas, area, &projection);
    ruler(canvas, area, &projection);
}

/// Sites as triangles; with the load of their cells, a digit of ten percent each.
fn sites(app: &App, run: &Run, canvas: &mut Canvas<'_>, area: Rect, projection: &Projection) {
    let mut sites: BTreeMap<(&str, u32), Vec<&CellRow>> = BTreeMap::new();
    for cell in &run.cells {
        if let Some(place) = cell.place {
            sites.entry((&cell.network, place.site)).or_default().push(cell);
        }
    }
    for ((_, number), cells) in &sites {
        let Some(place) = cells.first().and_then(|cell| cell.place) else { continue };
        let (x, y) = projection.dot(place.at);
        if x < 0.0 || y < 0.0 || x >= projection.dots.0 || y >= projection.dots.1 {
            continue;
        }
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

/// A bar of a round length.
fn ruler(canvas: &mut Canvas<'_>, area: Rect, projection: &Projection) {
    let most = f64::from(area.width) / 4.0 * 2.0 * projection.metres_per_dot;
    let decade = 10_f64.powf(most.max(1.0).log10().floor());
    let metres = [5.0, 2.0, 1.0].into_iter().map(|n| n * decade).find(|metres| *metres <= most).unwrap_or(decade);
    let columns = (metres / projection.metres_per_dot / 2.0).round().max(2.0) as usize;
    let name = if metres >= 1e3 { format!("{} km", metres / 1e3) } else { format!("{metres} m") };
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
    y += 1;
    let hint = |action| app.setup.bindings.hint(action);
    for (action, text) in [
        (Action::Layer, "what is shown"),
        (Action::ZoomIn, "zoom in"),
        (Action::ZoomOut, "zoom out"),
        (Action::First, "the whole map"),
        (Action::Filter, "some groups"),
    ] {
        canvas.text(area, (area.x, y), Ink::Focus, &hint(action));
        canvas.text(area, (area.x + 6, y), Ink::Plain, text);
        y += 1;
    }
}
