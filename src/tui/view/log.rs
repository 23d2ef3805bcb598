//! The view of notable events.

use ratatui::layout::Rect;

use super::chart::scroll;
use super::{Panel, panel};
use crate::tui::app::App;
use crate::tui::canvas::{Canvas, wrap};
use crate::tui::log::{Entry, Tone};
use crate::tui::theme::Ink;

/// Columns of the simulated time.
const TIME: u16 = 16;

/// The entries that pass the filter.
pub(super) fn entries(app: &App) -> Vec<&Entry> {
    app.log.iter().filter(|entry| app.fits(&entry.text)).collect()
}

pub(super) fn panels(app: &App, area: Rect) -> Vec<Panel> {
    let list = Rect { height: area.height.saturating_sub(6), ..area };
    let detail = Rect { y: list.bottom(), height: area.height - list.height, ..area };
    let title = match entries(app).len() {
        1 => "Log · 1 entry".to_owned(),
        number => format!("Log · {number} entries"),
    };
    vec![panel(title, list, draw), panel("Entry", detail, entry)]
}

/// Simulated time as a clock shows it: days, hours, minutes, seconds.
pub(in crate::tui) fn clock(seconds: f64) -> String {
    let s = seconds.max(0.0) as u64;
    format!("{}d {:02}:{:02}:{:02}", s / 86_400, s / 3_600 % 24, s / 60 % 60, s % 60)
}

/// The same, short where it is whole days.
pub(in crate::tui) fn date(seconds: f64) -> String {
    let days = seconds / 86_400.0;
    if days.fract() == 0.0 { format!("{days} d") } else { clock(seconds) }
}

fn ink(tone: Tone) -> Ink {
    match tone {
        Tone::Fact => Ink::Faint,
        Tone::Good => Ink::Good,
        Tone::Bad => Ink::Bad,
        Tone::Caution => Ink::Caution,
    }
}

fn draw(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let entries = entries(app);
    let chosen = app.row().min(entries.len().saturating_sub(1));
    let first = scroll(chosen, entries.len(), area.height);
    for (row, (number, entry)) in entries.iter().enumerate().skip(first).take(area.height.into()).enumerate() {
        let line = Rect { y: area.y + row as u16, height: 1, ..area };
        canvas.text(line, (line.x, line.y), Ink::Faint, &clock(entry.at));
        let x = canvas.text(line, (line.x + TIME, line.y), ink(entry.tone), entry.tone.sign());
        canvas.text(line, (x + 1, line.y), Ink::Plain, &entry.text);
        if number == chosen {
            canvas.mark(line, Ink::Chosen);
        }
    }
    if entries.is_empty() {
        canvas.text(area, (area.x, area.y), Ink::Faint, "nothing happened yet that is worth a line");
    }
}

/// The chosen entry at full length.
fn entry(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let entries = entries(app);
    let Some(entry) = entries.get(app.row().min(entries.len().saturating_sub(1))) else { return };
    for (row, text) in (0..area.height).zip(wrap(&entry.text, area.width)) {
        canvas.text(area, (area.x, area.y + row), Ink::Plain, &text);
    }
}

pub(super) fn table(app: &App) -> Vec<Vec<String>> {
    let titles = ["at_s", "kind", "text"].map(str::to_owned).to_vec();
    let row =
        |entry: &&Entry| vec![entry.at.to_string(), format!("{:?}", entry.tone).to_lowercase(), entry.text.clone()];
    std::iter::once(titles).chain(entries(app).iter().map(row)).collect()
}
