//! Pages that were read before, as one engine looks for them while it reads a document.

use std::time::Duration;

use ocr_core::{
    engine::SamePages,
    model::{EngineInfo, PageText},
    page::RecognizeOptions,
};

/// Where an engine looks for pages it read before, and under which name. The default one looks nowhere.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownPages {
    engine: EngineInfo,
    same_pages: SamePages,
}

impl KnownPages {
    /// What `engine` read of `same_pages`.
    pub(crate) fn new(engine: EngineInfo, same_pages: SamePages) -> Self {
        Self { engine, same_pages }
    }

    /// Whether it is of use to hash pictures.
    pub(crate) fn are_wanted(&self) -> bool {
        self.same_pages.are_wanted()
    }

    /// The digest of a page that is read in this way from the picture with the digest `picture`.
    pub(crate) fn digest(&self, options: &RecognizeOptions, picture: &str) -> Option<String> {
        // Everything but the threads, which the text does not depend on. What is done around the recogniser comes with
        // this crate.
        let RecognizeOptions {
            languages,
            correct_orientation,
            features,
            ..
        } = options;
        let version = env!("CARGO_PKG_VERSION");
        let options = format!("{version} {languages:?} {correct_orientation} {features:?}");
        self.same_pages.digest(&self.engine, &options, picture)
    }

    /// The page with this digest that was read before, as page `number` that was looked at for `elapsed`.
    pub(crate) async fn find(&self, digest: &str, number: u32, elapsed: Duration) -> Option<PageText> {
        let page = self.same_pages.find(digest).await?;
        Some(page.with_number(number).with_elapsed_ms(milliseconds(elapsed)))
    }

    /// The page that was read, to be found by this digest.
    pub(crate) fn remember(&self, page: PageText, digest: Option<String>) -> PageText {
        match digest {
            Some(digest) => self.same_pages.remember(page, digest),
            None => page,
        }
    }
}

/// How long something took, as pages say it. Nothing takes no time: 0 is what an engine gives that does not say.
pub(crate) fn milliseconds(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1)
}
