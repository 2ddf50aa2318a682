//! Events are rows of a table. NOTIFY carries no content: it only wakes the followers.
//!
//! What a follower has not seen yet is said by two snapshots of the database: rows that the newer one
//! shows and the older one did not. So nothing is missed or told twice, however transactions overlap
//! and connections break, and the size of a notification does not matter.

use std::{
    fmt,
    sync::{Arc, Mutex as StdMutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use ocr_core::{
    Result,
    notify::{Event, EventStream, Notifier, NotifierCapabilities, Received, hear},
    store::Scope,
};
use sqlx::{PgConnection, Row as _};
use tokio::{
    sync::{Mutex, broadcast, watch},
    time::Instant,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    PgDatabase,
    error::pg_error,
    listen::Channel,
    rows::{column, corrupt},
};

/// Events a slow subscriber may be behind before it gets [`Received::Lagged`].
const CAPACITY: usize = 1024;
/// Events read at once; of more only the newest are told.
const MOST: i64 = 4096;
/// How long an event is kept.
const RETENTION: Duration = Duration::from_mins(10);
/// A follower that has not looked for so long may have missed some.
const TRUSTED_GAP: Duration = Duration::from_mins(8);
/// How often a process removes old events.
const PRUNE_INTERVAL: Duration = Duration::from_mins(1);
/// How often to look although nobody told us to, while we are told.
const POLL: Duration = Duration::from_secs(1);

/// A notifier between all processes that use one [`PgDatabase`].
pub struct PgNotifier {
    shared: Arc<Shared>,
    following: StdMutex<Option<Following>>,
    pruned: StdMutex<Option<Instant>>,
}

struct Shared {
    database: PgDatabase,
    sender: broadcast::Sender<Received>,
    /// What subscribers have been told of; none while there are no subscribers.
    position: Mutex<Option<Position>>,
}

struct Position {
    /// `pg_snapshot` in its text form.
    snapshot: String,
    at: Instant,
}

struct Following {
    task: tokio::task::JoinHandle<()>,
    _stop: DropGuard,
}

impl fmt::Debug for PgNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgNotifier")
            .field("database", &self.shared.database)
            .finish_non_exhaustive()
    }
}

impl PgNotifier {
    /// The notifier of `database`, whose schema is up to date.
    pub fn new(database: PgDatabase) -> Self {
        Self {
            shared: Arc::new(Shared {
                database,
                sender: broadcast::channel(CAPACITY).0,
                position: Mutex::new(None),
            }),
            following: StdMutex::new(None),
            pruned: StdMutex::new(None),
        }
    }

    /// Starts the task that looks for events, unless it runs.
    fn ensure_following(&self) {
        let mut following = self.following.lock().unwrap_or_else(PoisonError::into_inner);
        // The runtime that ran it may be gone.
        if following
            .as_ref()
            .is_some_and(|following| !following.task.is_finished())
        {
            return;
        }
        let told = self.shared.database.listener().subscribe(Channel::Events);
        let stop = CancellationToken::new();
        let shared = Arc::clone(&self.shared);
        let follow = stop
            .clone()
            .run_until_cancelled_owned(async move { shared.follow(told).await });
        *following = Some(Following {
            task: tokio::spawn(async move {
                follow.await;
            }),
            _stop: stop.drop_guard(),
        });
    }

    fn prune_is_due(&self) -> bool {
        let mut pruned = self.pruned.lock().unwrap_or_else(PoisonError::into_inner);
        let due = pruned.is_none_or(|at| at.elapsed() >= PRUNE_INTERVAL);
        if due {
            *pruned = Some(Instant::now());
        }
        due
    }
}

impl Shared {
    async fn follow(&self, mut told: watch::Receiver<()>) {
        loop {
            let listener = self.database.listener();
            let pause = if listener.is_connected() {
                POLL
            } else {
                self.database.config().poll_interval
            };
            tokio::select! {
                _ = told.changed() => {}
                () = tokio::time::sleep(pause) => {}
            }
            if let Err(error) = self.tell_new().await {
                tracing::warn!(?error, "events could not be read");
                tokio::time::sleep(self.database.config().poll_interval).await;
            }
        }
    }

    /// Tells subscribers what is new, if there are any.
    async fn tell_new(&self) -> Result<()> {
        let mut position = self.position.lock().await;
        if self.sender.receiver_count() == 0 {
            *position = None;
            return Ok(());
        }
        self.advance(&mut position).await
    }

