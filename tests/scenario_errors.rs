//! Every file in `tests/invalid` is refused with exactly the report beside it. `FARLINK_BLESS=1 cargo test --test
//! scenario_errors` writes the reports anew: read them before you commit them.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use farlink::radio::Radio;
use farlink::scenario::{self, Scenario};

const GOOD: &str = include_str!("../scenarios/quickstart.yaml");

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|found| found == ending));
    files.sort();
    files
}

/// The scenarios of the package, the large ones included.
fn shipped() -> Vec<PathBuf> {
    ["scenarios", "scenarios/peers", "scenarios/scale"].map(|folder| files(folder, "yaml")).concat()
}

/// The overrides that a file asks for in lines `# set: path=value`.
fn sets(text: &str) -> Vec<String> {
    text.lines().filter_map(|line| line.strip_prefix("# set: ")).map(str::to_owned).collect()
}

fn report(path: &Path) -> String {
    let name = format!("tests/invalid/{}", path.file_name().unwrap().to_str().unwrap());
    // Tests run in the project's directory, so reports do not depend on where the project stands.
    let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    match scenario::load(Path::new(&name), &sets(&text)) {
        Ok(_) => panic!("{name} is accepted"),
        Err(problems) => format!("{problems}\n"),
    }
}

#[test]
fn reports_are_as_expected() {
    let bless = std::env::var_os("FARLINK_BLESS").is_some();
    let mut different = Vec::new();
    let invalid = files("tests/invalid", "yaml");
    assert!(invalid.len() >= 20, "the corpus is gone");
    for path in invalid {
        let found = report(&path);
        let expected = path.with_extension("expected");
        if bless {
            fs::write(&expected, found).unwrap();
        } else if fs::read_to_string(&expected).ok().as_deref() != Some(&found) {
            different.push(format!("{}:\n{found}", path.display()));
        }
    }
    assert!(different.is_empty(), "other reports than expected:\n{}", different.join("\n"));
}

fn good(sets: &[&str]) -> Scenario {
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    scenario::parse(GOOD, "quickstart.yaml", Path::new("scenarios"), &sets)
        .unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn shipped_scenarios_load_and_their_resolved_form_is_the_same_scenario() {
    for path in shipped() {
        let text = fs::read_to_string(&path).unwrap();
        let first = scenario::load(&path, &[]).unwrap_or_else(|problems| panic!("{problems}"));
        let resolved = serde_json::to_string_pretty(&first.resolved).unwrap();
        let second = scenario::parse(&resolved, "resolved", Path::new("."), &[]).unwrap_or_else(|p| panic!("{p}"));
        assert_eq!(first.world, second.world, "{}", path.display());
        assert_eq!(first.resolved, second.resolved, "{}", path.display());
        assert_eq!(first.requirements, second.requirements, "{}", path.display());
        let schema = if path.parent().unwrap().ends_with("scenarios") { "../schema" } else { "../../schema" };
        let head = format!("# yaml-language-server: $schema={schema}/scenario.schema.json\n# ci: ");
        assert!(text.starts_with(&head), "{}", path.display());
        assert!(!first.requirements.0.is_empty());
    }
}

#[test]
fn scaled_down_scenarios_load_too() {
    for path in shipped() {
        let text = fs::read_to_string(&path).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("# ci: ")).unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let sets: Vec<String> = words
            .chunks(2)
            .map(|pair| {
                assert_eq!(pair[0], "--set");
                pair[1].to_owned()
            })
            .collect();
        scenario::load(&path, &sets).unwrap_or_else(|problems| panic!("{problems}"));
    }
}

#[test]
fn the_published_schema_is_that_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/scenario.schema.json");
    let schema = scenario::json_schema();
    if std::env::var_os("FARLINK_BLESS").is_some() {
        fs::write(&path, &schema).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap() == schema, "run with FARLINK_BLESS=1 to write the schema anew");
    assert!(schema.contains("http://json-schema.org/draft-07/schema#"));
    assert!(!schema.contains("null"), "an absent key is left out, it is not null");
}

