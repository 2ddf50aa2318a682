#![doc = include_str!("../README.md")]

pub mod code39;
mod engine;
pub mod print;

pub use engine::Code39Engine;
