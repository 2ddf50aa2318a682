//! The one connection of a process that listens, and wakes whoever waits.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::{Notify, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long connecting and asking may take.
const LIMIT: Duration = Duration::from_secs(5);
/// How often a quiet connection is asked whether it still works.
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// Pause before connecting again, doubled up to the second value.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// The channels to listen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    /// Items were added to the queue.
    Queue,
    /// Events were published.
    Events,
    /// Rows of tasks, files or results changed, whoever changed them.
    Changes,
}

impl Channel {
    const ALL: [Self; 3] = [Self::Queue, Self::Events, Self::Changes];

    /// The name in the database.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Queue => "ocr_queue",
            Self::Events => "ocr_events",
            Self::Changes => "db_changes",
        }
    }
}

/// Listens, once somebody waits, until dropped.
pub(super) struct Listener {
    ear: Arc<Ear>,
    task: Mutex<Option<Task>>,
    enabled: bool,
}

struct Task {
    handle: tokio::task::JoinHandle<()>,
    _stop: DropGuard,
}

struct Ear {
    options: PgConnectOptions,
    wakers: [Waker; 3],
    /// Somebody waits for something nobody waited for before.
    wanted: Notify,
    connected: AtomicBool,
}

struct Waker {
    channel: Channel,
    wanted: AtomicBool,
    sender: watch::Sender<()>,
}

impl Listener {
    pub(super) fn new(options: PgConnectOptions, enabled: bool) -> Self {
        let wakers = Channel::ALL.map(|channel| Waker {
            channel,
            wanted: AtomicBool::new(false),
            sender: watch::Sender::new(()),
        });
        Self {
            ear: Arc::new(Ear {
                options,
                wakers,
                wanted: Notify::new(),
                connected: AtomicBool::new(false),
            }),
            task: Mutex::new(None),
            enabled,
        }
    }

    /// Whether NOTIFY is to be used.
    pub(super) fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// Whether the connection is listening now.
    pub(super) fn is_connected(&self) -> bool {
        self.ear.connected.load(Ordering::Relaxed)
    }

    /// Changes whenever there may be something new on `channel`: it was told, or may have been missed.
    pub(super) fn subscribe(&self, channel: Channel) -> watch::Receiver<()> {
        let waker = self.ear.waker(channel);
        let receiver = waker.sender.subscribe();
        if self.enabled && !waker.wanted.swap(true, Ordering::Relaxed) {
            self.ear.wanted.notify_one();
        }
        if self.enabled {
            self.ensure_running();
        }
        receiver
    }

    /// Wakes those of this process who wait for `channel`.
    pub(super) fn wake(&self, channel: Channel) {
        self.ear.waker(channel).sender.send_replace(());
    }

    /// Closes the connection; the next who waits opens it again.
    pub(super) fn stop(&self) {
        self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.ear.connected.store(false, Ordering::Relaxed);
    }

    fn ensure_running(&self) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        // The runtime that ran it may be gone.
        if task.as_ref().is_some_and(|task| !task.handle.is_finished()) {
            return;
        }
        let stop = CancellationToken::new();
        let ear = Arc::clone(&self.ear);
        let listening = stop
            .clone()
            .run_until_cancelled_owned(async move { ear.listen_for_ever().await });
        *task = Some(Task {
            handle: tokio::spawn(async move {
                listening.await;
            }),
            _stop: stop.drop_guard(),
        });
    }
}

impl Ear {
    fn waker(&self, channel: Channel) -> &Waker {
        &self.wakers[channel as usize]
    }

    async fn listen_for_ever(&self) {
        let mut pause = RETRY.0;
        loop {
            // Large, and moved around with the task otherwise.
            let error = Box::pin(self.listen()).await;
            // Polling goes on meanwhile, so this is worth knowing but no failure.
            tracing::info!(%error, "the connection that listens to the database was lost");
            if self.connected.swap(false, Ordering::Relaxed) {
                pause = RETRY.0;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(RETRY.1);
        }
    }

    /// Listens until the connection breaks, and says why.
    async fn listen(&self) -> sqlx::Error {
        match self.connect().await {
            Ok(listener) => self.hear(listener).await,
            Err(error) => error,
        }
    }

    async fn connect(&self) -> Result<PgListener, sqlx::Error> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(LIMIT)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(self.options.clone());
        let mut listener = within(PgListener::connect_with(&pool)).await?;
        listener.eager_reconnect(false);
        listener.ignore_pool_close_event(true);
        Ok(listener)
    }

    async fn hear(&self, mut listener: PgListener) -> sqlx::Error {
        let mut heard = [false; 3];
        loop {
            if let Err(error) = self.listen_to_wanted(&mut listener, &mut heard).await {
                return error;
            }
            self.connected.store(true, Ordering::Relaxed);
            let step = tokio::select! {
                notification = listener.try_recv() => match notification {
                    Ok(Some(notification)) => {
                        self.wake(notification.channel());
                        Ok(())
                    }
                    Ok(None) => Err(sqlx::Error::WorkerCrashed),
                    Err(error) => Err(error),
                },
                () = self.wanted.notified() => Ok(()),
                () = tokio::time::sleep(PING_INTERVAL) => {
                    within(sqlx::query("SELECT 1").execute(&mut listener)).await.map(drop)
                }
            };
            if let Err(error) = step {
                return error;
            }
        }
    }

    /// Starts to listen to what is wanted and not heard yet. What was told before is missed, so those
    /// who wait are woken to look for themselves.
    async fn listen_to_wanted(
        &self,
        listener: &mut PgListener,
        heard: &mut [bool; 3],
    ) -> Result<(), sqlx::Error> {
        for (waker, heard) in self.wakers.iter().zip(heard) {
            if !*heard && waker.wanted.load(Ordering::Relaxed) {
                within(listener.listen(waker.channel.name())).await?;
                *heard = true;
                waker.sender.send_replace(());
            }
        }
        Ok(())
    }

    fn wake(&self, name: &str) {
        for waker in &self.wakers {
            if waker.channel.name() == name {
                waker.sender.send_replace(());
            }
        }
    }
}

async fn within<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    tokio::time::timeout(LIMIT, work)
        .await
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
}
