#![doc = include_str!("../README.md")]
// Labels items with the features they need, where docs.rs builds this.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod accounts;
pub mod authenticator;
mod beside_tasks;
pub mod blob;
pub mod corrections;
pub mod documents;
pub mod engine;
pub mod fake_engine;
pub mod filings;
pub mod harness;
pub mod notify;
#[cfg(feature = "oidc")]
pub mod oidc;
pub mod platform;
pub mod queue;
pub mod rate_limiter;
pub mod recognizer;
pub mod requirements;
pub mod same_pages;
pub mod samples;
pub mod saved_searches;
pub mod search;
#[cfg(feature = "services")]
pub mod services;
pub mod shares;
pub mod store;
pub mod unreliable;
pub mod usage;

pub use fake_engine::FakeEngine;
pub use platform::MemoryPlatform;
pub use unreliable::Unreliable;
