//! `GET /api/tasks/{task_id}/explain`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use ocr_core::service::{Explanation, OcrService};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{
    api::Envelope,
    error::ApiError,
    problem::Problem,
    request::{InScope, TaskPath},
};

/// Why a task waits or has failed, and what happens next.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplanationView {
    task_id: Uuid,
    /// pending, processing, completed, failed or cancelled.
    status: String,
    /// turn, delay, no_engine, silent_worker, worker, deadline, document, dead_letter, completed or cancelled.
    holding: String,
    /// Documents that are ahead of it, of all users, while it waits for its turn; 499 means that many or more.
    ahead: Option<usize>,
    /// When it can go on.
    until: Option<DateTime<Utc>>,
    /// When it is given up.
    deadline_at: Option<DateTime<Utc>>,
    /// poison, deadline_passed, attempts_exhausted or refused, of a dead letter.
    cause: Option<String>,
    /// The worker that reads it, or of which nothing is heard: host and process. Only while it is being read.
    worker: Option<String>,
    /// Attempts begun so far.
    attempt: u32,
    failures: u32,
    max_failures: u32,
    crashes: u32,
    max_crashes: u32,
    /// Why, in English.
    message: String,
    /// What happens next or what to do, in English.
    next: String,
}

impl From<Explanation> for ExplanationView {
    fn from(explanation: Explanation) -> Self {
        let Explanation { task, .. } = &explanation;
        let state = &task.state;
        let running = task
            .history
            .attempts
            .last()
            .filter(|last| last.ended_at.is_none());
        Self {
            task_id: task.id.0,
            status: state.status.as_str().into(),
            holding: explanation.holding.as_str().into(),
            ahead: explanation.ahead,
            until: explanation.until,
            deadline_at: state.deadline,
            cause: explanation.cause.map(|cause| cause.as_str().to_owned()),
            worker: running.and_then(|attempt| attempt.worker.clone()),
            attempt: state.attempt,
            failures: state.failures,
            max_failures: state.max_attempts,
            crashes: state.crashes,
            max_crashes: state.max_crashes,
            message: explanation.message.clone(),
            next: explanation.next.clone(),
        }
    }
}

/// Why a task waits or has failed, and what happens next.
#[utoipa::path(
    get, path = "/api/tasks/{task_id}/explain", tag = "tasks",
    params(("task_id" = String, Path, description = "The task"), ("userId" = Option<String>, Query, description = "The owner")),
    responses(
        (status = 200, body = Envelope<ExplanationView>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn explain(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    TaskPath(id): TaskPath,
) -> Result<Json<Envelope<ExplanationView>>, ApiError> {
    let explanation = service.explain(scope, id).await?;
    Ok(Envelope::new(ExplanationView::from(explanation)))
}
