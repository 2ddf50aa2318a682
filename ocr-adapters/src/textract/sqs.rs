//! Messages about the end of jobs: from the service to a topic, from the topic to a queue, from the queue to
//! here. They come at least once and may not come at all, so they only say when to ask.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sqs::{
    Client,
    types::{DeleteMessageBatchRequestEntry, MessageSystemAttributeName},
};
use serde::Deserialize;
use tokio::sync::Notify;

/// Messages taken at once; the most SQS gives.
const MESSAGES: i32 = 10;
/// How long SQS waits for a message; the longest it does.
const LONG_POLL: Duration = Duration::from_secs(20);
/// Pause after a queue that cannot be read.
const PAUSE: Duration = Duration::from_secs(5);
/// A message about a job nobody here waits for is left to other processes this often.
const OTHERS_TRY: u32 = 5;

/// The calls of the queue. Each is one request, repeated by nobody but the SDK.
#[async_trait]
pub trait MessageQueue: fmt::Debug + Send + Sync + 'static {
    /// Takes messages, waiting a while for the first.
    async fn receive(&self) -> Result<Vec<Message>, ocr_core::error::BoxError>;

    /// Removes messages for good.
    async fn remove(&self, receipts: Vec<String>) -> Result<(), ocr_core::error::BoxError>;
}

/// A message as the queue gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// The message of the topic, or the service's own when the topic is told to pass it on raw.
    pub body: String,
    /// Removes it.
    pub receipt: String,
    /// How often it was taken.
    pub taken: u32,
}

impl Message {
    /// A message that is taken for the first time.
    pub fn new(body: impl Into<String>, receipt: impl Into<String>) -> Self {
        Self {
            body: body.into(),
            receipt: receipt.into(),
            taken: 1,
        }
    }

    /// The same, taken this many times.
    #[must_use]
    pub fn with_taken(mut self, taken: u32) -> Self {
        self.taken = taken;
        self
    }
}

/// What the topic wraps messages in.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    message: String,
}

/// What the service says; its status is not believed but asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JobMessage {
    job_id: String,
}

/// The job a message is about; `None` for a message of somebody else.
fn job_of(body: &str) -> Option<String> {
    let wrapped = serde_json::from_str::<Envelope>(body).ok();
    let text = wrapped
        .as_ref()
        .map_or(body, |envelope| envelope.message.as_str());
    serde_json::from_str::<JobMessage>(text)
        .ok()
        .map(|message| message.job_id)
}

/// Whoever waits for the end of a job, with the message that wakes them.
#[derive(Debug)]
pub(super) struct Completions {
    queue: Arc<dyn MessageQueue>,
    waiting: Mutex<HashMap<String, Arc<Notify>>>,
    /// One waiting task reads the queue for all of them; when it is dropped, another takes over.
    reader: tokio::sync::Mutex<()>,
}

impl Completions {
    pub(super) fn new(queue: Arc<dyn MessageQueue>) -> Self {
        Self {
            queue,
            waiting: Mutex::default(),
            reader: tokio::sync::Mutex::new(()),
        }
    }

    /// Returns when a message about `job` has come. May be dropped at any await point.
    pub(super) async fn ended(&self, job: &str) {
        let woken = Arc::new(Notify::new());
        self.lock().insert(job.to_owned(), Arc::clone(&woken));
        let _gone = Forget {
            completions: self,
            job,
        };
        tokio::select! {
            () = woken.notified() => {}
            () = self.read() => {}
        }
    }

