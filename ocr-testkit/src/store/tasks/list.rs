//! Lists: newest first, each task once, whatever happens meanwhile.

use std::collections::HashSet;

use ocr_core::{
    ErrorKind,
    model::{Task, TaskStatus},
    pagination::{Cursor, PageRequest},
    store::{Scope, TaskFilter},
};

use super::{StoreFixture, ids};
use crate::{
    harness::{LONG, refused},
    samples,
};

fn page(limit: u16, cursor: Option<Cursor>) -> PageRequest {
    PageRequest::first(limit).unwrap().after(cursor)
}

fn only(statuses: &[TaskStatus]) -> TaskFilter {
    TaskFilter::default().with_statuses(statuses.to_vec())
}

/// Newest first by the time of creation.
pub async fn tasks_are_listed_newest_first(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    assert_eq!(
        fixture.list(Scope::owner(owner), TaskFilter::default()).await,
        vec![]
    );
    let mut expected: Vec<Task> = Vec::new();
    for _ in 0..5 {
        expected.insert(0, fixture.pending(owner).await);
        fixture.time.tick().await;
    }
    for scope in [Scope::owner(owner), Scope::system()] {
        assert_eq!(fixture.list(scope, TaskFilter::default()).await, expected);
    }
}

/// Pages of any size together give each task once, in one order.
pub async fn paging_visits_each_task_once(fixture: &StoreFixture) {
    let scope = Scope::owner(fixture.user().await);
    let Some(owner) = scope.owner_id() else { return };
    for _ in 0..7 {
        fixture.pending(owner).await;
    }
    fixture.pending(fixture.user().await).await;
    let whole = ids(&fixture.list(scope, TaskFilter::default()).await);
    for limit in [1, 2, 3, 6, 7, 8] {
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let request = page(limit, cursor);
            let part = fixture
                .store
                .list_tasks(scope, TaskFilter::default(), request)
                .await
                .unwrap();
            assert!(part.items.len() <= usize::from(limit));
            seen.extend(ids(&part.items));
            cursor = part.next;
            if cursor.is_none() || seen.len() > whole.len() {
                break;
            }
        }
        assert_eq!(seen, whole, "pages of {limit}");
    }
}

/// A page that is full but the last one has no cursor, nor has an empty one.
pub async fn the_last_page_has_no_cursor(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let scope = Scope::owner(owner);
    let store = &fixture.store;
    let empty = store
        .list_tasks(scope, TaskFilter::default(), page(2, None))
        .await;
    assert_eq!(empty.unwrap().next, None);
    for _ in 0..4 {
        fixture.pending(owner).await;
    }
    let first = store
        .list_tasks(scope, TaskFilter::default(), page(2, None))
        .await
        .unwrap();
    assert!(first.next.is_some());
    let request = page(2, first.next);
    let last = store
        .list_tasks(scope, TaskFilter::default(), request)
        .await
        .unwrap();
    assert_eq!((last.items.len(), last.next), (2, None));
}

/// What is inserted while a reader pages neither hides nor repeats what was there.
pub async fn inserts_do_not_disturb_paging(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let mut before = HashSet::new();
    for _ in 0..8 {
        before.insert(fixture.pending(owner).await.id);
        fixture.time.tick().await;
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let request = page(3, cursor);
        let part = fixture
            .store
            .list_tasks(Scope::owner(owner), TaskFilter::default(), request)
            .await
            .unwrap();
        seen.extend(ids(&part.items));
        fixture.time.tick().await;
        fixture.pending(owner).await;
        cursor = part.next;
        if cursor.is_none() {
            break;
        }
    }
    let old: Vec<_> = seen.iter().filter(|id| before.contains(id)).collect();
    assert_eq!(old.len(), before.len(), "each old task is visited");
    assert_eq!(
        seen.iter().collect::<HashSet<_>>().len(),
        seen.len(),
        "no task is visited twice"
    );
}

