//! What every [`Queue`] must do, clause by clause.

mod dead;
mod delivery;
mod lease;
mod order;
mod stale;
mod waiting;

use std::{sync::Arc, time::Duration};

use ocr_core::{
    id::TaskId,
    queue::{Lease, LeaseToken, NewItem, Queue},
};

use crate::harness::{Guard, TestTime, no_guard, with_guard};

pub use dead::*;
pub use delivery::*;
pub use lease::*;
pub use order::*;
pub use stale::*;
pub use waiting::*;

/// An empty queue of its own.
#[non_exhaustive]
pub struct QueueFixture {
    /// The queue.
    pub queue: Arc<dyn Queue>,
    /// How time passes for it.
    pub time: TestTime,
    /// Keeps what it needs alive.
    pub guard: Guard,
}

impl std::fmt::Debug for QueueFixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QueueFixture")
            .field("queue", &self.queue)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

impl QueueFixture {
    /// An empty `queue` of its own, and how time passes for it; nothing needs to be kept alive.
    pub fn new(queue: Arc<dyn Queue>, time: TestTime) -> Self {
        Self {
            queue,
            time,
            guard: no_guard(),
        }
    }

    with_guard!();

    async fn add(&self, items: Vec<NewItem>) {
        self.queue.enqueue(items).await.unwrap();
    }

    async fn lease(&self, max: usize, ttl: Duration) -> Vec<Lease> {
        self.queue.lease(max, ttl).await.unwrap()
    }

    /// The only item that is ready.
    async fn lease_one(&self, ttl: Duration) -> Lease {
        let leases = self.lease(2, ttl).await;
        assert_eq!(leases.len(), 1, "one item is ready: {leases:?}");
        leases[0]
    }

    async fn nothing_ready(&self) {
        let leases = self.lease(10, self.time.short()).await;
        assert_eq!(leases, vec![], "nothing is ready");
    }

    /// Two tokens of one new item: the first has been overtaken by the second.
    async fn overtaken(&self, item: NewItem) -> (LeaseToken, LeaseToken) {
        self.add(vec![item]).await;
        let stale = self.lease_one(self.time.short()).await.token;
        self.time.pass(self.time.short()).await;
        let current = self.lease_one(crate::harness::LONG).await.token;
        (stale, current)
    }
}

fn tasks(leases: &[Lease]) -> Vec<TaskId> {
    leases.iter().map(|lease| lease.item.task_id).collect()
}

fn task_ids(items: &[NewItem]) -> Vec<TaskId> {
    items.iter().map(|new| new.item.task_id).collect()
}

/// Expands to one test for each clause of the [`Queue`] contract.
///
/// Takes a path to an `async fn() -> QueueFixture` that makes an empty queue of its own. Put it in a
/// module of its own for each adapter.
#[macro_export]
macro_rules! queue_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, queue:
            an_item_is_handed_out_as_it_was_given
            a_trace_goes_with_its_item
            no_items_are_no_work
            an_item_is_never_held_twice
            no_work_is_lost_between_many_workers
            an_item_waiting_is_not_added_again
            an_item_leased_is_not_added_again
            an_item_acked_may_come_again
            a_whole_batch_is_added
            an_item_waits_for_its_time
            an_interrupted_enqueue_adds_all_or_nothing
            an_interrupted_lease_loses_nothing

            a_lease_takes_no_more_than_asked_for
            a_lease_says_when_it_ends
            a_lease_lasts_as_long_as_promised
            an_expired_item_comes_again_with_a_higher_attempt
            an_expired_item_is_taken_over_once
            a_heartbeat_extends_a_lease
            a_heartbeat_says_when_the_lease_ends
            an_ack_removes_items
            a_released_item_is_ready_at_once
            a_retried_item_waits_its_delay
            reaping_counts_expired_leases
            reaping_spares_leases_that_last

            a_stale_heartbeat_is_refused
            a_stale_ack_is_returned_and_removes_nothing
            a_stale_nack_is_refused
            a_second_ack_is_stale
            a_token_of_nothing_is_stale
            a_token_from_before_a_removal_is_stale
            each_lease_has_a_token_of_its_own

            an_owners_items_go_in_the_order_they_came
            higher_priority_goes_first
            priorities_of_all_sizes_are_kept
            owners_take_turns_one_by_one
            owners_take_turns_within_a_batch
            an_idle_owner_is_not_kept_waiting_by_a_busy_one

            a_dead_item_is_set_aside
            dead_items_are_paged_newest_first
            a_foreign_cursor_is_refused
            a_dead_item_can_be_made_ready_again
            only_dead_items_are_redriven
            a_long_reason_is_kept
            items_are_removed_wherever_they_are

            depth_counts_every_item_once
            waiting_ends_when_work_is_ready
            waiting_ends_at_its_timeout
            waiting_ends_when_work_arrives
            the_queue_says_what_it_is
        }
    };
}
