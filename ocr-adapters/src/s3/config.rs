//! Configuration of a bucket.

use std::{num::NonZeroUsize, time::Duration};

use aws_config::{SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_s3::{
    Client,
    config::{
        Builder, RequestChecksumCalculation, ResponseChecksumValidation, StalledStreamProtectionConfig,
    },
};
use derive_setters::Setters;
use ocr_core::{Error, ErrorKind, Result};

use crate::aws::{AwsCredentials, ServiceAccess};

/// Minimum and maximum size of a part of a multipart upload that S3 accepts, in bytes.
const PART_SIZES: std::ops::RangeInclusive<usize> = 5 * 1024 * 1024..=5 * 1024 * 1024 * 1024;
/// Requests sent for one call, the first included.
const ATTEMPTS: u32 = 3;
/// Pause before the first repetition, doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Longest pause between repetitions.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Where the bucket is and how to talk to it.
#[derive(Debug, Clone, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct S3Config {
    /// Name of the bucket.
    #[setters(into)]
    pub bucket: String,
    /// Region of the bucket; from the environment or the profile when absent.
    #[setters(into)]
    pub region: Option<String>,
    /// Base URL of a server that is not AWS.
    #[setters(into)]
    pub endpoint: Option<String>,
    /// Whether the bucket is named in the path, not in the host name; most other servers want that.
    pub path_style: bool,
    /// KMS key that objects are encrypted with; the default of the bucket when absent.
    #[setters(into)]
    pub kms_key_id: Option<String>,
    /// Credentials; those of the environment, profile, container or machine when absent.
    #[setters(into)]
    pub credentials: Option<AwsCredentials>,
    /// Bytes of a part of a multipart upload, at least 5 MiB; shorter bodies are sent in one request.
    pub part_size: usize,
    /// Parts of one upload that are sent at the same time.
    pub parallel_parts: NonZeroUsize,
    /// Which checksums go with requests.
    pub checksums: RequestChecksums,
    /// How long things may take.
    pub timeouts: S3Timeouts,
}

/// Which checksums go with requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RequestChecksums {
    /// Every body is sent with a checksum that the server verifies and keeps.
    #[default]
    Always,
    /// Only where the protocol demands one, for servers that do not know the checksums of 2025.
    WhenRequired,
}

/// How long things may take.
#[derive(Debug, Clone, Copy, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct S3Timeouts {
    /// To connect: 5 s.
    pub connect: Duration,
    /// For one request, its body included, until the answer begins: 60 s.
    pub attempt: Duration,
    /// For a call with its repetitions: 150 s.
    pub call: Duration,
    /// Without a byte of an object being read: 30 s.
    pub idle: Duration,
}

impl Default for S3Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            attempt: Duration::from_mins(1),
            call: Duration::from_secs(150),
            idle: Duration::from_secs(30),
        }
    }
}

impl S3Config {
    /// The bucket `bucket` of AWS, everything else from the environment: parts of 8 MiB, four at a
    /// time.
    pub fn new(bucket: impl Into<String>) -> Self {
        const FOUR: NonZeroUsize = NonZeroUsize::new(4).unwrap();
        Self {
            bucket: bucket.into(),
            region: None,
            endpoint: None,
            path_style: false,
            kms_key_id: None,
            credentials: None,
            part_size: 8 * 1024 * 1024,
            parallel_parts: FOUR,
            checksums: RequestChecksums::default(),
            timeouts: S3Timeouts::default(),
        }
    }

    /// A client for the bucket. Nothing is sent yet.
    pub(super) async fn client(&self) -> Result<Client> {
        if self.bucket.is_empty() {
            return Err(config_error("the name of the bucket is missing"));
        }
        if !PART_SIZES.contains(&self.part_size) {
            return Err(config_error(
                "the part size of uploads must be between 5 MiB and 5 GiB",
            ));
        }
        let shared = self.load().await;
        if shared.region().is_none() {
            return Err(config_error(
                "the region of the bucket is missing; set it or AWS_REGION",
            ));
        }
        let (requests, responses) = match self.checksums {
            RequestChecksums::Always => (
                RequestChecksumCalculation::WhenSupported,
                ResponseChecksumValidation::WhenSupported,
            ),
            RequestChecksums::WhenRequired => (
                RequestChecksumCalculation::WhenRequired,
                ResponseChecksumValidation::WhenRequired,
            ),
        };
        let config = Builder::from(&shared)
            .force_path_style(self.path_style)
            .request_checksum_calculation(requests)
            .response_checksum_validation(responses)
            .build();
        Ok(Client::from_conf(config))
    }

    async fn load(&self) -> SdkConfig {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(self.timeouts.connect)
            .operation_attempt_timeout(self.timeouts.attempt)
            .operation_timeout(self.timeouts.call)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(FIRST_PAUSE)
            .with_max_backoff(LONGEST_PAUSE);
        let access = ServiceAccess {
            region: self.region.as_deref(),
            endpoint: self.endpoint.as_deref(),
            credentials: self.credentials.as_ref(),
        };
        let loader = access
            .loader(timeouts, retries)
            // Idle bodies have a timeout of ours, which does not count a slow reader as a slow server.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        loader.load().await
    }
}

fn config_error(message: &'static str) -> Error {
    Error::new(ErrorKind::Config, message).at("s3", "open")
}
