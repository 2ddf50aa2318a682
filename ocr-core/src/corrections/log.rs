//! The edits of a page, in the order in which they were made.

use serde::{Deserialize, Serialize};

use super::{draft::Draft, operation::Operation};
use crate::{
    Error, ErrorKind, Result,
    clock::Timestamp,
    digest::sha256_hex,
    id::UserId,
    model::{PageText, Polygon},
};

/// Maximum number of entries of a page.
pub const MAX_ENTRIES: usize = 10_000;
/// Maximum number of bytes of all texts in the entries of a page, those that were written and those in whose place they
/// stand: whoever reads the page reads all of them. Ten times what a dense page has.
pub const MAX_LOG_BYTES: usize = 1024 * 1024;

/// All that people did to a page. Entries are only added; the version of the page is the number of them.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct PageLog {
    /// One-based number of the page.
    pub page: u32,
    /// The entries, the oldest first; their versions go up by one from 1.
    pub entries: Vec<Entry>,
}

/// Something that a person did to a page.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The version of the page that it made, from 1.
    pub version: u32,
    /// When, by the clock of the platform.
    pub at: Timestamp,
    /// Who; `None` for the platform itself.
    pub by: Option<UserId>,
    /// What was read when it was made: see [`base`].
    pub base: String,
    /// What was done.
    pub action: Action,
}

impl Entry {
    /// An entry that makes version `version` of a page whose text is `base`.
    pub fn new(
        version: u32,
        at: Timestamp,
        by: Option<UserId>,
        base: impl Into<String>,
        action: Action,
    ) -> Self {
        Self {
            version,
            at,
            by,
            base: base.into(),
            action,
        }
    }
}

/// What a person did to a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Action {
    /// Changed it.
    Edit(Edit),
    /// Took the last change back that was not taken back yet.
    Undo,
    /// Made the change again that was taken back last.
    Redo,
    /// Looked for the changes of an earlier text on this one. Those that were found follow as edits.
    CarryOver,
}

/// A change, and what it was made of: by that it is found on another text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Edit {
    /// The change.
    pub operation: Operation,
    /// What it is about, as it was just before.
    pub target: Vec<Target>,
}

impl Edit {
    /// A change of what `target` is.
    pub fn new(operation: Operation, target: Vec<Target>) -> Self {
        Self { operation, target }
    }

    /// Bytes of what it wrote and of what stood there.
    fn text_bytes(&self) -> usize {
        let before = self.target.iter().map(|target| target.text.len());
        before.sum::<usize>() + self.operation.text_bytes()
    }
}

/// A word, line, cell or field that was changed, as it was just before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Target {
    /// What it said.
    pub text: String,
    /// Its outline, normalised to the page.
    pub polygon: Polygon,
}

impl Target {
    /// What said `text` there.
    pub fn new(text: impl Into<String>, polygon: Polygon) -> Self {
        Self {
            text: text.into(),
            polygon,
        }
    }
}

impl PageLog {
    /// The log of page `page` with these entries, the oldest first.
    pub fn new(page: u32, entries: Vec<Entry>) -> Self {
        Self { page, entries }
    }

    /// How often something was done to the page.
    pub fn version(&self) -> u32 {
        self.entries.last().map_or(0, |entry| entry.version)
    }

    /// The edits that count on a page whose text is `base`, the oldest first.
    pub fn in_effect(&self, base: &str) -> Vec<(u32, &Edit)> {
        replayed(self.current(base)).done
    }

    /// Whether there is something to undo, and something to redo, on a page whose text is `base`.
    pub fn can_undo_redo(&self, base: &str) -> (bool, bool) {
        let stacks = replayed(self.current(base));
        (!stacks.done.is_empty(), !stacks.undone.is_empty())
    }

    /// The edits that counted on an earlier text than `base`, where nobody looked for them on this one yet.
    pub fn earlier(&self, base: &str) -> Vec<(u32, &Edit)> {
        let current = self.current(base);
        if current.iter().any(|entry| entry.action == Action::CarryOver) {
            return Vec::new();
        }
        let before = &self.entries[..self.entries.len() - current.len()];
        let Some(last) = before.last() else {
            return Vec::new();
        };
        replayed(run(before, &last.base)).done
    }

    fn current(&self, base: &str) -> &[Entry] {
        run(&self.entries, base)
    }

    /// Refuses more entries than a page may have.
    pub(super) fn check_room(&self, more: usize) -> Result<()> {
        if self.entries.len() + more > MAX_ENTRIES {
            let message = format!("a page can be changed {MAX_ENTRIES} times");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        Ok(())
    }

    /// Refuses entries whose texts, with those of the page so far, are more than a page may have.
    pub(super) fn check_bytes(&self, more: &[Entry]) -> Result<()> {
        let edits = self.entries.iter().chain(more);
        let bytes: usize = edits
            .map(|entry| match &entry.action {
                Action::Edit(edit) => edit.text_bytes(),
                Action::Undo | Action::Redo | Action::CarryOver => 0,
            })
            .sum();
        if bytes > MAX_LOG_BYTES {
            let message = format!("the changes of a page have at most {MAX_LOG_BYTES} bytes of text");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        Ok(())
    }
}

/// The last entries, as far as they were made on the text `base`.
fn run<'a>(entries: &'a [Entry], base: &str) -> &'a [Entry] {
    let others = entries.iter().rposition(|entry| entry.base != base);
    &entries[others.map_or(0, |last| last + 1)..]
}

