//! The use cases. A server, a command line or your own program calls these, not the ports.

mod accounts;
mod activity;
mod audit;
mod blob_names;
mod cancel;
mod condition;
mod copy;
mod correct;
mod corrected;
mod dead_letters;
mod delete;
mod direct_upload;
mod download;
mod erase;
mod explain;
mod export;
mod filing;
mod link;
mod list;
mod page_image;
mod part_upload;
mod purge;
mod queue_position;
mod rendition;
mod restore;
mod result;
mod retry;
mod reuse;
mod review;
mod saved_search;
mod search;
mod submit;
mod training;
mod unlock;
mod usage;
mod user_export;
mod user_part;

pub use accounts::{
    ACCESS_TOKEN_LIFETIME, AccountInvitation, AccountService, Endings, IdentifiedSignIn, IssuedTokens,
    KEY_OVERLAP, MAX_ACCOUNTS, MAX_PASSWORD, MIN_PASSWORD, NewApiKey, NewKey, NewSecondFactor, NewShare,
    OpenedShare, REFRESH_GRACE, SESSION_LIFETIME, SecondFactorState, Secret, ShareInvitation, ShareService,
    SharedDocument, SignIn, SignedIn, TICKET_LIFETIME, VISIT_LIFETIME, normalised_login,
};
pub use activity::{Activity, DayActivity, EngineActivity, MAX_SAMPLE};
pub use audit::AuditCheck;
pub use blob_names::display_name;
pub use condition::{Condition, PartCondition};
pub use correct::{CorrectedAt, MAX_OPERATIONS, PageCorrections};
pub(crate) use corrected::corrected_pages;
pub use dead_letters::{MAX_REDRIVEN, Redriven};
pub use direct_upload::{NewUpload, UploadTicket};
pub use explain::{Explanation, Holding};
pub use export::{ExportEntry, ExportPlan, ExportRequest, MAX_EXPORT_TASKS};
pub(crate) use filing::filing_of;
pub use filing::{FilingNames, MAX_FILED, MAX_NAMES};
pub use link::{ReadLink, WriteLink};
pub use page_image::PageImageRef;
pub(crate) use part_upload::INCOMING;
pub use part_upload::PART_BYTES;
pub use purge::EmptiedTrash;
pub(crate) use purge::remove_blobs;
pub use queue_position::MAX_POSITION;
pub use rendition::Rendition;
pub(crate) use rendition::{RENDITIONS, forget_renditions, useless_renditions};
pub use result::ResultDocument;
pub(crate) use result::{no_result, result_key, result_prefix, stored_result};
pub(crate) use reuse::same_read;
pub use review::{
    CommonCorrection, CommonCorrections, DoubtfulDocument, DoubtfulPage, ReviewProgress, ReviewQueue,
};
pub use search::{FoundWord, MAX_HITS, SearchHit, SearchHits, SearchRequest};
pub use submit::SubmitRequest;
pub use training::{CorrectedDocument, TrainingLine, TrainingPage};
pub use unlock::Password;
pub(crate) use usage::Used;
pub use usage::{Estimate, EstimateRequest, MAX_ESTIMATED_PAGES, PeriodUsage, UsageReport};
pub use user_export::UserFile;
pub use user_part::UserPart;

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::{
    Error, ErrorKind, Result, blob::BlobKey, id::TaskId, model::Task, platform::Platform, store::Scope,
};

/// The use cases of a [`Platform`]. Cheap to clone.
#[derive(Debug, Clone)]
pub struct OcrService {
    platform: Platform,
    /// Permits to open a document with its password.
    opening: Arc<Semaphore>,
    /// What was recorded in the audit log a moment ago.
    views: audit::RecentViews,
    /// Documents of one owner are accepted one after the other.
    admission: usage::Admission,
}

impl OcrService {
    /// The use cases of `platform`.
    pub fn new(platform: Platform) -> Self {
        Self {
            platform,
            opening: Arc::new(Semaphore::new(unlock::MAX_OPENING)),
            views: audit::RecentViews::default(),
            admission: usage::Admission::default(),
        }
    }

    /// The platform underneath.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// One live task. `NotFound` when it does not exist, is in the trash or is not in `scope`.
    pub async fn get(&self, scope: Scope, id: TaskId) -> Result<Task> {
        let task = self.platform.store.task(scope, id).await?;
        task.filter(|task| task.deleted_at.is_none())
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "the task does not exist"))
    }
}

/// The keys of all blobs of `task`; a malformed key, as written by hand into the database, is left out.
pub(crate) fn blob_keys(task: &Task) -> Vec<BlobKey> {
    let result = task.result.as_ref().map(|result| result.key.as_str());
    [Some(task.file.key.as_str()), result]
        .into_iter()
        .flatten()
        .filter_map(|key| key.parse().ok())
        .collect()
}
