//! `/api/admin/audit`: who did what, for administrators.

use std::{collections::BTreeMap, str::FromStr};

use axum::Json;
use chrono::{DateTime, Utc};
use ocr_core::{
    account_store::{AuditAction, AuditEntry, AuditFilter},
    id::{AuditId, UserId},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::http::{
    api::Envelope,
    caller::{Accounts, AdminAs},
    error::ApiError,
    problem::Problem,
    request::Params,
};

/// Entries in one answer.
const PAGE: usize = 100;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditParams {
    /// Only what this user did, a UUID.
    actor: Option<String>,
    /// Only this action, such as `signed_in`.
    action: Option<String>,
    /// `nextBefore` of the answer before.
    before: Option<String>,
}

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditView {
    id: Uuid,
    at: DateTime<Utc>,
    /// Who; null for nobody who has signed in, and for an operator at the machine.
    actor: Option<Uuid>,
    /// What they sign in as, while they have an account.
    actor_name: Option<String>,
    /// What was done.
    action: &'static str,
    /// To what: an id, or the name of an account.
    object: String,
    /// The network address; empty for an operator at the machine.
    address: String,
}

impl AuditView {
    pub(crate) fn new(entry: AuditEntry, names: &BTreeMap<UserId, String>) -> Self {
        Self {
            id: entry.id.0,
            at: entry.at,
            actor: entry.actor.map(|actor| actor.0),
            actor_name: entry.actor.and_then(|actor| names.get(&actor).cloned()),
            action: entry.action.as_str(),
            object: entry.object,
            address: entry.address,
        }
    }
}

/// Entries of the audit log, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditPage {
    entries: Vec<AuditView>,
    /// Send it back as `before` for older ones; null at the end.
    next_before: Option<Uuid>,
}

/// Who did what, newest first, 100 entries at once.
#[utoipa::path(
    get, path = "/api/admin/audit", tag = "admin",
    params(AuditParams),
    responses(
        (status = 200, body = Envelope<AuditPage>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn audit(
    Accounts(accounts): Accounts,
    _admin: AdminAs,
    Params(params): Params<AuditParams>,
) -> Result<Json<Envelope<AuditPage>>, ApiError> {
    let filter = AuditFilter::default()
        .with_actor(parsed::<UserId>(params.actor.as_deref())?)
        .with_action(parsed::<AuditAction>(params.action.as_deref())?)
        .with_before(parsed::<AuditId>(params.before.as_deref())?);
    let found = accounts.audit_log(filter, PAGE).await?;
    let last = found.last().map(|entry| entry.id.0);
    let next_before = last.filter(|_| found.len() == PAGE);
    let actors = found.iter().filter_map(|entry| entry.actor).collect();
    let names = accounts.logins(actors).await?;
    let entries = found.into_iter().map(|entry| AuditView::new(entry, &names));
    Ok(Envelope::new(AuditPage {
        entries: entries.collect(),
        next_before,
    }))
}

/// A parameter that may be absent.
fn parsed<T: FromStr<Err = ocr_core::Error>>(text: Option<&str>) -> Result<Option<T>, ApiError> {
    Ok(text.map(str::parse).transpose()?)
}
