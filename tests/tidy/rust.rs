//! Reads just enough Rust to check a house rule: no types, no macros, only words, brackets and where literals end.

/// One file of `src/`, in the three shapes that the rules look at.
pub struct Source {
    /// Path from the root of the repository, with forward slashes.
    pub path: String,
    /// The file as it stands.
    pub raw: String,
    /// Comments and literals blanked out; the same lines, and nothing but ASCII.
    pub code: String,
    /// `code` with everything under `#[cfg(test)]` blanked out too.
    pub product: String,
}

impl Source {
    pub fn new(path: &str, raw: &str) -> Source {
        let code = mask(raw);
        let product = without_tests(&code);
        Source { path: path.to_string(), raw: raw.to_string(), code, product }
    }

    /// The names of the module that this file is, from the crate root down.
    pub fn module(&self) -> Vec<&str> {
        let inner = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        inner.split('/').filter(|&part| part != "mod" && part != "lib").collect()
    }

    /// The module of the layer table that this file belongs to; none for `lib.rs`, which only lists modules.
    pub fn top_module(&self) -> Option<&str> {
        self.module().first().map(|&name| if self.path.starts_with("src/bin/") { "main" } else { name })
    }
}

/// The line, counted from one, that byte `at` of `text` stands on.
pub fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Identifiers, keywords and numbers of masked code, each with the byte it starts at.
pub fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + code[from..].find(is_word)?;
        from = code[start..].find(|c| !is_word(c)).map_or(code.len(), |len| start + len);
        Some((start, &code[start..from]))
    })
}

/// The word that `code` begins with after white space, and where.
fn first_word(code: &str, from: usize) -> Option<(usize, &str)> {
    let (at, word) = words(&code[from..]).next()?;
    code[from..from + at].trim().is_empty().then_some((from + at, word))
}

/// Replaces comments, strings and character literals by blanks; line breaks stay.
pub fn mask(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let len = literal_end(&chars[at..]);
        let blank = |c: char| if c == '\n' { '\n' } else { ' ' };
        match len {
            Some(len) => out.extend(chars[at..at + len].iter().map(|&c| blank(c))),
            None => out.push(if chars[at].is_ascii() { chars[at] } else { '_' }),
        }
        at += len.unwrap_or(1);
    }
    out
}

/// The length of the comment or literal that `rest` begins with, if it does.
fn literal_end(rest: &[char]) -> Option<usize> {
    match rest {
        ['/', '/', ..] => Some(rest.iter().position(|&c| c == '\n').unwrap_or(rest.len())),
        ['/', '*', ..] => Some(block_comment_end(rest)),
        ['"', ..] => Some(quoted_end(rest)),
        ['r', '"' | '#', ..] => raw_string_end(rest),
        ['\'', '\\', _, tail @ ..] => tail.iter().position(|&c| c == '\'').map(|len| len + 4),
        ['\'', c, '\'', ..] if *c != '\'' => Some(3),
        _ => None,
    }
}

fn block_comment_end(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn quoted_end(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            '"' => return at + 1,
            '\\' => at += 2,
            _ => at += 1,
        }
    }
    rest.len()
}

/// None for a raw identifier such as `r#type`.
fn raw_string_end(rest: &[char]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|&&c| c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return None;
    }
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let open = 2 + hashes;
    Some(rest[open..].windows(close.len()).position(|w| w == close).map_or(rest.len(), |at| open + at + close.len()))
}

/// The end of the item that starts at `from`: behind its `;` or its closing brace, whichever ends it.
pub fn item_end(code: &str, from: usize) -> usize {
    let (mut brackets, mut braces) = (0, 0);
    for (at, c) in code.bytes().enumerate().skip(from) {
        match c {
            b'(' | b'[' => brackets += 1,
            b')' | b']' => brackets -= 1,
            b'{' => braces += 1,
            b'}' if braces == 0 => return at,
            b'}' => braces -= 1,
            _ => {}
        }
        let closed = c == b'}' && brackets == 0;
        if braces == 0 && (closed || (c == b';' && brackets == 0)) {
            return at + 1;
        }
    }
    code.len()
}

