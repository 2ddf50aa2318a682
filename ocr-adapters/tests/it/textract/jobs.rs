//! Documents that are read as jobs, and what is left of them when a worker dies.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use ocr_adapters::textract::{Completion, Message, MessageQueue, SqsPolicy, TextractConfig, TextractEngine};
use ocr_core::{
    ErrorKind, Result,
    clock::{ManualClock, SystemClock},
    engine::{Checkpoint, OcrContext, OcrEngine, OcrRequest},
    memory::MemoryStore,
    model::{Feature, MediaType, Outcome, Task, Transition},
    store::{Created, Fence, PageStore, Scope, Store, TaskStore, Write},
};
use ocr_documents::Limits;
use ocr_testkit::samples;
use ocr_vision::document::DocumentOpener;
use serde_json::{Value, json};

use super::{
    answers::{in_progress, page_blocks, part},
    config, engine, in_s3, read, scan,
    service::{FakeService, failure},
    texts,
};

const LEASE: Duration = Duration::from_hours(1);
const GET: &str = "GetDocumentTextDetection";
const START: &str = "StartDocumentTextDetection";

/// A task in a store, and the attempts at it.
pub(crate) struct Attempts {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    task: Task,
}

impl Attempts {
    pub(crate) async fn new() -> Self {
        let clock = Arc::new(ManualClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let owner = samples::user();
        store.ensure_user(owner).await.unwrap();
        let created = store
            .create_task(samples::new_task(owner), Write::default())
            .await
            .unwrap();
        let Created::New(task) = created else {
            panic!("a new task")
        };
        Self { store, clock, task }
    }

    async fn apply(&self, transition: Transition) -> Task {
        let apply = self
            .store
            .transition(Scope::system(), self.task.id, transition, Write::default());
        apply.await.unwrap()
    }

    /// The context of the next attempt; the one before lost its lease.
    pub(crate) async fn next(&self) -> OcrContext {
        self.clock.advance(LEASE);
        let task = self.apply(Transition::Claim { lease: LEASE }).await;
        let store = Arc::clone(&self.store) as Arc<dyn Store>;
        let checkpoint = Checkpoint::of_task(store, task.fence()).await.unwrap();
        OcrContext::default().with_checkpoint(checkpoint.scoped("textract"))
    }
}

pub(crate) async fn three_pages() -> OcrRequest {
    in_s3(MediaType::Pdf, &scan(3)).await
}

/// Reads until the service was asked for the job `times` times, then drops everything.
async fn die_waiting(engine: &TextractEngine, service: &FakeService, context: OcrContext, times: usize) {
    for _ in 0..1_000 {
        service.will_say(GET, &in_progress());
    }
    let asked = async {
        while service.calls(GET).len() < times {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        read = read(engine, three_pages().await, context) => panic!("the job runs: {read:?}"),
        () = asked => {}
    }
}

#[tokio::test]
async fn an_answer_in_three_parts_is_put_together() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let mut blocks: Vec<Value> = (1..=3)
        .flat_map(|number| page_blocks(number, &["words of", &format!("page {number}")]))
        .collect();
    // Relations lead from the first part into the last.
    let last = blocks.split_off(blocks.len() - 1);
    let middle = blocks.split_off(5);
    service
        .will_say(GET, &in_progress())
        .will_say(GET, &part("SUCCEEDED", 3, &blocks, Some("second")))
        .will_say(GET, &part("SUCCEEDED", 3, &middle, Some("third")))
        .will_say(GET, &part("SUCCEEDED", 3, &last, None));
    let context = OcrContext::default();
    let pages = read(&engine, three_pages().await, context.clone()).await.unwrap();
    let expected = [1, 2, 3].map(|number| format!("words of\npage {number}"));
    assert_eq!(texts(&pages), expected);
    assert!(pages.iter().all(|page| page.width > 0 && page.height > 0));
    let asked: Vec<Value> = service
        .calls(GET)
        .iter()
        .map(|call| call.body["NextToken"].clone())
        .collect();
    assert_eq!(asked, [json!(null), json!(null), json!("second"), json!("third")]);
    let usage = context.checkpoint.usage().await[""];
    assert_eq!((usage.billed_pages, usage.cost_micros), (3, 4_500));
    let start = &service.calls(START)[0].body;
    let object = json!({"Bucket": "documents", "Name": "uploads/u/document"});
    assert_eq!(start["DocumentLocation"]["S3Object"], object);
    let token = start["ClientRequestToken"].as_str().expect("a token");
    assert!((1..=64).contains(&token.len()));
    assert!(
        start["JobTag"]
            .as_str()
            .is_some_and(|tag| (1..=64).contains(&tag.len()))
    );
}

#[tokio::test]
async fn an_answer_without_some_of_its_pages_is_asked_for_again() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let attempts = Attempts::new().await;
    service.will_say(GET, &part("SUCCEEDED", 3, &page_blocks(1, &["one"]), None));
    let error = read(&engine, three_pages().await, attempts.next().await)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.is_transient()),
        (ErrorKind::Unavailable, true)
    );
    let pages = read(&engine, three_pages().await, attempts.next().await)
        .await
        .unwrap();
    assert_eq!(pages.len(), 3);
    assert_eq!(service.calls(START).len(), 1, "the job is paid for");
}

