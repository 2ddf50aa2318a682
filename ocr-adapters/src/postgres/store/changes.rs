//! The change log.
//!
//! A change is given out when no transaction that is older still runs, because that one may yet add a
//! row before it. Where one runs, reading waits a moment for it.

use std::time::Duration;

use async_trait::async_trait;
use ocr_core::{
    Result,
    clock::Timestamp,
    id::{TaskId, UserId},
    model::TaskStatus,
    store::{Change, ChangeCursor, ChangeLog, ChangeOperation, Scope},
};
use sqlx::{PgConnection, Row as _, postgres::PgRow};
use tokio::time::Instant;
use uuid::Uuid;

use super::PgStore;
use crate::postgres::{
    error::pg_error,
    rows::{column, corrupt, row_limit},
};

/// Pause before looking again, doubled up to the second value.
const PAUSE: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(50));

/// The final changes that meet a condition: no older transaction is still running. At least one row, with
/// nulls where there is no change.
macro_rules! look {
    ($condition:literal) => {
        concat!(
            "SELECT h.horizon::text AS horizon, h.newest::text AS newest, c.xid::text AS xid, c.seq, \
             c.table_name, c.operation, c.record_id, c.task_id, c.user_id, c.status, c.at \
             FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS horizon, \
                   (SELECT xid FROM change_log ORDER BY xid DESC LIMIT 1) AS newest) h \
             LEFT JOIN LATERAL (SELECT * FROM change_log l WHERE l.xid < h.horizon AND ",
            $condition,
            ") c ON true ORDER BY c.xid, c.seq"
        )
    };
}

const OF_OWNER: &str =
    look!("(l.xid, l.seq) > ($1::xid8, $2) AND l.user_id = $3 ORDER BY l.xid, l.seq LIMIT $4");
/// Changes without an owner are skipped, also for the system.
const OF_ALL: &str =
    look!("(l.xid, l.seq) > ($1::xid8, $2) AND l.user_id IS NOT NULL ORDER BY l.xid, l.seq LIMIT $3");
const HEAD: &str = look!("true ORDER BY l.xid DESC, l.seq DESC LIMIT 1");

/// One look at the log.
struct Look {
    /// No transaction before this one still runs.
    horizon: u64,
    /// The newest transaction in the log.
    newest: Option<u64>,
    rows: Vec<PgRow>,
}

/// What is asked of the log.
enum Question {
    After {
        scope: Scope,
        since: ChangeCursor,
        limit: usize,
    },
    Head,
}

impl Question {
    /// Rows that are enough for an answer.
    fn enough(&self) -> usize {
        match self {
            Self::After { limit, .. } => *limit,
            // The newest may still be held back.
            Self::Head => usize::MAX,
        }
    }

    async fn ask(&self, connection: &mut PgConnection) -> Result<Look> {
        let asked = match self {
            Self::After { scope, since, limit } => {
                let (xid, limit) = (since.xid.to_string(), row_limit(*limit));
                match scope.owner_id() {
                    Some(owner) => sqlx::query(OF_OWNER).bind(xid).bind(since.seq).bind(owner.0),
                    None => sqlx::query(OF_ALL).bind(xid).bind(since.seq),
                }
                .bind(limit)
            }
            Self::Head => sqlx::query(HEAD),
        };
        let rows = asked.fetch_all(connection).await;
        read(rows.map_err(|error| pg_error("changes", error))?)
    }
}

#[async_trait]
impl ChangeLog for PgStore {
    async fn changes(&self, scope: Scope, since: ChangeCursor, limit: usize) -> Result<Vec<Change>> {
        let look = settled(self, Question::After { scope, since, limit }).await?;
        look.rows.iter().map(change).collect()
    }

    async fn change_head(&self) -> Result<ChangeCursor> {
        let look = settled(self, Question::Head).await?;
        look.rows.first().map_or(Ok(ChangeCursor::default()), cursor)
    }

