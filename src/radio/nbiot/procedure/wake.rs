//! From power-off, deep sleep or idle mode to the start of random access.

use super::{Writer, tails};
use crate::cause::{Cause, Errand};
use crate::radio::Terms;
use crate::radio::nbiot::config::Config;
use crate::radio::plan::{Op, Phase, Spend};
use crate::units::SimDuration;

/// How often the pause between two searches doubles before it stays as it is.
const SEARCH_DOUBLINGS: u32 = 8;

impl Writer<'_> {
    /// Cell search, MIB-NB, system information when it has expired (TS 36.331 clause 5.2.2.3), and the page for a terminal
    /// that was called.
    pub(super) fn wake(&mut self) {
        let (device, at) = (self.terms.device, self.at());
        let parameters = &self.config.levels[self.level];
        self.b.place(at.switched_on);
        self.b.doing("search of bands and networks", "TS 36.304 5.2.3, TS 23.122 4.4.3");
        self.b.hold(self.config.first_search, Cause::Sync, device.receiving());
        self.b.goto(at.wake);
        // Whoever was called has found its cell again at the start of the window; that is booked with extended DRX.
        self.b.place(at.dozing);
        self.b.op(Op::Switch(std::array::from_fn(|errand| match Errand::of(errand) {
            Errand::Command | Errand::Download => at.idle,
            _ => at.wake,
        })));
        self.b.place(at.wake);
        self.b.doing("cell search, MIB-NB", "TS 36.211 10.2.7, TS 36.331 5.2.2");
        self.b.hold(parameters.sync + parameters.mib, Cause::Sync, device.receiving());
        self.b.place(at.idle);
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

    /// Hears the page in its paging occasion, or in one of the next.
    fn page(&mut self, paged: crate::radio::plan::Label) {
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

/// Without coverage: a search, a pause, and again, the pause doubling up to its longest.
pub(super) fn searching(config: &Config, terms: &Terms<'_>, asleep: &Phase) -> Vec<Phase> {
    let device = terms.device;
    let phase = |span, share: f64| Phase {
        span,
        spend: Spend { cause: Cause::Search, activity: device.searching(share) },
        ..asleep.clone()
    };
    let mut phases = Vec::new();
    let mut pause = config.search_pause;
    for _ in 0..SEARCH_DOUBLINGS {
        if pause >= config.search_pause_longest {
            break;
        }
        phases.push(phase(config.search, 1.0));
        phases.push(phase(pause, 0.0));
        pause = (pause * 2).min(config.search_pause_longest);
    }
    let cycle = config.search + config.search_pause_longest;
    phases.push(phase(SimDuration(u64::MAX), config.search.as_secs_f64() / cycle.as_secs_f64()));
    phases
}
