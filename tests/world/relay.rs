//! What satellites do with what comes up: passing on, serving while they see a gateway, keeping it until they do.

use std::ops::ControlFlow;

use farlink::cause::{Cause, Errand, Loss};
use farlink::exec::setup::{Executor, Start};
use farlink::geometry::earth::{Geodetic, Place};
use farlink::metrics::records::{MessageRecord, Sinks};
use farlink::network::{Constellation, Gateways, Layout, Relay, Storage};
use farlink::orbit::passes::Window;
use farlink::orbit::{Pattern, Walker};
use farlink::units::{SimDuration, SimTime};
use farlink::world::spec::WorldSpec;
use farlink::world::{self, Execution};

use crate::overhead::{EPOCH, SIX_PLANES, buoys, constellation, windows, world};
use crate::worlds::{hours, run};

const SVALBARD: Geodetic = Geodetic { latitude_deg: 78.2, longitude_deg: 15.4, altitude_km: 0.0 };
const STORE: Storage = Storage { memory: 1_000_000, attach_contacts: 3, wait: SimDuration::from_secs(900) };

/// Between the polar circles, and where satellites see the gateway too.
const ALL: [f64; 2] = [-60.0, 60.0];
const NORTH: [f64; 2] = [65.0, 80.0];

fn with_gateway(relay: Relay) -> Constellation {
    let gateways = Gateways { places: vec![SVALBARD], min_elevation_deg: 5.0, relay };
    Constellation { gateways: Some(gateways), ..constellation(SIX_PLANES, 10.0) }
}

/// Reports from the seas between these latitudes, and what became of each.
fn reports(constellation: Constellation, latitudes_deg: [f64; 2]) -> (WorldSpec, Vec<MessageRecord>) {
    let spec = world(constellation, buoys(40, hours(2), latitudes_deg, [-180.0, 180.0]));
    let spec = WorldSpec { duration: hours(48), ..spec };
    let mut messages: Vec<MessageRecord> = Vec::new();
    let sinks = Sinks { messages: Some(&mut messages), terminals: None };
    world::run_recorded(&spec, &Execution::default(), |_| ControlFlow::Continue(()), sinks).expect("a sound world");
    assert!(messages.len() > 300, "{}", messages.len());
    (spec, messages)
}

/// When each satellite sees the gateway, by the plain search: surely, and at most. Paths are straight between knots, which is wrong by
/// 100 m at most, 0.003 degrees for a satellite that rises.
fn at_the_gateway(spec: &WorldSpec) -> [Vec<Window>; 2] {
    let gateway = Place::on_ellipsoid(SVALBARD);
    [5.005, 4.995].map(|degrees| windows(spec, &constellation(SIX_PLANES, degrees), &gateway))
}

#[test]
fn what_is_stored_comes_down_at_the_next_gateway_and_no_earlier() {
    let (spec, messages) = reports(with_gateway(Relay::StoreAndForward(STORE)), ALL);
    let [surely, at_most] = at_the_gateway(&spec);
    let mut stored = 0;
    for message in messages.iter().filter(|message| message.loss.is_none()) {
        let spent = |cause: Cause| message.time[cause.index()];
        assert_eq!(message.time.iter().copied().sum::<SimDuration>(), message.ended.since(message.born));
        let down = EPOCH.plus((message.ended.0 - spent(Cause::Feeder).0) as f64 / 1e6);
        let up = down.plus(-spent(Cause::Storage).as_secs_f64());
        let own = |contact: &&Window| contact.satellite == message.cell;
        assert!(at_most.iter().filter(own).any(|contact| contact.start <= down && down <= contact.end), "{message:?}");
        let missed = |contact: &Window| contact.start < down && up < contact.end && up < down;
        assert!(!surely.iter().filter(own).any(missed), "{message:?}");
        // From 600 km overhead to 5 degrees: 2329 km over a sphere, some more over the pole, where the Earth is flat.
        let feeder = spent(Cause::Feeder).as_secs_f64() * 1e3;
        assert!((2.0..8.0).contains(&feeder), "{feeder}");
        stored += u32::from(spent(Cause::Storage) > SimDuration::ZERO);
    }
    assert!(stored > 200, "{stored}");
}

