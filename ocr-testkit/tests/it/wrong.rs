//! Adapters that are wrong in one way each: the clause that forbids it must fail.

use std::{panic, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::stream::BoxStream;
use ocr_core::{
    Result,
    blob::{
        Blob, BlobCapabilities, BlobExtensions, BlobKey, BlobMeta, BlobStore, ByteStream, GetOptions,
        PutOptions,
    },
    clock::{ManualClock, Timestamp},
    id::TaskId,
    memory::{MemoryBlobStore, MemoryNotifier, MemoryQueue},
    notify::{Event, EventStream, Notifier, NotifierCapabilities},
    pagination::{Page, PageRequest},
    queue::{DeadItem, Lease, LeaseToken, Nack, NewItem, Queue, QueueCapabilities, QueueDepth},
    store::Scope,
};
use ocr_testkit::{
    blob::{self, BlobFixture},
    harness::{self, TestTime},
    notify::{self, NotifierFixture},
    queue::{self, QueueFixture},
};

/// Hands every item out again at once.
#[derive(Debug)]
struct Generous(MemoryQueue);

#[async_trait]
impl Queue for Generous {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn capabilities(&self) -> QueueCapabilities {
        self.0.capabilities()
    }

    async fn check(&self) -> Result<()> {
        self.0.check().await
    }

    async fn enqueue(&self, items: Vec<NewItem>) -> Result<()> {
        self.0.enqueue(items).await
    }

    async fn lease(&self, max: usize, _ttl: Duration) -> Result<Vec<Lease>> {
        self.0.lease(max, Duration::ZERO).await
    }

    async fn heartbeat(&self, token: LeaseToken, ttl: Duration) -> Result<Timestamp> {
        self.0.heartbeat(token, ttl).await
    }

    async fn ack(&self, tokens: Vec<LeaseToken>) -> Result<Vec<LeaseToken>> {
        let tasks = tokens.iter().map(|token| token.task).collect();
        self.0.remove(tasks).await?;
        Ok(vec![])
    }

    async fn nack(&self, token: LeaseToken, nack: Nack) -> Result<()> {
        self.0.nack(token, nack).await
    }

    async fn reap(&self, limit: usize) -> Result<usize> {
        self.0.reap(limit).await
    }

    async fn dead(&self, page: PageRequest) -> Result<Page<DeadItem>> {
        self.0.dead(page).await
    }

    async fn redrive(&self, tasks: Vec<TaskId>) -> Result<usize> {
        self.0.redrive(tasks).await
    }

    async fn remove(&self, tasks: Vec<TaskId>) -> Result<()> {
        self.0.remove(tasks).await
    }

    async fn depth(&self) -> Result<QueueDepth> {
        self.0.depth().await
    }

    async fn wait(&self, timeout: Duration) -> Result<()> {
        self.0.wait(timeout).await
    }
}

async fn generous() -> QueueFixture {
    let clock = Arc::new(ManualClock::default());
    QueueFixture::new(
        Arc::new(Generous(MemoryQueue::new(clock.clone()))),
        TestTime::manual(clock),
    )
}

fn fails(clause: impl FnOnce() + panic::UnwindSafe) -> bool {
    panic::catch_unwind(clause).is_err()
}

#[test]
fn a_queue_that_hands_items_out_twice_fails() {
    assert!(fails(|| harness::run(
        generous,
        queue::a_lease_lasts_as_long_as_promised
    )));
    assert!(fails(|| harness::run(
        generous,
        queue::an_item_leased_is_not_added_again
    )));
    assert!(fails(|| harness::run(
        generous,
        queue::an_expired_item_is_taken_over_once
    )));
}

#[test]
fn a_queue_that_believes_stale_acks_fails() {
    assert!(fails(|| {
        harness::run(generous, queue::a_stale_ack_is_returned_and_removes_nothing);
    }));
    assert!(fails(|| harness::run(generous, queue::a_second_ack_is_stale)));
}

/// Tells everybody everything.
#[derive(Debug)]
struct Gossip(MemoryNotifier);

#[async_trait]
impl Notifier for Gossip {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn capabilities(&self) -> NotifierCapabilities {
        self.0.capabilities()
    }

    async fn check(&self) -> Result<()> {
        self.0.check().await
    }

    async fn publish(&self, events: Vec<Event>) -> Result<()> {
        self.0.publish(events).await
    }

    async fn subscribe(&self, _scope: Scope) -> Result<EventStream> {
        self.0.subscribe(Scope::system()).await
    }
}

#[test]
fn a_notifier_that_tells_everybody_everything_fails() {
    let gossip = || async { NotifierFixture::new(Arc::new(Gossip(MemoryNotifier::default()))) };
    assert!(fails(|| harness::run(
        gossip,
        notify::events_of_others_never_arrive
    )));
}

/// Writes what it has got when the body fails or is too long.
#[derive(Debug)]
struct Hasty(MemoryBlobStore);

#[async_trait]
impl BlobStore for Hasty {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn bucket(&self) -> String {
        self.0.bucket()
    }

    fn capabilities(&self) -> BlobCapabilities {
        self.0.capabilities()
    }

    fn extensions(&self) -> BlobExtensions {
        self.0.extensions()
    }

    async fn check(&self) -> Result<()> {
        self.0.check().await
    }

    async fn put(&self, key: BlobKey, body: ByteStream, options: PutOptions) -> Result<BlobMeta> {
        self.0
            .put(
                key.clone(),
                bytes::Bytes::from_static(b"a part").into(),
                PutOptions::default(),
            )
            .await?;
        self.0.put(key, body, options).await
    }

    async fn get(&self, key: BlobKey, options: GetOptions) -> Result<Blob> {
        self.0.get(key, options).await
    }

    async fn head(&self, key: BlobKey) -> Result<Option<BlobMeta>> {
        self.0.head(key).await
    }

    async fn delete(&self, keys: Vec<BlobKey>) -> Result<()> {
        self.0.delete(keys).await
    }

    async fn list(&self, prefix: String) -> Result<BoxStream<'static, Result<BlobMeta>>> {
        self.0.list(prefix).await
    }
}

#[test]
fn a_blob_store_that_leaves_parts_fails() {
    let hasty = || async {
        let clock = Arc::new(ManualClock::default());
        BlobFixture::new(
            Arc::new(Hasty(MemoryBlobStore::new(clock.clone()))),
            TestTime::manual(clock),
        )
    };
    assert!(fails(|| harness::run(hasty, blob::a_limit_is_kept)));
    assert!(fails(|| harness::run(hasty, blob::no_reader_sees_a_part)));
    assert!(fails(|| harness::run(
        hasty,
        blob::an_interrupted_write_leaves_nothing
    )));
    assert!(fails(|| harness::run(
        hasty,
        blob::a_failed_write_spares_what_was_there
    )));
}
