//! Where a waiting task stands.

use std::collections::HashMap;

use super::OcrService;
use crate::{Result, id::TaskId};

/// Tasks that are counted; one behind them stands at this position or later.
pub const MAX_POSITION: usize = 500;

impl OcrService {
    /// The positions of waiting tasks, 1 for the one that has waited longest; tasks behind the first
    /// [`MAX_POSITION`] are left out. A hint: priorities and turns between owners may change the order.
    pub async fn queue_positions(&self) -> Result<HashMap<TaskId, usize>> {
        let due = self.platform.store.due_tasks(MAX_POSITION).await?;
        let waiting = due
            .into_iter()
            .filter(|task| !task.lease_expired && !task.overdue);
        Ok(waiting
            .enumerate()
            .map(|(index, task)| (task.item.item.task_id, index + 1))
            .collect())
    }
}
