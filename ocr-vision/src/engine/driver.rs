//! Pages of one document, read in parallel and told as they are done.

use std::sync::Arc;

use derive_setters::Setters;
use futures::{StreamExt, stream};
use ocr_core::{
    Result,
    engine::{PageStream, SamePages},
    model::{EngineInfo, Feature, PageSelection, TextLayerMode},
    page::RecognizeOptions,
};
use tokio_util::sync::CancellationToken;

use crate::{
    document::OpenDocument,
    known::KnownPages,
    pages::{Tolerance, cancellable, forgiving, wanted_pages},
};

/// How a document is to be read.
#[derive(Debug, Clone, Default, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct ReadOptions {
    /// BCP 47 tags of the expected languages; empty lets the engine decide.
    pub languages: Vec<String>,
    /// Pages wanted; all when absent.
    #[setters(into)]
    pub pages: Option<PageSelection>,
    /// Pages that must not be read again.
    pub skip: Vec<u32>,
    /// What is to be found beyond the text.
    pub features: Vec<Feature>,
    /// What becomes of text that the document has already.
    pub text_layer: TextLayerMode,
}

/// Starts reading the pages of `document`, `parallel` at once; pages that are known are taken over.
pub(super) fn read(
    document: OpenDocument,
    parallel: usize,
    engine: EngineInfo,
    options: ReadOptions,
    same_pages: SamePages,
    cancel: CancellationToken,
) -> Result<PageStream> {
    let wanted = wanted_pages(document.page_count(), options.pages.as_ref())?;
    let total = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
    let unread: Vec<u32> = wanted
        .into_iter()
        .filter(|number| !options.skip.contains(number))
        .collect();
    let tolerance = Tolerance::of(total, unread.len());
    let recognize = RecognizeOptions::new()
        .with_languages(options.languages)
        .with_features(options.features)
        .with_text_layer(options.text_layer);
    let known = KnownPages::new(engine.clone(), same_pages);
    let shared = Arc::new((document, recognize, known));
    let pages = stream::iter(unread)
        .map(move |number| {
            let shared = Arc::clone(&shared);
            async move {
                let (document, recognize, known) = &*shared;
                (number, document.read_unless_known(number, recognize, known).await)
            }
        })
        .buffer_unordered(parallel);
    let pages = cancellable(forgiving(pages, tolerance), cancel);
    Ok(PageStream::new(engine, total, pages.boxed()))
}
