//! The view of latency.

use ratatui::layout::Rect;

use super::{Panel, chart, panel};
use crate::metrics::histogram::Quantity;
use crate::tui::app::App;

/// A list on the left and four panels beside it.
pub(super) fn grid(area: Rect) -> [Rect; 5] {
    let width = match area.width {
        140.. => 30,
        100.. => 22,
        _ => 18,
    };
    let list = Rect { width, ..area };
    let rest = Rect { x: area.x + list.width, width: area.width - list.width, ..area };
    let (left, top) = (rest.width / 2, rest.height.div_ceil(2));
    let (right, bottom) = (rest.width - left, rest.height - top);
    [
        list,
        Rect { width: left, height: top, ..rest },
        Rect { x: rest.x + left, width: right, height: top, ..rest },
        Rect { y: rest.y + top, width: left, height: bottom, ..rest },
        Rect { x: rest.x + left, y: rest.y + top, width: right, height: bottom },
    ]
}

pub(super) fn panels(app: &App, area: Rect) -> Vec<Panel> {
    let [list, first, second, third, fourth] = grid(area);
    let scale = app.scale.name();
    let of = app.slice().map_or_else(String::new, |slice| slice.label());
    let together = chart::together(app);
    vec![
        panel("Groups", list, chart::list),
        panel(format!("Latency · {of}{together}"), first, |app, canvas, area| {
            chart::histogram(app, canvas, area, Quantity::Latency);
        }),
        panel(format!("Percentiles · {scale}"), second, |app, canvas, area| {
            chart::curves(app, canvas, area, Quantity::Latency);
        }),
        panel("By cause", third, |app, canvas, area| {
            chart::causes(app, canvas, area, |results| &results.latency_s_by_cause, Quantity::Latency);
        }),
        panel("Quantiles", fourth, |app, canvas, area| {
            chart::quantile_table(app, canvas, area, Quantity::Latency);
        }),
    ]
}
