//! What is laid over a port: an implementation of it that is made of others.

mod breaker;
mod cascade;
mod fallback;
mod within;

pub use breaker::BreakerPolicy;
pub use cascade::Cascade;
pub use fallback::Fallback;
pub(crate) use within::within;
