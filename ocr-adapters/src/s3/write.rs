//! Writing: in one request, or in parts when the body does not fit into one.

use aws_sdk_s3::primitives::ByteStream as Body;
use bytes::Bytes;
use ocr_core::{
    Error, ErrorKind, Result,
    blob::{BlobKey, BlobMeta, ByteStream, PutOptions},
};

use super::{
    DIGEST, RequestChecksums, S3BlobStore, digest, error::s3_error, multipart::Multipart, parts::Parts,
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
            verify(&options, &sha256)?;
            let version_id = self.put_whole(&key, first, &sha256, &options).await?;
            (size, sha256, version_id)
        } else {
            self.put_in_parts(&key, first, parts, &options).await?
        };
        Ok(BlobMeta {
            key,
            size,
            sha256: Some(sha256),
            content_type: options.content_type,
            version_id,
            modified_at: self.clock.now(),
        })
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
            .send()
            .await
            .map_err(|error| s3_error("put", error))?;
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
            verify(options, &sha256)?;
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

fn verify(options: &PutOptions, sha256: &str) -> Result<()> {
    match &options.sha256 {
        Some(announced) if announced != sha256 => Err(Error::new(
            ErrorKind::Corrupt,
            "the file does not have the announced SHA-256",
        )),
        _ => Ok(()),
    }
}
