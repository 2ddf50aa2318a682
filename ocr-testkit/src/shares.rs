//! What every [`ShareStore`] must do, clause by clause.

use std::{sync::Arc, time::Duration};

use ocr_core::{
    ErrorKind,
    clock::{Timestamp, later},
    id::{IdGenerator, RandomIds, ShareId, UserId},
    model::{PasswordHash, Task, TokenHash},
    share_store::{MAX_SHARE_VISITS, MAX_SHARES, Share, ShareStore, ShareVisit},
    store::{Created, Scope, Store, Write},
};

use crate::{
    harness::{Guard, no_guard, refused, with_guard},
    samples,
};

const HOUR: Duration = Duration::from_hours(1);

/// An empty store of its own that keeps links to documents.
#[non_exhaustive]
pub struct ShareFixture {
    /// The store, as that of tasks.
    pub store: Arc<dyn Store>,
    /// The same store, as that of links.
    pub shares: Arc<dyn ShareStore>,
    /// Keeps what it needs alive.
    pub guard: Guard,
}

impl std::fmt::Debug for ShareFixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShareFixture")
            .field("shares", &self.shares)
            .finish_non_exhaustive()
    }
}

impl ShareFixture {
    /// An empty `store` of its own; nothing needs to be kept alive.
    pub fn new<S: Store + ShareStore>(store: Arc<S>) -> Self {
        Self {
            store: store.clone(),
            shares: store,
            guard: no_guard(),
        }
    }

    with_guard!();

    /// A pending task of `owner`.
    async fn task(&self, owner: UserId) -> Task {
        self.store.ensure_user(owner).await.unwrap();
        let new = samples::new_task(owner);
        let created = self.store.create_task(new, Write::default()).await.unwrap();
        let (Created::New(task) | Created::Existing(task)) = created;
        task
    }

    /// A link that was kept.
    async fn kept(&self, share: Share) -> Share {
        let scope = Scope::owner(share.owner);
        self.shares
            .create_share(scope, share.clone(), Write::default())
            .await
            .unwrap();
        share
    }

    async fn listed(&self, owner: UserId) -> Vec<Share> {
        self.shares.shares(Scope::owner(owner), None, 100).await.unwrap()
    }

    /// Opens a link with the secret of `share`, with a visit of an hour.
    async fn open(&self, share: &Share, visit: &str, now: Timestamp) -> Option<Share> {
        let visit = ShareVisit::new(TokenHash::of(visit), later(now, HOUR));
        self.shares
            .open_share(share.id, share.token.clone(), visit, now, Write::default())
            .await
            .unwrap()
    }

    async fn visited(&self, share: &Share, visit: &str, now: Timestamp) -> Option<Share> {
        self.shares
            .visited_share(share.id, TokenHash::of(visit), now)
            .await
            .unwrap()
    }
}

/// A link to the document of `task` that works for a day.
fn link(task: &Task) -> Share {
    let id = ShareId(RandomIds.next());
    let (now, token) = (samples::moment(), TokenHash::of(&format!("secret of {id}")));
    Share::new(id, task.id, task.owner, token, now, later(now, 24 * HOUR))
}

/// Links are kept exactly and listed newest first, each for the owner of its document.
pub async fn links_are_kept_for_the_owner(fixture: &ShareFixture) {
    let (owner, other) = (samples::user(), samples::user());
    let (first, second) = (fixture.task(owner).await, fixture.task(owner).await);
    let foreign = fixture.task(other).await;
    let plain = fixture.kept(link(&first)).await;
    let formats = vec!["text".to_owned(), "searchable-pdf".to_owned()];
    let whole = link(&second)
        .with_password(PasswordHash::new("$argon2id$x"))
        .with_max_opens(3)
        .with_formats(formats);
    let whole = fixture.kept(whole).await;
    let theirs = fixture.kept(link(&foreign)).await;
    assert_eq!(fixture.listed(owner).await, [whole.clone(), plain.clone()]);
    assert_eq!(fixture.listed(other).await, [theirs]);
    let scope = Scope::owner(owner);
    let of_one = fixture.shares.shares(scope, Some(first.id), 9).await.unwrap();
    assert_eq!(of_one, [plain]);
    let of_other = fixture.shares.shares(scope, Some(foreign.id), 9).await.unwrap();
    assert_eq!(of_other, []);
    let newest = fixture.shares.shares(scope, None, 1).await.unwrap();
    assert_eq!(newest, [whole]);
    assert_eq!(
        fixture
            .shares
            .shares(Scope::system(), None, 9)
            .await
            .unwrap()
            .len(),
        3
    );
}

