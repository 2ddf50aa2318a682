//! Typing errors: one letter wrong, missing, too many, or two letters changed over.

/// Minimum number of characters of a word in which a typing error is forgiven: shorter ones have too many neighbours.
const MINIMUM_LENGTH: usize = 4;

/// Whether a typing error in the folded word `key` is forgiven. Never where there are digits: a number that differs in
/// one of them is another number.
pub fn forgives_typing(key: &str) -> bool {
    key.chars().count() >= MINIMUM_LENGTH
        && key
            .chars()
            .all(|c| c.is_alphabetic() && !super::fold::is_unspaced(c))
}

/// Whether one error of typing makes `b` of `a`; also when they are the same.
pub fn within_one_edit(a: &str, b: &str) -> bool {
    // One character is at most four bytes, so most words of a page need not be looked at.
    if a.len().abs_diff(b.len()) > 4 {
        return false;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same..], &b[same..]);
    match (a, b) {
        ([], _) | (_, []) => true,
        _ if a.len() < b.len() => *a == b[1..],
        _ if a.len() > b.len() => a[1..] == *b,
        _ if a.len() > 1 && (a[0], a[1]) == (b[1], b[0]) && a[2..] == b[2..] => true,
        _ => a[1..] == b[1..],
    }
}

/// Where a list of words has those that one error of typing makes of a word: they share its beginning or its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbours {
    /// A neighbour begins with this, or ...
    pub beginning: String,
    /// ... ends with this.
    pub end: String,
}

/// Where to look for the neighbours of `word`.
pub fn neighbours(word: &str) -> Neighbours {
    let letters: Vec<char> = word.chars().collect();
    let half = letters.len() / 2;
    // An error at or behind the middle leaves the first half as it is, one before the middle the second. Two letters
    // that change over in the very middle leave all but one letter of the first.
    Neighbours {
        beginning: letters[..half.saturating_sub(1)].iter().collect(),
        end: letters[half..].iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_error_is_forgiven_and_two_are_not() {
        for other in [
            "invoice", "invoce", "invoicee", "imvoice", "nvoice", "invocie", "invoic", "xinvoice",
        ] {
            assert!(
                within_one_edit("invoice", other) && within_one_edit(other, "invoice"),
                "{other}"
            );
        }
        for other in ["invoces", "imvoise", "voice", "invoicing", ""] {
            assert!(!within_one_edit("invoice", other), "{other}");
        }
    }

    #[test]
    fn numbers_and_short_words_are_taken_as_they_are() {
        assert!(forgives_typing("rechnung"));
        for word in ["2024", "a4711", "ein", "東京都庁"] {
            assert!(!forgives_typing(word), "{word}");
        }
    }

    proptest::proptest! {
        #[test]
        fn neighbours_are_where_they_are_looked_for(word in "[a-d]{4,8}", other in "[a-d]{3,9}") {
            if within_one_edit(&word, &other) {
                let Neighbours { beginning, end } = neighbours(&word);
                proptest::prop_assert!(other.starts_with(&beginning) || other.ends_with(&end));
            }
        }
    }
}
