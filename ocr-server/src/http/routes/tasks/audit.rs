//! `GET /api/tasks/{task_id}/audit`

use axum::{Json, extract::State};
use ocr_core::{id::AuditId, service::OcrService};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::http::{
    api::Envelope,
    error::ApiError,
    problem::Problem,
    request::{InScope, Params, TaskPath},
    routes::accounts::audit::AuditView,
};

/// Entries in one answer, as many as the service gives at once.
const PAGE: usize = 100;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TaskAuditParams {
    /// `nextBefore` of the answer before.
    before: Option<String>,
}

/// What was done with a document, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskAudit {
    /// How much this server records of documents: `off`, `changes` or `all`.
    recorded: &'static str,
    entries: Vec<AuditView>,
    /// Send it back as `before` for older ones; null at the end.
    next_before: Option<Uuid>,
}

/// Who saw, saved or changed a document, newest first, 100 entries at once; for whoever may see the document. The same view
/// by the same person within a minute is one entry.
#[utoipa::path(
    get, path = "/api/tasks/{task_id}/audit", tag = "tasks",
    params(
        ("task_id" = String, Path, description = "The task"),
        ("userId" = Option<String>, Query, description = "The owner"),
        TaskAuditParams,
    ),
    responses(
        (status = 200, body = Envelope<TaskAudit>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn audit(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    TaskPath(id): TaskPath,
    Params(params): Params<TaskAuditParams>,
) -> Result<Json<Envelope<TaskAudit>>, ApiError> {
    let before = params
        .before
        .map(|before| before.parse::<AuditId>())
        .transpose()?;
    let task = service.get(scope, id).await?;
    let found = service.document_audit(task.id, before).await?;
    let last = found.last().map(|entry| entry.id.0);
    let next_before = last.filter(|_| found.len() == PAGE);
    let actors = found.iter().filter_map(|entry| entry.actor).collect();
    let names = service.names_of(actors).await?;
    Ok(Envelope::new(TaskAudit {
        recorded: service.audit_level().as_str(),
        entries: found
            .into_iter()
            .map(|entry| AuditView::new(entry, &names))
            .collect(),
        next_before,
    }))
}
