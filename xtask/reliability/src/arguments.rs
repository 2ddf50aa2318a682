//! Arguments of a command, taken one by one.

use anyhow::{Context as _, Result, bail};

/// What is left of the arguments.
#[derive(Debug)]
pub(crate) struct Arguments(Vec<String>);

impl Arguments {
    /// All of them.
    pub(crate) fn new(all: impl IntoIterator<Item = String>) -> Self {
        Self(all.into_iter().collect())
    }

    /// Takes `name`; whether it was there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|argument| argument != name);
        self.0.len() < before
    }

    /// Takes `name` and the value after it.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>> {
        let Some(position) = self.0.iter().position(|argument| argument == name) else {
            return Ok(None);
        };
        if position + 1 >= self.0.len() {
            bail!("{name} needs a value");
        }
        self.0.remove(position);
        Ok(Some(self.0.remove(position)))
    }

    /// Takes `name` and the number after it.
    pub(crate) fn number(&mut self, name: &str) -> Result<Option<u64>> {
        let text = self.text(name)?;
        let parsed = text.map(|text| {
            text.parse()
                .with_context(|| format!("{name} {text}: not a number"))
        });
        parsed.transpose()
    }

    /// Takes the number after `--seed`, or any.
    pub(crate) fn seed(&mut self) -> Result<u64> {
        Ok(self
            .number("--seed")?
            .unwrap_or_else(|| fastrand::u64(..1_000_000)))
    }

    /// Takes the first one that is no option.
    pub(crate) fn word(&mut self) -> Option<String> {
        let position = self.0.iter().position(|argument| !argument.starts_with("--"))?;
        Some(self.0.remove(position))
    }

    /// Fails when something is left.
    pub(crate) fn end(&self) -> Result<()> {
        match self.0.first() {
            Some(left) => bail!("{left} means nothing here"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Arguments {
        Arguments::new(text.split_whitespace().map(ToOwned::to_owned))
    }

    #[test]
    fn options_and_words_may_be_mixed() {
        let mut all = arguments("--seed 7 90 --control");
        assert_eq!(all.number("--seed").unwrap(), Some(7));
        assert!(all.flag("--control") && !all.flag("--control"));
        assert_eq!(all.word().as_deref(), Some("90"));
        assert!(all.word().is_none() && all.end().is_ok());
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert!(arguments("--seed").number("--seed").is_err());
        assert!(arguments("--seed x").number("--seed").is_err());
        assert!(arguments("--sed 7").end().is_err());
    }
}
