//! From a specification to districts full of terminals.

use std::ops::Range;
use std::sync::Arc;
use std::thread;

use crate::exec::cell::Cell;
use crate::exec::crowd::Crowd;
use crate::exec::district::District;
use crate::exec::roaming::Roaming;
use crate::exec::setup::{Executor, GroupSetup, Setup};
use crate::exec::terminal::Terminal;
use crate::metrics::series::Series;
use crate::network::Layout;
use crate::population::Placement;
use crate::population::place::{Placer, Spot};
use crate::radio::channel::LinkClass;
use crate::radio::{Seat, Terms};
use crate::rng::Purpose;
use crate::units::{Db, SimDuration, SimTime};
use crate::world::shard::Division;
use crate::world::spec::{GroupSpec, WorldSpec};
use crate::world::{Execution, WorldError, above, coupled, preferred};

/// Cells that share an event set, at most (measured: between 8 and 24 is best; more no longer fit the cache).
const CELLS_PER_DISTRICT: usize = 24;
/// Districts per thread, at least, so that threads end together.
const DISTRICTS_PER_THREAD: usize = 4;
/// Rows of the time series, at most.
const SERIES_ROWS: u64 = 200;

/// Where a terminal belongs, as it keeps it. There are as many as terminals, so they are small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// The place of its cell among those of the shard.
    cell: u32,
    /// Its number in its group.
    index: u32,
    half_db: u8,
    level: u8,
    uplink: LinkClass,
    downlink: LinkClass,
}

/// Builds the unchanging part of a run.
///
/// # Errors
/// [`WorldError::Radio`] if the parameters of a network do not fit together.
pub fn setup(spec: &WorldSpec, executor: Executor) -> Result<Setup, WorldError> {
    let mut networks = Vec::new();
    for network in &spec.networks {
        let error = |source| WorldError::Radio { network: network.name.clone(), source };
        networks.push(network.channels().map_err(error)?);
    }
    let skies = spec.networks.iter().map(|network| above::sky(spec, network)).collect::<Result<Vec<_>, _>>()?;
    let mut groups: Vec<GroupSetup> = Vec::new();
    let mut first_ledger = 0;
    for (number, group) in preferred::parts(spec) {
        let network = &spec.networks[group.network];
        let terms = Terms {
            device: &group.device,
            position: group.position,
            active_timer: group.power_saving.active_timer,
            edrx: group.power_saving.edrx,
            periodic_update: group.power_saving.periodic_update,
            release_assistance: group.power_saving.release_assistance,
            dialogue: &group.traffic.dialogue,
            calls: &group.calls,
        };
        let error = |source| WorldError::Radio { network: network.name.clone(), source };
        let plan = network.radio.plan(&terms).map_err(error)?;
        let program = plan.compile();
        let key = spec.key_of(&group);
        let traffic = group.traffic.clone();
        // The coupling loss of a bench is what it is, and that to a satellite follows from where it is.
        let drift = match (group.placement, &network.layout) {
            (Placement::Uniform { .. }, Layout::HexGrid(_)) => network.propagation.temporal_sigma,
            _ => Db(0.0),
        };
        let (calls, start) = (group.calls.clone(), group.start);
        let mobility = coupled::mobility(spec, &group, &networks[group.network])?.map(Roaming::Ground);
        let overhead = above::overhead(spec, &group, &networks[group.network], skies[group.network].as_ref())?;
        let still = preferred::still(spec, &group)?.map(Roaming::Still);
        let roaming = mobility.or(overhead.map(Roaming::Sky)).or(still);
        groups.push(GroupSetup {
            number: number as u16,
            key,
            network: group.network,
            plan,
            program,
            drift,
            traffic,
            gathering: group.gathering,
            calls,
            start,
            roaming,
            preference: None,
            first_ledger,
        });
        first_ledger += networks[group.network].links.len() + 1;
    }
    preferred::rank(spec, &mut groups);
    let (counted_from, end) = (spec.counted_from(), spec.end());
    let outages = spec.networks.iter().map(|network| network.outages.clone()).collect();
    let first_cells = (0..spec.networks.len()).map(|network| first_cell(spec, network)).collect();
    let interference =
        spec.networks.iter().zip(&networks).map(|(network, channels)| coupled::coupled(network, channels));
    let interference = interference.collect();
    Ok(Setup { networks, outages, groups, counted_from, end, interference, first_cells, executor })
}

/// An empty time series of a run: rows of whole minutes, at most some two hundred.
#[must_use]
pub fn series(setup: &Setup) -> Series {
    let minute = SimDuration::from_secs(60);
    let minutes = (setup.end.since(setup.counted_from).0 / SERIES_ROWS).div_ceil(minute.0).max(1);
    Series::new(setup.counted_from, setup.end, minute * minutes)
}

