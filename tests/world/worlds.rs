//! Small worlds for the tests, with values of their own: no test depends on the model data.

use std::ops::ControlFlow;

use farlink::exec::setup::Start;
use farlink::network::{HexGrid, Layout};
use farlink::population::Placement;
use farlink::power::{Activity, Battery, Profile, State};
use farlink::propagation::{Building, Tr45820};
use farlink::radio::adaptation::Adaptation;
use farlink::radio::channel::Collision;
use farlink::radio::curves::Curves;
use farlink::radio::lte_access::config::{self as lte_access, Detection};
use farlink::radio::nbiot::admission::Admission;
use farlink::radio::nbiot::config::{Category, Config, Deployment, Level, Moving, Nprach, PowerControl, Spacing};
use farlink::radio::nbiot::ntn::Ntn;
use farlink::radio::plan::{Fix, Position};
use farlink::radio::{Radio, ReleaseAssistance};
use farlink::traffic::dialogue::{Dialogue, Leg};
use farlink::traffic::protocol::{Application, Coap, Credentials, Ip, Mqtt, Security, Stack, Timer};
use farlink::traffic::timing::{Burst, Periodic, Shape, Timing};
use farlink::traffic::{Call, Calls, Payload, Reports, Rhythm};
use farlink::units::{Db, Dbm, Joules, Metres, Microwatts, SimDuration, SimTime};
use farlink::world::spec::{GroupSpec, NetworkSpec, PowerSaving, WorldSpec};
use farlink::world::{self, Execution, Outcome};

/// Runs a world to its end.
pub fn run(spec: &WorldSpec, execution: &Execution) -> Outcome {
    world::run(spec, execution, |_| ControlFlow::Continue(())).expect("the world is sound")
}

pub fn ms(ms: u64) -> SimDuration {
    SimDuration::from_millis(ms)
}

pub fn hours(hours: u64) -> SimDuration {
    SimDuration::from_hours(hours)
}

/// The terminal of TR 45.820.
pub fn device() -> Profile {
    Profile {
        name: "3gpp-reference".into(),
        sleep: Microwatts(15),
        idle: Microwatts(3_000),
        edrx: None,
        paging: None,
        receive: Microwatts(90_000),
        transmit: Microwatts(545_000),
        max_tx_power: Dbm(23.0),
        transmit_at: vec![(Dbm(23.0), Microwatts(545_000))],
        noise_figure: Db(5.0),
        gnss: Some(Microwatts(37_000)),
        antenna_gain: Db(-4.0),
    }
}

pub fn battery() -> Battery {
    Battery { name: "5 Wh".into(), capacity: Joules::from_joules(18_000.0), usable: 1.0, self_discharge_per_year: 0.0 }
}

fn level(number: usize) -> Level {
    Level {
        max_coupling_loss: Db([144.0, 154.0, 164.0][number]),
        spacing: if number == 2 { Spacing::Khz3_75 } else { Spacing::Khz15 },
        nprach: Nprach {
            period: ms([320, 640, 2_560][number]),
            start: ms(8),
            subcarriers: 12,
            subcarrier_offset: [0, 12, 24][number],
            repetitions: [1, 8, 32][number],
            format: 0,
            attempts: 5,
        },
        npdcch_rmax: [8, 16, 64][number],
        npdcch_g: 2.0,
        response_window: 5,
        contention_timer: 8,
        sync: ms([24, 64, 300][number]),
        mib: ms([20, 80, 640][number]),
        information: ms([180, 320, 1_280][number]),
    }
}

