//! What `farlink passes` found: the document, as JSON and as comma-separated values.

use serde::Serialize;

use crate::geometry::earth::{Geodetic, LIGHT_KM_S};
use crate::orbit::coverage::Figures;
use crate::orbit::passes::Contact;
use crate::orbit::{Satellite, Span};

/// How waits are counted; in every output, because it is easily got wrong.
pub const WAITS: &str =
    "waits are those of somebody who comes at a random instant; an instant with a satellite in view counts as zero";

/// A search and what came out.
#[derive(Clone, Debug, Serialize)]
pub struct PassReport {
    /// When the search begins.
    pub start: String,
    /// When it ends.
    pub end: String,
    /// Whether it was ended before its end, which is then where it came to.
    pub interrupted: bool,
    /// The least elevation of a contact, degrees.
    pub min_elevation_deg: f64,
    /// How waits are counted.
    pub waits: &'static str,
    /// Where the satellites come from.
    pub sources: Vec<Source>,
    /// What users should know.
    pub notes: Vec<String>,
    /// The mean of the sites of an area, each weighted with the part of the Earth that it stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<Area>,
    /// The places.
    pub sites: Vec<SiteReport>,
    /// The same instants for those who compute on.
    #[serde(skip)]
    pub span: Span,
}

/// Satellites of one file or model.
#[derive(Clone, Debug, Serialize)]
pub struct Source {
    /// The file or the model.
    pub name: String,
    /// Its satellites that were searched for.
    pub satellites: usize,
    /// Of elements, the oldest and the newest epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<[String; 2]>,
    /// Of elements, the least and the largest age at the beginning, days; negative if their epoch is later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_days: Option<[f64; 2]>,
}

/// Means over an area.
#[derive(Clone, Debug, Serialize)]
pub struct Area {
    /// Share of time with a satellite in view.
    pub covered: f64,
    /// The site that is covered the least.
    pub least_covered: String,
    /// Satellites in view.
    pub in_view: f64,
    /// Wait, s; of the sites that see a satellite at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_wait_s: Option<f64>,
    /// Longest gap of any site, s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_gap_s: Option<f64>,
}

/// What came out for a place.
#[derive(Clone, Debug, Serialize)]
pub struct SiteReport {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub latitude_deg: f64,
    /// Where it is.
    pub longitude_deg: f64,
    /// Height above the ellipsoid, m.
    pub altitude_m: f64,
    /// What the windows come to.
    #[serde(flatten)]
    pub figures: Figures,
    /// Each window, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<Vec<PassRow>>,
    /// The same for those who compute on.
    #[serde(skip)]
    pub contacts: Vec<Contact>,
}

/// A contact.
#[derive(Clone, Debug, Serialize)]
pub struct PassRow {
    /// Name of the satellite.
    pub satellite: String,
    /// Its number in the catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// When it rises above the least elevation.
    pub rise: String,
    /// When it sinks below it.
    pub set: String,
    /// From one to the other, s.
    pub duration_s: f64,
    /// Whether the search began or ended within it.
    pub cut: bool,
    /// When it is highest.
    pub highest: String,
    /// Elevation then, degrees.
    pub max_elevation_deg: f64,
    /// Azimuths at the beginning, when it is highest, and at the end, degrees from north over east.
    pub azimuth_deg: [f64; 3],
    /// Distances then, km.
    pub range_km: [f64; 3],
    /// One-way delays then, ms.
    pub delay_ms: [f64; 3],
    /// Doppler shifts then, parts per million of the carrier; positive while it comes nearer.
    pub doppler_ppm: [f64; 3],
}

