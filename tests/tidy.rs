//! The rules of this code base, as tests. Each fault names file and line and says what to do.
//!
//! The tables are the rules: a new module gets a layer in `LAYERS`, a new dependency that belongs to one place a line
//! in `PLACES`. `tidy/rust.rs` and `tidy/yaml.rs` read the files.

#[path = "tidy/rust.rs"]
mod rust;
#[path = "tidy/yaml.rs"]
mod yaml;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use rust::Source;

/// Lowest first. A module uses itself, lower layers and `ANYWHERE`; main and other programs come last.
const LAYERS: &[&[&str]] = &[
    &["units", "rng", "cause"],
    &["engine", "geometry"],
    &["orbit", "propagation", "power", "traffic", "metrics"],
    &["radio", "population", "network"],
    &["exec"],
    &["world"],
    &["catalog", "scenario"],
    &["control", "report", "calibrate"],
    &["sweep", "tui", "testbed"],
    &["cli"],
    &["main"],
];

/// The last layer of the simulation core: no I/O, no wall clock, portable arithmetic up to here.
const CORE_ENDS_WITH: &str = "world";

/// Who may use a neighbour in the same layer.
const NEIGHBOURS: &[(&str, &str)] = &[
    ("rng", "units"),
    ("cause", "units"),
    ("scenario", "catalog"),
    ("population", "network"),
    ("report", "control"),
    ("calibrate", "report"),
];

/// Used by any module, uses none.
const ANYWHERE: &str = "platform";
/// The only files with `unsafe`.
const UNSAFE_FILES: &[&str] = &[
    "src/platform.rs",
    // An allocator that counts: `GlobalAlloc` is an unsafe trait.
    "tests/allocations.rs",
];

const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;

/// Not in product code of the core; what to do instead.
const CORE_BANS: &[(&str, &str)] = &[
    ("SystemTime::now", "the core has simulated time only; take the time as an argument"),
    ("Instant::now", "the core has simulated time only; take the time as an argument"),
    ("thread_rng", "draw from an addressed stream of `rng`"),
    ("rand::rng", "draw from an addressed stream of `rng`"),
    ("println!", "the core is silent; return the fact and let a face print it"),
    ("print!", "the core is silent; return the fact and let a face print it"),
    ("eprintln!", "the core is silent; return the fact and let a face print it"),
    ("eprint!", "the core is silent; return the fact and let a face print it"),
];

/// Not in product code at all.
const BANS: &[(&str, &str)] = &[
    (".unwrap()", "return an error, or `expect` with the reason why it cannot fail"),
    ("dbg!", "remove it"),
    ("todo!", "finish it, or return an error that says what is missing"),
    ("unimplemented!", "finish it, or return an error that says what is missing"),
];

/// Methods of floats whose last digits differ between platforms; `sqrt` is exact everywhere.
const FLOAT_METHODS: &[&str] = &[
    "ln", "ln_1p", "log2", "log10", "exp", "exp2", "exp_m1", "sin", "cos", "tan", "sin_cos", "asin", "acos", "atan",
    "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "cbrt", "powf", "powi", "atan2", "hypot",
];

/// Notes to oneself; put together here so that this file passes its own test.
const LEFTOVERS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Where a dependency may be named, and in how many files.
struct Place {
    krate: &'static str,
    modules: &'static [&'static str],
    one_file: bool,
}

const PLACES: &[Place] = &[
    Place { krate: "serde_saphyr", modules: &["scenario", "catalog"], one_file: true },
    Place { krate: "sgp4", modules: &["orbit"], one_file: true },
    Place { krate: "clap", modules: &["cli"], one_file: false },
    Place { krate: "clap_complete", modules: &["cli"], one_file: false },
    Place { krate: "clap_mangen", modules: &["cli"], one_file: false },
    Place { krate: "parquet", modules: &["report"], one_file: true },
    Place { krate: "indicatif", modules: &["cli"], one_file: false },
    Place { krate: "terminal_size", modules: &["cli"], one_file: true },
    Place { krate: "ratatui", modules: &["tui"], one_file: false },
    Place { krate: "crossterm", modules: &["tui"], one_file: false },
    Place { krate: "tokio", modules: &["testbed"], one_file: false },
];

