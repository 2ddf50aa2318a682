//! One document against its truth, and many documents in one line.

use std::collections::BTreeMap;

use ocr_benches::edit_distance::edit_distance;

use crate::normalize::words;

/// Texts of this many characters or more are not compared in order.
const LONGEST_TRUTH: usize = 8_000;
/// Readings of this many characters or more are not compared in order.
const LONGEST_READING: usize = 20_000;

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// Forms, whose truth has no order.
    Forms,
    /// Receipts.
    Receipts,
    /// Everything else.
    Varied,
}

impl Group {
    /// The group of a document by its name.
    fn of(name: &str) -> Self {
        match name {
            name if name.starts_with("funsd") => Self::Forms,
            name if name.starts_with("sroie") => Self::Receipts,
            _ => Self::Varied,
        }
    }

    /// The name shown.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Forms => "forms",
            Self::Receipts => "receipts",
            Self::Varied => "varied",
        }
    }
}

/// How well one document was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Score {
    pub(crate) group: Group,
    /// Share of the true words that were read, 0..=1.
    pub(crate) recall: f64,
    /// Share of the words read that are true, 0..=1.
    pub(crate) precision: f64,
    /// Edit distance as a share of the true characters, where the order can be compared.
    pub(crate) cer: Option<f64>,
}

/// Compares two normalised texts.
pub(crate) fn score(name: &str, truth: &str, reading: &str) -> Score {
    let group = Group::of(name);
    let (expected, found) = (words(truth), words(reading));
    let common: usize = expected
        .iter()
        .map(|(word, count)| found.get(word).map_or(0, |other| *count.min(other)))
        .sum();
    let share = |all: usize| common as f64 / all.max(1) as f64;
    let (length, reading_length) = (truth.chars().count(), reading.chars().count());
    let comparable = group != Group::Forms && length < LONGEST_TRUTH && reading_length < LONGEST_READING;
    Score {
        group,
        recall: share(expected.values().sum()),
        precision: share(found.values().sum()),
        cer: comparable.then(|| edit_distance(truth, reading) as f64 / length.max(1) as f64),
    }
}

/// Means over the documents of one group that one engine read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Summary {
    pub(crate) engine: String,
    pub(crate) group: Group,
    pub(crate) documents: usize,
    pub(crate) recall: f64,
    pub(crate) precision: f64,
    /// The upper median; `None` where no document could be compared in order.
    pub(crate) median_cer: Option<f64>,
    /// The mean, a document counting 1 at most.
    pub(crate) mean_cer: Option<f64>,
}

/// One summary for each group that has documents.
pub(crate) fn summaries(engine: &str, scores: &[Score]) -> Vec<Summary> {
    let mut groups: BTreeMap<Group, Vec<&Score>> = BTreeMap::new();
    for score in scores {
        groups.entry(score.group).or_default().push(score);
    }
    groups
        .into_iter()
        .map(|(group, scores)| {
            let mut cers: Vec<f64> = scores.iter().filter_map(|score| score.cer).collect();
            cers.sort_by(f64::total_cmp);
            Summary {
                engine: engine.to_owned(),
                group,
                documents: scores.len(),
                recall: mean(scores.iter().map(|score| score.recall)).unwrap_or(0.0),
                precision: mean(scores.iter().map(|score| score.precision)).unwrap_or(0.0),
                median_cer: cers.get(cers.len() / 2).copied(),
                mean_cer: mean(cers.iter().map(|cer| cer.min(1.0))),
            }
        })
        .collect()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let count = values.len();
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_as_often_as_they_occur() {
        let score = score("page", "the cat the dog", "the the the dog bird");
        assert!((score.recall - 0.75).abs() < 1e-9, "{score:?}");
        assert!((score.precision - 0.6).abs() < 1e-9, "{score:?}");
    }

    #[test]
    fn order_counts_for_the_character_error_alone() {
        let score = score("page", "ab cd", "cd ab");
        assert!((score.recall - 1.0).abs() < 1e-9);
        assert!(score.cer.is_some_and(|cer| cer > 0.5), "{score:?}");
    }

    #[test]
    fn forms_and_long_texts_have_no_character_error() {
        assert_eq!(score("funsd_1", "ab", "ab").cer, None);
        assert_eq!(score("page", &"a".repeat(LONGEST_TRUTH), "a").cer, None);
        assert_eq!(score("page", "a", &"a".repeat(LONGEST_READING)).cer, None);
    }

    #[test]
    fn a_group_is_one_line() {
        let scores = [
            score("x", "ab", "ab"),
            score("y", "ab", "abcdef"),
            score("z", "ab", "ax"),
        ];
        let summaries = summaries("ours", &scores);
        assert_eq!(summaries.len(), 1);
        let summary = &summaries[0];
        assert_eq!((summary.documents, summary.median_cer), (3, Some(0.5)));
        // 0, 2 counted as 1, and 0.5.
        assert!(summary.mean_cer.is_some_and(|mean| (mean - 0.5).abs() < 1e-9));
    }
}
