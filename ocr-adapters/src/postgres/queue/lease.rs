//! The order of leasing: priority, then fair share between owners, then first in, first out.

use std::{cmp::Reverse, time::Duration};

use ocr_core::{Result, queue::Lease};
use sqlx::postgres::PgRow;

use super::token;
use crate::postgres::{
    PgDatabase,
    error::pg_error,
    rows::{column, micros, queue_item, row_limit},
};

/// Versions of rows that nobody sees any more and that are worth removing.
const UNTIDY: i64 = 2_000;

/// The first items of each owner that waits, ranked by priority, then by turns of their owners (what an
/// owner already has under lease counts as turns taken), then first come.
///
/// - Owners are found by steps along the index, one for each, and not by reading all that waits.
/// - More items are looked at than wanted, so that workers who ask at the same time find some that no
///   other has locked. Items whose delay or lease has ended are candidates beside those that wait.
/// - Rows are found again by their position (`ctid`), which is right as long as the statement runs. One
///   that somebody changed meanwhile is left for the next who asks.
/// - The number wanted is a sub-select, so that no plan is better for knowing it and one plan is kept:
///   planning takes longer than leasing one item.
/// - The commit does not wait for the disk. A crash of the server may forget leases of its last moment;
///   those items are handed out again, and the store turns the second worker away.
const LEASE: &str = "\
    WITH RECURSIVE owners AS (
        (SELECT -priority::int AS rank, user_id FROM queue_items WHERE state = 'ready'
         ORDER BY -priority::int, user_id LIMIT 1)
        UNION ALL
        SELECT n.rank, n.user_id FROM owners o CROSS JOIN LATERAL (
            SELECT -priority::int AS rank, user_id FROM queue_items
            WHERE state = 'ready' AND (-priority::int, user_id) > (o.rank, o.user_id)
            ORDER BY -priority::int, user_id LIMIT 1
        ) n
    ),
    heads AS MATERIALIZED (SELECT rank, user_id FROM owners LIMIT 1000),
    waiting AS (
        SELECT q.tid, h.rank, h.user_id, q.seq FROM heads h CROSS JOIN LATERAL (
            SELECT ctid AS tid, seq FROM queue_items
            WHERE state = 'ready' AND -priority::int = h.rank AND user_id = h.user_id
            ORDER BY seq LIMIT GREATEST(8, (2 * (SELECT $1) + 16) / (SELECT COUNT(*) FROM heads))
        ) q
        UNION ALL
        (SELECT ctid, -priority::int, user_id, seq FROM queue_items
         WHERE state IN ('delayed', 'leased') AND at <= now() ORDER BY at LIMIT 2 * (SELECT $1) + 16)
    ),
    load AS (
        SELECT user_id, COUNT(*) AS turns FROM queue_items
        WHERE state = 'leased' AND at > now() GROUP BY user_id
    ),
    ranked AS MATERIALIZED (
        SELECT w.tid FROM (
            SELECT *, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY rank, seq) AS turn FROM waiting
        ) w LEFT JOIN load l ON l.user_id = w.user_id
        ORDER BY w.rank, COALESCE(l.turns, 0) + w.turn, w.seq
    ),
    picked AS (
        SELECT p.tid FROM ranked r CROSS JOIN LATERAL (
            SELECT ctid AS tid FROM queue_items q WHERE q.ctid = r.tid
            AND (q.state = 'ready' OR (q.state IN ('delayed', 'leased') AND q.at <= now()))
            FOR UPDATE SKIP LOCKED
        ) p LIMIT (SELECT $1)
    )
    UPDATE queue_items SET state = 'leased', at = now() + $2 * interval '1 microsecond',
        attempt = (SELECT nextval('queue_fence') FROM set_config('synchronous_commit', 'off', true))
    WHERE ctid = ANY (ARRAY(SELECT tid FROM picked))
    RETURNING task_id, user_id, file_id, attempt, at, priority, seq, traceparent";

pub(super) async fn lease(database: &PgDatabase, max: usize, ttl: Duration) -> Result<Vec<Lease>> {
    if max == 0 {
        return Ok(Vec::new());
    }
    let rows = database
        .call("lease", async |connection| {
            sqlx::query(LEASE)
                .bind(row_limit(max))
                .bind(micros(ttl))
                .fetch_all(connection)
                .await
                .map_err(|error| pg_error("lease", error))
        })
        .await?;
    let mut leases = rows.iter().map(leased).collect::<Result<Vec<_>>>()?;
    leases.sort_by_key(|(order, _)| *order);
    Ok(leases.into_iter().map(|(_, lease)| lease).collect())
}

/// A lease, and where it stands in its batch.
fn leased(row: &PgRow) -> Result<((Reverse<i16>, i64), Lease)> {
    // A trace that somebody wrote by hand must not keep an item from being read.
    let trace = column::<Option<&str>>(row, "traceparent")?.and_then(|trace| trace.parse().ok());
    let item = queue_item(row, "task_id")?.with_trace(trace);
    let lease = Lease::new(token(row)?, item, column(row, "at")?);
    Ok(((Reverse(column(row, "priority")?), column(row, "seq")?), lease))
}

pub(super) async fn reap(database: &PgDatabase, limit: usize) -> Result<usize> {
    let reaped = database
        .call("reap", async |connection| {
            sqlx::query(
                "UPDATE queue_items SET state = 'ready', at = now() WHERE task_id = ANY (ARRAY( \
                     SELECT task_id FROM queue_items WHERE state = 'leased' AND at <= now() \
                     ORDER BY at LIMIT $1 FOR UPDATE SKIP LOCKED))",
            )
            .bind(row_limit(limit))
            .execute(connection)
            .await
            .map_err(|error| pg_error("reap", error))
        })
        .await?;
    Ok(reaped.rows_affected() as usize)
}

/// Removes what is left of finished items, when there is much of it: every search steps over it, and the
/// server itself comes by only once a minute.
pub(super) async fn tidy(database: &PgDatabase) {
    let tidied = database.call("tidy", async |connection| {
        let left: Option<i64> = sqlx::query_scalar(
            "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = 'queue_items'::regclass",
        )
        .fetch_optional(&mut *connection)
        .await
        .map_err(|error| pg_error("tidy", error))?;
        if left.is_some_and(|left| left > UNTIDY) {
            // If several processes try at once, one is enough.
            sqlx::query("VACUUM (SKIP_LOCKED, TRUNCATE false) queue_items")
                .execute(connection)
                .await
                .map_err(|error| pg_error("tidy", error))?;
        }
        Ok(())
    });
    if let Err(error) = tidied.await {
        tracing::warn!(
            ?error,
            "the table of the queue could not be tidied; it is only slower to read"
        );
    }
}
