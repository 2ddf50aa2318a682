//! How a document is filed: its labels, the collection it is in, and a note.

use std::{collections::BTreeMap, fmt, str::FromStr};

use unicode_normalization::UnicodeNormalization as _;

use crate::{Error, ErrorKind, Result, builder::builder};

/// Maximum number of characters of a name.
pub const MAX_FILING_NAME_CHARS: usize = 64;
/// Maximum number of labels of a document.
pub const MAX_LABELS: usize = 32;
/// Maximum number of characters of a note.
pub const MAX_NOTE_CHARS: usize = 4_000;

/// The name of a label, a collection or a saved search: 1 to [`MAX_FILING_NAME_CHARS`] characters in composed form (NFC), without control
/// characters, and with single spaces only between words.
///
/// Two names that differ in case only are the same name, however each is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FilingName {
    name: String,
    key: String,
}

impl FilingName {
    /// The name that `text` is when it is brought into form.
    ///
    /// # Errors
    /// `InvalidInput` when nothing is left, it is too long, or it has control characters in it.
    pub fn new(text: &str) -> Result<Self> {
        let name = text.nfc().collect::<String>();
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() || name.chars().count() > MAX_FILING_NAME_CHARS {
            let message = format!("a name has 1 to {MAX_FILING_NAME_CHARS} characters");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        if name.chars().any(char::is_control) {
            let message = "a name has no control characters";
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        // Small letters may have to be composed anew.
        let key = name.to_lowercase().nfc().collect();
        Ok(Self { name, key })
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// What all ways to write the name have in common: to compare, to order and to look up.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether both are the same name, however each is written.
    pub fn is_same(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl fmt::Display for FilingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl FromStr for FilingName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::new(text)
    }
}

/// What names are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FilingKind {
    /// Labels: a document has any number of them.
    Label,
    /// Collections: a document is in one at most.
    Collection,
}

impl FilingKind {
    /// As stores write it: `label` or `collection`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Collection => "collection",
        }
    }
}

/// How a document is filed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Filing {
    /// Its labels by [`FilingName::key`], none of them twice.
    pub labels: Vec<FilingName>,
    /// The collection it is in.
    pub collection: Option<FilingName>,
    /// What somebody wrote about it; empty when nobody did.
    pub note: String,
}

builder!(Filing {
    with_collection(collection: impl Into<Option<FilingName>>) "The same in this collection, or in none."
    with_note(note: impl Into<String>) "The same with this note."
});

impl Filing {
    /// The same with these labels, each once.
    pub fn with_labels(self, labels: impl IntoIterator<Item = FilingName>) -> Self {
        Self {
            labels: each_once(labels),
            ..self
        }
    }

    /// Whether nobody filed the document.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.collection.is_none() && self.note.is_empty()
    }

    /// Whether the document has this label.
    pub fn has_label(&self, label: &FilingName) -> bool {
        self.labels.iter().any(|own| own.is_same(label))
    }

    /// Whether the document is in this collection.
    pub fn is_in(&self, collection: &FilingName) -> bool {
        self.collection
            .as_ref()
            .is_some_and(|own| own.is_same(collection))
    }
}

/// Names by their keys, the first way to write each.
fn each_once(names: impl IntoIterator<Item = FilingName>) -> Vec<FilingName> {
    let mut once = BTreeMap::new();
    for name in names {
        once.entry(name.key.clone()).or_insert(name);
    }
    once.into_values().collect()
}

/// What becomes of the collection of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CollectionChange {
    /// It stays where it is.
    #[default]
    Keep,
    /// It is in none afterwards.
    Leave,
    /// It is in this one afterwards.
    Enter(FilingName),
}

/// What is changed about how documents are filed; what is not named stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct FilingChange {
    /// Labels in place of those that there are.
    pub labels: Option<Vec<FilingName>>,
    /// Labels that are taken away.
    pub remove_labels: Vec<FilingName>,
    /// Labels that are added after that. One that is there stays as it is written.
    pub add_labels: Vec<FilingName>,
    /// Where the document is put.
    pub collection: CollectionChange,
    /// A note in place of the one that there is; an empty one takes it away.
    pub note: Option<String>,
}

builder!(FilingChange {
    with_labels(labels: impl Into<Option<Vec<FilingName>>>) "The same with these labels in place of all others."
    with_remove_labels(remove_labels: Vec<FilingName>) "The same taking these labels away."
    with_add_labels(add_labels: Vec<FilingName>) "The same adding these labels."
    with_collection(collection: CollectionChange) "The same with this becoming of the collection."
    with_note(note: impl Into<Option<String>>) "The same with this note in place of the other one."
});