    /// Moves to the present. On the way subscribers are told what is new since the last position.
    async fn advance(&self, position: &mut Option<Position>) -> Result<()> {
        let at = Instant::now();
        let before = position.as_ref().map(|position| position.snapshot.as_str());
        let (snapshot, events) = self
            .database
            .call("events", async |connection| read_new(connection, before).await)
            .await?;
        let gap = position
            .as_ref()
            .is_some_and(|position| position.at.elapsed() > TRUSTED_GAP);
        if gap || events.len() as i64 >= MOST {
            self.tell(Received::Lagged { missed: 1 });
        }
        for event in events {
            self.tell(Received::Event(event));
        }
        *position = Some(Position { snapshot, at });
        Ok(())
    }

    fn tell(&self, received: Received) {
        // An error means that nobody listens, which is fine.
        let _ = self.sender.send(received);
    }
}

/// The present snapshot, and the events that it shows and `before` did not.
async fn read_new(connection: &mut PgConnection, before: Option<&str>) -> Result<(String, Vec<Event>)> {
    let rows = sqlx::query(
        "SELECT pg_current_snapshot()::text AS snapshot, e.body FROM (SELECT 1) AS one LEFT JOIN LATERAL ( \
             SELECT seq, body FROM events WHERE xid >= pg_snapshot_xmin($1::pg_snapshot) \
             AND NOT pg_visible_in_snapshot(xid, $1::pg_snapshot) ORDER BY seq DESC LIMIT $2 \
         ) e ON true ORDER BY e.seq",
    )
    .bind(before)
    .bind(MOST)
    .fetch_all(connection)
    .await
    .map_err(|error| pg_error("events", error))?;
    let first = rows
        .first()
        .ok_or_else(|| corrupt("snapshot", "the events gave no answer"))?;
    let snapshot = column(first, "snapshot")?;
    let mut events = Vec::with_capacity(rows.len());
    for row in &rows {
        let Some(body) = row.get::<Option<&str>, _>("body") else {
            continue;
        };
        match serde_json::from_str(body) {
            Ok(event) => events.push(event),
            // Written by a newer program, which may know more kinds than we do.
            Err(error) => tracing::warn!(%error, "an event cannot be read"),
        }
    }
    Ok((snapshot, events))
}

#[async_trait]
impl Notifier for PgNotifier {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn capabilities(&self) -> NotifierCapabilities {
        NotifierCapabilities::cross_process()
    }

    async fn check(&self) -> Result<()> {
        self.shared.database.check().await
    }

    async fn publish(&self, events: Vec<Event>) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        let bodies = events
            .iter()
            .map(|event| serde_json::to_string(event).map_err(|error| corrupt("body", error)))
            .collect::<Result<Vec<_>>>()?;
        let database = &self.shared.database;
        let channel = database.listener().is_enabled().then_some(Channel::Events.name());
        database
            .call("publish", async |connection| {
                sqlx::query(
                    "WITH told AS (INSERT INTO events (body) \
                         SELECT body FROM UNNEST($1::text[]) WITH ORDINALITY AS new (body, number) ORDER BY number) \
                     SELECT pg_notify($2, '') WHERE $2 IS NOT NULL",
                )
                .bind(&bodies)
                .bind(channel)
                .execute(connection)
                .await
                .map_err(|error| pg_error("publish", error))
            })
            .await?;
        database.listener().wake(Channel::Events);
        if self.prune_is_due() {
            prune(database).await;
        }
        Ok(())
    }

    async fn subscribe(&self, scope: Scope) -> Result<EventStream> {
        self.ensure_following();
        let receiver = {
            let mut position = self.shared.position.lock().await;
            // Earlier subscribers are told what happened until now; this one begins here.
            self.shared.advance(&mut position).await?;
            self.shared.sender.subscribe()
        };
        Ok(hear(receiver, scope))
    }
}

/// Removes events that everybody has read or will be told to have missed.
async fn prune(database: &PgDatabase) {
    let pruned = database.call("prune_events", async |connection| {
        sqlx::query(
            "DELETE FROM events WHERE seq = ANY (ARRAY(SELECT seq FROM events \
             WHERE at < now() - $1 * interval '1 second' ORDER BY at LIMIT 20000 FOR UPDATE SKIP LOCKED))",
        )
        .bind(RETENTION.as_secs_f64())
        .execute(connection)
        .await
        .map_err(|error| pg_error("prune_events", error))
    });
    if let Err(error) = pruned.await {
        tracing::warn!(?error, "old events could not be removed");
    }
}
