//! `GET /api/tasks/{task_id}/text`

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use ocr_core::{
    model::{DocumentText, EngineInfo},
    service::OcrService,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::http::{
    error::ApiError,
    problem::Problem,
    request::{InScope, Params, TaskPath, page_range},
};

/// Most pages of a range.
const MAX_PAGES: u32 = 50;

/// Which text, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TextParams {
    /// `text` (the default) or `markdown`.
    #[serde(default)]
    #[param(inline)]
    format: TextFormat,
    /// First page of a range, from 1. A range can be read while the task runs.
    #[param(minimum = 1)]
    from: Option<u32>,
    /// Last page of a range; at most 50 pages are sent.
    #[param(minimum = 1)]
    to: Option<u32>,
}

/// A form of text.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TextFormat {
    /// Plain; pages are separated by a form feed.
    #[default]
    Text,
    /// Headings, paragraphs and lists; pages are separated by a rule.
    Markdown,
}

impl TextFormat {
    /// The name of the format.
    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
        }
    }
}

/// The text of a completed task, or of a range of pages that were read, in reading order.
#[utoipa::path(
    get, path = "/api/tasks/{task_id}/text", tag = "tasks",
    params(("task_id" = String, Path, description = "The task"), ("userId" = Option<String>, Query, description = "The owner"), TextParams),
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn text(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    TaskPath(id): TaskPath,
    Params(params): Params<TextParams>,
) -> Result<Response, ApiError> {
    let document = match (params.from, params.to) {
        (None, None) => service.result(scope, id).await?.document,
        (from, to) => {
            let (from, to) = page_range(from, to, MAX_PAGES)?;
            DocumentText::new(EngineInfo::default(), service.pages(scope, id, from, to).await?)
        }
    };
    let (format, text) = service.written(params.format.name(), document).await?;
    Ok(([(header::CONTENT_TYPE, format.media_type)], text).into_response())
}