pub fn nbiot() -> Config {
    Config {
        carrier_power: Dbm(43.0),
        deployment: Deployment::StandAlone,
        category: Category::Nb1,
        harq_processes: 1,
        narrow_columns: 3,
        multi_tone: true,
        non_anchor_carriers: 0,
        noise_figure: Db(3.0),
        receive_antennas: 2,
        receiver_margin: Db(3.0),
        planned_interference: Db(0.0),
        target_block_error: 0.3,
        adaptation: Adaptation::HarqHistory { climb_after: 3 },
        max_transmissions: 8,
        rlc_retransmissions: 4,
        rlc_poll_timer: ms(2_000),
        rlc_status: false,
        preamble_trans_max: 10,
        backoff: ms(2_048),
        detection_probability: 0.99,
        collision: Collision::FirstBlock,
        rsrp_error: Db(0.0),
        responses_per_message: 8,
        information_validity: hours(24),
        information_period: ms(640),
        sib1_repetitions: 8,
        si_period_ms: 640,
        si_subframes: 32,
        core_delay: ms(27),
        server_delay: ms(50),
        inactivity: SimDuration::from_secs(20),
        release_wait: ms(0),
        release_assistance: true,
        proactive_grants: false,
        connected_drx_cycle: ms(2_048),
        connected_drx_on: ms(32),
        paging_cycle: ms(2_560),
        paging_cells: 1,
        paging_by_level: true,
        paging_repetitions: 2,
        first_search: ms(5_000),
        search: ms(60_000),
        search_pause: ms(300_000),
        search_pause_longest: hours(12),
        registration_retry: ms(720_000),
        invalid_subframes: Vec::new(),
        downlink_gap: None,
        power_control: Some(PowerControl {
            p0: Dbm(-80.0),
            alpha: 0.8,
            preamble_target: Dbm(-104.0),
            ramping_step: Db(2.0),
            msg3_delta: Db(0.0),
        }),
        admission: Admission::default(),
        ntn: None,
        moving: Moving { hysteresis: Db(4.0), measurement: ms(100), link_failure: ms(1_000), area_sites: 1 },
        levels: [level(0), level(1), level(2)],
    }
}

/// A satellite that passes signals on, with service and feeder link at 10 degrees.
pub fn satellite(round_trip_us: u64, validity_s: u64) -> Ntn {
    Ntn {
        release: 17,
        round_trip: SimDuration(round_trip_us),
        sync_validity: SimDuration::from_secs(validity_s),
        assistance_period: ms(640),
        assistance: ms(80),
        doppler_hypotheses: 1,
        harq_feedback: true,
    }
}

/// In geostationary orbit.
pub fn geostationary() -> Ntn {
    satellite(541_457, 240)
}

/// A fix of a second, of five and of half a minute: within two hours, a week, and later.
pub fn position(validity: SimDuration) -> Position {
    let fix = |seconds, within| Fix { takes: SimDuration::from_secs(seconds), within };
    let activity = Activity { state: State::Receive, power: Microwatts(37_000) };
    Position { validity, hot: fix(1, hours(2)), warm: fix(5, hours(168)), cold: SimDuration::from_secs(30), activity }
}

pub fn air() -> Tr45820 {
    Tr45820 {
        shadowing_sigma: Db(8.0),
        site_correlation: 0.5,
        shadowing_correlation: Metres(110.0),
        site_antenna_gain: Db(18.0),
        feeder_loss: Db(3.0),
        beamwidth_deg: 65.0,
        front_to_back: Db(20.0),
        building: Building::Scenario1,
        neighbour_activity: 0.5,
        uplink_noise_rise: Db(1.0),
        temporal_sigma: Db(2.0),
    }
}

/// Daily reports of 50 bytes, half of them answered.
pub fn reports(every: SimDuration) -> Reports {
    Reports {
        timing: Timing::Periodic(Periodic { intervals: vec![(every, 1.0)], jitter: every }),
        payload: Payload::Fixed(50),
        overhead_bytes: 65,
        answered: 0.5,
        dialogue: Dialogue::plain(65),
    }
}

/// The rhythm of a group's reports, for changes.
pub fn rhythm(group: &mut GroupSpec) -> &mut Periodic {
    match &mut group.traffic.timing {
        Timing::Periodic(periodic) => periodic,
        Timing::Once(_) => panic!("{} reports once", group.name),
    }
}

pub fn group(name: &str, count: u32, every: SimDuration, placement: Placement) -> GroupSpec {
    GroupSpec {
        name: name.into(),
        count,
        network: 0,
        device: device(),
        battery: battery(),
        placement,
        traffic: reports(every),
        gathering: None,
        position: None,
        calls: Calls::default(),
        start: Start::Attached,
        motion: None,
        alternatives: None,
        power_saving: PowerSaving {
            active_timer: SimDuration::from_secs(10),
            edrx: None,
            periodic_update: hours(80),
            release_assistance: ReleaseAssistance::AccessStratum,
        },
    }
}

/// Terminals that register during the first hour, hear commands, load software and need periodic updates.
pub fn busy_with_errands(name: &str, count: u32, placement: Placement) -> GroupSpec {
    let mut group = group(name, count, hours(3), placement);
    let minutes = |minutes: u64| SimDuration::from_secs(60 * minutes);
    group.start = Start::SwitchedOn { at: SimTime::ZERO, spread: minutes(60) };
    group.power_saving.periodic_update = minutes(50);
    group.calls = Calls {
        command: Some(Call {
            rhythm: Rhythm::Every(minutes(25)),
            legs: vec![Leg::down("command", 80), Leg::up("answer", 70)],
            rounds: 1,
        }),
        download: Some(Call {
            rhythm: Rhythm::Once { at: SimTime::ZERO + hours(2), spread: minutes(60) },
            legs: vec![Leg::up("request", 65), Leg::down("block", 577)],
            rounds: 7,
        }),
    };
    group
}

