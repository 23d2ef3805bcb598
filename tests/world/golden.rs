//! What one terminal alone in a cell does, stretch by stretch, in each procedure: the tables of `tests/golden`.
//! `FARLINK_BLESS=1 cargo test --test world golden` writes them anew: read them before you commit them. How to read one
//! stands in `docs/traces.md`.

use std::fs;
use std::path::Path;

use farlink::cause::{Cause, Errand};
use farlink::exec::outage::Outage;
use farlink::exec::setup::{Executor, Start};
use farlink::exec::trace::Stretch;
use farlink::power::State;
use farlink::radio::channel::Resource;
use farlink::radio::nbiot::admission::{Admission, Barring, Connection, EarlyData, EarlyLevel, Preconfigured, Reject};
use farlink::radio::nbiot::config::Config;
use farlink::radio::{Edrx, Radio, ReleaseAssistance};
use farlink::traffic::dialogue::Leg;
use farlink::traffic::protocol::{Application, Security};
use farlink::traffic::timing::Periodic;
use farlink::traffic::{Call, Rhythm};
use farlink::units::{Db, SimDuration, SimTime};
use farlink::world::Execution;
use farlink::world::spec::{GroupSpec, WorldSpec};

use crate::worlds::{self, hours, ms, run};

const fn seconds(seconds: u64) -> SimDuration {
    SimDuration::from_secs(seconds)
}

/// One terminal that reports every hour, unanswered, and is released at once into PSM.
fn meter(loss: f64) -> GroupSpec {
    let mut group = worlds::group("meter", 1, hours(1), worlds::bench(loss));
    (group.traffic.overhead_bytes, group.traffic.answered) = (29, 0.0);
    group.power_saving.active_timer = SimDuration::ZERO;
    group
}

fn world(config: Config, group: GroupSpec) -> WorldSpec {
    let mut spec = worlds::bench_world(1, vec![group]);
    spec.networks[0].radio = Radio::NbIot(config);
    (spec.warmup, spec.duration) = (SimDuration::ZERO, hours(48));
    spec
}

fn usual(group: GroupSpec) -> WorldSpec {
    world(worlds::nbiot(), group)
}

fn over(admission: Admission, group: GroupSpec) -> WorldSpec {
    world(Config { admission, ..worlds::nbiot() }, group)
}

/// A contact with the network between two rests.
struct Contact(Vec<Stretch>);

impl Contact {
    /// When the terminal set out.
    fn begin(&self) -> SimTime {
        self.0.iter().find(|stretch| stretch.errand.is_some()).expect("a contact is part of it").start
    }

    fn is(&self, errand: Errand) -> bool {
        self.0.iter().any(|stretch| stretch.errand == Some(errand))
    }

    fn has(&self, cause: Cause) -> bool {
        self.0.iter().any(|stretch| stretch.cause == cause)
    }

    fn does(&self, what: &str) -> bool {
        self.0.iter().any(|stretch| stretch.doing.what.starts_with(what))
    }
}

/// What the first terminal did, contact by contact.
fn contacts(spec: &WorldSpec) -> Vec<Contact> {
    let execution = Execution { executor: Executor::Interpreted, traced: vec![(0, 0)], ..Execution::default() };
    let mut stretches = run(spec, &execution).stretches;
    stretches.sort_by_key(|stretch| stretch.start);
    let parts: Vec<&[Stretch]> = stretches.chunk_by(|a, b| a.errand.is_some() == b.errand.is_some()).collect();
    let between = parts.windows(3).filter(|parts| parts[1][0].errand.is_some());
    between.map(|parts| Contact(parts.concat())).collect()
}

/// Milliseconds with all their microseconds.
fn millis(us: i128) -> String {
    format!("{}{}.{:03}", if us < 0 { "-" } else { "" }, us.abs() / 1_000, us.abs() % 1_000)
}

