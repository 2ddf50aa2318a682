//! Wire types of the API. The model is converted into them. What is stored or published as JSON has one form
//! for all who read it and is sent as it is: pages, updates of tasks, numbers of tasks.

use chrono::{DateTime, Utc};
use ocr_core::{
    blob::PresignedRequest,
    model::{Feature, Filing, PageSelection, Task, TaskOptions, TaskStats, TextLayerMode, Usage},
    platform::Policies,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A successful answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Envelope<T> {
    /// Always true.
    pub(crate) success: bool,
    /// What was asked for.
    pub(crate) data: T,
}

impl<T> Envelope<T> {
    pub(crate) fn new(data: T) -> axum::Json<Self> {
        axum::Json(Self { success: true, data })
    }
}

/// A successful answer without data.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    /// Always true.
    pub(crate) success: bool,
    /// What was done.
    pub(crate) message: String,
}

impl Done {
    pub(crate) fn new(message: &str) -> axum::Json<Self> {
        axum::Json(Self {
            success: true,
            message: message.into(),
        })
    }
}

/// A task.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskView {
    id: Uuid,
    user_id: Uuid,
    file_id: Uuid,
    /// The name the user gave the file.
    filename: String,
    mime_type: String,
    /// Size in bytes.
    file_size: u64,
    /// pending, processing, completed, failed or cancelled.
    status: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// When it was put in the trash.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<DateTime<Utc>>,
    /// When it is deleted for good, in the trash.
    #[serde(skip_serializing_if = "Option::is_none")]
    purge_at: Option<DateTime<Utc>>,
    s3_key: String,
    s3_result_key: Option<String>,
    /// Mean word confidence in 0..=1.
    confidence_score: Option<f64>,
    page_count: Option<u32>,
    word_count: Option<u64>,
    /// How long reading took; waiting for its turn and for a page process does not count.
    processing_time_ms: Option<u64>,
    /// Engine that read it, or that was asked for.
    engine: Option<String>,
    /// Pages that engines billed, also where the task failed.
    billed_pages: Option<u32>,
    /// What engines charged, in US dollars with six decimals.
    cost_usd: Option<f64>,
    /// Why it failed, and what to do.
    error_message: Option<String>,
    error_code: Option<String>,
    /// The task whose result was taken over, because it read the same bytes in the same way. Absent where the file was
    /// read.
    #[serde(skip_serializing_if = "Option::is_none")]
    same_as: Option<Uuid>,
    /// Attempts begun so far.
    attempt: u32,
    /// When it is given up unless it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline_at: Option<DateTime<Utc>>,
    /// Nothing is heard of the worker that reads it: when another one takes over. Absent while its worker is alive.
    #[serde(skip_serializing_if = "Option::is_none")]
    takeover_at: Option<DateTime<Utc>>,
    /// Pages done, while processing.
    progress: Option<ProgressView>,
    /// Its place among all waiting tasks, from 1; 500 means that or later. Only in lists, and null unless
    /// it waits for nothing but its turn.
    queue_position: Option<usize>,
    /// Its labels in alphabetical order.
    labels: Vec<String>,
    /// The collection it is in.
    collection: Option<String>,
    /// What somebody wrote about it; empty when nobody did.
    note: String,
}

impl TaskView {
    pub(crate) fn with_filing(self, filing: Filing) -> Self {
        Self {
            labels: filing.labels.iter().map(ToString::to_string).collect(),
            collection: filing.collection.map(|name| name.to_string()),
            note: filing.note,
            ..self
        }
    }

    pub(crate) fn with_takeover(self, takeover_at: Option<DateTime<Utc>>) -> Self {
        Self { takeover_at, ..self }
    }

    pub(crate) fn with_queue_position(self, queue_position: Option<usize>) -> Self {
        Self {
            queue_position,
            ..self
        }
    }
}

/// How far a task is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProgressView {
    pages_done: u32,
    pages_total: u32,
    /// 0..=100.
    percent: u8,
    message: String,
}

