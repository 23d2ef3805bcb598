//! The NB-IoT network of the model data: what its parameters come to.

use std::path::Path;

use farlink::radio::calendar::Lane;
use farlink::radio::channel::{Channels, Link, LinkClass, PowerRule};
use farlink::radio::compile::Segment;
use farlink::radio::nbiot::config::Config;
use farlink::radio::nbiot::link;
use farlink::radio::plan::Step;
use farlink::radio::{Radio, Terms};
use farlink::report::text::{Look, link::render};
use farlink::rng::Probability;
use farlink::units::{Db, SimDuration};
use farlink::world::link::{LinkReport, report};
use farlink::world::spec::WorldSpec;

fn world(overrides: &str) -> WorldSpec {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/bench-levels.yaml");
    let sets: Vec<String> = overrides.split_whitespace().map(str::to_owned).collect();
    farlink::scenario::load(&path, &sets).expect("a shipped scenario is valid").world
}

fn config(overrides: &str) -> Config {
    match world(overrides).networks.remove(0).radio {
        Radio::NbIot(config) => config,
    }
}

fn channels(overrides: &str) -> Channels {
    link::channels(&config(overrides)).expect("there is room for data")
}

fn links(overrides: &str, losses: &[Db], bytes: u32) -> LinkReport {
    let world = world(overrides);
    report(&world.networks[0], &world.groups[0].device, losses, bytes).expect("there is room for data")
}

#[test]
fn deeper_levels_are_slower_and_more_robust() {
    let channels = channels("");
    let rate = |link: &Link, table: usize| {
        let row = link.tables[table].rows.last().expect("tables have rows");
        f64::from(row.bytes) / f64::from(row.airtime_ms + row.gaps_ms)
    };
    for pair in channels.links.windows(2) {
        for table in [link::DATA_UP, link::DATA_DOWN] {
            assert!(rate(&pair[0], table) >= rate(&pair[1], table), "table {table}");
        }
        assert!(pair[0].dedicated.airtime_ms <= pair[1].dedicated.airtime_ms);
        assert!(pair[0].common.airtime_ms < pair[1].common.airtime_ms);
    }
}

#[test]
fn every_block_fails_less_often_on_a_better_link() {
    for link in channels("").links {
        for row in link.tables.iter().flat_map(|table| &table.rows) {
            let first: Vec<Probability> = LinkClass::all().map(|class| row.loss(class, 0)).collect();
            assert!(first.is_sorted_by(|worse, better| worse >= better));
            assert!(first[0].value() > 0.999 && first[LinkClass::COUNT - 1].value() < 0.01);
        }
        assert!(link.dedicated.loss.is_sorted_by(|worse, better| worse >= better));
    }
}

/// No block carries more than the band could at the ratio of its class, even after two antennas, in the class in which
/// half of the blocks arrive.
#[test]
fn no_block_beats_the_shannon_bound() {
    for (level, link) in channels("").links.iter().enumerate() {
        let narrow = if level == 2 { 3_750.0 } else { 15_000.0 };
        for (table, bandwidth, offset, antennas) in
            [(link::DATA_UP, narrow, 15_000.0 / narrow, 2.0), (link::DATA_DOWN, 180_000.0, 1.0, 1.0)]
        {
            for row in &link.tables[table].rows {
                let class = LinkClass::all().find(|&class| row.loss(class, 0).value() <= 0.5);
                let ratio = class.expect("half the blocks arrive somewhere").ratio().linear();
                let capacity = bandwidth * (1.0 + ratio * offset * antennas).log2();
                let rate = f64::from(row.bytes * 8) * 0.5 / (f64::from(row.airtime_ms) / 1e3);
                assert!(rate < capacity, "level {level}: {rate} against {capacity} bit/s");
            }
        }
    }
}

#[test]
fn random_access_and_broadcast_are_taken_out_of_the_channels() {
    let channels = channels("");
    // 25 % signals, 64 subframes of SIB1-NB in 2560, and SI messages.
    assert!(
        channels.carriers[0].downlink.share() < 0.725 && channels.carriers[0].downlink.share() > 0.65,
        "{}",
        channels.carriers[0].downlink.share()
    );
    // NPRACH lies on the first 36 subcarriers of 3.75 kHz: on nine columns of 15 kHz.
    let shares: Vec<f64> = channels.carriers[0].tones.iter().map(|tone| tone.share()).collect();
    assert_eq!(shares.len(), 9 + 12);
    assert!(shares[..9].iter().all(|&share| share > 0.9 && share < 1.0), "{shares:?}");
    assert!(shares[9..].iter().all(|&share| share == 1.0));
    assert_eq!(self::channels("networks.bench.nb-iot.levels.level-2.spacing_khz=15").carriers[0].tones.len(), 12);
}

