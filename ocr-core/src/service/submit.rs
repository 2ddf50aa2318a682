//! Accept a document: stream it to the blob store, then create its task.

use std::time::Duration;

use super::{
    OcrService,
    blob_names::{display_name, stored_filename, upload_key},
    usage::Wanted,
};
use crate::{
    Error, ErrorKind, Result,
    account_store::AuditAction,
    blob::{BlobKey, BlobMeta, BlobStoreExt as _, ByteStream, PutOptions, body_error, too_large},
    builder::builder,
    digest::sha256_hex,
    id::{FileId, TaskId, UserId},
    model::{Feature, Idempotency, MediaType, NewTask, StoredFile, TaskOptions, TaskStatus},
    notify::TaskUpdate,
    queue::{NewItem, QueueItem},
    store::{Actor, Created, OutboxMessage, Write},
    trace::TraceContext,
};

/// Maximum length of an idempotency key in characters.
const MAX_IDEMPOTENCY_KEY: usize = 255;
/// How long a request may be repeated under its idempotency key.
const KEY_LIFETIME: Duration = Duration::from_hours(24);
/// Maximum number of languages of one document.
const MAX_LANGUAGES: usize = 20;
/// Maximum length of a language tag; RFC 5646 asks for room for 35 characters.
const MAX_LANGUAGE_TAG: usize = 35;
/// Maximum number of questions of one document.
const MAX_QUERIES: usize = 30;
/// Maximum length of a question in characters.
const MAX_QUERY: usize = 200;

/// What comes with a document.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct SubmitRequest {
    /// The name the user gave the file.
    pub filename: String,
    /// How it is to be read.
    pub options: TaskOptions,
    /// Makes the request repeatable, 1..=255 characters.
    pub idempotency_key: Option<String>,
}

impl SubmitRequest {
    /// The file of this name, to be read as it is usual.
    pub fn new(filename: impl Into<String>) -> Self {
        Self {
            filename: filename.into(),
            ..Self::default()
        }
    }
}

builder!(SubmitRequest {
    with_options(options: TaskOptions) "The same, to be read in this way."
    with_idempotency_key(idempotency_key: impl Into<Option<String>>) "The same under a key that makes it repeatable, 1 to 255 characters."
});

