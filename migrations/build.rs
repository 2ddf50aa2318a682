//! Rebuilds the crate when a migration is added.

fn main() {
    println!("cargo::rerun-if-changed=postgres");
    println!("cargo::rerun-if-changed=sqlite");
}
