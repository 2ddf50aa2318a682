#![doc = include_str!("../README.md")]

mod book;
mod file;
mod queue;

pub use queue::FileQueue;
