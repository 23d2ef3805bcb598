//! Link adaptation by history in whole runs.

use farlink::cause::Cause;
use farlink::radio::Radio;
use farlink::radio::adaptation::Adaptation;
use farlink::units::SimDuration;
use farlink::world::Execution;
use farlink::world::spec::WorldSpec;

use crate::worlds::{self, hours, run};

/// Terminals at the same loss with so much time before the counted time.
fn bench(adaptation: Adaptation, coupling_loss: f64, warmup: SimDuration) -> WorldSpec {
    let group = worlds::group("meters", 100, hours(1), worlds::bench(coupling_loss));
    let mut spec = worlds::bench_world(1, vec![group]);
    (spec.warmup, spec.duration) = (warmup, warmup + hours(24));
    let Radio::NbIot(config) = &mut spec.networks[0].radio else { panic!("NB-IoT") };
    config.adaptation = adaptation;
    spec
}

/// Seconds on the air or in retransmissions of a delivered message, in the mean.
fn sending(spec: &WorldSpec) -> f64 {
    let ledger = run(spec, &Execution::default()).group(0);
    assert!(ledger.delivered > 2_000);
    let causes = [Cause::Airtime, Cause::Repetition, Cause::Harq];
    let spent: u128 = causes.iter().map(|cause| ledger.latency_by_cause[cause.index()]).sum();
    spent as f64 / 1e6 / ledger.delivered as f64
}

const HISTORY: Adaptation = Adaptation::HarqHistory { climb_after: 3 };

#[test]
fn whoever_is_nearer_than_the_edge_of_the_level_sends_faster() {
    for near in [110.0, 148.0, 158.0] {
        let [level, history] = [Adaptation::Level, HISTORY].map(|policy| sending(&bench(policy, near, hours(1))));
        assert!(history < 0.75 * level, "{near} dB: {history} s with history, {level} s without");
    }
}

/// At the very edge there is nothing to win, and little may be lost.
#[test]
fn the_edge_of_a_level_is_served_about_as_well() {
    for edge in [144.0, 154.0, 164.0] {
        let [level, history] = [Adaptation::Level, HISTORY].map(|policy| sending(&bench(policy, edge, hours(1))));
        assert!(history < 1.15 * level, "{edge} dB: {history} s with history, {level} s without");
    }
}

/// Terminals start where a long history would have taken them, but for the step around which the loop hovers: two days
/// later it is about the same.
#[test]
fn a_run_starts_with_the_history_of_a_long_one() {
    for loss in [120.0, 141.0, 154.0] {
        let [early, late] = [hours(0), hours(48)].map(|warmup| sending(&bench(HISTORY, loss, warmup)));
        assert!((early / late - 1.0).abs() < 0.1, "{loss} dB: {early} s at first, {late} s later");
    }
}
