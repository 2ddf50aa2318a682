//! `POST /api/tasks`

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{
        Multipart, State,
        multipart::{Field, MultipartRejection},
    },
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ocr_core::{
    ErrorKind,
    blob::ByteStream,
    id::UserId,
    model::{Task, TaskOptions},
    service::{OcrService, SubmitRequest, display_name},
    store::Created,
};
use tokio::sync::mpsc;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{fields::Fields, spool::SpooledFile};
use crate::http::{
    HttpSettings,
    api::{Accepted, AcceptedFile, Envelope, OptionsView},
    caller::Asking,
    error::ApiError,
    problem::Problem,
    request::{NamedOwner, Params, idempotency_key, named_user},
    routes::same::same_as,
};

/// The field that names the owner.
const USER_ID: &str = "userId";
/// Most files of one request.
const MAX_FILES: usize = 200;
/// How long the rest of a refused body is still read, so that the client sees the answer.
const DRAIN_TIME: Duration = Duration::from_secs(2);
/// Pieces of a body that may wait for the blob store.
const PIECES_AHEAD: usize = 4;

/// The form of an upload.
#[derive(Debug, ToSchema)]
#[expect(
    dead_code,
    reason = "describes the form in the API description; the handler streams it"
)]
pub(crate) struct UploadForm {
    /// One or more PDF, PNG, JPEG, TIFF, WEBP, BMP, GIF or JPEG 2000 files.
    #[schema(value_type = Vec<String>, format = Binary)]
    file: Vec<u8>,
    /// The owner, a UUID. Given in the query instead, the files are streamed straight to the store
    /// and the other fields belong in the query too.
    #[schema(rename = "userId")]
    user_id: String,
    /// Engine by name.
    engine: Option<String>,
    /// Expected languages as BCP 47 tags, separated by commas.
    languages: Option<String>,
    /// Pages, such as `1-3,7`.
    pages: Option<String>,
    /// What is to be found beyond the text, separated by commas: `tables`, `forms`, `layout`,
    /// `signatures`, `queries`.
    features: Option<String>,
    /// Questions to be answered from each page, one a line; may be sent several times.
    queries: Option<String>,
    /// What becomes of text that the document has already: `auto`, `force`, `skip` or `redo`; what the server was set to
    /// when absent.
    #[schema(rename = "textLayer")]
    text_layer: Option<String>,
    /// Reads the file although there is a result of the same bytes, read in the same way.
    #[schema(rename = "readAgain")]
    read_again: Option<bool>,
    /// Seconds in which the file is to be read, from when it is sent; then it is given up.
    #[schema(rename = "deadlineSeconds")]
    deadline_seconds: Option<u32>,
}

