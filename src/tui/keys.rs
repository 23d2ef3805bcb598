//! The keys: one table from which the bindings, the help and `docs/tui.md` are made, and the file that changes them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use schemars::JsonSchema;
use serde::Deserialize;

use super::theme::Palette;
use crate::catalog::problem::{Problem, Problems};
use crate::catalog::shape::Schema;
use crate::catalog::suggest::{did_you_mean, one_of};
use crate::catalog::tree::Sources;
use crate::catalog::{Issue, read_text, typed, yaml};

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table says what they do")]
pub enum Action {
    Help,
    Quit,
    Stop,
    NextView,
    PreviousView,
    View(u8),
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    First,
    Last,
    NextPanel,
    PreviousPanel,
    Expand,
    Scale,
    ZoomIn,
    ZoomOut,
    Layer,
    World,
    Filter,
    Back,
    Freeze,
    Pause,
    Step,
    StepBack,
    Faster,
    Slower,
    Export,
    Palette,
}

/// A line of the table.
pub struct Entry {
    /// What it does.
    pub action: Action,
    /// Its name in the configuration.
    pub name: &'static str,
    /// Its keys unless the configuration gives others.
    pub keys: &'static [&'static str],
    /// What it does, in words. Up to the first comma, colon or semicolon they stand for themselves, and are short.
    pub help: &'static str,
}

impl Entry {
    /// What it does, where there is little room.
    #[must_use]
    pub fn brief(&self) -> &'static str {
        self.help.split([',', ':', ';']).next().unwrap_or(self.help)
    }
}

const fn entry(action: Action, name: &'static str, keys: &'static [&'static str], help: &'static str) -> Entry {
    Entry { action, name, keys, help }
}

/// A heading of the help and the actions under it.
pub type Section = (&'static str, &'static [Entry]);

/// All keys.
pub const TABLE: [Section; 4] = [
    (
        "Views",
        &[
            entry(Action::NextView, "next-view", &["tab"], "next view"),
            entry(Action::PreviousView, "previous-view", &["shift-tab"], "previous view"),
            entry(Action::View(0), "overview", &["1"], "overview: progress, requirements, groups"),
            entry(Action::View(1), "latency", &["2"], "latency: histogram, percentiles, causes"),
            entry(Action::View(2), "energy", &["3"], "energy: causes, distribution, battery life"),
            entry(Action::View(3), "radio", &["4"], "radio: random access, utilisation, cells"),
            entry(Action::View(4), "map", &["5"], "map: sites, who is served how; the world"),
            entry(Action::View(5), "terminal", &["6"], "terminal: what a traced one did"),
            entry(Action::View(6), "log", &["7"], "log of notable events"),
            entry(Action::View(7), "passes", &["8"], "passes: when a site sees satellites"),
            entry(Action::Help, "help", &["?", "f1"], "this help"),
        ],
    ),
    (
        "Moving",
        &[
            entry(Action::Up, "up", &["up", "k"], "row above; north on the map"),
            entry(Action::Down, "down", &["down", "j"], "row below; south on the map"),
            entry(Action::Left, "left", &["left", "h"], "panel before; west; contact, site before"),
            entry(Action::Right, "right", &["right", "l"], "panel behind; east; contact, site behind"),
            entry(Action::PageUp, "page-up", &["pageup"], "ten rows up; satellite above on the map"),
            entry(Action::PageDown, "page-down", &["pagedown"], "ten rows down; satellite below on the map"),
            entry(Action::First, "first", &["home"], "first row; the whole region; the beginning"),
            entry(Action::Last, "last", &["end", "G"], "last row"),
            entry(Action::NextPanel, "next-panel", &["]"], "next panel"),
            entry(Action::PreviousPanel, "previous-panel", &["["], "previous panel"),
            entry(Action::Expand, "expand", &["e", "enter"], "one panel alone, on the whole screen"),
            entry(Action::Scale, "scale", &["g"], "scale: log values, linear, or log counts"),
            entry(Action::ZoomIn, "zoom-in", &["i"], "zoom into map or time"),
            entry(Action::ZoomOut, "zoom-out", &["o"], "zoom out"),
            entry(Action::Layer, "layer", &["m"], "layer of the map; next traced terminal"),
            entry(Action::World, "world", &["w"], "map of the whole Earth, or back to the region"),
            entry(Action::Filter, "filter", &["/"], "only rows with this text; Esc for all"),
            entry(Action::Back, "back", &["esc"], "leave what was opened"),
        ],
    ),
    (
        "The run, or time over satellites",
        &[
            entry(Action::Pause, "pause", &["space"], "halt simulation or time, or let it go on"),
            entry(Action::Step, "step", &["s"], "a window or step of time, then halt"),
            entry(Action::StepBack, "step-back", &["b"], "a step of time back, then halt"),
            entry(Action::Faster, "faster", &["+", "="], "raise the limit of speed; longer steps"),
            entry(Action::Slower, "slower", &["-"], "lower the limit of speed; shorter steps"),
            entry(Action::Freeze, "freeze", &["f"], "keep these figures; the simulation goes on"),
        ],
    ),
    (
        "The program",
        &[
            entry(Action::Export, "export", &["x"], "write what is shown: CSV, SVG or text"),
            entry(Action::Palette, "palette", &["c"], "next palette: default, high contrast, mono"),
            entry(Action::Quit, "quit", &["q"], "leave; asks first while a simulation runs"),
            entry(Action::Stop, "stop", &["ctrl-c"], "end the run, keep partial results, leave"),
        ],
    ),
];

fn entries() -> impl Iterator<Item = &'static Entry> {
    TABLE.iter().flat_map(|(_, entries)| entries.iter())
}

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
    alt: bool,
}

