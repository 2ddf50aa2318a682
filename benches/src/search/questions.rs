//! What is searched for: words that stand on pages of the first owner, and what people make of them.

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;

use crate::{
    corpus::{Corpus, Document},
    vocabulary::Vocabulary,
};

/// Words with a lower rank than this are on most pages.
const COMMON: usize = 50;
/// Words from this rank on are on few pages.
const RARE: usize = 20_000;
/// Minimum number of letters of a word that is cut or changed.
const LONG: usize = 6;
/// Letters that a prefix has.
const PREFIX: usize = 4;
/// Pages looked at for one question before giving up.
const ATTEMPTS: usize = 10_000;
/// What recognition takes for something else, and for what.
const MISREADINGS: [(&str, &str); 6] = [
    ("rn", "m"),
    ("m", "rn"),
    ("0", "O"),
    ("o", "0"),
    ("l", "1"),
    ("1", "l"),
];

/// A kind of question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A word that is on most pages.
    CommonWord,
    /// A word that is neither common nor rare.
    Word,
    /// A word that few pages have.
    RareWord,
    /// Three words in their order.
    Phrase,
    /// The first four letters of a word.
    Prefix,
    /// A word with one letter wrong.
    Misspelt,
    /// A word or code as recognition might have it.
    Misread,
    /// The number of an invoice, or an amount.
    Code,
}

impl Kind {
    pub(crate) const ALL: [Self; 8] = [
        Self::CommonWord,
        Self::Word,
        Self::RareWord,
        Self::Phrase,
        Self::Prefix,
        Self::Misspelt,
        Self::Misread,
        Self::Code,
    ];

    /// The name shown.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::CommonWord => "common word",
            Self::Word => "word",
            Self::RareWord => "rare word",
            Self::Phrase => "phrase",
            Self::Prefix => "prefix",
            Self::Misspelt => "misspelt",
            Self::Misread => "misread",
            Self::Code => "code or amount",
        }
    }
}

/// One thing to search for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) kind: Kind,
    /// Letters, digits, spaces and the separators of codes: nothing that has a meaning to a database.
    pub(crate) text: String,
}

impl Question {
    /// In our language of queries.
    pub(crate) fn query(&self) -> String {
        match self.kind {
            Kind::Phrase => format!("\"{}\"", self.text),
            Kind::Prefix => format!("{}*", self.text),
            _ => self.text.clone(),
        }
    }
}

/// `count` questions of each kind about the first `documents` documents, the same for the same seed.
pub(crate) fn questions(corpus: &Corpus, documents: usize, count: usize, seed: u64) -> Result<Vec<Question>> {
    ensure!(documents > 0, "there are too few pages to ask about");
    let mut rng = Rng::with_seed(seed.wrapping_add(1));
    let mut questions = Vec::with_capacity(count * Kind::ALL.len());
    for kind in Kind::ALL {
        for _ in 0..count {
            let found = (0..ATTEMPTS).find_map(|_| {
                let document = corpus.document(rng.usize(0..documents));
                text(kind, &document, corpus.vocabulary(), &mut rng)
            });
            let text = found.with_context(|| format!("no page has something to ask: {}", kind.as_str()))?;
            questions.push(Question { kind, text });
        }
    }
    Ok(questions)
}