#[test]
fn levels_follow_the_coupling_loss() {
    let world = world("");
    let network = &world.networks[0];
    let seat = |loss| network.radio.seat(&world.groups[0].device, &network.propagation, Db(loss), 0.0);
    for (loss, level) in [(100.0, 0), (144.0, 0), (144.1, 1), (154.0, 1), (164.0, 2), (164.1, 3)] {
        assert_eq!(seat(loss).level, level, "{loss} dB");
    }
    // B7: -4.6 dB in the downlink and -11.8 dB on a tone of 15 kHz at 164 dB.
    assert!((seat(164.0).downlink.ratio().0 + 4.6).abs() <= 0.25);
    assert!((seat(164.0).uplink.ratio().0 + 11.8).abs() <= 0.25);
}

#[test]
fn in_band_carriers_have_fewer_symbols() {
    let alone = channels("");
    let in_band = channels("networks.bench.nb-iot.deployment=in-band networks.bench.nb-iot.carrier_power_dbm=35");
    let airtime = |channels: &Channels| channels.links[2].tables[link::DATA_DOWN].row_for(60).airtime_ms;
    assert!(airtime(&in_band) > 2 * airtime(&alone), "8 dB less power, a third fewer symbols");
}

#[test]
fn every_group_gets_a_plan_that_can_be_walked() {
    let world = world("");
    let terms = Terms {
        device: &world.groups[0].device,
        active_timer: SimDuration::ZERO,
        release_assistance: false,
        answer_bytes: 65,
    };
    let plan = world.networks[0].radio.plan(&terms).expect("the plan is sound");
    let program = plan.compile();
    // Folding leaves one segment per operation, and one per entry that begins with a stay.
    let operations = plan.steps.iter().filter(|step| matches!(step, Step::Op(_))).count();
    assert!(program.segments.len() >= operations && program.segments.len() < plan.steps.len());
    assert!(program.segments.len() * size_of::<Segment>() < 32 * 1024, "a plan stays in the cache");
}

/// SINR at 164 dB of the published link budgets of TR 45.820, as lines of the budget.
#[test]
fn link_budgets_are_those_of_tr_45_820() {
    let stand_alone = "";
    let in_band = "networks.bench.nb-iot.carrier_power_dbm=35 networks.bench.nb-iot.deployment=in-band";
    let wide = "networks.bench.nb-iot.levels.level-2.spacing_khz=15";
    for (overrides, direction, khz, power, ratio) in [
        (stand_alone, "downlink", 180.0, 43.0, -4.6),
        (in_band, "downlink", 180.0, 35.0, -12.6),
        (stand_alone, "uplink", 3.75, 23.0, -5.7),
        (wide, "uplink", 15.0, 23.0, -11.8),
    ] {
        let report = links(overrides, &[Db(164.0)], 115);
        let point = &report.points[0];
        let budget = if direction == "uplink" { &point.uplink } else { &point.downlink };
        let value =
            |name: &str| budget.terms.iter().find(|term| term.name == name).expect("a line of the budget").value;
        assert_eq!(budget.bandwidth_hz, khz * 1e3);
        assert_eq!((value("transmit power"), value("coupling loss")), (power, -164.0));
        assert!((value("SINR") - ratio).abs() <= 0.1, "{overrides} {direction}: {}", value("SINR"));
        assert!((value("SINR") - budget.rounded_sinr_db).abs() <= 0.26, "{overrides} {direction}");
    }
}

#[test]
fn a_link_report_shows_the_tables_of_its_level() {
    let channels = channels("");
    let report = links("", &[], 115);
    assert_eq!(report.points.len(), channels.links.len());
    for (point, link) in report.points.iter().zip(&channels.links) {
        let level = point.level.as_ref().expect("the edge of a level belongs to it");
        assert_eq!(level.max_coupling_loss_db, link.max_coupling_loss.0);
        assert!(level.dedicated_grants.missed <= 0.1 && level.common_grants.missed <= level.dedicated_grants.missed);
        for (blocks, table) in level.blocks.iter().zip(&link.tables) {
            let repetitions = table.rows[0].repetitions;
            assert!(blocks.scheme.contains(&format!("PSK, {repetitions} repetition")), "{}", blocks.scheme);
            assert!(blocks.sizes.iter().map(|size| size.bytes).eq(table.rows.iter().map(|row| row.bytes)));
            assert!(blocks.sizes.iter().all(|size| size.residual_error <= size.first_error));
        }
        // The scheme is laid out so that even with the planned interference most first transmissions arrive.
        let largest = level.blocks[0].sizes.last().expect("tables have rows");
        assert!(largest.first_error < 0.35 && largest.residual_error < 0.01, "{largest:?}");
    }
}

