//! What engines must remember of a task between attempts.

use ocr_core::{Result, id::TaskId};

use super::{PgStore, transition::check_held};
use crate::postgres::{
    error::pg_error,
    rows::{column, corrupt},
};

pub(super) async fn put_checkpoint(
    store: &PgStore,
    id: TaskId,
    attempt: u32,
    checkpoint: &serde_json::Value,
) -> Result<()> {
    // As text: a JSON column would refuse null characters and change numbers.
    let body = checkpoint.to_string();
    store
        .database
        .transaction("put_checkpoint", async |tx| {
            check_held(tx, id, attempt, "put_checkpoint").await?;
            sqlx::query(
                "INSERT INTO task_checkpoints (task_id, body) VALUES ($1, $2) \
                 ON CONFLICT (task_id) DO UPDATE SET body = excluded.body",
            )
            .bind(id.0)
            .bind(&body)
            .execute(tx)
            .await
            .map(drop)
            .map_err(|error| pg_error("put_checkpoint", error))
        })
        .await
}

pub(super) async fn checkpoint(store: &PgStore, id: TaskId) -> Result<Option<serde_json::Value>> {
    let row = store
        .database
        .call("checkpoint", async |connection| {
            sqlx::query("SELECT body FROM task_checkpoints WHERE task_id = $1")
                .bind(id.0)
                .fetch_optional(connection)
                .await
                .map_err(|error| pg_error("checkpoint", error))
        })
        .await?;
    row.map(|row| serde_json::from_str(column(&row, "body")?).map_err(|error| corrupt("body", error)))
        .transpose()
}
