//! What a terminal does next: the earliest of its reports, its periodic update and the calls of the server.

use crate::cause::Errand;
use crate::exec::outage;
use crate::exec::setup::{GroupSetup, Setup};
use crate::exec::terminal::Terminal;
use crate::radio::plan::{Phase, Reachable};
use crate::rng::Purpose;
use crate::traffic::protocol::When;
use crate::units::{SimDuration, SimTime};

/// The first errand of a terminal in a run. Moves its report number to its first report; switches it off if it is to be
/// switched on.
pub(super) fn first(setup: &Setup, terminal: &mut Terminal) -> Option<(SimTime, Errand)> {
    let group = &setup.groups[usize::from(terminal.group)];
    terminal.report = group.first_report_from(terminal, SimTime::ZERO);
    terminal.attached = true;
    if let Some(at) = group.switched_on(terminal) {
        let outages = &setup.outages[group.network];
        let at = outage::next_power_cut(outages, group, terminal, at..at).map_or(at, |cut| cut.restart);
        // Reports and commands of a time at which it was off do not exist.
        terminal.report = group.first_report_from(terminal, at);
        terminal.commands = group.first_command_from(terminal, at);
        // Who moves may hear a cell by then.
        if setup.is_covered(terminal) || group.roams() {
            terminal.switch_off(SimTime::ZERO, group.plan.rest.off);
            return Some((at, Errand::Attach));
        }
        // It searches from then on.
        terminal.released = at;
    }
    let planned = planned(setup, terminal, SimTime::ZERO, None);
    let update = first_expiry(group, terminal, group.plan.rest.update, Purpose::Update);
    let update = update.map(|time| (time, Errand::TrackingAreaUpdate));
    let upkeep = first_upkeep(group, terminal).map(|time| (time, Errand::KeepAlive));
    let planned = [planned, update, upkeep].into_iter().flatten().min_by_key(|(time, _)| *time);
    unless_cut_off(setup, terminal, SimTime::ZERO, planned)
}

/// The next errand of a terminal that has none at `clock`, and when it sets out. `failed` is the one it failed at just now.
pub(super) fn next(
    setup: &Setup,
    terminal: &Terminal,
    clock: SimTime,
    failed: Option<Errand>,
) -> Option<(SimTime, Errand)> {
    unless_cut_off(setup, terminal, clock, planned(setup, terminal, clock, failed))
}

/// What comes next if a power cut does not come first: then it is the attach after it.
pub(super) fn unless_cut_off(
    setup: &Setup,
    terminal: &Terminal,
    clock: SimTime,
    planned: Option<(SimTime, Errand)>,
) -> Option<(SimTime, Errand)> {
    let group = &setup.groups[usize::from(terminal.group)];
    let outages = &setup.outages[group.network];
    if outages.is_empty() || !setup.is_covered(terminal) {
        return planned;
    }
    let until = planned.map_or(SimTime::MAX, |(time, _)| time);
    outage::next_power_cut(outages, group, terminal, clock..until).map(|cut| (cut.restart, Errand::Attach)).or(planned)
}

/// The next errand but for power cuts.
fn planned(setup: &Setup, terminal: &Terminal, clock: SimTime, failed: Option<Errand>) -> Option<(SimTime, Errand)> {
    let group = &setup.groups[usize::from(terminal.group)];
    let rest = &group.plan.rest;
    if !terminal.attached {
        return Some((clock + rest.retry, Errand::Attach));
    }
    let report = group.report_time(terminal, terminal.report);
    let report = report.map(|time| (appointed(setup, group, terminal, time.max(clock)), Errand::Report));
    if !setup.is_covered(terminal) {
        return report;
    }
    // T3412 starts at each release (TS 24.301 clause 5.3.5).
    let wait = if failed == Some(Errand::TrackingAreaUpdate) { rest.retry } else { rest.update };
    let spoken = terminal.released > SimTime::ZERO;
    let update = spoken.then(|| (SimTime(clock.0.saturating_add(wait.0)), Errand::TrackingAreaUpdate));
    let call = |errand| Some((page(group, terminal, errand, clock)?, errand));
    let upkeep = upkeep(group, terminal, clock).filter(|_| spoken).map(|time| (time, Errand::KeepAlive));
    [report, update, upkeep, call(Errand::Command), call(Errand::Download)]
        .into_iter()
        .flatten()
        .min_by_key(|(time, errand)| (*time, errand.index()))
}

