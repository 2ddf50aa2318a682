//! How many tasks stand where: changes that triggers add, summed up when read, folded now and then.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use ocr_core::{
    Result,
    model::{TaskStats, TaskStatus},
    store::Scope,
};

use crate::postgres::{error::pg_error, rows::column, store::PgStore};

/// How often one process folds.
const INTERVAL: Duration = Duration::from_mins(1);

/// Rows of one owner and status become one. Whoever counts sees those before or the one after; rows
/// that another process folds are left to it.
const FOLD: &str = "\
    WITH many AS (
        SELECT user_id, status FROM task_counts GROUP BY user_id, status HAVING COUNT(*) > 1 LIMIT 1000
    ),
    chosen AS (
        SELECT c.ctid FROM task_counts c
        JOIN many m ON m.status = c.status AND m.user_id IS NOT DISTINCT FROM c.user_id
        LIMIT 20000 FOR UPDATE OF c SKIP LOCKED
    ),
    gone AS (
        DELETE FROM task_counts WHERE ctid = ANY (ARRAY(SELECT ctid FROM chosen))
        RETURNING user_id, status, count
    )
    INSERT INTO task_counts (user_id, status, count)
    SELECT user_id, status, SUM(count)::bigint FROM gone GROUP BY user_id, status HAVING SUM(count) <> 0";

/// When this process folded last.
#[derive(Debug, Default)]
pub(in crate::postgres::store) struct Folding(Mutex<Option<Instant>>);

impl Folding {
    fn is_due(&self) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| last.elapsed() >= INTERVAL);
        if due {
            *last = Some(Instant::now());
        }
        due
    }
}

pub(super) async fn fold_now_and_then(store: &PgStore) {
    if !store.folding.is_due() {
        return;
    }
    let folded = store.database.call("fold_counts", async |connection| {
        sqlx::query(FOLD)
            .execute(connection)
            .await
            .map_err(|error| pg_error("fold_counts", error))
    });
    if let Err(error) = folded.await {
        tracing::warn!(
            ?error,
            "the counters could not be folded; they stay right, but slower to read"
        );
    }
}

pub(super) async fn stats(store: &PgStore, scope: Scope) -> Result<TaskStats> {
    let rows = store
        .database
        .call("stats", async |connection| {
            match scope.owner_id() {
                Some(owner) => sqlx::query(
                    "SELECT status, SUM(count)::bigint AS count FROM task_counts WHERE user_id = $1 GROUP BY status",
                )
                .bind(owner.0),
                None => {
                    sqlx::query("SELECT status, SUM(count)::bigint AS count FROM task_counts GROUP BY status")
                }
            }
            .fetch_all(connection)
            .await
            .map_err(|error| pg_error("stats", error))
        })
        .await?;
    let mut stats = TaskStats::default();
    for row in &rows {
        // A status of another program's is not ours to count.
        if let Ok(status) = column::<&str>(row, "status")?.parse::<TaskStatus>() {
            stats.add(status, u64::try_from(column::<i64>(row, "count")?).unwrap_or(0));
        }
    }
    Ok(stats)
}