#[test]
fn without_storage_satellites_serve_while_they_see_a_gateway() {
    for relay in [Relay::Transparent, Relay::Regenerative] {
        let regenerative = relay == Relay::Regenerative;
        let (spec, messages) = reports(with_gateway(relay), NORTH);
        let [_, at_most] = at_the_gateway(&spec);
        let (delivered, lost): (Vec<_>, Vec<_>) = messages.iter().partition(|message| message.loss.is_none());
        assert!(lost.len() * 10 < delivered.len(), "{} {}", lost.len(), delivered.len());
        for message in delivered {
            let ended = EPOCH.plus(message.ended.0 as f64 / 1e6);
            // What was sent while the satellite saw the gateway may arrive a little later.
            let sent = ended.plus(-1.0);
            let seen =
                |contact: &Window| contact.satellite == message.cell && contact.start <= ended && sent <= contact.end;
            assert!(at_most.iter().any(seen), "{message:?}");
            assert_eq!(message.time[Cause::Feeder.index()] > SimDuration::ZERO, regenerative);
            assert_eq!(message.time[Cause::Storage.index()], SimDuration::ZERO);
        }
    }
}

#[test]
fn links_between_satellites_reach_a_gateway_from_everywhere() {
    let walker = Walker {
        pattern: Pattern::Star,
        satellites: 66,
        planes: 6,
        phasing: 2.0,
        inclination_deg: 86.4,
        altitude_km: 780.0,
        ..SIX_PLANES
    };
    let (_, messages) = reports(
        Constellation { satellites: walker.satellites("star", EPOCH).collect(), ..with_gateway(Relay::Linked(walker)) },
        ALL,
    );
    let delivered = messages.iter().filter(|message| message.loss.is_none());
    let mean = |cause: Cause| {
        let all: Vec<f64> = delivered.clone().map(|message| message.time[cause.index()].as_secs_f64()).collect();
        all.iter().sum::<f64>() / all.len() as f64
    };
    // Somebody is in sight of a satellite nearly always.
    assert!(mean(Cause::Satellite) < 30.0, "{}", mean(Cause::Satellite));
    // A neighbour in the plane is 4033 km or 13.454 ms away. The gateway is in the far north, the buoys are anywhere: one hop to the
    // most that half a plane has.
    let hops = mean(Cause::SatelliteLinks) * 1e3 / 13.454;
    assert!((1.0..5.5).contains(&hops), "{hops}");
    assert_eq!(mean(Cause::Storage), 0.0);
}

#[test]
fn memory_on_board_is_finite() {
    let few = Storage { memory: 300, ..STORE };
    let (_, messages) = reports(with_gateway(Relay::StoreAndForward(few)), ALL);
    let full = messages.iter().filter(|message| message.loss == Some(Loss::StorageFull)).count();
    assert!(full > 20 && full < messages.len() / 2, "{full} of {}", messages.len());
}

#[test]
fn registering_over_satellites_that_store_takes_several_passes() {
    let attach = |contacts| {
        let store = Storage { attach_contacts: contacts, ..STORE };
        let mut group = buoys(40, hours(2), ALL, [-180.0, 180.0]);
        group.start = Start::SwitchedOn { at: SimTime::ZERO, spread: hours(2) };
        let spec = world(with_gateway(Relay::StoreAndForward(store)), group);
        let mut ledger =
            run(&WorldSpec { warmup: SimDuration::ZERO, duration: hours(72), ..spec }, &Execution::default()).group(0);
        let attach = ledger.errand(Errand::Attach);
        assert_eq!(attach.latency.len(), 40, "{contacts}");
        attach.latency.mean() / 3.6e9
    };
    let means = [1, 2, 3].map(attach);
    // One contact: minutes. Each further one: to the gateway, and back over the terminal.
    assert!(means[0] < 1.0 && means[1] > means[0] + 1.0 && means[2] > means[1] + 1.0, "{means:?} h");
}

#[test]
fn threads_do_not_show() {
    let spec = world(with_gateway(Relay::StoreAndForward(STORE)), buoys(500, hours(2), ALL, [-180.0, 180.0]));
    let spec = WorldSpec { duration: hours(12), ..spec };
    let expected = run(&spec, &Execution::default());
    assert!(expected.group(0).delivered > 500);
    for threads in [2, 3, 8] {
        let other = run(&spec, &Execution { threads, ..Execution::default() });
        assert_eq!((other.tally, &other.ledgers), (expected.tally, &expected.ledgers), "{threads} threads");
    }
    let step_by_step = run(&spec, &Execution { executor: Executor::Interpreted, ..Execution::default() });
    assert_eq!(step_by_step.ledgers, expected.ledgers, "step by step");
}

#[test]
fn constellations_without_gateways_are_as_before() {
    let spec = world(constellation(SIX_PLANES, 10.0), buoys(40, hours(2), ALL, [-180.0, 180.0]));
    assert!(matches!(&spec.networks[0].layout, Layout::Satellites(sky) if sky.gateways.is_none()));
    let ledger = run(&spec, &Execution::default()).group(0);
    let way = [Cause::Storage, Cause::SatelliteLinks, Cause::Feeder];
    assert_eq!(way.map(|cause| ledger.latency_by_cause[cause.index()]), [0; 3]);
}
