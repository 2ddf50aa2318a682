//! All that belongs to a user, as files for themselves.

use bytes::Bytes;
use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use serde_json::{Value, json};

use super::{INCOMING, OcrService, UserPart};
use crate::{
    Error, ErrorKind, Result,
    account_store::{Account, ApiKey, AuditEntry, AuditFilter, Session},
    blob::{BlobKey, ByteStream, GetOptions},
    clock::Timestamp,
    id::{AuditId, UserId},
    model::{Filing, FilingName, Task},
    pagination::{Cursor, PageRequest},
    share_store::{MAX_SHARES, Share},
    store::{Scope, TaskFilter},
};

/// Documents that are looked up at once.
const DOCUMENTS: u16 = 50;
/// Entries of the audit log that are looked at once.
const ENTRIES: usize = 500;
/// Files whose owner is asked for at once.
const FILES: usize = 200;

/// A file of what belongs to a user.
#[derive(Debug, Clone)]
pub struct UserFile {
    /// Its name, with folders: letters, digits, `-`, `.` and `/`.
    pub name: String,
    /// When it last changed.
    pub changed_at: Timestamp,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Bytes(Bytes),
    Blob(BlobKey),
}

type Files = BoxStream<'static, Result<UserFile>>;

impl OcrService {
    /// All that belongs to `user`, file by file: what [`UserPart`] lists. Nothing is kept in memory but one piece of it, and
    /// nothing is read before it is asked for. What is changed meanwhile may be there or not.
    pub fn user_files(&self, user: UserId) -> Files {
        let service = self.clone();
        stream::iter(UserPart::ALL)
            .map(move |part| service.files_of(user, part))
            .flatten()
            .boxed()
    }

    /// The bytes of a file. `NotFound` for one that is gone by now.
    pub async fn open_user_file(&self, file: &UserFile) -> Result<ByteStream> {
        match &file.content {
            Content::Bytes(bytes) => Ok(bytes.clone().into()),
            Content::Blob(key) => {
                let blob = self
                    .platform
                    .blobs
                    .get(key.clone(), GetOptions::default())
                    .await?;
                Ok(blob.body)
            }
        }
    }

    fn files_of(&self, user: UserId, part: UserPart) -> Files {
        let service = self.clone();
        match part {
            UserPart::Documents => self.document_files(user),
            UserPart::Unfinished => self.unfinished_files(user),
            UserPart::Searches => one(async move { service.searches_file(user).await }),
            UserPart::Usage => one(async move { service.usage_file(user).await }),
            UserPart::Audit => self.audit_files(user),
            UserPart::Account => one(async move { service.account_file(user).await }),
        }
    }

    fn document_files(&self, user: UserId) -> Files {
        let service = self.clone();
        // Live documents first; `None` once the trash is through as well.
        let begin: Option<(bool, Option<Cursor>)> = Some((false, None));
        let listing = service.clone();
        stream::try_unfold(begin, move |place| {
            let service = listing.clone();
            async move {
                let Some((deleted, cursor)) = place else {
                    return Ok::<_, Error>(None);
                };
                let filter = TaskFilter::default().with_deleted(deleted);
                let request = PageRequest::first(DOCUMENTS)?.after(cursor);
                let page = service.list(Scope::owner(user), filter, request).await?;
                let next = match (page.next, deleted) {
                    (Some(cursor), _) => Some((deleted, Some(cursor))),
                    (None, false) => Some((true, None)),
                    (None, true) => None,
                };
                Ok(Some((page.items, next)))
            }
        })
        .map_ok(|tasks| stream::iter(tasks.into_iter().map(Ok::<_, Error>)))
        .try_flatten()
        .and_then(move |task| {
            let service = service.clone();
            async move { service.files_of_document(task).await }
        })
        .map_ok(|files| stream::iter(files.into_iter().map(Ok::<_, Error>)))
        .try_flatten()
        .boxed()
    }