/// Places all terminals and divides the cells of a shard, with their terminals, into districts.
///
/// # Errors
/// [`WorldError::Place`] if a group cannot be placed in its network.
pub fn districts(
    spec: &WorldSpec,
    setup: &Arc<Setup>,
    division: &Division,
    execution: &Execution,
) -> Result<Vec<District>, WorldError> {
    let mut places = Vec::new();
    for (number, part) in setup.groups.iter().enumerate() {
        let group = &spec.groups[usize::from(part.number)];
        places.push(place(spec, setup, (number, group), division, execution.threads)?);
    }
    let cells = cells(spec, setup, division);
    let members = sort_by_cell(&places, cells.len());
    let ranges = districts_of(cells.len(), execution);
    let louder = coupled::Louder::new(spec)?;
    let build = |range: &Range<usize>| {
        let mut fixed = Vec::with_capacity(range.clone().map(|cell| members.of(cell).len()).sum());
        let (mut interference, mut moving) = (Vec::new(), Vec::new());
        for cell in range.clone() {
            let local = (cell - range.start) as u16;
            for &member in members.of(cell) {
                let terminal = terminal(spec, setup, &places, member, local);
                let group = &setup.groups[usize::from(terminal.group)];
                match &group.roaming {
                    None => {
                        interference.extend(louder.as_ref().map(|louder| louder.at(spec, group, &terminal)));
                        fixed.push(terminal);
                    }
                    Some(Roaming::Sky(overhead)) => moving.push(above::traveller(overhead, terminal)),
                    Some(Roaming::Still(still)) => moving.push(preferred::traveller(still, terminal)),
                    Some(Roaming::Ground(mobility)) => {
                        let key = group.key_of(&terminal);
                        moving.push(coupled::traveller(mobility, key, terminal, cells[cell].number));
                    }
                }
            }
        }
        preferred::set_searches(setup, &mut moving);
        let (terminals, cells) = (Crowd::new(fixed, interference, moving), cells[range.clone()].to_vec());
        District::new(Arc::clone(setup), cells, terminals, setup.ledgers(), series(setup))
    };
    Ok(in_parallel(&ranges, execution.threads, build))
}

/// The cells of each district, if there are so many cells: as equal as can be, so that threads end together.
pub(super) fn districts_of(cells: usize, execution: &Execution) -> Vec<Range<usize>> {
    let threads = execution.threads.max(1);
    let count = match execution.cells_per_district {
        Some(size) => cells.div_ceil(size.max(1)),
        None => {
            let fair = (threads * DISTRICTS_PER_THREAD).max(cells.div_ceil(CELLS_PER_DISTRICT));
            fair.next_multiple_of(threads).min(cells)
        }
    };
    (0..count).map(|district| district * cells / count..(district + 1) * cells / count).collect()
}

/// Places one group, and keeps those of its terminals that belong to the shard.
fn place(
    spec: &WorldSpec,
    setup: &Setup,
    (number, group): (usize, &GroupSpec),
    division: &Division,
    threads: usize,
) -> Result<Vec<Place>, WorldError> {
    let GroupSetup { key, network, roaming, preference, .. } = &setup.groups[number];
    let first_cell = first_cell(spec, *network);
    let network = &spec.networks[*network];
    // What roams is placed by what makes it roam.
    let placer = if roaming.is_some() { None } else { Some(placer(spec, group)?) };
    let air = coupled::air_of(network);
    let chunks = in_parallel(&chunks(group.count), threads, |chunk| {
        let place = |index| {
            let key = key.child(u64::from(index));
            if preference.as_ref().is_some_and(|preference| !preferred::begins_here(setup, preference, key, index)) {
                return None;
            }
            let (cell, seat) = match (roaming, &placer) {
                (Some(Roaming::Ground(mobility)), _) => coupled::first_seat(mobility, key, index),
                (Some(Roaming::Sky(overhead)), _) => above::first_seat(overhead, key),
                (Some(Roaming::Still(still)), _) => preferred::first_seat(still, key, index),
                (None, None) => return None,
                (None, Some(placer)) => {
                    let Spot { cell, coupling_loss, neighbour_gain } = placer.spot(key, index);
                    (cell, network.radio.seat(&group.device, &air, coupling_loss, neighbour_gain))
                }
            };
            let cell = division.place(first_cell + cell)?;
            let Seat { coupling_loss, level, uplink, downlink, .. } = seat;
            let half_db = Terminal::half_decibels(coupling_loss);
            Some(Place { cell, index, half_db, level, uplink, downlink })
        };
        chunk.clone().filter_map(place).collect::<Vec<_>>()
    });
    Ok(chunks.concat())
}

