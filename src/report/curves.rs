//! The error-rate curves of a network as comma-separated values, to be checked or replaced.

use std::fmt;

use crate::catalog::curves::COLUMNS;
use crate::radio::channel::{Channels, LinkClass};
use crate::world::link::direction_name;

/// Writes a line of titles with units, then a line per coverage level, block size, transmission and ratio, in that order.
///
/// `block_error` is the probability that a block is still wrong after so many transmissions, combined, at a mean ratio of
/// `ratio_db` at one antenna over the band of the block. Both have all their digits, so that a network which takes its
/// curves from the file works as this one, bit by bit.
///
/// # Errors
///
/// Only those of `out`.
pub fn write_csv(channels: &Channels, out: &mut impl fmt::Write) -> fmt::Result {
    writeln!(out, "{}", COLUMNS.join(","))?;
    for (level, link) in channels.links.iter().enumerate() {
        for table in &link.tables {
            for row in &table.rows {
                let block = format!(
                    "{level},{},{},{},{},{}",
                    direction_name(table.way),
                    table.name,
                    row.bytes,
                    row.airtime_ms,
                    row.repetitions
                );
                for transmission in 1..=row.transmissions {
                    for class in LinkClass::all() {
                        let ratio = (class.ratio() + table.ratio_offset).0;
                        let error = row.failure(class, transmission);
                        writeln!(out, "{block},{transmission},{ratio},{error:e}")?;
                    }
                }
            }
        }
    }
    Ok(())
}