/// Accepts one or more files. When this answers, they are stored and their tasks are committed.
#[utoipa::path(
    post, path = "/api/tasks", tag = "tasks",
    params(
        ("userId" = Option<String>, Query, description = "The owner, if not in the form; options are then in the query too"),
        OptionsView,
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request repeatable"),
    ),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = 202, body = Envelope<Accepted>),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
        (status = 507, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn upload(
    State(service): State<OcrService>,
    State(settings): State<Arc<HttpSettings>>,
    asking: Asking,
    NamedOwner(named): NamedOwner,
    Params(options): Params<OptionsView>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, ApiError> {
    let mut form = form.map_err(|error| {
        ApiError::invalid(format!(
            "send the file as multipart/form-data: {}",
            error.body_text()
        ))
    })?;
    let key = idempotency_key(&headers)?;
    let named = named.map(|owner| asking.scope(Some(owner)).and_then(named_user));
    let submitted = match named.transpose() {
        Err(error) => Err(error),
        Ok(Some(owner)) => {
            let request = Request {
                owner,
                options: options.into_model(&service.platform().policies)?,
                key,
            };
            stream_files(&service, &request, &mut form).await
        }
        Ok(None) => match read_form(&service, &settings, &asking, &mut form, options).await {
            Ok((owner, options, files)) => {
                let request = Request {
                    owner,
                    options: options.into_model(&service.platform().policies)?,
                    key,
                };
                submit_spooled(&service, &request, files).await
            }
            Err(error) => Err(error),
        },
    };
    match submitted {
        Ok(outcomes) => answer(&service, outcomes).await,
        Err(error) => {
            drain(&mut form).await;
            Err(error)
        }
    }
}

/// What all files of a request have in common.
struct Request {
    owner: UserId,
    options: TaskOptions,
    key: Option<String>,
}

impl Request {
    /// The request for the file at `index`; each file of a batch has its own key.
    fn file(&self, index: usize, filename: &str) -> SubmitRequest {
        let key = self.key.as_ref();
        SubmitRequest::new(filename.to_owned())
            .with_options(self.options.clone())
            .with_idempotency_key(key.map(|key| {
                if index == 0 {
                    key.clone()
                } else {
                    format!("{key}#{index}")
                }
            }))
    }
}

/// A file's name and the file, unless it was refused by its content.
type ReceivedFile = (String, ocr_core::Result<SpooledFile>);

/// A file's name and what became of it.
type Outcome = (String, Result<Created, ApiError>);

/// Streams each file straight into the blob store. If the form becomes unreadable after a file was accepted,
/// the list of outcomes ends there. Accepted files keep their tasks; a plain error would make the client
/// send them again.
async fn stream_files(
    service: &OcrService,
    request: &Request,
    form: &mut Multipart,
) -> Result<Vec<Outcome>, ApiError> {
    let mut outcomes = Vec::new();
    let Err((name, error)) = stream_each(service, request, form, &mut outcomes).await else {
        return some_files(outcomes);
    };
    if outcomes.iter().all(|(_, outcome)| outcome.is_err()) {
        return Err(error);
    }
    drain(form).await;
    outcomes.push((name, Err(error)));
    Ok(outcomes)
}

/// Streams files until the form ends, or something ends it: that, and the name of the file to blame,
/// empty when it is no file.
async fn stream_each(
    service: &OcrService,
    request: &Request,
    form: &mut Multipart,
    outcomes: &mut Vec<Outcome>,
) -> Result<(), (String, ApiError)> {
    let limit = service.policies().max_upload_bytes;
    let of_form = |error: ApiError| (String::new(), error);
    let mut fields = Fields::default();
    while let Some(mut field) = form.next_field().await.map_err(|error| of_form(error.into()))? {
        if field.file_name().is_none() && field.name() != Some("file") {
            let (name, value) = fields.read(field).await.map_err(of_form)?;
            check_repeated(&name, &value, request.owner).map_err(of_form)?;
            continue;
        }
        let name = field.file_name().unwrap_or("document").to_owned();
        let shown = display_name(&name);
        check_count(outcomes.len()).map_err(|error| (shown.clone(), error))?;
        let submit = request.file(outcomes.len(), &name);
        match stream_one(service, request.owner, submit, &mut field).await {
            Err(error) if !is_about_content(&error) || !skip_rest(&mut field, limit).await => {
                return Err((shown, error.into()));
            }
            outcome => outcomes.push((shown, outcome.map_err(ApiError::from))),
        }
    }
    Ok(())
}

/// Reads a file from the form while the service stores it.
async fn stream_one(
    service: &OcrService,
    owner: UserId,
    request: SubmitRequest,
    field: &mut Field<'_>,
) -> ocr_core::Result<Created> {
    let (sender, mut receiver) = mpsc::channel(PIECES_AHEAD);
    let body = ByteStream::new(
        futures::stream::poll_fn(move |context| receiver.poll_recv(context)),
        None,
    );
    let feed = async move {
        loop {
            let piece = match field.chunk().await {
                Ok(Some(piece)) => Ok(piece),
                Ok(None) => break,
                Err(error) => Err(std::io::Error::other(error)),
            };
            let broken = piece.is_err();
            // The service has refused the file when nobody receives any more.
            if sender.send(piece).await.is_err() || broken {
                break;
            }
        }
    };
    let (created, ()) = tokio::join!(service.submit(owner, request, body), feed);
    created
}

/// Reads a whole form, files to disk.
async fn read_form(
    service: &OcrService,
    settings: &HttpSettings,
    asking: &Asking,
    form: &mut Multipart,
    mut options: OptionsView,
) -> Result<(UserId, OptionsView, Vec<ReceivedFile>), ApiError> {
    let limit = service.policies().max_upload_bytes;
    let mut owner: Option<UserId> = None;
    let (mut files, mut fields) = (Vec::new(), Fields::default());
    while let Some(mut field) = form.next_field().await? {
        if field.file_name().is_some() || field.name() == Some("file") {
            check_count(files.len())?;
            let name = display_name(field.file_name().unwrap_or("document"));
            let received =
                SpooledFile::receive(&mut field, &settings.spool, limit, service.inspector()).await;
            match received {
                // A file that is too large ends the request: its rest is not worth reading.
                Err(error) if !is_about_content(&error) || !skip_rest(&mut field, limit).await => {
                    return Err(error.into());
                }
                received => files.push((name, received)),
            }
            continue;
        }
        let (name, value) = fields.read(field).await?;
        match name.as_str() {
            USER_ID => owner = Some(value.trim().parse()?),
            "engine" => options.engine = Some(value),
            "languages" => options.languages = Some(value),
            "pages" => options.pages = Some(value),
            "features" => options.features = Some(value),
            "textLayer" => options.text_layer = Some(value),
            "deadlineSeconds" => options.deadline_seconds = Some(seconds(&value)?),
            "readAgain" => options.read_again = Some(yes_or_no(&value)?),
            _ => {
                let asked = options.queries.take().unwrap_or_default();
                options.queries = Some(format!("{asked}\n{value}"));
            }
        }
    }
    if files.is_empty() {
        return Err(ApiError::invalid("the form has no part called file"));
    }
    let owner = named_user(asking.scope(owner)?)?;
    Ok((owner, options, files))
}

/// The value of a field that is true or false.
fn yes_or_no(value: &str) -> Result<bool, ApiError> {
    value
        .trim()
        .parse()
        .map_err(|_| ApiError::invalid("the field readAgain of the form is true or false"))
}

/// The value of a field that is a number of seconds.
fn seconds(value: &str) -> Result<u32, ApiError> {
    value
        .trim()
        .parse()
        .map_err(|_| ApiError::invalid("the field deadlineSeconds of the form is a whole number of seconds"))
}

async fn submit_spooled(
    service: &OcrService,
    request: &Request,
    files: Vec<ReceivedFile>,
) -> Result<Vec<Outcome>, ApiError> {
    let mut outcomes = Vec::new();
    for (index, (name, file)) in files.into_iter().enumerate() {
        let created = match file {
            Ok(file) => submit_one(service, request, index, &file).await,
            Err(error) => Err(error),
        };
        outcomes.push((name, created.map_err(ApiError::from)));
    }
    some_files(outcomes)
}

async fn submit_one(
    service: &OcrService,
    request: &Request,
    index: usize,
    file: &SpooledFile,
) -> ocr_core::Result<Created> {
    let body = file.open()?;
    service
        .submit(request.owner, request.file(index, &file.filename), body)
        .await
}

/// Whether only this file is to blame, so that the others of its request can go on.
fn is_about_content(error: &ocr_core::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Unsupported
            | ErrorKind::UnsupportedMediaType
            | ErrorKind::InvalidInput
            | ErrorKind::TooManyPages
            | ErrorKind::TooManyPixels
    )
}

/// Where the query names the owner, the files are stored as they come, with the options that are in the query
/// too. A form may only repeat the owner.
fn check_repeated(name: &str, value: &str, owner: UserId) -> Result<(), ApiError> {
    if name != USER_ID {
        return Err(ApiError::invalid(format!(
            "the field {name} belongs in the query, as userId does there"
        )));
    }
    if value.trim().parse::<UserId>()? != owner {
        return Err(ApiError::invalid(
            "userId of the form is not the one of the query",
        ));
    }
    Ok(())
}

fn check_count(files: usize) -> Result<(), ApiError> {
    if files >= MAX_FILES {
        return Err(ApiError::invalid(format!(
            "send at most {MAX_FILES} files in one request"
        )));
    }
    Ok(())
}

fn some_files(outcomes: Vec<Outcome>) -> Result<Vec<Outcome>, ApiError> {
    if outcomes.is_empty() {
        return Err(ApiError::invalid("the form has no part called file"));
    }
    Ok(outcomes)
}

/// Reads what is left of a refused file; false when that is more than `limit` bytes or cannot be read.
async fn skip_rest(field: &mut Field<'_>, limit: u64) -> bool {
    let mut left = limit;
    loop {
        match field.chunk().await {
            Ok(Some(piece)) if piece.len() as u64 <= left => left -= piece.len() as u64,
            Ok(None) => return true,
            _ => return false,
        }
    }
}

/// Reads the rest of the body for a while: a client that is still sending would not see an answer after
/// which the connection is closed.
async fn drain(form: &mut Multipart) {
    let rest = async { while let Ok(Some(_)) = form.next_field().await {} };
    let _ = tokio::time::timeout(DRAIN_TIME, rest).await;
}

/// One file answers with its own error; of several, each says what became of it.
async fn answer(service: &OcrService, mut outcomes: Vec<Outcome>) -> Result<Response, ApiError> {
    if outcomes.len() == 1
        && let Some((_, outcome)) = outcomes.pop()
    {
        let created = outcome?;
        let same = same_as(service, task_of(&created)).await;
        return Ok(accepted(&created, same, Vec::new()));
    }
    let first = outcomes.iter().position(|(_, outcome)| outcome.is_ok());
    let Some(first) = first else {
        let (_, outcome) = outcomes.swap_remove(0);
        return Err(outcome
            .err()
            .unwrap_or_else(|| ApiError::invalid("no file was accepted")));
    };
    let mut tasks = Vec::with_capacity(outcomes.len());
    for (filename, outcome) in &outcomes {
        let same = match outcome {
            Ok(created) => same_as(service, task_of(created)).await,
            Err(_) => None,
        };
        tasks.push(file_view(filename, outcome, same));
    }
    match &outcomes[first].1 {
        Ok(created) => Ok(accepted(created, tasks[first].same_as, tasks)),
        Err(_) => Err(ApiError::invalid("no file was accepted")),
    }
}

fn task_of(created: &Created) -> &Task {
    match created {
        Created::New(task) | Created::Existing(task) => task,
    }
}

fn file_view(filename: &str, outcome: &Result<Created, ApiError>, same_as: Option<Uuid>) -> AcceptedFile {
    let (task_id, error, code) = match outcome {
        Ok(created) => (Some(task_of(created).id.0), None, None),
        Err(error) => (None, Some(error.detail()), Some(error.code().to_owned())),
    };
    AcceptedFile {
        filename: filename.to_owned(),
        task_id,
        same_as,
        error,
        code,
    }
}

fn accepted(created: &Created, same_as: Option<Uuid>, tasks: Vec<AcceptedFile>) -> Response {
    let task = task_of(created);
    let replayed = matches!(created, Created::Existing(_));
    let message = "File uploaded and queued for processing".to_owned();
    let body: Json<Envelope<Accepted>> = Envelope::new(Accepted {
        task_id: task.id.0,
        message,
        same_as,
        tasks,
    });
    let mut response = (StatusCode::ACCEPTED, body).into_response();
    let location = HeaderValue::from_str(&format!("/api/tasks/{}?userId={}", task.id, task.owner));
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    if replayed {
        let name = HeaderName::from_static("idempotent-replayed");
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static("true"));
    }
    response
}
