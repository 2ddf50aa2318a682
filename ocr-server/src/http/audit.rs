//! What a request does to documents, for the audit log.

use std::fmt::Display;

use axum::{extract::FromRequestParts, http::request::Parts};
use ocr_core::{
    account_store::{AuditAction, AuditOrigin},
    service::AccountService,
};

use super::{caller::AskedFrom, state::AppState};

/// Notes what a request does, where people sign in.
#[derive(Debug, Clone)]
pub(crate) struct Audit {
    accounts: Option<AccountService>,
    origin: AuditOrigin,
}

impl Audit {
    /// Notes what was done to `object`, a document or a user. It is done already, so that a log that cannot be written fails no request.
    pub(crate) async fn note(&self, action: AuditAction, object: impl Display) {
        let Some(accounts) = &self.accounts else { return };
        let noted = accounts.note(&self.origin, action, object.to_string()).await;
        if let Err(error) = noted {
            tracing::error!(?error, ?action, "the audit log could not be written");
        }
    }
}

impl FromRequestParts<AppState> for Audit {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let AskedFrom(origin) = AskedFrom::from_request_parts(parts, state).await?;
        Ok(Self {
            accounts: state.accounts.clone(),
            origin,
        })
    }
}
