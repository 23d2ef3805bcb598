//! Where some of the terminals stand and how they are served, for maps.

use crate::network::Layout;
use crate::world::WorldError;
use crate::world::build::placer;
use crate::world::spec::WorldSpec;

/// A terminal on the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Number of its group.
    pub group: u16,
    /// Metres east and north of the network's first site.
    pub at: (f64, f64),
    /// Coverage level at which it starts; `None` if it hears no cell.
    pub level: Option<u8>,
}

/// About `limit` terminals, evenly from all groups whose terminals have a place.
///
/// # Errors
/// As when the world is built.
pub fn sample(spec: &WorldSpec, limit: u32) -> Result<Vec<Place>, WorldError> {
    let everywhere: u64 = spec.groups.iter().map(|group| u64::from(group.count)).sum();
    let step = everywhere.div_ceil(u64::from(limit.max(1))).max(1) as usize;
    let mut places = Vec::new();
    for (number, group) in spec.groups.iter().enumerate() {
        let network = &spec.networks[group.network];
        let Layout::HexGrid(grid) = &network.layout else { continue };
        let error = |source| WorldError::Radio { network: network.name.clone(), source };
        let levels = network.radio.channels().map_err(error)?.links.len();
        let (placer, key) = (placer(spec, group)?, spec.key_of(group));
        for index in (0..group.count).step_by(step) {
            let own = key.child(u64::from(index));
            let Some(at) = placer.position(own, grid) else { break };
            let spot = placer.spot(own, index);
            let seat = network.radio.seat(&group.device, &network.propagation, spot.coupling_loss, spot.neighbour_gain);
            let level = Some(seat.level).filter(|level| usize::from(*level) < levels);
            places.push(Place { group: number as u16, at, level });
        }
    }
    Ok(places)
}
