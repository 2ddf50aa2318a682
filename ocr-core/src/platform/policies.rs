//! Limits and durations of a platform.

use std::time::Duration;

use crate::{
    builder::builder,
    model::{AuditLevel, Quotas, TextLayerMode},
};

/// Limits and durations; the defaults are those of the reference server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Policies {
    /// Maximum number of bytes of an uploaded file: 50 MiB.
    pub max_upload_bytes: u64,
    /// Failures after which a task is given up: 3.
    pub max_attempts: u32,
    /// Crashes of whoever reads it after which a task is set aside: 3.
    pub max_crashes: u32,
    /// Time a task may take from its submission to its end, unless it asks for another: as long as it takes.
    pub task_deadline: Option<Duration>,
    /// Maximum time that a task may ask for: 7 days.
    pub max_task_deadline: Duration,
    /// Duration of the lease on a task, which expires without a heartbeat: 15 s.
    pub lease: Duration,
    /// Maximum time one attempt may take: 1 h.
    pub max_attempt_time: Duration,
    /// How long a URL for reading works: 1 h.
    pub download_url_ttl: Duration,
    /// How long a URL for writing works: 15 min.
    pub upload_url_ttl: Duration,
    /// How long a deleted task can be restored: 30 days.
    pub trash_retention: Duration,
    /// How long changes are kept for clients that come back: 7 days.
    pub change_retention: Duration,
    /// Age from which a blob that nothing refers to is removed: 24 h.
    pub orphan_grace: Duration,
    /// Whether an upload by an unknown user creates the user.
    pub create_unknown_users: bool,
    /// First delay before a task is tried again, doubled each time: 2 s.
    pub retry_base_delay: Duration,
    /// Maximum delay before a task is tried again: 60 s.
    pub retry_max_delay: Duration,
    /// How long a task waits while there is no engine, which counts as no failure: 5 s.
    pub no_engine_delay: Duration,
    /// How long a task waits while there is no room for what is read in it, which counts as no failure: 30 s.
    pub storage_full_delay: Duration,
    /// Whether a document takes over the result of the same bytes of the same owner, read in the same way by the same
    /// version of an engine, in place of being read: yes, unless its options ask to read again.
    pub reuse_results: bool,
    /// How long after a document was accepted its pages give their text to the same pictures of the same owner, read
    /// in the same way by the same version of an engine: 90 days. Never when it is zero, and never without
    /// [`Policies::reuse_results`].
    pub reuse_pages_for: Duration,
    /// What becomes of text that a document has already, where a request does not say: `auto`. Whoever takes requests
    /// asks for it; [`TaskOptions`](crate::model::TaskOptions) always say.
    pub text_layer: TextLayerMode,
    /// How much is recorded of what is done with documents: nothing.
    pub audit: AuditLevel,
    /// How long entries of the audit log are kept: for ever, when absent.
    pub audit_retention: Option<Duration>,
    /// What each owner may use, unless something else was set for them: as much as they want.
    pub quotas: Quotas,
    /// What all owners together may spend with engines that charge; only what is money counts: as much as they want.
    pub budget: Quotas,
    /// How long a task waits at most, while money is spent, until it is looked again whether there is more: 5 min.
    pub budget_recheck: Duration,
    /// Maximum time for which a link to a document works: 30 days. None is made when it is zero.
    pub max_share_time: Duration,
}

builder!(Policies {
    with_max_upload_bytes(max_upload_bytes: u64) "The same with another value of: maximum number of bytes of an uploaded file."
    with_max_attempts(max_attempts: u32) "The same with another value of: failures after which a task is given up."
    with_max_crashes(max_crashes: u32) "The same with another value of: crashes after which a task is set aside."
    with_task_deadline(task_deadline: impl Into<Option<Duration>>) "The same with another value of: time a task may take unless it asks for another."
    with_max_task_deadline(max_task_deadline: Duration) "The same with another value of: maximum time that a task may ask for."
    with_lease(lease: Duration) "The same with another value of: duration of the lease on a task."
    with_max_attempt_time(max_attempt_time: Duration) "The same with another value of: maximum time one attempt may take."
    with_download_url_ttl(download_url_ttl: Duration) "The same with another value of: how long a URL for reading works."
    with_upload_url_ttl(upload_url_ttl: Duration) "The same with another value of: how long a URL for writing works."
    with_trash_retention(trash_retention: Duration) "The same with another value of: how long a deleted task can be restored."
    with_change_retention(change_retention: Duration) "The same with another value of: how long changes are kept for clients that come back."
    with_orphan_grace(orphan_grace: Duration) "The same with another value of: age from which a blob that nothing refers to is removed."
    with_create_unknown_users(create_unknown_users: bool) "The same with another value of: whether an upload by an unknown user creates the user."
    with_retry_base_delay(retry_base_delay: Duration) "The same with another value of: first delay before a retry, doubled each time."
    with_retry_max_delay(retry_max_delay: Duration) "The same with another value of: maximum delay before a task is tried again."
    with_audit(audit: AuditLevel) "The same with another value of: how much is recorded of what is done with documents."
    with_audit_retention(audit_retention: impl Into<Option<Duration>>) "The same with another value of: how long entries of the audit log are kept."
    with_reuse_results(reuse_results: bool) "The same with another value of: whether results of the same bytes are taken over."
    with_reuse_pages_for(reuse_pages_for: Duration) "The same with another value of: how long pages give their text to the same pictures."
    with_text_layer(text_layer: TextLayerMode) "The same with another value of: what becomes of text that a document has already, where a request does not say."
    with_quotas(quotas: Quotas) "The same with another value of: what each owner may use."
    with_budget(budget: Quotas) "The same with another value of: what all owners together may spend."
    with_max_share_time(max_share_time: Duration) "The same with another value of: maximum time for which a link to a document works."
    with_budget_recheck(budget_recheck: Duration) "The same with another value of: how long a task waits at most until it is looked again whether there is money."
});

impl Default for Policies {
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            max_upload_bytes: 50 * 1024 * 1024,
            max_attempts: 3,
            max_crashes: 3,
            task_deadline: None,
            max_task_deadline: Duration::from_secs(7 * DAY),
            lease: Duration::from_secs(15),
            max_attempt_time: Duration::from_hours(1),
            download_url_ttl: Duration::from_hours(1),
            upload_url_ttl: Duration::from_mins(15),
            trash_retention: Duration::from_secs(30 * DAY),
            change_retention: Duration::from_secs(7 * DAY),
            orphan_grace: Duration::from_secs(DAY),
            create_unknown_users: true,
            retry_base_delay: Duration::from_secs(2),
            retry_max_delay: Duration::from_mins(1),
            no_engine_delay: Duration::from_secs(5),
            storage_full_delay: Duration::from_secs(30),
            reuse_results: true,
            reuse_pages_for: Duration::from_secs(90 * DAY),
            text_layer: TextLayerMode::Auto,
            audit: AuditLevel::Off,
            audit_retention: None,
            quotas: Quotas::default(),
            budget: Quotas::default(),
            budget_recheck: Duration::from_mins(5),
            max_share_time: Duration::from_secs(30 * DAY),
        }
    }
}