#[test]
fn a_device_of_ones_own_fills_the_gaps_of_a_module_and_says_what_it_derives() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let text = "description: A module on a board, with made-up figures.\nbased_on: cmiot-m5311\n\
                measured_v: {value: 3.6, source: a test}\ntransmit:\n  - {power_dbm: 23, ma: 90, basis: average, \
                transmit_share: 0.3, receive_share: 0.3, source: a test}\n";
    fs::write(folder.join("own-device.yaml"), text).unwrap();
    let sets = ["water-meters", "other-meters"].map(|group| format!("groups.{group}.device=./own-device.yaml"));
    let scenario = scenario::parse(GOOD, "quickstart.yaml", folder, &sets).unwrap_or_else(|p| panic!("{p}"));
    // (90 − 0.3 · 54 − 0.4 · 0.4) mA · 3.6 V / 0.3
    assert_eq!(scenario.world.groups[0].device.transmit.0, 883_680);
    let notes: Vec<&String> = scenario.notes.iter().filter(|note| note.contains("derived from an average")).collect();
    assert_eq!(notes.len(), 1, "{:?}", scenario.notes);
}

#[test]
fn overrides_change_what_they_name() {
    let plain = good(&[]);
    assert_eq!(plain.world.groups.iter().map(|group| group.count).sum::<u32>(), 100_000);
    let changed = good(&[
        "groups.water-meters.count=1000",
        "duration=1d",
        "networks.city.nb-iot.carrier_power_dbm=30",
        "networks.city.nb-iot.levels.level-2.nprach.repetitions=64",
        "groups.water-meters.traffic.tr45820-reports.answered_fraction=0.25",
        "groups.other-meters.power_saving.psm.periodic_update=72h",
        "requirements=[]",
    ]);
    assert_eq!(changed.world.duration.as_secs_f64(), 86_400.0);
    assert!(changed.requirements.0.is_empty());
    let Radio::NbIot(config) = &changed.world.networks[0].radio else { panic!("NB-IoT") };
    assert_eq!((config.carrier_power.0, config.levels[2].nprach.repetitions), (30.0, 64));
    let [other, water] = [&changed.world.groups[0], &changed.world.groups[1]];
    assert_eq!((water.count, water.traffic.answered, water.traffic.timing.interval(3).is_some()), (1_000, 0.25, true));
    assert_eq!(other.power_saving.periodic_update.as_secs_f64(), 80.0 * 3_600.0);
    assert_eq!(changed.notes.len(), 1, "{:?}", changed.notes);
    let psm = &changed.resolved["groups"]["other-meters"]["power_saving"]["psm"];
    assert_eq!((&psm["periodic_update"], &psm["granted"]["periodic_update"]), (&"72h".into(), &"80h".into()));
}

#[test]
fn a_whole_group_can_be_added() {
    let with = good(&["groups.new={count: 5, traffic: {periodic: {every: 1h, payload_bytes: 12}}}"]);
    assert_eq!(with.world.groups.iter().find(|group| group.name == "new").unwrap().count, 5);
}

#[test]
fn wrong_overrides_name_themselves() {
    for (set, what, help) in [
        ("groups.water-meter.count=5", "`groups` has no `water-meter`", "did you mean `water-meters`?"),
        ("groups.water-meters.cuont=5", "`groups.water-meters` has no `cuont`", "did you mean `count`?"),
        ("durations=1d", "the scenario has no `durations`", "did you mean `duration`?"),
        ("duration=1", "`duration` is the number 1", "a bare number has no unit: did you mean `1s`?"),
        ("groups.water-meters.count=many", "`groups.water-meters.count` is the text \"many\"", ""),
        ("duration", "this override sets nothing", ""),
        ("duration=", "there is no value behind `=`", ""),
        ("seed.high=1", "`seed` is a single value, nothing lies below it", ""),
        ("requirements.99=x", "`requirements` has no item `99`", ""),
        ("groups..count=1", "a step of the path is empty below `groups`", ""),
        ("groups.water-meters.device=[", "the bracket `[` is never closed", "add the closing bracket"),
    ] {
        let problems = scenario::parse(GOOD, "quickstart.yaml", Path::new("scenarios"), &[set.to_owned()]).unwrap_err();
        let [problem] = problems.0.as_slice() else { panic!("{set}: {problems}") };
        assert_eq!(problem.what, what, "{set}");
        assert_eq!(problem.suggestion.as_deref().unwrap_or(""), help, "{set}");
        assert_eq!((problem.file.as_str(), problem.line), (format!("--set {set}").as_str(), 0));
    }
}

