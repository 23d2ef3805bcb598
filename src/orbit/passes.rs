//! When places see satellites: contact windows, for many satellites and many places.
//!
//! Each satellite is propagated once, to knots of time (`track`); between them its path is a cubic. Places lie in blocks of neighbours
//! (`block`), and a block looks only at those stretches of a path that can be above its horizon. Windows begin and end where the
//! elevation is the least one, to a millisecond of what the theory says; each is found, however short it is.
//!
//! Long spans are searched in chunks, so that memory does not grow with them; what a chunk gives of a window is a [`Piece`].

mod block;
mod peak;
mod plain;
mod track;

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;

pub use peak::{Contact, contact};
pub use plain::plainly;

use super::{OrbitError, Rotation, Satellite, Span, Utc};
use crate::geometry::earth::Place;
use block::Block;
use track::{Horizon, Track};

/// Bytes that the paths of a chunk may take.
const CHUNK_BYTES: usize = 256 << 20;

/// What is searched.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    /// The satellites.
    pub satellites: &'a [Satellite],
    /// The places.
    pub places: &'a [Place],
    /// When.
    pub span: Span,
    /// The least elevation at which a satellite counts, −5 to 90 degrees.
    pub min_elevation_deg: f64,
    /// How the Earth turns.
    pub rotation: Rotation,
}

/// A time for which a place sees a satellite, as far as it lies in a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Number of the satellite.
    pub satellite: u32,
    /// Whether it goes on from the chunk before.
    pub continues: bool,
    /// Its beginning.
    pub start: Utc,
    /// Its end.
    pub end: Utc,
}

/// A satellite that ends within the span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lost {
    /// Its number.
    pub satellite: usize,
    /// From when on it has no position, give or take a minute.
    pub from: Utc,
    /// Why.
    pub why: OrbitError,
}

/// What a search found.
#[derive(Debug)]
pub struct Found<T> {
    /// What was made of the windows of each place.
    pub places: Vec<T>,
    /// Satellites that end within the span, or have ended before.
    pub lost: Vec<Lost>,
    /// How far the search came: the end of the span, unless it was stopped.
    pub reached: Utc,
}

/// Searches on so many threads. `take` gets the pieces of a place, chunk by chunk, each chunk's in the order of their beginnings;
/// `show` hears the share of the work that is done and may stop it. The result does not depend on the number of threads.
pub fn search<T: Default + Send>(
    query: &Query<'_>,
    threads: usize,
    take: impl Fn(&mut T, &[Piece]) + Sync,
    show: impl FnMut(f64) -> ControlFlow<()>,
) -> Found<T> {
    search_in_chunks(query, threads, CHUNK_BYTES, take, show)
}

fn search_in_chunks<T: Default + Send>(
    query: &Query<'_>,
    threads: usize,
    chunk_bytes: usize,
    take: impl Fn(&mut T, &[Piece]) + Sync,
    mut show: impl FnMut(f64) -> ControlFlow<()>,
) -> Found<T> {
    let blocks = block::blocks(query.places);
    let blocks: Vec<Mutex<(Block, Vec<T>)>> = blocks
        .into_iter()
        .map(|block| {
            let made = block.members.iter().map(|_| T::default()).collect();
            Mutex::new((block, made))
        })
        .collect();
    let chunks = chunks(query, chunk_bytes);
    let lowest = query.places.iter().map(|place| place.position.norm()).fold(f64::MAX, f64::min);
    let horizon = Horizon::new(lowest, query.min_elevation_deg);
    let (mut reached, mut lost) = (query.span.start, Vec::new());
    for (number, chunk) in chunks.iter().enumerate() {
        let behind = |share: f64| (number as f64 + share) / chunks.len() as f64;
        // Propagating is about a third of the work.
        let made = parallel(
            query.satellites.len(),
            threads,
            |satellite| Track::new(&query.satellites[satellite], *chunk, query.rotation, horizon),
            |share| show(behind(share / 3.0)),
        );
        let Some(tracks) = made else { break };
        let first = number == 0;
        let done = parallel(
            blocks.len(),
            threads,
            |block| {
                let mut guard = blocks[block].lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let (block, made) = &mut *guard;
                let mut found = block.pieces(query.min_elevation_deg, *chunk, &tracks, first);
                for (pieces, made) in found.iter_mut().zip(made) {
                    pieces.sort_unstable_by_key(|piece| (piece.start, piece.satellite));
                    take(made, pieces);
                }
            },
            |share| show(behind((1.0 + 2.0 * share) / 3.0)),
        );
        if done.is_none() {
            break;
        }
        reached = chunk.end;
        for (satellite, track) in tracks.iter().enumerate() {
            if let Some((from, why)) = track.lost
                && lost.iter().all(|known: &Lost| known.satellite != satellite)
            {
                lost.push(Lost { satellite, from, why });
            }
        }
    }
    lost.sort_by_key(|lost| lost.satellite);
    let mut places: Vec<(usize, T)> = Vec::with_capacity(query.places.len());
    for block in blocks {
        let (block, made) = block.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        places.extend(block.members.into_iter().zip(made));
    }
    places.sort_unstable_by_key(|(number, _)| *number);
    Found { places: places.into_iter().map(|(_, made)| made).collect(), lost, reached }
}

