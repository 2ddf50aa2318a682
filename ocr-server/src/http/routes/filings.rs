//! `/api/filings` and `/api/tasks/{task_id}/filing`

use axum::{Json, extract::State};
use ocr_core::{
    Result,
    filing_store::{FiledTask, NameCount},
    id::TaskId,
    model::{CollectionChange, Filing, FilingChange, FilingName},
    service::{FilingNames, OcrService},
    store::Scope,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{
    api::Envelope,
    error::ApiError,
    problem::Problem,
    request::{InScope, JsonBody, TaskPath, named_user},
};

/// What is changed about how a document is filed; what is not named stays. At most 32 names in each list.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ChangeFiling {
    /// Labels in place of those that there are; names of 1 to 64 characters.
    labels: Option<Vec<String>>,
    /// Labels that are taken away.
    remove_labels: Vec<String>,
    /// Labels that are added.
    add_labels: Vec<String>,
    /// The collection it is put into; an empty text takes it out of the one that it is in.
    collection: Option<String>,
    /// A note in place of the one that there is, of at most 4,000 characters; an empty text takes it away.
    note: Option<String>,
}

/// Documents, and what is changed about how each of them is filed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeFilings {
    /// 1 to 500 tasks.
    task_ids: Vec<String>,
    /// What is changed about each.
    change: ChangeFiling,
}

/// How a document is filed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FilingView {
    /// Its labels in alphabetical order.
    labels: Vec<String>,
    /// The collection it is in.
    collection: Option<String>,
    /// What somebody wrote about it; empty when nobody did.
    note: String,
}

/// How several documents are filed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FilingsView {
    /// Those of the documents that are there.
    filings: Vec<FiledTaskView>,
}

/// How the document of a task is filed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FiledTaskView {
    task_id: Uuid,
    /// How its document is filed.
    filing: FilingView,
}

/// Names that documents are filed under, those of most documents first; at most 500 of each kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FilingNamesView {
    labels: Vec<NameCountView>,
    collections: Vec<NameCountView>,
}

/// A name that documents are filed under.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NameCountView {
    /// The name, in one of the ways in which it is written.
    name: String,
    /// How many documents.
    count: u64,
}

impl ChangeFiling {
    fn into_model(self) -> Result<FilingChange> {
        let collection = match self.collection.as_deref().map(str::trim) {
            None => CollectionChange::Keep,
            Some("") => CollectionChange::Leave,
            Some(name) => CollectionChange::Enter(FilingName::new(name)?),
        };
        let labels = self.labels.as_deref().map(names).transpose()?;
        Ok(FilingChange::default()
            .with_labels(labels)
            .with_remove_labels(names(&self.remove_labels)?)
            .with_add_labels(names(&self.add_labels)?)
            .with_collection(collection)
            .with_note(self.note))
    }
}

fn names(texts: &[String]) -> Result<Vec<FilingName>> {
    texts.iter().map(|text| FilingName::new(text)).collect()
}

impl From<Filing> for FilingView {
    fn from(filing: Filing) -> Self {
        Self {
            labels: filing.labels.iter().map(ToString::to_string).collect(),
            collection: filing.collection.map(|name| name.to_string()),
            note: filing.note,
        }
    }
}

impl From<FiledTask> for FiledTaskView {
    fn from(filed: FiledTask) -> Self {
        Self {
            task_id: filed.task.0,
            filing: filed.filing.into(),
        }
    }
}

impl From<NameCount> for NameCountView {
    fn from(counted: NameCount) -> Self {
        Self {
            name: counted.name.to_string(),
            count: counted.count,
        }
    }
}

impl From<FilingNames> for FilingNamesView {
    fn from(names: FilingNames) -> Self {
        Self {
            labels: names.labels.into_iter().map(NameCountView::from).collect(),
            collections: names.collections.into_iter().map(NameCountView::from).collect(),
        }
    }
}

/// Changes the labels, the collection or the note of a document, at any time of its life.
#[utoipa::path(
    patch, path = "/api/tasks/{task_id}/filing", tag = "filing",
    params(("task_id" = String, Path, description = "The task"), ("userId" = Option<String>, Query, description = "The owner")),
    request_body = ChangeFiling,
    responses(
        (status = 200, body = Envelope<FilingView>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change_one(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    TaskPath(id): TaskPath,
    JsonBody(body): JsonBody<ChangeFiling>,
) -> Result<Json<Envelope<FilingView>>, ApiError> {
    let filing = service.change_filing(scope, id, body.into_model()?).await?;
    Ok(Envelope::new(filing.into()))
}

/// Changes the labels, the collection or the note of up to 500 documents at once, each in the same way. What is refused
/// of one of them changes none; documents that are not there are left out of the answer.
#[utoipa::path(
    patch, path = "/api/filings", tag = "filing",
    params(("userId" = Option<String>, Query, description = "The owner")),
    request_body = ChangeFilings,
    responses(
        (status = 200, body = Envelope<FilingsView>),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change_several(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    JsonBody(body): JsonBody<ChangeFilings>,
) -> Result<Json<Envelope<FilingsView>>, ApiError> {
    let tasks = body.task_ids.iter().map(|text| text.parse::<TaskId>());
    let tasks = tasks.collect::<Result<Vec<_>>>()?;
    let filed = service
        .change_filings(scope, tasks, body.change.into_model()?)
        .await?;
    Ok(Envelope::new(FilingsView {
        filings: filed.into_iter().map(FiledTaskView::from).collect(),
    }))
}

/// The labels and collections of a user's documents, and how many documents have each.
#[utoipa::path(
    get, path = "/api/filings/names", tag = "filing",
    params(("userId" = String, Query, description = "The owner, a UUID")),
    responses(
        (status = 200, body = Envelope<FilingNamesView>),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn used_names(
    State(service): State<OcrService>,
    InScope(scope): InScope,
) -> Result<Json<Envelope<FilingNamesView>>, ApiError> {
    let scope = Scope::owner(named_user(scope)?);
    Ok(Envelope::new(service.filing_names(scope).await?.into()))
}
