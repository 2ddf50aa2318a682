//! Take a task out of the trash.

use std::collections::BTreeMap;

use super::OcrService;
use crate::{Result, id::TaskId, model::Task, store::Scope};

impl OcrService {
    /// Takes a task out of the trash. One that was waiting or running waits again; the reconciler
    /// puts it back in the queue. `NotFound` when it is not in the trash any more.
    pub async fn restore(&self, scope: Scope, id: TaskId) -> Result<Task> {
        let task = self.platform.store.restore_task(scope, id, vec![]).await?;
        self.platform.wake();
        self.tag_blobs(&task, BTreeMap::new()).await;
        Ok(task)
    }
}