/// Divides the span into equal parts whose paths fit the memory that is set aside for them.
fn chunks(query: &Query<'_>, chunk_bytes: usize) -> Vec<Span> {
    let seconds = query.span.seconds();
    let bytes = track::bytes_per_second() * seconds * query.satellites.len() as f64;
    let count = (bytes / chunk_bytes as f64).ceil().max(1.0);
    let at = |number: f64| query.span.start.plus(seconds * number / count);
    let ends =
        (1..=count as usize).map(|number| if number as f64 == count { query.span.end } else { at(number as f64) });
    ends.scan(query.span.start, |start, end| Some(Span { start: std::mem::replace(start, end), end })).collect()
}

/// Does `work` on the numbers below `count`, on so many threads, and gives the results in their order; none if it was stopped.
fn parallel<R: Send>(
    count: usize,
    threads: usize,
    work: impl Fn(usize) -> R + Sync,
    mut show: impl FnMut(f64) -> ControlFlow<()>,
) -> Option<Vec<R>> {
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let mut results: Vec<Option<R>> = (0..count).map(|_| None).collect();
    let run = |sender: Sender<(usize, R)>| {
        while !stop.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            // Nobody listens any more if the other end is gone.
            if number >= count || sender.send((number, work(number))).is_err() {
                break;
            }
        }
    };
    thread::scope(|scope| {
        let (sender, receiver) = channel();
        for _ in 0..threads.clamp(1, count.max(1)) {
            let (sender, run) = (sender.clone(), &run);
            scope.spawn(move || run(sender));
        }
        drop(sender);
        for (done, (number, result)) in receiver.into_iter().enumerate() {
            results[number] = Some(result);
            if show((done + 1) as f64 / count as f64).is_break() {
                stop.store(true, Ordering::Relaxed);
            }
        }
    });
    results.into_iter().collect()
}

/// A time for which a place sees a satellite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Number of the satellite.
    pub satellite: u32,
    /// When it rises above the least elevation, or the beginning of the span.
    pub start: Utc,
    /// When it sinks below it, or the end of the span.
    pub end: Utc,
}

/// The windows of a place, put together from pieces.
#[derive(Clone, Debug, Default)]
pub struct Windows(Vec<Window>);

impl Windows {
    /// Takes the pieces of a chunk.
    pub fn take(&mut self, pieces: &[Piece]) {
        for &Piece { satellite, continues, start, end } in pieces {
            // Those that go on are the first of their chunk, and few.
            let before = continues
                .then(|| self.0.iter_mut().rev().find(|known| known.satellite == satellite && known.end == start));
            match before.flatten() {
                Some(window) => window.end = end,
                None => self.0.push(Window { satellite, start, end }),
            }
        }
    }

    /// All windows in the order of their beginnings.
    #[must_use]
    pub fn finish(mut self) -> Vec<Window> {
        self.0.sort_by_key(|window| (window.start, window.satellite));
        self.0
    }
}

#[cfg(test)]
mod tests;
