//! Reads just enough YAML to see whether a mapping with a `value` also says where the value is from.

use std::iter::once;

/// Lines with a `value` key whose mapping has no `source`, or an empty one.
pub fn unsourced(text: &str) -> Vec<usize> {
    let plain = neutral(text);
    let (outside, mut lines) = check_flow(&plain);
    lines.extend(check_blocks(&outside));
    lines.sort_unstable();
    lines
}

/// The text without comments, and with everything that could be mistaken for structure inside quotes and block
/// scalars replaced by underscores.
fn neutral(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quote, mut scalar_indent) = (None, None);
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        if scalar_indent.is_some_and(|outer| line.trim().is_empty() || indent > outer) {
            out.push_str(&line.replace(|c: char| !c.is_whitespace(), "_"));
            out.push('\n');
            continue;
        }
        let start = out.len();
        let mut previous = ' ';
        for c in line.chars() {
            let opens = previous.is_whitespace() || "[{,:".contains(previous);
            match quote {
                Some(mark) if c == mark && previous != '\\' => quote = None,
                Some(_) if !c.is_whitespace() => {
                    previous = c;
                    out.push('_');
                    continue;
                }
                None if c == '#' && previous.is_whitespace() => break,
                None if opens && (c == '"' || c == '\'') => quote = Some(c),
                _ => {}
            }
            previous = c;
            out.push(c);
        }
        let head = out[start..].trim_end().trim_end_matches(['-', '+']);
        scalar_indent = (head.ends_with(": |") || head.ends_with(": >")).then_some(indent);
        out.push('\n');
    }
    out
}

fn is_empty(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']).trim();
    value.is_empty() || value == "~" || value == "null"
}

/// Checks the `{…}` mappings; gives back the text without their insides, and the lines at fault.
fn check_flow(plain: &str) -> (String, Vec<usize>) {
    let mut outside = String::with_capacity(plain.len());
    let mut faults = Vec::new();
    // For each open mapping: the line of its `value` key, and whether a source was seen.
    let mut open: Vec<(Option<usize>, bool)> = Vec::new();
    let mut line = 1;
    for (at, c) in plain.char_indices() {
        match c {
            '\n' => line += 1,
            '{' => open.push((None, false)),
            '}' => {
                if let Some((Some(value_line), false)) = open.pop() {
                    faults.push(value_line);
                }
            }
            _ => {}
        }
        if let Some((value_line, sourced)) = open.last_mut()
            && (c == '{' || c == ',')
        {
            let entry = plain[at + 1..].trim_start();
            let (key, rest) = entry.split_once(':').unwrap_or(("", ""));
            match key.trim_matches(['"', '\'']) {
                "value" => *value_line = Some(line + plain[at + 1..].split("value").next().map_or(0, breaks)),
                "source" => *sourced = !is_empty(rest.split([',', '}']).next().unwrap_or("")),
                _ => {}
            }
        }
        let inside = open.len() > usize::from(c == '{');
        outside.push(if inside && c != '\n' { ' ' } else { c });
    }
    (outside, faults)
}

fn breaks(text: &str) -> usize {
    text.matches('\n').count()
}

/// A line of a block mapping: column of its first character, column of its key behind any dashes, key and value.
fn split_line(line: &str) -> (usize, usize, &str, &str) {
    let column = line.len() - line.trim_start().len();
    let mut body = line.trim_start();
    while let Some(rest) = body.strip_prefix("- ") {
        body = rest.trim_start();
    }
    let (key, value) = body.split_once(':').unwrap_or(("", ""));
    (column, line.len() - body.len(), key.trim_matches(['"', '\'']), value)
}

fn check_blocks(outside: &str) -> Vec<usize> {
    let lines: Vec<&str> = outside.lines().collect();
    let mut faults = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let (_, indent, key, _) = split_line(line);
        if key == "value" && !mapping_around(&lines, at, indent).any(|line| has_source(&lines, line, indent)) {
            faults.push(at + 1);
        }
    }
    faults
}

/// The lines of the mapping that line `at` with its key in column `indent` belongs to.
fn mapping_around(lines: &[&str], at: usize, indent: usize) -> impl Iterator<Item = usize> {
    let leaves = |line: &str| !line.trim().is_empty() && split_line(line).0 < indent;
    let first = (0..=at).rev().find(|&n| leaves(lines[n])).map_or(0, |n| {
        // A line with a dash is outside by its first column, but its key is the first of the mapping.
        if split_line(lines[n]).1 == indent { n } else { n + 1 }
    });
    let last = (at + 1..lines.len()).find(|&n| leaves(lines[n])).unwrap_or(lines.len());
    once(first).chain(first + 1..last)
}

fn has_source(lines: &[&str], at: usize, indent: usize) -> bool {
    let (_, column, key, value) = split_line(lines[at]);
    let continued = lines.get(at + 1).is_some_and(|next| !next.trim().is_empty() && split_line(next).0 > indent);
    column == indent && key == "source" && (!is_empty(value) || continued)
}