fn table(spec: &WorldSpec, contact: &Contact) -> String {
    let radio = &spec.networks[0].radio;
    let begin = i128::from(contact.begin().0);
    let titles = ["start ms", "SFN.sub", "length ms", "channel", "state", "cause", "step", "clause"];
    let mut rows = vec![titles.map(str::to_owned)];
    rows.extend(contact.0.iter().map(|stretch| {
        let Stretch { start, end, doing, resource, cause, activity, .. } = stretch;
        [
            millis(i128::from(start.0) - begin),
            format!("{}.{}", start.0 / 10_000 % 1_024, start.0 / 1_000 % 10),
            millis(i128::from(end.since(*start).0)),
            radio.channel_name(*resource).to_owned(),
            format!("{:?}", activity.state).to_lowercase(),
            cause.name().to_owned(),
            doing.what.to_owned(),
            doing.clause.to_owned(),
        ]
    }));
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; 8] = std::array::from_fn(width);
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| match column {
            0..3 => format!("{cell:>width$}"),
            _ => format!("{cell:<width$}"),
        });
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

/// Compares the first contact that fits with the table of this name. Alone in a cell a terminal meets no queue.
fn golden(name: &str, spec: &WorldSpec, fits: impl Fn(&Contact) -> bool) {
    let contacts = contacts(spec);
    let contact = contacts.iter().find(|contact| fits(contact)).unwrap_or_else(|| panic!("{name}: no such contact"));
    assert!(contact.0.windows(2).all(|pair| pair[0].end == pair[1].start), "{name}: a gap");
    let transmits = |stretch: &Stretch| stretch.activity.state == State::Transmit;
    assert!(contact.0.iter().all(|stretch| !transmits(stretch) || stretch.errand.is_some()), "{name}");
    let found = table(spec, contact);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name).with_extension("txt");
    if std::env::var_os("FARLINK_BLESS").is_some() {
        renew_example(&path, &found);
        fs::write(&path, &found).expect("the table can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    // Alone in its cell a terminal is postponed around broadcast and NPRACH, and meets no queue for a grant.
    let queues = |stretch: &Stretch| stretch.cause == Cause::Queueing && stretch.activity.state == State::Monitor;
    assert!(spec.groups.len() > 1 || !contact.0.iter().any(queues), "{name}: a queue in an empty cell");
    assert!(found == expected, "{name}: another sequence than in {}:\n{found}", path.display());
}

const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/traces.md");

/// Writes a table anew where the guide shows it.
fn renew_example(path: &Path, found: &str) {
    let (old, guide) = (fs::read_to_string(path).unwrap_or_default(), fs::read_to_string(GUIDE).expect("a guide"));
    if !old.is_empty() && guide.contains(&old) {
        fs::write(GUIDE, guide.replace(&old, found)).expect("the guide can be written");
    }
}

#[test]
fn golden_example_in_the_guide() {
    golden("report-resume", &usual(meter(130.0)), later);
    let table = include_str!("../golden/report-resume.txt");
    let guide = fs::read_to_string(GUIDE).expect("a guide");
    assert!(std::env::var_os("FARLINK_BLESS").is_some() || guide.contains(table), "docs/traces.md shows another table");
}

/// A contact in which nothing is left of the start of the run.
fn later(contact: &Contact) -> bool {
    contact.begin() > SimTime::ZERO + hours(2)
}

fn early(refused: f64) -> Admission {
    let levels = [EarlyLevel { max_tbs: 1_000, subcarriers: 4 }; 3];
    Admission { early_data: Some(EarlyData { refused, levels }), ..Admission::default() }
}

#[test]
fn golden_report_over_a_satellite() {
    let mut group = meter(150.0);
    group.position = Some(worlds::position(seconds(600)));
    let config = Config { ntn: Some(worlds::geostationary()), ..worlds::nbiot() };
    golden("report-geostationary", &world(config, group), |contact| later(contact) && !contact.has(Cause::Harq));
}

fn command(group: &mut GroupSpec, every: SimDuration) {
    let legs = vec![Leg::down("command", 80), Leg::up("answer to the command", 70)];
    group.calls.command = Some(Call { rhythm: Rhythm::Every(every), legs, rounds: 1 });
}

/// A terminal whose reports are too rare to meet its commands.
fn listener(edrx: Option<Edrx>) -> GroupSpec {
    let mut group = meter(130.0);
    worlds::rhythm(&mut group).intervals = vec![(hours(24), 1.0)];
    (group.power_saving.active_timer, group.power_saving.edrx) = (SimDuration::FOREVER, edrx);
    command(&mut group, hours(1));
    group
}

fn speaking(loss: f64, every: SimDuration, security: Security, application: Application) -> WorldSpec {
    let mut group = worlds::speaking("meter", 1, every, worlds::bench(loss), &worlds::stack(security, application));
    group.power_saving.active_timer = SimDuration::ZERO;
    usual(group)
}

#[test]
fn golden_attach() {
    let mut group = meter(130.0);
    group.start = Start::SwitchedOn { at: SimTime::ZERO + seconds(60), spread: seconds(60) };
    golden("attach", &usual(group), |contact| contact.is(Errand::Attach));
}

#[test]
fn golden_reports_by_resume() {
    let mut group = meter(130.0);
    group.traffic.answered = 1.0;
    golden("report-resume-answered", &usual(group), later);
    golden("report-resume-deep", &usual(meter(164.0)), later);
}

#[test]
fn golden_reports_by_other_connections() {
    for (name, connection) in
        [("report-service-request", Connection::ServiceRequest), ("report-control-plane", Connection::ControlPlane)]
    {
        let admission = Admission { connection, ..Admission::default() };
        golden(name, &over(admission, meter(130.0)), later);
    }
    let admission = Admission { resume_failure: 1.0, ..Admission::default() };
    golden("report-resume-failed", &over(admission, meter(130.0)), later);
}

#[test]
fn golden_early_data() {
    golden("early-data", &over(early(0.0), meter(130.0)), later);
    golden("early-data-refused", &over(early(1.0), meter(130.0)), later);
    let connection = Connection::ControlPlane;
    golden("early-data-control-plane", &over(Admission { connection, ..early(0.0) }, meter(130.0)), later);
    let mut group = meter(130.0);
    group.traffic.overhead_bytes = 65;
    golden("early-data-too-large", &over(early(0.0), group), later);
}

#[test]
fn golden_preconfigured_uplink() {
    let preconfigured = Some(Preconfigured { period: seconds(600), max_tbs: 1_000, tolerance: Db(6.0) });
    let admission = Admission { preconfigured, ..Admission::default() };
    golden("preconfigured-uplink", &over(admission.clone(), meter(130.0)), later);
    let mut spec = over(admission, meter(130.0));
    let mut city = worlds::city(0, 1);
    spec.networks[0].layout = city.networks.remove(0).layout;
    spec.groups[0].placement = city.groups.remove(0).placement;
    spec.networks[0].propagation.temporal_sigma = Db(4.0);
    let used = |contact: &Contact| contact.does("report in the preconfigured uplink resource");
    let falls_back = |contact: &Contact| later(contact) && contact.does("Msg1") && !contact.has(Cause::Harq);
    golden("preconfigured-uplink-unheard", &spec, |contact| used(contact) && falls_back(contact));
    golden("preconfigured-uplink-moved", &spec, |contact| !used(contact) && falls_back(contact));
}

#[test]
fn golden_update() {
    let mut group = meter(130.0);
    worlds::rhythm(&mut group).intervals = vec![(hours(24), 1.0)];
    group.power_saving.periodic_update = hours(5);
    golden("tracking-area-update", &usual(group), |contact| contact.is(Errand::TrackingAreaUpdate));
}

#[test]
fn golden_commands() {
    let called = |contact: &Contact| contact.is(Errand::Command);
    golden("command-idle-drx", &usual(listener(None)), called);
    let edrx = Edrx { cycle: ms(81_920), window: ms(10_240) };
    golden("command-edrx", &usual(listener(Some(edrx))), called);
    let mut group = meter(130.0);
    command(&mut group, hours(6));
    golden("command-asleep", &usual(group), called);
}

#[test]
fn golden_download() {
    let mut group = meter(130.0);
    let legs = vec![Leg::up("block request", 65), Leg::down("block", 577)];
    let rhythm = Rhythm::Once { at: SimTime::ZERO + hours(3), spread: hours(2) };
    group.calls.download = Some(Call { rhythm, legs, rounds: 3 });
    golden("download", &usual(group), |contact| contact.is(Errand::Download));
}

#[test]
fn golden_expired_information() {
    let mut group = meter(130.0);
    worlds::rhythm(&mut group).intervals = vec![(hours(36), 1.0)];
    golden("report-expired-information", &usual(group), |contact| contact.has(Cause::SystemInformation));
}

#[test]
fn golden_failures_of_access_and_blocks() {
    let mut config = Config { detection_probability: 0.3, ..worlds::nbiot() };
    config.levels[0].nprach.attempts = 2;
    let levels = |contact: &Contact| {
        let preambles = contact.0.iter().filter(|stretch| stretch.resource == Resource::Preamble);
        let mut lengths: Vec<u64> = preambles.map(|stretch| stretch.end.since(stretch.start).0).collect();
        lengths.dedup();
        lengths.len() == 2
    };
    golden("access-escalation", &world(config, meter(130.0)), levels);
    golden("harq", &usual(meter(154.0)), |contact| contact.has(Cause::Harq));
    let once = Config { max_transmissions: 1, ..worlds::nbiot() };
    let polls =
        |contact: &Contact| contact.0.iter().any(|at| at.cause == Cause::Harq && at.end.since(at.start) == ms(2_000));
    golden("rlc-retransmission", &world(once, meter(154.0)), polls);
}

#[test]
fn golden_overload() {
    let barring = Barring { rotation: seconds(60), classes: [5; 3] };
    let admission = Admission { barring, ..Admission::default() };
    golden("barring", &over(admission, meter(130.0)), |contact| contact.has(Cause::Barred));
    // Only load rejects: a hundred others load software.
    let reject = Some(Reject { above: ms(8), wait: seconds(20) });
    let mut spec = over(Admission { reject, ..Admission::default() }, meter(130.0));
    let mut others = worlds::group("others", 100, seconds(60), worlds::bench(130.0));
    others.traffic.answered = 1.0;
    spec.groups.push(others);
    spec.duration = hours(12);
    golden("reject", &spec, |contact| contact.has(Cause::Rejected));
}

#[test]
fn golden_release() {
    let mut group = meter(130.0);
    group.power_saving.release_assistance = ReleaseAssistance::None;
    group.power_saving.active_timer = seconds(10);
    golden("inactivity", &usual(group.clone()), later);
    worlds::rhythm(&mut group).intervals = vec![(seconds(10), 1.0)];
    worlds::rhythm(&mut group).jitter = SimDuration::ZERO;
    golden("report-in-connection", &usual(group), |contact| contact.does("Msg3 C-RNTI"));
}

#[test]
fn golden_outage() {
    // One report falls into the outage.
    let mut group = meter(130.0);
    *worlds::rhythm(&mut group) = Periodic { intervals: vec![(hours(4), 1.0)], jitter: SimDuration::ZERO };
    let mut spec = usual(group);
    let (begin, end) = (SimTime::ZERO + hours(6), SimTime::ZERO + hours(10));
    spec.networks[0].outages = vec![Outage { begin, end, restart: None }];
    golden("outage", &spec, |contact| {
        contact.0.iter().take_while(|at| at.errand.is_none()).any(|at| at.cause == Cause::Search)
    });
}

#[test]
fn golden_protocols() {
    let coap = |first| Application::Coap(worlds::coap(seconds(first)));
    let repeated = |contact: &Contact| contact.has(Cause::RepeatedRequest);
    golden("coap-spurious-copy", &speaking(164.0, hours(2), Security::None, coap(4)), repeated);
    let mut fragile = speaking(164.0, hours(2), Security::None, coap(30));
    fragile.networks[0].radio =
        Radio::NbIot(Config { max_transmissions: 1, rlc_retransmissions: 0, ..worlds::nbiot() });
    golden("coap-lost-report", &fragile, repeated);
    let opened = |contact: &Contact| contact.has(Cause::Handshake);
    golden("dtls-handshake", &speaking(130.0, hours(2), worlds::dtls(None), coap(60)), opened);
    let kept = |contact: &Contact| contact.is(Errand::KeepAlive);
    golden("mqtt-keep-alive", &speaking(130.0, hours(2), Security::None, worlds::mqtt(seconds(240))), kept);
}
