//! The farlink program.

use std::process::ExitCode;

/// Large allocations on huge pages: the simulation touches terminals at random.
#[global_allocator]
static ALLOCATOR: farlink::platform::HugePages = farlink::platform::HugePages;

fn main() -> ExitCode {
    farlink::cli::main()
}
