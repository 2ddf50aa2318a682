//! The chain of the audit log.

use ocr_core::{
    Result,
    account_store::{AuditAnchor, AuditEntry, AuditRecord, AuditSeal, SealedRecord},
    clock::Timestamp,
};
use sqlx::{Sqlite, Transaction, sqlite::SqliteRow};

use super::{SqliteAccountStore, append::append};
use crate::sqlite::{
    error::sqlite_error,
    rows::{column, count, time},
};

/// Maximum number of entries that are removed at once.
const PRUNED: i64 = 5000;

pub(super) async fn seal(store: &SqliteAccountStore, limit: usize) -> Result<usize> {
    // Looking first keeps an idle duty from taking the write lock.
    if unsealed(store).await? == 0 {
        return Ok(0);
    }
    let failed = |error| sqlite_error("seal_entries", error);
    let mut tx = store.database.begin("seal_entries").await?;
    let mut last = end(&mut tx).await?;
    let rows = sqlx::query(
        "SELECT l.id, l.at, l.actor, l.action, l.object, l.address, u.salt \
         FROM audit_unsealed u JOIN audit_log l ON l.id = u.entry ORDER BY u.entry LIMIT ?1",
    )
    .bind(limit as i64)
    .fetch_all(&mut *tx)
    .await
    .map_err(failed)?;
    for row in &rows {
        let record = record(row)?;
        let seal = AuditSeal::of(&record, column::<String>(row, "salt")?, last.as_ref());
        let [actor, object, address] = &seal.digests;
        sqlx::query(
            "INSERT INTO audit_chain (seq, entry, salt, actor_digest, object_digest, address_digest, hash) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .bind(seal.seq as i64)
        .bind(&record.id)
        .bind(&seal.salt)
        .bind(actor)
        .bind(object)
        .bind(address)
        .bind(&seal.hash)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        sqlx::query("DELETE FROM audit_unsealed WHERE entry = ?1")
            .bind(&record.id)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        last = Some(seal.anchor());
    }
    tx.commit().await.map_err(failed)?;
    Ok(rows.len())
}

/// The last place of the chain.
async fn end(tx: &mut Transaction<'static, Sqlite>) -> Result<Option<AuditAnchor>> {
    let row = sqlx::query(
        "SELECT seq, hash FROM (SELECT seq, hash FROM audit_chain UNION ALL SELECT seq, hash FROM audit_anchor) \
         ORDER BY seq DESC LIMIT 1",
    )
    .fetch_optional(&mut **tx)
    .await
    .map_err(|error| sqlite_error("seal_entries", error))?;
    row.as_ref().map(anchor_row).transpose()
}

pub(super) async fn sealed(
    store: &SqliteAccountStore,
    after: u64,
    limit: usize,
) -> Result<Vec<SealedRecord>> {
    let rows = sqlx::query(
        "SELECT c.seq, c.salt, c.actor_digest, c.object_digest, c.address_digest, c.hash, \
         l.id, l.at, l.actor, l.action, l.object, l.address \
         FROM audit_chain c LEFT JOIN audit_log l ON l.id = c.entry WHERE c.seq > ?1 ORDER BY c.seq LIMIT ?2",
    )
    .bind(after as i64)
    .bind(limit as i64)
    .fetch_all(&store.database.read)
    .await
    .map_err(|error| sqlite_error("sealed_entries", error))?;
    rows.iter().map(sealed_row).collect()
}

pub(super) async fn unsealed(store: &SqliteAccountStore) -> Result<u64> {
    let waiting: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM audit_unsealed u JOIN audit_log l ON l.id = u.entry")
            .fetch_one(&store.database.read)
            .await
            .map_err(|error| sqlite_error("unsealed_entries", error))?;
    Ok(waiting as u64)
}

pub(super) async fn anchor(store: &SqliteAccountStore) -> Result<Option<AuditAnchor>> {
    let row = sqlx::query("SELECT seq, hash FROM audit_anchor")
        .fetch_optional(&store.database.read)
        .await
        .map_err(|error| sqlite_error("audit_anchor", error))?;
    row.as_ref().map(anchor_row).transpose()
}

pub(super) async fn prune(store: &SqliteAccountStore, before: Timestamp, entry: AuditEntry) -> Result<u64> {
    let failed = |error| sqlite_error("prune_entries", error);
    let mut tx = store.database.begin("prune_entries").await?;
    let rows = sqlx::query(
        "SELECT c.seq, c.hash, l.at FROM audit_chain c LEFT JOIN audit_log l ON l.id = c.entry \
         ORDER BY c.seq LIMIT ?1",
    )
    .bind(PRUNED)
    .fetch_all(&mut *tx)
    .await
    .map_err(failed)?;
    let mut last = None;
    for row in &rows {
        if column::<Option<String>>(row, "at")?.is_none() || time(row, "at")? >= before {
            break;
        }
        last = Some(anchor_row(row)?);
    }
    let Some(anchor) = last else { return Ok(0) };
    sqlx::query(
        "INSERT INTO audit_anchor (one, seq, hash) VALUES (1, ?1, ?2) \
         ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
    )
    .bind(anchor.seq as i64)
    .bind(&anchor.hash)
    .execute(&mut *tx)
    .await
    .map_err(failed)?;
    let removed =
        sqlx::query("DELETE FROM audit_log WHERE id IN (SELECT entry FROM audit_chain WHERE seq <= ?1)")
            .bind(anchor.seq as i64)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
    sqlx::query("DELETE FROM audit_chain WHERE seq <= ?1")
        .bind(anchor.seq as i64)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    append(&mut tx, &entry.with_object(anchor.to_string())).await?;
    tx.commit().await.map_err(failed)?;
    Ok(removed.rows_affected())
}

fn anchor_row(row: &SqliteRow) -> Result<AuditAnchor> {
    Ok(AuditAnchor::new(
        count(row, "seq")?,
        column::<String>(row, "hash")?,
    ))
}

fn record(row: &SqliteRow) -> Result<AuditRecord> {
    let at = time(row, "at")?;
    let record = AuditRecord::new(column::<String>(row, "id")?, at, column::<String>(row, "action")?);
    Ok(record
        .by(column(row, "actor")?, column::<String>(row, "address")?)
        .about(column::<String>(row, "object")?))
}

fn sealed_row(row: &SqliteRow) -> Result<SealedRecord> {
    let digests = [
        column(row, "actor_digest")?,
        column(row, "object_digest")?,
        column(row, "address_digest")?,
    ];
    let hash: String = column(row, "hash")?;
    let seal = AuditSeal::new(count(row, "seq")?, column(row, "salt")?, digests, hash);
    let there = column::<Option<String>>(row, "id")?.is_some();
    let record = there.then(|| record(row)).transpose()?;
    Ok(SealedRecord::new(seal, record))
}
