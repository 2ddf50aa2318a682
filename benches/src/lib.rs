//! Measures that several of the programs take.

pub mod edit_distance;
