//! Same bytes, same answer: whose result a document takes over that was read before.
//!
//! Results are taken over within one owner only. The worker copies them; here is said which.

use super::OcrService;
use crate::{
    Result,
    id::{TaskId, UserId},
    model::{StoredFile, Task, TaskOptions, TaskStatus},
    pagination::PageRequest,
    platform::Platform,
    store::{Scope, TaskFilter},
};

/// Maximum number of results of the same bytes that are looked at, the newest.
const MAX_LOOKED_AT: u16 = 20;

impl OcrService {
    /// The task whose result `task` took over. While it waits: the one whose result it is going to take over, unless
    /// that is gone by then, is of another version of the engine, or has a page that could not be read. `None` for a task
    /// that an engine reads.
    ///
    /// # Errors
    /// What the store says when it cannot be asked.
    pub async fn same_as(&self, task: &Task) -> Result<Option<TaskId>> {
        if let Some(result) = &task.result {
            return Ok(result.same_as);
        }
        if task.status() != TaskStatus::Pending {
            return Ok(None);
        }
        let same = same_read(&self.platform, task.owner, &task.file, &task.options).await?;
        Ok(same.map(|same| same.id))
    }
}

/// The newest completed task of `owner` that read the same bytes as `file` holds, as `options` ask, by the engine that
/// would read them now, in whatever version: that is in the result alone, which the worker looks at. `None` where the
/// policies or the options ask to read in any case, and where there is no engine.
pub(crate) async fn same_read(
    platform: &Platform,
    owner: UserId,
    file: &StoredFile,
    options: &TaskOptions,
) -> Result<Option<Task>> {
    // A row that was written by hand may know no digest.
    if !platform.policies.reuse_results || options.read_again || file.sha256.is_empty() {
        return Ok(None);
    }
    let Ok(engine) = platform.engines.choose(options.engine.as_deref()) else {
        return Ok(None);
    };
    let filter = TaskFilter::default()
        .with_statuses(vec![TaskStatus::Completed])
        .with_sha256(file.sha256.clone());
    let newest = PageRequest::first(MAX_LOOKED_AT)?;
    let listed = platform
        .store
        .list_tasks(Scope::owner(owner), filter, newest)
        .await?;
    let is_same = |task: &Task| {
        let engine_of = task.result.as_ref().map(|result| result.engine.as_str());
        engine_of == Some(engine.name())
            && task.file.size == file.size
            && task.file.media_type == file.media_type
            && task.options.asks_the_same(options)
    };
    Ok(listed.items.into_iter().find(is_same))
}
