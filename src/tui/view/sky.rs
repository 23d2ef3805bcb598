//! The map of satellites: where they are at an instant, what they see, and their ways over the ground.

use ratatui::layout::Rect;

use super::chart::scroll;
use super::map::{Region, coasts, ruler};
use super::{Panel, panel};
use crate::report::format::{counted, seconds};
use crate::tui::app::App;
use crate::tui::canvas::{Canvas, Dots, fit, width};
use crate::tui::ground::Sight;
use crate::tui::keys::Action;
use crate::tui::sky::{Above, Drawn, Sky};
use crate::tui::theme::Ink;

/// Satellites whose tracks are drawn at once at most, and sites that are named: more cover the Earth, and take long.
const TRACKS: usize = 100;
const SITES: usize = 30;

/// The numbers of the satellites that pass the filter.
pub(super) fn fitting(app: &App) -> Vec<usize> {
    let satellites = app.sky.iter().flat_map(|sky| sky.satellites.iter().enumerate());
    satellites.filter(|(_, satellite)| app.fits(&satellite.name)).map(|(number, _)| number).collect()
}

/// The one that is chosen.
fn chosen(app: &App, fitting: &[usize]) -> Option<usize> {
    fitting.get(app.chosen[super::View::Map as usize].min(fitting.len().saturating_sub(1))).copied()
}

pub(super) fn panels(app: &App, area: Rect) -> Vec<Panel> {
    let side = if area.width >= 120 { 40 } else { 28 };
    let map = Rect { width: area.width - side, ..area };
    let what = app.sky.as_ref().map_or("", |sky| sky.drawn.name());
    let legend_area = Rect { x: map.right(), width: side, ..area };
    vec![panel(format!("Map · {what}"), map, draw), panel("Satellites", legend_area, legend)]
}

fn draw(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let (Some(sky), Some(region)) = (&app.sky, Region::shown(app)) else { return };
    let sight = app.map.sight(&region, Dots::new(area.width, area.height).size());
    coasts(canvas, area, &sight);
    let fitting = fitting(app);
    let chosen = chosen(app, &fitting);
    let above: Vec<Above> = fitting.iter().filter_map(|number| sky.above(*number)).collect();
    let is_chosen = |number: usize| Some(number) == chosen;
    let (mut feet, mut own_foot) = (Dots::new(area.width, area.height), Dots::new(area.width, area.height));
    for one in above.iter().filter(|one| sky.drawn != Drawn::Chosen || is_chosen(one.number)) {
        let dots = if is_chosen(one.number) { &mut own_foot } else { &mut feet };
        let circle = one.footprint(sky.report.min_elevation_deg);
        circle.windows(2).for_each(|pair| sight.stroke(dots, pair[0], pair[1]));
    }
    let mut ways = Dots::new(area.width, area.height);
    let all = sky.drawn == Drawn::All && above.len() <= TRACKS;
    for one in above.iter().filter(|one| all || is_chosen(one.number)) {
        track(sky, one.number, &sight, &mut ways);
    }
    canvas.dots(area, &feet, |_, _| Ink::Energy);
    canvas.dots(area, &ways, |_, _| Ink::Curve(1));
    canvas.dots(area, &own_foot, |_, _| Ink::Time);
    ruler(canvas, area, sight.per_dot.1 * region.metres());
    let mut taken = Taken::new(area);
    sites(sky, canvas, &sight, &mut taken);
    satellites(sky, canvas, (&sight, &above), chosen, &mut taken);
}

/// The way that lies behind as single dots, the one ahead as a line.
fn track(sky: &Sky, number: usize, sight: &Sight, dots: &mut Dots) {
    let [behind, ahead] = sky.track(number);
    for (x, y) in behind.into_iter().filter_map(|spot| sight.dot(spot)) {
        dots.set(x, y);
    }
    ahead.windows(2).for_each(|pair| sight.stroke(dots, pair[0], pair[1]));
}

