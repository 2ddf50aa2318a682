//! `GET /api/tasks/export.csv`

use std::io;

use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use ocr_core::{
    clock::Timestamp,
    model::{Caller, Task},
    pagination::{Cursor, MAX_PAGE_SIZE, Page, PageRequest},
    service::OcrService,
    store::{Scope, TaskFilter},
};
use ocr_formats::CsvWriter;
use serde::Deserialize;
use utoipa::IntoParams;

use super::list_filters::ListFilters;
use crate::http::{
    clients::{USER_FILE_POLICY, attachment},
    error::ApiError,
    problem::Problem,
    request::{InScope, Params, named_user},
    standing::{self, Standing},
    state::AppState,
};

/// The columns, named as the fields of a task.
const COLUMNS: [&str; 16] = [
    "id",
    "filename",
    "status",
    "created_at",
    "updated_at",
    "deleted_at",
    "mime_type",
    "file_size",
    "page_count",
    "word_count",
    "confidence_score",
    "engine",
    "processing_time_ms",
    "attempt",
    "error_code",
    "error_message",
];

/// Which tasks.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportListParams {
    /// Only these statuses, separated by commas.
    status: Option<String>,
    /// The trash instead of the live tasks.
    #[serde(default)]
    deleted: bool,
    /// Only files whose name has this in it, ASCII letters without regard to case.
    q: Option<String>,
    /// Only documents with this label, whatever the case of its letters.
    label: Option<String>,
    /// Only documents in this collection, whatever the case of its letters.
    collection: Option<String>,
    /// Only dead letters: tasks that failed although their document is not to blame.
    #[serde(default, rename = "setAside")]
    set_aside: bool,
}

/// All tasks of a user as rows for spreadsheets, newest first, with the filters of the list. It is read page by page while
/// it is sent: what is added meanwhile is not in it.
#[utoipa::path(
    get, path = "/api/tasks/export.csv", tag = "tasks",
    params(("userId" = String, Query, description = "The owner, a UUID"), ExportListParams),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn export_list(
    State(state): State<AppState>,
    InScope(scope): InScope,
    Params(params): Params<ExportListParams>,
    caller: Option<Extension<Caller>>,
) -> Result<Response, ApiError> {
    let owner = named_user(scope)?;
    let scope = Scope::owner(owner);
    let standing = Standing::of(&state, caller.as_deref(), owner);
    let service = state.service;
    let filter = ListFilters {
        status: params.status,
        deleted: params.deleted,
        q: params.q,
        label: params.label,
        collection: params.collection,
    }
    .into_model()?
    .with_dead_letters(params.set_aside);
    // What fails at once is answered with its status, not with half a table.
    let first = page(&service, scope, &filter, None).await?;
    let rows = stream::try_unfold(Part::First(first), move |part| {
        let (service, filter, standing) = (service.clone(), filter.clone(), standing.clone());
        async move {
            let (bytes, next) = match part {
                Part::First(page) => (rows(&page.items, true)?, page.next),
                Part::After(cursor) => {
                    standing::still(standing.as_ref()).await?;
                    let page = page(&service, scope, &filter, Some(cursor)).await;
                    let page = page.map_err(io::Error::other)?;
                    (rows(&page.items, false)?, page.next)
                }
                Part::End => return Ok(None),
            };
            Ok::<_, io::Error>(Some((bytes, next.map_or(Part::End, Part::After))))
        }
    });
    let mut response = Body::from_stream(rows).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(header::CONTENT_DISPOSITION, attachment("documents.csv"));
    headers.insert(header::CONTENT_SECURITY_POLICY, USER_FILE_POLICY);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// What of the table comes next.
#[derive(Debug)]
enum Part {
    /// The head, and the rows of this page.
    First(Page<Task>),
    /// The rows behind this one.
    After(Cursor),
    End,
}

async fn page(
    service: &OcrService,
    scope: Scope,
    filter: &TaskFilter,
    after: Option<Cursor>,
) -> ocr_core::Result<Page<Task>> {
    let request = PageRequest::first(MAX_PAGE_SIZE)?.after(after);
    service.list(scope, filter.clone(), request).await
}

/// The rows of these tasks, below the names of the columns where the table begins.
fn rows(tasks: &[Task], begins: bool) -> io::Result<Bytes> {
    let mut bytes = Vec::new();
    let mut csv = if begins {
        let mut csv = CsvWriter::new(&mut bytes)?;
        for name in COLUMNS {
            csv.text(name)?;
        }
        csv.end_row()?;
        csv
    } else {
        CsvWriter::further(&mut bytes)
    };
    for task in tasks {
        row(&mut csv, task)?;
    }
    Ok(bytes.into())
}

fn row(csv: &mut CsvWriter<'_>, task: &Task) -> io::Result<()> {
    let time = |at: Timestamp| at.to_rfc3339();
    csv.text(&task.id.to_string())?;
    csv.text(&task.file.filename)?;
    csv.text(task.status().as_str())?;
    csv.text(&time(task.created_at))?;
    csv.text(&time(task.updated_at))?;
    csv.text(&task.deleted_at.map(time).unwrap_or_default())?;
    csv.text(task.file.media_type.as_str())?;
    csv.number(task.file.size)?;
    let result = task.result.as_ref();
    number(csv, result.map(|result| u64::from(result.page_count)))?;
    number(csv, result.map(|result| result.word_count))?;
    let confidence = result.and_then(|result| result.confidence);
    csv.text(&confidence.map_or_else(String::new, |confidence| format!("{confidence:.4}")))?;
    let asked = task.options.engine.as_deref();
    let engine = result.map(|result| result.engine.as_str()).or(asked);
    csv.text(engine.unwrap_or_default())?;
    number(csv, result.map(|result| result.processing_time_ms))?;
    csv.number(task.state.attempt)?;
    let failure = task.state.failure.as_ref();
    csv.text(failure.map_or("", |failure| failure.code.as_str()))?;
    csv.text(failure.map_or("", |failure| failure.message.as_str()))?;
    csv.end_row()
}

/// A number, or an empty cell.
fn number(csv: &mut CsvWriter<'_>, value: Option<u64>) -> io::Result<()> {
    match value {
        Some(value) => csv.number(value),
        None => csv.text(""),
    }
}
