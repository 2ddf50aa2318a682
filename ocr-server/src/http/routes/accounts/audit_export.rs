//! `/api/admin/audit/export`: the whole audit log as a file, for administrators.

use std::io;

use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use ocr_core::{account_store::AuditAction, model::Caller};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    audit_file::AuditFormat,
    http::{
        caller::{Accounts, AdminAs, AskedFrom, SignedInAs},
        clients::{USER_FILE_POLICY, attachment},
        error::ApiError,
        problem::Problem,
        request::Params,
        standing::{self, Standing},
        state::AppState,
    },
};

/// In which format.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditExportParams {
    /// `jsonl` (a JSON object a line, with the chain) or `csv`.
    format: Option<String>,
}

/// The whole audit log in the order of its chain. It is read while it is sent; entries of the last second may not be sealed
/// yet, and are left out.
#[utoipa::path(
    get, path = "/api/admin/audit/export", tag = "admin",
    params(AuditExportParams),
    responses(
        (status = 200, content((String = "application/x-ndjson"), (String = "text/csv"))),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn export(
    State(state): State<AppState>,
    Accounts(accounts): Accounts,
    _admin: AdminAs,
    SignedInAs(principal): SignedInAs,
    AskedFrom(origin): AskedFrom,
    caller: Option<Extension<Caller>>,
    Params(params): Params<AuditExportParams>,
) -> Result<Response, ApiError> {
    let format: AuditFormat = params.format.as_deref().unwrap_or("jsonl").parse()?;
    accounts
        .note(&origin, AuditAction::AuditExported, format.filename())
        .await?;
    let standing = Standing::of(&state, caller.as_deref(), principal.user);
    let batches = state.service.sealed_audit()?.then(move |batch| {
        let standing = standing.clone();
        async move {
            standing::still(standing.as_ref()).await?;
            let batch = batch.map_err(io::Error::other)?;
            format.entries(&batch).map(Bytes::from)
        }
    });
    let head = Bytes::from(format.head().map_err(unwritten)?);
    let bytes = stream::iter([Ok::<_, io::Error>(head)]).chain(batches);
    let mut response = Body::from_stream(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(format.media_type()),
    );
    headers.insert(header::CONTENT_DISPOSITION, attachment(format.filename()));
    headers.insert(header::CONTENT_SECURITY_POLICY, USER_FILE_POLICY);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn unwritten(error: io::Error) -> ocr_core::Error {
    ocr_core::Error::new(ocr_core::ErrorKind::Internal, "the table cannot be written").with_source(error)
}
