//! Creation: once for each request, with its messages or not at all.

use std::{collections::HashSet, sync::Arc, time::Duration};

use ocr_core::{
    ErrorKind,
    id::TaskId,
    model::{Feature, MediaType, TaskOptions, TaskState, TaskStats},
    store::{Created, OutboxMessage, Scope, TaskFilter, Write},
};

use super::{StoreFixture, ids};
use crate::{
    harness::{LONG, refused},
    samples,
};

/// A new task is pending, unclaimed, and read back as it was given.
pub async fn a_task_is_created_pending(fixture: &StoreFixture) {
    let new = samples::new_task(fixture.user().await);
    let task = fixture.create(new.clone()).await;
    assert_eq!((task.id, task.owner), (new.id, new.owner));
    assert_eq!((&task.file, &task.options), (&new.file, &new.options));
    assert_eq!(task.state, TaskState::pending(new.max_attempts));
    assert_eq!(
        (task.progress, &task.result, task.deleted_at),
        (None, &None, None)
    );
    assert_eq!(task.created_at, task.updated_at);
    if fixture.time.is_manual() {
        assert_eq!(task.created_at, fixture.time.now());
    }
    for scope in [Scope::system(), Scope::owner(new.owner)] {
        assert_eq!(
            fixture.store.task(scope, new.id).await.unwrap().as_ref(),
            Some(&task)
        );
    }
}

/// Names of 255 bytes in any script, sizes beyond 4 GiB, versions and options are kept.
pub async fn every_field_of_a_task_is_kept(fixture: &StoreFixture) {
    let mut plain = samples::new_task(fixture.user().await);
    let filename = format!("{}a.pdf", "é日😀\"'%\\".repeat(19));
    assert!(
        filename.len() <= 255 && filename.len() > 240,
        "{}",
        filename.len()
    );
    plain.file.filename = format!("{}{filename}", "x".repeat(255 - filename.len()));
    plain.file.size = 5 << 40;
    plain.file.version_id = Some("3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY".into());
    plain.file.bucket = "b".repeat(63);
    let new = plain
        .with_options(
            TaskOptions::default()
                .with_engine(Some("fake".into()))
                .with_languages(vec!["de-CH".into(), "zh-Hant".into()])
                .with_pages(Some("1-3,7".parse().unwrap()))
                .with_features(Feature::ALL.to_vec())
                .with_queries(vec!["Who signed, and when?".into(), samples::long_text(100)])
                .with_read_again(true),
        )
        .with_max_attempts(17);
    let task = fixture.create(new.clone()).await;
    let read = fixture.read(new.id).await;
    assert_eq!(read, task);
    assert_eq!((read.file, read.options), (new.file, new.options));
    assert_eq!(read.state.max_attempts, 17);
}

/// Each type of document is read back.
pub async fn every_media_type_is_kept(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    for media_type in MediaType::ALL {
        let mut new = samples::new_task(owner);
        new.file.media_type = media_type;
        let id = fixture.create(new).await.id;
        assert_eq!(fixture.read(id).await.file.media_type, media_type);
    }
}

/// `NotFound` when the owner does not exist, and nothing is written.
pub async fn an_unknown_owner_is_refused(fixture: &StoreFixture) {
    let new = samples::new_task(samples::user());
    let created = fixture
        .store
        .create_task(
            new.clone(),
            Write::default().with_messages(samples::messages(&new)),
        )
        .await;
    refused(created, ErrorKind::NotFound);
    assert_eq!(fixture.store.task(Scope::system(), new.id).await.unwrap(), None);
    assert_eq!(fixture.sent().await, vec![]);
}

/// A user that exists is left as it is, also when many create it at once.
pub async fn a_user_is_created_once(fixture: &StoreFixture) {
    let owner = samples::user();
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(&fixture.store);
            tokio::spawn(async move { store.ensure_user(owner).await })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    let task = fixture.pending(owner).await;
    fixture.store.ensure_user(owner).await.unwrap();
    assert_eq!(fixture.read(task.id).await, task);
}

