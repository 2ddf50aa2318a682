//! New users and tasks.

use ocr_core::{
    Error, ErrorKind, Result,
    clock::Timestamp,
    id::{TaskId, UserId},
    model::{Idempotency, NewTask, Task},
    store::{Created, Write},
    usage_store::UsageAmounts,
};
use sqlx::{Sqlite, Transaction};

use super::load;
use crate::sqlite::{
    error::sqlite_error,
    rows::{column, corrupt, parsed, text_time},
    store::{SqliteStore, outbox, usage},
};

pub(super) async fn ensure_user(store: &SqliteStore, user: UserId) -> Result<()> {
    let known = sqlx::query("SELECT 1 FROM users WHERE id = ?1")
        .bind(user.to_string())
        .fetch_optional(&store.database.read)
        .await
        .map_err(|error| sqlite_error("ensure_user", error))?;
    if known.is_some() {
        return Ok(());
    }
    sqlx::query("INSERT INTO users (id, created_at) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING")
        .bind(user.to_string())
        .bind(store.now())
        .execute(store.database.writer())
        .await
        .map(drop)
        .map_err(|error| sqlite_error("ensure_user", error))
}

pub(super) async fn create_task(store: &SqliteStore, new: NewTask, write: Write) -> Result<Created> {
    let mut tx = store.database.begin_growing("create_task").await?;
    if let Some(task) = existing(&mut tx, &new).await? {
        return Ok(Created::Existing(task));
    }
    let time = store.clock.now();
    let now = text_time(time);
    insert_file(&mut tx, &new).await?;
    // The trigger dates the change by the file, which may be older than the row.
    sqlx::query("UPDATE change_log SET at = ?1 WHERE seq = (SELECT MAX(seq) FROM change_log)")
        .bind(&now)
        .execute(&mut *tx)
        .await
        .map_err(|error| sqlite_error("create_task", error))?;
    let deadline = new.initial_state(store.clock.now()).deadline;
    insert_task(&mut tx, &new, deadline, &now).await?;
    if let Some(idempotency) = &new.idempotency {
        insert_key(&mut tx, &new, idempotency, &now).await?;
    }
    let accepted = UsageAmounts::default()
        .with_documents(1_u64)
        .with_bytes(new.file.size);
    usage::count_used(&mut tx, new.owner, "", accepted, time).await?;
    outbox::send(&mut tx, write, &now).await?;
    let task = load(&mut tx, new.id)
        .await?
        .ok_or_else(|| corrupt("id", "the new task is not there"))?;
    tx.commit()
        .await
        .map_err(|error| sqlite_error("create_task", error))?;
    Ok(Created::New(task))
}

pub(super) async fn repeated_task(store: &SqliteStore, new: NewTask) -> Result<Option<Task>> {
    let mut tx = store.database.begin("repeated_task").await?;
    existing(&mut tx, &new).await
}

/// The task an earlier request made, if this is a repetition.
async fn existing(tx: &mut Transaction<'static, Sqlite>, new: &NewTask) -> Result<Option<Task>> {
    let mut found: Option<TaskId> = None;
    if let Some(idempotency) = &new.idempotency {
        let row = sqlx::query(
            "SELECT fingerprint, task_id FROM idempotency_keys AS used JOIN tasks ON id = task_id \
             WHERE used.user_id = ?1 AND key = ?2 AND used.created_at >= ?3 AND deleted_at IS NULL",
        )
        .bind(new.owner.to_string())
        .bind(&idempotency.key)
        .bind(text_time(idempotency.not_before))
        .fetch_optional(&mut **tx)
        .await
        .map_err(|error| sqlite_error("create_task", error))?;
        if let Some(row) = row {
            if column::<&str>(&row, "fingerprint")? != idempotency.fingerprint {
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    "this idempotency key was used for a different request; choose another key",
                ));
            }
            found = Some(parsed(&row, "task_id")?);
        }
    }
    if found.is_none() {
        let row = sqlx::query("SELECT id FROM tasks WHERE file_id = ?1 AND user_id = ?2 LIMIT 1")
            .bind(new.file.id.to_string())
            .bind(new.owner.to_string())
            .fetch_optional(&mut **tx)
            .await
            .map_err(|error| sqlite_error("create_task", error))?;
        found = row.map(|row| parsed(&row, "id")).transpose()?;
    }
    match found {
        Some(id) => load(tx, id).await,
        None => Ok(None),
    }
}

async fn insert_file(tx: &mut Transaction<'static, Sqlite>, new: &NewTask) -> Result<()> {
    let file = &new.file;
    sqlx::query(
        "INSERT INTO files (id, user_id, filename, stored_filename, mime_type, file_size, sha256, \
         s3_bucket, s3_key, s3_version_id, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )
    .bind(file.id.to_string())
    .bind(new.owner.to_string())
    .bind(&file.filename)
    .bind(&file.stored_filename)
    .bind(file.media_type.as_str())
    .bind(file.size as i64)
    .bind(&file.sha256)
    .bind(&file.bucket)
    .bind(&file.key)
    .bind(&file.version_id)
    .bind(text_time(file.created_at))
    .execute(&mut **tx)
    .await
    .map(drop)
    .map_err(|error| sqlite_error("create_task", error))
}

async fn insert_task(
    tx: &mut Transaction<'static, Sqlite>,
    new: &NewTask,
    deadline: Option<Timestamp>,
    now: &str,
) -> Result<()> {
    let options = serde_json::to_string(&new.options).map_err(|error| corrupt("options", error))?;
    sqlx::query(
        "INSERT INTO tasks (id, user_id, file_id, options, max_attempts, created_at, updated_at, \
         max_crashes, deadline_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8)",
    )
    .bind(new.id.to_string())
    .bind(new.owner.to_string())
    .bind(new.file.id.to_string())
    .bind(options)
    .bind(new.max_attempts)
    .bind(now)
    .bind(new.max_crashes)
    .bind(deadline.map(text_time))
    .execute(&mut **tx)
    .await
    .map(drop)
    .map_err(|error| sqlite_error("create_task", error))
}

/// Stores the key, and removes those of this owner that are too old to be asked for again.
async fn insert_key(
    tx: &mut Transaction<'static, Sqlite>,
    new: &NewTask,
    idempotency: &Idempotency,
    now: &str,
) -> Result<()> {
    sqlx::query("DELETE FROM idempotency_keys WHERE user_id = ?1 AND created_at < ?2")
        .bind(new.owner.to_string())
        .bind(text_time(idempotency.not_before))
        .execute(&mut **tx)
        .await
        .map_err(|error| sqlite_error("create_task", error))?;
    sqlx::query(
        "INSERT OR REPLACE INTO idempotency_keys (user_id, key, fingerprint, task_id, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .bind(new.owner.to_string())
    .bind(&idempotency.key)
    .bind(&idempotency.fingerprint)
    .bind(new.id.to_string())
    .bind(now)
    .execute(&mut **tx)
    .await
    .map(drop)
    .map_err(|error| sqlite_error("create_task", error))
}
