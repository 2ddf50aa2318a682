//! Jobs whose end is told by a topic and a queue, on moto. Its answers about jobs are not in the form the
//! service gives them (a number of pages is an object), so they come from here.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_sdk_sqs::types::QueueAttributeName;
use aws_sdk_textract::types::{Block, BlockType, JobStatus};
use ocr_adapters::{
    aws::AwsCredentials,
    textract::{
        Answer, Completion, Fault, Input, JobPart, JobRef, NewJob, SqsPolicy, TextractApi, TextractConfig,
        TextractEngine, Wanted,
    },
};
use ocr_core::{
    clock::SystemClock,
    engine::{OcrContext, OcrEngine},
    model::MediaType,
};
use ocr_documents::Limits;
use ocr_testkit::{harness::soon, requirements::Requirement, services::moto::Moto};
use ocr_vision::document::DocumentOpener;

use super::{in_s3, object_store::BUCKET, read, scan, texts};

const REGION: &str = "eu-central-1";
const ROLE: &str = "arn:aws:iam::123456789012:role/textract";

fn config(moto: &Moto) -> TextractConfig {
    TextractConfig::in_region(REGION)
        .with_endpoint(moto.endpoint().to_owned())
        .with_credentials(AwsCredentials::new("key", "secret"))
        .with_bucket(BUCKET.to_owned())
}

/// moto, and our answers about jobs that it says it has finished.
#[derive(Debug)]
struct Answering(Arc<dyn TextractApi>);

#[async_trait]
impl TextractApi for Answering {
    async fn read(&self, document: Input, wanted: &Wanted) -> Result<Answer, Fault> {
        self.0.read(document, wanted).await
    }

    async fn start(&self, job: NewJob) -> Result<String, Fault> {
        self.0.start(job).await
    }

    async fn get(&self, _job: &JobRef, _next: Option<String>) -> Result<JobPart, Fault> {
        let page = |number: i32| Block::builder().block_type(BlockType::Page).page(number).build();
        let line = |number: i32| {
            let line = Block::builder().block_type(BlockType::Line).page(number);
            line.text(format!("page {number}")).confidence(99.0).build()
        };
        Ok(JobPart {
            status: JobStatus::Succeeded,
            message: None,
            answer: Answer {
                pages: 2,
                blocks: vec![page(1), line(1), page(2), line(2)],
                ..Answer::default()
            },
            next: None,
        })
    }
}

/// A call of the topics, whose SDK is not worth its weight here.
async fn topics(moto: &Moto, fields: &[(&str, &str)]) -> String {
    let credential = format!("AWS4-HMAC-SHA256 Credential=key/20260101/{REGION}/sns/aws4_request");
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace(':', "%3A").replace('/', "%2F")))
        .collect();
    let sent = reqwest::Client::new()
        .post(moto.endpoint())
        .header(
            "authorization",
            format!("{credential}, SignedHeaders=host, Signature=none"),
        )
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.join("&"))
        .send();
    sent.await
        .unwrap()
        .error_for_status()
        .unwrap()
        .text()
        .await
        .unwrap()
}

/// A topic and a queue that subscribes to it.
async fn policy(moto: &Moto, queues: &aws_sdk_sqs::Client) -> SqsPolicy {
    let queue = queues.create_queue().queue_name("textract").send().await.unwrap();
    let url = queue.queue_url.expect("an URL");
    topics(moto, &[("Action", "CreateTopic"), ("Name", "textract")]).await;
    let topic = format!("arn:aws:sns:{REGION}:123456789012:textract");
    let queue_arn = format!("arn:aws:sqs:{REGION}:123456789012:textract");
    let subscription = [
        ("Action", "Subscribe"),
        ("TopicArn", &topic),
        ("Protocol", "sqs"),
        ("Endpoint", &queue_arn),
    ];
    topics(moto, &subscription).await;
    SqsPolicy::new(topic, ROLE, url)
}

fn queues(moto: &Moto) -> aws_sdk_sqs::Client {
    let credentials = aws_sdk_sqs::config::Credentials::new("key", "secret", None, None, "test");
    aws_sdk_sqs::Client::from_conf(
        aws_sdk_sqs::Config::builder()
            .behavior_version_latest()
            .region(aws_sdk_sqs::config::Region::new(REGION))
            .endpoint_url(moto.endpoint())
            .credentials_provider(credentials)
            .build(),
    )
}

#[tokio::test]
async fn the_end_of_a_job_comes_through_topic_and_queue() {
    let moto = Requirement::Moto.or_end(Moto::start().await);
    let queues = queues(&moto);
    let mut policy = policy(&moto, &queues).await;
    // Nobody asks of itself in the time this test has.
    policy.sweep.first = Duration::from_hours(1);
    policy.sweep.longest = policy.sweep.first;
    let url = policy.queue_url.clone();
    let config = config(&moto).with_completion(Completion::Sqs(policy));
    let api = Arc::new(Answering(config.api().await.unwrap()));
    let queue = config.queue().await.unwrap();
    let pages = DocumentOpener::in_process(Limits::default());
    let engine = TextractEngine::new(api, queue, config, pages, Arc::new(SystemClock));
    let request = in_s3(MediaType::Pdf, &scan(2)).await;
    let reading = read(&engine, request, OcrContext::default());
    let pages = soon("the message", reading).await.unwrap();
    assert_eq!(texts(&pages), ["page 1", "page 2"]);
    let wanted = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    ];
    let asked = queues.get_queue_attributes().queue_url(url);
    let left = asked
        .set_attribute_names(Some(wanted.to_vec()))
        .send()
        .await
        .unwrap();
    let left = left.attributes.expect("attributes");
    assert!(
        left.values().all(|count| count == "0"),
        "the message was removed: {left:?}"
    );
}

#[tokio::test]
async fn another_implementation_of_the_service_passes_the_check() {
    let moto = Requirement::Moto.or_end(Moto::start().await);
    let pages = DocumentOpener::in_process(Limits::default());
    let engine = TextractEngine::connect(config(&moto), pages, Arc::new(SystemClock))
        .await
        .unwrap();
    engine.check().await.unwrap();
}
