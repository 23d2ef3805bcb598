//! From power-off, deep sleep or idle mode to the start of random access.

use super::{Writer, tails};
use crate::cause::{Cause, Errand};
use crate::radio::Terms;
use crate::radio::nbiot::config::Config;
use crate::radio::plan::{Label, Op, Phase, Search, Spend};
use crate::units::SimDuration;

impl Writer<'_> {
    /// Cell search, MIB-NB, system information when it has expired (TS 36.331 clause 5.2.2.3), and the page for a terminal
    /// that was called.
    pub(super) fn wake(&mut self) {
        let (device, at) = (self.terms.device, self.at());
        let parameters = &self.config.levels[self.level];
        self.b.place(at.switched_on);
        self.b.doing("search of bands and networks", "TS 36.304 5.2.3, TS 23.122 4.4.3");
        // Who has been served knows the orbits, and with them the shift of the next satellite.
        let hypotheses = self.config.ntn.as_ref().map_or(1, |ntn| ntn.doppler_hypotheses);
        self.b.hold(self.config.first_search * u64::from(hypotheses), Cause::Sync, device.receiving());
        self.b.goto(at.wake);
        // Whoever was called has found its cell again at the start of the window; that is booked with extended DRX.
        self.b.place(at.dozing);
        self.b.op(Op::Switch(std::array::from_fn(|errand| match Errand::of(errand) {
            Errand::Command | Errand::Download => at.idle,
            _ => at.wake,
        })));
        self.b.place(at.wake);
        self.locate();
        self.b.doing("cell search, MIB-NB", "TS 36.211 10.2.7, TS 36.331 5.2.2");
        self.b.hold(parameters.sync + parameters.mib, Cause::Sync, device.receiving());
        self.b.place(at.idle);
        self.locate();
        let (paged, unpaged) = (self.b.label(), self.b.label());
        self.b.op(Op::Switch(std::array::from_fn(|errand| match Errand::of(errand) {
            Errand::Command | Errand::Download => paged,
            _ => unpaged,
        })));
        self.page(paged);
        self.b.place(unpaged);
        self.b.doing("system information", "TS 36.331 5.2.2.3");
        self.b.op(Op::Refresh { validity: self.config.information_validity, valid: at.access });
        self.b.op(Op::Align {
            period: self.config.information_period,
            offset: SimDuration::ZERO,
            spend: Spend { cause: Cause::SystemInformation, activity: device.idling() },
        });
        self.b.hold(parameters.information, Cause::SystemInformation, device.receiving());
        self.b.goto(at.access);
    }

    /// Over a satellite a terminal must know where it is before it may transmit (TS 36.331 clause 5.3.3.21), and finds out
    /// before it turns to the cell.
    fn locate(&mut self) {
        if self.config.ntn.is_some()
            && let Some(position) = self.terms.position
        {
            self.b.doing("GNSS fix", "TS 36.300 23.21.2.2");
            self.b.op(Op::Locate(position));
        }
    }

    /// Hears the page in its paging occasion, or in one of the next.
    fn page(&mut self, paged: Label) {
        let at = self.at();
        let (missed, again) = (self.b.label(), self.b.label());
        self.b.place(paged);
        self.b.doing("Paging", "TS 36.304 7.1, TS 36.213 16.6");
        self.b.op(Op::Page { link: self.level, missed });
        self.b.goto(at.access);
        self.b.place(missed);
        self.b.op(Op::Again { limit: self.config.paging_repetitions, to: again });
        self.b.goto(at.access_lost);
        self.b.place(again);
        let activity = tails::paged(self.config, self.terms, self.level);
        self.b.hold(self.config.paging_cycle, Cause::ActiveTime, activity);
        self.b.goto(paged);
    }
}

/// How terminals of the network search.
pub(super) fn search(config: &Config) -> Search {
    Search { length: config.search, pause: config.search_pause, longest: config.search_pause_longest }
}

/// Without coverage: searches and pauses.
pub(super) fn searching(config: &Config, terms: &Terms<'_>, asleep: &Phase) -> Vec<Phase> {
    let search = search(config);
    let phase = |span, share: f64| Phase {
        span,
        spend: Spend { cause: Cause::Search, activity: terms.device.searching(share) },
        ..asleep.clone()
    };
    let growing = search.growing().flat_map(|pause| [phase(search.length, 1.0), phase(pause, 0.0)]);
    let share = search.length.as_secs_f64() / (search.length + search.longest).as_secs_f64();
    growing.chain([phase(SimDuration(u64::MAX), share)]).collect()
}
