//! A cell: the resources in which its terminals meet, and how loaded they were.

use std::ops::Range;

use crate::exec::context::NONE;
use crate::exec::downlink::{Downlink, Grant};
use crate::exec::interference::Activity;
use crate::exec::relay::Stored;
use crate::exec::uplink::{Slot, Uplink};
use crate::metrics::recorder::{AccessLoad, CellLoad};
use crate::metrics::series::{Column, Series};
use crate::radio::calendar::{Calendar, Lane};
use crate::radio::channel::{AccessChannel, BlockTable, Carrier, Channels, Grants, Link};
use crate::rng::Key;
use crate::units::SimTime;

/// Random-access opportunities that can be joined ahead of their time, per channel.
const RING: usize = 64;

/// A cell.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The stream of its identity in the run.
    pub key: Key,
    /// Number of its network.
    pub network: usize,
    /// Number in its network.
    pub number: u32,
    /// What each carrier has promised.
    carriers: Vec<(Downlink, Uplink)>,
    /// The lists of those who wait for an opportunity, per random-access channel.
    pub waiting: Vec<Waiting>,
    /// Random access in the counted time, per channel.
    pub access: Vec<AccessLoad>,
    /// The load around it and its own, where interference follows the load.
    pub activity: Activity,
    /// What it keeps on board, if it is a satellite that stores.
    pub stored: Stored,
    /// What of a booking lies outside is not counted.
    counted: Range<SimTime>,
    downlink_busy_ms: u64,
    uplink_busy_ms: u64,
}

/// Those who wait for the next opportunities of a random-access channel: a list of contexts for each.
#[derive(Clone, Debug)]
pub struct Waiting {
    heads: [u32; RING],
}

/// Where grants and blocks are booked: a carrier of the cell, as terminals of a link use it.
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    number: usize,
    carrier: &'a Carrier,
    link: &'a Link,
}

impl<'a> Path<'a> {
    /// On the carrier with this number.
    #[inline]
    #[must_use]
    pub fn new(channels: &'a Channels, number: usize, link: &'a Link) -> Path<'a> {
        Path { number, carrier: &channels.carriers[number], link }
    }

    /// On the carrier on which random access takes place.
    #[must_use]
    pub fn anchor(channels: &'a Channels, link: &'a Link) -> Path<'a> {
        Path::new(channels, 0, link)
    }

    /// The downlink of the carrier as the link's transmissions see it.
    #[inline]
    #[must_use]
    pub fn downlink(&self) -> Lane<'a> {
        let gaps = if self.link.gaps { self.carrier.gaps.as_ref() } else { None };
        Lane { channel: &self.carrier.downlink, gaps }
    }
}

impl Cell {
    /// An idle cell.
    #[must_use]
    pub fn new(key: Key, network: usize, number: u32, channels: &Channels, counted: Range<SimTime>) -> Cell {
        Cell {
            key,
            network,
            number,
            carriers: channels
                .carriers
                .iter()
                .map(|carrier| (Downlink::default(), Uplink::new(carrier.tones.len())))
                .collect(),
            waiting: vec![Waiting { heads: [NONE; RING] }; channels.access.len()],
            access: vec![AccessLoad::default(); channels.access.len()],
            activity: Activity::default(),
            stored: Stored::default(),
            counted,
            downlink_busy_ms: 0,
            uplink_busy_ms: 0,
        }
    }

    /// Finds a grant at or after `from`, `now` being the clock of the cell. Books nothing.
    pub fn find_grant(&mut self, path: Path<'_>, grants: &Grants, (now, from): (SimTime, SimTime)) -> Grant {
        let (downlink, _) = &mut self.carriers[path.number];
        downlink.forget(path.downlink(), now);
        downlink.find_grant(path.downlink(), &grants.search, from, grants.airtime_ms)
    }

    /// Books a grant that was just found.
    pub fn take_grant(&mut self, path: Path<'_>, series: &mut Series, grants: &Grants, grant: &Grant) {
        self.carriers[path.number].0.take_grant(path.downlink(), grant, grants.airtime_ms);
        self.count_downlink(path, series, (grant.control_start, grant.control_end), grants.airtime_ms);
    }

    /// Books a block of the downlink; returns when it begins and ends.
    pub fn take_block(
        &mut self,
        path: Path<'_>,
        series: &mut Series,
        from: SimTime,
        length_ms: u32,
    ) -> (SimTime, SimTime) {
        let span = self.carriers[path.number].0.take_block(path.downlink(), from, length_ms);
        self.count_downlink(path, series, span, length_ms);
        span
    }

