//! x
pub mod check;
pub mod problem;
pub mod shape;
pub mod suggest;
pub mod tree;
pub mod value;
pub mod yaml;