impl From<Task> for TaskView {
    fn from(task: Task) -> Self {
        let progress = task.progress.map(|progress| ProgressView {
            pages_done: progress.pages_done,
            pages_total: progress.pages_total,
            percent: progress.percent(),
            message: progress.message(),
        });
        let (error_code, error_message) = task
            .state
            .failure
            .map(|failure| (failure.code, failure.message))
            .unzip();
        let charged = task.history.charged_in_all();
        let charged = (charged != Usage::default()).then_some(charged);
        let result = task.result;
        Self {
            id: task.id.0,
            user_id: task.owner.0,
            file_id: task.file.id.0,
            filename: task.file.filename,
            mime_type: task.file.media_type.as_str().into(),
            file_size: task.file.size,
            status: task.state.status.as_str().into(),
            created_at: task.created_at,
            updated_at: task.updated_at,
            deleted_at: task.deleted_at,
            purge_at: task.purge_after,
            s3_key: task.file.key,
            confidence_score: result
                .as_ref()
                .and_then(|result| result.confidence)
                .map(four_decimals),
            page_count: result.as_ref().map(|result| result.page_count),
            word_count: result.as_ref().map(|result| result.word_count),
            processing_time_ms: result.as_ref().map(|result| result.processing_time_ms),
            engine: result
                .as_ref()
                .map(|result| result.engine.clone())
                .or(task.options.engine),
            billed_pages: result
                .as_ref()
                .map(|result| result.billed_pages)
                .or(charged.map(|charged| charged.billed_pages)),
            cost_usd: result
                .as_ref()
                .map(|result| result.cost_micros)
                .or(charged.map(|charged| charged.cost_micros))
                .map(dollars),
            same_as: result
                .as_ref()
                .and_then(|result| result.same_as)
                .map(|same| same.0),
            s3_result_key: result.map(|result| result.key),
            error_message,
            error_code,
            attempt: task.state.attempt,
            deadline_at: task.state.deadline,
            takeover_at: None,
            progress,
            queue_position: None,
            labels: Vec::new(),
            collection: None,
            note: String::new(),
        }
    }
}

/// DECIMAL(5,4), as the column has it. What is nearly 1 stays below it: not everything is certain.
fn four_decimals(value: f32) -> f64 {
    let rounded = (f64::from(value) * 10_000.0).round() / 10_000.0;
    if value < 1.0 { rounded.min(0.9999) } else { rounded }
}

/// DECIMAL(12,6), as the column has it.
pub(crate) fn dollars(micros: u64) -> f64 {
    micros as f64 / 1_000_000.0
}

/// How many tasks stand where.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatsView {
    total: u64,
    pending: u64,
    processing: u64,
    completed: u64,
    failed: u64,
    cancelled: u64,
}

impl From<TaskStats> for StatsView {
    fn from(stats: TaskStats) -> Self {
        Self {
            total: stats.total,
            pending: stats.pending,
            processing: stats.processing,
            completed: stats.completed,
            failed: stats.failed,
            cancelled: stats.cancelled,
        }
    }
}

/// A page of a list of tasks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskList {
    pub(crate) tasks: Vec<TaskView>,
    pub(crate) stats: StatsView,
    /// Send it back as `cursor` for the next page; null at the end.
    pub(crate) next_cursor: Option<String>,
}

/// One task.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneTask {
    pub(crate) task: TaskView,
}

/// An upload was accepted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Accepted {
    /// The task of the first file.
    pub(crate) task_id: Uuid,
    pub(crate) message: String,
    /// The task whose result the first file takes over, because it read the same bytes in the same way. Absent where
    /// the file is read. Should that result be gone by then, be of another version of the engine, or have a page that
    /// could not be read, the file is read all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) same_as: Option<Uuid>,
    /// One entry a file, when several were sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tasks: Vec<AcceptedFile>,
}

/// What became of one file of a batch.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AcceptedFile {
    /// Empty in the last entry of a list when the form itself could not be read on.
    pub(crate) filename: String,
    /// Absent when the file was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) task_id: Option<Uuid>,
    /// As `sameAs` of the answer, for this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) same_as: Option<Uuid>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// Stable code of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
}

/// Where the original file can be read.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DownloadLink {
    pub(crate) download_url: String,
    pub(crate) expires_at: DateTime<Utc>,
}

/// Where the result document can be read.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResultLink {
    pub(crate) result_url: String,
    pub(crate) expires_at: DateTime<Utc>,
}

/// The URL of a presigned request, absolute.
pub(crate) fn absolute(request: &PresignedRequest, base: &str) -> String {
    if request.url.starts_with('/') {
        format!("{base}{}", request.url)
    } else {
        request.url.clone()
    }
}

