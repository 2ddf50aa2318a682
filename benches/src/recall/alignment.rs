//! Which word that was read stands for which true one.

/// Words of a text that are aligned; what follows is not.
const MAX_WORDS: usize = 3_000;
/// Words between two that were read right, in the truth and in the reading, that are still compared with each other.
const MAX_BETWEEN: usize = 200;
/// What leaving a word out costs, in the truth or in the reading.
const LEFT_OUT: u32 = 100;

/// For each true word the place of the word that was read for it. Words that were read right stand for themselves, as
/// many as there can be in the order of both; between them those stand for each other that begin and end alike.
pub(crate) fn align(truth: &[&str], read: &[&str]) -> Vec<Option<usize>> {
    let mut places = vec![None; truth.len()];
    let (truth, read) = (
        &truth[..truth.len().min(MAX_WORDS)],
        &read[..read.len().min(MAX_WORDS)],
    );
    let (mut row, mut column) = (0, 0);
    let end = (truth.len(), read.len());
    for (next_row, next_column) in read_right(truth, read).into_iter().chain([end]) {
        let between = pair(&truth[row..next_row], &read[column..next_column]);
        for (one, other) in between {
            places[row + one] = Some(column + other);
        }
        if let Some(place) = places.get_mut(next_row).filter(|_| next_row < end.0) {
            *place = Some(next_column);
        }
        (row, column) = (next_row + 1, next_column + 1);
    }
    places
}

/// A longest sequence of words that both have, by their places.
fn read_right(truth: &[&str], read: &[&str]) -> Vec<(usize, usize)> {
    let width = read.len() + 1;
    // How many follow from here on.
    let mut lengths = vec![0_u16; (truth.len() + 1) * width];
    for (row, word) in truth.iter().enumerate().rev() {
        for (column, other) in read.iter().enumerate().rev() {
            lengths[row * width + column] = if word == other {
                lengths[(row + 1) * width + column + 1] + 1
            } else {
                lengths[(row + 1) * width + column].max(lengths[row * width + column + 1])
            };
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut places = Vec::new();
    while row < truth.len() && column < read.len() {
        if truth[row] == read[column] {
            places.push((row, column));
            (row, column) = (row + 1, column + 1);
        } else if lengths[(row + 1) * width + column] >= lengths[row * width + column + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
    places
}

/// Pairs of words, none of which was read right, at the least cost; none where there are too many.
fn pair(truth: &[&str], read: &[&str]) -> Vec<(usize, usize)> {
    if truth.len() > MAX_BETWEEN || read.len() > MAX_BETWEEN {
        return Vec::new();
    }
    let width = read.len() + 1;
    // What the rest costs from here on.
    let mut costs = vec![0_u32; (truth.len() + 1) * width];
    for row in (0..=truth.len()).rev() {
        for column in (0..=read.len()).rev() {
            let skipped = [
                (row < truth.len()).then(|| costs[(row + 1) * width + column] + LEFT_OUT),
                (column < read.len()).then(|| costs[row * width + column + 1] + LEFT_OUT),
            ];
            let paired = truth.get(row).zip(read.get(column));
            let paired =
                paired.map(|(word, other)| costs[(row + 1) * width + column + 1] + difference(word, other));
            let least = skipped.into_iter().chain([paired]).flatten().min();
            costs[row * width + column] = least.unwrap_or_default();
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut pairs = Vec::new();
    while let (Some(word), Some(other)) = (truth.get(row), read.get(column)) {
        let cost = costs[row * width + column];
        // Words that have nothing in common do not stand for each other.
        if cost == costs[(row + 1) * width + column] + LEFT_OUT {
            row += 1;
        } else if cost == costs[row * width + column + 1] + LEFT_OUT {
            column += 1;
        } else {
            debug_assert_eq!(
                cost,
                costs[(row + 1) * width + column + 1] + difference(word, other)
            );
            pairs.push((row, column));
            (row, column) = (row + 1, column + 1);
        }
    }
    pairs
}

/// How much of two words is not alike at their beginnings and ends, 0 to twice [`LEFT_OUT`].
fn difference(one: &str, other: &str) -> u32 {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let (shorter, longer) = (one.len().min(other.len()), one.len().max(other.len()).max(1));
    let beginning = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let ends = one.iter().rev().zip(other.iter().rev());
    let end = ends.take(shorter - beginning).take_while(|(a, b)| a == b).count();
    let alike = (beginning + end) as u32;
    2 * LEFT_OUT * (longer as u32 - alike) / longer as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// True words with what was read for them.
    fn aligned(truth: &str, read: &str) -> String {
        let truth: Vec<&str> = truth.split_whitespace().collect();
        let read: Vec<&str> = read.split_whitespace().collect();
        let places = align(&truth, &read);
        let shown = truth.iter().zip(places).map(|(word, place)| {
            let other = place.map_or("-", |place| read[place]);
            format!("{word}:{other}")
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_stand_for_those_between_the_same_neighbours() {
        for (truth, read, expected) in [
            ("a modern house", "a modem house", "a:a modern:modem house:house"),
            ("one two three", "one three", "one:one two:- three:three"),
            ("one three", "one two three", "one:one three:three"),
            (
                "total amount 1299",
                "totai arnount 1299",
                "total:totai amount:arnount 1299:1299",
            ),
            ("invoice", "zzz", "invoice:-"),
            ("", "some words", ""),
            ("some words", "", "some:- words:-"),
            ("same same same", "same same", "same:same same:same same:-"),
            ("clear day", "noise dear day", "clear:dear day:day"),
        ] {
            assert_eq!(aligned(truth, read), expected);
        }
    }

    #[test]
    fn long_texts_are_aligned_as_far_as_there_is_room() {
        let words = vec!["word"; MAX_WORDS + 5];
        let places = align(&words, &words);
        assert_eq!(places.len(), MAX_WORDS + 5);
        assert_eq!(places[MAX_WORDS - 1], Some(MAX_WORDS - 1));
        assert_eq!(places[MAX_WORDS], None);
        let (many, others) = (vec!["abcd"; MAX_BETWEEN + 1], vec!["abxd"; MAX_BETWEEN + 1]);
        assert!(align(&many, &others).iter().all(Option::is_none));
    }

    #[test]
    fn what_is_alike_costs_less() {
        assert_eq!(difference("same", "same"), 0);
        assert_eq!(difference("abc", "xyz"), 2 * LEFT_OUT);
        assert_eq!(difference("aa", "aaaa"), LEFT_OUT);
        assert!(difference("invoice", "inv0ice") < difference("invoice", "invite"));
    }
}
