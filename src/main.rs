//! The `farlink` program.

fn main() {}
