//! Many results at once: what an archive of them holds, and under which names.

use std::collections::{HashMap, HashSet};

use futures::{StreamExt, TryStreamExt, stream};
use unicode_normalization::UnicodeNormalization;

use super::{OcrService, blob_names::display_name, download::stem};
use crate::{
    Error, ErrorKind, Result,
    builder::builder,
    clock::Timestamp,
    formats::{FormatInfo, choose},
    id::TaskId,
    model::Task,
    store::Scope,
};

/// Maximum number of documents of one export.
pub const MAX_EXPORT_TASKS: usize = 1000;
/// Tasks that are looked up at once.
const LOOKUPS: usize = 8;
/// Maximum length of a document's name within the names of its files, in bytes: endings and numbers follow it, and
/// file systems take 255.
const MAX_STEM_BYTES: usize = 180;
/// Characters that some system does not take in the name of a file.
const REFUSED: [char; 9] = ['<', '>', ':', '"', '/', '\\', '|', '?', '*'];
/// Names that are devices on Windows, whatever ending follows.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
    "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Which documents are wanted in which formats.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ExportRequest {
    /// The documents, 1 to [`MAX_EXPORT_TASKS`], in the order in which they come. One that is named twice comes once.
    pub tasks: Vec<TaskId>,
    /// Names of the formats of each document, at least one.
    pub formats: Vec<String>,
    /// The last of `tasks` that is there already: it and those before it are left out, and the names stay the same.
    pub after: Option<TaskId>,
}

impl ExportRequest {
    /// These documents in these formats.
    pub fn new(tasks: Vec<TaskId>, formats: Vec<String>) -> Self {
        Self {
            tasks,
            formats,
            after: None,
        }
    }
}

builder!(ExportRequest {
    with_after(after: impl Into<Option<TaskId>>) "The same without what comes up to this document."
});

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportEntry {
    /// The document: [`OcrService::rendition`] gives the bytes.
    pub task: TaskId,
    /// The name that the user gave it.
    pub document: String,
    /// The format.
    pub format: FormatInfo,
    /// The name of the file: unique within the export also where the case of letters does not count, without folders,
    /// and fit for every file system.
    pub name: String,
    /// When the document last changed.
    pub changed_at: Timestamp,
}

/// What an export holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportPlan {
    /// The files, document by document in the order asked for. Whether each can be made shows when it is.
    pub entries: Vec<ExportEntry>,
    /// Documents that do not exist, are in the trash, or are not in the scope.
    pub missing: Vec<TaskId>,
}

impl ExportPlan {
    /// A name that no entry has: for the list of what the archive holds.
    pub const CONTENTS: &'static str = "contents.csv";
    /// A name that no entry has: for the list of what could not be exported.
    pub const FAILURES: &'static str = "not-exported.csv";
}

impl OcrService {
    /// What an export of these documents holds. Nothing is made yet. May be dropped at any await point.
    ///
    /// # Errors
    /// `InvalidInput` without documents or formats, for more than [`MAX_EXPORT_TASKS`] documents, a format that does
    /// not exist, and an `after` that is none of the documents; `NotFound` when none of the documents is in `scope`.
    pub async fn plan_export(&self, scope: Scope, request: ExportRequest) -> Result<ExportPlan> {
        let all = self.formats();
        let formats = wanted_formats(&request.formats, &all)?;
        let ids = wanted_tasks(request.tasks)?;
        let skipped = match request.after {
            None => 0,
            Some(after) => ids
                .iter()
                .position(|id| *id == after)
                .map(|at| at + 1)
                .ok_or_else(|| {
                    Error::new(
                        ErrorKind::InvalidInput,
                        "after is none of the documents asked for",
                    )
                })?,
        };
        let found: Vec<Option<Task>> = stream::iter(ids.clone())
            .map(|id| self.found(scope, id))
            .buffered(LOOKUPS)
            .try_collect()
            .await?;
        if found.iter().all(Option::is_none) {
            return Err(Error::new(ErrorKind::NotFound, "none of the documents exists"));
        }
        let mut names = Names::default();
        let (mut entries, mut missing) = (Vec::new(), Vec::new());
        for (at, (id, task)) in ids.into_iter().zip(found).enumerate() {
            let Some(task) = task else {
                missing.push(id);
                continue;
            };
            let files = names.give(&task.file.filename, &formats, &all);
            if at < skipped {
                continue;
            }
            entries.extend(formats.iter().zip(files).map(|(format, name)| ExportEntry {
                task: id,
                document: task.file.filename.clone(),
                format: format.clone(),
                name,
                changed_at: task.updated_at,
            }));
        }
        Ok(ExportPlan { entries, missing })
    }

