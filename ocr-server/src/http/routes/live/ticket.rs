//! `POST /api/live-tickets`

use axum::{Json, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    api::Envelope,
    caller::{Accounts, SignedInAs},
    error::ApiError,
    problem::Problem,
};

/// A ticket for one live connection.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TicketView {
    /// Send it as `ticket` in the address of the WebSocket or of the events.
    ticket: String,
    expires_at: DateTime<Utc>,
}

/// A ticket that opens one WebSocket or stream of events within 30 seconds, for clients that can send neither a header nor
/// a cookie there.
#[utoipa::path(
    post, path = "/api/live-tickets", tag = "live",
    responses(
        (status = 201, body = Envelope<TicketView>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn ticket(
    Accounts(accounts): Accounts,
    SignedInAs(principal): SignedInAs,
) -> Result<(StatusCode, Json<Envelope<TicketView>>), ApiError> {
    let (secret, expires_at) = accounts.ticket(&principal).await?;
    let ticket = secret.expose().to_owned();
    Ok((
        StatusCode::CREATED,
        Envelope::new(TicketView { ticket, expires_at }),
    ))
}
