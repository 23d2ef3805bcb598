//! What happens on board of satellites: the way of messages to the ground, and registering by instalments.

use crate::cause::{Cause, Loss};
use crate::exec::walk::Walk;
use crate::network::{Relay, Storage};
use crate::population::feeder::Feeder;
use crate::population::sky::Sky;
use crate::units::{SimDuration, SimTime};

/// What a satellite keeps until it sees a gateway.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stored {
    /// When it sees one.
    until: SimTime,
    /// Bytes.
    bytes: u64,
}

impl Stored {
    /// Keeps a message until then, if there is room for it. What had an earlier end is gone by now.
    #[must_use]
    fn keep(&mut self, until: SimTime, bytes: u32, memory: u64) -> bool {
        if self.until != until {
            *self = Stored { until, bytes: 0 };
        }
        let bytes = self.bytes + u64::from(bytes);
        let fits = bytes <= memory;
        if fits {
            self.bytes = bytes;
        }
        fits
    }
}

/// How far a terminal has come with registering over satellites that store: the network at home answers only after a satellite has
/// been at a gateway, so that it takes several contacts (store and forward, Release 19).
#[derive(Clone, Copy, Debug, Default)]
pub struct Registration {
    /// When it began, if it is under way.
    begun: Option<SimTime>,
    /// From when on a satellite at a gateway gets the answer.
    answered: SimTime,
    /// Before then it need not come again.
    pub again: SimTime,
    /// Contacts that are behind it.
    contacts: u8,
}

impl Walk<'_> {
    /// The satellites of the terminal and their feeder links, if they have any that count.
    fn feeder(&self) -> Option<(&Sky, &Feeder)> {
        let sky = self.group.roaming.as_ref()?.sky()?;
        Some((sky, sky.feeder()?))
    }

    /// Carries a message on that has come up to a satellite; returns how long it takes from there to the ground.
    ///
    /// # Errors
    /// [`Loss::StorageFull`] if there is no room for it on board.
    pub(super) fn carry_on(&mut self) -> Result<SimDuration, Loss> {
        let Some((sky, feeder)) = self.feeder() else { return Ok(SimDuration::ZERO) };
        let clock = self.context.clock;
        let way = feeder.way(sky, self.cell.number, clock);
        let down = way.map_or(SimTime::MAX, |way| clock + way.storage);
        if let Relay::StoreAndForward(Storage { memory, .. }) = feeder.relay
            && down > clock
        {
            let bytes = self.group.report_bytes(self.terminal, self.context.report);
            if !self.cell.stored.keep(down, bytes, memory) {
                return Err(Loss::StorageFull);
            }
        }
        let Some(way) = way else {
            // Not before the end of the run.
            let rest = self.setup.end.since(clock);
            self.context.time[Cause::Storage.index()] += rest;
            return Ok(rest);
        };
        let parts = [(Cause::Storage, way.storage), (Cause::SatelliteLinks, way.links), (Cause::Feeder, way.feeder)];
        for (cause, span) in parts {
            self.context.time[cause.index()] += span;
        }
        Ok(way.total())
    }

    /// Whether a terminal that registers is through with it. Where satellites store, one contact brings the request up, and each
    /// further one an answer that its satellite has fetched from a gateway meanwhile.
    pub(super) fn is_answered_on_board(&mut self) -> bool {
        let Some((_, feeder)) = self.feeder() else { return true };
        let Relay::StoreAndForward(storage) = feeder.relay else { return true };
        let (satellite, clock) = (self.cell.number, self.context.clock);
        let (fetched, next) = (feeder.last_contact(satellite, clock), feeder.next_contact(satellite, clock));
        let registration = &mut self.context.registration;
        let begun = *registration.begun.get_or_insert(self.context.born);
        if registration.contacts > 0 && fetched.is_none_or(|fetched| fetched < registration.answered) {
            registration.again = clock + storage.wait;
            return false;
        }
        registration.contacts += 1;
        if registration.contacts >= storage.attach_contacts {
            self.context.born = begun;
            self.context.registration = Registration::default();
            return true;
        }
        registration.answered = next.unwrap_or(SimTime::MAX);
        registration.again = registration.answered;
        false
    }
}
