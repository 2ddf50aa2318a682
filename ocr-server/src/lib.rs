#![doc = include_str!("../README.md")]

mod build_features;
pub mod cli;
pub mod commands;
pub mod compose;
pub mod config;
pub mod engines;
pub mod http;
mod secret;
mod shutdown;
mod telemetry;