/// Keys that have a name.
const NAMED: [(&str, KeyCode); 17] = [
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("f1", KeyCode::F(1)),
];

impl Key {
    /// Reads `q`, `tab`, `ctrl-c`, `alt-x`, `f5`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Key> {
        if let Some(rest) = text.strip_prefix("ctrl-") {
            return Key::parse(rest).map(|key| Key { ctrl: true, ..key });
        }
        if let Some(rest) = text.strip_prefix("alt-") {
            return Key::parse(rest).map(|key| Key { alt: true, ..key });
        }
        let plain = |code| Some(Key { code, ctrl: false, alt: false });
        if let Some((_, code)) = NAMED.iter().find(|(name, _)| *name == text) {
            return plain(*code);
        }
        let function = text.strip_prefix('f').and_then(|rest| rest.parse().ok()).filter(|n| (1..=12).contains(n));
        if let Some(number) = function {
            return plain(KeyCode::F(number));
        }
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(one), None) if !one.is_control() && !one.is_whitespace() => plain(KeyCode::Char(one)),
            _ => None,
        }
    }

    /// The character that the key types, if it is one.
    pub(super) fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    pub(super) fn is(self, code: KeyCode) -> bool {
        self.code == code && !self.ctrl && !self.alt
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Key {
        let has = |modifier| event.modifiers.contains(modifier);
        Key { code: event.code, ctrl: has(KeyModifiers::CONTROL), alt: has(KeyModifiers::ALT) }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = format!("{}{}", if self.ctrl { "ctrl-" } else { "" }, if self.alt { "alt-" } else { "" });
        match (NAMED.iter().find(|(_, code)| *code == self.code), self.code) {
            (Some((name, _)), _) => f.pad(&format!("{prefix}{name}")),
            (None, KeyCode::F(number)) => f.pad(&format!("{prefix}f{number}")),
            (None, KeyCode::Char(c)) => f.pad(&format!("{prefix}{c}")),
            _ => f.pad("?"),
        }
    }
}

/// Which key does what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bindings(Vec<(Key, Action)>);

impl Default for Bindings {
    fn default() -> Bindings {
        let keys = entries().flat_map(|entry| entry.keys.iter().map(move |key| (Key::parse(key), entry.action)));
        Bindings(keys.filter_map(|(key, action)| Some((key?, action))).collect())
    }
}