/// Something of this kind on a page of `document`, where there is some and the first owner has it.
fn text(kind: Kind, document: &Document, vocabulary: &Vocabulary, rng: &mut Rng) -> Option<String> {
    if document.owner != 0 {
        return None;
    }
    let lines = &document.pages[rng.usize(0..document.pages.len())].0;
    let words: Vec<&str> = lines[rng.usize(0..lines.len())].split(' ').collect();
    let at = rng.usize(0..words.len());
    let word = words[at];
    let rank = vocabulary.rank(word);
    let is_long = rank.is_some_and(|rank| rank >= COMMON) && word.len() >= LONG;
    let unknown = |word: &String| vocabulary.rank(word).is_none();
    match kind {
        Kind::CommonWord => rank.filter(|rank| *rank < COMMON).map(|_| word.to_owned()),
        Kind::Word => rank
            .filter(|rank| (COMMON..RARE).contains(rank))
            .map(|_| word.to_owned()),
        Kind::RareWord => rank.filter(|rank| *rank >= RARE).map(|_| word.to_owned()),
        Kind::Phrase => {
            let phrase = words.get(at..at + 3)?;
            let is_text = phrase.iter().all(|word| vocabulary.rank(word).is_some());
            is_text.then(|| phrase.join(" "))
        }
        Kind::Prefix => is_long.then(|| word.chars().take(PREFIX).collect()),
        Kind::Misspelt => is_long.then(|| misspelt(word, rng)).filter(unknown),
        Kind::Misread if rng.u8(0..4) == 0 => misread(&document.code, 0),
        Kind::Misread if is_long => misread(word, rng.usize(0..MISREADINGS.len())).filter(unknown),
        Kind::Misread => None,
        Kind::Code if rng.bool() => Some(document.code.clone()),
        Kind::Code => word.contains(',').then(|| word.to_owned()),
    }
}

/// `word` with another letter in place of one of its own.
fn misspelt(word: &str, rng: &mut Rng) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = rng.usize(0..letters.len());
    letters[at] = rng.lowercase();
    letters.into_iter().collect()
}

/// `word` with one misreading, the first that is possible from number `first` on; `None` where there is none.
fn misread(word: &str, first: usize) -> Option<String> {
    let mut all = MISREADINGS.iter().cycle().skip(first).take(MISREADINGS.len());
    let (is, read) = all.find(|(is, _)| word.contains(is))?;
    Some(word.replacen(is, read, 1))
}

#[cfg(test)]
mod tests {
    use ocr_core::search::{Exactness, SearchQuery, find, page_tokens};
    use ocr_testkit::samples::page_of_lines;

    use super::*;

    #[test]
    fn a_seed_has_the_same_questions_of_each_kind() {
        let corpus = Corpus::new(1);
        let asked = questions(&corpus, 50, 3, 7).unwrap();
        assert_eq!(asked, questions(&corpus, 50, 3, 7).unwrap());
        assert_ne!(asked, questions(&corpus, 50, 3, 8).unwrap());
        for kind in Kind::ALL {
            assert_eq!(asked.iter().filter(|question| question.kind == kind).count(), 3);
        }
        assert!(questions(&corpus, 0, 1, 7).is_err());
    }

    #[test]
    fn each_question_is_a_query_that_pages_answer() {
        let corpus = Corpus::new(1);
        let documents: Vec<Document> = (0..30).map(|index| corpus.document(index)).collect();
        let pages: Vec<_> = documents
            .iter()
            .filter(|document| document.owner == 0)
            .flat_map(|document| &document.pages)
            .map(|page| {
                let lines: Vec<&str> = page.0.iter().map(String::as_str).collect();
                page_tokens(&page_of_lines(1, &lines))
            })
            .collect();
        let mut misspelt = 0;
        for question in questions(&corpus, 30, 5, 7).unwrap() {
            let query = SearchQuery::parse(&question.query()).unwrap();
            let found = pages.iter().filter_map(|page| find(&query, page));
            let best = found.map(|found| found.exactness).min();
            match question.kind {
                // An error within letters that recognition confuses counts as two.
                Kind::Misspelt => misspelt += usize::from(best.is_some_and(|best| best > Exactness::Exact)),
                Kind::Misread => assert_eq!(best, Some(Exactness::Confusable), "{question:?}"),
                _ => assert_eq!(best, Some(Exactness::Exact), "{question:?}"),
            }
        }
        assert!(misspelt > 0);
    }

    #[test]
    fn misreadings_are_those_of_recognition() {
        assert_eq!(misread("INV-2024-0042", 0).as_deref(), Some("INV-2O24-0042"));
        assert_eq!(misread("bornlam", 0).as_deref(), Some("bomlam"));
        assert_eq!(misread("bornlam", 1).as_deref(), Some("bornlarn"));
        assert_eq!(misread("bornlam", 4).as_deref(), Some("born1am"));
        assert_eq!(misread("cat", 3), None);
    }
}
