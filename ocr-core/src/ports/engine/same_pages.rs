//! Pages that were read before, as an engine sees them: to be taken over in place of reading the same picture.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    clock::Timestamp,
    digest::ContentHasher,
    id::UserId,
    model::{DOCUMENT_TEXT_VERSION, EngineInfo, PageText, SamePage},
    same_page_store::{EarlierPage, SamePageStore},
};

/// Maximum time that looking for a page may take. Reading it takes seconds, so that waiting longer gains nothing.
const LOOK: Duration = Duration::from_secs(2);

/// Pages of one owner that were read before. Cheap to clone.
///
/// An engine takes the digest of what it is about to read ([`SamePages::digest`]), asks for a page that has the same
/// ([`SamePages::find`]), and gives what it reads the digest ([`SamePages::remember`]), by which it is found later. The
/// owner is a part of the digest: that of another one is never the same.
///
/// The default one knows no page and wants none to be remembered.
#[derive(Clone, Default)]
pub struct SamePages(Option<Arc<Known>>);

struct Known {
    store: Arc<dyn SamePageStore>,
    owner: UserId,
    since: Timestamp,
    is_looked_for: bool,
}

impl fmt::Debug for SamePages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let looks = self.0.as_ref().map(|known| known.is_looked_for);
        f.debug_tuple("SamePages").field(&looks).finish()
    }
}

impl SamePages {
    /// No pages: nothing is looked for, and nothing remembered.
    pub fn none() -> Self {
        Self::default()
    }

    /// Pages of `owner` in `store`, of documents that were accepted at `since` or later.
    pub fn of_owner(store: Arc<dyn SamePageStore>, owner: UserId, since: Timestamp) -> Self {
        Self(Some(Arc::new(Known {
            store,
            owner,
            since,
            is_looked_for: true,
        })))
    }

    /// The same for a document that is to be read in any case: what is read is remembered, and nothing looked for.
    pub fn reading_again(&self) -> Self {
        Self(self.0.as_ref().map(|known| {
            Arc::new(Known {
                store: Arc::clone(&known.store),
                owner: known.owner,
                since: known.since,
                is_looked_for: false,
            })
        }))
    }

    /// Whether digests are of use to anybody; an engine need not hash a picture otherwise.
    pub fn are_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// The digest of a page that `engine` reads in the way that `options` say from the picture whose digest is
    /// `picture`, for this owner: 64 lower-case hex digits. `options` are everything beside the engine and its version
    /// that the text of a page depends on, written in one way. `None` when digests are of no use.
    pub fn digest(&self, engine: &EngineInfo, options: &str, picture: &str) -> Option<String> {
        let known = self.0.as_ref()?;
        let (version, owner) = (DOCUMENT_TEXT_VERSION.to_string(), known.owner.to_string());
        let mut hasher = ContentHasher::default();
        for part in [
            version.as_str(),
            owner.as_str(),
            engine.name.as_str(),
            engine.version.as_str(),
            options,
            picture,
        ] {
            // With its length, so that no two lists of parts are one text.
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Some(hasher.finish())
    }

    /// The newest page with this digest, named as the one that the text is of: [`PageText::same_as`]. Its number and
    /// the time spent on it are for the caller to set. `None` when there is none, when the document is to be read in
    /// any case, and when the store cannot say within two seconds. May be dropped at any await point.
    pub async fn find(&self, digest: &str) -> Option<PageText> {
        let known = self.0.as_ref().filter(|known| known.is_looked_for)?;
        let asked = known.store.same_page(known.owner, digest.to_owned(), known.since);
        let found = match tokio::time::timeout(LOOK, asked).await {
            Ok(Ok(found)) => found?,
            Ok(Err(error)) => {
                tracing::warn!(
                    ?error,
                    "pages that were read before cannot be looked for; the page is read"
                );
                return None;
            }
            Err(_) => {
                tracing::warn!("looking for a page that was read before took too long; the page is read");
                return None;
            }
        };
        Some(found)
            .filter(|found| is_the_same(found, digest))
            .map(taken_over)
    }

    /// `page` with the digest of what it was read from and how, so that it is found later. One with warnings stays
    /// without: they are about this document, and reading again may do better.
    pub fn remember(&self, mut page: PageText, digest: String) -> PageText {
        page.digest = (self.are_wanted() && page.warnings.is_empty()).then_some(digest);
        page
    }
}

/// Whether a page that was found is what it was found as, and nothing went wrong with it: an older program may have
/// replaced the page without what finds it, and a warning may have been added after it was read.
fn is_the_same(found: &EarlierPage, digest: &str) -> bool {
    found.page.digest.as_deref() == Some(digest) && found.page.warnings.is_empty()
}

fn taken_over(found: EarlierPage) -> PageText {
    let EarlierPage { task, page } = found;
    let same_as = SamePage::new(task, page.number);
    // Which engine reads is said where several share a document, by what lets them.
    page.with_engine(None).with_same_as(same_as)
}
