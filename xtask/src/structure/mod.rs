//! `cargo xtask structure`: crates depend downwards only, and no crate has a circle between its modules.

mod arrows;
mod circles;
mod modules;
mod names;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::process::{cargo, output};

/// Checks every crate of the workspace.
pub(crate) fn check() -> Result<()> {
    let mut wrong = Vec::new();
    let crates = crates()?;
    for (name, folder) in &crates {
        let is_published = name.starts_with("ocr-") && is_published(folder)?;
        if is_published || arrows::is_ours(name) {
            wrong.extend(
                arrows::check(name, &tree(name)?)
                    .err()
                    .map(|error| error.to_string()),
            );
        }
        for file in root_files(folder)? {
            let modules = modules::read(name, &file)?;
            let found = circles::find(&modules);
            wrong.extend(found.iter().map(|circle| format!("circle in {name}: {circle}")));
        }
    }
    if !wrong.is_empty() {
        bail!("the structure is not what it should be:\n{}", wrong.join("\n"));
    }
    println!(
        "{} crates depend downwards, and their modules form no circle",
        crates.len()
    );
    Ok(())
}

/// Name and folder of each crate of the workspace.
fn crates() -> Result<Vec<(String, PathBuf)>> {
    // Lines of `NAME vVERSION (FOLDER)`.
    let list = output(&mut cargo(&[
        "tree",
        "--locked",
        "--workspace",
        "--depth",
        "0",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))?;
    list.lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let name = line.split_whitespace().next();
            let folder = line
                .split_once('(')
                .and_then(|(_, rest)| rest.rsplit_once(')'))
                .map(|(folder, _)| PathBuf::from(folder));
            name.map(str::to_owned)
                .zip(folder)
                .with_context(|| format!("cargo tree printed {line:?}"))
        })
        .collect()
}

fn is_published(folder: &Path) -> Result<bool> {
    Ok(!fs::read_to_string(folder.join("Cargo.toml"))?.contains("publish = false"))
}

/// What a crate depends on directly, with all its features.
fn tree(name: &str) -> Result<String> {
    output(&mut cargo(&[
        "tree",
        "--locked",
        "--package",
        name,
        "--edges",
        "normal",
        "--depth",
        "1",
        "--all-features",
        "--target",
        "all",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))
}

/// The root files of the library and the programs of a crate, where cargo looks for them.
fn root_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let source = folder.join("src");
    let mut candidates = vec![source.join("lib.rs"), source.join("main.rs")];
    for entry in fs::read_dir(&source).with_context(|| format!("{} cannot be read", source.display()))? {
        // Programs beside one another, each in a folder of its own.
        candidates.push(entry?.path().join("main.rs"));
    }
    candidates.retain(|file| file.is_file());
    candidates.sort();
    if candidates.is_empty() {
        bail!("{} has neither a library nor a program", folder.display());
    }
    Ok(candidates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_and_modules_form_no_circle() {
        check().unwrap();
    }
}
