//! Counters agree with the rows, whatever happened.

use std::sync::Arc;

use ocr_core::{
    id::UserId,
    model::{Outcome, TaskStats, TaskStatus, Transition},
    store::{Scope, TaskFilter, Write},
};

use super::{Step, StoreFixture, claim, ends};
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
        self.counts_agree(Scope::system()).await;
        for owner in owners {
            self.counts_agree(Scope::owner(*owner)).await;
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
    let steps: [Step; 13] = [
        claim(LONG).into(),
        ends(
            1,
            Outcome::Release {
                delay: std::time::Duration::ZERO,
            },
        ),
        claim(LONG).into(),
        ends(
            2,
            Outcome::Reschedule {
                failure: failure.clone(),
                delay: std::time::Duration::ZERO,
            },
        ),
        claim(LONG).into(),
        ends(3, Outcome::Fail { failure }),
        Transition::Retry.into(),
        Transition::Cancel.into(),
        Transition::Retry.into(),
        claim(LONG).into(),
        ends(4, Outcome::Complete { result }),
        Transition::Retry.into(),
        claim(fixture.time.short()).into(),
    ];
    for step in steps {
        fixture.apply(task.id, step).await;
        fixture.all_counts_agree(&[owner]).await;
    }
    fixture.time.pass(fixture.time.short()).await;
    fixture.apply(task.id, Transition::LeaseExpired).await;
    let counts = fixture.counts_agree(Scope::owner(owner)).await;
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
            .restore_task(Scope::system(), task.id, Write::default())
            .await
            .unwrap();
        fixture.all_counts_agree(&[owner]).await;
        fixture.trash(task.id, std::time::Duration::ZERO).await;
        fixture.time.tick().await;
        assert_eq!(fixture.store.purge(vec![task.id]).await.unwrap(), 1);
        let counts = fixture.counts_agree(Scope::owner(owner)).await;
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
        fixture.store.stats(Scope::owner(owners[2])).await.unwrap(),
        TaskStats::default()
    );
    assert_eq!(fixture.store.stats(Scope::system()).await.unwrap().total, 3);
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
                    store.create_task(new, Write::default()).await.unwrap();
                    let step = if round % 2 == 0 {
                        claim(LONG)
                    } else {
                        Transition::Cancel
                    };
                    store
                        .transition(Scope::system(), id, step, Write::default())
                        .await
                        .unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let counts = fixture.counts_agree(Scope::owner(owner)).await;
    assert_eq!((counts.total, counts.processing, counts.cancelled), (24, 12, 12));
}
