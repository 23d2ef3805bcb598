//! What terminals do between contacts: idle mode, extended DRX, connected DRX, and how they leave the connection.

use farlink::cause::{Cause, Errand};
use farlink::power::Profile;
use farlink::radio::nbiot::config::Config;
use farlink::radio::plan::{Amount, Op, Phase, Plan, Reachable, Step};
use farlink::radio::{Edrx, Radio, ReleaseAssistance, Terms};
use farlink::traffic::dialogue::Leg;
use farlink::traffic::{Call, Rhythm};
use farlink::units::{Joules, Microwatts, SimDuration};
use farlink::world::spec::{GroupSpec, PowerSaving, WorldSpec};
use farlink::world::{Execution, Outcome};

use crate::worlds::{self, hours, ms, run};

const fn edrx(cycle_ms: u64, window_ms: u64) -> Option<Edrx> {
    Some(Edrx { cycle: SimDuration::from_millis(cycle_ms), window: SimDuration::from_millis(window_ms) })
}

/// Reports of one terminal lie far apart, so that commands come alone.
fn listeners(count: u32, every: SimDuration, drx: Option<Edrx>) -> GroupSpec {
    let mut group = worlds::group("listeners", count, hours(24), worlds::bench(120.0));
    let rhythm = Rhythm::Every(every);
    group.calls.command = Some(Call { rhythm, legs: vec![Leg::down("command", 80)], rounds: 1 });
    (group.power_saving.active_timer, group.power_saving.edrx) = (SimDuration::FOREVER, drx);
    group
}

fn one_day(group: GroupSpec, config: Config) -> Outcome {
    let mut spec = WorldSpec { warmup: SimDuration::ZERO, ..worlds::bench_world(1, vec![group]) };
    spec.networks[0].radio = Radio::NbIot(config);
    run(&spec, &Execution::default())
}

fn mean_latency(outcome: &Outcome) -> f64 {
    let commands = outcome.group(0).errand(Errand::Command).clone();
    assert!(commands.failed == 0 && commands.latency.len() > 4_000, "{}", commands.latency.len());
    commands.latency.mean() / 1e6
}

fn plan(device: &Profile, power_saving: PowerSaving, config: Config) -> Plan {
    let group = worlds::group("a", 1, hours(1), worlds::bench(120.0));
    let terms = Terms {
        device,
        position: None,
        active_timer: power_saving.active_timer,
        edrx: power_saving.edrx,
        periodic_update: power_saving.periodic_update,
        release_assistance: power_saving.release_assistance,
        dialogue: &group.traffic.dialogue,
        calls: &group.calls,
    };
    Radio::NbIot(config).plan(&terms).expect("the plan is sound")
}

fn power_saving(active_timer: SimDuration, edrx: Option<Edrx>) -> PowerSaving {
    PowerSaving { active_timer, edrx, ..worlds::group("a", 1, hours(1), worlds::bench(120.0)).power_saving }
}

#[test]
fn a_command_in_extended_drx_takes_half_a_cycle_and_the_access() {
    let mean = |drx| mean_latency(&one_day(listeners(200, hours(1), drx), worlds::nbiot()));
    // Plain DRX of 2.56 s: 1.28 s, then random access and the block.
    let access = mean(None) - 1.28;
    assert!((0.2..1.0).contains(&access), "{access}");
    // One occasion a window: uniform over the cycle.
    let one = mean(edrx(81_920, 2_560)) - access;
    assert!((one / 40.96 - 1.0).abs() < 0.04, "{one} s for 40.96 s");
    // Four occasions, 7.68 s from first to last: the wait is (81.92 − 7.68)² / 2 and 7.68 · 2.56 / 2, per cycle.
    let four = mean(edrx(81_920, 10_240)) - access;
    let expected = (74.24f64.powi(2) + 7.68 * 2.56) / 2.0 / 81.92;
    assert!((four / expected - 1.0).abs() < 0.04, "{four} s for {expected} s");
}

#[test]
fn extended_drx_draws_what_a_data_sheet_says() {
    // nRF9160 product specification, NB1, one occasion a window: 37 µA at 81.92 s, 9 µA at 655.36 s, measured at 3.7 V. The
    // floor of 5.0 µA and the charge of 2.62 mC were fitted to them, whole microwatts add up to 2 %.
    let device =
        Profile { edrx: Some(Microwatts(19)), paging: Some(Joules::from_joules(2.62e-3 * 3.7)), ..worlds::device() };
    for (cycle_ms, microamperes) in [(81_920, 37.0), (655_360, 9.0)] {
        let plan = plan(&device, power_saving(SimDuration::FOREVER, edrx(cycle_ms, 2_560)), worlds::nbiot());
        let found = f64::from(plan.rest_power(0).0) / 3.7;
        assert!((found / microamperes - 1.0).abs() < 0.04, "{found} µA for {microamperes} µA");
    }
}

