//! A piece of a page around what was found.

use std::ops::Range;

use crate::model::{Line, PageText};

/// Words of a snippet.
const WORDS: usize = 24;
/// Words before the first one that was found.
const BEFORE: usize = 6;
/// Maximum number of characters of a word; longer ones are cut.
const MAX_WORD_CHARS: usize = 60;

/// A piece of the text of a page, with what was found in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Snippet {
    /// The text on one line. `…` stands where the page goes on.
    pub text: String,
    /// Characters (Unicode scalar values) of the text that were found, ascending and apart.
    pub ranges: Vec<Range<usize>>,
}

impl Snippet {
    /// The part of `page` that holds the largest number of `found` words, which are ascending and counted from 0 in
    /// reading order; its beginning where there are none.
    pub fn of(page: &PageText, found: &[u32]) -> Self {
        let words: Vec<(&str, &str)> = page.lines().flat_map(spaced).collect();
        let start = best_start(found);
        let end = (start + WORDS).min(words.len());
        let mut snippet = Self::default();
        let mut length = 0;
        if start > 0 && start < end {
            snippet.text.push('…');
            length = 1;
        }
        for (index, (word, space)) in words.iter().enumerate().take(end).skip(start) {
            let shown: String = word.chars().take(MAX_WORD_CHARS).map(printable).collect();
            let characters = shown.chars().count();
            if found.binary_search(&(index as u32)).is_ok() {
                let range = length..length + characters;
                match snippet.ranges.last_mut() {
                    // Ideographs without a space are one.
                    Some(last) if last.end == range.start => last.end = range.end,
                    _ => snippet.ranges.push(range),
                }
            }
            snippet.text.push_str(&shown);
            snippet.text.push_str(space);
            length += characters + space.len();
        }
        snippet.text.truncate(snippet.text.trim_end().len());
        if end < words.len() {
            snippet.text.push('…');
        }
        snippet
    }
}

/// A character as it may stand in a terminal and on one line: documents also hold those that steer.
fn printable(c: char) -> char {
    if c.is_control() { '\u{fffd}' } else { c }
}

/// The first word of the piece with the largest number of found words.
fn best_start(found: &[u32]) -> usize {
    let reach = (WORDS - BEFORE) as u32;
    let held = |(index, first): (usize, &u32)| {
        let within = found[index..].partition_point(|word| word - first < reach);
        (within, std::cmp::Reverse(*first))
    };
    let best = found.iter().enumerate().map(held).max();
    best.map_or(0, |(_, std::cmp::Reverse(first))| {
        (first as usize).saturating_sub(BEFORE)
    })
}

/// The words of a line, each with the space that follows it: none where the line has none.
fn spaced(line: &Line) -> Vec<(&str, &'static str)> {
    let mut rest = line.text.as_str();
    let mut spaced: Vec<(&str, &'static str)> = Vec::with_capacity(line.words.len());
    for word in &line.words {
        let place = rest.find(word.text.as_str());
        if let (Some(0), Some(last)) = (place, spaced.last_mut()) {
            last.1 = "";
        }
        if let Some(place) = place {
            rest = &rest[place + word.text.len()..];
        }
        spaced.push((&word.text, " "));
    }
    spaced
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Block, BlockKind, Polygon, Word};

    fn page(text: &str, words: &[&str]) -> PageText {
        let polygon = Polygon::from_box(0.0, 0.0, 1.0, 1.0);
        let words = words.iter().map(|word| Word::new(*word, polygon, 1.0)).collect();
        let line = Line::new(text, polygon, 1.0, words);
        PageText::empty(1, 10, 10).with_blocks(vec![Block::new(BlockKind::Paragraph, polygon, vec![line])])
    }

    #[test]
    fn a_snippet_is_around_most_of_what_was_found() {
        let words: Vec<String> = (0..100).map(|number| format!("ü{number}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let page = page(&words.join(" "), &words);
        let snippet = Snippet::of(&page, &[3, 50, 52]);
        assert!(
            snippet.text.starts_with("…ü44 ") && snippet.text.ends_with(" ü67…"),
            "{snippet:?}"
        );
        let characters: Vec<char> = snippet.text.chars().collect();
        let shown: Vec<String> = snippet
            .ranges
            .iter()
            .map(|range| characters[range.clone()].iter().collect())
            .collect();
        assert_eq!(shown, ["ü50", "ü52"]);
        assert!(Snippet::of(&page, &[]).text.starts_with("ü0 ü1"));
    }

    #[test]
    fn words_stand_as_on_the_line() {
        let page = page("東京 都庁", &["東", "京", "都庁"]);
        let snippet = Snippet::of(&page, &[0, 1]);
        assert_eq!(snippet.text, "東京 都庁");
        assert_eq!(snippet.ranges, std::slice::from_ref(&(0..2)));
        assert_eq!(Snippet::of(&PageText::empty(1, 1, 1), &[]), Snippet::default());
    }

    #[test]
    fn nothing_in_a_snippet_steers_a_terminal() {
        let steering = "a\u{1b}[2J\nb";
        let snippet = Snippet::of(&page(steering, &[steering]), &[0]);
        assert_eq!(snippet.text, "a\u{fffd}[2J\u{fffd}b");
        assert_eq!(snippet.ranges, std::slice::from_ref(&(0..7)));
    }
}
