//! What every [`Store`] must do, clause by clause.

mod changes;
mod checkpoint;
mod create;
mod due;
mod fence;
mod list;
mod outbox;
mod pages;
mod progress;
mod scope;
mod stats;
mod transition;
mod trash;

use std::{sync::Arc, time::Duration};

use ocr_core::{
    id::{TaskId, UserId},
    model::{NewTask, Task, TaskStatus, Transition},
    pagination::PageRequest,
    store::{Change, ChangeCursor, Created, OutboxMessage, Scope, Store, TaskFilter},
};

use crate::{
    harness::{Guard, LONG, TestTime},
    samples,
};

pub use changes::*;
pub use checkpoint::*;
pub use create::*;
pub use due::*;
pub use fence::*;
pub use list::*;
pub use outbox::*;
pub use pages::*;
pub use progress::*;
pub use scope::*;
pub use stats::*;
pub use transition::*;
pub use trash::*;

/// An empty store of its own.
pub struct StoreFixture {
    /// The store.
    pub store: Arc<dyn Store>,
    /// How time passes for it.
    pub time: TestTime,
    /// Keeps what it needs alive.
    pub guard: Guard,
}

impl std::fmt::Debug for StoreFixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreFixture")
            .field("store", &self.store)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

impl StoreFixture {
    /// A user that exists.
    async fn user(&self) -> UserId {
        let user = samples::user();
        self.store.ensure_user(user).await.unwrap();
        user
    }

    async fn create(&self, new: NewTask) -> Task {
        match self.store.create_task(new, vec![]).await.unwrap() {
            Created::New(task) => task,
            Created::Existing(task) => panic!("a new task was expected: {task:?}"),
        }
    }

    /// A pending task of `owner`.
    async fn pending(&self, owner: UserId) -> Task {
        self.create(samples::new_task(owner)).await
    }

    /// A task of `owner` that is claimed for `lease`.
    async fn claimed(&self, owner: UserId, lease: Duration) -> Task {
        let task = self.pending(owner).await;
        self.apply(task.id, Transition::Claim { lease }).await
    }

    /// A task of `owner` with a result.
    async fn completed(&self, owner: UserId) -> Task {
        let task = self.claimed(owner, LONG).await;
        let result = samples::summary(&task);
        let attempt = task.state.attempt;
        self.apply(task.id, Transition::Complete { attempt, result })
            .await
    }

    /// A task of `owner` in `status`.
    async fn in_status(&self, owner: UserId, status: TaskStatus) -> Task {
        match status {
            TaskStatus::Pending => self.pending(owner).await,
            TaskStatus::Processing => self.claimed(owner, LONG).await,
            TaskStatus::Completed => self.completed(owner).await,
            TaskStatus::Failed => {
                let task = self.claimed(owner, LONG).await;
                let failure = samples::failure("broken");
                let attempt = task.state.attempt;
                self.apply(task.id, Transition::Fail { attempt, failure }).await
            }
            TaskStatus::Cancelled => {
                let task = self.pending(owner).await;
                self.apply(task.id, Transition::Cancel).await
            }
        }
    }

    async fn apply(&self, id: TaskId, transition: Transition) -> Task {
        self.store
            .transition(Scope::System, id, transition, vec![])
            .await
            .unwrap()
    }

    /// A task as the platform sees it.
    async fn read(&self, id: TaskId) -> Task {
        self.store
            .task(Scope::System, id)
            .await
            .unwrap()
            .expect("the task exists")
    }

    /// Every task a list gives, page by page.
    async fn list(&self, scope: Scope, filter: TaskFilter) -> Vec<Task> {
        let (mut tasks, mut cursor) = (Vec::new(), None);
        loop {
            let request = PageRequest::first(100).unwrap().after(cursor);
            let page = self
                .store
                .list_tasks(scope, filter.clone(), request)
                .await
                .unwrap();
            tasks.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return tasks;
            }
        }
    }

    /// Takes every message out of the outbox, oldest first.
    async fn sent(&self) -> Vec<OutboxMessage> {
        let entries = self.store.lease_outbox(1_000, LONG).await.unwrap();
        let ids = entries.iter().map(|entry| entry.id).collect();
        self.store.settle_outbox(ids).await.unwrap();
        entries.into_iter().map(|entry| entry.message).collect()
    }

    async fn head(&self) -> ChangeCursor {
        self.store.change_head().await.unwrap()
    }

    async fn changes(&self, since: ChangeCursor) -> Vec<Change> {
        self.store.changes(Scope::System, since, 1_000).await.unwrap()
    }

    /// Puts a task in the trash for `keep`.
    async fn trash(&self, id: TaskId, keep: Duration) -> Task {
        let purge_after = ocr_core::clock::later(self.time.now(), keep);
        self.store
            .trash_task(Scope::System, id, purge_after, vec![])
            .await
            .unwrap()
    }
}