#[test]
fn link_reports_fit_a_small_plain_terminal() {
    let report = links("", &[Db(100.0), Db(164.0), Db(170.0)], 1_600);
    let text = render(&report, &Look { width: 20, color: false, unicode: false });
    assert!(text.is_ascii() && text.lines().all(|line| line.len() <= 80 && line.trim_end() == line), "{text}");
    assert!(text.contains("in 14 blocks of 13 x 121 + 59"), "{text}");
    assert_eq!(text.matches("no coverage: beyond the deepest level").count(), 1);
}

#[test]
fn controlled_blocks_arrive_at_their_target() {
    let (config, air) = (config(""), world("").networks.remove(0).propagation);
    let device = world("").groups.remove(0).device;
    let (channels, transmitter) = (channels(""), device.transmitter());
    let level = &channels.links[0];
    // Noise of the base station on one tone of 15 kHz.
    let noise = -174.0 + 10.0 * 15_000f64.log10() + 3.0;
    for half_db in 130..290 {
        let loss = f64::from(half_db) / 2.0;
        let seat = link::seat(&config, &device, &air, Db(loss), 0.0);
        for (rule, target, share) in [
            (level.tables[link::DATA_UP].power, -80.0, 0.8),
            (level.acknowledgement.power, -80.0, 1.0),
            (level.tables[link::MSG3].power, -104.0, 1.0),
            (channels.access[0].power, -104.0, 1.0),
        ] {
            let wanted = rule.power(Db(loss)).expect("level 0 is controlled");
            let class = seat.uplink.worse_by(transmitter.backoff_to(wanted).as_db());
            let closed = 23f64.min(target + share * loss) - loss - noise;
            assert!(
                (class.ratio().0 - closed).abs() <= 0.51,
                "{loss} dB, {rule:?}: {} against {closed}",
                class.ratio().0
            );
        }
    }
}

#[test]
fn many_repetitions_and_deep_levels_go_out_with_full_power() {
    let channels = channels("");
    let deepest = &channels.links[2];
    assert!(deepest.tables[link::DATA_UP].rows[0].repetitions > 2);
    for rule in [deepest.tables[link::DATA_UP].power, channels.access[2].power] {
        assert_eq!(rule, PowerRule::Full);
    }
    assert_eq!(channels.access[1].power, PowerRule::Full);
    let off = self::channels("networks.bench.nb-iot.power_control=false");
    assert!(off.links.iter().flat_map(|link| &link.tables).all(|table| table.power == PowerRule::Full));
    assert_eq!(off.access[0].power, PowerRule::Full);
    // Repetitions of the preamble count as power (TS 36.321 clause 5.1.3): 8 of them are 9 dB.
    let repeated = self::channels("networks.bench.nb-iot.levels.level-0.nprach.repetitions=8");
    let power = repeated.access[0].power.power(Db(100.0)).expect("level 0 is controlled");
    assert!((power.0 + 13.03).abs() < 0.01, "{power:?}");
    // A tone of 3.75 kHz has a quarter of the power for the same density.
    let narrow = self::channels("networks.bench.nb-iot.levels.level-0.spacing_khz=3.75");
    let rule = narrow.links[0].tables[link::MSG3].power;
    assert!(rule.power(Db(100.0)).is_none_or(|power| (power.0 + 10.02).abs() < 0.01), "{rule:?}");
}

#[test]
fn invalid_subframes_and_gaps_take_their_share() {
    let share = |overrides: &str| channels(overrides).carriers[1].downlink.share();
    let set = "networks.bench.nb-iot.non_anchor_carriers=1 networks.bench.nb-iot.invalid_subframes=[1,2,6]";
    assert_eq!(share(set), 1.0, "stand-alone carriers have no LTE beside them");
    let in_band = format!("{set} networks.bench.nb-iot.deployment=in-band");
    assert_eq!(share(&in_band), 0.7);
    let anchor = |overrides: &str| channels(overrides).carriers[0].downlink.share();
    assert!(anchor(&in_band) < anchor("networks.bench.nb-iot.deployment=in-band") - 0.2);

    let gaps = channels(&format!("{set} networks.bench.nb-iot.downlink_gap_rmax=64"));
    assert_eq!(gaps.links.iter().map(|link| link.gaps).collect::<Vec<_>>(), [false, false, true]);
    let lane = Lane { channel: &gaps.carriers[1].downlink, gaps: gaps.carriers[1].gaps.as_ref() };
    // One eighth of 64 ms (TS 36.331: dl-GapDurationCoeff and dl-GapPeriodicity).
    assert_eq!(lane.usable().share(), 7.0 / 8.0);
}
