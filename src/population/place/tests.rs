use super::*;
use crate::propagation::Building;
use crate::propagation::budget::Link;
use crate::propagation::tr45820::Route;
use crate::propagation::tr45820::tests::assumptions;
use crate::units::{Dbm, Hertz, Metres};

fn grid(rings: u32, sectors: u32) -> HexGrid {
    HexGrid { rings, inter_site_distance: Metres(1_732.0), sectors }
}

const UNIFORM: Placement = Placement::Uniform { indoor_fraction: 1.0 };
const TERMINAL_GAIN: Db = Db(-4.0);

fn placer(grid: HexGrid, model: &Tr45820) -> Placer {
    Placer::new(&Layout::HexGrid(grid), model, &UNIFORM, TERMINAL_GAIN).unwrap()
}

/// The same spot from the plain formulas in decibels with `libm` and no tables, hearing the sites of so many rings.
fn plain(grid: &HexGrid, model: &Tr45820, indoor_fraction: f64, rings_heard: u32, terminal: Key) -> Spot {
    let cluster = Cluster { rings: grid.rings };
    let third = terminal.draw(Purpose::Position, 0).below(3 * u64::from(grid.sites()));
    let (x, y) = point_in_cell(third % 3, terminal.draw(Purpose::Position, 1), terminal.draw(Purpose::Position, 2));
    let home = Axial::of_index((third / 3) as u32);
    let normal = |counter| terminal.draw(Purpose::Shadowing, counter).normal();
    let building =
        if terminal.draw(Purpose::Indoor, 0).chance(Probability::new(indoor_fraction)) || indoor_fraction >= 1.0 {
            model.building.walls().penetration(terminal)
        } else {
            Db(0.0)
        };
    let mut cells = Vec::new();
    for place in 0..crate::geometry::hex::points(rings_heard) {
        let offset = Axial::of_index(place);
        let (sx, sy) = offset.position();
        let (dx, dy) = (x - sx, y - sy);
        let distance = Metres(libm::hypot(dx, dy) * grid.inter_site_distance.0);
        let bearing = libm::atan2(dy, dx).to_degrees();
        let site = cluster.wrap(home.plus(offset)).index();
        for sector in 0..grid.sectors {
            let off_axis_deg = if grid.sectors == 1 { 0.0 } else { bearing - 120.0 * f64::from(sector) };
            let shadowing = model.shadowing(normal(0), normal(1 + u64::from(place)));
            let route = Route { distance, off_axis_deg, shadowing, building };
            let loss = model.coupling_loss(&route, TERMINAL_GAIN);
            cells.push((site * grid.sectors + sector, loss));
        }
    }
    let (best, &(cell, coupling_loss)) =
        cells.iter().enumerate().min_by(|a, b| a.1.1.partial_cmp(&b.1.1).unwrap()).unwrap();
    let others = cells.iter().enumerate().filter(|(i, _)| *i != best).map(|(_, (_, loss))| (-*loss).linear());
    Spot { cell, coupling_loss, neighbour_gain: others.sum() }
}

#[test]
fn the_fast_placer_agrees_with_the_plain_formulas() {
    let mut narrow = assumptions();
    narrow.beamwidth_deg = 120.0;
    narrow.front_to_back = Db(30.0);
    narrow.building = Building::Scenario2;
    for (rings, sectors, model, indoor) in
        [(2, 3, assumptions(), 1.0), (0, 3, assumptions(), 0.5), (1, 1, assumptions(), 0.0), (4, 3, narrow, 0.8)]
    {
        let grid = grid(rings, sectors);
        let placement = Placement::Uniform { indoor_fraction: indoor };
        let placer = Placer::new(&Layout::HexGrid(grid), &model, &placement, TERMINAL_GAIN).unwrap();
        for index in 0..20_000 {
            let terminal = Key::root(3).child(u64::from(index));
            let (fast, slow) = (placer.spot(terminal, index), plain(&grid, &model, indoor, 2, terminal));
            assert_eq!(fast.cell, slow.cell, "terminal {index}");
            assert!((fast.coupling_loss - slow.coupling_loss).0.abs() < 1e-7, "{fast:?} {slow:?}");
            assert!((fast.neighbour_gain / slow.neighbour_gain - 1.0).abs() < 1e-6, "{fast:?} {slow:?}");
        }
    }
}

#[test]
fn a_bench_fills_the_cells_in_turn() {
    let placement = Placement::Bench { coupling_loss: Db(164.0) };
    for layout in [Layout::Bench { cells: 3 }, Layout::HexGrid(grid(0, 3))] {
        let placer = Placer::new(&layout, &assumptions(), &placement, TERMINAL_GAIN).unwrap();
        let spot = placer.spot(Key::root(1), 5);
        assert_eq!(spot, Spot { cell: 2, coupling_loss: Db(164.0), neighbour_gain: 0.0 });
    }
}

#[test]
fn what_cannot_be_placed_is_refused() {
    let new = |layout: Layout| Placer::new(&layout, &assumptions(), &UNIFORM, TERMINAL_GAIN).map(|_| ());
    assert_eq!(new(Layout::Bench { cells: 3 }), Err(PlaceError::NoSites));
    assert_eq!(new(Layout::Bench { cells: 0 }), Err(PlaceError::NoCells));
    assert_eq!(new(Layout::HexGrid(grid(1, 2))), Err(PlaceError::Sectors(2)));
    assert!(PlaceError::Sectors(2).to_string().contains("not 2"));
}

