//! The cells of a run, one by one: where they stand, and how loaded they were.

use std::fmt;

use crate::metrics::recorder::{AccessLoad, CellLoad};
use crate::network::Layout;
use crate::world::spec::WorldSpec;

/// The name of the file in a result directory.
pub const FILE_NAME: &str = "cells.csv";

/// The columns of the file.
pub const TITLES: [&str; 16] = [
    "network",
    "cell",
    "site",
    "sector",
    "x_m",
    "y_m",
    "downlink_busy",
    "uplink_busy",
    "attempts",
    "collided",
    "collided_preambles",
    "missed",
    "unanswered",
    "unheard",
    "rejected",
    "preamble_opportunities",
];

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub struct CellRow {
    /// Its network.
    pub network: String,
    /// Its number in the network.
    pub cell: u32,
    /// Its site and its sector there, and metres east and north of the network's first site; none of a cell without a place.
    pub place: Option<CellPlace>,
    /// Share of the usable time of the downlink that was booked; `None` if the technology books none.
    pub downlink: Option<f64>,
    /// Share of the usable tone-time of the uplink that was booked; `None` if the technology books none.
    pub uplink: Option<f64>,
    /// Random access, all levels together.
    pub access: AccessLoad,
}

/// Where a cell stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellPlace {
    /// Number of the site.
    pub site: u32,
    /// Number of the sector at the site.
    pub sector: u32,
    /// Metres east and north of the network's first site.
    pub at: (f64, f64),
}

/// The rows of all cells; `loads` are those of each network.
#[must_use]
pub fn rows(spec: &WorldSpec, loads: &[Vec<CellLoad>]) -> Vec<CellRow> {
    let networks = spec.networks.iter().zip(loads);
    networks.flat_map(|(network, loads)| of_network(&network.name, &network.layout, loads)).collect()
}

/// The rows of a network's cells.
#[must_use]
pub fn of_network(network: &str, layout: &Layout, loads: &[CellLoad]) -> Vec<CellRow> {
    (0..).zip(loads).map(|(cell, load)| row(network, place(layout, cell), cell, load)).collect()
}

fn place(layout: &Layout, cell: u32) -> Option<CellPlace> {
    let Layout::HexGrid(grid) = layout else { return None };
    let (site, sector) = (cell / grid.sectors.max(1), cell % grid.sectors.max(1));
    Some(CellPlace { site, sector, at: grid.site(site) })
}

fn row(network: &str, place: Option<CellPlace>, cell: u32, load: &CellLoad) -> CellRow {
    let share = |busy: u64, usable: u64| (usable > 0).then(|| busy as f64 / usable as f64);
    let mut access = AccessLoad::default();
    load.access.iter().for_each(|level| access.merge(level));
    CellRow {
        network: network.to_owned(),
        cell,
        place,
        downlink: share(load.downlink_busy_us, load.downlink_usable_us),
        uplink: share(load.uplink_busy_us, load.uplink_usable_us),
        access,
    }
}

/// Writes a line of titles with units, then a line per cell.
///
/// # Errors
///
/// Only those of `out`.
pub fn write_csv(rows: &[CellRow], out: &mut impl fmt::Write) -> fmt::Result {
    writeln!(out, "{}", TITLES.join(","))?;
    let optional = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    for CellRow { network, cell, place, downlink, uplink, access } in rows {
        write!(out, "{network},{cell},")?;
        match place {
            Some(CellPlace { site, sector, at }) => write!(out, "{site},{sector},{},{},", at.0, at.1)?,
            None => write!(out, ",,,,")?,
        }
        write!(out, "{},{},", optional(*downlink), optional(*uplink))?;
        let AccessLoad { attempts, collided, collided_preambles, missed, unanswered, .. } = access;
        let AccessLoad { unheard, rejected, opportunities, .. } = access;
        writeln!(
            out,
            "{attempts},{collided},{collided_preambles},{missed},{unanswered},{unheard},{rejected},{opportunities}"
        )?;
    }
    Ok(())
}
