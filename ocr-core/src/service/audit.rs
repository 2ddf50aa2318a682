//! What is recorded of what is done with documents.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Display,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};

use super::OcrService;
use crate::{
    Error, ErrorKind, Result,
    account_store::{
        AccountStore, AuditAction, AuditAnchor, AuditEntry, AuditFilter, AuditLevel, AuditOrigin,
        SealedRecord,
    },
    clock::{Timestamp, later},
    id::{AuditId, TaskId, UserId},
    model::{ChainBreak, ChainVerifier},
    store::{Actor, Write},
};

/// For how long the same view by the same person is one entry.
const ONE_VIEW: Duration = Duration::from_mins(1);
/// Maximum number of views that are remembered for that.
const VIEWS: usize = 4096;
/// Maximum number of refusals of one address that are recorded in [`ONE_VIEW`]: a program that tries ids must not fill
/// the disk.
const REFUSALS: usize = 100;
/// Maximum number of characters of what was looked at or refused that are recorded: whoever asks makes up the address.
const OBJECT: usize = 200;
/// Entries that are read at once.
const BATCH: usize = 500;
/// Maximum number of entries about one document in one answer.
const OF_DOCUMENT: usize = 100;

/// What was recorded a moment ago. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct RecentViews(Arc<Mutex<HashMap<View, Seen>>>);

#[derive(Debug, PartialEq, Eq, Hash)]
struct View {
    action: AuditAction,
    actor: Option<UserId>,
    address: String,
    object: String,
}

#[derive(Debug)]
struct Seen {
    until: Timestamp,
    times: usize,
}

impl RecentViews {
    /// Whether `view` was not yet seen so many times since it was first seen a minute ago or less.
    fn is_new(&self, view: View, now: Timestamp, times: usize) -> bool {
        let mut views = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if views.len() >= VIEWS {
            views.retain(|_, seen| seen.until > now);
            if views.len() >= VIEWS {
                // Recorded twice is better than not at all.
                views.clear();
            }
        }
        let fresh = || Seen {
            until: later(now, ONE_VIEW),
            times: 0,
        };
        let seen = views.entry(view).or_insert_with(fresh);
        if seen.until <= now {
            *seen = fresh();
        }
        seen.times += 1;
        seen.times <= times
    }
}

/// Whether the audit log is as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditCheck {
    /// The first place that is not; `None` when all is well.
    pub broken: Option<ChainBreak>,
    /// How many entries were found to be as they were sealed.
    pub checked: u64,
    /// How many of these do not say any more who did what: somebody was forgotten.
    pub blanked: u64,
    /// How many are not sealed yet, and can be changed unseen.
    pub unsealed: u64,
    /// Where the chain begins, when entries were removed because their time was over.
    pub anchor: Option<AuditAnchor>,
    /// The last place that was found to be as it was sealed. Kept elsewhere, it tells whether the end was cut off.
    pub last: AuditAnchor,
    /// Whether the place that was asked for is in the chain; `None` when none was.
    pub holds: Option<bool>,
}

impl OcrService {
    /// How much is recorded of what is done with documents.
    pub fn audit_level(&self) -> AuditLevel {
        self.platform.policies.audit
    }

    /// The same change with an entry about each of `documents`, and the entries that remain to be recorded after it
    /// because the store keeps no log.
    pub(super) fn audited(
        &self,
        write: Write,
        action: AuditAction,
        documents: &[TaskId],
    ) -> (Write, Vec<AuditEntry>) {
        if self.audit_level() == AuditLevel::Off {
            return (write, Vec::new());
        }
        let origin = origin(write.actor);
        let entries: Vec<AuditEntry> = documents
            .iter()
            .map(|document| self.audit_entry(origin.clone(), action, document.to_string()))
            .collect();
        if self.platform.store.capabilities().audit {
            (write.with_audit(entries), Vec::new())
        } else {
            (write, entries)
        }
    }

