//! Where things are, as plain geometry: knows nothing of radio.

pub mod hex;
pub mod nadir;
pub mod torus;
