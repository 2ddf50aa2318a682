//! Building an index from everything that is stored.

use super::{IndexBatch, IndexDifference, Indexer, is_full};
use crate::{Error, ErrorKind, Result, id::TaskId};

impl Indexer {
    /// Forgets the index and builds it anew; the number of its documents. While it is built, what is not yet taken in is
    /// not found.
    ///
    /// # Errors
    /// `Conflict` when another process built it first; what the ports fail with. The index is then unfinished, and the next indexer begins anew.
    pub async fn rebuild(&self) -> Result<usize> {
        self.index.clear().await?;
        self.build().await
    }

    /// Takes in every document of the store. The position is set at the end, to where the change log stood at the
    /// beginning: what changed meanwhile is looked at again, and after a crash everything is.
    pub(super) async fn build(&self) -> Result<usize> {
        let head = self.platform.store.change_head().await?;
        let (mut documents, mut after) = (0, None);
        loop {
            let (tasks, next) = self.searched(after).await?;
            documents += tasks.len();
            let tasks: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
            self.renew(&tasks).await?;
            if next.is_none() {
                break;
            }
            after = next;
        }
        self.mend().await?;
        if self.index.position().await?.is_some() {
            let message = "another process builds the search index too";
            return Err(Error::new(ErrorKind::Conflict, message));
        }
        self.index.apply(IndexBatch::at(None).with_position(head)).await?;
        tracing::info!(documents, "the search index was built");
        Ok(documents)
    }

    /// Makes an index that is not built yet have `tasks` as the store has them.
    async fn renew(&self, tasks: &[TaskId]) -> Result<()> {
        let mut batch = IndexBatch::at(None);
        for (index, task) in tasks.iter().enumerate() {
            self.gather(*task, &mut batch).await?;
            if is_full(&batch) || index + 1 == tasks.len() {
                let full = std::mem::replace(&mut batch, IndexBatch::at(None));
                self.index.apply(full).await?;
            }
        }
        Ok(())
    }

    /// Makes good what another process undid, which built or cleared the index meanwhile.
    async fn mend(&self) -> Result<()> {
        let (_, differences) = self.verify().await?;
        let tasks = differences.iter().map(|difference| match difference {
            IndexDifference::Missing(task)
            | IndexDifference::Outdated(task)
            | IndexDifference::Superfluous(task) => *task,
        });
        let tasks: Vec<TaskId> = tasks.collect();
        self.renew(&tasks).await
    }
}
