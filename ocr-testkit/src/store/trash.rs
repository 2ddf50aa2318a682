//! The trash: hidden, restorable for a while, then gone.

use std::time::Duration;

use ocr_core::{
    ErrorKind,
    clock::later,
    model::{Outcome, TaskStatus, Transition},
    store::{Fence, OutboxMessage, Scope, Write},
};

use super::{StoreFixture, claim, ends, ids};
use crate::{
    harness::{LONG, refused},
    samples,
};

/// A task in the trash does not exist for its owner; the platform sees since when.
pub async fn the_trash_hides_a_task_from_its_owner(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let task = fixture.completed(owner).await;
    fixture.time.tick().await;
    let trashed = fixture
        .store
        .trash_task(Scope::owner(owner), task.id, samples::moment(), Write::default())
        .await
        .unwrap();
    assert!(trashed.deleted_at.is_some_and(|at| at > task.created_at));
    assert_eq!(trashed.purge_after, Some(samples::moment()));
    assert_eq!(
        (trashed.status(), &trashed.result),
        (TaskStatus::Completed, &task.result)
    );
    assert_eq!(fixture.read(task.id).await, trashed);
    let seen = fixture.store.task(Scope::owner(owner), task.id).await.unwrap();
    assert_eq!(seen, None);
    let cancel = Transition::Cancel;
    let outcome = fixture
        .store
        .transition(Scope::owner(owner), task.id, cancel, Write::default())
        .await;
    refused(outcome, ErrorKind::NotFound);
}

/// Once its time in the trash is over a task cannot be restored: its blobs may be gone.
pub async fn what_may_be_purged_cannot_be_restored(fixture: &StoreFixture) {
    let short = fixture.time.short();
    let owner = fixture.user().await;
    let task = fixture.completed(owner).await;
    fixture.trash(task.id, short).await;
    fixture.time.pass(short).await;
    for scope in [Scope::system(), Scope::owner(owner)] {
        let restored = fixture.store.restore_task(scope, task.id, Write::default()).await;
        refused(restored, ErrorKind::NotFound);
    }
}

/// What is in the trash cannot be put there; what is not cannot be restored.
pub async fn a_task_is_in_the_trash_once(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let task = fixture.pending(owner).await;
    let messages = samples::messages(&samples::new_task(owner));
    let restored = fixture
        .store
        .restore_task(
            Scope::system(),
            task.id,
            Write::default().with_messages(messages.clone()),
        )
        .await;
    refused(restored, ErrorKind::NotFound);
    fixture.trash(task.id, LONG).await;
    for scope in [Scope::system(), Scope::owner(owner)] {
        let again = fixture
            .store
            .trash_task(
                scope,
                task.id,
                samples::moment(),
                Write::default().with_messages(messages.clone()),
            )
            .await;
        refused(again, ErrorKind::NotFound);
    }
    assert_eq!(fixture.sent().await, vec![]);
}

/// A pending or processing task is pending afterwards, and the worker that ran it is fenced.
pub async fn what_was_running_waits_again_when_restored(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    for status in [TaskStatus::Pending, TaskStatus::Processing] {
        let task = fixture.in_status(owner, status).await;
        fixture.trash(task.id, LONG).await;
        let restored = fixture
            .store
            .restore_task(Scope::system(), task.id, Write::default())
            .await
            .unwrap();
        assert_eq!(restored.deleted_at, None);
        assert_eq!(restored.state, task.state.restored());
        assert_eq!(restored.status(), TaskStatus::Pending);
        assert_eq!(fixture.read(task.id).await, restored);
        let stale = ends(
            1,
            Outcome::Complete {
                result: samples::summary(&task),
            },
        );
        let outcome = fixture
            .step(Scope::system(), task.id, stale, Write::default())
            .await;
        refused(outcome, ErrorKind::LeaseLost);
        let claimed = fixture.apply(task.id, claim(LONG)).await;
        assert_eq!(claimed.state.attempt, task.state.attempt + 1);
    }
}