/// A link is to a live document of its owner, within the scope of whoever makes it.
pub async fn a_link_is_to_a_document_of_its_owner(fixture: &ShareFixture) {
    let (owner, other) = (samples::user(), samples::user());
    let (task, foreign) = (fixture.task(owner).await, fixture.task(other).await);
    let make =
        async |scope: Scope, share: Share| fixture.shares.create_share(scope, share, Write::default()).await;
    refused(
        make(Scope::owner(owner), link(&foreign)).await,
        ErrorKind::NotFound,
    );
    let mut lie = link(&foreign);
    lie.owner = owner;
    refused(make(Scope::system(), lie).await, ErrorKind::NotFound);
    let mut nothing = link(&task);
    nothing.task = samples::task_id();
    refused(make(Scope::owner(owner), nothing).await, ErrorKind::NotFound);
    trash(fixture, &task).await;
    refused(make(Scope::owner(owner), link(&task)).await, ErrorKind::NotFound);
    assert_eq!(fixture.listed(owner).await, []);
}

async fn trash(fixture: &ShareFixture, task: &Task) {
    let after = later(samples::moment(), 1_000_000 * HOUR);
    fixture
        .store
        .trash_task(Scope::owner(task.owner), task.id, after, Write::default())
        .await
        .unwrap();
}

/// A link opens with its own secret, and until its time is over.
pub async fn a_link_opens_with_its_secret_in_its_time(fixture: &ShareFixture) {
    let task = fixture.task(samples::user()).await;
    let (share, other) = (fixture.kept(link(&task)).await, fixture.kept(link(&task)).await);
    let now = samples::moment();
    let find = async |id, token: &TokenHash, now| fixture.shares.share(id, token.clone(), now).await.unwrap();
    assert_eq!(find(share.id, &share.token, now).await, Some(share.clone()));
    assert_eq!(find(share.id, &other.token, now).await, None);
    assert_eq!(find(share.id, &share.token, share.expires_at).await, None);
    assert_eq!(fixture.open(&share, "late", share.expires_at).await, None);
    let mut guessed = share.clone();
    guessed.token.clone_from(&other.token);
    assert_eq!(fixture.open(&guessed, "guess", now).await, None);
    assert_eq!(fixture.visited(&share, "guess", now).await, None);
    let unchanged = find(share.id, &share.token, now).await;
    assert_eq!(unchanged, Some(share));
}

/// Openings are counted, and no more succeed than the link allows, also of several at once.
pub async fn openings_are_counted_up_to_their_maximum(fixture: &ShareFixture) {
    let task = fixture.task(samples::user()).await;
    let share = fixture.kept(link(&task).with_max_opens(3)).await;
    let now = later(samples::moment(), HOUR);
    let first = fixture.open(&share, "1", now).await;
    assert_eq!(first, Some(share.clone().with_opens(1).with_last_opened_at(now)));
    assert_eq!(fixture.listed(task.owner).await, [first.unwrap()]);
    let (a, b, c) = tokio::join!(
        fixture.open(&share, "2", now),
        fixture.open(&share, "3", now),
        fixture.open(&share, "4", now),
    );
    assert_eq!([a, b, c].iter().flatten().count(), 2);
    let found = fixture
        .shares
        .share(share.id, share.token.clone(), now)
        .await
        .unwrap();
    assert_eq!(found, None);
    assert_eq!(fixture.listed(task.owner).await[0].opens, 3);
    let still = fixture.visited(&share, "1", now).await;
    assert_eq!(still.unwrap().opens, 3, "whoever opened it reads on");
}

/// A visit is one of its own link only, and lasts for its time and that of the link.
pub async fn a_visit_lasts_for_its_time(fixture: &ShareFixture) {
    let task = fixture.task(samples::user()).await;
    let (share, other) = (fixture.kept(link(&task)).await, fixture.kept(link(&task)).await);
    let now = samples::moment();
    fixture.open(&share, "visit", now).await.unwrap();
    assert_eq!(fixture.visited(&share, "visit", now).await.unwrap().id, share.id);
    assert_eq!(fixture.visited(&other, "visit", now).await, None);
    assert_eq!(fixture.visited(&share, "visit", later(now, HOUR)).await, None);
    let last = later(now, 23 * HOUR + HOUR / 2);
    fixture.open(&share, "at last", last).await.unwrap();
    assert!(fixture.visited(&share, "at last", last).await.is_some());
    assert_eq!(fixture.visited(&share, "at last", share.expires_at).await, None);
}

