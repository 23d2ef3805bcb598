//! Groups that move: what districts need to know of them, where they begin, and how letters find their cells.

use crate::engine::Post;
use crate::exec::crowd::{MOVING, Traveller};
use crate::exec::district::District;
use crate::exec::mobility::{MOVE_DELAY, Mobility};
use crate::exec::setup::Setup;
use crate::exec::terminal::Terminal;
use crate::network::Layout;
use crate::population::Placement;
use crate::population::ground::Ground;
use crate::population::motion::Mover;
use crate::population::place::PlaceError;
use crate::radio::channel::Channels;
use crate::radio::{RadioError, Seat};
use crate::rng::Key;
use crate::units::{Db, SimTime};
use crate::world::WorldError;
use crate::world::build::cell_count;
use crate::world::spec::{GroupSpec, WorldSpec};

/// Steps in which terminals move over the distance at which shadow fading forgets itself.
const STEPS: f64 = 4.0;

/// How a group moves, if it does.
///
/// # Errors
/// If its network has no sites, or a technology without idle mode.
pub(super) fn mobility(
    spec: &WorldSpec,
    group: &GroupSpec,
    channels: &Channels,
) -> Result<Option<Mobility>, WorldError> {
    let Some(motion) = &group.motion else { return Ok(None) };
    let network = &spec.networks[group.network];
    let place = |source| WorldError::Place { group: group.name.clone(), source };
    let radio = |source| WorldError::Radio { network: network.name.clone(), source };
    let (Placement::Uniform { indoor_fraction }, Layout::HexGrid(grid)) = (group.placement, &network.layout) else {
        return Err(place(PlaceError::NoSites));
    };
    if !matches!(grid.sectors, 1 | 3) {
        return Err(place(PlaceError::Sectors(grid.sectors)));
    }
    let reselection = network.radio.reselection().ok_or(radio(RadioError::NoIdleMode(network.radio.name())))?;
    let air = network.propagation.clone();
    let ground = Ground::new(grid, &air, indoor_fraction, group.device.antenna_gain);
    let deepest = channels.links.last().map(|link| link.max_coupling_loss).unwrap_or(Db(0.0));
    let edge = network.radio.seat(&group.device, &air, deepest, 0.0).downlink;
    let before = spec.groups.iter().take_while(|other| other.name != group.name).filter(|other| other.motion.is_some());
    Ok(Some(Mobility {
        mover: Mover::new(motion.clone(), ground.torus()),
        ground,
        radio: network.radio.clone(),
        device: group.device.clone(),
        reselection,
        first_entity: MOVING + before.map(|other| other.count).sum::<u32>(),
        sectors: grid.sectors,
        step: air.shadowing_correlation.0 / STEPS,
        edge,
        air,
    }))
}

/// The cell in which a terminal begins, and how it hears it.
pub(super) fn first_seat(mobility: &Mobility, terminal: Key, index: u32) -> (u32, Seat) {
    let mut leg = mobility.mover.first(terminal, index);
    let point = mobility.mover.position(terminal, &mut leg, SimTime::ZERO);
    let scene = mobility.ground.scene(terminal, point);
    let (cell, building) = (scene.best(), mobility.ground.building(terminal));
    // The strongest cell of a scene is heard.
    let spot = mobility.ground.spot(&scene, building, cell);
    let (loss, gain) = spot.map_or((Db(f64::MAX), 0.0), |spot| (spot.coupling_loss, spot.neighbour_gain));
    (cell, mobility.radio.seat(&mobility.device, &mobility.air, loss, gain))
}

/// A terminal that moves, at the start of the run.
pub(super) fn traveller(mobility: &Mobility, key: Key, terminal: Terminal, cell: u32) -> Traveller {
    let leg = mobility.mover.first(key, terminal.index);
    let (entity, building) = (mobility.first_entity + terminal.index, mobility.ground.building(key));
    Traveller::new(terminal, entity, leg, building, mobility.area_of(cell))
}

/// How letters travel between districts; `None` if nobody writes any.
pub(super) fn post(spec: &WorldSpec, setup: &Setup, districts: &[District]) -> Option<Post> {
    if setup.groups.iter().all(|group| group.mobility.is_none()) {
        return None;
    }
    let mut routes = vec![u32::MAX; cell_count(spec) as usize];
    for (number, district) in (0..).zip(districts) {
        for cell in district.cells() {
            routes[(setup.first_cells[cell.network] + cell.number) as usize] = number;
        }
    }
    Some(Post { delay: MOVE_DELAY, routes })
}
