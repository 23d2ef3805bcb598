//! Probes of tables, durations and plain arithmetic.

use super::{
    BatteryLife, Channel, Floor, NprachTime, NpuschTime, Output, PagingCurrent, Sector, Timers, catalogue, unavailable,
};
use crate::catalog::Issue;
use crate::catalog::value::Duration;
use crate::network::HexGrid;
use crate::power::Battery;
use crate::radio::nbiot::config::{Category, Nprach};
use crate::radio::nbiot::tables::{
    BlockSizes, MIB_PERIOD_MS, NPDSCH_TBS, NPUSCH_TBS, SIB1_PERIOD_MS, Tones, UNITS, acknowledgement_ms,
    is_anchor_signal, npdsch_max_tbs, npusch_airtime_ms, npusch_gaps_ms, npusch_max_tbs, preamble_airtime,
    preamble_span,
};
use crate::radio::timers;
use crate::report::format::counted;
use crate::scenario::quantity::Quantity;
use crate::units::{Joules, Metres, SimDuration};

pub(super) fn npusch_blocks() -> Vec<Output<'static>> {
    blocks(&NPUSCH_TBS, npusch_max_tbs, "unit")
}

pub(super) fn npdsch_blocks() -> Vec<Output<'static>> {
    blocks(&NPDSCH_TBS, npdsch_max_tbs, "subframe")
}

/// Each row of a table, and the largest block of each category.
fn blocks(table: &'static BlockSizes, largest: fn(Category) -> u32, of: &'static str) -> Vec<Output<'static>> {
    let row = |(index, sizes): (usize, &'static [u32; 8])| {
        let labels = UNITS.map(|units| counted(u64::from(units), of));
        Output::list(&format!("i-tbs-{index}"), Quantity::Count, labels, |number| f64::from(sizes[number]))
    };
    let limits = [("largest-nb1", Category::Nb1), ("largest-nb2", Category::Nb2)];
    let limits =
        limits.map(|(name, category)| Output::new(name, Quantity::Count, move || f64::from(largest(category))));
    table.iter().enumerate().map(row).chain(limits).collect()
}

impl Channel {
    /// How its name is written.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Channel::Single3_75 => "1 tone of 3.75 kHz",
            Channel::Single15 => "1 tone of 15 kHz",
            Channel::Three => "3 tones",
            Channel::Six => "6 tones",
            Channel::Twelve => "12 tones",
            Channel::DownlinkStandAlone => "downlink stand-alone",
            Channel::DownlinkInBand => "downlink in-band",
        }
    }

    /// The tones of an uplink channel.
    pub(super) const fn tones(self) -> Option<Tones> {
        match self {
            Channel::Single3_75 => Some(Tones::One3_75),
            Channel::Single15 => Some(Tones::One15),
            Channel::Three => Some(Tones::Three),
            Channel::Six => Some(Tones::Six),
            Channel::Twelve => Some(Tones::Twelve),
            Channel::DownlinkStandAlone | Channel::DownlinkInBand => None,
        }
    }
}

pub(super) fn npusch_time(time: &NpuschTime) -> Result<Vec<Output<'_>>, Issue> {
    let mut tones = Vec::new();
    for (number, channel) in time.channels.iter().enumerate() {
        let path = ["npusch-time".to_owned(), "channels".to_owned(), number.to_string()];
        let issue = || Issue::new(path, format!("{} is not in the uplink", channel.name())).expected("tones");
        tones.push(channel.tones().ok_or_else(issue)?);
    }
    let (units, repetitions) = (time.units.0, time.repetitions.0);
    let labels = || time.channels.iter().map(|channel| channel.name().to_owned());
    let list = |name, ms: fn(Tones, u32, u32) -> u32| {
        let tones = tones.clone();
        let seconds = move |number: usize| f64::from(ms(tones[number], units, repetitions)) / 1e3;
        Output::list(name, Quantity::Time, labels(), seconds)
    };
    Ok(vec![
        list("airtime", npusch_airtime_ms),
        list("gaps", |tones, units, repetitions| npusch_gaps_ms(npusch_airtime_ms(tones, units, repetitions))),
        list("acknowledgement", |tones, _, _| acknowledgement_ms(tones)),
    ])
}

pub(super) fn nprach_time(time: &NprachTime) -> Vec<Output<'_>> {
    let labels = || time.formats.iter().map(|format| format!("format {}", format.0));
    let list = |name, of: fn(&Nprach) -> SimDuration| {
        let seconds = move |number: usize| {
            let nprach = Nprach {
                period: SimDuration::from_millis(2_560),
                start: SimDuration::from_millis(8),
                subcarriers: 12,
                subcarrier_offset: 0,
                repetitions: time.repetitions.0 as u32,
                format: time.formats[number].0,
                attempts: 1,
            };
            of(&nprach).as_secs_f64()
        };
        Output::list(name, Quantity::Time, labels(), seconds)
    };
    vec![list("airtime", preamble_airtime), list("span", preamble_span)]
}

