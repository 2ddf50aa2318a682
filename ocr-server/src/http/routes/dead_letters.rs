//! `/api/dead-letters`: tasks that failed although their document is not to blame.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use ocr_core::{
    model::{Attempt, DeadLetterCause, Task},
    pagination::{Cursor, MAX_PAGE_SIZE, PageRequest},
    service::{MAX_REDRIVEN, OcrService, Redriven},
    store::{Scope, TaskFilter},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::{
    api::{Envelope, OneTask, TaskView, dollars},
    caller::AdminAs,
    error::ApiError,
    problem::Problem,
    request::{InScope, Params, TaskPath, named_user},
};

/// Which dead letters.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeadLetterParams {
    /// Only those whose last failure has this code.
    code: Option<String>,
    /// Only files whose name has this in it, ASCII letters without regard to case.
    q: Option<String>,
    /// How many, 1..=100; 100 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Which dead letters are redriven.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RedriveParams {
    /// Only those whose last failure has this code.
    code: Option<String>,
    /// Only files whose name has this in it, ASCII letters without regard to case.
    q: Option<String>,
    /// Maximum number, 1..=500; 500 when absent.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u16>,
}

/// A task that failed although its document is not to blame.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeadLetterView {
    task: TaskView,
    /// poison, deadline_passed, attempts_exhausted or refused.
    cause: String,
    /// Attempts that ended in an error.
    failures: u32,
    /// Attempts that ended because the process that read died.
    crashes: u32,
    /// What became of the last 20 attempts, oldest first.
    attempts: Vec<AttemptView>,
}

/// One attempt at a task.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AttemptView {
    number: u32,
    started_at: DateTime<Utc>,
    /// When it ended, or when that was noticed.
    ended_at: Option<DateTime<Utc>>,
    /// completed, failed, crashed, released or cancelled; null while it runs.
    end: Option<String>,
    /// The worker: host and process.
    worker: Option<String>,
    /// The engine, where it is known.
    engine: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
    /// Pages that engines billed in it.
    billed_pages: u32,
    /// What engines charged in it, in US dollars with six decimals.
    cost_usd: f64,
}

/// A page of dead letters.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeadLetterList {
    dead_letters: Vec<DeadLetterView>,
    /// Send it back as `cursor` for the next page; null at the end.
    next_cursor: Option<String>,
}

/// What redriving came to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RedrivenView {
    /// Tasks that wait for their turn again.
    redriven: usize,
    /// Tasks that somebody else had redriven meanwhile.
    skipped: usize,
    /// Whether some are left: ask again.
    more: bool,
}

impl From<Redriven> for RedrivenView {
    fn from(done: Redriven) -> Self {
        Self {
            redriven: done.redriven,
            skipped: done.skipped,
            more: done.more,
        }
    }
}

impl AttemptView {
    fn new(attempt: Attempt) -> Self {
        let (error_code, error_message) = attempt
            .failure
            .map(|failure| (failure.code, failure.message))
            .unzip();
        Self {
            number: attempt.number,
            started_at: attempt.started_at,
            ended_at: attempt.ended_at,
            end: attempt.end.map(|end| end.as_str().to_owned()),
            worker: attempt.worker,
            engine: attempt.engine,
            error_code,
            error_message,
            billed_pages: attempt.usage.billed_pages,
            cost_usd: dollars(attempt.usage.cost_micros),
        }
    }
}

impl DeadLetterView {
    fn new(task: Task, cause: DeadLetterCause) -> Self {
        let attempts = task.history.attempts.iter().cloned();
        Self {
            cause: cause.as_str().into(),
            failures: task.state.failures,
            crashes: task.state.crashes,
            attempts: attempts.map(AttemptView::new).collect(),
            task: TaskView::from(task),
        }
    }
}

/// Dead letters of a user, newest first: tasks that failed although their document is not to blame.
#[utoipa::path(
    get, path = "/api/dead-letters", tag = "tasks",
    params(("userId" = Option<String>, Query, description = "The owner; of everybody without, where nobody signs in"), DeadLetterParams),
    responses(
        (status = 200, body = Envelope<DeadLetterList>),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Params(params): Params<DeadLetterParams>,
) -> Result<Json<Envelope<DeadLetterList>>, ApiError> {
    page(&service, scope, params).await
}

