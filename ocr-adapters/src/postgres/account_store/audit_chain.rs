//! The chain of the audit log.

use ocr_core::{
    Result,
    account_store::{AuditAnchor, AuditEntry, AuditRecord, AuditSeal, SealedRecord},
    clock::Timestamp,
};
use sqlx::{PgConnection, postgres::PgRow};

use super::{PgAccountStore, append::append};
use crate::postgres::{
    error::pg_error,
    rows::{column, corrupt, row_limit},
};

/// Maximum number of entries that are removed at once.
const PRUNED: i64 = 5000;
/// Held by whoever changes the chain: the letters of `audit`.
pub(super) const LOCK: i64 = 0x0061_7564_6974;

pub(super) async fn seal(store: &PgAccountStore, limit: usize) -> Result<usize> {
    // Looking first keeps an idle duty from writing.
    if unsealed(store).await? == 0 {
        return Ok(0);
    }
    store
        .database
        .transaction("seal_entries", async |tx| seal_within(tx, limit).await)
        .await
}

async fn seal_within(tx: &mut PgConnection, limit: usize) -> Result<usize> {
    let failed = |error| pg_error("seal_entries", error);
    let mine: bool = sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1)")
        .bind(LOCK)
        .fetch_one(&mut *tx)
        .await
        .map_err(failed)?;
    if !mine {
        return Ok(0);
    }
    let mut last = end(tx).await?;
    let rows = sqlx::query(
        "SELECT l.id::text AS id, l.at, l.actor::text AS actor, l.action, l.object, l.address, u.salt \
         FROM audit_unsealed u JOIN audit_log l ON l.id = u.entry ORDER BY u.entry LIMIT $1",
    )
    .bind(row_limit(limit))
    .fetch_all(&mut *tx)
    .await
    .map_err(failed)?;
    for row in &rows {
        let record = record(row)?;
        let seal = AuditSeal::of(&record, column::<String>(row, "salt")?, last.as_ref());
        let [actor, object, address] = &seal.digests;
        sqlx::query(
            "WITH sealed AS (DELETE FROM audit_unsealed WHERE entry = $2::uuid) \
             INSERT INTO audit_chain (seq, entry, salt, actor_digest, object_digest, address_digest, hash) \
             VALUES ($1, $2::uuid, $3, $4, $5, $6, $7)",
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
        last = Some(seal.anchor());
    }
    Ok(rows.len())
}

/// The last place of the chain.
async fn end(tx: &mut PgConnection) -> Result<Option<AuditAnchor>> {
    let row = sqlx::query(
        "(SELECT seq, hash FROM audit_chain ORDER BY seq DESC LIMIT 1) \
         UNION ALL SELECT seq, hash FROM audit_anchor ORDER BY seq DESC LIMIT 1",
    )
    .fetch_optional(tx)
    .await
    .map_err(|error| pg_error("seal_entries", error))?;
    row.as_ref().map(anchor_row).transpose()
}

pub(super) async fn sealed(store: &PgAccountStore, after: u64, limit: usize) -> Result<Vec<SealedRecord>> {
    let rows = store
        .database
        .call("sealed_entries", async |connection| {
            sqlx::query(
                "SELECT c.seq, c.salt, c.actor_digest, c.object_digest, c.address_digest, c.hash, \
                 l.id::text AS id, l.at, l.actor::text AS actor, l.action, l.object, l.address \
                 FROM audit_chain c LEFT JOIN audit_log l ON l.id = c.entry \
                 WHERE c.seq > $1 ORDER BY c.seq LIMIT $2",
            )
            .bind(after as i64)
            .bind(row_limit(limit))
            .fetch_all(connection)
            .await
            .map_err(|error| pg_error("sealed_entries", error))
        })
        .await?;
    rows.iter().map(sealed_row).collect()
}

pub(super) async fn unsealed(store: &PgAccountStore) -> Result<u64> {
    let waiting: i64 = store
        .database
        .call("unsealed_entries", async |connection| {
            sqlx::query_scalar("SELECT COUNT(*) FROM audit_unsealed u JOIN audit_log l ON l.id = u.entry")
                .fetch_one(connection)
                .await
                .map_err(|error| pg_error("unsealed_entries", error))
        })
        .await?;
    Ok(waiting as u64)
}

pub(super) async fn anchor(store: &PgAccountStore) -> Result<Option<AuditAnchor>> {
    let row = store
        .database
        .call("audit_anchor", async |connection| {
            sqlx::query("SELECT seq, hash FROM audit_anchor")
                .fetch_optional(connection)
                .await
                .map_err(|error| pg_error("audit_anchor", error))
        })
        .await?;
    row.as_ref().map(anchor_row).transpose()
}

pub(super) async fn prune(store: &PgAccountStore, before: Timestamp, entry: AuditEntry) -> Result<u64> {
    store
        .database
        .transaction("prune_entries", async |tx| prune_within(tx, before, entry).await)
        .await
}

async fn prune_within(tx: &mut PgConnection, before: Timestamp, entry: AuditEntry) -> Result<u64> {
    let failed = |error| pg_error("prune_entries", error);
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(LOCK)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    let rows = sqlx::query(
        "SELECT c.seq, c.hash, l.at FROM audit_chain c LEFT JOIN audit_log l ON l.id = c.entry \
         ORDER BY c.seq LIMIT $1",
    )
    .bind(PRUNED)
    .fetch_all(&mut *tx)
    .await
    .map_err(failed)?;
    let mut last = None;
    for row in &rows {
        let at: Option<Timestamp> = column(row, "at")?;
        if at.is_none_or(|at| at >= before) {
            break;
        }
        last = Some(anchor_row(row)?);
    }
    let Some(anchor) = last else { return Ok(0) };
    sqlx::query(
        "INSERT INTO audit_anchor (one, seq, hash) VALUES (1, $1, $2) \
         ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
    )
    .bind(anchor.seq as i64)
    .bind(&anchor.hash)
    .execute(&mut *tx)
    .await
    .map_err(failed)?;
    let removed =
        sqlx::query("DELETE FROM audit_log WHERE id IN (SELECT entry FROM audit_chain WHERE seq <= $1)")
            .bind(anchor.seq as i64)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
    sqlx::query("DELETE FROM audit_chain WHERE seq <= $1")
        .bind(anchor.seq as i64)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    append(tx, &entry.with_object(anchor.to_string())).await?;
    Ok(removed.rows_affected())
}

fn anchor_row(row: &PgRow) -> Result<AuditAnchor> {
    Ok(AuditAnchor::new(place(row)?, column::<String>(row, "hash")?))
}

fn place(row: &PgRow) -> Result<u64> {
    let seq: i64 = column(row, "seq")?;
    u64::try_from(seq).map_err(|error| corrupt("seq", error))
}

fn record(row: &PgRow) -> Result<AuditRecord> {
    let at: Timestamp = column(row, "at")?;
    let record = AuditRecord::new(column::<String>(row, "id")?, at, column::<String>(row, "action")?);
    Ok(record
        .by(column(row, "actor")?, column::<String>(row, "address")?)
        .about(column::<String>(row, "object")?))
}

fn sealed_row(row: &PgRow) -> Result<SealedRecord> {
    let digests = [
        column(row, "actor_digest")?,
        column(row, "object_digest")?,
        column(row, "address_digest")?,
    ];
    let hash: String = column(row, "hash")?;
    let seal = AuditSeal::new(place(row)?, column(row, "salt")?, digests, hash);
    let there = column::<Option<String>>(row, "id")?.is_some();
    let record = there.then(|| record(row)).transpose()?;
    Ok(SealedRecord::new(seal, record))
}