#[tokio::test]
async fn a_worker_that_dies_while_it_waits_costs_nothing() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let attempts = Attempts::new().await;
    die_waiting(&engine, &service, attempts.next().await, 2).await;
    let context = attempts.next().await;
    let other = FakeService::start().await;
    let second = self::engine(config(&other)).await;
    other.will_say(GET, &finished());
    let pages = read(&second, three_pages().await, context.clone()).await.unwrap();
    assert_eq!(pages.len(), 3);
    assert_eq!(service.calls(START).len() + other.calls(START).len(), 1);
    assert_eq!(other.calls(GET)[0].body["JobId"], "job-1");
    assert_eq!(context.checkpoint.usage().await["textract"].billed_pages, 3);
    // And once more: the job was billed, and is billed no second time.
    let again = attempts.next().await;
    other.will_say(GET, &finished());
    read(&second, three_pages().await, again.clone()).await.unwrap();
    assert_eq!(again.checkpoint.usage().await["textract"].billed_pages, 3);
}

fn finished() -> Value {
    let blocks: Vec<Value> = (1..=3)
        .flat_map(|number| page_blocks(number, &["text"]))
        .collect();
    part("SUCCEEDED", 3, &blocks, None)
}

#[tokio::test]
async fn a_worker_that_lost_its_task_starts_nothing() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let attempts = Attempts::new().await;
    let dying = attempts.next().await;
    let store = Arc::clone(&attempts.store);
    let stream = engine.recognize(three_pages().await, dying).await.unwrap();
    let mut pages = stream.pages;
    // The lease passes on before the job is started.
    let taken = attempts.next().await;
    let error = pages.next().await.expect("an outcome").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LeaseLost);
    assert!(store.checkpoint(attempts.task.id).await.unwrap().is_none());
    assert_eq!(
        service.calls(START).len(),
        0,
        "what cannot be noted is not started"
    );
    read(&engine, three_pages().await, taken).await.unwrap();
    assert_eq!(service.calls(START).len(), 1);
}

#[tokio::test]
async fn a_start_whose_answer_is_lost_is_repeated_with_the_same_token() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let attempts = Attempts::new().await;
    service.will(START, failure("InternalServerError"));
    let error = read(&engine, three_pages().await, attempts.next().await)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    read(&engine, three_pages().await, attempts.next().await)
        .await
        .unwrap();
    let tokens = tokens(&service);
    assert_eq!(tokens.len(), 2);
    assert_eq!(tokens[0], tokens[1]);
}

fn tokens(service: &FakeService) -> Vec<Value> {
    let starts = service.calls(START);
    starts
        .iter()
        .map(|call| call.body["ClientRequestToken"].clone())
        .collect()
}