/// The same key with the same fingerprint gives `Existing` and writes nothing.
pub async fn a_repeated_key_gives_the_first_task(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let key = "k".repeat(255);
    let task = fixture
        .create(samples::keyed_task(owner, &key, "request 1"))
        .await;
    let head = fixture.head().await;
    let again = samples::keyed_task(owner, &key, "request 1");
    let messages = samples::messages(&again);
    let repeated = fixture.store.repeated_task(again.clone()).await.unwrap();
    assert_eq!(repeated, Some(task.clone()));
    let created = fixture
        .store
        .create_task(again, Write::default().with_messages(messages))
        .await
        .unwrap();
    assert_eq!(created, Created::Existing(task.clone()));
    let mut same_file = samples::new_task(owner);
    same_file.file = task.file.clone();
    let repeated = fixture.store.repeated_task(same_file).await.unwrap();
    assert_eq!(repeated, Some(task.clone()));
    let unlike = samples::new_task(owner);
    assert_eq!(fixture.store.repeated_task(unlike).await.unwrap(), None);
    let other = samples::keyed_task(owner, &key, "request 2");
    refused(fixture.store.repeated_task(other).await, ErrorKind::InvalidInput);
    assert_eq!(
        ids(&fixture.list(Scope::system(), TaskFilter::default()).await),
        [task.id]
    );
    assert_eq!(fixture.sent().await, vec![]);
    assert_eq!(fixture.changes(head).await, vec![]);
}

/// The same key with another fingerprint is `InvalidInput` and writes nothing.
pub async fn a_key_for_another_request_is_refused(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    fixture
        .create(samples::keyed_task(owner, "key", "request 1"))
        .await;
    let other = samples::keyed_task(owner, "key", "request 2");
    let created = fixture
        .store
        .create_task(
            other.clone(),
            Write::default().with_messages(samples::messages(&other)),
        )
        .await;
    refused(created, ErrorKind::InvalidInput);
    assert_eq!(fixture.store.task(Scope::system(), other.id).await.unwrap(), None);
    assert_eq!(fixture.store.stats(Scope::system()).await.unwrap().total, 1);
    assert_eq!(fixture.sent().await, vec![]);
}

/// A key that was used before the time the request names is forgotten, whatever it was used for.
pub async fn an_old_key_counts_as_new(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let (mut later, mut other) = (
        samples::keyed_task(owner, "key", "request 2"),
        samples::keyed_task(owner, "other", "request 3"),
    );
    let first = fixture
        .create(samples::keyed_task(owner, "key", "request 1"))
        .await;
    for new in [&mut later, &mut other] {
        if let Some(idempotency) = &mut new.idempotency {
            idempotency.not_before = first.created_at + Duration::from_hours(1);
        }
    }
    let second = fixture.create(later).await;
    let again = samples::keyed_task(owner, "key", "request 2");
    let created = fixture.store.create_task(again, Write::default()).await.unwrap();
    assert_eq!(created, Created::Existing(second));
    fixture.create(other).await;
    // Nothing of the first two requests is left that could refuse this one.
    fixture
        .create(samples::keyed_task(owner, "key", "request 4"))
        .await;
}

/// A key whose task is in the trash counts as new; the new task has it from then on.
pub async fn a_key_of_a_trashed_task_counts_as_new(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let keyed = |fingerprint| samples::keyed_task(owner, "key", fingerprint);
    let trashed = fixture.create(keyed("request 1")).await;
    fixture.trash(trashed.id, LONG).await;
    let second = fixture.create(keyed("request 1")).await;
    fixture
        .store
        .restore_task(Scope::owner(owner), trashed.id, Write::default())
        .await
        .unwrap();
    let created = fixture
        .store
        .create_task(keyed("request 1"), Write::default())
        .await;
    assert_eq!(created.unwrap(), Created::Existing(second.clone()));
    fixture.trash(second.id, LONG).await;
    fixture.create(keyed("request 2")).await;
}

