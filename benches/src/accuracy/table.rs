//! Summaries as a Markdown table.

use std::fmt::Write as _;

use crate::score::Summary;

/// The table: groups one after the other, in each the engines in the order given.
pub(crate) fn markdown(rows: &[Summary]) -> String {
    let mut rows: Vec<&Summary> = rows.iter().collect();
    rows.sort_by_key(|row| row.group);
    let mut table = String::from(
        "| documents | engine | files | word recall | word precision | CER median | CER mean |\n\
         |---|---|---:|---:|---:|---:|---:|\n",
    );
    for row in rows {
        // Writing to a string does not fail.
        let _ = writeln!(
            table,
            "| {} | {} | {} | {:.3} | {:.3} | {} | {} |",
            row.group.as_str(),
            row.engine,
            row.documents,
            row.recall,
            row.precision,
            share(row.median_cer),
            share(row.mean_cer),
        );
    }
    table
}

fn share(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |value| format!("{value:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{score, summaries};

    #[test]
    fn engines_stand_together_by_group() {
        let mut rows = summaries("a", &[score("funsd_1", "x y", "x y"), score("p", "x y", "x y")]);
        rows.extend(summaries(
            "b",
            &[score("funsd_1", "x y", "x"), score("p", "x y", "")],
        ));
        let table = markdown(&rows);
        let lines: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "| forms | a | 1 | 1.000 | 1.000 | - | - |",
                "| forms | b | 1 | 0.500 | 1.000 | - | - |",
                "| varied | a | 1 | 1.000 | 1.000 | 0.000 | 0.000 |",
                "| varied | b | 1 | 0.000 | 0.000 | 1.000 | 1.000 |",
            ]
        );
    }
}
