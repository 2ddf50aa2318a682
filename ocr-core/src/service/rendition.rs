//! Results in other formats: each is made once and kept as a blob until its result changes.
//!
//! A key is `renditions/<user_id>/<file_id>/<result>_<format>_<options>`, where `<result>` is taken from the bytes
//! of the result and `<options>` from the version of the format and what was asked of it; of a corrected result, the
//! versions of its pages follow. So a rendition can never belong to another result, and one that does is of no use to
//! anybody.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use futures::TryStreamExt;

use super::{OcrService, download::stem, no_result, result_key, result_prefix};
use crate::{
    Error, ErrorKind, Result,
    blob::{Blob, BlobKey, BlobMeta, GetOptions, PutOptions},
    digest::sha256_hex,
    formats::{FormatInfo, FormatInput, RenditionOptions, choose},
    id::{FileId, TaskId, UserId},
    model::{DocumentText, Task},
    platform::Platform,
    store::Scope,
};

/// Where renditions are kept.
pub(crate) const RENDITIONS: &str = "renditions/";
/// How often a result may change while a rendition of it is made.
const TRIES: usize = 3;
/// Attempts by whose keys the result of a file is asked for: hardly any takes more.
const ATTEMPTS_ASKED: u32 = 8;

/// A result in a format.
#[derive(Debug)]
pub struct Rendition {
    /// The format.
    pub format: FormatInfo,
    /// The name to save it under.
    pub filename: String,
    /// Its bytes.
    pub blob: Blob,
}

impl OcrService {
    /// The formats in which results can be had, in the order in which they are offered; none where the platform
    /// was given none.
    pub fn formats(&self) -> Vec<FormatInfo> {
        let formats = self.platform.formats.as_ref();
        formats.map(|formats| formats.list()).unwrap_or_default()
    }

