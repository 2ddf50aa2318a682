//! Lists the public API of crates: `api-listing [--write] FOLDER FILE.json...`.
//!
//! Each file is what rustdoc makes of a crate as JSON, with `-` in the crate's name as `_`. Its listing is
//! `FOLDER/NAME.txt`, one item a line, which `--write` renews. Without it a difference fails, and so does
//! a type of a vendor where callers would have to depend on that vendor's crate.

mod listing;
mod vendors;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};

/// Lines of a difference that are shown.
const SHOWN: usize = 40;

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: Vec<String>) -> Result<()> {
    let is_write = arguments.first().is_some_and(|first| first == "--write");
    if is_write {
        arguments.remove(0);
    }
    let Some((folder, files)) = arguments.split_first().filter(|(_, files)| !files.is_empty()) else {
        bail!("usage: api-listing [--write] FOLDER FILE.json...");
    };
    let mut wrong = Vec::new();
    for file in files {
        let file = Path::new(file);
        let lines = listing::of(file)?;
        let kept = kept_at(Path::new(folder), file);
        wrong.extend(
            vendors::named_in(&lines).map(|line| format!("a type of a vendor is in the public API: {line}")),
        );
        let text = lines.join("\n") + "\n";
        if is_write {
            fs::write(&kept, text).with_context(|| format!("{} cannot be written", kept.display()))?;
        } else if let Some(difference) = difference(&fs::read_to_string(&kept).unwrap_or_default(), &text) {
            wrong.push(format!(
                "the public API is not what {} says:\n{difference}",
                kept.display()
            ));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("{}", wrong.join("\n"))
}

fn kept_at(folder: &Path, file: &Path) -> PathBuf {
    let name = file
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .replace('_', "-");
    folder.join(name).with_extension("txt")
}

/// What one has and the other has not, or `None` when they are the same.
fn difference(kept: &str, now: &str) -> Option<String> {
    if kept == now {
        return None;
    }
    let only = |one: &str, other: &str, sign: char| -> Vec<String> {
        let others: std::collections::BTreeSet<&str> = other.lines().collect();
        let missing = one.lines().filter(|line| !others.contains(line));
        missing.map(|line| format!("{sign} {line}")).collect()
    };
    let mut lines = only(kept, now, '-');
    lines.extend(only(now, kept, '+'));
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    Some(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_says_what_is_gone_and_what_is_new() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(difference("a\nb\n", "b\nc\n").unwrap(), "- a\n+ c");
    }

    #[test]
    fn a_listing_is_named_as_its_crate() {
        let kept = kept_at(Path::new("docs/api"), Path::new("target/doc/ocr_core.json"));
        assert_eq!(kept, Path::new("docs/api/ocr-core.txt"));
    }
}
