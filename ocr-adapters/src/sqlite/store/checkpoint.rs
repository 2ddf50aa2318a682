//! What engines must remember of a task between attempts.

use ocr_core::{Result, id::TaskId};

use super::{SqliteStore, transition::check_held};
use crate::sqlite::{
    error::sqlite_error,
    rows::{column, corrupt},
};

pub(super) async fn put_checkpoint(
    store: &SqliteStore,
    id: TaskId,
    attempt: u32,
    checkpoint: &serde_json::Value,
) -> Result<()> {
    let mut tx = store.database.begin("put_checkpoint").await?;
    check_held(&mut tx, id, attempt).await?;
    sqlx::query(
        "INSERT INTO task_checkpoints (task_id, body) VALUES (?1, ?2) \
         ON CONFLICT (task_id) DO UPDATE SET body = excluded.body",
    )
    .bind(id.to_string())
    .bind(checkpoint.to_string())
    .execute(&mut *tx)
    .await
    .map_err(|error| sqlite_error("put_checkpoint", error))?;
    tx.commit()
        .await
        .map_err(|error| sqlite_error("put_checkpoint", error))
}

pub(super) async fn checkpoint(store: &SqliteStore, id: TaskId) -> Result<Option<serde_json::Value>> {
    let row = sqlx::query("SELECT body FROM task_checkpoints WHERE task_id = ?1")
        .bind(id.to_string())
        .fetch_optional(&store.database.read)
        .await
        .map_err(|error| sqlite_error("checkpoint", error))?;
    row.map(|row| serde_json::from_str(column(&row, "body")?).map_err(|error| corrupt("body", error)))
        .transpose()
}