    #[inline]
    fn count_downlink(&mut self, path: Path<'_>, series: &mut Series, span: (SimTime, SimTime), length_ms: u32) {
        let ms = counted_ms(path.downlink().usable(), &self.counted, span, length_ms);
        self.downlink_busy_ms += ms;
        self.activity.booked_ms += u64::from(length_ms);
        series.add(Column::DownlinkBusy, span.0.max(self.counted.start), ms * 1_000);
    }

    /// Books a stretch of one of the uplink tones of a link.
    pub fn take_tone(&mut self, path: Path<'_>, series: &mut Series, from: SimTime, length_ms: u32) -> Slot {
        let tones = &path.carrier.tones;
        let slot = self.carriers[path.number].1.take(tones, &path.link.tones, from, length_ms);
        self.count_uplink(&tones[slot.tone], series, &slot, (length_ms, 1));
        slot
    }

    /// Books a stretch for a block of the uplink: of a single tone, or of several as the table of the block says.
    pub fn take_uplink(
        &mut self,
        path: Path<'_>,
        series: &mut Series,
        table: &BlockTable,
        from: SimTime,
        length_ms: u32,
    ) -> Slot {
        if table.bands.is_empty() {
            return self.take_tone(path, series, from, length_ms);
        }
        let bands = &path.carrier.bands[table.bands.clone()];
        let (band, slot) = self.carriers[path.number].1.take_band(bands, from, length_ms);
        self.count_uplink(&band.calendar, series, &slot, (length_ms, band.tones.len() as u64));
        slot
    }

    #[inline]
    fn count_uplink(&mut self, calendar: &Calendar, series: &mut Series, slot: &Slot, (length_ms, tones): (u32, u64)) {
        let ms = counted_ms(calendar, &self.counted, (slot.start, slot.end), length_ms) * tones;
        self.uplink_busy_ms += ms;
        series.add(Column::UplinkBusy, slot.start.max(self.counted.start), ms * 1_000);
    }

    /// The load of the cell in the counted time that ends at `end`.
    #[must_use]
    pub fn load(&self, channels: &Channels, end: SimTime) -> CellLoad {
        let counted = end.since(self.counted.start);
        let usable = |share: f64| (counted.0 as f64 * share) as u64;
        let mut access = self.access.clone();
        for (load, channel) in access.iter_mut().zip(&channels.access) {
            load.opportunities = counted.0 / channel.period.0 * u64::from(channel.preambles);
        }
        CellLoad {
            downlink_busy_us: self.downlink_busy_ms * 1_000,
            downlink_usable_us: usable(channels.carriers.iter().map(|carrier| carrier.downlink.share()).sum()),
            uplink_busy_us: self.uplink_busy_ms * 1_000,
            uplink_usable_us: usable(
                channels.carriers.iter().flat_map(|carrier| &carrier.tones).map(Calendar::share).sum(),
            ),
            access,
        }
    }
}

/// How many of the `length_ms` usable milliseconds of a booking lie in the counted time.
#[inline]
fn counted_ms(calendar: &Calendar, counted: &Range<SimTime>, (start, end): (SimTime, SimTime), length_ms: u32) -> u64 {
    if start >= counted.start && end <= counted.end {
        return u64::from(length_ms);
    }
    counted_part_ms(calendar, counted, (start, end))
}

/// The same for a booking that lies outside, or in part.
#[cold]
fn counted_part_ms(calendar: &Calendar, counted: &Range<SimTime>, (start, end): (SimTime, SimTime)) -> u64 {
    let (from, to) = (start.max(counted.start), end.min(counted.end));
    calendar.usable_before(to).saturating_sub(calendar.usable_before(from))
}

impl Waiting {
    /// Whether opportunity `number` can be joined at `now`: it must not share its list with one that is still open.
    #[must_use]
    pub fn can_join(channel: &AccessChannel, number: u64, now: SimTime) -> bool {
        let undecided = now.since(SimTime::ZERO + channel.decision_delay());
        number < channel.opportunity(SimTime(undecided.0)) + RING as u64
    }

    /// Adds a context to the list of an opportunity; returns the context that was first in it before.
    pub fn push(&mut self, number: u64, context: u32) -> u32 {
        std::mem::replace(&mut self.heads[number as usize % RING], context)
    }

    /// Empties the list of an opportunity; returns its first context.
    pub fn take(&mut self, number: u64) -> u32 {
        std::mem::replace(&mut self.heads[number as usize % RING], NONE)
    }
}
