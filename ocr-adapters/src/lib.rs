#![doc = include_str!("../README.md")]

#[cfg(feature = "fs")]
pub mod fs;
#[cfg(feature = "sqlite")]
pub mod sqlite;
