//! The view of the radio network: random access, how full its channels are, and its cells one by one.

use ratatui::layout::Rect;

use super::chart::scroll;
use super::overview::tracks;
use super::{Panel, panel};
use crate::metrics::series::Column;
use crate::metrics::summary::{Access, Network};
use crate::report::cells::{CellRow, TITLES};
use crate::report::format::{brief_count, percent, seconds};
use crate::tui::app::App;
use crate::tui::canvas::Canvas;
use crate::tui::theme::Ink;

pub(super) fn panels(app: &App, area: Rect) -> Vec<Panel> {
    let Some(run) = app.run() else { return Vec::new() };
    let levels: usize = run.summary.networks.values().map(|network| network.access.len() + 2).sum();
    let wanted = (levels as u16 + 3).max(area.height * 2 / 5);
    let top = wanted.clamp(8, (area.height / 2).max(8));
    let left = (area.width / 2).max(40);
    let upper = Rect { height: top, ..area };
    let lower = Rect { y: area.y + top, height: area.height - top, ..area };
    let split = |row: Rect| [Rect { width: left, ..row }, Rect { x: row.x + left, width: row.width - left, ..row }];
    let [access_area, load_area] = split(upper);
    let [cells_area, detail_area] = split(lower);
    vec![
        panel(format!("{} · {} · busiest first", app.of_first("Cells"), cells(app).len()), cells_area, worst),
        panel(app.of_first("Cell"), detail_area, detail),
        panel(app.of_first("Random access"), access_area, access),
        panel(app.of_first("Utilisation and queues"), load_area, load),
    ]
}

