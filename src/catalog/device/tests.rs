use std::path::Path;

use super::*;
use crate::catalog::{Catalogue, Kind, names};

fn built_in(name: &str) -> DeviceFile {
    Catalogue::new(Path::new(".")).device_file(name).unwrap()
}

/// A device with figures of its own over a built-in one.
fn own(json: serde_json::Value) -> DeviceFile {
    serde_json::from_value(json).unwrap()
}

/// A module whose average leaves nothing open: 3.6 V, 50 mA of reception, 0.4 mA of light sleep.
fn averaged() -> serde_json::Value {
    serde_json::json!({
        "description": "a module", "measured_v": 3.6, "sleep_ua": 3, "idle_ma": 0.4, "receive_ma": 50,
        "transmit": [{"power_dbm": 23, "ma": 80, "basis": "average", "transmit_share": 0.25, "receive_share": 0.5,
                      "source": "a table"}],
        "max_tx_power_dbm": 23, "noise_figure_db": 5, "antenna_gain_dbi": 0
    })
}

#[test]
fn the_reference_device_is_what_it_was() {
    let (profile, derived) = built_in("3gpp-reference").profile("3gpp-reference").unwrap();
    let powers = [profile.sleep, profile.idle, profile.receive, profile.transmit].map(|power| power.0);
    assert_eq!(powers, [15, 2_400, 90_000, 543_000]);
    assert_eq!((profile.transmit_at.last(), derived), (Some(&(Dbm(23.0), Microwatts(543_000))), Vec::new()));
    // An ideal class B amplifier, 44 % efficient at 23 dBm, and 90 mW beside it.
    for (power, draw) in profile.transmit_at {
        let closed = 90.0 + 453.0 * 10f64.powf((power.0 - 23.0) / 20.0);
        assert!((f64::from(draw.0) / 1e3 - closed).abs() <= 0.5, "{power:?}: {draw:?}");
    }
}

#[test]
fn each_module_says_what_is_open() {
    let open = |name: &str| match built_in(name).profile(name) {
        Ok(_) => Vec::new(),
        Err(open) => open.iter().map(|what| what.split(" (").next().unwrap().to_owned()).collect::<Vec<_>>(),
    };
    let expected: [(&str, &[&str]); 6] = [
        ("3gpp-reference", &[]),
        ("cmiot-m5311", &[VOLTAGE.1, "the `basis` of `transmit` at 23 dBm, `burst` or `average`"]),
        (
            "nordic-nrf9160-nb1",
            &["`idle_ma` or `idle_mw`", "`receive_ma` or `receive_mw`", "`transmit` at the highest power"],
        ),
        (
            "simcom-sim7000-nb1",
            &["`receive_ma` or `receive_mw`", "`transmit_share` for the average of `transmit` at 23 dBm"],
        ),
        ("simcom-sim7080g", &[VOLTAGE.1, "`receive_ma` or `receive_mw`", "`transmit` at the highest power"]),
        ("u-blox-sara-r510s-m1", &["`receive_ma` or `receive_mw`"]),
    ];
    // What is based on another is complete with that one only.
    let own = names(Kind::Device).filter(|name| built_in(name).based_on.is_none());
    assert!(own.eq(expected.iter().map(|(name, _)| *name)));
    for (name, figures) in expected {
        assert_eq!(open(name), figures, "{name}");
    }
}

#[test]
fn a_burst_follows_from_an_average() {
    // (80 − 0.5 · 50 − 0.25 · 0.4) mA / 0.25 = 219.6 mA, at 3.6 V 790.56 mW.
    let (profile, derived) = own(averaged()).profile("a").unwrap();
    assert_eq!(profile.transmit, Microwatts(790_560));
    assert_eq!(profile.sleep, Microwatts(11));
    assert_eq!(
        derived,
        ["transmission at 23 dBm draws 790.56 mW, derived from an average: (288 − 0.5 × 180 − 0.25 × 1.44) / 0.25"]
    );
    let mut less = averaged();
    less["transmit"][0]["ma"] = 20.into();
    assert!(own(less).profile("a").unwrap_err()[0].starts_with("shares and states that leave something"));
    let mut open = averaged();
    open["transmit"][0].as_object_mut().unwrap().remove("receive_share");
    assert_eq!(own(open).profile("a").unwrap_err(), ["`receive_share` for the average of `transmit` at 23 dBm"]);
}

