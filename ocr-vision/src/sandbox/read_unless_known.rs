//! Reading a page in a page process, unless its picture was read before: the process looks at the page first and says
//! which picture it is, and keeps what it decoded until it is told what to do with it.

use std::time::Duration;

use ocr_core::page::RecognizeOptions;
use tokio::time::Instant;

use super::{
    process::{AskError, PageProcess, unexpected},
    protocol::{Request, Response},
};
use crate::known::KnownPages;

/// How a page is to be read, and where to look for it before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lookup<'a> {
    pub(super) number: u32,
    pub(super) options: &'a RecognizeOptions,
    pub(super) known: &'a KnownPages,
}

impl Lookup<'_> {
    /// Asks `process` what `request` says, unless the page is known. What the process does takes at most `timeout` in
    /// all; looking for the page is not its time.
    pub(super) async fn ask(
        self,
        process: &mut PageProcess,
        request: &Request,
        timeout: Duration,
    ) -> Result<Response, AskError> {
        let Self {
            number,
            options,
            known,
        } = self;
        let look = Request::Look {
            number,
            features: options.features.clone(),
            text_layer: options.text_layer,
        };
        let begun = Instant::now();
        let looked = process.ask(&look, timeout).await?;
        let left = timeout.saturating_sub(begun.elapsed());
        let (picture, elapsed) = match looked {
            Response::Looked { picture, elapsed_ms } => (picture, Duration::from_millis(elapsed_ms)),
            other => return Err(AskError::Answered(unexpected(&other))),
        };
        let digest = picture.and_then(|picture| known.digest(options, &picture));
        if let Some(digest) = &digest
            && let Some(page) = known.find(digest, number, elapsed).await
        {
            // Pixels are large. Where it does not answer any more it is dropped, and the page is known all the same.
            if let Err(error) = process.ask(&Request::Forget, left).await {
                tracing::debug!(?error, "a page process did not forget a page");
            }
            return Ok(Response::Page { page: Box::new(page) });
        }
        match process.ask(request, left).await? {
            Response::Page { page } => Ok(Response::Page {
                page: Box::new(known.remember(*page, digest)),
            }),
            other => Ok(other),
        }
    }
}