impl Bindings {
    /// What a key does.
    #[must_use]
    pub fn action(&self, key: Key) -> Option<Action> {
        self.0.iter().find(|(bound, _)| *bound == key).map(|(_, action)| *action)
    }

    /// The keys of an action, as people write them.
    #[must_use]
    pub fn keys(&self, action: Action) -> Vec<String> {
        self.0.iter().filter(|(_, bound)| *bound == action).map(|(key, _)| key.to_string()).collect()
    }

    /// The first key of an action, for hints.
    pub(super) fn hint(&self, action: Action) -> String {
        self.keys(action).into_iter().next().unwrap_or_default()
    }

    fn bind(&mut self, action: Action, keys: &[Key]) {
        self.0.retain(|(key, bound)| *bound != action && !keys.contains(key));
        self.0.extend(keys.iter().map(|key| (*key, action)));
    }
}

/// What the user has set up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    /// The keys.
    pub bindings: Bindings,
    /// The palette, if one is set.
    pub palette: Option<Palette>,
}

/// The file `keys.yaml`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SetupFile {
    /// The palette to begin with.
    palette: Option<Palette>,
    /// Keys by the name of what they do.
    keys: Option<BTreeMap<String, Vec<String>>>,
}

/// Reads the file of keys; without it, everything is as the table says.
///
/// # Errors
/// All mistakes of the file.
pub fn load(path: &Path) -> Result<Setup, Problems> {
    if !path.exists() {
        return Ok(Setup::default());
    }
    let name = path.display().to_string();
    let text = read_text(path, 1 << 20).map_err(|error| Problems(vec![error.problem(&name)]))?;
    parse(&text, &name)
}

/// Reads the text of the file `name`.
///
/// # Errors
/// All mistakes of the text.
pub fn parse(text: &str, name: &str) -> Result<Setup, Problems> {
    let (mut sources, mut problems) = (Sources::default(), Vec::new());
    let source = sources.add(name, text, true);
    let Some(root) = yaml::parse(&sources, source, 0, &mut problems) else {
        // A file of comments alone says nothing.
        return if problems.is_empty() { Ok(Setup::default()) } else { Err(Problems(problems)) };
    };
    let schema = Schema::of::<SetupFile>();
    let file = typed::<SetupFile>(&schema, &sources, &root, root.to_json(), &mut problems).unwrap_or_default();
    let mut setup = Setup { palette: file.palette, ..Setup::default() };
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for (action, keys) in file.keys.iter().flatten() {
        let path = ["keys", action.as_str()];
        let issue = |issue: Issue| -> Problem { issue.place(&sources, &root) };
        let Some(entry) = entries().find(|entry| entry.name == action) else {
            let names = || entries().map(|entry| entry.name);
            let help = did_you_mean(action, names());
            let what = format!("nothing is called `{action}`");
            problems.push(issue(Issue::new(path, what).expected(one_of(names())).help(help)));
            continue;
        };
        let mut bound = Vec::new();
        for key in keys {
            let Some(parsed) = Key::parse(key) else {
                let issue_of = Issue::new(path, format!("`{key}` is no key"));
                let expected =
                    "a character such as `q`, or `tab`, `space`, `enter`, `up`, `pagedown`, `f5`, `ctrl-r` …";
                problems.push(issue(issue_of.expected(expected)));
                continue;
            };
            if let Some(other) = taken.insert(parsed.to_string(), action.clone()) {
                let what = format!("`{key}` is bound to `{other}` already");
                problems.push(issue(Issue::new(path, what).expected("a key of its own for each action")));
            }
            bound.push(parsed);
        }
        setup.bindings.bind(entry.action, &bound);
    }
    if problems.is_empty() { Ok(setup) } else { Err(crate::scenario::in_order(problems)) }
}

