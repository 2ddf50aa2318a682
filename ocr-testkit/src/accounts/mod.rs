//! What every [`AccountStore`] must do, clause by clause.

mod access;
mod adoption;
mod attempts;
mod audit;
mod audit_chain;
mod credentials;
mod fixture;
mod identities;
mod logins;
mod second_factors;
mod tokens;

pub use access::*;
pub use adoption::*;
pub use attempts::*;
pub use audit::*;
pub use audit_chain::*;
pub use credentials::*;
pub use fixture::AccountFixture;
pub use identities::*;
pub use logins::*;
pub use second_factors::*;
pub use tokens::*;

#[cfg(doc)]
use ocr_core::account_store::AccountStore;

/// Expands to one test for each clause of the [`AccountStore`] contract.
///
/// Takes a path to an `async fn() -> AccountFixture` that makes an empty store of its own.
#[macro_export]
macro_rules! account_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, accounts:
            an_account_comes_back_as_it_was_kept
            a_login_belongs_to_one_account
            the_first_account_is_made_once
            accounts_are_listed_by_login
            an_account_that_is_not_there_is_not_changed
            a_rehash_changes_nothing_but_the_hash
            the_last_administrator_stays
            an_identity_has_one_account
            an_account_with_an_identity_is_kept_whole_or_not
            an_identity_is_forgotten_with_its_user
            a_session_is_found_until_it_ends
            a_session_is_ended_by_its_owner_only
            another_password_ends_other_sessions
            a_sign_in_does_not_outlive_its_password
            a_password_is_changed_by_whoever_knows_the_present_one
            a_disabled_account_has_no_sessions_and_no_keys
            a_key_is_found_until_it_is_revoked
            what_was_used_is_noted
            refresh_tokens_come_back
            a_refresh_token_gives_way_once
            a_signing_key_gives_way_to_a_newer_one
            a_second_factor_comes_back_as_it_was_kept
            a_second_factor_is_changed_once_from_each_version
            a_secret_works_once
            a_newer_link_takes_the_place_of_an_older_one
            tickets_end_with_what_they_were_made_for
            links_are_kept_while_passwords_are_chosen
            what_has_expired_is_forgotten
            attempts_are_slowed_and_forgiven
            attempts_that_wait_are_not_kept
            of_many_attempts_at_once_few_pass
            entries_are_listed_newest_first
            a_change_that_is_refused_is_not_in_the_log
            entries_of_one_document_are_found
            entries_are_sealed_in_order
            entries_are_sealed_once_by_many
            old_entries_leave_an_anchor
            a_change_of_a_document_is_in_the_log_with_it
            a_user_is_forgotten_and_the_chain_stays_whole
            documents_pass_to_an_account
            saved_searches_pass_to_an_account
        }
    };
}
