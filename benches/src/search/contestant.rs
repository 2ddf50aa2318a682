//! What is measured, whatever it is.

use anyhow::Result;
use async_trait::async_trait;

use crate::{corpus::Document, questions::Question};

/// Hits of one answer, as many as our server gives when the request does not say.
pub(crate) const HITS: usize = 20;

/// Something that pages are put into. A call of [`Indexed::prepare`] is followed by one of [`Indexed::index`].
#[async_trait]
pub(crate) trait Indexed: Send + Sync {
    /// The name shown.
    fn name(&self) -> &'static str;

    /// Has `documents` ready, and stores what does not belong to the index. It is not timed.
    async fn prepare(&self, documents: &[Document]) -> Result<()>;

    /// Takes in what is ready, durably.
    async fn index(&self) -> Result<()>;

    /// Does what a server does by itself when it has time. It is not timed.
    async fn settle(&self) -> Result<()>;

    /// Bytes of the index on disk, after [`Indexed::settle`].
    async fn bytes(&self) -> Result<u64>;
}

/// Something that answers questions.
#[async_trait]
pub(crate) trait Searched: Send + Sync {
    /// The number of the first [`HITS`] hits among the documents of the first owner.
    async fn ask(&self, question: &Question) -> Result<usize>;
}