/// Edits by whether they count.
#[derive(Debug, Default)]
struct Stacks<'a> {
    done: Vec<(u32, &'a Edit)>,
    /// Those that were taken back, the next one to be made again at the end.
    undone: Vec<(u32, &'a Edit)>,
}

fn replayed(entries: &[Entry]) -> Stacks<'_> {
    let mut stacks = Stacks::default();
    for entry in entries {
        match &entry.action {
            Action::Edit(edit) => {
                stacks.done.push((entry.version, edit));
                stacks.undone.clear();
            }
            Action::Undo => stacks.undone.extend(stacks.done.pop()),
            Action::Redo => stacks.done.extend(stacks.undone.pop()),
            Action::CarryOver => {}
        }
    }
    stacks
}

/// What tells the text of a page from another one, sixteen hexadecimal digits: the words, lines, cells and fields
/// that edits can name. Outlines and confidences have no part in it.
pub fn base(page: &PageText) -> String {
    let mut text = String::new();
    let mut part = |mark: char, content: &str| {
        text.push(mark);
        text.push_str(content);
        text.push('\0');
    };
    for block in &page.blocks {
        part('b', "");
        for line in &block.lines {
            part('l', &line.text);
            for word in &line.words {
                part('w', &word.text);
            }
        }
        for cell in block.table.iter().flat_map(|table| &table.cells) {
            part('c', &format!("{} {} {}", cell.row, cell.column, cell.text));
        }
    }
    for field in &page.fields {
        part('k', &field.key);
        part('v', &field.value);
    }
    let mut digest = sha256_hex(text);
    digest.truncate(16);
    digest
}

/// The entries that `operations` are, on the page that was read as `page` and whose log is `log`. Each one names what is
/// on the page after those before it.
///
/// # Errors
/// `InvalidInput` when one cannot be made: then none can.
pub fn record(
    page: &PageText,
    log: &PageLog,
    operations: Vec<Operation>,
    by: Option<UserId>,
    at: Timestamp,
) -> Result<Vec<Entry>> {
    log.check_room(operations.len())?;
    let base = base(page);
    let mut draft = Draft::replay(page, &log.in_effect(&base));
    let mut entries = Vec::with_capacity(operations.len());
    for (version, operation) in (log.version() + 1..).zip(operations) {
        let target = draft.target(&operation)?;
        draft.apply(&operation, version)?;
        let action = Action::Edit(Edit::new(operation, target));
        entries.push(Entry::new(version, at, by, base.clone(), action));
    }
    log.check_bytes(&entries)?;
    Ok(entries)
}

/// The entry that takes back the last edit that counts.
///
/// # Errors
/// `InvalidInput` when there is none.
pub fn undo(page: &PageText, log: &PageLog, by: Option<UserId>, at: Timestamp) -> Result<Entry> {
    step(page, log, by, at, Action::Undo)
}

/// The entry that makes the edit again that was taken back last.
///
/// # Errors
/// `InvalidInput` when there is none.
pub fn redo(page: &PageText, log: &PageLog, by: Option<UserId>, at: Timestamp) -> Result<Entry> {
    step(page, log, by, at, Action::Redo)
}

fn step(page: &PageText, log: &PageLog, by: Option<UserId>, at: Timestamp, action: Action) -> Result<Entry> {
    log.check_room(1)?;
    let base = base(page);
    let (undo, redo) = log.can_undo_redo(&base);
    let (possible, message) = match action {
        Action::Redo => (redo, "there is nothing to redo on this page"),
        _ => (undo, "there is nothing to undo on this page"),
    };
    if !possible {
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    Ok(Entry::new(log.version() + 1, at, by, base, action))
}

impl Draft {
    /// The page with edits that were made on it. One that cannot be made any more, because a later version of this
    /// program makes others before it differently, is passed over.
    pub(super) fn replay(page: &PageText, edits: &[(u32, &Edit)]) -> Self {
        let mut draft = Self::new(page.clone());
        for (version, edit) in edits {
            if let Err(error) = draft.apply(&edit.operation, *version) {
                tracing::warn!(?error, page = page.number, version, "a correction is passed over");
            }
        }
        draft
    }

    /// What `operation` is about, as it is now.
    pub(super) fn target(&self, operation: &Operation) -> Result<Vec<Target>> {
        let words = |first: u32, count: u32| -> Vec<Target> {
            let words = self.words().skip(first as usize).take(count as usize);
            words
                .map(|(_, word)| Target::new(&word.word.text, word.word.polygon))
                .collect()
        };
        let line = |index: u32| {
            let line = self.line(self.line_at(index)?);
            Ok::<_, Error>(Target::new(line.text(), line.line.polygon))
        };
        Ok(match operation {
            Operation::SetText { word, .. }
            | Operation::SplitWord { word, .. }
            | Operation::DeleteWord { word } => words(*word, 1),
            Operation::JoinWords { word, count, .. } => words(*word, *count),
            Operation::MoveLine { line: moved, before } => {
                let next = line(*before).ok();
                std::iter::once(line(*moved)?).chain(next).collect()
            }
            Operation::DeleteLine { line: index } => vec![line(*index)?],
            Operation::SetCell {
                block, row, column, ..
            } => {
                let cell = self.cell(*block, *row, *column)?;
                vec![Target::new(&cell.text, cell.polygon)]
            }
            Operation::SetField { field, .. } => {
                let field = self.page.fields.get(*field as usize);
                let key = field.map(|field| Target::new(&field.key, field.key_polygon));
                let value = field
                    .map(|field| Target::new(&field.value, field.value_polygon.unwrap_or(field.key_polygon)));
                key.into_iter().chain(value).collect()
            }
            Operation::AddWord { .. } | Operation::Restore { .. } => Vec::new(),
        })
    }
}
