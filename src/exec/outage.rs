//! Networks that go out of service, and power cuts.
//!
//! A terminal that sets out while its network is out of service looks for it, with growing pauses, until it is back. A power
//! cut takes the terminals along: all are off, and register anew when it ends. An exchange that has begun before is finished,
//! which is wrong by a few seconds of reports, and by more of software that is being loaded. Terminals that hear no cell at all
//! are not cut off.

use std::ops::Range;

use crate::exec::setup::GroupSetup;
use crate::exec::terminal::Terminal;
use crate::rng::Purpose;
use crate::units::{SimDuration, SimTime};

/// A time without service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When it begins.
    pub begin: SimTime,
    /// When it ends.
    pub end: SimTime,
    /// Whether the terminals are without power too; then each is switched on within so long after the end.
    pub restart: Option<SimDuration>,
}

/// A power cut as one terminal meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerCut {
    /// When the terminal is off.
    pub begin: SimTime,
    /// When it is switched on again.
    pub restart: SimTime,
}

/// The outage in which `now` lies.
#[must_use]
pub fn current(outages: &[Outage], now: SimTime) -> Option<&Outage> {
    outages.iter().find(|outage| outage.begin <= now && now < outage.end)
}

fn power_cuts<'a>(
    outages: &'a [Outage],
    group: &'a GroupSetup,
    terminal: &'a Terminal,
) -> impl DoubleEndedIterator<Item = PowerCut> + 'a {
    let cut = |(number, outage): (usize, &Outage)| {
        let within = outage.restart?;
        let draw = group.key_of(terminal).draw(Purpose::SwitchOn, 1 + number as u64);
        let restart = outage.end + SimDuration(draw.below(within.0.max(1)));
        Some(PowerCut { begin: outage.begin, restart })
    };
    outages.iter().enumerate().filter_map(cut)
}

/// The first power cut that ends after `span` begins, and begins when it ends at the latest.
#[must_use]
pub fn next_power_cut(
    outages: &[Outage],
    group: &GroupSetup,
    terminal: &Terminal,
    span: Range<SimTime>,
) -> Option<PowerCut> {
    power_cuts(outages, group, terminal).find(|cut| cut.restart > span.start && cut.begin <= span.end)
}

/// The last power cut that has ended for the terminal at `now`.
#[must_use]
pub fn last_power_cut(outages: &[Outage], group: &GroupSetup, terminal: &Terminal, now: SimTime) -> Option<PowerCut> {
    power_cuts(outages, group, terminal).rfind(|cut| cut.restart <= now)
}
