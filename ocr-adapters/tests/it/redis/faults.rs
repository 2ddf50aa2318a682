//! A server that forgets, restarts or hangs.

use std::{num::NonZeroUsize, process::Command, sync::Arc, time::Duration};

use futures::StreamExt;
use ocr_adapters::redis::{RedisQueue, RedisServer};
use ocr_core::{
    ErrorKind, Result,
    duties::run_duties,
    id::UserId,
    notify::{Notifier, Received},
    queue::Queue,
    service::{OcrService, SubmitRequest},
    store::{Scope, TaskStore},
    worker::Worker,
};
use ocr_testkit::{
    FakeEngine, MemoryPlatform,
    documents::text_pdf,
    harness::{LONG, refused, soon},
    samples,
    services::redis::Server,
};
use tokio_util::sync::CancellationToken;

use super::{Cli, breakable, config, hurried, notifier, open};

/// The process id of the server.
async fn process(server: &Server) -> String {
    let info: String = Cli::connect(server.url()).await.run(&["INFO", "server"]).await;
    let pid = info.lines().find_map(|line| line.strip_prefix("process_id:"));
    pid.unwrap().to_owned()
}

/// Rounds of the reconciler, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Sends a signal, as with a shell.
fn kill(name: &str, pid: &str) {
    let sent = Command::new("kill").args([name, pid]).status().unwrap();
    assert!(sent.success(), "kill {name} {pid}");
}

