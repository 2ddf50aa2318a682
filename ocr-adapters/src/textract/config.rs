//! Configuration of the service.

use std::{sync::Arc, time::Duration};

use aws_config::{SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use derive_setters::Setters;
use ocr_core::{Error, ErrorKind, Result};

use super::{
    client::{SdkTextract, TextractApi},
    prices::PriceBook,
    quota::QuotaProfile,
    sqs::{MessageQueue, SqsQueue},
};
use crate::aws::{AwsCredentials, ServiceAccess};

const MIB: u64 = 1024 * 1024;

/// Where the service is, what it may be asked, and what it costs.
#[derive(Debug, Clone, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct TextractConfig {
    /// Region of the service; from the environment or the profile when absent.
    #[setters(into)]
    pub region: Option<String>,
    /// Base URL of a server that is not AWS.
    #[setters(into)]
    pub endpoint: Option<String>,
    /// Credentials; those of the environment, profile, container or machine when absent.
    #[setters(into)]
    pub credentials: Option<AwsCredentials>,
    /// The bucket of documents, when they are in S3 in the region of the service and its role may read
    /// them. Documents elsewhere are sent page by page.
    #[setters(into)]
    pub bucket: Option<String>,
    /// How often each operation may be called.
    pub quotas: QuotaProfile,
    /// What the service takes.
    pub limits: TextractLimits,
    /// How the end of a job is noticed.
    pub completion: Completion,
    /// What pages cost.
    pub prices: PriceBook,
    /// Pages analysed this month, which decides the price of the next; 0 unless told.
    pub pages_this_month: u64,
    /// Pages of one document that are sent at the same time: 4.
    pub parallel_pages: usize,
    /// Times that a page is asked for again by itself, and paid for again, when a job has left it unread: 2. After
    /// that, or at once where this is 0, it comes as one that could not be read.
    pub page_repeats: u32,
    /// How long things may take.
    pub timeouts: TextractTimeouts,
}

/// What the service takes. The defaults are those it documents.
#[derive(Debug, Clone, Copy, PartialEq, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct TextractLimits {
    /// Maximum number of bytes of a picture sent with the request: 5 MiB.
    pub inline_bytes: u64,
    /// Maximum number of bytes of a document that is read at once for certain: 5 MiB.
    pub sync_bytes: u64,
    /// Maximum number of bytes of a document that may be read at once, where its documentation differs: 10 MiB.
    pub sync_bytes_at_most: u64,
    /// Maximum number of bytes of a document that a job reads: 500 MiB.
    pub job_bytes: u64,
    /// Maximum number of pages of a document that a job reads: 3000.
    pub job_pages: u32,
    /// Maximum number of pixels of a side of a picture: 10,000.
    pub picture_side: u32,
    /// Longest side of a PDF page in inches: 40.
    pub page_inches: f32,
    /// Maximum number of questions answered at once: 15.
    pub sync_queries: usize,
    /// Maximum number of questions a job answers: 30.
    pub job_queries: usize,
    /// Documents with fewer pages than this are sent page by page instead of as a job: 2.
    pub job_from_pages: u32,
}

impl Default for TextractLimits {
    fn default() -> Self {
        Self {
            inline_bytes: 5 * MIB,
            sync_bytes: 5 * MIB,
            sync_bytes_at_most: 10 * MIB,
            job_bytes: 500 * MIB,
            job_pages: 3000,
            picture_side: 10_000,
            page_inches: 40.0,
            sync_queries: 15,
            job_queries: 30,
            job_from_pages: 2,
        }
    }
}

/// How the end of a job is noticed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Completion {
    /// By asking.
    Poll(PollPolicy),
    /// By messages of the service, sent through a topic into a queue; and by asking now and then, since a
    /// message may be lost.
    Sqs(SqsPolicy),
}

/// When to ask for a job. All waiting documents share the quota of the operation.
#[derive(Debug, Clone, Copy, PartialEq, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct PollPolicy {
    /// After the start: 5 s.
    pub first: Duration,
    /// Each pause is this many times the one before: 1.5.
    pub factor: f64,
    /// Longest pause: 30 s.
    pub longest: Duration,
}

impl Default for PollPolicy {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(5),
            factor: 1.5,
            longest: Duration::from_secs(30),
        }
    }
}

