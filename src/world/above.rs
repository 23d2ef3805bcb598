//! Groups that satellites serve: what they see, and where they begin.

use std::sync::Arc;

use crate::exec::crowd::{MOVING, Traveller};
use crate::exec::overhead::Overhead;
use crate::exec::terminal::Terminal;
use crate::network::{Constellation, Layout};
use crate::population::Placement;
use crate::population::earth::{Plane, Whereabouts};
use crate::population::hearing::{Cell, Hearing, Surroundings};
use crate::population::motion::Leg;
use crate::population::place::PlaceError;
use crate::population::sky::Sky;
use crate::propagation::satellite::tables::Environment;
use crate::radio::channel::Channels;
use crate::radio::{RadioError, Seat};
use crate::rng::Key;
use crate::units::Db;
use crate::world::WorldError;
use crate::world::build::placer;
use crate::world::spec::{GroupSpec, NetworkSpec, WorldSpec};

/// The satellites of a network over the run, if it has any.
///
/// # Errors
/// If one does not stay on its orbit.
pub(super) fn sky(spec: &WorldSpec, network: &NetworkSpec) -> Result<Option<Arc<Sky>>, WorldError> {
    let Layout::Satellites(constellation) = &network.layout else { return Ok(None) };
    let Constellation { satellites, rotation, epoch, min_elevation_deg, .. } = &**constellation;
    let sky = Sky::new(satellites, (*epoch, *rotation), spec.end(), *min_elevation_deg);
    let sky = sky.map_err(|source| WorldError::Orbit { network: network.name.clone(), source })?;
    Ok(Some(Arc::new(match &constellation.gateways {
        Some(gateways) => sky.with_gateways(gateways),
        None => sky,
    })))
}

/// How a group sees the satellites of its network, if it has any.
///
/// # Errors
/// If its terminals are nowhere on Earth, or the technology has no idle mode.
pub(super) fn overhead(
    spec: &WorldSpec,
    group: &GroupSpec,
    channels: &Channels,
    sky: Option<&Arc<Sky>>,
) -> Result<Option<Overhead>, WorldError> {
    let network = &spec.networks[group.network];
    let (Layout::Satellites(constellation), Some(sky)) = (&network.layout, sky) else { return Ok(None) };
    let whereabouts = whereabouts(spec, group)?;
    let radio = |source| WorldError::Radio { network: network.name.clone(), source };
    let reselection = network.radio.reselection().ok_or(radio(RadioError::NoIdleMode(network.radio.name())))?;
    let Constellation { least, spread, guard, moving_areas, .. } = **constellation;
    Ok(Some(Overhead {
        sky: Arc::clone(sky),
        whereabouts,
        hearing: hearing(network, group, channels)?,
        radio: network.radio.clone(),
        reselection,
        first_entity: first_entity(spec, group),
        least,
        spread,
        guard,
        moving_areas,
    }))
}

/// What surrounds the terminals of a group: what its region says; among the sites of a network on the ground, suburbs.
fn surroundings(group: &GroupSpec) -> Result<Surroundings, WorldError> {
    match group.placement {
        Placement::Region(region) => Ok(region.surroundings),
        Placement::Uniform { indoor_fraction } => {
            Ok(Surroundings { environment: Some(Environment::Suburban), indoor_fraction })
        }
        Placement::Bench { .. } => Err(WorldError::Place { group: group.name.clone(), source: PlaceError::NoRegion }),
    }
}

/// How the terminals of a group hear the satellites of its network.
///
/// # Errors
/// If they are nowhere on Earth, or the network has no satellites, or no link budgets.
pub fn hearing(network: &NetworkSpec, group: &GroupSpec, channels: &Channels) -> Result<Hearing, WorldError> {
    let error = |source| WorldError::Place { group: group.name.clone(), source };
    let Layout::Satellites(constellation) = &network.layout else { return Err(error(PlaceError::NoSatellites)) };
    let deepest = channels.links.last().map_or(Db(0.0), |link| link.max_coupling_loss);
    let known = network.radio.carrier_power().zip(network.radio.bandwidths());
    let cell = known.map(|(carrier_power, bandwidths)| Cell { carrier_power, bandwidths, deepest });
    let source = RadioError::NoBudgets(network.radio.name());
    let cell = cell.ok_or(WorldError::Radio { network: network.name.clone(), source })?;
    let satellites = (&constellation.payload, &constellation.beams, constellation.altitude());
    let walls = network.propagation.building.walls();
    Ok(Hearing::new(satellites, &cell, &group.device, (surroundings(group)?, walls)))
}

/// Where on Earth a group is: in its region, or among the sites of the network that it likes best.
fn whereabouts(spec: &WorldSpec, group: &GroupSpec) -> Result<Whereabouts, WorldError> {
    let error = |source| WorldError::Place { group: group.name.clone(), source };
    if let Placement::Region(region) = group.placement {
        return Ok(Whereabouts::Region(region));
    }
    let origin = group.alternatives.as_ref().and_then(|alternatives| alternatives.origin_deg);
    let preferred = spec.groups.iter().find(|preferred| preferred.name == group.name).unwrap_or(group);
    match (origin, &spec.networks[preferred.network].layout) {
        (Some(origin_deg), Layout::HexGrid(grid)) => {
            let placer = placer(spec, preferred)?;
            Ok(Whereabouts::Plane(Box::new(Plane { origin_deg, placer, grid: *grid })))
        }
        _ => Err(error(PlaceError::NoRegion)),
    }
}

/// The entity number of the first terminal of a group whose terminals change cells.
pub(super) fn first_entity(spec: &WorldSpec, group: &GroupSpec) -> u32 {
    let before = spec.groups.iter().take_while(|other| other.name != group.name);
    let before = before.filter(|other| other.roams(&spec.networks));
    MOVING + before.map(|other| other.count).sum::<u32>()
}

/// The satellite to which a terminal belongs at first, and how it hears it. One that never sees any belongs to the first and does
/// not hear it.
pub(super) fn first_seat(overhead: &Overhead, terminal: Key) -> (u32, Seat) {
    let deaf = Db(f64::NEG_INFINITY);
    overhead.first(terminal).unwrap_or_else(|| (0, overhead.radio.seat_at(-deaf, [deaf; 2])))
}

/// A terminal at the start of the run.
pub(super) fn traveller(overhead: &Overhead, terminal: Terminal) -> Traveller {
    let entity = overhead.first_entity + terminal.index;
    Traveller::new(terminal, entity, Leg::default(), Db(0.0), 0)
}
