//! The file of tracks along which terminals move: comma-separated values, and their way into core types.

use std::collections::BTreeMap;

use super::problem::Problem;
use super::table::{Cell, Table};
use super::tree::{Span, shorten};
use crate::geometry::torus::Point;
use crate::population::motion::Fix;
use crate::units::SimDuration;

/// The columns, in their order.
const COLUMNS: [&str; 4] = ["track", "time_s", "x_m", "y_m"];
/// Bytes of one file: some million places.
pub const MAX_BYTES: usize = 32 << 20;
/// Ten years, seconds.
const LONGEST_S: f64 = 3.2e8;
/// As far from the centre site as tracks go, metres.
const FARTHEST_M: f64 = 1e6;
const HELP: &str =
    "a track is named by its first column; x points east and y north, both in metres from the centre site";

/// Reads tracks, in the order of their names. Each track's places are in the order of time.
///
/// # Errors
/// What is wrong with the file, up to its tenth mistake.
pub fn read(name: &str, text: &str) -> Result<Vec<Vec<Fix>>, Vec<Problem>> {
    let mut tracks: BTreeMap<String, (Vec<Fix>, Span)> = BTreeMap::new();
    let table = Table::read(name, text, &COLUMNS, HELP, |table, cells| {
        let Some((fix, track)) = fix(table, cells) else { return false };
        let (fixes, last) = tracks.entry(track.to_owned()).or_default();
        if fixes.last().is_some_and(|before: &Fix| before.time >= fix.time) {
            let what = format!("track \"{}\" has a place of this time or a later one before", shorten(track, 40));
            let help = format!("the place before stands in line {}", last.line);
            table.report(cells[1].span, what, "the places of a track in the order of their time", &help);
            return false;
        }
        fixes.push(fix);
        *last = cells[1].span;
        true
    });
    table.finish(tracks.into_values().map(|(fixes, _)| fixes).collect())
}

/// A place, and the name of its track.
fn fix<'a>(table: &mut Table, cells: &[Cell<'a>]) -> Option<(Fix, &'a str)> {
    let [track, time, x, y] = cells else { return None };
    let time = table.number("time_s", time, 0.0..=LONGEST_S, "");
    let x = table.number("x_m", x, -FARTHEST_M..=FARTHEST_M, "");
    let y = table.number("y_m", y, -FARTHEST_M..=FARTHEST_M, "");
    let (time, point) = (SimDuration::from_secs_f64(time?), Point { x: x?, y: y? });
    Some((Fix { time, point }, track.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_become_tracks() {
        let text = "# a lorry and a ship\ntrack,time_s,x_m,y_m\nship,0,5,-5\nlorry,0,0,0\nship, 1.5 ,6,-5\r\n";
        let tracks = read("tracks.csv", text).unwrap();
        assert_eq!(tracks.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(tracks[1][1], Fix { time: SimDuration::from_millis(1_500), point: Point { x: 6.0, y: -5.0 } });
    }

    #[test]
    fn what_is_no_track_is_refused_where_it_stands() {
        let file = |rows: &str| format!("track,time_s,x_m,y_m\n{rows}");
        for (rows, line, column, word) in [
            ("a,0,0,0\na,0,1,1\n", 3, 3, "line 2"),
            ("a,0,0,zero\n", 2, 7, "y_m"),
            ("a,-1,0,0\n", 2, 3, "time_s"),
            ("a,0,0\n", 2, 5, "3 cells"),
            ("a,0,nan,0\n", 2, 5, "x_m"),
            ("", 1, 1, "no rows"),
        ] {
            let problems = read("tracks.csv", &file(rows)).unwrap_err();
            let said = format!("{:?}", problems[0]);
            assert_eq!((problems[0].line, problems[0].column), (line, column), "{said}");
            assert!(said.contains(word), "{said}");
        }
        assert!(read("tracks.csv", "time,x,y\n").is_err());
    }
}
