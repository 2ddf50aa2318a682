#![doc = include_str!("../README.md")]
// Labels items with the features they need, where docs.rs builds this.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod access_tokens;
mod audit_file;
mod build_features;
pub mod cli;
pub mod commands;
pub mod compose;
pub mod config;
mod data_dir;
pub mod engines;
#[cfg(feature = "failpoints")]
mod failpoint;
pub mod http;
mod links;
pub mod oidc;
mod passwords;
mod secret;
mod shutdown;
mod telemetry;
mod worker_name;
