//! The path of a satellite over the Earth: states at knots of time and a cubic between them.

use super::super::{OrbitError, Rotation, Satellite, Span, Utc};
use crate::geometry::earth::State;
use crate::geometry::vector::Vector;

/// Longest time between knots, s. The cubic is off by h⁴/384 of the fourth derivative: 6 m in a low orbit, at most 20 m at the perigee of
/// an eccentric one.
const STEP_S: f64 = 120.0;
/// What a path may bulge between knots, km: h²/8 of the acceleration of gravity.
const BULGE_KM: f64 = 0.0098 * STEP_S * STEP_S / 8.0;
/// The normal of the ellipsoid is off the direction from the centre by at most 0.193 degrees.
const DEFLECTION_DEG: f64 = 0.2;
/// Added to the angles of a cap for their few digits, radians.
const ROUNDING: f64 = 1e-4;

/// The path of one satellite over one span.
pub(super) struct Track {
    /// Time between knots, s.
    pub step_s: f64,
    /// States at the knots, in the frame that turns with the Earth; they end where the satellite does.
    pub knots: Vec<State>,
    /// What each stretch between knots can be seen from.
    pub caps: Vec<Cap>,
    /// From when on there is no satellite, and why.
    pub lost: Option<(Utc, OrbitError)>,
}

/// From where a stretch of the path may be seen: what lies within an angle of a direction. Single precision, as there are many.
#[derive(Clone, Copy)]
pub(super) struct Cap {
    /// The direction.
    middle: [f32; 3],
    /// The angle, radians, its cosine and its sine.
    angle: f32,
    cos: f32,
    sin: f32,
}

/// How far from below a satellite it may still be seen.
#[derive(Clone, Copy)]
pub(super) struct Horizon {
    /// Radius times the cosine of the least elevation, and that elevation, radians.
    reduced_km: f64,
    elevation: f64,
}

impl Horizon {
    /// The horizon of places that are at least so far from the centre of the Earth.
    pub(super) fn new(radius_km: f64, min_elevation_deg: f64) -> Horizon {
        let elevation = (min_elevation_deg - DEFLECTION_DEG).to_radians();
        Horizon { reduced_km: radius_km * libm::cos(elevation), elevation }
    }

    /// The angle at the centre of the Earth for a satellite so far from it.
    fn angle(self, radius_km: f64) -> f64 {
        libm::acos((self.reduced_km / radius_km).clamp(-1.0, 1.0)) - self.elevation
    }
}

/// Bytes of a path per second of its span.
pub(super) fn bytes_per_second() -> f64 {
    (size_of::<State>() + size_of::<Cap>()) as f64 / STEP_S
}

impl Track {
    pub(super) fn new(satellite: &Satellite, span: Span, rotation: Rotation, horizon: Horizon) -> Track {
        let steps = (span.seconds() / STEP_S).ceil().max(1.0);
        let step_s = span.seconds() / steps;
        let mut knots = Vec::with_capacity(steps as usize + 1);
        let mut lost = None;
        for number in 0..=steps as usize {
            // Exactly the end, where the next chunk begins.
            let at = if number == steps as usize { span.end } else { span.start.plus(step_s * number as f64) };
            match satellite.state_over(at, rotation) {
                Ok(state) => knots.push(state),
                Err(why) => {
                    lost = Some((at, why));
                    break;
                }
            }
        }
        let caps = knots.windows(2).map(|pair| Cap::new(&pair[0], &pair[1], step_s, horizon)).collect();
        Track { step_s, knots, caps, lost }
    }

    /// The state `x` seconds behind a knot, by the cubic that has the states at both ends.
    pub(super) fn between(&self, knot: usize, x: f64) -> State {
        let (from, to, h) = (&self.knots[knot], &self.knots[knot + 1], self.step_s);
        let s = x / h;
        let (s2, s3) = (s * s, s * s * s);
        let (turn, leave, arrive) = (3.0 * s2 - 2.0 * s3, s - 2.0 * s2 + s3, s3 - s2);
        let change = to.position - from.position;
        let position = from.position + change * turn + from.velocity * (leave * h) + to.velocity * (arrive * h);
        let velocity = change * (6.0 * (s - s2) / h)
            + from.velocity * (1.0 - 4.0 * s + 3.0 * s2)
            + to.velocity * (3.0 * s2 - 2.0 * s);
        State { position, velocity }
    }
}

impl Cap {
    fn new(from: &State, to: &State, step_s: f64, horizon: Horizon) -> Cap {
        let middle = (from.position.unit() + to.position.unit()).unit();
        let radii = [from.position.norm(), to.position.norm()];
        let speed = from.velocity.norm().max(to.velocity.norm()) + 0.0098 * step_s / 2.0;
        // No point of the path is farther from the middle than half its length seen from the centre.
        let reach = speed * step_s / 2.0 / (radii[0].min(radii[1]) - BULGE_KM);
        let angle = horizon.angle(radii[0].max(radii[1]) + BULGE_KM) + reach + ROUNDING;
        let (sin, cos) = libm::sincos(angle);
        let middle = [middle.x as f32, middle.y as f32, middle.z as f32];
        Cap { middle, angle: angle as f32, cos: cos as f32, sin: sin as f32 }
    }

    /// Whether anything within `around` may see it.
    pub(super) fn meets(&self, around: &Around) -> bool {
        let [x, y, z] = self.middle;
        let cos = x * around.middle[0] + y * around.middle[1] + z * around.middle[2];
        // The cosine of the sum of both angles.
        self.angle + around.angle >= std::f32::consts::PI || cos >= self.cos * around.cos - self.sin * around.sin
    }
}

/// What lies within an angle of a direction.
#[derive(Clone, Copy)]
pub(super) struct Around {
    middle: [f32; 3],
    angle: f32,
    cos: f32,
    sin: f32,
}

impl Around {
    /// What lies within `angle` radians of the direction `middle`.
    pub(super) fn new(middle: Vector, angle: f64) -> Around {
        let (sin, cos) = libm::sincos(angle);
        let middle = [middle.x as f32, middle.y as f32, middle.z as f32];
        Around { middle, angle: angle as f32, cos: cos as f32, sin: sin as f32 }
    }
}
