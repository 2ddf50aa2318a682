//! Pages that answer a query.

use std::ops::Bound;

use ocr_core::{
    Result,
    search::{
        Exactness, SearchQuery,
        query::{Condition, Filter},
    },
    search_index::{FoundPage, IndexRequest},
    store::Scope,
};
use sqlx::{PgConnection, Postgres, QueryBuilder, postgres::PgRow};

use super::expression;
use crate::{
    postgres::{
        error::pg_error,
        rows::{column, count, row_limit, storable, task_id},
    },
    vocabulary::{Expansions, MAX_CANDIDATES, Ranges, forgiven},
};

pub(super) async fn search(
    connection: &mut PgConnection,
    scope: Scope,
    request: &IndexRequest,
) -> Result<Vec<FoundPage>> {
    let query = &request.query;
    let mut sql = if query.finds_words() {
        let expansions = expansions(connection, query).await?;
        answers(query, &expansions)
    } else {
        let first = "SELECT p.task_id, MIN(p.number) AS number, 0::bigint AS exactness, 0::real AS score \
                     FROM search_pages p JOIN search_documents d USING (task_id) WHERE true";
        QueryBuilder::new(first)
    };
    restrict(&mut sql, scope, request);
    if !query.finds_words() {
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

/// Pages that answer in any way, each with how literally it does.
fn answers(query: &SearchQuery, expansions: &Expansions) -> QueryBuilder<Postgres> {
    let clauses = &query.clauses;
    let mut sql = QueryBuilder::new("SELECT p.task_id, p.number, CASE WHEN p.tokens @@ CAST(");
    sql.push_bind(expression::exact(clauses))
        .push(" AS tsquery) THEN 0 WHEN p.tokens @@ CAST(")
        .push_bind(expression::confusable(clauses))
        // One weighs how often in how many words: the logarithm of the length divides the rank.
        .push(
            " AS tsquery) THEN 1 ELSE 2 END::bigint AS exactness, ts_rank(p.tokens, w.wanted, 1) AS score \
             FROM (SELECT CAST(",
        )
        .push_bind(expression::typing(clauses, expansions))
        .push(
            " AS tsquery) AS wanted) w, search_pages p JOIN search_documents d USING (task_id) \
             WHERE p.tokens @@ w.wanted",
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
            .push_bind(expression::unwanted(clause))
            .push(" AS tsquery)");
    }
    for Filter {
        negated, condition, ..
    } in &request.query.filters
    {
        sql.push(if *negated {
            " AND NOT COALESCE("
        } else {
            " AND COALESCE("
        });
        meet(sql, condition);
        sql.push(", false)");
    }
}

fn meet(sql: &mut QueryBuilder<Postgres>, condition: &Condition) {
    match condition {
        Condition::Name(part) => {
            sql.push("strpos(d.filename, ")
                .push_bind(storable(part).into_owned())
                .push(") > 0");
        }
        Condition::Status(statuses) => among(sql, "d.status", statuses.iter().map(|status| status.as_str())),
        Condition::MediaType(types) => among(sql, "d.media_type", types.iter().map(|kind| kind.as_str())),
        Condition::Engine(names) => among(sql, "p.engine", names.iter().map(String::as_str)),
        Condition::Date { from, before } => {
            sql.push("(true");
            if let Some(from) = from {
                sql.push(" AND d.created_at >= ").push_bind(*from);
            }
            if let Some(before) = before {
                sql.push(" AND d.created_at < ").push_bind(*before);
            }
            sql.push(")");
        }
        Condition::Confidence(low, high) => {
            sql.push("(p.confidence IS NOT NULL");
            for (bound, open, closed) in [(low, " > ", " >= "), (high, " < ", " <= ")] {
                let (sign, value) = match bound {
                    Bound::Included(value) => (closed, *value),
                    Bound::Excluded(value) => (open, *value),
                    Bound::Unbounded => continue,
                };
                sql.push(" AND p.confidence").push(sign).push_bind(value);
            }
            sql.push(")");
        }
        Condition::Language(tags) => {
            sql.push("(false");
            for tag in tags {
                let tag = storable(tag).into_owned();
                let beginning = format!("{tag}-");
                sql.push(" OR p.language = ").push_bind(tag);
                sql.push(" OR starts_with(p.language, ")
                    .push_bind(beginning)
                    .push(")");
            }
            sql.push(")");
        }
        // A condition of a newer core meets nothing.
        _ => {
            sql.push("false");
        }
    }
}

fn among<'a>(sql: &mut QueryBuilder<Postgres>, column: &str, values: impl Iterator<Item = &'a str>) {
    let values: Vec<String> = values.map(|value| storable(value).into_owned()).collect();
    sql.push(column).push(" = ANY(").push_bind(values).push(")");
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
    let exactness: usize = count(row, "exactness")?;
    let exactness = Exactness::ALL
        .get(exactness)
        .copied()
        .unwrap_or(Exactness::Typing);
    Ok(FoundPage::new(
        task_id(row, "task_id")?,
        count(row, "number")?,
        exactness,
        column(row, "score")?,
    ))
}
