//! Which pages of a document are wanted.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind};

/// A choice of pages such as `1-3,7`; one-based, ascending, without overlaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PageSelection(Vec<(u32, u32)>);

impl PageSelection {
    /// These pages; `None` when there are none. Zero is no page and left out.
    pub fn of(numbers: impl IntoIterator<Item = u32>) -> Option<Self> {
        let ranges = numbers.into_iter().filter(|number| *number > 0);
        let ranges: Vec<(u32, u32)> = ranges.map(|number| (number, number)).collect();
        (!ranges.is_empty()).then(|| Self::merged(ranges))
    }

    /// The chosen pages, ascending; a selection may go far beyond the end of a document.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().flat_map(|&(from, to)| from..=to)
    }

    fn merged(mut ranges: Vec<(u32, u32)>) -> Self {
        ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (from, to) in ranges {
            match merged.last_mut() {
                Some(last) if from <= last.1.saturating_add(1) => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        Self(merged)
    }

    /// Whether page `number` (one-based) is chosen.
    pub fn contains(&self, number: u32) -> bool {
        self.0.iter().any(|&(from, to)| (from..=to).contains(&number))
    }
}

impl FromStr for PageSelection {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = || {
            Error::new(
                ErrorKind::InvalidInput,
                "pages must look like 1-3,7 and count from 1",
            )
        };
        let mut ranges = Vec::new();
        for part in text.split(',') {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let from: u32 = from.trim().parse().map_err(|_| invalid())?;
            let to: u32 = to.trim().parse().map_err(|_| invalid())?;
            if from == 0 || to < from {
                return Err(invalid());
            }
            ranges.push((from, to));
        }
        Ok(Self::merged(ranges))
    }
}

impl TryFrom<String> for PageSelection {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<PageSelection> for String {
    fn from(selection: PageSelection) -> Self {
        selection.to_string()
    }
}

impl fmt::Display for PageSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (from, to)) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            if from == to {
                write!(f, "{from}")?;
            } else {
                write!(f, "{from}-{to}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_sorted_and_merged() {
        let selection: PageSelection = "7, 1-3,3-4".parse().unwrap();
        assert_eq!(selection.to_string(), "1-4,7");
        assert!(selection.contains(4) && !selection.contains(5) && selection.contains(7));
    }

    #[test]
    fn a_selection_is_made_of_numbers() {
        let selection = PageSelection::of([7, 1, 2, 0, 2]).unwrap();
        assert_eq!(selection.to_string(), "1-2,7");
        assert_eq!(selection.iter().collect::<Vec<_>>(), [1, 2, 7]);
        assert_eq!(PageSelection::of([]), None);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "0", "3-1", "a", "1-", "-1", "1,,2", "99999999999"] {
            assert!(text.parse::<PageSelection>().is_err(), "{text:?}");
        }
    }
}
