//! Messages on their way.

use std::{collections::HashSet, sync::Arc, time::Duration};

use ocr_core::{
    id::UserId,
    model::{Progress, TaskStatus},
    notify::{DbChange, Event, EventBody, TaskUpdate},
    store::{ChangeCursor, ChangeOperation, OutboxEntry, OutboxMessage, Write},
};

use super::StoreFixture;
use crate::{harness::LONG, samples};

impl StoreFixture {
    /// Puts `count` messages into the outbox, one transaction each.
    async fn send(&self, owner: UserId, count: usize) -> Vec<OutboxMessage> {
        let mut messages = Vec::new();
        for _ in 0..count {
            let new = samples::new_task(owner);
            let message = OutboxMessage::Enqueue(samples::queue_item(&new));
            self.store
                .create_task(new, Write::default().with_messages(vec![message.clone()]))
                .await
                .unwrap();
            messages.push(message);
        }
        messages
    }

    async fn relay(&self, limit: usize, ttl: Duration) -> Vec<OutboxEntry> {
        self.store.lease_outbox(limit, ttl).await.unwrap()
    }
}

fn messages(entries: &[OutboxEntry]) -> Vec<OutboxMessage> {
    entries.iter().map(|entry| entry.message.clone()).collect()
}

/// Every kind of message is read back as it was given.
pub async fn messages_are_kept_exactly(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let new = samples::new_task(owner);
    let mut urgent = samples::queue_item(&new);
    urgent.priority = i16::MAX;
    urgent.not_before = Some(samples::moment());
    let event = |body| {
        let mut event: Event = samples::task_event(owner, new.id, "");
        event.body = body;
        OutboxMessage::Event(event)
    };
    let progress = Progress::new(2, 5);
    let failed = TaskUpdate::settled(new.id, TaskStatus::Failed, samples::long_text(200_000));
    let change = DbChange::new(
        "tasks",
        ChangeOperation::Delete,
        new.id.0,
        ChangeCursor {
            xid: u64::MAX,
            seq: i64::MAX,
        },
    )
    .with_task_id(Some(new.id))
    .with_status(Some(TaskStatus::Cancelled));
    let given = vec![
        OutboxMessage::Enqueue(urgent),
        OutboxMessage::Enqueue(samples::queue_item(&new)),
        event(EventBody::TaskUpdate(TaskUpdate::progressed(new.id, progress))),
        event(EventBody::TaskUpdate(failed)),
        event(EventBody::DbChange(change)),
    ];
    fixture
        .store
        .create_task(new, Write::default().with_messages(given.clone()))
        .await
        .unwrap();
    assert!(fixture.sent().await == given, "messages are kept exactly");
}

/// Oldest first, within a transaction and between transactions, at most `limit`.
pub async fn messages_come_in_order(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let new = samples::new_task(owner);
    let mut expected = samples::messages(&new);
    fixture
        .store
        .create_task(new, Write::default().with_messages(expected.clone()))
        .await
        .unwrap();
    expected.extend(fixture.send(owner, 4).await);
    assert_eq!(fixture.relay(0, LONG).await, vec![]);
    let mut got = messages(&fixture.relay(1, LONG).await);
    got.extend(messages(&fixture.relay(3, LONG).await));
    got.extend(messages(&fixture.relay(100, LONG).await));
    assert_eq!(got, expected);
}

/// A message is hidden from others while one relay sends it, and comes again if it never settles.
pub async fn a_leased_message_is_hidden_for_a_while(fixture: &StoreFixture) {
    let short = fixture.time.short();
    fixture.send(fixture.user().await, 3).await;
    let first = fixture.relay(2, short).await;
    let rest = fixture.relay(10, LONG).await;
    assert_eq!((first.len(), rest.len()), (2, 1));
    if fixture.time.is_manual() {
        assert_eq!(fixture.relay(10, short).await, vec![]);
    }
    fixture.time.pass(short).await;
    assert_eq!(fixture.relay(10, short).await, first);
}

/// Settled messages are gone for good; unknown ids are ignored.
pub async fn a_settled_message_is_gone(fixture: &StoreFixture) {
    let short = fixture.time.short();
    fixture.send(fixture.user().await, 3).await;
    let entries = fixture.relay(10, short).await;
    let sent = vec![entries[0].id, entries[2].id, i64::MAX, -1];
    fixture.store.settle_outbox(sent.clone()).await.unwrap();
    fixture.store.settle_outbox(sent).await.unwrap();
    fixture.store.settle_outbox(vec![]).await.unwrap();
    fixture.time.pass(short).await;
    assert_eq!(fixture.relay(10, short).await, entries[1..2]);
}

/// Relays that run at the same time send each message once.
pub async fn two_relays_never_share_a_message(fixture: &StoreFixture) {
    fixture.send(fixture.user().await, 40).await;
    let relays: Vec<_> = (0..4)
        .map(|_| {
            let store = Arc::clone(&fixture.store);
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let entries = store.lease_outbox(3, LONG).await.unwrap();
                    if entries.is_empty() {
                        return mine;
                    }
                    let ids: Vec<i64> = entries.iter().map(|entry| entry.id).collect();
                    store.settle_outbox(ids.clone()).await.unwrap();
                    mine.extend(ids);
                }
            })
        })
        .collect();
    let mut sent = Vec::new();
    for relay in relays {
        sent.extend(relay.await.unwrap());
    }
    assert_eq!(sent.len(), 40, "each message is sent once");
    assert_eq!(sent.iter().collect::<HashSet<_>>().len(), 40);
}

/// Expands to one test for each clause of the [`Outbox`](ocr_core::store::Outbox) contract; a part of
/// [`store_conformance!`](crate::store_conformance), for who works on one trait.
#[macro_export]
macro_rules! outbox_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, store:
            messages_are_kept_exactly
            messages_come_in_order
            a_leased_message_is_hidden_for_a_while
            a_settled_message_is_gone
            two_relays_never_share_a_message
        }
    };
}
