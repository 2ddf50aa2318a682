//! Documents that a seed makes, the same every time: text, codes and amounts, of several owners.

use fastrand::Rng;

use crate::vocabulary::Vocabulary;

/// Owners of documents. The first has about half of all, the others share the rest.
pub(crate) const OWNERS: usize = 8;
/// Lines of a page.
const LINES: usize = 25;
/// Words of a line; 250 on a page.
const WORDS_IN_A_LINE: usize = 10;
/// Maximum number of pages of a document; 10 in the mean.
const MAX_PAGES: usize = 19;
/// Every so many lines one ends in an amount of money.
const LINES_WITH_AN_AMOUNT: usize = 8;

/// All documents of a seed.
#[derive(Debug)]
pub(crate) struct Corpus {
    seed: u64,
    vocabulary: Vocabulary,
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    /// Its place among all.
    pub(crate) index: usize,
    /// Who owns it, from 0 to [`OWNERS`].
    pub(crate) owner: usize,
    /// The number of its invoice, which each of its pages begins with.
    pub(crate) code: String,
    pub(crate) pages: Vec<Page>,
}

/// A page: its lines, words with a space between two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page(pub(crate) Vec<String>);

impl Page {
    /// The whole text.
    pub(crate) fn text(&self) -> String {
        self.0.join("\n")
    }
}

impl Corpus {
    /// The documents of `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            vocabulary: Vocabulary::new(seed),
        }
    }

    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The document at place `index`. It depends on the seed and the place alone.
    pub(crate) fn document(&self, index: usize) -> Document {
        // An odd factor keeps the seeds of neighbours apart.
        let mut rng = Rng::with_seed(self.seed ^ (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let owner = if rng.bool() { 0 } else { rng.usize(1..OWNERS) };
        let code = format!("INV-{}-{index:04}", rng.u16(2015..=2026));
        let pages = (0..rng.usize(1..=MAX_PAGES))
            .map(|_| self.page(&code, &mut rng))
            .collect();
        Document {
            index,
            owner,
            code,
            pages,
        }
    }

    fn page(&self, code: &str, rng: &mut Rng) -> Page {
        let lines = (0..LINES).map(|line| {
            let mut words: Vec<String> = (0..WORDS_IN_A_LINE)
                .map(|_| self.vocabulary.pick(rng).to_owned())
                .collect();
            if line == 0 {
                code.clone_into(&mut words[0]);
            } else if line % LINES_WITH_AN_AMOUNT == 0 {
                words[WORDS_IN_A_LINE - 1] = amount(rng);
            }
            words.join(" ")
        });
        Page(lines.collect())
    }
}

/// An amount of money: `1,299.00`.
fn amount(rng: &mut Rng) -> String {
    let (thousands, rest, cents) = (rng.u32(1..100), rng.u32(0..1_000), rng.u32(0..100));
    format!("{thousands},{rest:03}.{cents:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_has_one_corpus() {
        let (one, same, other) = (Corpus::new(1), Corpus::new(1), Corpus::new(2));
        // In another order too.
        let later = same.document(30);
        assert_eq!(one.document(3), same.document(3));
        assert_eq!(one.document(30), later);
        assert_ne!(one.document(3), other.document(3));
        assert_ne!(one.document(3).pages, one.document(4).pages);
    }

    #[test]
    fn pages_hold_text_codes_and_amounts() {
        let corpus = Corpus::new(1);
        let documents: Vec<Document> = (0..200).map(|index| corpus.document(index)).collect();
        let pages: usize = documents.iter().map(|document| document.pages.len()).sum();
        assert!((1_500..2_500).contains(&pages), "{pages}");
        let of_first = documents.iter().filter(|document| document.owner == 0).count();
        assert!((70..130).contains(&of_first), "{of_first}");
        let page = &documents[42].pages[0];
        let text = page.text();
        assert_eq!(text.split_whitespace().count(), LINES * WORDS_IN_A_LINE);
        assert!(text.starts_with(&documents[42].code) && documents[42].code.ends_with("-0042"));
        assert!(
            page.0[8]
                .rsplit(' ')
                .next()
                .is_some_and(|word| word.contains(','))
        );
    }
}
