//! XML: elements `omm`, alone or within `ndm`; what has no elements inside is a keyword with its value.

use std::borrow::Cow;

use roxmltree::{Document, Node, ParsingOptions};

use super::omm::{Field, Message, object};
use super::{DOWNLOAD, Page};
use crate::orbit::Elements;

/// Nodes of one file: a message has some forty.
const MAX_NODES: u32 = 40_000_000;

pub(super) fn read(page: &mut Page<'_>) -> Vec<Elements> {
    let text = page.text.trim_start_matches('\u{feff}');
    let skipped = page.text.len() - text.len();
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = match Document::parse_with_options(text, options) {
        Ok(document) => document,
        Err(error) => {
            let place = error.pos();
            let line = super::lines(page.text).nth((place.row as usize).saturating_sub(1));
            let (at, line) = line.unwrap_or((0, ""));
            let column =
                line.char_indices().nth((place.col as usize).saturating_sub(1)).map_or(line.len(), |(at, _)| at);
            page.report(at + column..at + line.len(), format!("this is not XML: {error}"), "elements `omm`", DOWNLOAD);
            return Vec::new();
        }
    };
    let messages: Vec<Node<'_, '_>> = document.descendants().filter(|node| node.has_tag_name("omm")).collect();
    if messages.is_empty() {
        page.report(0..0, "there is no element `omm` in this file", "`<omm …>`, alone or within `<ndm>`", DOWNLOAD);
    }
    let mut objects = Vec::new();
    for node in messages {
        let leaf = |node: &Node<'_, '_>| node.is_element() && !node.children().any(|child| child.is_element());
        let field = |node: Node<'_, '_>| {
            let range = node.range();
            let at = range.start + skipped..range.end + skipped;
            Field {
                key: Cow::Owned(node.tag_name().name().to_owned()),
                text: Cow::Owned(node.text().unwrap_or("").to_owned()),
                at,
            }
        };
        let start = node.range().start + skipped;
        let fields = node.descendants().filter(leaf).map(field).collect();
        objects.extend(object(page, &Message { fields, at: start..start + "<omm".len() }));
    }
    objects
}