/// Terminals that speak these protocols around reports of 50 bytes.
pub fn speaking(name: &str, count: u32, every: SimDuration, placement: Placement, stack: &Stack) -> GroupSpec {
    let mut group = group(name, count, every, placement);
    group.traffic.overhead_bytes = stack.report_overhead(50);
    group.traffic.dialogue = stack.dialogue(50, 10);
    group
}

/// A confirmable CoAP client whose first wait is `first`.
pub fn coap(first: SimDuration) -> Coap {
    Coap { confirmable: true, token_bytes: 4, option_bytes: 8, timer: Timer { first, ..Timer::COAP } }
}

/// Over IPv4 behind a translator that closes paths after five minutes.
pub fn stack(security: Security, application: Application) -> Stack {
    Stack { ip: Ip::V4, security, application, nat_timeout: Some(SimDuration::from_secs(300)) }
}

/// DTLS with a pre-shared key.
pub fn dtls(connection_id: Option<u32>) -> Security {
    Security::Dtls { connection_id, credentials: Credentials::Psk, resumption: false }
}

/// An MQTT client that asks for acknowledgements.
pub fn mqtt(keep_alive: SimDuration) -> Application {
    Application::Mqtt(Mqtt { acknowledged: true, keep_alive, topic_bytes: 16, client_id_bytes: 23 })
}

pub fn bench(coupling_loss: f64) -> Placement {
    Placement::Bench { coupling_loss: Db(coupling_loss) }
}

/// Groups on a bench of so many cells.
pub fn bench_world(cells: u32, groups: Vec<GroupSpec>) -> WorldSpec {
    WorldSpec {
        seed: 1,
        duration: hours(24),
        warmup: hours(1),
        networks: vec![NetworkSpec {
            name: "bench".into(),
            radio: Radio::NbIot(nbiot()),
            curves: Curves::default(),
            layout: Layout::Bench { cells },
            propagation: air(),
            interference_window: None,
            outages: Vec::new(),
        }],
        groups,
    }
}

/// Random access of an LTE cell after TR 37.868.
pub fn lte_access() -> lte_access::Config {
    lte_access::Config {
        opportunity_period: ms(5),
        preambles: 54,
        preamble_trans_max: 10,
        detection: Detection::Ramping,
        preamble_processing: ms(2),
        response_window: ms(5),
        grants_per_subframe: 3,
        response_processing: ms(5),
        msg3_processing: ms(4),
        harq_loss: 0.1,
        harq_transmissions: 5,
        msg3_round_trip: ms(8),
        msg4_round_trip: ms(5),
        contention_timer: ms(48),
        backoff: ms(20),
        barring_factor: 1.0,
        barring_time: ms(4_000),
    }
}

/// Terminals of one LTE cell that all report once within `spread`, a run as long as that.
pub fn overload_world(config: lte_access::Config, count: u32, spread: SimDuration, shape: Shape) -> WorldSpec {
    let mut group = group("terminals", count, hours(1), bench(120.0));
    group.traffic.timing = Timing::Once(Burst { at: SimTime::ZERO, spread, shape });
    let mut spec = bench_world(1, vec![group]);
    spec.networks[0].radio = Radio::LteAccess(config);
    (spec.duration, spec.warmup) = (spread, ms(0));
    spec
}

/// A city of `rings` rings of three-sector sites with `count` indoor meters.
pub fn city(rings: u32, count: u32) -> WorldSpec {
    let placement = Placement::Uniform { indoor_fraction: 1.0 };
    WorldSpec {
        seed: 7,
        duration: hours(24),
        warmup: hours(2),
        networks: vec![NetworkSpec {
            name: "city".into(),
            radio: Radio::NbIot(nbiot()),
            curves: Curves::default(),
            layout: Layout::HexGrid(HexGrid { rings, inter_site_distance: Metres(1_732.0), sectors: 3 }),
            propagation: air(),
            interference_window: None,
            outages: Vec::new(),
        }],
        groups: vec![group("meters", count, hours(6), placement)],
    }
}