/// Dead letters of everybody, newest first; for administrators.
#[utoipa::path(
    get, path = "/api/admin/dead-letters", tag = "admin",
    params(DeadLetterParams),
    responses(
        (status = 200, body = Envelope<DeadLetterList>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_all(
    State(service): State<OcrService>,
    _admin: AdminAs,
    Params(params): Params<DeadLetterParams>,
) -> Result<Json<Envelope<DeadLetterList>>, ApiError> {
    page(&service, Scope::system(), params).await
}

/// One dead letter: why it is one, and what became of each attempt.
#[utoipa::path(
    get, path = "/api/dead-letters/{task_id}", tag = "tasks",
    params(("task_id" = String, Path, description = "The task"), ("userId" = Option<String>, Query, description = "The owner")),
    responses(
        (status = 200, body = Envelope<DeadLetterView>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    TaskPath(id): TaskPath,
) -> Result<Json<Envelope<DeadLetterView>>, ApiError> {
    let (task, cause) = service.dead_letter(scope, id).await?;
    Ok(Envelope::new(DeadLetterView::new(task, cause)))
}

/// Lets a dead letter go on where it failed, with all its attempts and its whole time again. What was read and paid for
/// is kept. Asking twice is asking once.
#[utoipa::path(
    post, path = "/api/dead-letters/{task_id}/redrive", tag = "tasks",
    params(("task_id" = String, Path, description = "The task"), ("userId" = Option<String>, Query, description = "The owner; needed where nobody signs in")),
    responses(
        (status = 200, body = Envelope<OneTask>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn redrive(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    TaskPath(id): TaskPath,
) -> Result<Json<Envelope<OneTask>>, ApiError> {
    let task = service.redrive(Scope::owner(named_user(scope)?), id).await?;
    Ok(Envelope::new(OneTask {
        task: TaskView::from(task),
    }))
}

/// Redrives the dead letters of a user, the newest first, at most 500 at once.
#[utoipa::path(
    post, path = "/api/dead-letters/redrive", tag = "tasks",
    params(("userId" = Option<String>, Query, description = "The owner; needed where nobody signs in"), RedriveParams),
    responses(
        (status = 200, body = Envelope<RedrivenView>),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn redrive_several(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Params(params): Params<RedriveParams>,
) -> Result<Json<Envelope<RedrivenView>>, ApiError> {
    several(&service, Scope::owner(named_user(scope)?), params).await
}

/// Redrives dead letters of everybody, the newest first, at most 500 at once; for administrators.
#[utoipa::path(
    post, path = "/api/admin/dead-letters/redrive", tag = "admin",
    params(RedriveParams),
    responses(
        (status = 200, body = Envelope<RedrivenView>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn redrive_all(
    State(service): State<OcrService>,
    _admin: AdminAs,
    Params(params): Params<RedriveParams>,
) -> Result<Json<Envelope<RedrivenView>>, ApiError> {
    several(&service, Scope::system(), params).await
}

async fn page(
    service: &OcrService,
    scope: Scope,
    params: DeadLetterParams,
) -> Result<Json<Envelope<DeadLetterList>>, ApiError> {
    let request = PageRequest::first(params.limit.unwrap_or(MAX_PAGE_SIZE))?
        .after(params.cursor.map(Cursor::from_client));
    let found = service
        .dead_letters(scope, filter(params.code, params.q), request)
        .await?;
    let views = found.items.into_iter().filter_map(|task| {
        let cause = DeadLetterCause::of(&task.state)?;
        Some(DeadLetterView::new(task, cause))
    });
    Ok(Envelope::new(DeadLetterList {
        dead_letters: views.collect(),
        next_cursor: found.next.map(|cursor| cursor.as_str().to_owned()),
    }))
}

async fn several(
    service: &OcrService,
    scope: Scope,
    params: RedriveParams,
) -> Result<Json<Envelope<RedrivenView>>, ApiError> {
    let limit = params.limit.map_or(MAX_REDRIVEN, usize::from);
    let done = service
        .redrive_all(scope, filter(params.code, params.q), limit)
        .await?;
    Ok(Envelope::new(RedrivenView::from(done)))
}

/// An empty text asks for nothing.
fn filter(code: Option<String>, name: Option<String>) -> TaskFilter {
    let asked = |text: Option<String>| text.filter(|text| !text.is_empty());
    TaskFilter::default()
        .with_failure_code(asked(code))
        .with_name_contains(asked(name))
}
