//! `POST /api/tasks/export`

use std::io;

use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use ocr_core::{
    Error, ErrorKind,
    account_store::{AuditAction, AuditOrigin},
    blob::ByteStream,
    formats::RenditionOptions,
    id::TaskId,
    model::Caller,
    service::{ExportEntry, ExportPlan, ExportRequest, OcrService},
    store::Scope,
};
use ocr_formats::CsvWriter;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::{
    archive::{self, Archive},
    clients::{USER_FILE_POLICY, attachment},
    error::ApiError,
    problem::Problem,
    request::{InScope, JsonBody},
    standing::{self, Standing},
    state::AppState,
};

/// The name of the archive.
const FILENAME: &str = "documents.zip";

/// Which documents, in which formats.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ExportTasks {
    /// 1 to 1000 tasks, in the order in which they are packed.
    tasks: Vec<String>,
    /// Names of formats, as `GET /api/formats` lists them; each task is packed in each of them.
    formats: Vec<String>,
    /// To go on after a connection that broke: the last of `tasks` that was packed completely. It and those before it
    /// are left out; the files have the names that they have without it.
    after: Option<String>,
}

impl ExportTasks {
    fn into_model(self) -> ocr_core::Result<ExportRequest> {
        let tasks = self.tasks.iter().map(|id| id.parse::<TaskId>());
        let tasks = tasks.collect::<ocr_core::Result<Vec<_>>>()?;
        let after: Option<TaskId> = self.after.map(|id| id.parse()).transpose()?;
        Ok(ExportRequest::new(tasks, self.formats).with_after(after))
    }
}

/// The results of many tasks in one ZIP archive, which is made while it is sent. `contents.csv` in it says which file is
/// of which task; what could not be exported, such as a task that was not read yet, is in `not-exported.csv` with the
/// reason.
#[utoipa::path(
    post, path = "/api/tasks/export", tag = "tasks",
    params(("userId" = Option<String>, Query, description = "The owner")),
    request_body = ExportTasks,
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/zip"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn export(
    State(state): State<AppState>,
    InScope(scope): InScope,
    caller: Option<Extension<Caller>>,
    JsonBody(body): JsonBody<ExportTasks>,
) -> Result<Response, ApiError> {
    let plan = state.service.plan_export(scope, body.into_model()?).await?;
    let owner = scope.owner_id();
    let standing = owner.and_then(|owner| Standing::of(&state, caller.as_deref(), owner));
    let service = state.service;
    let asking = Asking {
        scope,
        standing,
        origin: AuditOrigin::current().unwrap_or_default(),
    };
    let bytes = archive::streamed(move |archive| pack(archive, service, plan, asking));
    let mut response = Body::from_stream(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(header::CONTENT_DISPOSITION, attachment(FILENAME));
    headers.insert(header::CONTENT_SECURITY_POLICY, USER_FILE_POLICY);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// On whose behalf an archive is made, long after the request was answered.
struct Asking {
    scope: Scope,
    standing: Option<Standing>,
    origin: AuditOrigin,
}

/// Packs file by file. One that cannot be made is noted and passed over; one that breaks off halfway ends everything,
/// because nothing can be taken back that was sent, and so does the end of the sign-in.
async fn pack(mut archive: Archive, service: OcrService, plan: ExportPlan, asking: Asking) -> io::Result<()> {
    let changed_at = plan.entries.iter().map(|entry| entry.changed_at).max();
    let changed_at = changed_at.unwrap_or_else(|| service.now());
    archive
        .add(ExportPlan::CONTENTS, &contents(&plan.entries)?, changed_at)
        .await?;
    let mut failures = Failures::default();
    for id in plan.missing {
        let error = Error::new(ErrorKind::NotFound, "the task does not exist");
        failures.add(id, None, error)?;
    }
    for entry in plan.entries {
        standing::still(asking.standing.as_ref()).await?;
        let (size, body) = match opened(&service, asking.scope, &entry).await {
            Ok(opened) => opened,
            Err(error) => {
                failures.add(entry.task, Some(&entry), error)?;
                continue;
            }
        };
        let exported = service.record_view(AuditAction::DocumentExported, entry.task);
        asking.origin.clone().within(exported).await;
        archive.begin(&entry.name, size, entry.changed_at)?;
        let mut pieces = body.into_stream();
        while let Some(piece) = pieces.try_next().await? {
            archive.write(&piece).await?;
        }
    }
    if !failures.csv.is_empty() {
        archive
            .add(ExportPlan::FAILURES, &failures.csv, changed_at)
            .await?;
    }
    archive.finish().await
}

/// The bytes of a file and how many they are, once the first of them are there: what cannot be read at all is found out
/// before its file begins.
async fn opened(
    service: &OcrService,
    scope: Scope,
    entry: &ExportEntry,
) -> ocr_core::Result<(u64, ByteStream)> {
    let options = RenditionOptions::new();
    let rendition = service.rendition(scope, entry.task, &entry.format.name, options);
    let blob = rendition.await?.blob;
    let (_, body) = blob.body.peek(1).await.map_err(|error| {
        Error::new(ErrorKind::Unavailable, "the stored file cannot be read").with_source(error)
    })?;
    Ok((blob.meta.size, body))
}

/// Which file is of which document.
fn contents(entries: &[ExportEntry]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut csv = CsvWriter::new(&mut bytes)?;
    for name in ["file", "document", "taskId", "format"] {
        csv.text(name)?;
    }
    csv.end_row()?;
    for entry in entries {
        csv.text(&entry.name)?;
        csv.text(&entry.document)?;
        csv.text(&entry.task.to_string())?;
        csv.text(&entry.format.name)?;
        csv.end_row()?;
    }
    Ok(bytes)
}

/// What could not be exported, and why; no bytes as long as there is nothing.
#[derive(Debug, Default)]
struct Failures {
    csv: Vec<u8>,
}

impl Failures {
    fn add(&mut self, task: TaskId, entry: Option<&ExportEntry>, error: Error) -> io::Result<()> {
        let error = ApiError::from(error);
        if error.status().is_server_error() {
            tracing::error!(?error, %task, "a document was left out of an archive");
        }
        let document = entry.map_or("", |entry| entry.document.as_str());
        let format = entry.map_or("", |entry| entry.format.name.as_str());
        let (id, reason) = (task.to_string(), error.detail());
        let mut csv = if self.csv.is_empty() {
            let mut csv = CsvWriter::new(&mut self.csv)?;
            for name in ["document", "taskId", "format", "code", "reason"] {
                csv.text(name)?;
            }
            csv.end_row()?;
            csv
        } else {
            CsvWriter::further(&mut self.csv)
        };
        for cell in [document, &id, format, error.code(), &reason] {
            csv.text(cell)?;
        }
        csv.end_row()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_listed_below_one_head() {
        let mut failures = Failures::default();
        for kind in [ErrorKind::NotFound, ErrorKind::Internal] {
            let id = TaskId(uuid::Uuid::nil());
            failures.add(id, None, Error::new(kind, "a, sentence")).unwrap();
        }
        let text = String::from_utf8(failures.csv).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "\u{feff}document,taskId,format,code,reason");
        assert_eq!(
            lines[1],
            ",00000000-0000-0000-0000-000000000000,,not_found,\"a, sentence\""
        );
        assert!(
            lines[2].ends_with("internal,an internal error occurred; the server log has the details"),
            "{text}"
        );
        assert_eq!(lines.len(), 3);
    }
}