/// What places a group in its network.
pub(super) fn placer(spec: &WorldSpec, group: &GroupSpec) -> Result<Placer, WorldError> {
    let network = &spec.networks[group.network];
    Placer::new(&network.layout, &network.propagation, &group.placement, group.device.antenna_gain)
        .map_err(|source| WorldError::Place { group: group.name.clone(), source })
}

/// The number in the run of a network's first cell.
pub(super) fn first_cell(spec: &WorldSpec, network: usize) -> u32 {
    spec.networks[..network].iter().map(|network| network.layout.cells()).sum()
}

/// The cells of all networks.
pub(super) fn cell_count(spec: &WorldSpec) -> u32 {
    first_cell(spec, spec.networks.len())
}

/// The numbers below `count` in ranges that are worth a thread.
pub(super) fn chunks(count: u32) -> Vec<Range<u32>> {
    const CHUNK: u32 = 1 << 14;
    (0..count).step_by(CHUNK as usize).map(|first| first..(first + CHUNK).min(count)).collect()
}

/// The cells of a shard, of all networks.
fn cells(spec: &WorldSpec, setup: &Setup, division: &Division) -> Vec<Cell> {
    let root = spec.key().named("cells");
    let mut cells = Vec::new();
    for (number, network) in spec.networks.iter().enumerate() {
        let first_cell = first_cell(spec, number);
        let key = root.named(&network.name);
        let channels = &setup.networks[number];
        let of_network = (0..network.layout.cells()).filter(|cell| division.place(first_cell + cell).is_some());
        cells.extend(of_network.map(|cell| {
            let counted = setup.counted_from..setup.end;
            let mut new = Cell::new(key.child(u64::from(cell)), number, cell, channels, counted);
            new.activity.around = setup.interference[number].as_ref().map_or(0.0, |coupled| coupled.first);
            new
        }));
    }
    cells
}

/// The terminals of each cell as (group, place among those of the group that are kept), in that order.
struct Members {
    /// Where each cell's members begin, and the end.
    first: Vec<usize>,
    sorted: Vec<(u16, u32)>,
}

impl Members {
    fn of(&self, cell: usize) -> &[(u16, u32)] {
        &self.sorted[self.first[cell]..self.first[cell + 1]]
    }
}

/// Counting sort.
fn sort_by_cell(places: &[Vec<Place>], cells: usize) -> Members {
    let mut first = vec![0; cells + 1];
    for place in places.iter().flatten() {
        first[place.cell as usize + 1] += 1;
    }
    for cell in 0..cells {
        first[cell + 1] += first[cell];
    }
    let mut next = first.clone();
    let mut sorted = vec![(0, 0); first[cells]];
    for (group, places) in places.iter().enumerate() {
        for (position, place) in places.iter().enumerate() {
            let at = &mut next[place.cell as usize];
            sorted[*at] = (group as u16, position as u32);
            *at += 1;
        }
    }
    Members { first, sorted }
}

fn terminal(spec: &WorldSpec, setup: &Setup, places: &[Vec<Place>], (group, place): (u16, u32), cell: u16) -> Terminal {
    let (number, group_setup) = (usize::from(group), &setup.groups[usize::from(group)]);
    let Place { index, half_db, level, uplink, downlink, .. } = places[number][place as usize];
    let key = group_setup.key.child(u64::from(index));
    let rest = &group_setup.plan.rest;
    let timing = &group_setup.traffic.timing;
    let interval = timing.choose(key);
    // Stationary start: system information was confirmed at the last report, some time within an interval ago, or at the last
    // periodic update.
    let age = key.draw(Purpose::InformationAge, 0).below(timing.interval(interval).unwrap_or(rest.update).0);
    let covered = setup.hears(number, level);
    let validity = spec.networks[group_setup.network].radio.information_validity();
    Terminal {
        information_until: SimTime(validity.0.saturating_sub(age)),
        interval: interval as u8,
        index,
        group,
        cell,
        level,
        half_db,
        uplink,
        downlink,
        tail: if covered { rest.quiet[usize::from(level)].0 } else { rest.searching.0 },
        ..Terminal::default()
    }
}

/// Maps on several threads; the order of the results is that of the items.
pub(super) fn in_parallel<I, R>(items: I, threads: usize, map: impl Fn(I::Item) -> R + Sync) -> Vec<R>
where
    I: IntoIterator<Item: Send, IntoIter: ExactSizeIterator>,
    R: Send,
{
    let mut items = items.into_iter();
    let share = items.len().div_ceil(threads.max(1)).max(1);
    thread::scope(|scope| {
        let map = &map;
        let mut workers = Vec::new();
        while items.len() > 0 {
            let items: Vec<I::Item> = items.by_ref().take(share).collect();
            workers.push(scope.spawn(move || items.into_iter().map(map).collect::<Vec<R>>()));
        }
        let joined =
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.flatten().collect()
    })
}
