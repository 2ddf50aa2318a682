//! Pages that answer a query.

use ocr_core::{
    Result,
    clock::Timestamp,
    search::SearchQuery,
    search_index::{FoundPage, IndexRequest},
    store::Scope,
};
use sqlx::{QueryBuilder, Sqlite, SqlitePool, sqlite::SqliteRow};

use super::expression::Fts5;
use crate::{
    search::{
        exactness, expression,
        filters::{self, Dialect},
        vocabulary::{Expansions, MAX_CANDIDATES, Ranges, forgiven},
    },
    sqlite::{
        error::sqlite_error,
        rows::{column, count, parsed, text_time},
    },
};

pub(super) async fn search(
    pool: &SqlitePool,
    scope: Scope,
    request: &IndexRequest,
) -> Result<Vec<FoundPage>> {
    let query = &request.query;
    if !query.finds_words() {
        let first = "SELECT p.task_id, MIN(p.number) AS number, 0 AS exactness, 0.0 AS score FROM search_pages p \
                     JOIN search_documents d ON d.task_id = p.task_id WHERE TRUE";
        return fetch(pool, QueryBuilder::new(first), scope, request).await;
    }
    let exact = expression::exact::<Fts5>(&query.clauses);
    // Every page that is found is ranked. Literal answers come first, so where there are enough of them nothing else
    // need be found.
    let literal = fetch(pool, answers(vec![exact.clone()]), scope, request).await?;
    if literal.len() >= request.limit {
        return Ok(literal);
    }
    let expansions = expansions(pool, query).await?;
    let levels = vec![
        exact,
        expression::confusable::<Fts5>(&query.clauses),
        expression::typing::<Fts5>(&query.clauses, &expansions),
    ];
    fetch(pool, answers(levels), scope, request).await
}

/// The answers that `sql` selects and `request` wants, in their order.
async fn fetch(
    pool: &SqlitePool,
    mut sql: QueryBuilder<Sqlite>,
    scope: Scope,
    request: &IndexRequest,
) -> Result<Vec<FoundPage>> {
    restrict(&mut sql, scope, request);
    if !request.query.finds_words() {
        sql.push(" GROUP BY p.task_id");
    }
    sql.push(" ORDER BY exactness, score DESC, p.task_id, number LIMIT ")
        .push_bind(request.limit as i64)
        .push(" OFFSET ")
        .push_bind(request.offset as i64);
    let rows = sql.build().fetch_all(pool).await;
    let rows = rows.map_err(|error| sqlite_error("search", error))?;
    rows.iter().map(found).collect()
}

/// Pages by how literally they answer, each as literally as it does: by the first of `levels` that it answers.
/// Materialised, because ranks are known only where the text is searched.
fn answers(levels: Vec<String>) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new("WITH found AS MATERIALIZED (");
    let is_one = levels.len() == 1;
    for (exactness, expression) in levels.into_iter().enumerate() {
        // Weights of the columns: skeletons say nothing about a literal answer.
        let (union, weights) = if exactness == 0 {
            ("", "1.0, 0.0")
        } else {
            (" UNION ALL ", "1.0, 1.0")
        };
        sql.push(format!(
            "{union}SELECT rowid AS page, {exactness} AS exactness, -bm25(search_text, {weights}) AS score \
             FROM search_text WHERE search_text MATCH "
        ))
        .push_bind(expression);
    }
    sql.push(if is_one {
        "), best AS (SELECT page, exactness, score FROM found)"
    } else {
        // SQLite takes the score from the row that has the minimum.
        "), best AS (SELECT page, MIN(exactness) AS exactness, score FROM found GROUP BY page)"
    });
    sql.push(
        " SELECT p.task_id, p.number, b.exactness, b.score FROM best b JOIN search_pages p ON p.id = b.page \
         JOIN search_documents d ON d.task_id = p.task_id WHERE TRUE",
    );
    sql
}

/// Adds whose pages are wanted, the filters, and what a page must not hold.
fn restrict(sql: &mut QueryBuilder<Sqlite>, scope: Scope, request: &IndexRequest) {
    if let Some(owner) = scope.owner_id() {
        sql.push(" AND d.user_id = ").push_bind(owner.to_string());
    }
    if let Some(task) = request.task {
        sql.push(" AND p.task_id = ").push_bind(task.to_string());
    }
    for clause in request.query.clauses.iter().filter(|clause| clause.negated) {
        sql.push(" AND p.id NOT IN (SELECT rowid FROM search_text WHERE search_text MATCH ")
            .push_bind(expression::unwanted::<Fts5>(clause))
            .push(")");
    }
    filters::restrict::<SqliteFilters>(sql, &request.query.filters);
}

/// Filters in the SQL of SQLite.
#[derive(Debug, Clone, Copy)]
enum SqliteFilters {}

impl Dialect for SqliteFilters {
    type Database = Sqlite;

    fn holds(sql: &mut QueryBuilder<Sqlite>, column: &'static str, part: &str) {
        sql.push("instr(")
            .push(column)
            .push(", ")
            .push_bind(part.to_owned())
            .push(") > 0");
    }

    fn among<'a>(
        sql: &mut QueryBuilder<Sqlite>,
        column: &'static str,
        values: impl Iterator<Item = &'a str>,
    ) {
        sql.push(column).push(" IN (");
        let mut list = sql.separated(", ");
        for value in values {
            list.push_bind(value.to_owned());
        }
        sql.push(")");
    }

    fn language(sql: &mut QueryBuilder<Sqlite>, tag: &str) {
        let beginning = format!("{tag}-");
        sql.push("p.language = ")
            .push_bind(tag.to_owned())
            .push(" OR substr(p.language, 1, ")
            .push_bind(beginning.chars().count() as i64)
            .push(") = ")
            .push_bind(beginning);
    }

    fn time(sql: &mut QueryBuilder<Sqlite>, time: Timestamp) {
        sql.push_bind(text_time(time));
    }

    fn confidence(sql: &mut QueryBuilder<Sqlite>, confidence: f32) {
        sql.push_bind(confidence);
    }
}

async fn expansions(pool: &SqlitePool, query: &SearchQuery) -> Result<Expansions> {
    let mut expansions = Expansions::default();
    for word in forgiven(query) {
        let Ranges {
            words,
            reversed,
            length,
        } = Ranges::new(&word);
        let candidates = sqlx::query_scalar(
            "SELECT word FROM (SELECT word FROM search_vocabulary WHERE word >= ?1 AND word < ?2 \
             UNION ALL SELECT word FROM search_vocabulary WHERE reversed >= ?3 AND reversed < ?4) \
             WHERE length(word) BETWEEN ?5 AND ?6 LIMIT ?7",
        )
        .bind(words.0)
        .bind(words.1)
        .bind(reversed.0)
        .bind(reversed.1)
        .bind(length.0)
        .bind(length.1)
        .bind(MAX_CANDIDATES)
        .fetch_all(pool)
        .await
        .map_err(|error| sqlite_error("search", error))?;
        expansions.keep(word, candidates);
    }
    Ok(expansions)
}

fn found(row: &SqliteRow) -> Result<FoundPage> {
    let score: f64 = column(row, "score")?;
    Ok(FoundPage::new(
        parsed(row, "task_id")?,
        count(row, "number")?,
        exactness(count(row, "exactness")?),
        score as f32,
    ))
}
