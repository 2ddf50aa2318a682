//! The few calls of the service that are used, behind a narrow trait: so that faults can be injected.

use std::fmt;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_textract::{
    Client,
    primitives::Blob,
    types::{
        Block, Document, DocumentLocation, FeatureType, JobStatus, NotificationChannel, QueriesConfig, Query,
        S3Object, Warning,
    },
};
use bytes::Bytes;
use ocr_core::model::Feature;

use super::{
    errors::{Fault, FaultKind},
    quota::Operation,
};

/// Maximum number of blocks of one answer about a job; the most the service gives.
const BLOCKS_AT_ONCE: i32 = 1000;

/// All pages of a document. A question is asked of its first page only where nothing is said.
const EVERY_PAGE: &str = "*";

/// The calls of the service. Each is one request, repeated by nobody but the SDK.
#[async_trait]
pub trait TextractApi: fmt::Debug + Send + Sync + 'static {
    /// Reads a document of one page at once.
    async fn read(&self, document: Input, wanted: &Wanted) -> Result<Answer, Fault>;

    /// Starts to read a document, or gives the job that an equal request had started.
    async fn start(&self, job: NewJob) -> Result<String, Fault>;

    /// Asks for a job: how it is, and a part of its answer.
    async fn get(&self, job: &JobRef, next: Option<String>) -> Result<JobPart, Fault>;
}

/// Where the service finds the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// In the request: a PNG or JPEG file.
    Bytes(Bytes),
    /// In S3.
    Object {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
}

/// What is to be found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Beyond the text; the text alone when empty.
    pub features: Vec<Feature>,
    /// Questions.
    pub queries: Vec<String>,
}

impl Wanted {
    /// Whether more than the text is wanted, which is another operation at another price.
    pub fn is_analysis(&self) -> bool {
        !self.features.is_empty()
    }

    /// The operation that reads at once.
    pub(super) fn read(&self) -> Operation {
        if self.is_analysis() {
            Operation::Analyze
        } else {
            Operation::DetectText
        }
    }

    /// The operation that starts a job.
    pub(super) fn start(&self) -> Operation {
        if self.is_analysis() {
            Operation::StartAnalysis
        } else {
            Operation::StartText
        }
    }

    /// The same in parts of at most `maximum` questions, the features in the first of them.
    pub(super) fn in_parts(&self, maximum: usize) -> Vec<Self> {
        let mut questions = self.queries.chunks(maximum.max(1));
        let first = Self {
            features: self.features.clone(),
            queries: questions.next().unwrap_or_default().to_vec(),
        };
        let rest = questions.map(|queries| Self {
            features: vec![Feature::Queries],
            queries: queries.to_vec(),
        });
        std::iter::once(first).chain(rest).collect()
    }

    fn feature_types(&self) -> Vec<FeatureType> {
        self.features.iter().copied().filter_map(feature_type).collect()
    }

    /// The questions, asked of these pages; of the first one only where none are named.
    fn queries_config(&self, pages: Option<&str>) -> Result<Option<QueriesConfig>, Fault> {
        if self.queries.is_empty() {
            return Ok(None);
        }
        let invalid = |error: aws_sdk_textract::error::BuildError| {
            Fault::new(FaultKind::BadRequest, "queries").with_source(error)
        };
        let mut config = QueriesConfig::builder();
        for text in &self.queries {
            let query = Query::builder()
                .text(text)
                .set_pages(pages.map(|pages| vec![pages.to_owned()]));
            config = config.queries(query.build().map_err(invalid)?);
        }
        config.build().map(Some).map_err(invalid)
    }
}

/// The service's name of a feature; `None` for one it does not know.
fn feature_type(feature: Feature) -> Option<FeatureType> {
    Some(match feature {
        Feature::Tables => FeatureType::Tables,
        Feature::Forms => FeatureType::Forms,
        Feature::Layout => FeatureType::Layout,
        Feature::Signatures => FeatureType::Signatures,
        Feature::Queries => FeatureType::Queries,
        _ => return None,
    })
}

/// A job to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// The bucket of the document.
    pub bucket: String,
    /// The key of the document.
    pub key: String,
    /// What is to be found.
    pub wanted: Wanted,
    /// Equal requests with the same token start one job.
    pub token: String,
    /// A word that comes back in messages about the job.
    pub tag: String,
    /// Topic and role for messages.
    pub channel: Option<Channel>,
}

/// Where the service sends messages about jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// ARN of the topic.
    pub topic_arn: String,
    /// ARN of the role.
    pub role_arn: String,
}

/// A job that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRef {
    /// The service's id.
    pub id: String,
    /// Whether it looks for more than the text.
    pub analysis: bool,
}

impl JobRef {
    /// The operation that asks for it.
    pub(super) fn get(&self) -> Operation {
        if self.analysis {
            Operation::GetAnalysis
        } else {
            Operation::GetText
        }
    }
}

/// A whole answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Pages the service billed.
    pub pages: u32,
    /// What it found.
    pub blocks: Vec<Block>,
    /// Pages it had trouble with.
    pub warnings: Vec<Warning>,
    /// Version of its model.
    pub model: Option<String>,
}

