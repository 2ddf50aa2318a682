//! `/api/tasks/{task_id}/pages/{number}/corrections`

mod operation;
mod view;

use axum::{Json, extract::State};
use ocr_core::{
    Error, ErrorKind,
    corrections::Operation,
    id::TaskId,
    service::{CorrectedAt, OcrService},
};
use serde::Deserialize;
use utoipa::ToSchema;

use self::{
    operation::OperationView,
    view::{CarriedOver, CorrectionsView},
};
use crate::http::{
    api::Envelope,
    error::ApiError,
    problem::Problem,
    request::{InScope, JsonBody, Segments},
};

/// Changes of a page.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CorrectPage {
    /// The version of the page that was seen; 0 for one that nobody changed before.
    version: u32,
    /// 1 to 200 changes, each named by places on the page after those before it. All are made, or none.
    operations: Vec<OperationView>,
}

/// The version of a page.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SeenVersion {
    /// The version of the page that was seen.
    version: u32,
}

/// The page that a path names. One that is none is answered as one that does not exist.
fn named((task, number): (String, String)) -> Result<(TaskId, u32), ApiError> {
    let missing = || Error::new(ErrorKind::NotFound, "there is no such page");
    let task: TaskId = task.parse().map_err(|_| missing())?;
    let number: u32 = number.parse().map_err(|_| missing())?;
    Ok((task, number))
}

fn seen(path: (String, String), version: u32) -> Result<CorrectedAt, ApiError> {
    let (task, number) = named(path)?;
    Ok(CorrectedAt::new(task, number, version))
}

/// A page with its corrections, and what was done to it. Every other answer about the page has the corrections too.
#[utoipa::path(
    get, path = "/api/tasks/{task_id}/pages/{number}/corrections", tag = "corrections",
    params(
        ("task_id" = String, Path, description = "The task"),
        ("number" = u32, Path, description = "The page, from 1"),
        ("userId" = Option<String>, Query, description = "The owner"),
    ),
    responses(
        (status = 200, body = Envelope<CorrectionsView>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn read(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Segments(path): Segments<(String, String)>,
) -> Result<Json<Envelope<CorrectionsView>>, ApiError> {
    let (task, number) = named(path)?;
    let found = service.corrections(scope, task, number).await?;
    Ok(Envelope::new(found.into()))
}

/// Changes a page that was read. What was read is kept; every answer about the page says from now on what was changed.
/// Whoever saw another version than the present one is refused with 409, and `version` of the answer is the present one.
#[utoipa::path(
    post, path = "/api/tasks/{task_id}/pages/{number}/corrections", tag = "corrections",
    params(
        ("task_id" = String, Path, description = "The task"),
        ("number" = u32, Path, description = "The page, from 1"),
        ("userId" = Option<String>, Query, description = "The owner"),
    ),
    request_body = CorrectPage,
    responses(
        (status = 200, body = Envelope<CorrectionsView>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn correct(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Segments(path): Segments<(String, String)>,
    JsonBody(body): JsonBody<CorrectPage>,
) -> Result<Json<Envelope<CorrectionsView>>, ApiError> {
    let at = seen(path, body.version)?;
    let operations = body.operations.into_iter().map(Operation::from).collect();
    let corrected = service.correct(scope, at, operations).await?;
    Ok(Envelope::new(corrected.into()))
}

/// Takes back the last change of a page.
#[utoipa::path(
    post, path = "/api/tasks/{task_id}/pages/{number}/corrections/undo", tag = "corrections",
    params(
        ("task_id" = String, Path, description = "The task"),
        ("number" = u32, Path, description = "The page, from 1"),
        ("userId" = Option<String>, Query, description = "The owner"),
    ),
    request_body = SeenVersion,
    responses(
        (status = 200, body = Envelope<CorrectionsView>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn undo(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Segments(path): Segments<(String, String)>,
    JsonBody(body): JsonBody<SeenVersion>,
) -> Result<Json<Envelope<CorrectionsView>>, ApiError> {
    let at = seen(path, body.version)?;
    let corrected = service.undo_correction(scope, at).await?;
    Ok(Envelope::new(corrected.into()))
}

/// Makes the change of a page again that was taken back last.
#[utoipa::path(
    post, path = "/api/tasks/{task_id}/pages/{number}/corrections/redo", tag = "corrections",
    params(
        ("task_id" = String, Path, description = "The task"),
        ("number" = u32, Path, description = "The page, from 1"),
        ("userId" = Option<String>, Query, description = "The owner"),
    ),
    request_body = SeenVersion,
    responses(
        (status = 200, body = Envelope<CorrectionsView>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn redo(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Segments(path): Segments<(String, String)>,
    JsonBody(body): JsonBody<SeenVersion>,
) -> Result<Json<Envelope<CorrectionsView>>, ApiError> {
    let at = seen(path, body.version)?;
    let corrected = service.redo_correction(scope, at).await?;
    Ok(Envelope::new(corrected.into()))
}

/// Looks for the corrections of an earlier text on a page that was read again and says something else. Those whose words
/// are still there are made again; what became of each is told.
#[utoipa::path(
    post, path = "/api/tasks/{task_id}/pages/{number}/corrections/carry-over", tag = "corrections",
    params(
        ("task_id" = String, Path, description = "The task"),
        ("number" = u32, Path, description = "The page, from 1"),
        ("userId" = Option<String>, Query, description = "The owner"),
    ),
    request_body = SeenVersion,
    responses(
        (status = 200, body = Envelope<CarriedOver>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn carry_over(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Segments(path): Segments<(String, String)>,
    JsonBody(body): JsonBody<SeenVersion>,
) -> Result<Json<Envelope<CarriedOver>>, ApiError> {
    let at = seen(path, body.version)?;
    let (corrections, carried) = service.carry_over_corrections(scope, at).await?;
    Ok(Envelope::new(CarriedOver::new(corrections, carried)))
}
