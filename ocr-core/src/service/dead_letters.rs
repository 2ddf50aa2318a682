//! Dead letters: tasks that failed although their document is not to blame. They are listed, looked at and redriven.

use super::OcrService;
use crate::{
    Error, ErrorKind, Result,
    id::TaskId,
    model::{DeadLetterCause, Task, TaskStatus, Transition},
    pagination::{MAX_PAGE_SIZE, Page, PageRequest},
    store::{Scope, TaskFilter},
};

/// Maximum number of dead letters that are redriven at once.
pub const MAX_REDRIVEN: usize = 500;

/// What redriving several dead letters came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Redriven {
    /// Tasks that wait for their turn again.
    pub redriven: usize,
    /// Tasks that were no dead letters any more: somebody else was faster.
    pub skipped: usize,
    /// Whether there are more: ask again.
    pub more: bool,
}

impl OcrService {
    /// Dead letters, newest first. The filter may limit them further.
    ///
    /// # Errors
    /// As [`OcrService::list`].
    pub async fn dead_letters(
        &self,
        scope: Scope,
        filter: TaskFilter,
        page: PageRequest,
    ) -> Result<Page<Task>> {
        self.list(scope, only_dead(filter), page).await
    }

    /// One dead letter, with the history of its attempts, and why it is one.
    ///
    /// # Errors
    /// `NotFound` for a task that is none, or is not in `scope`.
    pub async fn dead_letter(&self, scope: Scope, id: TaskId) -> Result<(Task, DeadLetterCause)> {
        let task = self.get(scope, id).await?;
        let cause = DeadLetterCause::of(&task.state);
        let cause = cause.ok_or_else(|| Error::new(ErrorKind::NotFound, "the task is no dead letter"))?;
        Ok((task, cause))
    }

    /// Lets a dead letter go on where it failed, with all its attempts and its whole time again. What was read, what
    /// was paid for and its history are kept. A task that waits or runs already, as after an earlier call, is left as it
    /// is.
    ///
    /// # Errors
    /// `Conflict` for a task that has ended and is no dead letter: reading its document again comes to the same.
    pub async fn redrive(&self, scope: Scope, id: TaskId) -> Result<Task> {
        let task = self.get(scope, id).await?;
        if !task.status().is_terminal() {
            return Ok(task);
        }
        if DeadLetterCause::of(&task.state).is_none() {
            let message = "the task is no dead letter; retry reads its document again from the start";
            return Err(Error::new(ErrorKind::Conflict, message));
        }
        self.redrive_one(scope, &task).await
    }

    /// Redrives the dead letters that `filter` wants, the newest first, at most `limit` and at most [`MAX_REDRIVEN`].
    ///
    /// May be dropped at any await point, and repeated: some are redriven then, and each is redriven once.
    ///
    /// # Errors
    /// As [`OcrService::list`], and what the store says.
    pub async fn redrive_all(&self, scope: Scope, filter: TaskFilter, limit: usize) -> Result<Redriven> {
        let limit = limit.min(MAX_REDRIVEN);
        let filter = only_dead(filter);
        let mut done = Redriven::default();
        let mut cursor = None;
        loop {
            let request = PageRequest::first(MAX_PAGE_SIZE)?.after(cursor);
            let page = self.list(scope, filter.clone(), request).await?;
            for task in &page.items {
                if done.redriven >= limit {
                    done.more = true;
                    return Ok(done);
                }
                match self.redrive_one(scope, task).await {
                    Ok(_) => done.redriven += 1,
                    Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::NotFound) => {
                        done.skipped += 1;
                    }
                    Err(error) => return Err(error),
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(done);
            }
        }
    }

    async fn redrive_one(&self, scope: Scope, task: &Task) -> Result<Task> {
        let moved = self.wait_again(scope, task, Transition::Redrive).await?;
        // A queue that had set the item aside would not take it a second time.
        if let Err(error) = self.platform.queue.redrive(vec![task.id]).await {
            tracing::debug!(?error, task = %task.id, "the queue could not be asked for what it set aside");
        }
        Ok(moved)
    }
}

fn only_dead(filter: TaskFilter) -> TaskFilter {
    filter
        .with_statuses(vec![TaskStatus::Failed])
        .with_dead_letters(true)
        .with_deleted(false)
}
