//! Change what was read.

use super::{OcrService, corrected::correction_store, forget_renditions};
use crate::{
    Error, ErrorKind, Result,
    account_store::AuditAction,
    correction_store::{Addition, version_conflict},
    corrections::{
        CarriedEdit, CorrectedPage, Entry, Operation, PageLog, carry_over, correct, record, redo, undo,
    },
    id::TaskId,
    model::{PageText, Task},
    store::{Scope, Write},
};

/// Maximum number of changes that are made at once.
pub const MAX_OPERATIONS: usize = 200;

/// A page with what people did to it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PageCorrections {
    /// The page with its corrections.
    pub corrected: CorrectedPage,
    /// All that was done to it.
    pub log: PageLog,
}

impl PageCorrections {
    /// The version that a change of the page names: how often something was done to it.
    pub fn version(&self) -> u32 {
        self.log.version()
    }
}

/// What is changed about a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CorrectedAt {
    /// The task.
    pub task: TaskId,
    /// One-based number of the page.
    pub page: u32,
    /// The version of the page that was seen; 0 for one that nobody changed before.
    pub version: u32,
}

impl CorrectedAt {
    /// Page `page` of `task`, as it was seen at `version`.
    pub const fn new(task: TaskId, page: u32, version: u32) -> Self {
        Self { task, page, version }
    }
}

/// A page as it was read, and what was done to it.
struct Opened {
    task: Task,
    page: PageText,
    log: PageLog,
}

impl OcrService {
    /// A page with its corrections, and what they are.
    ///
    /// # Errors
    /// `NotFound` for a page that was not read, `Unsupported` where the platform keeps no corrections.
    pub async fn corrections(&self, scope: Scope, id: TaskId, page: u32) -> Result<PageCorrections> {
        let Opened { page, log, .. } = self.opened(scope, id, page).await?;
        let corrected = correct(&page, &log);
        Ok(PageCorrections { corrected, log })
    }

    /// Changes a page, at most [`MAX_OPERATIONS`] changes at once, each named by places on the page after those before
    /// it. All are made, or none. What was made of the result in other formats is removed, and searched is what the page
    /// says now.
    ///
    /// # Errors
    /// `InvalidInput` for a change that cannot be made; `Conflict` while the task runs, and where somebody else changed
    /// the page meanwhile: [`present_version`](crate::correction_store::present_version) then says which version it is
    /// at. Those of [`OcrService::corrections`].
    pub async fn correct(
        &self,
        scope: Scope,
        at: CorrectedAt,
        operations: Vec<Operation>,
    ) -> Result<PageCorrections> {
        if !(1..=MAX_OPERATIONS).contains(&operations.len()) {
            let message = format!("1 to {MAX_OPERATIONS} changes are made at once");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let opened = self.opened_at(scope, at).await?;
        let Opened { page, log, .. } = &opened;
        let entries = record(page, log, operations, scope.owner_id(), self.now())?;
        self.add(scope, opened, entries).await
    }

    /// Takes back the last change of a page that counts.
    ///
    /// # Errors
    /// `InvalidInput` when there is none. Those of [`OcrService::correct`].
    pub async fn undo_correction(&self, scope: Scope, at: CorrectedAt) -> Result<PageCorrections> {
        let opened = self.opened_at(scope, at).await?;
        let entry = undo(&opened.page, &opened.log, scope.owner_id(), self.now())?;
        self.add(scope, opened, vec![entry]).await
    }

    /// Makes the change again that was taken back last.
    ///
    /// # Errors
    /// `InvalidInput` when there is none. Those of [`OcrService::correct`].
    pub async fn redo_correction(&self, scope: Scope, at: CorrectedAt) -> Result<PageCorrections> {
        let opened = self.opened_at(scope, at).await?;
        let entry = redo(&opened.page, &opened.log, scope.owner_id(), self.now())?;
        self.add(scope, opened, vec![entry]).await
    }

    /// Looks for the changes of an earlier text on a page that was read again and says something else. Those whose words
    /// are there are made again; what became of each is told. They are looked for once.
    ///
    /// # Errors
    /// `InvalidInput` when there are none. Those of [`OcrService::correct`].
    pub async fn carry_over_corrections(
        &self,
        scope: Scope,
        at: CorrectedAt,
    ) -> Result<(PageCorrections, Vec<CarriedEdit>)> {
        let opened = self.opened_at(scope, at).await?;
        let Opened { page, log, .. } = &opened;
        let (entries, carried) = carry_over(page, log, scope.owner_id(), self.now())?;
        if carried.is_empty() {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "there are no corrections of an earlier text to carry over",
            ));
        }
        Ok((self.add(scope, opened, entries).await?, carried))
    }

    /// Adds to the log of a page.
    async fn add(&self, scope: Scope, opened: Opened, entries: Vec<Entry>) -> Result<PageCorrections> {
        let Opened { task, page, mut log } = opened;
        let addition = Addition::new(task.id, log.page, log.version(), entries.clone());
        let (write, after) = self.audited(Write::by(scope), AuditAction::DocumentCorrected, &[task.id]);
        correction_store(&self.platform)?
            .add_corrections(scope, addition, write)
            .await?;
        self.record_after(after).await;
        self.platform.wake();
        if let Err(error) = forget_renditions(&self.platform, task.owner, task.file.id).await {
            tracing::warn!(?error, task = %task.id, "renditions without the newest corrections stay for now");
        }
        log.entries.extend(entries);
        let corrected = correct(&page, &log);
        Ok(PageCorrections { corrected, log })
    }

    /// A page that may be changed by whoever saw it at this version.
    async fn opened_at(&self, scope: Scope, at: CorrectedAt) -> Result<Opened> {
        let opened = self.opened(scope, at.task, at.page).await?;
        if !opened.task.status().is_terminal() {
            return Err(Error::new(
                ErrorKind::Conflict,
                "the document is still being read; it can be corrected when that has ended",
            ));
        }
        // Before anything else: places on another version mean something else.
        if opened.log.version() != at.version {
            return Err(version_conflict(opened.log.version()));
        }
        Ok(opened)
    }

    async fn opened(&self, scope: Scope, id: TaskId, page: u32) -> Result<Opened> {
        let store = correction_store(&self.platform)?;
        let task = self.get(scope, id).await?;
        let pages = self.platform.store.pages(scope, id, page, page).await?;
        let found = pages.into_iter().next();
        let read = found.ok_or_else(|| Error::new(ErrorKind::NotFound, "there is no such page"))?;
        let log = store
            .correction_logs(scope, id, page, page)
            .await?
            .into_iter()
            .next();
        Ok(Opened {
            task,
            page: read,
            log: log.unwrap_or_else(|| PageLog::new(page, Vec::new())),
        })
    }
}
