//! Vectors in space.

use std::ops::{Add, Mul, Sub};

/// A vector of three components; which unit and frame is said where it is used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Vector {
    /// First component.
    pub x: f64,
    /// Second component.
    pub y: f64,
    /// Third component.
    pub z: f64,
}

impl Vector {
    /// A vector of these components.
    #[must_use]
    pub const fn new(x: f64, y: f64, z: f64) -> Vector {
        Vector { x, y, z }
    }

    /// The scalar product.
    #[must_use]
    pub fn dot(self, other: Vector) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    /// The vector product.
    #[must_use]
    pub fn cross(self, other: Vector) -> Vector {
        Vector {
            x: self.y * other.z - self.z * other.y,
            y: self.z * other.x - self.x * other.z,
            z: self.x * other.y - self.y * other.x,
        }
    }

    /// The length.
    #[must_use]
    pub fn norm(self) -> f64 {
        self.dot(self).sqrt()
    }

    /// The vector of length one in this direction; not a number for the zero vector.
    #[must_use]
    pub fn unit(self) -> Vector {
        self * (1.0 / self.norm())
    }

    /// The vector seen from axes that are turned by `angle` about the third one, radians.
    #[must_use]
    pub fn turned(self, angle: f64) -> Vector {
        let (sin, cos) = libm::sincos(angle);
        Vector { x: cos * self.x + sin * self.y, y: cos * self.y - sin * self.x, z: self.z }
    }
}

impl Add for Vector {
    type Output = Vector;
    fn add(self, other: Vector) -> Vector {
        Vector { x: self.x + other.x, y: self.y + other.y, z: self.z + other.z }
    }
}

impl Sub for Vector {
    type Output = Vector;
    fn sub(self, other: Vector) -> Vector {
        Vector { x: self.x - other.x, y: self.y - other.y, z: self.z - other.z }
    }
}

impl Mul<f64> for Vector {
    type Output = Vector;
    fn mul(self, by: f64) -> Vector {
        Vector { x: self.x * by, y: self.y * by, z: self.z * by }
    }
}
