//! One upload in parts, of which a few are on their way at the same time.

use std::time::Duration;

use aws_sdk_s3::{
    Client,
    operation::upload_part::UploadPartOutput,
    primitives::ByteStream as Body,
    types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart},
};
use bytes::Bytes;
use ocr_core::{
    Error, ErrorKind, Result,
    blob::{BlobKey, PutOptions},
};
use tokio::{
    runtime::Handle,
    task::{JoinError, JoinSet},
};

use super::{
    ANY, DIGEST, RequestChecksums, S3BlobStore,
    error::{put_error, s3_error},
};

/// Maximum number of parts S3 accepts in one upload.
const MAX_PARTS: i32 = 10_000;
/// How long the removal of parts that nobody needs may take; the lifecycle of the bucket does it
/// otherwise.
const ABORT_TIME: Duration = Duration::from_secs(20);

/// One upload in parts. Unless completed, what was sent is removed, also when this is dropped.
#[derive(Debug)]
pub(super) struct Multipart {
    target: Target,
    parallel: usize,
    sending: JoinSet<Result<CompletedPart>>,
    sent: Vec<CompletedPart>,
    last_number: i32,
    if_absent: bool,
    open: bool,
}

/// Where the parts go.
#[derive(Debug, Clone)]
struct Target {
    client: Client,
    bucket: String,
    key: String,
    upload_id: String,
    checksum: Option<ChecksumAlgorithm>,
}

impl Multipart {
    /// Begins an upload. S3 takes metadata only now, so the digest goes with it if it was announced.
    pub(super) async fn begin(store: &S3BlobStore, key: &BlobKey, options: &PutOptions) -> Result<Self> {
        let (encryption, kms_key) = store.encryption();
        let checksum = match store.config.checksums {
            RequestChecksums::Always => Some(ChecksumAlgorithm::Crc32),
            RequestChecksums::WhenRequired => None,
        };
        let mut request = store
            .client
            .create_multipart_upload()
            .bucket(&store.config.bucket)
            .key(key.as_str())
            .set_content_type(options.content_type.clone())
            .set_checksum_algorithm(checksum.clone())
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(kms_key);
        if let Some(sha256) = &options.sha256 {
            request = request.metadata(DIGEST, sha256);
        }
        let mut upload = Self {
            target: Target {
                client: store.client.clone(),
                bucket: store.config.bucket.clone(),
                key: key.to_string(),
                upload_id: String::new(),
                checksum,
            },
            parallel: store.config.parallel_parts.get(),
            sending: JoinSet::new(),
            sent: Vec::new(),
            last_number: 0,
            if_absent: options.if_absent,
            open: false,
        };
        // On its own: dropped between question and answer, it still learns what to abort.
        let begun = tokio::spawn(async move {
            let begun = request.send().await.map_err(|error| s3_error("put", error))?;
            upload.target.upload_id = begun.upload_id.ok_or_else(|| {
                Error::new(
                    ErrorKind::Unavailable,
                    "the blob storage began an upload without an id",
                )
                .at("s3", "put")
            })?;
            upload.open = true;
            Ok(upload)
        });
        begun.await.map_err(interrupted)?
    }

    /// Sends the next part, after waiting for a free place among those on their way.
    pub(super) async fn add(&mut self, part: Bytes) -> Result<()> {
        if self.last_number == MAX_PARTS {
            let message = "the file has more parts than S3 accepts; set a larger part size";
            return Err(Error::new(ErrorKind::TooLarge, message).at("s3", "put"));
        }
        while self.sending.len() >= self.parallel {
            self.settle_one().await?;
        }
        self.last_number += 1;
        self.sending
            .spawn(self.target.clone().send(self.last_number, part));
        Ok(())
    }

    /// Waits for one of the parts on their way; `false` when there is none.
    async fn settle_one(&mut self) -> Result<bool> {
        let Some(settled) = self.sending.join_next().await else {
            return Ok(false);
        };
        let part = settled.map_err(interrupted)??;
        self.sent.push(part);
        Ok(true)
    }

    /// Makes the parts one object, and says its version where the bucket keeps versions.
    pub(super) async fn complete(mut self) -> Result<Option<String>> {
        match self.try_complete().await {
            Ok(version_id) => {
                self.open = false;
                Ok(version_id)
            }
            Err(error) => {
                self.abort().await;
                Err(error)
            }
        }
    }

    async fn try_complete(&mut self) -> Result<Option<String>> {
        while self.settle_one().await? {}
        self.sent.sort_unstable_by_key(|part| part.part_number);
        let parts = CompletedMultipartUpload::builder()
            .set_parts(Some(std::mem::take(&mut self.sent)))
            .build();
        let Target {
            client,
            bucket,
            key,
            upload_id,
            ..
        } = &self.target;
        let completed = client
            .complete_multipart_upload()
            .bucket(bucket)
            .key(key)
            .upload_id(upload_id)
            .multipart_upload(parts)
            .set_if_none_match(self.if_absent.then(|| ANY.to_owned()))
            .send()
            .await
            .map_err(|error| put_error(error, key))?;
        Ok(completed.version_id)
    }

    /// Removes what was sent.
    pub(super) async fn abort(mut self) {
        self.open = false;
        // A part that arrives after the removal would stay.
        self.sending.shutdown().await;
        self.target.clone().remove().await;
    }
}

impl Drop for Multipart {
    fn drop(&mut self) {
        if let Ok(runtime) = Handle::try_current()
            && self.open
        {
            let (mut sending, target) = (std::mem::take(&mut self.sending), self.target.clone());
            runtime.spawn(async move {
                sending.shutdown().await;
                target.remove().await;
            });
        }
    }
}

impl Target {
    async fn send(self, number: i32, part: Bytes) -> Result<CompletedPart> {
        let sent = self
            .client
            .upload_part()
            .bucket(self.bucket)
            .key(self.key)
            .upload_id(self.upload_id)
            .part_number(number)
            .set_checksum_algorithm(self.checksum)
            .body(Body::from(part))
            .send()
            .await
            .map_err(|error| s3_error("put", error))?;
        Ok(completed(number, sent))
    }

    async fn remove(self) {
        let removal = self
            .client
            .abort_multipart_upload()
            .bucket(self.bucket)
            .key(self.key)
            .upload_id(self.upload_id)
            .send();
        match tokio::time::timeout(ABORT_TIME, removal).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                let error = s3_error("abort", error);
                tracing::warn!(
                    ?error,
                    "parts of a broken upload are left to the lifecycle of the bucket"
                );
            }
            Err(_) => tracing::warn!("parts of a broken upload are left to the lifecycle of the bucket"),
        }
    }
}

fn interrupted(error: JoinError) -> Error {
    Error::new(ErrorKind::Internal, "an upload in parts was interrupted").with_source(error)
}

/// A part as the completion lists it, with whatever checksum the server computed.
fn completed(number: i32, sent: UploadPartOutput) -> CompletedPart {
    CompletedPart::builder()
        .part_number(number)
        .set_e_tag(sent.e_tag)
        .set_checksum_crc32(sent.checksum_crc32)
        .set_checksum_crc32_c(sent.checksum_crc32_c)
        .set_checksum_crc64_nvme(sent.checksum_crc64_nvme)
        .set_checksum_sha1(sent.checksum_sha1)
        .set_checksum_sha256(sent.checksum_sha256)
        .build()
}
