//! Probes of orbits: closed forms over a sphere, and what constellations cover.

use std::ops::ControlFlow;

use super::{Measured, OrbitProbe, Output, WalkerProbe, exactly};
use crate::catalog::Issue;
use crate::geometry::earth::{EQUATOR_KM, LIGHT_KM_S, Place, ROTATION_RAD_S, State};
use crate::geometry::sphere::Shell;
use crate::geometry::vector::Vector;
use crate::orbit::coverage::{Coverage, Figures};
use crate::orbit::passes::{Query, search};
use crate::orbit::{Pattern, Rotation, Satellite, Span, Utc, Walker};
use crate::radio::nbiot::ntn::stop_and_wait;
use crate::scenario::quantity::Quantity;
use crate::units::SimDuration;

/// One step of ta-Common in a broadcast of NTN, s (TS 38.331, NTN-Config: 4.072e-3 µs).
const TA_COMMON_S: f64 = 4.072e-9;

pub(super) fn orbit(probe: &OrbitProbe) -> Vec<Output<'_>> {
    let shell = Shell { earth_km: probe.earth_radius_km.0, altitude_km: probe.altitude_km.0 };
    let delay = move |elevation: f64| shell.slant_range_km(elevation) / LIGHT_KM_S;
    let list = |name: &str, quantity, of: Box<dyn Fn(f64) -> f64>| {
        let labels = probe.elevation_deg.iter().map(|elevation| format!("{}°", elevation.0));
        Output::list(name, quantity, labels, move |number| of(probe.elevation_deg[number].0))
    };
    let footprint = probe.footprint_km.0;
    // From the edge at ten degrees to the one that is a footprint nearer.
    let differential = move || {
        let far = shell.central_angle(10.0);
        (shell.range_at_angle_km(far) - shell.range_at_angle_km(far - footprint / shell.earth_km)) / LIGHT_KM_S
    };
    vec![
        list("range", Quantity::Distance, Box::new(move |elevation| shell.slant_range_km(elevation))),
        list("delay", Quantity::Time, Box::new(delay)),
        // Up, down, and back: service and feeder link at the same elevation.
        list("transparent-round-trip", Quantity::Time, Box::new(move |elevation| 4.0 * delay(elevation))),
        list("timing-advance", Quantity::Time, Box::new(move |elevation| 2.0 * delay(elevation))),
        // In whole milliseconds, so that nothing is due before it can be known.
        list("k-offset", Quantity::Count, Box::new(move |elevation| (4e3 * delay(elevation)).ceil())),
        list("stop-and-wait", Quantity::Rate, {
            let (bits, takes) = (f64::from(probe.block_bits.0), probe.block_takes.0);
            Box::new(move |elevation| stop_and_wait(bits, takes, SimDuration::from_secs_f64(4.0 * delay(elevation))))
        }),
        list("doppler", Quantity::Shift, Box::new(move |elevation| shell.doppler(elevation))),
        list("doppler-turning", Quantity::Shift, Box::new(move |elevation| turning(shell, elevation))),
        Output::new("doppler-rate", Quantity::Drift, move || shell.doppler_rate()),
        list("pass", Quantity::Time, Box::new(move |elevation| shell.pass_s(elevation))),
        list("visible-share", Quantity::Share, Box::new(move |elevation| shell.visible_share(elevation))),
        Output::new("differential-delay", Quantity::Time, differential),
        Output::new("ta-common", Quantity::Count, || (probe.common_delay.0.as_secs_f64() / TA_COMMON_S).round()),
    ]
}

/// The largest Doppler shift at an elevation over an Earth that turns, over inclinations, places of the orbit and directions of the place.
fn turning(shell: Shell, elevation_deg: f64) -> f64 {
    const STEPS: u32 = 72;
    let angle = shell.central_angle(elevation_deg);
    let turn = |number: u32| f64::from(number) * std::f64::consts::TAU / f64::from(STEPS);
    let mut largest = 0.0f64;
    for inclination in (0..=180).step_by(15) {
        let (sin_incl, cos_incl) = libm::sincos(f64::from(inclination).to_radians());
        for phase in 0..STEPS {
            let (sin, cos) = libm::sincos(turn(phase));
            let up = Vector::new(cos, sin * cos_incl, sin * sin_incl);
            let along = Vector::new(-sin, cos * cos_incl, cos * sin_incl);
            let state = State { position: up * shell.radius_km(), velocity: along * shell.speed_km_s() };
            let state = state.turned(0.0, ROTATION_RAD_S);
            let across = up.cross(along);
            for direction in 0..STEPS {
                let (aside, ahead) = libm::sincos(turn(direction));
                let (away, near) = libm::sincos(angle);
                let place = (up * near + (along * ahead + across * aside) * away) * shell.earth_km;
                let way = state.position - place;
                largest = largest.max(-way.dot(state.velocity) / way.norm() / LIGHT_KM_S);
            }
        }
    }
    largest
}