fn ids(tasks: &[Task]) -> Vec<TaskId> {
    tasks.iter().map(|task| task.id).collect()
}

fn claim(lease: Duration) -> Transition {
    Transition::Claim { lease }
}

/// Expands to one test for each clause of the [`Store`] contract.
///
/// Takes a path to an `async fn() -> StoreFixture` that makes an empty store of its own. Put it in a
/// module of its own for each adapter.
#[macro_export]
macro_rules! store_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, store:
            a_task_is_created_pending
            every_field_of_a_task_is_kept
            every_media_type_is_kept
            an_unknown_owner_is_refused
            a_user_is_created_once
            a_repeated_key_gives_the_first_task
            a_key_for_another_request_is_refused
            an_old_key_counts_as_new
            a_key_of_a_trashed_task_counts_as_new
            keys_belong_to_their_owner
            a_file_has_one_task
            of_many_equal_requests_one_creates
            a_message_is_committed_with_its_task
            an_interrupted_creation_is_whole_or_absent
            the_store_says_what_it_is

            another_owner_sees_nothing
            another_owner_changes_nothing
            the_platform_sees_everything
            a_task_that_does_not_exist_is_not_found

            tasks_are_listed_newest_first
            paging_visits_each_task_once
            the_last_page_has_no_cursor
            inserts_do_not_disturb_paging
            equal_times_do_not_disturb_paging
            lists_are_filtered_by_status
            lists_are_filtered_by_file_name
            the_trash_is_a_list_of_its_own
            a_cursor_is_bound_to_its_list

            counts_follow_every_transition
            counts_follow_the_trash
            counts_are_kept_for_each_owner
            counts_survive_concurrent_changes

            transitions_follow_the_state_machine
            of_many_claims_one_succeeds
            a_message_is_committed_with_its_transition
            a_refused_transition_writes_nothing
            a_result_is_kept_exactly
            a_result_without_words_is_kept
            retrying_clears_what_was_found
            a_long_failure_is_kept
            a_transition_is_a_change_of_the_task
            an_ended_task_has_no_progress

            an_expired_task_can_be_taken_over
            a_stale_attempt_changes_nothing
            an_ended_task_has_no_holder
            a_task_in_the_trash_stands_still

            progress_is_kept
            progress_extends_the_lease
            a_heartbeat_keeps_the_progress
            progress_of_a_lost_task_says_stop

            pages_are_kept_exactly
            pages_come_in_order
            a_page_stored_again_is_replaced
            a_big_page_is_kept
            many_pages_are_kept
            pages_of_a_range_are_given
            pages_are_seen_by_their_owner_only
            stale_pages_are_refused

            a_checkpoint_is_kept_exactly
            a_checkpoint_outlives_its_attempt
            retrying_clears_the_checkpoint
            a_stale_checkpoint_is_refused

            waiting_tasks_are_due
            delayed_tasks_are_due_in_their_time
            abandoned_tasks_are_due
            tasks_in_the_trash_are_not_due
            due_tasks_come_oldest_first
            abandoned_tasks_come_before_those_that_wait

            messages_are_kept_exactly
            messages_come_in_order
            a_leased_message_is_hidden_for_a_while
            a_settled_message_is_gone
            two_relays_never_share_a_message

            a_moment_has_a_position_in_the_log
            a_new_task_is_logged
            every_transition_is_logged
            the_trash_is_logged
            progress_is_not_logged
            changes_are_seen_by_their_owner_only
            changes_are_resumed_anywhere
            old_changes_are_forgotten
            the_head_is_behind_the_newest_change
            a_follower_misses_nothing

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
