//! Satellites that are shown over the Earth: what a search found, the instant that is looked at, and where everything is then.
//!
//! Circles are those of a sphere that is as large as the ellipsoid below the satellite: on their edge the elevation is right to half a
//! degree, less than a dot of the map of the Earth.

use std::f64::consts::{PI, TAU};
use std::time::Instant;

use super::ground::Spot;
use super::keys::Action;
use crate::geometry::earth::{Geodetic, Look, MU, Place, State};
use crate::orbit::passes::Contact;
use crate::orbit::{Rotation, Satellite, Utc};
use crate::report::passes::{PassReport, SiteReport};

/// Steps of time, s; as much goes by in a second while time runs.
const STEPS: [f64; 7] = [1.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0];
/// The step to begin with.
const MINUTE: usize = 3;
/// Points of a circle, and of half an orbit.
const CIRCLE: u32 = 120;
const HALF: i32 = 60;

/// Of which satellites footprints and tracks are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Drawn {
    /// Those of the chosen one.
    #[default]
    Chosen,
    /// The footprints of all, and the track of the chosen one.
    Footprints,
    /// Those of all.
    All,
}

impl Drawn {
    fn next(self) -> Drawn {
        match self {
            Drawn::Chosen => Drawn::Footprints,
            Drawn::Footprints => Drawn::All,
            Drawn::All => Drawn::Chosen,
        }
    }

    /// What titles say of it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Drawn::Chosen => "footprint and track of the chosen one",
            Drawn::Footprints => "footprints of all",
            Drawn::All => "footprints and tracks of all",
        }
    }
}

/// What a search found, and the instant that is looked at.
pub(super) struct Sky {
    pub report: PassReport,
    pub satellites: Vec<Satellite>,
    /// The instant, within the span of the search.
    pub at: Utc,
    /// The site that elevations and windows are those of.
    pub site: usize,
    pub drawn: Drawn,
    step: usize,
    /// When time was last moved on, if it runs.
    moved: Option<Instant>,
}

/// A satellite at an instant.
pub(super) struct Above {
    /// Its number among the satellites of the search.
    pub number: usize,
    /// The point below it.
    pub below: Geodetic,
    /// How the chosen site sees it.
    pub look: Look,
    /// Whether it is as high there as the search asks for.
    pub in_view: bool,
    state: State,
}

impl Sky {
    pub(super) fn new(report: PassReport, satellites: Vec<Satellite>) -> Sky {
        let at = report.span.start;
        Sky { report, satellites, at, site: 0, drawn: Drawn::default(), step: MINUTE, moved: None }
    }

    /// The site that is chosen.
    pub(super) fn site(&self) -> Option<&SiteReport> {
        self.report.sites.get(self.site)
    }

    /// The windows of the site that is chosen.
    pub(super) fn contacts(&self) -> &[Contact] {
        self.site().map_or(&[], |site| &site.contacts)
    }

    /// What the map has in its middle unless it was moved.
    pub(super) fn home(&self) -> Spot {
        self.report.sites.first().map_or((0.0, 0.0), |site| (site.longitude_deg, site.latitude_deg))
    }

    pub(super) fn is_running(&self) -> bool {
        self.moved.is_some()
    }

    /// The instant as a line of text.
    pub(super) fn clock(&self) -> String {
        let sign = if self.is_running() { "▶ " } else { "" };
        format!("{sign}{} {} UTC", self.at.date(), self.at.clock())
    }

    /// The step of time, s.
    pub(super) fn step_s(&self) -> f64 {
        STEPS[self.step]
    }

    /// Goes to an instant, as near as the search has it.
    pub(super) fn go_to(&mut self, at: Utc) {
        self.at = at.clamp(self.report.span.start, self.report.span.end);
    }

    /// Moves to the next layer of the map.
    pub(super) fn next_layer(&mut self) {
        self.drawn = self.drawn.next();
    }

    /// Moves to another site; the first and the last are the ends.
    pub(super) fn turn(&mut self, ahead: bool) {
        let last = self.report.sites.len().saturating_sub(1);
        self.site = if ahead { (self.site + 1).min(last) } else { self.site.saturating_sub(1) };
    }