pub(super) fn walker(probe: &WalkerProbe) -> Result<Vec<Output<'_>>, Issue> {
    if !probe.satellites.0.is_multiple_of(probe.planes.0) {
        let what = format!("{} satellites on {} planes", probe.satellites.0, probe.planes.0);
        return Err(Issue::new(["walker", "satellites"], what).expected("the same number on each plane"));
    }
    if probe.duration.0.as_secs_f64() < 1.0 {
        return Err(Issue::new(["walker", "duration"], "the search has no length").expected("at least 1s"));
    }
    let list = |name: &str, quantity, of: fn(&Figures, &WalkerProbe) -> Option<f64>| {
        let labels = probe.latitude_deg.iter().map(|latitude| format!("{}°", latitude.0)).collect();
        let measure = move |figures: &Figures| Measured { value: of(figures, probe), half_width: None };
        let compute = Box::new(move |_| figures(probe).iter().map(measure).collect());
        Output { name: name.to_owned(), quantity, labels, compute }
    };
    let shell = Shell { earth_km: EQUATOR_KM, altitude_km: probe.altitude_km.0 };
    let exact = Output {
        name: "in-view-exact".to_owned(),
        quantity: Quantity::Count,
        labels: probe.latitude_deg.iter().map(|latitude| format!("{}°", latitude.0)).collect(),
        compute: Box::new(move |_| {
            let of = |latitude: f64| shell.visible_time(probe.min_elevation_deg.0, probe.inclination_deg.0, latitude);
            let latitudes = probe.latitude_deg.iter();
            latitudes.map(|latitude| exactly(f64::from(probe.satellites.0) * of(latitude.0))).collect()
        }),
    };
    Ok(vec![
        list("covered", Quantity::Share, |figures, _| Some(figures.covered)),
        list("in-view", Quantity::Count, |figures, _| Some(figures.in_view)),
        exact,
        list("visible-a-day", Quantity::Time, |figures, _| Some(figures.covered * 86_400.0)),
        list("passes", Quantity::Frequency, |figures, probe| {
            Some(figures.passes as f64 / probe.duration.0.as_secs_f64())
        }),
        list("mean-pass", Quantity::Time, |figures, _| figures.mean_pass_s),
        list("mean-gap", Quantity::Time, |figures, _| figures.mean_gap_s),
        list("longest-gap", Quantity::Time, |figures, _| figures.longest_gap_s),
        list("mean-wait", Quantity::Time, |figures, _| figures.wait.as_ref().map(|wait| wait.mean_s)),
    ])
}

/// What the search comes to at each latitude.
fn figures(probe: &WalkerProbe) -> Vec<Figures> {
    let epoch = Utc::midnight(2025, 1, 1).unwrap_or_default();
    let walker = Walker {
        pattern: if probe.star { Pattern::Star } else { Pattern::Delta },
        satellites: probe.satellites.0,
        planes: probe.planes.0,
        phasing: probe.phasing.0,
        inclination_deg: probe.inclination_deg.0,
        altitude_km: probe.altitude_km.0,
        first_node_deg: 0.0,
        drift: false,
    };
    let satellites: Vec<Satellite> = walker.satellites("", epoch).collect();
    let places: Vec<Place> =
        probe.latitude_deg.iter().map(|latitude| Place::on_sphere(latitude.0, 0.0, EQUATOR_KM)).collect();
    let span = Span { start: epoch, end: epoch.plus(probe.duration.0.as_secs_f64()) };
    let query = Query {
        satellites: &satellites,
        places: &places,
        span,
        min_elevation_deg: probe.min_elevation_deg.0,
        rotation: Rotation::From(epoch),
    };
    let found = search(&query, 1, Coverage::take, |_| ControlFlow::Continue(()));
    found.places.into_iter().map(|coverage| coverage.finish(span)).collect()
}
