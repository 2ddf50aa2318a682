//! Pages that answer a query.

use ocr_core::{
    Result,
    clock::Timestamp,
    search::SearchQuery,
    search_index::{FoundPage, IndexRequest, MAX_RANKED},
    store::Scope,
};
use sqlx::{PgConnection, Postgres, QueryBuilder, postgres::PgRow};

use super::expression::TsQuery;
use crate::{
    postgres::{
        error::pg_error,
        rows::{column, count, row_limit, storable, task_id},
    },
    search::{
        exactness, expression,
        filters::{self, Dialect},
        vocabulary::{Expansions, MAX_CANDIDATES, Ranges, forgiven},
    },
};

/// The end of a statement of documents in which no words are searched.
const BY_DOCUMENT: &str = " GROUP BY p.task_id ORDER BY p.task_id, number";
/// The newest first: an index of tasks gives them in this order, so that not all that is found need be read.
const NEWEST_FIRST: &str = " ORDER BY p.task_id DESC, p.number";
/// Columns of literal answers, with what is needed to rank them.
const RANKED: &str = "SELECT f.task_id, f.number, 0::bigint AS exactness, ts_rank(f.tokens, f.exact, 1) AS score \
                      FROM (SELECT p.task_id, p.number, p.tokens, w.exact";
/// Columns of literal answers that are not ranked.
const UNRANKED: &str = "SELECT p.task_id, p.number, 0::bigint AS exactness, 0::real AS score";

pub(super) async fn search(
    connection: &mut PgConnection,
    scope: Scope,
    request: &IndexRequest,
) -> Result<Vec<FoundPage>> {
    let query = &request.query;
    if !query.finds_words() {
        let first = "SELECT p.task_id, MIN(p.number) AS number, 0::bigint AS exactness, 0::real AS score \
                     FROM search_pages p JOIN search_documents d USING (task_id) WHERE true";
        let window = (request.limit, request.offset);
        return fetch(
            connection,
            QueryBuilder::new(first),
            scope,
            request,
            BY_DOCUMENT,
            window,
        )
        .await;
    }
    // A page that is ranked is unpacked whole, so that only the newest are. Literal answers come first: where there are
    // enough of them nothing else need be found.
    let literal = literal(connection, scope, request).await?;
    if literal.len() >= request.limit {
        return Ok(literal);
    }
    let expansions = expansions(connection, query).await?;
    let all = (request.limit, request.offset);
    fetch(
        connection,
        answers(query, &expansions),
        scope,
        request,
        &by_level(),
        all,
    )
    .await
}

/// The first answers that `request` wants, as far as they are literal.
async fn literal(
    connection: &mut PgConnection,
    scope: Scope,
    request: &IndexRequest,
) -> Result<Vec<FoundPage>> {
    let mut found = Vec::new();
    if request.offset < MAX_RANKED {
        let window = (request.limit, request.offset);
        let sql = literal_answers(&request.query, RANKED);
        found = fetch(connection, sql, scope, request, &by_rank(), window).await?;
    }
    let left = request.limit.saturating_sub(found.len());
    if left > 0 && request.offset.saturating_add(request.limit) > MAX_RANKED {
        let window = (left, request.offset.max(MAX_RANKED));
        let sql = literal_answers(&request.query, UNRANKED);
        found.extend(fetch(connection, sql, scope, request, NEWEST_FIRST, window).await?);
    }
    Ok(found)
}

/// The end of a statement of literal answers that are ranked.
fn by_rank() -> String {
    format!("{NEWEST_FIRST} LIMIT {MAX_RANKED}) f ORDER BY score DESC, f.task_id, f.number")
}

/// The end of a statement of all answers: of each level the newest by rank, and then the others.
fn by_level() -> String {
    format!(") f ORDER BY exactness, GREATEST(f.newest, {MAX_RANKED}), score DESC, f.task_id, f.number")
}

/// The answers that `sql` selects in the order that `end` says: so many, after so many.
async fn fetch(
    connection: &mut PgConnection,
    mut sql: QueryBuilder<Postgres>,
    scope: Scope,
    request: &IndexRequest,
    end: &str,
    (limit, offset): (usize, usize),
) -> Result<Vec<FoundPage>> {
    restrict(&mut sql, scope, request);
    sql.push(end)
        .push(" LIMIT ")
        .push_bind(row_limit(limit))
        .push(" OFFSET ")
        .push_bind(row_limit(offset));
    let rows = sql.build().fetch_all(connection).await;
    let rows = rows.map_err(|error| pg_error("search", error))?;
    rows.iter().map(found).collect()
}

/// Pages that answer literally, with these columns.
fn literal_answers(query: &SearchQuery, columns: &'static str) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(columns);
    sql.push(" FROM (SELECT CAST(")
        .push_bind(expression::exact::<TsQuery>(&query.clauses))
        .push(
            " AS tsquery) AS exact) w, search_pages p JOIN search_documents d USING (task_id) WHERE p.tokens @@ w.exact",
        );
    sql
}