/// Paths that mean something on one machine only; put together here so that this file passes its own test.
const MACHINE_PATHS: &[&str] = &[concat!("/", "work"), concat!("/", "home"), concat!("/", "root")];
const OUTSIDE: &str = concat!("../", "shared");
const OUTSIDE_ALLOWED_IN: &str = ".ci/run";

#[test]
fn modules_use_lower_layers_only() {
    report(sources().iter().flat_map(layer_faults).collect());
}

#[test]
fn every_file_is_declared() {
    report(declaration_faults(&sources()));
}

#[test]
fn files_and_functions_are_short_and_files_say_what_they_own() {
    report(product_sources().iter().flat_map(shape_faults).collect());
}

#[test]
fn calls_stand_where_they_may() {
    report(product_sources().iter().flat_map(call_faults).collect());
}

#[test]
fn unsafe_stands_where_it_may() {
    let files = ["src", "tests", "benches"].iter().flat_map(|dir| texts(dir, "rs"));
    report(files.flat_map(|(path, text)| unsafe_faults(&path, &rust::mask(&text))).collect());
}

#[test]
fn dependencies_are_named_in_their_place() {
    report(PLACES.iter().flat_map(|place| place_faults(place, &sources())).collect());
}

#[test]
fn every_model_value_has_a_source() {
    report(texts("models", "yaml").iter().flat_map(|(path, text)| source_faults(path, text)).collect());
}

#[test]
fn every_scenario_names_its_schema() {
    report(texts("scenarios", "yaml").iter().filter_map(|(path, text)| schema_fault(path, text)).collect());
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    let check = |path: &String| {
        let text = fs::read_to_string(root().join(path)).unwrap_or_default(); // not text: nothing to read
        machine_path_faults(path, &text)
    };
    report(tracked().iter().flat_map(check).collect());
}

