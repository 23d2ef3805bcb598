//! Gateways, whose reports are messages of several sensors: the same contacts, told as messages.

use farlink::cause::Cause;
use farlink::metrics::recorder::Ledger;
use farlink::traffic::gathering::Gathering;
use farlink::units::{Joules, SimDuration};
use farlink::world::Execution;
use farlink::world::spec::WorldSpec;

use crate::worlds::{self, hours, run};

const MESSAGES: u64 = 10;
const APART: SimDuration = SimDuration::from_secs(360);

fn ledger(gathering: Option<Gathering>) -> Ledger {
    // Some of the gateways are at the edge, and lose reports.
    let mut edge = worlds::group("edge", 30, hours(1), worlds::bench(163.5));
    let mut far = worlds::group("far", 5, hours(1), worlds::bench(170.0));
    (edge.gathering, far.gathering) = (gathering, gathering);
    let spec = WorldSpec { duration: hours(24), ..worlds::bench_world(2, vec![edge, far]) };
    let outcome = run(&spec, &Execution::default());
    let mut sum = outcome.group(0);
    sum.merge(&outcome.group(1));
    sum
}

#[test]
fn each_report_is_its_messages() {
    let (receive, local) = (Joules::from_joules(1e-3), Joules::from_joules(2e-3));
    let reports = ledger(None);
    let messages = ledger(Some(Gathering { messages: MESSAGES as u32, apart: APART, receive, local }));
    assert!(reports.delivered > 600 && reports.lost.iter().sum::<u64>() > 100);
    assert_eq!(messages.delivered, MESSAGES * reports.delivered);
    assert_eq!(messages.unfinished, MESSAGES * reports.unfinished);
    assert_eq!(messages.lost, reports.lost.map(|lost| MESSAGES * lost));
    // The last of ten messages, six minutes apart, does not wait, and the first waits for 54 minutes.
    let gathered = messages.latency_by_cause[Cause::Gathered.index()];
    assert_eq!(gathered, u128::from(messages.delivered) * 27 * 60_000_000);
    for &cause in Cause::ALL.iter().filter(|cause| **cause != Cause::Gathered) {
        let (of_messages, of_reports) = (&messages.latency_by_cause, &reports.latency_by_cause);
        assert_eq!(of_messages[cause.index()], u128::from(MESSAGES) * of_reports[cause.index()], "{cause}");
    }
    assert_eq!(messages.message_energy.len(), MESSAGES * reports.message_energy.len());
    // What a report costs is shared, and each message costs 3 mJ on its way to the gateway. Each is rounded to a microjoule.
    let (of_messages, of_reports) = (messages.message_energy.sum() as f64, reports.message_energy.sum() as f64);
    let local = 3_000.0 * messages.message_energy.len() as f64;
    assert!((of_messages - of_reports - local).abs() < messages.message_energy.len() as f64, "{of_messages} uJ");
}