impl PassRow {
    /// The row of a contact.
    #[must_use]
    pub fn new(contact: &Contact, satellite: &Satellite, span: Span) -> PassRow {
        let window = contact.window;
        let looks = [contact.rise, contact.highest, contact.set];
        let round = |value: f64, digits: f64| (value * digits).round() / digits;
        PassRow {
            satellite: satellite.name.clone(),
            number: satellite.number,
            rise: window.start.to_millis(),
            set: window.end.to_millis(),
            duration_s: round(window.end.seconds_since(window.start), 1e3),
            cut: window.start == span.start || window.end == span.end,
            highest: contact.highest_at.to_millis(),
            max_elevation_deg: round(contact.highest.elevation_deg, 1e3),
            azimuth_deg: looks.map(|look| round(look.azimuth_deg, 1e3)),
            range_km: looks.map(|look| round(look.range_km, 1e3)),
            delay_ms: looks.map(|look| round(look.range_km / LIGHT_KM_S * 1e3, 1e6)),
            doppler_ppm: looks.map(|look| round(look.doppler() * 1e6, 1e4)),
        }
    }
}

impl SiteReport {
    /// The report of a place.
    #[must_use]
    pub fn new(name: String, point: Geodetic, figures: Figures, contacts: Vec<Contact>) -> SiteReport {
        SiteReport {
            name,
            latitude_deg: point.latitude_deg,
            longitude_deg: point.longitude_deg,
            altitude_m: point.altitude_km * 1e3,
            figures,
            windows: None,
            contacts,
        }
    }
}

/// The document as JSON.
///
/// # Errors
/// If it cannot be written as JSON, which no report should cause.
pub fn json(report: &PassReport) -> Result<String, serde_json::Error> {
    super::json::pretty(report)
}

/// A line for each contact.
#[must_use]
pub fn contacts_csv(report: &PassReport, satellites: &[Satellite]) -> String {
    let mut out =
        "site,satellite,number,rise,highest,set,duration_s,cut,max_elevation_deg,rise_azimuth_deg,highest_azimuth_deg,\
         set_azimuth_deg,least_range_km,least_delay_ms,rise_doppler_ppm,set_doppler_ppm\n"
            .to_owned();
    for site in &report.sites {
        for contact in &site.contacts {
            let row = PassRow::new(contact, &satellites[contact.window.satellite as usize], report.span);
            let number = row.number.map_or_else(String::new, |number| number.to_string());
            let [rise_azimuth, azimuth, set_azimuth] = row.azimuth_deg;
            out += &format!(
                "{},{},{number},{},{},{},{},{},{},{rise_azimuth},{azimuth},{set_azimuth},{},{},{},{}\n",
                cell(&site.name),
                cell(&row.satellite),
                row.rise,
                row.highest,
                row.set,
                row.duration_s,
                row.cut,
                row.max_elevation_deg,
                row.range_km[1],
                row.delay_ms[1],
                row.doppler_ppm[0],
                row.doppler_ppm[2],
            );
        }
    }
    out
}

/// A line for each place. An empty cell is what there is no figure for.
#[must_use]
pub fn sites_csv(report: &PassReport) -> String {
    let mut out =
        "site,latitude_deg,longitude_deg,altitude_m,passes,mean_pass_s,covered,in_view,gaps,mean_gap_s,longest_gap_s,\
         mean_wait_s,p50_wait_s,p90_wait_s,p95_wait_s,p99_wait_s,max_wait_s\n"
            .to_owned();
    let some = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.3}"));
    for site in &report.sites {
        let figures = &site.figures;
        let wait = figures.wait.as_ref();
        let waits = [
            wait.map(|wait| wait.mean_s),
            wait.map(|wait| wait.p50_s),
            wait.map(|wait| wait.p90_s),
            wait.map(|wait| wait.p95_s),
            wait.map(|wait| wait.p99_s),
            wait.map(|wait| wait.max_s),
        ];
        out += &format!(
            "{},{},{},{},{},{},{:.6},{:.6},{},{},{},{}\n",
            cell(&site.name),
            site.latitude_deg,
            site.longitude_deg,
            site.altitude_m,
            figures.passes,
            some(figures.mean_pass_s),
            figures.covered,
            figures.in_view,
            figures.gaps,
            some(figures.mean_gap_s),
            some(figures.longest_gap_s),
            waits.map(some).join(","),
        );
    }
    out
}

/// A text as a cell: in quotes if it has to be.
fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