/// When a terminal sets out with its next report, which is ready at `ready`: at once or, if it has a reserved block of the
/// uplink that holds the report, in time for that.
///
/// Who is connected anyway, has more than two reports due or has lost the session does not wait.
fn appointed(setup: &Setup, group: &GroupSetup, terminal: &Terminal, ready: SimTime) -> SimTime {
    let Some(appointment) = &group.plan.appointment else { return ready };
    let opening = group.traffic.dialogue.opening.as_ref().and_then(|opening| opening.after);
    let lost = opening.is_some_and(|after| ready.since(terminal.released) > after);
    let late = group.report_time(terminal, terminal.report + 2).is_some_and(|next| next <= ready);
    if lost || late || phase_at(group, terminal, ready).is_connected() {
        return ready;
    }
    let level = usize::from(terminal.level);
    let Some(link) = setup.networks[group.network].links.get(level) else { return ready };
    if !link.tables[appointment.table].holds(group.report_bytes(terminal, terminal.report) + appointment.extra) {
        return ready;
    }
    let place = group.paging_place(terminal);
    let occasion = |lead| (Reachable::Occasions { period: appointment.period }).next(ready + lead, place);
    let (short, long) = appointment.leads[level];
    let informed = occasion(short).filter(|time| *time < terminal.information_until).map(|time| (time, short));
    let (time, lead) = informed.or_else(|| Some((occasion(long)?, long))).unwrap_or((ready, SimDuration::ZERO));
    SimTime(time.0 - lead.0)
}

/// When a page for the server's next call reaches a terminal; `None` if there is no call, or if it waits until the terminal
/// shows up by itself.
fn page(group: &GroupSetup, terminal: &Terminal, errand: Errand, clock: SimTime) -> Option<SimTime> {
    let called = group.call_time(terminal, errand)?;
    let tail = &group.plan.tails[usize::from(terminal.tail)];
    let paged = tail.page(terminal.released, called.max(clock), group.paging_place(terminal))?;
    // A terminal that is still connected gets what a path let through that has closed meanwhile.
    let closed = group.traffic.dialogue.reach.is_some_and(|reach| paged.since(terminal.released) > reach);
    (!closed || phase_at(group, terminal, paged).is_connected()).then_some(paged)
}

fn phase_at<'a>(group: &'a GroupSetup, terminal: &Terminal, time: SimTime) -> &'a Phase {
    group.plan.tails[usize::from(terminal.tail)].phase_at(terminal.released, time)
}

/// When a terminal that has just been released next has to keep its path or its registration alive.
fn upkeep(group: &GroupSetup, terminal: &Terminal, clock: SimTime) -> Option<SimTime> {
    match group.traffic.dialogue.upkeep.as_ref()?.when {
        When::Silence(silence) => Some(clock + silence),
        When::Every(_) => group.registration_update(terminal, clock),
    }
}

/// The first upkeep of a terminal that has not spoken in the run.
fn first_upkeep(group: &GroupSetup, terminal: &Terminal) -> Option<SimTime> {
    match group.traffic.dialogue.upkeep.as_ref()?.when {
        When::Silence(silence) => first_expiry(group, terminal, silence, Purpose::Upkeep),
        When::Every(_) => group.registration_update(terminal, SimTime::ZERO),
    }
}

/// When a timer of length `span` that each contact starts anew first expires for a terminal whose last contact lies before
/// the run. For one that reports more often it never does.
fn first_expiry(group: &GroupSetup, terminal: &Terminal, span: SimDuration, purpose: Purpose) -> Option<SimTime> {
    let apart = group.traffic.timing.longest_silence(usize::from(terminal.interval));
    let draw = group.key_of(terminal).draw(purpose, 0);
    (apart > span).then(|| SimTime::ZERO + SimDuration(draw.below(span.0.max(1))))
}
