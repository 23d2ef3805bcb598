//! The plain way to contact windows, beside which the fast one is held: look every second, halve where something changed.

use super::{Query, Window};
use crate::geometry::earth::Place;
use crate::orbit::{Satellite, Utc};

/// The windows of one place with one satellite, those that last a second or less possibly left out.
#[must_use]
pub fn plainly(query: &Query<'_>, place: &Place, satellite: u32) -> Vec<Window> {
    let of = &query.satellites[satellite as usize];
    let mut windows = Vec::new();
    let mut since = None;
    let mut before = query.span.start;
    let mut at = query.span.start;
    loop {
        match (sees(query, place, of, at), since) {
            (true, None) => since = Some(if at == before { at } else { change(query, place, of, before, at) }),
            (false, Some(start)) => {
                windows.push(Window { satellite, start, end: change(query, place, of, before, at) });
                since = None;
            }
            _ => (),
        }
        if at == query.span.end {
            break;
        }
        before = at;
        at = at.plus(1.0).min(query.span.end);
    }
    windows.extend(since.map(|start| Window { satellite, start, end: query.span.end }));
    windows
}

fn sees(query: &Query<'_>, place: &Place, satellite: &Satellite, at: Utc) -> bool {
    let state = satellite.state_over(at, query.rotation);
    state.is_ok_and(|state| place.look(&state).elevation_deg >= query.min_elevation_deg)
}

/// When between two instants the answer changes.
fn change(query: &Query<'_>, place: &Place, satellite: &Satellite, from: Utc, to: Utc) -> Utc {
    let (mut low, mut high) = (from, to);
    let first = sees(query, place, satellite, from);
    while high.0 - low.0 > 1_000 {
        let middle = Utc(low.0 + (high.0 - low.0) / 2);
        if sees(query, place, satellite, middle) == first { low = middle } else { high = middle }
    }
    high
}
