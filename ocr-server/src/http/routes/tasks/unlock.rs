//! `POST /api/tasks/{task_id}/unlock`

use axum::{Json, extract::State, http::StatusCode};
use ocr_core::{
    service::{OcrService, Password},
    store::Scope,
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::{
    api::{Accepted, Envelope},
    error::ApiError,
    problem::Problem,
    request::{InScope, JsonBody, TaskPath, named_user},
    routes::uploads::complete::accepted,
};

/// Most bytes of a password. PDF takes 127.
const MAX_PASSWORD: usize = 1000;

/// What opens a document.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Unlocking {
    /// The password. It is used for this request alone: nothing keeps or logs it.
    // Of any type, so that the sentence about a wrong one does not repeat the value.
    #[schema(value_type = String)]
    password: Value,
}

/// Takes the password off a document that failed for want of it, and reads what is left as a task of its own, filed in
/// the same way; the locked document goes to the trash. The password is used here and kept nowhere. One document is opened
/// at a time: 503 meanwhile.
#[utoipa::path(
    post, path = "/api/tasks/{task_id}/unlock", tag = "tasks",
    params(("task_id" = String, Path, description = "The task"), ("userId" = String, Query, description = "The owner, a UUID")),
    request_body = Unlocking,
    responses(
        (status = 202, body = Envelope<Accepted>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn unlock(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    TaskPath(id): TaskPath,
    JsonBody(unlocking): JsonBody<Unlocking>,
) -> Result<(StatusCode, Json<Envelope<Accepted>>), ApiError> {
    let password = unlocking
        .password
        .as_str()
        .filter(|password| (1..=MAX_PASSWORD).contains(&password.len()))
        .ok_or_else(|| ApiError::invalid(format!("password must be a text of 1 to {MAX_PASSWORD} bytes")))?;
    // It takes the place of a document, as a deletion does: nobody does that for everybody.
    let scope = Scope::owner(named_user(scope)?);
    let created = service.unlock(scope, id, Password::new(password)).await?;
    Ok(accepted(&service, created).await)
}
