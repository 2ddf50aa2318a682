//! The suites on the memory adapters, and the suites on adapters that are wrong.

mod memory;
