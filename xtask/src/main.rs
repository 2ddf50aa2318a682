//! Placeholder of the crate's first commit.
fn main() {}