    /// The files of one document: what is known of it, the original, and the result as it was read.
    async fn files_of_document(&self, task: Task) -> Result<Vec<UserFile>> {
        let folder = format!("documents/{}", task.id);
        // Whose it is is known, and what is in the trash is seen by the platform alone.
        let filed = self.filings(Scope::system(), vec![task.id]).await?;
        let filing = filed.into_iter().next().map(|filed| filed.filing);
        let shares = match &self.platform.shares {
            Some(store) => store.shares(Scope::system(), Some(task.id), MAX_SHARES).await?,
            None => Vec::new(),
        };
        let corrections = self.corrections_json(&task).await?;
        let about = json!({
            "id": task.id,
            "filename": task.file.filename,
            "mediaType": task.file.media_type.as_str(),
            "size": task.file.size,
            "sha256": task.file.sha256,
            "status": task.status().as_str(),
            "options": task.options,
            "createdAt": task.file.created_at,
            "updatedAt": task.updated_at,
            "deletedAt": task.deleted_at,
            "filing": filing.as_ref().map(filing_json),
            "links": shares.iter().map(share_json).collect::<Vec<_>>(),
            "corrections": corrections,
        });
        let mut files = vec![json_file(
            format!("{folder}/document.json"),
            task.updated_at,
            &about,
        )?];
        let ending = task
            .file
            .media_type
            .extensions()
            .first()
            .copied()
            .unwrap_or("bin");
        let result = task.result.as_ref().map(|result| result.key.as_str());
        let blobs = [
            (format!("original.{ending}"), Some(task.file.key.as_str())),
            ("result.json".to_owned(), result),
        ];
        for (name, key) in blobs {
            // A malformed key was written by hand: there is no file behind it.
            let Some(key) = key.and_then(|key| key.parse().ok()) else {
                continue;
            };
            files.push(UserFile {
                name: format!("{folder}/{name}"),
                changed_at: task.updated_at,
                content: Content::Blob(key),
            });
        }
        Ok(files)
    }

    async fn corrections_json(&self, task: &Task) -> Result<Vec<Value>> {
        let Some(store) = &self.platform.corrections else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for version in store.correction_versions(Scope::system(), task.id).await? {
            let page = version.page;
            for log in store
                .correction_logs(Scope::system(), task.id, page, page)
                .await?
            {
                found.extend(log.entries.iter().map(|entry| {
                    json!({"page": page, "version": entry.version, "at": entry.at, "by": entry.by, "change": entry.action})
                }));
            }
        }
        Ok(found)
    }

    /// What was sent and is of no document, as an upload that was broken off.
    fn unfinished_files(&self, user: UserId) -> Files {
        let service = self.clone();
        let prefixes = ["uploads/", INCOMING].map(|prefix| format!("{prefix}{user}/"));
        stream::iter(prefixes)
            .then(move |prefix| {
                let service = service.clone();
                async move {
                    let metas = service.platform.blobs.list(prefix).await?;
                    let batches = metas.try_chunks(FILES).map_err(|failed| failed.1);
                    Ok::<_, Error>(batches.and_then(move |batch| {
                        let service = service.clone();
                        async move {
                            let keys = batch.iter().map(|meta| meta.key.to_string()).collect();
                            let known = service.platform.store.referenced_keys(keys).await?;
                            let unknown = batch
                                .into_iter()
                                .filter(move |meta| !known.iter().any(|known| known == meta.key.as_str()));
                            Ok(stream::iter(unknown.map(Ok::<_, Error>)))
                        }
                    }))
                }
            })
            .try_flatten()
            .try_flatten()
            .map_ok(|meta| UserFile {
                name: format!("unfinished/{}", meta.key),
                changed_at: meta.modified_at,
                content: Content::Blob(meta.key),
            })
            .boxed()
    }

    async fn searches_file(&self, user: UserId) -> Result<UserFile> {
        let searches = match &self.platform.saved_searches {
            Some(store) => store.saved_searches(user).await?,
            None => Vec::new(),
        };
        let told: Vec<Value> = searches
            .iter()
            .map(|search| json!({"id": search.id, "name": search.name.as_str(), "query": search.query}))
            .collect();
        json_file("searches.json".into(), self.now(), &Value::from(told))
    }

    async fn usage_file(&self, user: UserId) -> Result<UserFile> {
        let now = self.now();
        let Some(store) = &self.platform.usage else {
            return json_file("usage.json".into(), now, &json!({"days": [], "quotas": {}}));
        };
        let first = Timestamp::UNIX_EPOCH.date_naive();
        let entries = store.usage(Scope::owner(user), first, now.date_naive()).await?;
        let days: Vec<Value> = entries
            .iter()
            .map(|entry| {
                let amounts = entry.amounts;
                json!({
                    "day": entry.day.to_string(),
                    "engine": entry.engine,
                    "documents": amounts.documents,
                    "bytes": amounts.bytes,
                    "pages": amounts.pages,
                    "words": amounts.words,
                    "billedPages": amounts.billed_pages,
                    "costMicros": amounts.cost_micros,
                })
            })
            .collect();
        let quotas = store.quotas(user).await?;
        let told = json!({"days": days, "quotas": quotas});
        json_file("usage.json".into(), now, &told)
    }