#[tokio::test]
async fn asking_for_the_task_again_starts_another_job() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let attempts = Attempts::new().await;
    let first = attempts.next().await;
    read(&engine, three_pages().await, first).await.unwrap();
    let result = samples::summary(&attempts.task);
    let first = Fence::new(attempts.task.id, 1);
    attempts
        .store
        .finish(first, Outcome::Complete { result }, Write::default())
        .await
        .unwrap();
    attempts.apply(Transition::Retry).await;
    read(&engine, three_pages().await, attempts.next().await)
        .await
        .unwrap();
    let tokens = tokens(&service);
    assert_eq!(tokens.len(), 2);
    assert_ne!(tokens[0], tokens[1]);
}

#[tokio::test]
async fn a_job_the_service_has_forgotten_is_started_again() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let attempts = Attempts::new().await;
    service
        .will_say(GET, &in_progress())
        .will(GET, failure("InvalidJobIdException"));
    let pages = read(&engine, three_pages().await, attempts.next().await)
        .await
        .unwrap();
    assert_eq!(pages.len(), 3);
    let tokens = tokens(&service);
    assert_eq!(tokens.len(), 2);
    assert_ne!(tokens[0], tokens[1], "the same token would give the lost job");
}

#[tokio::test]
async fn a_job_that_failed_is_started_again_by_the_next_attempt() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let attempts = Attempts::new().await;
    service.will_say(GET, &json!({"JobStatus": "FAILED", "StatusMessage": "INTERNAL"}));
    let context = attempts.next().await;
    let error = read(&engine, three_pages().await, context.clone())
        .await
        .unwrap_err();
    assert!(error.is_transient());
    assert!(context.checkpoint.usage().await.is_empty(), "nothing is billed");
    read(&engine, three_pages().await, attempts.next().await)
        .await
        .unwrap();
    assert_eq!(service.calls(START).len(), 2);
}

#[tokio::test]
async fn a_document_that_jobs_cannot_read_is_read_page_by_page() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let attempts = Attempts::new().await;
    let failed = json!({"JobStatus": "FAILED", "StatusMessage": "UNSUPPORTED_DOCUMENT"});
    service.will_say(GET, &failed).will_say(GET, &failed);
    read(&engine, three_pages().await, attempts.next().await)
        .await
        .unwrap_err();
    let context = attempts.next().await;
    let pages = read(&engine, three_pages().await, context.clone()).await.unwrap();
    assert_eq!(texts(&pages), ["hello world\nof paper"; 3]);
    assert_eq!(service.calls(START).len(), 2);
    assert_eq!(context.checkpoint.usage().await["textract"].billed_pages, 3);
}

#[tokio::test]
async fn what_is_left_of_a_forgotten_job_is_read_page_by_page() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let attempts = Attempts::new().await;
    read(&engine, three_pages().await, attempts.next().await)
        .await
        .unwrap();
    service.will(GET, failure("InvalidJobIdException"));
    let mut rest = three_pages().await;
    rest.skip = vec![1, 3];
    let context = attempts.next().await;
    let pages = read(&engine, rest, context.clone()).await.unwrap();
    assert_eq!(texts(&pages), ["hello world\nof paper"]);
    assert_eq!(service.calls(START).len(), 1, "another job would bill all pages");
    assert_eq!(context.checkpoint.usage().await["textract"].billed_pages, 4);
}

#[tokio::test]
async fn a_place_in_the_answer_that_is_forgotten_costs_an_attempt_and_no_job() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let attempts = Attempts::new().await;
    let first = part("SUCCEEDED", 3, &page_blocks(1, &["one"]), Some("second"));
    service
        .will_say(GET, &first)
        .will(GET, failure("InvalidParameterException"));
    let error = read(&engine, three_pages().await, attempts.next().await)
        .await
        .unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    let pages = read(&engine, three_pages().await, attempts.next().await)
        .await
        .unwrap();
    assert_eq!(pages.len(), 3);
    assert_eq!(service.calls(START).len(), 1);
}

