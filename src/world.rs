//! Wires one run together: networks, groups, executor, results. Knows no YAML.

pub mod spec;