impl OcrService {
    /// Accepts a document.
    ///
    /// The body is streamed; when this returns, the bytes are durable and the task is committed.
    /// Dropping the future before that leaves no task, and at most a blob that is collected later.
    ///
    /// # Errors
    /// `UnsupportedMediaType` for a type that cannot be read, `TooLarge` beyond the policy's limit or a quota of bytes,
    /// `QuotaExceeded` beyond a quota of the owner,
    /// `InvalidInput` for an empty or broken-off body, an unknown engine or a feature it does not find,
    /// and for an idempotency key that was used with another request in the last 24 hours.
    pub async fn submit(&self, owner: UserId, request: SubmitRequest, body: ByteStream) -> Result<Created> {
        let limit = self.platform.policies.max_upload_bytes;
        if body.length().is_some_and(|length| length > limit) {
            return Err(too_large(limit));
        }
        self.check_request(&request)?;
        // Before anything is sent; what is true when it is committed is checked then. Whether a key repeats a request is
        // not known before its bytes are.
        if request.idempotency_key.is_none() {
            let announced = Wanted::document(body.length().unwrap_or_default());
            drop(self.admit(owner, announced).await?);
        }
        let filename = display_name(&request.filename);
        let inspector = &self.platform.inspector;
        let (head, body) = body.peek(inspector.head_len()).await.map_err(body_error)?;
        let media_type = inspector.inspect(&filename, &head)?;
        let file_id = FileId(self.platform.ids.next());
        let key = upload_key(owner, &stored_filename(file_id, &filename))?;
        let options = PutOptions::default()
            .with_content_type(media_type.as_str())
            .with_max_bytes(limit);
        let meta = self.platform.blobs.put(key.clone(), body, options).await?;
        let created = self
            .create(owner, request, filename, file_id, media_type, meta)
            .await;
        match &created {
            Ok(Created::Existing(_)) => self.discard(key).await,
            // Without room nothing was committed, and what was stored takes the room; so it is beyond a quota.
            Err(error) if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
                self.discard(key).await;
            }
            // The task may have been created although the answer was lost, so the blob must stay. If it
            // was not, the janitor collects the blob.
            Err(error) if !error.is_transient() => self.discard(key).await,
            Ok(Created::New(_)) | Err(_) => {}
        }
        created
    }

    /// Checks what can be known before the body is read.
    pub(super) fn check_request(&self, request: &SubmitRequest) -> Result<()> {
        check_languages(&request.options)?;
        check_deadline(&request.options, self.platform.policies.max_task_deadline)?;
        self.check_engine(&request.options)?;
        let key_ok = |key: &String| !key.is_empty() && key.chars().count() <= MAX_IDEMPOTENCY_KEY;
        if request.idempotency_key.as_ref().is_none_or(key_ok) {
            Ok(())
        } else {
            Err(Error::new(
                ErrorKind::InvalidInput,
                "an idempotency key has 1 to 255 characters",
            ))
        }
    }

    /// Checks that the engine exists and finds what is asked for. While there is no engine at all, only
    /// a document that asks for nothing special is accepted; it waits.
    fn check_engine(&self, options: &TaskOptions) -> Result<()> {
        if let Ok(engine) = self.platform.engines.choose(options.engine.as_deref()) {
            check_offered(options, &engine.capabilities().languages)?;
        }
        let asks = !options.features.is_empty() || !options.queries.is_empty();
        if options.engine.is_none() && !asks {
            return Ok(());
        }
        check_queries(options)?;
        let engine = self.platform.engines.choose(options.engine.as_deref())?;
        let finds = engine.capabilities().features;
        let missing = options.features.iter().find(|feature| !finds.contains(feature));
        let Some(missing) = missing else { return Ok(()) };
        let able: Vec<&str> = self
            .platform
            .engines
            .all()
            .iter()
            .filter(|engine| engine.capabilities().features.contains(missing))
            .map(|engine| engine.name())
            .collect();
        let advice = if able.is_empty() {
            "no engine of this server does".to_owned()
        } else {
            format!("choose one of: {}", able.join(", "))
        };
        let message = format!("the engine {} does not find {missing}; {advice}", engine.name());
        Err(Error::new(ErrorKind::InvalidInput, message))
    }

    /// Creates the task of a blob that is durable.
    pub(super) async fn create(
        &self,
        owner: UserId,
        request: SubmitRequest,
        filename: String,
        file_id: FileId,
        media_type: MediaType,
        meta: BlobMeta,
    ) -> Result<Created> {
        let platform = &self.platform;
        let sha256 = meta
            .sha256
            .ok_or_else(|| Error::new(ErrorKind::Internal, "the blob store did not report a checksum"))?;
        let idempotency = request.idempotency_key.map(|key| Idempotency {
            key,
            fingerprint: fingerprint(&filename, &request.options, &sha256),
            not_before: platform.clock.now() - KEY_LIFETIME,
        });
        let task_id = TaskId(platform.ids.next());
        let new = NewTask {
            id: task_id,
            owner,
            file: StoredFile {
                id: file_id,
                stored_filename: stored_filename(file_id, &filename),
                filename,
                media_type,
                size: meta.size,
                sha256,
                bucket: platform.blobs.bucket(),
                key: meta.key.to_string(),
                version_id: meta.version_id,
                created_at: platform.clock.now(),
            },
            options: self.with_deadline(request.options),
            max_attempts: platform.policies.max_attempts,
            max_crashes: platform.policies.max_crashes,
            idempotency,
        };
        if platform.policies.create_unknown_users {
            platform.store.ensure_user(owner).await?;
        }
        let _admitted = match self.admit(owner, Wanted::document(meta.size)).await {
            Ok(guard) => guard,
            // A repetition takes nothing, so it gets its task although there is no room for another.
            Err(refused) => {
                let repeated = platform.store.repeated_task(new).await?;
                return repeated.map(Created::Existing).ok_or(refused);
            }
        };
        let write = self.announced(&new);
        let (write, after) = self.audited(write, AuditAction::DocumentSubmitted, &[task_id]);
        let created = platform.store.create_task(new, write).await?;
        if matches!(created, Created::New(_)) {
            self.record_after(after).await;
        }
        platform.wake();
        Ok(created)
    }

    /// The options with the deadline that tasks have unless they ask for another.
    fn with_deadline(&self, options: TaskOptions) -> TaskOptions {
        let usual = self.platform.policies.task_deadline;
        let usual = usual.map(|limit| u32::try_from(limit.as_secs()).unwrap_or(u32::MAX));
        let seconds = options.deadline_seconds.or(usual);
        options.with_deadline_seconds(seconds)
    }

    /// What is sent when a task is created.
    fn announced(&self, new: &NewTask) -> Write {
        let update = TaskUpdate::settled(new.id, TaskStatus::Pending, "Waiting to be processed");
        let item = QueueItem::new(new.id, new.owner, new.file.id).with_trace(TraceContext::current());
        Write::by(Actor::User(new.owner)).with_messages([
            OutboxMessage::Enqueue(NewItem::from(item)),
            OutboxMessage::Event(self.platform.task_event(new.owner, update)),
        ])
    }

    /// Removes a blob that got no task; what cannot be removed now is collected as an orphan later.
    pub(super) async fn discard(&self, key: BlobKey) {
        if let Err(error) = self.platform.blobs.remove(key).await {
            tracing::warn!(?error, "a blob without a task was left for the orphan collection");
        }
    }
}

