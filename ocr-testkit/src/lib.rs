#![doc = include_str!("../README.md")]

pub mod blob;
pub mod harness;
pub mod notify;
pub mod queue;
pub mod samples;
pub mod store;