fn report(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Paths of all files under `dir`, relative to the root, with forward slashes, in order.
fn files(dir: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut todo = vec![root().join(dir)];
    while let Some(dir) = todo.pop() {
        let Ok(entries) = fs::read_dir(&dir) else { continue };
        for path in entries.map(|entry| entry.expect("a directory that can be listed").path()) {
            if path.is_dir() {
                todo.push(path);
            } else {
                let inner = path.strip_prefix(root()).expect("a path under the root");
                found.push(inner.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn texts(dir: &str, extension: &str) -> Vec<(String, String)> {
    let wanted = files(dir).into_iter().filter(|path| path.ends_with(&format!(".{extension}")));
    wanted.map(|path| (path.clone(), fs::read_to_string(root().join(path)).expect("a text file"))).collect()
}

/// The files that git knows or would take in.
fn tracked() -> Vec<String> {
    let git = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    match git {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).split_terminator('\0').map(String::from).collect()
        }
        // An unpacked archive has no git; the parts that people write are enough there.
        _ => ["src", "tests", "models", "scenarios", "docs", "examples", ".ci", ".github"]
            .iter()
            .flat_map(|d| files(d))
            .collect(),
    }
}

fn sources() -> Vec<Source> {
    texts("src", "rs").iter().map(|(path, text)| Source::new(path, text)).collect()
}

/// Without the files that only tests see.
fn product_sources() -> Vec<Source> {
    let all = sources();
    let seen = reached(&all);
    all.into_iter().filter(|source| seen.get(&source.path) != Some(&true)).collect()
}

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn is_core(module: &str) -> bool {
    module == ANYWHERE || layer_of(module).is_some_and(|layer| Some(layer) <= layer_of(CORE_ENDS_WITH))
}

fn layer_faults(source: &Source) -> Vec<String> {
    let Some(module) = source.top_module() else { return Vec::new() };
    let path = &source.path;
    if layer_of(module).is_none() && module != ANYWHERE {
        return vec![format!("{path}:1: `{module}` has no layer; give it one in LAYERS of tests/tidy.rs")];
    }
    let own_root = if module == "main" { "farlink" } else { "crate" };
    let uses = rust::modules_used(&source.code, own_root);
    let mut faults: Vec<String> =
        uses.iter().filter_map(|(line, used)| Some(format!("{path}:{line}: {}", use_fault(module, used)?))).collect();
    let climbs = rust::climbs(&source.code, source.module().len());
    faults
        .extend(climbs.iter().map(|line| format!("{path}:{line}: name another module by `crate::`, not by `super::`")));
    faults
}

fn use_fault(user: &str, used: &str) -> Option<String> {
    if used == user || used == ANYWHERE {
        return None;
    }
    if used == "*" {
        return Some("name the modules instead of `*`".to_string());
    }
    let Some(used_layer) = layer_of(used) else {
        return Some(format!(
            "`{used}` has no layer; give the module one in LAYERS of tests/tidy.rs, name items by module"
        ));
    };
    let lower = layer_of(user).is_some_and(|layer| used_layer < layer);
    let allowed = lower || NEIGHBOURS.contains(&(user, used));
    (!allowed).then(|| format!("`{user}` may not use `{used}`, which is no lower layer; move what they share down"))
}

/// The files that `lib.rs` and the programs reach through `mod`, and whether only in test builds.
fn reached(sources: &[Source]) -> BTreeMap<String, bool> {
    let is_root = |path: &str| path == "src/lib.rs" || path == "src/main.rs" || path.starts_with("src/bin/");
    let mut seen: BTreeMap<String, bool> = BTreeMap::new();
    let mut open: Vec<(&Source, bool)> = sources.iter().filter(|s| is_root(&s.path)).map(|s| (s, false)).collect();
    while let Some((source, in_test)) = open.pop() {
        seen.insert(source.path.clone(), in_test);
        let stem = source.path.trim_end_matches(".rs");
        let owns_dir = ["lib", "main", "mod"].iter().any(|name| stem.ends_with(&format!("/{name}")));
        let dir = if owns_dir { stem.rsplit_once('/').map_or("", |(dir, _)| dir) } else { stem };
        for (name, test_only) in rust::declared(source) {
            let places = [format!("{dir}/{name}.rs"), format!("{dir}/{name}/mod.rs")];
            open.extend(sources.iter().filter(|s| places.contains(&s.path)).map(|s| (s, in_test || test_only)));
        }
    }
    seen
}

fn declaration_faults(sources: &[Source]) -> Vec<String> {
    let seen = reached(sources);
    let lost = sources.iter().filter(|source| !seen.contains_key(&source.path));
    lost.map(|source| format!("{}:1: no `mod` declares this file; declare it or delete it", source.path)).collect()
}

fn shape_faults(source: &Source) -> Vec<String> {
    let path = &source.path;
    let mut faults = Vec::new();
    if !source.raw.starts_with("//!") {
        faults.push(format!("{path}:1: open with `//!`: what the module owns and what it must not know"));
    }
    let lines = product_lines(source);
    if lines > FILE_LINES_MAX {
        faults.push(format!(
            "{path}:{FILE_LINES_MAX}: {lines} lines before the tests; split it ({FILE_LINES_MAX} at most)"
        ));
    }
    for (line, name, lines) in rust::functions(&source.product) {
        if lines > FUNCTION_LINES_MAX {
            faults.push(format!("{path}:{line}: `{name}` has {lines} lines; split it ({FUNCTION_LINES_MAX} at most)"));
        }
    }
    faults
}

/// Lines up to the last one with product code on it; comments between count, tests behind do not.
fn product_lines(source: &Source) -> usize {
    rust::line_of(&source.product, source.product.trim_end().len())
}

fn call_faults(source: &Source) -> Vec<String> {
    let path = &source.path;
    let mut faults = Vec::new();
    let mut ban = |text: &str, needle: &str, advice: &str| {
        let lines = rust::lines_with(text, needle).into_iter();
        faults.extend(lines.map(|line| format!("{path}:{line}: `{needle}` is not for here; {advice}")));
    };
    for word in LEFTOVERS {
        ban(&source.raw, word, "do it, or write down as a limitation what is left out");
    }
    for (needle, advice) in BANS {
        ban(&source.product, needle, advice);
    }
    if source.top_module().is_some_and(is_core) {
        for (needle, advice) in CORE_BANS {
            ban(&source.product, needle, advice);
        }
        for method in FLOAT_METHODS {
            let with_argument = method.starts_with("pow") || ["atan2", "hypot"].contains(method);
            let call = if with_argument { format!(".{method}(") } else { format!(".{method}()") };
            for needle in [call, format!("f64::{method}"), format!("f32::{method}")] {
                ban(&source.product, &needle, "take it from `libm`, which gives the same digits everywhere");
            }
        }
    }
    faults
}

fn unsafe_faults(path: &str, code: &str) -> Vec<String> {
    let lines = if UNSAFE_FILES.contains(&path) { Vec::new() } else { rust::lines_with(code, "unsafe") };
    let allowed = UNSAFE_FILES.join(" and ");
    lines.into_iter().map(|line| format!("{path}:{line}: `unsafe` is not for here; only {allowed} have it")).collect()
}

fn place_faults(place: &Place, sources: &[Source]) -> Vec<String> {
    let name = place.krate;
    let mut faults = Vec::new();
    let mut first: Option<&str> = None;
    for source in sources {
        let Some(line) = rust::lines_with_crate(&source.code, name).first().copied() else { continue };
        let path = &source.path;
        if !source.top_module().is_some_and(|module| place.modules.contains(&module)) {
            faults.push(format!("{path}:{line}: only {} may name `{name}`; wrap it there", place.modules.join(" or ")));
        }
        match first {
            Some(other) if place.one_file => {
                faults.push(format!("{path}:{line}: {other} already names `{name}`; one file does, go through it"));
            }
            _ => first = Some(path),
        }
    }
    faults
}

fn source_faults(path: &str, text: &str) -> Vec<String> {
    let lines = yaml::unsourced(text).into_iter();
    lines.map(|line| format!("{path}:{line}: this `value` has no `source`; say which page it is from")).collect()
}

fn schema_fault(path: &str, text: &str) -> Option<String> {
    let opens = "# yaml-language-server: $schema=";
    (!text.starts_with(opens)).then(|| format!("{path}:1: open with `{opens}…`, so that editors check and complete it"))
}

fn machine_path_faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for needle in MACHINE_PATHS {
        let starts_path = |at: &usize| !text[..*at].ends_with(|c: char| c.is_alphanumeric() || "._-~/*}$>".contains(c));
        let ends_name =
            |at: &usize| !text[at + needle.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-');
        let hits = text.match_indices(needle).map(|(at, _)| at).filter(starts_path).filter(ends_name);
        faults.extend(hits.map(|at| format!("{path}:{}: `{needle}` is on one machine only", rust::line_of(text, at))));
    }
    if path != OUTSIDE_ALLOWED_IN {
        let hits = text.match_indices(OUTSIDE);
        faults.extend(hits.map(|(at, _)| {
            format!(
                "{path}:{}: `{OUTSIDE}` lies outside; only {OUTSIDE_ALLOWED_IN} looks there",
                rust::line_of(text, at)
            )
        }));
    }
    faults
}

/// The checkers themselves: each must be able to fail, and must not fail on what only looks alike.
mod checkers {
    use super::*;

    fn lines_of(faults: &[String]) -> Vec<usize> {
        faults.iter().map(|fault| fault.split(':').nth(1).and_then(|n| n.parse().ok()).expect("path:line: …")).collect()
    }

    fn layer_lines(path: &str, text: &str) -> Vec<usize> {
        lines_of(&layer_faults(&Source::new(path, text)))
    }

    fn call_lines(path: &str, text: &str) -> Vec<usize> {
        lines_of(&call_faults(&Source::new(path, text)))
    }

    #[test]
    fn masking_keeps_code_and_lines() {
        let masked = |text: &str| rust::mask(text).replace(' ', "");
        assert_eq!(masked("a // b\nc /* d /* e */ f\n */ g"), "a\nc\ng");
        assert_eq!(masked(r##"x("a\"{", b"}", 'q', '\'', '\\', '\u{7d}', r"\", r#"a"}"#) y"##), "x(,b,,,,,,)y");
        assert_eq!(masked("fn f<'a>(x: &'a str, r#type: u8) -> &'a str"), "fnf<'a>(x:&'astr,r#type:u8)->&'astr");
        assert_eq!(masked("'é' \"π\" größe"), "gr__e");
    }

    #[test]
    fn function_lengths_are_counted_from_fn_to_brace() {
        let text =
            "fn a(x: [u8; 3]) {\n  if x { '}'; }\n}\ntrait T { fn b(&self); }\nfn c() {} // }\ntype F = fn(u8);\n";
        let expected = vec![(1, "a".to_string(), 3), (5, "c".to_string(), 1)];
        assert_eq!(rust::functions(&rust::mask(text)), expected);
    }

    #[test]
    fn long_files_and_functions_are_found_and_tests_are_exempt() {
        let long_fn = |lines: usize| format!("fn f() {{\n{}}}\n", "    x();\n".repeat(lines - 2));
        let faults = |text: String| shape_faults(&Source::new("src/world.rs", &text)).len();
        assert_eq!(faults(format!("//! W.\n{}", long_fn(70))), 0);
        assert_eq!(faults(format!("//! W.\n{}", long_fn(71))), 1);
        assert_eq!(faults(format!("//! W.\n#[cfg(test)]\nmod tests {{\n{}}}\n", long_fn(900))), 0);
        assert_eq!(faults(format!("//! W.\n{}", "const A: u8 = 1;\n".repeat(599))), 0);
        assert_eq!(faults(format!("//! W.\n{}", "const A: u8 = 1;\n".repeat(600))), 1);
        assert_eq!(faults("use std::fmt;\n".to_string()), 1);
    }

    #[test]
    fn upward_and_sideways_uses_are_found() {
        let text = "use crate::units::Db;\nuse crate::{rng, world::World,\n    exec};\nfn f() { crate::radio::go() }\n";
        assert_eq!(layer_lines("src/exec/book.rs", text), [2]);
        assert_eq!(layer_lines("src/power.rs", text), [2, 3, 4]);
        assert_eq!(layer_lines("src/sweep/plan.rs", text), [0; 0]);
        for (user, used, allowed) in [
            ("cause", "units", true),
            ("units", "cause", false),
            ("metrics", "power", false),
            ("radio", "network", false),
            ("network", "radio", false),
            ("scenario", "catalog", true),
            ("catalog", "scenario", false),
            ("report", "control", true),
            ("control", "report", false),
            ("engine", "platform", true),
            ("platform", "units", false),
            ("cli", "nowhere", false),
        ] {
            assert_eq!(use_fault(user, used).is_none(), allowed, "{user} uses {used}");
        }
    }

    #[test]
    fn paths_are_read_in_all_their_forms() {
        let used = |text: &str| {
            rust::modules_used(&rust::mask(text), "crate").into_iter().map(|(_, name)| name).collect::<Vec<_>>()
        };
        assert_eq!(used("pub(crate) use crate::{self, a, b::{c, d}, e::*,};"), ["a", "b", "e"]);
        assert_eq!(used("use {crate::a::x, crate :: b};"), ["a", "b"]);
        assert_eq!(used("pub(in crate::a) fn f() -> crate::b::T { $crate::c!() }"), ["a", "b", "c"]);
        assert_eq!(used("use crate::*; // crate::x\n\"crate::y\"; my_crate::z"), ["*"]);
        let main = "use clap::Parser;\nuse farlink::{cli, lost};\n";
        assert_eq!(layer_lines("src/main.rs", main), [2]);
        assert_eq!(layer_lines("src/stray.rs", ""), [1]);
    }

    #[test]
    fn climbing_out_by_super_is_found() {
        let text = "use super::world::World;\nmod tests {\n    use super::*;\n    use super::super::cli;\n}\n";
        assert_eq!(layer_lines("src/engine.rs", text), [1, 4]);
        assert_eq!(layer_lines("src/engine/queue.rs", text), [0; 0]);
        assert_eq!(layer_lines("src/engine/mod.rs", text), [1, 4]);
    }

    #[test]
    fn undeclared_and_test_only_files_are_told_apart() {
        let tree = [
            ("src/lib.rs", "pub mod engine;\n// mod ghost;\n"),
            ("src/engine.rs", "mod queue;\n#[cfg(test)]\nmod tests;\n"),
            ("src/engine/queue.rs", "mod inner {}\n"),
            ("src/engine/tests.rs", "mod cases;\n"),
            ("src/engine/tests/cases.rs", ""),
            ("src/engine/inner.rs", ""),
            ("src/ghost.rs", ""),
        ];
        let sources: Vec<Source> = tree.iter().map(|(path, text)| Source::new(path, text)).collect();
        let lost: Vec<String> =
            declaration_faults(&sources).iter().map(|f| f.split(':').next().unwrap_or("").into()).collect();
        assert_eq!(lost, ["src/engine/inner.rs", "src/ghost.rs"]);
        let seen = reached(&sources);
        assert!(!seen["src/engine/queue.rs"] && seen["src/engine/tests.rs"] && seen["src/engine/tests/cases.rs"]);
    }

    #[test]
    fn banned_calls_are_found_where_they_are_banned() {
        let text = "fn f() {\n Instant::now();\n x.ln();\n println!();\n x.sqrt();\n g.unwrap();\n}\n\
                    #[cfg(test)]\nmod tests { fn g() { h.unwrap(); println!(); } }\n";
        assert_eq!(call_lines("src/exec.rs", text), [6, 2, 4, 3]);
        assert_eq!(call_lines("src/cli/run.rs", text), [6]);
        assert_eq!(
            call_lines("src/radio/lte.rs", "// x.ln()\nlibm::log(x); v.map(f64::exp); a.powf(b); rng.exp(m);\n"),
            [2, 2]
        );
        let marked = format!("// {}: later\n", LEFTOVERS[0]);
        assert_eq!(call_lines("src/cli.rs", &marked), [1]);
        let code = "#![allow(unsafe_code)]\nunsafe fn f() {}\n";
        assert_eq!(lines_of(&unsafe_faults("src/cli.rs", code)), [2]);
        assert_eq!(lines_of(&unsafe_faults("src/platform.rs", code)), [0; 0]);
    }

    #[test]
    fn dependencies_outside_their_place_are_found() {
        let yaml = Place { krate: "serde_saphyr", modules: &["scenario", "catalog"], one_file: true };
        let count = |paths: &[&str]| {
            let sources: Vec<Source> =
                paths.iter().map(|path| Source::new(path, "use serde_saphyr::from_str;\n")).collect();
            place_faults(&yaml, &sources).len()
        };
        assert_eq!(count(&[]), 0);
        assert_eq!(count(&["src/catalog/load.rs"]), 0);
        assert_eq!(count(&["src/catalog/load.rs", "src/scenario/load.rs"]), 1);
        assert_eq!(count(&["src/report/json.rs"]), 1);
        let named = |text: &str| !rust::lines_with_crate(&rust::mask(text), "sgp4").is_empty();
        assert!(named("sgp4::Elements") && named("use sgp4;") && named("#[x(sgp4::y)]"));
        assert!(!named("crate::orbit::sgp4::X") && !named("mod sgp4;") && !named("// sgp4::x") && !named("my_sgp4::x"));
    }

    #[test]
    fn values_without_a_source_are_found() {
        let flow = "a: {value: 1, source: x}\nb: {value: 1}\nc: {\n  note: \"source: x, }\",\n  value: 2, # source: x\n}\n\
                    d: {\n  source: \"TS 36.331, 6.3\",\n  value: [1, 2],\n}\ne: {f: {value: 1}, source: x}\ng: {value: 1, source: ''}\n";
        assert_eq!(yaml::unsourced(flow), [2, 5, 11, 12]);
        let block = "a:\n  value: 1\n  source: x\nb:\n  value: 1\n\n  unit: W\nc:\n  source:\n    - x\n  value:\n    - 2\nd:\n\
                     - value: 1\n  source: x\n- value: 2\n- source: x\n  value: 3\nnote: |\n  value: 4\ne:\n  source:\n  value: 5\n";
        assert_eq!(yaml::unsourced(block), [5, 16, 23]);
        assert_eq!(yaml::unsourced("# it's {\na: module's {value}\nb: {value: 1, source: it's}\n"), [0; 0]);
    }

    #[test]
    fn scenarios_without_a_schema_line_are_found() {
        assert!(schema_fault("scenarios/a.yaml", "farlink: 1\n").is_some());
        assert!(schema_fault("scenarios/a.yaml", "# yaml-language-server: $schema=x.json\nfarlink: 1\n").is_none());
    }

    #[test]
    fn machine_paths_are_found() {
        let [work, home, root] = MACHINE_PATHS else { panic!("three of them") };
        let bad = format!("a {home}/me\n`{work}`\nX={root}/x\n{OUTSIDE}/x\n");
        assert_eq!(lines_of(&machine_path_faults("README.md", &bad)), [2, 1, 3, 4]);
        let good = format!(".github{work}flows x{work}/y https://a.org{home}/ ${{X}}{root}/ {home}brew {OUTSIDE}");
        assert_eq!(machine_path_faults(OUTSIDE_ALLOWED_IN, &good), [""; 0]);
    }
}