/// A column of the table of random access.
type Field = (&'static str, fn(&Access) -> String);

const FIELDS: [Field; 7] = [
    ("attempts", |level| brief_count(level.attempts)),
    ("load", |level| percent(level.load)),
    ("collided", |level| level.collision_ratio.map_or("–".to_owned(), percent)),
    ("missed", |level| part(level, level.missed)),
    ("unheard", |level| part(level, level.unheard)),
    ("unansw.", |level| part(level, level.unanswered)),
    ("rejected", |level| brief_count(level.rejected)),
];

fn part(level: &Access, part: u64) -> String {
    if level.attempts == 0 { "–".to_owned() } else { percent(part as f64 / level.attempts as f64) }
}

fn access(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(run) = app.run() else { return };
    const NAME: u16 = 9;
    let column = (area.width.saturating_sub(NAME) / FIELDS.len() as u16).clamp(9, 13);
    let fitting = usize::from(area.width.saturating_sub(NAME) / column);
    let mut y = area.y;
    for (name, network) in &run.summary.networks {
        canvas.text(Rect { width: NAME + 1, ..area }, (area.x, y), Ink::Strong, name);
        for (number, (title, _)) in FIELDS.iter().take(fitting).enumerate() {
            canvas.right(area, (area.x + NAME + (number as u16 + 1) * column, y), Ink::Faint, title);
        }
        for level in &network.access {
            y += 1;
            canvas.text(area, (area.x, y), Ink::Plain, &level.level);
            for (number, (_, show)) in FIELDS.iter().take(fitting).enumerate() {
                canvas.right(area, (area.x + NAME + (number as u16 + 1) * column, y), Ink::Plain, &show(level));
            }
        }
        y += 2;
    }
}

/// Gauges of the channels, time spent in queues, and utilisation over time.
fn load(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(run) = app.run() else { return };
    let mut y = area.y;
    let wide = area.width >= 56;
    let (gauge, name_width) = if wide { (area.width.saturating_sub(52).min(40), 18) } else { (0, 15) };
    for (name, network) in &run.summary.networks {
        for (title, utilisation) in channels(network) {
            if y >= area.bottom() {
                return;
            }
            let Some(utilisation) = utilisation else { continue };
            canvas.text(Rect { width: name_width - 1, ..area }, (area.x, y), Ink::Plain, &format!("{name} {title}"));
            let strip = Rect { x: area.x + name_width, y, width: gauge, height: 1 };
            canvas.gauge(strip, Ink::Time, (utilisation.mean, utilisation.busiest));
            let (mean, most) = (percent(utilisation.mean), percent(utilisation.busiest));
            let busiest = match wide {
                true => format!("{mean} · cell {} {most}", utilisation.busiest_cell),
                false => format!("{mean} max {most}"),
            };
            canvas.text(area, (area.x + name_width + u16::from(wide) + gauge, y), Ink::Plain, &busiest);
            y += 1;
        }
    }
    for (name, group) in &run.summary.groups {
        let waited = |cause: &str| group.all.latency_s_by_cause.get(cause).copied().unwrap_or(0.0);
        let shown = format!(
            "{} in queues, {} for grants, {} for access",
            seconds(waited("queueing")),
            seconds(waited("control-wait")),
            seconds(waited("access-wait"))
        );
        canvas.text(Rect { width: name_width - 1, ..area }, (area.x, y), Ink::Plain, name);
        canvas.text(area, (area.x + name_width, y), Ink::Faint, &shown);
        y += 1;
    }
    let shown = [
        ("downlink", Column::DownlinkBusy, Ink::Time),
        ("uplink", Column::UplinkBusy, Ink::Curve(1)),
        ("collided", Column::Collided, Ink::Caution),
    ];
    let rest = Rect { y, height: area.bottom().saturating_sub(y), ..area };
    if rest.height >= 3 {
        // Booked time, over all cells, in microseconds a second; a share of the busiest stretch says all.
        tracks(canvas, rest, &app.runs, &shown, |_| "peak".to_owned());
    }
}

fn channels(network: &Network) -> [(&'static str, Option<&crate::metrics::summary::Utilisation>); 2] {
    [("downlink", network.downlink.as_ref()), ("uplink", network.uplink.as_ref())]
}

/// The cells that pass the filter, the busiest first.
pub(super) fn cells(app: &App) -> Vec<&CellRow> {
    let Some(run) = app.run() else { return Vec::new() };
    let name = |cell: &CellRow| format!("{} {}", cell.network, cell.cell);
    let mut cells: Vec<&CellRow> = run.cells.iter().filter(|cell| app.fits(&name(cell))).collect();
    cells.sort_by(|a, b| load_of(b).total_cmp(&load_of(a)));
    cells
}

/// What cells are sorted by: their fuller channel, then their random access.
fn load_of(cell: &CellRow) -> f64 {
    let busy = cell.downlink.unwrap_or(0.0).max(cell.uplink.unwrap_or(0.0));
    busy + cell.access.attempts as f64 / cell.access.opportunities.max(1) as f64 * 1e-3
}

/// A column of the table of cells.
type CellField = (&'static str, fn(&CellRow) -> String);

const CELL: [CellField; 6] = [
    ("cell", |cell| cell.cell.to_string()),
    ("downlink", |cell| cell.downlink.map_or("–".to_owned(), percent)),
    ("uplink", |cell| cell.uplink.map_or("–".to_owned(), percent)),
    ("attempts", |cell| brief_count(cell.access.attempts)),
    ("collided", |cell| of_attempts(cell, cell.access.collided)),
    ("missed", |cell| of_attempts(cell, cell.access.missed)),
];

fn of_attempts(cell: &CellRow, part: u64) -> String {
    if cell.access.attempts == 0 { "–".to_owned() } else { percent(part as f64 / cell.access.attempts as f64) }
}

fn worst(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    const NAME: u16 = 8;
    let cells = cells(app);
    let chosen = app.row().min(cells.len().saturating_sub(1));
    let column = (area.width.saturating_sub(NAME) / CELL.len() as u16).clamp(9, 12);
    let fitting = usize::from(area.width.saturating_sub(NAME) / column).min(CELL.len());
    let end = |field: usize| area.x + NAME + (field as u16 + 1) * column;
    canvas.text(area, (area.x, area.y), Ink::Faint, "network");
    for (number, (title, _)) in CELL.iter().take(fitting).enumerate() {
        canvas.right(area, (end(number), area.y), Ink::Faint, title);
    }
    let height = area.height.saturating_sub(1);
    let first = scroll(chosen, cells.len(), height);
    for (row, (number, cell)) in (1..).zip(cells.iter().enumerate().skip(first).take(height.into())) {
        let line = Rect { y: area.y + row, height: 1, ..area };
        canvas.text(Rect { width: NAME + 2, ..line }, (line.x, line.y), Ink::Plain, &cell.network);
        for (field, (_, show)) in CELL.iter().take(fitting).enumerate() {
            canvas.right(line, (end(field), line.y), Ink::Plain, &show(cell));
        }
        if number == chosen {
            canvas.mark(line, Ink::Chosen);
        }
    }
}

/// All that is known about the chosen cell.
fn detail(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let cells = cells(app);
    let Some(cell) = cells.get(app.row().min(cells.len().saturating_sub(1))) else {
        canvas.text(area, (area.x, area.y), Ink::Faint, "the results have no loads of cells");
        return;
    };
    let place = cell.place.map_or_else(
        || "without a place".to_owned(),
        |place| {
            let (x, y) = place.at;
            format!("site {}, sector {}, {:.1} km east, {:.1} km north", place.site, place.sector, x / 1e3, y / 1e3)
        },
    );
    canvas.text(area, (area.x, area.y), Ink::Strong, &format!("{} cell {}", cell.network, cell.cell));
    canvas.text(area, (area.x, area.y + 1), Ink::Faint, &place);
    let access = &cell.access;
    let opportunities = access.opportunities.max(1) as f64;
    let attempts = access.attempts.max(1) as f64;
    let rows = [
        ("downlink", cell.downlink, None),
        ("uplink", cell.uplink, None),
        ("preambles", Some(access.attempts as f64 / opportunities), Some(access.attempts)),
        ("collided", Some(access.collided as f64 / attempts), Some(access.collided)),
        ("missed", Some(access.missed as f64 / attempts), Some(access.missed)),
        ("unanswered", Some(access.unanswered as f64 / attempts), Some(access.unanswered)),
        ("unheard", Some(access.unheard as f64 / attempts), Some(access.unheard)),
        ("rejected", Some(access.rejected as f64 / attempts), Some(access.rejected)),
    ];
    let gauge = area.width.saturating_sub(34).clamp(4, 60);
    for (row, (title, share, number)) in (3..area.height).zip(rows) {
        let y = area.y + row;
        canvas.text(area, (area.x, y), Ink::Plain, title);
        let Some(share) = share else { continue };
        canvas.gauge(Rect { x: area.x + 12, y, width: gauge, height: 1 }, Ink::Time, (share, 0.0));
        canvas.right(area, (area.x + 12 + gauge + 9, y), Ink::Strong, &percent(share));
        let number = number.map_or_else(String::new, brief_count);
        canvas.right(area, (area.x + 12 + gauge + 20, y), Ink::Faint, &number);
    }
}

/// All cells, with the columns of `cells.csv`.
pub(super) fn table(app: &App) -> Vec<Vec<String>> {
    let optional = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let row = |cell: &&CellRow| {
        let place =
            |of: fn(&crate::report::cells::CellPlace) -> String| cell.place.as_ref().map_or_else(String::new, of);
        let access = &cell.access;
        let mut fields = vec![cell.network.clone(), cell.cell.to_string()];
        fields.extend([place(|p| p.site.to_string()), place(|p| p.sector.to_string())]);
        fields.extend([place(|p| p.at.0.to_string()), place(|p| p.at.1.to_string())]);
        fields.extend([optional(cell.downlink), optional(cell.uplink)]);
        let counts = [
            access.attempts,
            access.collided,
            access.collided_preambles,
            access.missed,
            access.unanswered,
            access.unheard,
        ];
        fields.extend(counts.iter().chain(&[access.rejected, access.opportunities]).map(u64::to_string));
        fields
    };
    let titles = TITLES.map(str::to_owned).to_vec();
    std::iter::once(titles).chain(cells(app).iter().map(row)).collect()
}
