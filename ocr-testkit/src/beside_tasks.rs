//! What further traits of a store have in common: what they write about a task is told as a change of the task.

use ocr_core::{
    model::{ChangeCursor, Task},
    store::{ChangeOperation, OutboxMessage, Scope, Store},
};

use crate::harness::LONG;

/// Since `head` the task was changed once, and nothing of it but its time; `message` was sent once.
///
/// # Panics
/// Where that is not so.
pub(crate) async fn told_once(store: &dyn Store, before: &Task, head: ChangeCursor, message: OutboxMessage) {
    let changes = store.changes(Scope::owner(before.owner), head, 10).await.unwrap();
    let seen: Vec<_> = changes
        .iter()
        .map(|change| {
            (
                change.table.as_str(),
                change.operation,
                change.task,
                change.status,
            )
        })
        .collect();
    let status = Some(before.status());
    assert_eq!(
        seen,
        [("tasks", ChangeOperation::Update, Some(before.id), status)]
    );
    let now = store.task(Scope::system(), before.id).await.unwrap().unwrap();
    assert!(now.updated_at > before.updated_at);
    assert_eq!((&now.state, &now.result), (&before.state, &before.result));
    let sent = store.lease_outbox(10, LONG).await.unwrap();
    let sent: Vec<OutboxMessage> = sent.into_iter().map(|entry| entry.message).collect();
    assert_eq!(sent, [message]);
}
