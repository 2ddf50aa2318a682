//! Counters agree with the rows, whatever happened.

use std::sync::Arc;

use ocr_core::{
    id::UserId,
    model::{TaskStats, TaskStatus, Transition},
    store::{Scope, TaskFilter},
};

use super::{StoreFixture, claim};
use crate::{harness::LONG, samples};

impl StoreFixture {
    /// Asserts that counters equal what a list of the rows gives.
    async fn counts_agree(&self, scope: Scope) -> TaskStats {
        let mut counted = TaskStats::default();
        for task in self.list(scope, TaskFilter::default()).await {
            counted.add(task.status(), 1);
        }
        assert_eq!(self.store.stats(scope).await.unwrap(), counted, "{scope:?}");
        counted
    }

    async fn all_counts_agree(&self, owners: &[UserId]) {
        self.counts_agree(Scope::System).await;
        for owner in owners {
            self.counts_agree(Scope::Owner(*owner)).await;
        }
    }
}

/// Counters move with each transition.
pub async fn counts_follow_every_transition(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    fixture.pending(owner).await;
    let task = fixture.pending(owner).await;
    fixture.all_counts_agree(&[owner]).await;
    let failure = samples::failure("not now");
    let result = samples::summary(&task);
    let steps = [
        claim(LONG),
        Transition::Release {
            attempt: 1,
            delay: std::time::Duration::ZERO,
        },
        claim(LONG),
        Transition::RetryLater {
            attempt: 2,
            failure: failure.clone(),
            delay: std::time::Duration::ZERO,
        },
        claim(LONG),
        Transition::Fail { attempt: 3, failure },
        Transition::Retry,
        Transition::Cancel,
        Transition::Retry,
        claim(LONG),
        Transition::Complete { attempt: 4, result },
        Transition::Retry,
        claim(fixture.time.short()),
    ];
    for step in steps {
        fixture.apply(task.id, step).await;
        fixture.all_counts_agree(&[owner]).await;
    }
    fixture.time.pass(fixture.time.short()).await;
    fixture.apply(task.id, Transition::LeaseExpired).await;
    let counts = fixture.counts_agree(Scope::Owner(owner)).await;
    assert_eq!((counts.total, counts.pending), (2, 2));
}

/// Tasks in the trash are not counted; restored ones are.
pub async fn counts_follow_the_trash(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    for status in TaskStatus::ALL {
        let task = fixture.in_status(owner, status).await;
        fixture.trash(task.id, LONG).await;
        fixture.all_counts_agree(&[owner]).await;
        fixture
            .store
            .restore_task(Scope::System, task.id, vec![])
            .await
            .unwrap();
        fixture.all_counts_agree(&[owner]).await;
        fixture.trash(task.id, std::time::Duration::ZERO).await;
        fixture.time.tick().await;
        assert_eq!(fixture.store.purge(vec![task.id]).await.unwrap(), 1);
        let counts = fixture.counts_agree(Scope::Owner(owner)).await;
        assert_eq!(counts, TaskStats::default());
    }
}

/// Each owner has counts of their own; the platform's are their sum.
pub async fn counts_are_kept_for_each_owner(fixture: &StoreFixture) {
    let owners = [fixture.user().await, fixture.user().await, fixture.user().await];
    fixture.in_status(owners[0], TaskStatus::Completed).await;
    fixture.in_status(owners[0], TaskStatus::Failed).await;
    fixture.in_status(owners[1], TaskStatus::Processing).await;
    fixture.all_counts_agree(&owners).await;
    assert_eq!(
        fixture.store.stats(Scope::Owner(owners[2])).await.unwrap(),
        TaskStats::default()
    );
    assert_eq!(fixture.store.stats(Scope::System).await.unwrap().total, 3);
}

/// Changes that happen at once are all counted.
pub async fn counts_survive_concurrent_changes(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let store = Arc::clone(&fixture.store);
            tokio::spawn(async move {
                for round in 0..6 {
                    let new = samples::new_task(owner);
                    let id = new.id;
                    store.create_task(new, vec![]).await.unwrap();
                    let step = if round % 2 == 0 {
                        claim(LONG)
                    } else {
                        Transition::Cancel
                    };
                    store.transition(Scope::System, id, step, vec![]).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let counts = fixture.counts_agree(Scope::Owner(owner)).await;
    assert_eq!((counts.total, counts.processing, counts.cancelled), (24, 12, 12));
}