/// The table of keys as Markdown, for the documentation.
#[must_use]
pub fn markdown() -> String {
    let mut text = "| keys | name | what they do |\n|---|---|---|\n".to_owned();
    for entry in entries() {
        let keys: Vec<String> = entry.keys.iter().map(|key| format!("`{key}`")).collect();
        text += &format!("| {} | `{}` | {} |\n", keys.join(" "), entry.name, entry.help);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_key_is_bound_once_and_reads_as_it_is_written() {
        let mut seen = Vec::new();
        for key in entries().flat_map(|entry| entry.keys) {
            let parsed = Key::parse(key).unwrap_or_else(|| panic!("{key} is no key"));
            assert_eq!(parsed.to_string(), **key);
            assert!(!seen.contains(&parsed), "{key} is bound twice");
            seen.push(parsed);
        }
        assert_eq!(Bindings::default().0.len(), seen.len());
    }

    #[test]
    fn help_has_a_short_form() {
        for entry in entries() {
            let short = entry.brief();
            assert!(short.len() <= 25 && entry.help.starts_with(short), "{short}");
        }
    }

    #[test]
    fn a_file_changes_keys_and_takes_them_from_others() {
        let setup = parse("palette: mono\nkeys:\n  quit: [ctrl-q, f]\n", "keys.yaml").unwrap();
        let action = |key| setup.bindings.action(Key::parse(key).unwrap());
        assert_eq!((action("ctrl-q"), action("f")), (Some(Action::Quit), Some(Action::Quit)));
        assert_eq!((action("q"), setup.palette), (None, Some(Palette::Mono)));
        assert_eq!(setup.bindings.keys(Action::Freeze), [""; 0]);
        assert_eq!(parse("# nothing\n", "keys.yaml").unwrap(), Setup::default());
    }

    #[test]
    fn mistakes_have_a_place_and_a_way_out() {
        let text = "keys:\n  quitt: [q]\n  pause: [spacebar]\n  step: [a]\n  help: [a]\n";
        let report = parse(text, "keys.yaml").unwrap_err().to_string();
        for part in [
            "keys.yaml:2:3",
            "nothing is called `quitt`",
            "`quit`",
            "keys.yaml:3",
            "`spacebar` is no key",
            "is bound to `help` already",
        ] {
            assert!(report.contains(part), "{part} in\n{report}");
        }
        let report = parse("colour: mono\n", "keys.yaml").unwrap_err().to_string();
        assert!(report.contains("unknown key `colour`") && report.contains("keys.yaml:1:1"), "{report}");
    }

    proptest! {
        #[test]
        fn any_text_gives_keys_or_a_report(text in r"(palette: ?[a-z-]{0,6}\n)?(keys:\n)?( {0,3}(quit|pause|[a-z]{1,4}):[ \n]?(- )?\[?.{0,12}\]?\n){0,4}") {
            if let Err(problems) = parse(&text, "keys.yaml") {
                prop_assert!(!problems.0.is_empty() && problems.to_string().contains("keys.yaml"));
            }
        }

        #[test]
        fn any_name_is_a_key_or_none(name in r"(ctrl-|alt-|shift-){0,3}\PC{0,4}") {
            if let Some(key) = Key::parse(&name) {
                prop_assert_eq!(Key::parse(&key.to_string()), Some(key));
            }
        }
    }

    /// `FARLINK_BLESS=1 cargo test keys_of_the_page` writes the table of the page anew.
    #[test]
    fn the_keys_of_the_page_are_those_of_the_table() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tui.md");
        let page = std::fs::read_to_string(&path).unwrap();
        let (begin, end) = ("<!-- keys -->\n", "<!-- end of keys -->");
        let (before, rest) = page.split_once(begin).unwrap();
        let (table, after) = rest.split_once(end).unwrap();
        if std::env::var_os("FARLINK_BLESS").is_some() {
            std::fs::write(&path, format!("{before}{begin}{}{end}{after}", markdown())).unwrap();
        } else {
            assert_eq!(table, markdown(), "run with FARLINK_BLESS=1 to write the table anew");
        }
    }
}
