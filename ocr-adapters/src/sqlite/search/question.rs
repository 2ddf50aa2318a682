//! Pages that answer a query.

use ocr_core::{
    Result,
    clock::Timestamp,
    search::SearchQuery,
    search_index::{FoundPage, IndexRequest, MAX_RANKED},
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

/// Weights of the columns of a literal answer, about which skeletons say nothing.
const LITERAL_WEIGHTS: &str = "1.0, 0.0";

pub(super) async fn search(
    pool: &SqlitePool,
    scope: Scope,
    request: &IndexRequest,
) -> Result<Vec<FoundPage>> {
    let query = &request.query;
    if !query.finds_words() {
        let first = "SELECT p.task_id, MIN(p.number) AS number, 0 AS exactness, 0.0 AS score FROM search_pages p \
                     JOIN search_documents d ON d.task_id = p.task_id WHERE TRUE";
        let mut sql = QueryBuilder::new(first);
        restrict(&mut sql, scope, request);
        sql.push(" GROUP BY p.task_id ORDER BY p.task_id, number");
        return fetch(pool, sql, request.limit, request.offset).await;
    }
    let exact = expression::exact::<Fts5>(&query.clauses);
    // Only the newest answers are ranked. Literal ones come first, so where there are enough of them nothing else need be
    // found.
    let literal = literal(pool, &exact, scope, request).await?;
    if literal.len() >= request.limit {
        return Ok(literal);
    }
    let expansions = expansions(pool, query).await?;
    let levels = vec![
        exact,
        expression::confusable::<Fts5>(&query.clauses),
        expression::typing::<Fts5>(&query.clauses, &expansions),
    ];
    let mut sql = answers(levels);
    restrict(&mut sql, scope, request);
    sql.push(format!(
        ") ORDER BY exactness, MAX(newest, {MAX_RANKED}), score DESC, task_id, number"
    ));
    fetch(pool, sql, request.limit, request.offset).await
}

/// The first answers that `request` wants, as far as they are literal.
async fn literal(
    pool: &SqlitePool,
    exact: &str,
    scope: Scope,
    request: &IndexRequest,
) -> Result<Vec<FoundPage>> {
    let mut found = Vec::new();
    if request.offset < MAX_RANKED {
        let mut sql = QueryBuilder::new("WITH newest AS MATERIALIZED (SELECT p.id, p.task_id, p.number");
        push_literal(&mut sql, exact, scope, request);
        // The text is searched once more for the few that are ranked: ranks are known only where it is.
        sql.push(format!(
            " LIMIT {MAX_RANKED}) SELECT n.task_id, n.number, 0 AS exactness, \
             -bm25(search_text, {LITERAL_WEIGHTS}) AS score \
             FROM search_text CROSS JOIN newest n ON n.id = search_text.rowid WHERE search_text MATCH "
        ))
        .push_bind(exact.to_owned())
        .push(" ORDER BY score DESC, n.task_id, n.number");
        found = fetch(pool, sql, request.limit, request.offset).await?;
    }
    let left = request.limit.saturating_sub(found.len());
    if left > 0 && request.offset.saturating_add(request.limit) > MAX_RANKED {
        let mut sql = QueryBuilder::new("SELECT p.task_id, p.number, 0 AS exactness, 0.0 AS score");
        push_literal(&mut sql, exact, scope, request);
        found.extend(fetch(pool, sql, left, request.offset.max(MAX_RANKED)).await?);
    }
    Ok(found)
}

/// Adds where pages are found that answer literally, the newest first.
fn push_literal(sql: &mut QueryBuilder<Sqlite>, exact: &str, scope: Scope, request: &IndexRequest) {
    sql.push(
        " FROM search_text JOIN search_pages p ON p.id = search_text.rowid \
         JOIN search_documents d ON d.task_id = p.task_id WHERE search_text MATCH ",
    )
    .push_bind(exact.to_owned());
    restrict(sql, scope, request);
    sql.push(" ORDER BY p.task_id DESC, p.number");
}

/// So many of the answers that `sql` selects, after so many.
async fn fetch(
    pool: &SqlitePool,
    mut sql: QueryBuilder<Sqlite>,
    limit: usize,
    offset: usize,
) -> Result<Vec<FoundPage>> {
    sql.push(" LIMIT ")
        .push_bind(limit as i64)
        .push(" OFFSET ")
        .push_bind(offset as i64);
    let rows = sql.build().fetch_all(pool).await;
    let rows = rows.map_err(|error| sqlite_error("search", error))?;
    rows.iter().map(found).collect()
}

/// Pages by how literally they answer, each as literally as it does: by the first of `levels` that it answers; with how
/// many of its level are as new. To be followed by conditions, a bracket and an order.
/// Materialised, because ranks are known only where the text is searched.
fn answers(levels: Vec<String>) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new("WITH found AS MATERIALIZED (");
    for (exactness, expression) in levels.into_iter().enumerate() {
        let (union, weights) = if exactness == 0 {
            ("", LITERAL_WEIGHTS)
        } else {
            (" UNION ALL ", "1.0, 1.0")
        };
        sql.push(format!(
            "{union}SELECT rowid AS page, {exactness} AS exactness, -bm25(search_text, {weights}) AS score \
             FROM search_text WHERE search_text MATCH "
        ))
        .push_bind(expression);
    }
    // SQLite takes the score from the row that has the minimum.
    sql.push(format!(
        "), best AS (SELECT page, MIN(exactness) AS exactness, score FROM found GROUP BY page) \
         SELECT task_id, number, exactness, CASE WHEN newest > {MAX_RANKED} THEN 0.0 ELSE rank END AS score \
         FROM (SELECT p.task_id, p.number, b.exactness, b.score AS rank, \
         ROW_NUMBER() OVER (PARTITION BY b.exactness ORDER BY p.task_id DESC, p.number) AS newest \
         FROM best b JOIN search_pages p ON p.id = b.page JOIN search_documents d ON d.task_id = p.task_id WHERE TRUE"
    ));
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
