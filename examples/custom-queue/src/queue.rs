//! The port.

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    clock::{Clock, Timestamp, later},
    id::TaskId,
    pagination::{Cursor, Page, PageRequest},
    queue::{DeadItem, Lease, LeaseToken, Nack, NewItem, Queue, QueueCapabilities, QueueDepth},
};

use crate::{book::Book, file::BookFile};

/// Most items one call may carry: the file is written as a whole.
const MAX_BATCH: usize = 1000;
/// How often [`Queue::wait`] looks at the file.
const LOOK: Duration = Duration::from_millis(20);
/// Ties the cursors of [`Queue::dead`] to it.
const DEAD: &str = "dead";

/// A queue in a directory. Every process that opens the same one shares it.
#[derive(Debug)]
pub struct FileQueue {
    file: BookFile,
    clock: Arc<dyn Clock>,
}

impl FileQueue {
    /// The queue in `directory`, which must exist. It reads time from `clock`, so that tests need not
    /// wait for leases to end.
    pub fn new(directory: &Path, clock: Arc<dyn Clock>) -> Self {
        Self {
            file: BookFile::in_directory(directory),
            clock,
        }
    }

    /// Files block, so the work is done on a thread for that. It goes on to its end although the caller
    /// may have lost interest: all or nothing.
    async fn on_file<T: Send + 'static>(
        &self,
        work: impl FnOnce(&BookFile) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let file = self.file.clone();
        tokio::task::spawn_blocking(move || work(&file))
            .await
            .map_err(|error| {
                Error::new(ErrorKind::Internal, "the work on the file of the queue broke off")
                    .with_source(error)
                    .at("file", "queue")
            })?
    }

    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Book) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.on_file(|file| file.change(change)).await
    }

    async fn read<T: Send + 'static>(&self, look: impl FnOnce(&Book) -> T + Send + 'static) -> Result<T> {
        self.on_file(|file| file.read(look)).await
    }
}

#[async_trait]
impl Queue for FileQueue {
    fn name(&self) -> &'static str {
        "file"
    }

    fn capabilities(&self) -> QueueCapabilities {
        // Strictly in the order they came. The suite leaves out the clauses about what is not offered,
        // and says so.
        QueueCapabilities::full(MAX_BATCH)
            .with_priority(false)
            .with_fair_share(false)
    }

    async fn check(&self) -> Result<()> {
        self.read(|_| ()).await
    }

    async fn enqueue(&self, items: Vec<NewItem>) -> Result<()> {
        self.change(|book| {
            book.add(items);
            Ok(())
        })
        .await
    }

    async fn lease(&self, max: usize, ttl: Duration) -> Result<Vec<Lease>> {
        let now = self.clock.now();
        self.change(move |book| Ok(book.lease(max, now, later(now, ttl))))
            .await
    }

    async fn heartbeat(&self, token: LeaseToken, ttl: Duration) -> Result<Timestamp> {
        let until = later(self.clock.now(), ttl);
        self.change(move |book| book.extend(token, until)).await?;
        Ok(until)
    }

    async fn ack(&self, tokens: Vec<LeaseToken>) -> Result<Vec<LeaseToken>> {
        self.change(|book| Ok(book.finish(tokens))).await
    }

    async fn nack(&self, token: LeaseToken, nack: Nack) -> Result<()> {
        let now = self.clock.now();
        self.change(move |book| match nack {
            Nack::Release => book.give_back(token, None),
            Nack::Reschedule(delay) => book.give_back(token, Some(later(now, delay))),
            Nack::DeadLetter(reason) => book.bury(token, reason, now),
        })
        .await
    }

    async fn reap(&self, limit: usize) -> Result<usize> {
        let now = self.clock.now();
        self.change(move |book| Ok(book.reap(limit, now))).await
    }

    async fn dead(&self, page: PageRequest) -> Result<Page<DeadItem>> {
        // A position, not a number of items to skip: what is buried meanwhile moves nothing.
        let after = page.cursor().map(|cursor| cursor.decode(DEAD)).transpose()?;
        let mut items = self.read(Book::dead).await?;
        items.retain(|dead| after.is_none_or(|position| (dead.at, dead.item.task_id.0) < position));
        let more = items.len() > usize::from(page.limit());
        items.truncate(page.limit().into());
        let last = items.last().filter(|_| more);
        let next = last.map(|dead| Cursor::new(dead.at, dead.item.task_id.0, DEAD));
        Ok(Page { items, next })
    }

    async fn redrive(&self, tasks: Vec<TaskId>) -> Result<usize> {
        self.change(move |book| Ok(book.revive(&tasks))).await
    }

    async fn remove(&self, tasks: Vec<TaskId>) -> Result<()> {
        self.change(move |book| {
            book.remove(&tasks);
            Ok(())
        })
        .await
    }

    async fn depth(&self) -> Result<QueueDepth> {
        let now = self.clock.now();
        self.read(move |book| book.depth(now)).await
    }

    async fn wait(&self, timeout: Duration) -> Result<()> {
        let watch = async {
            loop {
                let now = self.clock.now();
                if self.read(move |book| book.has_ready(now)).await? {
                    return Ok(());
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        // Nothing in all that time is no error.
        tokio::time::timeout(timeout, watch).await.unwrap_or(Ok(()))
    }
}
