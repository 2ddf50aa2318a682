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

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use bytes::Bytes;
    use futures::TryStreamExt;
    use ocr_core::{
        Result,
        blob::{BlobKey, BlobStore, PutOptions},
        clock::{SystemClock, Timestamp},
        digest::sha256_hex,
        engine::{DocumentSource, OcrContext, OcrEngine, OcrRequest},
        memory::{MemoryBlobStore, MemoryStore},
        model::{MediaType, SamePage, Transition},
        page::{PageImage, PageRecognizer, RecognizerCapabilities},
        store::{PageStore, Scope, TaskStore, Write},
    };
    use ocr_documents::Limits;
    use ocr_testkit::{
        documents::{Typeset, tiff},
        harness::LONG,
        samples,
    };

    use super::*;
    use crate::LocalEngine;

    /// Counts the pictures it is given.
    #[derive(Debug, Default)]
    struct Counting(AtomicUsize);

    impl PageRecognizer for Counting {
        fn name(&self) -> &'static str {
            "counting"
        }

        fn capabilities(&self) -> RecognizerCapabilities {
            RecognizerCapabilities::new("1")
        }

        fn recognize_page(&self, image: &PageImage, _options: &RecognizeOptions) -> Result<PageText> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(PageText::empty(1, image.width(), image.height()))
        }
    }

    /// What `engine` reads in a TIFF file of these pages, ascending.
    async fn read(engine: &LocalEngine, pages: &[PageImage], same_pages: SamePages) -> Vec<PageText> {
        let blobs = Arc::new(MemoryBlobStore::new(Arc::new(SystemClock)));
        let key: BlobKey = "uploads/a/b".parse().unwrap();
        let file: Bytes = tiff(pages);
        let (size, sha256) = (file.len() as u64, sha256_hex(&file));
        blobs
            .put(key.clone(), file.into(), PutOptions::default())
            .await
            .unwrap();
        let source = DocumentSource::new(blobs, key, size, sha256);
        let request = OcrRequest::new(source, MediaType::Tiff);
        let context = OcrContext::default().with_same_pages(same_pages);
        let stream = engine.recognize(request, context).await.unwrap();
        let mut pages: Vec<PageText> = stream.pages.try_collect().await.unwrap();
        pages.sort_by_key(|page| page.number);
        pages
    }

    #[tokio::test]
    async fn a_picture_that_is_known_is_not_recognised() {
        let recognizer = Arc::new(Counting::default());
        let engine = LocalEngine::in_process(recognizer.clone(), 1, Limits::default());
        let sheets = ["one", "two", "three"].map(|text| Typeset::card().page(text));
        let (first, second) = (&sheets[..2], &sheets[1..]);
        let store = Arc::new(MemoryStore::new(Arc::new(SystemClock)));
        let owner = samples::user();
        store.ensure_user(owner).await.unwrap();
        let new = samples::new_task(owner);
        let id = new.id;
        store.create_task(new, Write::default()).await.unwrap();
        let claim = Transition::Claim { lease: LONG };
        let task = store.transition(Scope::system(), id, claim, Write::default());
        let task = task.await.unwrap();
        let known = SamePages::of_owner(store.clone(), owner, Timestamp::UNIX_EPOCH);
        let pages = read(&engine, first, known.clone()).await;
        assert!(
            pages
                .iter()
                .all(|page| page.digest.is_some() && page.same_as.is_none())
        );
        store.put_pages(task.fence(), pages).await.unwrap();

        let pages = read(&engine, second, known.clone()).await;
        let same: Vec<_> = pages.iter().map(|page| (page.number, page.same_as)).collect();
        assert_eq!(same, [(1, Some(SamePage::new(id, 2))), (2, None)]);
        assert!(pages[0].elapsed_ms > 0);
        assert_eq!(recognizer.0.load(Ordering::Relaxed), 3);

        let again = read(&engine, second, known.reading_again()).await;
        assert!(
            again
                .iter()
                .all(|page| page.digest.is_some() && page.same_as.is_none())
        );
        let unknown = read(&engine, second, SamePages::none()).await;
        assert!(unknown.iter().all(|page| page.digest.is_none()));
        assert_eq!(recognizer.0.load(Ordering::Relaxed), 7);
    }
}