    /// Reads the queue for everybody, once it is this one's turn. Never returns.
    async fn read(&self) {
        let _turn = self.reader.lock().await;
        loop {
            match self.queue.receive().await {
                Ok(messages) => self.deliver(messages).await,
                Err(error) => {
                    tracing::warn!(%error, "messages of Textract cannot be read; its jobs are asked for");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Deletes messages before it wakes the waiters: one of them may be the reader of the queue, which ends
    /// when it is woken, and the messages would stay.
    async fn deliver(&self, messages: Vec<Message>) {
        let (mut done, mut wake) = (Vec::new(), Vec::new());
        for message in messages {
            let job = job_of(&message.body);
            let known = job.as_ref().and_then(|job| self.lock().get(job).cloned());
            match known {
                Some(waiting) => wake.push(waiting),
                None if job.is_some() && message.taken < OTHERS_TRY => continue,
                None => tracing::debug!(?job, "a message of Textract that concerns nobody"),
            }
            done.push(message.receipt);
        }
        // A message that could not be removed comes again and wakes nobody.
        if !done.is_empty()
            && let Err(error) = self.queue.remove(done).await
        {
            tracing::debug!(%error, "messages of Textract could not be removed");
        }
        for waiting in wake {
            waiting.notify_one();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Notify>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a job off the list of those waited for.
struct Forget<'a> {
    completions: &'a Completions,
    job: &'a str,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.completions.lock().remove(self.job);
    }
}

/// A queue of SQS.
#[derive(Debug, Clone)]
pub(super) struct SqsQueue {
    client: Client,
    url: String,
}

impl SqsQueue {
    pub(super) fn new(config: &SdkConfig, url: &str) -> Self {
        Self {
            client: Client::new(config),
            url: url.to_owned(),
        }
    }
}

#[async_trait]
impl MessageQueue for SqsQueue {
    async fn receive(&self) -> Result<Vec<Message>, ocr_core::error::BoxError> {
        let taken = MessageSystemAttributeName::ApproximateReceiveCount;
        let call = self.client.receive_message().queue_url(&self.url);
        let call = call
            .max_number_of_messages(MESSAGES)
            .wait_time_seconds(LONG_POLL.as_secs() as i32)
            .message_system_attribute_names(taken.clone());
        let received = call.send().await?;
        let messages = received.messages.unwrap_or_default().into_iter();
        Ok(messages
            .filter_map(|message| {
                let count = message.attributes.as_ref().and_then(|all| all.get(&taken));
                Some(Message {
                    body: message.body?,
                    receipt: message.receipt_handle?,
                    taken: count.and_then(|count| count.parse().ok()).unwrap_or(1),
                })
            })
            .collect())
    }

    async fn remove(&self, receipts: Vec<String>) -> Result<(), ocr_core::error::BoxError> {
        let mut call = self.client.delete_message_batch().queue_url(&self.url);
        for (index, receipt) in receipts.into_iter().enumerate() {
            let entry = DeleteMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .receipt_handle(receipt)
                .build()?;
            call = call.entries(entry);
        }
        call.send().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    #[derive(Debug, Default)]
    struct Script {
        batches: Mutex<VecDeque<Vec<Message>>>,
        removed: Mutex<Vec<String>>,
    }

    #[async_trait]
    impl MessageQueue for Script {
        async fn receive(&self) -> Result<Vec<Message>, ocr_core::error::BoxError> {
            let batch = self.batches.lock().unwrap().pop_front();
            match batch {
                Some(batch) if batch.is_empty() => Err("the queue is away".into()),
                Some(batch) => Ok(batch),
                None => std::future::pending().await,
            }
        }

        async fn remove(&self, receipts: Vec<String>) -> Result<(), ocr_core::error::BoxError> {
            self.removed.lock().unwrap().extend(receipts);
            Ok(())
        }
    }

    fn message(job: &str, receipt: &str, taken: u32) -> Message {
        let inner = format!(r#"{{"JobId":"{job}","Status":"SUCCEEDED","API":"StartDocumentAnalysis"}}"#);
        let body = serde_json::json!({"Type": "Notification", "Message": inner}).to_string();
        Message {
            body,
            receipt: receipt.into(),
            taken,
        }
    }

    fn completions(batches: Vec<Vec<Message>>) -> (Arc<Completions>, Arc<Script>) {
        let script = Arc::new(Script::default());
        *script.batches.lock().unwrap() = batches.into();
        (Arc::new(Completions::new(script.clone())), script)
    }

    #[test]
    fn messages_are_understood_wrapped_and_raw() {
        assert_eq!(job_of(&message("a", "", 1).body).as_deref(), Some("a"));
        assert_eq!(job_of(r#"{"JobId":"b","Status":"FAILED"}"#).as_deref(), Some("b"));
        assert_eq!(job_of("hello"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn each_message_wakes_its_job_whoever_reads_the_queue() {
        let (completions, script) = completions(vec![
            vec![],
            vec![message("b", "1", 1), message("b", "2", 1)],
            vec![message("a", "3", 1)],
        ]);
        let (one, two) = (Arc::clone(&completions), Arc::clone(&completions));
        tokio::join!(one.ended("a"), two.ended("b"));
        assert_eq!(*script.removed.lock().unwrap(), ["1", "2", "3"]);
        assert!(completions.lock().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn messages_of_others_are_left_to_them_for_a_while() {
        let (completions, script) = completions(vec![
            vec![message("foreign", "1", 1), message("old", "2", OTHERS_TRY)],
            vec![message("a", "3", 1)],
        ]);
        completions.ended("a").await;
        assert_eq!(*script.removed.lock().unwrap(), ["2", "3"]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_leaves_the_queue_to_the_others() {
        let (completions, script) = completions(vec![]);
        let first = tokio::time::timeout(Duration::from_secs(1), completions.ended("a"));
        assert!(first.await.is_err());
        script
            .batches
            .lock()
            .unwrap()
            .push_back(vec![message("b", "1", 1)]);
        completions.ended("b").await;
        assert_eq!(*script.removed.lock().unwrap(), ["1"]);
    }
}
