//! `/api/shares`: one's own links to documents.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use chrono::{DateTime, Utc};
use ocr_core::{
    id::{ShareId, TaskId},
    service::{NewShare, ShareInvitation},
    share_store::{Share, no_such_share},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::super::accounts::password::unrepeated_if_any;
use crate::{
    http::{
        HttpSettings,
        api::{Done, Envelope},
        error::ApiError,
        problem::Problem,
        request::{InScope, JsonBody, Params, Segments, base_url, named_user},
        share::Shares,
    },
    links,
};

/// A link to a document.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShareView {
    id: Uuid,
    /// The task whose document can be read with it.
    task_id: Uuid,
    created_at: DateTime<Utc>,
    /// When it stops working.
    expires_at: DateTime<Utc>,
    /// Whether it asks for a password.
    has_password: bool,
    /// Maximum number of times it is opened.
    max_opens: Option<u32>,
    /// How often it was opened.
    opens: u32,
    /// When it was opened last.
    last_opened_at: Option<DateTime<Utc>>,
    /// Names of the formats in which the result can be saved.
    formats: Vec<String>,
}

impl From<Share> for ShareView {
    fn from(share: Share) -> Self {
        Self {
            id: share.id.0,
            task_id: share.task.0,
            created_at: share.created_at,
            expires_at: share.expires_at,
            has_password: share.password.is_some(),
            max_opens: share.max_opens,
            opens: share.opens,
            last_opened_at: share.last_opened_at,
            formats: share.formats,
        }
    }
}

/// Links to documents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShareList {
    /// Newest first, at most 500.
    shares: Vec<ShareView>,
}

/// Links to which documents.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ShareParams {
    /// Only links to the document of this task.
    #[serde(rename = "taskId")]
    task_id: Option<String>,
}

/// One's links to documents, newest first; also those whose time is over, until another one is made to the same document.
#[utoipa::path(
    get, path = "/api/shares", tag = "sharing",
    params(("userId" = Option<String>, Query, description = "The owner"), ShareParams),
    responses(
        (status = 200, body = Envelope<ShareList>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    InScope(scope): InScope,
    Shares(shares): Shares,
    Params(params): Params<ShareParams>,
) -> Result<Json<Envelope<ShareList>>, ApiError> {
    named_user(scope)?;
    let task = params.task_id.as_deref().map(str::parse::<TaskId>).transpose()?;
    let shares = shares.shares(scope, task).await?;
    Ok(Envelope::new(ShareList {
        shares: shares.into_iter().map(ShareView::from).collect(),
    }))
}

/// A link that is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WantedShare {
    /// The task whose document is to be read with it.
    task_id: String,
    /// For how many hours it works, at least 1. The server sets a maximum, 720 unless it was changed.
    hours: u32,
    /// 8 to 256 characters that whoever opens it has to know; none when absent.
    #[serde(default, deserialize_with = "unrepeated_if_any")]
    password: Option<String>,
    /// Maximum number of times it is opened, 1 to 1000000; without a maximum when absent.
    max_opens: Option<u32>,
    /// Names of the formats in which the result can be saved, as `GET /api/formats` lists them; it can only be looked at
    /// when absent.
    #[serde(default)]
    formats: Vec<String>,
}

/// A link that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedShare {
    share: ShareView,
    /// The link itself. It is told this once.
    link: String,
}

/// Makes a link with which whoever has it can read one document, without a sign-in: its pages, its text, and the result in
/// the formats that are named. Nothing can be changed with it.
#[utoipa::path(
    post, path = "/api/shares", tag = "sharing",
    params(("userId" = Option<String>, Query, description = "The owner")),
    request_body = WantedShare,
    responses(
        (status = 201, body = Envelope<CreatedShare>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create(
    InScope(scope): InScope,
    Shares(shares): Shares,
    State(settings): State<Arc<HttpSettings>>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<WantedShare>,
) -> Result<(StatusCode, Json<Envelope<CreatedShare>>), ApiError> {
    named_user(scope)?;
    let wanted = NewShare::new(Duration::from_secs(u64::from(body.hours) * 3600))
        .with_password(body.password.map(SecretString::from))
        .with_max_opens(body.max_opens)
        .with_formats(body.formats);
    let made = shares.share(scope, body.task_id.parse()?, wanted).await?;
    let ShareInvitation { secret, share } = made;
    let base = base_url(&settings, &headers);
    let created = CreatedShare {
        link: links::shared(&base, share.id, &secret),
        share: share.into(),
    };
    Ok((StatusCode::CREATED, Envelope::new(created)))
}

/// Revokes a link: nobody can read with it any more, whoever has opened it either.
#[utoipa::path(
    delete, path = "/api/shares/{share_id}", tag = "sharing",
    params(
        ("share_id" = String, Path, description = "The link"),
        ("userId" = Option<String>, Query, description = "The owner"),
    ),
    responses(
        (status = 200, body = Done),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn revoke(
    InScope(scope): InScope,
    Shares(shares): Shares,
    Segments(id): Segments<String>,
) -> Result<Json<Done>, ApiError> {
    named_user(scope)?;
    let id: ShareId = id.parse().map_err(|_| no_such_share())?;
    shares.revoke(scope, id).await?;
    Ok(Done::new("The link was revoked"))
}
