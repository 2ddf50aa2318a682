//! The Levenshtein distance, in two rows of memory.

/// Fewest insertions, deletions and replacements of characters that turn `a` into `b`.
pub fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    let mut current = previous.clone();
    for (row, x) in a.iter().enumerate() {
        let mut left = row + 1;
        if let Some(first) = current.first_mut() {
            *first = left;
        }
        for ((above, y), cell) in previous.windows(2).zip(&b).zip(current.iter_mut().skip(1)) {
            let &[diagonal, up] = above else { continue };
            left = (up + 1).min(left + 1).min(diagonal + usize::from(x != y));
            *cell = left;
        }
        std::mem::swap(&mut previous, &mut current);
    }
    previous.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_distances() {
        for (a, b, distance) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("flaw", "lawn", 2),
            ("\u{e9}t\u{e9}", "ete", 2),
        ] {
            assert_eq!(edit_distance(a, b), distance, "{a} {b}");
            assert_eq!(edit_distance(b, a), distance, "{b} {a}");
        }
    }
}
