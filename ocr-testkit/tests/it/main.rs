//! The suites on adapters that are right, and on adapters that are wrong.

mod completeness;
mod engines;
mod memory;
#[cfg(feature = "services")]
mod services;
mod unreliable;
mod wrong;
mod wrong_store;