    /// Records what a store that keeps no log left. The change is made already, so that a log that cannot be written
    /// fails nothing.
    pub(super) async fn record_after(&self, entries: Vec<AuditEntry>) {
        let Some(log) = &self.platform.account_store else {
            return;
        };
        for entry in entries {
            if let Err(error) = log.record(entry).await {
                tracing::error!(?error, "the audit log could not be written");
            }
        }
    }

    /// Records a change that is made already.
    pub(super) async fn record_change(&self, actor: Actor, action: AuditAction, object: impl Display) {
        if self.audit_level() != AuditLevel::Off {
            let entry = self.audit_entry(origin(actor), action, object.to_string());
            self.record_after(vec![entry]).await;
        }
    }

    /// Records that something was looked at, saved or exported, where that is recorded. The same by the same person within
    /// a minute is recorded once. It is written before this returns; a log that cannot be written fails nothing.
    pub async fn record_view(&self, action: AuditAction, object: impl Display + Send) {
        if self.audit_level() == AuditLevel::All {
            self.record_once(action, object.to_string(), 1).await;
        }
    }

    /// Records that somebody was refused `object`, where that is recorded; 100 times a minute from one address.
    pub async fn record_refusal(&self, object: impl Display + Send) {
        if self.audit_level() != AuditLevel::Off {
            self.record_once(AuditAction::AccessRefused, object.to_string(), REFUSALS)
                .await;
        }
    }

    async fn record_once(&self, action: AuditAction, object: String, times: usize) {
        let origin = origin(Actor::System);
        let refused = action == AuditAction::AccessRefused;
        let view = View {
            action,
            actor: origin.actor,
            address: origin.address.clone(),
            // Whoever tries many objects is refused many times by one address.
            object: if refused { String::new() } else { object.clone() },
        };
        if self.views.is_new(view, self.platform.clock.now(), times) {
            let entry = self.audit_entry(origin, action, cut(object));
            self.record_after(vec![entry]).await;
        }
    }

    fn audit_entry(&self, origin: AuditOrigin, action: AuditAction, object: String) -> AuditEntry {
        let platform = &self.platform;
        let id = AuditId(platform.ids.next());
        AuditEntry::new(id, platform.clock.now(), origin, action).with_object(object)
    }

    /// What was done with a document, newest first, at most 100 entries, all of them before `before`.
    ///
    /// # Errors
    /// `Unsupported` where nothing is recorded.
    pub async fn document_audit(&self, document: TaskId, before: Option<AuditId>) -> Result<Vec<AuditEntry>> {
        let filter = AuditFilter::default().with_document(document).with_before(before);
        self.audit_store()?.audit(filter, OF_DOCUMENT).await
    }

    /// What these users sign in as, of those who have an account.
    pub async fn names_of(&self, users: Vec<UserId>) -> Result<BTreeMap<UserId, String>> {
        let store = self.audit_store()?;
        let mut names = BTreeMap::new();
        for user in users {
            if !names.contains_key(&user)
                && let Some(account) = store.account(user).await?
            {
                names.insert(user, account.login);
            }
        }
        Ok(names)
    }

