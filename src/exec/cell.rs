//! A cell: the resources in which its terminals meet, and how loaded they were.

use crate::exec::context::NONE;
use crate::exec::downlink::{Downlink, Grant};
use crate::exec::uplink::{Slot, Uplink};
use crate::metrics::recorder::{AccessLoad, CellLoad};
use crate::metrics::series::{Column, Series};
use crate::radio::calendar::Calendar;
use crate::radio::channel::{AccessChannel, Channels, Grants, Link};
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
    downlink: Downlink,
    uplink: Uplink,
    /// The lists of those who wait for an opportunity, per random-access channel.
    pub waiting: Vec<Waiting>,
    /// Random access in the counted time, per channel.
    pub access: Vec<AccessLoad>,
    /// Bookings that begin earlier are not counted.
    counted_from: SimTime,
    downlink_busy_ms: u64,
    uplink_busy_ms: u64,
}

/// Those who wait for the next opportunities of a random-access channel: a list of contexts for each.
#[derive(Clone, Debug)]
pub struct Waiting {
    heads: [u32; RING],
}

impl Cell {
    /// An idle cell.
    #[must_use]
    pub fn new(key: Key, network: usize, number: u32, channels: &Channels, counted_from: SimTime) -> Cell {
        Cell {
            key,
            network,
            number,
            downlink: Downlink::default(),
            uplink: Uplink::new(channels.tones.len()),
            waiting: vec![Waiting { heads: [NONE; RING] }; channels.access.len()],
            access: vec![AccessLoad::default(); channels.access.len()],
            counted_from,
            downlink_busy_ms: 0,
            uplink_busy_ms: 0,
        }
    }

    /// Finds a grant at or after `from`, `now` being the clock of the cell. Books nothing.
    pub fn find_grant(&mut self, channels: &Channels, grants: &Grants, (now, from): (SimTime, SimTime)) -> Grant {
        self.downlink.forget(&channels.downlink, now);
        self.downlink.find_grant(&channels.downlink, &grants.search, from, grants.airtime_ms)
    }

    /// Books a grant that was just found.
    pub fn take_grant(&mut self, channels: &Channels, series: &mut Series, grants: &Grants, grant: &Grant) {
        self.downlink.take_grant(&channels.downlink, grant, grants.airtime_ms);
        self.count_downlink(series, grant.control_start, grant.control_end, grants.airtime_ms);
    }

    /// Books a block of the downlink; returns when it begins and ends.
    pub fn take_block(
        &mut self,
        channels: &Channels,
        series: &mut Series,
        from: SimTime,
        length_ms: u32,
    ) -> (SimTime, SimTime) {
        let (start, end) = self.downlink.take_block(&channels.downlink, from, length_ms);
        self.count_downlink(series, start, end, length_ms);
        (start, end)
    }

    fn count_downlink(&mut self, series: &mut Series, start: SimTime, end: SimTime, length_ms: u32) {
        if start >= self.counted_from {
            self.downlink_busy_ms += u64::from(length_ms);
        }
        series.add_span(Column::DownlinkBusy, start, end, 1);
    }

    /// Books a stretch of one of the uplink tones of a link.
    pub fn take_tone(
        &mut self,
        channels: &Channels,
        series: &mut Series,
        link: &Link,
        from: SimTime,
        length_ms: u32,
    ) -> Slot {
        let slot = self.uplink.take(&channels.tones, &link.tones, from, length_ms);
        if slot.start >= self.counted_from {
            self.uplink_busy_ms += u64::from(length_ms);
        }
        series.add_span(Column::UplinkBusy, slot.start, slot.end, 1);
        slot
    }

    /// The load of the cell in the counted time that ends at `end`.
    #[must_use]
    pub fn load(&self, channels: &Channels, end: SimTime) -> CellLoad {
        let counted = end.since(self.counted_from);
        let usable = |share: f64| (counted.0 as f64 * share) as u64;
        let mut access = self.access.clone();
        for (load, channel) in access.iter_mut().zip(&channels.access) {
            load.opportunities = counted.0 / channel.period.0 * u64::from(channel.preambles);
        }
        CellLoad {
            downlink_busy_us: self.downlink_busy_ms * 1_000,
            downlink_usable_us: usable(channels.downlink.share()),
            uplink_busy_us: self.uplink_busy_ms * 1_000,
            uplink_usable_us: usable(channels.tones.iter().map(Calendar::share).sum()),
            access,
        }
    }
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