    async fn change_position(&self, at: Timestamp) -> Result<ChangeCursor> {
        // The first change since then in the order of the log, not the last one before: in a transaction that
        // took long, a change may be later than one that stands behind it. What is not settled yet stands
        // behind all that is.
        let first = self
            .database
            .call("change_position", async |connection| {
                sqlx::query(
                    // Materialised, or the planner walks the log from its beginning in the wanted order.
                    "WITH recent AS MATERIALIZED (SELECT xid, seq FROM change_log \
                     WHERE at >= $1 AND xid < pg_snapshot_xmin(pg_current_snapshot())) \
                     SELECT xid::text AS xid, seq FROM recent ORDER BY recent.xid, recent.seq LIMIT 1",
                )
                .bind(at)
                .fetch_optional(connection)
                .await
                .map_err(|error| pg_error("change_position", error))
            })
            .await?;
        match first {
            Some(row) => cursor(&row).map(|first| ChangeCursor {
                seq: first.seq - 1,
                ..first
            }),
            None => self.change_head().await,
        }
    }

    async fn forget_changes(&self, age: Duration, limit: usize) -> Result<usize> {
        let forget = async |connection: &mut PgConnection| {
            sqlx::query(FORGET)
                .bind(age.as_secs_f64())
                .bind(row_limit(limit))
                .execute(connection)
                .await
                .map_err(|error| pg_error("forget_changes", error))
        };
        let forgotten = self.database.call("forget_changes", forget).await?;
        Ok(forgotten.rows_affected() as usize)
    }
}

/// Looks at the oldest rows only: their age has no index.
const FORGET: &str = "DELETE FROM change_log WHERE (xid, seq) IN \
     (SELECT xid, seq FROM (SELECT xid, seq, at FROM change_log ORDER BY xid, seq LIMIT $2) oldest \
      WHERE at < clock_timestamp() - make_interval(secs => $1)) \
     AND (xid, seq) <> (SELECT xid, seq FROM change_log ORDER BY xid DESC, seq DESC LIMIT 1)";

/// Polls until every change that was in the log at the start is final, there are enough rows, or
/// `overlap_wait` is over.
async fn settled(store: &PgStore, question: Question) -> Result<Look> {
    let begun = Instant::now();
    let mut pause = PAUSE.0;
    let mut newest = None;
    loop {
        let look = store
            .database
            .call("changes", async |connection| question.ask(connection).await)
            .await?;
        let newest = *newest.get_or_insert(look.newest);
        let held_back = newest.is_some_and(|newest| newest >= look.horizon);
        let patient = begun.elapsed() < store.database.config().overlap_wait;
        if !held_back || look.rows.len() >= question.enough() || !patient {
            return Ok(look);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE.1);
    }
}

fn read(mut rows: Vec<PgRow>) -> Result<Look> {
    let Some(first) = rows.first() else {
        return Err(corrupt("horizon", "the change log gave no answer"));
    };
    let horizon = transaction(column(first, "horizon")?)?;
    let newest = column::<Option<&str>>(first, "newest")?
        .map(transaction)
        .transpose()?;
    rows.retain(|row| row.get::<Option<&str>, _>("xid").is_some());
    Ok(Look {
        horizon,
        newest,
        rows,
    })
}

fn transaction(text: &str) -> Result<u64> {
    text.parse()
        .map_err(|error: std::num::ParseIntError| corrupt("xid", error))
}

fn cursor(row: &PgRow) -> Result<ChangeCursor> {
    Ok(ChangeCursor {
        xid: transaction(column(row, "xid")?)?,
        seq: column(row, "seq")?,
    })
}

fn change(row: &PgRow) -> Result<Change> {
    let operation = match column(row, "operation")? {
        "INSERT" => ChangeOperation::Insert,
        "UPDATE" => ChangeOperation::Update,
        "DELETE" => ChangeOperation::Delete,
        _ => return Err(corrupt("operation", "unknown operation")),
    };
    let status: Option<&str> = column(row, "status")?;
    Ok(Change::new(
        cursor(row)?,
        column::<String>(row, "table_name")?,
        operation,
        column(row, "record_id")?,
        UserId(column(row, "user_id")?),
        column(row, "at")?,
    )
    .with_task(column::<Option<Uuid>>(row, "task_id")?.map(TaskId))
    .with_status(status.and_then(|status| status.parse::<TaskStatus>().ok())))
}
