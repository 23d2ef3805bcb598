//! Keyword-value notation: `KEYWORD = value`, a message beginning with its version.

use std::borrow::Cow;

use super::omm::{Field, Message, object};
use super::{DOWNLOAD, Page, lines};
use crate::orbit::Elements;

pub(super) fn read(page: &mut Page<'_>) -> Vec<Elements> {
    let mut objects = Vec::new();
    let mut open: Option<Message<'_>> = None;
    for (at, line) in lines(page.text) {
        let text = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if text.is_empty() || text.starts_with("COMMENT") {
            continue;
        }
        let range = at..at + line.len();
        let Some((key, value)) = text.split_once('=') else {
            page.report(range, "the line is no keyword with a value", "`KEYWORD = value`", DOWNLOAD);
            continue;
        };
        let key = key.trim();
        if key == "CCSDS_OMM_VERS" {
            let before = open.replace(Message { fields: Vec::new(), at: range });
            objects.extend(before.and_then(|message| object(page, &message)));
            continue;
        }
        // A value may have its unit behind it: `15.06 [rev/day]`.
        let value = value.split('[').next().unwrap_or("").trim();
        if let Some(message) = &mut open {
            message.fields.push(Field { key: Cow::Borrowed(key), text: Cow::Borrowed(value), at: range });
        }
    }
    objects.extend(open.and_then(|message| object(page, &message)));
    objects
}
