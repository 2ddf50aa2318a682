//! What was found, as Markdown tables.

use std::fmt::Write as _;

use crate::{
    findings::{Findings, Found},
    misread::Reading,
};

/// A line for each index, and how what was misread was read.
pub(crate) fn tables(documents: usize, findings: &[Findings]) -> String {
    let mut text = format!(
        "Misread words of {documents} documents:\n\n\
         | index | words | found exactly | found with tolerance | precision exactly | precision with tolerance |\n\
         |---|---:|---:|---:|---:|---:|\n"
    );
    for of in findings {
        let recall = |found: Found| share(found.searches, of.asked);
        let precision = |found: Found| share(found.right, found.documents);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            of.index,
            of.asked,
            recall(of.exactly),
            recall(of.tolerantly),
            precision(of.exactly),
            precision(of.tolerantly),
        );
    }
    text.push_str("\nBy what was read in their place, found with tolerance:\n\n| read | words |");
    let mut rule = String::from("|---|---:|");
    for of in findings {
        let _ = write!(text, " {} |", of.index);
        rule.push_str("---:|");
    }
    let _ = writeln!(text, "\n{rule}");
    for reading in Reading::ALL {
        let counts = |of: &Findings| of.by_reading.get(&reading).copied().unwrap_or_default();
        let words = findings.first().map_or(0, |of| counts(of).0);
        let _ = write!(text, "| {} | {words} |", reading.as_str());
        for of in findings {
            let (asked, found) = counts(of);
            let _ = write!(text, " {} |", share(found, asked));
        }
        text.push('\n');
    }
    text
}

/// A share with the numbers that it is made of.
fn share(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "-".into();
    }
    format!("{:.3} ({part})", part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn shares_stand_beside_their_numbers() {
        let findings = Findings {
            index: "sqlite",
            asked: 8,
            exactly: Found::default(),
            tolerantly: Found {
                searches: 6,
                documents: 10,
                right: 7,
            },
            by_reading: HashMap::from([(Reading::Confused, (4, 4)), (Reading::Missing, (4, 2))]),
        };
        let text = tables(5, &[findings]);
        for line in [
            "| sqlite | 8 | 0.000 (0) | 0.750 (6) | - | 0.700 (7) |",
            "| read | words | sqlite |",
            "| confusable characters | 4 | 1.000 (4) |",
            "| not read | 4 | 0.500 (2) |",
            "| otherwise | 0 | - |",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is not in\n{text}"
            );
        }
    }
}
