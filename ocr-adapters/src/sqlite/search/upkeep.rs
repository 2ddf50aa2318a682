//! Documents in and out.

use std::collections::BTreeMap;

use ocr_core::{
    id::TaskId,
    search::{Token, fold::fold},
    search_index::{IndexedDocument, IndexedPage},
};
use sqlx::{Sqlite, Transaction};

use crate::{
    search::{
        filters::{folded_collection, label_lines},
        vocabulary::{page_counts, reversed, skeletons},
    },
    sqlite::rows::text_time,
};

/// Takes out the document of `task`, if there is one.
pub(super) async fn remove(tx: &mut Transaction<'static, Sqlite>, task: TaskId) -> sqlx::Result<()> {
    let task = task.to_string();
    let texts: Vec<String> = sqlx::query_scalar(
        "SELECT skeletons FROM search_text WHERE rowid IN (SELECT id FROM search_pages WHERE task_id = ?1)",
    )
    .bind(&task)
    .fetch_all(&mut **tx)
    .await?;
    for statement in [
        "DELETE FROM search_text WHERE rowid IN (SELECT id FROM search_pages WHERE task_id = ?1)",
        "DELETE FROM search_documents WHERE task_id = ?1",
    ] {
        sqlx::query(statement).bind(&task).execute(&mut **tx).await?;
    }
    forget(
        tx,
        &page_counts(texts.iter().map(|text| text.split(' ').collect())),
    )
    .await
}

/// Takes in a document whose task has none.
pub(super) async fn put(
    tx: &mut Transaction<'static, Sqlite>,
    document: &IndexedDocument,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO search_documents (task_id, user_id, filename, status, media_type, created_at, updated_at, pages, \
         labels, collection, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )
    .bind(document.task.to_string())
    .bind(document.owner.to_string())
    .bind(fold(&document.filename))
    .bind(document.status.as_str())
    .bind(document.media_type.as_str())
    .bind(text_time(document.created_at))
    .bind(text_time(document.updated_at))
    .bind(document.pages.len() as i64)
    .bind(label_lines(&document.filing))
    .bind(folded_collection(&document.filing))
    .bind(fold(&document.filing.note))
    .execute(&mut **tx)
    .await?;
    for page in &document.pages {
        put_page(tx, document.task, page).await?;
    }
    learn(tx, &page_counts(document.pages.iter().map(skeletons))).await
}

async fn put_page(
    tx: &mut Transaction<'static, Sqlite>,
    task: TaskId,
    page: &IndexedPage,
) -> sqlx::Result<()> {
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO search_pages (task_id, number, confidence, engine, language) VALUES (?1, ?2, ?3, ?4, ?5) \
         RETURNING id",
    )
    .bind(task.to_string())
    .bind(page.number)
    .bind(page.confidence)
    .bind(&page.engine)
    .bind(&page.language)
    .fetch_one(&mut **tx)
    .await?;
    let joined = |of: fn(&Token) -> &str| page.tokens.iter().map(of).collect::<Vec<_>>().join(" ");
    sqlx::query("INSERT INTO search_text (rowid, words, skeletons) VALUES (?1, ?2, ?3)")
        .bind(id)
        .bind(joined(|token| &token.key))
        .bind(joined(|token| &token.skeleton))
        .execute(&mut **tx)
        .await
        .map(drop)
}

async fn learn(tx: &mut Transaction<'static, Sqlite>, counts: &BTreeMap<&str, i64>) -> sqlx::Result<()> {
    for (word, pages) in counts {
        sqlx::query(
            "INSERT INTO search_vocabulary (word, reversed, pages) VALUES (?1, ?2, ?3) \
             ON CONFLICT (word) DO UPDATE SET pages = pages + excluded.pages",
        )
        .bind(word)
        .bind(reversed(word))
        .bind(pages)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

async fn forget(tx: &mut Transaction<'static, Sqlite>, counts: &BTreeMap<&str, i64>) -> sqlx::Result<()> {
    for (word, pages) in counts {
        sqlx::query("UPDATE search_vocabulary SET pages = pages - ?2 WHERE word = ?1")
            .bind(word)
            .bind(pages)
            .execute(&mut **tx)
            .await?;
        sqlx::query("DELETE FROM search_vocabulary WHERE word = ?1 AND pages <= 0")
            .bind(word)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}
