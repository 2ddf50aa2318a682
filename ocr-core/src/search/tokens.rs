//! Pages as sequences of tokens: what is compared, and which words of the page it stands for.

use super::fold::{fold, is_of_word, is_unspaced};
use crate::model::PageText;

/// Maximum number of tokens of a page; what follows is not found. Several times what the densest newspaper page has, and
/// the last position that Postgres keeps in a `tsvector`.
pub const MAX_TOKENS: usize = 16_000;
/// Maximum number of characters of a token; longer ones are cut, in pages and queries alike.
const MAX_TOKEN_CHARS: usize = 64;
/// Minimum number of characters of a skeleton. Shorter words are taken as they are, or `15` would find every `is`.
const MINIMUM_SKELETON: usize = 3;

/// Stands between sequences that are no continuous text, so that no phrase reaches over it.
pub const GAP: &str = "\u{e000}";
/// Begins the token of a number without its separators, so that `1.5` is not found as `15`.
pub const NUMBER_MARK: char = '\u{e001}';

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Token {
    /// The folded word, number, or pair of ideographs: characters of words only, never empty.
    pub key: String,
    /// The same for all keys that recognition confuses with each other; of the same kind of characters.
    pub skeleton: String,
    /// First and last of the words it stands for, from 0 in reading order.
    pub words: (u32, u32),
}

impl Token {
    /// A token of these words.
    pub fn new(key: impl Into<String>, words: (u32, u32)) -> Self {
        let key: String = key.into();
        let key: String = key.chars().take(MAX_TOKEN_CHARS).collect();
        let skeleton = skeleton(&key);
        Self { key, skeleton, words }
    }

    fn gap() -> Self {
        Self {
            key: GAP.into(),
            skeleton: GAP.into(),
            words: (u32::MAX, u32::MAX),
        }
    }

    /// Whether it only stands between sequences.
    pub fn is_gap(&self) -> bool {
        self.key == GAP
    }
}

/// What all words have in common that recognition confuses: `0/O`, `1/l/I`, `5/S`, `8/B`, `rn/m`, `cl/d`, `vv/w`.
fn skeleton(key: &str) -> String {
    let single: String = key
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | 'i' => 'l',
            '5' => 's',
            '8' => 'b',
            other => other,
        })
        .collect();
    // After the single ones, so that `c1ear` has the skeleton of `clear`.
    let skeleton = single.replace("vv", "w").replace("rn", "m").replace("cl", "d");
    if skeleton.chars().count() < MINIMUM_SKELETON {
        key.to_owned()
    } else {
        skeleton
    }
}

/// The tokens of a page: its words in reading order, then, after a [`GAP`] each, what can be found besides: numbers
/// and codes without their separators, and the parts of words that were joined at the end of a line.
pub fn page_tokens(page: &PageText) -> Vec<Token> {
    let mut sequence = Sequence::default();
    let mut index = 0;
    for line in page.lines() {
        let last = line.words.len().saturating_sub(1);
        for (place, word) in line.words.iter().enumerate() {
            sequence.add(&word.text, index, place == last);
            index += 1;
        }
    }
    sequence.finish()
}

/// The tokens of a text that is searched for, and those of it without its separators. An ideograph at the very end is
/// part of a pair already.
pub(super) fn text_tokens(text: &str) -> (Vec<Token>, Vec<Token>) {
    let mut sequence = Sequence::default();
    for (index, word) in text.split_whitespace().enumerate() {
        sequence.add(word, index as u32, false);
    }
    sequence.finish_query()
}

/// A run of characters of one word of the page.
#[derive(Debug, Clone)]
struct Piece {
    text: String,
    word: u32,
    /// Continues the piece before it, which a hyphen at the end of a line cut off.
    continues: bool,
}

#[derive(Debug, Default)]
struct Sequence {
    tokens: Vec<Token>,
    /// What can be found besides, each a sequence of its own.
    besides: Vec<Vec<Token>>,
    /// Ideographs that follow each other, with their words.
    run: Vec<(char, u32)>,
    /// What one word is made of, and the one it continues.
    compound: Vec<Piece>,
    /// Whether the last word ended in a hyphen at the end of its line.
    broken: bool,
}

