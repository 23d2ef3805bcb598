//! Groups with several networks: the parts of which they are made, and where their terminals begin.

use crate::exec::crowd::Traveller;
use crate::exec::preference::{Preference, Reception};
use crate::exec::roaming::Roaming;
use crate::exec::setup::{GroupSetup, Setup};
use crate::exec::still::Still;
use crate::exec::terminal::Terminal;
use crate::network::Layout;
use crate::population::Placement;
use crate::population::motion::Leg;
use crate::population::place::{PlaceError, Placer};
use crate::radio::{RadioError, Seat};
use crate::rng::{Key, Purpose};
use crate::units::{Db, SimTime};
use crate::world::WorldError;
use crate::world::spec::{GroupSpec, WorldSpec};
use crate::world::{above, coupled};

/// The groups as each of their networks sees them, with their numbers: all as their first networks see them, then the rest.
pub(super) fn parts(spec: &WorldSpec) -> Vec<(usize, GroupSpec)> {
    let of = |(number, group): (usize, &GroupSpec)| group.parts().map(|part| (number, part)).collect::<Vec<_>>();
    let parts: Vec<Vec<(usize, GroupSpec)>> = spec.groups.iter().enumerate().map(of).collect();
    let first = parts.iter().map(|parts| &parts[0]);
    first.chain(parts.iter().flat_map(|parts| &parts[1..])).cloned().collect()
}

/// Tells the parts of groups with several networks of one another.
pub(super) fn rank(spec: &WorldSpec, parts: &mut [GroupSetup]) {
    for (number, group) in spec.groups.iter().enumerate() {
        let Some(alternatives) = &group.alternatives else { continue };
        let own: Vec<u16> =
            (0..).zip(&*parts).filter(|(_, part)| usize::from(part.number) == number).map(|(part, _)| part).collect();
        for (rank, &part) in own.iter().enumerate() {
            let lasts = alternatives.coverage.iter().all(|(_, coverage)| coverage.stay.is_none());
            let preference = Preference { parts: own.clone(), rank, search: alternatives.search, lasts };
            parts[usize::from(part)].preference = Some(preference);
        }
    }
}

/// How a network on the ground hears a group that has others.
///
/// # Errors
/// If its terminals are nowhere, or move, or the technology has no idle mode.
pub(super) fn still(spec: &WorldSpec, group: &GroupSpec) -> Result<Option<Still>, WorldError> {
    let network = &spec.networks[group.network];
    let Some(alternatives) = &group.alternatives else { return Ok(None) };
    if matches!(network.layout, Layout::Satellites(_)) {
        return Ok(None);
    }
    let place = |source| WorldError::Place { group: group.name.clone(), source };
    let radio = |source| WorldError::Radio { network: network.name.clone(), source };
    if group.motion.is_some() {
        return Err(place(PlaceError::Moves));
    }
    let reselection = network.radio.reselection().ok_or(radio(RadioError::NoIdleMode(network.radio.name())))?;
    let coverage = alternatives.coverage.iter().find(|(of, _)| *of == group.network).map(|(_, coverage)| *coverage);
    let placement = match (group.placement, &coverage) {
        (Placement::Region(_), Some(coverage)) => Placement::Bench { coupling_loss: coverage.coupling_loss },
        (placement, _) => placement,
    };
    let gain = group.device.antenna_gain;
    Ok(Some(Still {
        placer: Placer::new(&network.layout, &network.propagation, &placement, gain).map_err(place)?,
        coverage,
        network: network.name.clone(),
        radio: network.radio.clone(),
        air: coupled::air_of(network),
        is_coupled: network.interference_window.is_some(),
        device: group.device.clone(),
        reselection,
        first_entity: above::first_entity(spec, group),
    }))
}

/// Whether a terminal begins in the part with this preference: in the best network that it has, or in the first if it has none.
pub(super) fn begins_here(setup: &Setup, preference: &Preference, terminal: Key, index: u32) -> bool {
    let has = |part: &u16| match setup.reception(*part, terminal, index, SimTime::ZERO) {
        Some(Reception::Satellites) => match setup.groups[usize::from(*part)].roaming() {
            Roaming::Sky(overhead) => overhead.first(terminal).is_some(),
            Roaming::Ground(_) | Roaming::Still(_) => false,
        },
        reception => reception.is_some(),
    };
    preference.parts.iter().position(has).unwrap_or(0) == preference.rank
}

/// The cell in which a terminal begins, and how it hears it.
pub(super) fn first_seat(still: &Still, terminal: Key, index: u32) -> (u32, Seat) {
    still.heard(terminal, index, SimTime::ZERO).unwrap_or_else(|| {
        let (cell, seat) = still.seat(terminal, index);
        (cell, Seat { level: still.reselection.acquisition.len() as u8, ..seat })
    })
}

/// A terminal at the start of the run.
pub(super) fn traveller(still: &Still, terminal: Terminal) -> Traveller {
    let entity = still.first_entity + terminal.index;
    Traveller::new(terminal, entity, Leg::default(), Db(0.0), 0)
}

/// Sets when terminals with several networks first look for a better one: they have looked before the run.
pub(super) fn set_searches(setup: &Setup, travellers: &mut [Traveller]) {
    for traveller in travellers {
        let group = &setup.groups[usize::from(traveller.terminal.group)];
        if let Some(preference) = &group.preference {
            let draw = group.key_of(&traveller.terminal).draw(Purpose::NetworkSearch, 0);
            traveller.next_search = SimTime(draw.below(preference.search.0));
        }
    }
}
