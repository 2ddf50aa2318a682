//! New users and tasks.

use ocr_core::{
    Error, ErrorKind, Result,
    id::{TaskId, UserId},
    model::{Idempotency, NewTask, Task},
    store::{Created, Write},
    usage_store::UsageAmounts,
};
use sqlx::{PgConnection, Row as _, types::Json};

use super::transition::load;
use crate::postgres::{
    error::pg_error,
    rows::{column, corrupt, task_id},
    store::{PgStore, outbox, usage},
};

pub(super) async fn ensure_user(store: &PgStore, user: UserId) -> Result<()> {
    store
        .database
        .call("ensure_user", async |connection| {
            sqlx::query("INSERT INTO users (id) VALUES ($1) ON CONFLICT (id) DO NOTHING")
                .bind(user.0)
                .execute(connection)
                .await
                .map(drop)
                .map_err(|error| pg_error("ensure_user", error))
        })
        .await
}

pub(super) async fn create_task(store: &PgStore, new: NewTask, write: Write) -> Result<Created> {
    store
        .database
        .transaction("create_task", async |tx| {
            lock(tx, &new).await?;
            if let Some(task) = existing(tx, &new).await? {
                return Ok(Created::Existing(task));
            }
            insert_file(tx, &new).await?;
            insert_task(tx, &new).await?;
            if let Some(idempotency) = &new.idempotency {
                insert_key(tx, &new, idempotency).await?;
            }
            outbox::send(tx, &write).await?;
            let accepted = UsageAmounts::default()
                .with_documents(1_u64)
                .with_bytes(new.file.size);
            usage::count_used(tx, new.owner, "", accepted).await?;
            load(tx, new.id)
                .await?
                .map(Created::New)
                .ok_or_else(|| corrupt("id", "the new task is not there"))
        })
        .await
}

pub(super) async fn repeated_task(store: &PgStore, new: NewTask) -> Result<Option<Task>> {
    store
        .database
        .transaction("repeated_task", async |tx| existing(tx, &new).await)
        .await
}

/// Makes equal requests wait for each other, so that the second finds what the first has made.
async fn lock(tx: &mut PgConnection, new: &NewTask) -> Result<()> {
    let key = new
        .idempotency
        .as_ref()
        .map(|idempotency| format!("{} {}", new.owner, idempotency.key));
    for identity in key.into_iter().chain([new.file.id.to_string()]) {
        sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind(identity)
            .execute(&mut *tx)
            .await
            .map_err(|error| pg_error("create_task", error))?;
    }
    Ok(())
}

/// The task an earlier request made, if this is a repetition.
async fn existing(tx: &mut PgConnection, new: &NewTask) -> Result<Option<Task>> {
    let mut found: Option<TaskId> = None;
    if let Some(idempotency) = &new.idempotency {
        let row = sqlx::query(
            "SELECT fingerprint, task_id FROM idempotency_keys AS used JOIN tasks ON id = task_id \
             WHERE used.user_id = $1 AND key = $2 AND used.created_at >= $3 AND deleted_at IS NULL",
        )
        .bind(new.owner.0)
        .bind(&idempotency.key)
        .bind(idempotency.not_before)
        .fetch_optional(&mut *tx)
        .await
        .map_err(|error| pg_error("create_task", error))?;
        if let Some(row) = row {
            if column::<&str>(&row, "fingerprint")? != idempotency.fingerprint {
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    "this idempotency key was used for a different request; choose another key",
                ));
            }
            found = Some(task_id(&row, "task_id")?);
        }
    }
    if found.is_none() {
        let row = sqlx::query("SELECT id FROM tasks WHERE file_id = $1 AND user_id = $2 LIMIT 1")
            .bind(new.file.id.0)
            .bind(new.owner.0)
            .fetch_optional(&mut *tx)
            .await
            .map_err(|error| pg_error("create_task", error))?;
        found = row.map(|row| row.get("id")).map(TaskId);
    }
    match found {
        Some(id) => load(tx, id).await,
        None => Ok(None),
    }
}

async fn insert_file(tx: &mut PgConnection, new: &NewTask) -> Result<()> {
    let file = &new.file;
    let size = i64::try_from(file.size).map_err(|_| {
        Error::new(ErrorKind::TooLarge, "the file is too large").at("postgres", "create_task")
    })?;
    sqlx::query(
        "INSERT INTO files (id, user_id, filename, stored_filename, mime_type, file_size, sha256, \
         s3_bucket, s3_key, s3_version_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 AT TIME ZONE 'UTC')",
    )
    .bind(file.id.0)
    .bind(new.owner.0)
    .bind(&file.filename)
    .bind(&file.stored_filename)
    .bind(file.media_type.as_str())
    .bind(size)
    .bind(&file.sha256)
    .bind(&file.bucket)
    .bind(&file.key)
    .bind(&file.version_id)
    .bind(file.created_at)
    .execute(tx)
    .await
    .map(drop)
    .map_err(|error| pg_error("create_task", error))
}

async fn insert_task(tx: &mut PgConnection, new: &NewTask) -> Result<()> {
    sqlx::query(
        "INSERT INTO tasks (id, user_id, file_id, status, options, max_attempts, created_at, updated_at, \
         max_crashes, deadline_at) SELECT $1, $2, $3, 'pending', $4, $5, present, present, \
         $6, (present AT TIME ZONE 'UTC') + $7::bigint * interval '1 second' \
         FROM (SELECT clock_timestamp() AT TIME ZONE 'UTC' AS present) AS time",
    )
    .bind(new.id.0)
    .bind(new.owner.0)
    .bind(new.file.id.0)
    .bind(Json(&new.options))
    .bind(i64::from(new.max_attempts))
    .bind(i64::from(new.max_crashes))
    .bind(new.options.deadline_seconds.map(i64::from))
    .execute(tx)
    .await
    .map(drop)
    .map_err(|error| pg_error("create_task", error))
}

/// Stores the key, and removes those of this owner that are too old to be asked for again. Keys that
/// another request holds are left to it: two that waited for each other would never end.
async fn insert_key(tx: &mut PgConnection, new: &NewTask, idempotency: &Idempotency) -> Result<()> {
    sqlx::query(
        "INSERT INTO idempotency_keys (user_id, key, fingerprint, task_id) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, \
         task_id = excluded.task_id, created_at = clock_timestamp()",
    )
    .bind(new.owner.0)
    .bind(&idempotency.key)
    .bind(&idempotency.fingerprint)
    .bind(new.id.0)
    .execute(&mut *tx)
    .await
    .map_err(|error| pg_error("create_task", error))?;
    sqlx::query(
        "DELETE FROM idempotency_keys WHERE user_id = $1 AND key IN (SELECT key FROM idempotency_keys \
         WHERE user_id = $1 AND key <> $2 AND created_at < $3 FOR UPDATE SKIP LOCKED)",
    )
    .bind(new.owner.0)
    .bind(&idempotency.key)
    .bind(idempotency.not_before)
    .execute(tx)
    .await
    .map(drop)
    .map_err(|error| pg_error("create_task", error))
}
