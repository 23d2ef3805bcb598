//! The lines of link budgets as comma-separated values.

use std::fmt;

use crate::world::link::LinkReport;
use crate::world::satellite::SatelliteReport;

/// Writes a line of titles, then for each elevation and direction the lines of the budget, and the ratios.
///
/// # Errors
///
/// Only those of `out`.
pub fn write_satellite(report: &SatelliteReport, out: &mut impl fmt::Write) -> fmt::Result {
    writeln!(out, "elevation_deg,direction,line,value,unit,sum,from")?;
    for point in &report.points {
        for (direction, budget) in [("downlink", &point.downlink), ("uplink", &point.uplink)] {
            let start = format!("{},{direction}", point.elevation_deg);
            for line in &budget.lines {
                let basis = quoted(&line.basis);
                writeln!(out, "{start},{},{:.4},{},{:.4},{basis}", line.name, line.value, line.unit, line.sum)?;
            }
            let ratios = [("CNR", Some(budget.cnr_db)), ("C/I", budget.cir_db), ("CINR", Some(budget.cinr_db))];
            for (name, ratio) in ratios.iter().filter_map(|(name, ratio)| Some((name, (*ratio)?))) {
                writeln!(out, "{start},{name},{ratio:.4},dB,,")?;
            }
        }
    }
    Ok(())
}

/// Writes a line of titles, then for each coupling loss the lines of both budgets, behind those of the way if there are any.
///
/// # Errors
///
/// Only those of `out`.
pub fn write_ground(report: &LinkReport, out: &mut impl fmt::Write) -> fmt::Result {
    writeln!(out, "distance_m,coupling_loss_db,direction,line,value,unit")?;
    for point in &report.points {
        let distance = point.way.as_ref().map_or_else(String::new, |way| way.distance_m.to_string());
        let start = format!("{distance},{:.4}", point.coupling_loss_db);
        let way = point.way.iter().flat_map(|way| way.terms.iter().map(|term| ("both", term)));
        let down = point.downlink.terms.iter().map(|term| ("downlink", term));
        let up = point.uplink.terms.iter().map(|term| ("uplink", term));
        for (direction, term) in way.chain(down).chain(up) {
            writeln!(out, "{start},{direction},{},{:.4},{}", term.name, term.value, term.unit)?;
        }
    }
    Ok(())
}

/// A text as one cell.
fn quoted(text: &str) -> String {
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