/// Pages that answer in any way, each with how literally it does, and ranked by what it answers: a page has the same
/// score whatever else is found. The level is told apart by `OFFSET 0`, or it would be worked out again for the rank.
fn answers(query: &SearchQuery, expansions: &Expansions) -> QueryBuilder<Postgres> {
    let clauses = &query.clauses;
    // One weighs how often in how many words: the logarithm of the length divides the rank.
    let mut sql = QueryBuilder::new("SELECT f.task_id, f.number, f.exactness, CASE WHEN f.newest > ");
    sql.push(MAX_RANKED)
        .push(
            " THEN 0::real ELSE ts_rank(f.tokens, CASE f.exactness WHEN 0 THEN f.exact WHEN 1 THEN f.confusable \
             ELSE f.typing END, 1) END AS score FROM (SELECT p.task_id, p.number, p.tokens, l.exactness, w.*, \
             row_number() OVER (PARTITION BY l.exactness ORDER BY p.task_id DESC, p.number) AS newest \
             FROM (SELECT CAST(",
        )
        .push_bind(expression::exact::<TsQuery>(clauses))
        .push(" AS tsquery) AS exact, CAST(")
        .push_bind(expression::confusable::<TsQuery>(clauses))
        .push(" AS tsquery) AS confusable, CAST(")
        .push_bind(expression::typing::<TsQuery>(clauses, expansions))
        .push(
            " AS tsquery) AS typing) w, search_pages p JOIN search_documents d USING (task_id), \
             LATERAL (SELECT CASE WHEN p.tokens @@ w.exact THEN 0 WHEN p.tokens @@ w.confusable THEN 1 ELSE 2 \
             END::bigint AS exactness OFFSET 0) l WHERE p.tokens @@ w.typing",
        );
    sql
}

/// Adds whose pages are wanted, the filters, and what a page must not hold.
fn restrict(sql: &mut QueryBuilder<Postgres>, scope: Scope, request: &IndexRequest) {
    if let Some(owner) = scope.owner_id() {
        sql.push(" AND d.user_id = ").push_bind(owner.0);
    }
    if let Some(task) = request.task {
        sql.push(" AND p.task_id = ").push_bind(task.0);
    }
    for clause in request.query.clauses.iter().filter(|clause| clause.negated) {
        sql.push(" AND NOT p.tokens @@ CAST(")
            .push_bind(expression::unwanted::<TsQuery>(clause))
            .push(" AS tsquery)");
    }
    filters::restrict::<PgFilters>(sql, &request.query.filters);
}

/// Filters in the SQL of Postgres.
#[derive(Debug, Clone, Copy)]
enum PgFilters {}

impl Dialect for PgFilters {
    type Database = Postgres;

    fn holds(sql: &mut QueryBuilder<Postgres>, column: &'static str, part: &str) {
        sql.push("strpos(")
            .push(column)
            .push(", ")
            .push_bind(storable(part).into_owned())
            .push(") > 0");
    }

    fn among<'a>(
        sql: &mut QueryBuilder<Postgres>,
        column: &'static str,
        values: impl Iterator<Item = &'a str>,
    ) {
        let values: Vec<String> = values.map(|value| storable(value).into_owned()).collect();
        sql.push(column).push(" = ANY(").push_bind(values).push(")");
    }

    fn language(sql: &mut QueryBuilder<Postgres>, tag: &str) {
        let tag = storable(tag).into_owned();
        let beginning = format!("{tag}-");
        sql.push("p.language = ")
            .push_bind(tag)
            .push(" OR starts_with(p.language, ")
            .push_bind(beginning)
            .push(")");
    }

    fn time(sql: &mut QueryBuilder<Postgres>, time: Timestamp) {
        sql.push_bind(time);
    }

    fn confidence(sql: &mut QueryBuilder<Postgres>, confidence: f32) {
        sql.push_bind(confidence);
    }
}

async fn expansions(connection: &mut PgConnection, query: &SearchQuery) -> Result<Expansions> {
    let mut expansions = Expansions::default();
    for word in forgiven(query) {
        let Ranges {
            words,
            reversed,
            length,
        } = Ranges::new(&word);
        let candidates = sqlx::query_scalar(
            "SELECT word FROM (SELECT word FROM search_vocabulary WHERE word >= $1 AND word < $2 \
             UNION ALL SELECT word FROM search_vocabulary WHERE reversed >= $3 AND reversed < $4) near \
             WHERE length(word) BETWEEN $5 AND $6 LIMIT $7",
        )
        .bind(words.0)
        .bind(words.1)
        .bind(reversed.0)
        .bind(reversed.1)
        .bind(length.0)
        .bind(length.1)
        .bind(MAX_CANDIDATES)
        .fetch_all(&mut *connection)
        .await
        .map_err(|error| pg_error("search", error))?;
        expansions.keep(word, candidates);
    }
    Ok(expansions)
}

fn found(row: &PgRow) -> Result<FoundPage> {
    Ok(FoundPage::new(
        task_id(row, "task_id")?,
        count(row, "number")?,
        exactness(count(row, "exactness")?),
        column(row, "score")?,
    ))
}
