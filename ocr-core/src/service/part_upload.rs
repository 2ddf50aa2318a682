//! Upload in parts, so that one that broke off goes on where it stopped: begin, send parts in any
//! order, complete.
//!
//! Each part is a blob of its own under `incoming/`, so that any process of the platform may receive
//! it. What is never completed is collected like every blob that nothing refers to.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};

use super::{OcrService, SubmitRequest, usage::Wanted};
use crate::{
    Error, ErrorKind, Result,
    blob::{BlobKey, ByteStream, GetOptions, PutOptions, too_large},
    id::{FileId, TaskId, UserId},
    store::{Created, Scope},
};

/// Bytes of each part but the last: small enough to send again after a failure, large enough that the
/// number of requests does not matter.
pub const PART_BYTES: u64 = 4 * 1024 * 1024;
/// Key prefix of parts.
pub(crate) const INCOMING: &str = "incoming/";
/// Maximum number of bytes of the note that an upload was completed: a UUID.
const NOTE_BYTES: u64 = 36;

impl OcrService {
    /// Begins an upload of `size` bytes in parts for `owner`. Nothing is recorded until the first part.
    ///
    /// # Errors
    /// `TooLarge` beyond the policy's limit or a quota of bytes, `QuotaExceeded` beyond a quota of the owner,
    /// `InvalidInput` for an empty file.
    pub async fn begin_parts(&self, owner: UserId, size: u64) -> Result<FileId> {
        let limit = self.platform.policies.max_upload_bytes;
        if size == 0 {
            return Err(Error::new(ErrorKind::InvalidInput, "the file is empty"));
        }
        if size > limit {
            return Err(too_large(limit));
        }
        // While its sender has sent nothing yet; what is true when it is completed is checked then.
        drop(self.admit(owner, Wanted::document(size)).await?);
        Ok(FileId(self.platform.ids.next()))
    }

