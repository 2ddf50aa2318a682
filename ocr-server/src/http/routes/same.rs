//! Whether a file that was accepted takes over what was read before.

use ocr_core::{model::Task, service::OcrService};
use uuid::Uuid;

/// The task whose result `task` takes over. The file is accepted, so that not to know it is no reason to refuse the
/// request.
pub(crate) async fn same_as(service: &OcrService, task: &Task) -> Option<Uuid> {
    match service.same_as(task).await {
        Ok(same) => same.map(|id| id.0),
        Err(error) => {
            tracing::warn!(?error, task = %task.id, "not known whether the same bytes were read before");
            None
        }
    }
}