mod garbage {
    use super::*;
    use proptest::prelude::*;

    fn survives(text: &str) {
        if let Err(problems) = scenario::parse(text, "garbage.yaml", Path::new("no-such-directory"), &[]) {
            assert!(!problems.0.is_empty());
            assert!(problems.to_string().len() < 200_000);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

        #[test]
        fn changed_bytes(changes in prop::collection::vec((0..GOOD.len(), any::<u8>()), 1..8)) {
            let mut bytes = GOOD.as_bytes().to_vec();
            for (at, byte) in changes {
                bytes[at] = byte;
            }
            survives(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn swapped_words(swaps in prop::collection::vec((0usize..200, 0usize..200), 1..5)) {
            let mut words: Vec<&str> = GOOD.split_inclusive([' ', '\n', ',', ':', '{', '}']).collect();
            for (a, b) in swaps {
                let count = words.len();
                words.swap(a % count, b % count);
            }
            survives(&words.concat());
        }

        #[test]
        fn cut_off(at in 0..GOOD.len()) {
            survives(&String::from_utf8_lossy(&GOOD.as_bytes()[..at]));
        }

        #[test]
        fn any_text(text in "\\PC{0,200}") {
            survives(&text);
        }

        #[test]
        fn yaml_soup(text in "([a-z]{1,3}|[0-9]{1,3}|[:{}\\[\\],&*!|>'\"%@#\\-? \n\t]){0,80}") {
            survives(&text);
        }

        #[test]
        fn any_override(set in "(groups|networks|duration|\\.|=|[a-z]{1,4}|[0-9.]{1,4}|[{}\\[\\]:,&*!'\"\n\t ]){0,12}") {
            let _ = scenario::parse(GOOD, "quickstart.yaml", Path::new("scenarios"), &[set]);
        }

        #[test]
        fn any_value_anywhere(value in "(\\.nan|\\.inf|-?[0-9]{1,40}|1e[0-9]{1,4}|~|\\[\\]|\\{\\}|[a-z]{1,5}|\"\")",
                              path in prop::sample::select(vec![
            "seed", "duration", "warmup", "name", "farlink", "requirements", "networks", "groups", "networks.city",
            "networks.city.nb-iot.levels.level-0.nprach.period", "networks.city.sites.hex-grid.rings",
            "networks.city.nb-iot.npdcch_g", "groups.water-meters.count", "groups.water-meters.access",
            "groups.water-meters.placement", "groups.water-meters.traffic.periodic.every",
            "groups.water-meters.power_saving.psm.active_timer", "groups.water-meters.battery",
        ])) {
            let _ = scenario::parse(GOOD, "quickstart.yaml", Path::new("scenarios"), &[format!("{path}={value}")]);
        }
    }

    #[test]
    fn bombs() {
        let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for i in 1..30 {
            let item = format!("*a{}, ", i - 1);
            laughs.push_str(&format!("a{i}: &a{i} [{}]\n", item.repeat(10)));
        }
        survives(&laughs);
        survives(&"[".repeat(100_000));
        survives(&"{a: ".repeat(100_000));
        survives(&"- ".repeat(100_000));
        survives(&"a:\n ".repeat(50_000));
        survives(&(0..20_000).map(|i| format!("{}a:\n", " ".repeat(i % 3_000))).collect::<String>());
        survives(&format!("farlink: {}", "9".repeat(1_000_000)));
        survives("a: &a [*a]");
        survives("\u{feff}farlink: 1");
        survives("\0\0\0");
    }
}

#[test]
fn an_operator_says_what_terminals_get() {
    let with = |operator: &str, more: &[&str]| {
        let operator = format!("networks.city.operator={operator}");
        let group = "groups.water-meters.power_saving";
        let sets =
            [operator.as_str(), &format!("{group}.edrx={{cycle: 81.92s}}"), &format!("{group}.psm.active_timer=5min")];
        good(&[&sets[..], more].concat())
    };
    let granted = |scenario: &Scenario| {
        let saving = &scenario.world.groups[1].power_saving;
        (saving.active_timer.as_secs_f64(), saving.edrx.map(|edrx| edrx.window.as_secs_f64()))
    };
    let notes = |scenario: &Scenario| {
        let prefix = "groups.water-meters.power_saving.";
        let notes = scenario.notes.iter().filter_map(|note| note.strip_prefix(prefix));
        let notes = notes.filter(|note| !note.contains("`3gpp-reference` gives no `edrx_ua`"));
        notes.map(str::to_owned).collect::<Vec<_>>()
    };
    let floor =
        |scenario: &Scenario| scenario.notes.iter().any(|note| note.contains("draws 2.4 mW, as in light sleep"));
    // As asked, but for the cycles of the live network.
    let live = with("live-900mhz", &[]);
    let Radio::NbIot(config) = &live.world.networks[0].radio else { panic!("NB-IoT") };
    let edges = [0, 1].map(|level| config.levels[level].max_coupling_loss.0);
    assert_eq!((edges, config.levels[2].npdcch_rmax), ([134.0, 144.0], 32), "nrs-Power 24 dBm, RSRP -110 and -120 dBm");
    assert_eq!((granted(&live), notes(&live), floor(&live)), ((300.0, Some(10.24)), Vec::new(), true));
    assert_eq!(config.carrier_power.0, 43.0, "the scenario's own value lies over the operator's");

    let mode_2 = with("vodafone-barcelona-mode-2", &[]);
    assert_eq!((granted(&mode_2), floor(&mode_2)), ((8.0, None), false));
    let refused = "edrx: asked, the operator does not grant it: terminals listen in each paging cycle";
    assert_eq!(notes(&mode_2), ["psm.active_timer: 5min asked, the operator grants 8s", refused]);
    let psm = &mode_2.resolved["groups"]["water-meters"]["power_saving"]["psm"];
    assert_eq!(psm["granted"], serde_json::json!({"active_timer": "8s", "periodic_update": "70h"}));

    let mode_1 = with("vodafone-barcelona-mode-1", &[]);
    let unheeded = "release_assistance: as-rai asked, the network does not heed it";
    let deaf =
        "edrx: terminals are awake for 0s after a release and sleep before most of their windows, one every 81.92s";
    assert_eq!(notes(&mode_1), ["psm.active_timer: 5min asked, the operator grants 0s", deaf, unheeded]);

    // The scenario's own keys lie over the operator's.
    let own = with("vodafone-barcelona-mode-2", &["networks.city.grants={psm: false, edrx: true}"]);
    assert_eq!(granted(&own), (farlink::units::SimDuration::FOREVER.as_secs_f64(), Some(10.24)));
    assert_eq!(notes(&own), ["psm: asked, the operator grants no T3324: terminals never sleep"]);
    for scenario in [live, mode_2, mode_1, own] {
        let resolved = scenario.resolved.to_string();
        let again = scenario::parse(&resolved, "resolved", Path::new("."), &[]).unwrap_or_else(|p| panic!("{p}"));
        assert_eq!((again.world, again.resolved), (scenario.world, scenario.resolved));
    }
}

#[test]
fn operators_make_networks_that_can_be_run() {
    for operator in farlink::catalog::names(farlink::catalog::Kind::Operator) {
        let scenario = good(&[&format!("networks.city.operator={operator}")]);
        let channels = scenario.world.networks[0].radio.channels();
        assert!(channels.is_ok(), "{operator}: {channels:?}");
    }
}

/// The scenario and the path of every metric in `docs/scenario.md` are real.
#[test]
fn the_manual_is_right() {
    let manual = include_str!("../docs/scenario.md");
    let example = manual.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    scenario::parse(example, "docs/scenario.md", Path::new("."), &[]).unwrap_or_else(|problems| panic!("{problems}"));
    for metric in scenario::requirement::metrics() {
        let (path, last) = metric.rsplit_once('.').unwrap();
        let short = path.replace("groups.NAME.levels.N", "groups.NAME");
        let short = short.replace("groups.NAME.networks.NAME", "groups.NAME");
        let row = manual.lines().find(|line| {
            line.starts_with(&format!("| `{short}.")) && line.contains(&format!("`{last}`"))
                || line.starts_with(&format!("| `{short}.{last}`"))
        });
        assert!(row.is_some(), "{metric}");
    }
}