/// A file the client wants to upload itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BeginUpload {
    /// The owner, a UUID; whoever signed in when absent.
    pub(crate) user_id: Option<String>,
    /// The name of the file.
    pub(crate) filename: String,
    /// Size in bytes.
    pub(crate) size: u64,
    /// SHA-256 of the bytes, lower-case hex, if known.
    pub(crate) sha256: Option<String>,
    /// MIME type of the PUT; `application/octet-stream` when absent.
    pub(crate) content_type: Option<String>,
}

/// A presigned request with which the client uploads one file.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UploadLink {
    /// For the completion of the upload.
    pub(crate) file_id: Uuid,
    pub(crate) method: String,
    pub(crate) upload_url: String,
    /// Headers to send with the request.
    pub(crate) headers: std::collections::BTreeMap<String, String>,
    pub(crate) expires_at: DateTime<Utc>,
}

/// A file the client wants to send in parts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BeginParts {
    /// Size in bytes.
    pub(crate) size: u64,
}

/// An upload in parts that has begun: its id and the size of a part.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PartsLink {
    /// Names the upload.
    pub(crate) file_id: Uuid,
    /// Bytes of each part but the last.
    pub(crate) part_size: u64,
}

/// The parts that are stored.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StoredParts {
    /// Their numbers, ascending, from 0.
    #[serde(rename = "parts")]
    pub(crate) numbers: Vec<u32>,
}

/// A file whose parts were all sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompleteParts {
    /// The name of the file.
    pub(crate) filename: String,
    /// Size in bytes.
    pub(crate) size: u64,
    /// How it is to be read.
    #[serde(default)]
    pub(crate) options: OptionsView,
}

/// A file that was uploaded by the client itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompleteUpload {
    /// The owner, as when the upload began; whoever signed in when absent.
    pub(crate) user_id: Option<String>,
    /// The name of the file, as when the upload began.
    pub(crate) filename: String,
    /// How it is to be read.
    #[serde(default)]
    pub(crate) options: OptionsView,
}

/// How a file is to be read.
#[derive(Debug, Clone, Default, Deserialize, IntoParams, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query)]
pub(crate) struct OptionsView {
    /// Engine by name.
    pub(crate) engine: Option<String>,
    /// Expected languages as BCP 47 tags, separated by commas.
    pub(crate) languages: Option<String>,
    /// Pages, such as `1-3,7`.
    pub(crate) pages: Option<String>,
    /// What is to be found beyond the text, separated by commas: `tables`, `forms`, `layout`,
    /// `signatures`, `queries`.
    pub(crate) features: Option<String>,
    /// Questions to be answered from each page, one a line.
    pub(crate) queries: Option<String>,
    /// What becomes of text that the document has already: `auto`, `force`, `skip` or `redo`; what the server was set to
    /// when absent, which is `auto` unless somebody changed it.
    pub(crate) text_layer: Option<String>,
    /// Reads the file although there is a result of the same bytes, read in the same way; false when absent.
    pub(crate) read_again: Option<bool>,
    /// Seconds in which the file is to be read, from when it is sent; then it is given up. As long as the server allows
    /// when absent.
    #[param(minimum = 1)]
    pub(crate) deadline_seconds: Option<u32>,
}

impl OptionsView {
    /// The options, with what `policies` say where the request does not.
    pub(crate) fn into_model(self, policies: &Policies) -> ocr_core::Result<TaskOptions> {
        let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let languages = filled(self.languages).unwrap_or_default();
        let queries: Vec<String> = filled(self.queries)
            .unwrap_or_default()
            .lines()
            .map(|query| query.trim().to_owned())
            .filter(|query| !query.is_empty())
            .collect();
        let mut features = Feature::parse_list(&filled(self.features).unwrap_or_default())?;
        if !queries.is_empty() && !features.contains(&Feature::Queries) {
            features.push(Feature::Queries);
        }
        let languages = languages
            .split(',')
            .map(|tag| tag.trim().to_owned())
            .filter(|tag| !tag.is_empty())
            .collect();
        let pages: Option<PageSelection> = filled(self.pages).map(|pages| pages.parse()).transpose()?;
        let text_layer = filled(self.text_layer)
            .map(|mode| mode.parse::<TextLayerMode>())
            .transpose()?;
        Ok(TaskOptions::default()
            .with_engine(filled(self.engine))
            .with_languages(languages)
            .with_pages(pages)
            .with_features(features)
            .with_queries(queries)
            .with_text_layer(text_layer.unwrap_or(policies.text_layer))
            .with_read_again(self.read_again.unwrap_or(false))
            .with_deadline_seconds(self.deadline_seconds))
    }
}
