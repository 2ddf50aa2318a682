//! Texts made comparable.

use std::collections::HashMap;

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

/// NFKC, case folded, each run of white space one space, none around.
pub(crate) fn normalize(text: &str) -> String {
    let folded: String = text.nfkc().default_case_fold().collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How often each word occurs; words are runs of letters, digits and `_`.
pub(crate) fn words(text: &str) -> HashMap<&str, usize> {
    let mut words = HashMap::new();
    for word in text
        .split(|character: char| !character.is_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty())
    {
        *words.entry(word).or_insert(0) += 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_is_alike() {
        assert_eq!(normalize(" \u{fb01}ne\n\u{c}STRASSE "), "fine strasse");
        assert_eq!(normalize("Stra\u{df}e"), "strasse");
    }

    #[test]
    fn words_end_at_punctuation_and_are_counted() {
        let words = words("a-b a_b 12.50 a");
        assert_eq!((words["a"], words["a_b"], words["12"], words["50"]), (2, 1, 1, 1));
        assert_eq!(words.len(), 5);
    }
}
