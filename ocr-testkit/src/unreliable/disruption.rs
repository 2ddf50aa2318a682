//! What befalls the calls of a port.

use std::fmt;

use async_trait::async_trait;
use ocr_core::Result;

/// Decides what befalls each call of an [`Unreliable`](super::Unreliable) port.
///
/// A method that returns late delays the call, one that never returns is a process that died there.
#[async_trait]
pub trait Disruption: fmt::Debug + Send + Sync + 'static {
    /// Before the call is made. An error is the answer of a call that was never made.
    async fn before(&self, operation: &'static str) -> Result<()>;

    /// After the call, whatever it answered. An error takes the place of the answer: what the call did stays done.
    async fn after(&self, operation: &'static str) -> Result<()>;
}