    /// Entries that they made, or that are about them or their login: those that are blanked when they are forgotten.
    fn audit_files(&self, user: UserId) -> Files {
        let service = self.clone();
        // Behind which entry it goes on, and what they sign in as; `None` at the end.
        let begin: Option<(Option<AuditId>, Option<String>)> = Some((None, None));
        stream::try_unfold(begin, move |place| {
            let service = service.clone();
            async move {
                let (Some((before, login)), Some(store)) = (place, service.platform.account_store.clone())
                else {
                    return Ok::<_, Error>(None);
                };
                let login = match login {
                    Some(login) => login,
                    None => store
                        .account(user)
                        .await?
                        .map(|account| account.login)
                        .unwrap_or_default(),
                };
                let filter = AuditFilter::default().with_before(before);
                let found = store.audit(filter, ENTRIES).await?;
                let last = found.last().map(|entry| entry.id);
                let next = last.map(|last| (Some(last), Some(login.clone())));
                let told: Vec<Value> = found
                    .iter()
                    .filter(|entry| is_about(entry, user, &login))
                    .map(|entry| entry_json(entry, user))
                    .collect();
                let at = found.first().map_or_else(|| service.now(), |entry| entry.at);
                let name = last.map(|last| format!("audit/{last}.json"));
                let file = match name.filter(|_| !told.is_empty()) {
                    Some(name) => Some(json_file(name, at, &Value::from(told))?),
                    None => None,
                };
                Ok(Some((file, next)))
            }
        })
        .try_filter_map(|file| async move { Ok(file) })
        .boxed()
    }

    async fn account_file(&self, user: UserId) -> Result<UserFile> {
        let now = self.now();
        let mut told = json!({"id": user});
        if let Some(store) = &self.platform.account_store {
            let account = store.account(user).await?;
            let (sessions, keys) = (store.sessions(user, now).await?, store.keys(user).await?);
            told["account"] = account.as_ref().map_or(Value::Null, account_json);
            told["sessions"] = sessions.iter().map(session_json).collect();
            told["keys"] = keys.iter().map(key_json).collect();
            let factor = store.second_factor(user).await?;
            told["secondFactor"] = factor.is_some_and(|factor| factor.confirmed).into();
        }
        json_file("account.json".into(), now, &told)
    }
}

fn one(file: impl Future<Output = Result<UserFile>> + Send + 'static) -> Files {
    stream::once(file).boxed()
}

fn json_file(name: String, changed_at: Timestamp, told: &Value) -> Result<UserFile> {
    let bytes = serde_json::to_vec_pretty(told).map_err(|error| {
        Error::new(ErrorKind::Internal, "what is known of a user cannot be written").with_source(error)
    })?;
    Ok(UserFile {
        name,
        changed_at,
        content: Content::Bytes(bytes.into()),
    })
}

fn is_about(entry: &AuditEntry, user: UserId, login: &str) -> bool {
    let named = entry.object.contains(&user.to_string()) || (!login.is_empty() && entry.object == login);
    entry.actor == Some(user) || named
}

/// From where others did something is theirs, and not told.
fn entry_json(entry: &AuditEntry, user: UserId) -> Value {
    let own = entry.actor == Some(user);
    json!({
        "id": entry.id,
        "at": entry.at,
        "byThemselves": own,
        "action": entry.action.as_str(),
        "object": entry.object,
        "address": own.then_some(entry.address.as_str()),
    })
}

fn filing_json(filing: &Filing) -> Value {
    json!({
        "labels": filing.labels.iter().map(FilingName::as_str).collect::<Vec<_>>(),
        "collection": filing.collection.as_ref().map(FilingName::as_str),
        "note": filing.note,
    })
}

fn share_json(share: &Share) -> Value {
    json!({
        "id": share.id,
        "createdAt": share.created_at,
        "expiresAt": share.expires_at,
        "hasPassword": share.password.is_some(),
        "maxOpens": share.max_opens,
        "opens": share.opens,
        "lastOpenedAt": share.last_opened_at,
        "formats": share.formats,
    })
}

fn account_json(account: &Account) -> Value {
    json!({
        "login": account.login,
        "role": account.role,
        "disabled": account.disabled,
        "createdAt": account.created_at,
        "lastSignIn": account.last_sign_in,
    })
}

fn session_json(session: &Session) -> Value {
    json!({
        "id": session.id,
        "createdAt": session.created_at,
        "lastUsedAt": session.last_used_at,
        "expiresAt": session.expires_at,
        "agent": session.agent,
        "address": session.address,
        "programScope": session.refresh.as_ref().map(|chain| chain.scope),
    })
}

fn key_json(key: &ApiKey) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "scope": key.scope,
        "createdAt": key.created_at,
        "expiresAt": key.expires_at,
        "lastUsedAt": key.last_used_at,
    })
}