/// There is a maximum of links to a document, in which those whose time is over do not count.
pub async fn links_are_bounded(fixture: &ShareFixture) {
    let owner = samples::user();
    let (task, other) = (fixture.task(owner).await, fixture.task(owner).await);
    for _ in 0..MAX_SHARES {
        fixture.kept(link(&task)).await;
    }
    let more = link(&task);
    let scope = Scope::owner(owner);
    let refusal = fixture.shares.create_share(scope, more, Write::default()).await;
    refused(refusal, ErrorKind::Conflict);
    fixture.kept(link(&other)).await;
    let mut later_one = link(&task);
    later_one.created_at = later(samples::moment(), 24 * HOUR);
    later_one.expires_at = later(later_one.created_at, HOUR);
    let later_one = fixture.kept(later_one).await;
    let left = fixture.shares.shares(scope, Some(task.id), 100).await.unwrap();
    assert_eq!(left, [later_one]);
}

/// There is a maximum of visits of a link, in which those whose time is over do not count.
pub async fn visits_are_bounded(fixture: &ShareFixture) {
    let task = fixture.task(samples::user()).await;
    let share = fixture.kept(link(&task)).await;
    let now = samples::moment();
    for number in 0..MAX_SHARE_VISITS {
        fixture.open(&share, &number.to_string(), now).await.unwrap();
    }
    let visit = ShareVisit::new(TokenHash::of("more"), later(now, HOUR));
    let more = fixture
        .shares
        .open_share(share.id, share.token.clone(), visit, now, Write::default())
        .await;
    refused(more, ErrorKind::RateLimited);
    let counted = fixture.listed(task.owner).await;
    assert_eq!(
        counted[0].opens as usize, MAX_SHARE_VISITS,
        "a refusal is no opening"
    );
    assert!(fixture.open(&share, "later", later(now, HOUR)).await.is_some());
}

/// A link that is revoked takes its visits with it; somebody else's link is not found.
pub async fn a_link_is_revoked_by_its_owner(fixture: &ShareFixture) {
    let task = fixture.task(samples::user()).await;
    let share = fixture.kept(link(&task)).await;
    let now = samples::moment();
    let opened = fixture.open(&share, "visit", now).await.unwrap();
    let delete = async |scope: Scope| {
        fixture
            .shares
            .delete_share(scope, share.id, Write::default())
            .await
    };
    refused(delete(Scope::owner(samples::user())).await, ErrorKind::NotFound);
    assert_eq!(delete(Scope::owner(task.owner)).await.unwrap(), opened);
    assert_eq!(fixture.visited(&share, "visit", now).await, None);
    assert_eq!(fixture.open(&share, "again", now).await, None);
    refused(delete(Scope::owner(task.owner)).await, ErrorKind::NotFound);
}

/// A link ends when its document is deleted, and is not there again when that is restored.
pub async fn a_link_ends_with_its_document(fixture: &ShareFixture) {
    let owner = samples::user();
    let (task, other) = (fixture.task(owner).await, fixture.task(owner).await);
    let (share, stays) = (fixture.kept(link(&task)).await, fixture.kept(link(&other)).await);
    let now = samples::moment();
    fixture.open(&share, "visit", now).await.unwrap();
    trash(fixture, &task).await;
    let scope = Scope::owner(owner);
    fixture
        .store
        .restore_task(scope, task.id, Write::default())
        .await
        .unwrap();
    assert_eq!(fixture.listed(owner).await, [stays]);
    assert_eq!(fixture.visited(&share, "visit", now).await, None);
    assert_eq!(fixture.open(&share, "again", now).await, None);
}

/// Expands to one test for each clause of the [`ShareStore`] contract.
///
/// Takes a path to an `async fn() -> ShareFixture` that makes an empty store of its own.
#[macro_export]
macro_rules! share_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, shares:
            links_are_kept_for_the_owner
            a_link_is_to_a_document_of_its_owner
            a_link_opens_with_its_secret_in_its_time
            openings_are_counted_up_to_their_maximum
            a_visit_lasts_for_its_time
            links_are_bounded
            visits_are_bounded
            a_link_is_revoked_by_its_owner
            a_link_ends_with_its_document
        }
    };
}