    /// Stores part `number`, counted from 0. Sending a part again replaces it.
    ///
    /// # Errors
    /// `InvalidInput` for a number that no upload within the limit has, `TooLarge` for more than
    /// [`PART_BYTES`].
    pub async fn put_part(&self, owner: UserId, upload: FileId, number: u32, body: ByteStream) -> Result<()> {
        let limit = self.platform.policies.max_upload_bytes;
        if u64::from(number) >= limit.div_ceil(PART_BYTES) {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "no upload within the limit has so many parts",
            ));
        }
        let options = PutOptions::default().with_max_bytes(PART_BYTES);
        self.platform
            .blobs
            .put(part_key(owner, upload, number)?, body, options)
            .await
            .map(drop)
    }

    /// The parts that are stored, with their sizes in bytes.
    pub async fn parts(&self, owner: UserId, upload: FileId) -> Result<BTreeMap<u32, u64>> {
        let prefix = folder(owner, upload);
        let mut found = self.platform.blobs.list(prefix.clone()).await?;
        let mut parts = BTreeMap::new();
        while let Some(meta) = found.next().await {
            let meta = meta?;
            let number = meta.key.as_str().strip_prefix(&prefix).map(str::parse);
            if let Some(Ok(number)) = number {
                parts.insert(number, meta.size);
            }
        }
        Ok(parts)
    }

    /// Puts the parts together and creates the task. Completing twice gives the same task.
    ///
    /// # Errors
    /// `NotFound` when no part was stored, `Conflict` when parts are missing or their sizes are not
    /// those of a file of `size` bytes; otherwise as [`OcrService::submit`].
    pub async fn complete_parts(
        &self,
        owner: UserId,
        upload: FileId,
        size: u64,
        request: SubmitRequest,
    ) -> Result<Created> {
        if let Some(created) = self.completed_before(owner, upload).await? {
            return Ok(created);
        }
        let parts = self.parts(owner, upload).await?;
        if parts.is_empty() {
            return Err(Error::new(
                ErrorKind::NotFound,
                "nothing was uploaded under this id",
            ));
        }
        if let Some(missing) = first_missing(&parts, size) {
            let message = format!("part {missing} of the upload is missing or has another size");
            return Err(Error::new(ErrorKind::Conflict, message));
        }
        let keys = parts
            .keys()
            .map(|number| part_key(owner, upload, *number))
            .collect::<Result<Vec<_>>>()?;
        // A client that repeats the completion while the first one runs gets its task.
        let request = SubmitRequest {
            idempotency_key: request
                .idempotency_key
                .or_else(|| Some(format!("parts-{upload}"))),
            ..request
        };
        let created = self
            .submit(owner, request, self.concatenated(keys.clone(), size))
            .await?;
        let (Created::New(task) | Created::Existing(task)) = &created;
        let note = Bytes::from(task.id.to_string()).into();
        let blobs = &self.platform.blobs;
        blobs
            .put(note_key(owner, upload)?, note, PutOptions::default())
            .await?;
        if let Err(error) = blobs.delete(keys).await {
            tracing::warn!(?error, "parts were left for the orphan collection");
        }
        Ok(created)
    }

    /// The task that an earlier completion of this upload made.
    async fn completed_before(&self, owner: UserId, upload: FileId) -> Result<Option<Created>> {
        let note = self
            .platform
            .blobs
            .get(note_key(owner, upload)?, GetOptions::default())
            .await;
        let note = match note {
            Ok(note) => note.body.collect(NOTE_BYTES).await?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let id: TaskId = String::from_utf8_lossy(&note).parse()?;
        self.get(Scope::owner(owner), id)
            .await
            .map(|task| Some(Created::Existing(task)))
    }

    /// The parts as one body, opened one after the other.
    fn concatenated(&self, keys: Vec<BlobKey>, size: u64) -> ByteStream {
        let blobs = self.platform.blobs.clone();
        let bodies = stream::iter(keys).then(move |key| {
            let blobs = blobs.clone();
            async move {
                let blob = blobs.get(key, GetOptions::default()).await;
                blob.map(|blob| blob.body.into_stream())
                    .map_err(std::io::Error::other)
            }
        });
        ByteStream::new(bodies.try_flatten(), Some(size))
    }
}

/// The first part that is not there in its full size.
fn first_missing(parts: &BTreeMap<u32, u64>, size: u64) -> Option<u32> {
    let count = size.div_ceil(PART_BYTES);
    let expected = |number: u64| PART_BYTES.min(size - number * PART_BYTES);
    let missing = (0..count).find(|&number| {
        let stored = u32::try_from(number).ok().and_then(|number| parts.get(&number));
        stored != Some(&expected(number))
    });
    let surplus = parts
        .keys()
        .map(|&number| u64::from(number))
        .find(|&number| number >= count);
    missing.or(surplus).and_then(|number| u32::try_from(number).ok())
}

fn folder(owner: UserId, upload: FileId) -> String {
    format!("{INCOMING}{owner}/{upload}/")
}

fn part_key(owner: UserId, upload: FileId, number: u32) -> Result<BlobKey> {
    format!("{}{number:05}", folder(owner, upload)).parse()
}

fn note_key(owner: UserId, upload: FileId) -> Result<BlobKey> {
    format!("{}completed", folder(owner, upload)).parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_gap_is_named() {
        let whole = |count: u32| (0..count).map(|number| (number, PART_BYTES));
        let mut parts: BTreeMap<u32, u64> = whole(2).collect();
        parts.insert(2, 10);
        let size = 2 * PART_BYTES + 10;
        assert_eq!(first_missing(&parts, size), None);
        assert_eq!(first_missing(&parts, size + 1), Some(2));
        assert_eq!(first_missing(&parts, 2 * PART_BYTES), Some(2));
        parts.remove(&1);
        assert_eq!(first_missing(&parts, size), Some(1));
        assert_eq!(first_missing(&whole(1).collect(), PART_BYTES), None);
    }
}
