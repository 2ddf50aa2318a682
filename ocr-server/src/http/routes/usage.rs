//! `/api/usage`, `/api/estimate`, and the quotas of users for administrators.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDate, Utc};
use ocr_core::{
    account_store::AuditAction,
    id::UserId,
    model::{Feature, QuotaStatus, Quotas},
    service::{Estimate, EstimateRequest, OcrService, PeriodUsage, UsageReport},
    usage_store::UsageAmounts,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{
    api::Envelope,
    caller::{AdminAs, AskedFrom},
    error::ApiError,
    problem::Problem,
    request::{InScope, JsonBody, Segments, named_user},
    state::AppState,
};

/// What a user used, and what is left.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsageView {
    /// Since midnight, UTC.
    today: PeriodView,
    /// Since the first of the month, UTC.
    month: PeriodView,
    /// Every quota, also those without a limit.
    quotas: Vec<QuotaView>,
}

/// What was used in a day or a month.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PeriodView {
    /// Its first day.
    from: NaiveDate,
    /// Documents that were accepted.
    documents: u64,
    /// Their bytes.
    bytes: u64,
    /// Pages that were read.
    pages: u64,
    words: u64,
    /// Pages that engines billed.
    billed_pages: u64,
    /// What they charged, in millionths of a US dollar.
    cost_micros: u64,
    /// By name.
    engines: Vec<EngineUsageView>,
}

/// What one engine read and charged.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EngineUsageView {
    engine: String,
    /// Documents that it read.
    documents: u64,
    pages: u64,
    words: u64,
    billed_pages: u64,
    /// In millionths of a US dollar.
    cost_micros: u64,
}

/// How much of a quota is used.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QuotaView {
    /// Such as pages_per_day; what is called spend is in millionths of a US dollar.
    quota: String,
    /// null where there is no limit.
    limit: Option<u64>,
    used: u64,
    /// null where there is no limit.
    remaining: Option<u64>,
    /// When nothing is used again; null for what is counted at a moment.
    resets_at: Option<DateTime<Utc>>,
}

impl From<UsageReport> for UsageView {
    fn from(report: UsageReport) -> Self {
        Self {
            today: report.today.into(),
            month: report.month.into(),
            quotas: report.quotas.iter().map(QuotaView::from).collect(),
        }
    }
}

impl From<PeriodUsage> for PeriodView {
    fn from(period: PeriodUsage) -> Self {
        let total = period.total;
        Self {
            from: period.from,
            documents: total.documents,
            bytes: total.bytes,
            pages: total.pages,
            words: total.words,
            billed_pages: total.billed_pages,
            cost_micros: total.cost_micros,
            engines: period.engines.into_iter().map(EngineUsageView::from).collect(),
        }
    }
}

impl From<(String, UsageAmounts)> for EngineUsageView {
    fn from((engine, amounts): (String, UsageAmounts)) -> Self {
        Self {
            engine,
            documents: amounts.documents,
            pages: amounts.pages,
            words: amounts.words,
            billed_pages: amounts.billed_pages,
            cost_micros: amounts.cost_micros,
        }
    }
}

impl From<&QuotaStatus> for QuotaView {
    fn from(status: &QuotaStatus) -> Self {
        Self {
            quota: status.quota.to_string(),
            limit: status.limit,
            used: status.used,
            remaining: status.remaining(),
            resets_at: status.resets_at,
        }
    }
}

/// What a user used today and this month, by engine, and what is left of each quota.
#[utoipa::path(
    get, path = "/api/usage", tag = "usage",
    params(("userId" = String, Query, description = "The owner, a UUID")),
    responses(
        (status = 200, body = Envelope<UsageView>),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn usage(
    State(service): State<OcrService>,
    InScope(scope): InScope,
) -> Result<Json<Envelope<UsageView>>, ApiError> {
    let report = service.usage(named_user(scope)?).await?;
    Ok(Envelope::new(report.into()))
}

/// What is to be read.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct WantedEstimate {
    /// Pages in all, 1 to 1,000,000.
    pages: u64,
    /// The engine; the default when absent.
    engine: Option<String>,
    /// What is to be found beyond the text: tables, forms, layout, signatures, queries.
    #[serde(default)]
    features: Vec<String>,
}

