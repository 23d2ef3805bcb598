//! Random access: what becomes of those who chose the same opportunity.
//!
//! One decision per cell, channel and opportunity, at the instant at which the response window opens. Preambles chosen
//! by one terminal are detected with the channel's probability. What becomes of a preamble chosen by several is up to the
//! channel: nobody hears it, or it gets one response, and all answer with their first scheduled block at once. The
//! strongest of them gets through if its block survives the others; the rest lose the contention timer.

use crate::cause::Cause;
use crate::exec::booking::Spell;
use crate::exec::cell::{Cell, Path};
use crate::exec::context::{Context, NONE, Pool};
use crate::exec::transfer::air;
use crate::exec::walk::{Flow, Walk};
use crate::metrics::series::Series;
use crate::power::Activity;
use crate::radio::channel::{AccessChannel, BlockRow, Channels, Collision, LinkClass, Resource, Responding};
use crate::radio::plan::{Meter, Part};
use crate::rng::Purpose;
use crate::units::{Db, SimDuration, SimTime};

/// What has room of its own for responses sends them by the millisecond.
const SUBFRAME: SimDuration = SimDuration::from_millis(1);

/// One attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempt {
    /// The preamble it chose.
    pub preamble: u32,
    /// The terminal's number in the district.
    pub terminal: u32,
    /// The context's number in the pool.
    pub context: u32,
    /// Link class of its first scheduled block.
    pub uplink: LinkClass,
    /// How it stands against others with the same preamble.
    pub contest: Contest,
}

/// How an attempt stands against others with the same preamble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contest {
    /// There is none.
    Alone,
    /// It is the strongest of several: the link class of its block with the others as interference.
    Strongest(LinkClass),
    /// Another is stronger.
    Beaten,
}

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The network did not detect the preamble.
    Missed,
    /// Detected, but no response could be sent within the window.
    Unanswered,
    /// Answered.
    Answered(Answer),
}

/// A response and the block it grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The message of responses.
    pub response: Response,
    /// When the granted block begins.
    pub block_start: SimTime,
    /// When it ends.
    pub block_end: SimTime,
}

/// Where an opportunity takes place.
pub struct Venue<'a> {
    /// The channels of the network.
    pub channels: &'a Channels,
    /// Number of the random-access channel.
    pub channel: usize,
    /// The cell.
    pub cell: &'a mut Cell,
    /// The time series.
    pub series: &'a mut Series,
}

/// Empties a list of contexts into `attempts`, sorted so that the order of joining does not matter. What it held is gone.
pub fn collect(pool: &mut Pool, mut first: u32, preambles: u32, attempts: &mut Vec<Attempt>) {
    attempts.clear();
    while first != NONE {
        let context = pool.get_mut(first);
        let draw = context.key.draw(Purpose::Preamble, u64::from(context.attempts_total));
        let preamble = draw.below(u64::from(preambles)) as u32;
        let (terminal, uplink) = (context.terminal, context.first_block);
        attempts.push(Attempt { preamble, terminal, context: first, uplink, contest: Contest::Alone });
        first = std::mem::replace(&mut context.next, NONE);
    }
    attempts.sort_unstable();
    for group in attempts.chunk_by_mut(|a, b| a.preamble == b.preamble).filter(|group| group.len() > 1) {
        rank(group);
    }
}

/// Finds the strongest of those who chose the same preamble; of equals the first.
fn rank(group: &mut [Attempt]) {
    let all: f64 = group.iter().map(|attempt| attempt.uplink.ratio().linear()).sum();
    let strongest = (0..group.len()).rev().max_by_key(|&number| group[number].uplink).unwrap_or(0);
    let own = group[strongest].uplink.ratio().linear();
    group.iter_mut().for_each(|attempt| attempt.contest = Contest::Beaten);
    group[strongest].contest = Contest::Strongest(LinkClass::of(Db::from_linear(own / (1.0 + all - own))));
}

/// Decides over all attempts of one opportunity, whose window opens at `now`: their `outcomes` in the same order. What these
/// held is gone.
pub fn decide(venue: &mut Venue<'_>, pool: &mut Pool, attempts: &[Attempt], now: SimTime, outcomes: &mut Vec<Outcome>) {
    let access = &venue.channels.access[venue.channel];
    let chosen = || attempts.chunk_by(|a, b| a.preamble == b.preamble);
    outcomes.clear();
    let mut waiting = 0;
    for group in chosen() {
        // Who is first in a group draws for all: the preambles add up to one that is heard or not.
        let audible = group.len() == 1 || access.collision == Collision::FirstBlock;
        let detected = audible && is_detected(pool.get_mut(group[0].context), access);
        waiting += usize::from(detected);
        let outcome = if detected { Outcome::Unanswered } else { Outcome::Missed };
        outcomes.extend(std::iter::repeat_n(outcome, group.len()));
    }
    let mut response = None;
    let (mut messages, mut left, mut first) = (0, 0, 0);
    // By the number of the preamble: whoever is late in this order has drawn it.
    for group in chosen() {
        let group = first..first + group.len();
        first = group.end;
        if outcomes[group.start] == Outcome::Missed {
            continue;
        }
        if left == 0 {
            left = waiting.min(access.responses_per_message as usize);
            response = respond(venue, messages, left as u32, now);
            messages += 1;
        }
        left -= 1;
        waiting -= 1;
        if let Some(response) = response {
            outcomes[group].fill(grant_block(venue, response));
        }
    }
}

