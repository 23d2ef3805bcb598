//! The file of error-rate curves: comma-separated values as `farlink link --curves` writes them, and their way into
//! [`Curves`]. Knows no network: which blocks there are is not its concern.

use std::collections::BTreeMap;

use super::problem::Problem;
use super::suggest::{did_you_mean, one_of};
use super::table::{Cell, Table};
use super::tree::{Span, shorten};
use crate::radio::channel::Way;
use crate::radio::curves::{Curve, Curves, Sent};
use crate::units::Db;
use crate::world::link::direction_name;

/// The columns, in their order.
pub const COLUMNS: [&str; 9] =
    ["level", "direction", "table", "bytes", "airtime_ms", "repetitions", "transmission", "ratio_db", "block_error"];

/// Bytes of one file: some 400,000 rows.
pub const MAX_BYTES: usize = 32 << 20;
/// How to come by a file that fits.
const HELP: &str = "`farlink link SCENARIO --curves FILE.csv` writes a file to start from";

/// Reads the curves of a file. Lines that are empty or begin with `#` are skipped.
///
/// # Errors
/// What is wrong with the file, up to its tenth mistake.
pub fn read(name: &str, text: &str) -> Result<Curves, Vec<Problem>> {
    let mut points: BTreeMap<Sent, Vec<Point>> = BTreeMap::new();
    let mut table = Table::read(name, text, &COLUMNS, HELP, |table, cells| {
        let read = row(table, cells);
        read.map(|(sent, point)| points.entry(sent).or_default().push(point)).is_some()
    });
    let curves = points.into_iter().filter_map(|(sent, points)| Some((sent, curve(&mut table, points)?)));
    let curves = Curves(curves.collect());
    table.finish(curves)
}

/// A ratio, the probability at it, and where the row stands.
type Point = (Db, f64, Span);

fn row(table: &mut Table, cells: &[Cell<'_>]) -> Option<(Sent, Point)> {
    let [level, direction, name, bytes, airtime, repetitions, transmission, ratio, error] = cells else {
        return None;
    };
    let way = way(table, direction);
    let level = table.number("level", level, 0..=255, "");
    let bytes = table.number("bytes", bytes, 1..=65_535, "");
    let airtime_ms = table.number("airtime_ms", airtime, 1..=10_000_000, "");
    let repetitions = table.number("repetitions", repetitions, 1..=65_535, "");
    let transmission = table.number("transmission", transmission, 1..=255, "");
    let ratio = table.number("ratio_db", ratio, -200.0..=200.0, "");
    let percent = if error.text.ends_with('%') { "write a share: 0.1 for 10 %" } else { "" };
    let error = table.number("block_error", error, 0.0..=1.0, percent);
    let sent = Sent {
        level: level?,
        way: way?,
        table: name.text.to_owned(),
        bytes: bytes?,
        airtime_ms: airtime_ms?,
        repetitions: repetitions?,
        transmission: transmission?,
    };
    Some((sent, (Db(ratio?), error?, cells[7].span)))
}

fn way(table: &mut Table, cell: &Cell<'_>) -> Option<Way> {
    let found = [Way::Up, Way::Down].into_iter().find(|way| direction_name(*way) == cell.text);
    if found.is_none() {
        let known = || [Way::Up, Way::Down].map(direction_name).into_iter();
        let what = format!("`direction` is \"{}\"", shorten(cell.text, 40));
        table.report(cell.span, what, one_of(known()), &did_you_mean(cell.text, known()));
    }
    found
}

/// The curve through the points, each of which must have a ratio of its own.
fn curve(table: &mut Table, mut points: Vec<Point>) -> Option<Curve> {
    points.sort_by(|a, b| a.0.0.total_cmp(&b.0.0).then(a.2.cmp(&b.2)));
    let twice = points.windows(2).find(|pair| pair[0].0 == pair[1].0);
    if let Some(&[(_, _, first), (_, _, second)]) = twice.filter(|_| !table.is_hopeless()) {
        let what = format!("the block has this ratio in line {} already", first.line);
        table.report(second, what, "one row for each block, transmission and ratio", "");
    }
    Curve::through(points.into_iter().map(|(ratio, error, _)| (ratio, error)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::table::MAX_PROBLEMS;

    const ROW: &str = "0,uplink,data,14,8,1,1";

    fn file(rows: &[&str]) -> String {
        format!("# measured on a bench\n{}\r\n{}\n\n", COLUMNS.join(","), rows.join("\n"))
    }

    #[test]
    fn rows_in_any_order_become_curves() {
        let rows = [&format!("{ROW},5,0.25"), "1,downlink,data,3,2,2,2,0,1e-3", &format!("{ROW}, -5 ,1")];
        let curves = read("curves.csv", &file(&rows)).unwrap();
        let points: Vec<(u32, Way, f64)> =
            curves.0.iter().map(|(sent, curve)| (sent.level, sent.way, curve.at(Db(0.0)))).collect();
        assert_eq!(points, [(0, Way::Up, 0.625), (1, Way::Down, 1e-3)]);
    }

    #[test]
    fn files_of_nonsense_are_refused_and_the_report_is_short() {
        for text in
            ["", "\u{feff}", "\n\n", "#", ",", "level", &COLUMNS.join(","), "\0\0", "ä,ö\nü", &"x,".repeat(9_000)]
        {
            assert!(!read("curves.csv", text).unwrap_err().is_empty(), "{text}");
        }
        for bad in ["nan", "inf", "-1", "1.5", "", "1e999", "0x1"] {
            assert!(read("curves.csv", &file(&[&format!("{ROW},0,{bad}")])).is_err(), "{bad}");
        }
        let many = vec!["x"; 5_000];
        assert_eq!(read("curves.csv", &file(&many)).unwrap_err().len(), MAX_PROBLEMS + 1);
    }
}