/// A call that works again within some tries.
async fn recovers<T>(what: &str, call: impl AsyncFn() -> Result<T>) -> T {
    let tries = async {
        loop {
            match call().await {
                Ok(value) => return value,
                Err(error) => {
                    assert!(error.is_transient(), "{error:?}");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    };
    soon(what, tries).await
}

#[tokio::test]
async fn scripts_are_loaded_again_after_they_were_flushed() {
    let server = breakable().await;
    let queue = RedisQueue::new(open(config(server.url())).await);
    let mut cli = Cli::connect(server.url()).await;
    for flush in [&["FLUSHALL"][..], &["SCRIPT", "FLUSH"], &["FLUSHALL"]] {
        queue.enqueue(samples::items(samples::user(), 1)).await.unwrap();
        let lease = queue.lease(1, LONG).await.unwrap()[0];
        let _: String = cli.run(flush).await;
        let lost = flush[0] == "FLUSHALL";
        let stale = queue.ack(vec![lease.token]).await.unwrap();
        assert_eq!(stale.len(), usize::from(lost), "{flush:?}");
    }
}

#[tokio::test]
async fn a_queue_survives_a_restart_of_the_server() {
    let server = breakable().await;
    let queue = RedisQueue::new(open(config(server.url())).await);
    queue.enqueue(samples::items(samples::user(), 3)).await.unwrap();
    queue.wait(LONG).await.unwrap();
    for _ in 0..2 {
        server.crash_and_restart().await;
        let item = samples::item(samples::user());
        recovers("an enqueue", async || queue.enqueue(vec![item]).await).await;
        recovers("a wait", async || queue.wait(LONG).await).await;
        let leases = recovers("a lease", async || queue.lease(10, LONG).await).await;
        assert_eq!(leases.len(), 1, "it has nothing left from before");
        assert_eq!(leases[0].item, item.item);
    }
}

#[tokio::test]
async fn a_token_from_before_everything_was_lost_is_stale() {
    let server = breakable().await;
    let queue = RedisQueue::new(open(config(server.url())).await);
    let item = samples::item(samples::user());
    queue.enqueue(vec![item]).await.unwrap();
    let before = queue.lease(1, LONG).await.unwrap()[0];
    // Attempts begin where the clock says, a second later elsewhere.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let _: String = Cli::connect(server.url()).await.run(&["FLUSHALL"]).await;
    queue.enqueue(vec![item]).await.unwrap();
    let after = queue.lease(1, LONG).await.unwrap()[0];
    assert!(after.token.attempt > before.token.attempt);
    assert_eq!(queue.ack(vec![before.token]).await.unwrap(), vec![before.token]);
}

#[tokio::test]
async fn a_frozen_server_holds_nobody_up() {
    let server = breakable().await;
    let queue = Arc::new(RedisQueue::new(open(hurried(server.url())).await));
    let told = notifier(open(hurried(server.url())).await);
    let waiter = Arc::clone(&queue);
    let waiter = tokio::spawn(async move { waiter.wait(LONG).await });
    queue.depth().await.unwrap();
    let pid = process(&server).await;
    kill("-STOP", &pid);
    let item = samples::item(samples::user());
    let event = samples::task_event(samples::user(), samples::task_id(), "hello");
    for call in [
        queue.enqueue(vec![item]),
        queue.wait(LONG),
        told.publish(vec![event]),
    ] {
        refused(soon("the end of a call", call).await, ErrorKind::Timeout);
    }
    let waited = soon("the end of a wait from before", waiter).await.unwrap();
    refused(waited, ErrorKind::Timeout);
    kill("-CONT", &pid);
    recovers("an enqueue", async || queue.enqueue(vec![item]).await).await;
    recovers("a wait", async || queue.wait(LONG).await).await;
    let leases = recovers("a lease", async || queue.lease(1, LONG).await).await;
    assert_eq!(leases[0].item, item.item);
}

#[tokio::test]
async fn subscribers_hear_again_after_a_restart() {
    let server = breakable().await;
    let told = notifier(open(hurried(server.url())).await);
    let owner = samples::user();
    let mut stream = told.subscribe(Scope::owner(owner)).await.unwrap();
    server.crash_and_restart().await;
    let received = soon("word of the loss", stream.next()).await;
    assert!(matches!(received, Some(Received::Lagged { .. })), "{received:?}");
    let event = samples::task_event(owner, samples::task_id(), "afterwards");
    recovers("a publication", async || told.publish(vec![event.clone()]).await).await;
    assert_eq!(
        soon("an event", stream.next()).await,
        Some(Received::Event(event))
    );
}

/// A platform whose store is elsewhere, with queue and notifications in `server`.
fn platform(server: &RedisServer) -> MemoryPlatform {
    let mut parts = MemoryPlatform::new().with_engine(FakeEngine::new(["one", "two"]));
    parts.platform.queue = Arc::new(RedisQueue::new(server.clone()));
    parts.platform.notifier = Arc::new(notifier(server.clone()));
    parts
}

async fn completed(parts: &MemoryPlatform, owner: UserId) -> u64 {
    parts.store.stats(Scope::owner(owner)).await.unwrap().completed
}

#[tokio::test]
async fn every_task_completes_although_everything_was_flushed_and_restarted() {
    const TASKS: u64 = 12;
    let server = breakable().await;
    let parts = platform(&open(hurried(server.url())).await);
    let service = OcrService::new(parts.platform.clone());
    let stop = CancellationToken::new();
    let duties = tokio::spawn(run_duties(parts.platform.clone(), stop.clone()));
    let owner = samples::user();
    for number in 0..TASKS {
        let body = text_pdf(&["a", "b"]).into();
        service
            .submit(owner, SubmitRequest::default(), body)
            .await
            .unwrap();
        if number % 5 == 4 {
            let _: String = Cli::connect(server.url()).await.run(&["FLUSHALL"]).await;
        }
    }
    let worker = Worker::new(parts.platform.clone(), NonZeroUsize::MIN);
    let working = tokio::spawn({
        let stop = stop.clone();
        async move { worker.run(stop).await }
    });
    let some_done = async {
        while completed(&parts, owner).await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, some_done).await.unwrap();
    server.crash_and_restart().await;
    let all_done = async {
        while completed(&parts, owner).await < TASKS {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, all_done).await.unwrap();
    stop.cancel();
    working.await.unwrap();
    duties.await.unwrap();
}
