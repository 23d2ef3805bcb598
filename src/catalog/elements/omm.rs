//! What all notations of the Orbit Mean-Elements Message have in common: its keywords (CCSDS 502.0-B-3, section 4).

use std::borrow::Cow;
use std::ops::Range;

use super::super::suggest::did_you_mean;
use super::super::tree::shorten;
use super::{DOWNLOAD, Page};
use crate::orbit::{Elements, Kind, Utc};

/// A keyword with its value.
pub(super) struct Field<'a> {
    pub key: Cow<'a, str>,
    pub text: Cow<'a, str>,
    pub at: Range<usize>,
}

/// The fields of one object, and where it begins.
#[derive(Default)]
pub(super) struct Message<'a> {
    pub fields: Vec<Field<'a>>,
    pub at: Range<usize>,
}

/// What SGP4 needs.
const NEEDED: [&str; 8] = [
    "EPOCH",
    "MEAN_MOTION",
    "ECCENTRICITY",
    "INCLINATION",
    "RA_OF_ASC_NODE",
    "ARG_OF_PERICENTER",
    "MEAN_ANOMALY",
    "BSTAR",
];
/// What must be as SGP4 has it, if it is said: the keyword, and what it may say.
const SAID: [(&str, &[&str]); 5] = [
    ("MEAN_ELEMENT_THEORY", &["SGP4", "SGP/SGP4", "SGP"]),
    ("REF_FRAME", &["TEME"]),
    ("TIME_SYSTEM", &["UTC"]),
    ("CENTER_NAME", &["EARTH"]),
    ("EPHEMERIS_TYPE", &["0", "1", "2"]),
];

impl Message<'_> {
    fn field(&self, key: &str) -> Option<&Field<'_>> {
        self.fields.iter().find(|field| field.key == key && !field.text.trim().is_empty())
    }
}

/// The object of a message.
pub(super) fn object(page: &mut Page<'_>, message: &Message<'_>) -> Option<Elements> {
    let text = |key: &str| message.field(key).map(|field| field.text.trim());
    let name = text("OBJECT_NAME").or(text("NORAD_CAT_ID")).or(text("OBJECT_ID"));
    let shown = shorten(name.unwrap_or("an object without a name"), 40);
    let missing: Vec<&str> = NEEDED.into_iter().filter(|key| message.field(key).is_none()).collect();
    if !missing.is_empty() {
        let others = || message.fields.iter().map(|field| field.key.as_ref()).filter(|key| !NEEDED.contains(key));
        let what = format!("{shown} has no {}", missing.join(", no "));
        let help = did_you_mean(missing[0], others());
        let help = if help.is_empty() { DOWNLOAD.to_owned() } else { help };
        page.report(message.at.clone(), what, NEEDED.join(", "), &help);
        return None;
    }
    let before = page.wrong;
    for (key, allowed) in SAID {
        if let Some(field) = message.field(key).filter(|field| !allowed.contains(&field.text.trim())) {
            let what = format!("{shown}: {key} is \"{}\"", shorten(field.text.trim(), 30));
            page.report(field.at.clone(), what, allowed.join(" or "), "SGP4 needs elements that are made for it");
        }
    }
    let mut number = |key: &str, kind| {
        let field = message.field(key)?;
        page.number(&format!("{shown}: {key}"), field.text.trim(), field.at.clone(), kind)
    };
    let mean_motion = number("MEAN_MOTION", Kind::MeanMotion);
    let eccentricity = number("ECCENTRICITY", Kind::Eccentricity);
    let inclination_deg = number("INCLINATION", Kind::Inclination);
    let node_deg = number("RA_OF_ASC_NODE", Kind::Turn);
    let perigee_deg = number("ARG_OF_PERICENTER", Kind::Turn);
    let anomaly_deg = number("MEAN_ANOMALY", Kind::Turn);
    let drag = number("BSTAR", Kind::Drag);
    let epoch = epoch(page, message, &shown);
    let catalogued = catalogue_number(page, message, &shown);
    if page.wrong > before {
        return None;
    }
    let elements = Elements {
        name: shorten(name.unwrap_or("unnamed"), 60),
        number: catalogued,
        epoch: epoch?,
        mean_motion: mean_motion?,
        eccentricity: eccentricity?,
        inclination_deg: inclination_deg?,
        node_deg: node_deg?,
        perigee_deg: perigee_deg?,
        anomaly_deg: anomaly_deg?,
        drag: drag?,
    };
    page.start(elements, message.at.clone())
}

fn epoch(page: &mut Page<'_>, message: &Message<'_>, shown: &str) -> Option<Utc> {
    let field = message.field("EPOCH")?;
    let found = Utc::parse(&field.text);
    if found.is_none() {
        let what = format!("{shown}: EPOCH is \"{}\"", shorten(field.text.trim(), 40));
        page.report(field.at.clone(), what, "an instant, such as 2025-01-23T12:00:00.000000", "");
    }
    found
}

/// The number in the catalogue, of up to nine digits.
fn catalogue_number(page: &mut Page<'_>, message: &Message<'_>, shown: &str) -> Option<u64> {
    let field = message.field("NORAD_CAT_ID")?;
    let text = field.text.trim();
    let found = text.parse().ok().filter(|_| text.len() <= 9 && !text.starts_with('+'));
    if found.is_none() {
        let what = format!("{shown}: NORAD_CAT_ID is \"{}\"", shorten(text, 20));
        page.report(field.at.clone(), what, "a whole number of up to nine digits", "");
    }
    found
}