#[test]
fn all_cells_serve_equally_many() {
    let placer = placer(grid(2, 3), &assumptions());
    let mut served = [0u32; 57];
    for index in 0..57_000 {
        served[placer.spot(Key::root(4).child(index), 0).cell as usize] += 1;
    }
    // 1000 expected, standard deviation about 31.
    assert!(served.iter().all(|&n| (850..1_150).contains(&n)), "{served:?}");
}

#[test]
fn a_terminal_stays_where_it_is_when_the_building_changes() {
    let mut other = assumptions();
    other.building = Building::Scenario2;
    let (a, b) = (placer(grid(2, 3), &assumptions()), placer(grid(2, 3), &other));
    for index in 0..1_000 {
        let terminal = Key::root(8).child(index);
        assert_eq!(a.spot(terminal, 0).cell, b.spot(terminal, 0).cell);
    }
}

fn percentile(sorted: &[f64], percent: f64) -> f64 {
    sorted[((sorted.len() as f64 * percent / 100.0) as usize).min(sorted.len() - 1)]
}

/// The inputs of the model are partly from memory, and so is the reconstruction it is compared with, so these are bands.
/// `docs/models/propagation.md` holds the printed numbers.
#[test]
fn coupling_losses_have_the_published_distribution() {
    for (building, median, p90, p99, shares) in [
        (Building::Scenario1, 124.0, 140.0, 153.0, [94.9, 4.4, 0.7]),
        (Building::Scenario2, 125.0, 142.0, 155.0, [92.6, 6.1, 1.2]),
    ] {
        let model = Tr45820 { building, ..assumptions() };
        let placer = placer(grid(2, 3), &model);
        let n = 200_000;
        let mut losses: Vec<f64> = (0..n).map(|i| placer.spot(Key::root(2).child(i), 0).coupling_loss.0).collect();
        losses.sort_by(f64::total_cmp);
        let share =
            |from: f64, to: f64| 100.0 * losses.iter().filter(|&&x| from <= x && x < to).count() as f64 / n as f64;
        let got = [percentile(&losses, 50.0), percentile(&losses, 90.0), percentile(&losses, 99.0)];
        let shares_got = [share(0.0, 144.0), share(144.0, 154.0), share(154.0, 164.0), share(164.0, 999.0)];
        println!("{building:?}: median, p90, p99 {got:.1?} dB; <144, -154, -164, beyond {shares_got:.2?} %");
        for (value, want) in got.into_iter().zip([median, p90, p99]) {
            assert!((value - want).abs() < 1.5, "{value} {want}");
        }
        assert!((shares_got[0] - shares[0]).abs() < 1.5 && (90.0..97.0).contains(&shares_got[0]));
        assert!(share(0.0, 164.0) > 99.5);
    }
}

#[test]
fn the_downlink_is_limited_by_interference() {
    let model = assumptions();
    let placer = placer(grid(2, 3), &model);
    let n = 100_000;
    for activity in [0.0, 0.5, 1.0] {
        let mut ratios: Vec<f64> = (0..n)
            .map(|i| placer.spot(Key::root(2).child(i), 0))
            .map(|s| Link::downlink(Dbm(43.0), s.coupling_loss, Hertz(180e3), Db(5.0), activity, s.neighbour_gain))
            .map(|link| link.sinr().0)
            .collect();
        ratios.sort_by(f64::total_cmp);
        let at = [1.0, 5.0, 10.0, 50.0, 90.0].map(|p| percentile(&ratios, p));
        println!("activity {activity}: SINR p1, p5, p10, p50, p90 {at:.1?} dB");
        if activity > 0.0 {
            assert!(at[0] < 0.0 && at[3] < 15.0, "{at:?}");
            print_interference_by_depth(&placer, n, activity);
        } else {
            assert!(at[3] > 30.0, "{at:?}");
        }
    }
}

/// Signal-to-interference ratio of the terminals of each range of coupling losses.
fn print_interference_by_depth(placer: &Placer, n: u64, activity: f64) {
    for range in [0.0..144.0, 144.0..154.0, 154.0..164.0] {
        let mut ratios: Vec<f64> = (0..n)
            .map(|i| placer.spot(Key::root(2).child(i), 0))
            .filter(|s| range.contains(&s.coupling_loss.0))
            .map(|s| -(s.coupling_loss + Db::from_linear(activity * s.neighbour_gain)).0)
            .collect();
        ratios.sort_by(f64::total_cmp);
        let at = [1.0, 5.0, 10.0, 50.0].map(|p| percentile(&ratios, p));
        println!("activity {activity}, coupling loss {range:?} dB: SIR p1, p5, p10, p50 {at:.1?} dB");
    }
}

/// How much interference lies beyond the sites heard: with four rings instead of two.
#[test]
fn sites_beyond_two_rings_matter_little() {
    let (model, grid) = (assumptions(), grid(5, 3));
    let n = 5_000;
    let (mut loss, mut interference) = (0.0, 0.0);
    for index in 0..n {
        let terminal = Key::root(6).child(index);
        let (near, far) = (plain(&grid, &model, 1.0, 2, terminal), plain(&grid, &model, 1.0, 4, terminal));
        loss += (near.coupling_loss - far.coupling_loss).0;
        interference += Db::from_linear(far.neighbour_gain / near.neighbour_gain).0;
    }
    let (loss, interference) = (loss / n as f64, interference / n as f64);
    println!("beyond two rings: mean loss {loss:.4} dB, interference {interference:.2} dB");
    assert!(loss < 0.05 && interference < 0.6);
}
