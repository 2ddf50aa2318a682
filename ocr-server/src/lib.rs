//! The reference server of the OCR platform: HTTP API, live updates, workers and a command line,
//! composed from the adapters of `ocr-adapters`.

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