    /// The result of a task in the format called `format`. It is made by whoever asks first, and kept until the
    /// result changes or the task is removed for good. May be dropped at any await point.
    ///
    /// # Errors
    /// `InvalidInput` with the names of all formats for one that does not exist, `Conflict` while there is no
    /// result, `Unsupported` where the format cannot build on this file.
    pub async fn rendition(
        &self,
        scope: Scope,
        id: TaskId,
        format: &str,
        options: RenditionOptions,
    ) -> Result<Rendition> {
        let all = self.formats();
        let format = choose(&all, format)?;
        for _ in 0..TRIES {
            let task = self.get(scope, id).await?;
            let filename = format.file_name(stem(&task.file.filename), &all);
            let key = self.rendition_key(&task, &format, &options).await?;
            let blob = match self.platform.blobs.get(key.clone(), GetOptions::default()).await {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    let document = self.result(scope, id).await?.document;
                    let original = self.original_for(&format, &task).await?;
                    let bytes = self.write(&format, document, original, options.clone()).await?;
                    if self
                        .rendition_key(&self.get(scope, id).await?, &format, &options)
                        .await?
                        != key
                    {
                        // The result was written anew meanwhile; nobody knows which one was read.
                        continue;
                    }
                    self.keep(key, &format, bytes).await?
                }
                found => found?,
            };
            return Ok(Rendition {
                format,
                filename,
                blob,
            });
        }
        Err(Error::new(
            ErrorKind::Conflict,
            "the result changes too often; ask again",
        ))
    }

    /// What a document says in the format called `format`, without keeping it: for a part of a document.
    ///
    /// # Errors
    /// `InvalidInput` with the names of all formats for one that does not exist.
    pub async fn written(&self, format: &str, document: DocumentText) -> Result<(FormatInfo, Bytes)> {
        let format = choose(&self.formats(), format)?;
        let bytes = self
            .write(&format, document, None, RenditionOptions::new())
            .await?;
        Ok((format, bytes))
    }

    async fn rendition_key(
        &self,
        task: &Task,
        format: &FormatInfo,
        options: &RenditionOptions,
    ) -> Result<BlobKey> {
        let result = task.result.as_ref().ok_or_else(|| no_result(task))?;
        let meta = self.platform.blobs.head(result.key.parse()?).await?;
        let meta = meta.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "the stored result does not exist")
                .with_context("key", &result.key)
        })?;
        let (owner, file) = (task.owner, task.file.id);
        let (version, options) = (version(&meta), options.digest(format));
        let corrections = self.corrections_digest(Scope::system(), task.id).await?;
        let corrections = corrections.map_or_else(String::new, |digest| format!("_{digest}"));
        let name = &format.name;
        format!("{}{version}_{name}_{options}{corrections}", folder(owner, file)).parse()
    }

    /// The key of the result document as it is now: of a corrected one, a copy with the corrections, which is made by
    /// whoever asks first.
    pub(super) async fn current_result(&self, scope: Scope, task: &Task) -> Result<String> {
        let result = task.result.as_ref().ok_or_else(|| no_result(task))?;
        let Some(corrections) = self.corrections_digest(scope, task.id).await? else {
            return Ok(result.key.clone());
        };
        let blobs = &self.platform.blobs;
        let Some(meta) = blobs.head(result.key.parse()?).await? else {
            return Ok(result.key.clone());
        };
        let name = format!("{}_result_{corrections}", version(&meta));
        let key: BlobKey = format!("{}{name}", folder(task.owner, task.file.id)).parse()?;
        if blobs.head(key.clone()).await?.is_none() {
            let document = self.result(scope, task.id).await?;
            let json = serde_json::to_vec(&document).map_err(|error| {
                Error::new(ErrorKind::Internal, "the corrected result cannot be written").with_source(error)
            })?;
            let options = PutOptions::default().with_content_type("application/json");
            blobs.put(key.clone(), Bytes::from(json).into(), options).await?;
        }
        Ok(key.to_string())
    }

    /// The file that was read, where `format` builds on it.
    async fn original_for(&self, format: &FormatInfo, task: &Task) -> Result<Option<Bytes>> {
        if !format.needs_original {
            return Ok(None);
        }
        let key = task.file.key.parse()?;
        let blob = self.platform.blobs.get(key, GetOptions::default()).await?;
        let size = blob.meta.size;
        blob.body.collect(size).await.map(Some)
    }

    /// A document in a format.
    async fn write(
        &self,
        format: &FormatInfo,
        document: DocumentText,
        original: Option<Bytes>,
        options: RenditionOptions,
    ) -> Result<Bytes> {
        let formats = self
            .platform
            .formats
            .clone()
            .ok_or_else(|| Error::new(ErrorKind::Internal, "the platform lost its formats"))?;
        let name = format.name.clone();
        let written = tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::new();
            let input = FormatInput::new(&document).with_original(original.as_deref());
            formats.write(&name, input, &options, &mut bytes)?;
            Ok(Bytes::from(bytes))
        });
        written.await.unwrap_or_else(|error| {
            Err(Error::new(ErrorKind::Internal, "the document could not be written").with_source(error))
        })
    }

    /// Keeps a rendition. One that cannot be kept is given out all the same.
    async fn keep(&self, key: BlobKey, format: &FormatInfo, bytes: Bytes) -> Result<Blob> {
        let platform = &self.platform;
        let options = PutOptions::default().with_content_type(format.media_type.clone());
        let put = platform
            .blobs
            .put(key.clone(), bytes.clone().into(), options)
            .await;
        let meta = put.unwrap_or_else(|error| {
            tracing::warn!(?error, %key, "a rendition could not be kept");
            BlobMeta {
                key,
                size: bytes.len() as u64,
                sha256: None,
                content_type: Some(format.media_type.clone()),
                version_id: None,
                modified_at: platform.clock.now(),
            }
        });
        Ok(Blob {
            meta,
            body: bytes.into(),
            local: None,
        })
    }
}

