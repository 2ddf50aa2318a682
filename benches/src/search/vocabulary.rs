//! Words of a language that nobody speaks, as often as words of a language are.

use std::collections::{HashMap, hash_map::Entry};

use fastrand::Rng;

/// Different words. A large archive in one language has as many that occur more than once.
pub(crate) const WORDS: usize = 40_000;

/// Flattens the beginning of the distribution, as in real languages (Zipf and Mandelbrot).
const SHIFT: f64 = 2.7;
/// Words of one syllable, which are the most frequent ones.
const SHORT: usize = 200;
/// Words of at most two syllables.
const MEDIUM: usize = 4_000;

const ONSETS: [&str; 24] = [
    "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "br", "cl",
    "st", "tr", "pl", "ch",
];
const NUCLEI: [&str; 10] = ["a", "e", "i", "o", "u", "a", "e", "ai", "ou", "ie"];
const CODAS: [&str; 16] = [
    "", "", "", "", "n", "r", "s", "t", "l", "m", "rn", "nd", "st", "ck", "ll", "rt",
];

/// Words by their rank: 0 is the most frequent one.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    words: Vec<String>,
    ranks: HashMap<String, usize>,
    /// How much all words up to this one weigh together.
    cumulative: Vec<f64>,
}

impl Vocabulary {
    /// The vocabulary of `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut words = Vec::with_capacity(WORDS);
        let mut ranks = HashMap::with_capacity(WORDS);
        for rank in 0..WORDS {
            let word = unused(rank, &mut ranks, &mut rng);
            words.push(word);
        }
        let mut sum = 0.0;
        let cumulative = (0..WORDS).map(|rank| {
            sum += 1.0 / (rank as f64 + SHIFT);
            sum
        });
        let cumulative = cumulative.collect();
        Self {
            words,
            ranks,
            cumulative,
        }
    }

    /// A word, frequent ones more often.
    pub(crate) fn pick(&self, rng: &mut Rng) -> &str {
        let all = self.cumulative.last().copied().unwrap_or_default();
        let at = rng.f64() * all;
        let rank = self.cumulative.partition_point(|sum| *sum <= at);
        self.words.get(rank).map_or("", String::as_str)
    }

    /// How many words are more frequent than `word`; `None` for one that is not in the vocabulary.
    pub(crate) fn rank(&self, word: &str) -> Option<usize> {
        self.ranks.get(word).copied()
    }
}

/// A word that is not among `ranks` yet, and is then.
fn unused(rank: usize, ranks: &mut HashMap<String, usize>, rng: &mut Rng) -> String {
    let mut syllables = match rank {
        0..SHORT => 1,
        SHORT..MEDIUM => 2,
        _ => rng.usize(2..=4),
    };
    loop {
        let word: String = (0..syllables).map(|_| syllable(rng)).collect();
        if let Entry::Vacant(vacant) = ranks.entry(word.clone()) {
            vacant.insert(rank);
            return word;
        }
        // There are enough words that are longer.
        syllables += 1;
    }
}

fn syllable(rng: &mut Rng) -> String {
    let mut part = |parts: &[&'static str]| parts[rng.usize(0..parts.len())];
    [part(&ONSETS), part(&NUCLEI), part(&CODAS)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_has_one_vocabulary() {
        let (one, same, other) = (Vocabulary::new(1), Vocabulary::new(1), Vocabulary::new(2));
        assert_eq!(one.words, same.words);
        assert_ne!(one.words, other.words);
        assert_eq!(one.words.len(), WORDS);
        assert_eq!(one.ranks.len(), WORDS, "each word is there once");
        assert_eq!(one.rank(&one.words[7]), Some(7));
    }

    #[test]
    fn few_words_are_most_of_a_text() {
        let vocabulary = Vocabulary::new(1);
        let mut rng = Rng::with_seed(2);
        let ranks: Vec<usize> = (0..20_000)
            .filter_map(|_| vocabulary.rank(vocabulary.pick(&mut rng)))
            .collect();
        let share = |from: usize, to: usize| {
            let within = ranks.iter().filter(|rank| (from..to).contains(rank)).count();
            within as f64 / ranks.len() as f64
        };
        assert_eq!(ranks.len(), 20_000);
        assert!(share(0, 100) > 0.25, "{}", share(0, 100));
        assert!((0.03..0.15).contains(&share(WORDS / 2, WORDS)));
    }
}
