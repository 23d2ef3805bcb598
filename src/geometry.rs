//! Where things are, as plain geometry: knows nothing of radio.

pub mod earth;
pub mod hex;
pub mod nadir;
pub mod sphere;
pub mod torus;
pub mod vector;