impl Sequence {
    fn add(&mut self, text: &str, word: u32, ends_line: bool) {
        let broken = std::mem::take(&mut self.broken);
        if !broken {
            self.end_compound();
        }
        let folded = fold(text);
        let begins_small = text.chars().find(|c| c.is_alphanumeric());
        let mut continues = broken && begins_small.is_some_and(|c| c.is_alphabetic() && !c.is_uppercase());
        let mut parts = folded.split(|c| !is_of_word(c)).peekable();
        while let Some(part) = parts.next() {
            for (unspaced, piece) in by_script(part) {
                if unspaced {
                    self.end_compound();
                    self.run.extend(piece.chars().map(|c| (c, word)));
                } else {
                    self.end_run();
                    let continues = std::mem::take(&mut continues) && self.ends_in_letter();
                    self.compound.push(Piece {
                        text: piece,
                        word,
                        continues,
                    });
                }
            }
            // A sign ends a run of ideographs. The end of a word does not: spaces among them are none of the author.
            if parts.peek().is_some() {
                self.end_run();
            }
        }
        self.broken = ends_line && !self.compound.is_empty() && ends_in_hyphen(text);
    }

    fn ends_in_letter(&self) -> bool {
        let last = self.compound.last().and_then(|piece| piece.text.chars().last());
        last.is_some_and(char::is_alphabetic)
    }

    /// Writes down the word that was gathered: joined where a line cut it, and what it is without separators.
    fn end_compound(&mut self) {
        let pieces = std::mem::take(&mut self.compound);
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
            return;
        };
        let (first, last) = (first.word, last.word);
        let joined: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        let mut merged: Vec<Token> = Vec::with_capacity(pieces.len());
        for piece in &pieces {
            match merged.last_mut() {
                Some(before) if piece.continues => {
                    *before = Token::new(
                        format!("{}{}", before.key, piece.text),
                        (before.words.0, piece.word),
                    );
                }
                _ => merged.push(Token::new(piece.text.as_str(), (piece.word, piece.word))),
            }
        }
        if merged.len() < pieces.len() {
            let parts = pieces
                .iter()
                .map(|piece| Token::new(piece.text.as_str(), (piece.word, piece.word)));
            self.besides.push(parts.collect());
        }
        if merged.len() > 1 && joined.chars().count() < MAX_TOKEN_CHARS {
            let joined = if joined.chars().all(|c| c.is_ascii_digit()) {
                format!("{NUMBER_MARK}{joined}")
            } else {
                joined
            };
            self.besides.push(vec![Token::new(joined, (first, last))]);
        }
        self.tokens.append(&mut merged);
    }

    /// Writes down a run of ideographs: each with the one that follows, the last one alone.
    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        for (index, (c, word)) in run.iter().enumerate() {
            let token = match run.get(index + 1) {
                Some((next, last)) => Token::new(format!("{c}{next}"), (*word, *last)),
                None => Token::new(*c, (*word, *word)),
            };
            self.tokens.push(token);
        }
    }

    fn end(&mut self) {
        self.end_compound();
        self.end_run();
    }

    fn finish(mut self) -> Vec<Token> {
        self.end();
        let mut tokens = self.tokens;
        for sequence in self.besides {
            tokens.push(Token::gap());
            tokens.extend(sequence);
        }
        tokens.truncate(MAX_TOKENS);
        tokens
    }

    fn finish_query(mut self) -> (Vec<Token>, Vec<Token>) {
        self.end_compound();
        let pairs = self.run.len() > 1;
        self.end_run();
        if pairs {
            self.tokens.pop();
        }
        let tokens = self.tokens;
        let mut besides = Vec::new();
        // Several words without separators are something else than each of them.
        if let [only] = &self.besides[..]
            && tokens.iter().all(|token| token.words == (0, 0))
        {
            besides.clone_from(only);
        }
        if let [number] = &tokens[..]
            && number.key.len() >= MINIMUM_NUMBER
            && number.key.bytes().all(|digit| digit.is_ascii_digit())
        {
            besides.push(Token::new(format!("{NUMBER_MARK}{}", number.key), (0, 0)));
        } else if let [without] = &besides[..]
            && let Some(digits) = without.key.strip_prefix(NUMBER_MARK)
            && digits.len() >= MINIMUM_NUMBER
        {
            let digits = Token::new(digits, (0, 0));
            besides.push(digits);
        }
        (tokens, besides)
    }
}

/// Digits from which a number is also looked for with and without its separators.
const MINIMUM_NUMBER: usize = 4;