/// Removes every rendition of a file: its result changed, or is removed for good. What was removed already is no
/// error.
pub(crate) async fn forget_renditions(platform: &Platform, owner: UserId, file: FileId) -> Result<()> {
    let listed = platform.blobs.list(folder(owner, file)).await?;
    let keys: Vec<BlobKey> = listed.map_ok(|meta| meta.key).try_collect().await?;
    if keys.is_empty() {
        return Ok(());
    }
    platform.blobs.delete(keys).await
}

/// Which of these keys of renditions belong to no result that there is.
pub(crate) async fn useless_renditions(platform: &Platform, keys: Vec<BlobKey>) -> Result<Vec<BlobKey>> {
    let files: BTreeSet<(UserId, FileId)> = keys.iter().filter_map(file_of).collect();
    let mut versions = Vec::with_capacity(files.len());
    for (file, key) in results_of(platform, &files).await? {
        if let Some(meta) = platform.blobs.head(key).await? {
            versions.push((file, version(&meta)));
        }
    }
    let is_useful = |key: &BlobKey| {
        let of = file_of(key);
        versions
            .iter()
            .any(|(file, version)| of == Some(*file) && version_of(key) == Some(version))
    };
    Ok(keys.into_iter().filter(|key| !is_useful(key)).collect())
}

/// The result of each of these files that has one, by its key. Blobs are listed only for files of which the store knows
/// no result under the keys of the first attempts: to list takes a store long that holds many of one owner.
async fn results_of(
    platform: &Platform,
    files: &BTreeSet<(UserId, FileId)>,
) -> Result<Vec<((UserId, FileId), BlobKey)>> {
    let mut likely = BTreeMap::new();
    for (owner, file) in files {
        for attempt in 1..=ATTEMPTS_ASKED {
            let key = result_key(*owner, *file, attempt)?.to_string();
            likely.insert(key, (*owner, *file));
        }
    }
    let known = platform.store.referenced_keys(likely.keys().cloned().collect());
    let mut results: Vec<((UserId, FileId), BlobKey)> = Vec::with_capacity(files.len());
    for key in known.await? {
        if let Some(file) = likely.get(&key) {
            results.push((*file, key.parse()?));
        }
    }
    let found: BTreeSet<(UserId, FileId)> = results.iter().map(|(file, _)| *file).collect();
    for (owner, file) in files.difference(&found) {
        let listed = platform.blobs.list(result_prefix(*owner, *file)).await?;
        let keys: Vec<String> = listed.map_ok(|meta| meta.key.to_string()).try_collect().await?;
        for key in platform.store.referenced_keys(keys).await? {
            results.push(((*owner, *file), key.parse()?));
        }
    }
    Ok(results)
}

fn folder(owner: UserId, file: FileId) -> String {
    format!("{RENDITIONS}{owner}/{file}/")
}

/// Whose file a rendition is of; `None` when the key is none of ours.
fn file_of(key: &BlobKey) -> Option<(UserId, FileId)> {
    let mut parts = key.as_str().strip_prefix(RENDITIONS)?.split('/');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// The version of the result that a rendition is of.
fn version_of(key: &BlobKey) -> Option<&str> {
    key.as_str().rsplit('/').next()?.split('_').next()
}

/// What tells a result from another one of the same file; sixteen hexadecimal digits.
fn version(result: &BlobMeta) -> String {
    let mut version = match &result.sha256 {
        Some(sha256) => sha256.clone(),
        None => sha256_hex(format!(
            "{} {}",
            result.size,
            result.modified_at.timestamp_micros()
        )),
    };
    version.truncate(16);
    version
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_which_file_and_result_it_is_of() {
        let id = "0190a1b2-0000-7000-8000-000000000001";
        let key: BlobKey = format!("renditions/{id}/{id}/0123456789abcdef_text_00")
            .parse()
            .unwrap();
        assert_eq!(file_of(&key), Some((id.parse().unwrap(), id.parse().unwrap())));
        assert_eq!(version_of(&key), Some("0123456789abcdef"));
        assert_eq!(file_of(&"renditions/x/y/z".parse().unwrap()), None);
    }
}
