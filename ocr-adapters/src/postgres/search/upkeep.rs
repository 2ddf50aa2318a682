//! Documents in and out.

use std::collections::BTreeMap;

use ocr_core::{search::fold::fold, search_index::IndexedDocument};
use sqlx::PgConnection;
use uuid::Uuid;

use super::expression::{SKELETON, vector};
use crate::{
    postgres::rows::storable,
    search::{
        filters::{folded_collection, label_lines},
        vocabulary::{page_counts, reversed, skeletons},
    },
};

/// Takes out the documents of `tasks`, where there are some.
pub(super) async fn remove(tx: &mut PgConnection, tasks: &[Uuid]) -> sqlx::Result<()> {
    let pages: Vec<Vec<String>> =
        sqlx::query_scalar("SELECT tsvector_to_array(tokens) FROM search_pages WHERE task_id = ANY($1)")
            .bind(tasks)
            .fetch_all(&mut *tx)
            .await?;
    sqlx::query("DELETE FROM search_documents WHERE task_id = ANY($1)")
        .bind(tasks)
        .execute(&mut *tx)
        .await?;
    let skeletons = pages.iter().map(|page| {
        let words = page.iter().map(String::as_str);
        words.filter_map(|word| word.strip_prefix(SKELETON)).collect()
    });
    forget(tx, &page_counts(skeletons)).await
}

/// Takes in a document whose task has none.
pub(super) async fn put(tx: &mut PgConnection, document: &IndexedDocument) -> sqlx::Result<()> {
    let filename = fold(&document.filename);
    let labels = label_lines(&document.filing);
    let collection = folded_collection(&document.filing);
    let note = fold(&document.filing.note);
    sqlx::query(
        "INSERT INTO search_documents (task_id, user_id, filename, status, media_type, created_at, updated_at, pages, \
         labels, collection, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(document.task.0)
    .bind(document.owner.0)
    .bind(storable(&filename))
    .bind(document.status.as_str())
    .bind(document.media_type.as_str())
    .bind(document.created_at)
    .bind(document.updated_at)
    .bind(document.pages.len() as i64)
    .bind(storable(&labels))
    .bind(storable(&collection))
    .bind(storable(&note))
    .execute(&mut *tx)
    .await?;
    for page in &document.pages {
        sqlx::query(
            "INSERT INTO search_pages (task_id, number, confidence, engine, language, tokens) \
             VALUES ($1, $2, $3, $4, $5, $6::tsvector)",
        )
        .bind(document.task.0)
        .bind(i64::from(page.number))
        .bind(page.confidence)
        .bind(storable(&page.engine))
        .bind(storable(&page.language))
        .bind(vector(&page.tokens))
        .execute(&mut *tx)
        .await?;
    }
    learn(tx, &page_counts(document.pages.iter().map(skeletons))).await
}

async fn learn(tx: &mut PgConnection, counts: &BTreeMap<&str, i64>) -> sqlx::Result<()> {
    let (words, pages) = columns(counts);
    let backwards: Vec<String> = words.iter().map(|word| reversed(word)).collect();
    sqlx::query(
        "INSERT INTO search_vocabulary (word, reversed, pages) \
         SELECT * FROM UNNEST($1::text[], $2::text[], $3::bigint[]) \
         ON CONFLICT (word) DO UPDATE SET pages = search_vocabulary.pages + excluded.pages",
    )
    .bind(&words)
    .bind(&backwards)
    .bind(&pages)
    .execute(tx)
    .await
    .map(drop)
}

async fn forget(tx: &mut PgConnection, counts: &BTreeMap<&str, i64>) -> sqlx::Result<()> {
    let (words, pages) = columns(counts);
    sqlx::query(
        "UPDATE search_vocabulary v SET pages = v.pages - gone.pages \
         FROM UNNEST($1::text[], $2::bigint[]) AS gone (word, pages) WHERE v.word = gone.word",
    )
    .bind(&words)
    .bind(&pages)
    .execute(&mut *tx)
    .await?;
    sqlx::query("DELETE FROM search_vocabulary WHERE word = ANY($1) AND pages <= 0")
        .bind(&words)
        .execute(tx)
        .await
        .map(drop)
}

fn columns(counts: &BTreeMap<&str, i64>) -> (Vec<String>, Vec<i64>) {
    counts
        .iter()
        .map(|(word, pages)| ((*word).to_owned(), *pages))
        .unzip()
}
