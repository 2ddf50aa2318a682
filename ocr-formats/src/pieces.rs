//! The words of a line as its text has them.

use ocr_core::model::{Line, Polygon};

/// A word, or what stands for one where the engine gave none.
#[derive(Debug)]
pub(crate) struct Piece<'a> {
    pub(crate) text: &'a str,
    pub(crate) polygon: Polygon,
    pub(crate) confidence: f32,
    /// Whether the line has white space before it. Not every script has spaces between words.
    pub(crate) spaced: bool,
}

/// The text of `line` in pieces; together they have all of it but white space. None for a line without text.
pub(crate) fn pieces(line: &Line) -> Vec<Piece<'_>> {
    of_words(line).unwrap_or_else(|| sliced(line))
}

/// The words of the line, if its text is made of them.
fn of_words(line: &Line) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::with_capacity(line.words.len());
    let mut rest = line.text.as_str();
    for word in &line.words {
        let trimmed = rest.trim_start();
        let spaced = trimmed.len() < rest.len() && !pieces.is_empty();
        rest = trimmed.strip_prefix(word.text.as_str())?;
        if !word.text.is_empty() {
            pieces.push(Piece {
                text: &word.text,
                polygon: word.polygon,
                confidence: word.confidence,
                spaced,
            });
        }
    }
    rest.trim().is_empty().then_some(pieces)
}

/// What white space parts in the text, each with its share of the line's outline.
fn sliced(line: &Line) -> Vec<Piece<'_>> {
    let total = line.text.chars().count().max(1) as f32;
    let (mut pieces, mut start) = (Vec::new(), 0);
    for text in line.text.split(char::is_whitespace) {
        let end = start + text.chars().count();
        if !text.is_empty() {
            pieces.push(Piece {
                text,
                polygon: line.polygon.slice(start as f32 / total, end as f32 / total),
                confidence: line.confidence,
                spaced: !pieces.is_empty(),
            });
        }
        start = end + 1;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::model::Word;

    fn line(text: &str, words: &[&str]) -> Line {
        let polygon = Polygon::from_box(0.0, 0.0, 0.8, 0.1);
        let words = words.iter().map(|text| Word::new(*text, polygon, 0.5));
        Line::new(text, polygon, 0.25, words.collect())
    }

    #[test]
    fn spaces_are_those_of_the_line() {
        let line = line("你好 世界!", &["你", "好", "世界", "!"]);
        let spaced = pieces(&line).iter().map(|piece| piece.spaced).collect::<Vec<_>>();
        assert_eq!(spaced, [false, false, true, false]);
    }

    #[test]
    fn text_that_is_not_in_the_words_comes_out() {
        for words in [&[][..], &["a"], &["a", "x"]] {
            let line = line("a  bcd ", words);
            let pieces = pieces(&line);
            let texts: Vec<&str> = pieces.iter().map(|piece| piece.text).collect();
            assert_eq!(texts, ["a", "bcd"]);
            assert!((pieces[1].polygon.bounds().left - 0.8 * 3.0 / 7.0).abs() < 1e-6);
        }
        assert!(pieces(&line(" ", &[])).is_empty());
    }
}