impl FilingChange {
    /// Whether nothing is named.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How a document is filed afterwards. Pure: every store asks it.
    ///
    /// # Errors
    /// `InvalidInput` for more than [`MAX_LABELS`] labels in a list of the change or afterwards, and for a note that is too long or has control characters
    /// other than tabs and line breaks in it.
    pub fn apply(&self, before: &Filing) -> Result<Filing> {
        let replaced = self.labels.as_ref().map_or(0, Vec::len);
        if [replaced, self.remove_labels.len(), self.add_labels.len()]
            .into_iter()
            .any(|count| count > MAX_LABELS)
        {
            let message = format!("a change names at most {MAX_LABELS} labels");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let present = self.labels.as_ref().unwrap_or(&before.labels);
        let removed = |name: &&FilingName| self.remove_labels.iter().any(|removed| removed.is_same(name));
        let kept = present.iter().filter(|name| !removed(name));
        let labels = each_once(kept.chain(&self.add_labels).cloned());
        if labels.len() > MAX_LABELS {
            let message = format!("a document has at most {MAX_LABELS} labels");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        Ok(Filing {
            labels,
            collection: match &self.collection {
                CollectionChange::Keep => before.collection.clone(),
                CollectionChange::Leave => None,
                CollectionChange::Enter(name) => Some(name.clone()),
            },
            note: match &self.note {
                Some(text) => note(text)?,
                None => before.note.clone(),
            },
        })
    }
}

/// A note in form: composed (NFC), with plain line breaks, and nothing before and behind.
fn note(text: &str) -> Result<String> {
    let text: String = text.replace("\r\n", "\n").replace('\r', "\n").nfc().collect();
    let text = text.trim();
    if text.chars().count() > MAX_NOTE_CHARS {
        let message = format!("a note has at most {MAX_NOTE_CHARS} characters");
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        let message = "a note has no control characters but tabs and line breaks";
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> FilingName {
        FilingName::new(text).unwrap()
    }

    fn names(texts: &[&str]) -> Vec<FilingName> {
        texts.iter().map(|text| name(text)).collect()
    }

    fn written(names: &[FilingName]) -> Vec<&str> {
        names.iter().map(FilingName::as_str).collect()
    }

    #[test]
    fn names_are_brought_into_form() {
        assert_eq!(name("  Tax \t 2024\n").as_str(), "Tax 2024");
        assert_eq!(name("Cafe\u{301}").as_str(), "Café");
        assert!(name("CAFÉ").is_same(&name("cafe\u{301}")));
        assert!(!name("Muller").is_same(&name("Müller")));
        assert_eq!(
            name(&"ü".repeat(MAX_FILING_NAME_CHARS)).as_str().chars().count(),
            64
        );
        for wrong in [
            "",
            "  \n",
            "a\0b",
            "a\u{7f}",
            &"x".repeat(MAX_FILING_NAME_CHARS + 1),
        ] {
            let error = FilingName::new(wrong).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{wrong:?}");
        }
    }

    #[test]
    fn a_change_names_what_becomes_of_each_part() {
        let before = Filing::default()
            .with_labels(names(&["tax", "Urgent"]))
            .with_collection(name("2024"))
            .with_note("call back");
        assert_eq!(FilingChange::default().apply(&before).unwrap(), before);
        let change = FilingChange::default()
            .with_remove_labels(names(&["URGENT"]))
            .with_add_labels(names(&["TAX", "Bank", "bank"]));
        let after = change.apply(&before).unwrap();
        assert_eq!(written(&after.labels), ["Bank", "tax"]);
        assert_eq!(
            (&after.collection, &after.note),
            (&before.collection, &before.note)
        );
        let change = FilingChange::default()
            .with_labels(names(&["Tax"]))
            .with_collection(CollectionChange::Leave)
            .with_note(" a\r\nb ".to_owned());
        let after = change.apply(&before).unwrap();
        assert_eq!(written(&after.labels), ["Tax"]);
        assert_eq!((after.collection, after.note.as_str()), (None, "a\nb"));
        let entered = FilingChange::default().with_collection(CollectionChange::Enter(name("2025")));
        assert!(entered.apply(&before).unwrap().is_in(&name("2025")));
        let emptied = FilingChange::default()
            .with_labels(Vec::<FilingName>::new())
            .with_collection(CollectionChange::Leave)
            .with_note(String::new());
        assert!(emptied.apply(&before).unwrap().is_empty());
    }

    #[test]
    fn everything_is_bounded() {
        let many: Vec<FilingName> = (0..=MAX_LABELS).map(|n| name(&n.to_string())).collect();
        let all_but_one = many[1..].to_vec();
        let refused = |change: FilingChange| {
            let error = change.apply(&Filing::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{change:?}");
        };
        refused(FilingChange::default().with_add_labels(many.clone()));
        refused(FilingChange::default().with_remove_labels(many));
        let full = FilingChange::default().with_add_labels(all_but_one);
        assert_eq!(full.apply(&Filing::default()).unwrap().labels.len(), MAX_LABELS);
        refused(FilingChange::default().with_note("x".repeat(MAX_NOTE_CHARS + 1)));
        refused(FilingChange::default().with_note("a\0b".to_owned()));
    }

    proptest::proptest! {
        #[test]
        fn a_name_in_form_stays_as_it_is(text in ".*") {
            if let Ok(once) = FilingName::new(&text) {
                proptest::prop_assert_eq!(FilingName::new(once.as_str()).ok(), Some(once));
            }
        }
    }
}