/// Characters of the map that have a sign or a name in them.
struct Taken {
    area: Rect,
    cells: Vec<bool>,
}

impl Taken {
    fn new(area: Rect) -> Taken {
        Taken { area, cells: vec![false; area.area() as usize] }
    }

    /// The character of a place on the map.
    fn character(&self, sight: &Sight, spot: (f64, f64)) -> Option<(u16, u16)> {
        sight.dot(spot).map(|(x, y)| (self.area.x + x as u16 / 2, self.area.y + y as u16 / 4))
    }

    /// Takes so many characters, if all are free.
    fn take(&mut self, (x, y): (u16, u16), columns: u16) -> bool {
        if x + columns > self.area.right() {
            return false;
        }
        let first = usize::from(y - self.area.y) * usize::from(self.area.width) + usize::from(x - self.area.x);
        let cells = &mut self.cells[first..first + usize::from(columns)];
        let free = cells.iter().all(|taken| !taken);
        if free {
            cells.fill(true);
        }
        free
    }
}

/// Sites with their names, where there is room.
fn sites(sky: &Sky, canvas: &mut Canvas<'_>, sight: &Sight, taken: &mut Taken) {
    let area = taken.area;
    let several = sky.report.sites.len() > 1;
    for (number, site) in sky.report.sites.iter().enumerate() {
        let Some((x, y)) = taken.character(sight, (site.longitude_deg, site.latitude_deg)) else { continue };
        let own = number == sky.site;
        canvas.text(area, (x, y), if own && several { Ink::Focus } else { Ink::Strong }, "▲");
        taken.take((x, y), 1);
        if (own || sky.report.sites.len() <= SITES) && taken.take((x + 1, y), width(&site.name)) {
            canvas.text(area, (x + 1, y), Ink::Strong, &site.name);
        }
    }
}

/// Signs of all satellites, then names where there is room: those of the chosen one and of those in view first.
fn satellites(
    sky: &Sky,
    canvas: &mut Canvas<'_>,
    (sight, above): (&Sight, &[Above]),
    chosen: Option<usize>,
    taken: &mut Taken,
) {
    let area = taken.area;
    let rank = |one: &Above| (Some(one.number) != chosen, !one.in_view);
    let mut order: Vec<&Above> = above.iter().collect();
    order.sort_by_key(|one| rank(one));
    // The chosen one last, so that no other stands on it.
    for one in order.iter().rev() {
        let Some(place) = taken.character(sight, one.spot()) else { continue };
        let (ink, sign) = sign(one, chosen);
        canvas.text(area, place, ink, sign);
        taken.take(place, 1);
    }
    for one in order {
        let Some((x, y)) = taken.character(sight, one.spot()) else { continue };
        let name = &sky.satellites[one.number].name;
        if taken.take((x + 1, y), width(name)) {
            canvas.text(area, (x + 1, y), sign(one, chosen).0, name);
        }
    }
}

fn sign(one: &Above, chosen: Option<usize>) -> (Ink, &'static str) {
    let sign = if one.in_view { "●" } else { "○" };
    let ink = match one.in_view {
        _ if Some(one.number) == chosen => Ink::Chosen,
        true => Ink::Good,
        false => Ink::Plain,
    };
    (ink, sign)
}