#[test]
fn supply_and_board_change_powers() {
    let with = |more: serde_json::Value| {
        let mut json = averaged();
        json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        own(json).profile("a").map(|(profile, _)| (profile.sleep.0, profile.receive.0))
    };
    assert_eq!(with(serde_json::json!({"supply": "constant-power", "supply_v": 3.0})), Ok((11, 180_000)));
    assert_eq!(with(serde_json::json!({"supply": "constant-current", "supply_v": 3.0})), Ok((9, 150_000)));
    assert_eq!(with(serde_json::json!({"supply_v": 3.0})), Err(vec!["`supply`".to_owned()]));
    // 3 + 22 µA at 3.6 V are 90 µW.
    assert_eq!(with(serde_json::json!({"board_ua": 22})), Ok((90, 180_079)));
}

#[test]
fn a_device_fills_the_gaps_of_the_one_it_is_based_on() {
    let layered = own(serde_json::json!({
        "description": "mine", "measured_v": 3.3,
        "transmit": [{"power_dbm": 23, "ma": 200, "basis": "burst", "source": "a bench"}]
    }))
    .over(built_in("cmiot-m5311"));
    layered.check().unwrap();
    let (profile, _) = layered.profile("mine").unwrap();
    let powers = [profile.sleep, profile.idle, profile.receive, profile.transmit].map(|power| power.0);
    assert_eq!(powers, [10, 1_320, 178_200, 660_000]);
    let other_unit = own(serde_json::json!({"description": "mine", "sleep_mw": 0.1, "transmit_mw": 600}));
    let (profile, _) = other_unit.over(own(averaged())).profile("mine").unwrap();
    assert_eq!((profile.sleep, profile.transmit), (Microwatts(100), Microwatts(600_000)));
    assert_eq!(profile.transmit_at, [(Dbm(23.0), Microwatts(600_000))]);
}

#[test]
fn floors_and_charges_of_paging_become_powers_and_energies() {
    let mut json = averaged();
    json.as_object_mut()
        .unwrap()
        .extend(serde_json::json!({"edrx_ua": 5, "paging_mc": 2.5, "board_ua": 10}).as_object().unwrap().clone());
    // At 3.6 V: 5 + 10 µA are 54 µW, 2.5 mC are 9 mJ.
    let (profile, _) = own(json.clone()).profile("a").unwrap();
    assert_eq!((profile.edrx, profile.paging), (Some(Microwatts(54)), Some(Joules::from_joules(9e-3))));
    let (profile, _) = own(averaged()).profile("a").unwrap();
    assert_eq!((profile.edrx, profile.paging), (None, None));
}

#[test]
fn paging_charges_give_the_averages_of_data_sheets() {
    // u-blox UBX-19016638: 1.5 and 2.0 mA at DRX 2.56 and 1.28 s. nRF9160: 37 and 9 µA at eDRX 81.92 and 655.36 s.
    let sara = built_in("u-blox-sara-r510s-m1");
    let nordic = built_in("nordic-nrf9160-nb1");
    let floors = [value(&sara.idle_ma).unwrap(), value(&nordic.edrx_ua).unwrap() / 1e3];
    for (device, floor, period, average, tolerance) in [
        (&sara, floors[0], 2.56, 1.5, 0.02),
        (&sara, floors[0], 1.28, 2.0, 0.02),
        (&nordic, floors[1], 81.92, 0.037, 0.05),
        (&nordic, floors[1], 655.36, 0.009, 0.05),
    ] {
        let found = device.paged_ma(floor, period).unwrap();
        assert!((found / average - 1.0).abs() < tolerance, "{found} mA for {average} mA");
    }
}
