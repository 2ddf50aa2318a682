//! How much is measured.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};

/// How much is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// Where databases and figures are put.
    pub(crate) folder: PathBuf,
    /// Pages that are searched in the end, at least 400.
    pub(crate) pages: usize,
    /// Times all questions are asked at each size.
    pub(crate) rounds: usize,
    /// Questions of each kind in a round.
    pub(crate) questions: usize,
    /// What pages and questions are made of.
    pub(crate) seed: u64,
}

impl Options {
    /// Understands `FOLDER [--pages N] [--rounds N] [--questions N] [--seed N]`.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let folder = words
            .next()
            .context("the folder for databases and figures is missing")?;
        let mut options = Self {
            folder: folder.into(),
            pages: 100_000,
            rounds: 3,
            questions: 50,
            seed: 1,
        };
        while let Some(word) = words.next() {
            let number = words.next().with_context(|| format!("{word} needs a number"))?;
            let number: u64 = number.parse().with_context(|| format!("{word} needs a number"))?;
            match word.as_str() {
                "--pages" => options.pages = number as usize,
                "--rounds" => options.rounds = number as usize,
                "--questions" => options.questions = number as usize,
                "--seed" => options.seed = number,
                _ => bail!("there is no option {word}"),
            }
        }
        ensure!(options.pages >= 400, "--pages needs 400 or more");
        ensure!(
            options.rounds > 0 && options.questions > 0,
            "there is nothing to ask"
        );
        Ok(options)
    }

    /// Numbers of pages at which everything is measured: a quarter, half, all.
    pub(crate) fn sizes(&self) -> [usize; 3] {
        [self.pages / 4, self.pages / 2, self.pages]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &str) -> Result<Options> {
        Options::parse(words.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_stand_in_any_order() {
        let options = parse("out --seed 7 --pages 4000 --questions 5 --rounds 2").unwrap();
        assert_eq!((options.seed, options.questions, options.rounds), (7, 5, 2));
        assert_eq!(options.sizes(), [1_000, 2_000, 4_000]);
        assert_eq!(parse("out").unwrap().pages, 100_000);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for words in [
            "",
            "out --pages",
            "out --pages many",
            "out --pages 10",
            "out --fast 1",
            "out --rounds 0",
        ] {
            assert!(parse(words).is_err(), "{words}");
        }
    }
}
