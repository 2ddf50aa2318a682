//! The filters of a query as conditions of SQL, on the tables `search_documents` (`d`) and `search_pages` (`p`).

use std::ops::Bound;

use ocr_core::{
    clock::Timestamp,
    model::Filing,
    search::{
        fold::fold,
        query::{Condition, Filter},
    },
};
use sqlx::{Database, QueryBuilder};

/// What databases say in different words, and how they take values.
pub(crate) trait Dialect {
    type Database: Database;

    /// That a column holds `part`.
    fn holds(sql: &mut QueryBuilder<Self::Database>, column: &'static str, part: &str);

    /// That a column is one of `values`.
    fn among<'a>(
        sql: &mut QueryBuilder<Self::Database>,
        column: &'static str,
        values: impl Iterator<Item = &'a str>,
    );

    /// That the language of the page is that of `tag`, or a part of it.
    fn language(sql: &mut QueryBuilder<Self::Database>, tag: &str);

    /// A time.
    fn time(sql: &mut QueryBuilder<Self::Database>, time: Timestamp);

    /// A confidence.
    fn confidence(sql: &mut QueryBuilder<Self::Database>, confidence: f32);
}

/// Adds to a condition that the filters are met. What a page does not have meets no filter.
pub(crate) fn restrict<D: Dialect>(sql: &mut QueryBuilder<D::Database>, filters: &[Filter]) {
    for Filter {
        negated, condition, ..
    } in filters
    {
        sql.push(if *negated {
            " AND NOT COALESCE("
        } else {
            " AND COALESCE("
        });
        meet::<D>(sql, condition);
        sql.push(", FALSE)");
    }
}

fn meet<D: Dialect>(sql: &mut QueryBuilder<D::Database>, condition: &Condition) {
    match condition {
        Condition::Name(part) => D::holds(sql, "d.filename", part),
        Condition::Note(part) => D::holds(sql, "d.note", part),
        Condition::Collection(names) => D::among(sql, "d.collection", names.iter().map(String::as_str)),
        Condition::Label(names) => {
            sql.push("(FALSE");
            for name in names {
                sql.push(" OR ");
                D::holds(sql, "d.labels", &label_line(name));
            }
            sql.push(")");
        }
        Condition::Status(statuses) => {
            D::among(sql, "d.status", statuses.iter().map(|status| status.as_str()));
        }
        Condition::MediaType(types) => {
            D::among(sql, "d.media_type", types.iter().map(|kind| kind.as_str()));
        }
        Condition::Engine(names) => D::among(sql, "p.engine", names.iter().map(String::as_str)),
        Condition::Date { from, before } => {
            sql.push("(TRUE");
            for (time, sign) in [(from, " >= "), (before, " < ")] {
                if let Some(time) = time {
                    sql.push(" AND d.created_at").push(sign);
                    D::time(sql, *time);
                }
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
                sql.push(" AND p.confidence").push(sign);
                D::confidence(sql, value);
            }
            sql.push(")");
        }
        Condition::Language(tags) => {
            sql.push("(FALSE");
            for tag in tags {
                sql.push(" OR ");
                D::language(sql, tag);
            }
            sql.push(")");
        }
        // A condition of a newer core meets nothing.
        _ => {
            sql.push("FALSE");
        }
    }
}

/// A folded label as it stands in the column of labels. Names have no line breaks in them.
fn label_line(folded: &str) -> String {
    format!("\n{folded}\n")
}

/// Labels as they are searched: folded, each with a line break before and behind it.
pub(crate) fn label_lines(filing: &Filing) -> String {
    let folded = filing.labels.iter().map(|label| fold(label.as_str()));
    // Nobody can ask for a label of which folding leaves nothing.
    let lines = folded.filter(|label| !label.is_empty());
    lines.map(|label| label_line(&label)).collect()
}

/// A collection as it is searched, folded; empty for none.
pub(crate) fn folded_collection(filing: &Filing) -> String {
    let collection = filing.collection.as_ref();
    collection.map(|name| fold(name.as_str())).unwrap_or_default()
}