/// A task that had ended comes back with its result, pages and failure.
pub async fn what_has_ended_is_restored_as_it_was(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    for status in [TaskStatus::Completed, TaskStatus::Failed, TaskStatus::Cancelled] {
        let task = fixture.in_status(owner, status).await;
        fixture.trash(task.id, LONG).await;
        let restored = fixture
            .store
            .restore_task(Scope::system(), task.id, Write::default())
            .await
            .unwrap();
        assert_eq!(restored.state, task.state);
        assert_eq!((&restored.result, &restored.file), (&task.result, &task.file));
        let seen = fixture.store.task(Scope::owner(owner), task.id).await.unwrap();
        assert_eq!(seen, Some(restored));
    }
}

/// An owner restores from their own trash.
pub async fn an_owner_restores_their_own(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let task = fixture.pending(owner).await;
    fixture.trash(task.id, LONG).await;
    let restored = fixture
        .store
        .restore_task(Scope::owner(owner), task.id, Write::default())
        .await
        .unwrap();
    assert_eq!((restored.id, restored.deleted_at), (task.id, None));
    assert_eq!(restored.purge_after, None);
}

/// The messages of both ways are in the outbox when they return.
pub async fn messages_are_committed_with_the_trash(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let task = fixture.pending(owner).await;
    let message = |text| vec![OutboxMessage::Event(samples::task_event(owner, task.id, text))];
    let (trash, restore) = (message("deleted"), message("restored"));
    let purge_after = later(fixture.time.now(), LONG);
    fixture
        .store
        .trash_task(
            Scope::system(),
            task.id,
            purge_after,
            Write::default().with_messages(trash.clone()),
        )
        .await
        .unwrap();
    fixture
        .store
        .restore_task(
            Scope::system(),
            task.id,
            Write::default().with_messages(restore.clone()),
        )
        .await
        .unwrap();
    assert_eq!(fixture.sent().await, [trash, restore].concat());
}

/// Tasks are purgeable from `purge_after` on, at most `limit`; restored ones never.
pub async fn a_task_is_purgeable_when_its_time_has_come(fixture: &StoreFixture) {
    let short = fixture.time.short();
    let owner = fixture.user().await;
    fixture.pending(owner).await;
    let [soon, late, restored] = [
        fixture.pending(owner).await,
        fixture.completed(owner).await,
        fixture.pending(owner).await,
    ];
    fixture.trash(restored.id, short).await;
    fixture
        .store
        .restore_task(Scope::system(), restored.id, Write::default())
        .await
        .unwrap();
    fixture.trash(soon.id, short).await;
    fixture.trash(late.id, LONG).await;
    if fixture.time.is_manual() {
        assert_eq!(fixture.store.purgeable(10).await.unwrap(), vec![]);
    }
    fixture.time.pass(short).await;
    let purgeable = fixture.store.purgeable(10).await.unwrap();
    assert_eq!(ids(&purgeable), [soon.id]);
    assert_eq!(purgeable[0], fixture.read(soon.id).await);
    let more = fixture.pending(owner).await;
    let past = later(fixture.time.now(), Duration::ZERO) - LONG;
    fixture
        .store
        .trash_task(Scope::system(), more.id, past, Write::default())
        .await
        .unwrap();
    assert_eq!(fixture.store.purgeable(10).await.unwrap().len(), 2);
    assert_eq!(fixture.store.purgeable(1).await.unwrap().len(), 1);
}

/// Live and unknown tasks are not purged, and those purged are counted.
pub async fn purging_removes_only_what_is_in_the_trash(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let live = fixture.completed(owner).await;
    let gone = fixture.completed(owner).await;
    fixture.trash(gone.id, LONG).await;
    let tasks = vec![live.id, gone.id, samples::task_id()];
    assert_eq!(fixture.store.purge(tasks).await.unwrap(), 1);
    assert_eq!(fixture.read(live.id).await, live);
    assert_eq!(fixture.store.task(Scope::system(), gone.id).await.unwrap(), None);
    assert_eq!(fixture.store.purge(vec![gone.id]).await.unwrap(), 0);
    assert_eq!(fixture.store.purge(vec![]).await.unwrap(), 0);
}

