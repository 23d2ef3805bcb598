//! What couples cells: groups that move and interference that follows the load. What districts need to know of them, and how
//! letters find their cells.

use std::collections::BTreeSet;

use crate::engine::Post;
use crate::exec::crowd::Traveller;
use crate::exec::district::District;
use crate::exec::interference::Coupled;
use crate::exec::mobility::{MOVE_DELAY, Mobility};
use crate::exec::setup::{GroupSetup, Setup};
use crate::exec::terminal::Terminal;
use crate::geometry::hex::Cluster;
use crate::network::Layout;
use crate::population::Placement;
use crate::population::ground::Ground;
use crate::population::motion::Mover;
use crate::population::place::{PlaceError, Placer};
use crate::propagation::Tr45820;
use crate::radio::channel::Channels;
use crate::radio::{RadioError, Seat};
use crate::rng::Key;
use crate::units::{Db, SimTime};
use crate::world::build::{cell_count, placer};
use crate::world::spec::{GroupSpec, NetworkSpec, WorldSpec};
use crate::world::{WorldError, above};

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
    let is_coupled = network.interference_window.is_some();
    let air = air_of(network);
    let ground = Ground::new(grid, &air, indoor_fraction, group.device.antenna_gain);
    let deepest = channels.links.last().map(|link| link.max_coupling_loss).unwrap_or(Db(0.0));
    let edge = network.radio.seat(&group.device, &air, deepest, 0.0).downlink;
    Ok(Some(Mobility {
        mover: Mover::new(motion.clone(), ground.torus()),
        ground,
        radio: network.radio.clone(),
        device: group.device.clone(),
        reselection,
        first_entity: above::first_entity(spec, group),
        sectors: grid.sectors,
        step: air.shadowing_correlation.0 / STEPS,
        is_coupled,
        edge,
        air,
    }))
}

/// How signals travel for the links of terminals: without neighbours, where interference follows the load and comes on top.
pub(super) fn air_of(network: &NetworkSpec) -> Tr45820 {
    match network.interference_window {
        Some(_) => Tr45820 { neighbour_activity: 0.0, ..network.propagation.clone() },
        None => network.propagation.clone(),
    }
}

/// A network whose interference follows the load.
pub(super) fn coupled(network: &NetworkSpec, channels: &Channels) -> Option<Coupled> {
    let window = network.interference_window?;
    let Layout::HexGrid(grid) = &network.layout else { return None };
    let cluster = Cluster { rings: grid.rings };
    let around = |cell: u32| {
        let sites: [u32; 7] = cluster.around(cell / grid.sectors);
        let cells = |site: &u32| site * grid.sectors..(site + 1) * grid.sectors;
        let own = cells(&sites[0]).filter(|other| *other != cell);
        let all: BTreeSet<u32> = sites[1..].iter().flat_map(cells).chain(own).collect();
        all.into_iter().collect::<Vec<u32>>()
    };
    let carriers = &channels.carriers;
    let open: f64 = carriers.iter().map(|carrier| carrier.downlink.share()).sum();
    Some(Coupled {
        window,
        around: (0..network.layout.cells()).map(around).collect(),
        always: 1.0 - open / carriers.len().max(1) as f64,
        first: network.propagation.neighbour_activity,
    })
}

/// How much louder neighbours could be at terminals that stand still.
pub(super) struct Louder {
    /// What places each group, if interference follows the load in its network.
    placers: Vec<Option<Placer>>,
}

impl Louder {
    /// For the groups of a world; `None` if interference follows the load nowhere.
    ///
    /// # Errors
    /// [`WorldError::Place`] if a group cannot be placed in its network.
    pub(super) fn new(spec: &WorldSpec) -> Result<Option<Louder>, WorldError> {
        if spec.networks.iter().all(|network| network.interference_window.is_none()) {
            return Ok(None);
        }
        let mut placers = Vec::new();
        for group in &spec.groups {
            let follows = spec.networks[group.network].interference_window.is_some();
            placers.push(if follows { Some(placer(spec, group)?) } else { None });
        }
        Ok(Some(Louder { placers }))
    }

    /// Interference over noise at a terminal if all neighbours sent all the time, as a ratio.
    pub(super) fn at(&self, spec: &WorldSpec, group: &GroupSetup, terminal: &Terminal) -> f32 {
        let number = usize::from(terminal.group);
        let Some(placer) = &self.placers[number] else { return 0.0 };
        let network = &spec.networks[group.network];
        let spot = placer.spot(group.key_of(terminal), terminal.index);
        let (device, air) = (&spec.groups[number].device, &network.propagation);
        network.radio.interference_to_noise(device, air, spot.coupling_loss, spot.neighbour_gain)
    }
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
    let seat = mobility.radio.seat(&mobility.device, &mobility.air, loss, gain);
    // Of one that hears a cell all is known.
    (cell, mobility.seat(&scene, building, cell).unwrap_or(seat))
}

/// A terminal that moves, at the start of the run.
pub(super) fn traveller(mobility: &Mobility, key: Key, terminal: Terminal, cell: u32) -> Traveller {
    let leg = mobility.mover.first(key, terminal.index);
    let (entity, building) = (mobility.first_entity + terminal.index, mobility.ground.building(key));
    Traveller::new(terminal, entity, leg, building, mobility.area_of(cell))
}

/// How letters travel between districts; `None` if nobody writes any.
pub(super) fn post(spec: &WorldSpec, setup: &Setup, districts: &[District]) -> Option<Post> {
    let moving = setup.groups.iter().any(|group| group.roams()).then_some(MOVE_DELAY);
    let windows = setup.interference.iter().flatten().map(|coupled| coupled.window);
    let delay = windows.chain(moving).min()?;
    let mut routes = vec![u32::MAX; cell_count(spec) as usize];
    for (number, district) in (0..).zip(districts) {
        for cell in district.cells() {
            routes[(setup.first_cells[cell.network] + cell.number) as usize] = number;
        }
    }
    Some(Post { delay, routes })
}