/// The runs of `text` in scripts with and without spaces.
fn by_script(text: &str) -> Vec<(bool, String)> {
    let mut runs: Vec<(bool, String)> = Vec::new();
    for c in text.chars() {
        let unspaced = is_unspaced(c);
        match runs.last_mut() {
            Some((kind, run)) if *kind == unspaced => run.push(c),
            _ => runs.push((unspaced, c.into())),
        }
    }
    runs
}

fn ends_in_hyphen(text: &str) -> bool {
    let mut end = text.chars().rev();
    matches!(end.next(), Some('-' | '\u{ad}' | '\u{2010}' | '\u{2011}' | '¬'))
        && end.next().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Block, BlockKind, Line, Polygon, Word};

    fn page(lines: &[&str]) -> PageText {
        let polygon = Polygon::from_box(0.0, 0.0, 1.0, 1.0);
        let line = |text: &&str| {
            let words = text.split(' ').map(|word| Word::new(word, polygon, 1.0));
            Line::new(*text, polygon, 1.0, words.collect())
        };
        let lines = lines.iter().map(line).collect();
        PageText::empty(1, 10, 10).with_blocks(vec![Block::new(BlockKind::Paragraph, polygon, lines)])
    }

    /// Keys with the words that they stand for; a bar for a gap.
    fn keys(lines: &[&str]) -> String {
        let tokens = page_tokens(&page(lines));
        let shown: Vec<String> = tokens
            .iter()
            .map(|token| match token.words {
                _ if token.is_gap() => "|".to_owned(),
                (first, last) if first == last => format!("{}:{first}", token.key),
                (first, last) => format!("{}:{first}-{last}", token.key),
            })
            .collect();
        shown.join(" ").replace(NUMBER_MARK, "#")
    }

    #[test]
    fn codes_and_numbers_are_found_in_parts_and_whole() {
        assert_eq!(
            keys(&["INV-2024-0042 a 1,299.00"]),
            "inv:0 2024:0 0042:0 a:1 1:2 299:2 00:2 | inv20240042:0 | #129900:2"
        );
    }

    #[test]
    fn a_word_that_a_line_cuts_is_one_word() {
        assert_eq!(
            keys(&["the confi-", "dence of"]),
            "the:0 confidence:1-2 of:3 | confi:1 dence:2"
        );
        assert_eq!(
            keys(&["Haupt-", "Bahnhof INV-", "2024"]),
            "haupt:0 bahnhof:1 inv:2 2024:3 | hauptbahnhof:0-1 | inv2024:2-3"
        );
        assert_eq!(keys(&["a -", "b"]), "a:0 b:2");
    }

    #[test]
    fn ideographs_are_pairs_across_words_but_not_across_signs() {
        assert_eq!(
            keys(&["東京 都庁,北", "ab東"]),
            "東京:0 京都:0-1 都庁:1 庁:1 北:1 ab:2 東:2"
        );
    }

    #[test]
    fn what_recognition_confuses_has_one_skeleton() {
        for (one, other) in [
            ("modern", "modem"),
            ("clear", "dear"),
            ("c1ear", "clear"),
            ("INV0ICE", "invoice"),
            ("8ank", "bank"),
            ("vvater", "water"),
            ("5tand", "stand"),
            ("BlLL", "bill"),
            ("corn", "com"),
        ] {
            let of = |word: &str| skeleton(&fold(word));
            assert_eq!(of(one), of(other), "{one} {other}");
        }
        for (one, other) in [("15", "is"), ("2024", "2025"), ("1000", "8000")] {
            assert_ne!(skeleton(one), skeleton(other), "{one} {other}");
        }
    }

    #[test]
    fn a_page_has_a_maximum_of_tokens() {
        let line = "word-word ".repeat(MAX_TOKENS);
        assert_eq!(page_tokens(&page(&[line.trim()])).len(), MAX_TOKENS);
    }

    proptest::proptest! {
        #[test]
        fn tokens_are_made_of_characters_of_words(text in ".*") {
            for token in page_tokens(&page(&[&text])) {
                proptest::prop_assert!(!token.key.is_empty() && !token.skeleton.is_empty());
                if !token.is_gap() {
                    let of_word = |c| is_of_word(c) || c == NUMBER_MARK;
                    proptest::prop_assert!(token.key.chars().chain(token.skeleton.chars()).all(of_word));
                }
            }
        }
    }
}