/// File, result, pages and keys of a purged task are gone; nothing else is.
pub async fn purging_removes_everything_of_a_task(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let new = samples::keyed_task(owner, "key", "request");
    let task = fixture.create(new.clone()).await;
    fixture.apply(task.id, claim(LONG)).await;
    let pages = vec![samples::page(1, "text")];
    fixture
        .store
        .put_pages(Fence::new(task.id, 1), pages)
        .await
        .unwrap();
    let result = samples::summary(&task);
    let keys = vec![task.file.key.clone(), result.key.clone()];
    fixture
        .apply(task.id, ends(1, Outcome::Complete { result }))
        .await;
    fixture.trash(task.id, LONG).await;
    assert_eq!(fixture.store.purge(vec![task.id]).await.unwrap(), 1);
    assert_eq!(
        fixture.store.referenced_keys(keys).await.unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(
        fixture.store.page_numbers(task.id).await.unwrap(),
        Vec::<u32>::new()
    );
    let restored = fixture
        .store
        .restore_task(Scope::system(), task.id, Write::default())
        .await;
    refused(restored, ErrorKind::NotFound);
    assert_eq!(fixture.store.purgeable(10).await.unwrap(), vec![]);
    fixture.pending(owner).await;
}

/// Keys of files and results are referenced, in the trash too; others are not.
pub async fn referenced_keys_are_told_from_others(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let live = fixture.completed(owner).await;
    let trashed = fixture.completed(owner).await;
    fixture.trash(trashed.id, LONG).await;
    let waiting = fixture.pending(owner).await;
    let mut known = vec![waiting.file.key.clone()];
    for task in [&live, &trashed] {
        known.push(task.file.key.clone());
        known.extend(task.result.as_ref().map(|result| result.key.clone()));
    }
    let mut asked = known.clone();
    asked.extend([
        samples::summary(&waiting).key,
        format!("{}x", live.file.key),
        live.file.key.to_uppercase(),
        "uploads/%".into(),
    ]);
    let mut referenced = fixture.store.referenced_keys(asked).await.unwrap();
    referenced.sort_unstable();
    known.sort_unstable();
    assert_eq!(referenced, known);
    assert_eq!(
        fixture.store.referenced_keys(vec![]).await.unwrap(),
        Vec::<String>::new()
    );
}

/// A thousand keys are looked up in one call, and a hundred tasks purged in one.
pub async fn many_keys_are_looked_up_at_once(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let task = fixture.pending(owner).await;
    let mut keys: Vec<String> = (0..1_000).map(|n| format!("uploads/{owner}/{n}")).collect();
    keys.push(task.file.key.clone());
    assert_eq!(
        fixture.store.referenced_keys(keys).await.unwrap(),
        [task.file.key]
    );
    let mut gone = Vec::new();
    for _ in 0..100 {
        let task = fixture.pending(owner).await;
        fixture.trash(task.id, LONG).await;
        gone.push(task.id);
    }
    assert_eq!(fixture.store.purge(gone).await.unwrap(), 100);
    assert_eq!(fixture.store.stats(Scope::system()).await.unwrap().total, 1);
}

/// Expands to one test for each clause of the [`Trash`](ocr_core::store::Trash) contract; a part of
/// [`store_conformance!`](crate::store_conformance), for who works on one trait.
#[macro_export]
macro_rules! trash_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, store:
            the_trash_hides_a_task_from_its_owner
            a_task_is_in_the_trash_once
            what_may_be_purged_cannot_be_restored
            what_was_running_waits_again_when_restored
            what_has_ended_is_restored_as_it_was
            an_owner_restores_their_own
            messages_are_committed_with_the_trash
            a_task_is_purgeable_when_its_time_has_come
            purging_removes_only_what_is_in_the_trash
            purging_removes_everything_of_a_task
            referenced_keys_are_told_from_others
            many_keys_are_looked_up_at_once
        }
    };
}