/// Tasks created in the same instant are ordered by id, and none is lost between pages.
pub async fn equal_times_do_not_disturb_paging(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let mut all = HashSet::new();
    for _ in 0..6 {
        all.insert(fixture.pending(owner).await.id);
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    for _ in 0..6 {
        let request = page(1, cursor);
        let part = fixture
            .store
            .list_tasks(Scope::system(), TaskFilter::default(), request)
            .await
            .unwrap();
        seen.extend(part.items);
        cursor = part.next;
    }
    assert_eq!(cursor, None);
    assert_eq!(ids(&seen).into_iter().collect::<HashSet<_>>(), all);
    assert!(
        seen.is_sorted_by_key(|task| std::cmp::Reverse((task.created_at, task.id))),
        "newest first, then by id"
    );
}

/// One or several statuses are wanted; all when none is named.
pub async fn lists_are_filtered_by_status(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    for status in TaskStatus::ALL {
        fixture.in_status(owner, status).await;
        fixture.in_status(owner, status).await;
    }
    let scope = Scope::owner(owner);
    assert_eq!(fixture.list(scope, only(&[])).await.len(), 10);
    assert_eq!(fixture.list(scope, only(&TaskStatus::ALL)).await.len(), 10);
    for status in TaskStatus::ALL {
        let listed = fixture.list(scope, only(&[status])).await;
        assert_eq!(listed.len(), 2, "{status}");
        assert!(listed.iter().all(|task| task.status() == status), "{status}");
    }
    let two = [TaskStatus::Failed, TaskStatus::Completed];
    let listed = fixture.list(Scope::system(), only(&two)).await;
    assert_eq!(listed.len(), 4);
    assert!(listed.iter().all(|task| two.contains(&task.status())));
}

/// A part of a file's name finds it, whatever the case; what is special elsewhere stands for itself.
pub async fn lists_are_filtered_by_file_name(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let mut named = std::collections::HashMap::new();
    for name in [
        "Invoice 100%.pdf",
        "invoice_7.png",
        "letter.pdf",
        "Überweisung.pdf",
    ] {
        let mut new = samples::new_task(owner);
        new.file.filename = name.into();
        named.insert(fixture.create(new).await.id, name);
    }
    let scope = Scope::owner(owner);
    for (part, expected) in [
        ("invoice", vec!["Invoice 100%.pdf", "invoice_7.png"]),
        ("INVOICE_", vec!["invoice_7.png"]),
        ("0%", vec!["Invoice 100%.pdf"]),
        ("berweis", vec!["Überweisung.pdf"]),
        ("' OR 1=1 --", vec![]),
        ("\\", vec![]),
        (
            "",
            vec![
                "Invoice 100%.pdf",
                "invoice_7.png",
                "letter.pdf",
                "Überweisung.pdf",
            ],
        ),
    ] {
        let filter = TaskFilter::default().with_name_contains(Some(part.into()));
        let listed = fixture.list(scope, filter).await;
        let mut names: Vec<&str> = listed.iter().map(|task| named[&task.id]).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{part:?}");
    }
}

/// The SHA-256 of its bytes finds a file, alone and with other filters, of every owner for themselves.
pub async fn lists_are_filtered_by_content(fixture: &StoreFixture) {
    let (owner, other) = (fixture.user().await, fixture.user().await);
    let digest = ocr_core::digest::sha256_hex("the same bytes");
    let create = async |owner, sha256: &str| {
        let mut new = samples::new_task(owner);
        new.file.sha256 = sha256.into();
        fixture.create(new).await.id
    };
    let same = [create(owner, &digest).await, create(owner, &digest).await];
    create(owner, &ocr_core::digest::sha256_hex("other bytes")).await;
    let foreign = create(other, &digest).await;
    let filter = TaskFilter::default().with_sha256(digest.clone());
    let mut listed = ids(&fixture.list(Scope::owner(owner), filter.clone()).await);
    listed.sort_unstable();
    let mut expected = same.to_vec();
    expected.sort_unstable();
    assert_eq!(listed, expected);
    assert_eq!(
        ids(&fixture.list(Scope::owner(other), filter.clone()).await),
        [foreign]
    );
    let completed = filter.clone().with_statuses(vec![TaskStatus::Completed]);
    assert_eq!(fixture.list(Scope::owner(owner), completed).await, vec![]);
    let unknown = TaskFilter::default().with_sha256("' OR 1=1 --".to_owned());
    assert_eq!(fixture.list(Scope::system(), unknown).await, vec![]);
    assert_ne!(
        filter.fingerprint(Scope::system()),
        TaskFilter::default().fingerprint(Scope::system()),
        "a cursor belongs to one list"
    );
}

/// Tasks in the trash are listed apart from the live ones, for their owner and the platform.
pub async fn the_trash_is_a_list_of_its_own(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let live = fixture.pending(owner).await;
    let gone = fixture.pending(owner).await;
    fixture.trash(gone.id, LONG).await;
    let trash = TaskFilter::default().with_deleted(true);
    for scope in [Scope::owner(owner), Scope::system()] {
        assert_eq!(ids(&fixture.list(scope, TaskFilter::default()).await), [live.id]);
        assert_eq!(ids(&fixture.list(scope, trash.clone()).await), [gone.id]);
    }
}

/// A cursor of another filter, another scope or nobody is `InvalidInput`.
pub async fn a_cursor_is_bound_to_its_list(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    for _ in 0..3 {
        fixture.pending(owner).await;
    }
    let (scope, store) = (Scope::owner(owner), &fixture.store);
    let first = store
        .list_tasks(scope, TaskFilter::default(), page(1, None))
        .await
        .unwrap();
    let cursor = first.next.expect("there is more");
    let trash = TaskFilter::default().with_deleted(true);
    let named = TaskFilter::default().with_name_contains(Some("scan".into()));
    for (scope, filter, cursor) in [
        (scope, only(&[TaskStatus::Pending]), cursor.clone()),
        (scope, trash, cursor.clone()),
        (scope, named, cursor.clone()),
        (Scope::system(), TaskFilter::default(), cursor.clone()),
        (Scope::owner(samples::user()), TaskFilter::default(), cursor),
        (scope, TaskFilter::default(), Cursor::from_client("")),
        (scope, TaskFilter::default(), Cursor::from_client("bm9uc2Vuc2U")),
    ] {
        let listed = store.list_tasks(scope, filter, page(1, Some(cursor))).await;
        refused(listed, ErrorKind::InvalidInput);
    }
}