fn without_tests(code: &str) -> String {
    let mut out = code.to_string();
    for marker in ["#[cfg(test)]", "#[cfg(all(test,"] {
        while let Some(start) = out.find(marker) {
            let end = item_end(&out, start);
            let blank: String = out[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
            out.replace_range(start..end, &blank);
        }
    }
    out
}

/// Line, name and number of lines of each function that has a body.
pub fn functions(code: &str) -> Vec<(usize, String, usize)> {
    let mut found = Vec::new();
    for (at, _) in words(code).filter(|&(_, word)| word == "fn") {
        let end = item_end(code, at);
        if let Some((_, name)) = first_word(code, at + 2)
            && code[..end].ends_with('}')
        {
            found.push((line_of(code, at), name.to_string(), code[at..end].matches('\n').count() + 1));
        }
    }
    found
}

/// Line and name of each top-level module that a path beginning with `root` (`crate`, `farlink`) names.
pub fn modules_used(code: &str, root: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in words(code).filter(|&(_, word)| word == root) {
        let Some(tail) = code[at + root.len()..].trim_start().strip_prefix("::") else { continue };
        let tail_at = code.len() - tail.len();
        for head in path_heads(code, tail_at) {
            let (at, name) = first_word(code, head).unwrap_or((head, "*"));
            if name != "self" {
                found.push((line_of(code, at), name.to_string()));
            }
        }
    }
    found
}

/// Where the branches of the use tree at `from` begin: one place, or one for each member of a group.
fn path_heads(code: &str, from: usize) -> Vec<usize> {
    let open = from + code[from..].len() - code[from..].trim_start().len();
    if !code[open..].starts_with('{') {
        return vec![from];
    }
    let (mut depth, mut heads) = (0, Vec::new());
    for (at, c) in code.bytes().enumerate().skip(open) {
        match c {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        let starts = (c == b'{' || c == b',') && depth == 1;
        if starts && !code[at + 1..].trim_start().starts_with('}') {
            heads.push(at + 1);
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

/// Lines with a `super::` path that climbs out of the top-level module, past what the layer check can read.
pub fn climbs(code: &str, file_depth: usize) -> Vec<usize> {
    let inline: Vec<(usize, usize)> = words(code)
        .filter(|&(at, word)| word == "mod" && code[..item_end(code, at)].ends_with('}'))
        .map(|(at, _)| (at, item_end(code, at)))
        .collect();
    let mut lines = Vec::new();
    for (at, _) in words(code).filter(|&(at, word)| word == "super" && !code[..at].ends_with("::")) {
        let depth = file_depth + inline.iter().filter(|(start, end)| (start..end).contains(&&at)).count();
        let path: String = code[at..].chars().take_while(|&c| is_word(c) || c == ':').collect();
        if path.matches("super::").count() >= depth {
            lines.push(line_of(code, at));
        }
    }
    lines
}

/// Names of the modules that a file declares to stand in files of their own, and whether only tests see them.
pub fn declared(source: &Source) -> Vec<(String, bool)> {
    let code = &source.code;
    words(code)
        .filter(|&(at, word)| word == "mod" && code[..item_end(code, at)].ends_with(';'))
        .filter_map(|(at, _)| Some((first_word(code, at + 3)?.1.to_string(), !source.product[at..].starts_with("mod"))))
        .collect()
}

/// Lines on which `needle` stands as a whole word or path, not as the tail of a longer one.
pub fn lines_with(code: &str, needle: &str) -> Vec<usize> {
    let at_edge = |at: usize, len: usize| {
        let before = code[..at].chars().next_back().is_some_and(is_word) && needle.starts_with(is_word);
        let after = code[at + len..].starts_with(is_word) && needle.ends_with(is_word);
        !before && !after
    };
    code.match_indices(needle).filter(|(at, hit)| at_edge(*at, hit.len())).map(|(at, _)| line_of(code, at)).collect()
}

/// Lines that name the external crate `name`: as the head of a path, or alone in a `use`.
pub fn lines_with_crate(code: &str, name: &str) -> Vec<usize> {
    words(code)
        .filter(|&(at, word)| {
            let (before, after) = (code[..at].trim_end(), code[at + word.len()..].trim_start());
            word == name && !before.ends_with("::") && (after.starts_with("::") || before.ends_with("use"))
        })
        .map(|(at, _)| line_of(code, at))
        .collect()
}