/// How a job is, and a part of its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct JobPart {
    /// How the job is.
    pub status: JobStatus,
    /// Why it failed.
    pub message: Option<String>,
    /// A part of the answer; every part repeats its other fields.
    pub answer: Answer,
    /// Asks for the next part, if there is one.
    pub next: Option<String>,
}

/// The service itself.
#[derive(Debug, Clone)]
pub(super) struct SdkTextract {
    client: Client,
}

impl SdkTextract {
    pub(super) fn new(config: &SdkConfig) -> Self {
        Self {
            client: Client::new(config),
        }
    }
}

#[async_trait]
impl TextractApi for SdkTextract {
    async fn read(&self, document: Input, wanted: &Wanted) -> Result<Answer, Fault> {
        let document = match document {
            Input::Bytes(bytes) => Document::builder().bytes(Blob::new(bytes.to_vec())),
            Input::Object { bucket, key } => Document::builder().s3_object(object(bucket, key)),
        }
        .build();
        if wanted.is_analysis() {
            let call = self.client.analyze_document().document(document);
            let call = call
                .set_feature_types(Some(wanted.feature_types()))
                .set_queries_config(wanted.queries_config(None)?);
            let answer = call.send().await.map_err(Fault::of)?;
            return Ok(Answer {
                pages: pages(answer.document_metadata.as_ref()),
                blocks: answer.blocks.unwrap_or_default(),
                warnings: Vec::new(),
                model: answer.analyze_document_model_version,
            });
        }
        let call = self.client.detect_document_text().document(document);
        let answer = call.send().await.map_err(Fault::of)?;
        Ok(Answer {
            pages: pages(answer.document_metadata.as_ref()),
            blocks: answer.blocks.unwrap_or_default(),
            warnings: Vec::new(),
            model: answer.detect_document_text_model_version,
        })
    }

    async fn start(&self, job: NewJob) -> Result<String, Fault> {
        let location = DocumentLocation::builder()
            .s3_object(object(job.bucket, job.key))
            .build();
        let channel = job.channel.map(channel).transpose()?;
        let started = if job.wanted.is_analysis() {
            let call = self.client.start_document_analysis().document_location(location);
            call.set_feature_types(Some(job.wanted.feature_types()))
                .set_queries_config(job.wanted.queries_config(Some(EVERY_PAGE))?)
                .client_request_token(job.token)
                .job_tag(job.tag)
                .set_notification_channel(channel)
                .send()
                .await
                .map_err(Fault::of)?
                .job_id
        } else {
            let call = self
                .client
                .start_document_text_detection()
                .document_location(location);
            call.client_request_token(job.token)
                .job_tag(job.tag)
                .set_notification_channel(channel)
                .send()
                .await
                .map_err(Fault::of)?
                .job_id
        };
        started.ok_or_else(|| Fault::new(FaultKind::Transient, "no job id"))
    }

    async fn get(&self, job: &JobRef, next: Option<String>) -> Result<JobPart, Fault> {
        if job.analysis {
            let call = self.client.get_document_analysis().job_id(&job.id);
            let call = call.max_results(BLOCKS_AT_ONCE).set_next_token(next);
            let part = call.send().await.map_err(Fault::of)?;
            return Ok(JobPart {
                status: part.job_status.ok_or_else(no_status)?,
                message: part.status_message,
                answer: Answer {
                    pages: pages(part.document_metadata.as_ref()),
                    blocks: part.blocks.unwrap_or_default(),
                    warnings: part.warnings.unwrap_or_default(),
                    model: part.analyze_document_model_version,
                },
                next: part.next_token,
            });
        }
        let call = self.client.get_document_text_detection().job_id(&job.id);
        let call = call.max_results(BLOCKS_AT_ONCE).set_next_token(next);
        let part = call.send().await.map_err(Fault::of)?;
        Ok(JobPart {
            status: part.job_status.ok_or_else(no_status)?,
            message: part.status_message,
            answer: Answer {
                pages: pages(part.document_metadata.as_ref()),
                blocks: part.blocks.unwrap_or_default(),
                warnings: part.warnings.unwrap_or_default(),
                model: part.detect_document_text_model_version,
            },
            next: part.next_token,
        })
    }
}

fn object(bucket: String, key: String) -> S3Object {
    S3Object::builder().bucket(bucket).name(key).build()
}

fn channel(channel: Channel) -> Result<NotificationChannel, Fault> {
    NotificationChannel::builder()
        .sns_topic_arn(channel.topic_arn)
        .role_arn(channel.role_arn)
        .build()
        .map_err(|error| Fault::new(FaultKind::BadRequest, "channel").with_source(error))
}

fn pages(metadata: Option<&aws_sdk_textract::types::DocumentMetadata>) -> u32 {
    let pages = metadata.and_then(|metadata| metadata.pages).unwrap_or(0);
    u32::try_from(pages).unwrap_or(0)
}

fn no_status() -> Fault {
    Fault::new(FaultKind::Transient, "no job status")
}
