//! The PageRenderer port: pages as pictures for people to look at.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;

use super::engine::DocumentSource;
use crate::{Result, model::QuarterTurn};

/// Draws pages of documents. Optional on a [`Platform`](crate::platform::Platform).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PageRenderer: fmt::Debug + Send + Sync + 'static {
    /// Page `number` (one-based) of `document` as a JPEG of at most `width` pixels across, after
    /// `turn`. Never enlarged. May be dropped at any await point.
    ///
    /// # Errors
    /// `NotFound` for a page the document does not have, `InvalidInput` for one that cannot be drawn.
    async fn render(
        &self,
        document: DocumentSource,
        number: u32,
        width: u32,
        turn: QuarterTurn,
    ) -> Result<Bytes>;
}