#[test]
fn without_a_charge_idle_mode_is_light_sleep_search_and_reception() {
    let rest = |level, drx| {
        let plan = plan(&worlds::device(), power_saving(SimDuration::FOREVER, drx), worlds::nbiot());
        f64::from(plan.rest_power(level).0)
    };
    // 3 mW of light sleep, 87 mW more for 8 or 64 ms of each 2.56 s.
    assert!((rest(0, None) - (3_000.0 + 87_000.0 * 8.0 / 2_560.0)).abs() < 1.0);
    assert!((rest(2, None) - (3_000.0 + 87_000.0 * 64.0 / 2_560.0)).abs() < 1.0);
    // Four occasions of 64 ms after a search of 300 ms in each 81.92 s.
    let deep = 3_000.0 + 87_000.0 * (300.0 + 4.0 * 64.0) / 81_920.0;
    assert!((rest(2, edrx(81_920, 10_240)) - deep).abs() < 1.0, "{}", rest(2, edrx(81_920, 10_240)));
}

#[test]
fn terminals_without_power_saving_mode_never_sleep() {
    let outcome = one_day(listeners(50, hours(1), edrx(20_480, 2_560)), worlds::nbiot());
    let energy = outcome.group(0).energy_by_cause();
    assert_eq!(energy[Cause::Sleep.index()], 0);
    // 50 terminals for a day at the power of the tail, less what they spent connected.
    let rest = f64::from(
        plan(&worlds::device(), power_saving(SimDuration::FOREVER, edrx(20_480, 2_560)), worlds::nbiot())
            .rest_power(0)
            .0,
    );
    let share = energy[Cause::ActiveTime.index()] as f64 / (rest * 50.0 * 86_400e6);
    assert!((0.995..=1.0).contains(&share), "{share}");
    // The battery: 5 Wh at the mean power of the ledger.
    let mean_watts = energy.iter().sum::<u128>() as f64 * 1e-12 / (50.0 * 86_400.0);
    let life = outcome.lives[0].quantile(0.5) as f64 / 8_766.0;
    let expected = worlds::battery().life_years(mean_watts);
    assert!((life / expected - 1.0).abs() < 0.03, "{life} and {expected} years");
}

#[test]
fn data_for_a_connected_terminal_wait_for_its_next_on_duration() {
    let connected = |config| {
        let plan = plan(&worlds::device(), power_saving(SimDuration::ZERO, None), config);
        let tail = plan.tails.iter().find(|tail| tail.phases[0].spend.cause == Cause::Inactivity).unwrap();
        tail.phases[0].reachable
    };
    let (cycle, always) = (ms(10_240), Config { connected_drx_on: ms(2_048), ..worlds::nbiot() });
    assert_eq!(connected(worlds::nbiot()), Reachable::Occasions { period: ms(2_048) });
    assert_eq!(connected(always), Reachable::Always);
    // Terminals that never leave the connection: a report every 20 minutes, an inactivity timer of 30.
    let mean = |on| {
        let mut group = listeners(50, SimDuration::from_secs(900), None);
        worlds::rhythm(&mut group).intervals = vec![(SimDuration::from_secs(1_200), 1.0)];
        worlds::rhythm(&mut group).jitter = SimDuration::ZERO;
        group.power_saving.release_assistance = ReleaseAssistance::None;
        let inactivity = SimDuration::from_secs(1_800);
        let config = Config { inactivity, connected_drx_cycle: cycle, connected_drx_on: on, ..worlds::nbiot() };
        mean_latency(&one_day(group, config))
    };
    let waited = mean(ms(32)) - mean(cycle);
    assert!((waited - 5.12).abs() < 0.3, "{waited} s for half a cycle of 10.24 s");
}

#[test]
fn both_kinds_of_release_assistance_end_the_connection_and_cost_bytes() {
    let facts = |assistance, heeded| {
        let config = Config { release_assistance: heeded, ..worlds::nbiot() };
        let power_saving = PowerSaving { release_assistance: assistance, ..power_saving(SimDuration::ZERO, None) };
        let plan = plan(&worlds::device(), power_saving, config);
        let extra = plan.steps.iter().find_map(|step| match step {
            Step::Op(Op::Load(Amount::Message { extra })) if *extra > 0 => Some(*extra),
            _ => None,
        });
        (plan.steps.iter().any(|step| matches!(step, Step::Op(Op::Linger { .. }))), extra.unwrap())
    };
    let (lingers, plain) = facts(ReleaseAssistance::None, true);
    assert!(lingers);
    // A buffer status report of two bytes, or one byte of a NAS message, which no base station can forbid.
    assert_eq!(facts(ReleaseAssistance::AccessStratum, true), (false, plain + 2));
    assert_eq!(facts(ReleaseAssistance::AccessStratum, false), (true, plain));
    assert_eq!(facts(ReleaseAssistance::NonAccessStratum, true), (false, plain + 1));
    assert_eq!(facts(ReleaseAssistance::NonAccessStratum, false), (true, plain + 1));
}

#[test]
fn during_t3324_a_terminal_listens_in_its_windows_and_then_sleeps() {
    let half_hour = SimDuration::from_secs(1_800);
    let plan = plan(&worlds::device(), power_saving(half_hour, edrx(20_480, 5_120)), worlds::nbiot());
    let drx = Reachable::Windows { cycle: ms(20_480), window: ms(5_120), period: ms(2_560) };
    let listens = |phase: &&Phase| phase.reachable == drx && phase.span == half_hour;
    let tails = plan.tails.iter().filter(|tail| tail.phases.first().is_some_and(|phase| listens(&phase)));
    let after: Vec<Cause> = tails.map(|tail| tail.phases[1].spend.cause).collect();
    assert_eq!(after, [Cause::Sleep; 3], "per coverage level");
    assert_eq!(plan.rest_power(0), worlds::device().sleep);
}