/// What reading costs at most.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EstimateView {
    engine: String,
    pages: u64,
    /// In millionths of a US dollar; 0 for an engine that charges nothing, null where the price is not known.
    cost_micros: Option<u64>,
    /// Whether it fits in what is left of the user's money now; null where the price is not known.
    fits: Option<bool>,
}

impl From<Estimate> for EstimateView {
    fn from(estimate: Estimate) -> Self {
        Self {
            engine: estimate.engine,
            pages: estimate.pages,
            cost_micros: estimate.cost_micros,
            fits: estimate.fits,
        }
    }
}

/// What it costs to have something read. Nothing is read, and nothing is charged.
#[utoipa::path(
    post, path = "/api/estimate", tag = "usage",
    params(("userId" = String, Query, description = "The owner, a UUID")),
    request_body = WantedEstimate,
    responses(
        (status = 200, body = Envelope<EstimateView>),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn estimate(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    JsonBody(body): JsonBody<WantedEstimate>,
) -> Result<Json<Envelope<EstimateView>>, ApiError> {
    let owner = named_user(scope)?;
    let features = body.features.iter().map(|feature| feature.parse::<Feature>());
    let request = EstimateRequest::new(body.pages)
        .with_engine(body.engine)
        .with_features(features.collect::<ocr_core::Result<Vec<Feature>>>()?);
    let estimate = service.estimate(owner, request).await?;
    Ok(Envelope::new(estimate.into()))
}

/// Limits of one user.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct QuotaLimits {
    /// A number, or null for no limit, for each quota that is named: open_tasks, documents_per_day, documents_per_month,
    /// bytes_per_day, bytes_per_month, pages_per_day, pages_per_month, and, in millionths of a US dollar, spend_per_day and
    /// spend_per_month. The defaults of the server hold for the others.
    quotas: BTreeMap<String, Option<u64>>,
}

impl From<Quotas> for QuotaLimits {
    fn from(quotas: Quotas) -> Self {
        Self {
            quotas: quotas
                .iter()
                .map(|(quota, limit)| (quota.to_string(), limit))
                .collect(),
        }
    }
}

impl TryFrom<QuotaLimits> for Quotas {
    type Error = ocr_core::Error;

    fn try_from(limits: QuotaLimits) -> ocr_core::Result<Self> {
        limits
            .quotas
            .into_iter()
            .try_fold(Self::default(), |quotas, (name, limit)| {
                Ok(quotas.with(name.parse()?, limit))
            })
    }
}

/// The limits that were set for a user, without the defaults.
#[utoipa::path(
    get, path = "/api/admin/users/{user_id}/quotas", tag = "admin",
    params(("user_id" = String, Path, description = "The user")),
    responses(
        (status = 200, body = Envelope<QuotaLimits>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn quotas(
    _admin: AdminAs,
    State(service): State<OcrService>,
    Segments(id): Segments<String>,
) -> Result<Json<Envelope<QuotaLimits>>, ApiError> {
    let user: UserId = id.parse()?;
    Ok(Envelope::new(service.quotas(user).await?.into()))
}

/// Sets the limits of a user in place of those before.
#[utoipa::path(
    put, path = "/api/admin/users/{user_id}/quotas", tag = "admin",
    params(("user_id" = String, Path, description = "The user")),
    request_body = QuotaLimits,
    responses(
        (status = 200, body = Envelope<QuotaLimits>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn set_quotas(
    _admin: AdminAs,
    State(state): State<AppState>,
    AskedFrom(origin): AskedFrom,
    Segments(id): Segments<String>,
    JsonBody(body): JsonBody<QuotaLimits>,
) -> Result<Json<Envelope<QuotaLimits>>, ApiError> {
    let user: UserId = id.parse()?;
    let quotas = Quotas::try_from(body)?;
    state.service.set_quotas(user, quotas.clone()).await?;
    if let Some(accounts) = &state.accounts {
        let noted = accounts.note(&origin, AuditAction::QuotasChanged, user.to_string());
        if let Err(error) = noted.await {
            // The limits hold already: a log that cannot be written fails no request.
            tracing::error!(?error, "the change of limits could not be recorded");
        }
    }
    Ok(Envelope::new(quotas.into()))
}