/// Refuses a deadline that is no time at all, or beyond the maximum.
fn check_deadline(options: &TaskOptions, maximum: Duration) -> Result<()> {
    match options.time_limit() {
        Some(limit) if limit.is_zero() || limit > maximum => {
            let message = format!(
                "deadlineSeconds is a whole number of seconds from 1 to {}",
                maximum.as_secs()
            );
            Err(Error::new(ErrorKind::InvalidInput, message))
        }
        _ => Ok(()),
    }
}

/// Refuses what is no language tag, before an engine makes something of it.
fn check_languages(options: &TaskOptions) -> Result<()> {
    let refuse = |message: String| Err(Error::new(ErrorKind::InvalidInput, message));
    if options.languages.len() > MAX_LANGUAGES {
        return refuse(format!("languages: name at most {MAX_LANGUAGES}"));
    }
    match options.languages.iter().find(|tag| !is_language_tag(tag)) {
        None => Ok(()),
        Some(_) => {
            refuse("languages are BCP 47 tags such as en, de-AT or zh-Hant, separated by commas".into())
        }
    }
}

/// Whether `tag` has the shape of a BCP 47 tag (RFC 5646, section 2.1): a language of 2 to 8 letters, and
/// subtags of 1 to 8 letters and digits.
fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let language = subtags.next().unwrap_or_default();
    tag.len() <= MAX_LANGUAGE_TAG
        && (2..=8).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && subtags.all(|subtag| {
            (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// Refuses languages that an engine does not read, where it says which it reads.
fn check_offered(options: &TaskOptions, offered: &[String]) -> Result<()> {
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let reads = |tag: &String| offered.iter().any(|known| primary(known) == primary(tag));
    match options.languages.iter().find(|tag| !reads(tag)) {
        Some(tag) if !offered.is_empty() => {
            let message = format!(
                "languages: the engine does not read {tag}; it reads {}",
                offered.join(", ")
            );
            Err(Error::new(ErrorKind::InvalidInput, message))
        }
        _ => Ok(()),
    }
}

fn check_queries(options: &TaskOptions) -> Result<()> {
    let refuse = |message: String| Err(Error::new(ErrorKind::InvalidInput, message));
    let wanted = options.features.contains(&Feature::Queries);
    if wanted == options.queries.is_empty() {
        return refuse("the feature queries and questions go together: send both or neither".into());
    }
    if options.queries.len() > MAX_QUERIES {
        return refuse(format!("ask at most {MAX_QUERIES} questions"));
    }
    let length_ok = |query: &String| (1..=MAX_QUERY).contains(&query.chars().count());
    if options.queries.iter().all(length_ok) {
        Ok(())
    } else {
        refuse(format!("a question has 1 to {MAX_QUERY} characters"))
    }
}

fn fingerprint(filename: &str, options: &TaskOptions, sha256: &str) -> String {
    let options = serde_json::to_string(options).unwrap_or_default();
    sha256_hex(format!("{filename}\0{options}\0{sha256}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn languages(tags: &[&str]) -> TaskOptions {
        TaskOptions::default().with_languages(tags.iter().map(|tag| (*tag).to_owned()).collect())
    }

    #[test]
    fn languages_are_tags() {
        for tags in [
            &[][..],
            &["en", "de-AT", "zh-Hant", "sr-Latn-RS", "eng", "de-CH-1996"],
        ] {
            check_languages(&languages(tags)).unwrap();
        }
        for odd in [
            "--help",
            "../../etc/passwd",
            "",
            "e",
            "en_US",
            "en-",
            "-l",
            "en eng",
            "englishlanguage",
            "e1",
            "en-\u{e4}",
            "de-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd",
        ] {
            let refused = check_languages(&languages(&[odd])).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{odd}");
            assert!(refused.message().starts_with("languages"), "{refused}");
        }
        assert!(check_languages(&languages(&["en"; 21])).is_err());
    }

    #[test]
    fn a_deadline_is_between_a_second_and_the_maximum() {
        let check = |seconds: u32| {
            let options = TaskOptions::default().with_deadline_seconds(seconds);
            check_deadline(&options, Duration::from_mins(1))
        };
        check(1).unwrap();
        check(60).unwrap();
        for seconds in [0, 61, u32::MAX] {
            let refused = check(seconds).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidInput);
            assert!(refused.message().contains("1 to 60"), "{refused}");
        }
        check_deadline(&TaskOptions::default(), Duration::from_mins(1)).unwrap();
    }

    #[test]
    fn an_engine_that_names_its_languages_is_asked_for_no_others() {
        let offered = ["en".to_owned(), "de".to_owned()];
        check_offered(&languages(&["EN-us", "de"]), &offered).unwrap();
        check_offered(&languages(&["ja"]), &[]).unwrap();
        let refused = check_offered(&languages(&["ja"]), &offered).unwrap_err();
        assert!(refused.message().contains("ja; it reads en, de"), "{refused}");
    }
}