    /// The whole audit log in the order of its chain, sealed entries only.
    ///
    /// # Errors
    /// `Unsupported` where nothing is recorded.
    pub fn sealed_audit(&self) -> Result<BoxStream<'static, Result<Vec<SealedRecord>>>> {
        let store = self.audit_store()?;
        let batches = stream::try_unfold(0, move |after| {
            let store = Arc::clone(&store);
            async move {
                let found = store.sealed_entries(after, BATCH).await?;
                let last = found.last().map(|sealed| sealed.seal.seq);
                Ok::<_, Error>(last.map(|last| (found, last)))
            }
        });
        Ok(batches.boxed())
    }

    /// Goes along the chain of the audit log and looks for the first entry that is not as it was written. `expected` is a
    /// place that was kept elsewhere.
    ///
    /// # Errors
    /// `Unsupported` where nothing is recorded.
    pub async fn verify_audit(&self, expected: Option<AuditAnchor>) -> Result<AuditCheck> {
        let store = self.audit_store()?;
        let anchor = store.audit_anchor().await?;
        let mut verifier = ChainVerifier::new(anchor.clone());
        let mut holds = expected
            .as_ref()
            .map(|expected| anchor.as_ref() == Some(expected));
        // An anchor that nobody put there by removing old entries hides that others were removed.
        let mut told = anchor.is_none();
        // What told of somebody who was forgotten may be among what was removed because its time was over.
        let mut forgot = anchor.is_some();
        let written = anchor.as_ref().map(ToString::to_string);
        let mut broken = None;
        'chain: loop {
            let found = store.sealed_entries(verifier.last().seq, BATCH).await?;
            for sealed in &found {
                if let Err(found) = verifier.check(sealed) {
                    broken = Some(found);
                    break 'chain;
                }
                if expected.as_ref() == Some(verifier.last()) {
                    holds = Some(true);
                }
                let says = |action: AuditAction| {
                    let record = sealed.record.as_ref();
                    record.filter(|record| record.action == action.as_str())
                };
                forgot |= says(AuditAction::UserErased).is_some();
                let pruned = says(AuditAction::AuditPruned);
                told |= pruned.is_some_and(|record| Some(&record.object) == written.as_ref());
            }
            if found.len() < BATCH {
                break;
            }
        }
        let unsealed = store.unsealed_entries().await?;
        // What is not sealed yet may tell of it.
        if broken.is_none() && unsealed == 0 {
            let unknown = anchor
                .as_ref()
                .filter(|_| !told)
                .map(ChainBreak::at_unknown_anchor);
            let blanked = verifier.first_blanked().filter(|_| !forgot).cloned();
            broken = unknown.or(blanked);
        }
        Ok(AuditCheck {
            broken,
            checked: verifier.checked(),
            blanked: verifier.blanked(),
            unsealed,
            anchor,
            last: verifier.last().clone(),
            holds,
        })
    }

    pub(super) fn audit_store(&self) -> Result<Arc<dyn AccountStore>> {
        let store = self.platform.account_store.clone();
        store.ok_or_else(|| Error::new(ErrorKind::Unsupported, "this platform has no audit log"))
    }
}

/// At most so much of what was asked for as is recorded.
fn cut(mut object: String) -> String {
    if let Some((end, _)) = object.char_indices().nth(OBJECT) {
        object.truncate(end);
    }
    object
}

/// Who asks: whoever signed in, else the owner in whose name it is asked.
fn origin(actor: Actor) -> AuditOrigin {
    let mut origin = AuditOrigin::current().unwrap_or_default();
    if let (None, Actor::User(user)) = (origin.actor, actor) {
        origin.actor = Some(user);
    }
    origin
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(object: &str) -> View {
        View {
            action: AuditAction::DocumentViewed,
            actor: None,
            address: "192.0.2.1".into(),
            object: object.into(),
        }
    }

    #[test]
    fn the_same_view_is_new_again_after_a_minute() {
        let recent = RecentViews::default();
        let start = chrono::DateTime::from_timestamp(1_000_000, 0).unwrap();
        assert!(recent.is_new(view("a"), start, 1));
        assert!(!recent.is_new(view("a"), later(start, Duration::from_secs(59)), 1));
        assert!(recent.is_new(view("b"), start, 1));
        assert!(recent.is_new(view("a"), later(start, ONE_VIEW), 1));
        assert!(!recent.is_new(view("a"), later(start, ONE_VIEW), 1));
    }

    #[test]
    fn of_a_long_object_the_beginning_is_recorded() {
        assert_eq!(cut("/api/tasks".into()), "/api/tasks");
        assert_eq!(cut("ä".repeat(OBJECT)), "ä".repeat(OBJECT));
        assert_eq!(cut("ä".repeat(OBJECT + 1)), "ä".repeat(OBJECT));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let recent = RecentViews::default();
        let start = chrono::DateTime::from_timestamp(1_000_000, 0).unwrap();
        for number in 0..3 * VIEWS {
            assert!(recent.is_new(view(&number.to_string()), start, 1));
            assert!(recent.0.lock().unwrap().len() <= VIEWS);
        }
    }
}
