//! The file of places on the Earth: comma-separated values.

use super::problem::Problem;
use super::table::{Cell, Table};
use super::tree::shorten;
use crate::geometry::earth::Geodetic;

/// The columns, in their order.
const COLUMNS: [&str; 4] = ["name", "latitude_deg", "longitude_deg", "altitude_m"];
/// Bytes of one file.
pub const MAX_BYTES: usize = 32 << 20;
const HELP: &str = "north and east are positive, heights are above the ellipsoid WGS 84 and may be 0";

/// A place with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// What to call it.
    pub name: String,
    /// Where it is.
    pub point: Geodetic,
}

/// Reads places in the order of the file.
///
/// # Errors
/// What is wrong with the file, up to its tenth mistake.
pub fn read(name: &str, text: &str) -> Result<Vec<Site>, Vec<Problem>> {
    let mut sites = Vec::new();
    let table = Table::read(name, text, &COLUMNS, HELP, |table, cells| {
        let found = site(table, cells);
        let good = found.is_some();
        sites.extend(found);
        good
    });
    table.finish(sites)
}

fn site(table: &mut Table, cells: &[Cell<'_>]) -> Option<Site> {
    let [name, latitude, longitude, altitude] = cells else { return None };
    let latitude = table.number("latitude_deg", latitude, -90.0..=90.0, "");
    let longitude = table.number("longitude_deg", longitude, -180.0..=360.0, "");
    let altitude = table.number("altitude_m", altitude, -500.0..=9_000.0, "");
    let (latitude_deg, longitude_deg, altitude_km) = (latitude?, longitude?, altitude? / 1e3);
    Some(Site { name: shorten(name.text, 40), point: Geodetic { latitude_deg, longitude_deg, altitude_km } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_read_and_mistakes_told() {
        let file = |rows: &str| format!("name,latitude_deg,longitude_deg,altitude_m\n{rows}");
        let sites = read("sites.csv", &file("Helsinki,60.17,24.94,25\nCape Town,-33.9,18.4,0\n")).unwrap();
        assert_eq!((sites.len(), sites[1].name.as_str(), sites[0].point.altitude_km), (2, "Cape Town", 0.025));
        let problems = read("sites.csv", &file("x,91,0,0\n")).unwrap_err();
        assert_eq!((problems[0].line, problems[0].column), (2, 3));
    }
}