/// Two owners may use one key; one owner may use many, and none.
pub async fn keys_belong_to_their_owner(fixture: &StoreFixture) {
    let (first, second) = (fixture.user().await, fixture.user().await);
    fixture
        .create(samples::keyed_task(first, "key", "request 1"))
        .await;
    fixture
        .create(samples::keyed_task(second, "key", "request 2"))
        .await;
    fixture
        .create(samples::keyed_task(first, "Key", "request 3"))
        .await;
    fixture.pending(first).await;
    fixture.pending(first).await;
}

/// A file that already has a task of this owner gives `Existing` and writes nothing.
pub async fn a_file_has_one_task(fixture: &StoreFixture) {
    let new = samples::new_task(fixture.user().await);
    let task = fixture.create(new.clone()).await;
    let mut again = new;
    again.id = samples::task_id();
    let messages = samples::messages(&again);
    let created = fixture
        .store
        .create_task(again, Write::default().with_messages(messages))
        .await
        .unwrap();
    assert_eq!(created, Created::Existing(task));
    assert_eq!(fixture.sent().await, vec![]);
    assert_eq!(fixture.store.stats(Scope::system()).await.unwrap().total, 1);
}

/// Of many equal requests at once one gives `New`, and all give its task.
pub async fn of_many_equal_requests_one_creates(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let requests: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(&fixture.store);
            let new = samples::keyed_task(owner, "key", "request");
            let messages = samples::messages(&new);
            tokio::spawn(async move {
                store
                    .create_task(new, Write::default().with_messages(messages))
                    .await
                    .unwrap()
            })
        })
        .collect();
    let (mut new, mut tasks) = (0, HashSet::new());
    for request in requests {
        let created = request.await.unwrap();
        new += usize::from(matches!(created, Created::New(_)));
        tasks.insert(created.into_task().id);
    }
    assert_eq!(
        (new, tasks.len()),
        (1, 1),
        "one request creates, all see its task"
    );
    assert_eq!(fixture.sent().await.len(), 2, "one request sends its messages");
}

/// The messages of a creation are in the outbox when it returns.
pub async fn a_message_is_committed_with_its_task(fixture: &StoreFixture) {
    let new = samples::new_task(fixture.user().await);
    let messages = samples::messages(&new);
    fixture
        .store
        .create_task(new, Write::default().with_messages(messages.clone()))
        .await
        .unwrap();
    assert_eq!(fixture.sent().await, messages);
}

/// A creation whose future is dropped leaves task, counters and messages, or none of them.
pub async fn an_interrupted_creation_is_whole_or_absent(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    for step in 0..20 {
        let new = samples::new_task(owner);
        let messages = vec![OutboxMessage::Enqueue(samples::queue_item(&new))];
        let create = fixture
            .store
            .create_task(new, Write::default().with_messages(messages));
        let _ = tokio::time::timeout(Duration::from_micros(step * 100), create).await;
    }
    // What was under way when its future was dropped may still land, but whole.
    let (mut told, mut left) = (HashSet::<TaskId>::new(), 20);
    loop {
        let listed = fixture.list(Scope::owner(owner), TaskFilter::default()).await;
        let stats: TaskStats = fixture.store.stats(Scope::owner(owner)).await.unwrap();
        let entries = fixture.store.lease_outbox(1_000, LONG).await.unwrap();
        told.extend(entries.iter().filter_map(|entry| match &entry.message {
            OutboxMessage::Enqueue(new) => Some(new.item.task_id),
            _ => None,
        }));
        let tasks: HashSet<TaskId> = ids(&listed).into_iter().collect();
        if tasks == told && stats.pending == tasks.len() as u64 {
            return;
        }
        left -= 1;
        assert!(left > 0, "tasks {tasks:?}, messages {told:?}, counters {stats:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The name is short and lower-case, the check succeeds, and capabilities stay the same.
pub async fn the_store_says_what_it_is(fixture: &StoreFixture) {
    let name = fixture.store.name();
    assert!(
        !name.is_empty() && name == name.to_lowercase() && name.len() <= 20,
        "{name:?}"
    );
    fixture.store.check().await.unwrap();
    assert_eq!(fixture.store.capabilities(), fixture.store.capabilities());
}