#[tokio::test]
async fn trouble_with_asking_is_waited_out() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    service
        .will_fail(GET, "ProvisionedThroughputExceededException", 3)
        .will_fail(GET, "InternalServerError", 2)
        .will_say(GET, &in_progress());
    let pages = read(&engine, three_pages().await, OcrContext::default())
        .await
        .unwrap();
    assert_eq!(pages.len(), 3);
    assert_eq!(service.calls(GET).len(), 7);
}

#[tokio::test]
async fn features_and_questions_go_with_a_job_of_their_own_kind() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let mut request = three_pages().await;
    request.features = vec![Feature::Tables, Feature::Queries];
    request.queries = (0..20).map(|number| format!("Question {number}?")).collect();
    let context = OcrContext::default();
    read(&engine, request, context.clone()).await.unwrap();
    let start = &service.calls("StartDocumentAnalysis")[0].body;
    assert_eq!(start["FeatureTypes"], json!(["TABLES", "QUERIES"]));
    assert_eq!(
        start["QueriesConfig"]["Queries"].as_array().map(Vec::len),
        Some(20)
    );
    let questions = start["QueriesConfig"]["Queries"].as_array().expect("questions");
    assert!(
        questions.iter().all(|question| question["Pages"] == json!(["*"])),
        "of every page: {questions:?}"
    );
    assert_eq!(service.calls("GetDocumentAnalysis").len(), 1);
    assert_eq!(context.checkpoint.usage().await[""].cost_micros, 3 * 30_000);
}

/// A queue with one message about each job.
#[derive(Debug)]
struct OneMessage(&'static str, tokio::sync::Mutex<u32>);

#[async_trait::async_trait]
impl MessageQueue for OneMessage {
    async fn receive(&self) -> std::result::Result<Vec<Message>, ocr_core::error::BoxError> {
        let mut received = self.1.lock().await;
        *received += 1;
        if *received > 1 {
            drop(received);
            std::future::pending::<()>().await;
        }
        let inner = json!({"JobId": self.0, "Status": "SUCCEEDED"}).to_string();
        Ok(vec![Message::new(json!({"Message": inner}).to_string(), "1")])
    }

    async fn remove(&self, _receipts: Vec<String>) -> std::result::Result<(), ocr_core::error::BoxError> {
        Ok(())
    }
}

#[tokio::test]
async fn a_message_says_when_to_ask_and_a_lost_one_is_made_up_for() {
    let service = FakeService::start().await;
    let policy = SqsPolicy::new("arn:topic:1234567890", "arn:role:12345678901", "http://queue");
    for (job, sweep) in [
        ("job-1", None),
        ("somebody-elses", Some(Duration::from_millis(5))),
    ] {
        let mut policy = policy.clone();
        if let Some(sweep) = sweep {
            policy.sweep.first = sweep;
            policy.sweep.longest = sweep;
        }
        let waiting = config(&service).with_completion(Completion::Sqs(policy));
        let engine = with_queue(waiting, Arc::new(OneMessage(job, tokio::sync::Mutex::new(0)))).await;
        let pages = read(&engine, three_pages().await, OcrContext::default())
            .await
            .unwrap();
        assert_eq!(pages.len(), 3);
    }
    let channel = &service.calls(START)[0].body["NotificationChannel"];
    let expected = json!({"SNSTopicArn": "arn:topic:1234567890", "RoleArn": "arn:role:12345678901"});
    assert_eq!(*channel, expected);
}

/// An engine over the same server with a queue of ours.
async fn with_queue(config: TextractConfig, queue: Arc<dyn MessageQueue>) -> TextractEngine {
    let pages = DocumentOpener::in_process(Limits::default());
    let api = config.api().await.unwrap();
    TextractEngine::new(api, Some(queue), config, pages, Arc::new(SystemClock))
}

#[tokio::test]
async fn a_cancelled_document_stops_asking() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    for _ in 0..1_000 {
        service.will_say(GET, &in_progress());
    }
    let context = OcrContext::default();
    let cancel = context.cancel.clone();
    let reading = read(&engine, three_pages().await, context);
    let cancelling = async {
        while service.calls(GET).len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        cancel.cancel();
    };
    let (outcome, ()): (Result<_>, ()) = tokio::join!(reading, cancelling);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Cancelled);
}