pub(super) fn broadcast() -> Vec<Output<'static>> {
    // NSSS comes in every other frame of 10 ms.
    let signals = || (0..20).filter(|&ms| is_anchor_signal(ms)).count() as f64 / 20.0;
    vec![
        Output::new("anchor-share", Quantity::Share, signals),
        Output::new("mib-period", Quantity::Time, || f64::from(MIB_PERIOD_MS) / 1e3),
        Output::new("sib1-period", Quantity::Time, || f64::from(SIB1_PERIOD_MS) / 1e3),
    ]
}

pub(super) fn timers(asked: &Timers) -> Vec<Output<'_>> {
    type Grant = fn(SimDuration) -> Option<SimDuration>;
    let list = |name, asked: &'static str, times: &[Duration], grant: Grant| {
        let times: Vec<SimDuration> = times.iter().map(|time| time.0).collect();
        let labels: Vec<String> = times.iter().map(|time| format!("{asked} {}", Duration(*time))).collect();
        // Beyond the longest there is no timer at all.
        let seconds = move |number: usize| grant(times[number]).map_or(f64::INFINITY, SimDuration::as_secs_f64);
        Output::list(name, Quantity::Time, labels, seconds)
    };
    let longest = |name, time: SimDuration| Output::new(name, Quantity::Time, move || time.as_secs_f64());
    vec![
        list("t3412", "asked", &asked.t3412, timers::granted_t3412),
        list("t3324", "asked", &asked.t3324, timers::granted_t3324),
        list("edrx", "asked", &asked.edrx, timers::granted_edrx),
        list("ptw", "asked", &asked.ptw, timers::granted_ptw),
        longest("longest-t3412", timers::MAX_T3412),
        longest("longest-t3324", timers::MAX_T3324),
        longest("longest-edrx", timers::MAX_EDRX),
        longest("longest-ptw", timers::MAX_PTW),
    ]
}

pub(super) fn sector(sector: &Sector) -> Vec<Output<'_>> {
    let area = || {
        let inter_site_distance = Metres(sector.inter_site_distance_m.0);
        let grid = HexGrid { rings: 0, inter_site_distance, sectors: sector.sectors.0 as u32 };
        grid.site_area_m2() / f64::from(grid.sectors) / 1e6
    };
    let load = move || match sector.every.0.as_secs_f64() {
        0.0 => 0.0,
        every => area() * sector.terminals_per_km2.0 / every,
    };
    vec![
        Output::new("area", Quantity::Area, area),
        Output::new("terminals", Quantity::Count, move || area() * sector.terminals_per_km2.0),
        Output::new("load", Quantity::Frequency, load),
    ]
}

pub(super) fn battery_life(life: &BatteryLife) -> Vec<Output<'_>> {
    let battery = Battery {
        name: String::new(),
        capacity: Joules::from_joules(life.energy_wh.0 * 3_600.0),
        usable: 1.0,
        self_discharge_per_year: life.self_discharge_percent_per_year.0 / 100.0,
    };
    let labels = life.report_mj.iter().map(|report| format!("{} mJ", report.0));
    let years = move |number: usize| {
        let reports = life.report_mj[number].0 / 1e3 / life.every.0.as_secs_f64();
        battery.life_years(life.power_mw.0 / 1e3 + if reports.is_finite() { reports } else { 0.0 })
    };
    vec![Output::list("life", Quantity::Life, labels, years)]
}

pub(super) fn paging_current(current: &PagingCurrent) -> Result<Vec<Output<'_>>, Issue> {
    let at = |key: &str, issue: Issue| issue.below(["paging-current".to_owned(), key.to_owned()]);
    let device = catalogue().device_file(&current.device).map_err(|fault| at("device", unavailable(fault)))?;
    let floor_ma = match current.floor {
        Floor::Idle => device.idle_ma.as_ref().map(|figure| figure.value.0),
        Floor::Edrx => device.edrx_ua.as_ref().map(|figure| figure.value.0 / 1e3),
    };
    let missing = |what: &str| Issue::new([] as [&str; 0], format!("the device has no {what}"));
    let floor_ma = floor_ma.ok_or_else(|| at("floor", missing("such floor")))?;
    if device.paging_mc.is_none() {
        return Err(at("device", missing("charge of a paging occasion (`paging_mc`)")));
    }
    let labels = current.cycles.iter().map(|cycle| format!("every {cycle}"));
    let amperes = move |number: usize| {
        let milliamperes = device.paged_ma(floor_ma, current.cycles[number].0.as_secs_f64());
        milliamperes.unwrap_or(f64::INFINITY) / 1e3
    };
    Ok(vec![Output::list("current", Quantity::Current, labels, amperes)])
}
