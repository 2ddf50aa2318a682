//! URLs of our own server that let their bearer read or write one object for a while.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use ocr_core::{
    Error, ErrorKind, Result,
    blob::{BlobGrant, BlobKey, PresignRequest, PresignedRequest, SignUrls, VerifyUrls},
    clock::{Clock, Timestamp, later},
};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// Path below which the server answers signed requests.
const PREFIX: &str = "/blobs/";

/// Signs and verifies URLs with HMAC-SHA-256.
#[derive(Clone)]
pub struct UrlSigner {
    secret: [u8; 32],
}

impl std::fmt::Debug for UrlSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UrlSigner(***)")
    }
}

/// The query of a signed URL. Every member is covered by the signature.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct GrantQuery {
    method: String,
    expires: i64,
    content_type: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    filename: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    signature: String,
}

impl UrlSigner {
    /// A signer with this secret; servers that share blobs share it.
    pub fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    fn sign(
        &self,
        key: &BlobKey,
        request: PresignRequest,
        expires_at: Timestamp,
    ) -> Result<PresignedRequest> {
        let mut query = GrantQuery {
            expires: expires_at.timestamp(),
            ..GrantQuery::default()
        };
        let mut headers = BTreeMap::new();
        match request {
            PresignRequest::Get {
                filename,
                content_type,
                ..
            } => {
                query.method = "GET".into();
                query.filename = filename;
                query.content_type = content_type;
            }
            PresignRequest::Put {
                length,
                sha256,
                content_type,
                ..
            } => {
                query.method = "PUT".into();
                query.length = Some(length);
                query.sha256 = sha256;
                headers.insert("content-length".into(), length.to_string());
                headers.insert("content-type".into(), content_type.clone());
                query.content_type = content_type;
            }
            _ => {
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    "the directory has no URLs for this kind of request",
                ));
            }
        }
        query.signature = hex(&self.mac(key.as_str(), &query).finalize().into_bytes());
        let method = query.method.clone();
        let encoded = serde_urlencoded::to_string(&query).unwrap_or_default();
        Ok(PresignedRequest::new(
            method,
            format!("{PREFIX}{key}?{encoded}"),
            headers,
            expires_at,
        ))
    }

    /// What a request for `key` with this query may do now.
    fn verify(&self, method: &str, key: &BlobKey, query: &GrantQuery, now: Timestamp) -> Result<BlobGrant> {
        let signature = unhex(&query.signature).ok_or_else(denied)?;
        self.mac(key.as_str(), query)
            .verify_slice(&signature)
            .map_err(|_| denied())?;
        if query.expires <= now.timestamp() || query.method != method {
            return Err(denied());
        }
        let content_type = query.content_type.clone();
        match (method, query.length) {
            ("GET", _) => Ok(BlobGrant::Get {
                filename: query.filename.clone(),
                content_type,
            }),
            ("PUT", Some(length)) => Ok(BlobGrant::Put {
                length,
                sha256: query.sha256.clone(),
                content_type,
            }),
            _ => Err(denied()),
        }
    }

    fn mac(&self, key: &str, query: &GrantQuery) -> Hmac<Sha256> {
        // JSON keeps the members apart, whatever characters they hold.
        let unsigned = GrantQuery {
            signature: String::new(),
            ..query.clone()
        };
        let message = serde_json::to_vec(&(key, unsigned)).unwrap_or_default();
        // RFC 2104 pads a short key with zeros to the block of the hash.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.secret);
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        mac.update(&message);
        mac
    }
}

fn denied() -> Error {
    Error::new(
        ErrorKind::PermissionDenied,
        "the link is not valid or has expired",
    )
}

/// The signed URLs of a store that reads time from a clock.
#[derive(Debug)]
pub(super) struct SignedUrls {
    signer: UrlSigner,
    clock: Arc<dyn Clock>,
}

impl SignedUrls {
    pub(super) fn new(signer: UrlSigner, clock: Arc<dyn Clock>) -> Self {
        Self { signer, clock }
    }
}

#[async_trait]
impl SignUrls for SignedUrls {
    async fn presign(&self, key: BlobKey, request: PresignRequest) -> Result<PresignedRequest> {
        let expires_at = later(self.clock.now(), request.expires_in());
        self.signer.sign(&key, request, expires_at)
    }
}

impl VerifyUrls for SignedUrls {
    fn verify(&self, method: &str, key: &BlobKey, query: &str) -> Result<BlobGrant> {
        let query: GrantQuery = serde_urlencoded::from_str(query).map_err(|_| denied())?;
        self.signer.verify(method, key, &query, self.clock.now())
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(
        digits
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn signed() -> (UrlSigner, BlobKey, GrantQuery, Timestamp) {
        let signer = UrlSigner::new([7; 32]);
        let key: BlobKey = "uploads/a/b_c.pdf".parse().unwrap();
        let request = PresignRequest::Get {
            expires_in: Duration::from_hours(1),
            filename: "a \"b\" ü.pdf".into(),
            content_type: "application/pdf".into(),
        };
        let expires = Timestamp::from_timestamp(1000, 0).unwrap();
        let url = signer.sign(&key, request, expires).unwrap().url;
        let query = serde_urlencoded::from_str(url.split_once('?').unwrap().1).unwrap();
        (signer, key, query, Timestamp::from_timestamp(999, 0).unwrap())
    }

    #[test]
    fn a_link_works_until_it_expires() {
        let (signer, key, query, now) = signed();
        let grant = signer.verify("GET", &key, &query, now).unwrap();
        let expected = BlobGrant::Get {
            filename: "a \"b\" ü.pdf".into(),
            content_type: "application/pdf".into(),
        };
        assert_eq!(grant, expected);
        let late = Timestamp::from_timestamp(1000, 0).unwrap();
        assert_eq!(
            signer.verify("GET", &key, &query, late).unwrap_err().kind(),
            ErrorKind::PermissionDenied
        );
    }

    #[test]
    fn nothing_about_a_link_can_be_changed() {
        let (signer, key, query, now) = signed();
        let other: BlobKey = "uploads/a/other.pdf".parse().unwrap();
        assert!(signer.verify("GET", &other, &query, now).is_err());
        assert!(signer.verify("PUT", &key, &query, now).is_err());
        let changed = [
            GrantQuery {
                expires: 2000,
                ..query.clone()
            },
            GrantQuery {
                filename: "x".into(),
                ..query.clone()
            },
            GrantQuery {
                content_type: "text/html".into(),
                ..query.clone()
            },
            GrantQuery {
                method: "PUT".into(),
                length: Some(1),
                ..query.clone()
            },
            GrantQuery {
                signature: String::new(),
                ..query.clone()
            },
            GrantQuery {
                signature: "zz".into(),
                ..query.clone()
            },
            GrantQuery {
                signature: "é".into(),
                ..query.clone()
            },
        ];
        for query in changed {
            assert!(signer.verify("GET", &key, &query, now).is_err(), "{query:?}");
        }
        assert!(UrlSigner::new([8; 32]).verify("GET", &key, &query, now).is_err());
    }
}