    /// Moves time, or lets it run.
    pub(super) fn order(&mut self, action: Action, now: Instant) {
        match action {
            Action::Pause if self.is_running() => self.moved = None,
            Action::Pause => self.moved = Some(now),
            Action::Faster => self.step = (self.step + 1).min(STEPS.len() - 1),
            Action::Slower => self.step = self.step.saturating_sub(1),
            _ => {
                let step = if action == Action::StepBack { -self.step_s() } else { self.step_s() };
                self.moved = None;
                self.go_to(self.at.plus(step));
            }
        }
    }

    /// Moves time on if it runs; returns whether it did.
    pub(super) fn run(&mut self, now: Instant) -> bool {
        let Some(moved) = self.moved else { return false };
        let elapsed = now.saturating_duration_since(moved).as_secs_f64();
        self.moved = Some(now);
        self.go_to(self.at.plus(elapsed * self.step_s()));
        if self.at == self.report.span.end {
            self.moved = None;
        }
        true
    }

    /// A satellite at the instant, if it has a position then.
    pub(super) fn above(&self, number: usize) -> Option<Above> {
        let state = self.satellites.get(number)?.state_over(self.at, Rotation::Sidereal).ok()?;
        let site = self.site()?;
        let place = Place::on_ellipsoid(Geodetic {
            latitude_deg: site.latitude_deg,
            longitude_deg: site.longitude_deg,
            altitude_km: site.altitude_m / 1e3,
        });
        let look = place.look(&state);
        let in_view = look.elevation_deg >= self.report.min_elevation_deg;
        Some(Above { number, below: Geodetic::of(state.position), look, in_view, state })
    }

    /// The way of a satellite over the ground from half an orbit ago, and to half an orbit ahead; ends where its orbit does.
    pub(super) fn track(&self, number: usize) -> [Vec<Spot>; 2] {
        let Some(satellite) = self.satellites.get(number) else { return Default::default() };
        let Some(half) = satellite.state(self.at).ok().and_then(half_orbit_s) else { return Default::default() };
        let point = |step: i32| {
            let at = self.at.plus(half * f64::from(step) / f64::from(HALF));
            let state = satellite.state_over(at, Rotation::Sidereal).ok()?;
            let below = Geodetic::of(state.position);
            Some((below.longitude_deg, below.latitude_deg))
        };
        [(-HALF..=0).rev().map_while(point).collect(), (0..=HALF).map_while(point).collect()]
    }
}

/// Half the time of an orbit around a point mass, s; none if it is not closed.
fn half_orbit_s(state: State) -> Option<f64> {
    let axis = 1.0 / (2.0 / state.position.norm() - state.velocity.dot(state.velocity) / MU);
    (axis > 0.0 && axis.is_finite()).then(|| PI * (axis * axis * axis / MU).sqrt())
}

impl Above {
    /// The point below it.
    pub(super) fn spot(&self) -> Spot {
        (self.below.longitude_deg, self.below.latitude_deg)
    }

    /// The circle within which it is above an elevation; closed.
    pub(super) fn footprint(&self, min_elevation_deg: f64) -> Vec<Spot> {
        let radius = self.state.position.norm();
        let ground = radius - self.below.altitude_km;
        // The triangle of the centre of the Earth, the satellite, and a place that sees it at this elevation.
        let elevation = min_elevation_deg.to_radians();
        let wide = libm::acos((ground * libm::cos(elevation) / radius).clamp(-1.0, 1.0)) - elevation;
        let point = |step: u32| around(self.spot(), wide.max(0.0), f64::from(step) / f64::from(CIRCLE) * TAU);
        (0..=CIRCLE).map(point).collect()
    }
}

/// The place at a distance, as an angle at the centre of a sphere, and in a direction from another, radians.
fn around((longitude, latitude): Spot, distance: f64, azimuth: f64) -> Spot {
    let (sin, cos) = libm::sincos(latitude.to_radians());
    let (sin_far, cos_far) = libm::sincos(distance);
    let (sin_turn, cos_turn) = libm::sincos(azimuth);
    let north = (sin * cos_far + cos * sin_far * cos_turn).clamp(-1.0, 1.0);
    let east = libm::atan2(sin_turn * sin_far * cos, cos_far - sin * north);
    (longitude + east.to_degrees(), libm::asin(north).to_degrees())
}
