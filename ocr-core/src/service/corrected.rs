//! What readers get of a result: what was read, with what people changed about it.

use super::OcrService;
use crate::{
    Error, ErrorKind, Result,
    correction_store::{CorrectionStore, PageVersion},
    corrections::{PageLog, correct},
    digest::sha256_hex,
    id::TaskId,
    model::PageText,
    platform::Platform,
    store::Scope,
};

/// Pages whose logs are fetched from the store at once.
pub(super) const LOGS_AT_ONCE: usize = 20;

impl OcrService {
    /// Pages read so far, also while the task runs: numbers in `from..=to`, ascending, with their corrections.
    pub async fn pages(&self, scope: Scope, id: TaskId, from: u32, to: u32) -> Result<Vec<PageText>> {
        self.get(scope, id).await?;
        corrected_pages(&self.platform, scope, id, from, to).await
    }

    /// The same as they were read, without corrections.
    pub async fn original_pages(
        &self,
        scope: Scope,
        id: TaskId,
        from: u32,
        to: u32,
    ) -> Result<Vec<PageText>> {
        self.get(scope, id).await?;
        self.platform.store.pages(scope, id, from, to).await
    }

    /// What tells the corrections of a task from others, eight hexadecimal digits; `None` while there are none.
    pub(super) async fn corrections_digest(&self, scope: Scope, id: TaskId) -> Result<Option<String>> {
        let Some(store) = &self.platform.corrections else {
            return Ok(None);
        };
        let versions = store.correction_versions(scope, id).await?;
        if versions.is_empty() {
            return Ok(None);
        }
        let of_page = |version: &PageVersion| format!("{} {};", version.page, version.version);
        let mut digest = sha256_hex(versions.iter().map(of_page).collect::<String>());
        digest.truncate(8);
        Ok(Some(digest))
    }
}

/// Stored pages with numbers in `from..=to`, ascending, with their corrections; empty when the task is not in `scope`.
pub(crate) async fn corrected_pages(
    platform: &Platform,
    scope: Scope,
    id: TaskId,
    from: u32,
    to: u32,
) -> Result<Vec<PageText>> {
    let pages = platform.store.pages(scope, id, from, to).await?;
    corrected_from(platform, scope, id, pages).await
}

/// These pages of a task, ascending and as they were read, with their corrections.
pub(super) async fn corrected_from(
    platform: &Platform,
    scope: Scope,
    id: TaskId,
    pages: Vec<PageText>,
) -> Result<Vec<PageText>> {
    let (Some(first), Some(last)) = (pages.first(), pages.last()) else {
        return Ok(pages);
    };
    let Some(store) = &platform.corrections else {
        return Ok(pages);
    };
    let logs = store
        .correction_logs(scope, id, first.number, last.number)
        .await?;
    Ok(with_corrections(pages, &logs))
}

/// Pages with the corrections that these logs hold, ascending by page.
pub(super) fn with_corrections(pages: Vec<PageText>, logs: &[PageLog]) -> Vec<PageText> {
    let log_of = |page: &PageText| {
        let found = logs.binary_search_by_key(&page.number, |log| log.page);
        found.ok().and_then(|index| logs.get(index))
    };
    let corrected = pages.into_iter().map(|page| match log_of(&page) {
        Some(log) => correct(&page, log).page,
        None => page,
    });
    corrected.collect()
}

/// The corrections of a platform.
pub(super) fn correction_store(platform: &Platform) -> Result<&dyn CorrectionStore> {
    platform.corrections.as_deref().ok_or_else(|| {
        Error::new(
            ErrorKind::Unsupported,
            "nothing can be corrected here: corrections are not kept",
        )
    })
}