    /// A live task of `scope`, where there is one.
    async fn found(&self, scope: Scope, id: TaskId) -> Result<Option<Task>> {
        match self.get(scope, id).await {
            Ok(task) => Ok(Some(task)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The formats of these names, each once.
fn wanted_formats(names: &[String], all: &[FormatInfo]) -> Result<Vec<FormatInfo>> {
    let mut formats: Vec<FormatInfo> = Vec::new();
    for name in names {
        let format = choose(all, name)?;
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    if formats.is_empty() {
        return Err(Error::new(ErrorKind::InvalidInput, "name at least one format"));
    }
    Ok(formats)
}

/// The documents, each once.
fn wanted_tasks(mut ids: Vec<TaskId>) -> Result<Vec<TaskId>> {
    if ids.is_empty() || ids.len() > MAX_EXPORT_TASKS {
        let message = format!("name 1 to {MAX_EXPORT_TASKS} documents");
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(*id));
    Ok(ids)
}

/// The names that are given away.
#[derive(Debug)]
struct Names {
    /// As they are compared.
    taken: HashSet<String>,
    /// The number that the next document of the same name gets.
    next: HashMap<String, usize>,
}

impl Default for Names {
    fn default() -> Self {
        let own = [ExportPlan::CONTENTS, ExportPlan::FAILURES];
        Self {
            taken: own.map(str::to_owned).into(),
            next: HashMap::new(),
        }
    }
}

impl Names {
    /// A name for the file of a document in each of `formats`.
    fn give(&mut self, filename: &str, formats: &[FormatInfo], all: &[FormatInfo]) -> Vec<String> {
        let stem = safe_stem(filename);
        let number = self.next.entry(compared(&stem)).or_insert(1);
        loop {
            let numbered = if *number == 1 {
                stem.clone()
            } else {
                format!("{stem} ({number})")
            };
            *number += 1;
            let files: Vec<String> = formats
                .iter()
                .map(|format| format.file_name(&numbered, all))
                .collect();
            if files.iter().all(|file| !self.taken.contains(&compared(file))) {
                self.taken.extend(files.iter().map(|file| compared(file)));
                break files;
            }
        }
    }
}

/// A name as file systems compare it that do not tell case, or how accents are written, apart.
fn compared(name: &str) -> String {
    name.nfc().collect::<String>().to_lowercase()
}

/// The name of a document without its ending, as every file system takes it.
fn safe_stem(filename: &str) -> String {
    let shown = display_name(filename);
    let stem = stem(&shown);
    let stem = &stem[..stem.floor_char_boundary(MAX_STEM_BYTES)];
    let safe: String = stem
        .chars()
        .map(|character| {
            if REFUSED.contains(&character) {
                '_'
            } else {
                character
            }
        })
        .collect();
    // Windows drops dots and spaces at the end; a dot at the beginning hides a file.
    let safe = safe.trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']);
    let first = safe
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_lowercase();
    if safe.is_empty() {
        "document".into()
    } else if DEVICES.contains(&first.as_str()) {
        format!("_{safe}")
    } else {
        safe.into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn formats() -> [FormatInfo; 3] {
        [
            FormatInfo::new("docx", "application/x", "docx"),
            FormatInfo::new("docx-positioned", "application/x", "positioned.docx"),
            FormatInfo::new("tables", "text/csv", "csv"),
        ]
    }

    #[test]
    fn names_are_fit_for_every_file_system() {
        for (given, safe) in [
            ("bill.pdf", "bill"),
            ("../../etc/passwd", "passwd"),
            ("C:\\scans\\a.b.pdf", "a.b"),
            ("what? <now>.pdf", "what_ _now_"),
            (".hidden", "document"),
            ("..hidden.pdf", "hidden"),
            ("end. .pdf", "end"),
            ("Con.pdf", "_Con"),
            ("nul.x.pdf", "_nul.x"),
            ("console.pdf", "console"),
            ("Übersicht März.pdf", "Übersicht März"),
        ] {
            assert_eq!(safe_stem(given), safe, "{given}");
        }
    }

    #[test]
    fn no_two_files_have_the_same_name() {
        let all = formats();
        let mut names = Names::default();
        let mut give = |filename: &str| names.give(filename, &all[..2], &all);
        assert_eq!(give("a.pdf"), ["a.docx", "a.positioned.docx"]);
        assert_eq!(give("A.png"), ["A (2).docx", "A (2).positioned.docx"]);
        assert_eq!(
            give("a.positioned.pdf"),
            ["a.positioned (2).docx", "a.positioned (2).positioned.docx"],
            "its first name is one of the first document"
        );
        let mut names = Names::default();
        let tables = names.give("contents.pdf", &all[2..], &all);
        assert_eq!(
            tables,
            ["contents (2).csv"],
            "the archive has a list of that name"
        );
    }

    #[test]
    fn a_request_is_bounded_and_names_everything_once() {
        let ids = |count: u128| {
            (0..count)
                .map(|id| TaskId(uuid::Uuid::from_u128(id)))
                .collect::<Vec<_>>()
        };
        assert!(wanted_tasks(Vec::new()).is_err());
        assert!(wanted_tasks(ids(1001)).is_err());
        let twice = [ids(2), ids(2)].concat();
        assert_eq!(wanted_tasks(twice).unwrap(), ids(2));
        let all = formats();
        let wanted = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            wanted_formats(&names, &all).map(|formats| formats.len())
        };
        assert_eq!(wanted(&["docx", "tables", "docx"]).unwrap(), 2);
        assert_eq!(wanted(&[]).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(wanted(&["papyrus"]).unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    proptest! {
        #[test]
        fn whatever_documents_are_called_their_files_differ_and_stay_where_they_belong(given in prop::collection::vec(".{0,300}", 1..8)) {
            let all = formats();
            let mut names = Names::default();
            let files: Vec<String> = given.iter().flat_map(|name| names.give(name, &all, &all)).collect();
            let distinct: HashSet<String> = files.iter().map(|file| compared(file)).collect();
            prop_assert_eq!(distinct.len(), files.len());
            for file in files {
                prop_assert!(file.len() <= 255 && !file.starts_with('.') && !file.contains(REFUSED), "{}", file);
            }
        }
    }
}
