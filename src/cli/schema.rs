//! `farlink schema`.

use std::io::{Write, stdout};

use super::{Document, Ending, Failure, unless_reader_left};
use crate::{calibrate, report, scenario};

/// Prints a JSON Schema.
pub(super) fn schema(document: Document) -> Result<Ending, Failure> {
    let text = match document {
        Document::Scenario => scenario::json_schema(),
        Document::Result => report::json::schema_text()?,
        Document::Calibration => calibrate::load::schema_text(),
        Document::CalibrationReport => calibrate::report::schema_text()?,
    };
    unless_reader_left(writeln!(stdout(), "{}", text.trim_end()))?;
    Ok(Ending::Ok)
}
