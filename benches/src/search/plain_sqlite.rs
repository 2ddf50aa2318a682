//! Plain FTS5: the texts as they are, with the tokenizer that it has by itself.

use std::path::Path;

use anyhow::Result;
use async_trait::async_trait;
use tokio::sync::Mutex;

use crate::{
    contestant::{HITS, Indexed, Searched},
    corpus::Document,
    questions::{Kind, Question},
    sqlite_file::SqliteFile,
};

const SCHEMA: [&str; 2] = [
    "CREATE TABLE plain_pages (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, document INTEGER NOT NULL, \
     number INTEGER NOT NULL)",
    "CREATE VIRTUAL TABLE plain_texts USING fts5 (body)",
];

/// A table of FTS5 and one that says whose its rows are.
pub(crate) struct PlainSqlite {
    file: SqliteFile,
    ready: Mutex<Vec<Document>>,
}

impl PlainSqlite {
    /// A new file at `path`.
    pub(crate) async fn open(path: &Path) -> Result<Self> {
        let file = SqliteFile::open(path).await?;
        for statement in SCHEMA {
            sqlx::query(statement).execute(&file.0).await?;
        }
        Ok(Self {
            file,
            ready: Mutex::default(),
        })
    }
}

#[async_trait]
impl Indexed for PlainSqlite {
    fn name(&self) -> &'static str {
        "plain FTS5"
    }

    async fn prepare(&self, documents: &[Document]) -> Result<()> {
        *self.ready.lock().await = documents.to_vec();
        Ok(())
    }

    async fn index(&self) -> Result<()> {
        let ready = std::mem::take(&mut *self.ready.lock().await);
        let mut tx = self.file.0.begin().await?;
        for document in &ready {
            for (number, page) in (1_i64..).zip(&document.pages) {
                let id: i64 = sqlx::query_scalar(
                    "INSERT INTO plain_pages (owner, document, number) VALUES (?1, ?2, ?3) RETURNING id",
                )
                .bind(document.owner as i64)
                .bind(document.index as i64)
                .bind(number)
                .fetch_one(&mut *tx)
                .await?;
                sqlx::query("INSERT INTO plain_texts (rowid, body) VALUES (?1, ?2)")
                    .bind(id)
                    .bind(page.text())
                    .execute(&mut *tx)
                    .await?;
            }
        }
        Ok(tx.commit().await?)
    }

    async fn settle(&self) -> Result<()> {
        self.file.checkpoint().await
    }

    async fn bytes(&self) -> Result<u64> {
        self.file.bytes_of("plain").await
    }
}

#[async_trait]
impl Searched for PlainSqlite {
    async fn ask(&self, question: &Question) -> Result<usize> {
        let star = if question.kind == Kind::Prefix { " *" } else { "" };
        let found: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT plain_pages.document, plain_pages.number FROM plain_texts \
             JOIN plain_pages ON plain_pages.id = plain_texts.rowid \
             WHERE plain_texts MATCH ?1 AND plain_pages.owner = 0 ORDER BY plain_texts.rank LIMIT ?2",
        )
        .bind(format!("\"{}\"{star}", question.text))
        .bind(HITS as i64)
        .fetch_all(&self.file.0)
        .await?;
        Ok(found.len())
    }
}
