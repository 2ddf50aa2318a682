//! The service as a local HTTP server that answers as told and remembers what it was asked.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers};

use super::answers::{at_once, page_blocks, part};

const JSON: &str = "application/x-amz-json-1.1";

/// One call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// `DetectDocumentText`
    pub(crate) operation: String,
    pub(crate) body: Value,
}

/// A server that plays the service. Operations without a script read well.
pub(crate) struct FakeService {
    server: MockServer,
    script: Arc<Script>,
}

#[derive(Debug, Default)]
struct Script {
    calls: Mutex<Vec<Call>>,
    answers: Mutex<HashMap<String, VecDeque<ResponseTemplate>>>,
    jobs: Mutex<HashMap<String, String>>,
}

#[derive(Debug)]
struct Player(Arc<Script>);

impl FakeService {
    pub(crate) async fn start() -> Self {
        let server = MockServer::start().await;
        let script = Arc::new(Script::default());
        Mock::given(matchers::method("POST"))
            .respond_with(Player(Arc::clone(&script)))
            .mount(&server)
            .await;
        Self { server, script }
    }

    pub(crate) fn endpoint(&self) -> String {
        self.server.uri()
    }

    /// Queues an answer of `operation`.
    pub(crate) fn will(&self, operation: &str, answer: ResponseTemplate) -> &Self {
        let mut answers = self.script.answers.lock().unwrap();
        answers.entry(operation.into()).or_default().push_back(answer);
        self
    }

    /// Queues a good answer of `operation`.
    pub(crate) fn will_say(&self, operation: &str, body: &Value) -> &Self {
        self.will(operation, good(body))
    }

    /// Queues an error of `operation`, several times.
    pub(crate) fn will_fail(&self, operation: &str, code: &str, times: usize) -> &Self {
        for _ in 0..times {
            self.will(operation, failure(code));
        }
        self
    }

    /// Every call of `operation` so far.
    pub(crate) fn calls(&self, operation: &str) -> Vec<Call> {
        let calls = self.script.calls.lock().unwrap();
        let of = |call: &&Call| call.operation == operation;
        calls.iter().filter(of).cloned().collect()
    }

    /// Names of all operations called so far.
    pub(crate) fn operations(&self) -> Vec<String> {
        let calls = self.script.calls.lock().unwrap();
        calls.iter().map(|call| call.operation.clone()).collect()
    }
}

pub(crate) fn good(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.to_string(), JSON)
}

pub(crate) fn failure(code: &str) -> ResponseTemplate {
    let status = if code == "InternalServerError" { 500 } else { 400 };
    let body = json!({"__type": code, "message": "as scripted"});
    ResponseTemplate::new(status).set_body_raw(body.to_string(), JSON)
}

/// An answer that does not come in time.
pub(crate) fn hanging() -> ResponseTemplate {
    good(&json!({})).set_delay(Duration::from_secs(30))
}

impl Respond for Player {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let target = request.headers.get("x-amz-target").expect("a target");
        let target = target.to_str().expect("text");
        let operation = target
            .strip_prefix("Textract.")
            .expect("an operation of Textract");
        let body: Value = serde_json::from_slice(&request.body).expect("JSON");
        self.0.calls.lock().unwrap().push(Call {
            operation: operation.into(),
            body: body.clone(),
        });
        let mut answers = self.0.answers.lock().unwrap();
        let scripted = answers.get_mut(operation).and_then(VecDeque::pop_front);
        scripted.unwrap_or_else(|| self.0.usual(operation, &body))
    }
}

impl Script {
    fn usual(&self, operation: &str, body: &Value) -> ResponseTemplate {
        match operation {
            "DetectDocumentText" | "AnalyzeDocument" => {
                good(&at_once(&page_blocks(1, &["hello world", "of paper"])))
            }
            "StartDocumentTextDetection" | "StartDocumentAnalysis" => {
                let token = body["ClientRequestToken"].as_str().expect("a token").to_owned();
                let mut jobs = self.jobs.lock().unwrap();
                let number = jobs.len() + 1;
                let job = jobs.entry(token).or_insert_with(|| format!("job-{number}"));
                good(&json!({"JobId": job}))
            }
            "GetDocumentTextDetection" | "GetDocumentAnalysis" => {
                let known = self.jobs.lock().unwrap();
                if !known.values().any(|job| body["JobId"] == **job) {
                    return failure("InvalidJobIdException");
                }
                let blocks: Vec<Value> = (1..=3)
                    .flat_map(|number| page_blocks(number, &["page", &format!("number {number}")]))
                    .collect();
                good(&part("SUCCEEDED", 3, &blocks, None))
            }
            other => panic!("{other} is not an operation that is used"),
        }
    }
}