fn legend(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(sky) = &app.sky else { return };
    let fitting = fitting(app);
    let above: Vec<Option<Above>> = fitting.iter().map(|number| sky.above(*number)).collect();
    let seen = above.iter().flatten().filter(|one| one.in_view).count();
    let site = sky.site().map_or("", |site| &site.name);
    let pace = if sky.is_running() { " a second" } else { " a step" };
    let mut lines = vec![
        (Ink::Strong, format!("▲ {site}")),
        (Ink::Good, format!("● {seen} of {} above {}°", fitting.len(), sky.report.min_elevation_deg)),
        (Ink::Faint, format!("  {}{pace}", seconds(sky.step_s()))),
    ];
    if sky.drawn == Drawn::All && above.len() > TRACKS {
        lines.push((Ink::Caution, format!("tracks: {} at most", counted(TRACKS as u64, "satellite"))));
    }
    for (row, (ink, text)) in (0..).zip(&lines) {
        canvas.line(area, row, &[(*ink, text)]);
    }
    let top = lines.len() as u16 + 1;
    let bottom = hints(app, canvas, area);
    let list = Rect { y: area.y + top, height: bottom.saturating_sub(area.y + top), ..area };
    let right = area.right();
    if list.height < 2 {
        return;
    }
    canvas.text(list, (list.x, list.y), Ink::Faint, "satellite");
    canvas.right(list, (right, list.y), Ink::Faint, "elev.  azim.");
    let row = app.chosen[super::View::Map as usize].min(fitting.len().saturating_sub(1));
    let first = scroll(row, fitting.len(), list.height - 1);
    let rows = fitting.iter().zip(&above).enumerate().skip(first);
    for (y, (place, (number, one))) in (list.y + 1..list.bottom()).zip(rows) {
        let line = Rect { y, height: 1, ..list };
        let name = fit(&sky.satellites[*number].name, area.width.saturating_sub(15));
        let (ink, sign, text) = match one {
            Some(one) => {
                let (ink, sign) = self::sign(one, None);
                (ink, sign, format!("{:>5.0}°{:>5.0}°", one.look.elevation_deg, one.look.azimuth_deg))
            }
            None => (Ink::Bad, "×", "no position".to_owned()),
        };
        canvas.line(line, 0, &[(ink, sign), (Ink::Plain, " "), (Ink::Plain, &name)]);
        canvas.right(line, (right, y), Ink::Plain, &text);
        if place == row {
            canvas.mark(line, Ink::Chosen);
        }
    }
}

/// The keys that matter here, at the bottom; returns the row in which they begin.
fn hints(app: &App, canvas: &mut Canvas<'_>, area: Rect) -> u16 {
    let hint = |action| app.setup.bindings.hint(action);
    let both = |a, b| format!("{} {}", hint(a), hint(b));
    let mut rows = vec![
        (both(Action::StepBack, Action::Step), "time back, ahead"),
        (both(Action::Slower, Action::Faster), "shorter, longer"),
        (both(Action::ZoomIn, Action::ZoomOut), "zoom in, out"),
        (hint(Action::Layer), "footprints, tracks"),
        (both(Action::PageUp, Action::PageDown), "choose"),
    ];
    if area.height < 14 {
        rows.clear();
    }
    let top = area.bottom() - rows.len() as u16;
    for (y, (keys, text)) in (top..).zip(&rows) {
        let x = canvas.text(area, (area.x, y), Ink::Focus, keys);
        canvas.text(area, (x.max(area.x + 5) + 1, y), Ink::Plain, text);
    }
    top.saturating_sub(u16::from(!rows.is_empty()))
}

/// Where all are at the instant.
pub(super) fn table(app: &App) -> Vec<Vec<String>> {
    let titles =
        ["at", "satellite", "latitude_deg", "longitude_deg", "altitude_km", "site", "elevation_deg", "azimuth_deg"];
    let mut rows = vec![titles.map(str::to_owned).to_vec()];
    let Some(sky) = &app.sky else { return rows };
    let site = sky.site().map_or("", |site| &site.name);
    for one in fitting(app).into_iter().filter_map(|number| sky.above(number)) {
        let values =
            [one.below.latitude_deg, one.below.longitude_deg, one.below.altitude_km].map(|x| format!("{x:.4}"));
        let [latitude, longitude, altitude] = values;
        let [elevation, azimuth] = [one.look.elevation_deg, one.look.azimuth_deg].map(|x| format!("{x:.3}"));
        let name = sky.satellites[one.number].name.clone();
        rows.push(vec![sky.at.to_millis(), name, latitude, longitude, altitude, site.to_owned(), elevation, azimuth]);
    }
    rows
}
