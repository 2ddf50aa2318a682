//! A notifier that loses events, and what a client makes of those it hears.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use futures::StreamExt;
use ocr_core::{
    Result,
    id::{TaskId, UserId},
    model::TaskStatus,
    notify::{Event, EventBody, EventStream, Notifier, NotifierCapabilities, Received, hear},
    store::{ChangeCursor, ChangeOperation, Scope},
};
use tokio::sync::broadcast;

use super::{defect::Defect, weather::Weather, world::World};

/// Of 1000 events, how many are lost.
const LOST_EVENTS: u64 = 80;
/// Events that a subscriber may be behind.
const CAPACITY: usize = 256;
/// Changes that a client asks for at once.
const BATCH: usize = 100;

/// A notifier for several processes that loses events and says so, as one does whose connection broke.
#[derive(Debug)]
pub(super) struct LossyNotifier {
    weather: Arc<Weather>,
    sender: broadcast::Sender<Received>,
}

impl LossyNotifier {
    pub(super) fn new(weather: Arc<Weather>) -> Self {
        Self {
            weather,
            sender: broadcast::channel(CAPACITY).0,
        }
    }
}

#[async_trait]
impl Notifier for LossyNotifier {
    fn name(&self) -> &'static str {
        "lossy"
    }

    fn capabilities(&self) -> NotifierCapabilities {
        NotifierCapabilities::cross_process()
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }

    async fn publish(&self, events: Vec<Event>) -> Result<()> {
        for event in events {
            let received = if self.weather.breaks(LOST_EVENTS) {
                Received::Lagged { missed: 1 }
            } else {
                Received::Event(event)
            };
            // An error means that nobody listens.
            let _ = self.sender.send(received);
        }
        Ok(())
    }

    async fn subscribe(&self, scope: Scope) -> Result<EventStream> {
        Ok(hear(self.sender.subscribe(), scope))
    }
}

/// Where a client believes each task of its own to stand; `None` for one in the trash.
pub(super) type Believed = BTreeMap<TaskId, Option<TaskStatus>>;

/// A client that follows the events of its tasks and comes back with its last cursor.
#[derive(Debug)]
pub(super) struct Follower {
    pub(super) owner: UserId,
    view: Mutex<View>,
}

#[derive(Debug, Default)]
struct View {
    cursor: ChangeCursor,
    tasks: BTreeMap<TaskId, (ChangeCursor, Option<TaskStatus>)>,
}

impl View {
    fn learn(
        &mut self,
        cursor: ChangeCursor,
        task: Option<TaskId>,
        operation: ChangeOperation,
        status: Option<TaskStatus>,
    ) {
        self.cursor = self.cursor.max(cursor);
        // Rows of tasks have a status, those of files and results have none.
        let (Some(task), Some(status)) = (task, status) else {
            return;
        };
        let known = self.tasks.get(&task).map(|(known, _)| *known);
        if known.is_none_or(|known| known < cursor) {
            let status = (operation != ChangeOperation::Delete).then_some(status);
            self.tasks.insert(task, (cursor, status));
        }
    }
}

impl Follower {
    pub(super) fn new(owner: UserId) -> Arc<Self> {
        Arc::new(Self {
            owner,
            view: Mutex::default(),
        })
    }

    pub(super) fn believes(&self) -> Believed {
        let view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        let tasks = view.tasks.iter();
        tasks.map(|(task, (_, status))| (*task, *status)).collect()
    }

    /// Follows until dropped, over connections that break.
    pub(super) async fn follow(self: Arc<Self>, world: Arc<World>) {
        loop {
            // Nobody is told whose connection cannot be made; the client tries again.
            let _ = self.connection(&world).await;
            tokio::time::sleep(world.weather.dice.millis(50, 800)).await;
        }
    }

    async fn connection(&self, world: &Arc<World>) -> Result<()> {
        let mut events = world.notifier.subscribe(Scope::owner(self.owner)).await?;
        self.catch_up(world).await?;
        let lasts = if world.weather.is_calm() {
            Duration::from_secs(15)
        } else {
            world.weather.dice.millis(300, 4_000)
        };
        let breaks = tokio::time::sleep(lasts);
        tokio::pin!(breaks);
        loop {
            let received = tokio::select! {
                biased;
                () = &mut breaks => return Ok(()),
                received = events.next() => received,
            };
            match received {
                Some(Received::Event(event)) => self.hear(&event),
                Some(_) => self.catch_up(world).await?,
                None => return Ok(()),
            }
        }
    }

    fn hear(&self, event: &Event) {
        if let EventBody::DbChange(change) = &event.body {
            let mut view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
            view.learn(change.cursor, change.task_id, change.operation, change.status);
        }
    }

    /// Reads from the change log what was missed since the last cursor.
    async fn catch_up(&self, world: &Arc<World>) -> Result<()> {
        if world.defect == Defect::NoReplay {
            return Ok(());
        }
        loop {
            let since = self.view.lock().unwrap_or_else(PoisonError::into_inner).cursor;
            let owner = self.owner;
            let changes = world
                .ask(move |service| async move {
                    let store = &service.platform().store;
                    store.changes(Scope::owner(owner), since, BATCH).await
                })
                .await?;
            let is_last = changes.len() < BATCH;
            let mut view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
            for change in changes {
                view.learn(change.cursor, change.task, change.operation, change.status);
            }
            if is_last {
                return Ok(());
            }
        }
    }
}
