//! Pages that answer a query.

use ocr_core::{
    Result,
    clock::Timestamp,
    search::SearchQuery,
    search_index::{FoundPage, IndexRequest},
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

pub(super) async fn search(
    connection: &mut PgConnection,
    scope: Scope,
    request: &IndexRequest,
) -> Result<Vec<FoundPage>> {
    let query = &request.query;
    if !query.finds_words() {
        let first = "SELECT p.task_id, MIN(p.number) AS number, 0::bigint AS exactness, 0::real AS score \
                     FROM search_pages p JOIN search_documents d USING (task_id) WHERE true";
        return fetch(connection, QueryBuilder::new(first), scope, request).await;
    }
    // Every page that is found is unpacked and ranked. Literal answers come first, so where there are enough of them
    // nothing else need be found.
    let literal = fetch(connection, literal_answers(query), scope, request).await?;
    if literal.len() >= request.limit {
        return Ok(literal);
    }
    let expansions = expansions(connection, query).await?;
    fetch(connection, answers(query, &expansions), scope, request).await
}

/// The answers that `sql` selects and `request` wants, in their order.
async fn fetch(
    connection: &mut PgConnection,
    mut sql: QueryBuilder<Postgres>,
    scope: Scope,
    request: &IndexRequest,
) -> Result<Vec<FoundPage>> {
    restrict(&mut sql, scope, request);
    if !request.query.finds_words() {
        sql.push(" GROUP BY p.task_id");
    }
    sql.push(" ORDER BY exactness, score DESC, p.task_id, number LIMIT ")
        .push_bind(row_limit(request.limit))
        .push(" OFFSET ")
        .push_bind(row_limit(request.offset));
    let rows = sql.build().fetch_all(connection).await;
    let rows = rows.map_err(|error| pg_error("search", error))?;
    rows.iter().map(found).collect()
}

/// Pages that answer literally, with the score that they have among all answers.
fn literal_answers(query: &SearchQuery) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(
        "SELECT p.task_id, p.number, 0::bigint AS exactness, ts_rank(p.tokens, w.exact, 1) AS score \
         FROM (SELECT CAST(",
    );
    sql.push_bind(expression::exact::<TsQuery>(&query.clauses)).push(
        " AS tsquery) AS exact) w, search_pages p JOIN search_documents d USING (task_id) WHERE p.tokens @@ w.exact",
    );
    sql
}

/// Pages that answer in any way, each with how literally it does, and ranked by what it answers: a page has the same
/// score whatever else is found. The level is told apart by `OFFSET 0`, or it would be worked out again for the rank.
fn answers(query: &SearchQuery, expansions: &Expansions) -> QueryBuilder<Postgres> {
    let clauses = &query.clauses;
    // One weighs how often in how many words: the logarithm of the length divides the rank.
    let mut sql = QueryBuilder::new(
        "SELECT p.task_id, p.number, l.exactness, ts_rank(p.tokens, CASE l.exactness WHEN 0 THEN w.exact \
         WHEN 1 THEN w.confusable ELSE w.typing END, 1) AS score FROM (SELECT CAST(",
    );
    sql.push_bind(expression::exact::<TsQuery>(clauses))
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
