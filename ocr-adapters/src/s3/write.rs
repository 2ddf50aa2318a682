//! Writing: in one request, or in parts when the body does not fit into one.

use aws_sdk_s3::primitives::ByteStream as Body;
use bytes::Bytes;
use ocr_core::{
    Result,
    blob::{BlobKey, BlobMeta, ByteStream, PutOptions},
};

use super::{
    ANY, DIGEST, RequestChecksums, S3BlobStore, digest, error::put_error, multipart::Multipart, parts::Parts,
};

impl S3BlobStore {
    pub(super) async fn write(
        &self,
        key: BlobKey,
        body: ByteStream,
        options: PutOptions,
    ) -> Result<BlobMeta> {
        let mut parts = Parts::new(body, self.config.part_size, options.max_bytes);
        let first = parts.next().await?;
        let (size, sha256, version_id) = if parts.is_at_end() {
            let (size, sha256) = parts.finish();
            options.verify_sha256(&sha256)?;
            let version_id = self.put_whole(&key, first, &sha256, &options).await?;
            (size, sha256, version_id)
        } else {
            self.put_in_parts(&key, first, parts, &options).await?
        };
        Ok(BlobMeta::new(key, size, self.clock.now())
            .with_sha256(Some(sha256))
            .with_content_type(options.content_type)
            .with_version_id(version_id))
    }

    async fn put_whole(
        &self,
        key: &BlobKey,
        bytes: Bytes,
        sha256: &str,
        options: &PutOptions,
    ) -> Result<Option<String>> {
        let (encryption, kms_key) = self.encryption();
        let checksum = match self.config.checksums {
            RequestChecksums::Always => digest::to_base64(sha256),
            RequestChecksums::WhenRequired => None,
        };
        let written = self
            .client
            .put_object()
            .bucket(&self.config.bucket)
            .key(key.as_str())
            .body(Body::from(bytes))
            .set_content_type(options.content_type.clone())
            .metadata(DIGEST, sha256)
            .set_checksum_sha256(checksum)
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(kms_key)
            .set_if_none_match(options.if_absent.then(|| ANY.to_owned()))
            .send()
            .await
            .map_err(|error| put_error(error, key))?;
        Ok(written.version_id)
    }

    async fn put_in_parts(
        &self,
        key: &BlobKey,
        first: Bytes,
        mut parts: Parts,
        options: &PutOptions,
    ) -> Result<(u64, String, Option<String>)> {
        let mut upload = Multipart::begin(self, key, options).await?;
        let sent = async {
            upload.add(first).await?;
            while !parts.is_at_end() {
                let part = parts.next().await?;
                upload.add(part).await?;
            }
            let (size, sha256) = parts.finish();
            options.verify_sha256(&sha256)?;
            Ok((size, sha256))
        };
        match sent.await {
            Ok((size, sha256)) => Ok((size, sha256, upload.complete().await?)),
            Err(error) => {
                upload.abort().await;
                Err(error)
            }
        }
    }
}
