//! Takes over what was read of the same bytes in the same way, in place of reading them once more.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};

use super::recognized::Recognized;
use crate::{
    Result,
    engine::{Checkpoint, SamePages},
    id::TaskId,
    model::{DOCUMENT_TEXT_VERSION, DocumentText, PageText, SamePage, Task},
    platform::Platform,
    service::{same_read, stored_result},
};

/// Pages that are written to the store at once.
const PAGES_AT_ONCE: usize = 50;

/// Copies the pages of an earlier result of the same bytes, read by the same version of the same engine; `None` when
/// there is none, and the document is to be read. Nothing is shared: either task can be deleted without the other.
/// Pages that an earlier attempt stored are replaced.
///
/// # Errors
/// `NoEngine` and `InvalidInput` when the engine of the task is not there; what the store says when the pages cannot
/// be written. May be dropped at any await point: what is written by then are pages that reading would give too.
pub(super) async fn take_over(platform: &Platform, task: &Task) -> Result<Option<Recognized>> {
    let started = platform.clock.now();
    let (same_as, document) = match earlier_result(platform, task).await {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(None),
        Err(error) => {
            tracing::warn!(?error, task = %task.id, "an earlier result of the same bytes cannot be had; the document is read");
            return Ok(None);
        }
    };
    let mut pages = document.pages.into_iter().map(|page| {
        let same = SamePage::new(same_as, page.number);
        page.with_same_as(same)
    });
    loop {
        let some: Vec<PageText> = pages.by_ref().take(PAGES_AT_ONCE).collect();
        if some.is_empty() {
            break;
        }
        platform.store.put_pages(task.fence(), some).await?;
    }
    // What this result costs is what earlier attempts of this very task were charged.
    let checkpoint = Checkpoint::of_task(Arc::clone(&platform.store), task.fence()).await?;
    tracing::info!(task = %task.id, %same_as, "the result of the same bytes is taken over");
    Ok(Some(Recognized {
        engine: document.engine,
        usage: checkpoint.usage().await,
        started,
        same_as: Some(same_as),
    }))
}

/// Whether a page seems to be one that could not be read: another attempt may do better.
fn is_unread(page: &PageText) -> bool {
    page.error.is_some() || (page.words().next().is_none() && !page.warnings.is_empty())
}

async fn earlier_result(platform: &Platform, task: &Task) -> Result<Option<(TaskId, DocumentText)>> {
    let earlier = same_read(platform, task.owner, &task.file, &task.options).await?;
    let Some((id, summary)) = earlier.and_then(|earlier| Some((earlier.id, earlier.result?))) else {
        return Ok(None);
    };
    let engine = platform.engines.choose(task.options.engine.as_deref())?;
    let document = stored_result(platform, &summary).await?.document;
    // The numbers of a result do not say which version of its engine read it, the result does.
    let is_same = document.version == DOCUMENT_TEXT_VERSION
        && document.engine.name == engine.name()
        && document.engine.version == engine.capabilities().version
        && !document.pages.iter().any(is_unread);
    Ok(is_same.then_some((id, document)))
}

/// Pages that an engine may take over in place of reading those of `task`: none where the policies say so. Where the
/// task is to be read in any case, its pages are remembered all the same, as the newest.
pub(super) fn same_pages(platform: &Platform, task: &Task) -> SamePages {
    let policies = &platform.policies;
    let store = match &platform.same_pages {
        Some(store) if policies.reuse_results && !policies.reuse_pages_for.is_zero() => store,
        _ => return SamePages::none(),
    };
    let age = TimeDelta::from_std(policies.reuse_pages_for).ok();
    let since = age.and_then(|age| platform.clock.now().checked_sub_signed(age));
    // No database knows times that are much earlier.
    let since = since.map_or(DateTime::UNIX_EPOCH, |since| since.max(DateTime::UNIX_EPOCH));
    let pages = SamePages::of_owner(Arc::clone(store), task.owner, since);
    if task.options.read_again {
        pages.reading_again()
    } else {
        pages
    }
}