fn is_detected(context: &Context, access: &AccessChannel) -> bool {
    let attempt = context.attempts_total - context.attempts_before;
    context.key.draw(Purpose::Detection, u64::from(context.attempts_total)).chance(access.detection(attempt))
}

/// A message of random-access responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response {
    /// When its grant begins.
    pub control_start: SimTime,
    /// When its grant ends.
    pub control_end: SimTime,
    /// When its block begins.
    pub start: SimTime,
    /// When its block ends.
    pub end: SimTime,
    /// Responses in it.
    pub count: u32,
}

/// Sends message number `number` of the opportunity, with `count` responses; `None` if it cannot be sent within the window.
fn respond(venue: &mut Venue<'_>, number: u64, count: u32, now: SimTime) -> Option<Response> {
    let access = &venue.channels.access[venue.channel];
    let Responding::Scheduled { table, bytes } = access.responding else {
        let start = now + SUBFRAME * number;
        let response = Response { control_start: start, control_end: start, start, end: start + SUBFRAME, count };
        return Some(response).filter(|response| response.end <= now + access.window);
    };
    let link = &venue.channels.links[access.link];
    let path = Path::anchor(venue.channels, link);
    let grant = venue.cell.find_grant(path, &link.common, (now, now));
    if grant.control_end > now + access.window {
        return None;
    }
    venue.cell.take_grant(path, venue.series, &link.common, &grant);
    let row = link.tables[table].row_for(bytes * count);
    let from = grant.control_end + link.downlink_gap;
    let (start, end) = venue.cell.take_block(path, venue.series, from, row.airtime_ms);
    Some(Response { control_start: grant.control_start, control_end: grant.control_end, start, end, count })
}

/// Takes room for the block that a response grants.
fn grant_block(venue: &mut Venue<'_>, response: Response) -> Outcome {
    let access = &venue.channels.access[venue.channel];
    let link = &venue.channels.links[access.link];
    let table = &link.tables[access.first_table];
    let row = table.row_for(access.first_bytes);
    let length_ms = row.airtime_ms + row.gaps_ms;
    let from = response.end + access.grant_gap;
    if access.responding == Responding::Reserved {
        let block_end = from + SUBFRAME * u64::from(length_ms);
        return Outcome::Answered(Answer { response, block_start: from, block_end });
    }
    let path = Path::anchor(venue.channels, link);
    let slot = venue.cell.take_uplink(path, venue.series, table, from, length_ms);
    Outcome::Answered(Answer { response, block_start: slot.start, block_end: slot.end })
}

