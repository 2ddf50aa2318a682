//! URLs that let their bearer read or write one object for a while.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use aws_sdk_s3::presigning::{PresignedRequest as Signed, PresigningConfig};
use ocr_core::{
    Error, ErrorKind, Result,
    blob::{BlobKey, PresignRequest, PresignedRequest, SignUrls, attachment},
    clock::later,
};

use super::{ANY, S3BlobStore, digest, error::s3_error};

/// What a write signs.
struct NewObject {
    length: u64,
    sha256: Option<String>,
    content_type: String,
}

#[async_trait]
impl SignUrls for S3BlobStore {
    async fn presign(&self, key: BlobKey, request: PresignRequest) -> Result<PresignedRequest> {
        let expires_in = request.expires_in();
        let signed = match request {
            PresignRequest::Get {
                filename,
                content_type,
                ..
            } => self.sign_read(key, &filename, content_type, expires_in).await?,
            PresignRequest::Put {
                length,
                sha256,
                content_type,
                ..
            } => {
                let object = NewObject {
                    length,
                    sha256,
                    content_type,
                };
                self.sign_write(key, object, expires_in).await?
            }
            _ => {
                let message = "S3 has no URLs for this kind of request";
                return Err(Error::new(ErrorKind::Unsupported, message).at("s3", "presign"));
            }
        };
        let headers: BTreeMap<String, String> = signed
            .headers()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let expires_at = later(self.clock.now(), expires_in);
        Ok(PresignedRequest::new(
            signed.method(),
            signed.uri(),
            headers,
            expires_at,
        ))
    }
}

impl S3BlobStore {
    /// The file name and type of the answer are part of the signature: the bearer cannot have the
    /// object shown as a page of the bucket's host.
    async fn sign_read(
        &self,
        key: BlobKey,
        filename: &str,
        content_type: String,
        expires_in: Duration,
    ) -> Result<Signed> {
        self.client
            .get_object()
            .bucket(&self.config.bucket)
            .key(key.as_str())
            .response_content_disposition(attachment(filename))
            .response_content_type(content_type)
            .presigned(self.valid_for(expires_in)?)
            .await
            .map_err(|error| s3_error("presign", error))
    }

    /// Length, type, checksum and encryption are signed headers: a body of another size or content
    /// is refused by the server. So is a second one, since what a task refers to must not change.
    async fn sign_write(&self, key: BlobKey, object: NewObject, expires_in: Duration) -> Result<Signed> {
        let invalid = |message| Error::new(ErrorKind::InvalidInput, message).at("s3", "presign");
        let length = i64::try_from(object.length).map_err(|_| invalid("no file is that large"))?;
        let checksum = match &object.sha256 {
            None => None,
            Some(hex) => Some(
                digest::to_base64(hex).ok_or_else(|| invalid("sha256 must be 64 lower-case hex digits"))?,
            ),
        };
        let (encryption, kms_key) = self.encryption();
        self.client
            .put_object()
            .bucket(&self.config.bucket)
            .key(key.as_str())
            .content_length(length)
            .content_type(object.content_type)
            .set_checksum_sha256(checksum)
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(kms_key)
            .if_none_match(ANY)
            .presigned(self.valid_for(expires_in)?)
            .await
            .map_err(|error| s3_error("presign", error))
    }

    fn valid_for(&self, expires_in: Duration) -> Result<PresigningConfig> {
        PresigningConfig::builder()
            .start_time(self.clock.now().into())
            .expires_in(expires_in)
            .build()
            .map_err(|error| {
                Error::new(ErrorKind::InvalidInput, "a link may work for a week at most")
                    .with_source(error)
                    .at("s3", "presign")
            })
    }
}
