//! Mutations of seeds that are the same each time.

/// Changes made to one input, at most.
const MAXIMUM_CHANGES: u64 = 6;
/// Bytes by which a change may lengthen an input, at most.
const MAXIMUM_GROWTH: usize = 64;
/// Values at which lengths and counts go wrong.
const BORDERS: [u8; 7] = [0, 1, 0x7f, 0x80, 0xfe, 0xff, b'9'];

/// Inputs made of seeds by changing, moving, removing and adding bytes.
#[derive(Debug)]
pub struct Mutations<'a> {
    seeds: &'a [Vec<u8>],
    words: &'a [&'a [u8]],
    state: u64,
}

impl<'a> Mutations<'a> {
    /// Mutations of `seeds`, of which there is at least one; `words` are put in here and there.
    pub fn new(seeds: &'a [Vec<u8>], words: &'a [&'a [u8]]) -> Self {
        Self {
            seeds,
            words,
            state: 0,
        }
    }

    /// The next number (splitmix64).
    fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, or 0.
    fn below(&mut self, end: usize) -> usize {
        (self.number() % end.max(1) as u64) as usize
    }

    /// Two ordered places in an input of this length.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let (one, other) = (self.below(length + 1), self.below(length + 1));
        (one.min(other), one.max(other))
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len());
        match self.below(8) {
            0 if !input.is_empty() => input[at] ^= 1 << self.below(8),
            1 if !input.is_empty() => input[at] = BORDERS[self.below(BORDERS.len())],
            2 if !input.is_empty() => input[at] = self.number() as u8,
            3 => {
                let (start, end) = self.range(input.len());
                input.drain(start..end.min(start + MAXIMUM_GROWTH));
            }
            4 => {
                let (start, end) = self.range(input.len());
                let again: Vec<u8> = input[start..end.min(start + MAXIMUM_GROWTH)].to_vec();
                input.splice(at..at, again);
            }
            5 if !self.words.is_empty() => {
                let word = self.words[self.below(self.words.len())];
                // In place of what is there, or between it.
                let end = if self.below(2) == 0 {
                    at
                } else {
                    (at + word.len()).min(input.len())
                };
                input.splice(at..end, word.iter().copied());
            }
            6 => input.truncate(at),
            _ => {
                // Goes on as another seed does.
                let chosen = self.below(self.seeds.len());
                let from = self.below(self.seeds[chosen].len());
                input.truncate(at);
                input.extend_from_slice(&self.seeds[chosen][from..]);
            }
        }
    }
}

impl Iterator for Mutations<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let chosen = self.below(self.seeds.len());
        let mut input = self.seeds.get(chosen)?.clone();
        for _ in 0..=self.number() % MAXIMUM_CHANGES {
            self.change(&mut input);
        }
        Some(input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutations_are_many_and_the_same_each_time() {
        let seeds = [b"first seed".to_vec(), b"another".to_vec(), Vec::new()];
        let some = || Mutations::new(&seeds, &[b"word"]).take(500);
        assert!(some().eq(some()));
        let different: std::collections::BTreeSet<Vec<u8>> = some().collect();
        assert!(different.len() > 300, "{}", different.len());
    }
}
