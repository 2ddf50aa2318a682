//! What every [`TaskStore`](ocr_core::store::TaskStore) must do.

mod create;
mod due;
mod failures;
mod fence;
mod list;
mod progress;
mod scope;
mod stats;
mod transition;

pub use create::*;
pub use due::*;
pub use failures::*;
pub use fence::*;
pub use list::*;
pub use progress::*;
pub use scope::*;
pub use stats::*;
pub use transition::*;

use super::{Step, StoreFixture, claim, ends, ids};

/// Expands to one test for each clause of the [`TaskStore`](ocr_core::store::TaskStore) contract; a part of
/// [`store_conformance!`](crate::store_conformance), for who works on one trait.
#[macro_export]
macro_rules! task_store_conformance {
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
            lists_are_filtered_by_content
            dead_letters_are_a_list_of_their_own
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
            what_became_of_each_attempt_is_kept
            redriving_keeps_what_was_found
            crashes_and_deadlines_are_kept
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

            waiting_tasks_are_due
            delayed_tasks_are_due_in_their_time
            abandoned_tasks_are_due
            overdue_tasks_are_due
            tasks_in_the_trash_are_not_due
            due_tasks_come_oldest_first
            abandoned_tasks_come_before_those_that_wait
        }
    };
}
