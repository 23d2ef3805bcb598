//! What can be said about one contact: where it begins and ends, and its highest point.

use super::Window;
use crate::geometry::earth::{Look, Place};
use crate::orbit::{OrbitError, Rotation, Satellite, Utc};

/// A contact window with its geometry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contact {
    /// The window.
    pub window: Window,
    /// At its beginning.
    pub rise: Look,
    /// When the satellite is highest.
    pub highest_at: Utc,
    /// There.
    pub highest: Look,
    /// At its end.
    pub set: Look,
}

/// The geometry of a window.
///
/// # Errors
/// If the satellite has no position there, which a window that was searched for rules out.
pub fn contact(
    window: Window,
    satellite: &Satellite,
    place: &Place,
    rotation: Rotation,
) -> Result<Contact, OrbitError> {
    /// The golden section, by which an interval shrinks.
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let look = |at: Utc| Ok(place.look(&satellite.state_over(at, rotation)?));
    let seen = |s: f64| look(window.start.plus(s));
    let (mut low, mut high) = (0.0, window.end.seconds_since(window.start));
    let (mut a, mut b) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut at_a, mut at_b) = (seen(a)?, seen(b)?);
    while high - low > 0.01 {
        if at_a.elevation_deg >= at_b.elevation_deg {
            (high, b, at_b) = (b, a, at_a);
            a = high - GOLDEN * (high - low);
            at_a = seen(a)?;
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + GOLDEN * (high - low);
            at_b = seen(b)?;
        }
    }
    let (rise, set) = (look(window.start)?, look(window.end)?);
    // A window that the span cuts is highest at its edge.
    let middle = window.start.plus((low + high) / 2.0);
    let candidates = [(middle, look(middle)?), (window.start, rise), (window.end, set)];
    let best = candidates.into_iter().reduce(
        |best, next| {
            if next.1.elevation_deg > best.1.elevation_deg { next } else { best }
        },
    );
    let (highest_at, highest) = best.unwrap_or((middle, rise));
    Ok(Contact { window, rise, highest_at, highest, set })
}
