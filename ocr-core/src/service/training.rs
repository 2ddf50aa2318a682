//! Lines that people corrected, as an engine learns from them: what the picture shows, and what stands there.

use super::{OcrService, corrected::correction_store};
use crate::{
    ErrorKind, Result,
    id::TaskId,
    model::{Line, PageText, Polygon, Task, TaskStatus},
    pagination::{Page, PageRequest},
    store::{Scope, TaskFilter},
};

/// A document that somebody corrected.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CorrectedDocument {
    /// The task that read it.
    pub task: Task,
    /// One-based numbers of its pages that somebody did something to, ascending.
    pub pages: Vec<u32>,
}

/// The lines of a page that people corrected or confirmed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TrainingPage {
    /// Width in pixels of the upright page, as it was read.
    pub width: u32,
    /// The engine that read the page.
    pub engine: String,
    /// The lines, in reading order.
    pub lines: Vec<TrainingLine>,
}

/// A line that a person corrected or confirmed, a word of it at least.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TrainingLine {
    /// Its place among the lines of the page, from 0 in reading order.
    pub index: u32,
    /// What stands there.
    pub text: String,
    /// What was read there; empty for a line that was added.
    pub read: String,
    /// Where it stands, normalised to the upright page.
    pub polygon: Polygon,
}

impl OcrService {
    /// Documents of `scope` that somebody corrected, the newest first. As many documents are looked at as `request`
    /// says; fewer are given where nobody corrected some of them.
    ///
    /// # Errors
    /// `Unsupported` where the platform keeps no corrections, `InvalidInput` for a cursor of another list.
    pub async fn corrected_documents(
        &self,
        scope: Scope,
        request: PageRequest,
    ) -> Result<Page<CorrectedDocument>> {
        let store = correction_store(&self.platform)?;
        let completed = TaskFilter::default().with_statuses(vec![TaskStatus::Completed]);
        let listed = self.list(scope, completed, request).await?;
        let mut items = Vec::new();
        for task in listed.items {
            let versions = store.correction_versions(scope, task.id).await?;
            let pages: Vec<u32> = versions.iter().map(|version| version.page).collect();
            if !pages.is_empty() {
                items.push(CorrectedDocument { task, pages });
            }
        }
        Ok(Page {
            items,
            next: listed.next,
        })
    }

    /// The lines of page `number` (one-based) that people corrected or confirmed. What was undone does not count, nor
    /// does what was done to an earlier text of the page. `None` for a page that is not there any more.
    ///
    /// # Errors
    /// `Unsupported` where the platform keeps no corrections.
    pub async fn training_page(&self, scope: Scope, id: TaskId, number: u32) -> Result<Option<TrainingPage>> {
        let (task, read, corrected) = match self.before_and_after(scope, id, number).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            found => found?,
        };
        let Some(read) = read else { return Ok(None) };
        let of_page = read.engine.as_ref().map(|engine| engine.name.clone());
        let of_task = task.result.map(|result| result.engine);
        Ok(Some(TrainingPage {
            width: read.width,
            engine: of_page.or(of_task).unwrap_or_default(),
            lines: learned(&read, &corrected),
        }))
    }

    /// A page as it was read, and with its corrections.
    async fn before_and_after(
        &self,
        scope: Scope,
        id: TaskId,
        number: u32,
    ) -> Result<(Task, Option<PageText>, PageText)> {
        let task = self.get(scope, id).await?;
        let corrected = self.corrections(scope, id, number).await?.corrected.page;
        let read = self.original_pages(scope, id, number, number).await?;
        Ok((task, read.into_iter().next(), corrected))
    }
}

/// Lines of `corrected` that hold other words, or words of another confidence, than any line of `read`.
fn learned(read: &PageText, corrected: &PageText) -> Vec<TrainingLine> {
    let before: Vec<&Line> = read.lines().collect();
    let is_as_read = |line: &Line| before.iter().any(|old| old.words == line.words);
    (0..)
        .zip(corrected.lines())
        .filter(|(_, line)| !line.text.trim().is_empty() && !is_as_read(line))
        .map(|(index, line)| TrainingLine {
            index,
            text: line.text.clone(),
            read: read_there(&before, line),
            polygon: line.polygon,
        })
        .collect()
}

/// What was read in the place of a line.
fn read_there(before: &[&Line], line: &Line) -> String {
    let bounds = line.polygon.bounds();
    let there = before
        .iter()
        .filter(|old| bounds.holds_middle_of(&old.polygon.bounds()));
    let texts: Vec<&str> = there.map(|old| old.text.as_str()).collect();
    texts.join(" ")
}
