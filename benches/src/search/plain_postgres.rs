//! Plain full text search of Postgres: the texts as they are, with the configuration that changes least.

use anyhow::Result;
use async_trait::async_trait;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::sync::Mutex;

use crate::{
    contestant::{HITS, Indexed, Searched},
    corpus::Document,
    questions::{Kind, Question},
};

const SCHEMA: [&str; 2] = [
    "CREATE TABLE plain_pages (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner BIGINT NOT NULL, \
     document BIGINT NOT NULL, number BIGINT NOT NULL, body TEXT NOT NULL, \
     tokens TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple', body)) STORED)",
    "CREATE INDEX plain_pages_tokens ON plain_pages USING gin (tokens)",
];

/// A table of texts with a GIN index.
pub(crate) struct PlainPostgres {
    pool: PgPool,
    ready: Mutex<Vec<Document>>,
}

impl PlainPostgres {
    /// The empty database at `url`.
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(1).connect(url).await?;
        for statement in SCHEMA {
            sqlx::query(statement).execute(&pool).await?;
        }
        Ok(Self {
            pool,
            ready: Mutex::default(),
        })
    }
}

#[async_trait]
impl Indexed for PlainPostgres {
    fn name(&self) -> &'static str {
        "plain Postgres"
    }

    async fn prepare(&self, documents: &[Document]) -> Result<()> {
        *self.ready.lock().await = documents.to_vec();
        Ok(())
    }

    async fn index(&self) -> Result<()> {
        let ready = std::mem::take(&mut *self.ready.lock().await);
        let (mut owners, mut documents, mut numbers, mut bodies) = (vec![], vec![], vec![], vec![]);
        for document in &ready {
            for (number, page) in (1_i64..).zip(&document.pages) {
                owners.push(document.owner as i64);
                documents.push(document.index as i64);
                numbers.push(number);
                bodies.push(page.text());
            }
        }
        sqlx::query(
            "INSERT INTO plain_pages (owner, document, number, body) \
             SELECT * FROM UNNEST($1::bigint[], $2::bigint[], $3::bigint[], $4::text[])",
        )
        .bind(owners)
        .bind(documents)
        .bind(numbers)
        .bind(bodies)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn settle(&self) -> Result<()> {
        sqlx::query("VACUUM (ANALYZE)").execute(&self.pool).await?;
        Ok(())
    }

    async fn bytes(&self) -> Result<u64> {
        let bytes: i64 = sqlx::query_scalar("SELECT pg_total_relation_size('plain_pages')")
            .fetch_one(&self.pool)
            .await?;
        Ok(bytes.unsigned_abs())
    }
}

#[async_trait]
impl Searched for PlainPostgres {
    async fn ask(&self, question: &Question) -> Result<usize> {
        let (sql, text) = if question.kind == Kind::Prefix {
            let sql = "SELECT document, number FROM plain_pages, to_tsquery('simple', $1) AS query \
                       WHERE tokens @@ query AND owner = 0 ORDER BY ts_rank(tokens, query) DESC LIMIT $2";
            (sql, format!("{}:*", question.text))
        } else {
            let sql = "SELECT document, number FROM plain_pages, phraseto_tsquery('simple', $1) AS query \
                       WHERE tokens @@ query AND owner = 0 ORDER BY ts_rank(tokens, query) DESC LIMIT $2";
            (sql, question.text.clone())
        };
        let found: Vec<(i64, i64)> = sqlx::query_as(sql)
            .bind(text)
            .bind(HITS as i64)
            .fetch_all(&self.pool)
            .await?;
        Ok(found.len())
    }
}