impl Walk<'_> {
    /// Books an attempt with this outcome; says where the plan goes on and whether the terminal heard its response.
    /// `responded`: a response went to somebody in the window. Whoever hears one takes its backoff indicator, and one for
    /// others is heard by all (TS 36.321 clause 5.1.4).
    pub fn settle(&mut self, channel: usize, attempt: &Attempt, outcome: Outcome, responded: bool) -> (Flow, bool) {
        let access = &self.channels.access[channel];
        let (block_lost, failed) = self.context.access_targets;
        let Outcome::Answered(answer) = outcome else {
            self.context.told_to_back_off |= responded;
            self.fail_unanswered(access);
            return (Flow::To(failed), false);
        };
        let link = &self.channels.links[access.link];
        if !self.understands(access, &answer.response) {
            self.fail_unanswered(access);
            return (Flow::To(failed), false);
        }
        self.context.told_to_back_off = true;
        let row = link.tables[access.first_table].row_for(self.context.bytes);
        let draw = self.block_draw();
        match attempt.contest {
            Contest::Alone => {
                self.send_first_block(access, &answer, row);
                let lost = draw.chance(row.loss(attempt.uplink, 0));
                self.context.transmission = u8::from(lost);
                let target = if row.transmissions == 1 { failed } else { block_lost };
                (if lost { Flow::To(target) } else { Flow::Next }, true)
            }
            Contest::Strongest(class) if !draw.chance(row.loss(class, 0)) => {
                self.send_first_block(access, &answer, row);
                (Flow::Next, true)
            }
            Contest::Strongest(_) | Contest::Beaten => {
                self.collide(access, &answer, row);
                (Flow::To(failed), true)
            }
        }
    }

    /// Whether the terminal receives a message of responses, its grant included.
    fn understands(&mut self, access: &AccessChannel, response: &Response) -> bool {
        let Responding::Scheduled { table, bytes } = access.responding else { return true };
        let link = &self.channels.links[access.link];
        let row = link.tables[table].row_for(bytes * response.count);
        let downlink = self.context.downlink;
        let draw = self.block_draw();
        !draw.chance(row.loss(downlink, 0)) && !draw.second_chance(link.common.loss[downlink.index()])
    }

    /// The preamble and the wait for the response window.
    fn send_preamble(&mut self, access: &AccessChannel, cause: Cause) {
        let meter = &self.group.plan.meter;
        let clock = self.context.clock;
        let attempts = self.context.attempts_total - self.context.attempts_before;
        let failed = f64::from(attempts.saturating_sub(1));
        let transmitting = meter.transmitting.at(self.backoff(access.power, Db(access.power_step.0 * failed)));
        let waiting = meter.waiting;
        self.part = Part::Preamble;
        self.book(&[
            Spell::new(clock + access.preamble_airtime, cause, transmitting).using(Resource::Preamble),
            Spell::new(clock + access.preamble, cause, waiting),
        ]);
        self.part = Part::Response;
    }

    /// The wait for the response window and in it, and the response.
    fn hear_response(&mut self, access: &AccessChannel, response: &Response, cause: Cause) {
        let Meter { waiting, receiving, ref monitoring, .. } = self.group.plan.meter;
        let link = &self.channels.links[access.link];
        let control_end = self.without_pauses(link, response.control_start, response.control_end);
        let end = self.without_pauses(link, response.start, response.end);
        self.book(&[
            Spell::new(self.context.clock + access.response_delay, cause, waiting),
            Spell::new(response.control_start, cause, monitoring[access.link]),
            Spell::new(control_end, cause, receiving).using(Resource::Grant),
            Spell::new(response.start, cause, waiting),
            Spell::new(end, cause, receiving).using(Resource::Down),
            Spell::new(response.end, cause, waiting),
        ]);
        self.part = Part::Block;
    }

    fn fail_unanswered(&mut self, access: &AccessChannel) {
        self.send_preamble(access, Cause::Unanswered);
        let meter = &self.group.plan.meter;
        let (waiting, monitoring) = (meter.waiting, meter.monitoring[access.link]);
        self.spend(Cause::Unanswered, waiting, access.response_delay);
        self.spend(Cause::Unanswered, monitoring, access.window);
    }

    fn collide(&mut self, access: &AccessChannel, answer: &Answer, row: &BlockRow) {
        self.send_preamble(access, Cause::Collision);
        self.hear_response(access, &answer.response, Cause::Collision);
        let meter = &self.group.plan.meter;
        let (waiting, monitoring) = (meter.waiting, meter.monitoring[access.link]);
        let start = self.context.clock.max(answer.block_start);
        let end = answer.block_end.max(start + row.airtime());
        self.book(&[
            Spell::new(start, Cause::Collision, waiting),
            Spell::new(start + row.airtime(), Cause::Collision, self.sending_first(access)).using(Resource::Up),
            Spell::new(end, Cause::Collision, waiting),
            Spell::new(end + access.contention_timer, Cause::Collision, monitoring),
        ]);
    }

    /// Transmission of the first scheduled block.
    fn sending_first(&self, access: &AccessChannel) -> Activity {
        let rule = self.channels.links[access.link].tables[access.first_table].power;
        self.group.plan.meter.transmitting.at(self.backoff(rule, Db(0.0)))
    }

    fn send_first_block(&mut self, access: &AccessChannel, answer: &Answer, row: &BlockRow) {
        self.send_preamble(access, Cause::Preamble);
        self.hear_response(access, &answer.response, Cause::AccessResponse);
        self.stay_informed(self.context.clock.max(answer.block_start));
        let waiting = self.group.plan.meter.waiting;
        let granted = answer.response.end + access.grant_gap;
        let flown = answer.response.end + access.propagation;
        let start = self.context.clock.max(answer.block_start);
        let sending = (self.sending_first(access), Resource::Up);
        let [first, further] = air([access.first_air, Cause::Repetition], row, sending, start, row.airtime());
        let turnaround = self.channels.links[access.link].uplink_turnaround;
        self.book(&[
            Spell::new(flown.min(answer.block_start), Cause::Propagation, waiting),
            Spell::new(granted.min(answer.block_start), Cause::Scheduling, waiting),
            Spell::new(start, Cause::Queueing, waiting),
            first,
            further,
            Spell::new(answer.block_end + turnaround, Cause::Scheduling, waiting),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::Errand;
    use crate::rng::Key;

    /// Means over many opportunities: share of the attempts alone on their preamble, number of such attempts, and of preambles
    /// that several chose.
    fn contests(devices: u32, preambles: u32) -> (f64, f64, f64) {
        const TRIALS: u32 = 20_000;
        let (mut single, mut collided) = (0, 0);
        for trial in 0..TRIALS {
            let mut pool = Pool::default();
            let mut first = NONE;
            for device in 0..devices {
                let key = Key::root(u64::from(trial)).child(u64::from(device));
                let mut context = Context::new(key, device, Errand::Report, SimTime::ZERO, SimTime::ZERO);
                context.next = first;
                first = pool.insert(context);
            }
            let mut attempts = Vec::new();
            collect(&mut pool, first, preambles, &mut attempts);
            assert!(attempts.is_sorted() && attempts.len() == devices as usize);
            single += attempts.iter().filter(|attempt| attempt.contest == Contest::Alone).count();
            collided += attempts.iter().filter(|attempt| matches!(attempt.contest, Contest::Strongest(_))).count();
        }
        let mean = |count: usize| count as f64 / f64::from(TRIALS);
        (mean(single) / f64::from(devices), mean(single), mean(collided))
    }

    #[test]
    fn collisions_follow_the_closed_form() {
        // P(alone) = (1 − 1/N)^(m−1), m times as many terminals, and N − N (1 − 1/N)^m − m (1 − 1/N)^(m−1) preambles.
        for (preambles, devices) in [(48, 10), (48, 48), (24, 5), (24, 24), (12, 3), (12, 12), (12, 40)] {
            let (n, m) = (f64::from(preambles), f64::from(devices));
            let not_mine = 1.0 - 1.0 / n;
            let alone = not_mine.powf(m - 1.0);
            let several = n - n * not_mine.powf(m) - m * alone;
            let (share, single, collided) = contests(devices, preambles);
            assert!((share - alone).abs() < 0.006, "{devices} on {preambles}: {share} against {alone}");
            // Four standard errors: the variances are at most 13 in 20,000 opportunities.
            assert!((single - m * alone).abs() < 0.1, "{devices} on {preambles}: {single} against {}", m * alone);
            assert!((collided - several).abs() < 0.1, "{devices} on {preambles}: {collided} against {several}");
        }
    }

    #[test]
    fn a_cell_with_54_preambles_collides_as_often_as_it_should() {
        // 1 − (1 − 1/N)^(m−1), m (1 − 1/N)^(m−1) and N − N (1 − 1/N)^m − m (1 − 1/N)^(m−1) for N = 54.
        for (devices, collides, alone, collided) in [
            (10, 0.1548, 8.452, 0.755),
            (20, 0.2989, 14.021, 2.822),
            (54, 0.6287, 20.051, 14.27),
            (100, 0.8428, 15.716, 29.96),
        ] {
            let (share, single, several) = contests(devices, 54);
            // Four standard errors: the variance of single ones is at most 13, that of 54.
            assert!((1.0 - share - collides).abs() < 0.005, "{devices}: {share}");
            assert!((single - alone).abs() < 0.1 && (several - collided).abs() < 0.1, "{devices}: {single} {several}");
        }
    }

    #[test]
    fn most_successes_per_opportunity() {
        // With as many terminals as preambles, or one less: 17.84, 9.02, 4.61 for 48, 24, 12 subcarriers.
        for (preambles, most) in [(48, 17.84), (24, 9.02), (12, 4.61)] {
            let (_, mean, _) = contests(preambles, preambles);
            assert!((mean - most).abs() < 0.06, "{preambles}: {mean}");
        }
    }

    #[test]
    fn the_strongest_of_a_collision_has_the_others_as_interference() {
        let attempt = |terminal, ratio| {
            let uplink = LinkClass::of(Db(ratio));
            Attempt { preamble: 7, terminal, context: 0, uplink, contest: Contest::Alone }
        };
        let contest = |ratios: [f64; 3]| {
            let mut group = [attempt(0, ratios[0]), attempt(1, ratios[1]), attempt(2, ratios[2])];
            rank(&mut group);
            group.map(|attempt| attempt.contest)
        };
        // 30 dB over noise against two of 10 dB: 10 log10(1000 / 21) = 16.8 dB.
        let strongest = Contest::Strongest(LinkClass::of(Db(16.8)));
        assert_eq!(contest([10.0, 30.0, 10.0]), [Contest::Beaten, strongest, Contest::Beaten]);
        // Equals: the first, at -10 log10(2 + 1/10) dB.
        let strongest = Contest::Strongest(LinkClass::of(Db(-3.2)));
        assert_eq!(contest([10.0, 10.0, 10.0]), [strongest, Contest::Beaten, Contest::Beaten]);
    }
}