/// Where messages about jobs arrive.
#[derive(Debug, Clone, PartialEq, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct SqsPolicy {
    /// ARN of the topic that the service publishes to.
    #[setters(into)]
    pub topic_arn: String,
    /// ARN of the role with which it may publish.
    #[setters(into)]
    pub role_arn: String,
    /// URL of a queue that subscribes to the topic. Best one for each process: a message taken by
    /// another process is only found again after a while.
    #[setters(into)]
    pub queue_url: String,
    /// When to ask for a job of which no message came: from 1 min, at most 10 min.
    pub sweep: PollPolicy,
}

impl SqsPolicy {
    /// Messages through this topic, role and queue.
    pub fn new(
        topic_arn: impl Into<String>,
        role_arn: impl Into<String>,
        queue_url: impl Into<String>,
    ) -> Self {
        Self {
            topic_arn: topic_arn.into(),
            role_arn: role_arn.into(),
            queue_url: queue_url.into(),
            sweep: PollPolicy {
                first: Duration::from_mins(1),
                factor: 2.0,
                longest: Duration::from_mins(10),
            },
        }
    }
}

/// How long things may take, and how often the SDK repeats a request on its own.
#[derive(Debug, Clone, Copy, PartialEq, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct TextractTimeouts {
    /// To connect: 5 s.
    pub connect: Duration,
    /// For one request: 60 s.
    pub attempt: Duration,
    /// For a call with its repetitions: 100 s.
    pub call: Duration,
    /// Requests sent for one call, the first included: 2. Waiting for a quota is ours to do.
    pub attempts: u32,
    /// Pause before a repetition: 200 ms.
    pub pause: Duration,
    /// Longest wait for a quota before the document is given back: 30 s.
    pub quota_wait: Duration,
}

impl Default for TextractTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            attempt: Duration::from_mins(1),
            call: Duration::from_secs(100),
            attempts: 2,
            pause: Duration::from_millis(200),
            quota_wait: Duration::from_secs(30),
        }
    }
}

impl Default for TextractConfig {
    fn default() -> Self {
        Self {
            region: None,
            endpoint: None,
            credentials: None,
            bucket: None,
            quotas: QuotaProfile::OTHER,
            limits: TextractLimits::default(),
            completion: Completion::Poll(PollPolicy::default()),
            prices: PriceBook::default(),
            pages_this_month: 0,
            parallel_pages: 4,
            page_repeats: 2,
            timeouts: TextractTimeouts::default(),
        }
    }
}

impl TextractConfig {
    /// The service in `region`, with the quotas it gives new accounts there.
    pub fn in_region(region: impl Into<String>) -> Self {
        let region = region.into();
        Self {
            quotas: QuotaProfile::of_region(&region),
            region: Some(region),
            ..Self::default()
        }
    }

    /// The calls of the service as the SDK makes them. Nothing is sent yet.
    ///
    /// # Errors
    /// `Config` when the region is not known.
    #[doc(hidden)]
    pub async fn api(&self) -> Result<Arc<dyn TextractApi>> {
        Ok(Arc::new(SdkTextract::new(&self.load().await?)))
    }

    /// The queue of messages about jobs; `None` when the configuration does not wait for messages. Nothing is
    /// sent yet.
    ///
    /// # Errors
    /// `Config` when the region is not known.
    pub async fn queue(&self) -> Result<Option<Arc<dyn MessageQueue>>> {
        Ok(self.queue_of(&self.load().await?))
    }

    pub(super) fn queue_of(&self, sdk: &SdkConfig) -> Option<Arc<dyn MessageQueue>> {
        match &self.completion {
            Completion::Poll(_) => None,
            Completion::Sqs(policy) => Some(Arc::new(SqsQueue::new(sdk, &policy.queue_url))),
        }
    }

    /// Region, endpoint, credentials, timeouts and repetitions for the clients. Nothing is sent yet,
    /// unless credentials come from a service of the machine.
    pub(super) async fn load(&self) -> Result<SdkConfig> {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(self.timeouts.connect)
            .operation_attempt_timeout(self.timeouts.attempt)
            .operation_timeout(self.timeouts.call)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(self.timeouts.attempts.max(1))
            .with_initial_backoff(self.timeouts.pause);
        let access = ServiceAccess {
            region: self.region.as_deref(),
            endpoint: self.endpoint.as_deref(),
            credentials: self.credentials.as_ref(),
        };
        let loaded = access.loader(timeouts, retries).load().await;
        if loaded.region().is_none() {
            let message = "the region of Textract is missing; set it or AWS_REGION";
            return Err(Error::new(ErrorKind::Config, message).at("textract", "connect"));
        }
        Ok(loaded)
    }
}
