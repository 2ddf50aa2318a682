//! How documents are filed: labels, collections and notes.

use super::OcrService;
use crate::{
    Error, ErrorKind, Result,
    account_store::AuditAction,
    filing_store::{FiledTask, FilingStore, FilingUpdate, NameCount},
    id::TaskId,
    model::{Filing, FilingChange, FilingKind},
    platform::Platform,
    store::{Scope, Write},
};

/// Maximum number of documents that are filed at once.
pub const MAX_FILED: usize = 500;
/// Maximum number of labels, and of collections, that are listed.
pub const MAX_NAMES: usize = 500;

/// Names that documents are filed under, those of most documents first.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilingNames {
    /// Labels, at most [`MAX_NAMES`].
    pub labels: Vec<NameCount>,
    /// Collections, at most [`MAX_NAMES`].
    pub collections: Vec<NameCount>,
}

impl OcrService {
    /// How documents are filed, ascending by task. Left out are those that nobody filed, and all where the platform does
    /// not keep it.
    pub async fn filings(&self, scope: Scope, tasks: Vec<TaskId>) -> Result<Vec<FiledTask>> {
        match &self.platform.filings {
            Some(store) if !tasks.is_empty() => store.filings(scope, tasks).await,
            _ => Ok(Vec::new()),
        }
    }

    /// Changes how a document is filed, and says how it is filed afterwards.
    ///
    /// # Errors
    /// `NotFound` for a task that does not exist, is in the trash or is not in `scope`. Those of
    /// [`OcrService::change_filings`].
    pub async fn change_filing(&self, scope: Scope, task: TaskId, change: FilingChange) -> Result<Filing> {
        let filed = self.change_filings(scope, vec![task], change).await?;
        let found = filed.into_iter().next();
        let found = found.ok_or_else(|| Error::new(ErrorKind::NotFound, "the task does not exist"))?;
        Ok(found.filing)
    }

    /// Changes how up to [`MAX_FILED`] documents are filed, each in the same way. The answer has those that are there,
    /// ascending by task; a document that is deleted meanwhile does not keep the others from being filed.
    ///
    /// # Errors
    /// `InvalidInput` for no or too many documents, a change of nothing, and what [`FilingChange::apply`] refuses of one
    /// of them: none is changed then. `Unsupported` where the platform does not keep how documents are filed.
    pub async fn change_filings(
        &self,
        scope: Scope,
        tasks: Vec<TaskId>,
        change: FilingChange,
    ) -> Result<Vec<FiledTask>> {
        let store = filing_store(&self.platform)?;
        if !(1..=MAX_FILED).contains(&tasks.len()) {
            let message = format!("1 to {MAX_FILED} documents are filed at once");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        if change.is_empty() {
            let message = "nothing is changed: name labels, a collection or a note";
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let (write, mut after) = self.audited(Write::by(scope), AuditAction::DocumentFiled, &tasks);
        let update = FilingUpdate::new(tasks, change);
        let filed = store.change_filings(scope, update, write).await?;
        after.retain(|entry| filed.iter().any(|filed| entry.object == filed.task.to_string()));
        self.record_after(after).await;
        self.platform.wake();
        Ok(filed)
    }

    /// Names that live documents are filed under.
    ///
    /// # Errors
    /// `Unsupported` where the platform does not keep how documents are filed.
    pub async fn filing_names(&self, scope: Scope) -> Result<FilingNames> {
        let store = filing_store(&self.platform)?;
        Ok(FilingNames {
            labels: store.filing_names(scope, FilingKind::Label, MAX_NAMES).await?,
            collections: store
                .filing_names(scope, FilingKind::Collection, MAX_NAMES)
                .await?,
        })
    }
}

/// How the document of `task` is filed.
pub(crate) async fn filing_of(platform: &Platform, task: TaskId) -> Result<Filing> {
    let Some(store) = &platform.filings else {
        return Ok(Filing::default());
    };
    let filed = store.filings(Scope::system(), vec![task]).await?;
    Ok(filed
        .into_iter()
        .next()
        .map(|filed| filed.filing)
        .unwrap_or_default())
}

/// Where the platform keeps how documents are filed.
pub(super) fn filing_store(platform: &Platform) -> Result<&dyn FilingStore> {
    platform.filings.as_deref().ok_or_else(|| {
        Error::new(
            ErrorKind::Unsupported,
            "documents cannot be filed here: labels, collections and notes are not kept",
        )
    })
}
